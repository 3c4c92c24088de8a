//! Journeys before and after a page, a goal or an event: on screens, in files, for programs and in a real Chromium.

use super::api_client::Program;
use super::api_reports::{file, text};
use super::chromium::{sign_in, wait_until, with_browser};
use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::get;
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::Value;

/// A site with three visits: one from a search that goes to the shop, is reloaded there and orders, one that begins with the shop
/// and leaves, and one that never sees it.
fn visited(desk: &Desk) -> Server<'_> {
    desk.text(&[
        "goal",
        "add",
        "--site",
        "1",
        "--name",
        "Order placed",
        "--code",
        "order",
        "--page",
        "/thanks",
    ]);
    let server = desk.serve();
    let walk = |address: &str, referrer: &str, pages: &[&str]| {
        for page in pages {
            let mut hit = view(page);
            hit.push(("ref", referrer.to_owned()));
            assert!(server.hit(address, &fields(&hit)).status < 300, "{page}");
        }
    };
    walk("81.2.69.1", "https://www.google.com/", &["/", "/bread", "/shop", "/shop", "/basket", "/thanks"]);
    walk("81.2.70.2", "https://blog.example/", &["/shop"]);
    walk("81.2.71.3", "", &["/", "/bread"]);
    let event = [("type", "click"), ("href", "https://bakery.example/shop"), ("title", "Zoom")];
    server.hit("81.2.70.2", &event);
    server
}

/// The steps of a journey as a program gets them: position, step, value and visits.
fn steps(reply: &Value) -> Vec<String> {
    let step = |row: &Value| ["position", "step", "value", "visits"].map(|name| text(&row[name])).join(" ");
    reply["rows"].as_array().unwrap().iter().map(step).collect()
}

#[test]
fn a_journey_has_the_steps_before_and_after_a_page_in_the_reply_and_in_the_file() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let program = Program::with_key(&desk);
    let reply = program.read(&server, "reports/journeys?date=today&around=/shop");
    assert_eq!(reply["total"], 2, "{reply}");
    let page = |path: &str| format!("https://bakery.example{path}");
    let expected = [
        "-3 source Searches 1".to_owned(),
        format!("-2 page {} 1", page("/")),
        format!("-1 page {} 1", page("/bread")),
        "-1 source Links 1".to_owned(),
        "0 middle  2".to_owned(),
        format!("1 page {} 1", page("/basket")),
        "1 left  1".to_owned(),
        format!("2 page {} 1", page("/thanks")),
        "3 left  1".to_owned(),
    ];
    assert_eq!(steps(&reply), expected);
    let next = |row: usize| reply["rows"][row]["next"].to_string();
    assert_eq!(next(3), r#"[{"step":"middle","visits":1}]"#, "the visit from the link began with the shop");
    assert!(next(4).contains(&page("/basket")) && next(4).contains("left"), "{}", next(4));
    let rows = file(&server, &server.sign_in("ada"), "journeys", "date=today&around=/shop");
    let nodes = rows.iter().filter(|row| row["next_step"].is_empty());
    let plain = |row: &std::collections::BTreeMap<String, String>| {
        let cell = |name: &str| row[name].trim_start_matches('\'').to_owned();
        ["position", "step", "item", "visits"].map(cell).join(" ")
    };
    assert_eq!(nodes.map(plain).collect::<Vec<_>>(), expected);
    let links: i64 = rows
        .iter()
        .filter(|row| !row["next_step"].is_empty())
        .map(|row| row["visits"].parse::<i64>().unwrap())
        .sum();
    assert_eq!(links, 8, "each visit goes from step to step");
}

#[test]
fn a_goal_comes_right_after_the_page_that_reaches_it_and_an_event_after_its_page() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let program = Program::with_key(&desk);
    let goal = program.read(&server, "reports/journeys?date=today&of=goal&around=order");
    let steps_of_goal = steps(&goal);
    assert!(
        steps_of_goal.contains(&"-1 page https://bakery.example/thanks 1".to_owned()),
        "{steps_of_goal:?}"
    );
    assert!(steps_of_goal.contains(&"1 left  1".to_owned()));
    let event = steps(&program.read(&server, "reports/journeys?date=today&of=event&around=Zoom"));
    let expected = ["-2 source Links 1", "-1 page https://bakery.example/shop 1", "0 middle  1", "1 left  1"];
    assert_eq!(event, expected);
    let most_viewed = program.read(&server, "reports/journeys?date=today");
    assert_eq!(most_viewed["total"], 2, "the most viewed page: {most_viewed}");
    let filtered = program.read(&server, "reports/journeys?date=today&around=/shop&source=Links");
    assert_eq!(filtered["total"], 1);
}

#[test]
fn a_middle_that_is_not_there_is_refused_with_a_sentence_or_has_no_visits() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let ada = server.sign_in("ada");
    for (query, status, sentence) in [
        ("of=weather&around=rain", 422, "Write page, goal or event."),
        ("of=goal&around=nothing", 422, "There's no goal “nothing”"),
        ("of=goal", 422, "Choose the goal."),
        ("of=event", 422, "Name the event."),
        ("around=/nowhere", 200, "No visits viewed /nowhere in this period"),
        ("of=event&around=%3Cb%3E", 200, "No visits had the event &lt;b&gt; in this period"),
    ] {
        let path = format!("/sites/1/reports/journeys?date=today&{query}");
        let answer = server.ask(&get(&path).cookie(&ada));
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.text().contains(sentence), "{query}: {}", answer.text());
    }
}

#[test]
fn a_guest_sees_journeys_only_with_pages_and_of_goals_only_with_goals() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let ask = |reports: &str, query: &str| {
        let path = link(&desk, &["--reports", reports]).1;
        server.ask(&get(format!("{path}/reports/journeys?date=today&{query}")))
    };
    assert_eq!(ask("journeys,visitors", "around=/shop").status, 404, "without pages");
    let seen = ask("journeys,pages", "around=/shop");
    assert_eq!(seen.status, 200);
    assert!(
        seen.text().contains("Start of visit") && !seen.text().contains("Searches"),
        "sources are hidden"
    );
    assert!(!seen.text().contains("the goal"), "goals are hidden");
    assert_eq!(ask("journeys,pages", "of=goal&around=order").status, 404);
    assert_eq!(ask("journeys,pages", "of=event&around=Zoom").status, 404, "events are hidden");
    let with_all = ask("journeys,pages,goals,traffic-sources,events", "of=goal&around=order");
    assert!(with_all.text().contains("Order placed") && with_all.status == 200);
}

#[test]
fn a_flow_is_read_without_a_script_and_walked_with_the_keys() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let page = server.page("/sites/1/reports/journeys?date=today&around=/shop", &server.sign_in("ada"));
    for words in ["1 step before", "1 step after", ">/basket</a>", "Left the site", "data-flow"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        let path = format!("http://{}/sites/1/reports/journeys?date=today&around=/shop", server.address);
        client.goto(&path).await.unwrap();
        let focus = "document.querySelector('[data-box=\"2-0\"]').focus()";
        client.execute(focus, vec![]).await.unwrap();
        wait_until(client, "document.querySelectorAll('.flow-band.is-on').length > 0").await;
        let press = async |key: Key| {
            client.active_element().await.unwrap().send_keys(&key.to_string()).await.unwrap();
        };
        press(Key::Left).await;
        wait_until(client, "document.activeElement.dataset.box == '1-0'").await;
        press(Key::Right).await;
        press(Key::Down).await;
        wait_until(client, "document.activeElement.dataset.box == '2-1'").await;
        press(Key::Up).await;
        press(Key::Right).await;
        wait_until(client, "document.activeElement.dataset.box == '4-0'").await;
        press(Key::Enter).await;
        wait_until(client, "document.querySelector('.of-middle .flow-title').textContent == '/basket'").await;
        assert!(client.find(Locator::Css("h1")).await.is_ok());
    });
}
