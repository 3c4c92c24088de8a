//! The refusal of compressed request bodies. The size of one shows only once it is in memory: 61 KB may hold
//! 60 MB. So none is decompressed, and its sender gets the refusal before a byte of it is read.

use crate::error::Error;
use actix_web::ResponseError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

/// The header by which a refusal names the accepted coding (RFC 9110, 15.5.16).
pub const ACCEPTED_CODING: (HeaderName, HeaderValue) =
    (header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));

/// Returns true for headers that announce an encoded body: any coding but `identity`, in any
/// `Content-Encoding` line.
pub fn is_compressed(headers: &HeaderMap) -> bool {
    let is_plain = |line: &HeaderValue| {
        line.to_str().is_ok_and(|codings| {
            codings
                .split(',')
                .map(str::trim)
                .all(|one| one.is_empty() || one.eq_ignore_ascii_case("identity"))
        })
    };
    !headers.get_all(header::CONTENT_ENCODING).all(is_plain)
}

/// A middleware that refuses compressed bodies, for every surface that reads bodies: actix's extractors would
/// decompress them.
///
/// # Errors
///
/// Fails only as the handler itself does; a refusal is a response.
pub async fn refuse<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if is_compressed(request.headers()) {
        let refused = Error::CompressedBody.error_response();
        return Ok(request.into_response(refused).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(lines: &[&'static [u8]]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_bytes(line).unwrap());
        }
        is_compressed(&headers)
    }

    #[test]
    fn a_body_is_plain_when_every_coding_of_every_line_is_identity() {
        let plain: [&[&[u8]]; 5] = [&[], &[b"identity"], &[b" Identity "], &[b""], &[b"identity, identity"]];
        for plain in plain {
            assert!(!compressed(plain), "{plain:?}");
        }
        let coded: [&[&[u8]]; 9] = [
            &[b"gzip"],
            &[b"x-gzip"],
            &[b"deflate"],
            &[b"br"],
            &[b"zstd"],
            &[b"anything"],
            &[b"identity, gzip"],
            &[b"identity", b"gzip"],
            &[b"\xff"],
        ];
        for coded in coded {
            assert!(compressed(coded), "{coded:?}");
        }
    }
}
