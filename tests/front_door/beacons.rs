//! The tracker's file, beacons in all their forms, the pixel, and logging from a site's own server.

use super::harness::{BROWSER, Desk, SOON, beacon, fields, view};
use super::http::{form, get, post};
use std::fs;
use std::io::Read;

#[test]
fn the_tracker_is_small_cacheable_and_the_same_for_every_site() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let packed = server.ask(&get("/js").header("Accept-Encoding", "gzip"));
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() <= 4_096, "{} bytes", packed.body.len());
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut text).unwrap();
    let plain = server.ask(&get("/js"));
    assert_eq!(plain.text(), text);
    assert_eq!(plain.header("cache-control"), "public, max-age=3600");
    assert_eq!(plain.header("access-control-allow-origin"), "*");
    assert_eq!(server.ask(&get("/1.js")).text(), text);
    assert_eq!(server.ask(&get("/js").header("If-None-Match", plain.header("etag"))).status, 304);
}

#[test]
fn behind_a_sites_own_proxy_the_tracker_is_told_its_path_and_nothing_else() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert!(server.ask(&get("/js?in=%2Fmy%2Fpath")).text().ends_with("})(\"/my/path\")"));
    let plain = server.ask(&get("/js")).text();
    for wrong in ["/js?in=%22);alert(1)//", "/js?in=//evil.example/x", "/js?in=relative"] {
        assert_eq!(server.ask(&get(wrong)).text(), plain, "{wrong}");
    }
}

#[test]
fn a_beacon_is_answered_in_the_form_its_sender_can_use() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ask = |query: &str, accept: &str| {
        let request = get(format!("/in.php?site_id=1&type=pageview&href=%2Fx{query}"));
        server.ask(&request.header("User-Agent", BROWSER).header("Accept", accept))
    };
    let script = ask("&mime=js", "*/*");
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
    let picture = ask("", "image/avif,image/webp,*/*");
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/gif"));
    assert!(picture.body.starts_with(b"GIF89a"));
    assert_eq!(ask("&mime=json", "*/*").status, 204);
    let plain = ask("", "*/*");
    assert_eq!((plain.status, plain.header("cache-control")), (204, "no-store"));
    assert_eq!(plain.header("access-control-expose-headers"), "Retry-After, X-Clickstead-Reason");
    assert_eq!(desk.number("select actions from visits"), 4);
}

#[test]
fn the_pixel_logs_its_referrer() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let pixel =
        get("/1ns.gif").header("User-Agent", BROWSER).header("Referer", "https://bakery.example/no-script");
    let answer = server.ask(&pixel);
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/gif"));
    assert_eq!(
        desk.texts("select text from labels join actions on page = labels.id"),
        ["https://bakery.example/no-script"]
    );
    let cookie = server.sign_in("ada");
    let visit = desk.number("select id from visits");
    assert!(server.page(&format!("/sites/1/visits/{visit}"), &cookie).contains("seen by the pixel"));
}

#[test]
fn an_unknown_site_is_refused_with_its_reason_and_counted() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for path in ["/in.php?site_id=99&href=/", "/in.php?href=/", "/in.php?site_id=abc", "/in.php", "/99ns.gif"]
    {
        let answer = server.ask(&get(path).header("User-Agent", BROWSER));
        assert_eq!((answer.status, answer.header("x-clickstead-reason")), (404, "unknown-site"), "{path}");
    }
    assert!(server.stop().success());
    assert_eq!(desk.number("select sum(count) from filtered where site_id = 0"), 5);
}

#[test]
fn the_operators_list_of_referrer_spam_is_filtered_with_the_domains_below_it() {
    let desk = Desk::with_site();
    let list = desk.path().join("spammers.txt");
    fs::write(&list, "# from a public list\nTraffic-Offers.example\nпримеры-трафика.рф\n").unwrap();
    let server = desk.serve_with(&["--referrer-spam-file", list.to_str().unwrap()]);
    for (address, referrer, reason) in [
        ("81.2.69.1", "https://www.traffic-offers.example/x", "referrer-spam"),
        ("81.2.69.2", "https://eu.traffic-offers.example/", "referrer-spam"),
        ("81.2.69.3", "https://примеры-трафика.рф/", "referrer-spam"),
        ("81.2.69.4", "http://semalt.com/x", "referrer-spam"),
        ("81.2.69.5", "https://offers.example/", ""),
    ] {
        let page = view("/");
        let hit = beacon(address, &[&fields(&page)[..], &[("ref", referrer)]].concat());
        assert_eq!(server.ask(&hit).header("x-clickstead-reason"), reason, "{referrer}");
    }
    assert_eq!(desk.number("select count(*) from visits"), 1);
    fs::write(&list, "https://traffic-offers.example/\n").unwrap();
    let said = desk.complaint(&["serve", "--referrer-spam-file", list.to_str().unwrap()]);
    assert!(said.contains("line 1 is no host") && said.contains("--referrer-spam-file"), "{said}");
}

#[test]
fn robots_automation_and_referrer_spam_are_counted_and_answered_as_if_they_were_kept() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = view("/");
    let robot =
        beacon("81.2.69.1", &fields(&page)).header("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)");
    let driven = beacon("81.2.69.2", &[&fields(&page)[..], &[("webdriver", "1")]].concat());
    let spam = beacon("81.2.69.3", &[&fields(&page)[..], &[("ref", "http://semalt.com/x")]].concat());
    for (request, reason) in [(robot, "bot"), (driven, "automation"), (spam, "referrer-spam")] {
        let answer = server.ask(&request);
        assert_eq!((answer.status, answer.header("x-clickstead-reason")), (204, reason));
        assert_eq!(desk.number(&format!("select count from filtered where reason = '{reason}'")), 1);
    }
    assert_eq!(desk.number("select count(*) from visits"), 0);
}

#[test]
fn a_flood_from_one_address_is_refused_with_its_reason() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut wire = server.wire();
    let bytes = beacon("81.2.69.1", &[("type", "ping")]).bytes(server.address);
    let reasons: Vec<String> = (0..6_100)
        .map(|_| {
            wire.send(&bytes).unwrap();
            wire.answer().unwrap().header("x-clickstead-reason").to_owned()
        })
        .collect();
    assert_eq!(reasons[0], "visit-over");
    assert!(reasons.iter().any(|reason| reason == "too-many-hits"));
    let other = server.hit("81.2.69.2", &[("type", "pageview"), ("href", "/")]);
    assert_eq!(other.status, 204);
}

/// A hit as a site's own server logs it.
fn logged(desk: &Desk, server: &super::harness::Server<'_>, key: &str, more: &[(&str, &str)]) -> String {
    let pairs: Vec<(&str, &str)> =
        [("site_id", "1"), ("sitekey_admin", key)].iter().chain(more).copied().collect();
    let answer = server.ask(&get(format!("/in.php?{}", form(&pairs))).header("User-Agent", "curl/8"));
    assert_eq!(answer.status, 200, "{}", desk.file().display());
    answer.text()
}

fn admin_key(desk: &Desk) -> String {
    desk.texts("select site_key_admin from sites").remove(0)
}

#[test]
fn a_sites_server_logs_with_its_admin_key_and_is_told_what_is_wrong() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let key = admin_key(&desk);
    let log = |more: &[(&str, &str)]| logged(&desk, &server, &key, more);
    let here = ("ip_address", "81.2.69.160");
    assert_eq!(
        log(&[("type", "pageview"), ("href", "/from-server"), ("title", "T"), ("ua", BROWSER), here]),
        "OK"
    );
    assert_eq!(log(&[("type", "download"), ("href", "file.pdf"), here]), "OK");
    assert_eq!(log(&[("type", "outbound"), ("href", "https://other.example/"), here]), "OK");
    assert_eq!(log(&[("type", "goal"), ("goal[name]", "Order"), ("goal[revenue]", "12.50"), here]), "OK");
    assert_eq!(log(&[("type", "custom"), ("custom[username]", "bob"), here]), "OK");
    assert_eq!(log(&[("type", "pageview"), here]), "href is missing.");
    assert_eq!(log(&[("type", "pageview"), ("href", "/x")]), "session_id or ip_address is missing.");
    assert_eq!(
        log(&[("type", "pageview"), ("href", "/x"), ("session_id", "7")]),
        "Unknown session_id: no visit of the last 12 hours has it."
    );
    assert_eq!(logged(&desk, &server, "wrong", &[("href", "/x"), here]), "Invalid sitekey_admin.");
    assert_eq!(
        desk.texts("select text from labels join actions on page = labels.id order by number"),
        ["https://bakery.example/from-server", "https://bakery.example/file.pdf", "https://other.example/"]
    );
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select count(*) from conversions where revenue = 1250"), 1);
    assert_eq!(desk.number("select count from filtered where reason = 'wrong-key'"), 1);
}

#[test]
fn a_server_side_hit_joins_the_visit_that_the_browser_began() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.160", &fields(&view("/"))).status, 204);
    let key = admin_key(&desk);
    let visit = desk.number("select id from visits").to_string();
    assert_eq!(
        logged(
            &desk,
            &server,
            &key,
            &[("type", "pageview"), ("href", "/by-address"), ("ip_address", "81.2.69.160")]
        ),
        "OK"
    );
    assert_eq!(
        logged(&desk, &server, &key, &[("type", "pageview"), ("href", "/by-id"), ("session_id", &visit)]),
        "OK"
    );
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select actions from visits"), 3);
}

#[test]
fn a_server_side_hit_is_judged_by_its_own_user_agent_alone() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let key = admin_key(&desk);
    let hit = [("type", "pageview"), ("href", "/x"), ("ip_address", "81.2.69.160")];
    let by = |agent| logged(&desk, &server, &key, &[hit[0], hit[1], hit[2], ("ua", agent)]);
    let robot = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)";
    assert_eq!(by(robot), "Left out: the ua is a robot's.");
    assert_eq!(desk.number("select count from filtered where reason = 'bot'"), 1);
    assert_eq!(by(BROWSER), "OK");
    assert_eq!(by(robot), "Left out: the ua is a robot's.", "in an open visit too");
    assert_eq!(by(""), "OK");
    assert_eq!(logged(&desk, &server, &key, &hit), "OK", "the program's own user agent doesn't matter");
    assert_eq!(desk.number("select actions from visits"), 3);
}

#[test]
fn after_the_keys_are_rotated_while_serving_the_very_next_hit_with_the_old_one_is_refused() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let old = admin_key(&desk);
    let hit = [("type", "pageview"), ("href", "/x"), ("ip_address", "81.2.69.160")];
    assert_eq!(logged(&desk, &server, &old, &hit), "OK");
    let rotated = desk.json(&["site", "rotate-key", "1", "--json"]);
    assert_eq!(logged(&desk, &server, &old, &hit), "Invalid sitekey_admin.");
    assert_eq!(logged(&desk, &server, rotated["site_key_admin"].as_str().unwrap(), &hit), "OK");
}

#[test]
fn while_another_process_holds_the_file_hits_are_refused_with_503_and_counted() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let connection = desk.open();
    connection.execute_batch("begin immediate").unwrap();
    let refused = server.hit("81.2.69.1", &fields(&view("/")));
    assert_eq!((refused.status, refused.header("x-clickstead-reason")), (503, "busy"));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    connection.execute_batch("rollback").unwrap();
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    assert!(server.stop().success());
    assert_eq!(desk.number("select count from filtered where reason = 'busy'"), 1);
    assert_eq!(desk.number("select count(*) from actions"), 1);
}

#[test]
fn asking_for_a_beacons_head_or_sending_an_empty_goal_records_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for path in ["/in.php?site_id=1&type=pageview&href=https://bakery.example/", "/1ns.gif"] {
        let mut wire = server.wire();
        let request = format!(
            "HEAD {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\nReferer: https://bakery.example/\r\nConnection: close\r\n\r\n"
        );
        wire.send(request.as_bytes()).unwrap();
        assert_eq!(wire.head().unwrap().status, 405, "{path}");
    }
    let empty = server.hit("81.2.69.1", &[("type", "goal")]);
    assert_eq!(empty.header("x-clickstead-reason"), "no-page");
    assert_eq!(desk.number("select count(*) from visits"), 0);
    let order = [("type", "goal"), ("goal[name]", "Order"), ("pv", "0")];
    assert_eq!(server.hit("81.2.69.1", &order).status, 204);
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn addresses_have_host_names_where_the_operator_asks_for_them() {
    let desk = Desk::with_site();
    let server = desk.serve_with(&["--resolve-hostnames"]);
    let cookie = server.sign_in("ada");
    // From this machine itself, whose own name needs no network.
    let page = [("site_id", "1"), ("type", "pageview"), ("href", "https://bakery.example/")];
    let hit = post("/in.php", &page).without("Sec-Fetch-Site").header("User-Agent", BROWSER);
    assert_eq!(server.ask(&hit).header("x-clickstead-reason"), "");
    let asked_for = std::time::Instant::now();
    let file = loop {
        let file = server.ask(&get("/sites/1/export/hostnames.csv").cookie(&cookie)).text();
        if file.contains("localhost") || asked_for.elapsed() > SOON {
            break file;
        }
    };
    assert!(file.contains("localhost"), "{file}");
    assert!(server.page("/sites/1/visitors?hostname=localhost", &cookie).contains("1 visit"));
}
