//! The import of hits and access logs into a site, by the recorder of live hits, so that the same rules apply. One thread
//! reads ahead and makes hits; this one writes them in bounded transactions, each with the progress so far.
//!
//! A visitor without a cookie is recognised by a hash under the salt of the hit's day. The salts of past days are deleted;
//! an import creates new ones for them, which stay until its last file ends, so that a stopped import can go on. A
//! visitor whom the tracker saw on a past day therefore counts as another one in the import of that day. Today's salt is
//! still there: visitors of today are the same.
//!
//! Hits are imported in the order of time: a file in another order is sorted first. A hit that is older than those of an
//! earlier import joins the visit that was open then, or begins one; a hit that is up to half an hour older than its
//! visitor's newest visit joins that visit at its beginning.

use super::batches::{BatchBudget, Batches};
use super::classify::{self, LineOutcome, LineParser};
use super::counts::{self, Counts};
use super::fingerprint::{self, ImportProgress};
use super::invalidate::after_import;
use super::line_ledger::{LineCounts, LineHasher, LineLedger};
use super::read_ahead::ReadAhead;
use super::sorted::{LineOrder, SortedLines, Sorter};
use super::source_file::{LinePosition, SourceFile, SourceLine, SourceLines};
use crate::access::audit::Actor;
use crate::error::Result;
use crate::ingest::enrich::Enricher;
use crate::ingest::hit::Hit;
use crate::ingest::recorder::Recorder;
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::VisitId;
use crate::sites::imports;
use crate::store::imports::Import;
use crate::store::sites::Site;
use crate::store::writer::HitHandler;
use crate::store::{self, imported_lines, salts};
use rusqlite::{Connection, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The import of one file into one site.
pub struct HitImport<'a> {
    /// The file.
    pub file: &'a SourceFile,
    /// The parser of its lines.
    pub parser: LineParser<'a>,
    /// The enricher of hits.
    pub enricher: &'a Enricher,
    /// The progress of an earlier import.
    pub start: Import,
    /// The end of its last line, as an offset in bytes.
    pub end: u64,
    /// The order of its hits.
    pub order: LineOrder,
    /// The counts of the preview.
    pub preview: &'a Counts,
    /// The folder for temporary files.
    pub folder: &'a Path,
    /// The lines that occur before and behind the start, see [`super::line_ledger::repeated`].
    pub repeated: &'a LineCounts,
    /// The first bytes of the file.
    pub head: &'a [u8],
    /// The actor, for the audit log.
    pub actor: &'a Actor,
    /// The domains of referrer spam.
    pub spam: Arc<ReferrerSpam>,
}

/// A line that was read ahead.
struct Item {
    number: u64,
    end: u64,
    /// The hash of the line, if it is a hit; else 0.
    hash: u64,
    outcome: LineOutcome<Hit>,
}

/// The lines of a file, in the order in which they are imported.
enum HitLines<'a> {
    /// All lines, in the order of the file.
    InOrder(SourceLines<'a>),
    /// The lines that are hits, in the order of time.
    Sorted(SortedLines),
}

impl HitLines<'_> {
    fn next(&mut self, end: u64) -> Result<Option<SourceLine<'_>>> {
        match self {
            Self::InOrder(lines) => classify::next_before(lines, end),
            Self::Sorted(lines) => lines.next(),
        }
    }
}

impl<'a> HitImport<'a> {
    fn is_in_order(&self) -> bool {
        self.order == LineOrder::OldestFirst
    }

    /// Returns the lines from where the last import stopped, sorted if they are not in the order of time.
    fn hit_lines(&self) -> Result<HitLines<'a>> {
        let mut lines = self.file.lines(fingerprint::position(&self.start), limits::IMPORT_LINE_BYTES_MAX)?;
        if self.is_in_order() {
            return Ok(HitLines::InOrder(lines));
        }
        let mut sorter = Sorter::new(self.order, self.folder);
        while let Some(line) = classify::next_before(&mut lines, self.end)? {
            if let LineOutcome::Hit(parsed) = self.parser.parse(line.is_too_long, &line.text()) {
                sorter.push(parsed.at(), &line)?;
            }
        }
        Ok(HitLines::Sorted(sorter.finish()?))
    }

    /// Returns the counts before the first hit is written. Of a sorted file only the hits are written, so that the counts
    /// of all other lines are those of the preview.
    fn initial_counts(&self) -> Counts {
        if self.is_in_order() {
            Counts::default()
        } else {
            Counts { imported: 0, lines: self.preview.lines - self.preview.imported, ..self.preview.clone() }
        }
    }

    /// Returns the position behind the last line.
    fn end_position(&self) -> LinePosition {
        LinePosition { bytes: self.end, lines: unsigned(self.start.lines) + self.preview.lines }
    }
}

/// Imports the lines of a file that are new. `progress` gets the number of bytes read after each transaction.
///
/// # Errors
///
/// Fails when another process imports the same file, the file cannot be read, or the data file cannot be written.
pub fn run(
    connection: &mut Connection,
    import: &HitImport<'_>,
    is_shared: bool,
    progress: &dyn Fn(u64),
) -> Result<Counts> {
    let site = import.parser.site.id;
    let key = match imported_lines::find_key(connection, site)? {
        Some(key) => key,
        None => store::change(connection, |tx| imported_lines::key(tx, site))?,
    };
    let hasher = LineHasher::new(&key);
    std::thread::scope(|scope| {
        let (hasher, mut lines) = (&hasher, None);
        let items = ReadAhead::start(scope, limits::IMPORT_BATCHES_AHEAD, move |batch| {
            let lines = match &mut lines {
                Some(lines) => lines,
                None => lines.insert(import.hit_lines()?),
            };
            read_batch(import, hasher, lines, batch)
        })?;
        let mut writer = HitWriter {
            import,
            items,
            sink: HitSink {
                recorder: Recorder::for_import(Arc::clone(&import.spam)),
                ledger: LineLedger::new(site, import.actor.at, import.repeated),
                counts: import.initial_counts(),
                position: fingerprint::position(&import.start),
                progress: ImportProgress::default(),
            },
            is_begun: false,
        };
        let mut batches = Batches::new(is_shared);
        while writer.items.wait()? {
            batches.run(connection, |tx, budget| writer.write(tx, budget))?;
            writer.sink.recorder.after_commit();
            progress(import.file.passed());
        }
        if !import.is_in_order() {
            writer.sink.position = import.end_position();
        }
        batches.run(connection, |tx, _| writer.save_progress(tx, Some(import.actor.at)))?;
        Ok(writer.sink.counts)
    })
}

/// Makes hits of the next lines.
fn read_batch(
    import: &HitImport<'_>,
    hasher: &LineHasher,
    lines: &mut HitLines<'_>,
    batch: &mut Vec<Item>,
) -> Result<()> {
    batch.reserve_exact(limits::IMPORT_BATCH_LINES);
    while batch.len() < limits::IMPORT_BATCH_LINES
        && let Some(line) = lines.next(import.end)?
    {
        let outcome = import.parser.enrich(import.enricher, &line);
        let hash = if matches!(outcome, LineOutcome::Hit(_)) { hasher.hash(line.bytes) } else { 0 };
        batch.push(Item { number: line.number, end: line.end, hash, outcome });
    }
    Ok(())
}

/// The number of lines between two checks of the time.
const LINES_PER_CHECK: usize = 16;

/// The writer of an import: takes hits from the reading thread and writes them in transactions.
struct HitWriter<'a> {
    import: &'a HitImport<'a>,
    items: ReadAhead<Item>,
    sink: HitSink<'a>,
    /// True after the first transaction.
    is_begun: bool,
}

/// The destination of hits: the recorder, the ledger of imported lines, and the counts so far.
struct HitSink<'a> {
    recorder: Recorder,
    ledger: LineLedger<'a>,
    counts: Counts,
    /// The position in the file.
    position: LinePosition,
    /// The progress that is written.
    progress: ImportProgress,
}

impl HitSink<'_> {
    /// Records the hit of a line, unless it was imported before, and counts its outcome.
    fn record(&mut self, tx: &Transaction<'_>, item: &Item) -> Result<()> {
        match &item.outcome {
            LineOutcome::Hit(hit) if self.ledger.meet(tx, hit.at, item.hash)? => {
                self.counts.drop_line(counts::ALREADY_IMPORTED);
            }
            LineOutcome::Hit(hit) => match self.recorder.handle(tx, hit)?.dropped {
                Some(reason) => self.counts.drop_line(reason.name()),
                None => self.counts.imported += 1,
            },
            LineOutcome::Dropped(reason) => self.counts.drop_line(reason),
            LineOutcome::OtherHost(name) => self.counts.drop_other_host(name.clone()),
            LineOutcome::Invalid(why) => self.counts.reject(item.number, why),
            // The preview refuses such a file; it was changed since.
            LineOutcome::Ambiguous => self.counts.reject(item.number, "several addresses stand there"),
            LineOutcome::Blank => {}
        }
        self.counts.lines += 1;
        Ok(())
    }
}

impl HitWriter<'_> {
    /// Writes hits until the time of the transaction is used up, or no more are read.
    fn write(&mut self, tx: &Transaction<'_>, budget: BatchBudget) -> Result<()> {
        fingerprint::check_site(tx, self.import.parser.site.id)?;
        if budget.others_wrote {
            self.sink.recorder.forget();
            self.sink.ledger.reload(tx)?;
        }
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let (mut first, mut last) = (None, None);
        loop {
            let left = budget.left();
            if left.is_zero() {
                break;
            }
            for _ in 0..LINES_PER_CHECK {
                let Some(item) = self.items.next(left)? else { break };
                if let LineOutcome::Hit(hit) = &item.outcome {
                    first = first.min(Some(hit.at)).or(Some(hit.at));
                    last = last.max(Some(hit.at));
                }
                self.sink.record(tx, item)?;
                if self.import.is_in_order() {
                    self.sink.position = LinePosition { bytes: item.end, lines: item.number };
                }
            }
            if self.items.is_over {
                break;
            }
        }
        self.sink.recorder.finish(tx)?;
        self.sink.ledger.write(tx)?;
        if is_first {
            let site = self.import.parser.site.id;
            imports::record(tx, self.import.actor, site, &self.import.start.name)?;
        }
        if let (Some(first), Some(last)) = (first, last) {
            let (first, last) = touched_visits(first, last);
            after_import(tx, self.import.parser.site.id, first, last)?;
        }
        self.save_progress(tx, None)
    }

    /// Writes the progress of the file. Its hashed beginning may be longer than the last time.
    fn save_progress(&mut self, tx: &Transaction<'_>, ended_at: Option<Timestamp>) -> Result<()> {
        let start = &self.import.start;
        let (hash, head_bytes) = fingerprint::hash(self.import.head, self.import.end);
        let counts = &self.sink.counts;
        // The progress of a sorted file stays at its start until all of it is written.
        let is_counted = self.import.is_in_order() || ended_at.is_some();
        let (dropped, invalid) =
            if is_counted { (counts.dropped_count() - self.met_again(), counts.invalid) } else { (0, 0) };
        let import = Import {
            hash,
            head_bytes,
            bytes: signed(self.sink.position.bytes),
            lines: signed(self.sink.position.lines),
            taken: start.taken + signed(counts.imported),
            left_out: start.left_out + signed(dropped),
            refused: start.refused + signed(invalid),
            begun_at: self.import.actor.at,
            ended_at,
            ..start.clone()
        };
        self.sink.progress.set(tx, self.import.parser.format, self.import.head, start, import)
    }

    /// Returns the number of lines that this run drops because an earlier, stopped run over the same file had imported
    /// them: they are counted in its record already, although its progress is before them.
    fn met_again(&self) -> u64 {
        let start = &self.import.start;
        let ahead = unsigned(start.taken + start.left_out + start.refused - start.lines);
        ahead.min(self.sink.counts.dropped.get(counts::ALREADY_IMPORTED).copied().unwrap_or(0))
    }
}

/// Deletes the salts under which no visit can go on. Called after the last file, since a day may go on in the next one.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn forget_salts(connection: &mut Connection, site: &Site, now: Timestamp) -> Result<()> {
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    let needed_since = site.zone.day(now.before(longest));
    store::change(connection, |tx| salts::delete_before(tx, site.id, needed_since))
}

/// Returns the first and the last visit ID that hits between two times may have changed.
fn touched_visits(first: Timestamp, last: Timestamp) -> (VisitId, VisitId) {
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    (VisitId::first_at(first.before(longest)), VisitId::first_at(last.after(limits::VISIT_IDLE)))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
