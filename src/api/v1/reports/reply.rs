//! The reply to a request for a report.

use crate::api::v1::resolved::ResolvedQuery;
use crate::api::v1::vocabulary::metrics::{ApiMetric, METRICS, ValueScope};
use crate::model::metrics::Metrics;
use crate::reports::catalogue::{Report, ReportKind};
use crate::reports::results::cross_tab::Pair;
use crate::reports::results::item_name::ItemName;
use crate::reports::results::table::TableRow;
use crate::reports::visibility::Visibility;
use serde::Serialize;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportReply {
    /// The name of the report.
    #[schema(example = "pages")]
    pub report: &'static str,
    /// The title, as on screens.
    #[schema(example = "Pages")]
    pub title: &'static str,
    /// The kind of its rows: `metric`, `items`, `recent` or `filtered`.
    pub kind: &'static str,
    /// The query, resolved.
    pub query: ResolvedQuery,
    /// The rows of the page.
    pub rows: Vec<ReportRow>,
    /// The value of the whole range: of items the sum of their occurrences.
    #[schema(value_type = f64)]
    pub total: Number,
    /// The value of the whole comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub total_before: Option<Number>,
    /// The number of rows on all pages: of a report by another one the number of its own items.
    pub count: usize,
    /// The most frequent items over time, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<ItemsOverTime>,
    /// The cursor of the next page; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl ReportReply {
    /// Creates a reply without rows.
    pub fn new(report: &Report, query: ResolvedQuery) -> Self {
        Self {
            report: report.name,
            title: report.title,
            kind: kind_name(report.kind),
            query,
            rows: Vec::new(),
            total: 0.into(),
            total_before: None,
            count: 0,
            series: None,
            next_cursor: None,
        }
    }
}

/// Returns the name of a kind of report.
pub fn kind_name(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Metric(_) => "metric",
        ReportKind::Items(_) => "items",
        ReportKind::Recent(_) => "recent",
        ReportKind::FilteredHits => "filtered",
    }
}

/// A row of a report.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ReportRow {
    /// An item with its metrics.
    Item(ItemRow),
    /// Two items that occur in the same visits.
    Pair(PairRow),
    /// A step of a time series.
    Step(StepRow),
    /// An item of a recent list.
    Recent(RecentRow),
    /// The filtered hits of a day and reason.
    Filtered(FilteredRow),
}

/// The name of an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
pub struct ItemJson {
    /// The title.
    #[schema(example = "Germany")]
    pub item: String,
    /// The value for a filter.
    #[schema(example = "DE")]
    pub value: String,
    /// The line below the title, such as the title of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// The address of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl ItemJson {
    /// Describes an item.
    pub fn new(name: &ItemName) -> Self {
        Self {
            item: name.title.clone(),
            value: name.filter.clone(),
            beside: name.subtitle.clone().filter(|text| !text.is_empty()),
            url: name.address.clone(),
        }
    }
}

/// An item with its metrics.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemRow {
    #[serde(flatten)]
    item: ItemJson,
    #[serde(flatten)]
    metrics: MetricsJson,
    /// The metrics in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<MetricsJson>,
}

impl ItemRow {
    /// Describes a row of a table.
    pub fn new(row: &TableRow, scope: &ValueScope, visibility: &Visibility) -> Self {
        let before = row.before.as_ref();
        Self {
            item: ItemJson::new(&row.name),
            metrics: MetricsJson::new(&row.metrics, scope, visibility),
            before: before.map(|before| MetricsJson::new(before, &scope.before(), visibility)),
        }
    }
}

/// The metrics of an item, by their names.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct MetricsJson(Map<String, Value>);

impl MetricsJson {
    /// Describes the metrics of an item that may be seen.
    pub fn new(metrics: &Metrics, scope: &ValueScope, visibility: &Visibility) -> Self {
        let is_shown = |metric: &&ApiMetric| metric.is_of_items && metric.is_visible(visibility);
        let of_items = METRICS.iter().filter(is_shown);
        Self(of_items.map(|metric| (metric.name.to_owned(), metric.value(metrics, scope).into())).collect())
    }
}

impl PartialSchema for MetricsJson {
    fn schema() -> RefOr<Schema> {
        let of_items = METRICS.iter().filter(|metric| metric.is_of_items);
        let object = of_items.fold(ObjectBuilder::new(), |object, metric| {
            let number = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Number));
            object.property(metric.name, number.description(Some(metric.about)))
        });
        object.into()
    }
}

impl ToSchema for MetricsJson {
    fn name() -> Cow<'static, str> {
        "Metrics".into()
    }
}

/// Two items that occur in the same visits.
#[derive(Debug, Serialize, ToSchema)]
pub struct PairRow {
    /// The item of the report.
    #[serde(flatten)]
    pub item: ItemJson,
    /// The item of the other report.
    pub by: ItemJson,
    /// The number of visits with both.
    pub visits: i64,
    /// The number in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<PairBefore>,
}

impl PairRow {
    /// Describes two items.
    pub fn new(pair: &Pair<'_>) -> Self {
        Self {
            item: ItemJson::new(&pair.row.name),
            by: ItemJson::new(&pair.column.name),
            visits: pair.visits.now,
            before: pair.visits.before.map(|visits| PairBefore { visits }),
        }
    }
}

/// The visits with two items in the comparison period.
#[derive(Debug, Serialize, ToSchema)]
pub struct PairBefore {
    /// The number of visits with both.
    pub visits: i64,
}

/// A step of a time series.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepRow {
    /// The day on which the step begins, with the local hour for hours; left out for a number of this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-30")]
    pub date: Option<String>,
    /// The value.
    #[schema(value_type = f64)]
    pub value: Number,
    /// The value in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub before: Option<Number>,
}

/// An item of a recent list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentRow {
    /// The beginning of its visit, in RFC 3339.
    #[schema(example = "2026-11-30T09:30:00Z")]
    pub at: String,
    /// The link or the search terms.
    pub item: String,
    /// The id of the visit.
    pub visit_id: String,
}

/// The filtered hits of a day and reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilteredRow {
    /// The day.
    #[schema(example = "2026-11-30")]
    pub date: String,
    /// The name of the reason.
    pub reason: String,
    /// The reason in words.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub meaning: &'static str,
    /// The number of hits.
    pub hits: i64,
    /// The number on the same day of the comparison period; left out for a day that is not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
}

/// The most frequent items over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemsOverTime {
    /// The steps: days, or the hours of one day.
    #[schema(example = json!(["2026-11-29", "2026-11-30"]))]
    pub steps: Vec<String>,
    /// The items.
    pub items: Vec<ItemOverTime>,
}

/// The occurrences of an item over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemOverTime {
    /// The item.
    #[serde(flatten)]
    pub item: ItemJson,
    /// Its occurrences, step by step.
    pub counts: Vec<i64>,
    /// Its occurrences in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<i64>>,
}
