//! Importing lines that were imported before: a rolling window, a copy without its first lines, a file that was merged
//! with others, an import that was killed. None counts twice, and none is lost.

use super::harness::{Desk, binary};
use super::import::{counts, file, import, long_log, packed, request, rows};
use super::import_order::newest_first;
use std::process::{Command, Stdio};

/// Lines of one visitor each, an hour apart.
fn hourly(hours: std::ops::Range<u32>) -> String {
    hours
        .map(|hour| {
            request(&format!("81.2.{}.1", 60 + hour), hour * 60, &format!("GET /{hour} HTTP/1.1"), 200)
        })
        .collect()
}

fn again(said: &serde_json::Value) -> i64 {
    said["left_out"]["already-imported"].as_i64().unwrap_or(0)
}

#[test]
fn a_window_that_is_fetched_every_day_counts_each_line_once() {
    let (whole, windows) = (Desk::with_site(), Desk::with_site());
    import(&whole, &file(&whole, "access.log", hourly(0..9)));
    for (first, last, known) in [(0, 4, 0), (2, 6, 2), (3, 7, 3), (3, 7, 0), (5, 9, 2)] {
        let said = import(&windows, &file(&windows, "access.log", hourly(first..last)));
        assert_eq!(again(&said), known, "{said}");
        assert_eq!(said["taken"].as_i64().unwrap() + again(&said), said["lines"].as_i64().unwrap());
    }
    assert_eq!(rows(&windows), rows(&whole));
    let said = windows.text(&["import", &file(&windows, "last.log", hourly(7..9)), "--site", "1"]);
    assert!(said.contains("2 lines that were imported before, with this file or another one"), "{said}");
}

#[test]
fn a_copy_without_its_first_lines_brings_nothing_plain_or_packed() {
    let desk = Desk::with_site();
    import(&desk, &file(&desk, "access.log", hourly(0..8)));
    for (name, bytes) in [("copy.log", hourly(3..8).into_bytes()), ("copy.gz", packed(&hourly(4..8)))] {
        let said = import(&desk, &file(&desk, name, bytes));
        assert_eq!((&said["taken"], again(&said)), (&0.into(), said["lines"].as_i64().unwrap()), "{name}");
    }
    let reversed = newest_first(&hourly(5..8)).replace('\n', "\r\n");
    assert_eq!(again(&import(&desk, &file(&desk, "reversed.log", reversed))), 3);
    assert_eq!(counts(&desk), (8, 8));
}

#[test]
fn hits_as_lines_of_json_are_known_again_too() {
    let desk = Desk::with_site();
    let hit = |minute: u32| {
        format!("{{\"time\":\"2026-11-01T11:{minute:02}:00Z\",\"href\":\"/{minute}\",\"uid\":\"a\"}}\n")
    };
    import(&desk, &file(&desk, "a.jsonl", hit(1) + &hit(2) + &hit(3)));
    let said = import(&desk, &file(&desk, "b.jsonl", hit(2) + &hit(3) + &hit(4)));
    assert_eq!((&said["taken"], again(&said)), (&1.into(), 2));
    assert_eq!(desk.number("select count(*) from actions"), 4);
}

#[test]
fn a_line_that_stands_several_times_in_a_file_counts_as_often() {
    let desk = Desk::with_site();
    let line = request("81.2.69.1", 0, "GET /again HTTP/1.1", 200);
    let first = request("81.2.69.2", 0, "GET /first HTTP/1.1", 200);
    assert_eq!(import(&desk, &file(&desk, "a.log", line.repeat(3)))["taken"], 3);
    let said = import(&desk, &file(&desk, "b.log", first.clone() + &line.repeat(5)));
    assert_eq!((&said["taken"], again(&said)), (&3.into(), 3));
    let last = request("81.2.69.3", 0, "GET /last HTTP/1.1", 200);
    let said = import(&desk, &file(&desk, "c.log", last + &line.repeat(4) + &first));
    assert_eq!((&said["taken"], again(&said)), (&1.into(), 5));
    assert_eq!(desk.number("select count(*) from actions"), 7);
}

#[test]
fn a_grown_log_whose_last_line_comes_once_more_counts_it_twice() {
    for pack in [false, true] {
        let desk = Desk::with_site();
        let line = request("81.2.69.1", 0, "GET /reloaded HTTP/1.1", 200);
        let write = |text: String| {
            let bytes = if pack { packed(&text) } else { text.into_bytes() };
            file(&desk, "access.log", bytes)
        };
        let path = write(hourly(0..1) + &line);
        import(&desk, &path);
        write(hourly(0..1) + &line + &line + &hourly(1..2));
        let said = import(&desk, &path);
        assert_eq!((&said["goes_on"], &said["taken"], again(&said)), (&true.into(), &2.into(), 0), "{said}");
    }
}

#[test]
fn lines_that_came_with_another_file_are_skipped_when_a_log_goes_on() {
    let desk = Desk::with_site();
    let path = file(&desk, "access.log", hourly(0..3));
    import(&desk, &path);
    import(&desk, &file(&desk, "window.log", hourly(1..6)));
    file(&desk, "access.log", hourly(0..8));
    let said = import(&desk, &path);
    assert_eq!((&said["goes_on"], &said["taken"], again(&said)), (&true.into(), &2.into(), 3));
    // Rotated, it is known by its beginning; what replaces it is new.
    std::fs::rename(&path, desk.path().join("access.log.1")).unwrap();
    file(&desk, "access.log", hourly(8..9));
    let rotated = desk.path().join("access.log.1");
    let said = desk.json(&["import", rotated.to_str().unwrap(), &path, "--site", "1", "--json"]);
    let outcomes = said["files"].as_array().unwrap().iter().map(|file| (file["taken"].clone(), again(file)));
    assert_eq!(outcomes.collect::<Vec<_>>(), [(0.into(), 0), (1.into(), 0)]);
    assert_eq!(counts(&desk), (9, 9));
}

#[test]
fn a_visitor_who_was_erased_does_not_come_back_with_the_next_window() {
    let desk = Desk::with_site();
    import(&desk, &file(&desk, "access.log", hourly(0..4)));
    let of_visitor = "select count(*) from visits where hex(address) = '51023E00'";
    assert_eq!(desk.number(of_visitor), 1);
    desk.text(&["visitor", "erase", "--site", "1", "--address", "81.2.62.0", "--yes"]);
    let said = import(&desk, &file(&desk, "access.log", hourly(1..6)));
    assert_eq!((&said["taken"], again(&said)), (&2.into(), 3));
    assert_eq!(desk.number(of_visitor), 0);
    assert_eq!(counts(&desk), (5, 5));
}

#[test]
fn an_import_of_unordered_lines_that_is_killed_goes_on_without_counting_twice() {
    let (killed, whole) = (Desk::with_site(), Desk::with_site());
    let text = newest_first(&long_log(20_000));
    import(&whole, &file(&whole, "access.log", &text));
    let path = file(&killed, "access.log", &text);
    let mut child = Command::new(binary())
        .args(["import", &path, "--site", "1"])
        .env("CLICKSTEAD_DATA", killed.file())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    killed.wait_for("exists (select 1 from imported_lines)");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        killed.number("select count(*) from imports where ended_at is null"),
        1,
        "it was over already"
    );
    let before = killed.number("select sum(length(hashes)) / 8 from imported_lines");
    assert_eq!(killed.number("select count(*) from actions"), before, "lines and rows are one transaction");
    let said = import(&killed, &path);
    assert_eq!((&said["goes_on"], again(&said)), (&true.into(), before));
    assert_eq!(rows(&killed), rows(&whole));
    let record = |desk: &Desk| {
        desk.texts("select lines || ' ' || taken || ' ' || left_out || ' ' || refused from imports")
    };
    assert_eq!(record(&killed), record(&whole), "each line stands once in the record");
    assert_eq!(import(&killed, &path)["outcome"], "nothing-new");
}

#[test]
fn an_import_of_unordered_lines_into_a_site_that_is_removed_meanwhile_stops_and_leaves_nothing() {
    let desk = Desk::with_site();
    let path = file(&desk, "access.log", newest_first(&long_log(40_000)));
    // Beside a server an import lets others write.
    let _server = desk.serve();
    let import = Command::new(binary())
        .args(["import", &path, "--site", "1"])
        .env("CLICKSTEAD_DATA", desk.file())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    desk.wait_for("exists (select 1 from imported_lines)");
    desk.text(&["site", "remove", "1", "--yes"]);
    let ended = import.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success() && said.contains("its site was removed meanwhile"), "{said}");
    for table in ["imports", "imported_lines", "visits", "actions", "salts", "filtered"] {
        assert_eq!(desk.number(&format!("select count(*) from {table}")), 0, "{table}");
    }
}

#[test]
fn the_order_of_lines_does_not_stand_in_the_data_file() {
    let desk = Desk::with_site();
    let lines = (0..60).map(|number| request(&format!("81.2.{number}.1"), 0, "GET / HTTP/1.1", 200));
    import(&desk, &file(&desk, "access.log", lines.collect::<String>()));
    let rows = desk.texts("select hex(hashes) from imported_lines");
    let hashes = |row: &String| -> Vec<u64> {
        let digits = row.as_bytes().chunks(16).map(|digits| std::str::from_utf8(digits).unwrap());
        digits.map(|digits| u64::from_str_radix(digits, 16).unwrap().swap_bytes()).collect()
    };
    assert!(rows.iter().map(hashes).all(|hashes| hashes.is_sorted()), "{rows:?}");
    assert_eq!(rows.iter().map(|row| hashes(row).len()).sum::<usize>(), 60);
}

#[test]
fn a_dry_run_knows_lines_again_and_remembers_none() {
    let desk = Desk::with_site();
    import(&desk, &file(&desk, "access.log", hourly(0..3)));
    let path = file(&desk, "window.log", hourly(1..5));
    let before = std::fs::read(desk.file()).unwrap();
    let tried = desk.json(&["import", &path, "--site", "1", "--dry-run", "--json"])["files"][0].clone();
    assert_eq!(std::fs::read(desk.file()).unwrap(), before);
    assert_eq!((&tried["taken"], again(&tried)), (&2.into(), 2));
    assert_eq!(import(&desk, &path)["left_out"], tried["left_out"]);
}

#[test]
fn a_site_that_moves_takes_its_lines_along_and_a_copy_without_keys_does_not() {
    let (old, new, open) = (Desk::with_site(), Desk::with_site(), Desk::with_site());
    for desk in [&new, &open] {
        desk.text(&["site", "remove", "1", "--yes"]);
    }
    let twice = request("81.2.69.1", 5, "GET /twice HTTP/1.1", 200).repeat(2);
    import(&old, &file(&old, "access.log", hourly(0..4) + &twice));
    let export = |name: &str, options: &[&str]| {
        let path = old.path().join(name);
        old.text(&[&["export", "--site", "1", "--to", path.to_str().unwrap()], options].concat());
        path.to_str().unwrap().to_owned()
    };
    let path = export("site.jsonl", &[]);
    new.text(&["import", &path]);
    assert!(new.text(&["check"]).contains("is whole"));
    let said = import(&new, &file(&new, "window.log", hourly(1..6) + &twice));
    assert_eq!((&said["taken"], again(&said)), (&2.into(), 5));
    // The same site once more: what both know is there once.
    import(&old, &file(&old, "other.log", hourly(6..8)));
    new.text(&["import", &export("later.jsonl", &[]), "--as", "same"]);
    let said = import(&new, &file(&new, "all.log", twice.repeat(2) + &hourly(0..9)));
    assert_eq!((&said["taken"], again(&said)), (&3.into(), 10));
    open.text(&["import", &export("open.jsonl", &["--without-keys"])]);
    assert_eq!(open.number("select count(*) from imported_lines"), 0);
}

#[test]
fn lines_are_forgotten_forty_days_after_they_were_seen_last_and_with_their_site() {
    let desk = Desk::with_site();
    import(&desk, &file(&desk, "access.log", hourly(0..4)));
    let lists = || desk.number("select count(*) from imported_lines");
    assert_eq!(lists(), 4);
    let set_age = |days: &str| {
        let sql = format!("update imported_lines set seen_at = (unixepoch() - {days} * 86400) * 1000");
        desk.open().execute_batch(&sql).unwrap();
    };
    set_age("41");
    // Met again, two of them are kept for longer.
    assert_eq!(again(&import(&desk, &file(&desk, "window.log", hourly(2..4)))), 2);
    let server = desk.serve();
    desk.wait_for("(select count(*) from imported_lines) = 2");
    drop(server);
    set_age("39");
    let server = desk.serve();
    desk.wait_for("exists (select 1 from jobs where name = 'forget imported lines')");
    drop(server);
    assert_eq!(lists(), 2);
    desk.text(&["compact"]);
    assert!(desk.text(&["check"]).contains("is whole"));
    desk.text(&["site", "remove", "1", "--yes"]);
    assert_eq!(lists(), 0);
}
