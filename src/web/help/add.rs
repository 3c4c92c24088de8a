//! The guide to adding access: for an account, by invitation, by a guest link, or by a sub-account.

use super::links::{self, Screen};
use super::picture;
use super::reader::Reader;
use crate::access::capability::Capability;
use crate::access::level_text;
use crate::limits;
use crate::model::level::Level;
use maud::{Markup, html};

const COMMANDS: &str = "\
clickstead share add --site 1 --user anna --level user
clickstead share list --site 1
clickstead link add --site 1 --name \"Green & Son\" --expires 2027-12-31
clickstead link add --site 1 --name \"Green & Son\" --password-stdin
clickstead user add green --email green@example.com --parent anna";

/// Renders the guide.
pub fn content(reader: &Reader) -> Markup {
    html! {
        p { "Access is given site by site. Whoever you let in sees this one site and nothing else of yours." }
        p { "Who can do this: " (level_text::who_may(Capability::ManagePeople)) "." }
        (which_way())
        (share(reader))
        (invite(reader))
        (level(reader))
        (guest_link(reader))
        (sub_account(reader))
        (links::commands(COMMANDS))
    }
}

fn which_way() -> Markup {
    html! {
        section {
            h2 { "Which way?" }
            dl.levels {
                dt { "A colleague" } dd { a href="#share" { "Share the site" } " with their account. They sign in and find the site beside their own." }
                dt { "Somebody without an account" } dd { a href="#invite" { "Invite them" } " by e-mail. The invitation makes their account." }
                dt { "A client who only looks" } dd { a href="#guest-link" { "Make a guest link" } ": chosen reports for whoever has its address, without an account. Or share the site at View Only." }
                dt { "A page of your own" } dd { a href="#guest-link" { "Make a guest link" } " that your page may hold in a frame." }
                dt { "A client with sites of their own" } dd { a href="#sub-account" { "Add a sub-account" } ", which you look after." }
            }
        }
    }
}

fn share(reader: &Reader) -> Markup {
    html! {
        section id="share" {
            h2 { "Share the site with somebody who has an account" }
            ol.steps {
                li { (links::first_step(reader, Screen::Sharing)) }
                li { "Under " b { "Add someone" } ", type their " b { "User name or e-mail address" } "." }
                li { "Under " b { "They may" } ", choose " b { "Administrator" } ", " b { "User" } " or " b { "View Only" } ". Each says below it what it can and cannot do." }
                li { "Press " b { "Share" } "." }
            }
            (picture::image("share", "The form “Add someone”: a field for user name or e-mail address, the three levels with what each may do, and the button Share."))
            p { "They see the site at once, in the list of sites at the top left: their own sites first, then those that are shared with them. Everybody with access stands under " b { "With access" } ": at which level, since when, by whom, and when they were last here." }
            (picture::image("people", "The list of people with access: the owner, an Administrator, a User and somebody with View Only, each with when they were last seen, and an invitation below them."))
            p { "“Nobody was let in” means that nobody here has that user name. Names are never completed or listed, so ask for the exact one, or type the e-mail address instead." }
        }
    }
}

fn invite(reader: &Reader) -> Markup {
    let days = limits::INVITATION_LASTS.as_secs() / 86_400;
    html! {
        section id="invite" {
            h2 { "Invite somebody by e-mail" }
            ol.steps {
                li { "Go to " (links::to(reader, Screen::Sharing)) ", type their e-mail address, choose a level and press " b { "Share" } ", as above." }
                li { "For an address that nobody here has confirmed as theirs, you get an invitation: a link, shown only this once. Copy it and hand it over. If your server sends mail, a letter with it is on its way already." }
                li { "They open the link and press " b { "Make the account" } ". If they have an account here under another address, they sign in and accept with that. A new account signs in with its user name, and with its e-mail address once that is confirmed; the link in the letter confirms it." }
            }
            (picture::image("invitation", "After inviting: a box that says that the invitation is made, with the link to copy."))
            p { "The link works once, for " (days) " days, and for whoever has it: hand it over as you would a key. Afterwards the list says which account took it. Until then it stands under " b { "Invited" } ": " b { "New link" } " makes another one and ends the old one, " b { "Withdraw" } " ends it." }
            p { "Whoever was invited owns no sites of their own until whoever runs the server allows it." }
        }
    }
}

fn level(reader: &Reader) -> Markup {
    html! {
        section id="level" {
            h2 { "Which level?" }
            dl.levels { @for level in Level::ALL { dt { (level.title()) } dd { (level_text::sentence(level.into())) } } }
            p { "Administrators may also change and remove each other; only the owner is safe from them. What View Only shows is up to you: " a href={ (reader.guide("update-access")) "#view-only" } { "choose what View Only people see" } ". Everything, right by right: " a href=(reader.guide("levels")) { "Levels" } "." }
        }
    }
}

fn guest_link(reader: &Reader) -> Markup {
    html! {
        section id="guest-link" {
            h2 { "Make a guest link for a client" }
            p { "A guest link opens chosen reports of this site to whoever has its address. It needs no account, and gives no files and no settings. A site can have any number of them: one for each client, so that you can end each by itself." }
            ol.steps {
                li { (links::first_step(reader, Screen::PublicAccess)) }
                li { "Press " b { "New guest link" } " and give it a " b { "Name" } ", such as your client's. Only you see that." }
                li { "To ask for a password, type one under " b { "Password" } ". Send it separately from the link." }
                li { "To let it end by itself, choose its " b { "Last day" } "." }
                li { "Tick what it shows: what of " b { "Visitors" } ", and which reports." }
                li { "Press " b { "Make the link" } ". It stands in the list now, with its " b { "Address" } ": copy that and pass it on." }
            }
            (picture::image("link-form", "The form of a guest link: name, password, last day, white label, embedding, and what it shows of visitors."))
            (picture::image("links", "The list of guest links: each with its state, how often it was opened, its address, and buttons to change, disable, renew and remove it."))
            h3 { "In a page of your own" }
            p { "Write the address of your website under " b { "Embedding" } ", such as https://www.example.com, and save. The list then offers the lines " b { "For a page of yours" } ": put them into your page. No other website can hold it in a frame." }
            h3 { "Under your own name" }
            p { "Tick " b { "White label" } ", and the page wears your brand and names this program nowhere. You choose the brand under Preferences → Site settings → White label." }
        }
    }
}

fn sub_account(reader: &Reader) -> Markup {
    html! {
        section id="sub-account" {
            h2 { "Look after a client's account" }
            p { "A sub-account is an account that you make for a client and manage. They sign in by themselves and see their own sites: nothing of yours, and nothing of each other's. You see their sites in your list." }
            ol.steps {
                li { "Choose your account at the top right, then " (links::to_account(reader, "sub-accounts", "Sub-accounts")) "." }
                li { "Under " b { "Add a sub-account" } ", type user name and e-mail address, and press " b { "Add" } "." }
                li { "Hand over the link that you get: with it they set their password. If your server sends mail, they get a letter with it too, which also confirms their address." }
                li { "To work in their account, press " b { "Act for" } ". A line above every page says that you do, and the audit log keeps both names." }
            }
            p { "What you charge them, and what they use of it, stands under " (links::to_account(reader, "billing", "Billing")) "." }
        }
    }
}
