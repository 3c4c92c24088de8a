//! The rules of uap-core for browsers and systems, compiled.

use serde::Deserialize;
use std::borrow::Cow;
use std::sync::LazyLock;
use ua_parser::{os, user_agent};

/// Both sets of rules; none where they can't be used.
pub struct Rules {
    /// Those for browsers.
    pub browsers: Option<user_agent::Extractor<'static>>,
    /// Those for systems.
    pub systems: Option<os::Extractor<'static>>,
}

/// A rule as the build wrote it: the expression and its replacements.
#[derive(Deserialize)]
struct Sections<'a> {
    #[serde(borrow)]
    browsers: Vec<Vec<Option<Cow<'a, str>>>>,
    #[serde(borrow)]
    systems: Vec<Vec<Option<Cow<'a, str>>>>,
}

/// The rules, compiled when they are first used.
pub static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let rules = compile(ascii_only);
    rules.unwrap_or_else(|error| {
        tracing::error!(error, "the rules for user agents can't be used; browsers and systems stay unknown");
        Rules { browsers: None, systems: None }
    })
});

/// Compiles the rules, each expression prepared first.
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

/// Lets the classes of an expression take ASCII alone: those that take nearly any letter of Unicode are machines
/// of a hundred states each, and a made-up agent can keep all of them busy.
fn ascii_only(expression: &str) -> String {
    const BEYOND: &str = r"\x{80}-\x{10FFFF}";
    let mut plain = String::with_capacity(expression.len() * 2);
    let (mut is_escaped, mut depth) = (false, 0);
    let mut letters = expression.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            _ if is_escaped => plain.push(letter),
            '.' if depth == 0 => plain.extend([r"[^\n", BEYOND, "]"]),
            '[' => {
                depth += 1;
                plain.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    plain.extend(["^", BEYOND]);
                }
                // The first letter of a class may be a bracket.
                if letters.next_if_eq(&']').is_some() {
                    plain.push_str(r"\]");
                }
            }
            ']' => {
                depth -= 1;
                plain.push(']');
            }
            _ => plain.push(letter),
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    plain
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
    fn classes_take_ascii_alone() {
        for (expression, plain) in [
            (r"a.b\.c", r"a[^\n\x{80}-\x{10FFFF}]b\.c"),
            (r"[.][^/;]+\[^", r"[.][^\x{80}-\x{10FFFF}/;]+\[^"),
            (r"[]a][^]a]", r"[\]a][^\x{80}-\x{10FFFF}\]a]"),
        ] {
            assert_eq!(ascii_only(expression), plain);
        }
    }

    proptest! {
        #[test]
        fn rules_for_ascii_alone_say_the_same(
            text in "((Mozilla/5[.]0 |AppleWebKit/5|Chrome/1|Version/|Opera|Windows NT 1|iPhone OS 1|Android|FBAN/|Mobile| Safari|[(]|[)]|; )|[ -~]{1,9}){0,40}",
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
