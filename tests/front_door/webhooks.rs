//! Webhooks: messages to a real HTTP server that answers by a script, signed, tried again, and kept from private networks.

use super::harness::{Desk, Server};
use super::http::{Answer, get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

const WEBHOOKS: &str = "/sites/1/preferences/webhooks";
const SOON: Duration = Duration::from_mins(1);

/// A message as the receiver got it.
struct Received {
    head: String,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The signature that a secret makes of the message.
    fn signature(&self, secret: &str) -> String {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = [self.header("webhook-id"), self.header("webhook-timestamp"), &self.body].join(".");
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        format!("v1,{}", STANDARD.encode(signature))
    }
}

/// A server that gives one answer after the other, and the last one from then on. An empty answer leaves the sender waiting.
struct Receiver {
    port: u16,
    messages: mpsc::Receiver<Received>,
}

impl Receiver {
    fn start(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let (tell, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let mut left_waiting = Vec::new();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let mut stream: TcpStream = stream;
                tell.send(read(&stream)).unwrap_or_default();
                let answer = answers.get(number).or(answers.last()).unwrap();
                if answer.is_empty() {
                    left_waiting.push(stream);
                } else {
                    stream.write_all(answer.as_bytes()).unwrap_or_default();
                }
            }
        });
        Self { port, messages }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn next(&self) -> Received {
        self.messages.recv_timeout(SOON).expect("no message came")
    }

    fn is_left_alone(&self) -> bool {
        self.messages.try_recv().is_err()
    }
}

fn read(stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap_or_default();
    Received { head, body: String::from_utf8(body).unwrap() }
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn serve(desk: &Desk) -> Server<'_> {
    desk.serve_with(&["--allow-private-targets"])
}

fn add(server: &Server<'_>, cookie: &str, format: &str, url: &str) -> Answer {
    let typed = [("name", "Ops"), ("format", format), ("url", url)];
    server.ask(&post(format!("{WEBHOOKS}/new"), &typed).cookie(cookie))
}

/// The secret that a page shows.
fn secret(page: &str) -> String {
    let start = page.find("whsec_").expect("no secret is shown");
    page[start..].split('<').next().unwrap().to_owned()
}

/// Sends the form of a button, and shows the page that it leads to.
fn press(server: &Server<'_>, cookie: &str, path: &str) -> String {
    let answer = server.ask(&post(format!("{WEBHOOKS}/1/{path}"), &[]).cookie(cookie));
    assert_eq!(answer.status, 303, "{path}: {}", answer.text());
    server.page(answer.header("location"), cookie)
}

/// A message about an alert, as it waits for webhook 1 after so many tries.
fn write_message(desk: &Desk, tries: u32) {
    let event = r#"{"event_id":"7","site_id":"1","domain":"bakery.example","kind":"traffic-spike","title":"Traffic spike","lines":["120 visits"],"numbers":{"visits":120},"link":"","at":"2026-11-23T09:00:00Z","is_over":false}"#;
    desk.open()
        .execute(
            "insert into webhook_deliveries (webhook_id, message_id, title, event, created_at, due_at, tries)
             values (1, 'msg_7', 'Traffic spike', ?, unixepoch() * 1000, unixepoch() * 1000, ?)",
            rusqlite::params![event, tries],
        )
        .unwrap();
}

/// Lets the pause before the next try pass.
fn let_pause_pass(desk: &Desk) {
    desk.open()
        .execute("update webhook_deliveries set due_at = unixepoch() * 1000 where due_at is not null", [])
        .unwrap();
}

#[test]
fn a_test_message_is_signed_with_the_secret_that_is_shown_once_and_its_answer_is_shown() {
    let receiver = Receiver::start(&[&answer("202 Accepted", "thanks")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    let added = add(&server, &ada, "json", &receiver.url("/hook?key=hidden"));
    assert_eq!(added.status, 200, "{}", added.text());
    let shown = secret(&added.text());
    assert!(!server.page(&format!("{WEBHOOKS}/1"), &ada).contains("whsec_"), "it is shown again");
    let page = press(&server, &ada, "test");
    let message = receiver.next();
    assert!(message.head.starts_with("POST /hook?key=hidden HTTP/1.1"), "{}", message.head);
    assert_eq!(message.header("webhook-signature"), message.signature(&shown));
    assert_eq!(message.header("content-type"), "application/json");
    let body = message.json();
    assert_eq!((&body["type"], &body["data"]["domain"]), (&"webhook.test".into(), &"bakery.example".into()));
    for words in ["The message was delivered.", "answer 202", "thanks", "Test: the webhook “Ops”"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let log = desk.texts("select act || ' ' || about from audit where act like 'webhook%'");
    assert_eq!(log, ["webhook-added Ops: Signed JSON, 127.0.0.1"], "the address may hold a secret");
    assert!(server.page("/sites/1/access", &ada).contains("gets the alerts that name it"));
}

#[test]
fn after_a_rotation_messages_are_signed_with_both_secrets() {
    let receiver = Receiver::start(&[&answer("200 OK", "")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    let old = secret(&add(&server, &ada, "json", &receiver.url("/")).text());
    let rotated = server.ask(&post(format!("{WEBHOOKS}/1/secret"), &[]).cookie(&ada));
    let new = secret(&rotated.text());
    press(&server, &ada, "test");
    let message = receiver.next();
    let expected = format!("{} {}", message.signature(&new), message.signature(&old));
    assert_eq!(message.header("webhook-signature"), expected);
    desk.open().execute("update webhooks set old_secret_until = 1", []).unwrap();
    press(&server, &ada, "test");
    let message = receiver.next();
    assert_eq!(message.header("webhook-signature"), message.signature(&new));
}

#[test]
fn a_message_that_is_not_taken_is_sent_again_under_the_same_id_until_it_is() {
    let receiver =
        Receiver::start(&[&answer("503 Service Unavailable", "later"), &answer("204 No Content", "")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    add(&server, &ada, "json", &receiver.url("/"));
    write_message(&desk, 0);
    assert_eq!(receiver.next().header("webhook-id"), "msg_7");
    desk.wait_for("exists (select 1 from webhook_deliveries where status = 503 and due_at > tried_at)");
    let page = server.page(&format!("{WEBHOOKS}/1"), &ada);
    assert!(page.contains("trying again") && page.contains("It answered 503.") && page.contains("next try"));
    let_pause_pass(&desk);
    assert_eq!(receiver.next().header("webhook-id"), "msg_7");
    desk.wait_for(
        "exists (select 1 from webhook_deliveries where delivered_at is not null and due_at is null)",
    );
    assert!(server.page(&format!("{WEBHOOKS}/1"), &ada).contains("try 2 at"));
    assert!(receiver.is_left_alone(), "it was sent once more");
}

#[test]
fn after_the_last_try_a_message_is_given_up_until_a_person_sends_it_again() {
    let receiver = Receiver::start(&[&answer("500 Internal Server Error", ""), &answer("200 OK", "")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    add(&server, &ada, "json", &receiver.url("/"));
    write_message(&desk, 9);
    receiver.next();
    desk.wait_for(
        "exists (select 1 from webhook_deliveries where given_up_at is not null and due_at is null)",
    );
    assert!(server.page(&format!("{WEBHOOKS}/1"), &ada).contains("failed"));
    let page = press(&server, &ada, "deliveries/1/again");
    assert!(page.contains("The message was delivered."), "{page}");
    assert_eq!(desk.number("select count(*) from webhook_deliveries where due_at is null"), 1);
}

#[test]
fn a_server_killed_while_a_message_is_on_its_way_sends_it_again_after_the_pause_and_not_before() {
    let receiver = Receiver::start(&["", &answer("200 OK", "")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    add(&server, &ada, "json", &receiver.url("/"));
    write_message(&desk, 0);
    receiver.next();
    server.kill();
    assert_eq!(desk.number("select tries from webhook_deliveries where due_at > tried_at"), 1);
    let_pause_pass(&desk);
    let _server = serve(&desk);
    assert_eq!(receiver.next().header("webhook-id"), "msg_7");
    desk.wait_for("exists (select 1 from webhook_deliveries where delivered_at is not null and tries = 2)");
    assert!(receiver.is_left_alone());
}

#[test]
fn nothing_is_sent_into_a_private_network_and_no_redirect_is_followed() {
    let inside = Receiver::start(&[&answer("200 OK", "secret")]);
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    add(&server, &ada, "slack", &inside.url("/"));
    let page = press(&server, &ada, "test");
    assert!(page.contains("leads to a private network") && !page.contains("delivered."), "{page}");
    assert!(inside.is_left_alone(), "it was dialled");
    server.stop();
    let away = format!("HTTP/1.1 307 Away\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", inside.url("/"));
    let outside = Receiver::start(&[&away]);
    let server = serve(&desk);
    desk.open().execute("update webhooks set url = ?", [outside.url("/")]).unwrap();
    let page = press(&server, &ada, "test");
    outside.next();
    assert!(page.contains("It answered 307 and leads elsewhere."), "{page}");
    assert!(inside.is_left_alone(), "the redirect was followed");
}

#[test]
fn a_receiver_that_is_gone_for_good_gets_no_second_message() {
    let receiver = Receiver::start(&[&answer("410 Gone", "")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    add(&server, &ada, "json", &receiver.url("/"));
    write_message(&desk, 0);
    receiver.next();
    desk.wait_for("exists (select 1 from webhook_deliveries where given_up_at is not null and tries = 1)");
}

#[test]
fn a_paused_webhook_drops_what_waits_and_goes_on_when_it_is_resumed() {
    let receiver = Receiver::start(&[&answer("503 Service Unavailable", ""), &answer("200 OK", "")]);
    let desk = Desk::with_site();
    let server = serve(&desk);
    let ada = server.sign_in("ada");
    add(&server, &ada, "json", &receiver.url("/"));
    write_message(&desk, 0);
    receiver.next();
    desk.wait_for("exists (select 1 from webhook_deliveries where status = 503)");
    let page = press(&server, &ada, "pause");
    assert!(page.contains("The webhook is paused.") && !page.contains("Send again"), "{page}");
    assert_eq!(desk.number("select count(*) from webhook_deliveries where due_at is not null"), 0);
    let again = server.ask(&post(format!("{WEBHOOKS}/1/deliveries/1/again"), &[]).cookie(&ada));
    assert_eq!(again.status, 422, "{}", again.text());
    press(&server, &ada, "resume");
    assert!(press(&server, &ada, "deliveries/1/again").contains("The message was delivered."));
}

#[test]
fn a_wrong_webhook_is_refused_with_what_to_do_and_a_foreign_site_s_is_not_there() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (format, url, words) in [
        ("json", "hooks.example", "beginning with https://"),
        ("", "https://hooks.example", "Choose who receives it."),
        ("discord", "https://discord.com/channels/1", "Integrations"),
        ("ntfy", "https://ntfy.sh/", "with the topic"),
    ] {
        let refused = add(&server, &ada, format, url);
        assert_eq!(refused.status, 422, "{url}");
        assert!(refused.text().contains(words) && refused.text().contains("value=\"Ops\""), "{words}");
    }
    assert_eq!(desk.number("select count(*) from webhooks"), 0);
    assert_eq!(add(&server, &ada, "ntfy", "https://ntfy.sh/bakery").status, 303);
    let twice = add(&server, &ada, "ntfy", "https://ntfy.sh/bakery");
    assert!(twice.text().contains("There&#39;s a webhook of that name already.") || twice.status == 422);
    desk.text(&["site", "add", "mill.example", "--owner", "ada", "--time-zone", "UTC"]);
    for path in ["1", "1/remove", "7", "x"] {
        let answer = server.ask(&get(format!("/sites/2/preferences/webhooks/{path}")).cookie(&ada));
        assert_eq!(answer.status, 404, "{path}");
    }
    for number in 2..=10 {
        let typed = [("name", &*format!("Ops {number}")), ("format", "json"), ("url", "https://a.example")];
        assert_eq!(server.ask(&post(format!("{WEBHOOKS}/new"), &typed).cookie(&ada)).status, 200);
    }
    let typed = [("name", "One more"), ("format", "json"), ("url", "https://a.example")];
    let refused = server.ask(&post(format!("{WEBHOOKS}/new"), &typed).cookie(&ada));
    assert!(refused.status == 422 && refused.text().contains("A site has room for 10 webhooks."));
}

#[test]
fn a_webhook_is_added_tested_changed_and_removed_by_command() {
    let receiver = Receiver::start(&[&answer("200 OK", "ok"), &answer("404 Not Found", "no_service")]);
    let desk = Desk::with_site();
    let url = receiver.url("/services/T0/B0/x");
    let add = ["webhook", "add", "--site", "1", "--name", "Chat", "--format", "slack", "--url", &url];
    assert_eq!(desk.text(&add).trim(), "Chat is webhook 1 of site 1.");
    let test = ["webhook", "test", "--site", "1", "Chat", "--allow-private-targets"];
    assert_eq!(desk.text(&test).trim(), "127.0.0.1 has taken a test message to Chat.");
    let message = receiver.next().json()["text"].as_str().unwrap().to_owned();
    assert!(message.starts_with("*Test: the webhook “Chat” of bakery.example works*\n"), "{message}");
    assert!(desk.complaint(&test).contains("It answered 404."));
    assert!(desk.complaint(&test[..5]).contains("private network"));
    let list = desk.text(&["webhook", "list", "--site", "1"]);
    assert!(list.contains("127.0.0.1") && !list.contains("/services/"), "{list}");
    let made = desk.json(&[
        "webhook",
        "add",
        "--site",
        "1",
        "--name",
        "CRM",
        "--url",
        "https://a.example",
        "--json",
    ]);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let rotated = desk.json(&["webhook", "rotate-secret", "--site", "1", "CRM", "--json"]);
    assert_ne!(rotated["secret"], made["secret"]);
    desk.text(&["webhook", "change", "--site", "1", "2", "--name", "Shop", "--format", "teams"]);
    desk.text(&["webhook", "pause", "--site", "1", "Shop"]);
    let list = desk.json(&["webhook", "list", "--site", "1", "--json"]);
    assert_eq!((&list[1]["format"], &list[1]["is_paused"]), (&"teams".into(), &true.into()));
    assert!(desk.complaint(&["webhook", "change", "--site", "1", "Shop", "--url", "x"]).contains("https://"));
    desk.text(&["webhook", "remove", "--site", "1", "Shop"]);
    assert!(desk.complaint(&["webhook", "remove", "--site", "1", "Shop"]).contains("no such webhook"));
    assert_eq!(desk.text(&["webhook", "deliveries", "--site", "1", "Chat", "--json"]).trim(), "[]");
}

#[test]
fn a_restored_backup_brings_back_no_removed_webhook_and_no_ended_letters() {
    let desk = Desk::with_site();
    for name in ["Gone", "Kept"] {
        desk.text(&["webhook", "add", "--site", "1", "--name", name, "--url", "https://a.example"]);
    }
    desk.open()
        .execute_batch(
            "insert into unsubscribes (token, kind, item_id, user_id, title, created_at)
             values ('t', 'alert', 1, 1, 'Traffic drop', 0)",
        )
        .unwrap();
    let backup = desk.path().join("backup.db");
    desk.text(&["backup", backup.to_str().unwrap()]);
    desk.text(&["webhook", "remove", "--site", "1", "Gone"]);
    desk.text(&["webhook", "pause", "--site", "1", "Kept"]);
    desk.open().execute("update unsubscribes set ended_at = 5", []).unwrap();
    let told = desk.text(&["restore", backup.to_str().unwrap(), "--yes", "--json"]);
    assert!(told.contains("the webhook “Gone” of bakery.example (site 1) is gone"), "{told}");
    assert_eq!(desk.texts("select name || is_paused from webhooks"), ["Kept1"]);
    assert_eq!(desk.number("select ended_at from unsubscribes"), 5);
}
