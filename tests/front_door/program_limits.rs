//! What keeps programs in bounds: the requests that are answered at once, deadlines, and what is known of a request that is
//! never answered.

use super::abandoned::{ENDLESS, FINITE};
use super::harness::{Desk, SOON, Server, fields, view};
use super::http::{Request, Wire, get};
use super::programs::{REFUSED, is_answered, key_of, question};
use std::net::TcpStream;
use std::time::Instant;

/// What a program reads that asks too much at once.
const TOO_MANY: &str = r#"[{"error":"Too many simultaneous requests."}]"#;

/// What is told whoever has the right key and asks for what is not there.
const UNKNOWN_TYPE: &str = r#"[{"error":"Unknown type: nonsense."}]"#;

/// A question that goes on: a list, from an address.
fn list(site: i64, key: &str, address: &str) -> Request {
    question(site, key, "visitors-list").header("X-Forwarded-For", address)
}

/// Sends a request and waits for no answer, which may take as long as it likes.
fn send(server: &Server<'_>, request: &Request) -> Wire {
    let mut wire = Wire::patient(TcpStream::connect(server.address).unwrap());
    wire.send(&request.bytes(server.address)).unwrap();
    wire
}

/// Lets the file go on forever when it is asked for totals of days whose visits are gone, which hits don't need.
fn make_totals_endless(desk: &Desk) {
    let columns = desk.texts("select 'abs(n) as ' || name from pragma_table_info('rollups')").join(", ");
    let view = format!(
        "alter table rollups rename to rollups_before;
         create view rollups as
           with recursive numbers (n) as (select 1 union all select n + 1 from numbers)
           select * from rollups_before union all select {columns} from numbers where n < 0;"
    );
    desk.open().execute_batch(&view).unwrap();
}

/// Lets it tell them again.
const FINITE_TOTALS: &str = "drop view rollups; alter table rollups_before rename to rollups;";

/// The level at which a server logs that it reads for a program.
const READS: &str = "warn,clickstead::app=trace";

/// The words of that line.
const READING: &str = "a snapshot of the data file for a program";

#[test]
fn of_lists_a_program_runs_one_at_a_time_until_it_hangs_up_and_is_told_when_to_come_back() {
    let desk = Desk::with_site();
    let key = key_of(&desk, 1);
    let (server, log) = desk.serve_logged_at(READS, &[]);
    server.hit("24.1.1.1", &fields(&view("/cakes")));
    let (here, elsewhere) = ("81.2.69.1", "81.2.70.1");
    let file = desk.open();
    file.execute_batch(ENDLESS).unwrap();
    let first = send(&server, &list(1, &key, here));
    log.wait_for(READING);
    let second = server.ask(&list(1, &key, here));
    assert_eq!((second.status, second.text().as_str(), second.header("retry-after")), (200, TOO_MANY, "2"));
    // A wrong key learns nothing of it.
    assert_eq!(server.ask(&list(1, "wrong", here)).text(), REFUSED);
    let other = send(&server, &list(1, &key, elsewhere));
    for _ in 0..3 {
        log.wait_for(READING);
    }
    assert!(!other.is_answered() && !first.is_answered());
    drop((first, other));
    file.execute_batch(FINITE).unwrap();
    let begun = Instant::now();
    while server.ask(&list(1, &key, here)).text() == TOO_MANY {
        assert!(begun.elapsed() < SOON, "whoever hung up is still being answered");
    }
}

#[test]
fn long_questions_of_programs_end_at_a_deadline_and_leave_screens_hits_and_other_keys_their_share() {
    let desk = Desk::with_people(&["eve"]);
    desk.text(&["site", "add", "mill.example", "--owner", "eve", "--time-zone", "UTC"]);
    let [key, other] = [1, 2].map(|site| key_of(&desk, site));
    let (server, log) = desk.serve_logged_at(READS, &[]);
    // Both keys are known to be right.
    assert!(is_answered(&server.ask(&question(1, &key, "visitors"))));
    assert!(is_answered(&server.ask(&question(2, &other, "visitors"))));
    make_totals_endless(&desk);
    let of_one_key: Vec<_> =
        (1..=4).map(|host| send(&server, &list(1, &key, &format!("81.2.{host}.1")))).collect();
    for _ in 0..4 {
        // Two questions before, and two of these.
        log.wait_for(READING);
    }
    let of_the_other = send(&server, &question(2, &other, "pages"));
    log.wait_for(READING);
    // Everything that programs may have is in use now.
    let late = send(&server, &question(2, &other, "visitors"));
    for _ in 0..20 {
        // A reader finds that nobody is signed in.
        assert_eq!(server.ask(&get("/sites/1").cookie("session=0")).status, 303);
        assert!(server.hit("24.1.1.1", &fields(&view("/cakes"))).status < 300);
    }
    desk.wait_for("count(*) = 20 from actions");
    let answer = |mut wire: Wire| wire.answer().unwrap();
    let late = answer(late);
    assert_eq!((late.text().as_str(), late.header("retry-after")), (TOO_MANY, "2"));
    let in_time = r#"[{"error":"That takes too long. Ask for fewer days or rows at a time."}]"#;
    let answers: Vec<_> = of_one_key.into_iter().map(answer).collect();
    let count =
        |text: &str| answers.iter().filter(|answer| answer.status == 200 && answer.text() == text).count();
    assert_eq!((count(in_time), count(TOO_MANY)), (2, 2), "{answers:?}");
    assert_eq!(answer(of_the_other).text(), in_time);
    desk.open().execute_batch(FINITE_TOTALS).unwrap();
    assert!(is_answered(&server.ask(&question(1, &key, "visitors"))));
}

/// Two sites of two people, and the keys of both.
fn desk_with_two_sites() -> (Desk, [String; 2]) {
    let desk = Desk::with_people(&["eve"]);
    desk.text(&["site", "add", "mill.example", "--owner", "eve", "--time-zone", "UTC"]);
    let keys = [1, 2].map(|site| key_of(&desk, site));
    (desk, keys)
}

/// Waits until the use of a site's key is recorded.
fn wait_for_use(desk: &Desk, site: i64) {
    desk.wait_for(&format!("exists (select 1 from key_uses where site_id = {site})"));
}

#[test]
fn the_use_of_a_key_is_known_before_its_question_is_answered_if_it_ever_is() {
    let desk = Desk::with_site();
    let key = key_of(&desk, 1);
    make_totals_endless(&desk);
    let server = desk.serve();
    assert_eq!(server.ask(&list(1, "wrong", "81.2.69.1")).text(), REFUSED);
    let asked = send(&server, &list(1, &key, "81.2.70.1").header("user-agent", "books/1.0"));
    wait_for_use(&desk, 1);
    assert!(!asked.is_answered());
    let uses = desk.texts("select address || ' ' || user_agent from key_uses");
    assert_eq!(uses, ["81.2.70.1 books/1.0"]);
}

#[test]
fn a_right_key_after_a_restart_does_not_wait_behind_the_long_questions_of_its_neighbours_key() {
    let (desk, [key, other]) = desk_with_two_sites();
    make_totals_endless(&desk);
    let server = desk.serve();
    let here = "81.2.69.1";
    let from_here = |site, key: &str, kind| question(site, key, kind).header("X-Forwarded-For", here);
    let long = send(&server, &list(1, &key, here));
    wait_for_use(&desk, 1);
    let longer = send(&server, &from_here(1, &key, "pages"));
    for _ in 0..3 {
        assert_eq!(server.ask(&from_here(2, &other, "nonsense")).text(), UNKNOWN_TYPE);
    }
    assert!(!long.is_answered() && !longer.is_answered());
}

#[test]
fn long_lists_of_two_keys_leave_a_reader_to_small_questions() {
    let (desk, [key, other]) = desk_with_two_sites();
    let (server, log) = desk.serve_logged_at(READS, &[]);
    let ask_small = |site, key: &str| server.ask(&question(site, key, "nonsense")).text();
    for (site, key) in [(1, &key), (2, &other)] {
        assert_eq!(ask_small(site, key), UNKNOWN_TYPE);
        log.wait_for(READING);
    }
    make_totals_endless(&desk);
    let lists = [(1, &key, 1), (2, &other, 2)].map(|(site, key, network)| {
        let asked = send(&server, &list(site, key, &format!("81.2.{network}.1")));
        log.wait_for(READING);
        asked
    });
    let third = send(&server, &list(1, &key, "81.2.3.1"));
    for _ in 0..3 {
        assert_eq!([ask_small(1, &key), ask_small(2, &other)], [UNKNOWN_TYPE; 2]);
    }
    assert!(lists.iter().chain([&third]).all(|asked| !asked.is_answered()));
    let mut third = third;
    assert_eq!(third.answer().unwrap().text(), TOO_MANY);
    assert!(lists.iter().all(|asked| !asked.is_answered()));
}

#[test]
fn a_wrong_key_leaves_a_line_in_the_log_with_site_and_address_and_without_the_key() {
    let desk = Desk::with_site();
    let (server, log) = desk.serve_logged_at("warn", &[]);
    for number in 0..5 {
        for address in ["203.0.113.7", "2001:db8::7"] {
            let key = format!("feedface{number}");
            assert_eq!(server.ask(&list(1, &key, address)).text(), REFUSED);
        }
    }
    assert!(server.stop().success());
    let lines: Vec<_> = log.rest().into_iter().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for (line, address) in lines.iter().zip(["203.0.113.7", "2001:db8::7"]) {
        let words = format!("a site key was wrong site=1 address={address} left_out=0");
        assert!(line.contains(&words), "{line}");
        assert!(!line.contains("feedface") && !line.contains("sign-in failed"), "{line}");
    }
}
