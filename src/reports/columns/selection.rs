//! The selection of the visits of a block that count for a query.

use super::goal_in_view::GoalInView;
use super::step_codes::StepCodes;
use crate::model::metrics::Metrics;
use std::ops::Range;
use std::sync::Arc;

/// A selection of visits of a block.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The rows of the days queried.
    pub range: Range<usize>,
    /// The rows in that range for which all filters hold; `None` without filters.
    picked: Option<Picked>,
    /// The flags of each visitor's first visit of the day, from the start of the range; only in a restricted population.
    pub(super) firsts: Option<Vec<bool>>,
    /// The conversions of the goal in view, which count alone.
    pub(super) goal: Option<GoalInView>,
    /// The steps of the funnel in view.
    steps: Option<Arc<StepCodes>>,
}

#[derive(Clone, Debug)]
struct Picked {
    list: Vec<u32>,
    /// The flags of the selected rows, from the start of the range.
    holds: Vec<bool>,
}

impl Selection {
    /// Selects all visits of a range.
    pub fn all(range: Range<usize>) -> Self {
        Self { range, picked: None, firsts: None, goal: None, steps: None }
    }

    /// Selects the visits of a range whose flag in `holds` is set.
    pub fn picked(range: Range<usize>, holds: Vec<bool>) -> Self {
        let count = holds.iter().filter(|holds| **holds).count();
        // Every row is written and the index advances only for a selected one, without a branch: the flags are
        // unpredictable, and a mispredicted branch costs more than the write. One slot more takes the rows after the
        // last selected one.
        let mut list = vec![0; count + 1];
        let mut end = 0;
        let start = u32::try_from(range.start).unwrap_or(u32::MAX);
        for (row, holds) in (start..).zip(&holds) {
            list[end] = row;
            end += usize::from(*holds);
        }
        list.truncate(count);
        Self { range, picked: Some(Picked { list, holds }), firsts: None, goal: None, steps: None }
    }

    /// Sets the flags of each visitor's first visit of the day, from the start of the range, for a restricted
    /// population.
    #[must_use]
    pub fn with_firsts(self, firsts: Vec<bool>) -> Self {
        Self { firsts: Some(firsts), ..self }
    }

    /// Sets the conversions that count alone.
    #[must_use]
    pub fn with_goal_in_view(self, goal: GoalInView) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// Sets the steps of the funnel in view.
    #[must_use]
    pub fn with_steps(self, steps: Option<Arc<StepCodes>>) -> Self {
        Self { steps, ..self }
    }

    /// Returns the steps of the funnel in view.
    pub fn steps(&self) -> Option<&StepCodes> {
        self.steps.as_deref()
    }

    /// Selects the visits of the same range that are listed, in ascending order.
    #[must_use]
    pub fn reaching(&self, visits: &[(usize, Metrics)]) -> Self {
        let mut holds = vec![false; self.range.len()];
        for (visit, _) in visits {
            holds[visit - self.range.start] = true;
        }
        Self::picked(self.range.clone(), holds)
    }

    /// Returns the goal in view, whose conversions count alone.
    pub fn goal_in_view(&self) -> Option<&GoalInView> {
        self.goal.as_ref()
    }

    /// Returns the metrics of all visits in a range of rows, `all` of which are selected, with the conversions that count.
    pub fn with_conversions_in_view(&self, all: &Metrics, rows: &Range<usize>) -> Metrics {
        let Some(goal) = &self.goal else { return *all };
        let mut metrics = all.without_conversions();
        goal.found(rows).iter().for_each(|(_, of_visit)| metrics += *of_visit);
        metrics
    }

    /// Returns the flags of each visitor's first visit of the day, from the start of the range; `None` if those of all visits hold.
    pub fn firsts(&self) -> Option<&[bool]> {
        self.firsts.as_deref()
    }

    /// Returns true without filters: every visit of the range is selected.
    pub fn is_unfiltered(&self) -> bool {
        self.picked.is_none()
    }

    /// Returns true if a row of the range is selected.
    pub fn has(&self, row: usize) -> bool {
        self.picked.as_ref().is_none_or(|picked| picked.holds[row - self.range.start])
    }

    /// Returns the number of selected rows.
    pub fn count(&self) -> usize {
        self.picked.as_ref().map_or(self.range.len(), |picked| picked.list.len())
    }

    /// Calls `visit` with each selected row, in order.
    pub fn each(&self, mut visit: impl FnMut(usize)) {
        match &self.picked {
            None => self.range.clone().for_each(visit),
            Some(picked) => picked.list.iter().for_each(|row| visit(*row as usize)),
        }
    }

    /// Calls `visit` with at most the last `most` selected rows, in order.
    pub fn each_of_last(&self, most: usize, visit: impl FnMut(usize)) {
        match &self.picked {
            None => self.range.clone().skip(self.range.len().saturating_sub(most)).for_each(visit),
            Some(picked) => {
                let first = picked.list.len().saturating_sub(most);
                picked.list[first..].iter().map(|row| *row as usize).for_each(visit);
            }
        }
    }
}
