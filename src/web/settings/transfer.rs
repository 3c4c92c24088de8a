//! The ways in which a site leaves its owner: a transfer, which the receiver must accept, or deletion with all its
//! data.

use super::Tabs;
use super::info::page::{self, InfoFormState};
use crate::access::audit::AuditAction;
use crate::access::capability::{DeleteSite, TransferSite};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::jobs::delete_removed_sites;
use crate::mail::templates::Recipient;
use crate::store::outbox;
use crate::store::site_deletion;
use crate::store::transfers;
use crate::store::users;
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
    let (site, now, name) = (access.site.id, app.clock.now(), form.to.trim().to_owned());
    let sentence = match name.chars().count() {
        0 => Some("Enter the user name or the e-mail address of the account that gets the site."),
        255.. => Some("That is too long for a user name or an e-mail address."),
        _ => None,
    };
    if let Some(sentence) = sentence {
        let problems = vec![Problem { field: "to", sentence: sentence.into() }];
        return page::answer(
            &app,
            &request,
            &access,
            InfoFormState { problems, refused_text: name, ..InfoFormState::default() },
        )
        .await;
    }
    let (owner, domain, letters) =
        (access.user.clone(), access.site.domain.clone(), app.mail.letters.clone());
    let actor = access.actor.clone();
    let offered = access.write(&app, move |tx| {
        // The response does not reveal whether the account exists: the offer is stored either way.
        let user = users::find_meant(tx, &name)?;
        if user.as_ref().is_some_and(|user| user.id == owner.user) {
            return Err(Error::invalid("to", "The site is yours already."));
        }
        transfers::create(tx, site, &name, user.as_ref().map(|user| user.id), now)?;
        if let Some((user, letters)) = user.zip(letters.as_ref())
            && let Some(mailbox) = user.mailbox()
            && transfers::note_letter(tx, site, user.id, now)?
        {
            let letter = letters.site_offered(
                Recipient { name: &user.username, address: mailbox },
                &owner.username,
                &domain,
            );
            outbox::create(tx, &letter, now)?;
        }
        actor.record(tx, site, AuditAction::OfferSite, &name)
    });
    match offered.await {
        Ok(()) => Ok(see_other(&format!("{}#leaving", Tabs::path(site, "info")))),
        Err(error) => {
            let (problems, refused_text) = (error.problems()?, form.into_inner().to);
            page::answer(
                &app,
                &request,
                &access,
                InfoFormState { problems, refused_text, ..InfoFormState::default() },
            )
            .await
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
    access
        .write(&app, move |tx| {
            if transfers::find(tx, site, actor.at)?.is_some() {
                actor.record(tx, site, AuditAction::WithdrawOffer, "")?;
            }
            transfers::delete(tx, site)
        })
        .await?;
    Ok(see_other(&format!("{}?done=withdrawn", Tabs::path(site, "info"))))
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
    if !form.domain.trim().eq_ignore_ascii_case(&access.site.domain) {
        let sentence = format!("Type {} to delete it. Nothing was deleted.", access.site.domain);
        let problems = vec![Problem { field: "delete_domain", sentence }];
        let refused_text = form.into_inner().domain;
        return page::answer(
            &app,
            &request,
            &access,
            InfoFormState { problems, refused_text, ..InfoFormState::default() },
        )
        .await;
    }
    let (site, domain, actor) = (access.site.id, access.site.domain.clone(), access.actor.clone());
    access
        .write(&app, move |tx| {
            site_deletion::delete(tx, site)?;
            actor.record(tx, site, AuditAction::DeleteSite, &domain)
        })
        .await?;
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
