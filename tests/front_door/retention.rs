//! Visits that are not kept: dropped with their totals left, and one visitor's, taken out or erased from every byte.

use super::harness::{Desk, Server, beacon, fields, view};
use super::http::{get, post};

const PRIVACY: &str = "/sites/1/preferences/privacy";
pub const DAY_IDS: i64 = 86_400_000 << 20;

/// A page view of somebody whom the page calls by an e-mail address.
fn come(server: &Server<'_>, address: &str, (path, email): (&str, &str)) {
    let mut sent = view(path);
    if !email.is_empty() {
        sent.push(("custom[email]", email.into()));
    }
    let answer = server.ask(&beacon(address, &fields(&sent)));
    assert_eq!(answer.header("X-Clickstead-Reason"), "", "{path}");
}

/// Lets every visit so far have come so many days earlier.
fn age(desk: &Desk, days: i64) {
    let earlier = days * DAY_IDS;
    desk.open()
        .execute_batch(&format!(
            "update visits set id = id - {earlier};
             update actions set visit_id = visit_id - {earlier};
             update custom set visit_id = visit_id - {earlier}"
        ))
        .unwrap();
}

/// A site with three visits of forty days ago, and one of now.
fn with_old_visits() -> Desk {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", ("/a", "anna@old.example"));
    come(&server, "81.2.69.1", ("/b", ""));
    come(&server, "81.2.69.2", ("/a", ""));
    come(&server, "2a00:1450:4001:800::200e", ("/c", "ben@old.example"));
    server.stop();
    age(&desk, 40);
    let server = desk.serve();
    come(&server, "81.2.69.1", ("/a", "anna@old.example"));
    server.stop();
    desk
}

fn csv(server: &Server<'_>, cookie: &str, report: &str, more: &str) -> String {
    let path = format!("/sites/1/export/{report}.csv?date=last-60-days&compare=none{more}");
    server.page(&path, cookie)
}

/// Whether a text stands anywhere in the file or in what lies beside it.
pub fn is_in_file(desk: &Desk, bytes: &[u8]) -> bool {
    let file = desk.file();
    ["", "-wal", "-shm"].iter().any(|ending| {
        let path = format!("{}{ending}", file.display());
        let held = std::fs::read(path).unwrap_or_default();
        held.windows(bytes.len()).any(|window| window == bytes)
    })
}

const REPORTS: [&str; 12] = [
    "visitors",
    "visitors-unique",
    "actions",
    "time-total",
    "bounce-rate",
    "pages",
    "pages-entrance",
    "countries",
    "web-browsers",
    "operating-systems",
    "engagement-actions",
    "traffic-sources",
];

#[test]
fn old_visits_go_and_reports_answer_as_before() {
    let desk = with_old_visits();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let before: Vec<_> = REPORTS.iter().map(|report| csv(&server, &ada, report, "")).collect();
    assert!(before[5].contains("/a,Page /a,3,3"), "{}", before[5]);
    assert!(csv(&server, &ada, "custom", "").contains("anna@old.example"));
    desk.text(&["site", "keep-visits", "1", "--days", "30"]);
    let told = desk.json(&["prune", "--dry-run", "--json"]);
    assert_eq!((&told["dry_run"], &told["sites"][0]["visits"]), (&true.into(), &3.into()));
    assert_eq!(desk.number("select count(*) from visits"), 4, "a dry run drops nothing");
    let told = desk.json(&["prune", "--yes", "--json"]);
    assert_eq!((&told["sites"][0]["kept_days"], &told["sites"][0]["visits"]), (&30.into(), &3.into()));
    assert_eq!(desk.number("select count(*) from visits"), 1);
    assert_eq!(desk.number("select count(*) from actions"), 1);
    assert_eq!(desk.number("select count(*) from custom"), 1);
    let after: Vec<_> = REPORTS.iter().map(|report| csv(&server, &ada, report, "")).collect();
    assert_eq!(before, after);
    assert_eq!(
        desk.json(&["prune", "--yes", "--json"])["sites"][0]["visits"],
        0,
        "there is nothing left to drop"
    );
    let custom = csv(&server, &ada, "custom", "");
    assert!(custom.contains("anna@old.example") && !custom.contains("ben@old.example"), "{custom}");
    assert!(!is_in_file(&desk, b"ben@old.example"), "what told of him is in the file");
    assert!(is_in_file(&desk, b"anna@old.example"), "she came again");
    assert!(desk.text(&["check"]).contains("is whole"));
    assert!(desk.text(&["audit", "--site", "1"]).contains("Dropped old visits"));
}

#[test]
fn screens_say_since_when_visits_are_kept_where_that_matters() {
    let desk = with_old_visits();
    desk.text(&["site", "keep-visits", "1", "--days", "30"]);
    desk.text(&["prune", "--yes"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = |path: &str| server.page(&format!("/sites/1{path}"), &ada);
    let (filter, list) = ("A filter can only look at visits kept since", "This list begins on");
    assert!(!page("/reports/pages?date=last-60-days").contains(filter));
    let filtered = page("/reports/pages?date=last-60-days&country=GB");
    assert!(filtered.contains(filter), "{filtered}");
    assert!(!page("/reports/pages?date=today&compare=none&country=GB").contains(filter), "today is kept");
    assert!(
        page("/reports/cities?date=last-60-days").contains("This report can only look at visits kept since")
    );
    assert!(
        page("/visitors?date=last-60-days").contains(list)
            && page("/visitors?date=last-60-days").contains("1 visit")
    );
    assert!(!page("/visitors?date=today").contains(list));
    assert!(page("?date=last-60-days").contains("Visits are kept since"));
    let old = desk.texts("select date(day * 86400, 'unixepoch') from rollups where dimension = 'all'");
    let day = page(&format!("/reports/pages?date={}", old[0]));
    assert!(day.contains("They do not tell in which hours") && day.contains("Page /a"), "{day}");
    assert!(page(&format!("/reports/visitors?date={}", old[0])).contains("<svg"));
    let file = |more: &str| {
        let path = format!("/sites/1/export/pages.csv?date=last-60-days{more}");
        server.ask(&get(path).cookie(&ada)).header("X-Clickstead-Visits-Kept-Since").to_owned()
    };
    assert_eq!((file("").as_str(), file("&country=GB").len()), ("", 10));
}

/// A page view that came by a link.
fn come_by(server: &Server<'_>, address: &str, link: &str) {
    let mut sent = view("/a");
    sent.push(("ref", link.into()));
    let answer = server.ask(&beacon(address, &fields(&sent)));
    assert_eq!(answer.header("X-Clickstead-Reason"), "", "{link}");
}

#[test]
fn numbers_of_totals_and_numbers_of_visits_do_not_stand_in_for_each_other() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come_by(&server, "81.2.69.1", "https://blog.example/old");
    come_by(&server, "81.2.69.2", "https://blog.example/old");
    server.stop();
    age(&desk, 40);
    let server = desk.serve();
    come_by(&server, "81.2.69.1", "https://blog.example/old");
    come_by(&server, "81.2.69.3", "https://blog.example/new");
    server.stop();
    desk.text(&["site", "keep-visits", "1", "--days", "30"]);
    desk.text(&["prune", "--yes"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let ask = |path: &str| server.ask(&get(format!("/sites/1{path}")).cookie(&ada));
    let page = |path: &str| ask(path).text();
    let old = desk.texts("select date(day * 86400, 'unixepoch') from rollups where dimension = 'all'");

    // An opened row counts what its row counts; what it is broken down by needs visits.
    let whole = "/reports/countries/item?item=GB&row=1&compare=none";
    let row = page(&format!("{whole}&date=last-60-days&by=web-browsers"));
    assert!(row.contains("<b>4</b> visits") && row.contains("A breakdown can only look at visits"), "{row}");
    let row = page(&format!("{whole}&date={}", old[0]));
    assert!(row.contains("<b>2</b> visits") && row.contains("They do not tell in which hours"), "{row}");
    let row = page("/reports/countries/item?item=GB&date=last-60-days&compare=none&href=/a");
    assert!(row.contains("<b>2</b> visits") && row.contains("can only look at visits kept since"), "{row}");

    // Rows and columns of a breakdown are of the same visits.
    let both = "date=last-60-days&compare=none&by=web-browsers";
    let matrix = page(&format!("/reports/countries?{both}"));
    assert!(matrix.contains("A breakdown can only look at visits kept since"), "{matrix}");
    let file = ask(&format!("/export/countries.csv?{both}"));
    assert_eq!(file.header("X-Clickstead-Visits-Kept-Since").len(), 10);
    assert!(file.text().ends_with("United Kingdom,,Chrome,,2\r\n"), "{}", file.text());
    assert!(matrix.contains("<td class=\"number\">2</td>") && !matrix.contains(">4<"), "{matrix}");

    // What totals do not keep is not compared with days of which they are left.
    let head = |path: &str| page(path).lines().next().unwrap().to_owned();
    let heads = |path: &str| head(path).matches("_before").count();
    // Every number is compared: of the columns, two name the item.
    let all = head("/export/countries.csv?date=last-30-days");
    assert_eq!(all.matches("_before").count(), (all.split(',').count() - 2) / 2);
    assert!(all.ends_with(",bounces_before"), "{all}");
    assert_eq!(heads("/export/cities.csv?date=last-30-days"), 0);
    assert_eq!(heads("/export/countries.csv?date=last-30-days&href=/a"), 0);

    for (report, is_compared) in [("countries", true), ("cities", false)] {
        let page = page(&format!("/reports/{report}?date=last-30-days"));
        assert_eq!(page.contains("sort=change"), is_compared, "{report}: {page}");
    }

    // A link that is known from such a day is not new.
    let links = page("/export/links-unique.csv?date=today");
    assert!(links.contains("https://blog.example/new") && !links.contains("https://blog.example/old"));
    let filtered = page("/reports/links-unique?date=today&country=GB");
    assert!(filtered.contains("A filter can only look at visits kept since"), "{filtered}");
}

#[test]
fn a_site_whose_visits_are_all_gone_still_shows_its_dashboard() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", ("/a", ""));
    server.stop();
    age(&desk, 3);
    desk.text(&["site", "keep-visits", "1", "--days", "1"]);
    desk.text(&["prune", "--yes"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let dashboard = server.page("/sites/1?date=last-7-days", &ada);
    assert!(dashboard.contains("Visits are kept since"), "{dashboard}");
    assert!(dashboard.contains("Only this: https://bakery.example/a"), "{dashboard}");
}

#[test]
fn the_server_drops_old_visits_by_itself_and_goes_on_where_it_was_cut_off() {
    let desk = with_old_visits();
    desk.text(&["site", "keep-visits", "1", "--days", "30"]);
    // As if it had been killed when one day's totals were written and none of its rows were gone.
    desk.text(&["prune", "--dry-run"]);
    desk.open().execute_batch("delete from jobs").unwrap();
    let server = desk.serve();
    desk.wait_for("(select count(*) from visits) = 1 and (select swept = generation from sites)");
    let ada = server.sign_in("ada");
    assert!(csv(&server, &ada, "pages", "").contains("/a,Page /a,3,3"));
    let begins = desk.number("select id from visits");
    drop(server);
    desk.open()
        .execute_batch(&format!(
            "update sites set dropping_begins = {begins}, dropping_ends = {begins} + 1, generation = generation + 1;
             delete from jobs"
        ))
        .unwrap();
    let _server = desk.serve();
    desk.wait_for("(select count(*) from visits) = 0 and (select dropping_ends is null from sites)");
    assert_eq!(desk.number("select count(*) from actions"), 0);
}

#[test]
fn how_long_visits_are_kept_is_a_setting_that_says_what_goes_before_it_goes() {
    let desk = with_old_visits();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = server.page(PRIVACY, &ada);
    assert!(page.contains("4 visits are kept here") && page.contains("id=\"keep-for-good\""), "{page}");
    let save = |typed: &[(&str, &str)]| server.ask(&post(PRIVACY, typed).cookie(&ada));
    for (days, sentence) in [
        ("0", "Enter a number of days from 1 to 3650"),
        ("soon", "Enter a number of days from 1 to 3650"),
        ("", "Enter for how many days"),
    ] {
        let answer = save(&[("keep", "days"), ("days", days)]);
        assert_eq!(answer.status, 422);
        assert!(
            answer.text().contains(sentence) && answer.text().contains(&format!("value=\"{days}\"")),
            "{days}"
        );
    }
    assert_eq!(save(&[("keep", "for-ever")]).status, 422);
    let asks = save(&[("keep", "days"), ("days", "30")]);
    assert_eq!(asks.status, 422);
    assert!(
        asks.text().contains("This drops 3 visits") && asks.text().contains("Yes, drop them"),
        "{}",
        asks.text()
    );
    assert_eq!(
        desk.number(
            "select count(*) from visits where exists (select 1 from sites where visits_kept_days is null)"
        ),
        4
    );
    let saved = save(&[("keep", "days"), ("days", "30"), ("agreed", "on")]);
    assert_eq!(saved.header("location"), format!("{PRIVACY}?done=saved"));
    desk.wait_for("(select count(*) from visits) = 1");
    assert!(server.page(PRIVACY, &ada).contains("value=\"30\""));
    assert_eq!(save(&[("keep", "for-good")]).status, 303, "nothing goes: nothing is asked");
    assert_eq!(
        desk.texts("select about from audit where act = 'retention-changed' order by id"),
        ["for 30 days", "for good"]
    );
    assert!(server.page("/sites/1/preferences/audit", &ada).contains("Changed how long visits are kept"));
}

/// A site with many visitors, of whom one has an unusual address, name and page.
fn with_a_crowd(server: &Server<'_>) {
    for number in 0..120 {
        let (path, email) = (format!("/shop/item-{number}"), format!("customer{number}@crowd.example"));
        come(server, &format!("81.2.{}.9", number % 200), (&path, &email));
        if number == 60 {
            come(server, HER_ADDRESS, ("/letters/of-zenobia", HER_EMAIL));
            come(server, HER_ADDRESS, ("/shop/item-1", ""));
        }
    }
}

const HER_ADDRESS: &str = "2a02:8071:b5c3:800::200e";
const HER_BYTES: [u8; 6] = [0x2a, 0x02, 0x80, 0x71, 0xb5, 0xc3];
const HER_EMAIL: &str = "zenobia@palmyra.example";

fn she_is_in(desk: &Desk) -> Vec<&'static str> {
    let told: [(&str, &[u8]); 3] =
        [("e-mail", HER_EMAIL.as_bytes()), ("page", b"/letters/of-zenobia"), ("address", &HER_BYTES)];
    let noted: [(&str, &[u8]); 3] =
        [("name", b"Septimia"), ("tag", b"queen of the east"), ("note", b"Likes her bread toasted")];
    let told = told.into_iter().chain(noted);
    told.into_iter().filter(|(_, bytes)| is_in_file(desk, bytes)).map(|(name, _)| name).collect()
}

#[test]
fn a_visitors_data_has_goals_split_tests_and_clicks_in_their_order() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    come(&server, HER_ADDRESS, ("/letters/of-zenobia", HER_EMAIL));
    desk.wait_for("(select count(*) from visits) = 1");
    desk.open()
        .execute_batch(
            "insert into labels (id, text) values
               (9001, 'button'), (9002, 'blue'), (9003, 'align'), (9004, 'left'), (9005, 'Order'),
               (9007, 'http://www.bakery.example/rye');
             insert into goals (id, site_id, name, code, is_set_up, created_at) values
               (5, 1, 'Order', 'order', 1, 0), (6, 1, 'Call', 'call', 0, 0);
             insert into conversions select site_id, id, 1, 0, 5, 0, 500, 500, 1 from visits;
             insert into conversions select site_id, id, 2, 0, 6, 0, 50, 50, 1 from visits;
             insert into splits select site_id, id, 9001, 9002, 9005 from visits;
             insert into splits select site_id, id, 9003, 9004, null from visits;
             insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width)
             select site_id, id, 9000, 9007, 5, 6, 700 from visits;",
        )
        .unwrap();
    let path = format!("/sites/1/visitors/{}/data.json", desk.number("select visitor_id from visits"));
    let file = server.ask(&get(path).cookie(&ada)).json();
    let visit = &file["visits"][0];
    let began = visit["began"].as_str().unwrap();
    let goals = format!(
        r#"[{{"at":"{began}","goal":"Order","revenue":"5.00 USD"}},{{"at":"{began}","goal":"Call","revenue":"0.50 USD"}}]"#
    );
    assert_eq!(visit["goals"].to_string(), goals);
    let splits = r#"[{"test":"align","version":"left"},{"test":"button","version":"blue"}]"#;
    assert_eq!(visit["split_tests"].to_string(), splits);
    let clicks = r#"[{"address":"https://bakery.example/rye","element":null,"element_text":null,"repeated":0,"window_width":700,"without_effect":0,"x":5,"y":6}]"#;
    assert_eq!(visit["clicks"].to_string(), clicks);
}

#[test]
fn a_visitor_is_erased_on_her_screen_from_every_byte_of_the_file() {
    let desk = Desk::with_site();
    std::fs::write(format!("{}.before-upgrade-from-5", desk.file().display()), "old").unwrap();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    with_a_crowd(&server);
    let visitor = desk.number("select visitor_id from visits where length(address) = 16");
    desk.open()
        .execute_batch(&format!(
            "insert into visitor_notes (site_id, visitor_id, name, tags, note, changed_at) values
               (1, {visitor}, 'Septimia', 'queen of the east', 'Likes her bread toasted', 0)"
        ))
        .unwrap();
    assert_eq!(she_is_in(&desk), ["e-mail", "page", "address", "name", "tag", "note"]);
    let path = format!("/sites/1/visitors/{visitor}");
    let screen = server.page(&path, &ada);
    assert!(screen.contains(&format!("{path}/data.json")) && screen.contains(&format!("{path}/erase")));
    // What she did is in memory too: the days of the dashboard, and her open visit.
    assert!(
        server.page("/sites/1/reports/pages?date=today&find=letters", &ada).contains("/letters/of-zenobia")
    );
    let file = server.ask(&get(format!("{path}/data.json")).cookie(&ada));
    assert!(file.header("content-disposition").contains(".json"));
    let told = file.json();
    let noted = (&told["annotations"][0]["name"], &told["annotations"][0]["note"]);
    assert_eq!(noted, (&"Septimia".into(), &"Likes her bread toasted".into()));
    assert_eq!((&told["site"], told["visits"].as_array().unwrap().len()), (&"bakery.example".into(), 1));
    let visit = &told["visits"][0];
    assert_eq!(visit["custom_data"]["email"], HER_EMAIL);
    assert_eq!(visit["actions"][0]["address"], "https://bakery.example/letters/of-zenobia");
    assert_eq!((&visit["address"], &visit["browser"]), (&"2a02:8071:b5c3::".into(), &"Chrome 131".into()));
    let ask = server.page(&format!("{path}/erase"), &ada);
    assert!(
        ask.contains("1 visit with 2 actions") && ask.contains("clickstead.db.before-upgrade-from-5"),
        "{ask}"
    );
    let erase = |word: &str| server.ask(&post(format!("{path}/erase"), &[("word", word)]).cookie(&ada));
    let refused = erase("yes");
    assert!(
        refused.status == 422
            && refused.text().contains("Nothing was erased")
            && refused.text().contains("value=\"yes\"")
    );
    assert_eq!(desk.number("select count(*) from visits"), 121);
    let erased = erase("Erase");
    assert_eq!(erased.status, 303, "{}", erased.text());
    desk.wait_for("(select swept = generation from sites)");
    assert_eq!(she_is_in(&desk), [""; 0]);
    assert!(server.page(erased.header("location"), &ada).contains("overwritten in the file."));
    assert!(
        !server.page("/sites/1/reports/pages?date=today&find=letters", &ada).contains("/letters/of-zenobia")
    );
    assert_eq!(desk.number("select count(*) from visits"), 120);
    assert_eq!(server.ask(&get(format!("{path}/erase")).cookie(&ada)).status, 404);
    // Her next page opens a visit of somebody new.
    come(&server, HER_ADDRESS, ("/shop/item-1", ""));
    assert_eq!(desk.number("select flags & 1 from visits where length(address) = 16"), 1);
    assert_eq!(
        desk.texts("select act || ' ' || about from audit where act like 'visitor-%' order by id"),
        ["visitor-exported ", "visitor-erased 1 visit"]
    );
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn a_visitor_is_erased_by_a_command_while_the_server_runs_or_not() {
    for (is_serving, who) in
        [(true, ["--name", HER_EMAIL]), (false, ["--custom", "email: zenobia@palmyra.example"])]
    {
        let desk = Desk::with_site();
        let server = desk.serve();
        let ada = server.sign_in("ada");
        with_a_crowd(&server);
        assert!(
            server
                .page("/sites/1/reports/pages?date=today&find=letters", &ada)
                .contains("/letters/of-zenobia")
        );
        let server = if is_serving {
            Some(server)
        } else {
            server.stop();
            None
        };
        let command = |verb: &'static str| vec!["visitor", verb, "--site", "1", who[0], who[1]];
        assert!(desk.text(&command("export")).contains("/letters/of-zenobia"));
        let complaint = desk.complaint(&command("erase"));
        assert!(
            complaint.contains("1 visit of 1 visitor") && complaint.contains("Nothing was changed"),
            "{complaint}"
        );
        assert!(!she_is_in(&desk).is_empty());
        let said = desk.text(&[command("erase"), vec!["--yes"]].concat());
        assert!(
            said.contains("Erased: 1 visit of 1 visitor on bakery.example") && said.contains("Backups"),
            "{said}"
        );
        desk.wait_for("(select swept = generation from sites)");
        assert_eq!(she_is_in(&desk), [""; 0], "serving: {is_serving}");
        assert!(desk.complaint(&command("erase")).contains("Nobody like that is known"));
        if let Some(server) = server {
            assert!(
                !server
                    .page("/sites/1/reports/pages?date=today&find=letters", &ada)
                    .contains("/letters/of-zenobia")
            );
            come(&server, HER_ADDRESS, ("/shop/item-1", ""));
            assert_eq!(desk.number("select actions from visits where length(address) = 16"), 1);
        }
        assert!(desk.text(&["check"]).contains("is whole"));
    }
}

#[test]
fn a_shortened_address_is_never_taken_for_one_person() {
    let desk = Desk::with_site();
    let server = desk.serve();
    come(&server, "81.2.69.1", ("/a", ""));
    come(&server, "81.2.69.2", ("/a", ""));
    let erase = |address: &str| {
        desk.run(&["visitor", "erase", "--site", "1", "--yes", "--json", "--address", address])
    };
    let refused = erase("81.2.69.1");
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success()
            && complaint.contains("2 visitors are known by its shortened form 81.2.69.0"),
        "{complaint}"
    );
    assert_eq!(desk.number("select count(*) from visits"), 2);
    assert!(erase("81.2.69.0").status.success());
    assert_eq!(desk.number("select count(*) from visits"), 0);
    assert!(desk.complaint(&["visitor", "export", "--site", "1"]).contains("--address"));
    assert!(
        desk.complaint(&["visitor", "export", "--site", "1", "--custom", "x"])
            .contains("Write a key and a value")
    );
}

#[test]
fn custom_data_names_a_visitor_with_colons_in_its_key_and_its_value() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let mut sent = view("/a");
    sent.push(("custom[seat:row]", "12: left".into()));
    server.hit("81.2.69.1", &fields(&sent));
    server.stop();
    for (custom, is_known) in
        [("seat:row: 12: left", true), ("seat:row:12: left", true), ("seat: row: 12: left", false)]
    {
        let output = desk.run(&["visitor", "export", "--site", "1", "--custom", custom]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = text.contains("\"address\": \"https://bakery.example/a\"");
        assert_eq!((output.status.success(), found), (is_known, is_known), "{custom}: {text}");
    }
}

#[test]
fn filters_that_name_an_erased_visitor_are_told_and_stay() {
    let desk = Desk::with_people(&["bob"]);
    desk.text(&["share", "add", "--site", "1", "--user", "bob", "--level", "user"]);
    let server = desk.serve();
    let (ada, bob) = (server.sign_in("ada"), server.sign_in("bob"));
    with_a_crowd(&server);
    come(&server, "81.2.69.200", ("/a", "anna@old.example"));
    // She came from elsewhere before; her plan is that of others too.
    for (address, email) in
        [("81.2.69.201", "zenobia@palmyra.example"), ("81.2.69.202", "anna@old.example"), (HER_ADDRESS, "")]
    {
        let mut sent = view("/plans");
        sent.push(("custom[plan]", "golden".into()));
        if !email.is_empty() {
            sent.push(("custom[email]", email.into()));
        }
        assert_eq!(server.ask(&beacon(address, &fields(&sent))).status, 204);
    }
    let visitor = desk.number("select visitor_id from visits where length(address) = 16");
    let path = format!("/sites/1/visitors/{visitor}");
    let ask = || server.page(&format!("{path}/erase"), &ada);
    assert!(!ask().contains("named-by"));
    let number = format!("uid={visitor}");
    let hers = format!("visitor_id = {visitor} and length(address) = 16");
    let visit = format!("session_id={}", desk.number(&format!("select id from visits where {hers}")));
    let other = desk
        .number(&format!("select max(id) from visits where visitor_id <> {visitor} and length(address) = 4"));
    let other = format!("session_id={other}");
    let address = format!("ip_address.in={HER_ADDRESS},203.0.113.9");
    for (cookie, whose, name, conditions) in [
        (&ada, "shared", "Letters of hers", "custom=email: zenobia@palmyra.example"),
        (&ada, "own", "By her number", number.as_str()),
        (&ada, "own", "By her visit", visit.as_str()),
        (&ada, "own", "By her address", address.as_str()),
        (&ada, "own", "Of another visit", other.as_str()),
        (&ada, "own", "Of another address", "ip_address=203.0.113.9"),
        (&ada, "own", "By a part", "custom.contains=ZENOBIA"),
        (&bob, "own", "Hush", "href.contains=x?mail=zenobia@palmyra.example"),
        (&ada, "shared", "Of another", "custom=email: anna@old.example"),
        (&ada, "shared", "Of a plan", "custom=plan: golden"),
        (&ada, "shared", "Of anybody", "custom=email&country=DE"),
    ] {
        let typed = [("name", name), ("conditions", conditions)];
        let saved = server.ask(&post(format!("/sites/1/segments/{whose}"), &typed).cookie(cookie));
        assert_eq!(saved.status, 303, "{name}: {}", saved.text());
    }
    let (_, link) = super::guest_links::link(
        &desk,
        &["--name", "For her", "--segment", "custom.in=email: zenobia@palmyra.example"],
    );
    let page = ask();
    let named = page.split("id=\"named-by\"").nth(1).unwrap().split("</ul>").next().unwrap();
    for told in [
        "Letters of hers",
        "By her number",
        "By her visit",
        "By her address",
        "By a part",
        "bob keeps for themselves",
        "The guest link “For her”",
    ] {
        assert!(named.contains(told), "{told}: {named}");
    }
    for hidden in ["Hush", "Of another", "Of a plan", "Of anybody"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    assert!(
        named.contains("href=\"/sites/1/segments\"")
            && named.contains("href=\"/sites/1/preferences/public-access\"")
    );
    let said = desk.text(&["visitor", "erase", "--site", "1", "--id", &visitor.to_string(), "--yes"]);
    for told in ["segment “Letters of hers” of everybody", "segment “Hush” of bob", "guest link “For her”"]
    {
        assert!(said.contains(told), "{said}");
    }
    assert!(!said.contains("Of another") && !said.contains("Of anybody"), "{said}");
    assert_eq!(desk.number("select count(*) from segments"), 11);
    assert_eq!(server.ask(&get(link)).status, 200);
}

#[test]
fn a_visitor_of_another_site_is_not_there_to_be_erased() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "other.example", "--owner", "ada"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    come(&server, "81.2.69.1", ("/a", ""));
    let visitor = desk.number("select visitor_id from visits");
    for known in [visitor, visitor + 1] {
        let erase = post(format!("/sites/2/visitors/{known}/erase"), &[("word", "erase")]).cookie(&ada);
        assert_eq!(server.ask(&erase).status, 404);
    }
    assert_eq!(desk.number("select count(*) from audit where act = 'visitor-erased'"), 0);
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

/// Two sites with a visit of forty days ago each, of which the first one's totals can't be written.
fn with_a_site_that_can_not_be_pruned() -> Desk {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "shop.example", "--owner", "ada"]);
    desk.serve().hit("81.2.69.1", &fields(&view("/")));
    age(&desk, 40);
    desk.open()
        .execute_batch(
            "create temp table one as select * from visits;
             update one set site_id = 2;
             insert into visits select * from one;
             update sites set visits_kept_days = 30;
             delete from jobs;
             create trigger broken before insert on rollups when new.site_id = 1 begin select raise(abort, 'broken'); end;",
        )
        .unwrap();
    desk
}

#[test]
fn a_site_whose_old_visits_can_not_be_dropped_does_not_keep_those_of_others() {
    let by_command = with_a_site_that_can_not_be_pruned();
    let complaint = by_command.complaint(&["prune", "--yes"]);
    assert!(complaint.contains("bakery.example were not dropped"), "{complaint}");
    assert_eq!(by_command.number("select min(site_id) from visits"), 1);
    assert_eq!(by_command.number("select max(site_id) from visits"), 1);
    let by_server = with_a_site_that_can_not_be_pruned();
    let server = by_server.serve();
    by_server.wait_for("(select count(*) = 0 from visits where site_id = 2)");
    server.stop();
    assert_eq!(by_server.number("select count(*) from visits where site_id = 1"), 1);
}

#[test]
fn a_site_that_is_removed_while_its_old_visits_are_dropped_is_no_failure() {
    let desk = with_a_site_that_can_not_be_pruned();
    desk.open()
        .execute_batch(
            "drop trigger broken;
             create trigger removed after delete on visits when old.site_id = 1 begin delete from sites where id = 1; end;",
        )
        .unwrap();
    let server = desk.serve();
    desk.wait_for("exists (select 1 from jobs where name = 'drop old visits')");
    server.stop();
    assert_eq!(desk.number("select count(*) from visits"), 0);
    assert_eq!(desk.number("select count(*) from sites where id = 1"), 0);
    let problems = "select problem from jobs where name = 'drop old visits' and problem is not null";
    assert_eq!(desk.texts(problems), [""; 0]);
}

#[test]
fn days_to_keep_that_nobody_can_have_chosen_drop_nothing() {
    for days in [i64::MIN, -1, 0, i64::MAX] {
        let desk = with_a_site_that_can_not_be_pruned();
        desk.open()
            .execute_batch(&format!(
                "drop trigger broken; update sites set visits_kept_days = {days} where id = 1"
            ))
            .unwrap();
        desk.text(&["prune", "--yes"]);
        assert_eq!(desk.number("select sum(site_id) from visits"), 1, "{days}");
        let server = desk.serve();
        let cookie = server.sign_in("ada");
        server.page("/sites/1/preferences/privacy", &cookie);
    }
}
