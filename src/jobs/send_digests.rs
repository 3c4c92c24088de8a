//! The writing of due e-mail reports into the outbox.

use super::task::{Schedule, Task};
use crate::alerts::digests::ending;
use crate::alerts::digests::sending::{self, Step};
use crate::app::App;
use crate::error::Result;
use crate::log;
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::store::{digest_periods, digests};
use std::time::Duration;

/// The task. It does not wait until a clock that jumped is trusted, so that the newest period comes at once after the program was
/// off for weeks. A clock that is ahead sends a report too early; once the clock is right, that one doesn't count and comes again.
pub const TASK: Task = Task {
    name: "send e-mail reports",
    schedule: Schedule::Every(Duration::from_secs(20)),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { send(&app).await }),
};

/// Writes the letters that are due, if there is a mail server, and ends the reports that are over. A report that fails holds up no
/// other one, and is tried again in the next run.
///
/// # Errors
///
/// Fails with the last error of a report, and when the data file cannot be read.
pub async fn send(app: &App) -> Result<()> {
    let now = app.clock.now();
    if app.trusted_clock.now().is_some() {
        forget_future(app, now).await?;
    }
    let mut outcome = Ok(());
    for step in app.read(move |connection| sending::list_steps(connection, now)).await? {
        if app.is_stopping() {
            break;
        }
        let done = match step {
            Ok(step) => take(app, step).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            if let Some(left_out) = log::failure("e-mail report", &error) {
                tracing::warn!(%error, left_out, "an e-mail report failed, and is tried again in the next run");
            }
            outcome = Err(error);
        }
    }
    outcome
}

/// Forgets what a clock wrote that was ahead: reports that begin in the future, and periods that were sent there.
async fn forget_future(app: &App, now: Timestamp) -> Result<()> {
    let has_any = app.read(move |connection| {
        Ok(digests::begin_in_future(connection, now)? || digest_periods::has_future(connection, now)?)
    });
    if has_any.await? {
        app.write(move |tx| {
            digests::begin_now(tx, now)?;
            digest_periods::delete_future(tx, now)
        })
        .await?;
    }
    Ok(())
}

async fn take(app: &App, step: Step) -> Result<()> {
    let (clock, letters) = (app.clock.clone(), app.mail.letters.clone());
    match (step, letters) {
        (Step::End(id), letters) => {
            app.write(move |tx| ending::end(tx, letters.as_ref(), id, clock.now())).await
        }
        (Step::Send(prepared), Some(letters)) => write(app, *prepared, letters).await,
        (Step::Send(_), None) => Ok(()),
    }
}

async fn write(app: &App, prepared: sending::Prepared, letters: Letters) -> Result<()> {
    let asked = prepared.clone();
    let report = app
        .view(move |reader| {
            let recipient = &asked.recipient;
            sending::compose(
                reader,
                asked.digest.rhythm,
                &recipient.sites,
                recipient.link.as_deref(),
                asked.period,
            )
        })
        .await?;
    let clock = app.clock.clone();
    app.write(move |tx| sending::write(tx, &letters, &prepared, &report, clock.now()).map(drop)).await
}
