//! The page of Site info, with the result of whichever of its forms was sent.

use super::super::Tabs;
use super::code_check_section::{self, CheckOutcome};
use super::transfer_section::{self, TransferState};
use crate::access::capability::Capability;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::model::clock::Timestamp;
use crate::reports::site_summary;
use crate::store::key_uses::{self, KeyUse};
use crate::store::sites::{Keys, Site};
use crate::web::layout::form_state::FormState;
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings::key_use;
use crate::web::settings::site_form::SiteForm;
use crate::web::ui::field;
use crate::web::ui::page_code::PageCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The form of the page that was sent, and what the page shows of it.
#[derive(Default)]
pub enum SentForm {
    /// None of them.
    #[default]
    None,
    /// The saved name, domain and time zone; the domain that the site had before stays one of its hosts.
    Saved { former_domain: String },
    /// The refused name, domain and time zone, as typed.
    Basics(SiteForm),
    /// The requested keys.
    Keys { keys: Keys, are_new: bool },
    /// The check of the page code.
    Check(CheckOutcome),
    /// The refused text of a form at the end of the page, as typed.
    Confirmation(String),
}

struct View {
    tabs: Tabs,
    site: Site,
    code: PageCode,
    may_change: bool,
    keys: Option<KeysView>,
    newest_visit: Option<Timestamp>,
    transfer: Option<TransferState>,
    state: FormState<SentForm>,
}

/// The keys, for a caller who may see them.
struct KeysView {
    /// The keys if they were requested; else they are hidden.
    shown: Option<ShownKeys>,
    last_use: Option<KeyUse>,
}

struct ShownKeys {
    site: String,
    admin: String,
    are_new: bool,
}

/// Returns the page, also after one of its forms.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn answer<R>(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<R>,
    state: FormState<SentForm>,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "Site info", NavItem::Preferences).await?;
    let site = access.site.id;
    let (newest_visit, last_use) = app
        .read(move |connection| {
            Ok((site_summary::newest_visit(connection, site)?, key_uses::find(connection, site)?))
        })
        .await?;
    let shown = match &state.form {
        SentForm::Keys { keys, are_new } => Some(ShownKeys {
            site: keys.site.expose().into(),
            admin: keys.admin.expose().into(),
            are_new: *are_new,
        }),
        _ => None,
    };
    let view = View {
        tabs: Tabs::for_screen(access, "info"),
        site: access.site.clone(),
        code: PageCode::new(site, &client::origin(request, &app.config)),
        may_change: access.may(Capability::ChangeSiteSettings),
        keys: access.may(Capability::SeeSiteKey).then_some(KeysView { shown, last_use }),
        newest_visit,
        transfer: TransferState::load(app, request, access).await?,
        state,
    };
    Ok(view.state.response(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let path = Tabs::path(view.site.id, "info");
    let outcome = if let SentForm::Check(outcome) = &view.state.form { Some(outcome) } else { None };
    let refused_text = if let SentForm::Confirmation(text) = &view.state.form { text } else { "" };
    view.tabs.page(
        frame,
        &html! {
            (view.state.notice())
            @if let SentForm::Saved { former_domain: former } = &view.state.form {
                p.help { "Hits from " b.cut-any { (former) } " still count; see " a href=(Tabs::path(view.site.id, "hosts")) { "Hosts" } "." }
            }
            dl.facts {
                dt { "Site ID" } dd { code id="site-id" { (view.site.id) } " " button.small type="button" data-copy="site-id" hidden { "Copy" } }
                @if !view.may_change {
                    dt { "Name" } dd { (view.site.name) }
                    dt { "Domain" } dd { (view.site.domain) }
                    dt { "Time zone" } dd { (view.site.zone.name()) }
                }
            }
            @if view.may_change { (basics(view, &path)) }
            section {
                h2 { "Page code" }
                p { "Put it on every page, anywhere before " code { "</body>" } ". It never holds your page up." }
                (field::copyable("Script", "code-tag", &view.code.tag))
                (field::copyable("As Clicky's pages have it", "code-array", &view.code.array))
                (field::copyable("For visitors without scripts, in addition", "code-pixel", &view.code.pixel))
                details {
                    summary { "Other forms" }
                    (field::copyable("With the number in the file's name, for tag managers that take data-id away", "code-numbered", &view.code.numbered))
                    (field::copyable("By way of your own web server, where blockers keep other servers out", "code-proxied", &view.code.proxied))
                    p.help { "Your web server then passes " code { "/stats/js" } " on to " code { (view.code.from) "/js" } " and " code { "/stats/hits" } " on to " code { (view.code.from) "/in.php" } ", with the visitor's address in " code { "X-Forwarded-For" } ". Whoever runs this server names yours with " code { "--trust-proxy" } ". Choose other paths if you like, in all three places." }
                }
                (code_check_section::section(&view.site, view.newest_visit, outcome, &view.state.problems))
            }
            @if let Some(keys) = &view.keys { (self::keys(&view.site, keys, &path)) }
            @if let Some(transfer) = &view.transfer { (transfer_section::sections(&view.site, transfer, &view.state.problems, refused_text)) }
        },
    )
}

fn basics(view: &View, path: &str) -> Markup {
    let stored = SiteForm::from_site(&view.site);
    let form = if let SentForm::Basics(form) = &view.state.form { form } else { &stored };
    html! {
        form.settings method="post" action=(path) {
            (form.fields(&view.state.problems))
            p.help { "With another time zone, all days of all reports are counted anew in it. What was left out of the numbers stays counted on its old days." }
            button.primary type="submit" { "Save" }
        }
    }
}

fn keys(site: &Site, keys: &KeysView, path: &str) -> Markup {
    let last_use = key_use::last_use(&site.zone, keys.last_use.as_ref());
    html! {
        section id="keys" {
            h2 { "Keys" }
            @if let Some(ShownKeys { site, admin, are_new }) = &keys.shown {
                @if *are_new { p.good role="status" { "✓ These are new. Programs with the old keys are refused from now on." } }
                (field::copyable("Site key", "site-key", site))
                p.help { "For programs that read this site's numbers · " (last_use) }
                (field::copyable("Admin key, for server-side logging", "site-key-admin", admin))
                details.danger {
                    summary { "Make new keys" }
                    p { "Every program that uses one of these keys stops working until you give it the new one. Page code is not concerned." }
                    form method="post" action={ (path) "/rotate#keys" } { button.warning type="submit" { "Replace both keys now" } }
                }
            } @else {
                p { "The site key lets programs read this site's numbers and send hits through the API; the admin key lets your server log hits. Treat both like passwords." }
                p { "Site key: " (last_use) "." }
                form method="post" action={ (path) "/keys#keys" } { button type="submit" { "Show keys" } }
            }
        }
    }
}
