//! The bodies of requests, up to a size.

use crate::error::{Error, Result};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

/// The byte order mark, which some programs on Windows write before a text in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads a body of at most so many bytes, without a byte order mark, which RFC 8259 (section 8.1) lets a parser skip.
///
/// # Errors
///
/// Fails with the error of `too_large` for a larger one, and with `Error::Abandoned` when the client is gone.
pub async fn read(mut payload: Payload, bytes_max: usize, too_large: impl Fn() -> Error) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::Abandoned)?;
        if body.len() + chunk.len() > bytes_max {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let mark = if body.starts_with(MARK) { MARK.len() } else { 0 };
    Ok(body.freeze().slice(mark..))
}
