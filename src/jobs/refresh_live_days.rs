//! Live days in the background: unfinished days in the cache are brought up to date, so that however many hits
//! come, little is left to read for the next query.

use crate::app::App;
use crate::log;
use actix_web::web::Data;

/// Brings days up to date whenever many changes of their site are pending. Runs until the future is
/// dropped.
pub async fn run(app: Data<App>) {
    loop {
        app.database.changes.many_waiting().await;
        if let Err(error) = app.refresh_live_days().await
            && let Some(left_out) = log::failure("live days", &error)
        {
            tracing::warn!(%error, left_out, "days that go on were not brought up to date");
        }
    }
}
