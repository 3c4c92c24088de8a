//! Names in an address that no screen reads: a misspelled filter shows nobody everybody.

use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::get;

const SCREENS: [&str; 10] = [
    "",
    "/visitors",
    "/spy",
    "/spy/stream",
    "/online",
    "/reports",
    "/reports/pages",
    "/reports/visitors",
    "/reports/links-recent",
    "/reports/pages/item?item=/secret-page",
];

fn with_visit(desk: &Desk) -> Server<'_> {
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/secret-page")));
    server
}

fn asked(screen: &str, query: &str) -> String {
    format!("{screen}{}{query}", if screen.contains('?') { '&' } else { '?' })
}

#[test]
fn a_misspelled_name_is_refused_with_the_one_that_was_meant() {
    let desk = Desk::with_site();
    let server = with_visit(&desk);
    let ada = server.sign_in("ada");
    let others =
        ["/export/pages.csv", "/export/visitors-list.csv", "/segments", "/reports/pages?by=countries"];
    for screen in SCREENS.into_iter().chain(others) {
        for (query, meant) in [
            ("contry=DE", "Did you mean “country”?"),
            ("contry.not=DE", "Did you mean “country”?"),
            ("country=DE&brwoser.in=Chrome", "Did you mean “browser”?"),
            ("dat=today", "Did you mean “date”?"),
            ("quite-unknown=1", "There is no filter “quite-unknown”."),
        ] {
            let answer = server.ask(&get(format!("/sites/1{}", asked(screen, query))).cookie(&ada));
            let text = answer.text();
            assert_eq!(answer.status, 422, "{screen} {query}: {text}");
            assert!(text.contains(meant), "{screen} {query}: {text}");
            assert!(!text.contains("/secret-page\""), "{screen} {query}");
        }
    }
    // Signed out, nothing is told of it.
    let out = server.ask(&get("/sites/1?contry=DE"));
    assert!(out.status == 303 && out.header("location").starts_with("/login"), "{}", out.status);
}

#[test]
fn what_links_pick_up_on_their_way_and_all_that_screens_read_is_no_filter() {
    let desk = Desk::with_site();
    let server = with_visit(&desk);
    let ada = server.sign_in("ada");
    for query in [
        "utm_source=letter&utm_campaign=x&gclid=1&fbclid=2&msclkid=3&_ga=4&_=5&_mine=6",
        "date=today&compare=none&sort=visits&order=up&find=x&page=1&limit=25&chart=none&by=",
        "machines=hardware&pages=pages-exit&theme=dark&num_actions=1-",
        "from=2026-11-01&to=2026-11-02",
    ] {
        for screen in ["", "/visitors", "/spy", "/reports/pages"] {
            let answer = server.ask(&get(format!("/sites/1{screen}?{query}")).cookie(&ada));
            assert_eq!(answer.status, 200, "{screen} {query}: {}", answer.text());
        }
    }
    let half = server.ask(&get("/sites/1?from=2026-11-01").cookie(&ada));
    assert!(half.status == 422 && half.text().contains("Choose both days"));
    let many = "x=1&".repeat(200);
    assert_eq!(server.ask(&get(format!("/sites/1?{many}country=DE")).cookie(&ada)).status, 422);
}

#[test]
fn every_visitor_filter_of_the_grammar_narrows_the_list_or_is_refused_in_words() {
    let desk = Desk::with_site();
    let server = with_visit(&desk);
    let ada = server.sign_in("ada");
    let visitor = desk.texts("select cast(visitor_id as text) from visits").remove(0);
    let visit = desk.texts("select cast(id as text) from visits").remove(0);
    for (filter, matching) in [
        ("uid", visitor.as_str()),
        ("session_id", visit.as_str()),
        ("ip_address", "81.2.69.1"),
        ("ip_address", "81.2.69.0"),
        ("ip_address", "198.51.100.7,81.2.69.1"),
        ("href", "/secret-page"),
        ("landing", "/secret-page"),
        ("exit", "/secret-page"),
        ("num_actions", "1"),
        ("actions", "1"),
        ("time", "0-"),
        ("search", ""),
        ("domain", ""),
        ("link", ""),
        ("browser", "Chrome"),
        ("os", "Linux"),
        ("resolution", ""),
        ("hardware", "Desktop"),
        ("country", "GB"),
        ("city", ""),
        ("language", ""),
        ("hostname", ""),
        ("org", ""),
        ("source", "Direct"),
        ("custom", ""),
        ("video", ""),
        ("campaign", ""),
        ("goal", ""),
    ] {
        let rows = |value: &str| {
            let path = format!("/sites/1/visitors?date=today&{filter}={value}");
            server.page(&path, &ada).matches("class=\"row-link\"").count()
        };
        if !matching.is_empty() {
            assert_eq!(rows(matching), 1, "{filter}={matching}");
        }
        assert_eq!(rows(if filter == "ip_address" { "81.2.70.1" } else { "77" }), 0, "{filter}");
    }
    for (query, sentence) in [
        ("ip_address=77", "Write an internet address such as 198.51.100.7"),
        ("ip_address.starts=81.2", "be compared by a part"),
        ("session_id=x", "Write the number of a visit"),
    ] {
        let answer = server.ask(&get(format!("/sites/1/visitors?{query}")).cookie(&ada));
        assert!(answer.status == 422 && answer.text().contains(sentence), "{query}: {}", answer.text());
    }
}

#[test]
fn a_guest_is_told_which_names_are_ignored_and_sees_no_more_than_the_link_allows() {
    let desk = Desk::with_site();
    let server = with_visit(&desk);
    let (_, path) = link(&desk, &["--reports", "pages", "--segment", "href=/nothing"]);
    for screen in ["", "/visitors", "/spy", "/reports", "/reports/pages", "/reports/pages?find=x"] {
        let answer = server.ask(&get(format!("{path}{}", asked(screen, "contry=DE"))));
        let text = answer.text();
        assert_eq!(answer.status, 200, "{screen}: {text}");
        assert!(text.contains("There is no filter “contry”. It is ignored."), "{screen}: {text}");
        assert!(!text.contains("secret-page"), "{screen}: {text}");
    }
    let two = server.ask(&get(format!("{path}?contry=DE&x=1&utm_source=letter&_y=2"))).text();
    assert!(two.contains("There are no filters “contry” and “x”. They are ignored."), "{two}");
    let none = server.ask(&get(format!("{path}?utm_source=letter&fbclid=1&_y=2"))).text();
    assert!(!none.contains("ignored"));
    // A filter that there is, and that the link does not show, is refused as before.
    assert_eq!(server.ask(&get(format!("{path}?country=DE"))).status, 404);
}
