//! Visits and actions as programs list them: each visit with its custom data and the history of its visitor. A page is
//! read in a few queries, however many rows it has.

use super::actions::{self, Action, ActionKey};
use super::visible_visits::VisibleVisits;
use super::visit::{self, Visit, VisitorHistory};
use crate::error::{Error, Result};
use crate::model::id::{VisitId, VisitorId};
use crate::reports::visibility::VisitorData;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A visit in a list.
#[derive(Clone, Debug)]
pub struct ListedVisit {
    /// The visit.
    pub visit: Visit,
    /// The custom data, by key.
    pub custom: Vec<(String, String)>,
    /// The history of the visitor; `None` when single visits are hidden.
    pub history: Option<VisitorHistory>,
    /// The actions in their order, if they were asked for.
    pub actions: Vec<Action>,
}

/// An action in a list.
#[derive(Clone, Debug)]
pub struct ListedAction {
    /// The visit, shared by its actions.
    pub visit: Arc<ListedVisit>,
    /// The action.
    pub action: Action,
    /// True for the first page view of the visit, to which referrer and campaign belong.
    pub is_landing: bool,
}

impl ListedAction {
    /// Returns the place of the action in the order of time.
    pub fn key(&self) -> ActionKey {
        ActionKey { at: self.action.at, visit: self.visit.visit.id, number: self.action.number }
    }
}

/// Reads visits that may be seen, in this order and with hidden data removed. A visit that is gone is left out.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn visits(visible: &VisibleVisits<'_>, ids: &[VisitId]) -> Result<Vec<ListedVisit>> {
    let (connection, site) = (visible.connection(), visible.site.id);
    let mut found = visit::find_all(connection, site, ids)?;
    let mut custom = if visible.shows(VisitorData::Names) {
        visit::custom_of_all(connection, site, ids)?
    } else {
        HashMap::new()
    };
    let histories = if visible.shows(VisitorData::SingleVisits) {
        let visitors: BTreeSet<VisitorId> = found.values().map(|visit| visit.visitor).collect();
        visible.histories(&visitors)?
    } else {
        HashMap::new()
    };
    let known = ids.iter().filter_map(|id| found.remove(id));
    let listed = known.map(|visit| {
        Ok(ListedVisit {
            custom: custom.remove(&visit.id).unwrap_or_default(),
            history: histories.get(&visit.visitor).copied(),
            actions: Vec::new(),
            visit: visible.redact(visit)?,
        })
    });
    listed.collect()
}

/// Adds their actions to visits, with hidden data removed, up to so many bytes of texts: further visits are taken away, but for
/// the first one. Returns true if some were.
///
/// # Errors
/// Fails with [`Error::Forbidden`] when single visits are hidden, and when the query is cancelled or the data file cannot
/// be read.
pub fn add_actions(
    visible: &VisibleVisits<'_>,
    visits: &mut Vec<ListedVisit>,
    bytes_max: usize,
) -> Result<bool> {
    if !visible.shows(VisitorData::SingleVisits) {
        return Err(Error::Forbidden);
    }
    let mut bytes = 0;
    for place in 0..visits.len() {
        let found = actions::list(visible.connection(), visible.site, visits[place].visit.id)?;
        bytes += found.iter().map(Action::bytes).sum::<usize>();
        if bytes > bytes_max && place > 0 {
            visits.truncate(place);
            return Ok(true);
        }
        visits[place].actions = found.into_iter().map(|action| visible.seen_action(action)).collect();
    }
    Ok(false)
}

/// Reads actions of visits that may be seen, in this order and with hidden data removed. An action that is gone is left
/// out.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn actions(visible: &VisibleVisits<'_>, keys: &[ActionKey]) -> Result<Vec<ListedAction>> {
    let ids: BTreeSet<VisitId> = keys.iter().map(|key| key.visit).collect();
    let visits = visits(visible, &ids.into_iter().collect::<Vec<_>>())?;
    let visits: HashMap<VisitId, Arc<ListedVisit>> =
        visits.into_iter().map(|listed| (listed.visit.id, Arc::new(listed))).collect();
    let mut found = actions::find_all(visible.connection(), visible.site, keys)?;
    let listed = keys.iter().filter_map(|key| {
        let (action, is_landing) = found.remove(key)?;
        let visit = Arc::clone(visits.get(&key.visit)?);
        Some(ListedAction { visit, action: visible.seen_action(action), is_landing })
    });
    Ok(listed.collect())
}
