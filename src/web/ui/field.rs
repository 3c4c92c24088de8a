//! The parts of forms: a labelled input with its problem, a choice, a switch, a text to copy.

use crate::error::Problem;
use maud::{Markup, html};

/// An input of a form.
pub struct Field<'a> {
    /// The name in the form.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// The type: `text`, `email`, `password` or `date`.
    pub kind: &'static str,
    /// The value, as typed or as stored.
    pub value: &'a str,
    /// The `autocomplete` value, for browsers that fill in forms.
    pub autocomplete: &'static str,
    /// A sentence of help.
    pub help: Option<&'static str>,
    /// True if the form cannot be sent without it.
    pub is_required: bool,
}

/// Returns the sentence of a field's problem, if there is one.
pub fn problem<'a>(problems: &'a [Problem], name: &str) -> Option<&'a str> {
    problems.iter().find(|problem| problem.field == name).map(|problem| problem.sentence.as_str())
}

/// Renders the problem under a field, with an id that the field refers to.
fn complaint(name: &str, sentence: Option<&str>) -> Markup {
    html! {
        @if let Some(sentence) = sentence { p.problem id={ (name) "-problem" } { (sentence) } }
    }
}

/// Returns the field for an existing password.
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

/// Returns the field for the user's present password, required for acts that a borrowed browser must not do.
pub fn present_password(name: &'static str) -> Field<'static> {
    password(name, "Your present password")
}

/// Returns the field for a new password.
pub fn new_password(name: &'static str, label: &'static str) -> Field<'static> {
    Field { autocomplete: "new-password", help: Some("10 characters or more."), ..password(name, label) }
}

/// Renders a labelled input.
pub fn input(field: &Field<'_>, problems: &[Problem]) -> Markup {
    input_as(field.name, field, problems)
}

/// Renders a labelled input with an id of its own, for pages with several inputs of that name.
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

/// Renders a labelled text of several lines.
pub fn lines(name: &'static str, label: &str, value: &str, help: &Markup, problems: &[Problem]) -> Markup {
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

/// An option of a choice.
pub struct Choice<'a> {
    /// The value in the form.
    pub value: &'a str,
    /// The label.
    pub label: &'a str,
    /// A sentence of help.
    pub help: Option<&'a str>,
}

/// Renders a choice of one option.
pub fn choices(name: &'static str, question: &str, choices: &[Choice<'_>], chosen: &str) -> Markup {
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

/// Renders a labelled list of options, each with its value and its label.
pub fn select<'a>(
    name: &'static str,
    label: &str,
    options: impl IntoIterator<Item = (&'a str, &'a str)>,
    chosen: &str,
    problems: &[Problem],
) -> Markup {
    let sentence = problem(problems, name);
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| format!("{name}-problem"))] {
                @for (value, title) in options { option value=(value) selected[value == chosen] { (title) } }
            }
            (complaint(name, sentence))
        }
    }
}

/// Renders suggestions for an input that names this list.
pub fn suggestions(id: &str, texts: &[String]) -> Markup {
    html! { datalist id=(id) { @for text in texts { option value=(text) {} } } }
}

/// Renders a switch; the form sends `on` for yes.
pub fn switch(name: &'static str, label: &str, help: Option<&str>, is_on: bool) -> Markup {
    html! {
        div.choice-line {
            input type="checkbox" id=(name) name=(name) checked[is_on];
            label for=(name) { (label) @if let Some(help) = help { span.help { (help) } } }
        }
    }
}

/// Renders the result of a form, shown once after it.
pub fn notice(sentence: Option<&str>) -> Markup {
    html! { @if let Some(sentence) = sentence { p.notice role="status" { "✓ " (sentence) } } }
}

/// Renders a choice of time zone; a script preselects the browser's zone if none is chosen.
pub fn time_zone(zones: &[String], chosen: &str, problems: &[Problem]) -> Markup {
    let sentence = problem(problems, "time_zone");
    html! {
        div.field {
            label for="time_zone" { "Time zone" }
            select id="time_zone" name="time_zone" data-guess[chosen.is_empty()]
                aria-describedby=[sentence.map(|_| "time_zone-problem")] {
                // The command line may have set a zone that is not listed, such as Etc/GMT+3: saving a name must not
                // change it.
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

/// Renders a text with a button that copies it.
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
