//! Preferences → Site info: the name, ID, page code and its check, the keys on request, and how to transfer or delete
//! the site.

use super::Tabs;
use super::code_check::{self, CheckOutcome};
use super::transfer::{self, TransferState};
use crate::access::audit::AuditAction;
use crate::access::capability::{Capability, ChangeSiteSettings, RotateSiteKey, SeeSiteKey, SeeTrackingCode};
use crate::app::App;
use crate::error::{Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::errors::see_other;
use crate::model::clock::Timestamp;
use crate::reports::site_summary;
use crate::store::sites::{self, Keys, Site};
use crate::web::field;
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::page_code::PageCode;
use crate::web::query_params::QueryParams;
use crate::web::site_form::SiteForm;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The parts of the page that are not stored.
#[derive(Default)]
pub struct InfoFormState {
    /// The values of a refused form, as typed.
    pub form: Option<SiteForm>,
    /// The problems of the refused form.
    pub problems: Vec<Problem>,
    /// The keys, if they were requested; true if they are new.
    pub keys: Option<(Keys, bool)>,
    /// The result of the check of the page code.
    pub check: Option<CheckOutcome>,
    /// The text of a refused form at the end of the page, as typed.
    pub kept: String,
    /// The result of a form.
    pub notice: Option<&'static str>,
    /// The domain that the site had before, if it stays one of its hosts.
    pub former_domain: Option<String>,
}

struct View {
    tabs: Tabs,
    site: Site,
    code: PageCode,
    may_change: bool,
    keys: KeysView,
    newest_visit: Option<Timestamp>,
    transfer: Option<TransferState>,
    extra: InfoFormState,
}

enum KeysView {
    /// The caller may not see them.
    None,
    /// Hidden until requested.
    Hidden,
    /// Shown on request.
    Shown { site: String, admin: String, are_new: bool },
}

/// `GET /sites/{site}/preferences/info`: shows the screen.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SeeTrackingCode>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let notice = match params.get("done") {
        Some("saved") => Some("Saved. The next hit is judged by it, and reports are counted by it at once."),
        Some("withdrawn") => Some("The offer is withdrawn."),
        _ => None,
    };
    let is_kept = |host: &&str| access.site.owns_host(host) && *host != access.site.domain;
    let former_domain = params.get("item").filter(is_kept).map(str::to_owned);
    answer(&app, &request, &access, InfoFormState { notice, former_domain, ..InfoFormState::default() }).await
}

/// `POST /sites/{site}/preferences/info`: saves name, domain and time zone.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<ChangeSiteSettings>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<SiteForm>,
) -> Result<HttpResponse> {
    let site = match form.check() {
        Ok(site) => site,
        Err(error) => {
            let extra = InfoFormState {
                form: Some(form.into_inner()),
                problems: error.problems()?,
                ..InfoFormState::default()
            };
            return answer(&app, &request, &access, extra).await;
        }
    };
    let id = access.site.id;
    let (actor, before) = (access.hand.clone(), access.site.clone());
    let keeps_former = access
        .write(&app, move |tx| {
            let keeps_former = sites::update(tx, id, &site)?;
            let kept = if keeps_former { "; the former domain stays one of its hosts" } else { "" };
            let told = |domain: &str, name: &str, zone: &str| format!("{name}, {domain}, {zone}");
            let about = format!(
                "{} → {}{kept}",
                told(&before.domain, &before.name, before.zone.name()),
                told(&site.domain, &site.name, site.zone.name())
            );
            actor.note(tx, id, AuditAction::ChangeSite, &about)?;
            Ok(keeps_former)
        })
        .await?;
    let former = if keeps_former { format!("&item={}", access.site.domain) } else { String::new() };
    Ok(see_other(&format!("{}?done=saved{former}", Tabs::path(id, "info"))))
}

/// `POST /sites/{site}/preferences/info/keys`: shows the keys.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn show_keys(
    access: SiteAccess<SeeSiteKey>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let site = access.site.id;
    let actor = access.hand.clone();
    let keys = access
        .write(&app, move |tx| {
            actor.note(tx, site, AuditAction::ShowKeys, "")?;
            sites::keys(tx, site)
        })
        .await?;
    answer(&app, &request, &access, InfoFormState { keys: Some((keys, false)), ..InfoFormState::default() })
        .await
}

/// `POST /sites/{site}/preferences/info/rotate`: replaces the keys.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn rotate_keys(
    access: SiteAccess<RotateSiteKey>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (site, keys) = (access.site.id, Keys::generate()?);
    let (kept, actor) = (keys.clone(), access.hand.clone());
    access
        .write(&app, move |tx| {
            sites::update_keys(tx, site, &kept)?;
            actor.note(tx, site, AuditAction::RotateKeys, "")
        })
        .await?;
    answer(&app, &request, &access, InfoFormState { keys: Some((keys, true)), ..InfoFormState::default() })
        .await
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
    extra: InfoFormState,
) -> Result<HttpResponse> {
    let frame = load::site_frame(app, request, access, "Site info", NavItem::Preferences).await?;
    let site = access.site.id;
    let keys = match &extra.keys {
        Some((keys, are_new)) => KeysView::Shown {
            site: keys.site.expose().into(),
            admin: keys.admin.expose().into(),
            are_new: *are_new,
        },
        None if access.may(Capability::SeeSiteKey) => KeysView::Hidden,
        None => KeysView::None,
    };
    let status = if extra.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = View {
        tabs: Tabs::of(access, "info"),
        site: access.site.clone(),
        code: PageCode::new(site, &client::origin(request, &app.config)),
        may_change: access.may(Capability::ChangeSiteSettings),
        keys,
        newest_visit: app.read(move |connection| site_summary::newest_visit(connection, site)).await?,
        transfer: TransferState::load(app, request, access).await?,
        extra,
    };
    Ok(load::html_with(status, page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let path = Tabs::path(view.site.id, "info");
    view.tabs.page(
        frame,
        &html! {
            (field::notice(view.extra.notice))
            @if let Some(former) = &view.extra.former_domain {
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
                (code_check::section(&view.site, view.newest_visit, view.extra.check.as_ref(), &view.extra.problems))
            }
            (keys(&view.keys, &path))
            @if let Some(transfer) = &view.transfer { (transfer::sections(&view.site, transfer, &view.extra)) }
        },
    )
}

fn basics(view: &View, path: &str) -> Markup {
    let stored = SiteForm::from_site(&view.site);
    let form = view.extra.form.as_ref().unwrap_or(&stored);
    html! {
        form.settings method="post" action=(path) {
            (form.fields(&view.extra.problems))
            p.help { "With another time zone, all days of all reports are counted anew in it. What was left out of the numbers stays counted on its old days." }
            button.primary type="submit" { "Save" }
        }
    }
}

fn keys(keys: &KeysView, path: &str) -> Markup {
    html! {
        @match keys {
            KeysView::None => {}
            KeysView::Hidden => section id="keys" {
                h2 { "Keys" }
                p { "The admin key lets your server log hits; the site key is the site's own secret, for programs. Treat both like passwords." }
                form method="post" action={ (path) "/keys#keys" } { button type="submit" { "Show keys" } }
            }
            KeysView::Shown { site, admin, are_new } => section id="keys" {
                h2 { "Keys" }
                @if *are_new { p.good role="status" { "✓ These are new. Programs with the old keys are refused from now on." } }
                (field::copyable("Site key", "site-key", site))
                (field::copyable("Admin key, for server-side logging", "site-key-admin", admin))
                details.danger {
                    summary { "Make new keys" }
                    p { "Every program that uses one of these keys stops working until you give it the new one. Page code is not concerned." }
                    form method="post" action={ (path) "/rotate#keys" } { button.warning type="submit" { "Replace both keys now" } }
                }
            }
        }
    }
}
