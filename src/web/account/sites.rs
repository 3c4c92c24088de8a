//! Account → Sites: the user's own sites, the sites offered to the user, and the sites shared with the user.

use super::page as tabbed;
use crate::access::capability::{LeaveSite, UseOwnAccount};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::{AccountAccess, SiteAccess};
use crate::http::errors::see_other;
use crate::model::id::SiteId;
use crate::model::level::Level;
use crate::sites::{ownership, sharing};
use crate::store::sites::{self, Site};
use crate::store::transfers::{self, Offered};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form that answers an offer.
#[derive(Deserialize)]
pub struct OfferForm {
    #[serde(default)]
    site: i64,
}

struct View {
    own: Vec<Site>,
    offered: Vec<Offered>,
    shared: Vec<(Site, Level)>,
    state: FormState<()>,
}

/// `GET /account/sites`: lists the sites.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let frame = load::frame(&app, &request, &account.user, "Your sites").await?;
    let (id, now) = (account.user.user, app.clock.now());
    let (own, offered, shared) = app
        .read(move |connection| {
            Ok((
                sites::list_of(connection, id)?,
                transfers::list_to(connection, id, now)?,
                sites::list_shared(connection, id)?,
            ))
        })
        .await?;
    let notices = [
        (
            "accepted",
            "The site is yours. Whoever had it before may still know its keys: make new ones under Site info if that matters.",
        ),
        (
            "accepted-untold",
            "The site is yours. Whoever had it before may still know its keys: make new ones under Site info if that matters. This server sends no mail: tell them yourself that you have accepted.",
        ),
        ("left", "You have no access to that site any more."),
        ("gone", "Nothing was changed: the offer was withdrawn, or is older than a week."),
        (
            "full",
            "Nothing was changed: your plan has no room for a further site. Ask whoever runs this server.",
        ),
        ("declined", "The offer is declined."),
    ];
    let view = View { own, offered, shared, state: FormState::opened((), &params, &notices) };
    Ok(view.state.response(page(&frame, &view)))
}

/// `POST /account/sites/accept`: takes over an offered site.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn accept(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    form: Form<OfferForm>,
) -> Result<HttpResponse> {
    let (site, user) = (SiteId(form.site), account.user.user);
    let (letters, actor) = (app.mail.letters.clone(), account.actor.clone());
    let accepted = account.write(&app, move |tx| ownership::accept(tx, &actor, site, user, letters.as_ref()));
    let is_told = app.mail.letters.is_some();
    redirect(accepted.await, if is_told { "accepted" } else { "accepted-untold" })
}

/// `POST /account/sites/decline`: declines an offered site.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn decline(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    form: Form<OfferForm>,
) -> Result<HttpResponse> {
    let (site, user, actor) = (SiteId(form.site), account.user.user, account.actor.clone());
    let declined = account.write(&app, move |tx| ownership::decline(tx, &actor, site, user));
    redirect(declined.await, "declined")
}

/// Redirects to the list with the outcome of an answer; an offer that was withdrawn meanwhile is no error.
fn redirect(outcome: Result<()>, done: &str) -> Result<HttpResponse> {
    let done = match outcome {
        Ok(()) => done,
        Err(Error::Missing(_)) => "gone",
        Err(Error::Invalid(_)) => "full",
        Err(error) => return Err(error),
    };
    Ok(form_state::done("/account/sites", done))
}

/// The path of the page after a user has left a site.
pub const LEFT: &str = "/account/sites?done=left";

/// `POST /sites/{site}/leave`: ends the caller's own access to a shared site.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn leave(access: SiteAccess<LeaveSite>, app: Data<App>) -> Result<HttpResponse> {
    let (site, user, actor) = (access.site.id, access.user.user, access.actor.clone());
    access.write(&app, move |tx| sharing::leave(tx, &actor, site, user)).await?;
    Ok(see_other(LEFT))
}

fn page(frame: &Frame, view: &View) -> Markup {
    tabbed(
        frame,
        "/account/sites",
        &html! {
            (view.state.notice())
            @if !view.offered.is_empty() {
                section {
                    h2 { "Offered to you" }
                    ul.plain.rows {
                        @for offer in &view.offered {
                            li {
                                div { b { (offer.name) } " " @if offer.name != offer.domain { span.quiet { (offer.domain) } } br; span.quiet { "from " (offer.owner) ", with everything counted there" } }
                                div.buttons {
                                    form method="post" action="/account/sites/accept" { input type="hidden" name="site" value=(offer.site); button.primary type="submit" { "Accept" } }
                                    form method="post" action="/account/sites/decline" { input type="hidden" name="site" value=(offer.site); button type="submit" { "Decline" } }
                                }
                            }
                        }
                    }
                }
            }
            section {
                h2 { "Your own" }
                @if view.own.is_empty() {
                    p { "You own no site yet." }
                } @else {
                    ul.plain.rows {
                        @for site in &view.own {
                            li {
                                div { b { a href={ "/sites/" (site.id) } { (site.name) } } @if site.name != site.domain { br; span.quiet { (site.domain) } } }
                                div.buttons { a.button href={ "/sites/" (site.id) "/preferences/info" } { "Settings" } }
                            }
                        }
                    }
                }
                @if frame.may_add_sites { p { a.button href="/sites/new" { "Add a site" } } }
            }
            @if !view.shared.is_empty() { (shared(&view.shared)) }
        },
    )
}

fn shared(sites: &[(Site, Level)]) -> Markup {
    html! {
        section id="shared" {
            h2 { "Shared with you" }
            ul.plain.rows {
                @for (site, level) in sites {
                    li {
                        div { b { a href={ "/sites/" (site.id) } { (site.name) } } " " span.tag { (level.title()) } @if site.name != site.domain { br; span.quiet { (site.domain) } } }
                        details {
                            summary { "Leave …" }
                            p { "You can't see it any more until somebody shares it with you again." }
                            form method="post" action={ "/sites/" (site.id) "/leave" } { button.warning type="submit" { "Leave" } }
                        }
                    }
                }
            }
        }
    }
}
