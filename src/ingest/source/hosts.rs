//! The services that send visitors: hosts and apps with their channel and name. Knows nothing of campaigns or pages.

use crate::model::channel::Channel;
use foldhash::HashMap;
use std::sync::LazyLock;
use url::Url;

/// The hosts with their channel and name, sorted. A key may end with the first folder of a path: `google.de/imgres`.
const LISTED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/referrers.rs"));

/// Our additions and corrections to that list; the first lines of the file describe its format.
const OURS: &str = include_str!("../../../assets/sources.tsv");

static SERVICES: LazyLock<Services> = LazyLock::new(|| Services::parse(OURS));

/// The labels of hosts below a search engine's that do something other than search.
const NO_SEARCHES: [&str; 5] = ["ads", "adservice", "adwords", "mail", "news"];

/// A service that sends visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its channel.
    pub channel: Channel,
    /// Its name, where it is known.
    pub name: Option<&'static str>,
}

/// The services of our own list.
#[derive(Default)]
struct Services {
    /// By host, host with the first folder of a path, or package of an app.
    hosts: HashMap<&'static str, Service>,
    /// By a name that stands under the domains of several countries.
    national: HashMap<&'static str, Service>,
    /// By the words that stand for them, in lower case.
    words: HashMap<String, Service>,
}

impl Services {
    fn parse(lines: &'static str) -> Self {
        let mut services = Self::default();
        for line in lines.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let channel = channel(columns.next().unwrap_or_default());
            let Some(name) = columns.next() else { continue };
            let service = Service { channel, name: Some(name) };
            for host in columns.next().unwrap_or_default().split_whitespace() {
                match host.strip_suffix(".*") {
                    Some(name) => services.national.insert(name, service),
                    None => services.hosts.insert(host, service),
                };
            }
            let words = columns.next().unwrap_or_default().split_whitespace().map(str::to_owned);
            services.words.extend(words.chain([name.to_lowercase()]).map(|word| (word, service)));
        }
        services
    }

    /// Returns the service of exactly this host.
    fn find(&self, host: &str, with_folder: &str) -> Option<Service> {
        let national = || {
            let (name, domain) = host.split_once('.')?;
            self.national.get(name).filter(|_| is_of_a_country(domain))
        };
        self.hosts.get(with_folder).or_else(|| self.hosts.get(host)).or_else(national).copied()
    }
}

/// Returns true for the domain of a country, such as `de`, `co.uk` or `com.au`, and for `com`.
fn is_of_a_country(domain: &str) -> bool {
    let country = domain.strip_prefix("co.").or(domain.strip_prefix("com.")).unwrap_or(domain);
    country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic()) || domain == "com"
}

/// Finds the service of a host, of the host with the first folder of the path, or of a domain above it.
pub fn find(host: &str, address: &Url) -> Option<Service> {
    let first_folder = address.path().split('/').nth(1).unwrap_or_default();
    let service = find_above(host, first_folder)?;
    let is_search = |found: Service| found.channel == Channel::Search;
    let aside = without_www(host).split_once('.').filter(|(label, _)| NO_SEARCHES.contains(label));
    match aside {
        Some((label, above)) if is_search(service) && find_above(above, "").is_some_and(is_search) => {
            let channel = if label == "mail" { Channel::Email } else { Channel::Link };
            // The name is the search's, unless the host stands in the list itself.
            let name = service.name.filter(|_| find_above(above, "") != Some(service));
            Some(Service { channel, name })
        }
        _ => Some(service),
    }
}

fn find_above(host: &str, first_folder: &str) -> Option<Service> {
    let mut host = without_www(host);
    loop {
        let with_folder = format!("{host}/{first_folder}");
        let found = SERVICES
            .find(host, &with_folder)
            .or_else(|| listed(&with_folder))
            .or_else(|| listed(host))
            .or_else(|| listed(&format!("www.{host}")));
        if found.is_some() {
            return found;
        }
        host = host.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))?;
    }
}

/// Finds the service of an app by its package, such as `com.google.android.gm`.
pub fn find_app(package: &str) -> Option<Service> {
    SERVICES.hosts.get(package).copied().or_else(|| listed(package))
}

/// Finds a service by a word that stands for it, such as `google` or `fb`. If it stands for services in several channels,
/// the search is preferred.
pub fn find_name(word: &str) -> Option<Service> {
    let is_meant = |known: &str| known.strip_suffix('!').unwrap_or(known).eq_ignore_ascii_case(word);
    let ours = SERVICES.words.get(&word.to_lowercase()).copied();
    let listed = || LISTED.iter().filter(|(_, _, known)| is_meant(known)).map(service);
    ours.or_else(|| listed().find(|service| service.channel == Channel::Search)).or_else(|| listed().next())
}

/// Returns a host without `www.`.
pub fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn listed(key: &str) -> Option<Service> {
    LISTED.binary_search_by(|(known, _, _)| (*known).cmp(key)).ok().map(|index| service(&LISTED[index]))
}

/// Returns the service of a listed host.
fn service(listed: &(&str, &str, &'static str)) -> Service {
    let (_, word, name) = *listed;
    Service { channel: channel(word), name: Some(name) }
}

/// Returns the channel of a word in a list.
fn channel(word: &str) -> Channel {
    match word {
        "assistant" => Channel::Assistant,
        "email" => Channel::Email,
        "paid" => Channel::Advertising,
        "search" => Channel::Search,
        "social" => Channel::Social,
        "syndication" => Channel::Syndication,
        _ => Channel::Link,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_lists_are_sorted_and_name_each_host_once() {
        assert!(LISTED.is_sorted_by_key(|entry| entry.0));
        let mut seen = HashSet::new();
        for line in OURS.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            assert!((3..=4).contains(&columns.len()), "{line}");
            assert!(columns[0] == "link" || channel(columns[0]) != Channel::Link, "{line}");
            for host in columns[2].split_whitespace() {
                assert!(seen.insert(host), "{host} is named twice");
            }
        }
    }

    #[test]
    fn a_name_in_a_link_means_its_search_and_short_words_mean_their_networks() {
        for (name, channel) in [
            ("google", Channel::Search),
            ("Yahoo", Channel::Search),
            ("facebook", Channel::Social),
            ("FB", Channel::Social),
            ("ig", Channel::Social),
            ("insta", Channel::Social),
            ("tiktok", Channel::Social),
            ("gmail", Channel::Email),
            ("chatgpt", Channel::Assistant),
            ("adwords", Channel::Advertising),
        ] {
            assert_eq!(find_name(name).map(|service| service.channel), Some(channel), "{name}");
        }
        assert_eq!(find_name("fb").and_then(|service| service.name), Some("Facebook"));
        assert_eq!(find_name("spring-flyer"), None);
    }

    #[test]
    fn what_a_search_engine_does_beside_is_no_search() {
        let service = |address: &str| {
            let url = Url::parse(address).unwrap();
            find(url.host_str().unwrap(), &url).map(|service| (service.channel, service.name))
        };
        for (address, expected) in [
            ("https://news.google.com/", (Channel::Link, Some("Google News"))),
            ("https://news.google.co.uk/", (Channel::Link, Some("Google News"))),
            ("https://news.yandex.ru/", (Channel::Link, None)),
            ("https://ads.google.com/", (Channel::Link, None)),
            ("https://adservice.google.de/", (Channel::Link, None)),
            ("https://mail.yandex.ru/", (Channel::Email, None)),
            ("https://mail.google.com/", (Channel::Email, Some("Gmail"))),
            ("https://go.mail.ru/search", (Channel::Search, Some("Mail.ru"))),
            ("https://images.google.com/", (Channel::Search, Some("Google Images"))),
        ] {
            let (channel, name) = service(address).unwrap();
            let is_named = name == expected.1 || channel == Channel::Email && name.is_some();
            assert!(channel == expected.0 && is_named, "{address}: {channel:?} {name:?}");
        }
        assert_eq!(service("https://pinterest.bakery.example/"), None);
    }
}
