//! Account → Security: the second factor. It is set up by a QR code for an authenticator app, and switched on only
//! after a code of the app was typed.

use super::security::{SecurityFormState, answer, refuse};
use super::{ChangeNotice, check_password, post};
use crate::access::capability::UseOwnAccount;
use crate::access::requester::Requester;
use crate::access::second_factor;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::OwnAccount;
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::mail::templates::{Letters, Recipient};
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::store::users::{self, SecondFactor};
use crate::store::{devices, recovery_codes, sign_ins};
use crate::web::field::{self, Field};
use crate::web::sign_in::second_step;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
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

/// A second factor that is being set up.
pub struct SettingUp {
    letters: String,
    code: QrCode,
}

impl SettingUp {
    /// Returns the letters and the QR code of a user's secret.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when the address does not fit a QR code.
    pub fn new(secret: &[u8], username: &str) -> Result<Self> {
        let address = second_factor::address(secret, username)?;
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium);
        let code = code.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { letters: second_factor::letters(secret), code })
    }
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
    let secret = Some(second_factor::generate()?);
    answer(&app, &request, &account, SecurityFormState { secret, ..SecurityFormState::default() }).await
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
    let Some(secret) = second_factor::read(&form.secret).filter(|_| !is_on) else {
        return Ok(see_other("/account/security"));
    };
    match turn_on(&app, &request, &account, &secret, &form).await {
        Ok(codes) => {
            let notice = Some("The second factor is on. Your other browsers are signed out.");
            answer(
                &app,
                &request,
                &account,
                SecurityFormState { codes, notice, ..SecurityFormState::default() },
            )
            .await
        }
        Err(error) => refuse(&app, &request, &account, "factor", Some(secret), error).await,
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
    let Some(step) = second_factor::step_of(secret, &form.code, app.clock.now())? else {
        let sentence = "That is not the code that the app shows now. Is the clock of your phone right?";
        return Err(Error::invalid("code", sentence));
    };
    check_password(app, account, &form.password).await?;
    let factor = SecondFactor { secret: secret.to_vec(), step: Some(step) };
    let (codes, hashes) = new_codes()?;
    let (id, now, letters) = (account.user.user, app.clock.now(), app.letters.clone());
    let (session, device) =
        (account.token.clone(), cookie::read_device(request, Client::from_request(request, &app.config)));
    account
        .write(app, move |tx| {
            if users::second_factor(tx, id)?.is_some() {
                return Err(Error::invalid("code", "It is on already. Turn it off first."));
            }
            users::update_second_factor(tx, id, Some(&factor))?;
            recovery_codes::replace(tx, id, &hashes)?;
            sign_ins::delete_others(tx, id, &session)?;
            devices::delete_others(tx, id, device.as_ref())?;
            write_letter(tx, letters.as_ref(), id, true, now)
        })
        .await?;
    Ok(codes)
}

/// Writes the letter that the second factor was turned on or off.
fn write_letter(
    tx: &Transaction<'_>,
    letters: Option<&Letters>,
    id: UserId,
    is_on: bool,
    now: Timestamp,
) -> Result<()> {
    let user = users::get(tx, id)?;
    let mailing = letters.zip(user.mailbox());
    let letter = mailing.map(|(letters, mailbox)| {
        letters.second_factor_changed(Recipient { name: &user.username, address: mailbox }, is_on)
    });
    post(tx, letter.as_ref(), now)
}

/// Returns new recovery codes and their hashes, which are stored.
fn new_codes() -> Result<(Vec<String>, Vec<[u8; 32]>)> {
    let codes = second_factor::recovery_codes()?;
    let hashes = codes.iter().map(|code| second_factor::hash(code)).collect();
    Ok((codes, hashes))
}

/// Makes a change for a user who gives the password and a code: a stranger at a borrowed browser has no
/// phone, and neither has one who learned the password. Wrong codes are counted by session.
async fn change_with_code(
    app: &Data<App>,
    account: &OwnAccount<UseOwnAccount>,
    form: &SecondFactorForm,
    change: impl Fn(&Transaction<'_>) -> Result<()> + Send + 'static,
) -> Result<()> {
    check_password(app, account, &form.password).await?;
    let (id, now, code) = (account.user.user, app.clock.now(), form.code.clone());
    let session = Requester::holding(&account.token);
    let attempt = app.code_throttle.admit(&id.to_string(), session, now);
    let attempt = attempt.map_err(|error| Error::invalid("code", error.to_string()))?;
    let changed = account.write(app, move |tx| {
        if users::second_factor(tx, id)?.is_none() {
            return Err(Error::Missing("second factor"));
        }
        let is_right = second_factor::consume(tx, id, &code, now)?;
        if is_right {
            change(tx)?;
        }
        Ok(is_right)
    });
    let is_right = changed.await;
    if !matches!(is_right, Ok(false)) {
        app.code_throttle.give_back(&attempt);
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
    let (id, now, letters) = (account.user.user, app.clock.now(), app.letters.clone());
    let removed = change_with_code(&app, &account, &form, move |tx| {
        users::update_second_factor(tx, id, None)?;
        recovery_codes::replace(tx, id, &[])?;
        write_letter(tx, letters.as_ref(), id, false, now)
    });
    match removed.await {
        Ok(()) => Ok(see_other("/account/security?done=off")),
        Err(error) => refuse(&app, &request, &account, "remove", None, error).await,
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
    let id = account.user.user;
    let renewed = change_with_code(&app, &account, &form, move |tx| recovery_codes::replace(tx, id, &hashes));
    if let Err(error) = renewed.await {
        return refuse(&app, &request, &account, "codes", None, error).await;
    }
    let notice = Some("These are your recovery codes now. The earlier ones don't work any more.");
    answer(&app, &request, &account, SecurityFormState { codes, notice, ..SecurityFormState::default() })
        .await
}

/// Renders the section of a user whose second factor is on.
pub fn is_on(codes_left: i64, letter: &ChangeNotice<'_>, [renewing, removing]: [&[Problem]; 2]) -> Markup {
    html! {
        p { span.good { "✓ On." } " Signing in needs a code from your app. Recovery codes left: " b { (codes_left) } "." }
        details open[!renewing.is_empty()] {
            summary { "New recovery codes …" }
            p { "The codes you have now stop working." }
            form.settings method="post" action="/account/security/recovery-codes#second-factor" {
                (field::input_as("codes-password", &field::present_password("password"), renewing))
                (field::input_as("codes-code", &own_code(), renewing))
                button type="submit" { "Make new codes" }
            }
        }
        details.danger open[!removing.is_empty()] {
            summary { "Turn it off …" }
            p { "Your password alone is enough then." (letter.sentence()) }
            form.settings method="post" action="/account/security/second-factor/remove#second-factor" {
                (field::input_as("remove-password", &field::present_password("password"), removing))
                (field::input_as("remove-code", &own_code(), removing))
                button.warning type="submit" { "Turn off" }
            }
        }
    }
}

/// Returns the field for a code of the user's own second factor.
fn own_code() -> Field<'static> {
    Field {
        name: "code",
        label: "Code from your app",
        kind: "text",
        value: "",
        autocomplete: "one-time-code",
        help: Some("Six digits. Without your phone, type one of your recovery codes."),
        is_required: true,
    }
}

/// Renders the QR code and the form for the first code.
pub fn set_up(setting_up: &SettingUp, letter: &ChangeNotice<'_>, problems: &[Problem]) -> Markup {
    let code = Field {
        name: "code",
        label: "The code that the app shows now",
        kind: "text",
        value: "",
        autocomplete: "one-time-code",
        help: Some("Six digits."),
        is_required: true,
    };
    html! {
        ol.steps {
            li { "Open an authenticator app on your phone: Aegis, Google Authenticator, 1Password or any other." }
            li { "Let it read this picture, or type the letters below it." }
            li { "Type the code that it shows." }
        }
        (picture(&setting_up.code))
        p { code id="factor-secret" { (grouped(&setting_up.letters)) } " " button.small type="button" data-copy="factor-secret" hidden { "Copy" } }
        form.settings method="post" action="/account/security/second-factor/confirm#second-factor" {
            input type="hidden" name="secret" value=(setting_up.letters);
            (field::input(&code, problems))
            (field::input_as("factor-password", &field::present_password("password"), problems))
            p.help { "From then on signing in needs a code. Your other browsers are signed out." (letter.sentence()) }
            button.primary type="submit" { "Turn on" }
            " " a.button href="/account/security" { "Not now" }
        }
    }
}

/// Returns the letters in groups of four.
fn grouped(letters: &str) -> String {
    letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// Renders a QR code with its quiet zone of four modules (ISO/IEC 18004), dark on light in every theme.
fn picture(code: &QrCode) -> Markup {
    let size = code.size();
    let modules =
        (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let squares: Vec<String> = modules.map(|(x, y)| format!("M{} {}h1v1h-1z", x + 4, y + 4)).collect();
    html! {
        svg.qr viewBox={ "0 0 " (size + 8) " " (size + 8) } role="img" aria-label="QR code for the authenticator app" shape-rendering="crispEdges" {
            rect width="100%" height="100%" fill="#fff" {}
            path d=(squares.concat()) fill="#000" {}
        }
    }
}

/// Renders new recovery codes, which are shown only once.
pub fn codes(codes: &[String]) -> Markup {
    html! {
        section.card.codes {
            h2 { "Recovery codes" }
            p { "Keep them where your phone is not. Each works once instead of the app's code. " b { "They are shown this one time." } }
            pre id="recovery-codes" tabindex="0" { code { (codes.join("\n")) } }
            p { button type="button" data-copy="recovery-codes" hidden { "Copy" } }
        }
    }
}
