//! The rule for unusual traffic, as pure functions of visits by hour. The last look at a running site and the replay of a past
//! month use the same ones.
//!
//! An hour is compared with the same hour of the same weekday in the last four weeks. A spike must have at least the chosen
//! percentage more visits than the second-busiest of these weeks, and a drop that much fewer than the second-quietest, so that
//! a holiday, an outage or an earlier campaign in one of the weeks misleads nobody. Of each week, the hour before and the one
//! after count, too: visitors abroad come an hour earlier or later for some weeks when their clocks change. The difference must
//! also be larger than chance: of a Poisson distribution eight standard deviations for a spike, since a quiet day may be followed by a
//! busy one; four for a drop, and three more of what came. Fewer than three weeks are no comparison.

use super::slot::Slot;
use super::state::{AlertState, Change};
use crate::error::Result;
use crate::limits;
use crate::model::alert::{AlertKind, AlertSettings};
use crate::model::clock::{Day, Zone};

/// The weeks with which an hour is compared.
const WEEKS: i64 = 4;
/// The weeks of them that must have been measured.
const WEEKS_MIN: usize = 3;
const WEEK: i64 = 7 * 24;
/// The hours that a drop is judged by, together.
const DROP_HOURS: i64 = 3;
/// The standard deviations by which a spike must be larger than usual.
const SPIKE_DEVIATIONS: i64 = 8;
/// The standard deviations by which a drop must be smaller than usual.
const DROP_DEVIATIONS: i64 = 4;
/// The normal hours after which an event is over.
const CALM_HOURS: i64 = 2;

/// A source of the visits of each hour.
pub trait HourlyVisits {
    /// Returns the visits that began in an hour; `None` for a day on which the site was not measured yet.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    fn visits(&self, slot: Slot) -> Result<Option<i64>>;

    /// Returns true if the whole site had any visit on a day.
    ///
    /// # Errors
    ///
    /// Fails when the data cannot be read.
    fn had_visits(&self, day: Day) -> Result<bool>;
}

/// Unusual traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusual {
    /// The last hour that was judged.
    pub slot: Slot,
    /// The number of hours judged together.
    pub hours: i64,
    /// True if that hour still goes on.
    pub goes_on: bool,
    /// The visits.
    pub visits: i64,
    /// The visits at the same time in each of the last weeks, the last one first.
    pub weeks: Vec<i64>,
}

/// The judgement of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// There is nothing to compare it with.
    Unknown,
    Usual,
    Unusual(Unusual),
}

/// Returns the hours that a kind of alert judges together.
fn hours_of(kind: AlertKind) -> i64 {
    if kind == AlertKind::Drop { DROP_HOURS } else { 1 }
}

/// Returns the visits of some hours, the last of which is given; `None` if one was not measured.
fn sum(source: &impl HourlyVisits, last: Slot, hours: i64) -> Result<Option<i64>> {
    let mut sum = 0;
    for back in 0..hours {
        let Some(visits) = source.visits(last.plus(-back))? else { return Ok(None) };
        sum += visits;
    }
    Ok(Some(sum))
}

/// Returns true if visits differ enough from those of the weeks: each week's highest for a spike, lowest for a drop.
fn is_unusual(settings: &AlertSettings, visits: i64, mut weeks: Vec<i64>) -> bool {
    weeks.sort_unstable();
    // A quiet day, such as a holiday, with bad luck is no drop.
    let few = |visits: i64| visits + 3 * (visits + 1).isqrt();
    if settings.kind == AlertKind::Drop {
        let usual = weeks.get(1).copied().unwrap_or(0);
        return usual >= settings.threshold
            && few(visits).saturating_mul(100) <= usual.saturating_mul(100 - settings.percent)
            && visits < usual - DROP_DEVIATIONS * usual.isqrt();
    }
    let usual = weeks.len().checked_sub(2).and_then(|place| weeks.get(place)).copied().unwrap_or(0);
    visits >= settings.threshold
        && visits.saturating_mul(100) >= usual.saturating_mul(100 + settings.percent)
        && visits > usual + SPIKE_DEVIATIONS * (usual + 1).isqrt()
}

fn judge(
    settings: &AlertSettings,
    zone: &Zone,
    source: &impl HourlyVisits,
    slot: Slot,
    goes_on: bool,
) -> Result<Verdict> {
    let hours = hours_of(settings.kind);
    if !(0..hours).all(|back| slot.plus(-back).is_regular(zone)) {
        return Ok(Verdict::Unknown);
    }
    let Some(visits) = sum(source, slot, hours)? else { return Ok(Verdict::Unknown) };
    if settings.kind == AlertKind::Spike && visits < settings.threshold {
        return Ok(Verdict::Usual);
    }
    let (mut weeks, mut extremes) = (Vec::new(), Vec::new());
    for week in 1..=WEEKS {
        let same = slot.plus(-week * WEEK);
        // A day without any visit says that the site was not measured, or not yet public.
        if settings.kind == AlertKind::Spike && !source.had_visits(same.day())? {
            continue;
        }
        let [Some(before), Some(exact), Some(after)] = [
            sum(source, same.plus(-1), hours)?,
            sum(source, same, hours)?,
            sum(source, same.plus(1), hours)?,
        ] else {
            continue;
        };
        weeks.push(exact);
        let (low, high) = (before.min(exact).min(after), before.max(exact).max(after));
        extremes.push(if settings.kind == AlertKind::Drop { low } else { high });
    }
    if weeks.len() < WEEKS_MIN {
        return Ok(Verdict::Unknown);
    }
    if is_unusual(settings, visits, extremes) {
        return Ok(Verdict::Unusual(Unusual { slot, hours, goes_on, visits, weeks }));
    }
    Ok(Verdict::Usual)
}

/// Applies the judgement of one hour: the first unusual one fires, and the event ends after some normal ones.
fn apply(state: &mut AlertState, slot: Slot, goes_on: bool, verdict: Verdict) -> Option<Change<Unusual>> {
    match verdict {
        Verdict::Unusual(unusual) => {
            state.calm = 0;
            if state.open.is_some() {
                return None;
            }
            state.open = Some(slot.key());
            Some(Change::Fire(slot.key(), unusual))
        }
        Verdict::Usual | Verdict::Unknown if goes_on => None,
        Verdict::Usual | Verdict::Unknown => {
            let key = state.open.clone()?;
            state.calm += 1;
            if state.calm < CALM_HOURS {
                return None;
            }
            (state.open, state.calm) = (None, 0);
            let now = Unusual { slot, hours: 1, goes_on: false, visits: 0, weeks: Vec::new() };
            Some(Change::End(key, now))
        }
    }
}

/// Judges the hours that ended since the last look, and for a spike also the present one.
///
/// # Errors
///
/// Fails when the visits cannot be read.
pub fn look(
    settings: &AlertSettings,
    zone: &Zone,
    source: &impl HourlyVisits,
    present: Slot,
    state: &mut AlertState,
) -> Result<Vec<Change<Unusual>>> {
    let most = i64::try_from(limits::ALERT_HOURS_JUDGED_MAX).unwrap_or(i64::MAX);
    let judged = state.hour.filter(|hour| (0..=most).contains(&(present.number() - 1 - hour)));
    // Hours in which nobody watched are not judged: the program may not have counted either.
    let judged = judged.unwrap_or_else(|| {
        state.since = present.number();
        present.number() - 1
    });
    let mut changes = Vec::new();
    for number in judged + 1..present.number() {
        let slot = Slot::from_number(number);
        let is_watched = number - hours_of(settings.kind) + 1 >= state.since;
        let verdict = if is_watched { judge(settings, zone, source, slot, false)? } else { Verdict::Unknown };
        changes.extend(apply(state, slot, false, verdict));
    }
    state.hour = Some(present.number() - 1);
    if settings.kind == AlertKind::Spike {
        let verdict = judge(settings, zone, source, present, true)?;
        changes.extend(apply(state, present, true, verdict));
    }
    Ok(changes)
}

/// Returns the events of past hours: what the alert would have told, had it watched them.
///
/// # Errors
///
/// Fails when the visits cannot be read.
pub fn replay(
    settings: &AlertSettings,
    zone: &Zone,
    source: &impl HourlyVisits,
    hours: std::ops::Range<Slot>,
) -> Result<Vec<Unusual>> {
    let mut state = AlertState::default();
    let mut events = Vec::new();
    for number in hours.start.number()..hours.end.number() {
        let slot = Slot::from_number(number);
        let verdict = judge(settings, zone, source, slot, false)?;
        if let Some(Change::Fire(_, unusual)) = apply(&mut state, slot, false, verdict) {
            events.push(unusual);
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests;
