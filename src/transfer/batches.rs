//! Long writes next to a running server: bounded transactions, and pauses in which other writers get a turn.

use crate::error::Result;
use crate::limits;
use crate::store;
use rusqlite::{Connection, Transaction};
use std::time::Instant;

/// The context of one transaction.
#[derive(Clone, Copy)]
pub struct BatchBudget {
    /// True if another process wrote since the last transaction: cached content of the data file may be outdated.
    pub others_wrote: bool,
    until: Instant,
}

impl BatchBudget {
    /// Returns the remaining time of the transaction.
    pub fn left(&self) -> std::time::Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// The rhythm of transactions. While no other process seems to use the data file, they are longer and pauses are rare.
pub struct Batches {
    is_shared: bool,
    version: Option<i64>,
    paused_at: Option<Instant>,
}

impl Batches {
    /// Returns the rhythm for a data file that another process has open, or not.
    pub fn new(is_shared: bool) -> Self {
        Self { is_shared, version: None, paused_at: None }
    }

    /// Runs one transaction.
    ///
    /// # Errors
    ///
    /// Fails as `work` does, and when the data file cannot be written.
    pub fn run<T>(
        &mut self,
        connection: &mut Connection,
        work: impl FnOnce(&Transaction<'_>, BatchBudget) -> Result<T>,
    ) -> Result<T> {
        self.pause(connection)?;
        let (is_shared, version) = (&mut self.is_shared, &mut self.version);
        store::change(connection, |tx| {
            let now = store::version(tx)?;
            let others_wrote = version.replace(now).is_some_and(|before| before != now);
            *is_shared |= others_wrote;
            let length = if *is_shared { limits::IMPORT_SLICE } else { limits::IMPORT_SLICE_ALONE };
            work(tx, BatchBudget { others_wrote, until: Instant::now() + length })
        })
    }

    /// Pauses for other writers, if there may be any.
    fn pause(&mut self, connection: &Connection) -> Result<()> {
        let Some(paused_at) = self.paused_at else {
            self.paused_at = Some(Instant::now());
            return Ok(());
        };
        if self.is_shared || paused_at.elapsed() >= limits::IMPORT_PAUSE_EVERY {
            store::checkpoint(connection)?;
            std::thread::park_timeout(limits::DELETE_PAUSE);
            self.paused_at = Some(Instant::now());
        }
        Ok(())
    }
}
