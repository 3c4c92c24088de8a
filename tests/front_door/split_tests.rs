//! Split tests from the page code to the report: counted by version, judged honestly, hidden where conversions are.

use super::api_client::Program;
use super::browser::{page_code, serve_book, wait_for_hit};
use super::chromium::{devtools, wait_until, with_browser};
use super::harness::{Desk, Server};
use super::http::get;
use serde_json::{Value, json};

/// The user agent of the second browser.
const OTHER_BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
/// The milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Writes visits that saw a version of a test some days ago, the first of which ordered.
fn write_visits(desk: &Desk, days_ago: i64, (test, version): (&str, &str), visits: i64, orders: i64) {
    let file = desk.open();
    file.execute_batch(
        "insert into goals (site_id, name, code, is_set_up, created_at) values (1, 'Order', 'Order', 1, 0) on conflict do nothing",
    )
    .unwrap();
    for text in [test, version, "Order"] {
        let insert =
            "insert into labels (text) select ?1 where not exists (select 1 from labels where text = ?1)";
        file.execute(insert, [text]).unwrap();
    }
    let noon = desk.number("select unixepoch('now', 'start of day', '+12 hours') * 1000") - days_ago * DAY;
    let taken = desk.number("select count(*) from visits");
    let ids = format!(
        "with recursive counted (n) as (select 0 union all select n + 1 from counted where n + 1 < {visits})
         select (({noon} + {taken} + n) << 20) as id, n from counted"
    );
    file.execute_batch(&format!(
        "create temp table made as {ids};
         insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place)
           select 1, id, (1 << 53) + id % 1000000007, 1000, 1, 1, 0, 0, 0, 0 from made;
         insert into conversions (site_id, visit_id, number, at, goal, origin, sent, revenue, counts)
           select 1, made.id, 1, 10, goals.id, 0, 500, 500, 1 from made join goals on goals.code = 'Order' where n < {orders};"
    ))
    .unwrap();
    file.execute(
        "insert into splits (site_id, visit_id, test, version, goal)
         select 1, made.id, test.id, version.id, goal.id from made
         join labels as test on test.text = ?1 join labels as version on version.text = ?2
         join labels as goal on goal.text = 'Order'",
        [test, version],
    )
    .unwrap();
}

fn report(server: &Server<'_>, program: &Program, parameters: &str) -> Value {
    program.read(server, &format!("reports/split-tests?{parameters}"))
}

#[test]
fn two_browsers_see_two_versions_and_the_report_shows_who_ordered() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let page = |version: &str| {
        format!(
            "<script>var clicky_custom = {{split: {{name: 'Order button', version: '{version}', goal: 'Order'}}}}</script>{}",
            page_code(&server)
        )
    };
    let (original, green) = (serve_book(page("original")), serve_book(page("green")));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{original}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
    });
    with_browser(1_280, async |client| {
        // Both browsers have one address: their names tell them apart.
        devtools(client, "Network.setUserAgentOverride", json!({ "userAgent": OTHER_BROWSER })).await;
        client.goto(&format!("http://{green}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, "window.clicky").await;
        client.execute("clicky.goal('Order', 12.5)", vec![]).await.unwrap();
        wait_until(
            client,
            "performance.getEntriesByType('resource').filter(one => one.name.includes('/in.php')).length > 1",
        )
        .await;
    });
    desk.wait_for("count(*) = 1 from conversions");
    assert_eq!(desk.number("select count(*) from splits"), 2);
    let program = Program::with_token(&desk, "ada", false);
    let reply = report(&server, &program, "date=today");
    let rows: Vec<Value> = reply["rows"].as_array().unwrap().clone();
    let told: Vec<_> = rows.iter().map(|row| (row["item"].as_str().unwrap(), &row["conversions"])).collect();
    assert!(told.contains(&("green", &json!(1))), "{reply}");
    assert_eq!(reply["split_test"]["test"], "Order button");
    assert_eq!(reply["split_test"]["goal"], "Order", "the goal that the page code names");
    let ada = server.sign_in("ada");
    let screen = server.page("/sites/1/reports/split-tests?date=today", &ada);
    assert!(screen.contains("green") && screen.contains("Order button"), "{screen}");
    assert!(screen.contains("the goal named in your page code"), "{screen}");
}

#[test]
fn versions_are_counted_and_judged_alike_on_screen_in_file_for_programs_and_for_assistants() {
    let desk = Desk::with_site();
    write_visits(&desk, 2, ("Button", "original"), 1_000, 100);
    write_visits(&desk, 2, ("Button", "green"), 1_000, 200);
    write_visits(&desk, 2, ("Other", "a"), 10, 1);
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", false);
    let reply = report(&server, &program, "");
    assert_eq!(reply["split_test"]["tests"], json!(["Button", "Other"]));
    assert_eq!(reply["split_test"]["baseline"], "original");
    let row = |name: &str| {
        let rows = reply["rows"].as_array().unwrap();
        rows.iter().find(|row| row["item"] == name).unwrap().clone()
    };
    let green = row("green");
    assert_eq!((&green["visits"], &green["conversion_rate"]), (&json!(1_000), &json!(20.0)));
    assert_eq!((&green["verdict"], &green["difference"]["points"]), (&json!("better"), &json!(10.0)));
    assert_eq!(row("original")["verdict"], "baseline");
    let told = program.use_tool(&server, "report", &json!({"site_id": "1", "report": "split-tests"}));
    assert_eq!(told, reply);
    let chosen = json!({"site_id": "1", "report": "split-tests", "parameters": {"test": "Button", "baseline": "green"}});
    let told = program.use_tool(&server, "report", &chosen);
    let original = told["rows"].as_array().unwrap().iter().find(|row| row["item"] == "original").unwrap();
    assert_eq!(original["verdict"], "worse");
    // Names are found as people type them; a version that is none is said to be none.
    let alike = report(&server, &program, "test=button&baseline=Green");
    assert_eq!(
        (&alike["split_test"]["test"], &alike["split_test"]["baseline"]),
        (&json!("Button"), &json!("green"))
    );
    let refused = program.get(&server, "/api/v1/sites/1/reports/split-tests?baseline=gren");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("There's no version “gren”. Name one of these:"), "{}", refused.text());
    let ada = server.sign_in("ada");
    let screen = server.page("/sites/1/reports/split-tests", &ada);
    assert!(screen.contains("Converts better than “original”: +10.0 pts"), "{screen}");
    assert!(screen.contains("You can look as often as you like"), "{screen}");
    let file = server.ask(&get("/sites/1/export/split-tests.csv").cookie(&ada)).text();
    assert!(file.lines().any(|line| line.starts_with("Button,green,1000,200,20.0,")), "{file}");
    let few = server.page("/sites/1/reports/split-tests?test=Other", &ada);
    assert!(few.contains("The only version so far"), "{few}");
    let none = server.page("/sites/1/reports/split-tests?test=%3Cscript%3E", &ada);
    assert!(none.contains("No visit saw the test “&lt;script&gt;” in this period."), "{none}");
    let pages = server.page("/sites/1/visitors?split=Button:+green&date=last-7-days", &ada);
    assert!(!pages.contains("No such visit"), "{pages}");
}

#[test]
fn there_is_no_verdict_on_versions_that_ran_on_other_days_but_a_link_to_the_days_of_all() {
    let desk = Desk::with_site();
    write_visits(&desk, 4, ("Button", "original"), 500, 50);
    write_visits(&desk, 2, ("Button", "original"), 500, 50);
    write_visits(&desk, 2, ("Button", "green"), 500, 100);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let screen = server.page("/sites/1/reports/split-tests", &ada);
    assert!(screen.contains("“green” began on"), "{screen}");
    assert!(screen.contains("when all versions ran"), "{screen}");
    assert!(!screen.contains("Converts better"), "{screen}");
    let program = Program::with_token(&desk, "ada", false);
    let common = report(&server, &program, "")["split_test"]["common_days"].clone();
    let days = format!("date={},{}", common["first"].as_str().unwrap(), common["last"].as_str().unwrap());
    let rows = report(&server, &program, &days)["rows"].clone();
    assert!(rows.as_array().unwrap().iter().any(|row| row["verdict"] == "better"), "{rows}");
}

#[test]
fn the_goal_that_pages_named_counts_also_after_many_visits_of_later_tests() {
    let desk = Desk::with_site();
    write_visits(&desk, 4, ("Button", "original"), 10, 1);
    write_visits(&desk, 2, ("Color", "red"), 10_001, 0);
    desk.open()
        .execute_batch(
            "update splits set goal = null where test = (select id from labels where text = 'Color')",
        )
        .unwrap();
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", false);
    let goal = |test: &str| report(&server, &program, &format!("test={test}"))["split_test"]["goal"].clone();
    assert_eq!((goal("Button"), goal("Color")), (json!("Order"), Value::Null));
}

#[test]
fn a_thousand_versions_are_listed_up_to_a_limit_and_break_nothing() {
    let desk = Desk::with_site();
    write_visits(&desk, 2, ("Button", "original"), 300, 30);
    write_visits(&desk, 2, ("Button", "green"), 300, 60);
    for version in 0..200 {
        write_visits(&desk, 2, ("Button", &format!("“{version}” <b>&: ")), 1, 0);
    }
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let screen = server.page("/sites/1/reports/split-tests", &ada);
    assert!(screen.contains("(other): 182 more versions"), "{screen}");
    assert!(!screen.contains("<b>&"), "{screen}");
    let reply = report(&server, &Program::with_token(&desk, "ada", false), "");
    assert_eq!(reply["rows"].as_array().unwrap().len(), 20);
    assert_eq!(reply["split_test"]["other_visits"], 182);
}

#[test]
fn who_sees_no_conversions_sees_no_split_test_and_learns_nothing_of_it() {
    let desk = Desk::with_people(&["bob"]);
    desk.text(&["share", "add", "--site", "1", "--user", "bob", "--level", "view-only"]);
    write_visits(&desk, 2, ("Button", "original"), 300, 30);
    desk.open()
        .execute_batch("update sites set view_only_reports = 'visitors,pages,split-tests,hours', view_only_data = 'live-list'")
        .unwrap();
    let server = desk.serve();
    let bob = server.sign_in("bob");
    let ask = |path: &str| server.ask(&get(path).cookie(&bob)).status;
    for path in [
        "reports/split-tests",
        "reports/pages?by=split-tests",
        "reports/pages?split=Button",
        "visitors?split=Button",
    ] {
        assert_eq!(ask(&format!("/sites/1/{path}")), 403, "{path}");
    }
    assert_eq!(ask("/sites/1/reports/hours"), 200);
    assert_eq!(ask("/sites/1/reports/hours?metric=conversions"), 422);
}
