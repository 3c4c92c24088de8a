//! The page of the sub-accounts: the list, and the form of a new one.

use super::password_link::{PasswordLink, Sent};
use crate::accounts::account_form::AccountForm;
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::UserId;
use crate::store::sites::Site;
use crate::store::users::User;
use crate::web::account::page as tabbed;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::ui::account_fields::{AccountFieldsUse, account_fields};
use crate::web::ui::field;
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};
use serde::Deserialize;

/// The form of a new sub-account; the forms of an existing one use some of its fields.
#[derive(Deserialize, Default)]
pub struct SubAccountForm {
    #[serde(flatten)]
    pub account: AccountForm,
    /// The most sites that the account may own; empty: any number.
    #[serde(default)]
    pub sites: String,
}

/// The form with the account that it is about.
#[derive(Default)]
pub struct TypedSubAccount {
    pub values: SubAccountForm,
    /// The sub-account that the form is about; `None`: the new one.
    pub concerns: Option<UserId>,
}

/// A sub-account in the list.
pub struct Row {
    pub user: User,
    pub sites: Vec<Site>,
    pub sites_max: Option<i64>,
}

impl Row {
    /// Returns true if the problems of the page belong to this account.
    pub fn is_concerned(&self, state: &FormState<TypedSubAccount>) -> bool {
        state.form.concerns == Some(self.user.id)
    }
}

/// The values of the page.
pub struct SubAccountsPage {
    pub rows: Vec<Row>,
    /// The reason why no sub-account can be added; `None` if one can.
    pub refusal: Option<String>,
    /// The most sites of the parent's own plan, those of sub-accounts included.
    pub plan: Option<i64>,
    pub state: FormState<TypedSubAccount>,
    /// A link that was just made.
    pub link: Option<PasswordLink>,
}

const PATH: &str = "/account/sub-accounts";

/// Renders the whole document.
pub fn page(frame: &Frame, view: &SubAccountsPage) -> Markup {
    tabbed(
        frame,
        PATH,
        &html! {
            (view.state.notice())
            @if let Some(link) = &view.link { (made(link)) }
            @if frame.is_managed {
                p { "Your account is a sub-account itself. A sub-account can't have sub-accounts of its own." }
            } @else {
                p.measure { "A sub-account is an account that you manage for somebody, such as a client. They sign in by themselves and see their own sites, nothing of yours and nothing of each other's. You see their sites in your list of sites, and can act for them." }
                @if !view.rows.is_empty() { ul.plain.rows.accounts { @for one in &view.rows { (row(view, one)) } } }
                @match &view.refusal {
                    Some(sentence) => p.problem role=[(!view.state.problems.is_empty()).then_some("alert")] { (sentence) },
                    None => (add_form(view)),
                }
            }
        },
    )
}

fn made(link: &PasswordLink) -> Markup {
    let minutes = limits::RESET_LASTS.as_secs() / 60;
    html! {
        section.notice role="status" {
            p {
                @if link.is_first { "✓ The account " b { (link.username) } " is made. " }
                @else { "✓ The link for " b { (link.username) } " is made. " }
                @match &link.sent {
                    Sent::To(address) => { "A letter with this link is on its way to " (address) "; you can also hand it over yourself." }
                    Sent::Unproved => "Their address is not confirmed, so no letter goes there: hand the link over yourself.",
                    Sent::NoMail => "This server sends no mail: hand the link over yourself.",
                }
            }
            (field::copyable("Link", "password-link", &link.address))
            p.help {
                @if link.is_first { "It sets their password. " } @else { "It sets a new password and signs them out everywhere; the old one holds until then. " }
                "The link holds for " (minutes) " minutes and works once. It is shown here only now."
            }
        }
    }
}

fn sites_help(plan: Option<i64>) -> String {
    match plan {
        Some(most) => format!(
            "Leave it empty for as many as there is room for. Your plan has room for {most} sites, those of your sub-accounts \
             included."
        ),
        None => "Leave it empty for any number.".to_owned(),
    }
}

fn add_form(view: &SubAccountsPage) -> Markup {
    let state = &view.state;
    let blank = SubAccountForm::default();
    let (form, problems) = match state.form.concerns {
        None => (&state.form.values, state.problems.as_slice()),
        Some(_) => (&blank, [].as_slice()),
    };
    html! {
        section id="add" {
            h2 { "Add a sub-account" }
            form.settings method="post" action={ (PATH) "#add" } {
                (account_fields(&form.account, AccountFieldsUse::Others, problems))
                (sites_field("sites", &form.sites, view.plan, field::problem(problems, "sites")))
                button.primary type="submit" { "Add" }
            }
        }
    }
}

fn sites_field(id: &str, value: &str, plan: Option<i64>, sentence: Option<&str>) -> Markup {
    html! {
        div.field {
            label for=(id) { "Sites they may own " span.quiet { "(optional)" } }
            input id=(id) name="sites" type="text" inputmode="numeric" value=(value) autocomplete="off"
                aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| format!("{id}-problem"))];
            p.help { (sites_help(plan)) }
            @if let Some(sentence) = sentence { p.problem id={ (id) "-problem" } role="alert" { (sentence) } }
        }
    }
}

fn row(view: &SubAccountsPage, row: &Row) -> Markup {
    let (user, path) = (&row.user, format!("{PATH}/{}", row.user.id));
    let problems = if row.is_concerned(&view.state) { view.state.problems.as_slice() } else { &[] };
    let problem = |name| field::problem(problems, name);
    let is_disabled = user.disabled_at.is_some();
    html! {
        li id={ "account-" (user.id) } {
            div {
                b { (user.username) } @if is_disabled { " " span.tag.quiet-tag { "disabled" } } br;
                span.quiet {
                    (user.email) " · " (sites(row)) " · since " (moment(user.created_at))
                    " · " @match user.signed_in_at { Some(at) => { "last signed in " (moment(at)) }, None => "never signed in" }
                }
                @if let Some(sentence) = problem("username") { p.problem role="alert" { (sentence) } }
            }
            div.buttons {
                (act(&path, "act", "Act for", &user.username))
                @if is_disabled { (act(&path, "enable", "Enable", &user.username)) }
                @else { (act(&path, "reset", "Reset password", &user.username)) (act(&path, "disable", "Disable", &user.username)) }
            }
            div.more {
                (allow_sites(view, row, &path, problem("sites")))
                (release(view, row, &path))
                (remove(view, row, &path, problem("remove")))
            }
        }
    }
}

fn moment(at: Timestamp) -> Markup {
    format::moment(&Zone::utc(), at, Moment::Full)
}

fn sites(row: &Row) -> Markup {
    html! {
        (row.sites.len()) @if row.sites.len() == 1 { " site" } @else { " sites" }
        @if let Some(most) = row.sites_max { " of " (most) }
    }
}

/// Renders a button with a label that also names the sub-account for screen readers.
fn act(path: &str, name: &str, label: &str, username: &str) -> Markup {
    html! { form method="post" action={ (path) "/" (name) } { button type="submit" aria-label={ (label) " " (username) } { (label) } } }
}

fn allow_sites(view: &SubAccountsPage, row: &Row, path: &str, sentence: Option<&str>) -> Markup {
    let stored = row.sites_max.map(|most| most.to_string()).unwrap_or_default();
    let value = if sentence.is_some() { &view.state.form.values.sites } else { &stored };
    html! {
        details open[sentence.is_some()] {
            summary { "Sites …" }
            form.settings method="post" action={ (path) "/sites" } {
                (sites_field(&format!("sites-{}", row.user.id), value, view.plan, sentence))
                button type="submit" { "Save" }
            }
        }
    }
}

fn release(view: &SubAccountsPage, row: &Row, path: &str) -> Markup {
    let name = &row.user.username;
    html! {
        details {
            summary { "Release …" }
            p { "This makes " b { (name) } " an account of its own, with its sites. You don't see those any more and can't act for it. Only whoever runs this server can undo that." }
            @if view.plan.is_some() { p { "Your plan has room for fewer sites then: it gives away the room for those of " (name) "." } }
            form method="post" action={ (path) "/release" } { button.warning type="submit" { "Release" } }
        }
    }
}

fn remove(view: &SubAccountsPage, row: &Row, path: &str, sentence: Option<&str>) -> Markup {
    let (name, id) = (&row.user.username, format!("remove-{}", row.user.id));
    let refused_name = sentence.map(|_| view.state.form.values.account.username.as_str());
    let domains: Vec<&str> = row.sites.iter().map(|site| site.domain.as_str()).collect();
    html! {
        details open[refused_name.is_some()] {
            summary { "Remove …" }
            @if row.sites.is_empty() { p { "This removes the account " b { (name) } " for good. It owns no site." } }
            @else {
                p { "This removes the account " b { (name) } " for good, and with it its sites, with everything counted there: " b { (domains.join(", ")) } "." }
                p { "To keep a site, act for " (name) " first and give the site to another account: Preferences → Site info." }
            }
            form.settings method="post" action={ (path) "/remove#account-" (row.user.id) } {
                div.field {
                    label for=(id) { "Type " b { (name) } " to remove it" }
                    input id=(id) name="username" type="text" value=[refused_name] autocomplete="off" autocapitalize="off" spellcheck="false" required
                        aria-invalid=[refused_name.map(|_| "true")] aria-describedby=[refused_name.map(|_| format!("{id}-problem"))];
                    @if let Some(sentence) = sentence { p.problem id={ (id) "-problem" } role="alert" { (sentence) } }
                }
                button.warning type="submit" { "Remove for good" }
            }
        }
    }
}
