//! Groups: items that share a line, such as all versions of a browser or all pages of a host, folded by their names and
//! ranked together.

use super::group::Group;
use super::ranked::{Order, Ranking, add_before};
use crate::error::Result;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::DictKey;
use crate::reports::columns::block::MetricSet;
use crate::reports::comparison::Compared;
use crate::reports::dimension::Dimension;
use crate::reports::dimension::fold;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::grouped::GroupedItems;
use crate::reports::engine::aggregate::parted::each_part;
use crate::reports::engine::runner::QueryRunner;
use crate::reports::results::reading::Reading;
use crate::reports::results::table::{bar_value, sort_value};
use crate::reports::table_query::{Sort, TableQuery};
use foldhash::{HashMap, HashMapExt};
use std::sync::Arc;

/// Ranks groups in one order.
pub fn rank_groups(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    groups: Vec<Group>,
    sum_before: Option<i64>,
    part: &TableQuery,
) -> Ranking {
    let bars = |groups: &[Group]| -> Vec<i64> {
        groups.iter().map(|group| bar_value(dimension, &group.metrics.now)).collect()
    };
    let sum = bars(&groups).into_iter().sum();
    let groups = sort_groups(runner, dimension, groups, part);
    let highest = bars(&groups).into_iter().max().unwrap_or(0);
    Ranking { count: groups.len(), order: Order::Groups(groups), sum, highest, sum_before }
}

/// Sorts the groups whose names match the search.
pub fn sort_groups(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    mut groups: Vec<Group>,
    part: &TableQuery,
) -> Vec<Group> {
    let namer = runner.namer(dimension);
    if !part.search.is_unrestricted() {
        let search = part.search.matcher();
        groups.retain(|group| namer.group_name(&group.name).is_found_by(&search));
    }
    groups.sort_by_cached_key(|group| {
        let Compared { now, before } = &group.metrics;
        let (value, hits) = match part.sort {
            Sort::Title => (0, 0),
            sort => (-sort_value(dimension, sort, now, before.as_ref()), -now[Measure::Hits]),
        };
        let reading = Reading::of_item(dimension.value_kind, &namer.group_name(&group.name));
        // The names of groups are in memory, so ties of any number are sorted by name.
        let is_number_reversed = part.is_reversed() && part.sort != Sort::Title;
        (if is_number_reversed { (-value, -hits) } else { (value, hits) }, reading)
    });
    if part.is_reversed() && part.sort == Sort::Title {
        groups.reverse();
    }
    groups
}

/// Folds items into groups, and returns their sum over the comparison period too.
pub fn groups(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    counted: Compared<GroupBy>,
) -> Result<(Vec<Group>, Option<i64>)> {
    let namer = runner.namer(dimension);
    let counting = counted.now.counting();
    let has_before = counted.before.is_some();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<String, u32> = HashMap::new();
    let mut group_of: HashMap<DictKey, u32> = HashMap::new();
    let mut sum_before = None;
    each_part(&runner.snapshot.aside(), counted, &mut |items| {
        add_before(dimension, items, &mut sum_before);
        let mut place = |key: DictKey, groups: &mut Vec<Group>| -> Result<usize> {
            let name = fold(dimension.value_kind, namer.text(key)?.as_deref());
            let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            let place = *places.entry(name.clone()).or_insert(next);
            if place == next {
                let metrics = Compared { before: has_before.then(Metrics::default), ..Compared::default() };
                groups.push(Group { name, metrics, ..Group::default() });
            }
            if dimension.counts_actions() {
                group_of.insert(key, place);
            }
            Ok(place as usize)
        };
        let is_shown = |(key, _): &(DictKey, Metrics)| *key != 0 || dimension.shows_unknown;
        for (key, metrics) in items.now.each().filter(is_shown) {
            let group = place(key, &mut groups)?;
            groups[group].keys.push(key);
            groups[group].metrics.now += metrics;
        }
        for (key, metrics) in items.before.iter().flat_map(GroupBy::each).filter(is_shown) {
            let group = place(key, &mut groups)?;
            groups[group].metrics.before.iter_mut().for_each(|before| *before += metrics);
        }
        Ok(())
    })?;
    if dimension.counts_actions() && counting == MetricSet::All {
        count_groups(runner, dimension, Arc::new(group_of), &mut groups)?;
    }
    groups.retain(|group| !group.keys.is_empty());
    for group in &mut groups {
        group.keys.sort_unstable();
    }
    Ok((groups, sum_before))
}

/// Counts the metrics of groups anew, a visit once for each group of which it has an item.
fn count_groups(
    runner: &QueryRunner<'_>,
    dimension: &'static Dimension,
    group_of: Arc<HashMap<DictKey, u32>>,
    groups: &mut [Group],
) -> Result<()> {
    let accumulator = || GroupedItems::new(dimension, Arc::clone(&group_of), groups.len());
    let (mut now, mut before) = (accumulator(), accumulator());
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before_by(dimension.group_key, &mut [&mut before])?;
    for (place, group) in groups.iter_mut().enumerate() {
        let before = is_compared.then(|| before.found[place]);
        group.metrics = Compared { now: now.found[place], before };
    }
    Ok(())
}
