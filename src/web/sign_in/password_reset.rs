//! A new password by a mailed link. The request reveals nothing about who has an account: the answer is always the
//! same, and is sent before the account is looked up.

use crate::access::capability::OpenPublicPages;
use crate::access::password;
use crate::access::requester::Requester;
use crate::accounts::passwords;
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::Public;
use crate::http::errors::see_other;
use crate::http::requester;
use crate::limits;
use crate::log;
use crate::model::id::Token;
use crate::store::users;
use crate::web::layout::Frame;
use crate::web::layout::load;
use crate::web::sign_in;
use crate::web::ui::field::{self, Field};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form that requests a link.
#[derive(Deserialize)]
pub struct ResetRequest {
    #[serde(default)]
    username: String,
}

/// The form that sets the new password.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
}

/// The query of a link for a new password.
#[derive(Deserialize)]
pub struct ResetLinkQuery {
    /// The secret of a mailed link, which proves the address. The link that a parent account sees does not have it.
    #[serde(default)]
    letter: String,
}

/// The state of the first page.
enum View {
    /// The form, as typed, with its problem.
    Asking(String, Option<String>),
    /// The answer, the same for every name.
    Answered,
    /// The note that this server sends no mail.
    NoMail,
}

async fn frame(request: &HttpRequest) -> Result<Frame> {
    load::open_frame(request, "New password").await
}

/// `GET /reset`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(_: Public<OpenPublicPages>, app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let view = if app.mail.letters.is_some() { View::Asking(String::new(), None) } else { View::NoMail };
    Ok(load::html(page(&frame(&request).await?, &view)))
}

/// `POST /reset`: requests a link.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn request_link(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<ResetRequest>,
) -> Result<HttpResponse> {
    if app.mail.letters.is_none() {
        return Ok(load::html(page(&frame(&request).await?, &View::NoMail)));
    }
    let (tried, requester) = requester::for_name(&app, &request, &form.username).await?;
    if let Err(error) = app.throttles.resets.admit(&tried, requester, app.clock.now()) {
        let frame = frame(&request).await?;
        return sign_in::throttled::answer(error, |sentence| {
            let view = View::Asking(form.username.clone(), Some(sentence));
            load::html_with(StatusCode::TOO_MANY_REQUESTS, page(&frame, &view))
        });
    }
    let name = form.username.trim().to_owned();
    let background = app.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = write_letter(&background, name).await
            && let Some(left_out) = log::failure("reset", &error)
        {
            tracing::error!(%error, left_out, "a letter with a link for a new password was not written");
        }
    });
    Ok(load::html(page(&frame(&request).await?, &View::Answered)))
}

async fn write_letter(app: &Data<App>, name: String) -> Result<()> {
    let (token, now, letters) = (Token::generate()?, app.clock.now(), app.mail.letters.clone());
    let username = name.clone();
    // Unknown names cost no write: a flood of them delays nobody.
    if app.read(move |connection| users::find_meant(connection, &username)).await?.is_none() {
        return Ok(());
    }
    app.write(move |tx| {
        letters.as_ref().map_or(Ok(()), |letters| passwords::request_link(tx, letters, &name, &token, now))
    })
    .await
}

async fn check(app: &Data<App>, token: &str) -> Result<Token> {
    let (token, now) = (Token::known(token), app.clock.now());
    let link = token.clone();
    app.read(move |connection| passwords::check_link(connection, &link, now)).await?;
    Ok(token)
}

/// `GET /reset/{token}`: shows the form for the new password.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be read.
pub async fn open(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    link: Query<ResetLinkQuery>,
) -> Result<HttpResponse> {
    let token = check(&app, &token).await?;
    Ok(load::html(new_password_page(&frame(&request).await?, &token, &link.letter, &[])))
}

/// `POST /reset/{token}`: sets the new password.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, with `Error::Busy` when no password can be hashed now, and
/// when the data file cannot be written.
pub async fn change(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    link: Query<ResetLinkQuery>,
    form: Form<PasswordForm>,
) -> Result<HttpResponse> {
    let token = check(&app, &token).await?;
    if let Some(sentence) = password::problem(&form.password) {
        let problems = [Problem { field: "password".into(), sentence: sentence.into() }];
        let page = new_password_page(&frame(&request).await?, &token, &link.letter, &problems);
        return Ok(load::html_with(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    let hash = app.limited_work.hash_password(form.password.clone(), Requester::holding(&token)).await?;
    let (now, letters, letter) =
        (app.clock.now(), app.mail.letters.clone(), Token::known(link.letter.as_str()));
    app.write(move |tx| passwords::set_by_link(tx, letters.as_ref(), &token, &letter, &hash, now)).await?;
    Ok(see_other("/login?done=password"))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let name = Field {
        name: "username",
        label: "User name or e-mail",
        kind: "text",
        value: if let View::Asking(form, _) = view { form } else { "" },
        autocomplete: "username",
        help: None,
        is_required: true,
    };
    let hours = limits::RESET_LASTS.as_secs() / 3_600;
    frame.page(&html! {
        section.card.narrow {
            h1 { "Forgot your password?" }
            @match view {
                View::Asking(_, sentence) => {
                    @if let Some(sentence) = sentence { p.problem role="alert" { (sentence) } }
                    p { "You get a letter with a link that sets a new one." }
                    form method="post" action="/reset" {
                        (field::input(&name, &[]))
                        button.primary type="submit" { "Send the letter" }
                    }
                }
                View::Answered => {
                    p role="status" { "If there is such an account, a letter is on its way to its e-mail address. The link in it holds for " @if hours == 1 { "one hour" } @else { (hours) " hours" } " and works once." }
                    p.quiet { "Asked more than once? The letters of the last hour all work, and no more than " (limits::RESETS_PER_USER_MAX) " are sent in an hour." }
                    p.quiet { "Nothing there after some minutes? Check the spam folder, and whether you gave another address. We only send the link to a confirmed address: if yours isn't, whoever runs this server or manages your account can make one." }
                }
                View::NoMail => {
                    p { "This server sends no mail, so it can't send you a link." }
                    p { "Whoever runs it can set a new password, or make a link for you:" }
                    pre { code { "clickstead user password NAME\nclickstead user reset-link NAME" } }
                }
            }
            p { a href="/login" { "← Sign in" } }
        }
    })
}

fn new_password_page(frame: &Frame, token: &Token, letter: &str, problems: &[Problem]) -> Markup {
    let password = field::new_password("password", "New password");
    let action = passwords::reset_path(token, letter);
    frame.page(&html! {
        section.card.narrow {
            h1 { "Set a new password" }
            form method="post" action=(action) {
                (field::input(&password, problems))
                p.help { "Every browser that is signed in with the old one is signed out." }
                button.primary type="submit" { "Set it" }
            }
        }
    })
}
