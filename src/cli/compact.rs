//! `clickstead compact`: rewrites the data file without free pages.

use super::{Context, json, printed};
use crate::error::Result;
use crate::store::{self, compact::compact};
use serde_json::json;

/// What `compact` is told.
#[derive(clap::Args)]
pub struct Compact {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Compact {
    pub(super) fn run(&self, desk: &Context) -> Result<String> {
        // Opening the file upgrades an older one and refuses a foreign one.
        store::close(store::open(&desk.data, false)?)?;
        let (before, after) = compact(&desk.data)?;
        if self.json {
            return Ok(json(&json!({"bytes_before": before, "bytes_after": after})));
        }
        Ok(format!(
            "{} takes {} now, {} before.",
            desk.data.display(),
            printed::bytes(after),
            printed::bytes(before)
        ))
    }
}
