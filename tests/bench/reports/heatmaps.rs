//! Heatmaps of a page with a million clicks on sixty elements, made by the visits of the demo in turn.

use super::goals::{number, wait};
use super::{Screen, measure_subject};
use rusqlite::Connection;
use std::path::Path;
use std::time::Instant;

/// The clicks of the page, at least.
const CLICKS: i64 = 1_000_000;
/// The numbers of the clicks that are added begin here, above those of the demo.
const FIRST_NUMBER: i64 = 10_000;
/// The memory for the pages of the file while clicks are written, as SQLite takes it: −KiB.
const CACHE: i64 = -262_144;
const PAGE: &str = "https://corner-bakery.example/";
const RANGE: &str = "date=last-365-days&compare=none";

/// The screens, with what the project asks of their median, if anything.
fn screens() -> Vec<Screen> {
    let of = format!("of={PAGE}&{RANGE}");
    vec![
        ("all pages", format!("/sites/1/heatmaps?{RANGE}"), Some(100)),
        ("one page", format!("/sites/1/heatmaps/page?{of}"), Some(100)),
        ("one page, on phones", format!("/sites/1/heatmaps/page?device=phone&{of}"), Some(100)),
        ("one page, visits from Germany", format!("/sites/1/heatmaps/page?country=DE&{of}"), None),
        ("pages with time and depth", format!("/sites/1/reports/pages?{RANGE}"), None),
    ]
}

/// Adds clicks and the reading of the page to visits, and lets the server seal the days anew.
fn prepare(file: &Path) {
    let begun = Instant::now();
    let visits = number(file, "select count(*) from visits where site_id = 1").max(1);
    // One visit in so many clicks, so often.
    let (step, each) = ((visits / CLICKS).max(1), (CLICKS + visits - 1) / visits);
    let connection = Connection::open(file).unwrap();
    connection
        .execute_batch(&format!(
            "pragma cache_size = {CACHE};
             begin;
             insert or ignore into labels (text) values ('{PAGE}');
             with recursive elements(number) as (select 1 union all select number + 1 from elements where number < 60)
             insert or ignore into labels (text) select 'main > div:nth-of-type(' || number || ') > a' from elements;
             create temporary table elements as
               select id, cast(substr(text, 24) as integer) as number from labels where text glob 'main > div:nth-of-type(*) > a';
             create temporary table readers as
               select id from (select id, row_number() over (order by id) as place from visits where site_id = 1) where place % {step} = 0;
             with recursive numbers(number) as (select 1 union all select number + 1 from numbers where number < {each})
             insert or ignore into heatmap_clicks
               (site_id, visit_id, number, page, x, y, width, element, element_x, element_y, is_rage, is_dead)
             select 1, readers.id, {FIRST_NUMBER} + numbers.number, (select id from labels where text = '{PAGE}'), 100, 200,
               360 + (readers.id >> 20) * 7919 % 1500, elements.id,
               (readers.id >> 20) * 7919 % 10001, ((readers.id >> 20) + numbers.number) * 104729 % 10001,
               (readers.id >> 20) % 50 = 0, (readers.id >> 20) % 20 = 0
             from readers cross join numbers
             join elements on elements.number = 1 + ((readers.id >> 20) + numbers.number) * 31 % 60
             order by readers.id;
             insert or ignore into page_reads (site_id, visit_id, page, seconds, depth)
             select 1, id, (select id from labels where text = '{PAGE}'), (id >> 20) % 120, (id >> 20) * 7919 % 1001
             from readers order by id;
             delete from block_ranges; delete from blocks; delete from jobs where name = 'seal days';
             commit;"
        ))
        .unwrap();
    wait(file, "select not exists (select 1 from jobs where name = 'seal days' and milliseconds >= 0)");
    println!(
        "heatmaps: {} clicks of {visits} visits, written and sealed in {:.1} s",
        number(file, "select count(*) from heatmap_clicks where site_id = 1"),
        begun.elapsed().as_secs_f64()
    );
}

/// Measures the screens whose names contain a text.
pub fn measure(file: &Path, cookie: &str, runs: u64, only: Option<&str>) {
    prepare(file);
    measure_subject(file, ("heatmaps", screens()), cookie, runs, only);
}
