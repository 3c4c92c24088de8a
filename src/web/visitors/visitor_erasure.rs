//! One visitor's data, for users who may export or erase it: the section on the visitor's screen, the JSON file, and
//! the page that confirms the erasure.

use crate::access::capability::EraseVisitor;
use crate::app::{App, blocking};
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::chunked_body;
use crate::jobs::sweep_labels;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitorId};
use crate::reports::answer::{Cursor, SliceRows};
use crate::reports::filters_naming_visitor::{self, FilterOwner, FilterReference};
use crate::reports::query::{Export, Query};
use crate::reports::visits::visit::{self, VisitorTotals};
use crate::reports::visits::visitor_data;
use crate::sites::{erasure, exports};
use crate::store::{self, visit_erasure};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::{self, FormState};
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field;
use crate::web::ui::format;
use actix_web::body::BoxBody;
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

fn visitor(path: &Path<(String, String)>) -> Result<VisitorId> {
    VisitorId::parse(&path.1).ok_or(Error::Missing("visitor"))
}

fn address(site: SiteId, visitor: VisitorId) -> String {
    format!("/sites/{site}/visitors/{visitor}")
}

/// Renders the section at the end of a visitor's screen.
pub fn section(site: SiteId, visitor: VisitorId) -> Markup {
    let path = address(site, visitor);
    html! {
        section.one-visitor {
            h2 { "This visitor’s data" }
            p { "If they ask what you know of them, hand them the file. If they want it gone, erase it." }
            p.buttons {
                a.button href={ (path) "/data.json" } { "Take out (JSON)" } " "
                a.button href={ (path) "/erase" } { "Erase …" }
            }
        }
    }
}

/// `GET /sites/{site}/visitors/{visitor}/data.json`: returns all data of a visitor.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, when the caller's right has ended, and when the data
/// file cannot be written.
pub async fn file(
    access: SiteAccess<EraseVisitor>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (visitor, site) = (visitor(&path)?, access.site.id);
    let now = app.clock.now();
    let query = Query::today(access.site.clone(), now, access.visibility().clone());
    let body = body(app.clone(), query, visitor, now).await?;
    if request.method() != Method::HEAD {
        let actor = access.actor.clone();
        access.write(&app, move |tx| exports::record_visitor(tx, &actor, site)).await?;
    }
    let name = format!("{}-visitor-{visitor}.json", access.site.domain);
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body))
}

/// Returns the body of the file, written in slices of some visits.
async fn body(app: Data<App>, query: Query, visitor: VisitorId, now: Timestamp) -> Result<BoxBody> {
    let query = Arc::new(query);
    let slice = move |after: Option<Cursor>| {
        let (app, query) = (app.clone(), Arc::clone(&query));
        async move {
            app.view(move |reader| {
                let is_first = after.is_none();
                let export = Export::VisitorData(visitor);
                let slice = reader.engine.slice(&query, &export, limits::PERSON_SLICE_VISITS, after)?;
                let SliceRows::VisitorData(visits) = slice.rows else {
                    return Err(Error::Missing("visitor"));
                };
                let mut text = String::new();
                if is_first {
                    if visits.is_empty() && slice.next.is_none() {
                        return Err(Error::Missing("visitor"));
                    }
                    let head =
                        visitor_data::head(reader.connection, &query.site, &[visitor], now)?.to_string();
                    text += head.trim_end_matches('}');
                    text += ",\"visits\":[";
                }
                for (place, visit) in visits.iter().enumerate() {
                    text += if is_first && place == 0 { "\n" } else { ",\n" };
                    text += &visit.to_string();
                }
                if slice.next.is_none() {
                    text += "\n]}\n";
                }
                Ok((Bytes::from(text), slice.next.map(Some)))
            })
            .await
        }
    };
    chunked_body::body(None, slice).await
}

/// The form that confirms an erasure.
#[derive(Deserialize)]
pub struct ErasureForm {
    #[serde(default)]
    word: String,
}

/// `GET /sites/{site}/visitors/{visitor}/erase`: shows what an erasure does.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, and when the data file cannot be read.
pub async fn confirm(
    access: SiteAccess<EraseVisitor>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    params: QueryParams,
) -> Result<HttpResponse> {
    let (visitor, site) = (visitor(&path)?, access.site.id);
    let (visits, is_swept) = app
        .read(move |connection| {
            Ok((
                visitor_data::visits_of(connection, site, visitor)?.len(),
                visit_erasure::is_swept(connection, site)?,
            ))
        })
        .await?;
    if visits == 0 && params.get("done") == Some("erased") {
        let data = app.config.data.clone();
        let copies = blocking::run(move || store::copies(&data)).await?;
        let frame = load::site_frame(&app, &request, &access, "Erased", NavItem::Visitors).await?;
        return Ok(load::html(done_page(&frame, site, is_swept, &copies)));
    }
    answer(&app, &request, &access, visitor, FormState::default()).await
}

/// `POST /sites/{site}/visitors/{visitor}/erase`: erases a visitor.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, when the caller's right has ended, and when the data
/// file cannot be written.
pub async fn erase(
    access: SiteAccess<EraseVisitor>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<ErasureForm>,
) -> Result<HttpResponse> {
    let (visitor, site) = (visitor(&path)?, access.site.id);
    if let Err(error) = erasure::check_confirmation(&form.word) {
        let state = FormState::refused(form.into_inner().word, error.problems()?);
        return answer(&app, &request, &access, visitor, state).await;
    }
    let actor = access.actor.clone();
    access.write(&app, move |tx| erasure::begin(tx, &actor, site, &[visitor])).await?;
    // A visit may begin meanwhile, or there may be too many for one transaction.
    while access.erase(&app, move |tx| erasure::erase_slice(tx, site, visitor)).await? {}
    sweep_soon(app);
    Ok(form_state::done(&format!("{}/erase", address(site, visitor)), "erased"))
}

/// Sweeps unused texts in the background. If that is cut short, the scheduled task finishes it.
fn sweep_soon(app: Data<App>) {
    actix_web::rt::spawn(async move {
        if let Err(error) = sweep_labels::sweep(&app).await {
            tracing::warn!(%error, "texts were not swept yet");
        }
    });
}

struct View {
    path: String,
    totals: VisitorTotals,
    /// The typed word.
    state: FormState<String>,
    copies: Vec<String>,
    site: SiteId,
    /// Filters that name the visitor.
    references: Vec<FilterReference>,
    /// The name of the signed-in user.
    own_name: String,
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<EraseVisitor>,
    visitor: VisitorId,
    state: FormState<String>,
) -> Result<HttpResponse> {
    let site = access.site.id;
    let (totals, references) = app
        .read(move |connection| {
            Ok((
                visit::totals(connection, site, visitor)?,
                filters_naming_visitor::find(connection, site, &[visitor])?,
            ))
        })
        .await?;
    let data = app.config.data.clone();
    let copies = blocking::run(move || store::copies(&data)).await?;
    let frame = load::site_frame(app, request, access, "Erase a visitor", NavItem::Visitors).await?;
    let (path, own_name) = (address(site, visitor), access.user.username.clone());
    let view = View { path, totals, state, copies, site, references, own_name };
    Ok(view.state.response(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let problem = field::problem(&view.state.problems, "word");
    let totals = &view.totals;
    frame.page(&html! {
        p.crumbs { a href=(view.path) { "Visitor" } " → Erase" }
        h1 { "Erase this visitor’s data" }
        p {
            "This erases " (format::count(totals.visits)) @if totals.visits == 1 { " visit" } @else { " visits" } " with "
            (format::count(totals.actions)) @if totals.actions == 1 { " action" } @else { " actions" }
            ": what they looked at and when, their address and place, their machine, and all that your pages said of them. It is overwritten in the file, and nobody can bring it back."
        }
        ul {
            li { "Reports of the days on which they came count without them from now on." }
            li { "Totals of days whose visits were dropped already stay: they tell of nobody." }
            li { "If they come again, they count as somebody new." }
            li { (held_by(&view.copies)) }
        }
        (named_by(view))
        form.settings method="post" action={ (view.path) "/erase" } {
            label for="word" { "Type " b { (erasure::WORD) } " to go on" }
            input id="word" name="word" type="text" value=(view.state.form) autocomplete="off" autocapitalize="off" required aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "word-problem")];
            @if let Some(sentence) = problem { p.problem id="word-problem" role="alert" { (sentence) } }
            p.buttons { button.warning type="submit" { "Erase for good" } " " a.button href=(view.path) { "Keep it" } }
        }
    })
}

/// Renders the places that still hold the visitor's data.
fn held_by(copies: &[String]) -> Markup {
    html! {
        "Backups that were made before still hold them"
        @if copies.is_empty() { "." } @else {
            ", and so do these files beside the data file: "
            @for (place, copy) in copies.iter().enumerate() { @if place > 0 { ", " } code { (copy) } }
            ". Whoever runs the server can delete them."
        }
    }
}

/// Renders the filters that name the visitor and remain, for the user to decide about.
fn named_by(view: &View) -> Markup {
    html! {
        @if !view.references.is_empty() {
            p { "These filters name this visitor. They are not erased with them: change or remove them yourself." }
            ul id="named-by" {
                @for reference in &view.references {
                    li {
                        @match &reference.keeper {
                            FilterOwner::Everybody => { "The segment “" (reference.name) "” for everybody: " (to_segments(view.site)) },
                            FilterOwner::One(name) if *name == view.own_name => { "Your own segment “" (reference.name) "”: " (to_segments(view.site)) },
                            // The private filters of others are not shown.
                            FilterOwner::One(name) => { "A segment that " (name) " keeps for themselves: ask them to remove it" },
                            FilterOwner::Alert(None) => { "The alert “" (reference.name) "” for everyone: change it under Preferences → Alerts" },
                            FilterOwner::Alert(Some(name)) if *name == view.own_name => { "Your own alert “" (reference.name) "”: change it under Alerts" },
                            FilterOwner::Alert(Some(name)) => { "An alert that " (name) " keeps for themselves: ask them to remove it" },
                            FilterOwner::Link => { "The guest link “" (reference.name) "”: " (to_links(view.site)) },
                        }
                    }
                }
            }
        }
    }
}

fn to_segments(site: SiteId) -> Markup {
    html! { a href={ "/sites/" (site) "/segments" } { "Segments" } }
}

fn to_links(site: SiteId) -> Markup {
    html! { a href={ "/sites/" (site) "/preferences/public-access" } { "Public access" } }
}

fn done_page(frame: &Frame, site: SiteId, is_swept: bool, copies: &[String]) -> Markup {
    frame.page(&html! {
        p.crumbs { a href={ "/sites/" (site) "/visitors" } { "Visitors" } " → Erased" }
        h1 { "Erased" }
        @if is_swept {
            (field::notice(Some("The visitor’s data is gone, and overwritten in the file.")))
        } @else {
            (field::notice(Some("The visitor’s data is gone from every screen.")))
            p { "Texts that nobody else uses are being overwritten in the file now; that takes some seconds, with millions of visits some minutes. " a href="" { "Look again" } }
        }
        p { (held_by(copies)) }
        p { "Filters that somebody typed and saved stay as they are: look at " (to_segments(site)) " and " (to_links(site)) " if one of them names the visitor." }
        p { a.button href={ "/sites/" (site) "/visitors" } { "To the visitors" } }
    })
}
