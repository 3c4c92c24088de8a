//! Costs of campaigns, by day.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::ingest::clean_text;
use crate::limits;
use crate::model::clock::Day;
use crate::reports::date_range::DateRange;
use crate::store::sites::Site;
use crate::store::{campaigns, labels};
use rusqlite::Transaction;

/// Returns the name of a campaign as visits have it.
///
/// # Errors
///
/// Fails with `Error::Invalid` when it is empty, too long, or has control characters.
pub fn campaign_name(typed: &str) -> Result<String> {
    let typed = typed.trim();
    let name = clean_text::clean(typed, limits::CUSTOM_BYTES_MAX).filter(|name| name == typed);
    let most = limits::CUSTOM_BYTES_MAX;
    name.ok_or_else(|| {
        Error::invalid("campaign", format!("Give the name of the campaign, in 1 to {most} characters."))
    })
}

/// Returns the parts of a cost for several days that together are the whole, in the minor unit: the first days get what is
/// left over.
pub fn split(cost: i64, days: DateRange) -> Vec<(Day, i64)> {
    let count = i64::from(days.days()).max(1);
    let (each, rest) = (cost.div_euclid(count), cost.rem_euclid(count));
    let day = |place: i64| days.first.plus(i32::try_from(place).unwrap_or(i32::MAX));
    (0..count).map(|place| (day(place), each + i64::from(place < rest))).collect()
}

/// Sets the cost of a campaign on each day of a range; 0 deletes it.
///
/// # Errors
///
/// Fails as [`set_days`] does.
pub fn set(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    campaign: &str,
    days: DateRange,
    cost_per_day: i64,
) -> Result<()> {
    check_range(days)?;
    let day = |place| (days.first.plus(place), cost_per_day);
    set_days(tx, actor, site, campaign, &(0..days.days()).map(day).collect::<Vec<_>>())
}

/// Sets the cost of a campaign for a range of days as a whole, of which each day gets its part.
///
/// # Errors
///
/// Fails as [`set_days`] does.
pub fn set_total(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    campaign: &str,
    days: DateRange,
    cost: i64,
) -> Result<()> {
    check_range(days)?;
    if !(0..=limits::REVENUE_MAX).contains(&cost) {
        return Err(Error::invalid("cost", "Give a cost of 0 or more that isn't too large."));
    }
    set_days(tx, actor, site, campaign, &split(cost, days))
}

/// Checks that a range of days is not too long for costs that are set at once.
fn check_range(days: DateRange) -> Result<()> {
    if days.days() > limits::COST_DAYS_MAX {
        let most = limits::COST_DAYS_MAX;
        return Err(Error::invalid("date", format!("Set the cost of {most} days at most at once.")));
    }
    Ok(())
}

/// Sets the costs of a campaign on some days; 0 deletes one.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the name of the campaign or a cost is not valid, or there are too many days, and when
/// the data file cannot be written.
pub fn set_days(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    campaign: &str,
    costs: &[(Day, i64)],
) -> Result<()> {
    let campaign = campaign_name(campaign)?;
    if costs.iter().any(|(_, cost)| !(0..=limits::REVENUE_MAX).contains(cost)) {
        return Err(Error::invalid("cost", "Give a cost of 0 or more that isn't too large."));
    }
    let Some(((first, _), (last, _))) = costs.first().zip(costs.last()) else { return Ok(()) };
    let label = match labels::find(tx, &campaign)? {
        Some(label) => label,
        None if costs.iter().all(|(_, cost)| *cost == 0) => return Ok(()),
        None => labels::create(tx, &campaign)?,
    };
    for (day, cost) in costs {
        campaigns::set_cost(tx, site.id, label, *day, *cost)?;
    }
    let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
    let sum = site.currency.text(costs.iter().map(|(_, cost)| cost).sum());
    actor.record(tx, site.id, AuditAction::SetCampaignCost, &format!("{campaign}, {days}: {sum}"))
}
