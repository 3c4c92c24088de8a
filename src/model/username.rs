//! The stored and the compared forms of user names, by Unicode's rules against look-alikes (UTS 39): a new name
//! uses one script, and neither equals another name in other letters nor looks like it. Both keys are stored:
//! if a new version of `unicode-security` changes its tables, the next migration must compute them again.

use crate::limits;
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

/// Returns the stored spelling of a name: without surrounding spaces, full-width and composed letters
/// normalized (NFKC).
pub fn canonical(typed: &str) -> String {
    typed.trim().nfkc().collect()
}

/// Returns the sentence for the problem of a new name, if it has one.
pub fn problem(name: &str) -> Option<&'static str> {
    let is_seen = |character: char| character.is_ascii() || character.identifier_allowed();
    let is_plain = |c: char| (c.is_alphanumeric() && is_seen(c)) || "._-".contains(c);
    if !limits::USERNAME_CHARS.contains(&name.chars().count()) || !name.chars().all(is_plain) {
        Some("Choose a user name of 2 to 40 letters, digits, dots, dashes or underscores.")
    } else if !name.is_single_script() {
        Some("Choose a user name in one alphabet: this one mixes letters of several.")
    } else {
        None
    }
}

/// Returns the key shared by names that differ only in case, or look the same in lower case.
pub fn folded_key(name: &str) -> String {
    skeleton(&fold(&canonical(name))).collect()
}

/// Returns the key shared by names that look the same as written: here a capital I is like a small l.
pub fn look_key(name: &str) -> String {
    fold(&skeleton(&canonical(name)).collect::<String>())
}

/// Converts to lower case, with variants such as the final Greek sigma unified.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clash(one: &str, other: &str) -> bool {
        folded_key(one) == folded_key(other) || look_key(one) == look_key(other)
    }

    #[test]
    fn a_name_is_of_one_script() {
        for right in
            ["ada", "ada_2", "jörg.b-1", "Ада", "αδα", "山田", "やまだ太郎", "ヤマダ", "김철수", "x9", "42"]
        {
            assert_eq!(problem(right), None, "{right}");
        }
        // Cyrillic а, Greek ο, and Latin with kana.
        for mixed in ["\u{430}da", "bakery\u{3bf}", "adaやまだ"] {
            assert!(problem(mixed).is_some_and(|sentence| sentence.contains("one alphabet")), "{mixed}");
        }
        for wrong in
            ["a", "a b", "ada@b", "ada＠b", "a\u{200b}da", "ada\u{ad}", "ad\u{202e}a", "ℌans", "<b>", ""]
        {
            assert!(problem(wrong).is_some_and(|sentence| sentence.contains("2 to 40")), "{wrong:?}");
        }
    }

    #[test]
    fn names_clash_that_are_the_same_in_other_letters_or_look_the_same() {
        for (one, other) in [
            ("ada", "ADA"),
            ("ada", "ａｄａ"),
            ("jörg", "jo\u{308}rg"),
            ("Jörg", "JÖRG"),
            ("ева", "ЕВА"),
            ("οδος", "ΟΔΟΣ"),
            // All Cyrillic, like Latin ones: small and capital.
            ("сора", "copa"),
            ("ВОВ", "bob"),
            ("ВОВ", "вов"),
            ("Iva", "lva"),
            ("bob", "b0b"),
            ("adal", "ada1"),
            ("modern", "modem"),
            ("straße", "STRASSE"),
        ] {
            assert!(clash(one, other), "{one} and {other}");
        }
        for (one, other) in [("ada", "adam"), ("iva", "lva"), ("вов", "bob"), ("jörg", "jorg"), ("a-b", "ab")]
        {
            assert!(!clash(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn no_name_is_like_an_address() {
        for letter in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let name = format!("ada{letter}b.example");
            if problem(&canonical(&name)).is_none() {
                assert!(!folded_key(&name).contains('@') && !look_key(&name).contains('@'), "{name}");
            }
        }
    }
}
