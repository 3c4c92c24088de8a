//! The form of a page's address: the one address that stands for a page, however it was reached. It depends on nothing
//! but the text, so that a form is kept once for all sites.

use std::borrow::Cow;

/// The form of a page's address: `https://`, the host without `www.`, a dot at its end and a port, path, query and fragment
/// as they are but for percent-encoded bytes, whose digits are capitals. What is no address of the web stays as it is.
pub fn page_form(address: &str) -> Cow<'_, str> {
    let Some((is_plain, host, path)) = parts(address) else { return Cow::Borrowed(address) };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let escaped = capital_escapes(path);
    let length = "https://".len() + host.len() + path.len();
    if !is_plain && slash.is_empty() && length == address.len() && matches!(escaped, Cow::Borrowed(_)) {
        return Cow::Borrowed(address);
    }
    Cow::Owned(format!("https://{host}{slash}{escaped}"))
}

/// The form of the address of a file or of an event, which only the site itself has: one on its domain, with or without
/// `www.`. Files elsewhere keep their address, since another one may not lead to them.
pub fn own_form<'a>(address: &'a str, domain: &str) -> Cow<'a, str> {
    let is_own = parts(address).is_some_and(|(_, host, _)| host == domain);
    if is_own { page_form(address) } else { Cow::Borrowed(address) }
}

/// Returns true if a site's pages can be opened at the origin of an address: on its domain, with at most one `www.`.
pub fn opens_on(address: &str, domain: &str) -> bool {
    let authority =
        origin(address).and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    let host = authority.map(|authority| without_port(authority).trim_end_matches('.'));
    host.is_some_and(|host| host.strip_prefix("www.").unwrap_or(host) == domain)
}

/// Returns true if an address is on a domain, with or without `www.`.
pub fn is_on(address: &str, domain: &str) -> bool {
    parts(address).is_some_and(|(_, host, _)| host == domain)
}

/// The host of an address, as the form has it; none for what is no address of the web.
pub fn host(address: &str) -> Option<&str> {
    parts(address).map(|(_, host, _)| host)
}

/// Scheme, host and port of an address; none for what is no address of the web.
pub fn origin(address: &str) -> Option<&str> {
    let (_, _, path) = parts(address)?;
    Some(&address[..address.len() - path.len()])
}

/// The address that opens a page, by its form: on the site's domain with the scheme, the host and the port of its newest page
/// view, below the domain with that scheme, elsewhere as the form has it.
pub fn opening_address(form: &str, domain: &str, page_origin: Option<&str>) -> String {
    let origin = page_origin.and_then(|origin| Some((origin.split_once("://")?.0, origin)));
    let (Some((scheme, origin)), Some((_, host, path))) = (origin, parts(form)) else {
        return form.to_owned();
    };
    if host == domain {
        format!("{origin}{path}")
    } else if is_below(host, domain) {
        format!("{scheme}://{host}{path}")
    } else {
        form.to_owned()
    }
}

/// Returns true if a host is a subdomain of a domain.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|left| left.ends_with('.'))
}

/// A part of an address that holds a whole host: such a part may have been written before addresses had one form, whose
/// scheme, `www.` and port tell no page from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPart {
    /// As the form has it.
    host: String,
    /// The beginning of what follows; empty: anything.
    path: String,
    /// The host begins with it; else a longer one may end with it.
    begins: bool,
}

impl HostPart {
    /// Finds the host in a part of an address. Its beginning is known after a scheme or `www.`, its end before a path or a
    /// port, and both where it is the site's domain. None where there is no whole host or nothing marks it as one.
    pub fn parse(part: &str, domain: &str) -> Option<Self> {
        let (has_scheme, rest) = match part.split_once("://") {
            Some(("http" | "https", rest)) => (true, rest),
            Some(_) => return None,
            None => (false, part),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let without_www = authority.trim_start_matches("www.");
        let begins = has_scheme || without_www.len() < authority.len();
        let (host, has_port) = match without_www.rsplit_once(':') {
            Some((host, digits)) => {
                (host, !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
            }
            None => (without_www, false),
        };
        let ends = has_port || without_www.len() == host.len() && (!path.is_empty() || host == domain);
        let host = host.trim_end_matches('.');
        if host.is_empty() || !ends || !(begins || has_port) {
            return None;
        }
        let slash = if path.starts_with(['?', '#']) { "/" } else { "" };
        Some(Self { host: host.to_owned(), path: format!("{slash}{path}"), begins })
    }

    /// Returns true if the part ends with the host or its port.
    pub fn is_host_alone(&self) -> bool {
        self.path.is_empty()
    }

    /// Returns the part with its host taken as complete.
    #[must_use]
    pub fn anchored(self) -> Self {
        Self { begins: true, ..self }
    }

    /// Returns true if a form begins with the part, both in lower case.
    pub fn fits(&self, form: &str) -> bool {
        parts(form).is_some_and(|(_, host, path)| {
            let fits = if self.begins { host == self.host } else { host.ends_with(&self.host) };
            fits && path.starts_with(&self.path)
        })
    }
}

/// A text with the digits of percent-encoded bytes in capitals: browsers send them so, pages may not.
pub fn capital_escapes(text: &str) -> Cow<'_, str> {
    let is_escape =
        |bytes: &[u8]| matches!(bytes, [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    let is_small = |bytes: &[u8]| is_escape(bytes) && bytes.iter().any(u8::is_ascii_lowercase);
    if !text.as_bytes().windows(3).any(is_small) {
        return Cow::Borrowed(text);
    }
    let mut capital = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        capital.push_str(before);
        let bytes = if escape.as_bytes().get(..3).is_some_and(is_escape) { 3 } else { 1 };
        capital.push_str(&escape[..bytes].to_ascii_uppercase());
        rest = &escape[bytes..];
    }
    capital.push_str(rest);
    Cow::Owned(capital)
}

/// The parts of a web address: true for `http:`, the host in its form, and the text after the authority.
fn parts(address: &str) -> Option<(bool, &str, &str)> {
    let (is_plain, rest) = match address.strip_prefix("https://") {
        Some(rest) => (false, rest),
        None => (true, address.strip_prefix("http://")?),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = without_port(authority);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if host.starts_with('[') {
        return (host.ends_with(']')).then_some((is_plain, host, path));
    }
    if !host.bytes().all(is_host) {
        return None;
    }
    let host = host.trim_end_matches('.').trim_start_matches("www.");
    (!host.is_empty()).then_some((is_plain, host, path))
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_spellings_of_a_page_have_one_form() {
        for (address, form) in [
            ("https://bakery.example/shop", "https://bakery.example/shop"),
            ("http://bakery.example/shop", "https://bakery.example/shop"),
            ("https://www.bakery.example/shop", "https://bakery.example/shop"),
            ("http://www.bakery.example:8080/shop", "https://bakery.example/shop"),
            ("https://bakery.example:8443/shop", "https://bakery.example/shop"),
            ("https://bakery.example./shop", "https://bakery.example/shop"),
            ("http://bakery.example", "https://bakery.example/"),
            ("https://bakery.example?a=1", "https://bakery.example/?a=1"),
            (
                "https://bakery.example/caf%c3%a9?q=%e2%82%ac#/r%c3%a9",
                "https://bakery.example/caf%C3%A9?q=%E2%82%AC#/r%C3%A9",
            ),
            ("https://bakery.example/100%&%zz%a", "https://bakery.example/100%&%zz%a"),
            // Rows were kept with parameters that tell a click since.
            ("http://bakery.example/shop?pk_campaign=x", "https://bakery.example/shop?pk_campaign=x"),
            // Case of the path, a slash at its end and other hosts tell pages apart.
            ("https://bakery.example/Shop/", "https://bakery.example/Shop/"),
            ("http://blog.bakery.example/", "https://blog.bakery.example/"),
            ("http://www.blog.bakery.example/", "https://blog.bakery.example/"),
            ("http://www.www.bakery.example/", "https://bakery.example/"),
            ("http://[::1]:8080/x", "https://[::1]/x"),
            ("http://127.0.0.1:4000/x", "https://127.0.0.1/x"),
            ("http://localhost/x", "https://localhost/x"),
            // What is none of the web's.
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("(other)", "(other)"),
            ("/shop", "/shop"),
            ("https://", "https://"),
            ("https://a:80.:90/", "https://a:80.:90/"),
            ("http://user@bakery.example/", "http://user@bakery.example/"),
        ] {
            assert_eq!(page_form(address), form, "{address}");
        }
    }

    #[test]
    fn files_have_a_form_on_the_sites_own_domain_alone() {
        let form = |address| own_form(address, "bakery.example").into_owned();
        assert_eq!(form("http://www.bakery.example:80/a.pdf"), "https://bakery.example/a.pdf");
        for elsewhere in ["http://cdn.bakery.example/a.pdf", "http://www.files.example:8080/a%c3.pdf"] {
            assert_eq!(form(elsewhere), elsewhere);
        }
    }

    #[test]
    fn a_page_opens_where_the_site_was_last_seen() {
        let open = |form, origin| opening_address(form, "bakery.example", origin);
        let www = Some("http://www.bakery.example:8080");
        assert_eq!(open("https://bakery.example/shop", www), "http://www.bakery.example:8080/shop");
        assert_eq!(open("https://bakery.example/shop", None), "https://bakery.example/shop");
        assert_eq!(open("https://blog.bakery.example/x", www), "http://blog.bakery.example/x");
        assert_eq!(open("https://other.example/x", www), "https://other.example/x");
        assert_eq!(origin("http://www.bakery.example:8080/shop?x#y"), Some("http://www.bakery.example:8080"));
        for (address, opens) in [
            ("https://bakery.example/", true),
            ("http://www.bakery.example:8080/x", true),
            ("http://www.www.bakery.example/", false),
            ("https://shop.bakery.example/", false),
        ] {
            assert_eq!(opens_on(address, "bakery.example"), opens, "{address}");
        }
    }

    #[test]
    fn a_part_of_an_older_address_finds_the_form_of_a_whole_host_alone() {
        let found = |part: &str| HostPart::parse(part, "bakery.example");
        for (part, host, path, begins) in [
            ("http://www.bakery.example/s", "bakery.example", "/s", true),
            ("https://www.bakery.example", "bakery.example", "", true),
            ("https://app.example?a", "app.example", "/?a", true),
            ("www.app.example/", "app.example", "/", true),
            ("www.bakery.example", "bakery.example", "", true),
            ("app.example:8080/s", "app.example", "/s", false),
            ("localhost:3000", "localhost", "", false),
        ] {
            let (host, path) = (host.to_owned(), path.to_owned());
            assert_eq!(found(part), Some(HostPart { host, path, begins }), "{part}");
        }
        for part in [
            "www",
            "www.",
            "www.b",
            "http://",
            "https://www.",
            "https://www.app.example",
            ":8080",
            ":8080/x",
            "localhost:",
            "http://./x",
            ".:80",
            "bakery.example",
            "bakery.example/s",
            "/www.x",
            "a:b/",
            "ftp://www.x/",
        ] {
            assert_eq!(found(part), None, "{part}");
        }
        let part = found("localhost:3000").unwrap();
        assert!(part.fits("https://localhost/x") && part.fits("https://my.localhost/x"));
        assert!(!part.clone().anchored().fits("https://my.localhost/x"));
        let part = found("http://www.bakery.example").unwrap();
        assert!(part.fits("https://bakery.example/") && !part.fits("https://bakery.example.evil/"));
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(
            address in "(https?://)?(www\\.|[a-z.:%0-9@\\[\\]]){0,6}([/?#][%a-fA-F0-9?#&é/.:w]{0,12})?|\\PC{0,40}",
            domain in "(www\\.)?[a-z]{1,3}\\.[a-z]{1,3}",
        ) {
            let form = page_form(&address).into_owned();
            prop_assert_eq!(page_form(&form), form.as_str());
            let own = own_form(&address, &domain).into_owned();
            prop_assert_eq!(own_form(&own, &domain), own.as_str());
            prop_assert_eq!(host(&form), host(&address));
            let capital = capital_escapes(&address);
            prop_assert_eq!(capital_escapes(&capital), capital.as_ref());
        }
    }
}
