//! Rules for user names, e-mail addresses, passwords and new sites, shared by screens and commands.

use crate::error::{Error, Problem, Result};
use crate::ingest::typed_address;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::{email, username};
use crate::store::sites::NewSite;

/// The input for a new account, not yet checked.
pub struct NewAccount<'a> {
    /// The name to sign in with.
    pub username: &'a str,
    /// The e-mail address, for signing in and for letters.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
}

/// Returns every problem of the input for a new account.
pub fn problems(wanted: &NewAccount<'_>) -> Vec<Problem> {
    let mut problems = profile_problems(wanted.username, wanted.email);
    let wrong = password(wanted.password);
    problems.extend(wrong.map(|sentence| Problem { field: "password", sentence: sentence.into() }));
    problems
}

/// Returns the problems of a user name and an e-mail address.
pub fn profile_problems(name: &str, address: &str) -> Vec<Problem> {
    let checks = [("username", username::problem(name)), ("email", email(address))];
    let found = |(field, sentence): (&'static str, Option<&'static str>)| {
        sentence.map(|sentence| Problem { field, sentence: sentence.into() })
    };
    checks.into_iter().filter_map(found).collect()
}

/// Returns the problem of an e-mail address, if it has one.
pub fn email(address: &str) -> Option<&'static str> {
    (!email::is_valid(address)).then_some("Enter an e-mail address such as name@example.com.")
}

/// Returns the problem of a password, if it has one: the length is limited to 10 characters at least and 71
/// bytes at most.
pub fn password(password: &str) -> Option<&'static str> {
    if password.chars().count() < limits::PASSWORD_CHARS_MIN {
        Some("Choose a password of 10 characters or more.")
    } else if password.len() > limits::PASSWORD_BYTES_MAX {
        Some("Choose a shorter password: 71 bytes at most.")
    } else if password.contains('\0') {
        Some("A password can't contain the character NUL.")
    } else {
        None
    }
}

/// Returns the end of a link's last day in the site's zone; `None` for empty input.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the input is no day or the day is over.
pub fn last_day(typed: &str, zone: &Zone, now: Timestamp) -> Result<Option<Timestamp>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid("expires", "Write the last day of the link, such as 2026-12-31.");
    let end = zone.start(Day::parse(typed).ok_or_else(wrong)?.plus(1));
    if end <= now {
        return Err(Error::invalid("expires", "Choose a day that is not over."));
    }
    Ok(Some(end))
}

/// Returns a new site from input: an address or a bare host, an optional name, a time zone.
///
/// # Errors
///
/// Fails with `Error::Invalid`, which names every problem of the three fields.
pub fn site(domain: &str, name: &str, time_zone: &str) -> Result<NewSite> {
    let mut problems = Vec::new();
    let host = host(domain).unwrap_or_else(|problem| {
        problems.push(problem);
        String::new()
    });
    let name = name.trim();
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        problems.push(Problem { field: "name", sentence: "Choose a name of 100 characters at most.".into() });
    }
    match Zone::parse(time_zone) {
        Ok(zone) if problems.is_empty() => {
            let name = if name.is_empty() { host.clone() } else { name.to_owned() };
            Ok(NewSite { domain: host, name, zone })
        }
        Err(Error::Invalid(wrong)) => Err(Error::Invalid(problems.into_iter().chain(wrong).collect())),
        Ok(_) | Err(_) => Err(Error::Invalid(problems)),
    }
}

fn host(domain: &str) -> std::result::Result<String, Problem> {
    let typed = domain.trim();
    let host = typed_address::host(typed);
    let host = host.filter(|host| typed.len() <= 253 && !host.contains(['%', '@']));
    match host {
        Some(host) => Ok(host),
        None => Err(Problem {
            field: "domain",
            sentence: "Enter the site's domain, such as bakery.example or www.bakery.example.".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_taken_from_whatever_people_paste() {
        for (typed, host) in [
            ("bakery.example", "bakery.example"),
            ("https://www.bakery.example/shop?x=1", "bakery.example"),
            (" Bakery.Example. ", "bakery.example"),
            ("localhost:8080", "localhost"),
            ("bäckerei.example", "xn--bckerei-5wa.example"),
        ] {
            assert_eq!(site(typed, "", "UTC").unwrap().domain, host, "{typed}");
        }
        for wrong in ["", "  ", "http://", "a b.example", "<script>"] {
            assert!(site(wrong, "", "UTC").is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_problem_of_a_form_is_named() {
        let wanted = NewAccount { username: "x", email: "nobody", password: "short" };
        let fields: Vec<_> = problems(&wanted).into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["username", "email", "password"]);
        let Err(Error::Invalid(problems)) = site("", "", "Mars/Base") else { panic!("accepted") };
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn an_address_is_one_that_a_letter_can_name() {
        for right in ["ada@bakery.example", "a+b.c'd@x.example", "jörg@bäckerei.example"] {
            assert_eq!(email(right), None, "{right}");
        }
        for special in "<>\",;:()[]\\ \t\n\0".chars() {
            for wrong in [format!("a{special}b@c.example"), format!("ab@c{special}d.example")] {
                assert!(email(&wrong).is_some(), "{wrong:?}");
            }
        }
        for wrong in ["", "@", "a@", "@b", "a@b@c", "a.example"] {
            assert!(email(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_measured_in_characters_below_and_bytes_above() {
        assert!(password("äöüäöüäöü").is_some() && password("äöüäöüäöüä").is_none());
        assert!(password(&"x".repeat(71)).is_none() && password(&"ä".repeat(36)).is_some());
    }
}
