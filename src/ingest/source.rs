//! How a visit came: from its first page's address and that page's referrer.

use crate::limits;
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
    const ALL: [Self; 9] = [
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

/// Hosts and what they are, sorted.
const REFERRERS: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/referrers.rs"));

/// Assistants that answer with links; too young for the list.
const ASSISTANTS: [(&str, &str); 13] = [
    ("chat.deepseek.com", "DeepSeek"),
    ("chat.mistral.ai", "Mistral"),
    ("chat.openai.com", "ChatGPT"),
    ("chatgpt.com", "ChatGPT"),
    ("claude.ai", "Claude"),
    ("copilot.microsoft.com", "Copilot"),
    ("gemini.google.com", "Gemini"),
    ("grok.com", "Grok"),
    ("kagi.com", "Kagi"),
    ("meta.ai", "Meta AI"),
    ("perplexity.ai", "Perplexity"),
    ("phind.com", "Phind"),
    ("you.com", "You.com"),
];

/// Hosts that advertise themselves in other people's statistics.
const SPAM: [&str; 8] = [
    "best-seo-offer.com",
    "buttons-for-website.com",
    "darodar.com",
    "free-share-buttons.com",
    "get-free-traffic-now.com",
    "ilovevitaly.com",
    "priceg.com",
    "semalt.com",
];

/// Query parameters in which search engines pass the words on.
const TERMS: [&str; 7] = ["q", "query", "p", "text", "wd", "search", "keyword"];

impl Source {
    /// Nothing says how.
    pub fn direct() -> Self {
        Self { medium: Medium::Direct, referrer: None, domain: None, name: None, terms: None, campaign: None }
    }
}

/// Whether a referrer's domain is known for referrer spam.
pub fn is_spam(domain: &str) -> bool {
    SPAM.iter()
        .any(|spam| domain == *spam || domain.strip_suffix(spam).is_some_and(|left| left.ends_with('.')))
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
    let Some(mut address) = Url::parse(referrer).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    else {
        return Source::direct();
    };
    address.set_fragment(None);
    let host = address.host_str().unwrap_or_default().to_owned();
    let domain = without_www(&host).to_owned();
    let full = (address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.to_string());
    if owns_host(&host) || landing.host_str() == Some(&host) {
        return Source { medium: Medium::Internal, referrer: full, domain: Some(domain), ..Source::direct() };
    }
    let (medium, name) = known(&host, &address).unwrap_or((Medium::Link, None));
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
    let as_address = Url::parse(&format!("https://{host}/")).ok().filter(|_| host.contains('.'));
    let (medium, name) = as_address
        .as_ref()
        .and_then(|address| known(&host, address))
        .or_else(|| REFERRERS.iter().find(|(_, _, name)| name.eq_ignore_ascii_case(text)).map(read))
        .unwrap_or_else(|| (word_medium(&host).unwrap_or(Medium::Link), None));
    Source {
        medium,
        domain: Some(without_www(&host).to_owned()),
        name: name.map(str::to_owned).or_else(|| Some(text.to_owned())),
        ..referred
    }
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

/// What the lists say of a host, of the host and the beginning of its path, or of a domain above it.
fn known(host: &str, address: &Url) -> Option<(Medium, Option<&'static str>)> {
    let mut host = without_www(host);
    if let Ok(at) = ASSISTANTS.binary_search_by(|(known, _)| (*known).cmp(host)) {
        return Some((Medium::Assistant, Some(ASSISTANTS[at].1)));
    }
    let first_folder = address.path().split('/').nth(1).unwrap_or_default();
    loop {
        let keys = [format!("{host}/{first_folder}"), host.to_owned(), format!("www.{host}")];
        if let Some(found) = keys.iter().find_map(|key| entry(key)) {
            return Some(read(found));
        }
        host = host.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))?;
    }
}

fn entry(key: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    REFERRERS.binary_search_by(|(known, _, _)| (*known).cmp(key)).ok().map(|at| &REFERRERS[at])
}

fn read(entry: &'static (&'static str, &'static str, &'static str)) -> (Medium, Option<&'static str>) {
    let medium = match entry.1 {
        "search" => Medium::Search,
        "social" => Medium::Social,
        "email" => Medium::Email,
        "paid" => Medium::Advertising,
        _ => Medium::Link,
    };
    (medium, Some(entry.2))
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
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
            ("https://blog.example/post", Medium::Link, None),
            ("https://www.bakery.example/", Medium::Internal, None),
            ("android-app://com.google.android.gm/", Medium::Email, Some("Gmail")),
            ("javascript:alert(1)", Medium::Direct, None),
            ("not an address", Medium::Direct, None),
        ] {
            let source = tell(referrer, "/");
            assert_eq!((source.medium, source.name.as_deref()), (medium, name), "{referrer}");
        }
        assert_eq!(tell("https://www.google.de/search?q=rye+bread", "/").terms.as_deref(), Some("rye bread"));
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
        assert_eq!(tell("", "/?utm_source=shop&utm_term=rye+bread").terms.as_deref(), Some("rye bread"));
    }

    #[test]
    fn spam_is_known_with_the_domains_below_it() {
        assert!(is_spam("semalt.com") && is_spam("x.semalt.com"));
        assert!(!is_spam("notsemalt.com") && !is_spam("bakery.example"));
    }

    #[test]
    fn tables_are_sorted_and_codes_read_back() {
        assert!(REFERRERS.is_sorted_by_key(|entry| entry.0) && ASSISTANTS.is_sorted());
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
