//! Kinds of new texts. Each has a budget of its own, so that using one up leaves the other reports intact.

use crate::limits;

/// The kind of a text, by the reports that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Pages, files and links with their titles.
    Pages,
    /// Sources of visits: referrers, searches and campaigns.
    Sources,
    /// Data sent by pages: custom data, goals, split tests, players.
    Custom,
    /// Properties of visitors: browser, system, screen, language and location.
    Devices,
}

impl TextKind {
    /// All kinds.
    #[cfg(test)]
    pub const ALL: [Self; 4] = [Self::Pages, Self::Sources, Self::Custom, Self::Devices];

    /// Returns the number of new texts of this kind that a site may add in a day.
    pub fn daily_max(self) -> u32 {
        match self {
            Self::Pages => limits::NEW_PAGES_PER_SITE_DAY_MAX,
            Self::Sources => limits::NEW_SOURCES_PER_SITE_DAY_MAX,
            Self::Custom => limits::NEW_CUSTOM_PER_SITE_DAY_MAX,
            Self::Devices => limits::NEW_DEVICES_PER_SITE_DAY_MAX,
        }
    }
}

/// A budget that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// The share of one network in the day's budget.
    Network,
    /// The site's budget of the day.
    Site,
}
