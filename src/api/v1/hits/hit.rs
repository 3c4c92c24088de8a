//! The body of a batch of hits, as JSON. Unknown members and wrong types refuse it, with the path of the member: a typo must
//! not lose data.

use super::diagnosis::{TYPES, diagnosis, is_empty_list, unknown_in_batch};
use super::sent_batch::SentBatch;
use crate::error::{Error, Result};
use crate::http::spelling::clipped;
use crate::ingest::beacon::{Beacon, SplitParams};
use crate::ingest::hit::ServerProof;
use crate::limits;
use crate::model::id::SiteId;
use crate::store::visit_attribute::VisitAttribute;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A text, or a number that is read as one.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read in another way")]
enum TextOrNumber {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
}

/// A value of custom data.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what is read in another way")]
enum CustomValue {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false, stored as that word.
    Boolean(bool),
}

/// A batch of hits.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read hit by hit")]
#[schema(example = json!({
    "hits": [{
        "id": "invoice-4711",
        "type": "download",
        "href": "/invoices/4711.pdf",
        "ip_address": "203.0.113.7",
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
    }]
}))]
pub struct HitBatchBody {
    /// The hits, in the order in which they happened.
    #[schema(max_items = 1000)]
    hits: Vec<HitBody>,
}

/// A hit, as a program on the site's server logs it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HitBody {
    /// Your own id of the hit. A hit that is sent again with it in the next 24 hours isn't counted again.
    /// 200 bytes at most.
    #[serde(default, deserialize_with = "text_or_number")]
    #[schema(value_type = Option<TextOrNumber>, example = "order-4711")]
    pub id: Option<String>,
    /// The type: `pageview` (the default), `download`, `outbound`, `event` (or `click`) for any other event, `custom` for
    /// custom data alone, `goal` for a goal alone.
    #[serde(rename = "type")]
    #[schema(example = "pageview")]
    kind: Option<HitType>,
    /// The address of the page, file or link; a path is one on the site's domain. Not needed for `custom` and `goal`.
    #[schema(example = "/cakes")]
    href: Option<String>,
    /// The title of the page.
    #[schema(example = "Our cakes")]
    title: Option<String>,
    /// The address of the page that the visitor came from, for the first hit of a visit.
    #[schema(example = "https://www.example.com/")]
    referrer: Option<String>,
    /// Campaign parameters that aren't in `href`, as a query.
    #[schema(example = "utm_source=letter&utm_campaign=spring")]
    utm: Option<String>,
    /// The address of the visitor. It or `visit` is needed.
    #[schema(example = "203.0.113.7")]
    ip_address: Option<String>,
    /// The user agent of the visitor, for the first hit of a visit.
    user_agent: Option<String>,
    /// The size of the visitor's screen.
    #[schema(example = "1920x1080")]
    screen: Option<String>,
    /// The id in the visitor's first-party cookie, if the site's settings allow one.
    #[serde(default, deserialize_with = "text_or_number")]
    #[schema(value_type = Option<TextOrNumber>)]
    visitor: Option<String>,
    /// True if the visitor has consented, for sites that ask first.
    consent: Option<bool>,
    /// The id of the visit that the hit belongs to.
    visit: Option<String>,
    /// Custom data: up to 20 names with texts, numbers or booleans.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, CustomValue>>)]
    custom: Option<Map<String, Value>>,
    /// The name or id of a goal that the visitor reached.
    #[serde(default, deserialize_with = "text_or_number")]
    #[schema(value_type = Option<TextOrNumber>, example = "Order")]
    goal: Option<String>,
    /// The revenue of the goal, in the site's currency: a number, or a text that is one, such as `19.50` or `49,90`. A
    /// negative one is a refund.
    #[serde(default, deserialize_with = "text_or_number")]
    #[schema(value_type = Option<TextOrNumber>, example = 19.5)]
    revenue: Option<String>,
    /// The code of the revenue's currency, such as `EUR`. In another currency than the site's, the goal counts without its
    /// revenue.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// The version of a split test that the visitor saw.
    split: Option<SplitBody>,
    /// The HTTP status of your server's answer, for a page view. With 404 or 410, the page is listed under Pages not found,
    /// with `referrer` as the page whose link led there.
    #[schema(example = 404)]
    status: Option<u16>,
}

/// The type of a hit.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HitType {
    /// A page view.
    Pageview,
    /// A download.
    Download,
    /// A click on a link to another site.
    Outbound,
    /// Any other event; the same as `event`.
    Click,
    /// Custom data alone.
    Custom,
    /// A goal alone.
    Goal,
    /// Any event that is none of the others, as lists of actions call it.
    Event,
}

/// The version of a split test.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitBody {
    /// The name of the test.
    name: String,
    /// The name of the version.
    version: String,
    /// The goal that decides.
    goal: Option<String>,
}

/// Parses the body of a batch, hit by hit: what is refused takes no more memory than it was sent with.
///
/// # Errors
///
/// Fails with `Error::MalformedJson` when it is no JSON, and with `Error::Invalid` for a member that is unknown, of the
/// wrong type or too long, and for too many hits.
pub fn parse(body: &[u8]) -> Result<Vec<HitBody>> {
    let sent = SentBatch::parse(body)?;
    if let Some(error) = sent.unknown.as_ref().and_then(|name| unknown_in_batch(name, sent.has_hits())) {
        return Err(error);
    }
    let hits = sent.hits()?;
    hits.iter().enumerate().map(|(index, hit)| HitBody::parse(&format!("hits[{index}]"), hit.get())).collect()
}

impl HitBody {
    /// Parses a hit that stands at a path.
    fn parse(path: &str, sent: &str) -> Result<Self> {
        if sent.len() > limits::BODY_BYTES_MAX {
            let sentence = format!("A hit has {} KiB at most.", limits::BODY_BYTES_MAX / 1_024);
            return Err(Error::invalid(path.to_owned(), sentence));
        }
        let hit: Self = serde_json::from_str(sent).map_err(|error| diagnosis(path, sent, &error))?;
        let is_right = |id: &String| (1..=limits::HIT_ID_BYTES_MAX).contains(&id.len());
        if !hit.id.as_ref().is_none_or(is_right) {
            let sentence = format!("Give the hit an id of 1 to {} bytes, or none.", limits::HIT_ID_BYTES_MAX);
            return Err(Error::invalid(format!("{path}.id"), sentence));
        }
        let custom = || hit.custom.iter().flatten();
        if let Some((name, _)) = custom().find(|(_, value)| is_nested(value)) {
            let sentence = "Custom data has texts, numbers and booleans as values.";
            return Err(Error::invalid(format!("{path}.custom.{}", clipped(name)), sentence));
        }
        if custom().filter(|(_, value)| !value.is_null()).count() > limits::CUSTOM_KEYS_MAX {
            let sentence = format!("Send custom data with {} names at most.", limits::CUSTOM_KEYS_MAX);
            return Err(Error::invalid(format!("{path}.custom"), sentence));
        }
        Ok(hit)
    }

    /// Returns the hit as the beacon of a program whose right to write to the site is checked with the batch.
    pub fn into_beacon(self, site: SiteId) -> Beacon {
        let custom = self.custom.into_iter().flatten();
        let split = self.split.map(|split| SplitParams {
            name: split.name,
            version: split.version,
            goal: split.goal.unwrap_or_default(),
        });
        Beacon {
            site: Some(site),
            kind: self.kind.map_or("pageview", HitType::name).to_owned(),
            href: self.href.unwrap_or_default(),
            title: self.title.unwrap_or_default(),
            referrer: self.referrer.unwrap_or_default(),
            utm: self.utm.unwrap_or_default(),
            attributes: self.screen.map(|screen| (VisitAttribute::Screen, screen)).into_iter().collect(),
            // The program has it from the visitor's browser.
            cookie_kept: self.visitor.is_some(),
            visitor: self.visitor.unwrap_or_default(),
            consent: self.consent.unwrap_or(false),
            javascript: true,
            custom: custom.filter_map(|(name, value)| Some((name, text(value)?))).collect(),
            goal: self.goal.unwrap_or_default(),
            revenue: self.revenue.unwrap_or_default(),
            currency: self.currency.unwrap_or_default(),
            split: split.unwrap_or_default(),
            program: Some(ServerProof::Batch),
            sent_id: self.id,
            visit: self.visit.unwrap_or_default(),
            address: self.ip_address.unwrap_or_default(),
            agent: self.user_agent.unwrap_or_default(),
            status: self.status.map(|status| status.to_string()).unwrap_or_default(),
            ..Beacon::default()
        }
    }
}

impl HitType {
    /// Returns the name that a beacon has for the type.
    fn name(self) -> &'static str {
        match self {
            Self::Event => "click",
            own => TYPES[own as usize],
        }
    }
}

/// Returns a value of custom data as text; `None` for one that is not there.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        value => Some(value.to_string()),
    }
}

fn is_nested(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// Reads a text, or a number as text.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(serde::de::Error::custom("no text and no number")),
    }
}

/// Reads an object; a list of nothing is none.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Map<String, Value>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Object(members) => Ok(Some(members)),
        value if is_empty_list(&value) => Ok(None),
        _ => Err(serde::de::Error::custom("no object")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnosis::HIT;
    use super::*;
    use utoipa::PartialSchema;

    fn refusal(body: &str) -> (String, String) {
        match parse(body.as_bytes()).unwrap_err() {
            Error::Invalid(problems) => (problems[0].field.to_string(), problems[0].sentence.clone()),
            error => (String::new(), error.to_string()),
        }
    }

    #[test]
    fn a_wrong_member_is_named_by_its_path() {
        for (body, path, hint) in [
            (r#"{"hits":[{},{"hreff":"/"}]}"#, "hits[1].hreff", "“href”"),
            (r#"{"hits":[{"zzzzzzzz":1}]}"#, "hits[0].zzzzzzzz", "Take it out"),
            (r#"{"hit":[]}"#, "hit", "“hits”"),
            (r#"{"hits":{}}"#, "hits", "array"),
            ("{}", "hits", "array"),
            (r#"{"batch":[]}"#, "hits", "“hits”"),
            (r#"{"hits":[{"custom":["a"]}]}"#, "hits[0].custom", "object"),
            ("[]", "hits", "object"),
            (r#"{"hits":[1]}"#, "hits[0]", "object"),
            (r#"{"hits":[],"site":1}"#, "site", "Did you mean"),
            (r#"{"hits":[{"href":5}]}"#, "hits[0].href", "text"),
            (r#"{"hits":[{"type":"ping"}]}"#, "hits[0].type", "pageview"),
            (r#"{"hits":[{"revenue":[5]}]}"#, "hits[0].revenue", "number"),
            (r#"{"hits":[{"currency":978}]}"#, "hits[0].currency", "text"),
            (r#"{"hits":[{"status":"404"}]}"#, "hits[0].status", "number"),
            (r#"{"hits":[{"status":-404}]}"#, "hits[0].status", "number"),
            (r#"{"hits":[{"id":["a"]}]}"#, "hits[0].id", "text or a number"),
            (r#"{"hits":[{"ua":"x"}]}"#, "hits[0].ua", "“user_agent”"),
            (r#"{"hits":[{"timestamp":"2026-11-30T09:30:00Z"}]}"#, "hits[0].timestamp", "when it arrives"),
            (
                r#"{"hits":[{"split":{"name":"a","version":"b","at":"c"}}]}"#,
                "hits[0].split.at",
                "Take it out",
            ),
            (r#"{"hits":[{"consent":1}]}"#, "hits[0].consent", "true or false"),
            (r#"{"hits":[{"goal":[]}]}"#, "hits[0].goal", "text"),
            (r#"{"hits":[{"custom":5}]}"#, "hits[0].custom", "object"),
            (r#"{"hits":[{"custom":{"a":{}}}]}"#, "hits[0].custom.a", "texts"),
            (r#"{"hits":[{"split":{"name":"a"}}]}"#, "hits[0].split.version", "text"),
            (r#"{"hits":[{"split":{"name":"a","version":"b","gaol":"c"}}]}"#, "hits[0].split.gaol", "“goal”"),
            (r#"{"hits":[{"id":""}]}"#, "hits[0].id", "1 to 200"),
            (r#"{"hits":[{"href":"/","href":"/"}]}"#, "hits[0]", "duplicate"),
            (r#"{"hits":[],"hits":[]}"#, "hits", "once"),
        ] {
            let (field, sentence) = refusal(body);
            let hint_holds = sentence.contains(hint) || hint == "Did you mean" && !sentence.is_empty();
            assert!(field == path && hint_holds, "{body}: {field}: {sentence}");
        }
        assert!(refusal("{").1.contains("line 1"));
        let many = format!(r#"{{"hits":[{}]}}"#, ["{}"; 1_001].join(","));
        assert_eq!(refusal(&many).0, "hits");
        let large = format!(r#"{{"hits":[{{"title":"{}"}}]}}"#, "x".repeat(limits::BODY_BYTES_MAX));
        assert_eq!(refusal(&large).0, "hits[0]");
        let names: Vec<String> =
            (0..=limits::CUSTOM_KEYS_MAX).map(|number| format!("\"n{number}\":1")).collect();
        let many = format!(r#"{{"hits":[{{"custom":{{{}}}}}]}}"#, names.join(","));
        assert_eq!(refusal(&many).0, "hits[0].custom");
    }

    #[test]
    fn the_description_has_the_limits() {
        let batch = serde_json::to_value(HitBatchBody::schema()).unwrap();
        assert_eq!(batch["properties"]["hits"]["maxItems"], limits::HITS_PER_BATCH_MAX);
        let hit = serde_json::to_value(HitBody::schema()).unwrap();
        let about = |member: &str| hit["properties"][member].to_string();
        assert!(about("id").contains(&format!("{} bytes", limits::HIT_ID_BYTES_MAX)));
        assert!(about("id").contains(&format!("{} hours", limits::SENT_IDS_KEPT.as_secs() / 3_600)));
        assert!(about("custom").contains(&format!("{} names", limits::CUSTOM_KEYS_MAX)));
    }

    #[test]
    fn a_hit_has_the_members_that_its_list_names() {
        let members: Vec<String> = HIT.iter().map(|name| format!("\"{name}\":null")).collect();
        assert!(parse(format!(r#"{{"hits":[{{{}}}]}}"#, members.join(",")).as_bytes()).is_ok());
    }

    #[test]
    fn what_databases_and_php_write_is_read_as_it_is_meant() {
        let body = r#"{"hits":[{"id":4711,"type":"event","revenue":" 19.50","visitor":12,"custom":[]}]}"#;
        let hit = parse(body.as_bytes()).unwrap().remove(0);
        assert_eq!(hit.id.as_deref(), Some("4711"));
        let beacon = hit.into_beacon(SiteId(1));
        assert_eq!(
            (beacon.kind.as_str(), beacon.revenue.as_str(), beacon.visitor.as_str()),
            ("click", " 19.50", "12")
        );
    }

    #[test]
    fn members_become_those_of_a_beacon() {
        let body = r#"{"hits":[{"id":"a","type":"click","href":"/x","goal":7,"revenue":1.5,
            "custom":{"name":"Bo","age":5,"vip":true,"none":null},"visitor":"12","screen":"10x20"}]}"#;
        let beacon = parse(body.as_bytes()).unwrap().remove(0).into_beacon(SiteId(1));
        assert_eq!(
            (beacon.kind.as_str(), beacon.goal.as_str(), beacon.revenue.as_str()),
            ("click", "7", "1.5")
        );
        let custom: Vec<_> = beacon.custom.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(custom, ["age=5", "name=Bo", "vip=true"]);
        assert!(beacon.cookie_kept && beacon.program.is_some());
    }
}
