//! A site's own page until the first hit arrives: the page code.

use super::field;
use super::frame::{Frame, Place};
use super::page_code::PageCode;
use super::shell;
use crate::access::capability::OpenReport;
use crate::app::App;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::client;
use crate::http::entry::Look;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    site: i64,
    drawn_at: Timestamp,
    domain: String,
    code: String,
}

/// The page that waits for the first hit.
pub async fn show(entry: &Look<OpenReport>, app: &Data<App>, request: &HttpRequest) -> Result<HttpResponse> {
    let (site, drawn_at) = (entry.site.id, app.clock.now());
    let frame = shell::site_frame(app, request, entry, ("Start", Place::Start)).await?;
    let code = PageCode::new(site, &client::origin(request, &app.config)).tag;
    Ok(shell::html(page(&frame, &View { site: site.0, drawn_at, domain: entry.site.domain.clone(), code })))
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        section.start {
            h1 { "Put this line on your pages" }
            ol.steps {
                li { "Copy the line." }
                li { "Paste it into every page of " b { (view.domain) } ", anywhere before " code { "</body>" } ". Most systems have one place for it, called footer or theme." }
                li { "Open your site in another tab. Your own visit appears here by itself." }
            }
            (field::copyable("Page code", "page-code", &view.code))
            div.waiting id="first-hit" data-stream={ "/sites/" (view.site) "/spy/stream?since=" (view.drawn_at.0) } {
                p.waiting-now role="status" { span.dot.pulse {} " Waiting for the first hit …" }
                div.waiting-over hidden {
                    h2 { "It works: your first visitor is here" }
                    ul.stream {}
                    p { a.button.primary href={ "/sites/" (view.site) } { "Open the dashboard" } " " a.button href={ "/sites/" (view.site) "/spy" } { "Watch live" } }
                }
            }
            p.quiet { "Other forms of the code, for pages without scripts or from Clicky, are under " a href={ "/sites/" (view.site) "/preferences/info" } { "Site info" } "." }
        }
    })
}
