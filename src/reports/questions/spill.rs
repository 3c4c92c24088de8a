//! Items written aside when there is no room for all of them in memory: parted by their keys, so that each part is added
//! up by itself and the days are not read again. A part that is still too large is parted once more.

use crate::clock::Day;
use crate::error::{Error, Result};
use crate::reports::columns::Key;
use crate::reports::columns::codec::{Eye, Pen};
use crate::{limits, log};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

/// An item as a stretch of days adds it up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The item.
    pub key: Key,
    /// The sums of the item.
    pub numbers: [i64; 7],
    /// The key that is shown beside the item, with its day.
    pub beside: Option<(Day, Key)>,
}

/// Where items are written aside: a folder in which files without a name are made.
#[derive(Clone, Debug)]
pub struct Aside {
    folder: Arc<PathBuf>,
    /// Number of times that the items were parted before.
    level: u32,
    /// Bytes of the disk that are left for others, hits above all.
    free_bytes_min: u64,
}

impl Aside {
    /// In a folder, which is the data file's: there is as much room as data.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder: Arc::new(folder), level: 0, free_bytes_min: limits::SPILL_FREE_BYTES_MIN }
    }

    /// For the parts of what was written here.
    pub fn deeper(&self) -> Self {
        Self { level: self.level + 1, ..self.clone() }
    }

    /// The part that a key belongs to. Each level looks at other bits, and no two keys share all of them.
    fn part(&self, key: Key) -> usize {
        let mut spread = (key ^ key >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        spread = (spread ^ spread >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        spread ^= spread >> 31;
        let bits = limits::SPILL_PARTS.ilog2();
        let spread = spread.rotate_left(bits * (self.level + 1));
        usize::try_from(spread % limits::SPILL_PARTS as u64).unwrap_or(0)
    }
}

/// Bytes of a part that stand in a file.
#[derive(Debug)]
struct Chunk {
    file: Arc<File>,
    at: u64,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Part {
    /// Written since the last chunk.
    pen: Pen,
    chunks: Vec<Chunk>,
}

/// Items that were written aside.
#[derive(Debug)]
pub struct Spill {
    aside: Aside,
    parts: Vec<Part>,
    file: Option<Arc<File>>,
    end: u64,
    /// Why nothing more can be written, if so.
    failure: Option<io::Error>,
}

impl Spill {
    /// Nothing yet.
    pub fn new(aside: Aside) -> Self {
        let parts = std::iter::repeat_with(Part::default).take(limits::SPILL_PARTS).collect();
        Self { aside, parts, file: None, end: 0, failure: None }
    }

    /// Writes an item. A failure is told when a part is read.
    pub fn write(&mut self, record: &Record) {
        let part = self.aside.part(record.key);
        let pen = &mut self.parts[part].pen;
        pen.number(record.key);
        record.numbers.iter().for_each(|number| pen.number(number.cast_unsigned()));
        let (day, beside) = record.beside.unwrap_or((Day(0), 0));
        pen.number(beside);
        if beside != 0 {
            pen.number(u64::from(day.0.cast_unsigned()));
        }
        if pen.0.len() >= limits::SPILL_BUFFER_BYTES {
            self.flush(part);
        }
    }

    fn flush(&mut self, part: usize) {
        let bytes = std::mem::take(&mut self.parts[part].pen.0);
        if self.failure.is_some() {
            return;
        }
        match self.append(&bytes) {
            Ok(chunk) => self.parts[part].chunks.push(chunk),
            Err(error) => self.failure = Some(error),
        }
        self.parts[part].pen.0 = bytes;
        self.parts[part].pen.0.clear();
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<Chunk> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(tempfile::tempfile_in(&*self.aside.folder)?))),
        };
        let disk = rustix::fs::fstatvfs(&*file)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < self.aside.free_bytes_min {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(bytes, self.end)?;
        let at = self.end;
        self.end += bytes.len() as u64;
        Ok(Chunk { file, at, bytes: bytes.len() })
    }

    /// Takes what another has written.
    pub fn join(&mut self, other: Self) {
        self.failure = self.failure.take().or(other.failure);
        for (place, theirs) in other.parts.into_iter().enumerate() {
            let mine = &mut self.parts[place];
            mine.chunks.extend(theirs.chunks);
            mine.pen.0.extend(theirs.pen.0);
            if mine.pen.0.len() >= limits::SPILL_BUFFER_BYTES {
                self.flush(place);
            }
        }
    }

    /// Where the parts of a part are written, if it is too large.
    pub fn deeper(&self) -> Aside {
        self.aside.deeper()
    }

    /// Calls with each item of a part, as often as it was written.
    pub fn read(&mut self, part: usize, mut see: impl FnMut(Record)) -> Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(failed(&error));
        }
        let Part { pen, chunks } = std::mem::take(&mut self.parts[part]);
        let mut bytes = Vec::new();
        for chunk in chunks {
            bytes.resize(chunk.bytes, 0);
            chunk.file.read_exact_at(&mut bytes, chunk.at).map_err(|error| failed(&error))?;
            records(&bytes, &mut see)?;
        }
        records(&pen.0, &mut see)
    }
}

fn records(bytes: &[u8], see: &mut impl FnMut(Record)) -> Result<()> {
    let mut eye = Eye::of(bytes);
    while !eye.is_at_end() {
        let record = record(&mut eye);
        see(record.ok_or_else(|| Error::Internal("items that were written aside can't be read".into()))?);
    }
    Ok(())
}

fn record(eye: &mut Eye<'_>) -> Option<Record> {
    let key = eye.number()?;
    let mut numbers = [0; 7];
    for number in &mut numbers {
        *number = eye.number()?.cast_signed();
    }
    let beside = match eye.number()? {
        0 => None,
        beside => Some((Day(u32::try_from(eye.number()?).ok()?.cast_signed()), beside)),
    };
    Some(Record { key, numbers, beside })
}

fn failed(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        if let Some(left_out) = log::due("aside", "full") {
            tracing::warn!(
                left_out,
                "a report was refused: the disk of the data file has too little room left"
            );
        }
        let sentence =
            "The server has too little room for so large a report. Choose a shorter range, or add a filter.";
        return Error::invalid("date", sentence);
    }
    Error::Unwritable(format!(
        "A report needs room beside the data file for a moment, and can't have it ({error})."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let beside = prop::option::of((-3_i32..30_000, 1..=u64::MAX));
        let record =
            (any::<u64>(), prop::array::uniform7(any::<i64>()), beside).prop_map(|(key, numbers, beside)| {
                Record { key, numbers, beside: beside.map(|(day, beside)| (Day(day), beside)) }
            });
        prop::collection::vec(record, 0..80)
    }

    #[test]
    fn the_last_room_of_the_disk_is_left_to_hits() {
        let folder = tempfile::tempdir().unwrap();
        let aside = Aside { free_bytes_min: u64::MAX, ..Aside::new(folder.path().to_owned()) };
        let mut spill = Spill::new(aside);
        (0..100).for_each(|key| spill.write(&Record { key, ..Record::default() }));
        let read = (0..limits::SPILL_PARTS).try_for_each(|part| spill.read(part, |_| ()));
        assert!(
            matches!(read, Err(Error::Invalid(problems)) if problems[0].sentence.contains("shorter range"))
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_aside_is_read_in_the_part_of_its_key(mine in records(), theirs in records()) {
            let folder = tempfile::tempdir().unwrap();
            let aside = Aside::new(folder.path().to_owned());
            let (mut spill, mut other) = (Spill::new(aside.clone()), Spill::new(aside.clone()));
            for record in &mine {
                spill.write(record);
            }
            for record in &theirs {
                other.write(record);
            }
            spill.join(other);
            let mut read = Vec::new();
            for part in 0..limits::SPILL_PARTS {
                spill.read(part, |record| {
                    assert_eq!(aside.part(record.key), part);
                    read.push(record);
                }).unwrap();
            }
            let mut written = [mine, theirs].concat();
            written.sort_unstable_by_key(|record| (record.key, record.numbers));
            read.sort_unstable_by_key(|record| (record.key, record.numbers));
            prop_assert_eq!(read, written);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file has a name");
        }
    }

    #[test]
    fn keys_of_one_part_are_parted_by_other_bits_again() {
        let aside = Aside::new(PathBuf::new());
        let of_one_part = (0..10_000_u64).filter(|key| aside.part(*key) == 0);
        let parts: HashSet<usize> = of_one_part.map(|key| aside.deeper().part(key)).collect();
        assert_eq!(parts.len(), limits::SPILL_PARTS);
    }

    #[test]
    fn a_folder_that_takes_no_file_is_told_of_in_words() {
        let mut spill = Spill::new(Aside::new(PathBuf::from("/nowhere/at/all")));
        (0..1_000).for_each(|key| spill.write(&Record { key, ..Record::default() }));
        let told = spill.read(0, |_| ()).unwrap_err();
        assert!(told.to_string().contains("needs room beside the data file"), "{told}");
    }
}
