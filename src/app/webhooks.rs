//! Messages to webhooks as the program sends them: one try of a message, with its outcome recorded.

use super::{App, blocking};
use crate::alerts::webhooks::message;
use crate::alerts::webhooks::retry::{self, Decision};
use crate::error::Result;
use crate::limits;
use crate::store::webhook_deliveries::{self, Delivery};
use crate::store::webhooks;

/// Sends a message once and records the outcome. Does nothing if another try of it has begun.
///
/// # Errors
///
/// Fails when the data file cannot be written. A receiver that does not take the message is no error.
pub async fn send(app: &App, delivery: Delivery) -> Result<()> {
    let (now, id, tries) = (app.clock.now(), delivery.id, delivery.tries + 1);
    let is_last = tries >= limits::WEBHOOK_TRIES_MAX;
    let next = now.after(retry::pause(tries));
    let claimed = delivery.clone();
    if !app.write(move |tx| webhook_deliveries::begin_try(tx, &claimed, now, next)).await? {
        return Ok(());
    }
    let webhook = delivery.webhook;
    let Some((webhook, keys)) =
        app.read(move |connection| webhooks::find_with_keys(connection, webhook)).await?
    else {
        return Ok(());
    };
    let poster = app.webhook_poster.clone();
    let answer = match message::write(&webhook, &keys, &delivery, now) {
        Ok(message) => {
            let post = move || Ok(poster.post(&message.url, &message.headers, &message.body));
            blocking::outside(post).await?
        }
        Err(error) => Err(error.to_string()),
    };
    let ended = app.clock.now();
    let milliseconds = i64::try_from(ended.since(now).as_millis()).unwrap_or(i64::MAX);
    let Decision { outcome, is_last: is_final, wait } = retry::decide(answer, milliseconds, tries);
    if let Some(problem) = &outcome.problem {
        tracing::warn!(
            webhook = webhook.id.0,
            delivery = id.0,
            tries,
            problem,
            "a webhook did not take a message"
        );
    }
    let pause = retry::pause(tries).max(wait.unwrap_or_default());
    let next = (!is_last && !is_final).then(|| ended.after(pause));
    app.write(move |tx| webhook_deliveries::finish_try(tx, id, &outcome, ended, next)).await
}
