//! The guide to changing access: levels, the view of View Only users, guest links, and the preview.

use super::links::{self, Screen};
use super::picture;
use super::reader::Reader;
use crate::access::capability::Capability;
use crate::access::level_text;
use maud::{Markup, html};

const COMMANDS: &str = "\
clickstead share set --site 1 --user anna --level administrator
clickstead link list --site 1
clickstead link disable --site 1 3
clickstead link enable --site 1 3";

/// Renders the guide.
pub fn content(reader: &Reader) -> Markup {
    html! {
        p { "Whatever you change holds from their next look on, in browsers and live lists that are open now too. Nobody needs to sign in again." }
        p { "Who can do this: " (level_text::who_may(Capability::ManagePeople)) "." }
        (level(reader))
        (view_only(reader))
        (preview(reader))
        (guest_link(reader))
        (owner(reader))
        (links::commands(COMMANDS))
    }
}

fn level(reader: &Reader) -> Markup {
    html! {
        section id="level" {
            h2 { "Change somebody's level" }
            ol.steps {
                li { (links::first_step(reader, Screen::Sharing)) }
                li { "In the list " b { "With access" } ", open " b { "Change …" } " beside their name." }
                li { "Choose the level and press " b { "Save" } "." }
            }
            (picture::image("change", "A person in the list of people, with the fold “Change …” open: the three levels and the button Save."))
            p { "The level of an invitation can't be changed: press " b { "Withdraw" } " and invite them anew. What each level may do: " a href=(reader.guide("levels")) { "Levels" } "." }
        }
    }
}

fn view_only(reader: &Reader) -> Markup {
    html! {
        section id="view-only" {
            h2 { "Choose what View Only people see" }
            p { "As long as you choose nothing, they see the reports that tell of no single visitor, and the live list without addresses, names, custom data and cities." }
            ol.steps {
                li { (links::first_step(reader, Screen::ViewOnly)) }
                li { "Under " b { "Visitors" } ", tick what they see of people who visit your site: the " b { "Live list of visitors" } ", " b { "Single visits" } ", " b { "Addresses" } ", " b { "Names and custom data" } ", " b { "City and region" } "." }
                li { "Below that, tick the reports that they may open." }
                li { "Press " b { "Save" } "." }
            }
            (picture::image("view-only", "The tick list of View Only: what of visitors is shown, then the reports by subject."))
            p { "What is not ticked is nowhere: not in reports, not in the live list, not on Spy, and nobody can find it out by filtering or sorting by it. Lists and Spy have the columns that the reports allow: without the report Countries they show no country, without Searches no search words. View Only people can't save files in any case." }
            h3 { "For one person alone" }
            ol.steps {
                li { "Go to " (links::to(reader, Screen::Sharing)) " and open " b { "Change …" } " beside their name." }
                li { "Follow " b { "What they alone see at View Only →" } ", tick, and press " b { "Save" } ". The list marks them with “own view” from then on." }
                li { "To undo that, go there again and press " b { "As all others again" } "." }
            }
        }
    }
}

fn preview(reader: &Reader) -> Markup {
    html! {
        section id="preview" {
            h2 { "See the site as they see it" }
            ol.steps {
                li { "Go to " (links::to(reader, Screen::ViewOnly)) " and press " b { "Preview as View Only" } "." }
                li { "Look around. A line above every page says that you see it so; nobody else is concerned." }
                li { "Press " b { "End the preview" } " in that line." }
            }
            p { "A guest link you see best by its own address, in a private window of your browser." }
        }
    }
}

fn guest_link(reader: &Reader) -> Markup {
    html! {
        section id="guest-link" {
            h2 { "Change a guest link" }
            ol.steps {
                li { (links::first_step(reader, Screen::PublicAccess)) }
                li { "Press " b { "Change" } " beside the link." }
                li { "Change what you like, and press " b { "Save" } ". Its address stays the same." }
            }
            (picture::image("link-form", "The form of a guest link: name, password, last day, white label, embedding, and what it shows of visitors."))
            dl.levels {
                dt { "Password" } dd { "Type a new one under " b { "Password" } ", and everybody is asked for it, also those who gave the old one. Left empty, it stays. Tick " b { "Remove the password" } ", and there is none any more." }
                dt { "Last day" } dd { "After it the link opens nothing, until you choose a later one. Empty under " b { "Last day" } ": it does not run out." }
                dt { "Reports" } dd { "Tick what it shows, as for View Only. Each link has its own choice." }
                dt { "Embedding" } dd { "Only pages of the websites that you write under " b { "Embedding" } " can hold it in a frame." }
                dt { "White label" } dd { "With a tick at " b { "White label" } ", the page wears your brand." }
            }
            p { "In the list of links:" }
            dl.levels {
                dt { "A new address" } dd { b { "New address" } " gives the link another address. The old one opens nothing any more; what it shows and its password stay." }
                dt { "A pause" } dd { b { "Disable" } " lets it open nothing, " b { "Enable" } " lets it open again under the same address." }
            }
        }
    }
}

fn owner(reader: &Reader) -> Markup {
    html! {
        section id="owner" {
            h2 { "What belongs to the owner alone" }
            dl.levels {
                dt { "Another owner" } dd { "Go to " (links::to(reader, Screen::Info)) " and look for " b { "Give this site to another account" } ". They must accept it. Whoever it is shared with keeps their access." }
                dt { "Billing" } dd { "Nobody but the owner sees the billing of an account, unless the owner lets an Administrator see it, beside that person's name under Sharing. It tells them about this site; every other site is left unnamed." }
            }
        }
    }
}
