//! How people like the screens: columns of the table of users.

use crate::error::Result;
use crate::id::UserId;
use rusqlite::{Connection, Transaction, named_params};

/// How somebody likes the screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// `system`, `light`, `dark`.
    pub theme: String,
    /// The path to begin at.
    pub start_page: String,
    /// The dashboard's panels in their order, by name, with blanks between; none: all, as they come.
    pub panels: Option<String>,
}

/// A person's preferences.
pub fn get(connection: &Connection, id: UserId) -> Result<Preferences> {
    let sql = "select theme, start_page, panels from users where id = :id";
    Ok(connection.query_row(sql, [id.0], |row| {
        Ok(Preferences { theme: row.get(0)?, start_page: row.get(1)?, panels: row.get(2)? })
    })?)
}

/// Changes how somebody likes the screens.
pub fn update(transaction: &Transaction<'_>, id: UserId, wanted: &Preferences) -> Result<()> {
    transaction.execute(
        "update users set theme = :theme, start_page = :start, panels = :panels where id = :id",
        named_params! {
            ":theme": wanted.theme, ":start": wanted.start_page, ":panels": wanted.panels, ":id": id.0,
        },
    )?;
    Ok(())
}
