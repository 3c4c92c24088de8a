//! Letters that people end without signing in, and letters that no mail server takes: who is told, and what the operator does.

use super::harness::{Desk, PASSWORD};
use super::http::{get, post};
use super::mail::{HOME, MailServer, ask_reset, link, serve, sign_in_as};

/// A token that ends a letter about an alert.
fn subscribe(desk: &Desk) -> String {
    let token = "5".repeat(40);
    desk.open()
        .execute(
            "insert into unsubscribes (token, kind, item_id, user_id, title, created_at)
             values (?, 'alert', 7, 1, 'Alert “Traffic drop” of bakery.example', 0)",
            [&token],
        )
        .unwrap();
    format!("/unsubscribe/{token}")
}

#[test]
fn a_mail_program_ends_letters_with_one_click_and_opening_the_link_ends_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let path = subscribe(&desk);
    let ended = || desk.number("select count(*) from unsubscribes where ended_at is not null");
    let page = server.ask(&get(path.as_str()));
    assert_eq!((page.status, ended()), (200, 0), "opening the link ended the letters");
    assert!(page.text().contains("Alert “Traffic drop” of bakery.example") && page.text().contains("<form"));
    // A mail program has no page and no cookie of ours, and says so (RFC 8058, section 3.2).
    let one_click = post(path.as_str(), &[("List-Unsubscribe", "One-Click")]).without("Sec-Fetch-Site");
    let answer = server.ask(&one_click);
    assert_eq!((answer.status, ended(), answer.header("set-cookie")), (200, 1, ""));
    let at = desk.number("select ended_at from unsubscribes");
    assert_eq!(server.ask(&one_click).status, 200, "a second click is no error");
    assert_eq!(desk.number("select ended_at from unsubscribes"), at);
    assert!(server.ask(&get(path.as_str())).text().contains("You&#39;re unsubscribed") || ended() == 1);
}

#[test]
fn an_unknown_link_to_end_letters_says_so_and_other_forms_still_need_our_own_page() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for request in [get("/unsubscribe/nothing"), post("/unsubscribe/nothing", &[])] {
        let answer = server.ask(&request);
        assert!(answer.status == 404 && answer.text().contains("isn't complete"), "{}", answer.text());
    }
    let ada = server.sign_in("ada");
    for path in ["/account/profile", "/unsubscribe/../account/profile", "/unsubscribes"] {
        let elsewhere = post(path, &[]).header("Sec-Fetch-Site", "cross-site").cookie(&ada);
        assert!([403, 404].contains(&server.ask(&elsewhere).status), "{path}");
    }
}

#[test]
fn a_letter_that_is_refused_for_good_is_shown_to_its_person_and_to_the_operator() {
    let mut mail = MailServer::start(&["--refuse", "1", "--answer", "550 no such mailbox"]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    assert_eq!(ask_reset(&server, "ada").0, 200);
    assert_eq!(mail.next()["refused"], "ada@bakery.example");
    desk.wait_for("exists (select 1 from outbox where given_up_at is not null)");
    let ada = sign_in_as(&server, "ada", PASSWORD).unwrap();
    let told = "We couldn't deliver “Set a new password” to ada@bakery.example: ";
    let page = server.page("/", &ada);
    assert!(page.contains(told) && page.contains("no such mailbox"), "{page}");
    let list = desk.json(&["mail", "list", "--json"]);
    assert_eq!((&list[0]["state"], &list[0]["to"]), (&"failed".into(), &"ada@bakery.example".into()));
    assert!(desk.complaint(&["mail", "retry", "1"]).contains("its text was erased"));
    let seen = server.ask(&post("/account/profile/letters/seen", &[]).cookie(&ada));
    assert_eq!(seen.status, 303);
    assert!(!server.page("/", &ada).contains(told));
    assert!(desk.text(&["mail", "list"]).contains("no such mailbox"), "the operator still sees it");
}

#[test]
fn a_letter_that_waits_is_tried_at_once_at_the_operator_s_word() {
    let desk = Desk::with_site();
    desk.open()
        .execute_batch(
            "insert into outbox (recipient, subject, text, html, created_at, due_at, tries, expires_at, problem, unsubscribe)
             select 'ada@bakery.example', 'Traffic drop', 'text', '<p>html', now, now + 3600000, 9, now + 86400000, 'full', 'https://stats.bakery.example/unsubscribe/1'
             from (select unixepoch() * 1000 as now)",
        )
        .unwrap();
    assert!(desk.text(&["mail", "list"]).contains("waiting"));
    let said = desk.text(&["mail", "retry", "1"]);
    assert!(said.contains("“Traffic drop” to ada@bakery.example is tried again at once"), "{said}");
    let mut mail = MailServer::start(&[]);
    let _server = serve(&desk, &mail.url(""));
    let letter = mail.next();
    assert_eq!(letter["subject"], "Traffic drop");
    assert_eq!(letter["unsubscribe"], "<https://stats.bakery.example/unsubscribe/1>");
    assert_eq!(letter["one_click"], "List-Unsubscribe=One-Click");
    desk.wait_for("not exists (select 1 from outbox)");
    assert!(desk.complaint(&["mail", "retry", "1"]).contains("no such letter"));
}

#[test]
fn the_link_in_a_letter_opens_nothing_once_the_right_is_gone() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_people(&["uma"]);
    let server = serve(&desk, &mail.url(""));
    let [ada, uma] = ["ada", "uma"].map(|name| sign_in_as(&server, name, PASSWORD).unwrap());
    let typed = [("user", "uma"), ("level", "view-only")];
    assert_eq!(server.ask(&post("/sites/1/preferences/sharing", &typed).cookie(&ada)).status, 303);
    let letter = mail.next();
    assert!(
        letter["text"].as_str().unwrap().contains("View Only")
            && letter["html"].as_str().unwrap().contains("prefers-color-scheme")
    );
    let path = link(&letter);
    assert!(server.page(&path, &uma).contains("bakery.example"));
    assert_eq!(server.ask(&get(path.as_str())).status, 303, "{HOME}{path} opens without signing in");
    desk.text(&["share", "remove", "--site", "1", "--user", "uma"]);
    assert!(!server.page(&path, &uma).contains("bakery.example"), "the letter still opens the site");
}
