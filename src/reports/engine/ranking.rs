//! Items in the order of a report. Items beyond the memory limit are spilled and ranked partition by partition, so that
//! millions of visitors take no more memory than some pages do, and the days are read once.

mod all;
mod collector;
mod found;
mod groups;
mod sequence;
mod top_n;

pub use all::{AllItems, LineWithCells};
pub use found::Cell;

use super::aggregate::external_sort::ExternalSort;
use super::aggregate::group_by::{GroupBy, KeyFilter};
use super::aggregate::parted::each_part;
use super::predicate::Matcher;
use super::query::QueryRunner;
use crate::error::{Error, Result};
use crate::limits;
use crate::reports::columns::DictKey;
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind};
use crate::reports::filter::{Filter, Operator};
use crate::reports::results::table::{Table, TableRow, bar_value};
use crate::reports::table_query::Page;
use crate::reports::table_query::{Sort, TableQuery};
use collector::{Collected, Collector};
use foldhash::{HashMap, HashMapExt};
use found::Found;
use groups::Group;
use sequence::Sequence;
use std::sync::Arc;
use top_n::TopN;

/// The ranked items of a report, from which its pages are made.
#[derive(Debug, Default)]
pub struct Ranking {
    order: Order,
    /// The number of items.
    pub count: usize,
    /// The sum over all items, including those that a search excludes.
    sum: i64,
    /// The highest value of the items.
    highest: i64,
    /// The sum over all items of the comparison period.
    sum_before: Option<i64>,
}

#[derive(Debug)]
enum Order {
    /// One item a line, and the rank of the first item.
    Items(Vec<Found>, usize),
    /// Several items a line.
    Groups(Vec<Group>),
}

impl Default for Order {
    fn default() -> Self {
        Self::Groups(Vec::new())
    }
}

/// Checks that a search or sort by name does not concern too many visitors.
fn check_names(dimension: &Dimension, parts: &[&TableQuery], counted: &GroupBy) -> Result<()> {
    let most = limits::VISITORS_NAMED_MAX;
    let needs_names = |part: &&TableQuery| !part.search.is_empty() || part.sort == Sort::Title;
    let is_refused = dimension.naming == ValueKind::Visitor
        && parts.iter().any(needs_names)
        && counted.are_more_than(most);
    if !is_refused {
        return Ok(());
    }
    let sentence = format!(
        "More than {most} visitors are too many to look through their names. Choose a shorter range or add a filter."
    );
    Err(Error::invalid("find", sentence))
}

/// Adds the values of the items of the comparison period to a sum.
fn add_before(dimension: &Dimension, items: &Compared<GroupBy>, sum: &mut Option<i64>) {
    let Some(before) = &items.before else { return };
    let shown = before.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown);
    let more: i64 = shown.map(|(_, measures)| bar_value(dimension, &measures)).sum();
    *sum = Some(sum.unwrap_or(0) + more);
}

impl QueryRunner<'_> {
    /// Returns one page of the items of a dimension.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] when the dimension may not be seen, with [`Error::Invalid`] for a sort or search
    /// that is not possible, and when the data cannot be read.
    pub fn table(&self, dimension: &'static Dimension, part: &TableQuery) -> Result<Table> {
        Ok(self.tables(dimension, &[part])?.pop().unwrap_or_default())
    }

    /// Returns several pages of the items of a dimension, counted once for all of them.
    ///
    /// # Errors
    /// Fails as [`Inquiry::table`] does.
    pub fn tables(&self, dimension: &'static Dimension, parts: &[&TableQuery]) -> Result<Vec<Table>> {
        self.demand(dimension)?;
        let counted = self.count(dimension.by, MetricSet::Measures, &self.all_keys())?;
        self.tables_of(dimension, counted, parts)
    }

    /// Returns one page of items that were counted.
    ///
    /// # Errors
    /// Fails as [`Inquiry::table`] does.
    pub fn table_of(
        &self,
        dimension: &'static Dimension,
        counted: Compared<GroupBy>,
        part: &TableQuery,
    ) -> Result<Table> {
        Ok(self.tables_of(dimension, counted, &[part])?.pop().unwrap_or_default())
    }

    fn tables_of(
        &self,
        dimension: &'static Dimension,
        counted: Compared<GroupBy>,
        parts: &[&TableQuery],
    ) -> Result<Vec<Table>> {
        let rankings = self.rank(dimension, counted, parts)?;
        let pages = rankings.iter().zip(parts);
        pages.map(|(ranking, part)| self.page(dimension, ranking, part.page)).collect()
    }

    /// Counts items in the range and in the comparison period.
    fn count(&self, by: GroupKey, counting: MetricSet, keys: &KeyFilter) -> Result<Compared<GroupBy>> {
        let items = || GroupBy::some(by, counting, keys.clone());
        let (mut now, mut before) = (items(), items());
        self.run(&mut [&mut now])?;
        let is_compared = self.ask_before_by(by, &mut [&mut before])?;
        Ok(Compared { now, before: is_compared.then_some(before) })
    }

    /// Returns a selection of all keys, spilling those beyond the memory limit.
    pub(in crate::reports) fn all_keys(&self) -> KeyFilter {
        KeyFilter::Aside(self.reader.aside())
    }

    /// Ranks counted items in the order of each part, as far as its page needs.
    pub(in crate::reports) fn rank(
        &self,
        dimension: &'static Dimension,
        counted: Compared<GroupBy>,
        parts: &[&TableQuery],
    ) -> Result<Vec<Ranking>> {
        self.demand(dimension)?;
        parts.iter().try_for_each(|part| self.check_order(part))?;
        if dimension.folds() {
            let (groups, before) = self.groups(dimension, counted)?;
            let rankings =
                parts.iter().map(|part| self.rank_groups(dimension, (groups.clone(), before), part));
            return Ok(rankings.collect());
        }
        check_names(dimension, parts, &counted.now)?;
        let namer = self.namer(dimension);
        let are_many = counted.now.are_more_than(limits::PAGE_ITEMS_MAX);
        let mut all = Vec::with_capacity(parts.len());
        for part in parts {
            let most = part.page.places().end;
            let collected = if are_many && most > limits::PAGE_ITEMS_MAX {
                Collected::All(ExternalSort::new(self.reader.aside()))
            } else {
                Collected::Top(TopN::new(most, &namer))
            };
            all.push(Collector::new(part, &namer, collected));
        }
        let mut sum_before = None;
        each_part(&self.reader.cancellation, counted, &mut |items| {
            add_before(dimension, items, &mut sum_before);
            all.iter_mut().try_for_each(|one| one.see_all(items, &mut HashMap::new()))
        })?;
        all.into_iter().map(|one| self.ranking_of(one, sum_before)).collect()
    }

    fn ranking_of(&self, collector: Collector<'_>, sum_before: Option<i64>) -> Result<Ranking> {
        let Collector { part, namer, collected, count, sum, highest, .. } = collector;
        let order = match collected {
            Collected::Top(best) => Order::Items(best.finish()?, 0),
            Collected::All(sort) => {
                let places = part.page.places();
                let mut sequence = Sequence::new(self.reader.aside(), sort)?;
                sequence.skip(namer, places.start)?;
                Order::Items(sequence.take(namer, places.len())?, places.start)
            }
        };
        Ok(Ranking { order, count, sum, highest, sum_before })
    }

    /// Returns one page of ranked items.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] when the dimension may not be seen, and when the data cannot be read.
    pub fn page(&self, dimension: &'static Dimension, ranking: &Ranking, page: Page) -> Result<Table> {
        self.demand(dimension)?;
        let lines = match &ranking.order {
            Order::Groups(groups) => {
                let namer = self.namer(dimension);
                page.of(groups).iter().map(|group| namer.group_line(group)).collect()
            }
            Order::Items(found, first) => {
                let places = page.places();
                let end = places.end.saturating_sub(*first).min(found.len());
                let found = found.get(places.start.saturating_sub(*first)..end).unwrap_or_default();
                self.lines_of(dimension, found)?
            }
        };
        let Ranking { count, sum, highest, sum_before, .. } = *ranking;
        Ok(Table { lines, count, sum, highest, sum_before })
    }

    /// Returns the lines of items; their texts are read in the order in which they lie in the file.
    fn lines_of(&self, dimension: &'static Dimension, found: &[Found]) -> Result<Vec<TableRow>> {
        let namer = self.namer(dimension);
        let mut places: Vec<usize> = (0..found.len()).collect();
        places.sort_unstable_by_key(|place| found[*place].key);
        let mut lines = Vec::with_capacity(found.len());
        for place in places {
            let one = &found[place];
            let line = TableRow {
                name: namer.name(one.key, one.beside)?,
                keys: vec![one.key],
                measures: one.measures(),
                before: one.measures_before(),
            };
            lines.push((place, line));
        }
        lines.sort_unstable_by_key(|(place, _)| *place);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    /// Returns the line of the item with a value as in a filter, if it occurs.
    ///
    /// # Errors
    /// Fails as [`Inquiry::table`] does.
    pub fn line(&self, dimension: &'static Dimension, value: &str) -> Result<Option<TableRow>> {
        self.demand(dimension)?;
        let wanted = Filter { dimension, operator: Operator::Is, values: vec![value.to_owned()] };
        let test = Matcher::compile(self.reader.connection, self.site(), &wanted)?;
        let counted = self.count(dimension.by, MetricSet::Hits, &self.all_keys())?;
        let mut meant = Vec::new();
        each_part(&self.reader.cancellation, counted, &mut |items| {
            let keys: Vec<DictKey> = items.now.each().map(|(key, _)| key).collect();
            // Steps of a number are few, so none is tested.
            let is_meant = match &test {
                Matcher::Numbers(_) => vec![true; keys.len()],
                test => test.meant(self.reader.connection, &keys)?,
            };
            meant
                .extend(keys.into_iter().zip(is_meant).filter_map(|(key, is_meant)| is_meant.then_some(key)));
            Ok(())
        })?;
        let meant = KeyFilter::Only(Arc::new(meant.into_iter().collect()));
        let counted = self.count(dimension.by, MetricSet::Measures, &meant)?;
        let mut lines = self.table_of(dimension, counted, &TableQuery::top(dimension, u32::MAX))?.lines;
        // A filter by path alone also means a page whose line has another value.
        let is_meant = |line: &TableRow| line.name.filter == value;
        let place = lines.iter().position(is_meant).or((lines.len() == 1).then_some(0));
        Ok(place.map(|place| lines.swap_remove(place)))
    }
}
