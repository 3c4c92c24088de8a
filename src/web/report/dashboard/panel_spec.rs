//! The panels of a dashboard: one for each subject, with a tab for each of its reports.

use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::dimension::Dimension;
use crate::reports::visibility::Visibility;
use crate::web::filters::query_params::QueryParams;

/// A tab of a panel.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    /// The title.
    pub title: &'static str,
    /// The name of the report.
    pub report: &'static str,
}

/// A panel with reports.
pub struct PanelSpec {
    /// The name in addresses and in stored settings.
    pub name: &'static str,
    /// The title.
    pub title: &'static str,
    tabs: &'static [Tab],
}

const fn tab(title: &'static str, report: &'static str) -> Tab {
    Tab { title, report }
}

/// All panels with reports, in the default order.
pub const PANELS: [PanelSpec; 9] = [
    PanelSpec {
        name: "pages",
        title: "Pages",
        tabs: &[tab("Most seen", "pages"), tab("Entrance", "pages-entrance"), tab("Exit", "pages-exit")],
    },
    PanelSpec {
        name: "sources",
        title: "Sources",
        tabs: &[tab("Ways", "traffic-sources"), tab("Domains", "links-domains"), tab("Links", "links")],
    },
    PanelSpec {
        name: "places",
        title: "Countries",
        tabs: &[tab("Countries", "countries"), tab("Cities", "cities"), tab("Languages", "languages")],
    },
    PanelSpec {
        name: "searches",
        title: "Searches",
        tabs: &[tab("Engines", "searches-engines"), tab("Words", "searches")],
    },
    PanelSpec {
        name: "machines",
        title: "Browsers",
        tabs: &[
            tab("Browsers", "web-browsers"),
            tab("Systems", "operating-systems"),
            tab("Devices", "hardware"),
        ],
    },
    PanelSpec {
        name: "campaigns",
        title: "Campaigns",
        tabs: &[
            tab("Campaigns", "campaigns"),
            tab("Sources", "campaign-sources"),
            tab("Mediums", "campaign-mediums"),
        ],
    },
    PanelSpec { name: "goals", title: "Goals", tabs: &[tab("Goals", "goals")] },
    PanelSpec {
        name: "events",
        title: "Events and files",
        tabs: &[
            tab("Events", "events"),
            tab("Downloads", "downloads"),
            tab("Outbound", "links-outbound"),
            tab("Media", "video"),
        ],
    },
    PanelSpec {
        name: "engagement",
        title: "Engagement",
        tabs: &[tab("Time", "engagement-times"), tab("Actions", "engagement-actions")],
    },
];

/// The name and the title of the panel of the latest visits, which has no reports and comes last by default.
pub const VISITORS: (&str, &str) = ("visitors", "Latest visitors");

/// Returns the names of all panels, in the default order.
pub fn names() -> Vec<&'static str> {
    PANELS.iter().map(|panel| panel.name).chain([VISITORS.0]).collect()
}

/// Returns the title of a panel.
pub fn title(name: &str) -> &'static str {
    PANELS.iter().find(|panel| panel.name == name).map_or(VISITORS.1, |panel| panel.title)
}

impl PanelSpec {
    /// Returns the tabs whose reports the caller may see.
    pub fn open_tabs(&self, visibility: &Visibility) -> impl Iterator<Item = Tab> + Clone {
        let is_open = |tab: &Tab| catalogue::find(tab.report).is_some_and(|report| visibility.shows(report));
        self.tabs.iter().copied().filter(is_open)
    }

    /// Returns the report of the tab that the address chooses, or of the first one, and its dimension; `None` if the
    /// caller may see none.
    pub fn chosen_report(
        &self,
        params: &QueryParams,
        visibility: &Visibility,
    ) -> Option<(&'static Report, &'static Dimension)> {
        let chosen = params.get(self.name);
        let mut open = self.open_tabs(visibility);
        let tab = open.clone().find(|tab| Some(tab.report) == chosen).or_else(|| open.next())?;
        let report = catalogue::find(tab.report)?;
        match report.kind {
            ReportKind::Items(dimension) => Some((report, dimension)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::filters::query_params::names::PANELS as PARAMS;

    #[test]
    fn every_panel_is_a_known_parameter() {
        assert_eq!(names(), PARAMS);
    }
}
