//! The screen of one page's heatmap: its numbers, the elements that were clicked, and how far visits scrolled.

use super::reading;
use super::screen::{HeatmapScreen, known, open, range_control, recording_note};
use crate::access::capability::SeeHeatmaps;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::csv_file;
use crate::ingest::page_patterns::PagePatterns;
use crate::model::device_class::DeviceClass;
use crate::model::metrics::duration_text;
use crate::model::page_form;
use crate::reports::answer::Coverage;
use crate::reports::heatmap_want::HeatmapWant;
use crate::reports::query::{Query, Wants};
use crate::reports::results::heatmap::{Heatmap, HeatmapElement};
use crate::web::filters::filter_bar::FilterBar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::layout::{Frame, NavItem, load};
use crate::web::report::{report_row, retention_note};
use crate::web::ui::{format, icon};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use strum::VariantArray;

/// Returns what an address asks of a page.
///
/// # Errors
///
/// Fails with `Error::Invalid` when it names no page, or a device that there is not.
pub fn want(params: &QueryParams) -> Result<HeatmapWant> {
    let nothing = || Error::invalid("of", "Choose a page from the list of heatmaps.");
    let page = params.get("of").filter(|page| !page.is_empty()).ok_or_else(nothing)?;
    let unknown = || Error::invalid("device", "Choose phone, tablet or desktop.");
    let device = params.get("device").filter(|name| !name.is_empty());
    let device = device.map(|name| DeviceClass::find(name).ok_or_else(unknown)).transpose()?;
    Ok(HeatmapWant { page: page.to_owned(), device })
}

/// `GET /sites/{site}/heatmaps/page?of=…`: returns the heatmap of a page as tables.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address names no page and for other bad parameters, and when the data file cannot
/// be read.
pub async fn show(
    access: SiteAccess<SeeHeatmaps>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let query = params.query(&app, &access)?;
    let want = want(&params)?;
    let (address, frame, filter_bar) = open(&access, &request, params, &query, "/heatmaps/page")?;
    let today = access.site.zone.day(app.clock.now());
    let range = range_control(&address, (&query, today));
    let asked = query.with(Wants { heatmap: Some(want.clone()), ..Wants::default() });
    let title = title(&want.page, &access.site.domain);
    let named = format!("Heatmap of {title}");
    let is_recorded = PagePatterns::new(access.site.heatmaps.pages.lines()).cover(&want.page);
    let (mut frame, filter_bar, answer) = app
        .view(move |reader| {
            let frame = frame.load(reader, &named, NavItem::Heatmaps)?;
            Ok((frame, filter_bar.load(reader)?, reader.run(&asked)?))
        })
        .await?;
    frame.range = Some(range);
    let screen = HeatmapScreen::new(&access, (&query, today), address, is_recorded);
    let found = answer.heatmap.unwrap_or_default();
    let view = View { screen, query, want, title, found, coverage: answer.coverage };
    Ok(load::html(draw(&frame, &filter_bar, &view)))
}

struct View {
    screen: HeatmapScreen,
    query: Query,
    want: HeatmapWant,
    title: String,
    found: Heatmap,
    coverage: Coverage,
}

/// Returns the path of a page on the site's domain, and the address of others.
fn title(page: &str, domain: &str) -> String {
    let path = page.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    match path.filter(|_| page_form::host(page) == Some(domain)) {
        Some(path) => path.to_owned(),
        None => page.to_owned(),
    }
}

fn draw(frame: &Frame, filter_bar: &FilterBar, view: &View) -> Markup {
    let (screen, found) = (&view.screen, &view.found);
    let address = &screen.address;
    let is_empty = found.clicks.clicks == 0 && found.reading.measured == 0;
    frame.page(&html! {
        div.head {
            h1.cut title=(view.want.page) { (view.title) }
            @if page_form::origin(&view.want.page).is_some() {
                form.to-page method="post" action=(address.params.link(&format!("{}/heatmaps/open", address.base), &[])) target="_blank" rel="noopener" {
                    button.primary type="submit" title="Shows the heatmap over the page itself, in a new tab, for ten minutes" { "Open on page" }
                }
            }
            @if screen.may_export {
                a.button id="export" href=(address.params.link(&format!("{}.csv", address.path), &[(csv_file::BOM, "1")])) { (icon::download()) "CSV" }
            }
        }
        p.about.quiet {
            a href=(address.params.to_screen(&format!("{}/heatmaps", address.base))) { "← All heatmaps" }
            " · Where visitors click on this page, and how far they read it."
        }
        (filter_bar.draw())
        (retention_note::of_report(view.coverage.cut_at(), &view.query))
        (device_choice(address, view.want.device))
        @if is_empty {
            (nothing(view))
        } @else {
            (recording_note(screen, " on this page"))
            (cards(found))
            (elements(found))
            (reading::draw(found))
        }
    })
}

fn device_choice(address: &ScreenAddress, chosen: Option<DeviceClass>) -> Markup {
    let current = |device: Option<DeviceClass>| (chosen == device).then_some("true");
    html! {
        nav.column-choice aria-label="Device" {
            span.quiet { "Device: " }
            a href=(address.link(&[("device", "")])) aria-current=[current(None)] { "All" } " "
            @for device in DeviceClass::VARIANTS {
                a href=(address.link(&[("device", device.name())])) aria-current=[current(Some(*device))] { (device.title()) } " "
            }
        }
    }
}

fn nothing(view: &View) -> Markup {
    let address = &view.screen.address;
    html! {
        section.empty {
            h2 { "No clicks on this page in this period" }
            p { "Clicks arrive while visitors use the page, and when they leave it." }
            @if view.want.device.is_some() {
                p { a.button.primary href=(address.link(&[("device", "")])) { "Show all devices" } }
            } @else if !address.filters.is_empty() {
                p { a.button.primary href=(address.with_filters(&[])) { "Clear filters" } }
            } @else if !view.screen.is_recorded && view.screen.may_choose {
                p { a.button.primary href={ (address.base) "/preferences/heatmaps" } { "Choose pages in Preferences → Heatmaps" } }
            } @else {
                p { a.button.primary href=(address.link(&[("date", "last-30-days")])) { "Show the last 30 days" } }
            }
        }
    }
}

fn cards(found: &Heatmap) -> Markup {
    let clicks = found.clicks;
    let share =
        |count: i64| format!("{} of all clicks", format::percent(report_row::permille(count, clicks.clicks)));
    let visits = |count: i64| {
        html! { (format::count(count)) @if count == 1 { " visit" } @else { " visits" } }
    };
    let card = |title: &str, figure: Markup, about: Markup| {
        html! { li { div.vital { h2 { (title) } span.figure { b { (figure) } } span.quiet { (about) } } } }
    };
    html! {
        ul.vital-cards.heat-cards aria-label="Numbers of this page" {
            (card("Clicks", format::count(clicks.clicks), html! { "in " (visits(found.visits)) }))
            (card("Rage clicks", format::count(clicks.rage), html! { (share(clicks.rage)) }))
            (card("Dead clicks", format::count(clicks.dead), html! { (share(clicks.dead)) }))
            (card("Scroll depth", html! { (known(found.reading.average_depth().map(format::percent))) }, html! { "on average, " (visits(found.reading.measured)) }))
            (card("Time on page", html! { (known(found.reading.average_seconds().map(duration_text))) }, html! { "on average, " (visits(found.reading.visits)) }))
        }
    }
}

fn elements(found: &Heatmap) -> Markup {
    let (all, loose) = (found.clicks.clicks, found.points.iter().map(|point| point.count).sum::<i64>());
    let highest = found.elements.first().map_or(0, |element| element.clicks.clicks);
    html! {
        h2 { "Elements" }
        @if found.elements.is_empty() && loose == 0 {
            p.quiet { "No clicks in this period." }
        } @else {
            @if found.element_count > found.elements.len() {
                p.quiet { "The " (found.elements.len()) " elements with most clicks, of " (format::count(i64::try_from(found.element_count).unwrap_or(i64::MAX))) "." }
            }
            table.list.bars.items.elements {
                thead {
                    tr {
                        th scope="col" { "Element" }
                        th.number scope="col" { "Clicks" }
                        th.number.wide scope="col" { "Share" }
                        th.number scope="col" title="Three or more quick clicks in one place" { "Rage" }
                        th.number scope="col" title="Clicks after which nothing happened" { "Dead" }
                    }
                }
                tbody {
                    @for element in &found.elements { (element_row(element, all, highest)) }
                    @if loose > 0 {
                        tr {
                            td.item { span.row-link.quiet title="Clicks that arrived with their place on the page alone" { "Element not known" } }
                            td.number { (format::count(loose)) }
                            td.number.wide { (format::percent(report_row::permille(loose, all))) }
                            td.number { "–" }
                            td.number { "–" }
                        }
                    }
                }
            }
        }
    }
}

fn element_row(element: &HeatmapElement, all: i64, highest: i64) -> Markup {
    let HeatmapElement { selector, text, clicks, .. } = element;
    html! {
        tr {
            td.item {
                (report_row::bar(clicks.clicks, highest))
                @if text.is_empty() {
                    code.row-link title=(selector) { span.cut { (selector) } }
                } @else {
                    span.row-link title=(text) { span.cut { (text) } }
                    code.quiet.cut.beside title=(selector) { (selector) }
                }
            }
            td.number { (format::count(clicks.clicks)) }
            td.number.wide { (format::percent(report_row::permille(clicks.clicks, all))) }
            td.number { (format::count(clicks.rage)) }
            td.number { (format::count(clicks.dead)) }
        }
    }
}
