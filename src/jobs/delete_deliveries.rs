//! The deletion of old messages to webhooks.

use super::task::{Schedule, Task};
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::store::webhook_deliveries;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "delete old webhook messages",
    schedule: Schedule::Every(Duration::from_hours(24)),
    needs_trusted_clock: true,
    run: |app| Box::pin(async move { delete(&app).await }),
};

async fn delete(app: &App) -> Result<()> {
    let before = app.clock.now().before(limits::WEBHOOK_DELIVERY_KEPT);
    app.write(move |tx| webhook_deliveries::delete_old(tx, before, limits::WEBHOOK_DELIVERIES_KEPT)).await
}
