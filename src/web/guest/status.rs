//! The status page of a guest link: in plain words whether the site is up, for its customers.

use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::model::clock::Zone;
use crate::model::monitor::Network;
use crate::reports::catalogue;
use crate::reports::date_range::DateRange;
use crate::reports::uptime::{ListedOutage, MonitorStatus, MonitorUptime, UptimeReport, percent};
use crate::web::layout::Frame;
use crate::web::layout::frame_request::FrameRequest;
use crate::web::layout::load;
use crate::web::report::uptime;
use crate::web::ui::format::{self, Moment, NumberUnit};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The days that the page shows.
const DAYS: i32 = 90;
/// The outages that it lists.
const OUTAGES: usize = 10;

/// `GET /s/{token}/status`: shows the status page.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no guest link or it doesn't show the report on uptime, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let shown = catalogue::find("uptime").is_some_and(|report| access.visibility().shows(report));
    if !shown {
        return Err(access.refusal());
    }
    let link = access.link.as_ref().ok_or_else(|| access.refusal())?;
    // Customers see the page alone, without what else the link shows.
    let frame = FrameRequest::for_guest(&request, link);
    let site = access.site.clone();
    let name = if site.name.is_empty() { site.domain.clone() } else { site.name.clone() };
    let title = format!("Status of {name}");
    let (frame, report, zone) = app
        .view(move |reader| {
            let today = site.zone.day(reader.now);
            let range = DateRange { first: today.plus(1 - DAYS), last: today };
            let report = UptimeReport::load(reader.connection, &site, range, None, reader.now)?;
            Ok((frame.load(reader, &title)?, report, site.zone))
        })
        .await?;
    Ok(load::html(page(&frame, &name, &report, &zone)))
}

fn is_down(monitor: &MonitorUptime) -> bool {
    matches!(&monitor.status, MonitorStatus::Down(outage) if outage.network != Network::Own)
}

fn headline(report: &UptimeReport) -> (&'static str, &'static str) {
    // Of the others nobody knows: they are paused, new, or cannot be reached from this server's network.
    let known = |monitor: &&MonitorUptime| monitor.status == MonitorStatus::Up || is_down(monitor);
    let all = report.monitors.iter().filter(known).count();
    let down = report.monitors.iter().filter(|monitor| is_down(monitor)).count();
    match (all, down) {
        (0, _) => ("plain", "Not known right now"),
        (_, 0) => ("good", "Everything is up"),
        (all, down) if all == down => ("", "Everything is down"),
        _ => ("", "Something is down"),
    }
}

fn page(frame: &Frame, name: &str, report: &UptimeReport, zone: &Zone) -> Markup {
    let (class, sentence) = headline(report);
    let outages: Vec<&ListedOutage> =
        report.outages.iter().filter(|listed| listed.outage.network != Network::Own).take(OUTAGES).collect();
    frame.page(&html! {
        div.status-page {
            h1 { "Is " (name) " up?" }
            p.verdict.of-site.(class) role="status" { b { (sentence) } }
            ul.plain.rows {
                @for monitor in &report.monitors {
                    li {
                        div.wide-row {
                            b.cut-any { (monitor.label) } " " (uptime::state(&monitor.status))
                            div.strip-line { (uptime::strip(&report.days, &monitor.days)) }
                            span.quiet { @if let Some(uptime) = percent(&monitor.sums) { (uptime) " in the last " (DAYS) " days" } @else { "Not checked yet" } }
                        }
                    }
                }
            }
            h2 { "Past outages" }
            @if outages.is_empty() {
                p.quiet { "No outages in the last " (DAYS) " days." }
            } @else {
                ul.plain.rows { @for listed in outages { li { div { b { (listed.monitor) } " was down for " (format::exact(NumberUnit::Seconds, listed.seconds)) @if listed.outage.ended_at.is_none() { " so far" } br; span.quiet { (format::moment(zone, listed.outage.began_at, Moment::Full)) } } } } }
            }
        }
    })
}
