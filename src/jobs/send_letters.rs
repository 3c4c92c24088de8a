//! The delivery of queued letters to the mail server, one at a time.

use super::task::{Schedule, Task};
use crate::app::{App, blocking};
use crate::error::{Error, Result};
use crate::limits;
use crate::mail::smtp;
use crate::store::outbox;
use std::time::Duration;

/// The task.
pub const TASK: Task = Task {
    name: "send letters",
    schedule: Schedule::Every(Duration::from_secs(2)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { send(&app).await }),
};

/// Sends the letters that are due, if there is a mail server.
///
/// # Errors
///
/// Fails with `Error::Setup` when the mail server is out of reach, and when the data file cannot be
/// written.
pub async fn send(app: &App) -> Result<()> {
    let now = app.clock.now();
    // Expiry comes before delivery, and also without a mail server. An expired letter's content is deleted,
    // so not by a clock that jumped.
    if app.trusted_clock.now().is_some()
        && app.read(move |connection| outbox::has_expired(connection, now)).await?
    {
        app.write(move |tx| outbox::give_up_expired(tx, now)).await?;
    }
    let Some(mailer) = &app.mail.mailer else { return Ok(()) };
    let due = app.read(move |connection| outbox::list_due(connection, now, limits::LETTERS_AT_ONCE)).await?;
    for waiting in due {
        let _sending = app.mail.sending.lock().await;
        if app.is_stopping() {
            return Ok(());
        }
        let (id, next) = (waiting.id, app.clock.now().after(smtp::pause(waiting.tries)));
        app.write(move |tx| outbox::begin_try(tx, id, next)).await?;
        let (mailer, letter) = (mailer.clone(), waiting.clone());
        let outcome = blocking::outside(move || Ok(mailer.send(&letter))).await?;
        let now = app.clock.now();
        let Err(refusal) = outcome else {
            app.write(move |tx| outbox::delete(tx, id)).await?;
            continue;
        };
        let is_over = refusal.is_final;
        let problem = refusal.sentence.clone();
        tracing::warn!(letter = id, tries = waiting.tries + 1, is_over, problem, "a letter was not taken");
        app.write(move |tx| {
            if is_over {
                outbox::give_up(tx, id, now, &problem)
            } else {
                outbox::update_problem(tx, id, &problem)
            }
        })
        .await?;
        if refusal.is_out_of_reach {
            return Err(Error::Setup(format!("The mail server can't be reached: {}", refusal.sentence)));
        }
    }
    Ok(())
}

/// Waits, for `STOP_WITHIN` at most, until the letter being sent is recorded as sent; none is begun after
/// the stop signal.
pub async fn finish(app: &App) {
    if tokio::time::timeout(limits::STOP_WITHIN, app.mail.sending.lock()).await.is_err() {
        tracing::warn!("a mail server takes long: its letter may be sent a second time after the start");
    }
}
