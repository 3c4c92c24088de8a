//! Web vitals through the front door: what a page measures, what the server takes of it, and who sees the report.

use super::api_client::Program;
use super::browser::{page_code, serve_book, wait_for_hit};
use super::chromium::{wait_until, with_browser};
use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::{get, post};
use serde_json::json;

const REPORT: &str = "/sites/1/reports/web-vitals";
const PAGE: &str = "https://bakery.example/shop";
/// Whether the page has loaded the part that measures.
const HAS_PART: &str = "performance.getEntriesByType('resource').some(e => e.name.endsWith('/vitals.js'))";

fn turn_on(desk: &Desk) {
    desk.open().execute("update sites set vitals_measured = 1", []).unwrap();
}

/// A desk whose site measures web vitals.
fn measured() -> Desk {
    let desk = Desk::with_site();
    turn_on(&desk);
    desk
}

/// Sends web vitals of a page from a browser; the reason for which they were not taken, empty if they were.
fn send(server: &Server<'_>, values: &[(&str, &str)]) -> String {
    let all = [&[("type", "vitals"), ("href", PAGE)], values].concat();
    server.hit("81.2.69.1", &all).header("x-clickstead-reason").to_owned()
}

fn stored(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select text || ' ' || ifnull(lcp, '-') || ' ' || ifnull(inp, '-') || ' ' || ifnull(cls, '-')
         from vitals join labels on labels.id = page order by number",
    )
}

#[test]
fn a_page_sends_its_vitals_once_when_it_is_hidden_and_they_are_on_the_report() {
    let desk = Desk::with_site_here();
    turn_on(&desk);
    let server = desk.serve();
    let moving = "<button id=slow style='position:fixed;top:0;left:0;width:90px;height:90px;z-index:99'
          onclick='const end = performance.now() + 120; while (performance.now() < end);'>Slow</button>
        <script>addEventListener('load', () => setTimeout(() => {
          const box = document.createElement('div');
          box.style.height = '300px';
          document.body.prepend(box);
          window.moved = true;
        }, 200))</script>";
    let book = serve_book(format!("{moving}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html?utm_source=x")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, HAS_PART).await;
        wait_until(client, "window.moved").await;
        super::chromium::click(client, "#slow").await;
        // The browser tells of what happened after it was painted.
        wait_until(client, "(window.painted = (window.painted || 0) + 1) > 20 && performance.now() > 1500")
            .await;
        // An application goes on to another page, which the browser does not load.
        client.execute("history.pushState({}, '', '/other.html')", vec![]).await.unwrap();
        client.goto(&format!("http://{book}/foreword.html")).await.unwrap();
        wait_for_hit(client).await;
    });
    desk.wait_for("(select count(*) from vitals) >= 1");
    let found = stored(&desk);
    let of_page = |page: &str| found.iter().filter(|row| row.contains(page)).collect::<Vec<_>>();
    let rows = of_page("/title-page.html");
    assert_eq!(rows.len(), 1, "{found:?}");
    assert!(of_page("/other.html").is_empty(), "{found:?}");
    let values: Vec<i64> = rows[0]
        .split(' ')
        .skip(1)
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{found:?}")))
        .collect();
    assert!(values[0] > 0 && values[1] >= 100 && values[2] > 0, "{found:?}");
    assert!(!rows[0].contains("utm_source"));
    let page = server.page(&format!("{REPORT}?date=today"), &server.sign_in("ada"));
    assert!(page.contains("/title-page.html") && page.contains("Not enough data yet"), "{page}");
}

#[test]
fn the_answer_to_a_page_view_names_the_part_only_where_vitals_are_measured() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    assert_eq!(send(&server, &[("lcp", "1000")]), "vitals-off");
    let ada = server.sign_in("ada");
    let form = [("identity", "none"), ("hits_per_minute", "3000"), ("vitals", "on")];
    assert_eq!(server.ask(&post("/sites/1/preferences/tracking", &form).cookie(&ada)).status, 303);
    let answer = server.hit("81.2.69.1", &fields(&view("/shop")));
    assert_eq!(answer.json(), json!({"parts": ["/vitals.js"]}));
    assert_eq!(server.hit("81.2.69.1", &[("type", "ping")]).status, 204);
    let robot = post("/in.php", &[("site_id", "1"), ("mime", "json"), ("type", "pageview"), ("href", PAGE)]);
    let robot = robot.without("Sec-Fetch-Site").header("User-Agent", "Googlebot/2.1");
    assert_eq!(server.ask(&robot).status, 204);
    let part = server.ask(&get("/vitals.js"));
    assert_eq!((part.status, part.header("cache-control")), (200, "public, max-age=3600"));
    assert!(part.text().contains("largest-contentful-paint"));
    assert!(server.page("/sites/1/preferences/tracking", &ada).contains("Measure web vitals"));
    assert_eq!(stored(&desk), Vec::<String>::new());
}

#[test]
fn a_page_of_a_site_without_vitals_loads_no_part() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client.goto(&format!("http://{book}/foreword.html")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, "document.readyState == 'complete'").await;
        let script = "return document.querySelectorAll('script[src$=\"/vitals.js\"]').length";
        assert_eq!(client.execute(script, vec![]).await.unwrap(), 0);
    });
    assert_eq!(desk.number("select count(*) from vitals"), 0);
}

#[test]
fn of_several_sites_on_a_page_only_those_that_measure_vitals_are_sent_them() {
    let desk = Desk::with_site_here();
    desk.text(&["site", "add", "127.0.0.1", "--owner", "ada"]);
    desk.open().execute("update sites set vitals_measured = 1 where id = 2", []).unwrap();
    let server = desk.serve();
    let noting = "<script>
        clicky_site_ids = [2];
        window.told = [];
        const fetched = window.fetch;
        window.fetch = (where, how) => {
          told.push(`${how.body.get('type')} ${how.body.get('site_id')}`);
          return fetched(where, how);
        };
        </script>";
    let book = serve_book(format!("{noting}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_until(client, HAS_PART).await;
        // The browser tells of what was painted before the page is hidden.
        wait_until(client, "(window.painted = (window.painted || 0) + 1) > 20 && performance.now() > 1500")
            .await;
        let hide = "Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
                    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))";
        client.execute(hide, vec![]).await.unwrap();
        wait_until(client, "told.some((one) => one.startsWith('vitals'))").await;
        let told =
            client.execute("return told.filter((one) => !one.startsWith('ping'))", vec![]).await.unwrap();
        assert_eq!(told, json!(["pageview 1", "pageview 2", "vitals 2"]));
    });
    desk.wait_for("(select count(*) from vitals) = 1");
    assert_eq!(desk.number("select site_id from vitals"), 2);
}

#[test]
fn the_data_of_a_visitor_has_vitals_as_everywhere_else_and_pages_without_a_known_link() {
    let desk = measured();
    let server = desk.serve();
    let mut missing = view("/gone");
    missing.push(("status", "404".into()));
    server.hit("81.2.69.1", &fields(&missing));
    send(&server, &[("lcp", "2500"), ("cls", "0.0639")]);
    server.stop();
    let told = desk.json(&["visitor", "export", "--site", "1", "--address", "81.2.69.0"]);
    let visit = &told["visits"][0];
    assert_eq!(
        visit["web_vitals"],
        json!([{"address": PAGE, "lcp": 2500, "inp": null, "cls": 0.0639}]),
        "{told}"
    );
    assert_eq!(
        visit["pages_not_found"],
        json!([{"address": "https://bakery.example/gone", "referrer": null}])
    );
}

#[test]
fn vitals_join_the_open_visit_and_change_nothing_else() {
    let desk = measured();
    let server = desk.serve();
    assert_eq!(send(&server, &[("lcp", "1000")]), "visit-over");
    server.hit("81.2.69.1", &fields(&view("/shop")));
    let visit = || desk.texts("select stay || ' ' || actions || ' ' || page_views from visits");
    let before = visit();
    assert_eq!(send(&server, &[("lcp", "2500.4"), ("inp", "0"), ("cls", "0.12345")]), "");
    assert_eq!(send(&server, &[("cls", "0")]), "");
    assert_eq!(visit(), before);
    assert_eq!(stored(&desk), [format!("{PAGE} 2500 0 1235"), format!("{PAGE} - - 0")]);
    for _ in 0..110 {
        assert_eq!(send(&server, &[("inp", "16")]), "");
    }
    assert_eq!(stored(&desk).len(), 100, "a visit has room for a hundred");
}

#[test]
fn what_no_browser_measures_is_refused_with_its_reason_and_changes_nothing() {
    let desk = measured();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/shop")));
    for values in [
        &[][..],
        &[("lcp", "")],
        &[("lcp", "-1")],
        &[("lcp", "60001")],
        &[("inp", "NaN")],
        &[("inp", "1e300")],
        &[("cls", "10.1")],
        &[("cls", "0,1")],
        &[("lcp", "1000"), ("inp", "fast")],
    ] {
        let all = [&[("type", "vitals"), ("href", PAGE)], values].concat();
        let answer = server.hit("81.2.69.1", &all);
        assert_eq!(
            (answer.status, answer.header("x-clickstead-reason")),
            (400, "vitals-value"),
            "{values:?}"
        );
    }
    let nowhere = server.hit("81.2.69.1", &[("type", "vitals"), ("lcp", "1000")]);
    assert_eq!(nowhere.header("x-clickstead-reason"), "no-page");
    assert_eq!(stored(&desk), Vec::<String>::new());
    let left_out = server.page("/sites/1/reports/left-out?date=today", &server.sign_in("ada"));
    assert!(left_out.contains("Impossible web vitals"));
}

/// A site with vitals of two pages: enough of the shop, too few of the rest.
fn told(desk: &Desk) {
    let server = desk.serve();
    for number in 0..25 {
        let address = format!("81.2.69.{number}");
        server.hit(&address, &fields(&view("/shop")));
        let lcp = if number < 19 { "2000" } else { "5000" };
        let sent = [("type", "vitals"), ("href", PAGE), ("lcp", lcp), ("inp", "300"), ("cls", "0.3")];
        assert_eq!(server.hit(&address, &sent).status, 204);
    }
    let other = [("type", "vitals"), ("href", "https://bakery.example/about"), ("lcp", "100")];
    server.hit("81.2.69.1", &other);
    server.stop();
}

#[test]
fn the_report_has_percentiles_ratings_and_shares_on_its_screen_in_its_file_and_in_the_api() {
    let desk = measured();
    told(&desk);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = server.page(&format!("{REPORT}?date=today"), &ada);
    for words in ["2.00 s", "300 ms", "0.300", "Good", "Needs improvement", "Poor", "/shop", "/about", "26"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let file =
        server.ask(&get("/sites/1/export/web-vitals.csv?date=today&compare=before").cookie(&ada)).text();
    let rows: Vec<Vec<&str>> = file.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        rows[0][..7],
        ["page", "measurements", "lcp_p75_ms", "lcp_rating", "lcp_good", "lcp_needs_improvement", "lcp_poor"]
    );
    assert_eq!(rows[0][16], "cls_poor");
    assert_eq!(rows[1][..7], ["", "26", "2000", "good", "20", "0", "6"]);
    // The 75th percentile of 25 values is the 19th.
    assert_eq!(rows[2][..7], [PAGE, "25", "2000", "good", "19", "0", "6"]);
    assert_eq!(rows[2][7..9], ["300", "needs-improvement"]);
    assert_eq!(rows[3][..4], ["https://bakery.example/about", "1", "100", ""]);
    let program = Program::with_key(&desk);
    let reply = program.read(&server, "reports/web-vitals?date=today&sort=lcp&order=asc&limit=1");
    assert_eq!((&reply["kind"], &reply["count"], &reply["total"]), (&"vitals".into(), &2.into(), &26.into()));
    assert_eq!(
        reply["overall"]["lcp"],
        json!({"p75": 2000.0, "rating": "good", "good": 20, "needs_improvement": 0, "poor": 6})
    );
    assert_eq!(reply["rows"][0]["lcp"], json!({"p75": 100.0, "good": 1, "needs_improvement": 0, "poor": 0}));
    let next = reply["next_cursor"].as_str().unwrap();
    let reply = program
        .read(&server, &format!("reports/web-vitals?date=today&sort=lcp&order=asc&limit=1&cursor={next}"));
    assert_eq!((&reply["rows"][0]["item"], &reply["rows"][0]["cls"]["p75"]), (&PAGE.into(), &0.3.into()));
    let found = program.read(&server, "reports/web-vitals?date=today&find=about");
    assert_eq!((&found["count"], &found["total"]), (&1.into(), &26.into()));
    let desktop = program.read(&server, "reports/web-vitals?date=today&device=desktop");
    let phone = program.read(&server, "reports/web-vitals?date=today&device=phone");
    assert_eq!((&desktop["total"], &phone["total"]), (&26.into(), &0.into()));
    for wrong in ["sort=hits", "device=fridge", "order=up"] {
        let name = wrong.split('=').next().unwrap();
        assert_eq!(
            program.refused_field(&server, &format!("/api/v1/sites/1/reports/web-vitals?{wrong}")),
            name
        );
    }
}

#[test]
fn who_sees_no_pages_sees_the_overall_numbers_and_no_page() {
    let desk = measured();
    told(&desk);
    let (_, path) = link(&desk, &["--reports", "web-vitals"]);
    let (_, with_pages) = link(&desk, &["--reports", "web-vitals,pages,hardware"]);
    let server = desk.serve();
    let page = server.ask(&get(format!("{path}/reports/web-vitals?date=today")));
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("2.00 s") && !page.text().contains("/shop") && !page.text().contains("Device: ")
    );
    assert_eq!(server.ask(&get(format!("{path}/reports/web-vitals?date=today&device=phone"))).status, 404);
    let page = server.ask(&get(format!("{with_pages}/reports/web-vitals?date=today"))).text();
    assert!(page.contains("/shop") && page.contains("Device: "));
    assert_eq!(server.ask(&get(format!("{with_pages}/reports/pages-not-found"))).status, 404);
}

#[test]
fn a_command_turns_vitals_on_and_off_and_notes_it_in_the_log() {
    let desk = Desk::with_site();
    assert_eq!(desk.json(&["site", "vitals", "1", "--json"])["web_vitals"], false);
    assert_eq!(desk.text(&["site", "vitals", "1", "--on"]).trim(), "Site 1 measures web vitals.");
    desk.text(&["site", "vitals", "1", "--on"]);
    assert_eq!(desk.number("select vitals_measured from sites"), 1);
    assert!(desk.text(&["site", "vitals", "1", "--off"]).contains("doesn't measure"));
    assert!(desk.complaint(&["site", "vitals", "1", "--on", "--off"]).contains("--off"));
    assert!(desk.complaint(&["site", "vitals", "7", "--on"]).contains("no such site"));
    let log = desk.texts("select about from audit where about like 'web vitals%' order by id");
    assert_eq!(log, ["web vitals on", "web vitals off"]);
}

#[test]
fn a_site_that_measures_nothing_says_how_to_turn_it_on_to_those_who_may() {
    let desk = Desk::with_site();
    let (_, path) = link(&desk, &["--reports", "web-vitals"]);
    let server = desk.serve();
    let owner = server.page(REPORT, &server.sign_in("ada"));
    assert!(owner.contains("preferences/tracking#vitals"), "{owner}");
    let guest = server.ask(&get(format!("{path}/reports/web-vitals"))).text();
    assert!(guest.contains("aren't measured yet") && !guest.contains("preferences/tracking"), "{guest}");
    turn_on(&desk);
    assert!(server.page(REPORT, &server.sign_in("ada")).contains("No measurements in this period"));
}

#[test]
fn an_exported_site_brings_its_vitals_and_its_switch_along() {
    let desk = measured();
    told(&desk);
    let path = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&["export", "--site", "1", "--to", &path]);
    let other = Desk::with_people(&[]);
    other.text(&["import", &path, "--as", "new", "--owner", "ada"]);
    assert_eq!(stored(&other), stored(&desk));
    assert_eq!(other.number("select max(vitals_measured) from sites"), 1);
    let text = std::fs::read_to_string(&path).unwrap();
    let wrong = desk.path().join("wrong.jsonl").to_str().unwrap().to_owned();
    std::fs::write(&wrong, text.replacen("\"lcp\":2000", "\"lcp\":99999", 1)).unwrap();
    let third = Desk::with_people(&[]);
    let output = third.run(&["import", &wrong, "--as", "new", "--owner", "ada"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("web vitals are none that there can be"), "{said}");
}
