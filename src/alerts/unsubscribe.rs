//! The end of letters by the link in them, without signing in (RFC 8058).

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::store::unsubscribes::{self, Unsubscribe};
use rusqlite::Transaction;

/// Ends the letters of a token, and returns what they were; `None` for an unknown token. Ending them twice changes nothing.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn end(tx: &Transaction<'_>, token: &str, at: Timestamp) -> Result<Option<Unsubscribe>> {
    unsubscribes::end(tx, token, at)?;
    unsubscribes::find(tx, token)
}
