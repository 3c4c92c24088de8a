//! Help: the guides, whose texts are in `assets/help`. It is public and shows nobody's data. With `?site=` its links
//! lead to the settings of that site, if the reader may open them.

pub mod licenses;
mod part;
mod picture;
mod piece;
mod reader;
mod screen;

use self::piece::Piece;
use self::reader::Reader;
use self::screen::Screen;
use super::filters::query_params::QueryParams;
use super::layout::load;
use super::layout::{Frame, Theme};
use crate::access::capability::OpenPublicPages;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::Public;
use crate::http::session::signed_in;
use crate::model::id::SiteId;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// A guide of the help, which the build makes of Markdown.
struct Guide {
    /// The name in addresses.
    name: &'static str,
    title: &'static str,
    /// The purpose in one sentence.
    about: &'static str,
    content: &'static [Piece],
}

macro_rules! guide {
    ($name:literal) => {
        include!(concat!(env!("OUT_DIR"), "/data/help-", $name, ".rs"))
    };
}

const GUIDES: &[Guide] = &[
    guide!("add-access"),
    guide!("update-access"),
    guide!("remove-access"),
    guide!("privacy"),
    guide!("levels"),
    guide!("segments"),
    guide!("goals"),
    guide!("funnels"),
    guide!("split-tests"),
    guide!("retention"),
    guide!("campaigns"),
    guide!("annotations"),
    guide!("web-vitals"),
    guide!("heatmaps"),
    guide!("digests"),
    guide!("alerts"),
    guide!("uptime"),
    guide!("webhooks"),
    guide!("moving-from-clicky"),
    guide!("api"),
];

/// `GET /help`: lists the guides.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn index(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (frame, reader) = surroundings(&app, &request, &params, "Help").await?;
    Ok(load::html(index_page(&frame, &reader)))
}

/// `GET /help/{guide}`: shows a guide.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such guide, and when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    name: Path<String>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let guide = GUIDES.iter().find(|guide| guide.name == name.as_str()).ok_or(Error::Missing("page"))?;
    let (frame, reader) = surroundings(&app, &request, &params, guide.title).await?;
    Ok(load::html(page(&frame, guide, &reader)))
}

async fn surroundings(
    app: &Data<App>,
    request: &HttpRequest,
    params: &QueryParams,
    title: &'static str,
) -> Result<(Frame, Reader)> {
    let user = signed_in(request).await?;
    let reader = Reader::load(app, request, user.as_ref(), params).await?;
    let frame = match &user {
        Some(user) => load::frame(app, request, user, title).await?,
        None => Frame::bare(title, Theme::from_cookie(request)),
    };
    Ok((frame, reader))
}

fn index_page(frame: &Frame, reader: &Reader) -> Markup {
    frame.page(&html! {
        div.guide {
            h1 { "Help" }
            p { "Who sees the numbers of a site, how you change that, which visits the numbers are about, how you measure success, how campaigns and custom data work, what is kept of visitors, how you move here from Clicky, and how programs and AI assistants read your numbers." }
            ul.plain.rows.guides {
                @for guide in GUIDES {
                    li { div { a href=(reader.guide(guide.name)) { (guide.title) } p.quiet { (guide.about) } } }
                }
            }
        }
    })
}

fn page(frame: &Frame, guide: &Guide, reader: &Reader) -> Markup {
    frame.page(&html! {
        p.crumbs { a href=(reader.address("/help")) { "Help" } }
        nav.tabs.settings-tabs aria-label="Help" {
            @for one in GUIDES {
                a href=(reader.guide(one.name)) aria-current=[(one.name == guide.name).then_some("page")] { (one.title) }
            }
        }
        div.guide {
            h1 { (guide.title) }
            @for piece in guide.content { (piece.render(reader)) }
        }
    })
}

/// Renders the line above a site settings screen with links to its guides.
pub fn guide_links(screen: &str, site: SiteId) -> Markup {
    let names: &[&str] = match screen {
        "info" => &["remove-access", "moving-from-clicky", "api"],
        "audit" => &["remove-access"],
        "sharing" => &["add-access", "update-access", "remove-access"],
        "public-access" => &["add-access", "update-access", "remove-access", "segments"],
        "view-only" => &["update-access", "levels"],
        "privacy" => &["privacy"],
        "heatmaps" => &["heatmaps"],
        "goals" => &["goals", "funnels"],
        "campaigns" => &["campaigns"],
        "alerts" => &["alerts"],
        "uptime" => &["uptime"],
        "webhooks" => &["webhooks"],
        "digests" => &["digests"],
        _ => &[],
    };
    let guides = GUIDES.iter().filter(|guide| names.contains(&guide.name));
    html! {
        @if !names.is_empty() {
            p.crumbs.beside-help {
                "Help: "
                @for (place, guide) in guides.enumerate() { @if place > 0 { " · " } a href={ "/help/" (guide.name) "?site=" (site) } { (guide.title) } }
            }
        }
    }
}
