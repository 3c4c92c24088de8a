//! The chart of a metric over time.

use super::chart::{Chart, Series, Steps};
use super::chart_notes::ChartNotes;
use crate::model::currency::Currency;
use crate::reports::catalogue::{Metric, Report};
use crate::reports::comparison::{Compared, Comparison};
use crate::reports::results::time_series::TimeSeries;

/// Returns the chart of a report's metric over a range, with the comparison period. The range that is selected in the
/// chart is appended to the address `select`.
pub fn new(
    report: &'static Report,
    (metric, currency): (Metric, Currency),
    series: &Compared<TimeSeries>,
    comparison: Option<Comparison>,
    select: String,
) -> Chart {
    let values = |series: &TimeSeries| series.metrics().iter().map(|step| metric.value(step)).collect();
    let now = Series { name: report.title.into(), values: values(&series.now), is_before: false };
    let before = series.before.as_ref().zip(comparison).map(|(before, comparison)| Series {
        name: comparison.title().into(),
        values: values(before),
        is_before: true,
    });
    Chart {
        title: format!("{} over time", report.title),
        steps: match &series.now {
            TimeSeries::Days(days, _) => Steps::Days(days.clone()),
            TimeSeries::Hours(_) => Steps::Hours,
        },
        series: std::iter::once(now).chain(before).collect(),
        unit: metric.unit(currency),
        select: Some(select),
        comparison,
        notes: ChartNotes::default(),
    }
}
