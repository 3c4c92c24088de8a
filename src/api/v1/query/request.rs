//! The request of a query: metrics, dimensions, filters and order, as people know them from Plausible's Stats API v2.

use crate::api::v1::vocabulary::operators::{OPERATORS, OperatorDefinition};
use crate::error::{Error, Result};
use crate::http::spelling::{clipped, nearest};
use crate::reports::filter::Filter;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "metrics": ["visits", "bounce_rate"],
    "date_range": "last-30-days",
    "dimensions": ["country"],
    "filters": [["contains", "href", ["/shop"]]],
    "order_by": [["visits", "desc"]],
    "compare": "before",
    "limit": 10
}))]
pub struct QueryRequest {
    /// The site, by its id or domain. The address names it already: it is here for programs written for Plausible.
    #[serde(default)]
    #[schema(example = "1")]
    pub site_id: Option<String>,
    /// The metrics of each result: `visits`, `unique` (unique visitors), `new` (visitors), `actions`, `pageviews`, `downloads`,
    /// `outbounds`, `events`, `actions_per_visit`, `visit_duration`, `total_time`, `seconds`, `bounce_rate`, `bounces`,
    /// `conversions`, `conversion_rate`, `revenue`, `revenue_per_visit`, `revenue_per_visitor`, `cost`, `cost_per_conversion`,
    /// `return`, and with a dimension `count` (how often the item occurs); with the dimension `href` also `time_on_page` and
    /// `scroll_depth`.
    #[schema(example = json!(["visits", "bounce_rate"]), min_items = 1, max_items = 25)]
    pub metrics: Vec<String>,
    /// The days: `last-30-days`, `2026-11`, two days, or Plausible's `day`, `7d`, `28d`, `30d`, `91d`, `month`, `6mo`,
    /// `12mo`, `year` and `all`.
    pub date_range: DateRangeRequest,
    /// None, one or two of the dimensions by which visits are counted, and of `time:hour`, `time:day`, `time:week` and
    /// `time:month`. Pages: `href`, `landing`, `exit`, `host`. Other content: `download`, `event`, `video`, `outbound`. Sources:
    /// `source` (the kind of source), `link`, `domain` (referring sites), `search`, `engine`, `campaign`, `campaign-source`,
    /// `campaign-medium`, `campaign-term`, `campaign-content`. Places: `country`, `region`, `city`, `language`, `org`,
    /// `hostname`. Devices: `browser`, `browser-version`, `os`, `os-version`, `hardware`, `resolution`. Visits: `actions` (by number
    /// of actions), `time_on_site`, `uid`, `custom`, `not-found`, `broken-link` (the page and the page with the link).
    /// Conversions: `goal`, `split` (test and version). Sources of the visitor's first and last visit from elsewhere within 90 days: `first-source`,
    /// `first-domain`, `first-campaign`, `last-source`, `last-domain`, `last-campaign`.
    #[serde(default)]
    #[schema(example = json!(["country"]), max_items = 2)]
    pub dimensions: Vec<String>,
    /// With the dimension `custom`: only values of this key of custom data.
    #[serde(default)]
    #[schema(example = "plan")]
    pub key: Option<String>,
    /// The filters, all of which must hold.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub filters: Vec<FilterRequest>,
    /// The id of a saved segment, whose filters must hold too.
    #[serde(default)]
    pub segment: Option<String>,
    /// The goal whose conversions and revenue are counted alone, by the name that pages send, its name or its id.
    #[serde(default)]
    pub conversions_of: Option<String>,
    /// The order: a metric or dimension and `asc` or `desc`.
    #[serde(default)]
    #[schema(max_items = 1)]
    pub order_by: Vec<OrderRequest>,
    /// The comparison: `before`, `weekdays`, `year` or `none`.
    #[serde(default)]
    #[schema(example = "before")]
    pub compare: Option<String>,
    /// The number of results on a page.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the reply before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// The days of a query: a name, or the first and the last day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum DateRangeRequest {
    /// A name.
    Name(String),
    /// The first and the last day.
    Days([String; 2]),
}

impl Default for DateRangeRequest {
    fn default() -> Self {
        Self::Name("last-7-days".into())
    }
}

/// A filter: an operator, a dimension and values.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FilterRequest(
    /// `is`, `is_not`, `in`, `contains`, `contains_not` or `starts`.
    pub String,
    /// The name of the filter.
    pub String,
    /// The values.
    pub Vec<String>,
);

/// An order: a metric or dimension and a direction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct OrderRequest(
    /// The metric or dimension.
    pub String,
    /// `asc` or `desc`.
    pub String,
);

impl FilterRequest {
    /// Describes a filter.
    pub fn new(filter: &Filter) -> Self {
        let operator = OperatorDefinition::name(filter.operator).to_owned();
        Self(operator, filter.dimension.filter.to_owned(), filter.values.clone())
    }
}

/// Returns the schema of a list with a fixed number of parts.
fn tuple(about: &str, parts: Vec<Schema>, example: Value) -> RefOr<Schema> {
    let count = parts.len();
    // There are no items after the parts. `items: false` would say so too, but clients that know the draft 7 of JSON Schema
    // alone, as many for assistants do, take `items` for all items, and generators of clients can't read it.
    let anything = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    let list = ArrayBuilder::new().prefix_items(parts).items(RefOr::T(anything.into()));
    RefOr::T(
        list.description(Some(about))
            .min_items(Some(count))
            .max_items(Some(count))
            .examples([example])
            .into(),
    )
}

/// Returns the schema of a text that is one of these, or any text if there are none.
fn text(one_of: &[&str]) -> Schema {
    let values = (!one_of.is_empty()).then(|| one_of.iter().map(|value| (*value).to_owned()));
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(values).into()
}

impl PartialSchema for DateRangeRequest {
    fn schema() -> RefOr<Schema> {
        let days = tuple(
            "The first and the last day.",
            vec![text(&[]), text(&[])],
            json!(["2026-11-01", "2026-11-30"]),
        );
        let either = OneOfBuilder::new().item(RefOr::T(text(&[]))).item(days);
        RefOr::T(either.examples([json!("last-30-days")]).into())
    }
}

impl ToSchema for DateRangeRequest {}

impl PartialSchema for FilterRequest {
    fn schema() -> RefOr<Schema> {
        let operators: Vec<&str> = OPERATORS.iter().map(|one| one.query).collect();
        let values = ArrayBuilder::new().items(RefOr::T(text(&[]))).min_items(Some(1));
        let about = "A filter: an operator, the name of a filter, and values.";
        tuple(about, vec![text(&operators), text(&[]), values.into()], json!(["is", "country", ["DE"]]))
    }
}

impl ToSchema for FilterRequest {}

impl PartialSchema for OrderRequest {
    fn schema() -> RefOr<Schema> {
        let about = "An order: a metric or dimension, and a direction.";
        tuple(about, vec![text(&[]), text(&["asc", "desc"])], json!(["visits", "desc"]))
    }
}

impl ToSchema for OrderRequest {}

/// The members of a request.
const MEMBERS: [(&str, &str); 12] = [
    ("site_id", "Leave it out: the address names the site."),
    ("metrics", "Write a list of names, such as [\"visits\",\"bounce_rate\"]."),
    (
        "date_range",
        "Write a name such as \"last-30-days\", or two days such as [\"2026-11-01\",\"2026-11-30\"].",
    ),
    ("dimensions", "Write a list of names, such as [\"country\"]."),
    ("key", "Write a key of custom data, such as \"plan\"."),
    ("filters", "Write a list of filters, such as [[\"is\",\"country\",[\"DE\"]]]."),
    ("segment", "Write the id of a segment as text, such as \"3\"."),
    ("conversions_of", "Write the name of a goal as text, such as \"order\"."),
    ("order_by", "Write a list with one order, such as [[\"visits\",\"desc\"]]."),
    ("compare", "Write \"before\", \"weekdays\", \"year\" or \"none\"."),
    ("limit", "Write a number from 1 to 1000."),
    ("cursor", "Write the next_cursor of the reply before."),
];

impl QueryRequest {
    /// Parses the body of a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::MalformedJson` for a body that is no JSON, with `Error::Invalid` for one that is no object, and as
    /// [`Self::from_members`] does.
    pub fn parse(body: &[u8]) -> Result<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::from_members(members),
            Ok(_) => Err(Error::invalid("body", "Send a JSON object, such as {\"metrics\":[\"visits\"],…}.")),
            Err(error) => Err(Error::MalformedJson(error.to_string())),
        }
    }

    /// Reads the members of a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` that names each member that is unknown, missing or of another type.
    pub fn from_members(mut members: Map<String, Value>) -> Result<Self> {
        let known = || MEMBERS.iter().map(|(name, _)| *name);
        let mut problems = Vec::new();
        for name in members.keys().filter(|name| known().all(|known| known != name.as_str())) {
            let hint = match (name.as_str(), nearest(name, known())) {
                ("pagination", _) => {
                    "Write “limit”, and for the next page the reply's next_cursor as “cursor”.".into()
                }
                (_, Some(near)) => format!("Did you mean “{near}”?"),
                (_, None) => "Take it out.".to_owned(),
            };
            let name = clipped(name);
            let sentence = format!("A query has no member “{name}”. {hint}");
            problems.extend(Error::invalid(name, sentence).problems()?);
        }
        let mut reader = MemberReader { members: &mut members, problems };
        let request = Self {
            site_id: reader.optional("site_id"),
            metrics: reader.required("metrics"),
            date_range: reader.required("date_range"),
            dimensions: reader.optional("dimensions"),
            key: reader.optional("key"),
            filters: reader.optional("filters"),
            segment: reader.optional("segment"),
            conversions_of: reader.optional("conversions_of"),
            order_by: reader.optional("order_by"),
            compare: reader.optional("compare"),
            limit: reader.optional("limit"),
            cursor: reader.optional("cursor"),
        };
        if reader.problems.is_empty() { Ok(request) } else { Err(Error::Invalid(reader.problems)) }
    }
}

/// The answer to filters that contain filters.
const COMBINED: &str = "All filters must hold, and none contains others: for “not”, write is_not or contains_not; for “or” \
                        between values of one dimension, write them in one filter.";

/// Returns true for filters some of which contain filters, as Plausible has them.
fn is_combined(filters: &Value) -> bool {
    let words = ["and", "or", "not", "has_done", "has_not_done"];
    let is_word = |filter: &Value| filter[0].as_str().is_some_and(|first| words.contains(&first));
    filters.as_array().is_some_and(|filters| filters.iter().any(is_word))
}

/// A reader of members, which collects the problems.
struct MemberReader<'a> {
    members: &'a mut Map<String, Value>,
    problems: Vec<crate::error::Problem>,
}

impl MemberReader<'_> {
    fn required<T: DeserializeOwned + Default>(&mut self, name: &'static str) -> T {
        if !self.members.contains_key(name) {
            self.refuse(name, "It is missing.");
            return T::default();
        }
        self.optional(name)
    }

    fn optional<T: DeserializeOwned + Default>(&mut self, name: &'static str) -> T {
        let Some(value) = self.members.remove(name) else { return T::default() };
        let is_combined = name == "filters" && is_combined(&value);
        serde_json::from_value(value).unwrap_or_else(|_| {
            let problem = if is_combined { COMBINED } else { "It can't be read." };
            self.refuse(name, problem);
            T::default()
        })
    }

    fn refuse(&mut self, name: &'static str, problem: &str) {
        let how = MEMBERS.iter().find(|(known, _)| *known == name).map_or("", |(_, how)| how);
        if let Ok(problems) = Error::invalid(name, format!("{problem} {how}")).problems() {
            self.problems.extend(problems);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1::vocabulary::dimensions::query_name;
    use crate::api::v1::vocabulary::metrics::METRICS;
    use crate::reports::catalogue;

    fn parse(body: &str) -> Result<QueryRequest> {
        QueryRequest::parse(body.as_bytes())
    }

    #[test]
    fn a_query_is_read_as_it_is_written() {
        let body = r#"{"metrics":["visits","bounce_rate"],"date_range":["2026-11-01","2026-11-30"],"dimensions":["country"],
            "filters":[["is","country",["DE","AT"]]],"order_by":[["visits","desc"]],"limit":5,"segment":null}"#;
        let request = parse(body).unwrap();
        assert_eq!(request.metrics, ["visits", "bounce_rate"]);
        assert_eq!(request.date_range, DateRangeRequest::Days(["2026-11-01".into(), "2026-11-30".into()]));
        assert_eq!(request.filters[0].2, ["DE", "AT"]);
        assert_eq!((request.limit, request.segment, request.cursor), (Some(5), None, None));
    }

    #[test]
    fn the_schema_names_all_metrics_and_dimensions() {
        let schema = serde_json::to_value(QueryRequest::schema()).unwrap();
        let about = |member: &str| schema["properties"][member]["description"].as_str().unwrap().to_owned();
        for metric in &METRICS {
            assert!(about("metrics").contains(&format!("`{}`", metric.name)), "{}", metric.name);
        }
        for dimension in catalogue::dimensions() {
            let name = query_name(dimension);
            assert!(about("dimensions").contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn a_tuple_holds_by_the_draft_7_of_json_schema_too() {
        for schema in [FilterRequest::schema(), OrderRequest::schema()] {
            let schema = serde_json::to_value(schema).unwrap();
            assert!(schema["prefixItems"].is_array() && schema["items"] == json!({}), "{schema}");
            assert_eq!(schema["minItems"], schema["maxItems"]);
        }
    }

    #[test]
    fn every_wrong_member_is_named_at_once() {
        let fields = |body: &str| {
            let problems = parse(body).unwrap_err().problems().unwrap();
            problems.iter().map(|problem| problem.field.clone().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(fields("{}"), ["metrics", "date_range"]);
        assert_eq!(fields("[]"), ["body"]);
        assert!(matches!(parse("{"), Err(Error::MalformedJson(_))));
        let body = r#"{"metric":["visits"],"metrics":"visits","date_range":7,"limit":-1,"filters":[["is","country"]]}"#;
        assert_eq!(fields(body), ["metric", "metrics", "date_range", "filters", "limit"]);
        for (member, hint) in [
            (r#""pagination":{"limit":10}"#, "next_cursor"),
            (r#""filters":[["not",["is","country",["DE"]]]]"#, "is_not"),
            (r#""site_id":{}"#, "the address names the site"),
        ] {
            let problem =
                parse(&format!(r#"{{"metrics":[],"date_range":"7d",{member}}}"#)).unwrap_err().to_string();
            assert!(problem.contains(hint), "{problem}");
        }
        let problem = parse(r#"{"metrics":[],"date_range":"7d","order":1}"#).unwrap_err().to_string();
        assert!(problem.contains("“order_by”") || problem.contains("Take it out"), "{problem}");
    }
}
