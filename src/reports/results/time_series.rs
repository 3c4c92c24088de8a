//! Time series of metrics.

use crate::model::clock::Day;
use crate::model::metrics::Metrics;

/// A time series: metrics for each step that has begun.
#[derive(Clone, Debug)]
pub enum TimeSeries {
    /// Metrics by day, with the days.
    Days(Vec<Day>, Vec<Metrics>),
    /// Metrics by hour of one day.
    Hours(Vec<Metrics>),
}

impl Default for TimeSeries {
    fn default() -> Self {
        Self::Hours(Vec::new())
    }
}

impl TimeSeries {
    /// Returns the metrics, step by step.
    pub fn metrics(&self) -> &[Metrics] {
        match self {
            Self::Days(_, metrics) | Self::Hours(metrics) => metrics,
        }
    }

    /// Returns the metrics, step by step, to be changed.
    pub fn metrics_mut(&mut self) -> &mut [Metrics] {
        match self {
            Self::Days(_, metrics) | Self::Hours(metrics) => metrics,
        }
    }
}
