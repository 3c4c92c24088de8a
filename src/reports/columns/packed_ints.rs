//! Packed integers: all as wide as the widest needs, in whole bytes while they are written and in bits as stored.
//! Stored numbers are read in place, so that nothing is spent on unpacking those that no query needs. A column that
//! changes is widened as its highest number needs, and never narrowed again.

pub use super::packed::Packed;

use super::number_changes::NumberChange;

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
    /// One value for all, and the count.
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

    /// Calls `visit` with batches of the numbers in a range of indexes, each with the index of its first number. Costs a
    /// fraction of [`PackedInts::get`] for each.
    pub fn each_batch(&self, places: Range<usize>, mut visit: impl FnMut(usize, &[u64])) {
        let mut batch = [0; BATCH];
        let mut start = places.start;
        while start < places.end {
            let numbers = &mut batch[..BATCH.min(places.end - start)];
            self.read(start, numbers);
            visit(start, numbers);
            start += numbers.len();
        }
    }

    /// Copies the numbers from an index on.
    pub fn read(&self, start: usize, into: &mut [u64]) {
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

    /// Appends a number.
    pub fn push(&mut self, value: u64) {
        match self {
            Self::Same(_, 0) => *self = Self::Same(value, 1),
            Self::Same(same, count) if *same == value => *count += 1,
            _ => self.change(value, &NumberChange::Push(value)),
        }
    }

    /// Sets the number at an index, which must exist.
    pub fn set(&mut self, place: usize, value: u64) {
        match self {
            Self::Same(same, _) if *same == value => {}
            Self::Same(same, 1) => *same = value,
            _ => self.change(value, &NumberChange::Set(place, value)),
        }
    }

    /// Adds to the number at an index; a negative number is subtracted.
    pub fn add(&mut self, place: usize, more: i64) {
        if more != 0 {
            self.set(place, self.get(place).saturating_add_signed(more));
        }
    }

    /// Inserts numbers, each before its index. The indexes are those before the change, in ascending order.
    pub fn insert(&mut self, added: &[(usize, u64)]) {
        let Some(highest) = added.iter().map(|(_, value)| *value).max() else { return };
        match self {
            Self::Same(_, 0) => added.iter().for_each(|(_, value)| self.push(*value)),
            Self::Same(same, count) if added.iter().all(|(_, value)| value == same) => *count += added.len(),
            _ => self.change(highest, &NumberChange::Insert(added)),
        }
    }

    /// Removes the numbers at these indexes, which are in ascending order.
    pub fn remove(&mut self, places: &[usize]) {
        match self {
            _ if places.is_empty() => {}
            Self::Same(_, count) => *count -= places.len(),
            _ => self.change(0, &NumberChange::Remove(places)),
        }
    }

    /// Makes a change after widening the representation to hold `highest`.
    fn change(&mut self, highest: u64, change: &NumberChange<'_>) {
        self.widen(highest);
        match self {
            Self::Bytes(values) => change.apply(values),
            Self::Words(values) => change.apply(values),
            Self::Longs(values) => change.apply(values),
            Self::Wide(values) => change.apply(values),
            // Both were widened above.
            Self::Same(..) | Self::Packed(_) => {}
        }
    }

    fn widen(&mut self, value: u64) {
        let known = match self {
            Self::Bytes(_) if value <= 0xff => return,
            Self::Words(_) if value <= 0xffff => return,
            Self::Longs(_) if value <= 0xffff_ffff => return,
            Self::Wide(_) => return,
            Self::Same(same, _) => *same,
            Self::Packed(_) => self.all().max().unwrap_or(0),
            Self::Bytes(_) | Self::Words(_) | Self::Longs(_) => value,
        };
        #[expect(clippy::cast_possible_truncation, reason = "none is higher than the highest")]
        let wide = match known.max(value) {
            0..=0xff => Self::Bytes(self.all().map(|value| value as u8).collect()),
            0x100..=0xffff => Self::Words(self.all().map(|value| value as u16).collect()),
            0x1_0000..=0xffff_ffff => Self::Longs(self.all().map(|value| value as u32).collect()),
            _ => Self::Wide(self.all().collect()),
        };
        *self = wide;
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

    fn value() -> impl Strategy<Value = u64> {
        (0_u32..64).prop_flat_map(|bits| 0..=u64::MAX >> (63 - bits))
    }

    proptest! {
        #[test]
        fn numbers_that_are_changed_in_place_are_those_of_a_plain_list(
            begun in prop::collection::vec(value(), 0..20),
            is_same in any::<bool>(),
            steps in prop::collection::vec((0_u8..5, prop::collection::vec((any::<prop::sample::Index>(), value()), 1..6)), 0..30),
        ) {
            let mut plain = if is_same { vec![7; begun.len()] } else { begun };
            let mut numbers = PackedInts::pack(&plain);
            for (step, said) in steps {
                let mut places: Vec<(usize, u64)> =
                    said.iter().map(|(place, value)| (place.index(plain.len() + 1), *value)).collect();
                places.sort_by_key(|(place, _)| *place);
                match step {
                    0 => for (_, value) in &places {
                        numbers.push(*value);
                        plain.push(*value);
                    },
                    1 => for (number, place) in plain.iter_mut().zip(0..) {
                        let Some((_, value)) = places.iter().find(|one| one.0 == place) else { continue };
                        numbers.set(place, *value);
                        *number = *value;
                    },
                    2 => for (number, place) in plain.iter_mut().zip(0..) {
                        let Some((_, value)) = places.iter().find(|one| one.0 == place) else { continue };
                        let more = (value & 0xffff).cast_signed();
                        numbers.add(place, more);
                        *number = number.saturating_add_signed(more);
                    },
                    3 => {
                        numbers.insert(&places);
                        // Numbers inserted at one index keep their order.
                        for (place, value) in places.iter().rev() {
                            plain.insert(*place, *value);
                        }
                    }
                    _ => {
                        let mut gone: Vec<usize> =
                            places.iter().map(|(place, _)| *place).filter(|place| *place < plain.len()).collect();
                        gone.dedup();
                        numbers.remove(&gone);
                        for place in gone.iter().rev() {
                            plain.remove(*place);
                        }
                    }
                }
                prop_assert_eq!(numbers.all().collect::<Vec<_>>(), plain.clone());
            }
        }

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
