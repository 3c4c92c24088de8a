//! Checkpoints: what is in the log is moved into the file, beside the writer.

use crate::error::Error;
use crate::log;
use rusqlite::Connection;
use std::sync::mpsc::Receiver;

/// Runs one whenever it is asked for, until nobody can ask any more.
pub fn serve(connection: &Connection, wakes: &Receiver<()>) {
    while wakes.recv().is_ok() {
        while wakes.try_recv().is_ok() {}
        run(connection);
    }
}

/// Runs one.
pub fn run(connection: &Connection) {
    if let Err(error) = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
        let error = Error::from(error);
        if let Some(left_out) = log::failure("checkpoint", &error) {
            tracing::warn!(%error, left_out, "a checkpoint failed; the next one tries again");
        }
    }
}
