//! Items in the order of a report. Items beyond the memory limit are spilled and ranked partition by partition, so that
//! millions of visitors take no more memory than some pages do, and the days are read once.

pub mod all;
mod collector;
mod group;
pub mod groups;
pub mod keyed;
pub mod ranked;
pub mod ranked_item;
mod sequence;
mod top_n;

use self::keyed::{KeyedRow, KeyedTable};
use super::aggregate::external_sort::ExternalSort;
use super::aggregate::group_by::GroupBy;
use super::aggregate::key_filter::KeyFilter;
use super::aggregate::parted::each_part;
use super::predicate::Matcher;
use super::runner::QueryRunner;
use crate::error::Result;
use crate::model::metrics::Measure;
use crate::reports::columns::block::MetricSet;
use crate::reports::columns::{DictKey, unpack_pair};
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, GroupKey};
use crate::reports::engine::ranking::groups::{groups, rank_groups};
use crate::reports::engine::ranking::ranked::Order;
use crate::reports::engine::ranking::ranked::Ranking;
use crate::reports::engine::ranking::ranked::add_before;
use crate::reports::engine::ranking::ranked::check_names;
use crate::reports::filter::{Filter, Operator};
use crate::reports::table_query::Page;
use crate::reports::table_query::TableQuery;
use crate::store::labels;
use collector::{Collected, Collector};
use foldhash::{HashMap, HashMapExt};
use ranked_item::RankedItem;
use sequence::Sequence;
use std::sync::Arc;
use top_n::TopN;

/// Returns one page of the items of a dimension.
///
/// # Errors
/// Fails with `Error::Forbidden` when the dimension may not be seen, with `Error::Invalid` for a sort or search
/// that is not possible, and when the data cannot be read.
pub fn table(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    part: &TableQuery,
) -> Result<KeyedTable> {
    Ok(tables(runner, dimension, &[part])?.pop().unwrap_or_default())
}

/// Returns several pages of the items of a dimension, counted once for all of them.
///
/// # Errors
/// Fails as [`table`] does.
pub fn tables(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    parts: &[&TableQuery],
) -> Result<Vec<KeyedTable>> {
    runner.require(dimension)?;
    let counted = count(runner, dimension.group_key, MetricSet::All, &all_keys(runner, dimension.group_key))?;
    tables_of(runner, dimension, counted, parts)
}

/// Returns one page of items that were counted.
///
/// # Errors
/// Fails as [`table`] does.
pub fn table_of(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    counted: Compared<GroupBy>,
    part: &TableQuery,
) -> Result<KeyedTable> {
    Ok(tables_of(runner, dimension, counted, &[part])?.pop().unwrap_or_default())
}

/// Returns several pages of items that were counted.
///
/// # Errors
/// Fails as [`table`] does.
pub fn tables_of(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    counted: Compared<GroupBy>,
    parts: &[&TableQuery],
) -> Result<Vec<KeyedTable>> {
    let rankings = rank(runner, dimension, counted, parts)?;
    let pages = rankings.iter().zip(parts);
    pages.map(|(ranking, part)| page_of(runner, dimension, ranking, part.page)).collect()
}

/// Counts items in the range and in the comparison period.
fn count(
    runner: &QueryRunner<'_>,
    by: GroupKey,
    counting: MetricSet,
    keys: &KeyFilter,
) -> Result<Compared<GroupBy>> {
    let items = || GroupBy::some(by, counting, keys.clone());
    let (mut now, mut before) = (items(), items());
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before_by(by, &mut [&mut before])?;
    Ok(Compared { now, before: is_compared.then_some(before) })
}

/// Returns a selection of all keys of a grouping, spilling those beyond the memory limit; of custom data and broken
/// links only those with the key, or the page, that the query is narrowed to.
pub fn all_keys(runner: &QueryRunner<'_>, by: GroupKey) -> KeyFilter {
    let first = match by {
        GroupKey::Custom => runner.custom_key,
        GroupKey::BrokenLink => runner.missing_page,
        _ => None,
    };
    match first {
        Some(key) => KeyFilter::Pairs(runner.snapshot.aside(), key),
        None => KeyFilter::Aside(runner.snapshot.aside()),
    }
}

/// Returns the first parts of the pairs that visits have, in the range and in the comparison period, most frequent first: the
/// keys of custom data, or the split tests.
///
/// # Errors
/// Fails with `Error::Forbidden` when the dimension may not be seen, and when the data cannot be read.
pub fn keys_of_pairs(
    runner: &QueryRunner<'_>,
    dimension: &Dimension,
    most: usize,
) -> Result<Compared<Vec<String>>> {
    runner.require(dimension)?;
    let all = KeyFilter::Aside(runner.snapshot.aside());
    let counted = count(runner, dimension.group_key, MetricSet::Hits, &all)?;
    let (mut now, mut before) = (HashMap::new(), counted.before.is_some().then(HashMap::new));
    each_part(&runner.snapshot.aside(), counted, &mut |items| {
        add_keys(&mut now, &items.now);
        if let Some((sums, items)) = before.as_mut().zip(items.before.as_ref()) {
            add_keys(sums, items);
        }
        Ok(())
    })?;
    let before = before.map(|sums| most_frequent(runner, sums, most)).transpose()?;
    Ok(Compared { now: most_frequent(runner, now, most)?, before })
}

/// Adds the hits of pairs to those of their first parts.
fn add_keys(sums: &mut HashMap<DictKey, i64>, items: &GroupBy) {
    for (key, metrics) in items.each() {
        *sums.entry(unpack_pair(key).0).or_default() += metrics[Measure::Hits];
    }
}

/// Returns the texts of the keys with most hits.
fn most_frequent(runner: &QueryRunner<'_>, sums: HashMap<DictKey, i64>, most: usize) -> Result<Vec<String>> {
    let mut sums: Vec<(DictKey, i64)> = sums.into_iter().filter(|(key, _)| *key != 0).collect();
    sums.sort_unstable_by_key(|(key, hits)| (-hits, *key));
    let texts = sums
        .into_iter()
        .take(most)
        .map(|(key, _)| labels::text(runner.snapshot.connection, key.cast_signed()));
    texts.filter_map(Result::transpose).collect()
}

/// Ranks counted items in the order of each part, as far as its page needs.
pub fn rank(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    counted: Compared<GroupBy>,
    parts: &[&TableQuery],
) -> Result<Vec<Ranking>> {
    runner.require(dimension)?;
    parts.iter().try_for_each(|part| runner.check_order(part))?;
    if dimension.folds() {
        let (groups, before) = groups(runner, dimension, counted)?;
        let rankings = parts.iter().map(|part| rank_groups(runner, dimension, groups.clone(), before, part));
        return Ok(rankings.collect());
    }
    let limits = runner.snapshot.limits();
    check_names(dimension, parts, &counted.now, limits.visitors_named_max)?;
    let namer = runner.namer(dimension);
    let are_many = counted.now.are_more_than(limits.page_items_max);
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        let most = part.page.places().end;
        let collected = if are_many && most > limits.page_items_max {
            Collected::All(Box::new(ExternalSort::new(runner.snapshot.aside())))
        } else {
            Collected::Top(TopN::new(most, &namer))
        };
        all.push(Collector::new(part, &namer, collected));
    }
    let mut sum_before = None;
    each_part(&runner.snapshot.aside(), counted, &mut |items| {
        add_before(dimension, items, &mut sum_before);
        all.iter_mut().try_for_each(|one| one.see_all(items, &mut HashMap::new()))
    })?;
    all.into_iter().map(|one| ranking_of(runner, one, sum_before)).collect()
}

fn ranking_of(
    runner: &QueryRunner<'_>,
    collector: Collector<'_>,
    sum_before: Option<i64>,
) -> Result<Ranking> {
    let Collector { part, namer, collected, count, sum, highest, .. } = collector;
    let order = match collected {
        Collected::Top(best) => Order::Items(best.finish()?, 0),
        Collected::All(sort) => {
            let places = part.page.places();
            let mut sequence = Sequence::new(runner.snapshot.aside(), *sort)?;
            sequence.skip(namer, places.start)?;
            Order::Items(sequence.take(namer, places.len())?, places.start)
        }
    };
    Ok(Ranking { order, count, sum, highest, sum_before })
}

/// Returns one page of ranked items.
///
/// # Errors
/// Fails with `Error::Forbidden` when the dimension may not be seen, and when the data cannot be read.
pub fn page_of(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    ranking: &Ranking,
    page: Page,
) -> Result<KeyedTable> {
    runner.require(dimension)?;
    let lines = match &ranking.order {
        Order::Groups(groups) => {
            let namer = runner.namer(dimension);
            page.slice(groups).iter().map(|group| group.row(&namer)).collect()
        }
        Order::Items(found, first) => {
            let places = page.places();
            let end = places.end.saturating_sub(*first).min(found.len());
            let found = found.get(places.start.saturating_sub(*first)..end).unwrap_or_default();
            lines_of(runner, dimension, found)?
        }
    };
    let Ranking { count, sum, highest, sum_before, .. } = *ranking;
    Ok(KeyedTable { rows: lines, count, sum, highest, sum_before })
}

/// Returns the lines of items; their texts are read in the order in which they lie in the file.
fn lines_of(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    found: &[RankedItem],
) -> Result<Vec<KeyedRow>> {
    let namer = runner.namer(dimension);
    let mut places: Vec<usize> = (0..found.len()).collect();
    places.sort_unstable_by_key(|place| found[*place].key);
    let mut lines = Vec::with_capacity(found.len());
    for place in places {
        let one = &found[place];
        let line = KeyedRow {
            name: namer.name(one.key, one.beside)?,
            keys: vec![one.key],
            metrics: one.metrics(),
            before: one.metrics_before(),
        };
        lines.push((place, line));
    }
    lines.sort_unstable_by_key(|(place, _)| *place);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// Returns the line of the item with a value as in a filter, if it occurs.
///
/// # Errors
/// Fails as [`table`] does.
pub fn line(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    value: &str,
) -> Result<Option<KeyedRow>> {
    runner.require(dimension)?;
    let filter = Filter { dimension, operator: Operator::Is, values: vec![value.to_owned()] };
    let matcher = Matcher::compile(runner.snapshot.connection, runner.site(), &filter)?;
    let counted =
        count(runner, dimension.group_key, MetricSet::Hits, &all_keys(runner, dimension.group_key))?;
    let mut selected = Vec::new();
    each_part(&runner.snapshot.aside(), counted, &mut |items| {
        let keys: Vec<DictKey> = items.now.each().map(|(key, _)| key).collect();
        // Steps of a number are few, so none is tested.
        let is_matched = match &matcher {
            Matcher::Numbers(_) => vec![true; keys.len()],
            matcher => matcher.resolve(runner.snapshot.connection, &keys)?,
        };
        selected.extend(
            keys.into_iter().zip(is_matched).filter_map(|(key, is_matched)| is_matched.then_some(key)),
        );
        Ok(())
    })?;
    let selected = KeyFilter::Only(Arc::new(selected.into_iter().collect()));
    let counted = count(runner, dimension.group_key, MetricSet::All, &selected)?;
    let mut rows = table_of(runner, dimension, counted, &TableQuery::top(dimension, u32::MAX))?.rows;
    // A filter by path alone also means a page whose row has another value.
    let is_matched = |row: &KeyedRow| row.name.filter == value;
    let place = rows.iter().position(is_matched).or((rows.len() == 1).then_some(0));
    Ok(place.map(|place| rows.swap_remove(place)))
}
