//! Checkpoints: the contents of the log are moved into the file while the writer goes on.

use crate::error::Error;
use crate::log;
use rusqlite::Connection;
use std::sync::mpsc::Receiver;

/// Runs a checkpoint for each wake-up (several at once count as one), until the channel closes.
pub fn serve(connection: &Connection, wakes: &Receiver<()>) {
    while wakes.recv().is_ok() {
        while wakes.try_recv().is_ok() {}
        run(connection);
    }
}

/// Runs one checkpoint; a failure is logged.
pub fn run(connection: &Connection) {
    if let Err(error) = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
        let error = Error::from(error);
        if let Some(left_out) = log::failure("checkpoint", &error) {
            tracing::warn!(%error, left_out, "a checkpoint failed; the next one tries again");
        }
    }
}
