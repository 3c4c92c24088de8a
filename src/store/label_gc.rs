//! Garbage collection (mark and sweep) of labels and other interned rows that no row refers to any more, as after the
//! deletion of a site: a page's address or a visitor's name must not stay in the file. All rows are read once by a reader,
//! and the rows that they refer to are marked; the others are deleted in slices: first sources, devices and places, then
//! labels.

use super::id_bits::IdBits;
use super::interned_table::{InternedTable, newest_of_each};
use super::label_references::{each_label_of_interned, each_of_site};
use super::{blocks, sites};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId};
use crate::store::site_deletion;
use InternedTable::Labels;
use rusqlite::{Connection, Transaction, named_params};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The rows of interned tables that other rows refer to.
pub struct MarkSet {
    marks: [IdBits; 4],
    /// The first visit whose rows may change while the others are read.
    unsettled: VisitId,
    /// The newest sources, devices and places whose labels are marked.
    newest_read: [i64; 4],
    /// The generation of each site before its rows were read.
    generations: HashMap<SiteId, i64>,
}

impl MarkSet {
    /// Creates an empty set. Rows that are created later are never deleted.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn begin(connection: &Connection, now: Timestamp) -> Result<Self> {
        // Twice the longest visit: a host name may be resolved late.
        let longest = Duration::from_hours(2 * limits::VISIT_HOURS_MAX.unsigned_abs());
        let generations = blocks::generations(connection)?;
        let marks = newest_of_each(connection)?.map(IdBits::new);
        Ok(Self {
            marks,
            unsettled: VisitId::first_at(now.before(longest)),
            newest_read: [0; 4],
            generations,
        })
    }

    /// Marks the rows that a site's rows refer to.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn add(&mut self, connection: &Connection, site: SiteId) -> Result<()> {
        each_of_site(connection, site, VisitId(0), |table, id| self.marks[table as usize].set(id))
    }

    /// Lists the rows of a table without a mark. Labels have to come last, when only the rows of the other tables that stay
    /// refer to them.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn orphans(&mut self, connection: &Connection, table: InternedTable) -> Result<Vec<i64>> {
        if table == Labels {
            self.newest_read = newest_of_each(connection)?;
            each_label_of_interned(connection, [0; 4], |table, id| self.marks[table as usize].set(id))?;
            self.mark_forms(connection)?;
        }
        let bits = &self.marks[table as usize];
        let sql = format!("select id from {} where id <= :newest order by id", table.table());
        let mut question = connection.prepare(&sql)?;
        let ids = question.query_map([bits.newest], |row| row.get(0))?;
        let is_orphan = |id: &rusqlite::Result<i64>| id.as_ref().map_or(true, |id| !bits.has(*id));
        Ok(ids.filter(is_orphan).collect::<rusqlite::Result<_>>()?)
    }

    /// Marks the page form of every marked label: it stays as long as the label does.
    fn mark_forms(&mut self, connection: &Connection) -> Result<()> {
        let labels = &mut self.marks[Labels as usize];
        let mut question = connection.prepare_cached("select label, form from page_forms")?;
        let mut rows = question.query([])?;
        while let Some(row) = rows.next()? {
            if labels.has(row.get(0)?) {
                labels.set(row.get(1)?);
            }
        }
        Ok(())
    }

    /// Deletes a slice of the rows without a mark, except those that came into use while the rows were read. Returns false
    /// and deletes nothing when finished days of a site have changed since: an import may have added old visits that refer
    /// to rows without a mark, so everything has to be marked again.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn delete(
        &self,
        transaction: &Transaction<'_>,
        table: InternedTable,
        orphans: &[i64],
    ) -> Result<bool> {
        let has_changed =
            |(site, generation)| self.generations.get(&site).copied().unwrap_or(0) != generation;
        if blocks::generations(transaction)?.into_iter().any(has_changed) {
            return Ok(false);
        }
        let mut rescued = HashSet::new();
        let mut rescue = |other: InternedTable, id: i64| {
            if other == table {
                rescued.insert(id);
            }
        };
        for site in sites::list(transaction)? {
            each_of_site(transaction, site.id, self.unsettled, &mut rescue)?;
        }
        if table == Labels {
            each_label_of_interned(transaction, self.newest_read, &mut rescue)?;
            rescue_forms(transaction, orphans, &mut rescued)?;
        }
        let newest = table.newest(transaction)?;
        site_deletion::deleting_for_good(transaction, || {
            let sql = format!("delete from {} where id = :id", table.table());
            let mut deletion = transaction.prepare_cached(&sql)?;
            let mut without_form = transaction.prepare_cached("delete from page_forms where label = :id")?;
            for id in orphans.iter().filter(|id| !rescued.contains(id)) {
                if table == Labels {
                    without_form.execute([id])?;
                }
                // The id of a deleted label must never be reused, so the newest one is overwritten instead.
                match table {
                    Labels if *id == newest => blank(transaction, *id)?,
                    _ => deletion.execute([id]).map(drop)?,
                }
            }
            Ok(true)
        })
    }
}

/// Adds the orphans that are the page form of a rescued label to the rescued ones.
fn rescue_forms(connection: &Connection, orphans: &[i64], rescued: &mut HashSet<i64>) -> Result<()> {
    let mut question = connection.prepare_cached("select label from page_forms where form = :form")?;
    for form in orphans {
        let mut rows = question.query(named_params! {":form": form})?;
        while let Some(row) = rows.next()? {
            if rescued.contains(&row.get(0)?) {
                rescued.insert(*form);
                break;
            }
        }
    }
    Ok(())
}

/// Overwrites the text of a label without use.
fn blank(transaction: &Transaction<'_>, label: i64) -> Result<()> {
    let sql = "update labels set text = '(removed ' || hex(randomblob(16)) || ')' where id = :id";
    transaction.prepare_cached(sql)?.execute([label])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::labels;
    use super::super::page_forms::PageQueries;
    use super::super::sites::{Keys, NewSite};
    use super::super::users::{self, NewUser};
    use super::*;
    use crate::model::clock::Zone;

    /// A file with one site, in a folder that goes when it is dropped.
    fn file() -> (tempfile::TempDir, Connection, SiteId) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let site = crate::store::change(&mut connection, |tx| {
            let user =
                NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
            let owner = users::create(tx, &user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
            sites::create(tx, owner, &new, &Keys::generate()?, Timestamp(0))
        });
        (folder, connection, site.unwrap())
    }

    fn label(connection: &mut Connection, text: &str) -> i64 {
        crate::store::change(connection, |tx| labels::create(tx, text)).unwrap()
    }

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn a_text_that_an_import_takes_up_while_the_rows_are_read_stays() {
        let (_folder, mut connection, site) = file();
        let text = label(&mut connection, "an old page");
        label(&mut connection, "a newer one");
        let begin = |connection: &Connection| {
            let mut marks = MarkSet::begin(connection, NOW).unwrap();
            marks.add(connection, site).unwrap();
            let orphans = marks.orphans(connection, Labels).unwrap();
            (marks, orphans)
        };
        let (marks, orphans) = begin(&connection);
        assert!(orphans.contains(&text));
        let old = VisitId::first_at(Timestamp(1_600_000_000_000));
        crate::store::change(&mut connection, |tx| {
            let sql = "insert into custom (site_id, visit_id, key, value) values (?1, ?2, ?3, ?3)";
            tx.execute(sql, [site.0, old.0, text])?;
            blocks::unseal(tx, site, &(old..VisitId(old.0 + 1)))
        })
        .unwrap();
        let delete = |connection: &mut Connection, marks: &MarkSet, orphans: &[i64]| {
            crate::store::change(connection, |tx| marks.delete(tx, Labels, orphans)).unwrap()
        };
        assert!(!delete(&mut connection, &marks, &orphans));
        assert_eq!(labels::text(&connection, text).unwrap().as_deref(), Some("an old page"));
        let (marks, orphans) = begin(&connection);
        assert!(delete(&mut connection, &marks, &orphans));
        assert_eq!(labels::text(&connection, text).unwrap().as_deref(), Some("an old page"));
        assert_eq!(labels::find(&connection, "a newer one").unwrap(), None);
    }

    #[test]
    fn the_number_of_a_text_that_is_gone_is_never_another_texts() {
        let (_folder, mut connection, _) = file();
        let gone = label(&mut connection, "ada@bakery.example");
        let mut marks = MarkSet::begin(&connection, NOW).unwrap();
        let orphans = marks.orphans(&connection, Labels).unwrap();
        assert_eq!(orphans, [gone]);
        crate::store::change(&mut connection, |tx| marks.delete(tx, Labels, &orphans)).unwrap();
        assert_eq!(labels::find(&connection, "ada@bakery.example").unwrap(), None);
        assert_ne!(label(&mut connection, "a page of another site"), gone);
    }

    #[test]
    fn the_form_of_a_page_lives_as_long_as_a_row_has_its_older_address() {
        let (_folder, mut connection, site) = file();
        let [used, unused] =
            ["http://a.example/used", "http://a.example/unused"].map(|text| label(&mut connection, text));
        let visit = VisitId::first_at(Timestamp(1_600_000_000_000));
        crate::store::change(&mut connection, |tx| {
            assert_eq!(super::super::page_forms::add_all(tx, &PageQueries::TODAY)?, 2);
            // Not the newest: that one's number would be kept.
            labels::create(tx, "a newer one")?;
            let sql = "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width) values (?1, ?2, 1, ?3, 1, 1, 1)";
            Ok(tx.execute(sql, [site.0, visit.0, used])?)
        })
        .unwrap();
        let mut marks = MarkSet::begin(&connection, NOW).unwrap();
        marks.add(&connection, site).unwrap();
        let orphans = marks.orphans(&connection, Labels).unwrap();
        assert!(crate::store::change(&mut connection, |tx| marks.delete(tx, Labels, &orphans)).unwrap());
        let is_there = |text| labels::find(&connection, text).unwrap().is_some();
        assert!(is_there("http://a.example/used") && is_there("https://a.example/used"));
        assert!(!is_there("http://a.example/unused") && !is_there("https://a.example/unused"));
        let forms: Vec<i64> = {
            let mut question = connection.prepare("select label from page_forms").unwrap();
            question.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(forms, [used]);
        assert_ne!(used, unused);
    }

    #[test]
    fn the_form_of_a_page_that_comes_into_use_while_the_rows_are_read_stays() {
        let (_folder, mut connection, site) = file();
        let form = label(&mut connection, "https://a.example/x");
        let mut marks = MarkSet::begin(&connection, NOW).unwrap();
        marks.add(&connection, site).unwrap();
        let orphans = marks.orphans(&connection, Labels).unwrap();
        assert_eq!(orphans, [form]);
        crate::store::change(&mut connection, |tx| {
            let page = labels::create(tx, "http://a.example/x")?;
            super::super::page_forms::add_one(tx, page, "http://a.example/x")?;
            let sql = "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width) values (?1, ?2, 1, ?3, 1, 1, 1)";
            Ok(tx.execute(sql, [site.0, VisitId::first_at(NOW).0, page])?)
        })
        .unwrap();
        assert!(crate::store::change(&mut connection, |tx| marks.delete(tx, Labels, &orphans)).unwrap());
        assert_eq!(labels::find(&connection, "https://a.example/x").unwrap(), Some(form));
    }
}
