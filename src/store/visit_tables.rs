//! The tables that hang on a visit, in one list. Erasure, pruning, the deletion of a site, the clean-up of labels and the
//! replacement of an imported visit loop over it; a test compares it with `schema.sql`.

use super::interned_table::{InternedTable, Reference};
use super::visit_attribute::VisitAttribute;
use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use InternedTable::{Labels, Machines, Places, Sources};
use rusqlite::{Transaction, named_params};

/// A table whose rows belong to visits.
pub struct VisitTable {
    /// Its name.
    pub name: &'static str,
    /// The column of the visit's id.
    pub visit_id: &'static str,
    /// The columns of its key.
    pub key: &'static str,
    /// The columns that refer to interned tables, without the visit's own attributes; see [`VisitTable::references`].
    references: &'static [Reference],
}

const fn table(name: &'static str, key: &'static str, references: &'static [Reference]) -> VisitTable {
    VisitTable { name, visit_id: "visit_id", key, references }
}

/// All tables that hang on a visit. `visits` comes last: as long as its row is there, a deletion is not complete.
pub const VISIT_TABLES: [VisitTable; 7] = [
    table("actions", "site_id, visit_id, number", &[("page", Labels), ("title", Labels)]),
    table("media", "site_id, visit_id, number", &[("event", Labels)]),
    table("custom", "site_id, visit_id, key", &[("key", Labels), ("value", Labels)]),
    table("conversions", "site_id, visit_id, number", &[("goal", Labels)]),
    table("splits", "site_id, visit_id, test", &[("test", Labels), ("version", Labels), ("goal", Labels)]),
    table("heatmap_clicks", "site_id, visit_id, number", &[("page", Labels)]),
    VisitTable {
        name: "visits",
        visit_id: "id",
        key: "site_id, id",
        references: &[("source", Sources), ("machine", Machines), ("place", Places)],
    },
];

impl VisitTable {
    /// Returns the columns that refer to interned tables.
    pub fn references(&self) -> Vec<Reference> {
        let own = VisitAttribute::of_table(None).filter(|one| self.name == "visits" && one.is_label());
        self.references.iter().copied().chain(own.map(|one| (one.column(), Labels))).collect()
    }
}

/// Deletes visits of a site with everything that belongs to them.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_visits(tx: &Transaction<'_>, site: SiteId, visits: &[VisitId]) -> Result<()> {
    for VisitTable { name, visit_id, .. } in VISIT_TABLES {
        let sql = format!("delete from {name} where site_id = :site and {visit_id} = :visit");
        let mut deletion = tx.prepare_cached(&sql)?;
        for visit in visits {
            deletion.execute(named_params! {":site": site.0, ":visit": visit.0})?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_with_a_visit_stands_in_the_list_with_its_key() {
        let connection = crate::store::scratch().unwrap();
        let sql = "select tables.name, (select group_concat(name, ', ' order by pk)
                     from pragma_table_info(tables.name) where pk > 0)
                   from pragma_table_list as tables
                   where schema = 'main' and (tables.name = 'visits' or exists (
                     select 1 from pragma_table_info(tables.name) where name = 'visit_id'))
                   order by 1";
        let mut question = connection.prepare(sql).unwrap();
        let found = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let found: Vec<(String, String)> = found.map(Result::unwrap).collect();
        let mut listed = VISIT_TABLES.map(|table| (table.name.to_owned(), table.key.to_owned()));
        listed.sort_unstable();
        assert_eq!(listed.as_slice(), found);
    }
}
