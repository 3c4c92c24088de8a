//! An engine in plain SQL over the rows: the second implementation of the border, with which the first is compared.
//! Rows of tables are in no particular order among equals.

use super::super::answer::{Answer, Coverage, Cursor, NamedSeries, RecentPage, Slice, SliceRows, VisitsPage};
use super::super::columns::KINDS;
use super::super::comparison::Compared;
use super::super::date_range::DateRange;
use super::super::dimension::Dimension;
use super::super::engine::Engine;
use super::super::engine::name_resolver::{NameResolver, VisitorNames};
use super::super::partial::Partial;
use super::super::query::{CrossTabWant, Export, Query};
use super::super::recent_list::RecentList;
use super::super::results::cross_tab::CrossTab;
use super::super::results::item_name::ItemName;
use super::super::results::table::{Table, TableRow, bar_value, sort_value};
use super::super::results::time_series::TimeSeries;
use super::super::table_query::{Page, TableQuery};
use super::super::visits::recent::RecentRow;
use super::super::visits::visit::{self, VisitorLabel};
use super::conditions;
use super::lists;
use super::sql::{by_visits, expression, items, prepare, rows_by};
use super::tables::expected_items;
use crate::error::{Error, Result};
use crate::limits::EngineLimits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::model::metrics::{Measure, Metric, Metrics};
use crate::reports::dimension::GroupKey;
use crate::store::cancellation::Cancellation;
use rusqlite::Connection;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// An engine in plain SQL. It does not know rollups: days whose visits are pruned are empty.
pub struct SqlEngine<'a> {
    connection: &'a Connection,
    now: Timestamp,
}

/// Adds costs to the metrics of all visits.
fn with_cost(mut metrics: Metrics, costs: &[(Day, i64, i64)]) -> Metrics {
    metrics[Measure::Cost] = costs.iter().map(|(.., cost)| cost).sum();
    metrics
}

/// A period of a query, with the condition on its visits.
struct Period {
    range: DateRange,
    condition: String,
}

/// The names of visitors whom everybody may see.
struct AllNames<'a>(&'a Connection, SiteId);

impl VisitorNames for AllNames<'_> {
    fn called(&self, visitor: VisitorId) -> Result<VisitorLabel> {
        Ok(visit::called(self.0, self.1, visitor)?.unwrap_or_default())
    }
}

impl<'a> SqlEngine<'a> {
    /// Creates an engine over a data file at a time.
    pub fn new(connection: &'a Connection, zone: &str, now: Timestamp) -> Self {
        prepare(connection, zone);
        Self { connection, now }
    }

    /// Returns the range, and the comparison period.
    fn periods(&self, query: &Query) -> (Period, Option<Period>) {
        self.connection.execute("delete from goal_in_view", []).unwrap();
        if let Some(goal) = query.goal {
            self.connection.execute("insert into goal_in_view values (?1)", [goal.0]).unwrap();
        }
        let (filters, population) = query.all_filters();
        assert_eq!(population, 0, "a restricted population is compared with a file of its own");
        let condition = conditions::all(&filters);
        let before = |until: Option<Timestamp>| match until {
            Some(until) => format!("{condition} and visits.id < {}", VisitId::first_at(until).0),
            None => condition.clone(),
        };
        let earlier = query.comparison.map(|comparison| {
            let (range, until) = comparison.until(query.range, &query.site.zone, self.now);
            Period { range, condition: before(until) }
        });
        (Period { range: query.range, condition: before(query.until) }, earlier)
    }

    /// Returns the costs of a period by day and campaign, where visits are told apart by campaigns alone.
    fn costs(&self, query: &Query, period: &Period, until: Option<Timestamp>) -> Vec<(Day, i64, i64)> {
        let filters = query.all_filters().0;
        if filters.iter().any(|filter| filter.dimension.filter != "campaign") {
            return Vec::new();
        }
        let condition = conditions::all(&filters);
        let today = query.site.zone.day(self.now);
        let last = until.map_or(today, |until| query.site.zone.day(until).min(today));
        let sql = format!(
            "select day, campaign, cost from campaign_costs
             where day between ?1 and ?2 and {condition}"
        );
        let mut statement = self.connection.prepare(&sql).unwrap();
        let days = (period.range.first.0, period.range.last.min(last).0);
        let rows = statement.query_map(days, |row| Ok((Day(row.get(0)?), row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Returns the costs of the range, and of the comparison period.
    fn both_costs(&self, query: &Query) -> Compared<Vec<(Day, i64, i64)>> {
        let (period, earlier) = self.periods(query);
        let until = query.comparison.and_then(|one| one.until(query.range, &query.site.zone, self.now).1);
        Compared {
            now: self.costs(query, &period, query.until),
            before: earlier.map(|earlier| self.costs(query, &earlier, until)),
        }
    }

    /// Adds costs to the items of a table: to campaigns their own, to goals all of them.
    fn add_costs(
        dimension: &Dimension,
        costs: &[(Day, i64, i64)],
        mut items: BTreeMap<String, Metrics>,
    ) -> BTreeMap<String, Metrics> {
        let all: i64 = costs.iter().map(|(.., cost)| cost).sum();
        match dimension.filter {
            "campaign" | "first-campaign" | "last-campaign" => {
                for (_, campaign, cost) in costs {
                    items.entry(campaign.to_string()).or_default()[Measure::Cost] += cost;
                }
            }
            "goal" => items.values_mut().for_each(|goal| goal[Measure::Cost] = all),
            _ => {}
        }
        items
    }

    fn totals(&self, Period { range, condition }: &Period) -> Metrics {
        let mut totals = by_visits(self.connection, "0", condition, *range).remove(&0).unwrap_or_default();
        for (place, kind) in KINDS.into_iter().enumerate() {
            let found = items(self.connection, GroupKey::Actions(kind), condition, *range);
            totals.kinds_mut()[place] = found.values().map(|item| item[Measure::Hits]).sum();
        }
        totals
    }

    /// Returns the days of a period that have begun, as many as of the range.
    fn days(&self, query: &Query, period: &Period) -> Vec<Day> {
        let today = query.site.zone.day(self.now);
        let begun = query.range.each().filter(|day| *day <= today).count();
        period.range.each().take(begun).collect()
    }

    fn hours(&self, query: &Query) -> i64 {
        let zone = &query.site.zone;
        match query.range.last.cmp(&zone.day(self.now)) {
            std::cmp::Ordering::Less => 24,
            std::cmp::Ordering::Equal => i64::from(zone.local(self.now).hour()) + 1,
            std::cmp::Ordering::Greater => 0,
        }
    }

    /// Returns the steps of a period, each as a period of its own.
    fn steps(&self, query: &Query, period: &Period) -> Vec<Period> {
        let part = |range, more: &str| Period { range, condition: format!("{}{more}", period.condition) };
        if query.is_one_day() {
            return (0..self.hours(query))
                .map(|hour| part(period.range, &format!(" and hour = {hour}")))
                .collect();
        }
        let days = self.days(query, period);
        days.into_iter().map(|day| part(DateRange { first: day, last: day }, "")).collect()
    }

    fn series(&self, query: &Query, period: &Period, costs: &[(Day, i64, i64)]) -> TimeSeries {
        let mut metrics: Vec<Metrics> =
            self.steps(query, period).iter().map(|step| self.totals(step)).collect();
        if query.is_one_day() {
            return TimeSeries::Hours(metrics);
        }
        let days = self.days(query, period);
        for (day, metrics) in days.iter().zip(&mut metrics) {
            metrics[Measure::Cost] = costs.iter().filter(|(of, ..)| of == day).map(|(.., cost)| cost).sum();
        }
        TimeSeries::Days(days, metrics)
    }

    fn name(&self, query: &Query, dimension: &Dimension, item: &str) -> Result<ItemName> {
        let (cancellation, visitors) = (Cancellation::default(), AllNames(self.connection, query.site.id));
        let resolver = NameResolver {
            connection: self.connection,
            domain: &query.site.domain,
            cancellation: &cancellation,
            dimension,
            shows_subtitles: true,
            limits: &const { EngineLimits::small() },
            visitors: &visitors,
        };
        if dimension.folds() {
            return Ok(resolver.group_name(item));
        }
        resolver.name(item.parse::<i64>().unwrap().cast_unsigned(), None)
    }

    /// Returns all rows of a table, the highest first.
    fn rows(
        &self,
        query: &Query,
        dimension: &'static Dimension,
        part: &TableQuery,
    ) -> Result<(Vec<TableRow>, Option<i64>)> {
        let (period, earlier) = self.periods(query);
        let counted =
            |period: &Period| expected_items(self.connection, dimension, period.range, &period.condition);
        let costs = self.both_costs(query);
        let now = Self::add_costs(dimension, &costs.now, counted(&period));
        let before = earlier.as_ref().map(counted).zip(costs.before);
        let before = before.map(|(before, costs)| Self::add_costs(dimension, &costs, before));
        let mut rows = Vec::new();
        for (item, metrics) in now {
            rows.push(TableRow {
                name: self.name(query, dimension, &item)?,
                metrics,
                before: before.as_ref().map(|before| before.get(&item).copied().unwrap_or_default()),
            });
        }
        assert!(part.search.is_unrestricted(), "searches are compared elsewhere");
        let value = |row: &TableRow| sort_value(dimension, part.sort, &row.metrics, row.before.as_ref());
        rows.sort_by_key(|row| Reverse(value(row)));
        let bars =
            |found: BTreeMap<String, Metrics>| found.values().map(|item| bar_value(dimension, item)).sum();
        Ok((rows, before.map(bars)))
    }

    fn table(&self, query: &Query, dimension: &'static Dimension, part: &TableQuery) -> Result<Table> {
        let (rows, sum_before) = self.rows(query, dimension, part)?;
        let bars = || rows.iter().map(|row| bar_value(dimension, &row.metrics));
        Ok(Table {
            count: rows.len(),
            sum: bars().sum(),
            highest: bars().max().unwrap_or(0),
            sum_before,
            rows: part.page.slice(&rows).to_vec(),
        })
    }

    /// Returns the occurrences of items step by step.
    fn item_series(&self, query: &Query, dimension: &'static Dimension, rows: u32) -> Result<NamedSeries> {
        let part = TableQuery {
            sort: super::super::table_query::Sort::Metric(Metric::Hits),
            is_ascending: false,
            ..TableQuery::top(dimension, rows)
        };
        let found = self.table(query, dimension, &part)?.rows;
        let series = |period: &Period| -> Result<Vec<Vec<i64>>> {
            let mut values = vec![Vec::new(); found.len()];
            for step in self.steps(query, period) {
                let mut counted = BTreeMap::new();
                for (item, metrics) in expected_items(self.connection, dimension, step.range, &step.condition)
                {
                    counted.insert(self.name(query, dimension, &item)?.filter, metrics[Measure::Hits]);
                }
                for (row, values) in found.iter().zip(&mut values) {
                    values.push(counted.get(&row.name.filter).copied().unwrap_or(0));
                }
            }
            Ok(values)
        };
        let (period, earlier) = self.periods(query);
        let values = Compared { now: series(&period)?, before: earlier.as_ref().map(series).transpose()? };
        Ok(NamedSeries { items: found.into_iter().map(|row| row.name).collect(), values })
    }

    fn cross_tab(&self, query: &Query, want: &CrossTabWant) -> Result<CrossTab> {
        let rows = self.table(query, want.rows, &want.table)?;
        let current = Query { comparison: None, ..query.clone() };
        let columns =
            self.table(&current, want.columns, &TableQuery::top(want.columns, want.columns_max))?.rows;
        let cells = |period: &Period| -> Result<Vec<Vec<i64>>> {
            let both = self.pairs(query, want, period)?;
            let cell = |row: &TableRow, column: &TableRow| {
                both.get(&(row.name.filter.clone(), column.name.filter.clone())).copied().unwrap_or(0)
            };
            Ok(rows.rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect())
        };
        let (period, earlier) = self.periods(query);
        let cells = Compared { now: cells(&period)?, before: earlier.as_ref().map(cells).transpose()? };
        Ok(CrossTab { rows, columns, cells })
    }

    /// Returns the visits with each two items, by their values.
    fn pairs(
        &self,
        query: &Query,
        want: &CrossTabWant,
        Period { range, condition }: &Period,
    ) -> Result<BTreeMap<(String, String), i64>> {
        let sql = format!(
            "select distinct one.visit_id, one.item, other.item from ({}) as one join ({}) as other using (visit_id)
             join whole as visits on visits.id = visit_id join local using (id)
             where day between ?1 and ?2 and {condition}",
            rows_by(want.rows.group_key),
            rows_by(want.columns.group_key)
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map((range.first.0, range.last.0), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })?;
        let value = |dimension: &Dimension, key: i64| -> Result<String> {
            let text = crate::store::labels::text(self.connection, key)?;
            let folded = || super::super::dimension::fold(dimension.value_kind, text.as_deref());
            let item = if dimension.folds() { folded() } else { key.to_string() };
            Ok(self.name(query, dimension, &item)?.filter)
        };
        let mut both = std::collections::BTreeSet::new();
        for row in rows {
            let (visit, row, column) = row?;
            both.insert((visit, value(want.rows, row)?, value(want.columns, column)?));
        }
        let mut visits = BTreeMap::new();
        for (_, row, column) in both {
            *visits.entry((row, column)).or_default() += 1;
        }
        Ok(visits)
    }

    /// Returns the ids of the visits of a period, newest first.
    fn ids(&self, Period { range, condition }: &Period) -> Result<Vec<VisitId>> {
        let sql = format!(
            "select id from whole as visits join local using (id)
             where day between ?1 and ?2 and {condition} order by id desc"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let ids = statement.query_map((range.first.0, range.last.0), |row| row.get(0).map(VisitId))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    fn visits(&self, query: &Query, page: Page) -> Result<VisitsPage> {
        let (period, earlier) = self.periods(query);
        let ids = self.ids(&period)?;
        let found = page.slice(&ids).iter().map(|id| lists::whole_visit(self.connection, query.site.id, *id));
        let before = earlier.as_ref().map(|earlier| self.ids(earlier)).transpose()?;
        Ok(VisitsPage {
            visits: found.collect::<Result<_>>()?,
            count: ids.len(),
            count_before: before.map(|before| i64::try_from(before.len()).unwrap()),
        })
    }

    fn recent_rows(&self, list: RecentList, Period { range, condition }: &Period) -> Result<Vec<RecentRow>> {
        let (property, only_first) = list.parts();
        let (visit, group) = if only_first { ("min(visits.id)", "item") } else { ("visits.id", "visits.id") };
        let sql = format!(
            "select visit, text from (
               select {visit} as visit, {item} as item from whole as visits join local using (id)
               where {item} <> 0 and {condition} group by {group})
             join local on local.id = visit join labels on labels.id = item
             where day between ?1 and ?2 order by visit desc",
            item = expression(property)
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map((range.first.0, range.last.0), |row| {
            let visit = VisitId(row.get(0)?);
            Ok(RecentRow { at: visit.began(), visit, item: row.get(1)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn recent(&self, query: &Query, list: RecentList, page: Page) -> Result<RecentPage> {
        let (period, earlier) = self.periods(query);
        let rows = self.recent_rows(list, &period)?;
        let count = |rows: &[RecentRow]| i64::try_from(rows.len()).unwrap();
        let before = earlier.map(|earlier| self.recent_rows(list, &earlier)).transpose()?;
        let skipped = usize::try_from(page.skipped()).unwrap();
        let shown = rows.iter().skip(skipped).take(page.rows as usize + 1).cloned().collect();
        Ok(RecentPage {
            count: Compared { now: count(&rows), before: before.map(|before| count(&before)) },
            rows: shown,
        })
    }
}

impl Engine for SqlEngine<'_> {
    fn coverage(&self, _: &Query) -> Result<Coverage> {
        Ok(Coverage::default())
    }

    fn run(&self, query: &Query) -> Result<Answer> {
        let (wants, (period, earlier)) = (&query.wants, self.periods(query));
        if wants.item.is_some() || wants.live.is_some() || wants.visitor.is_some() || wants.visit.is_some() {
            return Err(Error::Internal("single items and visitors are compared elsewhere".into()));
        }
        let tables = wants.tables.iter().map(|want| self.table(query, want.dimension, &want.table));
        let costs = self.both_costs(query);
        Ok(Answer {
            totals: wants.totals.then(|| Compared {
                now: with_cost(self.totals(&period), &costs.now),
                before: earlier
                    .as_ref()
                    .zip(costs.before.as_ref())
                    .map(|(earlier, costs)| with_cost(self.totals(earlier), costs)),
            }),
            series: wants.series.then(|| Compared {
                now: self.series(query, &period, &costs.now),
                before: earlier
                    .as_ref()
                    .zip(costs.before.as_ref())
                    .map(|(earlier, costs)| self.series(query, earlier, costs)),
            }),
            tables: tables.collect::<Result<_>>()?,
            top_series: wants
                .top_series
                .map(|want| self.item_series(query, want.dimension, want.items))
                .transpose()?,
            cross_tab: wants.cross_tab.as_ref().map(|want| self.cross_tab(query, want)).transpose()?,
            visits: wants.visits.map(|page| self.visits(query, page)).transpose()?,
            latest_visits: match wants.latest_visits {
                Some(rows) => self.visits(query, Page { number: 1, rows })?.visits,
                None => Vec::new(),
            },
            visit_records: match &wants.visit_records {
                Some(want) => lists::visit_records(self.connection, query, &self.ids(&period)?, want)?,
                None => Vec::new(),
            },
            actions: match &wants.actions {
                Some(want) => lists::actions(self.connection, query, &self.ids(&period)?, want)?,
                None => Vec::new(),
            },
            recent: wants.recent.map(|(list, page)| self.recent(query, list, page)).transpose()?,
            days: self.days(query, &period),
            ..Answer::default()
        })
    }

    fn partial(&self, query: &Query, days: DateRange) -> Result<Partial> {
        let Some(range) = query.range.intersection(days) else { return Ok(Partial::default()) };
        let condition = self.periods(query).0.condition;
        let part = |range, more: &str| Period { range, condition: format!("{condition}{more}") };
        let costs = self.costs(query, &part(range, ""), query.until);
        let days = range.each().map(|day| {
            let costs: Vec<_> = costs.iter().filter(|(of, ..)| *of == day).copied().collect();
            (day, with_cost(self.totals(&part(DateRange { first: day, last: day }, "")), &costs))
        });
        let hours = (0..24).map(|hour| (hour, self.totals(&part(range, &format!(" and hour = {hour}")))));
        let items = query.wants.tables.iter().map(|want| -> Result<BTreeMap<String, Metrics>> {
            let found = expected_items(self.connection, want.dimension, range, &condition);
            Self::add_costs(want.dimension, &costs, found)
                .into_iter()
                .map(|(item, metrics)| Ok((self.name(query, want.dimension, &item)?.filter, metrics)))
                .collect()
        });
        Ok(Partial {
            days: days.filter(|(_, metrics)| *metrics != Metrics::default()).collect(),
            hours: hours.filter(|(_, metrics)| metrics[Measure::Visits] > 0).collect(),
            items: items.collect::<Result<_>>()?,
        })
    }

    fn slice(&self, query: &Query, export: &Export, rows: u32, after: Option<Cursor>) -> Result<Slice> {
        let begin = after.map_or(0, |cursor| cursor.into_position::<usize>().unwrap());
        let end = begin + rows as usize;
        let part =
            |length: usize| (begin.min(length)..end.min(length), (length >= end).then(|| Cursor::new(end)));
        let (rows, next) = match export {
            Export::Visits => {
                let all = self.visits(query, Page { number: 1, rows: u32::MAX })?.visits;
                let (part, next) = part(all.len());
                (SliceRows::Visits(all[part].to_vec()), next)
            }
            Export::Recent(list) => {
                let all = self.recent_rows(*list, &self.periods(query).0)?;
                let (part, next) = part(all.len());
                (SliceRows::Recent(all[part].to_vec()), next)
            }
            Export::Items(dimension, table) => {
                let all = self.rows(query, dimension, table)?.0;
                let (part, next) = part(all.len());
                (SliceRows::Items(all[part].to_vec()), next)
            }
            Export::CrossTab(_) | Export::VisitorData(_) | Export::VisitRecords(_) => {
                return Err(Error::Internal("pairs and the data of visitors are compared elsewhere".into()));
            }
        };
        Ok(Slice { rows, next, is_compared: query.comparison.is_some() })
    }
}
