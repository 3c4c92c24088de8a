//! Forms as they arrive: within a limit, and answered in words when they are too long or no form at all.

use crate::error::{Error, Result};
use crate::limits;
use actix_web::dev::{Payload, UrlEncoded};
use actix_web::error::{PayloadError, QueryPayloadError, UrlencodedError};
use actix_web::web::{FormConfig, QueryConfig};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

/// How forms are read.
pub fn config() -> FormConfig {
    FormConfig::default().limit(limits::BODY_BYTES_MAX).error_handler(|error, _| refused(&error).into())
}

/// How the query of an address is read.
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

/// A form with lists, which may be longer than others.
pub struct LongForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for LongForm<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let reading = UrlEncoded::<T>::new(request, payload).limit(limits::LISTS_FORM_BYTES_MAX);
        Box::pin(async { reading.await.map(Self).map_err(|error| refused(&error)) })
    }
}
