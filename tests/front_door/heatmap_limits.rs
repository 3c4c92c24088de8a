//! Clicks and the reading of pages are bounded, and go with their visit: by limits, erasure, retention and age.

use super::harness::{Desk, Server, fields, view};
use super::http::{get, post};
use super::retention::{DAY_IDS, is_in_file};
use serde_json::{Value, json};

const PAGE: &str = "https://bakery.example/shop";

/// A site that records all pages.
fn recording() -> Desk {
    let desk = Desk::with_site();
    desk.text(&["site", "heatmaps", "1", "--page", "/*"]);
    desk
}

/// Sends clicks on elements; the reason for which they were not taken, empty if they were.
fn click(server: &Server<'_>, address: &str, clicks: &[String]) -> String {
    let list = clicks.iter().map(|click| ("click[]", click.as_str()));
    let sent: Vec<_> = [("type", "heatmap"), ("href", PAGE)].into_iter().chain(list).collect();
    server.hit(address, &sent).header("x-clickstead-reason").to_owned()
}

/// A visit with a click on an element and the reading of a page.
fn read(server: &Server<'_>, address: &str, element: &str) {
    let sent = view("/shop");
    assert_eq!(server.hit(address, &fields(&sent)).header("x-clickstead-reason"), "");
    assert_eq!(click(server, address, &[format!("10|20|1400|5000|5000|0|{element}|Order {element}")]), "");
    let reading = [("type", "ping"), ("seen", "12"), ("depth", "700"), ("on", PAGE)];
    assert_eq!(server.hit(address, &reading).header("x-clickstead-reason"), "");
}

#[test]
fn a_flood_of_clicks_from_one_address_meets_its_limit_and_others_are_heard() {
    let desk = recording();
    desk.open().execute("update sites set hits_per_minute_max = 20", []).unwrap();
    let server = desk.serve();
    let come =
        |address: &str| server.hit(address, &fields(&view("/shop"))).header("x-clickstead-reason").to_owned();
    let clicks: Vec<String> = (0..50).map(|number| format!("{number}|2|390|0|0|0|main|")).collect();
    assert_eq!(come("81.2.69.1"), "");
    let taken = (0..40).take_while(|_| click(&server, "81.2.69.1", &clicks[..1]).is_empty()).count();
    assert!(taken <= 20, "{taken}");
    assert_eq!(click(&server, "81.2.69.1", &clicks), "too-many-hits");
    assert_eq!((come("81.2.69.2"), click(&server, "81.2.69.2", &clicks)), (String::new(), String::new()));
    let rows = desk.number("select count(*) from heatmap_clicks");
    assert_eq!(rows, i64::try_from(taken).unwrap() + 50);
}

#[test]
fn a_visit_keeps_five_hundred_clicks() {
    let desk = recording();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/shop")));
    for beacon in 0..12 {
        let clicks: Vec<String> =
            (0..50).map(|number| format!("{number}|{beacon}|390|0|0|0|main|")).collect();
        assert_eq!(click(&server, "81.2.69.1", &clicks), "");
    }
    assert_eq!(desk.number("select count(*) from heatmap_clicks"), 500);
}

#[test]
fn a_site_learns_ten_thousand_selectors_a_day_and_calls_further_ones_other() {
    let desk = recording();
    let server = desk.serve();
    for visit in 0..21 {
        let address = format!("81.{visit}.69.1");
        server.hit(&address, &fields(&view("/shop")));
        for beacon in 0..10 {
            let clicks: Vec<String> =
                (0..50).map(|number| format!("1|2|390|0|0|0|#made-up-{visit}-{beacon}-{number}|")).collect();
            assert_eq!(click(&server, &address, &clicks), "");
        }
    }
    let named = "select count(*) from heatmap_clicks join labels on labels.id = element where labels.text ";
    assert_eq!(desk.number(&format!("{named} like '#made-up-%'")), 10_000);
    assert_eq!(desk.number(&format!("{named} = '(other)'")), 500);
}

#[test]
fn clicks_and_reading_are_in_a_visitors_data_and_are_erased_from_every_byte() {
    let desk = recording();
    let server = desk.serve();
    read(&server, "81.2.69.1", "#zenobia");
    read(&server, "81.2.69.2", "#other");
    let ada = server.sign_in("ada");
    let visitor = desk.number(
        "select visitor_id from visits join heatmap_clicks on visit_id = visits.id
         join labels on labels.id = element where labels.text = '#zenobia'",
    );
    let path = format!("/sites/1/visitors/{visitor}");
    let visit = server.ask(&get(format!("{path}/data.json")).cookie(&ada)).json()["visits"][0].clone();
    assert_eq!(
        (&visit["clicks"][0]["element"], &visit["clicks"][0]["element_text"]),
        (&Value::from("#zenobia"), &Value::from("Order #zenobia"))
    );
    let read = json!([{"address": PAGE, "depth": 700, "seconds": 12}]);
    assert_eq!(visit["pages_read"], read);
    assert!(is_in_file(&desk, b"zenobia"));
    let erased = server.ask(&post(format!("{path}/erase"), &[("word", "Erase")]).cookie(&ada));
    assert_eq!(erased.status, 303, "{}", erased.text());
    desk.wait_for("(select swept = generation from sites)");
    assert_eq!(desk.number("select count(*) from heatmap_clicks"), 1);
    assert_eq!(desk.number("select count(*) from page_reads"), 1);
    assert!(!is_in_file(&desk, b"zenobia"), "the selector is in the file still");
}

/// Lets every visit so far have come so many days earlier.
fn age(desk: &Desk, days: i64) {
    let earlier = days * DAY_IDS;
    let moved: Vec<String> = ["actions", "heatmap_clicks", "page_reads"]
        .iter()
        .map(|table| format!("update {table} set visit_id = visit_id - {earlier};"))
        .collect();
    desk.open().execute_batch(&format!("update visits set id = id - {earlier}; {}", moved.concat())).unwrap();
}

#[test]
fn old_clicks_and_depths_are_forgotten_and_their_visits_and_seconds_stay() {
    let desk = recording();
    let server = desk.serve();
    read(&server, "81.2.69.1", "#zenobia");
    server.stop();
    age(&desk, 40);
    desk.text(&["site", "heatmaps", "1", "--days", "30"]);
    desk.open().execute_batch("delete from jobs").unwrap();
    let server = desk.serve();
    read(&server, "81.2.69.2", "#new");
    desk.wait_for("(select count(*) from heatmap_clicks) = 1 and (select swept = generation from sites)");
    assert_eq!(
        desk.texts("select labels.text from heatmap_clicks join labels on labels.id = element"),
        ["#new"]
    );
    assert_eq!(
        desk.texts("select seconds || ' ' || ifnull(depth, '-') from page_reads order by visit_id"),
        ["12 -", "12 700"]
    );
    assert_eq!(desk.number("select count(*) from visits"), 2);
    assert!(!is_in_file(&desk, b"zenobia"), "a selector that nothing uses is in the file still");
    server.stop();
}

#[test]
fn clicks_and_reading_go_with_their_visits_when_these_are_dropped() {
    let desk = recording();
    let server = desk.serve();
    read(&server, "81.2.69.1", "#zenobia");
    server.stop();
    age(&desk, 40);
    desk.text(&["site", "keep-visits", "1", "--days", "30"]);
    desk.text(&["prune", "--yes"]);
    for table in ["visits", "heatmap_clicks", "page_reads"] {
        assert_eq!(desk.number(&format!("select count(*) from {table}")), 0, "{table}");
    }
}
