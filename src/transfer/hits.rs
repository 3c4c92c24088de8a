//! Hits and access logs into a site: by the recorder that takes live hits, so that the same rules hold. One thread reads
//! ahead and makes hits; this one writes them, a bounded transaction at a time, and in each how far it has come.
//!
//! A visitor without a lasting number is told by a hash under the salt of the hit's own day. The salts of days that are
//! over are gone; an import makes new ones for them, which are kept while it runs, so that a day is one day also when
//! the import is stopped and taken up again, and are deleted when its last file ends. So those visitors are never taken for ones
//! whom the tracker saw on the same day in the past; today's salt is there, and they are.
//!
//! Hits are taken in the order of time: a file that is in another order is sorted first. A hit that is older than what
//! an earlier import brought joins the visit that was open then, or begins one; one that is up to half an hour older than
//! its visitor's newest visit joins that visit at its beginning.

use super::batches::{BatchBudget, Batches};
use super::classify;
use super::classify::{LineOutcome, LineParser};
use super::counts;
use super::counts::Counts;
use super::fingerprint;
use super::fingerprint::ImportProgress;
use super::invalidate::after_import;
use super::line_ledger::{LineCounts, LineHasher, LineLedger};
use super::read_ahead::ReadAhead;
use super::sorted::{LineOrder, SortedLines, Sorter};
use super::source_file::{SourceFile, SourceLine, SourceLines};
use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::ingest::enrich::Enricher;
use crate::ingest::hit::Hit;
use crate::ingest::recorder::Recorder;
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::VisitId;
use crate::store::imports::Import;
use crate::store::sites::Site;
use crate::store::writer::HitHandler;
use crate::store::{self, imported_lines, salts};
use rusqlite::{Connection, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// One file for one site.
pub struct HitImport<'a> {
    /// The file.
    pub text: &'a SourceFile,
    /// Its lines' judge.
    pub judge: LineParser<'a>,
    /// Where hits are made.
    pub desk: &'a Enricher,
    /// How far it was imported before.
    pub start: Import,
    /// Where its last line ends.
    pub end: u64,
    /// The order of its hits.
    pub order: LineOrder,
    /// The counts of the survey.
    pub survey: &'a Counts,
    /// Where temporary files go.
    pub folder: &'a Path,
    /// Lines before the place where it goes on that stand behind it again, see [`super::line_ledger::repeated`].
    pub before: &'a LineCounts,
    /// The first bytes of the file.
    pub head: &'a [u8],
    /// Who does it.
    pub hand: &'a Actor,
    /// The hosts known for referrer spam.
    pub spam: Arc<ReferrerSpam>,
}

/// A line that was read ahead.
struct Item {
    number: u64,
    end: u64,
    /// The hash of a line that is a hit.
    hash: u64,
    judged: LineOutcome<Hit>,
}

/// The lines of a job, in the order in which they are written.
enum HitLines<'a> {
    /// All of them, as they stand.
    InOrder(SourceLines<'a>),
    /// Those that are hits.
    Sorted(SortedLines),
}

impl HitLines<'_> {
    fn next(&mut self, end: u64) -> Result<Option<SourceLine<'_>>> {
        match self {
            Self::InOrder(lines) => classify::next(lines, end),
            Self::Sorted(lines) => lines.next(),
        }
    }
}

impl<'a> HitImport<'a> {
    fn is_in_order(&self) -> bool {
        self.order == LineOrder::OldestFirst
    }

    /// Reads the lines from where the last import stopped, and sorts them where they are not in the order of time.
    fn hit_lines(&self) -> Result<HitLines<'a>> {
        let from = (unsigned(self.start.bytes), unsigned(self.start.lines));
        let mut lines = self.text.lines(from, limits::IMPORT_LINE_BYTES_MAX)?;
        if self.is_in_order() {
            return Ok(HitLines::InOrder(lines));
        }
        let mut sorter = Sorter::new(self.order, self.folder);
        while let Some(line) = classify::next(&mut lines, self.end)? {
            if let LineOutcome::Hit(said) = self.judge.read(line.is_too_long, &line.text()) {
                sorter.push(said.at(), &line)?;
            }
        }
        Ok(HitLines::Sorted(sorter.finish()?))
    }

    /// The counts before the first hit is written: of a file that is sorted only the hits come to the writer.
    fn first_tally(&self) -> Counts {
        if self.is_in_order() {
            Counts::default()
        } else {
            Counts { taken: 0, lines: self.survey.lines - self.survey.taken, ..self.survey.clone() }
        }
    }

    /// The place behind the last line, in bytes and lines.
    fn place_at_end(&self) -> (i64, i64) {
        (signed(self.end), self.start.lines + signed(self.survey.lines))
    }
}

/// Writes what is new in the file.
pub fn run(
    connection: &mut Connection,
    job: &HitImport<'_>,
    is_shared: bool,
    progress: &dyn Fn(u64),
) -> Result<Counts> {
    let site = job.judge.site.id;
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
                None => lines.insert(job.hit_lines()?),
            };
            judge_batch((job, hasher), lines, batch)
        })?;
        let mut pen = Pen {
            job,
            items,
            book: Book {
                recorder: Recorder::for_import(Arc::clone(&job.spam)),
                ledger: LineLedger::new(site, job.hand.at, job.before),
                tally: job.first_tally(),
                at: (job.start.bytes, job.start.lines),
                mark: ImportProgress::default(),
            },
            is_begun: false,
        };
        let mut slices = Batches::new(is_shared);
        while pen.items.wait()? {
            slices.run(connection, |tx, turn| pen.write(tx, turn))?;
            pen.book.recorder.after_commit();
            progress(job.text.passed());
        }
        if !job.is_in_order() {
            pen.book.at = job.place_at_end();
        }
        slices.run(connection, |tx, _| pen.remember(tx, Some(job.hand.at)))?;
        Ok(pen.book.tally)
    })
}

/// Judges the next lines.
fn judge_batch(
    (job, hasher): (&HitImport<'_>, &LineHasher),
    lines: &mut HitLines<'_>,
    batch: &mut Vec<Item>,
) -> Result<()> {
    batch.reserve_exact(limits::IMPORT_BATCH_LINES);
    while batch.len() < limits::IMPORT_BATCH_LINES
        && let Some(line) = lines.next(job.end)?
    {
        let judged = job.judge.judge(job.desk, &line);
        let hash = if matches!(judged, LineOutcome::Hit(_)) { hasher.hash(line.bytes) } else { 0 };
        batch.push(Item { number: line.number, end: line.end, hash, judged });
    }
    Ok(())
}

/// Lines between two looks at the clock.
const LINES_PER_LOOK: usize = 16;

struct Pen<'a> {
    job: &'a HitImport<'a>,
    items: ReadAhead<Item>,
    book: Book<'a>,
    /// True after the first transaction.
    is_begun: bool,
}

/// What has become of lines.
struct Book<'a> {
    recorder: Recorder,
    ledger: LineLedger<'a>,
    tally: Counts,
    /// Bytes and lines of the file that are behind.
    at: (i64, i64),
    /// How far this run has brought the file.
    mark: ImportProgress,
}

impl Book<'_> {
    fn take(&mut self, tx: &Transaction<'_>, item: &Item) -> Result<()> {
        match &item.judged {
            LineOutcome::Hit(hit) if self.ledger.meet(tx, hit.at, item.hash)? => {
                self.tally.leave_out(counts::ALREADY_IMPORTED);
            }
            LineOutcome::Hit(hit) => match self.recorder.handle(tx, hit)?.dropped {
                Some(reason) => self.tally.leave_out(reason.name()),
                None => self.tally.taken += 1,
            },
            LineOutcome::LeftOut(reason) => self.tally.leave_out(reason),
            LineOutcome::OtherHost(name) => self.tally.leave_out_host(name.clone()),
            LineOutcome::Bad(why) => self.tally.refuse(item.number, why),
            // The survey refuses the file; it was changed since.
            LineOutcome::Ambiguous => self.tally.refuse(item.number, "several addresses stand there"),
            LineOutcome::Blank => {}
        }
        self.tally.lines += 1;
        Ok(())
    }
}

impl Pen<'_> {
    fn write(&mut self, tx: &Transaction<'_>, turn: BatchBudget) -> Result<()> {
        fingerprint::check_site(tx, self.job.judge.site.id)?;
        if turn.others_wrote {
            self.book.recorder.forget();
            self.book.ledger.reload(tx)?;
        }
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let (mut first, mut last) = (None, None);
        loop {
            let left = turn.left();
            if left.is_zero() {
                break;
            }
            for _ in 0..LINES_PER_LOOK {
                let Some(item) = self.items.next(left)? else { break };
                if let LineOutcome::Hit(hit) = &item.judged {
                    first = first.min(Some(hit.at)).or(Some(hit.at));
                    last = last.max(Some(hit.at));
                }
                self.book.take(tx, item)?;
                if self.job.is_in_order() {
                    self.book.at = (signed(item.end), signed(item.number));
                }
            }
            if self.items.is_over {
                break;
            }
        }
        self.book.recorder.finish(tx)?;
        self.book.ledger.write(tx)?;
        if is_first {
            let site = self.job.judge.site.id;
            self.job.hand.note(tx, site, AuditAction::Import, &self.job.start.name)?;
        }
        if let (Some(first), Some(last)) = (first, last) {
            after_import(tx, self.job.judge.site.id, touched(first, last))?;
        }
        self.remember(tx, None)
    }

    /// Writes down how far the file has come. More of its beginning may be there than the last time.
    fn remember(&mut self, tx: &Transaction<'_>, ended_at: Option<Timestamp>) -> Result<()> {
        let start = &self.job.start;
        let (hash, head_bytes) = fingerprint::hash(self.job.head, self.job.end);
        let tally = &self.book.tally;
        // A file that is being sorted stands at its beginning until all of it is written.
        let is_counted = self.job.is_in_order() || ended_at.is_some();
        let (left_out, refused) =
            if is_counted { (tally.left_out_count() - self.met_again(), tally.refused) } else { (0, 0) };
        let import = Import {
            hash,
            head_bytes,
            bytes: self.book.at.0,
            lines: self.book.at.1,
            taken: start.taken + signed(tally.taken),
            left_out: start.left_out + signed(left_out),
            refused: start.refused + signed(refused),
            begun_at: self.job.hand.at,
            ended_at,
            ..start.clone()
        };
        self.book.mark.set(tx, (self.job.judge.format, self.job.head, start), import)
    }

    /// Lines that this run left out since an earlier one of the same file, which was stopped, had taken them: they stand
    /// in its record already, although the file stands before them.
    fn met_again(&self) -> u64 {
        let start = &self.job.start;
        let ahead = unsigned(start.taken + start.left_out + start.refused - start.lines);
        ahead.min(self.book.tally.left_out.get(counts::ALREADY_IMPORTED).copied().unwrap_or(0))
    }
}

/// Deletes the salts under which no visit can go on, once all files are read: a day may go on in the next one.
pub fn forget_salts(connection: &mut Connection, site: &Site, now: Timestamp) -> Result<()> {
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    let needed_since = site.zone.day(now.before(longest));
    store::change(connection, |tx| salts::delete_before(tx, site.id, needed_since))
}

/// The visits that hits between two moments may have begun or gone on with.
fn touched(first: Timestamp, last: Timestamp) -> (VisitId, VisitId) {
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    (VisitId::first_at(first.before(longest)), VisitId::first_at(last.after(limits::VISIT_IDLE)))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
