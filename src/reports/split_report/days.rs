//! The days on which the versions of a split test ran: one that began later or ended earlier than others met other visitors.

use crate::limits::SPLIT_PAUSE_CHANCE_MAX;
use crate::model::clock::Day;
use crate::reports::date_range::DateRange;
use crate::reports::results::split_test::SplitTest;

/// The days on which the versions of a split test ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitDays {
    /// The versions that began later or ended earlier than others.
    pub shifted: Vec<DaysOfVersion>,
    /// The days on which all versions ran that are compared; `None` if there are none.
    pub common: Option<DateRange>,
}

/// The days on which a version ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaysOfVersion {
    /// The place among the versions.
    pub place: usize,
    /// The first and the last day with visits.
    pub days: DateRange,
    /// True if it began later than others.
    pub is_late: bool,
    /// True if it ended earlier than others.
    pub is_over: bool,
}

impl SplitDays {
    /// Returns true if all versions that are compared ran on all days of the test.
    pub fn are_common(&self) -> bool {
        self.shifted.is_empty()
    }
}

/// Finds the versions that did not run on all days. A version without visits on the first or last days did not run then if that
/// would hardly happen by chance; small versions just have no visits on some days.
pub fn of_versions(test: &SplitTest, compared: &[bool]) -> SplitDays {
    let versions =
        test.versions.iter().zip(compared).enumerate().filter(|(_, (_, is_compared))| **is_compared);
    let versions: Vec<_> = versions
        .filter_map(|(place, (version, _))| {
            let (first, last) = version.first_and_last()?;
            Some((place, version, DateRange { first, last }))
        })
        .collect();
    // The visits of all versions on the days for which `holds`.
    let visits = |holds: &dyn Fn(Day) -> bool| -> i64 {
        let days = versions.iter().flat_map(|(_, version, _)| &version.days);
        days.filter(|(day, _)| holds(**day)).map(|(_, visits)| visits).sum()
    };
    let mut shifted = Vec::new();
    for (place, version, days) in &versions {
        let own: i64 = version.days.values().sum();
        let around = visits(&|day| days.contains(day));
        let is_paused = |missed: i64| chance_of_none(own, around, missed) < SPLIT_PAUSE_CHANCE_MAX;
        let is_late = is_paused(visits(&|day| day < days.first));
        let is_over = is_paused(visits(&|day| day > days.last));
        if is_late || is_over {
            shifted.push(DaysOfVersion { place: *place, days: *days, is_late, is_over });
        }
    }
    let first = versions.iter().map(|(.., days)| days.first).min();
    let last = versions.iter().map(|(.., days)| days.last).max();
    let late = shifted.iter().filter(|one| one.is_late).map(|one| one.days.first).max();
    let over = shifted.iter().filter(|one| one.is_over).map(|one| one.days.last).min();
    let common = late.or(first).zip(over.or(last)).map(|(first, last)| DateRange { first, last });
    SplitDays { shifted, common: common.filter(|days| days.first <= days.last) }
}

/// Returns the chance that a version with `own` of `around` visits has none of `missed` further ones.
#[expect(clippy::cast_precision_loss, reason = "counts of visits are far below 2^52")]
fn chance_of_none(own: i64, around: i64, missed: i64) -> f64 {
    let share = own as f64 / around.max(1) as f64;
    (1.0 - share).powf(missed as f64)
}
