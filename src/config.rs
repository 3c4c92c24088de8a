//! How the server was started. Read from the command line and the environment by `cli` alone.

use crate::error::{Error, Result};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

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
    /// Whether the names of visitors' addresses are asked for.
    pub resolve_hostnames: bool,
}

impl ServeConfig {
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

    /// Whether browsers come by HTTPS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}
