//! The data of the frame around a screen: the signed-in user, their sites and theme, the site and the guest link; and
//! pages as responses.

use super::{Banner, Branding, Frame, FrameSite, GuestFrame, NavItem, SiteLink, Theme};
use crate::access;
use crate::access::capability::Capability;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::Admitted;
use crate::http::client::header_text;
use crate::http::guest;
use crate::http::session::signed_in;
use crate::log;
use crate::model::level::Level;
use crate::reports::catalogue;
use crate::reports::query::Query;
use crate::reports::query::Wants;
use crate::reports::site_summary;
use crate::reports::visibility::VisitorData;
use crate::store::links::{self, Link};
use crate::store::sign_ins::SignedIn;
use crate::store::site_plan;
use crate::store::sites;
use crate::store::{brands, imports};
use crate::web::other_hosts;
use crate::web::query_params::QueryParams;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::Markup;

/// Returns the theme that the browser has stored in its cookie.
pub fn theme(request: &HttpRequest) -> Theme {
    request.cookie("theme").map_or(Theme::System, |cookie| Theme::parse(cookie.value()))
}

/// Returns a page as a response.
pub fn html(page: Markup) -> HttpResponse {
    html_with(StatusCode::OK, page)
}

/// Returns a page as a response with this status.
pub fn html_with(status: StatusCode, page: Markup) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.into_string())
}

/// Returns the frame of a user's screen that belongs to no site.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn frame(app: &Data<App>, request: &HttpRequest, user: &SignedIn, title: &str) -> Result<Frame> {
    let own = Theme::parse(&user.preferences.theme);
    let mut frame = Frame::bare(title, request.cookie("theme").map_or(own, |_| theme(request)));
    frame.user = Some(user.username.clone());
    frame.parent = user.parent.as_ref().map(|parent| parent.username.clone());
    frame.is_managed = user.is_managed;
    frame.banners.extend(acting_banner(user));
    let person = user.clone();
    let (links, may_add_sites) = app
        .view(move |reader| {
            let link = |(site, level): (sites::Site, Option<Level>)| {
                let view = access::grant_for(reader.connection, &person, &site)?.view;
                let has_visits = catalogue::find("visitors").is_some_and(|report| view.shows(report));
                let spark = has_visits.then(|| site_summary::spark(reader, &site)).transpose()?;
                let (level, has_online) = (level.map(Level::title), view.has(VisitorData::LiveList));
                Ok(SiteLink { id: site.id.0, name: site.name, domain: site.domain, level, spark, has_online })
            };
            let open = sites::list_open_to(reader.connection, person.user)?;
            let links = open.into_iter().map(link).collect::<Result<Vec<_>>>()?;
            Ok((links, site_plan::check_plan(reader.connection, person.user).is_ok()))
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

/// Returns the frame of a page that needs no account. Of a signed-in user it shows only the banner of a parent who acts
/// for a sub-account.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn open_frame(request: &HttpRequest, title: &str) -> Result<Frame> {
    let mut frame = Frame::bare(title, theme(request));
    frame.banners.extend(signed_in(request).await?.as_ref().and_then(acting_banner));
    Ok(frame)
}

/// Returns the frame of a guest link's page: without a top bar if it is embedded, in the theme that the address names.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn guest_frame(app: &Data<App>, request: &HttpRequest, title: &str, link: &Link) -> Result<Frame> {
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let repeated: Vec<_> = query.filter(|(name, _)| matches!(name.as_ref(), "theme" | "embed")).collect();
    let value =
        |name: &str| repeated.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref());
    let is_embedded = value("embed") == Some("1") || header_text(request, "sec-fetch-dest") == "iframe";
    let mut frame = Frame::bare(title, value("theme").map_or_else(|| theme(request), Theme::parse));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&repeated).finish();
    frame.guest = Some(GuestFrame {
        query: if query.is_empty() { query } else { format!("?{query}") },
        embed_origins: is_embedded.then(|| link.embed_origins.join(" ")),
        branding: branding(app, link).await?,
    });
    Ok(frame)
}

/// Returns the branding of a guest link's pages.
async fn branding(app: &Data<App>, link: &Link) -> Result<Branding> {
    if !link.is_white_label {
        return Ok(Branding::Ours);
    }
    let site = link.site;
    let brand = app.read(move |connection| brands::find(connection, site)).await?;
    Ok(brand.map_or(Branding::Anonymous, |brand| Branding::Brand { path: guest::path(&link.token), brand }))
}

/// Counts a view of a guest link in the background. A request of a script that refreshes the page and a `HEAD` request
/// are no views.
pub fn count_opening(app: &Data<App>, request: &HttpRequest, link: &Link) {
    let is_opened = matches!(header_text(request, "sec-fetch-dest"), "document" | "iframe" | "");
    if request.method() == Method::HEAD || !is_opened {
        return;
    }
    let (app, id, now) = (app.clone(), link.id, app.clock.now());
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| links::count_view(tx, id, now)).await
            && let Some(suppressed) = log::failure("link", &error)
        {
            tracing::warn!(%error, left_out = suppressed, "the opening of a guest link was not counted");
        }
    });
}

/// Returns the frame of a site's screen.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address has unknown parameters, with `Error::Abandoned` when the request is
/// cancelled, and when the data file cannot be read.
pub async fn site_frame(
    app: &Data<App>,
    request: &HttpRequest,
    access: &impl Admitted,
    title: &str,
    current: NavItem,
) -> Result<Frame> {
    let is_read = request.method().is_safe();
    let params = if is_read { QueryParams::read(request)? } else { QueryParams::default() };
    params.check()?;
    let mut frame = match (access.user(), &access.link) {
        (Some(user), _) => frame(app, request, user, title).await?,
        (None, Some(link)) => guest_frame(app, request, title, link).await?,
        (None, None) => Frame::bare(title, theme(request)),
    };
    let (id, visibility) = (access.site.id, access.visibility().clone());
    let query = Query::today(access.site.clone(), app.clock.now(), visibility);
    if access.user().is_some() {
        let unfinished = app.read(move |connection| imports::find_unfinished_site(connection, id)).await?;
        frame.banners.extend(unfinished.map(|import| Banner::half_imported(&import.name)));
    }
    let has_note = matches!(current, NavItem::Dashboard | NavItem::Preferences);
    if has_note && access.may(Capability::ChangeSiteSettings) {
        frame.note = other_hosts::note(app, &access.site).await?;
    }
    frame.ignored_names = params.ignored_names().to_vec();
    frame.site = Some(FrameSite {
        id: id.0,
        base: access.base(),
        visibility: access.visibility().clone(),
        name: access.site.name.clone(),
        zone: access.site.zone.name().to_owned(),
        online: app.answer(query.with(Wants { online: true, ..Wants::default() })).await?.online.unwrap_or(0),
        current,
        has_reports: access.may(Capability::OpenReport),
        has_preferences: access.may(Capability::SeeTrackingCode),
    });
    Ok(frame)
}
