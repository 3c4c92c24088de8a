//! The delivery of messages to webhooks, several at a time, each to another webhook.

use super::task::{Schedule, Task};
use crate::app::{App, webhooks};
use crate::error::Result;
use crate::limits;
use crate::store::webhook_deliveries;
use futures_util::future;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "send webhooks",
    schedule: Schedule::Every(Duration::from_secs(2)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { send(&app).await }),
};

/// Sends the messages that are due.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub async fn send(app: &App) -> Result<()> {
    let now = app.clock.now();
    let due = app
        .read(move |connection| {
            webhook_deliveries::list_due(connection, now, limits::WEBHOOK_MESSAGES_AT_ONCE)
        })
        .await?;
    if app.is_stopping() {
        return Ok(());
    }
    let sent = future::join_all(due.into_iter().map(|delivery| webhooks::send(app, delivery))).await;
    sent.into_iter().collect()
}
