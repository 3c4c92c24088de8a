//! One's own account: profile, password, second factor, signed-in browsers, preferences.

use super::harness::{Desk, PASSWORD, Server, fields, try_until_refused, view};
use super::http::{Answer, get, post};
use std::time::Duration;
use totp_rs::{Algorithm, Builder, Secret};

fn form(server: &Server<'_>, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.ask(&post(format!("/account/{path}"), fields).cookie(cookie))
}

fn sign_in(server: &Server<'_>, name: &str, password: &str) -> Answer {
    server.ask(&post("/login", &[("username", name), ("password", password)]))
}

/// What stands between two texts.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}")).1.split_once(after).unwrap().0
}

/// The code that an app shows now plus some steps. Those of now and of the next step hold for half a minute at least,
/// whenever the test runs; one of the step before may lapse in the very next moment.
pub fn code(letters: &str, steps: i64) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(letters).unwrap().as_ref().to_vec())
        .with_account_name("x")
        .build()
        .unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now.saturating_add_signed(steps * 30)).to_string()
}

/// Six digits that no app shows about now.
pub fn wrong_code(letters: &str) -> String {
    let shown: Vec<String> = (-3..=3).map(|steps| code(letters, steps)).collect();
    (0..1_000_000).map(|number| format!("{number:06}")).find(|code| !shown.contains(code)).unwrap()
}

#[test]
fn a_name_and_an_address_change_with_the_password_alone_and_what_was_typed_stays() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "eve", "--email", "eve@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let change = |name: &str, email: &str, password: &str| {
        form(&server, &ada, "profile", &[("username", name), ("email", email), ("password", password)])
    };
    for (name, email, password, says) in [
        ("grace", "g@g.example", "not the password", "not your password"),
        ("EVE", "g@g.example", PASSWORD, "taken"),
        ("grace", "Eve@E.example", PASSWORD, "already an account"),
        ("g", "nowhere", PASSWORD, "2 to 40"),
    ] {
        let answer = change(name, email, password);
        let page = answer.text();
        assert!(answer.status == 422 && page.contains(says), "{says}: {page}");
        assert!(
            page.contains(&format!("value=\"{name}\"")) && page.contains(email),
            "what was typed is gone: {page}"
        );
    }
    assert_eq!(desk.texts("select username from users order by id"), ["ada", "eve"]);
    assert_eq!(change("grace", "grace@g.example", PASSWORD).status, 303);
    assert!(server.page("/", &ada).contains("grace"), "the open sign-in has the old name");
    assert_eq!(sign_in(&server, "grace@g.example", PASSWORD).status, 422);
    desk.text(&["user", "prove-email", "grace"]);
    assert_eq!(sign_in(&server, "grace@g.example", PASSWORD).status, 303);
    assert_eq!(sign_in(&server, "ada", PASSWORD).status, 422);
}

#[test]
fn a_new_password_ends_all_other_sign_ins_and_keeps_this_one() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (here, there) = (server.sign_in("ada"), server.sign_in("ada"));
    let set = |password: &str, new: &str| {
        form(&server, &here, "security/password", &[("password", password), ("new_password", new)])
    };
    assert!(set("wrong", "a good new one").text().contains("not your password"));
    assert!(set(PASSWORD, "short").text().contains("10 characters"));
    assert_eq!(server.ask(&get("/").cookie(&there)).status, 200);
    let answer = set(PASSWORD, "a good new one");
    assert_eq!(answer.status, 303);
    let renewed = format!("session={}", answer.cookie("session").unwrap());
    assert_eq!(server.ask(&get("/").cookie(&renewed)).status, 200);
    assert_eq!(server.ask(&get("/").cookie(&there)).status, 303);
    assert_eq!(server.ask(&get("/").cookie(&here)).status, 303);
    assert_eq!(
        (sign_in(&server, "ada", PASSWORD).status, sign_in(&server, "ada", "a good new one").status),
        (422, 303)
    );
}

#[test]
fn with_a_second_factor_the_password_alone_opens_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = form(&server, &ada, "security/second-factor", &[]).text();
    assert!(page.contains("<svg class=\"qr\""), "{page}");
    let untold = |page: &str| page.matches("sends no mail: no letter will say so").count();
    assert_eq!(untold(&page), 2, "the password's form and this one");
    let secret = between(&page, "name=\"secret\" value=\"", "\"").to_owned();
    let confirm = |code: &str, password: &str| {
        form(
            &server,
            &ada,
            "security/second-factor/confirm",
            &[("secret", &secret), ("code", code), ("password", password)],
        )
    };
    let wrong = confirm(&wrong_code(&secret), PASSWORD);
    assert!(wrong.status == 422 && wrong.text().contains(&secret), "the secret changed under the phone");
    assert_eq!(confirm(&code(&secret, 0), "not the password").status, 422);
    assert_eq!(desk.number("select count(*) from users where second_factor is not null"), 0);
    // The code of now: that of the next step is left for signing in.
    let used = code(&secret, 0);
    let page = confirm(&used, PASSWORD).text();
    let codes: Vec<String> = between(&page, "id=\"recovery-codes\" tabindex=\"0\"><code>", "</code>")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10);
    assert!(!server.page("/account/security", &ada).contains(&codes[0]), "the codes are shown twice");
    assert_eq!(untold(&server.page("/account/security", &ada)), 2, "switching it off would send a letter");
    assert!(
        server.page("/account/profile", &ada).contains("no letter will say so: this server sends no mail")
    );
    let file = std::fs::read(desk.file()).unwrap();
    assert!(!file.windows(19).any(|window| window == codes[0].as_bytes()));

    let step = || {
        let answer = sign_in(&server, "ada", PASSWORD);
        assert!(answer.status == 200 && answer.cookie("session").is_none(), "the password alone signed in");
        between(&answer.text(), "name=\"ticket\" value=\"", "\"").to_owned()
    };
    let give = |ticket: &str, code: &str| {
        server.ask(&post("/login/code", &[("ticket", ticket), ("code", code), ("next", "/sites/1/spy")]))
    };
    let ticket = step();
    assert_eq!(give(&ticket, &used).status, 422, "the code that switched it on counts twice");
    let next = code(&secret, 1);
    let admitted = give(&ticket, &next);
    assert_eq!((admitted.status, admitted.header("location")), (303, "/sites/1/spy"));
    assert!(admitted.cookie("session").is_some());
    assert_eq!(give(&ticket, &codes[1]).status, 422, "a ticket holds twice");
    assert_eq!(give(&step(), &next).status, 422, "a code counts twice");
    assert_eq!(give(&step(), &codes[0].to_uppercase()).status, 303);
    assert_eq!(give(&step(), &codes[0]).status, 422, "a recovery code counts twice");
    assert!(server.page("/account/security", &ada).contains("Recovery codes left: <b>9</b>"));
    let ticket = step();
    for _ in 0..5 {
        assert_eq!(give(&ticket, &wrong_code(&secret)).status, 422);
    }
    assert!(
        give(&ticket, &codes[2]).text().contains("Please begin again"),
        "a ticket takes any number of guesses"
    );

    let with_code = |path: &str, password: &str, code: &str| {
        form(&server, &ada, &format!("security/{path}"), &[("password", password), ("code", code)])
    };
    let renewed = with_code("recovery-codes", PASSWORD, &codes[2]).text();
    let new = between(&renewed, "id=\"recovery-codes\" tabindex=\"0\"><code>", "\n");
    assert_eq!(with_code("second-factor/remove", "wrong", new).status, 422);
    assert_eq!(with_code("second-factor/remove", PASSWORD, new).status, 303);
    assert_eq!(sign_in(&server, "ada", PASSWORD).status, 303);
}

#[test]
fn codes_of_the_second_factor_can_not_be_guessed_through_and_the_operator_can_remove_it() {
    let desk = Desk::with_site();
    desk.open().execute_batch("update users set second_factor = zeroblob(20)").unwrap();
    let server = desk.serve();
    let refused = try_until_refused(10, Duration::from_mins(10), |_| {
        let answer = sign_in(&server, "ada", PASSWORD);
        let ticket = between(&answer.text(), "name=\"ticket\" value=\"", "\"").to_owned();
        server.ask(&post("/login/code", &[("ticket", &ticket), ("code", &wrong_code(ZEROS))]))
    });
    assert!(refused.status == 429 && !refused.header("retry-after").is_empty());
    assert!(refused.text().contains("name=\"code\""), "{}", refused.text());
    assert!(desk.text(&["user", "remove-second-factor", "ada"]).contains("password alone"));
    assert_eq!(sign_in(&server, "ada", PASSWORD).status, 303);
}

/// A half sign-in of ada, whose second factor has the secret of twenty zeros: its ticket.
fn half(server: &Server<'_>) -> String {
    let answer = sign_in(server, "ada", PASSWORD);
    between(&answer.text(), "name=\"ticket\" value=\"", "\"").to_owned()
}

/// The secret of twenty zeros, as an app takes it.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn zero_code() -> String {
    code(ZEROS, 0)
}

#[test]
fn nobody_without_the_password_keeps_somebody_from_their_second_factor() {
    let desk = Desk::with_site();
    desk.open().execute_batch("update users set second_factor = zeroblob(20)").unwrap();
    let server = desk.serve();
    for name in ["second factor of 1", "1"] {
        for _ in 0..12 {
            let far = post("/login", &[("username", name), ("password", "x")]);
            server.ask(&far.header("X-Forwarded-For", &format!("81.2.{}.1", name.len())));
        }
    }
    let ticket = half(&server);
    let answer = server.ask(&post("/login/code", &[("ticket", &ticket), ("code", &zero_code())]));
    assert_eq!(answer.status, 303, "{}", answer.text());
}

#[test]
fn a_half_sign_in_ends_with_the_password_that_began_it_and_with_the_account() {
    let desk = Desk::with_site();
    desk.open().execute_batch("update users set second_factor = zeroblob(20)").unwrap();
    let server = desk.serve();
    let finish = |ticket: &str| {
        server.ask(&post("/login/code", &[("ticket", ticket), ("code", &zero_code()), ("next", "/licenses")]))
    };
    let ticket = half(&server);
    desk.text(&["user", "disable", "ada"]);
    let refused = finish(&ticket);
    assert!(refused.status == 422 && refused.text().contains("begin again"), "{}", refused.text());
    desk.text(&["user", "enable", "ada"]);
    assert_eq!(finish(&ticket).status, 422, "a ticket that ended holds again");
    let ticket = half(&server);
    let changed = desk.run_with("another good one", &["user", "password", "ada", "--password-stdin"]);
    assert!(changed.status.success());
    assert_eq!(finish(&ticket).status, 422, "the old password signed in");
    assert_eq!(desk.number("select count(*) from sign_ins"), 0);
    assert_eq!(desk.number("select count(*) from users where second_factor_step is not null"), 0);
}

#[test]
fn browsers_are_listed_and_signed_out_one_by_one_or_all_others_at_once() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "eve", "--email", "eve@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let (here, phone, tablet) = (server.sign_in("ada"), server.sign_in("ada"), server.sign_in("ada"));
    let eve = server.sign_in("eve");
    let holds = |cookie: &str| server.ask(&get("/").cookie(cookie)).status == 200;
    let page = server.page("/account/security", &here);
    assert_eq!(page.matches("name=\"sign_in\" value=\"").count(), 4, "two others, all others, all: {page}");
    assert!(page.contains("this browser") && page.contains("From 127.0.0.1"));
    let eves = desk.texts("select lower(hex(token_hash)) from sign_ins where user_id = 2").remove(0);
    form(&server, &here, "security/sign-out", &[("sign_in", &eves)]);
    assert!(holds(&eve), "somebody else was signed out");
    let one = between(&page, "name=\"sign_in\" value=\"", "\"").to_owned();
    assert_eq!(form(&server, &here, "security/sign-out", &[("sign_in", &one)]).status, 303);
    assert_eq!([&here, &phone, &tablet].iter().filter(|cookie| holds(cookie)).count(), 2);
    form(&server, &here, "security/sign-out", &[("sign_in", "others")]);
    assert!(holds(&here) && !holds(&phone) && !holds(&tablet) && holds(&eve));
    let elsewhere = server.sign_in("ada");
    let left = form(&server, &here, "security/sign-out", &[("sign_in", "all")]);
    assert_eq!((left.status, left.header("location")), (303, "/login"));
    assert_eq!(left.cookie("session").as_deref(), Some(""), "the browser keeps its cookie");
    assert!(!holds(&here) && !holds(&elsewhere) && holds(&eve));
}

#[test]
fn the_look_the_first_page_and_the_panels_are_as_the_person_likes_them() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let owned = view("/");
    server.hit("81.2.69.1", &fields(&owned));
    let order = [
        "places",
        "pages",
        "sources",
        "searches",
        "machines",
        "campaigns",
        "events",
        "engagement",
        "visitors",
    ];
    let chosen: Vec<(&str, &str)> = [("theme", "dark"), ("start", "/sites/1/spy")]
        .into_iter()
        .chain(order.map(|panel| ("order", panel)))
        .chain([("panel", "pages"), ("panel", "places")])
        .collect();
    assert_eq!(form(&server, &ada, "preferences", &chosen).status, 303);
    let dashboard = server.page("/sites/1?date=today", &ada);
    assert!(dashboard.contains("data-theme=\"dark\""));
    let place = |panel: &str| dashboard.find(&format!("id=\"panel-{panel}\""));
    assert!(place("places").unwrap() < place("pages").unwrap());
    assert!(place("sources").is_none() && place("visitors").is_none());
    assert_eq!(sign_in(&server, "ada", PASSWORD).header("location"), "/sites/1/spy");
    let typed = server.ask(&get("/").cookie(&ada).header("Sec-Fetch-Site", "none"));
    assert_eq!((typed.status, typed.header("location")), (303, "/sites/1/spy"));
    assert_eq!(server.ask(&get("/").cookie(&ada).header("Sec-Fetch-Site", "same-origin")).status, 200);
    let moved: Vec<_> = chosen.iter().copied().chain([("move", "up pages")]).collect();
    form(&server, &ada, "preferences", &moved);
    assert_eq!(desk.texts("select panels from users"), ["pages places"]);
    let elsewhere = [("start", "https://evil.example/"), ("theme", "<b>")];
    assert_eq!(form(&server, &ada, "preferences", &elsewhere).status, 422);
    assert_eq!(desk.texts("select start_page || ' ' || theme from users"), ["/sites/1/spy dark"]);
}

#[test]
fn an_account_is_deleted_with_its_sites_by_name_and_password() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "eve", "--email", "eve@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let owned = view("/");
    server.hit("81.2.69.1", &fields(&owned));
    assert!(server.page("/account/profile", &ada).contains("<li>bakery.example"));
    let delete = |name: &str, password: &str| {
        form(&server, &ada, "profile/delete", &[("username", name), ("password", password)])
    };
    assert!(delete("adam", PASSWORD).text().contains("Nothing was deleted"));
    assert_eq!(delete("ada", "wrong").status, 422);
    assert_eq!(desk.number("select count(*) from sites"), 1);
    assert_eq!(delete("ada", PASSWORD).header("location"), "/login");
    assert_eq!(server.ask(&get("/").cookie(&ada)).status, 303);
    assert_eq!(desk.texts("select username from users"), ["eve"]);
    assert_eq!(desk.number("select count(*) from sites"), 0);
}

#[test]
fn tasks_are_listed_with_their_last_runs_and_a_restart_gives_no_turn_twice() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ran_once = ["end unused sign-ins", "forget old letters", "forget salts"];
    desk.wait_for(&format!("(select count(*) from jobs where name in ('{}')) = 3", ran_once.join("', '")));
    let ran = |name: &str| desk.number(&format!("select ran_at from jobs where name = '{name}'"));
    let (daily, hourly) = (ran("forget old letters"), ran("end unused sign-ins"));
    server.kill();
    desk.open().execute_batch("update jobs set ran_at = 1 where name = 'end unused sign-ins'").unwrap();
    let server = desk.serve();
    desk.wait_for(&format!(
        "exists (select 1 from jobs where name = 'end unused sign-ins' and ran_at > {hourly})"
    ));
    assert_eq!(ran("forget old letters"), daily, "a turn came twice within its day");
    let listed = desk.json(&["tasks", "--json"]);
    let task = listed["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|task| task["name"] == "forget salts")
        .unwrap()
        .clone();
    assert!(
        task["period_seconds"] == 600 && task["problem"].is_null() && task["ran_at"].as_i64().unwrap() > 0
    );
    drop(server);
}
