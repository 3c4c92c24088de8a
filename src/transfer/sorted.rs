//! An external merge sort: returns the lines of a file by time, in bounded memory. Lines beyond the budget are written
//! to temporary files in sorted runs, which are merged. Knows nothing of the contents of lines.

use super::source_file::SourceLine;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

/// The order in which a file holds its hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineOrder {
    /// No line is older than the one before it: the file is read as it stands.
    OldestFirst,
    /// Most lines are older than the one before them: of two lines with the same time, the last one in the file is the
    /// first in time.
    NewestFirst,
    /// Some lines are older than the one before them. Two lines with the same time keep their order.
    Mixed,
}

/// The counts of steps forward and back in time between the hits of a file, which show its order.
#[derive(Default)]
pub struct OrderCount {
    last: Option<Timestamp>,
    forward: u64,
    back: u64,
}

impl OrderCount {
    /// Counts the step to the next hit.
    pub fn add(&mut self, at: Timestamp) {
        if let Some(last) = self.last.replace(at) {
            self.forward += u64::from(at > last);
            self.back += u64::from(at < last);
        }
    }

    /// Returns the order of all hits so far.
    pub fn order(&self) -> LineOrder {
        match (self.back, self.forward) {
            (0, _) => LineOrder::OldestFirst,
            (back, forward) if back > forward => LineOrder::NewestFirst,
            _ => LineOrder::Mixed,
        }
    }
}

/// The sort key of a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// The time in milliseconds since 1970.
    at: i64,
    /// The rank among lines of the same time.
    rank: u64,
}

/// A line that is held in memory; its text is a part of the chunk's.
struct Entry {
    key: Key,
    start: usize,
    length: usize,
}

/// The memory and the files that a sort may use.
#[derive(Clone, Copy)]
struct Budget {
    bytes: usize,
    runs: usize,
}

const BUDGET: Budget = Budget { bytes: limits::IMPORT_SORT_BYTES_MAX, runs: limits::IMPORT_SORT_RUNS_MAX };

/// Lines that are being sorted.
pub struct Sorter<'a> {
    order: LineOrder,
    folder: &'a Path,
    budget: Budget,
    text: Vec<u8>,
    entries: Vec<Entry>,
    runs: Vec<Run>,
}

impl<'a> Sorter<'a> {
    /// Returns a sort for a file of this order. Temporary files are created in `folder`, and removed at the end.
    pub fn new(order: LineOrder, folder: &'a Path) -> Self {
        Self { order, folder, budget: BUDGET, text: Vec::new(), entries: Vec::new(), runs: Vec::new() }
    }

    /// Adds a line with its time.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when a temporary file cannot be written.
    pub fn push(&mut self, at: Timestamp, line: &SourceLine<'_>) -> Result<()> {
        let held = self.text.len() + line.bytes.len() + (self.entries.len() + 1) * size_of::<Entry>();
        if held > self.budget.bytes && !self.entries.is_empty() {
            self.spill()?;
        }
        let start = self.text.len();
        self.text.extend_from_slice(line.bytes);
        let key = Key { at: at.0, rank: rank(self.order, line.number) };
        self.entries.push(Entry { key, start, length: line.bytes.len() });
        Ok(())
    }

    /// Ends the sort and returns the lines by time.
    ///
    /// # Errors
    ///
    /// Fails when a temporary file cannot be read.
    pub fn finish(mut self) -> Result<SortedLines> {
        let (order, last) = (self.order, self.take_chunk());
        let mut runs = self.runs;
        runs.push(Run::Memory(last));
        SortedLines::new(order, runs)
    }

    fn take_chunk(&mut self) -> Chunk {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_unstable_by_key(|entry| Reverse(entry.key));
        Chunk { entries, text: std::mem::take(&mut self.text) }
    }

    /// Writes the lines in memory to a run; too many runs are merged into one.
    fn spill(&mut self) -> Result<()> {
        let chunk = self.take_chunk();
        let run = self.write(vec![Run::Memory(chunk)])?;
        self.runs.push(run);
        if self.runs.len() >= self.budget.runs {
            let runs = std::mem::take(&mut self.runs);
            let merged = self.write(runs)?;
            self.runs.push(merged);
        }
        Ok(())
    }

    fn write(&self, runs: Vec<Run>) -> Result<Run> {
        let cannot = |error: std::io::Error| {
            let folder = self.folder.display();
            Error::Setup(format!(
                "The lines of the file are not in the order of time, and sorting them needs temporary files in {folder}, \
                 which can't be written ({error})."
            ))
        };
        let mut out = BufWriter::new(tempfile::tempfile_in(self.folder).map_err(cannot)?);
        let mut sorted = SortedLines::new(self.order, runs)?;
        while let Some(key) = sorted.step()? {
            write_line(&mut out, key, &sorted.line).map_err(cannot)?;
        }
        let mut file = out.into_inner().map_err(|error| cannot(error.into_error()))?;
        file.rewind().map_err(cannot)?;
        Ok(Run::File(BufReader::new(file)))
    }
}

/// Returns the rank of a line among those of the same time.
fn rank(order: LineOrder, number: u64) -> u64 {
    if order == LineOrder::NewestFirst { u64::MAX - number } else { number }
}

/// The lines in memory; the first one is the last entry.
struct Chunk {
    entries: Vec<Entry>,
    text: Vec<u8>,
}

/// A sorted part of the lines.
enum Run {
    Memory(Chunk),
    File(BufReader<File>),
}

impl Run {
    /// Reads the next line; `None` at the end.
    fn read(&mut self, line: &mut Vec<u8>) -> Result<Option<Key>> {
        line.clear();
        match self {
            Self::Memory(chunk) => {
                let Some(Entry { key, start, length }) = chunk.entries.pop() else { return Ok(None) };
                line.extend_from_slice(&chunk.text[start..start + length]);
                Ok(Some(key))
            }
            Self::File(file) => Ok(read_line(file, line)?),
        }
    }
}

fn write_line(out: &mut impl Write, key: Key, line: &[u8]) -> std::io::Result<()> {
    out.write_all(&key.at.to_le_bytes())?;
    out.write_all(&key.rank.to_le_bytes())?;
    out.write_all(&u64::try_from(line.len()).unwrap_or(0).to_le_bytes())?;
    out.write_all(line)
}

fn read_line(file: &mut BufReader<File>, line: &mut Vec<u8>) -> std::io::Result<Option<Key>> {
    let mut at = [0; 8];
    if file.by_ref().take(1).read(&mut at)? == 0 {
        return Ok(None);
    }
    file.read_exact(&mut at[1..])?;
    let mut number = || {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    };
    let (rank, length) = (number()?, number()?);
    line.resize(usize::try_from(length).unwrap_or(0), 0);
    file.read_exact(line)?;
    Ok(Some(Key { at: i64::from_le_bytes(at), rank }))
}

/// The sorted lines, one after the other.
pub struct SortedLines {
    order: LineOrder,
    runs: Vec<Run>,
    /// The next line of each run.
    heads: Vec<Vec<u8>>,
    next: BinaryHeap<Reverse<(Key, usize)>>,
    line: Vec<u8>,
}

impl SortedLines {
    fn new(order: LineOrder, runs: Vec<Run>) -> Result<Self> {
        let heads = vec![Vec::new(); runs.len()];
        let mut sorted = Self { order, runs, heads, next: BinaryHeap::new(), line: Vec::new() };
        (0..sorted.runs.len()).try_for_each(|run| sorted.fill(run))?;
        Ok(sorted)
    }

    fn fill(&mut self, run: usize) -> Result<()> {
        if let Some(key) = self.runs[run].read(&mut self.heads[run])? {
            self.next.push(Reverse((key, run)));
        }
        Ok(())
    }

    /// Advances to the next line; `None` at the end.
    fn step(&mut self) -> Result<Option<Key>> {
        let Some(Reverse((key, run))) = self.next.pop() else { return Ok(None) };
        std::mem::swap(&mut self.line, &mut self.heads[run]);
        self.fill(run)?;
        Ok(Some(key))
    }

    /// Returns the next line, with its number in the file; `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails when a temporary file cannot be read.
    pub fn next(&mut self) -> Result<Option<SourceLine<'_>>> {
        let Some(key) = self.step()? else { return Ok(None) };
        Ok(Some(SourceLine {
            number: rank(self.order, key.rank),
            bytes: &self.line,
            end: 0,
            is_finished: true,
            is_too_long: false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(order: LineOrder, budget: Budget, lines: &[(i64, String)]) -> Vec<(u64, Vec<u8>)> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter { budget, ..Sorter::new(order, folder.path()) };
        for (number, (at, text)) in (1..).zip(lines) {
            let line =
                SourceLine { number, bytes: text.as_bytes(), end: 0, is_finished: true, is_too_long: false };
            sorter.push(Timestamp(*at), &line).unwrap();
        }
        let mut lines = sorter.finish().unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((line.number, line.bytes.to_vec()));
        }
        all
    }

    #[test]
    fn the_order_of_a_file_is_told_by_the_steps_between_its_lines() {
        for (times, order) in [
            (&[][..], LineOrder::OldestFirst),
            (&[5], LineOrder::OldestFirst),
            (&[1, 1, 2], LineOrder::OldestFirst),
            (&[1, 3, 2, 4], LineOrder::Mixed),
            (&[3, 3, 2, 1], LineOrder::NewestFirst),
            (&[3, 1, 2, 1, 0], LineOrder::NewestFirst),
        ] {
            let mut count = OrderCount::default();
            for at in times {
                count.add(Timestamp(*at));
            }
            assert_eq!(count.order(), order, "{times:?}");
        }
    }

    proptest! {
        #[test]
        fn lines_come_in_the_order_of_time_however_little_memory_there_is(
            lines in prop::collection::vec((0_i64..20, "[a-z]{0,9}"), 0..200),
            bytes in 1_usize..3_000,
            runs in 2_usize..9,
            is_newest_first in any::<bool>(),
        ) {
            let order = if is_newest_first { LineOrder::NewestFirst } else { LineOrder::Mixed };
            let mut expected: Vec<(i64, u64, Vec<u8>)> =
                (1..).zip(&lines).map(|(number, (at, text))| (*at, number, text.clone().into_bytes())).collect();
            if is_newest_first {
                expected.reverse();
            }
            expected.sort_by_key(|(at, ..)| *at);
            let expected: Vec<_> = expected.into_iter().map(|(_, number, text)| (number, text)).collect();
            prop_assert_eq!(sorted(order, Budget { bytes, runs }, &lines), expected);
        }
    }
}
