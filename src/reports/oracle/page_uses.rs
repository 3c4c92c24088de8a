//! The use of pages by the visits of a random site: how long and how far they read them, and what they click.

use crate::model::id::{SiteId, VisitId};
use rusqlite::Transaction;

/// Writes what a visit did on a page, by a number: how long and how far it was read, and clicks of both kinds on few elements.
pub fn use_page(
    tx: &Transaction<'_>,
    (site, visit): (SiteId, VisitId),
    (page, text): (i64, Option<i64>),
    number: i64,
) -> crate::error::Result<()> {
    if number % 4 > 0 {
        let sql = "insert into page_reads (site_id, visit_id, page, seconds, depth) values (?1, ?2, ?3, ?4, ?5)
             on conflict do update set seconds = seconds + excluded.seconds, depth = max(depth, excluded.depth)";
        let depth = (number % 3 > 0).then_some(number % 1_001);
        tx.execute(sql, (site.0, visit.0, page, number % 200, depth))?;
    }
    let sql = "insert into heatmap_clicks
           (site_id, visit_id, number, page, x, y, width, element, text, element_x, element_y, is_rage, is_dead)
         select ?1, ?2, ifnull(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
         from heatmap_clicks where site_id = ?1 and visit_id = ?2";
    for step in 0..number % 5 {
        let click = number * 7 + step * 1_003;
        // One in three has no element, as Clicky's page code sends them.
        let element = (click % 3 > 0).then_some(text.unwrap_or(page));
        let within = |value: i64| element.map(|_| value % 10_001);
        let (is_rage, is_dead) = (click % 4 == 0, click % 6 == 0);
        tx.prepare_cached(sql)?.execute(rusqlite::params![
            site.0,
            visit.0,
            page,
            click % 1_500,
            click % 4_000,
            click % 2_000,
            element,
            text.filter(|_| click % 2 > 0),
            within(click * 31),
            within(click * 17),
            is_rage,
            is_dead
        ])?;
    }
    Ok(())
}
