//! The hashes of imported lines in an exported site, by which no line counts twice after the site was moved.

use super::outcome::{ImportOutcome, OTHER_KEY};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id;
use crate::model::id::SiteId;
use crate::store::imported_lines::{self, ImportPeriod};
use foldhash::HashMap;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The hashes of lines of one period that were imported equally often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportedLines {
    /// The key of the hashes, in hexadecimal digits.
    pub key: String,
    /// The period of the hits: ten minutes, counted since 1970.
    pub period: i64,
    /// The time at which they were last read, in milliseconds since 1970.
    pub seen_at: i64,
    /// The number of times that each was imported.
    pub times: u32,
    /// The hashes, 16 hexadecimal digits each.
    pub hashes: String,
}

/// Reads a site's lines and emits each record.
pub(super) fn read(
    connection: &Connection,
    site: SiteId,
    mut emit: impl FnMut(ImportedLines) -> Result<()>,
) -> Result<()> {
    let Some(key) = imported_lines::find_key(connection, site)? else { return Ok(()) };
    let key = id::hex(&key);
    for period in imported_lines::periods(connection, site)? {
        let Some(seen_at) = imported_lines::seen_at(connection, site, period)? else { continue };
        let mut by_times = BTreeMap::<u32, Vec<u64>>::new();
        let mut hashes = imported_lines::list(connection, site, period)?;
        hashes.sort_unstable();
        for same in hashes.chunk_by(|one, next| one == next) {
            by_times.entry(u32::try_from(same.len()).unwrap_or(u32::MAX)).or_default().push(same[0]);
        }
        for (times, hashes) in by_times {
            for part in hashes.chunks(limits::EXPORT_LINES) {
                let bytes: Vec<u8> = part.iter().flat_map(|hash| hash.to_le_bytes()).collect();
                let hashes = id::hex(&bytes);
                let (key, seen_at) = (key.clone(), seen_at.0);
                emit(ImportedLines { key, period: period.0, seen_at, times, hashes })?;
            }
        }
    }
    Ok(())
}

/// The lines that a file may still add: a few characters in it may stand for millions of lines.
pub(super) struct Room {
    now: Timestamp,
    /// The number of lines beyond the first one of each hash.
    repeats: usize,
}

impl Room {
    /// Creates the room of a file.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, repeats: limits::IMPORT_PERIOD_LINES_MAX }
    }
}

/// Adds hashes to those of a site.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    lines: &ImportedLines,
    room: &mut Room,
) -> Result<ImportOutcome> {
    let (Some(key), Some(bytes)) = (id::unhex::<16>(&lines.key), id::unhex_all(&lines.hashes)) else {
        return Ok(ImportOutcome::Known);
    };
    if imported_lines::find_key(tx, site)? != Some(key) {
        if imported_lines::last_period(tx, site)?.is_some() {
            return Ok(ImportOutcome::LeftOut(OTHER_KEY.0));
        }
        // A site that knows no lines takes over those of the file, and their key.
        imported_lines::set_key(tx, site, &key)?;
    }
    let period = ImportPeriod(lines.period);
    let here = imported_lines::list(tx, site, period)?;
    let here_count = here.len();
    let here = counted(here);
    let mut missing = Vec::new();
    for hash in bytes.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes) {
        let times = lines.times.saturating_sub(here.get(&hash).copied().unwrap_or(0));
        missing.extend((times > 0).then_some((hash, usize::try_from(times).unwrap_or(usize::MAX))));
    }
    if missing.is_empty() {
        return Ok(ImportOutcome::Known);
    }
    let count = missing.iter().fold(0_usize, |count, (_, times)| count.saturating_add(*times));
    if here_count.saturating_add(count) > limits::IMPORT_PERIOD_LINES_MAX {
        return Ok(ImportOutcome::Full("the site knows as many lines of those ten minutes as it may"));
    }
    let Some(repeats) = room.repeats.checked_sub(count - missing.len()) else {
        return Ok(ImportOutcome::Full("the file has more repeated lines than are remembered"));
    };
    room.repeats = repeats;
    let hashes: Vec<u64> =
        missing.into_iter().flat_map(|(hash, times)| std::iter::repeat_n(hash, times)).collect();
    imported_lines::add(tx, site, period, &hashes, Timestamp(lines.seen_at).min(room.now))?;
    Ok(ImportOutcome::Made)
}

fn counted(hashes: Vec<u64>) -> HashMap<u64, u32> {
    // Hashes may repeat millions of times.
    let mut counts = HashMap::default();
    for hash in hashes {
        *counts.entry(hash).or_default() += 1;
    }
    counts
}
