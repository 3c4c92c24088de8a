//! Strangers who send a site whatever they like: what all visitors share stays there for the others.

use super::harness::{BROWSER, Desk, Server, beacon, fields, view};
use super::http::{form, get, post};
use super::reports::cells;
use std::collections::HashMap;

/// What the data file takes, as soon as its log is in it.
fn bytes(desk: &Desk) -> i64 {
    desk.number("select page_count * page_size from pragma_page_count, pragma_page_size")
}

/// How many hits of site 1 were counted for each reason.
fn filtered(desk: &Desk) -> HashMap<String, i64> {
    let rows =
        desk.texts("select reason || ' ' || sum(count) from filtered where site_id = 1 group by reason");
    let pairs = rows.iter().map(|row| row.split_once(' ').unwrap());
    pairs.map(|(reason, count)| (reason.to_owned(), count.parse().unwrap())).collect()
}

/// Sends hits full of new texts from all addresses of one network.
fn flood(server: &Server<'_>, hits: usize) {
    const WIRES: usize = 6;
    std::thread::scope(|scope| {
        for wire in 0..WIRES {
            scope.spawn(move || {
                let mut line = server.wire();
                for number in (wire..hits).step_by(WIRES) {
                    let long = "x".repeat(1_900);
                    let page = format!("https://bakery.example/flood/{number}/{long}");
                    let referrer = format!("https://r{number}.example/{long}");
                    let title = format!("Title {number}");
                    let query = format!("utm_campaign=c{number}&utm_source=s{number}&utm_term=t{number}");
                    let page = format!("{page}?{query}");
                    let custom: Vec<(String, String)> = (0..20)
                        .map(|key| {
                            (format!("custom[k{number}-{key}]"), format!("v{number}-{key} {}", &long[..90]))
                        })
                        .collect();
                    let mut said = vec![
                        ("type", "pageview"),
                        ("href", page.as_str()),
                        ("title", title.as_str()),
                        ("ref", referrer.as_str()),
                    ];
                    said.extend(custom.iter().map(|(key, value)| (key.as_str(), value.as_str())));
                    // Another browser for each round through the addresses: every hit is a visit of its own.
                    let agent = BROWSER.replace("131", &(100 + number / 256).to_string());
                    let request = beacon(&format!("45.9.1.{}", number % 256), &said)
                        .without("User-Agent")
                        .header("User-Agent", &agent);
                    line.send(&request.bytes(server.address)).unwrap();
                    assert_eq!(line.answer().unwrap().status, 204);
                }
            });
        }
    });
}

#[test]
fn one_network_full_of_new_texts_takes_no_name_from_anybody_else() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let before = bytes(&desk);
    flood(&server, 3_000);
    assert_eq!(desk.number("select count(*) from actions"), 3_000, "a hit of the flood was not kept");
    let count = |like: &str| desk.number(&format!("select count(*) from labels where text like '{like}'"));
    let (pages, titles) = (count("https://bakery.example/flood/%"), count("Title %"));
    assert_eq!(pages + titles, 5_000);
    let custom =
        desk.number("select count(*) from labels where text glob 'k[0-9]*-*' or text glob 'v[0-9]*-*'");
    assert_eq!(custom, 2_000);
    assert!(desk.number("select count(*) from labels") < 10_000);
    let grown = bytes(&desk) - before;
    assert!(grown < 30 * 1024 * 1024, "{grown} bytes for 3,000 hits");

    let genuine = view("/almond-croissant");
    let mut said = fields(&genuine);
    said.extend([
        ("ref", "https://gazette.example/baking"),
        ("custom[club]", "sourdough"),
        ("res", "1234x567"),
    ]);
    assert_eq!(server.hit("81.2.69.1", &said).status, 204);
    let visit = desk.texts(
        "select concat_ws(' | ', page.text, title.text, referrer.text, screen.text, key.text, value.text)
         from actions
         join visits on visits.site_id = actions.site_id and visits.id = actions.visit_id
         join sources on sources.id = visits.source
         join machines on machines.id = visits.machine
         join custom on custom.site_id = actions.site_id and custom.visit_id = actions.visit_id
         join labels page on page.id = actions.page
         join labels title on title.id = actions.title
         join labels referrer on referrer.id = sources.referrer
         join labels screen on screen.id = machines.screen
         join labels key on key.id = custom.key
         join labels value on value.id = custom.value
         where page.text like '%croissant'",
    );
    assert_eq!(
        visit,
        [
            "https://bakery.example/almond-croissant | Page /almond-croissant | https://gazette.example/baking | 1234x567 | club | sourdough"
        ]
    );
    // A program with the admin key has a budget of its own, whoever's action it logs.
    let key = desk.texts("select site_key_admin from sites").remove(0);
    let logged =
        [("site_id", "1"), ("sitekey_admin", &key), ("type", "pageview"), ("href", "/from-the-till")];
    let logged = [&logged[..], &[("ip_address", "45.9.1.7"), ("ua", BROWSER)]].concat();
    assert_eq!(server.ask(&get(format!("/in.php?{}", form(&logged)))).text(), "OK");
    assert_eq!(count("%/from-the-till"), 1);

    let reasons = filtered(&desk);
    assert_eq!(reasons["network-pages"], 3_000 - 2_500);
    assert!(reasons["network-sources"] > 1_000 && reasons["network-custom"] == 3_000 - 50, "{reasons:?}");
    assert!(!reasons.keys().any(|reason| reason.starts_with("day-")), "{reasons:?}");
    let most = "select max(samples) from (select count(*) as samples from filtered_samples group by reason)";
    assert_eq!(desk.number(most), 5, "samples of one network");
    let page = server.page("/sites/1/reports/left-out?date=today", &ada);
    for words in ["<b>0</b> hits were not counted", "Counted, but not by name", "New pages of one network"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let file = server.page("/sites/1/export/left-out.csv?date=today", &ada);
    assert!(file.contains(",network-pages,New pages of one network,500"), "{file}");
    let pages = cells(&server.page("/sites/1/export/pages.csv?date=today&limit=10", &ada));
    assert!(pages.iter().any(|row| row.iter().any(|cell| cell.contains("(other)"))));
    assert!(pages.iter().any(|row| row.iter().any(|cell| cell.contains("almond-croissant"))));
}

#[test]
fn an_import_has_a_budget_of_its_own() {
    let desk = Desk::with_site();
    let line = |number: i64| {
        let minute = number / 1_000;
        format!(
            "{{\"time\":\"2026-10-20T10:0{minute}:00Z\",\"href\":\"/p{number}\",\"ip\":\"81.2.69.1\",\"ua\":\"{BROWSER}\",\"uid\":\"{number}\"}}\n"
        )
    };
    let path = desk.path().join("hits.jsonl");
    std::fs::write(&path, (0..6_000).map(line).collect::<String>()).unwrap();
    desk.json(&["import", path.to_str().unwrap(), "--site", "1", "--json"]);
    assert_eq!(desk.number("select count(*) from labels where text like 'https://bakery.example/p%'"), 6_000);
    assert_eq!(filtered(&desk), HashMap::new());
}

#[test]
fn one_network_does_not_use_up_the_actions_of_a_day() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let settings = [("identity", "none"), ("hits_per_minute", "3000"), ("actions_per_day", "100")];
    assert_eq!(server.ask(&post("/sites/1/preferences/tracking", &settings).cookie(&ada)).status, 303);
    let taken = |address: &str, most: usize| {
        let hits = (0..most).map(|number| server.hit(address, &fields(&view(&format!("/{number}")))));
        hits.take_while(|answer| answer.header("x-clickstead-reason").is_empty()).count()
    };
    assert_eq!(taken("45.9.1.1", 200), 50, "half of the day");
    let refused = server.hit("45.9.1.2", &fields(&view("/")));
    assert_eq!((refused.status, refused.header("x-clickstead-reason")), (204, "network-full"));
    assert_eq!(taken("81.2.69.1", 200), 10, "another network has its tenth");
    assert_eq!(taken("2001:db8:1::1", 200), 10);
    assert_eq!(taken("2001:db8:1:ffff::1", 200), 0, "the same /48");
    assert!(server.page("/sites/1/reports/left-out?date=today", &ada).contains("Network full"));
}
