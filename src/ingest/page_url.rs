//! Page URLs: absolute, without campaign parameters and click IDs.

use super::clean_text::is_invisible;
use super::hit::ActionKind;
use crate::limits;
use crate::model::clicks::SplitQuery;
use crate::model::page_form;
use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;
use url::{Host, Position, Url};

/// The schemes whose hosts the URL standard parses as domain names.
const SCHEMES_WITH_DOMAINS: [&str; 6] = ["http", "https", "ftp", "ws", "wss", "file"];

/// Parses an untrusted address. `None` also for a host longer than the DNS allows: the time to parse an
/// internationalised one grows with the square of its length.
pub fn parse(address: &str) -> Option<Url> {
    has_short_host(address).then(|| Url::parse(address).ok()).flatten()
}

/// Returns true unless an address, absolute or relative to a page, has a host longer than the DNS allows.
pub fn has_short_host(address: &str) -> bool {
    if address.len() <= limits::HOSTNAME_BYTES_MAX {
        return true;
    }
    // Parsers pass over these wherever they stand.
    let address: String = address.chars().filter(|letter| !matches!(letter, '\t' | '\n' | '\r')).collect();
    let address = address.trim_start_matches(|letter: char| letter <= ' ');
    let is_slash = |letter| matches!(letter, '/' | '\\');
    let scheme = address
        .split_once(':')
        .filter(|(scheme, _)| SCHEMES_WITH_DOMAINS.iter().any(|known| known.eq_ignore_ascii_case(scheme)));
    let rest = match scheme {
        Some((_, rest)) => rest,
        None if address.chars().take_while(|letter| is_slash(*letter)).count() >= 2 => address,
        None => return true,
    };
    let rest = rest.trim_start_matches(is_slash);
    let authority = rest.split(|letter| is_slash(letter) || matches!(letter, '?' | '#')).next();
    let host = authority.and_then(|authority| authority.rsplit('@').next()).unwrap_or_default();
    // An escaped byte is written as three, and a port may follow.
    let escaped = host.matches('%').count();
    host.chars().count() <= limits::HOSTNAME_BYTES_MAX + ":65535".len() + 2 * escaped
}

/// Returns the absolute address of a page, a file or an event's link, as it was sent. `None` if it is neither http nor
/// https, or too long to be parsed; the length of the stored part is checked by [`is_short`] once it is clean.
pub fn page_address(href: &str, base_host: &str) -> Option<Url> {
    let href = href.trim();
    if href.len() > limits::RAW_URL_BYTES_MAX || !has_short_host(href) {
        return None;
    }
    let base = parse(&format!("https://{base_host}/"))?;
    let mut address = base.join(href).ok()?;
    if !matches!(address.scheme(), "http" | "https") || !has_plain_host(&address) {
        return None;
    }
    // A page's address never needs a user name and password.
    address.set_username("").ok()?;
    address.set_password(None).ok()?;
    Some(address)
}

/// Returns the address of the page whose link a visitor followed, clean as addresses of pages are: without fragment, campaign
/// parameters and click IDs. `None` for a referrer that is no page of the web, or too long.
pub fn link_origin(referrer: &str) -> Option<Url> {
    let mut address = page_address(parse(referrer)?.as_str(), "site.invalid")?;
    strip(&mut address);
    is_short(&address).then_some(address)
}

/// Returns true if an address is short enough to be stored.
pub fn is_short(address: &Url) -> bool {
    address.as_str().len() <= limits::URL_BYTES_MAX
}

/// Returns true if the host can be a real one. The URL standard allows quotes and braces in a name, the DNS does not.
pub fn has_plain_host(address: &Url) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match address.host() {
        Some(Host::Domain(name)) => name.len() <= limits::HOSTNAME_BYTES_MAX && name.bytes().all(is_plain),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Removes the fragment, campaign parameters and click IDs; other parameters keep their order and their bytes. Returns
/// the query from before, with repaired separators.
pub fn strip(address: &mut Url) -> String {
    address.set_fragment(None);
    let Some(query) = address.query() else { return String::new() };
    let SplitQuery { page, all, .. } = SplitQuery::parse(query);
    address.set_query((!page.is_empty()).then_some(page.as_str()));
    all
}

/// Returns the route of an application in the fragment of its address, such as `/basket?item=1`, without campaign
/// parameters and click IDs, and the query of the route from before. `None` for an empty fragment.
pub fn route(fragment: &str) -> Option<(String, String)> {
    let (path, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    let SplitQuery { page, all, .. } = SplitQuery::parse(query);
    let mark = if page.is_empty() { "" } else { "?" };
    let route = format!("{path}{mark}{page}");
    (!route.is_empty()).then_some((route, all))
}

/// Returns the form in which the address of an action is stored: the page form of a page, or of a file or event on the
/// site's own domain; for outbound links the address itself.
pub fn form<'a>(kind: ActionKind, address: &'a str, domain: &str) -> Cow<'a, str> {
    match kind {
        ActionKind::PageView => page_form::page_form(address),
        ActionKind::Download | ActionKind::Event | ActionKind::Media => page_form::own_form(address, domain),
        ActionKind::Outbound => Cow::Borrowed(address),
    }
}

/// Returns the address of a page for display: its path on the site's own domain, else host and path.
pub fn shown(address: &str, domain: &str) -> String {
    match page_form::host(address) {
        Some(host) if host != domain => {
            let rest = page_form::page_form(address);
            let rest = rest.strip_prefix("https://").unwrap_or(&rest);
            let is_home = rest.strip_prefix(host) == Some("/");
            readable(if is_home { host } else { rest }).into_owned()
        }
        _ => readable_path(address),
    }
}

/// Returns the target of an outbound link: an address of the web, or for e-mail, telephone, FTP or telnet.
pub fn link_address(href: &str) -> Option<String> {
    let address = parse(href.trim())?;
    let is_link = matches!(address.scheme(), "http" | "https" | "ftp" | "mailto" | "tel" | "telnet");
    (is_link && address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.into())
}

/// Returns the address of a bare path on the site's own domain.
pub fn complete(path: &str, domain: &str) -> Option<String> {
    page_address(path, domain).filter(is_short).map(Into::into)
}

/// Returns an address for display: letters beyond ASCII are decoded, as browsers show them, and everything else stays
/// encoded, so that two addresses never read alike (<https://www.rfc-editor.org/rfc/rfc3987#section-3.2>).
pub fn readable(address: &str) -> Cow<'_, str> {
    if !address.contains('%') {
        return Cow::Borrowed(address);
    }
    let (mut text, mut rest) = (String::with_capacity(address.len()), address);
    while let Some(at) = rest.find('%') {
        let (before, escaped) = rest.split_at(at);
        text.push_str(before);
        let letters = escaped.as_bytes().chunks(3).take_while(|chunk| is_beyond_ascii(chunk)).count();
        let (run, after) = escaped.split_at((letters * 3).max(1));
        let read = percent_decode_str(run).decode_utf8().ok();
        let is_plain = |text: &Cow<'_, str>| {
            !text.chars().any(|letter| letter.is_control() || letter.is_whitespace() || is_invisible(letter))
        };
        text.push_str(&read.filter(is_plain).unwrap_or(Cow::Borrowed(run)));
        rest = after;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Returns the readable path of a page's address, for narrow places; the whole address when it is not of the
/// web.
pub fn readable_path(address: &str) -> String {
    let url = Url::parse(address).ok().filter(Url::has_host);
    readable(url.as_ref().map_or(address, |url| &url[Position::BeforePath..])).into_owned()
}

/// Returns a page's address without scheme, `www.` and a slash at its end, readable.
pub fn without_scheme(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    readable(rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/')).into_owned()
}

/// Returns true for an escaped byte of a letter beyond ASCII, such as `%C3`.
fn is_beyond_ascii(chunk: &[u8]) -> bool {
    matches!(chunk, [b'%', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', low] if low.is_ascii_hexdigit())
}

/// Returns a typed address, percent-encoded as it is stored.
pub fn escaped(address: &str) -> String {
    utf8_percent_encode(address, CONTROLS).to_string()
}

/// Returns the host in the address of a page as hits have it: one of http or https without a user name.
pub fn host_in(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => Some(host),
        _ => Some(authority),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_host_stands_between_scheme_and_path_without_its_port() {
        for (address, host) in [
            ("https://bakery.example/x?y=https://other.example/", "bakery.example"),
            ("http://localhost:3000/", "localhost"),
            ("http://192.0.2.7:8080/x", "192.0.2.7"),
            ("http://[::1]/x", "[::1]"),
            ("http://[2001:db8::1:443]:3000/x", "[2001:db8::1:443]"),
            ("https://bakery.example", "bakery.example"),
        ] {
            assert_eq!(host_in(address), Some(host), "{address}");
        }
        assert_eq!(host_in("mailto:ada@bakery.example"), None);
    }

    #[test]
    fn a_host_longer_than_the_dns_allows_is_refused_before_it_is_read() {
        let long = "a".repeat(limits::HOSTNAME_BYTES_MAX + 7);
        for address in [
            format!("https://{long}/"),
            format!("HTTPS:\\\\{long}"),
            format!(" ht\ttps:{long}?x"),
            format!("//{long}#x"),
            format!("\\/me:secret@{long}:80/"),
            format!("ftp://xn--{long}.example/"),
        ] {
            assert!(!has_short_host(&address), "{address}");
            assert_eq!(parse(&address), None);
            assert_eq!(page_address(&address, "bakery.example"), None);
        }
        let full = "b".repeat(60);
        for address in [
            format!("https://{full}.{full}.{full}.{full}.example:65535/{long}?{long}"),
            format!("https://{long}@bakery.example/"),
            format!("/{long}"),
            format!("{long}?{long}://{long}"),
            format!("mailto:{long}"),
            format!("https://{}.example/", "%C3%B6".repeat(60)),
        ] {
            assert!(has_short_host(&address), "{address}");
        }
    }

    fn clean(href: &str) -> Option<String> {
        page_address(href, "a.example").map(|mut address| {
            strip(&mut address);
            address.into()
        })
    }

    #[test]
    fn letters_beyond_ascii_are_read_and_nothing_else_is() {
        for (kept, read) in [
            ("https://a.example/br%C3%B6tchen?q=K%C3%A4se", "https://a.example/brötchen?q=Käse"),
            ("/%e3%83%91%e3%83%b3/", "/パン/"),
            ("/a%20b%2Fc%25C3%B6", "/a%20b%2Fc%25C3%B6"),
            ("/100%", "/100%"),
            ("/%C3", "/%C3"),
            ("/%C3%B", "/%C3%B"),
            ("/x%E2%80%AEy", "/x%E2%80%AEy"),
            ("/%C2%A0", "/%C2%A0"),
        ] {
            assert_eq!(readable(kept), read);
        }
        assert_eq!(escaped("/brötchen?a=%20b"), "/br%C3%B6tchen?a=%20b");
    }

    #[test]
    fn an_address_loses_what_only_tells_how_somebody_came() {
        for (href, address) in [
            ("/shop?b=2&utm_source=x&a=%20c&gclid=1#top", "https://a.example/shop?b=2&a=%20c"),
            ("https://b.example/?UTM_Campaign=x", "https://b.example/"),
            ("//c.example/x", "https://c.example/x"),
            ("page.html", "https://a.example/page.html"),
            ("https://u:p@b.example/x", "https://b.example/x"),
            ("/a?&&x&", "https://a.example/a?x"),
        ] {
            assert_eq!(clean(href).as_deref(), Some(address), "{href}");
        }
    }

    #[test]
    fn pages_are_shown_by_their_path_and_those_elsewhere_with_their_host() {
        for (address, words) in [
            ("https://bakery.example/br%C3%B6tchen?a", "/brötchen?a"),
            ("http://www.bakery.example:8080/", "/"),
            ("https://blog.bakery.example/", "blog.bakery.example"),
            ("https://blog.bakery.example/a/", "blog.bakery.example/a/"),
            ("http://blog.bakery.example/a", "blog.bakery.example/a"),
            ("(other)", "(other)"),
        ] {
            assert_eq!(shown(address, "bakery.example"), words, "{address}");
        }
    }

    #[test]
    fn hostile_addresses_are_none() {
        for href in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://[",
            "file:///etc/passwd",
            "//\"a",
            "https://a{b}/",
        ] {
            assert_eq!(clean(href), None, "{href}");
        }
        assert_eq!(clean(&"/x".repeat(limits::RAW_URL_BYTES_MAX)), None);
        assert_eq!(link_address("javascript:alert(1)"), None);
        assert_eq!(link_address("tel:+123").as_deref(), Some("tel:+123"));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_becomes_a_plain_address_or_none(href in "\\PC{0,300}|[\\x00-\\x7f]{0,200}") {
            if let Some(address) = clean(&href) {
                prop_assert!(address.starts_with("http"));
                prop_assert!(address.is_ascii() && !address.contains(|c: char| c.is_ascii_control()));
                prop_assert!(!address.contains(['<', '>', '"', ' ']));
            }
        }
    }
}
