//! The reading of a visit's pages: for how long they were visible, and how far. Depths, and the clicks on pages, are deleted
//! when they are old.

use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use crate::store::blocks;
use crate::store::site_deletion::deleting_for_good;
use crate::store::visit_erasure::note_unswept;
use rusqlite::{Transaction, named_params};

/// The reading of a page in a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRead {
    /// The label of the page's URL.
    pub page: i64,
    /// The seconds in which it was visible.
    pub seconds: i64,
    /// The deepest point seen, in thousandths of the page's height; `None` if it was not measured.
    pub depth: Option<i64>,
}

/// Adds how a page was read to what is known of it in the visit: seconds add up, of two depths the larger one counts. A page
/// for which the visit has no room is left out.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn add(tx: &Transaction<'_>, site: SiteId, visit: VisitId, read: &PageRead) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "insert into page_reads (site_id, visit_id, page, seconds, depth)
         select :site, :visit, :page, min(:seconds, :most_seconds), :depth
         where (select count(*) from page_reads where site_id = :site and visit_id = :visit and page <> :page) < :most
         on conflict (site_id, visit_id, page) do update set
           seconds = min(seconds + excluded.seconds, :most_seconds),
           depth = nullif(max(ifnull(depth, -1), ifnull(excluded.depth, -1)), -1)",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":page": read.page, ":seconds": read.seconds, ":depth": read.depth,
        ":most": limits::PAGE_READS_PER_VISIT_MAX, ":most_seconds": limits::READ_SECONDS_MAX,
    })?;
    Ok(())
}

/// Deletes the clicks and depths of the first `most` visits that have some and began before another, and unseals their days.
/// The seconds in which pages were visible stay. Returns false when there is nothing to delete.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(tx: &Transaction<'_>, site: SiteId, before: VisitId, most: i64) -> Result<bool> {
    let mut question = tx.prepare_cached(
        "select min(visit_id), max(visit_id) from (
           select visit_id from (
             select * from (
               select distinct visit_id from heatmap_clicks
               where site_id = :site and visit_id < :before order by visit_id limit :most)
             union
             select * from (
               select distinct visit_id from page_reads
               where site_id = :site and visit_id < :before and depth is not null order by visit_id limit :most))
           order by visit_id limit :most)",
    )?;
    let bound = named_params! {":site": site.0, ":before": before.0, ":most": most};
    let ends: (Option<i64>, Option<i64>) = question.query_row(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = ends else { return Ok(false) };
    deleting_for_good(tx, || {
        let between = "where site_id = :site and visit_id between :first and :last";
        for change in [
            format!("delete from heatmap_clicks {between}"),
            format!("delete from page_reads {between} and seconds = 0"),
            format!("update page_reads set depth = null {between} and depth is not null"),
        ] {
            let bound = named_params! {":site": site.0, ":first": first, ":last": last};
            tx.prepare_cached(&change)?.execute(bound)?;
        }
        blocks::unseal(tx, site, &(VisitId(first)..VisitId(last + 1)))?;
        note_unswept(tx, site)
    })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_add_up_the_depth_only_grows_and_a_visit_has_so_many_pages() {
        let mut connection = crate::store::scratch().unwrap();
        let tx = connection.transaction().unwrap();
        let tell = |page, seconds, depth| {
            add(&tx, SiteId(1), VisitId(7), &PageRead { page, seconds, depth }).unwrap();
        };
        let known = |page: i64| -> Option<(i64, Option<i64>)> {
            let sql = "select seconds, depth from page_reads where page = ?1";
            tx.query_row(sql, [page], |row| Ok((row.get(0)?, row.get(1)?))).ok()
        };
        for (seconds, depth) in [(10, None), (5, Some(300)), (1, Some(200)), (0, None)] {
            tell(1, seconds, depth);
        }
        assert_eq!(known(1), Some((16, Some(300))));
        tell(1, limits::READ_SECONDS_MAX, None);
        assert_eq!(known(1), Some((limits::READ_SECONDS_MAX, Some(300))));
        for page in 2..=limits::PAGE_READS_PER_VISIT_MAX + 1 {
            tell(page, 1, None);
        }
        tell(2, 1, None);
        assert_eq!(known(2), Some((2, None)));
        assert_eq!(known(limits::PAGE_READS_PER_VISIT_MAX), Some((1, None)));
        assert_eq!(known(limits::PAGE_READS_PER_VISIT_MAX + 1), None);
    }
    #[test]
    fn old_clicks_and_depths_are_deleted_slice_by_slice_and_seconds_stay() {
        let mut connection = crate::store::scratch().unwrap();
        let tx = connection.transaction().unwrap();
        for visit in 1..=5 {
            let read = PageRead { page: 1, seconds: i64::from(visit != 1), depth: Some(500) };
            add(&tx, SiteId(1), VisitId(visit), &read).unwrap();
            let sql = "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width) values (1, ?1, 1, 1, 1, 1, 1)";
            tx.execute(sql, [visit]).unwrap();
        }
        let mut slices = 0;
        while delete_old(&tx, SiteId(1), VisitId(5), 3).unwrap() {
            slices += 1;
        }
        let count = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(slices, 2);
        assert_eq!(count("select min(visit_id) from heatmap_clicks"), 5);
        assert_eq!(count("select count(*) from page_reads"), 4, "nothing was left of the first");
        assert_eq!(count("select count(depth) from page_reads"), 1);
    }
}
