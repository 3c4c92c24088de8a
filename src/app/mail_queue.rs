//! The delivery of queued letters to the mail server, one at a time.

use super::App;
use crate::error::{Error, Result};
use crate::limits;
use crate::mail::smtp;
use crate::store::outbox;

impl App {
    /// Sends the letters that are due, if there is a mail server.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when the mail server is out of reach, and when the data file cannot be
    /// written.
    pub async fn send_letters(&self) -> Result<()> {
        let now = self.clock.now();
        // Expiry comes before delivery, and also without a mail server. An expired letter's content is deleted,
        // so not by a clock that jumped.
        if self.trusted_now().is_some()
            && self.read(move |connection| outbox::has_expired(connection, now)).await?
        {
            self.write(move |tx| outbox::give_up_expired(tx, now)).await?;
        }
        let Some(post) = &self.post else { return Ok(()) };
        let due =
            self.read(move |connection| outbox::list_due(connection, now, limits::LETTERS_AT_ONCE)).await?;
        for waiting in due {
            let _sending = self.sending.lock().await;
            if *self.stopping.borrow() {
                return Ok(());
            }
            let (id, next) = (waiting.id, self.clock.now().after(smtp::pause(waiting.tries)));
            self.write(move |tx| outbox::begin_try(tx, id, next)).await?;
            let (post, letter) = (post.clone(), waiting.clone());
            let outcome = Self::outside(move || Ok(post.send(&letter))).await?;
            let now = self.clock.now();
            let Err(refusal) = outcome else {
                self.write(move |tx| outbox::delete(tx, id)).await?;
                continue;
            };
            let is_over = refusal.is_final;
            let problem = refusal.sentence.clone();
            tracing::warn!(
                letter = id,
                tries = waiting.tries + 1,
                is_over,
                problem,
                "a letter was not taken"
            );
            self.write(move |tx| {
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
    pub async fn finish_letter(&self) {
        if tokio::time::timeout(limits::STOP_WITHIN, self.sending.lock()).await.is_err() {
            tracing::warn!("a mail server takes long: its letter may be sent a second time after the start");
        }
    }
}
