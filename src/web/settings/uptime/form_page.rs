//! The form of a monitor, with its last checks.

use super::paths::{TAB, form_path};
use crate::access::capability::SetSiteAlerts;
use crate::alerts::monitors::definition::{MonitorForm, USUAL_MINUTES, USUAL_TIMEOUT};
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::SiteAccess;
use crate::model::clock::Zone;
use crate::model::monitor::{Check, Monitor};
use crate::reports::uptime::{MonitorStatus, days_left};
use crate::store::monitor_checks;
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::report::uptime;
use crate::web::settings::Tabs;
use crate::web::ui::field::{self, Field};
use crate::web::ui::format::{self, Moment};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// Checks that the page lists.
const CHECKS: usize = 20;
/// The intervals that are offered, in minutes.
const INTERVALS: [u32; 8] = [1, 2, 3, 5, 10, 15, 30, 60];

/// The page of the form.
pub struct FormPage {
    /// The monitor; `None` for a new one.
    pub monitor: Option<Monitor>,
    /// The state of the form.
    pub state: FormState<MonitorForm>,
}

/// A monitor as the page shows it.
struct Shown {
    monitor: Monitor,
    status: MonitorStatus,
    checks: Vec<Check>,
    certificate_days: Option<i64>,
}

impl FormPage {
    /// Responds with the page.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn answer(
        self,
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<SetSiteAlerts>,
    ) -> Result<HttpResponse> {
        let frame = SiteFrameRequest::new(request, access)?;
        let (monitor, tabs) = (self.monitor, Tabs::for_screen(access, TAB));
        let (frame, shown) = app
            .view(move |reader| {
                let shown = monitor.map(|monitor| -> Result<Shown> {
                    let expires_at = monitor.state.certificate_expires_at;
                    Ok(Shown {
                        status: MonitorStatus::load(reader.connection, &monitor)?,
                        checks: monitor_checks::list(reader.connection, monitor.id, CHECKS)?,
                        certificate_days: expires_at.map(|at| days_left(at, reader.now)),
                        monitor,
                    })
                });
                let shown = shown.transpose()?;
                let title = if shown.is_some() { "Change a monitor" } else { "Add a monitor" };
                Ok((frame.load(reader, title, NavItem::Preferences)?, shown))
            })
            .await?;
        let page = page(&frame, &tabs, access, shown.as_ref(), &self.state);
        Ok(self.state.response(page))
    }
}

fn page(
    frame: &Frame,
    tabs: &Tabs,
    access: &SiteAccess<SetSiteAlerts>,
    shown: Option<&Shown>,
    state: &FormState<MonitorForm>,
) -> Markup {
    let (site, list) = (access.site.id, Tabs::path(access.site.id, TAB));
    let action = shown.map_or_else(|| format!("{list}/new"), |shown| form_path(site, shown.monitor.id));
    tabs.page(frame, &html! {
        p.crumbs { a href=(list) { "← All monitors" } }
        h2 { @if let Some(shown) = shown { (shown.monitor.label()) } @else { "Add a monitor" } }
        (state.notice())
        (state.refusal("Not saved yet. Look at the fields below."))
        @if let Some(shown) = shown { (now(shown, &access.site.zone, &action)) }
        form.settings method="post" action=(action) {
            (fields(&state.form, &state.problems))
            p.buttons { button.primary type="submit" { @if shown.is_some() { "Save" } @else { "Add monitor" } } " " a.button href=(list) { "Cancel" } }
        }
        @if let Some(shown) = shown { (checks(shown, &access.site.zone)) }
    })
}

/// Renders the state now, and the button that checks it.
fn now(shown: &Shown, zone: &Zone, action: &str) -> Markup {
    let is_paused = shown.monitor.paused_at.is_some();
    html! {
        p {
            (uptime::state(&shown.status))
            @if let MonitorStatus::Down(outage) = &shown.status { ": " (outage.cause) ", since " (format::moment(zone, outage.began_at, Moment::Short)) }
            @if let Some(days) = shown.certificate_days { " · Certificate: " (uptime::certificate(Some(days))) }
        }
        div.buttons {
            @if !is_paused { form method="post" action={ (action) "/check" } { button type="submit" { "Check now" } } }
            form method="post" action={ (action) @if is_paused { "/resume" } @else { "/pause" } } { button type="submit" { @if is_paused { "Resume" } @else { "Pause" } } }
            a.button href={ (action) "/remove" } { "Remove …" }
        }
    }
}

fn fields(form: &MonitorForm, problems: &[Problem]) -> Markup {
    let text = |name, label, value, help, is_required| {
        field::input(
            &Field { name, label, kind: "text", value, autocomplete: "off", help, is_required },
            problems,
        )
    };
    let intervals: Vec<(String, String)> = INTERVALS
        .iter()
        .map(|minutes| {
            let label = if *minutes == 1 { "minute".to_owned() } else { format!("{minutes} minutes") };
            (minutes.to_string(), label)
        })
        .collect();
    let usual = USUAL_MINUTES.to_string();
    let chosen = if form.every.is_empty() { &usual } else { &form.every };
    let other = (!intervals.iter().any(|(value, _)| value == chosen))
        .then(|| (chosen.clone(), format!("{chosen} minutes")));
    let offered = intervals.iter().chain(&other).map(|(value, label)| (value.as_str(), label.as_str()));
    let usual_timeout = USUAL_TIMEOUT.to_string();
    let timeout = if form.timeout.is_empty() { &usual_timeout } else { &form.timeout };
    let statuses = if form.statuses.is_empty() { "200-299" } else { &form.statuses };
    html! {
        (text("url", "Address to check", &form.url, Some("A page of your site, such as https://example.com/shop. Redirects are followed."), true))
        (text("name", "Name", &form.name, Some("Shown in reports and alerts instead of the address."), false))
        (field::select("every", "Check every", offered, chosen, problems))
        (text("must_contain", "Text that must be on the page", &form.must_contain, Some("Upper and lower case matter. Choose a text that is missing when something is broken."), false))
        (text("must_not_contain", "Text that must not be on the page", &form.must_not_contain, Some("Such as “Database error”."), false))
        (text("statuses", "Expected HTTP status", statuses, Some("Such as 200, 200-299 or 200,301."), true))
        (text("timeout", "Timeout in seconds", timeout, Some("From 1 to 30. The whole answer must be there by then."), true))
    }
}

fn checks(shown: &Shown, zone: &Zone) -> Markup {
    html! {
        h2 id="checks" { "Latest checks" }
        @if shown.checks.is_empty() {
            p.quiet { "No checks yet. The first one runs within a few seconds." }
        } @else {
            table.list.small-list {
                thead { tr { th scope="col" { "When" } th scope="col" { "Result" } th.number scope="col" { "Status" } th.number scope="col" { "Response" } } }
                tbody {
                    @for check in &shown.checks {
                        tr {
                            td.when { (format::moment(zone, check.at, Moment::Short)) }
                            td { @if let Some(problem) = &check.problem { span.state-down { (problem) } } @else { span.state-up { "OK" } } }
                            td.number { @if let Some(status) = check.status { (status) } @else { "–" } }
                            td.number { @if let Some(time) = check.milliseconds { (time) " ms" } @else { "–" } }
                        }
                    }
                }
            }
            p.help { "Single checks are kept for 7 days, their sums for 2 years." }
        }
    }
}
