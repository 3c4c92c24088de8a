//! Goals, revenue and annotations on screens in a real Chromium, and what View Only and guests see of them.

use super::chromium::{click, fill, sign_in, wait_for, wait_for_text, wait_until, with_browser};
use super::guest_links::link;
use super::harness::{Desk, Server, fields, today, view};
use super::http::{get, post};
use fantoccini::Client;
use fantoccini::key::Key;

async fn go(client: &Client, server: &Server<'_>, path: &str) {
    client.goto(&format!("http://{}{path}", server.address)).await.unwrap();
}

async fn press_enter(client: &Client) {
    client.active_element().await.unwrap().send_keys(&Key::Enter.to_string()).await.unwrap();
}

fn day_before_today(desk: &Desk) -> String {
    desk.texts(&format!("select date({} * 86400, 'unixepoch', '-1 day')", today())).remove(0)
}

/// A site with a goal of 12.50 USD that one visit reached by a campaign with costs, and an annotation of yesterday.
fn sold(desk: &Desk) -> Server<'_> {
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks", "--revenue", "12.50"]);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/thanks?utm_campaign=Spring")));
    desk.wait_for("count(*) = 1 from conversions");
    let ada = server.sign_in("ada");
    let day = day_before_today(desk);
    for (path, form) in [
        ("/sites/1/annotations", vec![("day", day.as_str()), ("text", "Market day")]),
        (
            "/sites/1/preferences/campaigns/costs",
            vec![("campaign", "Spring"), ("from", day.as_str()), ("cost", "5"), ("per", "day")],
        ),
    ] {
        assert_eq!(server.ask(&post(path, &form).cookie(&ada)).status, 303, "{path}");
    }
    server
}

#[test]
fn a_goal_says_what_it_would_have_matched_while_one_types_and_its_code_is_copied() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for visitor in 1..=3 {
        server.hit(&format!("81.2.69.{visitor}"), &fields(&view("/thanks")));
    }
    desk.wait_for("count(*) = 3 from visits");
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        go(client, &server, "/sites/1/preferences/goals/new").await;
        fill(client, "name", "Sale").await;
        fill(client, "pattern", "/thanks").await;
        let preview = "document.querySelector('#goal-preview').textContent";
        wait_until(client, &format!("{preview}.includes('3 visits')")).await;
        fill(client, "pattern", "/nothing").await;
        wait_until(client, &format!("{preview}.includes('No visit')")).await;
        // The code follows the name, and its buttons still copy.
        wait_until(client, "document.querySelector('#goal-code').textContent.includes('Sale')").await;
        click(client, "#goal-code [data-copy]").await;
        let said =
            "['Copied', 'Selected'].includes(document.querySelector('#goal-code [data-copy]').textContent)";
        wait_until(client, said).await;
    });
    assert_eq!(desk.number("select count(*) from goals"), 0);
}

#[test]
fn flags_of_annotations_stand_at_their_days_and_lead_to_them_by_key_and_mouse() {
    let desk = Desk::with_site();
    let server = sold(&desk);
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        go(client, &server, "/sites/1?date=last-7-days").await;
        wait_for(client, ".flags a").await;
        // Six days before today, of which yesterday is the fifth step of six.
        let place = "(() => { const [flag, plot] = ['.flags a', '.u-over'].map((css) => document.querySelector(css).getBoundingClientRect()); return Math.abs(flag.left + flag.width / 2 - plot.left - plot.width * 5 / 6) < 2; })()";
        wait_until(client, place).await;
        let is_there = "document.activeElement.id === 'note-1'";
        client.execute("document.querySelector('.flags a').focus()", vec![]).await.unwrap();
        press_enter(client).await;
        wait_until(client, is_there).await;
        client.execute("document.activeElement.blur()", vec![]).await.unwrap();
        click(client, ".flags a").await;
        wait_until(client, is_there).await;
        // A click on the chart's middle is the fourth of seven days: its annotation is added in place.
        click(client, ".u-over").await;
        wait_until(client, "document.activeElement.id === 'note-text-new'").await;
        client.active_element().await.unwrap().send_keys("Oven broken").await.unwrap();
        press_enter(client).await;
        wait_for_text(client, "Oven broken").await;
        wait_until(client, "document.querySelectorAll('.flags a').length === 2").await;
        wait_until(client, "location.search === '?date=last-7-days'").await;
    });
    let apart = format!("select cast({} - day as text) from annotations order by id", today());
    assert_eq!(desk.texts(&apart), ["1", "3"]);
}

/// The screens on which results of goals show.
const SCREENS: [&str; 7] = [
    "?date=last-7-days",
    "/reports?date=last-7-days",
    "/reports/goals?date=last-7-days",
    "/reports/campaigns?date=last-7-days",
    "/reports/campaigns?date=last-7-days&columns=goals",
    "/reports/campaigns?date=last-7-days&columns=goals&conversions-of=1",
    "/reports/goals/item?item=Order&date=last-7-days",
];
/// What only those read who may see revenue: headings, cards, amounts, and links that sort by them.
const MONEY: [&str; 8] =
    ["Revenue", "USD", "12.50", "Cost", "Return", "sort=revenue", "sort=cost", "reports/revenue"];
/// What only those read who may see annotations.
const NOTES: [&str; 3] = ["Market day", "id=\"annotations\"", "data-annotate"];

fn main_of(page: &str) -> &str {
    page.split_once("<main").map_or(page, |(_, main)| main)
}

/// Asserts which words the screens below a path have, together.
fn assert_told(server: &Server<'_>, (base, cookie): (&str, &str), words: &[&str], is_told: bool) {
    let pages: Vec<String> = SCREENS
        .iter()
        .map(|screen| {
            let answer = server.ask(&get(format!("{base}{screen}")).cookie(cookie));
            assert_eq!(answer.status, 200, "{base}{screen}");
            answer.text()
        })
        .collect();
    for word in words {
        let telling = SCREENS.iter().zip(&pages).find(|(_, page)| main_of(page).contains(word));
        assert_eq!(telling.is_some(), is_told, "{word}: {:?}", telling.map(|(screen, _)| screen));
    }
}

#[test]
fn view_only_and_guests_find_no_trace_of_revenue_and_annotations_until_they_are_chosen() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = sold(&desk);
    let (ada, vic) = (server.sign_in("ada"), server.sign_in("vic"));
    let (_, guest) = link(&desk, &["--reports", "visitors,goals,conversions,campaigns"]);
    assert_told(
        &server,
        ("/sites/1", &ada),
        &["Revenue", "12.50", "Cost", "sort=revenue", "Market day"],
        true,
    );
    for caller in [("/sites/1", vic.as_str()), (guest.as_str(), "")] {
        assert_told(&server, caller, &["Order", "Conversions"], true);
        assert_told(&server, caller, &MONEY, false);
        assert_told(&server, caller, &NOTES, false);
        for sort in ["revenue", "revenue-per-visit", "cost", "return", "cost-per-conversion"] {
            let path = format!("{}/reports/campaigns?date=today&sort={sort}", caller.0);
            let status = server.ask(&get(path).cookie(caller.1)).status;
            assert!(matches!(status, 403 | 404), "{sort}: {status}");
        }
    }
    let chosen = [
        ("report", "visitors"),
        ("report", "goals"),
        ("report", "conversions"),
        ("report", "campaigns"),
        ("revenue", "on"),
        ("annotations", "on"),
    ];
    let saved = server.ask(&post("/sites/1/preferences/view-only", &chosen).cookie(&ada));
    assert_eq!(saved.status, 303);
    assert_told(&server, ("/sites/1", &vic), &["Revenue", "12.50", "sort=revenue", "Market day"], true);
    // A guest reads annotations, not the names with which their authors sign in.
    let (_, open) = link(&desk, &["--reports", "visitors", "--visitor-data"]);
    let page =
        |site: &str, cookie: &str| server.page(&format!("{site}/reports/visitors?date=last-7-days"), cookie);
    let (own, guests) = (page("/sites/1", &ada), page(&open, ""));
    assert!(own.contains("note-author\">ada, "), "{own}");
    assert!(guests.contains("Market day") && !guests.contains("note-author\">ada"), "{guests}");
}

#[test]
fn without_the_report_on_goals_no_screen_tells_of_conversions() {
    let desk = Desk::with_site();
    let server = sold(&desk);
    let (_, guest) = link(&desk, &["--reports", "visitors,campaigns"]);
    for screen in ["?date=today", "/reports?date=today", "/reports/campaigns?date=today&columns=goals"] {
        let page = server.page(&format!("{guest}{screen}"), "");
        for word in ["Conversion", "Order", "sort=conversions"] {
            assert!(!main_of(&page).contains(word), "{screen}: {word}");
        }
    }
}

#[test]
fn the_report_on_goals_of_a_site_without_any_leads_to_the_first_one() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let (path, link) = ("/sites/1/reports/goals", "href=\"/sites/1/preferences/goals/new\"");
    assert!(server.page(path, &ada).contains(link));
    assert!(!server.page(path, &uma).contains(link));
}
