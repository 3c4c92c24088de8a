//! `clickstead site`: tracked sites.

use super::{Context, hosts, json, person, table, terminal};
use crate::access::account;
use crate::access::audit::AuditAction;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::SiteId;
use crate::reports::engine::pruning;
use crate::store::imports;
use crate::store::label_gc::{InternedTable, MarkSet};
use crate::store::retention;
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
    /// List every site
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace the site key and the admin key; the old ones are refused from the next request on
    RotateKey {
        /// The site's number
        #[arg(value_parser = site_id)]
        id: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say for how long a site keeps its visits; totals are kept for good
    KeepVisits {
        /// The site's number
        #[arg(value_parser = site_id)]
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
    /// Give a site to somebody else
    Transfer {
        /// The site's number
        #[arg(value_parser = site_id)]
        id: SiteId,
        /// The new owner: user name or e-mail
        #[arg(long, value_name = "NAME")]
        to: String,
    },
    /// Remove a site with everything counted there
    Remove {
        /// The site's number
        #[arg(value_parser = site_id)]
        id: SiteId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn site_id(text: &str) -> std::result::Result<SiteId, String> {
    SiteId::parse(text).ok_or_else(|| "a site's number is made of digits, see `clickstead site list`".into())
}

impl SiteArgs {
    pub(super) fn run(self, desk: &Context) -> Result<String> {
        match self {
            Self::Add { domain, owner, name, time_zone, json } => {
                let (zone, whose) = zone_or_machines(time_zone)?;
                let site = account::site(&domain, &name, zone.name())?;
                let keys = Keys::generate()?;
                let id = desk.change(|tx| {
                    let owner = person::get(tx, &owner)?;
                    let id = sites::create(tx, owner.id, &site, &keys, desk.now)?;
                    desk.hand().note(tx, id, AuditAction::AddSite, &site.domain)?;
                    Ok(id)
                })?;
                Ok(if json { keys_json(id, &keys) } else { added(id, &site, (whose, &keys)) })
            }
            Self::List { json } => list(desk, json),
            Self::RotateKey { id, json } => {
                let keys = Keys::generate()?;
                desk.change(|tx| {
                    sites::update_keys(tx, id, &keys)?;
                    desk.hand().note(tx, id, AuditAction::RotateKeys, "")
                })?;
                Ok(if json {
                    keys_json(id, &keys)
                } else {
                    format!("Programs with the old keys are refused from now on.\n{}", keys_text(&keys))
                })
            }
            Self::KeepVisits { id, days, .. } => {
                let days = pruning::parse_days(&days.unwrap_or_default())?;
                let words = pruning::describe(days);
                desk.change(|tx| {
                    retention::set_kept_days(tx, id, days)?;
                    desk.hand().note(tx, id, AuditAction::ChangeRetention, &words)
                })?;
                Ok(format!("Site {id} keeps its visits {words}, and their totals for good."))
            }
            Self::Hosts(hosts) => hosts.run(desk),
            Self::Transfer { id, to } => {
                desk.change(|tx| {
                    let owner = person::get(tx, &to)?;
                    sites::update_owner(tx, id, owner.id)?;
                    desk.hand().note(tx, id, AuditAction::GiveSite, &owner.username)
                })?;
                Ok(format!("Site {id} belongs to {to} now."))
            }
            Self::Remove { id, yes } => remove(desk, id, yes),
        }
    }
}

fn added(id: SiteId, site: &sites::NewSite, (whose, keys): (&str, &Keys)) -> String {
    let days = days_begin(&site.zone, whose);
    format!("{} is site {id}. {days} Its page code is under Site info.\n{}", site.domain, keys_text(keys))
}

/// Returns the named time zone or else this machine's, with a phrase that says which.
pub(super) fn zone_or_machines(named: Option<String>) -> Result<(Zone, &'static str)> {
    match named {
        Some(name) => Ok((Zone::parse(&name)?, "")),
        None => Ok((Zone::parse(&Zone::of_machine())?, ", this machine's time zone")),
    }
}

/// Returns a sentence on the time zone in which a site's days begin.
pub(super) fn days_begin(zone: &Zone, whose: &str) -> String {
    format!("Its days begin at midnight in {}{whose}.", zone.name())
}

fn keys_text(keys: &Keys) -> String {
    format!("site key       {}\nadmin site key {}", keys.site.expose(), keys.admin.expose())
}

fn keys_json(id: SiteId, keys: &Keys) -> String {
    json(&json!({
        "site_id": id.0, "site_key": keys.site.expose(), "site_key_admin": keys.admin.expose(),
    }))
}

fn list(desk: &Context, as_json: bool) -> Result<String> {
    let (sites, owners, unfinished) = desk.read(|connection| {
        let owners: HashMap<_, _> =
            users::list(connection)?.into_iter().map(|user| (user.id, user.username)).collect();
        let sites = sites::list(connection)?;
        let mut unfinished = BTreeMap::new();
        for site in &sites {
            unfinished
                .extend(imports::find_unfinished_site(connection, site.id)?.map(|file| (site.id, file.name)));
        }
        Ok((sites, owners, unfinished))
    })?;
    let owner = |site: &sites::Site| owners.get(&site.owner).cloned().unwrap_or_default();
    if as_json {
        let sites = sites.iter().map(|site| {
            json!({
                "site_id": site.id.0, "domain": site.domain, "owner": owner(site), "name": site.name,
                "time_zone": site.zone.name(), "created_at": site.created_at.seconds(),
                "unfinished_import": unfinished.get(&site.id),
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
        ]
    });
    let table = table(&["ID", "DOMAIN", "OWNER", "TIME ZONE", "NAME"], &rows.collect::<Vec<_>>());
    let notes = unfinished.iter().map(|(site, file)| {
        format!(
            "\nSite {site} is not whole: the import of {file} is going on, or was stopped. If it was stopped, import the \
             same file again."
        )
    });
    Ok(format!("{table}{}", notes.collect::<String>()))
}

fn remove(desk: &Context, id: SiteId, yes: bool) -> Result<String> {
    let found =
        desk.read(|connection| Ok((sites::find(connection, id)?, sites::list_removed(connection)?)))?;
    let domain = match found {
        (Some(site), _) => site.domain,
        (None, removed) if removed.contains(&id) => {
            delete_rows(desk, id)?;
            return Ok(format!("What was left of site {id} is removed."));
        }
        (None, _) => return Err(Error::Missing("site")),
    };
    terminal::consent(&format!("This removes site {id}, {domain}, with all its visits for good."), yes)?;
    desk.change(|tx| {
        sites::delete(tx, id)?;
        desk.hand().note(tx, id, AuditAction::DeleteSite, &domain)
    })?;
    delete_rows(desk, id)?;
    Ok(format!("{domain} (site {id}) is removed."))
}

/// Deletes sources, machines, places and labels without references, in slices between which a running server can write.
/// Returns false while an import runs.
pub(super) fn delete_labels(connection: &mut rusqlite::Connection, now: Timestamp) -> Result<bool> {
    for _ in 0..limits::MARK_TRIES {
        if delete_marked(connection, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs one attempt of [`delete_labels`]; returns false when rows were added that it had not seen.
fn delete_marked(connection: &mut rusqlite::Connection, now: Timestamp) -> Result<bool> {
    let mut marks = MarkSet::begin(connection, now)?;
    for site in sites::list(connection)? {
        marks.add(connection, site.id)?;
    }
    for shared in InternedTable::ALL {
        for slice in marks.orphans(connection, shared)?.chunks(limits::DELETE_ROWS_PER_SLICE) {
            if !crate::store::change(connection, |tx| marks.delete(tx, shared, slice))? {
                return Ok(false);
            }
            crate::store::checkpoint(connection)?;
            std::thread::park_timeout(limits::DELETE_PAUSE);
        }
    }
    Ok(true)
}

/// Deletes the rows of a removed site, in slices between which a running server can write.
pub(super) fn delete_rows(desk: &Context, id: SiteId) -> Result<()> {
    let mut connection = crate::store::open(&desk.data, false)?;
    while crate::store::change(&mut connection, |tx| sites::delete_rows(tx, id))? > 0 {
        crate::store::checkpoint(&connection)?;
        std::thread::park_timeout(limits::DELETE_PAUSE);
    }
    // Labels that a running import keeps from being deleted stay marked by the site's last visit; a task of the server
    // finds them later.
    if delete_labels(&mut connection, desk.now)? {
        crate::store::change(&mut connection, |tx| sites::delete_last(tx, id))?;
    }
    crate::store::close(connection)
}
