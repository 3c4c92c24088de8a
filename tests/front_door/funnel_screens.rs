//! The screen of funnels: its picture and its table, by keyboard, without JavaScript and on a phone, and who sees what of it.

use super::chromium::{devtools, sign_in, wait_for, wait_for_text, wait_until, with_browser};
use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::{get, post};
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::json;

const REPORT: &str = "/sites/1/reports/funnels?date=today";

/// A site with a funnel of three steps that four visits enter: one goes all the way, one looks at the bread instead of
/// the checkout, two leave.
fn shop(desk: &Desk) -> Server<'_> {
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks"]);
    let steps = ["--step", "page:/cart", "--step", "Pay=page:starts:/checkout", "--step", "goal:Order"];
    desk.text(&[&["funnel", "add", "--site", "1", "--name", "Checkout"][..], &steps].concat());
    let server = desk.serve();
    for (visitor, pages) in [
        (1, &["/cart", "/checkout/address", "/thanks"][..]),
        (2, &["/cart", "/bread"]),
        (3, &["/", "/cart"]),
        (4, &["/cart"]),
        (5, &["/"]),
    ] {
        for page in pages {
            server.hit(&format!("81.2.69.{visitor}"), &fields(&view(page)));
        }
    }
    desk.wait_for("count(*) = 9 from actions");
    server
}

fn main_of(page: &str) -> &str {
    page.split_once("<main").map_or(page, |(_, main)| main)
}

#[test]
fn the_screen_says_how_many_go_on_how_many_are_lost_and_where_they_went() {
    let desk = Desk::with_site();
    let server = shop(&desk);
    let ada = server.sign_in("ada");
    let page = server.page(REPORT, &ada);
    for words in [
        "25 %</b> went all the way",
        "<b>4</b><span class=\"hidden\"> visits,</span> <span class=\"quiet\">100 %</span>",
        "<b>1</b><span class=\"hidden\"> visit,</span> <span class=\"quiet\">25 %</span>",
        "<b>3</b> lost<span class=\"hidden\"> after step 1</span><span class=\"hidden\">. Open these visits</span>",
        "✕ left the site",
        "/bread",
        "Change this funnel",
        "funnel-step=1:1:lost",
    ] {
        assert!(page.contains(words), "{words}: {}", main_of(&page));
    }
    // The picture leads to the visits that it counts.
    for (filter, count) in [("1:1", 4), ("1:2", 1), ("1:3", 1), ("1:1:lost", 3)] {
        let list = server.page(&format!("/sites/1/visitors?date=today&funnel-step={filter}"), &ada);
        let rows = main_of(&list).matches("href=\"/sites/1/visits/").count();
        assert!(rows >= count, "{filter}: {rows} links for {count} visits");
    }
    let by = server.page(&format!("{REPORT}&by=pages-entrance"), &ada);
    assert!(by.contains("By entrance pages") && by.contains("All the way"), "{}", main_of(&by));
    let compared = server.page(&format!("{REPORT}&compare=previous"), &ada);
    assert!(compared.contains("Of step before"), "{}", main_of(&compared));
    let filtered = server.page(&format!("{REPORT}&landing=/nothing"), &ada);
    assert!(filtered.contains("Nobody took the first step"), "{}", main_of(&filtered));
    let unknown = server.ask(&get(format!("{REPORT}&funnel=7")).cookie(&ada));
    assert!(unknown.status == 422 && unknown.text().contains("There's no funnel “7”"), "{}", unknown.text());
}

#[test]
fn a_site_without_funnels_leads_those_to_the_first_one_who_may_add_it() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let link = "href=\"/sites/1/preferences/funnels/new\"";
    assert!(server.page(REPORT, &ada).contains(link));
    let page = server.page(REPORT, &uma);
    assert!(page.contains("No funnels yet") && !page.contains(link), "{}", main_of(&page));
}

#[test]
fn guests_see_funnels_only_with_goals_and_no_visits_that_they_may_not_list() {
    let desk = Desk::with_site();
    let server = shop(&desk);
    let ask = |reports: &str| {
        let path = link(&desk, &["--reports", reports]).1;
        server.ask(&get(format!("{path}/reports/funnels?date=today")))
    };
    assert_eq!(ask("funnels,visitors").status, 404, "funnels tell of goals");
    let hidden = ask("funnels,goals");
    let page = hidden.text();
    assert_eq!(hidden.status, 200);
    assert!(page.contains("Step 2, Pay: 1 visit") || page.contains("Pay"), "{}", main_of(&page));
    assert!(!page.contains("/bread") && !page.contains("Change this funnel"), "{}", main_of(&page));
    let (_, path) = link(&desk, &["--reports", "funnels,goals,pages"]);
    let moved = server.ask(&get(format!("{path}/funnels/1")));
    assert_eq!(moved.header("location"), format!("{path}/reports/funnels?funnel=1"));
    assert!(ask("funnels,goals,pages").text().contains("/bread"));
}

async fn go(client: &Client, server: &Server<'_>, path: &str) {
    client.goto(&format!("http://{}{path}", server.address)).await.unwrap();
}

async fn press(client: &Client, key: Key) {
    client.active_element().await.unwrap().send_keys(&key.to_string()).await.unwrap();
}

#[test]
fn a_step_is_reached_by_keyboard_and_opens_its_visits_with_enter() {
    let desk = Desk::with_site();
    let server = shop(&desk);
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        go(client, &server, REPORT).await;
        wait_for(client, "a.funnel-step").await;
        // Each bar is narrower than the one above.
        let widths = "[...document.querySelectorAll('.funnel-bar rect')].map((bar) => bar.getBoundingClientRect().width)";
        wait_until(
            client,
            &format!(
                "(() => {{ const w = {widths}; return w.length === 3 && w[0] > 2 * w[1] && w[1] > 0; }})()"
            ),
        )
        .await;
        client.execute("document.querySelector('#funnel').focus()", vec![]).await.unwrap();
        let is_second = "document.activeElement.textContent.startsWith('Step 2 Pay')";
        for _ in 0..9 {
            if client.execute(&format!("return Boolean({is_second})"), vec![]).await.unwrap() == json!(true) {
                break;
            }
            press(client, Key::Tab).await;
        }
        wait_until(client, is_second).await;
        wait_until(client, "getComputedStyle(document.activeElement).outlineStyle !== 'none'").await;
        press(client, Key::Enter).await;
        wait_until(client, "location.pathname === '/sites/1/visitors'").await;
        wait_for_text(client, "step 2 of Checkout").await;
    });
}

#[test]
fn a_phone_shows_the_picture_without_scrolling_sideways() {
    let desk = Desk::with_site();
    let server = shop(&desk);
    with_browser(390, async |client| {
        sign_in(client, &server).await;
        for path in [REPORT, "/sites/1/preferences/funnels/1", "/sites/1/reports/funnels?date=today&by=pages"]
        {
            go(client, &server, path).await;
            wait_until(client, "document.readyState === 'complete'").await;
            wait_until(client, "document.documentElement.scrollWidth <= window.innerWidth").await;
        }
    });
}

#[test]
fn funnels_are_set_up_and_read_where_javascript_is_off() {
    let desk = Desk::with_site();
    let server = shop(&desk);
    let ada = server.sign_in("ada");
    assert_eq!(server.ask(&post("/sites/1/preferences/funnels/1/remove", &[]).cookie(&ada)).status, 303);
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        devtools(client, "Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        go(client, &server, "/sites/1/preferences/funnels/new").await;
        let type_into = async |id: &str, text: &str| {
            client.find(Locator::Id(id)).await.unwrap().send_keys(text).await.unwrap();
        };
        let press_button =
            async |css: &str| client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
        type_into("name", "Way").await;
        type_into("pattern-1", "/cart").await;
        type_into("pattern-2", "/checkout/address").await;
        press_button("button[value=more]").await;
        wait_for(client, "#step-4").await;
        type_into("pattern-4", "/thanks").await;
        press_button("button[value=remove-3]").await;
        client.wait().for_element(Locator::Css("#step-3")).await.unwrap();
        // Enter saves: it presses no button of a step.
        type_into("name", &Key::Enter.to_string()).await;
        wait_for_text(client, "/cart → /checkout/address → /thanks").await;
        go(client, &server, REPORT).await;
        wait_for_text(client, "went all the way").await;
        assert_eq!(client.find_all(Locator::Css("a.funnel-step")).await.unwrap().len(), 3);
        assert_eq!(client.find_all(Locator::Css(".funnel-table tbody tr")).await.unwrap().len(), 3);
        press_button("a.funnel-step").await;
        wait_for_text(client, "step 1 of Way").await;
    });
}
