//! Collection of the items of a ranking while they are counted: those that match the search, as many as the page needs.

use super::ranked_item::{Cell, Rank, RankedItem};
use super::top_n::TopN;
use crate::error::Result;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::DictKey;
use crate::reports::comparison::Compared;
use crate::reports::engine::aggregate::external_sort::ExternalSort;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::name_resolver::NameResolver;
use crate::reports::results::item_name::ItemName;
use crate::reports::results::reading::Reading;
use crate::reports::results::table::{bar_value, sort_value};
use crate::reports::search::SearchMatcher;
use crate::reports::table_query::{Sort, TableQuery, is_ordered};
use foldhash::HashMap;

/// A container for ranked items.
pub(super) enum Collected<'p> {
    /// The top items.
    Top(TopN<'p>),
    /// All items.
    All(Box<ExternalSort<RankedItem>>),
}

/// A collector of the items of a ranking, with their sums.
pub(super) struct Collector<'p> {
    pub part: &'p TableQuery,
    pub namer: &'p NameResolver<'p>,
    search: SearchMatcher,
    pub collected: Collected<'p>,
    pub count: usize,
    /// The sum over all items, including those that a search excludes.
    pub sum: i64,
    /// The highest value of the items that match.
    pub highest: i64,
}

impl<'p> Collector<'p> {
    /// Creates an empty collector.
    pub fn new(part: &'p TableQuery, namer: &'p NameResolver<'p>, collected: Collected<'p>) -> Self {
        Self { part, namer, search: part.search.matcher(), collected, count: 0, sum: 0, highest: 0 }
    }

    /// Adds an item; its name is resolved only if the search or the order needs it.
    fn visit(
        &mut self,
        key: DictKey,
        now: &Metrics,
        items: &Compared<GroupBy>,
        cells: Vec<Cell>,
    ) -> Result<()> {
        let (dimension, beside) = (self.namer.dimension, items.now.beside(key));
        let before = items.before.as_ref().map(|before| before.get(key).unwrap_or_default());
        let name = || -> Result<ItemName> { self.namer.name(key, beside) };
        let bar = bar_value(dimension, now);
        self.sum += bar;
        if !self.search.is_unrestricted() && !name()?.is_found_by(&self.search) {
            return Ok(());
        }
        (self.count, self.highest) = (self.count + 1, self.highest.max(bar));
        let rank = match self.part.sort {
            Sort::Title if is_ordered(dimension) => Rank::Own,
            Sort::Title => Rank::Name(Box::new(Reading::of_item(dimension.value_kind, &name()?))),
            sort => Rank::Number(-sort_value(dimension, sort, now, before.as_ref()), -now[Measure::Hits]),
        };
        let found = RankedItem {
            rank,
            is_reversed: self.part.is_reversed(),
            key,
            hash: None,
            now: now.numbers(),
            before: before.map(|before| before.numbers()),
            beside,
            cells,
        };
        match &mut self.collected {
            Collected::Top(best) => best.push(found),
            Collected::All(sort) => sort.push(found),
        }
    }

    /// Adds all items that are shown, each with its cells.
    ///
    /// # Errors
    /// Fails when a name cannot be read or an item cannot be spilled.
    pub fn see_all(
        &mut self,
        items: &Compared<GroupBy>,
        cells: &mut HashMap<DictKey, Vec<Cell>>,
    ) -> Result<()> {
        let dimension = self.namer.dimension;
        for (key, now) in items.now.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown) {
            self.visit(key, &now, items, cells.remove(&key).unwrap_or_default())?;
        }
        Ok(())
    }
}
