//! Spy: each action as it happens, and who is online at the side.

use super::format::{self, Moment};
use super::frame::{Frame, Place};
use super::icon;
use super::live;
use super::shell;
use super::visit::{kind_name, title};
use super::visitors::{self, SourceWords, Who};
use crate::access::capability::SeeLiveVisitorList;
use crate::app::App;
use crate::clock::{Timestamp, Zone};
use crate::error::Result;
use crate::http::entry::Entry;
use crate::ingest::hit::ActionKind;
use crate::ingest::source::Medium;
use crate::limits;
use crate::reports::actions::Action;
use crate::reports::online;
use crate::reports::visits::Visit;
use crate::store::sites::Site;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    site: i64,
    drawn_at: Timestamp,
    lines: Vec<Line>,
    online: i64,
    pages: Vec<(String, i64)>,
    sources: Vec<(Medium, i64)>,
}

/// One action of the stream.
pub struct Line {
    /// Tells this action from every other of the site: visit and number.
    pub key: String,
    site: i64,
    visit: String,
    zone: Zone,
    at: Timestamp,
    kind: ActionKind,
    title: String,
    address: Option<String>,
    who: Who,
    source: Option<SourceWords>,
}

impl Line {
    /// Of an action and its visit.
    pub fn of(site: &Site, visit: &Visit, action: &Action) -> Self {
        Self {
            key: format!("{}-{}", visit.id, action.number),
            site: site.id.0,
            visit: visit.id.to_string(),
            zone: site.zone.clone(),
            at: action.at,
            kind: action.kind,
            title: title(action),
            address: action.page.clone(),
            who: Who::of(visit),
            source: (action.number == 1).then(|| SourceWords::of(&visit.source)),
        }
    }
}

/// `GET /sites/{site}/spy`
pub async fn show(
    entry: Entry<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let frame = shell::site_frame(&app, &request, &entry, ("Spy", Place::Spy)).await?;
    let (site, now, online) =
        (entry.site.clone(), app.clock.now(), frame.site.as_ref().map_or(0, |site| site.online));
    let (lines, pages, sources) = app
        .read(move |connection| {
            let lines = live::newest_lines(connection, &site, now)?;
            let (pages, sources) =
                (online::pages(connection, site.id, now)?, online::sources(connection, site.id, now)?);
            Ok((lines, pages, sources))
        })
        .await?;
    let sources =
        sources.into_iter().filter_map(|(code, count)| Some((Medium::from_code(code)?, count))).collect();
    let view = View { site: entry.site.id.0, drawn_at: now, lines, online, pages, sources };
    Ok(shell::html(page(&frame, &view)))
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
                ul.stream id="spy" data-stream={ "/sites/" (view.site) "/spy/stream?since=" (view.drawn_at.0) } data-lines-max=(limits::SPY_ACTIONS_MAX) {
                    @for entry in &view.lines { (line(entry)) }
                }
                div.empty.when-empty {
                    h2 { "Nothing in the last half hour" }
                    p { "Each page view, download, click and event appears here the moment it happens. Open your site in another tab to see it." }
                }
            }
            aside {
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

/// One line of the stream.
pub fn line(line: &Line) -> Markup {
    html! {
        li data-key=(line.key) {
            span.clock { (format::moment(&line.zone, line.at, Moment::Seconds)) }
            span.kind title=(kind_name(line.kind)) { (icon::action(line.kind)) span.hidden { (kind_name(line.kind)) ": " } }
            span.what {
                a href={ "/sites/" (line.site) "/visits/" (line.visit) } { b { (line.title) } }
                @if let Some(address) = &line.address { span.quiet.address { (format::path(address)) } }
            }
            span.who { (visitors::who(&line.who)) }
            span.source { @if let Some(source) = &line.source { (visitors::source(source)) } }
        }
    }
}
