//! The reply to a request for a report.

use super::cohort_row::CohortRow;
use super::funnel_rows::{FunnelItemRow, FunnelStepRow};
use super::hour_row::HourRow;
use super::item_json::{ItemJson, MetricsJson};
use super::journey_rows::JourneyStepRow;
use super::split_row::{SplitRow, SplitTestJson};
use super::uptime_rows::{OutageRow, UptimeRow};
use super::vitals_json::{OverallVitals, VitalsRow};
use crate::api::v1::resolved::ResolvedQuery;
use crate::api::v1::vocabulary::metrics::ValueScope;
use crate::reports::catalogue::{Report, ReportKind};
use crate::reports::results::cross_tab::Pair;
use crate::reports::results::table::TableRow;
use crate::reports::visibility::Visibility;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportReply {
    /// The name of the report.
    #[schema(example = "pages")]
    pub report: &'static str,
    /// The title, as on screens.
    #[schema(example = "Pages")]
    pub title: &'static str,
    /// The kind of its rows: `metric`, `items`, `recent`, `filtered`, `journey`, `funnel`, `split-tests`, `hours`, `vitals`,
    /// `retention`, `uptime` or `outages`.
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
    /// The id of the funnel; only of `funnels`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1")]
    pub funnel: Option<String>,
    /// All visits of the range, whether they took a step or not; only of `funnels`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<i64>,
    /// Those of visitors who are recognized for longer than a day; only of funnels across visits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recognized_visits: Option<i64>,
    /// The split test that was counted, for `split-tests`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_test: Option<SplitTestJson>,
    /// The web vitals of all pages; only of the report `web-vitals`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall: Option<OverallVitals>,
    /// The new visitors who are recognized for one day only, and so are in no cohort; only of `retention`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrecognized_visitors: Option<i64>,
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
            funnel: None,
            visits: None,
            recognized_visits: None,
            split_test: None,
            overall: None,
            unrecognized_visitors: None,
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
        ReportKind::Journeys => "journey",
        ReportKind::Funnels => "funnel",
        ReportKind::SplitTests(_) => "split-tests",
        ReportKind::Hours => "hours",
        ReportKind::Vitals => "vitals",
        ReportKind::Retention => "retention",
        ReportKind::Uptime => "uptime",
        ReportKind::Outages => "outages",
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
    /// A step of a journey.
    JourneyStep(JourneyStepRow),
    /// A step of a funnel.
    FunnelStep(FunnelStepRow),
    /// An item within a funnel.
    FunnelItem(FunnelItemRow),
    /// A version of a split test.
    Split(SplitRow),
    /// An hour of the week.
    Hour(HourRow),
    /// The web vitals of a page.
    Vitals(VitalsRow),
    /// A cohort of visitors.
    Cohort(CohortRow),
    /// A monitor.
    Monitor(UptimeRow),
    /// An outage of a monitor.
    Outage(OutageRow),
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
