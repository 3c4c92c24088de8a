//! Letters, over real conversations with a real mail server.

use super::harness::{Desk, PASSWORD, Server};
use super::http::{get, post};
use serde_json::Value;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

pub const HOME: &str = "https://stats.bakery.example";

/// How long something may take to happen before a test fails.
const SOON: Duration = Duration::from_mins(1);

/// A mail server of one test.
pub struct MailServer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u64,
}

impl MailServer {
    pub fn start(arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/test-python/bin/python");
        assert!(python.exists(), "the mail server of the tests is missing: run tests/run, which installs it");
        let mut child = Command::new(python)
            .arg(root.join("tests/mail_server/serve.py"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut server = Self { child, lines, port: 0 };
        server.port = server.next()["port"].as_u64().unwrap();
        server
    }

    /// The next thing that it says.
    pub fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().expect("the mail server ended").unwrap()).unwrap()
    }

    /// Everything that it still says before it is ended.
    fn rest(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        let mut rest = Vec::new();
        while let Some(Ok(line)) = self.lines.next() {
            rest.push(serde_json::from_str(&line).unwrap());
        }
        rest
    }

    pub fn url(&self, login: &str) -> String {
        format!("smtp://{login}127.0.0.1:{}?tls=none", self.port)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

pub fn serve<'a>(desk: &'a Desk, url: &str) -> Server<'a> {
    desk.serve_with(&["--public-url", HOME, "--smtp-url", url])
}

/// Waits until a condition on the file holds.
fn wait_for(desk: &Desk, condition: &str) {
    let begun = Instant::now();
    while desk.number(&format!("select {condition}")) == 0 {
        assert!(
            begun.elapsed() < SOON,
            "{condition} did not come true: {:?}",
            desk.texts("select ifnull(problem, '') from outbox")
        );
        std::thread::yield_now();
    }
}

/// A sign-in over what the public address makes HTTPS.
fn sign_in(server: &Server<'_>, password: &str) -> Option<String> {
    sign_in_as(server, "ada", password)
}

pub fn ask_reset(server: &Server<'_>, name: &str) -> (u16, String) {
    let answer = server.ask(&post("/reset", &[("username", name)]));
    (answer.status, answer.text())
}

/// The path of the link in a letter.
pub fn link(letter: &Value) -> String {
    let text = letter["text"].as_str().unwrap();
    let line = text.lines().find(|line| line.starts_with(HOME)).unwrap();
    line.trim().strip_prefix(HOME).unwrap().to_owned()
}

#[test]
fn a_mailed_link_sets_a_new_password_once_and_ends_every_sign_in() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    let before = sign_in(&server, PASSWORD).unwrap();
    assert_eq!(ask_reset(&server, "ADA@bakery.example").0, 200);
    let letter = mail.next();
    assert_eq!(letter["to"][0], "ada@bakery.example");
    assert_eq!(letter["subject"], "Set a new password");
    assert_eq!(letter["from"], "Clickstead <clickstead@stats.bakery.example>");
    let path = link(&letter);
    assert!(letter["html"].as_str().unwrap().contains(&format!("{HOME}{path}")));
    assert_eq!(server.ask(&get(path.as_str())).status, 200);
    assert_eq!(server.ask(&post(&path, &[("password", "short")])).status, 422);
    assert!(sign_in(&server, PASSWORD).is_some(), "a refused form changed the password");
    let set = server.ask(&post(&path, &[("password", "another good one")]));
    assert_eq!((set.status, set.header("location")), (303, "/login?done=password"));
    assert_eq!(server.ask(&post(&path, &[("password", "a third good one")])).status, 404);
    assert_eq!(server.ask(&get(path.as_str())).status, 404);
    assert_eq!(server.ask(&get("/").cookie(&before)).status, 303, "an old sign-in still holds");
    assert!(sign_in(&server, PASSWORD).is_none() && sign_in(&server, "another good one").is_some());
    assert_eq!(mail.next()["subject"], "Your password was changed");
}

#[test]
fn who_is_shared_with_or_invited_gets_a_letter_in_the_transaction_of_the_share() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "uma", "--email", "uma@e.example", "--password-stdin", "--json"],
    );
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in(&server, PASSWORD).unwrap();
    let share = |who: &str| {
        let typed = [("user", who), ("level", "view-only")];
        server.ask(&post("/sites/1/preferences/sharing", &typed).cookie(&ada))
    };
    assert_eq!(share("uma").status, 303);
    let letter = mail.next();
    assert_eq!(
        (&letter["to"][0], &letter["subject"]),
        (&"uma@e.example".into(), &"ada shares bakery.example with you".into())
    );
    let page = share("client@c.example").text();
    let letter = mail.next();
    assert_eq!(letter["to"][0], "client@c.example");
    assert!(letter["subject"].as_str().unwrap().contains("ada invites you to see bakery.example"));
    let path = link(&letter);
    let shown = path.split('?').next().unwrap();
    assert!(page.contains(&format!("{HOME}{shown}<")) && page.contains("on its way"), "{page}");
    assert!(server.ask(&get(path.as_str())).text().contains("as <b>View Only</b>"));
}

#[test]
fn the_person_of_a_sub_account_gets_the_links_for_their_password_by_letter() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in(&server, PASSWORD).unwrap();
    let made = [("username", "cleo"), ("email", "cleo@c.example")];
    let page = server.ask(&post("/account/sub-accounts", &made).cookie(&ada)).text();
    let letter = mail.next();
    assert_eq!(
        (&letter["to"][0], &letter["subject"]),
        (&"cleo@c.example".into(), &"ada created an account for you".into())
    );
    let path = link(&letter);
    let shown = path.split('?').next().unwrap();
    assert!(
        page.contains(&format!("{shown}<"))
            && page.contains("A letter with this link is on its way to cleo@c.example")
    );
    assert_eq!(server.ask(&post(&path, &[("password", "a good new one")])).status, 303);
    assert_eq!(mail.next()["subject"], "Your password was changed");
    server.ask(&post("/account/sub-accounts/2/reset", &[]).cookie(&ada));
    let letter = mail.next();
    assert_eq!(
        (&letter["to"][0], &letter["subject"]),
        (&"cleo@c.example".into(), &"Set a new password".into())
    );
    assert_eq!(server.ask(&get(link(&letter))).status, 200);
    assert!(letter["text"].as_str().unwrap().contains("ada, who manages the account cleo, created"));
    // The letter boxes of strangers are not flooded.
    let answers = (0..12).map(|number| {
        let (name, email) = (format!("client{number}"), format!("client{number}@c.example"));
        let made = [("username", name.as_str()), ("email", email.as_str())];
        server.ask(&post("/account/sub-accounts", &made).cookie(&ada)).status
    });
    assert!(answers.collect::<Vec<_>>().contains(&422));
}

#[test]
fn whoever_asks_for_a_link_learns_nothing_of_who_has_an_account() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "eve", "--email", "eve@e.example", "--password-stdin", "--json"],
    );
    desk.text(&["user", "disable", "eve"]);
    let server = serve(&desk, &mail.url(""));
    let unknown = ask_reset(&server, "nobody");
    assert_eq!(unknown, ask_reset(&server, "eve"));
    assert_eq!(unknown, ask_reset(&server, "ada"));
    assert_eq!(mail.next()["to"][0], "ada@bakery.example", "a letter went to somebody who can't sign in");
    assert_eq!(desk.number("select count(*) from password_resets"), 1);
    for _ in 0..2 {
        assert_eq!(ask_reset(&server, "nobody").0, 200);
    }
    let (status, page) = ask_reset(&server, "nobody");
    assert_eq!(status, 429, "anybody may fill a mailbox");
    assert!(page.contains("Too many tries") && page.contains("value=\"nobody\""), "{page}");
}

#[test]
fn nobody_fills_a_mailbox_with_links_or_ends_the_one_that_is_there() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    // From one address after the other, under either name: the throttles alone would let all of them pass.
    let ask = |number: usize| {
        let name = ["ada", "ada@bakery.example"][number % 2];
        let answer = server.ask(
            &post("/reset", &[("username", name)]).header("X-Forwarded-For", &format!("81.2.{number}.1")),
        );
        (answer.status, answer.text())
    };
    let first = ask(0);
    let path = link(&mail.next());
    for number in 1..5 {
        assert_eq!(ask(number), first, "the answer tells that there are enough");
    }
    for _ in 1..3 {
        mail.next();
    }
    assert_eq!(server.ask(&get(path.as_str())).status, 200, "the first link ended");
    desk.open().execute_batch("update password_resets set created_at = created_at - 3600000").unwrap();
    assert_eq!(ask(5).0, 200);
    assert_ne!(link(&mail.next()), path);
    wait_for(&desk, "not exists (select 1 from outbox)");
    assert_eq!(desk.number("select max(seq) from sqlite_sequence where name = 'outbox'"), 4);
}

#[test]
fn a_link_is_over_after_an_hour_and_a_newer_password_ends_it() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let made = desk.text(&["user", "reset-link", "ada", "--public-url", HOME]);
    let path = made.trim().strip_prefix(HOME).unwrap().to_owned();
    assert_eq!(server.ask(&get(path.as_str())).status, 200);
    desk.open().execute_batch("update password_resets set created_at = created_at - 3600000").unwrap();
    assert_eq!(server.ask(&get(path.as_str())).status, 404);
    assert_eq!(server.ask(&post(&path, &[("password", "another good one")])).status, 404);
    let made = desk.text(&["user", "reset-link", "ada"]);
    let path = made.lines().next().unwrap().to_owned();
    desk.run_with("a third good one", &["user", "password", "ada", "--password-stdin"]);
    assert_eq!(server.ask(&get(path.as_str())).status, 404, "a link from before the new password holds");
}

#[test]
fn without_a_mail_server_the_page_says_who_can_help_and_nothing_is_written() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (status, page) = ask_reset(&server, "ada");
    assert!(
        status == 200 && page.contains("sends no mail") && page.contains("clickstead user reset-link"),
        "{page}"
    );
    assert_eq!(
        desk.number("select count(*) from password_resets") + desk.number("select count(*) from outbox"),
        0
    );
}

#[test]
fn whoever_types_wrong_codes_again_and_again_is_told_of_to_the_person() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    desk.open().execute_batch("update users set second_factor = zeroblob(20)").unwrap();
    let server = serve(&desk, &mail.url(""));
    for number in 0..10 {
        assert_eq!(desk.number("select count(*) from sqlite_sequence where name = 'outbox'"), 0, "{number}");
        let half = server.ask(&post("/login", &[("username", "ada"), ("password", PASSWORD)])).text();
        let ticket = half.split("name=\"ticket\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let wrong = server.ask(&post("/login/code", &[("ticket", ticket), ("code", "wrong")]));
        assert_eq!(wrong.status, 422);
    }
    let letter = mail.next();
    assert_eq!(
        (&letter["to"][0], &letter["subject"]),
        (&"ada@bakery.example".into(), &"Wrong codes for your account".into())
    );
}

#[test]
fn an_offer_that_is_made_again_and_again_writes_one_letter() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    for name in ["eve", "uma"] {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
    }
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in(&server, PASSWORD).unwrap();
    let eve = sign_in_as(&server, "eve", PASSWORD).unwrap();
    let act = |cookie: &str, path: &str, typed: &[(&str, &str)]| {
        assert_eq!(server.ask(&post(path, typed).cookie(cookie)).status, 303, "{path}");
    };
    let info = "/sites/1/preferences/info";
    for _ in 0..3 {
        act(&ada, &format!("{info}/transfer"), &[("to", "eve")]);
        act(&ada, &format!("{info}/transfer/withdraw"), &[]);
    }
    act(&ada, &format!("{info}/transfer"), &[("to", "uma")]);
    act(&ada, &format!("{info}/transfer"), &[("to", "eve@e.example")]);
    act(&eve, "/account/sites/accept", &[("site", "1")]);
    let told = [(); 3].map(|()| mail.next()["to"][0].as_str().unwrap().to_owned());
    assert_eq!(told, ["eve@e.example", "uma@e.example", "ada@bakery.example"]);
    // The site has changed hands: who has it now may offer it as anybody may.
    act(&eve, &format!("{info}/transfer"), &[("to", "uma")]);
    assert_eq!(mail.next()["to"][0], "uma@e.example");
}

/// A certificate for localhost, and the arguments that name it.
fn certificate(desk: &Desk) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (desk.path().join("mail.pem"), desk.path().join("mail.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (certificate.to_string_lossy().into_owned(), key.to_string_lossy().into_owned())
}

#[test]
fn letters_travel_encrypted_and_under_a_password() {
    for (tls, scheme) in [("starttls", "smtp"), ("implicit", "smtps")] {
        let desk = Desk::with_site();
        let (certificate, key) = certificate(&desk);
        let mut mail = MailServer::start(&[
            "--tls",
            tls,
            "--certificate",
            &certificate,
            "--key",
            &key,
            "--login",
            "ada@b.example:p:w/d",
        ]);
        let url = |password: &str| format!("{scheme}://ada%40b.example:{password}@localhost:{}", mail.port);
        let test = |url: &str, certificate: &[&str]| {
            let arguments = ["mail", "test", "bob@b.example", "--public-url", HOME, "--smtp-url", url];
            desk.run(&arguments.into_iter().chain(certificate.iter().copied()).collect::<Vec<_>>())
        };
        let trusted = ["--smtp-root-certificate", certificate.as_str()];
        let output = test(&url("p%3Aw%2Fd"), &trusted);
        assert!(output.status.success(), "{tls}: {}", String::from_utf8_lossy(&output.stderr));
        let strange = test(&url("p%3Aw%2Fd"), &[]);
        assert!(!strange.status.success(), "{tls}: a certificate that nobody vouches for was trusted");
        let wrong = test(&url("wrong"), &trusted);
        let complaint = String::from_utf8_lossy(&wrong.stderr).into_owned();
        assert!(!wrong.status.success() && complaint.contains("535"), "{complaint}");
        assert!(!complaint.contains("wrong"), "the password is printed: {complaint}");
        let letter = mail.next();
        assert_eq!(letter["encrypted"], true, "{tls}");
        assert_eq!(letter["login"], "ada@b.example", "{tls}");
        assert_eq!(letter["subject"], "Mail from Clickstead works");
        assert!(mail.rest().is_empty());
    }
}

#[test]
fn a_server_that_speaks_no_encryption_gets_no_letter_unless_told_so() {
    let desk = Desk::with_site();
    let mail = MailServer::start(&[]);
    let url = format!("smtp://127.0.0.1:{}", mail.port);
    let complaint =
        desk.complaint(&["mail", "test", "bob@b.example", "--public-url", HOME, "--smtp-url", &url]);
    assert!(complaint.contains("did not take it"), "{complaint}");
    assert!(mail.rest().is_empty());
}

#[test]
fn a_letter_is_tried_again_after_a_passing_refusal_and_given_up_after_a_lasting_one() {
    let desk = Desk::with_site();
    let mut mail = MailServer::start(&["--refuse", "1"]);
    let server = serve(&desk, &mail.url(""));
    ask_reset(&server, "ada");
    assert_eq!(mail.next()["refused"], "ada@bakery.example");
    wait_for(&desk, "exists (select 1 from outbox where tries = 1 and problem like '%451%')");
    let pause = desk.number("select due_at - created_at from outbox");
    assert!((60_000..120_000).contains(&pause), "{pause} ms");
    desk.open().execute_batch("update outbox set due_at = created_at").unwrap();
    assert_eq!(mail.next()["subject"], "Set a new password");
    wait_for(&desk, "not exists (select 1 from outbox)");
    drop(server);

    let mut mail = MailServer::start(&["--refuse", "9", "--answer", "550 no such mailbox"]);
    let server = serve(&desk, &mail.url(""));
    ask_reset(&server, "ada");
    assert_eq!(mail.next()["refused"], "ada@bakery.example");
    wait_for(&desk, "exists (select 1 from outbox where given_up_at > 0 and problem like '%550%')");
    assert_eq!(
        desk.texts("select text || html from outbox"),
        [""],
        "a letter that was given up keeps its secret"
    );
    let listed = desk.text(&["tasks"]);
    assert!(listed.contains("send letters"), "{listed}");
}

#[test]
fn a_letter_is_given_up_after_a_day_and_never_for_a_wrong_password_of_ours() {
    let desk = Desk::with_site();
    let mail = MailServer::start(&["--login", "ada:right"]);
    let url = mail.url("ada:wrong@");
    let server = serve(&desk, &url);
    ask_reset(&server, "ada");
    wait_for(&desk, "exists (select 1 from outbox where tries = 1 and problem like '%535%')");
    assert_eq!(desk.number("select count(*) from outbox where given_up_at is not null"), 0);
    // No round of letters is under way while a day passes.
    server.stop();
    let tries = mail.rest().len();
    desk.open()
        .execute_batch("update outbox set due_at = created_at - 1, created_at = created_at - 86400000, expires_at = null")
        .unwrap();
    let _server = serve(&desk, &url);
    wait_for(&desk, "exists (select 1 from outbox where given_up_at > 0 and text = '')");
    assert_eq!((tries, desk.number("select tries from outbox")), (0, 1), "it was tried once more");
}

#[test]
fn a_letter_is_not_tried_longer_than_its_link_holds_also_where_mail_was_switched_off() {
    let desk = Desk::with_site();
    let mail = MailServer::start(&["--refuse", "9"]);
    let server = serve(&desk, &mail.url(""));
    ask_reset(&server, "ada");
    wait_for(&desk, "exists (select 1 from outbox where problem like '%451%')");
    assert_eq!(desk.number("select expires_at - created_at from outbox"), 3_600_000);
    drop(server);
    desk.open().execute_batch("update outbox set expires_at = created_at").unwrap();
    let server = desk.serve();
    wait_for(&desk, "exists (select 1 from outbox where given_up_at > 0 and text || html = '')");
    let problem = desk.texts("select problem from outbox").remove(0);
    assert!(problem.contains("not sent in time") && problem.contains("451"), "{problem}");
    let told = desk.text(&["tasks"]);
    assert!(told.contains("Letters waiting: 0. Given up in the last month: 1."), "{told}");
    drop(server);
}

#[test]
fn what_a_server_has_against_the_sender_is_not_the_letters_fault() {
    let desk = Desk::with_site();
    let mut mail = MailServer::start(&["--refuse-sender", "1"]);
    let server = serve(&desk, &mail.url(""));
    ask_reset(&server, "ada");
    wait_for(&desk, "exists (select 1 from outbox where tries = 1 and problem like '%550%')");
    assert_eq!(desk.number("select count(*) from outbox where given_up_at is not null"), 0);
    desk.open().execute_batch("update outbox set due_at = created_at").unwrap();
    assert_eq!(mail.next()["subject"], "Set a new password");
}

#[test]
fn a_server_that_never_answers_delays_a_letter_and_nothing_else() {
    let desk = Desk::with_site();
    let mail = MailServer::start(&["--stall"]);
    let server = serve(&desk, &mail.url(""));
    ask_reset(&server, "ada");
    wait_for(&desk, "exists (select 1 from outbox)");
    assert!(sign_in(&server, PASSWORD).is_some());
    wait_for(
        &desk,
        "exists (select 1 from outbox where problem = 'the mail server did not answer within 20 seconds')",
    );
}

#[test]
fn a_letter_that_was_written_before_a_crash_is_sent_once_after_it() {
    let desk = Desk::with_site();
    let stalled = MailServer::start(&["--stall"]);
    let server = serve(&desk, &stalled.url(""));
    ask_reset(&server, "ada");
    wait_for(&desk, "exists (select 1 from outbox)");
    wait_for(&desk, "exists (select 1 from outbox where tries = 1)");
    server.kill();
    // The pause after a try that never ended has passed.
    desk.open().execute_batch("update outbox set due_at = created_at").unwrap();
    let mut mail = MailServer::start(&[]);
    let server = serve(&desk, &mail.url(""));
    let letter = mail.next();
    assert_eq!(letter["subject"], "Set a new password");
    assert_eq!(server.ask(&get(link(&letter))).status, 200);
    wait_for(&desk, "not exists (select 1 from outbox)");
    server.kill();
    let server = serve(&desk, &mail.url(""));
    ask_reset(&server, "ada");
    assert_ne!(mail.next()["id"], letter["id"], "the same letter came twice");
    drop(server);
    assert!(mail.rest().is_empty());
}

#[test]
fn letters_need_an_address_for_their_links() {
    let desk = Desk::with_site();
    let complaint =
        desk.complaint(&["serve", "--listen", "127.0.0.1:0", "--smtp-url", "smtps://a:b@mail.example"]);
    assert!(complaint.contains("--public-url"), "{complaint}");
    let complaint = desk.complaint(&["mail", "test", "bob@b.example", "--public-url", HOME]);
    assert!(complaint.contains("--smtp-url"), "{complaint}");
}

pub fn sign_in_as(server: &Server<'_>, name: &str, password: &str) -> Option<String> {
    let answer = server.ask(&post("/login", &[("username", name), ("password", password)]));
    answer.cookie("__Host-session").map(|token| format!("__Host-session={token}"))
}

#[test]
fn a_new_address_is_found_by_others_only_once_its_mailbox_was_read() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "uma", "--email", "uma@e.example", "--password-stdin", "--json"],
    );
    let server = serve(&desk, &mail.url(""));
    let (ada, uma) = (sign_in(&server, PASSWORD).unwrap(), sign_in_as(&server, "uma", PASSWORD).unwrap());
    let change = |email: &str| {
        let typed = [("username", "uma"), ("email", email), ("password", PASSWORD)];
        server.ask(&post("/account/profile", &typed).cookie(&uma)).status
    };
    let share = || {
        let typed = [("user", "uma@new.example"), ("level", "user")];
        server.ask(&post("/sites/1/preferences/sharing", &typed).cookie(&ada)).status
    };
    assert_eq!(change("Uma@e.example"), 303);
    assert_eq!(desk.number("select email_proved from users where username = 'uma'"), 1, "the same address");
    assert_eq!(change("uma@new.example"), 303);
    assert_eq!(mail.next()["to"][0], "Uma@e.example");
    let letter = mail.next();
    assert_eq!(
        (&letter["to"][0], &letter["subject"]),
        (&"uma@new.example".into(), &"Confirm your e-mail address".into())
    );
    assert!(server.page("/account/profile", &uma).contains("Your address is not confirmed yet"));
    assert_eq!(share(), 200, "an address that nobody has shown to be theirs was shared with");
    assert_eq!(mail.next()["subject"], "ada invites you to see bakery.example");
    let path = link(&letter);
    for _ in 0..2 {
        let page = server.ask(&get(path.as_str()));
        assert!(page.status == 200 && page.text().contains("uma@new.example"), "{}", page.text());
    }
    assert_eq!(
        desk.number("select email_proved from users where username = 'uma'"),
        0,
        "a look confirmed it"
    );
    let page = server.ask(&post(path.as_str(), &[]));
    assert!(page.status == 200 && page.text().contains("is confirmed"), "{}", page.text());
    assert_eq!(server.ask(&post(path.as_str(), &[])).status, 404, "the link works twice");
    assert!(!server.page("/account/profile", &uma).contains("not confirmed"));
    assert_eq!(share(), 303);
    assert_eq!(mail.next()["subject"], "ada shares bakery.example with you");
}

#[test]
fn a_link_that_proves_an_address_is_for_that_address_for_some_days_and_fills_no_mailbox() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in(&server, PASSWORD).unwrap();
    let change = |email: &str| {
        let typed = [("username", "ada"), ("email", email), ("password", PASSWORD)];
        server.ask(&post("/account/profile", &typed).cookie(&ada)).status
    };
    assert_eq!(change("one@new.example"), 303);
    mail.next();
    let first = link(&mail.next());
    assert_eq!(change("two@new.example"), 303);
    mail.next();
    let second = link(&mail.next());
    assert_eq!(server.ask(&post(first.as_str(), &[])).status, 404, "the link of another address");
    let again = || {
        let answer = server.ask(&post("/account/profile/prove", &[]).cookie(&ada));
        assert_eq!(answer.status, 303);
        answer.header("location").contains("sent")
    };
    assert_eq!([again(), again(), again()], [true, false, false], "a page says that a letter is on its way");
    assert_eq!(desk.number("select count(*) from email_confirmations"), 3);
    assert!(server.page("/account/profile", &ada).contains("Several letters"));
    assert_eq!(mail.next()["to"][0], "two@new.example");
    desk.open()
        .execute_batch("update email_confirmations set created_at = created_at - 3 * 86400000")
        .unwrap();
    assert_eq!(server.ask(&post(second.as_str(), &[])).status, 404, "a link of last week");
    assert_eq!(desk.number("select email_proved from users"), 0);
    desk.text(&["user", "prove-email", "ada"]);
    assert!(!again());
    assert_eq!(change("three@new.example"), 303);
    assert_eq!(
        [mail.next()["to"][0].clone(), mail.next()["to"][0].clone()],
        ["two@new.example", "three@new.example"],
        "a letter asked for what is proved"
    );
}

#[test]
fn whoever_follows_the_letter_of_an_invitation_has_shown_whose_mailbox_it_is() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in(&server, PASSWORD).unwrap();
    let invite = |email: &str| {
        let typed = [("user", email), ("level", "user")];
        server.ask(&post("/sites/1/preferences/sharing", &typed).cookie(&ada))
    };
    let join = |path: &str, name: &str, email: &str, letter: &str| {
        let typed = [("username", name), ("email", email), ("password", PASSWORD), ("letter", letter)];
        server.ask(&post(format!("{path}/account"), &typed)).status
    };
    let proved =
        |name: &str| desk.number(&format!("select email_proved from users where username = '{name}'")) == 1;
    for (name, email, has_letter) in [
        ("reader", "reader@c.example", true),
        ("giver", "cfo@c.example", false),
        ("other", "cfo@d.example", true),
    ] {
        let invited = if name == "other" { "other@c.example" } else { email };
        assert_eq!(invite(invited).status, 200);
        let path = link(&mail.next());
        let (path, letter) = path.split_once("?letter=").unwrap();
        let page = server.ask(&get(format!("{path}?letter={letter}"))).text();
        assert!(page.contains(&format!("name=\"letter\" value=\"{letter}\"")), "{page}");
        assert_eq!(join(path, name, email, if has_letter { letter } else { "" }), 303);
        assert_eq!(proved(name), name == "reader", "{name}");
        if name != "reader" {
            assert_eq!(mail.next()["subject"], "Confirm your e-mail address");
        }
    }
}
