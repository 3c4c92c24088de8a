//! How a visit came: from its first page's address and that page's referrer.

mod hosts;

pub use hosts::is_spam;

use super::page;
use crate::limits;
use hosts::without_www;
use url::Url;

/// The kinds of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Nothing says so.
    Direct,
    /// A search engine.
    Search,
    /// Another site's link.
    Link,
    /// A social network.
    Social,
    /// A mail.
    Email,
    /// A paid click or a campaign.
    Advertising,
    /// A feed.
    Syndication,
    /// The site itself.
    Internal,
    /// An assistant that answers with links.
    Assistant,
}

impl Medium {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Direct,
        Self::Search,
        Self::Link,
        Self::Social,
        Self::Email,
        Self::Advertising,
        Self::Syndication,
        Self::Internal,
        Self::Assistant,
    ];

    /// As stored in `visits.medium`.
    pub fn code(self) -> i64 {
        match self {
            Self::Direct => 0,
            Self::Search => 1,
            Self::Link => 2,
            Self::Social => 3,
            Self::Email => 4,
            Self::Advertising => 5,
            Self::Syndication => 6,
            Self::Internal => 7,
            Self::Assistant => 8,
        }
    }

    /// From `visits.medium`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|medium| medium.code() == code)
    }

    /// The title of the traffic source, as Clicky's clients know it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Direct => "Direct",
            Self::Search => "Searches",
            Self::Link => "Links",
            Self::Social => "Social media",
            Self::Email => "Email",
            Self::Advertising => "Advertising",
            Self::Syndication => "Syndication",
            Self::Internal => "Internal",
            Self::Assistant => "AI assistants",
        }
    }
}

/// How one visit came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The kind.
    pub medium: Medium,
    /// The full address that led here, without its fragment.
    pub referrer: Option<String>,
    /// Its host, without `www.`.
    pub domain: Option<String>,
    /// What its service is called.
    pub name: Option<String>,
    /// What was searched for.
    pub terms: Option<String>,
    /// The campaign.
    pub campaign: Option<Campaign>,
}

/// A campaign, as its links say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// `utm_campaign`
    pub name: String,
    /// `utm_source`
    pub source: Option<String>,
    /// `utm_medium`
    pub medium: Option<String>,
    /// `utm_term`
    pub term: Option<String>,
    /// `utm_content`
    pub content: Option<String>,
}

/// Query parameters in which search engines pass the words on.
const TERMS: [&str; 7] = ["q", "query", "p", "text", "wd", "search", "keyword"];

impl Source {
    /// Nothing says how.
    pub fn direct() -> Self {
        Self { medium: Medium::Direct, referrer: None, domain: None, name: None, terms: None, campaign: None }
    }
}

/// The host of a referrer, without `www.`.
pub fn domain_of(referrer: &str) -> Option<String> {
    let url = page::parse(referrer)?;
    url.host_str().map(|host| without_www(host).to_owned())
}

/// Tells how a visit came. The landing page still has its campaign parameters.
pub fn classify(referrer: &str, landing: &Url, owns_host: &dyn Fn(&str) -> bool) -> Source {
    let said = |name: &str| parameter(landing, name);
    let mut source = from_referrer(referrer, landing, owns_host);
    if let Some(text) = said("utm_source").or_else(|| said("ref")) {
        source = from_word(&text, source);
    }
    if let Some(terms) = said("utm_term") {
        source.terms = Some(terms);
    }
    if let Some(medium) = said("utm_medium").and_then(|medium| medium_of(&medium)) {
        source.medium = medium;
    }
    if said("gclid").or_else(|| said("msclkid")).or_else(|| said("gbraid")).is_some() {
        source.medium = Medium::Advertising;
    }
    if let Some(name) = said("utm_campaign") {
        source.medium = Medium::Advertising;
        source.campaign = Some(Campaign {
            name,
            source: said("utm_source"),
            medium: said("utm_medium"),
            term: said("utm_term"),
            content: said("utm_content"),
        });
    }
    source
}

fn from_referrer(referrer: &str, landing: &Url, owns_host: &dyn Fn(&str) -> bool) -> Source {
    if let Some(app) = referrer.strip_prefix("android-app://") {
        return from_app(app.trim_end_matches('/'));
    }
    let Some(mut address) = page::parse(referrer)
        .filter(|url| matches!(url.scheme(), "http" | "https") && page::has_plain_host(url))
    else {
        return Source::direct();
    };
    address.set_fragment(None);
    // Nobody needs the name and password that a hand-made referrer may carry; of http(s) they can always be taken.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    let host = address.host_str().unwrap_or_default().to_owned();
    let domain = without_www(&host).to_owned();
    let full = (address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.to_string());
    if owns_host(&host) || landing.host_str() == Some(&host) {
        return Source { medium: Medium::Internal, referrer: full, domain: Some(domain), ..Source::direct() };
    }
    let (medium, name) =
        hosts::find(&host, &address).map_or((Medium::Link, None), |(medium, name)| (medium, Some(name)));
    let terms = TERMS.iter().find_map(|name| parameter(&address, name)).filter(|_| medium == Medium::Search);
    Source {
        medium,
        referrer: full,
        domain: Some(domain),
        name: name.map(str::to_owned),
        terms,
        campaign: None,
    }
}

/// An app that names itself by its package, such as `com.google.android.gm`.
fn from_app(package: &str) -> Source {
    let (medium, name) = match package {
        "com.google.android.googlequicksearchbox" => (Medium::Search, Some("Google")),
        "com.google.android.gm" => (Medium::Email, Some("Gmail")),
        "com.linkedin.android" => (Medium::Social, Some("LinkedIn")),
        "org.telegram.messenger" => (Medium::Social, Some("Telegram")),
        _ => (Medium::Link, None),
    };
    let domain = bounded(package);
    let referrer = domain.as_ref().map(|package| format!("android-app://{package}/"));
    Source { medium, referrer, domain, name: name.map(str::to_owned), terms: None, campaign: None }
}

/// A source that a link names in words or as a host: `utm_source=newsletter`, `ref=producthunt.com`.
fn from_word(text: &str, referred: Source) -> Source {
    let host = text.to_lowercase();
    let as_address = page::parse(&format!("https://{host}/")).filter(|_| host.contains('.'));
    let (medium, name) = as_address
        .as_ref()
        .and_then(|address| hosts::find(&host, address))
        .or_else(|| hosts::find_name(text))
        .unwrap_or_else(|| (word_medium(&host).unwrap_or(Medium::Link), text));
    Source { medium, domain: Some(without_www(&host).to_owned()), name: Some(name.to_owned()), ..referred }
}

fn word_medium(word: &str) -> Option<Medium> {
    ["newsletter", "email", "mail"].iter().any(|mail| word.contains(mail)).then_some(Medium::Email)
}

/// What `utm_medium` says.
fn medium_of(text: &str) -> Option<Medium> {
    match text.to_lowercase().as_str() {
        "cpc" | "ppc" | "paid" | "cpm" | "display" | "banner" | "ads" | "paidsearch" | "paid_social"
        | "affiliate" => Some(Medium::Advertising),
        "email" | "e-mail" | "mail" | "newsletter" => Some(Medium::Email),
        "social" | "social-media" | "social_media" | "social-network" => Some(Medium::Social),
        "organic" | "search" => Some(Medium::Search),
        "rss" | "feed" | "syndication" => Some(Medium::Syndication),
        "referral" | "link" => Some(Medium::Link),
        _ => None,
    }
}

/// A query parameter, if it says something.
fn parameter(address: &Url, name: &str) -> Option<String> {
    let mut pairs = address.query_pairs();
    pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| bounded(&value))
}

fn bounded(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|character| !character.is_control()).collect();
    let plain = plain.trim();
    let plain = &plain[..plain.floor_char_boundary(limits::CUSTOM_BYTES_MAX)];
    (!plain.is_empty()).then(|| plain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tell(referrer: &str, landing: &str) -> Source {
        let landing = Url::parse(&format!("https://bakery.example{landing}")).unwrap();
        classify(referrer, &landing, &|host| host.ends_with("bakery.example"))
    }

    #[test]
    fn a_referrer_says_how_they_came() {
        for (referrer, medium, name) in [
            ("", Medium::Direct, None),
            ("https://www.google.com/", Medium::Search, Some("Google")),
            ("https://www.google.de/search?q=bread", Medium::Search, Some("Google")),
            ("https://duckduckgo.com/", Medium::Search, Some("DuckDuckGo")),
            ("https://l.facebook.com/l.php", Medium::Social, Some("Facebook")),
            ("https://mail.google.com/mail/u/0/", Medium::Email, Some("Gmail")),
            ("https://chatgpt.com/", Medium::Assistant, Some("ChatGPT")),
            ("https://www.perplexity.ai/search/x", Medium::Assistant, Some("Perplexity")),
            ("https://kagi.com/", Medium::Search, Some("Kagi")),
            ("https://docs.google.com/document/d/1", Medium::Link, Some("Google Docs")),
            ("https://blog.example/post", Medium::Link, None),
            ("https://www.bakery.example/", Medium::Internal, None),
            ("android-app://com.google.android.gm/", Medium::Email, Some("Gmail")),
            ("javascript:alert(1)", Medium::Direct, None),
            ("not an address", Medium::Direct, None),
            ("https://\"quoted\".example/", Medium::Direct, None),
        ] {
            let source = tell(referrer, "/");
            assert_eq!((source.medium, source.name.as_deref()), (medium, name), "{referrer}");
        }
        assert_eq!(tell("https://www.google.de/search?q=rye+bread", "/").terms.as_deref(), Some("rye bread"));
        let typed = tell("https://user:secret@blog.example/post?a=1#part", "/");
        assert_eq!(typed.referrer.as_deref(), Some("https://blog.example/post?a=1"));
    }

    #[test]
    fn a_campaign_is_one_only_with_its_name() {
        let full = tell("", "/?utm_campaign=Spring&utm_source=newsletter&utm_medium=email&utm_term=rye");
        assert_eq!(full.medium, Medium::Advertising);
        let campaign = full.campaign.unwrap();
        assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("newsletter")));
        let source = tell("", "/?utm_source=newsletter");
        assert_eq!((source.medium, source.campaign), (Medium::Email, None));
        assert_eq!(source.domain.as_deref(), Some("newsletter"));
    }

    #[test]
    fn the_parameters_of_a_link_steer_the_source() {
        assert_eq!(tell("https://www.google.com/", "/?gclid=x").medium, Medium::Advertising);
        assert_eq!(tell("", "/?utm_source=x&utm_medium=social").medium, Medium::Social);
        assert_eq!(tell("", "/?ref=facebook.com").name.as_deref(), Some("Facebook"));
        assert_eq!(tell("", "/?utm_source=google").medium, Medium::Search);
        assert_eq!(tell("", "/?utm_source=google&utm_medium=cpc").medium, Medium::Advertising);
        assert_eq!(tell("", "/?utm_source=ChatGPT").medium, Medium::Assistant);
        assert_eq!(tell("", "/?utm_source=shop&utm_term=rye+bread").terms.as_deref(), Some("rye bread"));
    }

    #[test]
    fn codes_read_back() {
        for medium in Medium::ALL {
            assert_eq!(Medium::from_code(medium.code()), Some(medium));
        }
    }

    proptest! {
        #[test]
        fn any_referrer_and_query_are_told_without_control_characters(referrer in "\\PC{0,200}", query in "\\PC{0,200}") {
            let mut landing = Url::parse("https://bakery.example/").unwrap();
            landing.set_query(Some(&query));
            let source = classify(&referrer, &landing, &|_| false);
            for text in [source.referrer, source.domain, source.name, source.terms].into_iter().flatten() {
                prop_assert!(!text.contains(char::is_control) && text.len() <= limits::URL_BYTES_MAX);
            }
        }
    }
}
