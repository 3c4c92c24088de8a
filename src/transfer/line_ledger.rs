//! Which lines of a file were imported before, with this file or another one: a rolling window that is fetched every day,
//! a copy without its first lines, an import that was stopped. A line that stands several times in a file counts as often,
//! less as often as it was imported before.

use super::classify;
use super::classify::{LineOutcome, LineParser, Preview};
use super::sorted::LineOrder;
use super::source_file::SourceFile;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::imported_lines::{self, ImportPeriod, LineKey};
use rusqlite::{Connection, Transaction};
use siphasher::sip::SipHasher24;
use std::collections::HashMap;

/// Lines by their hash, with how often each is there.
pub type LineCounts = HashMap<u64, u32, foldhash::fast::RandomState>;

/// The hash of lines under a site's key: SipHash-2-4.
pub struct LineHasher(SipHasher24);

impl LineHasher {
    /// A hasher under this key.
    pub fn new(key: &LineKey) -> Self {
        Self(SipHasher24::new_with_key(key))
    }

    /// The hash of a line.
    pub fn hash(&self, line: &[u8]) -> u64 {
        self.0.hash(line)
    }
}

/// The lines that one run meets, which come in the order of time.
pub struct LineLedger<'a> {
    site: SiteId,
    now: Timestamp,
    /// Lines of this file that an earlier run has behind it, as far as further ones are the same.
    before: &'a LineCounts,
    current: Option<Current>,
}

/// The lines of the period that the run has come to.
struct Current {
    period: ImportPeriod,
    /// Those of earlier imports that this run has not met yet.
    known: LineCounts,
    /// All that this run has met.
    met: Vec<u64>,
    /// Those that are to be written.
    new: Vec<u64>,
    is_met_again: bool,
}

impl<'a> LineLedger<'a> {
    /// A ledger for one run over a file, of which an earlier one has counted `before`.
    pub fn new(site: SiteId, now: Timestamp, before: &'a LineCounts) -> Self {
        Self { site, now, before, current: None }
    }

    /// Notes that a run has met a line; true if it was imported before. Fails where a period has too many lines.
    pub fn meet(&mut self, tx: &Transaction<'_>, at: Timestamp, hash: u64) -> Result<bool> {
        let period = ImportPeriod::at(at);
        let current = match &mut self.current {
            Some(current) if current.period == period => current,
            _ => {
                self.write(tx)?;
                let known = self.known(tx, period, &[])?;
                let (met, new) = (Vec::new(), Vec::new());
                self.current.insert(Current { period, known, met, new, is_met_again: false })
            }
        };
        if current.met.len() >= limits::IMPORT_PERIOD_LINES_MAX {
            return Err(too_many());
        }
        current.met.push(hash);
        if let Some(left) = current.known.get_mut(&hash).filter(|left| **left > 0) {
            *left -= 1;
            current.is_met_again = true;
            return Ok(true);
        }
        current.new.push(hash);
        Ok(false)
    }

    /// Reads what is known once more, after another process wrote.
    pub fn reload(&mut self, tx: &Transaction<'_>) -> Result<()> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        current.known = self.known(tx, current.period, &current.met)?;
        self.current = Some(current);
        Ok(())
    }

    /// Writes what was met. Called at the end of each transaction.
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

    /// The lines of a period that were imported, less those of this file that are behind.
    fn known(&self, tx: &Transaction<'_>, period: ImportPeriod, met: &[u64]) -> Result<LineCounts> {
        let mut known = count(imported_lines::list(tx, self.site, period)?);
        if !known.is_empty() {
            for (hash, times) in self.before {
                known.entry(*hash).and_modify(|left| *left = left.saturating_sub(*times));
            }
            for hash in met {
                known.entry(*hash).and_modify(|left| *left = left.saturating_sub(1));
            }
        }
        Ok(known)
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

/// The lines before the place where a file goes on that stand behind it again, by their hash. There are some where a page
/// is asked for twice in a second, or another file brought lines of this one.
pub fn repeated(
    connection: &Connection,
    (text, judge): (&SourceFile, &LineParser<'_>),
    from: (u64, u64),
    survey: &Preview,
) -> Result<LineCounts> {
    let nothing = Ok(LineCounts::default());
    let site = judge.site.id;
    let (Some(key), Some(last)) =
        (imported_lines::find_key(connection, site)?, imported_lines::last_period(connection, site)?)
    else {
        return nothing;
    };
    if from.0 == 0 || survey.first_at.is_none_or(|first| ImportPeriod::at(first) > last) {
        return nothing;
    }
    let hasher = LineHasher::new(&key);
    let (mut again, mut period, mut known) = (LineCounts::default(), None, LineCounts::default());
    let is_sorted = survey.order == LineOrder::OldestFirst;
    each_hit(text, judge, (from, survey.end), &mut |at, line| {
        let here = ImportPeriod::at(at);
        if here > last {
            return Ok(!is_sorted);
        }
        if period.replace(here) != Some(here) {
            known = count(imported_lines::list(connection, site, here)?);
        }
        let hash = hasher.hash(line);
        if known.contains_key(&hash) {
            again.insert(hash, 0);
        }
        if again.len() > limits::IMPORT_PERIOD_LINES_MAX { Err(too_many()) } else { Ok(true) }
    })?;
    if again.is_empty() {
        return nothing;
    }
    each_hit(text, judge, ((0, 0), from.0), &mut |_, line| {
        again.entry(hasher.hash(line)).and_modify(|times| *times += 1);
        Ok(true)
    })?;
    Ok(again)
}

/// Passes the hits between two places to a function, until it returns false.
fn each_hit(
    text: &SourceFile,
    judge: &LineParser<'_>,
    (from, end): ((u64, u64), u64),
    give: &mut dyn FnMut(Timestamp, &[u8]) -> Result<bool>,
) -> Result<()> {
    let mut lines = text.lines(from, limits::IMPORT_LINE_BYTES_MAX)?;
    while let Some(line) = classify::next(&mut lines, end)? {
        if let LineOutcome::Hit(said) = judge.read(line.is_too_long, &line.text())
            && !give(said.at(), line.bytes)?
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
            let (site, before) = (SiteId(1), LineCounts::default());
            let (mut connection, mut taken) = (store::scratch().unwrap(), LineCounts::default());
            let mut most = LineCounts::default();
            for mut lines in files {
                lines.sort_unstable();
                let hashed = |(minute, kind): (i64, u64)| (Timestamp(minute * 60_000), minute.unsigned_abs() * 8 + kind);
                let lines: Vec<_> = lines.into_iter().map(hashed).collect();
                for (hash, times) in count(lines.iter().map(|(_, hash)| *hash).collect()) {
                    most.entry(hash).and_modify(|most| *most = times.max(*most)).or_insert(times);
                }
                let mut ledger = LineLedger::new(site, Timestamp(0), &before);
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
