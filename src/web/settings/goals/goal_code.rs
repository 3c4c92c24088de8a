//! The code that reports one goal: from a page, from a link, and from a server.

use crate::model::currency::Currency;
use crate::model::goal::RuleKind;
use crate::model::id::SiteId;
use crate::web::ui::field;
use maud::{Markup, html};

/// The code of one goal.
pub struct GoalCode {
    /// The call on a page.
    pub page: String,
    /// The code that fires it before the tracker is loaded.
    pub early: String,
    /// A link that reports it when it is clicked.
    pub link: String,
    /// The request of a server.
    pub server: String,
}

impl GoalCode {
    /// Returns the code for a goal that is named so. `sends_revenue` is false for goals with a fixed revenue.
    pub fn new(code: &str, currency: Currency, sends_revenue: bool, (site, origin): (SiteId, &str)) -> Self {
        let text = script_text(code);
        let amount = currency.plain(4_990 * 10_i64.pow(currency.decimals()) / 100);
        let encoded: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
        let attribute = code.replace('&', "&amp;").replace('"', "&quot;");
        let (call, early, in_link, in_address) = if sends_revenue {
            (
                format!("clicky.goal({text}, {amount});"),
                format!("{{name: {text}, revenue: {amount}}}"),
                format!(" data-clicky-revenue=\"{amount}\""),
                format!("&goal[revenue]={amount}"),
            )
        } else {
            (format!("clicky.goal({text});"), text.clone(), String::new(), String::new())
        };
        Self {
            page: call,
            early: format!(
                "<script>var clicky_custom = clicky_custom || {{}}; clicky_custom.goal = {early};</script>"
            ),
            link: format!("<a href=\"/brochure\" data-clicky-goal=\"{attribute}\"{in_link}>…</a>"),
            server: format!(
                "curl -g '{origin}/in.php?site_id={site}&sitekey_admin=KEY&type=goal&goal[name]={encoded}{in_address}&ip_address=VISITOR'"
            ),
        }
    }
}

/// Returns a text as a script writes it, also within HTML.
fn script_text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('<', "\\u003c")
}

/// Returns the call by which a page reports what a rule of this kind counts; `None` if the tracker does it without one.
pub fn call_for(kind: RuleKind, pattern: &str) -> Option<String> {
    let text = script_text(pattern);
    match kind {
        RuleKind::Event => Some(format!("clicky.log(\"#event\", {text});")),
        RuleKind::Custom => {
            let (key, value) = pattern.split_once(':').unwrap_or((pattern, ""));
            let (key, value) = (script_text(key.trim()), script_text(value.trim()));
            Some(format!(
                "<script>var clicky_custom = clicky_custom || {{}}; clicky_custom.visitor = {{{key}: {value}}};</script>"
            ))
        }
        RuleKind::Campaign => {
            let encoded: String = form_urlencoded::byte_serialize(pattern.as_bytes()).collect();
            Some(format!("?utm_campaign={encoded}"))
        }
        _ => None,
    }
}

/// Renders the code of a goal, ready to copy.
pub fn draw(code: &GoalCode) -> Markup {
    html! {
        (field::copyable("On the page, once it happens", "goal-code-page", &code.page))
        (field::copyable("On a page that means it, above the page code", "goal-code-early", &code.early))
        (field::copyable("On a link or button", "goal-code-link", &code.link))
        (field::copyable("From your server", "goal-code-server", &code.server))
        p.help { "KEY is the admin key under Site info, VISITOR the visitor's address. A negative amount is a refund." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_a_goal_is_safe_in_a_page_and_names_revenue_only_where_it_counts() {
        let currency = Currency::parse("JPY").unwrap();
        let code = GoalCode::new("</script>\"O", currency, true, (SiteId(3), "https://stats.example"));
        assert_eq!(code.page, r#"clicky.goal("\u003c/script>\"O", 49);"#);
        assert!(code.link.contains(r#"data-clicky-goal="</script>&quot;O" data-clicky-revenue="49""#));
        assert!(code.server.contains(
            "site_id=3&sitekey_admin=KEY&type=goal&goal[name]=%3C%2Fscript%3E%22O&goal[revenue]=49"
        ));
        let fixed = GoalCode::new("Order", Currency::USD, false, (SiteId(3), "https://stats.example"));
        assert_eq!(fixed.page, r#"clicky.goal("Order");"#);
        assert!(fixed.early.ends_with("clicky_custom.goal = \"Order\";</script>"));
        assert!(GoalCode::new("Order", Currency::USD, true, (SiteId(3), "")).page.contains("49.90"));
    }
}
