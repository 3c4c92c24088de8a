//! The page of a failure, with a way back.

use super::Frame;
use crate::http::errors::Failure;
use maud::{Markup, html};

/// The title and text of a failure.
pub struct ErrorPage {
    title: &'static str,
    sentence: String,
    request_id: Option<String>,
}

impl ErrorPage {
    /// Returns the title and text of a failure.
    pub fn from_failure(failure: &Failure) -> Self {
        let title = match failure.status.as_u16() {
            404 => "Not found",
            403 => "Not allowed",
            405 => "Not possible this way",
            413 => "That is too much",
            429 | 503 => "Please wait a moment",
            500.. => "Something went wrong",
            _ => "That did not work",
        };
        Self { title, sentence: failure.sentence.clone(), request_id: failure.request_id.clone() }
    }
}

/// Renders the page.
pub fn page(frame: &Frame, view: &ErrorPage) -> Markup {
    frame.page(&html! {
        section.narrow {
            h1 { (view.title) }
            p { (view.sentence) }
            @if let Some(id) = &view.request_id {
                p.quiet { "Whoever runs this server finds it in the log under " code { (id) } "." }
            }
            @if frame.guest.is_none() { p { a.button href="/" { "To your sites" } } }
        }
    })
}
