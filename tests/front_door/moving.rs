//! Moving a site to another appliance: exported there, imported here, with the same reports.

use super::harness::{Desk, PASSWORD, Server, binary, fields, view};
use super::http::get;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// A desk with a demo's site and everything that may belong to a site, exported to this path.
fn exported(options: &[&str]) -> (Desk, String) {
    let desk = Desk::with_site();
    desk.json(&[
        "demo",
        "--into-existing",
        "--visits",
        "1500",
        "--days",
        "20",
        "--until",
        "2026-10-26",
        "--no-serve",
        "--json",
    ]);
    desk.open()
        .execute_batch(
            "insert into segments (site_id, name, conditions, created_at) values (2, 'Phones', 'hardware=phone', 5);
             insert into segments (site_id, user_id, name, conditions, created_at) values (2, 1, 'Mine', 'x=y', 5);
             insert into rollups values (2, 'country', 20000, (select min(id) from labels), 0, 0, null, 3, 3, 3, 1, 4, 50, 1, 2, 1, 700, 30, null);
             insert into exclusions values (2, 'page', '/admin/*');
             insert into splits select site_id, id, landing, landing, null from visits where site_id = 2 limit 3;
             insert or ignore into heatmap_clicks (site_id, visit_id, number, page, x, y, width)
             select site_id, id, 1, landing, 5, 6, 700 from visits where site_id = 2 limit 3;
             update sites set visits_kept_days = 3650, view_only_reports = 'pages', view_only_data = 'places' where id = 2;
             -- Samples go after a month, also while a test compares them: these are of today.
             update or ignore filtered_samples set day = unixepoch() / 86400 where site_id = 2;
             delete from filtered_samples where site_id = 2 and day < unixepoch() / 86400;",
        )
        .unwrap();
    desk.text(&["link", "add", "--site", "2", "--name", "For the bank"]);
    let path = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&[&["export", "--site", "2", "--to", &path], options].concat());
    (desk, path)
}

/// What every report says, as files.
fn reports(server: &Server<'_>, cookie: &str) -> Vec<(String, String)> {
    let index = server.page("/sites/2/reports", cookie);
    let listed = index.split("class=\"plain index\"").nth(1).unwrap();
    let names = listed
        .split("/sites/2/reports/")
        .skip(1)
        .map(|rest| rest.split(['"', '?']).next().unwrap().to_owned())
        .take_while(|name| !name.is_empty())
        .chain(["visitors-list".to_owned()]);
    names
        .map(|name| {
            let path = format!("/sites/2/export/{name}.csv?date=2026-10-05,2026-10-26");
            let answer = server.ask(&get(path).cookie(cookie));
            assert_eq!(answer.status, 200, "{name}");
            (name, answer.text())
        })
        .collect()
}

/// A table's rows of a site, without its number, as texts.
fn table(desk: &Desk, name: &str, columns: &str, site: u32) -> Vec<String> {
    desk.texts(&format!("select concat_ws('|', {columns}) from {name} where site_id = {site} order by 1"))
}

/// Compares what every report says of a site here and there.
fn same_reports((old, first): (&Desk, &Server<'_>), (new, second): (&Desk, &Server<'_>)) {
    old.text(&["site", "transfer", "2", "--to", "ada"]);
    assert_eq!(
        new.texts("select username from sites join users on users.id = owner_id where sites.id = 2"),
        ["ada"]
    );
    let said = reports(first, &first.sign_in("ada"));
    assert!(said.len() > 40, "{}", said.len());
    let there = reports(second, &second.sign_in("ada"));
    for ((name, old), (_, new)) in said.iter().zip(there) {
        assert_eq!(*old, new, "{name}");
    }
}

/// Compares what the file of a site has here and there.
fn same_rows(old: &Desk, new: &Desk) {
    let settings = "select concat_ws('|', domain, name, time_zone, site_key, site_key_admin, created_at, cookies_allowed,
                      view_only_reports, view_only_data, visits_kept_days) from sites where id = 2";
    assert_eq!(old.texts(settings), new.texts(settings));
    for (name, columns) in [
        (
            "(select visits.*, channel, device_type, latitude, longitude from visits left join sources on sources.id = source
              left join machines on machines.id = machine left join places on places.id = place)",
            "id, visitor_id, stay, actions, page_views, flags, channel, device_type, latitude, longitude, hex(address)",
        ),
        ("actions", "visit_id, number, at, kind, (select text from labels where id = page)"),
        ("media", "visit_id, number, seconds, (select text from labels where id = event)"),
        ("custom", "visit_id, (select text from labels where id = value)"),
        (
            "conversions",
            "visit_id, number, at, origin, sent, revenue, counts, (select code from goals where id = goal)",
        ),
        ("splits", "visit_id, (select text from labels where id = version)"),
        ("heatmap_clicks", "visit_id, number, x, y, width, (select text from labels where id = page)"),
        ("rollups", "dimension, day, hits, seconds, conversions, converted, earned, refunded, (select text from labels where id = item)"),
        ("filtered", "day, reason, count"),
        ("filtered_samples", "day, reason, number, at, page, agent, referrer"),
        ("exclusions", "kind, value"),
        ("links", "token, name, reports, visitor_data"),
        (
            "monitors",
            "name, url, every_minutes, statuses, must_contain, must_not_contain, timeout_seconds, created_at, checked_at, certificate_expires_at",
        ),
        (
            "(select site_id, url, monitor_hours.* from monitors join monitor_hours on monitor_id = monitors.id)",
            "url, hour, checks, failures, answers, milliseconds, slowest, watched, down",
        ),
        (
            "(select site_id, url, outages.* from monitors join outages on monitor_id = monitors.id)",
            "url, began_at, confirmed_at, ended_at, is_cut, cause, network",
        ),
        (
            "(select * from alerts where user_id is null)",
            "kind, threshold, percent, mode, segment, tells_end, by_mail, created_at, (select code from goals where id = goal_id)",
        ),
    ] {
        let rows = table(old, name, columns, 2);
        assert!(!rows.is_empty(), "{name}");
        assert_eq!(rows, table(new, name, columns, 2), "{name}");
    }
}

#[test]
fn a_site_that_was_moved_keeps_its_number_its_keys_and_its_reports() {
    let (old, path) = exported(&[]);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let new = Desk::with_site();
    let said = new.json(&["import", &path, "--json"])["files"][0].clone();
    assert_eq!(
        (&said["site_id"], &said["refused"], &said["outcome"]),
        (&2.into(), &0.into(), &"imported".into())
    );
    {
        let (first, second) = (old.serve(), new.serve());
        same_reports((&old, &first), (&new, &second));
    }
    same_rows(&old, &new);
    assert_eq!(table(&new, "segments", "name, conditions", 2), ["Phones|hardware=phone"]);
    assert!(new.text(&["check"]).contains("is whole"));
    assert_eq!(new.texts("select about from audit where act = 'imported'"), ["site.jsonl"]);
    let again = new.json(&["import", &path, "--json"])["files"][0].clone();
    assert_eq!(again["outcome"], "nothing-new");
}

#[test]
fn a_copy_without_keys_has_none_of_the_secrets() {
    let (old, path) = exported(&["--without-keys"]);
    let text = std::fs::read_to_string(&path).unwrap();
    for secret in old.texts(
        "select site_key from sites union select site_key_admin from sites union select token from links",
    ) {
        assert!(!text.contains(&secret));
    }
    let new = Desk::with_site();
    new.text(&["import", &path]);
    assert_eq!(new.number("select length(site_key) + length(site_key_admin) from sites where id = 2"), 48);
    assert_eq!(new.number("select count(*) from visits where site_id = 2"), 1_500);
}

#[test]
fn monitors_and_alerts_of_an_imported_site_wait_until_somebody_turns_them_on() {
    let (old, _) = exported(&[]);
    old.text(&["monitor", "add", "--site", "2", "--url", "https://bakery.example/running"]);
    old.text(&["alert", "add", "--site", "2", "--kind", "online", "--over", "7", "--user", "demo"]);
    old.text(&["alert", "add", "--site", "2", "--kind", "online", "--over", "9"]);
    old.open()
        .execute_batch(
            "insert into outages (monitor_id, began_at, confirmed_at, cause, network)
             select max(id), 1790000000000, 1790000060000, 'it answered 500', 'fine' from monitors;
             update monitors set checked_at = 1790000120000 where id = (select max(id) from monitors);",
        )
        .unwrap();
    let path = old.path().join("again.jsonl").to_str().unwrap().to_owned();
    old.text(&["export", "--site", "2", "--to", &path]);
    let new = Desk::with_site();
    let said = new.text(&["import", &path]);
    assert!(said.contains("Monitors and alerts of the file don't run yet"), "{said}");
    assert_eq!(new.texts("select url from monitors where site_id = 2 and paused_at is null"), [""; 0]);
    assert_eq!(new.texts("select kind from alerts where site_id = 2 and stopped_at is null"), [""; 0]);
    assert_eq!(
        new.texts("select threshold || '' from alerts where kind = 'online'"),
        ["9"],
        "one's own stay"
    );
    let outage = "select ended_at || ' ' || is_cut from outages join monitors on monitors.id = monitor_id where url like '%/running'";
    assert_eq!(new.texts(outage), ["1790000120000 1"], "it ends with the last check");
    new.text(&["monitor", "change", "--site", "2", "bakery.example/running", "--resume"]);
    assert_eq!(
        new.texts("select url from monitors where paused_at is null"),
        ["https://bakery.example/running"]
    );
    // The same file again, into the site that is there.
    let later = new.path().join("later.jsonl").to_str().unwrap().to_owned();
    new.text(&["export", "--site", "2", "--to", &later]);
    let rows = "select (select count(*) from monitors) || ' ' || (select count(*) from alerts) || ' ' || (select count(*) from outages)";
    let before = new.texts(rows);
    new.text(&["import", &later, "--as", "same"]);
    assert_eq!(new.texts(rows), before);
    assert_eq!(new.number("select count(*) from monitors where paused_at is null"), 1, "it goes on");
}

#[test]
fn a_monitor_or_an_alert_that_no_form_takes_is_refused() {
    let (_old, path) = exported(&[]);
    let text = std::fs::read_to_string(&path).unwrap();
    let new = Desk::with_site();
    for (line, from, to, words) in [
        ("monitor", "\"url\":\"https://", "\"url\":\"https://ada:secret@", "the monitor's settings are none"),
        ("monitor", "\"timeout_seconds\":", "\"timeout_seconds\":9", "the monitor's settings are none"),
        ("monitor_hours", "\"hours\":[[", "\"hours\":[[-1", "the time is none"),
        ("outage", "\"network\":\"fine\"", "\"network\":\"slow\"", "none of the three answers"),
        ("alert", "\"kind\":\"spike\"", "\"kind\":\"peak\"", "of a kind that there is not"),
        ("alert", "\"threshold\":30", "\"threshold\":-30", "too small or too large"),
    ] {
        let begins = format!("{{\"{line}\":");
        let mut wrong = 0;
        let lines = text.lines().map(|text| {
            let is_first = wrong == 0 && text.starts_with(&begins) && text.contains(from);
            wrong += i32::from(is_first);
            if is_first { text.replacen(from, to, 1) } else { text.to_owned() }
        });
        let lines: Vec<String> = lines.collect();
        assert_eq!(wrong, 1, "{from}");
        let file = new.path().join("wrong.jsonl").to_str().unwrap().to_owned();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let said = new.text(&["import", &file, "--dry-run"]);
        assert!(said.contains("1 refused") && said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_taken_number_is_refused_without_a_terminal_until_somebody_decides() {
    let (old, path) = exported(&[]);
    let new = Desk::with_site();
    new.json(&["site", "add", "shop.example", "--owner", "ada", "--json"]);
    let complaint = new.complaint(&["import", &path]);
    assert!(complaint.contains("shop.example") && complaint.contains("--as new"), "{complaint}");
    assert!(new.complaint(&["import", &path, "--as", "same"]).contains("another site"));
    new.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    assert!(new.complaint(&["import", &path, "--as", "new"]).contains("--owner"));
    assert_eq!(new.number("select count(*) from visits"), 0);
    let said = new.json(&["import", &path, "--as", "new", "--owner", "bob", "--json"])["files"][0].clone();
    assert_eq!(said["site_id"], 3);
    assert_eq!(
        new.texts("select username from sites join users on users.id = owner_id where sites.id = 3"),
        ["bob"]
    );
    assert!(old.complaint(&["import", &path]).contains("--as same"), "that very site");
}

#[test]
fn at_a_terminal_a_taken_number_is_asked_about_and_another_site_is_left_alone_unless_somebody_agrees() {
    let (_old, path) = exported(&[]);
    let new = Desk::with_site();
    new.json(&["site", "add", "shop.example", "--owner", "ada", "--json"]);
    let sites = "select count(*) from sites";
    for answer in ["n", "", "same"] {
        let (is_well, seen) = new.at_terminal(answer, &["import", &path]);
        assert!(
            seen.contains("Site 2 here is shop.example, so that the site in the file gets a new number."),
            "{seen}"
        );
        assert!(!is_well && seen.contains("Nothing was changed"), "{answer}: {seen}");
        assert_eq!((new.number(sites), new.number("select count(*) from imports")), (2, 0));
    }
    let (is_well, seen) = new.at_terminal("y", &["import", &path]);
    assert!(is_well && seen.contains("(site 3)"), "{seen}");
    assert_eq!(new.number("select count(*) from visits where site_id = 3"), 1_500);
    assert_eq!(new.number(sites), 3);
}

#[test]
fn at_a_terminal_a_site_that_is_here_already_is_asked_about_and_each_answer_has_its_outcome() {
    let (old, path) = exported(&[]);
    let visits = |site: u32| old.number(&format!("select count(*) from visits where site_id = {site}"));
    let question = "is here already. Left out: 1 guest link, since the site is here already; --with-links brings them. \
                    Add what is new in the file to it (same), or make a second site of it (new)?";
    for answer in ["", "perhaps"] {
        let (is_well, seen) = old.at_terminal(answer, &["import", &path]);
        assert!(!is_well && seen.contains(question) && seen.contains("Nothing was changed"), "{seen}");
        assert_eq!(old.number("select count(*) from imports"), 0);
    }
    // The last visit goes, with all that belongs to it.
    let last = old.number("select max(id) from visits where site_id = 2");
    for table in ["actions", "media", "custom", "conversions", "splits", "heatmap_clicks"] {
        old.open().execute_batch(&format!("delete from {table} where visit_id = {last}")).unwrap();
    }
    old.open().execute_batch(&format!("delete from visits where id = {last}")).unwrap();
    let (is_well, seen) = old.at_terminal("same", &["import", &path]);
    assert!(is_well && seen.contains("(site 2)"), "{seen}");
    assert_eq!((visits(2), visits(3)), (1_500, 0));
    let later = old.path().join("later.jsonl").to_str().unwrap().to_owned();
    old.text(&["export", "--site", "2", "--to", &later]);
    for nobody in ["", "nobody"] {
        let (is_well, seen) = old.at_terminal(&format!("new\n{nobody}"), &["import", &later]);
        assert!(!is_well && seen.contains("Who owns the site from now on (ada, demo)?"), "{seen}");
        assert_eq!(visits(3), 0);
    }
    let (is_well, seen) = old.at_terminal("new\nada", &["import", &later]);
    assert!(is_well && seen.contains("(site 3)"), "{seen}");
    assert_eq!((visits(2), visits(3)), (1_500, 1_500));
    assert_eq!(
        old.texts("select username from sites join users on users.id = owner_id where sites.id = 3"),
        ["ada"]
    );
}

#[test]
fn a_later_export_of_the_same_site_adds_what_is_new_to_the_one_that_is_here() {
    let old = Desk::with_site();
    let new = Desk::with_people(&[]);
    new.text(&["site", "remove", "1", "--yes"]);
    let (first, second) = (old.path().join("first.jsonl.gz"), old.path().join("second.jsonl"));
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    {
        let server = old.serve();
        server.hit("81.2.69.1", &fields(&view("/")));
        old.text(&["export", "--site", "1", "--to", first]);
        server.hit("81.2.69.1", &fields(&view("/more")));
        server.hit("81.2.69.2", &fields(&view("/")));
        old.text(&["export", "--site", "1", "--to", second]);
    }
    new.text(&["import", first]);
    let server = new.serve();
    server.hit("81.2.69.1", &fields(&view("/here")));
    assert_eq!(new.number("select actions from visits"), 2, "the open visit went on");
    new.text(&["import", second, "--as", "same"]);
    assert_eq!(new.number("select count(*) from visits"), 2);
    assert_eq!(new.number("select count(*) from actions"), 3);
}

#[test]
fn a_file_that_is_cut_short_or_newer_is_refused_and_changes_nothing() {
    let (_old, path) = exported(&[]);
    let text = std::fs::read_to_string(&path).unwrap();
    let new = Desk::with_site();
    let put = |name: &str, text: &str| {
        let path = new.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let lines: Vec<&str> = text.lines().collect();
    for (path, words) in [
        (put("a", &lines[..lines.len() - 1].join("\n")), "not whole"),
        (put("b", &[&lines[..5], &lines[6..]].concat().join("\n")), "not whole"),
        (put("c", &text.replacen("\"version\":5", "\"version\":9", 1)), "Update first"),
        (put("d", &text.replacen("\"domain\":\"", "\"domain\":\"no domain ", 1)), "domain"),
    ] {
        let complaint = new.complaint(&["import", &path]);
        assert!(complaint.contains(words), "{words}: {complaint}");
    }
    assert_eq!(new.number("select count(*) from sites"), 1);
    assert!(new.complaint(&["export", "--site", "1", "--to", "/nowhere/x"]).contains("can't be written"));
    assert!(new.complaint(&["export", "--site", "7"]).contains("no such site"));
}

#[test]
fn without_a_file_a_site_is_printed() {
    let desk = Desk::with_site();
    let text = desk.text(&["export", "--site", "1"]);
    assert!(
        text.starts_with("{\"format\":\"clickstead-site\"")
            && text.trim_end().ends_with("{\"end\":{\"lines\":0}}")
    );
}

/// An import of this file that is killed once a part of the site is there. Somebody has the data file open, so that it
/// goes on in short slices.
fn kill_import(desk: &Desk, path: &str) {
    let mut child = Command::new(binary())
        .args(["import", path])
        .env("CLICKSTEAD_DATA", desk.file())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    desk.wait_for("exists (select 1 from imports where bytes > 0)");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(desk.number("select count(*) from imports where ended_at is null"), 1, "it was over already");
}

#[test]
fn an_import_of_a_site_that_is_killed_says_that_half_is_missing_and_goes_on_to_the_same_reports() {
    let (old, path) = exported(&[]);
    let new = Desk::with_site();
    let (first, second) = (old.serve(), new.serve());
    kill_import(&new, &path);
    let visits = "select count(*) from visits where site_id = 2";
    let half = new.number(visits);
    assert!(half > 0 && half < 1_500, "{half}");
    let cookie = second.sign_in("ada");
    let words = "This site is not whole yet: the import of site.jsonl is going on, or was stopped.";
    assert!(second.page("/sites/2", &cookie).contains(words));
    assert!(!second.page("/sites/1", &cookie).contains(words));
    assert!(new.text(&["site", "list"]).contains("Site 2 is not whole: the import of site.jsonl"));
    assert_eq!(new.json(&["site", "list", "--json"])[1]["unfinished_import"], "site.jsonl");
    // What is to be dropped one day waits for the other half of its days.
    new.text(&["site", "keep-visits", "2", "--days", "1"]);
    assert!(new.text(&["prune", "--yes"]).contains("Site 2 is still being imported"));
    new.text(&["site", "keep-visits", "2", "--days", "3650"]);
    assert_eq!(new.number(visits), half);
    let said = new.json(&["import", &path, "--json"])["files"][0].clone();
    assert_eq!(
        (&said["goes_on"], &said["refused"], &said["outcome"]),
        (&true.into(), &0.into(), &"imported".into())
    );
    assert!(!second.page("/sites/2", &cookie).contains(words));
    same_reports((&old, &first), (&new, &second));
    same_rows(&old, &new);
    assert_eq!(table(&new, "segments", "name, conditions", 2), ["Phones|hardware=phone"]);
    assert_eq!(new.texts("select about from audit where act = 'imported'"), ["site.jsonl"]);
    assert!(new.number("select taken from imports") > 1_500, "both runs are counted");
    assert!(new.text(&["check"]).contains("is whole"));
    assert_eq!(new.json(&["import", &path, "--json"])["files"][0]["outcome"], "nothing-new");
}

#[test]
fn half_a_site_goes_with_its_number_and_leaves_nothing() {
    let (_old, path) = exported(&[]);
    let new = Desk::with_site();
    {
        let _server = new.serve();
        kill_import(&new, &path);
    }
    new.text(&["site", "remove", "2", "--yes"]);
    for table in ["visits", "actions", "imports", "links", "segments", "rollups"] {
        assert_eq!(new.number(&format!("select count(*) from {table} where site_id = 2")), 0, "{table}");
    }
    let said = new.json(&["import", &path, "--json"])["files"][0].clone();
    assert_eq!((&said["site_id"], &said["goes_on"]), (&2.into(), &false.into()));
    assert_eq!(new.number("select count(*) from visits where site_id = 2"), 1_500);
}

#[test]
fn a_later_export_makes_half_a_site_whole_as_well() {
    let (old, path) = exported(&[]);
    let new = Desk::with_site();
    {
        let _server = new.serve();
        kill_import(&new, &path);
    }
    let later = old.path().join("later.jsonl").to_str().unwrap().to_owned();
    old.text(&["export", "--site", "2", "--to", &later]);
    new.text(&["import", &later, "--as", "same", "--with-links"]);
    same_rows(&old, &new);
    assert!(!new.text(&["site", "list"]).contains("not whole"));
}

#[test]
fn visits_that_were_dropped_here_do_not_come_back_beside_their_totals() {
    let (old, path) = exported(&[]);
    let visits = "select count(*) from visits where site_id = 2";
    let counted =
        "select ifnull((select sum(visits) from rollups where site_id = 2 and dimension = 'all'), 0)
                     + (select count(*) from visits where site_id = 2)";
    old.text(&["site", "keep-visits", "2", "--days", "1"]);
    old.text(&["prune", "--yes"]);
    assert_eq!((old.number(visits), old.number(counted)), (0, 1_500));
    let said = old.json(&["import", &path, "--as", "same", "--json"])["files"][0].clone();
    assert_eq!(said["left_out"], serde_json::json!({"totals-here": 1_500, "guest-link": 1}));
    assert_eq!((old.number(visits), old.number(counted)), (0, 1_500));
    // The other way about: totals of days whose visits are here.
    let new = Desk::with_site();
    new.text(&["import", &path]);
    let later = old.path().join("later.jsonl").to_str().unwrap().to_owned();
    old.text(&["export", "--site", "2", "--to", &later]);
    let text = new.text(&["import", &later, "--as", "same"]);
    assert!(text.contains("totals of days whose visits are here"), "{text}");
    assert_eq!((new.number(visits), new.number(counted)), (1_500, 1_500));
}

#[test]
fn an_export_leaves_out_visits_that_are_being_dropped_since_their_totals_stand() {
    let (old, _) = exported(&[]);
    old.open()
        .execute_batch(
            "update sites
             set dropping_begins = 0,
               dropping_ends = (select id from visits where site_id = 2 order by id limit 1 offset 700)
             where id = 2",
        )
        .unwrap();
    let later = old.path().join("later.jsonl").to_str().unwrap().to_owned();
    old.text(&["export", "--site", "2", "--to", &later]);
    let new = Desk::with_site();
    new.text(&["import", &later]);
    assert_eq!(new.number("select count(*) from visits where site_id = 2"), 800);
}

/// A small exported site, as lines.
fn lines_of_a_site() -> Vec<String> {
    let desk = Desk::with_site();
    {
        let server = desk.serve();
        for (address, page) in [("81.2.69.1", "/"), ("81.2.69.1", "/cakes"), ("81.2.69.2", "/")] {
            server.hit(address, &fields(&view(page)));
        }
    }
    desk.text(&["link", "add", "--site", "1", "--name", "For the bank"]);
    desk.text(&["export", "--site", "1"]).lines().map(str::to_owned).collect()
}

/// A file of such lines.
fn file_of(desk: &Desk, name: &str, lines: &[String]) -> String {
    let path = desk.path().join(name);
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_guest_links_password_that_would_take_hours_to_check_is_neither_imported_nor_checked() {
    let mut lines = lines_of_a_site();
    let hash = format!("$2b$31${}", ".".repeat(53));
    let link = lines.iter_mut().find(|line| line.starts_with("{\"link\"")).unwrap();
    *link = link.replacen("\"password\":null", &format!("\"password\":\"{hash}\""), 1);
    let desk = Desk::with_people(&[]);
    desk.text(&["site", "remove", "1", "--yes"]);
    let said = desk.json(&["import", &file_of(&desk, "site", &lines), "--json"])["files"][0].clone();
    assert_eq!(said["refused"], 1);
    assert!(said["refused_lines"][0]["why"].as_str().unwrap().contains("password"));
    assert_eq!(desk.number("select count(*) from links"), 0);
    desk.text(&["link", "add", "--site", "1", "--name", "For the bank"]);
    desk.open().execute("update links set password = ?1", [&hash]).unwrap();
    let path = format!("/s/{}/password", desk.texts("select token from links")[0]);
    let server = desk.serve();
    let answer = server.ask(&super::http::post(&path, &[("password", PASSWORD)]));
    assert!(answer.status < 500, "{}", answer.status);
    server.sign_in("ada");
}

#[test]
fn a_file_that_was_tried_from_where_its_import_stopped_is_read_on() {
    let desk = Desk::with_site();
    let line = |second: u32| {
        format!("{{\"time\":\"2026-11-01T10:00:{second:02}Z\",\"uid\":{second},\"href\":\"/\"}}")
    };
    let lines: Vec<String> = (10..15).map(line).collect();
    let path = file_of(&desk, "hits", &[&lines[..3], &[String::new()]].concat());
    desk.text(&["import", &path, "--site", "1"]);
    let path = file_of(&desk, "hits", &lines);
    let tried = desk.json(&["import", &path, "--site", "1", "--dry-run", "--json"])["files"][0].clone();
    assert_eq!((&tried["taken"], &tried["outcome"]), (&2.into(), &"tried".into()));
    desk.text(&["import", &path, "--site", "1"]);
    assert_eq!(desk.number("select count(*) from visits"), 5);
}

/// A site with two guest links and a visit, exported; then one link is removed and the other gets a new address.
fn exported_before_its_links_went() -> (Desk, String) {
    let desk = Desk::with_site();
    desk.serve().hit("81.2.69.1", &fields(&view("/")));
    desk.text(&["link", "add", "--site", "1", "--name", "For the bank"]);
    desk.text(&["link", "add", "--site", "1", "--name", "For the press"]);
    let path = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&["export", "--site", "1", "--to", &path]);
    desk.text(&["link", "remove", "--site", "1", "1"]);
    desk.open().execute("update links set token = ?1", ["0123456789abcdef0123456789abcdef01234567"]).unwrap();
    (desk, path)
}

#[test]
fn guest_links_that_went_stay_gone_when_an_older_file_is_added_unless_somebody_asks_for_them() {
    let (desk, path) = exported_before_its_links_went();
    let tokens = || desk.texts("select token from links order by id");
    let before = tokens();
    let tried = desk.json(&["import", &path, "--as", "same", "--dry-run", "--json"])["files"][0].clone();
    assert_eq!(
        (&tried["taken"], &tried["left_out"]["guest-link"]),
        (&2.into(), &2.into()),
        "a visit, a salt"
    );
    let said = desk.text(&["import", &path, "--as", "same"]);
    assert!(
        said.contains("2 guest links, since the site is here already; --with-links brings them"),
        "{said}"
    );
    assert_eq!(tokens(), before);
    let copy = desk.run(&["import", &path, "--as", "new"]);
    let said = String::from_utf8(copy.stdout).unwrap();
    assert!(said.contains("nothing in it is new") && said.contains("No second site was made"), "{said}");
    assert_eq!(copy.status.code(), Some(1));

    let (desk, path) = exported_before_its_links_went();
    desk.text(&["import", &path, "--as", "new"]);
    assert_eq!(desk.number("select count(*) from links"), 1, "no leaked address opens the copy");

    let (desk, path) = exported_before_its_links_went();
    desk.text(&["import", &path, "--as", "same", "--with-links"]);
    assert_eq!(desk.number("select count(*) from links"), 3);
    let made = "select about from audit where act = 'link-made' order by id desc limit 2";
    assert_eq!(desk.texts(made), ["For the press", "For the bank"], "each is in the audit log");
    assert_eq!(desk.number("select count(*) from audit where act = 'link-made'"), 4);
}

#[test]
fn visitors_who_were_erased_since_a_file_was_written_come_back_only_when_somebody_says_so() {
    let desk = Desk::with_site();
    for address in ["81.2.69.1", "81.2.70.1"] {
        desk.serve().hit(address, &fields(&view("/")));
    }
    let path = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&["export", "--site", "1", "--to", &path]);
    desk.text(&["visitor", "erase", "--site", "1", "--yes", "--address", "81.2.69.0"]);
    let count = || desk.number("select count(*) from visits");
    assert_eq!(count(), 1);
    let complaint = desk.complaint(&["import", &path, "--as", "same"]);
    assert!(
        complaint.contains("were erased once since") && complaint.contains("--bring-back-erased"),
        "{complaint}"
    );
    let tried = desk.json(&["import", &path, "--as", "same", "--dry-run", "--json"])["files"][0].clone();
    assert!(tried["warning"].as_str().unwrap().contains("comes back"));
    assert_eq!(count(), 1);
    let said = desk.text(&["import", &path, "--as", "same", "--bring-back-erased"]);
    assert!(said.contains("erase it again afterwards"), "{said}");
    assert_eq!(count(), 2);
}

#[test]
fn a_file_that_is_older_than_the_audit_log_is_taken_only_when_somebody_says_so() {
    let desk = Desk::with_site();
    let lines: Vec<String> = desk.text(&["export", "--site", "1"]).lines().map(str::to_owned).collect();
    let (before, rest) = lines[0].split_once("\"exported_at\":").unwrap();
    let rest = rest.split_once(',').unwrap().1;
    let old = [format!("{before}\"exported_at\":1700000000000,{rest}"), lines[1].clone()];
    let path = file_of(&desk, "old", &old);
    assert!(
        desk.complaint(&["import", &path, "--as", "same"]).contains("longer ago than the audit log reaches")
    );
    desk.text(&["import", &path, "--as", "same", "--bring-back-erased"]);
    desk.text(&["site", "remove", "1", "--yes"]);
    desk.text(&["import", &file_of(&desk, "again", &old)]);
}
