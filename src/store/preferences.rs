//! Display preferences: columns of the table of users.

use crate::error::Result;
use crate::model::id::UserId;
use rusqlite::{Connection, Transaction, named_params};

/// A user's display preferences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The theme: `system`, `light` or `dark`.
    pub theme: String,
    /// The path of the start page.
    pub start_page: String,
    /// The names of the dashboard's panels in order, separated by blanks; `None` for all in their default order.
    pub panels: Option<String>,
}

/// Returns a user's display preferences.
///
/// # Errors
/// Fails when there is no such user or the data file cannot be read.
pub fn get(connection: &Connection, id: UserId) -> Result<Preferences> {
    let sql = "select theme, start_page, panels from users where id = :id";
    Ok(connection.query_row(sql, [id.0], |row| {
        Ok(Preferences { theme: row.get(0)?, start_page: row.get(1)?, panels: row.get(2)? })
    })?)
}

/// Updates a user's display preferences.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update(transaction: &Transaction<'_>, id: UserId, wanted: &Preferences) -> Result<()> {
    transaction.execute(
        "update users set theme = :theme, start_page = :start, panels = :panels where id = :id",
        named_params! {
            ":theme": wanted.theme, ":start": wanted.start_page, ":panels": wanted.panels, ":id": id.0,
        },
    )?;
    Ok(())
}
