//! The types of Clicky's stats API: what answers each name.

use super::words;
use crate::model::currency::Currency;
use crate::model::metrics::{Metric, Metrics};
use crate::reports::catalogue;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::recent_list::RecentList;
use crate::reports::report::ReportKind;

/// A type of the stats API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsType {
    /// One number: a metric.
    Tally(Metric),
    /// One number in words, such as `3m 10s`: a metric in seconds.
    Duration(Metric),
    /// The number of visitors online.
    Online,
    /// The items of a dimension, the most frequent first.
    Popular(&'static Dimension),
    /// The single words of searches, the most frequent first.
    Keywords,
    /// A recent list, newest first.
    Recent(RecentList),
    /// The visits, newest first.
    VisitorsList,
    /// The actions, newest first.
    ActionsList,
    /// Several types about the visits that match filters, or without any the number of these visits.
    Segmentation,
    /// The metrics of the matching visits, one item each; a segment alone.
    Summary,
    /// The uptime of all monitors in percent.
    Uptime,
    /// The outages, newest first.
    Outages,
    /// No items.
    Empty,
}

/// Old and second names of types.
const ALIASES: [(&str, &str); 2] = [("clicks", "events"), ("media", "video")];

/// The types that are no report of their own.
const OTHERS: [(&str, StatsType); 6] = [
    ("searches-keywords", StatsType::Keywords),
    ("time-average-pretty", StatsType::Duration(Metric::TimeAverage)),
    ("time-total-pretty", StatsType::Duration(Metric::TimeTotal)),
    ("visitors-list", StatsType::VisitorsList),
    ("actions-list", StatsType::ActionsList),
    ("segmentation", StatsType::Segmentation),
];

/// The types of services that no longer exist. Those of `feedburner-` are found by their beginning.
const GONE: [&str; 5] = ["tweets", "shorturls", "site-rank", "searches-rankings", "searches-local"];

impl StatsType {
    /// Finds a type by its name.
    pub fn find(name: &str) -> Option<Self> {
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
        let report = catalogue::REPORTS.iter().find(|report| report.api == Some(name));
        if let Some(report) = report {
            return match report.kind {
                ReportKind::Metric(Metric::Online) => Some(Self::Online),
                ReportKind::Metric(metric) => Some(Self::Tally(metric)),
                ReportKind::Items(dimension) | ReportKind::SplitTests(dimension) => {
                    Some(Self::Popular(dimension))
                }
                ReportKind::Recent(list) => Some(Self::Recent(list)),
                ReportKind::Uptime => Some(Self::Uptime),
                ReportKind::Outages => Some(Self::Outages),
                ReportKind::FilteredHits
                | ReportKind::Journeys
                | ReportKind::Funnels
                | ReportKind::Hours
                | ReportKind::Vitals
                | ReportKind::Retention => None,
            };
        }
        if let Some((_, kind)) = OTHERS.iter().find(|(other, _)| *other == name) {
            return Some(*kind);
        }
        let is_gone = GONE.contains(&name) || name.starts_with("feedburner-");
        is_gone.then_some(Self::Empty)
    }

    /// Finds a type of `segments`.
    pub fn find_segment(name: &str) -> Option<Self> {
        match name {
            "summary" => Some(Self::Summary),
            _ => Self::find(name).filter(|kind| *kind != Self::Segmentation),
        }
    }

    /// Returns true for lists of single visits, whose days and rows are limited.
    pub fn is_list(self) -> bool {
        matches!(self, Self::VisitorsList | Self::ActionsList | Self::Segmentation)
    }

    /// Returns the value of a tally; empty for another type.
    pub fn value(self, metrics: &Metrics, currency: Currency) -> String {
        match self {
            Self::Tally(metric) => words::number(metric, metrics, currency),
            Self::Duration(metric) => words::duration(metric.value(metrics)),
            _ => String::new(),
        }
    }

    /// Returns true if items of the type need the metrics of the whole range.
    pub fn needs_totals(self) -> bool {
        let is_of_goals = matches!(self, Self::Popular(dimension) if dimension.value_kind == ValueKind::Goal);
        self.is_tally() || is_of_goals || matches!(self, Self::Summary | Self::Segmentation)
    }

    /// Returns true for one number a day.
    pub fn is_tally(self) -> bool {
        matches!(self, Self::Tally(_) | Self::Duration(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types of Clicky's documentation.
    const TYPES: &str = "pages pages-entrance pages-exit downloads events clicks video media site-domains links links-domains \
        links-outbound searches searches-keywords searches-engines goals revenue split-tests campaigns countries cities \
        regions languages web-browsers operating-systems screen-resolutions hardware hostnames organizations \
        engagement-actions engagement-times visitors-most-active traffic-sources custom segmentation visitors-list \
        actions-list searches-recent searches-unique links-recent links-unique uptime-list visitors visitors-online \
        visitors-unique visitors-new actions actions-pageviews actions-downloads actions-outbounds actions-clicks \
        actions-average time-average time-average-pretty time-total time-total-pretty bounce-rate uptime tweets shorturls \
        feedburner-circulation feedburner-clicks site-rank searches-rankings searches-local";

    #[test]
    fn every_type_of_clicky_has_an_answer_and_every_report_says_its_type_or_that_there_is_none() {
        for name in TYPES.split_whitespace() {
            assert!(StatsType::find(name).is_some(), "{name}");
        }
        for report in catalogue::REPORTS {
            match report.api {
                Some(api) => assert!(TYPES.split_whitespace().any(|name| name == api), "{api}"),
                None => assert_eq!(StatsType::find(report.name), None, "{}", report.name),
            }
        }
        assert_eq!(StatsType::find("left-out"), None);
        assert_eq!(StatsType::find(""), None);
    }

    #[test]
    fn a_second_name_is_the_same_type() {
        for (alias, name) in ALIASES {
            assert_eq!(StatsType::find(alias), StatsType::find(name));
        }
    }
}
