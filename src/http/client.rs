//! The client of a request: its address, and whether it uses HTTPS; forwarded headers count from trusted
//! proxies only.

use crate::config::ServeConfig;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};
use std::net::{IpAddr, Ipv4Addr};

/// The client of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The client's address: the rightmost address of `X-Forwarded-For` that is no trusted proxy, or the
    /// peer's.
    pub address: IpAddr,
    /// True if the browser uses HTTPS.
    pub is_https: bool,
}

impl Client {
    /// Returns the client of a request.
    pub fn from_request(request: &HttpRequest, config: &ServeConfig) -> Self {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let is_public_https = config.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https);
        if !config.trusts(peer) {
            return Self { address: peer.to_canonical(), is_https: is_public_https };
        }
        let is_https = last(request, "x-forwarded-proto").map_or(is_public_https, |proto| proto == "https");
        Self { address: forwarded(request.headers(), config, peer), is_https }
    }
}

/// Returns the client that a trusted peer forwards for: of the hops of `X-Forwarded-For`, nearest first, the
/// first one that is not trusted.
pub fn forwarded(headers: &HeaderMap, config: &ServeConfig, peer: IpAddr) -> IpAddr {
    // Visitors may send a header that begins with any bytes: the hops that proxies appended still count.
    let lines: Vec<_> =
        headers.get_all("x-forwarded-for").map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut nearest = peer.to_canonical();
    for hop in hops {
        let Some(address) = parse(hop.trim()) else { break };
        nearest = address;
        if !config.trusts(address) {
            break;
        }
    }
    nearest
}

/// Parses an address with or without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').split(']').next()?;
    let address = bare.parse().ok().or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|hop| hop.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn last<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get_all(name).last()?.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// Returns the origin under which the client reaches this server, such as `http://127.0.0.1:7070`.
pub fn origin(request: &HttpRequest, config: &ServeConfig) -> String {
    if let Some(public) = &config.public_url {
        return public.origin().to_owned();
    }
    let scheme = if Client::from_request(request, config).is_https { "https" } else { "http" };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Returns the text of a header; empty if it is missing or not visible ASCII.
pub fn header_text<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn address(trusted: &str, forwarded: &str) -> String {
        let request = TestRequest::default()
            .peer_addr(([10, 0, 0, 1], 9).into())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        Client::from_request(&request, &ServeConfig::trusting(trusted)).address.to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(address("", "198.51.100.7"), "10.0.0.1");
        assert_eq!(address("10.0.0.0/8", "198.51.100.7"), "198.51.100.7");
    }

    #[test]
    fn what_a_visitor_wrote_into_the_header_does_not_count() {
        assert_eq!(address("10.0.0.0/8", "1.2.3.4, 198.51.100.7, 10.0.0.2"), "198.51.100.7");
        assert_eq!(address("10.0.0.0/8", "198.51.100.7, nonsense"), "10.0.0.1");
        assert_eq!(address("10.0.0.0/8", "\u{e4}, 198.51.100.7"), "198.51.100.7");
        assert_eq!(address("10.0.0.0/8", "[2001:db8::1]:443"), "2001:db8::1");
    }
}
