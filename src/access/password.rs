//! The rule for passwords, and their hashes by bcrypt. One hash takes a fifth of a second of a processor; `App` limits how many run
//! at a time.

use crate::error::{Error, Result};
use crate::limits;

/// Returns the problem of a password, if it has one: the length is limited to 10 characters at least and 71
/// bytes at most.
pub fn problem(password: &str) -> Option<&'static str> {
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

/// Returns the hash of a password without a [`problem`].
///
/// # Errors
///
/// Fails with `Error::Invalid` when the password is longer than 71 bytes.
pub fn hash(password: &str) -> Result<String> {
    let hashed = bcrypt::non_truncating_hash(password, limits::PASSWORD_COST);
    hashed.map_err(|_| Error::invalid("password", "Choose a shorter password: 71 bytes at most."))
}

/// Returns true if a password matches a hash. A hash with a higher cost than ours never matches: comparing
/// could take hours.
pub fn matches(password: &str, hash: &str) -> bool {
    is_affordable(hash) && bcrypt::non_truncating_verify(password, hash).unwrap_or(false)
}

/// Returns true if a text is a hash whose cost is not above ours.
pub fn is_affordable(hash: &str) -> bool {
    hash.parse::<bcrypt::HashParts>().is_ok_and(|parts| parts.get_cost() <= limits::PASSWORD_COST)
}

/// Returns a hash that no password matches, with the form and cost of a real one, so that an unknown user name
/// takes as long as a known one. "." is the zero of bcrypt's base64.
pub fn nobodys_hash() -> String {
    format!("$2b${:02}${}", limits::PASSWORD_COST, ".".repeat(53))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_measured_in_characters_below_and_bytes_above() {
        assert!(problem("äöüäöüäöü").is_some() && problem("äöüäöüäöüä").is_none());
        assert!(problem(&"x".repeat(71)).is_none() && problem(&"ä".repeat(36)).is_some());
    }

    #[test]
    fn a_password_matches_its_own_hash_alone() {
        let hashed = hash("correct horse").unwrap();
        assert!(matches("correct horse", &hashed) && !matches("correct horsf", &hashed));
        assert!(!matches("", &nobodys_hash()));
    }

    #[test]
    fn a_hash_that_would_take_hours_is_no_passwords() {
        let dear = hash("correct horse").unwrap().replacen("$12$", "$31$", 1);
        assert!(!is_affordable(&dear) && !matches("correct horse", &dear));
        assert!(is_affordable(&nobodys_hash()) && !is_affordable("") && !is_affordable("plain"));
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_real_one() {
        assert!(
            nobodys_hash()
                .parse::<bcrypt::HashParts>()
                .is_ok_and(|parts| parts.get_cost() == limits::PASSWORD_COST)
        );
    }
}
