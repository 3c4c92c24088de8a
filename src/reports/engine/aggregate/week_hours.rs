//! Measures by weekday and local hour: only those that a metric is computed from are read.

use super::accumulator::{Accumulator, counted, each_day};
use crate::error::Result;
use crate::model::metrics::{Measure, Metric, Metrics};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::{of_any_width, place};
use crate::reports::columns::{ColumnPart, KINDS, NUMBERS, Repeated, VISIT_FLAGS, VISITOR_FLAGS};
use crate::reports::engine::rollups::Rollups;
use crate::reports::results::week_hours::{HOURS, WEEK_HOURS, WeekHours, weekday};

/// The numbers of a measure, hour by hour.
type Hours = [i64; WEEK_HOURS];

/// An accumulator of the measures of a metric by weekday and hour.
#[derive(Debug)]
pub struct MeasuresByHour {
    metric: Metric,
    measures: Vec<(Measure, Hours)>,
}

/// The place where the data of a measure lie in a block.
enum Source {
    Visits,
    Number(ColumnPart),
    Flag(u8),
    Rows(Repeated),
    None,
}

fn source(measure: Measure) -> Source {
    let flags = VISITOR_FLAGS.into_iter().chain(VISIT_FLAGS);
    if measure == Measure::Visits {
        Source::Visits
    } else if NUMBERS.contains(&measure) {
        Source::Number(ColumnPart::Number(measure))
    } else if let Some((_, flag)) = flags.into_iter().find(|(known, _)| *known == measure) {
        Source::Flag(flag)
    } else {
        let kind = KIND_MEASURES.iter().position(|known| *known == measure);
        kind.map_or(Source::None, |place| Source::Rows(Repeated::Actions(KINDS[place])))
    }
}

/// The measures of actions of each kind, in the order of [`KINDS`].
const KIND_MEASURES: [Measure; Measure::KIND_COUNT] =
    [Measure::PageViews, Measure::Downloads, Measure::Outbounds, Measure::Events, Measure::Media];

/// Returns true for measures that the goal in view counts instead of all goals.
fn is_of_conversions(measure: Measure) -> bool {
    matches!(measure, Measure::Conversions | Measure::Converted | Measure::Earned | Measure::Refunded)
}

impl MeasuresByHour {
    /// Counts the measures of a metric.
    pub fn new(metric: Metric) -> Self {
        let measures = metric.measures().into_iter().map(|measure| (measure, [0; WEEK_HOURS]));
        Self { metric, measures: measures.collect() }
    }

    /// Returns the metrics of each hour; other measures are zero.
    pub fn finish(self) -> WeekHours {
        let mut hours = WeekHours::default();
        for (measure, counts) in &self.measures {
            hours.0.iter_mut().zip(counts).for_each(|(metrics, count)| metrics[*measure] = *count);
        }
        hours
    }
}

/// Returns the hour of the week of each row of a range.
fn hours_of(block: &Block, rows: &Selection) -> Vec<u8> {
    let mut hours = vec![0; rows.range.len()];
    each_day(block, rows, |sums, of_day| {
        let first = weekday(sums.day) * HOURS;
        block.numbers(ColumnPart::Hours).each_batch(of_day, |start, batch| {
            let hours = &mut hours[start - rows.range.start..];
            for (hour, number) in hours.iter_mut().zip(batch) {
                *hour = u8::try_from(first + place(*number).min(HOURS - 1)).unwrap_or(0);
            }
        });
    });
    hours
}

impl Accumulator for MeasuresByHour {
    fn needs(&self, projection: &mut Projection) {
        projection.parts.push(ColumnPart::Hours);
        for (measure, _) in &self.measures {
            match source(*measure) {
                Source::Number(part) => projection.parts.push(part),
                Source::Flag(_) => projection.parts.push(ColumnPart::Flags),
                Source::Rows(bag) => projection.offsets([bag]),
                Source::Visits | Source::None => {}
            }
        }
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let hours = hours_of(block, rows);
        let start = rows.range.start;
        let hour = |row: usize| usize::from(hours[row - start]);
        for (measure, counts) in &mut self.measures {
            if let Some(goal) = rows.goal_in_view().filter(|_| is_of_conversions(*measure)) {
                let reached = goal.found(&rows.range).iter().filter(|(visit, _)| rows.has(*visit));
                reached.for_each(|(visit, metrics)| counts[hour(*visit)] += metrics[*measure]);
                continue;
            }
            match (source(*measure), rows.firsts()) {
                (Source::Visits, _) if rows.is_unfiltered() => {
                    for hour in &hours {
                        counts[usize::from(*hour)] += 1;
                    }
                }
                (Source::Visits, _) => rows.each(|row| counts[hour(row)] += 1),
                (Source::Flag(_), Some(firsts)) if *measure == Measure::Uniques => {
                    rows.each(|row| counts[hour(row)] += i64::from(firsts[row - start]));
                }
                // New visitors are not counted in a restricted population.
                (Source::Flag(_), Some(_)) if *measure == Measure::New => {}
                (Source::Flag(flag), _) => {
                    let flag = u64::from(flag);
                    of_any_width!(block.numbers(ColumnPart::Flags), |at| {
                        rows.each(|row| counts[hour(row)] += i64::from(at(row) & flag != 0));
                    });
                }
                // Nothing of the column is stored where it is zero throughout.
                (Source::Number(part), _) if block.is_without(part) => {}
                (Source::Number(part), _) => of_any_width!(block.numbers(part), |at| {
                    rows.each(|row| {
                        let count = &mut counts[hour(row)];
                        *count = count.saturating_add(at(row).cast_signed());
                    });
                }),
                (Source::Rows(bag), _) => block.each_count(bag, rows, |row, count| {
                    counts[hour(row)] += i64::try_from(count).unwrap_or(i64::MAX);
                }),
                (Source::None, _) => {}
            }
        }
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::new(self.metric))
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        let Some(fork) = counted::<Self>(fork) else { return };
        for ((_, mine), (_, theirs)) in self.measures.iter_mut().zip(fork.measures) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine = mine.saturating_add(theirs));
        }
    }

    fn update_rollups(&mut self, days: &Rollups<'_>) -> Result<()> {
        days.each_hour(|day, hour, metrics: Metrics| {
            for (measure, counts) in &mut self.measures {
                counts[weekday(day) * HOURS + hour] += metrics[*measure];
            }
        })
    }
}
