//! Signing in, with one factor or two, and signing out. Unknown names take as long and get the same answer as known
//! ones. Failed tries are throttled by name and network, known devices separately, so that nobody locks another user
//! out.

mod admission;
pub mod invite;
mod page;
pub mod password_reset;
pub mod second_step;
pub mod setup;
pub mod throttled;

pub use admission::{admit, leave};

use self::page::{SignInPage, password_form};
use super::layout::load;
use crate::access::capability::{OpenPublicPages, UseOwnAccount};
use crate::access::requester::Turn;
use crate::accounts::sign_ins;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::{AccountAccess, Public};
use crate::http::failed_sign_in::{self, WrongCredential};
use crate::http::requester;
use crate::model::id::UserId;
use crate::store::users;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The query of the sign-in page.
#[derive(Deserialize)]
pub struct SignInQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    done: String,
}

/// The form.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// The result of checking a name and a password.
enum Outcome {
    Wrong,
    Right(UserId),
    /// The second factor is missing; with the password's hash at this time.
    Half(UserId, String),
}

/// Returns the sentence for a wrong name or password, the same for known and unknown names.
fn wrong(name: &str) -> String {
    let hint = " An e-mail address works once it is confirmed; your user name always does.";
    format!("The name or the password is not right.{}", if name.contains('@') { hint } else { "" })
}

/// `GET /login`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    request: HttpRequest,
    query: Query<SignInQuery>,
) -> Result<HttpResponse> {
    let notice = (query.done == "password").then_some("Your new password is set. Sign in with it.");
    let page = SignInPage { username: "", next: &query.next, problem: None, notice };
    Ok(load::html(password_form(&load::open_frame(&request, "Sign in").await?, &page)))
}

/// `POST /login`: checks name and password.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, and when the data file cannot be written.
pub async fn sign_in(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SignInForm>,
) -> Result<HttpResponse> {
    let frame = load::open_frame(&request, "Sign in").await?;
    let refused = |status, sentence: String| {
        let page =
            SignInPage { username: &form.username, next: &form.next, problem: Some(sentence), notice: None };
        load::html_with(status, password_form(&frame, &page))
    };
    let (name, requester) = requester::for_name(&app, &request, &form.username).await?;
    let attempt = match app.throttles.sign_ins.admit(&name, requester, app.clock.now()) {
        Ok(attempt) => attempt,
        Err(error) => {
            failed_sign_in::note_refused(&app, &request, WrongCredential::Password, &error);
            return throttled::answer(error, |sentence| refused(StatusCode::TOO_MANY_REQUESTS, sentence));
        }
    };
    let outcome = check(&app, &form, attempt.turn()).await;
    if !matches!(outcome, Ok(Outcome::Wrong)) {
        app.throttles.sign_ins.give_back(&attempt);
    }
    match outcome? {
        Outcome::Wrong => {
            failed_sign_in::note(&app, &request, WrongCredential::Password);
            Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, wrong(&form.username)))
        }
        Outcome::Right(user) => admission::enter(&app, &request, user, &form.next).await,
        Outcome::Half(user, hash) => {
            second_step::show_code_form(&app, &request, user, hash, requester.lane(), &form.next).await
        }
    }
}

/// `POST /logout`: ends the session.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub async fn sign_out(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let token = account.token;
    app.write(move |tx| sign_ins::sign_out(tx, &token)).await?;
    leave(&app, &request)
}

/// Checks a name and a password. A disabled user counts as unknown.
async fn check(app: &App, form: &SignInForm, turn: Turn) -> Result<Outcome> {
    let name = form.username.trim().to_owned();
    let credentials = app
        .read(move |connection| {
            let user = users::find_signing_in(connection, &name)?.filter(|user| user.disabled_at.is_none());
            user.map(|user| Ok((users::password(connection, user.id)?, user))).transpose()
        })
        .await?;
    let (hash, user) = credentials.unzip();
    let is_right = app.limited_work.check_password(form.password.clone(), hash.clone(), turn).await?;
    Ok(match user.filter(|_| is_right) {
        None => Outcome::Wrong,
        Some(user) if user.has_second_factor => Outcome::Half(user.id, hash.unwrap_or_default()),
        Some(user) => Outcome::Right(user.id),
    })
}
