//! Signing in: cookies, throttling, what an unknown name learns, forms from other websites.

use super::harness::{Desk, GUESS_PAUSE, PASSWORD, try_until_refused, without_hashes};
use super::http::{get, post};

#[test]
fn a_sign_in_is_a_cookie_out_of_scripts_reach_and_only_its_hash_is_stored() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let answer = server.ask(&post(
        "/login",
        &[("username", "ADA@bakery.example"), ("password", PASSWORD), ("next", "/sites/1/spy")],
    ));
    assert_eq!((answer.status, answer.header("location")), (303, "/sites/1/spy"));
    let line = answer.header("set-cookie");
    for word in ["session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(line.contains(word), "{line}");
    }
    assert!(!line.contains("Secure"));
    let token = answer.cookie("session").unwrap();
    let file = std::fs::read(desk.file()).unwrap();
    assert!(!file.windows(token.len()).any(|window| window == token.as_bytes()));
}

#[test]
fn under_https_the_cookie_is_secure_and_bound_to_the_host() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let answer = server.ask(
        &post("/login", &[("username", "ada"), ("password", PASSWORD)]).header("X-Forwarded-Proto", "https"),
    );
    let line = answer.header("set-cookie");
    assert!(line.starts_with("__Host-session=") && line.contains("Secure"), "{line}");
    let cookie = format!("__Host-session={}", answer.cookie("__Host-session").unwrap());
    assert_eq!(server.ask(&get("/").cookie(&cookie).header("X-Forwarded-Proto", "https")).status, 200);
    assert_eq!(server.ask(&get("/").cookie(&cookie)).status, 303, "a plain connection must not take it");
}

#[test]
fn an_unknown_name_is_answered_as_a_wrong_password_is() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let answer = |name: &str| {
        let answer = server.ask(&post("/login", &[("username", name), ("password", "wrong password")]));
        (answer.status, without_hashes(&answer.text()).replace(name, "NAME"))
    };
    let (known, unknown) = (answer("ada"), answer("zoe"));
    assert_eq!(known, unknown);
    assert_eq!(known.0, 422);
    assert!(known.1.contains("not right"));
}

#[test]
fn guessing_is_slowed_down_for_known_and_unknown_names_alike_and_others_are_not() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    for name in ["ada", "zoe"] {
        let from = |number: u32| format!("198.51.100.{number}");
        let guess = |number: u32, password: &str| {
            server.ask(
                &post("/login", &[("username", name), ("password", password)])
                    .header("X-Forwarded-For", &from(number)),
            )
        };
        try_until_refused(10, GUESS_PAUSE, |number| {
            let answer = guess(number, "wrong password");
            assert!([422, 429].contains(&answer.status), "{}", answer.status);
            answer
        });
        let refused = guess(99, PASSWORD);
        assert_eq!(refused.status, 429, "the right password does not help now");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    server.sign_in("bob");
}

#[test]
fn a_form_from_another_website_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let add = post("/sites/new", &[("domain", "evil.example"), ("time_zone", "UTC")]).cookie(&cookie);
    let bare = add.clone().without("Sec-Fetch-Site");
    for request in [
        add.clone().header("Sec-Fetch-Site", "cross-site"),
        add.clone().header("Sec-Fetch-Site", "same-site"),
        bare.clone(),
        bare.clone().header("Origin", "null"),
        bare.clone().header("Origin", "http://evil.example"),
    ] {
        assert_eq!(server.ask(&request).status, 403);
    }
    assert_eq!(desk.number("select count(*) from sites"), 1);
    let origin = format!("http://{}", server.address);
    assert_eq!(server.ask(&bare.header("Origin", &origin)).status, 303);
    assert_eq!(desk.number("select count(*) from sites"), 2);
}

#[test]
fn a_new_password_ends_every_sign_in() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let output = desk.run_with("another password", &["user", "password", "ada", "--password-stdin"]);
    assert!(output.status.success());
    assert_eq!(server.ask(&get("/").cookie(&cookie)).status, 303);
    assert_eq!(server.ask(&post("/login", &[("username", "ada"), ("password", PASSWORD)])).status, 422);
}

#[test]
fn signing_out_ends_the_sign_in_itself() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    assert_eq!(server.ask(&post("/logout", &[]).cookie(&cookie)).header("location"), "/login");
    assert_eq!(server.ask(&get("/").cookie(&cookie)).header("location"), "/login?next=%2F");
}

#[test]
fn the_set_up_link_works_once_and_no_other_does() {
    let desk = Desk::empty();
    let server = desk.serve();
    let link = server.setup.clone().unwrap();
    assert_eq!(server.ask(&get("/setup?token=0000")).status, 404);
    assert_eq!(server.ask(&get(link.as_str())).status, 200);
    let token = link.rsplit('=').next().unwrap();
    let form = |password| {
        post(
            "/setup",
            &[
                ("token", token),
                ("username", "ada"),
                ("email", "a@a.example"),
                ("password", password),
                ("domain", "a.example"),
                ("time_zone", "Europe/Berlin"),
            ],
        )
    };
    let refused = server.ask(&form("short"));
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("10 characters") && refused.text().contains("a@a.example"),
        "what was typed is gone"
    );
    let made = server.ask(&form(PASSWORD));
    assert_eq!((made.status, made.header("location")), (303, "/sites/1"));
    assert_eq!(server.ask(&form(PASSWORD)).status, 404);
    assert_eq!(server.ask(&get(link.as_str())).status, 404);
}
