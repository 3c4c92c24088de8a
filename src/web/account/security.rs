//! Account → Security: the password, the second factor, and the browsers that are signed in.

use super::{knows_password, page as tabbed, post, problems_of, wrong_password};
use crate::access::capability::UseOwnAccount;
use crate::access::{account, second_factor};
use crate::app::App;
use crate::clock::{Timestamp, Zone};
use crate::error::{Error, Problem, Result};
use crate::http::entry::Member;
use crate::http::reply::see_other;
use crate::id;
use crate::ingest::agent::{self, Hints};
use crate::store::recovery_codes;
use crate::store::sign_ins::{self, SignIn};
use crate::store::users::{self, SecondFactor, User};
use crate::web::asked::Asked;
use crate::web::field::{self, Field};
use crate::web::format::{self, Moment};
use crate::web::frame::Frame;
use crate::web::{shell, sign_in};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;

/// A new password.
#[derive(Deserialize)]
pub struct NewPassword {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

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

/// Sign-ins that end: one by its hash, or all others.
#[derive(Deserialize)]
pub struct Ended {
    #[serde(default)]
    sign_in: String,
}

/// What a page of this screen says beside what is stored.
#[derive(Default)]
struct Said {
    problems: Vec<Problem>,
    /// The form that has them.
    form: &'static str,
    /// A second factor that is being set up.
    secret: Option<Vec<u8>>,
    /// Recovery codes, to be shown this once.
    codes: Vec<String>,
    notice: Option<&'static str>,
}

struct View {
    user: User,
    codes_left: i64,
    sign_ins: Vec<SignInView>,
    sends_mail: bool,
    setting_up: Option<SettingUp>,
    said: Said,
}

struct SettingUp {
    letters: String,
    code: QrCode,
}

struct SignInView {
    id: String,
    browser: String,
    address: String,
    created_at: Timestamp,
    seen_at: Timestamp,
    is_this: bool,
}

/// `GET /account/security`
pub async fn show(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    asked: Asked,
) -> Result<HttpResponse> {
    let notice = match asked.get("done") {
        Some("password") => Some("Your password is changed. Other browsers are signed out."),
        Some("off") => Some("The second factor is off. Your password alone is enough."),
        Some("ended") => Some("Signed out there."),
        _ => None,
    };
    answer(&app, &request, &member, Said { notice, ..Said::default() }).await
}

/// `POST /account/security/password`
pub async fn change_password(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<NewPassword>,
) -> Result<HttpResponse> {
    match set_password(&app, &request, &member, &typed).await {
        Ok(()) => {
            let mut response = see_other("/account/security?done=password");
            sign_in::admit(&app, &request, member.user.user, &mut response).await?;
            Ok(response)
        }
        Err(error) => refuse(&app, &request, &member, ("password", None), error).await,
    }
}

async fn set_password(
    app: &Data<App>,
    request: &HttpRequest,
    member: &Member<UseOwnAccount>,
    typed: &NewPassword,
) -> Result<()> {
    if let Some(sentence) = account::password(&typed.new_password) {
        return Err(Error::invalid("new_password", sentence));
    }
    if !knows_password(app, request, &member.user, &typed.password).await? {
        return Err(Error::Invalid(vec![wrong_password()]));
    }
    let hash = app.hash_password(typed.new_password.clone()).await?;
    let (id, now, letters) = (member.user.user, app.clock.now(), app.letters.clone());
    app.write(move |tx| {
        let user = users::get(tx, id)?;
        users::update_password(tx, id, &hash)?;
        let letter = letters.as_ref().map(|letters| letters.password_changed((&user.username, &user.email)));
        post(tx, letter.as_ref(), now)
    })
    .await
}

/// `POST /account/security/second-factor`: a new secret, which counts only once its code was typed.
pub async fn begin_factor(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let secret = Some(second_factor::generate()?);
    answer(&app, &request, &member, Said { secret, ..Said::default() }).await
}

/// `POST /account/security/second-factor/confirm`
pub async fn confirm_factor(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Factor>,
) -> Result<HttpResponse> {
    let Some(secret) = second_factor::read(&typed.secret) else {
        return Ok(see_other("/account/security"));
    };
    let step = match check_factor(&app, &request, &member, (&secret, &typed)).await {
        Ok(step) => step,
        Err(error) => return refuse(&app, &request, &member, ("factor", Some(secret)), error).await,
    };
    let factor = SecondFactor { secret, step: Some(step) };
    let codes = set_factor(&app, &member, Some(factor)).await?;
    let notice = Some("The second factor is on.");
    answer(&app, &request, &member, Said { codes, notice, ..Said::default() }).await
}

async fn check_factor(
    app: &Data<App>,
    request: &HttpRequest,
    member: &Member<UseOwnAccount>,
    (secret, typed): (&[u8], &Factor),
) -> Result<i64> {
    let step = second_factor::step_of(secret, &typed.code, app.clock.now())?;
    let Some(step) = step else {
        let sentence = "That is not the code that the app shows now. Is the clock of your phone right?";
        return Err(Error::invalid("code", sentence));
    };
    if !knows_password(app, request, &member.user, &typed.password).await? {
        return Err(Error::Invalid(vec![wrong_password()]));
    }
    Ok(step)
}

/// Sets or removes the second factor; new recovery codes when it is set.
async fn set_factor(
    app: &Data<App>,
    member: &Member<UseOwnAccount>,
    factor: Option<SecondFactor>,
) -> Result<Vec<String>> {
    let codes = if factor.is_some() { second_factor::recovery_codes()? } else { Vec::new() };
    let hashes: Vec<_> = codes.iter().map(|code| second_factor::hash(code)).collect();
    let (id, now, letters) = (member.user.user, app.clock.now(), app.letters.clone());
    app.write(move |tx| {
        let user = users::get(tx, id)?;
        users::update_second_factor(tx, id, factor.as_ref())?;
        recovery_codes::replace(tx, id, &hashes)?;
        let letter = letters
            .as_ref()
            .map(|letters| letters.second_factor_changed((&user.username, &user.email), factor.is_some()));
        post(tx, letter.as_ref(), now)
    })
    .await?;
    Ok(codes)
}

/// `POST /account/security/second-factor/remove`
pub async fn remove_factor(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Factor>,
) -> Result<HttpResponse> {
    match knows_password(&app, &request, &member.user, &typed.password).await {
        Ok(true) => {
            set_factor(&app, &member, None).await?;
            Ok(see_other("/account/security?done=off"))
        }
        Ok(false) => {
            let error = Error::Invalid(vec![wrong_password()]);
            refuse(&app, &request, &member, ("remove", None), error).await
        }
        Err(error) => refuse(&app, &request, &member, ("remove", None), error).await,
    }
}

/// `POST /account/security/recovery-codes`
pub async fn renew_codes(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    typed: Form<Factor>,
) -> Result<HttpResponse> {
    match knows_password(&app, &request, &member.user, &typed.password).await {
        Ok(true) => {
            let codes = second_factor::recovery_codes()?;
            let hashes: Vec<_> = codes.iter().map(|code| second_factor::hash(code)).collect();
            let id = member.user.user;
            app.write(move |tx| match users::second_factor(tx, id)? {
                Some(_) => recovery_codes::replace(tx, id, &hashes),
                None => Err(Error::Missing("second factor")),
            })
            .await?;
            let notice = Some("These are your recovery codes now. The earlier ones don't work any more.");
            answer(&app, &request, &member, Said { codes, notice, ..Said::default() }).await
        }
        Ok(false) => {
            let error = Error::Invalid(vec![wrong_password()]);
            refuse(&app, &request, &member, ("codes", None), error).await
        }
        Err(error) => refuse(&app, &request, &member, ("codes", None), error).await,
    }
}

/// `POST /account/security/sign-out`
pub async fn end_sign_ins(
    member: Member<UseOwnAccount>,
    app: Data<App>,
    typed: Form<Ended>,
) -> Result<HttpResponse> {
    let (id, token) = (member.user.user, member.token.clone());
    if typed.sign_in == "others" {
        app.write(move |tx| sign_ins::delete_others(tx, id, &token)).await?;
    } else {
        // One that has ended meanwhile is where it should be.
        let Some(hash) = id::unhex(&typed.sign_in) else { return Ok(see_other("/account/security")) };
        app.write(move |tx| sign_ins::delete_one(tx, id, &hash)).await?;
    }
    Ok(see_other("/account/security?done=ended"))
}

async fn refuse(
    app: &Data<App>,
    request: &HttpRequest,
    member: &Member<UseOwnAccount>,
    (form, secret): (&'static str, Option<Vec<u8>>),
    error: Error,
) -> Result<HttpResponse> {
    let problems = problems_of(error)?;
    answer(app, request, member, Said { problems, form, secret, ..Said::default() }).await
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    member: &Member<UseOwnAccount>,
    said: Said,
) -> Result<HttpResponse> {
    let frame = shell::frame(app, request, &member.user, "Security").await?;
    let (id, now) = (member.user.user, app.clock.now());
    let (user, codes_left, sign_ins) = app
        .read(move |connection| {
            Ok((
                users::get(connection, id)?,
                recovery_codes::count(connection, id)?,
                sign_ins::list(connection, id, now)?,
            ))
        })
        .await?;
    let own = member.token.hash();
    let setting_up = match &said.secret {
        Some(secret) => {
            let address = second_factor::address(secret, &user.username)?;
            let code = QrCode::encode_text(&address, QrCodeEcc::Medium);
            let code = code.map_err(|error| Error::Internal(error.to_string()))?;
            Some(SettingUp { letters: second_factor::letters(secret), code })
        }
        None => None,
    };
    let status = if said.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = View {
        user,
        codes_left,
        sign_ins: sign_ins.iter().map(|sign_in| SignInView::of(sign_in, own)).collect(),
        sends_mail: app.letters.is_some(),
        setting_up,
        said,
    };
    Ok(shell::html_with(status, page(&frame, &view)))
}

impl SignInView {
    fn of(sign_in: &SignIn, own: [u8; 32]) -> Self {
        let agent = agent::parse(&sign_in.agent, &Hints::default());
        Self {
            id: id::hex(&sign_in.hash),
            browser: format!("{} on {}", agent.browser, agent.system),
            address: sign_in.address.clone(),
            created_at: sign_in.created_at,
            seen_at: sign_in.seen_at,
            is_this: sign_in.hash == own,
        }
    }
}

impl View {
    fn problems(&self, form: &str) -> &[Problem] {
        if self.said.form == form { &self.said.problems } else { &[] }
    }
}

fn page(frame: &Frame, view: &View) -> Markup {
    let new = Field {
        name: "new_password",
        label: "New password",
        kind: "password",
        value: "",
        autocomplete: "new-password",
        help: Some("10 characters or more."),
        is_required: true,
    };
    tabbed(
        frame,
        "/account/security",
        &html! {
            (field::notice(view.said.notice))
            @if !view.said.codes.is_empty() { (codes(&view.said.codes)) }
            section id="password-section" {
                h2 { "Password" }
                form.settings method="post" action="/account/security/password" {
                    input.hidden type="text" name="username" value=(view.user.username) autocomplete="username" readonly tabindex="-1" aria-hidden="true";
                    (field::input_as("change-password", &field::present_password("password"), view.problems("password")))
                    (field::input(&new, view.problems("password")))
                    p.help { "Other browsers are signed out." @if view.sends_mail { " A letter to " (view.user.email) " says that it was changed." } @else { " This server sends no mail: no letter will say so." } }
                    button type="submit" { "Change the password" }
                }
            }
            section id="second-factor" {
                h2 { "Second factor" }
                @if let Some(setting_up) = &view.setting_up { (set_up(setting_up, view.problems("factor"))) }
                @else if view.user.has_second_factor { (factor_on(view)) }
                @else {
                    p { "With a second factor, signing in needs a code from an app on your phone too. Whoever learns your password still can't get in." }
                    form method="post" action="/account/security/second-factor#second-factor" { button type="submit" { "Set up" } }
                }
            }
            section id="sign-ins" {
                h2 { "Signed-in browsers" }
                ul.plain.rows {
                    @for sign_in in &view.sign_ins { (sign_in_row(sign_in)) }
                }
                @if view.sign_ins.len() > 1 {
                    form method="post" action="/account/security/sign-out" { input type="hidden" name="sign_in" value="others"; button type="submit" { "Sign out everywhere else" } }
                }
            }
        },
    )
}

fn sign_in_row(sign_in: &SignInView) -> Markup {
    let utc = Zone::utc();
    html! {
        li {
            div {
                b { (sign_in.browser) } @if sign_in.is_this { " " span.tag { "this browser" } }
                br;
                span.quiet { "From " (sign_in.address) ", last used " (format::moment(&utc, sign_in.seen_at, Moment::Full)) ", signed in " (format::moment(&utc, sign_in.created_at, Moment::Full)) }
            }
            @if !sign_in.is_this {
                form method="post" action="/account/security/sign-out" { input type="hidden" name="sign_in" value=(sign_in.id); button type="submit" { "Sign out" } }
            }
        }
    }
}

fn factor_on(view: &View) -> Markup {
    html! {
        p { span.good { "✓ On." } " Signing in needs a code from your app. Recovery codes left: " b { (view.codes_left) } "." }
        details open[!view.problems("codes").is_empty()] {
            summary { "New recovery codes …" }
            form.settings method="post" action="/account/security/recovery-codes" {
                (field::input_as("codes-password", &field::present_password("password"), view.problems("codes")))
                button type="submit" { "Make new codes" }
            }
        }
        details.danger open[!view.problems("remove").is_empty()] {
            summary { "Switch it off …" }
            p { "Your password alone is enough then." }
            form.settings method="post" action="/account/security/second-factor/remove" {
                (field::input_as("remove-password", &field::present_password("password"), view.problems("remove")))
                button.warning type="submit" { "Switch it off" }
            }
        }
    }
}

fn set_up(setting_up: &SettingUp, problems: &[Problem]) -> Markup {
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

fn codes(codes: &[String]) -> Markup {
    html! {
        section.card.codes {
            h2 { "Recovery codes" }
            p { "Keep them where your phone is not. Each works once instead of the app's code. " b { "They are shown this one time." } }
            pre id="recovery-codes" tabindex="0" { code { (codes.join("\n")) } }
            p { button type="button" data-copy="recovery-codes" hidden { "Copy" } }
        }
    }
}
