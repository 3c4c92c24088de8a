//! Importing hits and access logs: what is counted, what is not, and that nothing counts twice.

use super::harness::{BROWSER, Desk, fields, view};
use super::http::get;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

pub const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/// A line as nginx writes it: a request of an address, minutes after noon of 1 November 2026 in Berlin.
pub fn request(address: &str, minute: u32, request: &str, status: u16) -> String {
    asked_by(BROWSER, address, minute, (request, status))
}

pub fn asked_by(agent: &str, address: &str, minute: u32, (request, status): (&str, u16)) -> String {
    let (hour, minute) = (12 + minute / 60, minute % 60);
    format!(
        "{address} - - [01/Nov/2026:{hour:02}:{minute:02}:00 +0100] \"{request}\" {status} 512 \"-\" \"{agent}\"\n"
    )
}

/// A log with three visitors: of two and one page, and, after an hour, of one more.
pub fn log() -> String {
    [
        request("81.2.69.1", 0, "GET / HTTP/1.1", 200),
        request("81.2.69.1", 0, "GET /style.css HTTP/1.1", 200),
        asked_by(BOT, "66.249.66.1", 1, ("GET / HTTP/1.1", 200)),
        request("81.2.69.1", 2, "GET /shop?a=\\x221\\x22 HTTP/1.1", 304),
        request("2001:db8:1::7", 3, "GET / HTTP/1.1", 200),
        request("2001:db8:1::7", 4, "POST /order HTTP/1.1", 200),
        request("2001:db8:1::7", 5, "GET /nowhere HTTP/1.1", 404),
        request("81.2.69.1", 70, "GET /later HTTP/1.1", 200),
    ]
    .concat()
}

/// Puts a file beside the data file, and says its path.
pub fn file(desk: &Desk, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = desk.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

pub fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

/// What `import` says of one file of site 1.
pub fn import(desk: &Desk, path: &str) -> Value {
    desk.json(&["import", path, "--site", "1", "--json"])["files"][0].clone()
}

pub fn counts(desk: &Desk) -> (i64, i64) {
    (desk.number("select count(*) from visits"), desk.number("select count(*) from actions"))
}

/// Every visit with its actions, as texts.
pub fn rows(desk: &Desk) -> Vec<String> {
    desk.texts(
        "select (visits.id >> 20) || ' ' || stay || ' ' || actions.number || ' ' || at || ' ' || text
         from visits
         join actions on actions.site_id = visits.site_id and visit_id = visits.id
         join labels on labels.id = page
         order by visits.id, actions.number",
    )
}

#[test]
fn an_access_log_becomes_visits_of_pages_with_all_else_left_out_by_reason() {
    let desk = Desk::with_site();
    let said = import(&desk, &file(&desk, "access.log", log()));
    assert_eq!((&said["format"], &said["lines"], &said["taken"]), (&"log".into(), &8.into(), &4.into()));
    let left_out = serde_json::json!({"bot": 1, "failed": 1, "not-get": 1, "static-file": 1});
    assert_eq!((&said["left_out"], &said["refused"]), (&left_out, &0.into()));
    assert_eq!(counts(&desk), (3, 4));
    assert_eq!(rows(&desk)[1].rsplit(' ').next(), Some("https://bakery.example/shop?a=%221%22"));
    assert_eq!(desk.number("select count(distinct visitor_id) from visits"), 2);
    assert_eq!(desk.number("select count from filtered where reason = 'bot'"), 1);
    assert_eq!(desk.number("select count(*) from visits where hex(address) = '51024500'"), 2, "shortened");
    assert!(desk.text(&["audit", "--site", "1"]).contains("access.log"));
    assert!(desk.text(&["check"]).contains("is whole"));
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    let pages = server.ask(&get("/sites/1/export/pages.csv?date=2026-11-01").cookie(&cookie)).text();
    assert!(pages.contains("/shop") && pages.contains("/later"), "{pages}");
}

#[test]
fn a_packed_log_reads_as_the_plain_one_and_is_known_by_what_is_inside() {
    let (plain, gzip) = (Desk::with_site(), Desk::with_site());
    import(&plain, &file(&plain, "access.log", log()));
    import(&gzip, &file(&gzip, "access.log", packed(&log())));
    assert_eq!(rows(&plain), rows(&gzip));
    let again = import(&plain, &file(&plain, "access.log.1.gz", packed(&log())));
    assert_eq!(again["outcome"], "nothing-new");
    assert_eq!(counts(&plain), (3, 4));
}

#[test]
fn a_log_that_has_grown_goes_on_where_it_stopped_and_an_unfinished_line_waits() {
    let desk = Desk::with_site();
    let all = log();
    let middle = all.match_indices('\n').nth(3).unwrap().0 + 30;
    let path = file(&desk, "access.log", &all[..middle]);
    let first = import(&desk, &path);
    assert_eq!((&first["lines"], &first["unfinished_line"]), (&4.into(), &true.into()));
    file(&desk, "access.log", &all);
    let second = import(&desk, &path);
    assert_eq!((&second["lines"], &second["goes_on"]), (&4.into(), &true.into()));
    let whole = Desk::with_site();
    import(&whole, &file(&whole, "access.log", &all));
    assert_eq!(rows(&desk), rows(&whole));
    std::fs::rename(&path, desk.path().join("access.log.1")).unwrap();
    let renamed = import(&desk, desk.path().join("access.log.1").to_str().unwrap());
    assert_eq!(renamed["outcome"], "nothing-new");
    assert_eq!(desk.number("select count(*) from imports"), 1);
}

#[test]
fn rotated_logs_are_taken_in_the_order_of_time_however_they_are_named() {
    let (one, two) = (Desk::with_site(), Desk::with_site());
    import(&one, &file(&one, "access.log", log()));
    let text = log();
    let (older, newer) = text.split_at(text.find("81.2.69.1 - - [01/Nov/2026:12:02").unwrap());
    let paths = [file(&two, "access.log", newer), file(&two, "access.log.1", older)];
    two.text(&["import", &paths[0], &paths[1], "--site", "1"]);
    assert_eq!(rows(&one), rows(&two));
}

#[test]
fn hits_that_another_program_wrote_down_become_the_same_visits_as_live_ones() {
    let desk = Desk::with_site();
    let lines = [
        r#"{"time":"2026-11-01T11:00:00Z","type":"pageview","href":"/?utm_campaign=spring","title":"Home","ref":"https://www.google.com/","ip":"81.2.69.1","ua":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36","lang":"de","res":"1920x1080","uid":"","custom":{"username":"eve"},"goal":""}"#,
        r#"{"time":"2026-11-01T11:01:00Z","type":"click","href":"/menu","ip":"81.2.69.1","ua":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"}"#,
        r#"{"time":"2026-11-01T11:02:00Z","type":"goal","goal":"Order","revenue":12.5,"ip":"81.2.69.1","ua":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"}"#,
        r#"{"time":"2026-11-01T11:00:30Z","href":"/","uid":"one"}"#,
        r#"{"time":"2026-11-01T11:00:40Z","href":"/","uid":"two"}"#,
        r#"{"time":"2026-11-01T11:00:50Z","href":"/b","uid":"one"}"#,
    ];
    let said = import(&desk, &file(&desk, "hits.jsonl", lines.join("\n")));
    assert_eq!(
        (&said["format"], &said["taken"], &said["unfinished_line"]),
        (&"hits".into(), &6.into(), &false.into())
    );
    assert_eq!(counts(&desk), (3, 5));
    let text = |column: &str| {
        desk.texts(&format!(
            "select text from visits join sources on sources.id = source join machines on machines.id = machine
             join labels on labels.id = {column} order by visits.id"
        ))
    };
    assert_eq!(
        (text("campaign"), text("screen"), text("language")),
        (vec!["spring".into()], vec!["1920x1080".into()], vec!["de".into()])
    );
    assert_eq!(desk.number("select count(*) from conversions where revenue = 1250"), 1);
    assert_eq!(desk.number("select count(*) from custom"), 1);
    assert_eq!(desk.number("select actions from visits where stay = 20000"), 2, "the visit of uid one");
}

#[test]
fn hits_of_days_that_are_over_leave_no_salt_and_those_of_today_go_on_with_the_live_ones() {
    let desk = Desk::with_site();
    import(&desk, &file(&desk, "access.log", log()));
    assert_eq!(desk.number("select count(*) from salts"), 0);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/live")));
    let now = jiff::Timestamp::now();
    let line =
        format!("{{\"time\":\"{now}\",\"href\":\"/too\",\"ip\":\"81.2.69.1\",\"ua\":\"{BROWSER}\"}}\n");
    import(&desk, &file(&desk, "today.jsonl", line));
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/live/again"))).status, 204);
    assert_eq!(
        desk.number("select max(actions) from visits"),
        3,
        "one visit from the tracker, the file and the tracker"
    );
    assert_eq!(desk.number("select count(*) from salts where day < (select max(day) from salts)"), 0);
}

#[test]
fn a_line_out_of_order_joins_the_visit_that_was_open_then() {
    let desk = Desk::with_site();
    let minutes = [0, 100, 5, 200, 1, 105];
    let lines: String = minutes
        .iter()
        .map(|minute| request("81.2.69.1", *minute, &format!("GET /{minute} HTTP/1.1"), 200))
        .collect();
    import(&desk, &file(&desk, "access.log", lines));
    let per_visit = desk.texts("select cast(actions as text) from visits order by id");
    assert_eq!(per_visit, ["3", "2", "1"]);
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn a_dry_run_says_what_would_come_of_it_and_changes_nothing() {
    let desk = Desk::with_site();
    let path = file(&desk, "access.log", log());
    let before = std::fs::read(desk.file()).unwrap();
    let tried = desk.json(&["import", &path, "--site", "1", "--dry-run", "--json"])["files"][0].clone();
    assert_eq!(std::fs::read(desk.file()).unwrap(), before, "the data file was changed");
    let mut said = import(&desk, &path);
    assert_eq!((&tried["outcome"], &said["outcome"]), (&"tried".into(), &"imported".into()));
    said["outcome"] = "tried".into();
    assert_eq!(tried, said);
}

#[test]
fn a_bad_line_is_skipped_with_its_number_and_many_stop_it_before_anything_is_written() {
    let desk = Desk::with_site();
    let bad = format!("{}nonsense\n{}", log(), log().replace("81.2.69.1 ", "81.2.69.9 "));
    let said = import(&desk, &file(&desk, "some.log", &bad));
    assert_eq!((&said["refused"], &said["refused_lines"][0]["line"]), (&1.into(), &9.into()));
    let before = counts(&desk);
    let others = log().replace("81.2.69.1 ", "81.2.69.8 ").replace("2001:db8:1::7 ", "2001:db8:1::8 ");
    let worse = format!("{others}{}", "nonsense\n".repeat(10));
    let output = desk.run(&["import", &file(&desk, "worse.log", &worse), "--site", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        !output.status.success() && text.contains("line 9:") && text.contains("Nothing was written"),
        "{text}"
    );
    assert_eq!(counts(&desk), before);
    let mended = file(&desk, "worse.log", worse.replace("nonsense\n", ""));
    assert_eq!(import(&desk, &mended)["taken"], 4);
    let future = r#"{"time":"2126-11-01T11:00:00Z","href":"/"}"#;
    let said = desk.text(&["import", &file(&desk, "f", format!("{future}\n")), "--site", "1"]);
    assert!(said.contains("future") && said.contains(": 1 line read."), "{said}");
    let line =
        |title: &str| format!("{{\"time\":\"2026-11-01T11:00:00Z\",\"href\":\"/\",\"title\":{title}}}\n");
    let strange = file(&desk, "strange", line("null") + &line("7"));
    let said = desk.text(&["import", &strange, "--site", "1"]);
    assert!(said.contains("1 taken") && said.contains("line 2: the title is no text"), "{said}");
}

#[test]
fn what_can_not_be_imported_is_refused_with_a_sentence() {
    let desk = Desk::with_site();
    let path = file(&desk, "access.log", log());
    for (arguments, words) in [
        (vec!["import", "nowhere.log"], "can't be read"),
        (vec!["import", path.as_str()], "--site ID"),
        (vec!["import", path.as_str(), "--site", "9"], "no such site"),
        (vec!["import", &file(&desk, "empty", ""), "--site", "1"], "empty"),
        (vec!["import", &file(&desk, "letter", "Dear Ada,\n"), "--site", "1"], "--format"),
        (vec!["import", &file(&desk, "cut.gz", &packed(&log())[..60]), "--site", "1"], "unpacked"),
    ] {
        let complaint = desk.complaint(&arguments);
        assert!(complaint.contains(words), "{complaint}");
    }
    assert_eq!(counts(&desk), (0, 0));
}

/// A log of many visitors.
pub fn long_log(lines: u32) -> String {
    let mut text = String::new();
    for number in 0..lines {
        let (minute, second) = (number / 60 % 600, number % 60);
        writeln!(
            text,
            "81.{}.{}.7 - - [01/Nov/2026:{:02}:{:02}:{second:02} +0100] \"GET /p/{} HTTP/1.1\" 200 5 \"-\" \"{BROWSER}\"",
            number % 7, number % 200, 8 + minute / 60, minute % 60, number % 300,
        )
        .unwrap();
    }
    text
}

#[test]
fn an_import_that_is_killed_in_the_middle_goes_on_without_counting_twice() {
    let (killed, whole) = (Desk::with_site(), Desk::with_site());
    let text = long_log(20_000);
    import(&whole, &file(&whole, "access.log", &text));
    let path = file(&killed, "access.log", &text);
    let mut child = Command::new(super::harness::binary())
        .args(["import", &path, "--site", "1"])
        .env("CLICKSTEAD_DATA", killed.file())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    killed.wait_for("exists (select 1 from imports)");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        killed.number("select count(*) from imports where ended_at is null"),
        1,
        "it was over already"
    );
    let said = import(&killed, &path);
    assert_eq!(said["goes_on"], true);
    assert_eq!(rows(&killed), rows(&whole));
    assert_eq!(killed.number("select count(*) from salts"), 0);
}

#[test]
fn a_running_server_takes_hits_during_an_import_and_shows_what_came_in() {
    let desk = Desk::with_site();
    let path = file(&desk, "access.log", long_log(8_000));
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    server.hit("203.0.113.0", &fields(&view("/before")));
    let mut child = Command::new(super::harness::binary())
        .args(["import", &path, "--site", "1"])
        .env("CLICKSTEAD_DATA", desk.file())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (mut during, mut last) = (0, String::new());
    while child.try_wait().unwrap().is_none() {
        // A visit has room for a thousand actions.
        last = format!("203.0.113.{}", during / 500);
        assert_eq!(server.hit(&last, &fields(&view("/during"))).status, 204);
        during += 1;
    }
    assert!(child.wait().unwrap().success());
    assert!(during > 3, "{during} hits");
    assert_eq!(desk.number("select sum(actions) from visits"), 8_000 + during + 1);
    assert_eq!(server.hit(&last, &fields(&view("/after"))).status, 204);
    let live = "select count(*) from visits where (id >> 20) > 1793600000000";
    assert_eq!(desk.number(live), 1 + (during - 1) / 500, "an open visit was split");
    let pages = server.ask(&get("/sites/1/export/pages.csv?date=2026-11-01").cookie(&cookie)).text();
    assert_eq!(pages.lines().count(), 1 + 300);
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn hits_of_days_that_are_being_dropped_are_refused_and_taken_once_that_is_over() {
    let desk = Desk::with_site();
    let line = r#"{"time":"2026-11-01T10:00:00Z","type":"pageview","href":"/","ip":"81.2.69.1","ua":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"}"#;
    let path = file(&desk, "old.jsonl", format!("{line}\n"));
    let october = "unixepoch('2026-10-30') * 1000 << 20";
    desk.open()
        .execute_batch(&format!(
            "update sites set dropping_begins = {october}, dropping_ends = unixepoch('2026-11-02') * 1000 << 20"
        ))
        .unwrap();
    let complaint = desk.complaint(&["import", &path, "--site", "1"]);
    assert!(complaint.contains("are being dropped. Run `clickstead prune`"), "{complaint}");
    assert_eq!(counts(&desk), (0, 0));
    desk.text(&["prune", "--yes"]);
    import(&desk, &path);
    assert_eq!(counts(&desk), (1, 1));
}

#[test]
fn a_pipe_or_a_folder_is_refused_at_once() {
    let desk = Desk::with_site();
    let pipe = desk.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&pipe, &desk.path().to_owned()] {
        let complaint = desk.complaint(&["import", path.to_str().unwrap(), "--site", "1"]);
        assert!(complaint.contains("is no ordinary file"), "{complaint}");
    }
}

/// Bytes that a process has read so far.
fn bytes_read(process: u32) -> u64 {
    let said = std::fs::read_to_string(format!("/proc/{process}/io")).unwrap();
    said.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[test]
fn of_two_imports_of_one_file_at_once_one_stops_and_nothing_counts_twice() {
    let desk = Desk::with_site();
    let (mut text, long) = (String::new(), "x".repeat(400));
    for number in 0..4_000 {
        let (minute, second) = (number / 60, number % 60);
        let time = format!("2026-11-01T{:02}:{:02}:{second:02}Z", minute / 60, minute % 60);
        writeln!(
            text,
            "{{\"time\":\"{time}\",\"uid\":{},\"ua\":\"{BROWSER}\",\"href\":\"/{long}\"}}",
            number + 1
        )
        .unwrap();
    }
    let path = file(&desk, "hits.jsonl", &text);
    // Nobody can write until both have looked through the file and read it once more to write it.
    let held = desk.open();
    held.execute_batch("begin immediate").unwrap();
    let run = || {
        Command::new(super::harness::binary())
            .args(["import", &path, "--site", "1"])
            .env("CLICKSTEAD_DATA", desk.file())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let runs = [run(), run()];
    let enough = u64::try_from(text.len()).unwrap() * 2;
    while runs.iter().any(|run| bytes_read(run.id()) < enough) {
        std::thread::yield_now();
    }
    held.execute_batch("rollback").unwrap();
    let outputs = runs.map(|run| run.wait_with_output().unwrap());
    assert_eq!(outputs.iter().filter(|output| output.status.success()).count(), 1);
    let stopped = outputs.iter().find(|output| !output.status.success()).unwrap();
    assert!(String::from_utf8_lossy(&stopped.stderr).contains("by another process"));
    assert_eq!(counts(&desk), (4_000, 4_000));
}
