//! The reasons why a hit, or a part of it, is not stored. Each reason has one stable name: in the reply's
//! header, in the counters, on the screens. A step on the way of a hit returns [`Passed`]: what it found or wrote, or where
//! the way ends.

use super::budgets::{Budget, TextKind};
use crate::error::Error;

/// The reason why a hit was filtered or refused, or a text of it was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// The user agent is that of a known bot, or missing.
    Bot,
    /// The browser reports that a program drives it.
    Automation,
    /// The referrer is known referrer spam.
    ReferrerSpam,
    /// The site excludes this IP address.
    ExcludedAddress,
    /// The site excludes this page.
    ExcludedPage,
    /// The site excludes this country.
    ExcludedCountry,
    /// The site excludes visits from this referrer.
    ExcludedReferrer,
    /// The page is on a host that is not the site's own.
    OtherHost,
    /// The site has reached its limit of actions for the day.
    DayFull,
    /// Half of the site's daily actions are used, and this network has used its share.
    NetworkFull,
    /// There is no site with this ID.
    UnknownSite,
    /// The admin key is not that of the site.
    WrongKey,
    /// A server-side hit names a visit that cannot go on.
    UnknownVisit,
    /// A server-side hit names neither a visit nor an address.
    NoVisitor,
    /// The address has reached its limit of hits per minute.
    TooManyHits,
    /// The visit had the most actions that one may have. Counted by earlier versions, which did not open a next visit.
    VisitFull,
    /// A ping, a click, a goal or custom data of a visit that has ended.
    VisitOver,
    /// The site does not measure web vitals.
    VitalsOff,
    /// A web vital is no value that a browser measures.
    VitalsValue,
    /// The site records no clicks and depths of this page, or not of this visit.
    HeatmapOff,
    /// The hit has no page.
    NoPage,
    /// The beacon is too large.
    TooLarge,
    /// The body of the beacon is compressed, which is not supported.
    CompressedBody,
    /// The writer's queue is full, or another process has locked the data file.
    Busy,
    /// The conversion is stored without revenue: what was sent is no number.
    RevenueNumber,
    /// The conversion is stored without revenue: what was sent is too large.
    RevenueSize,
    /// The conversion is stored without revenue: what was sent is in another currency than the site's.
    RevenueCurrency,
    /// The hit is stored, but a new text of it is not: this budget has no room for it.
    NewText(TextKind, Budget),
}

/// The end of a hit's way before its last step.
#[derive(Debug)]
pub enum Stop {
    /// The hit is dropped.
    Dropped(DropReason),
    /// The data file cannot be read or written.
    Failed(Error),
}

/// The outcome of a step on the way of a hit.
pub type Passed<T> = Result<T, Stop>;

impl From<DropReason> for Stop {
    fn from(reason: DropReason) -> Self {
        Self::Dropped(reason)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl DropReason {
    /// All reasons.
    pub const ALL: [Self; 37] = [
        Self::Bot,
        Self::Automation,
        Self::ReferrerSpam,
        Self::ExcludedAddress,
        Self::ExcludedPage,
        Self::ExcludedCountry,
        Self::ExcludedReferrer,
        Self::OtherHost,
        Self::DayFull,
        Self::NetworkFull,
        Self::UnknownSite,
        Self::WrongKey,
        Self::UnknownVisit,
        Self::NoVisitor,
        Self::TooManyHits,
        Self::VisitFull,
        Self::VisitOver,
        Self::VitalsOff,
        Self::VitalsValue,
        Self::HeatmapOff,
        Self::NoPage,
        Self::TooLarge,
        Self::CompressedBody,
        Self::Busy,
        Self::RevenueNumber,
        Self::RevenueSize,
        Self::RevenueCurrency,
        Self::NewText(TextKind::Pages, Budget::Network),
        Self::NewText(TextKind::Pages, Budget::Site),
        Self::NewText(TextKind::Sources, Budget::Network),
        Self::NewText(TextKind::Sources, Budget::Site),
        Self::NewText(TextKind::Custom, Budget::Network),
        Self::NewText(TextKind::Custom, Budget::Site),
        Self::NewText(TextKind::Elements, Budget::Network),
        Self::NewText(TextKind::Elements, Budget::Site),
        Self::NewText(TextKind::Devices, Budget::Network),
        Self::NewText(TextKind::Devices, Budget::Site),
    ];

    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Automation => "automation",
            Self::ReferrerSpam => "referrer-spam",
            Self::ExcludedAddress => "excluded-address",
            Self::ExcludedPage => "excluded-page",
            Self::ExcludedCountry => "excluded-country",
            Self::ExcludedReferrer => "excluded-referrer",
            Self::OtherHost => "other-host",
            Self::DayFull => "day-full",
            Self::NetworkFull => "network-full",
            Self::UnknownSite => "unknown-site",
            Self::WrongKey => "wrong-key",
            Self::UnknownVisit => "unknown-visit",
            Self::NoVisitor => "no-visitor",
            Self::TooManyHits => "too-many-hits",
            Self::VisitFull => "visit-full",
            Self::VisitOver => "visit-over",
            Self::VitalsOff => "vitals-off",
            Self::VitalsValue => "vitals-value",
            Self::HeatmapOff => "heatmap-off",
            Self::NoPage => "no-page",
            Self::TooLarge => "too-large",
            Self::CompressedBody => "compressed",
            Self::Busy => "busy",
            Self::RevenueNumber => "revenue-number",
            Self::RevenueSize => "revenue-size",
            Self::RevenueCurrency => "revenue-currency",
            Self::NewText(TextKind::Pages, Budget::Network) => "network-pages",
            Self::NewText(TextKind::Pages, Budget::Site) => "day-pages",
            Self::NewText(TextKind::Sources, Budget::Network) => "network-sources",
            Self::NewText(TextKind::Sources, Budget::Site) => "day-sources",
            Self::NewText(TextKind::Custom, Budget::Network) => "network-custom",
            Self::NewText(TextKind::Custom, Budget::Site) => "day-custom",
            Self::NewText(TextKind::Elements, Budget::Network) => "network-elements",
            Self::NewText(TextKind::Elements, Budget::Site) => "day-elements",
            Self::NewText(TextKind::Devices, Budget::Network) => "network-devices",
            Self::NewText(TextKind::Devices, Budget::Site) => "day-devices",
        }
    }

    /// Returns the title on screens, and the sentence that explains it.
    pub fn explained(self) -> (&'static str, &'static str) {
        match self {
            Self::Bot => ("Robots", "Search engines, monitors and other programs that say what they are."),
            Self::Automation => ("Automated browsers", "Browsers that say that a program drives them."),
            Self::ReferrerSpam => (
                "Referrer spam",
                "Visits whose only aim is to advertise a site in your reports. Longer lists of such sites are published on the web, for example by Matomo; whoever runs the server can give one to it.",
            ),
            Self::ExcludedAddress => {
                ("Excluded addresses", "Hits from addresses that this site's settings leave out.")
            }
            Self::ExcludedPage => ("Excluded pages", "Hits of pages that this site's settings leave out."),
            Self::ExcludedCountry => {
                ("Excluded countries", "Hits from countries that this site's settings leave out.")
            }
            Self::ExcludedReferrer => {
                ("Excluded referrers", "Visits from domains that this site's settings leave out.")
            }
            Self::OtherHost => (
                "Other hosts",
                "Hits from pages on hosts that aren't this site's own, such as copies of it or a test computer. Administrators decide which hosts are, under Site settings → Hosts.",
            ),
            Self::DayFull => ("Day full", "Hits beyond what this site's settings take in a day."),
            Self::NetworkFull => (
                "Network full",
                "Hits from one network beyond its share. Once half of what this site's settings take in a day is used, a network may have a tenth of it.",
            ),
            Self::UnknownSite => ("Unknown site", "Hits for a site number that does not exist."),
            Self::WrongKey => {
                ("Wrong key", "Hits from a program with a key that is not, or no longer, this site's.")
            }
            Self::UnknownVisit => ("Unknown visit", "Hits from a program for a visit that can't go on."),
            Self::NoVisitor => {
                ("Without a visitor", "Hits from a program that name neither a visit nor an address.")
            }
            Self::TooManyHits => {
                ("Too many hits", "More hits from one address than people behind it would send.")
            }
            Self::VisitFull => ("Endless visits", "Further actions of a visit that has a thousand already."),
            Self::VisitOver => (
                "After the end",
                "Signs of life, and what pages told later, of visits that had ended already.",
            ),
            Self::VitalsOff => (
                "Web vitals turned off",
                "Web vitals from pages that were opened before the measurement was turned off.",
            ),
            Self::VitalsValue => (
                "Impossible web vitals",
                "Values that aren't numbers or are impossible: over 60 seconds, or a layout shift over 10.",
            ),
            Self::HeatmapOff => (
                "Heatmaps turned off",
                "Clicks on pages that this site's heatmaps don't cover, of visits that aren't in the sample, or of visitors who object or haven't consented.",
            ),
            Self::NoPage => ("Without a page", "Hits that name no page."),
            Self::TooLarge => ("Too large", "Hits that are larger than one may be."),
            Self::CompressedBody => {
                ("Compressed", "Hits that were sent compressed; they are taken as they are only.")
            }
            Self::Busy => ("Server busy", "Hits that could not be written at once; the tracker tried again."),
            Self::RevenueNumber => (
                "Revenue that is no number",
                "Goals counted without their revenue, since what the page sent is no number, or one such as 1,200 that can be read in two ways. Write it as 1200.00 or 49,90, without a currency.",
            ),
            Self::RevenueSize => (
                "Revenue that is too large",
                "Goals counted without their revenue, since it is more than a single one can have.",
            ),
            Self::RevenueCurrency => (
                "Revenue in another currency",
                "Goals counted without their revenue, since the page sent it in another currency than this site's. Nothing is converted.",
            ),
            Self::NewText(kind, budget) => new_text(kind, budget),
        }
    }

    /// Returns true if the hit is counted nevertheless: only a text of it reads “(other)” in the reports, or a goal of it has
    /// no revenue.
    pub fn is_counted(self) -> bool {
        matches!(self, Self::NewText(..)) || self.is_revenue()
    }

    /// Returns true if a goal of the hit is counted without the revenue that was sent.
    pub fn is_revenue(self) -> bool {
        matches!(self, Self::RevenueNumber | Self::RevenueSize | Self::RevenueCurrency)
    }

    /// Finds the reason with a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Returns true if the hit is answered as if it had been recorded.
    pub fn is_filter(self) -> bool {
        matches!(
            self,
            Self::Bot
                | Self::Automation
                | Self::ReferrerSpam
                | Self::ExcludedAddress
                | Self::ExcludedPage
                | Self::ExcludedCountry
                | Self::ExcludedReferrer
                | Self::OtherHost
                | Self::DayFull
                | Self::NetworkFull
                | Self::VisitOver
                | Self::VitalsOff
                | Self::HeatmapOff
        )
    }

    /// Returns the answer to a program that logs from its server.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Bot => "Left out: the ua is a robot's.",
            Self::Automation => "Left out: the browser is driven by a program.",
            Self::ReferrerSpam => "Left out: the ref is known for referrer spam.",
            Self::ExcludedAddress => "Left out: the site's settings exclude this address.",
            Self::ExcludedPage => "Left out: the site's settings exclude this page.",
            Self::ExcludedCountry => "Left out: the site's settings exclude this country.",
            Self::ExcludedReferrer => "Left out: the site's settings exclude this referrer.",
            Self::OtherHost => "Left out: the page is on a host that is not the site's.",
            Self::DayFull => "Left out: the site has as many actions today as its settings allow.",
            Self::NetworkFull => "Left out: this network has had its share of the site's actions today.",
            Self::UnknownSite => "Unknown site_id.",
            Self::WrongKey => "Invalid sitekey_admin.",
            Self::UnknownVisit => "Unknown session_id: no visit of the last 12 hours has it.",
            Self::NoVisitor => "session_id or ip_address is missing.",
            Self::TooManyHits => "Too many hits from this address. Try again in a minute.",
            Self::VisitFull => "This visit has as many actions as one may have.",
            Self::VisitOver => "The visit is over.",
            Self::VitalsOff => "Left out: the site doesn't measure web vitals.",
            Self::VitalsValue => "A web vital is not a number, or out of range.",
            Self::HeatmapOff => "Left out: the site doesn't record clicks of this page or visit.",
            Self::NoPage => "href is missing.",
            Self::TooLarge => "The request is too large.",
            Self::CompressedBody => "The body is compressed. Send it as it is, without Content-Encoding.",
            Self::Busy => "The server is busy. Try again in a moment.",
            Self::RevenueNumber => "The goal counts without its revenue, which is no number.",
            Self::RevenueSize => "The goal counts without its revenue, which is too large.",
            Self::RevenueCurrency => {
                "The goal counts without its revenue, which is in another currency than the site's."
            }
            Self::NewText(..) => "Kept, but it names more new texts than a day has room for.",
        }
    }
}

/// Returns the title of a used-up budget on screens, and the sentence that explains it.
fn new_text(kind: TextKind, budget: Budget) -> (&'static str, &'static str) {
    match (kind, budget) {
        (TextKind::Pages, Budget::Network) => (
            "New pages of one network",
            "One network sent more new pages and titles than it may add in a day. In the reports, its pages read “(other)”.",
        ),
        (TextKind::Pages, Budget::Site) => (
            "New pages of the day",
            "More new pages and titles came than this site may add in a day. In the reports, the rest reads “(other)”.",
        ),
        (TextKind::Sources, Budget::Network) => (
            "New sources of one network",
            "One network sent more new referrers, searches and campaigns than it may add in a day. In the reports, its sources read “(other)”.",
        ),
        (TextKind::Sources, Budget::Site) => (
            "New sources of the day",
            "More new referrers, searches and campaigns came than this site may add in a day. In the reports, the rest reads “(other)”.",
        ),
        (TextKind::Custom, Budget::Network) => (
            "New custom data of one network",
            "One network sent more new custom data than it may add in a day. In the reports, its data reads “(other)”.",
        ),
        (TextKind::Custom, Budget::Site) => (
            "New custom data of the day",
            "More new custom data came than this site may add in a day. In the reports, the rest reads “(other)”.",
        ),
        (TextKind::Elements, Budget::Network) => (
            "New elements of one network",
            "One network sent clicks on more new elements than it may add in a day. In the heatmaps, they read “(other)”.",
        ),
        (TextKind::Elements, Budget::Site) => (
            "New elements of the day",
            "Clicks on more new elements came than this site may add in a day. In the heatmaps, the rest reads “(other)”.",
        ),
        (TextKind::Devices, Budget::Network) => (
            "New devices of one network",
            "One network sent more new browsers, screens and languages than it may add in a day. In the reports, its devices read “(other)”.",
        ),
        (TextKind::Devices, Budget::Site) => (
            "New devices of the day",
            "More new browsers, screens and languages came than this site may add in a day. In the reports, the rest reads “(other)”.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_name_of_its_own_that_is_found_again() {
        for reason in DropReason::ALL {
            assert_eq!(DropReason::from_name(reason.name()), Some(reason));
        }
        for (kind, budget) in
            TextKind::ALL.into_iter().flat_map(|kind| [(kind, Budget::Network), (kind, Budget::Site)])
        {
            let reason = DropReason::NewText(kind, budget);
            assert!(
                DropReason::ALL.contains(&reason) && reason.is_counted() && !reason.is_filter(),
                "{reason:?}"
            );
        }
    }
}
