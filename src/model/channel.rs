//! Channels: search, social, e-mail and the other kinds of sources of visits.

use strum::{EnumIter, FromRepr};

/// A channel: the kind of source that a visit came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, FromRepr)]
#[repr(u8)]
pub enum Channel {
    /// No source is known.
    Direct = 0,
    /// A search engine.
    Search = 1,
    /// A link on another site.
    Link = 2,
    /// A social network.
    Social = 3,
    /// An e-mail.
    Email = 4,
    /// A paid click or a campaign.
    Advertising = 5,
    /// A feed.
    Syndication = 6,
    /// A page of the site itself.
    Internal = 7,
    /// An assistant that answers with links.
    Assistant = 8,
}

impl Channel {
    /// Returns the code stored in `sources.channel`.
    pub fn code(self) -> i64 {
        self as i64
    }

    /// Finds the channel of a code in `sources.channel`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::from_repr(u8::try_from(code).ok()?)
    }

    /// Returns the title for display, as Clicky's clients know it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Direct => "Direct",
            Self::Search => "Searches",
            Self::Link => "Links",
            Self::Social => "Social media",
            Self::Email => "Email",
            Self::Advertising => "Advertising",
            Self::Syndication => "Syndication",
            Self::Internal => "Internal",
            Self::Assistant => "AI assistants",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn codes_read_back() {
        for channel in Channel::iter() {
            assert_eq!(Channel::from_code(channel.code()), Some(channel));
        }
    }
}
