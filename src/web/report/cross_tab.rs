//! A cross-tabulation of two reports: the items of the first as rows, the most frequent items of the second as
//! columns, and the number of visits with both.

use super::super::format::{self, NumberUnit};
use super::super::{chart, report_row};
use super::{Head, Second, controls, items, nothing};
use crate::app::App;
use crate::error::Result;
use crate::reports::dimension::{Dimension, GroupKey};
use crate::reports::engine::query::QueryRunner;
use crate::reports::filter;
use crate::reports::metrics::Metrics;
use crate::reports::results::cross_tab::CrossTab;
use crate::reports::results::reading;
use crate::reports::results::table::TableRow;
use crate::reports::table_query::{Sort, TableQuery};
use crate::reports::visibility::VisitorData;
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// The number of columns, without the sum.
const COLUMNS: u32 = 5;
/// The number of columns on a phone.
const NARROW: usize = 2;

struct View<'a> {
    head: &'a Head,
    first: &'static Dimension,
    second: Second,
    part: TableQuery,
    answer: CrossTab,
}

/// Runs the report and renders it.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn draw(
    app: &Data<App>,
    site: Site,
    (head, first): (&Head, &'static Dimension),
    second: Second,
) -> Result<Markup> {
    let mut part = items::part(&head.asked, first);
    if !matches!(part.sort, Sort::Title | Sort::Change) {
        part.sort = Sort::Visits;
    }
    let (scope, asked) = (head.scope.clone(), part.clone());
    let (answer, before) = app
        .report(move |reader| {
            let inquiry = QueryRunner::new(reader, &site, &scope)?;
            let ranked = inquiry.rank_both((first, &asked), (second.1, COLUMNS))?;
            let answer = inquiry.breakdown((first, asked.page), second.1, &ranked)?;
            let before = answer.rows.sum_before.filter(|_| answer.rows.count == 0);
            Ok((answer, before))
        })
        .await?;
    if answer.rows.count == 0 && part.search.is_empty() {
        return Ok(
            html! { (controls::break_down(head, Some(second))) (nothing(head, before, NumberUnit::Count)) },
        );
    }
    Ok(page(&View { head, first, second, part, answer }))
}

fn page(view: &View<'_>) -> Markup {
    let (head, count) = (view.head, view.answer.rows.count);
    html! {
        (controls::break_down(head, Some(view.second)))
        p.quiet { "How many visits of each row also have what the column says. " @if !has_rest(view) { "A visit may stand in several columns." } }
        (controls::search(head, &view.part.search, count))
        (controls::table(&html! {
            @if count == 0 {
                p.nothing { "Nothing contains “" (view.part.search) "”. " a href=(head.asked.link(&head.path, &[("find", "")])) { "Show all" } }
            } @else if view.answer.rows.lines.is_empty() {
                p.nothing { "There is no such page. " a href=(head.asked.link(&head.path, &[])) { "Show the first" } }
            } @else {
                (rows(view))
            }
            (controls::pager((&head.asked, &head.path), count))
        }))
    }
}

/// Returns true if the columns and the rest add up to the row: if a visit has at most one item of the second report.
fn has_rest(view: &View<'_>) -> bool {
    matches!(view.second.1.by, GroupKey::Property(_) | GroupKey::ActionCount | GroupKey::TimeOnSite)
}

fn rows(view: &View<'_>) -> Markup {
    let (head, answer, part) = (view.head, &view.answer, &view.part);
    let heading = |sort: Sort, title: &str| {
        let order = match (part.sort == sort, part.is_ascending) {
            (true, true) => "down",
            (true, false) => "up",
            (false, _) => "",
        };
        let link = head.asked.link(&head.path, &[("sort", sort.name()), ("order", order)]);
        html! { a href=(link) { (title) @if part.sort == sort { span aria-hidden="true" { @if part.is_ascending { " ↑" } @else { " ↓" } } } } }
    };
    let sorted = |sort: Sort| {
        (part.sort == sort).then_some(if part.is_ascending { "ascending" } else { "descending" })
    };
    let has_rest = has_rest(view);
    let comparison = head.scope.comparison.filter(|_| answer.rows.is_compared());
    html! {
        table.list.items.matrix {
            thead {
                tr {
                    th scope="col" aria-sort=[sorted(Sort::Title)] { (heading(Sort::Title, view.first.noun)) }
                    th.number scope="col" aria-sort=[sorted(Sort::Visits)] { (heading(Sort::Visits, "Visits")) }
                    @if let Some(comparison) = comparison { th.number.wide scope="col" title={ "Against " (comparison.label()) } aria-sort=[sorted(Sort::Change)] { (heading(Sort::Change, "Change")) } }
                    @for (place, column) in answer.columns.iter().enumerate() {
                        th.number.wide[place >= NARROW] scope="col" title={ (view.second.1.noun) ": " (column.name.title) } { span.cut { (reading::text(view.second.1.naming, &column.name)) } }
                    }
                    @if has_rest { th.number.wide scope="col" { "Others" } }
                }
            }
            tbody {
                @for (row, (line, cells)) in answer.rows.lines.iter().zip(&answer.cells.now).enumerate() {
                    @let cells_before = answer.cells.before.as_ref().map(|before| before[row].as_slice());
                    tr {
                        th.item scope="row" { span.cut title=(line.name.title) { (report_row::picture(&line.name.picture)) " " (reading::text(view.first.naming, &line.name)) } }
                        td.number { (format::count(line.measures.visits)) }
                        @if let (Some(comparison), Some(before)) = (comparison, &line.before) {
                            td.number.wide { (chart::change((line.measures.visits, before.visits), false, (NumberUnit::Count, comparison))) }
                        }
                        @for (place, (column, count)) in answer.columns.iter().zip(cells).enumerate() {
                            td.number.wide[place >= NARROW] { (cell(view, (line, column), (*count, cells_before.map(|before| before[place])))) }
                        }
                        @if has_rest {
                            @let rest_before = line.before.zip(cells_before).map(|(all, cells)| rest(&all, cells));
                            td.number.wide.quiet title=[against(view, rest_before)] { (format::count(rest(&line.measures, cells))) }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the visits that are in none of the columns.
fn rest(all: &Metrics, cells: &[i64]) -> i64 {
    all.visits - cells.iter().sum::<i64>()
}

/// Returns a count of the comparison period as text.
fn against(view: &View<'_>, before: Option<i64>) -> Option<String> {
    let (before, comparison) = before.zip(view.head.scope.comparison)?;
    Some(chart::against(before, (NumberUnit::Count, comparison)))
}

/// Renders a count with its share of the row, linked to its visitors if they may be seen.
fn cell(
    view: &View<'_>,
    (line, column): (&TableRow, &TableRow),
    (count, before): (i64, Option<i64>),
) -> Markup {
    let share = format!("{} of the row", format::percent(report_row::permille(count, line.measures.visits)));
    let earlier = against(view, before).map(|before| format!("; {before}")).unwrap_or_default();
    let behind = visitors(view, (line, column)).filter(|_| count > 0);
    html! {
        (report_row::bar(count, line.measures.visits))
        @match behind {
            Some(address) => a href=(address) hx-boost="false" title={ (share) ": " (line.name.title) ", " (column.name.title) (earlier) } { (format::count(count)) },
            None => span title={ (share) (earlier) } { (format::count(count)) },
        }
    }
}

fn visitors(view: &View<'_>, (line, column): (&TableRow, &TableRow)) -> Option<String> {
    let head = view.head;
    if !head.scope.view.has(VisitorData::LiveList) {
        return None;
    }
    let wanted = filter::narrowed_to(&head.scope.wanted, view.first, &line.name.filter);
    let wanted = filter::narrowed_to(&wanted, view.second.1, &column.name.filter);
    Some(head.asked.to_screen_with_filters(&format!("{}/visitors", head.base), &wanted))
}
