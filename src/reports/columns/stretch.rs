//! A stretch of days of a site as columns: what questions look at. It holds the parts that a question needs and no
//! others; which visits of it count is said by [`Rows`].

use super::numbers::{Numbers, of_any_width};
use super::{BAGS, Bag, Key, Of, Part, Property, facts};
use crate::clock::Day;
use crate::id::VisitId;
use crate::reports::dimension::By;
use crate::reports::questions::Measures;
use std::ops::Range;
use std::sync::Arc;

/// What a day of a stretch adds up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySums {
    /// The day.
    pub day: Day,
    /// All its visits together.
    pub measures: Measures,
    /// How many rows each bag has of it.
    pub rows: [usize; BAGS],
}

/// Ids of visits: when each began since the first, and its counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Milliseconds since 1970 when the first one began.
    pub base: i64,
    /// Milliseconds since then.
    pub began: Numbers,
    /// What tells visits of one millisecond apart.
    pub counters: Numbers,
}

impl Ids {
    /// Ids in ascending order.
    pub fn pack(ids: &[i64]) -> Self {
        let parts = |id: i64| {
            let began = VisitId(id).began();
            (began.0, (id - VisitId::first_at(began).0).unsigned_abs())
        };
        let base = ids.first().map_or(0, |id| parts(*id).0);
        let began: Vec<u64> = ids.iter().map(|id| (parts(*id).0 - base).unsigned_abs()).collect();
        let counters: Vec<u64> = ids.iter().map(|id| parts(*id).1).collect();
        Self { base, began: Numbers::pack(&began), counters: Numbers::pack(&counters) }
    }

    /// The id of a row.
    pub fn get(&self, row: usize) -> VisitId {
        let began = crate::clock::Timestamp(self.base + self.began.get(row).cast_signed());
        VisitId(VisitId::first_at(began).0 + self.counters.get(row).cast_signed())
    }

    /// The first row whose id is this or a later one.
    pub fn place(&self, id: VisitId) -> usize {
        let (mut low, mut high) = (0, self.began.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.get(middle) < id { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// What each key of a column adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How often it occurs, where that differs from its visits.
    pub hits: Option<Numbers>,
    /// As [`Measures`] has it, and so all that follow.
    pub visits: Numbers,
    pub uniques: Numbers,
    pub new: Numbers,
    pub actions: Numbers,
    pub seconds: Numbers,
    pub bounces: Numbers,
}

impl Sums {
    /// Packs what was counted.
    pub fn pack(counted: &[Measures], has_hits: bool) -> Self {
        let pick = |pick: fn(&Measures) -> i64| {
            Numbers::pack(&counted.iter().map(|measures| pick(measures).unsigned_abs()).collect::<Vec<_>>())
        };
        Self {
            hits: has_hits.then(|| pick(|measures| measures.hits)),
            visits: pick(|measures| measures.visits),
            uniques: pick(|measures| measures.uniques),
            new: pick(|measures| measures.new),
            actions: pick(|measures| measures.actions),
            seconds: pick(|measures| measures.seconds),
            bounces: pick(|measures| measures.bounces),
        }
    }

    /// What the key at a place adds up to.
    pub fn get(&self, place: usize) -> Measures {
        let at = |numbers: &Numbers| numbers.get(place).cast_signed();
        Measures {
            hits: at(self.hits.as_ref().unwrap_or(&self.visits)),
            visits: at(&self.visits),
            uniques: at(&self.uniques),
            new: at(&self.new),
            actions: at(&self.actions),
            seconds: at(&self.seconds),
            bounces: at(&self.bounces),
            kinds: [0; 5],
        }
    }

    /// Its columns, in the order in which they are stored.
    pub fn columns(&self) -> [&Numbers; 6] {
        [&self.visits, &self.uniques, &self.new, &self.actions, &self.seconds, &self.bounces]
    }
}

/// The keys of a column, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The keys, in the order in which they were first seen.
    pub keys: Numbers,
    /// What stands beside each, such as a page's last title; empty when nothing does, 0 where nothing does.
    pub beside: Numbers,
    /// What each adds up to, where that is shorter than the rows.
    pub sums: Option<Box<Sums>>,
}

/// Whose the rows of a bag are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owners {
    /// Of each row, the place of its visit: where few visits have any.
    Listed(Numbers),
    /// Of each visit, how many rows it has.
    Counted(Numbers),
}

/// One part of a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Ids of visits.
    Ids(Ids),
    /// One number for each visit or row.
    Numbers(Numbers),
    /// Keys of a column.
    Head(Head),
    /// Owners of a bag.
    Owners(Owners),
}

impl Piece {
    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Ids(ids) => ids.began.bytes() + ids.counters.bytes(),
                Self::Numbers(numbers) | Self::Owners(Owners::Listed(numbers) | Owners::Counted(numbers)) => {
                    numbers.bytes()
                }
                Self::Head(head) => {
                    let sums = head.sums.iter().flat_map(|sums| sums.columns().into_iter().chain(&sums.hits));
                    head.keys.bytes() + head.beside.bytes() + sums.map(Numbers::bytes).sum::<usize>()
                }
            }
    }
}

/// Days of a site, as far as they are needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Its days that have visits, in order.
    pub days: Arc<Vec<DaySums>>,
    /// Its parts, by [`Part::number`].
    pub parts: Vec<Option<Arc<Piece>>>,
}

static NO_NUMBERS: Numbers = Numbers::Same(0, 0);
static NO_IDS: Ids = Ids { base: 0, began: Numbers::Same(0, 0), counters: Numbers::Same(0, 0) };
static NO_HEAD: Head = Head { keys: Numbers::Same(0, 0), beside: Numbers::Same(0, 0), sums: None };

impl Stretch {
    /// Days without any part yet.
    pub fn of(days: Arc<Vec<DaySums>>) -> Self {
        Self { days, parts: vec![None; Part::COUNT] }
    }

    /// Adds a part.
    pub fn put(&mut self, part: Part, piece: Arc<Piece>) {
        self.parts[part.number()] = Some(piece);
    }

    /// Whether it has a part.
    pub fn has(&self, part: Part) -> bool {
        self.parts[part.number()].is_some()
    }

    /// How many visits it has.
    pub fn visits(&self) -> usize {
        self.days.iter().map(DaySums::visits).sum()
    }

    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        let pieces = self.parts.iter().flatten().map(|piece| piece.bytes());
        size_of::<Self>()
            + self.parts.len() * 8
            + self.days.len() * size_of::<DaySums>()
            + pieces.sum::<usize>()
    }

    fn piece(&self, part: Part) -> Option<&Piece> {
        self.parts[part.number()].as_deref()
    }

    /// Ids of the visits.
    pub fn ids(&self) -> &Ids {
        match self.piece(Part::Ids) {
            Some(Piece::Ids(ids)) => ids,
            _ => &NO_IDS,
        }
    }

    /// One number for each visit or row.
    pub fn numbers(&self, part: Part) -> &Numbers {
        match self.piece(part) {
            Some(Piece::Numbers(numbers)) => numbers,
            _ => &NO_NUMBERS,
        }
    }

    /// The keys of a column.
    pub fn head(&self, of: Of) -> &Head {
        match self.piece(Part::Head(of)) {
            Some(Piece::Head(head)) => head,
            _ => &NO_HEAD,
        }
    }

    /// Of each visit, or each row of a bag, the place of its key.
    pub fn codes(&self, of: Of) -> &Numbers {
        self.numbers(Part::Codes(of))
    }

    /// The rows of visits that began on these days.
    pub fn rows_of(&self, first: Day, last: Day) -> Range<usize> {
        let before: usize = self.days.iter().take_while(|sums| sums.day < first).map(DaySums::visits).sum();
        let within = self.days.iter().filter(|sums| (first..=last).contains(&sums.day));
        before..before + within.map(DaySums::visits).sum::<usize>()
    }

    /// Its days, each with its rows.
    pub fn each_day(&self) -> impl Iterator<Item = (&DaySums, Range<usize>)> {
        let mut end = 0;
        self.days.iter().map(move |sums| {
            let start = end;
            end += sums.visits();
            (sums, start..end)
        })
    }

    /// What each visit that counts adds to measures.
    pub fn scale<'a>(&'a self, rows: &'a Rows) -> Scale<'a> {
        Scale {
            facts: self.numbers(Part::Facts),
            actions: self.numbers(Part::Actions),
            seconds: self.numbers(Part::Seconds),
            firsts: rows.firsts.as_deref().map(|firsts| (rows.range.start, firsts)),
        }
    }

    /// Which rows of a range are their visitor's first of the day, if those alone are there that hold.
    pub fn firsts(&self, range: &Range<usize>, holds: &[bool]) -> Vec<bool> {
        let visitors = Of::Property(Property::Visitor);
        let codes = self.codes(visitors);
        // Of each visitor, the number of the last day with a visit.
        let mut last_day = vec![0_usize; self.head(visitors).keys.len()];
        let mut firsts = vec![false; holds.len()];
        for (day, (_, rows)) in (1..).zip(self.each_day()) {
            for row in rows.start.max(range.start)..rows.end.min(range.end) {
                let at = row - range.start;
                firsts[at] = holds[at] && std::mem::replace(&mut last_day[codes.place(row)], day) != day;
            }
        }
        firsts
    }

    /// Calls with the visit and the place of each row of a bag, of the visits that count.
    pub fn each_in(&self, bag: Bag, rows: &Rows, mut see: impl FnMut(usize, usize)) {
        match self.piece(Part::Owners(bag)) {
            Some(Piece::Owners(Owners::Listed(owners))) => {
                let first = partition(owners, rows.range.start);
                for place in first..owners.len() {
                    let owner = owners.place(place);
                    if owner >= rows.range.end {
                        break;
                    }
                    if rows.has(owner) {
                        see(owner, place);
                    }
                }
            }
            Some(Piece::Owners(Owners::Counted(counts))) => {
                let mut place = self.rows_before(bag, rows.range.start);
                of_any_width!(counts, |at| {
                    for owner in rows.range.clone() {
                        #[expect(clippy::cast_possible_truncation, reason = "rows of a visit are few")]
                        let end = place + at(owner) as usize;
                        if rows.has(owner) {
                            (place..end).for_each(|place| see(owner, place));
                        }
                        place = end;
                    }
                });
            }
            _ => {}
        }
    }

    /// Takes those visits of a range out that have no row in a bag for which `is_meant` holds, or that have one when
    /// that is not wanted.
    pub fn narrow_by(
        &self,
        bag: Bag,
        (holds, range): (&mut [bool], &Range<usize>),
        is_wanted: bool,
        is_meant: impl Fn(usize) -> bool,
    ) {
        if let Some(Piece::Owners(Owners::Counted(counts))) = self.piece(Part::Owners(bag)) {
            let mut place = self.rows_before(bag, range.start);
            of_any_width!(counts, |at| {
                for (holds, owner) in holds.iter_mut().zip(range.clone()) {
                    #[expect(clippy::cast_possible_truncation, reason = "rows of a visit are few")]
                    let end = place + at(owner) as usize;
                    if *holds {
                        *holds = (place..end).any(&is_meant) == is_wanted;
                    }
                    place = end;
                }
            });
            return;
        }
        let mut has_one = vec![false; range.len()];
        self.each_in(bag, &Rows::all(range.clone()), |owner, row| {
            has_one[owner - range.start] |= is_meant(row);
        });
        holds.iter_mut().zip(has_one).for_each(|(holds, has_one)| *holds &= has_one == is_wanted);
    }

    /// How many rows a bag has of the days before a row that begins one.
    fn rows_before(&self, bag: Bag, row: usize) -> usize {
        let before = self.each_day().take_while(|(_, rows)| rows.end <= row);
        before.map(|(sums, _)| sums.rows[bag.number()]).sum()
    }

    /// What stands beside a key at a place of a head.
    pub fn beside(&self, of: Of, place: usize) -> Option<Key> {
        let beside = &self.head(of).beside;
        (place < beside.len()).then(|| beside.get(place)).filter(|beside| *beside != 0)
    }
}

/// What visits of a stretch add to measures.
#[derive(Clone, Copy)]
pub struct Scale<'a> {
    facts: &'a Numbers,
    actions: &'a Numbers,
    seconds: &'a Numbers,
    /// Where some visits are not there at all: which of the others are a visitor's first of the day, from a row on.
    firsts: Option<(usize, &'a [bool])>,
}

impl Scale<'_> {
    /// Adds a visit.
    pub fn add(self, to: &mut Measures, row: usize) {
        let facts = self.facts.get(row);
        let is = |fact: u8| i64::from(facts & u64::from(fact) != 0);
        to.visits += 1;
        match self.firsts {
            None => {
                to.uniques += is(facts::UNIQUE);
                to.new += is(facts::NEW);
            }
            // Who is new can't be told of some visits alone.
            Some((start, firsts)) => to.uniques += i64::from(firsts[row - start]),
        }
        to.bounces += is(facts::BOUNCE);
        to.actions += self.actions.get(row).cast_signed();
        to.seconds += self.seconds.get(row).cast_signed();
    }
}

/// The first place whose number is this or higher, among ascending ones.
fn partition(numbers: &Numbers, value: usize) -> usize {
    let (mut low, mut high) = (0, numbers.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if numbers.place(middle) < value { low = middle + 1 } else { high = middle }
    }
    low
}

impl DaySums {
    /// How many visits began on the day.
    pub fn visits(&self) -> usize {
        usize::try_from(self.measures.visits).unwrap_or(0)
    }
}

/// Which visits of a stretch count.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Those of the days that were asked for.
    pub range: Range<usize>,
    /// Of these, the ones for which all conditions hold; none: there are no conditions.
    picked: Option<Picked>,
    /// Where some visits are not there at all, which are a visitor's first of the day, from the beginning of the range.
    firsts: Option<Vec<bool>>,
}

#[derive(Clone, Debug)]
struct Picked {
    list: Vec<u32>,
    /// Whether a row is on the list, from the beginning of the range.
    holds: Vec<bool>,
}

impl Rows {
    /// All visits of a range.
    pub fn all(range: Range<usize>) -> Self {
        Self { range, picked: None, firsts: None }
    }

    /// Those of a range that hold.
    pub fn picked(range: Range<usize>, holds: Vec<bool>) -> Self {
        let count = holds.iter().filter(|holds| **holds).count();
        let mut list = Vec::with_capacity(count);
        let start = u32::try_from(range.start).unwrap_or(u32::MAX);
        for (row, _) in (start..).zip(&holds).filter(|(_, holds)| **holds) {
            list.push(row);
        }
        Self { range, picked: Some(Picked { list, holds }), firsts: None }
    }

    /// The same, where these rows, from the beginning of the range, are a visitor's first of the day.
    #[must_use]
    pub fn with_firsts(self, firsts: Vec<bool>) -> Self {
        Self { firsts: Some(firsts), ..self }
    }

    /// Whether none is left out for a condition.
    pub fn is_plain(&self) -> bool {
        self.picked.is_none()
    }

    /// Whether a row of the range counts.
    pub fn has(&self, row: usize) -> bool {
        self.picked.as_ref().is_none_or(|picked| picked.holds[row - self.range.start])
    }

    /// How many count.
    pub fn count(&self) -> usize {
        self.picked.as_ref().map_or(self.range.len(), |picked| picked.list.len())
    }

    /// Calls with each row that counts, in order.
    pub fn each(&self, mut see: impl FnMut(usize)) {
        match &self.picked {
            None => self.range.clone().for_each(see),
            Some(picked) => picked.list.iter().for_each(|row| see(*row as usize)),
        }
    }
}

/// How much is counted of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// All measures.
    Measures,
    /// How often it occurs, and no more.
    Hits,
}

/// What questions need of a stretch.
#[derive(Debug, Default)]
pub struct Wants {
    /// No visit is left out.
    pub is_plain: bool,
    /// By what visits are counted: the sums of all visits do, where they are kept.
    pub items: Vec<(By, Counting)>,
    /// By what single rows are counted, and whether the sums of a day would do.
    pub rows_of: Vec<(By, bool)>,
    /// Parts.
    pub parts: Vec<Part>,
}

impl Wants {
    /// What visits add up to.
    pub fn measures(&mut self) {
        self.parts.extend([Part::Facts, Part::Actions, Part::Seconds]);
    }

    /// Whose the rows of these bags are.
    pub fn owners(&mut self, bags: impl IntoIterator<Item = Bag>) {
        self.parts.extend(bags.into_iter().map(Part::Owners));
    }

    /// Each visit's or row's key.
    pub fn rows_by(&mut self, by: By) {
        match Of::from(by) {
            Of::ActionCount => self.parts.push(Part::Actions),
            Of::TimeOnSite => self.parts.push(Part::Seconds),
            of => self.parts.extend([Part::Head(of), Part::Codes(of)]),
        }
        if let Of::Bag(bag) = Of::from(by) {
            self.parts.push(Part::Owners(bag));
        }
    }
}
