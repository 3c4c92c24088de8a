//! A simulated year of ordinary traffic: weekends, holidays, summer time, seasons and chance.

use super::*;
use crate::model::clock::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// Ordinary traffic of a site.
#[derive(Clone, Debug)]
struct Site {
    seed: u64,
    /// Visits of an average hour.
    level: f64,
    /// The traffic of a weekend's day, as a part of a workday's.
    weekend: f64,
    /// The traffic of a holiday.
    holiday: f64,
    /// The part of visitors abroad, whose clocks change on other days.
    abroad: f64,
    /// The growth over the year.
    growth: f64,
    /// The difference that a day's news make, in both directions.
    mood: f64,
}

/// A source of chance that every machine has alike.
struct Chance(u64);

impl Chance {
    /// Returns a number from 0 to below 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap()) / f64::from(u32::MAX) * 0.999_999
    }

    /// Returns a number of visits of which `mean` are expected.
    fn poisson(&mut self, mean: f64) -> i64 {
        let (mut visits, mut passed) = (0, 0.0);
        loop {
            passed -= (1.0 - self.next()).ln();
            if passed > mean {
                return visits;
            }
            visits += 1;
        }
    }
}

/// Visits by slot.
#[derive(Default)]
struct Year {
    first: Option<Slot>,
    visits: BTreeMap<i64, i64>,
}

impl HourlyVisits for Year {
    fn visits(&self, slot: Slot) -> Result<Option<i64>> {
        let is_measured = self.first.is_some_and(|first| slot >= first);
        Ok(is_measured.then(|| self.visits.get(&slot.number()).copied().unwrap_or(0)))
    }

    fn had_visits(&self, day: Day) -> Result<bool> {
        let first = Slot::first_of(day).number();
        Ok(self.visits.range(first..first + 24).any(|(_, visits)| *visits > 0))
    }
}

fn berlin() -> Zone {
    Zone::parse("Europe/Berlin").unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The activity of people by the hour of their clocks; 1 on average.
fn busy(hour: usize) -> f64 {
    const BUSY: [f64; 24] = [
        0.25, 0.15, 0.1, 0.1, 0.1, 0.15, 0.4, 0.8, 1.3, 1.6, 1.7, 1.6, 1.4, 1.5, 1.6, 1.5, 1.4, 1.3, 1.4,
        1.6, 1.7, 1.4, 0.9, 0.5,
    ];
    BUSY[hour]
}

fn is_holiday(day: Day) -> bool {
    const HOLIDAYS: [&str; 10] =
        ["01-01", "01-06", "04-03", "04-06", "05-01", "05-14", "05-25", "06-04", "10-03", "11-01"];
    let text = day.to_string();
    let is_christmas = text.ends_with("12-24") || text[5..] > *"12-24";
    is_christmas || HOLIDAYS.iter().any(|holiday| text.ends_with(holiday))
}

impl Site {
    /// Returns the traffic of a year, hour by hour of the real time.
    fn year(&self) -> Year {
        let (zone, abroad) = (berlin(), Zone::parse("America/New_York").unwrap());
        let mut chance = Chance(self.seed);
        let mut year = Year { first: Some(Slot::first_of(day("2026-01-01"))), ..Year::default() };
        let (begin, end) = (zone.start(day("2026-01-01")), zone.start(day("2027-01-01")));
        let (mut moods, mut now) = (BTreeMap::new(), begin);
        while now < end {
            let slot = Slot::at(&zone, now);
            let mood =
                *moods.entry(slot.day()).or_insert_with(|| 1.0 + self.mood * (2.0 * chance.next() - 1.0));
            let is_weekend = slot.day().date().weekday().to_monday_zero_offset() >= 5;
            let kind = match (is_holiday(slot.day()), is_weekend) {
                (true, false) => self.holiday,
                (true, true) => self.holiday.min(self.weekend),
                (false, true) => self.weekend,
                (false, false) => 1.0,
            };
            let passed = now.since(begin).as_secs_f64() / end.since(begin).as_secs_f64();
            let there = busy(Slot::at(&abroad, now).hour());
            let people = (1.0 - self.abroad) * busy(slot.hour()) + self.abroad * there;
            let mean = self.level * people * kind * mood * (1.0 + self.growth * passed);
            *year.visits.entry(slot.number()).or_default() += chance.poisson(mean);
            now = now.after(Duration::from_hours(1));
        }
        year
    }
}

fn settings(kind: AlertKind) -> AlertSettings {
    AlertSettings::proposed(kind)
}

fn events(kind: AlertKind, year: &Year) -> Vec<Unusual> {
    let hours = Slot::first_of(day("2026-01-01"))..Slot::first_of(day("2027-01-01"));
    replay(&settings(kind), &berlin(), year, hours).unwrap()
}

fn ordinary() -> Site {
    Site { seed: 1, level: 25.0, weekend: 0.5, holiday: 0.5, abroad: 0.1, growth: 0.3, mood: 0.15 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_year_of_ordinary_traffic_has_no_spike_and_no_drop(
        seed in any::<u64>(), level in 0.3_f64..80.0, weekend in 0.3_f64..1.3, holiday in 0.4_f64..1.0, abroad in 0.0_f64..0.4,
        growth in -0.4_f64..1.0, mood in 0.0_f64..0.25,
    ) {
        let site = Site { seed, level, weekend, holiday, abroad, growth, mood };
        let year = site.year();
        for kind in [AlertKind::Spike, AlertKind::Drop] {
            let found = events(kind, &year);
            prop_assert!(found.is_empty(), "{kind:?}: {found:?}");
        }
    }
}

#[test]
fn an_article_that_many_read_is_one_spike() {
    let mut year = ordinary().year();
    let begins = Slot::first_of(day("2026-09-16")).plus(13);
    for hour in 0..6 {
        *year.visits.entry(begins.plus(hour).number()).or_default() += 200;
    }
    let found = events(AlertKind::Spike, &year);
    assert_eq!(found.iter().map(|event| event.slot).collect::<Vec<_>>(), [begins], "{found:?}");
    assert!(found[0].visits >= 200 && found[0].weeks.len() == 4);
    assert!(events(AlertKind::Drop, &year).is_empty(), "the weeks after are not too quiet");
}

#[test]
fn a_site_that_is_cut_off_is_one_drop_after_three_hours() {
    let mut year = ordinary().year();
    let begins = Slot::first_of(day("2026-09-16")).plus(10);
    for hour in 0..8 {
        year.visits.insert(begins.plus(hour).number(), 0);
    }
    let found = events(AlertKind::Drop, &year);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].slot <= begins.plus(2) && found[0].hours == 3, "{found:?}");
    assert!(events(AlertKind::Spike, &year).is_empty(), "the weeks after are no spikes");
}

#[test]
fn a_site_of_less_than_three_weeks_has_nothing_to_compare_with() {
    let mut year = ordinary().year();
    year.first = Some(Slot::first_of(day("2026-09-01")));
    year.visits.insert(Slot::first_of(day("2026-09-21")).plus(12).number(), 5_000);
    assert!(events(AlertKind::Spike, &year).iter().all(|event| event.slot.day() > day("2026-09-21")));
    year.visits.insert(Slot::first_of(day("2026-09-23")).plus(12).number(), 5_000);
    assert_eq!(events(AlertKind::Spike, &year).len(), 1);
}

#[test]
fn a_site_that_becomes_public_after_a_test_visit_has_nothing_to_compare_with() {
    let mut year = Year { first: Some(Slot::first_of(day("2026-01-01"))), ..Year::default() };
    year.visits.insert(Slot::first_of(day("2026-01-01")).number(), 1);
    for hour in 0..14 * 24 {
        year.visits.insert(Slot::first_of(day("2026-09-01")).plus(hour).number(), 100);
    }
    assert_eq!(events(AlertKind::Spike, &year), []);
}

/// Looks every twenty minutes of some hours, from a time on; returns the changes.
fn looks(
    kind: AlertKind,
    year: &Year,
    state: &mut AlertState,
    hours: std::ops::Range<i64>,
) -> Vec<Change<Unusual>> {
    let begin = Slot::first_of(day("2026-09-16")).begins(&berlin());
    let mut changes = Vec::new();
    for twenty in hours.start * 3..hours.end * 3 {
        let now = Timestamp(begin.0 + twenty * 20 * 60_000);
        changes.extend(look(&settings(kind), &berlin(), year, Slot::at(&berlin(), now), state).unwrap());
    }
    changes
}

#[test]
fn a_spike_is_told_in_its_first_hour_once_and_its_end_when_two_hours_were_normal() {
    let mut year = ordinary().year();
    let begins = Slot::first_of(day("2026-09-16")).plus(13);
    for hour in 0..3 {
        *year.visits.entry(begins.plus(hour).number()).or_default() += 200;
    }
    let mut state = AlertState::default();
    let changes = looks(AlertKind::Spike, &year, &mut state, 11..24);
    let [Change::Fire(key, fired), Change::End(ended, now)] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((key, ended), (&begins.key(), &begins.key()));
    assert!(fired.goes_on && fired.slot == begins && now.slot == begins.plus(4), "{changes:?}");
    assert_eq!(state.open, None);
}

#[test]
fn hours_in_which_the_program_did_not_run_are_no_drop() {
    let mut year = ordinary().year();
    for hour in 10..15 {
        year.visits.insert(Slot::first_of(day("2026-09-16")).plus(hour).number(), 0);
    }
    let mut state = AlertState::default();
    assert_eq!(looks(AlertKind::Drop, &year, &mut state, 6..10), []);
    assert_eq!(looks(AlertKind::Drop, &year, &mut state, 15..24), []);
    let mut watched = AlertState::default();
    assert_eq!(looks(AlertKind::Drop, &year, &mut watched, 6..14).len(), 1, "with the program running");
}
