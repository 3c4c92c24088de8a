//! The step to version 7: accounts and visits lose data that is not needed any more. Each part has a module
//! of its own below.

mod clock;
mod devices;
mod names;

use crate::error::Result;
use rusqlite::Transaction;

/// Brings a file from the previous version to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    // First: it makes the table of accounts anew, with the columns of the version before.
    names::run(transaction)?;
    clock::run(transaction)?;
    devices::run(transaction)
}
