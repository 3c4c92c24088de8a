//! The numbers of a site that alerts judge, read once for all of its alerts.

use super::day_hours::{DayHours, DayKey, HOURS, Hours};
use super::slot::Slot;
use super::traffic::HourlyVisits;
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::GoalId;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::catalogue;
use crate::reports::data_reader::DataReader;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::Dimension;
use crate::reports::filter::Filter;
use crate::reports::hourly_visits;
use crate::reports::query::{ItemWant, Query, TableWant, Wants};
use crate::reports::results::table::Table;
use crate::reports::results::time_series::TimeSeries;
use crate::reports::table_query::TableQuery;
use crate::reports::visibility::Visibility;
use crate::store::sites::Site;
use crate::store::{blocks, rollups};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

/// The days before today in which a referring site must not have sent visits to be a new one.
pub const NEW_AFTER_DAYS: i32 = 28;

/// The totals of a day, by filters and goal in view.
type TotalsKey = (String, Option<GoalId>, Day);

/// The numbers of one site.
pub struct SiteNumbers<'a> {
    /// The reader of one moment of the data.
    pub reader: &'a DataReader<'a>,
    /// The site.
    pub site: &'a Site,
    cache: &'a DayHours,
    generation: OnceCell<i64>,
    first_day: OnceCell<Option<Day>>,
    hours_today: RefCell<HashMap<String, Hours>>,
    totals: RefCell<HashMap<TotalsKey, Metrics>>,
}

/// The visits of a site by hour that match the filters of an alert.
pub struct SegmentHours<'n> {
    numbers: &'n SiteNumbers<'n>,
    segment: &'n str,
    filters: &'n [Filter],
}

impl<'a> SiteNumbers<'a> {
    /// Creates the numbers of a site.
    pub fn new(reader: &'a DataReader<'a>, site: &'a Site, cache: &'a DayHours) -> Self {
        Self {
            reader,
            site,
            cache,
            generation: OnceCell::new(),
            first_day: OnceCell::new(),
            hours_today: RefCell::default(),
            totals: RefCell::default(),
        }
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.reader.now
    }

    /// Returns today in the site's time zone.
    pub fn today(&self) -> Day {
        self.site.zone.day(self.now())
    }

    /// Returns the first day on which the site was measured.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn first_day(&self) -> Result<Option<Day>> {
        if let Some(day) = self.first_day.get() {
            return Ok(*day);
        }
        let day = hourly_visits::first_day(self.reader.connection, self.site)?;
        Ok(*self.first_day.get_or_init(|| day))
    }

    /// Returns true if the single visits of a day are gone.
    fn is_pruned(&self, day: Day) -> Result<bool> {
        let pruned = rollups::last_day(self.reader.connection, self.site.id, day, day)?;
        Ok(pruned.is_some())
    }

    fn generation(&self) -> Result<i64> {
        if let Some(generation) = self.generation.get() {
            return Ok(*generation);
        }
        let generation = blocks::generation(self.reader.connection, self.site.id)?;
        Ok(*self.generation.get_or_init(|| generation))
    }

    fn query(&self, range: DateRange, filters: &[Filter]) -> Query {
        Query { filters: filters.to_vec(), ..Query::new(self.site.clone(), range, Visibility::everything()) }
    }

    fn read_hours(&self, day: Day, filters: &[Filter]) -> Result<Hours> {
        let query = self.query(DateRange { first: day, last: day }, filters);
        let answer = self.reader.run(&query.with(Wants { series: true, ..Wants::default() }))?;
        let mut hours = [0; HOURS];
        if let Some(series) = answer.series {
            for (hour, metrics) in hours.iter_mut().zip(series.now.metrics()) {
                *hour = metrics[Measure::Visits];
            }
        }
        Ok(hours)
    }

    fn hours_of(&self, day: Day, segment: &str, filters: &[Filter]) -> Result<Hours> {
        if day >= self.today() {
            if let Some(hours) = self.hours_today.borrow().get(segment) {
                return Ok(*hours);
            }
            let hours = self.read_hours(day, filters)?;
            self.hours_today.borrow_mut().insert(segment.to_owned(), hours);
            return Ok(hours);
        }
        let key = DayKey {
            site: self.site.id,
            generation: self.generation()?,
            zone: self.site.zone.name().to_owned(),
            segment: segment.to_owned(),
            day,
        };
        if let Some(hours) = self.cache.find(&key) {
            return Ok(hours);
        }
        let hours = self.read_hours(day, filters)?;
        self.cache.insert(key, hours);
        Ok(hours)
    }

    /// Returns the visits by hour that match some filters.
    pub fn hours<'n>(&'n self, segment: &'n str, filters: &'n [Filter]) -> SegmentHours<'n> {
        SegmentHours { numbers: self, segment, filters }
    }

    /// Returns the totals of a day; of one goal's conversions and revenue, if a goal is given.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    pub fn totals(
        &self,
        day: Day,
        segment: &str,
        filters: &[Filter],
        goal: Option<GoalId>,
    ) -> Result<Metrics> {
        let key = (segment.to_owned(), goal, day);
        if let Some(metrics) = self.totals.borrow().get(&key) {
            return Ok(*metrics);
        }
        let query = Query { goal, ..self.query(DateRange { first: day, last: day }, filters) };
        let answer = self.reader.run(&query.with(Wants { totals: true, ..Wants::default() }))?;
        let metrics = answer.totals.map(|totals| totals.now).unwrap_or_default();
        self.totals.borrow_mut().insert(key, metrics);
        Ok(metrics)
    }

    /// Returns the totals of each day of a range that has begun.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    pub fn totals_by_day(
        &self,
        range: DateRange,
        filters: &[Filter],
        goal: Option<GoalId>,
    ) -> Result<Vec<(Day, Metrics)>> {
        let query = Query { goal, ..self.query(range, filters) };
        let answer = self.reader.run(&query.with(Wants { series: true, ..Wants::default() }))?;
        Ok(match answer.series.map(|series| series.now) {
            Some(TimeSeries::Days(days, metrics)) => days.into_iter().zip(metrics).collect(),
            _ => Vec::new(),
        })
    }

    /// Returns the visitors online that match some filters.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    pub fn online(&self, filters: &[Filter]) -> Result<i64> {
        let today = self.today();
        let query = self.query(DateRange { first: today, last: today }, filters);
        let answer = self.reader.run(&query.with(Wants { online: true, ..Wants::default() }))?;
        Ok(answer.online.unwrap_or(0))
    }

    /// Returns the most frequent items of a day by the dimension with this filter name.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    pub fn top(&self, day: Day, dimension: &'static str, filters: &[Filter], rows: u32) -> Result<Table> {
        let Some(dimension) = catalogue::dimension_of_filter(dimension) else { return Ok(Table::default()) };
        let want = TableWant { dimension, table: TableQuery::top(dimension, rows), is_brief: true };
        let query = self.query(DateRange { first: day, last: day }, filters);
        let answer = self.reader.run(&query.with(Wants { tables: vec![want], ..Wants::default() }))?;
        Ok(answer.tables.into_iter().next().unwrap_or_default())
    }

    /// Returns the next referring sites of a day with more visits than a number that were not judged yet, the highest first,
    /// each with its visits and whether it sent none in the four weeks before.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    pub fn new_referrers(
        &self,
        day: Day,
        filters: &[Filter],
        more_than: i64,
        judged: &[String],
    ) -> Result<Vec<(String, i64, bool)>> {
        let room = limits::ALERT_REFERRERS_JUDGED_MAX.saturating_sub(judged.len());
        let next = room.min(limits::ALERT_FINDINGS_MAX);
        if next == 0 {
            return Ok(Vec::new());
        }
        // Whatever was judged, the next ones are among so many.
        let rows = u32::try_from(judged.len() + next).unwrap_or(u32::MAX);
        let table = self.top(day, DOMAIN, filters, rows)?;
        let found = table.rows.into_iter().map(|row| (row.name.filter, row.metrics[Measure::Hits]));
        let found = found.filter(|(host, visits)| *visits > more_than && !judged.contains(host));
        found
            .take(next)
            .map(|(host, visits)| {
                let is_new = self.is_new_referrer(day, &host)?;
                Ok((host, visits, is_new))
            })
            .collect()
    }

    fn is_new_referrer(&self, day: Day, host: &str) -> Result<bool> {
        let Some(dimension) = catalogue::dimension_of_filter(DOMAIN) else { return Ok(false) };
        let range = DateRange { first: day.plus(-NEW_AFTER_DAYS), last: day.plus(-1) };
        let item = Some(item(dimension, host));
        let answer = self.reader.run(&self.query(range, &[]).with(Wants { item, ..Wants::default() }))?;
        Ok(answer.item.is_none_or(|item| item.row.is_none()))
    }
}

/// The name of the filter by referring site.
const DOMAIN: &str = "domain";

fn item(dimension: &'static Dimension, value: &str) -> ItemWant {
    ItemWant { dimension, value: value.to_owned(), table: None }
}

impl HourlyVisits for SegmentHours<'_> {
    fn had_visits(&self, day: Day) -> Result<bool> {
        Ok(self.numbers.hours_of(day, "", &[])?.iter().any(|visits| *visits > 0))
    }

    fn visits(&self, slot: Slot) -> Result<Option<i64>> {
        let (numbers, day) = (self.numbers, slot.day());
        if numbers.first_day()?.is_none_or(|first| day < first) {
            return Ok(None);
        }
        if day >= numbers.today() && self.filters.is_empty() {
            let zone = &numbers.site.zone;
            let (begins, ends) = (slot.begins(zone), slot.plus(1).begins(zone));
            let connection = numbers.reader.connection;
            return hourly_visits::count_begun(connection, numbers.site.id, begins, ends).map(Some);
        }
        // Of days whose visits are pruned only totals are left, which filters don't apply to.
        if !self.filters.is_empty() && numbers.is_pruned(day)? {
            return Ok(None);
        }
        let hours = numbers.hours_of(day, self.segment, self.filters)?;
        Ok(Some(hours.get(slot.hour()).copied().unwrap_or(0)))
    }
}
