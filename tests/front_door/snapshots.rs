//! The pages of a site are read from one moment of the data file, and a search inside a report fetches the table alone.

use super::harness::{Desk, fields, view};
use super::http::{Answer, get};
use super::reports::{RANGE, demo, signed_in};
use std::collections::BTreeMap;

/// How often each page is asked for: work in the background, which reads too, does not fall into all of them.
const TIMES: usize = 3;

/// The least number of lines with these words that were logged during a request, by route.
fn counts(lines: &[String], words: &str) -> BTreeMap<String, usize> {
    let mut counted = 0;
    let mut counts = BTreeMap::new();
    for line in lines {
        counted += usize::from(line.contains(words));
        if let Some((_, rest)) = line.split_once(" route=\"") {
            let route = rest.split('"').next().unwrap().to_owned();
            let least = counts.entry(route).or_insert(counted);
            *least = counted.min(*least);
            counted = 0;
        }
    }
    counts
}

#[test]
fn a_page_of_a_site_reads_the_data_file_once_besides_the_check_of_who_asks() {
    let desk = Desk::with_site();
    let link = desk.json(&["link", "add", "--site", "1", "--name", "Mill", "--json"]);
    let link = format!("/s/{}", link["token"].as_str().unwrap());
    let (server, log) = desk.serve_logged_at("warn,clickstead::app=trace,clickstead::server=debug", &[]);
    let ada = server.sign_in("ada");
    let page = |path: &str| (0..TIMES).fold(String::new(), |_, _| server.page(path, &ada));
    assert!(page("/sites/1").contains("Put this line on your pages"));
    server.hit("81.2.69.142", &fields(&view("/bread")));
    desk.wait_for("count(*) from visits");
    let visit = desk.number("select id from visits");
    let visitor = desk.number("select visitor_id from visits");
    let mut paths: Vec<String> = ["", "/visitors", "/spy", "/segments", "/reports", "/reports/pages/item"]
        .map(|path| format!("/sites/1{path}"))
        .to_vec();
    for report in ["pages", "countries", "visitors", "visitors-online", "links-recent", "left-out"] {
        paths.push(format!("/sites/1/reports/{report}"));
    }
    paths.extend([format!("/sites/1/visits/{visit}"), format!("/sites/1/visitors/{visitor}")]);
    paths.extend(["/".to_owned(), "/sites/1/reports/web-browsers".to_owned()]);
    paths.extend([link.clone(), format!("{link}/reports/pages")]);
    for path in &paths {
        page(&if path.ends_with("/item") { format!("{path}?item=/bread") } else { path.clone() });
    }
    assert!(server.stop().success());
    let lines = log.rest();
    for words in ["a snapshot of the data file", "a look-up in the data file"] {
        let mut counts = counts(&lines, words);
        counts.retain(|route, _| route != "/login" && route != "/in.php");
        assert_eq!(counts.len(), paths.len(), "{counts:?}");
        assert!(counts.values().all(|count| *count == 1), "{words}: {counts:?}");
    }
}

#[test]
fn a_search_inside_a_report_fetches_the_table_without_the_page() {
    let (desk, password) = demo();
    let server = desk.serve();
    let demo = signed_in(&server, &password);
    let ask = |path: &str, headers: &[(&str, &str)]| -> Answer {
        let request = get(path).cookie(&demo);
        server.ask(&headers.iter().fold(request, |request, (name, value)| request.header(name, value)))
    };
    let search = [("HX-Request", "true"), ("HX-Target", "table")];
    let is_page = |answer: &Answer| answer.text().starts_with("<!DOCTYPE html>");
    for by in ["", "&by=web-browsers"] {
        let path = format!("/sites/1/reports/countries?date={RANGE}&find=an{by}");
        let whole = ask(&path, &[]);
        let part = ask(&path, &search);
        assert!(is_page(&whole) && whole.text().contains("id=\"side\""));
        assert_eq!((part.status, part.header("cache-control")), (200, "no-store"));
        let part = part.text();
        for absent in
            ["<!DOCTYPE", "<html", "id=\"content\"", "id=\"side\"", "The first five", "<svg class=\"map"]
        {
            assert!(!part.contains(absent), "{absent}: {part}");
        }
        // The table is that of the whole page, and so are the controls that are replaced together with it.
        let table = part.find("<div id=\"table\"").map(|start| &part[start..]).unwrap();
        assert!(table.contains("Germany") || table.contains("France"), "{table}");
        assert!(whole.text().contains(table));
        for id in ["export", "range", "filters", "break-down", "search-carried", "row-count"] {
            assert!(part.contains(&format!("id=\"{id}\"")), "{id}");
        }
        assert_eq!(part.contains("id=\"chart-choice\""), by.is_empty());
        for other in ["HX-Boosted", "HX-History-Restore-Request"] {
            assert!(is_page(&ask(&path, &[search[0], search[1], (other, "true")])), "{other}");
        }
        assert!(is_page(&ask(&path, &[search[0], ("HX-Target", "content")])));
    }
    let metric = format!("/sites/1/reports/visitors?date={RANGE}");
    assert!(is_page(&ask(&metric, &search)));
    let wrong = ask("/sites/1/reports/countries?date=never&find=an", &search);
    assert_eq!((wrong.status, is_page(&wrong)), (422, true));
}
