//! How many visitors a site has right now. Asked for by every open screen, so an answer is shared for a second.

use super::range::since;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::SiteId;
use crate::limits;
use rusqlite::types::FromSql;
use rusqlite::{Connection, named_params};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const LONGEST_VISIT: Duration = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());

/// Answers of the last second.
#[derive(Default)]
pub struct OnlineNow(Mutex<HashMap<SiteId, (Timestamp, i64)>>);

impl OnlineNow {
    /// Visits active in the last five minutes.
    pub fn count(&self, connection: &Connection, site: SiteId, now: Timestamp) -> Result<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&site).copied();
        if let Some((at, count)) = known
            && now.since(at) < limits::ONLINE_AGE
        {
            return Ok(count);
        }
        let count = count(connection, site, now)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(site, (now, count));
        Ok(count)
    }
}

fn count(connection: &Connection, site: SiteId, now: Timestamp) -> Result<i64> {
    let mut question = connection.prepare_cached(
        "select count(*) from visits
         where site_id = :site and id >= :since and (id >> 20) + stay > :active",
    )?;
    let count = question.query_row(
        named_params! {
            ":site": site.0, ":since": since(now, LONGEST_VISIT).0, ":active": now.before(limits::ONLINE).0,
        },
        |row| row.get(0),
    )?;
    Ok(count)
}

/// The pages that most of those online see.
pub fn pages(connection: &Connection, site: SiteId, now: Timestamp) -> Result<Vec<(String, i64)>> {
    ask(
        connection,
        (site, now),
        "select labels.text, count(*)
         from visits
         join labels on labels.id = visits.exit
         where site_id = :site and visits.id >= :since and (visits.id >> 20) + stay > :active
         group by visits.exit
         order by 2 desc, 1
         limit 10",
    )
}

/// How those online came, by the code of the medium; most first.
pub fn sources(connection: &Connection, site: SiteId, now: Timestamp) -> Result<Vec<(i64, i64)>> {
    ask(
        connection,
        (site, now),
        "select medium, count(*)
         from visits
         where site_id = :site and id >= :since and (id >> 20) + stay > :active
         group by medium
         order by 2 desc, 1",
    )
}

fn ask<T: FromSql>(
    connection: &Connection,
    (site, now): (SiteId, Timestamp),
    sql: &'static str,
) -> Result<Vec<(T, i64)>> {
    let mut question = connection.prepare_cached(sql)?;
    let bound = named_params! {
        ":site": site.0, ":since": since(now, LONGEST_VISIT).0, ":active": now.before(limits::ONLINE).0,
    };
    let rows = question.query_map(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
