//! Pages that were not found, and the links that led there.

use super::api_client::Program;
use super::browser::{page_code, serve_book, wait_for_hit};
use super::chromium::{wait_until, with_browser};
use super::harness::{Desk, Server, fields, view};
use super::http::{get, post};
use super::import::{file, import};
use serde_json::json;

/// How many beacons a page has sent, in its own words.
const SENT: &str = "performance.getEntriesByType('resource').filter(e => e.name.includes('/in.php')).length";

/// The pages that were not found, each with the path of the page that led there.
fn found(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select substr(page.text, instr(substr(page.text, 9), '/') + 8) || ' ← ' ||
           ifnull(substr(origin.text, instr(substr(origin.text, 9), '/') + 8), '')
         from missing_pages
         join labels as page on page.id = page
         left join labels as origin on origin.id = referrer
         order by visit_id, number",
    )
}

#[test]
fn a_page_that_the_server_does_not_find_is_told_with_the_page_whose_link_led_there() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html?utm_source=x")).await.unwrap();
        wait_for_hit(client).await;
        let follow = "const link = document.createElement('a'); link.href = '/gone.html#top'; document.body.append(link); link.click()";
        client.execute(follow, vec![]).await.unwrap();
        wait_until(client, "location.pathname == '/gone.html'").await;
        wait_for_hit(client).await;
        // What the page shows next, it shows itself.
        client.execute("history.pushState({}, '', '/routed.html')", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
    });
    desk.wait_for("(select count(*) from actions) = 3");
    assert_eq!(found(&desk), ["/gone.html ← /title-page.html"]);
    let ada = server.sign_in("ada");
    let report = server.page("/sites/1/reports/pages-not-found?date=today", &ada);
    assert!(report.contains("/gone.html"), "{report}");
    let links = server.page("/sites/1/reports/broken-links?date=today", &ada);
    assert!(links.contains("127.0.0.1/gone.html ← 127.0.0.1/title-page.html"), "{links}");
}

#[test]
fn a_page_says_itself_that_it_was_not_found_or_that_it_was() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let says = |status: &str| {
        serve_book(format!("<script>clicky_custom = {{status: {status}}}</script>{}", page_code(&server)))
    };
    let (missing, there, other) = (says("'410'"), says("200"), says("500"));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{missing}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        // The next page of an application says nothing, and the one after it something.
        client.execute("history.pushState({}, '', '/routed.html')", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
        let routed = "clicky_custom.status = 404; history.pushState({}, '', '/lost.html')";
        client.execute(routed, vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 3")).await;
        for book in [there, other] {
            client.goto(&format!("http://{book}/gone.html")).await.unwrap();
            wait_for_hit(client).await;
        }
    });
    desk.wait_for("(select count(*) from actions) = 5");
    assert_eq!(found(&desk), ["/title-page.html ← ", "/lost.html ← /routed.html"]);
}

#[test]
fn a_named_page_view_and_a_return_to_a_page_that_was_not_found_are_not_listed_with_it() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/gone.html")).await.unwrap();
        wait_for_hit(client).await;
        let named = "clicky.pageview('/virtual'); clicky_custom.status = 404; clicky.pageview('/lost')";
        client.execute(named, vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 3")).await;
        let returned = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
        client.execute(returned, vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 4")).await;
    });
    desk.wait_for("(select count(*) from actions) = 4");
    assert_eq!(found(&desk), ["/gone.html ← ", "/lost ← "]);
}

#[test]
fn a_site_that_is_named_later_is_told_as_well_what_the_page_said_of_itself() {
    let desk = Desk::with_site_here();
    desk.text(&["site", "add", "127.0.0.1", "--owner", "ada"]);
    let server = desk.serve();
    let book = serve_book(format!("<script>clicky_custom = {{status: 410}}</script>{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client.execute("clicky.init(2)", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
    });
    desk.wait_for("(select count(*) from actions) = 2");
    assert_eq!(desk.texts("select cast(site_id as text) from missing_pages order by 1"), ["1", "2"]);
}

/// A page view with this status, by a link on this page.
fn miss(server: &Server<'_>, address: &str, path: &str, status: &str, referrer: &str) {
    let owned = view(path);
    let all: Vec<_> = fields(&owned).into_iter().chain([("status", status), ("ref", referrer)]).collect();
    assert_eq!(server.hit(address, &all).status, 204);
}

#[test]
fn addresses_are_cleaned_as_those_of_pages_and_only_404_and_410_count() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for (number, (status, referrer)) in [
        ("404", "http://www.bakery.example:80/blog?utm_campaign=x#top"),
        ("410", "https://news.example/a?fbclid=1&b=2#c"),
        (" 404 ", ""),
        ("404", "android-app://com.example/"),
        ("404", "nonsense"),
        ("200", "https://bakery.example/blog"),
        ("500", "https://bakery.example/blog"),
        ("-404", "https://bakery.example/blog"),
        ("4040", "https://bakery.example/blog"),
        ("NaN", "https://bakery.example/blog"),
    ]
    .into_iter()
    .enumerate()
    {
        miss(&server, &format!("81.2.69.{number}"), "/old?gclid=1", status, referrer);
    }
    let origins = desk.texts(
        "select page.text || ' ' || ifnull(origin.text, '-') from missing_pages
         join labels as page on page.id = page left join labels as origin on origin.id = referrer order by visit_id",
    );
    let old = "https://bakery.example/old";
    assert_eq!(
        origins,
        [
            format!("{old} https://bakery.example/blog"),
            format!("{old} https://news.example/a?b=2"),
            format!("{old} -"),
            format!("{old} -"),
            format!("{old} -"),
        ]
    );
    assert_eq!(desk.number("select sum(page_views) from visits"), 10, "each counts as a page view");
    let event =
        [("type", "click"), ("href", "https://bakery.example/old"), ("title", "x"), ("status", "404")];
    server.hit("81.2.69.1", &event);
    assert_eq!(desk.number("select count(*) from missing_pages"), 5);
    for _ in 0..110 {
        miss(&server, "81.2.69.99", "/old", "404", "");
    }
    assert_eq!(desk.number("select max(number) from missing_pages"), 100, "a visit has room for a hundred");
}

#[test]
fn a_page_that_was_not_found_shows_the_links_to_it_alone_and_filters_find_them() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for (address, path, referrer) in [
        ("81.2.69.1", "/old", "https://bakery.example/blog"),
        ("81.2.69.1", "/older", "https://bakery.example/shop"),
        ("81.2.69.2", "/old", "https://news.example/a"),
        ("81.2.69.3", "/old", ""),
    ] {
        miss(&server, address, path, "404", referrer);
    }
    server.hit("81.2.69.4", &fields(&view("/there")));
    let ada = server.sign_in("ada");
    let item = "/sites/1/reports/pages-not-found/item?date=today&by=broken-links&item=https%3A%2F%2Fbakery.example%2Fold";
    let page = server.page(item, &ada);
    for link in ["/old ← /blog", "/old ← news.example/a", "/old ← unknown"] {
        assert!(page.contains(link), "{link}: {page}");
    }
    assert!(!page.contains("/older"), "{page}");
    let program = Program::with_key(&desk);
    let count = |filter: &str| {
        program.read(&server, &format!("reports/visitors?date=today&{filter}"))["total"].clone()
    };
    for (filter, visits) in [
        ("", 4),
        ("not-found=/old", 3),
        ("not-found=https%3A%2F%2Fbakery.example%2Folder", 1),
        ("not-found.contains=OLD", 3),
        ("not-found.not=/old", 1),
        ("broken-link=/old", 3),
        ("broken-link=/old+%E2%86%90+/blog", 1),
        ("broken-link=/old+%E2%86%90+https%3A%2F%2Fnews.example%2Fa", 1),
        ("broken-link=/old+%E2%86%90+unknown", 1),
        ("broken-link.contains=news", 1),
        ("broken-link=/there", 0),
    ] {
        assert_eq!(count(filter), visits, "{filter}");
    }
    let links = program.read(&server, "reports/broken-links?date=today");
    let row =
        links["rows"].as_array().unwrap().iter().find(|row| row["item"] == "/old ← /blog").unwrap().clone();
    assert_eq!((&row["url"], &row["visits"]), (&"https://bakery.example/blog".into(), &1.into()));
    let value = row["value"].as_str().unwrap().to_owned();
    assert_eq!(value, "https://bakery.example/old ← https://bakery.example/blog");
}

#[test]
fn programs_say_the_status_of_their_answers() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", true);
    let hit = |status: serde_json::Value| {
        json!({"hits": [{"href": "/old", "referrer": "https://bakery.example/blog", "ip_address": "81.2.69.1",
            "user_agent": super::harness::BROWSER, "status": status}]})
    };
    let send = |body: &serde_json::Value| {
        let request = program.sign(super::http::post_json("/api/v1/sites/1/hits", &body.to_string()));
        server.ask(&request)
    };
    assert_eq!(send(&hit(404.into())).status, 200);
    assert_eq!(send(&hit(200.into())).status, 200);
    let refused = send(&hit("404".into()));
    assert_eq!((refused.status, &refused.json()["field"]), (422, &"hits[0].status".into()));
    let key = &desk.texts("select site_key_admin from sites")[0];
    let logged = [
        ("site_id", "1"),
        ("sitekey_admin", key),
        ("type", "pageview"),
        ("href", "/older"),
        ("ip_address", "81.2.69.2"),
        ("status", "410"),
    ];
    assert_eq!(server.ask(&post("/in.php", &logged).without("Sec-Fetch-Site")).text(), "OK");
    assert_eq!(found(&desk), ["/old ← /blog", "/older ← "]);
}

#[test]
fn a_log_tells_of_links_that_people_followed_to_nowhere_and_not_of_scanners() {
    let desk = Desk::with_site();
    let browser = super::harness::BROWSER;
    let line = |second: u32, path: &str, status: u16, referrer: &str, agent: &str| {
        format!(
            "81.2.69.{} - - [01/Nov/2026:10:00:{second:02} +0100] \"GET {path} HTTP/1.1\" {status} 512 \"{referrer}\" \"{agent}\"\n",
            second % 4
        )
    };
    let blog = "https://bakery.example/blog";
    let mut log = [
        line(0, "/", 200, "-", browser),
        line(4, "/old", 404, blog, browser),
        line(8, "/older?utm_source=x", 410, "https://news.example/a", browser),
        line(12, "/old.png", 404, blog, browser),
        line(16, "/old", 404, blog, "Googlebot/2.1"),
        line(20, "/old", 403, blog, browser),
    ]
    .concat();
    for number in 0..40 {
        log += &line(number, &format!("/wp-login.php?{number}"), 404, "https://bakery.example/", browser);
        log += &line(number, "/shell", 404, "-", browser);
    }
    let said = import(&desk, &file(&desk, "access.log", log));
    assert_eq!(said["taken"], 3, "{said}");
    assert_eq!(said["left_out"], json!({"bot": 1, "failed": 81, "static-file": 1}), "{said}");
    assert_eq!(found(&desk), ["/old ← /blog", "/older ← /a"]);
    let hits = "{\"time\":\"2026-11-02T10:00:00Z\",\"href\":\"/gone\",\"ip\":\"81.2.69.9\",\"status\":404}\n\
        {\"time\":\"2026-11-02T10:00:01Z\",\"href\":\"/gone\",\"ip\":\"81.2.69.9\",\"status\":\"404\"}\n";
    let said = import(&desk, &file(&desk, "hits.jsonl", hits));
    assert_eq!((&said["taken"], &said["refused"]), (&1.into(), &1.into()), "{said}");
    assert_eq!(found(&desk).last().unwrap(), "/gone ← ");
    assert!(server_shows(&desk), "the report shows what was imported");
}

fn server_shows(desk: &Desk) -> bool {
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let file = get("/sites/1/export/pages-not-found.csv?date=2026-11-01,2026-11-02").cookie(&cookie);
    let text = server.ask(&file).text();
    ["/old", "/older", "/gone"].iter().all(|page| text.contains(page))
}
