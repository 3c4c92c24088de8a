//! The Spy screen: the live stream of actions, and the visitors online by page and source.

use super::live_row::{self, LiveRow};
use crate::access::capability::SeeLiveVisitorList;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::ingest::page_url::shown;
use crate::limits;
use crate::model::channel::Channel;
use crate::reports::catalogue;
use crate::reports::query::{LiveWant, Query, Wants};
use crate::reports::visits::details::Details;
use crate::store::visit_attribute::VisitAttribute;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::load;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::format;
use crate::web::ui::{icon, map};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    /// The address of the live stream, which begins when the page is rendered.
    stream: String,
    /// The site's domain.
    domain: String,
    filter_bar: FilterBar,
    /// The latest actions.
    rows: Vec<LiveRow>,
    online: i64,
    /// The pages on which visitors are, and the number of visitors.
    pages: Vec<(String, i64)>,
    /// The channels by which visitors came, and the number of visitors.
    sources: Vec<(Channel, i64)>,
    /// True if the caller may see countries.
    has_map: bool,
}

/// `GET /sites/{site}/spy`: returns the Spy screen.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad filter, with `Error::Missing` or `Error::Forbidden` when a filter reads what
/// the caller may not see, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (visibility, base, filters) = (access.visibility().clone(), access.base(), params.filters()?);
    visibility.check(&filters).map_err(|_| access.refusal())?;
    let has_report =
        |name: &str| catalogue::find(name).is_some_and(|report| access.visibility().shows(report));
    let (shows_pages, shows_sources) = (has_report("pages"), has_report("traffic-sources"));
    let frame = SiteFrameRequest::new(&request, &access)?;
    let (now, path) = (app.clock.now(), format!("{base}/spy"));
    let stream = params.with_filters(&format!("{path}/stream"), &filters);
    let address = ScreenAddress { base: base.clone(), path, params, filters: filters.clone() };
    let filter_bar = FilterBar::new(&access, &address);
    let query = Query { filters, ..Query::today(access.site.clone(), now, visibility) };
    let wants = Wants {
        live: Some(LiveWant::Since(now.before(limits::SPY_BACK), limits::SPY_ACTIONS_MAX)),
        online: true,
        online_pages: shows_pages,
        online_channels: shows_sources,
        ..Wants::default()
    };
    let query = query.with(wants);
    let (mut frame, filter_bar, answer, query) = app
        .view(move |reader| {
            let frame = frame.load(reader, "Spy", NavItem::Spy)?;
            Ok((frame, filter_bar.load(reader)?, reader.run(&query)?, query))
        })
        .await?;
    frame.params = Some(address.params);
    let rows = answer.live.iter().rev().map(|live| LiveRow::new(live, &query, &base)).collect();
    let (online, pages, sources) = (answer.online.unwrap_or(0), answer.online_pages, answer.online_channels);
    let stream = format!("{stream}{}since={}", if stream.contains('?') { '&' } else { '?' }, now.0);
    let has_map = Details::for_visibility(access.visibility()).shows(VisitAttribute::Country);
    let domain = access.site.domain.clone();
    let view = View { stream, domain, filter_bar, rows, online, pages, sources, has_map };
    Ok(load::html(page(&frame, &view)))
}

/// Renders the places of the visitors on the map, each once.
fn points(rows: &[LiveRow]) -> Markup {
    let mut points: Vec<(String, String)> = rows
        .iter()
        .filter_map(|row| row.point)
        .map(|(x, y)| (format!("{x:.0}"), format!("{y:.0}")))
        .collect();
    points.sort_unstable();
    points.dedup();
    html! { @for (x, y) in &points { circle.still-point cx=(x) cy=(y) r="7" {} } }
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        div.head {
            h1 { "Spy" }
            p.live role="status" id="live-state" hidden data-needs-script { span.dot.on {} " " span data-text { "Connecting …" } }
            button type="button" id="live-pause" aria-pressed="false" hidden data-needs-script { "Pause" }
        }
        (view.filter_bar.draw())
        div.columns.spy {
            section aria-label="Actions as they happen" {
                @if view.has_map { div id="spy-map" { (map::frame("Where the newest actions come from; the list has their countries", &points(&view.rows))) } }
                ul.stream id="spy" data-stream=(view.stream) data-lines-max=(limits::SPY_ACTIONS_MAX) {
                    @for row in &view.rows { (live_row::draw(row)) }
                }
                div.empty.when-empty {
                    h2 { "Nothing in the last half hour" }
                    p { "Each page view, download, click and event appears here the moment it happens. Open your site in another tab to see it." }
                }
            }
            aside id="online-now" data-refresh {
                section {
                    h2 { "Online now" }
                    p.big { b { (format::count(view.online)) } span.quiet { " active in the last five minutes" } }
                }
                @if !view.pages.is_empty() {
                    section {
                        h2 { "By page" }
                        table.list.small-list { tbody { @for (page, count) in &view.pages { tr { td.cut title=(page) { (shown(page, &view.domain)) } td.number { (format::count(*count)) } } } } }
                    }
                }
                @if !view.sources.is_empty() {
                    section {
                        h2 { "By source" }
                        table.list.small-list { tbody { @for (channel, count) in &view.sources { tr { td { span.with-icon { (icon::medium(*channel)) span { (channel.title()) } } } td.number { (format::count(*count)) } } } } }
                    }
                }
            }
        }
    })
}
