//! Which visits were written since when: what lets reports read again only what changed. Kept for sites that somebody
//! asks about, within bounds; whoever asks for more than is known reads the day anew.

use crate::id::{SiteId, VisitId};
use crate::limits;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A position in the order of commits. Take it before the moment that is read, so that nothing falls between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64);

/// The log of changed visits; cheap to copy.
#[derive(Clone, Default)]
pub struct Changes(Arc<Mutex<Logs>>);

#[derive(Default)]
struct Logs {
    /// The position of the last change.
    last: u64,
    by_site: HashMap<SiteId, Log>,
}

struct Log {
    /// Everything after this position is known.
    begun: u64,
    visits: VecDeque<(u64, VisitId)>,
}

impl Changes {
    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the order of commits stands now.
    pub fn mark(&self) -> Mark {
        Mark(self.logs().last)
    }

    /// Whether anybody asks about any site.
    pub fn is_watched(&self) -> bool {
        !self.logs().by_site.is_empty()
    }

    /// Tells which visits a commit changed, after it.
    pub fn tell(&self, changed: impl IntoIterator<Item = (SiteId, VisitId)>) {
        let mut logs = self.logs();
        logs.last += 1;
        let position = logs.last;
        for (site, visit) in changed {
            let Some(log) = logs.by_site.get_mut(&site) else { continue };
            log.visits.push_back((position, visit));
            if log.visits.len() > limits::CHANGES_PER_SITE_MAX {
                // Nobody has asked for long: whoever does reads the day anew.
                logs.by_site.remove(&site);
            }
        }
    }

    /// Forgets everything: another process wrote to the file.
    pub fn forget(&self) {
        let mut logs = self.logs();
        logs.last += 1;
        logs.by_site.clear();
    }

    /// The visits that changed after one mark and up to another; none when that is not known. The site is watched from
    /// now on.
    pub fn between(&self, site: SiteId, after: Mark, until: Mark) -> Option<Vec<VisitId>> {
        let mut logs = self.logs();
        let last = logs.last;
        if logs.by_site.len() >= limits::SITES_WATCHED_MAX && !logs.by_site.contains_key(&site) {
            logs.by_site.clear();
        }
        let log = logs.by_site.entry(site).or_insert_with(|| Log { begun: last, visits: VecDeque::new() });
        if log.begun > after.0 {
            return None;
        }
        let mut changed: Vec<VisitId> = log
            .visits
            .iter()
            .filter(|(position, _)| *position > after.0 && *position <= until.0)
            .map(|(_, visit)| *visit)
            .collect();
        changed.sort_unstable();
        changed.dedup();
        // The older half of what this question has seen will not be asked for again.
        while log.visits.len() > limits::CHANGES_PER_SITE_MAX / 2
            && log.visits.front().is_some_and(|(position, _)| *position <= after.0)
        {
            log.begun = log.visits.pop_front().map_or(log.begun, |(position, _)| position);
        }
        Some(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: SiteId = SiteId(1);

    #[test]
    fn what_was_told_between_two_marks_is_known_once_the_site_is_watched() {
        let changes = Changes::default();
        let unwatched = changes.mark();
        changes.tell([(SITE, VisitId(1))]);
        let first = changes.mark();
        assert_eq!(changes.between(SITE, unwatched, first), None, "nobody listened then");
        changes.tell([(SITE, VisitId(3)), (SITE, VisitId(2)), (SITE, VisitId(3)), (SiteId(2), VisitId(9))]);
        let second = changes.mark();
        changes.tell([(SITE, VisitId(4))]);
        assert_eq!(changes.between(SITE, first, second), Some(vec![VisitId(2), VisitId(3)]));
        assert_eq!(changes.between(SITE, second, changes.mark()), Some(vec![VisitId(4)]));
        changes.forget();
        assert_eq!(changes.between(SITE, second, changes.mark()), None, "another process wrote");
    }

    #[test]
    fn a_log_that_nobody_reads_is_dropped_and_one_that_is_read_stays_bounded() {
        let changes = Changes::default();
        let begin = changes.mark();
        assert_eq!(changes.between(SITE, begin, begin), Some(vec![]));
        for visit in 0..=i64::try_from(limits::CHANGES_PER_SITE_MAX).unwrap() {
            changes.tell([(SITE, VisitId(visit))]);
        }
        assert_eq!(changes.between(SITE, begin, changes.mark()), None);
        let mut mark = changes.mark();
        for visit in 0..3 * i64::try_from(limits::CHANGES_PER_SITE_MAX).unwrap() {
            changes.tell([(SITE, VisitId(visit))]);
            let now = changes.mark();
            assert_eq!(changes.between(SITE, mark, now), Some(vec![VisitId(visit)]));
            mark = now;
        }
    }
}
