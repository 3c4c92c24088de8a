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
        "select name || '|' || wr || '|' || strict from pragma_table_list where type = 'table' and name not like 'sqlite_%' order by 1".to_owned(),
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

#[test]
fn visits_of_an_older_file_keep_how_they_came_what_with_and_from_where() {
    let desk = Desk::empty();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema-5.db"), desk.file()).unwrap();
    let text = (1..=18).map(|number| format!("({}, 'text {number}')", 1_000 + number)).collect::<Vec<_>>();
    let visit = |id: i64, begins: i64, coordinates: &str| {
        format!(
            "insert into visits values
             (1, {id}, 5, 1000, 0, 0, 1, 1001, 1002, 2, 1003, {begins}, 1005, 1006, 1007, 1008, 1009, 1010, 1011,
              1012, 1013, 3, 1014, 1015, 1016, 1017, 1018, null, {coordinates}, x'51024500', 7, 1001)"
        )
    };
    let (known, half) = ("52.5244, -13.41", "52.5244, null");
    desk.open()
        .execute_batch(&format!(
            "insert into labels (id, text) values {}; {}; {}; {}; {}",
            text.join(", "),
            visit(100, 1_004, known),
            visit(101, 1_004, known),
            visit(102, 1_003, known),
            visit(103, 1_004, half)
        ))
        .unwrap();
    assert!(desk.text(&["check"]).contains("is whole"));
    let told = desk.texts(
        "select concat_ws(',', visits.id, visitor_id, stay, flags, landing, exit, channel, referrer, referrer_domain,
           referrer_name, search_terms, campaign, campaign_source, campaign_medium, campaign_term, campaign_content,
           browser, system, device_type, screen, language, country, region, city, organization, latitude, longitude,
           hex(address), address_key, hostname)
         from visits
         join sources on sources.id = source
         join machines on machines.id = machine
         join places on places.id = place
         where visits.id < 200
         order by visits.id",
    );
    let expected = |id: i64, domain: i64, coordinates: &str| {
        format!(
            "{id},5,1000,1,1001,1002,2,1003,{domain},1005,1006,1007,1008,1009,1010,1011,1012,1013,3,1014,1015,1016,1017,1018,0,{coordinates},51024500,7,1001"
        )
    };
    let (known, none) = ("5252440,-1341000", "0,0");
    assert_eq!(
        told,
        [
            expected(100, 1_004, known),
            expected(101, 1_004, known),
            expected(102, 1_003, known),
            expected(103, 1_004, none)
        ]
    );
    // The fixture's own visit came by another way, with another machine, from an unknown place.
    for (table, rows) in [("sources", 3), ("machines", 2), ("places", 3)] {
        assert_eq!(desk.number(&format!("select count(*) from {table}")), rows, "{table}");
    }
}
