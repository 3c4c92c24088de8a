//! Spy: each action as it happens, and who is online at the side.

use super::format;
use super::frame::{Frame, Place};
use super::line::{self, Line};
use super::shell;
use super::{icon, map};
use crate::access::capability::SeeLiveVisitorList;
use crate::app::App;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::entry::Look;
use crate::ingest::source::Medium;
use crate::limits;
use crate::reports::{catalogue, online};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    base: String,
    drawn_at: Timestamp,
    lines: Vec<Line>,
    online: i64,
    pages: Vec<(String, i64)>,
    sources: Vec<(Medium, i64)>,
}

/// `GET /sites/{site}/spy`
pub async fn show(
    entry: Look<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (view, base) = (entry.view().clone(), entry.base());
    let shows = |name: &str| catalogue::find(name).is_some_and(|report| entry.view().shows(report));
    let (shows_pages, shows_sources) = (shows("pages"), shows("traffic-sources"));
    let frame = shell::site_frame(&app, &request, &entry, ("Spy", Place::Spy)).await?;
    let (site, now, online) =
        (entry.site.clone(), app.clock.now(), frame.site.as_ref().map_or(0, |site| site.online));
    let (lines, pages, sources) = app
        .report(move |reader| {
            let lines = line::newest(reader, (&site, &base, &view))?;
            let pages = if shows_pages { online::pages(reader, &site)? } else { Vec::new() };
            let sources = if shows_sources { online::sources(reader, &site)? } else { Vec::new() };
            Ok((lines, pages, sources))
        })
        .await?;
    let sources =
        sources.into_iter().filter_map(|(code, count)| Some((Medium::from_code(code)?, count))).collect();
    let view = View { base: entry.base(), drawn_at: now, lines, online, pages, sources };
    Ok(shell::html(page(&frame, &view)))
}

/// Where the visitors of the lines are: one point a place.
fn points(lines: &[Line]) -> Markup {
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
        div.columns.spy {
            section aria-label="Actions as they happen" {
                div id="spy-map" { (map::frame("Where the newest actions come from; the list has their countries", &points(&view.lines))) }
                ul.stream id="spy" data-stream={ (view.base) "/spy/stream?since=" (view.drawn_at.0) } data-lines-max=(limits::SPY_ACTIONS_MAX) {
                    @for entry in &view.lines { (line::line(entry)) }
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
                        table.list.small-list { tbody { @for (page, count) in &view.pages { tr { td.cut title=(page) { (format::path(page)) } td.number { (format::count(*count)) } } } } }
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
