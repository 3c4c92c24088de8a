//! Answers that break off leave one line in the log, with their path and the cause.

use super::harness::Desk;
use super::http::get;
use super::reports::{demo_of, signed_in};

#[test]
fn a_file_that_fails_half_way_is_logged_once_with_its_path_and_the_cause() {
    const AUDIT: &str = "/sites/1/preferences/audit.csv";
    const SLICE_ROWS: usize = 2_000;
    let desk = Desk::with_site();
    // More than are written in one go, and the oldest can't be read.
    desk.open()
        .execute_batch(&format!(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {SLICE_ROWS})
             insert into audit (site_id, at, actor, act, about, address)
             select site_id, at, actor, act, about, address from audit join numbers
             where audit.id = (select max(id) from audit where site_id = 1);
             update audit set about = cast(x'ff' as text) where id = (select min(id) from audit where site_id = 1);"
        ))
        .unwrap();
    let (server, log) = desk.serve_logged(&[]);
    let ada = server.sign_in("ada");
    for _ in 0..3 {
        let mut wire = server.wire();
        wire.send(&get(AUDIT).cookie(&ada).bytes(server.address)).unwrap();
        assert!(wire.answer().is_err(), "a part looks like the whole");
    }
    assert!(server.stop().success());
    let lines: Vec<String> = log.rest().into_iter().filter(|line| line.contains("broke off")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = &lines[0];
    assert!(line.contains("WARN") && line.contains(AUDIT) && line.contains("SQLite"), "{line}");
}

#[test]
fn a_reader_who_goes_is_logged_with_the_path_and_as_nothing_wrong() {
    let (desk, password) = demo_of("3000");
    // Longer than what the system takes on the way: the file can't be written to its end while nobody reads.
    desk.open()
        .execute_batch(
            "update labels set text = text || '?' || hex(zeroblob(8000)) where id in (select landing from visits)",
        )
        .unwrap();
    let (server, log) = desk.serve_logged(&[]);
    let cookie = signed_in(&server, &password);
    let path = "/sites/1/export/visitors-list.csv?date=2026-09-27,2026-10-26";
    let mut wire = server.wire();
    wire.send(&get(path).cookie(&cookie).bytes(server.address)).unwrap();
    assert_eq!(wire.head().unwrap().status, 200);
    drop(wire);
    let line = log.wait_for("broke off");
    assert!(line.contains("INFO") && line.contains("/sites/1/export/visitors-list.csv"), "{line}");
    assert!(line.contains("whoever asked has gone"), "{line}");
    // A whole one leaves no line, and neither does a stream that is closed.
    assert_eq!(server.ask(&get("/sites/1/export/pages.csv").cookie(&cookie)).status, 200);
    let mut stream = server.wire();
    let spy = get("/sites/1/spy/stream").cookie(&cookie).header("Accept", "text/event-stream");
    stream.send(&spy.bytes(server.address)).unwrap();
    assert_eq!(stream.head().unwrap().status, 200);
    drop(stream);
    assert!(server.stop().success());
    assert!(log.rest().iter().all(|line| !line.contains("broke off")));
}
