//! The stored format of a block's parts: bit-packed numbers, delta-coded visit ids, and a checksum at the end. A part
//! that cannot be decoded counts as missing, because the rows are the primary data.

use super::block::{Block, ColumnData, DayMetrics, Dictionary, Ids, KeyMetrics, Offsets};
use super::packed_ints::{Packed, PackedInts};
use super::{ColumnId, ColumnPart};
use crate::model::metrics::Measure;
use std::sync::{Arc, LazyLock};

/// The number of the format; blocks of another format are rebuilt. Each part and each measure after those of the first format
/// makes another one. A new layout adds 1,000.
#[expect(clippy::cast_possible_wrap, reason = "parts and measures are few")]
pub const FORMAT: i64 = 1 + (ColumnPart::COUNT - 72 + Measure::COUNT - 12) as i64;

/// The part number of a row in `blocks` that holds all parts of a block.
pub const WHOLE: i64 = 255;

/// Encodes one part.
pub fn encode(column: &ColumnData) -> Vec<u8> {
    let mut pen = Encoder::default();
    pen.column(column);
    pen.seal()
}

/// Encodes a part of a touch that is equal to that of the visit's own source.
pub fn encode_untouched() -> Vec<u8> {
    Encoder::default().seal()
}

/// Returns true if a stored part is equal to that of the visit's own source.
pub fn is_untouched(part: ColumnPart, bytes: &[u8]) -> bool {
    part.untouched().is_some() && Decoder::open(bytes).is_some_and(|eye| eye.is_at_end())
}

/// Returns true if a block's part of a touch is equal to that of the visit's own source.
pub fn has_untouched(block: &Block, part: ColumnPart) -> bool {
    part.untouched().is_some_and(|own| block.parts[own.number()] == block.parts[part.number()])
}

/// Decodes one part; `None` when it is damaged.
pub fn decode(part: ColumnPart, bytes: &[u8]) -> Option<ColumnData> {
    let mut eye = Decoder::open(bytes)?;
    let column = eye.column(part)?;
    eye.is_at_end().then_some(column)
}

/// Returns the contents of a part without any known value, which is not stored.
fn nothing(part: ColumnPart, visits: usize) -> Option<ColumnData> {
    Some(match part {
        ColumnPart::Dictionary(ColumnId::Property(_)) => ColumnData::Dictionary(Dictionary {
            keys: PackedInts::Same(0, visits.min(1)),
            ..Dictionary::default()
        }),
        ColumnPart::Codes(ColumnId::Property(_)) => ColumnData::Numbers(PackedInts::Same(0, visits)),
        ColumnPart::Dictionary(ColumnId::Repeated(_)) => ColumnData::Dictionary(Dictionary::default()),
        ColumnPart::Codes(_)
        | ColumnPart::Amount(_)
        | ColumnPart::Time(_)
        | ColumnPart::Vital(_)
        | ColumnPart::Click(_)
        | ColumnPart::Read(_) => ColumnData::Numbers(PackedInts::default()),
        ColumnPart::Number(Measure::Conversions | Measure::Earned | Measure::Refunded) => {
            ColumnData::Numbers(PackedInts::Same(0, visits))
        }
        ColumnPart::Offsets(_) => ColumnData::Offsets(Offsets::Listed(PackedInts::default())),
        _ => return None,
    })
}

/// Encodes all stored parts of a block together.
pub fn encode_whole(block: &Block) -> Vec<u8> {
    let mut pen = Encoder::default();
    let visits = block.visits();
    for part in ColumnPart::stored() {
        let column = block.parts[part.number()].as_ref();
        let is_implied = |column: &Arc<ColumnData>| match part.untouched() {
            Some(_) => has_untouched(block, part),
            None => nothing(part, visits).as_ref() == Some(&**column),
        };
        if let Some(column) = column.filter(|column| !is_implied(column)) {
            pen.0.push(u8::try_from(part.number()).unwrap_or(u8::MAX));
            pen.column(column);
        }
    }
    pen.seal()
}

/// Decodes all parts of a block of these days; `None` when it is damaged.
pub fn decode_whole(days: Arc<Vec<DayMetrics>>, bytes: &[u8]) -> Option<Block> {
    static PARTS: LazyLock<Vec<Option<ColumnPart>>> = LazyLock::new(|| {
        let mut parts = vec![None; 256];
        ColumnPart::stored().for_each(|part| parts[part.number()] = Some(part));
        parts
    });
    let mut eye = Decoder::open(bytes)?;
    let mut block = Block::new(days);
    while !eye.is_at_end() {
        let part = PARTS[usize::from(*eye.take(1)?.first()?)]?;
        let column = eye.column(part)?;
        block.put(part, Arc::new(column));
    }
    let visits = block.visits();
    for part in ColumnPart::stored().filter(|part| !block.has(*part)).collect::<Vec<_>>() {
        // The parts of the visit's own source come before those of touches.
        let column = match part.untouched() {
            Some(own) => block.parts[own.number()].clone(),
            None => nothing(part, visits).map(Arc::new),
        };
        if let Some(column) = column {
            block.put(part, column);
        }
    }
    Some(block)
}

/// An encoder, which appends to a byte vector.
#[derive(Debug, Default)]
pub struct Encoder(pub Vec<u8>);

impl Encoder {
    /// Returns the bytes with their checksum at the end.
    pub(super) fn seal(mut self) -> Vec<u8> {
        let sum = crc32fast::hash(&self.0);
        self.0.extend(sum.to_le_bytes());
        self.0
    }

    /// Writes a number in 7 bits a byte, lowest first; the high bit marks every byte but the last (LEB128).
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Writes a signed number, zigzag-coded so that small absolute values take few bytes.
    pub fn signed(&mut self, value: i64) {
        self.number((value << 1 ^ value >> 63).cast_unsigned());
    }

    /// Writes a text after its length in bytes.
    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    /// Writes a count.
    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn numbers(&mut self, numbers: &PackedInts) {
        self.count(numbers.len());
        if let PackedInts::Same(value, _) = numbers {
            self.0.push(0);
            self.number(*value);
            return;
        }
        let bits = 64 - numbers.all().max().unwrap_or(0).leading_zeros();
        let bits = if bits > Packed::BITS_MAX { 64 } else { bits };
        self.0.push(u8::try_from(bits).unwrap_or(64));
        if bits == 64 {
            numbers.all().for_each(|value| self.0.extend(value.to_le_bytes()));
            return;
        }
        let (mut waiting, mut filled) = (0_u64, 0);
        for value in numbers.all() {
            waiting |= value << filled;
            filled += bits;
            while filled >= 8 {
                self.0.push((waiting & 0xff).to_le_bytes()[0]);
                waiting >>= 8;
                filled -= 8;
            }
        }
        if filled > 0 {
            self.0.push(waiting.to_le_bytes()[0]);
        }
    }

    fn column(&mut self, column: &ColumnData) {
        match column {
            ColumnData::Numbers(numbers) => self.numbers(numbers),
            ColumnData::Ids(ids) => {
                self.number(ids.base.unsigned_abs());
                self.count(ids.began.len());
                let mut last = 0;
                for began in ids.began.all() {
                    self.number(began - last);
                    last = began;
                }
                self.numbers(&ids.counters);
            }
            ColumnData::Offsets(Offsets::Listed(owners)) => {
                self.0.push(0);
                self.numbers(owners);
            }
            ColumnData::Offsets(Offsets::Counted(counts)) => {
                self.0.push(1);
                self.numbers(counts);
            }
            ColumnData::Dictionary(head) => {
                self.numbers(&head.keys);
                self.numbers(&head.beside);
                self.0.push(match &head.sums {
                    None => 0,
                    Some(sums) if sums.hits.is_none() => 1,
                    Some(_) => 2,
                });
                let sums = head.sums.iter().flat_map(|sums| sums.columns());
                sums.for_each(|numbers| self.numbers(numbers));
            }
        }
    }
}

/// A decoder, which reads from a byte slice.
pub struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Decoder<'a> {
    /// Checks the checksum at the end and begins before it; `None` when it is wrong.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_last_chunk()?;
        (crc32fast::hash(bytes) == u32::from_le_bytes(*sum)).then_some(Self { bytes, at: 0 })
    }

    /// Begins at bytes without a checksum.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Returns true once all bytes were read.
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    /// Reads a number written by [`Encoder::number`].
    pub fn number(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
        }
    }

    /// Reads a number written by [`Encoder::signed`].
    pub fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Reads a text written by [`Encoder::text`].
    pub fn text(&mut self) -> Option<&'a str> {
        let bytes = self.count()?;
        str::from_utf8(self.take(bytes)?).ok()
    }

    /// Reads a count.
    pub(super) fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn numbers(&mut self) -> Option<PackedInts> {
        let count = self.count()?;
        let bits = u32::from(*self.take(1)?.first()?);
        if bits == 0 {
            return Some(PackedInts::Same(self.number()?, count));
        }
        if bits > Packed::BITS_MAX {
            let bytes = self.take(count.checked_mul(8)?)?;
            let (values, _) = bytes.as_chunks();
            return Some(PackedInts::Wide(values.iter().map(|value| u64::from_le_bytes(*value)).collect()));
        }
        let packed = self.take(Packed::bytes_of(count, bits)?)?;
        Some(match bits {
            8 => PackedInts::Bytes(packed.to_vec()),
            _ => PackedInts::Packed(Packed::new(packed, bits, count)),
        })
    }

    fn ids(&mut self) -> Option<Ids> {
        let base = self.number()?.cast_signed();
        let count = self.count()?;
        let mut began = Vec::with_capacity(count.min(self.bytes.len()));
        let mut last = 0_u64;
        for _ in 0..count {
            last = last.checked_add(self.number()?)?;
            began.push(last);
        }
        Some(Ids { base, began: PackedInts::pack(&began), counters: self.numbers()? })
    }

    fn head(&mut self) -> Option<Dictionary> {
        let (keys, beside) = (self.numbers()?, self.numbers()?);
        let sums = match *self.take(1)?.first()? {
            0 => None,
            flag => {
                let mut sums = Box::<KeyMetrics>::default();
                sums.hits = if flag == 2 { Some(self.numbers()?) } else { None };
                for numbers in &mut sums.of_visits {
                    *numbers = self.numbers()?;
                }
                Some(sums)
            }
        };
        Some(Dictionary { keys, beside, sums })
    }

    fn column(&mut self, part: ColumnPart) -> Option<ColumnData> {
        Some(match part {
            ColumnPart::Ids => ColumnData::Ids(self.ids()?),
            ColumnPart::Dictionary(_) => ColumnData::Dictionary(self.head()?),
            ColumnPart::Offsets(_) => ColumnData::Offsets(match *self.take(1)?.first()? {
                0 => Offsets::Listed(self.numbers()?),
                _ => Offsets::Counted(self.numbers()?),
            }),
            ColumnPart::Hours
            | ColumnPart::Number(_)
            | ColumnPart::Flags
            | ColumnPart::Durations
            | ColumnPart::Amount(_)
            | ColumnPart::Time(_)
            | ColumnPart::Vital(_)
            | ColumnPart::Click(_)
            | ColumnPart::Read(_)
            | ColumnPart::Codes(_) => ColumnData::Numbers(self.numbers()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::VisitId;
    use crate::store::visit_attribute::VisitAttribute;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = PackedInts> {
        let width = prop_oneof![Just(0_u32), 0_u32..=64];
        width.prop_flat_map(|bits| {
            let highest = if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
            prop::collection::vec(0..=highest, 0..200).prop_map(|values| PackedInts::pack(&values))
        })
    }

    fn ids() -> impl Strategy<Value = Ids> {
        prop::collection::btree_set(1_700_000_000_000_i64 << 20..1_800_000_000_000_i64 << 20, 1..200)
            .prop_map(|found| {
                let mut ids = Ids::default();
                for id in found {
                    ids.push(VisitId(id));
                }
                ids
            })
    }

    prop_compose! {
        fn head()(
            keys in numbers(), beside in numbers(), hits in prop::option::of(numbers()),
            sums in prop::option::of(prop::collection::vec(numbers(), Measure::STORED_COUNT - 1)),
        ) -> Dictionary {
            let sums = sums.map(|of_visits| {
                Box::new(KeyMetrics { hits, of_visits: of_visits.try_into().unwrap() })
            });
            Dictionary { keys, beside, sums }
        }
    }

    fn columns() -> impl Strategy<Value = (ColumnPart, ColumnData)> {
        let country = ColumnId::Property(VisitAttribute::Country);
        let bag = super::super::Repeated::Custom;
        prop_oneof![
            ids().prop_map(|ids| (ColumnPart::Ids, ColumnData::Ids(ids))),
            numbers().prop_map(move |numbers| (ColumnPart::Codes(country), ColumnData::Numbers(numbers))),
            numbers().prop_map(move |numbers| (
                ColumnPart::Offsets(bag),
                ColumnData::Offsets(Offsets::Listed(numbers))
            )),
            numbers().prop_map(move |numbers| (
                ColumnPart::Offsets(bag),
                ColumnData::Offsets(Offsets::Counted(numbers))
            )),
            head().prop_map(move |head| (ColumnPart::Dictionary(country), ColumnData::Dictionary(head))),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_decoded_again((part, column) in columns()) {
            prop_assert_eq!(decode(part, &encode(&column)), Some(column));
        }

        #[test]
        fn a_whole_stretch_is_decoded_again(columns in prop::collection::vec(columns(), 0..5)) {
            let mut block = Block::new(Arc::default());
            for (part, column) in columns {
                block.put(part, Arc::new(column));
            }
            let decoded = decode_whole(Arc::default(), &encode_whole(&block)).unwrap();
            for part in ColumnPart::stored() {
                let expected = block.parts[part.number()].as_deref().cloned().or_else(|| nothing(part, 0));
                prop_assert_eq!(decoded.parts[part.number()].as_deref().cloned(), expected);
            }
        }

        #[test]
        fn damage_is_noticed((part, column) in columns(), at in any::<prop::sample::Index>(), bit in 0_u32..8) {
            let mut bytes = encode(&column);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(decode(part, &bytes), None);
            bytes.truncate(at);
            prop_assert_eq!(decode(part, &bytes), None);
        }

        #[test]
        fn bytes_of_chance_are_refused_and_harm_nobody((part, _) in columns(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut sealed = bytes.clone();
            sealed.extend(crc32fast::hash(&bytes).to_le_bytes());
            decode(part, &sealed);
            decode_whole(Arc::default(), &sealed);
            prop_assert_eq!(decode(part, &bytes), None);
        }
    }
}
