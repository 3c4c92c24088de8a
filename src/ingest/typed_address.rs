//! Typed addresses: conversion of addresses, or parts of them, from form fields into the form in which hits are stored:
//! hosts in lower case and in the letters of the DNS, paths and queries percent-encoded.

use super::page_url;
use crate::model::clicks::without_what_was_never_kept;
use crate::model::page_form::capital_escapes;
use std::borrow::Cow;
use url::{Position, Url};

/// Parses a typed address; `scheme` is used if it has none. `None` for an address that is not of the web.
pub fn url(typed: &str, scheme: &str) -> Option<Url> {
    let typed = typed.trim();
    if typed.starts_with(['/', '\\']) {
        return None;
    }
    let address =
        if typed.contains("://") { Cow::Borrowed(typed) } else { Cow::Owned(format!("{scheme}://{typed}")) };
    Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Returns the host of a typed domain or address, without `www.` and a dot at its end.
pub fn host(typed: &str) -> Option<String> {
    let url = url(typed, "http")?;
    let host = url.host_str()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty()).then(|| host.to_owned())
}

/// Returns the host of a typed text that is not in the stored form: with letters beyond ASCII, in upper case, or a whole
/// address. `None` for any other text.
pub fn meant_host(typed: &str) -> Option<String> {
    let is_other =
        !typed.is_ascii() || typed.contains("://") || typed.contains(|c: char| c.is_ascii_uppercase());
    host(typed).filter(|_| is_other)
}

/// Returns a typed pattern of pages in the stored form: a path, or a host with a path, in which `*` stands for any
/// characters. The scheme and the fragment do not distinguish pages, and are removed.
pub fn pattern(typed: &str) -> String {
    // Outside the query a backslash is a slash in web addresses (URL Standard, section 4.4).
    let (path_of_typed, query) = typed.split_at(typed.find(['?', '#']).unwrap_or(typed.len()));
    let typed = format!("{}{query}", path_of_typed.replace('\\', "/"));
    let is_scheme =
        |text: &str| text == "*" || text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let bare =
        typed.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).map_or(&*typed, |(_, rest)| rest);
    let bare = bare.split('#').next().unwrap_or_default();
    // The star is no part of the path: a `..` after it must not remove it.
    if let Some(end) = bare.strip_prefix('*') {
        return format!("*{}", path(end));
    }
    if bare.starts_with('/') {
        return path(bare);
    }
    let (host, rest) = bare.split_at(bare.find('/').unwrap_or(bare.len()));
    let host = authority(host);
    let pattern_of_host = format!("{}{}", host.strip_prefix("www.").unwrap_or(&host), path(rest));
    // Without a user name before it, the rest may be the pattern of a path.
    if pattern_of_host.starts_with(['*', '/']) { pattern(&pattern_of_host) } else { pattern_of_host }
}

/// Returns a path with its query, or the end of one, percent-encoded as in the address of a page.
fn path(typed: &str) -> String {
    if typed.is_empty() {
        return String::new();
    }
    let is_end = !typed.starts_with('/');
    let address = format!("http://x{}{typed}", if is_end { "/" } else { "" });
    let Ok(url) = Url::parse(&address) else { return page_url::escaped(typed) };
    let path = &url[Position::BeforePath..Position::AfterQuery];
    capital_escapes(if is_end { path.strip_prefix('/').unwrap_or(path) } else { path }).into_owned()
}

/// Returns a host with its port, as in an address.
fn authority(typed: &str) -> String {
    Url::parse(&format!("http://{typed}/")).map_or_else(
        |_| typed.to_lowercase(),
        |url| url[Position::BeforeHost..Position::AfterPort].to_owned(),
    )
}

/// Returns the forms in which a typed address or path may be stored, the typed one first.
pub fn stored_forms(typed: &str) -> Vec<String> {
    let mut texts = vec![page_url::escaped(typed)];
    if typed.starts_with('/') {
        texts.push(stripped(&format!("http://x{typed}"), Position::BeforePath));
    } else if typed.contains("://") {
        texts.push(stripped(typed, Position::BeforeScheme));
    } else if typed.contains(['.', '/']) {
        for start in ["https://", "http://", "https://www.", "http://www."] {
            texts.push(stripped(&format!("{start}{typed}"), Position::BeforeScheme));
        }
    }
    texts.retain(|text| !text.is_empty());
    texts.dedup();
    texts
}

/// Returns an address from a position on, without the parameters that are never stored; empty for no valid address.
fn stripped(address: &str, from: Position) -> String {
    let Ok(mut url) = Url::parse(address.trim()) else { return String::new() };
    url.set_fragment(None);
    if let Some(kept) = url.query().map(without_what_was_never_kept) {
        url.set_query((!kept.is_empty()).then_some(kept.as_str()));
    }
    url[from..].to_owned()
}

/// Returns a typed part of an address in the stored form: with its scheme, its host, or a part of its path.
pub fn part(typed: &str) -> String {
    let (scheme, rest) = match typed.split_once("://") {
        Some((scheme, rest)) => (format!("{}://", scheme.to_lowercase()), rest),
        None => (String::new(), typed),
    };
    let (before, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_host = !before.is_empty() && (!scheme.is_empty() || before.contains('.') && !before.contains(' '));
    let host = if is_host { authority(before) } else { path(before) };
    format!("{scheme}{host}{}", path(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_is_what_hits_are_kept_with() {
        for (typed, kept) in [
            ("/brötchen", "/br%C3%B6tchen"),
            ("/brötchen/*", "/br%C3%B6tchen/*"),
            ("/br%c3%b6tchen", "/br%C3%B6tchen"),
            ("*/brötchen", "*/br%C3%B6tchen"),
            ("*/..?süß", "*/?s%C3%BC%C3%9F"),
            ("*brot/../kuchen", "*kuchen"),
            ("/our shop", "/our%20shop"),
            ("/?q=süß", "/?q=s%C3%BC%C3%9F"),
            ("https://www.Bäckerei.example/Brötchen#top", "xn--bckerei-5wa.example/Br%C3%B6tchen"),
            ("BAKERY.example:8080/x", "bakery.example:8080/x"),
            ("/", "/"),
            ("/100%", "/100%"),
            ("\\*&`", "/*&%60"),
            ("/:\\\\", "/://"),
            ("*://bakery.example/x", "bakery.example/x"),
            ("/x?next=https://a.example/", "/x?next=https://a.example/"),
            ("ada@*`", "*%60"),
        ] {
            assert_eq!(pattern(typed), kept, "{typed}");
            assert_eq!(pattern(kept), kept, "{kept} is changed again");
        }
    }

    #[test]
    fn hosts_are_taken_from_whatever_people_paste() {
        for (typed, kept) in [
            ("Bäckerei.example", Some("xn--bckerei-5wa.example")),
            ("https://www.bäckerei.example/x?y", Some("xn--bckerei-5wa.example")),
            ("BAKERY.example.", Some("bakery.example")),
            ("mailto://x", None),
            ("a b.example", None),
            ("/x", None),
        ] {
            assert_eq!(host(typed).as_deref(), kept, "{typed}");
        }
    }

    #[test]
    fn parts_keep_what_they_are_parts_of() {
        for (typed, kept) in [
            ("brötchen", "br%C3%B6tchen"),
            ("https://Bäckerei.example/br", "https://xn--bckerei-5wa.example/br"),
            ("Bäckerei.example", "xn--bckerei-5wa.example"),
            ("/our shop", "/our%20shop"),
            ("our shop", "our%20shop"),
            ("?q=a b", "?q=a%20b"),
        ] {
            assert_eq!(part(typed), kept, "{typed}");
        }
        assert!(
            stored_forms("https://BAKERY.example/a b?utm_source=x")
                .contains(&"https://bakery.example/a%20b".into())
        );
        let older = stored_forms("https://bakery.example/a?pk_campaign=partner&gclid=1");
        assert_eq!(older.last().unwrap(), "https://bakery.example/a?pk_campaign=partner");
        assert!(stored_forms("bakery.example/ö").contains(&"https://bakery.example/%C3%B6".into()));
    }

    proptest! {
        #[test]
        fn a_translation_is_stable(typed in "[/*]?\\PC{0,40}") {
            let once = pattern(&typed);
            prop_assert_eq!(pattern(&once), once.clone());
            stored_forms(&typed);
            part(&typed);
        }
    }
}
