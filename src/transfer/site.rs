//! An exported site into this file. It keeps its number; when that is taken, somebody decides whether it gets a new one
//! or, when it is that very site, is merged into what is there.

use super::batches::{BatchBudget, Batches};
use super::counts;
use super::counts::Counts;
use super::fingerprint;
use super::fingerprint::ImportProgress;
use super::format::Format;
use super::invalidate::after_import;
use super::read_ahead::ReadAhead;
use super::source_file::{SourceFile, SourceLines};
use super::validate;
use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, UserId, VisitId};
use crate::store::blocks;
use crate::store::imports::{self, Import};
use crate::store::site_export::{self, Head, ImportOutcome, ImportState, Record};
use crate::store::sites;
use rusqlite::{Connection, Transaction};
use std::collections::HashSet;

/// What looking through a file told.
pub struct Survey {
    /// The first line.
    pub head: Head,
    /// What becomes of the others.
    pub tally: Counts,
    /// How many of them are guest links.
    pub links: u64,
    /// Where the last one ends.
    pub end: u64,
    /// Days of which it has visits.
    pub days: HashSet<Day>,
}

/// Where a site goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the number that it had, which is free.
    Own,
    /// To a new number.
    New,
    /// Into the same site, which is there: it was imported before, or it is the one that was exported.
    Same(SiteId),
}

/// What stands where a site wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Nothing.
    No,
    /// That very site, of this domain.
    Same(String),
    /// Another site, of this domain.
    Other(String),
}

/// Looks through an exported site; refuses one that is cut short.
pub fn survey(text: &SourceFile, progress: &dyn Fn(u64)) -> Result<Survey> {
    let mut lines = text.lines((0, 0), limits::IMPORT_VISIT_BYTES_MAX)?;
    let head = head(&mut lines)?;
    let zone = Zone::parse(&head.site.time_zone)?;
    let tally = Counts { lines: 1, ..Counts::default() };
    let mut survey = Survey { head, tally, links: 0, end: 0, days: HashSet::new() };
    let mut counted = None;
    while let Some(line) = lines.next()? {
        survey.tally.lines += 1;
        survey.end = line.end;
        match read(line.bytes) {
            Ok(Some(Record::End { lines })) => counted = Some(lines),
            Ok(Some(record)) => {
                survey.tally.taken += 1;
                if let Record::Visit(visit) = &record {
                    survey.days.insert(zone.day(visit.id()?.began()));
                }
                survey.links += u64::from(matches!(record, Record::Link(_)));
            }
            Ok(None) => {}
            Err(why) => survey.tally.refuse(line.number, why),
        }
        if survey.tally.lines.is_multiple_of(1_000) {
            progress(text.passed());
        }
    }
    match counted {
        Some(lines) if lines == survey.tally.taken + survey.tally.refused => Ok(survey),
        Some(_) => Err(cut_short("lines are missing in the middle")),
        None => Err(cut_short("its last line is missing")),
    }
}

fn cut_short(how: &str) -> Error {
    Error::Setup(format!("The file is not whole: {how}. Export the site again; nothing was changed."))
}

fn head(lines: &mut SourceLines<'_>) -> Result<Head> {
    let line = lines.next()?.map(|line| String::from_utf8_lossy(line.bytes).into_owned());
    validate::check_head(Head::parse(&line.unwrap_or_default())?)
}

/// One line after the first; or what is wrong with it.
fn read(line: &[u8]) -> std::result::Result<Option<Record>, &'static str> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let record: Record =
        serde_json::from_slice(line).map_err(|_| "this is no line of an exported site, or too long")?;
    validate::problem(&record).map_or(Ok(Some(record)), Err)
}

/// Whether a site's number is free.
pub fn taken(connection: &Connection, head: &Head) -> Result<Conflict> {
    let id = head.site.id()?;
    let Some(site) = sites::find(connection, id)? else {
        if sites::list_removed(connection)?.contains(&id) {
            return Err(Error::Setup(format!(
                "What was left of the removed site {id} is still being deleted. Try again in a few minutes, or run \
                 `clickstead site remove {id}` first."
            )));
        }
        return Ok(Conflict::No);
    };
    let is_same = site.created_at.0 == head.site.created_at;
    Ok(if is_same { Conflict::Same(site.domain) } else { Conflict::Other(site.domain) })
}

/// One exported site for this file.
pub struct SiteImport<'a> {
    /// The file.
    pub text: &'a SourceFile,
    /// Its first line.
    pub head: &'a Head,
    /// The first bytes of the file.
    pub beginning: &'a [u8],
    /// Where its last line ends.
    pub end: u64,
    /// Days of which it has visits.
    pub days: &'a HashSet<Day>,
    /// How far it was imported before; of a site that is not there yet, into site 0.
    pub start: Import,
    /// Where it goes.
    pub place: Target,
    /// Whose it becomes, when it is not there yet.
    pub owner: Option<UserId>,
    /// Whether guest links come along.
    pub with_links: bool,
    /// Who does it.
    pub hand: &'a Actor,
}

/// Writes what is new in the file. Says into which site.
pub fn run(
    connection: &mut Connection,
    job: &SiteImport<'_>,
    is_shared: bool,
    progress: &dyn Fn(u64),
) -> Result<(SiteId, Counts)> {
    let mut slices = Batches::new(is_shared);
    let site = match job.start.site {
        SiteId(0) => slices.run(connection, |tx, _| begin(tx, job))?,
        known => known,
    };
    let from = |number: i64| u64::try_from(number).unwrap_or(0);
    let from = (from(job.start.bytes), from(job.start.lines));
    let mut lines = job.text.lines(from, limits::IMPORT_VISIT_BYTES_MAX)?;
    let start = Import { site, begun_at: job.hand.at, ended_at: None, ..job.start.clone() };
    let mut pen = Importer {
        job,
        site,
        memory: ImportState::new(sites::get(connection, site)?.zone, job.days, job.hand.at),
        tally: Counts::default(),
        at: (job.start.bytes, job.start.lines),
        mark: ImportProgress::at(start.clone()),
        import: start,
    };
    std::thread::scope(|scope| {
        let mut items = ReadAhead::start(scope, limits::IMPORT_VISIT_BATCHES_AHEAD, |batch| {
            read_batch(&mut lines, job.end, batch)
        })?;
        while items.wait()? {
            slices.run(connection, |tx, turn| pen.write(tx, turn, &mut items))?;
            progress(job.text.passed());
        }
        slices.run(connection, |tx, _| pen.end(tx, job.hand.at))?;
        Ok((site, pen.tally))
    })
}

/// A line that was read ahead.
struct Item {
    number: u64,
    end: u64,
    /// What it says, unless it says nothing; or what is wrong with it.
    record: std::result::Result<Option<Record>, &'static str>,
}

/// Reads the next lines up to a place in the file.
fn read_batch(lines: &mut SourceLines<'_>, end: u64, batch: &mut Vec<Item>) -> Result<()> {
    let mut bytes = 0;
    while bytes < limits::IMPORT_VISIT_BATCH_BYTES
        && batch.len() < limits::IMPORT_BATCH_LINES
        && let Some(line) = lines.next()?.filter(|line| line.end <= end)
    {
        bytes += line.bytes.len();
        let record = if line.number == 1 { Ok(None) } else { read(line.bytes) };
        batch.push(Item { number: line.number, end: line.end, record });
    }
    Ok(())
}

fn begin(tx: &Transaction<'_>, job: &SiteImport<'_>) -> Result<SiteId> {
    let known = fingerprint::find(tx, (Format::Site, None), job.beginning)?;
    if known.is_some_and(|known| sites::find(tx, known.site).is_ok_and(|site| site.is_some())) {
        return Err(fingerprint::beside());
    }
    let site = match (job.place, job.owner) {
        (Target::Same(site), _) => site,
        (Target::Own, Some(owner)) => job.head.site.create(tx, owner, Some(job.head.site.id()?))?,
        (Target::New, Some(owner)) => job.head.site.create(tx, owner, None)?,
        (Target::Own | Target::New, None) => return Err(Error::Missing("user")),
    };
    job.hand.note(tx, site, AuditAction::Import, &job.start.name)?;
    imports::set(tx, &Import { site, begun_at: job.hand.at, ..job.start.clone() })?;
    Ok(site)
}

/// Lines between two looks at the clock; a visit is several rows.
const LINES_PER_LOOK: usize = 4;

struct Importer<'a> {
    job: &'a SiteImport<'a>,
    site: SiteId,
    memory: ImportState<'a>,
    tally: Counts,
    /// Bytes and lines of the file that are behind.
    at: (i64, i64),
    /// How far the file was imported before.
    import: Import,
    mark: ImportProgress,
}

impl Importer<'_> {
    /// Writes until the turn is over, or the file is.
    fn write(&mut self, tx: &Transaction<'_>, turn: BatchBudget, items: &mut ReadAhead<Item>) -> Result<()> {
        if turn.others_wrote {
            self.memory.forget();
        }
        let (mut first, mut last) = (None, None);
        loop {
            if turn.left().is_zero() || items.is_over {
                break;
            }
            for _ in 0..LINES_PER_LOOK {
                let Some(item) = items.next(turn.left())? else { break };
                match &item.record {
                    Ok(Some(Record::End { .. }) | None) => {}
                    Ok(Some(record)) => {
                        if let Some(visit) = self.take(tx, (item.number, record))? {
                            first = first.min(Some(visit)).or(Some(visit));
                            last = last.max(Some(visit));
                        }
                    }
                    Err(why) => self.tally.refuse(item.number, why),
                }
                self.tally.lines += 1;
                self.at = (signed(item.end), signed(item.number));
            }
        }
        if let (Some(first), Some(last)) = (first, last) {
            after_import(tx, self.site, (first, last))?;
        } else {
            blocks::begin_edition(tx, self.site)?;
        }
        self.remember(tx, None)
    }

    /// Writes a record, or leaves it out; says which visit it was, if it was one.
    fn take(&mut self, tx: &Transaction<'_>, (number, record): (u64, &Record)) -> Result<Option<VisitId>> {
        if matches!(record, Record::Link(_)) && !self.job.with_links {
            self.tally.leave_out(counts::GUEST_LINK);
            return Ok(None);
        }
        let mut visit = None;
        match (site_export::write(tx, self.site, record, &mut self.memory)?, record) {
            (ImportOutcome::LeftOut(why), _) => {
                self.tally.leave_out(why);
                return Ok(None);
            }
            (ImportOutcome::Full(why), _) => {
                self.tally.refuse(number, why);
                return Ok(None);
            }
            (ImportOutcome::Visit(written), _) => visit = Some(written),
            (ImportOutcome::Made, Record::Link(link)) => {
                self.job.hand.note(tx, self.site, AuditAction::MakeLink, &link.name)?;
            }
            (ImportOutcome::Made | ImportOutcome::Known, _) => {}
        }
        self.tally.taken += 1;
        Ok(visit)
    }

    fn remember(&mut self, tx: &Transaction<'_>, ended_at: Option<Timestamp>) -> Result<()> {
        let import = Import {
            taken: self.import.taken + signed(self.tally.taken),
            left_out: self.import.left_out + signed(self.tally.left_out_count()),
            refused: self.import.refused + signed(self.tally.refused),
            bytes: self.at.0,
            lines: self.at.1,
            ended_at,
            ..self.import.clone()
        };
        self.mark.set(tx, (Format::Site, self.job.beginning, &self.job.start), import)
    }

    /// The file is in the site. Another one that was stopped is not waited for any more: this one has what it had.
    fn end(&mut self, tx: &Transaction<'_>, at: Timestamp) -> Result<()> {
        if self.at.0 != signed(self.job.end) {
            return Err(Error::Setup(format!(
                "{} changed while it was read. What was read of it is in the site; import it again.",
                self.job.start.name
            )));
        }
        self.remember(tx, Some(at))?;
        imports::delete_unfinished_sites(tx, self.site)
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_nothing_fill_a_batch_too() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let count = limits::IMPORT_BATCH_LINES + 1;
        std::fs::write(file.path(), "\n".repeat(count)).unwrap();
        let text = SourceFile::open(file.path()).unwrap();
        let mut lines = text.lines((0, 0), limits::IMPORT_VISIT_BYTES_MAX).unwrap();
        let mut sizes = Vec::new();
        for _ in 0..3 {
            let mut batch = Vec::new();
            read_batch(&mut lines, u64::MAX, &mut batch).unwrap();
            sizes.push(batch.len());
        }
        assert_eq!(sizes, [limits::IMPORT_BATCH_LINES, 1, 0]);
    }
}
