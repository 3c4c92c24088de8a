//! Questions that end: in time, or with a sentence that says what to narrow, and with the client who asked.

use super::chromium::{self, click, wait_for, wait_for_text, with_browser};
use super::harness::{Desk, SOON, Server, fields, view};
use super::http::{Request, get};
use std::time::Instant;

/// Readers of the file.
const READERS: usize = 4;

/// Lets the file go on forever when it is asked which days are sealed.
pub const ENDLESS: &str = "alter table block_ranges rename to block_ranges_before;
    create view block_ranges as
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers)
      select site_id, first_day, last_day, begins, ends, seal, format, zone, days from block_ranges_before
      union all select abs(n), n, n, n, n, n, abs(n), hex(n), x'' from numbers where n < 0;";

/// Lets it tell its days again.
pub const FINITE: &str = "drop view block_ranges; alter table block_ranges_before rename to block_ranges;";

/// A site with a visit, and the path of a guest link.
fn begin() -> (Desk, String) {
    let desk = Desk::with_site();
    let made = desk.json(&["link", "add", "--site", "1", "--json"]);
    let link = made["path"].as_str().unwrap().to_owned();
    (desk, link)
}

/// Asks until there is a reader for the question, too.
fn wait_until_answered(server: &Server<'_>, request: &Request) {
    let begun = Instant::now();
    while server.ask(request).status != 200 {
        assert!(begun.elapsed() < SOON, "no reader is free again");
    }
}

#[test]
fn a_question_ends_when_its_client_is_gone_and_leaves_its_reader_to_others() {
    let (desk, link) = begin();
    let server = desk.serve();
    server.hit("24.1.1.1", &fields(&view("/cakes")));
    assert_eq!(desk.number("select count(*) from visits"), 1);
    let ada = server.sign_in("ada");
    let file = desk.open();
    file.execute_batch(ENDLESS).unwrap();
    // Files have no deadline: only whoever asked can end them.
    let export = get("/sites/1/export/pages.csv").cookie(&ada);
    for _ in 0..2 * READERS {
        let mut wire = server.wire();
        wire.send(&export.bytes(server.address)).unwrap();
    }
    file.execute_batch(FINITE).unwrap();
    wait_until_answered(&server, &export);
    wait_until_answered(&server, &get("/sites/1").cookie(&ada));
    wait_until_answered(&server, &get(&link));
}

#[test]
fn a_screen_that_takes_too_long_says_what_to_narrow_to_guests_too() {
    let (desk, link) = begin();
    let server = desk.serve();
    server.hit("24.1.1.1", &fields(&view("/cakes")));
    assert_eq!(desk.number("select count(*) from visits"), 1);
    let ada = server.sign_in("ada");
    let file = desk.open();
    file.execute_batch(ENDLESS).unwrap();
    let screens = [
        get("/sites/1").cookie(&ada),
        get("/sites/1/reports/pages").cookie(&ada),
        get(&link),
        get(format!("{link}/reports/pages")),
    ];
    let answers = std::thread::scope(|scope| {
        let asked = screens.each_ref().map(|screen| scope.spawn(|| server.ask(screen)));
        asked.map(|asked| asked.join().unwrap())
    });
    for answer in answers {
        let page = answer.text();
        assert_eq!(answer.status, 503, "{page}");
        assert!(page.contains("Choose a shorter range, add a filter, or open a smaller report"), "{page}");
    }
    file.execute_batch(FINITE).unwrap();
    for screen in &screens {
        wait_until_answered(&server, screen);
    }
}

#[test]
fn a_panel_that_takes_too_long_says_what_to_narrow_in_its_place() {
    let (desk, _) = begin();
    let server = desk.serve();
    server.hit("24.1.1.1", &fields(&view("/cakes")));
    with_browser(1_200, async |client| {
        chromium::sign_in(client, &server).await;
        client.goto(&format!("http://{}/sites/1", server.address)).await.unwrap();
        wait_for(client, "#panel-pages .tabs").await;
        let file = desk.open();
        file.execute_batch(ENDLESS).unwrap();
        click(client, "#panel-pages .tabs li:nth-child(2) a").await;
        wait_for_text(client, "Choose a shorter range, add a filter, or open a smaller report.").await;
        file.execute_batch(FINITE).unwrap();
    });
}
