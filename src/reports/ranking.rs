//! Items in the order of a report. As many are counted at a time as there is room for, so that millions of visitors take
//! no more memory than some pages do.

use super::columns::Key;
use super::columns::stretch::Counting;
use super::dimension::{By, Dimension, Naming};
use super::filter::Test;
use super::inquiry::{Compared, Inquiry};
use super::naming::{Name, fold};
use super::questions::{Groups, Items, Keys, Measures, Share};
use super::table::{Line, Part, Sort, Table, bar_value, is_ordered, sort_value};
use super::visits::Page;
use super::wanted::{Operator, Wanted};
use crate::error::{Error, Result};
use crate::limits;
use foldhash::{HashMap, HashMapExt};
use std::cmp::Ordering;
use std::sync::Arc;

/// The items of a report in order: what its pages are made of.
#[derive(Debug, Default)]
pub struct Ranking {
    order: Order,
    /// How many there are.
    pub count: usize,
    /// The sum over all items, also those that a search left out.
    sum: i64,
    /// The highest value of those in it.
    highest: i64,
    /// The sum over all items of the days that are compared.
    sum_before: Option<i64>,
}

#[derive(Debug)]
enum Order {
    /// One item a line; what they add up to, where there was room for all.
    Items(Vec<Key>, Option<Arc<Compared<Items>>>),
    /// Several items a line.
    Groups(Vec<Group>),
}

impl Default for Order {
    fn default() -> Self {
        Self::Groups(Vec::new())
    }
}

/// Items that are one line of a report.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// The items of the range, in order.
    pub keys: Vec<Key>,
    /// What they add up to.
    pub measures: Compared<Measures>,
}

/// Where an item stands among others of the same report.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// By a measure, then by how often it occurs.
    Number(i64, i64),
    /// By its name.
    Name(Box<str>),
    /// As its keys are ordered.
    Own,
}

/// The first items of a report, and what all of it adds up to.
struct Best<'p> {
    part: &'p Part,
    most: usize,
    /// In small letters.
    search: String,
    found: Vec<(Rank, Key)>,
    count: usize,
    sum: i64,
    highest: i64,
}

impl<'p> Best<'p> {
    fn of(part: &'p Part, most: usize) -> Self {
        let search = part.search.to_lowercase();
        Self { part, most, search, found: Vec::new(), count: 0, sum: 0, highest: 0 }
    }

    fn see(
        &mut self,
        dimension: &Dimension,
        (key, measures, before): (Key, &Measures, Option<&Measures>),
        name: &dyn Fn() -> Result<Name>,
    ) -> Result<()> {
        let bar = bar_value(dimension, measures);
        self.sum += bar;
        if !self.search.is_empty() && !name()?.contains(&self.search) {
            return Ok(());
        }
        (self.count, self.highest) = (self.count + 1, self.highest.max(bar));
        let rank = match self.part.sort {
            Sort::Title if is_ordered(dimension) => Rank::Own,
            Sort::Title => Rank::Name(name()?.title.to_lowercase().into()),
            // Ties stand in the order in which the items were first seen.
            sort => Rank::Number(-sort_value(dimension, sort, measures, before), -measures.hits),
        };
        self.found.push((rank, key));
        if self.found.len() >= self.most.saturating_mul(2).max(ROOM) {
            self.cut();
        }
        Ok(())
    }

    fn compare(is_reversed: bool) -> impl Fn(&(Rank, Key), &(Rank, Key)) -> Ordering {
        move |one, other| if is_reversed { other.cmp(one) } else { one.cmp(other) }
    }

    fn cut(&mut self) {
        if self.most < self.found.len() {
            self.found.select_nth_unstable_by(self.most, Self::compare(self.part.is_reversed()));
            self.found.truncate(self.most);
        }
    }

    fn ranking(mut self, counted: Option<Arc<Compared<Items>>>, sum_before: Option<i64>) -> Ranking {
        self.cut();
        self.found.sort_unstable_by(Self::compare(self.part.is_reversed()));
        let keys = self.found.into_iter().map(|(_, key)| key).collect();
        Ranking {
            order: Order::Items(keys, counted),
            count: self.count,
            sum: self.sum,
            highest: self.highest,
            sum_before,
        }
    }
}

fn too_many_names() -> Error {
    let most = limits::VISITORS_NAMED_MAX;
    Error::invalid(
        "find",
        format!(
            "More than {most} visitors are too many to look through their names. Choose a shorter range or add a filter."
        ),
    )
}

/// Adds what items of the days that are compared add up to.
fn add_before(dimension: &Dimension, items: &Compared<Items>, sum: &mut Option<i64>) {
    let Some(before) = &items.before else { return };
    let shown = before.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown);
    let more: i64 = shown.map(|(_, measures)| bar_value(dimension, &measures)).sum();
    *sum = Some(sum.unwrap_or(0) + more);
}

/// So many items are collected before those that stand too far down are left out.
const ROOM: usize = 1_024;

impl Inquiry<'_> {
    /// One page of the items of a dimension.
    pub fn table(&self, dimension: &'static Dimension, part: &Part) -> Result<Table> {
        Ok(self.tables(dimension, &[part])?.pop().unwrap_or_default())
    }

    /// Several pages of the items of a dimension, counted once for all of them.
    pub fn tables(&self, dimension: &'static Dimension, parts: &[&Part]) -> Result<Vec<Table>> {
        self.demand(dimension)?;
        let counted = self.count(dimension.by, Counting::Measures, &Keys::Share(Share::ALL))?;
        self.tables_of(dimension, counted, parts)
    }

    /// One page of items of which as many were counted as there was room for.
    pub fn table_of(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        part: &Part,
    ) -> Result<Table> {
        Ok(self.tables_of(dimension, counted, &[part])?.pop().unwrap_or_default())
    }

    fn tables_of(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        parts: &[&Part],
    ) -> Result<Vec<Table>> {
        let wanted: Vec<_> = parts.iter().map(|part| (*part, part.page.places().end)).collect();
        let rankings = self.rank(dimension, counted, &wanted)?;
        let pages = rankings.iter().zip(parts);
        pages.map(|(ranking, part)| self.page(dimension, ranking, part.page)).collect()
    }

    /// All items of a dimension in order, from which any page can be made.
    pub fn ranking(&self, dimension: &'static Dimension, part: &Part) -> Result<Ranking> {
        self.demand(dimension)?;
        let counted = self.count(dimension.by, Counting::Measures, &Keys::Share(Share::ALL))?;
        Ok(self.rank(dimension, counted, &[(part, usize::MAX)])?.pop().unwrap_or_default())
    }

    /// Counts some items now and in the days that are compared.
    fn count(&self, by: By, counting: Counting, keys: &Keys) -> Result<Compared<Items>> {
        let items = || Items::some(by, counting, keys.clone());
        let (mut now, mut before) = (items(), items());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before(&mut [&mut before])?;
        Ok(Compared { now, before: is_compared.then_some(before) })
    }

    /// Calls with all items, one part after the other, of which the first was counted already. Gives that back when it
    /// was all.
    fn each_part(
        &self,
        by: By,
        mut counted: Compared<Items>,
        mut see: impl FnMut(&Compared<Items>) -> Result<()>,
    ) -> Result<Option<Compared<Items>>> {
        let counting = counted.now.counting();
        let mut rest = Vec::new();
        let mut is_first = true;
        loop {
            if let Some(before) = &mut counted.before {
                counted.now.narrow_to(before);
                before.narrow_to(&counted.now);
            }
            see(&counted)?;
            rest.extend_from_slice(counted.now.rest());
            let Some(share) = rest.pop() else { return Ok(is_first.then_some(counted)) };
            drop(counted);
            counted = self.count(by, counting, &Keys::Share(share))?;
            is_first = false;
        }
    }

    /// Puts items in order, of which as many were counted as there was room for: in each of some orders, as many as are
    /// wanted.
    pub(super) fn rank(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        wanted: &[(&Part, usize)],
    ) -> Result<Vec<Ranking>> {
        self.demand(dimension)?;
        wanted.iter().try_for_each(|(part, _)| self.check_order(part))?;
        if dimension.folds() {
            let (groups, before) = self.groups(dimension, counted)?;
            let rankings =
                wanted.iter().map(|(part, _)| self.rank_groups(dimension, (groups.clone(), before), part));
            return Ok(rankings.collect());
        }
        let needs_names = |part: &Part| !part.search.is_empty() || part.sort == Sort::Title;
        if dimension.naming == Naming::Visitor
            && wanted.iter().any(|(part, _)| needs_names(part))
            && counted.now.are_more_than(limits::VISITORS_NAMED_MAX)
        {
            return Err(too_many_names());
        }
        let namer = self.namer(dimension);
        let mut all: Vec<Best<'_>> = wanted.iter().map(|(part, most)| Best::of(part, *most)).collect();
        let mut sum_before = None;
        let counted = self.each_part(dimension.by, counted, |items| {
            add_before(dimension, items, &mut sum_before);
            for (key, measures) in items.now.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown) {
                let before = items.before.as_ref().map(|before| before.get(key).unwrap_or_default());
                let name = || namer.name(key, items.now.beside(key));
                for best in &mut all {
                    best.see(dimension, (key, &measures, before.as_ref()), &name)?;
                }
            }
            Ok(())
        })?;
        let counted = counted.map(Arc::new);
        Ok(all.into_iter().map(|best| best.ranking(counted.clone(), sum_before)).collect())
    }

    fn rank_groups(
        &self,
        dimension: &'static Dimension,
        (mut groups, sum_before): (Vec<Group>, Option<i64>),
        part: &Part,
    ) -> Ranking {
        let namer = self.namer(dimension);
        let sum = groups.iter().map(|group| bar_value(dimension, &group.measures.now)).sum();
        if !part.search.is_empty() {
            let search = part.search.to_lowercase();
            groups.retain(|group| namer.group_name(&group.name).contains(&search));
        }
        groups.sort_by_cached_key(|group| {
            let Compared { now, before } = &group.measures;
            let rank = match part.sort {
                Sort::Title => Rank::Name(namer.group_name(&group.name).title.to_lowercase().into()),
                sort => Rank::Number(-sort_value(dimension, sort, now, before.as_ref()), -now.hits),
            };
            (rank, group.keys[0])
        });
        if part.is_reversed() {
            groups.reverse();
        }
        let highest = groups.iter().map(|group| bar_value(dimension, &group.measures.now)).max().unwrap_or(0);
        Ranking { count: groups.len(), order: Order::Groups(groups), sum, highest, sum_before }
    }

    /// Items that are one line together, and what all add up to in the days that are compared.
    fn groups(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
    ) -> Result<(Vec<Group>, Option<i64>)> {
        let namer = self.namer(dimension);
        let counting = counted.now.counting();
        let has_before = counted.before.is_some();
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut group_of: HashMap<Key, u32> = HashMap::new();
        let mut sum_before = None;
        self.each_part(dimension.by, counted, |items| {
            add_before(dimension, items, &mut sum_before);
            let mut place = |key: Key, groups: &mut Vec<Group>| -> Result<usize> {
                let name = fold(dimension.naming, namer.text(key)?.as_deref());
                let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                let place = *places.entry(name.clone()).or_insert(next);
                if place == next {
                    let measures =
                        Compared { before: has_before.then(Measures::default), ..Compared::default() };
                    groups.push(Group { name, measures, ..Group::default() });
                }
                if dimension.counts_actions() {
                    group_of.insert(key, place);
                }
                Ok(place as usize)
            };
            let is_shown = |(key, _): &(Key, Measures)| *key != 0 || dimension.shows_unknown;
            for (key, measures) in items.now.each().filter(is_shown) {
                let group = place(key, &mut groups)?;
                groups[group].keys.push(key);
                groups[group].measures.now += measures;
            }
            for (key, measures) in items.before.iter().flat_map(Items::each).filter(is_shown) {
                let group = place(key, &mut groups)?;
                groups[group].measures.before.iter_mut().for_each(|before| *before += measures);
            }
            Ok(())
        })?;
        if dimension.counts_actions() && counting == Counting::Measures {
            self.count_groups(dimension, Arc::new(group_of), &mut groups)?;
        }
        groups.retain(|group| !group.keys.is_empty());
        for group in &mut groups {
            group.keys.sort_unstable();
        }
        Ok((groups, sum_before))
    }

    /// Counts a visit once for each group that it has an item of.
    fn count_groups(
        &self,
        dimension: &'static Dimension,
        group_of: Arc<HashMap<Key, u32>>,
        groups: &mut [Group],
    ) -> Result<()> {
        let question = || Groups::of(dimension, Arc::clone(&group_of), groups.len());
        let (mut now, mut before) = (question(), question());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before(&mut [&mut before])?;
        for (place, group) in groups.iter_mut().enumerate() {
            let before = is_compared.then(|| before.found[place]);
            group.measures = Compared { now: now.found[place], before };
        }
        Ok(())
    }

    /// One page of items that are in order.
    pub fn page(&self, dimension: &'static Dimension, ranking: &Ranking, page: Page) -> Result<Table> {
        self.demand(dimension)?;
        let lines = match &ranking.order {
            Order::Groups(groups) => {
                let namer = self.namer(dimension);
                page.of(groups)
                    .iter()
                    .map(|group| Line {
                        name: namer.group_name(&group.name),
                        keys: group.keys.clone(),
                        measures: group.measures.now,
                        before: group.measures.before,
                    })
                    .collect()
            }
            Order::Items(keys, counted) => {
                let keys = page.of(keys);
                let again = match counted {
                    Some(_) => None,
                    None => Some(self.count_only(dimension, keys)?),
                };
                let items = again.as_ref().or(counted.as_deref());
                items.map_or_else(|| Ok(Vec::new()), |items| self.lines_of(dimension, keys, items))?
            }
        };
        let Ranking { count, sum, highest, sum_before, .. } = *ranking;
        Ok(Table { lines, count, sum, highest, sum_before })
    }

    fn count_only(&self, dimension: &Dimension, keys: &[Key]) -> Result<Compared<Items>> {
        let keys = Keys::Only(Arc::new(keys.iter().copied().collect()));
        self.count(dimension.by, Counting::Measures, &keys)
    }

    fn lines_of(
        &self,
        dimension: &'static Dimension,
        keys: &[Key],
        items: &Compared<Items>,
    ) -> Result<Vec<Line>> {
        let namer = self.namer(dimension);
        let line = |key: &Key| {
            Ok(Line {
                name: namer.name(*key, items.now.beside(*key))?,
                keys: vec![*key],
                measures: items.now.get(*key).unwrap_or_default(),
                before: items.before.as_ref().map(|before| before.get(*key).unwrap_or_default()),
            })
        };
        keys.iter().map(line).collect()
    }

    /// One item by its value in a filter, if it occurs.
    pub fn line(&self, dimension: &'static Dimension, value: &str) -> Result<Option<Line>> {
        self.demand(dimension)?;
        let wanted = Wanted { dimension, operator: Operator::Is, values: vec![value.to_owned()] };
        let test = Test::of(self.reader.connection, &self.site().domain, &wanted)?;
        let counted = self.count(dimension.by, Counting::Hits, &Keys::Share(Share::ALL))?;
        let mut meant = Vec::new();
        self.each_part(dimension.by, counted, |items| {
            let keys: Vec<Key> = items.now.each().map(|(key, _)| key).collect();
            // Steps of a number are few.
            let is_meant = match &test {
                Test::Numbers(_) => vec![true; keys.len()],
                test => test.meant(self.reader.connection, &keys)?,
            };
            meant
                .extend(keys.into_iter().zip(is_meant).filter_map(|(key, is_meant)| is_meant.then_some(key)));
            Ok(())
        })?;
        let counted = self.count_only(dimension, &meant)?;
        let lines = self.table_of(dimension, counted, &Part::top(dimension, u32::MAX))?.lines;
        Ok(lines.into_iter().find(|line| line.name.filter == value))
    }
}
