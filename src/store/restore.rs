//! The restore, which puts a backup in the place of the data file. The new file is made beside the old one,
//! whole, before the old one is touched; then the old one gets another name and stays. Meanwhile no other
//! process has either open.

mod carry;
mod since;

pub use self::since::Since;

use super::copy::{never, verify};
use super::file_lock::{self, has_beside};
use super::migrations::VERSION;
use super::private::{self, BELONGINGS, Unfinished, beside};
use super::signature::{self, Signature};
use super::{BEFORE_RESTORE, Purpose, check, close, compact, connect, schema};
use crate::clock::{Timestamp, Zone};
use crate::error::{Error, Result};
use rusqlite::{Connection, Transaction};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The order for a restore.
pub struct Request<'a> {
    /// The data file.
    pub data: &'a Path,
    /// The backup.
    pub backup: &'a Path,
    /// True if everything comes back, also what was taken back since the backup.
    pub as_it_was: bool,
    /// The time of the restore.
    pub now: Timestamp,
}

/// The relation of the data file that is replaced to the backup, which decides how much it tells of changes
/// since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The file goes on from where the backup was made.
    Later,
    /// The file has people or sites in common with the backup, but does not go on from it.
    Related,
    /// The file is about other people and sites.
    Unrelated,
    /// The file is not there.
    Missing,
    /// The file can't be read; holds the cause.
    Unreadable(String),
}

/// The effects of a restore, for the operator to decide on.
pub struct Outcome {
    /// The newest moment in the backup.
    pub as_of: Option<Timestamp>,
    /// The relation of the file that is replaced to the backup.
    pub relation: Relation,
    /// The rights, secrets and data taken back since the backup, by that file.
    pub since: Since,
    /// Differences from the backup, each in words as it is now: it stays so, unless everything comes back as
    /// it was.
    pub differs: Vec<String>,
    /// Sites that were removed since the backup and are there again.
    pub back: Vec<String>,
    /// Sign-ins of the backup that end.
    pub sign_ins: i64,
}

/// A backup that is ready to take the data file's place.
pub struct Prepared {
    /// The effects of putting it in place.
    pub outcome: Outcome,
    file: Unfinished,
    data: PathBuf,
    now: Timestamp,
}

/// Makes a backup ready. `takes_back` picks the acts of the audit log to list, `erasing` is the act that
/// erases a visitor, and `note` writes the restore down.
pub fn prepare(
    request: &Request<'_>,
    (takes_back, erasing): (impl Fn(&str) -> bool, &str),
    note: impl Fn(&Transaction<'_>, &Outcome) -> Result<()>,
) -> Result<Prepared> {
    let backup = open_backup(request)?;
    let found = take_present(request.data)?;
    let like = if request.data.exists() { request.data } else { request.backup };
    let file = Unfinished::create(request.data, like)?;
    copy_backup(&backup, request.backup, &file)?;
    let (mut connection, as_of) = bring_to_today(file.name(), request.backup)?;
    let relation = found.map_or_else(|| make_alone(request.data), Ok)?;
    let mut outcome = Outcome {
        as_of,
        relation,
        since: Since::default(),
        differs: Vec::new(),
        back: Vec::new(),
        sign_ins: 0,
    };
    carry::apply(&mut connection, request, &mut outcome, (takes_back, erasing), note)?;
    compact::set_journal(&connection, "delete")?;
    close(connection)?;
    verify(file.name(), VERSION, &never())?;
    Ok(Prepared { outcome, file, data: request.data.to_owned(), now: request.now })
}

impl Prepared {
    /// Puts it in place. Returns the effects, and the new path of the file that it replaced; none if there
    /// was none.
    pub fn put_in_place(self) -> Result<(Outcome, Option<PathBuf>)> {
        let Self { outcome, file, data, now } = self;
        let is_there = data.exists();
        let has_belongings = BELONGINGS.iter().any(|ending| beside(&data, ending).exists());
        let kept = (is_there || has_belongings).then(|| free_name(&data, now));
        if let Some(kept) = &kept {
            if is_there {
                keep(&data, kept)?;
            }
            // What lies beside the old file must not be taken for the new one's.
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

/// Gives a file a second name, under which it stays when another one takes its place.
fn keep(data: &Path, kept: &Path) -> Result<()> {
    match fs::hard_link(data, kept) {
        Ok(()) => private::make_private(kept),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(private::is_there(kept)),
        // A file system without second names.
        Err(_) => {
            let copy = Unfinished::create(kept, data)?;
            // Nobody else has it open, and this process keeps it open: see `file_lock`.
            file_lock::copy(data, copy.file())?;
            copy.finish()
        }
    }
}

fn remove_if_there(path: &Path) -> Result<()> {
    fs::remove_file(path)
        .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error.into()) })
}

/// Opens a backup for reading, and refuses a file that is none. It is never written to.
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

/// Locks the data file for this process alone; refuses a foreign SQLite file. Returns the relation if there is
/// no file to compare the backup with, or one whose contents are no data file.
fn take_present(data: &Path) -> Result<Option<Relation>> {
    if super::is_nothing(data) {
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

/// Moves the contents of the data file's log into the file, which then needs nothing beside it. A damaged
/// file is left as it is.
fn make_alone(data: &Path) -> Result<Relation> {
    match find_problem(data) {
        Ok(None) => Ok(Relation::Later),
        Ok(Some(problem)) | Err(Error::Damaged(problem) | Error::Internal(problem)) => {
            Ok(Relation::Unreadable(problem))
        }
        Err(Error::Busy) => Err(in_use(data)),
        // Such as a full disk, which says nothing of the file.
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
    let connection = super::open(data, false)?;
    if let Some(problem) = check::integrity(&connection)?.into_iter().next() {
        return Ok(Some(problem));
    }
    // An earlier version, which holds no lock on the file, is found by this.
    let is_alone = compact::set_journal(&connection, "delete")?;
    close(connection)?;
    if is_alone { Ok(None) } else { Err(Error::Busy) }
}

/// Copies a backup, with its log and journal: it may be a data file that was copied while no server ran.
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

/// Opens the copy of a backup, refuses a damaged or newer one, and upgrades it to today's schema. Returns the
/// newest moment in it too.
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
