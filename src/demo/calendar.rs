//! The distribution of visits over the days and hours of the demo: weekly rhythm, seasons, growth, a campaign,
//! a spike.

use crate::model::clock::Day;
use fastrand::Rng;

/// The number of days of the seasonal campaign, up to the last day.
pub const CAMPAIGN_DAYS: i32 = 21;
/// The number of days before the last one on which a newspaper article causes a spike.
pub const SPIKE_DAYS_BEFORE_END: i32 = 9;

/// The weight of each weekday relative to an ordinary day, Monday first.
const WEEK: [f64; 7] = [0.82, 0.85, 0.92, 0.98, 1.25, 1.45, 0.73];
/// The weight of each month relative to an ordinary one, January first.
const SEASONS: [f64; 12] = [0.88, 0.95, 1.0, 1.08, 1.02, 0.95, 0.82, 0.78, 0.96, 1.05, 1.2, 1.45];
/// The weight of each hour of a day, with peaks at breakfast, lunch and in the evening.
const HOURS: [u32; 24] =
    [4, 2, 1, 1, 3, 9, 26, 52, 66, 70, 72, 74, 82, 70, 60, 58, 64, 74, 82, 86, 78, 58, 32, 14];

/// Distributes exactly `visits` visits over the days from the first to the last, by weight.
pub fn spread(rng: &mut Rng, first: Day, last: Day, visits: u64) -> Vec<(Day, u64)> {
    let days: Vec<Day> = (first.0..=last.0).map(Day).collect();
    let weights: Vec<f64> = days.iter().map(|day| weight(rng, *day, first, last)).collect();
    let whole: f64 = weights.iter().sum();
    let mut so_far = 0.0;
    let mut given = 0;
    days.into_iter()
        .zip(weights)
        .map(|(day, weight)| {
            so_far += weight;
            let until = share(visits, so_far / whole);
            let count = until.saturating_sub(given);
            given = until;
            (day, count)
        })
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count, far below 2^52"
)]
fn share(visits: u64, part: f64) -> u64 {
    (visits as f64 * part).round() as u64
}

fn weight(rng: &mut Rng, day: Day, first: Day, last: Day) -> f64 {
    let date = day.date();
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    let month = usize::try_from(date.month() - 1).unwrap_or(0);
    let length = f64::from((last.0 - first.0).max(1));
    let growth = 0.75 + 0.25 * f64::from(day.0 - first.0) / length;
    let chance = 0.9 + 0.2 * rng.f64();
    let campaign = if is_campaign(day, last) { 1.25 } else { 1.0 };
    let spike = if day == spike(last) { 3.4 } else { 1.0 };
    WEEK[weekday] * SEASONS[month] * growth * chance * campaign * spike
}

/// Returns true on the days of the seasonal campaign.
pub fn is_campaign(day: Day, last: Day) -> bool {
    last.0 - day.0 < CAMPAIGN_DAYS
}

/// Returns the day of the spike.
pub fn spike(last: Day) -> Day {
    last.plus(-SPIKE_DAYS_BEFORE_END)
}

/// Returns a random time of a day, in milliseconds after its beginning; most visits of the spike's day come in
/// the evening.
pub fn moment(rng: &mut Rng, day: Day, last: Day) -> i64 {
    let hour = if day == spike(last) && rng.u8(..10) < 6 { 18 + rng.usize(..4) } else { pick(rng, &HOURS) };
    i64::try_from(hour).unwrap_or(0) * 3_600_000 + rng.i64(0..3_600_000)
}

fn pick(rng: &mut Rng, weights: &[u32]) -> usize {
    let mut left = rng.u32(0..weights.iter().sum());
    weights
        .iter()
        .position(|weight| {
            let is_it = left < *weight;
            left = left.saturating_sub(*weight);
            is_it
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_visits_are_spread_and_the_spike_is_the_highest_day() {
        let (first, last) = (Day::parse("2026-01-01").unwrap(), Day::parse("2026-11-24").unwrap());
        let days = spread(&mut Rng::with_seed(7), first, last, 100_000);
        assert_eq!(days.iter().map(|(_, count)| count).sum::<u64>(), 100_000);
        let highest = days.iter().max_by_key(|(_, count)| *count).unwrap();
        assert_eq!(highest.0, spike(last));
    }
}
