//! The levels at which a site is shared: one word each, in the file, on the command line and on the screens.

/// What somebody is to a site that is shared with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything but deleting and giving away.
    Administrator,
    /// Reading everything.
    User,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 2] = [Self::Administrator, Self::User];

    /// The name in the file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::User => "user",
        }
    }

    /// The name on the screens.
    pub fn title(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::User => "User",
        }
    }

    /// From the name in the file or on the command line.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}
