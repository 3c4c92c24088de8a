//! The screen of a visitor: their totals and their visits.

use super::visit_table::VisitTable;
use super::visitor_erasure;
use super::visitor_note::{VisitorNoteRequest, VisitorNoteSection};
use super::visitor_summary::VisitorSummary;
use crate::access::capability::{Capability, OpenVisit};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::model::clock::Zone;
use crate::model::id::VisitorId;
use crate::reports::answer::VisitorDetails;
use crate::reports::query::{Query, Wants};
use crate::reports::visibility::VisitorData;
use crate::reports::visits::details::Details;
use crate::reports::visits::visit::VisitorTotals;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::load;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::format::{self, Moment};
use crate::web::ui::{icon, pager};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    base: String,
    has_list: bool,
    zone: Zone,
    visitor: Option<VisitorSummary>,
    is_lasting: bool,
    totals: VisitorTotals,
    table: VisitTable,
    older: Option<String>,
    newer: Option<String>,
    /// The annotation, and its form.
    note: Option<VisitorNoteSection>,
    /// The section about the visitor's data, if the caller may export and erase them.
    data_section: Option<Markup>,
}

/// `GET /sites/{site}/visitors/{visitor}`: returns the screen of a visitor.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let visitor = VisitorId::parse(&path.1).ok_or(Error::Missing("visitor"))?;
    let frame = SiteFrameRequest::new(&request, &access)?;
    let (page_query, base) = (params.page(), access.base());
    let query = Query::today(access.site.clone(), app.clock.now(), access.visibility().clone());
    let query = query.with(Wants { visitor: Some((visitor, page_query)), ..Wants::default() });
    let note = VisitorNoteRequest::new(&access, visitor);
    let (frame, VisitorDetails { totals, mut visits }, note) = app
        .view(move |reader| {
            let visitor = reader.run(&query)?.visitor.ok_or(Error::Missing("visitor"))?;
            Ok((frame.load(reader, "Visitor", NavItem::Visitors)?, visitor, note.load(reader)?))
        })
        .await?;
    let rows_max = usize::try_from(page_query.rows).unwrap_or(usize::MAX);
    let has_older = visits.len() > rows_max;
    visits.truncate(rows_max);
    let link = |number: u32| format!("{base}/visitors/{visitor}?page={number}&limit={}", page_query.rows);
    let details = Details::for_visibility(access.visibility());
    let view = View {
        has_list: access.visibility().has(VisitorData::LiveList),
        zone: access.site.zone.clone(),
        visitor: visits.first().map(|visit| VisitorSummary::from_visit(visit, &details)),
        is_lasting: visitor.is_lasting(),
        totals,
        table: VisitTable::new(&visits, &access.site, &base, access.visibility()),
        older: has_older.then(|| link(page_query.number + 1)),
        newer: (page_query.number > 1).then(|| link(page_query.number - 1)),
        note,
        data_section: access
            .may(Capability::EraseVisitor)
            .then(|| visitor_erasure::section(access.site.id, visitor)),
        base: base.clone(),
    };
    Ok(load::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let total = |name: &str, value: Markup| html! { div.tally { dt { (name) } dd { (value) } } };
    frame.page(&html! {
        p.crumbs { @if view.has_list { a href={ (view.base) "/visitors" } { "Visitors" } " → Visitor" } @else { "Visitor" } }
        div.head {
            h1 {
                @if let Some(visitor) = &view.visitor {
                    @if let Some(country) = &visitor.country { (icon::flag(country)) " " }
                    (view.note.as_ref().and_then(VisitorNoteSection::name).unwrap_or(&visitor.name))
                } @else { "Visitor" }
            }
            @if let Some(place) = view.visitor.as_ref().and_then(|visitor| visitor.place.as_ref()) { p.quiet { (place) } }
        }
        dl.tallies {
            (total("Visits", format::count(view.totals.visits)))
            (total("Actions", format::count(view.totals.actions)))
            (total("Time on the site", html! { (format::duration(view.totals.seconds)) }))
            (total("First seen", format::moment(&view.zone, view.totals.first, Moment::Short)))
        }
        @if !view.is_lasting {
            p.quiet { "Without cookies a visitor is known within one day only: visits on other days stand under other numbers." }
        }
        @if let Some(note) = &view.note { (note.draw()) }
        (view.table.draw())
        (pager::draw(view.newer.as_deref(), view.older.as_deref()))
        @if let Some(section) = &view.data_section { (section) }
    })
}
