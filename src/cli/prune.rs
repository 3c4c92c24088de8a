//! `clickstead prune`: drops the visits that sites do not keep any longer; their totals stay.

use super::context::Context;
use super::output::{json, table};
use super::{deletion, terminal};
use crate::access::audit::AuditAction;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use crate::reports::engine::pruning;
use crate::reports::engine::pruning::DayToPrune;
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
struct Share {
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
        let shares = context.read(|connection| {
            let mut sites = sites::list(connection)?;
            if let Some(wanted) = self.site {
                sites.retain(|site| site.id == wanted);
                if sites.is_empty() {
                    return Err(Error::Missing("site"));
                }
            }
            let mut shares = Vec::new();
            for site in sites {
                let Some(kept_days) = retention::kept_days(connection, site.id)? else { continue };
                let first_kept = pruning::first_kept(&site, kept_days, context.now);
                let waits = pruning::waits(connection, site.id, context.now)?;
                let going = pruning::preview(connection, &site, first_kept)?.filter(|_| !waits);
                shares.push(Share { site, kept_days, going, first_kept, waits });
            }
            Ok(shares)
        })?;
        if !self.dry_run {
            self.consent(&shares)?;
            drop_visits(context, &shares)?;
        }
        Ok(if self.json { as_json(&shares, self.dry_run) } else { as_text(context, &shares, self.dry_run) })
    }

    /// Asks for consent if anything would be pruned; without a terminal `--yes` is always required, so that scripts
    /// fail from the start.
    fn consent(&self, shares: &[Share]) -> Result<()> {
        let going = shares.iter().filter_map(|share| share.going).map(|(_, visits)| visits);
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

fn drop_visits(context: &Context, shares: &[Share]) -> Result<()> {
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
    for share in shares {
        if let Err(error) = drop_visits_of(context, &mut connection, share, &mut paused_at) {
            let domain = &share.site.domain;
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
    share: &Share,
    paused_at: &mut Instant,
) -> Result<()> {
    let (id, mut tries) = (share.site.id, 0);
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
            pruning::with_reader(connection, context.now, |reader| DayToPrune::next(reader, &share.site))
        };
        let Some(leaving) = next(connection)? else { break };
        let is_written = crate::store::change(connection, |tx| leaving.write(tx, context.now))?;
        tries = if is_written { 0 } else { tries + 1 };
    }
    let Some((first, visits)) = share.going else { return Ok(()) };
    let about = format!("{visits} visits, {first} to {}", share.first_kept.plus(-1));
    crate::store::change(connection, |tx| context.actor().note(tx, id, AuditAction::DropVisits, &about))
}

fn as_json(shares: &[Share], is_dry: bool) -> String {
    let sites = shares.iter().map(|share| {
        json!({
            "site_id": share.site.id.0, "domain": share.site.domain, "kept_days": share.kept_days,
            "visits_kept_since": share.first_kept.to_string(),
            "first_day": share.going.map(|(first, _)| first.to_string()),
            "visits": share.going.map_or(0, |(_, visits)| visits),
        })
    });
    json(&json!({ "dry_run": is_dry, "sites": sites.collect::<Vec<_>>() }))
}

fn as_text(context: &Context, shares: &[Share], is_dry: bool) -> String {
    if shares.is_empty() {
        let command = context.hint("site keep-visits");
        return format!("Visits are kept for good. Say for how long by `{command}`.");
    }
    let rows = shares.iter().map(|share| {
        vec![
            share.site.id.to_string(),
            share.site.domain.clone(),
            format!("{} days", share.kept_days),
            share.first_kept.to_string(),
            share.going.map_or(0, |(_, visits)| visits).to_string(),
        ]
    });
    let last = if is_dry { "WOULD GO" } else { "DROPPED" };
    let table = table(&["ID", "DOMAIN", "KEPT", "KEPT SINCE", last], &rows.collect::<Vec<_>>());
    let sentence =
        if is_dry { "Nothing was dropped." } else { "The totals of dropped visits stay in all reports." };
    let waiting = shares.iter().filter(|share| share.waits).map(|share| {
        format!(
            "\nSite {} is still being imported: nothing of it is dropped before that has ended.",
            share.site.id
        )
    });
    format!("{table}\n{sentence}{}", waiting.collect::<String>())
}
