//! The list of heatmaps: the pages that were clicked and read.

use super::screen::{HeatmapScreen, known, open, range_control, recording_note};
use crate::access::capability::SeeHeatmaps;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::csv_file;
use crate::model::metrics::duration_text;
use crate::reports::answer::Coverage;
use crate::reports::dimension::ValueKind;
use crate::reports::heatmap_want::{HeatmapPagesWant, HeatmapSort};
use crate::reports::query::{Query, Wants};
use crate::reports::results::heatmap::{HeatmapPage, HeatmapPages};
use crate::reports::results::reading as names;
use crate::reports::search::Search;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::layout::{Frame, NavItem, load};
use crate::web::report::{controls, report_row, retention_note};
use crate::web::ui::{format, icon};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The columns of numbers: what they sort by, their heading, what it means, and true for those that phones leave out.
const COLUMNS: [(HeatmapSort, &str, &str, bool); 6] = [
    (HeatmapSort::Clicks, "Clicks", "Clicks and taps on the page", false),
    (HeatmapSort::Rage, "Rage clicks", "Three or more quick clicks in one place", false),
    (HeatmapSort::Dead, "Dead clicks", "Clicks after which nothing happened", false),
    (HeatmapSort::Visits, "Visits", "Visits that clicked", true),
    (HeatmapSort::Depth, "Scroll depth", "How far down the page visits scroll on average", true),
    (HeatmapSort::Time, "Time on page", "How long the page is visible to a visit on average", true),
];

/// Returns what an address asks of the list. Unknown names mean the usual order.
pub fn want(params: &QueryParams) -> HeatmapPagesWant {
    HeatmapPagesWant {
        sort: params.get("sort").and_then(HeatmapSort::find).unwrap_or(HeatmapSort::Clicks),
        is_ascending: params.get("order") == Some("up"),
        search: Search::containing(params.get("find").unwrap_or_default()),
        page: params.page(),
    }
}

/// `GET /sites/{site}/heatmaps`: returns the list of pages with heatmaps.
///
/// # Errors
///
/// Fails with `Error::Invalid` for bad parameters, and when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SeeHeatmaps>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let query = params.query(&app, &access)?;
    let want = want(&params);
    let (address, frame, filter_bar) = open(&access, &request, params, &query, "/heatmaps")?;
    let today = access.site.zone.day(app.clock.now());
    let range = range_control(&address, (&query, today));
    let asked = query.with(Wants { heatmap_pages: Some(want), ..Wants::default() });
    let is_recorded = access.site.heatmaps.is_on();
    let (mut frame, filter_bar, answer) = app
        .view(move |reader| {
            let frame = frame.load(reader, NavItem::Heatmaps.title(), NavItem::Heatmaps)?;
            Ok((frame, filter_bar.load(reader)?, reader.run(&asked)?))
        })
        .await?;
    frame.range = Some(range);
    let screen = HeatmapScreen::new(&access, (&query, today), address, is_recorded);
    let found = answer.heatmap_pages.unwrap_or_default();
    Ok(load::html(draw(&frame, &filter_bar, &screen, &query, (&found, answer.coverage))))
}

fn draw(
    frame: &Frame,
    filter_bar: &FilterBar,
    screen: &HeatmapScreen,
    query: &Query,
    (found, coverage): (&HeatmapPages, Coverage),
) -> Markup {
    let address = &screen.address;
    let find = address.params.get("find").unwrap_or_default();
    frame.page(&html! {
        div.head {
            h1 { (NavItem::Heatmaps.title()) }
            @if screen.may_export {
                a.button id="export" href=(address.params.link(&format!("{}.csv", address.path), &[("page", ""), ("limit", ""), (csv_file::BOM, "1")])) { (icon::download()) "CSV" }
            }
        }
        p.about.quiet { "Where visitors click on your pages, and how far they read them." }
        (filter_bar.draw())
        (retention_note::of_report(coverage.cut_at(), query))
        @if found.count == 0 && find.is_empty() {
            (nothing(screen))
        } @else {
            (recording_note(screen, ""))
            (controls::search_of(address, "Search pages", find, found.count))
            (controls::table(&html! {
                @if found.count == 0 {
                    p.nothing { "No page contains “" (find) "”. " a href=(address.link(&[("find", "")])) { "Show all" } }
                } @else if found.pages.is_empty() {
                    p.nothing { "There is no such page. " a href=(address.link(&[])) { "Show the first" } }
                } @else {
                    (rows(address, &found.pages))
                }
                (controls::pager(address, found.count))
            }))
        }
    })
}

fn nothing(screen: &HeatmapScreen) -> Markup {
    let address = &screen.address;
    html! {
        section.empty {
            @if !screen.is_recorded {
                h2 { "Heatmaps aren't recorded yet" }
                p { "Choose the pages whose clicks and scroll depth you want to see. Your page code then loads a small extra script on them." }
                @if screen.may_choose {
                    p { a.button.primary href={ (address.base) "/preferences/heatmaps" } { "Choose pages in Preferences → Heatmaps" } }
                } @else {
                    p.quiet { "The site's owner and Administrators can choose them." }
                }
            } @else {
                h2 { "No clicks in this period" }
                p { "Clicks arrive while visitors use the pages you chose, and when they leave." }
                @if address.filters.is_empty() {
                    p { a.button.primary href=(address.link(&[("date", "last-30-days")])) { "Show the last 30 days" } }
                } @else {
                    p { a.button.primary href=(address.with_filters(&[])) { "Clear filters" } }
                }
            }
        }
    }
}

fn rows(address: &ScreenAddress, pages: &[HeatmapPage]) -> Markup {
    let want = want(&address.params);
    let heading = |sort: HeatmapSort, title: &str, about: &str| {
        let is_current = want.sort == sort;
        let order = if is_current && !want.is_ascending { "up" } else { "" };
        let link = address.link(&[("sort", sort.name()), ("order", order)]);
        html! { a href=(link) title=(about) { (title) @if is_current { span aria-hidden="true" { @if want.is_ascending { " ↑" } @else { " ↓" } } } } }
    };
    let sorted = |sort: HeatmapSort| {
        (want.sort == sort).then_some(if want.is_ascending { "ascending" } else { "descending" })
    };
    let highest = pages.iter().map(|page| page.summary.clicks.clicks).max().unwrap_or(0);
    html! {
        table.list.bars.items {
            thead {
                tr {
                    th scope="col" { "Page" }
                    @for (sort, title, about, is_wide) in COLUMNS { th.number.wide[is_wide] scope="col" aria-sort=[sorted(sort)] { (heading(sort, title, about)) } }
                }
            }
            tbody {
                @for HeatmapPage { name, summary } in pages {
                    tr {
                        td.item {
                            (report_row::bar(summary.clicks.clicks, highest))
                            a.row-link href=(address.heatmap(&name.filter)) hx-boost="false" title=(name.title) { span.cut { (names::text(ValueKind::Page, name)) } }
                        }
                        td.number { (format::count(summary.clicks.clicks)) }
                        td.number { (format::count(summary.clicks.rage)) }
                        td.number { (format::count(summary.clicks.dead)) }
                        td.number.wide { (format::count(summary.visits)) }
                        td.number.wide { (known(summary.reading.average_depth().map(format::percent))) }
                        td.number.wide { (known(summary.reading.average_seconds().map(duration_text))) }
                    }
                }
            }
        }
    }
}
