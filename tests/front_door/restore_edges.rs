//! A restore that must not be, or that finds less than a whole data file: nothing is lost, and nothing is half done.

use super::copies::{beside, files, mode};
use super::harness::{Desk, PASSWORD, fields, view};
use super::restore::{back_up, restore, strings};
use rusqlite::Connection;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

fn names(desk: &Desk) -> Vec<String> {
    files(desk.path()).into_keys().collect()
}

#[test]
fn nothing_is_restored_while_a_process_has_the_data_file_open() {
    let desk = Desk::with_site();
    let backup = back_up(&desk, "backup.db");
    let server = desk.serve();
    let complaint = desk.complaint(&["restore", &backup, "--yes"]);
    assert!(complaint.contains("is in use") && complaint.contains("Nothing was changed"), "{complaint}");
    assert!(server.hit("81.2.69.1", &fields(&view("/kept"))).status < 300);
    server.stop();
    // A command that waits for an answer has it open too.
    let mut waiting = Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--command",
            &format!("'{}' restore '{backup}'", super::harness::binary()),
            "/dev/null",
        ])
        .env("CLICKSTEAD_DATA", desk.file())
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = BufReader::new(waiting.stdout.take().unwrap());
    let mut asked = Vec::new();
    while !asked.ends_with(b"[y/N]") {
        let mut byte = [0];
        std::io::Read::read_exact(&mut seen, &mut byte).unwrap();
        asked.push(byte[0]);
    }
    assert!(desk.complaint(&["restore", &backup, "--yes"]).contains("is in use"));
    writeln!(waiting.stdin.take().unwrap(), "n").unwrap();
    seen.lines().for_each(drop);
    assert!(!waiting.wait().unwrap().success());
    assert_eq!(desk.number("select count(*) from visits"), 1);
    // An older program holds no lock of ours, but has the file open all the same.
    let other = desk.open();
    other.execute_batch("begin; select 1 from users").unwrap();
    assert!(desk.complaint(&["restore", &backup, "--yes"]).contains("is in use"));
    drop(other);
    // And what somebody serves is no backup.
    let elsewhere = Desk::empty();
    let server = desk.serve();
    let complaint = elsewhere.complaint(&["restore", desk.file().to_str().unwrap()]);
    assert!(complaint.contains("not a backup"), "{complaint}");
    assert!(names(&elsewhere).is_empty());
    drop(server);
}

#[test]
fn a_backup_that_is_not_whole_is_refused_and_the_data_file_stays() {
    let desk = Desk::with_site();
    let good = fs::read(back_up(&desk, "backup.db")).unwrap();
    let aside = tempfile::tempdir().unwrap();
    let refuse = |bytes: &[u8], says: &str| {
        let file = aside.path().join("backup.db");
        fs::write(&file, bytes).unwrap();
        let before = files(desk.path());
        let complaint = desk.complaint(&["restore", file.to_str().unwrap()]);
        assert!(
            complaint.contains(says) && complaint.to_lowercase().contains("nothing was changed"),
            "{complaint}"
        );
        assert!(files(desk.path()) == before, "{says}");
        assert_eq!(files(aside.path()).len(), 1);
        assert!(fs::read(&file).unwrap() == bytes, "the backup was changed");
    };
    refuse(b"", "not a Clickstead data file");
    refuse(b"no database at all, but long enough to look at; and longer than the header of a file that SQLite makes is", "not a Clickstead data file");
    let mut damaged = good.clone();
    damaged[4_096 * 3..4_096 * 6].fill(0x5a);
    refuse(&damaged, "is damaged");
    refuse(&good[..good.len() / 2], "is damaged");
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    refuse(&newer, "newer Clickstead");
    let mut foreign = good.clone();
    foreign[68..72].copy_from_slice(&77_u32.to_be_bytes());
    refuse(&foreign, "not a Clickstead data file");
    let before = files(desk.path());
    for (path, says) in [
        (desk.file(), "the data file itself"),
        (desk.path().join("none"), "can't be read"),
        (desk.path().into(), "is no file"),
    ] {
        assert!(desk.complaint(&["restore", path.to_str().unwrap()]).contains(says), "{says}");
    }
    assert!(files(desk.path()) == before);
}

#[test]
fn a_restore_that_is_cut_off_leaves_the_data_file_as_it_was() {
    let desk = Desk::with_site();
    let backup = back_up(&desk, "backup.db");
    desk.text(&["site", "rotate-key", "1"]);
    let before = desk.texts("select site_key from sites");
    let cut_off = Command::new("prlimit")
        .args(["--fsize=100000:100000", "--core=0:0", super::harness::binary(), "restore", &backup, "--yes"])
        .env("CLICKSTEAD_DATA", desk.file())
        .output()
        .unwrap();
    assert!(!cut_off.status.success());
    assert!(names(&desk).iter().any(|name| name.contains("-part")), "nothing was cut off");
    assert_eq!(desk.texts("select site_key from sites"), before);
    assert!(desk.text(&["check"]).contains("is whole"));
    let told = restore(&desk, &backup);
    assert_eq!(desk.texts("select site_key from sites"), before);
    let kept = std::path::PathBuf::from(told["kept_as"].as_str().unwrap());
    let kept = kept.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(names(&desk), ["backup.db".to_owned(), "clickstead.db".to_owned(), kept]);
}

#[test]
fn a_backup_is_restored_where_no_data_file_is_and_that_is_said() {
    let desk = Desk::with_site();
    let backup = back_up(&desk, "backup.db");
    let old = fs::read(desk.file()).unwrap();
    fs::remove_file(desk.file()).unwrap();
    fs::write(beside(&desk.file(), "-wal"), "what is left of it").unwrap();
    let told = restore(&desk, &backup);
    let unknown = told["unknown"].as_str().unwrap();
    assert!(
        unknown.contains("There was no data file, so what was taken back") && unknown.contains("guest links")
    );
    let kept = beside(told["kept_as"].as_str().unwrap().as_ref(), "-wal");
    assert_eq!((fs::read(&kept).unwrap().as_slice(), mode(&kept)), (&b"what is left of it"[..], 0o600));
    assert_eq!((mode(&desk.file()), desk.number("select count(*) from users")), (0o600, 1));
    assert!(desk.text(&["check"]).contains("is whole"));
    assert!(!old.is_empty());
}

#[test]
fn a_data_file_that_is_damaged_is_replaced_and_kept_and_nothing_of_it_is_believed() {
    for damage in ["its pages", "its beginning"] {
        let desk = Desk::with_people(&["bob"]);
        let backup = back_up(&desk, "backup.db");
        desk.text(&["user", "remove", "bob", "--yes"]);
        let mut bytes = fs::read(desk.file()).unwrap();
        if damage == "its pages" {
            bytes[4_096..].fill(0x5a);
        } else {
            bytes[..200].fill(0x5a);
        }
        fs::write(desk.file(), &bytes).unwrap();
        assert!(!desk.run(&["user", "list"]).status.success());
        let told = restore(&desk, &backup);
        let unknown = told["unknown"].as_str().unwrap();
        assert!(
            unknown.contains("The data file can't be read (") && unknown.contains("can't be told"),
            "{unknown}"
        );
        assert!(strings(&told["otherwise_now"]).is_empty());
        let kept = std::path::PathBuf::from(told["kept_as"].as_str().unwrap());
        assert_eq!((fs::read(&kept).unwrap() == bytes, mode(&kept)), (true, 0o600), "{damage}");
        assert_eq!(desk.number("select count(*) from users"), 2, "{damage}");
        assert!(desk.text(&["check"]).contains("is whole"));
    }
}

#[test]
fn a_data_file_of_a_newer_program_is_replaced_and_kept() {
    let desk = Desk::with_site();
    let backup = back_up(&desk, "backup.db");
    desk.open().execute_batch("pragma user_version = 9999; create table hereafter (x)").unwrap();
    let told = restore(&desk, &backup);
    assert!(told["unknown"].as_str().unwrap().contains("a newer Clickstead wrote it"));
    let kept = Connection::open(told["kept_as"].as_str().unwrap()).unwrap();
    let version: i64 = kept.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
    assert_eq!((version, desk.text(&["user", "list"]).contains("ada")), (9_999, true));
}

#[test]
fn nothing_is_carried_over_from_a_data_file_about_other_people() {
    let (desk, other) = (Desk::with_people(&["bob"]), Desk::with_site());
    let backup = back_up(&desk, "backup.db");
    assert!(
        other
            .run_with("quite another secret", &["user", "password", "ada", "--password-stdin"])
            .status
            .success()
    );
    let told = restore(&other, &backup);
    assert!(told["unknown"].as_str().unwrap().contains("about other people and sites"));
    assert!(strings(&told["otherwise_now"]).is_empty());
    let all = "select password from users order by id";
    assert_eq!(other.texts(all), desk.texts(all));
}

#[test]
fn a_copy_of_a_stopped_data_file_is_restored_with_what_lies_beside_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert!(server.hit("81.2.69.1", &fields(&view("/in-the-log"))).status < 300);
    server.kill();
    let copied = Desk::empty();
    let copy = copied.path().join("copy.db");
    fs::copy(desk.file(), &copy).unwrap();
    fs::copy(beside(&desk.file(), "-wal"), beside(&copy, "-wal")).unwrap();
    let before = files(copied.path());
    restore(&copied, copy.to_str().unwrap());
    assert_eq!(copied.number("select count(*) from visits"), 1);
    for (name, bytes) in before {
        assert!(fs::read(copied.path().join(&name)).unwrap() == bytes, "{name}");
    }
}

#[test]
fn letters_that_were_sent_since_are_not_sent_again_and_closed_months_stay_closed() {
    let desk = Desk::with_people(&["bob"]);
    desk.open()
        .execute_batch(
            "insert into outbox (recipient, subject, text, html, created_at, due_at) values ('b@e.example', 's', 't', 'h', 1, 1)",
        )
        .unwrap();
    let backup = back_up(&desk, "backup.db");
    desk.open()
        .execute_batch(
            "delete from outbox;
             insert into statements values (2, 24321, 'Shop', 3900, 'EUR', 50000, 'Bob', 7);
             insert into statement_lines values (2, 24321, 1, 'bakery.example', 12345)",
        )
        .unwrap();
    let told = restore(&desk, &backup);
    assert_eq!(strings(&told["otherwise_now"]), ["the statement of bob for 2026-10"]);
    assert_eq!(desk.number("select count(*) from outbox"), 0);
    assert_eq!(desk.texts("select plan from statements"), ["Shop"]);
    assert_eq!(desk.number("select actions from statement_lines"), 12_345);
    assert!(desk.run_with(PASSWORD, &["user", "password", "bob", "--password-stdin"]).status.success());
}
