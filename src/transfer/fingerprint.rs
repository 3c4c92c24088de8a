//! The files that were imported before, known by the hash of their beginning, whatever their name and compression.

use super::format::Format;
use super::source_file::LinePosition;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::imports::{self, Import};
use crate::store::sites;
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, Transaction};

/// Returns the earlier import of a file with this beginning, into this site: the one with the longest known beginning.
/// Without a site, the import into any site, for exported sites.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn find(
    connection: &Connection,
    format: Format,
    site: Option<SiteId>,
    head: &[u8],
) -> Result<Option<Import>> {
    let is_same = |import: &Import| {
        let length = usize::try_from(import.head_bytes).unwrap_or(usize::MAX);
        let begins = head.get(..length).is_some_and(|head| digest(&SHA256, head).as_ref() == import.hash);
        begins && site.is_none_or(|site| site == import.site)
    };
    Ok(imports::list(connection, format.name())?.into_iter().find(is_same))
}

/// Returns the position that an import has reached in its file.
pub fn position(import: &Import) -> LinePosition {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    LinePosition { bytes: count(import.bytes), lines: count(import.lines) }
}

/// The progress of this run, as the data file holds it. If the data file says something else, another process imports
/// the same file, and both would count every line.
#[derive(Default)]
pub struct ImportProgress(Option<Import>);

impl ImportProgress {
    /// Returns the progress of a run whose record is written.
    pub fn resumed(written: Import) -> Self {
        Self(Some(written))
    }

    /// Writes the progress of the file; `start` is its progress when it was read through first.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when another process imports the file or its site is gone, and when the data file
    /// cannot be written.
    pub fn set(
        &mut self,
        tx: &Transaction<'_>,
        format: Format,
        head: &[u8],
        start: &Import,
        import: Import,
    ) -> Result<()> {
        check_site(tx, import.site)?;
        let (stored, expected) = match &self.0 {
            Some(written) => (imports::find(tx, written.site, &written.hash)?, written),
            None => (find(tx, format, Some(start.site), head)?, start),
        };
        if stored.map_or((0, 0), |stored| (stored.bytes, stored.lines)) != (expected.bytes, expected.lines) {
            return Err(concurrent_import());
        }
        if import.hash != expected.hash {
            imports::delete(tx, expected.site, &expected.hash)?;
        }
        imports::set(tx, &import)?;
        self.0 = Some(import);
        Ok(())
    }
}

/// Checks that the site still exists.
///
/// # Errors
///
/// Fails with `Error::Setup` when the site was removed during the import, and when the data file cannot be read.
pub fn check_site(connection: &Connection, site: SiteId) -> Result<()> {
    if sites::find(connection, site)?.is_none() { Err(concurrent_import()) } else { Ok(()) }
}

/// Returns the error for a file that another process imports too.
pub fn concurrent_import() -> Error {
    Error::Setup(
        "This file is being imported by another process, or its site was removed meanwhile. This import stops here; \
         nothing was counted twice."
            .into(),
    )
}

/// Returns the import of a new file; it is known by its beginning up to the end of its last line.
pub fn begin(format: Format, site: SiteId, name: String, head: &[u8], end: u64, now: Timestamp) -> Import {
    let (hash, head_bytes) = hash(head, end);
    Import {
        site,
        hash,
        head_bytes,
        format: format.name().into(),
        name,
        bytes: 0,
        lines: 0,
        taken: 0,
        left_out: 0,
        refused: 0,
        begun_at: now,
        ended_at: None,
    }
}

/// Returns the hash of a beginning up to the end of the last line, and the length of that part in bytes.
pub fn hash(head: &[u8], end: u64) -> (Vec<u8>, i64) {
    let length = head.len().min(usize::try_from(end).unwrap_or(usize::MAX));
    (digest(&SHA256, &head[..length]).as_ref().to_vec(), i64::try_from(length).unwrap_or(i64::MAX))
}
