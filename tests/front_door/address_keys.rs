//! The key by which a server finds an open visit by its address: not before consent, not against the browser's wish, not in
//! files that leave, and not longer than the secret of its day.

use super::harness::{Desk, Server, beacon, fields, view};
use super::http::{form, get};
use std::fs;

const DAY_IDS: i64 = 86_400_000 << 20;
const ADDRESS: &str = "81.2.69.160";
/// A key whose eight bytes are found again wherever they stand.
const KEY: i64 = 0x1122_3344_5566_7788;

/// A page view as the site's own server logs it, by the visitor's address.
fn log(desk: &Desk, server: &Server<'_>, path: &str) {
    let key = desk.texts("select site_key_admin from sites").remove(0);
    let pairs = [("site_id", "1"), ("sitekey_admin", &key), ("href", path), ("ip_address", ADDRESS)];
    let answer = server.ask(&get(format!("/in.php?{}", form(&pairs))).header("User-Agent", "curl/8"));
    assert_eq!(answer.text(), "OK");
}

fn keys(desk: &Desk) -> i64 {
    desk.number("select count(address_key) from visits")
}

/// Whether the key stands anywhere in the file or in its log.
fn is_in_file(desk: &Desk) -> bool {
    let file = desk.file();
    ["", "-wal"].iter().any(|ending| {
        let held = fs::read(format!("{}{ending}", file.display())).unwrap_or_default();
        held.windows(8).any(|window| window == KEY.to_be_bytes())
    })
}

/// A stopped site with a visit of three days ago, whose day is sealed.
fn with_an_old_visit() -> Desk {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit(ADDRESS, &fields(&view("/a")));
    server.stop();
    let earlier = 3 * DAY_IDS;
    desk.open()
        .execute_batch(&format!(
            "update visits set id = id - {earlier};
             update actions set visit_id = visit_id - {earlier};
             update salts set day = day - 3;
             update jobs set ran_at = 0"
        ))
        .unwrap();
    let server = desk.serve();
    desk.wait_for("exists (select 1 from block_ranges)");
    desk.wait_for("not exists (select 1 from visits where address_key is not null)");
    desk.wait_for("not exists (select 1 from salts)");
    server.stop();
    desk
}

#[test]
fn a_key_goes_with_its_salt_also_from_the_log_and_leaves_its_day_sealed() {
    let desk = with_an_old_visit();
    desk.open()
        .execute_batch(&format!(
            "update visits set address_key = {KEY};
             update sites set address_keys_since = 0;
             update jobs set ran_at = 0 where name = 'forget salts'"
        ))
        .unwrap();
    assert!(is_in_file(&desk));
    let seals = "select seal || ' ' || first_day || ' ' || generation from block_ranges, sites";
    let sealed = desk.texts(seals);
    let server = desk.serve();
    desk.wait_for("(select ran_at > 0 and problem is null from jobs where name = 'forget salts')");
    assert_eq!(keys(&desk), 0);
    assert!(!is_in_file(&desk), "the key is still in the file or its log");
    assert_eq!(desk.texts(seals), sealed);
    server.stop();
    assert!(desk.text(&["check"]).contains("is whole"));
}

#[test]
fn keys_of_an_older_file_go_in_slices_that_go_on_after_a_stop() {
    let desk = with_an_old_visit();
    // As an upgrade finds them; some were looked through before the program was stopped.
    desk.open()
        .execute_batch(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 12000)
             insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place, address_key)
             select site_id, id + n, visitor_id, 0, 0, 0, 0, source, machine, place, n from visits, numbers;
             update sites set address_keys_since = (select min(id) + 3000 from visits);
             update visits set address_key = null where id < (select address_keys_since from sites);
             update jobs set ran_at = 0 where name = 'forget salts'",
        )
        .unwrap();
    assert_eq!(keys(&desk), 9_001);
    let server = desk.serve();
    desk.wait_for("not exists (select 1 from visits where address_key is not null)");
    assert_eq!(desk.number("select count(*) from visits"), 12_001);
    // The key of a visit that goes on stays.
    server.hit(ADDRESS, &fields(&view("/b")));
    log(&desk, &server, "/by-address");
    assert_eq!((keys(&desk), desk.number("select count(*) from visits")), (1, 12_002));
}

#[test]
fn no_key_is_written_for_a_browser_that_wants_to_be_left_alone() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for (header, address) in [("Sec-GPC", ADDRESS), ("DNT", "81.2.69.161")] {
        server.ask(&beacon(address, &fields(&view("/a"))).header(header, "1"));
    }
    assert_eq!((desk.number("select count(*) from visits"), keys(&desk)), (2, 0));
    log(&desk, &server, "/joins");
    assert_eq!(desk.number("select count(*) from visits"), 2, "as long as the program remembers the visit");
    server.stop();
    let server = desk.serve();
    log(&desk, &server, "/opens");
    assert_eq!((desk.number("select count(*) from visits"), keys(&desk)), (3, 1));
    server.stop();
    desk.open().execute("update sites set signals_honoured = 0", []).unwrap();
    let server = desk.serve();
    server.ask(&beacon("81.2.69.162", &fields(&view("/a"))).header("Sec-GPC", "1"));
    assert_eq!(keys(&desk), 2, "the site's people chose not to listen to it");
}

#[test]
fn before_consent_no_key_is_written_and_with_it_the_visit_gets_one() {
    let desk = Desk::with_site();
    desk.open().execute("update sites set consent_needed = 1", []).unwrap();
    let server = desk.serve();
    server.hit(ADDRESS, &fields(&view("/a")));
    assert_eq!((desk.number("select count(*) from visits"), keys(&desk)), (1, 0));
    let mut agreed = view("/b");
    agreed.extend([("consent", "1".to_owned()), ("jsuid", "5550123".to_owned())]);
    server.hit(ADDRESS, &fields(&agreed));
    assert_eq!((desk.number("select count(*) from visits"), keys(&desk)), (1, 1));
    server.stop();
    let server = desk.serve();
    log(&desk, &server, "/joins");
    assert_eq!(desk.number("select count(*) from visits"), 1);
}

#[test]
fn files_that_leave_hold_no_key_and_those_that_come_bring_none() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit(ADDRESS, &fields(&view("/a")));
    server.stop();
    assert_eq!(keys(&desk), 1);
    let path = desk.path().join("site.jsonl");
    desk.text(&["export", "--site", "1", "--to", path.to_str().unwrap()]);
    let file = fs::read_to_string(&path).unwrap();
    assert!(file.contains("\"salt\"") && !file.contains("address_key"), "{file}");
    // As earlier versions wrote it.
    let older = file.replacen("{\"visit\":{", "{\"visit\":{\"address_key\":\"7\",", 1);
    assert_ne!(older, file);
    let path = desk.path().join("older.jsonl");
    fs::write(&path, older).unwrap();
    desk.text(&["import", path.to_str().unwrap(), "--as", "new"]);
    assert_eq!(desk.number("select count(*) from visits where site_id = 2"), 1);
    assert_eq!(desk.number("select count(address_key) from visits where site_id = 2"), 0);
    let hits = desk.path().join("hits.jsonl");
    fs::write(&hits, "{\"time\":\"2026-11-01T10:00:00Z\",\"href\":\"/\",\"ip\":\"81.2.69.1\"}\n").unwrap();
    desk.text(&["import", hits.to_str().unwrap(), "--site", "1"]);
    assert_eq!((desk.number("select count(*) from visits where site_id = 1"), keys(&desk)), (2, 1));
}
