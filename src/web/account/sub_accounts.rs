//! Account → Sub-accounts: the accounts that a user manages for others. A sub-account is visible only to its own
//! parent: for any other user it does not exist.

mod page;
mod password_link;

use self::page::{Row, SubAccountForm, SubAccountsPage, TypedSubAccount};
use self::password_link::{PasswordLink, allow_letter};
use crate::access::capability::ManageSubAccounts;
use crate::accounts::billing::plan;
use crate::accounts::sub_accounts::{NewSubAccount, PasswordLinkTokens, mailbox};
use crate::accounts::{disabling, removal, sub_accounts as managing};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::OwnAccount;
use crate::http::requester;
use crate::model::id::{Token, UserId};
use crate::store::sites;
use crate::store::sub_accounts;
use crate::store::users::{self, User};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::settings::transfer::clear_soon;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::Transaction;

/// `GET /account/sub-accounts`: lists the sub-accounts.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notices = [
        ("sites", "Saved."),
        ("disabled", "They can't sign in any more. Their sites keep counting."),
        ("enabled", "They can sign in again."),
        ("released", "The account is one of its own now. You don't see its sites any more."),
        ("removed", "The account is removed."),
    ];
    let state = FormState::opened(TypedSubAccount::default(), &params, &notices);
    answer(&app, &request, &account, state, None).await
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<ManageSubAccounts>,
    state: FormState<TypedSubAccount>,
    link: Option<PasswordLink>,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "Sub-accounts").await?;
    let parent = account.user.user;
    let (rows, refusal, plan) = app
        .read(move |connection| {
            let row = |user: User| {
                let (sites, sites_max) =
                    (sites::list_of(connection, user.id)?, users::sites_max(connection, user.id)?);
                Ok(Row { user, sites, sites_max })
            };
            let rows = sub_accounts::list(connection, parent)?.into_iter().map(row);
            let refusal = match sub_accounts::check_parent(connection, parent) {
                Err(error @ Error::Invalid(_)) => Some(error.to_string()),
                checked => checked.map(|()| None)?,
            };
            Ok((rows.collect::<Result<Vec<_>>>()?, refusal, users::sites_max(connection, parent)?))
        })
        .await?;
    let view = SubAccountsPage { rows, refusal, plan, state, link };
    Ok(view.state.response(page::page(&frame, &view)))
}

/// Returns the list with the problems of a form next to its fields.
async fn refuse(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<ManageSubAccounts>,
    values: SubAccountForm,
    concerns: Option<UserId>,
    error: Error,
) -> Result<HttpResponse> {
    let problems = match error {
        Error::Throttled(_) => vec![Problem { field: "username".into(), sentence: error.to_string() }],
        error => error.problems()?,
    };
    let state = FormState::refused(TypedSubAccount { values, concerns }, problems);
    answer(app, request, account, state, None).await
}

/// `POST /account/sub-accounts`: adds a sub-account.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn add(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SubAccountForm>,
) -> Result<HttpResponse> {
    match create(&app, &request, &account, &form).await {
        Ok(link) => answer(&app, &request, &account, FormState::default(), Some(link)).await,
        Err(error) => refuse(&app, &request, &account, form.into_inner(), None, error).await,
    }
}

/// Creates an account with an unusable password, and the link that sets one.
///
/// # Errors
///
/// Fails with `Error::Invalid` or `Error::Throttled`, when the sign-in has ended, and when the data file cannot be
/// written.
async fn create(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<ManageSubAccounts>,
    form: &SubAccountForm,
) -> Result<PasswordLink> {
    let (profile, sites_max) = match (form.account.check_profile(), sites_max(&form.sites)) {
        (Ok(profile), Ok(sites_max)) => (profile, sites_max),
        (_, sites_max) => {
            let problems = form.account.profile_problems().into_iter().chain(sites_max.err());
            return Err(Error::Invalid(problems.collect()));
        }
    };
    let (person, now) = (requester::person(app, request, &account.user), app.clock.now());
    // A taken name reveals that the account exists: it counts as a guess.
    let guess = app.throttles.guesses.admit("", person, now)?;
    let parent = account.user.user;
    if let Err(error) = app.read(move |connection| sub_accounts::check_parent(connection, parent)).await {
        app.throttles.guesses.give_back(&guess);
        return Err(error);
    }
    allow_letter(app, person, &profile.username, &profile.email)?;
    let tokens = PasswordLinkTokens { link: Token::generate()?, proof: Token::generate()? };
    let mailbox = Some(profile.email.clone());
    let link = PasswordLink::new(app, request, &profile.username, &tokens.link, mailbox, true);
    let (letters, actor) = (app.mail.letters.clone(), account.actor.clone());
    let new = NewSubAccount { parent, profile, sites_max };
    account.write(app, move |tx| managing::create(tx, &actor, letters.as_ref(), &new, &tokens)).await?;
    app.throttles.guesses.give_back(&guess);
    Ok(link)
}

/// Parses the most sites that a user may own; `None`: any number.
fn sites_max(form: &str) -> Result<Option<i64>, Problem> {
    match form.trim() {
        "" => Ok(None),
        number => number.parse::<u32>().map(|most| Some(most.into())).map_err(|_| Problem {
            field: "sites".into(),
            sentence: "Write a number such as 3, or leave it empty.".into(),
        }),
    }
}

/// Parses the user ID in a path.
fn child_id(path: &str) -> Result<UserId> {
    UserId::parse(path).ok_or(Error::Missing("sub-account"))
}

/// `POST /account/sub-accounts/{user}/reset`: makes a link that sets a new password. The old password holds until the
/// link is used.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user is not a sub-account of the caller, when the sign-in has ended, and when
/// the data file cannot be written.
pub async fn reset(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse> {
    let (parent, child) = (account.user.user, child_id(&path)?);
    let child_user = app.read(move |connection| sub_accounts::get(connection, parent, child)).await?;
    let person = requester::person(&app, &request, &account.user);
    if let Err(error) = allow_letter(&app, person, &child_user.username, &child_user.email) {
        return refuse(&app, &request, &account, SubAccountForm::default(), Some(child), error).await;
    }
    let tokens = PasswordLinkTokens { link: Token::generate()?, proof: Token::generate()? };
    let (token, letters, actor) = (tokens.link.clone(), app.mail.letters.clone(), account.actor.clone());
    let written =
        account.write(&app, move |tx| managing::reset(tx, &actor, letters.as_ref(), parent, child, &tokens));
    match written.await {
        Ok(user) => {
            let link = PasswordLink::new(&app, &request, &user.username, &token, mailbox(&user), false);
            answer(&app, &request, &account, FormState::default(), Some(link)).await
        }
        Err(error) => refuse(&app, &request, &account, SubAccountForm::default(), Some(child), error).await,
    }
}

/// Changes one sub-account, and redirects to the list with a notice.
async fn change(
    account: &OwnAccount<ManageSubAccounts>,
    app: &Data<App>,
    path: &str,
    done: &str,
    change: impl Fn(&Transaction<'_>, &User) -> Result<()> + Send + 'static,
) -> Result<HttpResponse> {
    let (parent, child) = (account.user.user, child_id(path)?);
    account.write(app, move |tx| change(tx, &sub_accounts::get(tx, parent, child)?)).await?;
    Ok(form_state::done("/account/sub-accounts", done))
}

/// `POST /account/sub-accounts/{user}/sites`: sets the most sites that a sub-account may own.
///
/// # Errors
///
/// Fails as [`disable`] does.
pub async fn allow_sites(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
    form: Form<SubAccountForm>,
) -> Result<HttpResponse> {
    let most = sites_max(&form.sites);
    let allowed = change(&account, &app, &path, "sites", move |tx, child| {
        let most = most.as_ref().map_err(|problem| Error::Invalid(vec![problem.clone()]))?;
        plan::allow_sites(tx, child.id, *most)
    });
    match allowed.await {
        Err(error) => {
            refuse(&app, &request, &account, form.into_inner(), Some(child_id(&path)?), error).await
        }
        allowed => allowed,
    }
}

/// `POST /account/sub-accounts/{user}/disable`: disables a sub-account.
///
/// # Errors
///
/// Fails with `Error::Missing` when the user is not a sub-account of the caller, when the sign-in has ended, and when
/// the data file cannot be written.
pub async fn disable(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    path: Path<String>,
) -> Result<HttpResponse> {
    let now = app.clock.now();
    change(&account, &app, &path, "disabled", move |tx, child| disabling::disable(tx, child.id, now)).await
}

/// `POST /account/sub-accounts/{user}/enable`: enables a sub-account.
///
/// # Errors
///
/// Fails as [`disable`] does.
pub async fn enable(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    path: Path<String>,
) -> Result<HttpResponse> {
    change(&account, &app, &path, "enabled", |tx, child| disabling::enable(tx, child.id)).await
}

/// `POST /account/sub-accounts/{user}/release`: makes a sub-account independent.
///
/// # Errors
///
/// Fails as [`disable`] does.
pub async fn release(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    path: Path<String>,
) -> Result<HttpResponse> {
    let actor = account.actor.clone();
    let release = move |tx: &Transaction<'_>, child: &User| managing::release(tx, &actor, child.id);
    change(&account, &app, &path, "released", release).await
}

/// `POST /account/sub-accounts/{user}/remove`: removes a sub-account.
///
/// # Errors
///
/// Fails as [`disable`] does.
pub async fn remove(
    account: OwnAccount<ManageSubAccounts>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
    form: Form<SubAccountForm>,
) -> Result<HttpResponse> {
    let (actor, name) = (account.actor.clone(), form.account.username.clone());
    let removed = change(&account, &app, &path, "removed", move |tx, child| {
        removal::remove_sub_account(tx, &actor, child, &name)
    });
    match removed.await {
        Err(error) => {
            refuse(&app, &request, &account, form.into_inner(), Some(child_id(&path)?), error).await
        }
        removed => {
            clear_soon(app);
            removed
        }
    }
}
