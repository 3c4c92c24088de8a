//! Deletion of rows by commands, in slices with pauses in which a running server can write.

use super::context::Context;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::interned_table::InternedTable;
use crate::store::label_gc::MarkSet;
use crate::store::site_deletion;
use crate::store::{sites, visit_erasure};
use rusqlite::Connection;

/// Deletes the rows of a removed site, in slices between which a running server can write.
///
/// # Errors
/// Fails when the data file cannot be opened or written.
pub fn delete_site(context: &Context, id: SiteId) -> Result<()> {
    let mut connection = crate::store::open(&context.data, false)?;
    while crate::store::change(&mut connection, |tx| site_deletion::delete_rows(tx, id))? > 0 {
        pause(&connection)?;
    }
    // Labels that a running import keeps from being deleted stay marked by the site's last visit; a task of the server
    // finds them later.
    if delete_labels(&mut connection, context.now)? {
        crate::store::change(&mut connection, |tx| site_deletion::delete_last(tx, id))?;
    }
    crate::store::close(connection)
}

/// Deletes unused labels and truncates the log; returns false when another process reads or imports just now, and the
/// next sweep must do the rest.
///
/// # Errors
/// Fails when the data file cannot be read or written.
pub fn sweep(context: &Context, mut connection: Connection) -> Result<bool> {
    let unswept = visit_erasure::list_unswept(&connection)?;
    if unswept.is_empty() {
        crate::store::close(connection)?;
        return Ok(true);
    }
    if !delete_labels(&mut connection, context.now)? {
        crate::store::close(connection)?;
        return Ok(false);
    }
    let mut is_cut = false;
    for _ in 0..limits::LOG_TRIES {
        is_cut = crate::store::empty_log(&context.data)?;
        if is_cut {
            crate::store::change(&mut connection, |tx| visit_erasure::set_swept(tx, &unswept))?;
            break;
        }
        std::thread::park_timeout(limits::DELETE_PAUSE);
    }
    crate::store::close(connection)?;
    Ok(is_cut)
}

/// Moves the write-ahead log into the data file, then pauses so that a running server can write.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn pause(connection: &Connection) -> Result<()> {
    crate::store::checkpoint(connection)?;
    std::thread::park_timeout(limits::DELETE_PAUSE);
    Ok(())
}

/// Deletes sources, devices, places and labels without references, in slices between which a running server can write.
/// Returns false while an import runs.
fn delete_labels(connection: &mut Connection, now: Timestamp) -> Result<bool> {
    for _ in 0..limits::MARK_TRIES {
        if delete_marked(connection, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs one attempt of [`delete_labels`]; returns false when rows were added that it had not seen.
fn delete_marked(connection: &mut Connection, now: Timestamp) -> Result<bool> {
    let mut marks = MarkSet::begin(connection, now)?;
    for site in sites::list(connection)? {
        marks.add(connection, site.id)?;
    }
    for shared in InternedTable::ALL {
        for slice in marks.orphans(connection, shared)?.chunks(limits::DELETE_ROWS_PER_SLICE) {
            if !crate::store::change(connection, |tx| marks.delete(tx, shared, slice))? {
                return Ok(false);
            }
            pause(connection)?;
        }
    }
    Ok(true)
}
