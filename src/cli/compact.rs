//! `clickstead compact`: rewrites the data file without free pages.

use super::context::Context;
use super::output::json;
use super::printed;
use crate::error::Result;
use crate::store::{self, compact::compact};
use serde_json::json;

/// The options of `compact`.
#[derive(clap::Args)]
pub struct Compact {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Compact {
    pub(super) fn run(&self, context: &Context) -> Result<String> {
        // Opening the file upgrades an older one and refuses a foreign one.
        store::close(store::open(&context.data, false)?)?;
        let (before, after) = compact(&context.data)?;
        if self.json {
            return Ok(json(&json!({"bytes_before": before, "bytes_after": after})));
        }
        Ok(format!(
            "{} takes {} now, {} before.",
            context.data.display(),
            printed::bytes(after),
            printed::bytes(before)
        ))
    }
}
