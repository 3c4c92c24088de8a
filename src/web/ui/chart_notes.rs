//! The annotations of a chart's days: a list below the chart, from which a script draws flags, and the forms that add and
//! change them.

use super::format::{self, Moment};
use super::icon;
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Zone};
use crate::reports::data_reader::DataReader;
use crate::reports::date_range::DateRange;
use crate::store::annotations::{self, Annotation, AnnotationKind};
use crate::store::sites::Site;
use maud::{Markup, html};

/// The request for the annotations of a range, read with the rest of the page.
#[derive(Clone)]
pub struct ChartNotesRequest {
    /// The site.
    pub site: Site,
    /// The days.
    pub range: DateRange,
    /// True if the caller may see annotations.
    pub is_visible: bool,
    /// True if the caller may add and change them.
    pub may_annotate: bool,
    /// True if the caller may see who wrote them; guests may not, since names are those with which people sign in.
    pub names_authors: bool,
    /// The address of the screen, to return to.
    pub screen: String,
}

/// The annotations of a range.
#[derive(Clone, Debug, Default)]
pub struct ChartNotes {
    notes: Vec<Annotation>,
    zone: Option<Zone>,
    names_authors: bool,
    /// The forms; `None` if the caller may not change annotations.
    forms: Option<NoteForms>,
}

/// The forms that add and change annotations.
#[derive(Clone, Debug)]
struct NoteForms {
    /// The address below which annotations are.
    path: String,
    /// The address of the screen, to return to.
    screen: String,
    /// The day of a new annotation.
    day: Day,
}

impl ChartNotesRequest {
    /// Loads the annotations.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(&self, reader: &DataReader<'_>) -> Result<ChartNotes> {
        let (site, range) = (&self.site, self.range);
        let today = site.zone.day(reader.now);
        let notes = if self.is_visible {
            annotations::list(reader.connection, site.id, range.first, range.last)?
        } else {
            Vec::new()
        };
        Ok(ChartNotes {
            notes,
            zone: Some(site.zone.clone()),
            names_authors: self.names_authors,
            forms: (self.is_visible && self.may_annotate).then(|| NoteForms {
                path: format!("/sites/{}/annotations", site.id),
                screen: self.screen.clone(),
                day: today.clamp(range.first, range.last),
            }),
        })
    }
}

impl ChartNotes {
    /// Returns true if there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.forms.is_none()
    }

    /// Returns true if the caller may add annotations.
    pub fn has_forms(&self) -> bool {
        self.forms.is_some()
    }

    /// Renders the list and the forms; nothing if there are neither.
    pub fn draw(&self) -> Markup {
        html! {
            @if !self.is_empty() {
                section.notes id="annotations" aria-label="Annotations" {
                    @if !self.notes.is_empty() { ul.plain { @for note in &self.notes { (self.note(note)) } } }
                    @if let Some(forms) = &self.forms { (forms.add()) }
                }
            }
        }
    }

    fn note(&self, note: &Annotation) -> Markup {
        let is_deploy = note.kind == AnnotationKind::Deploy;
        html! {
            li id={ "note-" (note.id) } tabindex="-1" data-day=(note.day) data-kind=(if is_deploy { "deploy" } else { "note" }) {
                (kind_icon(note.kind))
                div {
                    b { (format::day(note.day)) } " " @if is_deploy { span.tag { "deploy" } " " } span.note-text { (note.text) }
                    " " span.quiet.note-author { (self.author(note)) }
                    @if let Some(forms) = &self.forms { " " (forms.change(note)) }
                }
            }
        }
    }

    /// Renders who wrote an annotation and when.
    fn author(&self, note: &Annotation) -> Markup {
        html! {
            @if self.names_authors { (note.author.as_deref().unwrap_or("a program")) ", " }
            @if let Some(zone) = &self.zone { (format::moment(zone, note.created_at, Moment::Full)) }
        }
    }
}

/// Renders the icon of a kind.
pub fn kind_icon(kind: AnnotationKind) -> Markup {
    match kind {
        AnnotationKind::Note => icon::annotation(),
        AnnotationKind::Deploy => icon::deploy(),
    }
}

impl NoteForms {
    fn add(&self) -> Markup {
        html! {
            details.note-form data-new-note {
                summary { "Add an annotation" }
                form method="post" action=(self.path) {
                    (fields("new", self.day, "", &self.screen))
                    button.primary type="submit" { "Add" }
                }
            }
        }
    }

    fn change(&self, note: &Annotation) -> Markup {
        html! {
            details.note-form {
                summary { "Change" span.hidden { " the annotation of " (format::day(note.day)) } }
                form method="post" action={ (self.path) "/" (note.id) } {
                    (fields(&note.id.to_string(), note.day, &note.text, &self.screen))
                    div.buttons {
                        button.primary type="submit" { "Save" }
                        button.warning type="submit" formaction={ (self.path) "/" (note.id) "/remove" } formnovalidate { "Remove for good" }
                    }
                }
            }
        }
    }
}

/// Renders the fields of an annotation's form.
pub fn fields(id: &str, day: Day, text: &str, screen: &str) -> Markup {
    html! {
        input type="hidden" name="screen" value=(screen);
        div.note-fields {
            div { label for={ "note-day-" (id) } { "Day" } input id={ "note-day-" (id) } name="day" type="date" value=(day) required; }
            div { label for={ "note-text-" (id) } { "What happened" } input id={ "note-text-" (id) } name="text" type="text" value=(text) maxlength=(limits::ANNOTATION_CHARS_MAX) autocomplete="off" required; }
        }
    }
}
