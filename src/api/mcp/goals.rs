//! The tools about what a site measures its success by: `goals` and `annotations`.

use super::list_sites::NoArguments;
use super::tool::{Arguments, ToolAnswer, parse};
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::{annotations, goals};
use crate::error::Result;
use crate::reports::date_range::DateRange;
use serde::Deserialize;
use utoipa::ToSchema;

/// The annotations to list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnotationsArguments {
    /// The days: `today`, `last-30-days` (the usual ones), `2026-11-30`, `2026-11`, or two days with a comma between them.
    #[schema(example = "last-30-days")]
    date: Option<String>,
}

/// Lists the goals, as `GET …/goals` does.
///
/// # Errors
///
/// Fails for arguments, and when the data file cannot be read.
pub fn list(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let NoArguments {} = parse(arguments)?;
    let list = goals::read(context.reader.connection, &context.site.site)?;
    let url = format!("{}/sites/{}/reports/goals", context.origin, context.site.site.id);
    let sentence =
        "The goals. A filter goal=NAME and conversions_of of a query take the name or the code of one.";
    Ok(ToolAnswer::new(sentence, &list)?.with_url(Some(url)))
}

/// Lists the annotations of dates, as `GET …/annotations` does.
///
/// # Errors
///
/// Fails for arguments of another form or a date that is none, and when the data file cannot be read.
pub fn list_annotations(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let AnnotationsArguments { date } = parse(arguments)?;
    let days = DateRange::parse(date.as_deref().unwrap_or(DEFAULT_DATE), context.today())?;
    let list = annotations::read(context.reader.connection, &context.site.site, days)?;
    let url = format!("{}/sites/{}/annotations", context.origin, context.site.site.id);
    let sentence = "The annotations of dates that people and deployments left, oldest first.";
    Ok(ToolAnswer::new(sentence, &list)?.with_url(Some(url)))
}

/// The days of a call that names none.
const DEFAULT_DATE: &str = "last-30-days";
