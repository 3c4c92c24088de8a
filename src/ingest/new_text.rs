//! The kinds of new texts. Each has a budget of its own, so that using one up leaves the other reports
//! intact.

use crate::limits;

/// The kind of a text, by the reports that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Pages, files and links with their titles.
    Pages,
    /// Sources of visits: referrers, searches and campaigns.
    Sources,
    /// Data that pages send by themselves: custom data, goals, split tests, players.
    Custom,
    /// Properties of visitors: browser, system, screen, language and place.
    Devices,
}

impl Kind {
    /// All kinds.
    #[cfg(test)]
    pub const ALL: [Self; 4] = [Self::Pages, Self::Sources, Self::Custom, Self::Devices];

    /// Returns the number of new texts of this kind that a site takes in a day.
    pub fn daily_max(self) -> u32 {
        match self {
            Self::Pages => limits::NEW_PAGES_PER_SITE_DAY_MAX,
            Self::Sources => limits::NEW_SOURCES_PER_SITE_DAY_MAX,
            Self::Custom => limits::NEW_CUSTOM_PER_SITE_DAY_MAX,
            Self::Devices => limits::NEW_DEVICES_PER_SITE_DAY_MAX,
        }
    }
}

/// The budget that a new text exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// The share of one network.
    Network,
    /// The budget of the site's whole day.
    Site,
}
