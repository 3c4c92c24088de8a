//! The sums of the visits in growing columns: by key, by step, by day and by hour. They are counted once when the columns
//! are built; from then on a visit is subtracted before it changes and added after it.

use super::block::{DayMetrics, Dictionary, KeyMetrics};
use super::dictionary_builder::DictionaryBuilder;
use super::growing_block::GrowingBlock;
use super::packed_ints::PackedInts;
use super::{NUMBERS, REPEATED_COLUMNS, Repeated, place_of};
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::dimension::{bucket_of_actions, bucket_of_seconds};
use crate::store::visit_attribute::DAY_COLUMNS;
use foldhash::HashSet;
use std::collections::BTreeMap;

/// Returns the column of a measure, which is one of [`NUMBERS`].
fn numbers_of(block: &GrowingBlock, measure: Measure) -> &PackedInts {
    &block.measured[place_of(&NUMBERS, measure)]
}

/// Returns the steps into which a visit falls by its actions and its time on the site.
fn steps_of(block: &GrowingBlock, row: usize) -> [u32; 2] {
    let [actions, seconds] = [Measure::Actions, Measure::Seconds].map(|measure| numbers_of(block, measure));
    [step(actions, row, bucket_of_actions), step(seconds, row, bucket_of_seconds)]
}

/// Adds a visit to all sums of its day.
pub fn put_in(block: &mut GrowingBlock, row: usize, day: Day) {
    let metrics = block.metrics(row);
    shift(block, row, day, &metrics, 1);
}

/// Subtracts a visit from all sums of its day.
pub fn take_out(block: &mut GrowingBlock, row: usize, day: Day) {
    let metrics = block.metrics(row).negated();
    shift(block, row, day, &metrics, -1);
}

/// Adds `more` to all sums that contain a visit, and `times` as often the number of its repeated rows.
fn shift(block: &mut GrowingBlock, row: usize, day: Day, more: &Metrics, times: i64) {
    for column in &mut block.properties {
        if let Some(sums) = &mut column.head.sums {
            sums.add(column.codes.place(row), more);
        }
    }
    let mut all = *more;
    let mut counts = [0_i64; REPEATED_COLUMNS];
    let mut codes: Vec<usize> = Vec::new();
    shift_goals(block, row, more, times);
    for (bag, (rows, count)) in Repeated::ALL.into_iter().zip(block.bags.iter_mut().zip(&mut counts)) {
        let of_visit = rows.rows_of(row);
        *count = i64::try_from(of_visit.len()).unwrap_or(i64::MAX) * times;
        if bag == Repeated::Goals {
            continue;
        }
        let DictionaryBuilder { head, codes: items, .. } = &mut rows.items;
        let Some(sums) = head.sums.as_mut().filter(|_| !of_visit.is_empty()) else { continue };
        codes.clear();
        codes.extend(of_visit.map(|row| items.place(row)));
        codes.sort_unstable();
        for same in codes.chunk_by(|one, next| one == next) {
            let hits = i64::try_from(same.len()).unwrap_or(i64::MAX) * times;
            let mut of_item = *more;
            of_item[Measure::Hits] = hits;
            sums.add(same[0], &of_item);
        }
    }
    all.kinds_mut().iter_mut().zip(counts).for_each(|(kind, count)| *kind = count);
    block.by_hour[block.hours.place(row).min(23)] += all;
    let place = block.days.iter().position(|sums| sums.day >= day).unwrap_or(block.days.len());
    if block.days.get(place).is_none_or(|sums| sums.day != day) {
        block
            .days
            .insert(place, DayMetrics { day, metrics: Metrics::default(), rows: [0; REPEATED_COLUMNS] });
    }
    let sums = &mut block.days[place];
    sums.metrics += all;
    for (rows, count) in sums.rows.iter_mut().zip(counts) {
        *rows = rows.saturating_add_signed(isize::try_from(count).unwrap_or(0));
    }
    let steps = steps_of(block, row);
    for (head, step) in block.steps.iter_mut().zip(steps) {
        add_step(head, step, more);
    }
}

/// Adds `more` to the sums of the goals that a visit reached, and `times` as often what its conversions have by
/// themselves.
fn shift_goals(block: &mut GrowingBlock, row: usize, more: &Metrics, times: i64) {
    let rows = &block.bags[Repeated::Goals.number()];
    let of_visit = rows.rows_of(row);
    if of_visit.is_empty() || rows.items.head.sums.is_none() {
        return;
    }
    let mut by_code: Vec<(usize, usize)> = of_visit.map(|row| (rows.items.codes.place(row), row)).collect();
    by_code.sort_unstable();
    for same in by_code.chunk_by(|one, next| one.0 == next.0) {
        let own = block.metrics_of_conversions(same.iter().map(|(_, row)| *row));
        let mut of_goal = *more;
        for measure in [Measure::Hits, Measure::Conversions, Measure::Earned, Measure::Refunded] {
            of_goal[measure] = own[measure] * times;
        }
        of_goal[Measure::Converted] = times;
        if let Some(sums) = &mut block.bags[Repeated::Goals.number()].items.head.sums {
            sums.add(same[0].0, &of_goal);
        }
    }
}

/// Determines again which visits of these visitors (given by code) are the first of the day, and corrects the sums
/// that already contain a visit, as `is_in` tells.
pub fn mark_firsts_of(
    block: &mut GrowingBlock,
    visitors: &HashSet<usize>,
    day: Day,
    is_in: impl Fn(usize) -> bool,
) {
    let mut seen = HashSet::default();
    let codes = &block.visitors().codes;
    let rows = (0..block.visits()).map(|row| (row, codes.place(row)));
    let rows: Vec<(usize, bool)> = rows
        .filter(|(_, visitor)| visitors.contains(visitor))
        .map(|(row, visitor)| (row, seen.insert(visitor)))
        .collect();
    for (row, is_first) in rows {
        if block.set_first(row, is_first) && is_in(row) {
            let more = Metrics::new([(Measure::Uniques, if is_first { 1 } else { -1 })]);
            shift(block, row, day, &more, 0);
        }
    }
}

/// Counts all sums of days whose visits end at these rows.
pub fn count_all(block: &mut GrowingBlock, ends: &[(Day, usize)]) {
    mark_firsts(block, ends);
    block.days = count_days(block, ends);
    block.by_hour = count_hours(block);
    for property in 0..DAY_COLUMNS {
        if block.has_column(property) {
            block.properties[property].head.sums = count_property(block, property);
        }
    }
    for bag in 0..REPEATED_COLUMNS {
        block.bags[bag].items.head.sums = count_bag(block, bag);
    }
    block.steps = [
        count_steps(block, Measure::Actions, bucket_of_actions),
        count_steps(block, Measure::Seconds, bucket_of_seconds),
    ];
}

/// Starts or stops maintaining metrics by key, as [`DictionaryBuilder::wants_sums`] decides now.
pub fn review_sums(block: &mut GrowingBlock) {
    let min = block.summed_rows_min;
    let is_due = |column: &DictionaryBuilder| column.wants_sums(min) != column.head.sums.is_some();
    for property in 0..DAY_COLUMNS {
        if block.has_column(property) && is_due(&block.properties[property]) {
            block.properties[property].head.sums = count_property(block, property);
        }
    }
    for bag in 0..REPEATED_COLUMNS {
        if is_due(&block.bags[bag].items) {
            block.bags[bag].items.head.sums = count_bag(block, bag);
        }
    }
}

/// Flags the first visit of each visitor on each day.
fn mark_firsts(block: &mut GrowingBlock, ends: &[(Day, usize)]) {
    let mut seen = vec![0; block.visitors().head.keys.len()];
    let mut start = 0;
    for (day, (_, end)) in (1..).zip(ends) {
        for row in start..*end {
            let visitor = block.visitors().codes.place(row);
            let is_first = std::mem::replace(&mut seen[visitor], day) != day;
            block.set_first(row, is_first);
        }
        start = *end;
    }
}

fn count_days(block: &GrowingBlock, ends: &[(Day, usize)]) -> Vec<DayMetrics> {
    let mut start = 0;
    let days = ends.iter().map(|(day, end)| {
        let mut metrics = Metrics::default();
        (start..*end).for_each(|row| metrics += block.metrics(row));
        let rows = std::array::from_fn(|bag| {
            let owners = &block.bags[bag].owners;
            owners.first_from(*end) - owners.first_from(start)
        });
        for (kind, rows) in metrics.kinds_mut().iter_mut().zip(rows) {
            *kind = i64::try_from(rows).unwrap_or(i64::MAX);
        }
        start = *end;
        DayMetrics { day: *day, metrics, rows }
    });
    days.collect()
}

fn count_hours(block: &GrowingBlock) -> [Metrics; 24] {
    let mut hours = [Metrics::default(); 24];
    let hour = |row: usize| block.hours.place(row).min(23);
    (0..block.visits()).for_each(|row| hours[hour(row)] += block.metrics(row));
    for (kind, rows) in block.bags.iter().enumerate().take(Measure::KIND_COUNT) {
        let owners = &rows.owners;
        (0..owners.len()).for_each(|row| hours[hour(owners.place(row))].kinds_mut()[kind] += 1);
    }
    hours
}

fn count_property(block: &GrowingBlock, property: usize) -> Option<Box<KeyMetrics>> {
    let column = &block.properties[property];
    column.wants_sums(block.summed_rows_min).then(|| {
        let mut counted = vec![Metrics::default(); column.head.keys.len()];
        (0..block.visits()).for_each(|row| counted[column.codes.place(row)] += block.metrics(row));
        Box::new(KeyMetrics::pack(&counted, false))
    })
}

/// Counts the metrics of a repeated column's items; a visit counts once for each item that it has.
fn count_bag(block: &GrowingBlock, bag: usize) -> Option<Box<KeyMetrics>> {
    let (rows, column) = (&block.bags[bag], &block.bags[bag].items);
    column.wants_sums(block.summed_rows_min).then(|| {
        let mut counted = vec![Metrics::default(); column.head.keys.len()];
        let mut last = vec![usize::MAX; column.head.keys.len()];
        for row in 0..column.codes.len() {
            let (code, owner) = (column.codes.place(row), rows.owners.place(row));
            let is_first = std::mem::replace(&mut last[code], owner) != owner;
            if bag == Repeated::Goals.number() {
                counted[code] += block.metrics_of_conversions(std::iter::once(row));
                if is_first {
                    counted[code] += without_conversions(block.metrics(owner));
                }
            } else if is_first {
                counted[code] += block.metrics(owner);
            } else {
                counted[code][Measure::Hits] += 1;
            }
        }
        Box::new(KeyMetrics::pack(&counted, true))
    })
}

/// Counts the metrics of the steps into which visits fall by a number.
fn count_steps(block: &GrowingBlock, measure: Measure, bucket: fn(u32) -> u32) -> Dictionary {
    let values = numbers_of(block, measure);
    let mut found: BTreeMap<u32, Metrics> = BTreeMap::new();
    for row in 0..block.visits() {
        *found.entry(step(values, row, bucket)).or_default() += block.metrics(row);
    }
    let keys: Vec<u32> = found.keys().copied().collect();
    let counted: Vec<Metrics> = found.into_values().collect();
    Dictionary {
        keys: PackedInts::pack(&keys),
        beside: PackedInts::default(),
        sums: Some(Box::new(KeyMetrics::pack(&counted, false))),
    }
}

/// Returns the metrics of a visit that reached a goal, apart from what its conversions have by themselves.
fn without_conversions(visit: Metrics) -> Metrics {
    let mut metrics = visit;
    for measure in [Measure::Hits, Measure::Conversions, Measure::Earned, Measure::Refunded] {
        metrics[measure] = 0;
    }
    metrics[Measure::Converted] = 1;
    metrics
}

/// Returns the step into which a visit falls.
fn step(values: &PackedInts, row: usize, bucket: fn(u32) -> u32) -> u32 {
    bucket(u32::try_from(values.get(row)).unwrap_or(u32::MAX))
}

fn add_step(head: &mut Dictionary, step: u32, more: &Metrics) {
    let known = head.keys.all().position(|key| key == u64::from(step));
    let place = known.unwrap_or_else(|| head.keys.len());
    if known.is_none() {
        head.keys.push(step.into());
        head.sums.get_or_insert_default().push_nothing();
    }
    if let Some(sums) = &mut head.sums {
        sums.add(place, more);
    }
}
