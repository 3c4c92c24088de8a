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
            client.goto(&format!("http://{}{path}?date=today&compare=none", server.address)).await.unwrap();
            client.delete_all_cookies().await.unwrap();
            click(client, "a[href*='/export/']").await;
            wait_for(client, "form input#password").await;
            sign_in(client, &server).await;
        }
    });
}

#[test]
fn files_have_columns_of_goals_and_costs_once_a_site_has_some_and_name_the_goal_in_view() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/thanks")));
    let ask = |file: &str| server.ask(&get(format!("/sites/1/export/{file}")).cookie(&ada));
    let rows = |file: &str| cells(&ask(file).text());
    let mut names =
        vec!["item", "beside", "count", "visits", "unique", "new", "actions", "seconds", "bounces"];
    assert_eq!(rows("pages.csv?date=today&compare=none")[0], names);
    assert_eq!(rows("visitors-list.csv?date=today&compare=none")[0].last().unwrap(), "javascript");
    desk.text(&["goal", "add", "--site", "1", "--name", "Order placed", "--page", "/thanks"]);
    names.extend(["conversions", "conversion_rate", "revenue_USD", "revenue_per_visit_USD"]);
    names.push("revenue_per_visitor_USD");
    assert_eq!(rows("pages.csv?date=today&compare=none")[0], names);
    assert!(
        rows("visitors-list.csv?date=today&compare=none")[0]
            .ends_with(&["goals".into(), "revenue_USD".into()])
    );
    desk.open()
        .execute_batch(
            "insert into labels (id, text) values (9001, 'Flyer');
             insert into campaign_costs (site_id, campaign, day, cost) values (1, 9001, 20000, 100);",
        )
        .unwrap();
    names.extend(["cost_USD", "cost_per_conversion_USD", "return"]);
    assert_eq!(rows("pages.csv?date=today&compare=none")[0], names);
    names.push("conversions_of");
    let id = desk.number("select id from goals");
    for goal in ["Order+placed".to_owned(), id.to_string()] {
        let of_goal = rows(&format!("pages.csv?date=today&compare=none&conversions-of={goal}"));
        assert_eq!(of_goal[0], names);
        assert_eq!(of_goal[1].last().unwrap(), "Order placed");
        let by_day = rows(&format!("conversions.csv?date=last-7-days&compare=none&conversions-of={goal}"));
        assert_eq!(by_day[0], ["date", "value", "conversions_of"]);
        assert_eq!(by_day[1][2], "Order placed");
    }
    let unknown = ask("pages.csv?date=today&compare=none&conversions-of=Orders");
    assert!(
        unknown.status == 422 && unknown.text().contains("There is no goal “Orders”"),
        "{}",
        unknown.text()
    );
}
