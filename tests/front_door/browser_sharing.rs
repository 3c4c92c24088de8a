//! Sharing in a real Chromium: letting somebody in, seeing the site as they do, guest links, and frames that may or may
//! not hold them.

use super::chromium::{click, fill, sign_in, wait_for, wait_for_text, wait_until, with_browser};
use super::harness::{Desk, PASSWORD, fields, view};
use fantoccini::{Client, Locator};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};

/// A page of somebody else's website.
pub fn serve_page(html: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        html.len()
    );
    let answer = head + &html;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A browser keeps connections in hand on which it may never ask: none waits for another.
            std::thread::spawn(move || {
                let mut asked = String::new();
                if BufReader::new(&stream).read_line(&mut asked).is_ok() {
                    drop(stream.write_all(answer.as_bytes()));
                }
            });
        }
    });
    address
}

async fn go(client: &Client, address: SocketAddr, path: &str) {
    client.goto(&format!("http://{address}{path}")).await.unwrap();
}

async fn text_of(client: &Client, css: &str) -> String {
    client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
}

#[test]
fn a_site_is_shared_previewed_and_taken_away_again_in_a_browser() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "uma", "--email", "uma@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let mut hit = view("/cakes");
    hit.push(("custom[username]", "Grace Hopper".into()));
    server.hit("81.2.69.1", &fields(&hit));
    let uma = server.sign_in("uma");
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        go(client, server.address, "/sites/1/preferences/sharing").await;
        fill(client, "user", "uma").await;
        click(client, "label[for='level-view-only']").await;
        click(client, "form.settings button.primary").await;
        wait_for_text(client, "uma").await;
        wait_for(client, "[role=status]").await;
        assert!(server.page("/sites/1/visitors?date=today", &uma).contains("Visitor 1"));
        // The owner looks at the site as uma does.
        go(client, server.address, "/sites/1/preferences/view-only").await;
        click(client, ".preview-form button").await;
        wait_for(client, ".banner").await;
        go(client, server.address, "/sites/1/visitors?date=today").await;
        wait_for_text(client, "Visitor 1").await;
        let seen = text_of(client, "main").await;
        assert!(!seen.contains("Grace") && !seen.contains("81.2."), "{seen}");
        assert!(client.find(Locator::Css(".gear")).await.is_err(), "a preview has preferences");
        click(client, ".banner button").await;
        wait_for(client, ".preview-form").await;
        // And lets her out again.
        go(client, server.address, "/sites/1/access").await;
        click(
            client,
            "form[action$='/sharing/remove'] button, details:has(form[action$='/sharing/remove']) summary",
        )
        .await;
        click(client, "form[action$='/sharing/remove'] button").await;
        wait_for_text(client, "They have no access any more").await;
    });
    assert_eq!(super::sharing::status(&server, &uma, "/sites/1"), 404);
}

#[test]
fn a_guest_opens_a_link_with_its_password_in_a_browser_of_their_own() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/cakes")));
    let mut path = String::new();
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        go(client, server.address, "/sites/1/preferences/public-access").await;
        click(client, "a.button.primary").await;
        wait_for(client, "#name").await;
        fill(client, "name", "The flour mill").await;
        fill(client, "password", PASSWORD).await;
        click(client, "form.settings button.primary").await;
        wait_for_text(client, "The flour mill").await;
        let address = text_of(client, ".links code, .links pre").await;
        path = address[address.find("/s/").unwrap()..].trim().to_owned();
    });
    // A browser without anybody's session, as a private window is.
    with_browser(390, async |client| {
        go(client, server.address, &path).await;
        wait_for_text(client, "This page asks for a password").await;
        fill(client, "password", "not the right one").await;
        click(client, "button.primary").await;
        wait_for_text(client, "That is not the password of this page.").await;
        fill(client, "password", PASSWORD).await;
        click(client, "button.primary").await;
        wait_for(client, "#panel-pages tbody tr").await;
        let page = text_of(client, "body").await;
        assert!(page.contains("/cakes") && page.contains("bakery.example"), "{page}");
        // Every link on the page stays below the guest link, and its range works.
        let elsewhere = "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(h => h.startsWith('/') && !h.startsWith(arguments[0]))";
        let found = client.execute(&format!("return {elsewhere}"), vec![path.clone().into()]).await.unwrap();
        assert_eq!(found, serde_json::json!([]), "links that lead a guest elsewhere");
        go(client, server.address, &format!("{path}/spy")).await;
        server.hit("81.2.70.1", &fields(&view("/bread")));
        wait_for_text(client, "/bread").await;
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(
            client.execute(&format!("return {wide}"), vec![]).await.unwrap(),
            false,
            "the page is too wide"
        );
    });
    assert!(desk.number("select views from links") >= 1);
}

#[test]
fn a_page_of_an_allowed_website_holds_a_link_in_a_frame_as_high_as_it_is_and_another_does_not() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/cakes")));
    desk.text(&["link", "add", "--site", "1"]);
    let path = format!("/s/{}", desk.texts("select token from links")[0]);
    let html = format!(
        "<!DOCTYPE html><title>Client</title><iframe src=\"http://{}{path}?embed=1&theme=dark\" width=900 height=50></iframe>
         <script>addEventListener('message', (e) => {{ const f = document.querySelector('iframe');
         if (f.contentWindow === e.source && e.data.height) f.height = e.data.height; }})</script>",
        server.address
    );
    let website = serve_page(html);
    desk.open().execute("update links set embed_origins = ?1", [format!("http://{website}")]).unwrap();
    with_browser(1_280, async |client| {
        go(client, website, "/").await;
        wait_until(client, "document.querySelector('iframe').height > 400").await;
        client.enter_frame(0).await.unwrap();
        wait_for(client, "#panel-pages tbody tr").await;
        assert!(client.find(Locator::Css("header.bar")).await.is_err(), "a frame has a head of its own");
        let theme = "return document.documentElement.dataset.theme";
        assert_eq!(client.execute(theme, vec![]).await.unwrap(), "dark");
        // A link inside stays in the frame and carries the look along.
        client.execute("document.querySelector('.side-list a[href*=\"/reports/pages\"], a[href*=\"/reports/pages\"]').click()", vec![]).await.unwrap();
        wait_for(client, "h1").await;
        wait_until(client, "location.pathname.endsWith('/reports/pages')").await;
        assert_eq!(client.execute(theme, vec![]).await.unwrap(), "dark");
        assert!(client.find(Locator::Css("header.bar")).await.is_err());
        // The same page under another name is another website.
        client.enter_parent_frame().await.unwrap();
        client.goto(&format!("http://localhost:{}/", website.port())).await.unwrap();
        client.enter_frame(0).await.unwrap();
        assert!(client.find(Locator::Css("#panel-pages")).await.is_err(), "a page that is not named held it");
    });
}
