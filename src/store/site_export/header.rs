//! The header of an exported site: the format and the site's settings.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::currency::Currency;
use crate::model::id;
use crate::model::id::{SiteId, UserId};
use crate::store::campaigns::{self, CampaignPart};
use crate::store::sites::Keys;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde::{Deserialize, Serialize};

/// The name of the format in the header.
pub const FORMAT: &str = "clickstead-site";
/// The version that is written. Older ones are read, newer ones refused.
pub const VERSION: u32 = 5;

/// Returns true if a line is the header of an exported site.
pub fn is_head(line: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Name {
        format: String,
    }
    serde_json::from_str::<Name>(line).is_ok_and(|name| name.format == FORMAT)
}

/// The header: the first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The name of the format, [`FORMAT`].
    pub format: String,
    /// The version of the format, [`VERSION`].
    pub version: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// The time of the export, in milliseconds since 1970.
    pub exported_at: i64,
    /// The site.
    pub site: SiteSettings,
}

/// The settings of a site, under the names of the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct SiteSettings {
    pub id: String,
    pub domain: String,
    pub name: String,
    pub time_zone: String,
    pub created_at: i64,
    /// The site key; missing in an export without keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_key_admin: Option<String>,
    pub cookies_allowed: bool,
    pub consent_needed: bool,
    pub signals_honoured: bool,
    pub addresses_shortened: bool,
    pub hits_per_minute_max: u32,
    pub actions_per_day_max: Option<i64>,
    pub view_only_reports: Option<String>,
    pub view_only_data: Option<String>,
    pub visits_kept_days: Option<i64>,
    /// The exclusions: kind and value.
    pub exclusions: Vec<(String, String)>,
    /// True if only hits of the site's own hosts count; missing in files of an earlier version, which counted all hosts.
    #[serde(default)]
    pub own_hosts_only: Option<bool>,
    /// The hosts, each with true for the site's own.
    #[serde(default)]
    pub hosts: Vec<(String, bool)>,
    #[serde(default)]
    pub rules_changed_at: Option<i64>,
    /// The currency of all amounts; missing in files before version 3.
    #[serde(default)]
    pub currency: Option<String>,
    /// The keys of custom data with a report of their own.
    #[serde(default)]
    pub custom_keys: Vec<String>,
    #[serde(default)]
    pub vitals_measured: bool,
    /// The patterns of the pages whose clicks and depths are recorded, one a line.
    #[serde(default)]
    pub heatmap_pages: String,
    /// The share of visits in percent; missing in files of an earlier version.
    #[serde(default)]
    pub heatmap_sample: Option<i64>,
    /// The days for which clicks and depths are kept.
    #[serde(default)]
    pub heatmap_days: Option<i64>,
    /// The further names of campaign parameters: name and part.
    #[serde(default)]
    pub campaign_parameters: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<BrandRecord>,
}

/// The brand of guest links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrandRecord {
    pub name: String,
    pub accent: Option<String>,
    pub footer: String,
    /// The logo: a PNG in hexadecimal digits.
    pub logo: Option<String>,
    pub updated_at: i64,
}

impl Head {
    /// Reads the header of a site.
    ///
    /// # Errors
    /// Fails with [`Error::Missing`] when there is no such site.
    pub fn load(connection: &Connection, site: SiteId, with_keys: bool, at: Timestamp) -> Result<Self> {
        Ok(Self {
            format: FORMAT.into(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").into(),
            exported_at: at.0,
            site: SiteSettings::load(connection, site, with_keys)?,
        })
    }

    /// Parses a header.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] for a damaged header and one of a newer version.
    pub fn parse(line: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            version: u32,
            program: String,
        }
        let named: Named = serde_json::from_str(line).map_err(|error| damaged(&error))?;
        if named.version > VERSION {
            return Err(Error::Setup(format!(
                "The file was written by Clickstead {}, whose exports this version can't read. Update first; nothing was \
                 changed.",
                named.program
            )));
        }
        let mut head: Self = serde_json::from_str(line).map_err(|error| damaged(&error))?;
        if head.site.own_hosts_only.is_none() {
            // Written by a version with the older rules of counting.
            head.site.rules_changed_at = Some(head.exported_at);
        }
        Ok(head)
    }
}

fn damaged(error: &serde_json::Error) -> Error {
    Error::Setup(format!("The first line of the file is damaged ({error}). Nothing was changed."))
}

fn read(row: &Row<'_>) -> rusqlite::Result<SiteSettings> {
    Ok(SiteSettings {
        id: row.get::<_, i64>(0)?.to_string(),
        domain: row.get(1)?,
        name: row.get(2)?,
        time_zone: row.get(3)?,
        created_at: row.get(4)?,
        site_key: row.get(5)?,
        site_key_admin: row.get(6)?,
        cookies_allowed: row.get(7)?,
        consent_needed: row.get(8)?,
        signals_honoured: row.get(9)?,
        addresses_shortened: row.get(10)?,
        hits_per_minute_max: row.get(11)?,
        actions_per_day_max: row.get(12)?,
        view_only_reports: row.get(13)?,
        view_only_data: row.get(14)?,
        visits_kept_days: row.get(15)?,
        exclusions: Vec::new(),
        own_hosts_only: row.get(16)?,
        hosts: Vec::new(),
        rules_changed_at: row.get(17)?,
        currency: row.get(18)?,
        custom_keys: row.get::<_, String>(19)?.lines().map(str::to_owned).collect(),
        vitals_measured: row.get(20)?,
        heatmap_pages: row.get(21)?,
        heatmap_sample: row.get(22)?,
        heatmap_days: row.get(23)?,
        campaign_parameters: Vec::new(),
        brand: None,
    })
}

impl SiteSettings {
    fn load(connection: &Connection, site: SiteId, with_keys: bool) -> Result<Self> {
        let mut question = connection.prepare_cached(
            "select id, domain, name, time_zone, created_at, site_key, site_key_admin,
               cookies_allowed, consent_needed, signals_honoured, addresses_shortened,
               hits_per_minute_max, actions_per_day_max, view_only_reports, view_only_data, visits_kept_days,
               own_hosts_only, rules_changed_at, currency, custom_keys, vitals_measured,
               heatmap_pages, heatmap_sample, heatmap_days
             from sites where id = :id",
        )?;
        let mut settings = question.query_row([site.0], read).optional()?.ok_or(Error::Missing("site"))?;
        if !with_keys {
            (settings.site_key, settings.site_key_admin) = (None, None);
        }
        let mut question = connection
            .prepare_cached("select kind, value from exclusions where site_id = :id order by kind, value")?;
        let rows = question.query_map([site.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        settings.exclusions = rows.collect::<rusqlite::Result<_>>()?;
        let mut question = connection
            .prepare_cached("select host, is_own from site_hosts where site_id = :id order by host")?;
        let rows = question.query_map([site.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        settings.hosts = rows.collect::<rusqlite::Result<_>>()?;
        let parameters = campaigns::list_parameters(connection, site)?.into_iter();
        let named = |(name, part): (String, CampaignPart)| (name, <&str>::from(part).to_owned());
        settings.campaign_parameters = parameters.map(named).collect();
        let mut question = connection.prepare_cached(
            "select name, accent, footer, logo, updated_at from brands where site_id = :id",
        )?;
        settings.brand = question
            .query_row([site.0], |row| {
                Ok(BrandRecord {
                    name: row.get(0)?,
                    accent: row.get(1)?,
                    footer: row.get(2)?,
                    logo: row.get::<_, Option<Vec<u8>>>(3)?.map(|logo| id::hex(&logo)),
                    updated_at: row.get(4)?,
                })
            })
            .optional()?;
        Ok(settings)
    }

    /// Returns the currency of the amounts; US dollars for a file that names none.
    pub fn currency(&self) -> Currency {
        self.currency.as_deref().and_then(Currency::parse).unwrap_or(Currency::USD)
    }

    /// Returns the id that the site had.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when no site can have it.
    pub fn id(&self) -> Result<SiteId> {
        SiteId::parse(&self.id).filter(|id| (1..limits::SITE_ID_END).contains(&id.0)).ok_or_else(|| {
            Error::Setup(format!(
                "The file names its site {}, which is no number that a site can have. Nothing was changed.",
                self.id
            ))
        })
    }

    /// Creates the site, under the id `id` or a new one. Keys that are missing, or that another site has by now, are
    /// replaced by new ones.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn create(&self, tx: &Transaction<'_>, owner: UserId, id: Option<SiteId>) -> Result<SiteId> {
        let new = Keys::generate()?;
        tx.execute(
            "insert into sites (id, owner_id, domain, name, time_zone, site_key, site_key_admin, created_at,
               cookies_allowed, consent_needed, signals_honoured, addresses_shortened,
               hits_per_minute_max, actions_per_day_max, view_only_reports, view_only_data, visits_kept_days,
               own_hosts_only, rules_changed_at, currency, custom_keys, vitals_measured,
               heatmap_pages, heatmap_sample, heatmap_days)
             values (:id, :owner, :domain, :name, :zone, :site_key, :site_key_admin, :at,
               :cookies, :consent, :signals, :shortened, :minute, :day, :reports, :data, :kept, :own_only, :rules_changed_at,
               :currency, :custom_keys, :vitals, :heatmap_pages, :heatmap_sample, :heatmap_days)",
            named_params! {
                ":id": id.map(|id| id.0), ":owner": owner.0, ":domain": self.domain, ":name": self.name,
                ":zone": self.time_zone,
                ":site_key": free(tx, "site_key", self.site_key.as_deref(), new.site.expose())?,
                ":site_key_admin": free(tx, "site_key_admin", self.site_key_admin.as_deref(), new.admin.expose())?,
                ":at": self.created_at, ":cookies": self.cookies_allowed, ":consent": self.consent_needed,
                ":signals": self.signals_honoured, ":shortened": self.addresses_shortened,
                ":minute": self.hits_per_minute_max, ":day": self.actions_per_day_max,
                ":reports": self.view_only_reports, ":data": self.view_only_data, ":kept": self.visits_kept_days,
                ":own_only": self.own_hosts_only.unwrap_or(false), ":rules_changed_at": self.rules_changed_at,
                ":currency": self.currency().code(), ":custom_keys": self.custom_keys.join("\n"),
                ":vitals": self.vitals_measured, ":heatmap_pages": self.heatmap_pages,
                ":heatmap_sample": self.heatmap_sample.unwrap_or(limits::HEATMAP_SAMPLE),
                ":heatmap_days": self.heatmap_days.unwrap_or(limits::HEATMAP_DAYS),
            },
        )?;
        let site = SiteId(tx.last_insert_rowid());
        for (kind, value) in &self.exclusions {
            tx.execute(
                "insert or ignore into exclusions (site_id, kind, value) values (:site, :kind, :value)",
                named_params! {":site": site.0, ":kind": kind, ":value": value},
            )?;
        }
        for (host, is_own) in &self.hosts {
            tx.execute(
                "insert or ignore into site_hosts (site_id, host, is_own) values (:site, :host, :own)",
                named_params! {":site": site.0, ":host": host, ":own": is_own},
            )?;
        }
        let parameters = self.campaign_parameters.iter();
        let parameters = parameters.filter_map(|(name, part)| Some((name.clone(), part.parse().ok()?)));
        campaigns::set_parameters(tx, site, &parameters.collect::<Vec<_>>())?;
        if let Some(brand) = &self.brand {
            tx.execute(
                "insert into brands (site_id, name, accent, footer, logo, updated_at)
                 values (:site, :name, :accent, :footer, :logo, :at)",
                named_params! {
                    ":site": site.0, ":name": brand.name, ":accent": brand.accent, ":footer": brand.footer,
                    ":logo": brand.logo.as_deref().and_then(id::unhex_all), ":at": brand.updated_at,
                },
            )?;
        }
        Ok(site)
    }
}

/// Returns the known key if no site has it, else the new one.
fn free<'a>(tx: &Transaction<'_>, column: &str, known: Option<&'a str>, new: &'a str) -> Result<&'a str> {
    let Some(known) = known else { return Ok(new) };
    let sql = format!("select exists (select 1 from sites where {column} = :key)");
    let is_taken: bool = tx.query_row(&sql, [known], |row| row.get(0))?;
    Ok(if is_taken { new } else { known })
}
