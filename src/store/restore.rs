//! Restoring of a backup in place of the data file. The new file is made beside the old one and is complete before the
//! old one is touched; then the old one is renamed and stays. Meanwhile no other process has either open.

mod carry;
mod kinds;
mod outcome;
mod request;
mod since;

pub use self::outcome::{Relation, RestoreOutcome, Since};
pub use self::request::Request;

use super::connection::{Purpose, close, connect};
use super::copy::{never, verify};
use super::data_path::{self, BEFORE_RESTORE};
use super::file_lock;
use super::migrations::VERSION;
use super::opening;
use super::private::{self, BELONGINGS, Unfinished, beside, has_beside};
use super::signature::{self, Signature};
use super::{check, compact, schema};
use crate::error::{Error, Result};
use crate::model::clock::{Timestamp, Zone};
use rusqlite::{Connection, Transaction};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A restored file that is ready to replace the data file.
pub struct Prepared {
    /// The effects of the replacement.
    pub outcome: RestoreOutcome,
    file: Unfinished,
    data: PathBuf,
    now: Timestamp,
}

/// Prepares a backup for replacing the data file. `takes_back` selects the acts of the audit log to list, `erasing` is
/// the name of the act that erases a visitor, and `note` records the restore in the new file.
///
/// # Errors
/// Fails with [`Error::Setup`] when the backup is missing, damaged, in use, newer than this program or not a data file,
/// and when the data file is in use or belongs to another program.
pub fn prepare(
    request: &Request<'_>,
    takes_back: impl Fn(&str) -> bool,
    erasing: &str,
    note: impl Fn(&Transaction<'_>, &RestoreOutcome) -> Result<()>,
) -> Result<Prepared> {
    let backup = open_backup(request)?;
    let found = take_present(request.data)?;
    let like = if request.data.exists() { request.data } else { request.backup };
    let file = Unfinished::create(request.data, like)?;
    copy_backup(&backup, request.backup, &file)?;
    let (mut connection, as_of) = bring_to_today(file.name(), request.backup)?;
    let relation = found.map_or_else(|| make_alone(request.data), Ok)?;
    let mut outcome = RestoreOutcome {
        as_of,
        relation,
        since: Since::default(),
        differs: Vec::new(),
        back: Vec::new(),
        sign_ins: 0,
    };
    carry::apply(&mut connection, request, &mut outcome, takes_back, erasing, note)?;
    compact::set_journal(&connection, "delete")?;
    close(connection)?;
    verify(file.name(), VERSION, &never())?;
    Ok(Prepared { outcome, file, data: request.data.to_owned(), now: request.now })
}

impl Prepared {
    /// Replaces the data file. Returns the effects, and the new path of the file that was replaced, if any.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the old file cannot get its second name, and with [`Error::Internal`] when a
    /// file cannot be renamed.
    pub fn put_in_place(self) -> Result<(RestoreOutcome, Option<PathBuf>)> {
        let Self { outcome, file, data, now } = self;
        let is_there = data.exists();
        let has_belongings = BELONGINGS.iter().any(|ending| beside(&data, ending).exists());
        let kept = (is_there || has_belongings).then(|| free_name(&data, now));
        if let Some(kept) = &kept {
            if is_there {
                keep(&data, kept)?;
            }
            // SQLite must not take the old file's log or journal for the new file's.
            for ending in BELONGINGS {
                let from = beside(&data, ending);
                if from.exists() {
                    private::make_private(&from)?;
                    fs::rename(&from, beside(kept, ending))?;
                }
            }
        }
        remove_if_there(&beside(&data, "-shm"))?;
        private::sync_folder(&data)?;
        file.replace()?;
        Ok((outcome, kept))
    }
}

fn free_name(data: &Path, now: Timestamp) -> PathBuf {
    let stamp = Zone::utc().local(now).strftime("%Y%m%d-%H%M%S").to_string();
    let names = (1..).map(|number| {
        let ending = if number > 1 { format!("-{number}") } else { String::new() };
        beside(data, &format!("{BEFORE_RESTORE}{stamp}{ending}"))
    });
    let mut free = names.filter(|name| fs::symlink_metadata(name).is_err());
    free.next().unwrap_or_else(|| beside(data, BEFORE_RESTORE))
}

/// Gives a file a second name, under which it stays after it was replaced.
fn keep(data: &Path, kept: &Path) -> Result<()> {
    match fs::hard_link(data, kept) {
        Ok(()) => private::make_private(kept),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(private::is_there(kept)),
        // The file system has no hard links.
        Err(_) => {
            let copy = Unfinished::create(kept, data)?;
            // No other process has it open, and this process never closes it (see `file_lock`).
            file_lock::copy(data, copy.file())?;
            copy.finish()
        }
    }
}

fn remove_if_there(path: &Path) -> Result<()> {
    fs::remove_file(path)
        .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error.into()) })
}

/// Opens a backup for reading and checks that it is one. It is never written to.
fn open_backup(request: &Request<'_>) -> Result<File> {
    let (path, name) = (request.backup, request.backup.display());
    let cannot =
        |error: std::io::Error| Error::Setup(format!("{name} can't be read ({error}). Nothing was changed."));
    let found = fs::metadata(path).map_err(cannot)?;
    let is_data = fs::metadata(request.data)
        .is_ok_and(|data| file_lock::file_number(&data) == file_lock::file_number(&found));
    if is_data {
        return Err(Error::Setup(format!("{name} is the data file itself. Nothing was changed.")));
    }
    if !found.is_file() {
        return Err(Error::Setup(format!("{name} is no file. Nothing was changed.")));
    }
    let file = File::open(path).map_err(cannot)?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(Error::Setup(format!(
            "{name} is in use: it is somebody's data file, not a backup. Make one with `clickstead backup`. Nothing was \
             changed."
        )));
    }
    match signature::look(&file, path)? {
        Signature::Ours => Ok(file),
        Signature::Empty | Signature::Foreign => {
            Err(Error::Setup(format!("{name} is not a Clickstead data file. Nothing was changed.")))
        }
    }
}

/// Takes the exclusive lock on the data file; fails for a foreign SQLite file. Returns the relation when the file is
/// missing or its contents are not a data file.
fn take_present(data: &Path) -> Result<Option<Relation>> {
    if data_path::is_nothing(data) {
        return Ok(Some(Relation::Missing));
    }
    if !file_lock::try_lock_exclusive(data)? {
        return Err(in_use(data));
    }
    match file_lock::signature(data)? {
        (Signature::Ours, _) => Ok(None),
        (Signature::Foreign, true) => Err(signature::is_not_ours(data)),
        _ => Ok(Some(Relation::Unreadable("it is no data file any more".into()))),
    }
}

fn in_use(data: &Path) -> Error {
    Error::Setup(format!(
        "The data file {} is in use. Stop the server and other commands, then run this again. Nothing was changed.",
        data.display()
    ))
}

/// Moves the contents of the data file's log into the file, which then needs no companion files. A damaged file is left
/// as it is.
fn make_alone(data: &Path) -> Result<Relation> {
    match find_problem(data) {
        Ok(None) => Ok(Relation::Later),
        Ok(Some(problem)) | Err(Error::Damaged(problem) | Error::Internal(problem)) => {
            Ok(Relation::Unreadable(problem))
        }
        Err(Error::Busy) => Err(in_use(data)),
        // An error such as a full disk, which does not make the file unreadable.
        Err(error) => Err(error),
    }
}

fn find_problem(data: &Path) -> Result<Option<String>> {
    match connect(data, Purpose::Read).and_then(|file| version_of(&file)) {
        Ok(version) if version > VERSION => return Ok(Some("a newer Clickstead wrote it".into())),
        Ok(1..) => {}
        Ok(_) => return Ok(Some("its first page is wrong".into())),
        Err(Error::Setup(problem)) => return Ok(Some(problem)),
        Err(error) => return Err(error),
    }
    let connection = opening::open(data, false)?;
    if let Some(problem) = check::integrity(&connection)?.into_iter().next() {
        return Ok(Some(problem));
    }
    // Programs before the file lock hold none on the file; this detects them.
    let is_alone = compact::set_journal(&connection, "delete")?;
    close(connection)?;
    if is_alone { Ok(None) } else { Err(Error::Busy) }
}

/// Copies a backup with its log and journal: it may be a data file that was copied while no server ran.
fn copy_backup(mut backup: &File, path: &Path, to: &Unfinished) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::Setup(format!("{} can't be copied ({error}). Nothing was changed.", path.display()))
    };
    std::io::copy(&mut backup, &mut to.file()).map_err(failed)?;
    for ending in BELONGINGS {
        if has_beside(path, ending) {
            private::copy(&beside(path, ending), &beside(to.name(), ending)).map_err(failed)?;
        }
    }
    Ok(())
}

/// Opens the copy of a backup and upgrades it to today's schema; fails for a damaged or newer one. Also returns the
/// newest time recorded in it.
fn bring_to_today(copy: &Path, backup: &Path) -> Result<(Connection, Option<Timestamp>)> {
    let damaged = |problem: &str| {
        Error::Setup(format!(
            "{} is damaged ({problem}). Take another backup. Nothing was changed.",
            backup.display()
        ))
    };
    let opened = connect(copy, Purpose::Write).and_then(|connection| {
        schema::version(&connection, backup)?;
        let problems = check::integrity(&connection)?;
        Ok((connection, problems))
    });
    let (mut connection, problems) = match opened {
        Err(Error::Damaged(problem) | Error::Internal(problem)) => return Err(damaged(&problem)),
        opened => opened?,
    };
    if let Some(problem) = problems.first() {
        return Err(damaged(problem));
    }
    schema::upgrade(&mut connection)?;
    let newest = since::newest_moment(&connection)?;
    Ok((connection, newest))
}

fn version_of(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
