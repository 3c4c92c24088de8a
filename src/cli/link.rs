//! `clickstead link`: guest links, which show chosen reports to whoever has the address.

use super::context::Context;
use super::output::{self, json, table};
use super::terminal;
use crate::access::password;
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::{LinkId, SiteId, Token};
use crate::reports::catalogue::{self, Report};
use crate::reports::filter::{self, Filter};
use crate::reports::visibility::{Visibility, VisitorData, needs_all_visits};
use crate::sites::guest_links::{self, LinkChange};
use crate::store::links::{self, Link as Stored, LinkSettings};
use crate::store::sites;
use serde_json::json;
use strum::VariantArray;

/// A link of a site.
#[derive(clap::Args)]
pub struct LinkSelector {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// The link's number, see `link list`
    #[arg(value_parser = link_id)]
    link_id: LinkId,
}

/// The choice of the live list.
#[derive(clap::Args)]
pub struct LiveListChoice {
    /// Open the live list of visitors and Spy, with the columns that the reports allow (as without this option)
    #[arg(long, overrides_with = "no_live_list")]
    live_list: bool,
    /// Open neither the list of visitors nor Spy
    #[arg(long, overrides_with = "live_list")]
    no_live_list: bool,
}

/// The options of `link add`.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct AddLinkArgs {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// What you call it
    #[arg(long, default_value = "Guest link")]
    name: String,
    /// Ask for a password, read as one line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// The last day, in the site's time zone, such as 2026-12-31
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Reports by name, by comma; otherwise those that tell of no single visitor
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    reports: Vec<String>,
    /// Show all of visitors too: single visits, addresses, names, custom data and cities
    #[arg(long)]
    visitor_data: bool,
    #[command(flatten)]
    live_list: LiveListChoice,
    /// Wear the brand of the site's White label settings
    #[arg(long = "white-label")]
    is_white_label: bool,
    /// Show these visits alone, by filters as in an address, such as 'country=DE&href.starts=/blog/'
    #[arg(long, value_name = "FILTERS")]
    segment: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The verbs of `link`.
#[derive(clap::Subcommand)]
pub enum LinkArgs {
    /// Make a guest link
    Add(AddLinkArgs),
    /// List the guest links of a site
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let a link open nothing
    Disable {
        #[command(flatten)]
        link: LinkSelector,
    },
    /// Let a link open again
    Enable {
        #[command(flatten)]
        link: LinkSelector,
    },
    /// Remove a link
    Remove {
        #[command(flatten)]
        link: LinkSelector,
    },
}

fn link_id(text: &str) -> std::result::Result<LinkId, String> {
    LinkId::parse(text).ok_or_else(|| "a link's number is made of digits, see `clickstead link list`".into())
}

impl LinkArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { site, json } => list(context, site, json),
            Self::Disable { link: LinkSelector { site, link_id } } => {
                context.change(|tx| {
                    guest_links::change(tx, &context.actor(), site, link_id, &LinkChange::Disable)
                })?;
                Ok(format!("Guest link {link_id} opens nothing any more."))
            }
            Self::Enable { link: LinkSelector { site, link_id } } => {
                let has_run_out = context.change(|tx| {
                    guest_links::change(tx, &context.actor(), site, link_id, &LinkChange::Enable)
                })?;
                Ok(if has_run_out {
                    format!(
                        "Guest link {link_id} is enabled, but it opens nothing. It has run out: choose a later last \
                         day under Preferences → Public access."
                    )
                } else {
                    format!("Guest link {link_id} opens again.")
                })
            }
            Self::Remove { link: LinkSelector { site, link_id } } => {
                context.change(|tx| {
                    guest_links::change(tx, &context.actor(), site, link_id, &LinkChange::Remove)
                })?;
                Ok(format!("Guest link {link_id} is removed."))
            }
        }
    }
}

impl AddLinkArgs {
    fn run(self, context: &Context) -> Result<String> {
        let name = self.name.trim().to_owned();
        guest_links::check_name(&name)?;
        let secret = if self.password_stdin { Some(secret()?) } else { None };
        let segment = self.segment.as_deref().map(segment).transpose()?;
        let visibility = visibility(
            &self.reports,
            self.visitor_data,
            !self.live_list.no_live_list,
            segment.as_deref().unwrap_or_default(),
        )?;
        let choice = LinkSettings {
            name,
            expires_at: None,
            view: visibility.store(),
            embed_origins: Vec::new(),
            is_white_label: self.is_white_label,
            segment: segment.as_deref().map(filter::write),
        };
        let token = Token::generate()?;
        let id = context.change(|tx| {
            let site = sites::get(tx, self.site)?;
            let last_day = self.expires.as_deref().unwrap_or_default();
            let expires_at = guest_links::last_day(last_day, &site.zone, context.now)?;
            let choice = LinkSettings { expires_at, ..choice.clone() };
            guest_links::make(tx, &context.actor(), None, site.id, &token, &choice, secret.as_deref())
        })?;
        let path = format!("/s/{}", token.expose());
        Ok(if self.json {
            output::json(&json!({
                "link_id": id.0, "token": token.expose(), "path": path, "password": secret.is_some(),
                "reports": choice.view.reports, "visitor_data": choice.view.data,
            }))
        } else {
            let (site, opens) = (self.site, opens(&visibility, secret.is_some()));
            format!("Guest link {id} of site {site}:\n{path}\nPut your server's address before it. {opens}")
        })
    }
}

fn secret() -> Result<String> {
    let password = terminal::new_password(true)?;
    match password::problem(&password) {
        Some(sentence) => {
            Err(Error::Invalid(vec![Problem { field: "password".into(), sentence: sentence.into() }]))
        }
        None => password::hash(&password),
    }
}

/// Parses the filters of a link.
fn segment(text: &str) -> Result<Vec<Filter>> {
    match filter::read(text)? {
        conditions if conditions.is_empty() => {
            Err(Error::Setup("Write filters as in an address, such as country=DE.".into()))
        }
        conditions => {
            filter::check(&conditions)?;
            Ok(conditions)
        }
    }
}

/// Returns the visibility of a link. Fails with the name of a report that does not exist or that guests would not see.
fn visibility(
    reports: &[String],
    visitor_data: bool,
    live_list: bool,
    segment: &[Filter],
) -> Result<Visibility> {
    if let Some(wrong) = reports.iter().find(|name| catalogue::find(name).is_none()) {
        return Err(Error::Setup(format!(
            "There is no report {wrong}. The names are those in the addresses of reports, such as pages."
        )));
    }
    let default_visibility = Visibility::default_guest();
    let names: Vec<&str> = match (reports.is_empty(), visitor_data) {
        (true, false) => default_visibility.reports().map(|report| report.name).collect(),
        (true, true) => catalogue::REPORTS.iter().map(|report| report.name).collect(),
        (false, _) => reports.iter().map(String::as_str).collect(),
    };
    let data: &[VisitorData] = if visitor_data { VisitorData::VARIANTS } else { &[VisitorData::LiveList] };
    let data = data.iter().copied().filter(|data| live_list || *data != VisitorData::LiveList);
    let visibility = Visibility::from_names(names, data);
    if !reports.is_empty() {
        check_seen(&visibility, segment)?;
    }
    Ok(visibility)
}

/// Checks that a link restricted to these visits would show all its reports.
fn check_seen(visibility: &Visibility, segment: &[Filter]) -> Result<()> {
    let joined =
        |reports: &[&Report]| reports.iter().map(|report| report.name).collect::<Vec<_>>().join(", ");
    let unseen = guest_links::unseen(visibility);
    let untold: Vec<_> =
        visibility.reports().filter(|report| !segment.is_empty() && needs_all_visits(report)).collect();
    let mut sentences = Vec::new();
    if !unseen.is_empty() {
        sentences.push(format!(
            "The link would not show what tells of single visitors: {}. Add --visitor-data, or leave that out.",
            joined(&unseen)
        ));
    }
    if !untold.is_empty() {
        sentences.push(format!(
            "With --segment the link would not show what nobody can tell of some visits alone: {}. Leave that out, or \
             make the link without --segment.",
            joined(&untold)
        ));
    }
    if sentences.is_empty() { Ok(()) } else { Err(Error::Setup(sentences.join(" "))) }
}

/// Returns the names of the chosen reports, or their number.
fn reports(visibility: &Visibility) -> String {
    let names: Vec<&str> = chosen(visibility).collect();
    match names.len() {
        0 => "none".into(),
        count if count == catalogue::REPORTS.len() => "all".into(),
        count if count > limits::REPORTS_NAMED_MAX => format!("{count} of {}", catalogue::REPORTS.len()),
        _ => names.join(","),
    }
}

fn chosen(visibility: &Visibility) -> impl Iterator<Item = &'static str> {
    catalogue::REPORTS.iter().map(|report| report.name).filter(|name| visibility.has_report(name))
}

/// Returns a sentence on the reports and data that the link shows.
fn opens(visibility: &Visibility, has_password: bool) -> String {
    let reports = match chosen(visibility).count() {
        count if count == catalogue::REPORTS.len() => "all reports".into(),
        1 => format!("the report {}", reports(visibility)),
        count if count > limits::REPORTS_NAMED_MAX => format!("{count} reports"),
        _ => format!("the reports {}", reports(visibility).replace(',', ", ")),
    };
    let list = match (visibility.has(VisitorData::LiveList), visibility.has(VisitorData::Names)) {
        (true, true) => "It also opens the live list of visitors and Spy, with names and addresses.",
        (true, false) => {
            "It also opens the live list of visitors and Spy, without names and addresses; their columns tell what these \
             reports tell."
        }
        (false, _) => "It opens no list of visitors.",
    };
    let whoever = if has_password { "Anyone with it and the password" } else { "Anyone with it" };
    format!("{whoever} sees {reports}. {list}")
}

/// Returns the last day of a link, in its site's time zone.
fn last_day(link: &Stored, zone: &Zone) -> String {
    let last = link.expires_at.map(|end| zone.day(Timestamp(end.0 - 1)).to_string());
    last.unwrap_or_else(|| "none".into())
}

/// Returns a phrase on the visits to which a link is restricted, with filters as in a URL.
fn visits(link: &Stored) -> String {
    let Some(segment) = &link.segment else { return "all".into() };
    let pair = |condition: &Filter| {
        let (name, value) = condition.parameter();
        format!("{name}={value}")
    };
    filter::read(segment).map_or_else(
        |_| "none: its filters are unreadable".into(),
        |conditions| conditions.iter().map(pair).collect::<Vec<_>>().join("&"),
    )
}

fn list(context: &Context, site: SiteId, as_json: bool) -> Result<String> {
    let (zone, links) = context
        .read(|connection| Ok((sites::get(connection, site)?.zone, links::list(connection, site)?)))?;
    if as_json {
        let values = links.iter().map(|link| {
            json!({
                "link_id": link.id.0, "name": link.name, "token": link.token.expose(),
                "path": format!("/s/{}", link.token.expose()), "open": link.is_open(context.now),
                "password": link.password.is_some(),
                "last_day": link.expires_at.map(|_| last_day(link, &zone)),
                "expires_at": link.expires_at.map(crate::model::clock::Timestamp::seconds),
                "views": link.views, "opened_at": link.opened_at.map(crate::model::clock::Timestamp::seconds),
                "reports": link.view.reports, "visitor_data": link.view.data,
                "segment": link.segment,
            })
        });
        return Ok(json(&values.collect()));
    }
    let rows = links.iter().map(|link| {
        let state = if link.is_open(context.now) { "open" } else { "closed" };
        let visibility = Visibility::read(Some(&link.view));
        let yes = |holds: bool| if holds { "yes" } else { "no" }.to_owned();
        vec![
            link.id.to_string(),
            link.name.clone(),
            state.to_owned(),
            yes(link.password.is_some()),
            last_day(link, &zone),
            link.views.to_string(),
            reports(&visibility),
            yes(visibility.has(VisitorData::LiveList)),
            format!("/s/{}", link.token.expose()),
            visits(link),
        ]
    });
    let head =
        ["ID", "NAME", "STATE", "PASSWORD", "LAST DAY", "VIEWS", "REPORTS", "LIVE LIST", "PATH", "VISITS"];
    Ok(table(&head, &rows.collect::<Vec<_>>()))
}
