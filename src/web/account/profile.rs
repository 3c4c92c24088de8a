//! Account → Profile: the user name and e-mail address, and deleting the account.

use super::email_confirmation::{self, UnconfirmedEmail};
use super::{check_password, page as tabbed, post, problems_of};
use crate::access::capability::UseOwnAccount;
use crate::access::{account, account_removal};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::OwnAccount;
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::http::request_actor::request_actor;
use crate::http::requester;
use crate::mail::templates::Recipient;
use crate::model::id::Token;
use crate::model::{email, username};
use crate::store::sites::{self, Site};
use crate::store::sub_accounts;
use crate::store::users::{self, User};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::load;
use crate::web::settings::transfer::clear_soon;
use crate::web::ui::field;
use crate::web::ui::field::Field;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The profile form and the form that deletes the account, as typed.
#[derive(Deserialize, Default)]
pub struct ProfileForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

struct View {
    user: User,
    /// The name of the account's parent.
    parent: Option<String>,
    own: Vec<Site>,
    /// The names of its sub-accounts.
    children: Vec<String>,
    is_only: bool,
    /// The state of an unconfirmed address; `None` if it is confirmed.
    unconfirmed: Option<UnconfirmedEmail>,
    sends_mail: bool,
    form: Option<ProfileForm>,
    problems: Vec<Problem>,
    /// True if the problems belong to the form that deletes the account.
    is_deleting: bool,
    notice: Option<&'static str>,
}

/// The parts of the page that are not stored.
#[derive(Default)]
struct ProfileFormState {
    form: Option<ProfileForm>,
    problems: Vec<Problem>,
    is_deleting: bool,
    notice: Option<&'static str>,
}

/// `GET /account/profile`: shows the forms.
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
    let notice = match params.get("done") {
        Some("saved") => Some("Saved."),
        Some("sent") => Some("The letter is on its way."),
        _ => None,
    };
    answer(&app, &request, &account, ProfileFormState { notice, ..ProfileFormState::default() }).await
}

/// `POST /account/profile`: saves the user name and the e-mail address.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn change(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<ProfileForm>,
) -> Result<HttpResponse> {
    match save(&app, &request, &account, &form).await {
        Ok(()) => Ok(see_other("/account/profile?done=saved")),
        Err(error) => {
            let state = ProfileFormState {
                problems: problems_of(error)?,
                form: Some(form.into_inner()),
                ..ProfileFormState::default()
            };
            answer(&app, &request, &account, state).await
        }
    }
}

/// Checks the typed name and address, and returns them in their one spelling. An unchanged one may be from
/// before a rule, and stays.
fn check_profile(before: &User, form: &ProfileForm) -> Result<(String, String)> {
    let is_name_kept = form.username.trim() == before.username;
    let is_email_kept = form.email.trim() == before.email;
    let username = if is_name_kept { before.username.clone() } else { username::canonical(&form.username) };
    let email = if is_email_kept { before.email.clone() } else { email::canonical(&form.email) };
    let mut problems = account::profile_problems(&username, &email);
    problems.retain(|problem| match problem.field {
        "username" => !is_name_kept,
        _ => !is_email_kept,
    });
    if problems.is_empty() { Ok((username, email)) } else { Err(Error::Invalid(problems)) }
}

async fn save(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    form: &ProfileForm,
) -> Result<()> {
    let (id, now) = (account.user.user, app.clock.now());
    let before = app.read(move |connection| users::get(connection, id)).await?;
    let (username, email) = check_profile(&before, form)?;
    check_password(app, account, &form.password).await?;
    let is_moved = email::key(&before.email) != email::key(&email);
    let (token, letters) = (Token::generate()?, app.mail.letters.clone().filter(|_| is_moved));
    let mailing = letters.as_ref().zip(before.mailbox());
    let letter = mailing.map(|(letters, mailbox)| {
        letters.email_changed(Recipient { name: &before.username, address: mailbox })
    });
    // A taken name or address reveals that the account exists: each try is a guess.
    let guess = app.throttles.guesses.admit("", requester::person(app, request, &account.user), now)?;
    let saved = account
        .write(app, move |tx| {
            users::update_profile(tx, id, &username, &email)?;
            post(tx, letter.as_ref(), now)?;
            email_confirmation::write_letter(tx, letters.as_ref(), id, &token, now)?;
            Ok(())
        })
        .await;
    if !matches!(saved, Err(Error::Invalid(_))) {
        app.throttles.guesses.give_back(&guess);
    }
    saved
}

/// `POST /account/profile/delete`: deletes the account and its sites.
///
/// # Errors
///
/// Fails with `Error::Busy` when no password can be checked now, when the sign-in has ended, and when the data file
/// cannot be written.
pub async fn delete(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<ProfileForm>,
) -> Result<HttpResponse> {
    match remove(&app, &request, &account, &form).await {
        Ok(()) => {
            let mut response = see_other("/login");
            let gone = cookie::signed_out(Client::from_request(&request, &app.config));
            response.add_cookie(&gone).map_err(|error| Error::Internal(error.to_string()))?;
            Ok(response)
        }
        Err(error) => {
            let state = ProfileFormState {
                problems: problems_of(error)?,
                form: Some(form.into_inner()),
                is_deleting: true,
                ..ProfileFormState::default()
            };
            answer(&app, &request, &account, state).await
        }
    }
}

async fn remove(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    form: &ProfileForm,
) -> Result<()> {
    if !form.username.trim().eq_ignore_ascii_case(&account.user.username) {
        let sentence = format!("Type {} to delete the account. Nothing was deleted.", account.user.username);
        return Err(Error::invalid("username", sentence));
    }
    check_password(app, account, &form.password).await?;
    let (id, actor) = (account.user.user, request_actor(app, request, &account.user));
    account.write(app, move |tx| account_removal::remove(tx, &actor, id)).await?;
    clear_soon(app.clone());
    Ok(())
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    state: ProfileFormState,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "Profile").await?;
    let (id, app_for_read) = (account.user.user, app.clone());
    let (user, parent, own, children, (count, unconfirmed)) = app
        .read(move |connection| {
            let user = users::get(connection, id)?;
            let unconfirmed = UnconfirmedEmail::find(connection, &app_for_read, &user)?;
            let parent = user.parent.map(|parent| users::get(connection, parent)).transpose()?;
            let children = sub_accounts::list(connection, id)?;
            let count = users::count(connection)?;
            Ok((user, parent, sites::list_of(connection, id)?, children, (count, unconfirmed)))
        })
        .await?;
    let sends_mail = app.mail.letters.is_some();
    let parent = parent.map(|parent| parent.username);
    let children = children.into_iter().map(|child| child.username).collect();
    let ProfileFormState { form, problems, is_deleting, notice } = state;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let is_only = count == 1;
    let view = View {
        user,
        parent,
        own,
        children,
        is_only,
        unconfirmed,
        sends_mail,
        form,
        problems,
        is_deleting,
        notice,
    };
    Ok(load::html_with(status, page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let (changing, deleting): (&[Problem], &[Problem]) =
        if view.is_deleting { (&[], &view.problems) } else { (&view.problems, &[]) };
    let (edited, deleted) =
        if view.is_deleting { (None, view.form.as_ref()) } else { (view.form.as_ref(), None) };
    let username = edited.map_or(view.user.username.as_str(), |form| form.username.as_str());
    let email = edited.map_or(view.user.email.as_str(), |form| form.email.as_str());
    let name = Field {
        name: "username",
        label: "User name",
        kind: "text",
        value: username,
        autocomplete: "username",
        help: None,
        is_required: true,
    };
    let address = Field {
        name: "email",
        label: "E-mail address",
        kind: "email",
        value: email,
        autocomplete: "email",
        help: Some(
            "Letters go there. Once it is confirmed, you can sign in with it, and links for a new password go there.",
        ),
        is_required: true,
    };
    tabbed(
        frame,
        "/account/profile",
        &html! {
            (field::notice(view.notice))
            @if let Some(parent) = &view.parent {
                p.measure { "This account is managed by " b { (parent) } ", who can act for you, send you a link for a new password, and disable or remove the account." }
            }
            @if let Some(unconfirmed) = &view.unconfirmed { (email_confirmation::section(&view.user, unconfirmed)) }
            form.settings method="post" action="/account/profile" {
                (field::input(&name, changing))
                (field::input(&address, changing))
                (field::input(&field::present_password("password"), changing))
                p.help {
                    "When you change the address, "
                    @if view.sends_mail { "a letter to the old one says so, and one to the new one has a link that confirms it." }
                    @else { "no letter will say so: this server sends no mail." }
                    " Until the new address is confirmed, sign in with your user name."
                }
                button.primary type="submit" { "Save" }
            }
            section id="delete" {
                h2 { "Delete this account" }
                details.danger open[view.is_deleting] {
                    summary { "Delete the account " (view.user.username) " …" }
                    @if view.own.is_empty() {
                        p { "This deletes your account with its preferences and sign-ins for good. You own no site." }
                    } @else {
                        p { "This deletes your account for good, and with it the sites that you own, with everything counted there:" }
                        ul { @for site in &view.own { li { (site.domain) @if site.name != site.domain { " " span.quiet { (site.name) } } } } }
                        p { "To keep a site, give it to another account first: Preferences → Site info." }
                    }
                    @if !view.children.is_empty() {
                        p { "Your sub-accounts become accounts of their own and keep their sites; nobody manages them then: " b { (view.children.join(", ")) } "." }
                    }
                    @if view.is_only {
                        p { b { "You are the only user." } " Afterwards nobody can sign in until whoever runs this server restarts it and opens the set-up link that it prints." }
                    }
                    form.settings method="post" action="/account/profile/delete#delete" {
                        div.field {
                            label for="delete_name" { "Type " b { (view.user.username) } " to delete it" }
                            input id="delete_name" name="username" type="text" value=[deleted.map(|form| form.username.as_str())] autocomplete="off" required aria-describedby=[field::problem(deleting, "username").map(|_| "delete_name-problem")];
                            @if let Some(sentence) = field::problem(deleting, "username") { p.problem id="delete_name-problem" role="alert" { (sentence) } }
                        }
                        (field::input_as("delete_password", &field::present_password("password"), deleting))
                        button.warning type="submit" { "Delete for good" }
                    }
                }
            }
        },
    )
}
