//! Items spilled to disk, partitioned by their keys, so that each partition can be summed by itself without reading the
//! days again. A partition that is still too large is partitioned once more.

use super::spill_folder;
use super::spill_folder::{AsideFile, Chunk, SpillFolder};
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::metrics::Measure;
use crate::reports::columns::DictKey;
use crate::reports::columns::codec::{Decoder, Encoder};
use std::io;

/// The sums of an item over one block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpillRecord {
    /// The key of the item.
    pub key: DictKey,
    /// The sums, in the order of [`Measure::OF_ITEMS`].
    pub numbers: [i64; Measure::ITEM_COUNT],
    /// The subtitle key of the item, with its day.
    pub beside: Option<(Day, DictKey)>,
}

#[derive(Debug, Default)]
struct Part {
    /// The bytes encoded since the last chunk.
    pen: Encoder,
    chunks: Vec<Chunk>,
}

/// A partitioned store of spilled items.
#[derive(Debug)]
pub struct Spill {
    aside: SpillFolder,
    parts: Vec<Part>,
    file: AsideFile,
    /// The error that prevents further writes.
    failure: Option<io::Error>,
}

impl Spill {
    /// Creates an empty store.
    pub fn new(aside: SpillFolder) -> Self {
        let parts = std::iter::repeat_with(Part::default).take(aside.limits.spill_parts).collect();
        Self { file: aside.file(), aside, parts, failure: None }
    }

    /// Writes an item. An error is reported when a partition is taken.
    pub fn write(&mut self, record: &SpillRecord) {
        let part = self.aside.part(record.key);
        let pen = &mut self.parts[part].pen;
        pen.number(record.key);
        record.numbers.iter().for_each(|number| pen.number(number.cast_unsigned()));
        let (day, beside) = record.beside.unwrap_or((Day(0), 0));
        pen.number(beside);
        if beside != 0 {
            pen.number(u64::from(day.0.cast_unsigned()));
        }
        if pen.0.len() >= self.aside.limits.spill_buffer_bytes {
            self.flush(part);
        }
    }

    fn flush(&mut self, part: usize) {
        let bytes = std::mem::take(&mut self.parts[part].pen.0);
        if self.failure.is_some() {
            return;
        }
        match self.file.append(&bytes) {
            Ok(chunk) => self.parts[part].chunks.push(chunk),
            Err(error) => self.failure = Some(error),
        }
        self.parts[part].pen.0 = bytes;
        self.parts[part].pen.0.clear();
    }

    /// Takes over all that another store has written.
    pub fn join(&mut self, other: Self) {
        self.failure = self.failure.take().or(other.failure);
        for (place, theirs) in other.parts.into_iter().enumerate() {
            let mine = &mut self.parts[place];
            mine.chunks.extend(theirs.chunks);
            mine.pen.0.extend(theirs.pen.0);
            if mine.pen.0.len() >= self.aside.limits.spill_buffer_bytes {
                self.flush(place);
            }
        }
    }

    /// Returns the folder for the next level of partitions.
    pub fn deeper(&self) -> SpillFolder {
        self.aside.deeper()
    }

    /// Takes a partition, to be read by [`SpilledPart::read`].
    ///
    /// # Errors
    /// Fails when an earlier write failed.
    pub fn take(&mut self, part: usize) -> Result<SpilledPart> {
        match self.failure.take() {
            Some(error) => Err(spill_folder::failed(&error)),
            None => Ok(SpilledPart(std::mem::take(&mut self.parts[part]))),
        }
    }
}

/// A partition of spilled items.
#[derive(Debug)]
pub struct SpilledPart(Part);

impl SpilledPart {
    /// Calls `visit` with each item, as often as it was written.
    ///
    /// # Errors
    /// Fails when the spill file cannot be read.
    pub fn read(self, mut visit: impl FnMut(SpillRecord)) -> Result<()> {
        let Part { pen, chunks } = self.0;
        let mut bytes = Vec::new();
        for chunk in chunks {
            chunk.read(&mut bytes)?;
            records(&bytes, &mut visit)?;
        }
        records(&pen.0, &mut visit)
    }
}

fn records(bytes: &[u8], visit: &mut impl FnMut(SpillRecord)) -> Result<()> {
    let mut eye = Decoder::new(bytes);
    while !eye.is_at_end() {
        visit(record(&mut eye).ok_or_else(spill_folder::unreadable)?);
    }
    Ok(())
}

fn record(eye: &mut Decoder<'_>) -> Option<SpillRecord> {
    let key = eye.number()?;
    let mut numbers = [0; Measure::ITEM_COUNT];
    for number in &mut numbers {
        *number = eye.number()?.cast_signed();
    }
    let beside = match eye.number()? {
        0 => None,
        beside => Some((Day(u32::try_from(eye.number()?).ok()?.cast_signed()), beside)),
    };
    Some(SpillRecord { key, numbers, beside })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::limits::EngineLimits;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::path::PathBuf;

    fn read(spill: &mut Spill, part: usize, visit: impl FnMut(SpillRecord)) -> Result<()> {
        spill.take(part)?.read(visit)
    }

    fn records() -> impl Strategy<Value = Vec<SpillRecord>> {
        let beside = prop::option::of((-3_i32..30_000, 1..=u64::MAX));
        let record = (any::<u64>(), prop::collection::vec(any::<i64>(), Measure::ITEM_COUNT), beside)
            .prop_map(|(key, numbers, beside)| SpillRecord {
                key,
                numbers: numbers.try_into().unwrap(),
                beside: beside.map(|(day, beside)| (Day(day), beside)),
            });
        prop::collection::vec(record, 0..80)
    }

    #[test]
    fn the_last_room_of_the_disk_is_left_to_hits() {
        let folder = tempfile::tempdir().unwrap();
        let aside = SpillFolder::new(folder.path().to_owned(), EngineLimits::small()).full();
        let mut spill = Spill::new(aside);
        (0..100).for_each(|key| spill.write(&SpillRecord { key, ..SpillRecord::default() }));
        let outcome =
            (0..EngineLimits::small().spill_parts).try_for_each(|part| read(&mut spill, part, |_| ()));
        assert!(
            matches!(outcome, Err(Error::Invalid(problems)) if problems[0].sentence.contains("shorter range"))
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_aside_is_read_in_the_part_of_its_key(mine in records(), theirs in records()) {
            let folder = tempfile::tempdir().unwrap();
            let aside = SpillFolder::new(folder.path().to_owned(), EngineLimits::small());
            let (mut spill, mut other) = (Spill::new(aside.clone()), Spill::new(aside.clone()));
            for record in &mine {
                spill.write(record);
            }
            for record in &theirs {
                other.write(record);
            }
            spill.join(other);
            let mut found = Vec::new();
            for part in 0..EngineLimits::small().spill_parts {
                read(&mut spill, part, |record| {
                    assert_eq!(aside.part(record.key), part);
                    found.push(record);
                }).unwrap();
            }
            let mut written = [mine, theirs].concat();
            written.sort_unstable_by_key(|record| (record.key, record.numbers));
            found.sort_unstable_by_key(|record| (record.key, record.numbers));
            prop_assert_eq!(found, written);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file has a name");
        }
    }

    #[test]
    fn keys_of_one_part_are_parted_by_other_bits_again() {
        let aside = SpillFolder::new(PathBuf::new(), EngineLimits::small());
        let of_one_part = (0..10_000_u64).filter(|key| aside.part(*key) == 0);
        let parts: HashSet<usize> = of_one_part.map(|key| aside.deeper().part(key)).collect();
        assert_eq!(parts.len(), EngineLimits::small().spill_parts);
    }

    #[test]
    fn a_folder_that_takes_no_file_is_told_of_in_words() {
        let mut spill = Spill::new(SpillFolder::new(PathBuf::from("/nowhere/at/all"), EngineLimits::small()));
        (0..1_000).for_each(|key| spill.write(&SpillRecord { key, ..SpillRecord::default() }));
        let outcome = read(&mut spill, 0, |_| ()).unwrap_err();
        assert!(outcome.to_string().contains("needs room beside the data file"), "{outcome}");
    }
}
