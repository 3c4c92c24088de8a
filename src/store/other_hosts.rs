//! Hosts that are not known as a site's and sent page views, filtered or not, counted by site and day.

use crate::clock::Day;
use crate::error::Result;
use crate::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};

/// Adds to the page views of a host on a day; to nothing when the site is gone.
pub fn add(transaction: &Transaction<'_>, site: SiteId, day: Day, host: &str, page_views: i64) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into other_hosts (site_id, day, host, page_views)
         select :site, :day, :host, :views where exists (select 1 from sites where id = :site)
         on conflict do update set page_views = page_views + excluded.page_views",
    )?;
    statement.execute(named_params! {":site": site.0, ":day": day.0, ":host": host, ":views": page_views})?;
    Ok(())
}

/// Lists the hosts of a day.
pub fn names(connection: &Connection, site: SiteId, day: Day) -> Result<Vec<String>> {
    let mut question = connection
        .prepare_cached("select host from other_hosts where site_id = :site and day = :day order by host")?;
    let rows = question.query_map(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the hosts of the days from one to another with their page views, most first.
pub fn list(connection: &Connection, site: SiteId, first: Day, last: Day) -> Result<Vec<(String, i64)>> {
    let mut question = connection.prepare_cached(
        "select host, sum(page_views) as views
         from other_hosts
         where site_id = :site and day between :first and :last
         group by host
         order by views desc, host",
    )?;
    let bound = named_params! {":site": site.0, ":first": first.0, ":last": last.0};
    let rows = question.query_map(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tells whether a site has hosts of days before this one.
pub fn has_before(connection: &Connection, site: SiteId, day: Day) -> Result<bool> {
    let mut question = connection
        .prepare_cached("select exists (select 1 from other_hosts where site_id = :site and day < :day)")?;
    Ok(question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?)
}

/// Deletes the hosts of a site's days before this one.
pub fn delete_before(transaction: &Transaction<'_>, site: SiteId, day: Day) -> Result<()> {
    transaction
        .prepare_cached("delete from other_hosts where site_id = :site and day < :day")?
        .execute(named_params! {":site": site.0, ":day": day.0})?;
    Ok(())
}
