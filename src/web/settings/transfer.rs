//! The ways in which a site leaves its owner: a transfer, which the receiver must accept, or deletion with all its
//! data.

use super::Tabs;
use super::info::page::{self, SentForm};
use crate::access::capability::{DeleteSite, TransferSite};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::jobs::delete_removed_sites;
use crate::sites::{ownership, removal};
use crate::web::layout::form_state::{self, FormState};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The form that offers the site to an account.
#[derive(Deserialize)]
pub struct TransferForm {
    #[serde(default)]
    to: String,
}

/// The form that confirms the deletion by the site's domain.
#[derive(Deserialize)]
pub struct DeleteSiteForm {
    #[serde(default)]
    domain: String,
}

/// `POST /sites/{site}/preferences/info/transfer`: offers the site.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn offer(
    access: SiteAccess<TransferSite>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<TransferForm>,
) -> Result<HttpResponse> {
    let (site, name) = (access.site.id, form.to.trim().to_owned());
    if let Err(error) = ownership::check_receiver(&name) {
        let state = FormState::refused(SentForm::Confirmation(name), error.problems()?);
        return page::answer(&app, &request, &access, state).await;
    }
    let (offered_site, letters, actor) =
        (access.site.clone(), app.mail.letters.clone(), access.actor.clone());
    let offered =
        access.write(&app, move |tx| ownership::offer(tx, &actor, &offered_site, &name, letters.as_ref()));
    match offered.await {
        Ok(()) => Ok(see_other(&format!("{}#leaving", Tabs::path(site, "info")))),
        Err(error) => {
            let state = FormState::refused(SentForm::Confirmation(form.into_inner().to), error.problems()?);
            page::answer(&app, &request, &access, state).await
        }
    }
}

/// `POST /sites/{site}/preferences/info/transfer/withdraw`: withdraws the offer.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn withdraw(access: SiteAccess<TransferSite>, app: Data<App>) -> Result<HttpResponse> {
    let site = access.site.id;
    let actor = access.actor.clone();
    access.write(&app, move |tx| ownership::withdraw(tx, &actor, site)).await?;
    Ok(form_state::done(&Tabs::path(site, "info"), "withdrawn"))
}

/// `POST /sites/{site}/preferences/info/delete`: deletes the site.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn delete(
    access: SiteAccess<DeleteSite>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<DeleteSiteForm>,
) -> Result<HttpResponse> {
    if let Err(error) = removal::check_confirmation(&access.site, &form.domain) {
        let state = FormState::refused(SentForm::Confirmation(form.into_inner().domain), error.problems()?);
        return page::answer(&app, &request, &access, state).await;
    }
    let (site, actor) = (access.site.clone(), access.actor.clone());
    access.write(&app, move |tx| removal::delete(tx, &actor, &site)).await?;
    clear_soon(app);
    Ok(see_other("/"))
}

/// Deletes the data of removed sites in the background. If that is cut short, the scheduled task of the same name
/// finishes it.
pub fn clear_soon(app: Data<App>) {
    actix_web::rt::spawn(async move {
        if let Err(error) = delete_removed_sites::delete_removed_sites(&app).await {
            tracing::warn!(%error, "removed sites were not cleared yet");
        }
    });
}
