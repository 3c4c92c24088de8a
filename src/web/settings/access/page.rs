//! The lists of who can see a site.

use super::people::{KeyUses, PeopleOfSite, Person, SiteToken};
use crate::alerts::webhooks::settings as webhooks;
use crate::http::guest;
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::level::Level;
use crate::model::webhook::Webhook;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::store::invitations::Pending;
use crate::store::links::Link;
use crate::store::sites::Site;
use crate::store::tokens::{PersonalToken, TokenScope};
use crate::web::layout::Frame;
use crate::web::settings::{key_use, public_access};
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};
use strum::VariantArray;

/// Renders the page for one site.
pub fn site(frame: &Frame, access: &PeopleOfSite) -> Markup {
    frame.page(&html! {
        p.crumbs { a href={ (access.base) "/preferences/sharing" } { "Preferences → Site settings → Sharing" } }
        h1 { "Who can see what" }
        p { "Everybody and everything that sees something of " b { (access.name) } ", with when it was last used. What you end here ends with the next request." }
        (lists(access))
        p.help { "What was changed, and by whom: " a href={ (access.base) "/preferences/audit" } { "Audit log" } "." }
    })
}

/// Renders the list for all sites that an account owns, the sites that others share with it, and its tokens; `None` for a
/// parent who acts for the account.
pub fn account(
    own: &[PeopleOfSite],
    shared: &[(Site, Level)],
    tokens: Option<&[PersonalToken]>,
    now: Timestamp,
) -> Markup {
    html! {
        p { "Everybody and everything that sees something of your sites, with when it was last used." }
        @if own.is_empty() { p.quiet { "You own no site, so nobody sees anything of yours." } }
        @for access in own {
            section.site-access {
                h2 { a href={ (access.base) "/access" } { (access.name) } }
                (lists(access))
            }
        }
        @if !shared.is_empty() {
            section {
                h2 { "What you see of others" }
                ul.plain.rows {
                    @for (site, level) in shared {
                        li {
                            div { b { a href={ "/sites/" (site.id) } { (site.name) } } " " span.tag { (level.title()) } }
                            (ended(&format!("/sites/{}/leave", site.id), "Leave …", "Leave", "You can't see it any more until somebody shares it with you again.", None))
                        }
                    }
                }
            }
        }
        @if let Some(tokens) = tokens.filter(|tokens| !tokens.is_empty()) { (own_tokens(tokens, now)) }
        p.help { "Browsers in which you are signed in stand under " a href="/account/security" { "Security" } "." }
    }
}

fn own_tokens(tokens: &[PersonalToken], now: Timestamp) -> Markup {
    let utc = Zone::utc();
    html! {
        section {
            h2 { "Your personal tokens" }
            p { a href="/account/tokens" { "Make and remove tokens →" } }
            ul.plain.rows {
                @for token in tokens {
                    li {
                        div {
                            b.cut-any { (token.name) }
                            @if token.has_expired(now) { " " span.tag.quiet-tag { "expired" } }
                            br;
                            span.quiet {
                                @match &token.scope {
                                    TokenScope::AllSites => "all sites",
                                    TokenScope::Sites(sites) if sites.len() == 1 => "1 site",
                                    TokenScope::Sites(sites) => { (sites.len()) " sites" }
                                }
                                @if token.may_write { ", reads and writes" } @else { ", only reads" }
                                @if let Some(end) = token.expires_at { ", until " (format::last_day(&utc, end)) }
                                " · " (key_use::last_use(&utc, token.used.as_ref()))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lists(access: &PeopleOfSite) -> Markup {
    html! {
        h3 { "People" }
        ul.plain.rows {
            li { div { b { (access.owner.username) } " " span.tag { "Owner" } br; span.quiet { "everything" (last("seen", access, access.owner.signed_in_at)) } } }
            @if let Some(parent) = &access.parent {
                li { div { b { (parent) } " " span.tag.quiet-tag { "manages the owner's account" } br; span.quiet { "everything, acting for " (access.owner.username) } } }
            }
            @for person in &access.people { (self::person(access, person)) }
            @for pending in &access.pending { (invited(access, pending)) }
        }
        h3 { "Guest links" }
        @if access.links.is_empty() { p.quiet { "None." } } @else {
            ul.plain.rows { @for link in &access.links { (guest_link(access, link)) } }
        }
        h3 { "Personal tokens" }
        @if access.tokens.is_empty() { p.quiet { "None." } } @else {
            ul.plain.rows { @for token in &access.tokens { (self::token(access, token)) } }
        }
        @if !access.webhooks.is_empty() {
            h3 { "Webhooks" }
            ul.plain.rows { @for webhook in &access.webhooks { (self::webhook(access, webhook)) } }
        }
        @if let Some(uses) = &access.key_uses {
            h3 { "Keys" }
            ul.plain.rows { (keys(access, uses)) }
        }
    }
}

fn last(what: &str, access: &PeopleOfSite, at: Option<Timestamp>) -> Markup {
    html! {
        " · "
        @match at { Some(at) => { "last " (what) " " (format::moment(&access.zone, at, Moment::Short)) }, None => { "not " (what) " yet" } }
    }
}

/// Returns a short text of what a View Only user sees, such as `12 reports, cities`.
fn scope(visibility: &Visibility) -> String {
    let reports = visibility.reports().count();
    let data = VisitorData::VARIANTS
        .iter()
        .copied()
        .filter(|data| visibility.has(*data))
        .map(|data| data.explained().0);
    let first = if reports == 1 { "1 report".to_owned() } else { format!("{reports} reports") };
    std::iter::once(first).chain(data.map(str::to_lowercase)).collect::<Vec<_>>().join(", ")
}

/// Renders the fold-out with what an ending does and its button.
fn ended(action: &str, title: &str, label: &str, sentence: &str, field: Option<(&str, &str)>) -> Markup {
    html! {
        details {
            summary { (title) }
            p { (sentence) }
            form method="post" action=(action) {
                @if let Some((name, value)) = field { input type="hidden" name=(name) value=(value); }
                button.warning type="submit" { (label) }
            }
        }
    }
}

fn person(access: &PeopleOfSite, person: &Person) -> Markup {
    let share = &person.share;
    html! {
        li {
            div {
                b { (share.called()) } " " span.tag { (share.level.title()) } br;
                span.quiet {
                    @match (&person.visibility, share.level) {
                        (Some(visibility), _) => (scope(visibility)),
                        (None, Level::Administrator) => "everything, but giving away and deleting",
                        (None, _) => "all reports and visitors, changes nothing",
                    }
                    (last("seen", access, share.seen_at))
                    @if let Some(parent) = &person.parent { br; "managed by " (parent) ", who can act for them and sees the same" }
                }
            }
            @if access.may_manage_people {
                (ended(&format!("{}/preferences/sharing/remove", access.base), "Remove …", "Remove", "They can't see this site any more, also not in browsers that are open now. They may still know the keys.", Some(("user", &share.user.to_string()))))
            }
        }
    }
}

fn invited(access: &PeopleOfSite, pending: &Pending) -> Markup {
    let ends = pending.created_at.after(limits::INVITATION_LASTS);
    html! {
        li {
            div {
                b { (pending.email) } " " span.tag { (pending.level.title()) } br;
                span.quiet { "invited, until " (format::moment(&access.zone, ends, Moment::Short)) }
            }
            @if access.may_manage_people {
                (ended(&format!("{}/preferences/sharing/invitations/withdraw", access.base), "Withdraw …", "Withdraw", "The link opens nothing any more.", Some(("email", &pending.email))))
            }
        }
    }
}

fn webhook(access: &PeopleOfSite, webhook: &Webhook) -> Markup {
    html! {
        li {
            div {
                b { a href={ (access.base) "/preferences/webhooks/" (webhook.id) } { (webhook.settings.name) } } " " span.tag { (webhook.settings.format.title()) }
                @if webhook.is_paused { " " span.tag.quiet-tag { "paused" } }
                br;
                span.quiet { "gets the alerts that name it · " (webhooks::host(&webhook.settings.url)) }
            }
        }
    }
}

fn guest_link(access: &PeopleOfSite, link: &Link) -> Markup {
    let path = format!("{}/preferences/public-access/{}", access.base, link.id);
    html! {
        li {
            div {
                b { a href=(path) { (link.name) } }
                @if !link.is_open(access.now) { " " span.tag.quiet-tag { @if link.disabled_at.is_some() { "disabled" } @else { "has run out" } } }
                br;
                span.quiet {
                    (scope(&Visibility::read(Some(&link.view))))
                    @if let Some(only) = public_access::only(link) { ", only visits for which " (only) }
                    @if link.password.is_some() { ", with a password" } @else { ", for whoever has the address" }
                    @if let Some(end) = link.expires_at { ", until " (format::last_day(&access.zone, end)) }
                    (last("opened", access, link.opened_at))
                }
                @for (_, address) in access.mailed.iter().filter(|(id, _)| *id == link.id) { br; span.quiet { "Goes by e-mail to " span.cut-any { (address) } } }
                @if link.is_open(access.now) { br; code.address { (guest::path(&link.token)) } }
            }
            @if access.may_manage_links {
                @if link.disabled_at.is_none() {
                    (ended(&format!("{path}/disable"), "Disable …", "Disable", "It opens nothing any more, until somebody enables it again.", None))
                } @else {
                    (ended(&format!("{path}/remove"), "Remove …", "Remove", "It is gone for good, with its count of views.", None))
                }
            }
        }
    }
}

/// Renders a token. Where it was used last is its person's business: it may have been another site.
fn token(access: &PeopleOfSite, site_token: &SiteToken) -> Markup {
    let SiteToken { token, person, writes } = site_token;
    html! {
        li {
            div {
                b.cut-any { (token.name) } " " span.tag { "of " (person) } br;
                span.quiet {
                    @if *writes { "for programs: reads and writes" } @else { "for programs: only reads" }
                    @if let Some(end) = token.expires_at { ", expires after " (format::last_day(&Zone::utc(), end)) }
                    (last("used", access, token.used.as_ref().map(|used| used.at)))
                }
            }
        }
    }
}

fn keys(access: &PeopleOfSite, uses: &KeyUses) -> Markup {
    html! {
        li {
            div {
                b { "Site key" } br;
                span.quiet { "for programs: reads all of this site and sends hits · " (key_use::last_use(&access.zone, uses.site.as_ref())) }
            }
        }
        li {
            div {
                b { "Admin key" } br;
                span.quiet { "for your own server: logs hits, reads nothing" (last("used", access, uses.admin_at)) }
            }
            @if access.may_rotate {
                (ended(&format!("{}/preferences/info/rotate", access.base), "New keys …", "Replace both keys now", "Every program that uses one of these keys stops working until you give it the new one. Page code and people are not concerned.", None))
            }
        }
    }
}
