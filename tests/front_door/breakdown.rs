//! One row of a report opened, and reports broken down by another: the same numbers as by filter, and no more than
//! somebody may see.

use super::chromium::{sign_in_as, wait_for, wait_until, with_browser};
use super::guest_links::link;
use super::harness::Desk;
use super::http::get;
use super::reports::{RANGE, cells, demo, signed_in};
use super::sharing::with_named_visitors;
use fantoccini::Locator;
use std::collections::HashMap;

#[test]
fn a_breakdown_counts_what_the_second_report_counts_of_the_visits_of_a_row() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let file = |name: &str, more: &str| {
        let path = format!("/sites/1/export/{name}.csv?date={RANGE}{more}");
        let answer = server.ask(&get(path).cookie(&cookie));
        assert_eq!(answer.status, 200, "{name} {more}");
        (answer.header("content-disposition").to_owned(), cells(&answer.text()))
    };
    for (first, item, filter, second) in [
        ("countries", "Germany", "country=DE", "web-browsers"),
        ("web-browsers", "Chrome", "browser=Chrome", "countries"),
        (
            "pages",
            "https://corner-bakery.example/bread",
            "href=https://corner-bakery.example/bread",
            "events",
        ),
        ("traffic-sources", "Searches", "source=Searches", "pages"),
        ("engagement-actions", "4 to 6 actions", "actions=4-6", "languages"),
    ] {
        let (name, rows) = file(first, &format!("&by={second}"));
        assert!(name.contains(&format!("-{first}-by-{second}-")), "{name}");
        assert_eq!(rows[0], ["item", "beside", "by", "by_beside", "visits", "visits_before"]);
        let broken: HashMap<String, String> = rows[1..]
            .iter()
            .filter(|row| row[0] == item && row[4] != "0")
            .map(|row| (row[2].clone(), row[4].clone()))
            .collect();
        let filtered: HashMap<String, String> = file(second, &format!("&{filter}")).1[1..]
            .iter()
            .map(|row| (row[0].clone(), row[3].clone()))
            .collect();
        assert!(!broken.is_empty(), "{first} by {second}");
        assert_eq!(broken, filtered, "{item} by {second}");
        // The screen has the same numbers, and a way to each.
        let page = server.page(&format!("/sites/1/reports/{first}?date={RANGE}&by={second}"), &cookie);
        assert!(page.contains("class=\"list items matrix\""), "{first} by {second}");
        let link = page.split("id=\"export\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let is_same = link.contains(&format!("/export/{first}.csv?"))
            && link.ends_with(&format!("by={second}&amp;bom=1"));
        assert!(is_same, "the file is broken down too: {link}");
    }
    assert_eq!(server.ask(&get("/sites/1/reports/countries?by=nonsense").cookie(&cookie)).status, 404);
    assert_eq!(server.ask(&get("/sites/1/reports/countries?by=visitors").cookie(&cookie)).status, 404);
    assert_eq!(server.ask(&get("/sites/1/export/countries.csv?by=nonsense").cookie(&cookie)).status, 404);
    let plain = server.page(&format!("/sites/1/reports/countries?date={RANGE}&by="), &cookie);
    assert!(plain.contains("class=\"list bars items\""));
}

#[test]
fn a_row_opens_with_its_course_and_a_breakdown_also_without_a_script() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let course = cells(
        &server
            .ask(&get(format!("/sites/1/export/visitors.csv?date={RANGE}&country=DE")).cookie(&cookie))
            .text(),
    );
    let days: Vec<&str> = course[1..].iter().map(|row| row[1].as_str()).collect();
    let base = format!("/sites/1/reports/countries/item?date={RANGE}&item=DE");
    let page = server.page(&format!("{base}&by=web-browsers"), &cookie);
    assert!(page.contains("Browsers of visits: Country is Germany") && page.contains("<h1>Germany</h1>"));
    for day in &days {
        assert!(page.contains(&format!("data-value=\"{day}\"")), "{day}");
    }
    let link = page.split("All browsers of these visits").next().unwrap().rsplit("href=\"").next().unwrap();
    assert!(link.starts_with("/sites/1/reports/web-browsers?") && link.contains("country=DE"), "{link}");
    // What a script puts below the row is that row alone.
    let row = server.page(&format!("{base}&row=1"), &cookie);
    assert!(
        row.starts_with("<tr class=\"detail\">") && row.contains(&format!("by day: {}", days.join(", ")))
    );
    let report = server.page(&format!("/sites/1/reports/countries?date={RANGE}"), &cookie);
    assert!(report.contains(&format!("href=\"{}\"", base.replace('&', "&amp;"))), "the row has no link");
    for (path, status) in [
        ("/sites/1/reports/countries/item", 422),
        ("/sites/1/reports/countries/item?item=", 422),
        ("/sites/1/reports/countries/item?item=nowhere", 200),
        ("/sites/1/reports/visitors/item?item=DE", 404),
        ("/sites/1/reports/nonsense/item?item=DE", 404),
        ("/sites/1/reports/countries/item?item=DE&by=nonsense", 404),
    ] {
        assert_eq!(server.ask(&get(path).cookie(&cookie)).status, status, "{path}");
    }
}

#[test]
fn nothing_is_broken_down_by_what_somebody_may_not_see() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = with_named_visitors(&desk);
    let vic = server.sign_in("vic");
    let (_, path) = link(&desk, &["--reports", "pages,countries"]);
    let item = "item=https://bakery.example/secret-page&date=today";
    for (report, by) in [("pages", "custom"), ("pages", "visitors-most-active"), ("pages", "cities")] {
        for path in [
            format!("/sites/1/reports/{report}?date=today&by={by}"),
            format!("/sites/1/reports/{report}/item?{item}&by={by}"),
            format!("/sites/1/reports/{report}/item?{item}&by={by}&row=1"),
            format!("/sites/1/reports/{by}/item?date=today&item=x"),
        ] {
            let answer = server.ask(&get(path.as_str()).cookie(&vic));
            assert_eq!(answer.status, 403, "{path}");
            assert!(!answer.text().contains("Grace"), "{path}");
        }
        for closed in [
            format!("{path}/reports/{report}?date=today&by={by}"),
            format!("{path}/reports/{report}/item?{item}&by={by}&row=1"),
            format!("{path}/reports/{by}/item?date=today&item=x"),
        ] {
            assert_eq!(server.ask(&get(closed.as_str())).status, 404, "{closed}");
        }
    }
    // What is shown can be opened, and offers what is shown alone.
    for (shown, cookie) in [("/sites/1".to_owned(), Some(vic.as_str())), (path, None)] {
        for rest in [format!("/item?{item}&by=countries"), "?date=today&by=countries".into()] {
            let request = get(format!("{shown}/reports/pages{rest}"));
            let answer = server.ask(&cookie.iter().fold(request, |request, cookie| request.cookie(cookie)));
            let page = answer.text();
            assert_eq!(answer.status, 200, "{shown}{rest}");
            assert!(page.contains("/secret-page") && page.contains("value=\"countries\""), "{page}");
            assert!(!page.contains("value=\"custom\"") && !page.contains("value=\"cities\""), "{page}");
        }
    }
}

#[test]
fn a_row_is_opened_broken_down_and_closed_by_keys_in_a_browser() {
    let (desk, password) = demo();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in_as(client, &server, "demo", &password).await;
        let path = format!("http://{}/sites/1/reports/countries?date={RANGE}", server.address);
        client.goto(&path).await.unwrap();
        let opener = "tbody tr:first-child [data-opens-row]";
        client.find(Locator::Css(opener)).await.unwrap().send_keys("\u{e007}").await.unwrap();
        wait_for(client, "tr:first-child + tr.detail .spark polyline.before").await;
        wait_until(
            client,
            &format!("document.querySelector('{opener}').getAttribute('aria-expanded') === 'true'"),
        )
        .await;
        let widths = "const box = document.querySelector('.detail-box').offsetWidth; return box === document.querySelector('#table').offsetWidth";
        assert_eq!(client.execute(widths, vec![]).await.unwrap(), true, "as wide as the table");
        let choice = client.find(Locator::Css("tr.detail select")).await.unwrap();
        choice.select_by_value("web-browsers").await.unwrap();
        wait_until(client, "document.querySelector('tr.detail h2')?.textContent === 'Browsers of visits: Country is Germany'").await;
        // Another row stays open beside it; the address is that of the report still.
        client
            .find(Locator::Css("tbody tr:nth-child(3) [data-opens-row]"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        wait_until(client, "document.querySelectorAll('tr.detail').length === 2").await;
        assert_eq!(client.current_url().await.unwrap().as_str(), path);
        client.find(Locator::Css(opener)).await.unwrap().send_keys("\u{e007}").await.unwrap();
        wait_until(client, "document.querySelectorAll('tr.detail').length === 1").await;
        // The whole report is broken down without a new page.
        client.execute("window.isOld = true", vec![]).await.unwrap();
        client.find(Locator::Id("by")).await.unwrap().select_by_value("web-browsers").await.unwrap();
        wait_for(client, "table.matrix").await;
        wait_until(client, "location.search.includes('by=web-browsers')").await;
        assert_eq!(client.execute("return window.isOld", vec![]).await.unwrap(), true);
    });
}
