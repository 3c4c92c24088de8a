//! Annotations of dates: their list, and the forms that add, change and remove them from any chart.

use super::layout::form_state::FormState;
use super::layout::site_frame_request::SiteFrameRequest;
use super::layout::{Frame, NavItem};
use super::ui::format::Moment;
use super::ui::{chart_notes, format};
use crate::access::capability::Annotate;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::errors::see_other;
use crate::limits;
use crate::model::clock::{Day, Zone};
use crate::model::id::{AnnotationId, SiteId};
use crate::sites::annotations as acts;
use crate::store::annotations::{self, Annotation, AnnotationKind};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The days before today that the list covers.
const DAYS: i32 = 730;

/// The form of an annotation.
#[derive(Clone, Deserialize, Default)]
pub struct AnnotationForm {
    #[serde(default)]
    day: String,
    #[serde(default)]
    text: String,
    /// The screen with the form, to return to.
    #[serde(default)]
    screen: String,
}

struct View {
    path: String,
    zone: Zone,
    today: Day,
    notes: Vec<Annotation>,
    /// The annotation whose form was refused; `None` for a new one.
    changed: Option<AnnotationId>,
    state: FormState<AnnotationForm>,
}

/// `GET /sites/{site}/annotations`: lists the annotations of dates.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<Annotate>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    answer(&app, &request, &access, None, FormState::new(AnnotationForm::default())).await
}

/// `POST /sites/{site}/annotations`: adds an annotation.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn add(
    access: SiteAccess<Annotate>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<AnnotationForm>,
) -> Result<HttpResponse> {
    let (form, site, actor) = (form.into_inner(), access.site.clone(), access.actor.clone());
    let saved = match form.day() {
        Ok(day) => {
            let text = form.text.clone();
            let kind = AnnotationKind::Note;
            access.write(&app, move |tx| acts::add(tx, &actor, &site, day, kind, &text).map(drop)).await
        }
        Err(error) => Err(error),
    };
    done(&app, &request, &access, (None, form), saved).await
}

/// `POST /sites/{site}/annotations/{annotation}`: changes an annotation.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn change(
    access: SiteAccess<Annotate>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<AnnotationForm>,
) -> Result<HttpResponse> {
    let (form, site, actor) = (form.into_inner(), access.site.clone(), access.actor.clone());
    let id = annotation(&path)?;
    let saved = match form.day() {
        Ok(day) => {
            let text = form.text.clone();
            access.write(&app, move |tx| acts::change(tx, &actor, &site, id, day, &text)).await
        }
        Err(error) => Err(error),
    };
    done(&app, &request, &access, (Some(id), form), saved).await
}

/// `POST /sites/{site}/annotations/{annotation}/remove`: removes an annotation.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn remove(
    access: SiteAccess<Annotate>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    form: Form<AnnotationForm>,
) -> Result<HttpResponse> {
    let (site, actor, id) = (access.site.clone(), access.actor.clone(), annotation(&path)?);
    let removed = access.write(&app, move |tx| acts::remove(tx, &actor, &site, id)).await;
    done(&app, &request, &access, (Some(id), form.into_inner()), removed).await
}

fn annotation(path: &Path<(String, String)>) -> Result<AnnotationId> {
    AnnotationId::parse(&path.1).ok_or(Error::Missing("annotation"))
}

fn list_path(site: SiteId) -> String {
    format!("/sites/{site}/annotations")
}

impl AnnotationForm {
    fn day(&self) -> Result<Day> {
        Day::parse(self.day.trim()).ok_or_else(|| Error::invalid("day", "Choose a day."))
    }

    /// Returns the address to return to: the screen with the form if it is one of the site.
    fn back(&self, site: SiteId) -> String {
        let base = format!("/sites/{site}");
        let is_of_site = self
            .screen
            .strip_prefix(&base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        if is_of_site { format!("{}#annotations", self.screen) } else { list_path(site) }
    }
}

/// Returns to the screen of the form; shows a refused form again.
async fn done(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<Annotate>,
    (id, form): (Option<AnnotationId>, AnnotationForm),
    saved: Result<()>,
) -> Result<HttpResponse> {
    match saved {
        // An annotation that somebody else has removed meanwhile is gone, as the screen shows.
        Ok(()) | Err(Error::Missing("annotation")) => Ok(see_other(&form.back(access.site.id))),
        Err(error) => {
            let problems = error.problems()?;
            answer(app, request, access, id, FormState::refused(form, problems)).await
        }
    }
}

async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<Annotate>,
    changed: Option<AnnotationId>,
    state: FormState<AnnotationForm>,
) -> Result<HttpResponse> {
    let (frame, site) = (SiteFrameRequest::new(request, access)?, access.site.clone());
    let today = site.zone.day(app.clock.now());
    let (first, last) = (today.plus(-DAYS), today.plus(limits::ANNOTATION_DAYS_AHEAD_MAX));
    let id = site.id;
    let loaded = app.view(move |reader| {
        let notes = annotations::list(reader.connection, id, first, last)?;
        Ok((frame.load(reader, "Annotations", NavItem::Dashboard)?, notes))
    });
    let (frame, mut notes) = loaded.await?;
    notes.reverse();
    let view = View { path: list_path(id), zone: site.zone, today, notes, changed, state };
    Ok(view.state.response(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    let (form, problems) = (&view.state.form, view.state.problems.as_slice());
    let day = form.day().unwrap_or(view.today);
    let (title, action) = match view.changed {
        Some(id) => ("Change the annotation", format!("{}/{id}", view.path)),
        None => ("Add an annotation", view.path.clone()),
    };
    frame.page(&html! {
        h1 { "Annotations" }
        p.quiet { "What happened on which day: a sale, a newsletter, a new version. They show as flags on every chart." }
        section {
            h2 { (title) }
            @for problem in problems { p.problem role="alert" { (problem.sentence) } }
            form.settings method="post" action=(action) {
                (chart_notes::fields("page", day, &form.text, &form.screen))
                button.primary type="submit" { "Save" }
            }
        }
        section {
            h2 { "The last two years" }
            @if view.notes.is_empty() { p.quiet { "No annotations yet." } }
            ul.plain.rows { @for note in &view.notes { (row(view, note)) } }
        }
    })
}

fn row(view: &View, note: &Annotation) -> Markup {
    html! {
        li {
            div {
                (chart_notes::kind_icon(note.kind)) " " b { (format::day(note.day)) }
                @if note.kind == AnnotationKind::Deploy { " " span.tag { "deploy" } }
                br; (note.text)
                br; span.quiet { (note.author.as_deref().unwrap_or("a program")) ", " (format::moment(&view.zone, note.created_at, Moment::Full)) }
            }
            form method="post" action={ (view.path) "/" (note.id) "/remove" } { button.small type="submit" { "Remove" span.hidden { " the annotation of " (format::day(note.day)) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_return_to_screens_of_their_site_alone() {
        for (screen, back) in [
            ("/sites/1?date=today", "/sites/1?date=today#annotations"),
            ("/sites/1/reports/pages", "/sites/1/reports/pages#annotations"),
            ("/sites/12", "/sites/1/annotations"),
            ("//evil.example/sites/1", "/sites/1/annotations"),
            ("", "/sites/1/annotations"),
        ] {
            let form = AnnotationForm { screen: screen.into(), ..AnnotationForm::default() };
            assert_eq!(form.back(SiteId(1)), back, "{screen}");
        }
    }
}
