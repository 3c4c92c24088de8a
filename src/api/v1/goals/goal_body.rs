//! The bodies by which programs add and change goals.

use crate::api::v1::json_body::{AmountBody, Member};
use crate::error::{Error, Result};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::store::goals::GoalSettings;
use crate::store::sites::Site;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new goal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Order", "kind": "page", "match": "starts", "pattern": "/thanks", "revenue": 49.9}))]
pub struct NewGoalBody {
    /// The name, in 1 to 60 characters.
    name: String,
    /// The name by which pages and programs report it; the name if left out. A goal of this code that a page named is set up, and
    /// a removed one comes back.
    pub code: Option<String>,
    /// The kind of rule: `page`, `event`, `download`, `outbound`, `actions`, `seconds`, `custom` or `campaign`. Without it, pages
    /// and programs name the goal.
    kind: Option<String>,
    /// The comparison: `exact`, `starts`, `wildcard` (`*` for anything) or `regex`. `exact` if left out.
    #[serde(rename = "match")]
    matching: Option<String>,
    /// The pattern: a path or an address, a title, a number, `key: value` of custom data, a campaign.
    pattern: Option<String>,
    /// The revenue of each conversion, in the site's currency. As it is sent if left out.
    revenue: Option<AmountBody>,
    /// True if every conversion of a visit counts. False if left out: the first one does.
    #[serde(default)]
    every_time: bool,
}

/// A rule that is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "page", "match": "starts", "pattern": "/thanks"}))]
pub struct MatchesBody {
    /// The kind of rule: `page`, `event`, `download`, `outbound`, `actions`, `seconds`, `custom` or `campaign`.
    kind: String,
    /// The comparison: `exact`, `starts`, `wildcard` or `regex`. `exact` if left out.
    #[serde(rename = "match")]
    matching: Option<String>,
    /// The pattern.
    pattern: String,
    /// The days. `last-30-days` if left out.
    pub date: Option<String>,
}

/// Changes of a goal: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Orders", "every_time": true}))]
pub struct GoalChangeBody {
    /// A new name.
    name: Option<String>,
    /// The kind of rule; `null` where pages and programs name the goal.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    kind: Member<String>,
    /// The comparison.
    #[serde(rename = "match")]
    matching: Option<String>,
    /// The pattern.
    pattern: Option<String>,
    /// The revenue of each conversion; `null` as it is sent.
    #[serde(default)]
    #[schema(value_type = Option<AmountBody>)]
    revenue: Member<AmountBody>,
    /// True if every conversion of a visit counts.
    every_time: Option<bool>,
}

fn kind(name: &str) -> Result<RuleKind> {
    let wrong =
        "Write page, event, download, outbound, actions, seconds, custom or campaign, or leave it out.";
    name.parse().map_err(|_| Error::invalid("kind", wrong))
}

fn match_kind(name: Option<&str>) -> Result<MatchKind> {
    let parsed = name.map_or(Ok(MatchKind::Exact), str::parse);
    parsed.map_err(|_| Error::invalid("match", "Write exact, starts, wildcard or regex."))
}

impl NewGoalBody {
    /// Returns the settings of the goal.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a kind, a comparison or a revenue that is none, and for a pattern without a kind.
    pub fn settings(&self, site: &Site) -> Result<GoalSettings> {
        let rule = match &self.kind {
            Some(name) => Some(GoalRule {
                kind: kind(name)?,
                matching: match_kind(self.matching.as_deref())?,
                pattern: self.pattern.clone().unwrap_or_default(),
            }),
            None if self.pattern.is_some() || self.matching.is_some() => {
                return Err(Error::invalid("kind", "Say what the pattern is compared with, such as page."));
            }
            None => None,
        };
        let revenue = self.revenue.as_ref().map(|revenue| revenue.parse(site, "revenue")).transpose()?;
        Ok(GoalSettings { name: self.name.clone(), rule, revenue, is_every_time: self.every_time })
    }
}

impl MatchesBody {
    /// Returns the rule.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a kind or a comparison that is none.
    pub fn rule(&self) -> Result<GoalRule> {
        let matching = match_kind(self.matching.as_deref())?;
        Ok(GoalRule { kind: kind(&self.kind)?, matching, pattern: self.pattern.clone() })
    }
}

impl GoalChangeBody {
    /// Returns settings with the changes applied.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a kind, a comparison or a revenue that is none, and for a pattern without a kind.
    pub fn changed(&self, site: &Site, before: GoalSettings) -> Result<GoalSettings> {
        let pattern = self.pattern.clone();
        let rule = match (&self.kind, before.rule) {
            (Member::Value(name), rule) => Some(GoalRule {
                kind: kind(name)?,
                matching: match_kind(self.matching.as_deref())?,
                pattern: pattern.or(rule.map(|rule| rule.pattern)).unwrap_or_default(),
            }),
            (Member::LeftOut, Some(rule)) => Some(GoalRule {
                matching: self
                    .matching
                    .as_deref()
                    .map_or(Ok(rule.matching), |name| match_kind(Some(name)))?,
                pattern: pattern.unwrap_or(rule.pattern),
                ..rule
            }),
            (Member::LeftOut, None) if self.pattern.is_some() || self.matching.is_some() => {
                return Err(Error::invalid("kind", "Say what the pattern is compared with, such as page."));
            }
            (Member::Null, _) | (Member::LeftOut, None) => None,
        };
        let revenue = match &self.revenue {
            Member::LeftOut => before.revenue,
            Member::Null => None,
            Member::Value(revenue) => Some(revenue.parse(site, "revenue")?),
        };
        Ok(GoalSettings {
            name: self.name.clone().unwrap_or(before.name),
            rule,
            revenue,
            is_every_time: self.every_time.unwrap_or(before.is_every_time),
        })
    }
}
