//! The set-up page behind the one-time link: the first user and the first site.

use crate::access::capability::OpenPublicPages;
use crate::access::requester::Requester;
use crate::accounts::account_form::{AccountForm, Profile};
use crate::accounts::first_setup::{self, Setup};
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::Public;
use crate::http::errors::see_other;
use crate::http::request_actor::named_actor;
use crate::store::sites::Keys;
use crate::store::users::{self, NewUser};
use crate::web::layout::load;
use crate::web::layout::{Frame, Theme};
use crate::web::settings::site_form::SiteForm;
use crate::web::sign_in;
use crate::web::ui::account_fields::{AccountFieldsUse, account_fields};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The query of the link.
#[derive(Deserialize)]
pub struct SetupQuery {
    #[serde(default)]
    token: String,
}

/// The form.
#[derive(Deserialize, Default)]
pub struct SetupForm {
    #[serde(default)]
    token: String,
    #[serde(flatten)]
    account: AccountForm,
    #[serde(flatten)]
    site: SiteForm,
}

struct View<'a> {
    form: &'a SetupForm,
    problems: &'a [Problem],
}

/// Checks that a link is right and unused.
async fn admit(app: &App, token: &str) -> Result<()> {
    let has_users = app.read(|connection| Ok(users::count(connection)? > 0)).await?;
    if has_users || !app.setup.matches(token) { Err(Error::Missing("page")) } else { Ok(()) }
}

/// `GET /setup`: shows the form.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is wrong or used, and when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    link: Query<SetupQuery>,
) -> Result<HttpResponse> {
    admit(&app, &link.token).await?;
    let form = SetupForm { token: link.token.clone(), ..SetupForm::default() };
    Ok(answer(&request, StatusCode::OK, &form, &[]))
}

/// `POST /setup`: creates the first user and site.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is wrong or used, with `Error::Busy` when no password can be hashed now,
/// and when the data file cannot be written.
pub async fn create(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SetupForm>,
) -> Result<HttpResponse> {
    admit(&app, &form.token).await?;
    let form = form.into_inner();
    let (Profile { username, email }, site) = match first_setup::check(&form.account, form.site.check()) {
        Ok(checked) => checked,
        Err(error) => {
            return Ok(answer(&request, StatusCode::UNPROCESSABLE_ENTITY, &form, &error.problems()?));
        }
    };
    let (password, keys, now) = (
        app.limited_work.hash_password(form.account.password.clone(), Requester::holding(&app.setup)).await?,
        Keys::generate()?,
        app.clock.now(),
    );
    let actor = named_actor(&app, &request, &username);
    let (user, site) = app
        .write(move |tx| {
            let user = NewUser { username: &username, email: &email, password: &password, created_at: now };
            first_setup::set_up(tx, &Setup { user, site: Some((&site, &keys)) }, &actor)
        })
        .await?;
    let mut response = see_other(&site.map_or_else(|| "/".to_owned(), |site| format!("/sites/{site}")));
    sign_in::admit(&app, &request, user, &mut response).await?;
    Ok(response)
}

fn answer(request: &HttpRequest, status: StatusCode, form: &SetupForm, problems: &[Problem]) -> HttpResponse {
    let view = View { form, problems };
    load::html_with(status, page(&Frame::bare("Welcome", Theme::from_cookie(request)), &view))
}

fn page(frame: &Frame, view: &View<'_>) -> Markup {
    let form = view.form;
    frame.page(&html! {
        section.card.narrow {
            h1 { "Welcome to Clickstead" }
            p { "Two short steps: who you are, and which site you want to see." }
            form method="post" action="/setup" {
                input type="hidden" name="token" value=(form.token);
                fieldset {
                    legend { "You" }
                    (account_fields(&form.account, AccountFieldsUse::New, view.problems))
                }
                fieldset {
                    legend { "Your first site" }
                    (form.site.fields(view.problems))
                }
                button.primary type="submit" { "Start" }
            }
        }
    })
}
