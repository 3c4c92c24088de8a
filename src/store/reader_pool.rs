//! The pool of connections that only read a data file. It counts them, so that the program ends when all are closed: SQLite removes
//! the log beside a file with the last one, and the pool opens and drops some on threads of its own.

use super::cancellation::Cancellation;
use super::connection::{Purpose, connect};
use super::writable::FileIdentity;
use crate::error::{Error, Result};
use crate::{limits, log};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The connection manager for [`r2d2`]. The pool never tests a connection, because one to a local file does not break.
struct Readers {
    path: PathBuf,
    identity: FileIdentity,
    open: Arc<OpenReaders>,
}

/// The connections that are open.
#[derive(Default)]
struct OpenReaders {
    state: Mutex<OpenState>,
    closed: Condvar,
}

#[derive(Default)]
struct OpenState {
    count: usize,
    /// True once no more are opened.
    is_closing: bool,
}

impl OpenReaders {
    fn state(&self) -> MutexGuard<'_, OpenState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted as long as it is open.
struct Reader {
    /// `None` once it is closed.
    connection: Option<Connection>,
    open: Arc<OpenReaders>,
}

impl Reader {
    /// Returns the connection.
    ///
    /// # Errors
    /// Fails with [`Error::Abandoned`] when it is closed.
    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().ok_or(Error::Abandoned)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.connection.take());
        self.open.state().count -= 1;
        self.open.closed.notify_all();
    }
}

/// An error handler that logs why no reader can be opened, at a limited rate; the pool itself would log each retry.
#[derive(Debug)]
struct Told;

impl r2d2::HandleError<Error> for Told {
    fn handle_error(&self, error: Error) {
        if matches!(error, Error::Abandoned) {
            return;
        }
        if let Some(left_out) = log::failure("readers", &error) {
            tracing::error!(%error, left_out, "the data file can't be opened for reading");
        }
    }
}

impl r2d2::ManageConnection for Readers {
    type Connection = Reader;
    type Error = Error;

    fn connect(&self) -> Result<Reader> {
        {
            let mut state = self.open.state();
            if state.is_closing {
                return Err(Error::Abandoned);
            }
            state.count += 1;
        }
        let mut reader = Reader { connection: None, open: Arc::clone(&self.open) };
        // A different file at this path would give answers from another database than the open readers.
        self.identity.check()?;
        reader.connection = Some(connect(&self.path, Purpose::Read)?);
        Ok(reader)
    }

    fn is_valid(&self, _: &mut Reader) -> Result<()> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Reader) -> bool {
        self.open.state().is_closing
    }
}

/// A pool of read-only connections to one file.
#[derive(Clone)]
pub struct ReaderPool {
    connections: r2d2::Pool<Readers>,
    open: Arc<OpenReaders>,
}

impl ReaderPool {
    /// Creates a pool of at most so many connections on a file that [`super::open`] has prepared.
    ///
    /// # Errors
    /// Fails when the file is missing or no connection can be opened.
    pub fn new(path: &Path, connections_max: u32) -> Result<Self> {
        let (open, identity) = (Arc::<OpenReaders>::default(), FileIdentity::from_path(path)?);
        let connections = r2d2::Pool::builder()
            .max_size(connections_max)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(limits::READER_WAIT)
            .error_handler(Box::new(Told))
            .build(Readers { path: path.to_owned(), identity, open: Arc::clone(&open) })
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { connections, open })
    }

    /// Opens no more connections and closes those that are open; waits for those in use, at most so long.
    pub fn close(&self, within: Duration) {
        self.open.state().is_closing = true;
        let until = Instant::now() + within;
        loop {
            // The pool drops what comes back to it now.
            while self.connections.try_get().is_some() {}
            let state = self.open.state();
            if state.count == 0 || Instant::now() >= until {
                return;
            }
            drop(self.open.closed.wait_timeout(state, limits::READERS_CLOSED_EVERY));
        }
    }

    /// Runs queries without a waiting caller on one connection and one snapshot; `None` while all connections are in
    /// use.
    ///
    /// # Errors
    /// Fails when the data file cannot be read, and with the errors of `question`.
    pub fn read_if_free<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<Option<T>> {
        let Some(mut reader) = self.connections.try_get() else { return Ok(None) };
        let moment = reader.connection()?.transaction()?;
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
        self.on_connection(cancellation, |connection| {
            let moment = connection.transaction()?;
            question(&moment)
        })
    }

    /// Runs queries as [`Self::read`] does, if `check` passes in their snapshot. It runs again on the file as it is once
    /// they are done: a right that ended meanwhile gives no answer.
    ///
    /// # Errors
    /// Fails as [`Self::read`] does, and with the errors of `check`.
    pub fn read_checked<C, T>(
        &self,
        cancellation: &Cancellation,
        check: impl Fn(&Connection) -> Result<C>,
        question: impl FnOnce(&Connection, C) -> Result<T>,
    ) -> Result<T> {
        self.on_connection(cancellation, |connection| {
            let moment = connection.transaction()?;
            let checked = check(&moment)?;
            let answer = question(&moment, checked)?;
            drop(moment);
            check(connection)?;
            Ok(answer)
        })
    }

    /// Runs queries on one connection, until they finish or are cancelled.
    fn on_connection<T>(
        &self,
        cancellation: &Cancellation,
        question: impl FnOnce(&mut Connection) -> Result<T>,
    ) -> Result<T> {
        cancellation.check()?;
        let mut reader = self.connections.get().map_err(|_| Error::Busy)?;
        let (connection, token) = (reader.connection()?, cancellation.clone());
        connection.progress_handler(limits::READ_OPERATIONS_PER_LOOK, Some(move || token.is_cancelled()))?;
        let answer = question(connection);
        connection.progress_handler(0, None::<fn() -> bool>)?;
        // The error of an interrupted statement does not tell that it was cancelled.
        answer.map_err(|error| cancellation.check().err().unwrap_or(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_whose_right_ends_while_it_is_made_is_not_given() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.db");
        let mut writer = crate::store::open(&file, true).unwrap();
        let (readers, cancellation) = (ReaderPool::new(&file, 1).unwrap(), Cancellation::default());
        let check = |connection: &Connection| -> Result<()> {
            let ended: bool =
                connection.query_row("select exists (select 1 from labels)", [], |row| row.get(0))?;
            if ended { Err(Error::InvalidSiteKey) } else { Ok(()) }
        };
        assert!(readers.read_checked(&cancellation, check, |_, ()| Ok(())).is_ok());
        let mut was_answered = false;
        let answer = readers.read_checked(&cancellation, check, |connection, ()| {
            crate::store::change(&mut writer, |tx| {
                Ok(tx.execute("insert into labels (id, text) values (1, 'ended')", [])?)
            })?;
            // The snapshot is older than the change.
            check(connection)?;
            was_answered = true;
            Ok(())
        });
        assert!(was_answered && matches!(answer, Err(Error::InvalidSiteKey)));
        let answer = readers.read_checked(&cancellation, check, |_, ()| Err::<(), _>(Error::Busy));
        assert!(matches!(answer, Err(Error::InvalidSiteKey)), "the right is checked first");
    }
}
