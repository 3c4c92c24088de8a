//! Account → Security: the password, the signed-in browsers, and the page around the second factor.

use super::devices::{self, DeviceView};
use super::second_factor_section::{self, NewFactor};
use super::{ChangeNotice, check_password, page as tabbed, problems_of};
use crate::access::audit::{self as acts, AuditAction};
use crate::access::capability::UseOwnAccount;
use crate::access::password;
use crate::access::requester::Requester;
use crate::accounts::{passwords, sign_ins as session_acts};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::OwnAccount;
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id;
use crate::store::audit::{self, AuditEntry};
use crate::store::devices as known_devices;
use crate::store::recovery_codes;
use crate::store::sign_ins::{self, SignIn};
use crate::store::users::{self, User};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::sign_in;
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use rusqlite::Transaction;
use serde::Deserialize;

/// The form that changes the password.
#[derive(Deserialize)]
pub struct ChangePasswordForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

/// The form that ends sign-ins: one by its hash, `others`, or `all`.
#[derive(Deserialize)]
pub struct SignOutForm {
    #[serde(default)]
    sign_in: String,
}

const PATH: &str = "/account/security";

/// The form of the page that was sent, and what the page shows of it.
#[derive(Default)]
pub enum SentForm {
    /// None of them.
    #[default]
    None,
    /// The refused change of the password.
    Password,
    /// A second factor that is being set up.
    SetUp { secret: Vec<u8> },
    /// New recovery codes, which are shown only once.
    NewCodes(Vec<String>),
    /// The refused renewal of the recovery codes.
    RenewCodes,
    /// The refused end of the second factor.
    TurnOff,
}

struct View {
    user: User,
    codes_left: i64,
    sign_ins: Vec<SignInView>,
    devices: Vec<DeviceView>,
    sends_mail: bool,
    new_factor: Option<NewFactor>,
    /// The newest link for a new password that the account's parent made.
    reset: Option<AuditEntry>,
    state: FormState<SentForm>,
}

struct SignInView {
    id: String,
    browser: String,
    address: String,
    created_at: Timestamp,
    seen_at: Timestamp,
    is_this: bool,
}

/// `GET /account/security`: shows the forms and lists.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("password", "Your password is changed. Other browsers are signed out."),
        ("off", "The second factor is off. Your password alone is enough."),
        ("ended", "Signed out there."),
        ("ended-others", "Signed out everywhere else."),
        ("forgotten", "Forgotten. Signing in there counts as a new browser."),
    ];
    answer(&app, &request, &account, FormState::opened(SentForm::None, &params, &notices)).await
}

/// `POST /account/security/password`: changes the password.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn change_password(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<ChangePasswordForm>,
) -> Result<HttpResponse> {
    match set_password(&app, &account, &form).await {
        Ok(()) => {
            let mut response = form_state::done(PATH, "password");
            sign_in::admit(&app, &request, account.user.user, &mut response).await?;
            Ok(response)
        }
        Err(error) => refuse(&app, &request, &account, SentForm::Password, error).await,
    }
}

async fn set_password(
    app: &Data<App>,
    account: &OwnAccount<UseOwnAccount>,
    form: &ChangePasswordForm,
) -> Result<()> {
    if let Some(sentence) = password::problem(&form.new_password) {
        return Err(Error::invalid("new_password", sentence));
    }
    check_password(app, account, &form.password).await?;
    let hash =
        app.limited_work.hash_password(form.new_password.clone(), Requester::holding(&account.token)).await?;
    let (id, now, letters) = (account.user.user, app.clock.now(), app.mail.letters.clone());
    account.write(app, move |tx| passwords::change(tx, letters.as_ref(), id, &hash, now)).await
}

/// `POST /account/security/sign-out`: ends sign-ins.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn end_sign_ins(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SignOutForm>,
) -> Result<HttpResponse> {
    let (id, token) = (account.user.user, account.token.clone());
    let device = cookie::read_device(&request, Client::from_request(&request, &app.config));
    if form.sign_in == "all" {
        account.write(&app, move |tx| session_acts::sign_out_everywhere(tx, id)).await?;
        return sign_in::leave(&app, &request);
    }
    if form.sign_in == "others" {
        let end =
            move |tx: &Transaction<'_>| session_acts::sign_out_elsewhere(tx, id, &token, device.as_ref());
        account.write(&app, end).await?;
        return Ok(form_state::done(PATH, "ended-others"));
    }
    // A sign-in that has ended meanwhile needs no error.
    let Some(hash) = id::unhex(&form.sign_in) else { return Ok(see_other(PATH)) };
    account.write(&app, move |tx| session_acts::end_sign_in(tx, id, &hash)).await?;
    Ok(form_state::done(PATH, "ended"))
}

/// Returns the page with the problems of a form.
///
/// # Errors
///
/// Fails with the error itself when it is neither `Error::Throttled` nor `Error::Invalid`, and when the data file
/// cannot be read.
pub async fn refuse(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    form: SentForm,
    error: Error,
) -> Result<HttpResponse> {
    answer(app, request, account, FormState::refused(form, problems_of(error)?)).await
}

/// Returns the page.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    state: FormState<SentForm>,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "Security").await?;
    let (id, now) = (account.user.user, app.clock.now());
    let (user, codes_left, (sign_ins, devices), reset) = app
        .read(move |connection| {
            Ok((
                users::get(connection, id)?,
                recovery_codes::count(connection, id)?,
                (sign_ins::list(connection, id, now)?, known_devices::list(connection, id, now)?),
                audit::newest_on_account(connection, id, AuditAction::ResetAccount.name())?,
            ))
        })
        .await?;
    let own = account.token.hash();
    let own_device =
        cookie::read_device(request, Client::from_request(request, &app.config)).map(|token| token.hash());
    let new_factor = match &state.form {
        SentForm::SetUp { secret } => Some(NewFactor::new(secret, &user.username)?),
        _ => None,
    };
    let view = View {
        user,
        codes_left,
        sign_ins: sign_ins.iter().map(|sign_in| SignInView::from_sign_in(sign_in, own)).collect(),
        devices: devices.iter().map(|device| DeviceView::new(device, own_device)).collect(),
        sends_mail: app.mail.letters.is_some(),
        new_factor,
        reset,
        state,
    };
    Ok(view.state.response(page(&frame, &view)))
}

impl SignInView {
    fn from_sign_in(sign_in: &SignIn, own: [u8; 32]) -> Self {
        Self {
            id: id::hex(&sign_in.hash),
            browser: devices::browser(&sign_in.agent),
            address: sign_in.address.clone(),
            created_at: sign_in.created_at,
            seen_at: sign_in.seen_at,
            is_this: sign_in.hash == own,
        }
    }
}

impl View {
    /// Returns the problems of the page if they are those of a form.
    fn problems(&self, is_of_form: fn(&SentForm) -> bool) -> &[Problem] {
        if is_of_form(&self.state.form) { &self.state.problems } else { &[] }
    }
}

fn page(frame: &Frame, view: &View) -> Markup {
    let [password, setting_up, renewing, turning_off] = [
        view.problems(|form| matches!(form, SentForm::Password)),
        view.problems(|form| matches!(form, SentForm::SetUp { .. })),
        view.problems(|form| matches!(form, SentForm::RenewCodes)),
        view.problems(|form| matches!(form, SentForm::TurnOff)),
    ];
    let new = field::new_password("new_password", "New password");
    let letter = ChangeNotice { to: view.user.mailbox(), sends_mail: view.sends_mail };
    tabbed(
        frame,
        PATH,
        &html! {
            (view.state.notice())
            @if let SentForm::NewCodes(codes) = &view.state.form { (second_factor_section::codes(codes)) }
            section id="password-section" {
                h2 { "Password" }
                @if let Some(reset) = &view.reset { (reset_by_parent(reset)) }
                form.settings method="post" action="/account/security/password" {
                    input.hidden type="text" name="username" value=(view.user.username) autocomplete="username" readonly tabindex="-1" aria-hidden="true";
                    (field::input_as("change-password", &field::present_password("password"), password))
                    (field::input(&new, password))
                    p.help { "Other browsers are signed out." (letter.sentence()) }
                    button type="submit" { "Change the password" }
                }
            }
            section id="second-factor" {
                h2 { "Second factor" }
                @if let Some(new_factor) = &view.new_factor { (second_factor_section::set_up(new_factor, &letter, setting_up)) }
                @else if view.user.has_second_factor { (second_factor_section::active(view.codes_left, &letter, [renewing, turning_off])) }
                @else {
                    p { "With a second factor, signing in also needs a code from an app on your phone. A stolen password alone won't be enough." }
                    form method="post" action="/account/security/second-factor#second-factor" { button type="submit" { "Set up" } }
                }
            }
            section id="sign-ins" {
                h2 { "Signed-in browsers" }
                ul.plain.rows {
                    @for sign_in in &view.sign_ins { (sign_in_row(sign_in)) }
                }
                div.buttons {
                    @if view.sign_ins.len() > 1 {
                        form method="post" action="/account/security/sign-out" { input type="hidden" name="sign_in" value="others"; button type="submit" { "Sign out everywhere else" } }
                    }
                    form method="post" action="/account/security/sign-out" { input type="hidden" name="sign_in" value="all"; button type="submit" { "Sign out everywhere" } }
                }
                @if !view.devices.is_empty() { p.help { "This also forgets the browsers below." } }
            }
            @if !view.devices.is_empty() { (devices::list(&view.devices)) }
        },
    )
}

fn reset_by_parent(reset: &AuditEntry) -> Markup {
    html! {
        p.measure {
            b { (acts::who(reset)) } " made a link for a new password of yours on "
            (format::moment(&Zone::utc(), reset.at, Moment::Full))
            ", and could have used it. If you did not ask for it, set another password here and sign out the other browsers."
        }
    }
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
