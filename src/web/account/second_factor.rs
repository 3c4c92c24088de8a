//! Account → Security: the second factor. Set up by a picture that an authenticator app reads, and switched on only once
//! the app's code was typed.

use super::security::{Said, answer, refuse};
use super::{Letter, check_password, post};
use crate::access::capability::UseOwnAccount;
use crate::access::second_factor;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::entry::Personal;
use crate::http::reply::see_other;
use crate::store::recovery_codes;
use crate::store::users::{self, SecondFactor};
use crate::web::field::{self, Field};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;

/// A second factor that is being set up, changed or switched off.
#[derive(Deserialize)]
pub struct Factor {
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
    /// For a secret of somebody.
    pub fn new(secret: &[u8], username: &str) -> Result<Self> {
        let address = second_factor::address(secret, username)?;
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium);
        let code = code.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { letters: second_factor::letters(secret), code })
    }
}

/// `POST /account/security/second-factor`: a new secret, which counts only once its code was typed.
pub async fn begin(
    member: Personal<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let secret = Some(second_factor::generate()?);
    answer(&app, &request, &member, Said { secret, ..Said::default() }).await
}

/// `POST /account/security/second-factor/confirm`
pub async fn confirm(
    member: Personal<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Factor>,
) -> Result<HttpResponse> {
    let Some(secret) = second_factor::read(&typed.secret) else {
        return Ok(see_other("/account/security"));
    };
    let step = match check(&app, &member, (&secret, &typed)).await {
        Ok(step) => step,
        Err(error) => return refuse(&app, &request, &member, ("factor", Some(secret)), error).await,
    };
    let factor = SecondFactor { secret, step: Some(step) };
    let codes = set(&app, &member, Some(factor)).await?;
    let notice = Some("The second factor is on.");
    answer(&app, &request, &member, Said { codes, notice, ..Said::default() }).await
}

async fn check(
    app: &Data<App>,
    member: &Personal<UseOwnAccount>,
    (secret, typed): (&[u8], &Factor),
) -> Result<i64> {
    let step = second_factor::step_of(secret, &typed.code, app.clock.now())?;
    let Some(step) = step else {
        let sentence = "That is not the code that the app shows now. Is the clock of your phone right?";
        return Err(Error::invalid("code", sentence));
    };
    check_password(app, member, &typed.password).await?;
    Ok(step)
}

/// New recovery codes, and what is kept of them.
fn new_codes() -> Result<(Vec<String>, Vec<[u8; 32]>)> {
    let codes = second_factor::recovery_codes()?;
    let hashes = codes.iter().map(|code| second_factor::hash(code)).collect();
    Ok((codes, hashes))
}

/// Sets or removes the second factor; new recovery codes when it is set.
async fn set(
    app: &Data<App>,
    member: &Personal<UseOwnAccount>,
    factor: Option<SecondFactor>,
) -> Result<Vec<String>> {
    let (codes, hashes) = if factor.is_some() { new_codes()? } else { Default::default() };
    let (id, now, letters) = (member.user.user, app.clock.now(), app.letters.clone());
    member
        .write(app, move |tx| {
            let user = users::get(tx, id)?;
            users::update_second_factor(tx, id, factor.as_ref())?;
            recovery_codes::replace(tx, id, &hashes)?;
            let letter = letters.as_ref().map(|letters| {
                letters.second_factor_changed((&user.username, &user.email), factor.is_some())
            });
            post(tx, letter.as_ref(), now)
        })
        .await?;
    Ok(codes)
}

/// `POST /account/security/second-factor/remove`
pub async fn remove(
    member: Personal<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Factor>,
) -> Result<HttpResponse> {
    if let Err(error) = check_password(&app, &member, &typed.password).await {
        return refuse(&app, &request, &member, ("remove", None), error).await;
    }
    set(&app, &member, None).await?;
    Ok(see_other("/account/security?done=off"))
}

/// `POST /account/security/recovery-codes`
pub async fn renew_codes(
    member: Personal<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Factor>,
) -> Result<HttpResponse> {
    if let Err(error) = check_password(&app, &member, &typed.password).await {
        return refuse(&app, &request, &member, ("codes", None), error).await;
    }
    let (codes, hashes) = new_codes()?;
    let id = member.user.user;
    member
        .write(&app, move |tx| match users::second_factor(tx, id)? {
            Some(_) => recovery_codes::replace(tx, id, &hashes),
            None => Err(Error::Missing("second factor")),
        })
        .await?;
    let notice = Some("These are your recovery codes now. The earlier ones don't work any more.");
    answer(&app, &request, &member, Said { codes, notice, ..Said::default() }).await
}

/// What a person sees whose second factor is on.
pub fn is_on(codes_left: i64, letter: &Letter<'_>, [renewing, removing]: [&[Problem]; 2]) -> Markup {
    html! {
        p { span.good { "✓ On." } " Signing in needs a code from your app. Recovery codes left: " b { (codes_left) } "." }
        details open[!renewing.is_empty()] {
            summary { "New recovery codes …" }
            form.settings method="post" action="/account/security/recovery-codes" {
                (field::input_as("codes-password", &field::present_password("password"), renewing))
                button type="submit" { "Make new codes" }
            }
        }
        details.danger open[!removing.is_empty()] {
            summary { "Switch it off …" }
            p { "Your password alone is enough then." (letter.sentence()) }
            form.settings method="post" action="/account/security/second-factor/remove" {
                (field::input_as("remove-password", &field::present_password("password"), removing))
                button.warning type="submit" { "Switch it off" }
            }
        }
    }
}

/// The picture, and the form that takes the first code.
pub fn set_up(setting_up: &SettingUp, letter: &Letter<'_>, problems: &[Problem]) -> Markup {
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
            p.help { "Signing in needs a code from then on." (letter.sentence()) }
            button.primary type="submit" { "Switch it on" }
            " " a.button href="/account/security" { "Not now" }
        }
    }
}

/// Letters in groups of four.
fn grouped(letters: &str) -> String {
    letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// A QR code with its quiet zone of four modules (ISO/IEC 18004), dark on light whatever the theme.
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

/// Recovery codes, this once.
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
