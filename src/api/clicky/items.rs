//! The items of types that count: tallies, summaries, the most frequent items, and recent lists.

use super::addresses::SiteAddresses;
use super::reply::Item;
use super::words;
use crate::ingest::hit::ActionKind;
use crate::ingest::page_url;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::currency::Currency;
use crate::model::metrics::{Measure, Metrics, quotient};
use crate::reports::catalogue;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind};
use crate::reports::filter::{Filter, Operator};
use crate::reports::query::Query;
use crate::reports::recent_list::RecentList;
use crate::reports::results::item_name::{Icon, ItemName};
use crate::reports::results::table::{Table, TableRow, bar_value};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::visits::recent::RecentRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Returns the item of a tally.
pub fn tally(value: impl Into<String>) -> Item {
    Item::new().text("value", value)
}

/// Returns the items of a segment's summary.
pub fn summary(metrics: &Metrics, currency: Currency) -> Vec<Item> {
    let item = |(metric, title)| tally(words::number(metric, metrics, currency)).text("title", title);
    words::SUMMARY.into_iter().map(item).collect()
}

/// A counted item of a dimension.
struct Counted {
    title: String,
    value: i64,
    url: Option<String>,
    /// The filter of the visits with it.
    filter: Filter,
}

/// The items of a dimension among the visits of a query.
pub struct Popular<'a> {
    /// The dimension.
    pub dimension: &'static Dimension,
    /// The days and filters of the visits.
    pub query: &'a Query,
    /// The addresses of the site.
    pub addresses: &'a SiteAddresses,
}

impl Popular<'_> {
    /// Returns the items of a table, each with its share in the whole.
    pub fn items(&self, table: &Table) -> Vec<Item> {
        self.shares(table.rows.iter().map(|row| self.counted(row)), table.sum)
    }

    /// Returns the items of a table of goals, each with its conversion rate among all visits, in per cent, and, where that may be
    /// seen, what it brought; and with those who entered a funnel to it and did not finish, by the codes of goals.
    pub fn goals(&self, table: &Table, all: &Metrics, incompleted: &HashMap<String, i64>) -> Vec<Item> {
        let currency = self.query.site.currency;
        let goal = |(item, row): (Item, &TableRow)| {
            let rate = quotient(row.metrics[Measure::Converted] * 10_000, all[Measure::Visits]);
            let lost = incompleted.get(&row.name.filter).copied().unwrap_or(0);
            let item = item
                .text("incompleted", lost.to_string())
                .text("conversion", format!("{}.{:02}", rate / 100, rate % 100));
            if !self.query.visibility.shows_revenue() {
                return item;
            }
            item.text("revenue", currency.plain(row.metrics.revenue()))
                .text("cost", currency.plain(row.metrics[Measure::Cost]))
        };
        self.items(table).into_iter().zip(&table.rows).map(goal).collect()
    }

    /// Returns the items of a table of channels, with the titles that Clicky has: some channels are one there.
    pub fn channels(&self, table: &Table, search: &Search, page: Page) -> Vec<Item> {
        let mut titles: Vec<(Channel, Vec<String>, i64)> = Vec::new();
        for row in &table.rows {
            let Icon::Channel(channel) = row.name.icon else { continue };
            let (known, value) = (words::known_channel(channel), bar_value(self.dimension, &row.metrics));
            match titles.iter_mut().find(|(title, ..)| *title == known) {
                Some((_, channels, sum)) => {
                    channels.push(channel.title().to_owned());
                    *sum += value;
                }
                None => titles.push((known, vec![channel.title().to_owned()], value)),
            }
        }
        let counted = titles.into_iter().map(|(known, channels, value)| Counted {
            title: known.title().to_owned(),
            value,
            url: None,
            filter: self.one_of(channels),
        });
        self.chosen(counted.collect(), table.sum, search, page)
    }

    /// Returns the single words of a table of searches, each with the searches that have it.
    pub fn keywords(&self, table: &Table, search: &Search, page: Page) -> Vec<Item> {
        let mut words: BTreeMap<String, (i64, Vec<String>)> = BTreeMap::new();
        for row in &table.rows {
            let found = row.name.title.split_whitespace().map(str::to_lowercase);
            for word in found.collect::<BTreeSet<_>>() {
                let (count, searches) = words.entry(word).or_default();
                *count += bar_value(self.dimension, &row.metrics);
                searches.push(row.name.filter.clone());
            }
        }
        let sum = words.values().map(|(count, _)| count).sum();
        let counted = words.into_iter().map(|(title, (value, searches))| {
            let is_short = searches.len() <= limits::CONDITION_VALUES_MAX
                && searches.iter().map(String::len).sum::<usize>() <= limits::CONDITION_BYTES_MAX;
            // A list of too many searches for an address is that of the searches with these letters.
            let filter = if is_short { self.one_of(searches) } else { self.containing(&title) };
            Counted { title, value, url: None, filter }
        });
        self.chosen(counted.collect(), sum, search, page)
    }

    fn one_of(&self, values: Vec<String>) -> Filter {
        let operator = if values.len() > 1 { Operator::OneOf } else { Operator::Is };
        Filter { dimension: self.dimension, operator, values }
    }

    fn containing(&self, text: &str) -> Filter {
        Filter { dimension: self.dimension, operator: Operator::Contains, values: vec![text.to_owned()] }
    }

    /// Returns the counted items that a search chooses, the most frequent first, cut to a page.
    fn chosen(&self, mut counted: Vec<Counted>, sum: i64, search: &Search, page: Page) -> Vec<Item> {
        counted.retain(|one| search.finds(&one.title));
        counted.sort_by(|one, other| other.value.cmp(&one.value).then_with(|| one.title.cmp(&other.title)));
        let skipped = page.places();
        self.shares(counted.into_iter().skip(skipped.start).take(skipped.len()), sum)
    }

    fn shares(&self, counted: impl Iterator<Item = Counted>, sum: i64) -> Vec<Item> {
        let item = |Counted { title, value, url, filter }| {
            let item = tally(value.to_string())
                .text("value_percent", words::percent(value, sum))
                .text("title", title)
                .text("stats_url", self.addresses.visits(self.query, filter));
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
            filter: self.one_of(vec![wanted]),
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

/// Returns the items of a recent list of the visits of a query.
pub fn recent(list: RecentList, rows: &[RecentRow], query: &Query, addresses: &SiteAddresses) -> Vec<Item> {
    let dimension = catalogue::dimension_of_filter(list.filter());
    let address = |item: &str| {
        let values = vec![item.to_owned()];
        dimension
            .map(|dimension| addresses.visits(query, Filter { dimension, operator: Operator::Is, values }))
    };
    let item = |row: &RecentRow| {
        Item::new()
            .text("time", row.at.seconds().to_string())
            .text("time_pretty", words::moment(&query.site.zone, row.at))
            .text("item", row.item.clone())
            .text("stats_url", address(&row.item).unwrap_or_default())
    };
    rows.iter().map(item).collect()
}
