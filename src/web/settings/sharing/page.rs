//! The page of the users with access.

use super::super::Tabs;
use super::invitation::NewLink;
use crate::access::level_text;
use crate::access::policy::Caller;
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::UserId;
use crate::model::level::Level;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::store::invitations::Pending;
use crate::store::shares::Share;
use crate::store::users::User;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};
use serde::Deserialize;
use strum::IntoEnumIterator;

/// The form that shares the site.
#[derive(Deserialize, Default)]
pub struct ShareForm {
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub level: String,
}

/// The outcome of a change that the user has to act on or to know.
pub enum SharingOutcome {
    /// The link of a new invitation, to be handed over.
    Invited(NewLink),
    /// A user was removed, with the number of open guest links: they may still know these and the keys.
    Removed(usize),
}

/// The values of the page.
pub struct SharingPage {
    pub tabs: Tabs,
    pub path: String,
    pub base: String,
    pub zone: Zone,
    pub owner: User,
    pub people: Vec<Share>,
    /// The default view of View Only users: whether they see the live list.
    pub default_visibility: Visibility,
    pub pending: Vec<Pending>,
    pub may_manage: bool,
    pub may_choose: bool,
    pub may_switch_billing: bool,
    /// The signed-in user.
    pub own: UserId,
    pub state: FormState<ShareForm>,
    /// The news that the page shows once, if there is one.
    pub news: Option<SharingOutcome>,
}

/// Renders the whole document.
pub fn page(frame: &Frame, view: &SharingPage) -> Markup {
    view.tabs.page(
        frame,
        &html! {
            (view.state.notice())
            @if let Some(sentence) = field::problem(&view.state.problems, "billing") { p.problem role="alert" { (sentence) } }
            @match &view.news {
                Some(SharingOutcome::Removed(links)) => (removed(view, *links)),
                Some(SharingOutcome::Invited(link)) => (invitation_notice(link)),
                None => {}
            }
            @if view.may_manage { (add_form(view)) }
            section {
                h2 { "With access" }
                p { a href={ (view.base) "/access" } { "Who can see what: people, links and keys →" } }
                ul.plain.rows.people {
                    li {
                        div { b { (view.owner.username) } " " span.tag { "Owner" } br; span.quiet { "since " (format::moment(&view.zone, view.owner.created_at, Moment::Short)) (last_seen(view, view.owner.signed_in_at)) } }
                    }
                    @for share in &view.people { (person(view, share)) }
                }
                @if view.people.is_empty() { p.quiet { "Nobody else sees this site." } }
            }
            @if !view.pending.is_empty() {
                section {
                    h2 { "Invited" }
                    ul.plain.rows { @for invitation in &view.pending { (pending(view, invitation)) } }
                }
            }
        },
    )
}

fn removed(view: &SharingPage, links: usize) -> Markup {
    html! {
        section.notice role="status" {
            p { "✓ They have no access any more. They may still know the site key: programs that use it go on reading." }
            @if links > 0 {
                p {
                    "They may also know the addresses of "
                    @if links == 1 { "the guest link that is open" } @else { "the " (links) " guest links that are open" }
                    ". " a href={ (view.base) "/preferences/public-access" } { "Give them new addresses under Public access →" }
                }
            }
            form method="post" action={ (view.base) "/preferences/info/rotate" } { button.warning type="submit" { "Replace both keys now" } }
        }
    }
}

fn invitation_notice(link: &NewLink) -> Markup {
    let days = limits::INVITATION_LASTS.as_secs() / 86_400;
    html! {
        section.notice role="status" {
            p {
                "✓ The invitation for " b { (link.email) } " is made. "
                @if link.is_mailed { "A letter with this link is on its way; you can also hand it over yourself." }
                @else if link.sends_mail { "No letter was sent: that mailbox got many from here lately. Send the link yourself." }
                @else { "This server sends no mail: hand the link over yourself." }
            }
            (field::copyable("Link", "invitation-link", &link.address))
            p.help { "It holds for " (days) " days, works once, and for whoever has it. It is shown here only now." }
        }
    }
}

fn levels(id: &str, chosen: Level) -> Markup {
    html! {
        @for level in Level::iter() {
            @let id = format!("{id}-{}", level.name());
            div.choice-line {
                input type="radio" id=(id) name="level" value=(level.name()) checked[level == chosen];
                label for=(id) { (level.title()) span.help { (level_text::sentence(Caller::from(level))) } }
            }
        }
    }
}

fn add_form(view: &SharingPage) -> Markup {
    let form = &view.state.form;
    let sentence = field::problem(&view.state.problems, "user");
    html! {
        section {
            h2 { "Add someone" }
            form.settings method="post" action=(view.path) {
                div.field {
                    label for="user" { "User name or e-mail address" }
                    input id="user" name="user" type="text" value=(form.user) autocomplete="off" autocapitalize="off" spellcheck="false" required
                        aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "user-problem")];
                    p.help { "Whoever has an account here sees the site at once. For anybody else you get an invitation to their e-mail address." }
                    @if let Some(sentence) = sentence { p.problem id="user-problem" role="alert" { (sentence) } }
                }
                fieldset.choices {
                    legend { "They may" }
                    (levels("level", Level::parse(&form.level).unwrap_or(Level::ViewOnly)))
                }
                button.primary type="submit" { "Share" }
                @if view.may_choose { p.help { a href={ (view.base) "/preferences/view-only" } { "Change what View Only sees →" } } }
            }
        }
    }
}

fn last_seen(view: &SharingPage, at: Option<Timestamp>) -> Markup {
    html! { " · " @match at { Some(at) => { "last seen " (format::moment(&view.zone, at, Moment::Short)) }, None => "not seen yet" } }
}

fn person(view: &SharingPage, share: &Share) -> Markup {
    let has_list = view.default_visibility.has(VisitorData::LiveList);
    html! {
        li {
            div {
                b { (share.called()) }
                " " span.tag { (share.level.title()) }
                @if share.sees_billing { " " span.tag.quiet-tag { "billing" } }
                @if share.level == Level::ViewOnly {
                    @if share.has_own_view { " " span.tag.quiet-tag { "own view" } }
                    @else if !has_list { " " span.tag.quiet-tag { "no live list" } }
                }
                br;
                span.quiet {
                    "since " (format::moment(&view.zone, share.created_at, Moment::Short))
                    @if let Some(giver) = &share.given_by { ", by " (giver) }
                    @if let Some(form) = share.given_as.as_ref().filter(|_| share.is_invited) { ", invited as " (form) }
                    (last_seen(view, share.seen_at))
                }
            }
            @if view.may_switch_billing && share.level == Level::Administrator { (billing(view, share)) }
            @if view.may_manage {
                details {
                    summary { "Change …" }
                    form.settings method="post" action={ (view.path) "/change" } {
                        input type="hidden" name="user" value=(share.user);
                        (levels(&format!("level-{}", share.user), share.level))
                        button.primary type="submit" { "Save" }
                        @if view.may_choose { p.help { a href={ (view.base) "/preferences/view-only?user=" (share.user) } { "What they alone see at View Only →" } } }
                    }
                }
                details {
                    summary { "Remove …" }
                    @if share.user == view.own { p { "This is you: you can't see this site any more until somebody shares it with you again." } }
                    @else { p { "They can't see this site any more, also not in browsers that are open now. What they shared with others stays. Their other sites are not concerned." } }
                    form method="post" action={ (view.path) "/remove" } {
                        input type="hidden" name="user" value=(share.user);
                        button.warning type="submit" { "Remove" }
                    }
                }
            }
        }
    }
}

fn billing(view: &SharingPage, share: &Share) -> Markup {
    let (next, label) =
        if share.sees_billing { ("off", "Hide the billing") } else { ("on", "Show the billing") };
    html! {
        details {
            summary { "Billing …" }
            p {
                @if share.sees_billing { "They see" } @else { "They do not see the billing. If you show it, they see" }
                " the name and the price of your plan, its totals, and the use of this site. Your other sites are one line without names, and the billing contact is not shown."
            }
            form method="post" action={ (view.path) "/billing" } {
                input type="hidden" name="user" value=(share.user);
                input type="hidden" name="billing" value=(next);
                button type="submit" { (label) }
            }
        }
    }
}

fn pending(view: &SharingPage, invitation: &Pending) -> Markup {
    let ends = invitation.created_at.after(limits::INVITATION_LASTS);
    html! {
        li {
            div {
                b { (invitation.email) } " " span.tag { (invitation.level.title()) } br;
                span.quiet { "invited" @if let Some(giver) = &invitation.given_by { " by " (giver) } ", until " (format::moment(&view.zone, ends, Moment::Short)) }
            }
            @if view.may_manage {
                div.buttons {
                    form method="post" action={ (view.path) "/invitations/renew" } { input type="hidden" name="email" value=(invitation.email); button type="submit" title="The old link ends" { "New link" } }
                    form method="post" action={ (view.path) "/invitations/withdraw" } { input type="hidden" name="email" value=(invitation.email); button type="submit" { "Withdraw" } }
                }
            }
        }
    }
}
