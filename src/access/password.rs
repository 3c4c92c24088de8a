//! Passwords: hashed with bcrypt. One takes a processor a fifth of a second: `App` lets a few be checked at a time.

use crate::error::{Error, Result};
use crate::limits;

/// Hashes a password that [`super::account::password`] found in order.
pub fn hash(password: &str) -> Result<String> {
    let hashed = bcrypt::non_truncating_hash(password, limits::PASSWORD_COST);
    hashed.map_err(|_| Error::invalid("password", "Choose a shorter password: 71 bytes at most."))
}

/// Compares a password with a hash. One that would cost more than ours do is no password's: it would take hours.
pub fn matches(password: &str, hash: &str) -> bool {
    is_affordable(hash) && bcrypt::non_truncating_verify(password, hash).unwrap_or(false)
}

/// Whether a text is a hash that a guess takes no longer to compare with than with one of ours.
pub fn is_affordable(hash: &str) -> bool {
    hash.parse::<bcrypt::HashParts>().is_ok_and(|parts| parts.get_cost() <= limits::PASSWORD_COST)
}

/// A hash that no password has, in the shape and cost of a real one: whoever is unknown takes as long as whoever is
/// known. "." is the zero of bcrypt's base64.
pub fn nobodys_hash() -> String {
    format!("$2b${:02}${}", limits::PASSWORD_COST, ".".repeat(53))
}

#[cfg(test)]
mod tests {
    use super::*;

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
