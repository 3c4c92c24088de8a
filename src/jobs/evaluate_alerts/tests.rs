//! Alerts of a whole program whose clock the tests steer: four weeks of traffic pass in a moment.

use super::*;
use crate::access::audit::Actor;
use crate::alerts::rules;
use crate::alerts::slot::Slot;
use crate::alerts::state::Change;
use crate::config::{MailConfig, PublicUrl, ServeConfig, SmtpServer};
use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::clock::{Clock, Day, Timestamp, Zone};
use crate::model::id::{AlertId, GoalId, MonitorId, UserId, VisitId, VisitorId};
use crate::model::level::Level;
use crate::model::metrics::{Measure, Metrics};
use crate::model::monitor::{MonitorSettings, Network, Statuses};
use crate::reports::engine::rollups;
use crate::reports::visibility::Visibility;
use crate::sites::view_only;
use crate::store::alert_events::AlertEvent;
use crate::store::alerts::AlertScope;
use crate::store::conversions::{self, ConversionRow};
use crate::store::outbox::{self, Letter};
use crate::store::shares::{self, NewShare};
use crate::store::sites::{Keys, NewSite, Site};
use crate::store::users::{self, NewUser};
use crate::store::visits::{self, OpenVisit, VisitStart};
use crate::store::{alert_events, emails, goals, monitors, outages};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const HOUR: i64 = 3_600_000;

/// A program with a site, its owner `ada`, and `vera`, with whom it is shared as View Only.
struct Bench {
    app: App,
    clock: Arc<AtomicI64>,
    site: Site,
    ada: UserId,
    vera: UserId,
    visits: i64,
    _folder: TempDir,
}

fn config(folder: &TempDir) -> ServeConfig {
    let server = SmtpServer::parse("smtp://127.0.0.1:1?tls=none").unwrap();
    ServeConfig {
        data: folder.path().join("clickstead.db"),
        public_url: Some(PublicUrl::parse("https://stats.example").unwrap()),
        mail: Some(MailConfig { server, from: "stats@stats.example".into(), root_certificate: None }),
        ..ServeConfig::trusting("10.0.0.0/8")
    }
}

fn berlin() -> Zone {
    Zone::parse("Europe/Berlin").unwrap()
}

/// Returns the time of an hour of the Wednesday of the tests.
fn at(hour: i64) -> Timestamp {
    Slot::first_of(Day::parse("2026-09-16").unwrap()).plus(hour).begins(&berlin())
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(at(0).0));
        let app = App::start(config(&folder), Clock::steered(Arc::clone(&clock))).unwrap();
        let made = app.write(|tx| {
            let user = |username, email| NewUser { username, email, password: "x", created_at: Timestamp(0) };
            let ada = users::create(tx, &user("ada", "ada@a.example"))?;
            let vera = users::create(tx, &user("vera", "vera@a.example"))?;
            emails::prove(tx, ada)?;
            emails::prove(tx, vera)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: berlin() };
            let site = sites::create(tx, ada, &new, &Keys::generate()?, Timestamp(0))?;
            let share = NewShare {
                level: Level::ViewOnly,
                given_by: Some(ada),
                given_as: "vera",
                is_invited: false,
                at: Timestamp(0),
            };
            shares::create(tx, site, vera, &share)?;
            Ok((sites::get(tx, site)?, ada, vera))
        });
        let (site, ada, vera) = made.await.unwrap();
        Self { app, clock, site, ada, vera, visits: 0, _folder: folder }
    }

    fn actor(&self) -> Actor {
        Actor::command_line(self.app.clock.now())
    }

    async fn set(&self, owner: Option<UserId>, settings: AlertSettings) -> AlertId {
        let (site, actor) = (self.site.clone(), self.actor());
        let scope = AlertScope { site: site.id, owner };
        self.app.write(move |tx| rules::add(tx, &actor, &site, scope, settings.clone())).await.unwrap()
    }

    /// Adds an alert of the whole site with the settings that are proposed, but this threshold.
    async fn watch(&self, kind: AlertKind, threshold: i64) -> AlertId {
        self.set(None, AlertSettings { threshold, tells_end: true, ..AlertSettings::proposed(kind) }).await
    }

    /// Adds visits that begin within the hour from a time on.
    async fn come(&mut self, from: Timestamp, count: i64) -> Vec<VisitId> {
        let site = self.site.id;
        let first = self.visits;
        self.visits += count;
        let visits: Vec<OpenVisit> = (0..count)
            .map(|number| OpenVisit {
                id: VisitId(VisitId::first_at(Timestamp(from.0 + number * 1_000)).0 + first + number),
                visitor: VisitorId(first + number + 1),
                stay: 0,
                actions: 1,
                page_views: 1,
                last_number: 1,
                exit: None,
            })
            .collect();
        let ids: Vec<VisitId> = visits.iter().map(|visit| visit.id).collect();
        let made = self.app.write(move |tx| {
            visits.iter().try_for_each(|visit| visits::create_visit(tx, site, visit, &VisitStart::default()))
        });
        made.await.unwrap();
        self.app.database.changes.publish(ids.iter().map(|id| (site, *id)));
        ids
    }

    /// Adds four weeks of traffic before the tests' Wednesday: as many visits in each hour.
    async fn four_weeks(&mut self, each_hour: i64) {
        for hour in -29 * 24..0 {
            self.come(at(hour), each_hour).await;
        }
    }

    async fn convert(&mut self, from: Timestamp, goal: GoalId, revenue: i64) {
        let visit = self.come(from, 1).await[0];
        let site = self.site.id;
        let row = ConversionRow {
            visit,
            number: 1,
            at: 0,
            goal,
            is_matched: false,
            sent: Some(revenue),
            revenue,
            counts: true,
        };
        self.app.write(move |tx| conversions::create(tx, site, &row)).await.unwrap();
        self.app.database.changes.publish([(site, visit)]);
    }

    async fn goal(&self) -> GoalId {
        let (site, now) = (self.site.id, self.app.clock.now());
        self.app.write(move |tx| goals::create_found(tx, site, "Order", now)).await.unwrap()
    }

    /// Looks at a time.
    async fn look(&self, now: Timestamp) {
        self.clock.store(now.0, Ordering::SeqCst);
        evaluate(&self.app).await.unwrap();
    }

    /// Looks every twenty minutes between two hours.
    async fn looks(&self, hours: std::ops::Range<i64>) {
        for twenty in hours.start * 3..hours.end * 3 {
            self.look(Timestamp(at(0).0 + twenty * HOUR / 3)).await;
        }
    }

    async fn events(&self, alert: AlertId) -> Vec<AlertEvent> {
        self.app.read(move |connection| alert_events::list(connection, alert, 100)).await.unwrap()
    }

    async fn letters(&self) -> Vec<Letter> {
        let now = self.app.clock.now();
        let waiting = self.app.read(move |connection| outbox::list_due(connection, now, 100)).await.unwrap();
        waiting.into_iter().map(|waiting| waiting.letter).collect()
    }

    /// Returns the receivers and subjects of all letters.
    async fn subjects(&self) -> Vec<String> {
        let letters = self.letters().await.into_iter();
        letters.map(|letter| format!("{}: {}", letter.recipient, letter.subject)).collect()
    }
}

#[actix_web::test]
async fn a_spike_and_its_end_are_told_once_each() {
    let mut bench = Bench::new().await;
    bench.four_weeks(10).await;
    let alert = bench.watch(AlertKind::Spike, 30).await;
    bench.looks(9..10).await;
    bench.come(at(10), 80).await;
    bench.looks(10..14).await;
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].title, "Traffic spike: 80 visits since 10:00");
    assert!(events[0].numbers.contains(r#""weeks":[10,10,10,10]"#), "{}", events[0].numbers);
    assert_eq!(events[0].link, format!("/sites/{}/reports/visitors?date=2026-09-16", bench.site.id));
    assert!(events[0].ended_at.is_some());
    let told = bench.subjects().await;
    let (spike, over) =
        ("a.example: Traffic spike: 80 visits since 10:00", "a.example: Traffic is back to normal");
    let expected = ["ada", "vera"].map(|name| format!("{name}@a.example: {spike}"));
    assert_eq!(told[..2], expected);
    assert_eq!(told[2..], ["ada", "vera"].map(|name| format!("{name}@a.example: {over}")));
}

#[actix_web::test]
async fn a_drop_is_told_once_when_three_hours_were_too_quiet() {
    let mut bench = Bench::new().await;
    bench.four_weeks(30).await;
    let alert = bench.watch(AlertKind::Drop, 50).await;
    for hour in 0..8 {
        bench.come(at(hour), 30).await;
    }
    bench.looks(5..14).await;
    let titles: Vec<String> = bench.events(alert).await.into_iter().map(|event| event.title).collect();
    assert_eq!(titles, ["Traffic drop: only 0 visits between 08:00 and 11:00"]);
}

#[actix_web::test]
async fn visitors_online_are_told_once_until_they_are_fewer() {
    let mut bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Online, 5).await;
    bench.look(at(9)).await;
    assert!(bench.events(alert).await.is_empty());
    bench.come(at(9), 7).await;
    for second in [10, 30, 50] {
        bench.look(at(9).after(Duration::from_secs(second))).await;
    }
    let events = bench.events(alert).await;
    assert_eq!(
        events.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(),
        ["7 visitors online, more than 5"]
    );
    bench.looks(10..16).await;
    assert!(bench.events(alert).await[0].ended_at.is_some());
}

#[actix_web::test]
async fn a_goal_is_told_each_time_first_of_the_day_and_over_a_number() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let of = |mode, threshold| AlertSettings {
        goal: Some(goal),
        mode,
        threshold,
        ..AlertSettings::proposed(AlertKind::Goal)
    };
    let each = bench.set(None, of(GoalMode::Each, 0)).await;
    let first = bench.set(None, of(GoalMode::First, 0)).await;
    let over = bench.set(None, of(GoalMode::Over, 3)).await;
    bench.look(at(8)).await;
    for hour in 9..14 {
        bench.convert(at(hour), goal, 0).await;
        bench.look(at(hour).after(Duration::from_mins(1))).await;
        bench.look(at(hour).after(Duration::from_mins(2))).await;
    }
    let count = async |alert| bench.events(alert).await.len();
    assert_eq!((count(each).await, count(first).await, count(over).await), (5, 1, 1));
    let told = bench.events(over).await;
    assert_eq!(told[0].title, "“Order” was reached 4 times, more than 3");
}

#[actix_web::test]
async fn revenue_of_a_day_is_told_once_and_only_to_those_who_may_see_it() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let alert = bench.watch(AlertKind::Revenue, 10_000).await;
    bench.look(at(8)).await;
    for hour in 9..12 {
        bench.convert(at(hour), goal, 6_000).await;
        bench.look(at(hour).after(Duration::from_mins(1))).await;
    }
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].title, "Revenue is 120.00 USD, more than 100.00 USD");
    assert_eq!(bench.subjects().await, [format!("ada@a.example: a.example: {}", events[0].title)]);
}

#[actix_web::test]
async fn an_outage_is_told_when_it_is_confirmed_and_when_it_ends_and_one_of_this_servers_network_is_not() {
    let bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Outage, 0).await;
    let (site, now) = (bench.site.id, at(9));
    let settings = MonitorSettings {
        name: "Shop".into(),
        url: "https://a.example/".into(),
        every_minutes: 5,
        statuses: Statuses::default(),
        must_contain: String::new(),
        must_not_contain: String::new(),
        timeout_seconds: 10,
    };
    let monitor: MonitorId =
        bench.app.write(move |tx| monitors::create(tx, site, &settings, now)).await.unwrap();
    bench.look(now).await;
    let begin = |network| {
        bench.app.write(move |tx| {
            outages::create(tx, monitor, now, now.after(Duration::from_secs(40)), "Answered 503", network)
        })
    };
    begin(Network::Own).await.unwrap();
    bench.look(now.after(Duration::from_mins(1))).await;
    assert!(bench.events(alert).await.is_empty());
    bench.app.write(move |tx| outages::end_open(tx, monitor, now)).await.unwrap();
    begin(Network::Unknown).await.unwrap();
    bench.look(now.after(Duration::from_mins(1))).await;
    bench.look(now.after(Duration::from_mins(2))).await;
    let ended = now.after(Duration::from_mins(12));
    bench.app.write(move |tx| outages::end_open(tx, monitor, ended)).await.unwrap();
    bench.look(now.after(Duration::from_mins(13))).await;
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].title, "Shop is down: Answered 503");
    // View Only people see the report on uptime where it was chosen.
    let letters = bench.letters().await;
    let of_ada: Vec<&Letter> = letters.iter().filter(|letter| letter.recipient == "ada@a.example").collect();
    assert!(of_ada[0].text.contains("It may be this server's own network"), "{}", of_ada[0].text);
    assert_eq!(of_ada[1].subject, "a.example: Shop is up again after 12m 0s");
    assert_eq!(of_ada.len(), 2);
    // Pausing a monitor ends its outage, and says nothing of the page.
    let later = now.after(Duration::from_mins(30));
    let begun = bench.app.write(move |tx| {
        outages::create(
            tx,
            monitor,
            later,
            later.after(Duration::from_secs(40)),
            "Answered 503",
            Network::Fine,
        )
    });
    begun.await.unwrap();
    bench.look(later.after(Duration::from_mins(1))).await;
    bench.app.write(move |tx| outages::cut_open(tx, monitor, later)).await.unwrap();
    bench.look(later.after(Duration::from_mins(2))).await;
    let letters = bench.letters().await;
    let up = letters
        .iter()
        .filter(|letter| letter.recipient == "ada@a.example" && letter.subject.contains("up again"));
    assert_eq!(up.count(), 1);
}

#[actix_web::test]
async fn a_certificate_is_told_once_until_it_is_renewed() {
    let bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Certificate, 14).await;
    let (site, now) = (bench.site.id, at(9));
    let settings = MonitorSettings {
        name: String::new(),
        url: "https://a.example/".into(),
        every_minutes: 5,
        statuses: Statuses::default(),
        must_contain: String::new(),
        must_not_contain: String::new(),
        timeout_seconds: 10,
    };
    let monitor = bench.app.write(move |tx| monitors::create(tx, site, &settings, now)).await.unwrap();
    let expires = |days: u64| {
        bench.app.write(move |tx| {
            let mut state = monitors::get(tx, site, monitor)?.state;
            state.certificate_expires_at = Some(now.after(Duration::from_hours(24 * days)));
            monitors::set_state(tx, monitor, &state)
        })
    };
    expires(20).await.unwrap();
    bench.looks(9..11).await;
    assert!(bench.events(alert).await.is_empty());
    bench.looks(9 + 24 * 8..12 + 24 * 8).await;
    expires(90).await.unwrap();
    bench.looks(12 + 24 * 8..14 + 24 * 8).await;
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].title.starts_with("The certificate of a.example expires in 1"), "{events:?}");
}

#[actix_web::test]
async fn silence_is_told_once_and_ends_with_the_next_hit() {
    let mut bench = Bench::new().await;
    bench.come(at(0), 1).await;
    let alert = bench.watch(AlertKind::Silence, 3).await;
    bench.looks(0..8).await;
    bench.come(at(8), 1).await;
    bench.looks(8..10).await;
    let events = bench.events(alert).await;
    assert_eq!(events.iter().map(|event| event.title.as_str()).collect::<Vec<_>>(), ["No hits for 3 hours"]);
    assert_eq!((events[0].fired_at, events[0].ended_at), (at(3), Some(at(8))));
}

#[actix_web::test]
async fn an_own_alert_stops_with_a_note_when_its_person_may_no_longer_see_what_it_tells() {
    let mut bench = Bench::new().await;
    bench.four_weeks(10).await;
    let settings = AlertSettings::proposed(AlertKind::Spike);
    let alert = bench.set(Some(bench.vera), settings.clone()).await;
    bench.look(at(9)).await;
    let (site, actor) = (bench.site.id, bench.actor());
    let hidden = Visibility::from_names(["pages"], []);
    bench.app.write(move |tx| view_only::update_site(tx, &actor, site, &hidden)).await.unwrap();
    bench.come(at(10), 80).await;
    bench.looks(10..12).await;
    let stored = bench.app.read(move |connection| alerts::find(connection, alert)).await.unwrap().unwrap();
    assert!(stored.stopped.is_some());
    let letters = bench.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(
        letters[0].subject.contains("An alert stopped") && !letters[0].text.contains("80"),
        "{letters:?}"
    );
    let refused = {
        let (site, actor, scope) =
            (bench.site.clone(), bench.actor(), AlertScope { site: bench.site.id, owner: Some(bench.vera) });
        bench.app.write(move |tx| rules::change(tx, &actor, &site, scope, alert, settings.clone())).await
    };
    assert!(refused.unwrap_err().to_string().contains("doesn't show you"));
    assert_ne!(bench.ada, bench.vera);
}

#[actix_web::test]
async fn an_event_found_twice_is_told_once_also_when_the_program_ended_in_between() {
    let mut bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Online, 5).await;
    bench.look(at(9)).await;
    bench.come(at(9), 7).await;
    bench.clock.store(at(9).after(Duration::from_secs(30)).0, Ordering::SeqCst);
    let watching = bench.app.read(alerts::list_watching).await.unwrap();
    let hours = Arc::clone(&bench.app.alert_hours);
    let id = bench.site.id;
    let found = bench.app.view(move |reader| look_at(reader, &[(id, watching)], &hours)).await.unwrap();
    assert!(
        matches!(&found[0].seen, look::Seen::Changes(_, changes) if matches!(changes[..], [Change::Fire(..)]))
    );
    // What was found is written by a program that ended right after, and by the one that began then.
    for _ in 0..2 {
        deliver(&bench.app, found.clone()).await.unwrap();
    }
    bench.look(at(9).after(Duration::from_secs(50))).await;
    assert_eq!(bench.events(alert).await.len(), 1);
    assert_eq!(bench.letters().await.len(), 2, "ada and vera");
}

#[actix_web::test]
async fn more_alerts_in_an_hour_than_letters_may_tell_are_counted_in_the_next_one() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let each = AlertSettings { goal: Some(goal), threshold: 0, ..AlertSettings::proposed(AlertKind::Goal) };
    let alert = bench.set(Some(bench.ada), each).await;
    bench.look(at(8)).await;
    for minute in 0..30 {
        let now = at(9).after(Duration::from_mins(minute));
        bench.convert(now, goal, 0).await;
        bench.look(now.after(Duration::from_secs(20))).await;
    }
    assert_eq!((bench.events(alert).await.len(), bench.letters().await.len()), (30, 20));
    bench.convert(at(11), goal, 0).await;
    bench.look(at(11).after(Duration::from_secs(20))).await;
    let letters = bench.letters().await;
    let last = letters.last().unwrap();
    assert!(letters.len() == 21 && last.text.contains("And 10 more alerts before this one"), "{}", last.text);
}

#[actix_web::test]
async fn conversions_of_the_last_seconds_of_a_day_are_told_on_the_next_one() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let each = AlertSettings { goal: Some(goal), threshold: 0, ..AlertSettings::proposed(AlertKind::Goal) };
    let alert = bench.set(None, each).await;
    bench.look(at(23)).await;
    bench.convert(Timestamp(at(24).0 - 5_000), goal, 0).await;
    bench.look(at(24).after(Duration::from_secs(10))).await;
    bench.look(at(24).after(Duration::from_secs(30))).await;
    assert_eq!(bench.events(alert).await.len(), 1);
}

#[actix_web::test]
async fn nobody_is_mailed_whose_address_is_not_confirmed() {
    let mut bench = Bench::new().await;
    bench.watch(AlertKind::Online, 5).await;
    let unproved = bench.app.write(|tx| {
        users::create(
            tx,
            &NewUser { username: "uma", email: "uma@a.example", password: "x", created_at: Timestamp(0) },
        )
    });
    let (uma, site, ada) = (unproved.await.unwrap(), bench.site.id, bench.ada);
    let shared = bench.app.write(move |tx| {
        let share = NewShare {
            level: Level::User,
            given_by: Some(ada),
            given_as: "uma",
            is_invited: false,
            at: Timestamp(0),
        };
        shares::create(tx, site, uma, &share)
    });
    shared.await.unwrap();
    bench.come(at(9), 7).await;
    bench.look(at(9).after(Duration::from_secs(30))).await;
    let told = bench.subjects().await;
    assert!(told.len() == 2 && told.iter().all(|subject| !subject.starts_with("uma@")), "{told:?}");
    let listed = bench.app.read(move |connection| crate::alerts::received::count_unseen(connection, uma));
    assert_eq!(listed.await.unwrap(), 1, "behind the bell");
}

#[actix_web::test]
async fn letters_that_were_ended_go_on_once_mail_is_switched_on_again() {
    let mut bench = Bench::new().await;
    let settings = AlertSettings { threshold: 5, ..AlertSettings::proposed(AlertKind::Online) };
    let alert = bench.set(Some(bench.vera), settings.clone()).await;
    let (site, vera, actor) = (bench.site.clone(), bench.vera, bench.actor());
    let changed = bench.app.write(move |tx| {
        let known = alerts::find(tx, alert)?.unwrap();
        crate::alerts::mail::set(tx, &site, &known, vera, false, Timestamp(1))?;
        let scope = AlertScope { site: site.id, owner: Some(vera) };
        rules::change(tx, &actor, &site, scope, alert, settings.clone())
    });
    changed.await.unwrap();
    bench.come(at(9), 7).await;
    bench.look(at(9).after(Duration::from_secs(30))).await;
    assert_eq!(bench.letters().await.len(), 1);
}

#[actix_web::test]
async fn a_segment_is_not_compared_with_days_of_which_only_totals_are_left() {
    let mut bench = Bench::new().await;
    bench.four_weeks(10).await;
    let settings = AlertSettings { segment: "actions=1".into(), ..AlertSettings::proposed(AlertKind::Spike) };
    let alert = bench.set(None, settings).await;
    let site = bench.site.id;
    let pruned = bench.app.write(move |tx| {
        let hour = Metrics::new([(Measure::Visits, 10)]);
        for day in ["2026-08-26", "2026-09-02", "2026-09-09"] {
            let mut rows = vec![rollups::row_of_all(&Metrics::new([(Measure::Visits, 240)]))];
            rows.extend(rollups::rows_of_hours(&[hour; 24]));
            crate::store::rollups::add(tx, site, Day::parse(day).unwrap(), &rows)?;
        }
        Ok(())
    });
    pruned.await.unwrap();
    bench.looks(9..10).await;
    bench.come(at(10), 80).await;
    bench.looks(10..12).await;
    assert_eq!(bench.events(alert).await, []);
}

#[actix_web::test]
async fn letters_end_by_the_token_in_them() {
    let mut bench = Bench::new().await;
    bench.watch(AlertKind::Online, 5).await;
    bench.come(at(9), 7).await;
    bench.look(at(9).after(Duration::from_secs(30))).await;
    let letters = bench.letters().await;
    let of_vera = letters.iter().find(|letter| letter.recipient == "vera@a.example").unwrap();
    let token = of_vera.unsubscribe.as_ref().unwrap().rsplit('/').next().unwrap().to_owned();
    let now = bench.app.clock.now();
    bench.app.write(move |tx| crate::alerts::unsubscribe::end(tx, &token, now).map(drop)).await.unwrap();
    let known = letters.len();
    for hour in 10..16 {
        bench.looks(hour..hour + 1).await;
    }
    bench.come(at(16), 7).await;
    bench.look(at(16).after(Duration::from_secs(30))).await;
    let later = bench.subjects().await.split_off(known);
    assert!(later.iter().all(|subject| subject.starts_with("ada@")) && !later.is_empty(), "{later:?}");
}
