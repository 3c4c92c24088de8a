//! The sections of Site info in which its owner gives the site away or deletes it.

use super::super::Tabs;
use crate::access::capability::Capability;
use crate::app::App;
use crate::config::PublicUrl;
use crate::error::{Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::mail::templates::{Letters, Recipient};
use crate::store::outbox::Letter;
use crate::store::sites::{self, Site};
use crate::store::transfers::{self, Offer};
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use actix_web::HttpRequest;
use actix_web::web::Data;
use maud::{Markup, html};

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
        let unsent = match (&offer, &app.mail.letters) {
            (Some(offer), None) => {
                let home = PublicUrl::parse(&client::origin(request, &app.config))?;
                let recipient = Recipient { user: None, name: &offer.to, address: &offer.to };
                Some(Letters { home }.site_offered(recipient, &access.user.username, &access.site.domain))
            }
            _ => None,
        };
        Ok(Some(Self { offer, unsent, visits }))
    }
}

/// Renders both sections at the end of the page; `refused_text` is what a refused form of theirs holds.
pub fn sections(site: &Site, transfer: &TransferState, problems: &[Problem], refused_text: &str) -> Markup {
    let path = Tabs::path(site.id, "info");
    let problem = |name| field::problem(problems, name);
    let text = |name| problem(name).map(|_| refused_text);
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
                        input id="to" name="to" type="text" value=[text("to")] autocomplete="off" required aria-invalid=[problem("to").map(|_| "true")] aria-describedby=[problem("to").map(|_| "to-problem")];
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
                    input id="delete_domain" name="domain" type="text" value=[text("delete_domain")] autocomplete="off" required aria-invalid=[problem("delete_domain").map(|_| "true")] aria-describedby=[problem("delete_domain").map(|_| "delete_domain-problem")];
                    @if let Some(sentence) = problem("delete_domain") { p.problem id="delete_domain-problem" role="alert" { (sentence) } }
                    button.warning type="submit" { "Delete for good" }
                }
            }
        }
    }
}
