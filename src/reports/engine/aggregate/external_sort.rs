//! An external merge sort for any number of rows with bounded memory. Each part that fits into memory is sorted and
//! written to a spill file as a run; the runs are merged while the rows are read.

use super::spill_folder;
use super::spill_folder::{AsideFile, Chunk, SpillFolder};
use crate::error::Result;
use crate::reports::columns::codec::{Decoder, Encoder};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::vec;

/// A row that can be sorted externally.
pub trait Sortable: Ord + Sized {
    /// Encodes the row.
    fn write(&self, pen: &mut Encoder);
    /// Decodes a row; `None` for invalid data.
    fn read(eye: &mut Decoder<'_>) -> Option<Self>;
    /// Returns the heap memory of the row, in bytes.
    fn bytes(&self) -> usize;
}

/// A collector of rows to be sorted.
#[derive(Debug)]
pub struct ExternalSort<T> {
    aside: SpillFolder,
    file: AsideFile,
    rows: Vec<T>,
    bytes: usize,
    runs: Vec<Vec<Chunk>>,
}

impl<T: Sortable> ExternalSort<T> {
    /// Creates a collector that spills to a folder.
    pub fn new(aside: SpillFolder) -> Self {
        Self { file: aside.file(), aside, rows: Vec::new(), bytes: 0, runs: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Fails when the spill file cannot be written or read, or the query is cancelled.
    pub fn push(&mut self, row: T) -> Result<()> {
        self.bytes += size_of::<T>() + row.bytes();
        self.rows.push(row);
        if self.bytes >= self.aside.limits.sort_bytes_max { self.write_run() } else { Ok(()) }
    }

    fn write_run(&mut self) -> Result<()> {
        self.rows.sort_unstable();
        self.bytes = 0;
        let run = write(&mut self.file, self.rows.drain(..).map(Ok))?;
        self.runs.push(run);
        if self.runs.len() < self.aside.limits.sort_runs_max {
            return Ok(());
        }
        let all = Sorted::<T>::merge(std::mem::take(&mut self.runs), Vec::new())?;
        // The old file is freed as soon as its runs are merged into one.
        self.file = self.aside.file();
        self.runs.push(write(&mut self.file, all)?);
        Ok(())
    }

    /// Returns the rows in order. After a spill all rows are on the disk, and only chunks of them in memory.
    ///
    /// # Errors
    /// Fails when the spill file cannot be written or read, or the query is cancelled.
    pub fn finish(mut self) -> Result<Sorted<T>> {
        if self.runs.is_empty() {
            self.rows.sort_unstable();
        } else {
            if !self.rows.is_empty() {
                self.write_run()?;
            }
            self.rows = Vec::new();
        }
        Sorted::merge(self.runs, self.rows)
    }
}

/// Writes sorted rows as a run.
fn write<T: Sortable>(file: &mut AsideFile, rows: impl Iterator<Item = Result<T>>) -> Result<Vec<Chunk>> {
    let (mut chunks, mut pen) = (Vec::new(), Encoder::default());
    for row in rows {
        row?.write(&mut pen);
        if pen.0.len() >= file.limits().sort_chunk_bytes {
            file.check()?;
            chunks.push(file.append(&pen.0).map_err(|error| spill_folder::failed(&error))?);
            pen.0.clear();
        }
    }
    if !pen.0.is_empty() {
        chunks.push(file.append(&pen.0).map_err(|error| spill_folder::failed(&error))?);
    }
    Ok(chunks)
}

/// A run that is read from its beginning, a chunk at a time.
#[derive(Debug)]
struct Run<T> {
    rows: vec::IntoIter<T>,
    chunks: vec::IntoIter<Chunk>,
    bytes: Vec<u8>,
}

impl<T: Sortable> Run<T> {
    fn next(&mut self) -> Result<Option<T>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Ok(Some(row));
            }
            let Some(chunk) = self.chunks.next() else { return Ok(None) };
            chunk.read(&mut self.bytes)?;
            let (mut eye, mut rows) = (Decoder::new(&self.bytes), Vec::new());
            while !eye.is_at_end() {
                rows.push(T::read(&mut eye).ok_or_else(spill_folder::unreadable)?);
            }
            self.rows = rows.into_iter();
        }
    }
}

/// An iterator over rows in order.
#[derive(Debug)]
pub struct Sorted<T> {
    runs: Vec<Run<T>>,
    /// The next row of each unfinished run, with the run's index.
    next: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T: Sortable> Sorted<T> {
    /// Joins rows that were sorted apart.
    pub fn join(parts: Vec<Self>) -> Self {
        let (mut runs, mut next) = (Vec::new(), BinaryHeap::new());
        for part in parts {
            let before = runs.len();
            next.extend(part.next.into_iter().map(|Reverse((row, run))| Reverse((row, before + run))));
            runs.extend(part.runs);
        }
        Self { runs, next }
    }

    /// Merges runs and rows that are sorted already.
    fn merge(runs: Vec<Vec<Chunk>>, rows: Vec<T>) -> Result<Self> {
        let run = |rows: Vec<T>, chunks: Vec<Chunk>| Run {
            rows: rows.into_iter(),
            chunks: chunks.into_iter(),
            bytes: Vec::new(),
        };
        let mut runs: Vec<_> = runs.into_iter().map(|chunks| run(Vec::new(), chunks)).collect();
        runs.push(run(rows, Vec::new()));
        let mut next = BinaryHeap::with_capacity(runs.len());
        for (place, run) in runs.iter_mut().enumerate() {
            next.extend(run.next()?.map(|row| Reverse((row, place))));
        }
        Ok(Self { runs, next })
    }
}

impl<T: Sortable> Iterator for Sorted<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        let mut first = self.next.peek_mut()?;
        let following = self.runs[first.0.1].next();
        Some(following.map(|following| match following {
            Some(row) => std::mem::replace(&mut first.0.0, row),
            None => PeekMut::pop(first).0.0,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::limits::EngineLimits;
    use proptest::prelude::*;

    impl Sortable for (u64, Vec<u64>) {
        fn write(&self, pen: &mut Encoder) {
            pen.number(self.0);
            pen.number(self.1.len() as u64);
            self.1.iter().for_each(|number| pen.number(*number));
        }

        fn read(eye: &mut Decoder<'_>) -> Option<Self> {
            let first = eye.number()?;
            let count = eye.number()?;
            Some((first, (0..count).map(|_| eye.number()).collect::<Option<_>>()?))
        }

        fn bytes(&self) -> usize {
            self.1.len() * size_of::<u64>()
        }
    }

    proptest! {
        #[test]
        fn rows_come_as_they_would_be_sorted_in_memory(
            rows in prop::collection::vec((0_u64..60, prop::collection::vec(any::<u64>(), 0..3)), 0..400),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut sort = ExternalSort::new(SpillFolder::new(folder.path().to_owned(), EngineLimits::small()));
            for row in &rows {
                sort.push(row.clone()).unwrap();
                prop_assert!(sort.bytes < EngineLimits::small().sort_bytes_max && sort.runs.len() < EngineLimits::small().sort_runs_max);
            }
            let sorted: Vec<_> = sort.finish().unwrap().map(Result::unwrap).collect();
            let mut expected = rows;
            expected.sort_unstable();
            prop_assert_eq!(sorted, expected);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file has a name");
        }
    }

    #[test]
    fn the_last_room_of_the_disk_is_left_to_hits() {
        let folder = tempfile::tempdir().unwrap();
        let mut sort =
            ExternalSort::new(SpillFolder::new(folder.path().to_owned(), EngineLimits::small()).full());
        let outcome = (0..EngineLimits::small().sort_bytes_max as u64)
            .try_for_each(|number| sort.push((number, Vec::new())));
        assert!(
            matches!(outcome, Err(Error::Invalid(problems)) if problems[0].sentence.contains("shorter range"))
        );
    }
}
