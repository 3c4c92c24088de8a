//! The list of a site's monitors, and where its status page is.

use super::paths::{TAB, form_path};
use crate::access::capability::SetSiteAlerts;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::{client, guest};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::SiteId;
use crate::model::monitor::Monitor;
use crate::reports::catalogue;
use crate::reports::uptime::{MonitorStatus, days_left};
use crate::reports::visibility::Visibility;
use crate::store::links::Link;
use crate::store::{links, monitors};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::report::uptime;
use crate::web::settings::Tabs;
use crate::web::ui::format::{self, Moment};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    site: SiteId,
    zone: Zone,
    now: Timestamp,
    monitors: Vec<(Monitor, MonitorStatus)>,
    /// The open guest links that show the report on uptime.
    links: Vec<Link>,
    origin: String,
}

/// `GET /sites/{site}/preferences/uptime`: lists the monitors.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("saved", "Saved. The next check uses the new settings."),
        ("paused", "Paused. It isn't checked until you resume it."),
        ("resumed", "Resumed. It's checked right now."),
        ("is-paused", "This monitor is paused. Resume it to check it."),
        ("removed", "The monitor is removed."),
        ("gone", "That monitor was removed already."),
    ];
    let state = FormState::opened((), &params, &notices);
    let (frame, tabs) = (SiteFrameRequest::new(&request, &access)?, Tabs::for_screen(&access, TAB));
    let (site, zone) = (access.site.id, access.site.zone.clone());
    let origin = client::origin(&request, &app.config);
    let (frame, view) = app
        .view(move |reader| {
            let list = monitors::list(reader.connection, site)?.into_iter();
            let list = list.map(|monitor| {
                let status = MonitorStatus::load(reader.connection, &monitor)?;
                Ok((monitor, status))
            });
            let monitors = list.collect::<Result<Vec<_>>>()?;
            let shows_uptime = |link: &Link| {
                let report = catalogue::find("uptime");
                report.is_some_and(|report| Visibility::read(Some(&link.view)).shows(report))
            };
            let open = |link: &Link| link.is_open(reader.now) && shows_uptime(link);
            let links = links::list(reader.connection, site)?.into_iter().filter(open).collect();
            let view = View { site, zone, now: reader.now, monitors, links, origin };
            Ok((frame.load(reader, "Uptime", NavItem::Preferences)?, view))
        })
        .await?;
    Ok(state.response(page(&frame, &tabs, &view, &state)))
}

fn page(frame: &Frame, tabs: &Tabs, view: &View, state: &FormState<()>) -> Markup {
    let path = Tabs::path(view.site, TAB);
    let is_full = view.monitors.len() >= limits::MONITORS_PER_SITE_MAX;
    tabs.page(frame, &html! {
        (state.notice())
        p { "A monitor checks a page every few minutes. If it fails three times in a row, an outage begins." }
        @if is_full {
            p.help { "This site has " (limits::MONITORS_PER_SITE_MAX) " monitors, the most it can have." }
        } @else {
            p.buttons { a.button.primary href={ (path) "/new" } { "Add a monitor" } }
        }
        @if view.monitors.is_empty() {
            div.empty { h3 { "No monitors yet" } p { "Add your home page first, then the pages that earn your money, such as the shop." } }
        } @else {
            ul.plain.rows { @for (monitor, status) in &view.monitors { (row(view, monitor, status)) } }
            p { a href={ "/sites/" (view.site) "/reports/uptime" } { "See uptime, response times and outages" } }
        }
        (status_pages(view))
    })
}

fn row(view: &View, monitor: &Monitor, status: &MonitorStatus) -> Markup {
    let (settings, edit) = (&monitor.settings, form_path(view.site, monitor.id));
    let is_paused = monitor.paused_at.is_some();
    html! {
        li {
            div {
                b.cut-any { (monitor.label()) } " " (uptime::state(status)) br;
                span.quiet.cut-any { (settings.url) " · every " @if settings.every_minutes == 1 { "minute" } @else { (settings.every_minutes) " minutes" } }
                @if let Some(at) = monitor.state.checked_at { br; span.quiet { "Last check " (format::moment(&view.zone, at, Moment::Short)) @if let Some(problem) = &monitor.state.problem { ": " (problem) } } }
                @if let Some(at) = monitor.state.certificate_expires_at { br; span.quiet { "Certificate: " } (uptime::certificate(Some(days_left(at, view.now)))) }
            }
            div.buttons {
                a.button.small href=(edit) { "Change" span.hidden { " " (monitor.label()) } }
                form method="post" action={ (edit) @if is_paused { "/resume" } @else { "/pause" } } { button type="submit" { @if is_paused { "Resume" } @else { "Pause" } span.hidden { " " (monitor.label()) } } }
                a.button.small href={ (edit) "/remove" } { "Remove …" span.hidden { " " (monitor.label()) } }
            }
        }
    }
}

fn status_pages(view: &View) -> Markup {
    html! {
        section {
            h2 { "Status page" }
            @if view.links.is_empty() {
                p { "Show customers whether your site is up: under " a href=(Tabs::path(view.site, "public-access")) { "Public access" } ", make a guest link with the report Uptime." }
            } @else {
                p { "Guest links that show the report Uptime have a status page for customers:" }
                ul.plain.rows {
                    @for link in &view.links {
                        @let path = format!("{}/status", guest::path(&link.token));
                        li { div { b { (link.name) } br; a.cut-any href=(path) { (view.origin) (path) } } }
                    }
                }
            }
        }
    }
}
