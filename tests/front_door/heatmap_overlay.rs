//! The heatmap over its page: who may open it and for how long, and the drawing in a real Chromium.

use super::browser::{page_code, serve_book, serve_book_with, wait_for_hit};
use super::chromium::{devtools, note_beacons, wait_until, with_browser};
use super::harness::{Desk, PASSWORD, Server};
use super::heatmap_part::{DECIDED, HIDE, MEASURES, NOTES, click_at, recorded};
use super::http::{Answer, get, post};
use fantoccini::Client;
use std::fs;
use std::net::SocketAddr;

/// A page of the store with one click of a desktop's window, which is known by its element.
const PAGE: &str = "https://bakery.example/shop";
/// Whether the numbers are shown.
const SHOWN: &str = "document.querySelector('clickstead-heatmap')?.shadowRoot.querySelector('.said').textContent.includes('visit')";
/// The element whose places differ by the width of the window, above the book.
const ORDER: &str = "<style>
    #order { position: fixed; z-index: 999; left: 700px; top: 300px; width: 200px; height: 40px; }
    @media (max-width: 600px) { #order { left: 20px; top: 400px; width: 300px; height: 80px; } }
  </style><button id=order onclick='this.title += \"!\"'>Order bread</button>";

fn with_a_click() -> Desk {
    let desk = Desk::with_site();
    desk.text(&["site", "heatmaps", "1", "--page", "/*"]);
    desk
}

/// A site whose pages this machine serves, at any port.
fn tracked() -> Desk {
    let desk = recorded();
    desk.open().execute("update sites set domain = '127.0.0.1'", []).unwrap();
    desk
}

/// Sends a page view with a click on its button.
fn visit(server: &Server<'_>, address: &str, page: &str) {
    server.hit(address, &[("type", "pageview"), ("href", page), ("jsuid", "12345")]);
    let click = "100|200|1440|5000|5000|0|#order|Order bread";
    let told =
        server.hit(address, &[("type", "heatmap"), ("href", page), ("jsuid", "12345"), ("click[]", click)]);
    assert_eq!(told.status, 200);
}

/// Returns the address to which the heatmap's screen of a page leads.
fn opened(server: &Server<'_>, cookie: &str, page: &str, query: &str) -> String {
    let of: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
    let answer =
        server.ask(&post(format!("/sites/1/heatmaps/open?of={of}&date=today{query}"), &[]).cookie(cookie));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("refresh").strip_prefix("0; url=").unwrap().to_owned()
}

fn token_of(address: &str) -> &str {
    address.split_once("#clickstead-heatmap=").unwrap().1
}

/// Asks for the numbers as the script does: from another website, without a cookie.
fn ask(server: &Server<'_>, token: &str, choice: &[(&str, &str)]) -> Answer {
    let fields = [&[("token", token)], choice].concat();
    let request = post("/heatmap-overlay", &fields)
        .without("Sec-Fetch-Site")
        .header("Sec-Fetch-Site", "cross-site")
        .header("Origin", "https://bakery.example");
    server.ask(&request)
}

#[test]
fn a_token_tells_the_numbers_of_its_page_and_nothing_else() {
    let desk = with_a_click();
    let server = desk.serve();
    visit(&server, "81.2.69.1", PAGE);
    visit(&server, "81.2.69.2", "https://bakery.example/secret");
    let ada = server.sign_in("ada");
    let address = opened(&server, &ada, PAGE, "");
    assert!(address.starts_with("https://bakery.example/shop#clickstead-heatmap="), "{address}");
    let answer =
        ask(&server, token_of(&address), &[("of", "https://bakery.example/secret"), ("page", "/secret")]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "no-store");
    let found = answer.json();
    assert_eq!((found["clicks"].as_i64(), found["visits"].as_i64()), (Some(1), Some(1)));
    assert_eq!(found["elements"][0]["selector"], "#order");
    assert_eq!(found["elements"][0]["points"], serde_json::json!([[5000, 5000, 1]]));
    assert!(!answer.text().contains("secret"), "{}", answer.text());
    for (choice, clicks) in [
        (("device", "desktop"), 1),
        (("device", "phone"), 0),
        (("device", ""), 1),
        (("date", "yesterday"), 0),
    ] {
        let found = ask(&server, token_of(&address), &[choice]).json();
        assert_eq!(found["clicks"], clicks, "{choice:?}");
    }
    for wrong in [("device", "watch"), ("date", "someday")] {
        assert_eq!(ask(&server, token_of(&address), &[wrong]).status, 422, "{wrong:?}");
    }
}

#[test]
fn the_filters_of_the_screen_hold_until_they_are_left_out_and_are_not_named() {
    let desk = with_a_click();
    let server = desk.serve();
    visit(&server, "81.2.69.1", PAGE);
    let ada = server.sign_in("ada");
    let address = opened(&server, &ada, PAGE, "&href.contains=nowhere-else&device=desktop");
    let answer = ask(&server, token_of(&address), &[]);
    assert!(!answer.text().contains("nowhere-else"));
    let found = answer.json();
    assert_eq!((&found["clicks"], &found["chosen"]["filtered"]), (&0.into(), &true.into()));
    assert_eq!(found["chosen"]["device"], "desktop");
    let found = ask(&server, token_of(&address), &[("filtered", "0")]).json();
    assert_eq!((&found["clicks"], &found["chosen"]["filtered"]), (&1.into(), &false.into()));
}

#[test]
fn a_token_ends_after_ten_minutes_and_with_the_right_of_whoever_opened_the_page() {
    let desk = with_a_click();
    let clock = desk.path().join("clock");
    fs::write(&clock, "+0").unwrap();
    let server = desk.serve_by_clock(&clock);
    for name in ["uma", "adam"] {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", "user"]);
    }
    visit(&server, "81.2.69.1", PAGE);
    let [ada, uma, adam] = ["ada", "uma", "adam"].map(|name| server.sign_in(name));
    let tokens = [&ada, &uma, &adam].map(|cookie| token_of(&opened(&server, cookie, PAGE, "")).to_owned());
    let statuses = || tokens.each_ref().map(|token| ask(&server, token, &[]).status);
    assert_eq!(statuses(), [200, 200, 200]);
    desk.text(&["share", "remove", "--site", "1", "--user", "uma"]);
    assert_eq!(statuses(), [200, 404, 200], "a share has ended");
    desk.text(&["share", "set", "--site", "1", "--user", "adam", "--level", "view-only"]);
    assert_eq!(statuses(), [200, 404, 404], "a level sees no heatmaps");
    fs::write(&clock, "+9m").unwrap();
    assert_eq!(statuses()[0], 200);
    fs::write(&clock, "+11m").unwrap();
    assert_eq!(statuses()[0], 404);
    let answer = ask(&server, &tokens[0], &[]);
    assert!(answer.text().contains("shown for ten minutes"), "{}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), "*", "the script reads why");
    let token = token_of(&opened(&server, &ada, PAGE, "")).to_owned();
    assert_eq!(ask(&server, &token, &[]).status, 200);
    server.ask(&post("/logout", &[]).cookie(&ada));
    assert_eq!(ask(&server, &token, &[]).status, 404, "whoever opened the page has signed out");
    assert_eq!(ask(&server, "made-up", &[]).status, 404);
}

#[test]
fn what_is_no_page_of_the_web_is_not_opened() {
    let desk = with_a_click();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for wrong in ["javascript:alert(1)", "/shop", ""] {
        let of: String = form_urlencoded::byte_serialize(wrong.as_bytes()).collect();
        let answer = server.ask(&post(format!("/sites/1/heatmaps/open?of={of}"), &[]).cookie(&ada));
        assert_eq!((answer.status, answer.header("refresh")), (422, ""), "{wrong}");
    }
    // A page of another website can't open one in the name of whoever is signed in.
    let foreign = post(format!("/sites/1/heatmaps/open?of={PAGE}"), &[])
        .cookie(&ada)
        .without("Sec-Fetch-Site")
        .header("Sec-Fetch-Site", "cross-site");
    assert_eq!(server.ask(&foreign).status, 403);
    assert_eq!(server.ask(&get("/heatmap-overlay")).status, 405);
}

/// Clicks the button of the tracked page, in pixels from its middle.
async fn record(client: &Client, desk: &Desk, (book, at): (SocketAddr, (f64, f64)), clicks: i64) {
    client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
    wait_for_hit(client).await;
    wait_until(client, MEASURES).await;
    click_at(client, "order", at, 1).await;
    wait_until(client, DECIDED).await;
    client.execute(HIDE, vec![]).await.unwrap();
    desk.wait_for(&format!("(select count(*) from heatmap_clicks) = {clicks}"));
}

fn page_of(desk: &Desk) -> String {
    desk.texts("select distinct labels.text from heatmap_clicks join labels on labels.id = page").remove(0)
}

/// Opens a page with its heatmap in the browser.
async fn show(client: &Client, address: &str) {
    // With nothing but another fragment, a page is not loaded anew.
    client.goto("about:blank").await.unwrap();
    client.goto(address).await.unwrap();
    wait_until(client, SHOWN).await;
    wait_for_drawing(client).await;
}

/// Waits for two frames: what changed is drawn with the next one.
async fn wait_for_drawing(client: &Client) {
    client.execute("window.framesLeft = 2", vec![]).await.unwrap();
    wait_until(client, "framesLeft-- == 0").await;
}

/// Chooses in the bar, and waits until the numbers say so.
async fn choose(client: &Client, label: &str, value: &str, said: &str) {
    let script = format!(
        "const select = document.querySelector('clickstead-heatmap').shadowRoot.querySelector('[aria-label={label}]');
         document.querySelector('clickstead-heatmap').shadowRoot.querySelector('.said').textContent = '';
         select.value = '{value}';
         select.dispatchEvent(new Event('change'))"
    );
    client.execute(&script, vec![]).await.unwrap();
    let says = format!(
        "document.querySelector('clickstead-heatmap').shadowRoot.querySelector('.said').textContent.startsWith('{said}')"
    );
    wait_until(client, &says).await;
    wait_for_drawing(client).await;
}

/// Returns the middle of what is drawn, from the middle of an element, in pixels.
async fn drawn_from(client: &Client, element: &str) -> (f64, f64) {
    let script = format!(
        "const canvas = document.querySelector('clickstead-heatmap').shadowRoot.querySelector('canvas');
         const {{ data, width, height }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
         let [all, x, y] = [0, 0, 0];
         for (let at = 0; at < width * height; at += 1) {{
           const ink = data[at * 4 + 3];
           all += ink;
           x += ink * (at % width);
           y += ink * Math.floor(at / width);
         }}
         const scale = width / canvas.clientWidth;
         const box = {element}.getBoundingClientRect();
         return [x / all / scale - box.x - box.width / 2, y / all / scale - box.y - box.height / 2];"
    );
    let found: [f64; 2] = serde_json::from_value(client.execute(&script, vec![]).await.unwrap()).unwrap();
    (found[0], found[1])
}

fn is_near((x, y): (f64, f64), (expected_x, expected_y): (f64, f64)) -> bool {
    (x - expected_x).hypot(y - expected_y) <= 10.0
}

#[test]
fn clicks_are_drawn_where_they_were_made_in_windows_of_400_and_of_1400_pixels() {
    let desk = tracked();
    let server = desk.serve();
    let book = serve_book(format!("{ORDER}{NOTES}{}", page_code(&server)));
    let (on_desktop, on_phone) = ((60.0, -10.0), (-90.0, 20.0));
    with_browser(1_400, async |client| record(client, &desk, (book, on_desktop), 1).await);
    with_browser(400, async |client| record(client, &desk, (book, on_phone), 2).await);
    let (ada, page) = (server.sign_in("ada"), page_of(&desk));
    with_browser(1_400, async |client| {
        show(client, &opened(&server, &ada, &page, "&device=desktop")).await;
        let found = drawn_from(client, "order").await;
        assert!(is_near(found, on_desktop), "{found:?}");
        // Clicks of a phone are drawn on the same part of the element.
        choose(client, "Device", "phone", "1 click").await;
        let found = drawn_from(client, "order").await;
        assert!(is_near(found, (-60.0, 10.0)), "{found:?}");
    });
    with_browser(400, async |client| {
        show(client, &opened(&server, &ada, &page, "&device=phone")).await;
        let found = drawn_from(client, "order").await;
        assert!(is_near(found, on_phone), "{found:?}");
    });
}

#[test]
fn nothing_of_the_page_view_is_told_and_the_token_stands_in_no_address() {
    let desk = tracked();
    let server = desk.serve();
    let book = serve_book(format!("{ORDER}{NOTES}{}", page_code(&server)));
    let counts = "select (select count(*) from visits) || ' ' || (select count(*) from actions) || ' ' ||
                    (select count(*) from heatmap_clicks) || ' ' || (select sum(seconds) from page_reads)";
    let ada = server.sign_in("ada");
    with_browser(1_280, async |client| {
        record(client, &desk, (book, (0.0, 0.0)), 1).await;
        client.goto("about:blank").await.unwrap();
        let before = desk.texts(counts);
        let address = opened(&server, &ada, &page_of(&desk), "");
        let token = token_of(&address).to_owned();
        note_beacons(client).await;
        let notes = "window.left = []; navigator.sendBeacon = (to, body) => { left.push(String(body)); return true; };
          window.addresses = [];
          addEventListener('DOMContentLoaded', () => addresses.push(location.href));";
        devtools(client, "Page.addScriptToEvaluateOnNewDocument", serde_json::json!({"source": notes})).await;
        show(client, &address).await;
        click_at(client, "order", (0.0, 0.0), 3).await;
        client
            .execute(
                "clicky.log('/made', 'Made'); clicky.goal('Made'); history.pushState({}, '', '/next.html')",
                vec![],
            )
            .await
            .unwrap();
        wait_until(client, DECIDED).await;
        client.execute(HIDE, vec![]).await.unwrap();
        let found = client
            .execute(
                "return [sent, left, addresses, performance.getEntriesByType('resource').map((entry) => entry.name),
                   location.href, document.cookie, JSON.stringify(localStorage) + JSON.stringify(sessionStorage)]",
                vec![],
            )
            .await
            .unwrap();
        assert_eq!(found[0].as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found[0][0], format!("token={token}"), "{found}");
        assert_eq!(found[1], serde_json::json!([]), "{found}");
        let elsewhere = serde_json::json!([found[2], found[3], found[4], found[5], found[6]]).to_string();
        assert!(!elsewhere.contains(&token) && !elsewhere.contains("clickstead-heatmap"), "{elsewhere}");
        let asked: Vec<&str> = found[3].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
        assert!(asked.iter().any(|name| name.ends_with("/overlay.js")), "{asked:?}");
        for part in ["/in.php", "/heatmap.js", "/vitals.js"] {
            assert!(!asked.iter().any(|name| name.contains(part)), "{asked:?}");
        }
        // What came before is all there is.
        client.goto("about:blank").await.unwrap();
        assert_eq!(desk.texts(counts), before);
        // The next page is counted as ever.
        client.goto(&format!("http://{book}/foreword.html")).await.unwrap();
        wait_for_hit(client).await;
        let next = desk.texts("select text from labels where text like '%next.html%' or text like '%/made%'");
        assert!(next.is_empty(), "{next:?}");
    });
}

#[test]
fn the_bar_shows_depth_and_elements_leaves_another_page_alone_and_goes_when_it_is_closed() {
    let desk = tracked();
    let server = desk.serve();
    let book = serve_book(format!("{ORDER}{NOTES}{}", page_code(&server)));
    let ada = server.sign_in("ada");
    let bar = "document.querySelector('clickstead-heatmap').shadowRoot";
    let says = |words: &str| format!("{bar}.querySelector('.said').textContent.includes('{words}')");
    with_browser(1_280, async |client| {
        record(client, &desk, (book, (0.0, 0.0)), 1).await;
        show(client, &opened(&server, &ada, &page_of(&desk), "")).await;
        for (view, words) in [
            ("depth", "Measured in 1 visit"),
            ("elements", "1 click in 1 visit"),
            ("clicks", "0 rage · 0 dead"),
        ] {
            client.execute(&format!("{bar}.querySelector('[value={view}]').click()"), vec![]).await.unwrap();
            wait_until(client, &says(words)).await;
            wait_until(
                client,
                &format!("{bar}.querySelector('[value={view}]').matches('[aria-pressed=true]')"),
            )
            .await;
        }
        client.execute("document.getElementById('order').remove()", vec![]).await.unwrap();
        wait_until(client, &says("1 click on elements that aren’t on the page now")).await;
        client.execute("history.pushState({}, '', '/another.html')", vec![]).await.unwrap();
        wait_until(client, &says("You are on another page now")).await;
        client.execute(&format!("{bar}.querySelector('[title^=Take]').click()"), vec![]).await.unwrap();
        wait_until(client, "!document.querySelector('clickstead-heatmap')").await;
    });
}

#[test]
fn a_heatmap_is_shown_in_shadow_roots_under_a_strict_policy_and_on_a_page_that_throws() {
    let desk = tracked();
    let server = desk.serve();
    let headers = format!(
        "Content-Security-Policy: default-src 'none'; script-src 'nonce-own' http://{0}; connect-src http://{0}\r\n",
        server.address
    );
    let page = format!(
        "<x-shop id=shop></x-shop>
         <script nonce=own>
           const shop = document.getElementById('shop').attachShadow({{ mode: 'open' }});
           const order = document.createElement('button');
           order.textContent = 'Order bread';
           order.id = 'order';
           order.addEventListener('click', () => {{ order.title += '!'; }});
           shop.append(order);
           Object.assign(order.style, {{ position: 'fixed', left: '300px', top: '300px', width: '200px', height: '40px', zIndex: 99 }});
           addEventListener('click', () => {{ window.clickedAt = performance.now(); throw new Error('broken'); }}, true);
           addEventListener('scroll', () => {{ throw new Error('broken'); }}, true);
           window.order = order;
         </script>{}",
        page_code(&server)
    );
    let book = serve_book_with(page, Box::leak(headers.into_boxed_str()));
    let ada = server.sign_in("ada");
    with_browser(1_280, async |client| {
        record(client, &desk, (book, (50.0, 10.0)), 1).await;
        show(client, &opened(&server, &ada, &page_of(&desk), "")).await;
        let found = drawn_from(client, "order").await;
        assert!(is_near(found, (50.0, 10.0)), "{found:?}");
        let bar = "return getComputedStyle(document.querySelector('clickstead-heatmap').shadowRoot.querySelector('.bar')).position";
        assert_eq!(client.execute(bar, vec![]).await.unwrap(), "fixed", "its styles hold");
    });
}
