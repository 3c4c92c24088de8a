//! The hosts that are not known as a site's and sent page views: which of them have a place in the list, and who is told.

use super::harness::{Desk, today};
use super::hosts::{DASHBOARD, FILTERED, HOSTS, counted, page_view, reason, say, why};
use super::http::{get, post};

const FROM: &str = "page views came from";

#[test]
fn a_day_has_room_for_fifty_names_of_which_a_network_brings_a_tenth() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let see = |network: u8, host: &str| {
        let hit = [("type", "pageview"), ("href", &*format!("https://{host}/"))];
        assert_eq!(reason(&server.hit(&format!("81.2.{network}.7"), &hit)), "other-host");
    };
    (0..60).for_each(|number| see(1, &format!("flood-{number}.example")));
    assert_eq!(desk.number("select count(*) from other_hosts"), 5);
    assert_eq!(desk.number("select count from filtered where reason = 'other-host'"), 60);
    for number in 0..45 {
        let host = format!("copy-{number:02}.example");
        see(2 + number / 5, &host);
        // All but two are seen twice.
        (0..i64::from(number > 1)).for_each(|_| see(40, &host));
    }
    assert_eq!(desk.number("select count(*) from other_hosts"), 50);
    for number in 0..7 {
        see(60, &format!("late-{number}.example"));
    }
    // Seven have one page view, and five of the latecomers find a place: the network may bring no more.
    let left: Vec<String> = counted(&desk).into_iter().filter(|line| line.ends_with(" 1")).collect();
    let late: Vec<String> = (0..5).map(|number| format!("late-{number}.example 1")).collect();
    let stay = ["copy-00.example 1".to_owned(), "copy-01.example 1".to_owned()];
    assert_eq!(left, [&stay[..], &late[..]].concat(), "the oldest go");
    assert_eq!(desk.number("select count(*) from other_hosts"), 50);
    // A change of settings reads the names anew, and the order in which they came stays.
    say(&server, &server.sign_in("ada"), "elsewhere.example", "not-mine");
    see(61, "true.example");
    let now = counted(&desk);
    assert!(now.contains(&"true.example 1".into()) && !now.contains(&stay[0]), "{now:?}");
    assert!(now.contains(&stay[1]), "{now:?}");
    server.kill();
    let server = desk.serve();
    page_view(&server, 1, "https://copy-07.example/");
    page_view(&server, 1, "https://after-a-restart.example/");
    assert_eq!(desk.number("select count(*) from other_hosts"), 50, "a restart makes no room");
    assert_eq!(desk.number("select max(page_views) from other_hosts"), 3);
    let all_twice = "update other_hosts set page_views = 2 where page_views = 1";
    desk.open().execute(all_twice, []).unwrap();
    page_view(&server, 1, "https://too-late.example/");
    assert!(!counted(&desk).iter().any(|line| line.starts_with("too-late")));
}

#[test]
fn a_host_that_is_answered_takes_no_place_and_stands_for_all_below_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    desk.text(&["site", "hosts", "1", "--not", "copy.example"]);
    let mut file = desk.open();
    let rows = file.transaction().unwrap();
    for number in 0..50 {
        let bound = rusqlite::params![today(), format!("host-{number}.example")];
        rows.execute("insert into other_hosts values (1, ?1, ?2, 9, 9)", bound).unwrap();
    }
    rows.commit().unwrap();
    for host in ["copy.example", "a.copy.example", "www.b.copy.example", "further.example"] {
        assert_eq!(why(&server, &format!("https://{host}/")), "other-host");
    }
    let now = counted(&desk);
    assert!(now.contains(&"copy.example 3".into()), "{now:?}");
    assert_eq!(now.len(), 51);
}

#[test]
fn a_host_that_only_advertises_itself_is_filtered_and_not_listed() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(why(&server, "https://www.semalt.com/"), "other-host");
    assert_eq!(why(&server, "https://copy.example/"), "other-host");
    assert_eq!(counted(&desk), ["copy.example 1"]);
}

#[test]
fn an_unanswered_host_is_told_from_its_fifth_page_view_on_to_administrators_alone() {
    let desk = Desk::with_people(&["adam", "uma", "vic"]);
    for (name, level) in [("adam", "administrator"), ("uma", "user"), ("vic", "view-only")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    let path = desk.json(&["link", "add", "--site", "1", "--json"])["path"].as_str().unwrap().to_owned();
    let server = desk.serve();
    let [ada, adam, uma, vic] = ["ada", "adam", "uma", "vic"].map(|name| server.sign_in(name));
    page_view(&server, 2, "https://bakery.example/");
    let settings = "/sites/1/preferences/tracking";
    (0..4).for_each(|_| assert_eq!(why(&server, "http://localhost/"), "other-host"));
    assert!(!server.page(DASHBOARD, &ada).contains(FROM), "four");
    assert!(server.page(HOSTS, &ada).contains("localhost"), "listed from the first one on");
    why(&server, "http://localhost/");
    for cookie in [&ada, &adam] {
        for screen in [DASHBOARD, settings] {
            let page = server.page(screen, cookie);
            assert!(page.contains("5 page views came from <b>localhost</b>"), "{screen}: {page}");
            assert!(page.contains("They weren't counted.") && page.contains(&format!("href=\"{HOSTS}\"")));
        }
        let report = server.page(FILTERED, cookie);
        assert!(report.contains("This is mine: localhost") && report.contains("Not mine: localhost"));
    }
    for cookie in [&uma, &vic] {
        assert!(!server.page(DASHBOARD, cookie).contains(FROM));
        assert_eq!(server.ask(&get(HOSTS).cookie(cookie)).status, 403);
        assert_eq!(server.ask(&post(HOSTS, &[]).cookie(cookie)).status, 403);
        assert_eq!(say(&server, cookie, "localhost", "mine").status, 403);
        assert!(!server.page(FILTERED, cookie).contains("This is mine"));
    }
    let guest = server.ask(&get(format!("{path}?date=today")));
    assert!(guest.status == 200 && !guest.text().contains(FROM));
    assert!(!server.page("/sites/1/visitors?date=today", &ada).contains(FROM), "two places are enough");
    say(&server, &adam, "localhost", "not-mine");
    assert!(!server.page(DASHBOARD, &ada).contains(FROM), "it was answered");
    say(&server, &adam, "localhost", "forget");
    assert!(server.page(DASHBOARD, &ada).contains(FROM));
    say(&server, &adam, "localhost", "mine");
    assert!(!server.page(DASHBOARD, &ada).contains(FROM));
}

#[test]
fn hosts_of_eight_days_ago_are_told_no_more_and_those_of_a_month_ago_are_forgotten() {
    let desk = Desk::with_site();
    let insert = "insert into other_hosts values (1, ?1, ?2, 9, 9)";
    for (days, host) in [(6, "this-week.example"), (7, "last-week.example"), (31, "last-month.example")] {
        desk.open().execute(insert, rusqlite::params![today() - days, host]).unwrap();
    }
    let server = desk.serve();
    let page = server.page(HOSTS, &server.sign_in("ada"));
    assert!(page.contains("this-week.example") && !page.contains("last-week.example"), "{page}");
    desk.wait_for("(select count(*) from other_hosts) = 2");
}

#[test]
fn the_screen_that_waits_for_the_first_hit_names_the_host_that_it_filtered() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    assert!(!server.page("/sites/1", &ada).contains("Hits came from"));
    why(&server, "http://127.0.0.1:8080/");
    let page = server.page("/sites/1", &ada);
    assert!(
        page.contains("Waiting for the first hit") && page.contains("<b class=\"cut-any\">127.0.0.1</b>"),
        "{page}"
    );
    assert!(page.contains("This is mine: 127.0.0.1"), "{page}");
    say(&server, &ada, "127.0.0.1", "mine");
    assert!(!server.page("/sites/1", &ada).contains("127.0.0.1</b>"));
    // An answer leads back to the screen on which it was given, and nowhere else.
    assert!(page.contains("name=\"screen\" value=\"start\""), "{page}");
    for (screen, place) in [
        ("start", "/sites/1"),
        ("filtered", "/sites/1/reports/left-out"),
        ("hosts", "/sites/1/preferences/hosts?done=mine"),
        ("https://evil.example/", "/sites/1/preferences/hosts?done=mine"),
    ] {
        let fields = [("host", "127.0.0.1"), ("answer", "mine"), ("screen", screen)];
        let answer = server.ask(&post(format!("{HOSTS}/answer"), &fields).cookie(&ada));
        assert_eq!((answer.status, answer.header("location")), (303, place));
    }
    assert_eq!(why(&server, "http://127.0.0.1:8080/"), "");
}
