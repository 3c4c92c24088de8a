//! Signing in, with one factor or two, and out. Unknown names take as long and are answered as known ones; failed tries are slowed down.

use super::account::preferences::start_page;
use super::field::{self, Field};
use super::frame::Frame;
use super::shell;
use crate::access::capability::{OpenPublicPages, UseOwnAccount};
use crate::access::second_factor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::entry::{Member, Open, browser_text};
use crate::http::reply::{retry_after, see_other};
use crate::id::{Token, UserId};
use crate::limits;
use crate::store::sign_ins::{self, Browser};
use crate::store::{outbox, preferences, sites, users};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// Where to go after signing in.
#[derive(Deserialize)]
pub struct Way {
    #[serde(default)]
    next: String,
    #[serde(default)]
    done: String,
}

/// The second form.
#[derive(Deserialize)]
pub struct TypedCode {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// The form.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

struct View<'a> {
    username: &'a str,
    next: &'a str,
    sentence: Option<String>,
    notice: Option<&'static str>,
}

/// What came of a name and a password.
enum Outcome {
    Wrong,
    Right(UserId),
    /// The second factor is missing; with the hash that the password had.
    Half(UserId, String),
}

const WRONG: &str = "The name or the password is not right.";

/// `GET /login`
pub async fn show(_: Open<OpenPublicPages>, request: HttpRequest, way: Query<Way>) -> Result<HttpResponse> {
    let notice = (way.done == "password").then_some("Your new password is set. Sign in with it.");
    let view = View { username: "", next: &way.next, sentence: None, notice };
    Ok(shell::html(page(&shell::open_frame(&request, "Sign in").await?, &view)))
}

/// `POST /login`
pub async fn sign_in(
    _: Open<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse> {
    let client = Client::of(&request, &app.config);
    let frame = shell::open_frame(&request, "Sign in").await?;
    let refused = |status, sentence: String| {
        let view =
            View { username: &typed.username, next: &typed.next, sentence: Some(sentence), notice: None };
        shell::html_with(status, page(&frame, &view))
    };
    let taken = match app.throttle.take(&typed.username, client.address, app.clock.now()) {
        Ok(taken) => taken,
        Err(error) => return wait(error, |sentence| refused(StatusCode::TOO_MANY_REQUESTS, sentence)),
    };
    match check(&app, &typed).await? {
        Outcome::Wrong => Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, WRONG.into())),
        Outcome::Right(user) => {
            app.throttle.give_back(&taken);
            enter(&app, &request, user, &typed.next).await
        }
        Outcome::Half(user, hash) => {
            app.throttle.give_back(&taken);
            let ticket = app.half_sign_ins.begin(user, hash, app.clock.now())?;
            Ok(shell::html(code_page(
                &frame,
                &CodeView { ticket: ticket.expose(), next: &typed.next, sentence: None },
            )))
        }
    }
}

/// `POST /login/code`: the second factor, after a password that was right.
pub async fn second_step(
    _: Open<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<TypedCode>,
) -> Result<HttpResponse> {
    let (ticket, now) = (Token::known(typed.ticket.clone()), app.clock.now());
    let frame = shell::open_frame(&request, "Sign in").await?;
    let Some((user, hash)) = app.half_sign_ins.take(&ticket, now) else {
        return Ok(begin_again(&frame, &typed));
    };
    let refused = |status, sentence: String| {
        let view = CodeView { ticket: &typed.ticket, next: &typed.next, sentence: Some(sentence) };
        shell::html_with(status, code_page(&frame, &view))
    };
    // Guesses are counted by person too: each password that is right gives new tickets.
    let address = Client::of(&request, &app.config).address;
    let taken = match app.code_throttle.take(&user.to_string(), address, now) {
        Ok(taken) => taken,
        Err(error) => return wait(error, |sentence| refused(StatusCode::TOO_MANY_REQUESTS, sentence)),
    };
    let code = typed.code.clone();
    let judged = app.write(move |tx| {
        // A new password, and whoever disables the account, end what the old one began.
        let known = users::get(tx, user)?;
        if known.disabled_at.is_some() || users::password(tx, user)? != hash {
            return Ok(None);
        }
        second_factor::take(tx, user, &code, now).map(Some)
    });
    match judged.await? {
        None => {
            app.half_sign_ins.end(&ticket);
            Ok(begin_again(&frame, &typed))
        }
        Some(false) => {
            if app.half_sign_ins.count_wrong(user) == limits::WRONG_CODES_TOLD {
                tell_of_wrong_codes(&app, user).await?;
            }
            let sentence =
                "That code is not right, or was used before. The app shows a new one every half minute.";
            Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, sentence.into()))
        }
        Some(true) => {
            app.code_throttle.give_back(&taken);
            app.half_sign_ins.end(&ticket);
            app.half_sign_ins.forget_wrong(user);
            enter(&app, &request, user, &typed.next).await
        }
    }
}

fn begin_again(frame: &Frame, typed: &TypedCode) -> HttpResponse {
    let sentence = Some("That took too long, or too many tries. Please begin again.".to_owned());
    let view = View { username: "", next: &typed.next, sentence, notice: None };
    shell::html_with(StatusCode::UNPROCESSABLE_ENTITY, page(frame, &view))
}

/// A form that was sent too often, with the time to wait; any other failure is passed on.
pub fn wait(error: Error, form: impl FnOnce(String) -> HttpResponse) -> Result<HttpResponse> {
    let Error::Throttled(time) = error else { return Err(error) };
    let mut response = form(error.to_string());
    let (name, value) = retry_after(time);
    let value = value.parse().map_err(|_| Error::Internal("a header".into()))?;
    response.headers_mut().insert(name, value);
    Ok(response)
}

/// Whoever types wrong codes again and again knows the password: its person should hear of that.
async fn tell_of_wrong_codes(app: &App, user: UserId) -> Result<()> {
    let (now, letters) = (app.clock.now(), app.letters.clone());
    app.write(move |tx| {
        let user = users::get(tx, user)?;
        let letter = letters.as_ref().map(|letters| letters.wrong_codes((&user.username, &user.email)));
        letter.map_or(Ok(()), |letter| outbox::create(tx, &letter, now))
    })
    .await
}

/// Signs somebody in and leads to where they wanted to go, or to where they begin.
async fn enter(app: &App, request: &HttpRequest, user: UserId, next: &str) -> Result<HttpResponse> {
    let next = local(next).to_owned();
    let place = if next == "/" {
        app.read(move |connection| {
            let known = sites::list_open_to(connection, user)?;
            Ok(start_page(&preferences::get(connection, user)?, &known).to_owned())
        })
        .await?
    } else {
        next
    };
    let mut response = see_other(&place);
    admit(app, request, user, &mut response).await?;
    Ok(response)
}

/// `POST /logout`
pub async fn sign_out(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let token = member.token;
    app.write(move |tx| sign_ins::delete(tx, &token)).await?;
    leave(&app, &request)
}

/// The answer to a browser whose sign-in has ended.
pub fn leave(app: &App, request: &HttpRequest) -> Result<HttpResponse> {
    let mut response = see_other("/login");
    let gone = cookie::signed_out(Client::of(request, &app.config));
    response.add_cookie(&gone).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response)
}

/// Who has this name and password. Somebody who is disabled has neither.
async fn check(app: &App, typed: &Typed) -> Result<Outcome> {
    let name = typed.username.trim().to_owned();
    let known = app
        .read(move |connection| {
            let user = users::find_by_name(connection, &name)?.filter(|user| user.disabled_at.is_none());
            user.map(|user| Ok((users::password(connection, user.id)?, user))).transpose()
        })
        .await?;
    let (hash, user) = known.unzip();
    let is_right = app.check_password(typed.password.clone(), hash.clone()).await?;
    Ok(match user.filter(|_| is_right) {
        None => Outcome::Wrong,
        Some(user) if user.has_second_factor => Outcome::Half(user.id, hash.unwrap_or_default()),
        Some(user) => Outcome::Right(user.id),
    })
}

/// Signs somebody in: a new token for this browser.
pub async fn admit(
    app: &App,
    request: &HttpRequest,
    user: UserId,
    response: &mut HttpResponse,
) -> Result<()> {
    let client = Client::of(request, &app.config);
    let (token, now, agent) = (Token::generate()?, app.clock.now(), browser_text(request));
    let (kept, address) = (token.clone(), client.address.to_string());
    app.write(move |tx| {
        sign_ins::create(tx, user, &kept, &Browser { agent: &agent, address: &address }, now)
    })
    .await?;
    let cookie = cookie::signed_in(client, &token);
    response.add_cookie(&cookie).map_err(|error| Error::Internal(error.to_string()))
}

/// A path of this server, or the list of sites: nobody is sent elsewhere by a link to the sign-in page.
fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path && is_plain { next } else { "/" }
}

fn page(frame: &Frame, view: &View<'_>) -> Markup {
    let name = Field {
        name: "username",
        label: "User name or e-mail",
        kind: "text",
        value: view.username,
        autocomplete: "username",
        help: None,
        is_required: true,
    };
    frame.page(&html! {
        section.card.narrow {
            h1 { "Sign in" }
            (field::notice(view.notice))
            @if let Some(sentence) = &view.sentence { p.problem role="alert" { (sentence) } }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(view.next);
                (field::input(&name, &[]))
                (field::input(&field::password("password", "Password"), &[]))
                button.primary type="submit" { "Sign in" }
            }
            p { a href="/reset" { "Forgot your password?" } " · " a href="/help" { "Help" } }
        }
    })
}

/// What the second page shows.
struct CodeView<'a> {
    ticket: &'a str,
    next: &'a str,
    sentence: Option<String>,
}

fn code_page(frame: &Frame, view: &CodeView<'_>) -> Markup {
    let code = Field {
        name: "code",
        label: "Code from your authenticator app",
        kind: "text",
        value: "",
        autocomplete: "one-time-code",
        help: Some("Six digits. Without your phone, type one of your recovery codes."),
        is_required: true,
    };
    frame.page(&html! {
        section.card.narrow {
            h1 { "One more step" }
            @if let Some(sentence) = &view.sentence { p.problem role="alert" { (sentence) } }
            form method="post" action="/login/code" {
                input type="hidden" name="ticket" value=(view.ticket);
                input type="hidden" name="next" value=(view.next);
                (field::input(&code, &[]))
                button.primary type="submit" { "Sign in" }
            }
            p { a href="/login" { "← Begin again" } }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(local("/sites/1/visitors?date=today"), "/sites/1/visitors?date=today");
        for elsewhere in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "javascript:x"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
    }
}
