//! The licences of built-in software and data.

use crate::access::capability::OpenPublicPages;
use crate::error::Result;
use crate::http::assets;
use crate::http::auth::Public;
use crate::web::layout::Frame;
use crate::web::layout::load;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// `GET /licenses`: shows them.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(_: Public<OpenPublicPages>, request: HttpRequest) -> Result<HttpResponse> {
    let frame = load::open_frame(&request, "Credits").await?;
    Ok(load::html(page(&frame, &assets::text("licenses.txt"))))
}

fn page(frame: &Frame, credits: &str) -> Markup {
    frame.page(&html! {
        h1 { "Credits" }
        pre.credits tabindex="0" { (credits) }
    })
}
