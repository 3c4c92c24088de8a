//! Browsers that somebody has signed in with: their cookie, what ends it, and how they are listed; and the session that a
//! new sign-in replaces.

use super::account::{code, wrong_code};
use super::floods::{login as login_from, use_up};
use super::harness::{Desk, PASSWORD, Server};
use super::http::{Answer, get, post};

fn login(server: &Server<'_>, password: &str, cookie: &str) -> Answer {
    server.ask(&post("/login", &[("username", "ada"), ("password", password)]).cookie(cookie))
}

/// Signs in; the cookies of the session and of the device.
pub fn enter(server: &Server<'_>, cookie: &str) -> (String, String) {
    let answer = login(server, PASSWORD, cookie);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let held = |name: &str| format!("{name}={}", answer.cookie(name).unwrap());
    (held("session"), held("device"))
}

pub fn form(server: &Server<'_>, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.ask(&post(format!("/account/security/{path}"), fields).cookie(cookie))
}

pub fn holds(server: &Server<'_>, cookie: &str) -> bool {
    server.ask(&get("/").cookie(cookie)).status == 200
}

/// Whether the file knows a browser as one of ada's.
pub fn is_known(desk: &Desk, device: &str) -> bool {
    let token = device.strip_prefix("device=").unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    let sql = "select count(*) from devices where user_id = 1 and token_hash = ?1";
    desk.open().query_row(sql, [hash.as_ref()], |row| row.get::<_, i64>(0)).unwrap() == 1
}

#[test]
fn a_sign_in_gives_a_cookie_for_a_year_of_which_the_file_has_the_hash_alone() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let line = |answer: &Answer, name: &str| {
        let start = format!("{name}=");
        let lines = answer.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case("set-cookie"));
        lines.map(|(_, line)| line).find(|line| line.starts_with(&start)).cloned()
    };
    assert_eq!(line(&login(&server, "a wrong password", ""), "device"), None);
    let answer = login(&server, PASSWORD, "");
    let set = line(&answer, "device").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
    let token = answer.cookie("device").unwrap();
    assert_eq!(token.len(), 40, "160 bits");
    let file = std::fs::read(desk.file()).unwrap();
    assert!(!file.windows(token.len()).any(|window| window == token.as_bytes()));
    let secure =
        post("/login", &[("username", "ada"), ("password", PASSWORD)]).header("X-Forwarded-Proto", "https");
    let set = line(&server.ask(&secure), "__Host-device").unwrap();
    assert!(set.contains("Secure") && set.contains("Path=/") && !set.contains("Domain"), "{set}");
    assert_eq!(desk.number("select count(*) from devices"), 2);
}

#[test]
fn each_sign_in_gives_a_browser_a_new_token_and_the_old_one_is_worth_nothing() {
    let desk = Desk::with_people(&["bob"]);
    let server = desk.serve();
    let (_, first) = enter(&server, "");
    // Bob signs in in the same browser: it is a known device of both.
    let answer = server.ask(&post("/login", &[("username", "bob"), ("password", PASSWORD)]).cookie(&first));
    let second = format!("device={}", answer.cookie("device").unwrap());
    assert_ne!(first, second);
    assert_eq!(desk.number("select count(distinct token_hash) * 10 + count(*) from devices"), 12);
    assert!(is_known(&desk, &second) && !is_known(&desk, &first));
    use_up(&server, "ada", "81.2.69.1");
    let held = server.ask(&login_from("ada", "a wrong password", "81.2.69.1").cookie(&second));
    assert_eq!(held.status, 422);
    desk.open().execute_batch("update devices set seen_at = seen_at - 366 * 86400000").unwrap();
    let lapsed = server.ask(&login_from("ada", "a wrong password", "81.2.69.1").cookie(&second));
    assert_eq!(lapsed.status, 429, "a browser of last year");
    let (_, third) = enter(&server, "device=made-up");
    assert_eq!(desk.number("select count(*) from devices"), 1, "old ones are still there");
    assert!(is_known(&desk, &third) && !is_known(&desk, "device=made-up"));
}

#[test]
fn a_right_password_alone_makes_no_known_device_where_a_code_is_missing() {
    let desk = Desk::with_site();
    desk.open().execute_batch("update users set second_factor = zeroblob(20)").unwrap();
    let server = desk.serve();
    let half = login(&server, PASSWORD, "");
    assert_eq!((half.status, half.cookie("device")), (200, None));
    let page = half.text();
    let ticket = page.split("name=\"ticket\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let give = |code: &str| server.ask(&post("/login/code", &[("ticket", ticket), ("code", code)]));
    assert_eq!(give(&wrong_code(ZEROS)).cookie("device"), None);
    assert_eq!(desk.number("select count(*) from devices"), 0);
    assert!(give(&code(ZEROS, 0)).cookie("device").is_some());
    assert_eq!(desk.number("select count(*) from devices"), 1);
}

/// The secret of twenty zeros, as an app takes it.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn known_devices_end_with_the_password_and_the_account_and_stay_after_signing_out() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let devices = || desk.number("select count(*) from devices");
    let (session, here) = enter(&server, "");
    let (_, there) = enter(&server, "");
    assert_eq!(server.ask(&post("/logout", &[]).cookie(&session)).status, 303);
    assert!(is_known(&desk, &here) && is_known(&desk, &there));
    // A new password: only the browser that set it is known.
    let (session, here) = enter(&server, &here);
    let both = format!("{session}; {here}");
    let typed = [("password", PASSWORD), ("new_password", PASSWORD)];
    let changed = form(&server, &both, "password", &typed);
    let renewed = format!("device={}", changed.cookie("device").unwrap());
    assert!(is_known(&desk, &renewed) && !is_known(&desk, &here) && !is_known(&desk, &there));
    assert_eq!(devices(), 1);
    let set = |command: &[&str]| assert!(desk.run_with(PASSWORD, command).status.success());
    set(&["user", "password", "ada", "--password-stdin"]);
    assert_eq!(devices(), 0, "a password set by command");
    enter(&server, "");
    let made = desk.text(&["user", "reset-link", "ada"]);
    assert_eq!(devices(), 1, "a link that nobody has followed changes nothing");
    let answer = server.ask(&post(made.lines().next().unwrap(), &[("password", PASSWORD)]));
    assert_eq!(
        (answer.status, answer.cookie("device"), devices()),
        (303, None, 0),
        "a password set by a link"
    );
    enter(&server, "");
    set(&["user", "disable", "ada"]);
    assert_eq!(devices(), 0, "a disabled account");
}

#[test]
fn known_devices_are_listed_forgotten_and_no_more_than_thirty() {
    let desk = Desk::with_people(&["bob"]);
    let server = desk.serve();
    let (session, here) = enter(&server, "");
    let (other, there) = enter(&server, "");
    server.sign_in("bob");
    let both = format!("{session}; {here}");
    let page = server.page("/account/security", &both);
    assert!(page.contains("Show 2 browsers") && page.matches("this browser").count() == 2, "{page}");
    assert_eq!(page.matches("name=\"device\" value=\"").count(), 3, "two browsers, and all");
    let forget =
        |device: &str| form(&server, &both, "forget", &[("device", device)]).header("location").to_owned();
    let hash = |which: &str| {
        desk.texts(&format!("select lower(hex(token_hash)) from devices where {which}")).remove(0)
    };
    forget(&hash("user_id = 2"));
    assert_eq!(desk.number("select count(*) from devices where user_id = 2"), 1, "somebody else's");
    let this = page.split("this browser").nth(2).unwrap();
    let this = this.split("name=\"device\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(forget(this), "/account/security?done=forgotten");
    assert!(holds(&server, &session) && !is_known(&desk, &here) && is_known(&desk, &there));
    assert!(server.page("/account/security?done=forgotten", &both).contains("Show 1 browser<"));
    // Signing out elsewhere forgets what is elsewhere.
    let (session, here) = enter(&server, "");
    let both = format!("{session}; {here}");
    form(&server, &both, "sign-out", &[("sign_in", "others")]);
    assert!(!holds(&server, &other) && is_known(&desk, &here) && !is_known(&desk, &there));
    desk.open()
        .execute_batch(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50)
             insert into devices select randomblob(32), 1, seen_at - i, agent, address from n, devices where user_id = 1",
        )
        .unwrap();
    let (session, newest) = enter(&server, "");
    assert_eq!(desk.number("select count(*) from devices where user_id = 1"), 30);
    assert!(is_known(&desk, &newest) && is_known(&desk, &here), "the ones used last are kept");
    form(&server, &session, "sign-out", &[("sign_in", "all")]);
    assert_eq!(desk.number("select count(*) from devices where user_id = 1"), 0);
    assert_eq!(desk.number("select count(*) from devices where user_id = 2"), 1);
}

#[test]
fn a_new_sign_in_in_a_browser_ends_the_one_that_it_replaces_and_no_other() {
    let desk = Desk::with_people(&["bob"]);
    let server = desk.serve();
    let (first, _) = enter(&server, "");
    let (elsewhere, _) = enter(&server, "");
    let (second, _) = enter(&server, &first);
    assert!(!holds(&server, &first) && holds(&server, &second) && holds(&server, &elsewhere));
    let answer = server.ask(&post("/login", &[("username", "bob"), ("password", PASSWORD)]).cookie(&second));
    assert_eq!(answer.status, 303);
    assert!(!holds(&server, &second), "ada is still signed in where bob is");
    // A wrong password ends nothing.
    login(&server, "a wrong password", &elsewhere);
    assert!(holds(&server, &elsewhere));
}
