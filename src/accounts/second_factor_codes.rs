//! The codes of a second factor: those of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds a step, one
//! step of tolerance), and recovery codes for a lost phone.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// The number of letters of a recovery code: 80 bits.
const RECOVERY_CODE_LETTERS: usize = 16;
/// The letters of a recovery code, without those that are easily confused.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

fn totp(secret: &[u8], name: &str) -> Result<Totp> {
    let built = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .with_issuer(Some("Clickstead"))
        .with_account_name(name)
        .build();
    built.map_err(|error| Error::Internal(format!("second factor: {error}")))
}

/// Returns a new secret of 160 bits, as RFC 4226 recommends.
///
/// # Errors
///
/// Fails when the system's random source fails.
pub fn generate() -> Result<Vec<u8>> {
    Ok(id::random::<20>()?.to_vec())
}

/// Returns a secret as base32 text, for typing into an app.
pub fn letters(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// Parses a secret from base32 text; `None` if it is not 20 bytes long.
pub fn read(letters: &str) -> Option<Vec<u8>> {
    let plain: String = letters.chars().filter(|c| !c.is_whitespace()).collect();
    let secret = Secret::try_from_base32(plain.to_uppercase()).ok()?;
    (secret.as_ref().len() == 20).then(|| secret.as_ref().to_vec())
}

/// Returns the `otpauth:` address of the QR code.
///
/// # Errors
///
/// Fails with `Error::Internal` when the secret or the name is not valid.
pub fn address(secret: &[u8], name: &str) -> Result<String> {
    // A colon would end the issuer's name.
    let address = totp(secret, &name.replace(':', "."))?.to_url();
    address.map_err(|error| Error::Internal(format!("second factor: {error}")))
}

/// Returns the time step of a code that is valid now, or one step (30 seconds) before or after; `None` for a
/// wrong code.
///
/// # Errors
///
/// Fails with `Error::Internal` when the secret is not valid.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.seconds()).unwrap_or(0);
    let step = totp(secret, "x")?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// Returns true for a text with as many letters and digits as a recovery code, which is too long to be guessed.
pub fn looks_like_recovery_code(code: &str) -> bool {
    code.chars().filter(char::is_ascii_alphanumeric).count() == RECOVERY_CODE_LETTERS
}

/// Returns new recovery codes, to be shown once.
///
/// # Errors
///
/// Fails when the system's random source fails.
pub fn recovery_codes() -> Result<Vec<String>> {
    (0..limits::RECOVERY_CODES).map(|_| recovery_code()).collect()
}

/// Returns four groups of four letters: 80 bits.
///
/// # Errors
///
/// Fails when the system's random source fails.
fn recovery_code() -> Result<String> {
    let letters =
        id::random::<RECOVERY_CODE_LETTERS>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// Returns the stored hash of a recovery code; case, spaces and hyphens do not matter.
pub fn hash(code: &str) -> [u8; 32] {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    id::Token::known(plain.to_lowercase()).hash()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp(seconds * 1_000);
            assert_eq!(step_of(secret, code, now).unwrap(), Some(seconds / 30), "{seconds}");
            assert_eq!(step_of(secret, code, Timestamp(now.0 + 30_000)).unwrap(), Some(seconds / 30));
            assert_eq!(step_of(secret, code, Timestamp(now.0 + 90_000)).unwrap(), None, "{seconds}, late");
        }
        assert_eq!(step_of(secret, "287 082", Timestamp(59_000)).unwrap(), Some(1));
        assert_eq!(step_of(secret, "94287082", Timestamp(59_000)).unwrap(), None);
    }

    #[test]
    fn a_secret_is_read_back_from_its_letters_and_named_in_the_apps_address() {
        let secret = generate().unwrap();
        assert_eq!(read(&letters(&secret).to_lowercase()), Some(secret.clone()));
        assert_eq!((read(""), read("ABCD"), read("1")), (None, None, None));
        let address = address(&secret, "ada: x").unwrap();
        assert!(
            address.starts_with("otpauth://totp/Clickstead:ada") && address.contains(&letters(&secret)),
            "{address}"
        );
    }

    #[test]
    fn recovery_codes_differ_and_are_known_however_they_are_typed() {
        let mut codes = recovery_codes().unwrap();
        assert_eq!(hash(&codes[0]), hash(&format!(" {} ", codes[0].to_uppercase().replace('-', ""))));
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), limits::RECOVERY_CODES);
        assert!(codes.iter().all(|code| code.len() == 19 && looks_like_recovery_code(code)));
        assert!(!looks_like_recovery_code("123 456") && !looks_like_recovery_code(""));
    }
}
