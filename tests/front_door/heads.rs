//! Asking for the head of an answer alone, as `curl -I` and watchers of servers do: as for the whole, without a body, and
//! without a trace.

use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::{Answer, Request, get, head};

/// The head of an answer, behind which nothing comes.
fn ask(server: &Server<'_>, request: &Request) -> Answer {
    let mut wire = server.wire();
    wire.send(&request.clone().header("Connection", "close").bytes(server.address)).unwrap();
    let answer = wire.head().unwrap();
    assert!(wire.line().is_err(), "a body behind the head of {request:?}");
    answer
}

#[test]
fn whatever_can_be_read_can_be_asked_for_its_head() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
    let (_, path) = link(&desk, &[]);
    for path in [
        "/login",
        "/healthz",
        "/help",
        "/assets/app.css",
        "/js",
        "/1.js",
        "/",
        "/sites/1",
        "/sites/1/visitors",
        "/sites/1/nothing",
        "/sites/2",
        "/sites/1/reports/pages",
        "/sites/1/export/pages.csv",
        "/sites/1/export/visitors.csv",
        "/sites/1/preferences/audit.csv",
        &path,
        &format!("{path}/spy"),
        "/s/0000",
    ] {
        for cookie in ["", &ada] {
            let whole = server.ask(&get(path).cookie(cookie));
            let asked = ask(&server, &head(path).cookie(cookie));
            assert_eq!(asked.status, whole.status, "{path}");
            for name in ["content-type", "location", "cache-control", "content-security-policy"] {
                assert_eq!(asked.header(name), whole.header(name), "{path} {name}");
            }
        }
    }
    // What only changes something has no head, and says what it takes.
    let refused = ask(&server, &head("/logout"));
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
    // A stream that never ends has one, and is not begun.
    for path in ["/sites/1/spy/stream", &format!("{path}/spy/stream")] {
        let stream = ask(&server, &head(path).cookie(&ada));
        assert_eq!((stream.status, stream.header("content-type")), (200, "text/event-stream"));
    }
}

#[test]
fn asking_for_a_head_leaves_no_trace_in_the_audit_log_or_the_count_of_a_link() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let (_, path) = link(&desk, &[]);
    let files =
        ["/sites/1/export/pages.csv", "/sites/1/export/visitors-list.csv", "/sites/1/preferences/audit.csv"];
    let exports = "select count(*) from audit where act = 'exported'";
    for file in files {
        assert_eq!(ask(&server, &head(file).cookie(&ada)).status, 200, "{file}");
    }
    assert_eq!(ask(&server, &head(path.as_str())).status, 200);
    assert_eq!(desk.number(exports), 0);
    // The whole is noted and counted.
    for file in files {
        assert_eq!(server.ask(&get(file).cookie(&ada)).status, 200, "{file}");
    }
    assert_eq!(server.ask(&get(path.as_str())).status, 200);
    assert_eq!(desk.number(exports), 3);
    desk.wait_for("views > 0 from links");
    assert_eq!(desk.number("select views from links"), 1);
}
