//! The confirmation of an e-mail address by a link in a letter. Until then the address cannot be used to sign in.
//! Opening the link changes nothing: mail programs open links too.

use crate::access::capability::{OpenPublicPages, UseOwnAccount};
use crate::accounts::email_confirmation::{self, UnconfirmedEmail};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::{OwnAccount, Public};
use crate::http::errors::see_other;
use crate::model::id::Token;
use crate::store::emails::EmailState;
use crate::store::users::User;
use crate::web::layout::load;
use crate::web::layout::{Frame, Theme};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// `POST /account/profile/prove`: sends the letter again. If none can be sent, the profile says why.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn send_again(account: OwnAccount<UseOwnAccount>, app: Data<App>) -> Result<HttpResponse> {
    let (id, now, letters, token) =
        (account.user.user, app.clock.now(), app.mail.letters.clone(), Token::generate()?);
    let is_sent = account
        .write(&app, move |tx| email_confirmation::send_link(tx, letters.as_ref(), id, &token, now))
        .await?;
    Ok(see_other(if is_sent { "/account/profile?done=sent" } else { "/account/profile" }))
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
    let user = app.read(move |connection| email_confirmation::owner(connection, &link, now)).await?;
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
    let user = app.write(move |tx| email_confirmation::confirm(tx, &link, now)).await?;
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
