//! The compiled rules of uap-core for browsers and systems.

use regex::{Captures, Regex};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::LazyLock;
use ua_parser::{os, user_agent};

/// Both sets of rules; `None` for a set that cannot be compiled.
pub struct Rules {
    /// The rules for browsers.
    pub browsers: Option<user_agent::Extractor<'static>>,
    /// The rules for systems.
    pub systems: Option<os::Extractor<'static>>,
}

/// The rules as written by the build script: each an expression with its replacements.
#[derive(Deserialize)]
struct Sections<'a> {
    #[serde(borrow)]
    browsers: Vec<Vec<Option<Cow<'a, str>>>>,
    #[serde(borrow)]
    systems: Vec<Vec<Option<Cow<'a, str>>>>,
}

/// The rules, compiled at their first use.
pub static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let rules = compile(uncounted);
    rules.unwrap_or_else(|error| {
        tracing::error!(error, "the rules for user agents can't be used; browsers and systems stay unknown");
        Rules { browsers: None, systems: None }
    })
});

/// Compiles the rules, with `prepare` applied to each expression.
fn compile(prepare: fn(&str) -> String) -> Result<Rules, String> {
    let text = include_str!(concat!(env!("OUT_DIR"), "/data/agents.json"));
    let sections: Sections<'static> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut browsers = user_agent::Builder::new();
    for rule in sections.browsers {
        let [regex, family, major] = take(rule);
        browsers = browsers
            .push(user_agent::Parser {
                regex: prepare(&regex.unwrap_or_default()).into(),
                family_replacement: family,
                v1_replacement: major,
                v2_replacement: None,
                v3_replacement: None,
                v4_replacement: None,
            })
            .map_err(|error| error.to_string())?;
    }
    let mut systems = os::Builder::new();
    for rule in sections.systems {
        let [regex, name, major, minor] = take(rule);
        systems = systems
            .push(os::Parser {
                regex: prepare(&regex.unwrap_or_default()).into(),
                os_replacement: name,
                os_v1_replacement: major,
                os_v2_replacement: minor,
                os_v3_replacement: None,
                os_v4_replacement: None,
            })
            .map_err(|error| error.to_string())?;
    }
    let browsers = browsers.build().map_err(|error| error.to_string())?;
    let systems = systems.build().map_err(|error| error.to_string())?;
    Ok(Rules { browsers: Some(browsers), systems: Some(systems) })
}

/// Replaces repetitions of a character class up to fifty times or more by unbounded ones. A bounded one compiles to as
/// many states, which a made-up agent can keep all busy: one such rule alone took longer than a hit.
fn uncounted(expression: &str) -> String {
    static LONG_COUNT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\]\{([01]),(?:[5-9][0-9]|[0-9]{3,})\}").ok());
    let any = |found: &Captures<'_>| if &found[1] == "0" { "]*" } else { "]+" }.to_owned();
    LONG_COUNT
        .as_ref()
        .map_or_else(|| expression.to_owned(), |count| count.replace_all(expression, any).into_owned())
}

fn take<const PARTS: usize>(rule: Vec<Option<Cow<'static, str>>>) -> [Option<Cow<'static, str>>; PARTS] {
    let mut parts = rule.into_iter();
    std::array::from_fn(|_| parts.next().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use proptest::prelude::*;

    static UNPREPARED: LazyLock<Rules> = LazyLock::new(|| compile(str::to_owned).unwrap());

    #[test]
    fn long_counts_of_letters_become_any_number() {
        for (expression, uncounted_one) in [
            (r"^.{0,200}?([a-z-]{0,50}[Bb]ot)", r"^.{0,200}?([a-z-]*[Bb]ot)"),
            (r"\[(Pinterest)/[^\]]{1,50}\]", r"\[(Pinterest)/[^\]]+\]"),
            (r"[A-z]{1,30}Bot[0-9]{2,60} {0,99}", r"[A-z]{1,30}Bot[0-9]{2,60} {0,99}"),
        ] {
            assert_eq!(uncounted(expression), uncounted_one);
        }
    }

    proptest! {
        #[test]
        fn uncounted_rules_say_the_same_of_words_below_fifty_letters(
            text in "(Mozilla/5[.]0 [(]|AppleWebKit/5|Chrome/1|Version/|Opera|Windows NT 1|iPhone OS 1|Android|FBAN/|Mobile| Safari|[Bb]ot |[Ss]pider|crawler|[ -~]{1,40}){0,1}(/((X11; |AppleWebKit/5|Chrome/1|Version/1|Opera|Windows NT 1|iPhone OS 1|Android|FBAN/|Mobile| Safari|[Bb]ot |[Ss]pider|crawler)|[ -~]{1,40})){0,30}",
        ) {
            let text = &text[..text.len().min(limits::AGENT_RULES_BYTES_MAX)];
            let extract = |rules: &Rules| {
                let browser = rules.browsers.as_ref().unwrap().extract(text);
                let system = rules.systems.as_ref().unwrap().extract(text);
                let browser = browser.map(|found| (found.family.into_owned(), found.major.map(str::to_owned)));
                let system = system.map(|found| (found.os.into_owned(), found.major.map(Cow::into_owned)));
                (browser, system)
            };
            prop_assert_eq!(extract(&RULES), extract(&UNPREPARED));
        }
    }
}
