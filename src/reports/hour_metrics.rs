//! The metrics that the report of hours and weekdays has. Costs belong to days, and have no hour.

use crate::error::{Error, Result};
use crate::model::metrics::Metric;
use crate::reports::visibility::Visibility;

/// A metric of the report.
#[derive(Debug)]
pub struct HourMetric {
    /// The name in addresses.
    pub name: &'static str,
    /// The title.
    pub title: &'static str,
    /// The metric.
    pub metric: Metric,
}

const fn of(name: &'static str, title: &'static str, metric: Metric) -> HourMetric {
    HourMetric { name, title, metric }
}

/// All metrics of the report, the usual one first.
pub static HOUR_METRICS: [HourMetric; 16] = [
    of("visits", "Visits", Metric::Visits),
    of("unique", "Unique visitors", Metric::Uniques),
    of("new", "New visitors", Metric::New),
    of("actions", "Actions", Metric::Actions),
    of("pageviews", "Page views", Metric::PageViews),
    of("downloads", "Downloads", Metric::Downloads),
    of("outbounds", "Outbound clicks", Metric::Outbounds),
    of("events", "Events", Metric::Events),
    of("actions_per_visit", "Actions per visit", Metric::ActionsAverage),
    of("visit_duration", "Visit duration", Metric::TimeAverage),
    of("total_time", "Total time", Metric::TimeTotal),
    of("bounce_rate", "Bounce rate", Metric::BounceRate),
    of("conversions", "Conversions", Metric::Conversions),
    of("conversion_rate", "Conversion rate", Metric::ConversionRate),
    of("revenue", "Revenue", Metric::Revenue),
    of("revenue_per_visit", "Revenue per visit", Metric::RevenuePerVisit),
];

/// Lists the metrics that may be seen.
pub fn offered(visibility: &Visibility) -> impl Iterator<Item = &'static HourMetric> {
    HOUR_METRICS.iter().filter(|one| visibility.shows_metric(one.metric))
}

/// Finds a metric by its name; the usual one without a name.
///
/// # Errors
/// Fails with [`Error::Invalid`] for a name that is unknown, or that of a hidden metric.
pub fn find(name: Option<&str>, visibility: &Visibility) -> Result<&'static HourMetric> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(&HOUR_METRICS[0]) };
    offered(visibility).find(|one| one.name == name).ok_or_else(|| {
        let names: Vec<_> = offered(visibility).map(|one| one.name).collect();
        Error::invalid("metric", format!("Choose one of these: {}.", names.join(", ")))
    })
}
