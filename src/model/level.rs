//! The levels of a share, with their names in the data file, on the command line and on screens.

use strum::{EnumIter, EnumString, IntoStaticStr};

/// The level of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    /// Full access, except for deleting or transferring the site.
    Administrator,
    /// Read access to everything.
    User,
    /// Read access to what the owner chooses.
    ViewOnly,
}

impl Level {
    /// Returns the name in the data file and on the command line.
    pub fn name(self) -> &'static str {
        self.into()
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
        name.parse().ok()
    }
}
