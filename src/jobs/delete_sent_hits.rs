//! The deletion of the ids of hits that programs sent.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::store::sent_hits;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget ids of sent hits",
    schedule: Schedule::Every(Duration::from_hours(1)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes the ids whose hits count again if they are sent again, in slices between which other writes run.
async fn run(app: Data<App>) -> Result<()> {
    let now = app.clock.now();
    while !app.is_stopping() && app.write(move |tx| sent_hits::delete_old(tx, now)).await? {}
    Ok(())
}
