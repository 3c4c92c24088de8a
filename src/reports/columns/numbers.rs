//! Whole numbers side by side, each as wide as the widest of them needs: in whole bytes as they are written, and to the
//! bit as they are stored. Stored ones are looked at as they are, so that nothing is spent on those that nobody needs.

use std::ops::Range;

/// Numbers of one column. They are equal when their values are, however wide they are.
#[derive(Clone, Debug)]
pub enum Numbers {
    /// All the same, and how many.
    Same(u64, usize),
    /// Below 2^8.
    Bytes(Vec<u8>),
    /// Below 2^16.
    Words(Vec<u16>),
    /// Below 2^32.
    Longs(Vec<u32>),
    /// Any.
    Wide(Vec<u64>),
    /// As they are stored.
    Packed(Packed),
}

/// Numbers packed to the bits that the widest needs, lowest first.
#[derive(Clone, Debug)]
pub struct Packed {
    /// With some more at the end, so that every number can be read in one go.
    bytes: Vec<u8>,
    bits: u32,
    count: usize,
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

    /// The number at a place.
    #[inline]
    pub fn get(&self, place: usize) -> u64 {
        let bit = place * self.bits as usize;
        let word = self.bytes[bit / 8..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        word >> (bit % 8) & ((1 << self.bits) - 1)
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.all().eq(other.all())
    }
}

impl Eq for Numbers {}

impl Default for Numbers {
    fn default() -> Self {
        Self::Same(0, 0)
    }
}

/// Runs code once for each width, so that loops over numbers know theirs.
macro_rules! of_any_width {
    ($numbers:expr, |$at:ident| $body:expr) => {
        match $numbers {
            $crate::reports::columns::numbers::Numbers::Same(value, _) => {
                let $at = |_: usize| *value;
                $body
            }
            $crate::reports::columns::numbers::Numbers::Bytes(values) => {
                let $at = |place: usize| u64::from(values[place]);
                $body
            }
            $crate::reports::columns::numbers::Numbers::Words(values) => {
                let $at = |place: usize| u64::from(values[place]);
                $body
            }
            $crate::reports::columns::numbers::Numbers::Longs(values) => {
                let $at = |place: usize| u64::from(values[place]);
                $body
            }
            $crate::reports::columns::numbers::Numbers::Wide(values) => {
                let $at = |place: usize| values[place];
                $body
            }
            $crate::reports::columns::numbers::Numbers::Packed(packed) => {
                let $at = |place: usize| packed.get(place);
                $body
            }
        }
    };
}
pub(in crate::reports) use of_any_width;

impl Numbers {
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

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Same(_, count) => *count,
            Self::Bytes(values) => values.len(),
            Self::Words(values) => values.len(),
            Self::Longs(values) => values.len(),
            Self::Wide(values) => values.len(),
            Self::Packed(packed) => packed.count,
        }
    }

    /// The number at a place; there must be one.
    pub fn get(&self, place: usize) -> u64 {
        of_any_width!(self, |at| at(place))
    }

    /// The number at a place as the place of something else.
    #[expect(clippy::cast_possible_truncation, reason = "places are far below 2^32")]
    pub fn place(&self, place: usize) -> usize {
        self.get(place) as usize
    }

    /// The first place whose number is this or higher, among ascending ones.
    pub fn first_from(&self, value: usize) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.place(middle) < value { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Those of some places, in order.
    pub fn iter(&self, places: Range<usize>) -> impl Iterator<Item = u64> + '_ {
        places.map(|place| self.get(place))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = u64> + '_ {
        self.iter(0..self.len())
    }

    /// How much memory they take, about.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Same(..) => 0,
                Self::Bytes(values) => values.capacity(),
                Self::Words(values) => values.capacity() * 2,
                Self::Longs(values) => values.capacity() * 4,
                Self::Wide(values) => values.capacity() * 8,
                Self::Packed(packed) => packed.bytes.capacity(),
            }
    }
}
