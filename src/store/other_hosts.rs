//! Hosts that are not known as a site's and sent page views, filtered or not, counted by site and day.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use rusqlite::{Connection, Row, Transaction, named_params};

/// Page views of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Views {
    /// Filtered or not.
    pub all: i64,
    /// The filtered ones among them.
    pub filtered: i64,
}

/// Adds to the page views of a host on a day; to nothing when the site is gone, or when its day has no room for the host.
pub fn add(transaction: &Transaction<'_>, site: SiteId, day: Day, host: &str, views: Views) -> Result<()> {
    // Another process may have added hosts since they were read.
    if !has_room(transaction, site, day, host)? {
        return Ok(());
    }
    let mut statement = transaction.prepare_cached(
        "insert into other_hosts (site_id, day, host, page_views, filtered)
         select :site, :day, :host, :views, :filtered where exists (select 1 from sites where id = :site)
         on conflict do update set
           page_views = page_views + excluded.page_views,
           filtered = filtered + excluded.filtered",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":day": day.0, ":host": host, ":views": views.all, ":filtered": views.filtered,
    })?;
    Ok(())
}

/// Returns true if a day lists a host or has room for it. A host with an answer takes no place.
pub fn has_room(connection: &Connection, site: SiteId, day: Day, host: &str) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select
           exists (select 1 from other_hosts where site_id = :site and day = :day and host = :host)
           or exists (select 1 from site_hosts where site_id = :site and host = :host)
           or (select count(*)
               from other_hosts
               where site_id = :site and day = :day
                 and host not in (select host from site_hosts where site_id = :site)) < :most",
    )?;
    let most = i64::try_from(limits::OTHER_HOSTS_PER_DAY_MAX).unwrap_or(i64::MAX);
    let bound = named_params! {":site": site.0, ":day": day.0, ":host": host, ":most": most};
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Lists the hosts of a day that take a place, with their page views: those that nobody answered for by name.
pub fn names(connection: &Connection, site: SiteId, day: Day) -> Result<Vec<(String, i64)>> {
    let mut question = connection.prepare_cached(
        "select host, page_views
         from other_hosts
         where site_id = :site and day = :day
           and host not in (select host from site_hosts where site_id = :site)
         order by host",
    )?;
    let bound = named_params! {":site": site.0, ":day": day.0};
    let rows = question.query_map(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the hosts of the days from one to another with their page views, most first.
pub fn list(connection: &Connection, site: SiteId, first: Day, last: Day) -> Result<Vec<(String, Views)>> {
    let mut question = connection.prepare_cached(
        "select host, sum(page_views) as views, sum(filtered)
         from other_hosts
         where site_id = :site and day between :first and :last
         group by host
         order by views desc, host",
    )?;
    let bound = named_params! {":site": site.0, ":first": first.0, ":last": last.0};
    let read = |row: &Row<'_>| Ok((row.get(0)?, Views { all: row.get(1)?, filtered: row.get(2)? }));
    let rows = question.query_map(bound, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tells whether a site has hosts of days before this one.
pub fn has_before(connection: &Connection, site: SiteId, day: Day) -> Result<bool> {
    let mut question = connection
        .prepare_cached("select exists (select 1 from other_hosts where site_id = :site and day < :day)")?;
    Ok(question.query_row(named_params! {":site": site.0, ":day": day.0}, |row| row.get(0))?)
}

/// Deletes a host of a day.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, day: Day, host: &str) -> Result<()> {
    transaction
        .prepare_cached("delete from other_hosts where site_id = :site and day = :day and host = :host")?
        .execute(named_params! {":site": site.0, ":day": day.0, ":host": host})?;
    Ok(())
}

/// Deletes the hosts of a site's days before this one.
pub fn delete_before(transaction: &Transaction<'_>, site: SiteId, day: Day) -> Result<()> {
    transaction
        .prepare_cached("delete from other_hosts where site_id = :site and day < :day")?
        .execute(named_params! {":site": site.0, ":day": day.0})?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::{Timestamp, Zone};
    use crate::store::site_hosts;
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};

    #[test]
    fn a_day_has_room_for_fifty_hosts_whoever_adds_them_and_for_all_that_were_answered() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let user = NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
        let owner = users::create(&tx, &user).unwrap();
        let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
        let site = sites::create(&tx, owner, &new, &Keys::generate().unwrap(), Timestamp(0)).unwrap();
        let add = |host: &str| add(&tx, site, Day(1), host, Views { all: 2, filtered: 1 }).unwrap();
        for number in 0..60 {
            add(&format!("copy-{number}.example"));
        }
        assert_eq!(names(&tx, site, Day(1)).unwrap().len(), limits::OTHER_HOSTS_PER_DAY_MAX);
        site_hosts::set(&tx, site, "copy-99.example", false).unwrap();
        for host in ["copy-7.example", "copy-77.example", "copy-99.example"] {
            add(host);
        }
        let known = list(&tx, site, Day(1), Day(1)).unwrap();
        assert_eq!(known.len(), limits::OTHER_HOSTS_PER_DAY_MAX + 1);
        assert_eq!(known[0], ("copy-7.example".to_owned(), Views { all: 4, filtered: 2 }));
    }
}
