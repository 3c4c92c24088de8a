//! Texts that repeat, each stored once.

use crate::error::Result;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction};

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

/// Finds the texts of many labels, one after the other.
pub struct Texts<'c>(CachedStatement<'c>);

impl<'c> Texts<'c> {
    /// In this file.
    pub fn of(connection: &'c Connection) -> Result<Self> {
        Ok(Self(connection.prepare_cached("select text from labels where id = :label")?))
    }

    /// The text of a label.
    pub fn find(&mut self, label: i64) -> Result<Option<String>> {
        Ok(self.0.query_row([label], |row| row.get(0)).optional()?)
    }
}
