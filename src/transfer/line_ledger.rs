//! The ledger of imported lines: it recognises lines that were imported before, with this file or another one, such as a
//! log that is fetched every day, a copy without its first lines, or an import that was stopped. A line that occurs
//! several times in a file is imported as often, less the times that it was imported before.

use super::classify::{self, LineOutcome, LineParser, Preview};
use super::sorted::LineOrder;
use super::source_file::{LinePosition, SourceFile};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::imported_lines::{self, ImportPeriod, LineKey};
use rusqlite::{Connection, Transaction};
use siphasher::sip::SipHasher24;
use std::collections::HashMap;

/// The number of occurrences of each line, by its hash.
pub type LineCounts = HashMap<u64, u32, foldhash::fast::RandomState>;

/// The hasher of lines under a site's key: SipHash-2-4.
pub struct LineHasher(SipHasher24);

impl LineHasher {
    /// Creates a hasher with this key.
    pub fn new(key: &LineKey) -> Self {
        Self(SipHasher24::new_with_key(key))
    }

    /// Returns the hash of a line.
    pub fn hash(&self, line: &[u8]) -> u64 {
        self.0.hash(line)
    }
}

/// The ledger of one run, whose lines come in the order of time.
pub struct LineLedger<'a> {
    site: SiteId,
    now: Timestamp,
    /// The lines of this file before the position where the run starts that occur again behind it.
    repeated: &'a LineCounts,
    current: Option<Current>,
}

/// The lines of the period that the run has reached.
struct Current {
    period: ImportPeriod,
    /// The lines of earlier imports that this run has not met yet.
    imported: LineCounts,
    /// The hashes of all lines that this run has met.
    met: Vec<u64>,
    /// The hashes that are to be written.
    new: Vec<u64>,
    /// True if the run has met a line that was imported before.
    is_met_again: bool,
}

impl<'a> LineLedger<'a> {
    /// Creates the ledger of one run; for `repeated` see [`repeated`].
    pub fn new(site: SiteId, now: Timestamp, repeated: &'a LineCounts) -> Self {
        Self { site, now, repeated, current: None }
    }

    /// Adds a line of the run; returns true if it was imported before.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when a period has too many lines, and when the data file cannot be read or written.
    pub fn meet(&mut self, tx: &Transaction<'_>, at: Timestamp, hash: u64) -> Result<bool> {
        let period = ImportPeriod::at(at);
        let current = match &mut self.current {
            Some(current) if current.period == period => current,
            _ => {
                self.write(tx)?;
                let imported = self.imported(tx, period, &[])?;
                let (met, new) = (Vec::new(), Vec::new());
                self.current.insert(Current { period, imported, met, new, is_met_again: false })
            }
        };
        if current.met.len() >= limits::IMPORT_PERIOD_LINES_MAX {
            return Err(too_many());
        }
        current.met.push(hash);
        if let Some(left) = current.imported.get_mut(&hash).filter(|left| **left > 0) {
            *left -= 1;
            current.is_met_again = true;
            return Ok(true);
        }
        current.new.push(hash);
        Ok(false)
    }

    /// Reads the imported lines again, after another process wrote.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn reload(&mut self, tx: &Transaction<'_>) -> Result<()> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        current.imported = self.imported(tx, current.period, &current.met)?;
        self.current = Some(current);
        Ok(())
    }

    /// Writes the lines of the run. Called at the end of each transaction.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        let Some(current) = &mut self.current else { return Ok(()) };
        if !current.new.is_empty() {
            imported_lines::add(tx, self.site, current.period, &current.new, self.now)?;
            current.new.clear();
        }
        if std::mem::take(&mut current.is_met_again) {
            imported_lines::touch(tx, self.site, current.period, self.now)?;
        }
        Ok(())
    }

    /// Returns the imported lines of a period, less those of this file that the run has behind it.
    fn imported(&self, tx: &Transaction<'_>, period: ImportPeriod, met: &[u64]) -> Result<LineCounts> {
        let mut imported = count(imported_lines::list(tx, self.site, period)?);
        if !imported.is_empty() {
            for (hash, times) in self.repeated {
                imported.entry(*hash).and_modify(|left| *left = left.saturating_sub(*times));
            }
            for hash in met {
                imported.entry(*hash).and_modify(|left| *left = left.saturating_sub(1));
            }
        }
        Ok(imported)
    }
}

fn count(hashes: Vec<u64>) -> LineCounts {
    let mut counts = LineCounts::default();
    for hash in hashes {
        *counts.entry(hash).or_default() += 1;
    }
    counts
}

fn too_many() -> Error {
    Error::Setup(format!(
        "The file has more than {} hits within ten minutes: an import can't tell so many lines from those that were \
         imported before.",
        limits::IMPORT_PERIOD_LINES_MAX
    ))
}

/// Returns the lines before the position where a file goes on that occur again behind it, by their hash. There are some
/// where a page is requested twice in a second, or another file had lines of this one.
///
/// # Errors
///
/// Fails with `Error::Setup` when there are too many, and when the file or the data file cannot be read.
pub fn repeated(
    connection: &Connection,
    file: &SourceFile,
    parser: &LineParser<'_>,
    from: LinePosition,
    preview: &Preview,
) -> Result<LineCounts> {
    let nothing = Ok(LineCounts::default());
    let site = parser.site.id;
    let (Some(key), Some(last)) =
        (imported_lines::find_key(connection, site)?, imported_lines::last_period(connection, site)?)
    else {
        return nothing;
    };
    if from.bytes == 0 || preview.first_at.is_none_or(|first| ImportPeriod::at(first) > last) {
        return nothing;
    }
    let hasher = LineHasher::new(&key);
    let (mut repeated, mut period, mut imported) = (LineCounts::default(), None, LineCounts::default());
    let is_sorted = preview.order == LineOrder::OldestFirst;
    each_hit(file, parser, from, preview.end, &mut |at, line| {
        let line_period = ImportPeriod::at(at);
        if line_period > last {
            return Ok(!is_sorted);
        }
        if period.replace(line_period) != Some(line_period) {
            imported = count(imported_lines::list(connection, site, line_period)?);
        }
        let hash = hasher.hash(line);
        if imported.contains_key(&hash) {
            repeated.insert(hash, 0);
        }
        if repeated.len() > limits::IMPORT_PERIOD_LINES_MAX { Err(too_many()) } else { Ok(true) }
    })?;
    if repeated.is_empty() {
        return nothing;
    }
    each_hit(file, parser, LinePosition::START, from.bytes, &mut |_, line| {
        repeated.entry(hasher.hash(line)).and_modify(|times| *times += 1);
        Ok(true)
    })?;
    Ok(repeated)
}

/// Calls `visit` with the time and the bytes of each hit between a position and an end offset, until it returns false.
fn each_hit(
    file: &SourceFile,
    parser: &LineParser<'_>,
    from: LinePosition,
    end: u64,
    visit: &mut dyn FnMut(Timestamp, &[u8]) -> Result<bool>,
) -> Result<()> {
    let mut lines = file.lines(from, limits::IMPORT_LINE_BYTES_MAX)?;
    while let Some(line) = classify::next_before(&mut lines, end)? {
        if let LineOutcome::Hit(parsed) = parser.parse(line.is_too_long, &line.text())
            && !visit(parsed.at(), line.bytes)?
        {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;
    use proptest::prelude::*;

    #[test]
    fn a_hash_is_that_of_the_line_under_the_key() {
        // The first vector of <https://www.aumasson.jp/siphash/siphash.pdf>, appendix A.
        let key = std::array::from_fn(|place| u8::try_from(place).unwrap());
        let line: Vec<u8> = (0..15).collect();
        assert_eq!(LineHasher::new(&key).hash(&line), 0xa129_ca61_49be_45e5);
        assert_ne!(LineHasher::new(&[0; 16]).hash(&line), 0xa129_ca61_49be_45e5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn each_line_counts_as_often_as_in_the_file_that_has_it_most_often(
            files in prop::collection::vec(prop::collection::vec((0_i64..40, 0_u64..3), 0..30), 1..6),
            slice in 1_usize..7,
        ) {
            let (site, repeated) = (SiteId(1), LineCounts::default());
            let (mut connection, mut taken) = (store::scratch().unwrap(), LineCounts::default());
            let mut most = LineCounts::default();
            for mut lines in files {
                lines.sort_unstable();
                let hashed = |(minute, kind): (i64, u64)| (Timestamp(minute * 60_000), minute.unsigned_abs() * 8 + kind);
                let lines: Vec<_> = lines.into_iter().map(hashed).collect();
                for (hash, times) in count(lines.iter().map(|(_, hash)| *hash).collect()) {
                    most.entry(hash).and_modify(|most| *most = times.max(*most)).or_insert(times);
                }
                let mut ledger = LineLedger::new(site, Timestamp(0), &repeated);
                for part in lines.chunks(slice) {
                    let tx = connection.transaction().unwrap();
                    ledger.reload(&tx).unwrap();
                    for (at, hash) in part {
                        if !ledger.meet(&tx, *at, *hash).unwrap() {
                            *taken.entry(*hash).or_default() += 1;
                        }
                    }
                    ledger.write(&tx).unwrap();
                    tx.commit().unwrap();
                }
            }
            prop_assert_eq!(taken, most);
        }
    }
}
