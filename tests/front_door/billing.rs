//! Billing, through the front door: who sets a plan, who sees what of it, and what a closed month stays.

use super::harness::{Desk, PASSWORD, Server};
use super::http::{Answer, get, post};
use serde_json::Value;

const BILLING: &str = "/account/billing";
/// A month that is long over, and that the demo of these tests fills.
const MONTH: &str = "2026-09";
const MONTH_NUMBER: i64 = 2026 * 12 + 8;

fn add(desk: &Desk, name: &str) -> i64 {
    let email = format!("{name}@e.example");
    let made =
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
    made["user_id"].as_i64().unwrap()
}

fn adopt(desk: &Desk, parent: &str, child: &str) {
    let sql = format!(
        "update users set parent_id = (select id from users where username = '{parent}') where username = '{child}'"
    );
    desk.open().execute_batch(&sql).unwrap();
}

/// Gives `ada`, who has the site 1, two more sites with visits in September 2026, and a plan from then on.
fn with_past(desk: &Desk) {
    desk.text(&[
        "demo",
        "--into-existing",
        "--visits",
        "900",
        "--days",
        "30",
        "--until",
        "2026-09-30",
        "--no-serve",
    ]);
    desk.text(&["site", "transfer", "2", "--to", "ada"]);
    desk.text(&["site", "add", "secret-shop.example", "--owner", "ada", "--time-zone", "UTC"]);
    desk.open()
        .execute_batch(&format!(
            "insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place)
             select 3, id, visitor_id, stay, 1, 1, flags, source, machine, place from visits where site_id = 2 limit 77;
             insert into actions (site_id, visit_id, number, at, kind, page, title)
             select 3, visit_id, number, at, kind, page, title from actions
             where site_id = 2 and number = 1 and visit_id in (select id from visits where site_id = 3);
             insert into plans (user_id, month, name, price, currency, actions_max, contact, notes)
             values (1, {MONTH_NUMBER}, '=Gold', 1950, 'EUR', 100, 'books@bakery.example', 'Haggles.')"
        ))
        .unwrap();
}

/// Serves until the months that are over are closed.
fn served_and_closed(desk: &Desk) -> Server<'_> {
    desk.open().execute_batch("delete from jobs where name = 'close statements'").unwrap();
    let server = desk.serve();
    desk.wait_for("exists (select 1 from jobs where name = 'close statements')");
    assert_eq!(desk.texts("select problem from jobs where problem is not null"), Vec::<String>::new());
    server
}

fn status(server: &Server<'_>, cookie: &str, path: &str) -> u16 {
    server.ask(&get(path).cookie(cookie)).status
}

fn send(server: &Server<'_>, cookie: &str, path: &str, typed: &[(&str, &str)]) -> Answer {
    server.ask(&post(path, typed).cookie(cookie))
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Site and actions of a statement's file, without its head.
fn usage(server: &Server<'_>, cookie: &str, path: &str) -> Vec<(String, i64)> {
    let file = server.ask(&get(path).cookie(cookie));
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"), "{path}");
    rows(&file.text())[1..].iter().map(|row| (row[7].clone(), row[8].parse().unwrap())).collect()
}

fn everything_kept(desk: &Desk) -> Vec<String> {
    let mut kept = desk.texts(
        "select user_id || ',' || month || ',' || plan || ',' || price || ',' || currency || ',' || actions_max || ',' ||
           contact || ',' || closed_at
         from statements
         order by user_id, month",
    );
    let lines = "select user_id || ',' || month || ',' || site_id || ',' || domain || ',' || actions
                 from statement_lines
                 order by user_id, month, site_id";
    kept.extend(desk.texts(lines));
    kept
}

#[test]
fn a_month_is_charged_by_the_number_that_the_report_of_actions_shows() {
    let desk = Desk::with_site();
    with_past(&desk);
    let server = served_and_closed(&desk);
    let ada = server.sign_in("ada");
    let used = usage(&server, &ada, &format!("{BILLING}/statements/{MONTH}.csv"));
    let report = |site: i64| -> i64 {
        let path = format!("/sites/{site}/export/actions.csv?date={MONTH}");
        let rows = rows(&server.ask(&get(path).cookie(&ada)).text());
        rows[1..].iter().map(|row| row[1].parse::<i64>().unwrap()).sum()
    };
    let expected = [(1, "bakery.example"), (2, "corner-bakery.example"), (3, "secret-shop.example")]
        .map(|(site, domain)| (domain.to_owned(), report(site)));
    assert_eq!(used[..3], expected);
    assert_eq!((used[0].1, used[2].1), (0, 77));
    let total: i64 = used[..3].iter().map(|(_, actions)| actions).sum();
    assert_eq!(used[3], ("All sites".to_owned(), total));
    let page = server.page(&format!("{BILLING}/statements/{MONTH}"), &ada);
    assert!(page.contains("Closed on") && page.contains("19.50 EUR a month"), "{page}");
    assert!(page.contains("Over the plan: ") && page.contains("<meter"), "{page}");
    // Whoever opens the file in a spreadsheet runs nothing.
    let file = rows(&server.ask(&get(format!("{BILLING}/statements/{MONTH}.csv")).cookie(&ada)).text());
    assert_eq!(file[1][..6], [MONTH, "closed", "'=Gold", "19.50", "EUR", "100"]);
    assert_eq!(file.last().unwrap()[9], (total - 100).to_string());
    let now = server.page(BILLING, &ada);
    assert!(now.contains("so far") && !now.contains("Haggles."), "notes are shown to whoever pays");
    for wrong in ["2026-08", "2026-13", "1999-01", "nonsense"] {
        assert_eq!(status(&server, &ada, &format!("{BILLING}/statements/{wrong}")), 404, "{wrong}");
        assert_eq!(status(&server, &ada, &format!("{BILLING}/statements/{wrong}.csv")), 404, "{wrong}");
    }
}

#[test]
fn a_closed_month_is_closed_once_and_nothing_changes_it() {
    let desk = Desk::with_site();
    with_past(&desk);
    add(&desk, "eve");
    let server = served_and_closed(&desk);
    let kept = everything_kept(&desk);
    assert!(
        kept.iter().any(|row| row.starts_with(&format!("1,{MONTH_NUMBER},=Gold,1950,EUR,100"))),
        "{kept:?}"
    );
    let current = "cast(strftime('%Y', 'now') as integer) * 12 + cast(strftime('%m', 'now') as integer) - 1";
    assert_eq!(desk.number(&format!("select count(*) from statements where month >= {current}")), 0);
    desk.text(&["site", "remove", "3", "--yes"]);
    desk.text(&["site", "transfer", "2", "--to", "eve"]);
    desk.text(&["user", "plan", "ada", "--plan", "Silver", "--price", "5", "--actions", "unlimited"]);
    server.kill();
    let server = served_and_closed(&desk);
    assert_eq!(everything_kept(&desk), kept, "a closed month was changed");
    let ada = server.sign_in("ada");
    assert_eq!(usage(&server, &ada, &format!("{BILLING}/statements/{MONTH}.csv"))[2].1, 77);
    let page = server.page(BILLING, &ada);
    assert!(page.contains("Silver") && page.contains("5.00 EUR") && page.contains("=Gold"), "{page}");
    assert!(page.contains("A site counts for whoever owns it when the month is closed"));
}

#[test]
fn only_months_that_are_over_since_the_plan_began_are_closed() {
    let desk = Desk::with_site();
    desk.text(&["user", "plan", "ada", "--plan", "Small", "--price", "9", "--currency", "usd"]);
    let server = served_and_closed(&desk);
    assert_eq!(desk.number("select count(*) from statements"), 0);
    let ada = server.sign_in("ada");
    let page = server.page(BILLING, &ada);
    assert!(page.contains("9.00 USD") && page.contains("any number of actions") && page.contains("so far"));
    let month = page.split("/statements/").nth(1).unwrap()[..7].to_owned();
    let page = server.page(&format!("{BILLING}/statements/{month}"), &ada);
    assert!(page.contains("not closed yet"), "{page}");
    let file = server.ask(&get(format!("{BILLING}/statements/{month}.csv")).cookie(&ada)).text();
    assert_eq!(rows(&file)[1][1..6], ["open", "Small", "9.00", "USD", "unlimited"]);
}

#[test]
fn a_site_shows_billing_to_its_owner_and_to_an_administrator_who_is_let_in() {
    let desk = Desk::with_site();
    with_past(&desk);
    for (name, level) in [("adam", "administrator"), ("uma", "user"), ("vic", "view-only")] {
        add(&desk, name);
        desk.text(&["share", "add", "--site", "2", "--user", name, "--level", level]);
    }
    add(&desk, "eve");
    let server = served_and_closed(&desk);
    let [ada, adam, uma, vic, eve] = ["ada", "adam", "uma", "vic", "eve"].map(|name| server.sign_in(name));
    let paths = ["", &format!("/statements/{MONTH}"), &format!("/statements/{MONTH}.csv")]
        .map(|end| format!("/sites/2/billing{end}"));
    let answers = |cookie: &str| paths.each_ref().map(|path| status(&server, cookie, path));
    assert_eq!(answers(&ada), [200; 3]);
    assert_eq!((answers(&adam), answers(&uma), answers(&vic)), ([403; 3], [403; 3], [403; 3]));
    assert_eq!(answers(&eve), [404; 3]);
    assert_eq!(server.ask(&get("/sites/2/billing")).status, 303);
    let tabs = |cookie: &str| server.page("/sites/2/preferences/info", cookie);
    assert!(tabs(&ada).contains("\"/sites/2/billing\"") && !tabs(&adam).contains("/sites/2/billing"));

    let token = desk.json(&["link", "add", "--site", "2", "--json"])["token"].as_str().unwrap().to_owned();
    assert_eq!(server.ask(&get(format!("/s/{token}/billing"))).status, 404, "a guest has billing");

    desk.text(&["share", "set", "--site", "2", "--user", "adam", "--billing", "on"]);
    assert_eq!(answers(&adam), [200; 3]);
    let exported =
        "select actor || ': ' || about from audit where site_id = 2 and act = 'exported' order by id desc";
    assert_eq!(desk.texts(exported)[0], format!("adam: statement-corner-bakery.example-{MONTH}.csv"));
    assert!(tabs(&adam).contains("\"/sites/2/billing\""));
    let whole = usage(&server, &ada, &paths[2]);
    assert_eq!(whole.len(), 4);
    let shown = usage(&server, &adam, &paths[2]);
    let total = whole[3].1;
    let expected =
        [("corner-bakery.example", whole[1].1), ("Other sites", total - whole[1].1), ("All sites", total)];
    assert_eq!(shown, expected.map(|(name, actions)| (name.to_owned(), actions)));
    for path in &paths {
        let page = server.page(path, &adam);
        // The site menu and the frame name the sites that he sees: the other ones stand nowhere.
        for hidden in [
            "secret-shop",
            "\"bakery.example",
            ">bakery.example",
            "books@",
            "Haggles.",
            "/account/billing\">All",
        ] {
            assert!(!page.contains(hidden), "{path} tells of {hidden}");
        }
        assert!(page.contains("=Gold") && page.contains("19.50"), "{path}");
    }
    assert!(server.page(&paths[0], &ada).contains("secret-shop.example"));
    for path in ["/sites/1/billing", "/sites/3/billing"] {
        assert_eq!(status(&server, &adam, path), 404, "one site shows the billing of another");
    }
}

#[test]
fn the_owner_switches_billing_and_a_demotion_or_a_new_owner_switches_it_off() {
    let desk = Desk::with_site();
    for (name, level) in [("adam", "administrator"), ("bea", "administrator"), ("uma", "user")] {
        add(&desk, name);
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    let server = desk.serve();
    let [ada, adam, bea] = ["ada", "adam", "bea"].map(|name| server.sign_in(name));
    let sharing = "/sites/1/preferences/sharing";
    let id = |name: &str| desk.number(&format!("select id from users where username = '{name}'")).to_string();
    let switch = |cookie: &str, who: &str, word: &str| {
        send(&server, cookie, &format!("{sharing}/billing"), &[("user", &id(who)), ("billing", word)])
    };
    let seen = |cookie: &str| status(&server, cookie, "/sites/1/billing");
    assert_eq!(switch(&adam, "adam", "on").status, 403, "an Administrator let himself in");
    assert!(!server.page(sharing, &adam).contains("/sharing/billing"));
    assert!(server.page(sharing, &ada).contains("Show the billing"));
    assert_eq!(switch(&ada, "adam", "on").header("location"), format!("{sharing}?done=billing-shown"));
    assert_eq!((seen(&adam), seen(&bea)), (200, 403));
    assert!(server.page(sharing, &ada).contains(">billing</span>"));
    let refused = switch(&ada, "uma", "on");
    assert!(
        refused.status == 422 && refused.text().contains("Only an Administrator can be shown the billing.")
    );
    assert_eq!(switch(&ada, "ada", "on").header("location"), format!("{sharing}?done=gone"));
    assert_eq!(switch(&ada, "adam", "off").status, 303);
    assert_eq!(seen(&adam), 403);

    switch(&ada, "adam", "on");
    for level in ["user", "administrator"] {
        send(&server, &ada, &format!("{sharing}/change"), &[("user", &id("adam")), ("level", level)]);
        assert_eq!(seen(&adam), 403, "as {level} after a demotion");
    }
    switch(&ada, "adam", "on");
    desk.text(&["share", "remove", "--site", "1", "--user", "adam"]);
    desk.text(&["share", "add", "--site", "1", "--user", "adam", "--level", "administrator"]);
    assert_eq!(seen(&adam), 403, "a share that ended came back with its billing");
    switch(&ada, "adam", "on");
    desk.text(&["site", "transfer", "1", "--to", "bea"]);
    assert_eq!(
        (seen(&adam), seen(&bea), seen(&ada)),
        (403, 200, 404),
        "the new owner showed nobody their billing"
    );

    let acts =
        desk.texts("select actor || ' ' || about from audit where act = 'billing-switched' order by id");
    assert_eq!(acts[..2], ["ada adam: on", "ada adam: off"]);
    desk.text(&["share", "set", "--site", "1", "--user", "adam", "--billing", "on"]);
    assert_eq!(desk.json(&["share", "list", "--site", "1", "--json"])[1]["billing"], true);
    let told = desk.complaint(&["share", "set", "--site", "1", "--user", "uma", "--billing", "on"]);
    assert!(told.contains("Only an Administrator"), "{told}");
    assert!(desk.complaint(&["share", "set", "--site", "1", "--user", "uma"]).contains("--level"));
    assert_eq!(
        desk.number(
            "select count(*) from audit where act = 'billing-switched' and actor is null and address is null"
        ),
        1
    );
}

const TYPED: [(&str, &str); 7] = [
    ("name", "Shop"),
    ("price", "19,50"),
    ("currency", "eur"),
    ("actions", "50000"),
    ("contact", "books@kid.example"),
    ("notes", "Pays late."),
    ("sites", "2"),
];

#[test]
fn a_parent_sets_the_plan_of_its_own_sub_accounts_alone() {
    let desk = Desk::with_site();
    let (kid, foe) = (add(&desk, "kid"), add(&desk, "foe"));
    adopt(&desk, "ada", "kid");
    let server = desk.serve();
    let [ada, kid_in, foe_in] = ["ada", "kid", "foe"].map(|name| server.sign_in(name));
    let path = format!("{BILLING}/{kid}");
    let list = server.page(BILLING, &ada);
    assert!(list.contains(&format!("href=\"{path}\"")) && list.contains("no plan yet"), "{list}");
    assert!(server.page(&path, &ada).contains("There is no plan yet"));
    let month = "2026-10";
    for (who, cookie) in [("itself", &kid_in), ("a stranger", &foe_in)] {
        assert_eq!(status(&server, cookie, &path), 404, "{who}");
        assert_eq!(send(&server, cookie, &path, &TYPED).status, 404, "{who}");
        assert_eq!(status(&server, cookie, &format!("{path}/statements/{month}")), 404, "{who}");
        assert_eq!(status(&server, cookie, &format!("{path}/statements/{month}.csv")), 404, "{who}");
    }
    for other in [foe.to_string(), "1".into(), "0".into(), "x".into()] {
        assert_eq!(send(&server, &ada, &format!("{BILLING}/{other}"), &TYPED).status, 404, "{other}");
    }
    assert_eq!(desk.number("select count(*) from plans"), 0);
    let saved = send(&server, &ada, &path, &TYPED);
    assert_eq!((saved.status, saved.header("location")), (303, format!("{path}?done=saved").as_str()));
    let page = server.page(&path, &ada);
    for shown in ["19.50", "EUR", "50000", "books@kid.example", "Pays late.", "value=\"2\""] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    // The month in which it was saved.
    let month = desk.texts("select format('%04d-%02d', month / 12, month % 12 + 1) from plans").remove(0);
    assert!(server.page(&format!("{path}/statements/{month}"), &ada).contains("19.50 EUR a month"));
    for (who, cookie) in [("itself", &kid_in), ("a stranger", &foe_in)] {
        assert_eq!(status(&server, cookie, &format!("{path}/statements/{month}")), 404, "{who}");
        assert_eq!(status(&server, cookie, &format!("{path}/statements/{month}.csv")), 404, "{who}");
    }
    assert_eq!(
        usage(&server, &ada, &format!("{path}/statements/{month}.csv")),
        [("All sites".to_owned(), 0)]
    );
    let own = server.page(BILLING, &kid_in);
    assert!(
        own.contains("19.50 EUR a month") && own.contains("0 of 2") && own.contains("<b>ada</b>"),
        "{own}"
    );
    assert!(!own.contains("Pays late."), "notes are shown to the sub-account");
    // Acting for the account shows what it sees, and sets nothing.
    let acting = format!("update sign_ins set acting_for = {kid} where user_id = 1");
    desk.open().execute_batch(&acting).unwrap();
    assert!(!server.page(BILLING, &ada).contains("Pays late."));
    assert_eq!((status(&server, &ada, &path), send(&server, &ada, &path, &TYPED).status), (404, 404));
}

#[test]
fn a_plan_that_is_wrong_is_shown_again_as_it_was_typed_and_changes_nothing() {
    let desk = Desk::with_site();
    let kid = add(&desk, "kid");
    adopt(&desk, "ada", "kid");
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let path = format!("{BILLING}/{kid}");
    for (field, wrong, sentence) in [
        ("name", "", "Give the plan a name"),
        ("price", "1.900", "Write the price of a month as a number"),
        ("price", "-1", "Write the price of a month as a number"),
        ("price", "100000001", "Write the price of a month as a number"),
        ("currency", "Euro", "three letters"),
        ("actions", "50.000", "Write the actions included in a month as digits"),
        ("sites", "-2", "Write the number of sites as digits"),
        ("contact", "a\nb", "Keep the billing contact"),
    ] {
        let typed = TYPED.map(|(name, value)| (name, if name == field { wrong } else { value }));
        let refused = send(&server, &ada, &path, &typed);
        assert_eq!(refused.status, 422, "{field}: {wrong}");
        let page = refused.text();
        assert!(page.contains(sentence), "{field}: {wrong}: {page}");
        assert!(
            page.contains("Pays late.") && page.contains("action=\"/account/billing/"),
            "{field}: {wrong}"
        );
    }
    assert_eq!(desk.number("select count(*) from plans"), 0);
    assert_eq!(desk.number("select count(*) from users where sites_max is not null"), 0);
}

#[test]
fn whoever_has_neither_plan_nor_sub_accounts_is_told_who_sets_one() {
    let desk = Desk::with_site();
    add(&desk, "kid");
    adopt(&desk, "ada", "kid");
    add(&desk, "eve");
    let server = desk.serve();
    let [kid, eve] = ["kid", "eve"].map(|name| server.sign_in(name));
    assert!(server.page(BILLING, &eve).contains("Whoever runs this server can set one"));
    assert!(server.page(BILLING, &kid).contains("<b>ada</b>, who manages this account, can set one."));
    let owner = server.sign_in("ada");
    assert!(server.page("/sites/1/billing", &owner).contains("No plan is set"));
}

#[test]
fn the_command_line_shows_and_sets_plans_field_by_field() {
    let desk = Desk::with_site();
    assert!(desk.text(&["user", "plan", "ada"]).contains("ada has no plan."));
    assert_eq!(desk.json(&["user", "plan", "ada", "--json"])["plan"], Value::Null);
    assert_eq!(desk.text(&["user", "plan", "ada", "--sites", "3"]), "ada may own 3 sites.\n");
    let told = desk.complaint(&["user", "plan", "ada", "--price", "19"]);
    assert!(told.contains("ada has no plan yet. Say --plan and --currency too."), "{told}");
    let whole = ["--plan", "Small", "--price", "19", "--currency", "eur", "--actions", "500", "--notes", "N"];
    let said = desk.text(&[&["user", "plan", "ada"], &whole[..]].concat());
    assert!(said.contains("ada pays 19.00 EUR a month for Small: 500 actions a month."), "{said}");
    let plan = desk.json(&["user", "plan", "ada", "--price", "21,5", "--contact", "c@d.example", "--json"]);
    let expected = serde_json::json!({
        "user": "ada", "sites": 3, "plan": {
            "name": "Small", "price": "21.50", "currency": "EUR", "actions": 500, "contact": "c@d.example",
            "notes": "N",
        },
    });
    assert_eq!(plan, expected);
    assert_eq!(desk.json(&["user", "plan", "ada@bakery.example", "--json"]), expected);
    let plan =
        desk.json(&["user", "plan", "ada", "--actions", "unlimited", "--sites", "unlimited", "--json"]);
    assert_eq!((&plan["plan"]["actions"], &plan["sites"]), (&Value::Null, &Value::Null));
    assert_eq!(desk.number("select count(*) from plans"), 1, "one month has one plan");
    for (wrong, sentence) in [
        (["--price", "1.900"], "Write the price"),
        (["--currency", "Euro"], "three letters"),
        (["--actions", "many"], "Write the actions"),
        (["--actions", ""], "Say a number after --actions"),
        (["--sites", "many"], "Write the number of sites"),
    ] {
        let told = desk.complaint(&[&["user", "plan", "ada"], &wrong[..]].concat());
        assert!(told.contains(sentence), "{wrong:?}: {told}");
    }
    assert_eq!(desk.json(&["user", "plan", "ada", "--json"])["plan"]["price"], "21.50");
    assert!(desk.complaint(&["user", "plan", "nobody"]).contains("no such user"));
}

/// A demo of an agency that ended some time ago.
fn agency() -> (Desk, Value) {
    let desk = Desk::empty();
    let wanted = ["--agency", "--visits", "1500", "--until", "2026-10-10", "--no-serve", "--json"];
    let made = desk.json(&[&["demo"], &wanted[..]].concat());
    (desk, made)
}

#[test]
fn the_demo_of_an_agency_has_clients_people_links_and_statements() {
    let (desk, made) = agency();
    let names: Vec<_> = made["users"].as_array().unwrap().iter().map(|user| &user["username"]).collect();
    assert_eq!(names, ["demo", "bakery", "bikes", "anna", "ben", "vera"]);
    let parents =
        "select count(*) from users where parent_id = (select id from users where username = 'demo')";
    assert_eq!(desk.number(parents), 2);
    let levels = desk.texts("select level || ' ' || sees_billing || ' ' || (view_only_reports is not null) from shares order by user_id");
    assert_eq!(levels, ["administrator 1 0", "user 0 0", "view-only 0 1"]);
    let visits = desk.texts("select site_id || ': ' || count(*) from visits group by site_id");
    assert_eq!(visits.len(), 4, "{visits:?}");
    // Three whole months and what the last one has, which is over by now as well.
    assert_eq!(
        desk.number(&format!("select count(*) from statements where month < {}", MONTH_NUMBER + 1)),
        9
    );
    let over = desk.texts(
        "select distinct username from statements
         join users on users.id = statements.user_id
         where actions_max < (select sum(actions) from statement_lines as line
                              where line.user_id = statements.user_id and line.month = statements.month)",
    );
    assert_eq!(over, ["bikes"]);
    let brand = desk.texts("select name || ' ' || accent from brands");
    assert_eq!(brand, ["Corner Bakery #a5471e"]);

    let server = desk.serve();
    let password = made["password"].as_str().unwrap();
    let sign_in = |name: &str| {
        let answer = server.ask(&post("/login", &[("username", name), ("password", password)]));
        assert_eq!(answer.status, 303, "{name}");
        format!("session={}", answer.cookie("session").unwrap())
    };
    let page = server.page(BILLING, &sign_in("demo"));
    assert!(
        page.contains("<b>bakery</b>") && page.contains("<b>bikes</b>") && page.contains("99.00 EUR"),
        "{page}"
    );
    let site = made["sites"][1]["site_id"].as_i64().unwrap();
    let page = server.page(&format!("/sites/{site}/billing"), &sign_in("anna"));
    assert!(page.contains("Other sites") && !page.contains("cafe-am-eck"), "{page}");
    for (link, status) in [(0, 200), (1, 303)] {
        let path = made["links"][link]["path"].as_str().unwrap();
        assert_eq!(server.ask(&get(path)).status, status, "{path}");
    }
    assert_eq!(
        desk.texts("select embed_origins from links where password is null"),
        ["https://old-town.example"]
    );
    assert_eq!(desk.number("select count(*) from links where password is not null and is_white_label"), 1);
    let path = made["links"][1]["path"].as_str().unwrap();
    let typed = [("password", made["links"][1]["password"].as_str().unwrap())];
    assert_eq!(server.ask(&post(format!("{path}/password"), &typed)).status, 303);
    let invitation = made["invitation"]["path"].as_str().unwrap();
    assert!(server.ask(&get(invitation)).text().contains("corner-bakery.example"));
}

#[test]
fn the_same_seed_and_day_make_the_same_agency_in_a_file_that_has_none() {
    let (first, _) = agency();
    let (second, _) = agency();
    let counted = |desk: &Desk| {
        let visits =
            desk.texts("select site_id || ',' || id || ',' || visitor_id || ',' || actions from visits");
        let plans = desk.texts(
            "select user_id || ',' || month || ',' || name || ',' || coalesce(actions_max, '') from plans",
        );
        let lines = desk
            .texts("select user_id || ',' || month || ',' || site_id || ',' || actions from statement_lines");
        (visits, plans, lines)
    };
    assert_eq!(counted(&first), counted(&second));
    let told = first.complaint(&["demo", "--agency", "--no-serve"]);
    let named = format!("There is a user demo in {} already", first.file().display());
    assert!(told.contains(&named), "{told}");
    let desk = Desk::with_site();
    add(&desk, "vera");
    assert!(desk.complaint(&["demo", "--agency", "--no-serve"]).contains("There is a user vera"));
    assert_eq!(desk.number("select count(*) from users"), 2);
    let text = Desk::empty().text(&["demo", "--agency", "--visits", "40", "--days", "3", "--no-serve"]);
    for told in ["Everybody signs in with the password", "anna", "spoke-and-chain.example", "/s/", "/invite/"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
}
