//! The ways in which a site leaves its owner: a transfer, which the receiver must accept, or deletion with all its
//! data.

use super::Tabs;
use super::info::{self, InfoFormState};
use crate::access::audit::AuditAction;
use crate::access::capability::{Capability, DeleteSite, TransferSite};
use crate::app::{App, cleanup};
use crate::config::PublicUrl;
use crate::error::{Error, Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::errors::see_other;
use crate::mail::templates::{Letters, Recipient};
use crate::store::outbox::{self, Letter};
use crate::store::sites::{self, Site};
use crate::store::transfers::{self, Offer};
use crate::store::users;
use crate::web::field;
use crate::web::format::{self, Moment};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The state of a transfer or deletion, for the owner.
pub struct TransferState {
    offer: Option<Offer>,
    /// The letter about the offer that the owner has to send, on a server without mail.
    unsent: Option<Letter>,
    visits: i64,
}

impl TransferState {
    /// Returns the state for a caller who may transfer and delete the site; `None` for others.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn load<R>(
        app: &Data<App>,
        request: &HttpRequest,
        access: &SiteAccess<R>,
    ) -> Result<Option<Self>> {
        if !access.may(Capability::TransferSite) || !access.may(Capability::DeleteSite) {
            return Ok(None);
        }
        let (site, now) = (access.site.id, app.clock.now());
        let (offer, visits) = app
            .read(move |connection| {
                Ok((transfers::find(connection, site, now)?, sites::count_visits(connection, site)?))
            })
            .await?;
        let unsent = match (&offer, &app.letters) {
            (Some(offer), None) => {
                let home = PublicUrl::parse(&client::origin(request, &app.config))?;
                let recipient = Recipient { name: &offer.to, address: &offer.to };
                Some(Letters { home }.site_offered(recipient, &access.user.username, &access.site.domain))
            }
            _ => None,
        };
        Ok(Some(Self { offer, unsent, visits }))
    }
}

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
        return info::answer(
            &app,
            &request,
            &access,
            InfoFormState { problems, kept: name, ..InfoFormState::default() },
        )
        .await;
    }
    let (owner, domain, letters) = (access.user.clone(), access.site.domain.clone(), app.letters.clone());
    let actor = access.hand.clone();
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
        actor.note(tx, site, AuditAction::OfferSite, &name)
    });
    match offered.await {
        Ok(()) => Ok(see_other(&format!("{}#leaving", Tabs::path(site, "info")))),
        Err(error) => {
            let (problems, kept) = (error.problems()?, form.into_inner().to);
            info::answer(
                &app,
                &request,
                &access,
                InfoFormState { problems, kept, ..InfoFormState::default() },
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
    let actor = access.hand.clone();
    access
        .write(&app, move |tx| {
            if transfers::find(tx, site, actor.at)?.is_some() {
                actor.note(tx, site, AuditAction::WithdrawOffer, "")?;
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
        let kept = form.into_inner().domain;
        return info::answer(
            &app,
            &request,
            &access,
            InfoFormState { problems, kept, ..InfoFormState::default() },
        )
        .await;
    }
    let (site, domain, actor) = (access.site.id, access.site.domain.clone(), access.hand.clone());
    access
        .write(&app, move |tx| {
            sites::delete(tx, site)?;
            actor.note(tx, site, AuditAction::DeleteSite, &domain)
        })
        .await?;
    clear_soon(app);
    Ok(see_other("/"))
}

/// Deletes the data of removed sites in the background. If that is cut short, the scheduled task of the same name
/// finishes it.
pub fn clear_soon(app: Data<App>) {
    actix_web::rt::spawn(async move {
        if let Err(error) = cleanup::delete_removed_sites(&app).await {
            tracing::warn!(%error, "removed sites were not cleared yet");
        }
    });
}

/// Renders both sections at the end of the page.
pub fn sections(site: &Site, transfer: &TransferState, extra: &InfoFormState) -> Markup {
    let path = Tabs::path(site.id, "info");
    let problem = |name| field::problem(&extra.problems, name);
    let kept = |name| problem(name).map(|_| extra.kept.as_str());
    html! {
        section id="leaving" {
            h2 { "Give this site to another account" }
            @if let Some(offer) = &transfer.offer {
                p { "Offered to " b { (offer.to) } ", " (format::moment(&site.zone, offer.created_at, Moment::Full)) ". It is yours until they accept; the offer ends after a week." }
                @if let Some(letter) = &transfer.unsent {
                    p { "This server sends no mail. Tell them yourself:" }
                    (field::copyable(&letter.subject, "unsent-letter", &letter.text))
                }
                form method="post" action={ (path) "/transfer/withdraw" } { button type="submit" { "Withdraw the offer" } }
            } @else {
                p { "They get the site with everything counted there, and you have no access any more once they accept. Whoever it is shared with keeps their access. If there is no such account, nothing happens." }
                form.settings method="post" action={ (path) "/transfer#leaving" } {
                    label for="to" { "User name or e-mail address" }
                    div.with-button {
                        input id="to" name="to" type="text" value=[kept("to")] autocomplete="off" required aria-invalid=[problem("to").map(|_| "true")] aria-describedby=[problem("to").map(|_| "to-problem")];
                        button type="submit" { "Offer" }
                    }
                    @if let Some(sentence) = problem("to") { p.problem id="to-problem" role="alert" { (sentence) } }
                }
            }
        }
        section id="delete" {
            h2 { "Delete this site" }
            details.danger open[problem("delete_domain").is_some()] {
                summary { "Delete " (site.domain) " …" }
                p { "This deletes the site with its " (format::count(transfer.visits)) " visits, all that visitors did, its settings and its keys, for good. Page code that is still on your pages is answered “unknown site”. Backups that you made keep what they hold." }
                form.settings method="post" action={ (path) "/delete#delete" } {
                    label for="delete_domain" { "Type " b { (site.domain) } " to delete it" }
                    input id="delete_domain" name="domain" type="text" value=[kept("delete_domain")] autocomplete="off" required aria-invalid=[problem("delete_domain").map(|_| "true")] aria-describedby=[problem("delete_domain").map(|_| "delete_domain-problem")];
                    @if let Some(sentence) = problem("delete_domain") { p.problem id="delete_domain-problem" role="alert" { (sentence) } }
                    button.warning type="submit" { "Delete for good" }
                }
            }
        }
    }
}
