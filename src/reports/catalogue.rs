//! The catalogue of reports. Navigation, screens, settings, CSV and help all read this table: adding a report is adding
//! a row.

use super::dimension::{Dimension, GroupKey, ValueKind};
use super::recent_list::RecentList;
use crate::ingest::hit::ActionKind;
use crate::store::visit_attribute::VisitAttribute;

pub use super::report::{Report, ReportGroup, ReportKind};
pub use crate::model::metrics::Metric;

macro_rules! dimensions {
    ($($name:ident = $dimension:expr;)*) => {
        $(const $name: Dimension = $dimension;)*
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
    CUSTOM = Dimension { group_key: GroupKey::Custom, value_kind: ValueKind::Pair, filter: "custom", noun: "Custom data", shows_unknown: false };
}

/// Returns all dimensions by which visits and actions are counted.
pub fn dimensions() -> &'static [Dimension] {
    DIMENSIONS
}

/// Returns the dimension of custom data.
pub fn custom() -> &'static Dimension {
    &CUSTOM
}

/// The dimensions by which visits are filtered but never counted.
pub static SINGLE_VISITS: [Dimension; 2] = [
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
];

/// Finds the dimension of a filter's name. Clicky has two names for the number of actions.
pub fn dimension_of_filter(name: &str) -> Option<&'static Dimension> {
    let name = if name == "num_actions" { "actions" } else { name };
    DIMENSIONS.iter().chain(&SINGLE_VISITS).find(|dimension| dimension.filter == name)
}

/// Finds a report by its name.
pub fn find(name: &str) -> Option<&'static Report> {
    REPORTS.iter().find(|report| report.name == name)
}

const fn metric(
    subject: ReportGroup,
    name: &'static str,
    title: &'static str,
    metric: Metric,
    about: &'static str,
) -> Report {
    Report { name, title, about, api: Some(name), subject, kind: ReportKind::Metric(metric) }
}

const fn items(
    subject: ReportGroup,
    name: &'static str,
    title: &'static str,
    dimension: &'static Dimension,
    about: &'static str,
) -> Report {
    let kind = ReportKind::Items(dimension);
    Report { name, title, about, api: Some(name), subject, kind }
}

/// Marks a report that Clicky does not have.
const fn ours(report: Report) -> Report {
    Report { api: None, ..report }
}

const fn recent(name: &'static str, title: &'static str, list: RecentList, about: &'static str) -> Report {
    let (subject, kind) = (ReportGroup::Sources, ReportKind::Recent(list));
    Report { name, title, about, api: Some(name), subject, kind }
}

use ReportGroup::{Audience, Campaigns, Content, Goals, Sources, Traffic};

/// All reports.
pub static REPORTS: &[Report] = &[
    metric(
        Traffic,
        "visitors",
        "Visits",
        Metric::Visits,
        "How often somebody came. A visit ends after 30 minutes without a sign of life.",
    ),
    metric(
        Traffic,
        "visitors-unique",
        "Unique visitors",
        Metric::Uniques,
        "Visitors, each counted once a day.",
    ),
    metric(
        Traffic,
        "visitors-new",
        "New visitors",
        Metric::New,
        "Visitors who were never here before. Without cookies a visitor is known within one day only.",
    ),
    metric(
        Traffic,
        "visitors-online",
        "Online now",
        Metric::Online,
        "Visitors who did something in the last five minutes.",
    ),
    metric(
        Traffic,
        "actions",
        "Actions",
        Metric::Actions,
        "Page views, downloads, outbound clicks and events together.",
    ),
    metric(Traffic, "actions-pageviews", "Page views", Metric::PageViews, "How often pages were looked at."),
    metric(
        Traffic,
        "actions-downloads",
        "Downloaded files",
        Metric::Downloads,
        "How often files were downloaded.",
    ),
    metric(
        Traffic,
        "actions-outbounds",
        "Outbound clicks",
        Metric::Outbounds,
        "How often links to other sites were followed.",
    ),
    metric(
        Traffic,
        "actions-clicks",
        "Counted events",
        Metric::Events,
        "How often pages reported an event of their own.",
    ),
    metric(
        Traffic,
        "actions-average",
        "Actions a visit",
        Metric::ActionsAverage,
        "How many actions a visit has on average.",
    ),
    metric(
        Traffic,
        "time-average",
        "Time a visit",
        Metric::TimeAverage,
        "How long a visit lasts on average.",
    ),
    metric(Traffic, "time-total", "Total time", Metric::TimeTotal, "How long all visits together lasted."),
    metric(
        Traffic,
        "bounce-rate",
        "Bounce rate",
        Metric::BounceRate,
        "The share of visits with one page view only and less than 30 seconds.",
    ),
    Report {
        name: "left-out",
        title: "What was filtered",
        subject: Traffic,
        api: None,
        kind: ReportKind::FilteredHits,
        about: "Hits that were not counted, or not by name, and why, so that you can trust the numbers.",
    },
    items(Content, "pages", "Pages", &PAGES, "The pages that were looked at, most views first."),
    items(Content, "pages-entrance", "Entrance pages", &LANDINGS, "The pages on which visits began."),
    items(Content, "pages-exit", "Exit pages", &EXITS, "The pages on which visits ended."),
    items(Content, "downloads", "Downloads", &DOWNLOADS, "The files that were downloaded."),
    items(Content, "events", "Events", &EVENTS, "What pages reported as events of their own."),
    items(Content, "video", "Media", &MEDIA, "The videos and sounds that were played."),
    items(
        Content,
        "links-outbound",
        "Outbound links",
        &OUTBOUND,
        "The links to other sites that were followed.",
    ),
    items(
        Content,
        "site-domains",
        "Domains of the site",
        &HOSTS,
        "The hosts under which pages of this site were looked at.",
    ),
    items(
        Sources,
        "traffic-sources",
        "Traffic sources",
        &SOURCES,
        "How visitors came: directly, by a search, a link, a mail, an advertisement.",
    ),
    items(
        Sources,
        "links-domains",
        "Linking domains",
        &DOMAINS,
        "The sites whose links visitors followed to yours.",
    ),
    items(Sources, "links", "Links", &LINKS, "The pages whose links visitors followed to yours."),
    recent(
        "links-recent",
        "Recent links",
        RecentList::LinksRecent,
        "Visits that came by a link, newest first.",
    ),
    recent(
        "links-unique",
        "New links",
        RecentList::LinksFirst,
        "Links that brought a visitor for the first time ever, newest first.",
    ),
    items(
        Sources,
        "searches",
        "Searches",
        &TERMS,
        "What visitors searched for before they came. Most search engines no longer say so.",
    ),
    items(
        Sources,
        "searches-engines",
        "Search engines",
        &ENGINES,
        "The search engines that visitors came from.",
    ),
    recent(
        "searches-recent",
        "Recent searches",
        RecentList::SearchesRecent,
        "Visits that came by a known search, newest first.",
    ),
    recent(
        "searches-unique",
        "New searches",
        RecentList::SearchesFirst,
        "Searches that brought a visitor for the first time ever, newest first.",
    ),
    items(
        Campaigns,
        "campaigns",
        "Campaigns",
        &CAMPAIGNS,
        "Visits that came by links with utm_campaign, or belong to a campaign of your own.",
    ),
    ours(items(
        Campaigns,
        "campaign-sources",
        "Campaign sources",
        &CAMPAIGN_SOURCES,
        "The utm_source of campaign links.",
    )),
    ours(items(
        Campaigns,
        "campaign-mediums",
        "Campaign mediums",
        &CAMPAIGN_MEDIA,
        "The utm_medium of campaign links.",
    )),
    ours(items(
        Campaigns,
        "campaign-terms",
        "Campaign terms",
        &CAMPAIGN_TERMS,
        "The utm_term of campaign links.",
    )),
    ours(items(
        Campaigns,
        "campaign-contents",
        "Campaign contents",
        &CAMPAIGN_CONTENTS,
        "The utm_content of campaign links.",
    )),
    items(Goals, "goals", "Goals", &GOALS, "How often visitors reached each goal."),
    ours(metric(
        Goals,
        "conversions",
        "Conversions",
        Metric::Conversions,
        "How often visitors reached goals.",
    )),
    ours(metric(
        Goals,
        "conversion-rate",
        "Conversion rate",
        Metric::ConversionRate,
        "Share of visits that reached a goal.",
    )),
    metric(Goals, "revenue", "Revenue", Metric::Revenue, "Revenue of all goals, minus refunds."),
    ours(metric(
        Goals,
        "revenue-average",
        "Revenue per visit",
        Metric::RevenuePerVisit,
        "Average revenue of a visit, whether it reached a goal or not.",
    )),
    items(Audience, "countries", "Countries", &COUNTRIES, "The countries of visitors, by their address."),
    items(
        Audience,
        "regions",
        "Regions",
        &REGIONS,
        "The regions of visitors. Needs a file of places, see --geoip.",
    ),
    items(
        Audience,
        "cities",
        "Cities",
        &CITIES,
        "The cities of visitors. Needs a file of places, see --geoip.",
    ),
    items(
        Audience,
        "languages",
        "Languages",
        &LANGUAGES,
        "The languages that visitors' browsers ask for first.",
    ),
    items(
        Audience,
        "web-browsers",
        "Browsers",
        &BROWSERS,
        "The browsers of visitors, all versions together.",
    ),
    ours(items(
        Audience,
        "browser-versions",
        "Browser versions",
        &BROWSER_VERSIONS,
        "The browsers of visitors, version by version.",
    )),
    items(
        Audience,
        "operating-systems",
        "Systems",
        &SYSTEMS,
        "The operating systems of visitors, all versions together.",
    ),
    ours(items(
        Audience,
        "system-versions",
        "System versions",
        &SYSTEM_VERSIONS,
        "The operating systems of visitors, version by version.",
    )),
    items(
        Audience,
        "hardware",
        "Devices",
        &HARDWARE,
        "Whether visitors sit at a computer or hold a phone or tablet.",
    ),
    items(Audience, "screen-resolutions", "Screens", &SCREENS, "The size of visitors' screens in points."),
    items(
        Audience,
        "organizations",
        "Organisations",
        &ORGANIZATIONS,
        "Whose network visitors use. Needs a file of networks, see --geoip.",
    ),
    items(
        Audience,
        "hostnames",
        "Host names",
        &HOSTNAMES,
        "What visitors' addresses are called, which often names their company or provider. Asked for only by serve \
         --resolve-hostnames.",
    ),
    items(
        Audience,
        "engagement-actions",
        "Actions per visit",
        &ACTION_COUNTS,
        "How many actions visits have.",
    ),
    items(Audience, "engagement-times", "Length of visits", &TIMES, "How long visits last."),
    items(
        Audience,
        "visitors-most-active",
        "Most active visitors",
        &MOST_ACTIVE,
        "The visitors with the most actions. Without cookies a visitor is known within one day only.",
    ),
    items(Audience, "custom", "Custom data", &CUSTOM, "What your pages say of visitors by clicky_custom."),
];

#[cfg(test)]
mod tests;
