//! Hits as lines of JSON:
//! `{"time":"2026-11-01T10:00:00Z","type":"pageview","href":"/","title":"","ref":"","ip":"","ua":"","lang":"","res":"",
//! "uid":"","custom":{},"goal":""}`; `revenue` and `currency` may accompany a goal, `status` a page view. All fields but the time may be missing or null.

use crate::model::clock::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// The fields of a line, by their names in JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow, deserialize_with = "text")]
    time: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type", deserialize_with = "text_or_empty")]
    kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_empty")]
    href: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_empty")]
    title: Cow<'a, str>,
    #[serde(borrow, rename = "ref", deserialize_with = "text_or_empty")]
    referrer: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_empty")]
    ip: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_empty")]
    ua: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_empty")]
    lang: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text_or_empty")]
    res: Cow<'a, str>,
    uid: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    custom: BTreeMap<String, Value>,
    #[serde(deserialize_with = "or_default")]
    goal: String,
    revenue: Option<f64>,
    #[serde(deserialize_with = "or_default")]
    currency: String,
    status: Option<u16>,
}

/// Reads a value; missing or null gives the default.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(value: D) -> Result<T, D::Error> {
    Option::deserialize(value).map(Option::unwrap_or_default)
}

/// Reads a text, borrowed from the line unless it has escapes; `None` for null.
fn text<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Option::<Text<'de>>::deserialize(value)?.map(|text| text.0))
}

/// Reads a text; empty for null.
fn text_or_empty<'de, D: Deserializer<'de>>(value: D) -> Result<Cow<'de, str>, D::Error> {
    text(value).map(Option::unwrap_or_default)
}

/// The check of a field's value, and the problem if it does not hold.
type Check = (fn(&Value) -> bool, &'static str);

const TEXT: fn(&Value) -> bool = Value::is_string;
/// The fields that take one type of value only.
const FIELDS: [(&str, Check); 14] = [
    ("time", (TEXT, "the time is no text such as \"2026-11-01T10:00:00Z\"")),
    ("type", (TEXT, "the type is no text such as \"pageview\"")),
    ("href", (TEXT, "the href is no text")),
    ("title", (TEXT, "the title is no text")),
    ("ref", (TEXT, "the ref is no text")),
    ("ip", (TEXT, "the ip is no text such as \"192.0.2.7\"")),
    ("ua", (TEXT, "the ua is no text")),
    ("lang", (TEXT, "the lang is no text")),
    ("res", (TEXT, "the res is no text such as \"1280x800\"")),
    ("custom", (Value::is_object, "custom is no object such as {\"plan\":\"pro\"}")),
    ("goal", (TEXT, "the goal is no text: write its number in quotes")),
    ("revenue", (Value::is_number, "the revenue is no number such as 12.50")),
    ("currency", (TEXT, "the currency is no text such as \"EUR\"")),
    ("status", (Value::is_number, "the status is no number such as 404")),
];

/// Returns the problem of a line of JSON that is no hit.
fn wrong_field(line: &str) -> &'static str {
    let Ok(fields) = serde_json::from_str::<BTreeMap<String, Value>>(line) else {
        return "this is no object with fields such as time and href";
    };
    let is_wrong = |(name, (is_right, _)): &&(&str, Check)| {
        fields.get(*name).is_some_and(|value| !value.is_null() && !is_right(value))
    };
    FIELDS.iter().find(is_wrong).map_or("a field stands there twice", |(_, (_, sentence))| sentence)
}

/// A hit that another program recorded.
#[derive(Debug)]
pub struct HitLine<'a> {
    /// The time.
    pub at: Timestamp,
    /// The type, as beacons name it.
    pub kind: &'static str,
    /// The address of the page.
    pub href: Cow<'a, str>,
    /// The title of the page.
    pub title: Cow<'a, str>,
    /// The referrer.
    pub referrer: Cow<'a, str>,
    /// The visitor's IP address; 0.0.0.0 if unknown.
    pub address: IpAddr,
    /// The user agent; empty if unknown.
    pub agent: Cow<'a, str>,
    /// The language.
    pub language: Cow<'a, str>,
    /// The screen size, such as `1280x800`.
    pub screen: Cow<'a, str>,
    /// The visitor's ID in the other program; may be empty.
    pub uid: String,
    /// Custom data.
    pub custom: Vec<(String, String)>,
    /// The ID or name of a goal; may be empty.
    pub goal: String,
    /// The revenue of the goal; may be empty.
    pub revenue: String,
    /// The code of its currency; may be empty, for the site's.
    pub currency: String,
    /// The status of the server's answer with the page; may be empty.
    pub status: String,
}

/// The types of hits, each with its name in beacons.
const KINDS: [(&str, &str); 9] = [
    ("", "pageview"),
    ("pageview", "pageview"),
    ("download", "download"),
    ("outbound", "outbound"),
    ("click", "click"),
    ("event", "click"),
    ("goal", "goal"),
    ("custom", "custom"),
    ("ping", "ping"),
];

impl<'a> HitLine<'a> {
    /// Parses a line.
    ///
    /// # Errors
    ///
    /// Fails with the problem of the line, for people.
    pub fn parse(line: &'a str) -> Result<Self, &'static str> {
        let fields: Fields<'a> = serde_json::from_str(line).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => wrong_field(line),
            _ => "this is no line of JSON",
        })?;
        let time = fields.time.ok_or("the time is missing")?;
        let time: jiff::Timestamp = time.parse().map_err(|_| "the time is not like 2026-11-01T10:00:00Z")?;
        let kind = KINDS
            .iter()
            .find(|(name, _)| *name == fields.kind)
            .ok_or("the type is none of pageview, download, outbound, click, goal, custom and ping")?;
        let address = match fields.ip.trim() {
            "" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            text => text.parse().map_err(|_| "the ip is no address such as 192.0.2.7")?,
        };
        let pairs = fields.custom.into_iter().map(|(key, value)| Some((key, plain(value)?)));
        let custom = pairs.collect::<Option<_>>().ok_or("custom is not made of texts and numbers")?;
        let uid =
            fields.uid.map_or(Some(String::new()), plain).ok_or("the uid is neither text nor number")?;
        Ok(Self {
            at: Timestamp(time.as_millisecond()),
            kind: kind.1,
            href: fields.href,
            title: fields.title,
            referrer: fields.referrer,
            address,
            agent: fields.ua,
            language: fields.lang,
            screen: fields.res,
            uid,
            custom,
            goal: fields.goal,
            revenue: fields.revenue.map(|revenue| revenue.to_string()).unwrap_or_default(),
            currency: fields.currency,
            status: fields.status.map(|status| status.to_string()).unwrap_or_default(),
        })
    }
}

/// Returns the text of a value that is neither a list nor an object.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_with_every_field_and_one_with_the_time_alone_are_read() {
        let full = r#"{"time":"2026-11-01T10:00:00Z","type":"event","href":"/a","title":"A \"b\"","ref":"https://x.example/",
            "ip":"2001:db8::1","ua":"M\u006fzilla","lang":"de","res":"800x600","uid":17,"custom":{"plan":"pro","seats":3},
            "goal":"Order","revenue":9.5,"further":[]}"#;
        let line = HitLine::parse(full).unwrap();
        assert_eq!((line.at, line.kind), (Timestamp(1_793_527_200_000), "click"));
        assert_eq!((&*line.title, &*line.agent, &*line.uid), ("A \"b\"", "Mozilla", "17"));
        assert_eq!(line.custom, [("plan".into(), "pro".into()), ("seats".into(), "3".into())]);
        assert_eq!((&*line.goal, &*line.revenue), ("Order", "9.5"));
        let bare = HitLine::parse(r#"{"time":"2026-11-01T11:00:00\u002b01:00"}"#).unwrap();
        assert_eq!((bare.at, bare.kind, bare.uid.as_str()), (line.at, "pageview", ""));
        assert!(bare.address.is_unspecified());
    }

    #[test]
    fn null_says_as_much_as_a_field_that_is_missing() {
        let names = [
            "type", "href", "title", "ref", "ip", "ua", "lang", "res", "uid", "custom", "goal", "revenue",
            "currency",
        ];
        let bare = r#"{"time":"2026-11-01T10:00:00Z""#;
        let nulls = names.map(|name| format!(",\"{name}\":null")).concat();
        let parsed = |line: String| format!("{:?}", HitLine::parse(&line).unwrap());
        assert_eq!(parsed(format!("{bare}{nulls}}}")), parsed(format!("{bare}}}")));
        assert!(HitLine::parse(r#"{"time":null}"#).unwrap_err().contains("time is missing"));
    }

    #[test]
    fn a_line_that_is_something_else_says_what_is_wrong() {
        for (line, word) in [
            ("", "no line of JSON"),
            ("{\"time\":\"2026-11-01T10:00:00Z\"", "no line of JSON"),
            ("[]", "time is missing"),
            ("[1]", "no object with fields"),
            ("{}", "time is missing"),
            (r#"{"time":"yesterday"}"#, "time is not like"),
            (r#"{"time":"2026-11-01T10:00:00Z","type":"dance"}"#, "type"),
            (r#"{"time":"2026-11-01T10:00:00Z","ip":"300.1.1.1"}"#, "ip"),
            (r#"{"time":"2026-11-01T10:00:00Z","custom":{"a":{}}}"#, "custom"),
            (r#"{"time":"2026-11-01T10:00:00Z","uid":[]}"#, "uid"),
            (r#"{"time":"2026-11-01T10:00:00Z","href":7}"#, "the href is no text"),
            (r#"{"time":"2026-11-01T10:00:00Z","title":["a"],"href":"/"}"#, "the title is no text"),
            (r#"{"time":1793527200}"#, "the time is no text"),
            (r#"{"time":"2026-11-01T10:00:00Z","goal":4}"#, "the goal is no text"),
            (r#"{"time":"2026-11-01T10:00:00Z","custom":"a"}"#, "custom is no object"),
            (r#"{"time":"2026-11-01T10:00:00Z","revenue":"9.50"}"#, "the revenue is no number"),
            (r#"{"time":"2026-11-01T10:00:00Z","ua":"a","ua":"b"}"#, "twice"),
        ] {
            assert!(HitLine::parse(line).unwrap_err().contains(word), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(line in "\\PC{0,200}", value in "\\PC{0,20}") {
            drop(HitLine::parse(&line));
            drop(HitLine::parse(&format!("{{\"time\":\"{value}\",\"custom\":{{\"{value}\":{value}}}}}")));
        }
    }
}
