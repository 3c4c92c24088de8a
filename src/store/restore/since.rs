//! The changes between a backup and the file that it replaces. The backup is `main`, that file is attached as
//! `present`.

use super::outcome::{Erased, Relation, Since};
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::audit;
use crate::store::sites;
use rusqlite::{Connection, OptionalExtension, named_params};

/// Returns the newest time recorded in a file; `None` for a file without any activity.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn newest_moment(connection: &Connection) -> Result<Option<Timestamp>> {
    let newest = connection.query_row(
        "select max(at) from (
           select max(at) as at from audit
           union all select max(ran_at) from jobs
           union all select max(created_at) from users
           union all select max(signed_in_at) from users
           union all select max(seen_at) from sign_ins
           union all select max((id >> 20) + stay) from visits)",
        [],
        |row| row.get::<_, Option<i64>>(0),
    )?;
    Ok(newest.map(Timestamp))
}

/// Returns the relation of the two files. The present file continues the backup if it still holds the backup's newest
/// act, or that act is old enough to have been deleted.
///
/// # Errors
/// Fails when either file cannot be read.
pub fn relation(connection: &Connection, now: Timestamp) -> Result<Relation> {
    let is_related: bool = connection.query_row(
        "select exists (select 1 from main.users join present.users as now using (id, created_at))
           or exists (select 1 from main.sites join present.sites as now using (id, created_at))
           or exists (select 1 from main.audit join present.audit as now using (id, at, act, about))",
        [],
        |row| row.get(0),
    )?;
    if !is_related {
        return Ok(Relation::Unrelated);
    }
    let newest = connection
        .query_row("select id, at, act, about from main.audit order by id desc limit 1", [], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        })
        .optional()?;
    let goes_on = match newest {
        None => true,
        Some((id, at, act, about)) => {
            let there = connection
                .query_row("select at, act, about from present.audit where id = :id", [id], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })
                .optional()?;
            match there {
                Some(there) => there == (at, act, about),
                None => Timestamp(at) <= now.before(limits::AUDIT_KEPT),
            }
        }
    };
    let is_later = goes_on && last_act(connection, "present")? >= last_act(connection, "main")?;
    Ok(if is_later { Relation::Later } else { Relation::Related })
}

/// Returns the highest id that an act ever had in a file.
fn last_act(connection: &Connection, schema: &str) -> Result<i64> {
    let sql = format!("select ifnull(max(seq), 0) from {schema}.sqlite_sequence where name = 'audit'");
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

/// Finds the acts since the backup that `takes_back` selects, and the visitors who were erased.
///
/// # Errors
/// Fails when either file cannot be read.
pub fn find(connection: &Connection, takes_back: impl Fn(&str) -> bool, erasing: &str) -> Result<Since> {
    let all = audit::list_attached(connection, "present", last_act(connection, "main")?)?;
    let mut sites: Vec<SiteId> =
        all.iter().filter(|record| record.act == erasing).map(|record| record.site).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut erased = Vec::new();
    for site in sites {
        erased.extend(find_erased(connection, site)?);
    }
    Ok(Since { acts: all.into_iter().filter(|record| takes_back(&record.act)).collect(), erased })
}

/// Finds the visitors of a site who lost visits that were not yet due for pruning: nothing else deletes single visits.
/// Erased visitors are recorded nowhere, so they show only in the missing visits.
fn find_erased(connection: &Connection, site: SiteId) -> Result<Vec<Erased>> {
    let Some(known) = sites::find(connection, site)? else { return Ok(Vec::new()) };
    let mut question = connection.prepare(
        "select visitor_id, count(*)
         from main.visits as was
         where site_id = :site and id >= :kept
           and not exists (select 1 from present.visits where site_id = :site and id = was.id)
           and not exists (
             select 1 from present.sites where id = :site and was.id >= dropping_begins and was.id < dropping_ends)
         group by visitor_id
         order by min(id)",
    )?;
    let kept = kept_since(connection, site, &known.zone)?;
    let rows = question.query_map(named_params! {":site": site.0, ":kept": kept.0}, |row| {
        Ok(Erased { site, visitor: VisitorId(row.get(0)?), visits: row.get(1)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the first visit id that can still have been there when the backup was replaced: older visits were pruned and
/// left totals.
fn kept_since(connection: &Connection, site: SiteId, zone: &Zone) -> Result<VisitId> {
    let last: Option<i32> = connection.query_row(
        "select max(day) from present.rollups where site_id = :site",
        [site.0],
        |row| row.get(0),
    )?;
    Ok(last.map_or(VisitId(0), |day| VisitId::first_at(zone.start(Day(day).plus(1)))))
}
