//! A bitmap of the rows of a column that match a set of dictionary codes.

use super::packed_ints::{PackedInts, place};
use std::ops::Range;

/// A bitmap over a range of rows.
#[derive(Debug)]
pub struct RowMask {
    /// 64 rows a word, the first row in the lowest bit; one more word at the end, so that each word has a successor.
    words: Vec<u64>,
}

impl RowMask {
    /// Marks the rows of a range whose code is set in `matched`, which is indexed by code.
    pub fn from_codes(codes: &PackedInts, rows: Range<usize>, matched: &[bool]) -> Self {
        let mut words = vec![0_u64; rows.len() / 64 + 2];
        let start = rows.start;
        codes.each_batch(rows, |first, codes| {
            // Batches begin at a word boundary: each but the last is a multiple of 64 rows long.
            let first = (first - start) / 64;
            for (word, codes) in words[first..].iter_mut().zip(codes.chunks(64)) {
                for (bit, code) in codes.iter().enumerate() {
                    *word |= u64::from(matched[place(*code)]) << bit;
                }
            }
        });
        Self { words }
    }

    /// Returns true if any of these rows matches; rows are counted from the start of the bitmap.
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
            codes in prop::collection::vec(0_u64..9, 0..1_500), matched in any::<[bool; 9]>(),
            places in any::<[prop::sample::Index; 4]>(),
        ) {
            let [a, b, c, d] = places.map(|place| place.index(codes.len() + 1));
            let of = a.min(b)..a.max(b);
            let bits = RowMask::from_codes(&PackedInts::pack(&codes), of.clone(), &matched);
            let (c, d) = (c.min(of.len()), d.min(of.len()));
            let rows = c.min(d)..c.max(d);
            let is_matched = |code: &u64| matched[usize::try_from(*code).unwrap()];
            let expected = codes[of][rows.clone()].iter().any(is_matched);
            prop_assert_eq!(bits.has_one(rows), expected);
        }
    }
}
