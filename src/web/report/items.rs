//! The screen of a report with items: the chart of the first five, and the table that can be searched, sorted and
//! paged. Every row links to its visitors.

use super::page::ReportPage;
use super::{controls, row_detail};
use crate::model::clock::Day;
use crate::model::currency::Currency;
use crate::model::metrics::{Measure, Metric, MetricColumn};
use crate::reports::answer::{Answer, NamedSeries};
use crate::reports::comparison::Comparison;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::filter;
use crate::reports::query::{TableWant, TopSeriesWant, Wants};
use crate::reports::results::item_name::ItemName;
use crate::reports::results::reading;
use crate::reports::results::table::{self, bar_metric};
use crate::reports::results::table::{Table, TableRow};
use crate::reports::search::Search;
use crate::reports::table_query::{Sort, TableQuery};
use crate::reports::visibility::{Visibility, VisitorData};
use crate::web::filters::filter_bar;
use crate::web::filters::query_params::QueryParams;
use crate::web::report::{report_row, retention_note};
use crate::web::ui::chart::{Chart, Series, Steps};
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::map;
use crate::web::ui::value_change::{GoodChange, ValueChange, earlier_value};
use maud::{Markup, html};

/// The most countries of a map.
const MAP_ROWS: u32 = 300;
/// The number of items in the chart.
const TOP_ITEMS: u32 = 5;

struct View<'a> {
    page: &'a ReportPage,
    dimension: &'static Dimension,
    table_query: TableQuery,
    table: Table,
    /// The visits of all rows, of which goals have a share; `None` for other reports.
    visits: Option<i64>,
    /// The countries of the map; empty for other reports.
    countries: Vec<TableRow>,
    chart: Option<Chart>,
}

/// Returns the sort, search and page of the table that an address names.
pub fn table_query(params: &QueryParams, dimension: &Dimension) -> TableQuery {
    let default = TableQuery::top(dimension, 1);
    let sort = params.get("sort").and_then(Sort::parse).unwrap_or(default.sort);
    TableQuery {
        sort,
        is_ascending: match params.get("order") {
            Some("up") => true,
            Some("down") => false,
            // Titles rise by default, numbers fall.
            _ => sort == Sort::Title,
        },
        search: Search::containing(params.get("find").unwrap_or_default()),
        page: params.page(),
    }
}

/// Returns true if the caller has not hidden the chart.
fn has_chart(params: &QueryParams) -> bool {
    params.get("chart") != Some("none")
}

/// Returns the part of the answer that the table shows.
pub fn table_wants(page: &ReportPage, dimension: &'static Dimension) -> Wants {
    let table = table_query(&page.address.params, dimension);
    let totals = dimension.value_kind == ValueKind::Goal;
    Wants { totals, tables: vec![TableWant { dimension, table, is_brief: false }], ..Wants::default() }
}

/// Returns the visits of the range, if the answer has them.
fn all_visits(answer: &Answer) -> Option<i64> {
    answer.totals.as_ref().map(|totals| totals.now[Measure::Visits])
}

/// Returns the parts of the answer that the screen of items shows.
pub fn wants(page: &ReportPage, dimension: &'static Dimension) -> Wants {
    let mut wants = table_wants(page, dimension);
    if dimension.value_kind == ValueKind::Country {
        let table = TableQuery::top(dimension, MAP_ROWS);
        wants.tables.push(TableWant { dimension, table, is_brief: false });
    }
    let items = TopSeriesWant { dimension, items: TOP_ITEMS };
    wants.top_series = has_chart(&page.address.params).then_some(items);
    wants
}

/// Renders the report.
pub fn draw(page: &ReportPage, dimension: &'static Dimension, answer: Answer) -> Markup {
    let (table_query, visits) = (table_query(&page.address.params, dimension), all_visits(&answer));
    let chart = answer.top_series.map(|series| top_chart(page, dimension, series, answer.days));
    let mut tables = answer.tables.into_iter();
    let table = tables.next().unwrap_or_default();
    let countries = tables.next().map(|table| table.rows).unwrap_or_default();
    if table.count == 0 && table_query.search.is_unrestricted() {
        return page.nothing(table.sum_before, NumberUnit::Count);
    }
    content(&View { page, dimension, table_query, table, visits, countries, chart })
}

/// Renders the table with its controls, without the map and the chart; the answer is that to [`table_wants`].
pub fn draw_table(page: &ReportPage, dimension: &'static Dimension, answer: Answer) -> Markup {
    let (table_query, visits) = (table_query(&page.address.params, dimension), all_visits(&answer));
    let table = answer.tables.into_iter().next().unwrap_or_default();
    if table.count == 0 && table_query.search.is_unrestricted() {
        return page.nothing(table.sum_before, NumberUnit::Count);
    }
    let view = View { page, dimension, table_query, table, visits, countries: Vec::new(), chart: None };
    html! { (chart_choice(page)) (searchable(&view)) }
}

fn top_chart(page: &ReportPage, dimension: &'static Dimension, series: NamedSeries, days: Vec<Day>) -> Chart {
    let comparison = page.query.comparison;
    let NamedSeries { items, values } = series;
    let name = |item: &ItemName| reading::text(dimension.value_kind, item);
    let now = items.iter().zip(values.now);
    let now = now.map(|(item, values)| Series { name: name(item), values, is_before: false });
    let before = items.iter().zip(values.before.into_iter().flatten());
    let before = before.map(|(item, values)| {
        let name = format!("{}, {}", name(item), comparison.map_or("", Comparison::label));
        Series { name, values, is_before: true }
    });
    Chart {
        title: "The first five over time".into(),
        steps: if page.query.is_one_day() { Steps::Hours } else { Steps::Days(days) },
        series: now.chain(before).collect(),
        unit: NumberUnit::Count,
        select: None,
        comparison,
        notes: page.notes.clone(),
    }
}

fn content(view: &View<'_>) -> Markup {
    let page = view.page;
    html! {
        @if !view.countries.is_empty() {
            (map::countries(&view.countries, page.query.comparison, &|line| visitors(view, line)))
        }
        @if let Some(chart) = &view.chart {
            section.top-five {
                div.panel-head { h2 { "The first five over time" } (chart_choice(page)) }
                @if chart.series.is_empty() {
                    p.quiet { (retention_note::NO_HOURS) }
                } @else {
                    (chart.draw())
                }
            }
        } @else {
            p { (chart_choice(page)) }
        }
        (searchable(view))
    }
}

/// Renders the link that hides or shows the chart.
fn chart_choice(page: &ReportPage) -> Markup {
    html! {
        @if has_chart(&page.address.params) {
            a.quiet id="chart-choice" href=(page.address.link(&[("chart", "none")])) { "Hide" }
        } @else {
            a id="chart-choice" href=(page.address.link(&[("chart", "")])) { "Show the chart" }
        }
    }
}

/// Renders the table with its controls.
fn searchable(view: &View<'_>) -> Markup {
    let (page, table_query) = (view.page, &view.table_query);
    html! {
        (page.goal_choice.draw(&page.address))
        (controls::break_down(page, None))
        (controls::search(page, table_query.search.text(), view.table.count))
        (controls::table(&html! {
            @if view.table.count == 0 {
                p.nothing { "Nothing contains “" (table_query.search.text()) "”. " a href=(page.address.link(&[("find", "")])) { "Show all" } }
            } @else if view.table.rows.is_empty() {
                p.nothing { "There is no such page. " a href=(page.address.link(&[])) { "Show the first" } }
            } @else {
                (column_choice(view))
                (rows(view))
            }
            (controls::pager(&page.address, view.table.count))
        }))
    }
}

/// A column of the table: its metric, its title, and the widths at which it is hidden.
struct Column {
    metric: Metric,
    title: &'static str,
    /// True if phones hide it.
    is_wide: bool,
    /// True if only large screens show it.
    is_widest: bool,
}

/// A set of columns that a person chooses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ColumnSet {
    /// Visits and what they are like.
    Traffic,
    /// Goals, revenue and costs.
    Goals,
}

impl ColumnSet {
    /// Returns the set that an address names; goals, where they are the subject.
    fn new(page: &ReportPage, dimension: &Dimension) -> Self {
        let chosen = page.address.params.get("columns");
        let is_default = chosen.is_none() && dimension.value_kind == ValueKind::Goal;
        let may_show = page.query.visibility.shows_conversions();
        if may_show && (chosen == Some("goals") || is_default) { Self::Goals } else { Self::Traffic }
    }
}

/// Renders the choice between the sets of columns, where rows have conversions or costs.
fn column_choice(view: &View<'_>) -> Markup {
    let (page, set) = (view.page, ColumnSet::new(view.page, view.dimension));
    let has = |row: &TableRow| row.metrics[Measure::Conversions] != 0 || row.metrics[Measure::Cost] != 0;
    let is_offered = set == ColumnSet::Goals || view.table.rows.iter().any(has);
    let set_link = |value: &str| page.address.link(&[("columns", value), ("sort", ""), ("order", "")]);
    html! {
        @if is_offered && page.query.visibility.shows_conversions() {
            nav.column-choice aria-label="Columns" {
                span.quiet { "Columns: " }
                a href=(set_link("traffic")) aria-current=[(set == ColumnSet::Traffic).then_some("true")] { "Traffic" } " "
                a href=(set_link("goals")) aria-current=[(set == ColumnSet::Goals).then_some("true")] { "Goals" }
            }
        }
    }
}

/// Returns the heading of a column; that of an amount names the currency.
fn column_title(column: &Column, currency: Currency) -> String {
    match column.metric.unit(currency) {
        NumberUnit::Money(currency) => format!("{}, {currency}", column.title),
        _ => column.title.to_owned(),
    }
}

/// Returns the columns of a table. Those of conversions and costs are left out where there are none.
fn columns(dimension: &Dimension, visibility: &Visibility, set: ColumnSet, rows: &[TableRow]) -> Vec<Column> {
    let (counts_actions, is_visitor) =
        (dimension.counts_actions(), dimension.value_kind == ValueKind::Visitor);
    let is_goals = dimension.value_kind == ValueKind::Goal;
    let has = |measure: Measure| rows.iter().any(|row| row.metrics[measure] != 0);
    let shows_goals = set == ColumnSet::Goals;
    let is_pages = dimension.value_kind == ValueKind::Page && dimension.filter == "href";
    let column = |(metric, column): (Metric, &'static MetricColumn)| {
        let (is_shown, is_wide) = match metric {
            Metric::Uniques | Metric::New | Metric::Actions | Metric::TimeAverage | Metric::BounceRate
                if shows_goals =>
            {
                (false, true)
            }
            Metric::Visits if shows_goals => (true, true),
            Metric::Hits => (counts_actions, shows_goals && !is_goals),
            Metric::Visits => (true, counts_actions),
            Metric::Uniques | Metric::New => (!is_visitor, true),
            Metric::Actions => (!counts_actions, !is_visitor),
            Metric::TimeOnPage => (!shows_goals && dimension.is_read() && has(Measure::Reads), true),
            Metric::ScrollDepth => (!shows_goals && dimension.is_read() && has(Measure::DepthReads), true),
            Metric::Conversions => (!is_goals && has(Measure::Conversions), !shows_goals),
            Metric::Revenue => (shows_goals && has(Measure::Conversions), false),
            Metric::ConversionRate => (shows_goals && has(Measure::Conversions), true),
            Metric::RevenuePerVisit => (shows_goals && !is_goals && has(Measure::Conversions), true),
            Metric::RevenuePerVisitor => (false, true),
            Metric::Cost | Metric::CostPerConversion | Metric::Return => {
                (shows_goals && !is_goals && has(Measure::Cost), true)
            }
            _ => (true, true),
        };
        let title = if metric == Metric::Hits && is_pages { "Views" } else { column.title };
        (is_shown && visibility.shows_metric(metric)).then_some(Column {
            metric,
            title,
            is_wide,
            is_widest: match metric {
                Metric::New => true,
                Metric::RevenuePerVisit => has(Measure::Cost),
                // The time on the page says more of a page than that of its visits.
                Metric::TimeAverage => dimension.is_read() && has(Measure::Reads),
                Metric::Conversions => !shows_goals && dimension.is_read() && has(Measure::DepthReads),
                _ => false,
            },
        })
    };
    Metric::columns().filter_map(column).collect()
}

fn rows(view: &View<'_>) -> Markup {
    let (page, table_query, dimension) = (view.page, &view.table_query, view.dimension);
    let set = ColumnSet::new(page, dimension);
    let columns = columns(dimension, &page.query.visibility, set, &view.table.rows);
    let currency = page.query.site.currency;
    let (sum, highest) = (view.table.sum, view.table.highest);
    let comparison = page.query.comparison.filter(|_| view.table.is_compared());
    // The share of visits says nothing beside conversions and money, where the columns are many.
    let is_goals = set == ColumnSet::Goals;
    let has_share = !is_goals || dimension.value_kind == ValueKind::Goal;
    // Where columns are many, the bars show the shares.
    let is_crowded = columns.iter().filter(|column| column.is_widest).count() > 1;
    let hits_are_visits = table_query.sort == Sort::Metric(Metric::Hits) && !dimension.counts_actions();
    let is_current =
        |sort: Sort| table_query.sort == sort || (sort == Sort::Metric(Metric::Visits) && hits_are_visits);
    let heading = |sort: Sort, title: &str| {
        let is_current = is_current(sort);
        let order = match (is_current, table_query.is_ascending) {
            (true, true) => "down",
            (true, false) => "up",
            (false, _) => "",
        };
        let link = page.address.link(&[("sort", sort.name()), ("order", order)]);
        html! { a href=(link) title=[meaning(sort)] { (title) @if is_current { span aria-hidden="true" { @if table_query.is_ascending { " ↑" } @else { " ↓" } } } } }
    };
    let sorted = |sort: Sort| {
        is_current(sort).then_some(if table_query.is_ascending { "ascending" } else { "descending" })
    };
    html! {
        table.list.bars.items.money[is_goals] {
            thead {
                tr {
                    th scope="col" aria-sort=[sorted(Sort::Title)] { (heading(Sort::Title, "Item")) }
                    @for column in &columns { th.number.amount[matches!(column.metric.unit(currency), NumberUnit::Money(_))].wide[column.is_wide].widest[column.is_widest] scope="col" aria-sort=[sorted(Sort::Metric(column.metric))] { (heading(Sort::Metric(column.metric), &column_title(column, currency))) } }
                    @if has_share { th.number.wide.widest[is_crowded] scope="col" { a href=(page.address.link(&[("sort", Sort::Metric(bar_metric(dimension)).name()), ("order", "")])) { "Share" } } }
                    @if let Some(comparison) = comparison { th.number.wide[is_goals] scope="col" title={ "Against " (comparison.label()) } aria-sort=[sorted(Sort::Change)] { (heading(Sort::Change, "Change")) } }
                    th.open-row scope="col" { span.hidden { "Course" } }
                }
            }
            tbody {
                @for line in &view.table.rows {
                    tr {
                        td.item {
                            (report_row::bar(table::bar_value(dimension, &line.metrics), highest))
                            (filter_bar::row_menu(&page.address, dimension, &line.name))
                            @let name = html! { span.cut { (report_row::icon(&line.name.icon)) " " (reading::text(dimension.value_kind, &line.name)) } };
                            @match visitors(view, line) {
                                Some(link) => a.row-link href=(link) hx-boost="false" title={ "The visitors behind " (line.name.title) } { (name) },
                                None => span.row-link title=(line.name.title) { (name) },
                            }
                            @if let Some(subtitle) = &line.name.subtitle { span.quiet.cut.beside { (subtitle) } }
                        }
                        @for column in &columns { td.number.wide[column.is_wide].widest[column.is_widest] title=[earlier_text((column.metric, currency), line, comparison)] { (cell(view, column.metric, line)) } }
                        @if has_share { td.number.wide.widest[is_crowded].quiet { (format::percent(report_row::permille(table::bar_value(dimension, &line.metrics), sum))) } }
                        @if let Some(comparison) = comparison { td.number.wide[is_goals] { (change(view, line, comparison)) } }
                        td.open-row { (row_detail::opener(&page.address, line)) }
                    }
                }
            }
        }
    }
}

/// Returns what a column counts, as a help tip.
fn meaning(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Metric(metric) => metric.column()?.about,
        Sort::Change => Some("How much more or less there was"),
        Sort::Title => None,
    }
}

fn cell(view: &View<'_>, metric: Metric, line: &TableRow) -> Markup {
    let currency = view.page.query.site.currency;
    let value = match (metric, view.visits) {
        // A goal's rate is of all visits, not of those that reached it.
        (Metric::ConversionRate, Some(visits)) => report_row::permille(line.metrics[Measure::Visits], visits),
        _ => metric.value(&line.metrics),
    };
    let whole = match metric {
        Metric::CostPerConversion => Measure::Conversions,
        Metric::Return => Measure::Cost,
        _ => Measure::Visits,
    };
    match metric.unit(currency) {
        // Without a conversion there is no cost of one, and without costs no return.
        _ if line.metrics[whole] == 0 && whole != Measure::Visits => html! { "–" },
        // Browsers tell their time and depth only since they are asked.
        _ if !metric.is_measured(&line.metrics) => html! { "–" },
        NumberUnit::Money(currency) => html! { (format::amount(currency, value)) },
        unit => format::short(unit, value),
    }
}

/// Returns a metric in the comparison period as text.
fn earlier_text(
    (metric, currency): (Metric, Currency),
    line: &TableRow,
    comparison: Option<Comparison>,
) -> Option<String> {
    let (before, comparison) = line.before.zip(comparison)?;
    Some(earlier_value(metric.value(&before), metric.unit(currency), comparison))
}

/// Renders the change of the sorted metric; of the bar's metric if names or changes are sorted.
fn change(view: &View<'_>, line: &TableRow, comparison: Comparison) -> Markup {
    let Some(before) = &line.before else { return html! {} };
    let metric = match view.table_query.sort {
        Sort::Metric(metric) => metric,
        Sort::Change | Sort::Title => bar_metric(view.dimension),
    };
    let (now, before) = (metric.value(&line.metrics), metric.value(before));
    ValueChange { now, before, unit: metric.unit(view.page.query.site.currency), comparison }
        .draw(GoodChange::of_metric(metric))
}

/// Returns the address of the visitors of a row, if they may be seen.
fn visitors(view: &View<'_>, line: &TableRow) -> Option<String> {
    let (page, name) = (view.page, &line.name);
    if view.dimension.value_kind == ValueKind::Visitor {
        return Some(format!("{}/visitors/{}", page.address.base, name.filter));
    }
    if !page.query.visibility.has(VisitorData::LiveList) {
        return None;
    }
    let filters = filter::narrowed_to(&page.address.filters, view.dimension, &name.filter);
    Some(page.address.visitors(&filters))
}
