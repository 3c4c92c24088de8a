//! The JSON bodies of requests that change something. Unknown members and wrong types are refused: a typo must not lose data.

use super::request_body;
use crate::error::{Error, Result};
use crate::goals::amounts;
use crate::limits;
use crate::store::sites::Site;
use actix_web::web::Payload;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use utoipa::ToSchema;

/// Reads a body.
///
/// # Errors
///
/// Fails with `Error::TooLarge` for a large one, with `Error::MalformedJson` for one that is no JSON, and with
/// `Error::Invalid` for an unknown member and one of another type.
pub async fn read<T: DeserializeOwned>(payload: Payload) -> Result<T> {
    let body = request_body::read(payload, limits::BODY_BYTES_MAX, || Error::TooLarge).await?;
    serde_json::from_slice(&body).map_err(|error| {
        if error.is_data() {
            Error::invalid("body", format!("The body doesn't fit: {error}."))
        } else {
            Error::MalformedJson(error.to_string())
        }
    })
}

/// An amount of money, in the site's currency: a number, or a text that is one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AmountBody {
    /// A number.
    #[schema(value_type = f64)]
    Number(Number),
    /// A text, such as `49.90`.
    Text(String),
}

impl AmountBody {
    /// Returns the amount in the minor unit of the site's currency.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for the member when it is no amount, or too large a one.
    pub fn parse(&self, site: &Site, field: &'static str) -> Result<i64> {
        match self {
            Self::Number(number) => amounts::parse(site, field, &number.to_string()),
            Self::Text(text) => amounts::parse(site, field, text),
        }
    }
}

/// A member for which `null` says something else than leaving it out.
#[derive(Clone, Debug, Default)]
pub enum Member<T> {
    /// It is left out.
    #[default]
    LeftOut,
    /// It is `null`.
    Null,
    /// It has a value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}
