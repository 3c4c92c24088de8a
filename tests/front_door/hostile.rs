//! Bad input of every kind: nothing of it breaks the server, a row or a screen.

use super::harness::{BROWSER, Desk, Server, beacon};
use super::http::{Wire, get};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Sends bytes and reads whatever comes; the server must still be there afterwards.
fn throw(server: &Server<'_>, bytes: &[u8]) {
    let mut wire = Wire::open(server.address).unwrap();
    // The server may refuse and close while we are still sending.
    if wire.send(bytes).is_ok()
        && let Ok(answer) = wire.head()
    {
        assert_ne!(answer.status, 500, "{:?}", String::from_utf8_lossy(bytes));
    }
}

fn assert_file_is_sane(desk: &Desk) {
    let controls = "text glob '*[' || char(1) || '-' || char(31) || ']*'";
    assert_eq!(desk.number(&format!("select count(*) from labels where {controls}")), 0);
    let pages = desk.texts("select distinct text from labels join actions on actions.page = labels.id");
    for page in pages {
        assert!(
            ["http://", "https://", "ftp:", "mailto:", "tel:", "telnet:"]
                .iter()
                .any(|start| page.starts_with(start)),
            "{page}"
        );
        assert!(page.len() <= 2_048);
    }
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn arbitrary_bytes_at_the_beacon_headers_included_break_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let line = proptest::collection::vec(any::<u8>(), 0..80);
    let body = proptest::collection::vec(any::<u8>(), 0..400);
    let words = proptest::collection::vec(
        prop_oneof![
            Just("site_id=1".to_owned()),
            Just("href=".to_owned()),
            Just("type=goal".to_owned()),
            Just("custom[".to_owned()),
            Just("goal[revenue]=1e999".to_owned()),
            Just("heatmap[]=|||".to_owned()),
            Just("jsuid=-1".to_owned()),
            "[a-z_]{1,8}(\\[\\PC{0,4}\\])?=\\PC{0,40}",
            "%[0-9A-Fa-f]{0,2}=%[0-9A-Fa-f]{0,2}",
        ],
        0..12,
    );
    runner
        .run(&(line.clone(), line, body, words, any::<bool>()), |(name, value, body, words, is_form)| {
            let query = words.join("&");
            let sent = if is_form { query.clone().into_bytes() } else { body };
            let mut bytes = b"POST /in.php?site_id=1&".to_vec();
            bytes.extend(if is_form {
                b"x=1".to_vec()
            } else {
                query.bytes().filter(u8::is_ascii_graphic).collect()
            });
            bytes.extend(format!(" HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\n").bytes());
            bytes.extend(&name);
            bytes.extend(b": ");
            bytes.extend(&value);
            bytes.extend(format!("\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", sent.len()).bytes());
            bytes.extend(&sent);
            throw(&server, &bytes);
            Ok(())
        })
        .unwrap();
    assert_eq!(server.ask(&get("/healthz")).status, 200);
    assert_file_is_sane(&desk);
}

#[test]
fn every_parameter_may_be_missing_doubled_huge_or_not_utf8() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let names = [
        "site_id",
        "type",
        "href",
        "title",
        "ref",
        "utm",
        "custom[k]",
        "goal[id]",
        "goal[name]",
        "goal[revenue]",
        "split[name]",
        "split[version]",
        "split[goal]",
        "res",
        "lang",
        "tz",
        "tc",
        "ck",
        "jsuid",
        "consent",
        "mime",
        "x",
        "video[action]",
        "video[time]",
        "heatmap[]",
        "sitekey_admin",
        "session_id",
        "ip_address",
        "ua",
    ];
    let huge = "a".repeat(50_000);
    for name in names {
        for value in
            ["", "%FF%FE", "%00", "%0d%0aX-Evil:1", "<script>alert(1)</script>", "' or 1=1 --", huge.as_str()]
        {
            for kind in
                ["pageview", "click", "download", "outbound", "goal", "video", "heatmap", "ping", "custom"]
            {
                let body = format!("site_id=1&type={kind}&href=/x&{name}={value}&{name}={value}");
                let mut wire = server.wire();
                let head = format!(
                    "POST /in.php HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                wire.send(head.as_bytes()).unwrap();
                wire.send(body.as_bytes()).unwrap();
                let answer = wire.answer().unwrap();
                assert!(answer.status < 500, "{name}={value:.20}: {}", answer.status);
                assert_eq!(answer.header("x-evil"), "");
            }
        }
    }
    assert_file_is_sane(&desk);
}

#[test]
fn markup_from_a_visitor_is_shown_as_text() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'";
    let hit = beacon(
        "81.2.69.1",
        &[
            ("type", "pageview"),
            ("href", &format!("https://bakery.example/{evil}")),
            ("title", evil),
            ("ref", &format!("https://evil.example/{evil}")),
            ("custom[username]", evil),
            ("custom[<b>]", evil),
            ("lang", evil),
            ("res", evil),
        ],
    );
    assert_eq!(server.ask(&hit).status, 204);
    server.hit("81.2.69.1", &[("type", "outbound"), ("href", "javascript:alert(1)"), ("title", evil)]);
    let cookie = server.sign_in("ada");
    let visit = desk.number("select id from visits");
    let visitor = desk.number("select visitor_id from visits");
    for path in [
        "/sites/1/visitors".to_owned(),
        "/sites/1/spy".to_owned(),
        format!("/sites/1/visits/{visit}"),
        format!("/sites/1/visitors/{visitor}"),
    ] {
        let page = server.page(&path, &cookie);
        assert!(page.contains("&lt;script&gt;"), "{path} does not show it at all");
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{path}");
        assert!(!page.contains("javascript:"), "{path}");
    }
}

#[test]
fn a_body_that_is_too_large_is_refused_with_its_reason_and_counted() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let answer = server.hit("81.2.69.1", &[("type", "pageview"), ("title", &"x".repeat(70_000))]);
    assert_eq!((answer.status, answer.header("x-clickstead-reason")), (413, "too-large"));
    assert!(server.stop().success());
    assert_eq!(desk.number("select count from filtered where reason = 'too-large'"), 1);
}
