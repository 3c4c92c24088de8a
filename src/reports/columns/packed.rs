//! Numbers packed to the bits that the widest of them needs, as they are stored: read one by one, or many at a time by
//! code that knows how wide they are.

/// Numbers packed to the bits that the widest needs, lowest first.
#[derive(Clone, Debug)]
pub struct Packed {
    /// With some more at the end, so that every number can be read in one go.
    bytes: Vec<u8>,
    bits: u32,
    count: usize,
}

/// So many numbers begin with a byte of their own, however wide they are.
const GROUP: usize = 8;

/// Runs code that is made for each width of which two times four numbers can be read in one go each.
macro_rules! of_known_width {
    ($bits:expr, $narrow:ident, $wide:ident, $($arguments:expr),+; $other:expr) => {
        match $bits {
            1 => $narrow::<1>($($arguments),+),
            2 => $narrow::<2>($($arguments),+),
            3 => $narrow::<3>($($arguments),+),
            4 => $narrow::<4>($($arguments),+),
            5 => $narrow::<5>($($arguments),+),
            6 => $narrow::<6>($($arguments),+),
            7 => $narrow::<7>($($arguments),+),
            8 => $narrow::<8>($($arguments),+),
            9 => $wide::<9>($($arguments),+),
            10 => $wide::<10>($($arguments),+),
            11 => $wide::<11>($($arguments),+),
            12 => $wide::<12>($($arguments),+),
            13 => $wide::<13>($($arguments),+),
            14 => $wide::<14>($($arguments),+),
            15 => $wide::<15>($($arguments),+),
            16 => $wide::<16>($($arguments),+),
            _ => $other,
        }
    };
}

impl Packed {
    /// Numbers of more bits than this are not packed: with those before it in its first byte, one fits into eight bytes.
    pub const BITS_MAX: u32 = 56;

    /// Returns the bytes that so many numbers take.
    pub fn bytes_of(count: usize, bits: u32) -> Option<usize> {
        Some(count.checked_mul(bits as usize)?.div_ceil(8))
    }

    /// Numbers of 1 to [`Packed::BITS_MAX`] bits; as many bytes as they take.
    pub fn new(packed: &[u8], bits: u32, count: usize) -> Self {
        let mut bytes = Vec::with_capacity(packed.len() + 8);
        bytes.extend_from_slice(packed);
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, bits, count }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.count
    }

    /// How much memory they take.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The number at a place.
    #[inline]
    pub fn get(&self, place: usize) -> u64 {
        let bit = place * self.bits as usize;
        let word = word(&self.bytes, bit / 8);
        word >> (bit % 8) & ((1 << self.bits) - 1)
    }

    /// Writes down the numbers from a place on.
    pub fn read(&self, start: usize, into: &mut [u64]) {
        let alone = start.next_multiple_of(GROUP).min(start + into.len()) - start;
        let (before, rest) = into.split_at_mut(alone);
        let start_of_rest = start + before.len();
        self.read_alone(start, before);
        let (groups, after) = rest.as_chunks_mut::<GROUP>();
        let start_of_after = start_of_rest + groups.len() * GROUP;
        let bytes = &self.bytes[(start_of_rest * self.bits as usize / 8).min(self.bytes.len())..];
        of_known_width!(self.bits, unpack_narrow, unpack_wide, bytes, groups; {
            self.read_alone(start_of_rest, groups.as_flattened_mut());
        });
        self.read_alone(start_of_after, after);
    }

    fn read_alone(&self, start: usize, into: &mut [u64]) {
        (start..).zip(into).for_each(|(place, into)| *into = self.get(place));
    }
}

/// The eight bytes from a place on.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Unpacks groups of numbers of at most 8 bits, each group from one word.
fn unpack_narrow<const BITS: usize>(bytes: &[u8], groups: &mut [[u64; GROUP]]) {
    for (number, group) in groups.iter_mut().enumerate() {
        let word = word(bytes, number * BITS);
        for (place, into) in group.iter_mut().enumerate() {
            *into = word >> (place * BITS) & ((1 << BITS) - 1);
        }
    }
}

/// Unpacks groups of numbers of at most 16 bits, each half of a group from one word.
fn unpack_wide<const BITS: usize>(bytes: &[u8], groups: &mut [[u64; GROUP]]) {
    const HALF: usize = GROUP / 2;
    for (number, group) in groups.iter_mut().enumerate() {
        let first = number * BITS;
        // The second half begins within a byte where the width is odd.
        let (second, within) = (first + HALF * BITS / 8, HALF * BITS % 8);
        let words = [word(bytes, first), word(bytes, second) >> within];
        for (half, word) in group.chunks_exact_mut(HALF).zip(words) {
            for (place, into) in half.iter_mut().enumerate() {
                *into = word >> (place * BITS) & ((1 << BITS) - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed() -> impl Strategy<Value = Packed> {
        (1..=Packed::BITS_MAX, 0_usize..300).prop_flat_map(|(bits, count)| {
            let bytes = Packed::bytes_of(count, bits).unwrap();
            prop::collection::vec(any::<u8>(), bytes).prop_map(move |bytes| Packed::new(&bytes, bits, count))
        })
    }

    proptest! {
        #[test]
        fn many_are_read_as_each_alone(
            packed in packed(), start in any::<prop::sample::Index>(), end in any::<prop::sample::Index>(),
        ) {
            let (start, end) = (start.index(packed.len() + 1), end.index(packed.len() + 1));
            let places = start.min(end)..start.max(end);
            let mut read = vec![0; places.len()];
            packed.read(places.start, &mut read);
            prop_assert_eq!(read, places.map(|place| packed.get(place)).collect::<Vec<_>>());
        }

        #[test]
        fn each_has_its_own_bits(packed in packed()) {
            let bits = packed.bits as usize;
            for place in 0..packed.len() {
                let expected = (0..bits).fold(0, |number, bit| {
                    let at = place * bits + bit;
                    number | u64::from(packed.bytes[at / 8] >> (at % 8) & 1) << bit
                });
                prop_assert_eq!(packed.get(place), expected);
            }
        }
    }
}
