//! `clickstead tasks`: what runs in the background, when it ran last and how that ended.

use super::context::Context;
use super::output::{json, table};
use crate::error::Result;
use crate::jobs::{self, task::Period};
use crate::model::metrics::quotient;
use crate::store::outbox::{self, OutboxState};
use crate::store::tasks;
use serde_json::json;
use std::time::Duration;

/// The options of `tasks`.
#[derive(clap::Args)]
pub struct Tasks {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Tasks {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let (runs, OutboxState { waiting, given_up, problem }) =
            context.read(|connection| Ok((tasks::list(connection)?, outbox::state(connection)?)))?;
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
                    format!("{} ago", duration(context.now.since(run.ran_at))),
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

/// Formats a duration in its largest unit, rounded; a value that rounds to a whole next unit becomes one of that.
fn duration(time: Duration) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let in_unit = |length: i64| quotient(seconds, length);
    match seconds {
        ..60 => format!("{seconds} s"),
        _ if in_unit(60) < 60 => format!("{} min", in_unit(60)),
        _ if in_unit(3_600) < 24 => format!("{} h", in_unit(3_600)),
        _ => format!("{} d", in_unit(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_their_largest_unit() {
        let texts = [0, 59, 60, 89, 90, 3_569, 3_570, 7_199, 84_599, 84_600, 216_000]
            .map(|seconds| duration(Duration::from_secs(seconds)));
        let shown = ["0 s", "59 s", "1 min", "1 min", "2 min", "59 min", "1 h", "2 h", "23 h", "1 d", "3 d"];
        assert_eq!(texts, shown);
    }
}
