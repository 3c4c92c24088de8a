//! The composition of a report about one site from the engine's answers, within what its recipient may see.

use super::largest_changes::{self, ChangedItem, ChangedItems};
use super::site_report::{Bar, ListRow, Number, SiteReport, TopList};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Day;
use crate::model::day_text;
use crate::model::metrics::{Measure, Metric, Metrics};
use crate::model::rhythm::{Period, Rhythm};
use crate::reports::answer::Answer;
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::comparison::{Compared, Comparison};
use crate::reports::data_reader::DataReader;
use crate::reports::date_range::{DateRange, Unit};
use crate::reports::dimension::Dimension;
use crate::reports::query::{Query, TableWant, Wants};
use crate::reports::results::reading;
use crate::reports::results::table::{Table, TableRow, bar_value};
use crate::reports::results::time_series::TimeSeries;
use crate::reports::search::Search;
use crate::reports::table_query::{Page, Sort, TableQuery};
use crate::reports::visibility::{Visibility, VisitorData};
use crate::store::annotations;
use crate::store::sites::Site;

/// The reports whose numbers are shown, in their order.
const NUMBERS: [&str; 8] = [
    "visitors",
    "visitors-unique",
    "actions-pageviews",
    "time-average",
    "bounce-rate",
    "conversions",
    "conversion-rate",
    "revenue",
];

/// The reports whose first rows are shown, in their order.
const LISTS: [&str; 7] =
    ["goals", "pages", "traffic-sources", "links-domains", "campaigns", "countries", "pages-not-found"];

/// The report whose chart is shown.
const CHART: &str = "visitors";

/// The reports whose items are looked through for what changed most.
const CHANGES: [&str; 3] = ["traffic-sources", "links-domains", "pages"];

/// Returns the comparison of a rhythm.
pub fn comparison(rhythm: Rhythm) -> Comparison {
    match rhythm {
        Rhythm::Daily => Comparison::Weekdays,
        Rhythm::Weekly => Comparison::Calendar(Unit::Week),
        Rhythm::Monthly => Comparison::Calendar(Unit::Month),
    }
}

/// Returns the name of the period compared, within a sentence.
pub fn compared(rhythm: Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Daily => "the same weekday a week before",
        Rhythm::Weekly => "the week before",
        Rhythm::Monthly => "the month before",
    }
}

/// Returns the reports of these names that are shown.
fn shown<'a>(names: &'a [&str], view: &'a Visibility) -> impl Iterator<Item = &'static Report> + 'a {
    names.iter().filter_map(|name| catalogue::find(name)).filter(|report| view.shows(report))
}

/// Returns the reports of these names with items that are shown, with their dimensions.
fn shown_lists(names: &[&str], view: &Visibility) -> Vec<(&'static Report, &'static Dimension)> {
    shown(names, view).filter_map(|report| Some((report, report.kind.dimension()?))).collect()
}

/// Composes the report about a site.
///
/// # Errors
///
/// Fails as the engine does, and when the data file cannot be read.
pub fn compose(
    reader: &DataReader<'_>,
    site: &Site,
    view: &Visibility,
    rhythm: Rhythm,
    period: Period,
) -> Result<SiteReport> {
    let lists = shown_lists(&LISTS, view);
    let changes = shown_lists(&CHANGES, view);
    let top =
        lists.iter().map(|(_, dimension)| want(dimension, TableQuery::top(dimension, limits::DIGEST_ROWS)));
    let most_changed = changes.iter().flat_map(|(_, dimension)| {
        [false, true].map(|is_ascending| want(dimension, first_by_change(is_ascending)))
    });
    let mut query =
        Query::new(site.clone(), DateRange { first: period.first, last: period.last }, view.clone());
    query.comparison = Some(comparison(rhythm));
    let shows_chart = shown(&[CHART], view).next().is_some();
    query.wants = Wants {
        totals: true,
        series: shows_chart,
        tables: top.chain(most_changed).collect(),
        ..Wants::default()
    };
    let mut answer = reader.run(&query)?;
    let change_tables = answer.tables.split_off(lists.len().min(answer.tables.len()));
    let items = changed_items(&changes, &change_tables);
    let annotations = if view.has(VisitorData::Annotations) {
        let found = annotations::list(reader.connection, site.id, period.first, period.last)?;
        let texts = found.into_iter().map(|annotation| (annotation.day, annotation.text));
        texts.take(limits::DIGEST_ANNOTATIONS_MAX).collect()
    } else {
        Vec::new()
    };
    Ok(SiteReport {
        change: if shows_chart { change(&answer, rhythm, &items) } else { None },
        numbers: numbers(&answer, site, view),
        chart: answer.series.as_ref().map(bars).unwrap_or_default(),
        lists: lists
            .iter()
            .zip(&answer.tables)
            .filter(|(_, table)| !table.rows.is_empty())
            .map(|((report, dimension), table)| TopList { report, rows: rows(dimension, table) })
            .collect(),
        annotations,
        site: site.clone(),
    })
}

fn want(dimension: &'static Dimension, table: TableQuery) -> TableWant {
    TableWant { dimension, table, is_brief: true }
}

fn first_by_change(is_ascending: bool) -> TableQuery {
    let page = Page { number: 1, rows: 1 };
    TableQuery { sort: Sort::Change, is_ascending, search: Search::Everything, page }
}

fn rows(dimension: &Dimension, table: &Table) -> Vec<ListRow> {
    let row = |row: &TableRow| ListRow {
        name: reading::text(dimension.value_kind, &row.name),
        now: bar_value(dimension, &row.metrics),
        before: row.before.as_ref().map(|before| bar_value(dimension, before)),
    };
    table.rows.iter().map(row).collect()
}

/// Returns the items that changed most, of two tables for each report: the most increased, and the most decreased one.
fn changed_items(reports: &[(&'static Report, &'static Dimension)], tables: &[Table]) -> ChangedItems {
    let mut items = ChangedItems::default();
    for ((report, dimension), pair) in reports.iter().zip(tables.chunks(2)) {
        let rows = pair.iter().flat_map(|table| rows(dimension, table));
        let changed =
            rows.filter_map(|row| Some(ChangedItem { change: row.now - row.before?, name: row.name }));
        let kind = match report.name {
            "traffic-sources" => &mut items.channels,
            "links-domains" => &mut items.domains,
            _ => &mut items.pages,
        };
        kind.extend(changed);
    }
    items
}

fn change(answer: &Answer, rhythm: Rhythm, items: &ChangedItems) -> Option<String> {
    let Compared { now, before } = answer.totals.as_ref()?;
    let before = before.as_ref()?;
    largest_changes::sentence(now[Measure::Visits], before[Measure::Visits], compared(rhythm), items)
}

/// Returns the numbers. Those of goals are left out where nothing was ever converted.
fn numbers(answer: &Answer, site: &Site, view: &Visibility) -> Vec<Number> {
    let Some(totals) = &answer.totals else { return Vec::new() };
    let number = |report: &'static Report| {
        let ReportKind::Metric(metric) = report.kind else { return None };
        let now = metric.value(&totals.now);
        let before = totals.before.as_ref().map(|before| metric.value(before));
        let is_empty = now == 0 && before.unwrap_or(0) == 0;
        let is_shown = !is_empty || !metric.is_of_goals();
        is_shown.then(|| Number { report, metric, unit: metric.unit(site.currency), now, before })
    };
    shown(&NUMBERS, view).filter_map(number).collect()
}

/// The most days that have room for a label each.
const LABELLED_DAYS: usize = 7;

fn bars(series: &Compared<TimeSeries>) -> Vec<Bar> {
    match &series.now {
        TimeSeries::Days(days, metrics) => {
            let label = |place: usize, day: Day| {
                if days.len() <= LABELLED_DAYS {
                    day_text::weekday(day).to_owned()
                } else if place.is_multiple_of(LABELLED_DAYS) {
                    day.date().day().to_string()
                } else {
                    String::new()
                }
            };
            let bar = |(place, (day, metrics)): (usize, (&Day, &Metrics))| Bar {
                label: label(place, *day),
                title: format!("{} {}", day_text::weekday(*day), day_text::short(*day)),
                value: Metric::Visits.value(metrics),
            };
            days.iter().zip(metrics).enumerate().map(bar).collect()
        }
        TimeSeries::Hours(metrics) => {
            let bar = |(hour, metrics): (usize, &Metrics)| Bar {
                label: if hour.is_multiple_of(6) { hour.to_string() } else { String::new() },
                title: format!("{hour:02}:00"),
                value: Metric::Visits.value(metrics),
            };
            metrics.iter().enumerate().map(bar).collect()
        }
    }
}
