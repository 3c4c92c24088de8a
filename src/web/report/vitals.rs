//! The screen of web vitals: how fast and steady pages are for three quarters of the visitors, overall, by device and by page.

use super::controls;
use super::page::ReportPage;
use crate::model::device_type::DeviceType;
use crate::model::vital::{Vital, VitalRating};
use crate::reports::answer::Answer;
use crate::reports::catalogue;
use crate::reports::comparison::Compared;
use crate::reports::dimension::ValueKind;
use crate::reports::query::{VitalsSort, VitalsTable, VitalsWant, Wants};
use crate::reports::results::reading;
use crate::reports::results::vitals::{VitalSummary, VitalsPage, VitalsResult, VitalsSummary};
use crate::reports::search::Search;
use crate::web::filters::filter_bar;
use crate::web::filters::query_params::QueryParams;
use crate::web::report::report_row;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::icon;
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};
use strum::VariantArray;

/// The devices to choose from.
const DEVICES: [DeviceType; 3] = [DeviceType::Desktop, DeviceType::Phone, DeviceType::Tablet];

/// Returns the web vitals that an address names. Unknown names mean the usual choice.
pub fn want(params: &QueryParams) -> VitalsWant {
    let sort = params.get("sort").and_then(VitalsSort::find).unwrap_or(VitalsSort::Measurements);
    let table = VitalsTable {
        sort,
        is_ascending: params.get("order") == Some("up"),
        search: Search::containing(params.get("find").unwrap_or_default()),
        page: params.page(),
    };
    VitalsWant { device: params.get("device").and_then(DeviceType::find), table }
}

/// Returns the parts of the answer that the screen shows.
pub fn wants(page: &ReportPage) -> Wants {
    Wants { vitals: Some(want(&page.address.params)), ..Wants::default() }
}

/// Renders the report.
pub fn draw(page: &ReportPage, answer: Answer) -> Markup {
    let result = answer.vitals.unwrap_or_default();
    let want = want(&page.address.params);
    let is_measured = page.query.site.vitals_measured;
    let (now, before) = (&result.overall.now, result.overall.before.as_ref());
    let is_empty = now.measurements == 0;
    let before = before.map(|before| before.measurements).filter(|before| *before > 0);
    html! {
        (device_choice(page, &want))
        @if is_empty && !is_measured && before.is_none() && want.device.is_none() {
            (turned_off(page))
        } @else if is_empty {
            @if before.is_some() { (no_longer_measured(page)) }
            (nothing(page, &want, before))
        } @else {
            (no_longer_measured(page))
            p.quiet { "Each figure is the 75th percentile: three out of four page views were this good or better." }
            ul.vital-cards aria-label="Web vitals" {
                @for vital in Vital::VARIANTS { li { (card(page, *vital, &result.overall)) } }
            }
            @if want.device.is_none() && result.devices.len() > 1 { (devices(page, &result)) }
            @if page.query.visibility.counts_by(catalogue::pages()) { (pages(page, &want, &result)) }
        }
    }
}

/// Renders the choice of the device, where devices may be seen.
fn device_choice(page: &ReportPage, want: &VitalsWant) -> Markup {
    let link = |name: &str| page.address.link(&[("device", name)]);
    let current = |device: Option<DeviceType>| (want.device == device).then_some("true");
    html! {
        @if page.query.visibility.counts_by(catalogue::devices()) {
            nav.column-choice aria-label="Device" {
                span.quiet { "Device: " }
                a href=(link("")) aria-current=[current(None)] { "All" } " "
                @for device in DEVICES {
                    a href=(link(&device.name().to_lowercase())) aria-current=[current(Some(device))] { (device.name()) } " "
                }
            }
        }
    }
}

/// Renders the link to the setting, for those who may change it.
fn turn_on_link(page: &ReportPage) -> Markup {
    html! {
        @if page.may_change_settings {
            a href={ (page.address.base) "/preferences/tracking#vitals" } { "Turn on in Preferences → Tracking" }
        }
    }
}

fn no_longer_measured(page: &ReportPage) -> Markup {
    html! { @if !page.query.site.vitals_measured { p.verdict.plain role="note" { "Web vitals are no longer measured. " (turn_on_link(page)) } } }
}

fn turned_off(page: &ReportPage) -> Markup {
    html! {
        section.empty {
            h2 { "Web vitals aren't measured yet" }
            p { "Browsers can report how fast your pages load and respond for real visitors. Your pages then load a small extra script." }
            @if page.may_change_settings {
                p { a.button.primary href={ (page.address.base) "/preferences/tracking#vitals" } { "Turn on in Preferences → Tracking" } }
            } @else {
                p.quiet { "The site's owner and Administrators can turn this on." }
            }
        }
    }
}

fn nothing(page: &ReportPage, want: &VitalsWant, before: Option<i64>) -> Markup {
    let address = &page.address;
    html! {
        section.empty {
            h2 { "No measurements in this period" }
            (page.it_was(before, NumberUnit::Count))
            p { "Browsers send them when a visitor leaves a page. Not all browsers measure all vitals." }
            @if want.device.is_some() {
                p { a.button.primary href=(address.link(&[("device", "")])) { "Show all devices" } }
            } @else if address.filters.is_empty() {
                p { a.button.primary href=(address.link(&[("date", "last-30-days"), ("find", "")])) { "Show the last 30 days" } }
            } @else {
                p { a.button.primary href=(address.with_filters(&[])) { "Clear filters" } }
            }
        }
    }
}

/// Renders a vital of all pages.
fn card(page: &ReportPage, vital: Vital, overall: &Compared<VitalsSummary>) -> Markup {
    let now = overall.now.get(vital);
    let before = overall.before.as_ref().and_then(|before| before.get(vital).p75);
    html! {
        div.vital {
            h2 { (vital.title()) " " span.quiet { "(" (vital.short()) ")" } }
            span.figure {
                @match now.p75 {
                    Some(value) => b { (vital.display(value)) },
                    None => b { "–" },
                }
                (verdict(vital, now))
            }
            @if let (Some(value), Some(before), Some(comparison)) = (now.p75, before, page.query.comparison) {
                span.quiet.compared {
                    (ValueChange::of_count(value.into(), before.into(), comparison).draw(GoodChange::Less))
                    " from " (vital.display(before)) " in " (comparison.label())
                }
            }
            (shares(now))
            span.quiet { (vital.about()) }
        }
    }
}

/// Renders the rating of a vital in words, with a sign of its own shape.
fn verdict(vital: Vital, summary: &VitalSummary) -> Markup {
    html! {
        @match summary.rating(vital) {
            Some(rating) => span.rating data-rating=(rating.name()) { span aria-hidden="true" { (sign(rating)) } " " (rating.title()) },
            None if summary.p75.is_some() => span.rating.quiet { "Not enough data yet" },
            None => span.rating.quiet { "Not measured" },
        }
    }
}

/// Returns the sign of a rating.
fn sign(rating: VitalRating) -> &'static str {
    match rating {
        VitalRating::Good => "●",
        VitalRating::NeedsImprovement => "■",
        VitalRating::Poor => "▲",
    }
}

/// Returns the shares of the ratings, in thousandths, whose sum is that of the whole.
fn shares_of(summary: &VitalSummary) -> [(VitalRating, i64); 3] {
    [VitalRating::Good, VitalRating::NeedsImprovement, VitalRating::Poor]
        .map(|rating| (rating, report_row::permille(summary.rated(rating), summary.count())))
}

/// Renders the shares of the ratings as a bar, with a sentence.
fn shares(summary: &VitalSummary) -> Markup {
    let words: Vec<String> = shares_of(summary)
        .iter()
        .map(|(rating, share)| format!("{} {}", format::percent(*share), rating.title().to_lowercase()))
        .collect();
    html! {
        @if summary.count() > 0 {
            (bar(summary))
            span.quiet { (words.join(" · ")) ", of " (format::grouped(summary.count())) @if summary.count() == 1 { " page view" } @else { " page views" } }
        }
    }
}

fn bar(summary: &VitalSummary) -> Markup {
    let mut end = 0;
    let parts = shares_of(summary).map(|(rating, share)| {
        let start = end;
        end += share;
        (rating, start, share)
    });
    html! {
        svg.ratings viewBox="0 0 1000 1" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @for (rating, start, share) in parts { @if share > 0 { rect data-rating=(rating.name()) x=(start) width=(share) height="1" {} } }
        }
    }
}

/// Renders a vital in a cell of a table.
fn cell(vital: Vital, now: &VitalSummary, earlier: Option<String>) -> Markup {
    let rating = now.rating(vital);
    let words = rating.map_or("Not enough data yet", VitalRating::title);
    let values = format::grouped(now.count());
    let earlier = earlier.map(|earlier| format!("; {earlier}")).unwrap_or_default();
    html! {
        @match now.p75 {
            Some(value) => {
                span.vital-cell title={ (words) ", " (values) @if now.count() == 1 { " value" } @else { " values" } (earlier) } {
                    (vital.display(value)) " "
                    @match rating {
                        Some(rating) => span.rating data-rating=(rating.name()) { span aria-hidden="true" { (sign(rating)) } span.hidden { (words) } },
                        None => span.rating.quiet { span aria-hidden="true" { "…" } span.hidden { (words) } },
                    }
                }
                (bar(now))
            },
            None => span.quiet { "–" },
        }
    }
}

/// Returns the value of the comparison period as text.
fn earlier(page: &ReportPage, vital: Vital, summary: &Compared<VitalsSummary>) -> Option<String> {
    let (before, comparison) = summary.before.as_ref().zip(page.query.comparison)?;
    let value = before.get(vital).p75.map_or_else(|| "nothing".into(), |value| vital.display(value));
    Some(format!("{value} in {}", comparison.label()))
}

fn cells(page: &ReportPage, summary: &Compared<VitalsSummary>) -> Markup {
    html! {
        @for vital in Vital::VARIANTS { td.number { (cell(*vital, summary.now.get(*vital), earlier(page, *vital, summary))) } }
        td.number.wide title=[summary.before.as_ref().zip(page.query.comparison).map(|(before, comparison)| format!("{} in {}", format::grouped(before.measurements), comparison.label()))] { (format::count(summary.now.measurements)) }
    }
}

/// Renders all pages by device.
fn devices(page: &ReportPage, result: &VitalsResult) -> Markup {
    html! {
        h2 { "By device" }
        table.list.items.vitals {
            thead {
                tr {
                    th scope="col" { "Device" }
                    @for vital in Vital::VARIANTS { th.number scope="col" { abbr title=(vital.title()) { (vital.short()) } } }
                    th.number.wide scope="col" { "Measurements" }
                }
            }
            tbody {
                @for (device, summary) in &result.devices {
                    tr { td.item { (icon::hardware(*device)) " " (device.name()) } (cells(page, summary)) }
                }
            }
        }
    }
}

/// Renders the table of pages with its controls.
fn pages(page: &ReportPage, want: &VitalsWant, result: &VitalsResult) -> Markup {
    let find = want.table.search.text();
    html! {
        h2 { "By page" }
        (controls::search(page, find, result.count))
        (controls::table(&html! {
            @if result.count == 0 {
                p.nothing { "Nothing contains “" (find) "”. " a href=(page.address.link(&[("find", "")])) { "Show all" } }
            } @else if result.pages.is_empty() {
                p.nothing { "There is no such page. " a href=(page.address.link(&[])) { "Show the first" } }
            } @else {
                (rows(page, &want.table, &result.pages))
            }
            (controls::pager(&page.address, result.count))
        }))
    }
}

fn rows(page: &ReportPage, table: &VitalsTable, pages: &[VitalsPage]) -> Markup {
    let heading = |sort: VitalsSort, title: &str, about: &str| {
        let is_current = table.sort == sort;
        let order = if is_current && !table.is_ascending { "up" } else { "" };
        let link = page.address.link(&[("sort", sort.name()), ("order", order)]);
        html! { a href=(link) title=(about) { (title) @if is_current { span aria-hidden="true" { @if table.is_ascending { " ↑" } @else { " ↓" } } } } }
    };
    let sorted = |sort: VitalsSort| {
        (table.sort == sort).then_some(if table.is_ascending { "ascending" } else { "descending" })
    };
    html! {
        table.list.bars.items.vitals {
            thead {
                tr {
                    th scope="col" { "Page" }
                    @for vital in Vital::VARIANTS {
                        th.number scope="col" aria-sort=[sorted(VitalsSort::Vital(*vital))] { (heading(VitalsSort::Vital(*vital), vital.short(), vital.title())) }
                    }
                    th.number.wide scope="col" aria-sort=[sorted(VitalsSort::Measurements)] { (heading(VitalsSort::Measurements, "Measurements", "Page views that were measured")) }
                }
            }
            tbody {
                @for VitalsPage { name, summary } in pages {
                    tr {
                        td.item {
                            (filter_bar::row_menu(&page.address, catalogue::pages(), name))
                            span.row-link.cut title=(name.title) { (reading::text(ValueKind::Page, name)) }
                        }
                        (cells(page, summary))
                    }
                }
            }
        }
    }
}
