//! The diagnosis of a hit that was refused: which member is wrong, by its path, and what to send instead.

use crate::error::Error;
use crate::http::spelling::{clipped, nearest};
use serde_json::{Map, Value};

/// The members of a batch.
const BATCH: [&str; 1] = ["hits"];
/// The members of a hit.
pub const HIT: [&str; 18] = [
    "id",
    "type",
    "href",
    "title",
    "referrer",
    "utm",
    "ip_address",
    "user_agent",
    "screen",
    "visitor",
    "consent",
    "visit",
    "custom",
    "goal",
    "revenue",
    "currency",
    "split",
    "status",
];
/// The members of a split test.
const SPLIT: [&str; 3] = ["name", "version", "goal"];
/// The types of hits.
pub const TYPES: [&str; 7] = ["pageview", "download", "outbound", "click", "custom", "goal", "event"];

/// The names that Clicky's server-side logging, Segment and other programs have for members of a hit.
const OTHER_NAMES: [(&str, &str); 24] = [
    ("ua", "user_agent"),
    ("userAgent", "user_agent"),
    ("ref", "referrer"),
    ("referer", "referrer"),
    ("session_id", "visit"),
    ("visit_id", "visit"),
    ("visitor_id", "visitor"),
    ("jsuid", "visitor"),
    ("anonymousId", "visitor"),
    ("res", "screen"),
    ("ip", "ip_address"),
    ("address", "ip_address"),
    ("url", "href"),
    ("page", "href"),
    ("path", "href"),
    ("name", "title"),
    ("event", "type"),
    ("kind", "type"),
    ("properties", "custom"),
    ("traits", "custom"),
    ("messageId", "id"),
    ("message_id", "id"),
    ("order_id", "id"),
    ("value", "revenue"),
];
/// The names that programs have for the time of a hit.
const TIMES: [&str; 9] = [
    "at",
    "time",
    "date",
    "timestamp",
    "created_at",
    "occurred_at",
    "sent_at",
    "sentAt",
    "originalTimestamp",
];

/// Finds out what is wrong with a hit that was refused.
pub fn diagnosis(path: &str, sent: &str, error: &serde_json::Error) -> Error {
    match serde_json::from_str(sent) {
        Ok(hit) => wrong_hit(path, &hit)
            // A member that stands twice, for example.
            .unwrap_or_else(|| Error::invalid(path.to_owned(), format!("This hit can't be read: {error}."))),
        Err(_) => Error::MalformedJson(format!("{path}: {error}")),
    }
}

/// Returns the error for a member that no batch has; none if the hits are missing and it could not be meant for them.
pub fn unknown_in_batch(name: &str, has_hits: bool) -> Option<Error> {
    let is_meant = has_hits || nearest(name, BATCH.into_iter()).is_some();
    is_meant.then(|| unknown_member("", name, &BATCH))
}

fn wrong_hit(path: &str, hit: &Value) -> Option<Error> {
    let Value::Object(hit) = hit else {
        return Some(Error::invalid(path.to_owned(), "Send each hit as an object."));
    };
    if let Some(error) = unknown(&format!("{path}."), hit, &HIT) {
        return Some(error);
    }
    hit.iter().find_map(|(name, value)| {
        let path = format!("{path}.{name}");
        let demand = match name.as_str() {
            _ if value.is_null() => return None,
            "custom" if !value.is_object() && !is_empty_list(value) => {
                "Send custom data as an object of names and values."
            }
            "goal" if !value.is_string() && !value.is_number() => "Send the name of a goal as a text.",
            "id" | "visitor" if !value.is_string() && !value.is_number() => "Send a text or a number.",
            "revenue" if !value.is_string() && !value.is_number() => {
                "Send the revenue as a number, such as 19.5, without a currency."
            }
            "consent" if !value.is_boolean() => "Send true or false.",
            "status" if value.as_u64().is_none_or(|status| status > 999) => "Send a number, such as 404.",
            "custom" | "goal" | "id" | "visitor" | "revenue" | "consent" | "status" => return None,
            "split" => return wrong_split(&path, value),
            "type" if !value.as_str().is_some_and(|name| TYPES.contains(&name)) => {
                "Send one of pageview, download, outbound, event, custom, goal."
            }
            _ if !value.is_string() => "Send a text.",
            _ => return None,
        };
        Some(Error::invalid(path, demand))
    })
}

fn wrong_split(path: &str, split: &Value) -> Option<Error> {
    let Value::Object(members) = split else {
        return Some(Error::invalid(path.to_owned(), "Send an object with name and version."));
    };
    let is_text = |name: &str| members.get(name).is_some_and(Value::is_string);
    let missing = ["name", "version"].into_iter().find(|name| !is_text(name));
    let no_text = members
        .iter()
        .find(|(_, value)| !value.is_string() && !value.is_null())
        .map(|(name, _)| name.as_str());
    unknown(&format!("{path}."), members, &SPLIT)
        .or_else(|| missing.or(no_text).map(|name| Error::invalid(format!("{path}.{name}"), "Send a text.")))
}

/// Returns the error for the first member that is not known, with the nearest name that is.
fn unknown(path: &str, members: &Map<String, Value>, known: &[&'static str]) -> Option<Error> {
    let name = members.keys().find(|name| !known.contains(&name.as_str()))?;
    if known.len() == HIT.len() && TIMES.contains(&name.as_str()) {
        let sentence =
            "A hit is recorded at the time when it arrives. Take the time out, and send hits as they happen.";
        return Some(Error::invalid(format!("{path}{name}"), sentence));
    }
    Some(unknown_member(path, name, known))
}

fn unknown_member(path: &str, name: &str, known: &[&'static str]) -> Error {
    let own =
        OTHER_NAMES.iter().find(|(other, own)| *other == name && known.contains(own)).map(|(_, own)| *own);
    let sentence = match own.or_else(|| nearest(name, known.iter().copied())) {
        Some(near) => format!("There is no member “{}”. Did you mean “{near}”?", clipped(name)),
        None => format!("There is no member “{}”. Take it out.", clipped(name)),
    };
    Error::invalid(format!("{path}{}", clipped(name)), sentence)
}

/// Returns true for a list of nothing, which is how PHP writes an object of nothing.
pub fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}
