//! Account → Profile: the user name and e-mail address, and deleting the account.

use super::{check_password, email_confirmation, page as tabbed, problems_of};
use crate::access::capability::UseOwnAccount;
use crate::accounts::account_form::AccountForm;
use crate::accounts::email_confirmation::UnconfirmedEmail;
use crate::accounts::{profile, removal};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::OwnAccount;
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::http::request_actor::request_actor;
use crate::http::requester;
use crate::model::id::Token;
use crate::store::sites::{self, Site};
use crate::store::sub_accounts;
use crate::store::users::{self, User};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::Frame;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::settings::transfer::clear_soon;
use crate::web::ui::account_fields::{AccountFieldsUse, account_fields};
use crate::web::ui::field;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

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
    state: FormState<Option<AccountForm>>,
    /// True if the state is that of the form which deletes the account.
    is_deleting: bool,
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
    let notices = [
        ("saved", "Saved."),
        ("sent", "The letter is on its way."),
        ("letters-seen", "Noted. If it was a letter to you, check your address below."),
    ];
    answer(&app, &request, &account, FormState::opened(None, &params, &notices), false).await
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
    form: Form<AccountForm>,
) -> Result<HttpResponse> {
    match save(&app, &request, &account, &form).await {
        Ok(()) => Ok(form_state::done("/account/profile", "saved")),
        Err(error) => {
            let state = FormState::refused(Some(form.into_inner()), problems_of(error)?);
            answer(&app, &request, &account, state, false).await
        }
    }
}

async fn save(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    form: &AccountForm,
) -> Result<()> {
    let (id, now) = (account.user.user, app.clock.now());
    let before = app.read(move |connection| users::get(connection, id)).await?;
    let profile = form.check_change(&before)?;
    check_password(app, account, &form.password).await?;
    let (token, letters) = (Token::generate()?, app.mail.letters.clone());
    // A taken name or address reveals that the account exists: each try is a guess.
    let guess = app.throttles.guesses.admit("", requester::person(app, request, &account.user), now)?;
    let saved =
        account.write(app, move |tx| profile::change(tx, letters.as_ref(), id, &profile, &token, now)).await;
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
    form: Form<AccountForm>,
) -> Result<HttpResponse> {
    match remove(&app, &request, &account, &form).await {
        Ok(()) => {
            let mut response = see_other("/login");
            let gone = cookie::signed_out(Client::from_request(&request, &app.config));
            response.add_cookie(&gone).map_err(|error| Error::Internal(error.to_string()))?;
            Ok(response)
        }
        Err(error) => {
            let state = FormState::refused(Some(form.into_inner()), problems_of(error)?);
            answer(&app, &request, &account, state, true).await
        }
    }
}

async fn remove(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    form: &AccountForm,
) -> Result<()> {
    removal::check_name(&account.user.username, &form.username)?;
    check_password(app, account, &form.password).await?;
    let (id, actor) = (account.user.user, request_actor(app, request, &account.user));
    account.write(app, move |tx| removal::remove(tx, &actor, id)).await?;
    clear_soon(app.clone());
    Ok(())
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    state: FormState<Option<AccountForm>>,
    is_deleting: bool,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "Profile").await?;
    let (id, sends_mail, now) = (account.user.user, app.mail.letters.is_some(), app.clock.now());
    let (user, parent, own, children, (count, unconfirmed)) = app
        .read(move |connection| {
            let user = users::get(connection, id)?;
            let unconfirmed = UnconfirmedEmail::find(connection, &user, sends_mail, now)?;
            let parent = user.parent.map(|parent| users::get(connection, parent)).transpose()?;
            let children = sub_accounts::list(connection, id)?;
            let count = users::count(connection)?;
            Ok((user, parent, sites::list_of(connection, id)?, children, (count, unconfirmed)))
        })
        .await?;
    let parent = parent.map(|parent| parent.username);
    let children = children.into_iter().map(|child| child.username).collect();
    let is_only = count == 1;
    let view = View { user, parent, own, children, is_only, unconfirmed, sends_mail, state, is_deleting };
    Ok(view.state.response(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let stored = AccountForm::without_password(&view.user.username, &view.user.email);
    let typed = view.state.form.as_ref().filter(|_| !view.is_deleting);
    let problems: &[Problem] = if view.is_deleting { &[] } else { &view.state.problems };
    tabbed(
        frame,
        "/account/profile",
        &html! {
            (view.state.notice())
            @if let Some(parent) = &view.parent {
                p.measure { "This account is managed by " b { (parent) } ", who can act for you, send you a link for a new password, and disable or remove the account." }
            }
            @if let Some(unconfirmed) = &view.unconfirmed { (email_confirmation::section(&view.user, unconfirmed)) }
            form.settings method="post" action="/account/profile" {
                (account_fields(typed.unwrap_or(&stored), AccountFieldsUse::Own, problems))
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
                    (losses(view))
                    (deletion_form(view))
                }
            }
        },
    )
}

/// Renders what goes with the account.
fn losses(view: &View) -> Markup {
    html! {
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
    }
}

fn deletion_form(view: &View) -> Markup {
    let typed = view.state.form.as_ref().filter(|_| view.is_deleting);
    let problems: &[Problem] = if view.is_deleting { &view.state.problems } else { &[] };
    let sentence = field::problem(problems, "username");
    html! {
        form.settings method="post" action="/account/profile/delete#delete" {
            div.field {
                label for="delete_name" { "Type " b { (view.user.username) } " to delete it" }
                input id="delete_name" name="username" type="text" value=[typed.map(|form| form.username.as_str())] autocomplete="off" required aria-describedby=[sentence.map(|_| "delete_name-problem")];
                @if let Some(sentence) = sentence { p.problem id="delete_name-problem" role="alert" { (sentence) } }
            }
            (field::input_as("delete_password", &field::present_password("password"), problems))
            button.warning type="submit" { "Delete for good" }
        }
    }
}
