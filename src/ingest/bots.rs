//! Robots by their user agent: the patterns of crawler-user-agents, programs' own libraries, and no agent at all.

use regex::bytes::{RegexSet, RegexSetBuilder};
use std::sync::LazyLock;

const PATTERNS: &str = include_str!(concat!(env!("OUT_DIR"), "/data/robots.txt"));

/// What the list leaves out because it crawls nothing: browsers that a test drives, and programs. A browser always says
/// more than one word.
const OURS: [&str; 3] =
    [r"HeadlessChrome|Cypress/|Playwright/", r"(?i)\b(bot|crawler|spider|scraper)\b", r"^\s*\S+\s*$"];

/// Memory that the compiled patterns may take.
const COMPILED_BYTES_MAX: usize = 64 << 20;

static ROBOTS: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = PATTERNS.lines().chain(OURS);
    let set = RegexSetBuilder::new(patterns).unicode(false).size_limit(COMPILED_BYTES_MAX).build();
    set.unwrap_or_else(|error| {
        tracing::error!(%error, "the patterns of robots can't be used; robots are counted as visitors");
        RegexSet::empty()
    })
});

/// Compiles the patterns.
pub fn warm() {
    LazyLock::force(&ROBOTS);
}

/// Whether a user agent is a robot's.
pub fn is_bot(user_agent: &str) -> bool {
    user_agent.trim().is_empty() || ROBOTS.is_match(user_agent.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    proptest! {
        #[test]
        fn one_word_alone_is_no_browsers(word in "\\PC{0,80}") {
            let is_one_word = word.is_ascii() && !word.contains(' ');
            prop_assert!(is_bot(&word) || !is_one_word);
        }
    }
}
