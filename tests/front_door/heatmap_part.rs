//! The part of the page code that records clicks and scroll depth, in a real Chromium.

use super::browser::{page_code, serve_book, wait_for_hit};
use super::chromium::{click, note_beacons, switch_privacy_control_on, wait_until, with_browser};
use super::harness::Desk;
use fantoccini::Client;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};

/// Whether the page measures already: the part says how far the page was read.
pub const MEASURES: &str = "window.clicky && clicky.depth > 0";
/// Hides the page, as a visitor does who goes to another tab.
pub const HIDE: &str =
    "Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))";
/// Whether the last click is a second ago.
pub const DECIDED: &str = "performance.now() - (window.clickedAt || 0) > 1200";
/// Notes when the page was clicked, and lets no link lead away.
pub const NOTES: &str = "<script>addEventListener('click', (event) => {
    window.clickedAt = performance.now();
    window.clicks = (window.clicks || 0) + 1;
  }, true)</script>";

pub fn recorded() -> Desk {
    let desk = Desk::with_site_here();
    desk.text(&["site", "heatmaps", "1", "--page", "/*"]);
    desk
}

/// Elements that stay at the top of the window, above the book.
fn above(elements: &str) -> String {
    format!(
        "<div id=above style='position:fixed;top:0;left:0;right:0;height:200px;z-index:9999;background:#fff'>{elements}</div>{NOTES}"
    )
}

async fn open(client: &Client, address: std::net::SocketAddr) {
    client.goto(&format!("http://{address}/title-page.html")).await.unwrap();
    wait_for_hit(client).await;
    wait_until(client, MEASURES).await;
}

/// Clicks a point of an element of the page several times, in pixels from its middle.
pub async fn click_at(client: &Client, element: &str, (x, y): (f64, f64), times: usize) {
    let middle = format!(
        "const box = {element}.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]"
    );
    let middle: [f64; 2] = serde_json::from_value(client.execute(&middle, vec![]).await.unwrap()).unwrap();
    let (x, y) = (middle[0] + x, middle[1] + y);
    let button = fantoccini::actions::MOUSE_BUTTON_LEFT;
    let mut mouse = MouseActions::new("mouse".into()).then(PointerAction::MoveTo { duration: None, x, y });
    for _ in 0..times {
        mouse = mouse.then(PointerAction::Down { button }).then(PointerAction::Up { button });
    }
    client.perform_actions(mouse).await.unwrap();
}

/// Each click as its selector, its text, `rage` and `dead`.
fn told(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select elements.text || ' = ' || ifnull(texts.text, '-') || iif(is_rage, ' rage', '') || iif(is_dead, ' dead', '')
         from heatmap_clicks
         join labels as elements on elements.id = element
         left join labels as texts on texts.id = heatmap_clicks.text
         order by visit_id, number",
    )
}

#[test]
fn clicks_are_told_with_their_element_and_place_and_whether_anything_happened() {
    let desk = recorded();
    let server = desk.serve();
    let page = above(
        "<button id=order style='position:absolute;left:100px;top:40px;width:200px;height:40px'
           onclick='this.title += \"!\"'>Order bread</button>
         <p id=plain style='position:absolute;left:400px;top:40px;width:200px;height:40px'>Nothing here</p>",
    );
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        open(client, book).await;
        click_at(client, "order", (50.0, -10.0), 1).await;
        wait_until(client, DECIDED).await;
        click_at(client, "plain", (0.0, 0.0), 4).await;
        wait_until(client, DECIDED).await;
        client.execute(HIDE, vec![]).await.unwrap();
        desk.wait_for("(select count(*) from heatmap_clicks) = 5");
    });
    assert_eq!(
        told(&desk),
        [
            "#order = Order bread",
            "#plain = - dead",
            "#plain = - dead",
            "#plain = - dead",
            "#plain = - rage dead",
        ]
    );
    let places = desk.texts(
        "select x || ' ' || y || ' ' || width || ' ' || element_x || ' ' || element_y from heatmap_clicks where number = 1",
    );
    let found: Vec<i64> = places[0].split(' ').map(|number| number.parse().unwrap()).collect();
    let near = |number: i64, expected: i64, most: i64| (number - expected).abs() <= most;
    assert!(near(found[0], 250, 2) && near(found[1], 50, 2) && found[2] >= 1_200, "{places:?}");
    assert!(near(found[3], 7_500, 100) && near(found[4], 2_500, 300), "{places:?}");
}

#[test]
fn three_clicks_that_select_a_paragraph_are_no_rage_and_three_on_a_button_are() {
    let desk = recorded();
    let server = desk.serve();
    let page = above(
        "<p id=text style='position:absolute;left:100px;top:40px;width:200px;height:40px'>Open from seven</p>
         <button id=order style='position:absolute;left:400px;top:40px;width:200px;height:40px'>Order bread</button>",
    );
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        open(client, book).await;
        click_at(client, "text", (-80.0, -10.0), 3).await;
        wait_until(client, "String(getSelection()).trim() == 'Open from seven'").await;
        wait_until(client, DECIDED).await;
        // A button takes no selection, and leaves the one elsewhere as it is.
        client
            .execute("order.addEventListener('mousedown', (event) => event.preventDefault())", vec![])
            .await
            .unwrap();
        click_at(client, "order", (0.0, 0.0), 3).await;
        wait_until(client, "String(getSelection()).trim() == 'Open from seven'").await;
        wait_until(client, DECIDED).await;
        client.execute(HIDE, vec![]).await.unwrap();
        desk.wait_for("(select count(*) from heatmap_clicks) = 6");
    });
    let rage =
        "select labels.text || ' ' || sum(is_rage) from heatmap_clicks join labels on labels.id = element
                group by labels.text order by 1";
    assert_eq!(desk.texts(rage), ["#order 1", "#text 0"]);
}

#[test]
fn clicks_are_recorded_from_the_consent_on_until_it_is_taken_back() {
    let desk = recorded();
    desk.open().execute_batch("update sites set consent_needed = 1, cookies_allowed = 1").unwrap();
    let server = desk.serve();
    let page = above("<button id=one onclick='this.title += 1'>One</button>");
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        note_beacons(client).await;
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.execute("clicky.consent()", vec![]).await.unwrap();
        wait_until(client, MEASURES).await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.execute(HIDE, vec![]).await.unwrap();
        desk.wait_for("(select count(*) from heatmap_clicks) = 1");
        client.execute("clicky.consent(false)", vec![]).await.unwrap();
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.execute("sent.length = 0", vec![]).await.unwrap();
        client.execute(HIDE, vec![]).await.unwrap();
        client.execute("clicky.log('#end', 'End')", vec![]).await.unwrap();
        wait_until(client, "sent.some((body) => body.includes('End'))").await;
        let told = client.execute("return sent.filter((body) => /heatmap|depth/.test(body)).length", vec![]);
        assert_eq!(told.await.unwrap(), 0);
    });
    assert_eq!(desk.number("select count(*) from heatmap_clicks"), 1);
}

#[test]
fn what_is_typed_or_private_is_not_told_and_shadow_roots_are_looked_through() {
    let desk = recorded();
    let server = desk.serve();
    let page = above(
        "<input id=name value='Vera Secret'>
         <div data-private><button id=hidden>Account of Vera</button></div>
         <x-shop id=shop></x-shop>
         <script>
           const shop = document.getElementById('shop').attachShadow({ mode: 'open' });
           shop.innerHTML = '<button onclick=\"this.title = 1\">Rye</button><button onclick=\"this.title = 1\">Wheat</button>';
           window.wheat = shop.querySelectorAll('button')[1];
         </script>",
    );
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        open(client, book).await;
        click(client, "#name").await;
        click(client, "#hidden").await;
        click_at(client, "wheat", (0.0, 0.0), 1).await;
        wait_until(client, DECIDED).await;
        client.execute(HIDE, vec![]).await.unwrap();
        desk.wait_for("(select count(*) from heatmap_clicks) >= 2");
    });
    assert_eq!(told(&desk), ["#name = -", "#shop >>> button:nth-of-type(2) = Wheat"]);
    let texts = desk.texts("select text from labels where text like '%Vera%' or text like '%hidden%'");
    assert!(texts.is_empty(), "{texts:?}");
}

#[test]
fn pages_of_an_application_have_their_own_clicks_depths_and_times() {
    let desk = recorded();
    let server = desk.serve();
    let page = above("<button id=one onclick='this.title += 1'>One</button>");
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        open(client, book).await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.execute("scrollTo(0, document.documentElement.scrollHeight)", vec![]).await.unwrap();
        wait_until(client, "clicky.depth == 1000").await;
        client.execute("history.pushState({}, '', '/later.html')", vec![]).await.unwrap();
        wait_until(client, "clicky.view.endsWith('/later.html')").await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.goto(&format!("http://{book}/foreword.html")).await.unwrap();
        wait_for_hit(client).await;
    });
    desk.wait_for("(select count(*) from page_reads) >= 2");
    desk.wait_for("(select count(*) from heatmap_clicks) = 2");
    let pages =
        desk.texts("select labels.text from heatmap_clicks join labels on labels.id = page order by 1");
    assert!(pages[0].ends_with("/later.html") && pages[1].ends_with("/title-page.html"), "{pages:?}");
    let read = |page: &str| {
        desk.texts(&format!(
            "select (seconds >= 1) || ' ' || ifnull(depth, '-') from page_reads join labels on labels.id = page where text like '%{page}'"
        ))
    };
    assert_eq!(read("/title-page.html"), ["1 1000"]);
    assert!(read("/later.html")[0].starts_with("1 "), "{:?}", read("/later.html"));
}

#[test]
fn a_page_that_turns_heatmaps_off_or_a_browser_with_privacy_control_sends_no_clicks() {
    let desk = recorded();
    let server = desk.serve();
    let page =
        above("<button id=one>One</button><script>window.clicky_custom = { heatmap_disable: 1 }</script>");
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(
            client,
            "performance.getEntriesByType('resource').some(e => e.name.endsWith('/heatmap.js'))",
        )
        .await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.goto(&format!("http://{book}/foreword.html")).await.unwrap();
        wait_for_hit(client).await;
    });
    let plain = serve_book(format!("{}{}", above("<button id=one>One</button>"), page_code(&server)));
    with_browser(1_280, async |client| {
        switch_privacy_control_on(client).await;
        client.goto(&format!("http://{plain}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        let parts =
            client.execute("return document.querySelectorAll('script[src$=\"/heatmap.js\"]').length", vec![]);
        assert_eq!(parts.await.unwrap(), 0);
        client.goto(&format!("http://{plain}/foreword.html")).await.unwrap();
        wait_for_hit(client).await;
    });
    desk.wait_for("(select count(*) from page_reads) >= 1");
    assert_eq!(desk.number("select count(*) from heatmap_clicks"), 0);
    assert_eq!(desk.number("select count(depth) from page_reads"), 0);
}

#[test]
fn a_page_whose_scripts_throw_is_recorded() {
    let desk = recorded();
    let server = desk.serve();
    let traps = "<script>
        MutationObserver.prototype.observe = () => { throw new Error('no'); };
        window.getSelection = () => { throw new Error('no'); };
        addEventListener('error', () => { window.failed = true; });
      </script>";
    let page = format!("{traps}{}", above("<button id=one onclick='throw new Error(1)'>One</button>"));
    let book = serve_book(format!("{page}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        open(client, book).await;
        click(client, "#one").await;
        wait_until(client, DECIDED).await;
        client.execute(HIDE, vec![]).await.unwrap();
        desk.wait_for("(select count(*) from heatmap_clicks) = 1");
    });
    assert!(told(&desk)[0].starts_with("#one = One"), "{:?}", told(&desk));
}
