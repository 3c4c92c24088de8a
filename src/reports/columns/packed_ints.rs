//! Packed integers: all as wide as the widest needs, in whole bytes while they are written and in bits as stored.
//! Stored numbers are read in place, so that nothing is spent on unpacking those that no query needs.

pub use super::packed::Packed;

use std::ops::Range;

/// The numbers unpacked at a time: few enough for the L1 cache.
const BATCH: usize = 512;

/// Converts a number to an index or count.
#[expect(clippy::cast_possible_truncation, reason = "places are far below 2^32")]
pub fn place(number: u64) -> usize {
    number as usize
}

/// The packed integers of one column. Two are equal when their values are, whatever their widths.
#[derive(Clone, Debug)]
pub enum PackedInts {
    /// The same value for all, and the count.
    Same(u64, usize),
    /// Values below 2^8.
    Bytes(Vec<u8>),
    /// Values below 2^16.
    Words(Vec<u16>),
    /// Values below 2^32.
    Longs(Vec<u32>),
    /// Values of any size.
    Wide(Vec<u64>),
    /// Bit-packed values as stored.
    Packed(Packed),
}

impl PartialEq for PackedInts {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.all().eq(other.all())
    }
}

impl Eq for PackedInts {}

impl Default for PackedInts {
    fn default() -> Self {
        Self::Same(0, 0)
    }
}

/// Expands code once for each representation, so that loops over numbers are specialised for it.
macro_rules! of_any_width {
    ($numbers:expr, |$at:ident| $body:expr) => {
        match $numbers {
            $crate::reports::columns::packed_ints::PackedInts::Same(value, _) => {
                let $at = |_: usize| *value;
                $body
            }
            $crate::reports::columns::packed_ints::PackedInts::Bytes(values) => {
                let $at = |place: usize| u64::from(values[place]);
                $body
            }
            $crate::reports::columns::packed_ints::PackedInts::Words(values) => {
                let $at = |place: usize| u64::from(values[place]);
                $body
            }
            $crate::reports::columns::packed_ints::PackedInts::Longs(values) => {
                let $at = |place: usize| u64::from(values[place]);
                $body
            }
            $crate::reports::columns::packed_ints::PackedInts::Wide(values) => {
                let $at = |place: usize| values[place];
                $body
            }
            $crate::reports::columns::packed_ints::PackedInts::Packed(packed) => {
                let $at = |place: usize| packed.get(place);
                $body
            }
        }
    };
}
pub(in crate::reports) use of_any_width;

impl PackedInts {
    /// Packs numbers as narrowly as the highest allows.
    pub fn pack<T: Copy + Into<u64>>(values: &[T]) -> Self {
        let first = values.first().copied().map_or(0, Into::into);
        let highest = values.iter().fold(0, |highest, value| u64::max(highest, (*value).into()));
        if highest == first && values.iter().all(|value| (*value).into() == first) {
            return Self::Same(first, values.len());
        }
        #[expect(clippy::cast_possible_truncation, reason = "the highest was looked at")]
        match highest {
            0..=0xff => Self::Bytes(values.iter().map(|value| (*value).into() as u8).collect()),
            0x100..=0xffff => Self::Words(values.iter().map(|value| (*value).into() as u16).collect()),
            0x1_0000..=0xffff_ffff => {
                Self::Longs(values.iter().map(|value| (*value).into() as u32).collect())
            }
            _ => Self::Wide(values.iter().map(|value| (*value).into()).collect()),
        }
    }

    /// Returns the count of numbers.
    pub fn len(&self) -> usize {
        match self {
            Self::Same(_, count) => *count,
            Self::Bytes(values) => values.len(),
            Self::Words(values) => values.len(),
            Self::Longs(values) => values.len(),
            Self::Wide(values) => values.len(),
            Self::Packed(packed) => packed.len(),
        }
    }

    /// Returns the number at an index, which must exist.
    pub fn get(&self, place: usize) -> u64 {
        of_any_width!(self, |at| at(place))
    }

    /// Returns the number at an index as an index of something else.
    pub fn place(&self, place: usize) -> usize {
        self::place(self.get(place))
    }

    /// Returns the first index whose number is at least `value`; the numbers must be ascending.
    pub fn first_from(&self, value: usize) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.place(middle) < value { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Iterates over the numbers in a range of indexes.
    pub fn iter(&self, places: Range<usize>) -> impl Iterator<Item = u64> + '_ {
        places.map(|place| self.get(place))
    }

    /// Calls `see` with batches of the numbers in a range of indexes, each with the index of its first number. Costs a
    /// fraction of [`Numbers::get`] for each.
    pub fn each_batch(&self, places: Range<usize>, mut see: impl FnMut(usize, &[u64])) {
        let mut batch = [0; BATCH];
        let mut start = places.start;
        while start < places.end {
            let numbers = &mut batch[..BATCH.min(places.end - start)];
            self.read(start, numbers);
            see(start, numbers);
            start += numbers.len();
        }
    }

    /// Copies the numbers from an index on.
    fn read(&self, start: usize, into: &mut [u64]) {
        fn widen<T: Copy + Into<u64>>(values: &[T], into: &mut [u64]) {
            into.iter_mut().zip(values).for_each(|(into, value)| *into = (*value).into());
        }
        match self {
            Self::Same(value, _) => into.fill(*value),
            Self::Bytes(values) => widen(&values[start..start + into.len()], into),
            Self::Words(values) => widen(&values[start..start + into.len()], into),
            Self::Longs(values) => widen(&values[start..start + into.len()], into),
            Self::Wide(values) => widen(&values[start..start + into.len()], into),
            Self::Packed(packed) => packed.read(start, into),
        }
    }

    /// Iterates over all numbers.
    pub fn all(&self) -> impl Iterator<Item = u64> + '_ {
        self.iter(0..self.len())
    }

    /// Returns the approximate memory, in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Same(..) => 0,
                Self::Bytes(values) => values.capacity(),
                Self::Words(values) => values.capacity() * 2,
                Self::Longs(values) => values.capacity() * 4,
                Self::Wide(values) => values.capacity() * 8,
                Self::Packed(packed) => packed.bytes(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Generates numbers and a range of their indexes.
    fn numbers() -> impl Strategy<Value = (PackedInts, Range<usize>)> {
        let values = (0_u32..=64).prop_flat_map(|bits| {
            let highest = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
            prop::collection::vec(0..=highest, 0..2_000)
        });
        (values, any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
            |(values, start, end)| {
                let (start, end) = (start.index(values.len() + 1), end.index(values.len() + 1));
                (PackedInts::pack(&values), start.min(end)..start.max(end))
            },
        )
    }

    proptest! {
        #[test]
        fn batches_have_the_numbers_of_their_places((numbers, places) in numbers()) {
            let mut found = Vec::new();
            numbers.each_batch(places.clone(), |first, batch| {
                assert_eq!(first, places.start + found.len());
                found.extend_from_slice(batch);
            });
            prop_assert_eq!(found, numbers.iter(places).collect::<Vec<_>>());
        }
    }
}
