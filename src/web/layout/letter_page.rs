//! The preview of a letter: the letter's own HTML as a page. Its styles are inline, as mail programs need them, so the page has a policy
//! of its own that allows them, and nothing to load or to run.

use super::load;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use maud::PreEscaped;

/// The content security policy of a letter's preview.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                                 frame-ancestors 'none'";

/// The mark of a response that is a letter.
#[derive(Clone, Copy)]
pub(super) struct IsLetter;

/// Returns the HTML of a letter as a page.
pub fn respond(request: &HttpRequest, html: String) -> HttpResponse {
    request.extensions_mut().insert(IsLetter);
    load::html(PreEscaped(html))
}
