//! The section of Site info about the check of the page code: its form, and what was found.

use super::super::Tabs;
use crate::error::Problem;
use crate::model::clock::Timestamp;
use crate::outbound::page_code::Seen;
use crate::store::sites::Site;
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};

/// The result of a check.
pub struct CheckOutcome {
    /// The address, as typed.
    pub input: String,
    /// The fetched address and what was found there; `None` if it could not be fetched.
    pub finding: Option<(String, Seen)>,
}

/// Renders the form, and the result of a check.
pub fn section(
    site: &Site,
    newest_visit: Option<Timestamp>,
    outcome: Option<&CheckOutcome>,
    problems: &[Problem],
) -> Markup {
    let input = outcome.map_or("", |outcome| outcome.input.as_str());
    let sentence = field::problem(problems, "page");
    html! {
        div.code-check id="check" {
            h3 { "Is my code working?" }
            @match newest_visit {
                Some(at) => p { "The newest visit began " (format::moment(&site.zone, at, Moment::Full)) "." },
                None => p { "No visit has arrived yet." },
            }
            form method="post" action={ (Tabs::path(site.id, "info")) "/check#check" } {
                label for="page" { "Page to look at " span.quiet { "(the first page of " (site.domain) " if you leave it empty)" } }
                div.with-button {
                    input id="page" name="page" type="text" value=(input) inputmode="url" autocomplete="off" placeholder={ "https://" (site.domain) "/" }
                        aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "page-problem")];
                    button type="submit" { "Look" }
                }
                @if let Some(sentence) = sentence { p.problem id="page-problem" role="alert" { (sentence) } }
            }
            @if let Some((address, finding)) = outcome.and_then(|outcome| outcome.finding.as_ref()) { (verdict(address, finding)) }
        }
    }
}

fn verdict(address: &str, finding: &Seen) -> Markup {
    let (is_good, what) = match finding {
        Seen::Right => (true, "The code is there and right.".to_owned()),
        Seen::Proxied(path) => (
            true,
            format!(
                "The code is there, by way of the site's own server, which takes hits at {path}. Whether it passes \
                 them on, a visit tells: open the page and look at Spy."
            ),
        ),
        Seen::HeldBack => (
            false,
            "The code is there, but no browser runs it as it stands: a consent tool holds it back until a visitor \
             agrees. Everybody else is not counted. Without cookies, which is how this server counts unless you say \
             otherwise, you may not need the tool for it."
                .to_owned(),
        ),
        Seen::OtherServer(host) => (
            false,
            format!("The code of this site is there, but it loads the tracker from {host}. Put this server's code in its place."),
        ),
        Seen::OtherSite(id) => (
            false,
            format!("There is code of this server, but for site {id}. Put this site's code in its place, or beside it."),
        ),
        Seen::NoSite => (false, "The tracker is loaded, but the number of the site is missing. Copy the code again.".to_owned()),
        Seen::Blocked => (
            false,
            "The code is there, but the page's Content-Security-Policy keeps browsers from loading it or from sending \
             hits. Add this server to script-src and connect-src."
                .to_owned(),
        ),
        Seen::Status(status) => (false, format!("The server answered {status} instead of a page.")),
        Seen::Nothing => (
            false,
            "The code is not on this page. If a script or a consent tool adds it later, only a browser can tell: open \
             the page yourself and look at Spy."
                .to_owned(),
        ),
    };
    html! {
        div.verdict.good[is_good] role="status" {
            p { b { (if is_good { "✓ " } else { "✗ " }) (what) } }
            p.quiet { "Looked at " span.cut-any { (address) } "." }
        }
    }
}
