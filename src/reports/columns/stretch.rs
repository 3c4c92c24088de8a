//! A stretch of days of a site as columns: what questions look at. It holds the parts that a question needs and no
//! others; which visits of it count is said by [`Rows`].

pub use super::piece::{DaySums, Head, Ids, Owners, Piece, Sums};
pub use super::rows::Rows;
pub use super::wants::{Counting, Wants};

use super::numbers::{Numbers, of_any_width};
use super::{Bag, Key, Of, Part, Property, facts};
use crate::clock::Day;
use crate::reports::measures::Measures;
use std::ops::Range;
use std::sync::Arc;

/// Days of a site, as far as they are needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Its days that have visits, in order.
    pub days: Arc<Vec<DaySums>>,
    /// Measures of the visits by the local hour in which they began, of all days together; where columns are kept up,
    /// and not in stored ones.
    pub by_hour: Option<Arc<[Measures; 24]>>,
    /// Its parts, by [`Part::number`].
    pub parts: Vec<Option<Arc<Piece>>>,
}

static NO_NUMBERS: Numbers = Numbers::Same(0, 0);
static NO_IDS: Ids = Ids { base: 0, began: Numbers::Same(0, 0), counters: Numbers::Same(0, 0) };
static NO_HEAD: Head = Head { keys: Numbers::Same(0, 0), beside: Numbers::Same(0, 0), sums: None };

impl Stretch {
    /// Days without any part yet.
    pub fn of(days: Arc<Vec<DaySums>>) -> Self {
        Self { days, by_hour: None, parts: vec![None; Part::COUNT] }
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
                let first = owners.first_from(rows.range.start);
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
