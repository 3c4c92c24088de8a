//! The guide to levels: the access table, as the program reads it, and the meaning of its words.

use super::reader::Reader;
use crate::access::capability::Capability;
use crate::access::level_text;
use crate::access::policy::{self, Caller, Decision};
use maud::{Markup, html};

/// The kinds of caller that users choose between.
const CHOSEN_BETWEEN: [Caller; 5] =
    [Caller::Owner, Caller::Administrator, Caller::User, Caller::ViewOnly, Caller::Guest];

/// Renders the guide.
pub fn content(reader: &Reader) -> Markup {
    html! {
        p { "A level is given for one site. Nobody has a level for all sites of an account, and no level of one site opens another. How to give one: " a href=(reader.guide("add-access")) { "Add user access" } "." }
        section {
            h2 { "In short" }
            dl.levels {
                @for (caller, title, _) in level_text::callers().filter(|(caller, ..)| CHOSEN_BETWEEN.contains(caller)) {
                    dt { (title) } dd { (level_text::sentence(caller)) }
                }
            }
        }
        section {
            h2 id="table" { "The table" }
            p { "This table is made from the rules that the program uses." }
            (legend())
            (of_sites())
        }
        section {
            h2 id="general" { "Outside a single site" }
            (general())
        }
        section {
            h2 { "Who is who" }
            dl.levels { @for (_, title, who) in level_text::callers() { dt { (title) } dd { (who) "." } } }
            p { "Whoever is signed out is led to the sign-in page, the same whether or not there is such a site." }
        }
    }
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

fn legend() -> Markup {
    let stands_there = |verdict: Decision| {
        shown().any(|capability| {
            level_text::callers().any(|(caller, ..)| policy::verdict(caller, *capability) == verdict)
        })
    };
    html! {
        dl.levels.verdicts { @for (verdict, meaning) in level_text::MEANINGS.into_iter().filter(|(verdict, _)| stands_there(*verdict)) { dt { (cell(verdict)) } dd { (meaning) } } }
    }
}

/// Returns the capabilities on a site that the table shows.
fn shown() -> impl Iterator<Item = &'static Capability> {
    Capability::ALL
        .iter()
        .filter(|capability| level_text::is_there(**capability) && policy::audience(**capability).is_none())
}

/// Renders the table for sites. It states its ARIA roles: stacked rows on a phone are no table to browsers.
fn of_sites() -> Markup {
    html! {
        table.list.rights role="table" aria-labelledby="table" {
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { "On a site" }
                @for (_, title, _) in level_text::callers() { th scope="col" role="columnheader" { (title) } }
            } }
            tbody role="rowgroup" {
                @for capability in shown() {
                    tr role="row" {
                        th scope="row" role="rowheader" { (level_text::line(*capability)) }
                        @for (caller, title, _) in level_text::callers() {
                            td role="cell" data-of=(title) { (cell(policy::verdict(caller, *capability))) }
                        }
                    }
                }
            }
        }
    }
}

fn general() -> Markup {
    let there = Capability::ALL.iter().filter(|one| level_text::is_there(**one));
    let all = there.filter_map(|one| policy::audience(*one).map(|audience| (one, audience)));
    html! {
        table.list.general aria-labelledby="general" {
            thead { tr { th scope="col" { "What" } th scope="col" { "Who" } } }
            tbody {
                @for (capability, audience) in all {
                    tr { th scope="row" { (level_text::line(*capability)) } td { (level_text::audience(audience)) } }
                }
            }
        }
    }
}
