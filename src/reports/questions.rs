//! The questions that a pass over days can answer: totals, totals by day and by hour, what visits or actions are
//! counted by, and which visits match. Measures are additive, so that days and items add up.

use super::columns::{DayColumns, Key};
use super::dimension::{By, bucket_of_actions, bucket_of_seconds};
use crate::clock::Day;
use crate::id::VisitId;
use crate::ingest::hit::ActionKind;
use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

/// What visits add up to. Definitions: a visit is unique when it is the visitor's first of its day, new when it is
/// their first ever; a bounce has one page view only and less than 30 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// How often an item occurs: actions of that item, or visits with that property.
    pub hits: i64,
    /// Visits.
    pub visits: i64,
    /// Unique visitors.
    pub uniques: i64,
    /// New visitors.
    pub new: i64,
    /// Page views, downloads, outbound clicks and events of those visits.
    pub actions: i64,
    /// Seconds on the site.
    pub seconds: i64,
    /// Bounces.
    pub bounces: i64,
    /// Actions by kind: page views, downloads, outbound clicks, events, media. Kept by totals alone.
    pub kinds: [i64; 5],
}

impl Measures {
    /// Actions of one kind.
    pub fn kind(&self, kind: ActionKind) -> i64 {
        KINDS.iter().position(|known| *known == kind).map_or(0, |place| self.kinds[place])
    }

    /// Seconds of a visit, on average.
    pub fn seconds_average(&self) -> i64 {
        self.seconds / self.visits.max(1)
    }

    /// Bounces in thousandths of the visits.
    pub fn bounce_permille(&self) -> i64 {
        self.bounces * 1_000 / self.visits.max(1)
    }

    fn add_visit(&mut self, day: &DayColumns, row: usize) {
        use super::columns::facts;
        let is = |fact| i64::from(day.visits.facts[row] & fact != 0);
        self.visits += 1;
        self.uniques += is(facts::UNIQUE);
        self.new += is(facts::NEW);
        self.bounces += is(facts::BOUNCE);
        self.actions += i64::from(day.visits.actions[row]);
        self.seconds += i64::from(day.visits.seconds(row));
    }
}

impl AddAssign for Measures {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.visits += other.visits;
        self.uniques += other.uniques;
        self.new += other.new;
        self.actions += other.actions;
        self.seconds += other.seconds;
        self.bounces += other.bounces;
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            *mine += theirs;
        }
    }
}

/// The kinds of action in the order of [`Measures::kinds`].
pub const KINDS: [ActionKind; 5] =
    [ActionKind::PageView, ActionKind::Download, ActionKind::Outbound, ActionKind::Event, ActionKind::Media];

/// Which visits of a day count; all of them when there is none.
pub type Mask<'a> = Option<&'a [bool]>;

fn counts(mask: Mask<'_>, row: usize) -> bool {
    mask.is_none_or(|mask| mask[row])
}

/// Something that is answered by looking at one day after the other.
pub trait Question {
    /// Looks at a day.
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>);
}

/// What a range adds up to.
#[derive(Debug, Default)]
pub struct Totals(pub Measures);

impl Question for Totals {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        (0..day.visits.len()).filter(|row| counts(mask, *row)).for_each(|row| self.0.add_visit(day, row));
        for (place, kind) in KINDS.into_iter().enumerate() {
            let visits = &day.actions(kind).visits;
            let count = visits.iter().filter(|visit| counts(mask, **visit as usize)).count();
            self.0.kinds[place] += i64::try_from(count).unwrap_or(i64::MAX);
        }
        self.0.hits = self.0.visits;
    }
}

/// What each day adds up to; days without visits are not there.
#[derive(Debug, Default)]
pub struct ByDay(pub BTreeMap<Day, Measures>);

impl Question for ByDay {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        let mut totals = Totals::default();
        totals.add(day, mask);
        self.0.insert(day.day, totals.0);
    }
}

/// What each hour of the days adds up to, by the local hour in which visits began. A doubled hour adds up.
#[derive(Debug, Default)]
pub struct ByHour(pub [Measures; 24]);

impl Question for ByHour {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        for row in (0..day.visits.len()).filter(|row| counts(mask, *row)) {
            let hour = &mut self.0[usize::from(day.visits.hours[row]).min(23)];
            hour.add_visit(day, row);
            hour.hits += 1;
        }
        for (place, kind) in KINDS.into_iter().enumerate() {
            for visit in day.actions(kind).visits.iter().filter(|visit| counts(mask, **visit as usize)) {
                let hour = usize::from(day.visits.hours[*visit as usize]).min(23);
                self.0[hour].kinds[place] += 1;
            }
        }
    }
}

/// What visits or actions are counted by: every item with its measures.
#[derive(Debug)]
pub struct Items {
    by: By,
    /// The items of all days so far.
    pub found: HashMap<Key, Measures>,
    /// What stands beside an item, by the last day that has it.
    pub beside: HashMap<Key, Key>,
}

impl Items {
    /// Counts by this.
    pub fn of(by: By) -> Self {
        Self { by, found: HashMap::new(), beside: HashMap::new() }
    }

    fn merge(&mut self, keys: &[Key], counted: Vec<Measures>) {
        for (key, measures) in keys.iter().zip(counted).filter(|(_, measures)| measures.hits > 0) {
            *self.found.entry(*key).or_default() += measures;
        }
    }
}

impl Question for Items {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        match groups(self.by, day) {
            Groups::Visits { keys, code } => {
                let mut counted = vec![Measures::default(); keys.len()];
                for row in (0..day.visits.len()).filter(|row| counts(mask, *row)) {
                    let item = &mut counted[code(row) as usize];
                    item.hits += 1;
                    item.add_visit(day, row);
                }
                self.merge(&keys, counted);
            }
            Groups::Belongings(belongings) => {
                let keys = &belongings.items.keys;
                let mut counted = vec![Measures::default(); keys.len()];
                let mut last_visit = vec![u32::MAX; keys.len()];
                for (visit, code) in belongings.visits.iter().zip(&belongings.items.codes) {
                    if !counts(mask, *visit as usize) {
                        continue;
                    }
                    let item = &mut counted[*code as usize];
                    item.hits += 1;
                    if last_visit[*code as usize] != *visit {
                        last_visit[*code as usize] = *visit;
                        item.add_visit(day, *visit as usize);
                    }
                }
                self.merge(keys, counted);
                if let By::Actions(kind) = self.by {
                    let beside = keys.iter().filter_map(|key| Some((*key, day.beside(kind, *key)?)));
                    self.beside.extend(beside.filter(|(key, _)| self.found.contains_key(key)));
                }
            }
        }
    }
}

enum Groups<'a> {
    /// Each visit has one.
    Visits { keys: Vec<Key>, code: Box<dyn Fn(usize) -> u32 + 'a> },
    /// Visits have any number of them.
    Belongings(&'a super::columns::Belongings),
}

fn groups(by: By, day: &DayColumns) -> Groups<'_> {
    let visits = &day.visits;
    match by {
        By::Property(property) => {
            let column = visits.column(property);
            Groups::Visits { keys: column.keys.clone(), code: Box::new(|row| column.codes[row]) }
        }
        By::ActionCount => Groups::Visits {
            keys: (0..16).collect(),
            code: Box::new(|row| bucket_of_actions(visits.actions[row])),
        },
        By::TimeOnSite => Groups::Visits {
            keys: (0..16).collect(),
            code: Box::new(|row| bucket_of_seconds(visits.seconds(row))),
        },
        By::Actions(kind) => Groups::Belongings(day.actions(kind)),
        By::Custom => Groups::Belongings(&day.custom),
    }
}

/// How often some groups of items occur on each day, or in each hour: the lines of a chart.
#[derive(Debug)]
pub struct Lines {
    by: By,
    group_of: HashMap<Key, usize>,
    groups: usize,
    /// By day.
    pub by_day: BTreeMap<Day, Vec<i64>>,
    /// By the local hour in which visits began.
    pub by_hour: Vec<[i64; 24]>,
}

impl Lines {
    /// Follows these groups of items.
    pub fn of(by: By, groups: &[Vec<Key>]) -> Self {
        let group_of = groups
            .iter()
            .enumerate()
            .flat_map(|(group, keys)| keys.iter().map(move |key| (*key, group)))
            .collect();
        Self {
            by,
            group_of,
            groups: groups.len(),
            by_day: BTreeMap::new(),
            by_hour: vec![[0; 24]; groups.len()],
        }
    }

    fn count(&mut self, day: &DayColumns, visit: usize, group: Option<usize>) {
        let Some(group) = group else { return };
        self.by_hour[group][usize::from(day.visits.hours[visit]).min(23)] += 1;
        let groups = self.groups;
        self.by_day.entry(day.day).or_insert_with(|| vec![0; groups])[group] += 1;
    }
}

impl Question for Lines {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        let group_of = |keys: &[Key]| -> Vec<Option<usize>> {
            keys.iter().map(|key| self.group_of.get(key).copied()).collect()
        };
        match groups(self.by, day) {
            Groups::Visits { keys, code } => {
                let group_of = group_of(&keys);
                for row in (0..day.visits.len()).filter(|row| counts(mask, *row)) {
                    self.count(day, row, group_of[code(row) as usize]);
                }
            }
            Groups::Belongings(belongings) => {
                let group_of = group_of(&belongings.items.keys);
                for (visit, code) in belongings.visits.iter().zip(&belongings.items.codes) {
                    if counts(mask, *visit as usize) {
                        self.count(day, *visit as usize, group_of[*code as usize]);
                    }
                }
            }
        }
    }
}

/// How many visits of each day match.
#[derive(Debug, Default)]
pub struct Matches(pub BTreeMap<Day, usize>);

impl Question for Matches {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        let count = (0..day.visits.len()).filter(|row| counts(mask, *row)).count();
        self.0.insert(day.day, count);
    }
}

/// The visits that match, oldest first.
#[derive(Debug, Default)]
pub struct Matching(pub Vec<VisitId>);

impl Question for Matching {
    fn add(&mut self, day: &DayColumns, mask: Mask<'_>) {
        let rows = (0..day.visits.len()).filter(|row| counts(mask, *row));
        self.0.extend(rows.map(|row| VisitId(day.visits.ids[row])));
    }
}
