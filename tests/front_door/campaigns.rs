//! Campaigns of a site's own, by further parameters, landing pages and referring domains, and the report on one key of custom
//! data.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::import::{file, import, request};
use serde_json::json;

fn come(server: &Server<'_>, address: &str, path: &str, more: &[(&str, &str)]) {
    let owned = view(path);
    let sent: Vec<_> = fields(&owned).into_iter().chain(more.iter().copied()).collect();
    assert_eq!(server.hit(address, &sent).status, 204, "{path}");
}

/// The items of a report's file.
fn items(server: &Server<'_>, cookie: &str, report: &str, more: &str) -> Vec<String> {
    let file =
        server.page(&format!("/sites/1/export/{report}.csv?date=this-year&compare=none{more}"), cookie);
    file.lines().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect()
}

const OWN: &str = "insert into campaign_parameters (site_id, parameter, part) values (1, 'aktion', 'campaign'), (1, 'Via', 'source');
  insert into campaign_rules (site_id, campaign, kind, match, pattern, created_at) values
    (1, 'Flyer', 'landing', 'starts', '/flyer', 0), (1, 'Partner', 'referrer', 'exact', 'partner.example', 0);";

#[test]
fn a_sites_own_campaigns_hold_from_the_next_hit_on() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", "/flyer?aktion=Before", &[]);
    desk.open().execute_batch(OWN).unwrap();
    come(&server, "81.2.69.2", "/flyer/2026?a=1&Aktion=Herbst+2026&via=zeitung", &[]);
    come(&server, "81.2.69.3", "/flyer/2026?a=1", &[]);
    come(&server, "81.2.69.4", "/", &[("ref", "https://shop.partner.example/list")]);
    come(&server, "81.2.69.5", "/flyer?utm_campaign=Spring", &[]);
    let ada = server.sign_in("ada");
    let mut campaigns = items(&server, &ada, "campaigns", "");
    campaigns.sort();
    assert_eq!(campaigns, ["Flyer", "Herbst 2026", "Partner", "Spring"]);
    assert_eq!(items(&server, &ada, "campaign-sources", ""), ["zeitung"]);
    assert_eq!(items(&server, &ada, "traffic-sources", "&campaign=Flyer"), ["Advertising"]);
    assert_eq!(items(&server, &ada, "traffic-sources", "&campaign=Partner"), ["Links"]);
    let pages = desk.texts("select distinct text from actions join labels on labels.id = page order by text");
    assert_eq!(
        pages,
        [
            "https://bakery.example/",
            "https://bakery.example/flyer",
            "https://bakery.example/flyer/2026?a=1",
            "https://bakery.example/flyer?aktion=Before"
        ]
    );
}

#[test]
fn imported_lines_belong_to_a_sites_own_campaigns_too() {
    let desk = Desk::with_site();
    desk.open().execute_batch(OWN).unwrap();
    let lines = [("81.2.69.1", "/flyer/old"), ("81.2.69.2", "/shop?aktion=Herbst"), ("81.2.69.3", "/shop")]
        .map(|(address, path)| request(address, 1, &format!("GET {path} HTTP/1.1"), 200));
    assert_eq!(import(&desk, &file(&desk, "access.log", lines.concat()))["taken"], 3);
    let campaigns = desk.texts(
        "select text from visits join sources on sources.id = source join labels on labels.id = campaign order by text",
    );
    assert_eq!(campaigns, ["Flyer", "Herbst"]);
    assert_eq!(desk.number("select count(*) from labels where text glob '*aktion=*'"), 0);
}

#[test]
fn the_report_on_custom_data_is_narrowed_to_one_key() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for (address, plan, shop) in [
        ("81.2.69.1", "free", "Berlin"),
        ("81.2.69.2", "premium", "Berlin"),
        ("81.2.69.3", "premium", "Bonn"),
    ] {
        come(&server, address, "/", &[("custom[plan]", plan), ("custom[shop]", shop)]);
    }
    come(&server, "81.2.69.4", "/", &[("custom[username]", "premium")]);
    let ada = server.sign_in("ada");
    let custom = |more: &str| items(&server, &ada, "custom", more);
    assert_eq!(custom("").len(), 5);
    assert_eq!(custom("&key=plan"), ["premium", "free"]);
    assert_eq!(custom("&key=plan&sort=title"), ["free", "premium"]);
    assert_eq!(custom("&key=plan&find=prem"), ["premium"]);
    assert_eq!(custom("&key=plan&custom=shop:+Bonn"), ["premium"]);
    assert_eq!(custom("&key=plan&custom.starts=shop:+B"), ["premium", "free"]);
    assert!(custom("&key=none").is_empty());
    assert_eq!(custom("&key=shop&custom=plan"), ["Berlin", "Bonn"], "any value of a key");
    let client = Program::with_key(&desk);
    let reply = client.read(&server, "reports/custom?date=today&key=plan");
    assert_eq!((&reply["rows"][0]["item"], &reply["count"]), (&"premium".into(), &2.into()), "{reply}");
    assert_eq!(reply["total"], 3);
    assert_eq!(client.refused_field(&server, "/api/v1/sites/1/reports/pages?date=today&key=plan"), "key");
    let query =
        json!({"metrics": ["visits"], "date_range": "today", "dimensions": ["custom"], "key": "plan"});
    let reply = client.query(&server, &query).json();
    assert_eq!(reply["results"].as_array().unwrap().len(), 2, "{reply}");
    let screen = server.page("/sites/1/reports/custom?date=today&key=plan", &ada);
    let tabs = screen.split("id=\"custom-keys\"").nth(1).unwrap().split("</nav>").next().unwrap();
    for key in ["All keys", ">plan<", ">shop<", ">username<"] {
        assert!(tabs.contains(key), "{key}: {tabs}");
    }
    assert!(screen.contains("premium") && !screen.contains("Bonn"), "{screen}");
}

#[test]
fn a_visitor_has_the_name_that_somebody_gave_them_here_before_the_one_that_the_page_gave() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", "/", &[("custom[email]", "bob@mail.example"), ("custom[name]", "Bob Baker")]);
    let ada = server.sign_in("ada");
    let visit = desk.number("select id from visits");
    let visitor = desk.number("select visitor_id from visits");
    let client = Program::with_key(&desk);
    let screens = [
        "/sites/1/visitors?date=today".to_owned(),
        format!("/sites/1/visits/{visit}"),
        format!("/sites/1/visitors/{visitor}"),
        "/sites/1/reports/visitors-most-active?date=today".to_owned(),
        "/sites/1/spy".to_owned(),
    ];
    let told = |name: &str| {
        for path in &screens {
            assert!(server.page(path, &ada).contains(name), "{path} does not say {name}");
        }
        let reply = client.read(&server, "visits?date=today");
        assert_eq!(reply["visits"][0]["name"], name, "{reply}");
    };
    told("Bob Baker");
    desk.open()
        .execute_batch(&format!(
            "insert into visitor_notes (site_id, visitor_id, name, tags, note, changed_at) values (1, {visitor}, 'Our Bob', '', '', 0)"
        ))
        .unwrap();
    told("Our Bob");
}
