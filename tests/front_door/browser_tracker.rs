//! What the tracker does on pages that are not plain: applications with routes of their own, isolated pages, pages that
//! replaced what it needs.

use super::browser::{page_code, serve_book, serve_book_with, wait_for_hit};
use super::chromium::{wait_until, with_browser};
use super::harness::Desk;

/// How many beacons a page has sent, in its own words.
const SENT: &str = "performance.getEntriesByType('resource').filter(e => e.name.includes('/in.php')).length";

/// The paths of the page views that were logged, with their fragments.
fn paths(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select substr(text, instr(substr(text, 9), '/') + 8)
         from actions join labels on page = labels.id
         where kind = 1 order by visit_id, number",
    )
}

#[test]
fn routes_of_an_application_are_pages_whether_they_stand_in_the_fragment_or_come_by_the_navigation_api() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book =
        serve_book(format!("<script>clicky_custom = {{hash_track: 1}}</script>{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html#/list")).await.unwrap();
        wait_for_hit(client).await;
        client.execute("location.hash = '#/basket?item=1&utm_source=x'", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
        let navigate = "navigation.addEventListener('navigate', (event) => event.intercept({ handler: async () => {} }));
                        navigation.navigate('/ch01-01-installation.html')";
        client.execute(navigate, vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 3")).await;
    });
    let expected =
        ["/title-page.html#/list", "/title-page.html#/basket?item=1", "/ch01-01-installation.html"];
    assert_eq!(paths(&desk), expected);
}

#[test]
fn a_fragment_is_no_page_unless_the_page_says_so_and_a_text_names_a_page_view() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html#top")).await.unwrap();
        wait_for_hit(client).await;
        client.execute("location.hash = '#other'; clicky.pageview('/steps/2')", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
        client.execute("clicky.pageview(true); clicky.pageview()", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 3")).await;
    });
    assert_eq!(paths(&desk), ["/title-page.html", "/steps/2", "/title-page.html"]);
}

#[test]
fn a_campaign_behind_long_click_ids_or_under_a_name_of_the_pages_own_is_told() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let noting = "<script>
        const fetched = window.fetch;
        window.fetch = (where, how) => { window.told = how.body.get('utm'); return fetched(where, how); };
        </script>";
    let book = serve_book(format!("{noting}{}", page_code(&server)));
    let named = serve_book(format!(
        "<script>clicky_custom = {{href: '/named'}}</script>{noting}{}",
        page_code(&server)
    ));
    let clicks = |letters: usize| format!("fbclid={}", "a".repeat(letters));
    with_browser(1_280, async |client| {
        let long = clicks(9_000);
        for (address, told) in [
            (format!("http://{book}/title-page.html?{}&utm_campaign=Long", clicks(2_100)), String::new()),
            // Longer than what is sent of an address.
            (
                format!("http://{book}/foreword.html?{long}&utm_campaign=Longest"),
                format!("{}&utm_campaign=Longest", &long[..512]),
            ),
            (
                format!("http://{named}/title-page.html?a=1&gclid=1&mtm_campaign=Named#top"),
                "gclid=1&mtm_campaign=Named".to_owned(),
            ),
            (
                format!("http://{named}/foreword.html#utm_campaign=Fragment"),
                "utm_campaign=Fragment".to_owned(),
            ),
        ] {
            client.goto(&address).await.unwrap();
            wait_for_hit(client).await;
            let sent = client.execute("return told || ''", vec![]).await.unwrap();
            assert_eq!(sent, told, "{}", &address[..60]);
        }
    });
    assert_eq!(paths(&desk)[0], "/title-page.html");
    assert_eq!(desk.texts("select text from labels join sources on campaign = labels.id"), ["Long"]);
    assert_eq!(paths(&desk)[2..], ["/named", "/named"]);
}

#[test]
fn a_page_that_isolates_itself_is_counted() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let headers = "Cross-Origin-Embedder-Policy: require-corp\r\nCross-Origin-Opener-Policy: same-origin\r\n";
    let pixel = format!("<img id=pixel src=\"http://{}/1ns.gif\">", server.address);
    let book = serve_book_with(format!("{pixel}{}", page_code(&server)), headers);
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_until(
            client,
            "crossOriginIsolated && window.clicky && document.getElementById('pixel').complete",
        )
        .await;
        let loads = "return document.getElementById('pixel').naturalWidth";
        assert_eq!(client.execute(loads, vec![]).await.unwrap(), 1, "the pixel is blocked");
        wait_until(client, &format!("{SENT} >= 1")).await;
    });
    assert!(!paths(&desk).is_empty());
}

#[test]
fn a_page_whose_fetch_throws_is_counted() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let broken = "<script>window.fetch = () => { throw new Error('replaced') }</script>";
    let book = serve_book(format!("{broken}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
    });
    assert_eq!(paths(&desk), ["/title-page.html"]);
}

#[test]
fn a_page_view_that_waits_is_sent_before_what_happens_on_its_page() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let noting = "<script>
        window.told = [];
        const fetched = window.fetch;
        window.fetch = (where, how) => {
          told.push(how.body.get('type') + ' ' + new URL(how.body.get('href')).pathname);
          return fetched(where, how);
        };
        </script>";
    let book = serve_book(format!("{noting}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        let step = "history.pushState({}, '', '/thanks'); clicky.goal('Order')";
        client.execute(step, vec![]).await.unwrap();
        wait_until(client, "told.length >= 3").await;
        let told = client.execute("return told.join()", vec![]).await.unwrap();
        assert_eq!(told, "pageview /title-page.html,pageview /thanks,goal /thanks");
        wait_until(client, &format!("{SENT} >= 3")).await;
    });
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn a_page_without_page_views_opens_a_visit_with_its_goal() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let quiet = "<script>clicky_custom = {pageview_disable: 1}</script>";
    let book = serve_book(format!("{quiet}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_until(client, "window.clicky").await;
        client.execute("clicky.goal('Order', 5)", vec![]).await.unwrap();
        wait_for_hit(client).await;
    });
    assert_eq!(
        desk.number("select count(*) from visits join conversions on visit_id = id where page_views = 0"),
        1
    );
}
