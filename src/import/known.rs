//! Files that were imported before: known by the hash of their beginning, however they are called and packed by now.

use super::format::Format;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::SiteId;
use crate::store::imports::{self, Import};
use ring::digest::{SHA256, digest};
use rusqlite::Connection;

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
