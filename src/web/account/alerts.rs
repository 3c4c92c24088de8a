//! Account → Alerts: a person's own alerts on all of their sites.

use crate::access;
use crate::access::capability::{Capability, UseOwnAccount};
use crate::alerts::rules;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::http::auth::OwnAccount;
use crate::model::id::AlertId;
use crate::store::alerts::{self, AlertScope};
use crate::store::sites::{self, Site};
use crate::web::alerts::list::ListedAlert;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::frame_request::FrameRequest;
use crate::web::layout::{Frame, load};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

const PATH: &str = "/account/alerts";

/// The form that removes an alert.
#[derive(Deserialize)]
pub struct RemoveAlertForm {
    #[serde(default)]
    alert: String,
}

/// A site with the person's alerts on it.
struct OfSite {
    site: Site,
    /// True if the person may still open the site.
    is_open: bool,
    alerts: Vec<ListedAlert>,
}

/// `GET /account/alerts`: lists the person's own alerts by site.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (frame, user) = (FrameRequest::for_user(&request, &account.user), account.user.user);
    let loaded = app.view(move |reader| {
        let connection = reader.connection;
        let open = sites::list_open_to(connection, user)?.into_iter().map(|(site, _)| site);
        let mut by_site: Vec<OfSite> =
            open.map(|site| OfSite { site, is_open: true, alerts: Vec::new() }).collect();
        for alert in alerts::list_of_user(connection, user)? {
            if !by_site.iter().any(|known| known.site.id == alert.site) {
                let site = sites::get(connection, alert.site)?;
                by_site.push(OfSite { site, is_open: false, alerts: Vec::new() });
            }
            if let Some(known) = by_site.iter_mut().find(|known| known.site.id == alert.site) {
                let listed = ListedAlert::load(reader, &known.site, alert, Some(user))?;
                known.alerts.push(listed);
            }
        }
        for known in &mut by_site {
            known.is_open =
                known.is_open && access::grant(connection, user, &known.site)?.may(Capability::SetOwnAlerts);
        }
        Ok((frame.load(reader, "Alerts")?, by_site))
    });
    let (frame, by_site) = loaded.await?;
    let state = FormState::opened((), &params, &[("removed", "The alert is removed.")]);
    Ok(load::html(page(&frame, &by_site, &state)))
}

/// `POST /account/alerts/remove`: removes an own alert, also one of a site to which the person lost access.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn remove(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    form: Form<RemoveAlertForm>,
) -> Result<HttpResponse> {
    // No alert has the number 0.
    let id = AlertId::parse(&form.alert).unwrap_or(AlertId(0));
    let (user, actor) = (account.user.user, account.actor.clone());
    let removed = account.write(&app, move |tx| {
        let alert = alerts::find(tx, id)?.filter(|alert| alert.owner == Some(user));
        let alert = alert.ok_or(Error::Missing("alert"))?;
        let site = sites::get(tx, alert.site)?;
        rules::remove(tx, &actor, &site, AlertScope { site: site.id, owner: Some(user) }, id)
    });
    match removed.await {
        Ok(()) | Err(Error::Missing("alert")) => Ok(form_state::done(PATH, "removed")),
        Err(error) => Err(error),
    }
}

fn page(frame: &Frame, by_site: &[OfSite], state: &FormState<()>) -> Markup {
    super::page(
        frame,
        PATH,
        &html! {
            (state.notice())
            p.measure { "We tell you when something happens on your sites: by mail, and behind the bell. " a href="/alerts" { "What you were told" } " · " a href="/help/alerts" { "Help: Alerts" } }
            @if by_site.is_empty() { div.empty { h3 { "No sites yet" } p { "Add a site first, or ask somebody to share one." } } }
            @for one in by_site { (section(one)) }
        },
    )
}

fn section(one: &OfSite) -> Markup {
    let base = format!("/sites/{}/alerts", one.site.id);
    html! {
        section {
            h2 { @if one.is_open { (one.site.name) } @else { "A site that you can't see now" } }
            @if !one.alerts.is_empty() {
                ul.plain.rows {
                    @for listed in &one.alerts {
                        li {
                            div { (listed.draw(&one.site.zone)) }
                            div.buttons {
                                @if one.is_open && !listed.is_hidden { a.button.small href={ (base) "/" (listed.alert.id) } { "Change" span.hidden { " “" (listed.description) "”" } } }
                                details {
                                    summary aria-label={ "Remove “" (listed.description) "”" } { "Remove …" }
                                    p { "Its history is removed, too." }
                                    form method="post" action={ (PATH) "/remove" } {
                                        input type="hidden" name="alert" value=(listed.alert.id);
                                        button.warning.small type="submit" { "Remove" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if one.is_open { p.buttons { a.button.small href={ (base) "/new" } { "Add an alert" span.hidden { " for " (one.site.name) } } " " a href=(base) { "Alerts for " (one.site.name) } } }
        }
    }
}
