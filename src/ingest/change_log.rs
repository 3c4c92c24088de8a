//! A log of changed visits, by which reports read again only the changes. It is bounded and covers sites with recent
//! queries; a reader that needs more reads the day anew.

use crate::limits;
use crate::model::id::{SiteId, VisitId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A position in the order of commits. It must be taken before the snapshot begins, so that no change is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u64);

/// The log of changed visits; cheap to clone.
#[derive(Clone)]
pub struct ChangeLog(Arc<Shared>);

struct Shared {
    /// The most changes of one site.
    per_site_max: usize,
    logs: Mutex<Logs>,
    /// Notified when many changes of a site are unread.
    many_waiting: Notify,
}

#[derive(Default)]
struct Logs {
    /// The position of the last commit.
    last: u64,
    by_site: HashMap<SiteId, Log>,
    /// The number of changes in all logs.
    count: usize,
}

struct Log {
    /// The position after which all changes are in the log.
    begun: u64,
    visits: VecDeque<(u64, VisitId)>,
    /// The number of changes since the last read.
    waiting: usize,
}

impl Logs {
    fn remove(&mut self, site: SiteId) {
        if let Some(log) = self.by_site.remove(&site) {
            self.count -= log.visits.len();
        }
    }

    /// Drops the longest logs until all are within their limits: they were not read for long, and a later reader reads
    /// the day anew.
    fn shrink(&mut self, per_site_max: usize) {
        let longest = |logs: &Self| {
            let longest = logs.by_site.iter().max_by_key(|(_, log)| log.visits.len());
            longest.map(|(site, log)| (*site, log.visits.len()))
        };
        while let Some((site, length)) = longest(self)
            && (self.count > all_max(per_site_max) || length > per_site_max)
        {
            self.remove(site);
        }
    }
}

/// Returns the most changes of all sites.
fn all_max(per_site_max: usize) -> usize {
    limits::CHANGES_MAX_BY_SITE_MAX * per_site_max
}

impl Default for ChangeLog {
    fn default() -> Self {
        Self::new(limits::CHANGES_PER_SITE_MAX)
    }
}

impl ChangeLog {
    /// Creates an empty log of at most so many changes of one site.
    pub fn new(per_site_max: usize) -> Self {
        Self(Arc::new(Shared { per_site_max, logs: Mutex::default(), many_waiting: Notify::new() }))
    }

    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.0.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the current position.
    pub fn mark(&self) -> Position {
        Position(self.logs().last)
    }

    /// Returns true if any site is watched.
    #[cfg(test)]
    pub fn is_watched(&self) -> bool {
        !self.logs().by_site.is_empty()
    }

    /// Appends the visits that a commit changed, after the commit.
    pub fn publish(&self, changed: impl IntoIterator<Item = (SiteId, VisitId)>) {
        let mut logs = self.logs();
        logs.last += 1;
        let Logs { last, by_site, count } = &mut *logs;
        let (mut are_many, mut are_too_many) = (false, false);
        for (site, visit) in changed {
            let Some(log) = by_site.get_mut(&site) else { continue };
            log.visits.push_back((*last, visit));
            log.waiting += 1;
            *count += 1;
            are_many |= log.waiting >= limits::CHANGES_WAITING_MAX;
            are_too_many |= log.visits.len() > self.0.per_site_max;
        }
        if are_too_many || *count > all_max(self.0.per_site_max) {
            logs.shrink(self.0.per_site_max);
        }
        drop(logs);
        if are_many {
            self.0.many_waiting.notify_one();
        }
    }

    /// Waits until many changes of a site are unread.
    pub async fn many_waiting(&self) {
        self.0.many_waiting.notified().await;
    }

    /// Lists the sites with many unread changes.
    pub fn sites_behind(&self) -> Vec<SiteId> {
        let logs = self.logs();
        let behind = logs.by_site.iter().filter(|(_, log)| log.waiting >= limits::CHANGES_WAITING_MAX);
        behind.map(|(site, _)| *site).collect()
    }

    /// Stops logging the changes of a site, which will not be read.
    pub fn stop_watching(&self, site: SiteId) {
        self.logs().remove(site);
    }

    /// Drops all logs, because another process wrote to the file.
    pub fn forget(&self) {
        let mut logs = self.logs();
        logs.last += 1;
        logs.by_site.clear();
        logs.count = 0;
    }

    /// Lists the visits that changed after one position up to another; `None` when the log does not reach back so far.
    /// The site is watched from now on.
    pub fn between(&self, site: SiteId, after: Position, until: Position) -> Option<Vec<VisitId>> {
        let mut logs = self.logs();
        if logs.by_site.len() >= limits::SITES_WATCHED_MAX && !logs.by_site.contains_key(&site) {
            logs.by_site.clear();
            logs.count = 0;
        }
        let Logs { last, by_site, count } = &mut *logs;
        let log =
            by_site.entry(site).or_insert_with(|| Log { begun: *last, visits: VecDeque::new(), waiting: 0 });
        if log.begun > after.0 {
            return None;
        }
        let first = log.visits.partition_point(|(position, _)| *position <= after.0);
        let end = log.visits.partition_point(|(position, _)| *position <= until.0).max(first);
        let mut changed: Vec<VisitId> = log.visits.range(first..end).map(|(_, visit)| *visit).collect();
        log.waiting = log.visits.len() - end;
        changed.sort_unstable();
        changed.dedup();
        // Drops what this reader has seen, beyond half the limit; the rest stays for readers of older snapshots.
        let gone = first.min(log.visits.len().saturating_sub(self.0.per_site_max / 2));
        if let Some((position, _)) = log.visits.drain(..gone).next_back() {
            log.begun = position;
            *count -= gone;
        }
        Some(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: SiteId = SiteId(1);
    const PER_SITE_MAX: usize = 1_024;

    #[test]
    fn what_was_told_between_two_marks_is_known_once_the_site_is_watched() {
        let changes = ChangeLog::new(PER_SITE_MAX);
        let unwatched = changes.mark();
        changes.publish([(SITE, VisitId(1))]);
        let first = changes.mark();
        assert_eq!(changes.between(SITE, unwatched, first), None, "nobody listened then");
        changes.publish([
            (SITE, VisitId(3)),
            (SITE, VisitId(2)),
            (SITE, VisitId(3)),
            (SiteId(2), VisitId(9)),
        ]);
        let second = changes.mark();
        changes.publish([(SITE, VisitId(4))]);
        assert_eq!(changes.between(SITE, first, second), Some(vec![VisitId(2), VisitId(3)]));
        assert_eq!(changes.between(SITE, second, changes.mark()), Some(vec![VisitId(4)]));
        changes.forget();
        assert_eq!(changes.between(SITE, second, changes.mark()), None, "another process wrote");
    }

    #[test]
    fn a_log_that_nobody_reads_is_dropped_and_one_that_is_read_stays_bounded() {
        let changes = ChangeLog::new(PER_SITE_MAX);
        let begin = changes.mark();
        assert_eq!(changes.between(SITE, begin, begin), Some(vec![]));
        for visit in 0..=i64::try_from(PER_SITE_MAX).unwrap() {
            changes.publish([(SITE, VisitId(visit))]);
        }
        assert_eq!(changes.between(SITE, begin, changes.mark()), None);
        let mut mark = changes.mark();
        for visit in 0..3 * i64::try_from(PER_SITE_MAX).unwrap() {
            changes.publish([(SITE, VisitId(visit))]);
            let now = changes.mark();
            assert_eq!(changes.between(SITE, mark, now), Some(vec![VisitId(visit)]));
            mark = now;
        }
    }

    #[test]
    fn whoever_waits_for_many_changes_is_told_of_the_sites_until_they_are_read() {
        let changes = ChangeLog::new(PER_SITE_MAX);
        let begin = changes.mark();
        changes.between(SITE, begin, begin);
        changes.between(SiteId(2), begin, begin);
        for visit in 1..limits::CHANGES_WAITING_MAX {
            changes.publish([(SITE, VisitId(i64::try_from(visit).unwrap())), (SiteId(3), VisitId(1))]);
        }
        assert_eq!(changes.sites_behind(), []);
        changes.publish([(SITE, VisitId(0))]);
        futures_util::future::FutureExt::now_or_never(changes.many_waiting()).unwrap();
        assert_eq!(changes.sites_behind(), [SITE]);
        changes.between(SITE, begin, changes.mark());
        assert_eq!(changes.sites_behind(), [], "they were read");
    }

    #[test]
    fn logs_of_many_sites_stay_within_the_limit_of_all() {
        let changes = ChangeLog::new(PER_SITE_MAX);
        let begin = changes.mark();
        let sites = 2 * all_max(PER_SITE_MAX) / PER_SITE_MAX;
        for site in (1..).map(SiteId).take(sites) {
            changes.between(site, begin, begin);
            for visit in 1..=i64::try_from(PER_SITE_MAX).unwrap() {
                changes.publish([(site, VisitId(visit))]);
            }
        }
        let logs = changes.logs();
        assert_eq!(logs.count, logs.by_site.values().map(|log| log.visits.len()).sum::<usize>());
        assert!((1..=all_max(PER_SITE_MAX)).contains(&logs.count), "{}", logs.count);
    }
}
