//! The answer to a form that was sent too often.

use crate::error::{Error, Result};
use crate::http::errors::retry_after;
use actix_web::HttpResponse;

/// Returns a form that was sent too often, with the time to wait.
///
/// # Errors
///
/// Fails with the error itself when it is not `Error::Throttled`.
pub fn answer(error: Error, page: impl FnOnce(String) -> HttpResponse) -> Result<HttpResponse> {
    let Error::Throttled(time) = error else { return Err(error) };
    let mut response = page(error.to_string());
    let (name, value) = retry_after(time);
    let value = value.parse().map_err(|_| Error::Internal("a header".into()))?;
    response.headers_mut().insert(name, value);
    Ok(response)
}
