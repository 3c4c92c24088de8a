//! The list of actions, newest first. Columns hold no times of actions, so the rows are read, from the newest visit
//! backwards and only as far as the page needs: an action comes at most the longest duration of a visit after its
//! visit began, even where a program on the server adds it after the visit's last sign of life.

use super::action_matcher::ActionMatcher;
use super::aggregate::action_counts::ActionCounts;
use super::aggregate::visit_ids::VisitIds;
use super::runner::QueryRunner;
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::VisitId;
use crate::reports::columns::KINDS;
use crate::reports::date_range::DateRange;
use crate::reports::query::{ActionFilters, ActionsWant};
use crate::reports::visibility::VisitorData;
use crate::reports::visits::actions::ActionKey;
use crate::reports::visits::listed::{self, ListedAction};
use rusqlite::ToSql;
use serde_json::json;
use std::cmp::Reverse;
use std::time::Duration;

/// The duration within which all actions of a visit come.
const LONGEST_VISIT: Duration = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());

/// Returns one page of the actions of matching visits, newest first and with hidden data removed.
///
/// # Errors
/// Fails with [`Error::Forbidden`](crate::error::Error::Forbidden) when lists of visits or single visits are hidden, and
/// when the query is cancelled or the data cannot be read.
pub fn actions(runner: &QueryRunner<'_>, want: &ActionsWant) -> Result<Vec<ListedAction>> {
    runner.visibility.require(VisitorData::LiveList)?;
    runner.visibility.require(VisitorData::SingleVisits)?;
    let kinds = kinds(runner, &want.filters);
    let (range, left_out) = read_range(runner, want, &kinds)?;
    let mut list = ActionPage {
        kinds: kinds.iter().map(|kind| 1 << kind.code()).sum(),
        texts: ActionMatcher::new(runner.snapshot.connection, &runner.site.domain, &want.filters)?,
        runner,
        since: want.since.unwrap_or(Timestamp(i64::MIN)),
        floor: want.since.unwrap_or(Timestamp(i64::MIN)),
        below: want.below,
        skipped: usize::try_from(want.page.skipped()).unwrap_or(usize::MAX) - left_out,
        rows: usize::try_from(want.page.rows).unwrap_or(usize::MAX),
        waiting: Vec::new(),
        page: Vec::new(),
    };
    if let Some(range) = range {
        list.read_days(range)?;
    }
    listed::actions(&runner.visible, &list.page)
}

/// Returns the kinds of action that are listed: without a filter those that count as actions. Nobody finds actions by
/// texts that are hidden.
fn kinds(runner: &QueryRunner<'_>, filters: &ActionFilters) -> Vec<ActionKind> {
    let is_listed = |kind: &ActionKind| filters.kind.map_or(kind.counts(), |listed| listed == *kind);
    let may_be_searched = |kind: &ActionKind| !filters.has_texts() || runner.visible.shows_actions(*kind);
    KINDS.into_iter().filter(is_listed).filter(may_be_searched).collect()
}

/// Returns the days that have to be read for a page, and the number of actions on the later days, which lie before the
/// page in the list.
fn read_range(
    runner: &QueryRunner<'_>,
    want: &ActionsWant,
    kinds: &[ActionKind],
) -> Result<(Option<DateRange>, usize)> {
    let mut range = runner.range;
    if let Some(since) = want.since {
        range.first = range.first.max(runner.site.zone.day(since.before(LONGEST_VISIT)));
    }
    if let Some(below) = want.below {
        range.last = range.last.min(runner.site.zone.day(below.at));
    }
    let Some(mut range) = runner.snapshot.known(runner.site, range)? else { return Ok((None, 0)) };
    let skipped = usize::try_from(want.page.skipped()).unwrap_or(usize::MAX);
    if skipped == 0 || want.filters.has_texts() || want.below.is_some() {
        return Ok((Some(range), 0));
    }
    let mut counts = ActionCounts::new(kinds.to_vec());
    runner.snapshot.run_visits(runner.site, range, &runner.predicate, &mut [&mut counts])?;
    let (mut sum, mut left_out) = (0, 0);
    for (day, count) in counts.by_day.into_iter().rev() {
        if sum + count > skipped {
            break;
        }
        // Actions of this day's visits may stand among those of the later days, but no more than it has. As these are
        // skipped too, the later days lie before the page as a whole.
        (range.last, left_out) = (day, sum);
        sum += count;
    }
    Ok((Some(range), left_out))
}

/// A page of actions that is being read.
struct ActionPage<'a> {
    runner: &'a QueryRunner<'a>,
    /// A bit for the code of each kind that is listed.
    kinds: i64,
    texts: ActionMatcher<'a>,
    /// The time from which actions are listed.
    since: Timestamp,
    /// The time before which actions are not looked at: they are too old for the list, or for its page.
    floor: Timestamp,
    /// The action before which all of the list stand; `None` for the newest ones.
    below: Option<ActionKey>,
    /// The number of actions that still have to be skipped.
    skipped: usize,
    /// The number of rows of the page.
    rows: usize,
    /// Actions that were read, but before which others may come that were not.
    waiting: Vec<ActionKey>,
    /// The actions of the page.
    page: Vec<ActionKey>,
}

impl ActionPage<'_> {
    /// Reads the visits of days, the newest first, until the page is full.
    fn read_days(&mut self, range: DateRange) -> Result<()> {
        let (snapshot, site) = (self.runner.snapshot, self.runner.site);
        let visits_read = snapshot.limits().action_visits_read;
        for day in (range.first.0..=range.last.0).rev().map(Day) {
            if self.is_full_before(site.zone.start(day.plus(1))) {
                break;
            }
            let mut visits = VisitIds::default();
            let one = DateRange { first: day, last: day };
            snapshot.run_visits(site, one, &self.runner.predicate, &mut [&mut visits])?;
            for visits in visits.0.rchunks(visits_read) {
                let newest = visits.last().map_or(Timestamp(i64::MIN), |visit| visit.began());
                if self.is_full_before(newest.after(Duration::from_millis(1))) {
                    break;
                }
                if self.begin_after_the_list(visits) {
                    continue;
                }
                snapshot.cancellation.check()?;
                self.read(visits)?;
            }
        }
        self.release(self.since);
        Ok(())
    }

    /// Returns true if visits, in ascending order, began too late to have an action of the list.
    fn begin_after_the_list(&self, visits: &[VisitId]) -> bool {
        let first = visits.first().map(|visit| visit.began());
        self.below.zip(first).is_some_and(|(below, first)| first > below.at)
    }

    /// Returns true if visits that began before a time, the newest of those that were not read, have no action for the
    /// page.
    fn is_full_before(&mut self, began: Timestamp) -> bool {
        let end = began.after(LONGEST_VISIT);
        self.release(end);
        self.missing() == 0 || end <= self.floor
    }

    /// Returns the number of actions that are still needed, to be skipped or shown.
    fn missing(&self) -> usize {
        self.skipped.saturating_add(self.rows - self.page.len())
    }

    /// Reads the actions of visits of one day, in ascending order.
    fn read(&mut self, visits: &[VisitId]) -> Result<()> {
        let (Some(first), Some(last)) = (visits.first(), visits.last()) else { return Ok(()) };
        let (connection, limits) = (self.runner.snapshot.connection, self.runner.snapshot.limits());
        // Without filters all visits between the first and the last one match.
        let has_all = !self.runner.predicate.has_clauses();
        let from = if has_all {
            "from actions where site_id = :site and visit_id >= :first and visit_id <= :last"
        } else {
            "from json_each(:visits) as listed
             cross join actions on site_id = :site and visit_id = listed.value
             where visit_id >= :first and visit_id <= :last"
        };
        let sql = format!(
            "select visit_id, number, (visit_id >> 20) + at, kind, page, title
             {from} and (visit_id >> 20) + at >= :floor and (:kinds >> kind) & 1"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let (site, floor, kinds) = (self.runner.site.id.0, self.floor.0, self.kinds);
        let listed =
            (!has_all).then(|| json!(visits.iter().map(|visit| visit.0).collect::<Vec<_>>()).to_string());
        let mut bound: Vec<(&str, &dyn ToSql)> = vec![
            (":site", &site),
            (":first", &first.0),
            (":last", &last.0),
            (":floor", &floor),
            (":kinds", &kinds),
        ];
        bound.extend(listed.as_ref().map(|listed| (":visits", listed as &dyn ToSql)));
        let mut rows = statement.query(bound.as_slice())?;
        while let Some(row) = rows.next()? {
            let key =
                ActionKey { visit: VisitId(row.get(0)?), number: row.get(1)?, at: Timestamp(row.get(2)?) };
            let kind = ActionKind::from_code(row.get(3)?).unwrap_or(ActionKind::Event);
            let is_below = self.below.is_none_or(|below| key < below);
            if is_below && key.at >= self.floor && self.texts.finds(kind, row.get(4)?, row.get(5)?)? {
                self.waiting.push(key);
                if self.waiting.len() >= self.missing().saturating_mul(2).max(limits.top_items_min) {
                    self.cut();
                }
            }
        }
        Ok(())
    }

    /// Drops waiting actions for which the page has no room.
    fn cut(&mut self) {
        let missing = self.missing();
        if missing > 0 && self.waiting.len() >= missing {
            let (_, oldest, _) = self.waiting.select_nth_unstable_by_key(missing - 1, |key| Reverse(*key));
            self.floor = self.floor.max(oldest.at);
        }
        self.waiting.truncate(missing);
    }

    /// Takes the waiting actions from a time on, to which no others will be added, to the page or to those skipped.
    fn release(&mut self, from: Timestamp) {
        self.cut();
        // Most are sorted already, which this way of sorting makes use of.
        self.waiting.sort_by_key(|key| Reverse(*key));
        let certain = self.waiting.partition_point(|key| key.at >= from);
        let passed = certain.min(self.skipped);
        self.skipped -= passed;
        let shown = (certain - passed).min(self.rows - self.page.len());
        self.page.extend(self.waiting.drain(..certain).skip(passed).take(shown));
    }
}
