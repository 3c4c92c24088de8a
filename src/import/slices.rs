//! Long writing beside a running server: bounded transactions, and pauses in which whoever waits gets a turn.

use crate::error::Result;
use crate::limits;
use crate::store;
use rusqlite::{Connection, Transaction};
use std::time::Instant;

/// What one transaction is told.
#[derive(Clone, Copy)]
pub struct Turn {
    /// Another process wrote since the last one: what is remembered of the file may be wrong.
    pub others_wrote: bool,
    until: Instant,
}

impl Turn {
    /// How long the transaction may still work.
    pub fn left(&self) -> std::time::Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// The rhythm of transactions. As long as nobody else seems to have the file open they are longer and pause seldom.
pub struct Slices {
    is_shared: bool,
    version: Option<i64>,
    paused_at: Option<Instant>,
}

impl Slices {
    /// A rhythm on a file that somebody else has open, or not.
    pub fn new(is_shared: bool) -> Self {
        Self { is_shared, version: None, paused_at: None }
    }

    /// Runs one transaction.
    pub fn run<T>(
        &mut self,
        connection: &mut Connection,
        work: impl FnOnce(&Transaction<'_>, Turn) -> Result<T>,
    ) -> Result<T> {
        self.pause(connection)?;
        let (is_shared, version) = (&mut self.is_shared, &mut self.version);
        store::change(connection, |tx| {
            let now = store::version(tx)?;
            let others_wrote = version.replace(now).is_some_and(|before| before != now);
            *is_shared |= others_wrote;
            let length = if *is_shared { limits::IMPORT_SLICE } else { limits::IMPORT_SLICE_ALONE };
            work(tx, Turn { others_wrote, until: Instant::now() + length })
        })
    }

    /// Lets others write, where somebody may wait for it.
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
