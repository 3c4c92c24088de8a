//! The command line, while nothing and while a server works on the same file.

use super::harness::{Desk, PASSWORD, fields, view};
use super::http::{get, post};

#[test]
fn init_makes_the_first_user_and_site_once() {
    let desk = Desk::empty();
    let made = desk.json_with(
        PASSWORD,
        &[
            "init",
            "--username",
            "ada",
            "--email",
            "ada@a.example",
            "--password-stdin",
            "--site",
            "a.example",
            "--json",
        ],
    );
    assert_eq!((made["user_id"].as_i64(), made["site_id"].as_i64()), (Some(1), Some(1)));
    assert_eq!(made["site_key"].as_str().unwrap().len(), 16);
    assert_eq!(made["site_key_admin"].as_str().unwrap().len(), 32);
    let again = desk.complaint(&["init", "--username", "eve", "--email", "e@a.example", "--password-stdin"]);
    assert!(again.contains("set up already"), "{again}");
}

#[test]
fn the_data_file_may_be_named_anywhere() {
    let desk = Desk::with_site();
    let other = desk.path().join("other.db");
    let other = other.to_str().unwrap();
    desk.json_with(
        PASSWORD,
        &[
            "--data",
            other,
            "init",
            "--username",
            "bob",
            "--email",
            "b@b.example",
            "--password-stdin",
            "--json",
        ],
    );
    for arguments in [
        ["--data", other, "user", "list", "--json"],
        ["user", "--data", other, "list", "--json"],
        ["user", "list", "--json", "--data", other],
    ] {
        assert_eq!(desk.json(&arguments)[0]["username"], "bob");
    }
    assert_eq!(desk.json(&["user", "list", "--json"])[0]["username"], "ada");
}

#[test]
fn users_are_added_listed_and_removed() {
    let desk = Desk::with_site();
    let added = desk.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    assert_eq!(added["user_id"], 2);
    let listed = desk.json(&["user", "list", "--json"]);
    assert_eq!((&listed[1]["user_id"], &listed[1]["username"]), (&2.into(), &"bob".into()));
    assert!(
        desk.complaint(&["user", "add", "BOB", "--email", "x@b.example", "--password-stdin"])
            .contains("taken")
    );
    assert!(
        desk.complaint(&["user", "add", "x", "--email", "nobody", "--password-stdin"]).contains("e-mail")
    );
    assert!(desk.complaint(&["user", "remove", "ada", "--yes"]).contains("--with-sites"));
    assert!(desk.text(&["user", "remove", "bob", "--yes"]).contains("removed"));
    assert!(desk.complaint(&["user", "disable", "bob"]).contains("no such user"));
}

#[test]
fn a_weak_password_is_refused_and_nothing_changes() {
    let desk = Desk::empty();
    let output =
        desk.run_with("short", &["init", "--username", "ada", "--email", "a@a.example", "--password-stdin"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("10 characters"));
    assert!(!desk.file().exists(), "a data file without users was left");
}

#[test]
fn sites_are_added_listed_rotated_and_transferred() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    let added = desk.json(&[
        "site",
        "add",
        "https://www.shop.example/x",
        "--owner",
        "ada",
        "--name",
        "Shop",
        "--time-zone",
        "Asia/Tokyo",
        "--json",
    ]);
    assert_eq!(added["site_id"], 2);
    let rotated = desk.json(&["site", "rotate-key", "2", "--json"]);
    assert_ne!(rotated["site_key"], added["site_key"]);
    assert_ne!(rotated["site_key_admin"], added["site_key_admin"]);
    desk.text(&["site", "transfer", "2", "--to", "bob"]);
    let listed = desk.json(&["site", "list", "--json"]);
    assert_eq!(listed[1]["domain"], "shop.example");
    assert_eq!((&listed[0]["owner"], &listed[1]["owner"]), (&"ada".into(), &"bob".into()));
    assert!(desk.complaint(&["site", "add", "x.example", "--owner", "nobody"]).contains("no such user"));
    assert!(
        desk.complaint(&["site", "add", "x.example", "--owner", "ada", "--time-zone", "Mars/Base"])
            .contains("Europe/Berlin")
    );
    assert!(desk.complaint(&["site", "rotate-key", "9"]).contains("no such site"));
}

#[test]
fn a_removed_site_is_gone_at_once_and_leaves_no_row() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/")));
    desk.text(&["site", "remove", "1", "--yes"]);
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).header("x-clickstead-reason"), "unknown-site");
    assert_eq!(server.ask(&get("/sites/1/visitors").cookie(&cookie)).status, 404);
    for table in ["visits", "actions", "salts"] {
        assert_eq!(desk.number(&format!("select count(*) from {table}")), 0, "{table}");
    }
    let next = desk.json(&["site", "add", "bakery.example", "--owner", "ada", "--json"]);
    assert_eq!(next["site_id"], 2, "the number of a removed site was given again");
}

#[test]
fn a_site_added_while_serving_takes_its_first_hit() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let hit = [("site_id", "2"), ("type", "pageview"), ("href", "/")];
    assert_eq!(server.hit("81.2.69.1", &hit).status, 404);
    desk.json(&["site", "add", "shop.example", "--owner", "ada", "--json"]);
    assert_eq!(server.hit("81.2.69.1", &hit).status, 204);
}

#[test]
fn check_says_whether_the_file_is_whole() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    assert!(desk.text(&["check"]).contains("is whole"));
    desk.open().execute_batch("update visits set actions = 7").unwrap();
    let output = desk.run(&["check", "--json"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"1 visit counts other actions than it has\""));
}

#[test]
fn compact_makes_the_file_smaller_and_loses_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for number in 0..50 {
        let page = format!("/{number}/{}", "long".repeat(400));
        assert_eq!(server.hit("81.2.69.1", &fields(&view(&page))).status, 204);
    }
    drop(server);
    // Something that takes pages of its own goes: a few short rows may leave none.
    desk.open()
        .execute_batch(
            "create table passing as select randomblob(100000);
             drop table passing;
             delete from actions where number > 2;
             update visits set actions = 2",
        )
        .unwrap();
    let told = ["select count(*) || ' ' || max(title) from actions", "select text from labels order by id"];
    let before = told.map(|sql| desk.texts(sql));
    let length = || std::fs::metadata(desk.file()).unwrap().len();
    let long = length();
    let said = desk.json(&["compact", "--json"]);
    assert_eq!(said, serde_json::json!({"bytes_before": long, "bytes_after": length()}));
    assert!(length() < long);
    assert_eq!(told.map(|sql| desk.texts(sql)), before);
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(desk.file()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // It goes on as before, with the log beside it.
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/after"))).status, 204);
    assert!(desk.file().with_extension("db-wal").exists());
    assert_eq!(desk.texts("pragma journal_mode"), ["wal"]);
}

#[test]
fn a_file_whose_compacting_was_cut_off_gets_its_log_back() {
    let desk = Desk::with_site();
    desk.open().pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(())).unwrap();
    assert_eq!(desk.texts("pragma journal_mode"), ["delete"]);
    desk.text(&["site", "list"]);
    assert_eq!(desk.texts("pragma journal_mode"), ["wal"]);
}

#[test]
fn compact_refuses_a_file_that_a_server_has_open_and_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    assert!(desk.complaint(&["compact"]).contains("Stop the server"));
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/again"))).status, 204);
    assert_eq!(desk.texts("pragma journal_mode"), ["wal"]);
    assert_eq!(desk.number("select count(*) from actions"), 2);
}

#[test]
fn a_command_without_a_data_file_says_what_to_do() {
    let desk = Desk::empty();
    assert!(desk.complaint(&["site", "list"]).contains("clickstead init"));
    assert!(!desk.file().exists());
}

#[test]
fn a_command_leaves_no_log_of_its_own_and_does_not_disturb_the_server() {
    let desk = Desk::with_site();
    assert!(!desk.file().with_extension("db-wal").exists());
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    desk.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    assert!(server.page("/sites/1/visitors", &cookie).contains("81.2.69.0"));
    server.sign_in("bob");
}

#[test]
fn a_disabled_user_is_signed_out_at_once_and_signs_in_again_when_enabled() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    desk.text(&["user", "disable", "ada"]);
    assert_eq!(server.ask(&get("/").cookie(&cookie)).status, 303);
    let wrong = server.ask(&post("/login", &[("username", "ada"), ("password", PASSWORD)]));
    assert_eq!(wrong.status, 422);
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204, "their sites keep counting");
    desk.text(&["user", "enable", "ada"]);
    server.sign_in("ada");
}

#[test]
fn completions_name_the_commands() {
    let desk = Desk::empty();
    assert!(desk.text(&["completions", "bash"]).contains("rotate-key"));
}

#[test]
fn a_port_that_is_taken_is_explained() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let complaint = desk.complaint(&["serve", "--listen", &server.address.to_string()]);
    assert!(complaint.contains("--listen"), "{complaint}");
}

#[test]
fn the_data_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with_site();
    let mode = std::fs::metadata(desk.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn nothing_that_is_stored_or_read_steers_the_terminal() {
    const STEERING: &str = "\u{1b}[2J\u{9b}31m\u{202e}gpj\u{7}";
    let steers = |text: &[u8]| {
        let text = String::from_utf8(text.to_vec()).unwrap();
        text.chars().any(|letter| (letter.is_control() && letter != '\n') || letter == '\u{202e}')
    };
    let desk = Desk::with_site();
    desk.text(&["link", "add", "--site", "1", "--name", "For the \u{202e}knab"]);
    // A link's name in a table, and in JSON that says the same.
    let listed = desk.run(&["link", "list", "--site", "1"]);
    assert!(!steers(&listed.stdout) && String::from_utf8_lossy(&listed.stdout).contains("\\u202eknab"));
    let json = desk.run(&["link", "list", "--site", "1", "--json"]);
    assert!(!steers(&json.stdout) && String::from_utf8_lossy(&json.stdout).contains("\\u202eknab"));
    let said: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(said.to_string().contains("For the \u{202e}knab"));
    // A file's name in what an import says, and in the audit log.
    let path = desk.path().join(format!("hits{STEERING}\nAll is well.jsonl"));
    std::fs::write(&path, "{\"time\":\"2026-10-20T10:00:00Z\",\"href\":\"/\",\"ip\":\"81.2.69.1\"}\n")
        .unwrap();
    let imported = desk.run(&["import", path.to_str().unwrap(), "--site", "1"]);
    let text = String::from_utf8_lossy(&imported.stdout).into_owned();
    assert!(imported.status.success() && !steers(&imported.stdout), "{text:?}");
    assert!(text.contains("hits\\u001b[2J\\u009b31m\\u202egpj\\u0007\\nAll is well.jsonl"), "{text}");
    let audit = desk.run(&["audit", "--site", "1"]);
    let text = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(text.contains("All is well") && !steers(&audit.stdout), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("All is well")), "{text:?}");
    // What a file says, in a complaint.
    let exported = desk.run(&["export", "--site", "1"]);
    assert!(!steers(&exported.stdout) && String::from_utf8_lossy(&exported.stdout).contains("\\u202eknab"));
    let mut lines: Vec<serde_json::Value> = String::from_utf8(exported.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    lines[0]["site"]["exclusions"] =
        serde_json::json!([["page", format!("no{STEERING}\nclickstead: all is well")]]);
    let path = desk.path().join("site.jsonl");
    let text: Vec<String> = lines.iter().map(serde_json::Value::to_string).collect();
    std::fs::write(&path, text.join("\n")).unwrap();
    let refused = desk.run(&["import", path.to_str().unwrap(), "--as", "same"]);
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && !steers(&refused.stderr), "{text:?}");
    assert!(text.contains("no\\u001b[2J") && text.lines().count() == 1, "{text:?}");
}
