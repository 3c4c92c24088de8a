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
use crate::accounts::sign_ins;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::{AccountAccess, Public};
use crate::http::password_check::{self, NameAndPassword, PasswordCheck};
use crate::http::requester;
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
    let counted = requester::for_name(&app, &request, &form.username).await?;
    let lane = counted.1.lane();
    let typed = NameAndPassword { name: &form.username, password: &form.password };
    match password_check::check(&app, &request, &typed, counted).await {
        Err(error) => throttled::answer(error, |sentence| refused(StatusCode::TOO_MANY_REQUESTS, sentence)),
        Ok(PasswordCheck::Wrong) => Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, wrong(&form.username))),
        Ok(PasswordCheck::Right(user, _)) => admission::enter(&app, &request, user.id, &form.next).await,
        Ok(PasswordCheck::SecondFactorNeeded(user, hash)) => {
            second_step::show_code_form(&app, &request, user.id, hash, lane, &form.next).await
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
