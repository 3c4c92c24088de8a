//! Matchers: the values that a filter selects, as keys known beforehand, as names to compare, or as ranges of numbers.

use super::single_visits::VisitMatcher;
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::ingest::locale_names::{country_name, language_family, primary};
use crate::ingest::{page_url, typed_address};
use crate::model::channel::Channel;
use crate::model::device_type::DeviceType;
use crate::model::id::{GoalId, SiteId};
use crate::model::page_form;
use crate::model::page_form::HostPart;
use crate::reports::broken_link::{self, LinkOrigin, UNKNOWN_ORIGIN};
use crate::reports::columns::{DictKey, pack_pair, unpack_pair};
use crate::reports::dimension::host;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind, family};
use crate::reports::engine::funnel::funnel_match::FunnelMatch;
use crate::reports::filter::{Filter, Operator, UNKNOWN};
use crate::reports::filter_value::parse_range;
use crate::reports::missing_names::ANY_GOAL;
use crate::reports::results::item_name::{REMOVED_GOALS, REMOVED_GOALS_KEY};
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use crate::store::{goals, labels, page_forms};
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The values that a filter selects.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Keys that are known beforehand.
    Keys(KeySet),
    /// Keys whose name matches.
    Names(Arc<NameMatch>),
    /// Numbers within one of these ranges, both ends included.
    Numbers(Vec<(u32, u32)>),
    /// Single visits.
    Visits(VisitMatcher),
    /// Visits that took a step of a funnel.
    Funnel(FunnelMatch),
}

/// Keys that are known beforehand.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    whole: HashSet<DictKey>,
    /// The first halves of pairs: custom data by its key alone.
    first: HashSet<DictKey>,
}

/// A comparison of names.
#[derive(Debug)]
pub struct NameMatch {
    value_kind: ValueKind,
    operator: Operator,
    /// The values in lower case.
    values: Vec<String>,
    /// The whole hosts in the values, by which pages are found that have another form now.
    hosts: Vec<HostPart>,
    /// The keys that stand for several spellings of a URL.
    spelled: Spelled,
    /// True if keys without a name match too.
    means_unknown: bool,
    known: Mutex<HashMap<DictKey, bool>>,
}

/// The keys that stand for several spellings of a URL, any of which may match.
#[derive(Debug)]
enum Spelled {
    /// No key.
    Nowhere,
    /// Pages of any host.
    Everywhere,
    /// URLs on this domain.
    On(String),
}

impl Spelled {
    fn parse(filter: &Filter, domain: &str) -> Self {
        let dimension = filter.dimension;
        if !filter.operator.is_partial() {
            Self::Nowhere
        } else if is_file(dimension.group_key) {
            Self::On(domain.to_owned())
        } else if matches!(dimension.value_kind, ValueKind::Page | ValueKind::Host) {
            Self::Everywhere
        } else {
            Self::Nowhere
        }
    }

    fn has(&self, text: &str) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Everywhere => true,
            Self::On(domain) => page_form::is_on(text, domain),
        }
    }
}

impl Matcher {
    /// Creates a matcher of unknown values.
    pub fn unknown() -> Self {
        Self::Keys(KeySet { whole: HashSet::from([0]), ..KeySet::default() })
    }

    /// Creates a matcher of no values.
    pub fn nothing() -> Self {
        Self::Keys(KeySet::default())
    }

    /// Compiles a filter.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` for a value that cannot be resolved, and when the data file cannot be read.
    pub fn compile(connection: &Connection, site: &Site, filter: &Filter) -> Result<Self> {
        let value_kind = filter.dimension.value_kind;
        let is_exact = !filter.operator.is_partial();
        Ok(match value_kind {
            ValueKind::ActionCount | ValueKind::TimeOnSite => {
                Self::Numbers(filter.values.iter().map(|value| parse_range(value)).collect::<Result<_>>()?)
            }
            ValueKind::Goal => Self::Keys(KeySet::of_goals(connection, site.id, filter)?),
            ValueKind::FunnelStep => Self::Funnel(FunnelMatch::compile(connection, site, filter)?),
            ValueKind::VisitId | ValueKind::IpAddress => Self::Visits(VisitMatcher::new(site.id, filter)?),
            ValueKind::Text
            | ValueKind::Page
            | ValueKind::Address
            | ValueKind::BrokenLink
            | ValueKind::Pair
            | ValueKind::Visitor
                if is_exact =>
            {
                Self::Keys(KeySet::compile(connection, &site.domain, filter)?)
            }
            _ => Self::Names(Arc::new(NameMatch {
                value_kind,
                operator: filter.operator,
                values: filter.values.iter().flat_map(|value| spellings(filter, value)).collect(),
                hosts: filter.values.iter().flat_map(|value| hosts(filter, value, &site.domain)).collect(),
                spelled: Spelled::parse(filter, &site.domain),
                means_unknown: is_exact && filter.values.iter().any(|value| value == UNKNOWN),
                known: Mutex::default(),
            })),
        })
    }

    /// Returns true if a number matches.
    pub fn holds(&self, number: u32) -> bool {
        match self {
            Self::Numbers(ranges) => ranges.iter().any(|(least, most)| (*least..=*most).contains(&number)),
            Self::Keys(_) | Self::Names(_) | Self::Visits(_) | Self::Funnel(_) => false,
        }
    }

    /// Returns true if a key is one of those that are known beforehand; names and numbers are not.
    pub fn has(&self, key: DictKey) -> bool {
        matches!(self, Self::Keys(known) if known.has(key))
    }

    /// Returns for each key of a dictionary true if it matches.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn resolve(&self, connection: &Connection, keys: &[DictKey]) -> Result<Vec<bool>> {
        match self {
            Self::Keys(known) => Ok(keys.iter().map(|key| known.has(*key)).collect()),
            Self::Names(names) => names.resolve(connection, keys),
            Self::Numbers(_) | Self::Visits(_) | Self::Funnel(_) => Ok(vec![false; keys.len()]),
        }
    }
}

impl KeySet {
    fn has(&self, key: DictKey) -> bool {
        self.whole.contains(&key) || !self.first.is_empty() && self.first.contains(&unpack_pair(key).0)
    }

    /// Looks up goals by code, name or id; `*` stands for all of them. A removed goal matches nothing.
    fn of_goals(connection: &Connection, site: SiteId, filter: &Filter) -> Result<Self> {
        let mut keys = Self::default();
        let key = |id: GoalId| id.0.cast_unsigned();
        for value in &filter.values {
            if value == REMOVED_GOALS {
                keys.whole.insert(REMOVED_GOALS_KEY);
            } else if value == ANY_GOAL {
                keys.whole.extend(goals::ids(connection, site)?.into_iter().map(key));
            } else if let Some(goal) = goals::find_present(connection, site, value)? {
                keys.whole.insert(key(goal.id));
            }
        }
        Ok(keys)
    }

    /// Adds the keys of the broken links of a value: those to a page, from one page or from any.
    fn add_links(
        &mut self,
        label: &dyn Fn(&str) -> Result<Option<DictKey>>,
        domain: &str,
        value: &str,
    ) -> Result<()> {
        let labels_of = |address: &str| -> Result<Vec<DictKey>> {
            let mut found = Vec::new();
            for address in typed_address::stored_forms(address) {
                found.extend(label(&address)?);
                found.extend(label(&page_of(GroupKey::BrokenLink, &address, domain))?);
            }
            Ok(found)
        };
        let (page, from) = broken_link::read(value);
        let pages = labels_of(page)?;
        let from = match from {
            LinkOrigin::Any => {
                self.first.extend(pages);
                return Ok(());
            }
            LinkOrigin::Unknown => vec![0],
            LinkOrigin::Page(from) => labels_of(from)?,
        };
        let pairs = pages.iter().flat_map(|page| from.iter().map(|from| pack_pair(*page, *from)));
        self.whole.extend(pairs);
        Ok(())
    }

    /// Looks up the keys of exact values.
    fn compile(connection: &Connection, domain: &str, filter: &Filter) -> Result<Self> {
        let label = |text: &str| -> Result<Option<DictKey>> {
            Ok(labels::find(connection, text)?.map(i64::cast_unsigned))
        };
        let mut keys = Self::default();
        for value in &filter.values {
            if value == UNKNOWN {
                keys.whole.insert(0);
                continue;
            }
            match filter.dimension.value_kind {
                ValueKind::Pair => match value.split_once(": ") {
                    Some((key, text)) => {
                        keys.whole
                            .extend(label(key)?.zip(label(text)?).map(|(key, text)| pack_pair(key, text)));
                    }
                    None => keys.first.extend(label(value)?),
                },
                ValueKind::BrokenLink => keys.add_links(&label, domain, value)?,
                ValueKind::Visitor => keys.whole.extend(value.parse::<i64>().ok().map(i64::cast_unsigned)),
                value_kind @ (ValueKind::Page | ValueKind::Address) => {
                    for address in typed_address::stored_forms(value) {
                        keys.whole.extend(label(&address)?);
                        if value_kind == ValueKind::Page {
                            let form = page_of(filter.dimension.group_key, &address, domain);
                            keys.whole.extend(label(&form)?);
                        }
                    }
                }
                _ if is_host(filter.dimension) => {
                    keys.whole.extend(label(value)?);
                    keys.whole.extend(
                        typed_address::meant_host(value).map(|host| label(&host)).transpose()?.flatten(),
                    );
                }
                _ => {
                    keys.whole.extend(label(value)?);
                    if is_file(filter.dimension.group_key) {
                        keys.whole.extend(label(&page_form::own_form(value, domain))?);
                    }
                }
            }
        }
        Ok(keys)
    }
}

/// Returns the form of a URL among the values of a dimension of pages; a path is on the site's own domain.
fn page_of(by: GroupKey, address: &str, domain: &str) -> String {
    let whole;
    let address = if address.starts_with('/') {
        whole = format!("https://{domain}{address}");
        &whole
    } else {
        address
    };
    let form = if is_file(by) { page_form::own_form(address, domain) } else { page_form::page_form(address) };
    form.into_owned()
}

/// Returns true if items of the grouping have a form of their own on the site's domain alone.
fn is_file(by: GroupKey) -> bool {
    matches!(by, GroupKey::Actions(ActionKind::Download | ActionKind::Event | ActionKind::Media))
}

impl NameMatch {
    fn resolve(&self, connection: &Connection, keys: &[DictKey]) -> Result<Vec<bool>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts = labels::LabelTexts::prepare(connection)?;
        let mut spellings = page_forms::Spellings::prepare(connection)?;
        let matched = keys.iter().map(|key| {
            if let Some(is_meant) = known.get(key) {
                return Ok(*is_meant);
            }
            let is_meant = self.fits(&mut texts, &mut spellings, *key)?;
            known.insert(*key, is_meant);
            Ok(is_meant)
        });
        matched.collect()
    }

    /// Returns true if the name of a key matches: the displayed text, or its value in a filter.
    fn fits(
        &self,
        texts: &mut labels::LabelTexts<'_>,
        spellings: &mut page_forms::Spellings<'_>,
        key: DictKey,
    ) -> Result<bool> {
        match self.value_kind {
            ValueKind::Channel => {
                let channel = Channel::from_code(key.cast_signed()).unwrap_or(Channel::Direct);
                return Ok(self.is(channel.title()) || self.means_unknown && key == 0);
            }
            ValueKind::DeviceType => {
                let hardware = DeviceType::from_code(key.cast_signed()).unwrap_or(DeviceType::Other);
                return Ok(self.is(hardware.name()) || self.means_unknown && key == 0);
            }
            _ if key == 0 => return Ok(self.means_unknown),
            _ => {}
        }
        let mut text =
            |label: DictKey| -> Result<String> { Ok(texts.find(label.cast_signed())?.unwrap_or_default()) };
        Ok(match self.value_kind {
            ValueKind::Place => {
                let (country, place) = unpack_pair(key);
                let (country, place) =
                    (if country == 0 { String::new() } else { text(country)? }, text(place)?);
                self.is(&place)
                    || self.is_in_address(&format!("{place}, {country}"))
                    || self.is_in_address(&format!("{place}, {}", country_name(&country)))
            }
            ValueKind::BrokenLink => {
                let (page, from) = unpack_pair(key);
                let page = text(page)?;
                let from = if from == 0 { UNKNOWN_ORIGIN.to_owned() } else { text(from)? };
                let read = |text: &str| page_url::readable(text).into_owned();
                self.is(&broken_link::write(&page, &from))
                    || self.is(&broken_link::write(&read(&page), &read(&from)))
            }
            ValueKind::Pair => {
                let (name, value) = unpack_pair(key);
                let (name, value) = (text(name)?, text(value)?);
                self.is(&value) || self.is(&format!("{name}: {value}"))
            }
            _ => {
                let text = text(key)?;
                self.fits_text(&text)
                    || self.spelled.has(&text)
                        && (self.fits_host(&text)
                            || spellings.any(key.cast_signed(), |spelling| self.fits_text(spelling))?)
            }
        })
    }

    /// Returns true if a form is at a host that matches. Its spellings are not compared, since others may lead to it by now.
    fn fits_host(&self, form: &str) -> bool {
        !self.hosts.is_empty() && {
            let form = form.to_lowercase();
            self.hosts.iter().any(|host| host.fits(&form))
        }
    }

    fn fits_text(&self, text: &str) -> bool {
        match self.value_kind {
            // Never more exactly than the report tells: who may see browsers need not see their versions.
            ValueKind::Family => self.is(family(text)),
            ValueKind::Host => self.is(&host(text)),
            ValueKind::Language => self.is(language_family(text)) || self.is_in_address(primary(text)),
            ValueKind::Country => self.is(country_name(text)) || self.is_in_address(text),
            ValueKind::Page | ValueKind::Address => {
                let read = page_url::readable(text);
                let is = |text: &str| {
                    self.is(text)
                        || self.operator == Operator::Starts
                            && parts_of(text).is_some_and(|parts| parts.into_iter().any(|part| self.is(part)))
                };
                is(text) || read != text && is(&read)
            }
            _ => self.is(text),
        }
    }

    /// Returns true if the value of a name in a filter matches as a whole. A search for names that contain "de" does not
    /// mean the code of Germany.
    fn is_in_address(&self, value: &str) -> bool {
        !self.operator.is_partial() && self.is(value)
    }

    fn is(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.values.iter().any(|value| match self.operator {
            Operator::Is | Operator::IsNot | Operator::OneOf => name == *value,
            Operator::Contains | Operator::Lacks => name.contains(value.as_str()),
            Operator::Starts => name.starts_with(value.as_str()),
        })
    }
}

/// Returns true if the values of a dimension are hosts.
fn is_host(dimension: &Dimension) -> bool {
    dimension.value_kind == ValueKind::Host
        || matches!(dimension.group_key, GroupKey::Property(property) if property.untouched() == VisitAttribute::LinkDomain)
}

/// Returns the spellings of a typed value in lower case: as it is, and as URLs have it.
fn spellings(filter: &Filter, value: &str) -> Vec<String> {
    let dimension = filter.dimension;
    let kept = match dimension.value_kind {
        ValueKind::Page | ValueKind::Address => Some(typed_address::part(value)),
        // A code that browsers had before.
        ValueKind::Language if !value.contains('-') => Some(primary(value).to_owned()),
        _ if is_host(dimension) => typed_address::meant_host(value),
        _ => None,
    };
    // A whole host, without what no host of a page has any more: `www.` and a port.
    let is_host = dimension.value_kind == ValueKind::Host && !filter.operator.is_partial();
    let address = is_host.then(|| format!("https://{value}/"));
    let form = address.as_deref().and_then(page_form::host).map(str::to_owned);
    let mut spellings = vec![value.to_lowercase()];
    let more = kept.into_iter().chain(form).map(|text| text.to_lowercase());
    spellings.extend(more.filter(|text| !text.is_empty()));
    spellings.dedup();
    spellings
}

/// Whole hosts in a value that is a part of an address, in small letters. Of a host whose beginning nothing marks, what is to be
/// shown has to be at that very host; what is to be left out may be at one that ends with it.
fn hosts(filter: &Filter, value: &str, domain: &str) -> Vec<HostPart> {
    let value_kind = filter.dimension.value_kind;
    if !filter.operator.is_partial() || !matches!(value_kind, ValueKind::Page | ValueKind::Host) {
        return Vec::new();
    }
    let kept = (value_kind == ValueKind::Page).then(|| typed_address::part(value).to_lowercase());
    let parts = [Some(value.to_lowercase()), kept].into_iter().flatten();
    let found = parts.filter_map(|part| HostPart::parse(&part, domain));
    let found = found.filter(|host| value_kind == ValueKind::Page || host.is_host_alone());
    if filter.operator.is_negated() { found.collect() } else { found.map(HostPart::anchored).collect() }
}

/// Returns the texts that people take for the beginning of a URL: its path, and the URL without scheme and `www.`.
fn parts_of(address: &str) -> Option<[&str; 3]> {
    let (_, rest) = address.split_once("://")?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    Some([path, rest, rest.strip_prefix("www.").unwrap_or(rest)])
}
