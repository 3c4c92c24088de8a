//! The parts of the guides that the program makes: what it reads from its own tables and limits.

pub mod api;

use crate::access::capability::Capability;
use crate::access::level_text;
use crate::access::policy::{self, Caller, Decision};
use crate::limits;
use crate::model::level::Level;
use crate::reports::catalogue::{REPORTS, SINGLE_VISITS};
use crate::reports::dimension::Dimension;
use crate::reports::filter::Operator;
use crate::web::ui::format;
use maud::{Markup, html};
use strum::IntoEnumIterator;

/// The kinds of caller that users choose between.
const CHOSEN_BETWEEN: [Caller; 5] =
    [Caller::Owner, Caller::Administrator, Caller::User, Caller::ViewOnly, Caller::Guest];

/// Renders where the preferences of a site are.
pub fn preferences() -> Markup {
    html! { "Preferences is the gear at the top right; on a phone it is in the menu of your account." }
}

/// Renders who manages the people of a site.
pub fn who_manages_people() -> Markup {
    html! { (level_text::who_may(Capability::ManagePeople)) }
}

/// Renders who sets up goals and campaigns.
pub fn who_manages_goals() -> Markup {
    html! { (level_text::who_may(Capability::ManageGoals)) }
}

/// Renders who makes guest links, and sends reports by them.
pub fn who_makes_links() -> Markup {
    html! { (level_text::who_may(Capability::ManageGuestLinks)) }
}

/// Renders who sets up monitors, and alerts for the whole site.
pub fn who_sets_site_alerts() -> Markup {
    html! { (level_text::who_may(Capability::SetSiteAlerts)) }
}

/// Renders the number of monitors of a site.
pub fn monitors_max() -> Markup {
    html! { (limits::MONITORS_PER_SITE_MAX) }
}

/// Renders who annotates dates and visitors.
pub fn who_annotates() -> Markup {
    html! { (level_text::who_may(Capability::Annotate)) }
}

/// Renders who sees the keys of a site.
pub fn who_sees_keys() -> Markup {
    html! { (level_text::who_may(Capability::SeeSiteKey)) }
}

/// Renders the number of rows that a program gets at once.
pub fn program_rows() -> Markup {
    html! { (format::grouped(i64::from(limits::API_ROWS_MAX))) }
}

/// Renders the days that a request for lists of visits may span.
pub fn list_days() -> Markup {
    html! { (limits::API_LIST_DAYS_MAX) }
}

/// Renders the rows on a page of a list of visits.
pub fn list_rows() -> Markup {
    html! { (format::grouped(limits::API_LIST_ROWS_MAX.into())) }
}

/// Renders the types of a request.
pub fn types_per_request() -> Markup {
    html! { (limits::API_TYPES_MAX) }
}

/// Renders the largest size of a reply, in mebibytes.
pub fn program_mebibytes() -> Markup {
    html! { (limits::API_REPLY_BYTES_MAX / (1_024 * 1_024)) }
}

/// Renders the number of requests with one site key that are answered at once.
pub fn requests_per_key() -> Markup {
    html! { (limits::PROGRAMS_PER_KEY_MAX) }
}

/// Renders the seconds for which a request of a program waits for its turn.
pub fn program_wait_seconds() -> Markup {
    html! { (limits::PROGRAM_WAIT.as_secs()) }
}

/// Renders the seconds after which a request of a program ends.
pub fn program_seconds() -> Markup {
    html! { (limits::PROGRAM_WITHIN.as_secs()) }
}

/// Renders who erases visitors.
pub fn who_erases_visitors() -> Markup {
    html! { (level_text::who_may(Capability::EraseVisitor)) }
}

/// Renders who changes the settings of a site.
pub fn who_changes_settings() -> Markup {
    html! { (level_text::who_may(Capability::ChangeSiteSettings)) }
}

/// Renders the days for which an invitation holds.
pub fn invitation_days() -> Markup {
    html! { (limits::INVITATION_LASTS.as_secs() / 86_400) }
}

/// Renders the levels that people are invited to.
pub fn levels() -> Markup {
    html! { dl.levels { @for level in Level::iter() { dt { (level.title()) } dd { (level_text::sentence(level.into())) } } } }
}

/// Renders what each of those that users choose between may do.
pub fn levels_in_short() -> Markup {
    html! {
        dl.levels {
            @for (caller, title, _) in level_text::CALLERS.into_iter().filter(|(caller, ..)| CHOSEN_BETWEEN.contains(caller)) {
                dt { (title) } dd { (level_text::sentence(caller)) }
            }
        }
    }
}

/// Renders who is meant by each kind of caller.
pub fn who_is_who() -> Markup {
    html! { dl.levels { @for (_, title, who) in level_text::CALLERS { dt { (title) } dd { (who) "." } } } }
}

fn cell(verdict: Decision) -> Markup {
    html! { span.verdict-word.(look(verdict)) { (level_text::word(verdict)) } }
}

/// Returns the emphasis of a cell: allowed, partly allowed or not allowed.
fn look(verdict: Decision) -> &'static str {
    match verdict {
        Decision::Allowed => "yes",
        Decision::Chosen | Decision::Own | Decision::Flagged => "in-part",
        Decision::Forbidden | Decision::Hidden => "no",
    }
}

/// Renders the meanings of the words in the table of rights.
pub fn legend() -> Markup {
    let stands_there = |verdict: Decision| {
        rights().any(|right| {
            level_text::CALLERS.into_iter().any(|(caller, ..)| policy::verdict(caller, *right) == verdict)
        })
    };
    html! {
        dl.levels.verdicts { @for (verdict, meaning) in level_text::MEANINGS.into_iter().filter(|(verdict, _)| stands_there(*verdict)) { dt { (cell(verdict)) } dd { (meaning) } } }
    }
}

/// Returns the capabilities on a site that the table of rights shows.
fn rights() -> impl Iterator<Item = &'static Capability> {
    Capability::ALL
        .iter()
        .filter(|capability| level_text::is_there(**capability) && policy::audience(**capability).is_none())
}

/// Renders the table of rights on a site. It states its ARIA roles: stacked rows on a phone are no table to browsers.
pub fn rights_on_a_site() -> Markup {
    html! {
        table.list.rights role="table" aria-label="The table" {
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { "On a site" }
                @for (_, title, _) in level_text::CALLERS { th scope="col" role="columnheader" { (title) } }
            } }
            tbody role="rowgroup" {
                @for right in rights() {
                    tr role="row" {
                        th scope="row" role="rowheader" { (level_text::line(*right)) }
                        @for (caller, title, _) in level_text::CALLERS {
                            td role="cell" data-of=(title) { (cell(policy::verdict(caller, *right))) }
                        }
                    }
                }
            }
        }
    }
}

/// Renders the table of rights outside a single site.
pub fn rights_elsewhere() -> Markup {
    let there = Capability::ALL.iter().filter(|one| level_text::is_there(**one));
    let all = there.filter_map(|one| policy::audience(*one).map(|audience| (one, audience)));
    html! {
        table.list.general aria-label="Outside a single site" {
            thead { tr { th scope="col" { "What" } th scope="col" { "Who" } } }
            tbody {
                @for (capability, audience) in all {
                    tr { th scope="row" { (level_text::line(*capability)) } td { (level_text::audience(audience)) } }
                }
            }
        }
    }
}

/// Renders the ways to compare that filters know.
pub fn ways_to_compare() -> Markup {
    html! { dl.levels { @for operator in Operator::iter() { dt { (operator.label()) } dd { (meaning(operator)) } } } }
}

fn meaning(operator: Operator) -> &'static str {
    match operator {
        Operator::Is => {
            "Exactly the value. Of pages, events and custom data, which a visit has several of: one of them is it."
        }
        Operator::IsNot => {
            "Everything else, also what is not known. Of pages, events and custom data: none of them is it."
        }
        Operator::OneOf => {
            "One of several values, by comma. A comma inside a value is written as \\, with a backslash."
        }
        Operator::Contains => "The text occurs somewhere in the name, in capitals or not.",
        Operator::Lacks => "It does not.",
        Operator::Starts => {
            "The name begins with the text. A page is found by its path too: /blog/ finds everything below it."
        }
    }
}

/// Renders how each way to compare is written in an address.
pub fn ways_to_compare_in_addresses() -> Markup {
    html! {
        dl.levels {
            @for operator in Operator::iter() { dt { code { @if operator == Operator::Is { "country=DE" } @else { "country." (operator.name()) "=" @if operator == Operator::OneOf { "DE,AT" } @else { "DE" } } } } dd { "Country " (operator.label()) " …" } }
        }
    }
}

/// Renders the names of filters in addresses, with what each is about.
pub fn filter_names() -> Markup {
    let counted = REPORTS.iter().filter_map(|report| report.kind.dimension());
    let meaning = |dimension: &Dimension| {
        let noun = dimension.noun.to_lowercase();
        (noun != dimension.filter.replace('-', " ")).then(|| format!(" ({noun})"))
    };
    html! { @for (place, dimension) in counted.chain(&SINGLE_VISITS).enumerate() { @if place > 0 { ", " } code { (dimension.filter) } @if let Some(meaning) = meaning(dimension) { (meaning) } } }
}
