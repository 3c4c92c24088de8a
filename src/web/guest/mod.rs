//! The password of a guest link: its form, and the cookie of guests who gave it. Guests read the same screens as
//! users.

pub mod brand;
pub mod status;

use super::layout::Frame;
use super::layout::frame_request::FrameRequest;
use super::layout::load;
use super::ui::field;
use crate::access::capability::OpenPublicPages;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::Public;
use crate::http::client::Client;
use crate::http::cookie;
use crate::http::errors::see_other;
use crate::http::failed_sign_in::{self, WrongCredential};
use crate::http::guest::{self, FrameAncestors};
use crate::http::requester;
use crate::model::id::{SiteId, Token};
use crate::store::brands::{self, Brand};
use crate::store::links::{self, Link};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The password form.
#[derive(Deserialize)]
pub struct LinkPasswordForm {
    #[serde(default)]
    password: String,
}

/// Returns the open guest link of a token, and lets its embed origins frame the response.
async fn open(app: &Data<App>, request: &HttpRequest, token: &str) -> Result<Link> {
    let (secret, now) = (Token::known(token), app.clock.now());
    let link = app.read(move |connection| links::find_open(connection, &secret, now)).await?;
    let link = link.ok_or(Error::Missing("page"))?;
    request.extensions_mut().insert(FrameAncestors::for_link(&link));
    Ok(link)
}

/// Returns the brand of a guest link, with its site. A link without a brand has no brand files, like a wrong link.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not open or has no brand, and when the data file cannot be read.
pub async fn brand(app: &Data<App>, request: &HttpRequest, token: &str) -> Result<(SiteId, Brand)> {
    let link = open(app, request, token).await?;
    let site = Some(link.site).filter(|_| link.is_white_label).ok_or(Error::Missing("page"))?;
    let brand = app.read(move |connection| brands::find(connection, site)).await?;
    brand.map(|brand| (site, brand)).ok_or(Error::Missing("page"))
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    link: &Link,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = FrameRequest::for_guest(request, link);
    let frame = app.view(move |reader| frame.load(reader, "Password")).await?;
    Ok(load::html_with(status, page(&frame, &guest::path(&link.token), problems)))
}

/// `GET /s/{token}/password`: shows the form.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not open, and when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let link = open(&app, &request, &token).await?;
    answer(&app, &request, &link, &[]).await
}

/// `POST /s/{token}/password`: checks the password and sets the cookie.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not open, with `Error::Throttled` after too many tries, with
/// `Error::Busy` when no password can be checked now, and when the data file cannot be written.
pub async fn submit_password(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
    form: Form<LinkPasswordForm>,
) -> Result<HttpResponse> {
    let link = open(&app, &request, &token).await?;
    let path = guest::path(&link.token);
    if link.password.is_none() {
        return Ok(see_other(&path));
    }
    let client = Client::from_request(&request, &app.config);
    let requester = requester::stranger(&app, &request);
    let attempt = app.throttles.links.admit(&link.id.to_string(), requester, app.clock.now());
    let attempt = attempt.inspect_err(|error| {
        failed_sign_in::note_refused(&app, &request, WrongCredential::LinkPassword, error);
    })?;
    let is_right = app
        .limited_work
        .check_password(form.into_inner().password, link.password.clone(), attempt.turn())
        .await;
    if !matches!(is_right, Ok(false)) {
        app.throttles.links.give_back(&attempt);
    }
    if !is_right? {
        failed_sign_in::note(&app, &request, WrongCredential::LinkPassword);
        let sentence = "That is not the password of this page.".into();
        return answer(&app, &request, &link, &[Problem { field: "password".into(), sentence }]).await;
    }
    let (pass, now, id) = (Token::generate()?, app.clock.now(), link.id);
    let stored = pass.clone();
    app.write(move |tx| links::create_pass(tx, id, &stored, now)).await?;
    let mut response = see_other(&path);
    let value = cookie::guest(client, &path, &pass, !link.embed_origins.is_empty());
    let value = value.parse().map_err(|_| Error::Internal("a cookie".into()))?;
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

fn page(frame: &Frame, path: &str, problems: &[Problem]) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            h1 { "This page asks for a password" }
            form method="post" action={ (path) "/password" } {
                (field::input(&field::password("password", "Password"), problems))
                button.primary type="submit" { "Open" }
            }
        }
    })
}
