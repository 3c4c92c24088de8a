//! The screen of a report with items: the chart of the first five, and the table that can be searched, sorted and
//! paged. Every row links to its visitors.

use super::super::chart::{self, Chart, Series, Steps};
use super::super::format::{self, NumberUnit};
use super::super::query_params::QueryParams;
use super::super::{filter_bar, map, report_row, retention_note};
use super::{Head, controls, nothing, row_detail};
use crate::app::App;
use crate::error::Result;
use crate::reports::comparison::Comparison;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::query::{QueryRunner, TOP_LINES};
use crate::reports::filter;
use crate::reports::results::reading;
use crate::reports::results::table;
use crate::reports::results::table::{Table, TableRow};
use crate::reports::table_query::{Sort, TableQuery};
use crate::reports::visibility::VisitorData;
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// The most countries of a map.
const MAP_ROWS: u32 = 300;

struct View<'a> {
    head: &'a Head,
    dimension: &'static Dimension,
    part: TableQuery,
    table: Table,
    /// The countries of the map; empty for other reports.
    countries: Vec<TableRow>,
    chart: Option<Chart>,
}

/// Returns the sort, search and page of the table that an address names.
pub fn part(asked: &QueryParams, dimension: &Dimension) -> TableQuery {
    let natural = TableQuery::top(dimension, 1);
    let sort = asked.get("sort").and_then(Sort::parse).unwrap_or(natural.sort);
    let usual = sort == Sort::Title;
    TableQuery {
        sort,
        is_ascending: match asked.get("order") {
            Some("up") => true,
            Some("down") => false,
            _ => usual,
        },
        search: asked.get("find").unwrap_or_default().trim().to_owned(),
        page: asked.page(),
    }
}

/// Runs the report and renders it.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn draw(
    app: &Data<App>,
    site: Site,
    (head, dimension): (&Head, &'static Dimension),
) -> Result<Markup> {
    let (scope, part) = (head.scope.clone(), part(&head.asked, dimension));
    let (asked, has_chart) = (part.clone(), head.asked.get("chart") != Some("none"));
    let (table, before, countries, chart) = app
        .report(move |reader| {
            let inquiry = QueryRunner::new(reader, &site, &scope)?;
            let of_map = TableQuery::top(dimension, MAP_ROWS);
            let of_chart =
                TableQuery { is_ascending: false, sort: Sort::Hits, ..TableQuery::top(dimension, TOP_LINES) };
            let mut parts = vec![&asked];
            parts.extend((dimension.naming == ValueKind::Country).then_some(&of_map));
            parts.extend(has_chart.then_some(&of_chart));
            let mut tables = inquiry.tables(dimension, &parts)?;
            let chart = has_chart.then(|| tables.pop()).flatten();
            let chart = chart.map(|top| top_chart(&inquiry, (dimension, &top.lines), scope.comparison));
            let countries = if tables.len() > 1 { tables.pop() } else { None };
            let countries = countries.map(|table| table.lines).unwrap_or_default();
            let (table, chart) = (tables.pop().unwrap_or_default(), chart.transpose()?);
            let before = table.sum_before.filter(|_| table.count == 0);
            Ok((table, before, countries, chart))
        })
        .await?;
    if table.count == 0 && part.search.is_empty() {
        return Ok(nothing(head, before, NumberUnit::Count));
    }
    Ok(page(&View { head, dimension, part, table, countries, chart }))
}

fn top_chart(
    inquiry: &QueryRunner<'_>,
    (dimension, top): (&'static Dimension, &[TableRow]),
    comparison: Option<Comparison>,
) -> Result<Chart> {
    let courses = inquiry.item_series(dimension, top)?;
    let name = |line: &TableRow| reading::text(dimension.naming, &line.name);
    let now = top.iter().zip(courses.now);
    let now = now.map(|(line, values)| Series { name: name(line), values, is_before: false });
    let before = top.iter().zip(courses.before.into_iter().flatten());
    let before = before.map(|(line, values)| {
        let name = format!("{}, {}", name(line), comparison.map_or("", Comparison::label));
        Series { name, values, is_before: true }
    });
    Ok(Chart {
        title: "The first five over time".into(),
        steps: if inquiry.is_one_day() { Steps::Hours } else { Steps::Days(inquiry.days()) },
        series: now.chain(before).collect(),
        unit: NumberUnit::Count,
        select: None,
        comparison,
    })
}

fn page(view: &View<'_>) -> Markup {
    let (head, part) = (view.head, &view.part);
    html! {
        @if !view.countries.is_empty() {
            (map::countries(&view.countries, head.scope.comparison, &|line| visitors(view, line)))
        }
        @if let Some(chart) = &view.chart {
            section.top-five {
                div.panel-head { h2 { "The first five over time" } a.quiet id="chart-choice" href=(head.asked.link(&head.path, &[("chart", "none")])) { "Hide" } }
                @if chart.series.is_empty() {
                    p.quiet { (retention_note::NO_HOURS) }
                } @else {
                    (chart.draw())
                }
            }
        } @else {
            p { a id="chart-choice" href=(head.asked.link(&head.path, &[("chart", "")])) { "Show the chart" } }
        }
        (controls::break_down(head, None))
        (controls::search(head, &part.search, view.table.count))
        (controls::table(&html! {
            @if view.table.count == 0 {
                p.nothing { "Nothing contains “" (part.search) "”. " a href=(head.asked.link(&head.path, &[("find", "")])) { "Show all" } }
            } @else if view.table.lines.is_empty() {
                p.nothing { "There is no such page. " a href=(head.asked.link(&head.path, &[])) { "Show the first" } }
            } @else {
                (rows(view))
            }
            (controls::pager((&head.asked, &head.path), view.table.count))
        }))
    }
}

/// A column of the table: its sort, its title, and the widths at which it is hidden.
struct ColumnPlan {
    sort: Sort,
    title: &'static str,
    /// True if phones hide it.
    is_wide: bool,
    /// True if only large screens show it.
    is_widest: bool,
}

fn columns(dimension: &Dimension, tells_who_is_new: bool) -> Vec<ColumnPlan> {
    let column = |sort, title, is_wide| ColumnPlan { sort, title, is_wide, is_widest: sort == Sort::New };
    let mut columns = Vec::new();
    if dimension.counts_actions() {
        let title =
            if dimension.naming == ValueKind::Page && dimension.filter == "href" { "Views" } else { "Times" };
        columns.push(column(Sort::Hits, title, false));
    }
    columns.push(column(Sort::Visits, "Visits", dimension.counts_actions()));
    if dimension.naming != ValueKind::Visitor {
        columns.push(column(Sort::Uniques, "Visitors", true));
    }
    if dimension.naming != ValueKind::Visitor && tells_who_is_new {
        columns.push(column(Sort::New, "New", true));
    }
    if !dimension.counts_actions() {
        columns.push(column(Sort::Actions, "Actions", dimension.naming != ValueKind::Visitor));
    }
    columns.push(column(Sort::Time, "Time a visit", true));
    columns.push(column(Sort::Bounces, "Bounces", true));
    columns
}

fn rows(view: &View<'_>) -> Markup {
    let (head, part, dimension) = (view.head, &view.part, view.dimension);
    let columns = columns(dimension, head.scope.view.shows_new_visitors());
    let (sum, highest) = (view.table.sum, view.table.highest);
    let comparison = head.scope.comparison.filter(|_| view.table.is_compared());
    let heading = |sort: Sort, title: &str| {
        let is_current = part.sort == sort
            || (sort == Sort::Visits && part.sort == Sort::Hits && !dimension.counts_actions());
        let order = match (is_current, part.is_ascending) {
            (true, true) => "down",
            (true, false) => "up",
            (false, _) => "",
        };
        let link = head.asked.link(&head.path, &[("sort", sort.name()), ("order", order)]);
        html! { a href=(link) title=[meaning(sort)] { (title) @if is_current { span aria-hidden="true" { @if part.is_ascending { " ↑" } @else { " ↓" } } } } }
    };
    let sorted = |sort: Sort| {
        let is_current = part.sort == sort
            || (sort == Sort::Visits && part.sort == Sort::Hits && !dimension.counts_actions());
        is_current.then_some(if part.is_ascending { "ascending" } else { "descending" })
    };
    html! {
        table.list.bars.items {
            thead {
                tr {
                    th scope="col" aria-sort=[sorted(Sort::Title)] { (heading(Sort::Title, "Item")) }
                    @for column in &columns { th.number.wide[column.is_wide].widest[column.is_widest] scope="col" aria-sort=[sorted(column.sort)] { (heading(column.sort, column.title)) } }
                    th.number.wide scope="col" { a href=(head.asked.link(&head.path, &[("sort", bar_sort(dimension).name()), ("order", "")])) { "Share" } }
                    @if let Some(comparison) = comparison { th.number scope="col" title={ "Against " (comparison.label()) } aria-sort=[sorted(Sort::Change)] { (heading(Sort::Change, "Change")) } }
                    th.open-row scope="col" { span.hidden { "Course" } }
                }
            }
            tbody {
                @for line in &view.table.lines {
                    tr {
                        td.item {
                            (report_row::bar(table::bar_value(dimension, &line.measures), highest))
                            (filter_bar::row_menu((&head.asked, &head.path), (&head.scope.wanted, dimension), (&line.name.title, &line.name.filter)))
                            @let name = html! { span.cut { (report_row::picture(&line.name.picture)) " " (reading::text(dimension.naming, &line.name)) } };
                            @match visitors(view, line) {
                                Some(link) => a.row-link href=(link) hx-boost="false" title={ "The visitors behind " (line.name.title) } { (name) },
                                None => span.row-link title=(line.name.title) { (name) },
                            }
                            @if let Some(beside) = &line.name.subtitle { span.quiet.cut.beside { (beside) } }
                        }
                        @for column in &columns { td.number.wide[column.is_wide].widest[column.is_widest] title=[against(column.sort, line, comparison)] { (cell(column.sort, line)) } }
                        td.number.wide.quiet { (format::percent(report_row::permille(table::bar_value(dimension, &line.measures), sum))) }
                        @if let Some(comparison) = comparison { td.number { (change((part.sort, dimension), line, comparison)) } }
                        td.open-row { (row_detail::opener((&head.asked, &head.path), line)) }
                    }
                }
            }
        }
    }
}

/// Returns what a column counts, as a help tip.
fn meaning(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Visits => Some("Stays; one ends after 30 minutes without a sign of life"),
        Sort::Uniques => Some("Visitors, each counted once a day"),
        Sort::Actions => Some("Page views, downloads, outbound clicks and events"),
        Sort::Time => Some("How long these visits last on average"),
        Sort::Bounces => Some("The share of these visits with one page view only and less than 30 seconds"),
        Sort::New => Some("Visitors who were never seen before"),
        Sort::Change => Some("How much more or less there was"),
        Sort::Hits | Sort::Title => None,
    }
}

fn cell(sort: Sort, line: &TableRow) -> Markup {
    unit(sort).short(sort.value(&line.measures))
}

/// Returns the unit of a metric.
fn unit(sort: Sort) -> NumberUnit {
    match sort {
        Sort::Time => NumberUnit::Seconds,
        Sort::Bounces => NumberUnit::Permille,
        _ => NumberUnit::Count,
    }
}

/// Returns a metric in the comparison period as text.
fn against(sort: Sort, line: &TableRow, comparison: Option<Comparison>) -> Option<String> {
    let (before, comparison) = line.before.zip(comparison)?;
    Some(chart::against(sort.value(&before), (unit(sort), comparison)))
}

/// Returns the metric of bars and shares.
fn bar_sort(dimension: &Dimension) -> Sort {
    if dimension.naming == ValueKind::Visitor { Sort::Actions } else { Sort::Hits }
}

/// Renders the change of the sorted metric; of the bar's metric if names or changes are sorted.
fn change((sort, dimension): (Sort, &Dimension), line: &TableRow, comparison: Comparison) -> Markup {
    let Some(before) = &line.before else { return html! {} };
    let sort = if matches!(sort, Sort::Change | Sort::Title) { bar_sort(dimension) } else { sort };
    let values = (sort.value(&line.measures), sort.value(before));
    chart::change(values, sort == Sort::Bounces, (unit(sort), comparison))
}

/// Returns the address of the visitors of a row, if they may be seen.
fn visitors(view: &View<'_>, line: &TableRow) -> Option<String> {
    let (head, name) = (view.head, &line.name);
    if view.dimension.naming == ValueKind::Visitor {
        return Some(format!("{}/visitors/{}", head.base, name.filter));
    }
    if !head.scope.view.has(VisitorData::LiveList) {
        return None;
    }
    let only = filter::narrowed_to(&head.scope.wanted, view.dimension, &name.filter);
    Some(head.asked.to_screen_with_filters(&format!("{}/visitors", head.base), &only))
}
