//! Heatmaps in the dashboard and as files, and how long and how far pages are read in reports. The clicks are in the file when
//! the server starts.

use super::access::with_everybody;
use super::api_client::Program;
use super::chromium::{click, sign_in, wait_until, with_browser};
use super::guest_links::link;
use super::harness::{Desk, Server, beacon, fields, view};
use super::http::get;
use serde_json::{Value, json};

const SHOP: &str = "https://bakery.example/shop";
const ABOUT: &str = "https://bakery.example/about";
const SHOP_SCREEN: &str = "/sites/1/heatmaps/page?of=https%3A%2F%2Fbakery.example%2Fshop&date=today";
const LIST: &str = "/sites/1/heatmaps?date=today";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

/// A click: the visit by its place, the selector and the text of the element, the width of the window, rage and dead.
type Click = (usize, Option<(&'static str, &'static str)>, i64, bool, bool);

const CLICKS: [Click; 7] = [
    (0, Some(("#order", "Order bread")), 1_400, false, false),
    (0, Some(("#order", "Order bread")), 1_400, true, false),
    (0, Some(("main > img", "")), 1_400, false, true),
    (1, Some(("#order", "Order bread")), 390, false, false),
    (1, Some(("#order", "Order rolls")), 390, false, false),
    (1, None, 390, false, false),
    (2, Some(("nav > a", "About")), 1_000, false, true),
];

/// Adds a site's clicks and how its pages were read to three visits of the shop: on two desktops, and on a phone in between.
fn fill(desk: &Desk) {
    let server = desk.serve();
    for (address, is_phone) in [("81.2.69.1", false), ("193.0.6.139", true), ("81.2.69.144", false)] {
        let hit = view("/shop");
        let hit = beacon(address, &fields(&hit));
        let hit = if is_phone { hit.without("User-Agent").header("User-Agent", PHONE) } else { hit };
        assert!(server.ask(&hit).status < 300);
    }
    for page in ["/about", "/contact"] {
        server.hit("81.2.69.1", &fields(&view(page)));
    }
    server.stop();
    let file = desk.open();
    let label = |text: &str| -> i64 {
        file.execute("insert or ignore into labels (text) values (?1)", [text]).unwrap();
        file.query_row("select id from labels where text = ?1", [text], |row| row.get(0)).unwrap()
    };
    let visits: Vec<i64> = desk
        .texts("select cast(id as text) from visits order by id")
        .iter()
        .map(|id| id.parse().unwrap())
        .collect();
    for (number, (visit, element, width, is_rage, is_dead)) in (1..).zip(CLICKS) {
        let element =
            element.map(|(selector, text)| (label(selector), (!text.is_empty()).then(|| label(text))));
        file.execute(
            "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width, element, text, element_x, element_y, is_rage, is_dead)
             values (1, ?1, ?2, ?3, 10, 20, ?4, ?5, ?6, 5000, 2500, ?7, ?8)",
            (visits[visit], number, label(SHOP), width, element.map(|of| of.0), element.and_then(|of| of.1), is_rage, is_dead),
        )
        .unwrap();
    }
    for (visit, page, seconds, depth) in [
        (0, SHOP, 30, Some(1_000)),
        (1, SHOP, 61, Some(260)),
        (2, SHOP, 20, None),
        (0, ABOUT, 5, Some(500)),
        // Time is measured on all pages, clicks and depths on those that are chosen.
        (0, "https://bakery.example/contact", 8, None),
    ] {
        let sql =
            "insert into page_reads (site_id, visit_id, page, seconds, depth) values (1, ?1, ?2, ?3, ?4)";
        file.execute(sql, (visits[visit], label(page), seconds, depth)).unwrap();
    }
}

/// Chooses all pages of the site.
fn choose(desk: &Desk) {
    desk.open().execute("update sites set heatmap_pages = '/*'", []).unwrap();
}

fn filled() -> Desk {
    let desk = Desk::with_site();
    choose(&desk);
    fill(&desk);
    desk
}

/// The texts of the cells of the first row that has a text.
fn row(page: &str, text: &str) -> Vec<String> {
    let row = page.split("<tr").find(|row| row.contains(text));
    let row = row.unwrap_or_else(|| panic!("{text}: {page}")).split("</tr>").next().unwrap();
    row.split("<td").skip(1).map(|cell| words(&format!("<td{cell}"))).collect()
}

/// The words of a part of a page.
fn words(part: &str) -> String {
    let texts = part.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text.trim());
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_list_has_the_clicked_and_read_pages_in_the_order_that_is_asked_for() {
    let desk = filled();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = server.page(LIST, &ada);
    assert!(page.contains("href=\"/sites/1/heatmaps?date=today\" aria-current=\"page\""), "{page}");
    assert_eq!(row(&page, "title=\"https://bakery.example/shop\"")[1..], ["7", "1", "2", "3", "63 %", "37s"]);
    assert_eq!(row(&page, "title=\"https://bakery.example/about\"")[1..], ["0", "0", "0", "0", "50 %", "5s"]);
    assert!(!page.contains("/contact") && !page.contains("compare-menu"), "{page}");
    let first = |query: &str| {
        let page = server.page(&format!("{LIST}{query}"), &ada);
        row(&page, "title=\"https://bakery.example/")[0].clone()
    };
    assert!(first("").contains("/shop") && first("&sort=time&order=up").contains("/about"));
    assert!(first("&sort=time").contains("/shop") && first("&find=about").contains("/about"));
    let nothing = server.page(&format!("{LIST}&find=cellar"), &ada);
    assert!(nothing.contains("No page contains “cellar”"), "{nothing}");
    // A visit that never clicked has no part in it.
    let filtered = server.page(&format!("{LIST}&href=/about"), &ada);
    assert_eq!(
        row(&filtered, "title=\"https://bakery.example/shop\"")[1..],
        ["3", "1", "1", "1", "100 %", "30s"]
    );
}

#[test]
fn a_page_has_its_elements_and_the_share_of_visits_that_reached_each_tenth_of_it() {
    let desk = filled();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = server.page(SHOP_SCREEN, &ada);
    assert!(page.contains("<h1 class=\"cut\" title=\"https://bakery.example/shop\">/shop</h1>"), "{page}");
    assert_eq!(row(&page, "title=\"#order\""), ["Order bread #order", "4", "57.1 %", "1", "0"]);
    assert_eq!(row(&page, "title=\"main &gt; img\""), ["main &gt; img", "1", "14.3 %", "0", "1"]);
    assert_eq!(row(&page, "Element not known")[1..], ["1", "14.3 %", "–", "–"]);
    for (tenth, share, visits) in
        [("Top", "100 %", "2"), ("20 %", "100 %", "2"), ("30 %", "50 %", "1"), ("100 % (end)", "50 %", "1")]
    {
        assert_eq!(row(&page, &format!(">{tenth}<")), [tenth, share, visits]);
    }
    let phone = server.page(&format!("{SHOP_SCREEN}&device=phone"), &ada);
    assert_eq!(row(&phone, "title=\"#order\""), ["Order bread #order", "2", "66.7 %", "0", "0"]);
    assert_eq!(row(&phone, ">20 %<"), ["20 %", "100 %", "1"]);
    let tablet = server.page(&format!("{SHOP_SCREEN}&device=tablet"), &ada);
    assert!(tablet.contains("nav &gt; a") && !tablet.contains("#order"), "{tablet}");
    assert!(tablet.contains("No scroll depth was measured"), "{tablet}");
}

#[test]
fn the_list_is_searched_sorted_and_opened_in_a_browser() {
    let desk = filled();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}{LIST}", server.address)).await.unwrap();
        wait_until(client, "document.querySelectorAll('#table tbody tr').length == 2").await;
        click(client, "#table th:nth-of-type(7) a").await;
        wait_until(client, "document.querySelector('#table th:nth-of-type(7)[aria-sort=descending]')").await;
        let search = "const find = document.querySelector('[name=find]'); find.value = 'shop';
                      find.dispatchEvent(new Event('input', { bubbles: true }))";
        client.execute(search, vec![]).await.unwrap();
        wait_until(client, "document.querySelectorAll('#table tbody tr').length == 1").await;
        click(client, "#table a.row-link").await;
        wait_until(client, "document.querySelector('h1').textContent == '/shop'").await;
        click(client, ".column-choice a:nth-of-type(2)").await;
        wait_until(client, "document.querySelector('.elements tbody .number').textContent == '2'").await;
        assert!(client.current_url().await.unwrap().as_str().contains("device=phone"));
    });
}

#[test]
fn clicks_that_clickys_page_code_sends_are_shown_at_once() {
    let desk = Desk::with_site();
    choose(&desk);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/shop")));
    let points = [format!("{SHOP}|120|640|1400"), format!("{SHOP}|125|642|390")];
    let beacon = [("type", "heatmap"), ("href", SHOP), ("heatmap[]", &points[0]), ("heatmap[]", &points[1])];
    assert!(server.hit("81.2.69.1", &beacon).status < 300);
    let ada = server.sign_in("ada");
    assert_eq!(
        row(&server.page(LIST, &ada), &format!("title=\"{SHOP}\""))[1..],
        ["2", "0", "0", "1", "–", "–"]
    );
    let page = server.page(&format!("{SHOP_SCREEN}&device=phone"), &ada);
    assert_eq!(row(&page, "Element not known")[1..], ["1", "100 %", "–", "–"]);
}

#[test]
fn files_have_the_numbers_of_the_screens() {
    let desk = filled();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let file = |path: &str| {
        let answer = server.ask(&get(path).cookie(&ada));
        assert_eq!(answer.status, 200, "{path}");
        answer
    };
    let list = file("/sites/1/heatmaps.csv?date=today");
    assert!(list.header("content-disposition").contains("bakery.example-heatmaps-"));
    assert_eq!(
        list.text().lines().collect::<Vec<_>>(),
        [
            "page,clicks,rage_clicks,dead_clicks,visits_that_clicked,visits_measured,scroll_depth,visits_timed,time_on_page",
            "https://bakery.example/shop,7,1,2,3,2,63.0,3,37",
            "https://bakery.example/about,0,0,0,0,1,50.0,1,5",
        ]
    );
    let page = file(&SHOP_SCREEN.replace("/page?", "/page.csv?")).text();
    let lines: Vec<&str> = page.lines().collect();
    assert_eq!(lines[0], "kind,element,text,clicks,rage_clicks,dead_clicks,visits");
    assert_eq!(lines[1], "element,#order,Order bread,4,1,0,");
    assert_eq!(lines[4..7], ["other,,,1,0,0,", "depth,0%,,,,,2", "depth,5%,,,,,2"]);
    assert_eq!((lines.len(), lines[25]), (26, "depth,100%,,,,,1"));
    let log = desk.texts("select about from audit order by id");
    assert!(log.iter().any(|about| about.contains("heatmaps")), "{log:?}");
}

#[test]
fn only_those_who_may_see_heatmaps_find_them() {
    let desk = with_everybody();
    let (_, path) = link(&desk, &["--reports", "pages"]);
    let server = desk.serve();
    server.hit("81.2.69.9", &fields(&view("/shop")));
    for (name, status) in [("ada", 200), ("adam", 200), ("uma", 200), ("vic", 403), ("eve", 404)] {
        let cookie = server.sign_in(name);
        for screen in [LIST, SHOP_SCREEN, "/sites/1/heatmaps.csv", "/sites/1/heatmaps/page.csv?of=x"] {
            assert_eq!(server.ask(&get(screen).cookie(&cookie)).status, status, "{name} {screen}");
        }
        if status != 404 {
            let dashboard = server.page("/sites/1", &cookie);
            assert_eq!(dashboard.contains("/sites/1/heatmaps"), status == 200, "{name}");
            let row = server.page(&format!("/sites/1/reports/pages/item?item={SHOP}&date=today"), &cookie);
            assert_eq!(
                row.contains("/sites/1/heatmaps/page?date=today&amp;of=https%3A%2F%2Fbakery.example%2Fshop"),
                status == 200,
                "{name}: {row}"
            );
        }
    }
    assert_eq!(server.ask(&get(format!("{path}/heatmaps"))).status, 404);
    assert!(!server.ask(&get(path.as_str())).text().contains("eatmaps"));
}

#[test]
fn a_site_without_heatmaps_says_what_to_do_to_those_who_may() {
    let desk = with_everybody();
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let (owner, user) = (server.page(LIST, &ada), server.page(LIST, &uma));
    assert!(
        owner.contains("Heatmaps aren't recorded yet") && owner.contains("/sites/1/preferences/heatmaps")
    );
    assert!(
        user.contains("Administrators can choose them") && !user.contains("/sites/1/preferences/heatmaps")
    );
    choose(&desk);
    assert!(server.page(LIST, &ada).contains("No clicks in this period"));
    assert!(server.page(SHOP_SCREEN, &ada).contains("No clicks on this page in this period"));
}

#[test]
fn a_range_that_begins_before_the_days_that_are_kept_says_so() {
    let desk = filled();
    desk.text(&["site", "heatmaps", "1", "--days", "30"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let says = |screen: &str, range: &str| {
        let page = server.page(&screen.replace("date=today", range), &ada);
        page.contains("Clicks and scroll depths from before ")
    };
    for screen in [LIST, SHOP_SCREEN] {
        assert!(says(screen, "date=last-31-days") && !says(screen, "date=last-30-days"), "{screen}");
    }
}

#[test]
fn an_address_without_a_page_or_with_another_device_is_refused() {
    let desk = filled();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (path, sentence) in [
        ("/sites/1/heatmaps/page", "Choose a page from the list of heatmaps."),
        ("/sites/1/heatmaps/page.csv?of=", "Choose a page from the list of heatmaps."),
        (&format!("{SHOP_SCREEN}&device=watch"), "Choose phone, tablet or desktop."),
    ] {
        let answer = server.ask(&get(path).cookie(&ada));
        assert!(answer.status == 422 && answer.text().contains(sentence), "{path}: {}", answer.text());
    }
    let unknown = server.page("/sites/1/heatmaps/page?of=%3Cscript%3Ealert(1)%3C/script%3E&date=today", &ada);
    assert!(!unknown.contains("<script>alert") && unknown.contains("No clicks on this page"));
}

/// The report on pages, as programs and people read it.
fn reading(server: &Server<'_>, program: &Program, cookie: &str) -> (String, String, Value) {
    (
        server.page("/sites/1/reports/pages?date=today", cookie),
        server.ask(&get("/sites/1/export/pages.csv?date=today").cookie(cookie)).text(),
        program.read(server, "reports/pages?date=today"),
    )
}

#[test]
fn time_on_page_and_scroll_depth_are_columns_of_pages_as_soon_as_they_are_measured() {
    let desk = Desk::with_site();
    let program = Program::with_key(&desk);
    {
        let server = desk.serve();
        server.hit("81.2.69.7", &fields(&view("/new")));
        let (page, file, reply) = reading(&server, &program, &server.sign_in("ada"));
        assert!(!page.contains("Time on page") && !file.contains("time_on_page"), "{page}");
        assert!(reply["rows"][0].get("time_on_page").is_none() && reply["rows"][0]["count"] == 1, "{reply}");
    }
    fill(&desk);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let (page, file, reply) = reading(&server, &program, &ada);
    assert!(page.contains("Time on page") && page.contains("Scroll depth"), "{page}");
    let shop = row(&page, "behind https://bakery.example/shop\"");
    assert!(shop.contains(&"37s".to_owned()) && shop.contains(&"63 %".to_owned()), "{shop:?}");
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[0].contains(",bounces,time_on_page,scroll_depth,count_before,"), "{file}");
    for (row, values) in [(SHOP, "2,37,63.0,0,"), ("https://bakery.example/new", "1,,,0,")] {
        let row = lines.iter().find(|line| line.starts_with(&format!("{row},"))).unwrap();
        assert!(row.contains(&format!(",{values}")), "{row}");
    }
    let of = |path: &str| {
        reply["rows"].as_array().unwrap().iter().find(|row| row["item"] == path).unwrap().clone()
    };
    assert_eq!((&of(SHOP)["time_on_page"], &of(SHOP)["scroll_depth"]), (&json!(37), &json!(63.0)));
    let contact = of("https://bakery.example/contact");
    assert!(contact.get("scroll_depth").is_none() && contact["time_on_page"] == 8, "{contact}");
    let sorted = program.read(&server, "reports/pages?date=today&sort=time_on_page&limit=1");
    assert_eq!(sorted["rows"][0]["item"], SHOP);
    let sorted = server.page("/sites/1/reports/pages?date=today&sort=time-on-page", &ada);
    assert!(
        sorted.find("behind https://bakery.example/shop\"")
            < sorted.find("behind https://bakery.example/about\""),
        "{sorted}"
    );
    assert!(
        sorted.find("behind https://bakery.example/about\"")
            < sorted.find("behind https://bakery.example/new\""),
        "{sorted}"
    );
    // Whoever sees the report sees them.
    let (_, guest) = link(&desk, &["--reports", "pages"]);
    let told = server.ask(&get(format!("{guest}/reports/pages?date=today"))).text();
    assert!(told.contains("Time on page") && told.contains("63 %"), "{told}");
    // They are measured for pages alone.
    let countries = program.read(&server, "reports/countries?date=today");
    assert!(countries["rows"][0].get("time_on_page").is_none(), "{countries}");
}
