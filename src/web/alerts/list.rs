//! The list of the alerts of one place, with the buttons that change and remove them; for a person also those that are set for
//! everyone, whose mail they may turn off.

use super::room::AlertRoom;
use crate::access::capability::SetOwnAlerts;
use crate::alerts::{delivery, description, mail, rules};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::model::alert::Alert;
use crate::model::clock::Zone;
use crate::model::id::{AlertId, SiteId};
use crate::reports::data_reader::DataReader;
use crate::store::alert_events::{self, AlertEvent};
use crate::store::alerts::{self, AlertScope};
use crate::store::sites::Site;
use crate::store::unsubscribes::{self, LetterKind};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::ui::format::{self, Moment};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form that turns the mail of an alert off or on.
#[derive(Deserialize)]
pub struct MuteForm {
    #[serde(default)]
    mail: String,
}

/// An alert of the list.
pub struct ListedAlert {
    /// The alert.
    pub alert: Alert,
    /// What it watches, in words.
    pub description: String,
    /// The newest event.
    pub newest: Option<AlertEvent>,
    /// True if the person gets no mail of it.
    pub is_muted: bool,
    /// True if the person may not see what it tells any more: nothing of it is shown.
    pub is_hidden: bool,
}

struct View {
    path: String,
    zone: Zone,
    alerts: Vec<ListedAlert>,
    /// The alerts that are set for everyone and tell this person; `None` in the settings of the site.
    of_site: Option<Vec<ListedAlert>>,
    state: FormState<()>,
}

impl ListedAlert {
    /// Loads an alert of the list.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(
        reader: &DataReader<'_>,
        site: &Site,
        alert: Alert,
        user: Option<crate::model::id::UserId>,
    ) -> Result<Self> {
        let connection = reader.connection;
        let is_hidden = match user {
            Some(user) => !delivery::may_have(connection, user, site, &alert.settings)?,
            None => false,
        };
        let is_muted = match user {
            Some(user) => {
                unsubscribes::is_ended(connection, LetterKind::Alert, alert.id.0, Some(user))?
                    || !alert.settings.by_mail
            }
            None => !alert.settings.by_mail,
        };
        Ok(Self {
            description: description::describe(connection, site, &alert.settings)?,
            newest: alert_events::list(connection, alert.id, 1)?.pop(),
            is_muted,
            is_hidden,
            alert,
        }
        .redacted())
    }

    /// Takes out what the person may not see any more.
    fn redacted(self) -> Self {
        if !self.is_hidden {
            return self;
        }
        Self { description: "An alert on something that you can't see now".to_owned(), newest: None, ..self }
    }

    /// Renders what the alert is and how it is doing.
    pub fn draw(&self, zone: &Zone) -> Markup {
        html! {
            b { (self.description) }
            @if self.is_muted { " " span.tag.quiet-tag { "no mail" } }
            br;
            @if let Some((at, because)) = &self.alert.stopped {
                span.problem { "Stopped " (format::moment(zone, *at, Moment::Short)) ": " (because) }
            } @else {
                span.quiet {
                    @match &self.newest {
                        Some(event) => { "Last fired " (format::moment(zone, event.fired_at, Moment::Full)) ": " (event.title) },
                        None => "Hasn't fired yet",
                    }
                }
            }
        }
    }
}

/// `GET /sites/{site}/alerts` and its like: lists the alerts.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show<R: AlertRoom>(
    access: SiteAccess<R>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (frame, scope) = (SiteFrameRequest::new(&request, &access)?, R::scope(&access)?);
    let site = access.site.clone();
    let loaded = app.view(move |reader| {
        let listed = |scope: AlertScope| alerts::list(reader.connection, scope);
        let own = listed(scope)?.into_iter();
        let own = own.map(|alert| ListedAlert::load(reader, &site, alert, scope.owner));
        let own = own.collect::<Result<Vec<_>>>()?;
        let of_site = match scope.owner {
            None => None,
            Some(user) => {
                let mut of_site = Vec::new();
                for alert in listed(AlertScope { owner: None, ..scope })? {
                    if delivery::may_have(reader.connection, user, &site, &alert.settings)? {
                        of_site.push(ListedAlert::load(reader, &site, alert, Some(user))?);
                    }
                }
                Some(of_site)
            }
        };
        Ok((frame.load(reader, "Alerts", R::item())?, own, of_site))
    });
    let (frame, alerts, of_site) = loaded.await?;
    let notices = [
        ("saved", "The alert is saved."),
        ("removed", "The alert is removed."),
        ("mail", "Your choice of mail is saved."),
    ];
    let view = View {
        path: R::path(access.site.id),
        zone: access.site.zone.clone(),
        alerts,
        of_site,
        state: FormState::opened((), &params, &notices),
    };
    Ok(load::html(R::page(&access, &frame, &draw(&view))))
}

fn alert_id(path: &Path<(String, String)>) -> Result<AlertId> {
    AlertId::parse(&path.1).ok_or(Error::Missing("alert"))
}

/// `POST /sites/{site}/alerts/{alert}/remove` and its like: removes an alert with its history.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove<R: AlertRoom>(
    access: SiteAccess<R>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, scope) = (alert_id(&path)?, R::scope(&access)?);
    let (site, actor) = (access.site.clone(), access.actor.clone());
    match access.write(&app, move |tx| rules::remove(tx, &actor, &site, scope, id)).await {
        // An alert that was removed meanwhile is gone, as the list shows.
        Ok(()) | Err(Error::Missing("alert")) => Ok(form_state::done(&R::path(access.site.id), "removed")),
        Err(error) => Err(error),
    }
}

/// `POST /sites/{site}/alerts/{alert}/mail`: turns the mail of an alert off or on for the person.
///
/// # Errors
///
/// Fails with `Error::Missing` for an alert that doesn't tell this person, when the caller's right has ended, and when the data
/// file cannot be written.
pub async fn mute(
    access: SiteAccess<SetOwnAlerts>,
    app: Data<App>,
    path: Path<(String, String)>,
    form: Form<MuteForm>,
) -> Result<HttpResponse> {
    let (id, scope) = (alert_id(&path)?, SetOwnAlerts::scope(&access)?);
    let (site, user, now) = (access.site.clone(), access.user.user, app.clock.now());
    let is_on = form.mail == "on";
    let changed = access.write(&app, move |tx| {
        let alert = alerts::get(tx, AlertScope { owner: None, ..scope }, id)?;
        if !delivery::may_have(tx, user, &site, &alert.settings)? {
            return Err(Error::Missing("alert"));
        }
        mail::set(tx, &site, &alert, user, is_on, now)
    });
    changed.await?;
    Ok(form_state::done(&list_path(access.site.id), "mail"))
}

fn list_path(site: SiteId) -> String {
    SetOwnAlerts::path(site)
}

fn draw(view: &View) -> Markup {
    let is_own = view.of_site.is_some();
    html! {
        (view.state.notice())
        p.measure {
            @if is_own { "Only you get these. We tell you by mail and behind the bell." }
            @else { "Everyone with access to this site gets these, as far as they may see the numbers. For alerts of your own, open Alerts in the sidebar." }
        }
        p.buttons { a.button.primary href={ (view.path) "/new" } { "Add an alert" } }
        @if view.alerts.is_empty() {
            div.empty { h2 { "No alerts yet" } p { "Find out at once when traffic jumps, a goal is reached or the site is down." } }
        }
        ul.plain.rows { @for alert in &view.alerts { (row(view, alert)) } }
        @if let Some(of_site) = view.of_site.as_ref().filter(|alerts| !alerts.is_empty()) {
            section {
                h2 { "Set for everyone" }
                p.measure { "An Administrator set these for everyone with access. You can turn off the mail for yourself." }
                ul.plain.rows { @for alert in of_site { (row_of_site(view, alert)) } }
            }
        }
    }
}

fn row(view: &View, listed: &ListedAlert) -> Markup {
    let own = format!("{}/{}", view.path, listed.alert.id);
    html! {
        li {
            div { (listed.draw(&view.zone)) }
            div.buttons {
                @if !listed.is_hidden { a.button.small href=(own) { "Change" span.hidden { " “" (listed.description) "”" } } }
                details {
                    summary aria-label={ "Remove “" (listed.description) "”" } { "Remove …" }
                    p { "Its history is removed, too." }
                    form method="post" action={ (own) "/remove" } { button.warning.small type="submit" { "Remove" } }
                }
            }
        }
    }
}

fn row_of_site(view: &View, listed: &ListedAlert) -> Markup {
    let own = format!("{}/{}/mail", view.path, listed.alert.id);
    html! {
        li {
            div { (listed.draw(&view.zone)) }
            @if listed.alert.settings.by_mail {
                form method="post" action=(own) {
                    @if listed.is_muted {
                        input type="hidden" name="mail" value="on";
                        button.small type="submit" { "Turn on mail" span.hidden { " of “" (listed.description) "”" } }
                    } @else {
                        button.small type="submit" { "Turn off mail" span.hidden { " of “" (listed.description) "”" } }
                    }
                }
            }
        }
    }
}
