//! The deletion of undeliverable letters.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::store::outbox;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "forget old letters",
    schedule: Schedule::Every(Duration::from_hours(24)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes undeliverable letters after `LETTER_GIVEN_UP_KEPT`.
async fn run(app: Data<App>) -> Result<()> {
    let before = app.clock.now().before(limits::LETTER_GIVEN_UP_KEPT);
    app.write(move |tx| outbox::delete_given_up(tx, before)).await
}
