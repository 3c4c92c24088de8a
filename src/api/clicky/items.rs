//! The items of types that count: tallies, summaries, the most frequent items, and recent lists.

use super::addresses::SiteAddresses;
use super::reply::Item;
use super::words;
use crate::ingest::hit::ActionKind;
use crate::ingest::page_url;
use crate::model::channel::Channel;
use crate::model::clock::Zone;
use crate::model::metrics::Metrics;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind};
use crate::reports::filter::Operator;
use crate::reports::recent_list::RecentList;
use crate::reports::results::item_name::{Icon, ItemName};
use crate::reports::results::table::{Table, TableRow, bar_value};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::visits::recent::RecentRow;
use std::collections::HashMap;

/// Returns the item of a tally.
pub fn tally(value: impl Into<String>) -> Item {
    Item::new().text("value", value)
}

/// Returns the items of a segment's summary.
pub fn summary(metrics: &Metrics) -> Vec<Item> {
    let item = |(metric, title)| tally(words::number(metric, metrics)).text("title", title);
    words::SUMMARY.into_iter().map(item).collect()
}

/// A counted item of a dimension.
struct Counted {
    title: String,
    value: i64,
    url: Option<String>,
    /// The filter of the visits with it: name and value.
    filter: (String, String),
}

/// The items of a dimension in some days.
pub struct Popular<'a> {
    /// The dimension.
    pub dimension: &'static Dimension,
    /// The days.
    pub range: DateRange,
    /// The addresses of the site.
    pub addresses: &'a SiteAddresses,
}

impl Popular<'_> {
    /// Returns the items of a table, each with its share in the whole.
    pub fn items(&self, table: &Table) -> Vec<Item> {
        self.shares(table.rows.iter().map(|row| self.counted(row)), table.sum)
    }

    /// Returns the items of a table of channels, with the titles that Clicky has: some channels are one there.
    pub fn channels(&self, table: &Table, search: &Search, page: Page) -> Vec<Item> {
        let mut titles: Vec<(Channel, Vec<&'static str>, i64)> = Vec::new();
        for row in &table.rows {
            let Icon::Channel(channel) = row.name.icon else { continue };
            let (known, value) = (words::known_channel(channel), bar_value(self.dimension, &row.metrics));
            match titles.iter_mut().find(|(title, ..)| *title == known) {
                Some((_, channels, sum)) => {
                    channels.push(channel.title());
                    *sum += value;
                }
                None => titles.push((known, vec![channel.title()], value)),
            }
        }
        let counted = titles.into_iter().map(|(known, channels, value)| Counted {
            title: known.title().to_owned(),
            value,
            url: None,
            filter: match channels.as_slice() {
                [one] => (self.dimension.filter.into(), (*one).to_owned()),
                several => {
                    (format!("{}.{}", self.dimension.filter, Operator::OneOf.name()), several.join(","))
                }
            },
        });
        self.chosen(counted.collect(), table.sum, search, page)
    }

    /// Returns the single words of a table of searches.
    pub fn keywords(&self, table: &Table, search: &Search, page: Page) -> Vec<Item> {
        let mut counts: HashMap<String, i64> = HashMap::new();
        for row in &table.rows {
            for word in row.name.title.split_whitespace() {
                *counts.entry(word.to_lowercase()).or_default() += bar_value(self.dimension, &row.metrics);
            }
        }
        let sum = counts.values().sum();
        let counted = counts.into_iter().map(|(title, value)| Counted {
            filter: (format!("{}.{}", self.dimension.filter, Operator::Contains.name()), title.clone()),
            title,
            value,
            url: None,
        });
        self.chosen(counted.collect(), sum, search, page)
    }

    /// Returns the counted items that a search chooses, the most frequent first, cut to a page.
    fn chosen(&self, mut counted: Vec<Counted>, sum: i64, search: &Search, page: Page) -> Vec<Item> {
        counted.retain(|one| search.finds(&one.title));
        counted.sort_by(|one, other| other.value.cmp(&one.value).then_with(|| one.title.cmp(&other.title)));
        let skipped = page.places();
        self.shares(counted.into_iter().skip(skipped.start).take(skipped.len()), sum)
    }

    fn shares(&self, counted: impl Iterator<Item = Counted>, sum: i64) -> Vec<Item> {
        let item = |Counted { title, value, url, filter: (name, wanted) }| {
            let item = tally(value.to_string())
                .text("value_percent", words::percent(value, sum))
                .text("title", title)
                .text("stats_url", self.addresses.visits(self.range, &name, &wanted));
            match url {
                Some(url) => item.text("url", url),
                None => item,
            }
        };
        counted.map(item).collect()
    }

    fn counted(&self, row: &TableRow) -> Counted {
        let name = &row.name;
        let is_page = self.dimension.value_kind == ValueKind::Page;
        let wanted =
            if is_page { page_url::shown(&name.filter, &self.addresses.domain) } else { name.filter.clone() };
        Counted {
            title: self.title(name),
            value: bar_value(self.dimension, &row.metrics),
            url: self.url(name),
            filter: (self.dimension.filter.into(), wanted),
        }
    }

    fn title(&self, name: &ItemName) -> String {
        match (self.dimension.value_kind, &name.subtitle) {
            (ValueKind::Page, Some(title)) => title.clone(),
            (ValueKind::Page, None) => page_url::shown(&name.title, &self.addresses.domain),
            (ValueKind::Place, Some(country)) => format!("{}, {country}", name.title),
            (ValueKind::Pair, _) => name.filter.clone(),
            _ => name.title.clone(),
        }
    }

    fn url(&self, name: &ItemName) -> Option<String> {
        let is_event = self.dimension.group_key == GroupKey::Actions(ActionKind::Event);
        match self.dimension.value_kind {
            ValueKind::Address => name.address.clone(),
            ValueKind::Page => name.address.as_deref().map(|page| self.addresses.page(page)),
            _ if is_event => name.subtitle.as_deref().map(|page| self.addresses.page(page)),
            _ => None,
        }
    }
}

/// Returns the items of a recent list.
pub fn recent(
    list: RecentList,
    rows: &[RecentRow],
    range: DateRange,
    zone: &Zone,
    addresses: &SiteAddresses,
) -> Vec<Item> {
    let item = |row: &RecentRow| {
        Item::new()
            .text("time", row.at.seconds().to_string())
            .text("time_pretty", words::moment(zone, row.at))
            .text("item", row.item.clone())
            .text("stats_url", addresses.visits(range, list.filter(), &row.item))
    };
    rows.iter().map(item).collect()
}
