//! The files of the pages: style sheets, scripts and icons.

use crate::access::capability::OpenPublicPages;
use crate::error::{Error, Result};
use crate::http::assets;
use crate::http::auth::Public;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

/// The `Cache-Control` of an address with a version, which changes with the file.
const A_YEAR: &str = "public, max-age=31536000, immutable";
/// The `Cache-Control` of other addresses.
const AN_HOUR: &str = "public, max-age=3600";

/// `GET /assets/{name}`: returns a file.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such file.
pub async fn show(
    _: Public<OpenPublicPages>,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let cache_control = if request.query_string().starts_with("v=") { A_YEAR } else { AN_HOUR };
    assets::serve(&request, &name, cache_control).ok_or(Error::Missing("file"))
}
