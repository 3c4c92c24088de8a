//! The levels at which a site is shared: one word each, in the file, on the command line and on the screens.

/// What somebody is to a site that is shared with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything but deleting and giving away.
    Administrator,
    /// Reading everything.
    User,
    /// Reading what the owner chooses.
    ViewOnly,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::User, Self::ViewOnly];

    /// The name in the file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::User => "user",
            Self::ViewOnly => "view-only",
        }
    }

    /// The name on the screens.
    pub fn title(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::User => "User",
            Self::ViewOnly => "View Only",
        }
    }

    /// From the name in the file or on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}
