//! `clickstead audit`: who did what to a site, also to one that is gone.

use super::context::Context;
use super::output::{json, table};
use crate::access::audit::{AuditAction, who};
use crate::error::Result;
use crate::model::id::SiteId;
use crate::store::audit;
use serde_json::json;

/// The options of `audit`.
#[derive(clap::Args)]
pub struct Audit {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// How many acts, the newest first
    #[arg(long, value_name = "N", default_value_t = 100)]
    rows: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let entries = context.read(|connection| audit::list(connection, self.site, i64::MAX, self.rows))?;
        let records = entries.into_iter().map(|(_, record)| record);
        if self.json {
            let acts = records.map(|record| {
                json!({
                    "at": record.at.seconds(), "who": record.actor, "acting_for": record.acting_for,
                    "act": record.act, "what": record.about, "from": record.address,
                })
            });
            return Ok(json(&acts.collect()));
        }
        let rows = records.map(|record| {
            let who = who(&record).to_owned();
            vec![
                crate::model::clock::Zone::utc().local(record.at).strftime("%Y-%m-%d %H:%M UTC").to_string(),
                record.acting_for.map_or(who.clone(), |child| format!("{who} for {child}")),
                AuditAction::label_of(&record.act).to_owned(),
                record.about,
                record.address.unwrap_or_default(),
            ]
        });
        Ok(table(&["WHEN", "WHO", "ACT", "WHAT", "FROM"], &rows.collect::<Vec<_>>()))
    }
}
