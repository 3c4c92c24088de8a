//! The questions that a pass over days can answer: totals, totals by day and by hour, what visits or actions are
//! counted by, and which visits match. Measures are additive, so that days and items add up.

use super::columns::numbers::of_any_width;
use super::columns::stretch::{Counting, Rows, Stretch, Wants};
use super::columns::{Bag, Key, Of, Part};
use super::dimension::{By, bucket_of_actions, bucket_of_seconds};
use super::totals::PastDays;
use crate::clock::Day;
use crate::error::Result;
use crate::id::VisitId;
use crate::ingest::hit::ActionKind;
use foldhash::{HashMap, HashMapExt};
use std::any::Any;
use std::collections::BTreeMap;
use std::ops::{AddAssign, Range};

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

/// Something that is answered by looking at one stretch of days after the other, in any order and by several at once.
pub trait Question: Any + Send {
    /// What it needs of a stretch.
    fn needs(&self, wants: &mut Wants);
    /// Looks at a stretch.
    fn add(&mut self, stretch: &Stretch, rows: &Rows);
    /// The same question with nothing counted yet, for another pair of eyes.
    fn fork(&self) -> Box<dyn Question>;
    /// Takes what a fork of it has counted.
    fn join(&mut self, fork: Box<dyn Question>);

    /// Looks at days of which totals are left. They come before the others; whoever asks for visits finds none there.
    fn add_totals(&mut self, _: &PastDays<'_>) -> Result<()> {
        Ok(())
    }
}

/// What a fork has counted.
pub fn counted<Q: Question>(fork: Box<dyn Question>) -> Option<Q> {
    let fork: Box<dyn Any> = fork;
    fork.downcast().ok().map(|fork| *fork)
}

/// The days of a stretch that a question is about, each with its rows; whether all of its visits count.
fn each_day(
    stretch: &Stretch,
    rows: &Rows,
    mut see: impl FnMut(&super::columns::stretch::DaySums, Range<usize>),
) {
    for (sums, of_day) in stretch.each_day() {
        if of_day.start >= rows.range.start && of_day.end <= rows.range.end {
            see(sums, of_day);
        }
    }
}

/// Bags of actions, in the order of [`Measures::kinds`].
fn kinds() -> impl Iterator<Item = Bag> {
    KINDS.into_iter().map(Bag::Actions)
}

/// What a range adds up to.
#[derive(Debug, Default)]
pub struct Totals(pub Measures);

impl Question for Totals {
    fn needs(&self, wants: &mut Wants) {
        if !wants.is_plain {
            wants.measures();
            wants.owners(kinds());
        }
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        if rows.is_plain() {
            each_day(stretch, rows, |sums, _| self.0 += sums.measures);
            return;
        }
        let before = self.0.visits;
        let scale = stretch.scale();
        rows.each(|row| scale.add(&mut self.0, row));
        self.0.hits += self.0.visits - before;
        for (place, bag) in kinds().enumerate() {
            stretch.each_in(bag, rows, |_, _| self.0.kinds[place] += 1);
        }
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::default())
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        if let Some(Self(measures)) = counted(fork) {
            self.0 += measures;
        }
    }

    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        days.by_day()?.into_values().for_each(|measures| self.0 += measures);
        Ok(())
    }
}

/// What each day adds up to; days without visits are not there.
#[derive(Debug, Default)]
pub struct ByDay(pub BTreeMap<Day, Measures>);

impl Question for ByDay {
    fn needs(&self, wants: &mut Wants) {
        Totals::default().needs(wants);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let mut ends = Vec::new();
        each_day(stretch, rows, |sums, of_day| {
            let measures = if rows.is_plain() { sums.measures } else { Measures::default() };
            ends.push((of_day.end, sums.day, measures));
        });
        if !rows.is_plain() {
            let (mut days, scale) = (DayOfRow::default(), stretch.scale());
            rows.each(|row| {
                let day = days.of(row, |day| ends[day].0);
                let measures = &mut ends[day].2;
                measures.hits += 1;
                scale.add(measures, row);
            });
            for (place, bag) in kinds().enumerate() {
                let mut days = DayOfRow::default();
                stretch.each_in(bag, rows, |visit, _| {
                    let day = days.of(visit, |day| ends[day].0);
                    ends[day].2.kinds[place] += 1;
                });
            }
        }
        for (_, day, measures) in ends {
            *self.0.entry(day).or_default() += measures;
        }
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::default())
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        for (day, measures) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.0) {
            *self.0.entry(day).or_default() += measures;
        }
    }

    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        for (day, measures) in days.by_day()? {
            *self.0.entry(day).or_default() += measures;
        }
        Ok(())
    }
}

/// Finds the day of rows that come in ascending order.
#[derive(Default)]
struct DayOfRow(usize);

impl DayOfRow {
    fn of(&mut self, row: usize, end: impl Fn(usize) -> usize) -> usize {
        while row >= end(self.0) {
            self.0 += 1;
        }
        self.0
    }
}

/// What each hour of the days adds up to, by the local hour in which visits began. A doubled hour adds up.
#[derive(Debug, Default)]
pub struct ByHour(pub [Measures; 24]);

fn hour(stretch: &Stretch, row: usize) -> usize {
    stretch.numbers(Part::Hours).place(row).min(23)
}

impl Question for ByHour {
    fn needs(&self, wants: &mut Wants) {
        wants.measures();
        wants.owners(kinds());
        wants.parts.push(Part::Hours);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let scale = stretch.scale();
        rows.each(|row| {
            let hour = &mut self.0[hour(stretch, row)];
            scale.add(hour, row);
            hour.hits += 1;
        });
        for (place, bag) in kinds().enumerate() {
            stretch.each_in(bag, rows, |visit, _| self.0[hour(stretch, visit)].kinds[place] += 1);
        }
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::default())
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        if let Some(fork) = counted::<Self>(fork) {
            self.0.iter_mut().zip(fork.0).for_each(|(hour, measures)| *hour += measures);
        }
    }

    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        self.0.iter_mut().zip(days.by_hour()?).for_each(|(hour, measures)| *hour += measures);
        Ok(())
    }
}

/// What visits or actions are counted by: every item with its measures.
#[derive(Debug)]
pub struct Items {
    by: By,
    counting: Counting,
    /// The items of all days so far.
    pub found: HashMap<Key, Measures>,
    /// What stands beside an item, by the last day that has it.
    pub beside: HashMap<Key, Key>,
    /// Which day that was.
    said: HashMap<Key, Day>,
}

impl Items {
    /// Counts by this.
    pub fn of(by: By) -> Self {
        Self::counting(by, Counting::Measures)
    }

    /// Counts by this how often items occur, and no more: where all visits count, the rest may be there or not.
    pub fn hits_of(by: By) -> Self {
        Self::counting(by, Counting::Hits)
    }

    fn counting(by: By, counting: Counting) -> Self {
        Self { by, counting, found: HashMap::new(), beside: HashMap::new(), said: HashMap::new() }
    }

    fn say(&mut self, key: Key, beside: Key, day: Day) {
        let said = self.said.entry(key).or_insert(day);
        if day >= *said {
            *said = day;
            self.beside.insert(key, beside);
        }
    }

    fn merge(&mut self, stretch: &Stretch, counted: impl Iterator<Item = (usize, Measures)>) {
        let of = Of::from(self.by);
        let head = stretch.head(of);
        let last = stretch.days.last().map_or(Day(0), |sums| sums.day);
        for (place, measures) in counted.filter(|(_, measures)| measures.hits > 0) {
            let key = head.keys.get(place);
            *self.found.entry(key).or_default() += measures;
            if let Some(beside) = stretch.beside(of, place) {
                self.say(key, beside, last);
            }
        }
    }

    fn add_steps(&mut self, stretch: &Stretch, rows: &Rows, (part, bucket): (Part, fn(u32) -> u32)) {
        let values = stretch.numbers(part);
        let mut counted = [Measures::default(); 16];
        let scale = stretch.scale();
        rows.each(|row| {
            let value = u32::try_from(values.get(row)).unwrap_or(u32::MAX);
            let item = &mut counted[bucket(value) as usize % 16];
            item.hits += 1;
            if self.counting == Counting::Measures {
                scale.add(item, row);
            }
        });
        for (key, measures) in (0..).zip(counted).filter(|(_, measures)| measures.hits > 0) {
            *self.found.entry(key).or_default() += measures;
        }
    }
}

/// How often each key of a column occurs.
fn hits(stretch: &Stretch, rows: &Rows, of: Of) -> Vec<i64> {
    let mut hits = vec![0; stretch.head(of).keys.len()];
    of_any_width!(stretch.codes(of), |code| match of {
        Of::Bag(bag) => stretch.each_in(bag, rows, |_, row| hits[place(code(row))] += 1),
        _ => rows.each(|row| hits[place(code(row))] += 1),
    });
    hits
}

/// What each key of a column adds up to.
fn measures(stretch: &Stretch, rows: &Rows, of: Of) -> Vec<Measures> {
    let keys = stretch.head(of).keys.len();
    let mut counted = vec![Measures::default(); keys];
    let scale = stretch.scale();
    of_any_width!(stretch.codes(of), |code| {
        if let Of::Bag(bag) = of {
            let mut last_visit = vec![usize::MAX; keys];
            stretch.each_in(bag, rows, |visit, row| {
                let code = place(code(row));
                counted[code].hits += 1;
                if last_visit[code] != visit {
                    last_visit[code] = visit;
                    scale.add(&mut counted[code], visit);
                }
            });
        } else {
            rows.each(|row| {
                let item = &mut counted[place(code(row))];
                item.hits += 1;
                scale.add(item, row);
            });
        }
    });
    counted
}

/// Whether the sums of a column tell all that is asked.
fn sums_tell(stretch: &Stretch, of: Of, rows: &Rows) -> bool {
    rows.is_plain() && rows.range == (0..stretch.visits()) && stretch.head(of).sums.is_some()
}

impl Question for Items {
    fn needs(&self, wants: &mut Wants) {
        wants.items.push((self.by, self.counting));
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let of = Of::from(self.by);
        let head = stretch.head(of);
        if let Some(sums) = head.sums.as_ref().filter(|_| sums_tell(stretch, of, rows)) {
            self.merge(stretch, (0..head.keys.len()).map(|place| (place, sums.get(place))));
            return;
        }
        let steps = match of {
            Of::ActionCount => Some((Part::Actions, bucket_of_actions as fn(u32) -> u32)),
            Of::TimeOnSite => Some((Part::Seconds, bucket_of_seconds as fn(u32) -> u32)),
            Of::Property(_) | Of::Bag(_) => None,
        };
        match (steps, self.counting) {
            (Some(steps), _) => self.add_steps(stretch, rows, steps),
            (None, Counting::Hits) => {
                let hits = hits(stretch, rows, of).into_iter();
                let measures = hits.map(|hits| Measures { hits, ..Measures::default() });
                self.merge(stretch, measures.enumerate());
            }
            (None, Counting::Measures) => {
                self.merge(stretch, measures(stretch, rows, of).into_iter().enumerate());
            }
        }
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::counting(self.by, self.counting))
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        for (key, measures) in fork.found {
            *self.found.entry(key).or_default() += measures;
        }
        for (key, beside) in fork.beside {
            self.say(key, beside, fork.said.get(&key).copied().unwrap_or(Day(0)));
        }
    }

    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        days.items(self.by, |day, key, measures, beside| {
            *self.found.entry(key).or_default() += measures;
            if let Some(beside) = beside {
                self.say(key, beside, day);
            }
        })
    }
}

/// A code as a place among keys.
#[expect(clippy::cast_possible_truncation, reason = "places are far below 2^32")]
pub fn place(code: u64) -> usize {
    code as usize
}

/// How often some groups of items occur on each day, or in each hour: the lines of a chart.
#[derive(Debug)]
pub struct Lines {
    by: By,
    group_of: HashMap<Key, usize>,
    groups: usize,
    has_hours: bool,
    /// By day.
    pub by_day: BTreeMap<Day, Vec<i64>>,
    /// By the local hour in which visits began, where that is asked for.
    pub by_hour: Vec<[i64; 24]>,
}

impl Lines {
    /// Follows these groups of items from day to day, or from hour to hour.
    pub fn of(by: By, groups: &[Vec<Key>], has_hours: bool) -> Self {
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

    /// Counts rows one by one: what tells the group of a row, and whose it is.
    fn add_rows(&mut self, stretch: &Stretch, rows: &Rows) {
        let of = Of::from(self.by);
        let group_of: Vec<Option<usize>> =
            stretch.head(of).keys.all().map(|key| self.group_of.get(&key).copied()).collect();
        let mut ends = Vec::new();
        each_day(stretch, rows, |sums, of_day| ends.push((of_day.end, sums.day)));
        let mut found = vec![vec![0_i64; self.groups]; ends.len()];
        let mut days = DayOfRow::default();
        let (has_hours, by_hour) = (self.has_hours, &mut self.by_hour);
        let mut see = |visit: usize, group: Option<usize>| {
            let Some(group) = group else { return };
            found[days.of(visit, |day| ends[day].0)][group] += 1;
            if has_hours {
                by_hour[group][hour(stretch, visit)] += 1;
            }
        };
        let codes = stretch.codes(of);
        let step = |part: Part, bucket: fn(u32) -> u32, row: usize| {
            let value = u32::try_from(stretch.numbers(part).get(row)).unwrap_or(u32::MAX);
            self.group_of.get(&Key::from(bucket(value))).copied()
        };
        match of {
            Of::ActionCount => rows.each(|row| see(row, step(Part::Actions, bucket_of_actions, row))),
            Of::TimeOnSite => rows.each(|row| see(row, step(Part::Seconds, bucket_of_seconds, row))),
            Of::Property(_) => {
                of_any_width!(codes, |code| rows.each(|row| see(row, group_of[place(code(row))])));
            }
            Of::Bag(bag) => of_any_width!(codes, |code| {
                stretch.each_in(bag, rows, |visit, row| see(visit, group_of[place(code(row))]));
            }),
        }
        for ((_, day), groups) in ends.into_iter().zip(found) {
            for (group, hits) in groups.into_iter().enumerate().filter(|(_, hits)| *hits > 0) {
                self.count(day, group, hits);
            }
        }
    }
}

impl Question for Lines {
    fn needs(&self, wants: &mut Wants) {
        if self.has_hours {
            wants.parts.push(Part::Hours);
        }
        wants.rows_of.push((self.by, !self.has_hours));
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let of = Of::from(self.by);
        let head = stretch.head(of);
        match (&head.sums, stretch.days.as_slice()) {
            (Some(sums), [one]) if !self.has_hours && sums_tell(stretch, of, rows) => {
                for place in 0..head.keys.len() {
                    if let Some(group) = self.group_of.get(&head.keys.get(place)) {
                        self.count(one.day, *group, sums.get(place).hits);
                    }
                }
            }
            _ => self.add_rows(stretch, rows),
        }
    }

    fn fork(&self) -> Box<dyn Question> {
        let groups = vec![[0; 24]; self.groups];
        Box::new(Self { by_day: BTreeMap::new(), by_hour: groups, group_of: self.group_of.clone(), ..*self })
    }

    fn join(&mut self, fork: Box<dyn Question>) {
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

    /// In which hours items occurred is not kept.
    fn add_totals(&mut self, days: &PastDays<'_>) -> Result<()> {
        days.items(self.by, |day, key, measures, _| {
            if let Some(group) = self.group_of.get(&key).copied() {
                self.count(day, group, measures.hits);
            }
        })
    }
}

/// How many visits of each day match.
#[derive(Debug, Default)]
pub struct Matches(pub BTreeMap<Day, usize>);

impl Question for Matches {
    fn needs(&self, _: &mut Wants) {}

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let mut ends = Vec::new();
        each_day(stretch, rows, |sums, of_day| {
            ends.push((of_day.end, sums.day, if rows.is_plain() { of_day.len() } else { 0 }));
        });
        if !rows.is_plain() {
            let mut days = DayOfRow::default();
            rows.each(|row| {
                let day = days.of(row, |day| ends[day].0);
                ends[day].2 += 1;
            });
        }
        for (_, day, count) in ends.into_iter().filter(|(_, _, count)| *count > 0) {
            *self.0.entry(day).or_default() += count;
        }
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::default())
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        for (day, count) in counted::<Self>(fork).into_iter().flat_map(|fork| fork.0) {
            *self.0.entry(day).or_default() += count;
        }
    }
}

/// The visits that match, oldest first.
#[derive(Debug, Default)]
pub struct Matching(pub Vec<VisitId>);

impl Question for Matching {
    fn needs(&self, wants: &mut Wants) {
        wants.parts.push(Part::Ids);
    }

    fn add(&mut self, stretch: &Stretch, rows: &Rows) {
        let ids = stretch.ids();
        rows.each(|row| self.0.push(ids.get(row)));
        self.0.sort_unstable();
    }

    fn fork(&self) -> Box<dyn Question> {
        Box::new(Self::default())
    }

    fn join(&mut self, fork: Box<dyn Question>) {
        self.0.extend(counted::<Self>(fork).into_iter().flat_map(|fork| fork.0));
        self.0.sort_unstable();
    }
}
