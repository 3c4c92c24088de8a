//! The table of tracked sites.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::currency::Currency;
use crate::model::id;
use crate::model::id::{SiteId, SiteKey, SiteKeyAdmin, UserId};
use crate::model::level::Level;
use crate::store::site_heatmaps::HeatmapSettings;
use crate::store::site_hosts::{HostStatus, SiteHosts};
use crate::store::{blocks, key_uses, site_hosts};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A tracked site.
#[derive(Clone, Debug)]
pub struct Site {
    /// The public id.
    pub id: SiteId,
    /// The user who owns it.
    pub owner: UserId,
    /// The host, without `www.`.
    pub domain: String,
    /// The name given by its users.
    pub name: String,
    /// The time zone of its days.
    pub zone: Zone,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The choices on visitors' privacy.
    pub privacy: Privacy,
    /// The limits on hits.
    pub bounds: Bounds,
    /// The hosts that its users assigned to it or excluded.
    pub hosts: SiteHosts,
    /// The currency of its revenue and costs.
    pub currency: Currency,
    /// True if browsers measure the web vitals of its pages.
    pub vitals_measured: bool,
    /// The settings of its heatmaps.
    pub heatmaps: HeatmapSettings,
}

impl Site {
    /// Returns true if a host is the site's own: its domain, a host assigned to it, or a subdomain of these.
    pub fn owns_host(&self, host: &str) -> bool {
        self.host_standing(host) == HostStatus::Own
    }

    /// Returns the standing of a host with the site.
    pub fn host_standing(&self, host: &str) -> HostStatus {
        self.hosts.standing(bare_host(&self.domain), bare_host(host))
    }
}

/// Returns a host without all leading `www.` and trailing dots.
pub fn bare_host(host: &str) -> &str {
    host.trim_end_matches('.').trim_start_matches("www.")
}

/// The limits on a site's hits, which keep floods out of its reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The number of hits of one address in a minute.
    pub hits_per_minute_max: u32,
    /// The number of actions of the whole site in one of its days; `None` for no limit.
    pub actions_per_day_max: Option<i64>,
}

/// The owner's choices on the data stored of visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Privacy {
    /// True if a first-party cookie may identify a visitor for longer than a day.
    pub cookies_allowed: bool,
    /// True if no lasting data is stored before the page reports the visitor's consent.
    pub consent_needed: bool,
    /// True if Global Privacy Control and Do Not Track are honoured.
    pub signals_honoured: bool,
    /// True if IP addresses are shortened before they are stored.
    pub addresses_shortened: bool,
}

/// The two secret keys of a site.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The key for programs that use the API.
    pub site: SiteKey,
    /// The key for server-side logging.
    pub admin: SiteKeyAdmin,
}

impl Keys {
    /// Generates new keys.
    ///
    /// # Errors
    /// Fails when the system's random source fails.
    pub fn generate() -> Result<Self> {
        Ok(Self { site: SiteKey::generate()?, admin: SiteKeyAdmin::generate()? })
    }
}

/// The checked settings of a new site, or the changed ones of an existing one.
#[derive(Clone, Debug)]
pub struct NewSite {
    /// The host.
    pub domain: String,
    /// The name given by its users.
    pub name: String,
    /// The time zone of its days.
    pub zone: Zone,
}

const COLUMNS: &str = "id, owner_id, domain, name, time_zone, created_at, \
                       cookies_allowed, consent_needed, signals_honoured, addresses_shortened, \
                       hits_per_minute_max, actions_per_day_max, own_hosts_only, \
                       (select group_concat(is_own || host, ' ') from site_hosts where site_id = sites.id), currency, vitals_measured, \
                       heatmap_pages, heatmap_sample, heatmap_days";

fn read(row: &Row<'_>) -> rusqlite::Result<Site> {
    let zone: String = row.get(4)?;
    Ok(Site {
        id: SiteId(row.get(0)?),
        owner: UserId(row.get(1)?),
        domain: row.get(2)?,
        name: row.get(3)?,
        // A zone was checked when it was stored; one that the zone database has dropped since then counts as UTC.
        zone: Zone::parse(&zone).unwrap_or_else(|_| Zone::utc()),
        created_at: Timestamp(row.get(5)?),
        privacy: Privacy {
            cookies_allowed: row.get(6)?,
            consent_needed: row.get(7)?,
            signals_honoured: row.get(8)?,
            addresses_shortened: row.get(9)?,
        },
        bounds: Bounds { hits_per_minute_max: row.get(10)?, actions_per_day_max: row.get(11)? },
        hosts: SiteHosts::parse(row.get(12)?, row.get::<_, Option<String>>(13)?.as_deref()),
        currency: Currency::parse(&row.get::<_, String>(14)?).unwrap_or(Currency::USD),
        vitals_measured: row.get(15)?,
        heatmaps: HeatmapSettings::read(row, 16)?,
    })
}

/// Finds a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, id: SiteId) -> Result<Option<Site>> {
    let sql = format!("select {COLUMNS} from sites where id = :id");
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?)
}

/// Returns a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn get(connection: &Connection, id: SiteId) -> Result<Site> {
    find(connection, id)?.ok_or(Error::Missing("site"))
}

/// Lists all sites, by id.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection) -> Result<Vec<Site>> {
    let mut question = connection.prepare_cached(&format!("select {COLUMNS} from sites order by id"))?;
    let rows = question.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the sites that a user owns, by domain.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_of(connection: &Connection, owner: UserId) -> Result<Vec<Site>> {
    let sql = format!("select {COLUMNS} from sites where owner_id = :owner order by domain, id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([owner.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the number of sites that a user owns.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_of(connection: &Connection, owner: UserId) -> Result<i64> {
    let sql = "select count(*) from sites where owner_id = :owner";
    Ok(connection.query_row(sql, [owner.0], |row| row.get(0))?)
}

/// Lists the sites that are shared with a user, by domain, each with the user's level.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_shared(connection: &Connection, user: UserId) -> Result<Vec<(Site, Level)>> {
    let sql = format!(
        "select {COLUMNS}, (select level from shares where site_id = sites.id and user_id = :user) as level
         from sites
         where id in (select site_id from shares where user_id = :user)
         order by domain, id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([user.0], |row| Ok((read(row)?, row.get::<_, String>("level")?)))?;
    let known = |(site, level): (Site, String)| Level::parse(&level).map(|level| (site, level));
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter_map(known).collect())
}

/// Lists the sites that a user may open: their own, and then the shared ones, each with the user's level.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_open_to(connection: &Connection, user: UserId) -> Result<Vec<(Site, Option<Level>)>> {
    let own = list_of(connection, user)?.into_iter().map(|site| (site, None));
    let shared = list_shared(connection, user)?.into_iter().map(|(site, level)| (site, Some(level)));
    Ok(own.chain(shared).collect())
}

/// Returns the secret keys of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn keys(connection: &Connection, id: SiteId) -> Result<Keys> {
    let mut question =
        connection.prepare_cached("select site_key, site_key_admin from sites where id = :id")?;
    let found = question.query_row([id.0], |row| {
        Ok(Keys {
            site: SiteKey::known(row.get::<_, String>(0)?),
            admin: SiteKeyAdmin::known(row.get::<_, String>(1)?),
        })
    });
    found.optional()?.ok_or(Error::Missing("site"))
}

/// Finds the site of a key for programs.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_of_key(connection: &Connection, key: &SiteKey) -> Result<Option<SiteId>> {
    let mut question = connection.prepare_cached("select id from sites where site_key = :key")?;
    Ok(question.query_row([key.expose()], |row| row.get(0)).optional()?.map(SiteId))
}

/// Returns the approximate time of the last hit with the admin key.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn admin_key_used_at(connection: &Connection, id: SiteId) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select admin_key_used_at from sites where id = :id")?;
    let found = question.query_row([id.0], |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(found.flatten().map(Timestamp))
}

/// Returns the time from which newer counting rules apply to a site; `None` for one that was created with them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn rules_changed_at(connection: &Connection, id: SiteId) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select rules_changed_at from sites where id = :id")?;
    let found = question.query_row([id.0], |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(found.flatten().map(Timestamp))
}

/// Records a hit with the admin key.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn touch_admin_key(transaction: &Transaction<'_>, id: SiteId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update sites set admin_key_used_at = :at where id = :id",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// Returns the number of a site's visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_visits(connection: &Connection, id: SiteId) -> Result<i64> {
    let sql = "select count(*) from visits where site_id = :id";
    Ok(connection.query_row(sql, [id.0], |row| row.get(0))?)
}

/// Creates a site.
///
/// # Errors
/// Fails when the system's random source fails and when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    owner: UserId,
    site: &NewSite,
    keys: &Keys,
    at: Timestamp,
) -> Result<SiteId> {
    transaction.execute(
        "insert into sites (owner_id, domain, name, time_zone, site_key, site_key_admin, created_at, line_key, currency)
         values (:owner, :domain, :name, :zone, :site_key, :site_key_admin, :at, :line_key, :currency)",
        named_params! {
            ":owner": owner.0, ":domain": site.domain, ":name": site.name, ":zone": site.zone.name(),
            ":site_key": keys.site.expose(), ":site_key_admin": keys.admin.expose(), ":at": at.0,
            ":line_key": id::random::<16>()?, ":currency": usual_currency(transaction, owner)?.code(),
        },
    )?;
    Ok(SiteId(transaction.last_insert_rowid()))
}

/// Returns the currency of a user's newest plan; without one, that of their parent's, else US dollars.
fn usual_currency(connection: &Connection, owner: UserId) -> Result<Currency> {
    let mut question = connection.prepare_cached(
        "select currency
         from plans join users on users.id = :owner
         where user_id in (users.id, users.parent_id)
         order by user_id = users.id desc, month desc
         limit 1",
    )?;
    let plan: Option<String> = question.query_row([owner.0], |row| row.get(0)).optional()?;
    Ok(plan.as_deref().and_then(Currency::parse).unwrap_or(Currency::USD))
}

/// Updates the domain, name and time zone of a site. When the domain changes, the sealed days are rebuilt and the former
/// domain is added to the site's hosts where there is room. Returns true if it was.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn update(transaction: &Transaction<'_>, id: SiteId, site: &NewSite) -> Result<bool> {
    let before = get(transaction, id)?;
    transaction.execute(
        "update sites set domain = :domain, name = :name, time_zone = :zone where id = :id",
        named_params! {":domain": site.domain, ":name": site.name, ":zone": site.zone.name(), ":id": id.0},
    )?;
    if before.domain != site.domain {
        // Visits on the former domain are counted until a user excludes it.
        let former = bare_host(&before.domain);
        site_hosts::delete(transaction, id, &site.domain)?;
        if !get(transaction, id)?.owns_host(former)
            && before.hosts.answer(former).is_none()
            && before.hosts.count_others(true, &site.domain) < limits::SITE_HOSTS_MAX
        {
            site_hosts::set(transaction, id, former, true)?;
        }
        update_page_origin(transaction, id, None)?;
        blocks::unseal_all(transaction, id)?;
        return Ok(get(transaction, id)?.owns_host(former));
    }
    Ok(false)
}

/// Updates the privacy choices and the limits of a site. They apply from the next hit on.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn update_tracking(
    transaction: &Transaction<'_>,
    id: SiteId,
    privacy: Privacy,
    bounds: &Bounds,
) -> Result<()> {
    let changed = transaction.execute(
        "update sites
         set cookies_allowed = :cookies, consent_needed = :consent, signals_honoured = :signals,
           addresses_shortened = :shortened, hits_per_minute_max = :minute, actions_per_day_max = :day
         where id = :id",
        named_params! {
            ":cookies": privacy.cookies_allowed, ":consent": privacy.consent_needed,
            ":signals": privacy.signals_honoured, ":shortened": privacy.addresses_shortened,
            ":minute": bounds.hits_per_minute_max, ":day": bounds.actions_per_day_max, ":id": id.0,
        },
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// Turns the measurement of web vitals on or off. It applies from the next page view on.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn update_vitals_measured(transaction: &Transaction<'_>, id: SiteId, is_measured: bool) -> Result<()> {
    let changed = transaction.execute(
        "update sites set vitals_measured = :measured where id = :id",
        named_params! {":measured": is_measured, ":id": id.0},
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// Replaces both secret keys, of which no use is recorded yet; the old ones are refused from the next request on.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn update_keys(transaction: &Transaction<'_>, id: SiteId, keys: &Keys) -> Result<()> {
    let changed = transaction.execute(
        "update sites set site_key = :site_key, site_key_admin = :site_key_admin, admin_key_used_at = null where id = :id",
        named_params! {":site_key": keys.site.expose(), ":site_key_admin": keys.admin.expose(), ":id": id.0},
    )?;
    key_uses::delete(transaction, id)?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// Transfers a site to another owner, whose share of it ends. A pending offer ends too, and so does every share's view of
/// the owner's billing: the former owner allowed it for their own.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn update_owner(transaction: &Transaction<'_>, id: SiteId, owner: UserId) -> Result<()> {
    let changed = transaction.execute(
        "update sites set owner_id = :owner where id = :id",
        named_params! {":owner": owner.0, ":id": id.0},
    )?;
    if changed == 0 {
        return Err(Error::Missing("site"));
    }
    transaction.execute("delete from transfers where site_id = :id", [id.0])?;
    transaction.execute("update shares set sees_billing = 0 where site_id = :id", [id.0])?;
    transaction.execute(
        "delete from shares where site_id = :id and user_id = :owner",
        named_params! {":owner": owner.0, ":id": id.0},
    )?;
    Ok(())
}

/// Returns the origin (scheme, host and port) of the newest page view on a site's domain, if there was one.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn page_origin(connection: &Connection, id: SiteId) -> Result<Option<String>> {
    let mut question = connection.prepare_cached("select page_origin from sites where id = :id")?;
    Ok(question.query_row([id.0], |row| row.get(0)).optional()?.flatten())
}

/// Updates the origin of a site's pages.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_page_origin(transaction: &Transaction<'_>, id: SiteId, origin: Option<&str>) -> Result<()> {
    let mut statement =
        transaction.prepare_cached("update sites set page_origin = :origin where id = :id")?;
    statement.execute(named_params! {":origin": origin, ":id": id.0})?;
    Ok(())
}
