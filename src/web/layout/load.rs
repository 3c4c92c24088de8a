//! What surrounds every screen: who is signed in, which sites they have, which look they chose; and the files and the
//! answer for the operator that belong to no screen.

use super::{Banner, Branding, Frame, FrameSite, Guest, NavItem, SiteLink, Theme};
use crate::access;
use crate::access::capability::{Capability, OpenPublicPages};
use crate::app::{App, health};
use crate::error::{Error, Result};
use crate::http::assets;
use crate::http::auth::{Admitted, Public, signed_in};
use crate::http::client::header_text;
use crate::http::guest;
use crate::log;
use crate::model::level::Level;
use crate::reports::catalogue;
use crate::reports::site_summary;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::online;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::store::links::{self, Link};
use crate::store::sign_ins::SignedIn;
use crate::store::sites;
use crate::store::{brands, imports};
use crate::web::other_hosts;
use crate::web::query_params::QueryParams;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::Markup;

const A_YEAR: &str = "public, max-age=31536000, immutable";
const AN_HOUR: &str = "public, max-age=3600";

/// `GET /assets/{name}`
pub async fn asset(
    _: Public<OpenPublicPages>,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let cache_control = if request.query_string().starts_with("v=") { A_YEAR } else { AN_HOUR };
    assets::serve(&request, &name, cache_control).ok_or(Error::Missing("file"))
}

/// `GET /healthz`: 200 while hits can be stored; else 503 with the cause, as text for a monitoring program.
pub async fn health(_: Public<OpenPublicPages>, app: Data<App>) -> HttpResponse {
    let (status, text) = match health::check(&app).await {
        Ok(()) => (StatusCode::OK, "ok".to_owned()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    };
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text + "\n")
}

/// The look that a browser has chosen.
pub fn theme(request: &HttpRequest) -> Theme {
    request.cookie("theme").map_or(Theme::System, |cookie| Theme::parse(cookie.value()))
}

/// A page as an answer.
pub fn html(page: Markup) -> HttpResponse {
    html_with(StatusCode::OK, page)
}

/// A page with another status.
pub fn html_with(status: StatusCode, page: Markup) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.into_string())
}

/// The frame of a screen that belongs to no site.
pub async fn frame(app: &Data<App>, request: &HttpRequest, user: &SignedIn, title: &str) -> Result<Frame> {
    let own = Theme::parse(&user.preferences.theme);
    let mut frame = Frame::bare(title, request.cookie("theme").map_or(own, |_| theme(request)));
    frame.user = Some(user.username.clone());
    frame.parent = user.parent.as_ref().map(|parent| parent.username.clone());
    frame.is_managed = user.is_managed;
    frame.banners.extend(acting_banner(user));
    let person = user.clone();
    let (links, may_add_sites) = app
        .report(move |reader| {
            let link = |(site, level): (sites::Site, Option<Level>)| {
                let view = access::grant_for(reader.connection, &person, &site)?.view;
                let has_visits = catalogue::find("visitors").is_some_and(|report| view.shows(report));
                let spark = has_visits.then(|| site_summary::spark(reader, &site)).transpose()?;
                let (level, has_online) = (level.map(Level::title), view.has(VisitorData::LiveList));
                Ok(SiteLink { id: site.id.0, name: site.name, domain: site.domain, level, spark, has_online })
            };
            let open = sites::list_open_to(reader.connection, person.user)?;
            let links = open.into_iter().map(link).collect::<Result<Vec<_>>>()?;
            Ok((links, sites::check_plan(reader.connection, person.user).is_ok()))
        })
        .await?;
    let previewed = user.preview.and_then(|site| links.iter().find(|link| link.id == site.0));
    frame.banners.extend(previewed.map(|site| Banner {
        text: format!("You see {} as View Only people see it.", site.domain),
        end: Some(("/account/preview/end", "End the preview")),
    }));
    (frame.sites, frame.may_add_sites) = (links, may_add_sites);
    Ok(frame)
}

fn acting_banner(user: &SignedIn) -> Option<Banner> {
    user.parent.as_ref().map(|_| Banner::acting_for(&user.username))
}

/// The frame of a page that is everybody's: it says for whom somebody acts, if they do, and nothing else of them.
pub async fn open_frame(request: &HttpRequest, title: &str) -> Result<Frame> {
    let mut frame = Frame::bare(title, theme(request));
    frame.banners.extend(signed_in(request).await?.as_ref().and_then(acting_banner));
    Ok(frame)
}

/// The frame of what a guest link shows: in another page's frame without its head, light or dark as the address says.
pub async fn guest_frame(
    app: &Data<App>,
    request: &HttpRequest,
    (title, link): (&str, &Link),
) -> Result<Frame> {
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let asked: Vec<_> = query.filter(|(name, _)| matches!(name.as_ref(), "theme" | "embed")).collect();
    let value = |wanted: &str| asked.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
    let is_embedded = value("embed") == Some("1") || header_text(request, "sec-fetch-dest") == "iframe";
    let mut frame = Frame::bare(title, value("theme").map_or_else(|| theme(request), Theme::parse));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&asked).finish();
    frame.guest = Some(Guest {
        query: if query.is_empty() { query } else { format!("?{query}") },
        embed_origins: is_embedded.then(|| link.embed_origins.join(" ")),
        face: face(app, link).await?,
    });
    Ok(frame)
}

/// Whose face a guest link's pages have.
async fn face(app: &Data<App>, link: &Link) -> Result<Branding> {
    if !link.is_white_label {
        return Ok(Branding::Ours);
    }
    let site = link.site;
    let brand = app.read(move |connection| brands::find(connection, site)).await?;
    Ok(brand.map_or(Branding::Nobodys, |brand| Branding::Brand { path: guest::path(&link.token), brand }))
}

/// Counts that a guest link was opened: by somebody, and not by a script that refreshes the page or looks whether there
/// is one.
pub fn count_opening(app: &Data<App>, request: &HttpRequest, link: &Link) {
    let is_opened = matches!(header_text(request, "sec-fetch-dest"), "document" | "iframe" | "");
    if request.method() == Method::HEAD || !is_opened {
        return;
    }
    let (app, id, now) = (app.clone(), link.id, app.clock.now());
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| links::count_view(tx, id, now)).await
            && let Some(left_out) = log::failure("link", &error)
        {
            tracing::warn!(%error, left_out, "the opening of a guest link was not counted");
        }
    });
}

/// The frame of a site's screen.
pub async fn site_frame(
    app: &Data<App>,
    request: &HttpRequest,
    entry: &impl Admitted,
    (title, place): (&str, NavItem),
) -> Result<Frame> {
    let is_read = request.method().is_safe();
    let asked = if is_read { QueryParams::read(request)? } else { QueryParams::default() };
    asked.check()?;
    let mut frame = match (entry.user(), &entry.link) {
        (Some(user), _) => frame(app, request, user, title).await?,
        (None, Some(link)) => guest_frame(app, request, (title, link)).await?,
        (None, None) => Frame::bare(title, theme(request)),
    };
    let passed_over = asked.passed_over().to_vec();
    let (site, asked, view) = (entry.site.id, entry.site.clone(), entry.view().clone());
    if entry.user().is_some() {
        let unfinished = app.read(move |connection| imports::find_unfinished_site(connection, site)).await?;
        frame.banners.extend(unfinished.map(|import| Banner::half_imported(&import.name)));
    }
    let is_told = matches!(place, NavItem::Dashboard | NavItem::Preferences);
    if is_told && entry.may(Capability::ChangeSiteSettings) {
        frame.note = other_hosts::note(app, &entry.site).await?;
    }
    frame.passed_over = passed_over;
    frame.site = Some(FrameSite {
        id: site.0,
        base: entry.base(),
        view: entry.view().clone(),
        name: entry.site.name.clone(),
        zone: entry.site.zone.name().to_owned(),
        online: app
            .report(move |reader| online::count(&VisibleVisits::new(reader, &asked, &view, &[])?))
            .await?,
        place,
        has_reports: entry.may(Capability::OpenReport),
        has_preferences: entry.may(Capability::SeeTrackingCode),
    });
    Ok(frame)
}
