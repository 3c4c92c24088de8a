//! The guide to filters and segments.

use super::links::{self, Screen};
use super::picture;
use super::reader::Reader;
use crate::access::capability::Capability;
use crate::access::level_text;
use crate::reports::catalogue::ReportKind;
use crate::reports::catalogue::{REPORTS, SINGLE_VISITS};
use crate::reports::filter::Operator;
use maud::{Markup, html};

const COMMANDS: &str = "\
clickstead link add --site 1 --name \"The shop in Austria\" --segment 'country=AT&href.starts=/shop/'";

/// Renders the guide.
pub fn content(reader: &Reader) -> Markup {
    html! {
        p { "A filter says which visits you want to look at: those from Germany, those that saw the page with the prices, those that stayed longer than a minute. Several filters hold together. Every number, chart, list and file on the screen is about these visits alone." }
        (adding())
        (comparing())
        (saving(reader))
        (guest_links(reader))
        (addresses(reader))
        (links::commands(COMMANDS))
    }
}

fn adding() -> Markup {
    html! {
        section id="filter" {
            h2 { "Look at some visits alone" }
            ol.steps {
                li { "Open the dashboard, a report, the list of visitors or Spy, and press " b { "Add a filter" } " above it." }
                li { "Choose what to filter by and how to compare, write the value as you read it in the report, and press " b { "Add" } "." }
                li { "The filter stands above the screen from then on and goes with you to other screens. Press its words to change it, and the cross beside it to take it away." }
            }
            p { "Quicker, from any row of a report: the three dots in the row offer " b { "Only this" } " and " b { "Without this" } ". On the dashboard a row is “only this” itself." }
            (picture::image("only-this", "A report of countries; the menu of the first row is open and offers “Only this” and “Without this”."))
            (picture::image("chips", "Two filters above the dashboard as chips, “Country is Germany” and “Page contains cake”, each with a cross, and the numbers of those visits below them."))
        }
    }
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

fn comparing() -> Markup {
    html! {
        section id="compare" {
            h2 { "Ways to compare" }
            dl.levels { @for operator in Operator::ALL { dt { (operator.label()) } dd { (meaning(operator)) } } }
            p { "Numbers of actions and seconds on the site are compared as numbers: " code { "4" } ", " code { "4-6" } " or " code { "21-" } " for 21 and more. Custom data is written as " code { "plan: gold" } ", or " code { "plan" } " alone for every visit that has it." }
            p { "An internet address stands for all of its network where the site keeps addresses without their last part: 198.51.100.7 finds whoever came from 198.51.100.0 to 198.51.100.255. The page of a visit has a link to the others from its address." }
            p { "Filters are about whole visits. With “Page is /prices” you see everything that those visits did, not that page alone." }
        }
    }
}

fn saving(reader: &Reader) -> Markup {
    html! {
        section id="save" {
            h2 { "Keep filters under a name" }
            ol.steps {
                li { "Add the filters that you want to keep." }
                li { "Open " b { "Segments" } " beside them, write a name, and press " b { "Save for me" } " or " b { "Save for everybody" } "." }
                li { "From then on choose it under " b { "Segments" } " above any screen of the site." }
            }
            (picture::image("save-segment", "The menu “Segments” beside two filters: a name is typed for them, with the buttons “Save for me” and “Save for everybody”."))
            p { "To rename, replace or remove one, follow " b { "Rename, replace or remove" } " in the same menu. What you save for yourself nobody else sees." }
            p { "Who can save for everybody: " (level_text::who_may(Capability::ChangeSiteSettings)) ". People at the level View Only are offered only segments about what they may see. Levels: " a href=(reader.guide("levels")) { "the table" } "." }
        }
    }
}

fn guest_links(reader: &Reader) -> Markup {
    html! {
        section id="guest-links" {
            h2 { "A guest link for some visits alone" }
            ol.steps {
                li { (links::first_step(reader, Screen::PublicAccess)) }
                li { "Make a link or press " b { "Change" } " beside one, and look for " b { "Which visits" } "." }
                li { "Write up to three filters, or copy those of a segment, and press " b { "Save" } ". To add more, save again." }
            }
            (picture::image("which-visits", "The part “Which visits” of a guest link, with a filter that says Country is Austria."))
            p { "For such a link no other visit exists: not in numbers, not in the list, not on Spy, not among who is online. Guests are not told which filters these are, and may add filters of their own. A later change of the segment does not change the link." }
            p { "Because their words may come from other visits, titles of pages stand in no report of such a link, and “What was filtered” is left out. Nobody can say of some visits alone who was never here before: such a link has no report and no column of new visitors." }
        }
    }
}

fn addresses(_: &Reader) -> Markup {
    let counted = REPORTS.iter().filter_map(|report| match report.kind {
        ReportKind::Items(dimension) => Some(dimension),
        _ => None,
    });
    let filters = counted.chain(&SINGLE_VISITS);
    html! {
        section id="addresses" {
            h2 { "Filters in an address" }
            p { "Whatever you filter stands in the address of the screen, so that you can keep it as a bookmark or send it to somebody with access: " code { "?country=DE&href.starts=/blog/" } "." }
            dl.levels {
                @for operator in Operator::ALL { dt { code { @if operator == Operator::Is { "country=DE" } @else { "country." (operator.name()) "=" @if operator == Operator::OneOf { "DE,AT" } @else { "DE" } } } } dd { "Country " (operator.label()) " …" } }
            }
            p { "The names: " @for (place, dimension) in filters.enumerate() { @if place > 0 { ", " } code { (dimension.filter) } " " (dimension.noun.to_lowercase()) } "." }
        }
    }
}
