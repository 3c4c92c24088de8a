//! A cross-tabulation of two reports: the items of the first as rows, the most frequent items of the second as
//! columns, and the number of visits with both.

use super::page::ReportPage;
use super::second_dimension::SecondDimension;
use super::{controls, items};
use crate::model::metrics::{Measure, Metric, Metrics};
use crate::reports::answer::Answer;
use crate::reports::dimension::{Dimension, GroupKey};
use crate::reports::filter;
use crate::reports::query::{CrossTabWant, Wants};
use crate::reports::results::cross_tab::CrossTab;
use crate::reports::results::reading;
use crate::reports::results::table::TableRow;
use crate::reports::table_query::{Sort, TableQuery};
use crate::reports::visibility::VisitorData;
use crate::web::report::report_row;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::value_change::{GoodChange, ValueChange, earlier_value};
use maud::{Markup, html};

/// The number of columns, without the sum.
const COLUMNS: u32 = 5;
/// The number of columns on a phone.
const NARROW: usize = 2;

struct View<'a> {
    page: &'a ReportPage,
    first: &'static Dimension,
    second: SecondDimension,
    table_query: TableQuery,
    cross_tab: CrossTab,
}

/// Returns the sort, search and page of the rows.
fn table_query(page: &ReportPage, first: &'static Dimension) -> TableQuery {
    let mut table_query = items::table_query(&page.address.params, first);
    if !matches!(table_query.sort, Sort::Title | Sort::Change) {
        table_query.sort = Sort::Metric(Metric::Visits);
    }
    table_query
}

/// Returns the parts of the answer that the screen of a cross-tabulation shows.
pub fn wants(page: &ReportPage, rows: &'static Dimension, second: SecondDimension) -> Wants {
    let (table, columns) = (table_query(page, rows), second.dimension);
    let cross_tab = CrossTabWant { rows, table, columns, columns_max: COLUMNS };
    Wants { cross_tab: Some(cross_tab), ..Wants::default() }
}

/// Renders the report.
pub fn draw(page: &ReportPage, first: &'static Dimension, second: SecondDimension, answer: Answer) -> Markup {
    let table_query = table_query(page, first);
    let cross_tab = answer.cross_tab.unwrap_or_default();
    let before = cross_tab.rows.sum_before;
    if cross_tab.rows.count == 0 && table_query.search.is_unrestricted() {
        return html! { (controls::break_down(page, Some(second))) (page.nothing(before, NumberUnit::Count)) };
    }
    content(&View { page, first, second, table_query, cross_tab })
}

fn content(view: &View<'_>) -> Markup {
    let (page, count) = (view.page, view.cross_tab.rows.count);
    html! {
        (controls::break_down(page, Some(view.second)))
        p.quiet { "How many visits of each row also have what the column says. " @if !has_rest(view) { "A visit may stand in several columns." } }
        (controls::search(page, view.table_query.search.text(), count))
        (controls::table(&html! {
            @if count == 0 {
                p.nothing { "Nothing contains “" (view.table_query.search.text()) "”. " a href=(page.address.link(&[("find", "")])) { "Show all" } }
            } @else if view.cross_tab.rows.rows.is_empty() {
                p.nothing { "There is no such page. " a href=(page.address.link(&[])) { "Show the first" } }
            } @else {
                (rows(view))
            }
            (controls::pager(&page.address, count))
        }))
    }
}

/// Returns true if the columns and the rest add up to the row: if a visit has at most one item of the second report.
fn has_rest(view: &View<'_>) -> bool {
    matches!(
        view.second.dimension.group_key,
        GroupKey::Property(_) | GroupKey::ActionCount | GroupKey::TimeOnSite
    )
}

fn rows(view: &View<'_>) -> Markup {
    let (page, cross_tab, table_query) = (view.page, &view.cross_tab, &view.table_query);
    let heading = |sort: Sort, title: &str| {
        let order = match (table_query.sort == sort, table_query.is_ascending) {
            (true, true) => "down",
            (true, false) => "up",
            (false, _) => "",
        };
        let link = page.address.link(&[("sort", sort.name()), ("order", order)]);
        html! { a href=(link) { (title) @if table_query.sort == sort { span aria-hidden="true" { @if table_query.is_ascending { " ↑" } @else { " ↓" } } } } }
    };
    let sorted = |sort: Sort| {
        (table_query.sort == sort).then_some(if table_query.is_ascending {
            "ascending"
        } else {
            "descending"
        })
    };
    let has_rest = has_rest(view);
    let comparison = page.query.comparison.filter(|_| cross_tab.rows.is_compared());
    html! {
        table.list.items.matrix {
            thead {
                tr {
                    th scope="col" aria-sort=[sorted(Sort::Title)] { (heading(Sort::Title, view.first.noun)) }
                    th.number scope="col" aria-sort=[sorted(Sort::Metric(Metric::Visits))] { (heading(Sort::Metric(Metric::Visits), "Visits")) }
                    @if let Some(comparison) = comparison { th.number.wide scope="col" title={ "Against " (comparison.label()) } aria-sort=[sorted(Sort::Change)] { (heading(Sort::Change, "Change")) } }
                    @for (index, column) in cross_tab.columns.iter().enumerate() {
                        th.number.wide[index >= NARROW] scope="col" title={ (view.second.dimension.noun) ": " (column.name.title) } { span.cut { (reading::text(view.second.dimension.value_kind, &column.name)) } }
                    }
                    @if has_rest { th.number.wide scope="col" { "Others" } }
                }
            }
            tbody {
                @for (row_index, (line, cells)) in cross_tab.rows.rows.iter().zip(&cross_tab.cells.now).enumerate() {
                    @let cells_before = cross_tab.cells.before.as_ref().map(|before| before[row_index].as_slice());
                    tr {
                        th.item scope="row" { span.cut title=(line.name.title) { (report_row::icon(&line.name.icon)) " " (reading::text(view.first.value_kind, &line.name)) } }
                        td.number { (format::count(line.metrics[Measure::Visits])) }
                        @if let (Some(comparison), Some(before)) = (comparison, &line.before) {
                            td.number.wide { (ValueChange::of_count(line.metrics[Measure::Visits], before[Measure::Visits], comparison).draw(GoodChange::More)) }
                        }
                        @for (index, (column, count)) in cross_tab.columns.iter().zip(cells).enumerate() {
                            td.number.wide[index >= NARROW] { (cell(view, line, column, *count, cells_before.map(|before| before[index]))) }
                        }
                        @if has_rest {
                            @let rest_before = line.before.zip(cells_before).map(|(all, cells)| rest(&all, cells));
                            td.number.wide.quiet title=[earlier_text(view, rest_before)] { (format::count(rest(&line.metrics, cells))) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the visits that are in none of the columns.
fn rest(all: &Metrics, cells: &[i64]) -> i64 {
    all[Measure::Visits] - cells.iter().sum::<i64>()
}

/// Returns a count of the comparison period as text.
fn earlier_text(view: &View<'_>, before: Option<i64>) -> Option<String> {
    let (before, comparison) = before.zip(view.page.query.comparison)?;
    Some(earlier_value(before, NumberUnit::Count, comparison))
}

/// Renders a count with its share of the row, linked to its visitors if they may be seen.
fn cell(view: &View<'_>, row: &TableRow, column: &TableRow, count: i64, before: Option<i64>) -> Markup {
    let share =
        format!("{} of the row", format::percent(report_row::permille(count, row.metrics[Measure::Visits])));
    let earlier = earlier_text(view, before).map(|before| format!("; {before}")).unwrap_or_default();
    let visitors = visitors(view, row, column).filter(|_| count > 0);
    html! {
        (report_row::bar(count, row.metrics[Measure::Visits]))
        @match visitors {
            Some(address) => a href=(address) hx-boost="false" title={ (share) ": " (row.name.title) ", " (column.name.title) (earlier) } { (format::count(count)) },
            None => span title={ (share) (earlier) } { (format::count(count)) },
        }
    }
}

/// Returns the address of the visitors with both items, if they may be seen.
fn visitors(view: &View<'_>, row: &TableRow, column: &TableRow) -> Option<String> {
    let page = view.page;
    if !page.query.visibility.has(VisitorData::LiveList) {
        return None;
    }
    let filters = filter::narrowed_to(&page.address.filters, view.first, &row.name.filter);
    let filters = filter::narrowed_to(&filters, view.second.dimension, &column.name.filter);
    Some(page.address.visitors(&filters))
}
