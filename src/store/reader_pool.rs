//! The pool of connections that only read a data file.

use super::cancellation::Cancellation;
use super::connection::{Purpose, connect};
use super::writable::FileIdentity;
use crate::error::{Error, Result};
use crate::{limits, log};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// The connection manager for [`r2d2`]. The pool never tests a connection, because one to a local file does not break.
struct Readers {
    path: PathBuf,
    identity: FileIdentity,
}

/// An error handler that logs why no reader can be opened, at a limited rate; the pool itself would log each retry.
#[derive(Debug)]
struct Told;

impl r2d2::HandleError<Error> for Told {
    fn handle_error(&self, error: Error) {
        if let Some(left_out) = log::failure("readers", &error) {
            tracing::error!(%error, left_out, "the data file can't be opened for reading");
        }
    }
}

impl r2d2::ManageConnection for Readers {
    type Connection = Connection;
    type Error = Error;

    fn connect(&self) -> Result<Connection> {
        // A different file at this path would give answers from another database than the open readers.
        self.identity.check()?;
        connect(&self.path, Purpose::Read)
    }

    fn is_valid(&self, _: &mut Connection) -> Result<()> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Connection) -> bool {
        false
    }
}

/// A pool of read-only connections to one file.
#[derive(Clone)]
pub struct ReaderPool(r2d2::Pool<Readers>);

impl ReaderPool {
    /// Creates a pool on a file that [`super::open`] has prepared.
    ///
    /// # Errors
    /// Fails when the file is missing or no connection can be opened.
    pub fn new(path: &Path) -> Result<Self> {
        let pool = r2d2::Pool::builder()
            .max_size(limits::READERS_MAX)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(limits::READER_WAIT)
            .error_handler(Box::new(Told))
            .build(Readers { path: path.to_owned(), identity: FileIdentity::from_path(path)? })
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self(pool))
    }

    /// Runs queries without a waiting caller on one connection and one snapshot; `None` while all connections are in
    /// use.
    ///
    /// # Errors
    /// Fails when the data file cannot be read, and with the errors of `question`.
    pub fn read_if_free<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<Option<T>> {
        let Some(mut connection) = self.0.try_get() else { return Ok(None) };
        let moment = connection.transaction()?;
        question(&moment).map(Some)
    }

    /// Runs queries on one connection and one snapshot, until they finish or are cancelled.
    ///
    /// # Errors
    /// Fails with [`Error::Abandoned`] when cancelled, with [`Error::Busy`] when no connection gets free in time, and
    /// with the errors of `question`.
    pub fn read<T>(
        &self,
        cancellation: &Cancellation,
        question: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        cancellation.check()?;
        let mut connection = self.0.get().map_err(|_| Error::Busy)?;
        let token = cancellation.clone();
        connection.progress_handler(limits::READ_OPERATIONS_PER_LOOK, Some(move || token.is_cancelled()))?;
        let answer = {
            let moment = connection.transaction()?;
            question(&moment)
        };
        connection.progress_handler(0, None::<fn() -> bool>)?;
        // The error of an interrupted statement does not tell that it was cancelled.
        answer.map_err(|error| cancellation.check().err().unwrap_or(error))
    }
}
