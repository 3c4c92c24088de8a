//! The answer of a report that counts by something: its items with names and measures, searched, sorted and cut to a
//! page.

use super::columns::{Key, unpair};
use super::dimension::{ACTION_STEPS, Dimension, Naming, SECOND_STEPS, bucket_range, family};
use super::questions::{Items, Measures};
use super::shown::Shown;
use super::visits::Page;
use super::wanted::UNKNOWN;
use crate::error::Result;
use crate::id::VisitorId;
use crate::ingest::agent::Hardware;
use crate::ingest::names::{country_name, language_family, primary};
use crate::ingest::source::Medium;
use crate::store::labels;
use foldhash::{HashMap, HashMapExt};
use std::cmp::Reverse;

/// What a table is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// How often the item occurs.
    Hits,
    /// Visits.
    Visits,
    /// Unique visitors.
    Uniques,
    /// New visitors.
    New,
    /// Actions.
    Actions,
    /// Time of a visit.
    Time,
    /// Bounce rate.
    Bounces,
    /// How much more often the item occurs than in the days that are compared.
    Change,
    /// The name.
    Title,
}

impl Sort {
    /// All of them, with their names in addresses.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Hits, "hits"),
        (Self::Visits, "visits"),
        (Self::Uniques, "uniques"),
        (Self::New, "new"),
        (Self::Actions, "actions"),
        (Self::Time, "time"),
        (Self::Bounces, "bounces"),
        (Self::Change, "change"),
        (Self::Title, "title"),
    ];

    /// From an address.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(sort, _)| *sort)
    }

    /// For an address.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sort, _)| *sort == self).map_or("hits", |(_, name)| name)
    }

    /// What a measure sorts by.
    pub fn value(self, measures: &Measures) -> i64 {
        match self {
            Self::Hits | Self::Change | Self::Title => measures.hits,
            Self::Visits => measures.visits,
            Self::Uniques => measures.uniques,
            Self::New => measures.new,
            Self::Actions => measures.actions,
            Self::Time => measures.seconds_average(),
            Self::Bounces => measures.bounce_permille(),
        }
    }
}

/// Which part of a table is asked for.
#[derive(Clone, Debug)]
pub struct Part {
    /// The order.
    pub sort: Sort,
    /// Smallest first.
    pub is_ascending: bool,
    /// Only items whose name contains this; case does not matter.
    pub search: String,
    /// The page.
    pub page: Page,
}

impl Part {
    /// The first items by their natural order.
    pub fn top(dimension: &Dimension, rows: u32) -> Self {
        Self {
            sort: natural_sort(dimension),
            is_ascending: is_ordered(dimension),
            search: String::new(),
            page: Page { number: 1, rows },
        }
    }
}

/// What a table of this dimension is sorted by unless somebody says otherwise.
pub fn natural_sort(dimension: &Dimension) -> Sort {
    match dimension.naming {
        Naming::Visitor => Sort::Actions,
        Naming::ActionCount | Naming::TimeOnSite => Sort::Title,
        _ => Sort::Hits,
    }
}

/// Whether the items have an order of their own.
fn is_ordered(dimension: &Dimension) -> bool {
    natural_sort(dimension) == Sort::Title
}

/// What stands in front of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Nothing.
    None,
    /// A country's flag, by its two letters.
    Flag(String),
    /// How visitors came.
    Medium(Medium),
    /// A kind of machine.
    Hardware(Hardware),
}

/// What an item is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The words.
    pub title: String,
    /// A second line: the title of a page, the address of an event.
    pub beside: Option<String>,
    /// Its address, if it is one.
    pub address: Option<String>,
    /// What stands in front.
    pub picture: Picture,
    /// Its value in a filter.
    pub filter: String,
}

/// One line of a table.
#[derive(Clone, Debug)]
pub struct Line {
    /// What the item is called.
    pub name: Name,
    /// The keys that it stands for.
    pub keys: Vec<Key>,
    /// Its measures.
    pub measures: Measures,
    /// The same in the days that are compared, when that was asked for.
    pub before: Option<Measures>,
}

/// One page of a report, and what all of it adds up to.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The lines of the page.
    pub lines: Vec<Line>,
    /// How many lines there are, on all pages.
    pub count: usize,
    /// The sum over all items, also those that a search left out.
    pub sum: i64,
    /// The highest value of the sorted measure, for bars.
    pub highest: i64,
}

struct Entry {
    keys: Vec<Key>,
    folded: Option<String>,
    measures: Measures,
    before: Option<Measures>,
}

/// Makes a page of a table from what was counted.
pub fn table(
    shown: &Shown<'_>,
    dimension: &Dimension,
    (items, before): (&Items, Option<&Items>),
    part: &Part,
) -> Result<Table> {
    let namer = Namer { shown, dimension, beside: &items.beside };
    if !dimension.folds() && part.search.is_empty() && (part.sort != Sort::Title || is_ordered(dimension)) {
        return top(&namer, (items, before), part);
    }
    let mut entries = entries(&namer, items, before)?;
    let sum = entries.iter().map(|entry| bar_value(dimension, &entry.measures)).sum();
    if !part.search.is_empty() {
        let wanted = part.search.to_lowercase();
        let mut found = Vec::new();
        for entry in entries {
            let name = namer.name(&entry)?;
            let beside = name.beside.unwrap_or_default();
            let address = name.address.unwrap_or_default();
            if [name.title, beside, address].iter().any(|text| text.to_lowercase().contains(&wanted)) {
                found.push(entry);
            }
        }
        entries = found;
    }
    sort(&namer, &mut entries, part)?;
    let count = entries.len();
    let highest = entries.iter().map(|entry| bar_value(dimension, &entry.measures)).max().unwrap_or(0);
    let rows = usize::try_from(part.page.rows).unwrap_or(usize::MAX);
    let skipped = usize::try_from(part.page.number.saturating_sub(1)).unwrap_or(0).saturating_mul(rows);
    let lines = entries
        .into_iter()
        .skip(skipped)
        .take(rows)
        .map(|entry| {
            let name = namer.name(&entry)?;
            Ok(Line { name, keys: entry.keys, measures: entry.measures, before: entry.before })
        })
        .collect::<Result<_>>()?;
    Ok(Table { lines, count, sum, highest })
}

/// The same of single keys in an order that needs no names: only the lines of the page are made, whatever the number of
/// items.
fn top(namer: &Namer<'_>, (items, before): (&Items, Option<&Items>), part: &Part) -> Result<Table> {
    let dimension = namer.dimension;
    let earlier = |key: &Key| before.map(|before| before.found.get(key).copied().unwrap_or_default());
    let (mut sum, mut highest) = (0, 0);
    let mut order: Vec<(i64, i64, Key)> = Vec::with_capacity(items.found.len());
    for (key, measures) in &items.found {
        if *key == 0 && !dimension.shows_unknown {
            continue;
        }
        let bar = bar_value(dimension, measures);
        (sum, highest) = (sum + bar, highest.max(bar));
        let value = match part.sort {
            Sort::Title => 0,
            sort => -sort_value(dimension, sort, measures, earlier(key).as_ref()),
        };
        order.push((value, if part.sort == Sort::Title { 0 } else { -measures.hits }, *key));
    }
    let is_reversed = part.is_ascending != (part.sort == Sort::Title);
    let count = order.len();
    let rows = usize::try_from(part.page.rows).unwrap_or(usize::MAX);
    let skipped = usize::try_from(part.page.skipped()).unwrap_or(usize::MAX).min(count);
    let end = skipped.saturating_add(rows).min(count);
    // What comes after the page needs no order.
    let (begin, end) = if is_reversed { (count - end, count - skipped) } else { (skipped, end) };
    if end < count {
        order.select_nth_unstable(end);
        order.truncate(end);
    }
    if begin > 0 && begin < order.len() {
        order.select_nth_unstable(begin);
    }
    let page = &mut order[begin.min(end)..];
    page.sort_unstable();
    if is_reversed {
        page.reverse();
    }
    let lines = page.iter().map(|(_, _, key)| {
        let measures = items.found.get(key).copied().unwrap_or_default();
        let entry = Entry { keys: vec![*key], folded: None, measures, before: earlier(key) };
        let name = namer.name(&entry)?;
        Ok(Line { name, keys: entry.keys, measures: entry.measures, before: entry.before })
    });
    Ok(Table { lines: lines.collect::<Result<_>>()?, count, sum, highest })
}

/// What a line is sorted by.
fn sort_value(dimension: &Dimension, sort: Sort, measures: &Measures, before: Option<&Measures>) -> i64 {
    match (sort, before) {
        (Sort::Change, Some(before)) => bar_value(dimension, measures) - bar_value(dimension, before),
        (sort, _) => sort.value(measures),
    }
}

/// What a line's bar shows.
pub fn bar_value(dimension: &Dimension, measures: &Measures) -> i64 {
    if dimension.naming == Naming::Visitor { measures.actions } else { measures.hits }
}

fn entries(namer: &Namer<'_>, items: &Items, before: Option<&Items>) -> Result<Vec<Entry>> {
    let dimension = namer.dimension;
    let counts = |key: Key| key != 0 || dimension.shows_unknown;
    let earlier = |key: &Key| before.map(|before| before.found.get(key).copied().unwrap_or_default());
    if !dimension.folds() {
        let found = items.found.iter().filter(|(key, _)| counts(**key));
        return Ok(found
            .map(|(key, measures)| Entry {
                keys: vec![*key],
                folded: None,
                measures: *measures,
                before: earlier(key),
            })
            .collect());
    }
    let mut groups: HashMap<String, Entry> = HashMap::new();
    for (key, measures) in items.found.iter().filter(|(key, _)| counts(**key)) {
        let folded = fold(dimension.naming, namer.text(*key)?.as_deref());
        let entry = groups.entry(folded.clone()).or_insert_with(|| Entry {
            keys: Vec::new(),
            folded: Some(folded),
            measures: Measures::default(),
            before: before.map(|_| Measures::default()),
        });
        entry.keys.push(*key);
        entry.measures += *measures;
    }
    for (key, measures) in
        before.into_iter().flat_map(|before| &before.found).filter(|(key, _)| counts(**key))
    {
        let folded = fold(dimension.naming, namer.text(*key)?.as_deref());
        if let Some(known) = groups.get_mut(&folded).and_then(|entry| entry.before.as_mut()) {
            *known += *measures;
        }
    }
    for entry in groups.values_mut() {
        entry.keys.sort_unstable();
    }
    Ok(groups.into_values().collect())
}

/// What several keys have in common: browsers and systems without a version, hosts, languages.
fn fold(naming: Naming, text: Option<&str>) -> String {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return String::new() };
    match naming {
        Naming::Family => family(text).to_owned(),
        Naming::Host => host(text),
        _ => primary(text).to_owned(),
    }
}

/// The host of an address, with its port where it names one.
pub(super) fn host(address: &str) -> String {
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

fn sort(namer: &Namer<'_>, entries: &mut Vec<Entry>, part: &Part) -> Result<()> {
    if part.sort == Sort::Title && !is_ordered(namer.dimension) {
        let mut with_titles: Vec<(String, Entry)> = std::mem::take(entries)
            .into_iter()
            .map(|entry| Ok((namer.name(&entry)?.title.to_lowercase(), entry)))
            .collect::<Result<_>>()?;
        with_titles.sort_by(|(a, first), (b, second)| a.cmp(b).then_with(|| first.keys.cmp(&second.keys)));
        entries.extend(with_titles.into_iter().map(|(_, entry)| entry));
    } else if part.sort == Sort::Title {
        entries.sort_by(|first, second| first.keys.cmp(&second.keys));
    } else {
        // Ties stand in the order in which the items were first seen.
        entries.sort_by_cached_key(|entry| {
            let value = sort_value(namer.dimension, part.sort, &entry.measures, entry.before.as_ref());
            (Reverse(value), Reverse(entry.measures.hits), entry.keys[0])
        });
    }
    let is_reversed = part.is_ascending != (part.sort == Sort::Title);
    if is_reversed {
        entries.reverse();
    }
    Ok(())
}

/// Finds the words for items.
struct Namer<'a> {
    shown: &'a Shown<'a>,
    dimension: &'a Dimension,
    beside: &'a HashMap<Key, Key>,
}

impl Namer<'_> {
    fn text(&self, key: Key) -> Result<Option<String>> {
        if key == 0 { Ok(None) } else { labels::text(self.shown.connection(), key.cast_signed()) }
    }

    fn name(&self, entry: &Entry) -> Result<Name> {
        let key = entry.keys.first().copied().unwrap_or(0);
        if let Some(folded) = &entry.folded {
            return Ok(self.folded_name(folded));
        }
        let plain = |title: String| Name {
            filter: title.clone(),
            title,
            beside: None,
            address: None,
            picture: Picture::None,
        };
        Ok(match self.dimension.naming {
            Naming::Page
            | Naming::Address
            | Naming::Text
            | Naming::Family
            | Naming::Host
            | Naming::Language => self.text_name(key)?,
            Naming::Country => match self.text(key)? {
                Some(code) => Name {
                    title: country_name(&code).to_owned(),
                    picture: Picture::Flag(code.clone()),
                    ..plain(code)
                },
                None => unknown(),
            },
            Naming::Place => {
                let (country, place) = unpair(key);
                let (country, place) = (self.text(country)?, self.text(place)?.unwrap_or_default());
                let code = country.clone().unwrap_or_default();
                Name {
                    beside: country.as_deref().map(|code| country_name(code).to_owned()),
                    picture: country.map_or(Picture::None, Picture::Flag),
                    filter: format!("{place}, {code}"),
                    ..plain(place)
                }
            }
            Naming::Medium => {
                let medium = Medium::from_code(key.cast_signed()).unwrap_or(Medium::Direct);
                Name { picture: Picture::Medium(medium), ..plain(medium.title().to_owned()) }
            }
            Naming::Hardware => {
                let hardware = Hardware::from_code(key.cast_signed()).unwrap_or(Hardware::Other);
                Name { picture: Picture::Hardware(hardware), ..plain(hardware.name().to_owned()) }
            }
            Naming::Visitor => self.visitor_name(VisitorId(key.cast_signed()))?,
            Naming::Pair => {
                let (name, value) = unpair(key);
                let (name, value) =
                    (self.text(name)?.unwrap_or_default(), self.text(value)?.unwrap_or_default());
                Name { filter: format!("{name}: {value}"), beside: Some(name), ..plain(value) }
            }
            Naming::ActionCount => {
                let (first, last) = bucket_range(&ACTION_STEPS, place(key));
                bucket_name(&ACTION_STEPS, key, action_words(first, last))
            }
            Naming::TimeOnSite => {
                let words = TIME_WORDS.get(place(key)).copied().unwrap_or_default();
                bucket_name(&SECOND_STEPS, key, words.to_owned())
            }
        })
    }

    fn folded_name(&self, folded: &str) -> Name {
        if folded.is_empty() {
            return unknown();
        }
        let title = match self.dimension.naming {
            Naming::Language => language_family(folded).to_owned(),
            _ => folded.to_owned(),
        };
        Name { title, beside: None, address: None, picture: Picture::None, filter: folded.to_owned() }
    }

    fn text_name(&self, key: Key) -> Result<Name> {
        let Some(text) = self.text(key)? else { return Ok(unknown()) };
        // What stands beside an item may come from a visit that must not be told of.
        let beside = self.beside.get(&key).filter(|_| self.shown.is_whole());
        let beside = beside.map(|beside| self.text(*beside)).transpose()?.flatten();
        let is_address = matches!(self.dimension.naming, Naming::Page | Naming::Address);
        Ok(Name {
            title: text.clone(),
            beside: beside.filter(|beside| *beside != text),
            address: is_address.then(|| text.clone()),
            picture: Picture::None,
            filter: text,
        })
    }

    /// A visitor is called as their last visit says.
    fn visitor_name(&self, visitor: VisitorId) -> Result<Name> {
        let last = self.shown.newest_of(visitor)?;
        let address = last.as_ref().and_then(|visit| visit.address).map(|address| address.to_string());
        let country = last.as_ref().and_then(|visit| visit.country.clone());
        let title = last.and_then(|visit| visit.name).or(address).unwrap_or_else(|| "–".into());
        Ok(Name {
            title,
            beside: country.as_deref().map(|code| country_name(code).to_owned()),
            address: None,
            picture: country.map_or(Picture::None, Picture::Flag),
            filter: visitor.0.to_string(),
        })
    }
}

fn unknown() -> Name {
    Name {
        title: "Unknown".into(),
        beside: None,
        address: None,
        picture: Picture::None,
        filter: UNKNOWN.into(),
    }
}

fn place(key: Key) -> usize {
    usize::try_from(key).unwrap_or(0)
}

fn bucket_name(steps: &[u32], key: Key, title: String) -> Name {
    let (first, last) = bucket_range(steps, place(key));
    let filter = match last {
        Some(last) if last == first => first.to_string(),
        Some(last) => format!("{first}-{last}"),
        None => format!("{first}-"),
    };
    Name { title, beside: None, address: None, picture: Picture::None, filter }
}

fn action_words(first: u32, last: Option<u32>) -> String {
    match last {
        Some(1) => "1 action".into(),
        Some(last) if last == first => format!("{first} actions"),
        Some(last) => format!("{first} to {last} actions"),
        None => format!("{first} actions or more"),
    }
}

/// What the ranges of [`SECOND_STEPS`] are called.
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

/// What a range of seconds is called, where it is one of [`SECOND_STEPS`].
pub fn range_words(range: &str) -> Option<&'static str> {
    let wanted = super::wanted::range(range).ok()?;
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
            (Naming::Family, "Firefox 145", "Firefox"),
            (Naming::Family, "Mac OS X 10.15", "Mac OS X"),
            (Naming::Family, "Ubuntu", "Ubuntu"),
            (Naming::Host, "https://shop.bakery.example:8443/a?b", "shop.bakery.example:8443"),
            (Naming::Host, "mailto:x", "mailto:x"),
            (Naming::Language, "de-at", "de"),
        ] {
            assert_eq!(fold(naming, Some(text)), folded);
        }
        assert_eq!(fold(Naming::Family, None), "");
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
