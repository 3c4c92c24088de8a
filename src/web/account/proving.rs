//! Showing that an e-mail address is one's own: by a mailed link, which whoever reads that mailbox follows. Until then
//! nobody who means that address finds the account by it. A look at the link changes nothing: mail programs look too.

use crate::access::capability::{OpenPublicPages, UseOwnAccount};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::entry::{Open, Personal};
use crate::http::reply::see_other;
use crate::id::{Token, UserId};
use crate::limits;
use crate::mail::letters::Letters;
use crate::store::outbox;
use crate::store::proofs::{self, Proof};
use crate::store::users::{self, User};
use crate::web::frame::Frame;
use crate::web::shell;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use rusqlite::{Connection, Transaction};

const GONE: Error =
    Error::Missing("link: it was used, is older than three days, or the address was changed since");

/// What the profile says of an address.
pub struct Standing {
    /// A letter with a link can be asked for.
    pub may_ask: bool,
    /// Letters are sent at all.
    pub sends_mail: bool,
}

impl Standing {
    /// Of somebody whose address is not proved; none where it is.
    pub fn of(connection: &Connection, app: &App, user: &User) -> Result<Option<Self>> {
        if user.has_proved_email {
            return Ok(None);
        }
        let (sends_mail, now) = (app.letters.is_some(), app.clock.now());
        let may_ask = sends_mail && proofs::count(connection, user.id, now)? < limits::PROOFS_PER_USER_MAX;
        Ok(Some(Self { may_ask, sends_mail }))
    }
}

/// Writes the letter with the link, where mail is sent and the address is not proved: none while enough of them hold, so
/// that nobody fills a stranger's mailbox.
pub fn write_letter(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    (id, token): (UserId, &Token),
    now: crate::clock::Timestamp,
) -> Result<()> {
    let user = users::get(tx, id)?;
    let Some(letters) = letters.filter(|_| !user.has_proved_email) else { return Ok(()) };
    if proofs::count(tx, id, now)? >= limits::PROOFS_PER_USER_MAX {
        return Ok(());
    }
    proofs::create(tx, &Proof { user: Some(id), email: user.email.clone() }, token, now)?;
    let path = format!("/confirm/{}", token.expose());
    outbox::create(tx, &letters.prove_email((&user.username, &user.email), &path), now)
}

/// Whether a link came in the letter of an invitation to this address; it works once.
pub fn came_by_letter(
    tx: &Transaction<'_>,
    (link, email): (&Token, &str),
    now: crate::clock::Timestamp,
) -> Result<bool> {
    let proof = proofs::find(tx, link, now)?;
    let is_right = proof.is_some_and(|proof| proof.user.is_none() && proof.email.eq_ignore_ascii_case(email));
    if is_right {
        proofs::delete(tx, link)?;
    }
    Ok(is_right)
}

/// `POST /account/profile/prove`: the letter once more.
pub async fn send_again(member: Personal<UseOwnAccount>, app: Data<App>) -> Result<HttpResponse> {
    let (id, now, letters, token) =
        (member.user.user, app.clock.now(), app.letters.clone(), Token::generate()?);
    member.write(&app, move |tx| write_letter(tx, letters.as_ref(), (id, &token), now)).await?;
    Ok(see_other("/account/profile?done=sent"))
}

/// Whose address a link proves, as long as it is still theirs.
fn owner(connection: &Connection, link: &Token, now: crate::clock::Timestamp) -> Result<User> {
    let proof = proofs::find(connection, link, now)?.ok_or(GONE)?;
    let user = users::get(connection, proof.user.ok_or(GONE)?)?;
    if user.email.eq_ignore_ascii_case(&proof.email) { Ok(user) } else { Err(GONE) }
}

/// `GET /confirm/{token}`
pub async fn show(
    _: Open<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (link, now) = (Token::known(token.as_str()), app.clock.now());
    let user = app.read(move |connection| owner(connection, &link, now)).await?;
    Ok(shell::html(page(&frame(&request), &user, Some(&token))))
}

/// `POST /confirm/{token}`
pub async fn confirm(
    _: Open<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (link, now) = (Token::known(token.as_str()), app.clock.now());
    let user = app
        .write(move |tx| {
            let user = owner(tx, &link, now)?;
            users::update_proved_email(tx, user.id, true)?;
            proofs::delete(tx, &link)?;
            Ok(user)
        })
        .await?;
    Ok(shell::html(page(&frame(&request), &user, None)))
}

fn frame(request: &HttpRequest) -> Frame {
    Frame::bare("Your e-mail address", shell::theme(request))
}

/// The question, with the link that answers it; without a link, what came of it.
fn page(frame: &Frame, user: &User, link: Option<&str>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Your e-mail address" }
            @if let Some(link) = link {
                p { "Is " b { (user.email) } " your address, and are you the user " b { (user.username) } " here?" }
                p.help { "Sites that somebody shares with this address go to that user then. If you are somebody else, close this page." }
                form method="post" action={ "/confirm/" (link) } { button.primary type="submit" { "Yes, confirm it" } }
            } @else {
                p role="status" { "✓ " b { (user.email) } " is confirmed as the address of the user " b { (user.username) } "." }
                p { a href="/" { "Your sites" } }
            }
        }
    })
}

/// What the profile says of an address that is not proved.
pub fn section(user: &User, standing: &Standing) -> Markup {
    html! {
        section.card id="proof" {
            h2 { "Your address is not confirmed yet" }
            p { "Nobody has shown so far that " b { (user.email) } " is yours. You can sign in with it, and letters go there. But a site that somebody shares with that address does not come to you at once: an invitation is made for it instead." }
            @if standing.may_ask {
                p { "A letter to that address has a link that confirms it. Look into the spam folder too." }
                form method="post" action="/account/profile/prove" { button type="submit" { "Send the letter again" } }
            } @else if standing.sends_mail {
                p { "Several letters with a link that confirms it are on their way or there already; a further one can be sent in some days. Look into the spam folder too." }
            } @else {
                p { "This server sends no mail, so it can't ask there. Whoever runs it can confirm the address:" }
                pre { code { "clickstead user prove-email " (user.username) } }
            }
        }
    }
}
