//! The page of the tokens.

use super::form::{SiteChoice, TokenForm};
use crate::accounts::tokens::TokenSite;
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::TokenSecret;
use crate::store::tokens::{PersonalToken, TokenScope};
use crate::web::account;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::settings::key_use;
use crate::web::ui::field::{self, Field};
use crate::web::ui::format;
use maud::{Markup, html};

/// The path of the page.
pub const PATH: &str = "/account/tokens";

/// The values of the page.
pub struct TokensPage {
    /// The person's tokens.
    pub tokens: Vec<PersonalToken>,
    /// The sites that a token may open.
    pub sites: Vec<TokenSite>,
    /// The present time.
    pub now: Timestamp,
    /// The state of the form for a new token.
    pub state: FormState<TokenForm>,
    /// The token that was made by this request.
    pub new: Option<NewToken>,
}

/// A token that was just made.
pub struct NewToken {
    /// Its text.
    pub secret: TokenSecret,
    /// The address of this server.
    pub origin: String,
}

/// Renders the whole document.
pub fn page(frame: &Frame, view: &TokensPage) -> Markup {
    account::page(
        frame,
        PATH,
        &html! {
            @match &view.new {
                Some(new) => (shown_once(new, view.state.notice)),
                None => (view.state.notice()),
            }
            p.measure { "A token lets a program – a spreadsheet, a script, an AI assistant – read the numbers that you can see. If you lose access to a site, so does the token. Treat it like a password. " a href="/help/api" { "How to use a token, with examples" } }
            @if !view.tokens.is_empty() {
                section {
                    h2 { "Your tokens" }
                    ul.plain.rows.tokens {
                        @for token in &view.tokens { (row(view, token)) }
                    }
                }
            }
            // The answer to the form scrolls to what is new in it.
            section id=[view.new.is_none().then_some("new")] {
                h2 { "New token" }
                @if view.sites.is_empty() {
                    p.measure { "Programs can read sites that you own, or that are shared with you as Administrator or User. You have none yet." }
                } @else if view.tokens.len() >= limits::TOKENS_PER_USER_MAX {
                    p.measure { "You have " (view.tokens.len()) " tokens, which is the most. Remove one first." }
                } @else {
                    (form(view))
                }
            }
        },
    )
}

fn shown_once(new: &NewToken, notice: Option<&str>) -> Markup {
    let secret = new.secret.expose();
    let example = format!("curl -H 'Authorization: Bearer {secret}' {}/api/v1/sites", new.origin);
    html! {
        section.notice id="new" role="status" {
            @if let Some(notice) = notice { p { "✓ " (notice) " Copy it now: " b { "it won't be shown again." } } }
            (field::copyable("Token", "token", secret))
            (field::copyable("Try it", "token-example", &example))
        }
    }
}

fn row(view: &TokensPage, token: &PersonalToken) -> Markup {
    let utc = Zone::utc();
    let has_expired = token.has_expired(view.now);
    html! {
        li {
            div {
                b.cut-any { (token.name) }
                " " span.tag.quiet-tag[!token.may_write] { @if token.may_write { "reads and writes" } @else { "only reads" } }
                @if has_expired { " " span.tag.quiet-tag { "expired" } }
                br;
                span.quiet {
                    (scope(view, token))
                    br;
                    "Made " (format::day(utc.day(token.created_at)))
                    @if let Some(end) = token.expires_at {
                        @if has_expired { ", expired after " } @else { ", expires after " }
                        (format::last_day(&utc, end))
                    }
                    br;
                    (last_use(token))
                }
            }
            details {
                summary aria-label={ "Remove " (token.name) } { "Remove …" }
                p { "Programs that have this token stop working at once." }
                form method="post" action={ (PATH) "/remove" } {
                    input type="hidden" name="token" value=(token.id);
                    button.warning type="submit" { "Remove" }
                }
            }
        }
    }
}

/// Renders the last use of a token, as a sentence.
fn last_use(token: &PersonalToken) -> Markup {
    html! {
        @match &token.used {
            Some(used) => { "Last used " (key_use::used(&Zone::utc(), used)) }
            None => "Not used yet"
        }
    }
}

/// Renders the sites that a token opens. Sites that its person may not read at this moment are only counted.
fn scope(view: &TokensPage, token: &PersonalToken) -> Markup {
    let TokenScope::Sites(chosen) = &token.scope else { return html! { "All sites" } };
    let open = view.sites.iter().filter(|token_site| chosen.contains(&token_site.site.id));
    let domains: Vec<&str> = open.map(|token_site| token_site.site.domain.as_str()).collect();
    html! {
        (domains.join(", "))
        @match chosen.len() - domains.len() {
            0 if domains.is_empty() => "No site: those you chose are deleted",
            0 => {}
            closed => {
                @if !domains.is_empty() { ", and " }
                (closed) @if closed == 1 { " site" } @else { " sites" } " that you can't read now"
            }
        }
    }
}

fn form(view: &TokensPage) -> Markup {
    let (form, problems) = (&view.state.form, &view.state.problems);
    let name = Field {
        name: "name",
        label: "Name",
        kind: "text",
        value: &form.name,
        autocomplete: "off",
        help: Some(
            "What uses it, such as “Weekly spreadsheet”. People who manage a site see the names of tokens that read it.",
        ),
        is_required: true,
    };
    let expires = Field {
        name: "expires",
        label: "Last day",
        kind: "date",
        value: &form.expires,
        autocomplete: "off",
        help: Some("It works to the end of that day, in UTC. Leave empty for no expiry."),
        is_required: false,
    };
    let writing = field::problem(problems, "may_write");
    html! {
        form.settings method="post" action={ (PATH) "#new" } {
            (field::input(&name, problems))
            (site_choice(view))
            (field::input(&expires, problems))
            @if view.sites.iter().any(|token_site| token_site.may_write) || form.may_write {
                (field::switch("may_write", "May also write", Some("For programs on your server that record visits or orders. Works on sites that you own or administer."), form.may_write))
                @if let Some(sentence) = writing { p.problem role="alert" { (sentence) } }
            }
            button.primary type="submit" { "Create token" }
        }
    }
}

fn site_choice(view: &TokensPage) -> Markup {
    let form = &view.state.form;
    let choice = |value: &str, choice: SiteChoice, label: &str, help: Option<&str>| {
        let id = format!("sites-{value}");
        html! {
            div.choice-line {
                input type="radio" id=(id) name="sites" value=(value) checked[form.choice == choice];
                label for=(id) { (label) @if let Some(help) = help { span.help { (help) } } }
            }
        }
    };
    html! {
        fieldset.choices.token-sites {
            legend { "Sites" }
            (choice("all", SiteChoice::All, "All sites", Some("Also those that you add or get access to later.")))
            (choice("ticked", SiteChoice::Ticked, "Only these sites", None))
            div.tick-list {
                div {
                    @for TokenSite { site, may_write } in &view.sites {
                        @let id = format!("site-{}", site.id);
                        div.choice-line {
                            input type="checkbox" id=(id) name="site" value=(site.id) checked[form.ticked.contains(&site.id)];
                            label for=(id) { span.cut-any { (site.domain) } @if !may_write { " " span.tag.quiet-tag { "read only" } } }
                        }
                    }
                }
            }
            @if let Some(sentence) = field::problem(&view.state.problems, "sites") { p.problem role="alert" { (sentence) } }
        }
    }
}
