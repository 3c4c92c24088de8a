//! The screen that adds a site.

use super::site_form::SiteForm;
use crate::access::capability::CreateSite;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::AccountAccess;
use crate::http::errors::see_other;
use crate::sites::addition;
use crate::store::sites::Keys;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::layout::load;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// `GET /sites/new`: shows the form.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: AccountAccess<CreateSite>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    answer(&app, &request, &account, FormState::default()).await
}

/// `POST /sites/new`: adds a site.
///
/// # Errors
///
/// Fails when the sign-in has ended and when the data file cannot be written.
pub async fn create(
    account: AccountAccess<CreateSite>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SiteForm>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let checked = form.check_account(&account.user.username).and_then(|()| form.check());
    let site = match checked {
        Ok(site) => site,
        Err(error) => {
            return answer(&app, &request, &account, FormState::refused(form, error.problems()?)).await;
        }
    };
    let (owner, keys, actor) = (account.user.user, Keys::generate()?, account.actor.clone());
    let id =
        account.write(&app, move |tx| addition::create_within_plan(tx, &actor, owner, &site, &keys)).await;
    match id {
        Ok(id) => Ok(see_other(&format!("/sites/{id}"))),
        Err(error) => answer(&app, &request, &account, FormState::refused(form, error.problems()?)).await,
    }
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    account: &AccountAccess<CreateSite>,
    state: FormState<SiteForm>,
) -> Result<HttpResponse> {
    let frame = load::frame(app, request, &account.user, "Add a site").await?;
    Ok(state.response(page(&frame, &state)))
}

fn page(frame: &Frame, state: &FormState<SiteForm>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Add a site" }
            form method="post" action="/sites/new" {
                @if let Some(user) = &frame.user { input type="hidden" name="account" value=(user); }
                (state.form.fields(&state.problems))
                button.primary type="submit" { "Add" }
            }
        }
    })
}
