//! The tool `list_sites`.

use super::tool::{Arguments, ToolAnswer, ToolContext, parse};
use crate::access::capability::Capability;
use crate::api::v1::sites::{ApiSite, SiteList};
use crate::error::Result;
use serde::Deserialize;
use utoipa::ToSchema;

/// No arguments.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoArguments {}

/// Lists the sites that the token may read.
///
/// # Errors
///
/// Fails for arguments, and when the data file cannot be read.
pub fn run(context: &ToolContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let NoArguments {} = parse(arguments)?;
    let sites = context.caller.sites(context.reader.connection, Capability::ReadApi)?;
    let sentence = match sites.len() {
        0 => "This token may read no site now.".to_owned(),
        1 => "One site.".to_owned(),
        count => format!("{count} sites."),
    };
    ToolAnswer::new(sentence, &SiteList::new(sites.iter().map(ApiSite::new).collect()))
}
