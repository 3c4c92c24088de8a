//! Rules for user names, e-mail addresses and passwords, shared by screens and commands.

use crate::error::Problem;
use crate::limits;
use crate::model::{email, username};

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
    let checks = [("username", username::problem(name)), ("email", email::problem(address))];
    let found = |(field, sentence): (&'static str, Option<&'static str>)| {
        sentence.map(|sentence| Problem { field, sentence: sentence.into() })
    };
    checks.into_iter().filter_map(found).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_a_form_is_named() {
        let wanted = NewAccount { username: "x", email: "nobody", password: "short" };
        let fields: Vec<_> = problems(&wanted).into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["username", "email", "password"]);
    }

    #[test]
    fn a_password_is_measured_in_characters_below_and_bytes_above() {
        assert!(password("äöüäöüäöü").is_some() && password("äöüäöüäöüä").is_none());
        assert!(password(&"x".repeat(71)).is_none() && password(&"ä".repeat(36)).is_some());
    }
}
