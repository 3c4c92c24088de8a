//! The screens over plain HTTP: what they show, their headers, ranges and pages.

use super::harness::{Desk, fields, view};
use super::http::{get, post};

#[test]
fn every_page_leaves_with_strict_headers() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    for path in ["/", "/login", "/sites/1/visitors", "/nowhere", "/sites/99/visitors"] {
        let answer = server.ask(&get(path).cookie(&cookie));
        let policy = answer.header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[test]
fn embedded_files_are_served_compressed_and_kept() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = server.ask(&get("/login")).text();
    for name in ["app.css", "app.js"] {
        let start = page.find(&format!("/assets/{name}?v=")).unwrap();
        let path: String = page[start..].chars().take_while(|c| *c != '"').collect();
        let answer = server.ask(&get(path).header("Accept-Encoding", "gzip"));
        assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"), "{name}");
        assert!(answer.header("cache-control").contains("immutable"));
    }
    assert_eq!(server.ask(&get("/assets/flags/de.svg")).header("content-type"), "image/svg+xml");
    assert_eq!(server.ask(&get("/assets/../Cargo.toml")).status, 404);
}

#[test]
fn visitors_are_listed_newest_first_and_paged() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    for number in 1..=5 {
        server.hit(&format!("81.2.{number}.1"), &fields(&view("/")));
    }
    let first = server.page("/sites/1/visitors?date=last-7-days&limit=2", &cookie);
    assert!(first.find("81.2.5.0").unwrap() < first.find("81.2.4.0").unwrap());
    assert!(first.contains("Older") && !first.contains("Newer") && !first.contains("81.2.3.0"));
    let last = server.page("/sites/1/visitors?date=last-7-days&limit=2&page=3", &cookie);
    assert!(last.contains("81.2.1.0") && last.contains("Newer") && !last.contains("Older"));
    assert!(first.contains("5 visits"));
}

#[test]
fn a_day_of_the_list_is_a_day_of_the_sites_zone() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "tokyo.example", "--owner", "ada", "--time-zone", "Asia/Tokyo"]);
    // 2026-11-10 20:00 UTC: the 10th in Berlin, the 11th in Tokyo.
    let id = 1_794_340_800_000_i64 << 20;
    let insert = |site: i64| {
        format!(
            "insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place, address) values ({site}, {id}, 5, 1000, 0, 0, 0, 1, 1, 1, x'51024500')"
        )
    };
    let berlin = "update sites set time_zone = 'Europe/Berlin' where id = 1";
    let shared = "insert into sources (channel) values (0); insert into machines (device_type) values (1); insert into places (country) values (0)";
    desk.open().execute_batch(&format!("{shared}; {}; {}; {berlin}", insert(1), insert(2))).unwrap();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    for (site, day, shown) in
        [(1, "2026-11-10", true), (1, "2026-11-11", false), (2, "2026-11-10", false), (2, "2026-11-11", true)]
    {
        let page = server.page(&format!("/sites/{site}/visitors?date={day}"), &cookie);
        assert_eq!(page.contains("81.2.69.0"), shown, "site {site}, {day}");
    }
    assert!(server.page("/sites/2/visitors?date=2026-11", &cookie).contains("11 Nov, 05:00"));
    assert!(server.page("/sites/1/visitors?from=2026-11-09&to=2026-11-10", &cookie).contains("81.2.69.0"));
}

#[test]
fn a_range_that_is_none_is_refused_with_a_sentence() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    for date in ["tomorrow", "2026-13-01", "last-99999-days", "%3Cscript%3E", "%FF"] {
        let answer = server.ask(&get(format!("/sites/1/visitors?date={date}")).cookie(&cookie));
        assert_eq!(answer.status, 422, "{date}");
        assert!(answer.text().contains("Choose ten years") || answer.text().contains("last-7-days"));
    }
}

#[test]
fn one_visit_and_one_visitor_of_another_site_are_not_found() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "other.example", "--owner", "ada"]);
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/secret")));
    let (visit, visitor) =
        (desk.number("select id from visits"), desk.number("select visitor_id from visits"));
    for path in [format!("visits/{visit}"), format!("visitors/{visitor}")] {
        assert_eq!(server.ask(&get(format!("/sites/1/{path}")).cookie(&cookie)).status, 200);
        assert_eq!(server.ask(&get(format!("/sites/2/{path}")).cookie(&cookie)).status, 404, "{path}");
    }
}

#[test]
fn keys_are_shown_when_asked_and_replaced_when_told() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let key = desk.texts("select site_key from sites").remove(0);
    let page = server.page("/sites/1/preferences/info", &cookie);
    assert!(!page.contains(&key) && page.contains("data-id=&quot;1&quot;") && page.contains("1ns.gif"));
    let shown = server.ask(&post("/sites/1/preferences/info/keys", &[]).cookie(&cookie));
    assert!(shown.text().contains(&key));
    let rotated = server.ask(&post("/sites/1/preferences/info/rotate", &[]).cookie(&cookie));
    assert!(
        !rotated.text().contains(&key)
            && rotated.text().contains(&desk.texts("select site_key from sites").remove(0))
    );
}

#[test]
fn a_refused_form_keeps_what_was_typed() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let answer = server.ask(
        &post("/sites/new", &[("domain", "not a domain"), ("name", "My Shop"), ("time_zone", "Asia/Tokyo")])
            .cookie(&cookie),
    );
    let page = answer.text();
    assert_eq!(answer.status, 422);
    assert!(page.contains("My Shop") && page.contains("not a domain") && page.contains("bakery.example"));
    assert!(page.contains(r#"<option value="Asia/Tokyo" selected>"#));
}

#[test]
fn online_now_counts_visits_of_the_last_five_minutes() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/")));
    server.hit("81.2.69.2", &fields(&view("/")));
    let earlier = 6 * 60 * 1_000 * (1_i64 << 20);
    desk.open()
        .execute_batch(&format!(
            "update actions set visit_id = visit_id - {earlier}; update visits set id = id - {earlier}"
        ))
        .unwrap();
    server.hit("81.2.69.3", &fields(&view("/")));
    assert_eq!(server.ask(&get("/sites/1/online").cookie(&cookie)).json()["online"], 1);
}

#[test]
fn the_theme_that_was_chosen_is_drawn_at_once() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert!(server.ask(&get("/login").cookie("theme=dark")).text().contains(r#"data-theme="dark""#));
    assert!(server.ask(&get("/login").cookie("theme=<x>")).text().contains(r#"data-theme="system""#));
}

#[test]
fn credits_name_the_data_and_every_crate_that_is_built_in() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = server.ask(&get("/licenses")).text();
    for name in
        ["CC BY 4.0, via ip-location-db", "actix-web 4", "rusqlite 0.43", "country-flag-icons", "uap-core"]
    {
        assert!(page.contains(name), "{name}");
    }
}

#[test]
fn browsers_are_told_to_come_by_https_alone_where_the_public_address_says_so() {
    let desk = Desk::with_site();
    let name = "strict-transport-security";
    let token = "0".repeat(40);
    let guest = format!("/s/{token}");
    let screens = ["/login", "/", "/nothing", "/sites/1", guest.as_str(), "/assets/app.css", "/healthz"];
    let served = desk.serve_with(&["--public-url", "https://stats.bakery.example"]);
    for path in screens {
        let answer = served.ask(&get(path));
        assert_eq!(answer.header(name), "max-age=31536000", "{path}, {}", answer.status);
        // The request itself did not come by it.
        let plain = served.ask(&get(path).header("X-Forwarded-Proto", "http"));
        assert_eq!(plain.header(name), "", "{path} by http");
    }
    let refused = served.ask(&post("/login", &[]).header("Sec-Fetch-Site", "cross-site"));
    assert_eq!((refused.status, refused.header(name)), (403, "max-age=31536000"));
    for path in ["/js", "/1.js", "/1ns.gif", "/in.php?site_id=1"] {
        assert_eq!(served.ask(&get(path)).header(name), "", "{path}");
    }
    drop(served);
    for arguments in [&[][..], &["--public-url", "http://stats.bakery.example"]] {
        let served = desk.serve_with(arguments);
        for path in screens {
            let answer = served.ask(&get(path).header("X-Forwarded-Proto", "https"));
            assert_eq!(answer.header(name), "", "{path} {arguments:?}");
        }
    }
}
