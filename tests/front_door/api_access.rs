//! Every route of our own API, asked with every kind of credentials, against the table that decides.

use super::access::{cell, fill, with_everybody};
use super::harness::{Desk, Server, fields, view};
use super::http::{Request, get, post};
use super::programs::key_of;
use super::tokens::{ask, token};

/// A program, and its column of the table on site 1; `None` if its credentials are refused.
struct Program {
    name: String,
    header: (&'static str, String),
    column: Option<&'static str>,
}

fn with_token(name: String, text: &str, column: Option<&'static str>) -> Program {
    Program { name, header: ("authorization", format!("Bearer {text}")), column }
}

/// Programs with tokens of people at every level, and of every kind.
fn tokens(desk: &Desk) -> Vec<Program> {
    let mut programs = Vec::new();
    for (person, reading, writing) in [
        ("ada", "token", Some("key")),
        ("adam", "token", Some("key")),
        ("uma", "token", Some("token")),
        ("vic", "view_only", Some("view_only")),
        ("eve", "stranger", Some("stranger")),
    ] {
        let domain = format!("{person}.example");
        desk.text(&["site", "add", &domain, "--owner", person, "--time-zone", "UTC"]);
        let own = desk.number(&format!("select id from sites where domain = '{domain}'")).to_string();
        let mut add = |kind: &str, more: &[&str], column| {
            programs.push(with_token(format!("{person}, {kind}"), &token(desk, person, more), column));
        };
        add("all sites", &[], Some(reading));
        // A writing token needs a site of its own to write to; on the others it is what its person is.
        add("all sites, writing", &["--write"], writing);
        add("other sites", &["--site", &own], Some("stranger"));
        add("other sites, writing", &["--site", &own, "--write"], Some("stranger"));
        if reading == "token" {
            add("chosen sites", &["--site", &format!("1,{own}")], Some(reading));
            add("chosen sites, writing", &["--site", &format!("1,{own}"), "--write"], writing);
        }
        add("expired", &["--name", "expired"], None);
        add("removed", &["--name", "removed"], None);
    }
    desk.open()
        .execute_batch("update tokens set expires_at = 1 where name = 'expired'; delete from tokens where name = 'removed'")
        .unwrap();
    let uma = token(desk, "lou", &[]);
    desk.text(&["user", "disable", "lou"]);
    programs.push(with_token("a disabled person".into(), &uma, None));
    programs
}

/// Programs with keys, and with what is no credentials at all.
fn keys(desk: &Desk) -> Vec<Program> {
    let old = key_of(desk, 1);
    desk.text(&["site", "rotate-key", "1"]);
    let admin = desk.texts("select site_key_admin from sites where id = 1").remove(0);
    let link = desk.texts("select token from links").remove(0);
    let key = |name: &str, key: &str, column| Program {
        name: name.to_owned(),
        header: ("x-site-key", key.to_owned()),
        column,
    };
    vec![
        key("the key of the site", &key_of(desk, 1), Some("key")),
        key("the key of another site", &key_of(desk, 2), None),
        key("the key that was replaced", &old, None),
        key("the admin key", &admin, None),
        key("an empty key", "", None),
        with_token("the site key as a token".into(), &key_of(desk, 1), None),
        with_token("the token of a guest link".into(), &link, None),
        with_token("a made-up token".into(), &format!("cst_{}", "0".repeat(40)), None),
    ]
}

/// The status of a route for a program, without the body: a stream has no end.
fn status(server: &Server<'_>, (method, path): (&str, &str), program: &Program) -> u16 {
    let request: Request = match method {
        "GET" => get(path),
        "POST" => post(path, &[]).without("content-type").header("content-type", "application/json"),
        "PUT" => get(path).method("PUT"),
        "PATCH" => get(path).method("PATCH"),
        "DELETE" => get(path).method("DELETE"),
        other => panic!("{other} {path}"),
    };
    let (name, value) = &program.header;
    let mut wire = server.wire();
    wire.send(&request.header(name, value).bytes(server.address)).unwrap();
    wire.head().unwrap().status
}

/// The goal and the annotation of site 1 that routes name.
const THINGS: &str = "insert or replace into goals (id, site_id, name, code, is_set_up, created_at) values (1, 1, 'Order', 'Order', 1, 0);
    insert or replace into funnels (id, site_id, name, created_at) values (1, 1, 'Checkout', 0);
    insert or replace into annotations (id, site_id, day, kind, text, created_at) values (1, 1, 20000, 'note', 'Sale', 0);";

/// Whether the table lets a column use what a route needs: the capability, and reading through the API.
fn expected(capability: &str, column: &str) -> Option<u16> {
    ["read through the API", capability].iter().find_map(|capability| {
        match cell(capability, column).as_str() {
            "yes" => None,
            "no" | "chosen" | "own" | "flag" => Some(403),
            "hidden" => Some(404),
            other => panic!("{capability}, {column}: the table says {other}"),
        }
    })
}

#[test]
fn every_route_of_our_api_answers_every_kind_of_credentials_as_the_table_says() {
    let desk = with_everybody();
    let lou = ["user", "add", "lou", "--email", "l@e.example", "--password-stdin", "--json"];
    desk.json_with(super::harness::PASSWORD, &lou);
    desk.text(&["share", "add", "--site", "1", "--user", "lou", "--level", "user"]);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let (visit, visitor) =
        (desk.number("select id from visits"), desk.number("select visitor_id from visits"));
    let programs: Vec<Program> = tokens(&desk).into_iter().chain(keys(&desk)).collect();
    let mut asked = 0;
    for (method, path, capability) in clickstead::routes() {
        if !path.starts_with("/api/v1/sites/{site") {
            continue;
        }
        let real = fill(path, visit, visitor);
        let elsewhere = real.replace("/sites/1", "/sites/99");
        for program in &programs {
            if path.contains("{goal}") || path.contains("{funnel}") || path.contains("{annotation}") {
                // A program that may remove it has done so.
                desk.open().execute_batch(THINGS).unwrap();
            }
            let (status, hidden) =
                (status(&server, (&method, &real), program), status(&server, (&method, &elsewhere), program));
            let case = format!("{}: {method} {real} ({capability}) was answered {status}", program.name);
            match program.column.map(|column| expected(capability, column)) {
                None => assert_eq!((status, hidden), (401, 401), "{case}"),
                Some(Some(refused)) => assert_eq!(status, refused, "{case}"),
                Some(None) => assert!(![401, 403, 404, 405, 500].contains(&status), "{case}"),
            }
            if program.column.is_some() {
                let unknown = if program.header.0 == "x-site-key" { 401 } else { 404 };
                assert_eq!(hidden, unknown, "{case}, and of a site that is not there {hidden}");
            }
            asked += 1;
        }
    }
    let routes = clickstead::routes();
    let of_sites = routes.iter().filter(|route| route.1.starts_with("/api/v1/sites/{site")).count();
    assert_eq!(asked, of_sites * programs.len());
}

#[test]
fn the_list_has_the_sites_that_a_program_reads_and_no_other() {
    let desk = with_everybody();
    desk.text(&["site", "add", "mill.example", "--owner", "eve", "--time-zone", "UTC"]);
    let server = desk.serve();
    let ids = |answer: super::http::Answer| -> Vec<String> {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let list = answer.json()["sites"].as_array().unwrap().clone();
        list.iter().map(|site| site["site_id"].as_str().unwrap().to_owned()).collect()
    };
    for (person, sites) in
        [("ada", &["1"][..]), ("adam", &["1"]), ("uma", &["1"]), ("vic", &[]), ("eve", &["2"])]
    {
        assert_eq!(ids(ask(&server, &token(&desk, person, &[]), "/api/v1/sites")), sites, "{person}");
    }
    for site in [1, 2] {
        let with_key = get("/api/v1/sites").header("x-site-key", &key_of(&desk, site));
        assert_eq!(ids(server.ask(&with_key)), [site.to_string()]);
    }
    let session = server.sign_in("ada");
    let nobody = server.ask(&get("/api/v1/sites").cookie(&session));
    assert_eq!(nobody.status, 401, "a session opens no API");
    assert!(nobody.header("content-type").starts_with("application/problem+json"));
}
