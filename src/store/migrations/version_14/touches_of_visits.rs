//! The touches of visits from before they were stored: found as [`crate::store::touches`] finds those of a visit that begins,
//! but for all visits of a site in one pass over the index of its visitors.

use crate::error::Result;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::touches::{self, Touches};
use crate::store::visits::visit_flags;
use rusqlite::{Transaction, named_params};
use std::collections::{HashSet, VecDeque};

/// Fills the touches of a site's visits whose visitors are known for longer than a day. Those that are the same as the visit's
/// own source stay empty.
pub(super) fn fill(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    let mut question = transaction.prepare_cached(
        "select visitor_id, id from visits indexed by visits_by_visitor
         where site_id = :site and visitor_id < :end
         order by visitor_id, id",
    )?;
    let bound = named_params! {":site": site.0, ":end": VisitorId::hashed(0).0};
    let mut rows = question.query(bound)?;
    let credits = Credits { transaction, site, elsewhere: from_elsewhere(transaction)? };
    let (mut visitor, mut visits) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let (next, visit) = (Some(row.get::<_, i64>(0)?), VisitId(row.get(1)?));
        if visitor != next {
            credits.fill(&visits)?;
            visits.clear();
            visitor = next;
        }
        visits.push(visit);
    }
    credits.fill(&visits)
}

/// Returns the sources that are neither direct nor internal.
fn from_elsewhere(transaction: &Transaction<'_>) -> Result<HashSet<i64>> {
    let mut question =
        transaction.prepare_cached("select id from sources where channel not in (:direct, :internal)")?;
    let bound = named_params! {":direct": Channel::Direct.code(), ":internal": Channel::Internal.code()};
    let ids = question.query_map(bound, |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

struct Credits<'a> {
    transaction: &'a Transaction<'a>,
    site: SiteId,
    elsewhere: HashSet<i64>,
}

impl Credits<'_> {
    /// Fills the touches of all visits of a visitor, oldest first.
    fn fill(&self, visits: &[VisitId]) -> Result<()> {
        if visits.len() < 2 {
            return Ok(());
        }
        let mut question = self
            .transaction
            .prepare_cached("select source, flags from visits where site_id = :site and id = :id")?;
        let most = usize::try_from(limits::TOUCH_VISITS_MAX).unwrap_or(usize::MAX);
        // The visits from elsewhere, each with its place among all.
        let mut earlier: VecDeque<(usize, VisitId, i64)> = VecDeque::new();
        for (place, id) in visits.iter().enumerate() {
            let bound = named_params! {":site": self.site.0, ":id": id.0};
            let (source, flags): (i64, i64) =
                question.query_row(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
            if flags & visit_flags::STICKY_DISABLED != 0 {
                continue;
            }
            let since = touches::since(*id);
            while earlier.front().is_some_and(|(other, id, _)| other + most < place || *id < since) {
                earlier.pop_front();
            }
            let is_from_elsewhere = self.elsewhere.contains(&source);
            let other = |touch: Option<&(usize, VisitId, i64)>| {
                touch.map(|(_, _, touch)| *touch).filter(|touch| *touch != source)
            };
            let (first, last) =
                (other(earlier.front()), other(earlier.back().filter(|_| !is_from_elsewhere)));
            if first.is_some() || last.is_some() {
                touches::update(self.transaction, self.site, *id, &Touches { first, last })?;
            }
            if is_from_elsewhere {
                earlier.push_back((place, *id, source));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::{Timestamp, Zone};
    use crate::store::change;
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};
    use crate::store::visits::{self, OpenVisit, VisitStart};
    use proptest::prelude::*;
    use rusqlite::Connection;

    const BEGAN: i64 = 1_700_000_000_000;
    const DAY: i64 = 86_400_000;

    fn file() -> (tempfile::TempDir, Connection, SiteId) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let site = change(&mut connection, |tx| {
            let user =
                NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
            let owner = users::create(tx, &user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
            for (id, channel) in
                (1..).zip([Channel::Direct, Channel::Internal, Channel::Link, Channel::Search])
            {
                tx.execute("insert into sources (id, channel) values (?1, ?2)", [id, channel.code()])?;
            }
            sites::create(tx, owner, &new, &Keys::generate()?, Timestamp(0))
        });
        (folder, connection, site.unwrap())
    }

    /// Creates a visit, with the traits of its flags, and returns its id.
    fn create(tx: &Transaction<'_>, site: SiteId, id: i64, visitor: VisitorId, source: i64, traits: i64) {
        let id = VisitId(VisitId::first_at(Timestamp(BEGAN)).0 + id);
        let row = OpenVisit { id, visitor, stay: 0, actions: 1, page_views: 1, last_number: 1, exit: None };
        let start = VisitStart { source, machine: 1, place: 1, traits, ..VisitStart::default() };
        visits::create_visit(tx, site, &row, &start).unwrap();
    }

    fn stored(connection: &Connection) -> Vec<(i64, Option<i64>, Option<i64>)> {
        let sql = "select id, first_source, last_source from visits order by id";
        let mut question = connection.prepare(sql).unwrap();
        let rows = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn visits_from_before_have_the_touches_that_they_would_get_now(
            made in proptest::collection::vec((0_i64..4, 0_i64..40, 1_i64..5, prop_oneof![5 => Just(0), 1 => Just(4)]), 1..40),
        ) {
            let (_folder, mut connection, site) = file();
            change(&mut connection, |tx| {
                let mut at = 0;
                for (visitor, days, source, traits) in &made {
                    at += VisitId::first_at(Timestamp(days * DAY)).0 + 1;
                    let visitor = if *visitor == 0 { VisitorId::hashed(7) } else { VisitorId(*visitor) };
                    create(tx, site, at, visitor, *source, *traits);
                }
                fill(tx, site)
            })
            .unwrap();
            let filled = stored(&connection);
            change(&mut connection, |tx| {
                tx.execute("update visits set first_source = null, last_source = null", [])?;
                filled.iter().try_for_each(|(id, ..)| touches::renew(tx, site, VisitId(*id)))
            })
            .unwrap();
            prop_assert_eq!(filled, stored(&connection));
        }
    }

    #[test]
    fn of_a_visitor_with_very_many_visits_the_newest_before_each_are_looked_at() {
        let (_folder, mut connection, site) = file();
        let most = limits::TOUCH_VISITS_MAX;
        change(&mut connection, |tx| {
            for number in 0..most + 2 {
                create(tx, site, number, VisitorId(9), if number == 0 { 3 } else { 1 }, 0);
            }
            fill(tx, site)
        })
        .unwrap();
        let filled: Vec<_> = stored(&connection).into_iter().map(|(_, first, last)| (first, last)).collect();
        let mut expected = vec![(Some(3), Some(3)); filled.len()];
        *expected.first_mut().unwrap() = (None, None);
        *expected.last_mut().unwrap() = (None, None);
        assert_eq!(filled, expected);
    }
}
