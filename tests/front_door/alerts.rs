//! Alerts on screen, by mail and on the command line.

use super::harness::{Desk, PASSWORD, fields, view};
use super::http::{get, post};
use super::mail::{MailServer, serve, sign_in_as};
use serde_json::Value;

/// The site of `ada`, shared with `uma` as User and `vera` as View Only; `sam` is a stranger.
fn shared() -> Desk {
    let desk = Desk::with_people(&["uma", "vera", "sam"]);
    for (name, level) in [("uma", "user"), ("vera", "view-only")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    desk
}

#[test]
fn everybody_with_a_share_sets_own_alerts_on_what_they_may_see() {
    let desk = shared();
    let server = desk.serve();
    let vera = server.sign_in("vera");
    let choice = server.page("/sites/1/alerts/new", &vera);
    assert!(choice.contains("new-spike") && choice.contains("new-goal"), "{choice}");
    assert!(!choice.contains("new-revenue"), "View Only people see no revenue");
    let add = |path: &str, typed: &[(&str, &str)], cookie: &str| {
        let answer = server.ask(&post(path, typed).cookie(cookie));
        (answer.status, answer.text())
    };
    let spike = [("percent", "100"), ("threshold", "30"), ("by_mail", "on")];
    assert_eq!(add("/sites/1/alerts/new-spike", &spike, &vera).0, 303);
    assert_eq!(add("/sites/1/alerts/new-revenue", &[("threshold", "100")], &vera).0, 404);
    assert_eq!(server.ask(&get("/sites/1/alerts/new-revenue").cookie(&vera)).status, 404);
    let list = server.page("/sites/1/alerts", &vera);
    assert!(list.contains("100% more visits than usual, from 30 visits an hour"), "{list}");
    for name in ["ada", "uma"] {
        let cookie = server.sign_in(name);
        assert!(!server.page("/sites/1/alerts", &cookie).contains("more visits than usual"), "{name}");
        assert_eq!(server.ask(&get("/sites/1/alerts/1").cookie(&cookie)).status, 404, "{name}");
        assert_eq!(add("/sites/1/alerts/1/remove", &[], &cookie).0, 303, "{name}");
    }
    assert_eq!(desk.number("select count(*) from alerts"), 1, "nobody else removes it");
    assert_eq!(add("/sites/1/alerts/1/remove", &[], &vera).0, 303);
    assert_eq!(desk.number("select count(*) from alerts"), 0);
}

#[test]
fn alerts_for_everyone_are_set_by_the_owner_and_administrators_alone() {
    let desk = shared();
    let server = desk.serve();
    let outage = [("by_mail", "on"), ("tells_end", "on")];
    let add = |name: &str| {
        let path = "/sites/1/preferences/alerts/new-silence";
        let typed = [("threshold", "24"), ("by_mail", "on")];
        server.ask(&post(path, &typed).cookie(&server.sign_in(name))).status
    };
    assert_eq!((add("sam"), add("vera"), add("uma")), (404, 403, 403));
    assert_eq!(add("ada"), 303);
    desk.text(&["share", "set", "--site", "1", "--user", "uma", "--level", "administrator"]);
    assert_eq!(add("uma"), 422, "there is one like it");
    let ada = server.sign_in("ada");
    assert_eq!(server.ask(&post("/sites/1/preferences/alerts/new-outage", &outage).cookie(&ada)).status, 303);
    let audit = server.page("/sites/1/preferences/audit", &ada);
    assert!(audit.contains("Added an alert") && audit.contains("No hits for 24 hours"), "{audit}");
    let vera = server.sign_in("vera");
    let list = server.page("/sites/1/alerts", &vera);
    assert!(list.contains("Set for everyone") && list.contains("No hits for 24 hours"), "{list}");
    let mute =
        |mail: &str| server.ask(&post("/sites/1/alerts/1/mail", &[("mail", mail)]).cookie(&vera)).status;
    assert_eq!(mute(""), 303);
    assert!(server.page("/sites/1/alerts", &vera).contains("Turn on mail"));
    assert_eq!(mute("on"), 303);
    assert!(!server.page("/sites/1/alerts", &vera).contains("Turn on mail"));
}

#[test]
fn a_wrong_number_gets_a_sentence_and_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (kind, typed, sentence) in [
        ("online", ("threshold", "many"), "Enter a whole number."),
        ("online", ("threshold", "-1"), "Enter a whole number from 0"),
        ("silence", ("threshold", "0"), "Enter a whole number from 1"),
        ("spike", ("percent", "5"), "from 20"),
        ("drop", ("percent", "150"), "from 20 to 100"),
        ("revenue", ("threshold", "a lot"), "amount"),
        ("goal", ("goal", "77"), "Choose one of the site&#39;s goals."),
        ("online", ("segment", "77"), "This segment was removed."),
    ] {
        let path = format!("/sites/1/alerts/new-{kind}");
        let defaults = [("threshold", "50"), ("percent", "100"), ("mode", "each")];
        let other = defaults.iter().filter(|(name, _)| *name != typed.0);
        let all: Vec<(&str, &str)> = other.copied().chain([typed]).collect();
        let answer = server.ask(&post(&path, &all).cookie(&ada));
        let text = answer.text();
        assert!(
            answer.status == 422 && text.replace('\'', "&#39;").contains(&sentence.replace('\'', "&#39;")),
            "{kind} {typed:?}: {text}"
        );
    }
    for path in ["/sites/1/alerts/new-nonsense", "/sites/1/alerts/99", "/sites/1/preferences/alerts/99"] {
        assert_eq!(server.ask(&get(path).cookie(&ada)).status, 404, "{path}");
    }
    assert_eq!(desk.number("select count(*) from alerts"), 0);
}

#[test]
fn the_form_says_how_often_the_alert_would_have_fired() {
    let desk = Desk::with_site();
    let file = desk.open();
    file.execute_batch(
        "with recursive hours (back) as (values (25) union all select back + 1 from hours where back < 24 * 60),
           visitors (number) as (values (1) union all select number + 1 from visitors where number < 80)
         insert into visits (site_id, id, visitor_id, stay, actions, page_views, flags, source, machine, place)
         select 1, ((unixepoch() - unixepoch() % 3600 - back * 3600 + number) * 1000) << 20, back * 100 + number, 0, 1, 1, 2, 0, 0, 0
         from hours, visitors
         where number <= iif(back = 50, 80, 8);",
    )
    .unwrap();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let asked = |threshold: &str| {
        let typed = [("percent", "100"), ("threshold", threshold)];
        server.ask(&post("/sites/1/alerts/new-spike/check", &typed).cookie(&ada)).text()
    };
    let told = asked("30");
    assert!(told.contains("This would have fired <b>once</b>"), "{told}");
    assert!(told.contains("Traffic spike: 80 visits between"), "{told}");
    assert!(asked("90").contains("This wouldn't have fired in the last 30 days."));
    assert!(asked("x").contains("Enter a whole number."));
}

#[test]
fn what_happens_is_told_by_mail_and_behind_the_bell() {
    let mut mail = MailServer::start(&[]);
    let desk = shared();
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks"]);
    for options in [&["--kind", "goal", "--goal", "Order"][..], &["--kind", "not-found", "--over", "1"]] {
        desk.text(&[&["alert", "add", "--site", "1", "--user", "vera"], options].concat());
    }
    desk.wait_for("(select count(*) from alerts) = 2");
    desk.text(&["user", "prove-email", "vera"]);
    let server = serve(&desk, &mail.url(""));
    // What is found at the first look is not told.
    desk.wait_for("not exists (select 1 from alerts where state = '{}')");
    for hit in [view("/"), view("/thanks")] {
        assert_eq!(server.hit("81.2.69.1", &fields(&hit)).status, 204);
    }
    let letter: Value = mail.next();
    assert_eq!(letter["to"][0], "vera@e.example");
    assert_eq!(letter["subject"], "bakery.example: “Order” was reached once");
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("/sites/1/reports/goals?date="), "{text}");
    let vera = sign_in_as(&server, "vera", PASSWORD).unwrap();
    let page = server.page("/sites/1/alerts", &vera);
    assert!(page.contains("1 new alert"), "{page}");
    let list = server.page("/alerts", &vera);
    assert!(list.contains("“Order” was reached once"), "{list}");
    desk.wait_for("not exists (select 1 from alert_receipts where seen_at is null)");
    assert!(!server.page("/sites/1/alerts", &vera).contains("1 new alert"));
    let ada = sign_in_as(&server, "ada", PASSWORD).unwrap();
    assert!(!server.page("/alerts", &ada).contains("was reached"), "nobody else's business");
    // Once View Only people see no goals, the list tells nothing of them.
    desk.open().execute_batch("update sites set view_only_reports = 'pages', view_only_data = ''").unwrap();
    assert!(!server.page("/alerts", &vera).contains("was reached"));
}

#[test]
fn an_alert_on_what_was_hidden_since_shows_nothing_of_it() {
    let desk = shared();
    desk.text(&["goal", "add", "--site", "1", "--name", "Secret sale", "--page", "/thanks"]);
    desk.text(&["alert", "add", "--site", "1", "--user", "vera", "--kind", "goal", "--goal", "Secret sale"]);
    let server = desk.serve();
    let vera = server.sign_in("vera");
    let pages = ["/account/alerts", "/sites/1/alerts", "/sites/1/alerts/new", "/sites/1/alerts/new-online"];
    assert!(server.page("/sites/1/alerts/new-goal", &vera).contains("Secret sale"));
    assert!(pages[..2].iter().all(|path| server.page(path, &vera).contains("Secret sale")));
    desk.open()
        .execute_batch("update sites set view_only_reports = 'visitors,visitors-online', view_only_data = ''")
        .unwrap();
    for path in pages {
        assert!(!server.page(path, &vera).contains("Secret sale"), "{path}");
    }
    for path in ["/sites/1/alerts/1", "/sites/1/alerts/new-goal"] {
        assert_eq!(server.ask(&get(path).cookie(&vera)).status, 404, "{path}");
    }
    desk.text(&["share", "remove", "--site", "1", "--user", "vera"]);
    let list = server.page("/account/alerts", &vera);
    assert!(!list.contains("Secret sale") && !list.contains("bakery"), "{list}");
    assert_eq!(server.ask(&post("/account/alerts/remove", &[("alert", "1")]).cookie(&vera)).status, 303);
    assert_eq!(desk.number("select count(*) from alerts"), 0);
}

#[test]
fn alerts_are_set_listed_and_removed_on_the_command_line() {
    let desk = shared();
    let told = desk.text(&["alert", "add", "--site", "1", "--kind", "online", "--over", "50", "--no-mail"]);
    assert_eq!(told.trim(), "Alert 1 of site 1: More than 50 visitors online.");
    desk.text(&[
        "alert",
        "add",
        "--site",
        "1",
        "--kind",
        "spike",
        "--segment",
        "country=DE",
        "--user",
        "uma",
    ]);
    let listed = desk.json(&["alert", "list", "--site", "1", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["mail"]), (1, &Value::Bool(false)));
    let own = desk.text(&["alert", "list", "--site", "1", "--user", "uma"]);
    assert!(own.contains("where Country is Germany"), "{own}");
    for (options, sentence) in [
        (&["--kind", "revenue"][..], "--over"),
        (&["--kind", "revenue", "--over", "5", "--user", "vera"], "doesn't show you"),
        (&["--kind", "goal", "--goal", "none"], "goal"),
        (&["--kind", "online", "--over", "50", "--no-mail"], "already"),
        (&["--kind", "spike", "--segment", "nonsense=1"], "filters"),
    ] {
        let complaint = desk.complaint(&[&["alert", "add", "--site", "1"], options].concat());
        assert!(complaint.contains(sentence), "{options:?}: {complaint}");
    }
    desk.text(&["alert", "remove", "--site", "1", "1"]);
    assert!(desk.complaint(&["alert", "remove", "--site", "1", "1"]).contains("no such alert"));
    assert_eq!(desk.number("select count(*) from alerts"), 1);
}
