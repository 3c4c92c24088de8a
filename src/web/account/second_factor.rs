//! Account → Security: the second factor. It is set up by a QR code for an authenticator app, and switched on only
//! after a code of the app was typed.

use super::check_password;
use super::security::{SentForm, answer, refuse};
use crate::access::capability::UseOwnAccount;
use crate::access::requester::Requester;
use crate::accounts::second_factor::{self, ThisBrowser};
use crate::accounts::second_factor_codes;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::OwnAccount;
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::store::users::{self, SecondFactor};
use crate::web::layout::form_state::{self, FormState};
use crate::web::sign_in::second_step;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::Transaction;
use serde::Deserialize;

/// The form that sets up, changes or switches off a second factor.
#[derive(Deserialize)]
pub struct SecondFactorForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    code: String,
}

/// Returns true if the user's second factor is on.
async fn is_on_for(app: &Data<App>, account: &OwnAccount<UseOwnAccount>) -> Result<bool> {
    let id = account.user.user;
    app.read(move |connection| Ok(users::second_factor(connection, id)?.is_some())).await
}

/// `POST /account/security/second-factor`: shows a new secret, which takes effect only once a code of it was typed.
///
/// # Errors
///
/// Fails when no random bytes are available and when the data file cannot be read.
pub async fn begin(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    if is_on_for(&app, &account).await? {
        return Ok(see_other("/account/security"));
    }
    let form = SentForm::SetUp { secret: second_factor_codes::generate()? };
    answer(&app, &request, &account, FormState::new(form)).await
}

/// `POST /account/security/second-factor/confirm`: switches the second factor on.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn confirm(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SecondFactorForm>,
) -> Result<HttpResponse> {
    // An active factor cannot be replaced: it is turned off first, with a code of its own.
    let is_on = is_on_for(&app, &account).await?;
    let Some(secret) = second_factor_codes::read(&form.secret).filter(|_| !is_on) else {
        return Ok(see_other("/account/security"));
    };
    match turn_on(&app, &request, &account, &secret, &form).await {
        Ok(codes) => {
            let notice = "The second factor is on. Your other browsers are signed out.";
            let state = FormState::changed(SentForm::NewCodes(codes), notice);
            answer(&app, &request, &account, state).await
        }
        Err(error) => refuse(&app, &request, &account, SentForm::SetUp { secret }, error).await,
    }
}

/// Turns the second factor on, signs out all other sessions and forgets all other devices: they had the
/// password alone. Returns the recovery codes.
async fn turn_on(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    secret: &[u8],
    form: &SecondFactorForm,
) -> Result<Vec<String>> {
    let Some(step) = second_factor_codes::step_of(secret, &form.code, app.clock.now())? else {
        let sentence = "That is not the code that the app shows now. Is the clock of your phone right?";
        return Err(Error::invalid("code", sentence));
    };
    check_password(app, account, &form.password).await?;
    let factor = SecondFactor { secret: secret.to_vec(), step: Some(step) };
    let (codes, hashes) = new_codes()?;
    let (id, now, letters) = (account.user.user, app.clock.now(), app.mail.letters.clone());
    let device = cookie::read_device(request, Client::from_request(request, &app.config));
    let browser = ThisBrowser { session: account.token.clone(), device };
    account
        .write(app, move |tx| {
            second_factor::turn_on(tx, letters.as_ref(), id, &factor, &hashes, &browser, now)
        })
        .await?;
    Ok(codes)
}

/// Returns new recovery codes and their hashes, which are stored.
fn new_codes() -> Result<(Vec<String>, Vec<[u8; 32]>)> {
    let codes = second_factor_codes::recovery_codes()?;
    let hashes = codes.iter().map(|code| second_factor_codes::hash(code)).collect();
    Ok((codes, hashes))
}

/// Makes a change, which uses up the code and returns false if it is wrong, for a user who gives the password and a code: a stranger at a borrowed browser has no
/// phone, and neither has one who learned the password. Wrong codes are counted by session.
async fn change_with_code(
    app: &Data<App>,
    account: &OwnAccount<UseOwnAccount>,
    form: &SecondFactorForm,
    change: impl Fn(&Transaction<'_>) -> Result<bool> + Send + 'static,
) -> Result<()> {
    check_password(app, account, &form.password).await?;
    let (id, now) = (account.user.user, app.clock.now());
    let session = Requester::holding(&account.token);
    let attempt = app.throttles.codes.admit(&id.to_string(), session, now);
    let attempt = attempt.map_err(|error| Error::invalid("code", error.to_string()))?;
    let is_right = account.write(app, change).await;
    if !matches!(is_right, Ok(false)) {
        app.throttles.codes.give_back(&attempt);
    }
    if is_right? {
        app.pending_sign_ins.forget_wrong(id);
        return Ok(());
    }
    second_step::note_wrong_code(app, id).await?;
    Err(Error::invalid("code", second_step::WRONG_CODE))
}

/// `POST /account/security/second-factor/remove`: switches the second factor off.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn remove(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SecondFactorForm>,
) -> Result<HttpResponse> {
    let (id, now, letters) = (account.user.user, app.clock.now(), app.mail.letters.clone());
    let code = form.code.clone();
    let removed = change_with_code(&app, &account, &form, move |tx| {
        second_factor::turn_off(tx, letters.as_ref(), id, &code, now)
    });
    match removed.await {
        Ok(()) => Ok(form_state::done("/account/security", "off")),
        Err(error) => refuse(&app, &request, &account, SentForm::TurnOff, error).await,
    }
}

/// `POST /account/security/recovery-codes`: replaces the recovery codes.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn renew_codes(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SecondFactorForm>,
) -> Result<HttpResponse> {
    let (codes, hashes) = new_codes()?;
    let (id, now, code) = (account.user.user, app.clock.now(), form.code.clone());
    let renewed = change_with_code(&app, &account, &form, move |tx| {
        second_factor::renew_recovery_codes(tx, id, &code, &hashes, now)
    });
    if let Err(error) = renewed.await {
        return refuse(&app, &request, &account, SentForm::RenewCodes, error).await;
    }
    let notice = "These are your recovery codes now. The earlier ones don't work any more.";
    let state = FormState::changed(SentForm::NewCodes(codes), notice);
    answer(&app, &request, &account, state).await
}
