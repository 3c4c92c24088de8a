//! `clickstead visitor`: what is kept of one visitor, to hand out or to erase.

use super::context::Context;
use super::output::json;
use super::{deletion, terminal};
use crate::error::{Error, Result};
use crate::model::address;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::reports::filters_naming_visitor::{self, FilterOwner, FilterReference};
use crate::reports::visits::visitor_data;
use crate::reports::visits::visitor_data::VisitorSelector;
use crate::sites::{erasure, exports};
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
    #[arg(long, value_parser = super::values::site_id)]
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

/// The visitors that the options select, with their visits.
struct SelectedVisitors {
    site: Site,
    visitors: Vec<VisitorId>,
    visits: Vec<VisitId>,
}

impl SelectedVisitors {
    /// Returns a phrase such as "3 visits of 1 visitor on bakery.example".
    fn text(&self) -> String {
        let (visits, visitors) =
            (counted(self.visits.len(), "visit"), counted(self.visitors.len(), "visitor"));
        format!("{visits} of {visitors} on {}", self.site.domain)
    }
}

impl VisitorArgs {
    fn selector(&self) -> Result<VisitorSelector> {
        match (&self.id, &self.address, &self.custom, &self.name) {
            (Some(id), ..) => Ok(VisitorSelector::Visitor(*id)),
            (_, Some(address), ..) => Ok(VisitorSelector::Address(*address)),
            (_, _, Some(custom), _) => VisitorSelector::custom(custom),
            (_, _, _, Some(name)) => Ok(VisitorSelector::Name(name.clone())),
            _ => Err(Error::Missing("visitor")),
        }
    }

    fn find(&self, connection: &Connection) -> Result<SelectedVisitors> {
        let site = sites::get(connection, self.site)?;
        let selector = self.selector()?;
        let visitors = selector.find(connection, site.id)?;
        if visitors.is_empty() {
            return Err(none_selected(connection, &site, &selector)?);
        }
        let mut visits = Vec::new();
        for visitor in &visitors {
            visits.extend(visitor_data::visits_of(connection, site.id, *visitor)?);
        }
        visits.sort_unstable();
        Ok(SelectedVisitors { site, visitors, visits })
    }
}

/// Returns the error for a selector without visitors. IP addresses are mostly stored shortened and then shared by many
/// people, so that a full address never selects them.
fn none_selected(connection: &Connection, site: &Site, selector: &VisitorSelector) -> Result<Error> {
    if let VisitorSelector::Address(full) = selector
        && let Some(short) = address::read(&address::stored(*full, true))
        && short != *full
    {
        let count = VisitorSelector::Address(short).find(connection, site.id)?.len();
        if count > 0 {
            return Ok(Error::Setup(format!(
                "No visit has the address {full}, but {count} visitors are known by its shortened form {short}. \
                 They may be different people: name one by --id, or all of them by --address {short}."
            )));
        }
    }
    Ok(Error::Setup("Nobody like that is known. Nothing was changed.".into()))
}

impl Visitor {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Export { who } => export(context, &who),
            Self::Erase { who, yes, json } => erase(context, &who, yes, json),
        }
    }
}

fn export(context: &Context, who: &VisitorArgs) -> Result<String> {
    let (site, value) = context.read(|connection| {
        let selected = who.find(connection)?;
        let mut value = visitor_data::head(connection, &selected.site, &selected.visitors, context.now)?;
        let visits = selected
            .visits
            .iter()
            .filter_map(|visit| visitor_data::export(connection, &selected.site, *visit).transpose());
        value["visits"] = serde_json::Value::Array(visits.collect::<Result<_>>()?);
        Ok((selected.site.id, value))
    })?;
    context.change(|tx| exports::record_visitor(tx, &context.actor(), site))?;
    Ok(serde_json::to_string_pretty(&value).unwrap_or_default())
}

fn erase(context: &Context, who: &VisitorArgs, yes: bool, as_json: bool) -> Result<String> {
    let selected = context.read(|connection| who.find(connection))?;
    let question = format!(
        "This erases {}, with all that they did, for good. Totals of days that were dropped stay.",
        selected.text()
    );
    terminal::consent(&question, yes)?;
    let mut connection = crate::store::open(&context.data, false)?;
    let site = selected.site.id;
    let references = filters_naming_visitor::find(&connection, site, &selected.visitors)?;
    for (position, visitor) in selected.visitors.iter().enumerate() {
        // A visit may have begun since, or there are more than one transaction erases.
        let mut is_first = position == 0;
        while crate::store::change(&mut connection, |tx| {
            if is_first {
                erasure::begin(tx, &context.actor(), site, &selected.visitors)?;
            }
            erasure::erase_slice(tx, site, *visitor)
        })? {
            is_first = false;
            crate::store::checkpoint(&connection)?;
        }
    }
    let is_swept = deletion::sweep(context, connection)?;
    let copies = crate::store::copies(&context.data)?;
    let erasure = Erasure { selected, is_swept, copies, references };
    Ok(if as_json { erasure.json() } else { erasure.text(context) })
}

/// Returns a phrase for the owner of a filter that identifies the visitor.
fn owner_text(reference: &FilterReference) -> String {
    match &reference.keeper {
        FilterOwner::Everybody => format!("segment “{}” of everybody", reference.name),
        FilterOwner::One(user) => format!("segment “{}” of {user}", reference.name),
        FilterOwner::Alert(None) => format!("alert “{}” of everybody", reference.name),
        FilterOwner::Alert(Some(user)) => format!("alert “{}” of {user}", reference.name),
        FilterOwner::Link => format!("guest link “{}”", reference.name),
    }
}

/// The outcome of an erasure.
struct Erasure {
    selected: SelectedVisitors,
    /// False if another process reads or imports just now, so that deleted texts are overwritten later.
    is_swept: bool,
    /// The files beside the data file that may hold the visitors too.
    copies: Vec<String>,
    /// The filters that identify the visitors.
    references: Vec<FilterReference>,
}

impl Erasure {
    fn json(&self) -> String {
        json(&json!({
            "visits": self.selected.visits.len(), "visitors": self.selected.visitors.len(),
            "is_swept": self.is_swept, "copies": self.copies,
            "named_by": self.references.iter().map(owner_text).collect::<Vec<_>>(),
        }))
    }

    fn text(&self, context: &Context) -> String {
        let mut text = format!("Erased: {}.", self.selected.text());
        if !self.is_swept {
            text += "\nSomebody reads the file or imports into it just now: what is left is overwritten by a running server soon, or by the \
                     next `";
            text += &context.hint("prune --yes");
            text += "`.";
        }
        text += "\nBackups that you made before still hold them.";
        if !self.copies.is_empty() {
            text += " So do these files beside the data file:\n- ";
            text += &self.copies.join("\n- ");
        }
        if !self.references.is_empty() {
            text += "\nThese filters still name them. Change or remove them on the site's screens:\n- ";
            text += &self.references.iter().map(owner_text).collect::<Vec<_>>().join("\n- ");
        }
        text
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
