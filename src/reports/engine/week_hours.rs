//! A metric by weekday and hour, in one pass over the days of each period.

use super::aggregate::week_hours::MeasuresByHour;
use super::runner::QueryRunner;
use crate::error::{Error, Result};
use crate::model::metrics::Metric;
use crate::reports::comparison::Compared;
use crate::reports::results::week_hours::WeekHours;

/// Returns a metric by weekday and hour.
///
/// # Errors
/// Fails with [`Error::Forbidden`] for a metric that may not be seen, and when the query is cancelled or the data cannot be read.
pub fn week_hours(runner: &QueryRunner<'_>, metric: Metric) -> Result<Compared<WeekHours>> {
    if !runner.shows_metric(metric) {
        return Err(Error::Forbidden);
    }
    let (mut now, mut before) = (MeasuresByHour::new(metric), MeasuresByHour::new(metric));
    runner.run(&mut [&mut now])?;
    let is_compared = runner.run_before(&mut [&mut before])?;
    Ok(Compared { now: now.finish(), before: is_compared.then(|| before.finish()) })
}
