//! The guide to privacy: the stored data of visitors, its retention, and how to answer their requests.

use super::links::{self, Screen};
use super::picture;
use super::reader::Reader;
use crate::access::capability::Capability;
use crate::access::level_text;
use maud::{Markup, html};

const COMMANDS: &str = "\
clickstead site keep-visits 1 --days 365
clickstead site keep-visits 1 --for-good
clickstead prune --dry-run
clickstead visitor export --site 1 --name anna@example.org
clickstead visitor export --site 1 --custom 'customer: 4711'
clickstead visitor erase --site 1 --id 5550123
clickstead visitor erase --site 1 --address 192.0.2.77";

/// Renders the guide.
pub fn content(reader: &Reader) -> Markup {
    html! {
        p { "Clickstead keeps as little of a visitor as you let it. Here is what that is, how you let go of it in time, and what you do when somebody asks." }
        nav.contents aria-label="The guide" {
            ol {
                li { a href="#kept" { (KEPT) } }
                li { a href="#long" { (LONG) } }
                li { a href="#asks" { (ASKS) } }
                li { a href="#gone" { (GONE) } }
            }
        }
        (kept(reader))
        (long(reader))
        (asks(reader))
        (gone())
        (links::commands(COMMANDS))
    }
}

const KEPT: &str = "What is kept of a visitor";
const LONG: &str = "For how long";
const ASKS: &str = "When somebody asks for their data, or wants it erased";
const GONE: &str = "What is never in the file";

fn kept(reader: &Reader) -> Markup {
    html! {
        section.step id="kept" {
            h2 { "1. " (KEPT) }
            p { "Of each visit: when, which pages, how they came, browser, system and screen, language and place, and the address, of which the last part is set to zero unless you say otherwise. Custom data, such as a name, only if your pages send it." }
            p { "Without cookies a visitor is known for one day, by a number that can't be led back to anybody afterwards. A second such number stands for the full address, so that your server can add to an open visit. It is deleted after that day. It is never stored before consent, or for browsers that send “do not track” where you honor it." }
            p { "Whether you use a cookie, ask for consent first, honour “do not track” and shorten addresses, you choose under " (links::to(reader, Screen::Tracking)) "." }
        }
    }
}

fn long(reader: &Reader) -> Markup {
    html! {
        section.step id="long" {
            h2 { "2. " (LONG) }
            ol.steps {
                li { (links::first_step(reader, Screen::Privacy)) }
                li { "Choose " b { "For some days" } " and enter how many." }
                li { "If visits are there that are older, the page says how many go. Switch on " b { "Yes, drop them" } "." }
                li { "Press " b { "Save" } "." }
            }
            (picture::image("keep-visits", "How long visits are kept: “For some days” is chosen, with 365 days."))
            dl.levels.ends {
                dt { "It goes" } dd { "Every night the visits of days that are older, with all that tells of a person: addresses, networks, cities, names, custom data and the numbers of visitors." }
                dt { "It stays" } dd { "What those days add up to, also by the hour, and by page, source, campaign, country, region, language and machine. So reports, comparisons and files show the same numbers as before." }
            }
            p { "A filter, and every list of visits, can only look at visits that are kept. Where that matters the screen says since when that is. If you change the time zone of the site later, those days stay as they were counted." }
            p { "Addresses of pages, links, searches and campaigns stay as your pages and others wrote them. If some of yours name people, leave those pages out or strip the parameter under " (links::to(reader, Screen::Tracking)) "." }
        }
    }
}

fn asks(reader: &Reader) -> Markup {
    html! {
        section.step id="asks" {
            h2 { "3. " (ASKS) }
            p { "Who can do this: " (level_text::who_may(Capability::EraseVisitor)) "." }
            ol.steps {
                li { "Open the site, then " b { "Visitors" } ", and find one of their visits. If your pages send a name or an e-mail address, open the report " b { "Custom data" } " and choose it there: that shows the visits which have it." }
                li { "Open the visit, then the visitor. At the end of that page is the part " b { "This visitor’s data" } "." }
                li { b { "Take out (JSON)" } " saves all that is kept of their visits as a file that people and programs can read. Hand them that." }
                li { b { "Erase …" } " says what it will do, and asks you to type a word." }
            }
            (picture::image("visitor-data", "The page of a visitor: what their visits add up to, the visits, and below them the buttons “Take out (JSON)” and “Erase …”."))
            (picture::image("erase-visitor", "The page that asks before erasing: how many visits and actions go, what that means, and the field for the word."))
            dl.levels.ends {
                dt { "It ends" } dd { "Their visits, with everything that belongs to them. What only they had, such as a name or the address of a page that nobody else saw, is overwritten in the file soon after." }
                dt { "It does not end" } dd {
                    ul {
                        li { "backups, and copies of the file that were made before an upgrade or before a backup was restored: those hold what was there when they were made;" }
                        li { "files that somebody saved before;" }
                        li { "totals of days whose visits were dropped: they tell of nobody;" }
                        li { "visits under another number: without cookies a visitor has a new one every day. By the command line you can name somebody by address, name or any custom data, and all numbers that were seen with it are meant." }
                    }
                }
            }
            p { "Both are noted in " (links::to(reader, Screen::Audit)) ", without saying who was meant." }
        }
    }
}

fn gone() -> Markup {
    html! {
        section.step id="gone" {
            h2 { "4. " (GONE) }
            p { "The full address, unless you switched shortening off. What a visitor typed. Anything at all of visitors who are left out, but for counts and a few samples without anything personal, which go after 30 days." }
        }
    }
}
