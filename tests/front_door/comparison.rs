//! With what reports are compared: on screens, in files, and in a real browser.

use super::chromium::{click, sign_in_as, wait_for, wait_until, with_browser};
use super::harness::{Desk, today};
use super::http::get;
use super::reports::{RANGE, cells, demo, signed_in, visits_between};
use fantoccini::Locator;
use std::collections::BTreeSet;

/// A demo of more than a year up to 26 October 2026, and its password.
fn long_demo() -> (Desk, String) {
    let desk = Desk::empty();
    let made = desk.json(&[
        "demo",
        "--visits",
        "6000",
        "--days",
        "400",
        "--until",
        "2026-10-26",
        "--no-serve",
        "--json",
    ]);
    (desk, made["password"].as_str().unwrap().to_owned())
}

/// Every comparison of 20 to 24 October 2026: its parameter, column and words, the days that it counts.
const COMPARISONS: [(&str, &str, &str, (&str, &str)); 4] = [
    ("", "before", "the period before", ("2026-10-15", "2026-10-20")),
    ("&compare=before", "before", "the period before", ("2026-10-15", "2026-10-20")),
    ("&compare=weekdays", "weekdays_before", "the same weekdays before", ("2026-10-13", "2026-10-18")),
    ("&compare=year", "year_before", "the year before", ("2025-10-20", "2025-10-25")),
];
const DAYS: &str = "2026-10-20,2026-10-24";

#[test]
fn every_comparison_counts_the_days_that_it_names_and_says_so_everywhere() {
    let (desk, password) = long_demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let file = |name: &str, more: &str| {
        cells(
            &server.ask(&get(format!("/sites/1/export/{name}.csv?date={DAYS}{more}")).cookie(&cookie)).text(),
        )
    };
    let sum = |rows: &[Vec<String>], column: usize| -> i64 {
        rows[1..].iter().map(|row| row[column].parse::<i64>().unwrap()).sum()
    };
    for (parameter, column, words, (first, end)) in COMPARISONS {
        let before = visits_between(&desk, first, end);
        assert!(before > 20, "{words}: {before}");
        let rows = file("visitors", parameter);
        assert_eq!(
            (rows[0].as_slice(), rows.len()),
            (["date", "value", column].map(String::from).as_slice(), 6)
        );
        assert_eq!(sum(&rows, 2), before, "{words}");
        // A row is compared with what its filter counts.
        let germans = sum(&file("visitors", &format!("{parameter}&country=DE")), 2);
        let rows = file("countries", parameter);
        let (now, compared) = rows[0][2..].split_at((rows[0].len() - 2) / 2);
        assert_eq!(now[..7], ["count", "visits", "unique", "new", "actions", "seconds", "bounces"]);
        assert_eq!(compared, now.iter().map(|head| format!("{head}_{column}")).collect::<Vec<_>>());
        let place = rows[0].iter().position(|head| *head == format!("visits_{column}")).unwrap();
        let row_of_germany = rows.iter().find(|row| row[0] == "Germany").unwrap();
        assert_eq!(row_of_germany[place], germans.to_string(), "{words}");
        // The map says it too, also where only some visits count.
        let query = format!("date={DAYS}{parameter}&country=DE");
        let now = sum(&file("visitors", &format!("{parameter}&country=DE")), 1);
        for screen in ["", "/reports/countries"] {
            let page = server.page(&format!("/sites/1{screen}?{query}"), &cookie);
            let said = format!("aria-label=\"Germany: {now}, {germans} in {words}\"");
            assert!(now > 0 && page.contains(&said), "{screen}: {said}");
        }
        for screen in ["", "/reports/visitors", "/reports/countries", "/visitors"] {
            let page = server.page(&format!("/sites/1{screen}?date={DAYS}{parameter}"), &cookie);
            let exact = page.matches(&format!("in {words}\"")).count();
            assert!(exact > 0, "{screen} does not say what {words} had");
            assert!(page.contains("class=\"change"), "{screen}");
        }
        let tally = server.page(&format!("/sites/1/reports/visitors?date={DAYS}{parameter}"), &cookie);
        assert!(tally.contains(&format!("from {before} in {words}")), "{words}");
        let visitors = server.page(&format!("/sites/1/visitors?date={DAYS}{parameter}"), &cookie);
        assert!(visitors.contains(&format!("{before} in {words}")), "{words}");
    }
    for screen in ["", "/reports/visitors", "/reports/countries", "/visitors"] {
        let page = server.page(&format!("/sites/1{screen}?date={DAYS}&compare=none"), &cookie);
        assert!(!page.contains("class=\"change"), "{screen} compares though nobody asked for it");
    }
    assert_eq!(file("visitors", "&compare=none")[0], ["date", "value"]);
    let uncompared = &file("countries", "&compare=none")[0];
    assert!(
        COMPARISONS.iter().all(|one| !uncompared.iter().any(|head| head.ends_with(one.1))),
        "{uncompared:?}"
    );
}

#[test]
fn every_report_tells_what_there_was_in_the_days_that_are_compared() {
    let (desk, password) = long_demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let index = server.page("/sites/1/reports", &cookie);
    let list = index.split("class=\"plain index\"").nth(1).unwrap().split("</main>").next().unwrap();
    let names: BTreeSet<&str> = list
        .split("/sites/1/reports/")
        .skip(1)
        .map(|rest| rest.split(['"', '?']).next().unwrap())
        // Who is online is of now, and of no range; cohorts are compared with each other; the demo's pages send no custom data.
        .filter(|name| !["visitors-online", "retention", "custom"].contains(name))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    let screen = |name: &str, query: &str| {
        let page = server.page(&format!("/sites/1/reports/{name}?{query}"), &cookie);
        page.split("id=\"answer\"").nth(1).unwrap().to_owned()
    };
    for (parameter, _, words, _) in &COMPARISONS[1..] {
        let says = format!(" in {words}");
        let silent = names.iter().filter(|name| {
            let query = format!("date={DAYS}{parameter}");
            let page = screen(name, &query);
            !page.contains(&says) && !page.contains("Nothing in this range")
        });
        assert_eq!(silent.copied().collect::<Vec<_>>(), [""; 0], "{words}");
    }
    // Also where there is nothing now: the demo ends before these days.
    let silent = names
        .iter()
        .filter(|name| !screen(name, "date=2026-10-27,2026-11-05").contains(" in the period before"));
    assert_eq!(silent.copied().collect::<Vec<_>>(), [""; 0]);
    assert!(!screen("links-recent", &format!("date={DAYS}&compare=none")).contains(" before"));
}

#[test]
fn single_things_and_what_was_filtered_are_counted_in_the_days_that_are_compared() {
    let (desk, password) = long_demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let file = |name: &str, query: &str| {
        let path = format!("/sites/1/export/{name}.csv?{query}");
        cells(&server.ask(&get(path).cookie(&cookie)).text())[1..].to_vec()
    };
    for (parameter, column, words, (first, end)) in &COMPARISONS[1..] {
        let last = jiff::civil::Date::yesterday(end.parse().unwrap()).unwrap();
        for (name, noun) in [
            ("links-recent", "visits by a link"),
            ("links-unique", "new links"),
            ("searches-recent", "visits by a search"),
            ("searches-unique", "new searches"),
        ] {
            for more in ["", "&country=DE"] {
                let now = file(name, &format!("date={DAYS}{more}")).len();
                let before = file(name, &format!("date={first},{last}{more}")).len();
                let page =
                    server.page(&format!("/sites/1/reports/{name}?date={DAYS}{parameter}{more}"), &cookie);
                if now > 1 {
                    assert!(page.contains(&format!("<b>{now}</b> {noun}")), "{name}: {now}");
                }
                assert!(now > 1 || !more.is_empty() || name.ends_with("unique"), "{name}: {now}");
                let said = format!("{before} in {words}");
                assert!(before + now == 0 || page.contains(&said), "{name}{more}: {said}");
            }
        }
        let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
        let number = |text: &str| (day(text) - day("1970-01-01")).get_days();
        let sum = |first: &str, end: &str| {
            let (first, end) = (number(first), number(end));
            desk.number(&format!("select sum(count) from filtered where day >= {first} and day < {end}"))
        };
        let (now, before) = (sum("2026-10-20", "2026-10-25"), sum(first, end));
        assert!(now > 0 && before > 0);
        let page = server.page(&format!("/sites/1/reports/left-out?date={DAYS}{parameter}"), &cookie);
        assert!(page.contains(&format!("<b>{now}</b> hits")), "{now}");
        assert!(page.contains(&format!("title=\"{before} in {words}\"")), "{before} in {words}");
        let rows = file("left-out", &format!("date={DAYS}{parameter}"));
        let told = |column: usize| rows.iter().map(|row| row[column].parse::<i64>().unwrap()).sum::<i64>();
        assert_eq!((told(3), told(4)), (now, before), "{column}");
    }
}

#[test]
fn what_was_filtered_today_is_compared_when_the_day_is_over() {
    let desk = Desk::with_site();
    let day = today();
    let rows = (0..4).map(|back| format!("(1, {}, 'bot', {})", day - back, 10 << back));
    let rows = rows.collect::<Vec<_>>().join(", ");
    desk.open()
        .execute_batch(&format!("insert into filtered (site_id, day, reason, count) values {rows}"))
        .unwrap();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = |date: &str| server.page(&format!("/sites/1/reports/left-out?date={date}"), &ada);
    let one = page("today");
    assert!(one.contains("<b>10</b>") && one.contains("today is compared when it is over"), "{one}");
    assert!(!one.contains("class=\"change"));
    // Yesterday's 20 against the 80 of the first of two days; today's 10 count, and are not compared.
    let two = page("last-2-days");
    assert!(two.contains("<b>30</b>") && two.contains("title=\"80 in the period before\""), "{two}");
    assert!(two.contains(">75 %") && two.contains("today is compared when it is over"));
    let over = page("yesterday");
    assert!(over.contains("title=\"40 in the period before\"") && !over.contains("when it is over"));
}

#[test]
fn rows_are_sorted_by_every_measure_and_by_how_they_changed() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let rows = |query: &str| {
        let path = format!("/sites/1/export/countries.csv?date={RANGE}&{query}");
        cells(&server.ask(&get(path).cookie(&cookie)).text())[1..].to_vec()
    };
    let number = |row: &[String], column: usize| row[column].parse::<i64>().unwrap();
    for (sort, column) in [("hits", 2), ("visits", 3), ("uniques", 4), ("new", 5), ("actions", 6)] {
        assert!(rows(&format!("sort={sort}")).is_sorted_by_key(|row| -number(row, column)), "{sort}");
        assert!(rows(&format!("sort={sort}&order=up")).is_sorted_by_key(|row| number(row, column)), "{sort}");
    }
    // As many columns compare as count.
    let grown = |row: &Vec<String>| number(row, 2) - number(row, 2 + (row.len() - 2) / 2);
    assert!(rows("sort=change").is_sorted_by_key(|row| -grown(row)));
    assert!(rows("sort=change&order=up").is_sorted_by_key(grown));
    let page = server.page(&format!("/sites/1/reports/countries?date={RANGE}&sort=change"), &cookie);
    let head = page.split("class=\"list bars items\"").nth(1).unwrap().split("</thead>").next().unwrap();
    assert_eq!(head.matches("aria-sort=\"descending\"").count(), 1);
    // Every head of a column is a link, but for that of the buttons.
    assert_eq!(head.matches("<th ").count() - 1, head.matches("<a ").count());
    // Pages have the size that was asked for, and say which rows they are.
    let first = server.page(&format!("/sites/1/reports/pages?date={RANGE}&limit=5"), &cookie);
    assert!(first.contains("1 to 5 of") && first.contains("rel=\"next\"") && first.contains("limit=100"));
    let beyond = server.page(&format!("/sites/1/reports/pages?date={RANGE}&limit=5&page=900"), &cookie);
    assert!(beyond.contains("There is no such page"));
}

#[test]
fn a_comparison_is_chosen_beside_the_range_in_a_browser() {
    let (desk, password) = demo();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in_as(client, &server, "demo", &password).await;
        client.goto(&format!("http://{}/sites/1?date={RANGE}", server.address)).await.unwrap();
        wait_for(client, ".plot canvas").await;
        click(client, ".compare-menu summary").await;
        click(client, ".compare-menu li:nth-child(3) a").await;
        wait_until(client, "location.search.includes('compare=year')").await;
        wait_until(
            client,
            "document.querySelector('.compare-menu summary').textContent === 'vs. year before'",
        )
        .await;
        wait_until(client, "document.querySelector('.legend .before').textContent === 'The year before'")
            .await;
        // It goes along to other screens.
        client
            .find(Locator::Css("#side .side-list a[href*='/visitors']"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        wait_until(
            client,
            "location.pathname.endsWith('/visitors') && location.search.includes('compare=year')",
        )
        .await;
        // Another width draws the charts anew, once.
        client.goto(&format!("http://{}/sites/1?date={RANGE}", server.address)).await.unwrap();
        wait_for(client, ".plot canvas").await;
        client.set_window_size(1_000, 900).await.unwrap();
        wait_until(client, "document.querySelectorAll('.plot canvas').length === 1 && innerWidth < 1100")
            .await;
    });
}

#[test]
fn a_month_is_compared_with_the_month_before_and_its_days_stand_side_by_side() {
    let (desk, password) = long_demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let file = |date: &str| {
        let path = format!("/sites/1/export/visitors.csv?date={date}");
        cells(&server.ask(&get(path).cookie(&cookie)).text())[1..].to_vec()
    };
    // September has a day less than August, March three more than February.
    for (date, (first, end), days, days_before) in
        [("2026-09", ("2026-08-01", "2026-09-01"), 30, 30), ("2026-03", ("2026-02-01", "2026-03-01"), 31, 28)]
    {
        let before = visits_between(&desk, first, end);
        let page = server.page(&format!("/sites/1/reports/visitors?date={date}"), &cookie);
        assert!(
            before > 20 && page.contains(&format!("from {before} in the month before")),
            "{date}: {before}"
        );
        let rows = file(date);
        assert_eq!(rows.len(), days);
        assert_eq!(rows.iter().filter(|row| !row[2].is_empty()).count(), days_before, "{date}");
        for number in [1, 5, 28] {
            let day = |number: i32| format!("{}{number:02}", &first[..8]);
            let next = if number == 28 && days_before == 28 { end.to_owned() } else { day(number + 1) };
            let of_day = visits_between(&desk, &day(number), &next);
            assert_eq!(
                rows[usize::try_from(number).unwrap() - 1][2],
                of_day.to_string(),
                "{date}, day {number}"
            );
        }
        // Lines of the chart: the 28th of both stands at the same place.
        let places = |class: &str| -> Vec<String> {
            let line = page.split(&format!("<polyline class=\"{class}\" points=\"")).nth(1).unwrap();
            let points = line.split('"').next().unwrap();
            points.split(' ').map(|point| point.split(',').next().unwrap().to_owned()).collect()
        };
        let (now, before) = (places("line-0"), places("line-1 before"));
        assert_eq!((now.len(), before.len(), &now[27]), (days, days_before, &before[27]), "{date}");
    }
    let page = server.page("/sites/1/reports/left-out?date=2026-03", &cookie);
    assert!(page.contains("Compared with 1 – 28 Feb 2026"), "{page}");
    // Earlier and later go from month to month, and the menu says with what a month is compared.
    let page = server.page("/sites/1?date=2026-03", &cookie);
    for words in ["date=2026-02\" data-key=\"[\"", "date=2026-04\" data-key=\"]\"", "vs. month before"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(
        page.contains(
            "aria-current=\"true\"><span>the month before</span><span class=\"quiet\">1 – 28 Feb 2026"
        ),
        "{page}"
    );
    let days = server.page("/sites/1/reports/visitors?date=2026-09-01,2026-09-30", &cookie);
    assert!(days.contains("in the period before") && !days.contains("the month before"), "days are days");
}
