//! The tool `query`.

use super::tool::{Arguments, ToolAnswer};
use crate::api::v1::query;
use crate::api::v1::query::request::QueryRequest;
use crate::api::v1::read_context::ReadContext;
use crate::error::Result;

/// Answers a query, as `POST …/query` does.
///
/// # Errors
///
/// Fails as [`query::run`] does.
pub fn run(context: &ReadContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let reply = query::run(context, &QueryRequest::from_members(arguments)?)?;
    let rows = match reply.results.len() {
        0 => "No results.".to_owned(),
        1 => "One result.".to_owned(),
        count => format!("{count} results."),
    };
    let more = if reply.next_cursor.is_some() {
        " There are more: call again with next_cursor as cursor."
    } else {
        ""
    };
    ToolAnswer::new(
        format!("{rows}{more} query says what was counted, and has the url of the screen."),
        &reply,
    )
}
