//! The deletion of old events of alerts.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::store::alert_events;
use actix_web::web::Data;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "delete alert events",
    schedule: Schedule::Every(Duration::from_hours(24)),
    needs_trusted_clock: true,
    run: |app| Box::pin(run(app)),
};

/// Deletes events after `ALERT_EVENTS_KEPT`.
async fn run(app: Data<App>) -> Result<()> {
    let before = app.clock.now().before(limits::ALERT_EVENTS_KEPT);
    app.write(move |tx| alert_events::delete_before(tx, before)).await
}
