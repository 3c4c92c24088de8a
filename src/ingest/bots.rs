//! The robots by their user agent: the patterns of crawler-user-agents, without those that match people (see
//! `assets/browsers-not-robots.txt`), programming libraries, robots that declare themselves, and an empty user agent.

#[cfg(test)]
mod corpus;
mod declared;

use aho_corasick::AhoCorasick;
use regex::bytes::{RegexSet, RegexSetBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::Extractor;
use std::sync::LazyLock;

const PATTERNS: &str = include_str!(concat!(env!("OUT_DIR"), "/data/robots.txt"));

/// The patterns that the list lacks because these crawl nothing: programs named by their language or library, and
/// Viber's previews. A single word alone is no robot: apps send only their own name for the pages that they show.
const OURS: [&str; 2] = [
    r"^\s*Viber\s*$",
    concat!(
        r"(?i)^\s*(curl|pycurl|libcurl|wget2?|python3?|urllib3?|aiohttp|httpx|node(\.?js)?|node-fetch|undici|axios|got",
        r"|superagent|needle|deno|bun|java|okhttp|apache-http\w*|jakarta|ktor|dart|go-http-client|go-resty|fasthttp",
        r"|reqwest|hyper|ureq|ruby|faraday|typhoeus|httparty|rest-client|mechanize|php|guzzle\w*|symfony|perl|lwp|libwww",
        r"|www-mechanize|http|httpie|winhttp|restsharp|postman\w*|insomnia|aria2|lua-resty-http|hackney|scrapy|colly",
        r"|apachebench|jmeter|k6|munin|nagios|check_\w+|prometheus|grafana|zabbix|collectd|simplepie|feedparser)",
        r"([^a-z]|$)",
    ),
];

/// The largest character class, such as `[bB]ot`, whose values are spelled out.
const CLASS_SPELLED_MAX: usize = 16;

/// The patterns, compiled. Nearly all are plain texts, which one pass looks for, however many there are: a set of
/// 1,500 expressions falls back to simulating each of them on a made-up text, and takes milliseconds.
struct Robots {
    texts: AhoCorasick,
    others: RegexSet,
}

static ROBOTS: LazyLock<Option<Robots>> = LazyLock::new(|| {
    let robots = Robots::compile(PATTERNS.lines().chain(OURS));
    robots
        .inspect_err(|error| {
            tracing::error!(error, "the patterns of robots can't be used; robots are counted as visitors");
        })
        .ok()
});

impl Robots {
    fn compile<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<Self, String> {
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for pattern in patterns {
            match spelled_out(pattern)? {
                Some(spelled) => texts.extend(spelled),
                None => others.push(pattern),
            }
        }
        Ok(Self {
            texts: AhoCorasick::new(texts).map_err(|error| error.to_string())?,
            others: RegexSetBuilder::new(others).unicode(false).build().map_err(|error| error.to_string())?,
        })
    }

    fn matches(&self, user_agent: &str) -> bool {
        self.texts.is_match(user_agent) || self.others.is_match(user_agent.as_bytes())
    }
}

/// Returns all texts that a pattern matches, if they are few and may stand anywhere.
///
/// # Errors
///
/// Fails with the parser's message for a pattern that is not valid.
fn spelled_out(pattern: &str) -> Result<Option<Vec<Vec<u8>>>, String> {
    let mut parser = ParserBuilder::new().utf8(false).unicode(false).build();
    let expression = parser.parse(pattern).map_err(|error| error.to_string())?;
    if !expression.properties().look_set().is_empty() {
        return Ok(None);
    }
    let found = Extractor::new().limit_class(CLASS_SPELLED_MAX).extract(&expression);
    let spelled = found.literals().filter(|_| found.is_exact());
    Ok(spelled.map(|texts| texts.iter().map(|text| text.as_bytes().to_vec()).collect()))
}

/// Compiles the patterns.
pub fn warm() {
    LazyLock::force(&ROBOTS);
    declared::warm();
}

/// Returns true for a robot's user agent. The time is linear in the text's length.
pub fn is_bot(user_agent: &str) -> bool {
    user_agent.trim().is_empty()
        || ROBOTS.as_ref().is_some_and(|robots| robots.matches(user_agent))
        || declared::is_declared(user_agent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static ALL: LazyLock<RegexSet> = LazyLock::new(|| {
        let patterns = PATTERNS.lines().chain(OURS);
        RegexSetBuilder::new(patterns).unicode(false).size_limit(64 << 20).build().unwrap()
    });

    #[test]
    fn robots_are_told_from_browsers() {
        for robot in [
            "",
            "  ",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "curl/8.5.0",
            "python-requests/2.32.3",
            "Go-http-client/1.1",
            "Java/17.0.1",
            "node",
            "Mozilla/5.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        ] {
            assert!(is_bot(robot), "{robot}");
        }
        for browser in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
        ] {
            assert!(!is_bot(browser), "{browser}");
        }
    }

    #[test]
    fn nearly_all_patterns_are_plain_texts_and_each_is_found_by_itself() {
        let patterns: Vec<&str> = PATTERNS.lines().collect();
        let spelled: Vec<_> = patterns.iter().map(|pattern| spelled_out(pattern).unwrap()).collect();
        let others = spelled.iter().filter(|texts| texts.is_none()).count();
        assert!(patterns.len() > 1_000 && others < 40, "{others} of {} are expressions", patterns.len());
        for text in spelled.into_iter().flatten().flatten() {
            let text = String::from_utf8(text).unwrap();
            assert!(is_bot(&format!("Mozilla/5.0 (X11; Linux x86_64) {text} Safari/537.36")), "{text}");
        }
        for (pattern, texts) in [
            (r"[wW]get", Some(vec!["Wget", "wget"])),
            (r"Ahrefs(Bot|SiteAudit)", Some(vec!["AhrefsBot", "AhrefsSiteAudit"])),
            (r"^curl", None),
            (r"Spider[\s\S]*spider\.com", None),
            (r"(?i)\bbot\b", None),
        ] {
            let spelled = spelled_out(pattern).unwrap().map(|texts| {
                let mut texts: Vec<_> =
                    texts.into_iter().map(|text| String::from_utf8(text).unwrap()).collect();
                texts.sort();
                texts
            });
            assert_eq!(
                spelled,
                texts.map(|texts| texts.into_iter().map(String::from).collect()),
                "{pattern}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_set_of_all_expressions_says_the_same(
            text in "((Mozilla/5.0 |[bB]ot|[cC]rawler |[wW]get|Spider|spider|curl|sentry/|SSL Labs|[(]|[)]| )|\\PC|[A-Za-z./]{1,9}){0,20}",
        ) {
            let is_found = ROBOTS.as_ref().unwrap().matches(&text);
            prop_assert_eq!(is_found, ALL.is_match(text.as_bytes()), "{}", text);
        }
    }
}
