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

/// A password that is there already.
pub fn password(name: &'static str, label: &'static str) -> Field<'static> {
    Field {
        name,
        label,
        kind: "password",
        value: "",
        autocomplete: "current-password",
        help: None,
        is_required: true,
    }
}

/// The present password, asked before what a borrowed browser must not do.
pub fn present_password(name: &'static str) -> Field<'static> {
    password(name, "Your present password")
}

/// A password that somebody chooses.
pub fn new_password(name: &'static str, label: &'static str) -> Field<'static> {
    Field { autocomplete: "new-password", help: Some("10 characters or more."), ..password(name, label) }
}

/// A labelled input.
pub fn input(field: &Field<'_>, problems: &[Problem]) -> Markup {
    input_as(field.name, field, problems)
}

/// A labelled input under an id of its own, where a page has several of that name.
pub fn input_as(id: &str, field: &Field<'_>, problems: &[Problem]) -> Markup {
    let sentence = problem(problems, field.name);
    let described = sentence.map(|_| format!("{id}-problem"));
    html! {
        div.field {
            label for=(id) { (field.label) @if !field.is_required { " " span.quiet { "(optional)" } } }
            input id=(id) name=(field.name) type=(field.kind) value=(field.value)
                autocomplete=(field.autocomplete) required[field.is_required]
                aria-invalid=[sentence.map(|_| "true")] aria-describedby=[described];
            @if let Some(help) = field.help { p.help { (help) } }
            (complaint(id, sentence))
        }
    }
}

/// A labelled text of several lines.
pub fn lines(
    (name, label): (&'static str, &str),
    value: &str,
    help: &Markup,
    problems: &[Problem],
) -> Markup {
    let sentence = problem(problems, name);
    let described = sentence.map(|_| format!("{name}-problem"));
    let rows = value.lines().count().clamp(2, 8);
    html! {
        div.field {
            label for=(name) { (label) }
            textarea id=(name) name=(name) rows=(rows) spellcheck="false" autocapitalize="off"
                aria-invalid=[sentence.map(|_| "true")] aria-describedby=[described] { "\n" (value) }
            p.help { (help) }
            (complaint(name, sentence))
        }
    }
}

/// One of several answers to a question.
pub struct Choice<'a> {
    /// What the form sends.
    pub value: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// One sentence of help.
    pub help: Option<&'a str>,
}

/// A question with answers of which one is chosen.
pub fn choices((name, question): (&'static str, &str), choices: &[Choice<'_>], chosen: &str) -> Markup {
    html! {
        fieldset.choices {
            legend { (question) }
            @for choice in choices {
                @let id = format!("{name}-{}", choice.value);
                div.choice-line {
                    input type="radio" id=(id) name=(name) value=(choice.value) checked[choice.value == chosen];
                    label for=(id) { (choice.label) @if let Some(help) = choice.help { span.help { (help) } } }
                }
            }
        }
    }
}

/// A yes or no; the form sends `on` for yes.
pub fn switch(name: &'static str, label: &str, help: Option<&str>, is_on: bool) -> Markup {
    html! {
        div.choice-line {
            input type="checkbox" id=(name) name=(name) checked[is_on];
            label for=(name) { (label) @if let Some(help) = help { span.help { (help) } } }
        }
    }
}

/// What a form did, said once after it.
pub fn notice(sentence: Option<&str>) -> Markup {
    html! { @if let Some(sentence) = sentence { p.notice role="status" { "✓ " (sentence) } } }
}

/// A choice of time zone; a script chooses the browser's own when nothing was chosen.
pub fn time_zone(zones: &[String], chosen: &str, problems: &[Problem]) -> Markup {
    let sentence = problem(problems, "time_zone");
    html! {
        div.field {
            label for="time_zone" { "Time zone" }
            select id="time_zone" name="time_zone" data-guess[chosen.is_empty()]
                aria-describedby=[sentence.map(|_| "time_zone-problem")] {
                // A command may have set one that is not among them, such as Etc/GMT+3: saving a name must not change it.
                @if sentence.is_none() && !chosen.is_empty() && !zones.iter().any(|zone| zone == chosen) {
                    option value=(chosen) selected { (chosen) }
                }
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
