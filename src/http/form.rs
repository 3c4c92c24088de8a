//! Configuration of forms and queries: size limits, and error messages for input that is too long or malformed.

use crate::error::{Error, Result};
use crate::limits;
use actix_web::dev::{Payload, UrlEncoded};
use actix_web::error::{PayloadError, QueryPayloadError, UrlencodedError};
use actix_web::web::{FormConfig, QueryConfig};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

/// Returns the configuration of forms: `BODY_BYTES_MAX` bytes at most.
pub fn config() -> FormConfig {
    FormConfig::default().limit(limits::BODY_BYTES_MAX).error_handler(|error, _| refused(&error).into())
}

/// Returns the configuration of queries.
pub fn query_config() -> QueryConfig {
    QueryConfig::default().error_handler(|_: QueryPayloadError, _| Error::Malformed.into())
}

fn refused(error: &UrlencodedError) -> Error {
    match error {
        UrlencodedError::Overflow { .. } | UrlencodedError::Payload(PayloadError::Overflow) => {
            Error::TooLarge
        }
        _ => Error::Malformed,
    }
}

/// A form with lists, which may have `LISTS_FORM_BYTES_MAX` bytes.
pub struct LongForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for LongForm<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = UrlEncoded::<T>::new(request, payload).limit(limits::LISTS_FORM_BYTES_MAX);
        Box::pin(async { reading.await.map(Self).map_err(|error| refused(&error)) })
    }
}
