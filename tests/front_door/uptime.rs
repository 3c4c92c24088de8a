//! Monitors of a site, against real servers that fail in scripted ways and with a clock that the test sets: when an outage begins
//! and ends, whose it is, and who sees it where.

use super::api_client::Program;
use super::clock::set_clock;
use super::guest_links::link;
use super::harness::{Desk, Server};
use super::http::{get, post};
use super::monitored::{BROKEN, FINE, Monitored, Script};
use super::programs::key_of;
use super::sharing::send;
use serde_json::json;

const ALLOWED: [&str; 1] = ["--allow-private-targets"];
const SCREEN: &str = "/sites/1/preferences/uptime";

/// Serves with a clock that is wrong by so much.
fn serve_by<'a>(desk: &'a Desk, wrong_by: &str, arguments: &[&str]) -> Server<'a> {
    set_clock(desk, wrong_by);
    desk.serve_by_clock_with(&desk.path().join("clock"), arguments)
}

fn add(desk: &Desk, url: &str, more: &[&str]) {
    desk.text(&[&["monitor", "add", "--site", "1", "--url", url], more].concat());
}

/// Moves the clock and waits until a condition holds.
fn at(desk: &Desk, seconds: u32, condition: &str) {
    set_clock(desk, &format!("+{seconds}"));
    desk.wait_for(condition);
}

fn checks(count: usize) -> String {
    format!("(select count(*) from monitor_checks) >= {count}")
}

/// A site with one monitor that fails three times, 20 seconds apart, after it was fine. The clock is then a minute ahead.
fn fail_three_times(desk: &Desk, monitored: &Monitored, script: Script) {
    desk.wait_for(&checks(1));
    monitored.set(script);
    at(desk, 60, "(select failures from monitors where id = 1) = 1");
    at(desk, 81, "(select failures from monitors where id = 1) = 2");
    assert_eq!(desk.number("select count(*) from outages"), 0, "two failures are no outage");
    at(desk, 102, "(select failures from monitors where id = 1) = 3");
}

#[test]
fn an_outage_begins_with_the_third_failure_ends_with_the_first_success_and_is_told_everywhere() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &monitored.url(), &["--every", "1", "--name", "Shop", "--must-contain", "bread"]);
    let server = serve_by(&desk, "+0", &ALLOWED);
    fail_three_times(&desk, &monitored, BROKEN);
    let dated_back = "select count(*) from outages
        where ended_at is null and network = 'fine' and confirmed_at - began_at >= 40000";
    assert_eq!(desk.number(dated_back), 1, "it is dated back to the first failure");
    let ada = server.sign_in("ada");
    let screen = server.page("/sites/1/reports/uptime", &ada);
    assert!(screen.contains("Down") && screen.contains("Answered 503 instead of 200-299"), "{screen}");
    let program = Program::with_token(&desk, "ada", false);
    let now = program.read(&server, "monitors");
    assert_eq!(
        (&now["monitors"][0]["status"], &now["monitors"][0]["name"]),
        (&json!("down"), &json!("Shop"))
    );
    assert!(desk.text(&["monitor", "list", "--site", "1"]).contains("down"));
    monitored.set(FINE);
    at(&desk, 200, "exists (select 1 from outages where ended_at is not null)");
    let outages = program.read(&server, "reports/uptime-list?date=last-7-days");
    assert_eq!(outages["total"], 1);
    assert_eq!(outages["rows"][0]["cause"], "Answered 503 instead of 200-299");
    let seconds = outages["rows"][0]["seconds"].as_i64().unwrap();
    assert!((100..200).contains(&seconds), "{seconds}");
    let uptime = program.read(&server, "reports/uptime?date=last-7-days");
    let row = &uptime["rows"][0];
    assert_eq!(
        (&row["status"], &row["outages"], &row["failed_checks"]),
        (&json!("up"), &json!(1), &json!(3))
    );
    let percent = row["uptime_percent"].as_f64().unwrap();
    assert!(percent > 10.0 && percent < 60.0, "{percent}");
    let tool = json!({"site_id": "1", "report": "uptime-list", "date": "last-7-days"});
    assert_eq!(program.use_tool(&server, "report", &tool)["rows"], outages["rows"]);
    let file = server.page("/sites/1/export/uptime-list.csv?date=last-7-days", &ada);
    assert!(file.contains(",Shop,Answered 503 instead of 200-299,fine"), "{file}");
    let days = server.page("/sites/1/export/uptime.csv?date=last-7-days", &ada);
    assert!(days.lines().nth(1).unwrap().contains(",Shop,"), "{days}");
    let list = server.page("/sites/1/reports/uptime-list?date=last-7-days", &ada);
    assert!(list.contains("Answered 503 instead of 200-299") && list.contains("Shop"));
    let clicky = format!(
        "/api/stats/4?site_id=1&sitekey={}&type=uptime,uptime-list&date=last-7-days&output=json",
        key_of(&desk, 1)
    );
    let clicky = server.ask(&get(clicky).without("Sec-Fetch-Site")).json();
    let told: f64 = clicky[0]["dates"][0]["items"][0]["value"].as_str().unwrap().parse().unwrap();
    assert!((told - percent).abs() < 0.01, "{told} {percent}");
    assert_eq!(clicky[1]["dates"][0]["items"][0]["item"], "Shop");
}

#[test]
fn a_check_that_fails_twice_and_then_succeeds_is_no_outage() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &monitored.url(), &["--every", "1"]);
    let server = serve_by(&desk, "+0", &ALLOWED);
    desk.wait_for(&checks(1));
    monitored.set(Script::Cut);
    at(&desk, 60, "(select failures from monitors) = 1");
    at(&desk, 81, "(select failures from monitors) = 2");
    monitored.set(FINE);
    at(&desk, 102, "(select failures from monitors) = 0");
    assert_eq!(desk.number("select count(*) from outages"), 0);
    assert_eq!(desk.number("select sum(failures) from monitor_hours"), 2);
    server.stop();
}

#[test]
fn an_outage_of_this_servers_network_is_told_from_the_sites() {
    let others = ["127.0.0.2", "127.0.0.3"].map(Monitored::start_at);
    for (name, count, are_others_fine, network) in [
        ("another monitor answers", 1, true, "fine"),
        ("two others don't answer either", 2, false, "own"),
        ("one other doesn't answer either, and may be down itself", 1, false, "unknown"),
        ("nobody can be asked", 0, true, "unknown"),
    ] {
        let desk = Desk::with_site();
        let monitored = Monitored::start();
        add(&desk, &monitored.url(), &["--every", "1"]);
        for other in &others[..count] {
            other.set(FINE);
            add(&desk, &other.url(), &["--every", "60"]);
        }
        let server = serve_by(&desk, "+0", &ALLOWED);
        desk.wait_for(&checks(count + 1));
        if !are_others_fine {
            for other in &others {
                other.set(Script::Cut);
            }
        }
        fail_three_times(&desk, &monitored, Script::Cut);
        assert_eq!(desk.texts("select network from outages"), [network], "{name}");
        let ada = server.sign_in("ada");
        let screen = server.page("/sites/1/reports/uptime-list?date=last-7-days", &ada);
        assert_eq!(screen.contains("own network was down"), network == "own", "{name}");
        assert_eq!(screen.contains("may be this server"), network == "unknown", "{name}");
        let down = desk.number("select sum(down) from monitor_hours where monitor_id = 1");
        assert_eq!(down == 0, network == "own", "{name}: an outage of our own network does not count");
        server.stop();
    }
}

#[test]
fn the_operators_reference_is_asked_where_there_is_no_other_monitor() {
    let desk = Desk::with_site();
    let (monitored, reference) = (Monitored::start(), Monitored::start_at("127.0.0.2"));
    add(&desk, &monitored.url(), &["--every", "1"]);
    let url = reference.url();
    let server = serve_by(&desk, "+0", &["--allow-private-targets", "--uptime-reference", &url]);
    fail_three_times(&desk, &monitored, Script::Cut);
    assert_eq!(desk.texts("select network from outages"), ["fine"]);
    assert_eq!(reference.asked(), 1, "it is asked once, when an outage would begin");
    server.stop();
    let refused = desk.command(&[], &["--uptime-reference", "ftp://x.example"]).output().unwrap();
    assert!(!refused.status.success());
}

#[test]
fn a_restart_neither_repeats_nor_skips_checks() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &monitored.url(), &["--every", "30"]);
    let server = serve_by(&desk, "+0", &ALLOWED);
    desk.wait_for(&checks(1));
    let due = desk.number("select due_at from monitors");
    server.stop();
    let server = serve_by(&desk, "+60", &ALLOWED);
    add(&desk, &format!("{}other", monitored.url()), &[]);
    desk.wait_for("(select checked_at from monitors where id = 2) is not null");
    assert_eq!(monitored.asked(), 2, "the first monitor isn't due");
    assert_eq!(desk.number("select due_at from monitors where id = 1"), due);
    at(&desk, 1_801, "(select count(*) from monitor_checks where monitor_id = 1) = 2");
    assert_eq!(desk.number("select due_at from monitors where id = 1"), due + 1_800_000);
    set_clock(&desk, "+400d");
    desk.wait_for("(select count(*) from monitor_checks where monitor_id = 1) = 3");
    at(&desk, 1_900, "(select count(*) from monitor_checks where monitor_id = 1) = 4");
    // Less than an hour back is told as well: the next check is further ahead than its half hour.
    desk.open().execute("update monitors set due_at = due_at + 45 * 60000 where id = 1", []).unwrap();
    desk.wait_for("(select count(*) from monitor_checks where monitor_id = 1) = 5");
    let watched = desk.number("select sum(watched) from monitor_hours where monitor_id = 1") / 1_000;
    assert!(watched < 2 * (1_800 + 60) + 10, "nobody looked for 400 days: {watched}");
    server.stop();
}

#[test]
fn a_private_network_is_not_asked_unless_the_operator_allows_it() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &monitored.url(), &[]);
    let server = desk.serve();
    desk.wait_for(&checks(1));
    assert_eq!(monitored.asked(), 0);
    assert!(desk.texts("select problem from monitors")[0].contains("private network"));
    server.stop();
}

fn form<'a>(url: &'a str, every: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("url", url), ("name", "Shop"), ("every", every), ("statuses", "200"), ("timeout", "5")]
}

#[test]
fn monitors_are_added_changed_paused_checked_and_removed_in_preferences() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    let server = desk.serve_with(&ALLOWED);
    let ada = server.sign_in("ada");
    assert!(server.page(SCREEN, &ada).contains("No monitors yet"));
    assert!(server.page("/sites/1/reports/uptime", &ada).contains("No monitors yet"));
    for (typed, sentence) in [
        (form("", "5"), "Give an address such as"),
        (form("ftp://bakery.example", "5"), "begin with https:// or http://"),
        (form("https://ada:pw@bakery.example", "5"), "Leave name and password out"),
        (form("https://bakery.example", "0"), "from 1 to 60"),
        (form("https://bakery.example", "soon"), "from 1 to 60"),
    ] {
        let refused = send(&server, &ada, &format!("{SCREEN}/new"), &typed);
        assert_eq!(refused.status, 422, "{sentence}");
        assert!(refused.text().contains(sentence), "{sentence}: {}", refused.text());
    }
    assert_eq!(desk.number("select count(*) from monitors"), 0);
    let url = monitored.url();
    let added = send(&server, &ada, &format!("{SCREEN}/new"), &form(&url, "7"));
    assert_eq!(added.header("location"), format!("{SCREEN}/1?done=added"));
    desk.wait_for(&checks(1));
    let page = server.page(&format!("{SCREEN}/1"), &ada);
    assert!(page.contains("OK") && page.contains("7 minutes"), "{page}");
    let again = send(&server, &ada, &format!("{SCREEN}/new"), &form(&url, "5"));
    assert!(again.status == 422 && again.text().contains("of that name already"));
    let now = send(&server, &ada, &format!("{SCREEN}/1/check"), &[]);
    assert_eq!(now.header("location"), format!("{SCREEN}/1?done=recent"));
    desk.open().execute("update monitors set checked_at = checked_at - 20000", []).unwrap();
    monitored.set(BROKEN);
    let now = send(&server, &ada, &format!("{SCREEN}/1/check"), &[]);
    assert_eq!(now.header("location"), format!("{SCREEN}/1?done=checked"));
    let page = server.page(&format!("{SCREEN}/1?done=checked"), &ada);
    assert!(page.contains("Answered 503 instead of 200"), "{page}");
    send(&server, &ada, &format!("{SCREEN}/1/pause"), &[]);
    assert!(server.page(SCREEN, &ada).contains("Paused"));
    assert_eq!(desk.number("select failures from monitors"), 0);
    let paused = send(&server, &ada, &format!("{SCREEN}/1/check"), &[]);
    assert_eq!(paused.header("location"), format!("{SCREEN}?done=is-paused"));
    monitored.set(FINE);
    send(&server, &ada, &format!("{SCREEN}/1/resume"), &[]);
    desk.wait_for("(select problem is null and checked_at is not null from monitors)");
    assert!(server.page(&format!("{SCREEN}/1/remove"), &ada).contains("There is no way back"));
    send(&server, &ada, &format!("{SCREEN}/1/remove"), &[]);
    assert_eq!(
        desk.number("select (select count(*) from monitors) + (select count(*) from monitor_checks)"),
        0
    );
    let gone = send(&server, &ada, &format!("{SCREEN}/1/remove"), &[]);
    assert_eq!(gone.header("location"), format!("{SCREEN}?done=gone"));
    assert_eq!(server.ask(&get(format!("{SCREEN}/7")).cookie(&ada)).status, 404);
    let acts = desk.texts("select act from audit where act like 'monitor-%' order by id");
    assert_eq!(acts, ["monitor-added", "monitor-paused", "monitor-resumed", "monitor-removed"]);
}

#[test]
fn monitors_are_added_listed_changed_and_removed_by_command() {
    let desk = Desk::with_site();
    let url = "https://bakery.example/shop?key=secret";
    let made = desk.text(&["monitor", "add", "--site", "1", "--url", url, "--every", "1"]);
    assert!(made.starts_with("bakery.example/shop?key=secret is monitor 1 of site 1."), "{made}");
    desk.text(&[
        "monitor",
        "change",
        "--site",
        "1",
        "1",
        "--name",
        "Shop",
        "--statuses",
        "200,301",
        "--pause",
    ]);
    let list = desk.json(&["monitor", "list", "--site", "1", "--json"]);
    assert_eq!((&list[0]["name"], &list[0]["statuses"]), (&json!("Shop"), &json!("200,301")));
    assert_eq!((&list[0]["status"], &list[0]["url"]), (&json!("paused"), &json!(url)));
    assert!(desk.complaint(&["monitor", "add", "--site", "1", "--url", "x y"]).contains("Give an address"));
    assert!(desk.complaint(&["monitor", "remove", "--site", "1", "Nobody"]).contains("no such monitor"));
    for number in 2..=10 {
        add(&desk, &format!("https://bakery.example/{number}"), &[]);
    }
    let full = desk.complaint(&["monitor", "add", "--site", "1", "--url", "https://bakery.example/11"]);
    assert!(full.contains("room for 10 monitors"), "{full}");
    desk.text(&["monitor", "remove", "--site", "1", "Shop"]);
    assert_eq!(desk.number("select count(*) from monitors"), 9);
    desk.text(&["site", "remove", "1", "--yes"]);
    assert_eq!(desk.number("select count(*) from monitors"), 0);
}

#[test]
fn a_monitor_next_door_is_no_reference() {
    let desk = Desk::with_site();
    let (monitored, neighbor) = (Monitored::start(), Monitored::start());
    add(&desk, &monitored.url(), &["--every", "1"]);
    // Another name of the same machine.
    let url = neighbor.url().replace("127.0.0.1", "localhost");
    add(&desk, &url, &["--every", "60"]);
    let server = serve_by(&desk, "+0", &ALLOWED);
    desk.wait_for(&checks(2));
    fail_three_times(&desk, &monitored, Script::Cut);
    assert_eq!(desk.texts("select network from outages"), ["unknown"]);
    assert_eq!(neighbor.asked(), 1, "it is asked for its own check alone");
    server.stop();
}

#[test]
fn pausing_a_monitor_that_is_down_does_not_say_that_it_is_up() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &monitored.url(), &["--every", "1"]);
    let server = serve_by(&desk, "+0", &ALLOWED);
    fail_three_times(&desk, &monitored, BROKEN);
    let ada = server.sign_in("ada");
    send(&server, &ada, &format!("{SCREEN}/1/pause"), &[]);
    assert_eq!(desk.number("select count(*) from outages where ended_at is not null and is_cut = 1"), 1);
    server.stop();
}

#[test]
fn three_monitors_of_a_site_are_checked_at_once_and_slow_ones_do_not_keep_another_site_waiting() {
    let desk = Desk::with_site();
    desk.json(&["site", "add", "shop.example", "--owner", "ada", "--json"]);
    let (slow, other) = (Monitored::start(), Monitored::start_at("127.0.0.2"));
    slow.set(Script::Silent);
    for number in 1..=5 {
        add(&desk, &format!("{}{number}", slow.url()), &["--timeout", "30"]);
    }
    desk.text(&["monitor", "add", "--site", "2", "--url", &other.url()]);
    // The monitors of the slow site are due before the other one.
    desk.open().execute("update monitors set due_at = due_at - (10 - id) * 1000", []).unwrap();
    let server = desk.serve_with(&ALLOWED);
    while slow.asked() < 3 {
        std::thread::yield_now();
    }
    desk.wait_for("exists (select 1 from monitors where site_id = 2 and checked_at is not null)");
    assert_eq!(slow.asked(), 3);
    server.stop();
}

#[test]
fn old_checks_and_outages_are_forgotten_and_their_sums_stay_for_two_years() {
    let desk = Desk::with_site();
    add(&desk, "https://bakery.example/", &[]);
    desk.open()
        .execute_batch(
            "update monitors set paused_at = created_at;
             create temporary table ages (days integer, name text);
             insert into ages values (1, 'new'), (8, 'week'), (731, 'kept'), (733, 'old');
             insert into monitor_checks (monitor_id, at, problem) select 1, (unixepoch() - days * 86400) * 1000, name from ages;
             insert into monitor_hours (monitor_id, hour, checks) select 1, unixepoch() / 3600 - days * 24, days from ages;
             insert into outages (monitor_id, began_at, confirmed_at, ended_at, cause, network)
             select 1, 0, 0, (unixepoch() - days * 86400) * 1000, name, 'fine' from ages;
             insert into outages (monitor_id, began_at, confirmed_at, cause, network) values (1, 0, 0, 'goes on', 'fine');",
        )
        .unwrap();
    let server = desk.serve();
    desk.wait_for("exists (select 1 from jobs where name = 'forget old checks')");
    server.stop();
    assert_eq!(desk.texts("select problem from monitor_checks"), ["new"]);
    assert_eq!(desk.texts("select checks || '' from monitor_hours order by checks"), ["1", "8", "731"]);
    assert_eq!(desk.texts("select cause from outages order by cause"), ["goes on", "kept", "new", "week"]);
    assert_eq!(
        desk.texts("select problem from jobs where name = 'forget old checks' and problem is not null"),
        [""; 0]
    );
}

#[test]
fn somebody_who_leaves_while_a_monitor_is_checked_does_not_stop_its_checks() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &monitored.url(), &["--every", "60", "--timeout", "1"]);
    let server = desk.serve_with(&ALLOWED);
    desk.wait_for(&checks(1));
    let ada = server.sign_in("ada");
    desk.open().execute("update monitors set checked_at = checked_at - 20000", []).unwrap();
    monitored.set(Script::Silent);
    let before = monitored.asked();
    let mut wire = server.wire();
    let ask = post(format!("{SCREEN}/1/check"), &[]).cookie(&ada);
    wire.send(&ask.bytes(server.address)).unwrap();
    while monitored.asked() == before {
        std::thread::yield_now();
    }
    drop(wire);
    monitored.set(FINE);
    desk.open().execute("update monitors set due_at = 0", []).unwrap();
    desk.wait_for(&checks(2));
    server.stop();
}

fn opens(server: &Server<'_>, path: &str) -> u16 {
    server.ask(&get(path)).status
}

#[test]
fn a_status_page_is_shown_by_links_with_uptime_and_names_no_secret() {
    let desk = Desk::with_site();
    let monitored = Monitored::start();
    add(&desk, &format!("{}health?key=secret", monitored.url()), &["--every", "1"]);
    let (_, chosen) = link(&desk, &["--reports", "uptime"]);
    let (_, usual) = link(&desk, &[]);
    let server = serve_by(&desk, "+0", &ALLOWED);
    desk.wait_for(&checks(1));
    let status = |path: &str| format!("{path}/status");
    assert_eq!((opens(&server, &status(&chosen)), opens(&server, &status(&usual))), (200, 404));
    assert_eq!(opens(&server, &format!("{usual}/reports/uptime")), 404, "uptime is chosen");
    let page = server.ask(&get(status(&chosen))).text();
    assert!(page.contains("Everything is up") && page.contains("/health"), "{page}");
    assert!(!page.contains("secret"), "{page}");
    assert!(!page.contains(&format!("{chosen}/reports")), "customers see the page alone: {page}");
    fail_three_times(&desk, &monitored, BROKEN);
    assert!(server.ask(&get(status(&chosen))).text().contains("Everything is down"));
    let ada = server.sign_in("ada");
    assert!(server.page(SCREEN, &ada).contains(&status(&chosen)));
    for path in ["reports/uptime", "reports/uptime-list"] {
        let report = server.page(&format!("/sites/1/{path}?date=today"), &ada);
        assert!(!report.contains("secret"), "{path}");
    }
}
