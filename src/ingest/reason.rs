//! Why a hit was not kept. Each reason has one stable name: in the reply's header, in the counters, on the screens.

/// Why a hit was left out or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The user agent is a known robot's, or there is none.
    Bot,
    /// The browser says that a program drives it.
    Automation,
    /// The referrer is known to advertise itself in other people's statistics.
    ReferrerSpam,
    /// There is no site with this number.
    UnknownSite,
    /// The admin key is not this site's.
    WrongKey,
    /// A server-side hit names a visit that can't go on.
    UnknownVisit,
    /// A server-side hit names neither a visit nor an address.
    NoVisitor,
    /// More hits from one address than a crowd behind it would send.
    TooManyHits,
    /// The visit has as many actions as one may have.
    VisitFull,
    /// A ping, or a click's place, of a visit that is over.
    VisitOver,
    /// The hit names no page, and no browser said where it comes from.
    NoPage,
    /// The beacon is larger than a beacon may be.
    TooLarge,
    /// The writer's queue is full, or another process holds the file.
    Busy,
}

impl Reason {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Automation => "automation",
            Self::ReferrerSpam => "referrer-spam",
            Self::UnknownSite => "unknown-site",
            Self::WrongKey => "wrong-key",
            Self::UnknownVisit => "unknown-visit",
            Self::NoVisitor => "no-visitor",
            Self::TooManyHits => "too-many-hits",
            Self::VisitFull => "visit-full",
            Self::VisitOver => "visit-over",
            Self::NoPage => "no-page",
            Self::TooLarge => "too-large",
            Self::Busy => "busy",
        }
    }

    /// Whether the hit is left out in silence: it is answered as if it had been kept.
    pub fn is_filter(self) -> bool {
        matches!(self, Self::Bot | Self::Automation | Self::ReferrerSpam | Self::VisitOver)
    }

    /// What a program that logs from its server is told.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Bot => "Left out: the ua is a robot's.",
            Self::Automation => "Left out: the browser is driven by a program.",
            Self::ReferrerSpam => "Left out: the ref is known for referrer spam.",
            Self::UnknownSite => "Unknown site_id.",
            Self::WrongKey => "Invalid sitekey_admin.",
            Self::UnknownVisit => "Unknown session_id: no visit of the last 12 hours has it.",
            Self::NoVisitor => "session_id or ip_address is missing.",
            Self::TooManyHits => "Too many hits from this address. Try again in a minute.",
            Self::VisitFull => "This visit has as many actions as one may have.",
            Self::VisitOver => "The visit is over.",
            Self::NoPage => "href is missing.",
            Self::TooLarge => "The request is too large.",
            Self::Busy => "The server is busy. Try again in a moment.",
        }
    }
}
