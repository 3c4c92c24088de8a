//! The end of letters by the link in them, without signing in. Opening the link changes nothing, as mail programs open links
//! too; the button, or a mail program's own one (RFC 8058), ends the letters.

use crate::access::capability::OpenPublicPages;
use crate::alerts::unsubscribe;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::Public;
use crate::store::unsubscribes::{self, Unsubscribe};
use crate::web::layout::{Frame, GuestFrame, Theme, load};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The state of the page.
enum View<'a> {
    /// The letters go on: what ends, and the token.
    Asking(&'a Unsubscribe, &'a str),
    /// The letters have ended.
    Ended(&'a Unsubscribe),
    /// No letters have this token.
    Unknown,
}

/// `GET /unsubscribe/{token}`: shows the button that ends letters.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let known = token.clone();
    let found = app.read(move |connection| unsubscribes::find(connection, &known)).await?;
    Ok(answer(
        &request,
        &match &found {
            Some(found) if found.ended_at.is_none() => View::Asking(found, &token),
            Some(found) => View::Ended(found),
            None => View::Unknown,
        },
    ))
}

/// `POST /unsubscribe/{token}`: ends letters.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub async fn end(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (token, now) = (token.into_inner(), app.clock.now());
    let known = token.clone();
    // Wrong tokens cost no write.
    if app.read(move |connection| unsubscribes::find(connection, &known)).await?.is_none() {
        return Ok(answer(&request, &View::Unknown));
    }
    let ended = app.write(move |tx| unsubscribe::end(tx, &token, now)).await?;
    Ok(answer(&request, &ended.as_ref().map_or(View::Unknown, View::Ended)))
}

fn answer(request: &HttpRequest, view: &View<'_>) -> HttpResponse {
    let status = if matches!(view, View::Unknown) { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let mut frame = Frame::bare("Unsubscribe", Theme::from_cookie(request));
    // An address outside may know the site by its brand alone: the page names no program.
    if let View::Asking(letters, _) | View::Ended(letters) = view
        && letters.is_outside
    {
        frame.guest = Some(GuestFrame::default());
    }
    load::html_with(status, page(&frame, view))
}

fn page(frame: &Frame, view: &View<'_>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            @match view {
                View::Asking(letters, token) => {
                    h1 { "Unsubscribe?" }
                    p { "You'll get no more e-mail about: " b { (letters.title) } "." }
                    form method="post" action={ "/unsubscribe/" (token) } { button.primary type="submit" { "Unsubscribe" } }
                }
                View::Ended(letters) => {
                    h1 { "You're unsubscribed" }
                    p role="status" { "You'll get no more e-mail about: " b { (letters.title) } "." }
                }
                View::Unknown => {
                    h1 { "This link doesn't work" }
                    p { "These e-mails have ended already, or the link isn't complete. Open it again from the e-mail." }
                }
            }
        }
    })
}
