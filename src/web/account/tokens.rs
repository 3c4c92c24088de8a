//! Account → Tokens: a person's own keys for programs. A token is shown once, in the answer to the form that makes it.

mod form;
mod page;

use self::form::TokenForm;
use self::page::{NewToken, PATH, TokensPage};
use crate::access::capability::UseOwnAccount;
use crate::accounts::tokens as acts;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::OwnAccount;
use crate::http::client;
use crate::http::form::LongForm;
use crate::model::id::{TokenId, TokenSecret};
use crate::store::tokens;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The form that removes a token.
#[derive(Deserialize)]
pub struct RemoveTokenForm {
    #[serde(default)]
    token: String,
}

/// `GET /account/tokens`: lists the tokens, above the form for a new one.
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
        ("removed", "Removed. Programs that have it get no more answers."),
        ("gone", "Nothing was changed: that token is gone already."),
    ];
    let state = FormState::opened(TokenForm::default(), &params, &notices);
    answer(&app, &request, &account, state, None).await
}

/// `POST /account/tokens`: makes a token, and shows it this once.
///
/// # Errors
///
/// Fails when no random bytes are available, when the sign-in has ended, and when the data file cannot be written.
pub async fn add(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    LongForm(fields): LongForm<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let form = TokenForm::read(&fields);
    match create(&app, &account, &form).await {
        Ok(secret) => {
            let new = NewToken { secret, origin: client::origin(&request, &app.config) };
            let state = FormState::changed(TokenForm::default(), "Your token is made.");
            answer(&app, &request, &account, state, Some(new)).await
        }
        Err(error) => {
            let state = FormState::refused(form, error.problems()?);
            answer(&app, &request, &account, state, None).await
        }
    }
}

async fn create(
    app: &Data<App>,
    account: &OwnAccount<UseOwnAccount>,
    form: &TokenForm,
) -> Result<TokenSecret> {
    let (user, actor, letters) = (account.user.user, account.actor.clone(), app.mail.letters.clone());
    let (token_request, secret) = (form.token_request()?, TokenSecret::generate()?);
    let created = secret.clone();
    account
        .write(app, move |tx| acts::create(tx, &actor, letters.as_ref(), user, &created, &token_request))
        .await?;
    Ok(secret)
}

/// `POST /account/tokens/remove`: removes a token.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn remove(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    form: Form<RemoveTokenForm>,
) -> Result<HttpResponse> {
    // No token has the number 0.
    let id = TokenId::parse(&form.token).unwrap_or(TokenId(0));
    let (user, actor) = (account.user.user, account.actor.clone());
    match account.write(&app, move |tx| acts::remove(tx, &actor, user, id)).await {
        Ok(_) => Ok(form_state::done(PATH, "removed")),
        // A token that was removed meanwhile is no error.
        Err(Error::Missing(_)) => Ok(form_state::done(PATH, "gone")),
        Err(error) => Err(error),
    }
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &OwnAccount<UseOwnAccount>,
    state: FormState<TokenForm>,
    new: Option<NewToken>,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "Tokens").await?;
    let (user, now) = (account.user.user, app.clock.now());
    let (tokens, sites) = app
        .read(move |connection| Ok((tokens::list(connection, user)?, acts::list_sites(connection, user)?)))
        .await?;
    let view = TokensPage { tokens, sites, now, state, new };
    Ok(view.state.response(page::page(&frame, &view)))
}
