//! Names of items by their keys.

use crate::error::Result;
use crate::ingest::locale_names::{country_name, language_family};
use crate::ingest::page_url;
use crate::limits::EngineLimits;
use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::model::id::{GoalId, VisitorId};
use crate::model::page_form;
use crate::reports::broken_link::{self, UNKNOWN_ORIGIN};
use crate::reports::columns::{DictKey, unpack_pair};
use crate::reports::dimension::{ACTION_STEPS, Dimension, SECOND_STEPS, ValueKind, bucket_range};
use crate::reports::results::item_name::{
    Icon, ItemName, REMOVED_GOALS, REMOVED_GOALS_KEY, TIME_WORDS, action_words, bucket_name, place, unknown,
};
use crate::reports::visits::visit::VisitorLabel;
use crate::store::cancellation::Cancellation;
use crate::store::{goals, labels};
use rusqlite::Connection;

/// A resolver of item names.
pub struct NameResolver<'a> {
    /// The connection to the data file.
    pub connection: &'a Connection,
    /// The domain of the site.
    pub domain: &'a str,
    /// The cancellation token of the query.
    pub cancellation: &'a Cancellation,
    /// The dimension of the items.
    pub dimension: &'a Dimension,
    /// False where a subtitle may come from a visit that must stay hidden.
    pub shows_subtitles: bool,
    /// The limits of the engine.
    pub limits: &'a EngineLimits,
    /// The names of visitors.
    pub visitors: &'a dyn VisitorNames,
}

/// The names of visitors, as far as they may be seen.
pub trait VisitorNames {
    /// Returns the visible parts of a visitor's name, from the newest visible visit.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    fn called(&self, visitor: VisitorId) -> Result<VisitorLabel>;
}

impl NameResolver<'_> {
    /// Returns the text of a label; `None` for an unknown value.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn text(&self, key: DictKey) -> Result<Option<String>> {
        if key == 0 { Ok(None) } else { labels::text(self.connection, key.cast_signed()) }
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
            icon: Icon::None,
        };
        Ok(match self.dimension.value_kind {
            ValueKind::Page
            | ValueKind::Address
            | ValueKind::Text
            | ValueKind::Family
            | ValueKind::Host
            | ValueKind::Language => self.text_name(key, beside)?,
            ValueKind::Country => match self.text(key)? {
                Some(code) => ItemName {
                    title: country_name(&code).to_owned(),
                    icon: Icon::Flag(code.clone()),
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
                    icon: country.map_or(Icon::None, Icon::Flag),
                    filter: format!("{place}, {code}"),
                    ..plain(place)
                }
            }
            ValueKind::Channel => {
                let channel = Channel::from_code(key.cast_signed()).unwrap_or(Channel::Direct);
                ItemName { icon: Icon::Channel(channel), ..plain(channel.title().to_owned()) }
            }
            ValueKind::DeviceType => {
                let hardware = DeviceType::from_code(key.cast_signed()).unwrap_or(DeviceType::Other);
                ItemName { icon: Icon::DeviceType(hardware), ..plain(hardware.name().to_owned()) }
            }
            ValueKind::Visitor => self.visitor_name(VisitorId(key.cast_signed()))?,
            ValueKind::Pair => {
                let (name, value) = unpack_pair(key);
                let (name, value) =
                    (self.text(name)?.unwrap_or_default(), self.text(value)?.unwrap_or_default());
                ItemName { filter: format!("{name}: {value}"), subtitle: Some(name), ..plain(value) }
            }
            ValueKind::BrokenLink => self.link_name(key)?,
            ValueKind::Goal => self.goal_name(GoalId(key.cast_signed()))?,
            ValueKind::VisitId | ValueKind::IpAddress | ValueKind::FunnelStep => plain(key.to_string()),
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
        let title = match self.dimension.value_kind {
            ValueKind::Language => language_family(folded).to_owned(),
            _ => folded.to_owned(),
        };
        ItemName {
            title,
            subtitle: None,
            address: None,
            is_elsewhere: false,
            icon: Icon::None,
            filter: folded.to_owned(),
        }
    }

    fn text_name(&self, key: DictKey, beside: Option<DictKey>) -> Result<ItemName> {
        let Some(text) = self.text(key)? else { return Ok(unknown()) };
        let beside = beside.filter(|_| self.shows_subtitles);
        let beside = beside.map(|beside| self.text(beside)).transpose()?.flatten();
        let is_address = matches!(self.dimension.value_kind, ValueKind::Page | ValueKind::Address);
        Ok(ItemName {
            title: text.clone(),
            subtitle: beside.filter(|beside| *beside != text),
            address: is_address.then(|| text.clone()),
            is_elsewhere: page_form::host(&text).is_some_and(|host| host != self.domain),
            icon: Icon::None,
            filter: text,
        })
    }

    /// Returns the name of a link that led to a page that was not found. It is at the address of the page with the link.
    fn link_name(&self, key: DictKey) -> Result<ItemName> {
        let (page, referrer) = unpack_pair(key);
        let Some(page) = self.text(page)? else { return Ok(unknown()) };
        let referrer = self.text(referrer)?;
        let shown = |address: &str| page_url::shown(address, self.domain);
        let from = referrer.as_deref().map_or_else(|| UNKNOWN_ORIGIN.into(), shown);
        Ok(ItemName {
            title: broken_link::write(&shown(&page), &from),
            subtitle: None,
            is_elsewhere: referrer
                .as_deref()
                .is_some_and(|text| page_form::host(text).is_some_and(|host| host != self.domain)),
            filter: broken_link::write(&page, referrer.as_deref().unwrap_or(UNKNOWN_ORIGIN)),
            address: referrer,
            icon: Icon::None,
        })
    }

    /// Returns the name of a goal; its value in filters is its code, which stays when it is renamed.
    fn goal_name(&self, id: GoalId) -> Result<ItemName> {
        if id.0.cast_unsigned() == REMOVED_GOALS_KEY {
            return Ok(ItemName { title: REMOVED_GOALS.into(), filter: REMOVED_GOALS.into(), ..unknown() });
        }
        let Some((code, name)) = goals::code_and_name(self.connection, id)? else { return Ok(unknown()) };
        Ok(ItemName {
            title: name,
            subtitle: None,
            address: None,
            is_elsewhere: false,
            icon: Icon::None,
            filter: code,
        })
    }

    /// Returns the name of a visitor, as given by the newest visible visit.
    fn visitor_name(&self, visitor: VisitorId) -> Result<ItemName> {
        let VisitorLabel { address, country, name } = self.visitors.called(visitor)?;
        let title = name.or(address.map(|address| address.to_string())).unwrap_or_else(|| "–".into());
        Ok(ItemName {
            title,
            subtitle: country.as_deref().map(|code| country_name(code).to_owned()),
            address: None,
            is_elsewhere: false,
            icon: country.map_or(Icon::None, Icon::Flag),
            filter: visitor.0.to_string(),
        })
    }
}
