//! Accounts and visits lose what outlived its reason. Each part stands in a file of its own below.

mod clock;
mod devices;
mod names;

use crate::error::Result;
use rusqlite::Transaction;

/// Brings a file of the version before to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    // First: it makes the table of accounts anew, with the columns of the version before.
    names::run(transaction)?;
    clock::run(transaction)?;
    devices::run(transaction)
}
