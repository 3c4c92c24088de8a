//! Robots that declare themselves, listed or not: by a contact address, by what they call themselves, or by forms that
//! no browser's user agent has.

use regex::Regex;
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::sync::LazyLock;

/// The patterns for the whole user agent.
const ANYWHERE: [&str; 8] = [
    // A contact address of the web, or of mail. People's browsers give none.
    r"(?i)https?://|\bwww\.[a-z0-9-]+\.",
    r"(?i)[\w.+-]+@[\w-]+\.[a-z]",
    r"(?i)\+[a-z][\w-]*\.[a-z]{2}",
    r"(?i)(^|[ (;+])([a-z0-9-]+\.)+(com|org|net|info|io|ai|app|dev|pro|eu|at|ch|cz|de|fr|it|nl|ru|uk)(/[a-z]|\))",
    // Google's own, such as `Google-Read-Aloud` and `Storebot-Google`.
    r"(?i)\bgoogle-[a-z]|[a-z]-google\b",
    // A robot that drives Chrome puts its name here: `(KHTML, like Gecko; compatible; …)`.
    r"KHTML, like Gecko;",
    // Unfilled templates, and attacks on programs.
    r"\$\{|\{\{|<\?",
    // Only the prefix of a browser's user agent.
    r"^\s*Mozilla/\d\.\d( \(compatible\))?\s*$",
];

/// The patterns for the text without models of phones and televisions: there are phones named Spider and Bot.
const WORDS: [&str; 8] = [
    // `Examplebot/1.0`, `bot_example`, `ExampleBotRunner`; but CUBOT makes phones.
    r"(?i)(^|[^u]|(^|[^c])u)bots?([^a-z]|$)",
    r"[a-z]Bot[A-Z]|\b(Ro|ro)?[Bb]ot_|^[Rr]obo[a-z]",
    r"(?i)crawl|spider|scrap(er|ing|y)|harvest|slurp|archiv(er|ing)|fetch(er|ing)?([^a-z]|$)|newsgathering",
    // Readers of feeds.
    r"(?i)feed(s|er|bin|burner|flow|ly|parser|reader|search)([^a-z]|$)|feed[ -](fetch|find|pars|read)|\brss",
    r"RSS([^A-Z]|$)",
    // Monitors, and services that fetch a page for a user.
    concat!(
        r"(?i)(monitor(ing)?|uptime|check(er|ing)|scan(ner|ning|s)?|validator|preview|unfurl(er)?|thumbnail(er)?",
        r"|screenshot|prerender(er)?|lighthouse|synthetics?|webhooks?|prober?|audit(or)?|index(er|ing)|search-?engine|survey",
        r"|sitemaps?|favicons?|analy[sz]er|inspector|collector|ext?ractor|retriever|downloader|expander|watcher|watchagent",
        r"|observ(er|atory)|verif(y|ier|ication)|diagnostics|research|optimi[sz]er|measurement|insights|parser|sucker",
        r"|copier|webcopy|(image|mail) ?proxy|headers|dcv|finder|tester|matcher|classifier|exporter|recon)([^a-z]|$)|check([^a-z0-9]|$)",
    ),
    r"(^|[ a-z-])Agent(/\d|\)|$| \d)|(^|[^a-z])ping[a-z]*/",
    // Programs' libraries, and browsers that programs drive.
    r"(?i)libwww-|-http\b|http[_ -]?(client|collector)|nutch|phantomjs|puppeteer|playwright|selenium|webdriver|headless|cypress/",
];

/// The browsers that called themselves compatible with another, and the words in that place when none is named.
const COMPATIBLE_BROWSERS: [&str; 15] = [
    "msie",
    "konqueror",
    "linux",
    "windows",
    "u",
    "netpositive",
    "ibrowse",
    "antgalio",
    "polaris",
    "offbyone",
    "icab",
    "opera",
    "omniweb",
    "avantgo",
    "netfront",
];

/// The rules, compiled.
struct Rules {
    anywhere: RegexSet,
    words: RegexSet,
    compatible: Regex,
}

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| {
    Rules::compile()
        .inspect_err(|error| {
            tracing::error!(%error, "the rules for robots can't be used; only those on the list are known");
        })
        .ok()
});

impl Rules {
    fn compile() -> Result<Self, regex::Error> {
        Ok(Self {
            anywhere: RegexSetBuilder::new(ANYWHERE).unicode(false).build()?,
            words: RegexSetBuilder::new(WORDS).unicode(false).build()?,
            compatible: Regex::new(r"(?i)\bcompatible;\s*([a-z]+)")?,
        })
    }
}

/// Compiles the rules.
pub fn warm() {
    LazyLock::force(&RULES);
}

/// Returns true for the user agent of a robot that declares itself. The time is linear in the text's length.
pub fn is_declared(user_agent: &str) -> bool {
    RULES.as_ref().is_some_and(|rules| {
        rules.anywhere.is_match(user_agent.as_bytes())
            || rules.words.is_match(without_models(user_agent).as_bytes())
            || rules.compatible.captures_iter(user_agent).any(|found| {
                !COMPATIBLE_BROWSERS.iter().any(|browser| found[1].eq_ignore_ascii_case(browser))
            })
    })
}

/// Returns the text without the comments that name the model of a phone or television: `(Linux; Android 15; …)`, those
/// of browsers inside apps, `Android (35/15; …)` and `[FBAN/…]`, and `HbbTV/1.6.1 (…)`.
fn without_models(user_agent: &str) -> String {
    let mut kept = String::with_capacity(user_agent.len());
    let mut rest = user_agent;
    while let Some(start) = rest.find(['(', '[']) {
        let (before, from) = rest.split_at(start);
        let (comment, after) = from.split_at(comment_length(from));
        kept.push_str(before);
        let names_model = ["Android", "; Adr ", "HarmonyOS", "OpenHarmony", "Tizen", "Web0S"]
            .iter()
            .any(|system| comment.contains(system))
            || comment.starts_with("[FB")
            || before.ends_with("Android ")
            || before.rsplit(' ').nth(1).is_some_and(|word| word.starts_with("HbbTV"));
        kept.push_str(if names_model { "()" } else { comment });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Returns the length in bytes of the comment at the beginning of a text; comments nest. One without an end reaches to
/// the end of the text.
fn comment_length(text: &str) -> usize {
    let (open, close) = if text.starts_with('(') { ('(', ')') } else { ('[', ']') };
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn robots_are_known_by_what_they_say() {
        for agent in [
            "Mozilla/5.0 (compatible; Unheard-of/1.0)",
            "Unheardof/1.0 (+https://example.com/about)",
            "Unheardof (ops@example.com)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Unheardof) Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; UnheardBot/2.1)",
            "Unheardbot/1.0",
            "unheard_bot",
            "Unheardubot/1.0",
            "UnheardCrawler",
            "Unheard Feed Fetcher 1.0",
            "UnheardRSS/2",
            "Unheard Uptime Monitoring",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 (Unheard Agent)",
            "UnheardLinkChecker",
            "Unheard HTTP Client",
            "Mozilla/5.0",
            "Mozilla/5.0 (compatible)",
            "${jndi:ldap://unheard}",
        ] {
            assert!(is_declared(agent), "{agent}");
        }
    }

    #[test]
    fn what_looks_alike_in_browsers_of_people_is_none() {
        for agent in [
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
            "Mozilla/5.0 (compatible; Konqueror/4.3; Linux) KHTML/4.3.4 (like Gecko)",
            "Mozilla/5.0 (Linux; Android 13; Spider 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 6.0; POWER BOT Build/MRA58K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/54.0.2840.85 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9; X; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 Instagram 267.0.0.18.93 Android (31/12; 480dpi; 1080x2132; Bot; Power Bot; bot)",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 12_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/16A366 [FBAN/FBIOS;FBDV/iPhone11,6;FBCR/Vodafone.de;FBLC/de_DE]",
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36 HbbTV/1.6.1 (+DRM; LGE; 58BSE9503; WEBOS22 04.42.26; W22_K8LP; DTV_C22P;)",
            "CUBOT CUBOT_X19/1.0",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
        ] {
            assert!(!is_declared(agent), "{agent}");
        }
    }

    proptest! {
        #[test]
        fn what_stands_outside_of_comments_stays(
            before in "[^()\\[\\]]{0,20}",
            comment in "([(]|[)]|\\[|\\]|Android |FB|\\PC){0,40}",
        ) {
            let kept = without_models(&format!("{before}({comment}"));
            prop_assert!(kept.starts_with(&before));
            prop_assert_eq!(without_models(&before), before);
        }
    }
}
