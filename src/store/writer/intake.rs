//! What the writer asks of whoever turns hits into rows.

use crate::error::Result;
use rusqlite::Transaction;

/// How hits become rows; the rules live with whoever implements it. Called on the writer's thread only.
pub trait Intake: Send + 'static {
    /// One beacon, ready to be judged and written.
    type Hit: Send + 'static;
    /// What its sender is told after the commit.
    type Answer: Send + 'static;

    /// Drops everything remembered of the file: another process wrote, or a batch was rolled back.
    fn forget(&mut self);
    /// Drops what is remembered of settings: this process changed some.
    fn settings_changed(&mut self);
    /// Drops what is remembered of labels: this process deleted some, and their ids may be given again.
    fn labels_deleted(&mut self);
    /// Drops what is remembered of visits: this process erased some.
    fn visits_erased(&mut self);
    /// Judges a hit and writes its rows.
    fn take(&mut self, transaction: &Transaction<'_>, hit: &Self::Hit) -> Result<Self::Answer>;
    /// Writes what was gathered over the batch. Called once before each commit.
    fn finish(&mut self, transaction: &Transaction<'_>) -> Result<()>;
    /// The batch is on the disk; its senders are answered next.
    fn committed(&mut self);
}
