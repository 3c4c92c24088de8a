//! One visitor: what all their visits add up to, and the visits.

use super::format::{self, Moment};
use super::layout::load;
use super::layout::{Frame, NavItem};
use super::query_params::QueryParams;
use super::visitors::{self, Columns, VisitTableRow, VisitorSummary};
use super::{icon, visitor_erasure};
use crate::access::capability::{Capability, OpenVisit};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::model::clock::Zone;
use crate::model::id::VisitorId;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::reports::visits::visit::VisitorTotals;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    base: String,
    has_list: bool,
    zone: Zone,
    who: Option<VisitorSummary>,
    is_lasting: bool,
    totals: VisitorTotals,
    columns: Columns,
    rows: Vec<VisitTableRow>,
    older: Option<String>,
    newer: Option<String>,
    /// For whoever may hand it out or erase it.
    data: Option<Markup>,
}

/// `GET /sites/{site}/visitors/{visitor}`
pub async fn show(
    entry: SiteReader<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    asked: QueryParams,
) -> Result<HttpResponse> {
    let visitor = VisitorId::parse(&path.1).ok_or(Error::Missing("visitor"))?;
    let frame = load::site_frame(&app, &request, &entry, ("Visitor", NavItem::Visitors)).await?;
    let (page_asked, base) = (asked.page(), entry.base());
    let (site, seen) = (entry.site.clone(), entry.view().clone());
    let (totals, mut found) = app
        .report(move |reader| VisibleVisits::new(reader, &site, &seen, &[])?.visitor(visitor, page_asked))
        .await?;
    let rows_max = usize::try_from(page_asked.rows).unwrap_or(usize::MAX);
    let has_older = found.len() > rows_max;
    found.truncate(rows_max);
    let link = |number: u32| format!("{base}/visitors/{visitor}?page={number}&limit={}", page_asked.rows);
    let columns = Columns::for_visibility(entry.view());
    let view = View {
        has_list: entry.view().has(VisitorData::LiveList),
        zone: entry.site.zone.clone(),
        who: found.first().map(|visit| VisitorSummary::from_visit(visit, columns.details())),
        is_lasting: visitor.is_lasting(),
        totals,
        rows: found
            .iter()
            .map(|visit| VisitTableRow::from_visit((&base, &columns), &entry.site, visit))
            .collect(),
        columns,
        older: has_older.then(|| link(page_asked.number + 1)),
        newer: (page_asked.number > 1).then(|| link(page_asked.number - 1)),
        data: entry.may(Capability::EraseVisitor).then(|| visitor_erasure::section(entry.site.id, visitor)),
        base: base.clone(),
    };
    Ok(load::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let tally = |name: &str, value: Markup| html! { div.tally { dt { (name) } dd { (value) } } };
    frame.page(&html! {
        p.crumbs { @if view.has_list { a href={ (view.base) "/visitors" } { "Visitors" } " → Visitor" } @else { "Visitor" } }
        div.head {
            h1 {
                @if let Some(who) = &view.who {
                    @if let Some(country) = &who.country { (icon::flag(country)) " " }
                    (who.name)
                } @else { "Visitor" }
            }
            @if let Some(place) = view.who.as_ref().and_then(|who| who.place.as_ref()) { p.quiet { (place) } }
        }
        dl.tallies {
            (tally("Visits", format::count(view.totals.visits)))
            (tally("Actions", format::count(view.totals.actions)))
            (tally("Time on the site", html! { (format::duration(view.totals.seconds)) }))
            (tally("First seen", format::moment(&view.zone, view.totals.first, Moment::Short)))
        }
        @if !view.is_lasting {
            p.quiet { "Without cookies a visitor is known within one day only: visits on other days stand under other numbers." }
        }
        (visitors::list(&view.columns, &view.rows))
        (visitors::pager(view.newer.as_deref(), view.older.as_deref()))
        @if let Some(data) = &view.data { (data) }
    })
}
