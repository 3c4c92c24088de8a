//! A site that was exported and imported into another data file has the same reports there, by name, whatever IDs its
//! labels have, sealed or not, and also in pruned days.

use crate::access::audit::Actor;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use crate::reports::answer::Answer;
use crate::reports::catalogue::{self, Metric, ReportKind};
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::engine::Engine;
use crate::reports::engine::pruning::DayToPrune;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::filter::Filter;
use crate::reports::oracle::conditions;
use crate::reports::oracle::questions::{PAIRS, agree, known_conditions};
use crate::reports::oracle::site::{self, Bench, DAYS, ZONES, go_on, made};
use crate::reports::query::{CrossTabWant, Query, TableWant, VitalsSort, VitalsTable, VitalsWant, Wants};
use crate::reports::results::table::TableRow;
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::table_query::TableQuery;
use crate::reports::visibility::Visibility;
use crate::store::{self, goals, retention};
use crate::transfer::format::Format;
use crate::transfer::site::{SiteImport, Target, preview, run};
use crate::transfer::source_file::SourceFile;
use crate::transfer::{export, fingerprint};
use proptest::prelude::*;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// Returns the same site in another data file, by the functions behind `export` and `import`.
fn moved(bench: &Bench, now: Timestamp) -> Bench {
    let (folder, mut connection, owner) = site::file();
    let id = moved_into(&mut connection, (folder.path(), owner), bench, Target::Own, now);
    Bench::with_file(folder, connection, id, bench.first)
}

/// Imports a site into a data file, of which the folder and the owner of new sites are given.
pub fn moved_into(
    connection: &mut Connection,
    (folder, owner): (&Path, UserId),
    bench: &Bench,
    target: Target,
    now: Timestamp,
) -> SiteId {
    let path = folder.join("site.jsonl");
    let lines = export::write(
        &bench.connection,
        bench.site.id,
        true,
        now,
        &mut File::create(&path).unwrap(),
        &|_| (),
    );
    let text = SourceFile::open(&path).unwrap();
    let (preview, head) = (preview(&text, &|_| ()).unwrap(), text.head().unwrap());
    let job = SiteImport {
        file: &text,
        head: &preview.head,
        beginning: &head,
        end: preview.end,
        days: &preview.days,
        start: fingerprint::begin(Format::Site, SiteId(0), text.name(), &head, preview.end, now),
        target,
        owner: Some(owner),
        with_links: true,
        actor: &Actor::command_line(now),
    };
    let (site, tally) = run(connection, &job, false, &|_| ()).unwrap();
    assert_eq!(
        (tally.imported, tally.invalid, tally.dropped_count()),
        (lines.unwrap(), 0, 0),
        "{:?}",
        tally.problems
    );
    site
}

/// Returns the rows of every report, as text, by the report's name.
fn told(bench: &Bench, now: Timestamp, scope: &Query) -> BTreeMap<String, Vec<String>> {
    bench.ask(now, |snapshot| {
        let engine = SqliteEngine::new(snapshot);
        let run = |wants: Wants| engine.run(&scope.with(wants)).unwrap();
        let all = Page { number: 1, rows: 1_000 };
        let answer = run(Wants { series: true, visits: Some(all), ..Wants::default() });
        let (since, visits) = (answer.coverage.kept_since, answer.visits.unwrap());
        let mut told = BTreeMap::from([
            ("courses".to_owned(), vec![format!("{:?}", answer.series.unwrap())]),
            ("visits".to_owned(), visits.visits.iter().map(|visit| format!("{visit:?}")).collect()),
            ("counts".to_owned(), vec![format!("{} visits, all since {since:?}", visits.count)]),
        ]);
        for report in catalogue::REPORTS {
            let rows = match report.kind {
                ReportKind::Items(dimension) | ReportKind::SplitTests(dimension) => {
                    let table = TableQuery::top(dimension, u32::MAX);
                    let want = TableWant { dimension, table, is_brief: false };
                    let table = run(Wants { tables: vec![want], ..Wants::default() }).tables.remove(0);
                    // An action's subtitle is the last of its block, and blocks may differ.
                    let row = |line: &TableRow| {
                        let mut name = line.name.clone();
                        name.subtitle = name.subtitle.filter(|_| !dimension.counts_actions());
                        format!("{name:?} {:?} {:?}", line.metrics, line.before)
                    };
                    table.rows.iter().map(row).collect()
                }
                ReportKind::Recent(list) => {
                    let found = run(Wants { recent: Some((list, all)), ..Wants::default() }).recent.unwrap();
                    found.rows.iter().map(|one| format!("{one:?}")).collect()
                }
                ReportKind::Hours => {
                    let hours = run(Wants { hours: Some(Metric::Visits), ..Wants::default() }).hours.unwrap();
                    vec![format!("{hours:?}")]
                }
                ReportKind::Vitals => {
                    let table = VitalsTable {
                        sort: VitalsSort::Measurements,
                        is_ascending: false,
                        search: Search::Everything,
                        page: all,
                    };
                    let want = VitalsWant { device: None, table };
                    let found = run(Wants { vitals: Some(want), ..Wants::default() }).vitals.unwrap();
                    let overall = format!("{:?} {:?}", found.overall, found.devices);
                    let pages = found.pages.iter().map(|page| format!("{page:?}"));
                    std::iter::once(overall).chain(pages).collect()
                }
                ReportKind::Metric(_)
                | ReportKind::FilteredHits
                | ReportKind::Journeys
                | ReportKind::Funnels
                | ReportKind::Retention
                | ReportKind::Uptime
                | ReportKind::Outages => continue,
            };
            told.insert(report.name.to_owned(), rows);
        }
        for (first, second) in PAIRS {
            told.insert(format!("{first} by {second}"), pairs(&run, first, second));
        }
        told
    })
}

/// Returns the visits with each two items, by their names.
fn pairs(run: &dyn Fn(Wants) -> Answer, first: &str, second: &str) -> Vec<String> {
    let dimension = |filter| catalogue::dimension_of_filter(filter).unwrap();
    let (rows, columns) = (dimension(first), dimension(second));
    let table = TableQuery::top(rows, u32::MAX);
    let want = CrossTabWant { rows, table, columns, columns_max: u32::MAX };
    let found = run(Wants { cross_tab: Some(want), ..Wants::default() }).cross_tab.unwrap();
    let row = |(line, cells): (&TableRow, &Vec<i64>)| {
        let cells = found.columns.iter().zip(cells).map(|(column, visits)| (&column.name.filter, visits));
        let cells: BTreeMap<_, _> = cells.filter(|(_, visits)| **visits > 0).collect();
        format!("{} {cells:?}", line.name.filter)
    };
    found.rows.rows.iter().zip(&found.cells.now).map(row).collect()
}

/// Compares all reports of both data files.
fn agree_with(bench: &Bench, there: &Bench, now: Timestamp, (range, wanted): (DateRange, &[Filter])) {
    let before = Some(Comparison::Before);
    for (comparison, goal) in [(None, None), (before, None), (before, Some("order"))] {
        let scope = |bench: &Bench| {
            let goal =
                goal.and_then(|goal| goals::find_named(&bench.connection, bench.site.id, goal).unwrap());
            let query = Query::new(bench.site.clone(), range, Visibility::everything());
            Query { filters: wanted.to_vec(), comparison, goal: goal.map(|goal| goal.id), ..query }
        };
        let (here, there) = (told(bench, now, &scope(bench)), told(there, now, &scope(there)));
        for (name, rows) in here {
            assert_eq!(rows, there[&name], "{name}, {wanted:?}, {comparison:?}, {goal:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_site_that_was_exported_and_imported_answers_every_question_as_before(
        zone in 0..ZONES.len(),
        visits in prop::collection::vec(made(), 0..25),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        condition in 0..10_usize,
        together in prop::collection::vec(conditions::condition(), 1..3),
        days in (0..DAYS, 0..DAYS),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.add(&visits);
        go_on(&mut bench, &longer);
        let part = DateRange { first: bench.first.plus(days.0.min(days.1)), last: bench.first.plus(days.0.max(days.1)) };
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        let mut there = moved(&bench, settled);
        let (known, sql) = known_conditions(&there).remove(condition);
        for is_sealed in [false, true] {
            if is_sealed {
                // In both: the title next to a page depends on which days are sealed together.
                bench.seal(settled);
                there.seal(settled);
            }
            for wanted in [&[][..], &known, &together] {
                agree_with(&bench, &there, settled, (bench.range(), wanted));
                agree_with(&bench, &there, settled, (part, wanted));
            }
            agree(&there, settled, bench.range(), &[], "true");
            agree(&there, settled, part, &known, &sql);
            agree(&there, settled, bench.range(), &together, &conditions::all(&together));
        }
        // And a third time: no export loses anything.
        let third = moved(&there, settled);
        agree_with(&bench, &third, settled, (bench.range(), &[]));
    }

    #[test]
    fn so_does_a_site_of_whose_days_only_totals_are_left_or_are_being_left(
        zone in 0..ZONES.len(),
        visits in prop::collection::vec(made(), 0..30),
        late in prop::collection::vec(made(), 0..4),
        kept_from in 0..=DAYS,
        cut_off in prop::option::of((0..DAYS, 0..6_usize)),
        together in prop::collection::vec(conditions::condition(), 1..3),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.add(&visits);
        let now = bench.site.zone.start(bench.first.plus(kept_from + 1)).after(Duration::from_hours(14));
        let site = bench.site.id;
        store::change(&mut bench.connection, |tx| retention::set_kept_days(tx, site, Some(1))).unwrap();
        let mut day = 0;
        let mut is_cut_off = false;
        while let Some(leaving) = bench.ask(now, |reader| DayToPrune::next(reader, &bench.site).unwrap()) {
            assert!(store::change(&mut bench.connection, |tx| leaving.write(tx, now)).unwrap());
            let slices = cut_off.filter(|(last, _)| *last == day).map_or(usize::MAX, |(_, slices)| slices);
            let mut slice = 0;
            while slice < slices
                && store::change(&mut bench.connection, |tx| retention::drop_slice(tx, site, 3)).unwrap()
            {
                slice += 1;
            }
            is_cut_off = retention::state(&bench.connection, site).unwrap().dropping.is_some();
            if is_cut_off {
                break;
            }
            day += 1;
        }
        // Late visits, as from an import, may arrive on pruned days, but not while a day is being pruned.
        if !is_cut_off {
            bench.add(&late);
        }
        let mut there = moved(&bench, now);
        agree_with(&bench, &there, now, (bench.range(), &[]));
        agree_with(&bench, &there, now, (bench.range(), &together));
        while store::change(&mut bench.connection, |tx| retention::drop_slice(tx, site, 3)).unwrap() {}
        let settled = there.site.zone.start(there.first.plus(DAYS + 3));
        bench.seal(settled);
        there.seal(settled);
        agree_with(&bench, &there, settled, (bench.range(), &[]));
        agree_with(&bench, &there, settled, (bench.range(), &together));
    }
}
