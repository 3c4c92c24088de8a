//! The goals, funnels, costs and notes of the demo's businesses, as data.

use crate::model::goal::RuleKind;
use crate::store::annotations::AnnotationKind;

/// A goal of a business.
pub struct DemoGoal {
    /// The name, by which pages report it.
    pub name: &'static str,
    /// The kind and the pattern of its rule; `None` if pages report it.
    pub rule: Option<(RuleKind, &'static str)>,
    /// The revenue of each conversion, in cents; `None` as it is sent.
    pub revenue: Option<i64>,
    /// True if each conversion counts.
    pub is_every_time: bool,
}

/// A funnel of a business.
pub struct DemoFunnel {
    /// The name.
    pub name: &'static str,
    /// The steps: the name, and the pattern of a page, or the code of a goal.
    pub steps: &'static [DemoStep],
}

/// A step of a funnel.
pub enum DemoStep {
    /// A page, with the name of the step.
    Page(&'static str, &'static str),
    /// A goal.
    Goal(&'static str),
}

/// The cost of a campaign.
pub struct DemoCost {
    /// The campaign.
    pub campaign: &'static str,
    /// The cost of a day at 100 visits a day, in cents.
    pub per_day: i64,
    /// True for the days of the seasonal campaign; false for the first day of each month.
    pub is_seasonal: bool,
}

/// An annotation of a date.
pub struct DemoAnnotation {
    /// The days before the last one.
    pub days_ago: i32,
    /// The kind.
    pub kind: AnnotationKind,
    /// The text.
    pub text: &'static str,
}
