//! The backups that the server makes by itself.

use super::App;
use crate::error::Result;
use crate::store;
use crate::store::backup::Source;
use std::sync::Arc;

impl App {
    /// Backs the data file up as the server's settings say, if they do. A stop cuts the backup off and leaves
    /// nothing of it.
    pub async fn back_up(&self) -> Result<()> {
        let Some(told) = self.config.backups.clone() else { return Ok(()) };
        // Their names tell the oldest, and names made by a clock that jumped tell nothing.
        let keep = self.clock_doubt().is_none().then_some(told.keep);
        let (data, now, stopping) = (self.config.data.clone(), self.clock.now(), self.stopping());
        Self::outside(move || {
            let connection = store::open_as_it_is(&data)?;
            let is_over = Arc::new(move || *stopping.borrow());
            let source = Source { connection: &connection, path: &data, is_over };
            let made = source.write_into(&told.folder, keep, now);
            store::close(connection)?;
            let made = made?;
            tracing::info!(file = %made.file.display(), bytes = made.bytes, "the data file is backed up");
            Ok(())
        })
        .await
    }
}
