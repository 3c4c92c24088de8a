//! A goal that is removed while a filter, a segment or a guest link names it: a clear answer, and nobody sees more than before.

use super::api_client::Program;
use super::guest_links::link;
use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::get;
use serde_json::json;

/// Two visits, of which one reached the goal; both within the last minutes.
fn visits(server: &Server<'_>) {
    for (address, page) in [("81.2.69.1", "/thanks"), ("81.2.70.1", "/other")] {
        assert_eq!(server.hit(address, &fields(&view(page))).status, 204);
    }
}

/// The number of visits in the list at an address.
fn listed(page: &str) -> usize {
    page.matches("class=\"row-link\"").count()
}

#[test]
fn screens_and_programs_say_that_the_goal_of_a_filter_or_segment_is_gone() {
    let desk = Desk::with_site();
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks"]);
    let server = desk.serve();
    visits(&server);
    desk.open()
        .execute("insert into segments (site_id, name, conditions, created_at) values (1, 'Buyers', 'goal=Order', 5)", [])
        .unwrap();
    let (ada, program) = (server.sign_in("ada"), Program::with_token(&desk, "ada", false));
    let screen = |filter: &str| server.page(&format!("/sites/1/visitors?date=today&{filter}"), &ada);
    let query = |filters: serde_json::Value| {
        program.query(&server, &json!({"metrics": ["visits"], "date_range": "day", "filters": filters}))
    };
    assert_eq!((listed(&screen("goal=Order")), listed(&screen("goal.not=Order"))), (1, 1));
    assert_eq!(query(json!([["is", "goal", ["Order"]]])).json()["results"][0]["metrics"][0], 1);
    desk.text(&["goal", "remove", "--site", "1", "Order"]);
    for filter in ["goal=Order", "goal.not=Order", "goal=1", "goal=Never"] {
        let page = screen(filter);
        assert_eq!(listed(&page), 0, "{filter}");
        assert!(page.contains("There&#39;s no goal") || page.contains("There's no goal"), "{filter}: {page}");
    }
    for filters in [json!([["is", "goal", ["Order"]]]), json!([["is_not", "goal", ["Order"]]])] {
        let refused = query(filters);
        assert_eq!((refused.status, &refused.json()["field"]), (422, &"goal".into()), "{}", refused.text());
        assert!(refused.json()["detail"].as_str().unwrap().contains("no goal “Order” on this site"));
    }
    for path in ["reports/pages?segment=1", "visits?segment=1", "actions?goal=Order"] {
        let refused = program.get(&server, &format!("/api/v1/sites/1/{path}"));
        assert_eq!(refused.status, 422, "{path}: {}", refused.text());
    }
    let explained =
        program.use_tool(&server, "explain_filter", &json!({"filter": "goal=Order", "site_id": "1"}));
    assert!(explained["problem"].as_str().unwrap().contains("“Order”"), "{explained}");
    let without = program.use_tool(&server, "explain_filter", &json!({"filter": "goal=Order"}));
    assert!(without.get("problem").is_none(), "each site has goals of its own: {without}");
    // Nothing is lost: with the goal, everything is back.
    desk.text(&["goal", "bring-back", "--site", "1", "Order"]);
    desk.wait_for("not exists (select 1 from goals where match_below is not null)");
    assert_eq!((listed(&screen("goal=Order")), listed(&screen("goal.not=Order"))), (1, 1));
    assert_eq!(query(json!([["is", "goal", ["Order"]]])).json()["results"][0]["metrics"][0], 1);
}

#[test]
fn a_guests_page_shows_no_visit_once_the_goal_of_its_segment_is_gone() {
    for segment in ["goal=Kiosk", "goal.not=Kiosk", "goal.in=Kiosk,Call"] {
        let desk = Desk::with_site();
        for (name, page) in [("Kiosk", "/thanks"), ("Call", "/call")] {
            desk.text(&["goal", "add", "--site", "1", "--name", name, "--page", page]);
        }
        let server = desk.serve();
        visits(&server);
        let (_, path) = link(&desk, &["--visitor-data", "--segment", segment]);
        let page = |rest: &str| {
            let answer = server.ask(&get(format!("{path}{rest}")));
            assert_eq!(answer.status, 200, "{segment} {rest}: {}", answer.text());
            answer.text()
        };
        assert_eq!(listed(&page("/visitors?date=today")), 1, "{segment}");
        desk.text(&["goal", "remove", "--site", "1", "Kiosk"]);
        assert_eq!(listed(&page("/visitors?date=today")), 0, "{segment}");
        let dashboard = page("?date=today");
        assert!(dashboard.contains("data-tally=\"visitors\">0</b>"), "{segment}: {dashboard}");
        assert!(!dashboard.contains("Kiosk"), "{segment}: the segment is named");
        assert_eq!(page("/spy").matches("data-key=").count(), 0, "{segment}");
        assert_eq!(server.ask(&get(format!("{path}/online"))).text(), "{\"online\":0}", "{segment}");
    }
}

#[test]
fn who_removes_a_goal_is_shown_what_names_it() {
    let desk = Desk::with_site();
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks"]);
    desk.open()
        .execute("insert into segments (site_id, name, conditions, created_at) values (1, 'Buyers', 'goal=Order', 5)", [])
        .unwrap();
    desk.json_with(
        PASSWORD,
        &[
            "link",
            "add",
            "--site",
            "1",
            "--json",
            "--name",
            "For the bank",
            "--visitor-data",
            "--segment",
            "goal=1",
        ],
    );
    let server = desk.serve();
    let page = server.page("/sites/1/preferences/goals/1/remove", &server.sign_in("ada"));
    assert!(page.contains("Buyers") && page.contains("For the bank"), "{page}");
}
