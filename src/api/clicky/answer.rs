//! The answer to a request to the stats API: the queries it takes, and the items made of their answers.

use super::addresses::SiteAddresses;
use super::incompleted;
use super::items::{self, Popular};
use super::parameters::{Granularity, NamedType, StatsRequest, too_many_types};
use super::reply::{DateItems, Item, TypeReply};
use super::stats_type::StatsType;
use super::uptime;
use super::visitors::VisitItems;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Day;
use crate::model::currency::Currency;
use crate::model::metrics::{Metric, Metrics};
use crate::reports::answer::Answer;
use crate::reports::catalogue;
use crate::reports::data_reader::DataReader;
use crate::reports::dimension::ValueKind;
use crate::reports::filter::{Filter, Operator};
use crate::reports::query::{ActionsWant, Query, TableWant, VisitRecordsWant, Wants};
use crate::reports::recent_list::RecentList;
use crate::reports::results::table::{Table, bar_metric};
use crate::reports::results::time_series::TimeSeries;
use crate::reports::search::Search;
use crate::reports::table_query::{Page, Sort, TableQuery};
use std::collections::HashMap;
use std::time::Duration;

/// The answer to a request to the stats API, made type by type.
pub struct Stats<'a> {
    /// The reader of the data.
    pub reader: &'a DataReader<'a>,
    /// The request.
    pub request: &'a StatsRequest,
    /// The addresses of the site.
    pub addresses: SiteAddresses,
    /// All visits of the site, with no part of an answer wanted yet.
    pub query: Query,
}

/// The visits that a type is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// All visits of the days.
    Everything,
    /// The visits of the days that match the filters.
    Segment,
    /// The matching visits of the days of a list.
    List,
}

/// A type of the request, with the visits that it is about.
struct ScopedType<'a> {
    name: &'a str,
    kind: StatsType,
    scope: Scope,
}

impl Stats<'_> {
    /// Answers the types of the request, in its order; a segmentation is one reply a segment.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for too many types, and for a reply that would be too large; when the request is
    /// cancelled, and when the data file cannot be read.
    pub fn replies(&self) -> Result<Vec<TypeReply>> {
        let scoped: Vec<ScopedType<'_>> =
            self.request.types.iter().flat_map(|one| self.scoped(one)).collect();
        if scoped.len() > limits::API_TYPES_MAX {
            return Err(too_many_types());
        }
        let reply = |scoped: &ScopedType<'_>| TypeReply { name: scoped.name.to_owned(), dates: Vec::new() };
        let mut replies: Vec<TypeReply> = scoped.iter().map(reply).collect();
        let mut size = ReplySize::default();
        // Short tables are counted together in one pass; long ones one by one, which takes the memory of one.
        let together =
            if self.request.page.rows > limits::API_LIST_ROWS_MAX { 1 } else { limits::API_TYPES_MAX };
        for scope in [Scope::Everything, Scope::Segment, Scope::List] {
            let places: Vec<usize> =
                (0..scoped.len()).filter(|place| scoped[*place].scope == scope).collect();
            for places in places.chunks(together) {
                let kinds: Vec<StatsType> = places.iter().map(|place| scoped[*place].kind).collect();
                let dates = self.dates(scope, &kinds, &mut size)?;
                places.iter().zip(dates).for_each(|(place, dates)| replies[*place].dates = dates);
            }
        }
        Ok(replies)
    }

    fn scoped<'a>(&'a self, one: &'a NamedType) -> Vec<ScopedType<'a>> {
        let StatsRequest { types, segments, .. } = self.request;
        let is_segmented = segments.is_empty() && types.iter().any(|one| one.kind == StatsType::Segmentation);
        let scope = |kind, is_segmented| match kind {
            StatsType::VisitorsList | StatsType::ActionsList => Scope::List,
            StatsType::Segmentation => Scope::Segment,
            _ if is_segmented => Scope::Segment,
            _ => Scope::Everything,
        };
        let scoped = |NamedType { name, kind }: &'a NamedType, is_segmented| ScopedType {
            name,
            kind: *kind,
            scope: scope(*kind, is_segmented),
        };
        if one.kind == StatsType::Segmentation && !segments.is_empty() {
            return segments.iter().map(|one| scoped(one, true)).collect();
        }
        vec![scoped(one, is_segmented)]
    }

    fn today(&self) -> Day {
        self.query.site.zone.day(self.reader.now)
    }

    /// Answers types of one scope, each part of the range in one pass over its days.
    fn dates(&self, scope: Scope, kinds: &[StatsType], size: &mut ReplySize) -> Result<Vec<Vec<DateItems>>> {
        let range = if scope == Scope::List { self.request.list_range } else { self.request.range };
        let parts = self.request.parts(range, self.today());
        let filters = if scope == Scope::Everything { Vec::new() } else { self.request.filters.clone() };
        let query = Query { range, filters, ..self.query.clone() };
        let is_daily = self.request.granularity == Granularity::Daily;
        if is_daily && range.first <= self.today() && kinds.iter().all(|kind| kind.is_tally()) {
            return self.days_of_tallies(kinds, &query);
        }
        let mut found: Vec<Vec<DateItems>> = kinds.iter().map(|_| Vec::new()).collect();
        for (place, part) in parts.into_iter().enumerate() {
            // Visitors are online now, whatever days are asked for, and counted once.
            let counts_online = place == 0 && kinds.contains(&StatsType::Online);
            let wants = Wants { online: counts_online, ..self.wants(kinds) };
            let query = Query { range: part, ..query.with(wants) };
            let answer = self.reader.run(&query)?;
            let mut tables = answer.tables.iter();
            for (kind, dates) in kinds.iter().zip(&mut found) {
                if *kind == StatsType::Online {
                    let count = answer.online.map(|count| vec![items::tally(count.to_string())]);
                    dates.extend(count.map(|items| DateItems { date: self.today().to_string(), items }));
                    continue;
                }
                let items = self.items(*kind, &query, &answer, &mut tables)?;
                size.add(&items)?;
                dates.push(DateItems { date: part.text(), items });
            }
        }
        Ok(found)
    }

    /// Answers tallies day by day, newest first, by one time series.
    fn days_of_tallies(&self, kinds: &[StatsType], query: &Query) -> Result<Vec<Vec<DateItems>>> {
        let answer =
            self.reader.run(&query.with(Wants { totals: true, series: true, ..Wants::default() }))?;
        let days: Vec<(Day, Metrics)> = match answer.series.unwrap_or_default().now {
            TimeSeries::Days(days, metrics) => days.into_iter().zip(metrics).collect(),
            TimeSeries::Hours(_) => {
                answer.totals.map(|totals| (query.range.first, totals.now)).into_iter().collect()
            }
        };
        let of_kind = |kind: &StatsType| {
            let newest_first = days.iter().rev();
            let dates = newest_first.map(|(day, metrics)| DateItems {
                date: day.to_string(),
                items: vec![items::tally(kind.value(metrics, query.site.currency))],
            });
            dates.collect()
        };
        Ok(kinds.iter().map(of_kind).collect())
    }

    /// Returns what types want of a query that answers them together.
    fn wants(&self, kinds: &[StatsType]) -> Wants {
        let has_numbers = kinds.iter().any(|kind| kind.needs_totals());
        let is_hourly = self.request.granularity == Granularity::Hourly;
        Wants {
            totals: has_numbers,
            series: has_numbers && is_hourly,
            tables: kinds.iter().filter_map(|kind| self.table(*kind)).collect(),
            ..Wants::default()
        }
    }

    /// Returns the table that a type of frequent items wants.
    fn table(&self, kind: StatsType) -> Option<TableWant> {
        let everything = || (Search::Everything, Page { number: 1, rows: limits::API_ROWS_MAX });
        let (dimension, (search, page)) = match kind {
            StatsType::Keywords => (catalogue::dimension_of_filter("search")?, everything()),
            StatsType::Popular(dimension) if dimension.value_kind == ValueKind::Channel => {
                (dimension, everything())
            }
            StatsType::Popular(dimension) => (dimension, (self.request.search.clone(), self.request.page)),
            _ => return None,
        };
        let table =
            TableQuery { sort: Sort::Metric(bar_metric(dimension)), is_ascending: false, search, page };
        Some(TableWant { dimension, table, is_brief: dimension.value_kind != ValueKind::Goal })
    }

    /// Returns the items of a type in a part of the range.
    fn items<'t>(
        &self,
        kind: StatsType,
        query: &Query,
        answer: &Answer,
        tables: &mut impl Iterator<Item = &'t Table>,
    ) -> Result<Vec<Item>> {
        let (search, page) = (&self.request.search, self.request.page);
        let popular = |dimension| Popular { dimension, query, addresses: &self.addresses };
        Ok(match kind {
            StatsType::Tally(_) | StatsType::Duration(_) => {
                tallies(kind, query.site.currency, self.request.granularity, answer)
            }
            StatsType::Segmentation => tallies(
                StatsType::Tally(Metric::Visits),
                query.site.currency,
                self.request.granularity,
                answer,
            ),
            StatsType::Summary => {
                totals(answer).map(|totals| items::summary(&totals, query.site.currency)).unwrap_or_default()
            }
            StatsType::Popular(dimension) => {
                let is_of_channels = dimension.value_kind == ValueKind::Channel;
                let all = totals(answer).unwrap_or_default();
                let is_of_goals = dimension.value_kind == ValueKind::Goal;
                // Day by day over a long range, each funnel would be counted as many times.
                let counts_lost = self.request.granularity == Granularity::Whole
                    || self.request.range.days() <= limits::API_LIST_DAYS_MAX;
                let lost = if is_of_goals && counts_lost {
                    incompleted::by_goal(self.reader, query)?
                } else {
                    HashMap::new()
                };
                let items = |table| {
                    if is_of_channels {
                        popular(dimension).channels(table, search, page)
                    } else if is_of_goals {
                        popular(dimension).goals(table, &all, &lost)
                    } else {
                        popular(dimension).items(table)
                    }
                };
                tables.next().map(items).unwrap_or_default()
            }
            StatsType::Keywords => {
                let searches = catalogue::dimension_of_filter("search").zip(tables.next());
                searches.map_or_else(Vec::new, |(dimension, table)| {
                    popular(dimension).keywords(table, search, page)
                })
            }
            StatsType::Recent(list) => self.recent(list, query)?,
            StatsType::Uptime => uptime::tally(self.reader, query)?,
            StatsType::Outages => uptime::outages(self.reader, query, page)?,
            StatsType::VisitorsList => self.visitors(query)?,
            StatsType::ActionsList => self.actions(query)?,
            StatsType::Online | StatsType::Empty => Vec::new(),
        })
    }

    fn recent(&self, list: RecentList, query: &Query) -> Result<Vec<Item>> {
        let page = self.request.page;
        let mut query = query.with(Wants { recent: Some((list, page)), ..Wants::default() });
        query.filters.extend(self.filter_of_items(list)?);
        let answer = self.reader.run(&query)?;
        let mut rows = answer.recent.map(|recent| recent.rows).unwrap_or_default();
        rows.truncate(page.rows as usize);
        Ok(items::recent(list, &rows, &query, &self.addresses))
    }

    /// Returns the filter of the visits whose items are searched for.
    fn filter_of_items(&self, list: RecentList) -> Result<Option<Filter>> {
        let operator = match self.request.search {
            Search::Everything => return Ok(None),
            Search::Contains(_) => Operator::Contains,
            Search::Exactly(_) => Operator::Is,
        };
        let text = self.request.search.text().to_owned();
        let dimension = catalogue::dimension_of_filter(list.filter());
        dimension.map(|dimension| Filter::new(dimension, operator, vec![text])).transpose()
    }

    fn visitors(&self, query: &Query) -> Result<Vec<Item>> {
        let want = VisitRecordsWant {
            page: self.request.page,
            since: self.request.since,
            below: None,
            with_actions: false,
        };
        let answer = self.reader.run(&query.with(Wants { visit_records: Some(want), ..Wants::default() }))?;
        Ok(answer.visit_records.iter().map(|record| self.visit_items().visit(record)).collect())
    }

    fn actions(&self, query: &Query) -> Result<Vec<Item>> {
        let (page, since) = (self.request.page, self.request.since);
        let want = ActionsWant { page, since, below: None, filters: self.request.action_filters.clone() };
        let mut query = query.with(Wants { actions: Some(want), ..Wants::default() });
        // Of actions, `href` is a filter of their own: as one of visits it knows page views alone.
        query.filters.retain(|filter| filter.dimension.filter != "href");
        if let Some(since) = since {
            // The visits of the last actions may have begun the day before.
            let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
            query.range.first = query.range.first.min(query.site.zone.day(since.before(longest)));
        }
        let answer = self.reader.run(&query)?;
        Ok(answer.actions.iter().map(|action| self.visit_items().action(action)).collect())
    }

    fn visit_items(&self) -> VisitItems<'_> {
        VisitItems {
            zone: &self.query.site.zone,
            currency: self.query.site.currency,
            addresses: &self.addresses,
            details: &self.request.visitor_details,
        }
    }
}

fn totals(answer: &Answer) -> Option<Metrics> {
    answer.totals.as_ref().map(|totals| totals.now)
}

/// Returns the items of a tally: one, or one an hour with the newest first.
fn tallies(kind: StatsType, currency: Currency, granularity: Granularity, answer: &Answer) -> Vec<Item> {
    let item = |metrics: &Metrics| items::tally(kind.value(metrics, currency));
    match (granularity, &answer.series) {
        (Granularity::Hourly, Some(series)) => series.now.metrics().iter().rev().map(item).collect(),
        _ => totals(answer).iter().map(item).collect(),
    }
}

/// The size of a reply so far.
#[derive(Default)]
struct ReplySize(usize);

impl ReplySize {
    /// Adds items.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] when the reply gets larger than [`limits::API_REPLY_BYTES_MAX`].
    fn add(&mut self, items: &[Item]) -> Result<()> {
        self.0 += items.iter().map(Item::bytes).sum::<usize>();
        if self.0 <= limits::API_REPLY_BYTES_MAX {
            return Ok(());
        }
        let sentence = "That is too much for one reply. Ask for fewer rows, days or types at a time.";
        Err(Error::invalid("limit", sentence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_has_a_largest_size() {
        let item = || vec![Item::new().text("title", "x".repeat(limits::API_REPLY_BYTES_MAX / 2 - 5))];
        let mut size = ReplySize::default();
        assert!(size.add(&item()).is_ok() && size.add(&item()).is_ok());
        assert!(size.add(&[items::tally("1")]).unwrap_err().to_string().contains("too much for one reply"));
    }
}
