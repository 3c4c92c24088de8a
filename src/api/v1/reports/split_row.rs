//! A split test in replies: a row for each version, with the verdict on it.

use super::item_json::{ItemJson, MetricsJson};
use crate::api::v1::resolved::DaysJson;
use crate::reports::significance::Difference;
use crate::reports::split_report::words::METHOD;
use crate::reports::split_report::{BaselineReason, SplitReport};
use serde::Serialize;
use utoipa::ToSchema;

/// A version of a split test.
#[derive(Debug, Serialize, ToSchema)]
pub struct SplitRow {
    /// The name, with its value for the filter `split`.
    #[serde(flatten)]
    pub item: ItemJson,
    #[serde(flatten)]
    pub metrics: MetricsJson,
    /// The metrics in the comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<MetricsJson>,
    /// The first and the last day with visits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<DaysJson>,
    /// The verdict: `baseline`, `alone`, `too-few`, `other-days`, `not-enough`, `undecided`, `better` or `worse`.
    pub verdict: &'static str,
    /// The verdict as a sentence.
    pub statement: String,
    /// The difference of the conversion rate from that of the baseline; left out where none can be stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<DifferenceJson>,
}

/// A difference of two conversion rates, in percentage points.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SplitDifference)]
pub struct DifferenceJson {
    /// The difference.
    points: f64,
    /// The lower end of the interval, which holds however often it is looked at.
    low: f64,
    /// The upper end of the interval.
    high: f64,
}

/// The split test of a report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SplitTest)]
pub struct SplitTestJson {
    /// The name of the test.
    #[serde(skip_serializing_if = "Option::is_none")]
    test: Option<String>,
    /// All tests of the range, those with most visits first.
    tests: Vec<String>,
    /// The goal whose conversions are counted alone, by the name that pages send; left out for all goals.
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<String>,
    /// The baseline version.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<String>,
    /// The reason why it is the baseline: `chosen`, `name`, `seen-first` or `alphabet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_by: Option<&'static str>,
    /// The days on which all versions ran, if some began later or ended earlier than others.
    #[serde(skip_serializing_if = "Option::is_none")]
    common_days: Option<DaysJson>,
    /// The method in a sentence.
    method: &'static str,
    /// The visits of versions that are not listed.
    other_visits: i64,
}

impl DifferenceJson {
    /// Describes a difference.
    pub fn new(found: Difference) -> Self {
        let points = |share: f64| (share * 1_000_000.0).round() / 10_000.0;
        Self { points: points(found.estimate), low: points(found.low), high: points(found.high) }
    }
}

impl SplitTestJson {
    /// Describes the test of a report.
    pub fn new(report: &SplitReport) -> Self {
        let name =
            |place: usize| report.test.versions.get(place).map(|version| version.row.name.title.clone());
        let reason = |reason: BaselineReason| match reason {
            BaselineReason::Chosen => "chosen",
            BaselineReason::Name => "name",
            BaselineReason::SeenFirst => "seen-first",
            BaselineReason::Alphabet => "alphabet",
        };
        Self {
            test: report.test.name.clone(),
            tests: report.test.tests.clone(),
            goal: report.goal.as_ref().map(|goal| goal.code.clone()),
            baseline: report.baseline.and_then(|baseline| name(baseline.place)),
            baseline_by: report.baseline.map(|baseline| reason(baseline.reason)),
            common_days: report.days.common.filter(|_| !report.days.are_common()).map(DaysJson::new),
            method: METHOD,
            other_visits: report.other_visits(),
        }
    }
}
