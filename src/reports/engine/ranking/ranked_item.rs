//! An item of a report with its metrics and its rank. Items with equal numbers are sorted by their texts, which are
//! read only when the order depends on them.

use crate::error::Result;
use crate::model::id::VisitorId;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::columns::DictKey;
use crate::reports::columns::codec::{Decoder, Encoder};
use crate::reports::dimension::ValueKind;
use crate::reports::engine::aggregate::external_sort::Sortable;
use crate::reports::engine::name_resolver::NameResolver;
use crate::reports::results::reading;
use crate::reports::results::reading::Reading;
use std::cmp::Ordering;
use std::num::NonZeroU64;

/// The rank of an item among others of the same report.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::reports::engine) enum Rank {
    /// By a metric, then by occurrences, both negated. Items with equal numbers are sorted by their texts.
    Number(i64, i64),
    /// By the item's name.
    Name(Box<Reading>),
    /// By the item's key.
    #[default]
    Own,
}

/// The visits in which an item occurs together with one of another dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The number of the other item.
    pub column: u32,
    /// The visits in the range.
    pub now: i64,
    /// The visits in the comparison period.
    pub before: i64,
}

/// An item that was counted.
#[derive(Debug, Default)]
pub(in crate::reports::engine) struct RankedItem {
    pub rank: Rank,
    /// True if the highest rank comes last.
    pub is_reversed: bool,
    pub key: DictKey,
    /// The hash of the item's text, if it was needed.
    pub hash: Option<NonZeroU64>,
    pub now: [i64; Measure::ITEM_COUNT],
    /// The sums of the comparison period, if there is one.
    pub before: Option<[i64; Measure::ITEM_COUNT]>,
    /// The subtitle key of the item.
    pub beside: Option<DictKey>,
    /// The cells of a cross-tabulated report.
    pub cells: Vec<Cell>,
}

impl RankedItem {
    pub fn metrics(&self) -> Metrics {
        Metrics::of_numbers(self.now)
    }

    pub fn metrics_before(&self) -> Option<Metrics> {
        self.before.map(Metrics::of_numbers)
    }

    /// Compares ranks alone, in the direction of the order.
    pub fn cmp_rank(&self, other: &Self) -> Ordering {
        let order = self.rank.cmp(&other.rank);
        if self.is_reversed { order.reverse() } else { order }
    }
}

impl Ord for RankedItem {
    /// Compares items; those with equal numbers have the same order in both directions.
    fn cmp(&self, other: &Self) -> Ordering {
        let keys = self.key.cmp(&other.key);
        self.cmp_rank(other).then_with(|| match self.rank {
            Rank::Number(..) => self.hash.cmp(&other.hash).then(keys),
            Rank::Name(_) | Rank::Own if self.is_reversed => keys.reverse(),
            Rank::Name(_) | Rank::Own => keys,
        })
    }
}

impl PartialOrd for RankedItem {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for RankedItem {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for RankedItem {}

impl Sortable for RankedItem {
    fn write(&self, pen: &mut Encoder) {
        match &self.rank {
            Rank::Own => pen.number(0),
            Rank::Number(value, hits) => {
                pen.number(1);
                pen.signed(*value);
                pen.signed(*hits);
            }
            Rank::Name(reading) => {
                pen.number(2);
                reading.write(pen);
            }
        }
        let flags = u64::from(self.is_reversed) | u64::from(self.before.is_some()) << 1;
        pen.number(flags);
        pen.number(self.key);
        pen.number(self.hash.map_or(0, NonZeroU64::get));
        self.now.iter().chain(self.before.iter().flatten()).for_each(|number| pen.signed(*number));
        pen.number(u64::from(self.beside.is_some()));
        self.beside.iter().for_each(|beside| pen.number(*beside));
        pen.number(self.cells.len() as u64);
        for cell in &self.cells {
            pen.number(u64::from(cell.column));
            pen.signed(cell.now);
            pen.signed(cell.before);
        }
    }

    fn read(eye: &mut Decoder<'_>) -> Option<Self> {
        fn numbers(eye: &mut Decoder<'_>) -> Option<[i64; Measure::ITEM_COUNT]> {
            let mut numbers = [0; Measure::ITEM_COUNT];
            for number in &mut numbers {
                *number = eye.signed()?;
            }
            Some(numbers)
        }
        let rank = match eye.number()? {
            0 => Rank::Own,
            1 => Rank::Number(eye.signed()?, eye.signed()?),
            _ => Rank::Name(Box::new(Reading::read(eye)?)),
        };
        let flags = eye.number()?;
        let (key, hash) = (eye.number()?, NonZeroU64::new(eye.number()?));
        let now = numbers(eye)?;
        let before = if flags & 2 == 0 { None } else { Some(numbers(eye)?) };
        let beside = if eye.number()? == 0 { None } else { Some(eye.number()?) };
        let mut cells = Vec::new();
        for _ in 0..eye.number()? {
            let column = u32::try_from(eye.number()?).ok()?;
            cells.push(Cell { column, now: eye.signed()?, before: eye.signed()? });
        }
        Some(Self { rank, is_reversed: flags & 1 != 0, key, hash, now, before, beside, cells })
    }

    fn bytes(&self) -> usize {
        let reading = match &self.rank {
            Rank::Name(reading) => size_of::<Reading>() + reading.bytes(),
            Rank::Number(..) | Rank::Own => 0,
        };
        reading + self.cells.capacity() * size_of::<Cell>()
    }
}

/// Sorts items with equal numbers: by their texts, or by the texts' hashes when there are too many.
pub(super) fn settle(namer: &NameResolver<'_>, ties: &mut [RankedItem], is_crowded: bool) -> Result<()> {
    if ties.len() < 2 || !matches!(ties[0].rank, Rank::Number(..)) {
        return Ok(());
    }
    // Reading the texts in the order of the file is faster.
    ties.sort_unstable_by_key(|one| one.key);
    if is_crowded || ties.len() > namer.limits.ties_sorted_max {
        ties.iter_mut().try_for_each(|one| hash(namer, one))?;
        ties.sort_by_key(|one| one.hash);
        return Ok(());
    }
    let value_kind = namer.dimension.value_kind;
    let mut read = Vec::with_capacity(ties.len());
    for one in &mut *ties {
        read.push((Reading::of_item(value_kind, &namer.name(one.key, None)?), std::mem::take(one)));
    }
    read.sort_unstable_by(|one, other| (&one.0, one.1.key).cmp(&(&other.0, other.1.key)));
    ties.iter_mut().zip(read).for_each(|(place, (_, one))| *place = one);
    Ok(())
}

/// Computes the hash of an item's text unless it is set. For a visitor this is the id, to avoid reading the visits of
/// millions.
pub(super) fn hash(namer: &NameResolver<'_>, one: &mut RankedItem) -> Result<()> {
    if one.hash.is_none() {
        let text = match namer.dimension.value_kind {
            ValueKind::Visitor => VisitorId(one.key.cast_signed()).0.to_string(),
            _ => namer.name(one.key, None)?.filter,
        };
        one.hash = Some(reading::hash(&text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rank() -> impl Strategy<Value = Rank> {
        prop_oneof![
            Just(Rank::Own),
            (any::<i64>(), any::<i64>()).prop_map(|(value, hits)| Rank::Number(value, hits)),
            (".{0,9}", ".{0,9}")
                .prop_map(|(shown, apart)| Rank::Name(Box::new(Reading::parse(shown, &apart)))),
        ]
    }

    fn found() -> impl Strategy<Value = RankedItem> {
        let numbers = || prop::array::uniform::<_, { Measure::ITEM_COUNT }>(any::<i64>());
        let cell = (any::<u32>(), any::<i64>(), any::<i64>()).prop_map(|(column, now, before)| Cell {
            column,
            now,
            before,
        });
        let key = (any::<DictKey>(), any::<u64>(), any::<bool>(), prop::option::of(any::<DictKey>()));
        let counted = (numbers(), prop::option::of(numbers()), prop::collection::vec(cell, 0..4));
        (rank(), key, counted).prop_map(|(rank, (key, hash, is_reversed, beside), (now, before, cells))| {
            RankedItem { rank, is_reversed, key, hash: NonZeroU64::new(hash), now, before, beside, cells }
        })
    }

    proptest! {
        #[test]
        fn an_item_is_read_as_it_was_written(found in found()) {
            let mut pen = Encoder::default();
            found.write(&mut pen);
            let mut eye = Decoder::new(&pen.0);
            let read = RankedItem::read(&mut eye);
            prop_assert!(eye.is_at_end());
            prop_assert_eq!(format!("{read:?}"), format!("{:?}", Some(found)));
        }
    }
}
