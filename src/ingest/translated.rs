//! Translated pages: Google Translate shows a site under a host of its own, such as `www-bakery-example.translate.goog` for
//! `www.bakery.example`, with parameters that begin with `_x_tr_`. The original host is decoded as Google documents:
//! <https://developers.google.com/search/docs/appearance/ad-network-and-translation>.

use super::hit::{ActionKind, Hit, HitKind, PageRef};
use super::page_url::{self, host_in};
use crate::limits;
use crate::store::sites::Site;
use std::borrow::Cow;

const SUFFIX: &str = ".translate.goog";

/// Returns true if a host is one of Google Translate's, which show pages of other hosts.
pub fn is_translated(host: &str) -> bool {
    host.ends_with(SUFFIX)
}

/// Returns the host whose page stands under a host of Google Translate; none for any other host. The query is that of the
/// page's address.
pub fn original_host(host: &str, query: &str) -> Option<String> {
    let label = host.strip_suffix(SUFFIX).filter(|label| !label.contains('.'))?;
    let parameter = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(known, _)| known == name).map_or(Cow::Borrowed(""), |(_, value)| value)
    };
    let encoding = parameter("_x_tr_enc");
    let is_marked = |mark: &str| encoding.split(',').any(|known| known == mark);
    // The part that is too long for one label is in a parameter.
    let whole = format!("{}{label}", parameter("_x_tr_hp"));
    if !whole.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return None;
    }
    let plain = whole.strip_prefix("1-").filter(|_| is_marked("1")).unwrap_or(&whole);
    let (start, plain) = match plain.strip_prefix("0-").filter(|_| is_marked("0")) {
        Some(international) => ("xn--", international),
        None => ("", plain),
    };
    if plain.len() > limits::HOSTNAME_BYTES_MAX {
        return None;
    }
    let address = page_url::parse(&format!("https://{start}{}/", read_label(plain)))?;
    address.host_str().filter(|_| page_url::has_plain_host(&address)).map(str::to_owned)
}

/// Returns a label with dots for single hyphens between letters, and a hyphen for each two others.
fn read_label(label: &str) -> String {
    let letters: Vec<char> = label.chars().collect();
    let is_word = |place: Option<usize>| {
        let letter = place.and_then(|place| letters.get(place));
        letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
    };
    let read = |(place, letter): (usize, &char)| {
        let stands_alone = *letter == '-' && is_word(place.checked_sub(1)) && is_word(Some(place + 1));
        if stands_alone { '.' } else { *letter }
    };
    letters.iter().enumerate().map(read).collect::<String>().replace("--", "-")
}

/// Returns a hit with the site's own addresses instead of those of Google Translate; `None` if it has none.
pub fn read_back(site: &Site, hit: &Hit) -> Option<Hit> {
    // The address of an outbound link is not decoded.
    if hit.server_side.is_some() || hit.kind == HitKind::Action(ActionKind::Outbound) {
        return None;
    }
    let of_page = |page: &PageRef| match page {
        PageRef::Absolute(address) => own_address(site, address, &hit.query).map(PageRef::Absolute),
        PageRef::Bare(_) | PageRef::None => None,
    };
    let page = of_page(&hit.page);
    let clicked = hit.heatmap.iter().any(|point| of_page(&point.page).is_some());
    let read_page = hit.reading.as_ref().and_then(|reading| of_page(&reading.page));
    if page.is_none() && !clicked && read_page.is_none() {
        return None;
    }
    let mut read = hit.clone();
    if let Some(page) = page {
        read.page = page;
        // Links within the translation lead from page to page of the site.
        let before = own_address(site, &read.referrer, &hit.query);
        read.referrer = before.map_or(read.referrer, |address| without_query(&address).to_owned());
    }
    if let (Some(reading), Some(page)) = (&mut read.reading, read_page) {
        reading.page = page;
    }
    for point in &mut read.heatmap {
        point.page = of_page(&point.page).unwrap_or_else(|| point.page.clone());
    }
    Some(read)
}

/// Returns the address of the site's own page behind one of Google Translate; `None` if that shows another site.
fn own_address(site: &Site, address: &str, query: &str) -> Option<String> {
    let host = host_in(address)?;
    let own = original_host(host, query).filter(|original| site.owns_host(original))?;
    let is_plain = query.split('&').any(|pair| pair == "_x_tr_sch=http");
    let rest = address.split_once(SUFFIX).map_or("/", |(_, rest)| rest);
    Some(format!("{}://{own}{rest}", if is_plain { "http" } else { "https" }))
}

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_are_read_back_as_google_says() {
        for (label, query, host) in [
            ("example-com", "", "example.com"),
            ("foo-example-com", "", "foo.example.com"),
            ("foo--example-com", "", "foo-example.com"),
            ("0-57hw060o-com", "_x_tr_enc=0", "xn--57hw060o.com"),
            ("1-en--us-example-com", "_x_tr_enc=1", "en-us.example.com"),
            ("0-en----w45as309w-com", "_x_tr_enc=0", "xn--en--w45as309w.com"),
            ("1-0-----16pw588q-com", "_x_tr_enc=0,1", "xn----16pw588q.com"),
            ("lanfairpwll-co-uk", "a=1&_x_tr_hp=l", "llanfairpwll.co.uk"),
            ("lanfairpwll-co-uk", "_x_tr_hp=www-l&_x_tr_sl=en", "www.llanfairpwll.co.uk"),
            ("1-en--us-example-com", "_x_tr_enc=0,1", "en-us.example.com"),
        ] {
            let read = original_host(&format!("{label}{SUFFIX}"), query);
            // Punycode that stands for nothing is no host.
            let is_name = page_url::parse(&format!("https://{host}/")).is_some();
            assert_eq!(read.as_deref(), is_name.then_some(host), "{label} {query}");
        }
    }

    #[test]
    fn what_is_no_host_of_google_translate_or_hides_none_is_not_read() {
        for host in
            ["bakery.example", "translate.goog", "a.b.translate.goog", "-translate.goog", ".translate.goog"]
        {
            assert_eq!(original_host(host, ""), None, "{host}");
        }
        let long = format!("_x_tr_hp={}", "a-".repeat(200));
        for query in [long.as_str(), "_x_tr_hp=evil.test/", "_x_tr_hp=a%3Fb", "_x_tr_hp=a@", "_x_tr_hp=%22"] {
            assert_eq!(original_host("x-com.translate.goog", query), None, "{query}");
        }
    }
    proptest! {
        #[test]
        fn every_host_comes_back_from_its_label(
            host in "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}(\\.[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}){0,3}\\.example",
        ) {
            let label = host.replace('-', "--").replace('.', "-");
            let read = original_host(&format!("{label}{SUFFIX}"), "_x_tr_sl=en");
            prop_assert_eq!(read, Some(host));
        }

        #[test]
        fn whatever_is_sent_is_read_as_a_plain_host_or_not_at_all(label in "[a-z0-9-]{0,70}", query in "\\PC{0,200}") {
            if let Some(host) = original_host(&format!("{label}{SUFFIX}"), &format!("_x_tr_hp={query}")) {
                let address = page_url::parse(&format!("https://{host}/"));
                prop_assert!(address.is_some_and(|address| page_url::has_plain_host(&address)));
            }
        }
    }
}
