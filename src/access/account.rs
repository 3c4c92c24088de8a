//! The rule for passwords, shared by screens and commands.

use crate::limits;

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
    fn a_password_is_measured_in_characters_below_and_bytes_above() {
        assert!(password("äöüäöüäöü").is_some() && password("äöüäöüäöüä").is_none());
        assert!(password(&"x".repeat(71)).is_none() && password(&"ä".repeat(36)).is_some());
    }
}
