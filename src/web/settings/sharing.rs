//! Preferences → Sharing: the users with access, and the invitations. Changes take effect with the user's next
//! request.

mod invitation;
mod page;
mod throttle;

use self::invitation::{NewLink, SharingResult};
use self::page::{ShareForm, SharingOutcome, SharingPage};
use super::Tabs;
use crate::access::capability::{Capability, ManagePeople, SeePeople, SwitchBilling};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::limits;
use crate::model::email;
use crate::model::id::{SiteId, UserId};
use crate::model::level::Level;
use crate::reports::visibility::Visibility;
use crate::sites::invitations;
use crate::sites::sharing::{self, ShareOutcome};
use crate::store::{self, links, shares, users, view_only};
use crate::web::account::sites::LEFT;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::NavItem;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::sign_in;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The form about one user.
#[derive(Deserialize)]
pub struct PersonForm {
    #[serde(default)]
    user: String,
    #[serde(default)]
    level: String,
}

/// The form that shows the billing to a user, or hides it.
#[derive(Deserialize)]
pub struct BillingSwitchForm {
    #[serde(default)]
    user: String,
    /// `on`, `off`, or empty for off.
    #[serde(default)]
    billing: String,
}

/// The form about one invitation.
#[derive(Deserialize)]
pub struct InvitationForm {
    #[serde(default)]
    email: String,
}

/// `GET /sites/{site}/preferences/sharing`: lists users and invitations.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SeePeople>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("shared", "Shared. They find this site beside their own from now on."),
        ("billing-shown", "They see the billing of this site from now on."),
        ("billing-hidden", "They do not see the billing any more."),
        ("changed", "The level is changed. It holds from their next look on."),
        ("withdrawn", "The invitation is withdrawn. Its link opens nothing any more."),
        ("gone", "That had ended already."),
    ];
    let news = match params.get("done") {
        Some("removed") => {
            let (site, now) = (access.site.id, app.clock.now());
            let links = app.read(move |connection| links::list(connection, site)).await?;
            Some(SharingOutcome::Removed(links.iter().filter(|link| link.is_open(now)).count()))
        }
        _ => None,
    };
    let state = FormState::opened(ShareForm::default(), &params, &notices);
    answer(&app, &request, &access, state, news).await
}

async fn answer<R>(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<R>,
    state: FormState<ShareForm>,
    news: Option<SharingOutcome>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "Sharing", NavItem::Preferences).await?;
    let (site, owner, now) = (access.site.id, access.site.owner, app.clock.now());
    let (owner, people, pending, default_visibility) = app
        .read(move |connection| {
            let default_visibility = Visibility::read(view_only::of_site(connection, site)?.as_ref());
            let pending = invitations::pending(connection, site, now)?;
            Ok((users::get(connection, owner)?, shares::list(connection, site)?, pending, default_visibility))
        })
        .await?;
    let view = SharingPage {
        tabs: Tabs::for_screen(access, "sharing"),
        path: Tabs::path(site, "sharing"),
        base: access.base(),
        zone: access.site.zone.clone(),
        owner,
        people,
        default_visibility,
        pending,
        may_manage: access.may(Capability::ManagePeople),
        may_choose: access.may(Capability::ChooseViewOnly),
        may_switch_billing: access.may(Capability::SwitchBilling),
        own: access.user.user,
        state,
        news,
    };
    Ok(view.state.response(page::page(&frame, &view)))
}

/// `POST /sites/{site}/preferences/sharing`: shares the site with a user, or invites an address.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn add(
    access: SiteAccess<ManagePeople>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<ShareForm>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let refused = |sentence: &str, form: ShareForm| {
        let problems = vec![Problem { field: "user".into(), sentence: sentence.into() }];
        answer(&app, &request, &access, FormState::refused(form, problems), None)
    };
    let name = email::canonical(&form.user);
    let Some(level) = Level::parse(&form.level) else {
        return refused("Choose what they may do.", form).await;
    };
    if name.is_empty() || name.len() > limits::EMAIL_BYTES_MAX {
        return refused("Enter the user name or the e-mail address of whom you let in.", form).await;
    }
    match invitation::share(&app, &request, &access, name.clone(), level).await {
        Ok(SharingResult { outcome: ShareOutcome::Shared, .. }) => redirect(access.site.id, Ok(()), "shared"),
        Ok(made @ SharingResult { outcome: ShareOutcome::Invited, .. }) => {
            let link = NewLink::new(&app, &request, name, &made)?;
            answer(&app, &request, &access, FormState::default(), Some(SharingOutcome::Invited(link))).await
        }
        Ok(SharingResult { outcome: ShareOutcome::Nobody, .. }) => {
            refused("Nobody was let in. Enter the e-mail address of somebody who has no account here: you get an invitation for them.", form).await
        }
        Err(error) => refuse(&app, &request, &access, form, error).await,
    }
}

/// Returns the page with the problems of the form; 429 for too many tries.
async fn refuse(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ManagePeople>,
    form: ShareForm,
    error: Error,
) -> Result<HttpResponse> {
    if let Error::Throttled(_) = error {
        let problems = vec![Problem { field: "user".into(), sentence: error.to_string() }];
        let mut page = answer(app, request, access, FormState::refused(form, problems), None).await?;
        *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return sign_in::throttled::answer(error, |_| page);
    }
    answer(app, request, access, FormState::refused(form, error.problems()?), None).await
}

/// `POST /sites/{site}/preferences/sharing/change`: changes a user's level.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ManagePeople>,
    app: Data<App>,
    request: HttpRequest,
    person: Form<PersonForm>,
) -> Result<HttpResponse> {
    let (site, user) = (access.site.id, UserId::parse(&person.user).unwrap_or(UserId(0)));
    let Some(level) = Level::parse(&person.level) else {
        let problems = vec![Problem { field: "level".into(), sentence: "Choose a level.".into() }];
        let state = FormState::refused(ShareForm::default(), problems);
        return answer(&app, &request, &access, state, None).await;
    };
    let actor = access.actor.clone();
    let done = access.write(&app, move |tx| sharing::change_level(tx, &actor, site, user, level)).await;
    redirect(site, done, "changed")
}

/// `POST /sites/{site}/preferences/sharing/remove`: ends a user's access.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<ManagePeople>,
    app: Data<App>,
    person: Form<PersonForm>,
) -> Result<HttpResponse> {
    let (site, user) = (access.site.id, UserId::parse(&person.user).unwrap_or(UserId(0)));
    let actor = access.actor.clone();
    if user == access.user.user {
        let left = access.write(&app, move |tx| sharing::leave(tx, &actor, site, user)).await;
        return if left.is_ok() { Ok(see_other(LEFT)) } else { redirect(site, left, "") };
    }
    let removed = access.write(&app, move |tx| sharing::end(tx, &actor, site, user)).await;
    redirect(site, removed, "removed")
}

/// `POST /sites/{site}/preferences/sharing/billing`: shows the billing to a user, or hides it.
///
/// # Errors
///
/// Fails with `Error::Invalid` for an unknown value, when the caller's right has ended, and when the data file cannot
/// be written.
pub async fn switch_billing(
    access: SiteAccess<SwitchBilling>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<BillingSwitchForm>,
) -> Result<HttpResponse> {
    let (site, user) = (access.site.id, UserId::parse(&form.user).unwrap_or(UserId(0)));
    if !["on", "off", ""].contains(&form.billing.as_str()) {
        return Err(Error::invalid("billing", "Choose whether they see the billing."));
    }
    let (is_on, actor) = (form.billing == "on", access.actor.clone());
    let done =
        access.write(&app, move |tx| sharing::switch_billing(tx, &actor, site, user, is_on, None)).await;
    match done {
        Err(Error::Invalid(problems)) => {
            let state = FormState::refused(ShareForm::default(), problems);
            answer(&app, &request, &access, state, None).await
        }
        done => redirect(site, done, if is_on { "billing-shown" } else { "billing-hidden" }),
    }
}

/// `POST /sites/{site}/preferences/sharing/invitations/renew`: makes a new link and letter; the old link ends.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn renew(
    access: SiteAccess<ManagePeople>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<InvitationForm>,
) -> Result<HttpResponse> {
    let (site, now, email) = (access.site.id, app.clock.now(), form.into_inner().email);
    let address = email.clone();
    let pending = app
        .read(move |connection| {
            let pending = invitations::pending(connection, site, now)?;
            Ok(pending.into_iter().find(|pending| pending.email.eq_ignore_ascii_case(&address)))
        })
        .await?;
    let Some(pending) = pending else { return redirect(site, Err(Error::Missing("invitation")), "") };
    match invitation::share(&app, &request, &access, pending.email, pending.level).await {
        Ok(made @ SharingResult { outcome: ShareOutcome::Invited, .. }) => {
            let link = NewLink::new(&app, &request, email, &made)?;
            return answer(
                &app,
                &request,
                &access,
                FormState::default(),
                Some(SharingOutcome::Invited(link)),
            )
            .await;
        }
        Ok(_) => {}
        Err(error) => {
            let form = ShareForm { user: email, level: pending.level.name().to_owned() };
            return refuse(&app, &request, &access, form, error).await;
        }
    }
    // The invited person has created an account meanwhile, and has access now.
    let done = access.write(&app, move |tx| store::invitations::delete(tx, site, &email)).await;
    redirect(site, done, "shared")
}

/// `POST /sites/{site}/preferences/sharing/invitations/withdraw`: withdraws an invitation.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn withdraw(
    access: SiteAccess<ManagePeople>,
    app: Data<App>,
    form: Form<InvitationForm>,
) -> Result<HttpResponse> {
    let (site, email) = (access.site.id, form.into_inner().email);
    let actor = access.actor.clone();
    let done = access.write(&app, move |tx| invitations::withdraw(tx, &actor, site, &email)).await;
    redirect(site, done, "withdrawn")
}

/// Redirects to the lists; access that another user ended meanwhile is no error.
fn redirect(site: SiteId, outcome: Result<()>, done: &str) -> Result<HttpResponse> {
    let done = match outcome {
        Ok(()) => done,
        Err(Error::Missing(_)) => "gone",
        Err(error) => return Err(error),
    };
    Ok(form_state::done(&Tabs::path(site, "sharing"), done))
}
