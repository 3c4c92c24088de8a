//! The import of an exported site. It keeps its ID; if that is taken, the operator decides whether it gets a new one or,
//! if it is the same site, is merged into the existing one.

use super::batches::{BatchBudget, Batches};
use super::counts::{self, Counts};
use super::fingerprint::{self, ImportProgress};
use super::format::Format;
use super::invalidate::after_import;
use super::read_ahead::ReadAhead;
use super::source_file::{LinePosition, SourceFile, SourceLines};
use super::validate;
use crate::access::audit::Actor;
use crate::error::{Error, Result};
use crate::goals::definition;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, UserId, VisitId};
use crate::sites::{guest_links, imports as import_acts};
use crate::store::blocks;
use crate::store::imports::{self, Import};
use crate::store::site_deletion;
use crate::store::site_export::{self, Currencies, Head, ImportOutcome, ImportState, Record};
use crate::store::sites;
use rusqlite::{Connection, Transaction};
use std::collections::HashSet;

/// The preview of an exported site.
pub struct SitePreview {
    /// The header line.
    pub head: Head,
    /// The counts of its lines.
    pub counts: Counts,
    /// The number of guest links.
    pub links: u64,
    /// The end of the last line, as an offset in bytes.
    pub end: u64,
    /// The days with visits.
    pub days: HashSet<Day>,
}

/// The target of an exported site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new site with the ID that it had, which is free.
    Own,
    /// A new site with a new ID.
    New,
    /// The existing site: it was imported before, or it is the one that was exported.
    Same(SiteId),
}

/// A conflict between the ID of an exported site and an existing site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The ID is free.
    No,
    /// The site exists already, with this domain.
    Same(String),
    /// Another site has the ID, with this domain.
    Other(String),
}

/// Previews an exported site. `progress` gets the number of bytes read from time to time.
///
/// # Errors
///
/// Fails with `Error::Setup` when the file is cut short or its settings are not valid, and when it cannot be read.
pub fn preview(file: &SourceFile, progress: &dyn Fn(u64)) -> Result<SitePreview> {
    let mut lines = file.lines(LinePosition::START, limits::IMPORT_VISIT_BYTES_MAX)?;
    let head = head(&mut lines)?;
    let zone = Zone::parse(&head.site.time_zone)?;
    let counts = Counts { lines: 1, ..Counts::default() };
    let mut preview = SitePreview { head, counts, links: 0, end: 0, days: HashSet::new() };
    let mut lines_expected = None;
    while let Some(line) = lines.next()? {
        preview.counts.lines += 1;
        preview.end = line.end;
        match read(line.bytes) {
            Ok(Some(Record::End { lines })) => lines_expected = Some(lines),
            Ok(Some(record)) => {
                preview.counts.imported += 1;
                if let Record::Visit(visit) = &record {
                    preview.days.insert(zone.day(visit.id()?.began()));
                }
                preview.links += u64::from(matches!(record, Record::Link(_)));
            }
            Ok(None) => {}
            Err(why) => preview.counts.reject(line.number, why),
        }
        if preview.counts.lines.is_multiple_of(1_000) {
            progress(file.passed());
        }
    }
    match lines_expected {
        Some(lines) if lines == preview.counts.imported + preview.counts.invalid => Ok(preview),
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

/// Parses a line after the header; `None` for an empty one.
fn read(line: &[u8]) -> std::result::Result<Option<Record>, &'static str> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let record: Record =
        serde_json::from_slice(line).map_err(|_| "this is no line of an exported site, or too long")?;
    validate::problem(&record).map_or(Ok(Some(record)), Err)
}

/// Returns the conflict of an exported site with an existing one.
///
/// # Errors
///
/// Fails with `Error::Setup` when a removed site with this ID is still being deleted, and when the data file cannot be
/// read.
pub fn find_conflict(connection: &Connection, head: &Head) -> Result<Conflict> {
    let id = head.site.id()?;
    let Some(site) = sites::find(connection, id)? else {
        if site_deletion::list_removed(connection)?.contains(&id) {
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

/// The import of an exported site.
pub struct SiteImport<'a> {
    /// The file.
    pub file: &'a SourceFile,
    /// The header line.
    pub head: &'a Head,
    /// The first bytes of the file, by whose hash it is recognised.
    pub beginning: &'a [u8],
    /// The end of the last line, as an offset in bytes.
    pub end: u64,
    /// The days with visits.
    pub days: &'a HashSet<Day>,
    /// The progress of an earlier import; for a site that does not exist yet, with site 0.
    pub start: Import,
    /// The target.
    pub target: Target,
    /// The owner of a new site.
    pub owner: Option<UserId>,
    /// True if guest links are imported too.
    pub with_links: bool,
    /// The actor, for the audit log.
    pub actor: &'a Actor,
}

/// Imports the lines of a file that are new; returns the site and the counts. `progress` gets the number of bytes read
/// after each transaction.
///
/// # Errors
///
/// Fails when another process imports the same file, the file cannot be read or changed, or the data file cannot be
/// written.
pub fn run(
    connection: &mut Connection,
    import: &SiteImport<'_>,
    is_shared: bool,
    progress: &dyn Fn(u64),
) -> Result<(SiteId, Counts)> {
    let mut batches = Batches::new(is_shared);
    let site = match import.start.site {
        SiteId(0) => batches.run(connection, |tx, _| begin(tx, import))?,
        known => known,
    };
    let (from, here) = (fingerprint::position(&import.start), sites::get(connection, site)?);
    // A file before version 3 has no currency: its amounts are in the site's.
    let file = import.head.site.currency.as_ref().map_or(here.currency, |_| import.head.site.currency());
    let currencies = Currencies { file, site: here.currency };
    let mut lines = import.file.lines(from, limits::IMPORT_VISIT_BYTES_MAX)?;
    let start = Import { site, begun_at: import.actor.at, ended_at: None, ..import.start.clone() };
    let mut importer = Importer {
        import,
        site,
        state: ImportState::new(here.zone, import.days, currencies, import.actor.at),
        counts: Counts::default(),
        position: from,
        progress: ImportProgress::resumed(start.clone()),
        start,
    };
    std::thread::scope(|scope| {
        let mut items = ReadAhead::start(scope, limits::IMPORT_VISIT_BATCHES_AHEAD, |batch| {
            read_batch(&mut lines, import.end, batch)
        })?;
        while items.wait()? {
            batches.run(connection, |tx, budget| importer.write(tx, budget, &mut items))?;
            progress(import.file.passed());
        }
        batches.run(connection, |tx, _| importer.end(tx, import.actor.at))?;
        Ok((site, importer.counts))
    })
}

/// A line that was read ahead.
struct Item {
    number: u64,
    end: u64,
    /// The record, unless the line is empty; or its problem.
    record: std::result::Result<Option<Record>, &'static str>,
}

/// Reads the next lines up to an end offset in bytes.
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

/// Creates or finds the site, and the record of the import.
fn begin(tx: &Transaction<'_>, import: &SiteImport<'_>) -> Result<SiteId> {
    let known = fingerprint::find(tx, Format::Site, None, import.beginning)?;
    if known.is_some_and(|known| sites::find(tx, known.site).is_ok_and(|site| site.is_some())) {
        return Err(fingerprint::concurrent_import());
    }
    let site = match (import.target, import.owner) {
        (Target::Same(site), _) => site,
        (Target::Own, Some(owner)) => import.head.site.create(tx, owner, Some(import.head.site.id()?))?,
        (Target::New, Some(owner)) => import.head.site.create(tx, owner, None)?,
        (Target::Own | Target::New, None) => return Err(Error::Missing("user")),
    };
    import_acts::record(tx, import.actor, site, &import.start.name)?;
    imports::set(tx, &Import { site, begun_at: import.actor.at, ..import.start.clone() })?;
    Ok(site)
}

/// The number of lines between two checks of the time; a visit is several rows.
const LINES_PER_CHECK: usize = 4;

/// The writer of an import, with its progress.
struct Importer<'a> {
    import: &'a SiteImport<'a>,
    site: SiteId,
    state: ImportState<'a>,
    counts: Counts,
    /// The position in the file.
    position: LinePosition,
    /// The record of the import at the start of this run.
    start: Import,
    /// The progress that is written.
    progress: ImportProgress,
}

impl Importer<'_> {
    /// Writes records until the time of the transaction is used up, or the file ends.
    fn write(
        &mut self,
        tx: &Transaction<'_>,
        budget: BatchBudget,
        items: &mut ReadAhead<Item>,
    ) -> Result<()> {
        if budget.others_wrote {
            self.state.forget();
        }
        let (mut first, mut last) = (None, None);
        loop {
            if budget.left().is_zero() || items.is_over {
                break;
            }
            for _ in 0..LINES_PER_CHECK {
                let Some(item) = items.next(budget.left())? else { break };
                match &item.record {
                    Ok(Some(Record::End { .. }) | None) => {}
                    Ok(Some(record)) => {
                        if let Some(visit) = self.write_record(tx, item.number, record)? {
                            first = first.min(Some(visit)).or(Some(visit));
                            last = last.max(Some(visit));
                        }
                    }
                    Err(why) => self.counts.reject(item.number, why),
                }
                self.counts.lines += 1;
                self.position = LinePosition { bytes: item.end, lines: item.number };
            }
        }
        if let (Some(first), Some(last)) = (first, last) {
            after_import(tx, self.site, first, last)?;
        } else {
            blocks::begin_generation(tx, self.site)?;
        }
        self.save_progress(tx, None)
    }

    /// Writes or drops a record and counts it; returns the ID of a written visit.
    fn write_record(
        &mut self,
        tx: &Transaction<'_>,
        number: u64,
        record: &Record,
    ) -> Result<Option<VisitId>> {
        if matches!(record, Record::Link(_)) && !self.import.with_links {
            self.counts.drop_line(counts::GUEST_LINK);
            return Ok(None);
        }
        let mut visit = None;
        match (site_export::write(tx, self.site, record, &mut self.state)?, record) {
            (ImportOutcome::LeftOut(why), _) => {
                self.counts.drop_line(why);
                return Ok(None);
            }
            (ImportOutcome::Full(why), _) => {
                self.counts.reject(number, why);
                return Ok(None);
            }
            (ImportOutcome::Visit(written), _) => visit = Some(written),
            (ImportOutcome::Made, Record::Link(link)) => {
                guest_links::record_imported(tx, self.import.actor, self.site, &link.name)?;
            }
            (ImportOutcome::Made | ImportOutcome::Known, _) => {}
        }
        self.counts.imported += 1;
        Ok(visit)
    }

    fn save_progress(&mut self, tx: &Transaction<'_>, ended_at: Option<Timestamp>) -> Result<()> {
        let import = Import {
            taken: self.start.taken + signed(self.counts.imported),
            left_out: self.start.left_out + signed(self.counts.dropped_count()),
            refused: self.start.refused + signed(self.counts.invalid),
            bytes: signed(self.position.bytes),
            lines: signed(self.position.lines),
            ended_at,
            ..self.start.clone()
        };
        self.progress.set(tx, Format::Site, self.import.beginning, &self.import.start, import)
    }

    /// Ends the import. Records of stopped imports of other files of the site are deleted: this file contains theirs.
    fn end(&mut self, tx: &Transaction<'_>, at: Timestamp) -> Result<()> {
        if self.position.bytes != self.import.end {
            return Err(Error::Setup(format!(
                "{} changed while it was read. What was read of it is in the site; import it again.",
                self.import.start.name
            )));
        }
        self.save_progress(tx, Some(at))?;
        if let Target::Same(site) = self.import.target {
            // Goals that are set up otherwise here count the visits of the file by their rules here.
            definition::match_all_again(tx, site)?;
        }
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
        let file = SourceFile::open(file.path()).unwrap();
        let mut lines = file.lines(LinePosition::START, limits::IMPORT_VISIT_BYTES_MAX).unwrap();
        let mut sizes = Vec::new();
        for _ in 0..3 {
            let mut batch = Vec::new();
            read_batch(&mut lines, u64::MAX, &mut batch).unwrap();
            sizes.push(batch.len());
        }
        assert_eq!(sizes, [limits::IMPORT_BATCH_LINES, 1, 0]);
    }
}
