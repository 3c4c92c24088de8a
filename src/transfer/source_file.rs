//! Source files: their text, plain or packed by gzip, a line of bounded length at a time. Each line has its number and
//! the position of its end, so that a later import can go on there. Knows nothing of the meaning of lines.

use crate::error::{Error, Result};
use crate::limits;
use flate2::bufread::MultiGzDecoder;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes that are read from a file at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A position in the text of a file, between two lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinePosition {
    /// The offset in bytes; in a packed file that of the unpacked text.
    pub bytes: u64,
    /// The number of lines before it.
    pub lines: u64,
}

impl LinePosition {
    /// The beginning of a file.
    pub const START: Self = Self { bytes: 0, lines: 0 };
}

/// A file with lines.
pub struct SourceFile {
    path: PathBuf,
    is_packed: bool,
    /// The size on the disk in bytes.
    pub size: u64,
    passed: Arc<AtomicU64>,
}

/// A line, without its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// The number, from 1.
    pub number: u64,
    /// The text; empty for a line that is too long.
    pub bytes: &'a [u8],
    /// The offset of the next line in bytes.
    pub end: u64,
    /// True if the line end is there, or the file is packed and ends with it. Otherwise the line may still be being
    /// written.
    pub is_finished: bool,
    /// True if it was longer than a line may be.
    pub is_too_long: bool,
}

impl SourceLine<'_> {
    /// Returns the text, with invalid UTF-8 replaced. Most lines are valid, which is checked faster than replaced.
    pub fn text(&self) -> Cow<'_, str> {
        str::from_utf8(self.bytes).map_or_else(|_| String::from_utf8_lossy(self.bytes), Cow::Borrowed)
    }
}

impl SourceFile {
    /// Opens a file; its first bytes show whether it is packed.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when it cannot be read, or is no ordinary file.
    pub fn open(path: &Path) -> Result<Self> {
        let cannot =
            |error: std::io::Error| Error::Setup(format!("{} can't be read ({error}).", path.display()));
        // A pipe is not even opened: that would wait for a writer.
        let metadata = std::fs::metadata(path).map_err(cannot)?;
        if !metadata.is_file() {
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
            size: metadata.len(),
            passed: Arc::default(),
        })
    }

    /// Returns the name of the file, without its folder.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// Returns the number of bytes on the disk that the last reader has read.
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

    /// Returns the lines from a position on, of at most `bytes_max` bytes each.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or unpacked.
    pub fn lines(&self, from: LinePosition, bytes_max: usize) -> Result<SourceLines<'_>> {
        Ok(SourceLines {
            text: self,
            reader: self.reader(from.bytes)?,
            bytes_max,
            line: Vec::new(),
            number: from.lines,
            end: from.bytes,
        })
    }

    /// Returns the first bytes of the text, as many as an import is recognised by.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or unpacked.
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

/// A reader that counts the bytes read.
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

/// The lines of a file, one after the other.
pub struct SourceLines<'a> {
    text: &'a SourceFile,
    reader: Box<dyn BufRead + Send>,
    bytes_max: usize,
    line: Vec<u8>,
    number: u64,
    end: u64,
}

impl SourceLines<'_> {
    /// Reads the next line; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or unpacked.
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
            let length_read = line_end.map_or(part.len(), |place| place + 1);
            // One byte more than allowed shows that a line is too long; the rest of it is skipped.
            let room = (self.bytes_max + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..length_read.min(room)]);
            self.reader.consume(length_read);
            length += u64::try_from(length_read).unwrap_or(0);
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

/// Returns a line without its line end, and without the byte order mark that some editors write at the start of a file.
fn plain(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if number == 1 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: &[u8], bytes_before: u64, lines_before: u64) -> Vec<(u64, Vec<u8>, u64, bool, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        std::fs::write(&path, bytes).unwrap();
        let text = SourceFile::open(&path).unwrap();
        let mut lines = text.lines(LinePosition { bytes: bytes_before, lines: lines_before }, 5).unwrap();
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
        assert_eq!(read(b"ab\n\n123456789\nc\r\nd", 0, 0), expected);
        assert_eq!(read(b"ab\n\n123456789\nc\r\nd", 4, 2), expected[2..]);
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
        for (bytes, lines) in [(0, 0), (3, 1), (6, 2)] {
            assert_eq!(read(&packed, bytes, lines), read(text, bytes, lines));
        }
    }

    #[test]
    fn the_last_line_of_a_packed_text_is_finished_also_without_an_end() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"ab\ncd").unwrap();
        let expected = [(1, b"ab".to_vec(), 3, true, false), (2, b"cd".to_vec(), 5, true, false)];
        assert_eq!(read(&packer.finish().unwrap(), 0, 0), expected);
    }
}
