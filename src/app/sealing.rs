//! The sealing of finished days in the background.

use super::App;
use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::reports::engine::sealing;
use crate::reports::engine::sealing::EncodedBlock;
use crate::store::{self, blocks, sites};
use rusqlite::Connection;

/// Unseals the days that are not over, before anything is read or written.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub(super) fn unseal_premature(connection: &mut Connection, now: Timestamp) -> Result<()> {
    for site in sites::list(connection)? {
        if sealing::is_premature(connection, &site, now)? {
            store::change(connection, |tx| sealing::unseal_premature(tx, &site, now))?;
            tracing::warn!(site = site.id.0, "sealed days are not over: the clock was ahead");
        }
    }
    Ok(())
}

impl App {
    /// Seals the finished days of all sites that are not sealed, or not any more. Columns are built on a reader
    /// and written in slices, between which other writes run.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub async fn seal_days(&self) -> Result<()> {
        let _sealing = self.sealing.lock().await;
        for site in self.read(sites::list).await? {
            let (now, damaged) = (self.clock.now(), self.days.damaged());
            let asked = site.clone();
            if self.read(move |connection| sealing::is_premature(connection, &asked, now)).await? {
                let asked = site.clone();
                self.write(move |tx| sealing::unseal_premature(tx, &asked, now)).await?;
                tracing::warn!(site = site.id.0, "sealed days are not over: the clock was ahead");
            }
            let (asked, known) = (site.clone(), damaged.clone());
            if self.read(move |connection| sealing::is_sealed(connection, &asked, now, &known)).await? {
                continue;
            }
            let id = site.id;
            for (first, seal) in self.read(move |connection| blocks::list_strays(connection, id)).await? {
                self.write(move |tx| blocks::delete_stray(tx, id, first, seal)).await?;
            }
            let asked = site.clone();
            for one in self.read(move |connection| sealing::due(connection, &asked, now, &damaged)).await? {
                if *self.stopping.borrow() {
                    return Ok(());
                }
                let asked = site.clone();
                let mut block =
                    self.read(move |connection| EncodedBlock::build(connection, &asked, one)).await?;
                for slice in block.slices() {
                    self.write(move |tx| slice.write(tx)).await?;
                }
                // A day whose visits changed meanwhile stays unsealed and is built again at the next turn.
                let clock = self.clock.clone();
                self.write(move |tx| block.seal(tx, clock.now())).await?;
            }
        }
        Ok(())
    }
}
