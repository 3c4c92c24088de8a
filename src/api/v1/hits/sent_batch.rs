//! The body of a batch as it was sent: its hits, not yet read. Only as many as a batch may have are kept, and none takes more
//! memory than its place in the body: small texts can describe values that fill the memory.

use crate::error::{Error, Result};
use crate::limits;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;

/// The members of a batch.
pub struct SentBatch<'a> {
    hits: Option<&'a RawValue>,
    /// The first member that no batch has.
    pub unknown: Option<String>,
}

/// The first hits of an array, and the number of all.
struct SentHits<'a>(Vec<&'a RawValue>, usize);

impl<'a> SentBatch<'a> {
    /// Splits a body into its members.
    ///
    /// # Errors
    ///
    /// Fails with `Error::MalformedJson` when it is no JSON, and with `Error::Invalid` when it is no object or has its hits
    /// twice.
    pub fn parse(body: &'a [u8]) -> Result<Self> {
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            Category::Data if error.to_string().starts_with(TWICE) => Error::invalid("hits", TWICE),
            Category::Data => Error::invalid("hits", "Send a JSON object with the member “hits”."),
            Category::Io | Category::Syntax | Category::Eof => Error::MalformedJson(error.to_string()),
        })
    }

    /// Returns true if there is a member of hits, of whatever kind.
    pub fn has_hits(&self) -> bool {
        self.hits.is_some()
    }

    /// Returns the hits.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when they are missing or no array, and when there are too many.
    pub fn hits(&self) -> Result<Vec<&'a RawValue>> {
        let hits = self.hits.and_then(|hits| serde_json::from_str(hits.get()).ok());
        let SentHits(hits, count) =
            hits.ok_or_else(|| Error::invalid("hits", "Send the hits as an array, in the member “hits”."))?;
        let most = limits::HITS_PER_BATCH_MAX;
        if count > most {
            let sentence = format!("Send {most} hits at most in one batch; this one has {count}.");
            return Err(Error::invalid("hits", sentence));
        }
        Ok(hits)
    }
}

/// The error of a batch with two members `hits`.
const TWICE: &str = "Send the member “hits” once.";

impl<'de: 'a, 'a> Deserialize<'de> for SentBatch<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(BatchVisitor)
    }
}

struct BatchVisitor;

impl<'de> Visitor<'de> for BatchVisitor {
    type Value = SentBatch<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> std::result::Result<Self::Value, M::Error> {
        let mut batch = SentBatch { hits: None, unknown: None };
        while let Some(name) = members.next_key::<String>()? {
            if name == "hits" {
                if batch.hits.replace(members.next_value()?).is_some() {
                    return Err(M::Error::custom(TWICE));
                }
            } else {
                members.next_value::<IgnoredAny>()?;
                batch.unknown.get_or_insert(name);
            }
        }
        Ok(batch)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for SentHits<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_seq(HitsVisitor)
    }
}

struct HitsVisitor;

impl<'de> Visitor<'de> for HitsVisitor {
    type Value = SentHits<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sent: S) -> std::result::Result<Self::Value, S::Error> {
        let mut hits = Vec::new();
        while hits.len() < limits::HITS_PER_BATCH_MAX {
            let Some(hit) = sent.next_element()? else { break };
            hits.push(hit);
        }
        let mut count = hits.len();
        while sent.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(SentHits(hits, count))
    }
}
