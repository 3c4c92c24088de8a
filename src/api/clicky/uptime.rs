//! The types `uptime` and `uptime-list`: the share of time in which all monitors were up, and their outages.

use super::items;
use super::reply::Item;
use super::words;
use crate::error::Result;
use crate::reports::data_reader::DataReader;
use crate::reports::query::Query;
use crate::reports::table_query::Page;
use crate::reports::uptime::{ListedOutage, UptimeReport, percent};

fn load(reader: &DataReader<'_>, query: &Query) -> Result<UptimeReport> {
    UptimeReport::load(reader.connection, &query.site, query.range, None, reader.now)
}

/// Returns the uptime of all monitors in percent; nothing if none was watched.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn tally(reader: &DataReader<'_>, query: &Query) -> Result<Vec<Item>> {
    let uptime = percent(&load(reader, query)?.total());
    Ok(uptime.map(|uptime| items::tally(uptime.trim_end_matches('%').to_owned())).into_iter().collect())
}

/// Returns the outages, newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn outages(reader: &DataReader<'_>, query: &Query, page: Page) -> Result<Vec<Item>> {
    let report = load(reader, query)?;
    let item = |listed: &ListedOutage| {
        let began_at = listed.outage.began_at;
        Item::new()
            .text("time", began_at.seconds().to_string())
            .text("time_pretty", words::moment(&query.site.zone, began_at))
            .text("item", listed.monitor.clone())
            .text("status", if listed.outage.ended_at.is_some() { "up" } else { "down" })
            .text("cause", listed.outage.cause.clone())
            .text("time_total", listed.seconds.to_string())
            .text("time_end", listed.outage.ended_at.map_or_else(String::new, |at| at.seconds().to_string()))
    };
    Ok(page.slice(&report.outages).iter().map(item).collect())
}
