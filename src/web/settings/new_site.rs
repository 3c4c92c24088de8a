//! The screen that adds a site.

use super::site_form::SiteForm;
use crate::access::capability::CreateSite;
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::AccountAccess;
use crate::http::errors::see_other;
use crate::sites::addition;
use crate::store::sites::Keys;
use crate::web::layout::Frame;
use crate::web::layout::load;
use actix_web::http::StatusCode;
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
    let frame = load::frame(&app, &request, &account.user, "Add a site").await?;
    Ok(load::html(page(&frame, &SiteForm::default(), &[])))
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
    let checked = form.check_account(&account.user.username).and_then(|()| form.check());
    let site = match checked {
        Ok(site) => site,
        Err(error) => {
            let frame = load::frame(&app, &request, &account.user, "Add a site").await?;
            let page = page(&frame, &form, &error.problems()?);
            return Ok(load::html_with(StatusCode::UNPROCESSABLE_ENTITY, page));
        }
    };
    let (owner, keys, actor) = (account.user.user, Keys::generate()?, account.actor.clone());
    let id =
        account.write(&app, move |tx| addition::create_within_plan(tx, &actor, owner, &site, &keys)).await;
    let id = match id {
        Ok(id) => id,
        Err(error) => {
            let problems = error.problems()?;
            let frame = load::frame(&app, &request, &account.user, "Add a site").await?;
            let page = page(&frame, &form, &problems);
            return Ok(load::html_with(StatusCode::UNPROCESSABLE_ENTITY, page));
        }
    };
    Ok(see_other(&format!("/sites/{id}")))
}

fn page(frame: &Frame, form: &SiteForm, problems: &[Problem]) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "Add a site" }
            form method="post" action="/sites/new" {
                @if let Some(user) = &frame.user { input type="hidden" name="account" value=(user); }
                (form.fields(problems))
                button.primary type="submit" { "Add" }
            }
        }
    })
}
