//! The step to version 14: goals, campaigns and annotations. Goals that pages named become rows; revenue becomes a whole
//! number of the minor unit of the site's currency: that of its owner's newest plan, else US dollars. Visits get the touches
//! that they would have got had they begun today.

mod touches_of_visits;

use crate::error::Result;
use crate::model::currency::Currency;
use crate::model::id::{GoalId, SiteId, VisitId};
use crate::store::conversions::ConversionRow;
use rusqlite::{Transaction, named_params};
use std::collections::BTreeSet;

/// Brings a file from the previous version to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute_batch(include_str!("0014.sql"))?;
    let sites: Vec<(i64, Option<String>)> = {
        let mut question = transaction.prepare(
            "select id, (select currency from plans where user_id = owner_id order by month desc limit 1) from sites",
        )?;
        let rows = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for (site, plan) in sites {
        let currency = plan.as_deref().and_then(Currency::parse).unwrap_or(Currency::USD);
        let sql = "update sites set currency = :currency where id = :site";
        transaction.execute(sql, named_params! {":currency": currency.code(), ":site": site})?;
        move_conversions(transaction, site, currency)?;
        touches_of_visits::fill(transaction, SiteId(site))?;
    }
    transaction.execute("drop table earlier_conversions", [])?;
    Ok(())
}

fn move_conversions(transaction: &Transaction<'_>, site: i64, currency: Currency) -> Result<()> {
    transaction.execute(
        "insert into goals (site_id, name, code, is_set_up, created_at)
         select site_id, text, text, 0, min(visit_id >> 20)
         from earlier_conversions join labels on labels.id = goal
         where site_id = :site
         group by goal
         order by min(visit_id)",
        [site],
    )?;
    let mut question = transaction.prepare(
        "select visit_id, number, at, goals.id, earlier_conversions.revenue
         from earlier_conversions
         join labels on labels.id = goal
         join goals on goals.site_id = :site and goals.code = labels.text
         where earlier_conversions.site_id = :site
         order by visit_id, number",
    )?;
    let mut rows = question.query([site])?;
    let mut of_visit: Vec<ConversionRow> = Vec::new();
    while let Some(row) = rows.next()? {
        let sent: f64 = row.get(4)?;
        let found = ConversionRow {
            visit: VisitId(row.get(0)?),
            number: row.get(1)?,
            at: row.get(2)?,
            goal: GoalId(row.get(3)?),
            is_matched: false,
            // The shortest text of the number is what the page sent. What was stored as 0 was mostly not sent at all.
            sent: currency.parse_amount(&sent.to_string()).ok().filter(|amount| *amount != 0),
            revenue: 0,
            counts: false,
        };
        if of_visit.last().is_some_and(|before| before.visit != found.visit) {
            create_conversions(transaction, site, &mut of_visit)?;
        }
        of_visit.push(found);
    }
    create_conversions(transaction, site, &mut of_visit)
}

/// Inserts the conversions of a visit, and empties the list. Each goal counts once a visit, by the first order with revenue, or
/// the first one; what the visit gave back is taken off.
fn create_conversions(transaction: &Transaction<'_>, site: i64, rows: &mut Vec<ConversionRow>) -> Result<()> {
    let goals: BTreeSet<GoalId> = rows.iter().map(|row| row.goal).collect();
    for goal in goals {
        let of_goal = || rows.iter().filter(|row| row.goal == goal);
        let rank = |row: &&ConversionRow| (row.refund().is_some(), row.sent.is_none(), row.at, row.number);
        let Some(number) = of_goal().min_by_key(rank).map(|row| row.number) else { continue };
        let refunded: i64 =
            of_goal().filter(|row| row.number != number).filter_map(ConversionRow::refund).sum();
        if let Some(row) = rows.iter_mut().find(|row| row.number == number) {
            (row.counts, row.revenue) = (true, row.sent.unwrap_or(0) + refunded);
        }
    }
    let mut insertion = transaction.prepare_cached(
        "insert into conversions (site_id, visit_id, number, at, goal, origin, sent, revenue, counts)
         values (:site, :visit, :number, :at, :goal, 0, :sent, :revenue, :counts)",
    )?;
    for row in rows.drain(..) {
        insertion.execute(named_params! {
            ":site": site, ":visit": row.visit.0, ":number": row.number, ":at": row.at, ":goal": row.goal.0,
            ":sent": row.sent, ":revenue": row.revenue, ":counts": row.counts,
        })?;
    }
    Ok(())
}
