//! Clicks and the reading of pages through the front door: what the server takes of a browser's beacons, for which pages and
//! visits, where the settings are, and what an export carries.

use super::harness::{Desk, Server, fields, view};
use super::http::{get, post};
use serde_json::json;

const PAGE: &str = "https://bakery.example/shop";
const SETTINGS: &str = "/sites/1/preferences/heatmaps";
const CLICK: &str = "10|20|1400|5000|2500|1|main > a|Order bread";

/// Chooses pages as a person does.
fn choose(desk: &Desk, pages: &str) {
    desk.text(&["site", "heatmaps", "1", "--page", pages]);
}

/// Sends a click on a page; the reason for which it was not taken, empty if it was.
fn click_on(server: &Server<'_>, page: &str, click: &str) -> String {
    let sent = [("type", "heatmap"), ("href", page), ("click[]", click)];
    server.hit("81.2.69.1", &sent).header("x-clickstead-reason").to_owned()
}

fn clicks(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select pages.text || ' ' || x || ' ' || y || ' ' || width || ' ' || elements.text || ' ' || ifnull(texts.text, '-')
           || ' ' || element_x || ' ' || element_y || ' ' || is_rage || ' ' || is_dead
         from heatmap_clicks
         join labels as pages on pages.id = page
         join labels as elements on elements.id = element
         left join labels as texts on texts.id = heatmap_clicks.text
         order by number",
    )
}

fn reads(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select text || ' ' || seconds || ' ' || ifnull(depth, '-') from page_reads join labels on labels.id = page order by 1",
    )
}

#[test]
fn clicks_on_elements_are_kept_for_the_chosen_pages_alone_and_clickys_for_all() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/shop"))).status, 204);
    assert_eq!(click_on(&server, PAGE, CLICK), "heatmap-off");
    choose(&desk, "/shop*");
    assert_eq!(click_on(&server, PAGE, CLICK), "");
    assert_eq!(click_on(&server, PAGE, "1|2|390|0|0|2|#x >>> img|"), "");
    assert_eq!(click_on(&server, "https://bakery.example/about", CLICK), "heatmap-off");
    let clickys = [("type", "heatmap"), ("heatmap[]", "/about|10|20|1200")];
    assert_eq!(server.hit("81.2.69.1", &clickys).header("x-clickstead-reason"), "");
    assert_eq!(
        clicks(&desk),
        [
            "https://bakery.example/shop 10 20 1400 main > a Order bread 5000 2500 1 0",
            "https://bakery.example/shop 1 2 390 #x >>> img - 0 0 0 1",
        ]
    );
    assert_eq!(desk.number("select count(*) from heatmap_clicks"), 3);
}

#[test]
fn a_page_view_names_the_part_where_the_page_is_chosen_and_nothing_forbids_it() {
    let desk = Desk::with_site();
    choose(&desk, "/shop*");
    let server = desk.serve();
    let part = json!({"parts": ["/heatmap.js"]});
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/shop"))).json(), part);
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/about"))).status, 204);
    desk.open().execute("update sites set vitals_measured = 1", []).unwrap();
    desk.text(&["site", "heatmaps", "1", "--days", "30"]);
    let both = json!({"parts": ["/vitals.js", "/heatmap.js"]});
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/shop"))).json(), both);
    desk.text(&["site", "vitals", "1", "--off"]);
    let ada = server.sign_in("ada");
    let tracking = |identity: &str| {
        let form = [("identity", identity), ("hits_per_minute", "3000"), ("signals", "on")];
        assert_eq!(server.ask(&post("/sites/1/preferences/tracking", &form).cookie(&ada)).status, 303);
    };
    tracking("consent");
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/shop"))).status, 204);
    assert_eq!(click_on(&server, PAGE, CLICK), "heatmap-off");
    let clickys = [("type", "heatmap"), ("heatmap[]", "/about|10|20|1200")];
    assert_eq!(server.hit("81.2.69.1", &clickys).header("x-clickstead-reason"), "heatmap-off");
    let consent = [("type", "custom"), ("href", PAGE), ("consent", "1")];
    assert_eq!(server.hit("81.2.69.1", &consent[..2]).header("content-type"), "", "nothing is to be loaded");
    assert_eq!(server.hit("81.2.69.1", &consent).json()["parts"], part["parts"]);
    let agreed = [("type", "heatmap"), ("href", PAGE), ("click[]", CLICK), ("consent", "1")];
    assert_eq!(server.hit("81.2.69.1", &agreed).header("x-clickstead-reason"), "");
    tracking("none");
    let opted_out = super::harness::beacon("81.2.69.1", &fields(&view("/shop"))).header("Sec-GPC", "1");
    assert_eq!(server.ask(&opted_out).status, 204);
    let opted_out = super::harness::beacon("81.2.69.1", &clickys).header("Sec-GPC", "1");
    assert_eq!(server.ask(&opted_out).header("x-clickstead-reason"), "heatmap-off");
    assert_eq!(desk.number("select count(*) from heatmap_clicks"), 1);
}

#[test]
fn a_visit_is_in_the_sample_as_a_whole_or_not_at_all() {
    let desk = Desk::with_site();
    desk.text(&["site", "heatmaps", "1", "--page", "/*", "--sample", "50"]);
    let server = desk.serve();
    let mut recorded = 0;
    for number in 1..=60 {
        let address = format!("81.2.69.{number}");
        let send = |hit: &[(&str, &str)]| server.hit(&address, hit);
        let is_in = send(&fields(&view("/shop"))).status == 200;
        assert_eq!(send(&fields(&view("/about"))).status == 200, is_in, "{address}");
        let click = [("type", "heatmap"), ("href", PAGE), ("click[]", CLICK)];
        assert_eq!(send(&click).header("x-clickstead-reason").is_empty(), is_in, "{address}");
        recorded += i64::from(is_in);
    }
    assert!((10..=50).contains(&recorded), "{recorded}");
    assert_eq!(desk.number("select count(distinct visit_id) from heatmap_clicks"), recorded);
}

#[test]
fn time_adds_up_on_every_page_and_the_depth_grows_where_it_is_recorded() {
    let desk = Desk::with_site();
    choose(&desk, "/shop");
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/shop")));
    let ping = |page: &str, seconds: &str, depth: &str| {
        let sent = [("type", "ping"), ("on", page), ("seen", seconds), ("depth", depth)];
        assert_eq!(server.hit("81.2.69.1", &sent).header("x-clickstead-reason"), "");
    };
    ping(PAGE, "10", "400");
    ping(PAGE, "5", "200");
    let next = [("href", "https://bakery.example/about"), ("on", PAGE), ("seen", "2"), ("depth", "900")];
    server.hit("81.2.69.1", &next);
    ping("https://bakery.example/about?utm_source=x", "7", "500");
    ping(PAGE, "-1", "1001");
    ping(PAGE, "9999", "x");
    ping("", "10", "10");
    assert_eq!(
        reads(&desk),
        ["https://bakery.example/about 7 -", "https://bakery.example/shop 3617 900"],
        "an hour counts of one hit at most"
    );
}

#[test]
fn settings_are_chosen_on_their_screen_and_by_command_and_stand_in_the_audit_log() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let save = |pages: &str, sample: &str, days: &str| {
        let form = [("pages", pages), ("sample", sample), ("days", days)];
        server.ask(&post(SETTINGS, &form).cookie(&ada))
    };
    assert!(server.page(SETTINGS, &ada).contains("data-private"));
    assert_eq!(save("/shop/*\n/", "25", "90").status, 303);
    let page = server.page(SETTINGS, &ada);
    assert!(page.contains("/shop/*\n/</textarea>") && page.contains("value=\"25\""), "{page}");
    let wrong = save("nothing", "101", "0");
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    for sentence in
        ["“nothing” can't be used", "Enter a number from 1 to 100.", "Enter a number from 1 to 3650."]
    {
        assert!(wrong.text().contains(sentence), "{sentence}: {}", wrong.text());
    }
    let said = desk.json(&["site", "heatmaps", "1", "--json"]);
    assert_eq!(said, json!({"site_id": 1, "pages": ["/shop/*", "/"], "sample": 25, "days": 90}));
    assert!(desk.complaint(&["site", "heatmaps", "1", "--sample", "0"]).contains("from 1 to 100"));
    assert!(desk.text(&["site", "heatmaps", "1", "--off"]).contains("doesn't record"));
    assert!(server.page("/sites/1/preferences/audit", &ada).contains("Changed what heatmaps record"));
    assert_eq!(desk.number("select count(*) from audit where act = 'heatmaps-changed'"), 2);
    assert_eq!(server.ask(&get(SETTINGS)).status, 303);
}

#[test]
fn an_exported_site_carries_clicks_readings_and_settings() {
    let old = Desk::with_site();
    old.text(&["site", "heatmaps", "1", "--page", "/shop*", "--sample", "100", "--days", "90"]);
    let path = old.path().join("site.jsonl").to_str().unwrap().to_owned();
    {
        let server = old.serve();
        server.hit("81.2.69.1", &fields(&view("/shop")));
        assert_eq!(click_on(&server, PAGE, CLICK), "");
        server.hit("81.2.69.1", &[("type", "ping"), ("on", PAGE), ("seen", "12"), ("depth", "700")]);
    }
    old.text(&["export", "--site", "1", "--to", &path]);
    let new = Desk::with_people(&[]);
    new.text(&["site", "remove", "1", "--yes"]);
    new.text(&["import", &path]);
    assert_eq!((clicks(&new), reads(&new)), (clicks(&old), reads(&old)));
    assert_eq!(clicks(&new).len(), 1);
    let settings = "select heatmap_pages || ' ' || heatmap_sample || ' ' || heatmap_days from sites";
    assert_eq!(new.texts(settings), ["/shop* 100 90"]);
}
