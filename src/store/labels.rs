//! Labels: texts that repeat, each stored once.

use crate::error::Result;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction};

/// The text that replaces a day's texts beyond their limit.
pub const OTHER: &str = "(other)";

/// Finds the label of a text.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, text: &str) -> Result<Option<i64>> {
    let mut question = connection.prepare_cached("select id from labels where text = :text")?;
    Ok(question.query_row([text], |row| row.get(0)).optional()?)
}

/// Creates the label of a new text.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, text: &str) -> Result<i64> {
    transaction.prepare_cached("insert into labels (text) values (:text)")?.execute([text])?;
    Ok(transaction.last_insert_rowid())
}

/// Returns the text of a label.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn text(connection: &Connection, label: i64) -> Result<Option<String>> {
    let mut question = connection.prepare_cached("select text from labels where id = :label")?;
    Ok(question.query_row([label], |row| row.get(0)).optional()?)
}

/// A prepared query for the texts of many labels.
pub struct LabelTexts<'c>(CachedStatement<'c>);

impl<'c> LabelTexts<'c> {
    /// Prepares the query on a connection.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn prepare(connection: &'c Connection) -> Result<Self> {
        Ok(Self(connection.prepare_cached("select text from labels where id = :label")?))
    }

    /// Returns the text of a label.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn find(&mut self, label: i64) -> Result<Option<String>> {
        Ok(self.0.query_row([label], |row| row.get(0)).optional()?)
    }
}
