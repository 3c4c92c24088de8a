//! The SQLite file: how it is opened, read and written. One module for each family of tables. Knows nothing of HTTP,
//! HTML or access rights; [`writer`] is the only caller of `commit` while the program serves.

pub mod address_keys;
pub mod audit;
pub mod backup;
pub mod blocks;
pub mod brands;
pub mod cancellation;
pub mod check;
pub mod compact;
pub mod copy;
pub mod devices;
pub mod email_confirmations;
pub mod emails;
pub mod exclusions;
mod file_lock;
pub mod filtered;
pub mod imported_lines;
pub mod imports;
pub mod invitations;
pub mod label_gc;
pub mod labels;
pub mod links;
mod migrations;
pub mod other_hosts;
pub mod outbox;
pub mod page_forms;
pub mod password_resets;
pub mod plans;
pub mod preferences;
pub mod private;
mod read_only;
pub mod recovery_codes;
pub mod restore;
pub mod retention;
pub mod rollups;
pub mod salts;
mod schema;
pub mod segments;
pub mod shares;
pub mod sign_ins;
mod signature;
pub mod site_export;
pub mod site_hosts;
pub mod sites;
pub mod statements;
pub mod sub_accounts;
pub mod tasks;
pub mod transfers;
pub mod trusted_clock;
pub mod users;
pub mod view_only;
pub mod visit_attributes;
pub mod visits;
pub mod writable;
pub mod writer;

pub use migrations::VERSION as SCHEMA_VERSION;

use crate::error::{Error, Result};
use crate::{limits, log};
use cancellation::Cancellation;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, ffi};
use std::path::{Path, PathBuf};
use writable::FileIdentity;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
            SystemIoFailure,
        };
        let is_of_folder =
            error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_READONLY_DIRECTORY);
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            Some(DiskFull) => Self::Unwritable("The disk is full. Free some space.".into()),
            Some(ReadOnly) if !is_of_folder => read_only::error(),
            Some(CannotOpen | ReadOnly) => Self::Unwritable(
                "The data file, or what SQLite keeps beside it, can't be opened. Check that its folder is there and may \
                 be written."
                    .into(),
            ),
            Some(SystemIoFailure) => Self::Unwritable(format!(
                "The disk fails ({error}). Look whether it is full, at quotas, at limits on the size of files, and at the \
                 system's log."
            )),
            // Foreign files are refused before SQLite sees them.
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Internal(format!("SQLite: {error}")),
        }
    }
}

/// The purpose of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Write,
    Checkpoint,
    Read,
}

/// Opens a connection and sets its pragmas; every connection is opened here.
#[expect(clippy::disallowed_methods, reason = "this is the one opener")]
fn connect(path: &Path, purpose: Purpose) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, &error))?;
    if connection.is_readonly("main")? {
        connection = read_only::instead(connection, path)?;
    }
    connection.busy_timeout(limits::FILE_WAIT)?;
    connection.set_prepared_statement_cache_capacity(64);
    let cache_kib =
        if purpose == Purpose::Write { limits::WRITER_CACHE_KIB } else { limits::READER_CACHE_KIB };
    // Without QPSG a plan that depends on bound values is made anew for each value, which took a third of the time of
    // accepting hits.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", "fast")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "query_only", purpose == Purpose::Read)?;
    Ok(connection)
}

fn cannot_open(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::Setup(format!(
        "The data file {} can't be opened ({error}). Check that its folder exists and may be written.",
        path.display()
    ))
}

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
    /// Creates a pool on a file that [`open`] has prepared.
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

/// Opens a data file for writing, creates it if `create`, and upgrades an older one to today's schema. This process
/// holds a shared lock on it until it ends.
///
/// # Errors
/// Fails with [`Error::Setup`] when there is no file and `create` is false, and when the file cannot be opened, belongs
/// to another program, or was written by a newer version.
pub fn open(path: &Path, create: bool) -> Result<Connection> {
    if is_nothing(path) {
        if !create {
            return Err(is_missing(path));
        }
        schema::create(path, |_| Ok(()))?;
    }
    file_lock::lock_shared(path)?;
    let mut connection = connect(path, Purpose::Write)?;
    schema::prepare(&mut connection, path)?;
    // An interrupted compaction leaves the file without a write-ahead log; readers would then wait for writers.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    Ok(connection)
}

/// Returns true if a file that is not empty, or anything else, exists at this path.
pub fn is_there(path: &Path) -> bool {
    !is_nothing(path)
}

/// Creates a data file with its first rows where there is none or an empty one. On failure no file is left.
///
/// # Errors
/// Fails with [`Error::Setup`] when the file cannot be created or another process has created it meanwhile, and with
/// the errors of `fill`.
pub fn create_with<T>(path: &Path, fill: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
    let made = schema::create(path, fill)?;
    made.ok_or_else(|| {
        Error::Setup(format!("Another program has made {} meanwhile. Nothing was changed.", path.display()))
    })
}

/// Opens a data file for reading, without upgrading it. This process holds a shared lock on it until it ends.
///
/// # Errors
/// Fails with [`Error::Setup`] when there is no file, it cannot be opened, belongs to another program, or was written
/// by a newer version.
pub fn open_as_it_is(path: &Path) -> Result<Connection> {
    if is_nothing(path) {
        return Err(is_missing(path));
    }
    file_lock::lock_shared(path)?;
    let connection = connect(path, Purpose::Read)?;
    schema::version(&connection, path)?;
    Ok(connection)
}

/// Returns the path behind symbolic links; for a broken link, the path that it points to.
pub fn follow(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..limits::LINKS_FOLLOWED_MAX {
        let Ok(target) = std::fs::read_link(&path) else { break };
        path = private::folder_of(&path).join(target);
    }
    path
}

/// Returns true if there is no file, or an empty one.
fn is_nothing(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(found) => found.is_file() && found.len() == 0,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn is_missing(path: &Path) -> Error {
    let path_is = if path.exists() {
        format!("The data file {} is empty.", path.display())
    } else {
        format!("There is no data file {}.", path.display())
    };
    Error::Setup(format!("{path_is} Name one with --data FILE, or make one with `clickstead init`."))
}

/// Opens an empty private data file that SQLite deletes on close, for trying out a change.
///
/// # Errors
/// Fails when the temporary file cannot be created.
#[expect(clippy::disallowed_methods, reason = "this is the one opener")]
pub fn scratch() -> Result<Connection> {
    // SQLite creates a temporary file for an empty name and deletes it by itself.
    let mut connection = Connection::open("")?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::make(&mut connection)?;
    Ok(connection)
}

/// Returns SQLite's `data_version` of a connection, which changes with each commit of another connection.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?)
}

/// Returns true if another process seems to have a data file open: its write-ahead log exists.
pub fn is_in_use(path: &Path) -> bool {
    private::beside(path, "-wal").exists()
}

/// Runs one change of a command in a transaction of its own. The server notices it at its next batch.
///
/// # Errors
/// Fails with [`Error::Busy`] while another process writes, with the errors of `change`, and when the commit fails.
pub fn change<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Transaction<'_>) -> Result<T>,
) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcome = change(&transaction)?;
    transaction.commit()?;
    Ok(outcome)
}

/// Runs a passive checkpoint: moves log frames into the file, as far as no reader needs them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn checkpoint(connection: &Connection) -> Result<()> {
    Ok(connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?)
}

/// Moves the whole log into the file and truncates it, so that no deleted data stays in it. Returns false while a
/// reader still uses the log: try again later.
///
/// # Errors
/// Fails when the data file cannot be opened or written.
pub fn empty_log(path: &Path) -> Result<bool> {
    let connection = connect(path, Purpose::Checkpoint)?;
    // Writers are blocked while this waits.
    connection.busy_timeout(limits::LOG_WAIT)?;
    let is_busy: bool = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

/// The infix, between the data file's name and the older version's number, in the name of a copy made before an
/// upgrade.
const BEFORE_UPGRADE: &str = ".before-upgrade-from-";

/// The infix, between the data file's name and the time, in the name of a file that a backup has replaced.
const BEFORE_RESTORE: &str = ".before-restore-";

/// Lists the names of the copies beside the data file that were made before an upgrade or before a restore.
///
/// # Errors
/// Fails with [`Error::Internal`] when the folder cannot be read.
pub fn copies(path: &Path) -> Result<Vec<String>> {
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let starts = [BEFORE_UPGRADE, BEFORE_RESTORE].map(|words| format!("{}{words}", name.to_string_lossy()));
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(private::folder_of(path))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if starts.iter().any(|start| name.starts_with(start)) {
            copies.push(name);
        }
    }
    copies.sort();
    Ok(copies)
}

/// Closes a connection so that no write-ahead log of its own stays behind. Where the file is read-only or the disk is
/// full, the log stays for the next process that opens the file, and nothing is lost.
///
/// # Errors
/// Fails when SQLite cannot close the connection; a failed checkpoint is only logged.
pub fn close(connection: Connection) -> Result<()> {
    if let Err(error) = checkpoint(&connection)
        && !connection.is_readonly("main")?
    {
        tracing::warn!(%error, "the log beside the data file stays");
    }
    connection.close().map_err(|(_, error)| error.into())
}
