//! The log of a server: its start and end, failed sign-ins in a form for programs, requests without secrets, and no colours.

use super::harness::{Desk, PASSWORD, Server};
use super::http::{get, post};
use regex::Regex;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// The lines that a server logs at a level while something is done with it, until it has stopped.
fn logged(desk: &Desk, level: &str, act: impl FnOnce(&Server<'_>)) -> Vec<String> {
    let mut command = desk.command(&[], &[]);
    command.env("CLICKSTEAD_LOG", level).stderr(Stdio::piped());
    let mut server = Server::start(desk, command);
    let lines = BufReader::new(server.take_stderr()).lines();
    let reader = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
    act(&server);
    assert!(server.stop().success());
    reader.join().unwrap()
}

#[test]
fn start_and_stop_are_a_line_each_without_colours() {
    let desk = Desk::with_site();
    let mut address = None;
    let lines = logged(&desk, "info", |server| address = Some(server.address));
    let start = lines.iter().find(|line| line.contains("Clickstead has started")).unwrap();
    let schema = desk.number("pragma user_version");
    for words in [
        format!("version=\"{}\"", env!("CARGO_PKG_VERSION")),
        format!("file={}", desk.file().display()),
        format!("address={}", address.unwrap()),
        format!("schema={schema}"),
    ] {
        assert!(start.contains(&words), "{words}: {start}");
    }
    assert!(lines.last().unwrap().contains("Clickstead has stopped"), "{lines:?}");
    assert!(!lines.concat().contains('\u{1b}'), "{lines:?}");
    let quiet = logged(&desk, "warn", |server| drop(server.sign_in("ada")));
    assert_eq!(quiet, [""; 0]);
}

#[test]
fn failed_sign_ins_are_found_by_the_expression_that_the_readme_gives_for_fail2ban() {
    let readme = include_str!("../../README.md");
    let expression = readme.lines().find_map(|line| line.strip_prefix("failregex = ")).unwrap();
    // As fail2ban reads it: <HOST> stands for an address.
    let expression = Regex::new(&expression.replace("<HOST>", r"(?P<host>[0-9A-Fa-f:.]+)")).unwrap();
    let desk = Desk::with_site();
    let link = desk
        .run_with(PASSWORD, &["link", "add", "--site", "1", "--name", "Mill", "--password-stdin", "--json"]);
    let link: serde_json::Value = serde_json::from_slice(&link.stdout).unwrap();
    let link = link["path"].as_str().unwrap();
    let typed = "Secret typed into the wrong field";
    let lines = logged(&desk, "info", |server| {
        server.sign_in("ada");
        let wrong = post("/login", &[("username", typed), ("password", typed)]);
        assert_eq!(server.ask(&wrong.header("X-Forwarded-For", "203.0.113.7")).status, 422);
        let wrong = post("/login", &[("username", "ada"), ("password", typed)]);
        assert_eq!(server.ask(&wrong.header("X-Forwarded-For", "2001:db8::7")).status, 422);
        let wrong = post(format!("{link}/password"), &[("password", typed)]);
        assert_eq!(server.ask(&wrong.header("X-Forwarded-For", "203.0.113.9")).status, 422);
    });
    let found: Vec<_> = lines
        .iter()
        .filter_map(|line| expression.captures(line))
        .map(|found| found["host"].to_owned())
        .collect();
    assert_eq!(found, ["203.0.113.7", "2001:db8::7", "203.0.113.9"], "{lines:?}");
    assert!(!lines.concat().contains("Secret"), "{lines:?}");
    // Whoever can write into a line of the log gets nobody else banned.
    let claimed = "2026-11-29T10:00:00Z  WARN clickstead::http: an answer broke off path=\"/x WARN clickstead::http::failed_sign_in: sign-in failed address=192.0.2.1 cause=\"";
    assert!(!expression.is_match(claimed));
}

#[test]
fn tries_that_are_refused_are_logged_once_a_minute_and_found_too() {
    let desk = Desk::with_site();
    let lines = logged(&desk, "info", |server| {
        super::harness::try_until_refused(10, super::harness::GUESS_PAUSE, |_| {
            let wrong = post("/login", &[("username", "ada"), ("password", "not this one")]);
            server.ask(&wrong.header("X-Forwarded-For", "203.0.113.7"))
        });
    });
    let failed = |line: &&String| line.contains("sign-in failed address=203.0.113.7 cause=\"password\"");
    assert!(lines.iter().filter(failed).count() > 10, "{lines:?}");
    assert!(lines.iter().filter(failed).any(|line| line.contains("left_out=0")), "{lines:?}");
}

#[test]
fn requests_are_logged_at_debug_by_their_route_without_secrets() {
    let desk = Desk::with_site();
    let link = desk.json(&["link", "add", "--site", "1", "--name", "Mill", "--json"]);
    let token = link["token"].as_str().unwrap();
    let keys = desk.json(&["site", "rotate-key", "1", "--json"]);
    let key = keys["site_key_admin"].as_str().unwrap();
    let ask_all = |server: &Server<'_>| {
        let cookie = server.sign_in("ada");
        server.page("/sites/1/reports/countries?date=today", &cookie);
        server.ask(&get(format!("/s/{token}/reports/pages")));
        // Mistyped, and still a secret.
        server.ask(&get(format!("/ss/{token}")));
        server.ask(&get(format!("/in.php?site_id=1&sitekey_admin={key}&type=goal&goal[name]=Order")));
        server.ask(&get("/reset/0123456789abcdef0123456789abcdef"));
        cookie
    };
    let mut cookie = String::new();
    let lines = logged(&desk, "debug", |server| cookie = ask_all(server));
    let all = lines.concat();
    for words in [
        "request method=POST route=\"/login\" status=303",
        "request method=GET route=\"/sites/1/reports/countries\" status=200",
        "request method=GET route=\"/s/{token}/reports/pages\" status=200",
        "request method=GET route=\"-\" status=404",
        "route=\"/in.php\" status=200",
        "route=\"/reset/{token}\"",
    ] {
        assert!(all.contains(words), "{words}: {lines:#?}");
    }
    let session = cookie.split('=').nth(1).unwrap();
    for secret in [token, key, session, "0123456789abcdef0123456789abcdef", PASSWORD] {
        assert!(!all.contains(secret), "{secret}: {lines:#?}");
    }
    let usual = logged(&desk, "info", |server| drop(ask_all(server)));
    assert!(!usual.concat().contains("route="), "{usual:?}");
}
