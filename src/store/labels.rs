//! Texts that repeat, each stored once.

use crate::error::Result;
use rusqlite::{Connection, OptionalExtension, Transaction};

/// What stands in for a text that is one too many of its day.
pub const OTHER: &str = "(other)";

/// The label of a text, if it has one.
pub fn find(connection: &Connection, text: &str) -> Result<Option<i64>> {
    let mut question = connection.prepare_cached("select id from labels where text = :text")?;
    Ok(question.query_row([text], |row| row.get(0)).optional()?)
}

/// Gives a new text its label.
pub fn create(transaction: &Transaction<'_>, text: &str) -> Result<i64> {
    transaction.prepare_cached("insert into labels (text) values (:text)")?.execute([text])?;
    Ok(transaction.last_insert_rowid())
}

/// The text of a label.
pub fn text(connection: &Connection, label: i64) -> Result<Option<String>> {
    let mut question = connection.prepare_cached("select text from labels where id = :label")?;
    Ok(question.query_row([label], |row| row.get(0)).optional()?)
}

/// All texts that begin with this, and their labels.
pub fn list_beginning(connection: &Connection, start: &str) -> Result<Vec<(i64, String)>> {
    let mut question = connection.prepare_cached(
        "select id, text from labels where text >= :start and text < :start || char(1114111)",
    )?;
    let rows = question.query_map([start], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
