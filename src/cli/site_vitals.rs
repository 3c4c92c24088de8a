//! `clickstead site vitals`: whether the browsers of a site's visitors measure web vitals.

use super::context::Context;
use super::output::json;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::sites::tracking;
use crate::store::sites;
use serde_json::json;

/// The options of `site vitals`.
#[derive(clap::Args)]
pub struct VitalsArgs {
    /// The site's number
    #[arg(value_parser = super::values::site_id)]
    id: SiteId,
    /// Measure from the next page view on
    #[arg(long, conflicts_with = "off")]
    on: bool,
    /// Measure no longer; what was measured is kept
    #[arg(long)]
    off: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl VitalsArgs {
    pub(super) fn run(&self, context: &Context) -> Result<String> {
        if self.on || self.off {
            context.change(|tx| tracking::measure_vitals(tx, &context.actor(), self.id, self.on))?;
        }
        let site = context.read(|connection| sites::get(connection, self.id))?;
        Ok(if self.json {
            json(&json!({"site_id": site.id.0, "web_vitals": site.vitals_measured}))
        } else if site.vitals_measured {
            format!("Site {} measures web vitals.", site.id)
        } else {
            format!("Site {} doesn't measure web vitals.", site.id)
        })
    }
}
