//! The form of a funnel: the values of each step, and the buttons that add, move and remove one.

use crate::limits;
use crate::model::funnel::{FunnelSettings, FunnelStep, GOAL, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::GoalId;
use crate::store::goals::Goal;

/// The values of the form, as typed.
#[derive(Clone, Default)]
pub struct FunnelForm {
    /// The name.
    pub name: String,
    /// `visit` or `days`.
    pub within: String,
    /// The number of days.
    pub days: String,
    /// The steps.
    pub steps: Vec<StepForm>,
}

/// The values of a step, as typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StepForm {
    /// The kind of an action, or `goal:` and the id of a goal.
    pub what: String,
    /// The comparison.
    pub matching: String,
    /// The pattern.
    pub pattern: String,
    /// The name.
    pub name: String,
    /// True if it follows directly after the step before.
    pub is_direct: bool,
}

/// The act of a button that shows the form again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Look at the counts.
    Check,
    /// Add a step at the end.
    More,
    /// Remove a step, by its place.
    Remove(usize),
    /// Move a step before the one before it, by its place.
    Up(usize),
}

impl Act {
    /// Reads the button that was pressed.
    pub fn read(fields: &[(String, String)]) -> Self {
        let pressed = fields.iter().find(|(name, _)| name == "do").map_or("", |(_, value)| value.as_str());
        let place = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
        let numbered = pressed.split_once('-').and_then(|(act, number)| Some((act, place(number)?)));
        match (pressed, numbered) {
            ("more", _) => Self::More,
            (_, Some(("remove", place))) => Self::Remove(place),
            (_, Some(("up", place))) => Self::Up(place),
            _ => Self::Check,
        }
    }
}

impl StepForm {
    fn blank() -> Self {
        Self {
            what: RuleKind::Page.name().into(),
            matching: MatchKind::Exact.name().into(),
            ..Self::default()
        }
    }

    fn from_step(step: &FunnelStep) -> Self {
        let blank = Self { name: step.name.clone(), is_direct: step.is_direct, ..Self::blank() };
        match &step.rule {
            StepRule::Goal(id) => Self { what: format!("{GOAL}:{id}"), ..blank },
            StepRule::Action(rule) => Self {
                what: rule.kind.name().into(),
                matching: rule.matching.name().into(),
                pattern: rule.pattern.clone(),
                ..blank
            },
        }
    }

    /// Returns the id of the goal; `None` for an action.
    pub fn goal(&self) -> Option<GoalId> {
        GoalId::parse(self.what.strip_prefix(GOAL)?.strip_prefix(':')?)
    }

    /// Returns true if nothing was typed.
    fn is_blank(&self) -> bool {
        self.goal().is_none() && self.pattern.trim().is_empty() && self.name.trim().is_empty()
    }

    fn step(&self) -> FunnelStep {
        let rule = self.goal().map_or_else(
            || {
                StepRule::Action(GoalRule {
                    kind: self.what.parse().unwrap_or(RuleKind::Page),
                    matching: self.matching.parse().unwrap_or_default(),
                    pattern: self.pattern.clone(),
                })
            },
            StepRule::Goal,
        );
        FunnelStep { name: self.name.clone(), rule, is_direct: self.is_direct }
    }
}

impl FunnelForm {
    /// Returns the values of a new funnel: two pages, and the first goal that is set up.
    pub fn new(goals: &[Goal]) -> Self {
        let goal = goals.iter().find(|goal| goal.is_set_up);
        let mut steps = vec![StepForm::blank(), StepForm::blank()];
        let last = goal.map(|goal| StepForm { what: format!("{GOAL}:{}", goal.id), ..StepForm::blank() });
        steps.extend(last);
        Self { within: "visit".into(), days: "7".into(), steps, ..Self::default() }
    }

    /// Returns the values of an existing funnel.
    pub fn from_settings(settings: &FunnelSettings) -> Self {
        Self {
            name: settings.name.clone(),
            within: if settings.window_days.is_some() { "days" } else { "visit" }.into(),
            days: settings.window_days.unwrap_or(7).to_string(),
            steps: settings.steps.iter().map(StepForm::from_step).collect(),
        }
    }

    /// Reads the fields; those of steps end in `-` and the step's number. One step more than may be is read, so that it is
    /// refused and not dropped.
    pub fn read(fields: &[(String, String)]) -> Self {
        let value = |name: &str| {
            fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let is_there = |number: usize| fields.iter().any(|(name, _)| *name == format!("what-{number}"));
        let step = |number: usize| StepForm {
            what: value(&format!("what-{number}")),
            matching: value(&format!("match-{number}")),
            pattern: value(&format!("pattern-{number}")),
            name: value(&format!("name-{number}")),
            is_direct: !value(&format!("direct-{number}")).is_empty(),
        };
        let numbers = (1..=limits::FUNNEL_STEPS_MAX + 1).take_while(|number| is_there(*number));
        Self {
            name: value("name"),
            within: value("within"),
            days: value("days"),
            steps: numbers.map(step).collect(),
        }
    }

    /// Applies the act of a button; returns the place of the step to go on with.
    pub fn apply(&mut self, act: Act) -> Option<usize> {
        let count = self.steps.len();
        let focused = match act {
            Act::More if count < limits::FUNNEL_STEPS_MAX => {
                self.steps.push(StepForm::blank());
                Some(count)
            }
            Act::Remove(place) if place < count => {
                self.steps.remove(place);
                Some(place.min(count.saturating_sub(2)))
            }
            Act::Up(place) if (1..count).contains(&place) => {
                self.steps.swap(place - 1, place);
                Some(place - 1)
            }
            _ => None,
        };
        self.fill_up();
        focused
    }

    /// Adds blank steps up to the least number, and takes the mark from a first step that can't follow directly.
    pub fn fill_up(&mut self) {
        while self.steps.len() < limits::FUNNEL_STEPS_MIN {
            self.steps.push(StepForm::blank());
        }
        if let Some(first) = self.steps.first_mut() {
            first.is_direct = false;
        }
    }

    /// Takes out the steps in which nothing was typed.
    pub fn drop_blank_steps(&mut self) {
        self.steps.retain(|step| !step.is_blank());
        if let Some(first) = self.steps.first_mut() {
            first.is_direct = false;
        }
    }

    /// Returns the settings of the funnel, which may be invalid: days that are none become 0.
    pub fn settings(&self) -> FunnelSettings {
        FunnelSettings {
            name: self.name.clone(),
            window_days: (self.within == "days").then(|| self.days.trim().parse().unwrap_or(0)),
            steps: self.steps.iter().map(StepForm::step).collect(),
        }
    }

    /// Returns the form without its blank steps, to count what is there so far.
    pub fn without_blank_steps(&self) -> Self {
        let mut form = self.clone();
        form.drop_blank_steps();
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(texts: &[(&str, &str)]) -> Vec<(String, String)> {
        texts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_reads_back_as_the_settings_that_it_shows() {
        let fields = fields(&[
            ("name", "Checkout"),
            ("within", "days"),
            ("days", "7"),
            ("what-1", "page"),
            ("match-1", "starts"),
            ("pattern-1", "/shop"),
            ("name-1", "Shop"),
            ("what-2", "goal:3"),
            ("direct-2", "on"),
        ]);
        let settings = FunnelForm::read(&fields).settings();
        assert_eq!((settings.window_days, settings.steps.len()), (Some(7), 2));
        assert_eq!(settings.steps[1].rule, StepRule::Goal(GoalId(3)));
        assert!(settings.steps[1].is_direct);
        assert_eq!(FunnelForm::from_settings(&settings).settings(), settings);
    }

    #[test]
    fn buttons_add_move_and_remove_steps() {
        let read = |value: &str| Act::read(&fields(&[("do", value)]));
        let mut form = FunnelForm::new(&[]);
        form.steps[1].pattern = "/b".into();
        assert_eq!(form.apply(read("up-2")), Some(0));
        assert_eq!(form.steps[0].pattern, "/b");
        assert_eq!(form.apply(read("more")), Some(2));
        assert_eq!(form.apply(read("remove-1")), Some(0));
        assert_eq!(form.apply(read("remove-9")), None);
        assert_eq!(form.apply(read("up-1")), None);
        assert_eq!((read("remove-0"), form.steps.len()), (Act::Check, 2));
        for _ in 0..20 {
            form.apply(Act::More);
        }
        assert_eq!(form.steps.len(), limits::FUNNEL_STEPS_MAX);
    }
}
