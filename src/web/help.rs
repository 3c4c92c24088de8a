//! Help: the guides, and the table of levels. It is public and shows nobody's data. With `?site=` its links lead to
//! the settings of that site, if the reader may open them.

mod add;
mod levels;
mod links;
mod picture;
mod privacy;
mod reader;
mod remove;
mod segments;
mod update;

use self::reader::Reader;
use super::layout::load;
use super::layout::{Frame, Theme};
use super::query_params::QueryParams;
use crate::access::capability::OpenPublicPages;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::Public;
use crate::http::session::signed_in;
use crate::model::id::SiteId;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// A guide of the help.
struct Guide {
    /// The name in addresses.
    name: &'static str,
    title: &'static str,
    /// The purpose in one sentence.
    about: &'static str,
    content: fn(&Reader) -> Markup,
}

const GUIDES: [Guide; 6] = [
    Guide {
        name: "add-access",
        title: "Add user access",
        about: "Share a site with somebody, invite them, make a guest link for a client, or look after a client's account.",
        content: add::content,
    },
    Guide {
        name: "update-access",
        title: "Update access",
        about: "Change a level, choose what View Only people see, change a guest link, and look at a site as others see it.",
        content: update::content,
    },
    Guide {
        name: "remove-access",
        title: "Remove access",
        about: "One list to go down when somebody leaves or an address is in the wrong hands, with what each step ends and what it does not.",
        content: remove::content,
    },
    Guide {
        name: "privacy",
        title: "Privacy",
        about: "What is kept of visitors and for how long, and what to do when one of them asks for their data or wants it erased.",
        content: privacy::content,
    },
    Guide {
        name: "levels",
        title: "Levels",
        about: "Who may do what with a site: the table that the program itself asks.",
        content: levels::content,
    },
    Guide {
        name: "segments",
        title: "Filters and segments",
        about: "Look at some visits alone, keep that under a name, and make a guest link that shows nothing else.",
        content: segments::content,
    },
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
    let reader = Reader::load(app, user.as_ref(), params).await?;
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
            p { "Who sees the numbers of a site, how you change that, which visits the numbers are about, and what is kept of visitors." }
            ul.plain.rows.guides {
                @for guide in &GUIDES {
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
            @for one in &GUIDES {
                a href=(reader.guide(one.name)) aria-current=[(one.name == guide.name).then_some("page")] { (one.title) }
            }
        }
        div.guide {
            h1 { (guide.title) }
            ((guide.content)(reader))
        }
    })
}

/// Renders the line above a site settings screen with links to its guides.
pub fn guide_links(screen: &str, site: SiteId) -> Markup {
    let names: &[&str] = match screen {
        "info" | "audit" => &["remove-access"],
        "sharing" => &["add-access", "update-access", "remove-access"],
        "public-access" => &["add-access", "update-access", "remove-access", "segments"],
        "view-only" => &["update-access", "levels"],
        "privacy" => &["privacy"],
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
