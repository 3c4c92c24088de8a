//! Bad input of every kind: nothing of it breaks the server, a row or a screen.

use super::harness::{BROWSER, Desk, Server, beacon};
use super::http::{Wire, get};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Sends bytes and reads whatever comes; the server must still be there afterwards. Says with which status it answered.
fn throw(server: &Server<'_>, bytes: &[u8]) -> Option<u16> {
    let mut wire = Wire::open(server.address).unwrap();
    // The server may refuse and close while we are still sending.
    wire.send(bytes).ok()?;
    let answer = wire.head().ok()?;
    assert!(answer.status < 500, "{}: {:?}", answer.status, String::from_utf8_lossy(bytes));
    Some(answer.status)
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

/// One line of a request's head: mostly a header that beacons are read by, with any text that HTTP allows; sometimes
/// bytes that are no header at all.
fn header_line() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::select(vec![
        "Accept-Language",
        "Cookie",
        "DNT",
        "Origin",
        "Referer",
        "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform",
        "Sec-Fetch-Site",
        "Sec-GPC",
        "User-Agent",
        "X-Forwarded-For",
    ]);
    let allowed = prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff];
    let value = prop_oneof![
        prop::collection::vec(allowed, 0..60),
        "(https?://)?[a-z0-9./:,; _-]{0,60}".prop_map(String::into_bytes),
    ];
    let legal = (names, value).prop_map(|(name, value)| [name.as_bytes(), b": ", &value].concat());
    prop_oneof![12 => legal, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

/// One parameter of a beacon, well formed or not.
fn parameter() -> impl Strategy<Value = String> {
    // Of goals and heatmaps nothing is counted below.
    prop_oneof![
        2 => Just("site_id=1".to_owned()),
        2 => Just("href=https://bakery.example/%FF%00".to_owned()),
        1 => Just("type=goal".to_owned()),
        1 => Just("type=heatmap".to_owned()),
        2 => Just("custom[".to_owned()),
        2 => Just("goal[name]=Order&goal[revenue]=1e999".to_owned()),
        2 => Just("heatmap[]=|||".to_owned()),
        2 => Just("jsuid=-1".to_owned()),
        2 => "[a-z_]{1,8}(\\[\\PC{0,4}\\])?=\\PC{0,40}",
        2 => "%[0-9A-Fa-f]{0,2}=%[0-9A-Fa-f]{0,2}",
    ]
}

#[test]
fn arbitrary_bytes_at_the_beacon_headers_included_break_nothing() {
    const CASES: u32 = 400;
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    // With more of these, hardly half of the requests would be HTTP at all.
    let lines = prop::collection::vec(header_line(), 0..3);
    let body = prop::collection::vec(any::<u8>(), 0..400);
    let words = prop::collection::vec(parameter(), 0..12);
    let understood = std::cell::Cell::new(0);
    runner
        .run(&(lines, body, words, any::<bool>()), |(lines, body, words, is_form)| {
            let query = words.join("&");
            let sent = if is_form { query.clone().into_bytes() } else { body };
            let mut bytes = b"POST /in.php?site_id=1&href=https://bakery.example/&".to_vec();
            if !is_form {
                // What an address may not hold is a matter of HTTP, not of beacons.
                bytes
                    .extend(query.bytes().filter(|byte| byte.is_ascii_graphic() && !b"\"#<>".contains(byte)));
            }
            bytes.extend(b" HTTP/1.1\r\nHost: x\r\n");
            if !lines.iter().any(|line| line.starts_with(b"User-Agent")) {
                bytes.extend(format!("User-Agent: {BROWSER}\r\n").bytes());
            }
            for line in &lines {
                bytes.extend(line);
                bytes.extend(b"\r\n");
            }
            bytes.extend(format!("Content-Length: {}\r\nConnection: close\r\n\r\n", sent.len()).bytes());
            bytes.extend(&sent);
            let status = throw(&server, &bytes);
            understood.set(understood.get() + u32::from(status.is_some_and(|status| status != 400)));
            Ok(())
        })
        .unwrap();
    assert!(understood.get() > CASES / 2, "only {} of {CASES} were HTTP at all", understood.get());
    assert_eq!(server.ask(&get("/healthz")).status, 200);
    assert!(server.stop().success());
    let kept = desk.number("select count(*) from actions");
    let left_out = desk.number("select coalesce(sum(count), 0) from filtered");
    assert!(
        kept > i64::from(CASES) / 8 && kept + left_out > i64::from(CASES) / 2,
        "{kept} kept, {left_out} left out"
    );
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
