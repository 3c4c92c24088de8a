//! Pages of a site that Google Translate shows.

use super::harness::{Desk, beacon};
use super::hosts::{counted, pages, reason, sources, why};

#[test]
fn a_page_that_google_translate_shows_is_the_sites_own_page() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let shown = |label: &str, query: &str| {
        let href =
            format!("https://{label}.translate.goog/rye?a=1&_x_tr_sl=en&_x_tr_tl=de&_x_tr_hl=de{query}");
        why(&server, &href)
    };
    assert_eq!(shown("bakery-example", "&_x_tr_pto=wapp&_x_tr_hist=true"), "");
    assert_eq!(pages(&desk), ["https://bakery.example/rye?a=1"]);
    assert_eq!(shown("shop-bakery-example", "&utm_source=letter"), "");
    assert_eq!(shown("y-example", "&_x_tr_hp=baker"), "", "what is too long for a label stands beside it");
    assert_eq!(shown("copy-example", ""), "other-host");
    assert_eq!(counted(&desk), ["copy.example 1"]);
    let told = beacon(
        "81.2.69.1",
        &[("type", "outbound"), ("href", "https://mill.example/"), ("title", "The mill")],
    );
    assert_eq!(reason(&server.ask(&told.header("Origin", "https://bakery-example.translate.goog"))), "");
    let ping = beacon("81.2.69.1", &[("type", "ping")]).header("Origin", "https://y-example.translate.goog");
    assert_eq!(reason(&server.ask(&ping)), "", "the origin does not tell whose page it is");
    let point = "https://bakery-example.translate.goog/rye|5|6|700";
    server.hit(
        "81.2.69.1",
        &[("type", "heatmap"), ("href", "https://bakery-example.translate.goog/rye"), ("heatmap[]", point)],
    );
    let clicked = desk.texts("select labels.text from heatmap_clicks join labels on labels.id = page");
    assert_eq!(clicked, ["https://bakery.example/rye"]);
    assert_eq!(
        pages(&desk),
        ["https://bakery.example/rye?a=1", "https://mill.example/", "https://shop.bakery.example/rye?a=1"]
    );
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn whoever_comes_from_a_translated_page_comes_from_google_translate() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for (visitor, referrer) in [
        ("81.2.69.1", "https://translate.google.com/"),
        ("81.2.69.2", "https://bakery-example.translate.goog/"),
    ] {
        let hit = [("type", "pageview"), ("href", "https://bakery.example/"), ("ref", referrer)];
        assert_eq!(reason(&server.hit(visitor, &hit)), "");
    }
    let sources = sources(&server);
    assert!(sources.contains("Links") && !sources.contains("Internal"), "{sources}");
}

#[test]
fn a_link_within_a_translated_site_is_internal() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let hit = [
        ("type", "pageview"),
        ("href", "https://bakery-example.translate.goog/rye?_x_tr_sl=en"),
        ("ref", "https://bakery-example.translate.goog/?_x_tr_sl=en"),
    ];
    assert_eq!(reason(&server.hit("81.2.69.1", &hit)), "");
    let sources = sources(&server);
    assert!(sources.contains("Internal") && !sources.contains("Links"), "{sources}");
}
