//! The lists of visits and of actions for programs, visit by visit, without columns and without an end to what is read.

use super::super::query::{ActionsWant, Query, VisitRecordsWant};
use super::super::search::Search;
use super::super::visits::actions::{self, ActionKey};
use super::super::visits::listed::{ListedAction, ListedVisit};
use super::super::visits::visit::{self, ReachedGoal, Visit, VisitorHistory};
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId};
use crate::model::page_form::page_form;
use rusqlite::Connection;
use std::cmp::Reverse;
use std::sync::Arc;

/// Returns a visit with the goals that it reached.
pub fn whole_visit(connection: &Connection, site: SiteId, id: VisitId) -> Result<Visit> {
    let sql = "select name, conversions.revenue, at from conversions join goals on goals.id = goal
         where visit_id = ?1 and counts and removed_at is null order by number";
    let mut goals = connection.prepare(sql)?;
    let goals = goals.query_map([id.0], |row| {
        let at = Timestamp(id.began().0 + row.get::<_, i64>(2)?);
        Ok(ReachedGoal { name: row.get(0)?, revenue: row.get(1)?, at })
    })?;
    Ok(Visit { goals: goals.collect::<rusqlite::Result<_>>()?, ..visit::get(connection, site, id)? })
}

fn listed(connection: &Connection, query: &Query, id: VisitId) -> Result<ListedVisit> {
    let visit = whole_visit(connection, query.site.id, id)?;
    let sql = "select count(*), min(id) from visits where visitor_id = ?1";
    let history = connection.query_row(sql, [visit.visitor.0], |row| {
        Ok(VisitorHistory { visits: row.get(0)?, first: VisitId(row.get(1)?) })
    });
    let custom = visit::custom(connection, query.site.id, id)?;
    Ok(ListedVisit { visit, custom, history: Some(history?), actions: Vec::new() })
}

/// Returns a page of visits, of which all are given, newest first.
pub fn visit_records(
    connection: &Connection,
    query: &Query,
    ids: &[VisitId],
    want: &VisitRecordsWant,
) -> Result<Vec<ListedVisit>> {
    let is_listed = |id: &&VisitId| want.since.is_none_or(|since| id.began() >= since);
    let ids = ids.iter().filter(is_listed).filter(|id| want.below.is_none_or(|below| **id < below));
    let ids: Vec<VisitId> = ids.copied().collect();
    let page = want.page.slice(&ids).iter().map(|id| {
        let visit = listed(connection, query, *id)?;
        let actions =
            if want.with_actions { actions::list(connection, &query.site, *id)? } else { Vec::new() };
        Ok(ListedVisit { actions, ..visit })
    });
    page.collect()
}

/// Returns true if a search finds one of these texts.
fn finds(search: &Search, texts: &[Option<&str>]) -> bool {
    let mut small = texts.iter().flatten().map(|text| text.to_lowercase());
    match search {
        Search::Everything => true,
        Search::Contains(part) => small.any(|text| text.contains(&part.to_lowercase())),
        Search::Exactly(whole) => {
            small.any(|text| text == whole.to_lowercase() || text == page_form(whole).to_lowercase())
        }
    }
}

/// Returns a page of the actions of visits.
pub fn actions(
    connection: &Connection,
    query: &Query,
    ids: &[VisitId],
    want: &ActionsWant,
) -> Result<Vec<ListedAction>> {
    let mut all = Vec::new();
    for id in ids {
        let visit = Arc::new(listed(connection, query, *id)?);
        let mut has_landed = false;
        for action in actions::list(connection, &query.site, *id)? {
            let is_landing = action.kind == ActionKind::PageView && !has_landed;
            has_landed |= is_landing;
            let page = action.page.as_deref();
            let path = page.and_then(|page| page.strip_prefix("https://a.example"));
            let elsewhere = page.filter(|_| path.is_none()).and_then(|page| page.split_once("://"));
            let elsewhere = elsewhere.map(|(_, rest)| rest.trim_start_matches("www.").trim_end_matches('/'));
            let is_listed = want.filters.kind.map_or(action.kind.counts(), |kind| kind == action.kind)
                && want.since.is_none_or(|since| action.at >= since)
                && finds(&want.filters.title, &[action.title.as_deref()])
                && finds(&want.filters.href, &[page, path, elsewhere]);
            if is_listed {
                let key = ActionKey { at: action.at, visit: *id, number: action.number };
                if want.below.is_none_or(|below| key < below) {
                    all.push((key, ListedAction { visit: Arc::clone(&visit), action, is_landing }));
                }
            }
        }
    }
    all.sort_by_key(|(key, _)| Reverse(*key));
    Ok(want.page.slice(&all).iter().map(|(_, action)| action.clone()).collect())
}
