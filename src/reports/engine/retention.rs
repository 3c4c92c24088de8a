//! Retention: cohorts of recognized visitors by the week or month of their first visit, and those who came back.

use super::aggregate::cohort_visits::{CohortScan, CohortVisits, PERIODS_MAX};
use super::runner::QueryRunner;
use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::model::clock::Day;
use crate::reports::date_range::{DateRange, Unit};
use crate::reports::query::Query;
use crate::reports::results::retention::{Cohort, Retention};

/// The parts of visitors beyond which no smaller ones are made: each has few visitors then, whatever their visits.
const PARTS_MAX: u64 = 4_096;

/// Returns the retention of the cohorts of a query's range, of which whole weeks or months count, the running one up to now.
/// Filters choose the first visits; visitors come back by any visit.
///
/// # Errors
/// Fails with `Error::Forbidden` in a restricted population, where new visitors cannot be told, with `Error::Invalid` for too many
/// periods, and when the query is cancelled or the data cannot be read.
pub fn retention(snapshot: &Snapshot<'_>, query: &Query, unit: Unit) -> Result<Retention> {
    if !query.visibility.shows_new_visitors() {
        return Err(Error::Forbidden);
    }
    let today = query.site.zone.day(snapshot.now);
    let range = DateRange {
        first: unit.around(query.range.first).first,
        last: unit.around(query.range.last).last.min(today),
    };
    let starts = starts(unit, range)?;
    let first_visits = Query { range, visits_alone: true, ..query.clone() };
    let all_visits = Query { filters: Vec::new(), ..first_visits.clone() };
    let is_filtered = query.is_filtered();
    let (first_visits, all_visits) =
        (QueryRunner::new(snapshot, &first_visits)?, QueryRunner::new(snapshot, &all_visits)?);
    let mut parts = 1;
    loop {
        let mut visitors: Vec<Vec<i64>> =
            (0..starts.len()).map(|cohort| vec![0; starts.len() - cohort]).collect();
        let (mut unrecognized, mut is_over) = (0, false);
        for part in 0..parts {
            let scan = CohortScan {
                starts: starts.clone().into(),
                part: (part, parts),
                is_of_new: is_filtered,
                entries_max: if parts < PARTS_MAX { snapshot.limits().cohort_visits_max } else { usize::MAX },
            };
            let mut found = CohortVisits::new(scan.clone());
            first_visits.run(&mut [&mut found])?;
            unrecognized = found.unrecognized;
            if is_filtered {
                let mut later = CohortVisits::new(CohortScan { is_of_new: false, ..scan });
                all_visits.run(&mut [&mut later])?;
                found.append(later.without_first_visits());
            }
            is_over = found.is_over;
            if is_over {
                break;
            }
            found.count(&mut visitors);
        }
        if is_over {
            parts *= 4;
            continue;
        }
        let ends = starts.iter().skip(1).map(|start| start.plus(-1)).chain([range.last]);
        let days = starts.iter().zip(ends).map(|(first, last)| DateRange { first: *first, last });
        let cohorts = days.zip(visitors).map(|(days, visitors)| Cohort { days, visitors });
        return Ok(Retention { unit, cohorts: cohorts.collect(), unrecognized });
    }
}

/// Returns the first day of each week or month of a range.
fn starts(unit: Unit, range: DateRange) -> Result<Vec<Day>> {
    let mut starts = Vec::new();
    let mut start = range.first;
    while start <= range.last {
        if starts.len() == PERIODS_MAX {
            let sentence = match unit {
                Unit::Week => "That's too many weeks. Choose months, or a year at most.",
                Unit::Month | Unit::Year => "That's too many months. Choose five years at most.",
            };
            return Err(Error::invalid("date", sentence));
        }
        starts.push(start);
        start = unit.around(start).last.plus(1);
    }
    Ok(starts)
}
