//! E-mail reports: set up on screens and at the command line, sent by a real mail server as days pass, and ended.

use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::{Answer, get, post};
use super::mail::{HOME, MailServer, link, sign_in_as};
use serde_json::Value;
use std::fs;

const OWN: &str = "/account/digests";
const OUTSIDE: &str = "/sites/1/preferences/digests";
const DAY: i64 = 86_400;

/// A site whose days are those of UTC, and the day on which the story begins.
struct Story {
    desk: Desk,
    /// Days since 1970.
    first_day: i64,
}

impl Story {
    fn begin() -> Self {
        let desk = Desk::with_site();
        desk.open().execute_batch("update sites set time_zone = 'UTC'").unwrap();
        let first_day = desk.number(&format!("select unixepoch() / {DAY}"));
        Self { desk, first_day }
    }

    /// The day as many days later, as `strftime` writes it.
    fn written(&self, days: i64, form: &str) -> String {
        let seconds = (self.first_day + days) * DAY;
        jiff::Timestamp::from_second(seconds).unwrap().in_tz("UTC").unwrap().strftime(form).to_string()
    }

    /// The day as many days later, as letters write it.
    fn day(&self, days: i64) -> String {
        self.written(days, "%a %-d %b %Y")
    }

    /// Serves at noon, as many days later.
    fn serve_at_noon(&self, mail: &MailServer, days: i64) -> Server<'_> {
        let noon = (self.first_day + days) * DAY + DAY / 2;
        let ahead = noon - self.desk.number("select unixepoch()");
        let (next, file) = (self.desk.path().join("clock.next"), self.desk.path().join("clock"));
        fs::write(&next, format!("{ahead:+}")).unwrap();
        fs::rename(next, &file).unwrap();
        self.desk.serve_by_clock_with(&file, &["--public-url", HOME, "--smtp-url", &mail.url("")])
    }
}

/// Two visitors who read a page today, one of whom came by a link.
fn come(server: &Server<'_>) {
    server.hit("81.2.69.1", &fields(&view("/pricing")));
    let owned = view("/pricing");
    let linked = [&fields(&owned)[..], &[("ref", "https://news.example/today")]].concat();
    server.hit("81.2.69.2", &linked);
}

fn sign_in(server: &Server<'_>, name: &str) -> String {
    sign_in_as(server, name, PASSWORD).unwrap()
}

fn send(server: &Server<'_>, cookie: &str, path: &str, typed: &[(&str, &str)]) -> Answer {
    server.ask(&post(path, typed).cookie(cookie))
}

fn done(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").rsplit_once("done=").unwrap().1
}

fn text(letter: &Value) -> &str {
    letter["text"].as_str().unwrap()
}

fn html(letter: &Value) -> &str {
    letter["html"].as_str().unwrap()
}

#[test]
fn a_report_is_sent_once_a_period_with_the_numbers_and_ended_without_signing_in() {
    let (mut mail, story) = (MailServer::start(&[]), Story::begin());
    let desk = &story.desk;
    let server = story.serve_at_noon(&mail, 0);
    let ada = sign_in(&server, "ada");
    let form = server.page(&format!("{OWN}/new"), &ada);
    assert!(form.contains("bakery.example") && form.contains("value=\"weekly\" checked"), "{form}");
    assert_eq!(
        done(&send(&server, &ada, &format!("{OWN}/new"), &[("rhythm", "daily"), ("site", "1")])),
        "added"
    );
    assert!(server.page(OWN, &ada).contains("to ada@bakery.example"));
    come(&server);
    server.stop();
    let server = story.serve_at_noon(&mail, 1);
    let letter = mail.next();
    assert_eq!(letter["to"][0], "ada@bakery.example");
    assert_eq!(letter["subject"], format!("Daily report: bakery.example, {}", story.day(0)));
    let visits = text(&letter).lines().find(|line| line.starts_with("Visits ")).unwrap();
    assert!(visits.ends_with(" 2"), "{visits}");
    for part in ["/pricing", "news.example", "/sites/1?date=", "Unsubscribe: "] {
        assert!(text(&letter).contains(part), "{part}: {}", text(&letter));
    }
    assert!(html(&letter).contains("/pricing") && html(&letter).contains("prefers-color-scheme:dark"));
    server.stop();
    // Started again on the same day, and then off for two weeks: the newest day alone is told.
    story.serve_at_noon(&mail, 1).stop();
    let server = story.serve_at_noon(&mail, 15);
    let letter = mail.next();
    assert_eq!(letter["subject"], format!("Daily report: bakery.example, {}", story.day(14)));
    let ended = text(&letter).lines().find_map(|line| line.strip_prefix("Unsubscribe: ")).unwrap();
    let path = ended.strip_prefix(HOME).unwrap();
    assert_eq!(server.ask(&get(path)).status, 200);
    let list = |server: &Server<'_>, cookie: &str| server.page(OWN, cookie);
    let ada = sign_in(&server, "ada");
    assert!(!list(&server, &ada).contains("unsubscribed"), "a look at the link ended it");
    let one_click = post(path, &[("List-Unsubscribe", "One-Click")]).without("Sec-Fetch-Site");
    assert_eq!(server.ask(&one_click).status, 200);
    assert!(list(&server, &ada).contains("unsubscribed"));
    server.stop();
    story.serve_at_noon(&mail, 16).stop();
    let server = story.serve_at_noon(&mail, 17);
    let ada = sign_in(&server, "ada");
    assert_eq!(done(&send(&server, &ada, &format!("{OWN}/1/resume"), &[])), "resumed");
    server.stop();
    let _server = story.serve_at_noon(&mail, 18);
    assert_eq!(mail.next()["subject"], format!("Daily report: bakery.example, {}", story.day(17)));
    assert_eq!(desk.number("select count(*) from digest_periods"), 3);
}

#[test]
fn a_view_only_persons_report_tells_nothing_hidden_and_ends_with_a_note_when_they_are_out() {
    let (mut mail, story) = (MailServer::start(&[]), Story::begin());
    let desk = &story.desk;
    desk.json_with(
        PASSWORD,
        &["user", "add", "vic", "--email", "vic@e.example", "--password-stdin", "--json"],
    );
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    desk.text(&["goal", "add", "--site", "1", "--name", "Priced", "--page", "/pricing"]);
    let server = story.serve_at_noon(&mail, 0);
    let ada = sign_in(&server, "ada");
    let chosen = [("report", "visitors"), ("report", "pages")];
    assert_eq!(send(&server, &ada, "/sites/1/preferences/view-only", &chosen).status, 303);
    desk.text(&["annotation", "add", "--site", "1", "--day", &story.written(0, "%Y-%m-%d"), "Sale began"]);
    for (name, cookie) in [("ada", &ada), ("vic", &sign_in(&server, "vic"))] {
        let typed = [("rhythm", "daily"), ("site", "1")];
        assert_eq!(done(&send(&server, cookie, &format!("{OWN}/new"), &typed)), "added", "{name}");
    }
    come(&server);
    server.stop();
    let server = story.serve_at_noon(&mail, 1);
    let letters = [mail.next(), mail.next()];
    let to = |who: &str| letters.iter().find(|letter| letter["to"][0] == who).unwrap();
    let (full, less) = (to("ada@bakery.example"), to("vic@e.example"));
    let vic = sign_in(&server, "vic");
    let preview = server.ask(&get(format!("{OWN}/preview?rhythm=daily&site=1")).cookie(&vic));
    assert!(preview.header("Content-Security-Policy").contains("style-src 'unsafe-inline'"));
    for hidden in ["news.example", "Priced", "Sale began", "Unique visitors", "Bounce rate"] {
        assert!(text(full).contains(hidden), "{hidden}: {}", text(full));
        for part in [text(less), html(less), &preview.text()] {
            assert!(!part.contains(hidden), "{hidden}: {part}");
        }
    }
    for part in [text(less), &preview.text()] {
        assert!(part.contains("/pricing") && part.contains("Visits"), "{part}");
    }
    desk.text(&["share", "remove", "--site", "1", "--user", "vic"]);
    server.stop();
    let server = story.serve_at_noon(&mail, 2);
    let letters = [mail.next(), mail.next()];
    let note = letters.iter().find(|letter| letter["to"][0] == "vic@e.example").unwrap();
    assert_eq!(note["subject"], "Your daily report has ended");
    assert!(!text(note).contains("bakery.example:") && !text(note).contains("/pricing"), "{}", text(note));
    let list = server.page(OWN, &sign_in(&server, "vic"));
    assert!(
        list.contains("aren't shared with you any more") && !list.contains("bakery.example</span>"),
        "{list}"
    );
}

#[test]
fn an_address_outside_confirms_once_and_gets_what_a_guest_link_shows_under_its_brand() {
    let (mut mail, story) = (MailServer::start(&[]), Story::begin());
    let desk = &story.desk;
    let brand = "insert into brands (site_id, name, accent, footer, updated_at) values (1, 'Hearth & Co', '#b4540a', '', 0)";
    desk.open().execute(brand, []).unwrap();
    let made =
        desk.json(&["link", "add", "--site", "1", "--white-label", "--reports", "visitors,pages", "--json"]);
    let path = made["path"].as_str().unwrap().to_owned();
    let server = story.serve_at_noon(&mail, 0);
    let ada = sign_in(&server, "ada");
    let typed = [("recipient", "Mill@M.example"), ("link", "1"), ("rhythm", "daily")];
    assert_eq!(done(&send(&server, &ada, OUTSIDE, &typed)), "added");
    let question = mail.next();
    assert_eq!(question["to"][0], "Mill@m.example");
    assert_eq!(question["from"], "Hearth & Co <clickstead@stats.bakery.example>");
    assert_eq!(question["subject"], "Hearth & Co wants to send you a daily report on bakery.example");
    come(&server);
    server.stop();
    // A day passes without an answer: nothing is sent.
    story.serve_at_noon(&mail, 1).stop();
    let server = story.serve_at_noon(&mail, 1);
    let page = server.ask(&get(link(&question))).text();
    assert!(page.contains("Hearth &amp; Co") && page.contains("Mill@m.example"), "{page}");
    assert!(!page.contains("Clickstead"), "{page}");
    assert_eq!(
        desk.number("select count(*) from digests where confirmed_at is not null"),
        0,
        "a look confirmed it"
    );
    let page = server.ask(&post(link(&question), &[])).text();
    assert!(page.contains("get the report"), "{page}");
    assert_eq!(server.ask(&get(link(&question))).status, 404, "the link tells of the report for good");
    come(&server);
    server.stop();
    let server = story.serve_at_noon(&mail, 2);
    let report = mail.next();
    assert_eq!(report["to"][0], "Mill@m.example");
    assert_eq!(report["subject"], format!("Daily report: bakery.example, {}", story.day(1)));
    for part in [text(&report), html(&report)] {
        assert!(part.contains("/pricing") && part.contains(&path), "{part}");
        assert!(!part.contains("news.example") && !part.contains("Clickstead"), "{part}");
    }
    assert!(html(&report).contains("Hearth &amp; Co"));
    let ending = text(&report).lines().find_map(|line| line.strip_prefix("Unsubscribe: ")).unwrap();
    let ending = server.ask(&get(ending.strip_prefix(HOME).unwrap())).text();
    assert!(ending.contains("Daily report on bakery.example") && !ending.contains("Clickstead"), "{ending}");
    let ada = sign_in(&server, "ada");
    assert!(
        server.page("/sites/1/access", &ada).contains("Goes by e-mail to"),
        "who can see it does not say so"
    );
    let removed = send(&server, &ada, "/sites/1/preferences/public-access/1/remove", &[]);
    assert_eq!(removed.status, 303);
    server.stop();
    let server = story.serve_at_noon(&mail, 3);
    let note = mail.next();
    assert_eq!(
        (&note["to"][0], &note["subject"]),
        (&"ada@bakery.example".into(), &"The daily report to Mill@m.example has ended".into())
    );
    let list = server.page(OUTSIDE, &sign_in(&server, "ada"));
    assert!(list.contains("the guest link was removed"), "{list}");
    assert_eq!(
        desk.texts("select act from audit where act like 'outside-%'"),
        ["outside-digest-added"],
        "acts without a line in the log"
    );
}

#[test]
fn a_report_that_ended_before_its_address_confirmed_cannot_be_confirmed() {
    let (mut mail, story) = (MailServer::start(&[]), Story::begin());
    let desk = &story.desk;
    desk.json(&["link", "add", "--site", "1", "--reports", "visitors,pages", "--json"]);
    let server = story.serve_at_noon(&mail, 0);
    let ada = sign_in(&server, "ada");
    let question = |mail: &mut MailServer, recipient: &str| {
        let typed = [("recipient", recipient), ("link", "1"), ("rhythm", "daily")];
        assert_eq!(done(&send(&server, &ada, OUTSIDE, &typed)), "added");
        link(&mail.next())
    };
    let (removed, cut_off) = (question(&mut mail, "mill@m.example"), question(&mut mail, "bank@m.example"));
    assert_eq!(server.ask(&get(&*cut_off)).status, 200);
    desk.text(&["digest", "remove", "1"]);
    assert_eq!(send(&server, &ada, "/sites/1/preferences/public-access/1/remove", &[]).status, 303);
    for path in [removed, cut_off] {
        for answer in [server.ask(&get(&*path)), server.ask(&post(&*path, &[]))] {
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.text().contains("the report has ended"), "{}", answer.text());
        }
    }
    assert_eq!(desk.number("select count(*) from digests where confirmed_at is not null"), 0);
}

#[test]
fn what_is_no_report_is_refused_with_a_sentence_and_changes_nothing() {
    let (mut mail, story) = (MailServer::start(&[]), Story::begin());
    let desk = &story.desk;
    for (name, level) in [("uma", Some("user")), ("eve", None)] {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
        if let Some(level) = level {
            desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
        }
    }
    desk.open().execute_batch("update users set email_proved = 0 where username = 'uma'").unwrap();
    desk.text(&["link", "add", "--site", "1", "--name", "Board"]);
    let server = story.serve_at_noon(&mail, 0);
    let (ada, uma, eve) = (sign_in(&server, "ada"), sign_in(&server, "uma"), sign_in(&server, "eve"));
    let new = format!("{OWN}/new");
    for (cookie, typed, sentence) in [
        (&ada, &[("rhythm", "hourly"), ("site", "1")][..], "Choose daily, weekly or monthly."),
        (&ada, &[("rhythm", "daily")], "Choose at least one site."),
        (&ada, &[("rhythm", "daily"), ("site", "7")], "Choose sites from the list."),
        (&eve, &[("rhythm", "daily"), ("site", "1")], "Choose sites from the list."),
        (&uma, &[("rhythm", "daily"), ("site", "1")], "Confirm your e-mail address first"),
    ] {
        let answer = send(&server, cookie, &new, typed);
        assert_eq!(answer.status, 422, "{sentence}");
        assert!(answer.text().contains(sentence), "{sentence}: {}", answer.text());
    }
    for (typed, sentence) in [
        (["nobody", "1", "monthly"], "Enter an e-mail address"),
        (["mill@m.example", "7", "monthly"], "Choose one of the site&#39;s guest links."),
        (["mill@m.example", "", "monthly"], "guest links."),
        (["mill@m.example", "1", "hourly"], "Choose daily, weekly or monthly."),
    ] {
        let typed = [("recipient", typed[0]), ("link", typed[1]), ("rhythm", typed[2])];
        let answer = send(&server, &ada, OUTSIDE, &typed);
        let page = answer.text().replace('\'', "&#39;");
        assert!(answer.status == 422 && page.contains(sentence), "{sentence}: {page}");
    }
    assert_eq!(send(&server, &uma, OUTSIDE, &[]).status, 403);
    assert_eq!(send(&server, &eve, OUTSIDE, &[]).status, 404);
    assert_eq!(desk.number("select count(*) from digests"), 0);
    assert_eq!(done(&send(&server, &ada, &new, &[("rhythm", "daily"), ("site", "1")])), "added");
    assert_eq!(
        send(&server, &ada, &new, &[("rhythm", "daily"), ("site", "1")]).status,
        422,
        "twice the same"
    );
    // Somebody else's report is none of theirs.
    assert_eq!(server.ask(&get(format!("{OWN}/1")).cookie(&eve)).status, 404);
    for act in ["pause", "resume", "remove"] {
        assert_eq!(done(&send(&server, &eve, &format!("{OWN}/1/{act}"), &[])), "gone", "{act}");
    }
    assert_eq!(send(&server, &eve, &format!("{OWN}/1/send"), &[]).status, 404);
    assert_eq!(desk.number("select count(*) from digests where paused_at is null"), 1);
    // What is asked for now comes now, and does not take the place of the next report.
    assert_eq!(done(&send(&server, &ada, &format!("{OWN}/1/send"), &[])), "sent");
    assert_eq!(mail.next()["subject"], format!("Daily report: bakery.example, {}", story.day(-1)));
    assert_eq!(desk.number("select count(*) from digest_periods"), 0);
}

#[test]
fn reports_are_set_up_listed_sent_and_removed_at_the_command_line() {
    let desk = Desk::with_site();
    desk.text(&["link", "add", "--site", "1", "--name", "Board"]);
    let own = ["digest", "add", "--user", "ada", "--site", "1", "--every", "weekly", "--json"];
    assert_eq!(desk.json(&own)["digest_id"], 1);
    assert!(desk.complaint(&own).contains("You already get this report"));
    let to = ["digest", "add", "--to", "mill@m.example", "--link", "1", "--site", "1", "--every", "monthly"];
    assert!(desk.complaint(&to).contains("--public-url"));
    let there = ["--public-url", HOME];
    assert!(desk.text(&[&to[..], &there].concat()).contains("once that is confirmed"));
    let listed = desk.json(&["digest", "list", "--json"]);
    assert_eq!((&listed[0]["to"], &listed[0]["rhythm"]), (&"ada".into(), &"weekly".into()));
    assert_eq!(
        (&listed[1]["to"], &listed[1]["state"]),
        (&"mill@m.example".into(), &"Not confirmed yet.".into())
    );
    assert!(desk.complaint(&[&["digest", "send", "2"][..], &there].concat()).contains("Not confirmed yet."));
    assert!(desk.text(&[&["digest", "send", "1"][..], &there].concat()).contains("in the outbox"));
    let waiting = "select recipient from outbox order by id";
    assert_eq!(desk.texts(waiting), ["mill@m.example", "ada@bakery.example"]);
    desk.text(&["digest", "remove", "1"]);
    desk.text(&["digest", "remove", "2"]);
    assert_eq!(desk.number("select count(*) from digests"), 0);
    assert!(desk.complaint(&["digest", "remove", "2"]).contains("no such e-mail report"));
}
