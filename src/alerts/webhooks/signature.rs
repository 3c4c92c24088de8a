//! The secrets and signatures of webhooks, as Standard Webhooks has them:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::random;
use crate::store::webhooks::SigningKeys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use std::fmt;

/// The secret of a webhook, which is shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl WebhookSecret {
    /// Returns a new secret from the system's random source.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when that source fails.
    pub fn generate() -> Result<Self> {
        Ok(Self(random::<32>()?.to_vec()))
    }

    /// Returns the bytes that are stored.
    pub fn key(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text that receivers are given: `whsec_` and Base64.
    pub fn expose(&self) -> String {
        format!("whsec_{}", STANDARD.encode(&self.0))
    }
}

/// Returns the value of `webhook-signature` for a message that is sent now: a signature with the key, and one with the old key
/// while that signs too.
pub fn sign(keys: &SigningKeys, message_id: &str, now: Timestamp, body: &str) -> String {
    let signed = format!("{message_id}.{}.{body}", now.seconds());
    let signature = |key: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
    };
    let old = keys.old.as_ref().filter(|(_, until)| now < *until);
    let all = [Some(signature(&keys.key)), old.map(|(key, _)| signature(key))];
    all.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key, message and signature in the tests of the Standard Webhooks libraries.
    const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: Timestamp = Timestamp(1_614_265_330_000);
    const BODY: &str = r#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let keys = SigningKeys { key: STANDARD.decode(KEY).unwrap(), old: None };
        assert_eq!(sign(&keys, MESSAGE, AT, BODY), SIGNATURE);
    }

    #[test]
    fn an_old_secret_signs_too_until_its_time_is_over() {
        let old = (STANDARD.decode(KEY).unwrap(), Timestamp(AT.0 + 1));
        let keys = SigningKeys { key: vec![7; 32], old: Some(old) };
        let both = sign(&keys, MESSAGE, AT, BODY);
        assert!(both.ends_with(&format!(" {SIGNATURE}")), "{both}");
        assert!(!sign(&keys, MESSAGE, Timestamp(AT.0 + 1), BODY).contains(' '));
    }

    #[test]
    fn a_secret_is_shown_as_libraries_read_it_and_never_printed() {
        let secret = WebhookSecret::generate().unwrap();
        let text = secret.expose();
        assert_eq!(STANDARD.decode(text.strip_prefix("whsec_").unwrap()).unwrap(), secret.key());
        assert_eq!(format!("{secret:?}"), "***");
    }
}
