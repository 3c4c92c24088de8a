//! The looks of alerts at what they watch, and the deliveries of what they find.

use super::task::{Schedule, Task};
use crate::alerts::day_hours::DayHours;
use crate::alerts::delivery::Delivery;
use crate::alerts::look;
use crate::alerts::site_numbers::SiteNumbers;
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::log;
use crate::model::alert::Alert;
use crate::model::id::SiteId;
use crate::reports::data_reader::DataReader;
use crate::store::{alerts, sites};
use std::sync::Arc;

/// The task.
pub const TASK: Task = Task {
    name: "evaluate alerts",
    schedule: Schedule::Every(limits::ALERTS_EVALUATED_EVERY),
    needs_trusted_clock: false,
    run: |app| Box::pin(async move { evaluate(&app).await }),
};

/// The sites that are looked at in one moment of the data.
const SITES_AT_ONCE: usize = 100;
/// The deliveries that tell nobody anything, in one transaction.
const QUIET_AT_ONCE: usize = 200;

/// Looks at what all alerts watch, and delivers what they find. What was found is written with what the alert remembers, so that
/// an interruption neither loses nor doubles it.
///
/// # Errors
///
/// Fails when the data file cannot be read or written.
pub async fn evaluate(app: &App) -> Result<()> {
    let begun = std::time::Instant::now();
    let watching = app.read(alerts::list_watching).await?;
    let (count, mut outcome) = (watching.len(), Ok(()));
    let mut by_site: Vec<(SiteId, Vec<Alert>)> = Vec::new();
    for alert in watching {
        match by_site.last_mut() {
            Some((site, alerts)) if *site == alert.site => alerts.push(alert),
            _ => by_site.push((alert.site, vec![alert])),
        }
    }
    for some in by_site.chunks(SITES_AT_ONCE) {
        if app.is_stopping() {
            return Ok(());
        }
        let (some, hours) = (some.to_vec(), Arc::clone(&app.alert_hours));
        let found = app.view(move |reader| look_at(reader, &some, &hours)).await?;
        outcome = deliver(app, found).await.and(outcome);
    }
    let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
    tracing::debug!(alerts = count, milliseconds, "alerts looked");
    outcome
}

fn look_at(
    reader: &DataReader<'_>,
    some: &[(SiteId, Vec<Alert>)],
    hours: &DayHours,
) -> Result<Vec<Delivery>> {
    let mut found = Vec::new();
    for (id, alerts) in some {
        let Some(site) = sites::find(reader.connection, *id)? else { continue };
        let numbers = SiteNumbers::new(reader, &site, hours);
        for alert in alerts {
            let seen = match look::look(&numbers, alert) {
                Ok(seen) => seen,
                Err(error) => {
                    // The alerts of other sites go on.
                    if let Some(left_out) = log::failure("alert", &error) {
                        tracing::warn!(alert = alert.id.0, %error, left_out, "an alert could not look");
                    }
                    continue;
                }
            };
            let delivery = Delivery { alert: alert.clone(), site: site.clone(), seen, at: reader.now };
            if !delivery.is_empty() {
                found.push(delivery);
            }
        }
    }
    Ok(found)
}

async fn deliver(app: &App, found: Vec<Delivery>) -> Result<()> {
    let (telling, quiet): (Vec<_>, Vec<_>) = found.into_iter().partition(Delivery::tells);
    // What fails is found again by the next look, and keeps nobody else from what they are told.
    let mut outcome = Ok(());
    for delivery in telling {
        let (letters, id) = (app.mail.letters.clone(), delivery.alert.id.0);
        if let Err(error) = app.write(move |tx| delivery.write(tx, letters.as_ref())).await {
            tracing::warn!(alert = id, %error, "an alert was not delivered");
            outcome = Err(error);
        }
    }
    for some in quiet.chunks(QUIET_AT_ONCE) {
        let some = some.to_vec();
        let written = app.write(move |tx| some.iter().try_for_each(|delivery| delivery.write(tx, None)));
        outcome = written.await.and(outcome);
    }
    outcome
}

#[cfg(test)]
mod tests;
