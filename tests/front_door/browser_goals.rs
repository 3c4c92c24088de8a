//! Goals that pages fire in a real Chromium, in every way to fire one.

use super::browser::{page_code, serve_book, wait_for_hit};
use super::chromium::{wait_until, with_browser};
use super::harness::Desk;

const CONVERSIONS: &str =
    "select code || ' ' || ifnull(sent, '-') from conversions join goals on goals.id = goal order by number";
const SENT: &str = "performance.getEntriesByType('resource').filter(e => e.name.includes('/in.php')).length";

#[test]
fn links_and_buttons_fire_goals_by_their_attributes_also_where_the_page_is_left() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let body = "<button id=button data-clicky-goal='Quote' data-clicky-revenue='7'><b id=bold>ask</b></button>
        <a id=within href='/foreword.html' data-clicky-goal='Read' data-clicky-revenue='0,50' data-clicky-currency='USD'>read</a>
        <a id=file href='/price-list.pdf' data-clicky-goal='Prices'>prices</a>
        <a id=plain href='/ch01-00-getting-started.html'>plain</a>";
    let book = serve_book(format!("{body}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client.execute("document.getElementById('bold').click()", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
        let stay = "const a = document.getElementById('file'); a.addEventListener('click', e => e.preventDefault()); a.click()";
        client.execute(stay, vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 3")).await;
        client.execute("document.getElementById('within').click()", vec![]).await.unwrap();
        wait_until(client, "location.pathname == '/foreword.html'").await;
        wait_for_hit(client).await;
    });
    desk.wait_for("count(*) = 3 from conversions");
    let mut fired = desk.texts(CONVERSIONS);
    fired.sort_unstable();
    assert_eq!(fired, ["Prices -", "Quote 700", "Read 50"]);
    assert_eq!(
        desk.number("select count(*) from actions where kind = 2"),
        1,
        "the download is one all the same"
    );
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn scripts_fire_goals_with_revenue_as_shops_write_it() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        for (count, call) in (2..).zip([
            "clicky.goal('Number', 12.5)",
            "clicky.goal('Text', '49,90', 1)",
            "clicky.goal('Refund', -12.5)",
            "clicky.goal({name: 'Whole', revenue: '1.234,50', currency: 'USD'})",
            "clicky.goal('Foreign', 5); clicky.goal({name: 'Euro', revenue: 5, currency: 'EUR'})",
            "clicky.goal(17, 1)",
        ]) {
            client.execute(call, vec![]).await.unwrap();
            wait_until(client, &format!("{SENT} >= {count}")).await;
        }
    });
    desk.wait_for("count(*) = 7 from conversions");
    let mut fired = desk.texts(CONVERSIONS);
    fired.sort_unstable();
    let expected =
        ["17 100", "Euro -", "Foreign 500", "Number 1250", "Refund -1250", "Text 4990", "Whole 123450"];
    assert_eq!(fired, expected);
    assert_eq!(desk.texts("select reason || ' ' || count from filtered"), ["revenue-currency 1"]);
}

/// What a shop's template makes of an order: that of `WooCommerce`, with `$order->get_total()` and `get_currency()` on the page after the
/// order, and Shopify's `{{ total_price | money_without_currency }}`, each before the tracker is there.
#[test]
fn an_order_page_declares_its_order_before_the_tracker_is_there() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let woo = "<script type='text/javascript'>
        var clicky_custom = clicky_custom || {};
        clicky_custom.goal = { name: 'Order', revenue: '1049.90', currency: 'USD' };
        </script>";
    let shop = "<script>
        window.clicky_custom = window.clicky_custom || {};
        clicky_custom.goal = { id: 'Order', revenue: '1,249.90', currency: Shopify.checkout.currency };
        </script>";
    let shop = format!("<script>var Shopify = {{ checkout: {{ currency: 'USD' }} }}</script>{shop}");
    let (woo, shop) = (
        serve_book(format!("{woo}{}", page_code(&server))),
        serve_book(format!("{shop}{}", page_code(&server))),
    );
    with_browser(1_280, async |client| {
        for book in [woo, shop] {
            client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
            wait_for_hit(client).await;
        }
    });
    desk.wait_for("count(*) = 2 from conversions");
    let mut fired = desk.texts(CONVERSIONS);
    fired.sort_unstable();
    assert_eq!(fired, ["Order 104990", "Order 124990"]);
    assert_eq!(desk.number("select sum(counts) from conversions"), 1, "once a visit");
}

#[test]
fn a_goal_counts_before_consent_and_carries_nothing_personal() {
    let desk = Desk::with_site_here();
    desk.open().execute_batch("update sites set consent_needed = 1, cookies_allowed = 1").unwrap();
    let server = desk.serve();
    let own = "<script>clicky_custom = { visitor: { email: 'bo@x.example' }, goal: { name: 'Order', revenue: 5 } }</script>";
    let book = serve_book(format!("{own}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client.execute("clicky.goal('Signup')", vec![]).await.unwrap();
        wait_until(client, &format!("{SENT} >= 2")).await;
        let cookies = client.execute("return document.cookie", vec![]).await.unwrap();
        assert_eq!(cookies, "");
    });
    desk.wait_for("count(*) = 2 from conversions");
    assert_eq!(desk.number("select sum(revenue) from conversions"), 500);
    assert_eq!(desk.number("select count(*) from custom"), 0);
    assert_eq!(desk.number("select count(*) from visits where address is not null"), 0);
}
