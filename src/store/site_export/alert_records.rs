//! The records of alerts, monitors and outages of an exported site.

use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::id::GoalId;
use crate::model::monitor::{MonitorSettings, Statuses};
use serde::{Deserialize, Serialize};

/// An alert. The threshold of revenue is in the minor unit of the file's currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRecord {
    pub kind: String,
    pub threshold: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub percent: i64,
    /// The code of the goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    pub mode: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub segment: String,
    pub tells_end: bool,
    pub by_mail: bool,
    pub created_at: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl AlertRecord {
    /// Returns the settings, with the goal of that code; `None` if kind or mode are none.
    pub fn settings(&self, goal: Option<GoalId>) -> Option<AlertSettings> {
        Some(AlertSettings {
            kind: self.kind.parse::<AlertKind>().ok()?,
            threshold: self.threshold,
            percent: self.percent,
            goal,
            mode: self.mode.parse::<GoalMode>().ok()?,
            segment: self.segment.clone(),
            tells_end: self.tells_end,
            by_mail: self.by_mail,
            webhooks: Vec::new(),
        })
    }
}

/// A monitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonitorRecord {
    pub name: String,
    pub url: String,
    pub every_minutes: u32,
    pub statuses: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub must_contain: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub must_not_contain: String,
    pub timeout_seconds: u32,
    pub created_at: i64,
    pub checked_at: Option<i64>,
    pub certificate_expires_at: Option<i64>,
}

/// The sums of a monitor of some hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonitorHoursRecord {
    pub monitor: String,
    /// Each with the hour since 1970, and its checks, failures, answers as expected with their milliseconds and the slowest of them, and the
    /// milliseconds that were watched and down.
    pub hours: Vec<[i64; 8]>,
}

/// An outage of a monitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutageRecord {
    pub monitor: String,
    pub began_at: i64,
    pub confirmed_at: i64,
    pub ended_at: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    pub cause: String,
    pub network: String,
}

impl MonitorRecord {
    /// Returns the settings; `None` if the statuses are none.
    pub fn settings(&self) -> Option<MonitorSettings> {
        Some(MonitorSettings {
            name: self.name.clone(),
            url: self.url.clone(),
            every_minutes: self.every_minutes,
            statuses: Statuses::parse(&self.statuses)?,
            must_contain: self.must_contain.clone(),
            must_not_contain: self.must_not_contain.clone(),
            timeout_seconds: self.timeout_seconds,
        })
    }
}
