//! Custom data as real pages say it: nothing personal before the consent that the site asks for, in the browser and here.

use super::browser::{document_cookie, page_code, serve_book, wait_for_hit};
use super::chromium::{wait_until, with_browser};
use super::harness::Desk;

const PAGE: &str = "<script>var clicky_custom = {visitor: {username: 'Bob', plan: 'premium'}, visitor_keys_cookie: ['username', 'plan']}</script>";

/// The pairs of custom data, of all visits.
fn pairs(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select keys.text || ': ' || said.text from custom
         join labels as keys on keys.id = key join labels as said on said.id = value order by 1",
    )
}

#[test]
fn a_page_says_nothing_of_its_visitor_before_their_consent_whatever_it_calls() {
    let desk = Desk::with_site_here();
    desk.open().execute_batch("update sites set consent_needed = 1").unwrap();
    let server = desk.serve();
    let book = serve_book(format!("{PAGE}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, "window.clicky").await;
        client.execute("clicky.custom_data()", vec![]).await.unwrap();
        client.goto(&format!("http://{book}/title-page.html?2")).await.unwrap();
        wait_for_hit(client).await;
        assert_eq!(document_cookie(client).await, "");
        assert_eq!(pairs(&desk), Vec::<String>::new());
        assert_eq!(desk.number("select count(*) from labels where text in ('Bob', 'premium')"), 0);
        wait_until(client, "window.clicky").await;
        client.execute("clicky.consent()", vec![]).await.unwrap();
        wait_until(client, "document.cookie.includes('_jsuid=')").await;
        client.goto(&format!("http://{book}/title-page.html?3")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, "document.cookie.includes('Bob') && document.cookie.includes('premium')").await;
        assert_eq!(pairs(&desk), ["plan: premium", "username: Bob"]);
        client.execute("clicky.consent(false)", vec![]).await.unwrap();
        assert_eq!(document_cookie(client).await, "", "something outlives the consent");
    });
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn a_page_that_has_consent_already_is_believed_from_its_first_view_on() {
    let desk = Desk::with_site_here();
    desk.open().execute_batch("update sites set consent_needed = 1").unwrap();
    let server = desk.serve();
    let agreed = PAGE.replace("var clicky_custom = {", "var clicky_custom = {visitor_consent: true, ");
    let book = serve_book(format!("{agreed}{}", page_code(&server)));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, "document.cookie.includes('_jsuid=')").await;
    });
    assert_eq!(pairs(&desk), ["plan: premium", "username: Bob"]);
    let ada = server.sign_in("ada");
    assert!(server.page("/sites/1/visitors?date=today", &ada).contains("Bob"));
}
