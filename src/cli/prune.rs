//! `clickstead prune`: drops the visits that sites do not keep any longer; their totals stay.

use super::context::Context;
use super::output::{json, table};
use super::{deletion, terminal};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::reports::engine::pruning;
use crate::reports::engine::pruning::DayToPrune;
use crate::reports::retention_period;
use crate::sites::retention::{PrunedVisits, record_pruned};
use crate::store::retention;
use crate::store::sites::{self, Site};
use serde_json::json;
use std::time::Instant;

/// The options of `prune`.
#[derive(clap::Args)]
pub struct Prune {
    /// One site alone
    #[arg(long, value_name = "ID", value_parser = super::values::site_id)]
    site: Option<SiteId>,
    /// Say what would go, and drop nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The visits of a site that are or were pruned.
struct SitePruning {
    site: Site,
    kept_days: i64,
    /// The first day and the number of visits.
    going: Option<(Day, i64)>,
    first_kept: Day,
    /// True if an unfinished import of the site delays pruning.
    waits: bool,
}

impl Prune {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let plans = context.read(|connection| {
            let mut sites = sites::list(connection)?;
            if let Some(id) = self.site {
                sites.retain(|site| site.id == id);
                if sites.is_empty() {
                    return Err(Error::Missing("site"));
                }
            }
            let mut plans = Vec::new();
            for site in sites {
                let Some(kept_days) = retention::kept_days(connection, site.id)? else { continue };
                let first_kept = retention_period::first_kept(&site, kept_days, context.now);
                let waits = retention_period::waits(connection, site.id, context.now)?;
                let going = retention_period::preview(connection, &site, first_kept)?.filter(|_| !waits);
                plans.push(SitePruning { site, kept_days, going, first_kept, waits });
            }
            Ok(plans)
        })?;
        if !self.dry_run {
            self.consent(&plans)?;
            drop_visits(context, &plans)?;
        }
        Ok(if self.json { as_json(&plans, self.dry_run) } else { as_text(context, &plans, self.dry_run) })
    }

    /// Asks for consent if anything would be pruned; without a terminal `--yes` is always required, so that scripts
    /// fail from the start.
    fn consent(&self, plans: &[SitePruning]) -> Result<()> {
        let going = plans.iter().filter_map(|plan| plan.going).map(|(_, visits)| visits);
        let question = match going.sum::<i64>() {
            0 if terminal::is_there() => return Ok(()),
            0 => {
                "This drops the visits that sites do not keep any longer, for good; their totals stay.".into()
            }
            1 => "This drops 1 visit for good; its totals stay.".into(),
            visits => format!("This drops {visits} visits for good; their totals stay."),
        };
        terminal::consent(&question, self.yes)
    }
}

fn drop_visits(context: &Context, plans: &[SitePruning]) -> Result<()> {
    let mut connection = crate::store::open(&context.data, false)?;
    let mut paused_at = Instant::now();
    // Interrupted deletions are continued, even if the site has no retention limit by now.
    for site in sites::list(&connection)? {
        let rows = limits::DELETE_ROWS_PER_SLICE;
        while crate::store::change(&mut connection, |tx| retention::drop_slice(tx, site.id, rows))? {
            deletion::pause(&connection)?;
        }
    }
    // A failure on one site does not stop the others.
    let mut failed = None;
    for plan in plans {
        if let Err(error) = drop_visits_of(context, &mut connection, plan, &mut paused_at) {
            let domain = &plan.site.domain;
            let sentence =
                format!("The old visits of {domain} were not dropped: {error}. Other sites were pruned.");
            failed = failed.or(Some(Error::Setup(sentence)));
        }
    }
    deletion::sweep(context, connection)?;
    failed.map_or(Ok(()), Err)
}

fn drop_visits_of(
    context: &Context,
    connection: &mut rusqlite::Connection,
    plan: &SitePruning,
    paused_at: &mut Instant,
) -> Result<()> {
    let (id, mut tries) = (plan.site.id, 0);
    while tries < limits::COUNT_TRIES {
        let rows = limits::DELETE_ROWS_PER_SLICE;
        while crate::store::change(connection, |tx| retention::drop_slice(tx, id, rows))? {
            deletion::pause(connection)?;
        }
        if paused_at.elapsed() > limits::DELETE_PAUSE {
            deletion::pause(connection)?;
            *paused_at = Instant::now();
        }
        let next = |connection: &rusqlite::Connection| {
            pruning::with_snapshot(connection, context.now, |snapshot| DayToPrune::next(snapshot, &plan.site))
        };
        let Some(day) = next(connection)? else { break };
        let is_written = crate::store::change(connection, |tx| day.write(tx, context.now))?;
        tries = if is_written { 0 } else { tries + 1 };
    }
    let Some((first, visits)) = plan.going else { return Ok(()) };
    let pruned = PrunedVisits { first, last: plan.first_kept.plus(-1), visits };
    crate::store::change(connection, |tx| record_pruned(tx, &context.actor(), id, &pruned))
}

fn as_json(plans: &[SitePruning], is_dry: bool) -> String {
    let sites = plans.iter().map(|plan| {
        json!({
            "site_id": plan.site.id.0, "domain": plan.site.domain, "kept_days": plan.kept_days,
            "visits_kept_since": plan.first_kept.to_string(),
            "first_day": plan.going.map(|(first, _)| first.to_string()),
            "visits": plan.going.map_or(0, |(_, visits)| visits),
        })
    });
    json(&json!({ "dry_run": is_dry, "sites": sites.collect::<Vec<_>>() }))
}

fn as_text(context: &Context, plans: &[SitePruning], is_dry: bool) -> String {
    if plans.is_empty() {
        let command = context.hint("site keep-visits");
        return format!("Visits are kept for good. Say for how long by `{command}`.");
    }
    let rows = plans.iter().map(|plan| {
        vec![
            plan.site.id.to_string(),
            plan.site.domain.clone(),
            format!("{} days", plan.kept_days),
            plan.first_kept.to_string(),
            plan.going.map_or(0, |(_, visits)| visits).to_string(),
        ]
    });
    let last = if is_dry { "WOULD GO" } else { "DROPPED" };
    let table = table(&["ID", "DOMAIN", "KEPT", "KEPT SINCE", last], &rows.collect::<Vec<_>>());
    let sentence =
        if is_dry { "Nothing was dropped." } else { "The totals of dropped visits stay in all reports." };
    let waiting = plans.iter().filter(|plan| plan.waits).map(|plan| {
        format!(
            "\nSite {} is still being imported: nothing of it is dropped before that has ended.",
            plan.site.id
        )
    });
    format!("{table}\n{sentence}{}", waiting.collect::<String>())
}
