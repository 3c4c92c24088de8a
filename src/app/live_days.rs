//! Live days in the background: unfinished days in the cache are brought up to date, so that however many hits
//! come, little is left to read for the next query.

use super::{App, blocking};
use crate::log;
use crate::reports::engine::snapshot::Snapshot;
use std::sync::Arc;

/// Brings days up to date whenever many changes of their site are pending. Runs until the future is
/// dropped.
pub async fn refresh(app: &App) {
    loop {
        app.changes.many_waiting().await;
        let (readers, cache, now) = (app.readers.clone(), Arc::clone(&app.block_cache), app.clock.now());
        let outcome = blocking::run(move || {
            let mark = cache.position();
            readers
                .read_if_free(|connection| Snapshot::new(connection, &cache, now, mark).refresh_live_days())
        });
        if let Err(error) = outcome.await
            && let Some(left_out) = log::failure("live days", &error)
        {
            tracing::warn!(%error, left_out, "days that go on were not brought up to date");
        }
    }
}
