//! Preferences → Public access: guest links, which show chosen reports to everyone with the address. Changes take
//! effect with the next request.

mod link_form;
mod page;

pub use page::only;

use super::{Tabs, view_only};
use crate::access::capability::ManageGuestLinks;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::requester;
use crate::model::id::{LinkId, SiteId, Token};
use crate::sites;
use crate::sites::guest_links::{self, LinkChange, Password};
use crate::store::links::{self, Link};
use crate::web::filters::open_segments::OpenSegments;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::NavItem;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use link_form::{LinkForm, value};
use page::{LinkFormPage, LinkList};

/// The fields of the form; `report` occurs once for every chosen report.
type Fields = Form<Vec<(String, String)>>;

/// `GET /sites/{site}/preferences/public-access`: lists the guest links.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let frame = load::site_frame(&app, &request, &access, "Public access", NavItem::Preferences).await?;
    let site = access.site.id;
    let links = app.read(move |connection| links::list(connection, site)).await?;
    let notice = match params.get("done") {
        Some("made") => Some(made_notice(&links)),
        Some("saved") => Some("Saved. It holds from the next look on."),
        Some("locked") => Some(
            "Saved. Anyone with this link and the new password sees what you chose, from the next look on.",
        ),
        Some("unlocked") => Some("Saved without a password. Anyone with this link sees what you chose."),
        Some("disabled") => Some("The link opens nothing now, also not in pages that are open."),
        Some("enabled") => Some("The link opens again."),
        Some("renewed") => Some("The link has a new address. The old one opens nothing any more."),
        Some("removed") => Some("The link is removed."),
        Some("gone") => Some("That link was removed already."),
        _ => None,
    };
    let view = LinkList {
        tabs: Tabs::for_screen(&access, "public-access"),
        path: Tabs::path(site, "public-access"),
        origin: client::origin(&request, &app.config),
        zone: access.site.zone.clone(),
        now: app.clock.now(),
        links,
        notice,
        has_run_out: params.get("done") == Some("run-out"),
    };
    Ok(load::html(page::list(&frame, &view)))
}

/// Returns the notice about the newest link.
fn made_notice(links: &[Link]) -> &'static str {
    match links.iter().max_by_key(|link| link.id.0) {
        Some(link) if link.password.is_some() => {
            "The link is made. Anyone with this link and the password sees what you chose."
        }
        _ => "The link is made. Anyone with this link sees what you chose.",
    }
}

/// Returns the link in an address; `None` for a new one.
async fn find_link(app: &Data<App>, site: SiteId, name: &str) -> Result<Option<Link>> {
    if name == "new" {
        return Ok(None);
    }
    let id = LinkId::parse(name).ok_or(Error::Missing("link"))?;
    app.read(move |connection| links::get(connection, site, id)).await.map(Some)
}

/// `GET /sites/{site}/preferences/public-access/{link}`: shows the form of a link.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such link, and when the data file cannot be read.
pub async fn edit(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let link = find_link(&app, access.site.id, &path.1).await?;
    let form = link.as_ref().map_or_else(LinkForm::new, |link| LinkForm::from_link(link, &access.site.zone));
    answer_form(&app, &request, &access, link, FormState::new(form)).await
}

async fn answer_form(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ManageGuestLinks>,
    link: Option<Link>,
    state: FormState<LinkForm>,
) -> Result<HttpResponse> {
    let (frame, segments) = (SiteFrameRequest::new(request, access)?, OpenSegments::new(access));
    let (frame, segments) = app
        .view(move |reader| {
            Ok((frame.load(reader, "Guest link", NavItem::Preferences)?, segments.load(reader)?))
        })
        .await?;
    let (tabs, path) =
        (Tabs::for_screen(access, "public-access"), Tabs::path(access.site.id, "public-access"));
    let view = LinkFormPage { tabs, path, link, state, segments };
    Ok(view.state.response(page::form(&frame, &view)))
}

/// `POST /sites/{site}/preferences/public-access/{link}`: creates or changes a link.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such link, when the caller's right has ended, and when the data file
/// cannot be written.
pub async fn save(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    fields: Fields,
) -> Result<HttpResponse> {
    let (site, now) = (access.site.id, app.clock.now());
    let link = find_link(&app, site, &path.1).await?;
    let (form, secret) = (LinkForm::read(&fields), value(&fields, "password").to_owned());
    let has_one = link.as_ref().is_some_and(|link| link.password.is_some());
    let mut problems = Vec::new();
    let segments = OpenSegments::new(&access);
    let segments = app.view(move |reader| segments.load(reader)).await?;
    let settings = match form.check(&access.site.zone, now, &segments) {
        Ok(settings) => Some(settings),
        Err(error) => {
            problems = error.problems()?;
            None
        }
    };
    problems.extend(sites::view_only::unknown_report(view_only::reports(&fields)));
    problems.extend(form.check_password(&secret, !problems.is_empty()));
    let Some(settings) = settings.filter(|_| problems.is_empty()) else {
        return answer_form(&app, &request, &access, link, FormState::refused(form, problems)).await;
    };
    let requester = requester::person(&app, &request, &access.user);
    // A typed password counts, even if the tick that removes the old one is set.
    let password = match (secret.is_empty(), form.removes_password) {
        (false, _) => Password::New(app.limited_work.hash_password(secret, requester).await?),
        (true, true) => Password::None,
        (true, false) => Password::Kept,
    };
    let done = match (&link, &password) {
        (None, _) => "made",
        (Some(_), Password::New(_)) => "locked",
        (Some(_), Password::None) if has_one => "unlocked",
        (Some(_), _) => "saved",
    };
    let (actor, user, token) = (access.actor.clone(), access.user.user, Token::generate()?);
    let id = link.as_ref().map(|link| link.id);
    let saved = access
        .write(&app, move |tx| match (id, &password) {
            (Some(id), password) => guest_links::save(tx, &actor, site, id, &settings, password),
            (None, Password::New(hash)) => {
                guest_links::make(tx, &actor, Some(user), site, &token, &settings, Some(hash)).map(drop)
            }
            (None, _) => guest_links::make(tx, &actor, Some(user), site, &token, &settings, None).map(drop),
        })
        .await;
    match saved {
        Err(Error::Invalid(problems)) => {
            answer_form(&app, &request, &access, link, FormState::refused(form, problems)).await
        }
        saved => redirect(site, saved, done),
    }
}

/// `POST /sites/{site}/preferences/public-access/{link}/disable`: disables a link.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn disable(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, LinkChange::Disable, "disabled").await
}

/// `POST /sites/{site}/preferences/public-access/{link}/enable`: enables a link.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn enable(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, LinkChange::Enable, "enabled").await
}

/// `POST /sites/{site}/preferences/public-access/{link}/renew`: gives a link a new address.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn renew(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, LinkChange::Renew(Token::generate()?), "renewed").await
}

/// `POST /sites/{site}/preferences/public-access/{link}/remove`: removes a link.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    change(&access, &app, &path, LinkChange::Remove, "removed").await
}

async fn change(
    access: &SiteAccess<ManageGuestLinks>,
    app: &Data<App>,
    path: &Path<(String, String)>,
    change: LinkChange,
    done: &str,
) -> Result<HttpResponse> {
    // No link has the number 0.
    let (actor, site) = (access.actor.clone(), access.site.id);
    let link = LinkId::parse(&path.1).unwrap_or(LinkId(0));
    let changed = access.write(app, move |tx| guest_links::change(tx, &actor, site, link, &change)).await;
    let done = if done == "enabled" && matches!(changed, Ok(true)) { "run-out" } else { done };
    redirect(site, changed.map(drop), done)
}

/// Redirects to the list; a link that another user removed meanwhile is no error.
fn redirect(site: SiteId, outcome: Result<()>, done: &str) -> Result<HttpResponse> {
    let done = match outcome {
        Ok(()) => done,
        Err(Error::Missing(_)) => "gone",
        Err(error) => return Err(error),
    };
    Ok(form_state::done(&Tabs::path(site, "public-access"), done))
}
