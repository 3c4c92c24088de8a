//! The funnel that a screen shows, with its counts, as all its parts read it.

use crate::model::funnel::Funnel;
use crate::reports::funnel_filter;
use crate::reports::results::funnel::FunnelResult;
use crate::reports::visibility::VisitorData;
use crate::store::goals::Goal;
use crate::web::report::page::ReportPage;

/// The funnel that the screen shows, with its counts.
pub struct View<'a> {
    /// The screen.
    pub page: &'a ReportPage,
    /// The funnel.
    pub funnel: &'a Funnel,
    /// The goals of the site, removed ones too.
    pub goals: &'a [Goal],
    /// The names of its steps.
    pub names: Vec<String>,
    /// Its counts.
    pub result: FunnelResult,
}

impl View<'_> {
    /// Returns those who took the first step.
    pub fn entered(&self) -> i64 {
        self.result.steps.first().map_or(0, |step| step.reached.now)
    }

    /// Returns the word for what is counted.
    pub fn counted(&self, count: i64) -> &'static str {
        match (self.funnel.settings.window_days.is_some(), count) {
            (true, 1) => "visitor",
            (true, _) => "visitors",
            (false, 1) => "visit",
            (false, _) => "visits",
        }
    }

    /// Returns the address of the visits that took a step, from 1, or of those lost after it. Where steps are taken in several
    /// visits, it's that of the visits with the step, and no visit tells who was lost.
    pub fn visits(&self, number: usize, is_lost: bool) -> Option<String> {
        let is_listed = self.page.query.visibility.has(VisitorData::LiveList);
        if !is_listed || is_lost && self.funnel.settings.window_days.is_some() {
            return None;
        }
        let filter = funnel_filter::filter(self.funnel.id, number, is_lost).ok()?;
        let filters: Vec<_> = self.page.address.filters.iter().cloned().chain([filter]).collect();
        Some(self.page.address.visitors(&filters))
    }
}
