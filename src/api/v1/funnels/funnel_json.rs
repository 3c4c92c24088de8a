//! Funnels with their steps as JSON.

use crate::error::Result;
use crate::model::funnel::{Funnel, FunnelStep, StepRule};
use crate::model::id::FunnelId;
use crate::reports::step_names;
use crate::store::funnels;
use crate::store::goals::{self, Goal};
use crate::store::sites::Site;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

/// A funnel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Funnel)]
pub struct FunnelJson {
    /// The id.
    #[schema(example = "1")]
    funnel_id: String,
    /// The name.
    #[schema(example = "Checkout")]
    name: String,
    /// The days in which a visitor may take all steps; left out for steps within a visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7)]
    window_days: Option<u32>,
    /// The steps, in their order.
    steps: Vec<StepJson>,
    /// The time at which it was set up, in RFC 3339.
    created_at: String,
}

/// A step of a funnel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FunnelStep)]
pub struct StepJson {
    /// The title: the name, or else that of the goal, or the pattern.
    #[schema(example = "/cart")]
    title: String,
    /// The name; left out where the goal or the pattern names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The kind: `goal`, `page`, `event`, `download` or `outbound`.
    #[schema(example = "page")]
    kind: &'static str,
    /// The code of the goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<String>,
    /// True if the goal was removed: the step counts nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    goal_removed: bool,
    /// The comparison.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    #[schema(example = "exact")]
    matching: Option<&'static str>,
    /// The pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/cart")]
    pattern: Option<String>,
    /// True if no other page is viewed between the step before and this one.
    directly: bool,
}

/// The funnels of a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunnelList {
    /// The funnels, by name.
    funnels: Vec<FunnelJson>,
}

impl FunnelJson {
    fn new(funnel: Funnel, goals: &[Goal]) -> Self {
        let settings = funnel.settings;
        Self {
            funnel_id: funnel.id.to_string(),
            name: settings.name,
            window_days: settings.window_days,
            steps: settings.steps.into_iter().map(|step| StepJson::new(step, goals)).collect(),
            created_at: funnel.created_at.rfc3339(),
        }
    }

    /// Reads a funnel of a site.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Missing` when there is no such funnel, and when the data file cannot be read.
    pub fn read(connection: &Connection, site: &Site, id: FunnelId) -> Result<Self> {
        let goals = goals::list_with_removed(connection, site.id)?;
        Ok(Self::new(funnels::get(connection, site.id, id)?, &goals))
    }
}

impl StepJson {
    fn new(step: FunnelStep, goals: &[Goal]) -> Self {
        let (title, kind) = (step_names::name(&step, goals), step.rule.kind_name());
        let goal_removed = step_names::removed_goal(&step, goals).is_some();
        let (goal, rule) = match step.rule {
            StepRule::Goal(id) => (goals.iter().find(|goal| goal.id == id), None),
            StepRule::Action(rule) => (None, Some(rule)),
        };
        Self {
            title,
            name: Some(step.name).filter(|name| !name.is_empty()),
            kind,
            goal: goal.map(|goal| goal.code.clone()),
            goal_removed,
            matching: rule.as_ref().map(|rule| rule.matching.name()),
            pattern: rule.map(|rule| rule.pattern),
            directly: step.is_direct,
        }
    }
}

impl FunnelList {
    /// Reads the funnels of a site.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn read(connection: &Connection, site: &Site) -> Result<Self> {
        let goals = goals::list_with_removed(connection, site.id)?;
        let funnels = funnels::list(connection, site.id)?.into_iter();
        Ok(Self { funnels: funnels.map(|funnel| FunnelJson::new(funnel, &goals)).collect() })
    }
}
