//! The controls around a report's table: the search, the choice of a second report, and the pages.

use super::page::ReportPage;
use super::second_dimension::SecondDimension;
use crate::limits::PAGE_ROWS_MAX;
use crate::reports::catalogue::{Report, ReportGroup};
use crate::reports::visibility::Visibility;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::ui::format;
use maud::{Markup, html};
use strum::IntoEnumIterator;

/// The choices of rows on a page.
const PAGE_SIZES: [u32; 4] = [25, 50, 100, PAGE_ROWS_MAX];
/// The selectors of the parts of the page that repeat the query parameters in links and forms, or show a count. They
/// are replaced with the table. The search field is not among them, so that typing is not disturbed.
const OUT_OF_BAND: &str =
    "#export,#range,#filters,#goal-choice,#break-down,#chart-choice,#search-carried,#row-count:innerHTML";

/// Returns a count of rows as text.
fn number(count: usize) -> String {
    format::grouped(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Renders the search of a report, and the number of rows that it finds.
pub fn search(page: &ReportPage, text: &str, count: usize) -> Markup {
    search_of(&page.address, &format!("Search {}", page.report.title.to_lowercase()), text, count)
}

/// Renders the search of a screen with a label, and the number of rows that it finds.
pub fn search_of(address: &ScreenAddress, label: &str, text: &str, count: usize) -> Markup {
    html! {
        form.search method="get" action=(address.path) role="search" {
            span id="search-carried" hidden {
                @for (name, value) in address.params.hidden_fields(&["find"]) { input type="hidden" name=(name) value=(value); }
            }
            input type="search" name="find" value=(text) placeholder=(label) aria-label=(label)
                hx-get=(address.path) hx-trigger="input changed delay:250ms, search" hx-include="closest form" hx-target="#table" hx-select="#table" hx-select-oob=(OUT_OF_BAND) hx-swap="outerHTML" hx-push-url="true";
            button type="submit" { "Search" }
            span.quiet id="row-count" role="status" { (number(count)) @if count == 1 { " row" } @else { " rows" } }
        }
    }
}

/// Renders a table that its own links replace.
pub fn table(content: &Markup) -> Markup {
    html! {
        div id="table" hx-boost="true" hx-target="#table" hx-select="#table" hx-select-oob=(OUT_OF_BAND) hx-swap="outerHTML" { (content) }
    }
}

/// Renders the choice of the report to cross-tabulate with.
pub fn break_down(page: &ReportPage, chosen: Option<SecondDimension>) -> Markup {
    html! {
        form.break-down id="break-down" method="get" action=(page.address.path) {
            @for (name, value) in page.address.params.hidden_fields(&["by", "sort", "order"]) { input type="hidden" name=(name) value=(value); }
            label for="by" { "Break down by" }
            select id="by" name="by" hx-get=(page.address.path) hx-trigger="change" hx-include="closest form" hx-target="#content" hx-select="#content" hx-select-oob="#range,#side" hx-swap="outerHTML" hx-push-url="true" {
                option value="" { "nothing" }
                (options(&page.query.visibility, page.report, chosen))
            }
            button type="submit" { "Show" }
        }
    }
}

/// Renders the reports that another can be cross-tabulated with, as far as they may be seen.
pub fn options(visibility: &Visibility, report: &Report, chosen: Option<SecondDimension>) -> Markup {
    let of_group = |group: ReportGroup| {
        visibility.reports().filter(move |other| {
            let has_items = other.kind.dimension().is_some();
            has_items && other.subject == group && other.name != report.name
        })
    };
    html! {
        @for group in ReportGroup::iter() {
            @if of_group(group).next().is_some() {
                optgroup label=(group.title()) {
                    @for other in of_group(group) {
                        option value=(other.name) selected[chosen.is_some_and(|chosen| chosen.report.name == other.name)] { (other.title) }
                    }
                }
            }
        }
    }
}

/// Renders the numbers of the rows, links to the other pages, and the choice of rows on a page.
pub fn pager(address: &ScreenAddress, count: usize) -> Markup {
    let page = address.params.page();
    let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let current = usize::try_from(page.number).unwrap_or(1);
    let (first, last) = ((current - 1) * rows + 1, (current * rows).min(count));
    let smallest = usize::try_from(PAGE_SIZES[0]).unwrap_or(0);
    html! {
        @if count > rows || current > 1 || count > smallest {
            nav.pager aria-label="Pages" {
                @if current > 1 {
                    @if current > 2 { a.button href=(address.page(1)) { "⇤ First" } }
                    a.button href=(address.page(current - 1)) rel="prev" { "← Before" }
                }
                @if last < count {
                    a.button href=(address.page(current + 1)) rel="next" { "Next →" }
                    @if current + 1 < count.div_ceil(rows) { a.button href=(address.page(count.div_ceil(rows))) { "Last ⇥" } }
                }
                span.quiet { @if first <= last { (number(first)) " to " (number(last)) " of " (number(count)) } @else { (number(count)) " in all" } }
                span.sizes.quiet {
                    "Rows a page: "
                    @for size in PAGE_SIZES {
                        a href=(address.link(&[("limit", &size.to_string())])) aria-current=[(size == page.rows).then_some("true")] { (size) } " "
                    }
                }
            }
        }
    }
}
