//! The matching of earlier visits with goals that are new or changed.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::ingest::goal_match;
use crate::store::{goals, sites};
use std::time::Duration;

/// The task. Its period is the longest time for which a new goal waits.
pub const TASK: Task = Task {
    name: "match goals",
    schedule: Schedule::Every(Duration::from_secs(1)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { match_goals(&app).await }),
};

/// Matches the visits of all sites with the goals that are still to be matched, in slices between which other writes run. What
/// was interrupted goes on where it stopped.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub async fn match_goals(app: &App) -> Result<()> {
    let _matching = app.upkeep.matching.lock().await;
    for id in app.read(goals::list_unmatched_sites).await? {
        let Some(site) = app.read(move |connection| sites::find(connection, id)).await? else { continue };
        let mut is_more = true;
        while is_more && !app.is_stopping() {
            let site = site.clone();
            is_more = app.write(move |tx| goal_match::match_slice(tx, &site)).await?;
        }
    }
    Ok(())
}
