//! The write-ahead log of the data file, which still holds what was deleted lately.

use crate::app::{App, blocking};
use crate::error::{Error, Result};
use crate::{limits, store};

/// Empties the write-ahead log, which still holds deleted data.
///
/// # Errors
///
/// Fails with `Error::Busy` when a reader holds the log through `LOG_TRIES` tries.
pub(super) async fn empty(app: &App) -> Result<()> {
    for _ in 0..limits::LOG_TRIES {
        let data = app.config.data.clone();
        if blocking::run(move || store::empty_log(&data)).await? {
            return Ok(());
        }
        tokio::time::sleep(limits::DELETE_PAUSE).await;
    }
    Err(Error::Busy)
}
