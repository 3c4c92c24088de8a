//! The metrics, each with its name, its meaning and its value.

use crate::error::{Error, Result};
use crate::http::spelling::{clipped, nearest};
use crate::model::currency::Currency;
use crate::model::metrics::{Measure, Metric, Metrics, NumberUnit};
use crate::reports::comparison::Compared;
use crate::reports::visibility::Visibility;
use serde_json::Number;

/// The computation of a metric of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Formula {
    Metric(Metric),
    Measure(Measure),
}

/// A metric of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct ApiMetric {
    /// The name in requests and replies.
    pub name: &'static str,
    /// The meaning, with the unit.
    pub about: &'static str,
    /// True if each item of a report has it; false if it is counted for whole days and hours alone.
    pub is_of_items: bool,
    /// The sort column of items by it, if there is one.
    pub sort: Option<Metric>,
    formula: Formula,
}

const fn of_items(name: &'static str, metric: Metric, about: &'static str) -> ApiMetric {
    ApiMetric { name, about, is_of_items: true, sort: Some(metric), formula: Formula::Metric(metric) }
}

const fn of_days(name: &'static str, metric: Metric, about: &'static str) -> ApiMetric {
    ApiMetric { name, about, is_of_items: false, sort: None, formula: Formula::Metric(metric) }
}

const fn unsorted(name: &'static str, formula: Formula, about: &'static str) -> ApiMetric {
    ApiMetric { name, about, is_of_items: true, sort: None, formula }
}

/// All metrics, in the order of replies.
pub static METRICS: [ApiMetric; 25] = [
    of_items(
        "count",
        Metric::Hits,
        "How often the item occurs: actions with it, or visits with it. Of items alone.",
    ),
    of_items("visits", Metric::Visits, "Visits. A visit ends after 30 minutes of inactivity."),
    of_items("unique", Metric::Uniques, "Unique visitors, each counted once a day."),
    of_items("new", Metric::New, "Visitors who were never seen before."),
    of_items("actions", Metric::Actions, "Page views, downloads, outbound clicks and events together."),
    of_days("pageviews", Metric::PageViews, "Page views."),
    of_days("downloads", Metric::Downloads, "Downloads of files."),
    of_days("outbounds", Metric::Outbounds, "Clicks on links to other sites."),
    of_days("events", Metric::Events, "Events that pages reported."),
    unsorted("actions_per_visit", Formula::Metric(Metric::ActionsAverage), "Actions per visit."),
    of_items("visit_duration", Metric::TimeAverage, "Average length of a visit in seconds."),
    unsorted("total_time", Formula::Metric(Metric::TimeTotal), "Length of all visits together in seconds."),
    of_items(
        "bounce_rate",
        Metric::BounceRate,
        "Share of visits with a single page view that lasted under 30 seconds, in percent.",
    ),
    unsorted(
        "bounces",
        Formula::Measure(Measure::Bounces),
        "Visits with a single page view that lasted under 30 seconds.",
    ),
    unsorted("seconds", Formula::Measure(Measure::Seconds), "The same as total_time, as files call it."),
    of_items(
        "time_on_page",
        Metric::TimeOnPage,
        "Average time in which the page is visible to a visit, in seconds. Of pages that were measured alone.",
    ),
    of_items(
        "scroll_depth",
        Metric::ScrollDepth,
        "Average depth to which visits scroll, in percent of the page's height. Of pages that were measured alone.",
    ),
    of_items("conversions", Metric::Conversions, "Goals reached, as often as each counts."),
    of_items("conversion_rate", Metric::ConversionRate, "Share of visits that reached a goal, in percent."),
    of_items("revenue", Metric::Revenue, "Revenue of goals minus refunds, in the site's currency."),
    of_items(
        "revenue_per_visit",
        Metric::RevenuePerVisit,
        "Average revenue of a visit, in the site's currency.",
    ),
    of_items(
        "revenue_per_visitor",
        Metric::RevenuePerVisitor,
        "Average revenue of a unique visitor, in the site's currency.",
    ),
    of_items("cost", Metric::Cost, "Cost of campaigns, in the site's currency."),
    of_items(
        "cost_per_conversion",
        Metric::CostPerConversion,
        "Cost divided by conversions, in the site's currency.",
    ),
    of_items("return", Metric::Return, "Revenue divided by cost, in percent."),
];

impl ApiMetric {
    /// Finds a metric by its name.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for an unknown name; the sentence names the nearest one.
    pub fn find(name: &str) -> Result<&'static Self> {
        let own = METRIC_ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| *own);
        let found = METRICS.iter().find(|metric| metric.name == own);
        found.ok_or_else(|| {
            let names = || METRICS.iter().map(|metric| metric.name);
            let hint = match (name, nearest(name, names())) {
                ("views_per_visit", _) => "Write actions_per_visit, which counts all actions.".to_owned(),
                (_, Some(near)) => format!("Did you mean “{near}”?"),
                (_, None) => format!("The metrics are {}.", names().collect::<Vec<_>>().join(", ")),
            };
            Error::invalid("metrics", format!("There is no metric “{}”. {hint}", clipped(name)))
        })
    }

    /// Finds the metric of a report.
    pub fn of_report(metric: Metric) -> Option<&'static Self> {
        METRICS.iter().find(|known| known.formula == Formula::Metric(metric))
    }

    /// Returns the value.
    pub fn value(&self, metrics: &Metrics, scope: &ValueScope) -> Number {
        match self.formula {
            Formula::Metric(metric) => {
                let value = match &scope.all {
                    Some(all) => metric.value_of_goal(metrics, &all.now),
                    None => metric.value(metrics),
                };
                number(metric.unit(scope.currency), value)
            }
            Formula::Measure(measure) => metrics[measure].into(),
        }
    }

    /// Returns true if the metric is measured for pages alone.
    pub fn is_of_pages(&self) -> bool {
        matches!(self.formula, Formula::Metric(metric) if metric.is_of_pages())
    }

    /// Returns true if the metric has a value: some are measured for some pages alone.
    pub fn is_measured(&self, metrics: &Metrics) -> bool {
        match self.formula {
            Formula::Metric(metric) => metric.is_measured(metrics),
            Formula::Measure(_) => true,
        }
    }

    /// Returns true if the metric may be seen: those of conversions and money may be hidden.
    pub fn is_visible(&self, visibility: &Visibility) -> bool {
        match self.formula {
            Formula::Metric(metric) => !metric.is_of_goals() || visibility.shows_metric(metric),
            Formula::Measure(_) => true,
        }
    }

    /// Returns the value as it is compared in an order.
    pub fn rank(&self, metrics: &Metrics) -> i64 {
        match self.formula {
            Formula::Metric(metric) => metric.value(metrics),
            Formula::Measure(measure) => metrics[measure],
        }
    }
}

/// The site and range of values.
#[derive(Clone, Debug)]
pub struct ValueScope {
    /// The currency of the site.
    pub currency: Currency,
    /// The metrics of all visits, among which goals have their rate; `None` for items that are no goals.
    pub all: Option<Compared<Metrics>>,
}

impl ValueScope {
    /// Creates the scope of values that are no goals.
    pub fn new(currency: Currency) -> Self {
        Self { currency, all: None }
    }

    /// Returns the scope of values of the comparison period.
    #[must_use]
    pub fn before(&self) -> Self {
        let before = self.all.as_ref().map(|all| all.before.unwrap_or_default());
        Self { all: before.map(|now| Compared { now, before: None }), ..*self }
    }
}

/// Returns a number for programs: rates in percent, averages as decimals, money in the unit of its currency.
pub fn number(unit: NumberUnit, value: i64) -> Number {
    let by = match unit {
        NumberUnit::Count | NumberUnit::Seconds => return value.into(),
        NumberUnit::Permille => 10.0,
        NumberUnit::Hundredths => 100.0,
        // The text has the decimals of the currency, and is read as a person would.
        NumberUnit::Money(currency) => {
            return serde_json::from_str(&currency.plain(value)).unwrap_or_else(|_| value.into());
        }
    };
    let value = i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX });
    Number::from_f64(f64::from(value) / by).unwrap_or_else(|| value.into())
}

/// Names of metrics in Plausible's Stats API, for those that mean the same here: it counts a visitor once a day, too.
const METRIC_ALIASES: [(&str, &str); 1] = [("visitors", "unique")];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_guide_names_every_metric() {
        let guide = include_str!("../../../../assets/help/api.md");
        let names = METRICS.iter().map(|metric| metric.name);
        let missing: Vec<&str> = names.filter(|name| !guide.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_name_is_used_once() {
        let names: HashSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
    }

    #[test]
    fn rates_and_averages_are_decimals() {
        let metrics = Metrics::new([
            (Measure::Visits, 3),
            (Measure::Actions, 5),
            (Measure::Bounces, 2),
            (Measure::Seconds, 7),
        ]);
        let value = |name| {
            ApiMetric::find(name).unwrap().value(&metrics, &ValueScope::new(Currency::USD)).to_string()
        };
        assert_eq!(value("bounce_rate"), "66.7");
        assert_eq!(value("actions_per_visit"), "1.67");
        assert_eq!(
            (value("visit_duration"), value("total_time"), value("seconds")),
            ("2".into(), "7".into(), "7".into())
        );
    }

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        let metrics = Metrics::new([(Measure::Earned, 123_450), (Measure::Refunded, 1)]);
        let revenue = |code| {
            let currency = Currency::parse(code).unwrap();
            ApiMetric::find("revenue").unwrap().value(&metrics, &ValueScope::new(currency)).to_string()
        };
        assert_eq!((revenue("EUR"), revenue("JPY")), ("1234.49".into(), "123449".into()));
    }

    #[test]
    fn an_unknown_metric_is_refused_with_the_one_that_was_meant() {
        let hint = |name| ApiMetric::find(name).unwrap_err().to_string();
        assert!(hint("bounce_rte").contains("“bounce_rate”"));
        assert!(hint("xyzxyzxyz").contains("The metrics are count"));
        assert_eq!(ApiMetric::find("visitors").unwrap().name, "unique");
    }
}
