//! Reports as files: whole, or refused in words before they begin.

use super::chromium::{click, sign_in, wait_for, with_browser};
use super::harness::{Desk, fields, view};
use super::http::get;
use super::reports::{cells, demo_of, signed_in};
use std::fmt::Write as _;

#[test]
fn long_files_are_written_in_slices_without_gap_or_double() {
    let (desk, password) = demo_of("5000");
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    for (name, sql) in [
        ("visitors-list", "select count(*) from visits"),
        ("visitors-most-active", "select count(distinct visitor_id) from visits"),
        (
            "links-recent",
            "select count(*) from visits join sources on sources.id = source where channel not in (1, 7) and referrer <> 0",
        ),
    ] {
        let path = format!("/sites/1/export/{name}.csv?date=2026-09-27,2026-10-26");
        let mut rows = cells(&server.ask(&get(path).cookie(&cookie)).text());
        let expected = usize::try_from(desk.number(sql)).unwrap();
        assert_eq!(rows.len(), expected + 1, "{name}");
        if name == "visitors-list" {
            rows.sort();
            rows.dedup();
            assert_eq!(rows.len(), expected + 1, "{name} has a visit twice");
        }
    }
}

/// One more than the visitors whose names are looked through.
const MANY: usize = 50_001;

#[test]
fn a_file_that_can_not_be_made_is_refused_with_a_sentence_and_not_noted_as_taken() {
    let desk = Desk::with_site();
    let mut hits = String::new();
    for number in 0..MANY {
        let (minute, second, part) = (number / 6_000, number / 100 % 60, number % 100);
        writeln!(
            hits,
            r#"{{"time":"2026-11-02T10:{minute:02}:{second:02}.{part:02}Z","type":"pageview","href":"/","ip":"81.2.{part}.1","uid":"{number}"}}"#
        )
        .unwrap();
    }
    let path = desk.path().join("hits.jsonl");
    std::fs::write(&path, hits).unwrap();
    desk.text(&["import", path.to_str().unwrap(), "--site", "1"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let visitors = "/sites/1/export/visitors-most-active.csv?date=2026-11-02";
    let noted = || desk.number("select count(*) from audit where act = 'exported'");
    for by_name in ["sort=title", "find=anna"] {
        let refused = server.ask(&get(format!("{visitors}&{by_name}")).cookie(&ada));
        let page = refused.text();
        assert!(refused.status == 422 && page.contains("Choose a shorter range"), "{by_name}: {page}");
    }
    assert_eq!(noted(), 0);
    let whole = server.ask(&get(visitors).cookie(&ada));
    assert_eq!((whole.status, cells(&whole.text()).len(), noted()), (200, MANY + 1, 1));
}

#[test]
fn whoever_asks_for_a_file_in_a_browser_reads_why_there_is_none() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/cakes")));
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        for path in ["/sites/1/reports/pages", "/sites/1/visitors"] {
            client.goto(&format!("http://{}{path}?date=today", server.address)).await.unwrap();
            client.delete_all_cookies().await.unwrap();
            click(client, "a[href*='/export/']").await;
            wait_for(client, "form input#password").await;
            sign_in(client, &server).await;
        }
    });
}
