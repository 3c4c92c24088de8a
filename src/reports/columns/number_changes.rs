//! Changes of a column of numbers in place: append, set, insert and remove. A column is widened as its highest number
//! needs, and never narrowed again.

use super::packed_ints::PackedInts;

/// The divisor of a full column's length that gives the spare room added to it.
const SPARE_PART: usize = 8;

/// A change of a column that is wide enough for it.
enum Change<'a> {
    Push(u64),
    Set(usize, u64),
    Insert(&'a [(usize, u64)]),
    Remove(&'a [usize]),
}

impl PackedInts {
    /// Appends a number.
    pub fn push(&mut self, value: u64) {
        match self {
            Self::Same(_, 0) => *self = Self::Same(value, 1),
            Self::Same(same, count) if *same == value => *count += 1,
            _ => self.change(value, &Change::Push(value)),
        }
    }

    /// Sets the number at an index, which must exist.
    pub fn set(&mut self, place: usize, value: u64) {
        match self {
            Self::Same(same, _) if *same == value => {}
            Self::Same(same, 1) => *same = value,
            _ => self.change(value, &Change::Set(place, value)),
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
            _ => self.change(highest, &Change::Insert(added)),
        }
    }

    /// Removes the numbers at these indexes, which are in ascending order.
    pub fn remove(&mut self, places: &[usize]) {
        match self {
            _ if places.is_empty() => {}
            Self::Same(_, count) => *count -= places.len(),
            _ => self.change(0, &Change::Remove(places)),
        }
    }

    /// Makes a change after widening the representation to hold `highest`.
    fn change(&mut self, highest: u64, change: &Change<'_>) {
        self.widen(highest);
        match self {
            Self::Bytes(values) => make(values, change),
            Self::Words(values) => make(values, change),
            Self::Longs(values) => make(values, change),
            Self::Wide(values) => make(values, change),
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
}

fn make<T: Copy + Default + TryFrom<u64>>(values: &mut Vec<T>, change: &Change<'_>) {
    let narrow = |value: u64| T::try_from(value).unwrap_or_default();
    match change {
        Change::Push(value) => {
            make_room(values, 1);
            values.push(narrow(*value));
        }
        Change::Set(place, value) => values[*place] = narrow(*value),
        Change::Insert(added) => {
            let mut end = values.len();
            make_room(values, added.len());
            values.resize(end + added.len(), T::default());
            for (before, (place, value)) in added.iter().enumerate().rev() {
                values.copy_within(*place..end, place + before + 1);
                values[place + before] = narrow(*value);
                end = *place;
            }
        }
        Change::Remove(places) => {
            let Some(mut end) = places.first().copied() else { return };
            for (number, place) in places.iter().enumerate() {
                let next = places.get(number + 1).copied().unwrap_or(values.len());
                values.copy_within(place + 1..next, end);
                end += next - place - 1;
            }
            values.truncate(end);
        }
    }
}

/// Reserves memory for further numbers in small steps: a day holds many columns and grows until its end.
fn make_room<T>(values: &mut Vec<T>, more: usize) {
    if values.len() + more > values.capacity() {
        values.reserve_exact(more.max(values.len() / SPARE_PART + 8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    }
}
