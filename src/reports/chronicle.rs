//! Reports of single things, newest first: recent links and searches, and those that were never seen before.

use super::range::Range;
use super::visits::Page;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::VisitId;
use crate::ingest::source::Medium;
use crate::store::sites::Site;
use rusqlite::{Connection, named_params};

/// Which things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chronicle {
    /// Every visit that came by a link.
    LinksRecent,
    /// Links that brought somebody for the first time ever.
    LinksFirst,
    /// Every visit that came by a known search.
    SearchesRecent,
    /// Searches that brought somebody for the first time ever.
    SearchesFirst,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// When.
    pub at: Timestamp,
    /// The visit.
    pub visit: VisitId,
    /// The link or the words.
    pub item: String,
}

impl Chronicle {
    /// The column, the index over it, and whether only the first time counts.
    fn parts(self) -> (&'static str, &'static str, bool) {
        match self {
            Self::LinksRecent => ("referrer", "visits_by_referrer", false),
            Self::LinksFirst => ("referrer", "visits_by_referrer", true),
            Self::SearchesRecent => ("search_terms", "visits_by_search", false),
            Self::SearchesFirst => ("search_terms", "visits_by_search", true),
        }
    }

    /// The name of the filter for one item.
    pub fn filter(self) -> &'static str {
        match self {
            Self::LinksRecent | Self::LinksFirst => "link",
            Self::SearchesRecent | Self::SearchesFirst => "search",
        }
    }

    /// Visits that count: a link is neither a search engine's nor the site's own.
    fn condition(self) -> String {
        match self {
            Self::LinksRecent | Self::LinksFirst => format!(
                "referrer is not null and medium not in ({}, {})",
                Medium::Search.code(),
                Medium::Internal.code()
            ),
            Self::SearchesRecent | Self::SearchesFirst => "search_terms is not null".into(),
        }
    }

    /// One page of a range, newest first; one more than the page holds when there are older ones.
    pub fn list(
        self,
        connection: &Connection,
        site: &Site,
        range: Range,
        page: Page,
    ) -> Result<Vec<Occurrence>> {
        let visits = range.visits(&site.zone);
        let (column, index, only_first) = self.parts();
        let condition = self.condition();
        let found = if only_first {
            format!(
                "select min(id) as id, {column} as label
                 from visits indexed by {index}
                 where site_id = :site and {condition}
                 group by {column}
                 having min(id) >= :first and min(id) < :end"
            )
        } else {
            format!(
                "select id, {column} as label
                 from visits
                 where site_id = :site and id >= :first and id < :end and {condition}"
            )
        };
        let sql = format!(
            "select found.id, labels.text
             from ({found}
                   order by 1 desc
                   limit :rows offset :skipped) as found
             join labels on labels.id = found.label
             order by found.id desc"
        );
        let mut question = connection.prepare_cached(&sql)?;
        let bound = named_params! {
            ":site": site.id.0, ":first": visits.start.0, ":end": visits.end.0,
            ":rows": i64::from(page.rows) + 1, ":skipped": page.skipped(),
        };
        let rows = question.query_map(bound, |row| {
            let visit = VisitId(row.get(0)?);
            Ok(Occurrence { at: visit.began(), visit, item: row.get(1)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
