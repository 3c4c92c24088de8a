//! Help: everybody's, with the table as the file has it, pictures that are there, and words that the program really uses.

use super::chromium::with_browser;
use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::{get, post};
use std::collections::BTreeSet;

const GUIDES: &[&str] = &[
    "add-access",
    "update-access",
    "remove-access",
    "privacy",
    "levels",
    "segments",
    "goals",
    "funnels",
    "split-tests",
    "retention",
    "campaigns",
    "annotations",
    "web-vitals",
    "heatmaps",
    "alerts",
    "digests",
    "uptime",
    "webhooks",
    "moving-from-clicky",
    "api",
];
/// Guides without pictures: a table, and texts to copy.
const PLAIN: &[&str] = &[
    "levels",
    "moving-from-clicky",
    "api",
    "goals",
    "funnels",
    "split-tests",
    "retention",
    "campaigns",
    "annotations",
    "web-vitals",
    "heatmaps",
    "alerts",
    "digests",
    "uptime",
    "webhooks",
];

/// Every part of a page between two marks.
fn between<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    page.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

/// What a page has beside its frame.
fn content(page: &str) -> &str {
    between(page, "<main", "</main>")[0]
}

/// The texts of a page, each as long as no tag is in it.
fn texts(page: &str) -> BTreeSet<String> {
    let texts = page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
    texts.map(|text| text.replace("&amp;", "&")).collect()
}

fn guide(server: &Server<'_>, path: &str, cookie: Option<&str>) -> String {
    let request = get(format!("/help/{path}"));
    let answer = server.ask(&cookie.map_or(request.clone(), |cookie| request.cookie(cookie)));
    assert_eq!(answer.status, 200, "{path}");
    content(&answer.text()).to_owned()
}

fn with_people(people: &[(&str, Option<&str>)]) -> Desk {
    let desk = Desk::with_site();
    for (name, level) in people {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
        if let Some(level) = level {
            desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
        }
    }
    desk
}

#[test]
fn every_guide_is_everybodys() {
    let desk = with_people(&[("eve", None)]);
    let server = desk.serve();
    let (ada, eve) = (server.sign_in("ada"), server.sign_in("eve"));
    let index = server.ask(&get("/help"));
    assert_eq!(index.status, 200);
    for name in GUIDES {
        assert!(content(&index.text()).contains(&format!("href=\"/help/{name}\"")), "{name}");
        let plain = guide(&server, name, None);
        assert!(plain.contains("<h1>") && guide(&server, name, Some(&eve)).contains("<h1>"), "{name}");
        // With a site, nobody's data is named either.
        let told = guide(&server, &format!("{name}?site=1"), Some(&ada));
        assert!(!told.contains("bakery") && !told.contains("ada@") && !told.contains("ada<"), "{told}");
    }
    assert_eq!(server.ask(&get("/help/nothing")).status, 404);
}

#[test]
fn the_levels_page_has_every_cell_as_the_file_has_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = guide(&server, "levels", None);
    let rows: Vec<Vec<String>> = between(&page, "<tr", "</tr>")
        .into_iter()
        .map(|row| {
            let cells = row.split("<th").flat_map(|part| part.split("<td")).skip(1);
            cells.map(|cell| texts(&format!("<{cell}")).into_iter().next_back().unwrap()).collect()
        })
        .collect();
    let mut lines = include_str!("../../src/access/access.csv").lines().filter(|line| !line.starts_with('#'));
    let columns: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
    let titles = [
        "Owner",
        "Administrator",
        "User",
        "View Only",
        "Guest link",
        "Others",
        "Signed out",
        "Site key",
        "Token",
    ];
    assert_eq!(
        columns,
        ["owner", "administrator", "user", "view_only", "guest", "stranger", "anonymous", "key", "token"]
    );
    assert_eq!(rows[0][1..], titles);
    let mut found = 0;
    // What this version does not have is not named; "chosen" data of visitors has no route of its own.
    let is_there = |row: &str| {
        let is_routed = clickstead::routes().iter().any(|route| route.2 == row);
        // These choose what screens show.
        let shown = [
            "see addresses names and custom data of visitors",
            "see goal and funnel results",
            "see revenue",
            "see annotations of dates",
        ];
        is_routed || shown.contains(&row)
    };
    for line in lines {
        let mut cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if cells[0] == "choose which pages heatmaps and recordings cover" {
            // Recordings are a later feature.
            cells[0] = "choose which pages heatmaps cover";
        } else if !is_there(cells[0]) {
            assert!(!rows.iter().any(|row| row[0].replace(',', "").eq_ignore_ascii_case(cells[0])), "{line}");
            continue;
        }
        let is_of = |row: &&Vec<String>| row[0].replace(',', "").eq_ignore_ascii_case(cells[0]);
        let row = rows.iter().find(is_of).unwrap_or_else(|| panic!("{} is missing", cells[0]));
        let said: Vec<&str> = match cells[1] {
            "public" => vec!["everybody"],
            "signed_in" => vec!["anybody with an account"],
            "operator" => vec!["whoever runs the server"],
            _ => cells[1..=titles.len()]
                .iter()
                .map(|cell| if *cell == "flag" { "switched on" } else { cell })
                .collect(),
        };
        assert_eq!(row[1..], said, "{}", cells[0]);
        found += 1;
    }
    // Nothing else stands there but the heads of the two tables.
    assert_eq!(rows.len(), found + 2);
}

#[test]
fn every_picture_is_there_in_both_looks_and_says_what_it_shows() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut shown = BTreeSet::new();
    for name in GUIDES {
        let page = guide(&server, name, None);
        let pictures = between(&page, "<img", ">");
        assert!(PLAIN.contains(name) || pictures.len() >= 4, "{name} has {} pictures", pictures.len());
        for picture in pictures {
            let value =
                |attribute: &str| between(picture, &format!("{attribute}=\""), "\"")[0].replace("&amp;", "&");
            let answer = server.ask(&get(value("src")));
            assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"), "{picture}");
            assert!(answer.header("cache-control").contains("immutable"));
            assert!(value("alt").len() > 20, "{picture}");
            let pixels = |from: usize| u32::from_be_bytes(answer.body[from..from + 4].try_into().unwrap());
            let said = |attribute: &str| value(attribute).parse::<u32>().unwrap();
            assert_eq!((said("width"), said("height")), (pixels(16) * 2 / 3, pixels(20) * 2 / 3));
            assert!(answer.body.len() < 60_000, "{picture} has {} bytes", answer.body.len());
            let file = value("src").split(['/', '?']).nth(3).unwrap().to_owned();
            assert!(file.ends_with(&format!("-{}.png", value("class"))), "{file}");
            shown.insert(file);
        }
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/help");
    let files = std::fs::read_dir(folder).unwrap();
    let pictures =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension() == Some("png".as_ref()));
    let made: BTreeSet<String> =
        pictures.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(shown, made);
}

#[test]
fn a_guide_leads_to_the_settings_of_a_site_only_who_may_open_them() {
    let people =
        [("adam", Some("administrator")), ("uma", Some("user")), ("vic", Some("view-only")), ("eve", None)];
    let desk = with_people(&people);
    let server = desk.serve();
    for name in ["ada", "adam"] {
        let cookie = server.sign_in(name);
        let guide = guide(&server, "remove-access?site=1", Some(&cookie));
        for screen in ["sharing", "public-access", "info"] {
            assert!(guide.contains(&format!("href=\"/sites/1/preferences/{screen}\"")), "{name}: {screen}");
        }
        assert!(guide.contains("href=\"/account/security\""));
    }
    for name in ["uma", "vic"] {
        let cookie = server.sign_in(name);
        let guide = guide(&server, "remove-access?site=1", Some(&cookie));
        assert!(!guide.contains("/sites/1") && guide.contains("href=\"/account/security\""), "{name}");
    }
    let eve = server.sign_in("eve");
    for cookie in [Some(eve.as_str()), None] {
        // Nobody learns from a guide that there is a site.
        let [real, other] = [1, 99].map(|site| guide(&server, &format!("add-access?site={site}"), cookie));
        assert!(!real.contains("/sites/1"));
        assert!(!real.contains("site=1"), "{real}");
        assert_eq!(real, other);
    }
    assert!(!guide(&server, "remove-access", None).contains("href=\"/account"));
}

#[test]
fn no_link_of_a_guide_is_dead() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let mut dead = BTreeSet::new();
    for name in GUIDES {
        let page = guide(&server, &format!("{name}?site=1"), Some(&ada));
        for link in between(&page, "href=\"", "\"") {
            let (path, part) = link.split_once('#').map_or((link, None), |(path, part)| (path, Some(part)));
            let target = if path.is_empty() {
                page.clone()
            } else {
                let answer = server.ask(&get(path).cookie(&ada));
                if answer.status != 200 {
                    dead.insert(path.to_owned());
                }
                answer.text()
            };
            assert!(
                part.is_none_or(|part| target.contains(&format!("id=\"{part}\""))),
                "{name}: {link} leads nowhere"
            );
        }
    }
    assert!(dead.is_empty(), "{dead:?}");
}

/// Every screen that the guides speak of, with something to see on each.
fn screens(desk: &Desk, server: &Server<'_>) -> BTreeSet<String> {
    let ada = server.sign_in("ada");
    server.sign_in("ada");
    let base = "/sites/1/preferences";
    let send = |path: &str, typed: &[(&str, &str)]| server.ask(&post(path, typed).cookie(&ada)).text();
    let vic = desk.number("select id from users where username = 'vic'").to_string();
    send(&format!("{base}/view-only"), &[("user", &vic), ("report", "pages")]);
    let link = [("name", "One"), ("report", "pages"), ("embed_origins", "https://www.example.com")];
    send(&format!("{base}/public-access/new"), &link);
    send(&format!("{base}/public-access/new"), &link[..2]);
    send(&format!("{base}/public-access/2/disable"), &[]);
    let invited = send(&format!("{base}/sharing"), &[("user", "new@e.example"), ("level", "user")]);
    let invitation = format!("/invite/{}", between(&invited, "/invite/", "<")[0]);
    send(&format!("{base}/uptime/new"), &[("url", "http://127.0.0.1:9/")]);
    let goal = [
        ("name", "Order"),
        ("kind", "page"),
        ("match", "exact"),
        ("pattern", "/thanks"),
        ("revenue", "sent"),
    ];
    send(&format!("{base}/goals/new"), &goal);
    let list = server.page(&format!("{base}/goals"), &ada);
    // As if a page had named it.
    desk.open().execute("update goals set is_set_up = 0", []).unwrap();
    let mut pages = vec![
        list,
        invited,
        server.ask(&get(invitation)).text(),
        send(&format!("{base}/info/keys"), &[]),
        server.page(&format!("{base}/view-only?user={vic}"), &ada),
    ];
    for path in [
        "goals",
        "goals/new",
        "funnels/new",
        "campaigns",
        "info",
        "sharing",
        "public-access",
        "public-access/1",
        "public-access/new",
        "tracking",
        "uptime",
        "uptime/new",
        "uptime/1",
        "view-only",
    ] {
        pages.push(server.page(&format!("{base}/{path}"), &ada));
    }
    for path in
        ["/sites/1/alerts", "/sites/1/alerts/new", "/sites/1/alerts/new-spike", &format!("{base}/alerts")]
    {
        pages.push(server.page(path, &ada));
    }
    let locked = [("name", "Locked"), ("report", "pages"), ("password", PASSWORD)];
    send(&format!("{base}/public-access/new"), &locked);
    let locked = desk.number("select max(id) from links");
    pages.push(server.page(&format!("{base}/public-access/{locked}"), &ada));
    // Somebody who came long ago.
    let visitor = desk.number("select visitor_id from visits");
    pages.push(server.page(&format!("/sites/1/visitors/{visitor}"), &ada));
    pages.push(send(&format!("{base}/privacy"), &[("keep", "days"), ("days", "30")]));
    pages.push(server.page("/sites/1/reports/custom", &ada));
    send("/account/sub-accounts", &[("username", "cleo"), ("email", "cleo@c.example")]);
    let webhook = [("name", "Chat"), ("format", "json"), ("url", "https://a.example")];
    pages.push(send(&format!("{base}/webhooks/new"), &webhook));
    let message = "insert into webhook_deliveries (webhook_id, message_id, title, event, created_at) values (1, 'm', 'Test', '{}', 0)";
    desk.open().execute(message, []).unwrap();
    for path in [
        "/sites/1/preferences/webhooks",
        "/sites/1/preferences/webhooks/1",
        "/account/security",
        "/account/sub-accounts",
        "/account/access",
        "/account/tokens",
        "/account/digests",
        "/account/digests/new",
        "/sites/1/preferences/digests",
        "/sites/1/access",
    ] {
        pages.push(server.page(path, &ada));
    }
    server.hit("81.2.69.1", &fields(&view("/bread")));
    for path in [
        "/sites/1?date=today",
        "/sites/1/reports/pages?date=today&href.contains=bread",
        "/sites/1/heatmaps/page?of=https%3A%2F%2Fbakery.example%2Fbread",
    ] {
        pages.push(server.page(path, &ada));
    }
    pages.push(server.page("/account/sites", &server.sign_in("vic")));
    send(&format!("{base}/view-only/preview"), &[]);
    pages.push(server.page("/sites/1", &ada));
    pages.iter().flat_map(|page| texts(page)).collect()
}

#[test]
fn every_name_that_a_guide_sets_in_bold_stands_on_a_screen() {
    let desk = with_people(&[("vic", Some("view-only"))]);
    desk.open()
        .execute(
            "insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place)
             values (1, (unixepoch() - 40 * 86400) * 1000 << 20, 7, 0, 0, 0, 0, 0, 0, 0)",
            [],
        )
        .unwrap();
    let server = desk.serve();
    let known = screens(&desk, &server);
    let named: BTreeSet<String> = GUIDES
        .iter()
        .flat_map(|name| {
            let page = guide(&server, name, None);
            between(&page, "<b>", "</b>").into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(named.len() > 30, "{named:?}");
    let unknown: Vec<&String> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_way_to_help_is_on_the_screens_about_access() {
    let desk = with_people(&[("vic", Some("view-only"))]);
    let server = desk.serve();
    let (ada, vic) = (server.sign_in("ada"), server.sign_in("vic"));
    for (screen, guides) in [
        ("sharing", &["add-access", "update-access", "remove-access"][..]),
        ("public-access", &["add-access", "update-access", "remove-access", "segments"]),
        ("view-only", &["update-access", "levels"]),
        ("info", &["remove-access", "moving-from-clicky", "api"]),
        ("privacy", &["privacy"]),
    ] {
        let page = server.page(&format!("/sites/1/preferences/{screen}"), &ada);
        for guide in guides {
            assert!(content(&page).contains(&format!("href=\"/help/{guide}?site=1\"")), "{screen}: {guide}");
        }
        // The menu of the account.
        assert!(page.contains("href=\"/help?site=1\""), "{screen}");
    }
    assert!(!server.page("/sites/1/preferences/tracking", &ada).contains("/help/"));
    assert!(server.page("/", &vic).contains("href=\"/help\""));
    assert!(server.ask(&get("/login")).text().contains("href=\"/help\""));
    // What a guest link shows names no such page.
    let made = desk.json(&["link", "add", "--site", "1", "--json"]);
    assert!(!server.ask(&get(made["path"].as_str().unwrap())).text().contains("/help"));
}

#[test]
fn pictures_are_light_or_dark_as_the_page_is() {
    let desk = Desk::with_site();
    let server = desk.serve();
    with_browser(1_280, async |client| {
        let address = format!("http://{}/help/remove-access", server.address);
        client.goto(&address).await.unwrap();
        for theme in ["light", "dark"] {
            client.execute(&format!("document.cookie = 'theme={theme};path=/'"), vec![]).await.unwrap();
            client.goto(&address).await.unwrap();
            let look = "return [...document.images].filter((image) => image.getClientRects().length).map((image) => image.className)";
            let shown = client.execute(look, vec![]).await.unwrap();
            let shown = shown.as_array().unwrap();
            assert!(shown.len() >= 3 && shown.iter().all(|look| look == theme), "{theme}: {shown:?}");
        }
    });
}

#[test]
fn what_is_not_there_yet_is_named_nowhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let screens = ["info", "sharing", "public-access/new", "view-only", "tracking", "privacy", "white-label"];
    let screens = screens.map(|screen| format!("/sites/1/preferences/{screen}"));
    let guides = GUIDES.iter().map(|name| format!("/help/{name}"));
    let others = ["/help", "/sites/1/access", "/sites/1/reports", "/account/access"].map(str::to_owned);
    for path in screens.into_iter().chain(guides).chain(others) {
        let page = server.page(&path, &ada).to_lowercase();
        let said = page.split("<main").nth(1).unwrap();
        for word in ["recording", "replay"] {
            assert!(!said.contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn examples_stand_in_the_guide_as_they_are_copied() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let page = guide(&server, "moving-from-clicky", None);
    let examples = between(&page, "<pre tabindex=\"0\"><code>", "</code></pre>");
    let begins = ["curl 'https://", "import requests\n", "&lt;?php\n", "=IMPORTXML(", "=IMPORTDATA("];
    assert_eq!(examples.len(), begins.len());
    for (example, begin) in examples.iter().zip(begins) {
        assert!(example.starts_with(begin) && example.contains("/api/stats/4"), "{example}");
    }
    // The commands of other guides are folded.
    assert!(
        guide(&server, "privacy", None).contains("<details class=\"commands\"><summary>By the command line")
    );
}
