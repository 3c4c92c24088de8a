//! `clickstead check`: whether the data file is whole.

use super::{Desk, Said, json};
use crate::error::Result;
use crate::store;
use serde_json::json;

/// What `check` is told.
#[derive(clap::Args)]
pub struct Check {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(&self, desk: &Desk) -> Result<Said> {
        let problems = desk.read(store::check::problems)?;
        let text = match (self.json, problems.is_empty()) {
            (true, _) => json(&json!({ "problems": problems })),
            (false, true) => format!("{} is whole.", desk.data.display()),
            (false, false) => format!("{} is damaged:\n- {}", desk.data.display(), problems.join("\n- ")),
        };
        Ok(Said { text, is_well: problems.is_empty() })
    }
}
