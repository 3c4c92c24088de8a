//! A real Chromium on a real site: the book that comes with the Rust toolchain, with the page code on every page.

use super::chromium::{
    click, fill, note_beacons, sign_in, switch_privacy_control_on, wait_for, wait_for_text, wait_until,
    with_browser,
};
use super::harness::{Desk, PASSWORD, Server};
use fantoccini::{Client, Locator};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tracked site: files below a folder, with the page code put before the end of each page.
pub fn serve_book(code: String) -> SocketAddr {
    serve_book_with(code, "")
}

/// The same, where each answer has these header lines too.
pub fn serve_book_with(code: String, headers: &'static str) -> SocketAddr {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
    let root = PathBuf::from(String::from_utf8(sysroot).unwrap().trim()).join("share/doc/rust/html/book");
    assert!(
        root.join("index.html").exists(),
        "the toolchain has no documentation: rustup component add rust-docs"
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (root, code) = (root.clone(), code.clone());
            std::thread::spawn(move || answer_file(stream, &root, &code, headers));
        }
    });
    address
}

fn answer_file(mut stream: std::net::TcpStream, root: &Path, code: &str, headers: &str) {
    let mut first = String::new();
    if BufReader::new(stream.try_clone().unwrap()).read_line(&mut first).is_err() {
        return;
    }
    let path =
        first.split(' ').nth(1).unwrap_or("/").split(['?', '#']).next().unwrap().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let file = root.join(path);
    let (status, mut body) =
        match fs::File::open(&file).ok().filter(|_| !path.contains("..") && file.is_file()) {
            Some(mut file) => {
                let mut body = Vec::new();
                file.read_to_end(&mut body).unwrap();
                ("200 OK", body)
            }
            None => ("404 Not Found", b"<body><p>not here</p></body>".to_vec()),
        };
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        _ => "application/octet-stream",
    };
    if kind.starts_with("text/html") {
        body = String::from_utf8_lossy(&body).replace("</body>", &format!("{code}</body>")).into_bytes();
    }
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    // A browser that went on does not wait for the file.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)));
}

pub fn page_code(server: &Server<'_>) -> String {
    format!(r#"<script async data-id="1" src="http://{}/js"></script>"#, server.address)
}

/// The tracked page has sent its view once the beacon's answer is there.
pub async fn wait_for_hit(client: &Client) {
    wait_until(client, "performance.getEntriesByType('resource').some(e => e.name.includes('/in.php'))")
        .await;
}

fn actions(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select kind || ' ' || text from actions join labels on page = labels.id order by visit_id, number",
    )
}

#[test]
fn set_up_shows_the_page_code_and_turns_live_with_the_first_hit() {
    let desk = Desk::empty();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{}{}", server.address, server.setup.as_ref().unwrap())).await.unwrap();
        let zone = client.execute("return document.getElementById('time_zone').value", vec![]).await.unwrap();
        let own =
            client.execute("return Intl.DateTimeFormat().resolvedOptions().timeZone", vec![]).await.unwrap();
        assert_eq!(zone, own, "the time zone is not the browser's");
        for (id, text) in [
            ("username", "ada"),
            ("email", "ada@bakery.example"),
            ("password", PASSWORD),
            ("domain", "127.0.0.1"),
        ] {
            fill(client, id, text).await;
        }
        click(client, "button.primary").await;
        wait_for(client, "#first-hit").await;
        let code = client.find(Locator::Id("page-code")).await.unwrap().text().await.unwrap();
        let book = serve_book(code.replace("\"//", "\"http://"));
        let waiting = client.window().await.unwrap();
        let tab = client.new_window(true).await.unwrap();
        client.switch_to_window(tab.handle).await.unwrap();
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client.switch_to_window(waiting).await.unwrap();
        wait_until(client, "!document.querySelector('.waiting-over').hidden").await;
        wait_for_text(client, "The Rust Programming Language").await;
        click(client, ".waiting-over a.primary").await;
        wait_for(client, "#panel-pages tbody tr").await;
    });
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn a_walk_through_the_book_is_one_visit_with_its_action_log() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(format!(
        "<a id=out href=\"http://127.0.0.2:9/elsewhere\" target=_blank>out</a> <a id=file href=\"/price-list.pdf\">file</a>{}",
        page_code(&server)
    ));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client
            .goto(&format!("http://{book}/ch01-00-getting-started.html?utm_source=mail&x=1"))
            .await
            .unwrap();
        wait_for_hit(client).await;
        let sent = "performance.getEntriesByType('resource').filter(e => e.name.includes('/in.php')).length";
        client.execute("history.pushState({}, '', '/ch01-01-installation.html')", vec![]).await.unwrap();
        wait_until(client, &format!("{sent} >= 2")).await;
        // Beacons travel side by side: each step waits for its own, so that their order is told.
        let follow = |id: &str| {
            format!(
                "const a = document.getElementById('{id}'); a.addEventListener('click', e => e.preventDefault()); a.click()"
            )
        };
        let steps = [
            follow("file"),
            follow("out"),
            "clicky.log('#baked', 'Baked')".to_owned(),
            "clicky.goal('Order', 12.5)".to_owned(),
        ];
        for (count, step) in (3..).zip(steps) {
            client.execute(&step, vec![]).await.unwrap();
            wait_until(client, &format!("{sent} >= {count}")).await;
        }
        sign_in(client, &server).await;
        client.goto(&format!("http://{}/sites/1/visitors", server.address)).await.unwrap();
        click(client, ".row-link").await;
        wait_for(client, ".time-line").await;
        let log = client.find(Locator::Css(".time-line")).await.unwrap().text().await.unwrap();
        assert!(log.contains("Getting Started") && log.contains("Baked"), "{log}");
    });
    // Pages have one form; a file that is not on the site's own domain keeps its address.
    let expected = [
        "1 https://127.0.0.1/title-page.html".to_owned(),
        "1 https://127.0.0.1/ch01-00-getting-started.html?x=1".to_owned(),
        "1 https://127.0.0.1/ch01-01-installation.html".to_owned(),
        format!("2 http://{book}/price-list.pdf"),
        "3 http://127.0.0.2:9/elsewhere".to_owned(),
    ];
    let stored = actions(&desk);
    assert_eq!(stored[..5], expected, "{stored:?}");
    assert!(stored[5].starts_with("4 ") && stored[5].ends_with("#baked"), "{stored:?}");
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select count(*) from conversions where revenue = 1250"), 1);
}

#[test]
fn spy_shows_a_hit_as_it_happens_and_holds_it_while_paused() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let hit = |path: &str| {
        let owned = super::harness::view(path);
        assert_eq!(server.hit("81.2.69.1", &super::harness::fields(&owned)).status, 204);
    };
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}/sites/1/spy", server.address)).await.unwrap();
        wait_until(client, "document.getElementById('live-state').textContent.includes('Live')").await;
        hit("/hot-bread");
        wait_for_text(client, "Page /hot-bread").await;
        click(client, "#live-pause").await;
        hit("/while-paused");
        wait_until(client, "document.getElementById('live-state').textContent.includes('1 waiting')").await;
        let shown = client.find_all(Locator::Css("#spy li")).await.unwrap().len();
        assert_eq!(shown, 1);
        click(client, "#live-pause").await;
        wait_for_text(client, "Page /while-paused").await;
    });
}

#[test]
fn a_new_visit_appears_in_the_list_by_itself() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let hit = |from: &str| {
        let owned = super::harness::view("/");
        assert_eq!(server.hit(from, &super::harness::fields(&owned)).status, 204);
    };
    hit("81.2.1.1");
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}/sites/1/visitors", server.address)).await.unwrap();
        wait_for_text(client, "81.2.1.0").await;
        hit("81.2.2.1");
        wait_for_text(client, "81.2.2.0").await;
    });
}

#[test]
fn a_browser_without_permission_keeps_no_cookie_and_one_with_it_is_known_again() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        let cookies = "return document.cookie";
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        assert_eq!(client.execute(cookies, vec![]).await.unwrap(), "");
        desk.open().execute_batch("update sites set cookies_allowed = 1").unwrap();
        client.goto(&format!("http://{book}/title-page.html?2")).await.unwrap();
        wait_until(client, "document.cookie.includes('_jsuid=')").await;
        client.goto(&format!("http://{book}/title-page.html?3")).await.unwrap();
        wait_for_hit(client).await;
    });
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select count(*) from visits where visitor_id < 1 << 53"), 1);
}

/// Chooses an answer of the tracking settings, as their owner does.
async fn choose(client: &Client, server: &Server<'_>, id: &str) {
    client.goto(&format!("http://{}/sites/1/preferences/tracking", server.address)).await.unwrap();
    click(client, &format!("#{id}")).await;
    click(client, "form.settings > button.primary").await;
    wait_for(client, ".notice").await;
}

#[test]
fn a_visitor_who_agrees_later_is_known_from_then_on_and_not_before() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    let known = || desk.texts("select ifnull(hex(address), '') || ' ' || (visitor_id < 1 << 53) from visits");
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        choose(client, &server, "identity-consent").await;
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        wait_until(client, "window.clicky").await;
        assert!(!document_cookie(client).await.contains("_jsuid"));
        assert_eq!(known(), [" 0"]);
        client.execute("clicky.consent()", vec![]).await.unwrap();
        wait_until(client, "document.cookie.includes('_jsuid=')").await;
        client.goto(&format!("http://{book}/title-page.html?2")).await.unwrap();
        wait_for_hit(client).await;
        client.execute("clicky.consent(false)", vec![]).await.unwrap();
        assert!(!document_cookie(client).await.contains("_jsuid"), "the cookie outlives the consent");
        assert!(!document_cookie(client).await.contains("_consent"));
    });
    assert_eq!(known(), ["7F000000 1"]);
}

#[test]
fn a_browser_that_sends_gpc_gets_no_cookie_where_others_do() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        choose(client, &server, "identity-cookie").await;
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_until(client, "document.cookie.includes('_jsuid=')").await;
    });
    with_browser(1_280, async |client| {
        switch_privacy_control_on(client).await;
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_for_hit(client).await;
        client.goto(&format!("http://{book}/title-page.html?2")).await.unwrap();
        wait_for_hit(client).await;
        assert!(!document_cookie(client).await.contains("_jsuid"));
    });
    assert_eq!(desk.number("select count(*) from visits where visitor_id < 1 << 53"), 0, "a page was enough");
}

#[test]
fn a_site_that_does_without_cookies_again_takes_back_those_that_are_there() {
    for identity in ["identity-none", "identity-consent"] {
        let desk = Desk::with_site_here();
        let server = desk.serve();
        let named = "<script>if (location.search == '?named') clicky_custom = { visitor: { username: 'Bob' } }</script>";
        let book = serve_book(format!("{named}{}", page_code(&server)));
        let page = |query: &str| format!("http://{book}/title-page.html{query}");
        with_browser(1_280, async |client| {
            note_beacons(client).await;
            sign_in(client, &server).await;
            choose(client, &server, "identity-cookie").await;
            client.goto(&page("?named")).await.unwrap();
            wait_until(client, "document.cookie.includes('_custom_data_username=Bob')").await;
            client.goto(&page("?known-again")).await.unwrap();
            // The name comes once the server has answered, and not before.
            wait_until(client, "sent.length == 2 && sent[1].includes('Bob') && !sent[0].includes('Bob')")
                .await;
            choose(client, &server, identity).await;
            client.goto(&page("?after")).await.unwrap();
            wait_until(client, "sent.length && document.cookie == ''").await;
            client.execute("clicky.log('#later', 'Later')", vec![]).await.unwrap();
            wait_until(client, "sent.length == 2").await;
            let sent = client.execute("return sent.join(' ')", vec![]).await.unwrap().to_string();
            assert!(!sent.contains("Bob"), "{identity}: {sent}");
            client.goto(&page("?named")).await.unwrap();
            wait_for_hit(client).await;
            client.goto(&page("?last")).await.unwrap();
            wait_for_hit(client).await;
            assert_eq!(document_cookie(client).await, "", "{identity}");
            if identity == "identity-consent" {
                client.execute("clicky.consent()", vec![]).await.unwrap();
                wait_until(client, "/_jsuid=/.test(document.cookie) && /_consent=/.test(document.cookie)")
                    .await;
            }
        });
    }
}

#[test]
fn a_site_that_does_not_honour_gpc_knows_such_browsers_as_others() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        choose(client, &server, "identity-cookie").await;
        // Anew, so that the next notice is that of the next form.
        client.goto(&format!("http://{}/sites/1/preferences/tracking", server.address)).await.unwrap();
        click(client, "#signals").await;
        click(client, "form.settings > button.primary").await;
        wait_for(client, ".notice").await;
        switch_privacy_control_on(client).await;
        client.goto(&format!("http://{book}/title-page.html")).await.unwrap();
        wait_until(client, "document.cookie.includes('_jsuid=')").await;
        client.goto(&format!("http://{book}/title-page.html?2")).await.unwrap();
        wait_for_hit(client).await;
        // Honoured from now on: what is there goes.
        desk.open().execute_batch("update sites set signals_honoured = 1").unwrap();
        client.goto(&format!("http://{book}/title-page.html?3")).await.unwrap();
        wait_until(client, "window.clicky && !document.cookie.includes('_jsuid=')").await;
    });
    assert_eq!(desk.number("select count(*) from visits where visitor_id < 1 << 53"), 1);
}

#[test]
fn ones_own_visits_are_ignored_by_a_link_until_another_counts_them_again() {
    let desk = Desk::with_site_here();
    let server = desk.serve();
    let book = serve_book(page_code(&server));
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}/sites/1/preferences/tracking", server.address)).await.unwrap();
        let links = client.find_all(Locator::Css("a[href*='_cky_ignore']")).await.unwrap();
        let mut fragments = Vec::new();
        for link in links {
            let href = link.attr("href").await.unwrap().unwrap();
            fragments.push(href.split_once('#').unwrap().1.to_owned());
        }
        let [ignore, count] = fragments.try_into().unwrap();
        client.goto(&format!("http://{book}/title-page.html#{ignore}")).await.unwrap();
        wait_until(client, "window.clicky && document.readyState == 'complete'").await;
        client.goto(&format!("http://{book}/ch01-00-getting-started.html")).await.unwrap();
        wait_until(client, "window.clicky && document.readyState == 'complete'").await;
        client.execute("clicky.log('#mine', 'Mine')", vec![]).await.unwrap();
        client.goto(&format!("http://{book}/title-page.html?2#{count}")).await.unwrap();
        wait_for_hit(client).await;
    });
    let seen = actions(&desk);
    assert!(seen.len() == 1 && seen[0].ends_with("/title-page.html?2"), "{seen:?}");
}

pub async fn document_cookie(client: &Client) -> String {
    let cookie = client.execute("return document.cookie", vec![]).await.unwrap();
    cookie.as_str().unwrap().to_owned()
}

#[test]
fn the_second_factor_is_set_up_by_its_picture_and_asked_for_when_signing_in() {
    let desk = Desk::with_site();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}/account/security", server.address)).await.unwrap();
        click(client, "#second-factor button").await;
        wait_for(client, "svg.qr").await;
        let letters = client.find(Locator::Id("factor-secret")).await.unwrap().text().await.unwrap();
        fill(client, "code", &super::account::code(&letters.replace(' ', ""), 0)).await;
        fill(client, "factor-password", PASSWORD).await;
        click(client, "form[action*=confirm] button.primary").await;
        wait_for(client, "#recovery-codes").await;
        client.delete_all_cookies().await.unwrap();
        client.goto(&format!("http://{}/login?next=/account/security", server.address)).await.unwrap();
        fill(client, "username", "ada").await;
        fill(client, "password", PASSWORD).await;
        click(client, "button.primary").await;
        wait_for_text(client, "One more step").await;
        fill(client, "code", &super::account::code(&letters.replace(' ', ""), 1)).await;
        click(client, "button.primary").await;
        wait_for_text(client, "Recovery codes left").await;
    });
}

#[test]
fn no_screen_scrolls_sideways_or_complains_at_any_width_in_any_theme() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let long = "Brot".repeat(90);
    let owned = super::harness::view(&format!("/{long}"));
    let more = [
        ("title", long.as_str()),
        ("custom[username]", long.as_str()),
        ("ref", "https://a-very-long-referring-host.example/"),
    ];
    server.hit("193.0.6.139", &[&super::harness::fields(&owned)[..], &more].concat());
    let (visit, visitor) =
        (desk.number("select id from visits"), desk.number("select visitor_id from visits"));
    let paths = [
        "/".to_owned(),
        "/sites/new".into(),
        "/sites/1/visitors".into(),
        "/sites/1/spy".into(),
        "/sites/1/preferences/info".into(),
        "/sites/1/preferences/white-label".into(),
        "/sites/1/preferences/tracking".into(),
        "/sites/1/preferences/hosts".into(),
        "/account/profile".into(),
        "/account/security".into(),
        "/account/tokens".into(),
        "/account/digests".into(),
        "/account/digests/new".into(),
        "/sites/1/preferences/digests".into(),
        format!("/sites/1/visits/{visit}"),
        format!("/sites/1/visitors/{visitor}"),
        "/login".into(),
        "/licenses".into(),
        "/nowhere".into(),
    ];
    for width in [360, 1_280] {
        with_browser(width, async |client| {
            sign_in(client, &server).await;
            for theme in ["light", "dark"] {
                client.execute(&format!("document.cookie = 'theme={theme};path=/'"), vec![]).await.unwrap();
                for path in &paths {
                    client.goto(&format!("http://{}{path}", server.address)).await.unwrap();
                    let widths = client
                        .execute("return [document.scrollingElement.scrollWidth, innerWidth]", vec![])
                        .await
                        .unwrap();
                    assert!(widths[0].as_i64() <= widths[1].as_i64(), "{path} at {width}: {widths}");
                    let chosen = client
                        .execute("return document.documentElement.dataset.theme", vec![])
                        .await
                        .unwrap();
                    assert_eq!(chosen, theme);
                }
            }
        });
    }
}
