//! The tools about single visits: `visits`, `visit` and `online`.

use super::list_sites::NoArguments;
use super::tool::{Arguments, ToolAnswer, parse};
use crate::api::v1::online;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::visits;
use crate::error::{Error, Result};
use crate::limits;
use serde::Deserialize;
use url::form_urlencoded;
use utoipa::ToSchema;

/// The visits to list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitsArguments {
    /// The days: `today`, `last-7-days` (the usual ones), `2026-11-30`, `2026-11`, or two days with a comma between them.
    #[schema(example = "yesterday")]
    date: Option<String>,
    /// Filters as in addresses, joined by `&`.
    #[schema(example = "country=DE&href.contains=cakes")]
    filter: Option<String>,
    /// The id of a saved segment, whose filters must hold too.
    segment: Option<String>,
    /// True if each visit has its actions.
    action_log: Option<bool>,
    /// The number of visits on a page; 20 if it is left out. A visit has about a kilobyte.
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next_cursor` of the answer before.
    cursor: Option<String>,
}

/// The visit to show.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitArguments {
    /// The id of the visit, from `visits`.
    visit_id: String,
}

/// The parameters that are no filters.
const PARAMETERS: [&str; 6] = ["date", "segment", "action_log", "limit", "cursor", "site_id"];

impl VisitsArguments {
    /// Returns the parameters of the list of the API.
    fn parameters(self) -> Result<String> {
        let mut parameters = form_urlencoded::Serializer::new(String::new());
        let filter = self.filter.unwrap_or_default();
        for (name, value) in form_urlencoded::parse(filter.trim_start_matches('?').as_bytes()) {
            if PARAMETERS.contains(&&*name) {
                return Err(Error::invalid(
                    "filter",
                    format!("{name} is no filter, but an argument of its own."),
                ));
            }
            parameters.append_pair(&name, &value);
        }
        let action_log = self.action_log.map(|is| is.to_string());
        let limit = Some(self.limit.unwrap_or(limits::MCP_PAGE_VISITS).to_string());
        let others = [
            ("date", self.date),
            ("segment", self.segment),
            ("action_log", action_log),
            ("limit", limit),
            ("cursor", self.cursor),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                parameters.append_pair(name, &value);
            }
        }
        Ok(parameters.finish())
    }
}

/// Lists visits, as `GET …/visits` does.
///
/// # Errors
///
/// Fails for arguments of another form, and as [`visits::list::read`] does.
pub fn list(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let list = visits::list::read(context, &parse::<VisitsArguments>(arguments)?.parameters()?)?;
    let url = list.query.url.clone();
    Ok(ToolAnswer::new("Visits, newest first. next_cursor, if there is one, leads to older ones.", &list)?
        .with_url(url))
}

/// Shows a visit with its actions, as `GET …/visits/{visit}` does.
///
/// # Errors
///
/// Fails for arguments of another form, and as [`visits::visit::read`] does.
pub fn show(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let VisitArguments { visit_id } = parse(arguments)?;
    let reply = visits::visit::read(context, &visit_id)?;
    let url = reply.visit.url.clone();
    Ok(ToolAnswer::new("The visit with its actions, and its visitor.", &reply)?.with_url(Some(url)))
}

/// Counts who is online, as `GET …/online` does.
///
/// # Errors
///
/// Fails for arguments, and as [`online::read`] does.
pub fn count_online(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let NoArguments {} = parse(arguments)?;
    let reply = online::read(context.reader, context.site)?;
    let url = format!("{}/sites/{}/spy", context.origin, context.site.site.id);
    Ok(ToolAnswer::new("Who did something in the last five minutes.", &reply)?.with_url(Some(url)))
}
