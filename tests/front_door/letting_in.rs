//! Letting people in: how often, whom the log names, and what becomes of those who go.

use super::harness::{Desk, PASSWORD, Server};
use super::http::Answer;
use super::mail::{serve, sign_in_as};
use super::sharing::{send, status, user_id};

const SHARING: &str = "/sites/1/preferences/sharing";
const VIEW_ONLY: &str = "/sites/1/preferences/view-only";

fn share(server: &Server<'_>, cookie: &str, who: &str) -> Answer {
    send(server, cookie, SHARING, &[("user", who), ("level", "administrator")])
}

/// Letters that were ever written.
fn written(desk: &Desk) -> i64 {
    desk.number("select coalesce((select seq from sqlite_sequence where name = 'outbox'), 0)")
}

#[test]
fn a_stranger_gets_few_letters_however_often_a_new_link_is_made() {
    let desk = Desk::with_people(&["uma"]);
    // A server that takes no letter: all wait.
    let server = serve(&desk, "smtp://127.0.0.1:1?tls=none");
    let ada = sign_in_as(&server, "ada", PASSWORD).unwrap();
    assert_eq!(share(&server, &ada, "client@c.example").status, 200);
    let renew =
        || send(&server, &ada, &format!("{SHARING}/invitations/renew"), &[("email", "client@c.example")]);
    let answers: Vec<u16> = (0..30).map(|_| renew().status).collect();
    assert_eq!((&answers[..4], &answers[4..]), (&[200; 4][..], &[429; 26][..]));
    assert_eq!(written(&desk), 5);
    // Only the newest link holds, and only its letter waits.
    assert_eq!(desk.texts("select recipient from outbox where given_up_at is null"), ["client@c.example"]);
    let refused = renew();
    let seconds = refused.header("retry-after").parse::<u32>().unwrap();
    assert!((3_001..=3_600).contains(&seconds), "{seconds}");
    let page = refused.text();
    let told = format!("Please wait {} minutes", seconds.div_ceil(60));
    assert!(page.contains(&told) && page.contains("client@c.example"), "{told}: {page}");
    assert_eq!(desk.number("select count(*) from invitations"), 1);
    // The same for somebody who has an account, by whatever name.
    let again = |name: &str| {
        let answer = share(&server, &ada, name).status;
        desk.run(&["share", "remove", "--site", "1", "--user", "uma"]);
        answer
    };
    let answers: Vec<u16> =
        (0..6).map(|number| again(if number % 2 == 0 { "uma" } else { "UMA@e.example" })).collect();
    assert_eq!((&answers[..5], answers[5]), (&[303; 5][..], 429));
    // What writes no letter takes none.
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    assert_eq!(written(&desk), 10);
}

#[test]
fn a_team_is_let_in_at_once_and_who_has_an_account_is_not_told_for_any_number_of_addresses() {
    let desk = Desk::with_people(&["uma"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for number in 0..49 {
        assert_eq!(share(&server, &ada, &format!("guess{number}@e.example")).status, 200, "{number}");
    }
    assert_eq!(share(&server, &ada, "uma@e.example").status, 303);
    for who in ["another@e.example", "uma"] {
        let refused = share(&server, &ada, who);
        assert_eq!(refused.status, 429);
        let page = refused.text();
        assert!(page.contains("Too many tries.") && page.contains(&format!("value=\"{who}\"")), "{page}");
    }
    assert_eq!(desk.number("select count(*) from invitations"), 49);
}

#[test]
fn whoever_was_called_by_an_address_is_named_by_no_page_and_no_log() {
    let desk = Desk::with_people(&["secretname"]);
    let server = desk.serve();
    let (ada, receiver) = (server.sign_in("ada"), server.sign_in("secretname"));
    assert_eq!(share(&server, &ada, "secretname@e.example").status, 303);
    let alone = format!("{VIEW_ONLY}?user={}", user_id(&desk, "secretname"));
    let page = server.page(&alone, &ada).replace("secretname@e.example", "(the address)");
    assert!(page.contains("(the address)") && !page.contains("secretname"), "{page}");
    desk.text(&["share", "remove", "--site", "1", "--user", "secretname"]);
    let offer = [("to", "secretname@e.example")];
    assert_eq!(send(&server, &ada, "/sites/1/preferences/info/transfer", &offer).status, 303);
    let declined = send(&server, &receiver, "/account/sites/decline", &[("site", "1")]);
    assert!(declined.header("location").ends_with("done=declined"));
    assert_eq!(
        desk.texts("select actor || '|' || coalesce(address, '') from audit where act = 'transfer-declined'"),
        ["secretname@e.example|"]
    );
}

#[test]
fn a_choice_for_somebody_unknown_changes_nothing_for_the_site() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for wrong in ["x", "", "99", "-1"] {
        let typed = [("user", wrong), ("report", "pages")];
        assert_eq!(send(&server, &ada, VIEW_ONLY, &typed).status, 404, "{wrong}");
        assert_eq!(status(&server, &ada, &format!("{VIEW_ONLY}?user={wrong}")), 404, "{wrong}");
    }
    assert_eq!(desk.number("select count(*) from sites where view_only_reports is not null"), 0);
    assert_eq!(desk.number("select count(*) from audit where act = 'view-only-changed'"), 0);
}

#[test]
fn an_administrator_who_removes_themselves_has_left_and_lands_on_their_own_list() {
    let desk = Desk::with_people(&["adam"]);
    desk.text(&["share", "add", "--site", "1", "--user", "adam", "--level", "administrator"]);
    let server = desk.serve();
    let (ada, adam) = (server.sign_in("ada"), server.sign_in("adam"));
    assert!(server.page(SHARING, &adam).contains("This is you"));
    let remove = |cookie: &str, name: &str| {
        send(&server, cookie, &format!("{SHARING}/remove"), &[("user", &user_id(&desk, name))])
    };
    let gone = remove(&adam, "adam");
    assert_eq!(gone.header("location"), "/account/sites?done=left");
    assert!(
        server.page(gone.header("location"), &adam).contains("You have no access to that site any more.")
    );
    assert_eq!(desk.texts("select actor || ' ' || act from audit where actor = 'adam'"), ["adam share-left"]);
    // An owner stays.
    assert!(remove(&ada, "ada").header("location").ends_with("done=gone"));
    assert_eq!(status(&server, &ada, SHARING), 200);
}

#[test]
fn whoever_removes_somebody_is_told_of_the_guest_links_that_they_may_know() {
    let desk = Desk::with_people(&["adam"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let removed = || {
        desk.text(&["share", "add", "--site", "1", "--user", "adam", "--level", "administrator"]);
        let done = send(&server, &ada, &format!("{SHARING}/remove"), &[("user", &user_id(&desk, "adam"))]);
        server.page(done.header("location"), &ada)
    };
    assert!(!removed().contains("the addresses of"));
    for _ in 0..3 {
        desk.text(&["link", "add", "--site", "1"]);
    }
    desk.text(&["link", "disable", "--site", "1", "2"]);
    let page = removed();
    assert!(page.contains("the 2 guest links that are open"), "{page}");
    assert!(page.contains("href=\"/sites/1/preferences/public-access\">Give them new addresses"), "{page}");
}
