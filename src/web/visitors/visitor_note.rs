//! The annotation of a visitor: a name, tags and a note, with who wrote them and when; and their form.

use crate::access::capability::{Annotate, Capability};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::http::site_context::SiteContext;
use crate::model::clock::Zone;
use crate::model::id::{SiteId, VisitorId};
use crate::reports::data_reader::DataReader;
use crate::reports::visits::visitor_data;
use crate::sites::visitor_notes::{self, VisitorNoteForm};
use crate::store::annotations::{self, VisitorNote};
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::field::{self, Field};
use crate::web::ui::format::{self, Moment};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The request for the annotation of a visitor, read with the rest of the page.
pub struct VisitorNoteRequest {
    site: SiteId,
    visitor: VisitorId,
    zone: Zone,
    is_visible: bool,
    may_annotate: bool,
}

/// The annotation of a visitor, as far as the caller may see it.
pub struct VisitorNoteSection {
    note: Option<VisitorNote>,
    zone: Zone,
    /// The address of the form; `None` if the caller may not change the annotation.
    form: Option<String>,
}

/// The form, as sent.
#[derive(Clone, Deserialize, Default)]
pub struct NoteForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    tags: String,
    #[serde(default)]
    note: String,
}

fn path(site: SiteId, visitor: VisitorId) -> String {
    format!("/sites/{site}/visitors/{visitor}")
}

impl VisitorNoteRequest {
    /// Returns the request for a visitor.
    pub fn new(access: &SiteContext, visitor: VisitorId) -> Self {
        Self {
            site: access.site.id,
            visitor,
            zone: access.site.zone.clone(),
            is_visible: access.may(Capability::SeeVisitorData),
            may_annotate: access.may(Capability::Annotate),
        }
    }

    /// Loads the annotation; `None` if the caller may not see it.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(self, reader: &DataReader<'_>) -> Result<Option<VisitorNoteSection>> {
        if !self.is_visible {
            return Ok(None);
        }
        Ok(Some(VisitorNoteSection {
            note: annotations::find_of_visitor(reader.connection, self.site, self.visitor)?,
            zone: self.zone,
            form: self.may_annotate.then(|| format!("{}/note", path(self.site, self.visitor))),
        }))
    }
}

impl VisitorNoteSection {
    /// Returns the name that the annotation gives the visitor.
    pub fn name(&self) -> Option<&String> {
        self.note.as_ref().map(|note| &note.name).filter(|name| !name.is_empty())
    }

    /// Renders tags and note, and the link to the form.
    pub fn draw(&self) -> Markup {
        html! {
            @if self.note.is_some() || self.form.is_some() {
                section.visitor-note {
                    @if let Some(note) = &self.note {
                        @if !note.tags.is_empty() { p { @for tag in &note.tags { span.tag { (tag) } " " } } }
                        @for line in note.note.lines() { p { (line) } }
                        p.quiet { (note.author.as_deref().unwrap_or("a program")) ", " (format::moment(&self.zone, note.changed_at, Moment::Full)) }
                    }
                    @if let Some(form) = &self.form { p { a.button href=(form) { @if self.note.is_some() { "Change name, tags and note" } @else { "Add a name, tags or a note" } } } }
                }
            }
        }
    }
}

fn visitor(path: &Path<(String, String)>) -> Result<VisitorId> {
    VisitorId::parse(&path.1).ok_or(Error::Missing("visitor"))
}

/// `GET /sites/{site}/visitors/{visitor}/note`: shows the form.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, and when the data file cannot be read.
pub async fn show(
    access: SiteAccess<Annotate>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (visitor, site) = (visitor(&path)?, access.site.id);
    let stored = app.read(move |connection| {
        if visitor_data::slice_of(connection, site, visitor)?.is_empty() {
            return Err(Error::Missing("visitor"));
        }
        annotations::find_of_visitor(connection, site, visitor)
    });
    let form = stored.await?.map_or_else(NoteForm::default, |note| NoteForm {
        name: note.name,
        tags: note.tags.join(", "),
        note: note.note,
    });
    answer(&app, &request, &access, visitor, FormState::new(form)).await
}

/// `POST /sites/{site}/visitors/{visitor}/note`: saves the annotation; an empty one is removed.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visitor, when the caller's right has ended, and when the data file
/// cannot be written.
pub async fn save(
    access: SiteAccess<Annotate>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<NoteForm>,
) -> Result<HttpResponse> {
    let (visitor, site, actor) = (visitor(&path)?, access.site.clone(), access.actor.clone());
    let form = form.into_inner();
    let NoteForm { name, tags, note } = form.clone();
    let typed = VisitorNoteForm { name, tags, note };
    match access.write(&app, move |tx| visitor_notes::set(tx, &actor, &site, visitor, &typed)).await {
        Ok(()) => Ok(see_other(&self::path(access.site.id, visitor))),
        Err(Error::Invalid(problems)) => {
            answer(&app, &request, &access, visitor, FormState::refused(form, problems)).await
        }
        Err(error) => Err(error),
    }
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<Annotate>,
    visitor: VisitorId,
    state: FormState<NoteForm>,
) -> Result<HttpResponse> {
    let frame = SiteFrameRequest::new(request, access)?;
    let frame = app.view(move |reader| frame.load(reader, "Visitor", NavItem::Visitors)).await?;
    let path = path(access.site.id, visitor);
    Ok(state.response(page(&frame, &path, &state)))
}

fn page(frame: &Frame, path: &str, state: &FormState<NoteForm>) -> Markup {
    let (form, problems) = (&state.form, state.problems.as_slice());
    let text = |name, label, value, help| Field {
        name,
        label,
        kind: "text",
        value,
        autocomplete: "off",
        help: Some(help),
        is_required: false,
    };
    frame.page(&html! {
        p.crumbs { a href=(path) { "Visitor" } " → Name, tags and note" }
        h1 { "Name, tags and note" }
        form.settings method="post" action={ (path) "/note" } {
            (field::input(&text("name", "Name", form.name.as_str(), "Shown wherever this visitor is listed."), problems))
            (field::input(&text("tags", "Tags", form.tags.as_str(), "Separate several with commas."), problems))
            (field::lines("note", "Note", &form.note, &html! { "Seen by everyone who may see names of visitors." }, problems))
            div.buttons { button.primary type="submit" { "Save" } a.button href=(path) { "Cancel" } }
        }
    })
}
