//! Later direct visits are credited to what brought their visitor: the first and the last visit from elsewhere within 90 days,
//! where cookies are allowed.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use std::fs;

/// Serves with a clock that is wrong by what [`set_clock`] says.
fn serve_by_clock(desk: &Desk) -> Server<'_> {
    set_clock(desk, "-100d");
    desk.serve_by_clock(&desk.path().join("clock"))
}

fn set_clock(desk: &Desk, wrong_by: &str) {
    let (next, file) = (desk.path().join("clock.next"), desk.path().join("clock"));
    fs::write(&next, wrong_by).unwrap();
    fs::rename(next, file).unwrap();
}

/// A page view of a visitor with this cookie, or without one for an empty text.
fn come(server: &Server<'_>, address: &str, path: &str, cookie: &str, more: &[(&str, &str)]) {
    let owned = view(path);
    let known = [("jsuid", cookie), ("ck", "1")];
    let known = known.iter().filter(|_| !cookie.is_empty());
    let sent: Vec<_> = fields(&owned).into_iter().chain(known.copied()).chain(more.iter().copied()).collect();
    let answer = server.hit(address, &sent);
    assert!(answer.status < 300 && answer.header("X-Clickstead-Reason").is_empty(), "{path}");
}

/// The items of today in a report's file, with their visits.
fn today(server: &Server<'_>, cookie: &str, report: &str, more: &str) -> Vec<String> {
    let file = server.page(&format!("/sites/1/export/{report}.csv?date=today&compare=none{more}"), cookie);
    let (_, rows) = file.split_once('\n').unwrap();
    let mut items: Vec<String> = rows.lines().map(|row| row.split(',').next().unwrap().to_owned()).collect();
    items.sort();
    items
}

const ALLOWED: &str = "update sites set cookies_allowed = 1";

#[test]
fn a_direct_visit_is_credited_to_the_first_and_the_last_source_of_its_visitor_within_90_days() {
    let desk = Desk::with_site();
    desk.open().execute_batch(ALLOWED).unwrap();
    let server = serve_by_clock(&desk);
    come(&server, "81.2.69.1", "/?utm_campaign=Old&utm_medium=cpc", "77", &[]);
    set_clock(&desk, "-80d");
    come(&server, "81.2.69.1", "/?utm_campaign=Spring&utm_source=letter&utm_medium=email", "77", &[]);
    set_clock(&desk, "-12d");
    come(&server, "81.2.69.1", "/", "77", &[("ref", "https://partner.example/list")]);
    set_clock(&desk, "-5d");
    come(&server, "81.2.69.1", "/", "77", &[]);
    set_clock(&desk, "+0");
    come(&server, "81.2.69.1", "/", "77", &[]);
    come(&server, "81.2.69.2", "/", "", &[]);
    let ada = server.sign_in("ada");
    let sources = |more: &str| today(&server, &ada, "traffic-sources", more);
    assert_eq!(sources(""), ["Direct"]);
    assert_eq!(sources("&attribution=first"), ["Direct", "Email"]);
    assert_eq!(sources("&attribution=last"), ["Direct", "Links"]);
    assert_eq!(today(&server, &ada, "campaigns", ""), Vec::<String>::new());
    assert_eq!(today(&server, &ada, "campaigns", "&attribution=first"), ["Spring"]);
    assert_eq!(today(&server, &ada, "links-domains", "&attribution=last"), ["partner.example"]);
    assert_eq!(
        today(&server, &ada, "links-domains", "&attribution=first"),
        ["letter"].map(String::from)[..0]
    );
    assert_eq!(today(&server, &ada, "pages", "&first-campaign=Spring").len(), 1);
    assert!(today(&server, &ada, "pages", "&first-campaign=Old").is_empty());

    let client = Program::with_key(&desk);
    let reply = client.read(&server, "reports/campaigns?date=today&attribution=first");
    assert_eq!(reply["rows"][0]["item"], "Spring", "{reply}");
    let path = "/api/v1/sites/1/reports/pages?date=today&attribution=first";
    assert_eq!(client.refused_field(&server, path), "attribution");

    let newest = desk.number("select max(id) from visits where visitor_id = 77");
    let page = server.page(&format!("/sites/1/visits/{newest}"), &ada);
    for part in
        ["First touch", "Campaign Spring, 80 days earlier", "Last touch", "partner.example, 12 days earlier"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let screen = server.page("/sites/1/reports/campaigns?date=today&attribution=first", &ada);
    assert!(screen.contains("Spring") && screen.contains("Last touch"), "{screen}");
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn the_source_of_a_visit_itself_comes_before_an_earlier_one_and_90_days_are_enough() {
    let desk = Desk::with_site();
    desk.open().execute_batch(ALLOWED).unwrap();
    let server = serve_by_clock(&desk);
    come(&server, "81.2.69.1", "/?utm_campaign=Old&utm_medium=cpc", "77", &[]);
    set_clock(&desk, "-91d");
    come(&server, "81.2.69.3", "/?utm_campaign=Early&utm_medium=email", "79", &[]);
    set_clock(&desk, "-20d");
    come(&server, "81.2.69.4", "/?utm_campaign=First&utm_medium=email", "80", &[]);
    set_clock(&desk, "+0");
    for (address, cookie) in [("81.2.69.1", "77"), ("81.2.69.3", "79")] {
        come(&server, address, "/", cookie, &[]);
    }
    come(&server, "81.2.69.4", "/?utm_campaign=Second&utm_medium=email", "80", &[]);
    let ada = server.sign_in("ada");
    assert_eq!(today(&server, &ada, "campaigns", "&attribution=last"), ["Second"]);
    assert_eq!(today(&server, &ada, "campaigns", "&attribution=first"), ["First"]);
}

#[test]
fn nothing_is_credited_where_the_page_wants_none_or_no_cookie_is_allowed() {
    let desk = Desk::with_site();
    let server = serve_by_clock(&desk);
    set_clock(&desk, "-10d");
    come(&server, "81.2.69.1", "/?utm_campaign=Spring&utm_medium=email", "77", &[]);
    desk.open().execute_batch(ALLOWED).unwrap();
    come(&server, "81.2.69.2", "/?utm_campaign=Spring&utm_medium=email", "78", &[]);
    come(&server, "81.2.69.3", "/?utm_campaign=Spring&utm_medium=email", "79", &[("sticky", "0")]);
    set_clock(&desk, "+0");
    come(&server, "81.2.69.1", "/", "77", &[]);
    come(&server, "81.2.69.2", "/", "78", &[("sticky", "0")]);
    come(&server, "81.2.69.3", "/", "79", &[]);
    let ada = server.sign_in("ada");
    for attribution in ["first", "last"] {
        let more = format!("&attribution={attribution}");
        assert!(today(&server, &ada, "campaigns", &more).is_empty(), "{attribution}");
    }
    assert_eq!(desk.number("select count(*) from visits where first_source is not null"), 0);
    let newest = desk.number("select max(id) from visits where visitor_id = 78");
    assert!(!server.page(&format!("/sites/1/visits/{newest}"), &ada).contains("Last touch"));
}

#[test]
fn a_visit_is_credited_from_the_consent_on_that_its_visitor_gives() {
    let desk = Desk::with_site();
    desk.open().execute_batch("update sites set consent_needed = 1").unwrap();
    let server = serve_by_clock(&desk);
    set_clock(&desk, "-10d");
    come(&server, "81.2.69.1", "/?utm_campaign=Spring&utm_medium=email", "77", &[("consent", "1")]);
    set_clock(&desk, "+0");
    come(&server, "81.2.69.1", "/", "77", &[]);
    let ada = server.sign_in("ada");
    let last = || today(&server, &ada, "campaigns", "&attribution=last");
    assert!(last().is_empty(), "a visitor was known before consent");
    come(&server, "81.2.69.1", "/more", "77", &[("consent", "1")]);
    assert_eq!(last(), ["Spring"]);
}

#[test]
fn a_visit_that_begins_with_an_event_is_credited_by_its_first_page() {
    let desk = Desk::with_site();
    desk.open().execute_batch(ALLOWED).unwrap();
    let server = serve_by_clock(&desk);
    set_clock(&desk, "-10d");
    come(&server, "81.2.69.1", "/?utm_campaign=Spring&utm_medium=email", "77", &[]);
    set_clock(&desk, "+0");
    let event = [("type", "click"), ("href", "/x"), ("title", "Menu"), ("jsuid", "77"), ("ck", "1")];
    assert!(server.hit("81.2.69.1", &event).status < 300);
    let ada = server.sign_in("ada");
    assert_eq!(today(&server, &ada, "campaigns", "&attribution=last"), ["Spring"]);
    come(&server, "81.2.69.1", "/?utm_campaign=Summer&utm_medium=email", "77", &[]);
    assert_eq!(today(&server, &ada, "campaigns", "&attribution=last"), ["Summer"]);
    assert_eq!(today(&server, &ada, "campaigns", "&attribution=first"), ["Spring"]);
}
