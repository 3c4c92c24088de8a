//! Goals as visits reach them: by rules and by name, with revenue, as hits arrive and later.

use super::api_client::Program;
use super::harness::{BROWSER, Desk, Server, fields, view};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const ADDRESS: &str = "81.2.69.1";

/// Adds a goal.
fn add(desk: &Desk, name: &str, options: &[&str]) {
    let arguments: Vec<&str> =
        ["goal", "add", "--site", "1", "--name", name, "--json"].iter().chain(options).copied().collect();
    desk.json(&arguments);
}

/// Sends a page view and other fields of it.
fn see(server: &Server<'_>, path: &str, more: &[(&str, &str)]) {
    let owned = view(path);
    let sent: Vec<(&str, &str)> = fields(&owned).into_iter().chain(more.iter().copied()).collect();
    assert_eq!(server.hit(ADDRESS, &sent).status, 204);
}

/// Sends a goal, and gives the reason in the answer.
fn reach(server: &Server<'_>, name: &str, revenue: &str, currency: &str) -> String {
    let sent =
        [("type", "goal"), ("goal[name]", name), ("goal[revenue]", revenue), ("goal[currency]", currency)];
    let answer = server.hit(ADDRESS, &sent);
    assert_eq!(answer.status, 204);
    answer.header("x-clickstead-reason").to_owned()
}

/// All conversions: the goal's name, whether its rule matched, the revenue that counts, and whether it counts.
const CONVERSIONS: &str = "select name || ' ' || origin || ' ' || conversions.revenue || ' ' || counts
                           from conversions join goals on goals.id = goal order by visit_id, number";

#[test]
fn each_kind_of_rule_matches_as_hits_arrive() {
    let desk = Desk::with_site();
    for (name, options) in [
        ("Page", ["--page", "/thanks"]),
        ("Event", ["--event", "Baked"]),
        ("Download", ["--download", "/list.pdf"]),
        ("Outbound", ["--outbound", "https://x.example/"]),
        ("Actions", ["--actions", "4"]),
        ("Plan", ["--custom", "plan: pro"]),
        ("Campaign", ["--campaign", "Spring"]),
    ] {
        add(&desk, name, &options);
    }
    let server = desk.serve();
    let reached = || desk.texts("select name from conversions join goals on goals.id = goal order by number");
    see(&server, "/?utm_campaign=Spring", &[]);
    assert_eq!(reached(), ["Campaign"]);
    see(&server, "/thanks?order=1", &[("custom[plan]", "pro")]);
    server.hit(ADDRESS, &[("type", "click"), ("href", "/#baked"), ("title", "Baked")]);
    assert_eq!(reached(), ["Campaign", "Page", "Plan", "Event"]);
    server.hit(ADDRESS, &[("type", "download"), ("href", "https://bakery.example/list.pdf")]);
    server.hit(ADDRESS, &[("type", "outbound"), ("href", "https://x.example/")]);
    // Once a visit.
    see(&server, "/thanks", &[("custom[plan]", "pro")]);
    assert_eq!(reached(), ["Campaign", "Page", "Plan", "Event", "Download", "Actions", "Outbound"]);
    assert_eq!(desk.number("select sum(counts) from conversions"), 7);
}

#[test]
fn a_time_on_the_site_is_reached_by_a_ping_too() {
    let desk = Desk::with_site();
    add(&desk, "Stayed", &["--seconds", "60"]);
    let line = |time: &str, address: &str, more: &str| {
        format!(r#"{{"time":"2026-11-01T11:{time}Z","ip":"{address}","ua":"{BROWSER}",{more}}}"#)
    };
    let (view, ping) = (r#""href":"/""#, r#""type":"ping""#);
    let lines = [
        line("00:00", ADDRESS, view),
        line("00:00", "81.2.69.2", view),
        line("00:59", "81.2.69.2", ping),
        line("01:30", ADDRESS, ping),
    ];
    let file = desk.path().join("hits.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    desk.text(&["import", file.to_str().unwrap(), "--site", "1"]);
    assert_eq!(desk.texts("select at || ' ' || counts from conversions"), ["60000 1"]);
}

#[test]
fn revenue_counts_as_shops_write_it_and_what_cannot_count_says_why() {
    let desk = Desk::with_site();
    add(&desk, "Order", &["--every-time"]);
    add(&desk, "Signup", &["--revenue", "7"]);
    let server = desk.serve();
    see(&server, "/", &[]);
    for (name, revenue, currency, reason) in [
        ("Order", "49.90", "", ""),
        ("Order", "49,90", "USD", ""),
        ("Order", "1.234,50", "usd", ""),
        ("Order", "-49.90", "", ""),
        ("Order", "49.90", "EUR", "revenue-currency"),
        ("Order", "1,200", "", "revenue-number"),
        ("Order", "50 USD", "", "revenue-number"),
        ("Order", "1e999", "", "revenue-size"),
        ("Signup", "99", "EUR", ""),
        ("Signup", "", "", ""),
    ] {
        assert_eq!(reach(&server, name, revenue, currency), reason, "{name} {revenue} {currency}");
    }
    let expected = [
        "Order 0 4990 1",
        "Order 0 4990 1",
        "Order 0 123450 1",
        "Order 0 -4990 1",
        "Order 0 0 1",
        "Order 0 0 1",
        "Order 0 0 1",
        "Order 0 0 1",
        "Signup 0 700 1",
        "Signup 0 0 0",
    ];
    assert_eq!(desk.texts(CONVERSIONS), expected);
    assert_eq!(
        desk.texts("select reason || ' ' || count from filtered order by 1"),
        ["revenue-currency 1", "revenue-number 2", "revenue-size 1"]
    );
    let report = server.page("/sites/1/reports/left-out", &server.sign_in("ada"));
    assert!(
        report.contains("Counted, but without revenue") && report.contains("Revenue in another currency")
    );
}

#[test]
fn a_goal_is_named_by_its_code_its_name_or_its_number_and_counts_once_whichever_came_first() {
    let desk = Desk::with_site();
    add(&desk, "Order placed", &["--page", "/thanks", "--code", "order"]);
    let server = desk.serve();
    see(&server, "/", &[]);
    reach(&server, "order", "5", "");
    see(&server, "/thanks", &[]);
    reach(&server, "Order placed", "6", "");
    server.hit(ADDRESS, &[("type", "goal"), ("goal[id]", "1"), ("goal[revenue]", "7")]);
    let expected = ["Order placed 0 500 1", "Order placed 1 0 0", "Order placed 0 0 0", "Order placed 0 0 0"];
    assert_eq!(desk.texts(CONVERSIONS), expected);
    assert_eq!(desk.number("select count(*) from goals"), 1);
}

#[test]
fn a_goal_that_its_page_names_in_the_view_that_matches_has_its_revenue() {
    let desk = Desk::with_site();
    add(&desk, "Order", &["--page", "/thanks"]);
    let server = desk.serve();
    see(&server, "/thanks", &[("goal[name]", "Order"), ("goal[revenue]", "12.50")]);
    assert_eq!(desk.number("select sum(revenue) from conversions where counts"), 1250);
    assert_eq!(desk.number("select sum(counts) from conversions"), 1);
}

#[test]
fn an_order_page_that_matches_first_keeps_the_revenue_sent_after_it_less_what_is_refunded() {
    let desk = Desk::with_site();
    add(&desk, "Order", &["--page", "/thanks"]);
    let server = desk.serve();
    see(&server, "/thanks", &[]);
    reach(&server, "Order", "49.90", "");
    assert_eq!(desk.texts(CONVERSIONS), ["Order 1 0 0", "Order 0 4990 1"]);
    reach(&server, "Order", "-9.90", "");
    assert_eq!(desk.texts(CONVERSIONS), ["Order 1 0 0", "Order 0 4000 1", "Order 0 0 0"]);
}

#[test]
fn custom_data_that_is_replaced_takes_its_goal_along() {
    let desk = Desk::with_site();
    add(&desk, "Pro", &["--custom", "plan: pro"]);
    let server = desk.serve();
    for (plan, counted) in [("pro", 1), ("pro", 1), ("free", 0), ("pro", 1)] {
        see(&server, "/", &[("custom[plan]", plan)]);
        assert_eq!(desk.number("select count(*) from conversions where counts"), counted, "{plan}");
    }
}

#[test]
fn of_a_thousand_goal_names_two_hundred_are_goals_and_the_rest_is_other() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let hits: Vec<Value> = (0..1_000)
        .map(|number| {
            // A visit has room for a hundred.
            let address = format!("81.2.69.{}", number / 50);
            json!({ "type": "goal", "goal": format!("goal {number}"), "ip_address": address, "user_agent": BROWSER })
        })
        .collect();
    assert_eq!(program.send(&server, &hits)["recorded"], 1_000);
    assert_eq!(desk.number("select count(*) from goals where not is_set_up and name <> '(other)'"), 200);
    let others = "from conversions join goals on goals.id = goal where name = '(other)'";
    assert_eq!(desk.number(&format!("select count(*) {others}")), 800);
    assert_eq!(desk.number(&format!("select sum(counts) {others}")), 16, "once a visit");
    // A known name still is that goal.
    assert_eq!(reach(&server, "goal 7", "", ""), "");
    assert_eq!(desk.number("select count(*) from goals"), 201);
}

#[test]
fn a_batch_answers_with_the_reason_why_revenue_does_not_count() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_key(&desk);
    let order = |revenue: Value, currency: &str| json!({ "type": "goal", "goal": "Order", "revenue": revenue, "currency": currency, "ip_address": ADDRESS });
    let sent = [
        order(json!(49.9), "USD"),
        order(json!("49,90"), ""),
        order(json!(-5), ""),
        order(json!(5), "EUR"),
        order(json!("5 EUR"), ""),
        order(json!(1e300), ""),
    ];
    let answer = program.send(&server, &sent);
    let reasons: Vec<&str> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["reason"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(reasons, ["-", "-", "-", "revenue-currency", "revenue-number", "revenue-size"]);
    assert_eq!((&answer["recorded"], &answer["dropped"]), (&6.into(), &0.into()));
    assert!(answer["results"][3]["detail"].as_str().unwrap().contains("another currency"));
    assert_eq!(
        desk.texts("select ifnull(sent, '-') || '' from conversions"),
        ["4990", "4990", "-500", "-", "-", "-"]
    );
}

#[test]
fn an_order_that_the_shops_server_reports_joins_the_visit_of_its_address() {
    let desk = Desk::with_site();
    let key = desk.texts("select site_key_admin from sites").remove(0);
    let server = desk.serve();
    see(&server, "/cart", &[]);
    let sent = [
        ("type", "goal"),
        ("sitekey_admin", key.as_str()),
        ("ip_address", ADDRESS),
        ("goal[name]", "Order"),
        ("goal[revenue]", "1.250,00"),
    ];
    let answer = server.hit("192.0.2.1", &sent);
    assert_eq!(answer.text(), "OK");
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select revenue from conversions"), 125_000);
}

#[test]
fn a_goal_matches_earlier_visits_while_the_server_runs_and_again_when_it_changes() {
    let desk = Desk::with_site();
    let server = desk.serve();
    see(&server, "/thanks", &[]);
    reach(&server, "Order", "5", "");
    add(&desk, "Thanks", &["--page", "/thanks", "--revenue", "3"]);
    let done = "not exists (select 1 from goals where match_below is not null)";
    desk.wait_for(&format!("{done} and exists (select 1 from conversions where origin = 1)"));
    assert_eq!(desk.texts(CONVERSIONS), ["Order 0 500 1", "Thanks 1 300 1"]);
    desk.text(&["goal", "change", "--site", "1", "Thanks", "--page", "/other"]);
    desk.wait_for(&format!("{done} and not exists (select 1 from conversions where origin = 1)"));
    see(&server, "/other", &[]);
    assert_eq!(desk.texts(CONVERSIONS), ["Order 0 500 1", "Thanks 1 300 1"]);
    desk.text(&["goal", "change", "--site", "1", "Order", "--revenue", "20"]);
    desk.wait_for(&format!("{done} and exists (select 1 from conversions where revenue = 2000)"));
}

#[test]
fn a_catastrophic_pattern_costs_no_time_and_one_that_is_too_large_is_refused() {
    let desk = Desk::with_site();
    add(&desk, "Slow", &["--page", "^/(a+)+$", "--match", "regex"]);
    let refused =
        ["goal", "add", "--site", "1", "--name", "Large", "--match", "regex", "--page", "(?:x{1000}){1000}"];
    assert!(desk.complaint(&refused).contains("too much memory"));
    let server = desk.serve();
    see(&server, &format!("/{}b", "a".repeat(1_500)), &[]);
    see(&server, &format!("/{}", "a".repeat(1_500)), &[]);
    assert_eq!(desk.number("select count(*) from conversions"), 1);
}

#[test]
fn imported_lines_reach_goals_as_hits_do() {
    let desk = Desk::with_site();
    add(&desk, "Thanks", &["--page", "/thanks"]);
    let line =
        |more: &str| format!(r#"{{"time":"2026-11-01T11:00:00Z","ip":"{ADDRESS}","ua":"{BROWSER}",{more}}}"#);
    let lines = [
        line(r#""href":"/thanks""#),
        line(r#""type":"goal","goal":"Order","revenue":12.5,"currency":"USD""#),
        line(r#""type":"goal","goal":"Booking","revenue":12.5,"currency":"EUR""#),
    ];
    let file = desk.path().join("hits.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    desk.text(&["import", file.to_str().unwrap(), "--site", "1"]);
    assert_eq!(desk.texts(CONVERSIONS), ["Thanks 1 0 1", "Order 0 1250 1", "Booking 0 0 1"]);
    assert_eq!(desk.texts("select reason from filtered"), ["revenue-currency"]);
}

#[test]
fn conversions_of_an_older_file_become_those_of_goals_in_minor_units() {
    let desk = Desk::empty();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema-13.db");
    fs::copy(fixture, desk.file()).unwrap();
    let old = Connection::open(desk.file()).unwrap();
    old.execute_batch(
        "delete from conversions;
         delete from plans;
         insert into plans (user_id, month, name, price, currency, contact, notes)
           select owner_id, 24300, 'Old', 0, 'USD', '', '' from sites
           union all select owner_id, 24310, 'New', 0, 'KWD', '', '' from sites;
         insert or ignore into labels (text) values ('Order'), ('7');",
    )
    .unwrap();
    for (number, goal, revenue) in
        [(1, "Order", "12.5"), (2, "Order", "3"), (3, "7", "0.0005"), (4, "Order", "0"), (5, "7", "-0.0015")]
    {
        old.execute_batch(&format!(
            "insert into conversions (site_id, visit_id, number, at, goal, revenue)
             select site_id, id, {number}, 0, (select id from labels where text = '{goal}'), {revenue} from visits"
        ))
        .unwrap();
    }
    drop(old);
    desk.text(&["check"]);
    assert_eq!(desk.texts("select distinct currency from sites"), ["KWD"]);
    assert_eq!(
        desk.texts("select code || ' ' || name || ' ' || is_set_up from goals order by 1"),
        ["7 7 0", "Order Order 0"]
    );
    let rows = "select goals.name || ' ' || ifnull(sent, '-') || ' ' || conversions.revenue || ' ' || counts
                from conversions join goals on goals.id = goal order by number";
    assert_eq!(
        desk.texts(rows),
        ["Order 12500 12500 1", "Order 3000 0 0", "7 - -2 1", "Order - 0 0", "7 -2 0 0"]
    );
}

#[test]
fn an_order_counts_once_with_its_revenue_less_refunds_though_a_rule_matched_its_page_first() {
    let desk = Desk::with_site();
    add(&desk, "Order", &["--page", "/thanks", "--match", "starts"]);
    let server = desk.serve();
    see(&server, "/cart", &[("ref", "https://partner.example/list")]);
    see(&server, "/thanks?order=17", &[("ref", "https://www.paypal.com/")]);
    assert_eq!(reach(&server, "Order", "49,90", "USD"), "");
    see(&server, "/thanks?order=17", &[]);
    assert_eq!(reach(&server, "Order", "49,90", "USD"), "");
    let counted = || desk.texts("select revenue || '' from conversions where counts");
    assert_eq!(counted(), ["4990"]);
    assert_eq!(reach(&server, "Order", "-9.90", "USD"), "");
    assert_eq!(counted(), ["4000"]);
    let domains = "select text from visits join sources on sources.id = source
                   join labels on labels.id = referrer_domain";
    assert_eq!(desk.texts(domains), ["partner.example"]);
}

#[test]
fn a_flood_of_names_leaves_room_for_goals_that_are_set_up() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let names: Vec<String> = (0..205).map(|number| format!("Flood {number}")).collect();
    for (number, name) in names.iter().enumerate() {
        // A visit has room for 100 conversions.
        let address = format!("81.2.69.{}", number / 50 + 1);
        if number % 50 == 0 {
            server.hit(&address, &fields(&view("/")));
        }
        assert_eq!(server.hit(&address, &[("type", "goal"), ("goal[name]", name)]).status, 204);
    }
    desk.wait_for("count(*) = 201 from goals");
    add(&desk, "Order", &["--page", "/thanks"]);
    add(&desk, "Flood 7", &["--revenue", "5"]);
    assert_eq!(desk.number("select count(*) from goals where is_set_up"), 2);
}
