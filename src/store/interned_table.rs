//! The interned tables: each holds values that repeat, once for all sites.

use crate::error::Result;
use rusqlite::Connection;
use strum::IntoStaticStr;

/// A table whose rows stand for values that repeat, shared by all sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum InternedTable {
    /// The sources of visits.
    Sources,
    /// The devices of visits.
    Machines,
    /// The places of visits.
    Places,
    /// Texts, which the other three refer to.
    Labels,
}

impl InternedTable {
    /// All tables, in the order in which they are swept.
    pub const ALL: [Self; 4] = [Self::Sources, Self::Machines, Self::Places, Self::Labels];

    /// Returns the name of the table.
    pub fn table(self) -> &'static str {
        self.into()
    }

    /// Returns the highest id of the table; 0 for an empty one.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn newest(self, connection: &Connection) -> Result<i64> {
        let sql = format!("select ifnull(max(id), 0) from {}", self.table());
        Ok(connection.query_row(&sql, [], |row| row.get(0))?)
    }
}

/// A column and the interned table to which it refers.
pub type Reference = (&'static str, InternedTable);

/// Returns the highest id of each table, in the order of [`InternedTable::ALL`].
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_of_each(connection: &Connection) -> Result<[i64; 4]> {
    let [sources, devices, places, labels] = InternedTable::ALL.map(|table| table.newest(connection));
    Ok([sources?, devices?, places?, labels?])
}
