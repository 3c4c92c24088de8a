//! A machine's clock that is wrong for a while, and then right: what it left behind hides and deletes nothing.

use super::harness::{Desk, Server, fields, view};
use std::fs;

const DAY_IDS: i64 = 86_400_000 << 20;

/// Serves with a clock that is wrong.
fn serve_by<'a>(desk: &'a Desk, wrong_by: &str) -> Server<'a> {
    set_clock(desk, wrong_by);
    desk.serve_by_clock(&desk.path().join("clock"))
}

/// What the clock of such a server is wrong by from now on. It never reads half of it.
pub fn set_clock(desk: &Desk, wrong_by: &str) {
    let (next, file) = (desk.path().join("clock.next"), desk.path().join("clock"));
    fs::write(&next, wrong_by).unwrap();
    fs::rename(next, file).unwrap();
}

fn come(server: &Server<'_>, address: &str, path: &str) {
    let answer = server.hit(address, &fields(&view(path)));
    assert_eq!((answer.status, answer.header("X-Clickstead-Reason")), (204, ""), "{path}");
}

/// What the hours of today add up to in one of its reports' files.
fn today(server: &Server<'_>, cookie: &str, report: &str) -> i64 {
    let file = server.page(&format!("/sites/1/export/{report}.csv?date=today&compare=none"), cookie);
    file.lines().skip(1).filter_map(|line| line.split(',').nth(1)?.parse::<i64>().ok()).sum()
}

#[test]
fn days_that_were_sealed_by_a_clock_that_was_ahead_show_what_comes_after() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", "/a");
    server.stop();
    let server = serve_by(&desk, "+2d");
    desk.wait_for("exists (select 1 from block_ranges)");
    server.stop();
    let server = desk.serve();
    assert_eq!(desk.number("select count(*) from block_ranges"), 0, "today is sealed");
    let ada = server.sign_in("ada");
    come(&server, "81.2.69.2", "/b");
    come(&server, "81.2.69.1", "/c");
    assert_eq!(today(&server, &ada, "visitors"), 2);
    let pages = server.page("/sites/1/export/pages.csv?date=today&compare=none", &ada);
    assert!(["/a", "/b", "/c"].iter().all(|path| pages.contains(&format!("{path},"))), "{pages}");
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn a_hit_unseals_its_day_at_once_when_the_clock_goes_back_while_serving() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", "/a");
    server.stop();
    let server = serve_by(&desk, "+2d");
    desk.wait_for("exists (select 1 from block_ranges)");
    set_clock(&desk, "+0");
    let ada = server.sign_in("ada");
    assert_eq!(today(&server, &ada, "visitors"), 1);
    come(&server, "81.2.69.2", "/b");
    assert_eq!(today(&server, &ada, "visitors"), 2, "a new visit");
    come(&server, "81.2.69.1", "/c");
    assert_eq!(today(&server, &ada, "actions"), 3, "a visit that goes on");
    assert_eq!(desk.number("select count(*) from block_ranges"), 0);
}

#[test]
fn a_day_that_reports_took_for_over_by_a_clock_that_was_ahead_goes_on() {
    let desk = Desk::with_site();
    let server = serve_by(&desk, "+0");
    let ada = server.sign_in("ada");
    come(&server, "81.2.69.1", "/a");
    let date = desk.texts("select date(day * 86400, 'unixepoch') from salts").remove(0);
    let pages = format!("/sites/1/export/pages.csv?date={date}&compare=none");
    let is_seen = |path: &str| server.page(&pages, &ada).contains(&format!("{path},"));
    assert!(is_seen("/a"));
    // No task seals the day meanwhile: that happens once a minute at most, and what reports remember is asked for here.
    set_clock(&desk, "+2d");
    assert!(is_seen("/a"));
    set_clock(&desk, "+0");
    come(&server, "81.2.69.2", "/b");
    assert!(is_seen("/b"), "what was remembered of the day hides a visit");
}

#[test]
fn a_visit_that_began_by_a_clock_that_was_ahead_hides_no_later_one() {
    let desk = Desk::with_site();
    let server = serve_by(&desk, "+2d");
    come(&server, "81.2.69.1", "/ahead");
    set_clock(&desk, "+0");
    let ada = server.sign_in("ada");
    // The list of sites counts by the newest visit.
    let visits = || server.page("/", &ada);
    let before = visits();
    come(&server, "81.2.69.2", "/now");
    assert_ne!(visits(), before, "the list of sites does not count it");
    assert_eq!(today(&server, &ada, "visitors"), 1);
    let online = server.page("/sites/1/online", &ada);
    assert!(online.contains('1') && !online.contains('2'), "who is yet to come is not online: {online}");
}

#[test]
fn nothing_is_deleted_by_a_clock_that_jumped_and_all_of_it_once_that_is_right() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", "/a");
    come(&server, "81.2.69.2", "/b");
    let ada = server.sign_in("ada");
    server.stop();
    desk.text(&["site", "keep-visits", "1", "--days", "30"]);
    let earlier = 40 * DAY_IDS;
    desk.open()
        .execute_batch(&format!(
            "insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place)
             select site_id, id - {earlier}, visitor_id, 0, 0, 0, 0, source, machine, place from visits limit 1;
             insert into salts (site_id, day, salt) values (1, 20000, zeroblob(32));
             insert into filtered_samples (site_id, day, reason, number, at) values (1, 20000, 'bot', 1, 0)"
        ))
        .unwrap();
    let server = serve_by(&desk, "+400d");
    for task in [
        "drop old visits",
        "forget salts",
        "end unused sign-ins",
        "forget old samples",
        "forget old acts",
        "close statements",
        "forget old letters",
    ] {
        desk.wait_for(&format!(
            "exists (select 1 from jobs where name = '{task}' and problem like 'Waits: the clock jumped%')"
        ));
    }
    server.stop();
    // Started once more by the same clock, it is believed no sooner.
    let server = serve_by(&desk, "+401d");
    desk.wait_for(
        "(select ran_at / 86400000 from jobs where name = 'drop old visits') > unixepoch() / 86400 + 400",
    );
    server.stop();
    assert_eq!(desk.number("select count(*) from visits"), 3);
    assert_eq!(desk.number("select count(*) from salts"), 2);
    assert_eq!(desk.number("select count(*) from filtered_samples"), 1);
    let server = desk.serve();
    assert!(server.page("/account/security", &ada).contains("ada"), "the sign-in goes on");
    desk.wait_for("(select count(*) from visits) = 2");
    desk.wait_for("(select count(*) from salts) = 1");
    desk.wait_for("(select count(*) from filtered_samples) = 0");
    assert_eq!(desk.number("select count(*) from rollups where dimension = 'all'"), 1);
    desk.wait_for("not exists (select 1 from jobs where problem is not null)");
}

#[test]
fn what_was_begun_by_a_clock_that_was_ahead_lasts_no_longer_for_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(
        desk.number("select count(*) from trusted_clock"),
        1,
        "a first start keeps its moment at once"
    );
    server.stop();
    let server = serve_by(&desk, "+2d");
    let ada = server.sign_in("ada");
    server.stop();
    let ahead = "(unixepoch() + 86400) * 1000";
    assert_eq!(desk.number(&format!("select count(*) from sign_ins where seen_at > {ahead}")), 1);
    let server = desk.serve();
    desk.wait_for(&format!("not exists (select 1 from sign_ins where max(created_at, seen_at) > {ahead})"));
    assert!(server.page("/", &ada).contains("bakery.example"), "it holds as others do");
}
