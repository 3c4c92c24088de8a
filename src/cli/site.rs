//! `clickstead site`: tracked sites.

use super::context::Context;
use super::output::{json, table};
use super::site_heatmaps::HeatmapArgs;
use super::site_vitals::VitalsArgs;
use super::site_zone::SiteZone;
use super::{currency, deletion, hosts, key_use, person, terminal};
use crate::error::{Error, Result};
use crate::model::id::SiteId;
use crate::reports::retention_period;
use crate::sites::{addition, keys, ownership, removal, retention, settings};
use crate::store::imports;
use crate::store::key_uses;
use crate::store::site_deletion;
use crate::store::sites::{self, Keys};
use crate::store::users;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// The verbs of `site`.
#[derive(clap::Subcommand)]
pub enum SiteArgs {
    /// Add a site
    Add {
        /// Its domain
        domain: String,
        /// Who owns it: user name or e-mail
        #[arg(long, value_name = "NAME")]
        owner: String,
        /// What its people call it
        #[arg(long, value_name = "N", default_value = "")]
        name: String,
        /// Where its days begin, such as Europe/Berlin; this machine's zone when it is missing
        #[arg(long, value_name = "Z")]
        time_zone: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List every site, with the last use of its site key
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace the site key and the admin key; the old ones are refused from the next request on
    RotateKey {
        /// The site's number
        #[arg(value_parser = super::values::site_id)]
        id: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say for how long a site keeps its visits; totals are kept for good
    KeepVisits {
        /// The site's number
        #[arg(value_parser = super::values::site_id)]
        id: SiteId,
        /// For so many days; older visits are dropped within the next hours
        #[arg(long, value_name = "N", required_unless_present = "for_good", conflicts_with = "for_good")]
        days: Option<String>,
        /// For good
        #[arg(long)]
        for_good: bool,
    },
    /// Show and change which hosts are a site's own
    Hosts(hosts::Hosts),
    /// Show or change the currency of a site's revenue and costs
    Currency(currency::CurrencyArgs),
    /// Show or change whether a site's pages measure web vitals
    Vitals(VitalsArgs),
    /// Show or change the pages whose clicks and scroll depth are recorded
    Heatmaps(HeatmapArgs),
    /// Give a site to somebody else
    Transfer {
        /// The site's number
        #[arg(value_parser = super::values::site_id)]
        id: SiteId,
        /// The new owner: user name or e-mail
        #[arg(long, value_name = "NAME")]
        to: String,
    },
    /// Remove a site with everything counted there
    Remove {
        /// The site's number
        #[arg(value_parser = super::values::site_id)]
        id: SiteId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl SiteArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add { domain, owner, name, time_zone, json } => {
                let zone = SiteZone::from_option(time_zone.as_deref())?;
                let site = settings::check(&domain, &name, zone.name())?;
                let keys = Keys::generate()?;
                let id = context.change(|tx| {
                    let owner = person::get(tx, &owner)?;
                    addition::create(tx, &context.actor(), owner.id, &site, &keys)
                })?;
                Ok(if json { keys_json(id, &keys) } else { added(id, &site, &zone, &keys) })
            }
            Self::List { json } => list(context, json),
            Self::RotateKey { id, json } => {
                let new_keys = Keys::generate()?;
                context.change(|tx| keys::rotate(tx, &context.actor(), id, &new_keys))?;
                Ok(if json {
                    keys_json(id, &new_keys)
                } else {
                    format!("Programs with the old keys are refused from now on.\n{}", keys_text(&new_keys))
                })
            }
            Self::KeepVisits { id, days, .. } => {
                let days = retention_period::parse_days(&days.unwrap_or_default())?;
                let words = retention_period::describe(days);
                context.change(|tx| retention::update(tx, &context.actor(), id, days))?;
                Ok(format!("Site {id} keeps its visits {words}, and their totals for good."))
            }
            Self::Currency(currency) => currency.run(context),
            Self::Vitals(vitals) => vitals.run(context),
            Self::Heatmaps(heatmaps) => heatmaps.run(context),
            Self::Hosts(hosts) => hosts.run(context),
            Self::Transfer { id, to } => {
                context.change(|tx| {
                    let owner = person::get(tx, &to)?;
                    ownership::give(tx, &context.actor(), id, &owner)
                })?;
                Ok(format!("Site {id} belongs to {to} now."))
            }
            Self::Remove { id, yes } => remove(context, id, yes),
        }
    }
}

fn added(id: SiteId, site: &sites::NewSite, zone: &SiteZone, keys: &Keys) -> String {
    let days = zone.sentence();
    format!("{} is site {id}. {days} Its page code is under Site info.\n{}", site.domain, keys_text(keys))
}

fn keys_text(keys: &Keys) -> String {
    format!("site key       {}\nadmin site key {}", keys.site.expose(), keys.admin.expose())
}

fn keys_json(id: SiteId, keys: &Keys) -> String {
    json(&json!({
        "site_id": id.0, "site_key": keys.site.expose(), "site_key_admin": keys.admin.expose(),
    }))
}

fn list(context: &Context, as_json: bool) -> Result<String> {
    let (sites, owners, unfinished, key_uses) = context.read(|connection| {
        let owners: HashMap<_, _> =
            users::list(connection)?.into_iter().map(|user| (user.id, user.username)).collect();
        let sites = sites::list(connection)?;
        let mut unfinished = BTreeMap::new();
        for site in &sites {
            unfinished
                .extend(imports::find_unfinished_site(connection, site.id)?.map(|file| (site.id, file.name)));
        }
        Ok((sites, owners, unfinished, key_uses::all(connection)?))
    })?;
    let owner = |site: &sites::Site| owners.get(&site.owner).cloned().unwrap_or_default();
    if as_json {
        let sites = sites.iter().map(|site| {
            json!({
                "site_id": site.id.0, "domain": site.domain, "owner": owner(site), "name": site.name,
                "time_zone": site.zone.name(), "created_at": site.created_at.seconds(),
                "unfinished_import": unfinished.get(&site.id),
                "site_key_last_use": key_uses.get(&site.id).map(key_use::json),
            })
        });
        return Ok(json(&sites.collect()));
    }
    let rows = sites.iter().map(|site| {
        vec![
            site.id.to_string(),
            site.domain.clone(),
            owner(site),
            site.zone.name().to_owned(),
            site.name.clone(),
            key_use::text(key_uses.get(&site.id)),
        ]
    });
    let heads = ["ID", "DOMAIN", "OWNER", "TIME ZONE", "NAME", "SITE KEY LAST USED (UTC)"];
    let table = table(&heads, &rows.collect::<Vec<_>>());
    let notes = unfinished.iter().map(|(site, file)| {
        format!(
            "\nSite {site} is not whole: the import of {file} is going on, or was stopped. If it was stopped, import the \
             same file again."
        )
    });
    Ok(format!("{table}{}", notes.collect::<String>()))
}

fn remove(context: &Context, id: SiteId, yes: bool) -> Result<String> {
    let lookup = context
        .read(|connection| Ok((sites::find(connection, id)?, site_deletion::list_removed(connection)?)))?;
    let site = match lookup {
        (Some(site), _) => site,
        (None, removed) if removed.contains(&id) => {
            deletion::delete_site(context, id)?;
            return Ok(format!("What was left of site {id} is removed."));
        }
        (None, _) => return Err(Error::Missing("site")),
    };
    let domain = &site.domain;
    terminal::consent(&format!("This removes site {id}, {domain}, with all its visits for good."), yes)?;
    context.change(|tx| removal::delete(tx, &context.actor(), &site))?;
    deletion::delete_site(context, id)?;
    Ok(format!("{domain} (site {id}) is removed."))
}
