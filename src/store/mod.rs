//! The SQLite file: how it is opened, read and written. One file per family of tables. Knows nothing of HTTP, HTML or
//! of who may do what; [`writer`] is the only caller of `commit` while the program serves.

pub mod address_keys;
pub mod audit;
pub mod backup;
pub mod blocks;
pub mod brands;
pub mod cancellation;
pub mod check;
pub mod circumstances;
pub mod compact;
pub mod copy;
pub mod devices;
pub mod emails;
pub mod exclusions;
mod file_lock;
pub mod filtered;
pub mod imported_lines;
pub mod imports;
pub mod invitations;
pub mod labels;
pub mod links;
mod migrations;
pub mod orphans;
pub mod other_hosts;
pub mod outbox;
pub mod page_forms;
pub mod plans;
pub mod preferences;
pub mod private;
pub mod proofs;
mod read_only;
pub mod recovery_codes;
pub mod resets;
pub mod restore;
pub mod retention;
pub mod rows;
pub mod salts;
mod schema;
pub mod segments;
pub mod shares;
pub mod sign_ins;
mod signature;
pub mod site_file;
pub mod site_hosts;
pub mod sites;
pub mod statements;
pub mod sub_accounts;
pub mod tasks;
pub mod totals;
pub mod transfers;
pub mod trusted_clock;
pub mod users;
pub mod views;
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

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Write,
    Checkpoint,
    Read,
}

/// The one opener: sets the pragmas of every connection.
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
    // A plan that may hang on a bound value is made anew for each value, which cost a third of the time of taking hits.
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

/// Readers for [`r2d2`]; the pool never checks a connection, since a file does not hang up.
struct Readers {
    path: PathBuf,
    identity: FileIdentity,
}

/// Logs why no reader can be opened, once in a while; the pool itself would do so over and over.
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
        // Another file that stands there by now would answer beside those that read the first one.
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

/// A pool of reading connections on one file.
#[derive(Clone)]
pub struct ReaderPool(r2d2::Pool<Readers>);

impl ReaderPool {
    /// A pool on a file that [`open`] has prepared.
    pub fn new(path: &Path) -> Result<Self> {
        let pool = r2d2::Pool::builder()
            .max_size(limits::READERS_MAX)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(limits::READER_WAIT)
            .error_handler(Box::new(Told))
            .build(Readers { path: path.to_owned(), identity: FileIdentity::of(path)? })
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self(pool))
    }

    /// Runs questions that nobody waits for on one connection, all seeing the same moment; none while others have all
    /// connections.
    pub fn read_if_free<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<Option<T>> {
        let Some(mut connection) = self.0.try_get() else { return Ok(None) };
        let moment = connection.transaction()?;
        question(&moment).map(Some)
    }

    /// Runs questions on one connection, all seeing the same moment, until they are answered or cancelled.
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
        // An interrupted statement fails in words of its own.
        answer.map_err(|error| cancellation.check().err().unwrap_or(error))
    }
}

/// Opens a data file for writing, creates it if `create`, and upgrades an older one to today's schema. This
/// process has it locked until it ends.
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
    // Compacting that was cut off leaves it without a log beside it, and then readers would wait for writers.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    Ok(connection)
}

/// True if there is a data file, or something else of that name.
pub fn is_there(path: &Path) -> bool {
    !is_nothing(path)
}

/// Makes a data file with its first rows, in the place of none or of an empty one. Where that fails, there is none.
pub fn create_with<T>(path: &Path, fill: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
    let made = schema::create(path, fill)?;
    made.ok_or_else(|| {
        Error::Setup(format!("Another program has made {} meanwhile. Nothing was changed.", path.display()))
    })
}

/// Opens a data file for reading and leaves it in its version. This process has it locked until it ends.
pub fn open_as_it_is(path: &Path) -> Result<Connection> {
    if is_nothing(path) {
        return Err(is_missing(path));
    }
    file_lock::lock_shared(path)?;
    let connection = connect(path, Purpose::Read)?;
    schema::version(&connection, path)?;
    Ok(connection)
}

/// Returns the real path of a data file whose name is a link; of a broken link, the path that it leads to.
pub fn follow(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..limits::LINKS_FOLLOWED_MAX {
        let Ok(target) = std::fs::read_link(&path) else { break };
        path = private::folder_of(&path).join(target);
    }
    path
}

/// True if there is no file, or an empty one.
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

/// A data file that nobody else sees and that is gone when it is closed: where a change is tried out.
#[expect(clippy::disallowed_methods, reason = "this is the one opener")]
pub fn scratch() -> Result<Connection> {
    // An empty name makes a temporary file that SQLite deletes by itself.
    let mut connection = Connection::open("")?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::make(&mut connection)?;
    Ok(connection)
}

/// What tells commits of other connections apart: it moves with each of them.
pub fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?)
}

/// Whether somebody seems to have a data file open: what is not yet in the file itself stands beside it.
pub fn is_in_use(path: &Path) -> bool {
    private::beside(path, "-wal").exists()
}

/// One change by a command, in a transaction of its own. The server notices at its next batch.
pub fn change<T>(
    connection: &mut Connection,
    change: impl FnOnce(&Transaction<'_>) -> Result<T>,
) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let outcome = change(&transaction)?;
    transaction.commit()?;
    Ok(outcome)
}

/// Moves what a command wrote from the log into the file, as far as nobody reads it there.
pub fn checkpoint(connection: &Connection) -> Result<()> {
    Ok(connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()))?)
}

/// Moves the whole log into the file and cuts it to nothing, so that nothing of what was deleted stays in it. False when
/// somebody still reads there: try again later.
pub fn empty_log(path: &Path) -> Result<bool> {
    let connection = connect(path, Purpose::Checkpoint)?;
    // Others can't write while this waits.
    connection.busy_timeout(limits::LOG_WAIT)?;
    let is_busy: bool = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

/// The part of a copy's name after the data file's name, for a copy made before an upgrade; the older version
/// follows.
const BEFORE_UPGRADE: &str = ".before-upgrade-from-";

/// The part of a file's name after the data file's name, for a file that a backup has replaced; the time
/// follows.
const BEFORE_RESTORE: &str = ".before-restore-";

/// Lists the names of the copies beside the data file that were made before an upgrade or before a restore.
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

/// Closes a connection so that no write-ahead log of its own stays behind. Where that can't be done, since
/// the file is read-only or the disk is full, the log stays for the next process that opens the file, and
/// nothing is lost.
pub fn close(connection: Connection) -> Result<()> {
    if let Err(error) = checkpoint(&connection)
        && !connection.is_readonly("main")?
    {
        tracing::warn!(%error, "the log beside the data file stays");
    }
    connection.close().map_err(|(_, error)| error.into())
}
