//! The dimensions by which visits and actions are counted and filtered.

use crate::ingest::hit::ActionKind;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind};
use crate::store::visit_attribute::VisitAttribute;

macro_rules! dimensions {
    ($($name:ident = $dimension:expr;)*) => {
        $(pub const $name: Dimension = $dimension;)*
        static DIMENSIONS: &[Dimension] = &[$($name),*];
    };
}

dimensions! {
    PAGES = Dimension::actions(ActionKind::PageView, ValueKind::Page, "href", "Page");
    LANDINGS = Dimension::property(VisitAttribute::Landing, ValueKind::Page, "landing", "Entrance page");
    EXITS = Dimension::property(VisitAttribute::Exit, ValueKind::Page, "exit", "Exit page");
    DOWNLOADS = Dimension::actions(ActionKind::Download, ValueKind::Page, "download", "Download");
    EVENTS = Dimension::actions(ActionKind::Event, ValueKind::Text, "event", "Event");
    MEDIA = Dimension::actions(ActionKind::Media, ValueKind::Text, "video", "Media");
    HOSTS = Dimension::actions(ActionKind::PageView, ValueKind::Host, "host", "Domain of the site");
    OUTBOUND = Dimension::actions(ActionKind::Outbound, ValueKind::Address, "outbound", "Outbound link");
    LINKS = Dimension::property(VisitAttribute::Link, ValueKind::Address, "link", "Link");
    DOMAINS = Dimension::property(VisitAttribute::LinkDomain, ValueKind::Text, "domain", "Linking domain");
    TERMS = Dimension::property(VisitAttribute::Terms, ValueKind::Text, "search", "Search");
    ENGINES = Dimension::property(VisitAttribute::Engine, ValueKind::Text, "engine", "Search engine");
    CAMPAIGNS = Dimension::property(VisitAttribute::Campaign, ValueKind::Text, "campaign", "Campaign");
    CAMPAIGN_SOURCES = Dimension::property(VisitAttribute::CampaignSource, ValueKind::Text, "campaign-source", "Campaign source");
    CAMPAIGN_MEDIA = Dimension::property(VisitAttribute::CampaignMedium, ValueKind::Text, "campaign-medium", "Campaign medium");
    CAMPAIGN_TERMS = Dimension::property(VisitAttribute::CampaignTerm, ValueKind::Text, "campaign-term", "Campaign term");
    CAMPAIGN_CONTENTS = Dimension::property(VisitAttribute::CampaignContent, ValueKind::Text, "campaign-content", "Campaign content");
    SOURCES = Dimension::always(VisitAttribute::Channel, ValueKind::Channel, "source", "Source");
    FIRST_SOURCES = Dimension::always(VisitAttribute::FirstChannel, ValueKind::Channel, "first-source", "First source");
    LAST_SOURCES = Dimension::always(VisitAttribute::LastChannel, ValueKind::Channel, "last-source", "Last source");
    FIRST_DOMAINS = Dimension::property(VisitAttribute::FirstDomain, ValueKind::Text, "first-domain", "First linking domain");
    LAST_DOMAINS = Dimension::property(VisitAttribute::LastDomain, ValueKind::Text, "last-domain", "Last linking domain");
    FIRST_CAMPAIGNS = Dimension::property(VisitAttribute::FirstCampaign, ValueKind::Text, "first-campaign", "First campaign");
    LAST_CAMPAIGNS = Dimension::property(VisitAttribute::LastCampaign, ValueKind::Text, "last-campaign", "Last campaign");
    COUNTRIES = Dimension::always(VisitAttribute::Country, ValueKind::Country, "country", "Country");
    REGIONS = Dimension::property(VisitAttribute::Region, ValueKind::Place, "region", "Region");
    CITIES = Dimension::property(VisitAttribute::City, ValueKind::Place, "city", "City");
    LANGUAGES = Dimension::always(VisitAttribute::Language, ValueKind::Language, "language", "Language");
    BROWSERS = Dimension::always(VisitAttribute::Browser, ValueKind::Family, "browser", "Browser");
    BROWSER_VERSIONS = Dimension::always(VisitAttribute::Browser, ValueKind::Text, "browser-version", "Browser version");
    SYSTEMS = Dimension::always(VisitAttribute::System, ValueKind::Family, "os", "System");
    SYSTEM_VERSIONS = Dimension::always(VisitAttribute::System, ValueKind::Text, "os-version", "System version");
    HARDWARE = Dimension::always(VisitAttribute::DeviceType, ValueKind::DeviceType, "hardware", "Device");
    SCREENS = Dimension::always(VisitAttribute::Screen, ValueKind::Text, "resolution", "Screen");
    ORGANIZATIONS = Dimension::property(VisitAttribute::Organization, ValueKind::Text, "org", "Organisation");
    HOSTNAMES = Dimension::property(VisitAttribute::Hostname, ValueKind::Text, "hostname", "Host name");
    ACTION_COUNTS = Dimension {
        group_key: GroupKey::ActionCount, value_kind: ValueKind::ActionCount, filter: "actions", noun: "Number of actions", shows_unknown: true
    };
    TIMES = Dimension { group_key: GroupKey::TimeOnSite, value_kind: ValueKind::TimeOnSite, filter: "time", noun: "Seconds on the site", shows_unknown: true };
    MOST_ACTIVE = Dimension::property(VisitAttribute::Visitor, ValueKind::Visitor, "uid", "Visitor");
    GOALS = Dimension { group_key: GroupKey::Goal, value_kind: ValueKind::Goal, filter: "goal", noun: "Goal", shows_unknown: true };
    SPLITS = Dimension { group_key: GroupKey::Split, value_kind: ValueKind::Pair, filter: "split", noun: "Split test", shows_unknown: false };
    NOT_FOUND = Dimension {
        group_key: GroupKey::NotFound, value_kind: ValueKind::Page, filter: "not-found", noun: "Page not found", shows_unknown: false
    };
    BROKEN_LINKS = Dimension {
        group_key: GroupKey::BrokenLink, value_kind: ValueKind::BrokenLink, filter: "broken-link", noun: "Broken link", shows_unknown: false
    };
    CUSTOM = Dimension { group_key: GroupKey::Custom, value_kind: ValueKind::Pair, filter: "custom", noun: "Custom data", shows_unknown: false };
}

/// Returns all dimensions by which visits and actions are counted.
pub fn dimensions() -> &'static [Dimension] {
    DIMENSIONS
}

/// Returns the dimension of pages.
pub fn pages() -> &'static Dimension {
    &PAGES
}

/// Returns the dimension of events.
pub fn events() -> &'static Dimension {
    &EVENTS
}

/// Returns the dimension of goals.
pub fn goals() -> &'static Dimension {
    &GOALS
}

/// Returns the dimension of traffic sources.
pub fn sources() -> &'static Dimension {
    &SOURCES
}

/// Returns the dimension of devices.
pub fn devices() -> &'static Dimension {
    &HARDWARE
}

/// Returns the dimension of custom data.
pub fn custom() -> &'static Dimension {
    &CUSTOM
}

/// Returns the dimension of split tests.
pub fn splits() -> &'static Dimension {
    &SPLITS
}

/// The dimensions by which visits are filtered but never counted.
pub static SINGLE_VISITS: [Dimension; 3] = [
    Dimension {
        group_key: GroupKey::Visit,
        value_kind: ValueKind::IpAddress,
        filter: "ip_address",
        noun: "Internet address",
        shows_unknown: false,
    },
    Dimension {
        group_key: GroupKey::Visit,
        value_kind: ValueKind::VisitId,
        filter: "session_id",
        noun: "Visit",
        shows_unknown: false,
    },
    Dimension {
        group_key: GroupKey::Visit,
        value_kind: ValueKind::FunnelStep,
        filter: "funnel-step",
        noun: "Funnel",
        shows_unknown: false,
    },
];

/// Finds the dimension of a filter's name. Clicky has two names for the number of actions.
pub fn dimension_of_filter(name: &str) -> Option<&'static Dimension> {
    let name = if name == "num_actions" { "actions" } else { name };
    DIMENSIONS.iter().chain(&SINGLE_VISITS).find(|dimension| dimension.filter == name)
}
