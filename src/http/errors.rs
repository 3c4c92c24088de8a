//! Error responses: the one place that turns an [`Error`] into a status and a sentence. The surface renders
//! them; internal errors are logged here, once, under the id that the user is shown.

use super::compressed_body;
use crate::error::{Error, Problem};
use crate::limits;
use crate::log;
use crate::model::id;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use std::time::Duration;

/// The sentence for everyone but the operator when the data file cannot be reached.
const UNWRITABLE: &str = "The server can't reach or save its data right now, so nothing was changed. Please try again later; \
                          whoever runs it finds the reason in its log.";

/// The description of an error for the client, in the response's extensions for the surface to render.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// One sentence.
    pub sentence: String,
    /// The id to give to the operator, if the log has details.
    pub request_id: Option<String>,
    /// The problems of a refused input, field by field.
    pub problems: Vec<Problem>,
}

impl Failure {
    /// Describes an error, which is logged first if it is an internal one.
    fn new(error: &Error, status: StatusCode) -> Self {
        let is_unwritable = matches!(error, Error::Unwritable(_));
        if status != StatusCode::INTERNAL_SERVER_ERROR && !is_unwritable {
            let problems = if let Error::Invalid(problems) = error { problems.clone() } else { Vec::new() };
            return Self { status, sentence: error.to_string(), request_id: None, problems };
        }
        let new_id = id::random::<6>().map(|bytes| id::hex(&bytes)).unwrap_or_default();
        // A repeated failure shows the id under which it was logged before.
        let (due, request_id) = log::marked_failure("request", error, new_id);
        if let Some(left_out) = due {
            tracing::error!(request_id, error = %error, left_out, "a request failed");
        }
        if is_unwritable {
            return Self { status, sentence: UNWRITABLE.to_owned(), request_id: None, problems: Vec::new() };
        }
        let sentence = "Something went wrong here. It was logged; please try again.".to_owned();
        Self { status, sentence, request_id: Some(request_id), problems: Vec::new() }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Missing(_) | Self::MissingName(..) => StatusCode::NOT_FOUND,
            Self::Forbidden
            | Self::TokenForbidden(_)
            | Self::Acting
            | Self::CrossSite
            | Self::OtherOrigin => StatusCode::FORBIDDEN,
            Self::InvalidSiteKey | Self::InvalidToken | Self::NoCredentials | Self::TokenRequired => {
                StatusCode::UNAUTHORIZED
            }
            Self::SignedOut(_) | Self::PasswordAsked(_) => StatusCode::SEE_OTHER,
            Self::TooLarge | Self::BatchTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::CompressedBody => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed | Self::MalformedJson(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) | Self::TooSlowForProgram => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Throttled(_) | Self::RateLimited(_) | Self::TooManyAtOnce => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Unwritable(_) | Self::TooSlow | Self::Abandoned => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Damaged(_) | Self::Setup(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        match self {
            Self::SignedOut(next) => {
                response.insert_header((header::LOCATION, sign_in_path(next)));
            }
            Self::PasswordAsked(form) => {
                response.insert_header((header::LOCATION, form.as_str()));
            }
            Self::Throttled(wait) | Self::RateLimited(wait) => {
                response.insert_header(retry_after(*wait));
            }
            Self::Busy | Self::Unwritable(_) => {
                response.insert_header(retry_after(limits::BUSY_RETRY_AFTER));
            }
            Self::TooManyAtOnce => {
                response.insert_header(retry_after(limits::PROGRAM_RETRY_AFTER));
            }
            Self::CompressedBody => {
                response.insert_header(compressed_body::ACCEPTED_CODING);
            }
            _ => {}
        }
        let failure = Failure::new(self, status);
        let mut response = response.content_type("text/plain; charset=utf-8").body(failure.sentence.clone());
        response.extensions_mut().insert(failure);
        response
    }
}

/// Returns the header `Retry-After`: whole seconds, rounded up, at least 1 (RFC 9110, 10.2.3).
pub fn retry_after(wait: Duration) -> (header::HeaderName, String) {
    (header::RETRY_AFTER, wait.as_millis().div_ceil(1_000).max(1).to_string())
}

fn sign_in_path(next: &str) -> String {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    if next.is_empty() { "/login".into() } else { format!("/login?next={next}") }
}

/// Returns a redirect after a form (303 See Other) to a path.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}
