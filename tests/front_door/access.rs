//! Every route, asked by every kind of caller there is so far, against the table that decides.

use super::harness::{Desk, PASSWORD, fields, view};
use super::http::{Request, get, post};

/// What the table says of a caller and a capability, read from the file itself.
fn cell(capability: &str, column: &str) -> String {
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
fn fill(path: &str, visit: i64, visitor: i64) -> String {
    path.replace(r"{site:\d+}", "1")
        .replace("{site}", "1")
        .replace("{visitor}", &visitor.to_string())
        .replace("{visit}", &visit.to_string())
        .replace("{report}", "pages")
        .replace("{name:.*}", "app.css")
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
    assert_eq!(
        unused,
        [
            "see addresses names and custom data of visitors",
            "see goal and funnel results",
            "see heatmaps",
            "replay a visit",
            "read through the API",
            "write through the API",
            "create edit delete goals funnels and split tests",
            "annotate visitors and dates",
            "choose which pages heatmaps and recordings cover",
            "make change disable guest links",
            "white label of guest links",
            "set own alerts and e-mail reports",
            "set alerts for the whole site",
            "see the site's audit log",
            "see the account's billing",
            "switch billing visibility for an administrator",
            "erase or export one visitor's data",
            "manage own sub-accounts and their plans",
            "see metrics",
        ]
    );
}

#[test]
fn every_route_answers_every_kind_of_caller_as_the_table_says() {
    let desk = Desk::with_site();
    let people = ["eve", "adam", "uma", "vic"];
    for name in people {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
    }
    let share = |verb: &str, name: &str, level: &str| {
        desk.text(&["share", verb, "--site", "1", "--user", name, "--level", level]);
    };
    share("add", "adam", "administrator");
    share("add", "uma", "user");
    share("add", "vic", "view-only");
    let server = desk.serve();
    let [stranger, administrator, user, view_only] = people.map(|name| server.sign_in(name));
    let owner = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/")));
    let (visit, visitor) =
        (desk.number("select id from visits"), desk.number("select visitor_id from visits"));
    let request =
        |method: &str, path: &str| -> Request { if method == "GET" { get(path) } else { post(path, &[]) } };
    let mut asked = 0;
    for (method, path, capability) in clickstead::routes() {
        let (real, hidden) =
            (fill(path, visit, visitor), fill(path, visit, visitor).replace("/sites/1", "/sites/99"));
        // A stream has no end: only those who are refused are asked for the whole answer.
        let is_stream = path.ends_with("/stream");
        let callers = [
            ("stranger", Some(&stranger)),
            ("anonymous", None),
            ("view_only", Some(&view_only)),
            ("user", Some(&user)),
            ("administrator", Some(&administrator)),
            ("owner", Some(&owner)),
        ];
        for (column, cookie) in callers {
            let is_inside = !matches!(column, "stranger" | "anonymous");
            if path == "/logout" && cookie.is_some() || is_stream && is_inside {
                continue;
            }
            let cookied = |path: &str| match cookie {
                Some(cookie) => request(&method, path).cookie(cookie),
                None => request(&method, path),
            };
            let answer = server.ask(&cookied(&real));
            let case = format!("{column}: {method} {real} ({capability}) was answered {}", answer.status);
            match cell(capability, column).as_str() {
                "public" => assert!(answer.status != 403 && answer.header("location") != "/login", "{case}"),
                // What the owner has chosen as long as nobody chose otherwise: reports and the list, no single visits.
                "chosen" if capability == "open one visit's action log" => {
                    assert_eq!(answer.status, 403, "{case}");
                }
                "yes" | "chosen" => assert!([200, 303, 422].contains(&answer.status), "{case}"),
                "signed_in" if cookie.is_some() => {
                    assert!([200, 303, 422].contains(&answer.status), "{case}");
                }
                // Lists of one's own things are everybody's who is signed in.
                "no" if cookie.is_some() && !path.contains("{site}") => {
                    assert_eq!(answer.status, 200, "{case}");
                }
                "no" if is_inside => assert_eq!(answer.status, 403, "{case}"),
                "hidden" | "no" if cookie.is_some() => assert_eq!(answer.status, 404, "{case}"),
                _ => {
                    assert_eq!(answer.status, 303, "{case}");
                    assert!(answer.header("location").starts_with("/login"), "{case}");
                    let elsewhere = server.ask(&cookied(&hidden));
                    assert_eq!((elsewhere.status, elsewhere.body), (answer.status, answer.body), "{case}");
                }
            }
            if path == "/sites/{site}/leave" && answer.status == 303 && is_inside {
                let person = match column {
                    "view_only" => "vic",
                    "user" => "uma",
                    _ => "adam",
                };
                share("add", person, &column.replace('_', "-"));
            }
            if path.ends_with("/preview") && answer.status == 303 && is_inside {
                server.ask(&cookied("/account/preview/end").clone());
            }
            asked += 1;
        }
    }
    assert!(asked > 250, "only {asked} answers were looked at");
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
        desk.complaint(&["share", "add", "--site", "1", "--user", "ada", "--level", "user"]).contains("owns")
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
