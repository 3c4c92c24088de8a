//! The interface between the writer and the code that turns hits into rows.

use crate::error::Result;
use rusqlite::Transaction;

/// A handler of hits, called on the writer's thread only. Its rules live with the implementation.
pub trait HitHandler: Send + 'static {
    /// A beacon, ready to be checked and written.
    type Hit: Send + 'static;
    /// The answer to the sender after the commit.
    type Answer: Send + 'static;

    /// Empties all caches over the file: another process wrote, or a batch was rolled back.
    fn forget(&mut self);
    /// Empties the caches of settings: this process changed some.
    fn settings_changed(&mut self);
    /// Empties the caches of labels: this process deleted some, and their ids may be reused.
    fn labels_deleted(&mut self);
    /// Empties the caches of visits: this process erased some.
    fn visits_erased(&mut self);
    /// Checks a hit and writes its rows.
    ///
    /// # Errors
    /// Fails when a row cannot be written; the batch is then rolled back.
    fn handle(&mut self, transaction: &Transaction<'_>, hit: &Self::Hit) -> Result<Self::Answer>;
    /// Writes the data gathered over the batch. Called before each other change and before each commit.
    ///
    /// # Errors
    /// Fails when a row cannot be written; the batch is then rolled back.
    fn finish(&mut self, transaction: &Transaction<'_>) -> Result<()>;
    /// Runs after the batch is on the disk and before its senders are answered.
    fn after_commit(&mut self);
}
