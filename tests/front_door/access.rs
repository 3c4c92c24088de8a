//! Every route, asked by every kind of caller there is so far, against the table that decides.

use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::{Answer, Request, get, post};
use super::programs::{REFUSED, key_of};

/// What the table says of a caller and a capability, read from the file itself.
pub fn cell(capability: &str, column: &str) -> String {
    let csv = include_str!("../../src/access/access.csv");
    let mut lines = csv.lines().filter(|line| !line.starts_with('#'));
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row: Vec<&str> =
        lines.map(|line| line.split(',').collect()).find(|row: &Vec<&str>| row[0] == capability).unwrap();
    if row[2..].iter().all(|cell| cell.is_empty()) {
        return row[1].to_owned();
    }
    row[head.iter().position(|name| *name == column).unwrap()].to_owned()
}

/// A real address for a route.
pub fn fill(path: &str, visit: i64, visitor: i64) -> String {
    path.replace(r"{site:\d+}", "1")
        .replace("{site}", "1")
        .replace("{link}", "1")
        .replace("{segment}", "1")
        .replace("{user}", "1")
        .replace("{goal}", "1")
        .replace("{item}", "1")
        .replace("{funnel}", "1")
        .replace("{digest}", "1")
        .replace("{monitor}", "1")
        .replace("{alert}", "1")
        .replace("{annotation}", "1")
        .replace("{webhook}", "1")
        .replace("{delivery}", "1")
        .replace("{guide}", "levels")
        .replace("{month}", "2026-01")
        .replace("{token}", &"0".repeat(40))
        .replace("{goal}", "1")
        .replace("{annotation}", "1")
        .replace("{visitor}", &visitor.to_string())
        .replace("{visit}", &visit.to_string())
        .replace("{report}", "pages")
        .replace("{name:.*}", "app.css")
}

/// Whether a path belongs to programs, which sign in by a key or a password in each request.
fn is_of_programs(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/stats/api4") || path == "/mcp"
}

/// Whether a path belongs to programs with credentials in their headers, see `api_access`.
fn is_of_our_api(path: &str) -> bool {
    path.starts_with("/api/v1") || path == "/mcp"
}

#[test]
fn every_route_names_a_row_of_the_table() {
    let rows = clickstead::capabilities();
    for (method, path, capability) in clickstead::routes() {
        assert!(rows.contains(&capability), "{method} {path}: {capability}");
    }
}

#[test]
fn no_two_routes_are_the_same() {
    let mut routes: Vec<_> =
        clickstead::routes().into_iter().map(|(method, path, _)| (method, path)).collect();
    let count = routes.len();
    routes.sort_unstable();
    routes.dedup();
    assert_eq!(routes.len(), count);
}

#[test]
fn capabilities_that_no_route_uses_yet_are_these() {
    let routes = clickstead::routes();
    let unused: Vec<_> = clickstead::capabilities()
        .into_iter()
        .filter(|row| !routes.iter().any(|route| route.2 == *row))
        .collect();
    assert_eq!(unused, ["replay a visit", "see metrics"]);
}

/// Everybody who may ask, each as a column of the table.
struct Caller {
    name: &'static str,
    column: &'static str,
    cookie: Option<String>,
    /// What is put behind every path.
    query: String,
}

/// A site with somebody at every level, a guest link to change, and a sub-account; its server; and the callers.
fn callers(server: &Server<'_>, key: &str) -> Vec<Caller> {
    let person = |name: &'static str, column: &'static str| Caller {
        name,
        column,
        cookie: Some(server.sign_in(name)),
        query: String::new(),
    };
    let nobody = |name, query: String| Caller { name, column: "anonymous", cookie: None, query };
    let parent = person("pam", "owner");
    let act = post("/account/sub-accounts/1/act", &[]).cookie(parent.cookie.as_deref().unwrap());
    assert_eq!(server.ask(&act).status, 303, "the parent acts for ada");
    vec![
        person("eve", "stranger"),
        nobody("signed out", String::new()),
        // The site key opens no screen.
        nobody("site key", format!("?sitekey={key}&site_id=1")),
        person("vic", "view_only"),
        person("uma", "user"),
        person("adam", "administrator"),
        Caller { name: "parent acting for the owner", ..parent },
        person("ada", "owner"),
    ]
}

/// What an answer must look like for what the table says.
fn check(answer: &Answer, (cell, caller): (&str, &Caller), (path, capability, case): (&str, &str, &str)) {
    let is_signed_in = caller.cookie.is_some();
    let is_of_site = path.starts_with("/sites/{site}");
    let is_inside = !matches!(caller.column, "stranger" | "anonymous");
    let acts_for_another = caller.name.starts_with("parent");
    let goes_to_sign_in = answer.status == 303 && answer.header("location").starts_with("/login");
    match cell {
        // An invitation is taken by somebody: whoever is nobody yet signs in first and comes back.
        "public" => assert!(answer.status != 403 && answer.header("location") != "/login", "{case}"),
        _ if !is_signed_in => assert!(goes_to_sign_in, "{case}"),
        // What belongs to a person alone is closed to whoever acts for them; of sub-accounts one's own alone are known.
        "signed_in" if acts_for_another && answer.status == 403 => {
            assert!(answer.text().contains("You act for a sub-account"), "{case}");
        }
        "signed_in" if path.contains("{user}") || path.contains("{digest}") => {
            assert!([200, 303, 404, 422].contains(&answer.status), "{case}");
        }
        // What is somebody's own is nobody else's, and closed to whoever acts for them.
        "own" if acts_for_another => assert_eq!(answer.status, 403, "{case}"),
        "own" if path.contains("{alert}") => assert!([200, 303, 404, 422].contains(&answer.status), "{case}"),
        // Lists of one's own things are everybody's who is signed in.
        "no" if !is_of_site => assert_eq!(answer.status, 200, "{case}"),
        "hidden" | "no" if !is_inside => assert_eq!(answer.status, 404, "{case}"),
        // What the owner has chosen as long as nobody chose otherwise: reports and the list, no single visits.
        "chosen" if capability == "open one visit's action log" => assert_eq!(answer.status, 403, "{case}"),
        // Nobody has switched it on.
        "flag" | "no" => assert_eq!(answer.status, 403, "{case}"),
        "yes" | "chosen" | "signed_in" | "own" => assert!([200, 303, 422].contains(&answer.status), "{case}"),
        other => panic!("{case}: the table says {other}"),
    }
}

/// Puts back what a step of the walk took away from its caller.
fn put_back(desk: &Desk, server: &Server<'_>, (path, caller): (&str, &Caller)) {
    let cookie = caller.cookie.as_deref().unwrap_or_default();
    match path {
        "/sites/{site}/leave" if !matches!(caller.column, "owner" | "stranger" | "anonymous") => {
            let level = caller.column.replace('_', "-");
            desk.text(&["share", "add", "--site", "1", "--user", caller.name, "--level", &level]);
        }
        "/sites/{site}/preferences/view-only/preview" => {
            server.ask(&post("/account/preview/end", &[]).cookie(cookie));
        }
        "/account/acting/end" if caller.name.starts_with("parent") => {
            server.ask(&post("/account/sub-accounts/1/act", &[]).cookie(cookie));
        }
        _ if path.contains("{funnel}") => add_funnel(desk),
        _ if path.contains("{monitor}") => add_monitor(desk),
        _ if path.contains("{alert}") => add_alert(desk),
        _ if path.contains("{webhook}") => add_webhook(desk),
        _ => {}
    }
}

/// Adds the funnel that routes name, unless it is there.
fn add_funnel(desk: &Desk) {
    let funnel = "insert or ignore into funnels (id, site_id, name, created_at) values (1, 1, 'Checkout', 0)";
    desk.open().execute(funnel, []).unwrap();
}

/// Adds the monitor that routes name, unless it is there.
fn add_monitor(desk: &Desk) {
    let monitor = "insert or ignore into monitors
        (id, site_id, url, every_minutes, statuses, timeout_seconds, created_at, due_at, paused_at)
        values (1, 1, 'http://127.0.0.1:9/', 60, '200', 1, 0, 0, 1)";
    desk.open().execute(monitor, []).unwrap();
}

/// Adds the alert of the whole site that routes name, unless it is there.
fn add_alert(desk: &Desk) {
    let alert = "insert or ignore into alerts (id, site_id, kind, threshold, created_at) values (1, 1, 'online', 50, 0)";
    desk.open().execute(alert, []).unwrap();
}

/// Adds the webhook that routes name and a message to it, unless they are there. Nothing can be sent to its address.
fn add_webhook(desk: &Desk) {
    desk.open()
        .execute_batch(
            "insert or ignore into webhooks (id, site_id, name, format, url, secret, created_at)
             values (1, 1, 'Chat', 'slack', 'http://127.0.0.1:1/', zeroblob(32), 0);
             update webhooks set is_paused = 0;
             insert or ignore into webhook_deliveries (id, webhook_id, message_id, title, event, created_at)
             values (1, 1, 'msg_1', 'Test', '{}', 0);",
        )
        .unwrap();
}

/// A site with people at every level, owned by somebody whose parent can act for them.
pub fn with_everybody() -> Desk {
    let desk = Desk::with_site();
    for name in ["eve", "vic", "uma", "adam", "pam"] {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
    }
    for (name, level) in [("vic", "view-only"), ("uma", "user"), ("adam", "administrator")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    desk.open().execute("update users set parent_id = (select id from users where username = 'pam') where username = 'ada'", []).unwrap();
    desk.open()
        .execute_batch(
            "insert into plans (user_id, month, name, price, currency, actions_max, contact, notes)
             select id, 2026 * 12, 'Plan', 100, 'EUR', null, '', '' from users",
        )
        .unwrap();
    desk.text(&["link", "add", "--site", "1", "--name", "To be changed"]);
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks"]);
    add_funnel(&desk);
    add_alert(&desk);
    add_webhook(&desk);
    desk
}

#[test]
fn every_route_answers_every_kind_of_caller_as_the_table_says() {
    let desk = with_everybody();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let key = &desk.texts("select site_key from sites")[0];
    let callers = callers(&server, key);
    let (visit, visitor) =
        (desk.number("select id from visits"), desk.number("select visitor_id from visits"));
    let brand = "insert into brands (site_id, name, logo, updated_at) values (1, 'Hearth', x'89504e47', 0)";
    desk.open().execute(brand, []).unwrap();
    let mut asked = 0;
    for (method, path, capability) in clickstead::routes() {
        if is_of_programs(path) {
            continue;
        }
        let real = fill(path, visit, visitor);
        let hidden = real.replace("/sites/1", "/sites/99");
        for caller in &callers {
            // A stream has no end: only those who are refused are asked for the whole answer. Whoever signs out is gone.
            let is_inside = !matches!(caller.column, "stranger" | "anonymous");
            if path == "/logout" && caller.cookie.is_some() || path.ends_with("/stream") && is_inside {
                continue;
            }
            let ask = |path: &str| {
                let path = format!("{path}{}", caller.query);
                let request = if method == "GET" { get(path) } else { post(path, &[]) };
                server.ask(&match &caller.cookie {
                    Some(cookie) => request.cookie(cookie),
                    None => request,
                })
            };
            let answer = ask(&real);
            let case =
                format!("{}: {method} {real} ({capability}) was answered {}", caller.name, answer.status);
            if path.starts_with("/s/") {
                // To a person a guest link is what it is to everybody; this one opens nothing.
                assert_eq!(answer.status, 404, "{case}");
            } else {
                check(&answer, (&cell(capability, caller.column), caller), (path, capability, &case));
            }
            if caller.cookie.is_none() && path.starts_with("/sites/{site}") {
                let elsewhere = ask(&hidden);
                assert_eq!((elsewhere.status, elsewhere.body), (answer.status, answer.body), "{case}");
            }
            put_back(&desk, &server, (path, caller));
            asked += 1;
        }
    }
    assert!(asked > 600, "only {asked} answers were looked at");
}

/// A program that asks about a site.
struct Program {
    name: &'static str,
    /// What it shows besides the rest of its question.
    query: String,
    cookie: Option<String>,
    /// Whether it has the key of the site that it asks about.
    is_let_in: bool,
}

/// Programs with every kind of key and of anything else that opens something, of a site of their own, a shared one and a
/// foreign one.
fn programs(desk: &Desk, server: &Server<'_>) -> Vec<Program> {
    let old = key_of(desk, 1);
    desk.text(&["site", "rotate-key", "1"]);
    let [own, other] = [1, 2].map(|site| key_of(desk, site));
    let link = desk.json_with(PASSWORD, &["link", "add", "--site", "1", "--password-stdin", "--json"]);
    let path = link["path"].as_str().unwrap();
    let given = server.ask(&post(format!("{path}/password"), &[("password", PASSWORD)]));
    let pass = format!("guest={}", given.cookie("guest").unwrap());
    let token = link["token"].as_str().unwrap();
    let admin_key = &desk.texts("select site_key_admin from sites where id = 1")[0];
    let [ada, adam, eve] = ["ada", "adam", "eve"].map(|name| server.sign_in(name));
    let password = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let right = |name, query: String| Program { name, query, cookie: None, is_let_in: true };
    let wrong = |name, query: String| Program { name, query, cookie: None, is_let_in: false };
    let with = |cookie: &str, program: Program| Program { cookie: Some(cookie.to_owned()), ..program };
    vec![
        right("the key of the site", format!("site_id=1&sitekey={own}")),
        right("the key of another account's site", format!("site_id=2&sitekey={other}")),
        with(&eve, right("the key, and a stranger's session", format!("site_id=1&sitekey={own}"))),
        wrong("the key that was replaced", format!("site_id=1&sitekey={old}")),
        wrong("the key of a foreign site", format!("site_id=1&sitekey={other}")),
        wrong("the key of a site that is not there", format!("site_id=99&sitekey={own}")),
        wrong("the admin key", format!("site_id=1&sitekey={admin_key}")),
        wrong("the admin key by its name", format!("site_id=1&sitekey_admin={admin_key}")),
        wrong("the token of a guest link", format!("site_id=1&sitekey={token}")),
        wrong("no key", "site_id=1".into()),
        wrong("an empty key", "site_id=1&sitekey=".into()),
        wrong("nothing", String::new()),
        wrong("the owner's password", format!("site_id=1&{password}")),
        with(&ada, wrong("the owner's session", "site_id=1".into())),
        with(&ada, wrong("the owner's session, and a wrong key", format!("site_id=1&sitekey={old}"))),
        with(&adam, wrong("an administrator's session", "site_id=1".into())),
        with(&pass, wrong("the pass of a guest link", "site_id=1".into())),
    ]
}

#[test]
fn every_route_of_programs_answers_every_kind_of_key_as_the_table_says() {
    let desk = with_everybody();
    desk.text(&["site", "add", "mill.example", "--owner", "eve", "--time-zone", "UTC"]);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let mut asked = 0;
    let programs = programs(&desk, &server);
    for (method, path, capability) in clickstead::routes() {
        if !is_of_programs(path) || is_of_our_api(path) || cell(capability, "key") == "signed_in" {
            continue;
        }
        let is_allowed = match cell(capability, "key").as_str() {
            "yes" => true,
            "no" => false,
            other => panic!("{method} {path}: the table says {other}"),
        };
        for program in &programs {
            let path = format!("{path}?{}&type=visitors&output=json", program.query);
            let request: Request = if method == "GET" { get(path) } else { post(path, &[]) };
            let answer = server.ask(&match &program.cookie {
                Some(cookie) => request.cookie(cookie),
                None => request,
            });
            let case = format!("{}: {method} {capability} was answered {}", program.name, answer.text());
            assert_eq!(answer.status, 200, "{case}");
            assert_eq!(answer.text() != REFUSED, is_allowed && program.is_let_in, "{case}");
            assert!(!answer.text().contains("\"error\"") || answer.text() == REFUSED, "{case}");
            assert_eq!(answer.header("set-cookie"), "", "{case}");
            asked += 1;
        }
    }
    assert!(asked >= programs.len(), "only {asked} answers were looked at");
}

#[test]
fn every_route_of_a_guest_link_answers_as_the_table_says_and_no_other_route_knows_guests() {
    let desk = with_everybody();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let (visit, visitor) =
        (desk.number("select id from visits"), desk.number("select visitor_id from visits"));
    let link = |more: &[&str]| -> String {
        let made = desk.json_with(PASSWORD, &[&["link", "add", "--site", "1", "--json"], more].concat());
        made["path"].as_str().unwrap().to_owned()
    };
    let (open, closed) = (link(&[]), link(&["--password-stdin"]));
    let given = server.ask(&post(format!("{closed}/password"), &[("password", PASSWORD)]));
    let pass = format!("guest={}", given.cookie("guest").unwrap());
    let mut asked = 0;
    for (method, path, capability) in clickstead::routes() {
        let Some(rest) = path.strip_prefix("/s/{token}") else {
            // A guest is nobody elsewhere.
            let real = fill(path, visit, visitor);
            if path.starts_with("/sites/{site}") {
                let request = if method == "GET" { get(real) } else { post(real, &[]) };
                let answer = server.ask(&request.cookie(&pass));
                assert!(
                    answer.header("location").starts_with("/login"),
                    "{method} {path}: {}",
                    answer.status
                );
                asked += 1;
            }
            continue;
        };
        let rest = fill(rest, visit, visitor);
        let ask = |link: &str, cookie: &str| {
            let path = format!("{link}{rest}");
            let request = if method == "GET" { get(path) } else { post(path, &[]) };
            server.ask(&request.cookie(cookie))
        };
        let is_public = cell(capability, "guest") == "public" || cell(capability, "owner") == "public";
        let is_stream = rest.ends_with("/stream");
        let case = format!("{method} {path} ({capability})");
        if is_public {
            assert!([200, 303, 404, 422].contains(&ask(&open, "").status), "{case}");
        } else {
            assert_eq!(cell(capability, "guest"), "chosen", "{case} is for guests");
            // What a link shows as long as nobody chose otherwise: reports and the list, no single visits.
            let expected = match capability {
                "open one visit's action log" => 404,
                // A row is named by its value, which a walk does not give.
                _ if rest.ends_with("/item") => 422,
                // A funnel leads to its report.
                _ if rest.starts_with("/funnels/") => 303,
                // Uptime is chosen.
                "open a report" if rest == "/status" => 404,
                _ => 200,
            };
            if !is_stream {
                assert_eq!(ask(&open, "").status, expected, "{case}");
                assert_eq!(ask(&closed, &pass).status, expected, "{case} with the password");
            }
            let asks = ask(&closed, "");
            assert_eq!(
                (asks.status, asks.header("location")),
                (303, format!("{closed}/password").as_str()),
                "{case}"
            );
            assert_eq!(ask(&closed, "guest=0").status, 303, "{case} with a wrong pass");
        }
        assert_eq!(ask(&format!("/s/{}", "0".repeat(40)), &pass).status, 404, "{case} by a wrong link");
        asked += 1;
    }
    assert!(asked > 40, "only {asked} routes were looked at");
}

#[test]
fn a_wrong_method_is_refused_and_an_unknown_path_not_found() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let cookie = server.sign_in("ada");
    assert_eq!(server.ask(&post("/sites/1/visitors", &[]).cookie(&cookie)).status, 405);
    assert_eq!(server.ask(&get("/sites/1/nothing").cookie(&cookie)).status, 404);
    assert_eq!(server.ask(&get("/sites/abc/visitors").cookie(&cookie)).status, 404);
}

#[test]
fn a_shared_site_is_seen_at_its_level_left_by_its_person_and_taken_away_at_once() {
    let desk = Desk::with_site();
    for name in ["adam", "uma"] {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
    }
    assert!(
        desk.complaint(&["share", "add", "--site", "1", "--user", "nobody", "--level", "user"])
            .contains("There is no user nobody")
    );
    assert!(
        desk.complaint(&["share", "add", "--site", "1", "--user", "ada", "--level", "user"])
            .contains("The site is theirs")
    );
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    assert!(
        desk.complaint(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"])
            .contains("shared with them already")
    );
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    server.hit("81.2.69.1", &fields(&view("/")));
    let list = server.page("/", &uma);
    assert!(list.contains("bakery.example") && list.contains(">User</span>"), "{list}");
    let dashboard = server.page("/sites/1?date=today", &uma);
    assert!(!dashboard.contains("/preferences/info"), "a User is shown the gear");
    assert_eq!(server.ask(&get("/sites/1/preferences/info").cookie(&uma)).status, 403);
    desk.text(&["share", "set", "--site", "1", "--user", "uma", "--level", "administrator"]);
    let info = server.page("/sites/1/preferences/info", &uma);
    assert!(info.contains("Show keys") && !info.contains("Delete this site"), "{info}");
    assert!(server.page("/account/sites", &uma).contains("action=\"/sites/1/leave\""));
    let leave = |cookie: &str| server.ask(&post("/sites/1/leave", &[]).cookie(cookie));
    assert_eq!(leave(&ada).status, 403, "an owner left their own site");
    assert_eq!(leave(&uma).header("location"), "/account/sites?done=left");
    assert_eq!(server.ask(&get("/sites/1/visitors").cookie(&uma)).status, 404);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    assert_eq!(server.ask(&get("/sites/1/visitors").cookie(&uma)).status, 200);
    let listed = desk.json(&["share", "list", "--site", "1", "--json"]);
    assert_eq!(
        (&listed[0]["level"], &listed[1]["user"], &listed[1]["level"]),
        (&"owner".into(), &"uma".into(), &"user".into())
    );
    desk.text(&["share", "remove", "--site", "1", "--user", "uma"]);
    assert_eq!(server.ask(&get("/sites/1/visitors").cookie(&uma)).status, 404);
    assert!(!server.page("/", &uma).contains("bakery.example"));
}
