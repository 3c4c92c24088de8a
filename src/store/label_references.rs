//! The columns that refer to interned tables: sources, devices, places and labels.

use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use InternedTable::{Labels, Machines, Places, Sources};
use rusqlite::{Connection, Params};
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

type Column = (&'static str, InternedTable);

impl InternedTable {
    /// All tables, in the order in which they are swept.
    pub const ALL: [Self; 4] = [Sources, Machines, Places, Labels];

    /// Returns the name of the table.
    pub fn table(self) -> &'static str {
        self.into()
    }

    /// Returns the columns that refer to labels.
    fn references(self) -> &'static [Column] {
        match self {
            Sources => &[
                ("referrer", Labels),
                ("referrer_domain", Labels),
                ("referrer_name", Labels),
                ("search_terms", Labels),
                ("campaign", Labels),
                ("campaign_source", Labels),
                ("campaign_medium", Labels),
                ("campaign_term", Labels),
                ("campaign_content", Labels),
            ],
            Machines => &[("browser", Labels), ("system", Labels), ("screen", Labels), ("language", Labels)],
            Places => &[("country", Labels), ("region", Labels), ("city", Labels), ("organization", Labels)],
            Labels => &[],
        }
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

/// Returns the highest id of each table, in the order of [`InternedTable::ALL`].
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_of_each(connection: &Connection) -> Result<[i64; 4]> {
    let [sources, devices, places, labels] = InternedTable::ALL.map(|table| table.newest(connection));
    Ok([sources?, devices?, places?, labels?])
}

/// The tables of a site's rows that refer to interned tables: the table, the column of the visit's id, and the columns
/// that refer.
const REFERENCES: [(&str, &str, &[Column]); 8] = [
    (
        "visits",
        "id",
        &[
            ("source", Sources),
            ("machine", Machines),
            ("place", Places),
            ("landing", Labels),
            ("exit", Labels),
            ("hostname", Labels),
        ],
    ),
    ("actions", "visit_id", &[("page", Labels), ("title", Labels)]),
    ("media", "visit_id", &[("event", Labels)]),
    ("custom", "visit_id", &[("key", Labels), ("value", Labels)]),
    ("conversions", "visit_id", &[("goal", Labels)]),
    ("splits", "visit_id", &[("test", Labels), ("version", Labels), ("goal", Labels)]),
    ("heatmap_clicks", "visit_id", &[("page", Labels)]),
    ("rollups", "day", &[("item", Labels), ("parent", Labels), ("subtitle", Labels)]),
];

/// Passes every id that rows of a table refer to on to `visit`.
fn read(
    connection: &Connection,
    table: &str,
    columns: &[Column],
    condition: &str,
    bound: impl Params,
    visit: &mut impl FnMut(InternedTable, i64),
) -> Result<()> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let sql = format!("select {} from {table} where {condition}", names.join(", "));
    let mut question = connection.prepare_cached(&sql)?;
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        for (place, (_, shared)) in columns.iter().enumerate() {
            if let Some(id) = row.get::<_, Option<i64>>(place)? {
                visit(*shared, id);
            }
        }
    }
    Ok(())
}

/// Passes every id that a site's rows refer to on to `visit`, for visits from `since` on.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn each_of_site(
    connection: &Connection,
    site: SiteId,
    since: VisitId,
    mut visit: impl FnMut(InternedTable, i64),
) -> Result<()> {
    for (table, id, columns) in REFERENCES {
        let condition = format!("site_id = ? and {id} >= ?");
        read(connection, table, columns, &condition, [site.0, since.0], &mut visit)?;
    }
    Ok(())
}

/// Passes every label that sources, devices and places refer to on to `visit`, for rows newer than `newer_than`.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn each_label_of_interned(
    connection: &Connection,
    newer_than: [i64; 4],
    mut visit: impl FnMut(InternedTable, i64),
) -> Result<()> {
    for (shared, newest) in
        InternedTable::ALL.into_iter().zip(newer_than).filter(|(shared, _)| *shared != Labels)
    {
        read(connection, shared.table(), shared.references(), "id > ?", [newest], &mut visit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_schema_that_points_to_what_is_shared_is_listed() {
        let schema = include_str!("../../schema.sql");
        let (mut table, mut found, mut more) = ("", Vec::new(), 0);
        for line in schema.lines() {
            if let Some(rest) = line.strip_prefix("create table ") {
                table = rest.trim_end_matches(" (");
            }
            let comment = line.split_once("-- ").map_or("", |(_, comment)| comment);
            let points_to = InternedTable::ALL.into_iter().find(|shared| comment.starts_with(shared.table()));
            let Some(points_to) =
                points_to.or((more > 0).then_some(Labels)).filter(|_| line.starts_with("  "))
            else {
                continue;
            };
            more = if comment.ends_with("so the four that follow") { 4 } else { i32::max(more - 1, 0) };
            found.push((table, line.split_whitespace().next().unwrap(), points_to));
        }
        let of_shared = InternedTable::ALL.iter().map(|shared| (shared.table(), shared.references()));
        let forms: &[Column] = &[("label", Labels), ("form", Labels)];
        let mut listed: Vec<_> = REFERENCES
            .into_iter()
            .map(|(table, _, columns)| (table, columns))
            .chain(of_shared)
            // Their labels live as long as others refer to them, and their forms with those.
            .chain([("page_forms", forms)])
            .flat_map(|(table, columns)| {
                columns.iter().map(move |(column, shared)| (table, *column, *shared))
            })
            .collect();
        listed.sort_unstable();
        found.sort_unstable();
        assert_eq!(listed, found);
    }
}
