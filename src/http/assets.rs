//! The files that are built into the program. Most are stored compressed, and decompressed for clients that do
//! not accept gzip.

use super::client::header_text;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use flate2::read::GzDecoder;
use rust_embed::{Embed, EmbeddedFile};
use std::borrow::Cow;
use std::io::Read;

#[derive(Embed)]
#[folder = "$OUT_DIR/assets"]
struct Built;

/// A built-in file.
struct Asset {
    file: EmbeddedFile,
    is_packed: bool,
}

impl Asset {
    /// Returns the file of a name, stored plain or compressed.
    fn find(name: &str) -> Option<Self> {
        let plain = Built::get(name).map(|file| Self { file, is_packed: false });
        plain.or_else(|| Built::get(&format!("{name}.gz")).map(|file| Self { file, is_packed: true }))
    }

    /// Returns the version of the contents: the first 6 bytes of their hash, in hexadecimal.
    fn version(&self) -> String {
        crate::model::id::hex(&self.file.metadata.sha256_hash()[..6])
    }

    /// Returns the decompressed contents; empty if they are no gzip stream, which our build rules out.
    fn unpacked(self) -> Cow<'static, [u8]> {
        if !self.is_packed {
            return self.file.data;
        }
        let mut plain = Vec::new();
        match GzDecoder::new(&*self.file.data).read_to_end(&mut plain) {
            Ok(_) => Cow::Owned(plain),
            Err(_) => Cow::Borrowed(&[]),
        }
    }
}

/// Returns the response with a file, compressed if the browser accepts gzip; 304 if the browser has this
/// version; `None` if there is no such file.
pub fn serve(request: &HttpRequest, name: &str, cache_control: &'static str) -> Option<HttpResponse> {
    let asset = Asset::find(name)?;
    let etag = format!("\"{}\"", asset.version());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::ETAG, etag.as_str()))
        .insert_header((header::VARY, "Accept-Encoding"));
    if header_text(request, "if-none-match").split(',').any(|known| known.trim() == etag) {
        return Some(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    response.content_type(content_type(name));
    if asset.is_packed && header_text(request, "accept-encoding").contains("gzip") {
        return Some(response.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.file.data));
    }
    Some(response.insert_header((header::CONTENT_ENCODING, "identity")).body(asset.unpacked()))
}

/// Returns a file's text; empty if there is no such file.
pub fn text(name: &str) -> String {
    let asset = Asset::find(name);
    asset.map(|asset| String::from_utf8_lossy(&asset.unpacked()).into_owned()).unwrap_or_default()
}

/// Returns the address of a file with its version, so that it can be cached for ever.
pub fn path(name: &str) -> String {
    let version = Asset::find(name).map(|asset| asset.version()).unwrap_or_default();
    format!("/assets/{name}?v={version}")
}

/// Returns width and height of a PNG picture in pixels, which stand at the head of such a file
/// (<https://www.w3.org/TR/png-3/#11IHDR>); `None` if there is no such picture.
pub fn pixels(name: &str) -> Option<(u32, u32)> {
    let file = Built::get(name)?;
    let number = |from: usize| {
        let bytes = file.data.get(from..from + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    Some((number(16)?, number(20)?))
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
