//! The columns that refer to interned tables: sources, devices, places and labels.

use super::interned_table::{InternedTable, Reference};
use super::visit_attribute::VisitAttribute;
use super::visit_tables::VISIT_TABLES;
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use InternedTable::Labels;
use rusqlite::{Connection, Params};

/// The columns of rollups that refer to labels.
const ROLLUPS: [Reference; 3] = [("item", Labels), ("parent", Labels), ("subtitle", Labels)];

/// The columns of the costs of campaigns that refer to labels.
const COSTS: [Reference; 1] = [("campaign", Labels)];

/// Returns the columns of an interned table that refer to labels.
fn labels_of(table: InternedTable) -> Vec<Reference> {
    let texts = VisitAttribute::of_table(Some(table)).filter(|attribute| attribute.is_label());
    texts.map(|attribute| (attribute.column(), Labels)).collect()
}

/// Passes every id that rows of a table refer to on to `visit`.
fn read(
    connection: &Connection,
    table: &str,
    columns: &[Reference],
    condition: &str,
    bound: impl Params,
    visit: &mut impl FnMut(InternedTable, i64),
) -> Result<()> {
    // Conversions refer to goals, and to no label.
    if columns.is_empty() {
        return Ok(());
    }
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
    for table in VISIT_TABLES.iter().filter(|table| !table.references().is_empty()) {
        let condition = format!("site_id = ? and {} >= ?", table.visit_id);
        read(connection, table.name, &table.references(), &condition, [site.0, since.0], &mut visit)?;
    }
    // Costs belong to no visit: one that is set while others are read must save its label, too.
    read(connection, "campaign_costs", &COSTS, "site_id = ?", [site.0], &mut visit)?;
    // No day is as high as the id of a visit: rollups are read with all visits or not at all.
    read(connection, "rollups", &ROLLUPS, "site_id = ? and day >= ?", [site.0, since.0], &mut visit)
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
        read(connection, shared.table(), &labels_of(shared), "id > ?", [newest], &mut visit)?;
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
        let of_shared = InternedTable::ALL.map(|shared| (shared.table(), labels_of(shared)));
        // Their labels live as long as others refer to them, and their forms with those.
        let forms = vec![("label", Labels), ("form", Labels)];
        let mut listed: Vec<_> = VISIT_TABLES
            .map(|table| (table.name, table.references()))
            .into_iter()
            .chain(of_shared)
            .chain([("rollups", ROLLUPS.to_vec()), ("campaign_costs", COSTS.to_vec()), ("page_forms", forms)])
            .flat_map(|(table, columns)| {
                columns.into_iter().map(move |(column, shared)| (table, column, shared))
            })
            .collect();
        listed.sort_unstable();
        found.sort_unstable();
        assert_eq!(listed, found);
    }
}
