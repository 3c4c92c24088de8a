//! What hits become: visits, visitors, sources, and what is kept for later.

use super::harness::{BROWSER, Desk, beacon, fields, view};
use super::http::{form, get};

#[test]
fn hits_of_one_visitor_are_one_visit_and_others_are_others() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/a")));
    server.hit("81.2.69.1", &fields(&view("/b")));
    server.hit("81.2.69.2", &fields(&view("/a")));
    server.ask(
        &beacon("81.2.69.1", &fields(&view("/a")))
            .header("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/133.0"),
    );
    assert_eq!(desk.number("select count(*) from visits"), 3);
    assert_eq!(desk.number("select max(actions) from visits"), 2);
    assert_eq!(desk.number("select count(distinct visitor_id) from visits"), 3);
}

#[test]
fn a_visit_ends_after_thirty_minutes_without_an_action_and_the_next_is_not_new() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/a")));
    server.kill();
    // The visit began 31 minutes earlier than it did.
    let connection = desk.open();
    let earlier = 31 * 60 * 1_000 * (1_i64 << 20);
    connection
        .execute_batch(&format!(
            "update visits set id = id - {earlier}; update actions set visit_id = visit_id - {earlier}"
        ))
        .unwrap();
    drop(connection);
    let before_midnight = desk.number("select count(distinct day) from salts");
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/b")));
    assert_eq!(desk.number("select count(*) from visits"), 2);
    if desk.number("select count(distinct day) from salts") == before_midnight {
        assert_eq!(desk.number("select sum(flags & 1) from visits"), 1, "the second visit counts as new");
    }
}

#[test]
fn addresses_are_stored_shortened() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.77", &fields(&view("/")));
    server.hit("2a00:1450:4001:800::200e", &fields(&view("/")));
    assert_eq!(
        desk.texts("select hex(address) from visits order by id"),
        ["51024500", "2A001450400100000000000000000000"]
    );
}

#[test]
fn a_visit_knows_its_source_agent_and_place() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = [
        ("type", "pageview"),
        ("href", "https://bakery.example/?utm_campaign=Easter&utm_source=news&id=1#top"),
        ("ref", "https://www.google.de/search?q=rye"),
        ("lang", "de-DE"),
        ("res", "1920x1080"),
    ];
    server.hit("193.0.6.139", &page);
    let label = |column: &str| {
        desk.texts(&format!(
            "select text from visits
             join sources on sources.id = source
             join machines on machines.id = machine
             join places on places.id = place
             join labels on labels.id = {column}"
        ))
        .pop()
    };
    for (column, text) in [
        ("landing", "https://bakery.example/?id=1"),
        ("campaign", "Easter"),
        ("campaign_source", "news"),
        ("browser", "Chrome 131"),
        ("system", "Linux"),
        ("country", "NL"),
        ("language", "de-de"),
        ("screen", "1920x1080"),
    ] {
        assert_eq!(label(column).as_deref(), Some(text), "{column}");
    }
}

#[test]
fn without_permission_no_cookie_is_kept_and_with_it_a_visitor_is_known_again() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = view("/");
    let hit = [&fields(&page)[..], &[("jsuid", "1234567890123")]].concat();
    assert_eq!(server.hit("81.2.69.1", &hit).text(), r#"{"keep":false}"#);
    desk.open().execute_batch("update sites set cookies_allowed = 1").unwrap();
    let kept = server.hit("81.2.69.2", &hit);
    assert_eq!((kept.status, kept.text().as_str()), (200, r#"{"keep":true}"#));
    let offered_again = [&fields(&page)[..], &[("jsuid", "9876543210987")]].concat();
    assert_eq!(
        server.hit("81.2.69.2", &offered_again).status,
        200,
        "a number that is not kept splits the visit"
    );
    for address in ["81.2.69.2", "81.2.69.3"] {
        let known = server.hit(address, &[&hit[..], &[("ck", "1")]].concat());
        assert_eq!(known.text(), r#"{"keep":true}"#, "a page that may keep custom data is not told so");
    }
    assert_eq!(desk.number("select count(*) from visits where visitor_id = 1234567890123"), 1);
    for signal in ["Sec-GPC", "DNT"] {
        let opted_out = beacon("81.2.69.4", &hit).header(signal, "1");
        assert_eq!(server.ask(&opted_out).text(), r#"{"keep":false}"#, "{signal}");
        let left_out = beacon("81.2.69.4", &[&hit[..], &[("webdriver", "1")]].concat()).header(signal, "1");
        assert_eq!(server.ask(&left_out).text(), r#"{"keep":false}"#, "{signal}, of a robot");
    }
    assert_eq!(server.hit("81.2.69.5", &[&hit[..], &[("webdriver", "1")]].concat()).status, 204);
    assert_eq!(server.hit("81.2.69.5", &fields(&page)).status, 204, "no number, no answer about it");
    assert_eq!(desk.number("select actions from visits where visitor_id = 1234567890123"), 4);
}

#[test]
fn consent_given_during_a_visit_does_not_split_it() {
    let desk = Desk::with_site();
    desk.open().execute_batch("update sites set consent_needed = 1").unwrap();
    let server = desk.serve();
    let page = view("/");
    let hit = [&fields(&page)[..], &[("jsuid", "77")]].concat();
    assert_eq!(server.hit("81.2.69.1", &hit).text(), r#"{"keep":false}"#);
    assert_eq!(server.hit("81.2.69.1", &[&hit[..], &[("consent", "1")]].concat()).text(), r#"{"keep":true}"#);
    let known = [&hit[..], &[("consent", "1"), ("ck", "1")]].concat();
    assert_eq!(server.hit("81.2.69.1", &known).text(), r#"{"keep":true}"#);
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select visitor_id from visits"), 77);
}

#[test]
fn what_belongs_to_goals_tests_heatmaps_and_media_is_kept() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = view("/shop");
    server.hit(
        "81.2.69.1",
        &[
            &fields(&page)[..],
            &[
                ("goal[name]", "Order"),
                ("goal[revenue]", "9.9"),
                ("split[name]", "Button"),
                ("split[version]", "red"),
                ("custom[username]", "bob"),
            ],
        ]
        .concat(),
    );
    server.hit(
        "81.2.69.1",
        &[("type", "heatmap"), ("heatmap[]", "/shop|10|20|1200"), ("heatmap[]", "/shop|11|21|1200")],
    );
    server.hit(
        "81.2.69.1",
        &[
            ("type", "video"),
            ("href", "/film.mp4"),
            ("title", "Film"),
            ("video[action]", "play"),
            ("video[time]", "12.7"),
        ],
    );
    server.hit("81.2.69.1", &[("type", "ping")]);
    for (table, count) in [
        ("conversions", 1),
        ("splits", 1),
        ("custom", 1),
        ("heatmap_clicks", 2),
        ("media", 1),
        ("actions", 2),
    ] {
        assert_eq!(desk.number(&format!("select count(*) from {table}")), count, "{table}");
    }
    assert_eq!(desk.number("select actions from visits"), 1, "media do not count as actions");
    let cookie = server.sign_in("ada");
    let visit = desk.number("select id from visits");
    let shown = server.page(&format!("/sites/1/visits/{visit}"), &cookie);
    assert!(shown.contains("play at 0:12") && shown.contains("bob"));
}

#[test]
fn a_full_visit_goes_on_as_another_visit_of_the_same_visitor_that_is_neither_unique_nor_new() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut wire = server.wire();
    let bytes = beacon("81.2.69.1", &fields(&view("/"))).header("User-Agent", BROWSER).bytes(server.address);
    for _ in 0..1_200 {
        wire.send(&bytes).unwrap();
        assert_eq!(wire.answer().unwrap().header("x-clickstead-reason"), "");
    }
    assert_eq!(desk.texts("select cast(actions as text) from visits order by id"), ["1000", "200"]);
    assert_eq!(desk.number("select count(distinct visitor_id) from visits"), 1);
    assert_eq!(desk.texts("select cast(flags & 1 as text) from visits order by id"), ["1", "0"]);
    let shown = server.page("/sites/1?date=today", &server.sign_in("ada"));
    for (tally, value) in [("visitors", 2), ("visitors-unique", 1), ("actions", 1_200)] {
        let told = format!(
            "data-tally=\"{tally}\">{}",
            if value == 1_200 { "1,200".into() } else { value.to_string() }
        );
        assert!(shown.contains(&told), "{told}: {shown}");
    }
}

#[test]
fn a_program_that_names_a_full_visit_fills_the_next_one_of_the_same_visitor() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let visit = desk.number("select id from visits");
    desk.open().execute("update actions set number = 999", []).unwrap();
    drop(server);
    let server = desk.serve();
    let key = &desk.texts("select site_key_admin from sites")[0];
    let named = visit.to_string();
    for path in ["/a", "/b", "/c"] {
        let sent = [("site_id", "1"), ("sitekey_admin", key), ("session_id", &named), ("href", path)];
        assert_eq!(server.ask(&get(format!("/in.php?{}", form(&sent)))).text(), "OK", "{path}");
    }
    assert_eq!(desk.texts("select cast(actions as text) from visits order by id"), ["2", "2"]);
    let same = "select count(distinct visitor_id || hex(address) || machine || place) from visits";
    assert_eq!(desk.number(same), 1);
    assert_eq!(desk.number("select sum(flags & 1) from visits"), 1);
}

/// Moves everything that was stored into the past, as if the server had slept.
fn let_pass(desk: &Desk, minutes: i64) {
    let by = (minutes * 60_000) << 20;
    let moved = format!(
        "update visits set id = id - {by};
         update actions set visit_id = visit_id - {by};
         update custom set visit_id = visit_id - {by};
         update conversions set visit_id = visit_id - {by};"
    );
    desk.open().execute_batch(&moved).unwrap();
}

#[test]
fn an_order_or_custom_data_after_a_visits_end_joins_it_and_does_not_make_it_longer() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/shop")));
    drop(server);
    let_pass(&desk, 45);
    let server = desk.serve();
    for sent in [
        &[("type", "goal"), ("goal[name]", "Order"), ("goal[revenue]", "19.90")][..],
        &[("type", "custom"), ("custom[plan]", "gold")],
    ] {
        assert_eq!(server.hit("81.2.69.1", sent).header("x-clickstead-reason"), "");
    }
    assert_eq!(server.hit("81.2.69.1", &[("type", "ping")]).header("x-clickstead-reason"), "visit-over");
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select stay from visits"), 0);
    let joined = "select count(*) from conversions join custom using (site_id, visit_id)
                  join visits on visits.id = visit_id";
    assert_eq!(desk.number(joined), 1);
    // Nobody else's order joins it, nor one that comes after the longest visit.
    let order = [("type", "goal"), ("goal[name]", "Order")];
    assert_eq!(server.hit("81.2.70.1", &order).header("x-clickstead-reason"), "visit-over");
    drop(server);
    let_pass(&desk, 12 * 60);
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.1", &order).header("x-clickstead-reason"), "visit-over");
    assert_eq!(desk.number("select count(*) from conversions"), 1);
}

#[test]
fn an_order_that_a_program_sends_for_an_address_joins_nobodys_ended_visit() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &[&fields(&view("/"))[..], &[("custom[email]", "ada@a.example")]].concat());
    drop(server);
    let_pass(&desk, 45);
    let server = desk.serve();
    let key = &desk.texts("select site_key_admin from sites")[0];
    let sent = [
        ("site_id", "1"),
        ("sitekey_admin", key),
        ("ip_address", "81.2.69.1"),
        ("type", "goal"),
        ("goal[name]", "Order"),
        ("custom[email]", "bob@b.example"),
    ];
    assert_eq!(server.ask(&get(format!("/in.php?{}", form(&sent)))).text(), "OK");
    assert_eq!(desk.number("select count(*) from visits"), 2);
    assert_eq!(desk.number("select count(distinct visit_id) from custom"), 2);
}

#[test]
fn an_order_finds_the_visit_that_began_before_the_browser_kept_its_number() {
    let desk = Desk::with_site();
    desk.open().execute("update sites set cookies_allowed = 1", []).unwrap();
    let server = desk.serve();
    server.hit("81.2.69.1", &[&fields(&view("/"))[..], &[("jsuid", "77")]].concat());
    drop(server);
    let_pass(&desk, 45);
    let server = desk.serve();
    let order = [("type", "goal"), ("goal[name]", "Order"), ("jsuid", "77"), ("ck", "1")];
    assert_eq!(server.hit("81.2.69.1", &order).header("x-clickstead-reason"), "");
    assert_eq!(desk.number("select count(*) from visits join conversions on visit_id = id"), 1);
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn an_order_opens_a_visit_where_the_page_logs_no_page_views_and_where_a_program_sends_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let key = &desk.texts("select site_key_admin from sites")[0];
    let order = [("type", "goal"), ("goal[name]", "Order"), ("pv", "0")];
    assert_eq!(server.hit("81.2.69.1", &order).header("x-clickstead-reason"), "");
    let custom = [("type", "custom"), ("custom[plan]", "gold"), ("pv", "0")];
    assert_eq!(server.hit("81.2.70.1", &custom).header("x-clickstead-reason"), "");
    let sent = [
        ("site_id", "1"),
        ("sitekey_admin", key),
        ("ip_address", "81.2.71.1"),
        ("type", "goal"),
        ("goal[name]", "Order"),
    ];
    assert_eq!(server.ask(&get(format!("/in.php?{}", form(&sent)))).text(), "OK");
    assert_eq!(desk.number("select count(*) from visits where actions = 0 and page_views = 0"), 3);
}

#[test]
fn how_a_visit_came_is_told_by_its_first_page_view() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let medium =
        "select cast(channel as text) from visits join sources on sources.id = source order by visits.id";
    server.hit("81.2.69.1", &[("type", "click"), ("href", "/"), ("title", "Open the menu")]);
    assert_eq!(desk.texts(medium), ["0"]);
    let first = view("/?utm_campaign=Spring&utm_medium=email");
    server.hit("81.2.69.1", &[&fields(&first)[..], &[("ref", "https://www.google.com/")]].concat());
    assert_eq!(desk.texts(medium), ["4"]);
    // Spam does not get in by the back door, and a page of the site says nothing of a visit that is known to come from elsewhere.
    server.hit("81.2.70.1", &[("type", "click"), ("href", "/"), ("title", "Open the menu")]);
    server.hit("81.2.70.1", &[&fields(&view("/"))[..], &[("ref", "https://semalt.com/x")]].concat());
    assert_eq!(desk.number("select count(*) from labels where text like '%semalt%'"), 0);
    // Later ones say nothing of it.
    server.hit("81.2.69.1", &[&fields(&view("/b"))[..], &[("ref", "https://www.facebook.com/")]].concat());
    assert_eq!(desk.texts(medium), ["4", "0"]);
    let shown = server.page("/sites/1/reports/campaigns?date=today", &server.sign_in("ada"));
    assert!(shown.contains("Spring"), "{shown}");
}

#[test]
fn the_operators_own_file_of_places_is_used_and_a_broken_one_is_refused() {
    let desk = Desk::with_site();
    let file = desk.path().join("places.mmdb");
    std::fs::copy(env!("CLICKSTEAD_BUILD_MMDB"), &file).unwrap();
    let server = desk.serve_with(&["--geoip", file.to_str().unwrap()]);
    server.hit("193.0.6.139", &fields(&view("/")));
    assert_eq!(
        desk.texts(
            "select text from visits join places on places.id = place join labels on labels.id = country"
        ),
        ["NL"]
    );
    drop(server);
    std::fs::write(&file, "no database").unwrap();
    assert!(desk.complaint(&["serve", "--geoip", file.to_str().unwrap()]).contains("--geoip"));
}

#[test]
fn a_program_that_adds_to_an_earlier_visit_leaves_the_open_one_alone() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/a")));
    let began = desk.number("select id from visits");
    let earlier = began - 31 * 60 * 1_000 * (1_i64 << 20);
    desk.open()
        .execute_batch(&format!("update visits set id = {earlier}; update actions set visit_id = {earlier}"))
        .unwrap();
    server.hit("81.2.69.1", &fields(&view("/b")));
    let key = desk.texts("select site_key_admin from sites").remove(0);
    let visit = earlier.to_string();
    let late =
        [("sitekey_admin", key.as_str()), ("session_id", &visit), ("type", "pageview"), ("href", "/late")];
    assert_eq!(server.hit("10.0.0.1", &late).text(), "OK");
    server.hit("81.2.69.1", &fields(&view("/c")));
    assert_eq!(desk.number("select count(*) from visits"), 2);
    assert_eq!(
        desk.number("select group_concat(actions) = '2,2' from (select actions from visits order by id)"),
        1
    );
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn after_a_clock_that_was_far_ahead_visits_begin_when_they_do_again() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let ahead = desk.number("select id + (3600000 << 20) from visits");
    desk.open()
        .execute_batch(&format!("update visits set id = {ahead}; update actions set visit_id = {ahead}"))
        .unwrap();
    for address in ["81.2.69.2", "81.2.69.3"] {
        assert_eq!(server.hit(address, &fields(&view("/"))).status, 204);
    }
    assert_eq!(desk.number("select count(*) from visits"), 3);
    let now = desk.number("select unixepoch() * 1000");
    assert_eq!(desk.number(&format!("select count(*) from visits where id >> 20 <= {now} + 5000")), 2);
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn the_secret_of_a_day_that_is_over_is_deleted_and_todays_stays() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    server.kill();
    desk.open()
        .execute_batch("insert into salts (site_id, day, salt) values (1, 20000, zeroblob(32)); update jobs set ran_at = 0")
        .unwrap();
    let _server = desk.serve();
    desk.wait_for("not exists (select 1 from salts where day = 20000)");
    assert_eq!(desk.number("select count(*) from salts"), 1);
}
