//! Files that are built into the program, with their precompressed twins.

use super::client::header_text;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "$OUT_DIR/assets"]
struct Built;

/// A file of this name, compressed if the browser takes that.
pub fn serve(request: &HttpRequest, name: &str, cache_control: &'static str) -> Option<HttpResponse> {
    let plain = Built::get(name)?;
    let etag = format!("\"{}\"", version_of(&plain));
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::ETAG, etag.as_str()))
        .insert_header((header::VARY, "Accept-Encoding"));
    if header_text(request, "if-none-match").split(',').any(|known| known.trim() == etag) {
        return Some(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type(content_type(name));
    if header_text(request, "accept-encoding").contains("gzip")
        && let Some(twin) = Built::get(&format!("{name}.gz"))
    {
        return Some(response.insert_header((header::CONTENT_ENCODING, "gzip")).body(twin.data));
    }
    Some(response.insert_header((header::CONTENT_ENCODING, "identity")).body(plain.data))
}

/// A file's text; empty when there is none.
pub fn text(name: &str) -> String {
    Built::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default()
}

/// The address of a file that may be kept for ever, since it changes with the file.
pub fn path(name: &str) -> String {
    let version = Built::get(name).map(|file| version_of(&file)).unwrap_or_default();
    format!("/assets/{name}?v={version}")
}

/// Width and height of a PNG picture in its own pixels, which stand at the head of such a file
/// (<https://www.w3.org/TR/png-3/#11IHDR>); none when there is no such picture.
pub fn pixels(name: &str) -> Option<(u32, u32)> {
    let file = Built::get(name)?;
    let number = |from: usize| {
        let bytes = file.data.get(from..from + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    Some((number(16)?, number(20)?))
}

fn version_of(file: &EmbeddedFile) -> String {
    crate::id::hex(&file.metadata.sha256_hash()[..6])
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
