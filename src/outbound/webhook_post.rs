//! The client that posts messages to webhooks. It follows no redirect, and reads only the beginning of an answer.

use super::{Guard, NotPublic};
use crate::limits;
use crate::model::special_address;
use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;
use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;

/// An answer to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the body as text, without control characters.
    pub text: String,
    /// The pause that the receiver asks for before another message.
    pub retry_after: Option<Duration>,
}

/// A client that posts messages.
#[derive(Clone)]
pub struct WebhookPoster(Agent);

impl WebhookPoster {
    /// Returns a client that may reach private networks, or may not.
    pub fn new(allows_private: bool) -> Self {
        Self::admitting(if allows_private { |_| true } else { special_address::is_public })
    }

    fn admitting(admits: fn(IpAddr) -> bool) -> Self {
        let config = Agent::config_builder()
            // A proxy from the environment would resolve names itself, without this check.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(limits::WEBHOOK_WITHIN))
            .max_idle_connections(0)
            .user_agent(concat!("Clickstead/", env!("CARGO_PKG_VERSION"), " (webhook)"))
            .build();
        let guard = Guard { resolver: DefaultResolver::default(), admits };
        Self(Agent::with_parts(config, DefaultConnector::default(), guard))
    }

    /// Posts JSON with these headers; takes `WEBHOOK_WITHIN` at most.
    ///
    /// # Errors
    ///
    /// Fails with a sentence that says why there was no answer.
    pub fn post(&self, url: &str, headers: &[(&'static str, String)], body: &str) -> Result<Answer, String> {
        let mut request = self.0.post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send(body).map_err(|error| explain(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after");
        let seconds = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut bytes = Vec::new();
        // The status counts, even if the rest of the answer never comes.
        let reader = response.body_mut().as_reader();
        reader.take(limits::WEBHOOK_ANSWER_BYTES_MAX).read_to_end(&mut bytes).ok();
        Ok(Answer { status, text: beginning(&bytes), retry_after: seconds.map(Duration::from_secs) })
    }
}

/// Returns the beginning of an answer in one line.
fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(limits::WEBHOOK_ANSWER_CHARS_MAX).collect()
}

fn explain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Other(inner) if inner.is::<NotPublic>() => {
            "Nothing was sent: the address leads to a private network. The server's administrator can allow that with \
             --allow-private-targets."
                .to_owned()
        }
        ureq::Error::HostNotFound => "The name isn't known. Is the address spelled right?".to_owned(),
        ureq::Error::Timeout(_) => {
            format!("It didn't answer within {} seconds.", limits::WEBHOOK_WITHIN.as_secs())
        }
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            format!("Its certificate can't be trusted ({error}).")
        }
        ureq::Error::Io(inner) => format!("It can't be reached: {inner}."),
        error => format!("It can't be reached: {error}."),
    }
}
