//! The shape of the file: today's, that of every version that ever landed, and one from the future.

use super::harness::{Desk, PASSWORD};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "db"));
    files.sort();
    files
}

/// Everything about a file's shape that can be asked of it.
fn shape(connection: &Connection) -> Vec<String> {
    let ask = |sql: &str| -> Vec<String> {
        let mut question = connection.prepare(sql).unwrap();
        let rows = question.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let tables = "(select name from sqlite_schema where type = 'table' and name not like 'sqlite_%') as t";
    [
        format!("select t.name || '|' || c.name || '|' || c.type || '|' || c.\"notnull\" || '|' || ifnull(c.dflt_value, '') || '|' || c.pk || '|' || c.hidden from {tables}, pragma_table_xinfo(t.name) as c order by 1"),
        format!("select t.name || '|' || i.name || '|' || i.\"unique\" || '|' || (select group_concat(ifnull(name, '')) from pragma_index_info(i.name)) from {tables}, pragma_index_list(t.name) as i where i.name not like 'sqlite_%' order by 1"),
        format!("select t.name || '|' || f.\"table\" || '|' || f.\"from\" || '|' || f.\"to\" || '|' || f.on_delete from {tables}, pragma_foreign_key_list(t.name) as f order by 1"),
        "select 'version ' || user_version from pragma_user_version".to_owned(),
    ]
    .iter()
    .flat_map(|sql| ask(sql))
    .collect()
}

#[test]
fn a_file_of_every_landed_version_opens_and_has_todays_shape() {
    let fresh = Desk::with_site();
    let expected = shape(&fresh.open());
    let version = fresh.number("select user_version from pragma_user_version");
    let files = fixtures();
    assert_eq!(i64::try_from(files.len()).unwrap(), version, "one fixture for every version of the file");
    for file in files {
        let desk = Desk::empty();
        fs::copy(&file, desk.file()).unwrap();
        assert!(desk.text(&["check"]).contains("is whole"), "{}", file.display());
        assert_eq!(shape(&desk.open()), expected, "{}", file.display());
        let server = desk.serve();
        let cookie = server.sign_in("ada");
        assert!(
            server.page("/sites/1/visitors?date=2026", &cookie).contains("1 visit"),
            "{}",
            file.display()
        );
    }
}

#[test]
fn a_file_from_a_newer_program_is_refused_with_a_sentence_and_left_alone() {
    let desk = Desk::with_site();
    desk.open().execute_batch("pragma user_version = 9999").unwrap();
    let before = fs::read(desk.file()).unwrap();
    for command in [&["site", "list"][..], &["serve", "--listen", "127.0.0.1:0"], &["check"]] {
        let complaint = desk.complaint(command);
        assert!(
            complaint.contains("newer Clickstead") && complaint.contains("nothing was changed"),
            "{complaint}"
        );
    }
    assert_eq!(fs::read(desk.file()).unwrap(), before);
}

#[test]
fn a_file_that_is_something_else_is_refused_and_left_alone() {
    let desk = Desk::empty();
    Connection::open(desk.file()).unwrap().execute_batch("create table mine (x)").unwrap();
    let arguments = ["init", "--username", "ada", "--email", "a@a.example", "--password-stdin"];
    assert!(desk.complaint(&arguments).contains("not a Clickstead data file"));
    assert_eq!(desk.number("select count(*) from sqlite_schema"), 1);
    fs::write(desk.file(), "no database at all, but long enough to look at").unwrap();
    let output = desk.run_with(PASSWORD, &arguments);
    assert!(!output.status.success());
}
