//! The levels of a share, with their names in the data file, on the command line and on screens.

/// The level of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Full access, except for deleting or transferring the site.
    Administrator,
    /// Read access to everything.
    User,
    /// Read access to what the owner chooses.
    ViewOnly,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::User, Self::ViewOnly];

    /// Returns the name in the data file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::User => "user",
            Self::ViewOnly => "view-only",
        }
    }

    /// Returns the label on screens.
    pub fn title(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::User => "User",
            Self::ViewOnly => "View Only",
        }
    }

    /// Parses the name in the data file or on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}
