//! The lists of visits and of actions for programs, of visits made by hand.

use super::super::date_range::DateRange;
use super::super::engine::Engine;
use super::super::engine::sqlite_engine::SqliteEngine;
use super::super::query::{ActionFilters, ActionsWant, Query, VisitRecordsWant, Wants};
use super::super::search::Search;
use super::super::table_query::Page;
use super::super::visibility::{Visibility, VisitorData};
use super::super::visits::listed::{ListedAction, ListedVisit};
use super::questions::wanted;
use super::site::{Bench, Made, ZONES, write};
use crate::error::{Error, Result};
use crate::ingest::hit::ActionKind;
use crate::model::clock::Timestamp;
use crate::model::id::VisitId;
use crate::store::visit_tables::{self, ActionRow};
use crate::store::{self, retention};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const ALL: Page = Page { number: 1, rows: 1_000 };

/// A visit: its beginning and stay, and its actions by their times in the visit and kinds. Times are in milliseconds,
/// the beginning from that of the first day.
struct Visit {
    began: i64,
    visitor: i64,
    stay: i64,
    actions: Vec<(i64, ActionKind)>,
}

fn visit(began: i64, stay: i64, page_views: &[i64]) -> Visit {
    let actions = page_views.iter().map(|at| (*at, ActionKind::PageView)).collect();
    Visit { began, visitor: 1, stay, actions }
}

fn bench(visits: &[Visit]) -> (Bench, Vec<VisitId>) {
    let mut bench = Bench::new(ZONES[5]);
    let (start, site, words) = (bench.site.zone.start(bench.first).0, bench.site.id, bench.words.clone());
    let mut ids = Vec::new();
    bench.change(|tx| {
        for (counter, visit) in (0..).zip(visits) {
            let id = VisitId(VisitId::first_at(Timestamp(start + visit.began)).0 + counter);
            let made = Made {
                minute: 0,
                visitor: visit.visitor,
                channel: 0,
                stay: visit.stay,
                words: [0; 8],
                traits: 0,
                actions: Vec::new(),
                custom: vec![(2, 3)],
                goals: vec![(0, 1_250, true)],
            };
            write(tx, site, id, &made, &|place| words.get(place).copied())?;
            for (number, (at, kind)) in (1..).zip(&visit.actions) {
                let (page, title) = (Some(words[4]), Some(words[2]));
                let action = ActionRow { number, at: *at, kind: kind.code(), page, title };
                visit_tables::create_action(tx, site, id, &action)?;
            }
            ids.push(id);
        }
        Ok(ids.clone())
    });
    (bench, ids)
}

/// Asks for something of some days after the first, in the order of both ends.
fn ask(bench: &Bench, days: (i32, i32), visibility: Visibility, wants: Wants) -> Result<Found> {
    let range = DateRange { first: bench.first.plus(days.0), last: bench.first.plus(days.1) };
    let query = Query::new(bench.site.clone(), range, visibility).with(wants);
    let now = bench.site.zone.start(bench.first.plus(9));
    let answer = bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query))?;
    Ok(Found { visits: answer.visit_records, actions: answer.actions })
}

struct Found {
    visits: Vec<ListedVisit>,
    actions: Vec<ListedAction>,
}

fn actions(bench: &Bench, days: (i32, i32), want: ActionsWant) -> Vec<(VisitId, i64)> {
    let wants = Wants { actions: Some(want), ..Wants::default() };
    let found = ask(bench, days, Visibility::everything(), wants).unwrap().actions;
    found.iter().map(|listed| (listed.visit.visit.id, listed.action.number)).collect()
}

fn records() -> VisitRecordsWant {
    VisitRecordsWant { page: ALL, since: None, below: None, with_actions: false }
}

fn all() -> ActionsWant {
    ActionsWant { page: ALL, since: None, below: None, filters: ActionFilters::default() }
}

#[test]
fn an_action_after_midnight_belongs_to_the_day_of_its_visit_and_stands_by_its_time() {
    let late = visit(23 * HOUR, 2 * HOUR, &[0, 90 * MINUTE]);
    let (bench, ids) = bench(&[late, visit(24 * HOUR + 10 * MINUTE, 0, &[0])]);
    let listed = |days| actions(&bench, days, all());
    assert_eq!(listed((0, 1)), [(ids[0], 2), (ids[1], 1), (ids[0], 1)]);
    assert_eq!(listed((0, 0)), [(ids[0], 2), (ids[0], 1)]);
    assert_eq!(listed((1, 1)), [(ids[1], 1)]);
}

#[test]
fn neither_a_ping_nor_a_late_order_of_a_program_misplaces_an_action() {
    // A visit that a ping prolonged, and one with an action long after its last sign of life.
    let mut visits = vec![visit(HOUR, 5 * HOUR, &[0, MINUTE]), visit(2 * HOUR, 0, &[0, 11 * HOUR])];
    visits.extend((3..12).map(|hour| visit(hour * HOUR, 0, &[0])));
    let (bench, ids) = bench(&visits);
    let mut expected = vec![(ids[1], 2)];
    expected.extend(ids[2..].iter().rev().map(|id| (*id, 1)));
    expected.extend([(ids[1], 1), (ids[0], 2), (ids[0], 1)]);
    assert_eq!(actions(&bench, (0, 0), all()), expected);
    let first = ActionsWant { page: Page { number: 1, rows: 1 }, ..all() };
    assert_eq!(actions(&bench, (0, 0), first), expected[..1]);
}

#[test]
fn of_actions_in_the_same_millisecond_the_later_visit_and_the_later_number_come_first() {
    let (bench, ids) = bench(&[visit(HOUR, 0, &[0, 0]), visit(HOUR, 0, &[0, 0])]);
    assert_eq!(actions(&bench, (0, 0), all()), [(ids[1], 2), (ids[1], 1), (ids[0], 2), (ids[0], 1)]);
}

#[test]
fn pages_of_any_size_join_to_the_whole_list_over_midnights() {
    // Each visit begins before midnight and has most of its actions after it, among those of the next day.
    let around = (0..3).flat_map(|day| {
        let midnight = (day + 1) * 24 * HOUR;
        [visit(midnight - MINUTE, 3 * HOUR, &[0, HOUR, HOUR, 2 * HOUR]), visit(midnight + HOUR, 0, &[0])]
    });
    let (bench, _) = bench(&around.collect::<Vec<_>>());
    let whole = actions(&bench, (0, 3), all());
    assert_eq!(whole.len(), 15);
    for rows in 1..=16 {
        let mut joined = Vec::new();
        for number in 1.. {
            let page = actions(&bench, (0, 3), ActionsWant { page: Page { number, rows }, ..all() });
            if page.is_empty() {
                break;
            }
            joined.extend(page);
        }
        assert_eq!(joined, whole, "{rows} rows");
    }
}

#[test]
fn filters_by_kind_text_and_time_hold_together_and_media_are_listed_only_by_name() {
    let kinds = [ActionKind::PageView, ActionKind::Media, ActionKind::Outbound, ActionKind::PageView];
    let done = (0..).zip(kinds).map(|(minute, kind)| (minute * MINUTE, kind));
    let one = Visit { began: HOUR, visitor: 1, stay: HOUR, actions: done.collect() };
    let (bench, _) = bench(&[one]);
    let start = bench.site.zone.start(bench.first).0;
    let listed = |filters: ActionFilters, since: Option<i64>| -> Vec<i64> {
        let since = since.map(|since| Timestamp(start + since));
        let found = actions(&bench, (0, 0), ActionsWant { since, filters, ..all() });
        found.into_iter().map(|(_, number)| number).collect()
    };
    let of_kind = |kind| ActionFilters { kind: Some(kind), ..ActionFilters::default() };
    assert_eq!(listed(ActionFilters::default(), None), [4, 3, 1]);
    assert_eq!(listed(of_kind(ActionKind::Media), None), [2]);
    assert_eq!(listed(of_kind(ActionKind::PageView), Some(HOUR + MINUTE)), [4]);
    assert_eq!(listed(ActionFilters::default(), Some(HOUR + 2 * MINUTE)), [4, 3], "the time itself counts");
    let title = Search::Contains("fox".into());
    let at = |href: &str| ActionFilters {
        title: title.clone(),
        href: Search::Exactly(href.into()),
        ..of_kind(ActionKind::Outbound)
    };
    assert_eq!(listed(at("/X"), None), [3]);
    assert_eq!(listed(at("/xy"), None), [0; 0]);
}

#[test]
fn only_the_first_page_view_of_a_visit_is_its_landing_action() {
    let kinds = [ActionKind::Event, ActionKind::PageView, ActionKind::PageView];
    let one = Visit { actions: (0..).zip(kinds).collect(), ..visit(HOUR, 0, &[]) };
    let (bench, _) = bench(&[one]);
    let wants = Wants { actions: Some(all()), ..Wants::default() };
    let found = ask(&bench, (0, 0), Visibility::everything(), wants).unwrap().actions;
    let landings: Vec<_> = found.iter().map(|listed| (listed.action.number, listed.is_landing)).collect();
    assert_eq!(landings, [(3, false), (2, true), (1, false)]);
    assert_eq!(found[0].visit.custom, [("Firefox 1".to_owned(), "Firefox 2".to_owned())]);
}

#[test]
fn visits_that_are_being_deleted_are_neither_listed_nor_part_of_a_history() {
    let (mut bench, ids) =
        bench(&[visit(HOUR, 0, &[0]), visit(25 * HOUR, 0, &[0]), visit(26 * HOUR, 0, &[0])]);
    let wants = Wants { visit_records: Some(records()), actions: Some(all()), ..Wants::default() };
    let listed = |bench: &Bench| {
        let found = ask(bench, (0, 3), Visibility::everything(), wants.clone()).unwrap();
        let visits: Vec<VisitId> = found.visits.iter().map(|listed| listed.visit.id).collect();
        let histories = found.visits.iter().map(|listed| listed.history.unwrap());
        let histories: Vec<_> = histories.map(|history| (history.visits, history.first)).collect();
        (visits, histories, found.actions.len())
    };
    assert_eq!(listed(&bench), (vec![ids[2], ids[1], ids[0]], vec![(3, ids[0]); 3], 3));
    let day = DateRange { first: bench.first, last: bench.first }.visits(&bench.site.zone);
    let site = bench.site.id;
    store::change(&mut bench.connection, |tx| retention::begin_dropping(tx, site, &day)).unwrap();
    assert_eq!(listed(&bench), (vec![ids[2], ids[1]], vec![(2, ids[1]); 2], 2));
}

#[test]
fn visits_are_listed_from_a_time_on_by_their_beginning() {
    let (bench, ids) =
        bench(&[visit(HOUR, 9 * HOUR, &[0]), visit(2 * HOUR, 0, &[0]), visit(3 * HOUR, 0, &[0])]);
    let start = bench.site.zone.start(bench.first).0;
    let listed = |number, since: i64| -> Vec<VisitId> {
        let want = VisitRecordsWant {
            page: Page { number, rows: 1 },
            since: Some(Timestamp(start + since)),
            ..records()
        };
        let wants = Wants { visit_records: Some(want), ..Wants::default() };
        let found = ask(&bench, (0, 0), Visibility::everything(), wants).unwrap().visits;
        found.iter().map(|listed| listed.visit.id).collect()
    };
    assert_eq!([1, 2, 3].map(|number| listed(number, 2 * HOUR)), [vec![ids[2]], vec![ids[1]], vec![]]);
    assert_eq!(listed(1, 30 * HOUR), []);
}

#[test]
fn lists_show_no_more_than_the_visibility_does() {
    let (bench, ids) = bench(&[
        visit(HOUR, 0, &[0]),
        Visit { visitor: 2, ..visit(2 * HOUR, 0, &[0]) },
        visit(3 * HOUR, 0, &[0]),
    ]);
    let records = Wants { visit_records: Some(records()), ..Wants::default() };
    let of_actions = || Wants { actions: Some(all()), ..Wants::default() };
    let live = || Visibility::from_names([], [VisitorData::LiveList]);
    let found = ask(&bench, (0, 0), live(), records.clone()).unwrap().visits;
    assert!(found.iter().all(|listed| listed.custom.is_empty() && listed.history.is_none()));
    assert!(found.iter().all(|listed| listed.visit.address.is_none() && listed.visit.number.is_some()));
    assert!(matches!(ask(&bench, (0, 0), live(), of_actions()), Err(Error::Forbidden)));
    assert!(matches!(ask(&bench, (0, 0), Visibility::nothing(), records.clone()), Err(Error::Forbidden)));
    // Among some visits only, the others are part of no history.
    let last = Visibility::everything().restricted_to(wanted("session_id", &ids[2].to_string()));
    let found = ask(&bench, (0, 0), last.clone(), records).unwrap().visits;
    let histories: Vec<_> = found.iter().map(|listed| listed.history.unwrap()).collect();
    assert_eq!(
        histories.iter().map(|history| (history.visits, history.first)).collect::<Vec<_>>(),
        [(1, ids[2])]
    );
    let found = ask(&bench, (0, 0), last, of_actions()).unwrap().actions;
    assert_eq!(found.iter().map(|listed| listed.visit.visit.id).collect::<Vec<_>>(), [ids[2]]);
}
