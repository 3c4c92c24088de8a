//! Preferences → Site info: the site's number, its page code, and its keys when asked.

use super::field;
use super::frame::{Frame, Place};
use super::page_code::PageCode;
use super::shell;
use crate::access::capability::{Capability, RotateSiteKey, SeeSiteKey, SeeTrackingCode};
use crate::app::App;
use crate::error::Result;
use crate::http::client;
use crate::http::entry::Entry;
use crate::store::sites::{self, Keys};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    id: i64,
    name: String,
    domain: String,
    zone: String,
    code: PageCode,
    keys: KeysView,
}

enum KeysView {
    /// The caller may not see them.
    None,
    /// Hidden until asked.
    Hidden,
    /// Asked for.
    Shown { site: String, admin: String, are_new: bool },
}

/// `GET /sites/{site}/preferences/info`
pub async fn show(
    entry: Entry<SeeTrackingCode>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let keys = if entry.may(Capability::SeeSiteKey) { KeysView::Hidden } else { KeysView::None };
    answer(&app, &request, &entry, keys).await
}

/// `POST /sites/{site}/preferences/info/keys`
pub async fn show_keys(
    entry: Entry<SeeSiteKey>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let site = entry.site.id;
    let keys = app.read(move |connection| sites::keys(connection, site)).await?;
    answer(&app, &request, &entry, shown(&keys, false)).await
}

/// `POST /sites/{site}/preferences/info/rotate`
pub async fn rotate_keys(
    entry: Entry<RotateSiteKey>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (site, keys) = (entry.site.id, Keys::generate()?);
    let kept = keys.clone();
    app.write(move |tx| sites::update_keys(tx, site, &kept)).await?;
    answer(&app, &request, &entry, shown(&keys, true)).await
}

fn shown(keys: &Keys, are_new: bool) -> KeysView {
    KeysView::Shown { site: keys.site.expose().into(), admin: keys.admin.expose().into(), are_new }
}

async fn answer<R>(
    app: &Data<App>,
    request: &HttpRequest,
    entry: &Entry<R>,
    keys: KeysView,
) -> Result<HttpResponse> {
    let frame = shell::site_frame(app, request, entry, ("Site info", Place::Preferences)).await?;
    let view = View {
        id: entry.site.id.0,
        name: entry.site.name.clone(),
        domain: entry.site.domain.clone(),
        zone: entry.site.zone.name().to_owned(),
        code: PageCode::new(entry.site.id, &client::origin(request, &app.config)),
        keys,
    };
    Ok(shell::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        p.crumbs { "Preferences → Site settings" }
        h1 { "Site info" }
        dl.facts {
            dt { "Name" } dd { (view.name) }
            dt { "Domain" } dd { (view.domain) }
            dt { "Time zone" } dd { (view.zone) }
            dt { "Site ID" } dd { code id="site-id" { (view.id) } " " button.small type="button" data-copy="site-id" hidden { "Copy" } }
        }
        section {
            h2 { "Page code" }
            p { "Put it on every page, anywhere before " code { "</body>" } ". It never holds your page up." }
            (field::copyable("Script", "code-tag", &view.code.tag))
            (field::copyable("As Clicky's pages have it", "code-array", &view.code.array))
            (field::copyable("For visitors without scripts, in addition", "code-pixel", &view.code.pixel))
        }
        (keys(view))
    })
}

fn keys(view: &View) -> Markup {
    let path = format!("/sites/{}/preferences/info", view.id);
    html! {
        @match &view.keys {
            KeysView::None => {}
            KeysView::Hidden => section {
                h2 { "Keys" }
                p { "The site key lets programs read this site's numbers; the admin key lets your server log hits. Treat both like passwords." }
                form method="post" action={ (path) "/keys" } { button type="submit" { "Show keys" } }
            }
            KeysView::Shown { site, admin, are_new } => section {
                h2 { "Keys" }
                @if *are_new { p.good role="status" { "✓ These are new. Programs with the old keys are refused from now on." } }
                (field::copyable("Site key", "site-key", site))
                (field::copyable("Admin key, for server-side logging", "site-key-admin", admin))
                details.danger {
                    summary { "Make new keys" }
                    p { "Every program that uses one of these keys stops working until you give it the new one. Page code is not concerned." }
                    form method="post" action={ (path) "/rotate" } { button.warning type="submit" { "Replace both keys now" } }
                }
            }
        }
    }
}
