//! Bit-packed integers as stored: all as wide as the widest needs, read one by one or in bulk by code specialised for
//! each width.

/// Integers packed to the number of bits that the widest needs, lowest bits first.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The packed bytes with eight zero bytes at the end, so that every number can be read as part of one 8-byte word.
    bytes: Vec<u8>,
    bits: u32,
    count: usize,
}

/// The size of a group of numbers; a group begins at a byte boundary for every width.
const GROUP: usize = 8;

/// Dispatches to code specialised for each width of which half a group fits into one 8-byte word.
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
    /// The largest width in bits: a number of that width, with up to 7 bits before it in its first byte, fits into 8
    /// bytes.
    pub const BITS_MAX: u32 = 56;

    /// Returns the number of bytes that `count` numbers take; `None` on overflow.
    pub fn bytes_of(count: usize, bits: u32) -> Option<usize> {
        Some(count.checked_mul(bits as usize)?.div_ceil(8))
    }

    /// Wraps packed numbers of 1 to [`Packed::BITS_MAX`] bits; `packed` is [`Packed::bytes_of`] bytes long.
    pub fn new(packed: &[u8], bits: u32, count: usize) -> Self {
        let mut bytes = Vec::with_capacity(packed.len() + 8);
        bytes.extend_from_slice(packed);
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, bits, count }
    }

    /// Returns the count of numbers.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Returns the memory used, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the number at a position.
    #[inline]
    pub fn get(&self, place: usize) -> u64 {
        let bit = place * self.bits as usize;
        let word = word(&self.bytes, bit / 8);
        word >> (bit % 8) & ((1 << self.bits) - 1)
    }

    /// Unpacks numbers from a position on.
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

/// Returns the 8-byte little-endian word at an offset.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Unpacks groups of numbers of at most 8 bits, one word a group.
fn unpack_narrow<const BITS: usize>(bytes: &[u8], groups: &mut [[u64; GROUP]]) {
    for (number, group) in groups.iter_mut().enumerate() {
        let word = word(bytes, number * BITS);
        for (place, into) in group.iter_mut().enumerate() {
            *into = word >> (place * BITS) & ((1 << BITS) - 1);
        }
    }
}

/// Unpacks groups of numbers of at most 16 bits, one word a half group.
fn unpack_wide<const BITS: usize>(bytes: &[u8], groups: &mut [[u64; GROUP]]) {
    const HALF: usize = GROUP / 2;
    for (number, group) in groups.iter_mut().enumerate() {
        let first = number * BITS;
        // With an odd width the second half begins within a byte.
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
