//! The details of a single visit. Each is visible with the reports that count by it, so that a list shows nothing that
//! the reports hide. Lists, pages of visits, live streams and files all use this.

use super::actions::Action;
use super::visit::{Source, Visit};
use crate::ingest::hit::ActionKind;
use crate::model::channel::Channel;
use crate::reports::catalogue;
use crate::reports::dimension::family;
use crate::reports::visibility::Visibility;

/// A detail of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The entry page.
    Landing,
    /// The channel.
    Channel,
    /// The full referring URL.
    Link,
    /// The domain of the referring URL.
    LinkDomain,
    /// The search engine.
    Engine,
    /// The search terms.
    Terms,
    /// The campaign (`utm_campaign`).
    Campaign,
    /// The campaign's source (`utm_source`).
    CampaignSource,
    /// The campaign's medium (`utm_medium`).
    CampaignMedium,
    /// The campaign's term (`utm_term`).
    CampaignTerm,
    /// The campaign's content (`utm_content`).
    CampaignContent,
    /// The country.
    Country,
    /// The region of the country.
    Region,
    /// The city.
    City,
    /// The operator of the network.
    Organization,
    /// The hostname of the IP address.
    Hostname,
    /// The browser without its version.
    Browser,
    /// The browser with its version.
    BrowserVersion,
    /// The operating system without its version.
    System,
    /// The operating system with its version.
    SystemVersion,
    /// The device type.
    Hardware,
    /// The screen resolution.
    Screen,
    /// The language.
    Language,
    /// The pages viewed.
    PageViews,
    /// The files downloaded.
    Downloads,
    /// The outbound links followed.
    Outbounds,
    /// The events.
    Events,
    /// The media played.
    Media,
}

/// The details, each with the filters whose reports reveal it; one visible report is enough.
const TOLD_BY: [(Detail, &[&str]); 28] = [
    (Detail::Landing, &["landing", "href"]),
    (Detail::Channel, &["source"]),
    (Detail::Link, &["link"]),
    (Detail::LinkDomain, &["domain", "link"]),
    (Detail::Engine, &["engine"]),
    (Detail::Terms, &["search"]),
    (Detail::Campaign, &["campaign"]),
    (Detail::CampaignSource, &["campaign-source"]),
    (Detail::CampaignMedium, &["campaign-medium"]),
    (Detail::CampaignTerm, &["campaign-term"]),
    (Detail::CampaignContent, &["campaign-content"]),
    (Detail::Country, &["country", "region", "city"]),
    (Detail::Region, &["region"]),
    (Detail::City, &["city"]),
    (Detail::Organization, &["org"]),
    (Detail::Hostname, &["hostname"]),
    (Detail::Browser, &["browser", "browser-version"]),
    (Detail::BrowserVersion, &["browser-version"]),
    (Detail::System, &["os", "os-version"]),
    (Detail::SystemVersion, &["os-version"]),
    (Detail::Hardware, &["hardware"]),
    (Detail::Screen, &["resolution"]),
    (Detail::Language, &["language"]),
    (Detail::PageViews, &["href"]),
    (Detail::Downloads, &["download"]),
    (Detail::Outbounds, &["outbound"]),
    (Detail::Events, &["event"]),
    (Detail::Media, &["video"]),
];

/// The visible details of visits.
#[derive(Clone, Debug)]
pub struct Details([bool; TOLD_BY.len()]);

impl Details {
    /// Returns the details that a visibility shows.
    pub fn for_visibility(visibility: &Visibility) -> Self {
        Self(TOLD_BY.map(|(_, filters)| {
            filters
                .iter()
                .filter_map(|filter| catalogue::dimension_of_filter(filter))
                .any(|dimension| visibility.counts_by(dimension))
        }))
    }

    /// Returns true if a detail is visible.
    pub fn shows(&self, detail: Detail) -> bool {
        self.0[detail as usize]
    }

    /// Returns true if one of these details is visible.
    pub fn shows_any(&self, details: &[Detail]) -> bool {
        details.iter().any(|detail| self.shows(*detail))
    }

    fn keep<T>(&self, detail: Detail, value: &mut Option<T>) {
        if !self.shows(detail) {
            *value = None;
        }
    }

    /// Removes hidden details from a visit.
    #[must_use]
    pub fn redact_visit(&self, mut visit: Visit) -> Visit {
        self.keep(Detail::Landing, &mut visit.landing);
        self.keep(Detail::Country, &mut visit.country);
        self.keep(Detail::Region, &mut visit.region);
        self.keep(Detail::City, &mut visit.city);
        self.keep(Detail::City, &mut visit.place);
        self.keep(Detail::Organization, &mut visit.organization);
        self.keep(Detail::Hostname, &mut visit.hostname);
        self.keep(Detail::Hardware, &mut visit.hardware);
        self.keep(Detail::Screen, &mut visit.screen);
        self.keep(Detail::Language, &mut visit.language);
        visit.browser = self.versioned(visit.browser, Detail::Browser, Detail::BrowserVersion);
        visit.system = self.versioned(visit.system, Detail::System, Detail::SystemVersion);
        visit.source = self.redact_source(visit.source);
        visit
    }

    /// Returns a name with or without its version, as far as it is visible.
    fn versioned(&self, name: Option<String>, without: Detail, with: Detail) -> Option<String> {
        let name = name.filter(|_| self.shows(without))?;
        Some(if self.shows(with) { name } else { family(&name).to_owned() })
    }

    /// Removes hidden details from a visit's source. The URL of a search contains its engine, and often the terms.
    #[must_use]
    pub fn redact_source(&self, mut source: Source) -> Source {
        let (named, addressed) = match source.channel {
            Some(Channel::Search) => {
                let engine = self.shows(Detail::Engine);
                (engine, engine && self.shows(Detail::Terms))
            }
            _ => (self.shows(Detail::LinkDomain), self.shows(Detail::Link)),
        };
        source.name = source.name.filter(|_| named);
        source.domain = source.domain.filter(|_| named);
        source.referrer = source.referrer.filter(|_| addressed);
        self.keep(Detail::Terms, &mut source.terms);
        self.keep(Detail::Channel, &mut source.channel);
        let of_campaign = [
            Detail::Campaign,
            Detail::CampaignSource,
            Detail::CampaignMedium,
            Detail::CampaignTerm,
            Detail::CampaignContent,
        ];
        for (detail, value) in of_campaign.into_iter().zip(&mut source.campaign) {
            self.keep(detail, value);
        }
        source
    }

    /// Removes hidden details from an action; its time and kind stay.
    #[must_use]
    pub fn redact_action(&self, action: Action) -> Action {
        let detail = match action.kind {
            ActionKind::PageView => Detail::PageViews,
            ActionKind::Download => Detail::Downloads,
            ActionKind::Outbound => Detail::Outbounds,
            ActionKind::Event => Detail::Events,
            ActionKind::Media => Detail::Media,
        };
        if self.shows(detail) {
            return action;
        }
        Action { page: None, title: None, media: None, ..action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::visibility::VisitorData;
    use strum::VariantArray;

    fn details(reports: &[&str], data: &[VisitorData]) -> Details {
        Details::for_visibility(&Visibility::from_names(reports.iter().copied(), data.iter().copied()))
    }

    fn source(medium: Channel) -> Source {
        let text = |text: &str| Some(text.to_owned());
        Source {
            channel: Some(medium),
            referrer: text("https://engine.example/?q=rye"),
            domain: text("engine.example"),
            name: text("Engine"),
            terms: text("rye"),
            campaign: ["a", "b", "c", "d", "e"].map(text),
        }
    }

    #[test]
    fn every_detail_stands_at_its_place_and_is_told_by_reports_that_there_are() {
        for (place, (detail, filters)) in TOLD_BY.into_iter().enumerate() {
            assert_eq!(detail as usize, place, "{detail:?}");
            assert!(filters.iter().all(|filter| catalogue::dimension_of_filter(filter).is_some()));
        }
        let everything = Details::for_visibility(&Visibility::everything());
        assert!(TOLD_BY.into_iter().all(|(detail, _)| everything.shows(detail)));
        let nothing = details(&[], VisitorData::VARIANTS);
        assert!(!TOLD_BY.into_iter().any(|(detail, _)| nothing.shows(detail)));
    }

    #[test]
    fn a_search_is_told_by_its_engine_and_its_words_and_a_link_by_links() {
        let shown = |reports: &[&str], medium| {
            let source = details(reports, &[]).redact_source(source(medium));
            [source.referrer, source.domain, source.terms].map(|text| text.is_some())
        };
        assert_eq!(shown(&["searches"], Channel::Search), [false, false, true]);
        assert_eq!(shown(&["searches-engines"], Channel::Search), [false, true, false]);
        assert_eq!(shown(&["searches-engines", "searches-recent"], Channel::Search), [true, true, true]);
        assert_eq!(shown(&["links", "links-domains"], Channel::Search), [false, false, false]);
        assert_eq!(shown(&["links-domains"], Channel::Link), [false, true, false]);
        assert_eq!(shown(&["links-unique"], Channel::Link), [true, true, false]);
        assert_eq!(details(&["links"], &[]).redact_source(source(Channel::Link)).channel, None);
    }

    #[test]
    fn places_and_versions_are_told_as_exactly_as_their_reports() {
        let cities = details(&["cities"], &[VisitorData::Places]);
        assert!(cities.shows(Detail::City) && cities.shows(Detail::Country) && !cities.shows(Detail::Region));
        assert!(
            !details(&["cities"], &[]).shows(Detail::Country),
            "a report that is not shown tells nothing"
        );
        let name = |reports: &[&str]| {
            details(reports, &[]).versioned(
                Some("Firefox 145".into()),
                Detail::Browser,
                Detail::BrowserVersion,
            )
        };
        assert_eq!(name(&["web-browsers"]).as_deref(), Some("Firefox"));
        assert_eq!(name(&["browser-versions"]).as_deref(), Some("Firefox 145"));
        assert_eq!(name(&["hardware"]), None);
    }
}
