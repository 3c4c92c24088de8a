//! `clickstead visitor`: what is kept of one visitor, to hand out or to erase.

use super::{Context, json, terminal};
use crate::access::audit::AuditAction;
use crate::error::{Error, Result};
use crate::model::address;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::reports::filters_naming_visitor::{self, FilterOwner, FilterReference};
use crate::reports::visits::visitor_data;
use crate::reports::visits::visitor_data::VisitorSelector;
use crate::store::retention;
use crate::store::sites::{self, Site};
use rusqlite::Connection;
use serde_json::json;
use std::net::IpAddr;

/// The verbs of `visitor`.
#[derive(clap::Subcommand)]
pub enum Visitor {
    /// Print all that is kept of a visitor, as JSON
    Export {
        #[command(flatten)]
        who: VisitorArgs,
    },
    /// Erase all that is kept of a visitor
    Erase {
        #[command(flatten)]
        who: VisitorArgs,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Who is meant, by one of these.
#[derive(clap::Args)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("who").required(true).args(["id", "address", "custom", "name"])))]
pub struct VisitorArgs {
    /// The site's number
    #[arg(long, value_parser = super::site::site_id)]
    site: SiteId,
    /// The visitor's number, as the address of their page has it
    #[arg(long, value_name = "N", value_parser = visitor_id)]
    id: Option<VisitorId>,
    /// An internet address, as it is kept
    #[arg(long)]
    address: Option<IpAddr>,
    /// A key and a value of custom data, such as 'customer: 4711'
    #[arg(long, value_name = "KEY: VALUE")]
    custom: Option<String>,
    /// What your pages call them: a user name, name or e-mail address of custom data
    #[arg(long)]
    name: Option<String>,
}

fn visitor_id(text: &str) -> std::result::Result<VisitorId, String> {
    VisitorId::parse(text).ok_or_else(|| "a visitor's number is made of digits".into())
}

/// The visitors found, with their visits.
struct Found {
    site: Site,
    visitors: Vec<VisitorId>,
    visits: Vec<VisitId>,
}

impl VisitorArgs {
    fn named(&self) -> Result<VisitorSelector> {
        match (&self.id, &self.address, &self.custom, &self.name) {
            (Some(id), ..) => Ok(VisitorSelector::Visitor(*id)),
            (_, Some(address), ..) => Ok(VisitorSelector::Address(*address)),
            (_, _, Some(custom), _) => VisitorSelector::custom(custom),
            (_, _, _, Some(name)) => Ok(VisitorSelector::Name(name.clone())),
            _ => Err(Error::Missing("visitor")),
        }
    }

    fn find(&self, connection: &Connection) -> Result<Found> {
        let site = sites::get(connection, self.site)?;
        let named = self.named()?;
        let visitors = named.find(connection, site.id)?;
        if visitors.is_empty() {
            return Err(nobody(connection, &site, &named)?);
        }
        let mut visits = Vec::new();
        for visitor in &visitors {
            visits.extend(visitor_data::visits_of(connection, site.id, *visitor)?);
        }
        visits.sort_unstable();
        Ok(Found { site, visitors, visits })
    }
}

/// Returns the error for a selector without visitors. IP addresses are mostly stored shortened and then shared by many
/// people, so that a full address never selects them.
fn nobody(connection: &Connection, site: &Site, named: &VisitorSelector) -> Result<Error> {
    if let VisitorSelector::Address(full) = named
        && let Some(short) = address::read(&address::stored(*full, true))
        && short != *full
    {
        let sharing = VisitorSelector::Address(short).find(connection, site.id)?.len();
        if sharing > 0 {
            return Ok(Error::Setup(format!(
                "No visit has the address {full}, but {sharing} visitors are known by its shortened form {short}. \
                 They may be different people: name one by --id, or all of them by --address {short}."
            )));
        }
    }
    Ok(Error::Setup("Nobody like that is known. Nothing was changed.".into()))
}

impl Visitor {
    pub(super) fn run(self, desk: &Context) -> Result<String> {
        match self {
            Self::Export { who } => export(desk, &who),
            Self::Erase { who, yes, json } => erase(desk, &who, (yes, json)),
        }
    }
}

fn export(desk: &Context, who: &VisitorArgs) -> Result<String> {
    let (site, value) = desk.read(|connection| {
        let found = who.find(connection)?;
        let mut value = visitor_data::head(&found.site, &found.visitors, desk.now);
        let visits = found
            .visits
            .iter()
            .filter_map(|visit| visitor_data::export(connection, &found.site, *visit).transpose());
        value["visits"] = serde_json::Value::Array(visits.collect::<Result<_>>()?);
        Ok((found.site.id, value))
    })?;
    desk.change(|tx| desk.hand().note(tx, site, AuditAction::ExportVisitor, ""))?;
    Ok(serde_json::to_string_pretty(&value).unwrap_or_default())
}

fn erase(desk: &Context, who: &VisitorArgs, (yes, as_json): (bool, bool)) -> Result<String> {
    let found = desk.read(|connection| who.find(connection))?;
    let what = format!(
        "{} of {} on {}",
        counted(found.visits.len(), "visit"),
        counted(found.visitors.len(), "visitor"),
        found.site.domain
    );
    let question = format!(
        "This erases {what}, with all that they did, for good. Totals of days that were dropped stay."
    );
    terminal::consent(&question, yes)?;
    let mut connection = crate::store::open(&desk.data, false)?;
    let site = found.site.id;
    let mentions = filters_naming_visitor::find(&connection, site, &found.visitors)?;
    for (place, visitor) in found.visitors.iter().enumerate() {
        // A visit may have begun since, or there are more than one transaction erases.
        let mut is_first = place == 0;
        while crate::store::change(&mut connection, |tx| {
            if is_first {
                desk.hand().note(
                    tx,
                    site,
                    AuditAction::EraseVisitor,
                    &counted(found.visits.len(), "visit"),
                )?;
            }
            let visits = visitor_data::slice_of(tx, site, *visitor)?;
            retention::erase(tx, site, &visits)?;
            Ok(!visits.is_empty())
        })? {
            is_first = false;
            crate::store::checkpoint(&connection)?;
        }
    }
    let is_swept = super::prune::sweep(desk, connection)?;
    let copies = crate::store::copies(&desk.data)?;
    if as_json {
        return Ok(json(&json!({
            "visits": found.visits.len(), "visitors": found.visitors.len(), "is_swept": is_swept,
            "copies": copies, "named_by": mentions.iter().map(named_by).collect::<Vec<_>>(),
        })));
    }
    Ok(said(desk, &what, (is_swept, &copies, &mentions)))
}

/// Returns a phrase for the owner of a filter that identifies the visitor.
fn named_by(mention: &FilterReference) -> String {
    match &mention.keeper {
        FilterOwner::Everybody => format!("segment “{}” of everybody", mention.name),
        FilterOwner::One(user) => format!("segment “{}” of {user}", mention.name),
        FilterOwner::Link => format!("guest link “{}”", mention.name),
    }
}

fn said(
    desk: &Context,
    what: &str,
    (is_swept, copies, mentions): (bool, &[String], &[FilterReference]),
) -> String {
    let mut text = format!("Erased: {what}.");
    if !is_swept {
        text += "\nSomebody reads the file or imports into it just now: what is left is overwritten by a running server soon, or by the \
                 next `";
        text += &desk.hint("prune --yes");
        text += "`.";
    }
    text += "\nBackups that you made before still hold them.";
    if !copies.is_empty() {
        text += " So do these files beside the data file:\n- ";
        text += &copies.join("\n- ");
    }
    if !mentions.is_empty() {
        text += "\nThese filters still name them. Change or remove them on the site's screens:\n- ";
        text += &mentions.iter().map(named_by).collect::<Vec<_>>().join("\n- ");
    }
    text
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
