//! The data of a block's parts: sums of days, ids of visits, dictionaries of columns, owners of repeated rows. Each
//! part is packed, stored and loaded by itself.

use super::REPEATED_COLUMNS;
use super::packed_ints::PackedInts;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::model::metrics::{Measure, Metrics};

/// The sums of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayMetrics {
    /// The day.
    pub day: Day,
    /// The metrics of all its visits.
    pub metrics: Metrics,
    /// The number of rows in each repeated column.
    pub rows: [usize; REPEATED_COLUMNS],
}

impl DayMetrics {
    /// Returns the number of visits that began on the day.
    pub fn visits(&self) -> usize {
        usize::try_from(self.metrics[Measure::Visits]).unwrap_or(0)
    }
}

/// The ids of visits, split into the time of each visit's beginning and a counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The beginning of the first visit, in milliseconds since 1970-01-01 UTC.
    pub base: i64,
    /// The milliseconds from `base` to the beginning of each visit.
    pub began: PackedInts,
    /// The counters that distinguish visits of the same millisecond.
    pub counters: PackedInts,
}

impl Ids {
    /// Returns the number of visits.
    pub fn len(&self) -> usize {
        self.began.len()
    }

    /// Appends an id that is higher than all others.
    pub fn push(&mut self, id: VisitId) {
        let began = id.began();
        if self.began.len() == 0 {
            self.base = began.0;
        }
        self.began.push((began.0 - self.base).unsigned_abs());
        self.counters.push((id.0 - VisitId::first_at(began).0).unsigned_abs());
    }

    /// Returns the row of an id; `None` if it is missing.
    pub fn find(&self, id: VisitId) -> Option<usize> {
        let row = self.place(id);
        (row < self.began.len() && self.get(row) == id).then_some(row)
    }

    /// Returns the last id.
    pub fn last(&self) -> Option<VisitId> {
        self.began.len().checked_sub(1).map(|row| self.get(row))
    }

    /// Returns the id of a row.
    pub fn get(&self, row: usize) -> VisitId {
        let began = crate::model::clock::Timestamp(self.base + self.began.get(row).cast_signed());
        VisitId(VisitId::first_at(began).0 + self.counters.get(row).cast_signed())
    }

    /// Returns the first row whose id is at least `id`.
    pub fn place(&self, id: VisitId) -> usize {
        let (mut low, mut high) = (0, self.began.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.get(middle) < id { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// The number of measures that a key has beside its occurrences.
const VISIT_MEASURES: usize = Measure::STORED_COUNT - 1;

/// The metrics of each key of a dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyMetrics {
    /// The occurrences, where they differ from the visits.
    pub hits: Option<PackedInts>,
    /// The other measures, in the order of [`Measure::STORED`], in which they are stored.
    pub of_visits: [PackedInts; VISIT_MEASURES],
}

impl KeyMetrics {
    /// Packs metrics, one entry a key.
    pub fn pack(counted: &[Metrics], has_hits: bool) -> Self {
        let pick = |measure: Measure| {
            PackedInts::pack(
                &counted.iter().map(|metrics| metrics[measure].unsigned_abs()).collect::<Vec<_>>(),
            )
        };
        Self {
            hits: has_hits.then(|| pick(Measure::Hits)),
            of_visits: std::array::from_fn(|place| pick(Measure::STORED[1 + place])),
        }
    }

    /// Returns the metrics of the key with a code.
    pub fn get(&self, place: usize) -> Metrics {
        let at = |numbers: &PackedInts| numbers.get(place).cast_signed();
        let mut numbers = [0; Measure::STORED_COUNT];
        for (number, column) in numbers[1..].iter_mut().zip(&self.of_visits) {
            *number = at(column);
        }
        numbers[0] = self.hits.as_ref().map_or(numbers[Measure::Visits as usize], at);
        Metrics::of_stored(numbers)
    }

    /// Adds metrics to those of the key with a code; negative ones are subtracted.
    pub fn add(&mut self, place: usize, more: &Metrics) {
        let [more_hits, more @ ..] = more.stored();
        if let Some(hits) = &mut self.hits {
            hits.add(place, more_hits);
        }
        self.of_visits.iter_mut().zip(more).for_each(|(numbers, more)| numbers.add(place, more));
    }

    /// Appends a key with zero metrics.
    pub fn push_nothing(&mut self) {
        self.hits.iter_mut().chain(&mut self.of_visits).for_each(|numbers| numbers.push(0));
    }

    /// Iterates over all columns, in stored order.
    pub fn columns(&self) -> impl Iterator<Item = &PackedInts> {
        self.hits.iter().chain(&self.of_visits)
    }
}

/// The dictionary of a column: its distinct keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// The keys, in the order in which they were first seen; a key's code is its index.
    pub keys: PackedInts,
    /// The subtitle key of each key, such as a page's last title, 0 for none; empty when no key has one.
    pub beside: PackedInts,
    /// The metrics of each key, when the dictionary is much shorter than the column.
    pub sums: Option<Box<KeyMetrics>>,
}

/// The visits to which the rows of a repeated column belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offsets {
    /// The visit of each row, for columns in which few visits have rows.
    Listed(PackedInts),
    /// The number of rows of each visit.
    Counted(PackedInts),
}

impl Offsets {
    /// Packs the owners of rows for storage: listed when few visits have rows, else counted.
    pub fn pack(owners: &PackedInts, visits: usize) -> Self {
        if owners.len() * 4 < visits {
            return Self::Listed(PackedInts::pack(&owners.all().collect::<Vec<_>>()));
        }
        let mut counts = vec![0_u32; visits];
        for owner in 0..owners.len() {
            counts[owners.place(owner)] += 1;
        }
        Self::Counted(PackedInts::pack(&counts))
    }
}

/// The data of one part of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnData {
    /// The ids of the visits.
    Ids(Ids),
    /// One number for each visit or row.
    Numbers(PackedInts),
    /// The dictionary of a column.
    Dictionary(Dictionary),
    /// The owners of a repeated column.
    Offsets(Offsets),
}

impl ColumnData {
    /// Returns the approximate memory, in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Ids(ids) => ids.began.bytes() + ids.counters.bytes(),
                Self::Numbers(numbers)
                | Self::Offsets(Offsets::Listed(numbers) | Offsets::Counted(numbers)) => numbers.bytes(),
                Self::Dictionary(head) => {
                    let sums = head.sums.iter().flat_map(|sums| sums.columns());
                    head.keys.bytes() + head.beside.bytes() + sums.map(PackedInts::bytes).sum::<usize>()
                }
            }
    }
}
