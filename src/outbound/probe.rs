//! The probe of a monitor: one request, and whether its answer is as expected. It reads a bounded part of the answer within
//! a timeout, and reaches no address that the guard does not admit, also by a redirect.

use super::recording_tls::{RecordingTls, SeenExpiry, Trust};
use super::{Guard, NotPublic};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::monitor::MonitorSettings;
use crate::model::special_address;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use rustls::CertificateError;
use std::io::{self, ErrorKind, Read};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, TcpConnector};
use ureq::{Agent, Body, http};

/// A client that probes monitored servers.
pub struct Prober {
    trust: Trust,
    admits: fn(IpAddr) -> bool,
}

/// The finding of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The milliseconds until the answer was read; `None` without an answer.
    pub milliseconds: Option<u32>,
    /// The HTTP status; `None` without an answer.
    pub status: Option<u16>,
    /// The cause of a failure, without a full stop; `None` if the answer is as expected.
    pub problem: Option<String>,
    /// The expiry of the certificate; `None` without HTTPS.
    pub certificate_expires_at: Option<Timestamp>,
}

impl Prober {
    /// Returns a client that may reach private networks, or may not.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the trusted certificates cannot be read.
    pub fn new(allows_private: bool) -> Result<Self> {
        let trust = Trust::in_public_roots().map_err(|error| Error::Setup(error.to_string()))?;
        Ok(Self { trust, admits: if allows_private { |_| true } else { special_address::is_public } })
    }

    /// Probes an address; takes the timeout of the settings at most.
    pub fn probe(&self, settings: &MonitorSettings) -> Finding {
        let (seen, began) = (SeenExpiry::default(), Instant::now());
        let timeout = Duration::from_secs(settings.timeout_seconds.into());
        let redirects = if settings.statuses.expects_redirect() { 0 } else { limits::FETCH_REDIRECTS_MAX };
        let answer = self.request(&settings.url, timeout, redirects, seen.clone());
        let (status, problem) = match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                (Some(status), self::problem(settings, answer))
            }
            Err(error) => (None, Some(explain(&error, timeout, seen.get()))),
        };
        let elapsed = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let milliseconds = status.map(|_| elapsed);
        Finding { milliseconds, status, problem, certificate_expires_at: seen.get() }
    }

    /// Returns true if the server at an address answers anything.
    pub fn reaches(&self, address: &str) -> bool {
        self.request(address, limits::FETCH_WITHIN, 0, SeenExpiry::default()).is_ok()
    }

    fn request(
        &self,
        address: &str,
        timeout: Duration,
        redirects: u32,
        seen: SeenExpiry,
    ) -> std::result::Result<http::Response<Body>, ureq::Error> {
        let config = Agent::config_builder()
            // A proxy from the environment would resolve names itself, without the guard.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(redirects)
            .max_redirects_will_error(redirects > 0)
            .timeout_global(Some(timeout))
            .max_idle_connections(0)
            .user_agent(concat!("Clickstead/", env!("CARGO_PKG_VERSION"), " (uptime check)"))
            .accept("*/*")
            .accept_encoding("identity")
            .build();
        let guard = Guard { resolver: DefaultResolver::default(), admits: self.admits };
        let tls = RecordingTls::new(&self.trust, seen)?;
        let agent = Agent::with_parts(config, TcpConnector::default().chain(tls), guard);
        agent.get(address).call()
    }
}

/// Returns true if two addresses lead to one machine, as far as their names are known.
pub fn is_same_machine(one: &str, other: &str) -> bool {
    let machines = |url: &str| -> Vec<IpAddr> {
        let sockets = url::Url::parse(url).ok().and_then(|url| url.socket_addrs(|| None).ok());
        sockets.unwrap_or_default().iter().map(|socket| socket.ip().to_canonical()).collect()
    };
    let others = machines(other);
    machines(one).iter().any(|address| others.contains(address))
}

/// Returns the cause why an answer is not as expected.
fn problem(settings: &MonitorSettings, mut answer: http::Response<Body>) -> Option<String> {
    let status = answer.status().as_u16();
    let encoding = answer.headers().get("content-encoding").and_then(|value| value.to_str().ok());
    let encoding = encoding.unwrap_or("identity").trim().to_lowercase();
    let body = answer.body_mut().as_reader();
    if !settings.statuses.contains(status) {
        return Some(format!("Answered {status} instead of {}", settings.statuses));
    }
    let text = match read(body, &encoding) {
        Ok(text) => text,
        Err(error) => {
            return Some(match error.kind() {
                _ if is_timeout(&error) => too_slow(Duration::from_secs(settings.timeout_seconds.into())),
                ErrorKind::Unsupported => error.to_string(),
                _ => "The answer broke off".to_owned(),
            });
        }
    };
    let is_missing = |text_sought: &str| !text_sought.is_empty() && !text.contains(text_sought);
    let is_there = |text_sought: &str| !text_sought.is_empty() && text.contains(text_sought);
    if is_missing(&settings.must_contain) {
        let place = if u64::try_from(text.len()).unwrap_or(u64::MAX) >= limits::MONITOR_BYTES_MAX {
            " in the first MiB"
        } else {
            ""
        };
        return Some(format!("The text “{}” is missing{place}", settings.must_contain));
    }
    is_there(&settings.must_not_contain).then(|| format!("The text “{}” is there", settings.must_not_contain))
}

/// Reads the text of an answer, up to [`limits::MONITOR_BYTES_MAX`] before and after decompression.
fn read(body: impl Read, encoding: &str) -> io::Result<String> {
    let most = limits::MONITOR_BYTES_MAX;
    let body = body.take(most);
    let mut bytes = Vec::new();
    match encoding {
        "identity" | "" => body.take(most).read_to_end(&mut bytes)?,
        "gzip" | "x-gzip" => MultiGzDecoder::new(body).take(most).read_to_end(&mut bytes)?,
        "deflate" => ZlibDecoder::new(body).take(most).read_to_end(&mut bytes)?,
        _ => {
            let shown: String = encoding.chars().take(20).collect();
            let sentence = format!("The answer is compressed in a way that can't be read ({shown})");
            return Err(io::Error::new(ErrorKind::Unsupported, sentence));
        }
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn too_slow(timeout: Duration) -> String {
    let seconds = timeout.as_secs();
    format!("No complete answer within {seconds} {}", if seconds == 1 { "second" } else { "seconds" })
}

/// Returns true if reading the answer took too long: such an error comes inside one of the reader.
fn is_timeout(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    error.kind() == ErrorKind::TimedOut || matches!(inner, Some(ureq::Error::Timeout(_)))
}

/// Returns the cause why there is no answer.
fn explain(error: &ureq::Error, timeout: Duration, expiry: Option<Timestamp>) -> String {
    match error {
        ureq::Error::Other(inner) if inner.is::<NotPublic>() => {
            "The address leads to a private network, which this server doesn't check".to_owned()
        }
        ureq::Error::HostNotFound => "The name isn't known".to_owned(),
        ureq::Error::Timeout(_) => too_slow(timeout),
        ureq::Error::TooManyRedirects => "It redirects too many times".to_owned(),
        ureq::Error::Rustls(inner) => explain_tls(inner, expiry),
        ureq::Error::Tls(_) => "The encrypted connection failed".to_owned(),
        ureq::Error::Io(inner) => explain_io(inner, timeout, expiry),
        ureq::Error::ConnectionFailed => "No connection".to_owned(),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::LargeResponseHeader(..) => {
            "The answer isn't valid HTTP".to_owned()
        }
        ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => {
            "It leads to an address that isn't valid".to_owned()
        }
        error => format!("No answer ({error})"),
    }
}

fn explain_io(error: &io::Error, timeout: Duration, expiry: Option<Timestamp>) -> String {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return explain_tls(inner, expiry);
    }
    // The standard library has no kind of error for it.
    let text = error.to_string();
    if text.contains("lookup address information") {
        let is_temporary = text.contains("emporary failure");
        return if is_temporary { "The name can't be looked up" } else { "The name isn't known" }.to_owned();
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => "The connection was refused".to_owned(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            "The connection was cut".to_owned()
        }
        ErrorKind::UnexpectedEof => "The server closed the connection without an answer".to_owned(),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => too_slow(timeout),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            "The server can't be reached".to_owned()
        }
        _ => "No connection".to_owned(),
    }
}

fn explain_tls(error: &rustls::Error, expiry: Option<Timestamp>) -> String {
    let rustls::Error::InvalidCertificate(problem) = error else {
        return "The encrypted connection failed".to_owned();
    };
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => match expiry {
            Some(at) => {
                format!("The certificate expired on {}", Zone::utc().day(at).date().strftime("%b %-d, %Y"))
            }
            None => "The certificate expired".to_owned(),
        },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "The certificate isn't valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "The certificate is for another name".to_owned()
        }
        CertificateError::UnknownIssuer => "The certificate isn't from a trusted authority".to_owned(),
        CertificateError::Revoked => "The certificate was revoked".to_owned(),
        _ => "The certificate isn't valid".to_owned(),
    }
}

#[cfg(test)]
mod tests;
