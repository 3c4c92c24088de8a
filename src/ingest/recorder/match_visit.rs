//! The visit that a hit belongs to: the one that a program names, the newest of its visitor, or none. An order or
//! custom data may arrive after the end of its visit: it joins the visit all the same, within the longest duration of
//! a visit.

use super::arrival::Arrival;
use super::visit_cache::{VisitCache, can_be_joined, is_open, visit_at};
use crate::error::Result;
use crate::ingest::drop_reason::{DropReason, Passed};
use crate::ingest::hit::{Hit, HitKind, VisitorRef};
use crate::limits;
use crate::model::id::VisitorId;
use crate::store::touches::{self, TouchedVisit, Touches};
use crate::store::visits::{self, OpenVisit, VisitStart, visit_flags};

/// The result of looking for the visit of a hit.
pub enum VisitMatch {
    /// The visit goes on. With `is_renamed`, the hit has moved it to another visitor ID.
    Open {
        /// The visit.
        visit: OpenVisit,
        /// True if its row was changed already.
        is_renamed: bool,
    },
    /// The visit has the most actions that one may have: the visitor's next visit begins with this one.
    Full(OpenVisit),
    /// There is no visit; with `is_new`, the visitor was never seen.
    None { is_new: bool },
}

/// The visit of a hit.
pub struct HitVisit {
    /// The visit.
    pub row: OpenVisit,
    /// Its source, device, location and traits, if it begins with the hit and is not written yet.
    pub start: Option<VisitStart>,
}

impl HitVisit {
    /// Finds the sources of earlier visits that are credited with a visit that begins, unless its visitor is new or its page
    /// wants none.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn find_touches(&mut self, arrival: &Arrival<'_>) -> Result<()> {
        let Self { row, start: Some(start) } = self else { return Ok(()) };
        let visit =
            TouchedVisit { site: arrival.hit.site, visitor: row.visitor, id: row.id, source: start.source };
        let may_have = start.traits & (visit_flags::NEW | visit_flags::STICKY_DISABLED) == 0;
        start.touches = if may_have { touches::find(arrival.tx, &visit)? } else { Touches::default() };
        Ok(())
    }
}

/// Finds the visit that a hit belongs to.
///
/// # Errors
///
/// Drops a hit that cannot join the visit that it belongs to, and may not open one. Fails when the data file cannot be
/// read or written.
pub fn find(visits: &mut VisitCache, arrival: &Arrival<'_>) -> Passed<VisitMatch> {
    let Arrival { tx, hit, site: cached, visitor, .. } = arrival;
    let site = hit.site;
    if let Some(program) = &hit.server_side {
        if let VisitorRef::Visit(id) = program.visitor {
            let joined = visits.find(tx, site, id)?.filter(|visit| can_be_joined(visit, hit.at));
            return Ok(with_room(visits, arrival, joined.ok_or(DropReason::UnknownVisit)?)?);
        }
        let newest = visits.by_address(arrival)?;
        // An address alone does not show whose visit an ended one was.
        if let Some(visit) = newest.filter(|visit| is_open(visit, hit.at)) {
            return Ok(with_room(visits, arrival, visit)?);
        }
    }
    let mut is_new = true;
    let mut has_earlier = false;
    for candidate in visitor.candidates(cached, hit) {
        let Some(newest) = visits.newest(tx, site, candidate)? else { continue };
        is_new &= candidate != visitor.id();
        has_earlier |= visitor.cookie == Some(candidate);
        let Some(visit) = visit_at(tx, site, newest, hit.at)? else { continue };
        // For a returning visitor, an ended visit under another ID belongs to another visitor at the same address.
        let is_own_visit = candidate == visitor.id() || !has_earlier;
        if !(is_open(&visit, hit.at) || is_own_visit && goes_on(&visit, hit)) {
            if visitor.cookie == Some(candidate) {
                // For a returning visitor, the open visit of the same address and browser belongs to another visitor.
                break;
            }
            continue;
        }
        return match visitor.cookie {
            Some(cookie) if candidate != cookie && has_room(&visit, hit) => {
                let visit = rename(visits, arrival, visit, cookie)?;
                Ok(VisitMatch::Open { visit, is_renamed: true })
            }
            _ => Ok(with_room(visits, arrival, visit)?),
        };
    }
    if may_open(arrival) { Ok(VisitMatch::None { is_new }) } else { Err(DropReason::VisitOver.into()) }
}

/// Returns true if a hit of a visitor without a visit may open one. Goals and custom data may, unless they only add to a
/// page view that the tracker has sent before.
fn may_open(arrival: &Arrival<'_>) -> bool {
    let hit = arrival.hit;
    match hit.kind {
        HitKind::Action(_) => true,
        HitKind::Goal | HitKind::Custom => {
            arrival.is_import() || hit.server_side.is_some() || hit.page_views_disabled
        }
        HitKind::Heatmap | HitKind::Vitals | HitKind::Ping => false,
    }
}

/// Returns true if a hit belongs to a visit that may have ended.
fn goes_on(visit: &OpenVisit, hit: &Hit) -> bool {
    match hit.kind {
        HitKind::Goal | HitKind::Custom => can_be_joined(visit, hit.at),
        HitKind::Action(_) | HitKind::Heatmap | HitKind::Vitals | HitKind::Ping => is_open(visit, hit.at),
    }
}

/// Returns true if a visit has room for what a hit adds.
fn has_room(visit: &OpenVisit, hit: &Hit) -> bool {
    !matches!(hit.kind, HitKind::Action(_)) || visit.last_number < limits::VISIT_ACTIONS_MAX
}

/// Finds room for a hit in a visit, or in the one that followed a full visit.
fn with_room(visits: &mut VisitCache, arrival: &Arrival<'_>, visit: OpenVisit) -> Result<VisitMatch> {
    let hit = arrival.hit;
    if has_room(&visit, hit) {
        return Ok(VisitMatch::Open { visit, is_renamed: false });
    }
    let newest = visits.newest(arrival.tx, hit.site, visit.visitor)?;
    let next = newest.filter(|next| next.id > visit.id && is_open(next, hit.at) && has_room(next, hit));
    Ok(next.map_or(VisitMatch::Full(visit), |visit| VisitMatch::Open { visit, is_renamed: false }))
}

/// Moves a visit to the cookie's ID, after consent during the visit.
fn rename(
    visits: &mut VisitCache,
    arrival: &Arrival<'_>,
    visit: OpenVisit,
    cookie: VisitorId,
) -> Result<OpenVisit> {
    let (tx, site) = (arrival.tx, arrival.hit.site);
    visits::update_visitor(tx, site, visit.id, cookie)?;
    touches::renew(tx, site, visit.id)?;
    let from = visit.visitor;
    let renamed = OpenVisit { visitor: cookie, ..visit };
    visits.renamed(tx, site, from, renamed.clone())?;
    Ok(renamed)
}

/// Returns the visit that follows a full one, with the same visitor. A program that names the full visit sends neither
/// the visitor's browser nor address, which stay the same.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn continued(arrival: &Arrival<'_>, full: &OpenVisit, next: HitVisit) -> Result<HitVisit> {
    let row = OpenVisit { visitor: full.visitor, ..next.row };
    let site = arrival.hit.site;
    let before =
        if arrival.names_visit() { visits::find_beginning(arrival.tx, site, full.id)? } else { None };
    let start = before.map(|before| VisitStart {
        landing: None,
        traits: before.traits & !visit_flags::NEW,
        ..before
    });
    Ok(HitVisit { row, start: start.or(next.start) })
}
