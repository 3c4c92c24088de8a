//! Heatmaps against plain SQL over the rows of clicks and of the reading of pages.

use super::questions::known_conditions;
use super::site::{Bench, DAYS, ZONES, go_on, made};
use super::sql::prepare;
use crate::error::Error;
use crate::model::clock::Timestamp;
use crate::model::device_class::DeviceClass;
use crate::reports::date_range::DateRange;
use crate::reports::engine::Engine;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::filter::Filter;
use crate::reports::heatmap_want::{HeatmapPagesWant, HeatmapSort, HeatmapWant};
use crate::reports::query::{Query, Wants};
use crate::reports::results::heatmap::{
    ClickCounts, ElementPoint, Heatmap, HeatmapPages, HeatmapSummary, LoosePoint, PageReading,
};
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use crate::reports::visibility::Visibility;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray;

/// A click as its row tells it, with its page as it is called today.
#[derive(Clone)]
struct Click {
    visit: i64,
    page: String,
    element: Option<String>,
    text: Option<String>,
    place: (u32, u32),
    width: u32,
    counts: ClickCounts,
}

/// The reading of a page by a visit, as its row tells it.
struct Read {
    page: String,
    device: DeviceClass,
    seconds: i64,
    depth: Option<i64>,
}

/// The rows of a range for which a condition holds.
struct Rows {
    clicks: Vec<Click>,
    reads: Vec<Read>,
}

impl Rows {
    fn read(bench: &Bench, range: DateRange, condition: &str) -> Self {
        prepare(&bench.connection, bench.site.zone.name());
        let visits = format!(
            "join whole as visits on visits.id = visit_id join local using (id)
             where day between ?1 and ?2 and {condition}"
        );
        let sql = format!(
            "select visits.id, (select text from labels where id = ifnull((select form from page_forms where label = page), page)),
               (select text from labels where id = element), (select text from labels where id = heatmap_clicks.text),
               iif(element is null, x, element_x), iif(element is null, y, element_y), width, is_rage, is_dead
             from heatmap_clicks {visits}"
        );
        let mut question = bench.connection.prepare(&sql).unwrap();
        let days = (range.first.0, range.last.0);
        let clicks = question.query_map(days, |row| {
            Ok(Click {
                visit: row.get(0)?,
                page: row.get(1)?,
                element: row.get(2)?,
                text: row.get(3)?,
                place: (row.get(4)?, row.get(5)?),
                width: row.get(6)?,
                counts: ClickCounts { clicks: 1, rage: row.get(7)?, dead: row.get(8)? },
            })
        });
        let clicks = clicks.unwrap().map(Result::unwrap).collect();
        let sql = format!(
            "select (select text from labels where id = ifnull((select form from page_forms where label = page), page)), device_type, seconds, depth from page_reads {visits}"
        );
        let mut question = bench.connection.prepare(&sql).unwrap();
        let reads = question.query_map(days, |row| {
            let device = match row.get::<_, i64>(1)? {
                2 => DeviceClass::Phone,
                3 => DeviceClass::Tablet,
                _ => DeviceClass::Desktop,
            };
            Ok(Read { page: row.get(0)?, device, seconds: row.get(2)?, depth: row.get(3)? })
        });
        let reads = reads.unwrap().map(Result::unwrap).collect();
        Self { clicks, reads }
    }

    fn pages(&self) -> BTreeSet<&str> {
        let clicked = self.clicks.iter().map(|click| click.page.as_str());
        let measured = self.reads.iter().filter(|read| read.depth.is_some());
        clicked.chain(measured.map(|read| read.page.as_str())).collect()
    }

    fn reading(&self, page: &str, device: Option<DeviceClass>) -> (PageReading, Vec<i64>) {
        let (mut sums, mut depths) = (PageReading::default(), Vec::new());
        let is_meant = |read: &&Read| read.page == page && device.is_none_or(|device| device == read.device);
        for read in self.reads.iter().filter(is_meant) {
            sums.visits += 1;
            sums.seconds += read.seconds;
            sums.measured += i64::from(read.depth.is_some());
            sums.depth += read.depth.unwrap_or(0);
            depths.extend(read.depth);
        }
        (sums, depths)
    }

    fn clicks_of(&self, page: &str, device: Option<DeviceClass>) -> Vec<&Click> {
        let is_meant = |click: &&Click| {
            let fits = |device| click.width > 0 && DeviceClass::of_width(click.width) == device;
            click.page == page && device.is_none_or(fits)
        };
        self.clicks.iter().filter(is_meant).collect()
    }
}

fn sum<'c>(clicks: impl IntoIterator<Item = &'c &'c Click>) -> (ClickCounts, i64) {
    let (mut counts, mut visits) = (ClickCounts::default(), BTreeSet::new());
    for click in clicks {
        counts.add(&click.counts);
        visits.insert(click.visit);
    }
    (counts, i64::try_from(visits.len()).unwrap())
}

const ALL: Page = Page { number: 1, rows: 100 };

fn pages(bench: &Bench, now: Timestamp, query: &Query, want: HeatmapPagesWant) -> HeatmapPages {
    let query = query.with(Wants { heatmap_pages: Some(want), ..Wants::default() });
    bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query)).unwrap().heatmap_pages.unwrap()
}

fn heatmap(bench: &Bench, now: Timestamp, query: &Query, page: &str, device: Option<DeviceClass>) -> Heatmap {
    let want = HeatmapWant { page: page.to_owned(), device };
    let query = query.with(Wants { heatmap: Some(want), ..Wants::default() });
    bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&query)).unwrap().heatmap.unwrap()
}

fn want(sort: HeatmapSort, is_ascending: bool, page: Page) -> HeatmapPagesWant {
    HeatmapPagesWant { sort, is_ascending, search: Search::Everything, page }
}

/// Compares the table of pages, and the heatmap of each page for each device.
fn agree(bench: &Bench, now: Timestamp, range: DateRange, (wanted, condition): (&[Filter], &str)) {
    let rows = Rows::read(bench, range, condition);
    let query = Query::new(bench.site.clone(), range, Visibility::everything());
    let query = Query { filters: wanted.to_vec(), ..query };
    let found = pages(bench, now, &query, want(HeatmapSort::Clicks, false, ALL));
    assert_eq!((found.pages.len(), found.count), (rows.pages().len(), rows.pages().len()));
    for page in &found.pages {
        let name = page.name.filter.as_str();
        let (clicks, visits) = sum(&rows.clicks_of(name, None));
        let expected = HeatmapSummary { clicks, visits, reading: rows.reading(name, None).0 };
        assert_eq!(page.summary, expected, "{name}");
        for device in std::iter::once(None).chain(DeviceClass::VARIANTS.iter().copied().map(Some)) {
            agree_on_page(&rows, name, device, &heatmap(bench, now, &query, name, device));
        }
    }
    orders_agree(bench, now, &query);
}

fn agree_on_page(rows: &Rows, page: &str, device: Option<DeviceClass>, found: &Heatmap) {
    let about = format!("{page} {device:?}");
    let clicks = rows.clicks_of(page, device);
    assert_eq!((found.clicks, found.visits), sum(&clicks), "{about}");
    let (reading, depths) = rows.reading(page, device);
    assert_eq!(found.reading, reading, "{about}");
    for (step, reached) in (0..).zip(found.reached) {
        let expected = depths.iter().filter(|depth| **depth >= step * 50).count();
        assert_eq!(reached, i64::try_from(expected).unwrap(), "{step}, {about}");
    }
    let mut elements: BTreeMap<&str, Vec<&Click>> = BTreeMap::new();
    let mut loose: BTreeMap<(u32, u32, u32), i64> = BTreeMap::new();
    for click in &clicks {
        match &click.element {
            Some(element) => elements.entry(element.as_str()).or_default().push(click),
            None => *loose.entry((click.place.0, click.place.1, click.width)).or_default() += 1,
        }
    }
    assert_eq!((found.elements.len(), found.element_count), (elements.len(), elements.len()), "{about}");
    for element in &found.elements {
        let clicks = &elements[element.selector.as_str()];
        assert_eq!(element.clicks, sum(clicks).0, "{} {about}", element.selector);
        let mut texts: BTreeMap<&str, i64> = BTreeMap::new();
        clicks
            .iter()
            .filter_map(|click| click.text.as_deref())
            .for_each(|text| *texts.entry(text).or_default() += 1);
        let most = texts.values().max();
        let text = texts.iter().find(|(_, count)| Some(*count) == most).map_or("", |(text, _)| text);
        assert_eq!(element.text, text, "{} {about}", element.selector);
        let mut points: BTreeMap<(u32, u32), i64> = BTreeMap::new();
        for click in clicks {
            *points.entry((click.place.0 / 10 * 10, click.place.1 / 10 * 10)).or_default() += 1;
        }
        let expected = points.into_iter().map(|((x, y), count)| ElementPoint { x, y, count });
        assert_eq!(element.points, expected.collect::<Vec<_>>(), "{} {about}", element.selector);
    }
    let mut points = found.points.clone();
    points.sort_unstable();
    let expected = loose.into_iter().map(|((x, y, width), count)| LoosePoint { x, y, width, count });
    assert_eq!(points, expected.collect::<Vec<_>>(), "{about}");
}

/// Compares each order with the pages of its table, and checks that it is one.
fn orders_agree(bench: &Bench, now: Timestamp, query: &Query) {
    let value = |sort: HeatmapSort, summary: &HeatmapSummary| match sort {
        HeatmapSort::Clicks => Some(summary.clicks.clicks),
        HeatmapSort::Rage => Some(summary.clicks.rage),
        HeatmapSort::Dead => Some(summary.clicks.dead),
        HeatmapSort::Visits => Some(summary.visits),
        HeatmapSort::Depth => summary.reading.average_depth(),
        HeatmapSort::Time => summary.reading.average_seconds(),
    };
    for (sort, is_ascending) in HeatmapSort::VARIANTS.iter().flat_map(|sort| [(*sort, true), (*sort, false)])
    {
        let listed = |page: Page| pages(bench, now, query, want(sort, is_ascending, page)).pages;
        let all = listed(ALL);
        let ordered =
            all.is_sorted_by(|one, next| match (value(sort, &one.summary), value(sort, &next.summary)) {
                (Some(one), Some(next)) if is_ascending => one <= next,
                (Some(one), Some(next)) => one >= next,
                (None, Some(_)) => false,
                (_, None) => true,
            });
        assert!(ordered, "{sort:?}");
        let one_by_one: Vec<String> = (1..=6)
            .flat_map(|number| listed(Page { number, rows: 2 }))
            .map(|page| page.name.filter)
            .collect();
        let expected: Vec<String> = all.into_iter().take(12).map(|page| page.name.filter).collect();
        assert_eq!(one_by_one, expected, "{sort:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn heatmaps_of_live_and_sealed_days_are_those_of_the_rows(
        zone in 0..ZONES.len(),
        visits in prop::collection::vec(made(), 0..40),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        condition in 0..13_usize,
        days in (0..DAYS, 0..DAYS),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.goes_on = true;
        bench.add(&visits);
        let during = bench.site.zone.start(bench.first.plus(1));
        agree(&bench, during, bench.range(), (&[], "true"));
        go_on(&mut bench, &longer);
        let part = DateRange { first: bench.first.plus(days.0.min(days.1)), last: bench.first.plus(days.0.max(days.1)) };
        let (wanted, sql) = known_conditions(&bench).remove(condition);
        agree(&bench, during, part, (&wanted, &sql));
        bench.goes_on = false;
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        bench.seal(settled);
        agree(&bench, settled, bench.range(), (&[], "true"));
        agree(&bench, settled, part, (&wanted, &sql));
    }
}

#[test]
fn a_page_that_nobody_knows_has_an_empty_heatmap_and_hidden_pages_have_none() {
    let bench = Bench::new(ZONES[0]);
    let now = bench.site.zone.start(bench.first.plus(2));
    let query = Query::new(bench.site.clone(), bench.range(), Visibility::everything());
    assert_eq!(heatmap(&bench, now, &query, "https://a.example/nowhere", None), Heatmap::default());
    let hidden = Query { visibility: Visibility::from_names(["hardware"], []), ..query };
    let want = HeatmapWant { page: "https://a.example/x".into(), device: None };
    let hidden = hidden.with(Wants { heatmap: Some(want), ..Wants::default() });
    let asked = bench.ask(now, |snapshot| SqliteEngine::new(snapshot).run(&hidden));
    assert!(matches!(asked, Err(Error::Forbidden)));
}
