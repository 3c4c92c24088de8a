//! Lists of visits and of recent items, newest first.

use super::runner::QueryRunner;
use crate::error::Result;
use crate::limits;
use crate::model::id::VisitId;
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::engine::aggregate::visit_ids::{Earliest, VisitCounts, VisitIds};
use crate::reports::engine::predicate::Predicate;
use crate::reports::query::VisitRecordsWant;
use crate::reports::recent_list::RecentList;
use crate::reports::table_query::Page;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::listed::{self, ListedVisit};
use crate::reports::visits::recent::{self, NewestFirst, RecentRow, RecentVisits};
use crate::reports::visits::visit;
use crate::reports::visits::visit::Visit;

/// Returns the newest matching visits of the range, with hidden data removed.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) when lists of visits are hidden, and when the
/// query is cancelled or the data cannot be read.
pub fn latest_visits(runner: &QueryRunner<'_>, rows: u32) -> Result<Vec<Visit>> {
    Ok(visits_below(runner, None, usize::try_from(rows).unwrap_or(usize::MAX))?.0)
}

/// Returns one page of the matching visits, newest first and with hidden data removed, and their number on all
/// pages.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) when lists of visits are hidden, and when the
/// query is cancelled or the data cannot be read.
pub fn visits(runner: &QueryRunner<'_>, page: Page) -> Result<(Vec<Visit>, usize)> {
    runner.visibility.require(VisitorData::LiveList)?;
    let (found, total) = newest_page(runner, &runner.predicate, runner.range, page)?;
    let visits = found
        .into_iter()
        .filter_map(|id| visit::find(runner.snapshot.connection, runner.site.id, id).transpose());
    let seen = visits.map(|visit| runner.visible.redact(visit?));
    Ok((seen.collect::<Result<_>>()?, total))
}

/// Returns one page of the matching visits, newest first and with hidden data removed, each with its custom data and the
/// history of its visitor. Also returns true if visits of the page are left out, since the actions of all would be too much for
/// one reply.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) when lists of visits are hidden, and when the
/// query is cancelled or the data cannot be read.
pub fn visit_records(runner: &QueryRunner<'_>, want: &VisitRecordsWant) -> Result<(Vec<ListedVisit>, bool)> {
    runner.visibility.require(VisitorData::LiveList)?;
    let (mut predicate, mut range, page) = (runner.predicate.clone(), runner.range, want.page);
    if let Some(since) = want.since {
        range.first = range.first.max(runner.site.zone.day(since));
    }
    if let Some(below) = want.below {
        range.last = range.last.min(runner.site.zone.day(below.began()));
        predicate = predicate.below(below);
    }
    let mut found = if page.number <= 1 {
        // Often the newest days alone have enough visits for the first page.
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
        runner.snapshot.newest(runner.site, &predicate, range, 0, rows)?
    } else {
        newest_page(runner, &predicate, range, page)?.0
    };
    found.retain(|visit| want.since.is_none_or(|since| visit.began() >= since));
    let mut visits = listed::visits(&runner.visible, &found)?;
    let has_left_out =
        want.with_actions && listed::add_actions(&runner.visible, &mut visits, limits::API_REPLY_BYTES_MAX)?;
    Ok((visits, has_left_out))
}

/// Returns at most `rows` matching visits, newest first and with hidden data removed: those below a visit, or from
/// the newest on. Later days are not read again. Also returns the last of them if others follow.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) when lists of visits are hidden, and when the
/// query is cancelled or the data cannot be read.
pub fn visits_below(
    runner: &QueryRunner<'_>,
    visit: Option<VisitId>,
    rows: usize,
) -> Result<(Vec<Visit>, Option<VisitId>)> {
    runner.visibility.require(VisitorData::LiveList)?;
    let (mut predicate, mut range) = (runner.predicate.clone(), runner.range);
    if let Some(visit) = visit {
        range.last = range.last.min(runner.site.zone.day(visit.began()));
        predicate = predicate.below(visit);
    }
    let found = runner.snapshot.newest(runner.site, &predicate, range, 0, rows.saturating_add(1))?;
    let (found, next) = sliced(found, rows);
    let visits = found
        .into_iter()
        .filter_map(|id| visit::find(runner.snapshot.connection, runner.site.id, id).transpose());
    Ok((visits.map(|visit| runner.visible.redact(visit?)).collect::<Result<_>>()?, next))
}

/// Returns at most `rows` matching visits after one, oldest first and with hidden data removed, each with its custom data,
/// goals, actions and the history of its visitor. Also returns the last of them if others follow.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) when lists of visits or single visits are hidden, and when
/// the query is cancelled or the data cannot be read.
pub fn records_above(
    runner: &QueryRunner<'_>,
    visit: Option<VisitId>,
    rows: usize,
) -> Result<(Vec<ListedVisit>, Option<VisitId>)> {
    runner.visibility.require(VisitorData::LiveList)?;
    let mut range = runner.range;
    if let Some(visit) = visit {
        range.first = range.first.max(runner.site.zone.day(visit.began()));
    }
    let most = rows.saturating_add(1);
    let found =
        runner.snapshot.oldest(runner.site, &runner.predicate, range, Earliest::after(visit, most))?;
    let (found, last) = sliced(found, rows);
    let mut visits = listed::visits(&runner.visible, &found)?;
    let has_left_out = listed::add_actions(&runner.visible, &mut visits, limits::API_REPLY_BYTES_MAX)?;
    let last_kept = visits.last().map(|listed| listed.visit.id);
    Ok((visits, if has_left_out { last_kept } else { last }))
}

/// Returns one page of the ids of matching visits of a range, newest first, and their number on all pages.
fn newest_page(
    runner: &QueryRunner<'_>,
    predicate: &Predicate,
    range: DateRange,
    page: Page,
) -> Result<(Vec<VisitId>, usize)> {
    let mut matches = VisitCounts::default();
    runner.snapshot.run_visits(runner.site, range, predicate, &mut [&mut matches])?;
    let total = matches.0.values().sum();
    let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let mut skip = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
    let mut found: Vec<VisitId> = Vec::new();
    for (day, count) in matches.0.iter().rev() {
        if skip >= *count {
            skip -= count;
            continue;
        }
        let mut matching = VisitIds::default();
        let one = DateRange { first: *day, last: *day };
        runner.snapshot.run_visits(runner.site, one, predicate, &mut [&mut matching])?;
        found.extend(matching.0.iter().rev().skip(skip).take(rows - found.len()));
        skip = 0;
        if found.len() >= rows {
            break;
        }
    }
    Ok((found, total))
}

/// Returns the number of matching visits in the comparison period; `None` without one, or when part of it is
/// pruned.
///
/// # Errors
/// Fails when the query is cancelled or the data cannot be read.
pub fn visits_before(runner: &QueryRunner<'_>) -> Result<Option<i64>> {
    let mut matches = VisitCounts::default();
    let is_compared = !runner.is_cut_before && runner.run_before(&mut [&mut matches])?;
    let total: usize = matches.0.values().sum();
    Ok(is_compared.then_some(i64::try_from(total).unwrap_or(i64::MAX)))
}

/// Returns the visits of a recent list in the range.
fn recent_visits<'a>(runner: &'a QueryRunner<'a>, list: RecentList) -> RecentVisits<'a> {
    RecentVisits {
        list,
        snapshot: runner.snapshot,
        site: runner.site,
        predicate: &runner.predicate,
        range: runner.range,
    }
}

/// Returns one page of recent items, newest first, below a visit if given; one row more than the page holds if
/// older ones follow.
///
/// # Errors
/// Fails when the query is cancelled or the data cannot be read.
pub fn recent(
    runner: &QueryRunner<'_>,
    list: RecentList,
    before: Option<VisitId>,
    page: Page,
) -> Result<Vec<RecentRow>> {
    recent_visits(runner, list).rows(before, page)
}

/// Returns recent items of at most `rows` visits, newest first: those below a visit, or from the newest on. Also
/// returns the last of these visits if others follow.
///
/// # Errors
/// Fails when the query is cancelled or the data cannot be read.
pub fn recent_below(
    runner: &QueryRunner<'_>,
    list: RecentList,
    before: Option<VisitId>,
    rows: usize,
) -> Result<(Vec<RecentRow>, Option<VisitId>)> {
    let page = Page { number: 1, rows: u32::try_from(rows).unwrap_or(u32::MAX) };
    let found = recent_visits(runner, list).ids(before, page)?;
    let (found, next) = sliced(found, rows);
    Ok((recent::rows_of(runner.snapshot, runner.site, list, found)?, next))
}

/// Returns all visits with first occurrences, newest first; `None` for a list that does not show first occurrences.
///
/// # Errors
/// Fails when the query is cancelled or the data cannot be read.
pub fn first_times(runner: &QueryRunner<'_>, list: RecentList) -> Result<Option<NewestFirst>> {
    let find = || recent_visits(runner, list).first_times();
    Ok(list.is_of_firsts().then(find).transpose()?.map(|(_, visits)| visits))
}

/// Returns the recent items of visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn recent_of(runner: &QueryRunner<'_>, list: RecentList, visits: Vec<VisitId>) -> Result<Vec<RecentRow>> {
    recent::rows_of(runner.snapshot, runner.site, list, visits)
}

/// Returns the number of recent items on all pages. It is not compared with a period of which part is pruned, since
/// first occurrences are not known there.
///
/// # Errors
/// Fails when the query is cancelled or the data cannot be read.
pub fn occurrence_count(runner: &QueryRunner<'_>, list: RecentList) -> Result<Compared<i64>> {
    let count = |range, predicate: &Predicate| -> Result<i64> {
        let visits = RecentVisits { predicate, range, ..recent_visits(runner, list) };
        let count = visits.count()?;
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    };
    let earlier = runner.earlier.as_ref().filter(|_| runner.kept_since.is_none());
    Ok(Compared {
        now: count(runner.range, &runner.predicate)?,
        before: earlier.map(|(range, predicate)| count(*range, predicate)).transpose()?,
    })
}

/// Cuts a list of visits, and returns the last visit if others follow. A visit that this snapshot lacks counts too:
/// columns may be of a later one.
fn sliced(mut found: Vec<VisitId>, rows: usize) -> (Vec<VisitId>, Option<VisitId>) {
    let has_more = found.len() > rows;
    found.truncate(rows);
    let next = found.last().copied().filter(|_| has_more);
    (found, next)
}
