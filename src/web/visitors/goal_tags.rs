//! The goals that a visit reached, as tags.

use crate::model::currency::Currency;
use crate::reports::visits::visit::ReachedGoal;
use crate::web::ui::icon;
use maud::{Markup, html};

/// The most goals that are named in a row of a list.
const NAMED: usize = 3;

/// The goals of a visit in a list: each name once, in order.
#[derive(Clone, Default)]
pub struct GoalTags {
    names: Vec<String>,
}

impl GoalTags {
    /// Returns the tags of a visit's goals.
    pub fn new(goals: &[ReachedGoal]) -> Self {
        let mut names: Vec<String> = Vec::new();
        for goal in goals {
            if !names.contains(&goal.name) {
                names.push(goal.name.clone());
            }
        }
        Self { names }
    }

    /// Renders the tags; nothing without goals.
    pub fn draw(&self) -> Markup {
        html! {
            @if !self.names.is_empty() {
                span.goal-tags {
                    span.hidden { "Goals: " }
                    @for name in self.names.iter().take(NAMED) { span.tag.goal title={ "Reached the goal " (name) } { (icon::goals()) span.cut { (name) } } " " }
                    @if self.names.len() > NAMED { span.quiet { "+" (self.names.len() - NAMED) } }
                }
            }
        }
    }
}

/// Renders a goal in the time line of a visit, with its revenue if there is some.
pub fn reached(goal: &ReachedGoal, currency: Currency) -> Markup {
    html! {
        b { (goal.name) } " " span.tag.goal { "goal" }
        @if let Some(revenue) = goal.revenue.filter(|revenue| *revenue != 0) { span.quiet.address { (currency.text(revenue)) @if revenue < 0 { " refunded" } } }
    }
}
