//! The steps of monitors over many checks.

use super::*;
use crate::model::id::{MonitorId, OutageId, SiteId};
use crate::model::monitor::{MonitorSettings, Statuses};

const BEGIN: Timestamp = Timestamp(1_795_000_000_000);
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// A monitor that is checked when it is due, as the task does it.
struct Run {
    monitor: Monitor,
    outages: Vec<Outage>,
    sums: HourSums,
}

impl Run {
    fn new(every_minutes: u32) -> Self {
        let settings = MonitorSettings {
            name: String::new(),
            url: "https://bakery.example/".into(),
            every_minutes,
            statuses: Statuses::default(),
            must_contain: String::new(),
            must_not_contain: String::new(),
            timeout_seconds: 10,
        };
        let state = MonitorState {
            due_at: BEGIN,
            checked_at: None,
            failures: 0,
            failing_since: None,
            problem: None,
            certificate_expires_at: None,
        };
        let monitor = Monitor {
            id: MonitorId(1),
            site: SiteId(1),
            created_at: BEGIN,
            paused_at: None,
            settings,
            state,
        };
        Self { monitor, outages: Vec::new(), sums: HourSums::default() }
    }

    fn open(&self) -> Option<&Outage> {
        self.outages.last().filter(|outage| outage.ended_at.is_none())
    }

    fn check_at(&mut self, at: Timestamp, problem: Option<&str>, network: Network) {
        let milliseconds = problem.is_none().then_some(100);
        let check = Check { at, milliseconds, status: None, problem: problem.map(str::to_owned) };
        let step = advance(&self.monitor, self.open(), &check, None, network);
        for (_, sums) in &step.hours {
            self.sums.add(sums);
        }
        if step.ends_outage {
            self.outages.last_mut().unwrap().ended_at = Some(at);
        }
        if let Some(begins) = step.begins {
            self.outages.push(Outage {
                id: OutageId(1),
                monitor: MonitorId(1),
                began_at: begins.began_at,
                confirmed_at: at,
                ended_at: None,
                cause: begins.cause,
                network: begins.network,
            });
        }
        self.monitor.state = step.state;
    }

    /// Checks the monitor when it is due: `.` succeeds, `x` fails, `n` fails while this server's network is down, `?` fails with
    /// nobody to ask. Returns the seconds since the beginning of each check.
    fn checks(&mut self, script: &str) -> Vec<i64> {
        let mut times = Vec::new();
        for letter in script.chars() {
            let at = self.monitor.state.due_at;
            times.push((at.0 - BEGIN.0) / SECOND);
            let (problem, network) = match letter {
                '.' => (None, Network::Fine),
                'n' => (Some("No connection"), Network::Own),
                '?' => (Some("No connection"), Network::Unknown),
                _ => (Some("Answered 503 instead of 200-299"), Network::Fine),
            };
            self.check_at(at, problem, network);
        }
        times
    }
}

#[test]
fn two_failures_are_no_outage_and_the_third_is() {
    let mut run = Run::new(5);
    assert_eq!(run.checks("..xx."), [0, 300, 600, 620, 640]);
    assert_eq!((run.outages.len(), run.monitor.state.failures), (0, 0));
    let mut run = Run::new(5);
    assert_eq!(run.checks(".xxxxx.."), [0, 300, 320, 340, 640, 940, 1_240, 1_540]);
    let outage = &run.outages[0];
    assert_eq!(run.outages.len(), 1);
    assert_eq!(outage.began_at, Timestamp(BEGIN.0 + 300 * SECOND), "the first failed check");
    assert_eq!(outage.confirmed_at, Timestamp(BEGIN.0 + 340 * SECOND), "the third one");
    assert_eq!(outage.ended_at, Some(Timestamp(BEGIN.0 + 1_240 * SECOND)));
    assert_eq!(outage.cause, "Answered 503 instead of 200-299");
    assert_eq!((run.sums.watched, run.sums.down), (1_540 * SECOND, 940 * SECOND));
    assert_eq!((run.sums.checks, run.sums.failures, run.sums.answers), (8, 5, 3));
}

#[test]
fn an_outage_of_this_servers_network_is_not_the_sites() {
    let mut run = Run::new(1);
    run.checks("..nnnnn..");
    assert_eq!(run.outages.len(), 1);
    assert_eq!(run.outages[0].network, Network::Own);
    assert_eq!(run.sums.down, 0);
    let mut run = Run::new(1);
    run.checks(".nnnnxx.");
    let networks: Vec<_> = run.outages.iter().map(|outage| outage.network).collect();
    assert_eq!(networks, [Network::Own, Network::Fine], "the site is down itself once the network is back");
    assert_eq!(run.outages[0].ended_at, Some(run.outages[1].began_at));
    assert!(run.outages[1].ended_at.is_some());
    let mut run = Run::new(1);
    run.checks(".????.");
    assert_eq!(run.outages[0].network, Network::Unknown);
    assert!(run.sums.down > 0);
}

#[test]
fn a_stop_of_the_server_neither_repeats_nor_makes_up_for_checks() {
    let mut run = Run::new(5);
    run.checks("...");
    let later = Timestamp(BEGIN.0 + 10 * 3_600 * SECOND + 7 * SECOND);
    run.check_at(later, None, Network::Fine);
    assert_eq!(
        run.monitor.state.due_at,
        Timestamp(BEGIN.0 + (10 * 3_600 + 300) * SECOND),
        "the same minutes"
    );
    assert_eq!(run.sums.watched, (600 + 360) * SECOND, "nobody looked meanwhile");
}

#[test]
fn what_failed_before_a_stop_confirms_nothing_after_it() {
    let mut run = Run::new(1);
    run.checks("..x");
    let monday = BEGIN.after(Duration::from_hours(3 * 24));
    run.check_at(monday, Some("No connection"), Network::Fine);
    assert_eq!((run.monitor.state.failures, run.monitor.state.failing_since), (1, Some(monday)));
    run.checks("xx.");
    assert_eq!(run.outages[0].began_at, monday);
    assert!(run.sums.down <= run.sums.watched, "{:?}", run.sums);
}

#[test]
fn a_clock_that_jumps_back_does_not_stop_the_checks() {
    let mut run = Run::new(5);
    run.checks("..");
    let ahead = BEGIN.after(Duration::from_hours(9_000));
    run.check_at(ahead, None, Network::Fine);
    let back = BEGIN.after(Duration::from_mins(15));
    run.check_at(back, None, Network::Fine);
    assert_eq!(run.monitor.state.due_at, back.after(Duration::from_mins(5)));
    run.check_at(Timestamp(back.0 - MINUTE), Some("No connection"), Network::Fine);
    run.check_at(Timestamp(back.0 - 2 * MINUTE), Some("No connection"), Network::Fine);
    assert!(run.sums.watched >= 0 && run.sums.down == 0);
}

proptest::proptest! {
    #[test]
    fn whatever_the_checks_find_outages_do_not_overlap_and_uptime_is_a_share(
        script in "[.xn?]{1,200}", every in 1_u32..=60,
    ) {
        let mut run = Run::new(every);
        let times = run.checks(&script);
        proptest::prop_assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        for pair in run.outages.windows(2) {
            proptest::prop_assert!(pair[0].ended_at.is_some_and(|end| end <= pair[1].began_at));
        }
        let is_share = run.sums.watched >= run.sums.down && run.sums.down >= 0;
        proptest::prop_assert!(is_share, "{:?}", run.sums);
        let longest = script.split('.').map(str::len).max().unwrap_or_default();
        proptest::prop_assert_eq!(longest >= 3, !run.outages.is_empty());
    }
}
