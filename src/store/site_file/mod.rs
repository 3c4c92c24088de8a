//! A whole site as lines of JSON, and back: everything that makes its reports. Texts stand as they are rather than as
//! labels, ids as strings (63 bits do not fit every reader's numbers). The first line is the head, the last one counts
//! the others. Who may see the site, and what was done to it, belongs to an appliance's people and stays there.

mod belongings;
mod head;
mod visits;

pub use belongings::Record;
pub use head::Head;
pub use visits::Visit;

use crate::clock::Day;
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::limits;
use crate::store::circumstances::Circumstances;
use crate::store::labels;
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;

/// What the head calls the format.
pub const FORMAT: &str = "clickstead-site";
/// The version that is written. Older ones are read, newer ones refused.
pub const VERSION: u32 = 1;

/// Whether a line is the head of an exported site.
pub fn is_head(line: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Name {
        format: String,
    }
    serde_json::from_str::<Name>(line).is_ok_and(|name| name.format == FORMAT)
}

/// Reads a site line by line: each record is handed on; says how many there were. With what is secret, the salts from
/// a day on go along, and the keys under which an open visit is found by its address.
pub fn read(
    connection: &Connection,
    site: SiteId,
    salts_since: Option<Day>,
    mut give: impl FnMut(&Record) -> Result<()>,
) -> Result<u64> {
    let (mut texts, mut count, mut next) = (Texts::default(), 0, VisitId(0));
    let mut give = |record: &Record| {
        count += 1;
        give(record)
    };
    let keyed = match salts_since {
        Some(day) => belongings::first_keyed_visit(connection, site, day)?,
        None => VisitId(i64::MAX),
    };
    loop {
        let visits = visits::list(connection, (site, next), &mut texts, keyed)?;
        let Some(last) = visits.last() else { break };
        next = VisitId(last.id()?.0 + 1);
        for visit in visits {
            give(&Record::Visit(Box::new(visit)))?;
        }
    }
    belongings::read(connection, site, salts_since, &mut texts, &mut give)?;
    Ok(count)
}

/// Writes one record of a site; one that is there already stays as it is, or takes the place of what it goes further
/// than. Says which visit it was, if it was one.
pub fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &Record,
    words: &mut Words,
) -> Result<Option<VisitId>> {
    match record {
        Record::Visit(visit) => visits::write(tx, site, visit, words).map(Some),
        other => belongings::write(tx, site, other, words).map(|()| None),
    }
}

/// Texts by label, as far as there is room.
#[derive(Default)]
pub struct Texts(HashMap<i64, String>);

impl Texts {
    fn text(&mut self, connection: &Connection, label: Option<i64>) -> Result<Option<String>> {
        let Some(label) = label else { return Ok(None) };
        if let Some(text) = self.0.get(&label) {
            return Ok(Some(text.clone()));
        }
        let text = labels::text(connection, label)?;
        if self.0.len() >= limits::LABELS_CACHED_MAX {
            self.0.clear();
        }
        if let Some(text) = &text {
            self.0.insert(label, text.clone());
        }
        Ok(text)
    }
}

/// Labels by text, as far as there is room.
#[derive(Default)]
pub struct Words {
    labels: HashMap<String, i64>,
    circumstances: Circumstances,
}

impl Words {
    /// Drops what is remembered: another process may have deleted labels.
    pub fn forget(&mut self) {
        self.labels.clear();
        self.circumstances.forget();
    }

    fn label(&mut self, tx: &Transaction<'_>, text: Option<&str>) -> Result<Option<i64>> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
        if let Some(label) = self.labels.get(text) {
            return Ok(Some(*label));
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None => labels::create(tx, text)?,
        };
        if self.labels.len() >= limits::LABELS_CACHED_MAX {
            self.labels.clear();
        }
        self.labels.insert(text.to_owned(), label);
        Ok(Some(label))
    }
}
