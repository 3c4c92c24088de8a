//! The bodies of requests, up to a size.

use crate::error::{Error, Result};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

/// Reads a body of at most so many bytes.
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
    Ok(body.freeze())
}
