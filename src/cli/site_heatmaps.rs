//! `clickstead site heatmaps`: the pages of a site whose clicks and scroll depth are recorded.

use super::context::Context;
use super::output::json;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::recordings::heatmap_settings::{self, HeatmapForm};
use crate::store::sites;
use serde_json::json;

/// The options of `site heatmaps`.
#[derive(clap::Args)]
pub struct HeatmapArgs {
    /// The site's number
    #[arg(value_parser = super::values::site_id)]
    id: SiteId,
    /// Record these pages, such as "/shop/*"; may be given several times, and replaces those of before
    #[arg(long = "page", value_name = "PATTERN", conflicts_with = "off")]
    pages: Vec<String>,
    /// Record this share of visits, in percent
    #[arg(long, value_name = "PERCENT")]
    sample: Option<String>,
    /// Keep clicks and scroll depth for so many days
    #[arg(long, value_name = "N")]
    days: Option<String>,
    /// Record no longer; what was recorded is kept
    #[arg(long)]
    off: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl HeatmapArgs {
    pub(super) fn run(&self, context: &Context) -> Result<String> {
        if self.off || !self.pages.is_empty() || self.sample.is_some() || self.days.is_some() {
            context.change(|tx| {
                let mut form = HeatmapForm::from_settings(&sites::get(tx, self.id)?.heatmaps);
                if self.off || !self.pages.is_empty() {
                    form.pages = self.pages.join("\n");
                }
                form.sample = self.sample.clone().unwrap_or(form.sample);
                form.days = self.days.clone().unwrap_or(form.days);
                heatmap_settings::update(tx, &context.actor(), self.id, &form.check()?)
            })?;
        }
        let settings = context.read(|connection| sites::get(connection, self.id))?.heatmaps;
        let pages: Vec<&str> = settings.pages.lines().collect();
        let (id, sample, days) = (self.id, settings.sample, settings.days);
        Ok(if self.json {
            json(&json!({"site_id": id.0, "pages": pages, "sample": sample, "days": days}))
        } else if settings.is_on() {
            let pages = pages.join(", ");
            format!(
                "Site {id} records clicks and scroll depth on {pages}: {sample} % of visits, kept for {days} days."
            )
        } else {
            format!("Site {id} doesn't record clicks and scroll depth.")
        })
    }
}
