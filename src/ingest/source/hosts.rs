//! What is known of the hosts that send visitors: their kind and name. Knows nothing of campaigns or pages.

use super::Medium;
use url::Url;

/// Hosts with their kind and name, sorted. A key may end with the first folder of a path: `google.de/imgres`.
const LISTED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/data/referrers.rs"));

/// What the list does not know yet, or takes for a search because the domain above it is one; sorted.
const OURS: [(&str, Medium, &str); 36] = [
    ("aistudio.google.com", Medium::Assistant, "Google AI Studio"),
    ("aws.amazon.com", Medium::Link, "Amazon Web Services"),
    ("calendar.google.com", Medium::Link, "Google Calendar"),
    ("chat.deepseek.com", Medium::Assistant, "DeepSeek"),
    ("chat.mistral.ai", Medium::Assistant, "Mistral"),
    ("chat.openai.com", Medium::Assistant, "ChatGPT"),
    ("chat.qwen.ai", Medium::Assistant, "Qwen"),
    ("chatgpt.com", Medium::Assistant, "ChatGPT"),
    ("classroom.google.com", Medium::Link, "Google Classroom"),
    ("claude.ai", Medium::Assistant, "Claude"),
    ("cloud.google.com", Medium::Link, "Google Cloud"),
    ("copilot.cloud.microsoft", Medium::Assistant, "Copilot"),
    ("copilot.microsoft.com", Medium::Assistant, "Copilot"),
    ("docs.google.com", Medium::Link, "Google Docs"),
    ("feedly.com", Medium::Syndication, "Feedly"),
    ("gemini.google.com", Medium::Assistant, "Gemini"),
    ("grok.com", Medium::Assistant, "Grok"),
    ("inoreader.com", Medium::Syndication, "Inoreader"),
    ("kagi.com", Medium::Search, "Kagi"),
    ("lemmy.world", Medium::Social, "Lemmy"),
    ("meet.google.com", Medium::Link, "Google Meet"),
    ("meta.ai", Medium::Assistant, "Meta AI"),
    ("newsblur.com", Medium::Syndication, "NewsBlur"),
    ("notebooklm.google.com", Medium::Assistant, "NotebookLM"),
    ("perplexity.ai", Medium::Assistant, "Perplexity"),
    ("phind.com", Medium::Assistant, "Phind"),
    ("play.google.com", Medium::Link, "Google Play"),
    ("poe.com", Medium::Assistant, "Poe"),
    ("snapchat.com", Medium::Social, "Snapchat"),
    ("t.me", Medium::Social, "Telegram"),
    ("threads.com", Medium::Social, "Threads"),
    ("threads.net", Medium::Social, "Threads"),
    ("tiktok.com", Medium::Social, "TikTok"),
    ("translate.google.com", Medium::Link, "Google Translate"),
    ("wa.me", Medium::Social, "WhatsApp"),
    ("you.com", Medium::Assistant, "You.com"),
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

/// Whether a referrer's domain, or one above it, is known for referrer spam.
pub fn is_spam(domain: &str) -> bool {
    SPAM.iter()
        .any(|spam| domain == *spam || domain.strip_suffix(spam).is_some_and(|left| left.ends_with('.')))
}

/// What is known of a host, of the host with the first folder of the path, or of a domain above it.
pub fn find(host: &str, address: &Url) -> Option<(Medium, &'static str)> {
    let first_folder = address.path().split('/').nth(1).unwrap_or_default();
    let mut host = without_www(host);
    loop {
        if let Ok(at) = OURS.binary_search_by(|(known, _, _)| (*known).cmp(host)) {
            return Some((OURS[at].1, OURS[at].2));
        }
        let keys = [format!("{host}/{first_folder}"), host.to_owned(), format!("www.{host}")];
        if let Some(found) = keys.iter().find_map(|key| listed(key)) {
            return Some(found);
        }
        host = host.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))?;
    }
}

/// What is known of a service by its name alone, such as `google`. One name may stand for several kinds: people who
/// write it into a link mean the search.
pub fn find_name(name: &str) -> Option<(Medium, &'static str)> {
    let is_meant = |known: &str| known.strip_suffix('!').unwrap_or(known).eq_ignore_ascii_case(name);
    let ours = OURS.iter().find(|(_, _, known)| is_meant(known)).map(|(_, medium, known)| (*medium, *known));
    let listed = || LISTED.iter().filter(|(_, _, known)| is_meant(known)).map(read);
    ours.or_else(|| listed().find(|(medium, _)| *medium == Medium::Search)).or_else(|| listed().next())
}

/// A host without `www.`.
pub fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn listed(key: &str) -> Option<(Medium, &'static str)> {
    LISTED.binary_search_by(|(known, _, _)| (*known).cmp(key)).ok().map(|at| read(&LISTED[at]))
}

fn read((_, kind, name): &(&str, &str, &'static str)) -> (Medium, &'static str) {
    let medium = match *kind {
        "search" => Medium::Search,
        "social" => Medium::Social,
        "email" => Medium::Email,
        "paid" => Medium::Advertising,
        _ => Medium::Link,
    };
    (medium, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(LISTED.is_sorted_by_key(|entry| entry.0) && OURS.is_sorted_by_key(|entry| entry.0));
    }

    #[test]
    fn a_name_in_a_link_means_its_search() {
        for (name, medium) in [
            ("google", Medium::Search),
            ("Yahoo", Medium::Search),
            ("facebook", Medium::Social),
            ("tiktok", Medium::Social),
            ("gmail", Medium::Email),
        ] {
            assert_eq!(find_name(name).map(|(medium, _)| medium), Some(medium), "{name}");
        }
        assert_eq!(find_name("spring-flyer"), None);
    }

    #[test]
    fn spam_is_known_with_the_domains_below_it() {
        assert!(is_spam("semalt.com") && is_spam("x.semalt.com"));
        assert!(!is_spam("notsemalt.com") && !is_spam("bakery.example"));
    }
}
