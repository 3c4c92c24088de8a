//! Addresses of pages: absolute, without what only tells how somebody came.

use crate::limits;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Query parameters that tell a click and not a page.
const CLICK_IDS: [&str; 24] = [
    "gclid",
    "gclsrc",
    "gbraid",
    "wbraid",
    "dclid",
    "gad_source",
    "gad_campaignid",
    "fbclid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "epik",
    "srsltid",
    "_ga",
    "_gl",
];

/// The absolute address of a page, a file or an event's link. None for what is neither http nor https, or too long.
pub fn page_address(href: &str, base_host: &str) -> Option<Url> {
    let href = href.trim();
    if href.len() > limits::URL_BYTES_MAX * 2 {
        return None;
    }
    let base = Url::parse(&format!("https://{base_host}/")).ok()?;
    let mut address = base.join(href).ok()?;
    if !matches!(address.scheme(), "http" | "https") || !has_plain_host(&address) {
        return None;
    }
    // A page's address never needs the name and password that somebody may have typed into it.
    address.set_username("").ok()?;
    address.set_password(None).ok()?;
    (address.as_str().len() <= limits::URL_BYTES_MAX).then_some(address)
}

/// Whether the host can be a real one. The URL standard lets quotes and braces stand in a name, the DNS does not.
pub fn has_plain_host(address: &Url) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match address.host() {
        Some(Host::Domain(name)) => name.len() <= 253 && name.bytes().all(is_plain),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Removes the fragment, campaign parameters and click ids; other parameters keep their order and their bytes.
pub fn strip(address: &mut Url) {
    address.set_fragment(None);
    let Some(query) = address.query() else { return };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !tells_a_click(pair)).collect();
    let kept = kept.join("&");
    address.set_query((!kept.is_empty()).then_some(kept.as_str()));
}

fn tells_a_click(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
    name.starts_with("utm_") || CLICK_IDS.contains(&name.as_str())
}

/// The address that an outbound link leads to: of the web, or one to write to, to call or to fetch from.
pub fn link_address(href: &str) -> Option<String> {
    let address = Url::parse(href.trim()).ok()?;
    let is_link = matches!(address.scheme(), "http" | "https" | "ftp" | "mailto" | "tel" | "telnet");
    (is_link && address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.into())
}

/// A bare path on the site's own domain.
pub fn complete(path: &str, domain: &str) -> Option<String> {
    page_address(path, domain).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clean(href: &str) -> Option<String> {
        page_address(href, "a.example").map(|mut address| {
            strip(&mut address);
            address.into()
        })
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
        assert_eq!(clean(&"/x".repeat(2_000)), None);
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
