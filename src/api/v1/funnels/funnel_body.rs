//! The bodies by which programs add and change funnels.

use crate::api::v1::json_body::Member;
use crate::error::{Error, Result};
use crate::model::funnel::{FunnelSettings, FunnelStep, GOAL, STEP_KINDS, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::store::goals;
use crate::store::sites::Site;
use rusqlite::Connection;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new funnel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Checkout",
    "window_days": 7,
    "steps": [
        {"kind": "page", "pattern": "/cart"},
        {"kind": "page", "match": "starts", "pattern": "/checkout", "directly": true},
        {"kind": "goal", "goal": "Order"}
    ]
}))]
pub struct NewFunnelBody {
    /// The name, in 1 to 60 characters.
    name: String,
    /// The days in which a visitor may take all steps, from 1 to 90. Within a visit if left out.
    window_days: Option<u32>,
    /// The steps, in their order: 2 to 12.
    steps: Vec<StepBody>,
}

/// A step of a funnel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFunnelStep)]
pub struct StepBody {
    /// The kind: `goal`, `page`, `event`, `download` or `outbound`.
    kind: String,
    /// The code, the name or the id of a goal.
    goal: Option<String>,
    /// The comparison: `exact`, `starts`, `wildcard` (`*` for anything) or `regex`. `exact` if left out.
    #[serde(rename = "match")]
    matching: Option<String>,
    /// The pattern: a path or an address, or the title of an event.
    pattern: Option<String>,
    /// The name. Its goal or pattern names it if left out.
    #[serde(default)]
    name: String,
    /// True if no other page may be viewed between the step before and this one. False if left out.
    #[serde(default)]
    directly: bool,
}

/// Changes of a funnel: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Orders", "window_days": null}))]
pub struct FunnelChangeBody {
    /// A new name.
    name: Option<String>,
    /// The days in which a visitor may take all steps; `null` for within a visit.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    window_days: Member<u32>,
    /// The steps that replace all steps.
    steps: Option<Vec<StepBody>>,
}

impl StepBody {
    fn step(&self, connection: &Connection, site: &Site, number: usize) -> Result<FunnelStep> {
        let wrong = |sentence: &str| Error::invalid("steps", format!("Step {number}: {sentence}"));
        let rule = if self.kind == GOAL {
            if self.pattern.is_some() || self.matching.is_some() {
                return Err(wrong("A goal has no pattern of its own here. Leave out match and pattern."));
            }
            let named = self.goal.as_deref().ok_or_else(|| wrong("Write the code of the goal as goal."))?;
            let goal = goals::find_named(connection, site.id, named)?;
            let missing = || wrong(&format!("There's no goal “{named}”. `GET goals` lists them."));
            StepRule::Goal(goal.ok_or_else(missing)?.id)
        } else {
            let kind = self.kind.parse::<RuleKind>().ok().filter(|kind| STEP_KINDS.contains(kind));
            let kind = kind.ok_or_else(|| wrong("Write goal, page, event, download or outbound as kind."))?;
            if self.goal.is_some() {
                return Err(wrong("Write goal as kind, or leave out goal."));
            }
            let matching = self.matching.as_deref().map_or(Ok(MatchKind::Exact), str::parse);
            let matching = matching.map_err(|_| wrong("Write exact, starts, wildcard or regex as match."))?;
            let pattern = self.pattern.clone().unwrap_or_default();
            StepRule::Action(GoalRule { kind, matching, pattern })
        };
        Ok(FunnelStep { name: self.name.clone(), rule, is_direct: self.directly })
    }
}

fn steps(bodies: &[StepBody], connection: &Connection, site: &Site) -> Result<Vec<FunnelStep>> {
    (1..).zip(bodies).map(|(number, body)| body.step(connection, site, number)).collect()
}

impl NewFunnelBody {
    /// Returns the settings of the funnel.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a kind, a comparison or a goal that is none, and when the data file cannot be read.
    pub fn settings(&self, connection: &Connection, site: &Site) -> Result<FunnelSettings> {
        let steps = steps(&self.steps, connection, site)?;
        Ok(FunnelSettings { name: self.name.clone(), window_days: self.window_days, steps })
    }
}

impl FunnelChangeBody {
    /// Returns settings with the changes applied.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a kind, a comparison or a goal that is none, and when the data file cannot be read.
    pub fn changed(
        &self,
        connection: &Connection,
        site: &Site,
        before: FunnelSettings,
    ) -> Result<FunnelSettings> {
        let given = self.steps.as_deref().map(|bodies| steps(bodies, connection, site)).transpose()?;
        Ok(FunnelSettings {
            name: self.name.clone().unwrap_or(before.name),
            window_days: match self.window_days {
                Member::LeftOut => before.window_days,
                Member::Null => None,
                Member::Value(days) => Some(days),
            },
            steps: given.unwrap_or(before.steps),
        })
    }
}
