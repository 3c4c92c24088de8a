//! The tool `report`.

use super::tool::{Arguments, ToolAnswer, parse};
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::reports::{self, ReportRequest};
use crate::error::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::form_urlencoded;
use utoipa::ToSchema;

/// The report to get.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportArguments {
    /// The name of the report, from the resource `clickstead://catalogue`.
    #[schema(example = "split-tests")]
    report: String,
    /// The days: `today`, `last-7-days` (the usual ones), `2026-11-30`, `2026-11`, or two days with a comma between them.
    #[schema(example = "last-30-days")]
    date: Option<String>,
    /// Filters as in addresses, joined by `&`.
    #[schema(example = "country=DE&href.contains=cakes")]
    filter: Option<String>,
    /// The id of a saved segment, whose filters must hold too.
    segment: Option<String>,
    /// The comparison: `before`, `weekdays`, `year` or `none`.
    compare: Option<String>,
    /// The number of rows on a page.
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next_cursor` of the answer before.
    cursor: Option<String>,
    /// The other parameters of this report, by their names in the API, such as `test` and `baseline` (`split-tests`), `metric`
    /// (`hours`), `by` (`week` or `month` for `retention`, another report for items), `funnel`, `of` and `around` (`journeys`),
    /// `conversions_of`, `interval`, `key`, `sort` and `order`.
    #[schema(example = json!({"test": "Order button", "baseline": "grey"}))]
    parameters: Option<BTreeMap<String, String>>,
}

impl ReportArguments {
    /// Returns the parameters of the request to the API.
    fn parameters(&self) -> String {
        let mut parameters = form_urlencoded::Serializer::new(String::new());
        let filter = self.filter.as_deref().unwrap_or_default();
        let filters = form_urlencoded::parse(filter.trim_start_matches('?').as_bytes());
        filters.for_each(|(name, value)| {
            parameters.append_pair(&name, &value);
        });
        let limit = self.limit.map(|limit| limit.to_string());
        let others = [
            ("date", &self.date),
            ("segment", &self.segment),
            ("compare", &self.compare),
            ("limit", &limit),
            ("cursor", &self.cursor),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                parameters.append_pair(name, value);
            }
        }
        for (name, value) in self.parameters.iter().flatten() {
            parameters.append_pair(name, value);
        }
        parameters.finish()
    }
}

/// Gets a report, as `GET …/reports/{report}` does.
///
/// # Errors
///
/// Fails for arguments of another form, and as [`reports::run`] does.
pub fn run(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let arguments: ReportArguments = parse(arguments)?;
    let request = ReportRequest::parse(context, &arguments.report, &arguments.parameters())?;
    let reply = reports::run(context, &request)?;
    let rows = match reply.rows.len() {
        0 => "No rows.".to_owned(),
        1 => "One row.".to_owned(),
        count => format!("{count} rows."),
    };
    let more = if reply.next_cursor.is_some() {
        " There are more: call again with next_cursor as cursor."
    } else {
        ""
    };
    let url = reply.query.url.clone();
    Ok(ToolAnswer::new(format!("The report {}. {rows}{more}", reply.title), &reply)?.with_url(url))
}
