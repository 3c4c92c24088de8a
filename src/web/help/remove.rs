//! The guide to removing access: a check list, with what each step ends and what it does not.

use super::links::{self, Screen};
use super::picture;
use super::reader::Reader;
use crate::access::capability::Capability;
use crate::access::level_text;
use maud::{Markup, html};

const COMMANDS: &str = "\
clickstead share remove --site 1 --user anna
clickstead link disable --site 1 3
clickstead link remove --site 1 3
clickstead site rotate-key 1
clickstead user disable anna";

/// A step of the check list.
struct Step {
    id: &'static str,
    title: &'static str,
    how: Markup,
    picture: Option<(&'static str, &'static str)>,
    ends: Markup,
    ends_not: Markup,
}

/// Renders the guide.
pub fn content(reader: &Reader) -> Markup {
    let steps = [
        person(reader),
        invitations(reader),
        links(reader),
        keys(reader),
        sign_ins(reader),
        sub_accounts(reader),
    ];
    html! {
        p { "Somebody leaves, or an address got into the wrong hands: go down this list. There are several ways to a site, and each ends by itself. Whatever you end ends with the very next request, in browsers that are open now too." }
        p { "Who can do this: " (level_text::who_may(Capability::ManagePeople)) "." }
        nav.contents aria-label="The list" {
            ol { @for step in &steps { li { a href={ "#" (step.id) } { (step.title) } } } li { a href="#check" { (CHECK) } } }
        }
        @for (place, one) in (1..).zip(&steps) { (step(place, one)) }
        (check(reader, steps.len() + 1))
        (links::commands(COMMANDS))
    }
}

fn step(place: usize, step: &Step) -> Markup {
    html! {
        section.step id=(step.id) {
            h2 { (place) ". " (step.title) }
            (step.how)
            @if let Some((name, alt)) = step.picture { (picture::image(name, alt)) }
            dl.levels.ends {
                dt { "It ends" } dd { (step.ends) }
                dt { "It does not end" } dd { (step.ends_not) }
            }
        }
    }
}

fn person(reader: &Reader) -> Step {
    Step {
        id: "person",
        title: "Remove the person",
        how: html! {
            ol.steps {
                li { (links::first_step(reader, Screen::Sharing)) }
                li { "In the list " b { "With access" } ", open " b { "Remove …" } " beside their name." }
                li { "Press " b { "Remove" } "." }
            }
        },
        picture: Some((
            "remove",
            "A person in the list of people, with the fold “Remove …” open: what removing does, and the button Remove.",
        )),
        ends: html! { "All that they see of this site, in pages and live lists that are open now too, and the invitations that they made. They can also end it themselves: " (links::to_account(reader, "sites", "Sites")) ", " b { "Leave …" } "." },
        ends_not: html! {
            ul {
                li { "their access to other sites: each ends by itself;" }
                li { "the access of people whom they let in: those stay in the list, so look through it;" }
                li { "the site key, if they know it: removing changes no key, see " a href="#keys" { "step 4" } ";" }
                li { "guest links whose address they know, also those that they made: see " a href="#links" { "step 3" } ";" }
                li { "files that they have saved." }
            }
        },
    }
}

fn invitations(reader: &Reader) -> Step {
    Step {
        id: "invitations",
        title: "Withdraw invitations",
        how: html! {
            ol.steps {
                li { "Stay at " (links::to(reader, Screen::Sharing)) " and look at the list " b { "Invited" } ". If there is none, no invitation is open." }
                li { "Press " b { "Withdraw" } " beside each that you do not want any more." }
            }
        },
        picture: None,
        ends: html! { "The link of the invitation, whoever has it." },
        ends_not: html! { "An access that came of it: who has taken an invitation is a person in the list above, see " a href="#person" { "step 1" } "." },
    }
}

fn links(reader: &Reader) -> Step {
    Step {
        id: "links",
        title: "End guest links",
        how: html! {
            ol.steps {
                li { (links::first_step(reader, Screen::PublicAccess)) }
                li { "Choose what you want of each link that they may know:" }
            }
            dl.levels {
                dt { b { "Disable" } } dd { "It opens nothing any more. Its settings, its address and its count of views stay, and " b { "Enable" } " opens it again." }
                dt { b { "New address" } } dd { "The old address opens nothing any more, and you hand the new one to those who are still to see it." }
                dt { b { "Remove …" } } dd { "It is gone for good, and its count of views with it." }
            }
        },
        picture: Some((
            "links",
            "The list of guest links: each with its state, how often it was opened, its address, and buttons to change, disable, renew and remove it.",
        )),
        ends: html! { "That one address, with and without password, also on pages that hold it in a frame." },
        ends_not: html! { "The access of people with an account, other guest links, and the keys." },
    }
}

fn keys(reader: &Reader) -> Step {
    Step {
        id: "keys",
        title: "Make new keys",
        how: html! {
            p { "Whoever has ever seen the site key can read the site's numbers with a program, without any account. Administrators and the owner see it." }
            ol.steps {
                li { (links::first_step(reader, Screen::Info)) }
                li { "Under " b { "Keys" } ", press " b { "Show keys" } "." }
                li { "Open " b { "Make new keys" } " and press " b { "Replace both keys now" } "." }
                li { "Give the new keys to your own programs." }
            }
        },
        picture: Some((
            "keys",
            "The section “Keys” of Site info: both keys, and the fold “Make new keys” with the button “Replace both keys now”.",
        )),
        ends: html! { "Every program with the old keys, your own ones too." },
        ends_not: html! { "The access of people, guest links, and counting: the page code on your pages goes on working, for it holds the site ID and no key." },
    }
}

fn sign_ins(reader: &Reader) -> Step {
    Step {
        id: "sign-ins",
        title: "Sign out everywhere else",
        how: html! {
            p { "If somebody may sit at a browser in which you are signed in, or may know your password:" }
            ol.steps {
                li { "Choose your account at the top right, then " (links::to_account(reader, "security", "Security")) "." }
                li { "Under " b { "Signed-in browsers" } ", press " b { "Sign out everywhere else" } ", or " b { "Sign out" } " beside one of them. Signing out everywhere else also forgets the " b { "Browsers you have used" } " except this one." }
                li { "Under " b { "Password" } ", choose another and press " b { "Change the password" } ". That signs out all other browsers too." }
            }
        },
        picture: None,
        ends: html! { "The browsers in which you yourself were signed in." },
        ends_not: html! { "The sign-ins of others. They need no ending: whoever is removed sees nothing of the site, signed in or not. Whoever runs the server can disable an account altogether." },
    }
}

fn sub_accounts(reader: &Reader) -> Step {
    Step {
        id: "sub-accounts",
        title: "Sub-accounts",
        how: html! {
            p { "Only if you look after accounts of clients. Go to " (links::to_account(reader, "sub-accounts", "Sub-accounts")) " and choose beside the account:" }
            dl.levels {
                dt { b { "Reset password" } } dd { "You get a link that sets a new password and signs them out everywhere." }
                dt { b { "Disable" } } dd { "They can't sign in any more, until you press " b { "Enable" } "." }
                dt { b { "Release …" } } dd { "It becomes an account of its own, with its sites. You see those no more." }
                dt { b { "Remove …" } } dd { "The account is gone, with its sites and all that was counted there." }
            }
        },
        picture: None,
        ends: html! { "Their signing in (disabled), or your own access to their sites (released), or both with everything they own (removed)." },
        ends_not: html! { "While disabled: their sites go on counting, and their keys, guest links and the people whom they let in go on. End those at each site, as above: press " b { "Act for" } " first." },
    }
}

const CHECK: &str = "Look whether all is as you want it";

fn check(reader: &Reader, place: usize) -> Markup {
    html! {
        section.step id="check" {
            h2 { (place) ". " (CHECK) }
            ul {
                li { (links::to(reader, Screen::WhoCanSeeWhat)) ", which you reach from Sharing, lists everybody and everything that sees something of this site: people, invitations, guest links and keys, with when each was last used and what ends it." }
                li { (links::to_account(reader, "access", "Who can see what")) " lists the same for all your sites at once. That is the place to find other sites that the person sees." }
                li { (links::to(reader, Screen::Audit)) " tells what was done, by whom, when and from where, for a year: also what you have just ended." }
            }
        }
    }
}
