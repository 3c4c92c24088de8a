//! Programs at the door: who is let in by a site key or a password, and what their browsers and logs learn of it.

use super::harness::{Desk, GUESS_PAUSE, PASSWORD, SOON, fields, try_until_refused, view};
use super::http::{Answer, Request, form, get, head, post};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

/// What a program reads that has no right key.
pub const REFUSED: &str = r#"[{"error":"Invalid sitekey."}]"#;

/// The paths of the stats API.
const PATHS: [&str; 4] = ["/api/stats/4", "/api/stats/4/", "/stats/api4", "/stats/api4/"];

/// The key of a site.
pub fn key_of(desk: &Desk, site: i64) -> String {
    desk.texts(&format!("select site_key from sites where id = {site}")).remove(0)
}

/// A question of a program with this key, in JSON.
pub fn question(site: i64, key: &str, kind: &str) -> Request {
    get(format!("/api/stats/4?site_id={site}&sitekey={key}&type={kind}&output=json"))
}

/// What is told apart from a refusal: the answer to a small question.
pub fn is_answered(answer: &Answer) -> bool {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let is_answer = answer.text().starts_with(r#"[{"type":"visitors""#);
    assert!(is_answer || answer.text() == REFUSED, "{}", answer.text());
    is_answer
}

#[test]
fn a_wrong_key_an_unknown_site_and_what_is_malformed_get_one_and_the_same_refusal() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let admin = desk.texts("select site_key_admin from sites").remove(0);
    let ask = |query: String| server.ask(&get(format!("/api/stats/4?{query}&type=visitors&output=json")));
    let refused = ask(format!("site_id=1&sitekey={}", "0".repeat(16)));
    assert_eq!((refused.status, refused.text().as_str()), (200, REFUSED));
    for query in [
        format!("site_id=2&sitekey={key}"),
        format!("site_id=0&sitekey={key}"),
        format!("site_id=1x&sitekey={key}"),
        format!("site_id=-1&sitekey={key}"),
        format!("site_id=99999999999999999999&sitekey={key}"),
        format!("sitekey={key}"),
        format!("site_id=&sitekey={key}"),
        "site_id=1".into(),
        "site_id=1&sitekey=".into(),
        "site_id=99&sitekey=".into(),
        String::new(),
        format!("site_id=1&sitekey={admin}"),
        format!("site_id=1&sitekey={}", key.to_uppercase() + "x"),
        format!("site_id=1&sitekey={}", &key[..15]),
        format!("site_id=1&sitekey={key}&sitekey="),
        format!("site_id=1&sitekey={key}&site_id=2"),
        format!("site_id=1&sitekey={}", "x".repeat(10_000)),
    ] {
        let answer = ask(query.clone());
        let shown = |answer: &Answer| {
            let headers = answer.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date"));
            (answer.status, answer.text(), headers.cloned().collect::<HashSet<_>>())
        };
        assert_eq!(shown(&answer), shown(&refused), "{query}");
    }
    for query in [
        format!("site_id=1&sitekey={key}"),
        format!("site_id=2&sitekey=wrong&site%5Fid=1&sitekey=%{:x}{}", key.as_bytes()[0], &key[1..]),
    ] {
        assert!(is_answered(&ask(query.clone())), "{query}");
    }
}

#[test]
fn scripts_of_every_website_may_read_an_answer_and_nothing_keeps_it_or_passes_its_address_on() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let key = key_of(&desk, 1);
    for path in PATHS {
        for (query, is_right) in
            [(format!("site_id=1&sitekey={key}"), true), ("site_id=1&sitekey=x".into(), false)]
        {
            let path = format!("{path}?{query}&type=visitors&output=json");
            let answer =
                server.ask(&get(&path).cookie(&cookie).header("Origin", "https://elsewhere.example"));
            assert_eq!(is_answered(&answer), is_right, "{path}");
            for (name, value) in [
                ("access-control-allow-origin", "*"),
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
                ("cross-origin-resource-policy", "cross-origin"),
                ("set-cookie", ""),
                ("access-control-allow-credentials", ""),
            ] {
                assert_eq!(answer.header(name), value, "{path}: {name}");
            }
            let mut wire = server.wire();
            wire.send(&head(&path).bytes(server.address)).unwrap();
            let only_head = wire.head().unwrap();
            assert_eq!(only_head.status, 200);
            assert_eq!(only_head.header("content-length"), answer.body.len().to_string(), "{path}");
            wire.send(&get("/help").bytes(server.address)).unwrap();
            assert_eq!(wire.answer().unwrap().status, 200, "a body followed the head of {path}");
            let packed = server.ask(&get(&path).header("Accept-Encoding", "gzip"));
            assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        }
        let preflight = get(path)
            .method("OPTIONS")
            .header("Origin", "https://elsewhere.example")
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "x-requested-with");
        let allowed = server.ask(&preflight);
        assert_eq!(allowed.status, 204);
        assert_eq!(allowed.header("access-control-allow-origin"), "*");
        assert!(allowed.header("access-control-allow-methods").contains("GET"));
        assert!(allowed.header("access-control-allow-headers").starts_with('*'));
        assert_eq!(server.ask(&post(path, &[("site_id", "1"), ("sitekey", &key)])).status, 405);
    }
}

#[test]
fn neither_a_key_nor_a_password_in_a_query_leaves_a_trace_in_the_log() {
    let desk = Desk::with_site();
    let key = key_of(&desk, 1);
    let (server, log) = desk.serve_logged_at("trace", &[]);
    let wrong = "feedfacefeedface";
    for key in [key.as_str(), wrong] {
        for path in PATHS {
            for rest in
                ["type=visitors", "type=nonsense", "type=visitors-list&date=never", "type=pages&output=php"]
            {
                server.ask(&get(format!("{path}?site_id=1&sitekey={key}&{rest}")));
            }
            server.ask(&post(format!("{path}?site_id=1&sitekey={key}"), &[]));
            server.ask(&get(format!("{path}/more?site_id=1&sitekey={key}")));
        }
    }
    let typed = "a-password-in-a-query";
    for name in ["ada", "nobody"] {
        server.ask(&get(format!("/api/account/sites?username={name}&password={typed}")));
    }
    // A client that goes away before its answer.
    let mut wire = server.wire();
    wire.send(&question(1, &key, "visitors").bytes(server.address)).unwrap();
    drop(wire);
    assert!(server.stop().success());
    let lines = log.rest();
    assert!(lines.iter().any(|line| line.contains("route=\"/api/stats/4\"")), "{lines:#?}");
    for secret in [key.as_str(), wrong, typed] {
        assert!(!lines.iter().any(|line| line.contains(secret)), "{secret}: {lines:#?}");
    }
}

#[test]
fn many_different_wrong_keys_slow_their_network_down_but_no_program_whose_key_was_right() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let from = |address: &str, key: &str| {
        server.ask(&question(1, key, "visitors").header("X-Forwarded-For", address))
    };
    let (here, elsewhere) = ("81.2.69.1", "81.2.70.1");
    assert!(is_answered(&from(here, &key)));
    // A program that was not told of a new key goes on asking with its old one.
    for _ in 0..200 {
        let answer = from(here, "the-same-old-key");
        assert_eq!((answer.text().as_str(), answer.header("retry-after")), (REFUSED, ""));
    }
    let mut guesses = 0;
    let slowed = loop {
        let answer = from(here, &format!("guess{guesses}"));
        if answer.text() != REFUSED {
            break answer;
        }
        assert_eq!((answer.status, answer.header("retry-after")), (200, ""));
        guesses += 1;
        assert!(guesses < 100, "guesses are not slowed down");
    };
    let is_slowed = |answer: &Answer| {
        answer.status == 200 && answer.text().starts_with(r#"[{"error":"Too many tries. Please wait "#)
    };
    assert!(is_slowed(&slowed), "{}", slowed.text());
    assert!((1..=30).contains(&slowed.header("retry-after").parse::<u64>().unwrap()));
    assert!(guesses > 50, "slowed down after {guesses} guesses");
    assert!(is_answered(&from(here, &key)), "a key that was right before");
    assert!(is_answered(&from(elsewhere, &key)), "another network");
    // Whoever guesses right while slowed down does not learn it, nor does a program that it is wrong.
    let keys = desk.json(&["site", "rotate-key", "1", "--json"]);
    let new = keys["site_key"].as_str().unwrap();
    assert!(is_slowed(&from(here, new)));
    assert_eq!(from(here, &key).text(), REFUSED, "the key that was right before, and is no more");
    assert!(is_answered(&from(elsewhere, new)) && is_answered(&from(here, new)));
}

#[test]
fn from_the_moment_the_command_has_replaced_a_key_no_request_with_the_old_one_is_answered() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let mut key = key_of(&desk, 1);
    for round in 0..5 {
        let (is_rotated, is_over, answered) =
            (AtomicBool::new(false), AtomicBool::new(false), AtomicUsize::new(0));
        let old = question(1, &key, "visitors");
        let ask = || {
            let mut wire = server.wire();
            let mut after = 0;
            while !is_over.load(Ordering::SeqCst) || after == 0 {
                let was_rotated = is_rotated.load(Ordering::SeqCst);
                wire.send(&old.bytes(server.address)).unwrap();
                let is_answered = is_answered(&wire.answer().unwrap());
                assert!(!(was_rotated && is_answered), "the old key was answered in round {round}");
                answered.fetch_add(usize::from(is_answered), Ordering::SeqCst);
                after += usize::from(was_rotated);
            }
        };
        let new = std::thread::scope(|scope| {
            (0..4).for_each(|_| drop(scope.spawn(ask)));
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    server.hit("81.2.69.1", &fields(&view("/more")));
                }
            });
            let begun = Instant::now();
            while answered.load(Ordering::SeqCst) < 20 {
                assert!(begun.elapsed() < SOON, "the old key is not answered in round {round}");
                std::thread::yield_now();
            }
            let keys = desk.json(&["site", "rotate-key", "1", "--json"]);
            is_rotated.store(true, Ordering::SeqCst);
            let new = keys["site_key"].as_str().unwrap().to_owned();
            assert!(is_answered(&server.ask(&question(1, &new, "visitors"))), "the new key is known at once");
            is_over.store(true, Ordering::SeqCst);
            new
        });
        key = new;
    }
}

/// A request of the account API, in JSON.
fn account(name: &str, password: &str) -> Request {
    let query = form(&[("username", name), ("password", password), ("output", "json")]);
    get(format!("/api/account/sites?{query}"))
}

#[test]
fn the_account_api_lists_the_sites_whose_keys_a_person_may_see_and_takes_no_cookie() {
    let desk = Desk::with_people(&["adam", "uma", "vic", "eve"]);
    desk.text(&["site", "add", "mill.example", "--owner", "eve", "--time-zone", "UTC"]);
    for (name, level) in [("adam", "administrator"), ("uma", "user"), ("vic", "view-only")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    let server = desk.serve();
    let sites = |name: &str| -> Vec<(String, String)> {
        let answer = server.ask(&account(name, PASSWORD));
        assert_eq!((answer.status, answer.header("set-cookie")), (200, ""), "{}", answer.text());
        let rows = answer.json();
        let text = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(|row| (text(row, "site_id"), text(row, "sitekey"))).collect()
    };
    let [bakery, mill] = [1, 2].map(|site| (site.to_string(), key_of(&desk, site)));
    for (name, expected) in [
        ("ada", vec![bakery.clone()]),
        ("ADA@bakery.example", vec![bakery.clone()]),
        ("adam", vec![bakery]),
        ("uma", vec![]),
        ("vic", vec![]),
        ("eve", vec![mill]),
    ] {
        assert_eq!(sites(name), expected, "{name}");
    }
    let refused = r#"[{"error":"The user name or the password is wrong."}]"#;
    let ada = server.sign_in("ada");
    for request in [account("ada", "wrong"), account("nobody", PASSWORD), account("", "")] {
        let answer = server.ask(&request.cookie(&ada));
        assert_eq!((answer.status, answer.text().as_str()), (200, refused));
    }
    desk.open()
        .execute("update users set second_factor = randomblob(20) where username = 'ada'", [])
        .unwrap();
    let answer = server.ask(&account("ada", PASSWORD));
    assert!(
        answer.text().starts_with(r#"[{"error":"This account signs in with two steps"#),
        "{}",
        answer.text()
    );
    assert_eq!(
        server.ask(&account("ada", "wrong")).text(),
        refused,
        "only whoever knows the password learns it"
    );
}

#[test]
fn scripts_of_other_websites_can_neither_read_the_account_api_nor_load_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for path in ["/api/account/sites", "/api/account/sites/"] {
        for (password, begin) in [(PASSWORD, r#"[{"site_id":"1""#), ("wrong", r#"[{"error":"#)] {
            for script in ["json_callback", "json_var"] {
                let query =
                    [("username", "ada"), ("password", password), ("output", "json"), (script, "take")];
                let request = get(format!("{path}?{}", form(&query)));
                let answer = server.ask(&request.header("Origin", "https://elsewhere.example"));
                assert_eq!(answer.status, 200);
                assert!(answer.text().starts_with(begin), "{script}: {}", answer.text());
                for (name, value) in [
                    ("access-control-allow-origin", ""),
                    ("access-control-expose-headers", ""),
                    ("cross-origin-resource-policy", "same-origin"),
                    ("x-content-type-options", "nosniff"),
                    ("cache-control", "no-store"),
                    ("referrer-policy", "no-referrer"),
                ] {
                    assert_eq!(answer.header(name), value, "{script}: {name}");
                }
                assert!(answer.header("content-type").starts_with("application/json"));
            }
        }
        let preflight = get(path)
            .method("OPTIONS")
            .header("Origin", "https://elsewhere.example")
            .header("Access-Control-Request-Method", "GET");
        let refused = server.ask(&preflight);
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (405, ""));
    }
}

#[test]
fn guesses_at_a_password_count_in_the_account_api_and_on_the_sign_in_page_alike() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (here, elsewhere) = ("81.2.69.1", "81.2.70.1");
    let refused = try_until_refused(10, GUESS_PAUSE, |number| {
        let name = ["ada", " ADA"][usize::try_from(number % 2).unwrap()];
        server.ask(&account(name, "wrong").header("X-Forwarded-For", here))
    });
    assert_eq!(refused.status, 200);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    let sign_in = |address: &str| {
        let typed = post("/login", &[("username", "ada"), ("password", PASSWORD)]);
        server.ask(&typed.header("X-Forwarded-For", address)).status
    };
    assert_eq!((sign_in(here), sign_in(elsewhere)), (429, 303));
    let right = server.ask(&account("ada", PASSWORD).header("X-Forwarded-For", here));
    assert!(right.text().contains("Too many tries"), "{}", right.text());
}
