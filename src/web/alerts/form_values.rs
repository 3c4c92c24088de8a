//! The values of the form of an alert, as typed.

use crate::error::{Error, Problem, Result};
use crate::goals::amounts;
use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::id::{GoalId, SegmentId, WebhookId};
use crate::store::segments::Segment;
use crate::store::sites::Site;

/// The choice of the filters that an alert has, where they are no saved segment's.
pub const AS_BEFORE: &str = "as-before";

/// The values of the form.
#[derive(Clone, Debug)]
pub struct AlertForm {
    /// The kind.
    pub kind: AlertKind,
    /// The threshold.
    pub threshold: String,
    /// The percentage.
    pub percent: String,
    /// The id of the goal; empty for none.
    pub goal: String,
    /// The mode.
    pub mode: String,
    /// The id of a segment, [`AS_BEFORE`], or empty for all visits.
    pub segment: String,
    /// True if it tells that things are back to normal.
    pub tells_end: bool,
    /// True if it is told by mail.
    pub by_mail: bool,
    /// The ids of webhooks.
    pub webhooks: Vec<String>,
}

impl AlertForm {
    /// Reads the fields of a form of this kind.
    pub fn read(kind: AlertKind, fields: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let has = |name: &str| fields.iter().any(|(known, _)| known == name);
        let webhooks = fields.iter().filter(|(name, _)| name == "webhook").map(|(_, id)| id.clone());
        Self {
            kind,
            threshold: value("threshold"),
            percent: value("percent"),
            goal: value("goal"),
            mode: value("mode"),
            segment: value("segment"),
            tells_end: has("tells_end"),
            by_mail: has("by_mail"),
            webhooks: webhooks.collect(),
        }
    }

    /// Returns the form of settings.
    pub fn from_settings(site: &Site, settings: &AlertSettings, segments: &[Segment]) -> Self {
        let threshold = match settings.kind {
            AlertKind::Revenue => site.currency.plain(settings.threshold),
            AlertKind::Goal if settings.mode != GoalMode::Over => {
                settings.kind.default_threshold().to_string()
            }
            _ => settings.threshold.to_string(),
        };
        let known = segments.iter().find(|segment| segment.conditions == settings.segment);
        let segment = match known {
            _ if settings.segment.is_empty() => String::new(),
            Some(segment) => segment.id.to_string(),
            None => AS_BEFORE.to_owned(),
        };
        Self {
            kind: settings.kind,
            threshold,
            percent: settings.percent.to_string(),
            goal: settings.goal.map(|goal| goal.to_string()).unwrap_or_default(),
            mode: settings.mode.name().to_owned(),
            segment,
            tells_end: settings.tells_end,
            by_mail: settings.by_mail,
            webhooks: settings.webhooks.iter().map(ToString::to_string).collect(),
        }
    }

    /// Returns the form of a new alert.
    pub fn proposed(site: &Site, kind: AlertKind, goals: &[GoalId]) -> Self {
        let mut settings = AlertSettings::proposed(kind);
        if kind == AlertKind::Revenue {
            settings.threshold = site.currency.parse_amount(&settings.threshold.to_string()).unwrap_or(0);
        }
        if kind == AlertKind::Goal {
            settings.goal = goals.first().copied();
        }
        Self::from_settings(site, &settings, &[])
    }

    /// Returns the settings; `before` has those of an alert that is changed.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for numbers that are none, and for a segment that is gone.
    pub fn settings(
        &self,
        site: &Site,
        segments: &[Segment],
        before: Option<&AlertSettings>,
    ) -> Result<AlertSettings> {
        let (mut settings, mut problems) = (AlertSettings::proposed(self.kind), Vec::new());
        let mut wrong = |field: &'static str, sentence: String| {
            problems.push(Problem { field: field.into(), sentence });
        };
        settings.mode = self.mode.parse().unwrap_or_default();
        let is_unused = self.kind == AlertKind::Goal && settings.mode != GoalMode::Over;
        let number = |text: &str| text.replace([',', ' '], "").parse::<i64>();
        if self.kind == AlertKind::Revenue {
            match amounts::parse(site, "threshold", &self.threshold) {
                Ok(amount) => settings.threshold = amount,
                Err(error) => wrong("threshold", error.to_string()),
            }
        } else if self.kind.threshold_label().is_some() && !is_unused {
            match number(&self.threshold) {
                Ok(threshold) => settings.threshold = threshold,
                Err(_) => wrong("threshold", "Enter a whole number.".into()),
            }
        }
        if self.kind.default_percent().is_some() {
            match number(self.percent.trim_end_matches('%')) {
                Ok(percent) => settings.percent = percent,
                Err(_) => wrong("percent", "Enter a whole number.".into()),
            }
        }
        settings.goal = GoalId::parse(&self.goal);
        settings.segment = match self.segment.as_str() {
            "" => String::new(),
            AS_BEFORE => before.map(|before| before.segment.clone()).unwrap_or_default(),
            id => {
                let id = SegmentId::parse(id);
                let found = segments.iter().find(|segment| Some(segment.id) == id);
                if found.is_none() {
                    wrong("segment", "This segment was removed. Choose another one.".into());
                }
                found.map(|segment| segment.conditions.clone()).unwrap_or_default()
            }
        };
        (settings.tells_end, settings.by_mail) = (self.tells_end, self.by_mail);
        settings.webhooks = self.webhooks.iter().filter_map(|id| WebhookId::parse(id)).collect();
        if problems.is_empty() { Ok(settings) } else { Err(Error::Invalid(problems)) }
    }
}
