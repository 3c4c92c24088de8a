//! Alerts: what is watched, and from which number on it is told.

use super::clock::Timestamp;
use super::id::{AlertId, GoalId, SiteId, UserId, WebhookId};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A kind of alert: the thing that it watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum AlertKind {
    /// Far more visits than in the same hour of the last four weeks.
    Spike,
    /// Far fewer visits than in the same hours of the last four weeks.
    Drop,
    /// More visitors online than a number.
    Online,
    /// Conversions of a goal.
    Goal,
    /// More revenue in a day than an amount.
    Revenue,
    /// A referring site that is new and sends more visits in a day than a number.
    Referrer,
    /// More views of pages that were not found in a day than a number.
    NotFound,
    /// A monitor that finds the site down, or up again.
    Outage,
    /// A certificate that expires within a number of days.
    Certificate,
    /// No hits for a number of hours.
    Silence,
}

impl AlertKind {
    /// Returns the name in the file, in forms and for programs.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the title on screens.
    pub fn title(self) -> &'static str {
        match self {
            Self::Spike => "Traffic spike",
            Self::Drop => "Traffic drop",
            Self::Online => "Visitors online",
            Self::Goal => "Goal reached",
            Self::Revenue => "Revenue",
            Self::Referrer => "New referring site",
            Self::NotFound => "Pages not found",
            Self::Outage => "Site down",
            Self::Certificate => "Certificate expiring",
            Self::Silence => "No hits",
        }
    }

    /// Returns the unit of the threshold, as a label says it; `None` for a kind without one.
    pub fn threshold_label(self) -> Option<&'static str> {
        match self {
            Self::Spike => Some("Only with at least this many visits an hour"),
            Self::Drop => Some("Only where this many visits are usual in three hours"),
            Self::Online => Some("More visitors online than"),
            Self::Goal => Some("More conversions a day than"),
            Self::Revenue => Some("More revenue a day than"),
            Self::Referrer => Some("More visits a day than"),
            Self::NotFound => Some("More views a day than"),
            Self::Certificate => Some("Days before it expires"),
            Self::Silence => Some("Hours without a hit"),
            Self::Outage => None,
        }
    }

    /// Returns the threshold that is proposed; revenue in whole units of its currency.
    pub fn default_threshold(self) -> i64 {
        match self {
            Self::Spike => 30,
            Self::Drop => 50,
            Self::Online | Self::Revenue => 100,
            Self::Goal | Self::Referrer | Self::NotFound => 20,
            Self::Certificate => 14,
            Self::Silence => 24,
            Self::Outage => 0,
        }
    }

    /// Returns the change in percent that is proposed; `None` for a kind without one.
    pub fn default_percent(self) -> Option<i64> {
        match self {
            Self::Spike => Some(100),
            Self::Drop => Some(80),
            _ => None,
        }
    }

    /// Returns true if only matching visits are counted where a segment is chosen.
    pub fn takes_segment(self) -> bool {
        !matches!(self, Self::Outage | Self::Certificate | Self::Silence)
    }

    /// Returns true if an event goes on until things are back to normal.
    pub fn can_end(self) -> bool {
        matches!(self, Self::Spike | Self::Drop | Self::Online | Self::Outage | Self::Silence)
    }
}

/// The conversions of which an alert on a goal tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum GoalMode {
    /// Each one; those of one moment together.
    #[default]
    Each,
    /// The first one of a day.
    First,
    /// Once a day, when there are more than the threshold.
    Over,
}

impl GoalMode {
    /// Returns the name in the file, in forms and for programs.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The settings of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSettings {
    /// The kind.
    pub kind: AlertKind,
    /// The threshold: visits, visitors, conversions, minor units of the currency, views, days or hours.
    pub threshold: i64,
    /// The change in percent from which on traffic is unusual; 0 for other kinds.
    pub percent: i64,
    /// The goal; only of the kind goal, and of revenue where one goal's is watched.
    pub goal: Option<GoalId>,
    /// The conversions of which an alert on a goal tells.
    pub mode: GoalMode,
    /// The filters of the visits that count, as in a URL; empty for all visits.
    pub segment: String,
    /// True if it also tells that things are back to normal.
    pub tells_end: bool,
    /// True if it is told by mail, besides on screen.
    pub by_mail: bool,
    /// The webhooks that are called; only of alerts of the whole site.
    pub webhooks: Vec<WebhookId>,
}

impl AlertSettings {
    /// Returns the settings that are proposed for a kind.
    pub fn proposed(kind: AlertKind) -> Self {
        Self {
            kind,
            threshold: kind.default_threshold(),
            percent: kind.default_percent().unwrap_or(0),
            goal: None,
            mode: GoalMode::Each,
            segment: String::new(),
            tells_end: kind == AlertKind::Outage,
            by_mail: true,
            webhooks: Vec::new(),
        }
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The id.
    pub id: AlertId,
    /// The site.
    pub site: SiteId,
    /// The user whose own alert it is; `None` for an alert of the whole site.
    pub owner: Option<UserId>,
    /// The settings.
    pub settings: AlertSettings,
    /// The time at which it was set.
    pub created_at: Timestamp,
    /// The time at which it stopped, and why; `None` while it watches.
    pub stopped: Option<(Timestamp, String)>,
    /// What it remembers, as JSON.
    pub state: String,
}
