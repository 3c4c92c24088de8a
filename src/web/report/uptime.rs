//! The screens of uptime: each monitor with its days and response times, and the list of outages.

use super::page::ReportPage;
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::monitor::{HourSums, Network};
use crate::reports::data_reader::DataReader;
use crate::reports::query::Query;
use crate::reports::uptime::{ListedOutage, MonitorStatus, MonitorUptime, UptimeReport, percent};
use crate::web::ui::chart::{Chart, Series, Steps};
use crate::web::ui::format::{self, Moment, NumberUnit};
use maud::{Markup, html};

/// The lines that a chart has colors for.
const LINES: usize = 5;
/// Outages that the screen of monitors lists.
const OUTAGES: usize = 5;
/// The days before its expiry from which on a certificate is marked.
const CERTIFICATE_DAYS_FEW: i64 = 14;

/// Loads the report.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn load(reader: &DataReader<'_>, query: &Query) -> Result<UptimeReport> {
    UptimeReport::load(reader.connection, &query.site, query.range, query.comparison, reader.now)
}

/// Renders the report on monitors.
pub fn draw(page: &ReportPage, report: &UptimeReport) -> Markup {
    if report.monitors.is_empty() {
        return no_monitors(page);
    }
    let (total, before) = (report.total(), report.total_before());
    let zone = &page.query.site.zone;
    html! {
        (no_filters(page))
        @match percent(&total) {
            Some(uptime) => p.big { b { (uptime) } " uptime" (earlier(page, before.as_ref())) },
            None => p { "Not checked in this period" (earlier(page, before.as_ref())) },
        }
        table.list.uptime {
            thead { tr { th scope="col" { "Monitor" } th scope="col" { "Status" } th.number scope="col" { "Uptime" } th.wide scope="col" { "Day by day" } th.number scope="col" { "Response" } th.number.wide scope="col" { "Outages" } th.number.wide scope="col" { "Certificate" } } }
            tbody { @for monitor in &report.monitors { (row(report, monitor, zone)) } }
        }
        @if report.monitors.iter().any(|monitor| monitor.sums.answers > 0) {
            h2 { "Response time" }
            p.quiet { "Milliseconds until the whole answer was read, on average." }
            (chart(page, report).draw())
        }
        @if !report.outages.is_empty() {
            h2 { "Outages" }
            (outages(zone, &report.outages[..report.outages.len().min(OUTAGES)]))
            @if report.outages.len() > OUTAGES { p { a href=(page.address.params.to_screen(&format!("{}/reports/uptime-list", page.address.base))) { "All outages →" } } }
        }
        (settings_link(page))
    }
}

/// Renders the uptime of the comparison period.
fn earlier(page: &ReportPage, before: Option<&HourSums>) -> Markup {
    html! {
        @if let Some(comparison) = page.query.comparison {
            span.quiet {
                @match before.and_then(percent) {
                    Some(before) => { " from " (before) },
                    None => ", not checked",
                }
                " in " (comparison.label()) ", " (format::days(comparison.period(page.query.range)))
            }
        }
    }
}

/// Renders the list of outages.
pub fn draw_outages(page: &ReportPage, report: &UptimeReport) -> Markup {
    if report.monitors.is_empty() {
        return no_monitors(page);
    }
    let most = limits::OUTAGES_LISTED_MAX;
    html! {
        (no_filters(page))
        @let before = report.outages_before.and_then(|before| i64::try_from(before).ok());
        @if report.outages.is_empty() {
            section.empty {
                h2 { "No outages in this period" }
                @match before.zip(page.query.comparison) {
                    Some((0, comparison)) => p { "There was none in " (comparison.label()) ", " (format::days(comparison.period(page.query.range))) ", either." },
                    _ => (page.it_was(before, NumberUnit::Count)),
                }
                p { "An outage begins after three failed checks in a row." }
            }
        } @else {
            @if let Some((before, comparison)) = before.zip(page.query.comparison) {
                p.quiet { (format::grouped(before)) " in " (comparison.label()) ", " (format::days(comparison.period(page.query.range))) "." }
            }
            (outages(&page.query.site.zone, &report.outages))
            @if report.has_more_outages { p.help { "Only the latest " (most) " outages are listed. Choose a shorter period for older ones." } }
        }
        (settings_link(page))
    }
}

fn no_filters(page: &ReportPage) -> Markup {
    html! { @if !page.address.filters.is_empty() { p.help { "Filters don't apply here: checks aren't visits." } } }
}

fn no_monitors(page: &ReportPage) -> Markup {
    html! {
        section.empty {
            h2 { "No monitors yet" }
            @if page.may_set_monitors {
                p { "Add a monitor to have a page checked every few minutes, and get told when it's down." }
                p { a.button.primary href={ (page.address.base) "/preferences/uptime" } { "Add a monitor" } }
            } @else {
                p { "Once an administrator adds monitors, you'll see here whether the site is up." }
            }
        }
    }
}

fn settings_link(page: &ReportPage) -> Markup {
    html! { @if page.may_set_monitors { p { a href={ (page.address.base) "/preferences/uptime" } { "Change monitors" } } } }
}

fn row(report: &UptimeReport, monitor: &MonitorUptime, zone: &Zone) -> Markup {
    html! {
        tr {
            th.item scope="row" { span.cut-any { (monitor.label) } }
            td { (status(monitor, zone)) }
            td.number { (percent(&monitor.sums).unwrap_or_else(|| "–".to_owned())) }
            td.wide { (strip(&report.days, &monitor.days)) }
            td.number { @if let Some(time) = monitor.sums.average_milliseconds() { (time) " ms" } @else { "–" } }
            td.number.wide { (monitor.outages) }
            td.number.wide { (certificate(monitor.certificate_days)) }
        }
    }
}

/// Renders the days that a certificate is valid for.
pub fn certificate(days: Option<i64>) -> Markup {
    html! {
        @match days {
            None => "–",
            Some(days) if days < 0 => span.state-down { "expired" },
            Some(days) => span.state-down[days <= CERTIFICATE_DAYS_FEW] { (days) @if days == 1 { " day left" } @else { " days left" } },
        }
    }
}

/// Renders the state of a monitor, with the cause if it is down.
pub fn status(monitor: &MonitorUptime, zone: &Zone) -> Markup {
    html! {
        (state(&monitor.status))
        @if let MonitorStatus::Down(outage) = &monitor.status {
            br; span.quiet { (outage.cause) ", since " (format::moment(zone, outage.began_at, Moment::Short)) }
        }
    }
}

/// Renders the state in one or two words, which do not depend on their color.
pub fn state(status: &MonitorStatus) -> Markup {
    html! {
        @match status {
            MonitorStatus::Up => span.state-up { "Up" },
            MonitorStatus::Down(outage) if outage.network == Network::Own => span.quiet { "Unknown: this server's network is down" },
            MonitorStatus::Down(_) => span.state-down { "Down" },
            MonitorStatus::Paused => span.quiet { "Paused" },
            MonitorStatus::Pending => span.quiet { "Waiting for the first check" },
        }
    }
}

/// Renders a mark for each day: up, partly down, down, or not watched.
pub fn strip(days: &[Day], sums: &[HourSums]) -> Markup {
    const SHOWN: usize = 90;
    let from = days.len().saturating_sub(SHOWN);
    let (days, sums) = (&days[from..], &sums[from.min(sums.len())..]);
    let step = if days.len() > 31 { 4 } else { 8 };
    let width = (days.len() * step).max(1);
    let text = days.iter().zip(sums).map(|(day, sums)| {
        let uptime = percent(sums).unwrap_or_else(|| "not checked".to_owned());
        (format!("{}: {uptime}", format::day(*day)), class(sums))
    });
    html! {
        svg.strip viewBox={ "0 0 " (width) " 20" } width=(width) height="20" role="img" aria-label={ "Uptime of the last " (days.len()) @if days.len() == 1 { " day" } @else { " days" } } {
            @for (place, (text, class)) in text.enumerate() { rect class=(class) x=(place * step) y="1" width=(step - 2) height="18" rx="1" { title { (text) } } }
        }
    }
}

fn class(sums: &HourSums) -> &'static str {
    match (sums.watched, sums.down) {
        (0, _) => "day-none",
        (_, 0) => "day-up",
        // More than an hour and a half of a day.
        (watched, down) if down * 16 > watched => "day-down",
        _ => "day-part",
    }
}

fn chart(page: &ReportPage, report: &UptimeReport) -> Chart {
    let is_hourly = page.query.range.first == page.query.range.last;
    let answered = report.monitors.iter().filter(|monitor| monitor.sums.answers > 0);
    let series = answered.take(LINES).map(|monitor| {
        let sums = if is_hourly { &monitor.hours } else { &monitor.days };
        // The line ends with the last answer.
        let end = sums.iter().rposition(|sums| sums.answers > 0).map_or(0, |last| last + 1);
        let values = sums[..end].iter().map(|sums| sums.average_milliseconds().unwrap_or(0)).collect();
        Series { name: monitor.label.clone(), values, is_before: false }
    });
    Chart {
        title: "Response time in milliseconds".into(),
        steps: if is_hourly { Steps::Hours } else { Steps::Days(report.days.clone()) },
        series: series.collect(),
        unit: NumberUnit::Count,
        select: None,
        comparison: None,
        notes: page.notes.clone(),
    }
}

/// Renders outages with their length and cause.
pub fn outages(zone: &Zone, outages: &[ListedOutage]) -> Markup {
    html! {
        table.list.small-list.outages {
            thead { tr { th scope="col" { "Began" } th scope="col" { "Monitor" } th scope="col" { "Cause" } th.number scope="col" { "Lasted" } } }
            tbody {
                @for listed in outages {
                    tr {
                        td.when { (format::moment(zone, listed.outage.began_at, Moment::Short)) }
                        td { span.cut-any { (listed.monitor) } }
                        td { (listed.outage.cause) @if !listed.network_note().is_empty() { br; span.quiet { (listed.network_note()) "." } } }
                        td.number { (lasted(zone, listed)) }
                    }
                }
            }
        }
    }
}

fn lasted(zone: &Zone, listed: &ListedOutage) -> Markup {
    let length = format::exact(NumberUnit::Seconds, listed.seconds);
    html! {
        @match listed.outage.ended_at {
            None => span.state-down { (length) " and counting" },
            Some(ended_at) => span title={ "until " (ended(zone, ended_at)) } { (length) },
        }
    }
}

fn ended(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    format!("{}, {:02}:{:02}", format::day(zone.day(at)), local.hour(), local.minute())
}
