//! The source of a visit: its channel, referrer and campaign, from the address and the referrer of its first page.

mod hosts;

use super::page_url;
use crate::limits;
use crate::model::channel::Channel;
use hosts::{Service, without_www};
use std::borrow::Cow;
use url::Url;

/// The source of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficSource {
    /// The channel.
    pub channel: Channel,
    /// The full address of the referrer, without its fragment.
    pub referrer: Option<String>,
    /// The host of the referrer, without `www.`.
    pub domain: Option<String>,
    /// The name of the referring service.
    pub name: Option<String>,
    /// The search terms.
    pub terms: Option<String>,
    /// The campaign.
    pub campaign: Option<Campaign>,
}

/// A campaign, by the parameters of its links.
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

/// The parameters that advertisers add to the address of a paid click, in lower case.
const PAID_CLICKS: [&str; 10] =
    ["dclid", "gbraid", "gclid", "msclkid", "rdt_cid", "sccid", "ttclid", "twclid", "wbraid", "yclid"];

/// The query parameters in which search engines pass on the search terms.
const TERMS: [&str; 7] = ["q", "query", "p", "text", "wd", "search", "keyword"];

impl TrafficSource {
    /// Returns the source of a visit without referrer and campaign.
    pub fn direct() -> Self {
        Self {
            channel: Channel::Direct,
            referrer: None,
            domain: None,
            name: None,
            terms: None,
            campaign: None,
        }
    }
}

/// Returns the host of a referrer, without `www.`.
pub fn domain_of(referrer: &str) -> Option<String> {
    let url = page_url::parse(referrer)?;
    url.host_str().map(|host| without_www(host).to_owned())
}

/// Returns the source of a visit. `landing` is the address of its first page with its campaign parameters; `owns_host`
/// returns true for the hosts of the site.
pub fn classify(referrer: &str, landing: &Url, owns_host: &dyn Fn(&str) -> bool) -> TrafficSource {
    let parameters = Parameters::new(landing);
    let parameter = |name: &str| parameters.find("", name).or_else(|| parameters.find_alias(name));
    let linked = from_referrer(referrer, landing, owns_host);
    let campaign = parameter("utm_campaign");
    let mut source = match parameter("utm_source").or_else(|| parameter("ref")) {
        // The source of a campaign is no referring domain.
        Some(text) if campaign.is_some() => {
            TrafficSource { domain: linked.domain.clone(), ..from_word(&text, linked) }
        }
        Some(text) => from_word(&text, linked),
        None => linked,
    };
    if let Some(terms) = parameter("utm_term") {
        source.terms = Some(terms);
    }
    let channel = parameter("utm_medium").and_then(|medium| channel_of_medium(&medium, source.channel));
    if PAID_CLICKS.iter().any(|name| parameter(name).is_some()) {
        source.channel = Channel::Advertising;
    } else if let Some(channel) = channel.or(campaign.is_some().then_some(Channel::Advertising)) {
        source.channel = channel;
    }
    if let Some(name) = campaign {
        source.campaign = Some(Campaign {
            name,
            source: parameter("utm_source"),
            medium: parameter("utm_medium"),
            term: parameter("utm_term"),
            content: parameter("utm_content"),
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
    // A hand-made referrer may have a user name and password. They can always be removed from http(s) addresses.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    let host = address.host_str().unwrap_or_default().to_owned();
    let domain = without_www(&host).to_owned();
    let full = (address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.to_string());
    if owns_host(&host) || landing.host_str() == Some(&host) {
        return TrafficSource {
            channel: Channel::Internal,
            referrer: full,
            domain: Some(domain),
            ..TrafficSource::direct()
        };
    }
    let Service { channel, name } =
        hosts::find(&host, &address).unwrap_or(Service { channel: Channel::Link, name: None });
    let searched = || {
        let parameters = Parameters::new(&address);
        TERMS.iter().find_map(|name| parameters.find("", name))
    };
    let terms = if channel == Channel::Search { searched() } else { None };
    TrafficSource {
        channel,
        referrer: full,
        domain: Some(domain),
        name: name.map(str::to_owned),
        terms,
        campaign: None,
    }
}

/// Returns the source of a visit from an app, by its package, such as `com.google.android.gm`.
fn from_app(package: &str) -> TrafficSource {
    let Service { channel, name } =
        hosts::find_app(package).unwrap_or(Service { channel: Channel::Link, name: None });
    let domain = bounded(package);
    let referrer = domain.as_ref().map(|package| format!("android-app://{package}/"));
    TrafficSource { channel, referrer, domain, name: name.map(str::to_owned), terms: None, campaign: None }
}

/// Returns the source that a link names as a word or a host: `utm_source=newsletter`, `ref=producthunt.com`.
fn from_word(text: &str, referred: TrafficSource) -> TrafficSource {
    let host = text.to_lowercase();
    let as_address = page_url::parse(&format!("https://{host}/")).filter(|_| host.contains('.'));
    let service = as_address
        .as_ref()
        .and_then(|address| hosts::find(&host, address))
        .or_else(|| hosts::find_name(text))
        .unwrap_or_else(|| Service { channel: word_channel(&host).unwrap_or(Channel::Link), name: None });
    let name = service.name.unwrap_or(text).to_owned();
    TrafficSource {
        channel: service.channel,
        domain: Some(without_www(&host).to_owned()),
        name: Some(name),
        ..referred
    }
}

fn word_channel(word: &str) -> Option<Channel> {
    ["newsletter", "email", "mail"].iter().any(|mail| word.contains(mail)).then_some(Channel::Email)
}

/// Returns the channel of a `utm_medium` in a link from a source of the channel `referred`, by the default channel groups of
/// Google Analytics (<https://support.google.com/analytics/answer/9756891>); `None` for an unknown medium.
fn channel_of_medium(text: &str, referred: Channel) -> Option<Channel> {
    let text = text.to_lowercase();
    let is_paid =
        text.contains("cp") || text.starts_with("paid") || matches!(text.as_str(), "ppc" | "retargeting");
    // An organic or referral link in a social network or an e-mail stays in that channel.
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

    /// Returns the first parameter whose name is `start` followed by `name`, unless it is empty.
    fn find(&self, start: &str, name: &str) -> Option<String> {
        let is_named = |known: &str| {
            known.split_at_checked(start.len()).is_some_and(|(before, rest)| {
                before.eq_ignore_ascii_case(start) && rest.eq_ignore_ascii_case(name)
            })
        };
        self.0.iter().find(|(known, _)| is_named(known)).and_then(|(_, value)| bounded(value))
    }

    /// Returns a campaign parameter by its name in Matomo: `mtm_campaign`, `pk_campaign` and so on.
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

    fn source_of(referrer: &str, landing: &str) -> TrafficSource {
        let landing = Url::parse(&format!("https://bakery.example{landing}")).unwrap();
        classify(referrer, &landing, &|host| host.ends_with("bakery.example"))
    }

    #[test]
    fn a_referrer_says_how_they_came() {
        for (referrer, channel, name) in [
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
            let source = source_of(referrer, "/");
            assert_eq!((source.channel, source.name.as_deref()), (channel, name), "{referrer}");
        }
        assert_eq!(
            source_of("https://www.google.de/search?q=rye+bread", "/").terms.as_deref(),
            Some("rye bread")
        );
        let typed = source_of("https://user:secret@blog.example/post?a=1#part", "/");
        assert_eq!(typed.referrer.as_deref(), Some("https://blog.example/post?a=1"));
    }

    #[test]
    fn a_campaign_is_one_only_with_its_name() {
        let full = source_of("", "/?utm_campaign=Spring&utm_source=newsletter&utm_medium=email&utm_term=rye");
        assert_eq!(full.channel, Channel::Email);
        let campaign = full.campaign.unwrap();
        assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("newsletter")));
        let source = source_of("", "/?utm_source=newsletter");
        assert_eq!((source.channel, source.campaign), (Channel::Email, None));
        assert_eq!(source.domain.as_deref(), Some("newsletter"));
    }

    #[test]
    fn a_campaign_in_the_words_of_matomo_is_one() {
        for start in ["mtm_", "pk_"] {
            let source = source_of(
                "",
                &format!("/?{start}campaign=Spring&{start}source=letter&{start}medium=email&{start}kwd=rye"),
            );
            let campaign = source.campaign.unwrap();
            assert_eq!((campaign.name.as_str(), campaign.source.as_deref()), ("Spring", Some("letter")));
            assert_eq!((source.channel, source.terms.as_deref()), (Channel::Email, Some("rye")));
            assert!(clicks::tells_a_click(&format!("{start}campaign")));
            let capital = source_of("", &format!("/?{}Campaign=Spring", start.to_uppercase()));
            assert_eq!(capital.campaign.map(|campaign| campaign.name).as_deref(), Some("Spring"));
        }
    }

    #[test]
    fn the_medium_of_a_campaign_decides_and_its_source_is_no_linking_domain() {
        for (query, channel) in [
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
            let source = source_of("https://www.facebook.com/x", &format!("/?utm_campaign=Spring&{query}"));
            assert_eq!(source.channel, channel, "{query}");
            assert_eq!(source.domain.as_deref(), Some("facebook.com"), "{query}");
            assert_eq!(source_of("", &format!("/?utm_campaign=Spring&{query}")).domain, None, "{query}");
        }
        for id in PAID_CLICKS {
            assert_eq!(
                source_of("https://www.google.com/", &format!("/?{id}=x")).channel,
                Channel::Advertising,
                "{id}"
            );
        }
        assert!(PAID_CLICKS.iter().all(|id| clicks::tells_a_click(id)), "none of them is part of a page");
        assert_eq!(source_of("", "/?fbclid=x").channel, Channel::Direct);
    }

    /// Counts the services of a table, written from their own public addresses, that have their kind and name.
    fn misses(table: &str, channel: Channel) -> (usize, Vec<String>) {
        let lines: Vec<&str> = table.lines().collect();
        let is_missed = |line: &&&str| {
            let (referrer, name) = line.split_once('\t').unwrap();
            let source = source_of(referrer, "/");
            source.channel != channel || source.name.is_none_or(|known| !known.eq_ignore_ascii_case(name))
        };
        (lines.len(), lines.iter().filter(is_missed).map(|line| (*line).to_owned()).collect())
    }

    #[test]
    fn nine_in_ten_search_engines_networks_and_assistants_have_their_kind_and_name() {
        for (table, channel, least) in [
            (include_str!("../../tests/fixtures/sources/search_engines.tsv"), Channel::Search, 60),
            (include_str!("../../tests/fixtures/sources/networks.tsv"), Channel::Social, 60),
            (include_str!("../../tests/fixtures/sources/assistants.tsv"), Channel::Assistant, 20),
        ] {
            let (count, misses) = misses(table, channel);
            assert!(count >= least && misses.len() * 10 <= count, "{count}: {misses:?}");
        }
    }

    #[test]
    fn the_parameters_of_a_link_steer_the_source() {
        assert_eq!(source_of("https://www.google.com/", "/?gclid=x").channel, Channel::Advertising);
        assert_eq!(source_of("", "/?utm_source=x&utm_medium=social").channel, Channel::Social);
        assert_eq!(source_of("", "/?ref=facebook.com").name.as_deref(), Some("Facebook"));
        assert_eq!(source_of("", "/?utm_source=google").channel, Channel::Search);
        assert_eq!(source_of("", "/?utm_source=google&utm_medium=cpc").channel, Channel::Advertising);
        assert_eq!(source_of("", "/?utm_source=ChatGPT").channel, Channel::Assistant);
        assert_eq!(source_of("", "/?utm_source=shop&utm_term=rye+bread").terms.as_deref(), Some("rye bread"));
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
