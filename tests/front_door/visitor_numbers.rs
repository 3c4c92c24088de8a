//! "Visitor 3": what a visitor is called where names or addresses are hidden. It is the visitor's place in the order of its
//! day, the same wherever it stands, and stays so while the day grows.

use super::harness::{Desk, Server, fields, view};
use super::http::get;
use super::sharing::send;
use super::streams::next;
use std::collections::HashMap;

/// A link that shows visits, but neither names nor addresses.
fn masked_link(desk: &Desk, server: &Server<'_>, user: &str) -> String {
    let typed = [("name", "Board"), ("report", "pages"), ("live-list", "on"), ("single-visits", "on")];
    let made = send(server, &server.sign_in(user), "/sites/1/preferences/public-access/new", &typed);
    assert_eq!(made.status, 303, "{}", made.text());
    format!("/s/{}", desk.texts("select token from links")[0])
}

fn page(server: &Server<'_>, path: &str) -> String {
    let answer = server.ask(&get(path));
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

/// The numbers that a text names, in its order.
fn numbers(text: &str) -> Vec<usize> {
    let parts = text.split("Visitor ").skip(1);
    let digits = parts.map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>());
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

/// The visits that a list links, in its order.
fn visits(text: &str) -> Vec<i64> {
    let parts = text.split("/visits/").skip(1);
    parts.map(|part| part.split('"').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_masked_list_numbers_visitors_in_the_order_in_which_their_day_saw_them() {
    let desk = Desk::empty();
    desk.text(&["demo", "--visits", "900", "--days", "3", "--until", "2026-10-26", "--no-serve", "--json"]);
    let server = desk.serve();
    let made = desk.json(&["link", "add", "--site", "1", "--json"]);
    let path = made["path"].as_str().unwrap();
    desk.open().execute("update links set visitor_data = 'live-list,single-visits'", []).unwrap();
    let list = page(&server, &format!("{path}/visitors?date=2026-10-25&limit=1000"));
    let (listed, numbers_shown) = (visits(&list), numbers(&list));
    assert!(listed.len() > 50 && listed.len() == numbers_shown.len(), "{}", listed.len());
    let connection = desk.open();
    let mut question =
        connection.prepare("select visitor_id from visits where site_id = 1 and id = ?1").unwrap();
    let mut known: HashMap<i64, usize> = HashMap::new();
    for (visit, number) in listed.iter().zip(&numbers_shown).rev() {
        let visitor: i64 = question.query_row([visit], |row| row.get(0)).unwrap();
        let next = known.len() + 1;
        assert_eq!(*number, *known.entry(visitor).or_insert(next), "visit {visit}");
    }
    assert!(known.len() < listed.len(), "nobody came twice");
}

#[test]
fn a_visitor_keeps_its_number_in_list_visit_page_spy_and_stream_while_the_day_grows() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let path = masked_link(&desk, &server, "ada");
    let mut stream = server.wire();
    stream.send(&get(format!("{path}/spy/stream")).bytes(server.address)).unwrap();
    assert_eq!(stream.head().unwrap().status, 200);
    while !stream.line().unwrap().starts_with("retry:") {}
    let mut told = Vec::new();
    // Who comes, by the last part of their network's address; the first comes back at the end of each round.
    for round in [[1, 2, 3, 1], [4, 5, 2, 1]] {
        for from in round {
            let address = format!("81.2.{}.1", 69 + from);
            assert_eq!(server.hit(&address, &fields(&view("/"))).status, 204);
            let event = next(&mut stream).unwrap();
            assert_eq!(numbers(&event.data), [from], "{event:?}");
            told.push(from);
        }
        told.sort_unstable();
        told.dedup();
        let newest_first: Vec<usize> = told.iter().rev().copied().collect();
        let list = page(&server, &format!("{path}/visitors?date=today"));
        assert_eq!(numbers(&list), newest_first);
        for (visit, number) in visits(&list).iter().zip(&newest_first) {
            let shown = page(&server, &format!("{path}/visits/{visit}"));
            assert_eq!(numbers(&shown).first(), Some(number), "visit {visit}");
        }
        let spy = page(&server, &format!("{path}/spy"));
        let mut in_spy = numbers(&spy);
        in_spy.sort_unstable();
        in_spy.dedup();
        assert_eq!(in_spy, told);
    }
}
