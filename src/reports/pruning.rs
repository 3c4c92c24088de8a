//! Which visits a site does not keep any longer, and what is kept instead: a local day at a time, counted by the same
//! questions that reports ask.

use super::days::{Days, Reader};
use super::filter::Filter;
use super::questions::{ByHour, Items, Question, Totals};
use super::range::Range;
use super::totals::{kept, row_of_all, rows_of_hours, rows_of_items};
use crate::clock::{Day, Timestamp};
use crate::error::{Error, Result};
use crate::id::{SiteId, VisitId};
use crate::limits;
use crate::store::retention::{self, Sums};
use crate::store::sites::Site;
use crate::store::totals::{self, Row};
use rusqlite::{Connection, Transaction};

/// A day whose visits are to go, as it was counted.
#[derive(Debug)]
pub struct Leaving {
    site: SiteId,
    day: Day,
    visits: std::ops::Range<VisitId>,
    sums: Sums,
    rows: Vec<Row>,
}

/// For how many days visits are kept, as somebody typed it; nothing typed means for good.
pub fn parse_days(typed: &str) -> Result<Option<i64>> {
    let most = limits::VISITS_KEPT_DAYS_MAX;
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let days = typed.parse().ok().filter(|days| (1..=most).contains(days));
    days.map(Some).ok_or_else(|| {
        Error::invalid("days", format!("Enter a number of days from 1 to {most}, such as 365 for a year."))
    })
}

/// For how long visits are kept, in words.
pub fn words(days: Option<i64>) -> String {
    match days {
        None => "for good".into(),
        Some(1) => "for 1 day".into(),
        Some(days) => format!("for {days} days"),
    }
}

/// The first day whose visits stay.
pub fn first_kept(site: &Site, kept_days: i64, now: Timestamp) -> Day {
    site.zone.day(now).plus(-i32::try_from(kept_days).unwrap_or(i32::MAX))
}

/// What a site would drop now: days with visits, and visits. The last day is the one before `first_kept`.
pub fn preview(connection: &Connection, site: &Site, first_kept: Day) -> Result<Option<(Day, i64)>> {
    let Some(oldest) = retention::oldest_visit(connection, site.id)? else { return Ok(None) };
    let first = site.zone.day(oldest.began());
    if first >= first_kept {
        return Ok(None);
    }
    let range = Range { first, last: first_kept.plus(-1) }.visits(&site.zone);
    Ok(Some((first, Sums::of(connection, site.id, &range)?.visits())))
}

impl Leaving {
    /// Counts the oldest day whose visits a site does not keep any longer; none when there is none.
    pub fn next(reader: &Reader<'_>, site: &Site) -> Result<Option<Self>> {
        let Some(kept_days) = retention::kept_days(reader.connection, site.id)? else { return Ok(None) };
        let Some(oldest) = retention::oldest_visit(reader.connection, site.id)? else { return Ok(None) };
        let day = site.zone.day(oldest.began());
        if day >= first_kept(site, kept_days, reader.now) {
            return Ok(None);
        }
        Self::count(reader, site, day).map(Some)
    }

    fn count(reader: &Reader<'_>, site: &Site, day: Day) -> Result<Self> {
        let range = Range { first: day, last: day };
        let visits = range.visits(&site.zone);
        let sums = Sums::of(reader.connection, site.id, &visits)?;
        let (mut all, mut hours) = (Totals::default(), ByHour::default());
        let mut items: Vec<_> = kept().map(|(by, name)| (by, name, Items::of(by))).collect();
        let mut questions: Vec<&mut dyn Question> = vec![&mut all, &mut hours];
        questions.extend(items.iter_mut().map(|(_, _, items)| items as &mut dyn Question));
        reader.ask_visits(site, range, &Filter::everything(), &mut questions)?;
        let mut rows = vec![row_of_all(&all.0)];
        rows.extend(rows_of_hours(&hours.0));
        rows.extend(items.iter().flat_map(|(by, name, items)| rows_of_items(*by, name, items)));
        Ok(Self { site: site.id, day, visits, sums, rows })
    }

    /// Puts the totals in the place of the visits; false when the visits are not those that were counted any more, or are
    /// to be kept. The visits themselves go in slices, see [`retention::drop_slice`].
    pub fn write(&self, tx: &Transaction<'_>, now: Timestamp) -> Result<bool> {
        let site = crate::store::sites::get(tx, self.site)?;
        let is_due = retention::kept_days(tx, self.site)?
            .is_some_and(|kept_days| self.day < first_kept(&site, kept_days, now));
        let is_same = Range { first: self.day, last: self.day }.visits(&site.zone) == self.visits
            && Sums::of(tx, self.site, &self.visits)? == self.sums;
        if !is_due || !is_same || retention::state(tx, self.site)?.dropping.is_some() {
            return Ok(false);
        }
        totals::add(tx, self.site, self.day, &self.rows)?;
        retention::begin_dropping(tx, self.site, &self.visits)?;
        Ok(true)
    }
}

/// Asks with a memory of its own, as a command does.
pub fn with_reader<T>(
    connection: &Connection,
    now: Timestamp,
    ask: impl FnOnce(&Reader<'_>) -> Result<T>,
) -> Result<T> {
    let days = Days::new(crate::ingest::changes::Changes::default());
    let mark = days.mark();
    // All questions see the same moment.
    let moment = connection.unchecked_transaction()?;
    ask(&Reader::new(&moment, &days, (now, mark)))
}
