//! `clickstead tasks`: what runs in the background, when it ran last and how that ended.

use super::{Desk, json, table};
use crate::error::Result;
use crate::jobs::{self, Period};
use crate::store::outbox::{self, State};
use crate::store::tasks;
use serde_json::json;
use std::time::Duration;

/// What `tasks` is told.
#[derive(clap::Args)]
pub struct Tasks {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Tasks {
    pub(super) fn run(self, desk: &Desk) -> Result<String> {
        let (runs, State { waiting, given_up, problem }) =
            desk.read(|connection| Ok((tasks::list(connection)?, outbox::state(connection)?)))?;
        let find = |name: &str| runs.iter().find(|run| run.name == name);
        if self.json {
            let tasks = jobs::plan().map(|(name, period)| {
                let run = find(name);
                json!({
                    "name": name, "period_seconds": seconds(period),
                    "ran_at": run.map(|run| run.ran_at.seconds()),
                    "milliseconds": run.map(|run| run.milliseconds),
                    "problem": run.and_then(|run| run.problem.clone()),
                })
            });
            return Ok(json(&json!({
                "tasks": tasks.collect::<Vec<_>>(), "letters_waiting": waiting, "letters_given_up": given_up,
                "last_letter_problem": problem,
            })));
        }
        let rows = jobs::plan().map(|(name, period)| {
            let (last, result) = match find(name) {
                Some(run) => (
                    format!("{} ago", duration(desk.now.since(run.ran_at))),
                    run.problem.clone().unwrap_or_else(|| format!("well, {} ms", run.milliseconds)),
                ),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let period = match period {
                Period::Start => "start".to_owned(),
                Period::Every(period) => duration(period),
                Period::Configured => "as told".to_owned(),
            };
            vec![name.to_owned(), period, last, result]
        });
        let list = table(&["TASK", "EVERY", "LAST RUN", "RESULT"], &rows.collect::<Vec<_>>());
        let given_up =
            if given_up > 0 { format!(" Given up in the last month: {given_up}.") } else { String::new() };
        let problem = problem.map(|problem| format!(" The last problem: {problem}")).unwrap_or_default();
        let letters = format!("Letters waiting: {waiting}.{given_up}{problem}");
        Ok(format!("{list}\n\n{letters}"))
    }
}

fn seconds(period: Period) -> Option<u64> {
    if let Period::Every(period) = period { Some(period.as_secs()) } else { None }
}

/// A length of time in its largest unit.
fn duration(time: Duration) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let seconds = time.as_secs();
    let unit = units.iter().find(|(length, _)| seconds >= *length);
    unit.map_or_else(|| format!("{seconds} s"), |(length, name)| format!("{} {name}", seconds / length))
}
