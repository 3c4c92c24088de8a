//! The second factor, after a right password. Wrong codes are counted by user and network, known devices separately;
//! those of unknown browsers are also counted together, since six digits can be guessed from many networks.

use super::admission::enter;
use super::page::{CodePage, SignInPage, code_form, password_form};
use super::throttled;
use crate::access::capability::OpenPublicPages;
use crate::access::requester::{Lane, Requester};
use crate::access::throttle::Attempt;
use crate::accounts::{second_factor, second_factor_codes};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::Public;
use crate::http::failed_sign_in::{self, WrongCredential};
use crate::http::requester;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use crate::web::layout::Frame;
use crate::web::layout::load;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The sentence for a code that is wrong or used.
pub const WRONG_CODE: &str =
    "That code is not right, or was used before. The app shows a new one every half minute.";

/// The form for the code of the second factor.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// Returns the form for the second factor, after a right password.
///
/// # Errors
///
/// Fails when no random bytes are available and when the data file cannot be read.
pub async fn show_code_form(
    app: &App,
    request: &HttpRequest,
    user: UserId,
    password: String,
    lane: Lane,
    next: &str,
) -> Result<HttpResponse> {
    let ticket = app.pending_sign_ins.begin(user, password, lane, app.clock.now())?;
    let frame = load::open_frame(request, "Sign in").await?;
    Ok(load::html(code_form(&frame, &CodePage { ticket: ticket.expose(), next, problem: None })))
}

/// `POST /login/code`: checks the code.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub async fn submit_code(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<CodeForm>,
) -> Result<HttpResponse> {
    let (ticket, now) = (Token::known(form.ticket.clone()), app.clock.now());
    let frame = load::open_frame(&request, "Sign in").await?;
    let Some((user, hash)) = app.pending_sign_ins.take(&ticket, now) else {
        return Ok(begin_again(&frame, &form));
    };
    let refused = |status, sentence: String| {
        let page = CodePage { ticket: &form.ticket, next: &form.next, problem: Some(sentence) };
        load::html_with(status, code_form(&frame, &page))
    };
    let (name, requester) = requester::for_user(&app, &request, user).await?;
    let attempts = match CodeAttempts::admit(&app, name, requester, &hash, &form.code, now) {
        Ok(attempts) => attempts,
        Err(error) => {
            failed_sign_in::note_refused(&app, &request, WrongCredential::Code, &error);
            return throttled::answer(error, |sentence| refused(StatusCode::TOO_MANY_REQUESTS, sentence));
        }
    };
    let code = form.code.clone();
    let judged = app.write(move |tx| second_factor::sign_in(tx, user, &hash, &code, now));
    match judged.await? {
        None => {
            app.pending_sign_ins.end(&ticket);
            Ok(begin_again(&frame, &form))
        }
        Some(false) => {
            failed_sign_in::note(&app, &request, WrongCredential::Code);
            note_wrong_code(&app, user).await?;
            Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, WRONG_CODE.into()))
        }
        Some(true) => {
            attempts.give_back(&app);
            app.pending_sign_ins.end(&ticket);
            app.pending_sign_ins.forget_wrong(user);
            enter(&app, &request, user, &form.next).await
        }
    }
}

/// The attempts that one code counts as.
struct CodeAttempts {
    own: Attempt,
    strangers: Option<Attempt>,
}

impl CodeAttempts {
    /// Admits the attempts. Those of all unknown browsers together start again with a new password: a guesser knows only
    /// the old one. Recovery codes are too long to guess, and are not counted among them.
    fn admit(
        app: &App,
        name: String,
        requester: Requester,
        password: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Self> {
        let own = app.throttles.codes.admit(&name, requester, now)?;
        let is_counted =
            requester.lane().is_strange() && !second_factor_codes::looks_like_recovery_code(code);
        let together = format!("{name} {password}");
        let strangers = is_counted
            .then(|| app.throttles.strangers_codes.admit(&together, Requester::Everybody, now))
            .transpose();
        match strangers {
            Ok(strangers) => Ok(Self { own, strangers }),
            Err(error) => {
                app.throttles.codes.give_back(&own);
                Err(error)
            }
        }
    }

    fn give_back(&self, app: &App) {
        app.throttles.codes.give_back(&self.own);
        if let Some(strangers) = &self.strangers {
            app.throttles.strangers_codes.give_back(strangers);
        }
    }
}

fn begin_again(frame: &Frame, form: &CodeForm) -> HttpResponse {
    let problem = Some("That took too long, or too many tries. Please begin again.".to_owned());
    let page = SignInPage { username: "", next: &form.next, problem, notice: None };
    load::html_with(StatusCode::UNPROCESSABLE_ENTITY, password_form(frame, &page))
}

/// Counts a wrong code. A client with many wrong codes in a row knows the password: the user gets a letter about it.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub async fn note_wrong_code(app: &App, user: UserId) -> Result<()> {
    if app.pending_sign_ins.count_wrong(user) != limits::WRONG_CODES_TOLD {
        return Ok(());
    }
    let (now, letters) = (app.clock.now(), app.mail.letters.clone());
    app.write(move |tx| second_factor::warn_of_wrong_codes(tx, letters.as_ref(), user, now)).await
}
