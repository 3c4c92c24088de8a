//! Guest links through the front door: what they show, to whom, and that what is taken away is gone at once.

use super::harness::{Desk, GUESS_PAUSE, PASSWORD, Server, fields, try_until_refused, view, without_hashes};
use super::http::{Answer, get, post};
use super::sharing::{send, status, with_named_visitors};
use super::streams::next;
use serde_json::Value;

const LINKS: &str = "/sites/1/preferences/public-access";

/// Makes a link by command; its number and path.
pub fn link(desk: &Desk, more: &[&str]) -> (String, String) {
    let command = [&["link", "add", "--site", "1", "--json"], more].concat();
    let made: Value = desk.json_with(PASSWORD, &command);
    (made["link_id"].to_string(), made["path"].as_str().unwrap().to_owned())
}

fn open(server: &Server<'_>, path: &str) -> Answer {
    server.ask(&get(path))
}

/// Gives the password of a link; the cookie that its pages take.
fn give(server: &Server<'_>, path: &str, password: &str) -> Answer {
    server.ask(&post(format!("{path}/password"), &[("password", password)]))
}

fn pass(answer: &Answer) -> String {
    format!("guest={}", answer.cookie("guest").unwrap())
}

#[test]
fn a_guest_link_shows_what_was_chosen_and_nothing_else() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "secret.example", "--owner", "ada"]);
    let server = with_named_visitors(&desk);
    let (_, path) = link(&desk, &["--reports", "pages,countries"]);
    assert_eq!(path.len(), "/s/".len() + 40, "a token has 160 bits");
    let first = open(&server, &format!("{path}?date=today"));
    assert_eq!(first.status, 200, "{}", first.text());
    assert!(first.text().contains("/secret-page") && first.text().contains("bakery.example"));
    assert!(first.header("set-cookie").is_empty(), "a link without password needs no cookie");
    assert_eq!(first.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(first.header("referrer-policy"), "same-origin");
    assert_eq!(first.header("cache-control"), "no-store");
    let (visit, visitor) =
        (desk.number("select min(id) from visits"), desk.number("select min(visitor_id) from visits"));
    let key = &desk.texts("select site_key from sites")[0];
    let hidden = ["Grace", "Hopper", "81.2.69", "secret.example", "ada", "/sites/", "/account", key];
    for shown in ["", "/reports", "/reports/pages", "/reports/countries", "/visitors", "/spy"] {
        let page = open(&server, &format!("{path}{shown}?date=today"));
        assert_eq!(page.status, 200, "{shown}");
        // The digits of its own address may spell a short name by chance.
        let told = without_hashes(&page.text()).replace(&path, "");
        for word in hidden {
            assert!(!told.contains(word), "{shown} tells {word}: {told}");
        }
    }
    for closed in [
        "/reports/web-browsers".into(),
        "/reports/custom".into(),
        "/reports/cities".into(),
        "/export/pages.csv".into(),
        format!("/visits/{visit}"),
        format!("/visitors/{visitor}"),
        "/preferences/info".into(),
        "/access".into(),
        "/heatmaps".into(),
        "/nothing".into(),
    ] {
        assert_eq!(open(&server, &format!("{path}{closed}")).status, 404, "{closed}");
    }
    // A hidden field can't be found out by asking for it.
    for filter in ["custom=username:%20Grace%20Hopper", "custom=username:%20Nobody", "city=London", "uid=1"] {
        for screen in ["", "/reports/pages", "/visitors"] {
            let answer = open(&server, &format!("{path}{screen}?date=today&{filter}"));
            assert_eq!(answer.status, 404, "{screen} {filter}");
            assert!(!answer.text().contains("Your access"), "{}", answer.text());
        }
    }
    assert_eq!(server.ask(&post(path.as_str(), &[])).status, 405);
    // However its path is written, a guest link is one.
    let odd = path.replace("/s/", "/%73/");
    let ada = server.sign_in("ada");
    let page = server.ask(&get(format!("{odd}?date=today")).cookie(&ada));
    assert!(page.status == 200 && !page.text().contains("Account of"), "{}", page.status);
    assert_eq!(
        open(&server, &format!("{odd}/nothing")).text(),
        open(&server, &format!("{path}/nothing")).text()
    );
}

#[test]
fn whoever_is_signed_in_is_a_guest_on_a_guest_page_and_a_guest_is_nobody_elsewhere() {
    let desk = Desk::with_site();
    let server = with_named_visitors(&desk);
    let (_, path) = link(&desk, &["--password-stdin"]);
    let ada = server.sign_in("ada");
    let asked = server.ask(&get(path.as_str()).cookie(&ada));
    assert_eq!((asked.status, asked.header("location")), (303, format!("{path}/password").as_str()));
    let guest = pass(&give(&server, &path, PASSWORD));
    let both = server.ask(&get(format!("{path}/visitors?date=today")).cookie(&format!("{ada}; {guest}")));
    assert_eq!(both.status, 200);
    assert!(!both.text().contains("Grace") && !both.text().contains("Account of"), "{}", both.text());
    for closed in ["/", "/sites/1", "/account/profile"] {
        assert!(server.ask(&get(closed).cookie(&guest)).header("location").starts_with("/login"), "{closed}");
    }
}

#[test]
fn a_wrong_an_expired_a_disabled_and_a_removed_link_all_look_the_same() {
    let desk = Desk::with_site();
    let (disabled, disabled_path) = link(&desk, &[]);
    let (expired, expired_path) = link(&desk, &["--expires", "2999-12-31", "--password-stdin"]);
    let (removed, removed_path) = link(&desk, &["--white-label"]);
    desk.text(&["link", "disable", "--site", "1", &disabled]);
    desk.text(&["link", "remove", "--site", "1", &removed]);
    desk.open().execute("update links set expires_at = 1 where id = ?1", [&expired]).unwrap();
    let server = desk.serve();
    let wrong = format!("/s/{}", "0".repeat(40));
    for rest in ["", "/reports/pages", "/password", "/visitors", "/spy/stream", "/online"] {
        let expected = open(&server, &format!("{wrong}{rest}"));
        assert_eq!(expected.status, 404, "{rest}");
        let headers = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("date"));
            headers.sort();
            headers
        };
        for path in [&disabled_path, &expired_path, &removed_path] {
            let answer = open(&server, &format!("{path}{rest}"));
            assert_eq!(answer.text().replace(&path[3..], &wrong[3..]), expected.text(), "{path}{rest}");
            assert_eq!(headers(&answer), headers(&expected), "{path}{rest}");
        }
    }
    for path in [&wrong, &disabled_path, &expired_path, &removed_path] {
        assert_eq!(give(&server, path, PASSWORD).status, 404);
    }
    desk.text(&["link", "enable", "--site", "1", &disabled]);
    assert_eq!(open(&server, &disabled_path).status, 200);
}

#[test]
fn a_stream_whose_page_says_nonsense_of_when_it_was_drawn_begins_now() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (_, path) = link(&desk, &[]);
    for since in ["abc", "", "-1", "99999999999999999999", "9223372036854775807"] {
        let mut wire = server.wire();
        wire.send(&get(format!("{path}/spy/stream?since={since}")).bytes(server.address)).unwrap();
        assert_eq!(wire.head().unwrap().status, 200, "{since}");
        while !wire.line().unwrap().starts_with("retry:") {}
        server.hit("81.2.69.1", &fields(&view("/now")));
        assert!(next(&mut wire).unwrap().data.contains("/now"), "{since}");
    }
}

#[test]
fn a_password_is_asked_once_and_guessing_it_is_slowed_down() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (number, path) = link(&desk, &["--password-stdin"]);
    let (_, other) = link(&desk, &["--password-stdin"]);
    assert!(!desk.texts("select password from links")[0].contains(PASSWORD));
    let form = open(&server, &format!("{path}/password"));
    assert!(form.status == 200 && form.text().contains("asks for a password"));
    assert!(!form.text().contains("bakery.example"), "the form names the site");
    let wrong = give(&server, &path, "not this one");
    assert_eq!((wrong.status, wrong.cookie("guest")), (422, None));
    assert!(wrong.text().contains("That is not the password"));
    let right = give(&server, &path, PASSWORD);
    assert_eq!((right.status, right.header("location")), (303, path.as_str()));
    let set = right.header("set-cookie");
    assert!(
        set.contains("HttpOnly") && set.contains(&format!("Path={path}")) && set.contains("SameSite=Lax")
    );
    let guest = pass(&right);
    assert_eq!(status(&server, &guest, &path), 200);
    assert_eq!(status(&server, &guest, &other), 303, "another link's password opened this one");
    // Behind a proxy that speaks HTTPS the cookie never travels without it.
    let secure = server.ask(
        &post(format!("{path}/password"), &[("password", PASSWORD)]).header("X-Forwarded-Proto", "https"),
    );
    assert!(
        secure.header("set-cookie").starts_with("__Secure-guest=")
            && secure.header("set-cookie").contains("Secure")
    );
    // A new password asks everybody anew.
    let ada = server.sign_in("ada");
    let edit = format!("{LINKS}/{number}");
    let kept = [("name", "Client"), ("password", ""), ("report", "pages")];
    assert_eq!(send(&server, &ada, &edit, &kept).header("location"), format!("{LINKS}?done=saved"));
    assert_eq!(status(&server, &guest, &path), 200, "the password was to stay");
    let new = [("name", "Client"), ("password", "another password"), ("report", "pages")];
    send(&server, &ada, &edit, &new);
    assert_eq!(status(&server, &guest, &path), 303);
    assert_eq!(give(&server, &path, PASSWORD).status, 422);
    let none = [("name", "Client"), ("remove_password", "on"), ("report", "pages")];
    send(&server, &ada, &edit, &none);
    assert_eq!(open(&server, &path).status, 200);
    // Guesses from one address, then none any more for a while, not even the right one.
    let refused = try_until_refused(10, GUESS_PAUSE, |_| {
        let form = post(format!("{other}/password"), &[("password", "guess")]);
        let answer = server.ask(&form.header("X-Forwarded-For", "81.2.90.1"));
        assert!([422, 429].contains(&answer.status), "{}", answer.status);
        answer
    });
    assert_eq!(refused.status, 429);
    let right = post(format!("{other}/password"), &[("password", PASSWORD)]);
    assert_eq!(server.ask(&right.clone().header("X-Forwarded-For", "81.2.90.1")).status, 429);
    assert_eq!(server.ask(&right.header("X-Forwarded-For", "81.2.91.1")).status, 303);
}

#[test]
fn what_is_taken_from_a_link_is_gone_at_once_and_its_open_stream_ends() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let (number, path) = link(&desk, &[]);
    let stream_of = |path: &str| {
        let mut wire = server.wire();
        wire.send(&get(format!("{path}/spy/stream")).bytes(server.address)).unwrap();
        assert_eq!(wire.head().unwrap().status, 200);
        while !wire.line().unwrap().starts_with("retry:") {}
        wire
    };
    let mut stream = stream_of(&path);
    server.hit("81.2.69.1", &fields(&view("/seen")));
    let told = next(&mut stream).unwrap().data;
    assert!(told.contains("/seen") && told.contains("Visitor 1") && !told.contains("81.2."), "{told}");
    let act = |act: &str| {
        send(&server, &ada, &format!("{LINKS}/{number}/{act}"), &[]).header("location").to_owned()
    };
    assert_eq!(act("disable"), format!("{LINKS}?done=disabled"));
    assert_eq!(open(&server, &path).status, 404);
    server.hit("81.2.69.1", &fields(&view("/secret")));
    let last = next(&mut stream).unwrap();
    assert_eq!((last.name.as_str(), last.data.contains("secret")), ("gone", false));
    assert_eq!(act("enable"), format!("{LINKS}?done=enabled"));
    assert_eq!(open(&server, &path).status, 200);
    let mut stream = stream_of(&path);
    act("renew");
    assert_eq!(next(&mut stream).unwrap().name, "gone");
    assert_eq!(open(&server, &path).status, 404);
    let renewed = format!("/s/{}", desk.texts("select token from links")[0]);
    assert_eq!(open(&server, &renewed).status, 200);
    // Without the live list there is no stream.
    let mut stream = stream_of(&renewed);
    send(&server, &ada, &format!("{LINKS}/{number}"), &[("name", "Client"), ("report", "pages")]);
    assert_eq!(next(&mut stream).unwrap().name, "gone");
    assert_eq!(open(&server, &format!("{renewed}/spy")).status, 404);
    assert_eq!(
        send(&server, &ada, &format!("{LINKS}/{number}/remove"), &[]).header("location"),
        format!("{LINKS}?done=removed")
    );
    assert_eq!(open(&server, &renewed).status, 404);
    assert_eq!(
        send(&server, &ada, &format!("{LINKS}/{number}/remove"), &[]).header("location"),
        format!("{LINKS}?done=gone")
    );
}

#[test]
fn openings_are_counted_and_parts_that_a_page_fetches_are_not() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let (_, path) = link(&desk, &[]);
    let views = || desk.number("select views from links");
    let ask =
        |destination: &str| server.ask(&get(path.as_str()).header("Sec-Fetch-Dest", destination)).status;
    assert_eq!((ask("document"), ask("empty"), ask("iframe")), (200, 200, 200));
    open(&server, &format!("{path}/reports"));
    // Counting is behind the answer: the next change comes after it in the writer's queue.
    desk_settles(&server, &ada);
    assert_eq!(views(), 2);
    assert!(desk.number("select opened_at from links") > 0);
    assert!(server.page(LINKS, &ada).contains("opened 2 times"));
    assert!(server.page("/sites/1/access", &ada).contains("last opened"));
}

/// Whatever was handed to the writer before is written once a form is answered.
fn desk_settles(server: &Server<'_>, cookie: &str) {
    assert_eq!(send(server, cookie, "/account/preview/end", &[]).status, 303);
}

#[test]
fn only_pages_of_the_named_websites_may_hold_a_link_in_a_frame() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let new = format!("{LINKS}/new");
    let typed = [
        ("name", "Embedded"),
        ("report", "pages"),
        ("embed_origins", "https://agency.example/clients\nhttp://localhost:8080"),
    ];
    assert_eq!(send(&server, &ada, &new, &typed).header("location"), format!("{LINKS}?done=made"));
    let path = format!("/s/{}", desk.texts("select token from links")[0]);
    let framed = open(&server, &format!("{path}?embed=1"));
    let policy = framed.header("content-security-policy");
    assert!(policy.ends_with("frame-ancestors https://agency.example http://localhost:8080"), "{policy}");
    assert_eq!(framed.header("x-frame-options"), "");
    assert!(!framed.text().contains("class=\"bar\"") && framed.text().contains("data-embed="));
    // Its password's cookie is kept in such a frame: browsers take it there partitioned, and under HTTPS alone.
    let number = desk.texts("select cast(id as text) from links")[0].clone();
    let secret = [&typed[..], &[("password", PASSWORD)]].concat();
    send(&server, &ada, &format!("{LINKS}/{number}"), &secret);
    let given = post(format!("{path}/password"), &[("password", PASSWORD)]);
    let cookie = server.ask(&given.header("X-Forwarded-Proto", "https")).header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Secure-guest=") && cookie.contains(&format!("Path={path};")), "{cookie}");
    assert!(cookie.ends_with("HttpOnly; SameSite=None; Secure; Partitioned"), "{cookie}");
    let (_, alone) = link(&desk, &[]);
    let answer = open(&server, &alone);
    assert!(answer.header("content-security-policy").ends_with("frame-ancestors 'none'"));
    assert_eq!(answer.header("x-frame-options"), "DENY");
    let inside = server.page("/sites/1", &ada);
    assert!(!inside.contains("data-embed"));
    for wrong in ["*", "javascript:alert(1)", "https://a.example;script-src"] {
        let typed = [("name", "Wrong"), ("report", "pages"), ("embed_origins", wrong)];
        let refused = send(&server, &ada, &new, &typed);
        assert_eq!(refused.status, 422, "{wrong}");
        assert!(refused.text().contains("is no address of a website"), "{wrong}");
    }
    assert_eq!(desk.number("select count(*) from links"), 2);
}

#[test]
fn a_refused_link_is_shown_as_it_was_typed_and_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let typed = [
        ("name", ""),
        ("expires", "2020-01-01"),
        ("password", "short"),
        ("embed_origins", "https://agency.example *"),
        ("live-list", "on"),
    ];
    let refused = send(&server, &ada, &format!("{LINKS}/new"), &typed);
    assert_eq!(refused.status, 422);
    let page = refused.text();
    for sentence in [
        "Give the link a name",
        "Choose a day that is not over.",
        "Choose a password of 10 characters or more.",
        "is no address of a website",
        "Choose one report at least",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
    assert!(page.contains("value=\"2020-01-01\"") && page.contains("https://agency.example *"));
    assert!(!page.contains("value=\"short\""), "a password is not shown again");
    assert_eq!(desk.number("select count(*) from links"), 0);
    assert_eq!(desk.number("select count(*) from audit where act like 'link%'"), 0);
    for gone in ["99", "abc", "0"] {
        assert_eq!(status(&server, &ada, &format!("{LINKS}/{gone}")), 404, "{gone}");
        assert_eq!(send(&server, &ada, &format!("{LINKS}/{gone}"), &[("name", "x")]).status, 404, "{gone}");
    }
}

#[test]
fn one_site_knows_nothing_of_another_sites_links() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "bob", "--email", "bob@b.example", "--password-stdin", "--json"],
    );
    desk.text(&["site", "add", "other.example", "--owner", "bob"]);
    let (number, path) = link(&desk, &[]);
    let server = desk.serve();
    let bob = server.sign_in("bob");
    let there = format!("/sites/2/preferences/public-access/{number}");
    assert_eq!(status(&server, &bob, &there), 404);
    assert_eq!(send(&server, &bob, &there, &[("name", "Mine"), ("report", "pages")]).status, 404);
    for act in ["disable", "renew", "remove"] {
        let done = send(&server, &bob, &format!("{there}/{act}"), &[]);
        assert!(done.header("location").ends_with("?done=gone"), "{act}");
    }
    assert_eq!(open(&server, &path).status, 200);
    assert!(desk.complaint(&["link", "remove", "--site", "2", &number]).contains("no such link"));
}

#[test]
fn links_are_made_listed_disabled_and_removed_by_command_while_the_server_runs() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (number, path) = link(&desk, &["--name", "Board", "--expires", "2999-12-31", "--visitor-data"]);
    assert_eq!(open(&server, &path).status, 200);
    let listed = desk.json(&["link", "list", "--site", "1", "--json"]);
    assert_eq!(
        (&listed[0]["name"], &listed[0]["open"], &listed[0]["password"]),
        (&"Board".into(), &true.into(), &false.into())
    );
    assert!(listed[0]["visitor_data"].as_str().unwrap().contains("addresses"));
    assert_eq!(listed[0]["path"].as_str().unwrap(), path);
    assert!(desk.text(&["link", "disable", "--site", "1", &number]).contains("opens nothing any more"));
    assert_eq!(open(&server, &path).status, 404);
    desk.text(&["link", "enable", "--site", "1", &number]);
    assert_eq!(open(&server, &path).status, 200);
    desk.text(&["link", "remove", "--site", "1", &number]);
    assert_eq!(open(&server, &path).status, 404);
    let long = "x".repeat(101);
    for (more, sentence) in [
        (&["--name", " "][..], "Give the link a name of 1 to 100 characters."),
        (&["--name", &long], "Give the link a name of 1 to 100 characters."),
        (&["--name", "two\nlines"], "Give the link a name of 1 to 100 characters."),
        (&["--reports", "pages,nonsense"][..], "There is no report nonsense"),
        (
            &["--reports", "pages,cities,custom"],
            "tells of single visitors: cities, custom. Add --visitor-data",
        ),
        (
            &["--reports", "pages,visitors-new,left-out", "--segment", "country=DE"],
            "of some visits alone: visitors-new, left-out. Leave that out",
        ),
        (&["--reports", "cities,visitors-new", "--segment", "country=DE"], "single visitors: cities. Add"),
        (&["--reports", "cities,visitors-new", "--segment", "country=DE"], "alone: visitors-new. Leave"),
        (&["--expires", "tomorrow"], "such as 2026-12-31"),
        (&["--expires", "2020-01-01"], "not over"),
    ] {
        let command = [&["link", "add", "--site", "1"], more].concat();
        assert!(desk.complaint(&command).contains(sentence), "{more:?}");
    }
    let short = desk.run_with("short", &["link", "add", "--site", "1", "--password-stdin"]);
    assert!(!short.status.success());
    assert_eq!(desk.number("select count(*) from links"), 0);
    assert!(desk.complaint(&["link", "add", "--site", "99"]).contains("no such site"));
}

#[test]
fn a_link_is_not_made_in_the_browser_with_reports_that_its_guests_would_not_see() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let typed = [
        ("name", "Client"),
        ("report", "pages"),
        ("report", "cities"),
        ("report", "custom"),
        ("names", "on"),
    ];
    let refused = send(&server, &ada, &format!("{LINKS}/new"), &typed);
    let page = refused.text();
    assert_eq!((refused.status, desk.number("select count(*) from links")), (422, 0));
    assert!(page.contains("switched off under Visitors: Cities. Switch it on, or untick them."), "{page}");
    for kept in ["pages", "cities", "custom"] {
        assert!(page.contains(&format!("value=\"{kept}\" checked")), "{kept}");
    }
    // A link that has been so for long stays as it is.
    let (number, path) = link(&desk, &["--reports", "pages,cities", "--visitor-data"]);
    desk.open().execute("update links set visitor_data = 'live-list'", []).unwrap();
    assert_eq!(open(&server, &format!("{path}/reports/pages")).status, 200);
    assert_eq!(open(&server, &format!("{path}/reports/cities")).status, 404);
    send(&server, &ada, &format!("{LINKS}/{number}/disable"), &[]);
    assert_eq!(open(&server, &path).status, 404);
    let typed = [&typed[..], &[("places", "on")]].concat();
    assert_eq!(send(&server, &ada, &format!("{LINKS}/new"), &typed).status, 303);
}

#[test]
fn a_link_that_has_run_out_is_not_said_to_open_again() {
    let desk = Desk::with_site();
    let (number, path) = link(&desk, &["--expires", "2999-12-31"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let enable = || {
        desk.text(&["link", "disable", "--site", "1", &number]);
        let done = send(&server, &ada, &format!("{LINKS}/{number}/enable"), &[]);
        server.page(done.header("location"), &ada)
    };
    assert!(enable().contains("The link opens again."));
    desk.open().execute("update links set expires_at = 1", []).unwrap();
    let page = enable();
    assert!(page.contains("It has run out: choose a later last day.") && !page.contains("opens again"));
    let said = desk.text(&["link", "enable", "--site", "1", &number]);
    assert!(said.contains("It has run out: choose a later last day") && !said.contains("opens again"));
    assert_eq!(open(&server, &path).status, 404);
}

#[test]
fn whoever_names_reports_of_a_link_is_told_that_the_live_list_and_spy_open_too() {
    let desk = Desk::with_site();
    let add = |more: &[&str]| desk.text(&[&["link", "add", "--site", "1"], more].concat());
    let said = add(&["--reports", "pages"]);
    assert!(said.contains("opens the live list of visitors and Spy"), "{said}");
    let path = said.lines().find(|line| line.starts_with("/s/")).unwrap().to_owned();
    let server = desk.serve();
    for screen in ["visitors", "spy", "reports/pages"] {
        assert_eq!(open(&server, &format!("{path}/{screen}")).status, 200, "{screen}");
    }
    assert!(
        add(&[]).contains("without names") && add(&["--visitor-data"]).contains("with names and addresses")
    );
    let form = server.page(&format!("{LINKS}/new"), &server.sign_in("ada"));
    assert!(!form.contains("you alone") && form.contains("whoever manages this site does"), "{form}");
}
