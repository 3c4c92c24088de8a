//! Reports: the numbers on the screens, in files and in a real browser, on the demo's bakery.

use super::chromium::{click, sign_in_as, wait_for, wait_for_text, wait_until, with_browser};
use super::harness::{Desk, Server, fields, view};
use super::http::{get, post};
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

/// A demo that ended some time ago, so that nothing in it depends on today.
pub const RANGE: &str = "2026-10-20,2026-10-26";

/// A file with a demo of 30 days up to 26 October 2026, and its password.
pub fn demo() -> (Desk, String) {
    demo_of("3000")
}

/// The same with so many visits.
pub fn demo_of(visits: &str) -> (Desk, String) {
    let desk = Desk::empty();
    let span = ["--days", "30", "--until", "2026-10-26"];
    let made = desk.json(&[&["demo", "--visits", visits][..], &span, &["--no-serve", "--json"]].concat());
    (desk, made["password"].as_str().unwrap().to_owned())
}

pub fn signed_in(server: &Server<'_>, password: &str) -> String {
    let answer = server.ask(&post("/login", &[("username", "demo"), ("password", password)]));
    format!("session={}", answer.cookie("session").unwrap())
}

/// Visits of a range, by SQL.
pub fn visits_between(desk: &Desk, first: &str, end: &str) -> i64 {
    let id = |text: &str| {
        let midnight: jiff::civil::DateTime = format!("{text}T00:00:00").parse().unwrap();
        midnight.in_tz("Europe/Berlin").unwrap().timestamp().as_millisecond() << 20
    };
    desk.number(&format!("select count(*) from visits where id >= {} and id < {}", id(first), id(end)))
}

/// The cells of a CSV file.
pub fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_same_seed_and_day_make_the_same_demo_and_leave_no_log_behind() {
    let (first, _) = demo();
    let (second, _) = demo();
    let dump = |desk: &Desk| {
        let tables =
            ["visits", "actions", "media", "custom", "conversions", "labels", "filtered", "filtered_samples"];
        let rows = |table: &str| {
            let connection = desk.open();
            let mut question = connection.prepare(&format!("select * from {table}")).unwrap();
            let width = question.column_count();
            let rows = question.query_map([], |row| {
                (0..width)
                    .map(|at| row.get::<_, rusqlite::types::Value>(at))
                    .collect::<rusqlite::Result<Vec<_>>>()
            });
            rows.unwrap().map(Result::unwrap).collect::<Vec<_>>()
        };
        tables.map(rows)
    };
    assert_eq!(dump(&first), dump(&second));
    assert_eq!(first.number("select count(*) from visits"), 3_000);
    let files: Vec<_> =
        std::fs::read_dir(first.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["clickstead.db"]);
    let other = Desk::empty();
    other.text(&[
        "demo",
        "--visits",
        "3000",
        "--days",
        "30",
        "--until",
        "2026-10-26",
        "--no-serve",
        "--seed",
        "2",
    ]);
    assert_ne!(dump(&first)[0], dump(&other)[0], "another seed made the same visits");
}

#[test]
fn a_demo_beside_a_real_site_belongs_to_a_user_of_its_own_and_is_made_once() {
    let desk = Desk::with_site();
    desk.text(&["demo", "--into-existing", "--visits", "50", "--days", "3", "--no-serve"]);
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    assert!(!server.page("/", &cookie).contains("corner-bakery"));
    assert_eq!(server.ask(&get("/sites/2").cookie(&cookie)).status, 404);
    assert!(desk.complaint(&["demo", "--no-serve"]).contains("user remove demo --with-sites"));
    for wrong in [["--visits", "0"], ["--days", "0"], ["--until", "yesterday"]] {
        desk.complaint(&["demo", "--no-serve", wrong[0], wrong[1]]);
    }
}

#[test]
fn every_report_has_a_screen_and_a_file_filled_by_the_demo() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let index = server.page("/sites/1/reports", &cookie);
    let names: Vec<&str> = index
        .split("class=\"plain index\"")
        .nth(1)
        .unwrap()
        .split("/sites/1/reports/")
        .skip(1)
        .map(|rest| rest.split(['"', '?']).next().unwrap())
        .take_while(|name| !name.is_empty())
        .collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        let page = server.page(&format!("/sites/1/reports/{name}?date={RANGE}"), &cookie);
        assert!(
            !page.contains("Nothing in this range") && !page.contains("class=\"empty\""),
            "{name} is empty"
        );
        let file = server.ask(&get(format!("/sites/1/export/{name}.csv?date={RANGE}")).cookie(&cookie));
        assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"), "{name}");
        assert!(cells(&file.text()).len() > 1, "{name}.csv has no rows");
    }
    assert_eq!(server.ask(&get("/sites/1/reports/nonsense").cookie(&cookie)).status, 404);
    assert_eq!(server.ask(&get("/sites/1/export/nonsense.csv").cookie(&cookie)).status, 404);
}

#[test]
fn tallies_on_the_dashboard_are_those_of_the_file_and_compared_with_the_week_before() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let (week, before) = (
        visits_between(&desk, "2026-10-20", "2026-10-27"),
        visits_between(&desk, "2026-10-13", "2026-10-20"),
    );
    assert!(week > 100 && before > 100);
    let page = server.page(&format!("/sites/1?date={RANGE}"), &cookie);
    assert!(page.contains(&format!("data-tally=\"visitors\">{week}</b>")), "{week} visits are not shown");
    // Rounded, not cut.
    let percent = (200 * (week - before).abs() + before) / (2 * before);
    let card = page.split("data-tally=\"visitors\"").nth(1).unwrap().split("</a>").next().unwrap();
    assert!(card.contains(&format!("{percent} %")), "{card}");
    let plain = server.page(&format!("/sites/1?date={RANGE}&compare=none"), &cookie);
    assert!(!plain.contains("class=\"change") && !plain.contains("The period before"));
    // The week has the 25-hour day on which summer time ended.
    let csv = server.ask(&get(format!("/sites/1/export/visitors.csv?date={RANGE}")).cookie(&cookie)).text();
    let rows = cells(&csv);
    assert_eq!(rows[0], ["date", "value", "before"]);
    let sum = |column: usize| rows[1..].iter().map(|row| row[column].parse::<i64>().unwrap()).sum::<i64>();
    assert_eq!((sum(1), sum(2), rows.len()), (week, before, 8));
    let hours = server.ask(&get("/sites/1/export/visitors.csv?date=2026-10-25").cookie(&cookie)).text();
    let hours: i64 = cells(&hours)[1..].iter().map(|row| row[1].parse::<i64>().unwrap()).sum();
    assert_eq!(hours, visits_between(&desk, "2026-10-25", "2026-10-26"));
}

#[test]
fn a_row_leads_to_exactly_the_visitors_behind_it() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let customers =
        server.ask(&get(format!("/sites/1/export/custom.csv?date={RANGE}")).cookie(&cookie)).text();
    let rows = cells(&customers);
    let named = rows.iter().find(|row| row.iter().any(|cell| cell == "username")).unwrap();
    let customer = format!("custom=username:+{}", named[0]);
    for (report, filter) in [
        ("custom", customer.as_str()),
        ("countries", "country=DE"),
        ("pages", "href=https://corner-bakery.example/bread"),
        ("traffic-sources", "source=Searches"),
        ("web-browsers", "browser=Chrome"),
        ("languages", "language=de"),
        ("engagement-actions", "actions=4-6"),
        ("cities", "city=Berlin%2C+DE"),
    ] {
        let csv =
            server.ask(&get(format!("/sites/1/export/{report}.csv?date={RANGE}")).cookie(&cookie)).text();
        let page = server.page(&format!("/sites/1/visitors?date={RANGE}&{filter}&limit=1000"), &cookie);
        let listed = page.matches("class=\"row-link\"").count();
        let exported = server
            .ask(&get(format!("/sites/1/export/visitors-list.csv?date={RANGE}&{filter}")).cookie(&cookie))
            .text();
        assert_eq!(cells(&exported).len() - 1, listed, "{report}: file and list differ");
        let counts: Vec<String> = cells(&csv)[1..].iter().map(|row| row[3].clone()).collect();
        assert!(
            listed > 0 && counts.contains(&listed.to_string()),
            "{report}: {listed} visitors, {counts:?}"
        );
        assert!(page.contains("class=\"chips\""));
    }
    let all =
        server.ask(&get(format!("/sites/1/export/visitors-list.csv?date={RANGE}")).cookie(&cookie)).text();
    let week = visits_between(&desk, "2026-10-20", "2026-10-27");
    assert_eq!(cells(&all).len() - 1, usize::try_from(week).unwrap());
}

#[test]
fn tables_are_searched_sorted_and_paged_by_their_address() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let rows = |query: &str| {
        let path = format!("/sites/1/export/pages.csv?date={RANGE}&{query}");
        cells(&server.ask(&get(path).cookie(&cookie)).text())[1..].to_vec()
    };
    let numbers = |rows: &[Vec<String>], column: usize| -> Vec<i64> {
        rows.iter().map(|row| row[column].parse().unwrap()).collect()
    };
    let all = rows("");
    assert!(numbers(&all, 2).is_sorted_by(|a, b| a >= b), "most views first");
    assert!(numbers(&rows("sort=visits&order=up"), 3).is_sorted(), "fewest visits first");
    let titles: Vec<String> = rows("sort=title").into_iter().map(|row| row[0].to_lowercase()).collect();
    assert!(titles.is_sorted());
    let bread = rows("find=BREAD");
    assert!(!bread.is_empty() && bread.len() < all.len());
    assert!(bread.iter().all(|row| format!("{}{}", row[0], row[1]).to_lowercase().contains("bread")));
    // Pages of the screen follow one another without gap or double.
    let mut seen = Vec::new();
    for page in 1..=all.len().div_ceil(7) {
        let text = server.page(&format!("/sites/1/reports/pages?date={RANGE}&limit=7&page={page}"), &cookie);
        let table = text.split("class=\"list bars items\"").nth(1).unwrap().split("</table>").next().unwrap();
        seen.extend(
            table
                .split("The visitors behind ")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned()),
        );
    }
    let expected: Vec<String> = all.iter().map(|row| row[0].clone()).collect();
    assert_eq!(seen, expected);
    // Numbers of rows are written as all others.
    let month = "date=2026-09-27,2026-10-26";
    let file = format!("/sites/1/export/visitors-most-active.csv?{month}");
    let count = cells(&server.ask(&get(file).cookie(&cookie)).text()).len() - 1;
    let written = format!("{},{:03}", count / 1_000, count % 1_000);
    let page = server.page(&format!("/sites/1/reports/visitors-most-active?{month}&limit=50"), &cookie);
    assert!(count > 1_000 && page.contains(&format!(">{written} rows<")), "{written}");
    assert!(page.contains(&format!(">1 to 50 of {written}<")), "{written}");
    let nothing = server.page(&format!("/sites/1/reports/pages?date={RANGE}&find=nobody-ever"), &cookie);
    assert!(nothing.contains("Nothing contains"));
}

#[test]
fn a_question_that_makes_no_sense_is_refused_with_a_sentence() {
    let (desk, password) = demo();
    let server = desk.serve();
    let cookie = signed_in(&server, &password);
    let many = "country=DE&".repeat(30);
    for (path, said) in [
        ("/sites/1?date=tomorrow", "last-7-days"),
        ("/sites/1/reports/pages?actions=many", "Write a number"),
        ("/sites/1/export/pages.csv?time=x-y", "Write a number"),
        (&format!("/sites/1/visitors?{many}"), "too many filters"),
    ] {
        let answer = server.ask(&get(path).cookie(&cookie));
        assert_eq!(answer.status, 422, "{path}");
        assert!(answer.text().contains(said), "{path}: {}", answer.text());
    }
}

#[test]
fn texts_from_strangers_are_neither_markup_nor_formulas() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let evil = "=HYPERLINK(\"http://evil.example\")<script>alert(1)</script>";
    server.hit("81.2.69.1", &[("type", "click"), ("href", "#x"), ("title", evil), ("custom[=key]", evil)]);
    for report in ["events", "custom"] {
        let page = server.page(&format!("/sites/1/reports/{report}"), &cookie);
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"), "{report}");
        let rows = cells(&server.ask(&get(format!("/sites/1/export/{report}.csv")).cookie(&cookie)).text());
        assert!(rows[1][0].starts_with("'=HYPERLINK"), "{rows:?}");
    }
}

#[test]
fn todays_numbers_follow_each_hit() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let shown = || {
        let csv =
            server.ask(&get("/sites/1/export/pages.csv?date=today&compare=none").cookie(&cookie)).text();
        let online = server.ask(&get("/sites/1/online").cookie(&cookie)).json()["online"].clone();
        (cells(&csv)[1..].iter().map(|row| row[2].parse::<i64>().unwrap()).sum::<i64>(), online)
    };
    for number in 1..=60 {
        server.hit(&format!("81.2.{}.1", number % 3), &fields(&view("/")));
        assert_eq!(shown(), (number, Value::from(number.min(3))));
    }
    let robot = server.ask(
        &post(
            "/in.php",
            &[("site_id", "1"), ("type", "pageview"), ("href", "https://bakery.example/secret?name=ada")],
        )
        .without("Sec-Fetch-Site")
        .header("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    );
    assert_eq!(robot.header("x-clickstead-reason"), "bot");
    assert_eq!(shown(), (60, Value::from(3)));
    let page = server.page("/sites/1/reports/left-out?date=today", &cookie);
    assert!(page.contains("Robots") && page.contains("Googlebot") && page.contains("/secret"));
    assert!(!page.contains("name=ada"), "a sample holds the query");
}

async fn open(client: &Client, server: &Server<'_>, path: &str) {
    client.goto(&format!("http://{}{path}", server.address)).await.unwrap();
}

async fn script(client: &Client, text: &str) -> Value {
    client.execute(text, vec![]).await.unwrap()
}

#[test]
fn dashboard_range_comparison_and_panels_work_in_a_browser() {
    let (desk, password) = demo();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in_as(client, &server, "demo", &password).await;
        open(client, &server, &format!("/sites/1?date={RANGE}")).await;
        wait_for(client, ".plot canvas").await;
        let visits = visits_between(&desk, "2026-10-20", "2026-10-27").to_string();
        let shown = "return document.querySelector('[data-tally=visitors]').textContent.replace(',', '')";
        assert_eq!(script(client, shown).await, visits.as_str());
        // A side of a panel is swapped without a new page.
        script(client, "window.isOld = true").await;
        click(client, "#panel-pages .tabs li:nth-child(2) a").await;
        wait_until(
            client,
            "document.querySelector('#panel-pages .tabs [aria-current]').textContent === 'Entrance'",
        )
        .await;
        // That of another panel leaves it as it is, and the focus on what was chosen.
        click(client, "#panel-machines .tabs li:nth-child(2) a").await;
        let sides = "[...document.querySelectorAll('#panel-pages, #panel-machines')].map((panel) => panel.querySelector('[aria-current]').textContent).join()";
        wait_until(client, &format!("{sides} === 'Entrance,Systems'")).await;
        assert_eq!(
            script(client, "return document.activeElement.id").await,
            "panel-machines-operating-systems"
        );
        // The range before.
        click(client, "a[data-key='[']").await;
        wait_until(client, "location.search.includes('date=2026-10-13,2026-10-19')").await;
        let before = visits_between(&desk, "2026-10-13", "2026-10-20").to_string();
        wait_until(
            client,
            &format!(
                "document.querySelector('[data-tally=visitors]').textContent.replace(',', '') === '{before}'"
            ),
        )
        .await;
        wait_for(client, ".plot canvas").await;
        assert_eq!(
            script(client, &format!("return {sides}")).await,
            "Entrance,Systems",
            "the range forgot them"
        );
        assert_eq!(script(client, "return window.isOld").await, true, "the page was loaded anew");
        // The comparison is switched off.
        click(client, ".compare-menu summary").await;
        client.find(Locator::Css(".compare-menu li:last-child a")).await.unwrap().click().await.unwrap();
        wait_until(client, "!document.querySelector('.change')").await;
        script(client, "window.scrollTo(0, 0)").await;
        // Another number's course, then one country alone.
        click(client, ".cards li:nth-child(3) a").await;
        wait_until(client, "document.querySelector('.cards .current [data-tally=actions]')").await;
        client.find(Locator::LinkText("Germany")).await.unwrap().click().await.unwrap();
        wait_for(client, ".chips li").await;
        let germans = script(client, shown).await.as_str().unwrap().parse::<i64>().unwrap();
        assert!(germans > 0 && germans < before.parse::<i64>().unwrap());
        // Keys find a report and open it.
        let body = client.find(Locator::Css("body")).await.unwrap();
        body.send_keys("/").await.unwrap();
        wait_until(client, "document.getElementById('finder').open").await;
        let finder = client.find(Locator::Css("#finder input")).await.unwrap();
        finder.send_keys("filtered").await.unwrap();
        wait_until(client, "document.querySelectorAll('#finder-list li:not([hidden])').length === 1").await;
        finder.send_keys("\u{e007}").await.unwrap();
        let asked =
            "decodeURIComponent(location.search) === '?date=2026-10-13,2026-10-19&compare=none&country=DE'";
        wait_until(client, &format!("location.pathname.endsWith('/reports/left-out') && {asked}")).await;
        // Keys go on to other screens with the same days and filters.
        for (key, path) in [("v", "/sites/1/visitors"), ("s", "/sites/1/spy"), ("d", "/sites/1")] {
            wait_until(client, "document.readyState === 'complete'").await;
            let press = "for (const key of ['g', arguments[0]]) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))";
            client.execute(press, vec![key.into()]).await.unwrap();
            wait_until(client, &format!("location.pathname === '{path}' && {asked}")).await;
        }
    });
}

#[test]
fn a_report_is_searched_and_sorted_in_a_browser_and_the_map_leads_on() {
    let (desk, password) = demo();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in_as(client, &server, "demo", &password).await;
        open(client, &server, &format!("/sites/1/reports/pages?date={RANGE}")).await;
        // What is sorted stays so while somebody types, and the field keeps what is typed.
        click(client, ".items th:nth-child(4) a").await;
        wait_until(client, "document.querySelector('#search-carried [name=sort]')").await;
        let rows = "document.querySelectorAll('.items tbody tr').length";
        let all = script(client, &format!("return {rows}")).await.as_i64().unwrap();
        client.find(Locator::Css(".search [name=find]")).await.unwrap().send_keys("bread").await.unwrap();
        let count = format!("document.querySelector('#row-count').textContent === `${{{rows}}} rows`");
        wait_until(
            client,
            &format!("{rows} > 1 && {rows} < {all} && location.search.includes('find=bread') && {count}"),
        )
        .await;
        let sorted = "location.search.includes('sort=uniques')";
        wait_until(client, sorted).await;
        let caret = "const field = document.activeElement; return [field.name, field.selectionStart]";
        assert_eq!(script(client, caret).await, json!(["find", 5]));
        // A filter, a breakdown and the chart keep the search and the order; taking the filter away does too.
        let kept = "location.search.includes('find=bread')";
        let form = ".add-filter input[name=find][value=bread]";
        wait_for(client, form).await;
        click(client, ".add-filter summary").await;
        let filter = client.find(Locator::Css(".add-filter [name=filter]")).await.unwrap();
        filter.select_by_value("country").await.unwrap();
        client.find(Locator::Css(".add-filter [name=value]")).await.unwrap().send_keys("DE").await.unwrap();
        click(client, ".add-filter button").await;
        wait_for(client, ".chip").await;
        wait_until(client, &format!("location.search.includes('filter=country') && {kept} && {sorted}"))
            .await;
        // What was asked for last is carried by everything beside the table.
        client
            .find(Locator::Css(".search [name=find]"))
            .await
            .unwrap()
            .send_keys("-is-not-sold")
            .await
            .unwrap();
        wait_for_text(client, "Show all").await;
        wait_until(client, "document.querySelector('#row-count').textContent === '0 rows'").await;
        let stale = "const carriers = '#filters a[href*=sort], #filters form, #break-down, #chart-choice, #range a, #export';
            return [...document.querySelectorAll(carriers)]
                .map((one) => one.href ?? [...new FormData(one)].join())
                .filter((text) => !text.includes('bread-is-not-sold'))";
        assert_eq!(script(client, stale).await, json!([]));
        client.find(Locator::LinkText("Show all")).await.unwrap().click().await.unwrap();
        wait_until(client, &format!("{rows} > 1 && !{kept}")).await;
        assert_eq!(script(client, "return document.querySelector('.search [name=find]').value").await, "");
        click(client, ".chips a").await;
        wait_until(client, &format!("!document.querySelector('.chip') && {sorted}")).await;
        click(client, ".items th:nth-child(3) a").await;
        wait_until(
            client,
            "document.querySelector('.items th:nth-child(3)').getAttribute('aria-sort') === 'descending'",
        )
        .await;
        click(client, ".items th:nth-child(3) a").await;
        wait_until(
            client,
            "document.querySelector('.items th:nth-child(3)').getAttribute('aria-sort') === 'ascending'",
        )
        .await;
        // A menu that is closed by its key gives the keys back to its button.
        let menu = "tbody tr:first-child .row-menu";
        let button = client.find(Locator::Css(&format!("{menu} summary"))).await.unwrap();
        button.send_keys("\u{e007}").await.unwrap();
        wait_for(client, &format!("{menu}[open]")).await;
        let entry = client.find(Locator::Css(&format!("{menu} a"))).await.unwrap();
        entry.send_keys("\u{e00c}").await.unwrap();
        wait_for(client, &format!("{menu}:not([open])")).await;
        wait_for(client, &format!("{menu} summary:focus")).await;
        open(client, &server, &format!("/sites/1/reports/countries?date={RANGE}")).await;
        let shape = "document.querySelector('.map use[href$=\"#de\"]').getBBox().width";
        wait_until(client, &format!("{shape} > 10")).await;
        let link =
            "return document.querySelector('.map use[href$=\"#de\"]').closest('a').getAttribute('href')";
        let link = script(client, link).await;
        assert_eq!(link, format!("/sites/1/visitors?date={RANGE}&country=DE"));
    });
}

#[test]
fn axe_finds_nothing_on_any_screen_of_a_phone_in_any_theme() {
    axe_finds_nothing(360);
}

#[test]
fn axe_finds_nothing_on_any_screen_of_a_desktop_in_any_theme() {
    axe_finds_nothing(1_280);
}

/// The rules that every screen keeps, and the only one that a theme can break.
const AXE_RULES: [(&str, &str); 2] = [
    ("light", "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"),
    ("dark", "{ type: 'rule', values: ['color-contrast'] }"),
];

fn axe_finds_nothing(width: u32) {
    let (desk, password) = demo();
    let server = desk.serve();
    let (visit, visitor) = (
        desk.number("select max(id) from visits where actions > 2"),
        desk.number("select visitor_id from visits group by 1 order by count(*) desc limit 1"),
    );
    let mut paths = vec![
        "/".to_owned(),
        "/sites/new".into(),
        format!("/sites/1?date={RANGE}"),
        "/sites/1?date=2020-01-01".into(),
        format!("/sites/1?date={RANGE}&country=DE"),
        "/sites/1/reports".into(),
        format!("/sites/1/visitors?date={RANGE}"),
        "/sites/1/spy".into(),
        format!("/sites/1/heatmaps?date={RANGE}"),
        format!("/sites/1/heatmaps/page?of=https://corner-bakery.example/&date={RANGE}"),
        "/sites/1/preferences/info".into(),
        "/sites/1/preferences/tracking".into(),
        "/sites/1/preferences/goals".into(),
        "/sites/1/preferences/funnels/new".into(),
        "/sites/1/preferences/alerts".into(),
        "/sites/1/preferences/alerts/new-spike".into(),
        "/sites/1/preferences/uptime".into(),
        "/sites/1/preferences/uptime/new".into(),
        "/sites/1/preferences/webhooks/new".into(),
        "/sites/1/preferences/digests".into(),
        "/sites/1/alerts".into(),
        "/alerts".into(),
        "/account/alerts".into(),
        "/account/digests/new".into(),
        "/sites/1/preferences/hosts".into(),
        "/sites/1/preferences/sharing".into(),
        "/sites/1/preferences/view-only".into(),
        "/account/profile".into(),
        "/account/security".into(),
        "/account/tokens".into(),
        "/account/sites".into(),
        "/account/preferences".into(),
        "/reset".into(),
        format!("/sites/1/visits/{visit}"),
        format!("/sites/1/visitors/{visitor}"),
        "/licenses".into(),
        "/help".into(),
        "/help/add-access".into(),
        "/help/update-access".into(),
        "/help/remove-access?site=1".into(),
        "/help/levels".into(),
        "/help/segments".into(),
        "/sites/1/segments?country=DE".into(),
        format!("/sites/1/visitors?date={RANGE}&country.not=DE&filter=actions&operator=is&value=many"),
        "/nowhere".into(),
    ];
    for report in [
        "visitors",
        "bounce-rate",
        "visitors-online",
        "pages",
        "countries",
        "links-recent",
        "custom",
        "left-out",
        "visitors-most-active",
        "funnels",
        "journeys",
        "split-tests",
        "retention",
        "hours",
        "web-vitals",
        "pages-not-found",
        "broken-links",
        "uptime",
        "uptime-list",
    ] {
        paths.push(format!("/sites/1/reports/{report}?date={RANGE}"));
    }
    for more in ["countries?by=web-browsers&", "pages?by=events&", "countries/item?value=DE&by=pages&"] {
        paths.push(format!("/sites/1/reports/{more}date={RANGE}"));
    }
    let axe = std::fs::read_to_string(env!("CLICKSTEAD_BUILD_AXE")).unwrap();
    with_browser(width, async |client| {
        sign_in_as(client, &server, "demo", &password).await;
        for (theme, rules) in AXE_RULES {
            script(client, &format!("document.cookie = 'theme={theme};path=/'")).await;
            for path in &paths {
                open(client, &server, path).await;
                let widths =
                    script(client, "return [document.scrollingElement.scrollWidth, innerWidth]").await;
                assert!(widths[0].as_i64() <= widths[1].as_i64(), "{path} at {width}: {widths}");
                script(client, &axe).await;
                let look = format!(
                    "const done = arguments[0]; axe.run({{ runOnly: {rules} }}).then((found) => done(found.violations.map((fault) => [fault.id, fault.nodes.map((node) => node.html).slice(0, 3)])))"
                );
                let found = client.execute_async(&look, vec![]).await.unwrap();
                assert_eq!(found, Value::Array(vec![]), "{path} at {width}, {theme}");
            }
        }
    });
}

#[test]
fn rows_with_equal_counts_stand_in_the_order_of_their_names_everywhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let paths = ["/zebra", "/apple", "/Cake", "/bread", "/%C3%A4pfel", "/dough", "/eclair"];
    for (number, path) in paths.iter().enumerate() {
        let referrer = format!("https://{}.example/", char::from(b'g' - u8::try_from(number).unwrap()));
        let owned = view(path);
        let said = [&fields(&owned)[..], &[("ref", referrer.as_str())]].concat();
        server.hit(&format!("81.2.{number}.1"), &said);
    }
    server.hit("81.3.1.1", &fields(&view("/zebra")));
    let sorted = ["/zebra", "/apple", "/bread", "/Cake", "/dough", "/eclair", "/äpfel"];
    let kept = ["/zebra", "/apple", "/bread", "/Cake", "/dough", "/eclair", "/%C3%A4pfel"];
    // In files, forward and backward: equals stand in the order of their names either way.
    let file = |server: &Server<'_>, cookie: &str, what: &str| -> Vec<String> {
        let rows = cells(&server.page(&format!("/sites/1/export/{what}"), cookie));
        rows.into_iter().skip(1).map(|mut row| row.remove(0)).collect()
    };
    let pages = kept.map(|path| format!("https://bakery.example{path}"));
    assert_eq!(file(&server, &ada, "pages.csv?date=today"), pages);
    let backward = file(&server, &ada, "pages.csv?date=today&sort=hits&order=up");
    assert_eq!(backward, [&pages[1..], &pages[..1]].concat());
    let domains = ["a", "b", "c", "d", "e", "f", "g"].map(|letter| format!("{letter}.example"));
    assert_eq!(file(&server, &ada, "links-domains.csv?date=today"), domains);
    // On screens: the report with the chart of its first five, a panel of the dashboard, a breakdown's rows and columns.
    let in_order = |page: &str, names: &[&str]| {
        let places = names.iter().map(|name| page.find(name).unwrap_or_else(|| panic!("{name}: {page}")));
        assert!(places.collect::<Vec<_>>().is_sorted(), "{names:?}: {page}");
    };
    let report = server.page("/sites/1/reports/pages?date=today", &ada);
    let shown = sorted.map(|path| format!("{path}<"));
    let shown = shown.each_ref().map(String::as_str);
    let (chart, _) = report.split_once("<tbody").unwrap();
    in_order(chart, &shown[..5]);
    in_order(report.rsplit("<tbody").next().unwrap(), &shown);
    let matrix = server.page("/sites/1/reports/pages?date=today&by=links-domains", &ada);
    in_order(matrix.split("<thead").nth(1).unwrap(), &["a.example", "b.example", "c.example", "d.example"]);
    // Another appliance numbers the texts otherwise, and says them in the same order.
    let exported = desk.path().join("site.jsonl");
    desk.text(&["export", "--site", "1", "--to", exported.to_str().unwrap()]);
    let other = Desk::empty();
    let first = ["init", "--username", "ada", "--email", "a@e.example", "--password-stdin", "--json"];
    other.json_with(super::harness::PASSWORD, &first);
    other.text(&["import", exported.to_str().unwrap()]);
    let server = other.serve();
    let ada = server.sign_in("ada");
    assert_eq!(file(&server, &ada, "pages.csv?date=today"), pages);
}
