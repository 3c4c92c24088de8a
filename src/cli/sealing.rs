//! The sealing of finished days after a command wrote many visits, so that reports are fast at once.

use super::terminal;
use crate::error::Result;
use crate::limits::EngineLimits;
use crate::model::clock::Timestamp;
use crate::reports::engine::sealing;
use crate::store::sites;
use rusqlite::Connection;

/// Seals the finished days of all sites, with a progress bar.
///
/// # Errors
/// Fails when the data file cannot be read or written.
pub fn seal_all_sites(connection: &mut Connection, now: Timestamp) -> Result<()> {
    for site in sites::list(connection)? {
        let bar = terminal::bar(0, "{bar:40} {human_pos} of {human_len} ranges of days sealed")?;
        sealing::seal_all(connection, &site, now, &EngineLimits::default(), |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
    }
    Ok(())
}
