//! The rules for what is counted by the day, for visitors online and for silence, as pure functions of a count and of what the
//! alert remembers.

use super::state::{AlertState, Change};
use crate::model::alert::GoalMode;
use crate::model::clock::{Day, Timestamp};
use std::time::Duration;

/// The part of the threshold, in percent, to which visitors online must fall before an event is over.
const ONLINE_OVER_PERCENT: i64 = 80;
/// The looks at which visitors online must be that few.
const ONLINE_CALM_LOOKS: i64 = 15;

/// A count of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: Day,
    /// The conversions, visits or views since the last look.
    pub new: i64,
    /// The count of that day.
    pub count: i64,
}

/// Judges the count of a day. What an alert finds at its first look is not told: it tells of what comes from then on.
pub fn of_day(
    mode: GoalMode,
    threshold: i64,
    state: &mut AlertState,
    day: Day,
    count: i64,
) -> Option<Change<DayCount>> {
    let is_first_look = state.day.is_none();
    if state.day.is_some_and(|known| known > day.0) {
        // The clock was ahead, or the site's time zone changed: what this day had is no news.
        *state = AlertState { day: Some(day.0), count, is_told: true, ..AlertState::default() };
        return None;
    }
    if state.day != Some(day.0) {
        *state = AlertState { day: Some(day.0), ..AlertState::default() };
    }
    let new = count - state.count;
    let reaches = match mode {
        GoalMode::Each => new > 0,
        GoalMode::First => count > 0 && !state.is_told,
        GoalMode::Over => count > threshold && !state.is_told,
    };
    // A count that fell, such as by erased visits, must not be told again when it grows to what it was.
    state.count = count.max(state.count);
    if !reaches {
        return None;
    }
    state.is_told = true;
    if is_first_look {
        return None;
    }
    let key = if mode == GoalMode::Each { format!("{day}:{count}") } else { day.to_string() };
    Some(Change::Fire(key, DayCount { day, new, count }))
}

/// Judges the number of visitors online.
pub fn online(threshold: i64, state: &mut AlertState, now: Timestamp, count: i64) -> Option<Change<i64>> {
    if count > threshold {
        state.calm = 0;
        if state.open.is_some() {
            return None;
        }
        let key = now.0.to_string();
        state.open = Some(key.clone());
        return Some(Change::Fire(key, count));
    }
    let key = state.open.clone()?;
    if count.saturating_mul(100) > threshold.saturating_mul(ONLINE_OVER_PERCENT) {
        state.calm = 0;
        return None;
    }
    state.calm += 1;
    if state.calm < ONLINE_CALM_LOOKS {
        return None;
    }
    (state.open, state.calm) = (None, 0);
    Some(Change::End(key, count))
}

/// Judges the time since the last hit, which is `None` for a site without any. Time in which nobody watched is not counted: the
/// program may not have counted hits either.
pub fn silence(
    hours: i64,
    state: &mut AlertState,
    now: Timestamp,
    last: Option<Timestamp>,
) -> Option<Change<Timestamp>> {
    let hour = now.0.div_euclid(3_600_000);
    if state.hour.is_some_and(|judged| !(0..=1).contains(&(hour - judged))) {
        state.since = now.0;
    }
    state.hour = Some(hour);
    let last = last?;
    if let Some(key) = &state.open {
        let is_over = key.parse().is_ok_and(|silent_since: i64| last.0 > silent_since);
        let key = is_over.then(|| key.clone())?;
        state.open = None;
        return Some(Change::End(key, last));
    }
    let watched_since = Timestamp(last.0.max(state.since));
    let limit = Duration::from_hours(u64::try_from(hours).unwrap_or(u64::MAX / 3_600));
    if watched_since.0 > now.0 || now.since(watched_since) < limit {
        return None;
    }
    state.open = Some(last.0.to_string());
    Some(Change::Fire(last.0.to_string(), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day(20_000);
    const NOW: Timestamp = Timestamp(1_795_000_000_000);
    const HOUR: i64 = 3_600_000;

    fn fires<T>(change: Option<Change<T>>) -> bool {
        matches!(change, Some(Change::Fire(..)))
    }

    #[test]
    fn a_count_of_the_day_fires_once_and_again_on_the_next_day() {
        let mut state = AlertState::default();
        let mut over =
            |day: i32, count| fires(of_day(GoalMode::Over, 10, &mut state, TODAY.plus(day), count));
        assert_eq!([over(0, 3), over(0, 10), over(0, 11), over(0, 40)], [false, false, true, false]);
        assert_eq!([over(1, 3), over(1, 12), over(1, 13)], [false, true, false]);
    }

    #[test]
    fn what_an_alert_finds_at_its_first_look_is_not_told() {
        for mode in [GoalMode::Each, GoalMode::First, GoalMode::Over] {
            let mut state = AlertState::default();
            assert!(!fires(of_day(mode, 2, &mut state, TODAY, 5)), "{mode:?}");
            let grows = fires(of_day(mode, 2, &mut state, TODAY, 6));
            assert_eq!(grows, mode == GoalMode::Each);
            assert!(fires(of_day(mode, 2, &mut state, TODAY.plus(1), 3)), "the next day, {mode:?}");
        }
    }

    #[test]
    fn a_clock_that_was_a_day_ahead_tells_no_day_again() {
        for mode in [GoalMode::Each, GoalMode::First, GoalMode::Over] {
            let mut state = AlertState::default();
            of_day(mode, 2, &mut state, TODAY, 0);
            assert!(fires(of_day(mode, 2, &mut state, TODAY, 3)));
            assert!(!fires(of_day(mode, 2, &mut state, TODAY.plus(1), 0)), "ahead");
            assert!(!fires(of_day(mode, 2, &mut state, TODAY, 3)), "and back, {mode:?}");
            assert_eq!(fires(of_day(mode, 2, &mut state, TODAY, 4)), mode == GoalMode::Each);
        }
    }

    #[test]
    fn each_conversion_is_told_once_also_when_the_count_falls_in_between() {
        let mut state = AlertState::default();
        let mut new = |count| match of_day(GoalMode::Each, 0, &mut state, TODAY, count) {
            Some(Change::Fire(_, found)) => found.new,
            _ => 0,
        };
        assert_eq!([new(0), new(2), new(2), new(1), new(2), new(5)], [0, 2, 0, 0, 0, 3]);
    }

    #[test]
    fn visitors_online_fire_once_until_they_are_clearly_fewer_for_a_while() {
        let mut state = AlertState::default();
        assert!(!fires(online(100, &mut state, NOW, 100)) && fires(online(100, &mut state, NOW, 101)));
        for count in [300, 99, 101, 81, 120] {
            assert_eq!(online(100, &mut state, NOW, count), None, "{count}");
        }
        let calm: Vec<_> = (0..ONLINE_CALM_LOOKS).filter_map(|_| online(100, &mut state, NOW, 80)).collect();
        assert!(matches!(calm.as_slice(), [Change::End(_, 80)]), "{calm:?}");
        assert!(fires(online(100, &mut state, NOW, 101)));
    }

    #[test]
    fn silence_fires_once_and_ends_with_the_next_hit() {
        let (mut state, last) = (AlertState::default(), NOW);
        let at = |hours: i64| Timestamp(NOW.0 + hours * HOUR);
        let fired: Vec<i64> =
            (0..40).filter(|hours| fires(silence(24, &mut state, at(*hours), Some(last)))).collect();
        assert_eq!(fired, [24]);
        let back = silence(24, &mut state, at(40), Some(at(40)));
        assert_eq!(back, Some(Change::End(last.0.to_string(), at(40))));
        assert_eq!(silence(24, &mut AlertState::default(), NOW, None), None, "a site that never had a hit");
    }

    #[test]
    fn hours_in_which_the_program_did_not_run_are_no_silence() {
        let (mut state, at) = (AlertState::default(), |hours: i64| Timestamp(NOW.0 + hours * HOUR));
        assert!(!fires(silence(24, &mut state, at(1), Some(NOW))));
        let fired: Vec<i64> =
            (50..90).filter(|hours| fires(silence(24, &mut state, at(*hours), Some(NOW)))).collect();
        assert_eq!(fired, [74], "a day after it ran again");
    }
}
