//! The exclusions of a site: IP addresses, pages, countries and referrers that are not counted, and query parameters that
//! do not distinguish pages. They are typed one per line, and checked for each hit.

use super::drop_reason::DropReason;
use super::geoip::Country;
use super::hit::{Hit, PageRef};
use super::locale_names;
use super::page_patterns::{PagePatterns, matches};
use super::{page_url, typed_address};
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::address;
use crate::store::exclusions::{Exclusion, ExclusionKind};
use ipnet::IpNet;
use std::net::IpAddr;

/// The compiled exclusions of one site.
#[derive(Clone, Debug, Default)]
pub struct Exclusions {
    networks: Vec<IpNet>,
    pages: PagePatterns,
    countries: Vec<String>,
    referrers: Vec<String>,
    parameters: Vec<String>,
    /// The parameters of campaigns, in lower case.
    campaign_parameters: Vec<String>,
}

impl Exclusions {
    /// Compiles stored texts. A text that this version cannot parse is ignored.
    pub fn new(texts: &[Exclusion]) -> Self {
        let mut rules = Self::default();
        for (kind, text) in texts {
            match kind {
                ExclusionKind::Address => rules.networks.extend(network(text)),
                // Earlier versions stored them as they were typed.
                ExclusionKind::Page => rules.pages.push(text),
                ExclusionKind::Country => rules.countries.push(text.clone()),
                ExclusionKind::Referrer => rules.referrers.extend(typed_address::host(text)),
                ExclusionKind::Parameter => rules.parameters.push(text.clone()),
            }
        }
        rules
    }

    /// Strips further parameters, whose names are given in lower case: those of the site's own campaigns.
    #[must_use]
    pub fn stripping<'a>(self, names: impl Iterator<Item = &'a str>) -> Self {
        Self { campaign_parameters: names.map(str::to_owned).collect(), ..self }
    }

    /// Checks a hit.
    ///
    /// # Errors
    ///
    /// Returns the reason to drop it: an excluded address, country or page.
    pub fn check(&self, hit: &Hit) -> Result<(), DropReason> {
        if self.networks.iter().any(|network| network.contains(&hit.address.to_canonical())) {
            return Err(DropReason::ExcludedAddress);
        }
        let country = hit.place.country.as_ref().map(Country::code);
        if country.is_some_and(|code| self.countries.iter().any(|known| known == code)) {
            return Err(DropReason::ExcludedCountry);
        }
        let page = match &hit.page {
            PageRef::Absolute(page) | PageRef::Bare(page) => page,
            PageRef::None => return Ok(()),
        };
        if self.excludes_page(page) { Err(DropReason::ExcludedPage) } else { Ok(()) }
    }

    /// Returns true if a page is excluded.
    pub fn excludes_page(&self, page: &str) -> bool {
        self.pages.cover(page)
    }

    /// Returns true if visits from a domain, or from one above it, are excluded.
    pub fn excludes_referrer(&self, domain: &str) -> bool {
        self.referrers.iter().any(|known| {
            domain.strip_suffix(known.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'))
        })
    }

    /// Returns a hit whose address is too long without the parameters that the site strips, or without an address if that
    /// is too long as well; `None` for a hit that needs no change.
    pub fn shortened(&self, hit: &Hit) -> Option<Hit> {
        let is_short = |address: &str| address.len() <= limits::URL_BYTES_MAX;
        let address = hit.page.address().filter(|address| !is_short(address))?;
        let page = match self.stripped(address).filter(|address| is_short(address)) {
            Some(short) if matches!(hit.page, PageRef::Bare(_)) => PageRef::Bare(short),
            Some(short) => PageRef::Absolute(short),
            None => PageRef::None,
        };
        Some(Hit { page, ..hit.clone() })
    }

    /// Returns an address without the parameters that the site strips; `None` if the site strips none, or it has no query.
    pub fn stripped(&self, page: &str) -> Option<String> {
        if self.parameters.is_empty() && self.campaign_parameters.is_empty() || !page.contains('?') {
            return None;
        }
        let (before, rest) = page.split_once('?')?;
        let (query, fragment) = match rest.split_once('#') {
            Some((query, fragment)) => (query, format!("#{fragment}")),
            None => (rest, String::new()),
        };
        let is_page_parameter = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().to_lowercase();
            !self.parameters.iter().any(|pattern| matches(pattern, &name))
                && !self.campaign_parameters.contains(&name)
        };
        let kept = query.split('&').filter(is_page_parameter).collect::<Vec<_>>().join("&");
        let mark = if kept.is_empty() { "" } else { "?" };
        Some(format!("{before}{mark}{kept}{fragment}"))
    }
}

fn network(text: &str) -> Option<IpNet> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().ok()?,
    };
    Some(network.trunc())
}

/// Parses the text of one list: an exclusion per line, or, except for pages, several separated by commas.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a text is not valid, or there are too many.
pub fn parse(kind: ExclusionKind, typed: &str) -> Result<Vec<Exclusion>> {
    let mut texts = Vec::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let is_one = kind == ExclusionKind::Page || read(kind, line).is_some();
        let parts: Vec<&str> = if is_one { vec![line] } else { line.split(',').map(str::trim).collect() };
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            texts.push((kind, read(kind, part).ok_or_else(|| problem(kind, part))?));
        }
    }
    if texts.len() > limits::EXCLUSIONS_PER_LIST_MAX {
        let sentence = format!("{} lines at most.", limits::EXCLUSIONS_PER_LIST_MAX);
        return Err(Error::invalid(field(kind), sentence));
    }
    Ok(texts)
}

/// Returns the name of a list's form field.
pub fn field(kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::Address => "addresses",
        ExclusionKind::Page => "pages",
        ExclusionKind::Country => "countries",
        ExclusionKind::Referrer => "referrers",
        ExclusionKind::Parameter => "parameters",
    }
}

fn read(kind: ExclusionKind, line: &str) -> Option<String> {
    let has_no_blank = !line.contains(|c: char| c.is_whitespace() || c.is_control());
    if line.len() > limits::EXCLUSION_BYTES_MAX {
        return None;
    }
    match kind {
        ExclusionKind::Address => {
            let network = network(line)?;
            let is_one = network.prefix_len() == network.max_prefix_len();
            Some(if is_one { network.addr().to_string() } else { network.to_string() })
        }
        ExclusionKind::Page => {
            let is_text = !line.contains(char::is_control);
            let pattern = typed_address::pattern(line);
            let says_something =
                pattern.contains('/') && pattern.chars().any(|c| !"*/".contains(c)) || pattern == "/";
            (is_text && says_something).then_some(pattern)
        }
        ExclusionKind::Country => locale_names::country_code(line).map(str::to_owned),
        ExclusionKind::Referrer => {
            let host = typed_address::host(line)?;
            (has_no_blank && host.contains('.') && !host.contains(',')).then_some(host)
        }
        ExclusionKind::Parameter => {
            let name = line.trim_start_matches(['?', '&']).split('=').next().unwrap_or_default();
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            let says_something = name.chars().any(|c| c != '*') && !name.contains(',');
            (has_no_blank && says_something).then(|| name.to_lowercase())
        }
    }
}

fn problem(kind: ExclusionKind, line: &str) -> Error {
    let line: String = line.chars().take(60).collect();
    let how = match kind {
        ExclusionKind::Address => {
            "write an address such as 192.0.2.7, or a network such as 192.0.2.0/24 or 2001:db8::/48"
        }
        ExclusionKind::Page => "write a path such as /admin/*, where * stands for any characters",
        ExclusionKind::Country => "write a country's name or its two letters, such as DE",
        ExclusionKind::Referrer => "write a domain such as spam.example",
        ExclusionKind::Parameter => "write the name of a parameter such as sessionid, or sort*",
    };
    Error::Invalid(vec![Problem {
        field: field(kind).into(),
        sentence: format!("“{line}” can't be used: {how}."),
    }])
}

/// The stored texts of a kind, a line each, as a form shows them.
pub fn text(texts: &[Exclusion], kind: ExclusionKind) -> String {
    let of_kind = texts.iter().filter(|(known, _)| *known == kind);
    let shown = |(_, text): &Exclusion| match kind {
        ExclusionKind::Page => page_url::readable(text).into_owned(),
        _ => text.clone(),
    };
    of_kind.map(shown).collect::<Vec<_>>().join("\n")
}

/// A network of this address, as the form proposes to exclude it: the address alone, an IPv6 customer's /64.
pub fn own_network(address: IpAddr) -> String {
    match address::network(address) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(network) => format!("{network}/64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kind: ExclusionKind, typed: &str) -> Exclusions {
        Exclusions::new(&parse(kind, typed).unwrap())
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, fits) in [
            ("/admin/*", "/admin/x", true),
            ("/admin/*", "/admin", false),
            ("/admin*", "/admin", true),
            ("*/print", "/a/b/print", true),
            ("/a*b*c", "/a1b2c", true),
            ("/a*b*c", "/a1c2b", false),
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/a*a", "/a", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn pages_are_told_by_path_by_host_or_by_query() {
        let page = |typed: &str, page: &str| rules(ExclusionKind::Page, typed).excludes_page(page);
        assert!(page("/admin/*", "https://bakery.example/admin/users?x=1"));
        assert!(!page("/admin/*", "https://bakery.example/shop/admin/"));
        assert!(page("https://www.bakery.example/thanks", "https://www.bakery.example/thanks?order=7"));
        assert!(!page("bakery.example/thanks", "https://other.example/thanks"));
        assert!(page("/?preview=*", "https://bakery.example/?preview=1"));
        assert!(page("/", "https://bakery.example/") && !page("/", "https://bakery.example/x"));
        assert!(page("/x", "/x"), "a bare path, before its host is known");
        assert!(page("/brötchen/*", "https://bakery.example/br%C3%B6tchen/rye"));
        assert!(page("/brötchen", "https://bakery.example/br%c3%b6tchen"));
        assert!(page("/our shop", "/our%20shop"));
        assert!(page("https://Bäckerei.example/*", "https://www.xn--bckerei-5wa.example/x"));
        assert!(
            Exclusions::new(&[(ExclusionKind::Page, "/brötchen".into())]).excludes_page("/br%C3%B6tchen")
        );
    }

    #[test]
    fn a_referrer_is_its_domain_with_all_below_it() {
        let rules = rules(ExclusionKind::Referrer, "https://www.Spam.example/x\nlinks.example");
        for (domain, is_excluded) in
            [("spam.example", true), ("a.spam.example", true), ("notspam.example", false), ("example", false)]
        {
            assert_eq!(rules.excludes_referrer(domain), is_excluded, "{domain}");
        }
    }

    #[test]
    fn parameters_are_stripped_by_name_or_by_their_beginning() {
        let rules = rules(ExclusionKind::Parameter, "SessionId, sort*");
        let stripped = |page| rules.stripped(page);
        assert_eq!(
            stripped("https://a.example/x?a=1&sessionid=2&sortby=c#d").as_deref(),
            Some("https://a.example/x?a=1#d")
        );
        assert_eq!(stripped("https://a.example/x?SESSIONID=2").as_deref(), Some("https://a.example/x"));
        assert_eq!(stripped("https://a.example/x"), None);
    }

    #[test]
    fn what_is_typed_is_understood_or_refused_with_its_line() {
        let texts = |kind, typed: &str| {
            parse(kind, typed).map(|texts| texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>())
        };
        assert_eq!(
            texts(ExclusionKind::Address, "192.0.2.7\r\n\n 10.1.2.3/8, ::ffff:192.0.2.8, 2001:db8::1/48")
                .unwrap(),
            ["192.0.2.7", "10.0.0.0/8", "192.0.2.8", "2001:db8::/48"]
        );
        assert_eq!(texts(ExclusionKind::Country, "de, France").unwrap(), ["DE", "FR"]);
        for (kind, wrong) in [
            (ExclusionKind::Address, "300.1.1.1"),
            (ExclusionKind::Page, "admin"),
            (ExclusionKind::Page, "/*"),
            (ExclusionKind::Country, "Atlantis"),
            (ExclusionKind::Referrer, "nothing"),
            (ExclusionKind::Parameter, "*"),
        ] {
            let Err(Error::Invalid(problems)) = texts(kind, wrong) else { panic!("{wrong} was taken") };
            assert!(problems[0].sentence.contains(wrong) && problems[0].field == field(kind), "{wrong}");
        }
        assert!(texts(ExclusionKind::Page, &"/x\n".repeat(limits::EXCLUSIONS_PER_LIST_MAX + 1)).is_err());
    }
}
