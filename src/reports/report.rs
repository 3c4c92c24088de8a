//! A report: its title, the group to which it belongs, and the kind of its result.

use super::dimension::Dimension;
use super::recent_list::RecentList;
use crate::model::metrics::Metric;
use strum::{EnumIter, IntoStaticStr};

/// A report of the catalogue.
#[derive(Debug)]
pub struct Report {
    /// The name in URLs and files; Clicky's API type if Clicky has the report.
    pub name: &'static str,
    /// The title on screens.
    pub title: &'static str,
    /// A sentence that says what it counts.
    pub about: &'static str,
    /// Clicky's API type.
    pub api: Option<&'static str>,
    /// The group of reports to which it belongs.
    pub subject: ReportGroup,
    /// The kind of its result.
    pub kind: ReportKind,
}

/// A group of reports, in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum ReportGroup {
    /// The amount of traffic.
    Traffic,
    /// Pages and other content.
    Content,
    /// Traffic sources.
    Sources,
    /// Advertising campaigns.
    Campaigns,
    /// Goals, and the revenue that they bring.
    Goals,
    /// Visitors and their devices.
    Audience,
    /// Pages that are checked at intervals.
    Uptime,
}

impl ReportGroup {
    /// Returns the title of the group.
    pub fn title(self) -> &'static str {
        self.into()
    }
}

/// The kind of a report's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// One metric with its time series.
    Metric(Metric),
    /// Items with their metrics.
    Items(&'static Dimension),
    /// A list of recent items, newest first.
    Recent(RecentList),
    /// The filtered hits with their reasons.
    FilteredHits,
    /// The steps of visits before and after a page, a goal or an event.
    Journeys,
    /// The steps of a funnel.
    Funnels,
    /// The versions of a split test, which are the items of a dimension.
    SplitTests(&'static Dimension),
    /// A metric by weekday and hour.
    Hours,
    /// The web vitals of pages.
    Vitals,
    /// Cohorts of visitors, and those who came back.
    Retention,
    /// The uptime of monitors.
    Uptime,
    /// The outages of monitors.
    Outages,
}

impl ReportKind {
    /// Returns the dimension by whose items visits are counted; `None` for a report without items.
    pub fn dimension(self) -> Option<&'static Dimension> {
        match self {
            Self::Items(dimension) | Self::SplitTests(dimension) => Some(dimension),
            _ => None,
        }
    }
}
