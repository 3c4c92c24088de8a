//! Long addresses: whatever somebody writes into one, no page grows with it beyond measure, and what is too long is told
//! in a sentence.

use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::{Answer, get, post};

const PAGES: usize = 60;

/// One visit of many pages, and a guest link.
fn with_pages(desk: &Desk) -> (Server<'_>, String) {
    let (_, path) = link(desk, &["--reports", "pages,countries"]);
    let server = desk.serve();
    for page in 0..PAGES {
        assert_eq!(server.hit("81.2.69.1", &fields(&view(&format!("/page-{page}")))).status, 204);
    }
    (server, path)
}

fn ask(server: &Server<'_>, path: &str, query: &str) -> Answer {
    server.ask(&get(format!("{path}?date=today&limit=1000&{query}")))
}

fn conditions(count: usize, bytes: usize) -> String {
    let one = |number| format!("href.lacks={}{number}", "%2B".repeat(bytes));
    (0..count).map(one).collect::<Vec<_>>().join("&")
}

#[test]
fn links_carry_nothing_along_that_no_screen_reads() {
    let desk = Desk::with_site();
    let (server, path) = with_pages(&desk);
    let nonsense = "z".repeat(20_000);
    for screen in ["", "/reports", "/reports/pages", "/reports/countries", "/visitors", "/spy"] {
        let path = format!("{path}{screen}");
        let plain = ask(&server, &path, "").text();
        let asked = ask(&server, &path, &format!("x={nonsense}&page-{nonsense}=1&href={nonsense}&date=x"));
        assert_eq!(asked.status, 422, "{screen}: a value is too long by itself");
        let asked = ask(&server, &path, &format!("x={nonsense}&{nonsense}=1&date={nonsense}&conditions=y"));
        assert_eq!(asked.status, 200, "{screen}");
        let text = asked.text();
        assert!(!text.contains("zzz") && !text.contains("conditions=y"), "{screen}");
        assert!(text.len() < plain.len() + 1_000, "{screen}: {} and {}", text.len(), plain.len());
    }
}

#[test]
fn filters_that_are_too_long_together_are_refused_in_a_sentence() {
    let desk = Desk::with_site();
    let (server, path) = with_pages(&desk);
    let most = conditions(3, 600);
    for screen in ["", "/reports/pages", "/reports/countries", "/visitors", "/spy"] {
        let path = format!("{path}{screen}");
        let answer = ask(&server, &path, &most);
        assert_eq!(answer.status, 200, "{screen}");
        assert!(answer.text().len() < 4_000_000, "{screen}: {}", answer.text().len());
        for (query, sentence) in [
            (conditions(16, 640), "asks for too much at once"),
            (conditions(4, 640), "too long together. Take one away, or write less."),
            (format!("find={}", "x".repeat(16_000)), "asks for too much at once"),
        ] {
            let answer = ask(&server, &path, &query);
            assert_eq!(answer.status, 422, "{screen}: {}", answer.text());
            assert!(answer.text().contains(sentence), "{screen}: {}", answer.text());
            assert!(answer.text().len() < 100_000, "{screen}: {}", answer.text().len());
        }
    }
    // One more is refused beside the form, which keeps it.
    let one_more = format!("{most}&filter=href&operator=lacks&value={}", "y".repeat(2_000));
    let answer = ask(&server, &format!("{path}/reports/pages"), &one_more);
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(text.contains("too long together") && text.contains(&"y".repeat(2_000)));
}

#[test]
fn a_page_with_a_long_address_has_fewer_rows_and_leads_on_to_the_others() {
    let desk = Desk::with_site();
    let (server, path) = with_pages(&desk);
    let path = format!("{path}/reports/pages");
    let whole = ask(&server, &path, "").text();
    assert_eq!(whole.matches("data-opens-row").count(), PAGES);
    let query = format!("{}&sort={}", conditions(3, 600), "s".repeat(7_000));
    let rows = |page: usize| {
        let answer = ask(&server, &path, &format!("{query}&page={page}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().matches("data-opens-row").count()
    };
    let first = rows(1);
    assert!(first < PAGES && first > 30, "{first}");
    assert_eq!(first + rows(2), PAGES);
}

#[test]
fn whatever_is_saved_can_be_opened() {
    let desk = Desk::with_site();
    let (server, _) = with_pages(&desk);
    let ada = server.sign_in("ada");
    let save = |name: &str, conditions: &str| {
        let fields = [("name", name), ("conditions", conditions)];
        server.ask(&post("/sites/1/segments/own", &fields).cookie(&ada))
    };
    let (most, more) = (conditions(3, 600), conditions(5, 600));
    assert_eq!(save("Most", &most).status, 303);
    let refused = save("More", &more);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("too long together"), "{}", refused.text());
    assert_eq!(desk.number("select count(*) from segments"), 1);
    let opened = server.ask(&get(format!("/sites/1/reports/pages?date=today&{most}")).cookie(&ada));
    assert_eq!(opened.status, 200);
    assert!(opened.text().contains(">Most</span>"), "the segment is named as the one that is open");
    // Of a guest link too: what it shows must be read again.
    let added = desk.run_with("", &["link", "add", "--site", "1", "--segment", &more, "--reports", "pages"]);
    assert!(!added.status.success());
    assert!(String::from_utf8_lossy(&added.stderr).contains("too long together"));
}
