//! The settings of the server. Only `cli` reads them, from the command line and the environment.

use crate::error::{Error, Result};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The settings of `clickstead serve`.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The path of the data file.
    pub data: PathBuf,
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// The public address of the server, if browsers reach it under another one than they send.
    pub public_url: Option<PublicUrl>,
    /// The networks of proxies whose `X-Forwarded-*` headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The path of an MMDB file with locations; without it only countries are known, from a built-in table.
    pub geoip: Option<PathBuf>,
    /// The path of a file with hosts known for referrer spam, in addition to the built-in ones.
    pub referrer_spam_file: Option<PathBuf>,
    /// True to look up the host names of visitors' addresses.
    pub resolve_hostnames: bool,
    /// The mail settings; without them no letters are sent.
    pub mail: Option<MailConfig>,
    /// True if pages on private networks may be fetched.
    pub allow_private_targets: bool,
    /// The address that is asked whether this server's network works, before a monitored site counts as down.
    pub uptime_reference: Option<String>,
    /// The settings of backups; without them none are made.
    pub backups: Option<BackupConfig>,
}

/// The settings of the backups that a running server makes.
#[derive(Clone, Debug)]
pub struct BackupConfig {
    /// The folder of the backups.
    pub folder: PathBuf,
    /// The time between two backups.
    pub every: Duration,
    /// The number of backups to keep.
    pub keep: usize,
}

/// The settings for sending mail.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The mail server.
    pub server: SmtpServer,
    /// The sender: an address, or a name with an address in angle brackets.
    pub from: String,
    /// The path of a PEM certificate that is trusted for the mail server, in addition to the usual ones.
    pub root_certificate: Option<PathBuf>,
}

/// The encryption of a connection to a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// TLS by the command STARTTLS, before any other data (RFC 3207).
    StartTls,
    /// No encryption, for a server on this machine.
    None,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// The host name or IP address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The encryption of the connection.
    pub encryption: Encryption,
    /// The user name and password.
    pub credentials: Option<(String, String)>,
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SmtpServer({}:{}, {:?})", self.host, self.port, self.encryption)
    }
}

impl SmtpServer {
    /// Parses `smtps://NAME:PASSWORD@HOST` (port 465) or `smtp://…` (port 587, STARTTLS required). `?tls=none`
    /// is for a server on this machine (port 25); a password is never sent unencrypted to another machine.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when the text has another form, or when a password would be sent
    /// unencrypted.
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
    /// Returns settings for a test, with only the trusted proxies set.
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
            uptime_reference: None,
            backups: None,
        }
    }

    /// Returns true if a peer is a trusted proxy.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&peer))
    }
}

/// The origin under which browsers reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Parses an origin such as `https://stats.example.com`.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when the text is no HTTP origin or has a path.
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

    /// Returns the origin, such as `https://stats.example.com`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Returns the host without a port, such as `stats.example.com`.
    pub fn host(&self) -> &str {
        let host = self.0.split_once("://").map_or(self.0.as_str(), |(_, host)| host);
        host.rsplit_once(':').map_or(host, |(host, _)| host)
    }

    /// Returns true if browsers use HTTPS.
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
