//! The rule of a goal in words.

use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use maud::{Markup, html};

/// The ways to reach a goal: the value in forms, and the title.
pub const KINDS: [(&str, &str); 9] = [
    ("page", "They view a page"),
    ("event", "They trigger an event"),
    ("download", "They download a file"),
    ("outbound", "They click a link to another site"),
    ("actions", "They do a number of actions in one visit"),
    ("seconds", "They stay a number of seconds"),
    ("custom", "Their custom data says so"),
    ("campaign", "They come by a campaign"),
    (super::goal_form::BY_CODE, "My page code or server says so"),
];

/// The comparisons: the value in forms, and the title.
pub const MATCHES: [(&str, &str); 4] = [
    ("exact", "is exactly"),
    ("starts", "starts with"),
    ("wildcard", "matches, with * for anything"),
    ("regex", "matches the regular expression"),
];

/// Returns the label of the pattern's field, and a sentence of help.
pub fn pattern_field(kind: RuleKind) -> (&'static str, &'static str) {
    match kind {
        RuleKind::Page => (
            "Page",
            "A path such as /thank-you, or a whole address with https://. With ? the query counts too.",
        ),
        RuleKind::Event => ("Event", "The title of the event as shown in the report “Events”."),
        RuleKind::Download => ("File", "A path such as /files/price-list.pdf."),
        RuleKind::Outbound => (
            "Link",
            "The whole address, such as https://booking.example/. Use “starts with” for everything below it.",
        ),
        RuleKind::Actions => {
            ("Number of actions", "Page views, downloads, outbound clicks and events, such as 5.")
        }
        RuleKind::Seconds => ("Seconds on the site", "Such as 180 for three minutes."),
        RuleKind::Custom => ("Custom data", "The key and the value, such as plan: premium."),
        RuleKind::Campaign => ("Campaign", "The name of the campaign, as in utm_campaign."),
    }
}

/// Renders a rule in words; `None` is a goal that pages and programs name by `code`.
pub fn draw(rule: Option<&GoalRule>, code: &str) -> Markup {
    let Some(GoalRule { kind, matching, pattern }) = rule else {
        return html! { "Your page code or server reports " code { (code) } };
    };
    let compared = match matching {
        MatchKind::Exact => "",
        MatchKind::Starts => "starts with ",
        MatchKind::Wildcard => "matches ",
        MatchKind::Regex => "matches the expression ",
    };
    let what = match kind {
        RuleKind::Page => "Views the page ",
        RuleKind::Event => "Triggers the event ",
        RuleKind::Download => "Downloads ",
        RuleKind::Outbound => "Clicks the link ",
        RuleKind::Actions => return html! { "Does " (pattern) " actions or more in one visit" },
        RuleKind::Seconds => return html! { "Stays " (pattern) " seconds or more" },
        RuleKind::Custom => "Has the custom data ",
        RuleKind::Campaign => "Comes by the campaign ",
    };
    let that = if compared.is_empty() { "" } else { "that " };
    html! { (what) (that) (compared) code { (pattern) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::goal::{MatchKind, RuleKind};
    use strum::VariantArray;

    #[test]
    fn every_kind_and_comparison_can_be_chosen() {
        for kind in RuleKind::VARIANTS {
            assert!(KINDS.iter().any(|(name, _)| *name == kind.name()), "{kind:?}");
        }
        for matching in MatchKind::VARIANTS {
            assert!(MATCHES.iter().any(|(name, _)| *name == matching.name()), "{matching:?}");
        }
    }

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let rule = |kind, matching, pattern: &str| {
            draw(Some(&GoalRule { kind, matching, pattern: pattern.into() }), "x").into_string()
        };
        assert_eq!(rule(RuleKind::Page, MatchKind::Exact, "/a"), "Views the page <code>/a</code>");
        assert_eq!(
            rule(RuleKind::Page, MatchKind::Starts, "/a"),
            "Views the page that starts with <code>/a</code>"
        );
        assert_eq!(rule(RuleKind::Seconds, MatchKind::Exact, "60"), "Stays 60 seconds or more");
        assert_eq!(draw(None, "Order").into_string(), "Your page code or server reports <code>Order</code>");
    }
}
