//! How the server was started. Read from the command line and the environment by `cli` alone.

use crate::error::{Error, Result};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The settings of `clickstead serve`.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The data file.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that people use, when it differs from what browsers send.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// An MMDB file of places.
    pub geoip: Option<PathBuf>,
    /// A file of hosts known for referrer spam, beside those that are built in.
    pub referrer_spam_file: Option<PathBuf>,
    /// Whether the names of visitors' addresses are asked for.
    pub resolve_hostnames: bool,
    /// How letters are sent; without it none are.
    pub mail: Option<MailConfig>,
    /// Whether pages on the operator's own network may be fetched.
    pub allow_private_targets: bool,
    /// The settings of backups; without them none are made.
    pub backups: Option<BackupConfig>,
}

/// The settings of the backups that a running server makes.
#[derive(Clone, Debug)]
pub struct BackupConfig {
    /// The folder in which they are written.
    pub folder: PathBuf,
    /// The time between two backups.
    pub every: Duration,
    /// The number of backups kept.
    pub keep: usize,
}

/// How letters are sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The mail server.
    pub server: SmtpServer,
    /// Who they are from: an address, or a name with an address in angle brackets.
    pub from: String,
    /// A certificate in PEM, beside the usual ones, that the mail server's may be signed with.
    pub root_certificate: Option<PathBuf>,
}

/// How a connection to a mail server is kept from others' eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte.
    Implicit,
    /// By the command STARTTLS, before anything else is said.
    StartTls,
    /// Not at all: a server on this machine.
    None,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// Name and password.
    pub credentials: Option<(String, String)>,
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SmtpServer({}:{}, {:?})", self.host, self.port, self.encryption)
    }
}

impl SmtpServer {
    /// `smtps://NAME:PASSWORD@HOST` (port 465) or `smtp://…` (port 587, STARTTLS needed). `?tls=none` for a server on
    /// this machine (port 25); a password is never sent unencrypted to another one.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |sentence: &str| Error::invalid("smtp_url", sentence);
        let form = "Give --smtp-url as smtps://NAME:PASSWORD@HOST or smtp://NAME:PASSWORD@HOST.";
        let url = url::Url::parse(text).map_err(|_| wrong(form))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong(form))?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let (encryption, port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => (Encryption::Implicit, 465),
            ("smtp", None) => (Encryption::StartTls, 587),
            ("smtp", Some("none")) => (Encryption::None, 25),
            _ => return Err(wrong(form)),
        };
        let text = |part: &str| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| wrong(form))
        };
        let credentials = match url.password() {
            Some(password) => Some((text(url.username())?, text(password)?)),
            None if url.username().is_empty() => None,
            None => return Err(wrong("--smtp-url has a name but no password.")),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        let is_here =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if encryption == Encryption::None && credentials.is_some() && !is_here {
            return Err(wrong(
                "--smtp-url would send the password unencrypted. Leave ?tls=none out, or the password.",
            ));
        }
        Ok(Self { host, port: url.port().unwrap_or(port), encryption, credentials })
    }
}

impl ServeConfig {
    /// Returns the settings of a test, with nothing but trusted proxies.
    #[cfg(test)]
    pub fn trusting(trusted: &str) -> Self {
        Self {
            data: "x.db".into(),
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
            trusted_proxies: trusted.split_whitespace().map(|network| network.parse().unwrap()).collect(),
            geoip: None,
            referrer_spam_file: None,
            resolve_hostnames: false,
            mail: None,
            allow_private_targets: false,
            backups: None,
        }
    }

    /// Whether a peer's word on its client is believed.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&peer))
    }
}

/// The scheme and host under which people reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// `https://stats.example.com`, without a path.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("public_url", "Give --public-url as https://HOST without a path.");
        let url = url::Url::parse(text).map_err(|_| wrong())?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if is_plain { Ok(Self(url.origin().ascii_serialization())) } else { Err(wrong()) }
    }

    /// `https://stats.example.com`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// `stats.example.com`, without a port.
    pub fn host(&self) -> &str {
        let host = self.0.split_once("://").map_or(self.0.as_str(), |(_, host)| host);
        host.rsplit_once(':').map_or(host, |(host, _)| host)
    }

    /// Whether browsers come by HTTPS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_read_from_its_address() {
        let server = SmtpServer::parse("smtps://ada%40b.example:p%3Aw@mail.example").unwrap();
        assert_eq!(
            (server.host.as_str(), server.port, server.encryption),
            ("mail.example", 465, Encryption::Implicit)
        );
        assert_eq!(server.credentials, Some(("ada@b.example".into(), "p:w".into())));
        assert!(!format!("{server:?}").contains("p:w"), "a password is printed");
        let server = SmtpServer::parse("smtp://mail.example:2525").unwrap();
        assert_eq!((server.port, server.encryption, server.credentials), (2525, Encryption::StartTls, None));
        assert_eq!(SmtpServer::parse("smtp://[::1]?tls=none").unwrap().host, "::1");
    }

    #[test]
    fn a_password_is_not_sent_in_the_clear_to_another_machine() {
        assert!(SmtpServer::parse("smtp://a:b@mail.example?tls=none").is_err());
        assert!(SmtpServer::parse("smtp://a:b@127.0.0.1?tls=none").is_ok());
        for wrong in
            ["mail.example", "http://mail.example", "smtp://a@mail.example", "smtps://x?tls=none", "smtp:"]
        {
            assert!(SmtpServer::parse(wrong).is_err(), "{wrong}");
        }
    }
}
