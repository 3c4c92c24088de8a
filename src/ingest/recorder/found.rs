//! The open visit that a hit belongs to: the one that a program names, the newest of its visitor, or none.

use super::open_visits::{OpenVisits, can_be_joined, is_open, visit_at};
use super::site_book::KnownSite;
use super::visitor::Visitor;
use crate::error::Result;
use crate::id::{SiteId, VisitorId};
use crate::ingest::hit::{Hit, Named};
use crate::store::rows::{self, Visit};
use rusqlite::Transaction;

/// What is known of the visit that a hit may belong to.
pub enum Found {
    /// The visit goes on. With `is_renamed`, the hit has put it under another visitor's number.
    Open {
        /// The visit.
        visit: Visit,
        /// True if that has changed its row already.
        is_renamed: bool,
    },
    /// There is none; the visitor may be one who was never seen.
    None { is_new: bool },
    /// A program names one that can't go on.
    Unknown,
}

/// The open visit that a hit belongs to.
pub fn find(
    visits: &mut OpenVisits,
    tx: &Transaction<'_>,
    known: &KnownSite,
    visitor: &Visitor,
    hit: &Hit,
) -> Result<Found> {
    let site = hit.site;
    if let Some(program) = &hit.server_side {
        if let Named::Visit(id) = program.names {
            let joined = visits.find(tx, site, id)?.filter(|visit| can_be_joined(visit, hit.at));
            return Ok(joined.map_or(Found::Unknown, as_it_is));
        }
        let hashers = (known.hasher(), known.hasher_before(hit.at));
        if let Some(visit) = visits.by_address(tx, site, hashers, hit.address, hit.at)? {
            return Ok(as_it_is(visit));
        }
    }
    let mut is_new = true;
    for candidate in visitor.candidates(known, hit) {
        let Some(newest) = visits.newest(tx, site, candidate)? else { continue };
        is_new &= candidate != visitor.id();
        let Some(visit) = visit_at(tx, site, newest, hit.at)? else { continue };
        if !is_open(&visit, hit.at) {
            if visitor.lasting == Some(candidate) {
                // Somebody known: the open visit of the same address and browser is somebody else's.
                break;
            }
            continue;
        }
        return match visitor.lasting {
            Some(lasting) if candidate != lasting => {
                let visit = rename(visits, tx, site, visit, lasting)?;
                Ok(Found::Open { visit, is_renamed: true })
            }
            _ => Ok(as_it_is(visit)),
        };
    }
    Ok(Found::None { is_new })
}

fn as_it_is(visit: Visit) -> Found {
    Found::Open { visit, is_renamed: false }
}

/// Consent came during the visit: it goes on under the cookie's number.
fn rename(
    visits: &mut OpenVisits,
    tx: &Transaction<'_>,
    site: SiteId,
    visit: Visit,
    lasting: VisitorId,
) -> Result<Visit> {
    rows::update_visitor(tx, site, visit.id, lasting)?;
    let from = visit.visitor;
    let renamed = Visit { visitor: lasting, ..visit };
    visits.renamed(tx, site, from, renamed.clone())?;
    Ok(renamed)
}
