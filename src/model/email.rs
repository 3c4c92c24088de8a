//! The stored and the compared form of e-mail addresses: a mailbox has one spelling, whatever a keyboard or a
//! browser makes of it. Knows nothing of the accounts that have an address.

use crate::limits;
use unicode_normalization::UnicodeNormalization;
use unicode_security::GeneralSecurityProfile;

/// Returns the spelling of an address that is stored and written to: without surrounding spaces, full-width and
/// composed letters normalized (NFKC), and the host in its DNS form, which also makes look-alike hosts
/// distinguishable on screens. Text that is no address is only trimmed.
pub fn canonical(typed: &str) -> String {
    let plain: String = typed.trim().nfkc().collect();
    match plain.rsplit_once('@') {
        Some((name, host)) => format!("{name}@{}", host_key(host)),
        None => typed.trim().to_owned(),
    }
}

/// Returns the key that all spellings of one address share. The part before the @ is not normalized: mail
/// servers may distinguish full-width letters, so two such addresses, each confirmed by itself, are different.
pub fn key(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((name, host)) => format!("{}@{}", name.to_lowercase(), host_key(host)),
        None => address.trim().to_lowercase(),
    }
}

/// Returns a host in its DNS form (RFC 5891), without a final dot. A text longer than any host, at four bytes a
/// letter, is only converted to lower case.
fn host_key(host: &str) -> String {
    let known = Some(host).filter(|host| host.len() <= 4 * limits::EMAIL_BYTES_MAX);
    let ascii =
        known.and_then(|host| idna::domain_to_ascii(host).ok()).unwrap_or_else(|| host.to_lowercase());
    ascii.strip_suffix('.').unwrap_or(&ascii).to_owned()
}

/// Returns true for an address to which a letter can be sent, without invisible characters.
pub fn is_valid(address: &str) -> bool {
    address.split_once('@').is_some_and(|(name, host)| {
        // Characters with a meaning of their own in the header of a letter (RFC 5322) would need quotes there.
        let is_special = |c: char| c.is_whitespace() || c.is_control() || "<>\",;:()[]\\".contains(c);
        let is_plain = |text: &str| !text.is_empty() && !text.contains(is_special);
        let is_seen = |c: char| c.is_ascii() || c.identifier_allowed();
        address.len() <= limits::EMAIL_BYTES_MAX
            && is_plain(name)
            && is_plain(host)
            && !host.contains('@')
            && name.chars().all(is_seen)
            && idna::domain_to_ascii(host).is_ok_and(|host| !host.is_empty())
    })
}

/// Returns the problem of an e-mail address, if it has one.
pub fn problem(address: &str) -> Option<&'static str> {
    (!is_valid(address)).then_some("Enter an e-mail address such as name@example.com.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_key_however_it_is_typed() {
        for (typed, kept) in [
            (" Ada@Bakery.Example \n", "Ada@bakery.example"),
            ("Ａda＠bakery.example", "Ada@bakery.example"),
            ("ada@bakery.example.", "ada@bakery.example"),
            ("jo\u{308}rg@bäckerei.example", "jörg@xn--bckerei-5wa.example"),
            ("jörg@BÄCKEREI.example", "jörg@xn--bckerei-5wa.example"),
            ("ada@ｂakery。example", "ada@bakery.example"),
            ("nobody", "nobody"),
        ] {
            assert_eq!(canonical(typed), kept, "{typed}");
            assert_eq!(canonical(kept), kept);
            assert_eq!(key(&canonical(typed)), kept.to_lowercase(), "{typed}");
        }
        assert_eq!(key("JÖRG@xn--bckerei-5wa.example"), key("jörg@bäckerei.example"));
        // Addresses that mail servers may distinguish have different keys.
        assert_ne!(key("ａda@bakery.example"), key("ada@bakery.example"));
        assert_ne!(key("ada@fass.example"), key("ada@faß.example"));
    }

    #[test]
    fn an_address_has_no_letters_that_nobody_sees() {
        for right in
            ["ada@bakery.example", "a+b.c'd@x.example", "jörg@bäckerei.example", "やまだ@例え.example"]
        {
            assert!(is_valid(right), "{right}");
        }
        for wrong in [
            "a\u{200b}da@bakery.example",
            "ada\u{202e}@bakery.example",
            "a\u{ad}da@b.example",
            "ada@\u{200b}",
        ] {
            assert!(!is_valid(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_is_one_that_a_letter_can_name() {
        for right in ["ada@bakery.example", "a+b.c'd@x.example", "jörg@bäckerei.example"] {
            assert_eq!(problem(right), None, "{right}");
        }
        for special in "<>\",;:()[]\\ \t\n\0".chars() {
            for wrong in [format!("a{special}b@c.example"), format!("ab@c{special}d.example")] {
                assert!(problem(&wrong).is_some(), "{wrong:?}");
            }
        }
        for wrong in ["", "@", "a@", "@b", "a@b@c", "a.example"] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }
}
