//! The steps of a time series: hours, days, weeks and months, and the metrics of each.

use super::read_context::ReadContext;
use super::visit_selection::VisitSelection;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Day;
use crate::model::metrics::Metrics;
use crate::reports::answer::Coverage;
use crate::reports::comparison::Compared;
use crate::reports::date_range::{DateRange, Unit};
use crate::reports::query::{Query, Wants};
use crate::reports::results::time_series::TimeSeries;

/// The length of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// An hour of the day.
    Hour,
    /// A day.
    Day,
    /// A week, Monday to Sunday.
    Week,
    /// A month.
    Month,
}

impl Interval {
    /// Finds an interval by its name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Hour, Self::Day, Self::Week, Self::Month].into_iter().find(|one| one.name() == name)
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Returns the usual interval of a range: hours of one day, days of several.
    pub fn of_range(range: DateRange) -> Self {
        if range.days() == 1 { Self::Hour } else { Self::Day }
    }

    /// Returns the first day of the step of a day, within a range.
    pub fn first_day(self, day: Day, range: DateRange) -> Day {
        let unit = match self {
            Self::Hour | Self::Day => return day,
            Self::Week => Unit::Week,
            Self::Month => Unit::Month,
        };
        unit.around(day).first.max(range.first)
    }

    /// Checks that a range can be counted in these steps.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for hours of too many days, and for hours of several days that are compared; `field` is
    /// the name of the parameter.
    pub fn check(self, field: &'static str, selection: &VisitSelection) -> Result<()> {
        let days = selection.range.days();
        if self != Self::Hour || days == 1 {
            return Ok(());
        }
        if days > limits::API_HOURLY_DAYS_MAX {
            let most = limits::API_HOURLY_DAYS_MAX;
            return Err(Error::invalid(
                field,
                format!("Hours are counted for {most} days at most. Choose day, or fewer days."),
            ));
        }
        if selection.comparison.is_some() {
            return Err(Error::invalid(
                "compare",
                "Hours are compared for one day alone. Choose one day, or compare=none.",
            ));
        }
        Ok(())
    }
}

/// A step of a time series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<T> {
    /// The day, or the day and local hour, on which it begins: `2026-11-30` or `2026-11-30T09:00`.
    pub label: String,
    /// The value.
    pub now: T,
    /// The value in the comparison period.
    pub before: Option<T>,
}

/// A time series with the metrics of the whole range.
#[derive(Debug, Default)]
pub struct StepMetrics {
    /// The steps that have begun, in order.
    pub steps: Vec<Step<Metrics>>,
    /// The metrics of the range.
    pub totals: Compared<Metrics>,
    /// The covered part of the range.
    pub coverage: Coverage,
}

/// Returns the label of an hour of a day.
pub fn hour_label(day: Day, hour: usize) -> String {
    format!("{day}T{hour:02}:00")
}

/// Folds values of days into steps; `days` are those of the values.
pub fn fold<T: Copy>(
    interval: Interval,
    range: DateRange,
    days: &[Day],
    values: Compared<&[T]>,
    add: impl Fn(&mut T, T),
) -> Vec<Step<T>> {
    let mut steps: Vec<Step<T>> = Vec::new();
    let mut last = None;
    for (place, day) in days.iter().enumerate() {
        let Some(now) = values.now.get(place).copied() else { break };
        let before = values.before.and_then(|before| before.get(place).copied());
        let first = interval.first_day(*day, range);
        match steps.last_mut().filter(|_| last == Some(first)) {
            Some(step) => {
                add(&mut step.now, now);
                match (&mut step.before, before) {
                    (Some(sum), Some(more)) => add(sum, more),
                    (sum @ None, more) => *sum = more,
                    (Some(_), None) => {}
                }
            }
            None => steps.push(Step { label: first.to_string(), now, before }),
        }
        last = Some(first);
    }
    steps
}

/// Counts the metrics of each step.
///
/// # Errors
///
/// Fails as [`crate::reports::engine::Engine::run`] does.
pub fn count(context: &ReadContext<'_>, query: &Query, interval: Interval) -> Result<StepMetrics> {
    let wants = || Wants { totals: true, series: true, ..Wants::default() };
    let range = query.range;
    if interval == Interval::Hour && range.days() > 1 {
        return hours_of_days(context, query);
    }
    let answer = context.reader.run(&query.with(wants()))?;
    let totals = answer.totals.unwrap_or_default();
    let series = answer.series.unwrap_or_default();
    let before = series.before.as_ref().map(TimeSeries::metrics);
    let steps = match &series.now {
        TimeSeries::Hours(hours) if interval == Interval::Hour => {
            let step = |(hour, now): (usize, &Metrics)| Step {
                label: hour_label(range.first, hour),
                now: *now,
                before: before.and_then(|before| before.get(hour).copied()),
            };
            hours.iter().enumerate().map(step).collect()
        }
        TimeSeries::Hours(hours) if hours.is_empty() => Vec::new(),
        TimeSeries::Hours(_) => {
            vec![Step { label: range.first.to_string(), now: totals.now, before: totals.before }]
        }
        TimeSeries::Days(days, metrics) => {
            fold(interval, range, days, Compared { now: metrics, before }, |sum, more| *sum += more)
        }
    };
    Ok(StepMetrics { steps, totals, coverage: answer.coverage })
}

/// Counts the hours of several days, day by day.
fn hours_of_days(context: &ReadContext<'_>, query: &Query) -> Result<StepMetrics> {
    let mut counted = StepMetrics::default();
    for day in query.range.each().take_while(|day| *day <= context.today()) {
        let one = Query { range: DateRange { first: day, last: day }, ..query.clone() };
        let found = count(context, &one, Interval::Hour)?;
        counted.totals.now += found.totals.now;
        counted.steps.extend(found.steps);
        // The first day tells from when on visits are kept, if any does.
        if counted.coverage.kept_since.is_none() {
            counted.coverage = found.coverage;
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_folded_into_weeks_and_months_that_begin_within_the_range() {
        let range = DateRange::find("2026-10-28,2026-11-04", Day(0)).unwrap();
        let days: Vec<Day> = range.each().collect();
        let (now, before) = ([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 1]);
        let folded = |interval| {
            let values = Compared { now: &now[..], before: Some(&before[..]) };
            let steps = fold(interval, range, &days, values, |sum, more| *sum += more);
            steps.into_iter().map(|step| (step.label, step.now, step.before)).collect::<Vec<_>>()
        };
        let label = |text: &str| text.to_owned();
        let weeks = [(label("2026-10-28"), 15, Some(5)), (label("2026-11-02"), 21, Some(1))];
        assert_eq!(folded(Interval::Week), weeks);
        let months = [(label("2026-10-28"), 10, Some(4)), (label("2026-11-01"), 26, Some(2))];
        assert_eq!(folded(Interval::Month), months);
        assert_eq!(folded(Interval::Day).len(), 8);
    }
}
