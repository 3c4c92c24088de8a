//! Spy: each action as it happens, and who is online at the side.

use super::filter_bar::{self, FilterBar};
use super::format;
use super::layout::load;
use super::layout::{Frame, NavItem};
use super::live_row::{self, LiveRow};
use super::query_params::QueryParams;
use super::{icon, map};
use crate::access::capability::SeeLiveVisitorList;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::ingest::page_url::shown;
use crate::limits;
use crate::model::channel::Channel;
use crate::reports::catalogue;
use crate::reports::visits::details::{Detail, Details};
use crate::reports::visits::online;
use crate::reports::visits::visible_visits::VisibleVisits;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    /// The address of what happens from now on.
    stream: String,
    /// The site's domain.
    domain: String,
    bar: FilterBar,
    lines: Vec<LiveRow>,
    online: i64,
    pages: Vec<(String, i64)>,
    sources: Vec<(Channel, i64)>,
    /// Countries are told.
    has_map: bool,
}

/// `GET /sites/{site}/spy`
pub async fn show(
    entry: SiteReader<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
) -> Result<HttpResponse> {
    let (view, base, wanted) = (entry.view().clone(), entry.base(), asked.filters()?);
    view.check(&wanted).map_err(|_| entry.refusal())?;
    let has_report = |name: &str| catalogue::find(name).is_some_and(|report| entry.view().shows(report));
    let (shows_pages, shows_sources) = (has_report("pages"), has_report("traffic-sources"));
    let mut frame = load::site_frame(&app, &request, &entry, ("Spy", NavItem::Spy)).await?;
    frame.asked = Some(asked.clone());
    let (site, now, path) = (entry.site.clone(), app.clock.now(), format!("{base}/spy"));
    let bar = filter_bar::bar(&app, &entry, (&asked, &path), &wanted).await?;
    let stream = asked.with_filters(&format!("{path}/stream"), &wanted);
    let (lines, online, pages, sources) = app
        .report(move |reader| {
            let shown = VisibleVisits::new(reader, &site, &view, &wanted)?;
            let lines = live_row::newest(&shown, (&base, &view))?;
            let pages = if shows_pages { online::pages(&shown)? } else { Vec::new() };
            let sources = if shows_sources { online::sources(&shown)? } else { Vec::new() };
            Ok((lines, online::count(&shown)?, pages, sources))
        })
        .await?;
    let sources =
        sources.into_iter().filter_map(|(code, count)| Some((Channel::from_code(code)?, count))).collect();
    let stream = format!("{stream}{}since={}", if stream.contains('?') { '&' } else { '?' }, now.0);
    let has_map = Details::for_visibility(entry.view()).shows(Detail::Country);
    let domain = entry.site.domain.clone();
    let view = View { stream, domain, bar, lines, online, pages, sources, has_map };
    Ok(load::html(page(&frame, &view)))
}

/// Where the visitors of the lines are: one point a place.
fn points(lines: &[LiveRow]) -> Markup {
    let mut points: Vec<(String, String)> = lines
        .iter()
        .filter_map(|line| line.point)
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
        (view.bar.draw())
        div.columns.spy {
            section aria-label="Actions as they happen" {
                @if view.has_map { div id="spy-map" { (map::frame("Where the newest actions come from; the list has their countries", &points(&view.lines))) } }
                ul.stream id="spy" data-stream=(view.stream) data-lines-max=(limits::SPY_ACTIONS_MAX) {
                    @for entry in &view.lines { (live_row::line(entry)) }
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
                        table.list.small-list { tbody { @for (medium, count) in &view.sources { tr { td { span.with-icon { (icon::medium(*medium)) span { (medium.title()) } } } td.number { (format::count(*count)) } } } } }
                    }
                }
            }
        }
    })
}
