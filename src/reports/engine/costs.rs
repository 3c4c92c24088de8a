//! The costs of campaigns, which are added to what visits are counted to. They belong to days and campaigns, not to visits: a
//! query has them as far as its filters tell campaigns and nothing else.

use super::predicate::Predicate;
use crate::error::Result;
use crate::model::clock::{Day, Timestamp};
use crate::reports::columns::DictKey;
use crate::reports::date_range::DateRange;
use crate::store::campaigns;
use crate::store::sites::Site;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// The costs of campaigns on the days of a query, in the minor unit of the site's currency.
#[derive(Debug, Default)]
pub struct Costs {
    /// The cost of each day.
    pub by_day: BTreeMap<Day, i64>,
    /// The cost of each campaign, by the key of its column.
    pub by_campaign: BTreeMap<DictKey, i64>,
    /// All of it.
    pub total: i64,
}

impl Costs {
    /// Reads the costs of the days of a range that have begun, of the campaigns that a predicate lets through. There are none
    /// where it tells visits apart by anything else.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn read(
        connection: &Connection,
        site: &Site,
        range: DateRange,
        predicate: &Predicate,
        now: Timestamp,
    ) -> Result<Self> {
        let mut costs = Self::default();
        let end = predicate.end().map(|end| site.zone.day(end.began()));
        let last = end.unwrap_or(range.last).min(range.last).min(site.zone.day(now));
        let found = campaigns::costs_by_label(connection, site.id, range.first, last)?;
        if found.is_empty() {
            return Ok(costs);
        }
        let mut keys: Vec<DictKey> = found.iter().map(|(campaign, ..)| campaign.cast_unsigned()).collect();
        keys.sort_unstable();
        keys.dedup();
        let Some(is_meant) = predicate.matches_campaigns(connection, &keys)? else { return Ok(costs) };
        for (campaign, day, cost) in found {
            let campaign = campaign.cast_unsigned();
            if !keys.binary_search(&campaign).is_ok_and(|place| is_meant[place]) {
                continue;
            }
            for sum in [
                costs.by_day.entry(day).or_default(),
                costs.by_campaign.entry(campaign).or_default(),
                &mut costs.total,
            ] {
                *sum = sum.saturating_add(cost);
            }
        }
        Ok(costs)
    }
}
