//! `clickstead check`: checks that the data file is sound, and that sealed days agree with the visits.

use super::{Context, Output, json};
use crate::error::{Error, Result};
use crate::reports::engine::sealing;
use crate::store::{self, blocks, sites};
use rusqlite::Connection;
use serde_json::json;

/// What `check` is told.
#[derive(clap::Args)]
pub struct Check {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The result of checking sealed days.
#[derive(Default)]
struct Days {
    /// The number of sealed ranges checked.
    looked_at: usize,
    /// The wrong ones, described.
    rebuilt: Vec<String>,
}

impl Check {
    pub(super) fn run(&self, desk: &Context) -> Result<Output> {
        let looked = store::open(&desk.data, false).and_then(|mut connection| {
            let outcome = look(&mut connection, desk);
            store::close(connection).and(outcome)
        });
        // The file is too damaged for any query.
        let (problems, days) = match looked {
            Err(Error::Damaged(problem)) => (vec![problem], Days::default()),
            looked => looked?,
        };
        let mut text = match (self.json, problems.is_empty()) {
            (true, _) => json(&json!({
                "problems": problems, "sealed": days.looked_at, "rebuilt": days.rebuilt,
            })),
            (false, true) => format!("{} is whole.", desk.data.display()),
            (false, false) => format!(
                "{} is damaged:\n- {}\nPut a backup in its place with `{}`; the damaged file is kept beside it.",
                desk.data.display(),
                desk.hinted(&problems.join("\n- ")),
                desk.hint("restore BACKUP")
            ),
        };
        if !self.json && !days.rebuilt.is_empty() {
            text.push_str("\nSealed days did not say what the visits say and were made anew from these:\n- ");
            text.push_str(&days.rebuilt.join("\n- "));
        }
        Ok(Output { text, is_well: problems.is_empty() })
    }
}

fn look(connection: &mut Connection, desk: &Context) -> Result<(Vec<String>, Days)> {
    let problems = store::check::problems(connection)?;
    let mut days = Days::default();
    if !problems.is_empty() {
        return Ok((problems, days));
    }
    for site in sites::list(connection)? {
        let (wrong, looked_at) = sealing::check(connection, &site)?;
        days.looked_at += looked_at;
        if wrong.is_empty() {
            continue;
        }
        days.rebuilt
            .extend(wrong.iter().map(|one| format!("site {}, {} to {}", site.id, one.first, one.last)));
        store::change(connection, |tx| {
            wrong.iter().try_for_each(|one| blocks::unseal(tx, site.id, &one.visits))
        })?;
        sealing::seal_all(connection, &site, desk.now, |_, _| ())?;
    }
    Ok((problems, days))
}
