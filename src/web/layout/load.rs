//! The frames of screens that read nothing else, and pages as responses.

use super::frame_request::{FrameRequest, acting_banner};
use super::site_frame_request::SiteFrameRequest;
use super::{Frame, NavItem, Theme};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::Admitted;
use crate::http::client::header_text;
use crate::http::session::signed_in;
use crate::log;
use crate::store::links::{self, Link};
use crate::store::sign_ins::SignedIn;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::Markup;

/// Returns a page as a response.
pub fn html(page: Markup) -> HttpResponse {
    html_with(StatusCode::OK, page)
}

/// Returns a page as a response with this status.
pub fn html_with(status: StatusCode, page: Markup) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.into_string())
}

/// Returns the frame of a user's screen that belongs to no site and reads nothing else.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn frame(app: &App, request: &HttpRequest, user: &SignedIn, title: &'static str) -> Result<Frame> {
    let frame = FrameRequest::for_user(request, user);
    app.view(move |reader| frame.load(reader, title)).await
}

/// Returns the frame of a page that needs no account. Of a signed-in user it shows only the banner of a parent who acts
/// for a sub-account.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn open_frame(request: &HttpRequest, title: &str) -> Result<Frame> {
    let mut frame = Frame::bare(title, Theme::from_cookie(request));
    frame.banners.extend(signed_in(request).await?.as_ref().and_then(acting_banner));
    Ok(frame)
}

/// Counts a view of a guest link in the background. A request of a script that refreshes the page and a `HEAD` request
/// are no views.
pub fn count_opening(app: &Data<App>, request: &HttpRequest, link: &Link) {
    let is_opened = matches!(header_text(request, "sec-fetch-dest"), "document" | "iframe" | "");
    if request.method() == Method::HEAD || !is_opened {
        return;
    }
    let (app, id, now) = (app.clone(), link.id, app.clock.now());
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| links::count_view(tx, id, now)).await
            && let Some(suppressed) = log::failure("link", &error)
        {
            tracing::warn!(%error, left_out = suppressed, "the opening of a guest link was not counted");
        }
    });
}

/// Returns the frame of a site's screen that reads nothing else.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address has unknown parameters, with `Error::Abandoned` when the request is
/// cancelled, and when the data file cannot be read.
pub async fn site_frame(
    app: &App,
    request: &HttpRequest,
    access: &impl Admitted,
    title: &'static str,
    current: NavItem,
) -> Result<Frame> {
    let frame = SiteFrameRequest::new(request, access)?;
    app.view(move |reader| frame.load(reader, title, current)).await
}
