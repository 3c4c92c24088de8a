//! The form of a goal, and its checks.

use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::currency::{AmountProblem, Currency};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::store::goals::{Goal, GoalSettings};
use serde::Deserialize;

/// The kind of a goal that has no rule: pages and programs name it.
pub const BY_CODE: &str = "code";

/// The values of the form, as typed.
#[derive(Clone, Deserialize, Default)]
pub struct GoalForm {
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The kind of the rule, or [`BY_CODE`].
    #[serde(default)]
    pub kind: String,
    /// The comparison.
    #[serde(default, rename = "match")]
    pub matching: String,
    /// The pattern.
    #[serde(default)]
    pub pattern: String,
    /// `sent` or `fixed`.
    #[serde(default)]
    pub revenue: String,
    /// The fixed revenue.
    #[serde(default)]
    pub amount: String,
    /// `once` or `every`.
    #[serde(default)]
    pub count: String,
}

impl GoalForm {
    /// Returns the values of a new goal.
    pub fn new() -> Self {
        Self {
            kind: RuleKind::Page.name().into(),
            matching: MatchKind::Exact.name().into(),
            revenue: "sent".into(),
            count: "once".into(),
            ..Self::default()
        }
    }

    /// Returns the values of an existing goal.
    pub fn from_goal(goal: &Goal, currency: Currency) -> Self {
        let GoalSettings { name, rule, revenue, is_every_time } = &goal.settings;
        Self {
            name: name.clone(),
            kind: rule.as_ref().map_or(BY_CODE, |rule| rule.kind.name()).into(),
            matching: rule.as_ref().map_or_else(MatchKind::default, |rule| rule.matching).name().into(),
            pattern: rule.as_ref().map(|rule| rule.pattern.clone()).unwrap_or_default(),
            revenue: if revenue.is_some() { "fixed" } else { "sent" }.into(),
            amount: revenue.map(|amount| currency.plain(amount)).unwrap_or_default(),
            count: if *is_every_time { "every" } else { "once" }.into(),
        }
    }

    /// Returns the kind of the rule; `None` for a goal that pages and programs name.
    pub fn rule_kind(&self) -> Option<RuleKind> {
        self.kind.parse().ok()
    }

    /// Returns the rule.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` when the rule cannot be compiled.
    pub fn rule(&self) -> Result<Option<GoalRule>> {
        if self.kind == BY_CODE {
            return Ok(None);
        }
        let kind =
            self.rule_kind().ok_or_else(|| Error::invalid("kind", "Choose how visitors reach this goal."))?;
        let rule = GoalRule {
            kind,
            matching: self.matching.parse().unwrap_or_default(),
            pattern: self.pattern.trim().to_owned(),
        };
        rule.compile()?;
        Ok(Some(rule))
    }

    /// Returns the settings of the goal.
    ///
    /// # Errors
    /// Fails with `Error::Invalid`, which holds every problem of the form.
    pub fn check(&self, currency: Currency) -> Result<GoalSettings> {
        let mut problems = Vec::new();
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > limits::GOAL_NAME_CHARS_MAX {
            let most = limits::GOAL_NAME_CHARS_MAX;
            let sentence = format!("Give the goal a name of 1 to {most} characters, such as Order.");
            problems.push(Problem { field: "name".into(), sentence });
        }
        let rule = self.rule().unwrap_or_else(|error| {
            problems.extend(error.problems().unwrap_or_default());
            None
        });
        let revenue = self.fixed_revenue(currency).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if problems.is_empty() {
            Ok(GoalSettings { name, rule, revenue, is_every_time: self.count == "every" })
        } else {
            Err(Error::Invalid(problems))
        }
    }

    fn fixed_revenue(&self, currency: Currency) -> std::result::Result<Option<i64>, Problem> {
        if self.revenue != "fixed" {
            return Ok(None);
        }
        let problem = |sentence: String| Problem { field: "amount".into(), sentence };
        currency.parse_amount(&self.amount).map(Some).map_err(|found| match found {
            AmountProblem::NoNumber => {
                let example = currency.plain(10_i64.pow(currency.decimals()) * 25);
                problem(format!("Enter the amount as a number, such as {example}."))
            }
            AmountProblem::TooLarge => {
                problem(format!("Enter {} at most.", currency.text(limits::REVENUE_MAX)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur() -> Currency {
        Currency::parse("EUR").unwrap()
    }

    #[test]
    fn every_problem_is_told_beside_its_field() {
        let form = GoalForm {
            kind: "page".into(),
            matching: "regex".into(),
            pattern: "(a".into(),
            revenue: "fixed".into(),
            amount: "lots".into(),
            ..GoalForm::new()
        };
        let problems = form.check(eur()).unwrap_err().problems().unwrap();
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
        assert_eq!(fields, ["name", "pattern", "amount"]);
    }

    #[test]
    fn a_goal_reads_back_as_it_was_typed() {
        let form = GoalForm {
            name: " Order ".into(),
            kind: "custom".into(),
            matching: "starts".into(),
            pattern: "plan: pre".into(),
            revenue: "fixed".into(),
            amount: "25,5".into(),
            count: "every".into(),
        };
        let settings = form.check(eur()).unwrap();
        assert_eq!(
            (settings.name.as_str(), settings.revenue, settings.is_every_time),
            ("Order", Some(2_550), true)
        );
        assert_eq!(settings.rule.unwrap().pattern, "plan: pre");
        assert!(
            GoalForm { kind: BY_CODE.into(), name: "x".into(), ..GoalForm::new() }
                .check(eur())
                .unwrap()
                .rule
                .is_none()
        );
    }
}
