//! A backup in the place of the data file: what comes back, what stays taken back, and what is said of it.

use super::copies::{fixture, mode};
use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::{get, post};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const NEW_PASSWORD: &str = "another horse battery";

/// Whether somebody gets in with a password.
fn gets_in(server: &Server<'_>, name: &str, password: &str) -> bool {
    server.ask(&post("/login", &[("username", name), ("password", password)])).status == 303
}

fn status(server: &Server<'_>, path: &str) -> u16 {
    server.ask(&get(path)).status
}

/// A backup of a desk's file.
pub fn back_up(desk: &Desk, name: &str) -> String {
    let to = desk.path().join(name).to_str().unwrap().to_owned();
    desk.text(&["backup", &to]);
    to
}

pub fn restore(desk: &Desk, backup: &str) -> Value {
    desk.json(&["restore", backup, "--json", "--yes"])
}

pub fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn acts(told: &Value) -> Vec<&str> {
    told["taken_back"].as_array().unwrap().iter().map(|act| act["act"].as_str().unwrap()).collect()
}

fn keys(desk: &Desk) -> Vec<String> {
    desk.texts("select site_key || ' ' || site_key_admin from sites where id = 1")
}

/// What is taken back after the backup: the paths of the two guest links, the one that stays first, and who was erased.
struct Story {
    desk: Desk,
    backup: String,
    links: [String; 2],
    session: String,
    erased: String,
    old_keys: Vec<String>,
}

/// Bob loses his share, Eve changes her password, Kim is disabled, Lou is removed, a guest link goes and another one gets a
/// password, the keys are changed, and a visitor is erased.
fn story() -> Story {
    let desk = Desk::with_people(&["bob", "eve", "kim", "lou"]);
    for (name, level) in [("bob", "view-only"), ("eve", "administrator"), ("kim", "user"), ("lou", "user")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    let link = |name: &str| {
        let told = desk.json(&["link", "add", "--site", "1", "--name", name, "--json"]);
        (told["link_id"].to_string(), told["path"].as_str().unwrap().to_owned())
    };
    let (kept, gone) = (link("Kept"), link("Press"));
    let server = desk.serve();
    let session = server.sign_in("bob");
    assert!(server.hit("81.2.69.1", &fields(&view("/stays"))).status < 300);
    assert!(server.hit("81.2.70.2", &fields(&view("/erased"))).status < 300);
    server.stop();
    let backup = back_up(&desk, "backup.db");
    let old_keys = keys(&desk);
    desk.text(&["site", "rotate-key", "1"]);
    desk.text(&["share", "remove", "--site", "1", "--user", "bob"]);
    desk.text(&["share", "set", "--site", "1", "--user", "eve", "--level", "view-only"]);
    assert!(desk.run_with(NEW_PASSWORD, &["user", "password", "eve", "--password-stdin"]).status.success());
    desk.text(&["user", "disable", "kim"]);
    desk.text(&["user", "remove", "lou", "--yes"]);
    desk.text(&["link", "remove", "--site", "1", &gone.0]);
    desk.text(&["link", "disable", "--site", "1", &kept.0]);
    let of_erased = "select cast(visitor_id as text) from visits where address = x'51024600'";
    let erased = desk.texts(of_erased).remove(0);
    desk.text(&["visitor", "erase", "--site", "1", "--id", &erased, "--yes"]);
    Story { desk, backup, links: [kept.1, gone.1], session, erased, old_keys }
}

#[test]
fn whoever_is_out_stays_out_when_a_backup_is_restored() {
    let Story { desk, backup, links, session, erased, old_keys } = story();
    let new_keys = keys(&desk);
    assert_ne!(new_keys, old_keys);
    let told = restore(&desk, &backup);
    assert_eq!(
        acts(&told),
        [
            "keys-rotated",
            "share-removed",
            "share-changed",
            "account-removed",
            "link-removed",
            "link-disabled",
            "visitor-erased"
        ]
    );
    assert_eq!(
        strings(&told["otherwise_now"]),
        [
            "the password of eve",
            "kim is disabled",
            "the keys of bakery.example (site 1)",
            "lou is removed",
            "bob does not see bakery.example (site 1)",
            "eve sees bakery.example (site 1) as view-only",
            "the guest link “Press” of bakery.example (site 1) is gone",
            "the guest link “Kept” of bakery.example (site 1)",
        ]
    );
    assert_eq!(told["erase_again"], serde_json::json!([{"site_id": 1, "visitor_id": erased, "visits": 1}]));
    assert_eq!(
        (&told["sign_ins_ended"], &told["unknown"], &told["as_it_was"]),
        (&1.into(), &Value::Null, &false.into())
    );

    let kept = PathBuf::from(told["kept_as"].as_str().unwrap());
    let before = Connection::open(&kept).unwrap();
    let visits: i64 = before.query_row("select count(*) from visits", [], |row| row.get(0)).unwrap();
    assert_eq!((visits, mode(&kept), mode(&desk.file())), (1, 0o600, 0o600));

    assert_eq!(keys(&desk), new_keys);
    assert_eq!(desk.number("select count(*) from visits"), 2, "the backup has the visits");
    assert!(desk.text(&["check"]).contains("is whole"));
    let server = desk.serve();
    let bob = server.sign_in("bob");
    assert_eq!(server.ask(&get("/sites/1").cookie(&bob)).status, 404);
    assert_eq!(
        server.ask(&get("/account/profile").cookie(&session)).status,
        303,
        "a sign-in of the backup holds"
    );
    assert!(gets_in(&server, "ada", PASSWORD) && gets_in(&server, "eve", NEW_PASSWORD));
    for (name, password) in [("eve", PASSWORD), ("kim", PASSWORD), ("lou", PASSWORD)] {
        assert!(!gets_in(&server, name, password), "{name}");
    }
    assert_eq!(links.map(|path| status(&server, &path)), [404; 2]);
    server.stop();
    assert_eq!(desk.json(&["audit", "--site", "1", "--json"])[0]["act"], "restored");
    desk.text(&["visitor", "erase", "--site", "1", "--id", &erased, "--yes"]);
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn a_backup_is_restored_as_it_was_when_that_is_asked_for_and_sign_ins_end_all_the_same() {
    let Story { desk, backup, links, session, erased, old_keys } = story();
    let told = desk.json(&["restore", &backup, "--as-it-was", "--json", "--yes"]);
    assert!(
        acts(&told).contains(&"keys-rotated") && strings(&told["otherwise_now"]).contains(&"lou is removed")
    );
    assert_eq!((&told["erase_again"][0]["visitor_id"], keys(&desk)), (&erased.into(), old_keys));
    let server = desk.serve();
    for name in ["bob", "eve", "kim", "lou"] {
        assert!(gets_in(&server, name, PASSWORD), "{name}");
    }
    assert_eq!(links.map(|path| status(&server, &path)), [200; 2]);
    assert_eq!(
        server.ask(&get("/account/profile").cookie(&session)).status,
        303,
        "a sign-in of the backup holds"
    );
}

#[test]
fn what_restore_does_is_said_in_words_and_asked_at_the_terminal() {
    let Story { desk, backup, erased, .. } = story();
    let names = |desk: &Desk| super::copies::files(desk.path()).into_keys().collect::<Vec<_>>();
    let names_before = names(&desk);
    let (succeeded, seen) = desk.at_terminal("n", &["restore", &backup]);
    assert!(!succeeded && seen.contains("Go on? [y/N]") && seen.contains("Nothing was changed"), "{seen}");
    for words in [
        "Made new keys",
        "Removed a guest link",
        "the password of eve",
        &format!("visitor erase --site 1 --id {erased}"),
    ] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert_eq!(names(&desk), names_before);
    assert_eq!(desk.number("select count(*) from visits"), 1);
    let text = desk.text(&["restore", &backup, "--yes"]);
    for words in [
        "is kept as",
        "(mode 0600)",
        "restore --as-it-was",
        "1 sign-in of the backup has ended",
        "Taken back since the backup",
        "Stays as it is now:\n- the password of eve",
        "Erase them once more:",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn second_factors_names_and_invitations_stay_as_they_are_now() {
    let desk = Desk::with_people(&["bob", "eve"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let invited = server.ask(
        &post("/sites/1/preferences/sharing", &[("user", "new@e.example"), ("level", "user")]).cookie(&ada),
    );
    assert_eq!(invited.status, 200);
    server.stop();
    desk.text(&["user", "reset-link", "bob"]);
    desk.open().execute_batch("update users set second_factor = x'01' where username = 'eve'").unwrap();
    let backup = back_up(&desk, "backup.db");
    // What people do on their screens.
    desk.open()
        .execute_batch(
            "update users set username = 'hello' where username = 'bob';
             update users set username = 'bob', second_factor = null where username = 'eve';
             update users set username = 'eve', second_factor = x'02', email = 'b@other.example' where username = 'hello';
             insert into recovery_codes (user_id, code_hash) values (2, x'07');
             delete from invitations",
        )
        .unwrap();
    let told = restore(&desk, &backup);
    assert_eq!(
        strings(&told["otherwise_now"]),
        [
            "the second factor of eve",
            "the second factor of bob",
            "the name and the address of eve",
            "the name and the address of bob",
            "the invitation of new@e.example to bakery.example (site 1) is over"
        ]
    );
    assert_eq!(
        desk.texts("select concat_ws(' ', id, username, email, hex(second_factor)) from users order by id"),
        ["1 ada ada@bakery.example ", "2 eve b@other.example 02", "3 bob eve@e.example "]
    );
    assert_eq!(desk.number("select count(*) from recovery_codes"), 1);
    assert_eq!(
        desk.number("select (select count(*) from invitations) + (select count(*) from password_resets)"),
        0
    );
}

#[test]
fn a_site_that_was_given_away_stays_so_and_sites_of_removed_people_do_not_come_back() {
    let desk = Desk::with_people(&["bob", "kim"]);
    let site = |domain: &str, owner: &str| {
        let told = desk.json(&["site", "add", domain, "--owner", owner, "--json"]);
        told["site_id"].to_string()
    };
    let (given, gone, deleted) =
        (site("given.example", "bob"), site("gone.example", "bob"), site("deleted.example", "ada"));
    desk.text(&["share", "add", "--site", &deleted, "--user", "kim", "--level", "user"]);
    desk.json(&["link", "add", "--site", &deleted, "--name", "Old", "--json"]);
    let backup = back_up(&desk, "backup.db");
    desk.json_with(
        PASSWORD,
        &["user", "add", "new", "--email", "new@e.example", "--password-stdin", "--json"],
    );
    desk.text(&["site", "transfer", &given, "--to", "new"]);
    assert!(desk.run(&["site", "remove", &deleted, "--yes"]).status.success());
    assert!(desk.run(&["user", "remove", "bob", "--with-sites", "--yes"]).status.success());
    let later = site("later.example", "ada");
    let told = restore(&desk, &backup);
    assert_eq!(strings(&told["otherwise_now"]), ["given.example (site 2) belongs to new", "bob is removed"]);
    assert_eq!(strings(&told["sites_back"]), [format!("deleted.example (site {deleted})")]);
    assert_eq!(
        desk.texts(
            "select domain || ' ' || username from sites join users on users.id = owner_id order by sites.id"
        ),
        ["bakery.example ada", "given.example new", "deleted.example ada"]
    );
    assert!(!desk.texts("select cast(id as text) from sites").contains(&gone));
    assert_eq!(desk.number("select count(*) from shares"), 0, "kim would see a site again that was removed");
    assert_eq!(desk.number("select count(*) from links where disabled_at is null"), 0);
    let server = desk.serve();
    assert!(gets_in(&server, "new", PASSWORD));
    drop(server);
    // A number that a page out there carries is not given to another site.
    assert!(site("next.example", "ada").parse::<i64>().unwrap() > later.parse::<i64>().unwrap());
}

#[test]
fn to_go_back_after_a_restore_brings_everything_back_that_it_replaced() {
    let Story { desk, backup, .. } = story();
    desk.json_with(
        PASSWORD,
        &["user", "add", "after", "--email", "after@e.example", "--password-stdin", "--json"],
    );
    let all = |desk: &Desk| {
        desk.texts(
            "select concat_ws(' ', id, username, password, disabled_at) from users
             union all select concat_ws(' ', id, token, disabled_at) from links
             union all select concat_ws(' ', site_id, user_id, level) from shares
             union all select concat_ws(' ', id, visitor_id) from visits
             union all select concat_ws(' ', id, site_key) from sites",
        )
    };
    let before = all(&desk);
    let kept = restore(&desk, &backup)["kept_as"].as_str().unwrap().to_owned();
    assert_ne!(all(&desk), before);
    // Also without being told so: who came after the first backup was not removed by restoring it.
    let kept_twice = restore(&desk, &kept);
    assert!(strings(&kept_twice["otherwise_now"]).is_empty(), "{kept_twice}");
    assert!(
        kept_twice["unknown"].as_str().unwrap().contains("does not go on from where this backup was made")
    );
    assert_eq!(all(&desk), before);
    desk.json(&["restore", &backup, "--json", "--yes"]);
    desk.json(&["restore", &kept, "--as-it-was", "--json", "--yes"]);
    assert_eq!(all(&desk), before);
}

#[test]
fn a_backup_of_an_earlier_version_is_brought_to_todays_shape_and_stays_itself() {
    let desk = Desk::empty();
    let backup = desk.path().join("old.db");
    fs::copy(fixture(4), &backup).unwrap();
    let told = restore(&desk, backup.to_str().unwrap());
    assert_eq!(told["kept_as"], Value::Null);
    assert!(desk.text(&["check"]).contains("is whole"));
    assert_eq!(fs::read(&backup).unwrap(), fs::read(fixture(4)).unwrap());
    assert_eq!(
        super::copies::files(desk.path()).into_keys().collect::<Vec<_>>(),
        ["clickstead.db", "old.db"]
    );
}
