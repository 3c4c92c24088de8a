//! Sub-accounts: one account manages others, acts for them in plain sight, and is nobody to them otherwise.

use super::harness::{Desk, PASSWORD, Server, ZONE, fields, view, without_hashes};
use super::http::{Answer, get, post};
use super::streams::{next, open};

const PATH: &str = "/account/sub-accounts";

fn add(desk: &Desk, name: &str, parent: Option<&str>) -> String {
    let email = format!("{name}@e.example");
    let mut arguments = vec!["user", "add", name, "--email", &email, "--password-stdin", "--json"];
    arguments.extend(parent.iter().flat_map(|parent| ["--parent", parent]));
    desk.json_with(PASSWORD, &arguments)["user_id"].to_string()
}

/// The agency `ada` with the site 1, its clients `cleo` (site 2, cleo.example) and `carl` (site 3, carl.example).
fn agency() -> (Desk, String, String) {
    let desk = Desk::with_site();
    let [cleo, carl] = ["cleo", "carl"].map(|name| add(&desk, name, Some("ada")));
    for name in ["cleo", "carl"] {
        desk.text(&["site", "add", &format!("{name}.example"), "--owner", name, "--time-zone", *ZONE]);
    }
    (desk, cleo, carl)
}

fn send(server: &Server<'_>, cookie: &str, path: &str, typed: &[(&str, &str)]) -> Answer {
    server.ask(&post(path, typed).cookie(cookie))
}

fn act(server: &Server<'_>, cookie: &str, child: &str, verb: &str) -> Answer {
    send(server, cookie, &format!("{PATH}/{child}/{verb}"), &[])
}

fn status(server: &Server<'_>, cookie: &str, path: &str) -> u16 {
    server.ask(&get(path).cookie(cookie)).status
}

/// The path of the link for a password that a page shows.
fn link(page: &str) -> String {
    let rest = page.split("/reset/").nth(1).unwrap_or_else(|| panic!("no link is shown in {page}"));
    format!("/reset/{}", rest.split('<').next().unwrap())
}

#[test]
fn an_account_is_made_gets_its_password_by_a_link_and_lives_its_whole_life() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let make = |name: &str, email: &str, sites: &str| {
        send(&server, &ada, PATH, &[("username", name), ("email", email), ("sites", sites)])
    };
    for (name, email, sites, says) in [
        ("c", "cleo@e.example", "1", "2 to 40"),
        ("cleo", "nowhere", "1", "Enter an e-mail address"),
        ("cleo", "cleo@e.example", "-1", "Write a number such as 3"),
        ("ADA", "cleo@e.example", "1", "taken"),
    ] {
        let refused = make(name, email, sites);
        let page = refused.text();
        assert!(refused.status == 422 && page.contains(says), "{says}: {page}");
        assert!(page.contains(&format!("value=\"{email}\"")), "what was typed is gone");
    }
    assert_eq!(desk.number("select count(*) from users"), 1);
    let page = make("cleo", "cleo@e.example", "1").text();
    let first = link(&page);
    assert!(page.contains("This server sends no mail") && !server.page(PATH, &ada).contains("/reset/"));
    assert_eq!(server.ask(&post("/login", &[("username", "cleo"), ("password", "")])).status, 422);
    assert_eq!(
        server.ask(&post(&first, &[("password", PASSWORD)])).header("location"),
        "/login?done=password"
    );
    let cleo = server.sign_in("cleo");
    let id = desk.number("select id from users where username = 'cleo'").to_string();
    // One site, as the parent said; another one when the parent says so.
    let site = |domain: &str| send(&server, &cleo, "/sites/new", &[("domain", domain), ("time_zone", "UTC")]);
    assert_eq!(site("one.example").status, 303);
    let refused = site("two.example").text();
    assert!(refused.contains("room for 1 sites. Ask whoever manages your account"), "{refused}");
    assert!(send(&server, &ada, &format!("{PATH}/{id}/sites"), &[("sites", "x")]).status == 422);
    assert_eq!(send(&server, &ada, &format!("{PATH}/{id}/sites"), &[("sites", "")]).status, 303);
    assert_eq!(site("two.example").status, 303);
    let list = server.page(PATH, &ada);
    assert!(list.contains("cleo@e.example · 2 sites") && list.contains("last signed in"), "{list}");

    // A new password: the old one and what is signed in hold until the link is used.
    let second = link(&act(&server, &ada, &id, "reset").text());
    assert_eq!(status(&server, &cleo, "/"), 200);
    assert_eq!(server.ask(&post(&second, &[("password", "another good one")])).status, 303);
    assert_eq!(status(&server, &cleo, "/"), 303);
    let sign_in =
        |password: &str| server.ask(&post("/login", &[("username", "cleo"), ("password", password)]));
    assert_eq!((sign_in(PASSWORD).status, sign_in("another good one").status), (422, 303));

    let cleo = format!("session={}", sign_in("another good one").cookie("session").unwrap());
    act(&server, &ada, &id, "disable");
    assert_eq!((status(&server, &cleo, "/"), sign_in("another good one").status), (303, 422));
    assert!(server.page(PATH, &ada).contains(">disabled</span>"));
    assert!(act(&server, &ada, &id, "reset").text().contains("Enable the account first."));
    // Their sites keep counting, and are looked after.
    act(&server, &ada, &id, "act");
    assert_eq!(status(&server, &ada, "/sites/2"), 200);
    send(&server, &ada, "/account/acting/end", &[]);
    act(&server, &ada, &id, "enable");
    assert_eq!(sign_in("another good one").status, 303);

    act(&server, &ada, &id, "release");
    assert!(!server.page(PATH, &ada).contains("cleo"));
    for verb in ["act", "reset", "sites", "disable", "enable", "release", "remove"] {
        assert_eq!(act(&server, &ada, &id, verb).status, 404, "{verb} of a released account");
    }
    let cleo = format!("session={}", sign_in("another good one").cookie("session").unwrap());
    assert_eq!(status(&server, &cleo, "/sites/2"), 200);
    assert!(!server.page("/account/profile", &cleo).contains("managed by"));
    assert_eq!(
        desk.texts("select username from users where disabled_at is null order by id"),
        ["ada", "cleo"]
    );
}

#[test]
fn a_parent_sees_the_sites_in_one_list_and_opens_them_by_acting_alone() {
    let (desk, cleo, _) = agency();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    server
        .hit("81.2.69.1", &[("site_id", "2"), ("type", "pageview"), ("href", "https://cleo.example/secret")]);
    let list = server.page("/", &ada);
    let own = list.find("href=\"/sites/1\"").unwrap();
    let group = list.find("Act for cleo").unwrap();
    assert!(own < group && list.contains("cleo.example") && list.contains("carl.example"), "{list}");
    assert!(!list.contains("href=\"/sites/2\""), "a link opens a site of a sub-account");
    assert!(list.contains("<td class=\"number\">1</td>"), "visits today are not told: {list}");
    for path in
        ["/sites/2", "/sites/2/spy", "/sites/2/spy/stream", "/sites/2/preferences/info", "/sites/2/online"]
    {
        let (hidden, missing) =
            (server.ask(&get(path).cookie(&ada)), server.ask(&get(path.replace("/2", "/99")).cookie(&ada)));
        assert_eq!((hidden.status, hidden.body), (404, missing.body), "{path}");
    }
    assert_eq!(server.ask(&get(format!("{PATH}/{cleo}/act")).cookie(&ada)).status, 405);
    let begun = send(&server, &ada, &format!("{PATH}/{cleo}/act"), &[("site", "2")]);
    assert_eq!(begun.header("location"), "/sites/2");
    let dashboard = server.page("/sites/2?date=today", &ada);
    assert!(dashboard.contains("You act for cleo.") && dashboard.contains("/secret"), "{dashboard}");
    assert!(!dashboard.contains("bakery.example") && !dashboard.contains("carl"), "{dashboard}");
    // Another browser of the same person acts for nobody.
    let elsewhere = server.sign_in("ada");
    assert_eq!(
        (status(&server, &elsewhere, "/sites/2"), status(&server, &elsewhere, "/sites/1")),
        (404, 200)
    );
    // A site of somebody else is no way around the list.
    let (_, carl) = (send(&server, &ada, "/account/acting/end", &[]), format!("{PATH}/{cleo}/act"));
    assert_eq!(send(&server, &ada, &carl, &[("site", "3")]).header("location"), "/");
    assert_eq!(status(&server, &ada, "/sites/3"), 404);
    assert_eq!(send(&server, &ada, "/account/acting/end", &[]).header("location"), "/");
    assert_eq!((status(&server, &ada, "/sites/2"), status(&server, &ada, "/sites/1")), (404, 200));
}

#[test]
fn whoever_acts_is_told_so_on_every_page_and_kept_from_what_is_personal() {
    let (desk, cleo, carl) = agency();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    act(&server, &ada, &cleo, "act");
    for path in [
        "/",
        "/sites/new",
        "/sites/2/visitors",
        "/sites/2/spy",
        "/sites/2/preferences/info",
        "/sites/2/preferences/sharing",
        "/account/sites",
        "/licenses",
        "/login",
    ] {
        let page = server.page(path, &ada);
        assert!(
            page.contains("You act for cleo.") && page.contains("action=\"/account/acting/end\""),
            "{path}"
        );
    }
    for path in ["/account/profile", "/account/security", "/account/tokens", "/account/preferences", PATH] {
        let refused = server.ask(&get(path).cookie(&ada));
        let page = refused.text();
        assert!(refused.status == 403 && page.contains("this page is for its own person"), "{path}: {page}");
        assert!(page.contains("action=\"/account/acting/end\""), "no way out on {path}");
        assert!(
            !server.page("/account/sites", &ada).contains(&format!("href=\"{path}\"")),
            "a link to {path}"
        );
    }
    for path in
        ["/account/profile", "/account/profile/delete", "/account/security/password", "/account/tokens", PATH]
    {
        let typed = [("username", "cleo"), ("email", "x@e.example"), ("password", PASSWORD)];
        assert_eq!(send(&server, &ada, path, &typed).status, 403, "{path}");
    }
    assert_eq!(act(&server, &ada, &carl, "disable").status, 403);
    assert_eq!(status(&server, &ada, "/sites/99"), 404);
    assert!(server.ask(&get("/sites/99").cookie(&ada)).text().contains("You act for cleo."));
    // A preview of a level and acting hold at once, and end one by one.
    send(&server, &ada, "/sites/2/preferences/view-only/preview", &[]);
    let page = server.page("/sites/2", &ada);
    assert!(page.contains("as View Only people see it") && page.contains("You act for cleo."), "{page}");
    send(&server, &ada, "/account/preview/end", &[]);
    let page = server.page("/sites/2", &ada);
    assert!(!page.contains("as View Only people see it") && page.contains("You act for cleo."), "{page}");
    // From a second window one acts for another one directly.
    assert_eq!(act(&server, &ada, &carl, "act").status, 303);
    assert_eq!((status(&server, &ada, "/sites/3"), status(&server, &ada, "/sites/2")), (200, 404));
    send(&server, &ada, "/account/acting/end", &[]);
    assert!(!server.page("/", &ada).contains("You act for"));
    assert_eq!(desk.texts("select username from users order by id"), ["ada", "cleo", "carl"]);
}

#[test]
fn what_is_done_while_acting_is_the_sub_accounts_and_told_under_both_names() {
    let (desk, cleo, _) = agency();
    add(&desk, "zoe", None);
    desk.text(&["site", "add", "gift.example", "--owner", "zoe", "--time-zone", "UTC"]);
    desk.text(&["share", "add", "--site", "3", "--user", "cleo", "--level", "user"]);
    let server = desk.serve();
    let (ada, zoe) = (server.sign_in("ada"), server.sign_in("zoe"));
    send(&server, &zoe, "/sites/4/preferences/info/transfer", &[("to", "cleo")]);
    act(&server, &ada, &cleo, "act");
    send(&server, &ada, "/sites/new", &[("domain", "new.example"), ("time_zone", "UTC")]);
    send(&server, &ada, "/account/sites/accept", &[("site", "4")]);
    assert_eq!(send(&server, &ada, "/sites/3/leave", &[]).status, 303);
    assert_eq!(
        desk.texts(
            "select domain from sites join users on users.id = owner_id where username = 'cleo' order by 1"
        ),
        ["cleo.example", "gift.example", "new.example"]
    );
    assert_eq!(desk.number("select count(*) from shares"), 0);
    let reports = [("name", "For the board"), ("report", "pages"), ("report", "countries")];
    let made = send(&server, &ada, "/sites/2/preferences/public-access/new", &reports);
    assert_eq!(made.status, 303, "{}", made.text());
    let act_of = "select actor || ' for ' || acting_for || ': ' || act from audit where act = 'link-made'";
    assert_eq!(desk.texts(act_of), ["ada for cleo: link-made"]);
    assert_eq!(desk.texts("select username from links join users on users.id = created_by"), ["cleo"]);
}

#[test]
fn a_form_that_was_opened_for_another_account_adds_no_site_to_this_one() {
    let (desk, cleo, carl) = agency();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let act = |child| send(&server, &ada, &format!("{PATH}/{child}/act"), &[]).status;
    assert_eq!(act(cleo), 303);
    assert!(server.page("/sites/new", &ada).contains("name=\"account\" value=\"cleo\""));
    assert_eq!(act(carl), 303);
    let typed = [("account", "cleo"), ("domain", "late.example"), ("time_zone", "Europe/Berlin")];
    let refused = send(&server, &ada, "/sites/new", &typed);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("You act for carl by now") && refused.text().contains("late.example"));
    assert_eq!(desk.number("select count(*) from sites where domain = 'late.example'"), 0);
}

#[test]
fn a_sub_account_sees_nothing_of_its_parent_and_its_siblings() {
    let (desk, cleo, carl) = agency();
    let server = desk.serve();
    let child = server.sign_in("cleo");
    for path in ["/", "/sites/2", "/sites/2/preferences/sharing", "/account/sites", "/account/security", PATH]
    {
        let page = without_hashes(&server.page(path, &child));
        for hidden in ["ada", "bakery", "carl"] {
            assert!(!page.replace("data-", "").contains(hidden), "{path} tells {hidden}: {page}");
        }
    }
    let profile = server.page("/account/profile", &child);
    assert!(profile.contains("managed by <b>ada</b>") && !profile.contains("carl"), "{profile}");
    for site in ["1", "3"] {
        assert_eq!(status(&server, &child, &format!("/sites/{site}")), 404);
    }
    for id in ["1", &cleo, &carl, "99", "x"] {
        for verb in ["act", "reset", "sites", "disable", "enable", "release", "remove"] {
            assert_eq!(act(&server, &child, id, verb).status, 404, "{verb} {id}");
        }
    }
    // Somebody else's sub-account is none at all, to the name of it.
    let stranger = add(&desk, "zoe", None);
    let zoe = server.sign_in("zoe");
    let (known, unknown) = (act(&server, &zoe, &cleo, "remove"), act(&server, &zoe, "99", "remove"));
    assert_eq!((known.status, known.body), (404, unknown.body));
    assert_eq!(act(&server, &server.sign_in("ada"), &stranger, "act").status, 404);
    assert_eq!(desk.number("select count(*) from users where disabled_at is null"), 4);
}

#[test]
fn acting_ends_when_the_account_is_lost_or_the_parent_disabled_in_open_streams_too() {
    let desk = Desk::with_site();
    let bob = add(&desk, "bob", None);
    desk.text(&["user", "move", "ada", "--to", "bob"]);
    let server = desk.serve();
    let ada = desk.number("select id from users where username = 'ada'").to_string();
    let (here, elsewhere) = (server.sign_in("bob"), server.sign_in("bob"));
    let begin = || {
        assert_eq!(act(&server, &here, &ada, "act").status, 303);
        let stream = open(&server, &here, None);
        assert_eq!(status(&server, &here, "/sites/1"), 200);
        stream
    };
    let ended = |mut stream| {
        server.hit("81.2.69.1", &fields(&view("/secret")));
        let last = next(&mut stream).unwrap();
        assert_eq!((last.name.as_str(), last.data.contains("secret")), ("gone", false));
    };
    let stream = begin();
    act(&server, &elsewhere, &ada, "release");
    ended(stream);
    assert_eq!(status(&server, &here, "/sites/1"), 404);
    assert!(!server.page("/", &here).contains("You act for"));
    // Being managed again does not resume it.
    desk.text(&["user", "move", "ada", "--to", "bob"]);
    assert_eq!(status(&server, &here, "/sites/1"), 404);
    let stream = begin();
    add(&desk, "zoe", None);
    desk.text(&["user", "move", "ada", "--to", "zoe"]);
    ended(stream);
    assert_eq!(act(&server, &here, &ada, "act").status, 404);
    desk.text(&["user", "move", "ada", "--to", "bob"]);
    let stream = begin();
    send(&server, &here, "/account/acting/end", &[]);
    ended(stream);
    let stream = begin();
    desk.text(&["user", "disable", "bob"]);
    ended(stream);
    assert_eq!(status(&server, &here, "/sites/1"), 303);
    assert_eq!(desk.texts(&format!("select username from users where parent_id = {bob}")), ["ada"]);
}

#[test]
fn sub_accounts_are_one_level_deep() {
    let (desk, cleo, _) = agency();
    add(&desk, "zoe", None);
    let server = desk.serve();
    let child = server.sign_in("cleo");
    let page = server.page(PATH, &child);
    assert!(
        page.contains("A sub-account can't have sub-accounts of its own.") && !page.contains("<input"),
        "{page}"
    );
    assert!(!server.page("/account/sites", &child).contains(PATH), "a tab that leads nowhere");
    let refused = send(&server, &child, PATH, &[("username", "grand"), ("email", "g@e.example")]);
    assert!(refused.status == 422 && refused.text().contains("can't have sub-accounts of its own"));
    let add = ["user", "add", "grand", "--email", "g@e.example", "--password-stdin", "--parent"];
    let complain = |parent: &str| desk.complaint(&[&add[..], &[parent]].concat());
    assert!(complain("cleo").contains("A sub-account can't have sub-accounts of its own."));
    assert!(complain("nobody").contains("There is no user nobody."));
    let moved = |name: &str, to: &str| desk.complaint(&["user", "move", name, "--to", to]);
    assert!(moved("ada", "zoe").contains("Whoever has sub-accounts can't become one: release them first."));
    assert!(moved("zoe", "cleo").contains("A sub-account can't have sub-accounts of its own."));
    assert!(moved("zoe", "zoe").contains("can't be its own sub-account"));
    assert!(desk.complaint(&["user", "release", "zoe"]).contains("That is no sub-account."));
    assert_eq!(desk.number("select count(*) from users where parent_id is not null"), 2);
    assert_eq!(desk.number(&format!("select parent_id from users where id = {cleo}")), 1);
}

#[test]
fn a_plan_has_room_for_its_sites_and_those_of_sub_accounts_also_after_a_release() {
    let (desk, cleo, _) = agency();
    desk.text(&["user", "plan", "ada", "--sites", "4"]);
    let server = desk.serve();
    let (ada, child) = (server.sign_in("ada"), server.sign_in("cleo"));
    let site = |cookie: &str, domain: &str| {
        send(&server, cookie, "/sites/new", &[("domain", domain), ("time_zone", "UTC")])
    };
    assert_eq!(site(&child, "four.example").status, 303);
    let refused = site(&child, "five.example").text();
    assert!(refused.contains("There is no room for a further site. Ask whoever manages"), "{refused}");
    assert!(
        site(&ada, "five.example").text().contains("room for 4 sites, those of your sub-accounts included")
    );
    // A site that moves within the plan needs no further room.
    send(&server, &child, "/sites/4/preferences/info/transfer", &[("to", "ada")]);
    assert_eq!(
        send(&server, &ada, "/account/sites/accept", &[("site", "4")]).header("location"),
        "/account/sites?done=accepted-untold"
    );
    // Whoever is released takes the room for their sites along, and no more.
    act(&server, &ada, &cleo, "release");
    assert!(site(&child, "five.example").text().contains("room for 1 sites. Ask whoever runs this server"));
    assert!(site(&ada, "five.example").text().contains("room for 3 sites"));
    // Whoever may own no site at all makes no accounts.
    desk.text(&["user", "plan", "cleo", "--sites", "0"]);
    let refused = send(&server, &child, PATH, &[("username", "carla"), ("email", "carla@e.example")]);
    assert!(refused.status == 422 && refused.text().contains("for sites of others"), "{}", refused.text());
    assert_eq!(desk.number("select count(*) from sites"), 4);
}

#[test]
fn guessing_who_has_an_account_by_making_some_is_slowed_down() {
    let (desk, ..) = agency();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let guess = || send(&server, &ada, PATH, &[("username", "cleo"), ("email", "new@e.example")]).text();
    assert!((0..10).all(|_| guess().contains("That user name is taken")));
    assert!(guess().contains("Too many tries."));
}

#[test]
fn removing_a_sub_account_takes_its_sites_along_and_leaves_what_it_shared() {
    let (desk, cleo, _) = agency();
    add(&desk, "uma", None);
    desk.text(&["share", "add", "--site", "3", "--user", "cleo", "--level", "administrator"]);
    let server = desk.serve();
    let (ada, child, uma) = (server.sign_in("ada"), server.sign_in("cleo"), server.sign_in("uma"));
    let share = [("user", "uma"), ("level", "user")];
    assert_eq!(send(&server, &child, "/sites/3/preferences/sharing", &share).status, 303);
    server.hit("81.2.69.1", &[("site_id", "2"), ("type", "pageview"), ("href", "https://cleo.example/")]);
    let page = server.page(PATH, &ada);
    assert!(page.contains("with everything counted there: <b>cleo.example</b>"), "{page}");
    let remove = |name: &str| send(&server, &ada, &format!("{PATH}/{cleo}/remove"), &[("username", name)]);
    let refused = remove("carl");
    assert!(
        refused.status == 422
            && refused.text().contains("Type cleo to remove the account. Nothing was removed.")
    );
    assert_eq!(desk.number("select count(*) from sites"), 3);
    assert_eq!(remove(" CLEO ").header("location"), format!("{PATH}?done=removed"));
    assert_eq!(status(&server, &child, "/"), 303);
    assert_eq!(desk.texts("select domain from sites order by id"), ["bakery.example", "carl.example"]);
    assert_eq!(status(&server, &uma, "/sites/3"), 200, "what a removed account shared has gone");
    let told = "select actor || ' for ' || acting_for || ': ' || act || ' ' || about from audit where act = 'site-deleted'";
    assert_eq!(desk.texts(told), ["ada for cleo: site-deleted cleo.example"]);
    assert_eq!(remove("cleo").status, 404);
}

#[test]
fn sub_accounts_of_a_removed_account_become_accounts_of_their_own() {
    let (desk, ..) = agency();
    let listed = desk.json(&["user", "list", "--json"]);
    assert_eq!((&listed[0]["parent"], &listed[1]["parent"]), (&serde_json::Value::Null, &"ada".into()));
    let table = desk.text(&["user", "list"]);
    assert!(table.lines().any(|line| line.contains(" cleo ") && line.ends_with(" ada")), "{table}");
    let server = desk.serve();
    let ada = server.sign_in("ada");
    assert!(
        server.page("/account/profile", &ada).contains("become accounts of their own and keep their sites")
    );
    let removed = desk.text(&["user", "remove", "ada", "--with-sites", "--yes"]);
    assert!(removed.contains("Its sub-accounts carl, cleo become accounts of their own."), "{removed}");
    assert_eq!(desk.number("select count(*) from users where parent_id is not null"), 0);
    assert_eq!(desk.texts("select domain from sites order by id"), ["cleo.example", "carl.example"]);
    assert_eq!(status(&server, &server.sign_in("cleo"), "/sites/2"), 200);
    desk.text(&["user", "move", "carl", "--to", "cleo"]);
    let cleo = server.sign_in("cleo");
    let typed = [("username", "cleo"), ("password", PASSWORD)];
    assert_eq!(send(&server, &cleo, "/account/profile/delete", &typed).header("location"), "/login");
    assert_eq!(desk.texts("select username from users where parent_id is null"), ["carl"]);
}

/// What the log of a site says of an account: who, for whom, what.
fn log_of(desk: &Desk, site: u8, act: &str) -> Vec<String> {
    desk.texts(&format!(
        "select coalesce(actor, '-') || ' for ' || coalesce(acting_for, '-') || ': ' || about from audit
         where site_id = {site} and act = '{act}' order by id"
    ))
}

#[test]
fn a_link_for_a_password_that_a_parent_made_is_told_in_every_log_and_to_the_person() {
    let (desk, cleo, _) = agency();
    add(&desk, "uma", None);
    desk.text(&["site", "add", "uma.example", "--owner", "uma", "--time-zone", "UTC"]);
    let server = desk.serve();
    let (ada, child, uma) = (server.sign_in("ada"), server.sign_in("cleo"), server.sign_in("uma"));
    // Where somebody is known by their address, no log tells their name.
    desk.text(&["user", "prove-email", "cleo"]);
    let share = [("user", "cleo@e.example"), ("level", "user")];
    assert_eq!(send(&server, &uma, "/sites/4/preferences/sharing", &share).status, 303);
    assert!(!server.page("/account/security", &child).contains("made a link for a new password"));
    assert_eq!(act(&server, &ada, &cleo, "reset").status, 200);
    assert_eq!(log_of(&desk, 2, "account-reset"), ["ada for cleo: cleo"]);
    assert_eq!(log_of(&desk, 4, "account-reset"), ["ada for cleo@e.example: cleo@e.example"]);
    assert_eq!(log_of(&desk, 1, "account-reset"), [""; 0]);
    assert_eq!(log_of(&desk, 3, "account-reset"), [""; 0]);
    let page = server.page("/account/security", &child);
    assert!(page.contains("<b>ada</b> made a link for a new password of yours on"), "{page}");
    // Also where the account has no site yet, and to whoever has another name by now.
    let bare = add(&desk, "bare", Some("ada"));
    assert_eq!(act(&server, &ada, &bare, "reset").status, 200);
    desk.open().execute("update users set username = 'renamed' where username = 'bare'", []).unwrap();
    assert!(server.page("/account/security", &server.sign_in("renamed")).contains("made a link"));
    assert!(!server.page("/account/security", &ada).contains("made a link"));
    let audit = server.page("/sites/2/preferences/audit", &child);
    assert!(audit.contains("Made a link for a sub-account") && audit.contains("for cleo"), "{audit}");
}

#[test]
fn an_account_that_changes_hands_is_told_in_the_log_of_every_site_that_it_opens() {
    let (desk, cleo, _) = agency();
    for name in ["uma", "zoe"] {
        add(&desk, name, None);
    }
    desk.text(&["site", "add", "uma.example", "--owner", "uma", "--time-zone", "UTC"]);
    desk.text(&["share", "add", "--site", "4", "--user", "cleo", "--level", "user"]);
    desk.text(&["user", "move", "cleo", "--to", "zoe"]);
    desk.text(&["user", "release", "cleo"]);
    desk.text(&["user", "move", "cleo", "--to", "ada"]);
    let server = desk.serve();
    act(&server, &server.sign_in("ada"), &cleo, "release");
    for site in [2, 4] {
        assert_eq!(
            log_of(&desk, site, "account-adopted"),
            ["- for -: cleo: zoe manages it", "- for -: cleo: ada manages it"]
        );
        assert_eq!(
            log_of(&desk, site, "account-released"),
            ["- for -: cleo: zoe manages it no more", "ada for cleo: cleo: ada manages it no more"]
        );
    }
    // Whoever goes frees their sub-accounts, and that is told too; who removed an account is not.
    desk.text(&["share", "add", "--site", "4", "--user", "carl", "--level", "view-only"]);
    desk.text(&["user", "remove", "ada", "--with-sites", "--yes"]);
    assert_eq!(log_of(&desk, 3, "account-released"), ["- for -: carl: ada manages it no more"]);
    desk.text(&["user", "remove", "carl", "--with-sites", "--yes"]);
    assert_eq!(log_of(&desk, 4, "account-removed"), ["- for -: carl: View Only"]);
    assert_eq!(desk.number("select count(*) from audit where act = 'share-left'"), 0);
    let page = server.page("/sites/4/preferences/audit", &server.sign_in("uma"));
    let row = page.split("<tr>").find(|row| row.contains("The account was removed")).unwrap();
    assert!(!row.contains("command line"), "{row}");
}
