//! Names of items: displayed texts, URLs, icons, and values for filters.

use crate::error::Result;
use crate::ingest::locale_names::{country_name, language_family, primary};
use crate::ingest::page_url;
use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::model::id::VisitorId;
use crate::model::page_form;
use crate::reports::columns::{DictKey, unpack_pair};
use crate::reports::dimension::{ACTION_STEPS, Dimension, SECOND_STEPS, ValueKind, bucket_range, family};
use crate::reports::filter::UNKNOWN;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::reports::visits::visit::Called;
use crate::store::labels;

/// The icon of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Icon {
    /// No icon.
    None,
    /// A country's flag, by its code of two letters.
    Flag(String),
    /// The icon of a channel.
    Medium(Channel),
    /// The icon of a device type.
    Hardware(DeviceType),
}

/// The name of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemName {
    /// The displayed text.
    pub title: String,
    /// The subtitle: the title of a page, the URL of an event.
    pub subtitle: Option<String>,
    /// The item's URL, if it has one.
    pub address: Option<String>,
    /// It is the address of a page that is not on the site's own domain.
    pub is_elsewhere: bool,
    /// What stands in front.
    pub picture: Icon,
    /// The item's value in a filter.
    pub filter: String,
}

impl ItemName {
    /// Returns true if a text of the name contains `search`, which must be in lower case.
    pub(in crate::reports) fn contains(&self, search: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(search);
        let texts = [Some(&self.title), self.subtitle.as_ref(), self.address.as_ref()];
        texts.into_iter().flatten().any(|text| has(text))
            || self.address.as_ref().is_some_and(|address| has(&page_url::readable(address)))
    }
}

/// Returns the common part of items that share a line: a product without its version, a host, a primary language.
pub(in crate::reports) fn fold(naming: ValueKind, text: Option<&str>) -> String {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return String::new() };
    match naming {
        ValueKind::Family => family(text).to_owned(),
        ValueKind::Host => host(text),
        _ => primary(text).to_owned(),
    }
}

/// Returns the host of a URL, with its port if the URL has one.
pub(in crate::reports) fn host(address: &str) -> String {
    url::Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(|host| (host.to_owned(), url.port())))
        .map_or_else(
            || address.to_owned(),
            |(host, port)| match port {
                Some(port) => format!("{host}:{port}"),
                None => host,
            },
        )
}

/// A resolver of item names.
pub(in crate::reports) struct NameResolver<'a> {
    pub shown: &'a VisibleVisits<'a>,
    pub dimension: &'a Dimension,
}

impl NameResolver<'_> {
    /// Returns the text of a label; `None` for an unknown value.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn text(&self, key: DictKey) -> Result<Option<String>> {
        if key == 0 { Ok(None) } else { labels::text(self.shown.connection(), key.cast_signed()) }
    }

    /// Returns the name of an item; `beside` is its subtitle key.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn name(&self, key: DictKey, beside: Option<DictKey>) -> Result<ItemName> {
        let plain = |title: String| ItemName {
            filter: title.clone(),
            title,
            subtitle: None,
            address: None,
            is_elsewhere: false,
            picture: Icon::None,
        };
        Ok(match self.dimension.naming {
            ValueKind::Page
            | ValueKind::Address
            | ValueKind::Text
            | ValueKind::Family
            | ValueKind::Host
            | ValueKind::Language => self.text_name(key, beside)?,
            ValueKind::Country => match self.text(key)? {
                Some(code) => ItemName {
                    title: country_name(&code).to_owned(),
                    picture: Icon::Flag(code.clone()),
                    ..plain(code)
                },
                None => unknown(),
            },
            ValueKind::Place => {
                let (country, place) = unpack_pair(key);
                let (country, place) = (self.text(country)?, self.text(place)?.unwrap_or_default());
                let code = country.clone().unwrap_or_default();
                ItemName {
                    subtitle: country.as_deref().map(|code| country_name(code).to_owned()),
                    picture: country.map_or(Icon::None, Icon::Flag),
                    filter: format!("{place}, {code}"),
                    ..plain(place)
                }
            }
            ValueKind::Medium => {
                let medium = Channel::from_code(key.cast_signed()).unwrap_or(Channel::Direct);
                ItemName { picture: Icon::Medium(medium), ..plain(medium.title().to_owned()) }
            }
            ValueKind::Hardware => {
                let hardware = DeviceType::from_code(key.cast_signed()).unwrap_or(DeviceType::Other);
                ItemName { picture: Icon::Hardware(hardware), ..plain(hardware.name().to_owned()) }
            }
            ValueKind::Visitor => self.visitor_name(VisitorId(key.cast_signed()))?,
            ValueKind::Pair => {
                let (name, value) = unpack_pair(key);
                let (name, value) =
                    (self.text(name)?.unwrap_or_default(), self.text(value)?.unwrap_or_default());
                ItemName { filter: format!("{name}: {value}"), subtitle: Some(name), ..plain(value) }
            }
            ValueKind::VisitId | ValueKind::IpAddress => plain(key.to_string()),
            ValueKind::ActionCount => {
                let (first, last) = bucket_range(&ACTION_STEPS, place(key));
                bucket_name(&ACTION_STEPS, key, action_words(first, last))
            }
            ValueKind::TimeOnSite => {
                let words = TIME_WORDS.get(place(key)).copied().unwrap_or_default();
                bucket_name(&SECOND_STEPS, key, words.to_owned())
            }
        })
    }

    /// Returns the name of a group of items.
    pub fn group_name(&self, folded: &str) -> ItemName {
        if folded.is_empty() {
            return unknown();
        }
        let title = match self.dimension.naming {
            ValueKind::Language => language_family(folded).to_owned(),
            _ => folded.to_owned(),
        };
        ItemName {
            title,
            subtitle: None,
            address: None,
            is_elsewhere: false,
            picture: Icon::None,
            filter: folded.to_owned(),
        }
    }

    fn text_name(&self, key: DictKey, beside: Option<DictKey>) -> Result<ItemName> {
        let Some(text) = self.text(key)? else { return Ok(unknown()) };
        // A subtitle may come from a visit that must stay hidden.
        let beside = beside.filter(|_| self.shown.is_unrestricted());
        let beside = beside.map(|beside| self.text(beside)).transpose()?.flatten();
        let is_address = matches!(self.dimension.naming, ValueKind::Page | ValueKind::Address);
        Ok(ItemName {
            title: text.clone(),
            subtitle: beside.filter(|beside| *beside != text),
            address: is_address.then(|| text.clone()),
            is_elsewhere: page_form::host(&text).is_some_and(|host| host != self.shown.site.domain),
            picture: Icon::None,
            filter: text,
        })
    }

    /// Returns the name of a visitor, as given by the newest visible visit.
    fn visitor_name(&self, visitor: VisitorId) -> Result<ItemName> {
        let Called { address, country, name } = self.shown.called(visitor)?;
        let title = name.or(address.map(|address| address.to_string())).unwrap_or_else(|| "–".into());
        Ok(ItemName {
            title,
            subtitle: country.as_deref().map(|code| country_name(code).to_owned()),
            address: None,
            is_elsewhere: false,
            picture: country.map_or(Icon::None, Icon::Flag),
            filter: visitor.0.to_string(),
        })
    }
}

fn unknown() -> ItemName {
    ItemName {
        title: "Unknown".into(),
        subtitle: None,
        address: None,
        is_elsewhere: false,
        picture: Icon::None,
        filter: UNKNOWN.into(),
    }
}

fn place(key: DictKey) -> usize {
    usize::try_from(key).unwrap_or(0)
}

fn bucket_name(steps: &[u32], key: DictKey, title: String) -> ItemName {
    let (first, last) = bucket_range(steps, place(key));
    let filter = match last {
        Some(last) if last == first => first.to_string(),
        Some(last) => format!("{first}-{last}"),
        None => format!("{first}-"),
    };
    ItemName { title, subtitle: None, address: None, is_elsewhere: false, picture: Icon::None, filter }
}

fn action_words(first: u32, last: Option<u32>) -> String {
    match last {
        Some(1) => "1 action".into(),
        Some(last) if last == first => format!("{first} actions"),
        Some(last) => format!("{first} to {last} actions"),
        None => format!("{first} actions or more"),
    }
}

/// The names of the steps of [`SECOND_STEPS`].
const TIME_WORDS: [&str; 8] = [
    "under 10 seconds",
    "10 to 30 seconds",
    "30 to 60 seconds",
    "1 to 3 minutes",
    "3 to 10 minutes",
    "10 to 30 minutes",
    "30 to 60 minutes",
    "1 hour or longer",
];

/// Returns the name of a range of seconds that is one of [`SECOND_STEPS`].
pub fn range_words(range: &str) -> Option<&'static str> {
    let wanted = crate::reports::filter::range(range).ok()?;
    let is_meant = |place: &usize| {
        let (first, last) = bucket_range(&SECOND_STEPS, *place);
        (first, last.unwrap_or(u32::MAX)) == wanted
    };
    (0..SECOND_STEPS.len()).find(is_meant).and_then(|place| TIME_WORDS.get(place).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_hosts_and_countries_are_folded() {
        for (naming, text, folded) in [
            (ValueKind::Family, "Firefox 145", "Firefox"),
            (ValueKind::Family, "Mac OS X 10.15", "Mac OS X"),
            (ValueKind::Family, "Ubuntu", "Ubuntu"),
            (ValueKind::Host, "https://shop.bakery.example:8443/a?b", "shop.bakery.example:8443"),
            (ValueKind::Host, "mailto:x", "mailto:x"),
            (ValueKind::Language, "de-at", "de"),
        ] {
            assert_eq!(fold(naming, Some(text)), folded);
        }
        assert_eq!(fold(ValueKind::Family, None), "");
    }

    #[test]
    fn ranges_read_as_a_person_would_say_them() {
        for (first, last, words) in [
            (0, Some(0), "0 actions"),
            (1, Some(1), "1 action"),
            (7, Some(10), "7 to 10 actions"),
            (21, None, "21 actions or more"),
        ] {
            assert_eq!(action_words(first, last), words);
        }
        let filters: Vec<String> =
            (0..8).map(|key| bucket_name(&SECOND_STEPS, key, String::new()).filter).collect();
        assert_eq!(filters[..3], ["0-9", "10-29", "30-59"]);
        assert_eq!(filters[7], "3600-");
    }
}
