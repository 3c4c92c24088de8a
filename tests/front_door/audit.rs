//! The audit log through the front door: every change of a site is in it, with who, what and from where.

use super::harness::{Desk, PASSWORD, Server, ZONE};
use super::http::{get, post};
use super::sharing::{send, status, user_id};

const AUDIT: &str = "/sites/1/preferences/audit";

/// Who changes something, at which address, by which fields, and what the log says of it.
type Step<'a> = (&'static str, String, &'a [(&'a str, &'a str)], &'a str);

/// A change by somebody behind this address; what it added to the log.
fn acts_of(
    desk: &Desk,
    server: &Server<'_>,
    cookie: &str,
    (path, typed): (&str, &[(&str, &str)]),
) -> Vec<String> {
    let before = desk.number("select coalesce(max(id), 0) from audit");
    let form = post(path, typed).cookie(cookie).header("X-Forwarded-For", "81.2.69.160");
    let answer = server.ask(&form);
    assert!([200, 303].contains(&answer.status), "{path}: {} {}", answer.status, answer.header("location"));
    desk.texts(&format!(
        "select act || '|' || about || '|' || coalesce(actor, '') || '|' || coalesce(address, '') from audit where id > {before} order by id"
    ))
}

#[test]
fn every_change_of_a_site_is_in_its_log_with_who_and_from_where() {
    let desk = Desk::with_site();
    for name in ["uma", "bob"] {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
    }
    assert_eq!(desk.texts("select act || coalesce(actor, '-') from audit"), ["site-added-"]);
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let uma_id = user_id(&desk, "uma");
    let here = |rest: &str| format!("/sites/1/preferences/{rest}");
    let site = [("domain", "bakery.example"), ("name", "Bakery"), ("time_zone", "Europe/Paris")];
    let tracking = [("identity", "none"), ("hits_per_minute", "3000"), ("shorten", "on")];
    let changed = format!(
        "site-changed|bakery.example, bakery.example, {} → Bakery, bakery.example, Europe/Paris",
        *ZONE
    );
    let steps: [Step<'_>; 21] = [
        ("ada", here("info"), &site, &changed),
        ("ada", here("info/keys"), &[], "keys-shown|"),
        ("ada", here("info/rotate"), &[], "keys-rotated|"),
        ("ada", here("tracking"), &tracking, "tracking-changed|"),
        (
            "ada",
            here("sharing"),
            &[("user", "uma@e.example"), ("level", "view-only")],
            "share-given|uma@e.example: View Only",
        ),
        (
            "ada",
            here("sharing/change"),
            &[("user", &uma_id), ("level", "administrator")],
            "share-changed|uma@e.example: View Only → Administrator",
        ),
        (
            "uma",
            here("sharing"),
            &[("user", "new@n.example"), ("level", "user")],
            "invitation-made|new@n.example: User",
        ),
        (
            "uma",
            here("sharing/invitations/renew"),
            &[("email", "new@n.example")],
            "invitation-made|new@n.example: User",
        ),
        (
            "uma",
            here("sharing/invitations/withdraw"),
            &[("email", "new@n.example")],
            "invitation-withdrawn|new@n.example",
        ),
        ("uma", here("view-only"), &[("report", "pages")], "view-only-changed|"),
        (
            "ada",
            here("view-only"),
            &[("user", &uma_id), ("report", "pages")],
            "view-only-changed|uma@e.example",
        ),
        ("uma", here("public-access/new"), &[("name", "Client"), ("report", "pages")], "link-made|Client"),
        (
            "uma",
            here("public-access/1"),
            &[("name", "Board"), ("report", "pages"), ("password", PASSWORD)],
            "link-changed|Board, with a new password",
        ),
        ("uma", here("public-access/1/disable"), &[], "link-disabled|Board"),
        ("uma", here("public-access/1/enable"), &[], "link-enabled|Board"),
        ("uma", here("public-access/1/renew"), &[], "link-renewed|Board"),
        ("uma", here("public-access/1/remove"), &[], "link-removed|Board"),
        ("uma", "/sites/1/leave".into(), &[], "share-left|"),
        ("ada", here("info/transfer"), &[("to", "bob")], "transfer-offered|bob"),
        ("ada", here("info/transfer/withdraw"), &[], "transfer-withdrawn|"),
        ("ada", here("info/transfer"), &[("to", "bob")], "transfer-offered|bob"),
    ];
    for (who, path, typed, expected) in &steps {
        let cookie = if *who == "ada" { &ada } else { &uma };
        let added = acts_of(&desk, &server, cookie, (path, typed));
        assert_eq!(added, [format!("{expected}|{who}|81.2.69.160")], "{path}");
    }
}

#[test]
fn exports_and_what_becomes_of_a_site_are_in_its_log_which_goes_with_it_and_outlives_it() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let (ada, bob) = (server.sign_in("ada"), server.sign_in("bob"));
    let export = get("/sites/1/export/pages.csv?date=today").cookie(&ada);
    assert_eq!(server.ask(&export).status, 200);
    assert!(
        desk.texts("select about from audit order by id desc limit 1")[0]
            .starts_with("bakery.example-pages-")
    );
    send(&server, &ada, "/sites/1/preferences/info/rotate", &[]);
    send(&server, &ada, "/sites/1/preferences/info/transfer", &[("to", "bob")]);
    // Whoever took the site over goes on with its log.
    let taken = acts_of(&desk, &server, &bob, ("/account/sites/accept", &[("site", "1")]));
    assert_eq!(taken, ["site-transferred|from ada|bob|81.2.69.160"]);
    assert_eq!(status(&server, &ada, AUDIT), 404);
    let page = server.page(AUDIT, &bob);
    for words in ["Took the site over", "Made new keys", "81.2.69.160", "command line"] {
        assert!(page.contains(words), "{words}");
    }
    let deleted =
        acts_of(&desk, &server, &bob, ("/sites/1/preferences/info/delete", &[("domain", "bakery.example")]));
    assert_eq!(deleted, ["site-deleted|bakery.example|bob|81.2.69.160"]);
    let kept = desk.json(&["audit", "--site", "1", "--json"]);
    assert_eq!((&kept[0]["act"], &kept[0]["who"]), (&"site-deleted".into(), &"bob".into()));
}

#[test]
fn what_is_refused_is_not_in_the_log() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let before = desk.number("select count(*) from audit");
    for (path, typed) in [
        ("/sites/1/preferences/sharing", &[("user", "nobody"), ("level", "user")][..]),
        ("/sites/1/preferences/sharing/remove", &[("user", "99")]),
        ("/sites/1/preferences/sharing/change", &[("user", "99"), ("level", "user")]),
        ("/sites/1/preferences/sharing/invitations/withdraw", &[("email", "no@n.example")]),
        ("/sites/1/preferences/public-access/7/disable", &[]),
        ("/sites/1/preferences/info/delete", &[("domain", "wrong")]),
        ("/sites/1/preferences/info", &[("domain", "no domain"), ("name", ""), ("time_zone", "x")]),
        ("/sites/1/preferences/info/transfer/withdraw", &[]),
        ("/account/sites/accept", &[("site", "1")]),
    ] {
        send(&server, &ada, path, typed);
        assert_eq!(desk.number("select count(*) from audit"), before, "{path}");
    }
}

#[test]
fn what_commands_do_is_in_the_log_as_the_command_lines() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "uma", "--email", "uma@e.example", "--password-stdin", "--json"],
    );
    let share = |verb: &str, level: &[&str]| {
        desk.text(&[&["share", verb, "--site", "1", "--user", "uma"], level].concat());
    };
    share("add", &["--level", "user"]);
    share("set", &["--level", "administrator"]);
    share("remove", &[]);
    desk.text(&["link", "add", "--site", "1", "--name", "Board"]);
    for verb in ["disable", "enable", "remove"] {
        desk.text(&["link", verb, "--site", "1", "1"]);
    }
    desk.text(&["site", "rotate-key", "1"]);
    desk.text(&["site", "transfer", "1", "--to", "uma"]);
    desk.text(&["site", "remove", "1", "--yes"]);
    let acts = desk
        .texts("select act || '|' || about from audit where actor is null and address is null order by id");
    assert_eq!(
        acts,
        [
            "site-added|bakery.example",
            "share-given|uma: User",
            "share-changed|uma: User → Administrator",
            "share-removed|uma: Administrator",
            "link-made|Board",
            "link-disabled|Board",
            "link-enabled|Board",
            "link-removed|Board",
            "keys-rotated|",
            "site-given|uma",
            "site-deleted|bakery.example",
        ]
    );
    assert!(desk.text(&["audit", "--site", "1"]).contains("Made new keys"));
}

#[test]
fn the_log_is_read_in_pages_saved_as_a_file_and_forgotten_after_a_year() {
    let desk = Desk::with_site();
    desk.open()
        .execute_batch(
            "with recursive n (x) as (select 1 union all select x + 1 from n where x < 250)
             insert into audit (site_id, at, actor, act, about, address)
             select 1, strftime('%s', 'now') * 1000, 'ada', 'link-made', '=Link ' || x, '::1' from n;
             insert into audit (site_id, at, actor, act, about) values (1, 1, 'old', 'link-made', 'Forgotten');
             insert into audit (site_id, at, actor, act, about) values (2, 1700000000000000, 'eve', 'link-made', 'Elsewhere');",
        )
        .unwrap();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    desk.wait_for("not exists (select 1 from audit where about = 'Forgotten')");
    let first = server.page(AUDIT, &ada);
    assert!(first.contains("=Link 250") && !first.contains("=Link 100<") && !first.contains("Elsewhere"));
    let older = first.split(&format!("{AUDIT}?before=")).nth(1).unwrap().split('"').next().unwrap();
    assert!(server.page(&format!("{AUDIT}?before={older}"), &ada).contains("=Link 100<"));
    let file = server.ask(&get(format!("{AUDIT}.csv")).cookie(&ada));
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = file.text();
    assert!(text.starts_with("time,who,acting_for,act,what,from\r\n"));
    assert!(text.contains("link-made,'=Link 1,::1") && text.contains("command line,,site-added"));
    assert_eq!(text.lines().filter(|line| line.contains("link-made")).count(), 250, "those of the year");
    assert!(!text.contains("Elsewhere"));
}
