//! The hits that programs sent with an id of their own: the newest in memory, the others in the data file. Those in memory
//! are in the file too, in the runs in which they arrived; the caller commits them together with the hits.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::sent_hits::{self, SentHit, SentOutcome};
use rusqlite::Transaction;

/// The hits that were sent with an id.
#[derive(Default)]
pub struct SentIds {
    /// The hits of all runs, by site and hash.
    newest: foldhash::HashMap<(SiteId, i64), (Timestamp, SentOutcome)>,
    /// The hits that are in no run yet.
    unwritten: Vec<(SentHit, SentOutcome)>,
    is_loaded: bool,
}

impl SentIds {
    /// Empties the cache.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Finds the outcome of the hit that was sent with the same id, at most [`limits::SENT_IDS_KEPT`] ago.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn find(&mut self, tx: &Transaction<'_>, hit: SentHit) -> Result<Option<SentOutcome>> {
        self.load(tx)?;
        // A time far in the future is that of a clock that was ahead.
        let kept = hit.at.before(limits::SENT_IDS_KEPT)..=hit.at.after(limits::SENT_IDS_KEPT);
        match self.newest.get(&(hit.site, hit.id_hash)) {
            Some((at, outcome)) if kept.contains(at) => Ok(Some(outcome.clone())),
            _ => sent_hits::find(tx, hit),
        }
    }

    /// Adds a hit, to be written by [`SentIds::write`].
    pub fn add(&mut self, hit: SentHit, outcome: SentOutcome) {
        self.newest.insert((hit.site, hit.id_hash), (hit.at, outcome.clone()));
        self.unwritten.push((hit, outcome));
    }

    /// Writes the hits that were added since the last call: a run for each site. When memory is full, all runs are moved to
    /// the table.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<()> {
        self.unwritten.sort_by_key(|(hit, _)| hit.site);
        for run in self.unwritten.chunk_by(|(one, _), (other, _)| one.site == other.site) {
            sent_hits::create_run(tx, run[0].0.site, run)?;
        }
        self.unwritten.clear();
        if self.newest.len() >= limits::SENT_IDS_CACHED_MAX {
            let hits = self
                .newest
                .drain()
                .map(|((site, id_hash), (at, outcome))| (SentHit { site, id_hash, at }, outcome));
            sent_hits::merge_runs(tx, hits.collect())?;
        }
        Ok(())
    }

    fn load(&mut self, tx: &Transaction<'_>) -> Result<()> {
        if !self.is_loaded {
            for (hit, outcome) in sent_hits::list_runs(tx)? {
                self.newest.insert((hit.site, hit.id_hash), (hit.at, outcome));
            }
            self.is_loaded = true;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn hit(number: i64, at: i64) -> SentHit {
        SentHit { site: SiteId(number % 3), id_hash: number * 7_919, at: Timestamp(at) }
    }

    fn outcome(number: i64) -> SentOutcome {
        SentOutcome { dropped: (number % 5 == 0).then(|| "no-page".into()) }
    }

    fn write(connection: &mut Connection, ids: &mut SentIds, numbers: std::ops::Range<i64>, at: i64) {
        crate::store::change(connection, |tx| {
            for number in numbers.clone() {
                assert_eq!(ids.find(tx, hit(number, at))?, None, "{number}");
                ids.add(hit(number, at), outcome(number));
            }
            ids.write(tx)
        })
        .unwrap();
    }

    fn count(connection: &Connection, table: &str) -> i64 {
        crate::store::count_rows(connection, table).unwrap()
    }

    #[test]
    fn every_id_is_found_for_a_day_from_memory_from_runs_and_from_the_table() {
        let mut connection = crate::store::scratch().unwrap();
        let mut ids = SentIds::default();
        let (at, day) = (1_796_000_000_000, 24 * 3_600_000);
        let most = i64::try_from(limits::SENT_IDS_CACHED_MAX).unwrap();
        write(&mut connection, &mut ids, 0..10, at);
        write(&mut connection, &mut ids, 10..most - 1, at + 1);
        assert_eq!((count(&connection, "sent_runs"), count(&connection, "sent_hits")), (6, 0));
        for mut ids in [ids, SentIds::default()] {
            let mut found = |number: i64, now: i64| {
                crate::store::change(&mut connection, |tx| ids.find(tx, hit(number, now))).unwrap()
            };
            for number in [0, 5, 9, 10, most - 2] {
                assert_eq!(found(number, at + day), Some(outcome(number)), "{number}");
            }
            assert_eq!(found(7, at + day + 1), None, "a day is over");
            assert_eq!(found(7, at - day - 1), None, "the clock was ahead when it was sent");
            assert_eq!(found(most, at + day), None);
        }
        // One more, and all are moved.
        let mut ids = SentIds::default();
        write(&mut connection, &mut ids, most..most + 1, at + 2);
        assert_eq!((count(&connection, "sent_runs"), count(&connection, "sent_hits")), (0, most));
        assert!(ids.newest.is_empty());
        let mut found = |number: i64, now: i64| {
            crate::store::change(&mut connection, |tx| ids.find(tx, hit(number, now))).unwrap()
        };
        for number in [0, 5, most - 2, most] {
            assert_eq!(found(number, at + day), Some(outcome(number)), "{number}");
        }
        assert_eq!(found(7, at + day + 1), None, "a day is over");
    }
}
