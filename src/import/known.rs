//! Files that were imported before: known by the hash of their beginning, however they are called and packed by now.

use super::format::Format;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::SiteId;
use crate::store::imports::{self, Import};
use crate::store::sites;
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, Transaction};

/// The file that begins so, if it was imported before: the one of whose beginning most is known. Of hits and logs, into
/// this site; an exported site is known wherever it became one.
pub fn find(
    connection: &Connection,
    (format, site): (Format, Option<SiteId>),
    head: &[u8],
) -> Result<Option<Import>> {
    let is_it = |known: &Import| {
        let length = usize::try_from(known.head_bytes).unwrap_or(usize::MAX);
        let begins = head.get(..length).is_some_and(|head| digest(&SHA256, head).as_ref() == known.hash);
        begins && site.is_none_or(|site| site == known.site)
    };
    Ok(imports::list(connection, format.name())?.into_iter().find(is_it))
}

/// How far this run has brought a file, as the data file was told. Where that says something else by now, another process
/// imports the same file: both would count every line.
#[derive(Default)]
pub struct Mark(Option<Import>);

impl Mark {
    /// Of a run that has written down this.
    pub fn at(written: Import) -> Self {
        Self(Some(written))
    }

    /// Writes down how far the file is by now; `start` is where it stood when it was looked through. Fails where another
    /// process imports it, or its site is gone.
    pub fn set(
        &mut self,
        tx: &Transaction<'_>,
        (format, head, start): (Format, &[u8], &Import),
        import: Import,
    ) -> Result<()> {
        check_site(tx, import.site)?;
        let (stored, expected) = match &self.0 {
            Some(written) => (imports::find(tx, written.site, &written.hash)?, written),
            None => (find(tx, (format, Some(start.site)), head)?, start),
        };
        if stored.map_or((0, 0), |stored| (stored.bytes, stored.lines)) != (expected.bytes, expected.lines) {
            return Err(beside());
        }
        if import.hash != expected.hash {
            imports::delete(tx, expected.site, &expected.hash)?;
        }
        imports::set(tx, &import)?;
        self.0 = Some(import);
        Ok(())
    }
}

/// Fails where a site was removed while a file was imported into it.
pub fn check_site(connection: &Connection, site: SiteId) -> Result<()> {
    if sites::find(connection, site)?.is_none() { Err(beside()) } else { Ok(()) }
}

/// What is said of a file that another process imports, too.
pub fn beside() -> Error {
    Error::Setup(
        "This file is being imported by another process, or its site was removed meanwhile. This import stops here; \
         nothing was counted twice."
            .into(),
    )
}

/// A file that is imported from its beginning on; as much of it is known as is there to its last line's end.
pub fn begin(
    (format, site): (Format, SiteId),
    name: String,
    (head, end): (&[u8], u64),
    now: Timestamp,
) -> Import {
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

/// The hash of as much of a beginning as stands before the end of the last line.
pub fn hash(head: &[u8], end: u64) -> (Vec<u8>, i64) {
    let length = head.len().min(usize::try_from(end).unwrap_or(usize::MAX));
    (digest(&SHA256, &head[..length]).as_ref().to_vec(), i64::try_from(length).unwrap_or(i64::MAX))
}
