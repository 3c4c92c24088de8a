//! A site's own hosts, and hits from all others: copies of its pages, test computers, strangers.

use super::harness::{BROWSER, Desk, Server, beacon};
use super::http::{Answer, form, get, post};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

pub const HOSTS: &str = "/sites/1/preferences/hosts";
pub const DASHBOARD: &str = "/sites/1?date=today";
pub const FILTERED: &str = "/sites/1/reports/left-out?date=today";

/// A page view of this address, from this visitor.
pub fn page_view(server: &Server<'_>, visitor: u8, href: &str) -> Answer {
    server.hit(&format!("81.2.69.{visitor}"), &[("type", "pageview"), ("href", href), ("title", "Rye")])
}

pub fn reason(answer: &Answer) -> &str {
    answer.header("x-clickstead-reason")
}

/// Why a page view of this address was not counted; empty when it was.
pub fn why(server: &Server<'_>, href: &str) -> String {
    reason(&page_view(server, 1, href)).to_owned()
}

/// Answers for a host on the screen; says where that led.
pub fn say(server: &Server<'_>, cookie: &str, host: &str, answer: &str) -> Answer {
    server.ask(&post(format!("{HOSTS}/answer"), &[("host", host), ("answer", answer)]).cookie(cookie))
}

/// The hosts that are counted by name, with their page views.
pub fn counted(desk: &Desk) -> Vec<String> {
    desk.texts("select host || ' ' || sum(page_views) from other_hosts group by host order by host")
}

pub fn pages(desk: &Desk) -> Vec<String> {
    desk.texts("select distinct text from actions join labels on labels.id = page order by text")
}

/// The table of traffic sources, as a file.
pub fn sources(server: &Server<'_>) -> String {
    server.page("/sites/1/export/traffic-sources.csv?date=today", &server.sign_in("ada"))
}

fn not_older(desk: &Desk) {
    assert_eq!(desk.number("select own_hosts_only from sites"), 1);
    assert_eq!(desk.number("select rules_changed_at is null from sites"), 1);
}

/// A site as one that was there before hosts were told apart.
fn older(desk: &Desk) {
    let change = "update sites set own_hosts_only = 0, rules_changed_at = unixepoch() * 1000";
    desk.open().execute(change, []).unwrap();
}

#[test]
fn a_new_site_counts_its_domain_with_all_below_it_and_filters_other_hosts_by_name() {
    let desk = Desk::with_site();
    not_older(&desk);
    let server = desk.serve();
    for (href, expected) in [
        ("https://bakery.example/", ""),
        ("http://www.bakery.example:8080/", ""),
        ("https://shop.bakery.example/", ""),
        ("https://bakery.example./", ""),
        ("http://localhost:3000/", "other-host"),
        ("http://localhost:3001/x", "other-host"),
        ("https://www.copy.example/", "other-host"),
        ("https://notbakery.example/", "other-host"),
        ("https://bakery.example.evil.example/", "other-host"),
        ("http://192.0.2.7/", "other-host"),
        ("http://[2001:db8::1]:80/", "other-host"),
    ] {
        let network = if href.contains('[') { "81.2.70.1" } else { "81.2.69.1" };
        let answer = server.hit(network, &[("type", "pageview"), ("href", href), ("title", "Rye")]);
        assert_eq!((answer.status, reason(&answer)), (204, expected), "{href}");
    }
    assert_eq!(
        counted(&desk),
        [
            "192.0.2.7 1",
            "[2001:db8::1] 1",
            "bakery.example.evil.example 1",
            "copy.example 1",
            "localhost 2",
            "notbakery.example 1"
        ]
    );
    assert_eq!(desk.texts("select reason || ' ' || count from filtered"), ["other-host 7"]);
    let report = server.page(FILTERED, &server.sign_in("ada"));
    assert!(report.contains("Other hosts") && report.contains("http://localhost:3000/"), "{report}");
}

#[test]
fn what_a_page_on_another_host_sends_is_filtered_and_what_own_pages_open_elsewhere_is_not() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let send = |origin: &str, kind: &str, href: &str| {
        let fields = [("type", kind), ("href", href), ("title", "Rye"), ("goal[id]", "Order")];
        reason(&server.ask(&beacon("81.2.69.1", &fields).header("Origin", origin))).to_owned()
    };
    for kind in ["pageview", "click", "outbound", "download", "video"] {
        let href = if kind == "pageview" { "/x" } else { "https://elsewhere.example/x.pdf" };
        assert_eq!(send("https://bakery.example", kind, href), "", "{kind}");
        assert_eq!(send("https://copy.example", kind, href), "other-host", "{kind}");
    }
    assert_eq!(send("https://copy.example", "goal", "https://copy.example/thanks"), "other-host");
    assert_eq!(send("https://copy.example", "ping", ""), "other-host");
    assert_eq!(send("https://bakery.example", "ping", ""), "");
    assert_eq!(counted(&desk), ["copy.example 1"], "page views alone are counted by host");
    // What is no page of the web is no host.
    assert_eq!(send("chrome-extension://copy.example", "click", "/x"), "");
}

#[test]
fn a_page_elsewhere_whose_page_views_name_an_own_address_counts_with_all_that_it_sends() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let send = |origin: &str, kind: &str, href: &str| {
        let fields = [("type", kind), ("href", href), ("title", "Rye"), ("goal[id]", "Order")];
        reason(&server.ask(&beacon("81.2.69.1", &fields).header("Origin", origin))).to_owned()
    };
    let all_that_it_sends = |origin: &str| {
        [("click", "https://x.example/"), ("download", "/a.pdf"), ("goal", origin), ("ping", "")]
            .map(|(kind, href)| send(origin, kind, href))
    };
    let (partner, copy) = ("https://www.partner.example", "https://copy.example");
    assert_eq!(all_that_it_sends(partner), ["other-host"; 4], "no page view has come yet");
    assert_eq!(send(partner, "pageview", "https://bakery.example/rye"), "");
    assert_eq!(all_that_it_sends(partner), [""; 4]);
    assert_eq!(all_that_it_sends(copy), ["other-host"; 4]);
    let ada = server.sign_in("ada");
    say(&server, &ada, "shop.example", "mine");
    assert_eq!(all_that_it_sends(partner), [""; 4], "also after a change of settings");
    assert_eq!(send(copy, "pageview", "https://shop.example/"), "");
    assert_eq!(all_that_it_sends(copy), [""; 4]);
    say(&server, &ada, "shop.example", "forget");
    assert_eq!(
        all_that_it_sends(copy),
        ["other-host"; 4],
        "its page views name no host of the site any more"
    );
    say(&server, &ada, "partner.example", "not-mine");
    assert_eq!(all_that_it_sends(partner), ["other-host"; 4]);
    assert!(counted(&desk).is_empty());
}

#[test]
fn hits_without_a_host_and_those_of_the_sites_server_count() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(why(&server, "/bare"), "");
    let key = desk.texts("select site_key_admin from sites").remove(0);
    let logged = form(&[
        ("site_id", "1"),
        ("sitekey_admin", &key),
        ("type", "pageview"),
        ("href", "https://app.partner.example/x"),
        ("ip_address", "81.2.69.9"),
        ("ua", BROWSER),
    ]);
    server.ask(&get(format!("/in.php?{logged}")));
    assert_eq!(pages(&desk), ["https://app.partner.example/x", "https://bakery.example/bare"]);
    assert!(counted(&desk).is_empty());
}

#[test]
fn a_robot_on_another_host_is_a_robot_and_counts_for_no_host() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let fields = [("type", "pageview"), ("href", "http://localhost/")];
    let robot = beacon("81.2.69.1", &fields).header("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)");
    assert_eq!(reason(&server.ask(&robot)), "bot");
    assert!(counted(&desk).is_empty());
}

#[test]
fn a_site_that_was_there_before_counts_all_hosts_until_its_people_switch_it_on() {
    let desk = Desk::empty();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema-9.db");
    fs::copy(file, desk.file()).unwrap();
    desk.text(&["check"]);
    assert_eq!(desk.number("select own_hosts_only from sites where id = 1"), 0);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let domain = desk.texts("select domain from sites where id = 1").remove(0);
    let views_of = |host: &str| (0..5).map(|_| why(&server, &format!("https://{host}/"))).collect::<String>();
    assert_eq!(views_of("localhost"), "");
    let page = server.page(HOSTS, &ada);
    assert!(page.contains("counts hits from all hosts, as it did before"), "{page}");
    let dashboard = server.page(DASHBOARD, &ada);
    assert!(dashboard.contains("5 page views came from <b>localhost</b>"), "{dashboard}");
    assert!(dashboard.contains("They were counted."), "{dashboard}");
    let report = server.page(FILTERED, &ada);
    assert!(report.contains("still counts hits from all hosts: decide under"), "{report}");
    assert_eq!(server.ask(&post(HOSTS, &[("own_only", "on")]).cookie(&ada)).status, 303);
    assert_eq!(views_of("localhost"), "other-host".repeat(5));
    assert_eq!(views_of(&domain), "");
    let dashboard = server.page(DASHBOARD, &ada);
    assert!(dashboard.contains("10 page views came from"), "filtered or counted");
    assert!(dashboard.contains("5 of them weren't counted."), "{dashboard}");
    let rows = server.page(HOSTS, &ada);
    assert!(rows.contains("10 page views, 5 of them not counted"), "{rows}");
    assert!(!server.page(FILTERED, &ada).contains("still counts hits from all hosts"));
    assert!(!server.page(HOSTS, &ada).contains("as it did before"));
    assert_eq!(server.ask(&post(HOSTS, &[]).cookie(&ada)).status, 303);
    assert_eq!(views_of("localhost"), "");
}

#[test]
fn an_answer_holds_for_new_hits_both_ways_and_can_be_taken_back() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let stand = |host: &str| why(&server, &format!("https://{host}/"));
    assert_eq!(stand("shop.example"), "other-host");
    let answer = say(&server, &ada, "shop.example", "mine");
    assert_eq!((answer.status, answer.header("location")), (303, &*format!("{HOSTS}?done=mine")));
    for host in ["shop.example", "www.shop.example", "de.shop.example"] {
        assert_eq!(stand(host), "", "{host}");
    }
    assert_eq!(desk.number("select count from filtered"), 1, "what was filtered stays so");
    say(&server, &ada, "staging.bakery.example", "not-mine");
    assert_eq!(stand("staging.bakery.example"), "other-host");
    assert_eq!(stand("x.staging.bakery.example"), "other-host");
    assert_eq!(stand("www.bakery.example"), "");
    // What is said to be somebody else's is filtered also where all others count.
    server.ask(&post(HOSTS, &[]).cookie(&ada));
    say(&server, &ada, "copy.example", "not-mine");
    assert_eq!((stand("copy.example"), stand("other.example")), ("other-host".into(), String::new()));
    say(&server, &ada, "copy.example", "forget");
    say(&server, &ada, "staging.bakery.example", "mine");
    assert_eq!((stand("copy.example"), stand("staging.bakery.example")), (String::new(), String::new()));
    let page = server.page("/sites/1/preferences/audit", &ada);
    assert!(
        page.contains("Changed the site's hosts") && page.contains("copy.example: not the site's"),
        "{page}"
    );
    // What changes nothing is done, and stands in no log.
    let noted = "select count(*) from audit where act = 'hosts-changed'";
    let before = desk.number(noted);
    assert_eq!(say(&server, &ada, "shop.example", "mine").status, 303);
    assert_eq!(server.ask(&post(HOSTS, &[]).cookie(&ada)).status, 303);
    desk.text(&["site", "hosts", "1", "--own-only", "off", "--add", "shop.example"]);
    assert_eq!(desk.number(noted), before);
}

#[test]
fn what_is_no_host_or_says_nothing_new_is_refused_beside_its_field() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (host, answer, sentence) in [
        ("", "mine", "Enter a host"),
        ("two words", "mine", "Enter a host"),
        ("<script>", "mine", "Enter a host"),
        ("bakery.example", "not-mine", "always counts"),
        ("shop.bakery.example", "mine", "one of this site's hosts already"),
        ("shop.example", "forget", "Nothing was said"),
        ("shop.example", "perhaps", "Say whether"),
    ] {
        let refused = say(&server, &ada, host, answer);
        assert_eq!(refused.status, 422, "{host} {answer}");
        let text = refused.text().replace("&#39;", "'");
        assert!(text.contains(sentence) && !text.contains("<script>\""), "{host}: {text}");
    }
    assert_eq!(desk.number("select count(*) from site_hosts"), 0);
    desk.open()
        .execute(
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < 100)
             insert into site_hosts select 1, 'host-' || n || '.example', 1 from n",
            [],
        )
        .unwrap();
    let refused = say(&server, &ada, "one-more.example", "mine").text();
    assert!(refused.contains("There is room for 100 of this site"), "{refused}");
    assert_eq!(
        say(&server, &ada, "one-more.example", "not-mine").status,
        303,
        "these have room of their own"
    );
    assert_eq!(say(&server, &ada, "host-7.example", "not-mine").status, 303);
    assert_eq!(say(&server, &ada, "one-more.example", "mine").status, 303);
    desk.open()
        .execute(
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < 399)
             insert into site_hosts select 1, 'stranger-' || n || '.example', 0 from n",
            [],
        )
        .unwrap();
    let refused = say(&server, &ada, "another.example", "not-mine").text();
    assert!(refused.contains("There is room for 400 hosts that"), "{refused}");
}

#[test]
fn links_between_a_sites_own_hosts_are_its_own() {
    let desk = Desk::with_site();
    let server = desk.serve();
    desk.text(&["site", "hosts", "1", "--add", "shop.example"]);
    let hit = [("type", "pageview"), ("href", "https://bakery.example/"), ("ref", "https://shop.example/")];
    assert_eq!(reason(&server.hit("81.2.69.1", &hit)), "");
    let sources = sources(&server);
    assert!(sources.contains("Internal") && !sources.contains("Links"), "{sources}");
}

fn hosts(desk: &Desk, options: &[&str]) -> Value {
    desk.json(&[&["site", "hosts", "1"], options, &["--json"]].concat())
}

#[test]
fn the_command_line_shows_and_changes_hosts_while_the_server_runs() {
    let desk = Desk::with_site();
    let server = desk.serve();
    why(&server, "http://localhost/");
    let told = hosts(&desk, &[]);
    assert_eq!(
        told,
        json!({
            "site_id": 1, "domain": "bakery.example", "own_only": true, "own": [], "not_own": [],
            "other_hosts": [{"host": "localhost", "page_views": 1, "filtered": 1, "is_answered": false}],
        })
    );
    let told =
        hosts(&desk, &["--add", "https://www.Shop.example/x", "--add", "localhost", "--not", "copy.example"]);
    assert_eq!(
        (&told["own"], &told["not_own"]),
        (&json!(["localhost", "shop.example"]), &json!(["copy.example"]))
    );
    assert_eq!(told["other_hosts"], json!([]));
    assert_eq!(why(&server, "http://localhost/"), "");
    assert_eq!(hosts(&desk, &["--own-only", "off"])["own_only"], false);
    assert_eq!(why(&server, "https://any.example/"), "");
    assert_eq!(why(&server, "https://copy.example/"), "other-host");
    let text = desk.text(&["site", "hosts", "1", "--own-only", "on", "--forget", "localhost"]);
    assert!(text.contains("shop.example") && text.contains("are filtered"), "{text}");
    assert_eq!(why(&server, "http://localhost/"), "other-host");
    assert!(desk.complaint(&["site", "hosts", "1", "--add", "two words"]).contains("Enter a host"));
    assert!(desk.complaint(&["site", "hosts", "9"]).contains("no such site"));
    assert!(desk.complaint(&["site", "hosts", "1", "--own-only", "perhaps"]).contains("perhaps"));
}

#[test]
fn hosts_move_with_their_site_and_a_file_of_an_earlier_version_counts_all_hosts() {
    let desk = Desk::with_site();
    {
        let server = desk.serve();
        (0..5).for_each(|_| assert_eq!(why(&server, "http://localhost/"), "other-host"));
        why(&server, "https://bakery.example/");
    }
    hosts(&desk, &["--add", "shop.example", "--not", "copy.example"]);
    let before = hosts(&desk, &[]);
    let path = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&["export", "--site", "1", "--to", &path]);
    let import = |path: &str| {
        let new = Desk::empty();
        let email = "ada@bakery.example";
        new.json_with(
            super::harness::PASSWORD,
            &["init", "--username", "ada", "--email", email, "--password-stdin", "--json"],
        );
        new.text(&["import", path]);
        new
    };
    let new = import(&path);
    assert_eq!(hosts(&new, &[]), before);
    assert_eq!(new.number("select rules_changed_at is null from sites"), 1);
    new.text(&["import", &path, "--as", "same"]);
    assert_eq!(hosts(&new, &[]), before, "nothing is counted twice");

    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once('\n').unwrap();
    let mut head: Value = serde_json::from_str(head).unwrap();
    head["version"] = json!(1);
    for name in ["own_hosts_only", "hosts", "rules_changed_at"] {
        head["site"].as_object_mut().unwrap().remove(name).unwrap();
    }
    let old = desk.path().join("old.jsonl").to_str().unwrap().to_owned();
    let rest = rest.replace(",\"filtered\":5", "");
    fs::write(&old, format!("{head}\n{rest}")).unwrap();
    let new = import(&old);
    let told = hosts(&new, &[]);
    assert_eq!(told["own_only"], false);
    assert_eq!(told["other_hosts"][0]["filtered"], 0, "such a file does not tell");
    assert_eq!(new.number("select rules_changed_at is null from sites"), 0);

    let strange = text.replace("\"filtered\":5", "\"filtered\":6");
    fs::write(&old, strange).unwrap();
    let said = desk.json(&["import", &old, "--as", "new", "--dry-run", "--json"])["files"][0].clone();
    assert!(said["refused_lines"][0]["why"].to_string().contains("more page views are filtered"), "{said}");

    head["site"]["hosts"] = json!([["not a host", true]]);
    fs::write(&old, format!("{head}\n{rest}")).unwrap();
    assert!(desk.complaint(&["import", &old, "--as", "new"]).contains("a host is none"));
}

#[test]
fn hosts_go_with_their_site() {
    let desk = Desk::with_site();
    {
        let server = desk.serve();
        why(&server, "http://localhost/");
    }
    hosts(&desk, &["--add", "shop.example"]);
    desk.text(&["site", "remove", "1", "--yes"]);
    assert_eq!(
        desk.number("select (select count(*) from other_hosts) + (select count(*) from site_hosts)"),
        0
    );
}

#[test]
fn imported_hits_are_judged_by_the_same_hosts() {
    let desk = Desk::with_site();
    desk.text(&["site", "hosts", "1", "--add", "shop.example"]);
    let line = |minute: u8, href: &str| {
        format!(
            "{{\"time\":\"2026-11-01T10:{minute:02}:00Z\",\"href\":\"{href}\",\"ip\":\"81.2.69.1\",\"ua\":\"{BROWSER}\"}}\n"
        )
    };
    let hrefs = ["/a", "https://shop.example/b", "https://copy.example/c", "https://www.bakery.example/d"];
    let text: String = (0..).zip(hrefs).map(|(minute, href)| line(minute, href)).collect();
    let path = desk.path().join("hits.jsonl").to_str().unwrap().to_owned();
    fs::write(&path, text).unwrap();
    let said = desk.json(&["import", &path, "--site", "1", "--json"]);
    assert!(said.to_string().contains("\"other-host\":1"), "{said}");
    assert_eq!(pages(&desk).len(), 3);
    let log = desk.path().join("access.log").to_str().unwrap().to_owned();
    let request = |host: &str| {
        format!(
            "{host}:443 81.2.69.2 - - [02/Nov/2026:10:00:00 +0000] \"GET /log HTTP/1.1\" 200 9 \"-\" \"{BROWSER}\"\n"
        )
    };
    fs::write(&log, request("shop.example") + &request("copy.example")).unwrap();
    let said = desk.json(&["import", &log, "--site", "1", "--json"]);
    assert!(said.to_string().contains("\"host\":\"copy.example\""), "{said}");
    assert!(pages(&desk).contains(&"https://shop.example/log".to_owned()), "{:?}", pages(&desk));
}

#[test]
fn owners_of_a_site_that_was_there_before_are_told_that_the_rules_changed() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let told = |cookie: &str, range: &str| {
        let page = server.page(&format!("/sites/1/reports/left-out?date={range}"), cookie);
        page.contains("counted by newer rules") && page.contains("What was counted before stays as it is")
    };
    assert!(!told(&ada, "today"), "a new site knows no older ones");
    older(&desk);
    assert!(told(&ada, "today") && told(&uma, "last-30-days"), "with nothing filtered");
    assert!(!told(&ada, "yesterday"));
    page_view(&server, 1, "https://bakery.example/");
    let robot = beacon("81.2.69.3", &[("href", "/")]).header("User-Agent", "Googlebot/2.1");
    assert_eq!(reason(&server.ask(&robot)), "bot");
    assert!(told(&ada, "today"), "with something filtered");
}

#[test]
fn the_former_domain_of_a_site_stays_one_of_its_hosts() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let fields = [("domain", "bread.example"), ("name", "Bread"), ("time_zone", "UTC")];
    let answer = server.ask(&post("/sites/1/preferences/info", &fields).cookie(&cookie));
    assert_eq!(answer.status, 303);
    let page = server.page(answer.header("location"), &cookie);
    assert!(page.contains("<b class=\"cut-any\">bakery.example</b> still count"), "{page}");
    assert!(
        server
            .page("/sites/1/preferences/audit", &cookie)
            .contains("the former domain stays one of its hosts")
    );
    for host in ["bread.example", "www.bakery.example", "shop.bakery.example"] {
        assert_eq!(why(&server, &format!("https://{host}/")), "", "{host}");
    }
    assert_eq!(why(&server, "https://copy.example/"), "other-host");
    say(&server, &cookie, "bakery.example", "not-mine");
    assert_eq!(why(&server, "https://bakery.example/"), "other-host");
    assert_eq!(why(&server, "https://bread.example/"), "");
}
