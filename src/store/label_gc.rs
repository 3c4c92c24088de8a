//! What no row refers to any more, as after the removal of a site: a page's address or a visitor's name must not stay in
//! the file. All rows are read once, away from the writer; what they refer to is marked, the rest goes in slices: first
//! sources, machines and places, then labels.

use super::{blocks, sites};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId};
use InternedTable::{Labels, Machines, Places, Sources};
use rusqlite::{Connection, Params, Transaction, named_params};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A table whose rows all sites share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InternedTable {
    /// How visits came.
    Sources,
    /// What with.
    Machines,
    /// Where from.
    Places,
    /// Texts; the others refer to them.
    Labels,
}

type Column = (&'static str, InternedTable);

impl InternedTable {
    /// All of them, in the order in which they are cleared.
    pub const ALL: [Self; 4] = [Sources, Machines, Places, Labels];

    fn table(self) -> &'static str {
        match self {
            Sources => "sources",
            Machines => "machines",
            Places => "places",
            Labels => "labels",
        }
    }

    /// The labels that it refers to.
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

    fn newest(self, connection: &Connection) -> Result<i64> {
        let sql = format!("select ifnull(max(id), 0) from {}", self.table());
        Ok(connection.query_row(&sql, [], |row| row.get(0))?)
    }
}

/// Every column of a site's rows that refers to something shared: the table, what tells its visit, the columns.
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

/// Calls `note` with everything that some rows of a table refer to.
fn read(
    connection: &Connection,
    table: &str,
    columns: &[Column],
    condition: &str,
    bound: impl Params,
    note: &mut impl FnMut(InternedTable, i64),
) -> Result<()> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let sql = format!("select {} from {table} where {condition}", names.join(", "));
    let mut question = connection.prepare_cached(&sql)?;
    let mut rows = question.query(bound)?;
    while let Some(row) = rows.next()? {
        for (place, (_, shared)) in columns.iter().enumerate() {
            if let Some(id) = row.get::<_, Option<i64>>(place)? {
                note(*shared, id);
            }
        }
    }
    Ok(())
}

/// Calls `note` with everything that rows of a site refer to, of visits that began at this one or later.
fn look(
    connection: &Connection,
    site: SiteId,
    since: VisitId,
    mut note: impl FnMut(InternedTable, i64),
) -> Result<()> {
    for (table, visit, columns) in REFERENCES {
        let condition = format!("site_id = ? and {visit} >= ?");
        read(connection, table, columns, &condition, [site.0, since.0], &mut note)?;
    }
    Ok(())
}

/// Calls `note` with the labels that sources, machines and places refer to, of those that are newer than these.
fn look_at_shared(
    connection: &Connection,
    newer_than: [i64; 4],
    mut note: impl FnMut(InternedTable, i64),
) -> Result<()> {
    for (shared, newest) in
        InternedTable::ALL.into_iter().zip(newer_than).filter(|(shared, _)| *shared != Labels)
    {
        read(connection, shared.table(), shared.references(), "id > ?", [newest], &mut note)?;
    }
    Ok(())
}

/// The rows of a shared table that others refer to, one bit each.
pub(super) struct Bits {
    bits: Vec<u64>,
    newest: i64,
}

impl Bits {
    /// None up to this row.
    pub(super) fn new(newest: i64) -> Self {
        Self { bits: vec![0; usize::try_from(newest / 64 + 1).unwrap_or(0)], newest }
    }

    fn place(id: i64) -> Option<(usize, u64)> {
        Some((usize::try_from(id / 64).ok()?, 1 << (id.unsigned_abs() % 64)))
    }

    pub(super) fn set(&mut self, id: i64) {
        if let Some((word, bit)) = Self::place(id)
            && let Some(bits) = self.bits.get_mut(word)
        {
            *bits |= bit;
        }
    }

    pub(super) fn has(&self, id: i64) -> bool {
        Self::place(id).and_then(|(word, bit)| Some(self.bits.get(word)? & bit > 0)).unwrap_or(true)
    }
}

/// What rows refer to.
pub struct MarkSet {
    of: [Bits; 4],
    /// Rows of visits from this one on may change while the others are read.
    unsettled: VisitId,
    /// The newest sources, machines and places whose labels are marked.
    newest_read: [i64; 4],
    /// How often each site's finished days had changed before its rows were read.
    editions: HashMap<SiteId, i64>,
}

impl MarkSet {
    /// None yet. What is made later is left alone.
    pub fn begin(connection: &Connection, now: Timestamp) -> Result<Self> {
        // Twice what a visit can last: a host name may come late.
        let longest = Duration::from_hours(2 * limits::VISIT_HOURS_MAX.unsigned_abs());
        let editions = blocks::editions(connection)?;
        let of = newest_of_each(connection)?.map(Bits::new);
        Ok(Self { of, unsettled: VisitId::first_at(now.before(longest)), newest_read: [0; 4], editions })
    }

    /// Marks what the rows of a site refer to.
    pub fn add(&mut self, connection: &Connection, site: SiteId) -> Result<()> {
        look(connection, site, VisitId(0), |shared, id| self.of[shared as usize].set(id))
    }

    /// The rows of a shared table without a mark. Labels come last: what is left of the other tables has its labels.
    pub fn orphans(&mut self, connection: &Connection, shared: InternedTable) -> Result<Vec<i64>> {
        if shared == Labels {
            self.newest_read = newest_of_each(connection)?;
            look_at_shared(connection, [0; 4], |shared, id| self.of[shared as usize].set(id))?;
            self.mark_forms(connection)?;
        }
        let bits = &self.of[shared as usize];
        let sql = format!("select id from {} where id <= :newest order by id", shared.table());
        let mut question = connection.prepare(&sql)?;
        let ids = question.query_map([bits.newest], |row| row.get(0))?;
        let is_orphan = |id: &rusqlite::Result<i64>| id.as_ref().map_or(true, |id| !bits.has(*id));
        Ok(ids.filter(is_orphan).collect::<rusqlite::Result<_>>()?)
    }

    /// Marks the form of every label with a mark: it lives as long as a row has that label.
    fn mark_forms(&mut self, connection: &Connection) -> Result<()> {
        let labels = &mut self.of[Labels as usize];
        let mut question = connection.prepare_cached("select label, form from page_forms")?;
        let mut rows = question.query([])?;
        while let Some(row) = rows.next()? {
            if labels.has(row.get(0)?) {
                labels.set(row.get(1)?);
            }
        }
        Ok(())
    }

    /// Deletes a slice of them, but for those that came into use while the rows were read. False, and nothing is done,
    /// when finished days of a site have changed since: an import may have put old visits there that refer to what had no
    /// mark. Then all is to be marked anew.
    pub fn delete(
        &self,
        transaction: &Transaction<'_>,
        shared: InternedTable,
        orphans: &[i64],
    ) -> Result<bool> {
        let has_changed = |(site, edition)| self.editions.get(&site).copied().unwrap_or(0) != edition;
        if blocks::editions(transaction)?.into_iter().any(has_changed) {
            return Ok(false);
        }
        let mut rescued = HashSet::new();
        let mut rescue = |of: InternedTable, id: i64| {
            if of == shared {
                rescued.insert(id);
            }
        };
        for site in sites::list(transaction)? {
            look(transaction, site.id, self.unsettled, &mut rescue)?;
        }
        if shared == Labels {
            look_at_shared(transaction, self.newest_read, &mut rescue)?;
            rescue_forms(transaction, orphans, &mut rescued)?;
        }
        let newest = shared.newest(transaction)?;
        sites::deleting_for_good(transaction, || {
            let sql = format!("delete from {} where id = :id", shared.table());
            let mut deletion = transaction.prepare_cached(&sql)?;
            let mut without_form = transaction.prepare_cached("delete from page_forms where label = :id")?;
            for id in orphans.iter().filter(|id| !rescued.contains(id)) {
                if shared == Labels {
                    without_form.execute([id])?;
                }
                // The number of a text is never given to another one.
                match shared {
                    Labels if *id == newest => blank(transaction, *id)?,
                    _ => deletion.execute([id]).map(drop)?,
                }
            }
            Ok(true)
        })
    }
}

/// Rescues those of these labels that are the form of a rescued one.
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

/// Overwrites a text that nobody uses any more.
fn blank(transaction: &Transaction<'_>, label: i64) -> Result<()> {
    let sql = "update labels set text = '(removed ' || hex(randomblob(16)) || ')' where id = :id";
    transaction.prepare_cached(sql)?.execute([label])?;
    Ok(())
}

fn newest_of_each(connection: &Connection) -> Result<[i64; 4]> {
    let [sources, machines, places, labels] = InternedTable::ALL.map(|shared| shared.newest(connection));
    Ok([sources?, machines?, places?, labels?])
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
