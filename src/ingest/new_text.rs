//! What a new text tells of. Each kind has a budget of its own: whoever uses one up blinds no other report.

use crate::limits;

/// What a text tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Pages, files and links with their titles.
    Pages,
    /// Where visits come from: referrers, searches and campaigns.
    Sources,
    /// What pages say of their own: custom data, goals, split tests, players.
    Custom,
    /// What visitors bring along: browser, system, screen, language and place.
    Devices,
}

impl Kind {
    /// All of them.
    #[cfg(test)]
    pub const ALL: [Self; 4] = [Self::Pages, Self::Sources, Self::Custom, Self::Devices];

    /// How many new texts of it a site takes in a day.
    pub fn most(self) -> u32 {
        match self {
            Self::Pages => limits::NEW_PAGES_PER_SITE_DAY_MAX,
            Self::Sources => limits::NEW_SOURCES_PER_SITE_DAY_MAX,
            Self::Custom => limits::NEW_CUSTOM_PER_SITE_DAY_MAX,
            Self::Devices => limits::NEW_DEVICES_PER_SITE_DAY_MAX,
        }
    }
}

/// Which budget a text found used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// What one network may use of it.
    Network,
    /// The whole day's.
    Site,
}
