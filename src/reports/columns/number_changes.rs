//! Changes of a list of numbers in place: append, set, insert and remove.

/// The divisor of a full column's length that gives the spare room added to it.
const SPARE_PART: usize = 8;

/// A change of numbers, whose type is wide enough for it.
pub enum NumberChange<'a> {
    /// Appends a number.
    Push(u64),
    /// Replaces the number at an index.
    Set(usize, u64),
    /// Inserts numbers, each before its index; the indexes are those before the change, in ascending order.
    Insert(&'a [(usize, u64)]),
    /// Removes the numbers at these indexes, which are in ascending order.
    Remove(&'a [usize]),
}

impl NumberChange<'_> {
    /// Makes the change; numbers that are too high for `T` become 0.
    pub fn apply<T: Copy + Default + TryFrom<u64>>(&self, values: &mut Vec<T>) {
        let narrow = |value: u64| T::try_from(value).unwrap_or_default();
        match self {
            Self::Push(value) => {
                make_room(values, 1);
                values.push(narrow(*value));
            }
            Self::Set(place, value) => values[*place] = narrow(*value),
            Self::Insert(added) => {
                let mut end = values.len();
                make_room(values, added.len());
                values.resize(end + added.len(), T::default());
                for (before, (place, value)) in added.iter().enumerate().rev() {
                    values.copy_within(*place..end, place + before + 1);
                    values[place + before] = narrow(*value);
                    end = *place;
                }
            }
            Self::Remove(places) => {
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
}

/// Reserves memory for further numbers in small steps: a day holds many columns and grows until its end.
fn make_room<T>(values: &mut Vec<T>, more: usize) {
    if values.len() + more > values.capacity() {
        values.reserve_exact(more.max(values.len() / SPARE_PART + 8));
    }
}
