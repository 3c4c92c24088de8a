//! The pieces of which a stretch is put together: what its days add up to, ids of its visits, the keys of its columns,
//! whose the rows of its bags are. Each is packed, and each is stored and loaded by itself.

use super::BAGS;
use super::numbers::Numbers;
use crate::clock::Day;
use crate::id::VisitId;
use crate::reports::measures::Measures;

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

impl DaySums {
    /// How many visits began on the day.
    pub fn visits(&self) -> usize {
        usize::try_from(self.measures.visits).unwrap_or(0)
    }
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
    /// How many visits there are.
    pub fn len(&self) -> usize {
        self.began.len()
    }

    /// Appends a later id.
    pub fn push(&mut self, id: VisitId) {
        let began = id.began();
        if self.began.len() == 0 {
            self.base = began.0;
        }
        self.began.push((began.0 - self.base).unsigned_abs());
        self.counters.push((id.0 - VisitId::first_at(began).0).unsigned_abs());
    }

    /// The row of an id, if it is among them.
    pub fn find(&self, id: VisitId) -> Option<usize> {
        let row = self.place(id);
        (row < self.began.len() && self.get(row) == id).then_some(row)
    }

    /// The last id.
    pub fn last(&self) -> Option<VisitId> {
        self.began.len().checked_sub(1).map(|row| self.get(row))
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

    /// Adds measures to those of the key at a place; negative ones are subtracted.
    pub fn add(&mut self, place: usize, more: &Measures) {
        if let Some(hits) = &mut self.hits {
            hits.add(place, more.hits);
        }
        self.visits.add(place, more.visits);
        self.uniques.add(place, more.uniques);
        self.new.add(place, more.new);
        self.actions.add(place, more.actions);
        self.seconds.add(place, more.seconds);
        self.bounces.add(place, more.bounces);
    }

    /// Appends a key of which nothing was counted yet.
    pub fn push_nothing(&mut self) {
        let Self { hits, visits, uniques, new, actions, seconds, bounces } = self;
        let columns = [visits, uniques, new, actions, seconds, bounces];
        hits.iter_mut().chain(columns).for_each(|numbers| numbers.push(0));
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
