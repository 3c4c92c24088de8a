//! Items in the order of a report. Those that there is no room for are written aside and ranked part by part, so that
//! millions of visitors take no more memory than some pages do, and the days are read once.

mod best;
mod groups;

use super::columns::Key;
use super::columns::stretch::Counting;
use super::dimension::{By, Dimension, Naming};
use super::filter::Test;
use super::inquiry::{Compared, Inquiry};
use super::questions::{Items, Keys};
use super::table::{Line, Part, Sort, Table, bar_value};
use super::visits::Page;
use super::wanted::{Operator, Wanted};
use crate::error::{Error, Result};
use crate::limits;
use best::Best;
use groups::Group;
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

impl Inquiry<'_> {
    /// One page of the items of a dimension.
    pub fn table(&self, dimension: &'static Dimension, part: &Part) -> Result<Table> {
        Ok(self.tables(dimension, &[part])?.pop().unwrap_or_default())
    }

    /// Several pages of the items of a dimension, counted once for all of them.
    pub fn tables(&self, dimension: &'static Dimension, parts: &[&Part]) -> Result<Vec<Table>> {
        self.demand(dimension)?;
        let counted = self.count(dimension.by, Counting::Measures, &self.all_keys())?;
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
        let counted = self.count(dimension.by, Counting::Measures, &self.all_keys())?;
        Ok(self.rank(dimension, counted, &[(part, usize::MAX)])?.pop().unwrap_or_default())
    }

    /// Counts some items now and in the days that are compared.
    fn count(&self, by: By, counting: Counting, keys: &Keys) -> Result<Compared<Items>> {
        let items = || Items::some(by, counting, keys.clone());
        let (mut now, mut before) = (items(), items());
        self.ask(&mut [&mut now])?;
        let is_compared = self.ask_before_by(by, &mut [&mut before])?;
        Ok(Compared { now, before: is_compared.then_some(before) })
    }

    /// All keys, of which those are written aside that there is no room for.
    pub(super) fn all_keys(&self) -> Keys {
        Keys::Aside(self.reader.aside())
    }

    /// Calls with all items, one part after the other where they were written aside. Gives them back when they were not.
    fn each_part(
        &self,
        mut counted: Compared<Items>,
        see: &mut dyn FnMut(&Compared<Items>) -> Result<()>,
    ) -> Result<Option<Compared<Items>>> {
        self.reader.cancellation.check()?;
        if !counted.now.is_aside() && counted.before.as_ref().is_none_or(|before| !before.is_aside()) {
            see(&counted)?;
            return Ok(Some(counted));
        }
        counted.now.put_aside();
        counted.before.iter_mut().for_each(Items::put_aside);
        for part in 0..limits::SPILL_PARTS {
            let before = counted.before.as_mut().map(|before| before.part(part)).transpose()?;
            self.each_part(Compared { now: counted.now.part(part)?, before }, see)?;
        }
        Ok(None)
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
        let mut all: Vec<Best<'_>> = wanted.iter().map(|one| Best::of(*one, &namer)).collect();
        let mut sum_before = None;
        let counted = self.each_part(counted, &mut |items| {
            add_before(dimension, items, &mut sum_before);
            for (key, measures) in items.now.each().filter(|(key, _)| *key != 0 || dimension.shows_unknown) {
                let before = items.before.as_ref().map(|before| before.get(key).unwrap_or_default());
                let name = || namer.name(key, items.now.beside(key));
                for best in &mut all {
                    best.see((key, &measures, before.as_ref()), &name)?;
                }
            }
            Ok(())
        })?;
        let counted = counted.map(Arc::new);
        all.into_iter().map(|best| best.ranking(counted.clone(), sum_before)).collect()
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
        let test = Test::of(self.reader.connection, self.site(), &wanted)?;
        let counted = self.count(dimension.by, Counting::Hits, &self.all_keys())?;
        let mut meant = Vec::new();
        self.each_part(counted, &mut |items| {
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
        let mut lines = self.table_of(dimension, counted, &Part::top(dimension, u32::MAX))?.lines;
        // A page by its path alone is one line too.
        let is_meant = |line: &Line| line.name.filter == value;
        let place = lines.iter().position(is_meant).or((lines.len() == 1).then_some(0));
        Ok(place.map(|place| lines.swap_remove(place)))
    }
}
