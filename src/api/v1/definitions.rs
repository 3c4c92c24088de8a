//! The words of the API: metrics, dimensions and operators, each with its name and its meaning. Reports, queries and the
//! catalogue all read these tables.

use crate::error::{Error, Result};
use crate::http::spelling::nearest;
use crate::model::metrics::{Measure, Metric, Metrics, NumberUnit};
use crate::reports::catalogue;
use crate::reports::dimension::Dimension;
use crate::reports::filter::Operator;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

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
pub static METRICS: [ApiMetric; 15] = [
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
];

impl ApiMetric {
    /// Finds a metric by its name.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for an unknown name; the sentence names the nearest one.
    pub fn find(name: &str) -> Result<&'static Self> {
        let found = METRICS.iter().find(|metric| metric.name == name);
        found.ok_or_else(|| {
            let names = || METRICS.iter().map(|metric| metric.name);
            let hint = match (name, nearest(name, names())) {
                ("visitors", _) => "Write unique for unique visitors, or visits.".to_owned(),
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
    pub fn value(&self, metrics: &Metrics) -> Number {
        match self.formula {
            Formula::Metric(metric) => number(metric.unit(), metric.value(metrics)),
            Formula::Measure(measure) => metrics[measure].into(),
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

/// Returns a number for programs: rates in percent, averages as decimals.
pub fn number(unit: NumberUnit, value: i64) -> Number {
    let by = match unit {
        NumberUnit::Count | NumberUnit::Seconds => return value.into(),
        NumberUnit::Permille => 10.0,
        NumberUnit::Hundredths => 100.0,
    };
    let value = i32::try_from(value).unwrap_or(i32::MAX);
    Number::from_f64(f64::from(value) / by).unwrap_or_else(|| value.into())
}

/// Names of dimensions in Plausible's Stats API, for those that mean the same here.
const ALIASES: [(&str, &str); 21] = [
    ("event:page", "href"),
    ("event:hostname", "host"),
    ("visit:entry_page", "landing"),
    ("visit:exit_page", "exit"),
    ("visit:source", "source"),
    ("visit:channel", "source"),
    ("visit:referrer", "link"),
    ("visit:utm_campaign", "campaign"),
    ("visit:utm_source", "campaign-source"),
    ("visit:utm_medium", "campaign-medium"),
    ("visit:utm_term", "campaign-term"),
    ("visit:utm_content", "campaign-content"),
    ("visit:country", "country"),
    ("visit:region_name", "region"),
    ("visit:city_name", "city"),
    ("visit:city", "city"),
    ("visit:device", "hardware"),
    ("visit:browser", "browser"),
    ("visit:browser_version", "browser-version"),
    ("visit:os", "os"),
    ("visit:os_version", "os-version"),
];

/// Returns the name of a dimension here, if it is one of Plausible's.
fn own_name(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| own)
}

/// Finds the dimension by which visits are filtered.
pub fn find_filter(name: &str) -> Option<&'static Dimension> {
    match own_name(name) {
        "goal" | "event:goal" => Some(&catalogue::GOALS),
        own => catalogue::dimension_of_filter(own),
    }
}

/// Finds the dimension by which visits are counted.
pub fn find_dimension(name: &str) -> Option<&'static Dimension> {
    let own = own_name(name);
    catalogue::dimensions().iter().find(|dimension| dimension.filter == own)
}

/// Iterates over the names of all filters.
pub fn filter_names() -> impl Iterator<Item = &'static str> {
    let all = catalogue::dimensions().iter().chain(&catalogue::SINGLE_VISITS).chain([&catalogue::GOALS]);
    all.map(|dimension| dimension.filter)
}

/// An operator of filters.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorDefinition {
    /// The name in the filters of a query.
    #[schema(example = "is_not")]
    pub query: &'static str,
    /// What follows the name of a filter in an address; empty for the usual one.
    #[schema(example = ".not")]
    pub suffix: &'static str,
    /// The meaning.
    pub about: &'static str,
    #[serde(skip)]
    operator: Operator,
}

/// All operators.
pub static OPERATORS: [OperatorDefinition; 6] = [
    OperatorDefinition {
        query: "is",
        suffix: "",
        about: "The value is this one; in a query, one of these.",
        operator: Operator::Is,
    },
    OperatorDefinition {
        query: "is_not",
        suffix: ".not",
        about: "The value is not this one; in a query, none of these.",
        operator: Operator::IsNot,
    },
    OperatorDefinition {
        query: "in",
        suffix: ".in",
        about: "The value is one of these: separated by commas in an address.",
        operator: Operator::OneOf,
    },
    OperatorDefinition {
        query: "contains",
        suffix: ".contains",
        about: "The value contains this text, in any case.",
        operator: Operator::Contains,
    },
    OperatorDefinition {
        query: "contains_not",
        suffix: ".lacks",
        about: "The value does not contain this text, in any case.",
        operator: Operator::Lacks,
    },
    OperatorDefinition {
        query: "starts",
        suffix: ".starts",
        about: "The value begins with this text, in any case.",
        operator: Operator::Starts,
    },
];

impl OperatorDefinition {
    /// Finds an operator by its name in a query.
    pub fn find(name: &str) -> Option<Operator> {
        OPERATORS.iter().find(|one| one.query == name).map(|one| one.operator)
    }

    /// Returns the name of an operator in a query.
    pub fn name(operator: Operator) -> &'static str {
        OPERATORS.iter().find(|one| one.operator == operator).map_or("is", |one| one.query)
    }
}

/// Returns a name as it is repeated in a sentence.
pub fn clipped(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use strum::IntoEnumIterator;

    #[test]
    fn the_guide_names_every_metric_and_operator() {
        let guide = include_str!("../../../assets/help/api.md");
        let names = METRICS.iter().map(|metric| metric.name).chain(OPERATORS.iter().map(|one| one.query));
        let missing: Vec<&str> = names.filter(|name| !guide.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_alias_and_operator_leads_somewhere_and_every_name_is_used_once() {
        for (alias, _) in ALIASES {
            assert!(find_dimension(alias).is_some(), "{alias}");
        }
        for operator in Operator::iter() {
            assert_eq!(OperatorDefinition::find(OperatorDefinition::name(operator)), Some(operator));
        }
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
        let value = |name| ApiMetric::find(name).unwrap().value(&metrics).to_string();
        assert_eq!(value("bounce_rate"), "66.7");
        assert_eq!(value("actions_per_visit"), "1.67");
        assert_eq!(
            (value("visit_duration"), value("total_time"), value("seconds")),
            ("2".into(), "7".into(), "7".into())
        );
    }

    #[test]
    fn an_unknown_metric_is_refused_with_the_one_that_was_meant() {
        let hint = |name| ApiMetric::find(name).unwrap_err().to_string();
        assert!(hint("bounce_rte").contains("“bounce_rate”"));
        assert!(hint("visitors").contains("unique visitors"));
        assert!(hint("xyzxyzxyz").contains("The metrics are count"));
    }
}
