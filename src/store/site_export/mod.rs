//! A whole site as lines of JSON, and back: everything that makes its reports. Texts stand as they are rather than as
//! labels, ids as strings (63 bits do not fit every reader's numbers). The first line is the head, the last one counts
//! the others. Who may see the site, and what was done to it, belongs to an appliance's people and stays there.

mod day_state;
mod header;
mod lines;
mod records;
mod visits;

pub use header::{BrandRecord, Head, SiteSettings};
pub use lines::ImportedLines;
pub use records::{
    Filtered, Imported, LinkRecord, OtherHostRecord, Record, SaltRecord, SampleRecord, SegmentRecord, Total,
};
pub use visits::{TEXTS, VisitRecord};

use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::model::page_form::page_form;
use crate::store::visit_attributes::AttributeCache;
use crate::store::{labels, page_forms, retention};
use day_state::Calendar;
use rusqlite::{Connection, Transaction};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// What the head calls the format.
pub const FORMAT: &str = "clickstead-site";
/// The version that is written. Older ones are read, newer ones refused.
pub const VERSION: u32 = 2;

/// Whether a line is the head of an exported site.
pub fn is_head(line: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Name {
        format: String,
    }
    serde_json::from_str::<Name>(line).is_ok_and(|name| name.format == FORMAT)
}

/// Reads a site line by line: passes each record on; returns their number. With secrets, the salts from a day
/// on are included; the keys under which open visits are found by their addresses are not.
pub fn read(
    connection: &Connection,
    site: SiteId,
    salts_since: Option<Day>,
    mut give: impl FnMut(&Record) -> Result<()>,
) -> Result<u64> {
    let (mut texts, mut count, mut next) = (LabelTextCache::default(), 0, VisitId(0));
    let dropping = retention::state(connection, site)?.dropping;
    // Their totals stand already.
    let is_dropped = |visit: VisitId| dropping.as_ref().is_some_and(|dropping| dropping.contains(&visit));
    let mut give = |record: &Record| {
        count += 1;
        give(record)
    };
    loop {
        let visits = visits::list(connection, site, next, &mut texts)?;
        let Some(last) = visits.last() else { break };
        next = VisitId(last.id()?.0 + 1);
        for visit in visits {
            if !is_dropped(visit.id()?) {
                give(&Record::Visit(Box::new(visit)))?;
            }
        }
    }
    records::read(connection, site, salts_since, &mut texts, &mut give)?;
    Ok(count)
}

/// What became of a record.
pub enum ImportOutcome {
    /// A visit stands, as it was here or as the record has it.
    Visit(VisitId),
    /// Something else was made.
    Made,
    /// It was there already.
    Known,
    /// It would count once more what is counted here already: its day stands as totals, or as visits.
    LeftOut(&'static str),
    /// There is no room for a further one, and why.
    Full(&'static str),
}

/// The names of what is left out: visits of days of which only totals are left here, totals of days whose visits are here,
/// lists of imported lines that can't be compared with those here.
pub const LEFT_OUT: [(&str, &str); 3] = [
    ("totals-here", "visits of days of which only totals are kept here"),
    ("visits-here", "totals of days whose visits are here"),
    lines::OTHER_KEY,
];

/// Writes one record of a site; one that is there already stays as it is, or takes the place of what it goes further
/// than.
pub fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &Record,
    memory: &mut ImportState<'_>,
) -> Result<ImportOutcome> {
    let ImportState { words, calendar, lines: room } = memory;
    match record {
        Record::Visit(visit) => visits::write(tx, site, visit, words, calendar),
        Record::Lines(lines) => lines::write(tx, site, lines, room),
        Record::Total(total) if !calendar.has_room_for_totals(tx, site, total.day())? => {
            Ok(ImportOutcome::LeftOut(LEFT_OUT[1].0))
        }
        other => records::write(tx, site, other, words),
    }
}

/// What is remembered from one record to the next.
pub struct ImportState<'a> {
    words: Words,
    calendar: Calendar<'a>,
    lines: lines::Room,
}

impl<'a> ImportState<'a> {
    /// For a site in this zone and a file that has visits of these days, which is read now.
    pub fn new(zone: Zone, days: &'a HashSet<Day>, now: Timestamp) -> Self {
        Self { words: Words::default(), calendar: Calendar::new(zone, days), lines: lines::Room::new(now) }
    }

    /// Drops what is remembered of the data file: another process may have changed it.
    pub fn forget(&mut self) {
        self.words.forget();
        self.calendar.forget();
    }
}

/// Texts by label, as far as there is room.
#[derive(Default)]
pub struct LabelTextCache(HashMap<i64, String>);

impl LabelTextCache {
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
struct Words {
    labels: HashMap<String, i64>,
    circumstances: AttributeCache,
    /// Labels whose form is noted.
    formed: HashSet<i64>,
}

/// The code of actions whose address is that of a link to elsewhere.
const OUTBOUND: i64 = 3;

impl Words {
    fn forget(&mut self) {
        self.labels.clear();
        self.circumstances.forget();
        self.formed.clear();
    }

    /// The label of a page, a file or an event's link as it was exported, whose form is noted: conditions on a part of an older
    /// spelling mean the same here.
    fn page(&mut self, tx: &Transaction<'_>, text: Option<&str>) -> Result<Option<i64>> {
        let label = self.label(tx, text)?;
        let form = text.map(page_form);
        if let (Some(label), Some(Cow::Owned(form))) = (label, form)
            && self.formed.insert(label)
        {
            page_forms::add(tx, label, &form)?;
        }
        Ok(label)
    }

    /// The label of the address of an action of this kind.
    fn address(&mut self, tx: &Transaction<'_>, kind: i64, text: Option<&str>) -> Result<Option<i64>> {
        if kind == OUTBOUND { self.label(tx, text) } else { self.page(tx, text) }
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
            self.formed.clear();
        }
        self.labels.insert(text.to_owned(), label);
        Ok(Some(label))
    }
}
