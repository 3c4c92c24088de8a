//! The fields of one step in the form of a funnel.

use super::funnel_form::StepForm;
use crate::error::Problem;
use crate::limits;
use crate::model::funnel::GOAL;
use crate::model::goal::RuleKind;
use crate::store::goals::Goal;
use crate::web::settings::goals::rule_text;
use crate::web::ui::field;
use maud::{Markup, html};

/// The actions of a step: the value in forms, and the title.
const ACTIONS: [(&str, &str); 4] = [
    ("page", "They view a page"),
    ("event", "They trigger an event"),
    ("download", "They download a file"),
    ("outbound", "They click a link to another site"),
];

/// One step in the form.
pub struct StepRow<'a> {
    /// The place, from 0.
    pub place: usize,
    /// The values.
    pub step: &'a StepForm,
    /// The number of all steps.
    pub count: usize,
    /// The goals of the site, removed ones too.
    pub goals: &'a [Goal],
    /// The problems of the form.
    pub problems: &'a [Problem],
    /// True if the page is opened to go on with this step.
    pub is_focused: bool,
    /// The path to which buttons send the form.
    pub check: &'a str,
}

impl StepRow<'_> {
    /// Renders the step.
    pub fn draw(&self) -> Markup {
        let (number, step) = (self.place + 1, self.step);
        let id = |name: &str| format!("{name}-{number}");
        let sentence = field::problem(self.problems, &format!("step-{number}")).map(str::to_owned);
        let kind = step.what.parse::<RuleKind>().ok();
        html! {
            li.step-form id=(id("step")) {
                fieldset {
                    legend { "Step " (number) }
                    div.field {
                        label for=(id("what")) { "What visitors do" }
                        select id=(id("what")) name=(id("what")) data-suggests=(id("pattern")) autofocus[self.is_focused] {
                            @for (value, title) in ACTIONS { option value=(value) selected[step.what == value] { (title) } }
                            (self.goal_options())
                        }
                    }
                    div.field-pair.rule {
                        (self.matching(&id("match")))
                        div.field {
                            label for=(id("pattern")) { "What to match" }
                            input id=(id("pattern")) name=(id("pattern")) type="text" value=(step.pattern) autocomplete="off" autocapitalize="off" spellcheck="false"
                                list=[kind.map(|kind| format!("suggest-{}", kind.name()))]
                                aria-invalid=[sentence.as_ref().map(|_| "true")] aria-describedby=[sentence.as_ref().map(|_| id("problem"))];
                        }
                    }
                    @if let Some(sentence) = &sentence { p.problem id=(id("problem")) { (sentence) } }
                    div.field {
                        label for=(id("name")) { "Name of the step " span.quiet { "(optional)" } }
                        input id=(id("name")) name=(id("name")) type="text" value=(step.name) maxlength=(limits::FUNNEL_NAME_CHARS_MAX) autocomplete="off";
                    }
                    @if self.place > 0 {
                        div.choice-line {
                            input type="checkbox" id=(id("direct")) name=(id("direct")) checked[step.is_direct];
                            label for=(id("direct")) { "Directly after the step before" span.help { "No other page in between." } }
                        }
                    }
                    (self.buttons())
                }
            }
        }
    }

    fn goal_options(&self) -> Markup {
        let chosen = self.step.goal();
        let shown = self.goals.iter().filter(|goal| goal.removed_at.is_none() || Some(goal.id) == chosen);
        html! {
            optgroup label="They reach the goal" {
                @for goal in shown {
                    option value={ (GOAL) ":" (goal.id) } selected[Some(goal.id) == chosen] {
                        (goal.settings.name) @if goal.removed_at.is_some() { " (removed)" }
                    }
                }
            }
        }
    }

    fn matching(&self, id: &str) -> Markup {
        html! {
            div.field {
                label for=(id) { "Comparison" }
                select id=(id) name=(id) {
                    @for (value, title) in rule_text::MATCHES { option value=(value) selected[value == self.step.matching] { (title) } }
                }
            }
        }
    }

    fn buttons(&self) -> Markup {
        let number = self.place + 1;
        let button = |act: &str, target: usize, title: &str| {
            html! {
                button.small type="submit" name="do" value={ (act) "-" (number) } formaction={ (self.check) "#step-" (target) } formnovalidate {
                    (title) span.hidden { " step " (number) }
                }
            }
        };
        html! {
            div.buttons {
                @if self.place > 0 { (button("up", self.place, "Move up")) }
                @if self.count > limits::FUNNEL_STEPS_MIN { (button("remove", self.place.max(1), "Remove")) }
            }
        }
    }
}
