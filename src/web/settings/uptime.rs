//! Preferences → Uptime: the monitors of the site, the form of one with its last checks, and the removal.

mod form_page;
mod list;
mod paths;
mod removal;

pub use list::show;
pub use removal::{confirm, remove};

use super::Tabs;
use crate::access::capability::SetSiteAlerts;
use crate::alerts::monitors::definition::MonitorForm;
use crate::alerts::monitors::{acts, round};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::limits;
use crate::model::id::SiteId;
use crate::model::monitor::Monitor;
use crate::store::monitors;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use form_page::FormPage;
use paths::{TAB, form_path, monitor_id};

/// Returns the monitor in an address; `None` for a new one.
async fn find_monitor(app: &Data<App>, site: SiteId, name: &str) -> Result<Option<Monitor>> {
    if name == "new" {
        return Ok(None);
    }
    let id = monitor_id(name)?;
    app.read(move |connection| monitors::get(connection, site, id)).await.map(Some)
}

/// `GET /sites/{site}/preferences/uptime/{monitor}`: shows the form of a monitor, with its last checks.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, and when the data file cannot be read.
pub async fn edit(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let monitor = find_monitor(&app, access.site.id, &path.1).await?;
    let form =
        monitor.as_ref().map(|monitor| MonitorForm::from_settings(&monitor.settings)).unwrap_or_default();
    let notices = [
        ("added", "Added. The first check runs now."),
        ("checked", "Checked. The result is below."),
        ("busy", "It's being checked right now. Reload the page in a few seconds."),
        ("recent", "It was checked a few seconds ago. The result is below."),
    ];
    FormPage { monitor, state: FormState::opened(form, &params, &notices) }
        .answer(&app, &request, &access)
        .await
}

/// `POST /sites/{site}/preferences/uptime/{monitor}`: adds or changes a monitor.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, when the caller's right has ended, and when the data file cannot
/// be written.
pub async fn save(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<MonitorForm>,
) -> Result<HttpResponse> {
    let monitor = find_monitor(&app, access.site.id, &path.1).await?;
    let form = form.into_inner();
    let (site, actor, id) =
        (access.site.id, access.actor.clone(), monitor.as_ref().map(|monitor| monitor.id));
    let typed = form.clone();
    let saved = access
        .write(&app, move |tx| match id {
            Some(id) => acts::change(tx, &actor, site, id, &typed).map(|()| None),
            None => acts::add(tx, &actor, site, &typed).map(Some),
        })
        .await;
    match saved {
        Ok(Some(added)) => Ok(form_state::done(&form_path(site, added), "added")),
        Ok(None) => Ok(form_state::done(&Tabs::path(site, TAB), "saved")),
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            FormPage { monitor, state }.answer(&app, &request, &access).await
        }
    }
}

/// `POST /sites/{site}/preferences/uptime/{monitor}/pause`: pauses a monitor.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, when the caller's right has ended, and when the data file cannot
/// be written.
pub async fn pause(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    set_paused(&access, &app, &path, true).await
}

/// `POST /sites/{site}/preferences/uptime/{monitor}/resume`: lets a paused monitor run again.
///
/// # Errors
///
/// Fails as [`pause`] does.
pub async fn resume(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    set_paused(&access, &app, &path, false).await
}

async fn set_paused(
    access: &SiteAccess<SetSiteAlerts>,
    app: &Data<App>,
    path: &Path<(String, String)>,
    is_paused: bool,
) -> Result<HttpResponse> {
    let (id, site, actor) = (monitor_id(&path.1)?, access.site.id, access.actor.clone());
    access.write(app, move |tx| acts::pause(tx, &actor, site, id, is_paused)).await?;
    Ok(form_state::done(&Tabs::path(site, TAB), if is_paused { "paused" } else { "resumed" }))
}

/// `POST /sites/{site}/preferences/uptime/{monitor}/check`: checks a monitor now.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such monitor, when the caller's right has ended, and when the data file cannot
/// be written.
pub async fn check(
    access: SiteAccess<SetSiteAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, site) = (monitor_id(&path.1)?, access.site.id);
    let done = |change: &str| Ok(form_state::done(&form_path(site, id), change));
    let now = app.clock.now();
    let (monitor, due) = app
        .read(move |connection| {
            let monitor = monitors::get(connection, site, id)?;
            Ok((monitor.clone(), round::prepare(connection, monitor, now)?))
        })
        .await?;
    if monitor.paused_at.is_some() {
        return Ok(form_state::done(&Tabs::path(site, TAB), "is-paused"));
    }
    let is_recent = |at| !now.has_passed(limits::MONITOR_CHECK_NOW_EVERY, at);
    if monitor.state.checked_at.is_some_and(is_recent) {
        return done("recent");
    }
    // Whoever leaves the page meanwhile drops this, and with it the reservation: the monitor stays due.
    let (checked, _reservation) = match app.probes.check(due).await {
        Ok(checked) => checked,
        Err(Error::Busy) => return done("busy"),
        Err(error) => return Err(error),
    };
    access.write(&app, move |tx| round::record(tx, &checked)).await?;
    done("checked")
}
