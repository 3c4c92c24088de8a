//! The details of a single visit. Each is visible with the reports that count by it, so that a list shows nothing that
//! the reports hide. Lists, pages of visits, live streams and files all use this.

use super::actions::Action;
use super::visit_attributes::VisitAttributes;
use crate::ingest::hit::ActionKind;
use crate::model::channel::Channel;
use crate::reports::catalogue;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind, family};
use crate::reports::visibility::Visibility;
use crate::store::visit_attribute::{ATTRIBUTES, AttributeKind, VisitAttribute};

/// The filters whose reports reveal an attribute besides those that count by it.
const ALSO_TOLD_BY: &[(VisitAttribute, &[&str])] = &[
    (VisitAttribute::Landing, &["href"]),
    (VisitAttribute::LinkDomain, &["link"]),
    (VisitAttribute::Country, &["region", "city"]),
];

/// The filters whose reports reveal the actions of a kind.
const ACTIONS_TOLD_BY: &[(ActionKind, &str)] = &[
    (ActionKind::PageView, "href"),
    (ActionKind::Download, "download"),
    (ActionKind::Outbound, "outbound"),
    (ActionKind::Event, "event"),
    (ActionKind::Media, "video"),
];

/// The visible details of visits. One visible report that reveals a detail is enough.
#[derive(Clone, Debug)]
pub struct Details {
    attributes: [Shown; ATTRIBUTES],
    actions: Vec<ActionKind>,
}

/// The visible part of an attribute; of two reports the one that shows more counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Nothing,
    WithoutVersion,
    Everything,
}

impl Details {
    /// Returns the details that a visibility shows.
    pub fn for_visibility(visibility: &Visibility) -> Self {
        let tells = |filter: &&str| {
            catalogue::dimension_of_filter(filter).is_some_and(|dimension| visibility.counts_by(dimension))
        };
        let mut attributes = [Shown::Nothing; ATTRIBUTES];
        let mut show = |attribute: VisitAttribute, shown: Shown| {
            let known = &mut attributes[attribute as usize];
            *known = shown.max(*known);
        };
        for Dimension { group_key, value_kind, filter, .. } in catalogue::dimensions() {
            let shown =
                if *value_kind == ValueKind::Family { Shown::WithoutVersion } else { Shown::Everything };
            match group_key {
                GroupKey::Property(attribute) if tells(filter) => show(*attribute, shown),
                _ => (),
            }
        }
        for (attribute, filters) in ALSO_TOLD_BY {
            if filters.iter().any(tells) {
                show(*attribute, Shown::Everything);
            }
        }
        let actions = ACTIONS_TOLD_BY.iter().filter(|(_, filter)| tells(filter)).map(|(kind, _)| *kind);
        Self { attributes, actions: actions.collect() }
    }

    /// Returns true if an attribute is visible, with or without its version.
    pub fn shows(&self, attribute: VisitAttribute) -> bool {
        self.shown(attribute) != Shown::Nothing
    }

    /// Returns true if the pages and titles of a kind of action are visible.
    pub fn shows_actions(&self, kind: ActionKind) -> bool {
        self.actions.contains(&kind)
    }

    /// Returns true if one of these attributes is visible.
    pub fn shows_any(&self, attributes: &[VisitAttribute]) -> bool {
        attributes.iter().any(|attribute| self.shows(*attribute))
    }

    fn shown(&self, attribute: VisitAttribute) -> Shown {
        // Places on the map are as exact as cities.
        let is_coordinate = attribute.kind() == AttributeKind::Coordinate;
        self.attributes[if is_coordinate { VisitAttribute::City } else { attribute } as usize]
    }

    /// Removes hidden attributes of a visit. The URL of a search contains its engine, and often the terms.
    #[must_use]
    pub fn redact_attributes(&self, mut attributes: VisitAttributes) -> VisitAttributes {
        use VisitAttribute::{Engine, FirstDomain, LastDomain, Link, LinkDomain, Terms};
        let named_touch =
            |channel| self.shown(if channel == Some(Channel::Search) { Engine } else { LinkDomain });
        let [first_named, last_named] = attributes.touch_channels.map(named_touch);
        let (named_by, addressed_by) = match attributes.channel {
            Some(Channel::Search) => (Engine, self.shown(Engine).min(self.shown(Terms))),
            _ => (LinkDomain, self.shown(Link)),
        };
        for attribute in VisitAttribute::all() {
            let shown = match attribute {
                Engine | LinkDomain => self.shown(named_by),
                Link => addressed_by,
                FirstDomain => first_named,
                LastDomain => last_named,
                other => self.shown(other),
            };
            match shown {
                Shown::Nothing => attributes.hide(attribute),
                Shown::WithoutVersion => {
                    let name = attributes.take(attribute).map(|name| family(&name).to_owned());
                    attributes.set(attribute, name);
                }
                Shown::Everything => (),
            }
        }
        attributes
    }

    /// Removes hidden details from an action; its time and kind stay.
    #[must_use]
    pub fn redact_action(&self, action: Action) -> Action {
        if self.shows_actions(action.kind) {
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

    fn attributes(channel: Channel) -> VisitAttributes {
        let mut attributes = VisitAttributes::default();
        attributes.channel = Some(channel);
        for attribute in VisitAttribute::all().filter(|attribute| attribute.is_label()) {
            attributes.set(attribute, Some("Firefox 145".into()));
        }
        attributes
    }

    #[test]
    fn everything_is_told_by_reports_that_there_are() {
        let mut filters = ALSO_TOLD_BY.iter().flat_map(|(_, filters)| *filters);
        assert!(filters.all(|filter| catalogue::dimension_of_filter(filter).is_some()));
        let everything = Details::for_visibility(&Visibility::everything());
        let nothing = details(&[], VisitorData::VARIANTS);
        for attribute in VisitAttribute::all() {
            assert_eq!(everything.shown(attribute), Shown::Everything, "{attribute:?}");
            assert!(!nothing.shows(attribute), "{attribute:?}");
        }
        assert_eq!(everything.actions.len(), ACTIONS_TOLD_BY.len());
        assert!(nothing.actions.is_empty());
    }

    #[test]
    fn a_search_is_told_by_its_engine_and_its_words_and_a_link_by_links() {
        let shown = |reports: &[&str], channel| {
            let seen = details(reports, &[]).redact_attributes(attributes(channel));
            [VisitAttribute::Link, VisitAttribute::LinkDomain, VisitAttribute::Terms]
                .map(|attribute| seen.text(attribute).is_some())
        };
        assert_eq!(shown(&["searches"], Channel::Search), [false, false, true]);
        assert_eq!(shown(&["searches-engines"], Channel::Search), [false, true, false]);
        assert_eq!(shown(&["searches-engines", "searches-recent"], Channel::Search), [true, true, true]);
        assert_eq!(shown(&["links", "links-domains"], Channel::Search), [false, false, false]);
        assert_eq!(shown(&["links-domains"], Channel::Link), [false, true, false]);
        assert_eq!(shown(&["links-unique"], Channel::Link), [true, true, false]);
        let of_links = details(&["links"], &[]).redact_attributes(attributes(Channel::Link));
        assert_eq!(of_links.channel, None);
    }

    #[test]
    fn places_and_versions_are_told_as_exactly_as_their_reports() {
        use VisitAttribute::{Browser, City, Country, Latitude, Region};
        let cities = details(&["cities"], &[VisitorData::Places]);
        assert!([City, Latitude, Country].into_iter().all(|place| cities.shows(place)));
        assert!(!cities.shows(Region));
        let hidden = details(&["cities"], &[]);
        assert!(!hidden.shows(Country), "a report that is not shown tells nothing");
        let name = |reports: &[&str]| {
            let seen = details(reports, &[]).redact_attributes(attributes(Channel::Link));
            seen.text(Browser).map(str::to_owned)
        };
        assert_eq!(name(&["web-browsers"]).as_deref(), Some("Firefox"));
        assert_eq!(name(&["browser-versions"]).as_deref(), Some("Firefox 145"));
        assert_eq!(name(&["hardware"]), None);
    }
}
