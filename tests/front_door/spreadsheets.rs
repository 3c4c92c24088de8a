//! Files of cells for spreadsheets and for programs.

use super::harness::Desk;
use super::http::get;
use super::reports::{RANGE, demo, signed_in};

const MARK: &[u8] = "\u{feff}".as_bytes();

fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_file_for_spreadsheets_says_that_it_is_utf_8_and_keeps_ids_whole_and_one_for_programs_is_plain() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let file = |name: &str, more: &str| {
        let path = format!("/sites/1/export/{name}.csv?date={RANGE}{more}");
        server.ask(&get(path).cookie(&cookie)).body
    };
    for name in
        ["visitors-list", "links-recent", "countries", "pages", "visitors", "left-out", "visitors-online"]
    {
        let (marked, plain) = (file(name, "&bom=1"), file(name, ""));
        assert!(marked.starts_with(MARK) && !marked[3..].windows(3).any(|bytes| bytes == MARK), "{name}");
        assert!(!plain.starts_with(MARK), "{name}");
        let (marked, plain) = (cells(&marked[3..]), cells(&plain));
        assert_eq!((&marked[0], marked.len()), (&plain[0], plain.len()), "{name}");
        let is_id = |column: usize| ["visit", "visitor"].contains(&plain[0][column].as_str());
        for (marked, plain) in marked[1..].iter().zip(&plain[1..]) {
            for column in 0..plain.len() {
                let is_id = is_id(column);
                assert!(
                    !is_id || plain[column].bytes().all(|byte| byte.is_ascii_digit()),
                    "{name}: {plain:?}"
                );
                let shown = if is_id { format!("'{}", plain[column]) } else { plain[column].clone() };
                assert_eq!(marked[column], shown, "{name}");
            }
        }
    }
    let by = file("countries", "&by=web-browsers&bom=1");
    assert!(by.starts_with(MARK) && cells(&by[3..])[0][0] == "item");
    let refused = server.ask(&get(format!("/sites/1/export/pages.csv?date={RANGE}&bom=yes")).cookie(&cookie));
    assert_eq!((refused.status, refused.text().contains("Write bom=1")), (422, true));
}

#[test]
fn every_button_for_a_file_asks_for_one_for_spreadsheets() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for path in
        ["/sites/1/reports/pages", "/sites/1/visitors", "/sites/1/preferences/audit", "/account/billing"]
    {
        let page = server.page(path, &ada);
        let links: Vec<_> =
            page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let files: Vec<_> = links.into_iter().filter(|link| link.contains(".csv")).collect();
        assert!(!files.is_empty() || path.ends_with("billing"), "{path}");
        for file in files {
            assert!(file.contains("bom=1"), "{path}: {file}");
            assert!(
                server.ask(&get(file.replace("&amp;", "&")).cookie(&ada)).body.starts_with(MARK),
                "{file}"
            );
        }
    }
}

#[test]
fn times_in_files_say_how_far_their_zone_is_from_utc() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    // Summer time ends in Berlin on 25 October.
    for (date, offset) in [("2026-10-24", "+02:00"), ("2026-10-26", "+01:00")] {
        for (name, column) in [("visitors-list", 1), ("links-recent", 0)] {
            let path = format!("/sites/1/export/{name}.csv?date={date}");
            let rows = cells(&server.ask(&get(path).cookie(&cookie)).body);
            assert!(rows.len() > 1, "{name} on {date}");
            for row in &rows[1..] {
                let at: jiff::Timestamp = row[column].parse().unwrap();
                assert!(row[column].starts_with(date) && row[column].ends_with(offset), "{row:?}");
                let number = desk.number(&format!(
                    "select count(*) from visits where (id >> 20) / 1000 = {}",
                    at.as_second()
                ));
                assert!(number > 0 || name != "visitors-list", "{row:?}");
            }
        }
    }
}
