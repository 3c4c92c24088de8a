//! Parts of forms: a labelled input with its problem beside it, a text to copy.

use crate::error::Problem;
use maud::{Markup, html};

/// One input of a form.
pub struct Field<'a> {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// `text`, `email`, `password`.
    pub kind: &'static str,
    /// What was typed.
    pub value: &'a str,
    /// What browsers fill in.
    pub autocomplete: &'static str,
    /// One sentence of help.
    pub help: Option<&'static str>,
    /// The form can't be sent without it.
    pub is_required: bool,
}

/// The sentence of the problem with a field, if there is one.
pub fn problem<'a>(problems: &'a [Problem], name: &str) -> Option<&'a str> {
    problems.iter().find(|problem| problem.field == name).map(|problem| problem.sentence.as_str())
}

/// The problem under a field, named so that the field can point to it.
fn complaint(name: &str, sentence: Option<&str>) -> Markup {
    html! {
        @if let Some(sentence) = sentence { p.problem id={ (name) "-problem" } { (sentence) } }
    }
}

/// A labelled input.
pub fn input(field: &Field<'_>, problems: &[Problem]) -> Markup {
    let sentence = problem(problems, field.name);
    let described = sentence.map(|_| format!("{}-problem", field.name));
    html! {
        div.field {
            label for=(field.name) { (field.label) @if !field.is_required { " " span.quiet { "(optional)" } } }
            input id=(field.name) name=(field.name) type=(field.kind) value=(field.value)
                autocomplete=(field.autocomplete) required[field.is_required]
                aria-invalid=[sentence.map(|_| "true")] aria-describedby=[described];
            @if let Some(help) = field.help { p.help { (help) } }
            (complaint(field.name, sentence))
        }
    }
}

/// A choice of time zone; a script chooses the browser's own when nothing was chosen.
pub fn time_zone(zones: &[String], chosen: &str, problems: &[Problem]) -> Markup {
    let sentence = problem(problems, "time_zone");
    html! {
        div.field {
            label for="time_zone" { "Time zone" }
            select id="time_zone" name="time_zone" data-guess[chosen.is_empty()]
                aria-describedby=[sentence.map(|_| "time_zone-problem")] {
                @for zone in zones {
                    option value=(zone) selected[zone == chosen || (chosen.is_empty() && zone == "UTC")] { (zone) }
                }
            }
            p.help { "The site's days begin at midnight there." }
            (complaint("time_zone", sentence))
        }
    }
}

/// A text with a button that copies it.
pub fn copyable(label: &str, id: &str, text: &str) -> Markup {
    html! {
        div.copyable {
            div.copyable-head {
                span.label { (label) }
                button.small type="button" data-copy=(id) hidden { "Copy" }
            }
            pre id=(id) tabindex="0" { code { (text) } }
        }
    }
}
