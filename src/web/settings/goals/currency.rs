//! The section for the currency of a site: the choice, what a change does, and the revenue that did not count.

use crate::goals::currency::CurrencyChange;
use crate::model::currency::Currency;
use crate::reports::filtered_hits::{ByReason, FilteredHits};
use crate::store::sites::Site;
use crate::web::layout::form_state::FormState;
use crate::web::settings::Tabs;
use crate::web::ui::{field, format};
use maud::{Markup, html};

/// The values of the section.
pub struct CurrencyState {
    /// The code, as typed or as stored.
    pub typed: String,
    /// The change that the user is asked about.
    pub asked: Option<CurrencyChange>,
}

/// Revenue that did not count, for one reason.
pub struct Uncounted {
    title: &'static str,
    about: &'static str,
    hits: i64,
}

/// The reasons why revenue did not count, each with its title and what to do.
const REASONS: [(&str, &str, &str); 3] = [
    ("revenue-currency", "In another currency", "Send amounts in the site's currency, or without one."),
    (
        "revenue-number",
        "Not a number",
        "Send the amount as a plain number, such as 49.90, without a currency sign.",
    ),
    ("revenue-size", "Too large", "Check the amount: it may be in cents."),
];
/// The currencies at the top of the list.
const USUAL: [&str; 8] = ["USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK"];

impl CurrencyState {
    /// Returns the values of a site.
    pub fn from_site(site: &Site) -> Self {
        Self { typed: site.currency.code().to_owned(), asked: None }
    }
}

/// Returns the revenue that did not count, by reason.
pub fn uncounted(filtered: &FilteredHits) -> Vec<Uncounted> {
    let hits = |name: &str| filtered.reasons.iter().find(|by| by.reason == name).map_or(0, ByReason::count);
    let rows = REASONS.map(|(name, title, about)| Uncounted { title, about, hits: hits(name) });
    rows.into_iter().filter(|row| row.hits > 0).collect()
}

/// Renders the section.
pub fn section(site: &Site, state: &FormState<CurrencyState>, uncounted: &[Uncounted]) -> Markup {
    let (form, path) = (&state.form, Tabs::path(site.id, "goals"));
    let sentence = field::problem(&state.problems, "currency");
    html! {
        section id="currency" {
            h2 { "Revenue" }
            form.settings method="post" action={ (path) "/currency#currency" } {
                div.field {
                    label for="currency-code" { "Currency of this site" }
                    select id="currency-code" name="currency" aria-invalid=[sentence.map(|_| "true")] {
                        @for (code, name) in options() { option value=(code) selected[code == form.typed] { (code) " · " (name) } }
                    }
                    p.help { "All revenue and costs of this site are in it." }
                    @if let Some(sentence) = sentence { p.problem role="alert" { (sentence) } }
                }
                @if let Some(change) = &form.asked {
                    (question(change))
                    div.buttons { button.primary type="submit" name="agreed" value="yes" { "Yes, change to " (change.to) } " " a.button href={ (path) "#currency" } { "Cancel" } }
                } @else {
                    button type="submit" { "Change currency" }
                }
            }
            @if !uncounted.is_empty() { (uncounted_table(site, uncounted)) }
        }
    }
}

/// Returns the currencies, usual ones first.
fn options() -> Vec<(String, String)> {
    let option = |currency: Currency| (currency.code().to_owned(), currency.name().to_owned());
    let usual = USUAL.iter().filter_map(|code| Currency::parse(code));
    let others = Currency::all().filter(|currency| !USUAL.contains(&currency.code()));
    usual.chain(others).map(option).collect()
}

fn question(change: &CurrencyChange) -> Markup {
    let (before, after) = change.example();
    let counted = |count: i64, one: &str, many: &str| {
        format!("{} {}", format::grouped(count), if count == 1 { one } else { many })
    };
    let amounts = &change.amounts;
    html! {
        div.field.agree role="alert" {
            p.problem { "Nothing was changed yet. Change the currency from " (change.from) " to " (change.to) "?" }
            p { "Amounts keep their number: " b { (before) } " becomes " b { (after) } ". Nothing is converted at an exchange rate." }
            @if change.rounds() { p { (change.to) " has fewer decimals: amounts are rounded. Changing back doesn't restore them." } }
            @if change.takes_long() { p { "It takes some seconds. Hits that arrive meanwhile wait, and none is lost." } }
            p.quiet {
                "This changes the revenue of " (counted(amounts.conversions, "conversion", "conversions")) ", "
                (counted(amounts.goals, "goal with a fixed amount", "goals with a fixed amount")) " and "
                (counted(amounts.costs, "day of campaign costs", "days of campaign costs"))
                @if amounts.days > 0 { ", and the totals of " (counted(amounts.days, "older day", "older days")) }
                "."
            }
        }
    }
}

fn uncounted_table(site: &Site, uncounted: &[Uncounted]) -> Markup {
    html! {
        h3 { "Revenue that didn't count" }
        p.quiet { "In the last 30 days. These conversions count, but without revenue." }
        ul.plain.rows {
            @for row in uncounted {
                li { div { b { (row.title) } br; span.quiet { (row.about) @if row.title == REASONS[0].1 { " It's " (site.currency) "." } } } b { (format::count(row.hits)) } }
            }
        }
        p { a href={ "/sites/" (site.id) "/reports/left-out?date=last-30-days" } { "See samples in “What was filtered”" } }
    }
}
