//! Tests of the sending of e-mail reports over days and years, with clocks that are wrong.

use super::*;
use crate::alerts::digests::subscriptions::{self, DigestSettings};
use crate::config::PublicUrl;
use crate::model::clock::{Day, Zone};
use crate::model::id::{SiteId, Token, UserId};
use crate::reports::visibility::Visibility;
use crate::store::digests::Outside;
use crate::store::links::{self, LinkSettings};
use crate::store::sites::{self, Keys, NewSite};
use crate::store::users::{self, NewUser};
use crate::store::{change, emails};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// A file with a user who has one report about a site, and the periods whose letters were written.
struct Reader {
    _folder: tempfile::TempDir,
    file: Connection,
    letters: Letters,
    sent: Vec<Period>,
}

impl Reader {
    fn new(rhythm: Rhythm, zone: &str, at: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut file = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        change(&mut file, |tx| {
            let new = NewUser { username: "ada", email: "a@a.example", password: "x", created_at: at };
            let user: UserId = users::create(tx, &new)?;
            emails::prove(tx, user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::parse(zone)? };
            let site: SiteId = sites::create(tx, user, &new, &Keys::generate()?, at)?;
            subscriptions::add(tx, user, &DigestSettings { rhythm, sites: vec![site] }, at)
        })
        .unwrap();
        let letters = Letters { home: PublicUrl::parse("https://stats.example").unwrap() };
        Self { _folder: folder, file, letters, sent: Vec::new() }
    }

    /// Runs the task once, as after a restart: all that it knows is in the file.
    fn run(&mut self, now: Timestamp) {
        for step in list_steps(&self.file, now).unwrap() {
            let Step::Send(prepared) = step.unwrap() else { panic!("the report ended") };
            let report = Report {
                rhythm: prepared.digest.rhythm,
                period: prepared.period,
                sites: Vec::new(),
                link: None,
                brand: None,
            };
            let letters = &self.letters;
            // The same letter again, as two runs at once would write it.
            for is_first in [true, false] {
                let is_written =
                    change(&mut self.file, |tx| write(tx, letters, &prepared, &report, now)).unwrap();
                assert_eq!(is_written, is_first);
            }
            self.sent.push(prepared.period);
        }
    }

    /// The first act of the task while the clock is trusted.
    fn trust(&mut self, now: Timestamp) {
        assert_eq!(digest_periods::has_future(&self.file, now).unwrap(), !self.sent.is_empty());
        change(&mut self.file, |tx| digest_periods::delete_future(tx, now)).unwrap();
        assert!(!digest_periods::has_future(&self.file, now).unwrap());
    }

    fn last_days(&self) -> Vec<String> {
        self.sent.iter().map(|period| period.last.to_string()).collect()
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn each_period_of_a_year_is_sent_once_in_its_order_also_over_summer_time() {
    for (rhythm, count) in [(Rhythm::Daily, 365), (Rhythm::Weekly, 52), (Rhythm::Monthly, 12)] {
        for zone in ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"] {
            let begun = at("2026-01-01T15:00:00Z");
            let mut reader = Reader::new(rhythm, zone, begun);
            let mut now = begun;
            while now < begun.after(365 * DAY) {
                reader.run(now);
                now = now.after(97 * MINUTE);
            }
            assert_eq!(reader.sent.len(), count, "{} in {zone}", rhythm.name());
            let follows = |pair: &[Period]| pair[1].first == pair[0].last.plus(1);
            assert!(reader.sent.windows(2).all(follows), "{} in {zone}", rhythm.name());
        }
    }
}

#[test]
fn after_two_weeks_switched_off_the_newest_period_alone_is_sent() {
    let mut reader = Reader::new(Rhythm::Daily, "Europe/Berlin", at("2026-11-01T12:00:00Z"));
    for now in
        ["2026-11-02T12:00:00Z", "2026-11-16T12:00:00Z", "2026-11-16T12:01:00Z", "2026-11-17T06:00:00Z"]
    {
        reader.run(at(now));
    }
    assert_eq!(reader.last_days(), ["2026-11-01", "2026-11-15", "2026-11-16"]);
}

#[test]
fn a_clock_that_is_wrong_for_a_while_makes_no_period_come_twice_or_be_left_out() {
    let mut reader = Reader::new(Rhythm::Daily, "UTC", at("2026-11-01T12:00:00Z"));
    let wrong = [
        "2026-11-02T12:00:00Z",
        // Behind, and ahead by a year; then right again.
        "2026-10-20T12:00:00Z",
        "1970-01-02T12:00:00Z",
        "2026-11-02T12:05:00Z",
        "2027-11-03T12:00:00Z",
        "2026-11-02T12:10:00Z",
        "2026-11-03T12:00:00Z",
        "2026-11-04T12:00:00Z",
        "2027-11-03T12:00:00Z",
    ];
    for now in wrong {
        reader.run(at(now));
    }
    let expected = ["2026-11-01", "2027-11-02", "2026-11-02", "2026-11-03", "2027-11-02"];
    assert_eq!(reader.last_days(), expected);
}

#[test]
fn a_new_report_and_one_that_goes_on_after_a_pause_begin_with_their_next_period() {
    let mut reader = Reader::new(Rhythm::Weekly, "UTC", at("2026-11-04T12:00:00Z"));
    reader.run(at("2026-11-04T12:00:00Z"));
    assert_eq!(reader.last_days(), [""; 0], "a week that was over before it was set up");
    reader.run(at("2026-11-09T07:00:00Z"));
    let pause = |reader: &mut Reader, is_on: bool, now: &str| {
        let (id, user) = (DigestId(1), UserId(1));
        let act = if is_on { subscriptions::pause } else { subscriptions::resume };
        change(&mut reader.file, |tx| act(tx, user, id, at(now))).unwrap();
    };
    pause(&mut reader, true, "2026-11-10T12:00:00Z");
    reader.run(at("2026-11-17T12:00:00Z"));
    pause(&mut reader, false, "2026-11-18T12:00:00Z");
    reader.run(at("2026-11-18T12:01:00Z"));
    reader.run(at("2026-11-23T07:00:00Z"));
    assert_eq!(reader.last_days(), ["2026-11-08", "2026-11-22"]);
    let monthly =
        DigestSettings { rhythm: Rhythm::Monthly, sites: vec![sites::list(&reader.file).unwrap()[0].id] };
    let when = at("2026-11-25T12:00:00Z");
    change(&mut reader.file, |tx| subscriptions::change(tx, UserId(1), DigestId(1), &monthly, when)).unwrap();
    reader.run(when);
    reader.run(at("2026-12-01T07:00:00Z"));
    assert_eq!(reader.sent.last().map(|period| period.first), Day::parse("2026-11-01"));
    assert_eq!(reader.sent.len(), 3);
}

#[test]
fn a_month_that_a_clock_which_was_ahead_told_before_its_end_is_told_again_when_it_is_over() {
    let mut reader = Reader::new(Rhythm::Monthly, "UTC", at("2026-11-04T12:00:00Z"));
    reader.run(at("2026-12-02T12:00:00Z"));
    reader.trust(at("2026-11-30T12:00:00Z"));
    reader.run(at("2026-11-30T12:00:00Z"));
    reader.run(at("2026-12-01T07:00:00Z"));
    assert_eq!(reader.last_days(), ["2026-11-30", "2026-11-30"]);
}

#[test]
fn a_report_whose_state_cannot_be_read_holds_up_no_other_one() {
    let begun = at("2026-11-01T12:00:00Z");
    let mut reader = Reader::new(Rhythm::Daily, "UTC", begun);
    change(&mut reader.file, |tx| {
        let site = sites::list(tx)?[0].id;
        let new = NewSite { domain: "b.example".into(), name: "B".into(), zone: Zone::utc() };
        let other = sites::create(tx, UserId(1), &new, &Keys::generate()?, begun)?;
        let choice = LinkSettings {
            name: "Mill".into(),
            expires_at: None,
            view: Visibility::default_guest().store(),
            embed_origins: Vec::new(),
            is_white_label: false,
            segment: None,
        };
        // A guest link of another site, as no act leaves it.
        let outside = Outside {
            site,
            link: Some(links::create(tx, other, &Token::generate()?, &choice, None, None, begun)?),
            recipient: "mill@m.example".into(),
            made_by: None,
            asked_at: None,
            confirmed_at: None,
        };
        let id = digests::create(tx, &Audience::Outside(outside), Rhythm::Daily, begun)?;
        digests::confirm(tx, id, begun)
    })
    .unwrap();
    let steps = list_steps(&reader.file, at("2026-11-02T12:00:00Z")).unwrap();
    assert!(matches!(steps.as_slice(), [Ok(Step::Send(_)), Err(Error::Missing(_))]), "{steps:?}");
}
