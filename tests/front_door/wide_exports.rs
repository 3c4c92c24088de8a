//! Files of more items than there is memory for: counted once, sorted beside the data file, in the order of the screen, and
//! gone with whoever asked.

use super::harness::{Desk, SOON, Server};
use super::http::get;
use super::reports::cells;
use std::fs;
use std::time::Instant;

const DAY: &str = "2026-11-02";

/// Entrance pages: more than are counted in memory, and than are sorted there.
const PAGES: usize = 130_000;
/// The first of them, with two visits each: few enough to be sorted by their addresses. The others are too many for that.
const TWICE: usize = 40_000;

/// A site on which each visit began on a page of its own, or two did.
fn wide() -> Desk {
    let desk = Desk::with_site();
    let path = desk.path().join("hit.jsonl");
    let hit = format!(
        r#"{{"time":"{DAY}T10:00:00Z","type":"pageview","href":"/first","ip":"81.2.69.1","uid":"1"}}"#
    );
    fs::write(&path, hit).unwrap();
    desk.text(&["import", path.to_str().unwrap(), "--site", "1"]);
    desk.open()
        .execute_batch(&format!(
            "create temp table first as select * from visits;
             create temp table numbers as
               with recursive counted (n) as (select 1 union all select n + 1 from counted where n < {PAGES})
               select n, (select max(id) from labels) + n as label from counted;
             insert into labels (id, text)
               select label, printf('https://bakery.example/p/%06d', n) from numbers;
             insert into visits
               select site_id, id + n, visitor_id + n % 1000, stay, actions, page_views, flags, source, machine, place,
                 label, label, address, null, hostname, null, null
               from first join numbers;
             insert into visits
               select site_id, id + {PAGES} + n, visitor_id + n % 1000, stay, actions, page_views, flags, source, machine,
                 place, label, label, address, null, hostname, null, null
               from first join numbers where n <= {TWICE};
             delete from block_ranges;
             delete from blocks;"
        ))
        .unwrap();
    desk
}

/// The pages that a screen shows, in order.
fn shown(server: &Server<'_>, path: &str, cookie: &str) -> Vec<String> {
    let page = server.page(path, cookie);
    let found = page.split("/p/").skip(1).map(|rest| rest.chars().take(6).collect::<String>());
    let mut pages: Vec<String> =
        found.filter(|page| page.bytes().all(|byte| byte.is_ascii_digit())).collect();
    pages.dedup();
    pages
}

/// The pages that a file tells of, in order.
fn told(server: &Server<'_>, path: &str, cookie: &str) -> Vec<Vec<String>> {
    let answer = server.ask(&get(path).cookie(cookie));
    assert_eq!(answer.status, 200, "{path}");
    let mut rows = cells(&answer.text());
    rows.remove(0);
    rows
}

fn page_of(row: &[String]) -> String {
    row[0].rsplit('/').next().unwrap().to_owned()
}

/// Orders and searches, with how many pages they tell of.
const ASKED: [(&str, usize); 4] =
    [("", PAGES + 1), ("&order=up", PAGES + 1), ("&sort=title&order=down", PAGES + 1), ("&find=p/00", 9_999)];

#[test]
fn a_long_file_is_counted_in_one_pass_and_a_long_breakdown_in_two_and_screens_tell_the_same_pages() {
    let desk = wide();
    let (server, log) = desk.serve_logged_at("warn,clickstead::reports=trace", &[]);
    let ada = server.sign_in("ada");
    let file = |asked: &str| {
        let path = format!("/sites/1/export/pages-entrance.csv?date={DAY}{asked}");
        told(&server, &path, &ada)
    };
    let files = ASKED.map(|(asked, _)| file(asked));
    let broken = file("&by=web-browsers");
    assert!(server.stop().success());
    let passes = log.rest().iter().filter(|line| line.contains("a pass over days")).count();
    assert_eq!(passes, ASKED.len() + 2);
    assert_eq!(broken.len(), PAGES + 1);
    assert!(broken.iter().enumerate().all(|(place, row)| row[4] == if place < TWICE { "2" } else { "1" }));
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for ((asked, count), rows) in ASKED.into_iter().zip(&files) {
        assert_eq!(rows.len(), count, "{asked}");
        let pages: Vec<&[Vec<String>]> = rows.chunks(1_000).collect();
        // Kept in memory, and further down, among those of which too many share their count.
        for number in [2, 60] {
            let path = format!(
                "/sites/1/reports/pages-entrance?date={DAY}{asked}&limit=1000&chart=none&page={number}"
            );
            let rows = pages.get(number - 1).copied().unwrap_or_default();
            let expected: Vec<String> =
                rows.iter().map(|row| page_of(row)).filter(|page| page != "first").collect();
            assert!(shown(&server, &path, &ada) == expected, "{asked}, page {number}");
        }
    }
}

/// Files that the server has open beside the data file, of which nobody else knows.
fn nameless_files(server: &Server<'_>) -> usize {
    let open = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().flatten();
    let targets = open.filter_map(|file| fs::read_link(file.path()).ok());
    targets.filter(|target| target.to_string_lossy().ends_with("(deleted)")).count()
}

#[test]
fn a_long_file_ends_with_its_client_and_leaves_nothing_on_the_disk() {
    let desk = wide();
    // Longer than what the system takes on the way: the file can't be written to its end while nobody reads.
    desk.open()
        .execute_batch("update labels set text = text || '?' || hex(zeroblob(100)) where text like '%/p/%'")
        .unwrap();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let before = nameless_files(&server);
    let mut names: Vec<_> =
        fs::read_dir(desk.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    let mut wire = server.wire();
    let export = get(format!("/sites/1/export/pages-entrance.csv?date={DAY}")).cookie(&ada);
    wire.send(&export.bytes(server.address)).unwrap();
    assert_eq!(wire.head().unwrap().status, 200);
    assert!(nameless_files(&server) > before, "nothing was written aside");
    drop(wire);
    let begun = Instant::now();
    while nameless_files(&server) > before {
        assert!(begun.elapsed() < SOON, "a file is still open");
    }
    let mut left: Vec<_> = fs::read_dir(desk.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    left.sort();
    assert_eq!(left, names);
}

#[test]
fn a_long_file_for_which_the_disk_has_no_room_is_refused_and_not_noted_as_taken() {
    let desk = wide();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let export = get(format!("/sites/1/export/pages-entrance.csv?date={DAY}")).cookie(&ada);
    server.limit_files("0");
    let refused = server.ask(&export);
    assert_eq!(refused.status, 503, "{}", refused.text());
    server.limit_files("unlimited");
    assert_eq!(desk.number("select count(*) from audit where act = 'exported'"), 0);
    assert_eq!(server.ask(&export).status, 200);
}
