//! Time series of items: by day or by hour.

use super::accumulator::{Accumulator, DayOfRow, counted, each_day, hour, sums_tell};
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::metrics::Measure;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::of_any_width;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use crate::reports::dimension::{GroupKey, bucket_of_actions, bucket_of_seconds};
use crate::reports::engine::rollups::Rollups;
use foldhash::HashMap;
use std::collections::BTreeMap;

/// An accumulator of the occurrences of groups of items on each day, or in each hour: the lines of a chart.
#[derive(Debug)]
pub struct ItemSeries {
    by: GroupKey,
    group_of: HashMap<DictKey, usize>,
    groups: usize,
    has_hours: bool,
    /// The occurrences of each group, by day.
    pub by_day: BTreeMap<Day, Vec<i64>>,
    /// The occurrences of each group by the local hour in which visits began, if requested.
    pub by_hour: Vec<[i64; 24]>,
}

impl ItemSeries {
    /// Counts these groups of keys by day, and by hour if `has_hours`.
    pub fn new(by: GroupKey, groups: &[Vec<DictKey>], has_hours: bool) -> Self {
        let group_of = groups
            .iter()
            .enumerate()
            .flat_map(|(group, keys)| keys.iter().map(move |key| (*key, group)))
            .collect();
        Self {
            by,
            group_of,
            groups: groups.len(),
            has_hours,
            by_day: BTreeMap::new(),
            by_hour: vec![[0; 24]; groups.len()],
        }
    }

    fn count(&mut self, day: Day, group: usize, hits: i64) {
        let groups = self.groups;
        self.by_day.entry(day).or_insert_with(|| vec![0; groups])[group] += hits;
    }

    /// Counts the rows of a block one by one.
    fn add_rows(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::from(self.by);
        let group_of: Vec<Option<usize>> =
            block.dictionary(column).keys.all().map(|key| self.group_of.get(&key).copied()).collect();
        let mut ends = Vec::new();
        each_day(block, rows, |sums, of_day| ends.push((of_day.end, sums.day)));
        let mut found = vec![vec![0_i64; self.groups]; ends.len()];
        let mut days = DayOfRow::default();
        let (has_hours, by_hour) = (self.has_hours, &mut self.by_hour);
        let mut count = |visit: usize, group: Option<usize>| {
            let Some(group) = group else { return };
            found[days.find(visit, |day| ends[day].0)][group] += 1;
            if has_hours {
                by_hour[group][hour(block, visit)] += 1;
            }
        };
        let codes = block.codes(column);
        let step = |part: ColumnPart, bucket: fn(u32) -> u32, row: usize| {
            let value = u32::try_from(block.numbers(part).get(row)).unwrap_or(u32::MAX);
            self.group_of.get(&DictKey::from(bucket(value))).copied()
        };
        match column {
            ColumnId::ActionCount => {
                rows.each(|row| count(row, step(ColumnPart::ACTIONS, bucket_of_actions, row)));
            }
            ColumnId::TimeOnSite => {
                rows.each(|row| count(row, step(ColumnPart::SECONDS, bucket_of_seconds, row)));
            }
            ColumnId::Property(_) => {
                of_any_width!(codes, |code| rows.each(|row| count(row, group_of[place(code(row))])));
            }
            ColumnId::Repeated(bag) => of_any_width!(codes, |code| {
                block.each_in(bag, rows, |visit, row| count(visit, group_of[place(code(row))]));
            }),
            ColumnId::Visit => {}
        }
        for ((_, day), groups) in ends.into_iter().zip(found) {
            for (group, hits) in groups.into_iter().enumerate().filter(|(_, hits)| *hits > 0) {
                self.count(day, group, hits);
            }
        }
    }
}

impl Accumulator for ItemSeries {
    fn needs(&self, projection: &mut Projection) {
        if self.has_hours {
            projection.parts.push(ColumnPart::Hours);
        }
        projection.rows_of.push((self.by, !self.has_hours));
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let column = ColumnId::from(self.by);
        let head = block.dictionary(column);
        match (&head.sums, block.days.as_slice()) {
            (Some(sums), [one]) if !self.has_hours && sums_tell(block, column, rows) => {
                for place in 0..head.keys.len() {
                    if let Some(group) = self.group_of.get(&head.keys.get(place)) {
                        self.count(one.day, *group, sums.get(place)[Measure::Hits]);
                    }
                }
            }
            _ => self.add_rows(block, rows),
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        let groups = vec![[0; 24]; self.groups];
        Box::new(Self { by_day: BTreeMap::new(), by_hour: groups, group_of: self.group_of.clone(), ..*self })
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        for (day, groups) in fork.by_day {
            for (group, hits) in groups.into_iter().enumerate() {
                self.count(day, group, hits);
            }
        }
        for (mine, theirs) in self.by_hour.iter_mut().zip(fork.by_hour) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
    }

    /// Adds the totals by day; totals of items by hour are not stored.
    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.items(self.by, |day, key, metrics, _| {
            if let Some(group) = self.group_of.get(&key).copied() {
                self.count(day, group, metrics[Measure::Hits]);
            }
        })
    }
}
