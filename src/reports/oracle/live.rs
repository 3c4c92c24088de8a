//! A live day that is refreshed after random changes to its visits equals a day that is built anew from the rows.

use super::super::columns::KINDS;
use super::super::columns::block::{Block, Selection};
use super::super::columns::block_builder::BlockBuilder;
use super::super::date_range::DateRange;
use super::super::dimension::GroupKey;
use super::questions::sorted;
use super::site::{Bench, GOALS, Made, ZONES, convert, made, write};
use super::sql::ids;
use crate::limits::EngineLimits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::model::metrics::Metrics;
use crate::reports::columns::{ColumnId, ColumnPart, Repeated};
use crate::reports::engine::aggregate::accumulator::Accumulator;
use crate::reports::engine::aggregate::group_by::GroupBy;
use crate::reports::engine::aggregate::totals::ByHour;
use crate::reports::engine::snapshot::Snapshot;
use crate::store;
use crate::store::visit_attribute::VisitAttribute;
use crate::store::visit_tables::{self, ActionRow};
use crate::store::visits::{self, OpenVisit};
use crate::{error, limits};
use proptest::prelude::*;
use proptest::sample::Index;
use rusqlite::Transaction;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The bound of stays, in milliseconds: wide enough that columns grow.
const STAYS: i64 = 1 << 40;

/// A change to visits.
#[derive(Clone, Debug)]
enum Step {
    /// Later visits begin.
    Begun(Vec<Made>),
    /// Visits last longer and add an action: duration, kind and two words.
    Longer(Vec<(Index, i64, usize, usize, usize)>),
    /// Visits change their visitor.
    Renamed(Vec<(Index, i64)>),
    /// Visits get custom data: key and value.
    Custom(Vec<(Index, usize, usize)>),
    /// Visits lose their custom data.
    Bare(Index),
    /// Visits reach goals: goal, revenue, and true if it counts.
    Reached(Vec<(Index, usize, i64, bool)>),
    /// Visits lose their conversions.
    Refused(Index),
    /// Visits add actions with new texts.
    Unheard(Vec<Index>),
}

fn step() -> impl Strategy<Value = Step> {
    let begun = prop::collection::vec(made(), 1..6);
    let longer = (any::<Index>(), 0_i64..3_000_000, 0_usize..5, 0_usize..7, 0_usize..7);
    prop_oneof![
        begun.prop_map(Step::Begun),
        prop::collection::vec(longer, 1..5).prop_map(Step::Longer),
        prop::collection::vec((any::<Index>(), 1_i64..9), 1..3).prop_map(Step::Renamed),
        prop::collection::vec((any::<Index>(), 0_usize..7, 0_usize..7), 1..4).prop_map(Step::Custom),
        any::<Index>().prop_map(Step::Bare),
        prop::collection::vec((any::<Index>(), 0_usize..GOALS.len(), -900_i64..1 << 40, any::<bool>()), 1..4)
            .prop_map(Step::Reached),
        any::<Index>().prop_map(Step::Refused),
        prop::collection::vec(any::<Index>(), 1..8).prop_map(Step::Unheard),
    ]
}

/// Changes the data file and returns the changed visits.
fn happen(bench: &mut Bench, minute: &mut i64, step: &Step) -> Vec<VisitId> {
    let known = ids(&bench.connection);
    if let Step::Begun(made) = step {
        bench.add(&in_order(made, minute));
        return ids(&bench.connection).into_iter().filter(|id| !known.contains(id)).map(VisitId).collect();
    }
    if known.is_empty() {
        return Vec::new();
    }
    let (site, words) = (bench.site.id, bench.words.clone());
    let mut changed = Vec::new();
    bench.change(|tx| {
        changed = change_visits(tx, site, &words, &known, step)?;
        Ok(changed.clone())
    });
    changed.sort_unstable();
    changed.dedup();
    changed
}

/// Changes some of the known visits and returns those, some more than once.
fn change_visits(
    tx: &Transaction<'_>,
    site: SiteId,
    words: &[i64],
    known: &[i64],
    step: &Step,
) -> error::Result<Vec<VisitId>> {
    let id = |place: &Index| VisitId(*place.get(known));
    match step {
        Step::Begun(_) => Ok(Vec::new()),
        Step::Longer(all) => {
            let longer = |(place, more, kind, page, title): &(Index, i64, usize, usize, usize)| {
                let mut visit = visits::find_visit(tx, site, id(place))?.unwrap();
                visit.stay += more;
                visit.actions += i64::from(KINDS[*kind].counts());
                visit.page_views += i64::from(*kind == 0);
                let (page, title) = (Some(words[*page]), Some(words[*title]));
                let action = ActionRow { number: 0, at: *more, kind: KINDS[*kind].code(), page, title };
                add_action(tx, site, visit, action)
            };
            all.iter().map(longer).collect()
        }
        Step::Renamed(all) => {
            let rename = |(place, visitor): &(Index, i64)| {
                visits::update_visitor(tx, site, id(place), VisitorId(*visitor))?;
                Ok(id(place))
            };
            all.iter().map(rename).collect()
        }
        Step::Custom(all) => {
            let set = |(place, key, value): &(Index, usize, usize)| {
                visit_tables::set_custom(tx, site, id(place), words[*key], words[*value], 20)?;
                visit_tables::create_split(tx, site, id(place), words[*value], words[*key], None, 20)?;
                Ok(id(place))
            };
            all.iter().map(set).collect()
        }
        Step::Bare(place) => {
            tx.execute("delete from custom where visit_id = ?1", [id(place).0])?;
            Ok(vec![id(place)])
        }
        Step::Reached(all) => {
            let reach = |(place, goal, revenue, counts): &(Index, usize, i64, bool)| {
                convert(tx, site, id(place), 7, (*goal, *revenue, *counts))?;
                Ok(id(place))
            };
            all.iter().map(reach).collect()
        }
        Step::Refused(place) => {
            tx.execute("delete from conversions where visit_id = ?1", [id(place).0])?;
            Ok(vec![id(place)])
        }
        Step::Unheard(all) => {
            let add = |place: &Index| {
                let mut visit = visits::find_visit(tx, site, id(place))?.unwrap();
                let number = visit.last_number + 1;
                // The numbers are far apart, so that columns become wider.
                let page = Some((1 << (number * 7 % 40)) + number);
                visit.stay = (visit.stay * 7 + 300) % STAYS;
                add_action(tx, site, visit, ActionRow { number: 0, at: 1, kind: 1, page, title: None })
            };
            all.iter().map(add).collect()
        }
    }
}

/// Adds an action, under its visit's next number, and makes its page the exit page.
fn add_action(
    tx: &Transaction<'_>,
    site: SiteId,
    mut visit: OpenVisit,
    action: ActionRow,
) -> error::Result<VisitId> {
    visit.last_number += 1;
    visit.exit = action.page;
    visit_tables::create_action(tx, site, visit.id, &ActionRow { number: visit.last_number, ..action })?;
    visits::update_visit(tx, site, &visit)?;
    Ok(visit.id)
}

/// Returns visits that begin one after the other on the first day.
fn in_order(made: &[Made], minute: &mut i64) -> Vec<Made> {
    let next = |made: &Made| {
        *minute += made.minute % 7;
        Made { minute: *minute, ..made.clone() }
    };
    made.iter().map(next).collect()
}

/// The contents of a block, independent of the order of its keys.
#[derive(Debug, PartialEq)]
struct Said {
    days: String,
    hours: Vec<Metrics>,
    /// For each visit: ID, hour, seconds, actions, flags, stay, and its keys.
    visits: Vec<Vec<u64>>,
    /// For each repeated column: visit and item.
    rows: Vec<Vec<(usize, u64)>>,
    items: Vec<BTreeMap<i64, Metrics>>,
}

fn said(block: &Block) -> Said {
    let all = Selection::all(0..block.visits());
    let mut hours = ByHour::default();
    hours.update(block, &all);
    let key =
        |column: ColumnId, row: usize| block.dictionary(column).keys.get(block.codes(column).place(row));
    let visit = |row: usize| {
        let parts = [
            ColumnPart::Hours,
            ColumnPart::SECONDS,
            ColumnPart::ACTIONS,
            ColumnPart::Flags,
            ColumnPart::Durations,
        ];
        let mut visit = vec![block.ids().get(row).0.unsigned_abs()];
        visit.extend(parts.map(|part| block.numbers(part).get(row)));
        visit.extend(VisitAttribute::day_columns().map(|property| key(ColumnId::Property(property), row)));
        visit
    };
    let rows = Repeated::ALL.map(|bag| {
        let mut rows = Vec::new();
        block.each_in(bag, &all, |visit, row| rows.push((visit, key(ColumnId::Repeated(bag), row))));
        rows
    });
    let by = VisitAttribute::day_columns().map(GroupKey::Property).chain(KINDS.map(GroupKey::Actions));
    let items = by
        .chain([GroupKey::Custom, GroupKey::Split, GroupKey::ActionCount, GroupKey::TimeOnSite])
        .map(|by| {
            let mut items = GroupBy::new(by);
            items.update(block, &all);
            sorted(&items)
        });
    Said {
        days: format!("{:?}", block.days),
        hours: hours.0.to_vec(),
        visits: (0..block.visits()).map(visit).collect(),
        rows: rows.to_vec(),
        items: items.collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_day_that_goes_on_says_what_it_would_say_if_it_were_built_anew(
        zone in 0..ZONES.len(),
        before in prop::collection::vec(made(), 0..20),
        steps in prop::collection::vec((step(), any::<bool>()), 1..14),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.goes_on = true;
        let mut minute = 0;
        bench.add(&in_order(&before, &mut minute));
        let day = DateRange { first: bench.first, last: bench.first };
        let build = |bench: &Bench| {
            BlockBuilder::build(&bench.connection, &bench.site, day, &EngineLimits::small()).unwrap()
        };
        let (mut draft, block) = build(&bench).into_live();
        let mut block = Arc::new(block);
        for (step, is_looked_at) in &steps {
            let changed = happen(&mut bench, &mut minute, step);
            let looked_at = is_looked_at.then(|| (Arc::clone(&block), said(&block)));
            let read = draft.read_changed(&bench.connection, &block, &changed).unwrap();
            let read = read.expect("all of it can be brought up to date");
            block = Arc::new(draft.apply(block, &read));
            prop_assert_eq!(said(&block), said(&build(&bench).into_block()), "after {:?}", step);
            if let Some((then, said_then)) = looked_at {
                prop_assert_eq!(said(&then), said_then, "what somebody looks at stays as it was");
            }
        }
    }
}

fn one(visitor: i64) -> Made {
    Made {
        minute: 10,
        visitor,
        channel: 0,
        stay: 0,
        words: [0; 8],
        traits: 0,
        actions: vec![(0, 4, 5)],
        custom: vec![],
        goals: vec![],
    }
}

/// Returns a site with a visit on a live day.
fn going_on() -> Bench {
    let mut bench = Bench::new(ZONES[0]);
    bench.goes_on = true;
    bench.add(&[one(1)]);
    bench
}

/// Runs the background tasks of a time.
fn keep_up(bench: &Bench, now: Timestamp) {
    Snapshot::new(&bench.connection, &bench.days, now, bench.days.position()).refresh_live_days().unwrap();
}

/// Returns the visits in the cached columns of the first day, without refreshing them.
fn kept_visits(bench: &Bench) -> usize {
    let kept = bench.days.live_days.find((bench.site.id, bench.first)).unwrap();
    let built = kept.lock().unwrap();
    built.block.visits()
}

#[test]
fn a_day_that_somebody_looks_at_is_brought_up_to_date_without_a_question() {
    let mut bench = going_on();
    let now = bench.site.zone.start(bench.first).after(limits::DAY_KEPT_UP_FOR);
    bench.ask(now, |snapshot| snapshot.loader.live.load(&bench.site, bench.first).map(drop)).unwrap();
    let come = |bench: &mut Bench| bench.add(&vec![one(2); limits::CHANGES_WAITING_MAX]);
    come(&mut bench);
    keep_up(&bench, now);
    assert_eq!(kept_visits(&bench), 1 + limits::CHANGES_WAITING_MAX);
    assert_eq!(bench.changes.sites_behind(), []);
    // No query for a long time.
    come(&mut bench);
    keep_up(&bench, now.after(limits::DAY_KEPT_UP_FOR));
    assert_eq!(kept_visits(&bench), 1 + limits::CHANGES_WAITING_MAX);
    assert!(!bench.changes.is_watched(), "nothing is remembered for nobody");
}

#[test]
fn a_day_that_a_question_still_looks_at_is_left_to_it() {
    let mut bench = going_on();
    let now = bench.site.zone.start(bench.first);
    let looked_at = bench.ask(now, |snapshot| snapshot.loader.live.load(&bench.site, bench.first)).unwrap();
    bench.add(&vec![one(2); limits::CHANGES_WAITING_MAX]);
    keep_up(&bench, now);
    assert_eq!((kept_visits(&bench), looked_at.visits()), (1, 1));
    drop(looked_at);
    keep_up(&bench, now);
    assert_eq!(kept_visits(&bench), 1 + limits::CHANGES_WAITING_MAX);
}

#[test]
fn a_reader_of_an_earlier_moment_does_not_take_a_day_back() -> error::Result<()> {
    let mut bench = going_on();
    let now = bench.site.zone.start(bench.first);
    bench.ask(now, |snapshot| snapshot.loader.live.load(&bench.site, bench.first).map(drop))?;
    let mut earlier = store::open_as_it_is(std::path::Path::new(bench.connection.path().unwrap()))?;
    let earlier = earlier.transaction()?;
    assert_eq!(ids(&earlier).len(), 1);
    // Committed, but not published yet: both snapshots have the same position.
    let mark = bench.days.position();
    let (site, id) = (bench.site.id, VisitId(VisitId::first_at(Timestamp(now.0 + 3_600_000)).0));
    store::change(&mut bench.connection, |tx| write(tx, site, id, &one(2), &|_| None))?;
    for connection in [&bench.connection, &*earlier] {
        let snapshot = Snapshot::new(connection, &bench.days, now, mark);
        assert_eq!(snapshot.loader.live.load(&bench.site, bench.first)?.visits(), 2);
    }
    Ok(())
}
