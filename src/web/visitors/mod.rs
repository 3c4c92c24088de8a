//! The list of visits of a range, newest first.

pub mod goal_tags;
pub mod visit;
pub mod visit_table;
pub mod visitor;
pub mod visitor_erasure;
pub mod visitor_note;
pub mod visitor_summary;
use self::visit_table::VisitTable;
use super::filters::filter_bar::FilterBar;
use super::filters::query_params::QueryParams;
use super::layout::load;
use super::layout::screen_address::ScreenAddress;
use super::layout::site_frame_request::SiteFrameRequest;
use super::layout::{Frame, NavItem, RangeControl};
use super::report::retention_note;
use super::ui::value_change::{GoodChange, ValueChange};
use super::ui::{format, icon, pager};
use crate::access::capability::{Capability, SeeLiveVisitorList};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::http::csv_file;
use crate::reports::comparison::Comparison;
use crate::reports::query::Wants;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    path: String,
    /// The address of the page code, if the caller may see it.
    code: Option<String>,
    filter_bar: FilterBar,
    /// The note of a list that begins later than its range.
    note: Markup,
    /// The address of the list without its filters, if there are any.
    unfiltered: Option<String>,
    export: Option<String>,
    total: i64,
    before: Option<(i64, Comparison)>,
    table: VisitTable,
    older: Option<String>,
    newer: Option<String>,
    range_is_today: bool,
    is_live: bool,
}

/// `GET /sites/{site}/visitors`: returns the list of visits.
///
/// # Errors
///
/// Fails with `Error::Invalid` for bad parameters, with `Error::Missing` or `Error::Forbidden` when a filter reads what
/// the caller may not see, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (query, page_query) = (params.query(&app, &access)?, params.page());
    let (range, base, comparison) = (query.range, access.base(), query.comparison);
    let path = format!("{base}/visitors");
    let address = ScreenAddress { base, path, params, filters: query.filters.clone() };
    let (frame, filter_bar) = (SiteFrameRequest::new(&request, &access)?, FilterBar::new(&access, &address));
    let today = access.site.zone.day(app.clock.now());
    let query = query.with(Wants { visits: Some(page_query), ..Wants::default() });
    let (mut frame, filter_bar, answer) = app
        .view(move |reader| {
            let frame = frame.load(reader, "Visitors", NavItem::Visitors)?;
            Ok((frame, filter_bar.load(reader)?, reader.run(&query)?))
        })
        .await?;
    let note = retention_note::of_list(answer.coverage.kept_since);
    let (visits, total, before) = match answer.visits {
        Some(page) => (page.visits, page.count, page.count_before),
        None => (Vec::new(), 0, None),
    };
    let shown = u64::from(page_query.number) * u64::from(page_query.rows);
    let view = View {
        code: access.may(Capability::SeeTrackingCode).then(|| format!("{}/preferences/info", address.base)),
        filter_bar,
        note,
        unfiltered: (!address.filters.is_empty()).then(|| address.with_filters(&[])),
        export: access.may(Capability::ExportCsv).then(|| {
            let file = format!("{}/export/visitors-list.csv", address.base);
            address.params.link(&file, &[("limit", ""), (csv_file::BOM, "1")])
        }),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        before: before.zip(comparison),
        table: VisitTable::new(&visits, &access.site, &address.base, access.visibility()),
        older: (total as u64 > shown).then(|| address.page(page_query.number + 1)),
        newer: (page_query.number > 1).then(|| address.page(page_query.number - 1)),
        range_is_today: range.first == today && range.last == today,
        is_live: range.last >= today && page_query.number == 1,
        path: address.path.clone(),
    };
    frame.range = Some(RangeControl::new(&address.params, &address.path, range, today));
    Ok(load::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        div.head {
            h1 { "Visitors" }
            p.quiet { (format::count(view.total)) @if view.total == 1 { " visit" } @else { " visits" }
                @if let Some((before, comparison)) = view.before { " " (ValueChange::of_count(view.total, before, comparison).draw(GoodChange::More)) } }
            @if let Some(export) = &view.export { a.button href=(export) { (icon::download()) "CSV" } }
        }
        (view.filter_bar.draw())
        (view.note)
        @if view.table.is_empty() {
            section.empty {
                h2 { "No visit in this range" }
                p { "Here you see who came, from where, what they looked at and for how long." }
                @if let Some(unfiltered) = &view.unfiltered {
                    p { a.button.primary href=(unfiltered) { "Clear filters" } }
                } @else if let Some(code) = view.code.as_ref().filter(|_| view.range_is_today) {
                    p { a.button.primary href=(code) { "Look at the page code" } }
                } @else {
                    p { a.button.primary href={ (view.path) "?date=last-30-days" } { "Show the last 30 days" } }
                }
            }
        } @else {
            div id="visits" data-refresh[view.is_live] { (view.table.draw()) }
            (pager::draw(view.newer.as_deref(), view.older.as_deref()))
        }
    })
}
