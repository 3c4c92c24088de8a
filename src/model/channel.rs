//! Channels: search, social, e-mail and the other kinds of sources of visits.

/// A channel: the kind of source that a visit came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// No source is known.
    Direct,
    /// A search engine.
    Search,
    /// A link on another site.
    Link,
    /// A social network.
    Social,
    /// An e-mail.
    Email,
    /// A paid click or a campaign.
    Advertising,
    /// A feed.
    Syndication,
    /// A page of the site itself.
    Internal,
    /// An assistant that answers with links.
    Assistant,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 9] = [
        Self::Direct,
        Self::Search,
        Self::Link,
        Self::Social,
        Self::Email,
        Self::Advertising,
        Self::Syndication,
        Self::Internal,
        Self::Assistant,
    ];

    /// Returns the code stored in `sources.channel`.
    pub fn code(self) -> i64 {
        match self {
            Self::Direct => 0,
            Self::Search => 1,
            Self::Link => 2,
            Self::Social => 3,
            Self::Email => 4,
            Self::Advertising => 5,
            Self::Syndication => 6,
            Self::Internal => 7,
            Self::Assistant => 8,
        }
    }

    /// Finds the channel of a code in `sources.channel`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.code() == code)
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

    #[test]
    fn codes_read_back() {
        for channel in Channel::ALL {
            assert_eq!(Channel::from_code(channel.code()), Some(channel));
        }
    }
}
