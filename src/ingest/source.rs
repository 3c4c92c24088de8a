//! How a visit came: from its first page's address and that page's referrer.

mod hosts;

use super::page_url;
use crate::limits;
use crate::model::channel::Channel;
use hosts::{Service, without_www};
use std::borrow::Cow;
use url::Url;

/// How one visit came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficSource {
    /// The kind.
    pub medium: Channel,
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

/// Parameters that advertisers add to the address of a paid click, in small letters.
const PAID_CLICKS: [&str; 10] =
    ["dclid", "gbraid", "gclid", "msclkid", "rdt_cid", "sccid", "ttclid", "twclid", "wbraid", "yclid"];

/// Query parameters in which search engines pass the words on.
const TERMS: [&str; 7] = ["q", "query", "p", "text", "wd", "search", "keyword"];

impl TrafficSource {
    /// Nothing says how.
    pub fn direct() -> Self {
        Self {
            medium: Channel::Direct,
            referrer: None,
            domain: None,
            name: None,
            terms: None,
            campaign: None,
        }
    }
}

/// The host of a referrer, without `www.`.
pub fn domain_of(referrer: &str) -> Option<String> {
    let url = page_url::parse(referrer)?;
    url.host_str().map(|host| without_www(host).to_owned())
}

/// Tells how a visit came. The landing page still has its campaign parameters.
pub fn classify(referrer: &str, landing: &Url, owns_host: &dyn Fn(&str) -> bool) -> TrafficSource {
    let parameters = Parameters::new(landing);
    let said = |name: &str| parameters.find("", name).or_else(|| parameters.find_alias(name));
    let linked = from_referrer(referrer, landing, owns_host);
    let campaign = said("utm_campaign");
    let mut source = match said("utm_source").or_else(|| said("ref")) {
        // The source of a campaign stands with the campaign: it is no domain that linked here.
        Some(text) if campaign.is_some() => {
            TrafficSource { domain: linked.domain.clone(), ..from_word(&text, linked) }
        }
        Some(text) => from_word(&text, linked),
        None => linked,
    };
    if let Some(terms) = said("utm_term") {
        source.terms = Some(terms);
    }
    let medium = said("utm_medium").and_then(|medium| medium_of(&medium, source.medium));
    if PAID_CLICKS.iter().any(|name| said(name).is_some()) {
        source.medium = Channel::Advertising;
    } else if let Some(medium) = medium.or(campaign.is_some().then_some(Channel::Advertising)) {
        source.medium = medium;
    }
    if let Some(name) = campaign {
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

fn from_referrer(referrer: &str, landing: &Url, owns_host: &dyn Fn(&str) -> bool) -> TrafficSource {
    if let Some(app) = referrer.strip_prefix("android-app://") {
        return from_app(app.trim_end_matches('/'));
    }
    let Some(mut address) = page_url::parse(referrer)
        .filter(|url| matches!(url.scheme(), "http" | "https") && page_url::has_plain_host(url))
    else {
        return TrafficSource::direct();
    };
    address.set_fragment(None);
    // Nobody needs the name and password that a hand-made referrer may carry; of http(s) they can always be taken.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    let host = address.host_str().unwrap_or_default().to_owned();
    let domain = without_www(&host).to_owned();
    let full = (address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.to_string());
    if owns_host(&host) || landing.host_str() == Some(&host) {
        return TrafficSource {
            medium: Channel::Internal,
            referrer: full,
            domain: Some(domain),
            ..TrafficSource::direct()
        };
    }
    let Service { medium, name } =
        hosts::find(&host, &address).unwrap_or(Service { medium: Channel::Link, name: None });
    let searched = || {
        let parameters = Parameters::new(&address);
        TERMS.iter().find_map(|name| parameters.find("", name))
    };
    let terms = if medium == Channel::Search { searched() } else { None };
    TrafficSource {
        medium,
        referrer: full,
        domain: Some(domain),
        name: name.map(str::to_owned),
        terms,
        campaign: None,
    }
}

/// An app that names itself by its package, such as `com.google.android.gm`.
fn from_app(package: &str) -> TrafficSource {
    let Service { medium, name } =
        hosts::find_app(package).unwrap_or(Service { medium: Channel::Link, name: None });
    let domain = bounded(package);
    let referrer = domain.as_ref().map(|package| format!("android-app://{package}/"));
    TrafficSource { medium, referrer, domain, name: name.map(str::to_owned), terms: None, campaign: None }
}

/// A source that a link names in words or as a host: `utm_source=newsletter`, `ref=producthunt.com`.
fn from_word(text: &str, referred: TrafficSource) -> TrafficSource {
    let host = text.to_lowercase();
    let as_address = page_url::parse(&format!("https://{host}/")).filter(|_| host.contains('.'));
    let service = as_address
        .as_ref()
        .and_then(|address| hosts::find(&host, address))
        .or_else(|| hosts::find_name(text))
        .unwrap_or_else(|| Service { medium: word_medium(&host).unwrap_or(Channel::Link), name: None });
    let name = service.name.unwrap_or(text).to_owned();
    TrafficSource {
        medium: service.medium,
        domain: Some(without_www(&host).to_owned()),
        name: Some(name),
        ..referred
    }
}

fn word_medium(word: &str) -> Option<Channel> {
    ["newsletter", "email", "mail"].iter().any(|mail| word.contains(mail)).then_some(Channel::Email)
}

/// What `utm_medium` says of a click from a source of this kind, as GA's default channel groups read it
/// (<https://support.google.com/analytics/answer/9756891>); none where it says nothing that is known.
fn medium_of(text: &str, referred: Channel) -> Option<Channel> {
    let text = text.to_lowercase();
    let is_paid =
        text.contains("cp") || text.starts_with("paid") || matches!(text.as_str(), "ppc" | "retargeting");
    // A link on a network or from a mail that calls itself organic or referral is the network's or the mail's.
    let of_source = |otherwise: Channel| match referred {
        Channel::Direct | Channel::Internal | Channel::Link => otherwise,
        known => known,
    };
    match text.as_str() {
        _ if is_paid => Some(Channel::Advertising),
        "display" | "banner" | "expandable" | "interstitial" | "ads" | "affiliate" => {
            Some(Channel::Advertising)
        }
        "email" | "e-mail" | "e_mail" | "e mail" | "mail" | "newsletter" => Some(Channel::Email),
        "social" | "social-network" | "social-media" | "social_media" | "social network" | "social media"
        | "sm" => Some(Channel::Social),
        "organic" | "search" => Some(of_source(Channel::Search)),
        "rss" | "feed" | "syndication" => Some(Channel::Syndication),
        "referral" | "link" | "app" => Some(of_source(Channel::Link)),
        _ => None,
    }
}

/// The query parameters of an address.
struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    fn new(address: &'a Url) -> Self {
        Self(address.query_pairs().collect())
    }

    /// The first parameter of a name that begins with `start` and goes on with `name`, if it says something.
    fn find(&self, start: &str, name: &str) -> Option<String> {
        let is_named = |known: &str| {
            known.split_at_checked(start.len()).is_some_and(|(before, rest)| {
                before.eq_ignore_ascii_case(start) && rest.eq_ignore_ascii_case(name)
            })
        };
        self.0.iter().find(|(known, _)| is_named(known)).and_then(|(_, value)| bounded(value))
    }

    /// What a link says of its campaign in the words of Matomo: `mtm_campaign`, `pk_campaign` and so on.
    fn find_alias(&self, name: &str) -> Option<String> {
        let name = name.strip_prefix("utm_")?;
        let names: &[&str] = if name == "term" { &["keyword", "kwd"] } else { &[name] };
        names.iter().find_map(|name| self.find("mtm_", name).or_else(|| self.find("pk_", name)))
    }
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
    use crate::model::clicks;
    use proptest::prelude::*;

    fn tell(referrer: &str, landing: &str) -> TrafficSource {
        let landing = Url::parse(&format!("https://bakery.example{landing}")).unwrap();
        classify(referrer, &landing, &|host| host.ends_with("bakery.example"))
    }

    #[test]
    fn a_referrer_says_how_they_came() {
        for (referrer, medium, name) in [
            ("", Channel::Direct, None),
            ("https://www.google.com/", Channel::Search, Some("Google")),
            ("https://www.google.de/search?q=bread", Channel::Search, Some("Google")),
            ("https://duckduckgo.com/", Channel::Search, Some("DuckDuckGo")),
            ("https://l.facebook.com/l.php", Channel::Social, Some("Facebook")),
            ("https://mail.google.com/mail/u/0/", Channel::Email, Some("Gmail")),
            ("https://chatgpt.com/", Channel::Assistant, Some("ChatGPT")),
            ("https://www.perplexity.ai/search/x", Channel::Assistant, Some("Perplexity")),
            ("https://kagi.com/", Channel::Search, Some("Kagi")),
            ("https://docs.google.com/document/d/1", Channel::Link, Some("Google Docs")),
            ("https://blog.example/post", Channel::Link, None),
            ("https://www.bakery.example/", Channel::Internal, None),
            ("android-app://com.google.android.gm/", Channel::Email, Some("Gmail")),
            ("javascript:alert(1)", Channel::Direct, None),
            ("not an address", Channel::Direct, None),
            ("https://\"quoted\".example/", Channel::Direct, None),
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
        assert_eq!(full.medium, Channel::Email);
        let campaign = full.campaign.unwrap();
        assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("newsletter")));
        let source = tell("", "/?utm_source=newsletter");
        assert_eq!((source.medium, source.campaign), (Channel::Email, None));
        assert_eq!(source.domain.as_deref(), Some("newsletter"));
    }

    #[test]
    fn a_campaign_in_the_words_of_matomo_is_one() {
        for start in ["mtm_", "pk_"] {
            let told = tell(
                "",
                &format!("/?{start}campaign=Spring&{start}source=letter&{start}medium=email&{start}kwd=rye"),
            );
            let campaign = told.campaign.unwrap();
            assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("letter")));
            assert_eq!((told.medium, told.terms.as_deref()), (Channel::Email, Some("rye")));
            assert!(clicks::tells_a_click(&format!("{start}campaign")));
            let capital = tell("", &format!("/?{}Campaign=Spring", start.to_uppercase()));
            assert_eq!(capital.campaign.map(|campaign| campaign.name).as_deref(), Some("Spring"));
        }
    }

    #[test]
    fn the_medium_of_a_campaign_decides_and_its_source_is_no_linking_domain() {
        for (query, medium) in [
            ("utm_source=facebook", Channel::Advertising),
            ("utm_source=facebook&utm_medium=social", Channel::Social),
            ("utm_source=fb&utm_medium=paid", Channel::Advertising),
            ("utm_source=ig&utm_medium=paid_social", Channel::Advertising),
            ("utm_source=facebook&utm_medium=organic", Channel::Social),
            ("utm_source=google&utm_medium=organic", Channel::Search),
            ("utm_source=google&utm_medium=CPC", Channel::Advertising),
            ("utm_source=google&utm_medium=smart-cpm", Channel::Advertising),
            ("utm_source=criteo&utm_medium=retargeting", Channel::Advertising),
            ("utm_source=letter&utm_medium=E-Mail", Channel::Email),
            ("utm_source=letter&utm_medium=email&gclid=1", Channel::Advertising),
            ("utm_source=partner&utm_medium=referral", Channel::Link),
            ("utm_source=chatgpt.com&utm_medium=referral", Channel::Assistant),
            ("utm_source=shop&utm_medium=qr-code", Channel::Advertising),
            ("utm_medium=email", Channel::Email),
        ] {
            let told = tell("https://www.facebook.com/x", &format!("/?utm_campaign=Spring&{query}"));
            assert_eq!(told.medium, medium, "{query}");
            assert_eq!(told.domain.as_deref(), Some("facebook.com"), "{query}");
            assert_eq!(tell("", &format!("/?utm_campaign=Spring&{query}")).domain, None, "{query}");
        }
        for id in PAID_CLICKS {
            assert_eq!(
                tell("https://www.google.com/", &format!("/?{id}=x")).medium,
                Channel::Advertising,
                "{id}"
            );
        }
        assert!(PAID_CLICKS.iter().all(|id| clicks::tells_a_click(id)), "none of them is part of a page");
        assert_eq!(tell("", "/?fbclid=x").medium, Channel::Direct);
    }

    /// How many of the services of a table, written from their own public addresses, have their kind and name.
    fn misses(table: &str, medium: Channel) -> (usize, Vec<String>) {
        let lines: Vec<&str> = table.lines().collect();
        let is_missed = |line: &&&str| {
            let (referrer, name) = line.split_once('\t').unwrap();
            let told = tell(referrer, "/");
            told.medium != medium || told.name.is_none_or(|told| !told.eq_ignore_ascii_case(name))
        };
        (lines.len(), lines.iter().filter(is_missed).map(|line| (*line).to_owned()).collect())
    }

    #[test]
    fn nine_in_ten_search_engines_networks_and_assistants_have_their_kind_and_name() {
        for (table, medium, least) in [
            (include_str!("../../tests/fixtures/sources/search_engines.tsv"), Channel::Search, 60),
            (include_str!("../../tests/fixtures/sources/networks.tsv"), Channel::Social, 60),
            (include_str!("../../tests/fixtures/sources/assistants.tsv"), Channel::Assistant, 20),
        ] {
            let (count, misses) = misses(table, medium);
            assert!(count >= least && misses.len() * 10 <= count, "{count}: {misses:?}");
        }
    }

    #[test]
    fn the_parameters_of_a_link_steer_the_source() {
        assert_eq!(tell("https://www.google.com/", "/?gclid=x").medium, Channel::Advertising);
        assert_eq!(tell("", "/?utm_source=x&utm_medium=social").medium, Channel::Social);
        assert_eq!(tell("", "/?ref=facebook.com").name.as_deref(), Some("Facebook"));
        assert_eq!(tell("", "/?utm_source=google").medium, Channel::Search);
        assert_eq!(tell("", "/?utm_source=google&utm_medium=cpc").medium, Channel::Advertising);
        assert_eq!(tell("", "/?utm_source=ChatGPT").medium, Channel::Assistant);
        assert_eq!(tell("", "/?utm_source=shop&utm_term=rye+bread").terms.as_deref(), Some("rye bread"));
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
