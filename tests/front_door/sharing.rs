//! Sharing a site: invitations, levels, and what View Only people see, through the front door.

use super::harness::{Desk, GUESS_PAUSE, PASSWORD, Server, fields, try_until_refused, view};
use super::http::{Answer, get, post};
use super::streams::{next, open};

const SHARING: &str = "/sites/1/preferences/sharing";
const VIEW_ONLY: &str = "/sites/1/preferences/view-only";

pub fn send(server: &Server<'_>, cookie: &str, path: &str, typed: &[(&str, &str)]) -> Answer {
    server.ask(&post(path, typed).cookie(cookie))
}

fn share(server: &Server<'_>, cookie: &str, who: &str, level: &str) -> Answer {
    send(server, cookie, SHARING, &[("user", who), ("level", level)])
}

/// The path of the invitation that a page shows.
pub fn invitation(page: &str) -> String {
    let rest = page.split("/invite/").nth(1).expect("no link is shown");
    format!("/invite/{}", rest.split('<').next().unwrap())
}

pub fn user_id(desk: &Desk, name: &str) -> String {
    desk.number(&format!("select id from users where username = '{name}'")).to_string()
}

pub fn status(server: &Server<'_>, cookie: &str, path: &str) -> u16 {
    server.ask(&get(path).cookie(cookie)).status
}

#[test]
fn somebody_known_sees_a_shared_site_at_once_whatever_they_were_called_by() {
    let desk = Desk::with_people(&["uma", "vic"]);
    let server = desk.serve();
    let (ada, uma, vic) = (server.sign_in("ada"), server.sign_in("uma"), server.sign_in("vic"));
    assert_eq!(status(&server, &uma, "/sites/1/visitors"), 404);
    assert_eq!(share(&server, &ada, "UMA", "user").header("location"), format!("{SHARING}?done=shared"));
    assert_eq!(status(&server, &uma, "/sites/1/visitors"), 200);
    assert_eq!(share(&server, &ada, "vic@e.example", "view-only").status, 303);
    assert!(server.page("/", &vic).contains(">View Only</span>"));
    let list = server.page(SHARING, &ada);
    // Whoever was called by an address is not named by another name.
    assert!(list.contains("<b>vic@e.example</b>") && !list.contains("<b>vic</b>"), "{list}");
    assert!(list.contains("by ada") && list.contains("<b>uma</b>"));
    for (who, sentence) in [
        ("ada", "The site is theirs"),
        ("uma", "shared with them already"),
        ("nobody", "Nobody was let in."),
        ("no@", "Enter an e-mail address such as"),
        ("", "Enter the user name or the e-mail address"),
    ] {
        let refused = share(&server, &ada, who, "user");
        assert_eq!(refused.status, 422, "{who}");
        assert!(refused.text().contains(sentence), "{who}: {}", refused.text());
    }
    assert!(share(&server, &ada, "zoe@e.example", "owner").text().contains("Choose what they may do."));
    assert_eq!(desk.number("select count(*) from shares"), 2);
    assert_eq!(desk.number("select count(*) from invitations"), 0);
}

#[test]
fn an_address_that_nobody_has_shown_to_be_theirs_is_given_nothing_but_an_invitation() {
    let desk = Desk::with_people(&["eve"]);
    let server = desk.serve();
    let (ada, eve) = (server.sign_in("ada"), server.sign_in("eve"));
    let taken = [("username", "eve"), ("email", "cfo@client.example"), ("password", PASSWORD)];
    assert_eq!(send(&server, &eve, "/account/profile", &taken).status, 303);
    let profile = server.page("/account/profile", &eve);
    assert!(
        profile.contains("not confirmed yet") && profile.contains("clickstead user prove-email eve"),
        "{profile}"
    );
    let entering = [("username", "cfo@client.example"), ("password", PASSWORD)];
    assert_eq!(server.ask(&post("/login", &entering)).status, 422);
    let made = share(&server, &ada, "CFO@client.example", "user");
    assert!(made.status == 200 && made.text().contains("/invite/"), "{}", made.text());
    assert_eq!(status(&server, &eve, "/sites/1/visitors"), 404);
    let offer = "/sites/1/preferences/info/transfer";
    assert_eq!(send(&server, &ada, offer, &[("to", "cfo@client.example")]).status, 303);
    assert!(!server.page("/account/sites", &eve).contains("Offered to you"));
    for command in [
        &["share", "add", "--site", "1", "--user", "cfo@client.example", "--level", "user"][..],
        &["site", "transfer", "1", "--to", "cfo@client.example"],
    ] {
        assert!(desk.complaint(command).contains("Nobody has shown that cfo@client.example is theirs"));
    }
    assert_eq!(desk.number("select count(*) from shares"), 0);
    // By their name they are who they are.
    assert_eq!(share(&server, &ada, "eve", "user").status, 303);
    desk.text(&["share", "remove", "--site", "1", "--user", "eve"]);
    desk.text(&["user", "prove-email", "eve"]);
    assert_eq!(share(&server, &ada, "cfo@client.example", "user").status, 303);
    assert!(!server.page("/account/profile", &eve).contains("not confirmed"));
}

#[test]
fn the_link_of_an_invitation_that_somebody_handed_over_says_nothing_of_a_mailbox() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (name, email) in [("one", "one@c.example"), ("two", "cfo@client.example")] {
        let link = invitation(&share(&server, &ada, "one@c.example", "user").text());
        let typed = [("username", name), ("email", email), ("password", PASSWORD)];
        assert_eq!(server.ask(&post(format!("{link}/account"), &typed)).status, 303);
    }
    assert_eq!(desk.texts("select username from users where email_proved = 0 order by id"), ["one", "two"]);
}

#[test]
fn guessing_who_has_an_account_is_slowed_down() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let refused = try_until_refused(10, GUESS_PAUSE, |number| {
        let answer = share(&server, &ada, &format!("guess{number}"), "user");
        assert!([422, 429].contains(&answer.status), "{}", answer.status);
        answer
    });
    assert_eq!(refused.status, 429);
    assert_eq!(share(&server, &ada, "guess", "user").status, 429);
}

#[test]
fn an_address_that_is_taken_is_a_guess_too() {
    let desk = Desk::with_people(&["eve"]);
    let server = desk.serve();
    let (ada, eve) = (server.sign_in("ada"), server.sign_in("eve"));
    let link = invitation(&share(&server, &ada, "client@c.example", "view-only").text());
    let join = |email: &str| {
        let typed = [("username", "client"), ("email", email), ("password", PASSWORD)];
        let far = post(format!("{link}/account"), &typed).header("X-Forwarded-For", "81.2.69.1");
        server.ask(&far)
    };
    let change = |email: &str| {
        let typed = [("username", "eve"), ("email", email), ("password", PASSWORD)];
        let far = post("/account/profile", &typed).header("X-Forwarded-For", "81.3.69.1");
        server.ask(&far.cookie(&eve))
    };
    for tried in [&join as &dyn Fn(&str) -> Answer, &change] {
        let refused = try_until_refused(10, GUESS_PAUSE, |_| {
            let answer = tried("ada@bakery.example");
            let page = answer.text();
            assert!(page.contains("already an account") || page.contains("Too many tries"), "{page}");
            answer
        });
        let page = refused.text();
        assert!(page.contains("Too many tries") && !page.contains("already an account"), "{page}");
        assert!(page.contains("value=\"ada@bakery.example\""), "what was typed is gone");
    }
}

#[test]
fn an_invitation_makes_an_account_that_sees_the_site_and_owns_none() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let made = share(&server, &ada, "client@c.example", "view-only").text();
    let link = invitation(&made);
    assert!(!desk.texts("select hex(token_hash) from invitations").contains(&link[8..].to_uppercase()));
    let page = server.ask(&get(&link)).text();
    assert!(page.contains("ada") && page.contains("bakery.example") && page.contains("client@c.example"));
    let typed = [("username", "client"), ("email", "client@c.example"), ("password", "short")];
    let refused = server.ask(&post(format!("{link}/account"), &typed));
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"client\"") && desk.number("select count(*) from users") == 1);
    let typed = [("username", "client"), ("email", "client@c.example"), ("password", PASSWORD)];
    let joined = server.ask(&post(format!("{link}/account"), &typed));
    assert_eq!((joined.status, joined.header("location")), (303, "/sites/1"));
    let client = format!("session={}", joined.cookie("session").unwrap());
    assert_eq!(status(&server, &client, "/sites/1/visitors"), 200);
    assert!(server.page(SHARING, &ada).contains("invited as client@c.example"));
    assert_eq!(server.ask(&post(format!("{link}/account"), &typed)).status, 404, "a link made two accounts");
    assert_eq!(server.ask(&get(&link)).status, 404, "a link opened twice");
    // Whoever was invited has a plan without sites, until the operator says otherwise.
    let site = [("domain", "mine.example"), ("time_zone", "UTC")];
    assert!(!server.page("/", &client).contains("Add a site"));
    let refused = send(&server, &client, "/sites/new", &site);
    assert!(refused.status == 422 && refused.text().contains("Ask whoever runs this server"));
    desk.text(&["user", "plan", "client", "--sites", "1"]);
    assert_eq!(send(&server, &client, "/sites/new", &site).status, 303);
    let second = send(&server, &client, "/sites/new", &[("domain", "two.example"), ("time_zone", "UTC")]);
    assert!(second.text().contains("room for 1 sites"), "{}", second.text());
}

#[test]
fn an_invitation_joins_an_account_after_signing_in_and_can_be_renewed_and_withdrawn() {
    let desk = Desk::with_people(&["uma"]);
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let first = invitation(&share(&server, &ada, "client@c.example", "user").text());
    let renew = format!("{SHARING}/invitations/renew");
    let second = invitation(&send(&server, &ada, &renew, &[("email", "client@c.example")]).text());
    assert_eq!(server.ask(&get(&first)).status, 404, "the old link holds");
    let signed_out = server.ask(&post(&second, &[]));
    assert_eq!((signed_out.status, signed_out.header("location").starts_with("/login")), (303, true));
    assert!(server.page(&second, &uma).contains("Accept as uma"));
    assert_eq!(send(&server, &uma, &second, &[]).header("location"), "/sites/1");
    assert_eq!(desk.texts("select level from shares"), ["user"]);
    // Whoever has access already keeps it as it is.
    let third = invitation(&share(&server, &ada, "other@c.example", "view-only").text());
    for cookie in [&ada, &uma] {
        assert!(send(&server, cookie, &third, &[]).text().contains("access to this site already"));
    }
    assert_eq!(desk.texts("select level from shares"), ["user"]);
    let withdraw = format!("{SHARING}/invitations/withdraw");
    assert_eq!(send(&server, &ada, &withdraw, &[("email", "OTHER@c.example")]).status, 303);
    assert_eq!(server.ask(&get(&third)).status, 404);
    let again = send(&server, &ada, &withdraw, &[("email", "other@c.example")]);
    assert!(again.header("location").ends_with("done=gone"));
    // A link ends after a week.
    let fourth = invitation(&share(&server, &ada, "late@c.example", "user").text());
    desk.open().execute("update invitations set created_at = created_at - 7 * 86400000", []).unwrap();
    assert_eq!(server.ask(&get(&fourth)).status, 404);
    assert!(!server.page(SHARING, &ada).contains("late@c.example"));
}

#[test]
fn an_administrator_manages_everybody_but_the_owner_and_learns_nothing_of_another_site() {
    let desk = Desk::with_people(&["adam", "amy", "uma"]);
    desk.text(&["site", "add", "secret.example", "--owner", "ada"]);
    let server = desk.serve();
    let (ada, adam, uma) = (server.sign_in("ada"), server.sign_in("adam"), server.sign_in("uma"));
    share(&server, &ada, "adam", "administrator");
    share(&server, &ada, "amy", "administrator");
    assert_eq!(share(&server, &adam, "uma", "user").status, 303);
    let remove = format!("{SHARING}/remove");
    let change = format!("{SHARING}/change");
    let uma_id = user_id(&desk, "uma");
    let level = [("user", uma_id.as_str()), ("level", "view-only")];
    assert!(send(&server, &adam, &change, &level).header("location").ends_with("changed"));
    assert_eq!(server.ask(&get("/sites/1/export/pages.csv").cookie(&uma)).status, 403);
    // Another Administrator goes; what they shared stays.
    assert!(
        send(&server, &adam, &remove, &[("user", &user_id(&desk, "amy"))])
            .header("location")
            .ends_with("removed")
    );
    let owner = send(&server, &adam, &remove, &[("user", &user_id(&desk, "ada"))]);
    assert!(owner.header("location").ends_with("gone"), "an owner was removed");
    assert_eq!(status(&server, &ada, SHARING), 200);
    let removed = server.page(&format!("{SHARING}?done=removed"), &adam);
    assert!(removed.contains("may still know the site key") && removed.contains("preferences/info/rotate"));
    assert!(send(&server, &ada, &remove, &[("user", &user_id(&desk, "adam"))]).status == 303);
    assert_eq!(status(&server, &adam, "/sites/1"), 404);
    assert_eq!(status(&server, &uma, "/sites/1"), 200, "what a removed Administrator shared has gone");
    // Of the owner's other site there is nothing to be learned at any time.
    share(&server, &ada, "adam", "administrator");
    for path in ["/", "/sites/1", SHARING, "/account/sites", "/sites/1/preferences/info"] {
        assert!(!server.page(path, &adam).contains("secret.example"), "{path}");
    }
    for path in ["/sites/2", "/sites/2/preferences/sharing", "/sites/2/export/pages.csv"] {
        let (hidden, missing) =
            (server.ask(&get(path).cookie(&adam)), server.ask(&get(path.replace("/2", "/99")).cookie(&adam)));
        assert_eq!((hidden.status, hidden.body), (404, missing.body), "{path}");
    }
}

/// A site with two visitors of whom the page says a name, and somebody who may view only.
pub fn with_named_visitors(desk: &Desk) -> Server<'_> {
    let server = desk.serve();
    for (address, name) in [("81.2.69.1", "Grace Hopper"), ("81.2.70.1", "Alan Turing")] {
        let mut hit = view("/secret-page");
        hit.push(("custom[username]", name.into()));
        assert_eq!(server.hit(address, &fields(&hit)).status, 204);
    }
    server
}

#[test]
fn view_only_people_learn_nothing_hidden_by_filter_sort_paging_or_file() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = with_named_visitors(&desk);
    let (ada, vic) = (server.sign_in("ada"), server.sign_in("vic"));
    let own = server.page("/sites/1/visitors?date=today", &ada);
    assert!(own.contains("Grace Hopper"), "{own}");
    let visit = desk.number("select min(id) from visits");
    let visitor = desk.number("select visitor_id from visits order by id limit 1");
    let hidden = ["Grace", "Hopper", "Turing", "81.2.69", "81.2.70", &visitor.to_string()];
    for path in [
        "/sites/1?date=today",
        "/sites/1/visitors?date=today",
        "/sites/1/visitors?date=today&limit=1&page=2",
        "/sites/1/spy",
        "/sites/1/reports",
        "/sites/1/reports/pages?date=today&sort=title&find=Hopper",
        "/sites/1/reports/links-recent?date=today",
    ] {
        let page = server.page(path, &vic);
        for word in hidden {
            // What was searched for stands in the search box.
            let told = page.replace("find=Hopper", "").replace("\"Hopper\"", "").replace("“Hopper”", "");
            assert!(!told.contains(word), "{path} tells {word}");
        }
    }
    let list = server.page("/sites/1/visitors?date=today", &vic);
    assert!(list.contains("Visitor 1") && list.contains("Visitor 2") && !list.contains("/visits/"), "{list}");
    // A true guess and a wrong one are answered alike: no.
    for filter in [
        "custom=username: Grace Hopper",
        "custom=username: Nobody",
        "uid=1",
        "city=London, United Kingdom",
        "region=England, United Kingdom",
        "hostname=x",
        "org=x",
    ] {
        for screen in ["/sites/1", "/sites/1/visitors", "/sites/1/reports/pages", "/sites/1/reports/visitors"]
        {
            let path = format!("{screen}?date=today&{}", filter.replace(' ', "%20"));
            assert_eq!(status(&server, &vic, &path), 403, "{path}");
            assert_eq!(status(&server, &ada, &path), 200, "{path}");
        }
    }
    let refused = ["reports/custom", "reports/visitors-most-active", "reports/cities", "reports/hostnames"];
    for rest in refused.into_iter().map(str::to_owned).chain([
        format!("visits/{visit}"),
        format!("visitors/{visitor}"),
        "export/visitors-list.csv".into(),
        "export/pages.csv".into(),
        "preferences/info".into(),
        "preferences/sharing".into(),
    ]) {
        assert_eq!(status(&server, &vic, &format!("/sites/1/{rest}")), 403, "{rest}");
        assert!(!server.page("/sites/1", &vic).contains(&rest), "a link to {rest}");
    }
}

#[test]
fn what_view_only_people_see_is_chosen_for_the_site_and_for_one_person_and_holds_at_once() {
    let desk = Desk::with_people(&["vic", "val"]);
    for name in ["vic", "val"] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", "view-only"]);
    }
    let server = with_named_visitors(&desk);
    let (ada, vic, val) = (server.sign_in("ada"), server.sign_in("vic"), server.sign_in("val"));
    let nothing = send(&server, &ada, VIEW_ONLY, &[("live-list", "on")]);
    assert!(nothing.status == 422 && nothing.text().contains("Choose one report at least"));
    let blind = send(&server, &ada, VIEW_ONLY, &[("report", "pages"), ("single-visits", "on")]);
    assert!(blind.status == 422 && blind.text().contains("Switch that on too"));
    // Countries and names, but neither pages nor the live list.
    let chosen = [("report", "countries"), ("report", "custom"), ("names", "on")];
    assert_eq!(send(&server, &ada, VIEW_ONLY, &chosen).status, 303);
    assert!(server.page(SHARING, &ada).contains("no live list"));
    for cookie in [&vic, &val] {
        for path in ["visitors", "spy", "spy/stream", "online", "reports/pages", "reports/visitors"] {
            assert_eq!(status(&server, cookie, &format!("/sites/1/{path}")), 403, "{path}");
        }
        assert!(server.page("/sites/1/reports/custom?date=today", cookie).contains("Grace Hopper"));
        let dashboard = server.page("/sites/1?date=today", cookie);
        assert!(dashboard.contains("Countries") && !dashboard.contains("secret-page"), "{dashboard}");
        assert!(!dashboard.contains("data-online") && !dashboard.contains("Unique visitors"), "{dashboard}");
        assert!(server.page("/", cookie).contains("<td class=\"number\">–</td>"), "visits today are told");
        assert_eq!(status(&server, cookie, "/sites/1?date=today&href=/secret-page"), 403);
    }
    // One of them sees the list with addresses, in an open stream too.
    let val_id = user_id(&desk, "val");
    let alone = [("user", val_id.as_str()), ("report", "pages"), ("live-list", "on"), ("addresses", "on")];
    assert_eq!(send(&server, &ada, VIEW_ONLY, &alone).status, 303);
    assert!(server.page(SHARING, &ada).contains("own view"));
    assert_eq!(status(&server, &vic, "/sites/1/visitors"), 403);
    let list = server.page("/sites/1/visitors?date=today", &val);
    assert!(list.contains("81.2.69.0") && !list.contains("Grace"), "{list}");
    let mut stream = open(&server, &val, None);
    let mut hit = view("/one");
    hit.push(("custom[username]", "Ada Lovelace".into()));
    server.hit("81.2.71.1", &fields(&hit));
    let told = next(&mut stream).unwrap().data;
    assert!(told.contains("81.2.71.0") && !told.contains("Lovelace"), "{told}");
    let masked = [("user", val_id.as_str()), ("report", "pages"), ("live-list", "on")];
    send(&server, &ada, VIEW_ONLY, &masked);
    server.hit("81.2.71.1", &fields(&view("/two")));
    let told = next(&mut stream).unwrap().data;
    assert!(told.contains("/two") && told.contains("Visitor 3") && !told.contains("81.2.71"), "{told}");
    // As all others again: the stream has no right to go on.
    send(&server, &ada, VIEW_ONLY, &[("user", val_id.as_str()), ("as-site", "on")]);
    assert_eq!(next(&mut stream).unwrap().name, "gone");
    assert_eq!(status(&server, &val, "/sites/1/visitors"), 403);
}

#[test]
fn removing_a_share_ends_its_open_stream_and_leaves_the_persons_other_site() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["site", "add", "other.example", "--owner", "ada"]);
    for site in ["1", "2"] {
        desk.text(&["share", "add", "--site", site, "--user", "uma", "--level", "user"]);
    }
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let mut stream = open(&server, &uma, None);
    send(&server, &ada, &format!("{SHARING}/remove"), &[("user", &user_id(&desk, "uma"))]);
    server.hit("81.2.69.1", &fields(&view("/secret")));
    let last = next(&mut stream).unwrap();
    assert_eq!((last.name.as_str(), last.data.contains("secret")), ("gone", false));
    assert_eq!(status(&server, &uma, "/sites/1"), 404);
    assert_eq!(status(&server, &uma, "/sites/2"), 200);
    assert_eq!(desk.number("select count(*) from shares"), 1);
}

#[test]
fn a_preview_shows_the_site_as_view_only_people_see_it_until_it_is_ended() {
    let desk = Desk::with_site();
    let server = with_named_visitors(&desk);
    let (ada, elsewhere) = (server.sign_in("ada"), server.sign_in("ada"));
    assert_eq!(send(&server, &ada, &format!("{VIEW_ONLY}/preview"), &[]).header("location"), "/sites/1");
    let page = server.page("/sites/1/visitors?date=today", &ada);
    assert!(page.contains("as View Only people see it") && !page.contains("Grace Hopper"), "{page}");
    assert_eq!(status(&server, &ada, SHARING), 403);
    assert!(
        server.page("/sites/1/visitors?date=today", &elsewhere).contains("Grace Hopper"),
        "another browser"
    );
    assert_eq!(send(&server, &ada, "/account/preview/end", &[]).header("location"), VIEW_ONLY);
    assert!(server.page("/sites/1/visitors?date=today", &ada).contains("Grace Hopper"));
}

/// An address, whose cookie, what is typed, the command that comes in between, and how it may be refused then.
type Late<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a [u16]);

#[test]
fn whoever_loses_a_right_while_their_request_is_on_its_way_changes_nothing() {
    let desk = Desk::with_people(&["adam", "pam", "cleo"]);
    desk.text(&["share", "add", "--site", "1", "--user", "adam", "--level", "administrator"]);
    desk.text(&["user", "move", "cleo", "--to", "pam"]);
    let server = desk.serve();
    let (adam, pam) = (server.sign_in("adam"), server.sign_in("pam"));
    let cleo = desk.number("select id from users where username = 'cleo'");
    assert_eq!(send(&server, &pam, &format!("/account/sub-accounts/{cleo}/act"), &[]).status, 303);
    let site = [("account", "cleo"), ("domain", "late.example"), ("time_zone", "Europe/Berlin")];
    let late: [Late<'_>; 3] = [
        (
            SHARING,
            &adam,
            &[("user", "late@evil.example"), ("level", "administrator")],
            &["share", "set", "--site", "1", "--user", "adam", "--level", "user"],
            &[303, 403, 404],
        ),
        (
            VIEW_ONLY,
            &adam,
            &[("report", "pages")],
            &["share", "remove", "--site", "1", "--user", "adam"],
            &[303, 403, 404],
        ),
        // Whoever does not act for her any more is told that the form was hers.
        ("/sites/new", &pam, &site, &["user", "release", "cleo"], &[303, 403, 404, 422]),
    ];
    for (path, cookie, typed, taken_away, refused) in late {
        if taken_away[1] == "remove" {
            desk.text(&["share", "set", "--site", "1", "--user", "adam", "--level", "administrator"]);
        }
        let bytes = post(path, typed).cookie(cookie).bytes(server.address);
        // All but the last byte of the body.
        let mut wire = server.wire();
        wire.send(&bytes[..bytes.len() - 1]).unwrap();
        // The server has read what came, or reads it only when the right is gone: both change nothing.
        assert_eq!(server.ask(&get("/healthz")).status, 200);
        desk.text(taken_away);
        wire.send(&bytes[bytes.len() - 1..]).unwrap();
        let answer = wire.answer().unwrap();
        assert!(refused.contains(&answer.status), "{path}: {}", answer.status);
        assert_eq!(desk.number("select count(*) from invitations"), 0, "{path}");
        assert_eq!(
            desk.number("select count(*) from sites where view_only_reports is not null"),
            0,
            "{path}"
        );
        assert_eq!(desk.number("select count(*) from sites"), 1, "{path}");
    }
}

#[test]
fn nobody_comes_back_by_an_invitation_that_they_made_themselves() {
    let desk = Desk::with_people(&["adam", "bob"]);
    desk.text(&["share", "add", "--site", "1", "--user", "adam", "--level", "administrator"]);
    let server = desk.serve();
    let (ada, adam, bob) = (server.sign_in("ada"), server.sign_in("adam"), server.sign_in("bob"));
    let kept = invitation(&share(&server, &adam, "back@door.example", "administrator").text());
    let own = invitation(&share(&server, &ada, "mine@door.example", "user").text());
    assert!(server.page(SHARING, &ada).contains("back@door.example"));
    for (act, level) in [("set", "user"), ("set", "administrator"), ("remove", "")] {
        let whom = ["share", act, "--site", "1", "--user", "adam"];
        let level: &[&str] = if level.is_empty() { &[] } else { &["--level", level] };
        desk.text(&[&whom[..], level].concat());
        let holds = level.contains(&"administrator");
        assert_eq!(server.ask(&get(kept.as_str())).status == 200, holds, "{act} {level:?}");
        assert_eq!(server.page(SHARING, &ada).contains("back@door.example"), holds, "{act} {level:?}");
    }
    assert_eq!(send(&server, &adam, &kept, &[]).status, 404);
    let typed = [("username", "door"), ("email", "back@door.example"), ("password", PASSWORD)];
    assert_eq!(server.ask(&post(format!("{kept}/account"), &typed)).status, 404);
    assert_eq!(desk.number("select count(*) from shares"), 0);
    // The former owner's go with the site, and those of an account that is gone.
    desk.text(&["site", "transfer", "1", "--to", "bob"]);
    assert_eq!(server.ask(&get(own.as_str())).status, 404);
    let again = invitation(&share(&server, &bob, "third@door.example", "user").text());
    assert_eq!(server.ask(&get(again.as_str())).status, 200);
    desk.text(&["user", "disable", "bob"]);
    assert_eq!(server.ask(&get(again.as_str())).status, 404, "of somebody who is disabled");
}

#[test]
fn who_can_see_what_names_whoever_acts_for_a_person_too() {
    let desk = Desk::with_people(&["pam", "cleo"]);
    desk.text(&["user", "move", "cleo", "--to", "pam"]);
    desk.text(&["share", "add", "--site", "1", "--user", "cleo", "--level", "user"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let page = server.page("/sites/1/access", &ada);
    assert!(page.contains("managed by pam, who can act for them"), "{page}");
}
