//! The text of a file, plain or packed by gzip, a bounded line at a time; each knows its number and where it ends, so
//! that reading can go on there another day. Knows nothing of what lines mean.

use crate::error::{Error, Result};
use crate::limits;
use flate2::bufread::MultiGzDecoder;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are read from a file at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file that holds lines.
pub struct SourceFile {
    path: PathBuf,
    is_packed: bool,
    /// Bytes on the disk.
    pub size: u64,
    passed: Arc<AtomicU64>,
}

/// One line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// From 1.
    pub number: u64,
    /// What it says; of one that is too long, nothing.
    pub bytes: &'a [u8],
    /// Where the next one begins.
    pub end: u64,
    /// Its end is there, or the file is packed and ends with it; whoever writes the file may not have finished it
    /// otherwise.
    pub is_finished: bool,
    /// It was longer than a line may be.
    pub is_too_long: bool,
}

impl SourceLine<'_> {
    /// What it says, whatever it is made of. Most lines are sound, which is told more quickly than what is not.
    pub fn text(&self) -> Cow<'_, str> {
        str::from_utf8(self.bytes).map_or_else(|_| String::from_utf8_lossy(self.bytes), Cow::Borrowed)
    }
}

impl SourceFile {
    /// Looks at a file; whether it is packed is told by its first bytes.
    pub fn open(path: &Path) -> Result<Self> {
        let cannot =
            |error: std::io::Error| Error::Setup(format!("{} can't be read ({error}).", path.display()));
        // A pipe is not even opened: that would wait for somebody who writes into it.
        let known = std::fs::metadata(path).map_err(cannot)?;
        if !known.is_file() {
            let name = path.display();
            let sentence = "is no ordinary file. Of a pipe or device, write what it gives into a file first.";
            return Err(Error::Setup(format!("{name} {sentence}")));
        }
        let mut file = File::open(path).map_err(cannot)?;
        let mut magic = Vec::new();
        file.by_ref().take(2).read_to_end(&mut magic).map_err(cannot)?;
        Ok(Self {
            path: path.to_owned(),
            is_packed: magic == [0x1f, 0x8b],
            size: known.len(),
            passed: Arc::default(),
        })
    }

    /// What the file is called.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Bytes of the file that its readers have come past.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    fn reader(&self, from: u64) -> Result<Box<dyn BufRead + Send>> {
        let mut file = File::open(&self.path)?;
        let start = if self.is_packed { 0 } else { from };
        file.seek(SeekFrom::Start(start))?;
        self.passed.store(start, Ordering::Relaxed);
        let counted = Counted { inner: file, passed: Arc::clone(&self.passed) };
        let plain = BufReader::with_capacity(BUFFER_BYTES, counted);
        if !self.is_packed {
            return Ok(Box::new(plain));
        }
        let mut inside = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(plain));
        std::io::copy(&mut inside.by_ref().take(from), &mut std::io::sink())
            .map_err(|error| self.broken(&error))?;
        Ok(Box::new(inside))
    }

    /// The lines from a place on that is the beginning of one, with the number of the line before it.
    pub fn lines(&self, (from, number): (u64, u64), bytes_max: usize) -> Result<SourceLines<'_>> {
        Ok(SourceLines {
            text: self,
            reader: self.reader(from)?,
            bytes_max,
            line: Vec::new(),
            number,
            end: from,
        })
    }

    /// The first bytes of the text, as many as an import is known by.
    pub fn head(&self) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let most = u64::try_from(limits::IMPORT_HEAD_BYTES).unwrap_or(u64::MAX);
        self.reader(0)?.take(most).read_to_end(&mut head).map_err(|error| self.broken(&error))?;
        Ok(head)
    }

    fn broken(&self, error: &std::io::Error) -> Error {
        let name = self.path.display();
        Error::Setup(if self.is_packed {
            format!("{name} can't be unpacked ({error}). Was it copied before it was finished?")
        } else {
            format!("{name} can't be read to its end ({error}).")
        })
    }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    passed: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.passed.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

/// The lines of a text, one after the other.
pub struct SourceLines<'a> {
    text: &'a SourceFile,
    reader: Box<dyn BufRead + Send>,
    bytes_max: usize,
    line: Vec<u8>,
    number: u64,
    end: u64,
}

impl SourceLines<'_> {
    /// The next line; none at the text's end.
    pub fn next(&mut self) -> Result<Option<SourceLine<'_>>> {
        self.line.clear();
        let (mut length, mut is_finished) = (0_u64, false);
        while !is_finished {
            let text = self.text;
            let part = self.reader.fill_buf().map_err(|error| text.broken(&error))?;
            if part.is_empty() {
                // A packed file is whole, or unpacking it fails.
                is_finished = text.is_packed;
                break;
            }
            let line_end = memchr::memchr(b'\n', part);
            let taken = line_end.map_or(part.len(), |place| place + 1);
            // One byte more than allowed tells that a line is too long; the rest of it is only passed over.
            let room = (self.bytes_max + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..taken.min(room)]);
            self.reader.consume(taken);
            length += u64::try_from(taken).unwrap_or(0);
            is_finished = line_end.is_some();
        }
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.end += length;
        let is_too_long = length > u64::try_from(self.bytes_max).unwrap_or(u64::MAX);
        let bytes = if is_too_long { &[] } else { plain(&self.line, self.number) };
        Ok(Some(SourceLine { number: self.number, bytes, end: self.end, is_finished, is_too_long }))
    }
}

/// A line without what ends it, and without the mark that some editors put at a file's beginning.
fn plain(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if number == 1 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: &[u8], from: (u64, u64)) -> Vec<(u64, Vec<u8>, u64, bool, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        std::fs::write(&path, bytes).unwrap();
        let text = SourceFile::open(&path).unwrap();
        let mut lines = text.lines(from, 5).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((line.number, line.bytes.to_vec(), line.end, line.is_finished, line.is_too_long));
        }
        all
    }

    #[test]
    fn lines_know_their_number_and_their_end_and_long_ones_are_passed_over() {
        let expected = vec![
            (1, b"ab".to_vec(), 3, true, false),
            (2, Vec::new(), 4, true, false),
            (3, Vec::new(), 14, true, true),
            (4, b"c".to_vec(), 17, true, false),
            (5, b"d".to_vec(), 18, false, false),
        ];
        assert_eq!(read(b"ab\n\n123456789\nc\r\nd", (0, 0)), expected);
        assert_eq!(read(b"ab\n\n123456789\nc\r\nd", (4, 2)), expected[2..]);
    }

    #[test]
    fn a_packed_text_reads_as_the_plain_one_also_from_the_middle() {
        let pack = |text: &[u8]| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(text).unwrap();
            packer.finish().unwrap()
        };
        let text = b"ab\ncd\nef\n";
        // Two parts, as of a log that was packed in pieces.
        let packed = [pack(&text[..4]), pack(&text[4..])].concat();
        for from in [(0, 0), (3, 1), (6, 2)] {
            assert_eq!(read(&packed, from), read(text, from));
        }
    }

    #[test]
    fn the_last_line_of_a_packed_text_is_finished_also_without_an_end() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"ab\ncd").unwrap();
        let expected = [(1, b"ab".to_vec(), 3, true, false), (2, b"cd".to_vec(), 5, true, false)];
        assert_eq!(read(&packer.finish().unwrap(), (0, 0)), expected);
    }
}
