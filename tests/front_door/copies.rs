//! Files that hold secrets: whose they are, when they have their name, and that a file of somebody else stays as it is.

use super::harness::{Desk, PASSWORD, binary};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

const INIT: [&str; 6] = ["init", "--username", "ada", "--email", "a@a.example", "--password-stdin"];

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A path with something after it.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

/// Everything in a folder, by name.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = files.filter(|entry| entry.path().is_file());
    files.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn names(desk: &Desk) -> Vec<String> {
    files(desk.path()).into_keys().collect()
}

pub fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/schema-{version}.db"))
}

/// A desk with a file of an earlier version.
fn earlier() -> Desk {
    let desk = Desk::empty();
    fs::copy(fixture(5), desk.file()).unwrap();
    desk
}

fn version(file: &Path) -> i64 {
    let file = Connection::open(file).unwrap();
    let whole: String = file.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    file.query_row("pragma user_version", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_copy_before_an_upgrade_is_for_nobody_but_the_owner_of_the_data_file() {
    let desk = earlier();
    set_mode(&desk.file(), 0o644);
    // Only root can give a file away; anybody else owns both.
    std::os::unix::fs::chown(desk.file(), Some(4_321), Some(4_322)).unwrap_or_default();
    let older = beside(&desk.file(), ".before-upgrade-from-4");
    fs::write(&older, "of an earlier program").unwrap();
    set_mode(&older, 0o644);
    desk.text(&["user", "list"]);
    let copy = beside(&desk.file(), ".before-upgrade-from-5");
    let owner = |path: &Path| fs::metadata(path).map(|found| (found.uid(), found.gid())).unwrap();
    assert_eq!((mode(&copy), owner(&copy)), (0o600, owner(&desk.file())));
    assert_eq!((version(&copy), mode(&older)), (5, 0o600));
    assert_eq!(
        names(&desk),
        ["clickstead.db", "clickstead.db.before-upgrade-from-4", "clickstead.db.before-upgrade-from-5"]
    );
}

#[test]
fn a_stub_of_a_copy_is_never_taken_for_one() {
    for bytes in [0, 100, 4_096, 150_000] {
        let desk = earlier();
        let stub = beside(&desk.file(), ".before-upgrade-from-5");
        let beginning = fs::read(fixture(5)).unwrap()[..bytes].to_vec();
        fs::write(&stub, &beginning).unwrap();
        desk.text(&["user", "list"]);
        assert_eq!(fs::read(&stub).unwrap(), beginning, "{bytes}");
        assert_eq!(version(&beside(&desk.file(), ".before-upgrade-from-5-2")), 5, "{bytes}");
    }
}

#[test]
fn a_copy_that_is_cut_off_leaves_the_file_as_it_was_and_the_next_run_makes_a_whole_one() {
    let desk = earlier();
    // A process that writes so much is killed by the system.
    let cut_off = Command::new("prlimit")
        .args(["--fsize=100000:100000", "--core=0:0", binary(), "user", "list"])
        .env("CLICKSTEAD_DATA", desk.file())
        .output()
        .unwrap();
    assert!(!cut_off.status.success());
    assert_eq!(version(&desk.file()), 5, "it was brought to today's shape without a copy");
    let copy = beside(&desk.file(), ".before-upgrade-from-5");
    assert!(!copy.exists());
    assert!(names(&desk).iter().any(|name| name.contains("-part")), "nothing was cut off");
    desk.text(&["user", "list"]);
    assert_eq!((version(&copy), mode(&copy)), (5, 0o600));
    assert_eq!(names(&desk), ["clickstead.db", "clickstead.db.before-upgrade-from-5"]);
}

#[test]
fn a_copy_that_holds_the_same_is_enough_and_one_that_holds_something_else_is_not() {
    let desk = earlier();
    let again = |change: &str| {
        fs::copy(fixture(5), desk.file()).unwrap();
        desk.open().execute_batch(change).unwrap();
        desk.text(&["user", "list"]);
        names(&desk).len()
    };
    assert_eq!(again(""), 2);
    assert_eq!(again(""), 2, "an upgrade that fails and is run again would fill the disk");
    assert_eq!(again("update users set password = 'changed'"), 3);
    assert_eq!(again("update users set password = 'changed'"), 3);
}

#[test]
fn a_site_is_exported_into_a_file_of_its_owner_alone_whatever_lay_there() {
    let desk = Desk::with_site();
    let to = desk.path().join("site.jsonl");
    for ending in [".part", ".clickstead-part"] {
        fs::write(beside(&to, ending), "x".repeat(1_000_000)).unwrap();
        set_mode(&beside(&to, ending), 0o644);
    }
    desk.text(&["export", "--site", "1", "--to", to.to_str().unwrap()]);
    assert_eq!(mode(&to), 0o600);
    assert!(fs::read_to_string(&to).unwrap().lines().count() > 1);
    assert_eq!(names(&desk), ["clickstead.db", "site.jsonl", "site.jsonl.part"]);
    assert_eq!(mode(&beside(&to, ".part")), 0o644, "a file of somebody else was touched");
}

#[test]
fn a_data_file_is_its_owners_alone_also_where_an_empty_file_or_a_link_to_nothing_was() {
    let desk = Desk::empty();
    fs::write(desk.file(), "").unwrap();
    set_mode(&desk.file(), 0o644);
    let complaint = desk.complaint(&["user", "list"]);
    assert!(complaint.contains("is empty") && complaint.contains("clickstead init"), "{complaint}");
    assert_eq!(
        (fs::read(desk.file()).unwrap().len(), names(&desk).len()),
        (0, 1),
        "a command made a data file"
    );
    assert!(desk.run_with(PASSWORD, &INIT).status.success());
    assert_eq!((mode(&desk.file()), names(&desk)), (0o600, vec!["clickstead.db".to_owned()]));

    let desk = Desk::empty();
    let there = desk.path().join("elsewhere.db");
    std::os::unix::fs::symlink("elsewhere.db", desk.file()).unwrap();
    assert!(desk.run_with(PASSWORD, &INIT).status.success());
    assert_eq!(mode(&there), 0o600);
    assert_eq!(fs::read_link(desk.file()).unwrap(), Path::new("elsewhere.db"));
    assert!(desk.text(&["user", "list"]).contains("ada"));
    drop(desk.serve());
    for ending in ["-wal", "-shm"] {
        let found = fs::metadata(beside(&there, ending));
        assert!(found.is_err() || mode(&beside(&there, ending)) == 0o600, "{ending}");
    }
}

/// Files of other programs, and what lies beside them, each in a folder of its own.
fn foreign() -> Vec<(&'static str, Desk)> {
    let make = |changes: &str| {
        let desk = Desk::empty();
        desk.open().execute_batch(changes).unwrap();
        desk
    };
    // What stands in the log or the journal of a program that is killed.
    let cut_off = |changes: &str| {
        let (desk, open) = (Desk::empty(), Desk::empty());
        let connection = open.open();
        connection.execute_batch(changes).unwrap();
        for (name, bytes) in files(open.path()).into_iter().filter(|(name, _)| !name.ends_with("-shm")) {
            fs::write(desk.path().join(name), bytes).unwrap();
        }
        desk
    };
    let fill = "create table mine (x); insert into mine
                with recursive n (i) as (select 1 union all select i + 1 from n where i < 500)
                select randomblob(1000) from n;";
    let text = Desk::empty();
    fs::write(text.file(), "no database at all, but long enough to look at").unwrap();
    vec![
        ("a table", make("create table mine (x)")),
        ("a log in the file's header", make("pragma journal_mode = wal; create table mine (x)")),
        ("no table any more", make("create table mine (x); drop table mine")),
        ("no table, but a version", make("pragma user_version = 6")),
        ("no table, but a mark", make("pragma application_id = 77")),
        (
            "a mark and a version like ours",
            make("pragma application_id = 77; pragma user_version = 6; create table users (x)"),
        ),
        ("a log that was left", cut_off("pragma journal_mode = wal; create table mine (x)")),
        (
            "everything in the log",
            cut_off(
                "pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table mine (x); insert into mine values (1)",
            ),
        ),
        (
            "a journal that was left",
            cut_off(&format!("{fill} pragma cache_size = 2; begin; update mine set x = randomblob(1000)")),
        ),
        ("no database", text),
    ]
}

#[test]
fn a_file_of_another_program_stays_as_it_is_whatever_the_command() {
    let backup = Desk::with_site();
    let backup = backup.file();
    for (what, desk) in foreign() {
        let before = files(desk.path());
        assert_eq!(
            before.len() > 1,
            what.contains("log that") || what.contains("in the log") || what.contains("journal"),
            "{what}"
        );
        let aside = tempfile::tempdir().unwrap();
        let to = aside.path().join("to");
        let to = to.to_str().unwrap();
        let commands: [&[&str]; 13] = [
            &["user", "list"],
            &INIT,
            &["serve", "--listen", "127.0.0.1:0"],
            &["demo", "--no-serve", "--visits", "10"],
            &["site", "list"],
            &["check"],
            &["compact"],
            &["prune", "--yes"],
            &["tasks"],
            &["audit", "--site", "1"],
            &["export", "--site", "1", "--to", to],
            &["backup", to],
            &["user", "disable", "ada"],
        ];
        for command in commands {
            let complaint = desk.complaint(command);
            let says = "is not a Clickstead data file; nothing was changed";
            assert!(complaint.contains(says), "{what}, {command:?}: {complaint}");
            assert!(files(desk.path()) == before, "{what} was changed by {command:?}");
        }
        if what != "no database" {
            let complaint = desk.complaint(&["restore", backup.to_str().unwrap()]);
            assert!(complaint.contains("not a Clickstead data file"), "{what}: {complaint}");
            assert!(files(desk.path()) == before, "{what} was changed by restore");
        }
        assert_eq!(fs::read_dir(aside.path()).unwrap().count(), 0, "{what}");
    }
}

#[test]
fn a_file_of_ours_is_known_also_while_all_of_it_stands_in_its_log() {
    let open = Desk::empty();
    let connection = open.open();
    let schema = include_str!("../../schema.sql");
    let version = Desk::with_site().number("select user_version from pragma_user_version");
    connection
        .execute_batch(&format!(
            "pragma journal_mode = wal; pragma wal_autocheckpoint = 0; begin; {schema};
             pragma application_id = 1131178347; pragma user_version = {version}; commit"
        ))
        .unwrap();
    let desk = Desk::empty();
    for name in ["clickstead.db", "clickstead.db-wal"] {
        fs::copy(open.path().join(name), desk.path().join(name)).unwrap();
    }
    assert!(desk.run_with(PASSWORD, &INIT).status.success());
    assert!(desk.text(&["user", "list"]).contains("ada"));
}

#[test]
fn no_data_file_is_made_beside_the_log_of_one_that_is_gone() {
    let desk = Desk::empty();
    for ending in ["-wal", "-journal"] {
        let left = beside(&desk.file(), ending);
        fs::write(&left, "what is left of it").unwrap();
        let complaint = desk.complaint(&INIT);
        assert!(complaint.contains(ending) && complaint.contains("Nothing was changed"), "{complaint}");
        assert_eq!(names(&desk), [format!("clickstead.db{ending}")]);
        fs::remove_file(left).unwrap();
    }
}
