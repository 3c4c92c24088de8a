//! Items in the order of a report. As many are counted at a time as there is room for, so that millions of visitors take
//! no more memory than some pages do.

use super::columns::Key;
use super::columns::stretch::Counting;
use super::dimension::{By, Dimension};
use super::filter::Test;
use super::inquiry::{Compared, Inquiry};
use super::naming::{Name, fold};
use super::questions::{Groups, Items, Keys, Measures, Share};
use super::table::{Line, Part, Sort, Table, bar_value, is_ordered, sort_value};
use super::visits::Page;
use super::wanted::{Operator, Wanted};
use crate::error::Result;
use foldhash::{HashMap, HashMapExt};
use std::cmp::Ordering;
use std::sync::Arc;

/// The items of a report in order: what its pages are made of.
#[derive(Debug)]
pub struct Ranking {
    order: Order,
    /// How many there are.
    pub count: usize,
    /// The sum over all items, also those that a search left out.
    sum: i64,
    /// The highest value of those in it.
    highest: i64,
}

#[derive(Debug)]
enum Order {
    /// One item a line; what they add up to, where there was room for all.
    Items(Vec<Key>, Option<Box<Compared<Items>>>),
    /// Several items a line.
    Groups(Vec<Group>),
}

/// Items that are one line of a report.
#[derive(Debug, Default)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// The items of the range, in order.
    pub keys: Vec<Key>,
    /// What they add up to.
    pub measures: Compared<Measures>,
}

/// The first of some ranked items.
struct Best<R> {
    most: usize,
    is_reversed: bool,
    found: Vec<(R, Key)>,
}

impl<R: Ord> Best<R> {
    fn push(&mut self, rank: R, key: Key) {
        self.found.push((rank, key));
        if self.found.len() >= self.most.saturating_mul(2).max(1_024) {
            self.cut();
        }
    }

    fn compare(is_reversed: bool) -> impl Fn(&(R, Key), &(R, Key)) -> Ordering {
        move |one, other| if is_reversed { other.cmp(one) } else { one.cmp(other) }
    }

    fn cut(&mut self) {
        if self.most < self.found.len() {
            self.found.select_nth_unstable_by(self.most, Self::compare(self.is_reversed));
            self.found.truncate(self.most);
        }
    }

    fn keys(mut self) -> Vec<Key> {
        self.cut();
        self.found.sort_unstable_by(Self::compare(self.is_reversed));
        self.found.into_iter().map(|(_, key)| key).collect()
    }
}

impl Inquiry<'_> {
    /// One page of the items of a dimension.
    pub fn table(&self, dimension: &'static Dimension, part: &Part) -> Result<Table> {
        self.demand(dimension)?;
        let counted = self.count(dimension.by, Counting::Measures, &Keys::Share(Share::ALL))?;
        self.table_of(dimension, counted, part)
    }

    /// One page of items of which as many were counted as there was room for.
    pub fn table_of(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        part: &Part,
    ) -> Result<Table> {
        let ranking = self.rank(dimension, counted, (part, part.page.places().end))?;
        self.page(dimension, &ranking, part.page)
    }

    /// All items of a dimension in order, from which any page can be made.
    pub fn ranking(&self, dimension: &'static Dimension, part: &Part) -> Result<Ranking> {
        self.demand(dimension)?;
        let counted = self.count(dimension.by, Counting::Measures, &Keys::Share(Share::ALL))?;
        self.rank(dimension, counted, (part, usize::MAX))
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

    /// Puts items in order, of which as many were counted as there was room for; so many of them are wanted.
    pub(super) fn rank(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        (part, most): (&Part, usize),
    ) -> Result<Ranking> {
        self.demand(dimension)?;
        let has_order = is_ordered(dimension);
        match part.sort {
            _ if dimension.folds() => self.rank_groups(dimension, counted, part),
            Sort::Title if has_order => self.rank_by(dimension, counted, (part, most), |_, _, _| Ok(())),
            Sort::Title => {
                self.rank_by(dimension, counted, (part, most), |_, _, name| Ok(name()?.title.to_lowercase()))
            }
            // Ties stand in the order in which the items were first seen.
            sort => self.rank_by(dimension, counted, (part, most), |measures, before, _| {
                Ok((-sort_value(dimension, sort, measures, before), -measures.hits))
            }),
        }
    }

    fn rank_by<R: Ord>(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        (part, most): (&Part, usize),
        rank: impl Fn(&Measures, Option<&Measures>, &dyn Fn() -> Result<Name>) -> Result<R>,
    ) -> Result<Ranking> {
        let namer = self.namer(dimension);
        let search = part.search.to_lowercase();
        let mut best = Best { most, is_reversed: part.is_reversed(), found: Vec::new() };
        let (mut count, mut sum, mut highest) = (0, 0, 0);
        let all = self.each_part(dimension.by, counted, |items| {
            for (key, measures) in items.now.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown) {
                let bar = bar_value(dimension, &measures);
                sum += bar;
                let name = || namer.name(key, items.now.beside(key));
                if !search.is_empty() && !name()?.contains(&search) {
                    continue;
                }
                (count, highest) = (count + 1, highest.max(bar));
                let before = items.before.as_ref().map(|before| before.get(key).unwrap_or_default());
                best.push(rank(&measures, before.as_ref(), &name)?, key);
            }
            Ok(())
        })?;
        Ok(Ranking { order: Order::Items(best.keys(), all.map(Box::new)), count, sum, highest })
    }

    fn rank_groups(
        &self,
        dimension: &'static Dimension,
        counted: Compared<Items>,
        part: &Part,
    ) -> Result<Ranking> {
        let namer = self.namer(dimension);
        let mut groups = self.groups(dimension, counted)?;
        let sum = groups.iter().map(|group| bar_value(dimension, &group.measures.now)).sum();
        if !part.search.is_empty() {
            let search = part.search.to_lowercase();
            groups.retain(|group| namer.group_name(&group.name).contains(&search));
        }
        groups.sort_by_cached_key(|group| {
            let title = match part.sort {
                Sort::Title => namer.group_name(&group.name).title.to_lowercase(),
                _ => String::new(),
            };
            let value = match part.sort {
                Sort::Title => 0,
                sort => sort_value(dimension, sort, &group.measures.now, group.measures.before.as_ref()),
            };
            (
                title,
                -value,
                if part.sort == Sort::Title { 0 } else { -group.measures.now.hits },
                group.keys[0],
            )
        });
        if part.is_reversed() {
            groups.reverse();
        }
        let highest = groups.iter().map(|group| bar_value(dimension, &group.measures.now)).max().unwrap_or(0);
        Ok(Ranking { count: groups.len(), order: Order::Groups(groups), sum, highest })
    }

    /// Items that are one line together.
    fn groups(&self, dimension: &'static Dimension, counted: Compared<Items>) -> Result<Vec<Group>> {
        let namer = self.namer(dimension);
        let counting = counted.now.counting();
        let has_before = counted.before.is_some();
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut group_of: HashMap<Key, u32> = HashMap::new();
        self.each_part(dimension.by, counted, |items| {
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
        Ok(groups)
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
        Ok(Table { lines, count: ranking.count, sum: ranking.sum, highest: ranking.highest })
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
