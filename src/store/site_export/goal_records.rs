//! The records of goals, funnels, campaigns and annotations of an exported site. Amounts are in the minor unit of the file's currency;
//! in a site with another one they keep their digits.

use crate::model::clock::Day;
use crate::model::currency::Currency;
use serde::{Deserialize, Serialize};

/// A goal, by its code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalRecord {
    pub code: String,
    pub name: String,
    pub kind: Option<String>,
    #[serde(rename = "match")]
    pub matching: String,
    pub pattern: String,
    pub revenue: Option<i64>,
    pub every_time: bool,
    pub is_set_up: bool,
    pub created_at: i64,
    pub removed_at: Option<i64>,
    /// The progress of matching it with earlier visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_below: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching_began: Option<i64>,
}

/// A funnel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelRecord {
    pub name: String,
    pub window_days: Option<u32>,
    pub created_at: i64,
    pub steps: Vec<FunnelStepRecord>,
}

/// A step of a funnel; a goal is named by its code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunnelStepRecord {
    pub name: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    #[serde(rename = "match")]
    pub matching: String,
    pub pattern: String,
    pub is_direct: bool,
}

/// A rule for a campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CampaignRuleRecord {
    pub campaign: String,
    pub kind: String,
    #[serde(rename = "match")]
    pub matching: String,
    pub pattern: String,
}

/// The cost of a campaign on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CampaignCostRecord {
    pub campaign: String,
    pub day: Day,
    pub cost: i64,
}

/// A campaign link that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CampaignLinkRecord {
    pub url: String,
    pub campaign: String,
    pub author: Option<String>,
    pub created_at: i64,
}

/// An annotation of a date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnotationRecord {
    pub day: Day,
    pub kind: String,
    pub text: String,
    pub author: Option<String>,
    pub created_at: i64,
}

/// The annotation of a visitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitorNoteRecord {
    pub visitor: String,
    pub name: String,
    pub tags: Vec<String>,
    pub note: String,
    pub author: Option<String>,
    pub changed_at: i64,
}

/// The currencies of a file and of the site that it is read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currencies {
    /// The currency of the file.
    pub file: Currency,
    /// The currency of the site.
    pub site: Currency,
}

impl Currencies {
    /// Returns an amount of the file as one of the site.
    pub(super) fn amount(self, amount: i64) -> i64 {
        self.file.rescaled(amount, self.site)
    }
}

/// A conversion. Amounts are in the minor unit of the file's currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversionRecord {
    pub at: i64,
    /// The code of the goal.
    pub goal: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_matched: bool,
    /// The revenue that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<i64>,
    /// The revenue that counts.
    pub amount: i64,
    pub counts: bool,
    /// The revenue, in files before version 3; nothing else but time and goal stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revenue: Option<f64>,
}

impl ConversionRecord {
    /// Returns the conversion with the revenue of an earlier version as it is stored today; `is_first` tells whether the
    /// visit had not reached the goal before.
    pub(super) fn current(self, currency: Currency, is_first: bool) -> Self {
        let Some(revenue) = self.revenue else { return self };
        // The shortest text of the number is what the page sent. What was stored as 0 was mostly not sent at all.
        let sent = currency.parse_amount(&revenue.to_string()).ok().filter(|amount| *amount != 0);
        let amount = sent.filter(|_| is_first).unwrap_or(0);
        Self { sent, amount, counts: is_first, revenue: None, ..self }
    }
}
