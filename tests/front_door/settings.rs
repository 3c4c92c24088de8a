//! Site settings: what a form changes, the next hit obeys; and how a site leaves its owner.

use super::harness::{BROWSER, Desk, PASSWORD, Server, ZONE, fields, view};
use super::http::{Answer, get, post};
use std::io::{Read, Write};
use std::net::TcpListener;

const TRACKING: &str = "/sites/1/preferences/tracking";
const INFO: &str = "/sites/1/preferences/info";

/// A desk with the owner `ada` and the stranger `eve`.
fn desk() -> Desk {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "eve", "--email", "eve@e.example", "--password-stdin", "--json"],
    );
    desk
}

/// Sends the form of the tracking settings, with these answers among the usual ones.
fn set_tracking(server: &Server<'_>, cookie: &str, answers: &[(&str, &str)]) -> Answer {
    let usual = [("identity", "none"), ("signals", "on"), ("shorten", "on"), ("hits_per_minute", "3000")];
    let usual = usual.into_iter().filter(|(name, _)| !answers.iter().any(|(given, _)| given == name));
    let all: Vec<_> = usual.chain(answers.iter().copied()).collect();
    server.ask(&post(TRACKING, &all).cookie(cookie))
}

fn saved(server: &Server<'_>, cookie: &str, answers: &[(&str, &str)]) {
    let answer = set_tracking(server, cookie, answers);
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, &*format!("{TRACKING}?done=saved")),
        "{answers:?}"
    );
}

/// The reason for which a hit was left out; empty when it was kept.
fn reason(answer: &Answer) -> &str {
    answer.header("x-clickstead-reason")
}

/// A page view of this path from this address, with more fields.
fn hit(server: &Server<'_>, address: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    let owned = view(path);
    let usual = fields(&owned);
    let all: Vec<_> = usual.into_iter().chain(more.iter().copied()).collect();
    server.hit(address, &all)
}

#[test]
fn what_is_excluded_is_left_out_from_the_next_hit_on_and_counted_by_its_reason() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    assert_eq!(reason(&hit(&server, "203.0.114.7", "/admin/users", &[])), "");
    saved(
        &server,
        &ada,
        &[
            ("addresses", "203.0.114.0/24\r\n2a00:1450::/32"),
            ("pages", "/admin/*\r\n/thanks"),
            ("countries", "United Kingdom"),
            ("referrers", "spam.example"),
        ],
    );
    let dutch = "193.0.6.139";
    for (address, path, expected) in [
        ("203.0.114.99", "/", "excluded-address"),
        ("2a00:1450::5", "/", "excluded-address"),
        ("81.2.69.1", "/", "excluded-country"),
        (dutch, "/admin/x?y=1", "excluded-page"),
        (dutch, "/thanks", "excluded-page"),
        (dutch, "/thanks/you", ""),
    ] {
        let answer = hit(&server, address, path, &[]);
        assert_eq!((answer.status, reason(&answer)), (204, expected), "{address} {path}");
    }
    let counted = desk.texts("select reason || ' ' || count from filtered order by reason");
    assert_eq!(counted, ["excluded-address 2", "excluded-country 1", "excluded-page 2"]);
    let report = server.page("/sites/1/reports/left-out?date=today", &ada);
    assert!(
        report.contains("Excluded pages") && report.contains("/admin/x") && !report.contains("y=1"),
        "{report}"
    );
    let page = server.page(TRACKING, &ada);
    assert!(page.contains("203.0.114.0/24\n2a00:1450::/32") && page.contains("\nGB"), "{page}");
    saved(&server, &ada, &[]);
    assert_eq!(reason(&hit(&server, "203.0.114.99", "/admin/users", &[])), "");
}

#[test]
fn a_visit_from_an_excluded_referrer_is_left_out_with_all_its_pages() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    saved(&server, &ada, &[("referrers", "https://www.spam.example/")]);
    let from = |address: &str, path: &str, referrer: &str| {
        reason(&hit(&server, address, path, &[("ref", referrer)])).to_owned()
    };
    assert_eq!(from("81.2.69.1", "/", "https://offers.spam.example/x"), "excluded-referrer");
    assert_eq!(from("81.2.69.1", "/next", "https://bakery.example/"), "excluded-referrer");
    assert_eq!(from("81.2.69.2", "/", "https://bakery.example/"), "", "somebody else");
    assert_eq!(from("81.2.69.1", "/", "https://friend.example/"), "", "they came by another way");
    assert_eq!(from("81.2.69.1", "/next", "https://bakery.example/"), "");
    assert_eq!(desk.number("select count(*) from visits"), 2);
    assert_eq!(desk.number("select count(*) from actions"), 3);
}

#[test]
fn whoever_came_from_a_referrer_that_is_let_in_again_counts_at_once() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    saved(&server, &ada, &[("referrers", "spam.example")]);
    let from = |path: &str, referrer: &str| {
        reason(&hit(&server, "81.2.69.1", path, &[("ref", referrer)])).to_owned()
    };
    assert_eq!(from("/", "https://spam.example/x"), "excluded-referrer");
    assert_eq!(from("/next", "https://bakery.example/"), "excluded-referrer");
    saved(&server, &ada, &[]);
    assert_eq!(from("/third", "https://bakery.example/"), "");
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn the_link_that_ignores_ones_own_visits_leads_to_the_site_as_it_is_reached() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let links = |scheme: &str| {
        let page = server.page(TRACKING, &ada);
        page.matches(&format!("href=\"{scheme}://bakery.example/#_cky_ignore=")).count()
    };
    assert_eq!((links("https"), links("http")), (2, 0), "nothing is known yet");
    hit(&server, "81.2.69.1", "/", &[("href", "http://bakery.example/")]);
    assert_eq!((links("https"), links("http")), (0, 2));
    hit(&server, "81.2.69.2", "/", &[]);
    assert_eq!((links("https"), links("http")), (2, 0));
}

#[test]
fn full_lists_fit_into_their_form_and_what_is_too_much_is_refused_in_words() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let list =
        |mut line: Box<dyn FnMut(usize) -> String>| (0..200).map(|n| line(n) + "\r\n").collect::<String>();
    let pages = list(Box::new(|n| format!("/{}{n:03}", "ä".repeat(126))));
    let parameters = list(Box::new(|n| format!("{}{n:03}", "ä".repeat(126))));
    let networks = list(Box::new(|n| format!("2001:db8:{n:x}::/48")));
    saved(&server, &ada, &[("pages", &pages), ("parameters", &parameters), ("addresses", &networks)]);
    assert_eq!(desk.number("select count(*) from exclusions"), 600);
    let far_too_much = "/x\r\n".repeat(400_000);
    for (path, much) in [(TRACKING, far_too_much.as_str()), ("/account/profile", &far_too_much[..80_000])] {
        let answer = server.ask(&post(path, &[("pages", much)]).cookie(&ada));
        let page = answer.text();
        assert_eq!(answer.status, 413, "{path}: {page}");
        assert!(page.contains("That is more than this form takes") && page.contains("<main"), "{page}");
    }
    assert_eq!(desk.number("select count(*) from exclusions"), 600, "a refused form changed something");
    let json = post("/account/profile", &[]).header("Content-Type", "application/json").cookie(&ada);
    for request in [json, get("/setup?token=%FF&token=1").cookie(&ada)] {
        let answer = server.ask(&request);
        let page = answer.text();
        assert!(
            answer.status == 400 && page.contains("did not arrive as it should"),
            "{} {page}",
            answer.status
        );
    }
}

#[test]
fn parameters_that_a_site_strips_make_no_pages_of_their_own() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    saved(&server, &ada, &[("parameters", "SessionId, sort*")]);
    // What is stripped counts for nothing in the length of an address, either.
    let long = format!("?id=7&sessionid={}", "x".repeat(3_000));
    for query in ["?sessionid=1&id=7", "?id=7&sortby=price", "?id=7", &long] {
        hit(&server, "81.2.69.1", &format!("/shop{query}"), &[("title", "Shop")]);
    }
    let pages = desk.texts("select distinct text from actions join labels on labels.id = page");
    assert_eq!(pages, ["https://bakery.example/shop?id=7"]);
    assert_eq!(desk.number("select count(*) from actions"), 4);
}

#[test]
fn a_visit_over_midnight_takes_no_room_of_the_day_after_it_began() {
    let desk = desk();
    {
        let server = desk.serve();
        let ada = server.sign_in("ada");
        saved(&server, &ada, &[("actions_per_day", "100")]);
    }
    let midnight = jiff::civil::date(2026, 11, 2).in_tz(*ZONE).unwrap().timestamp();
    let line = |seconds: i64, visitor: i64| {
        let time = midnight + jiff::SignedDuration::from_secs(seconds);
        format!(
            "{{\"time\":\"{time}\",\"href\":\"/{seconds}\",\"ip\":\"81.2.{visitor}.1\",\"ua\":\"{BROWSER}\"}}\n"
        )
    };
    let of_the_night = (-60..60).step_by(2).map(|seconds| line(seconds, 69));
    let of_the_day = (1..=101).map(|number| line(43_200 + number, number));
    let path = desk.path().join("hits.jsonl");
    std::fs::write(&path, of_the_night.chain(of_the_day).collect::<String>()).unwrap();
    let said = &desk.json(&["import", path.to_str().unwrap(), "--site", "1", "--json"])["files"][0];
    assert_eq!((&said["taken"], &said["left_out"]), (&160.into(), &serde_json::json!({"day-full": 1})));
    assert_eq!(desk.number("select actions from visits order by id limit 1"), 60, "one visit of that night");
}

#[test]
fn limits_hold_for_the_site_that_sets_them() {
    let desk = desk();
    desk.json(&["site", "add", "other.example", "--owner", "ada", "--time-zone", "UTC", "--json"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    saved(&server, &ada, &[("hits_per_minute", "10"), ("actions_per_day", "1,00")]);
    let mut last = None;
    // A minute may end among them: twice the limit is more than any minute takes.
    for number in 0..21 {
        last = Some(hit(&server, "81.2.69.1", &format!("/{number}"), &[]));
        if last.as_ref().is_some_and(|last| last.status == 429) {
            break;
        }
    }
    let last = last.unwrap();
    assert_eq!((last.status, reason(&last)), (429, "too-many-hits"));
    assert_eq!(
        reason(&hit(&server, "81.2.69.1", "/", &[("site_id", "2"), ("href", "/")])),
        "",
        "another site"
    );
    let taken = |number: i64| reason(&hit(&server, &format!("81.3.{number}.1"), "/", &[])).to_owned();
    let room = 100 - desk.number("select count(*) from actions where site_id = 1");
    assert!((0..room).all(|number| taken(number).is_empty()));
    assert_eq!(taken(room), "day-full");
    drop(server);
    let server = desk.serve();
    assert_eq!(reason(&hit(&server, "81.4.1.1", "/", &[])), "day-full", "a restart forgot the day");
    assert_eq!(desk.number("select count(*) from actions where site_id = 1"), 100);
}

#[test]
fn nothing_personal_is_kept_before_consent_and_all_of_it_after() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    saved(&server, &ada, &[("identity", "consent"), ("shorten", "")]);
    let custom = [("custom[username]", "Bob")];
    let known =
        || desk.texts("select ifnull(hex(address), '') || ' ' || (select count(*) from custom) from visits");
    hit(&server, "193.0.6.139", "/", &custom);
    assert_eq!(known(), [" 0"]);
    hit(&server, "193.0.6.139", "/more", &custom);
    assert_eq!(known(), [" 0"], "the second page kept what the first did not");
    let page = server.page("/sites/1/visitors?date=today", &ada);
    assert!(!page.contains("193.0.6") && !page.contains("Bob"), "{page}");
    let agreed = [("custom[username]", "Bob"), ("consent", "1"), ("jsuid", "77"), ("type", "custom")];
    let answer = server.hit("193.0.6.139", &agreed);
    assert_eq!(answer.text(), r#"{"keep":true}"#);
    assert_eq!(known(), ["C100068B 1"]);
    let refused = [("consent", "1"), ("jsuid", "78"), ("custom[username]", "Carol")];
    let owned = view("/");
    let all: Vec<_> = fields(&owned).into_iter().chain(refused).collect();
    let answer = server.ask(&super::harness::beacon("193.0.7.1", &all).header("Sec-GPC", "1"));
    assert_eq!(answer.text(), r#"{"keep":false}"#, "a cookie was allowed against GPC");
    assert_eq!(known(), ["C100068B 1", " 1"], "GPC was not honoured");
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_changes_nothing() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let answer = set_tracking(
        &server,
        &ada,
        &[
            ("identity", "cookie"),
            ("addresses", "192.0.2.7\r\n300.1.1.1"),
            ("hits_per_minute", "many"),
            ("pages", "/kept/*"),
        ],
    );
    let page = answer.text();
    assert_eq!(answer.status, 422);
    for part in [
        "300.1.1.1</textarea>",
        "“300.1.1.1” can't be used",
        "value=\"many\"",
        "/kept/*",
        "from 10 to 30000",
        "Nothing was saved",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(
        desk.number("select (select count(*) from exclusions) + (select cookies_allowed from sites)"),
        0
    );
    let answer = server.ask(
        &post(INFO, &[("domain", "not a domain"), ("name", "Kept name"), ("time_zone", "Mars/Base")])
            .cookie(&ada),
    );
    let page = answer.text();
    assert!(answer.status == 422 && page.contains("not a domain") && page.contains("Kept name"), "{page}");
    assert_eq!(desk.texts("select domain from sites"), ["bakery.example"]);
}

#[test]
fn another_name_domain_and_time_zone_hold_from_the_next_question_on() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    hit(&server, "81.2.69.1", "/", &[]);
    // 23:30 UTC of the day before yesterday: another day in Auckland.
    let day = desk.number("select (unixepoch() / 86400 - 2) * 86400");
    let began = (day + 23 * 3_600 + 1_800) * 1_000 * (1 << 20);
    desk.open()
        .execute_batch(&format!("update visits set id = {began}; update actions set visit_id = {began}"))
        .unwrap();
    let date = |days: i64| desk.texts(&format!("select date({day} + {days} * 86400, 'unixepoch')")).remove(0);
    let visits = |date: &str| {
        let page = server.page(&format!("/sites/1/reports/visitors?date={date}&compare=none"), &ada);
        page.contains("data-tally=\"visitors\">1<") || page.contains("<b>1</b>")
    };
    let change = |zone: &str| {
        let form = [("domain", "https://new-bakery.example/"), ("name", "New bakery"), ("time_zone", zone)];
        let answer = server.ask(&post(INFO, &form).cookie(&ada));
        assert_eq!(answer.status, 303, "{}", answer.text());
    };
    change("UTC");
    assert!(visits(&date(0)) && !visits(&date(1)));
    change("Pacific/Auckland");
    assert!(!visits(&date(0)) && visits(&date(1)), "the days are still those of the old zone");
    let list = server.page("/", &ada);
    assert!(list.contains("New bakery") && list.contains("new-bakery.example"));
    hit(&server, "81.2.69.9", "/", &[("href", "/bare")]);
    assert!(desk.texts("select text from labels").contains(&"https://new-bakery.example/bare".to_owned()));
}

#[test]
fn a_time_zone_that_only_commands_offer_stays_chosen_in_the_form() {
    let desk = desk();
    let added = ["site", "add", "sea.example", "--owner", "ada", "--time-zone", "Etc/GMT+3"];
    desk.text(&added);
    let server = desk.serve();
    let page = server.page("/sites/2/preferences/info", &server.sign_in("ada"));
    let chosen: Vec<&str> = page.split("<option").filter(|option| option.contains(" selected>")).collect();
    assert!(chosen.len() == 1 && chosen[0].contains("value=\"Etc/GMT+3\""), "{chosen:?}");
}

#[test]
fn a_site_goes_to_another_account_only_when_that_accepts() {
    let desk = desk();
    let server = desk.serve();
    let (ada, eve) = (server.sign_in("ada"), server.sign_in("eve"));
    hit(&server, "81.2.69.1", "/", &[]);
    let offer = |to: &str| server.ask(&post(format!("{INFO}/transfer"), &[("to", to)]).cookie(&ada));
    let shown = || server.page(INFO, &ada).replace("nobody@here.example", "NAME").replace("eve", "NAME");
    assert_eq!(offer("").status, 422);
    assert_eq!(offer("ADA").status, 422, "to oneself");
    assert_eq!(offer("nobody@here.example").status, 303);
    let to_nobody = shown();
    assert_eq!(server.ask(&post(format!("{INFO}/transfer/withdraw"), &[]).cookie(&ada)).status, 303);
    assert_eq!(offer("eve").status, 303);
    let without_times = |page: &str| {
        page.split("datetime=")
            .map(|part| {
                part.split_once('>')
                    .map_or(part, |(_, rest)| rest.split_once('<').map_or(rest, |(_, rest)| rest))
                    .to_owned()
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(without_times(&to_nobody), without_times(&shown()), "the page tells who has an account");
    assert!(shown().contains("sends no mail") && shown().contains("/account/sites"));
    let answer = |what: &str, cookie: &str| {
        server
            .ask(&post(format!("/account/sites/{what}"), &[("site", "1")]).cookie(cookie))
            .header("location")
            .to_owned()
    };
    assert_eq!(answer("accept", &ada), "/account/sites?done=gone", "somebody else accepted");
    assert!(server.page("/account/sites", &eve).contains("Offered to you"));
    assert_eq!(
        server.ask(&get("/sites/1/visitors").cookie(&eve)).status,
        404,
        "it is theirs before they accept"
    );
    assert_eq!(answer("decline", &eve), "/account/sites?done=declined");
    assert_eq!(answer("accept", &eve), "/account/sites?done=gone");
    offer("eve@e.example");
    desk.open().execute_batch("update transfers set created_at = created_at - 7 * 86400000").unwrap();
    assert_eq!(answer("accept", &eve), "/account/sites?done=gone", "an offer of last week");
    desk.json_with(PASSWORD, &["user", "add", "bob", "--email", "b@b.example", "--password-stdin", "--json"]);
    offer("eve");
    desk.text(&["site", "transfer", "1", "--to", "bob"]);
    assert_eq!(
        answer("accept", &eve),
        "/account/sites?done=gone",
        "an offer of somebody who has the site no more"
    );
    desk.text(&["site", "transfer", "1", "--to", "ada"]);
    desk.text(&["share", "add", "--site", "1", "--user", "eve", "--level", "user"]);
    desk.text(&["webhook", "add", "--site", "1", "--name", "Chat", "--url", "https://hooks.example/x"]);
    offer("eve");
    assert_eq!(answer("accept", &eve), "/account/sites?done=accepted-untold");
    assert_eq!(desk.number("select is_paused from webhooks"), 1, "it leads to the former owner's programs");
    let page = server.page("/account/sites?done=accepted-untold", &eve);
    assert!(page.contains("sends no mail: tell them yourself"), "{page}");
    assert_eq!(desk.number("select count(*) from shares"), 0);
    assert_eq!(server.ask(&get("/sites/1/visitors").cookie(&ada)).status, 404);
    assert!(server.page("/sites/1/visitors?date=today", &eve).contains("1 visit"));
    assert_eq!(reason(&hit(&server, "81.2.69.1", "/", &[])), "");
}

#[test]
fn a_site_is_deleted_by_typing_its_name_and_nothing_of_it_stays() {
    let desk = desk();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    desk.json(&["site", "add", "other.example", "--owner", "ada", "--time-zone", "UTC", "--json"]);
    for site in ["1", "2"] {
        let here = [("site_id", site), ("href", "/"), ("custom[a]", "b"), ("goal[name]", "Order")];
        hit(&server, "81.2.69.1", "/", &here);
        hit(&server, "81.2.69.1", "/", &[("site_id", site), ("webdriver", "1")]);
    }
    saved(&server, &ada, &[("pages", "/x")]);
    let delete = |typed: &str| server.ask(&post(format!("{INFO}/delete"), &[("domain", typed)]).cookie(&ada));
    let refused = delete("bakery");
    assert!(refused.status == 422 && refused.text().contains("Nothing was deleted"));
    assert_eq!(desk.number("select count(*) from sites"), 2);
    assert_eq!(delete(" Bakery.example ").header("location"), "/");
    assert_eq!(server.ask(&get("/sites/1").cookie(&ada)).status, 404);
    assert_eq!(reason(&hit(&server, "81.2.69.1", "/", &[])), "unknown-site");
    let left = "select 1 from (
        select site_id from visits union all select site_id from actions union all select site_id from custom
        union all select site_id from conversions union all select site_id from salts union all select site_id from filtered
        union all select site_id from filtered_samples union all select site_id from exclusions
      ) where site_id = 1";
    desk.wait_for(&format!("not exists ({left})"));
    assert_eq!(
        desk.number("select count(*) from visits where site_id = 2"),
        1,
        "another site lost its visits"
    );
}

#[test]
fn what_visitors_of_a_deleted_site_said_is_gone_from_the_file_and_what_others_share_stays() {
    for by_command in [false, true] {
        let desk = desk();
        let server = desk.serve();
        let ada = server.sign_in("ada");
        desk.json(&["site", "add", "other.example", "--owner", "ada", "--time-zone", "UTC", "--json"]);
        for site in ["1", "2"] {
            desk.text(&["site", "hosts", site, "--add", "x.example"]);
        }
        let name = |number: i32| format!("Private-Person-{number}");
        // Enough of them that whole pages of the file become free.
        for number in 0..400 {
            let (path, named) = (format!("/secret-page-{number}"), name(number));
            let (from, screen) =
                (format!("https://secret.example/{number}"), format!("{}x600", 1_000 + number));
            let more = [("custom[username]", &*named), ("ref", &from), ("res", &screen)];
            hit(&server, &format!("81.2.{}.1", number % 200), &path, &more);
        }
        for site in ["1", "2"] {
            let shared =
                [("site_id", site), ("custom[username]", "Shared-Person"), ("href", "https://x.example/s")];
            hit(&server, "81.2.69.1", "/", &shared);
        }
        if by_command {
            let removed = desk.run_with("yes", &["site", "remove", "1", "--yes"]);
            assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
        } else {
            server.ask(&post(format!("{INFO}/delete"), &[("domain", "bakery.example")]).cookie(&ada));
            desk.wait_for("not exists (select 1 from visits where site_id = 1)");
        }
        // Every visit came by a link of its own, on a screen of its own.
        for table in ["sources", "machines", "places"] {
            assert_eq!(desk.number(&format!("select count(*) from {table}")), 1, "{table}, {by_command}");
        }
        // What the writer remembers of labels, and of what points to them, is of before.
        let from = ("ref", "https://secret.example/7");
        let again = ("href", "https://x.example/again");
        let again =
            [("site_id", "2"), again, ("custom[username]", "Private-Person-7"), from, ("res", "1007x600")];
        hit(&server, "81.2.69.2", "/again", &again);
        let names = "select text from custom join labels on labels.id = value order by visit_id";
        assert_eq!(desk.texts(names), ["Shared-Person", "Private-Person-7"]);
        let came_by =
            "select text from visits join sources on sources.id = source join labels on labels.id = referrer";
        assert_eq!(desk.texts(came_by), ["https://secret.example/7"]);
        assert!(desk.text(&["check"]).contains("is whole"));
        assert!(server.stop().success());
        desk.open().query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
        let file = std::fs::read(desk.file()).unwrap();
        let holds = |text: &str| file.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("Shared-Person") && holds("https://x.example/s") && holds("Private-Person-7"));
        for number in [0, 1, 99, 200, 399] {
            assert!(!holds(&name(number)), "a name is left, {by_command}");
            assert!(!holds(&format!("secret-page-{number}")), "a page is left, {by_command}");
            assert!(!holds(&format!("https://secret.example/{number}")), "a link is left, {by_command}");
        }
    }
}

/// A page of the site on a server of its own.
fn serve_page(head: &str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {head}Content-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4_096];
            drop(stream.read(&mut request));
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    address
}

#[test]
fn is_my_code_working_says_what_the_page_holds() {
    let desk = Desk::empty();
    desk.json_with(
        PASSWORD,
        &[
            "init",
            "--username",
            "ada",
            "--email",
            "a@a.example",
            "--password-stdin",
            "--site",
            "127.0.0.1",
            "--json",
        ],
    );
    let server = desk.serve_with(&["--allow-private-targets"]);
    let ada = server.sign_in("ada");
    let info = server.page(INFO, &ada);
    for form in [format!("//{}/1.js", server.address), "src=&quot;/stats/js?in=%2Fstats%2Fhits&quot;".into()]
    {
        assert!(info.contains(&form), "{form}: {info}");
    }
    let look = |page: &str| {
        let answer = server.ask(&post(format!("{INFO}/check"), &[("page", page)]).cookie(&ada));
        (answer.status, answer.text())
    };
    let code =
        |site: u8| format!("<script async data-id=\"{site}\" src=\"//{}/js\"></script>", server.address);
    let ok = "200 OK\r\n";
    let policy = "200 OK\r\nContent-Security-Policy: script-src 'self'\r\n";
    let here = serve_page(ok, format!("<p>hello</p>{}", code(1)));
    for (page, says) in [
        (here.clone(), "The code is there and right."),
        (
            serve_page(&format!("302 Found\r\nLocation: {here}\r\n"), String::new()),
            "The code is there and right.",
        ),
        (serve_page(ok, code(9)), "for site 9"),
        (serve_page(policy, code(1)), "Content-Security-Policy"),
        (serve_page(ok, "<p>hello</p>".into()), "not on this page"),
        (serve_page("503 Busy\r\n", String::new()), "answered 503"),
        (
            serve_page(ok, "<script data-id=1 src=\"/s/js?in=/s/hits\"></script>".into()),
            "own server, which takes hits at /s/hits",
        ),
        (serve_page(ok, code(1).replace("async", "type=text/plain")), "a consent tool holds it back"),
    ] {
        let (status, text) = look(&page);
        assert!(status == 200 && text.contains(says), "{page}: {says}: {text}");
    }
    let (status, text) = look("http://elsewhere.example/");
    assert!(status == 422 && text.contains("Enter the address of a page of 127.0.0.1"), "{text}");
    assert!(look("file:///etc/passwd").0 == 422 && look("http://").0 == 422);
    drop(server);
    let server = desk.serve();
    let answer = server.ask(&post(format!("{INFO}/check"), &[("page", here.as_str())]).cookie(&ada));
    assert!(answer.status == 422 && answer.text().contains("private network"), "{}", answer.text());
}
