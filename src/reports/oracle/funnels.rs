//! Funnels of random sites are those that trying all chains of events finds, within visits and across them, in live, sealed and
//! mixed days.

use super::super::catalogue;
use super::super::comparison::{Compared, Comparison};
use super::super::date_range::DateRange;
use super::super::engine::Engine;
use super::super::engine::aggregate::visit_ids::VisitIds;
use super::super::engine::block_cache::BlockCache;
use super::super::engine::predicate::Predicate;
use super::super::engine::sqlite_engine::SqliteEngine;
use super::super::filter::Filter;
use super::super::funnel_filter;
use super::super::query::{FunnelWant, Query, Wants};
use super::super::results::funnel::FunnelResult;
use super::super::visibility::Visibility;
use super::questions::known_conditions;
use super::site::{Bench, DAYS, GOALS, ZONES, go_on, made};
use super::sql::prepare;
use crate::limits::EngineLimits;
use crate::model::channel::Channel;
use crate::model::clock::Timestamp;
use crate::model::funnel::{FunnelSettings, FunnelStep, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{FunnelId, GoalId, VisitId};
use crate::store::{self, funnels, goals};
use proptest::prelude::*;
use rusqlite::Connection;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The choices of a step: its kind, how it is compared, its pattern, the code of its actions, and the texts that it means.
const PATTERNS: [(RuleKind, MatchKind, &str, i64, &[&str]); 6] = [
    (RuleKind::Page, MatchKind::Exact, "/x", 1, &["https://a.example/x", "https://shop.example/x"]),
    (RuleKind::Page, MatchKind::Exact, "https://a.example/y", 1, &["https://a.example/y"]),
    (
        RuleKind::Page,
        MatchKind::Starts,
        "https://",
        1,
        &["https://a.example/x", "https://shop.example/x", "https://a.example/y", "https://b.example/"],
    ),
    (
        RuleKind::Download,
        MatchKind::Wildcard,
        "*/x",
        2,
        &["https://a.example/x", "http://www.shop.example:8080/x"],
    ),
    (RuleKind::Outbound, MatchKind::Regex, "^https://b", 3, &["https://b.example/"]),
    (RuleKind::Event, MatchKind::Starts, "Firefox", 4, &["Firefox 1", "Firefox 2"]),
];

/// A step: its place in [`PATTERNS`], or after them in [`GOALS`], and true if it follows directly.
type Step = (usize, bool);

#[derive(Clone, Debug)]
struct Event {
    visit: usize,
    at: i64,
    /// The steps that it may be, by their place.
    means: BTreeSet<usize>,
    page: Option<String>,
    is_conversion: bool,
}

struct Visit {
    id: i64,
    visitor: i64,
    channel: String,
    is_in_range: bool,
    events: Vec<Event>,
}

/// The chain that the funnel found: the steps of the chain, as places of events.
struct Found<'a> {
    events: &'a [Event],
    chain: Vec<usize>,
    entry: &'a Visit,
}

fn settings(bench: &Bench, steps: &[Step], window_days: Option<u32>) -> FunnelSettings {
    let rule = |place: usize| match PATTERNS.get(place) {
        Some((kind, matching, pattern, ..)) => {
            StepRule::Action(GoalRule { kind: *kind, matching: *matching, pattern: (*pattern).into() })
        }
        None => StepRule::Goal(goal(bench, place - PATTERNS.len())),
    };
    let step = |(place, is_direct): &Step| FunnelStep {
        name: String::new(),
        rule: rule(*place),
        is_direct: *is_direct,
    };
    FunnelSettings { name: "Way".into(), window_days, steps: steps.iter().map(step).collect() }
}

fn goal(bench: &Bench, place: usize) -> GoalId {
    goals::find_named(&bench.connection, bench.site.id, GOALS[place].0).unwrap().unwrap().id
}

/// Reads the events of a visit in order.
fn events(connection: &Connection, bench: &Bench, steps: &[Step], visit: i64, place: usize) -> Vec<Event> {
    let sql = "select at, kind,
                 case kind
                   when 1 then coalesce((select form from page_forms where label = page), page)
                   when 2 then coalesce((select form from own_forms where label = page), page)
                   when 3 then page
                   else coalesce((select form from own_forms where label = title), title, (select form from own_forms where label = page), page)
                 end, number
               from actions where visit_id = ?1
               union all
               select at, 100 + goal, null, number from conversions
               where visit_id = ?1 and counts and goal in (select id from goals where removed_at is null)";
    let rank = |kind: i64| match kind {
        1 => 0,
        2 => 1,
        3 => 2,
        4 => 3,
        5 => 4,
        _ => 5,
    };
    let mut question = connection.prepare(sql).unwrap();
    let rows = question.query_map([visit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    let mut rows: Vec<(i64, i64, Option<i64>, i64)> = rows.unwrap().map(Result::unwrap).collect();
    rows.sort_by_key(|(at, kind, _, number)| (*at, rank(*kind), *number));
    let text = |label: Option<i64>| -> Option<String> {
        connection.query_row("select text from labels where id = ?1", [label?], |row| row.get(0)).ok()
    };
    let event = |(at, kind, label, _): &(i64, i64, Option<i64>, i64)| {
        let text = text(*label);
        let means = |(_, (what, _)): &(usize, &Step)| match PATTERNS.get(*what) {
            Some((.., of_kind, texts)) => {
                kind == of_kind && text.as_deref().is_some_and(|text| texts.contains(&text))
            }
            None => *kind == 100 + goal(bench, what - PATTERNS.len()).0,
        };
        Event {
            visit: place,
            at: VisitId(visit).began().0 + at,
            means: steps.iter().enumerate().filter(means).map(|(step, _)| step).collect(),
            page: (*kind == 1).then(|| text.unwrap_or_else(|| "Unknown".into())),
            is_conversion: *kind >= 100,
        }
    };
    rows.iter().map(event).collect()
}

/// Reads the visits of some days that match a condition.
fn visits(bench: &Bench, steps: &[Step], range: DateRange, last: i32, condition: &str) -> Vec<Visit> {
    let connection = &bench.connection;
    let sql = format!(
        "select visits.id, visitor_id, channel, day from whole as visits join local using (id)
         where day between ?1 and ?2 and {condition} order by visits.id"
    );
    let mut question = connection.prepare(&sql).unwrap();
    let rows = question.query_map((range.first.0, last), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get::<_, i32>(3)?))
    });
    let visit = |(place, row): (usize, rusqlite::Result<(i64, i64, i64, i32)>)| {
        let (id, visitor, channel, day) = row.unwrap();
        let channel = Channel::from_code(channel).unwrap_or(Channel::Direct).title().to_owned();
        Visit {
            id,
            visitor,
            channel,
            is_in_range: day <= range.last.0,
            events: events(connection, bench, steps, id, place),
        }
    };
    rows.unwrap().enumerate().map(visit).collect()
}

/// Returns true if an event may follow a chain as a step.
fn follows(events: &[Event], steps: &[Step], window: Option<i64>, chain: &[usize], next: usize) -> bool {
    let (step, event) = (chain.len(), &events[next]);
    let Some((first, last)) = chain.first().zip(chain.last()) else { return event.means.contains(&0) };
    let is_other =
        |between: &Event| between.page.is_some() && !(event.is_conversion && between.at == event.at);
    event.means.contains(&step)
        && !(steps[step].1 && events[last + 1..next].iter().any(is_other))
        && window.is_none_or(|window| event.at - events[*first].at <= window)
}

/// Tries all chains, and returns the one of record.
fn search(visits: &[Visit], events: &[Event], steps: &[Step], window: Option<i64>) -> Option<Vec<usize>> {
    let mut chains: Vec<Vec<usize>> = vec![Vec::new()];
    let mut all: Vec<Vec<usize>> = Vec::new();
    for _ in steps {
        let mut longer = Vec::new();
        for chain in &chains {
            for next in chain.last().map_or(0, |last| last + 1)..events.len() {
                let may_begin = !chain.is_empty() || visits[events[next].visit].is_in_range;
                if may_begin && follows(events, steps, window, chain, next) {
                    longer.push(chain.iter().copied().chain([next]).collect::<Vec<_>>());
                }
            }
        }
        all.extend(longer.iter().cloned());
        chains = longer;
    }
    // The furthest; of these the one that was there first; of these the one that began last; then the earliest steps.
    all.into_iter().min_by_key(|chain| {
        let mut backwards = chain.clone();
        backwards.reverse();
        let last = backwards[0];
        (Reverse(chain.len()), last, Reverse(events[chain[0]].at), backwards)
    })
}

/// Compares a funnel with what trying all chains finds.
fn agrees(result: &FunnelResult, visits: &[Visit], steps: &[Step], window_days: Option<u32>) {
    let mut units: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
    for visit in visits {
        let unit = if window_days.is_some() { visit.visitor } else { visit.id };
        units.entry(unit).or_default().extend(visit.events.iter().cloned());
    }
    let window = window_days.map(|days| i64::from(days) * 24 * 3_600 * 1_000);
    let found: Vec<Found<'_>> = units
        .values()
        .filter_map(|events| {
            let chain = search(visits, events, steps, window)?;
            Some(Found { events, entry: &visits[events[chain[0]].visit], chain })
        })
        .collect();
    let in_range = || visits.iter().filter(|visit| visit.is_in_range);
    assert_eq!(result.visits.now, i64::try_from(in_range().count()).unwrap());
    assert_eq!(result.recognized, window_days.map(|_| i64::try_from(in_range().count()).unwrap()));
    assert_eq!(result.steps.len(), steps.len());
    let reached =
        |found: &[&Found<'_>], step: usize| found.iter().filter(|one| one.chain.len() > step).count();
    let everybody: Vec<&Found<'_>> = found.iter().collect();
    for (step, counted) in result.steps.iter().enumerate() {
        let count = |count: usize| i64::try_from(count).unwrap();
        assert_eq!(counted.reached.now, count(reached(&everybody, step)), "step {step}");
        let is_last = step + 1 == steps.len();
        let lost: Vec<&Found<'_>> =
            found.iter().filter(|one| one.chain.len() == step + 1 && !is_last).collect();
        assert_eq!(counted.lost.now, count(lost.len()), "lost after {step}");
        let mut times: Vec<i64> = found
            .iter()
            .filter(|one| step > 0 && one.chain.len() > step)
            .map(|one| (one.events[one.chain[step]].at - one.events[one.chain[step - 1]].at).max(0))
            .collect();
        times.sort_unstable();
        let middle = times.len() / 2;
        let median = (!times.is_empty()).then(|| i64::midpoint(times[(times.len() - 1) / 2], times[middle]));
        assert_eq!(counted.median_ms.now, median, "time to {step} of {times:?}");
        let mut next: BTreeMap<Option<String>, i64> = BTreeMap::new();
        for one in lost {
            let end = *one.chain.last().unwrap();
            let of_visit =
                one.events[end + 1..].iter().take_while(|event| event.visit == one.events[end].visit);
            *next.entry(of_visit.into_iter().find_map(|event| event.page.clone())).or_default() += 1;
        }
        let told: BTreeMap<Option<String>, i64> = counted
            .next
            .iter()
            .map(|next| (next.page.as_ref().map(|page| page.title.clone()), next.count))
            .collect();
        assert_eq!(told, next, "next pages after {step}");
        assert!(counted.next.is_sorted_by_key(|next| Reverse(next.count)));
    }
    let mut by_channel: BTreeMap<&str, Vec<&Found<'_>>> = BTreeMap::new();
    for one in &found {
        by_channel.entry(&one.entry.channel).or_default().push(one);
    }
    let counts = |found: &Vec<&Found<'_>>| {
        (0..steps.len()).map(|step| i64::try_from(reached(found, step)).unwrap()).collect::<Vec<_>>()
    };
    let expected: BTreeMap<&str, Vec<i64>> =
        by_channel.iter().map(|(channel, found)| (*channel, counts(found))).collect();
    let rows = result
        .rows
        .iter()
        .map(|row| (row.item.title.as_str(), row.reached.iter().map(|one| one.now).collect::<Vec<_>>()));
    let told: BTreeMap<&str, Vec<i64>> = rows.filter(|(_, reached)| reached[0] > 0).collect();
    assert_eq!(told, expected, "by source");
}

/// A question about a funnel, with filters that are also a condition in SQL.
struct Question {
    steps: Vec<Step>,
    window_days: Option<u32>,
    range: DateRange,
    filters: Vec<Filter>,
    condition: String,
}

impl Question {
    fn run(
        &self,
        bench: &Bench,
        now: Timestamp,
        range: DateRange,
        comparison: Option<Comparison>,
    ) -> FunnelResult {
        let want = FunnelWant {
            funnel: settings(bench, &self.steps, self.window_days),
            by: Some((catalogue::sources(), 50)),
            next_pages: 50,
        };
        let query = Query::new(bench.site.clone(), range, Visibility::everything());
        let query = Query { filters: self.filters.clone(), comparison, ..query };
        let query = query.with(Wants { funnel: Some(want), ..Wants::default() });
        bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query).unwrap().funnel.unwrap())
    }

    fn agrees(&self, bench: &Bench, now: Timestamp) {
        prepare(&bench.connection, bench.site.zone.name());
        let result = self.run(bench, now, self.range, None);
        let passed = (bench.site.zone.day(now).0 - self.range.last.0).max(0);
        let days = i32::try_from(self.window_days.unwrap_or(0)).unwrap().min(passed);
        let last = self.range.last.0 + days;
        let visits = visits(bench, &self.steps, self.range, last, &self.condition);
        agrees(&result, &visits, &self.steps, self.window_days);
        let in_range: Vec<Visit> = visits.into_iter().filter(|visit| visit.is_in_range).collect();
        self.filters_agree(bench, now, &result, &in_range);
    }

    /// Compares the visits that the filters by each step find.
    fn filters_agree(&self, bench: &Bench, now: Timestamp, result: &FunnelResult, visits: &[Visit]) {
        let steps = result.steps.len();
        let furthest =
            |visit: &Visit| search(visits, &visit.events, &self.steps, None).map_or(0, |chain| chain.len());
        let furthest: Vec<(&Visit, usize)> = visits.iter().map(|visit| (visit, furthest(visit))).collect();
        for (step, is_lost) in (1..=steps).flat_map(|step| [(step, false), (step, true)]) {
            if is_lost && (step == steps || self.window_days.is_some()) {
                continue;
            }
            let by_step = funnel_filter::filter(FunnelId(1), step, is_lost).unwrap();
            let filters: Vec<Filter> = self.filters.iter().cloned().chain([by_step]).collect();
            let predicate = Predicate::new(&bench.connection, &bench.site, &filters).unwrap();
            let mut found = VisitIds::default();
            bench
                .ask(now, |snapshot| {
                    snapshot.run_visits(&bench.site, self.range, &predicate, &mut [&mut found])
                })
                .unwrap();
            // Across visits, a visit with the step is meant, whatever came before.
            let has_step = |visit: &Visit| visit.events.iter().any(|event| event.means.contains(&(step - 1)));
            let is_meant = |visit: &Visit, reached: usize| match (self.window_days, is_lost) {
                (Some(_), _) => has_step(visit),
                (None, true) => reached == step,
                (None, false) => reached >= step,
            };
            // Where a goal that was removed decides, nobody is found: else more visits would be seen than before.
            let first = if self.window_days.is_some() { step - 1 } else { 0 };
            let asked = &self.steps[first..step + usize::from(is_lost)];
            let is_gone = asked.iter().any(|(kind, _)| {
                let goal = kind.checked_sub(PATTERNS.len()).and_then(|place| GOALS.get(place));
                goal.is_some_and(|(code, _)| *code == "gone")
            });
            let meant = furthest.iter().filter(|(visit, reached)| !is_gone && is_meant(visit, *reached));
            let expected: Vec<i64> = meant.map(|(visit, _)| visit.id).collect();
            let told: Vec<i64> = found.0.iter().map(|id| id.0).collect();
            assert_eq!(told, expected, "step {step}, lost: {is_lost}");
        }
    }

    /// A comparison has the counts of its own days.
    fn comparison_agrees(&self, bench: &Bench, now: Timestamp) {
        let result = self.run(bench, now, self.range, Some(Comparison::Before));
        let period = Comparison::Before.period(self.range);
        let alone = self.run(bench, now, period, None);
        assert_eq!(result.visits.before, Some(alone.visits.now));
        for (step, alone) in result.steps.iter().zip(&alone.steps) {
            let before = |one: &Compared<i64>| one.before;
            assert_eq!(
                (before(&step.reached), before(&step.lost)),
                (Some(alone.reached.now), Some(alone.lost.now))
            );
            assert_eq!(step.median_ms.before, Some(alone.median_ms.now));
        }
        for row in &result.rows {
            let same = alone.rows.iter().find(|other| other.item.title == row.item.title);
            for (step, reached) in row.reached.iter().enumerate() {
                assert_eq!(reached.before, Some(same.map_or(0, |same| same.reached[step].now)));
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..PATTERNS.len() + GOALS.len(), prop::bool::weighted(0.3)), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn funnels_are_those_that_trying_all_chains_finds(
        zone in 0..ZONES.len(),
        before in prop::collection::vec(made(), 0..40),
        after in prop::collection::vec(made(), 0..10),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        late in prop::collection::vec(made(), 0..4),
        steps in steps(),
        window_days in prop::option::of(1_u32..4),
        condition in 0..13_usize,
        days in (0..DAYS, 0..DAYS),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.goes_on = true;
        bench.add(&before);
        let stored = settings(&bench, &steps, window_days);
        let site = bench.site.id;
        store::change(&mut bench.connection, |tx| funnels::create(tx, site, &stored, Timestamp(0))).unwrap();
        let range = DateRange { first: bench.first.plus(days.0.min(days.1)), last: bench.first.plus(days.0.max(days.1)) };
        let mut question = Question { steps, window_days, range, filters: Vec::new(), condition: "true".into() };
        let during = bench.site.zone.start(bench.first.plus(1));
        question.agrees(&bench, during);
        bench.add(&after);
        go_on(&mut bench, &longer);
        question.agrees(&bench, during);
        (question.filters, question.condition) = known_conditions(&bench).remove(condition);
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        bench.goes_on = false;
        question.agrees(&bench, settled);
        bench.seal(settled);
        bench.days = BlockCache::new(bench.changes.clone(), EngineLimits::small());
        question.agrees(&bench, settled);
        question.agrees(&bench, settled);
        question.comparison_agrees(&bench, settled);
        // Some days are built from the rows again, beside sealed ones.
        bench.add(&late);
        question.agrees(&bench, settled);
    }
}
