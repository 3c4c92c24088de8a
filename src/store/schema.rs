//! How a file gets today's schema: a new one from `schema.sql`, an older one by the steps in `migrations`, in one
//! transaction, after a copy of the file was put beside it. `user_version` says which version a file has.

use super::migrations::{self, VERSION};
use crate::error::{Error, Result};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

const SCHEMA: &str = include_str!("../../schema.sql");

/// Marks a file as ours: "Clik".
const APPLICATION_ID: i64 = 0x436c_696b;

/// Makes the tables of a new file, or brings an older one to today's shape.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<()> {
    let version = read(connection, "user_version")?;
    if version > 0 && read(connection, "application_id")? != APPLICATION_ID {
        return Err(is_not_ours(path));
    }
    if version == VERSION {
        return Ok(());
    }
    if version > VERSION {
        return Err(Error::Setup(format!(
            "The data file {} was written by a newer Clickstead (file version {version}, this program knows \
             {VERSION}). Install that version or a later one; nothing was changed.",
            path.display()
        )));
    }
    if version == 0 {
        return create(connection, path);
    }
    back_up(connection, path, version)?;
    upgrade(connection)
}

fn is_not_ours(path: &Path) -> Error {
    Error::Setup(format!("{} is not a Clickstead data file; nothing was changed.", path.display()))
}

fn read(connection: &Connection, pragma: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

fn create(connection: &mut Connection, path: &Path) -> Result<()> {
    connection.pragma_update(None, "page_size", 4_096)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if read(&transaction, "user_version")? == VERSION {
        return Ok(());
    }
    let tables: i64 = transaction.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return Err(is_not_ours(path));
    }
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

fn back_up(connection: &Connection, path: &Path, version: i64) -> Result<()> {
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".before-upgrade-from-{version}"));
    if !Path::new(&copy).exists() {
        connection.execute("vacuum into :copy", [copy.to_string_lossy()])?;
    }
    Ok(())
}

fn upgrade(connection: &mut Connection) -> Result<()> {
    // Can't be switched within a transaction. Off, a table can be made anew without what points to it going too.
    connection.pragma_update(None, "foreign_keys", false)?;
    let upgraded = run_steps(connection);
    connection.pragma_update(None, "foreign_keys", true)?;
    upgraded
}

fn run_steps(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = count_dangling(&transaction)?;
    migrations::run(&transaction, read(&transaction, "user_version")?)?;
    if count_dangling(&transaction)? > before {
        return Err(Error::Internal(
            "the upgrade would tear apart what belongs together; it was undone".into(),
        ));
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// How many rows point to one that is not there.
fn count_dangling(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("select count(*) from pragma_foreign_key_check", [], |row| row.get(0))?)
}
