//! The catalogue of reports. Navigation, screens, settings, CSV and help all read this table: adding a report is adding
//! a row.

mod dimensions;

use super::dimension::Dimension;
use super::recent_list::RecentList;
use dimensions::{
    ACTION_COUNTS, BROKEN_LINKS, BROWSER_VERSIONS, BROWSERS, CAMPAIGN_CONTENTS, CAMPAIGN_MEDIA,
    CAMPAIGN_SOURCES, CAMPAIGN_TERMS, CAMPAIGNS, CITIES, COUNTRIES, CUSTOM, DOMAINS, DOWNLOADS, ENGINES,
    EVENTS, EXITS, GOALS, HARDWARE, HOSTNAMES, HOSTS, LANDINGS, LANGUAGES, LINKS, MEDIA, MOST_ACTIVE,
    NOT_FOUND, ORGANIZATIONS, OUTBOUND, PAGES, REGIONS, SCREENS, SOURCES, SPLITS, SYSTEM_VERSIONS, SYSTEMS,
    TERMS, TIMES,
};

pub use super::report::{Report, ReportGroup, ReportKind};
pub use crate::model::metrics::Metric;
pub use dimensions::{
    SINGLE_VISITS, custom, devices, dimension_of_filter, dimensions, events, goals, pages, sources, splits,
};

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

use ReportGroup::{Audience, Campaigns, Content, Goals, Sources, Traffic, Uptime};

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
        name: "hours",
        title: "Hours and weekdays",
        subject: Traffic,
        api: None,
        kind: ReportKind::Hours,
        about: "Visits and other metrics by weekday and hour, in the site's time zone. All counts in the hour in which the visit began.",
    },
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
    Report {
        name: "journeys",
        title: "Journeys",
        subject: Content,
        api: None,
        kind: ReportKind::Journeys,
        about: "Where visits came from and went next, before and after any page, goal or event.",
    },
    ours(items(
        Content,
        "pages-not-found",
        "Pages not found",
        &NOT_FOUND,
        "Pages that visitors opened but that don't exist. Break them down by broken links to see where people came from.",
    )),
    ours(items(
        Content,
        "broken-links",
        "Broken links",
        &BROKEN_LINKS,
        "Links that led visitors to a page that doesn't exist, each with the page that has the link.",
    )),
    Report {
        name: "web-vitals",
        title: "Web vitals",
        subject: Content,
        api: None,
        kind: ReportKind::Vitals,
        about: "How fast your pages load and respond for real visitors, and how steady they are.",
    },
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
    Report {
        name: "funnels",
        title: "Funnels",
        subject: Goals,
        api: None,
        kind: ReportKind::Funnels,
        about: "How many visits took each step of a funnel, and where the others went.",
    },
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
    Report {
        name: "split-tests",
        title: "Split tests",
        subject: Goals,
        api: Some("split-tests"),
        kind: ReportKind::SplitTests(&SPLITS),
        about: "Which version of a page works better, and whether that may be chance.",
    },
    Report {
        name: "retention",
        title: "Retention",
        subject: Audience,
        api: None,
        kind: ReportKind::Retention,
        about: "Who comes back: visitors by the week or month of their first visit.",
    },
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
    Report {
        name: "uptime",
        title: "Uptime",
        subject: Uptime,
        api: Some("uptime"),
        kind: ReportKind::Uptime,
        about: "How long your monitors were up, and how fast they answered.",
    },
    Report {
        name: "uptime-list",
        title: "Outages",
        subject: Uptime,
        api: Some("uptime-list"),
        kind: ReportKind::Outages,
        about: "When your monitors were down, for how long, and why. An outage begins after three failed checks in a row.",
    },
];

#[cfg(test)]
mod tests;
