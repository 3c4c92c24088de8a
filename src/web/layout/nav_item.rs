//! The entries of a site's sidebar.

use crate::reports::catalogue::{self, ReportGroup};

/// An entry of the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavItem {
    /// The dashboard.
    Dashboard,
    /// The live stream of actions.
    Spy,
    /// The list of visitors, a visit, or a visitor.
    Visitors,
    /// A report, by its name.
    Report(&'static str),
    /// The list of all reports.
    Reports,
    /// The heatmaps of pages.
    Heatmaps,
    /// Segments.
    Segments,
    /// Alerts of one person.
    Alerts,
    /// Preferences.
    Preferences,
    /// The page code of a site without visits.
    Start,
}

impl NavItem {
    /// Returns the group of a report; `None` for other screens.
    pub fn group(self) -> Option<ReportGroup> {
        match self {
            Self::Report(name) => catalogue::find(name).map(|report| report.subject),
            _ => None,
        }
    }

    /// Returns the title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Spy => "Spy",
            Self::Visitors => "Visitors",
            Self::Report(name) => catalogue::find(name).map_or("Report", |report| report.title),
            Self::Reports => "All reports",
            Self::Heatmaps => "Heatmaps",
            Self::Segments => "Segments",
            Self::Alerts => "Alerts",
            Self::Preferences => "Preferences",
            Self::Start => "Start",
        }
    }
}
