//! Preferences → Site info: the name, ID, page code and its check, the keys on request, and how to transfer or delete
//! the site.

mod code_check_section;
pub mod page;
mod transfer_section;

pub use code_check_section::CheckOutcome;

use self::page::{SentForm, answer};
use super::Tabs;
use crate::access::capability::{ChangeSiteSettings, RotateSiteKey, SeeSiteKey, SeeTrackingCode};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::sites::{keys, settings};
use crate::store::sites::Keys;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::FormState;
use crate::web::settings::site_form::SiteForm;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};

/// `GET /sites/{site}/preferences/info`: shows the screen.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SeeTrackingCode>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("saved", "Saved. The next hit is judged by it, and reports are counted by it at once."),
        ("withdrawn", "The offer is withdrawn."),
    ];
    let is_kept = |host: &&str| access.site.owns_host(host) && *host != access.site.domain;
    let former_domain = params.get("item").filter(is_kept).map(str::to_owned);
    let form = former_domain.map_or(SentForm::None, |former_domain| SentForm::Saved { former_domain });
    answer(&app, &request, &access, FormState::opened(form, &params, &notices)).await
}

/// `POST /sites/{site}/preferences/info`: saves name, domain and time zone.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SiteForm>,
) -> Result<HttpResponse> {
    let site = match form.check() {
        Ok(site) => site,
        Err(error) => {
            let state = FormState::refused(SentForm::Basics(form.into_inner()), error.problems()?);
            return answer(&app, &request, &access, state).await;
        }
    };
    let id = access.site.id;
    let (actor, before) = (access.actor.clone(), access.site.clone());
    let keeps_former = access.write(&app, move |tx| settings::update(tx, &actor, &before, &site)).await?;
    let former = if keeps_former { format!("&item={}", access.site.domain) } else { String::new() };
    Ok(see_other(&format!("{}?done=saved{former}", Tabs::path(id, "info"))))
}

/// `POST /sites/{site}/preferences/info/keys`: shows the keys.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn show_keys(
    access: SiteAccess<SeeSiteKey>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let site = access.site.id;
    let actor = access.actor.clone();
    let keys = access.write(&app, move |tx| keys::show(tx, &actor, site)).await?;
    let form = SentForm::Keys { keys, are_new: false };
    answer(&app, &request, &access, FormState::new(form)).await
}

/// `POST /sites/{site}/preferences/info/rotate`: replaces the keys.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn rotate_keys(
    access: SiteAccess<RotateSiteKey>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (site, generated) = (access.site.id, Keys::generate()?);
    let (new_keys, actor) = (generated.clone(), access.actor.clone());
    access.write(&app, move |tx| keys::rotate(tx, &actor, site, &new_keys)).await?;
    let form = SentForm::Keys { keys: generated, are_new: true };
    answer(&app, &request, &access, FormState::new(form)).await
}
