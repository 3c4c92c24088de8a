//! One bit for each row of a column: whether its key is meant.

use super::numbers::{Numbers, place};
use std::ops::Range;

/// Rows of which each is meant or not.
#[derive(Debug)]
pub struct Bits {
    /// 64 rows each, the first one lowest; and one more word, so that there is one after each.
    words: Vec<u64>,
}

impl Bits {
    /// Some rows of a column, by the keys that are meant.
    pub fn of(codes: &Numbers, rows: Range<usize>, meant: &[bool]) -> Self {
        let mut words = vec![0_u64; rows.len() / 64 + 2];
        let start = rows.start;
        codes.each_batch(rows, |first, codes| {
            // Batches begin with a word: each but the last is as long as many of them.
            let first = (first - start) / 64;
            for (word, codes) in words[first..].iter_mut().zip(codes.chunks(64)) {
                for (bit, code) in codes.iter().enumerate() {
                    *word |= u64::from(meant[place(*code)]) << bit;
                }
            }
        });
        Self { words }
    }

    /// Whether one of some rows is meant, counted from the first one.
    #[inline]
    pub fn has_one(&self, rows: Range<usize>) -> bool {
        let (word, bit) = (rows.start / 64, rows.start % 64);
        if rows.len() >= 64 {
            return rows.into_iter().any(|row| self.words[row / 64] >> (row % 64) & 1 != 0);
        }
        let two = u128::from(self.words[word]) | u128::from(self.words[word + 1]) << 64;
        two >> bit & ((1 << rows.len()) - 1) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_have_one_that_is_meant_when_one_of_their_codes_is(
            codes in prop::collection::vec(0_u64..9, 0..1_500), meant in any::<[bool; 9]>(),
            places in any::<[prop::sample::Index; 4]>(),
        ) {
            let [a, b, c, d] = places.map(|place| place.index(codes.len() + 1));
            let of = a.min(b)..a.max(b);
            let bits = Bits::of(&Numbers::pack(&codes), of.clone(), &meant);
            let (c, d) = (c.min(of.len()), d.min(of.len()));
            let rows = c.min(d)..c.max(d);
            let is_meant = |code: &u64| meant[usize::try_from(*code).unwrap()];
            let expected = codes[of][rows.clone()].iter().any(is_meant);
            prop_assert_eq!(bits.has_one(rows), expected);
        }
    }
}
