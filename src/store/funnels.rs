//! Funnels of sites, with their steps.

use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::funnel::{Funnel, FunnelSettings, FunnelStep, GOAL, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{FunnelId, GoalId, SiteId};
use rusqlite::{Connection, Row, Transaction, named_params};

/// Lists the funnels of a site, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Funnel>> {
    let mut question = connection.prepare_cached(
        "select id, name, window_days, created_at from funnels where site_id = :site order by name collate nocase, id",
    )?;
    let rows = question.query_map([site.0], |row| {
        let settings = FunnelSettings { name: row.get(1)?, window_days: row.get(2)?, steps: Vec::new() };
        Ok(Funnel { id: FunnelId(row.get(0)?), created_at: Timestamp(row.get(3)?), settings })
    })?;
    let mut funnels: Vec<Funnel> = rows.collect::<rusqlite::Result<_>>()?;
    for funnel in &mut funnels {
        funnel.settings.steps = steps(connection, funnel.id)?;
    }
    Ok(funnels)
}

/// Finds a funnel of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: FunnelId) -> Result<Funnel> {
    list(connection, site)?.into_iter().find(|funnel| funnel.id == id).ok_or(Error::Missing("funnel"))
}

fn steps(connection: &Connection, funnel: FunnelId) -> Result<Vec<FunnelStep>> {
    let mut question = connection.prepare_cached(
        "select name, kind, goal, match, pattern, is_direct from funnel_steps where funnel_id = :funnel order by number",
    )?;
    let rows = question.query_map([funnel.0], read_step)?;
    let read = rows.map(|step| step.map_err(Error::from).and_then(|step| step.ok_or(Error::Missing("step"))));
    read.collect()
}

/// Reads a step; `None` for a kind that this version does not know.
fn read_step(row: &Row<'_>) -> rusqlite::Result<Option<FunnelStep>> {
    let (kind, goal): (String, Option<i64>) = (row.get(1)?, row.get(2)?);
    let (matching, pattern): (String, String) = (row.get(3)?, row.get(4)?);
    let rule = if kind == GOAL {
        goal.map(|goal| StepRule::Goal(GoalId(goal)))
    } else {
        let matching = matching.parse::<MatchKind>().unwrap_or_default();
        kind.parse::<RuleKind>().ok().map(|kind| StepRule::Action(GoalRule { kind, matching, pattern }))
    };
    let (name, is_direct) = (row.get(0)?, row.get(5)?);
    Ok(rule.map(|rule| FunnelStep { name, rule, is_direct }))
}

/// Inserts a funnel.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    settings: &FunnelSettings,
    at: Timestamp,
) -> Result<FunnelId> {
    transaction.execute(
        "insert into funnels (site_id, name, window_days, created_at) values (:site, :name, :days, :at)",
        named_params! {":site": site.0, ":name": settings.name, ":days": settings.window_days, ":at": at.0},
    )?;
    let id = FunnelId(transaction.last_insert_rowid());
    write_steps(transaction, id, &settings.steps)?;
    Ok(id)
}

/// Replaces the settings of a funnel.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: FunnelId,
    settings: &FunnelSettings,
) -> Result<()> {
    let changed = transaction.execute(
        "update funnels set name = :name, window_days = :days where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0, ":name": settings.name, ":days": settings.window_days},
    )?;
    if changed == 0 {
        return Err(Error::Missing("funnel"));
    }
    transaction.execute("delete from funnel_steps where funnel_id = :funnel", [id.0])?;
    write_steps(transaction, id, &settings.steps)
}

/// Deletes a funnel.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, id: FunnelId) -> Result<()> {
    let deleted = transaction.execute(
        "delete from funnels where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0},
    )?;
    if deleted == 0 { Err(Error::Missing("funnel")) } else { Ok(()) }
}

fn write_steps(transaction: &Transaction<'_>, funnel: FunnelId, steps: &[FunnelStep]) -> Result<()> {
    let mut insertion = transaction.prepare_cached(
        "insert into funnel_steps (funnel_id, number, name, kind, goal, match, pattern, is_direct)
         values (:funnel, :number, :name, :kind, :goal, :match, :pattern, :is_direct)",
    )?;
    for (number, step) in (1..).zip(steps) {
        let (goal, rule) = match &step.rule {
            StepRule::Goal(goal) => (Some(goal.0), None),
            StepRule::Action(rule) => (None, Some(rule)),
        };
        let number: i64 = number;
        insertion.execute(named_params! {
            ":funnel": funnel.0, ":number": number, ":name": step.name, ":kind": step.rule.kind_name(),
            ":goal": goal, ":match": rule.map_or(MatchKind::Exact, |rule| rule.matching).name(),
            ":pattern": rule.map_or("", |rule| rule.pattern.as_str()), ":is_direct": step.is_direct,
        })?;
    }
    Ok(())
}
