//! A look at what an alert watches: what is new since the last one.

use super::counts::{self, DayCount};
use super::facts::{CertificateFacts, Facts, OutageFacts};
use super::rights;
use super::site_numbers::SiteNumbers;
use super::slot::Slot;
use super::state::{AlertState, Change};
use super::traffic;
use crate::access;
use crate::error::{Error, Result};
use crate::model::alert::{Alert, AlertKind, AlertSettings, GoalMode};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::{GoalId, MonitorId};
use crate::model::metrics::{Measure, Metric};
use crate::model::monitor::{Monitor, Network, Outage};
use crate::reports::filter::Filter;
use crate::reports::hourly_visits;
use crate::store::{goals, monitors, outages};
use std::time::Duration;

/// The days before a new referring site is told of, in which a site must have been measured.
pub const REFERRER_AFTER_DAYS: i32 = 7;
/// The time for which an outage that nobody was told of is still news.
const OUTAGE_IS_NEWS: Duration = Duration::from_hours(7 * 24);
/// The time for which an outage that is over is still news.
const OUTAGE_OVER_IS_NEWS: Duration = Duration::from_hours(1);
/// The outages that go on at once, of one site.
const OPEN_OUTAGES_MAX: usize = 100;

/// The result of a look.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// Something to tell, or to remember.
    Changes(AlertState, Vec<Change<Facts>>),
    /// A reason for which the alert stops: a sentence.
    Stop(String),
}

type Changes = Vec<Change<Facts>>;

/// Looks at what an alert watches.
///
/// # Errors
///
/// Fails when the data cannot be read.
pub fn look(numbers: &SiteNumbers<'_>, alert: &Alert) -> Result<Seen> {
    let settings = &alert.settings;
    if let Some(owner) = alert.owner {
        let grant = access::grant(numbers.reader.connection, owner, numbers.site)?;
        if !grant.may(access::capability::Capability::SetOwnAlerts) {
            return Ok(Seen::Stop("You no longer have access to this site.".into()));
        }
        if rights::filters(settings).is_some() && !rights::may_have(&grant, settings) {
            return Ok(Seen::Stop("What it tells is no longer shared with you.".into()));
        }
    }
    let Some(filters) = rights::filters(settings) else {
        return Ok(Seen::Stop("Its filters can't be read any more.".into()));
    };
    let mut state = AlertState::read(&alert.state);
    match changes(numbers, alert, &filters, &mut state) {
        Ok(changes) => Ok(Seen::Changes(state, changes)),
        Err(Error::Missing("goal")) => Ok(Seen::Stop("Its goal was removed.".into())),
        Err(Error::Invalid(_)) => Ok(Seen::Stop("Its filters can't be used any more.".into())),
        Err(error) => Err(error),
    }
}

fn changes(
    numbers: &SiteNumbers<'_>,
    alert: &Alert,
    filters: &[Filter],
    state: &mut AlertState,
) -> Result<Changes> {
    let (settings, now) = (&alert.settings, numbers.now());
    match settings.kind {
        AlertKind::Spike | AlertKind::Drop => {
            let zone = &numbers.site.zone;
            let hours = numbers.hours(&settings.segment, filters);
            let found = traffic::look(settings, zone, &hours, Slot::at(zone, now), state)?;
            Ok(found.into_iter().map(|change| change.map(Facts::Traffic)).collect())
        }
        AlertKind::Online => {
            let found = counts::online(settings.threshold, state, now, numbers.online(filters)?);
            Ok(found.into_iter().map(|change| change.map(Facts::Online)).collect())
        }
        AlertKind::Goal | AlertKind::Revenue => of_goal(numbers, settings, filters, state),
        AlertKind::Referrer => referrers(numbers, settings, filters, state),
        AlertKind::NotFound => not_found(numbers, settings, filters, state),
        AlertKind::Outage => outages_of(numbers, alert, state),
        AlertKind::Certificate => certificates(numbers, settings, state),
        AlertKind::Silence => {
            let limit = Duration::from_hours(settings.threshold.unsigned_abs());
            let last = hourly_visits::last_hit(numbers.reader.connection, numbers.site.id, now, limit)?;
            let found = counts::silence(settings.threshold, state, now, last);
            Ok(found.into_iter().map(|change| change.map(Facts::Silence)).collect())
        }
    }
}

/// Returns the name of a goal that is there.
pub fn goal_name(numbers: &SiteNumbers<'_>, goal: Option<GoalId>) -> Result<Option<String>> {
    let Some(id) = goal else { return Ok(None) };
    let goal = goals::get(numbers.reader.connection, numbers.site.id, id)?;
    if goal.removed_at.is_some() { Err(Error::Missing("goal")) } else { Ok(Some(goal.settings.name)) }
}

/// Returns what an alert on a goal or on revenue counts.
pub fn counted(settings: &AlertSettings, metrics: &crate::model::metrics::Metrics) -> i64 {
    match settings.kind {
        AlertKind::Revenue => Metric::Revenue.value(metrics),
        _ => metrics[Measure::Conversions],
    }
}

/// Returns the mode by which an alert judges the count of a day.
pub fn mode(settings: &AlertSettings) -> GoalMode {
    if settings.kind == AlertKind::Goal { settings.mode } else { GoalMode::Over }
}

/// Returns what made an alert on a goal or on revenue fire.
pub fn goal_facts(settings: &AlertSettings, name: Option<&str>, count: DayCount) -> Facts {
    let name = name.map(str::to_owned);
    match settings.kind {
        AlertKind::Revenue => Facts::Revenue(name, count),
        _ => Facts::Goal(name.unwrap_or_default(), count),
    }
}

fn of_goal(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    filters: &[Filter],
    state: &mut AlertState,
) -> Result<Changes> {
    let name = goal_name(numbers, settings.goal)?;
    let mut changes = Vec::new();
    for day in days_to_judge(state, numbers.today()) {
        let count = counted(settings, &numbers.totals(day, &settings.segment, filters, settings.goal)?);
        let found = counts::of_day(mode(settings), settings.threshold, state, day, count);
        changes.extend(found.map(|change| change.map(|count| goal_facts(settings, name.as_deref(), count))));
    }
    Ok(changes)
}

/// Returns the days whose counts are judged: today, and before it once more the day of the last look, whose last minutes nobody
/// has seen.
fn days_to_judge(state: &AlertState, today: Day) -> Vec<Day> {
    let before = state.day.map(Day).filter(|before| *before < today);
    before.into_iter().chain([today]).collect()
}

fn referrers(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    filters: &[Filter],
    state: &mut AlertState,
) -> Result<Changes> {
    let mut changes = Vec::new();
    let first = numbers.first_day()?;
    for day in days_to_judge(state, numbers.today()) {
        if state.day != Some(day.0) {
            *state = AlertState { day: Some(day.0), ..AlertState::default() };
        }
        if first.is_none_or(|first| day < first.plus(REFERRER_AFTER_DAYS)) {
            continue;
        }
        let found = numbers.new_referrers(day, filters, settings.threshold, &state.seen)?;
        for (host, visits, is_new) in found {
            state.seen.push(host.clone());
            if is_new {
                let facts = Facts::Referrer(host.clone(), DayCount { day, new: visits, count: visits });
                changes.push(Change::Fire(format!("{host}:{day}"), facts));
            }
        }
    }
    Ok(changes)
}

fn not_found(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    filters: &[Filter],
    state: &mut AlertState,
) -> Result<Changes> {
    let mut changes = Vec::new();
    for day in days_to_judge(state, numbers.today()) {
        let table = numbers.top(day, "not-found", filters, 1)?;
        let top = table.rows.first().map(|row| (row.name.title.clone(), row.metrics[Measure::Hits]));
        let found = counts::of_day(GoalMode::Over, settings.threshold, state, day, table.sum);
        changes.extend(found.map(|change| change.map(|count| Facts::NotFound(top.clone(), count))));
    }
    Ok(changes)
}

fn outage_key(outage: &Outage) -> String {
    format!("outage:{}", outage.id.0)
}

fn monitor_name(known: &[Monitor], id: MonitorId) -> String {
    known.iter().find(|monitor| monitor.id == id).map_or_else(|| "A page".to_owned(), public_name)
}

/// Returns the name of a monitor without a query, which may hold a secret.
fn public_name(monitor: &Monitor) -> String {
    monitor.label().split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Returns what an outage tells.
pub fn outage_facts(known: &[Monitor], outage: &Outage) -> Facts {
    Facts::Outage(OutageFacts {
        name: monitor_name(known, outage.monitor),
        cause: outage.cause.clone(),
        began_at: outage.began_at,
        ended_at: outage.ended_at,
        is_doubtful: outage.network == Network::Unknown,
    })
}

/// Finds the outages that were confirmed since the last look and those that ended; `seen` holds the keys of those that go on.
fn outages_of(numbers: &SiteNumbers<'_>, alert: &Alert, state: &mut AlertState) -> Result<Changes> {
    let (connection, site, now) = (numbers.reader.connection, numbers.site.id, numbers.now());
    let since = Timestamp(now.before(OUTAGE_IS_NEWS).0.max(alert.created_at.0));
    if state.hour.is_none() {
        (state.hour, state.since) = (Some(0), now.0);
    }
    let watched_since = Timestamp(state.since.max(now.before(OUTAGE_OVER_IS_NEWS).0));
    let confirmed = outages::list_confirmed_after(connection, site, since)?;
    if confirmed.is_empty() && state.seen.is_empty() {
        return Ok(Vec::new());
    }
    let known = monitors::list(connection, site)?;
    let mut changes = Vec::new();
    for outage in confirmed.iter().filter(|outage| outage.network != Network::Own) {
        if outage.id.0 <= state.count {
            continue;
        }
        state.count = outage.id.0;
        // One that is over is news only if it came while somebody watched.
        if outage.ended_at.is_some() && outage.confirmed_at < watched_since {
            continue;
        }
        state.seen.push(outage_key(outage));
        changes.push(Change::Fire(outage_key(outage), outage_facts(&known, outage)));
    }
    let open = outages::list(connection, site, now, Timestamp(now.0 + 1), OPEN_OUTAGES_MAX)?;
    let goes_on =
        |key: &String| open.iter().any(|outage| outage.ended_at.is_none() && outage_key(outage) == *key);
    let ended = outages::list_ended_after(connection, site, since)?;
    let over: Vec<String> = state.seen.iter().filter(|key| !goes_on(key)).cloned().collect();
    state.seen.retain(goes_on);
    // A monitor that was paused or changed, or is failing again, does not say that the page is up.
    let is_up = |outage: &Outage| {
        let monitor = known.iter().find(|monitor| monitor.id == outage.monitor);
        monitor.is_some_and(|monitor| monitor.paused_at.is_none() && monitor.state.failures == 0)
    };
    for key in over {
        if let Some(outage) = ended.iter().find(|outage| outage_key(outage) == key && is_up(outage)) {
            changes.push(Change::End(key, outage_facts(&known, outage)));
        }
    }
    Ok(changes)
}

/// Finds the certificates that expire soon; `seen` holds the keys of those that were told.
fn certificates(
    numbers: &SiteNumbers<'_>,
    settings: &AlertSettings,
    state: &mut AlertState,
) -> Result<Changes> {
    let (now, mut soon, mut changes) = (numbers.now(), Vec::new(), Vec::new());
    for monitor in monitors::list(numbers.reader.connection, numbers.site.id)? {
        let Some(expires_at) = monitor.state.certificate_expires_at else { continue };
        let days = (expires_at.0 - now.0).div_euclid(24 * 3_600_000);
        if days >= settings.threshold || monitor.paused_at.is_some() {
            continue;
        }
        let key = format!("certificate:{}:{}", monitor.id.0, expires_at.0);
        if !state.seen.contains(&key) {
            let facts = CertificateFacts { name: public_name(&monitor), expires_at, days };
            changes.push(Change::Fire(key.clone(), Facts::Certificate(facts)));
        }
        soon.push(key);
    }
    state.seen = soon;
    Ok(changes)
}
