//! The confirmation of an e-mail address by a link in a letter. Until then the address cannot be used to sign in.
//! Opening the link changes nothing: mail programs open links too.

use crate::access::capability::{OpenPublicPages, UseOwnAccount};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::{OwnAccount, Public};
use crate::http::errors::see_other;
use crate::limits;
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::model::email;
use crate::model::id::{Token, UserId};
use crate::store::email_confirmations::{self, Proof};
use crate::store::emails::{self, EmailState};
use crate::store::outbox;
use crate::store::users::{self, User};
use crate::web::layout::load;
use crate::web::layout::{Frame, Theme};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use rusqlite::{Connection, Transaction};

const GONE: Error = Error::Missing(
    "link: it was used, is older than three days, or the address was changed or confirmed by another account since",
);

/// The state of an unconfirmed address.
pub struct UnconfirmedEmail {
    /// True if a letter with a link can be requested.
    pub may_send_link: bool,
    /// True if this server sends mail.
    pub sends_mail: bool,
}

impl UnconfirmedEmail {
    /// Returns the state of a user's address; `None` if it is confirmed.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn find(connection: &Connection, app: &App, user: &User) -> Result<Option<Self>> {
        if user.has_proved_email() {
            return Ok(None);
        }
        let (sends_mail, now) = (app.mail.letters.is_some(), app.clock.now());
        let may_send_link = sends_mail && may_write(connection, user, now)?;
        Ok(Some(Self { may_send_link, sends_mail }))
    }
}

/// Returns true if a further link may go to a user's address: not while enough of them are valid, so that nobody fills
/// a stranger's mailbox, even with many accounts.
fn may_write(connection: &Connection, user: &User, now: Timestamp) -> Result<bool> {
    let may_be_proved = matches!(user.email_state, EmailState::Unproved | EmailState::Grandfathered);
    Ok(may_be_proved
        && email_confirmations::count(connection, user.id, now)? < limits::PROOFS_PER_USER_MAX
        && email_confirmations::count_to(connection, &user.email, now)? < limits::PROOFS_PER_MAILBOX_MAX)
}

/// Writes the letter with the link. Returns false, and writes nothing, if the server sends no mail, the address may
/// not be confirmed, or its mailbox has enough valid links.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn write_letter(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    token: &Token,
    now: Timestamp,
) -> Result<bool> {
    let user = users::get(tx, id)?;
    let Some(letters) = letters else { return Ok(false) };
    if !keep_link(tx, &user, token, now)? {
        return Ok(false);
    }
    let path = format!("/confirm/{}", token.expose());
    outbox::create(
        tx,
        &letters.prove_email(Recipient { name: &user.username, address: &user.email }, &path),
        now,
    )?;
    Ok(true)
}

/// Stores a link that confirms a user's address, for a letter; returns false if no further link may go there.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn keep_link(tx: &Transaction<'_>, user: &User, token: &Token, now: Timestamp) -> Result<bool> {
    let may_write = may_write(tx, user, now)?;
    if may_write {
        email_confirmations::create(
            tx,
            &Proof { user: Some(user.id), email: user.email.clone() },
            token,
            now,
        )?;
    }
    Ok(may_write)
}

/// Returns true if a link came in the letter of an invitation to this address, and deletes the link.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn came_by_letter(tx: &Transaction<'_>, link: &Token, email: &str, now: Timestamp) -> Result<bool> {
    let proof = email_confirmations::find(tx, link, now)?;
    let is_right =
        proof.is_some_and(|proof| proof.user.is_none() && email::key(&proof.email) == email::key(email));
    if is_right {
        email_confirmations::delete(tx, link)?;
    }
    Ok(is_right)
}

/// Confirms a user's address by a link that came in a letter to them, and deletes the link; other links are ignored.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn prove_by_letter(tx: &Transaction<'_>, link: &Token, id: UserId, now: Timestamp) -> Result<()> {
    match owner(tx, link, now) {
        Ok(user) if user.id == id => {
            email_confirmations::delete(tx, link)?;
            emails::prove(tx, id)
        }
        Ok(_) | Err(Error::Missing(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// `POST /account/profile/prove`: sends the letter again. If none can be sent, the profile says why.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn send_again(account: OwnAccount<UseOwnAccount>, app: Data<App>) -> Result<HttpResponse> {
    let (id, now, letters, token) =
        (account.user.user, app.clock.now(), app.mail.letters.clone(), Token::generate()?);
    let is_sent = account.write(&app, move |tx| write_letter(tx, letters.as_ref(), id, &token, now)).await?;
    Ok(see_other(if is_sent { "/account/profile?done=sent" } else { "/account/profile" }))
}

/// Returns the user whose address a link confirms, if it is still their address.
fn owner(connection: &Connection, link: &Token, now: Timestamp) -> Result<User> {
    let proof = email_confirmations::find(connection, link, now)?.ok_or(GONE)?;
    let user = users::get(connection, proof.user.ok_or(GONE)?)?;
    let is_theirs =
        email::key(&user.email) == email::key(&proof.email) && user.email_state != EmailState::Taken;
    if is_theirs { Ok(user) } else { Err(GONE) }
}

/// `GET /confirm/{token}`: shows the button that confirms an address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (link, now) = (Token::known(token.as_str()), app.clock.now());
    let user = app.read(move |connection| owner(connection, &link, now)).await?;
    Ok(load::html(page(&frame(&request), &user, Some(&token))))
}

/// `POST /confirm/{token}`: confirms an address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be written.
pub async fn confirm(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (link, now) = (Token::known(token.as_str()), app.clock.now());
    let user = app
        .write(move |tx| {
            let user = owner(tx, &link, now)?;
            emails::prove(tx, user.id)?;
            email_confirmations::delete(tx, &link)?;
            Ok(user)
        })
        .await?;
    Ok(load::html(page(&frame(&request), &user, None)))
}

fn frame(request: &HttpRequest) -> Frame {
    Frame::bare("Your e-mail address", Theme::from_cookie(request))
}

/// Renders the question with the form of a link; without a link, the result.
fn page(frame: &Frame, user: &User, link: Option<&str>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Your e-mail address" }
            @if let Some(link) = link {
                p { "Is " b { (user.email) } " your address, and are you the user " b { (user.username) } " here?" }
                p.help { "Then " b { (user.username) } " can sign in and set a new password with it, and sites shared with it go there. Other accounts that entered the address can't use it any more. If you are somebody else, close this page." }
                form method="post" action={ "/confirm/" (link) } { button.primary type="submit" { "Yes, confirm it" } }
            } @else {
                p role="status" { "✓ " b { (user.email) } " is confirmed as the address of the user " b { (user.username) } "." }
                p { a href="/" { "Your sites" } }
            }
        }
    })
}

/// Renders the profile's section about an unconfirmed address.
pub fn section(user: &User, unconfirmed: &UnconfirmedEmail) -> Markup {
    let (name, address) = (html! { b { (user.username) } }, html! { b { (user.email) } });
    if user.email_state == EmailState::Taken {
        return html! {
            section.card id="proof" {
                h2 { "Your address belongs to another account" }
                p { "Another account here has confirmed that " (address) " is theirs. You can't sign in with it, and no letters about your account go there. Sign in with your user name " (name) ", and enter another address below." }
            }
        };
    }
    html! {
        section.card id="proof" {
            h2 { "Your address is not confirmed yet" }
            @if user.email_state == EmailState::Grandfathered {
                p { "Nobody has shown so far that " (address) " is yours. You can sign in with it as before, but only until somebody else confirms that it's theirs. Your user name " (name) " always works." }
            } @else {
                p { "Nobody has shown so far that " (address) " is yours. Until you confirm it, sign in with your user name " (name) ": the address doesn't work there." }
            }
            p { "Links for a new password don't go to that address yet. If somebody shares a site with it, an invitation is made instead." }
            @if unconfirmed.may_send_link {
                p { "A letter to that address has a link that confirms it. Check the spam folder too." }
                form method="post" action="/account/profile/prove" { button type="submit" { "Send the letter again" } }
            } @else if unconfirmed.sends_mail {
                p { "Several letters with a link that confirms it are on their way or there already; a further one can be sent in some days. Check the spam folder too." }
            } @else {
                p { "This server sends no mail, so it can't ask there. Whoever runs it can confirm the address:" }
                pre { code { "clickstead user prove-email " (user.username) } }
            }
        }
    }
}
