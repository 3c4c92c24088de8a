//! Copies of a data file: a snapshot taken page by page while others go on writing, verified before it gets its name. A
//! reader of an old snapshot blocks nobody, but the write-ahead log cannot restart before it ends, so the log's size is
//! bounded.

use super::connection::{Purpose, close, connect};
use super::data_path::{self, BEFORE_UPGRADE};
use super::private::{self, Unfinished, beside};
use super::signature::{self, Signature};
use super::{check, compact};
use crate::error::{Error, Result};
use crate::limits;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// A check that returns true once a copy is no longer needed.
pub type IsOver = Arc<dyn Fn() -> bool + Send + Sync>;

/// Returns the check of a copy that is never stopped.
pub fn never() -> IsOver {
    Arc::new(|| false)
}

fn cut_off() -> Error {
    Error::Setup("The copy was cut off, and nothing of it was kept.".into())
}

/// Writes the contents of a connection's file at this moment into a new file, and verifies it.
///
/// # Errors
/// Fails with [`Error::Setup`] when the copy is stopped, the log grows too long or the copy is not whole, and when a
/// file cannot be read or written.
pub fn write(from: &Connection, to: &Unfinished, is_over: &IsOver) -> Result<()> {
    let mut copy = connect(to.name(), Purpose::Write)?;
    // The copy has no name yet, and gets one only after it was synced as a whole.
    copy.pragma_update(None, "synchronous", "off")?;
    let moment = from.unchecked_transaction()?;
    let version = read_version(&moment)?;
    step(from, &mut copy, is_over)?;
    drop(moment);
    // A journal mode without a write-ahead log: the copy can be read as a single file.
    compact::set_journal(&copy, "delete")?;
    close(copy)?;
    to.file().sync_all()?;
    verify(to.name(), version, is_over)
}

fn step(from: &Connection, copy: &mut Connection, is_over: &IsOver) -> Result<()> {
    let log = from.path().map(|path| beside(Path::new(path), "-wal"));
    let backup = Backup::new(from, copy)?;
    loop {
        match backup.step(limits::COPY_PAGES_PER_STEP)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(Error::Busy),
        }
        if is_over() {
            return Err(cut_off());
        }
        let bytes = log.as_ref().and_then(|log| fs::metadata(log).ok()).map_or(0, |found| found.len());
        if bytes > limits::COPY_LOG_BYTES_MAX {
            return Err(Error::Setup(
                "More is written just now than can wait for the copy. Nothing of it was kept; try again when it is \
                 quieter."
                    .into(),
            ));
        }
    }
}

/// Verifies that a file that no other process has open is a whole data file of a version.
pub(super) fn verify(path: &Path, version: i64, is_over: &IsOver) -> Result<()> {
    let mut copy = connect(path, Purpose::Read)?;
    let is_over = Arc::clone(is_over);
    copy.progress_handler(limits::COPY_OPERATIONS_PER_LOOK, Some(move || is_over()))?;
    let problems = state(&copy, version).map_err(|error| match error {
        Error::Internal(text) if text.contains("interrupted") => cut_off(),
        error => error,
    })?;
    match problems.first() {
        None => Ok(()),
        Some(problem) => Err(Error::Setup(format!(
            "The copy is not whole ({problem}), so it was not kept. `clickstead check` says whether the data file is."
        ))),
    }
}

fn read_version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Lists the problems of an open file that should be a data file of a version.
fn state(file: &Connection, version: i64) -> Result<Vec<String>> {
    let mark: i64 = file.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if mark != signature::APPLICATION_ID || read_version(file)? != version {
        return Ok(vec!["its first page is wrong".into()]);
    }
    check::integrity(file)
}

/// Writes a copy of a file that is about to be upgraded from an older version. An existing copy with the same rows is
/// enough; any other file under that name stays, and the copy gets another name.
///
/// # Errors
/// Fails with [`Error::Setup`] when the copy cannot be written or is not whole, and when a file cannot be read.
pub fn before_upgrade(connection: &Connection, path: &Path, version: i64) -> Result<()> {
    for older in data_path::copies(path)? {
        // Copies made by earlier programs are readable by everybody.
        private::make_private(&private::folder_of(path).join(older))?;
    }
    for number in 1.. {
        let ending = if number > 1 { format!("-{number}") } else { String::new() };
        let copy = beside(path, &format!("{BEFORE_UPGRADE}{version}{ending}"));
        if fs::symlink_metadata(&copy).is_err() {
            let unfinished = Unfinished::create(&copy, path)?;
            if read_version(connection)? != version {
                // Another process made both the copy and the upgrade while this one waited.
                return Ok(());
            }
            write(connection, &unfinished, &never())?;
            if unfinished.finish_as(&copy)? {
                return Ok(());
            }
        } else if holds_the_same(connection, &copy, version).unwrap_or(false) {
            return Ok(());
        }
    }
    Ok(())
}

/// Returns true if a file is a whole data file of a version with exactly the rows of another one.
fn holds_the_same(connection: &Connection, copy: &Path, version: i64) -> Result<bool> {
    if signature::look(&File::open(copy)?, copy)? != Signature::Ours {
        return Ok(false);
    }
    let copy = connect(copy, Purpose::Read)?;
    if !state(&copy, version)?.is_empty() {
        return Ok(false);
    }
    let tables = |file: &Connection| -> Result<Vec<(String, String)>> {
        let mut question = file.prepare(
            "select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name",
        )?;
        let rows = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    let own = tables(connection)?;
    if own != tables(&copy)? {
        return Ok(false);
    }
    for (table, _) in own {
        if !has_same_rows(&table, connection, &copy)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_same_rows(table: &str, one: &Connection, other: &Connection) -> Result<bool> {
    let sql = format!("select * from \"{table}\"");
    let (mut one, mut other) = (one.prepare(&sql)?, other.prepare(&sql)?);
    let columns = one.column_count();
    let (mut one, mut other) = (one.query([])?, other.query([])?);
    loop {
        match (one.next()?, other.next()?) {
            (Some(row), Some(twin)) => {
                for column in 0..columns {
                    if row.get_ref(column)? != twin.get_ref(column)? {
                        return Ok(false);
                    }
                }
            }
            (None, None) => return Ok(true),
            _ => return Ok(false),
        }
    }
}
