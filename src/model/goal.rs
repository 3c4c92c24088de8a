//! Goals: the rules by which visits reach them, checked and compiled.

use crate::error::{Error, Result};
use crate::limits;
use regex::{Regex, RegexBuilder};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kind of a goal's rule, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum RuleKind {
    /// A view of a page.
    Page,
    /// An event.
    Event,
    /// A download of a file.
    Download,
    /// A click on a link to another site.
    Outbound,
    /// A number of actions in the visit.
    Actions,
    /// A time on the site, in seconds.
    Seconds,
    /// Custom data.
    Custom,
    /// A campaign that brought the visit.
    Campaign,
}

/// The way in which a pattern is compared, by its stored name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum MatchKind {
    /// The whole text, letter by letter.
    #[default]
    Exact,
    /// The beginning of the text.
    Starts,
    /// The whole text, with `*` for any characters.
    Wildcard,
    /// A regular expression, found anywhere in the text.
    Regex,
}

impl RuleKind {
    /// Returns the stored name, which is also that of the option of commands.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns true if its pattern is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Actions | Self::Seconds)
    }
}

impl MatchKind {
    /// Returns the stored name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The rule of a goal as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalRule {
    /// The kind.
    pub kind: RuleKind,
    /// The comparison; of no meaning for numbers.
    pub matching: MatchKind,
    /// The pattern; `key: value` for custom data, digits for numbers.
    pub pattern: String,
}

/// A compiled pattern. Matching takes time linear in the text.
#[derive(Clone, Debug)]
pub enum TextPattern {
    /// The whole text.
    Exact(String),
    /// The beginning.
    Starts(String),
    /// A regular expression, also of wildcards.
    Regex(Regex),
}

impl TextPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for an empty or long pattern, and for a regular expression that is damaged or too
    /// large.
    pub fn compile(matching: MatchKind, pattern: &str) -> Result<Self> {
        if pattern.is_empty() || pattern.len() > limits::GOAL_PATTERN_BYTES_MAX {
            let most = limits::GOAL_PATTERN_BYTES_MAX;
            return Err(Error::invalid("pattern", format!("Say what to match, in 1 to {most} characters.")));
        }
        match matching {
            MatchKind::Exact => Ok(Self::Exact(pattern.to_owned())),
            MatchKind::Starts => Ok(Self::Starts(pattern.to_owned())),
            MatchKind::Wildcard => {
                let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
                Ok(Self::Regex(expression(&format!("(?s)^{}$", parts.join(".*")))?))
            }
            MatchKind::Regex => Ok(Self::Regex(expression(pattern)?)),
        }
    }

    /// Returns true if a text matches.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(pattern) => pattern == text,
            Self::Starts(pattern) => text.starts_with(pattern),
            Self::Regex(expression) => expression.is_match(text),
        }
    }
}

fn expression(text: &str) -> Result<Regex> {
    let compiled = RegexBuilder::new(text).size_limit(limits::GOAL_EXPRESSION_BYTES_MAX).build();
    compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Error::invalid(
            "pattern",
            "That regular expression takes too much memory. Make its repetitions smaller.",
        ),
        error => {
            let said = error.to_string();
            let why = said.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Error::invalid("pattern", format!("That's not a regular expression: {why}."))
        }
    })
}

/// A compiled rule.
#[derive(Clone, Debug)]
pub enum CompiledRule {
    /// A page that was viewed.
    Page(AddressPattern),
    /// An event, by its title, or its address without one.
    Event(TextPattern),
    /// A file that was downloaded.
    Download(AddressPattern),
    /// A link to another site, by its whole address.
    Outbound(TextPattern),
    /// A number of actions that the visit reaches.
    Actions(i64),
    /// Seconds on the site that the visit reaches.
    Seconds(i64),
    /// A key of custom data, and its value.
    Custom(String, TextPattern),
    /// The name of the campaign.
    Campaign(TextPattern),
}

impl GoalRule {
    /// Compiles the rule.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for a pattern that cannot be compiled, custom data without a key and a number that is
    /// none, 0 or too large.
    pub fn compile(&self) -> Result<CompiledRule> {
        let text = || TextPattern::compile(self.matching, &self.pattern);
        let address = || AddressPattern::compile(self.matching, &self.pattern);
        Ok(match self.kind {
            RuleKind::Page => CompiledRule::Page(address()?),
            RuleKind::Event => CompiledRule::Event(text()?),
            RuleKind::Download => CompiledRule::Download(address()?),
            RuleKind::Outbound => CompiledRule::Outbound(text()?),
            RuleKind::Campaign => CompiledRule::Campaign(text()?),
            RuleKind::Actions => CompiledRule::Actions(number(&self.pattern, limits::VISIT_ACTIONS_MAX)?),
            RuleKind::Seconds => {
                CompiledRule::Seconds(number(&self.pattern, limits::VISIT_HOURS_MAX * 3_600)?)
            }
            RuleKind::Custom => {
                let split = self.pattern.split_once(':').map(|(key, value)| (key.trim(), value.trim()));
                let (key, value) = split.filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
                    Error::invalid(
                        "pattern",
                        "Give the key and the value of the custom data, such as plan: premium.",
                    )
                })?;
                CompiledRule::Custom(key.to_owned(), TextPattern::compile(self.matching, value)?)
            }
        })
    }
}

fn number(text: &str, most: i64) -> Result<i64> {
    let number = text.trim().parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Error::invalid("pattern", format!("Give a whole number from 1 to {most}.")))
}

/// A pattern for addresses of the site: one with `://` is compared with the whole address, any other one with the path, and
/// with its query if the pattern has one or is a regular expression.
#[derive(Clone, Debug)]
pub struct AddressPattern {
    pattern: TextPattern,
    part: AddressPart,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AddressPart {
    Whole,
    Path,
    PathAndQuery,
}

impl AddressPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Fails as [`TextPattern::compile`] does.
    pub fn compile(matching: MatchKind, pattern: &str) -> Result<Self> {
        let part = match matching {
            _ if pattern.contains("://") => AddressPart::Whole,
            MatchKind::Regex => AddressPart::PathAndQuery,
            _ if pattern.contains('?') => AddressPart::PathAndQuery,
            _ => AddressPart::Path,
        };
        Ok(Self { pattern: TextPattern::compile(matching, pattern)?, part })
    }

    /// Returns true if an absolute address matches.
    pub fn matches(&self, address: &str) -> bool {
        let path = || {
            let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
            rest.find('/').map_or("/", |place| &rest[place..])
        };
        self.pattern.matches(match self.part {
            AddressPart::Whole => address,
            AddressPart::PathAndQuery => path(),
            AddressPart::Path => path().split('?').next().unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(matching: MatchKind, pattern: &str) -> AddressPattern {
        AddressPattern::compile(matching, pattern).unwrap()
    }

    #[test]
    fn pages_match_by_path_query_or_whole_address() {
        let thanks = "https://shop.example/checkout/thanks?order=17";
        for (matching, pattern, is_match) in [
            (MatchKind::Exact, "/checkout/thanks", true),
            (MatchKind::Exact, "/checkout/thanks/", false),
            (MatchKind::Exact, "/checkout/thanks?order=17", true),
            (MatchKind::Exact, "/checkout/thanks?order=1", false),
            (MatchKind::Exact, thanks, true),
            (MatchKind::Starts, "/checkout", true),
            (MatchKind::Starts, "checkout", false),
            (MatchKind::Wildcard, "*/thanks", true),
            (MatchKind::Wildcard, "/check*", true),
            (MatchKind::Wildcard, "/check", false),
            (MatchKind::Wildcard, "/*?order=*", true),
            (MatchKind::Regex, r"^/checkout/thanks\?order=\d+$", true),
            (MatchKind::Regex, "order=1$", false),
        ] {
            assert_eq!(address(matching, pattern).matches(thanks), is_match, "{matching:?} {pattern}");
        }
        assert!(address(MatchKind::Exact, "/").matches("https://shop.example"));
    }

    #[test]
    fn damaged_large_and_empty_patterns_are_refused_with_a_sentence() {
        let refused =
            |matching, pattern: &str| TextPattern::compile(matching, pattern).unwrap_err().to_string();
        assert!(refused(MatchKind::Regex, "(a").contains("not a regular expression"));
        assert!(refused(MatchKind::Regex, "(?:x{1000}){1000}").contains("too much memory"));
        assert!(refused(MatchKind::Exact, "").contains("Say what to match"));
        assert!(refused(MatchKind::Wildcard, &"*".repeat(2_000)).contains("Say what to match"));
        let rule =
            |kind, pattern: &str| GoalRule { kind, matching: MatchKind::Exact, pattern: pattern.into() };
        for (kind, pattern) in [
            (RuleKind::Actions, "0"),
            (RuleKind::Seconds, "-1"),
            (RuleKind::Custom, "plan"),
            (RuleKind::Custom, ":x"),
        ] {
            assert!(rule(kind, pattern).compile().is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_catastrophic_expression_takes_linear_time() {
        let pattern = TextPattern::compile(MatchKind::Regex, "^(a+)+$").unwrap();
        assert!(!pattern.matches(&format!("{}b", "a".repeat(2_000))));
    }
}
