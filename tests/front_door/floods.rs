//! Nobody keeps somebody else out: floods of wrong passwords, codes and letters against people elsewhere, and against those
//! who sign in from a browser that they have used before.

use super::account::code;
use super::guest_links::link;
use super::harness::{Desk, GUESS_PAUSE, PASSWORD, Server, try_until_refused};
use super::http::{Answer, Request, Wire, post};

/// A try to sign in from an address.
pub fn login(name: &str, password: &str, address: &str) -> Request {
    post("/login", &[("username", name), ("password", password)]).header("X-Forwarded-For", address)
}

/// Signs in from an address; the cookie by which the browser is a known device.
fn device(server: &Server<'_>, name: &str, address: &str) -> String {
    let answer = server.ask(&login(name, PASSWORD, address));
    assert_eq!(answer.status, 303, "{}", answer.text());
    format!("device={}", answer.cookie("device").unwrap())
}

/// Tries wrong passwords from an address until there are no tries left.
pub fn use_up(server: &Server<'_>, name: &str, address: &str) {
    let refused =
        try_until_refused(10, GUESS_PAUSE, |_| server.ask(&login(name, "a wrong password", address)));
    assert_eq!(refused.status, 429);
}

/// Sends wrong passwords and waits for no answer.
fn flood(server: &Server<'_>, tries: impl Iterator<Item = (String, String)>) -> Vec<Wire> {
    tries
        .map(|(name, address)| {
            let mut wire = server.wire();
            wire.send(&login(&name, "a wrong password", &address).bytes(server.address)).unwrap();
            wire
        })
        .collect()
}

fn answered(flood: &[Wire]) -> usize {
    flood.iter().filter(|wire| wire.is_answered()).count()
}

#[test]
fn wrong_passwords_from_one_network_keep_nobody_out_elsewhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for (attacker, person) in [("81.2.69.1", "81.2.70.1"), ("2001:db8:1::1", "2001:db8:2::1")] {
        use_up(&server, "ada", attacker);
        assert_eq!(server.ask(&login("ada", PASSWORD, attacker)).status, 429, "guesses are not slowed down");
        assert_eq!(server.ask(&login("ada", PASSWORD, person)).status, 303, "{attacker} kept ada out");
    }
}

#[test]
fn a_known_device_has_tries_of_its_own_also_in_the_network_of_whoever_guesses() {
    let desk = Desk::with_people(&["bob"]);
    let server = desk.serve();
    let here = "81.2.69.1";
    let adas = device(&server, "ada", here);
    use_up(&server, "ada", here);
    assert_eq!(server.ask(&login("ada", PASSWORD, here)).status, 429);
    for name in ["ada", "ADA", "ada@bakery.example"] {
        assert_eq!(server.ask(&login(name, "wrong once", here).cookie(&adas)).status, 422, "{name}");
    }
    let entered = server.ask(&login("ada", PASSWORD, here).cookie(&adas));
    assert_eq!(entered.status, 303, "{}", entered.text());
    // It is its person's: whoever has an account of their own can't guess at others from it, and nobody by a made-up one.
    let renewed = format!("device={}", entered.cookie("device").unwrap());
    use_up(&server, "bob", here);
    for cookie in [renewed.as_str(), adas.as_str(), "device=0000000000000000000000000000000000000000"] {
        assert_eq!(server.ask(&login("bob", PASSWORD, here).cookie(cookie)).status, 429);
    }
    // Its own tries are no more than anybody's, under whatever name.
    let refused = try_until_refused(10, GUESS_PAUSE, |number| {
        let name = ["ada", "ada@bakery.example"][usize::try_from(number % 2).unwrap()];
        server.ask(&login(name, "a wrong password", "81.2.99.1").cookie(&renewed))
    });
    assert_eq!(refused.status, 429);
}

#[test]
fn a_known_device_signs_in_at_once_while_its_name_is_flooded_from_everywhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let known = device(&server, "ada", "81.2.69.1");
    let waiting = flood(&server, (1..=90).map(|number| ("ada".to_owned(), format!("10.{number}.1.1"))));
    let entered = server.ask(&login("ada", PASSWORD, "81.2.69.1").cookie(&known));
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert!(answered(&waiting) < 45, "it waited for {} of the flood", answered(&waiting));
}

#[test]
fn another_network_signs_in_while_one_floods_under_many_names_and_spoofed_addresses() {
    let desk = Desk::with_site();
    let server = desk.serve();
    // More than were ever let to wait: a /24 with all its addresses, an IPv6 /48, and some of other networks.
    let names = (1..=60).map(|number| (format!("name{number}"), format!("81.2.69.{number}")));
    let sixes = (1..=60).map(|number| (format!("six{number}"), format!("2001:db8:1:{number}::1")));
    let others = (1..=5).map(|number| ("ada".to_owned(), format!("10.{number}.1.1")));
    let waiting = flood(&server, others.chain(names).chain(sixes));
    let entered = server.ask(&login("ada", PASSWORD, "81.2.70.1"));
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert!(answered(&waiting) < 60, "it waited for {} of the flood", answered(&waiting));
}

#[test]
fn strangers_keep_nobody_from_changing_their_own_account() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (ada, other) = (server.sign_in("ada"), server.sign_in("ada"));
    // From the same address as ada, who is signed in.
    use_up(&server, "ada", "127.0.0.1");
    let change = |cookie: &str, password: &str| {
        let typed = [("username", "ada"), ("email", "ada@bakery.example"), ("password", password)];
        server.ask(&post("/account/profile", &typed).cookie(cookie))
    };
    assert_eq!(change(&ada, PASSWORD).status, 303);
    // Somebody at a borrowed browser guesses no further, and keeps ada from nothing in hers.
    try_until_refused(10, GUESS_PAUSE, |_| change(&other, "a wrong password"));
    assert_eq!(change(&other, PASSWORD).status, 422);
    assert_eq!(change(&ada, PASSWORD).status, 303);
}

/// The secret of twenty zeros, as an app takes it.
const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn ticket(answer: &Answer) -> String {
    let page = answer.text();
    page.split("name=\"ticket\" value=\"")
        .nth(1)
        .unwrap_or_else(|| panic!("{page}"))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

fn give(ticket: &str, code: &str, address: &str) -> Request {
    post("/login/code", &[("ticket", ticket), ("code", code)]).header("X-Forwarded-For", address)
}

#[test]
fn whoever_knows_the_password_and_guesses_codes_keeps_nobody_from_their_second_factor() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let known = device(&server, "ada", "81.2.69.1");
    let recovery = "abcd-efgh-jkmn-pqrs";
    let hash = ring::digest::digest(&ring::digest::SHA256, recovery.replace('-', "").as_bytes());
    let file = desk.open();
    file.execute_batch("update users set second_factor = zeroblob(20)").unwrap();
    file.execute("insert into recovery_codes (user_id, code_hash) values (1, ?1)", [hash.as_ref()]).unwrap();
    let half = |address: &str| ticket(&server.ask(&login("ada", PASSWORD, address)));
    // One network has ten guesses; another is let in all the same.
    let guess = |address: &str| {
        let held = half(address);
        (0..5).map(|_| server.ask(&give(&held, "wrong", address)).status).collect::<Vec<_>>()
    };
    let first = [guess("10.0.0.1"), guess("10.0.0.2"), guess("10.0.0.3")].concat();
    assert_eq!((&first[..10], &first[10..]), (&[422; 10][..], &[429; 5][..]));
    let entered = server.ask(&give(&half("81.2.70.1"), &code(ZEROS, 0), "81.2.70.1"));
    assert_eq!(entered.status, 303, "{}", entered.text());
    // From however many networks they are guessed, there is an end of it, …
    let networks = (1..50).take_while(|number| {
        let (held, address) = (half(&format!("10.0.{number}.1")), format!("10.0.{number}.1"));
        let answers = (0..5).map(|_| server.ask(&give(&held, "wrong", &address)));
        !answers
            .map(|answer| answer.header("retry-after").parse().unwrap_or(0))
            .any(|seconds: u64| seconds > 60)
    });
    let networks = networks.count();
    assert!((17..49).contains(&networks), "{networks} networks could guess");
    let fresh = half("81.2.71.1");
    assert_eq!(server.ask(&give(&fresh, &code(ZEROS, 1), "81.2.71.1")).status, 429);
    // … but not for a known device, and not for a recovery code.
    let asked = server.ask(&login("ada", PASSWORD, "81.2.71.1").cookie(&known));
    let entered = server.ask(&give(&ticket(&asked), &code(ZEROS, 1), "81.2.71.1").cookie(&known));
    assert_eq!(entered.status, 303, "{}", entered.text());
    assert_eq!(server.ask(&give(&fresh, recovery, "81.2.71.1")).status, 303);
    // A new password is one that nobody guesses with.
    let changed = desk.run_with("another good one", &["user", "password", "ada", "--password-stdin"]);
    assert!(changed.status.success());
    let asked = server.ask(&login("ada", "another good one", "81.2.72.1"));
    assert_eq!(server.ask(&give(&ticket(&asked), "000000", "81.2.72.1")).status, 422);
}

#[test]
fn wrong_passwords_of_a_guest_link_keep_no_guest_out_elsewhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (_, path) = link(&desk, &["--password-stdin"]);
    let give = |password: &str, address: &str| {
        let form = post(format!("{path}/password"), &[("password", password)]);
        server.ask(&form.header("X-Forwarded-For", address))
    };
    for _ in 0..5 {
        assert_eq!(give("a wrong one", "81.2.70.1").status, 422);
    }
    let refused = try_until_refused(20, GUESS_PAUSE, |number| {
        give("a wrong one", &format!("81.2.69.{}", 1 + number / 8))
    });
    assert_eq!(refused.status, 429);
    assert_eq!(give(PASSWORD, "81.2.69.99").status, 429, "guesses of a network are not slowed down");
    assert_eq!(give(PASSWORD, "81.2.71.1").status, 303);
}

#[test]
fn asking_for_letters_in_somebodys_name_keeps_them_from_no_letter_of_their_own() {
    let desk = Desk::with_site();
    // A server that takes no letter: all wait.
    let url = ["--public-url", "https://stats.bakery.example", "--smtp-url", "smtp://127.0.0.1:1?tls=none"];
    let server = desk.serve_with(&url);
    let ask = |name: &str, address: &str| {
        server.ask(&post("/reset", &[("username", name)]).header("X-Forwarded-For", address)).status
    };
    // Of a name that nobody has, so that no letter is written meanwhile.
    for name in ["zoe", "ada"] {
        let refused = try_until_refused(3, GUESS_PAUSE, |_| {
            server.ask(&post("/reset", &[("username", name)]).header("X-Forwarded-For", "81.2.69.1"))
        });
        assert_eq!(refused.status, 429);
        assert_eq!(ask(name, "81.2.70.1"), 200, "{name}");
    }
    desk.wait_for("(select count(*) from outbox) = 3");
}

#[test]
fn letters_that_others_have_written_keep_nobody_from_sharing() {
    let senders = ["uma", "vic", "wes", "xia", "yan"];
    let desk = Desk::with_people(&senders);
    for sender in senders {
        desk.text(&["site", "add", &format!("{sender}.example"), "--owner", sender]);
    }
    let url = ["--public-url", "http://stats.bakery.example", "--smtp-url", "smtp://127.0.0.1:1?tls=none"];
    let server = desk.serve_with(&url);
    let mut told = Vec::new();
    for (number, sender) in (2..).zip(senders) {
        let cookie = server.sign_in(sender);
        let path = format!("/sites/{number}/preferences/sharing");
        let typed = [("user", "client@c.example"), ("level", "view-only")];
        let share = || server.ask(&post(path.as_str(), &typed).cookie(&cookie));
        let again = || {
            let renew = post(format!("{path}/invitations/renew"), &[("email", "client@c.example")]);
            server.ask(&renew.cookie(&cookie))
        };
        for number in 0..5 {
            let answer = if number == 0 { share() } else { again() };
            assert_eq!(answer.status, 200, "{sender}: {}", answer.text());
            told.push(answer.text().contains("No letter was sent: that mailbox got many from here lately"));
        }
        assert_eq!(again().status, 429, "{sender} may write any number of letters");
    }
    let written = told.iter().position(|is_told| *is_told).unwrap();
    assert!((20..25).contains(&written), "{written} letters to one mailbox");
    assert_eq!(
        desk.number("select seq from sqlite_sequence where name = 'outbox'"),
        i64::try_from(written).unwrap()
    );
}
