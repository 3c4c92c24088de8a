//! Backups: whole, private, made while hits come in; named and removed by their names alone; and made by the server.

use super::copies::{files, mode};
use super::harness::{Desk, beacon, binary, fields, view};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// One number from a file that is read alone.
fn number(file: &Path, sql: &str) -> i64 {
    Connection::open(file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn task(desk: &Desk, name: &str) -> Value {
    let tasks = desk.json(&["tasks", "--json"]);
    let all = tasks["tasks"].as_array().unwrap();
    all.iter().find(|task| task["name"] == name).unwrap().clone()
}

#[test]
fn a_backup_is_whole_and_private_and_hits_are_taken_while_it_is_made() {
    let desk = Desk::with_site();
    desk.text(&["demo", "--into-existing", "--no-serve", "--visits", "20000"]);
    let server = desk.serve();
    let hit = |number: usize| {
        let request = beacon(
            &format!("81.2.{}.{}", number / 250 % 250, number % 250),
            &fields(&view(&format!("/{number}"))),
        );
        assert!(server.ask(&request).status < 300, "hit {number}");
    };
    (0..20).for_each(hit);
    let to = desk.path().join("copy.db");
    let mut backup = Command::new(binary())
        .args(["backup", text(&to), "--json"])
        .env("CLICKSTEAD_DATA", desk.file())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut sent = 20;
    while backup.try_wait().unwrap().is_none() {
        hit(sent);
        sent += 1;
    }
    let output = backup.wait_with_output().unwrap();
    assert!(output.status.success());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["file"], told["bytes"].as_u64()),
        (&text(&to).into(), Some(fs::metadata(&to).unwrap().len()))
    );
    let of_site = "select count(*) from visits where site_id = 1";
    let (kept, all) = (number(&to, of_site), desk.number(of_site));
    assert_eq!(all, i64::try_from(sent).unwrap());
    assert!((20..=all).contains(&kept), "{kept} of {all}");
    let of_demo = "select count(*) from visits where site_id = 2";
    assert_eq!(number(&to, of_demo), desk.number(of_demo));
    assert_eq!(number(&to, "select count(*) from pragma_integrity_check where integrity_check = 'ok'"), 1);
    assert_eq!(mode(&to), 0o600);
    // It is one file, which needs no log beside it: so says its header.
    assert_eq!(fs::read(&to).unwrap()[18..20], [1, 1]);
    drop(server);
}

#[test]
fn a_backup_has_exactly_the_name_that_was_asked_for_or_none() {
    let desk = Desk::with_site();
    let to = desk.path().join("mine.bak");
    fs::write(&to, "somebody's").unwrap();
    let complaint = desk.complaint(&["backup", text(&to)]);
    assert!(complaint.contains("is there already"), "{complaint}");
    assert_eq!(fs::read(&to).unwrap(), b"somebody's");
    assert!(desk.complaint(&["backup", text(&desk.file())]).contains("is there already"));
    fs::remove_file(&to).unwrap();
    assert!(desk.text(&["backup", text(&to)]).contains("verified"));
    assert_eq!(files(desk.path()).into_keys().collect::<Vec<_>>(), ["clickstead.db", "mine.bak"]);
    let missing = desk.path().join("no/such");
    for arguments in [&["backup", text(&missing)][..], &["backup", text(&missing), "--keep", "3"]] {
        assert!(!desk.complaint(arguments).is_empty());
    }
    for wrong in ["0", "-1", "many", "1000000"] {
        assert!(desk.complaint(&["backup", ".", &format!("--keep={wrong}")]).contains("--keep"));
    }
    // A file that is not written by us has no backup.
    assert!(
        desk.complaint(&["--data", text(&desk.path().join("none.db")), "backup", "x"])
            .contains("There is no data file")
    );
}

#[test]
fn a_backup_leaves_a_file_of_an_earlier_version_as_it_is() {
    let desk = Desk::empty();
    fs::copy(super::copies::fixture(5), desk.file()).unwrap();
    let to = desk.path().join("copy.db");
    desk.text(&["backup", text(&to)]);
    let version = "select user_version from pragma_user_version";
    assert_eq!((number(&to, version), desk.number(version)), (5, 5));
}

#[test]
fn old_backups_of_a_folder_go_by_their_names_and_nothing_else_does() {
    let desk = Desk::with_site();
    let folder = tempfile::tempdir().unwrap();
    let others = [
        "clickstead.db",
        "clickstead-20200101-000000.db.gz",
        "clickstead-20200101-000000.db-wal",
        "clickstead-2020-01-01.db",
        "clickstead-20201301-000000.db",
        "shop-20200101-000000.db",
        "before-clickstead-20200101-000000.db",
        "notes.txt",
    ];
    for name in others.iter().chain(&["clickstead-20200101-000000.db", "clickstead-20200102-000000.db"]) {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    fs::create_dir(folder.path().join("clickstead-20190101-000000.db")).unwrap();
    let back_up =
        |more: &[&str]| -> Value { desk.json(&[&["backup", text(folder.path()), "--json"], more].concat()) };
    assert_eq!(back_up(&[])["removed"], serde_json::json!([]), "without --keep all are kept");
    let mut made: Vec<PathBuf> = Vec::new();
    for _ in 0..4 {
        made.push(back_up(&["--keep", "3"])["file"].as_str().unwrap().into());
    }
    let names = files(folder.path()).into_keys().collect::<Vec<_>>();
    let kept: Vec<String> =
        made[1..].iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let mut expected: Vec<String> = others.iter().map(|&name| name.to_owned()).chain(kept).collect();
    expected.sort();
    assert_eq!(names, expected);
    assert!(folder.path().join("clickstead-20190101-000000.db").is_dir());
    for path in &made[1..] {
        assert_eq!((number(path, "select count(*) from users"), mode(path)), (1, 0o600));
        let stamp = path.file_stem().unwrap().to_str().unwrap().strip_prefix("clickstead-").unwrap();
        assert!(jiff::civil::DateTime::strptime("%Y%m%d-%H%M%S", stamp).is_ok(), "{stamp}");
    }
}

#[test]
fn a_backup_that_is_cut_off_has_no_name_and_the_next_one_takes_its_remains_away() {
    let desk = Desk::with_site();
    let folder = tempfile::tempdir().unwrap();
    let cut_off = Command::new("prlimit")
        .args(["--fsize=50000:50000", "--core=0:0", binary(), "backup", text(folder.path())])
        .env("CLICKSTEAD_DATA", desk.file())
        .output()
        .unwrap();
    assert!(!cut_off.status.success());
    let left = files(folder.path()).into_keys().collect::<Vec<_>>();
    assert!(!left.is_empty() && left.iter().all(|name| name.contains("-part")), "{left:?}");
    desk.text(&["backup", text(folder.path())]);
    let left = files(folder.path()).into_keys().collect::<Vec<_>>();
    assert!(left.len() == 1 && left[0].strip_suffix(".db").is_some(), "{left:?}");
}

#[test]
fn a_server_backs_up_by_itself_says_how_that_ended_and_tries_again() {
    let desk = Desk::with_site();
    let folder = tempfile::tempdir().unwrap();
    let options = ["--backup-dir", text(folder.path()), "--backup-every", "1d", "--backup-keep", "2"];
    let ran = "exists (select 1 from jobs where name = 'back up' and problem is";
    assert_eq!(
        (&task(&desk, "back up")["ran_at"], &task(&desk, "back up")["period_seconds"]),
        (&Value::Null, &Value::Null)
    );
    let server = desk.serve_with(&options);
    desk.wait_for(&format!("{ran} null)"));
    server.stop();
    let made = files(folder.path()).into_keys().collect::<Vec<_>>();
    assert!(
        made.len() == 1 && made[0].starts_with("clickstead-") && made[0].strip_suffix(".db").is_some(),
        "{made:?}"
    );
    assert_eq!(
        (
            number(&folder.path().join(&made[0]), "select count(*) from users"),
            mode(&folder.path().join(&made[0]))
        ),
        (1, 0o600)
    );
    assert!(task(&desk, "back up")["ran_at"].as_i64().is_some());

    // A day later something is in the way.
    let obstacle = folder.path().join("clickstead.clickstead-part");
    fs::create_dir(&obstacle).unwrap();
    let long_ago = |milliseconds: i64| {
        desk.open()
            .execute("update jobs set ran_at = ran_at - ? where name = 'back up'", [milliseconds])
            .unwrap();
    };
    long_ago(86_400_000);
    let server = desk.serve_with(&options);
    desk.wait_for(&format!("{ran} not null)"));
    server.stop();
    assert!(task(&desk, "back up")["problem"].as_str().unwrap().contains("clickstead-part is in the way"));
    assert!(
        desk.text(&["tasks"])
            .lines()
            .any(|line| line.starts_with("back up") && line.contains("clickstead-part is in the way"))
    );
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), made);

    // It is tried again ten minutes later, not the next day.
    fs::remove_dir(&obstacle).unwrap();
    long_ago(600_000);
    let server = desk.serve_with(&options);
    desk.wait_for(&format!("{ran} null)"));
    server.stop();
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn what_a_server_is_told_of_backups_is_looked_at_before_it_serves() {
    let desk = Desk::with_site();
    let folder = tempfile::tempdir().unwrap();
    let serve = |more: &[&str]| desk.complaint(&[&["serve", "--listen", "127.0.0.1:0"], more].concat());
    let missing = folder.path().join("missing");
    assert!(serve(&["--backup-dir", text(&missing)]).contains("There is no folder"));
    assert!(serve(&["--backup-dir", text(&desk.file())]).contains("is no folder"));
    for every in ["0d", "1", "d", "day", "30s", "-1d", "367d", "99999999999999999999d"] {
        let complaint = serve(&["--backup-dir", text(folder.path()), &format!("--backup-every={every}")]);
        assert!(complaint.contains("--backup-every"), "{every}: {complaint}");
    }
    assert!(serve(&["--backup-dir", text(folder.path()), "--backup-keep", "0"]).contains("--backup-keep"));
    for option in ["--backup-every=1d", "--backup-keep=3"] {
        assert!(serve(&[option]).contains("--backup-dir"), "{option}");
    }
    assert!(files(folder.path()).is_empty());
    let by_environment = Command::new(binary())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .envs([("CLICKSTEAD_DATA", text(&desk.file())), ("CLICKSTEAD_BACKUP_DIR", text(&missing))])
        .output()
        .unwrap();
    assert!(String::from_utf8(by_environment.stderr).unwrap().contains("There is no folder"));
}
