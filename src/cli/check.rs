//! `clickstead check`: checks that the data file is sound, and that sealed days agree with the visits.

use super::context::Context;
use super::output::{Output, json};
use crate::error::{Error, Result};
use crate::limits::EngineLimits;
use crate::reports::engine::sealing;
use crate::store::{self, blocks, sites};
use rusqlite::Connection;
use serde_json::json;

/// The options of `check`.
#[derive(clap::Args)]
pub struct Check {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The result of checking sealed days.
#[derive(Default)]
struct SealedDays {
    /// The number of sealed ranges checked.
    checked: usize,
    /// The wrong ranges, which were built anew, as text.
    rebuilt: Vec<String>,
}

impl Check {
    pub(super) fn run(&self, context: &Context) -> Result<Output> {
        let outcome = store::open(&context.data, false).and_then(|mut connection| {
            let result = check(&mut connection, context);
            store::close(connection).and(result)
        });
        // The file is too damaged for any query.
        let (problems, days) = match outcome {
            Err(Error::Damaged(problem)) => (vec![problem], SealedDays::default()),
            outcome => outcome?,
        };
        let mut text = match (self.json, problems.is_empty()) {
            (true, _) => json(&json!({
                "problems": problems, "sealed": days.checked, "rebuilt": days.rebuilt,
            })),
            (false, true) => format!("{} is whole.", context.data.display()),
            (false, false) => format!(
                "{} is damaged:\n- {}\nPut a backup in its place with `{}`; the damaged file is kept beside it.",
                context.data.display(),
                context.complete_hints(&problems.join("\n- ")),
                context.hint("restore BACKUP")
            ),
        };
        if !self.json && !days.rebuilt.is_empty() {
            text.push_str("\nSealed days did not say what the visits say and were made anew from these:\n- ");
            text.push_str(&days.rebuilt.join("\n- "));
        }
        Ok(Output { text, has_succeeded: problems.is_empty() })
    }
}

fn check(connection: &mut Connection, context: &Context) -> Result<(Vec<String>, SealedDays)> {
    let problems = store::check::problems(connection)?;
    let (mut days, limits) = (SealedDays::default(), EngineLimits::default());
    if !problems.is_empty() {
        return Ok((problems, days));
    }
    for site in sites::list(connection)? {
        let (wrong, count) = sealing::check(connection, &site, &limits)?;
        days.checked += count;
        if wrong.is_empty() {
            continue;
        }
        days.rebuilt
            .extend(wrong.iter().map(|range| format!("site {}, {} to {}", site.id, range.first, range.last)));
        store::change(connection, |tx| {
            wrong.iter().try_for_each(|range| blocks::unseal(tx, site.id, &range.visits))
        })?;
        sealing::seal_all(connection, &site, context.now, &limits, |_, _| ())?;
    }
    Ok((problems, days))
}
