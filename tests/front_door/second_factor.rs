//! What turning the second factor on ends, and what turning it off asks for.

use super::account::{code, wrong_code};
use super::harness::{Desk, PASSWORD, Server};
use super::http::Answer;
use super::known_devices::{enter, form, holds, is_known};

/// Sets up a second factor with the code of now; its secret and the recovery codes.
fn turn_on(server: &Server<'_>, session: &str) -> (String, Vec<String>) {
    let page = form(server, session, "second-factor", &[]).text();
    let secret = page.split("name=\"secret\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let typed = [("secret", secret.as_str()), ("code", &code(&secret, 0)), ("password", PASSWORD)];
    (secret.clone(), recovery_codes(&form(server, session, "second-factor/confirm", &typed)))
}

fn recovery_codes(answer: &Answer) -> Vec<String> {
    let page = answer.text();
    let list = page.split("id=\"recovery-codes\" tabindex=\"0\"><code>").nth(1);
    let list = list.unwrap_or_else(|| panic!("{page}")).split('<').next().unwrap();
    list.lines().map(str::to_owned).collect()
}

#[test]
fn turning_the_second_factor_on_signs_out_every_other_browser() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (session, here) = enter(&server, "");
    let (other, there) = enter(&server, "");
    let both = format!("{session}; {here}");
    turn_on(&server, &both);
    assert!(holds(&server, &session) && !holds(&server, &other));
    assert!(is_known(&desk, &here) && !is_known(&desk, &there));
}

#[test]
fn turning_the_second_factor_off_and_renewing_its_codes_ask_for_a_code_beside_the_password() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (session, _) = enter(&server, "");
    let (secret, codes) = turn_on(&server, &session);
    let is_on = || desk.number("select count(*) from users where second_factor is not null") == 1;
    let wrong = wrong_code(&secret);
    for path in ["second-factor/remove", "recovery-codes"] {
        for (password, code, says) in [
            (PASSWORD, "", "That code is not right"),
            (PASSWORD, wrong.as_str(), "That code is not right"),
            ("a wrong password", codes[0].as_str(), "not your password"),
        ] {
            let refused = form(&server, &session, path, &[("password", password), ("code", code)]);
            assert!(refused.status == 422 && refused.text().contains(says), "{path}: {}", refused.text());
        }
        let none = form(&server, &session, path, &[("password", PASSWORD)]);
        assert_eq!(none.status, 422, "{path} without a code");
    }
    assert!(
        is_on() && desk.number("select count(*) from recovery_codes") == 10,
        "a refused form used one up"
    );
    // Another secret in its place would be another way to turn it off.
    let other = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
    let typed = [("secret", other), ("code", &code(other, 0)), ("password", PASSWORD)];
    let replaced = form(&server, &session, "second-factor/confirm", &typed);
    assert_eq!((replaced.status, replaced.header("location")), (303, "/account/security"));
    assert_eq!(form(&server, &session, "second-factor", &[]).status, 303);
    let kept = desk.texts("select hex(second_factor) from users where id = 1").remove(0);
    assert_ne!(kept, "0842108421084210842108421084210842108421");
    // By a recovery code, and by one of the app.
    let renewed = form(&server, &session, "recovery-codes", &[("password", PASSWORD), ("code", &codes[0])]);
    assert_eq!(recovery_codes(&renewed).len(), 10);
    let old = form(&server, &session, "second-factor/remove", &[("password", PASSWORD), ("code", &codes[1])]);
    assert_eq!(old.status, 422, "an old recovery code counts");
    let typed = [("password", PASSWORD), ("code", &code(&secret, 1))];
    let off = form(&server, &session, "second-factor/remove", &typed);
    assert_eq!((off.status, off.header("location")), (303, "/account/security?done=off"));
    assert!(!is_on() && desk.number("select count(*) from recovery_codes") == 0);
    assert!(holds(&server, &session));
}

#[test]
fn codes_can_not_be_guessed_through_where_somebody_is_signed_in() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (session, _) = enter(&server, "");
    let (secret, codes) = turn_on(&server, &session);
    let typed = |code: &str| {
        form(&server, &session, "second-factor/remove", &[("password", PASSWORD), ("code", code)])
    };
    let tries = (0..10).filter(|_| typed(&wrong_code(&secret)).text().contains("That code is not right"));
    assert_eq!(tries.count(), 10);
    assert!(typed(&codes[0]).text().contains("Too many tries"));
    assert_eq!(desk.number("select count(*) from users where second_factor is not null"), 1);
}
