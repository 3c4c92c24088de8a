//! Labels that no row refers to any more, as after the removal of a site: a page's address or a visitor's name must not
//! stay in the file. All rows are read once, away from the writer; what they refer to is marked, the rest goes in slices.

use super::sites;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::limits;
use rusqlite::{Connection, Transaction, named_params};
use std::collections::HashSet;
use std::time::Duration;

/// Every column that refers to a label: the table, what tells its visit, the columns.
pub const REFERENCES: [(&str, &str, &[&str]); 8] = [
    (
        "visits",
        "id",
        &[
            "landing",
            "exit",
            "referrer",
            "referrer_domain",
            "referrer_name",
            "search_terms",
            "campaign",
            "campaign_source",
            "campaign_medium",
            "campaign_term",
            "campaign_content",
            "browser",
            "system",
            "screen",
            "language",
            "country",
            "region",
            "city",
            "organization",
            "hostname",
        ],
    ),
    ("actions", "visit_id", &["page", "title"]),
    ("media", "visit_id", &["event"]),
    ("custom", "visit_id", &["key", "value"]),
    ("conversions", "visit_id", &["goal"]),
    ("splits", "visit_id", &["test", "version", "goal"]),
    ("heatmap_clicks", "visit_id", &["page"]),
    ("totals", "day", &["item", "within", "beside"]),
];

/// Calls `note` with every label that rows of a site refer to, of visits that began at this one or later.
fn look(connection: &Connection, (site, since): (SiteId, VisitId), mut note: impl FnMut(i64)) -> Result<()> {
    for (table, visit, columns) in REFERENCES {
        let sql =
            format!("select {} from {table} where site_id = :site and {visit} >= :since", columns.join(", "));
        let mut question = connection.prepare_cached(&sql)?;
        let mut rows = question.query(named_params! {":site": site.0, ":since": since.0})?;
        while let Some(row) = rows.next()? {
            for column in 0..columns.len() {
                if let Some(label) = row.get::<_, Option<i64>>(column)? {
                    note(label);
                }
            }
        }
    }
    Ok(())
}

/// The labels that rows refer to, one bit each.
pub struct Marks {
    bits: Vec<u64>,
    /// Rows of visits from this one on may change while the others are read.
    unsettled: VisitId,
    newest: i64,
}

impl Marks {
    /// None yet. Labels that are made later are left alone.
    pub fn begin(connection: &Connection, now: Timestamp) -> Result<Self> {
        let newest: i64 =
            connection.query_row("select ifnull(max(id), 0) from labels", [], |row| row.get(0))?;
        // Twice what a visit can last: a host name may come late.
        let longest = Duration::from_hours(2 * limits::VISIT_HOURS_MAX.unsigned_abs());
        let words = usize::try_from(newest / 64 + 1).unwrap_or(0);
        Ok(Self { bits: vec![0; words], unsettled: VisitId::first_at(now.before(longest)), newest })
    }

    fn place(label: i64) -> Option<(usize, u64)> {
        Some((usize::try_from(label / 64).ok()?, 1 << (label.unsigned_abs() % 64)))
    }

    /// Marks what the rows of a site refer to.
    pub fn add(&mut self, connection: &Connection, site: SiteId) -> Result<()> {
        look(connection, (site, VisitId(0)), |label| {
            if let Some((word, bit)) = Self::place(label)
                && let Some(bits) = self.bits.get_mut(word)
            {
                *bits |= bit;
            }
        })
    }

    fn has(&self, label: i64) -> bool {
        Self::place(label).and_then(|(word, bit)| Some(self.bits.get(word)? & bit > 0)).unwrap_or(true)
    }

    /// The labels without a mark.
    pub fn orphans(&self, connection: &Connection) -> Result<Vec<i64>> {
        let mut question = connection.prepare("select id from labels where id <= :newest")?;
        let ids = question.query_map([self.newest], |row| row.get(0))?;
        let is_orphan = |id: &rusqlite::Result<i64>| id.as_ref().map_or(true, |id| !self.has(*id));
        Ok(ids.filter(is_orphan).collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes a slice of them, but for those that came into use while the rows were read.
    pub fn delete(&self, transaction: &Transaction<'_>, orphans: &[i64]) -> Result<()> {
        let mut rescued = HashSet::new();
        for site in sites::list(transaction)? {
            look(transaction, (site.id, self.unsettled), |label| {
                rescued.insert(label);
            })?;
        }
        sites::deleting_for_good(transaction, || {
            let mut deletion = transaction.prepare_cached("delete from labels where id = :id")?;
            for label in orphans.iter().filter(|label| !rescued.contains(label)) {
                deletion.execute([label])?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_schema_that_points_to_labels_is_listed() {
        let schema = include_str!("../../schema.sql");
        let (mut table, mut found, mut more) = ("", Vec::new(), 0);
        for line in schema.lines() {
            if let Some(rest) = line.strip_prefix("create table ") {
                table = rest.trim_end_matches(" (");
            }
            let comment = line.split_once("-- ").map_or("", |(_, comment)| comment);
            if !line.starts_with("  ") || !comment.starts_with("labels") && more == 0 {
                continue;
            }
            more = if comment.ends_with("so the four that follow") { 4 } else { i32::max(more - 1, 0) };
            found.push((table, line.split_whitespace().next().unwrap()));
        }
        let listed = REFERENCES
            .iter()
            .flat_map(|(table, _, columns)| columns.iter().map(move |column| (*table, *column)));
        let (mut listed, mut found) = (listed.collect::<Vec<_>>(), found);
        listed.sort_unstable();
        found.sort_unstable();
        assert_eq!(listed, found);
    }
}
