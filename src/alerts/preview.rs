//! The events that an alert would have told in the last days, had it been set then: the same rules over past numbers.

use super::counts::{self, DayCount};
use super::facts::{self, Facts};
use super::look::{self, goal_facts, goal_name};
use super::rights;
use super::site_numbers::SiteNumbers;
use super::slot::Slot;
use super::state::{AlertState, Change};
use super::traffic::{self, HourlyVisits};
use crate::error::Result;
use crate::limits;
use crate::model::alert::{Alert, AlertKind, AlertSettings, GoalMode};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::AlertId;
use crate::reports::date_range::DateRange;
use crate::reports::filter::Filter;
use crate::store::{monitors, outages};

/// An event that would have been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEvent {
    /// The day.
    pub day: String,
    /// The sentence.
    pub title: String,
}

/// The events of the last days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The number of events.
    pub count: i64,
    /// Some of them, the newest first.
    pub events: Vec<PastEvent>,
}

/// The events that are named.
const NAMED: usize = 3;

/// Returns what an alert with these settings would have told in the last days; `None` for a kind of which past days say nothing.
///
/// # Errors
///
/// Fails when the data cannot be read, when the goal is gone, and when the filters can't be used.
pub fn past(numbers: &SiteNumbers<'_>, settings: &AlertSettings) -> Result<Option<Past>> {
    let today = numbers.today();
    let range = DateRange { first: today.plus(-limits::ALERT_PREVIEW_DAYS), last: today.plus(-1) };
    let filters = rights::filters(settings).unwrap_or_default();
    let found: Vec<(Day, i64, Facts)> = match settings.kind {
        AlertKind::Online | AlertKind::Certificate => return Ok(None),
        AlertKind::Spike | AlertKind::Drop => {
            let hours = numbers.hours(&settings.segment, &filters);
            let slots = Slot::first_of(range.first)..Slot::first_of(today);
            let events = traffic::replay(settings, &numbers.site.zone, &hours, slots)?;
            events.into_iter().map(|event| (event.slot.day(), 1, Facts::Traffic(event))).collect()
        }
        AlertKind::Goal | AlertKind::Revenue => of_goal(numbers, settings, &filters, range)?,
        AlertKind::Referrer => referrers(numbers, settings, &filters, range)?,
        AlertKind::NotFound => not_found(numbers, settings, &filters, range)?,
        AlertKind::Outage => outages_of(numbers, range)?,
        AlertKind::Silence => silences(numbers, settings, range)?,
    };
    Ok(Some(named(numbers, settings, found)))
}

fn named(numbers: &SiteNumbers<'_>, settings: &AlertSettings, found: Vec<(Day, i64, Facts)>) -> Past {
    let alert = Alert {
        id: AlertId(0),
        site: numbers.site.id,
        owner: None,
        settings: settings.clone(),
        created_at: numbers.now(),
        stopped: None,
        state: String::new(),
    };
    let count = found.iter().map(|(_, times, _)| times).sum();
    let newest = found.into_iter().rev().take(NAMED);
    let events = newest.map(|(day, _, facts)| PastEvent {
        day: facts::weekday(day),
        title: facts.told(numbers.site, &alert).title,
    });
    Past { count, events: events.collect() }
}

/// Judges the counts of past days one after another.
fn of_days(
    mode: GoalMode,
    threshold: i64,
    days: impl Iterator<Item = (Day, i64)>,
) -> impl Iterator<Item = DayCount> {
    // The alert has looked before.
    let mut state = AlertState { day: Some(i32::MIN), ..AlertState::default() };
    days.filter_map(move |(day, count)| match counts::of_day(mode, threshold, &mut state, day, count) {
        Some(Change::Fire(_, found)) => Some(found),
        _ => None,
    })
}

fn of_goal(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    filters: &[Filter],
    range: DateRange,
) -> Result<Vec<(Day, i64, Facts)>> {
    let name = goal_name(numbers, settings.goal)?;
    let mode = look::mode(settings);
    let days = numbers.totals_by_day(range, filters, settings.goal)?;
    let days = days.iter().map(|(day, metrics)| (*day, look::counted(settings, metrics)));
    Ok(of_days(mode, settings.threshold, days)
        .map(|found| {
            let times = if mode == GoalMode::Each { found.new } else { 1 };
            (found.day, times, goal_facts(settings, name.as_deref(), found))
        })
        .collect())
}

fn referrers(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    filters: &[Filter],
    range: DateRange,
) -> Result<Vec<(Day, i64, Facts)>> {
    let mut found = Vec::new();
    let Some(first) = numbers.first_day()? else { return Ok(found) };
    // A site that was judged on one of the days sent visits then, so that it is not new on the days after it.
    let mut judged = Vec::new();
    for day in range.each().filter(|day| *day >= first.plus(look::REFERRER_AFTER_DAYS)) {
        loop {
            let next = numbers.new_referrers(day, filters, settings.threshold, &judged)?;
            if next.is_empty() {
                break;
            }
            for (host, visits, is_new) in next {
                judged.push(host.clone());
                if is_new {
                    found.push((day, 1, Facts::Referrer(host, DayCount { day, new: visits, count: visits })));
                }
            }
        }
    }
    Ok(found)
}

fn not_found(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    filters: &[Filter],
    range: DateRange,
) -> Result<Vec<(Day, i64, Facts)>> {
    let mut days = Vec::new();
    for day in range.each() {
        days.push((day, numbers.top(day, "not-found", filters, 1)?.sum));
    }
    let found = of_days(GoalMode::Over, settings.threshold, days.into_iter());
    Ok(found.map(|count| (count.day, 1, Facts::NotFound(None, count))).collect())
}

fn outages_of(numbers: &SiteNumbers<'_>, range: DateRange) -> Result<Vec<(Day, i64, Facts)>> {
    let (connection, site) = (numbers.reader.connection, numbers.site);
    let since = site.zone.start(range.first);
    let known = monitors::list(connection, site.id)?;
    let confirmed = outages::list_confirmed_after(connection, site.id, since)?;
    let confirmed =
        confirmed.into_iter().filter(|outage| outage.network != crate::model::monitor::Network::Own);
    Ok(confirmed
        .map(|outage| (site.zone.day(outage.began_at), 1, look::outage_facts(&known, &outage)))
        .collect())
}

/// Looks at each past hour: the last hit is taken to have come at the end of the last hour with visits.
fn silences(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    range: DateRange,
) -> Result<Vec<(Day, i64, Facts)>> {
    let (zone, hours) = (&numbers.site.zone, numbers.hours("", &[]));
    let (mut state, mut last, mut found) = (AlertState::default(), None::<Timestamp>, Vec::new());
    for number in Slot::first_of(range.first).number()..Slot::first_of(range.last.plus(1)).number() {
        let slot = Slot::from_number(number);
        let ends = slot.plus(1).begins(zone);
        if hours.visits(slot)?.unwrap_or(0) > 0 {
            last = Some(ends);
        }
        state.hour = None;
        if let Some(Change::Fire(_, since)) = counts::silence(settings.threshold, &mut state, ends, last) {
            found.push((slot.day(), 1, Facts::Silence(since)));
        }
    }
    Ok(found)
}
