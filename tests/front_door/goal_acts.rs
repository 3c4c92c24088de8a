//! What programs and commands do to goals, costs, the currency, annotations and visitors' notes: their answers, their lines in
//! the audit log, and that a wrong one changes nothing and says what to do.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::http::{Answer, post_json};
use serde_json::{Value, json};

/// Sends a request of a program about site 1.
fn send(
    server: &Server<'_>,
    program: &Program,
    (method, path): (&'static str, &str),
    body: &Value,
) -> Answer {
    let request = post_json(format!("/api/v1/sites/1/{path}"), &body.to_string()).method(method);
    server.ask(&program.sign(request))
}

/// The lines of the audit log after its first ones.
fn acts(desk: &Desk, after: i64) -> Vec<String> {
    desk.texts(&format!(
        "select act || '|' || about || '|' || coalesce(actor, '-') from audit where id > {after} order by id"
    ))
}

/// Everything that acts of this file change.
fn everything(desk: &Desk) -> Vec<String> {
    let tables = [
        "select concat_ws('|', id, code, name, kind, match, pattern, revenue, every_time, is_set_up, removed_at) from goals",
        "select concat_ws('|', campaign, day, cost) from campaign_costs",
        "select concat_ws('|', day, kind, text) from annotations",
        "select concat_ws('|', visitor_id, name, tags, note) from visitor_notes",
        "select currency from sites",
        "select cast(count(*) as text) from audit",
    ];
    tables.iter().flat_map(|sql| desk.texts(sql)).collect()
}

#[test]
fn what_a_program_changes_is_answered_and_in_the_log_under_the_name_of_its_person() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/thanks")));
    let visitor = desk.number("select visitor_id from visits");
    let program = Program::with_token(&desk, "ada", true);
    let before = desk.number("select max(id) from audit");
    let send = |method, path: &str, body: &Value| send(&server, &program, (method, path), body);

    let matches = send("POST", "goals/matches", &json!({"kind": "page", "pattern": "/thanks"}));
    assert_eq!((matches.status, &matches.json()["visits"]), (200, &1.into()));
    let goal =
        json!({"name": "Order", "kind": "page", "match": "starts", "pattern": "/thanks", "revenue": "49.90"});
    let made = send("POST", "goals", &goal);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(
        [&made["goal_id"], &made["code"], &made["match"], &made["currency"]],
        ["1", "Order", "starts", "USD"]
    );
    assert_eq!((&made["revenue"], &made["every_time"]), (&json!(49.90), &json!(false)));
    let changed = send("PATCH", "goals/1", &json!({"name": "Orders", "revenue": null, "every_time": true}));
    let changed = (changed.status, changed.json());
    assert_eq!((changed.0, &changed.1["name"], &changed.1["code"]), (200, &"Orders".into(), &"Order".into()));
    assert!(changed.1.get("revenue").is_none() && changed.1["pattern"] == "/thanks", "{changed:?}");
    assert_eq!(send("DELETE", "goals/1", &json!({})).status, 204);
    assert_eq!(program.read(&server, "goals")["goals"], json!([]));
    assert_eq!(send("POST", "goals", &json!({"name": "Order"})).json()["goal_id"], "1", "it is back");

    let costs = json!({"costs": [{"campaign": "spring", "day": "2026-11-01", "cost": 12.345},
                                 {"campaign": "spring", "day": "2026-11-02", "cost": "8"}]});
    assert_eq!(send("PUT", "campaign-costs", &costs).status, 204);
    let listed = program.read(&server, "campaign-costs?date=2026-11");
    // Half to even.
    assert_eq!((&listed["costs"][0]["cost"], &listed["costs"][1]["cost"]), (&json!(12.34), &json!(8.00)));
    assert_eq!(listed["currency"], "USD");

    let note =
        send("POST", "annotations", &json!({"text": " Version 2 ", "kind": "deploy", "day": "2026-11-01"}));
    assert_eq!(note.status, 201, "{}", note.text());
    assert_eq!(
        [&note.json()["kind"], &note.json()["text"], &note.json()["author"]],
        ["deploy", "Version 2", "ada"]
    );
    assert_eq!(program.read(&server, "annotations?date=2026-11-01")["annotations"][0], note.json());
    assert_eq!(send("DELETE", "annotations/1", &json!({})).status, 204);

    let path = format!("visitors/{visitor}/note");
    assert_eq!(program.read(&server, &path), json!({"name": "", "tags": [], "note": ""}));
    let note = json!({"name": "Anna", "tags": ["press", "Press", " vip "], "note": "Calls"});
    assert_eq!(send("PUT", &path, &note).status, 204);
    let stored = program.read(&server, &path);
    assert_eq!((&stored["tags"], &stored["author"]), (&json!(["press", "vip"]), &"ada".into()));
    assert_eq!(send("PUT", &path, &json!({})).status, 204);
    assert_eq!(
        acts(&desk, before),
        [
            "goal-added|Order, page starts /thanks, 49.90 USD|ada",
            "goal-changed|Orders (code Order), page starts /thanks, every time, before Order|ada",
            "goal-removed|Orders|ada",
            "goal-added|Order, named by pages|ada",
            "campaign-cost-set|spring, 2026-11-01 to 2026-11-02: 20.34 USD|ada",
            "annotation-added|deploy, 2026-11-01: Version 2|ada",
            "annotation-removed|deploy, 2026-11-01: Version 2|ada",
            "visitor-note-set|name, tags, note|ada",
            "visitor-note-removed||ada",
        ]
    );
    // The site key has no person.
    let key = Program::with_key(&desk);
    let last = desk.number("select max(id) from audit");
    let answer = super::goal_acts::send(&server, &key, ("POST", "annotations"), &json!({"text": "By key"}));
    assert_eq!((answer.status, answer.json().get("author")), (201, None));
    assert!(acts(&desk, last)[0].ends_with("By key|-"), "{:?}", acts(&desk, last));
    assert!(desk.text(&["audit", "--site", "1"]).contains("site key"));
}

#[test]
fn a_wrong_request_changes_nothing_and_says_what_to_do() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let visitor = desk.number("select visitor_id from visits");
    let (writing, reading) =
        (Program::with_token(&desk, "ada", true), Program::with_token(&desk, "ada", false));
    send(&server, &writing, ("POST", "goals"), &json!({"name": "Order", "code": "order"}));
    let before = everything(&desk);
    let note = format!("visitors/{visitor}/note");
    let many: Vec<String> = (0..11).map(|number| format!("tag {number}")).collect();
    for (method, path, body, field, words) in [
        ("POST", "goals", json!({"name": ""}), "name", "1 to 60 characters"),
        ("POST", "goals", json!({"name": "n".repeat(61)}), "name", "1 to 60 characters"),
        ("POST", "goals", json!({"name": "ORDER"}), "name", "a goal of that name already"),
        ("POST", "goals", json!({"name": "order"}), "name", "already"),
        ("POST", "goals", json!({"name": "Other", "code": "order"}), "code", "the code of the goal"),
        ("POST", "goals", json!({"name": "Other", "code": "(other)"}), "code", "Choose another name"),
        ("POST", "goals", json!({"name": "A", "pattern": "/x"}), "kind", "such as page"),
        ("POST", "goals", json!({"name": "A", "kind": "dance", "pattern": "/x"}), "kind", "page"),
        (
            "POST",
            "goals",
            json!({"name": "A", "kind": "page", "match": "like", "pattern": "/x"}),
            "match",
            "exact",
        ),
        (
            "POST",
            "goals",
            json!({"name": "A", "kind": "page", "match": "regex", "pattern": "("}),
            "pattern",
            "regular expression",
        ),
        ("POST", "goals", json!({"name": "A", "kind": "actions", "pattern": "0"}), "pattern", "whole number"),
        ("POST", "goals", json!({"name": "A", "revenue": "much"}), "revenue", "Give an amount in USD"),
        ("POST", "goals", json!({"name": "A", "revenue": 1e30}), "revenue", "amount"),
        ("POST", "goals", json!({"name": "A", "colour": "red"}), "body", "colour"),
        ("POST", "goals", json!({"name": 7}), "body", "string"),
        ("PATCH", "goals/1", json!({"pattern": "/x"}), "kind", "such as page"),
        ("PATCH", "goals/1", json!({"name": " "}), "name", "1 to 60 characters"),
        (
            "PUT",
            "campaign-costs",
            json!({"costs": [{"campaign": "a", "day": "2026-11-01", "cost": 5},
            {"campaign": "a", "day": "soon", "cost": 5}]}),
            "costs.day",
            "2026-11-30",
        ),
        (
            "PUT",
            "campaign-costs",
            json!({"costs": [{"campaign": "a", "day": "2026-11-01", "cost": 5},
            {"campaign": " ", "day": "2026-11-01", "cost": 5}]}),
            "campaign",
            "name of the campaign",
        ),
        (
            "PUT",
            "campaign-costs",
            json!({"costs": [{"campaign": "a", "day": "2026-11-01", "cost": -5}]}),
            "cost",
            "0 or more",
        ),
        ("POST", "annotations", json!({"text": " "}), "text", "1 to 500 characters"),
        ("POST", "annotations", json!({"text": "a", "day": "1999-12-31"}), "day", "year 2000"),
        ("POST", "annotations", json!({"text": "a", "day": "2100-01-01"}), "day", "a year from now"),
        ("POST", "annotations", json!({"text": "a", "day": "soon"}), "day", "2026-11-30"),
        ("POST", "annotations", json!({"text": "a", "kind": "party"}), "kind", "deploy or note"),
        ("PUT", &note, json!({"name": "n".repeat(61)}), "name", "60 plain characters"),
        ("PUT", &note, json!({"tags": many}), "tags", "10 tags at most"),
        ("PUT", &note, json!({"note": "n".repeat(2_001)}), "note", "2000 plain characters"),
    ] {
        let answer = send(&server, &writing, (method, path), &body);
        let problem = answer.json();
        assert_eq!(
            (answer.status, &problem["field"]),
            (422, &field.into()),
            "{method} {path} {body}: {problem}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(words), "{body}: {problem}");
        assert!(answer.header("content-type").starts_with("application/problem+json"));
        // Who may only read learns that first, whatever the body.
        let refused = send(&server, &reading, (method, path), &body);
        assert_eq!(refused.status, 403, "{method} {path}: {}", refused.text());
    }
    for (method, path) in [
        ("PATCH", "goals/7"),
        ("PATCH", "goals/x"),
        ("DELETE", "goals/7"),
        ("DELETE", "annotations/7"),
        ("DELETE", "annotations/x"),
        ("PUT", "visitors/7/note"),
    ] {
        let answer = send(&server, &writing, (method, path), &json!({}));
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
    let broken = post_json("/api/v1/sites/1/goals", "{");
    assert_eq!(server.ask(&writing.sign(broken)).status, 400);
    assert_eq!(everything(&desk), before);
}

#[test]
fn commands_do_the_same_with_a_server_and_without_one() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/thanks")));
    server.stop();
    let matched = "select cast(count(*) as text) from conversions where counts = 1";
    // Without a server, earlier visits are matched when the command ends.
    let made = desk.json(&["goal", "add", "--site", "1", "--name", "Thanks", "--page", "/thanks", "--json"]);
    assert_eq!(made, json!({"goal_id": 1, "code": "Thanks", "matched": true}));
    assert_eq!(desk.texts(matched), ["1"]);
    desk.text(&["goal", "remove", "--site", "1", "Thanks"]);
    let back = desk.text(&["goal", "bring-back", "--site", "1", "1"]);
    assert!(back.contains("Thanks is back. Earlier visits are matched."), "{back}");

    let server = desk.serve();
    let options = ["--name", "Read", "--page", "/tha*", "--match", "wildcard", "--revenue", "1.5", "--json"];
    let made = desk.json(&[&["goal", "add", "--site", "1"], &options[..]].concat());
    assert_eq!((&made["goal_id"], &made["matched"]), (&2.into(), &false.into()));
    desk.wait_for("(select count(*) from conversions where counts = 1 and revenue = 150) = 1");
    desk.wait_for("not exists (select 1 from goals where match_below is not null)");
    let listed = desk.json(&["goal", "list", "--site", "1", "--json"]);
    let read = listed.as_array().unwrap().iter().find(|goal| goal["name"] == "Read").unwrap().clone();
    assert_eq!(
        (&read["match"], &read["pattern"], &read["revenue"], &read["matched_percent"]),
        (&"wildcard".into(), &"/tha*".into(), &json!(1.5), &100.into()),
        "{read}"
    );
    let change =
        ["goal", "change", "--site", "1", "Read", "--name", "Reading", "--revenue-as-sent", "--named"];
    assert!(desk.text(&change).contains("Reading is changed."));
    let table = desk.text(&["goal", "list", "--site", "1"]);
    assert!(table.contains("Reading") && table.contains("Thanks"), "{table}");

    let cost = ["campaign", "cost", "--site", "1", "--campaign", "spring", "--date", "2026-11-01,2026-11-03"];
    let said = desk.json(&[&cost[..], &["--cost", "10", "--json"]].concat());
    assert_eq!((&said["cost"], &said["per_day"]), (&json!(10.0), &false.into()));
    let costs = desk.json(&["campaign", "costs", "--site", "1", "--date", "2026-11", "--json"]);
    let days: Vec<&Value> = costs.as_array().unwrap().iter().map(|cost| &cost["cost"]).collect();
    // The first days get what is left over.
    assert_eq!(days, [&json!(3.34), &json!(3.33), &json!(3.33)]);
    let said = desk.text(&[&cost[..], &["--cost", "5", "--per-day"]].concat());
    assert!(said.contains("5.00 USD a day from 2026-11-01 to 2026-11-03"), "{said}");
    assert_eq!(desk.number("select sum(cost) from campaign_costs"), 1_500);

    let note = desk.json(&[
        "annotation",
        "add",
        "--site",
        "1",
        "Version 2",
        "--deploy",
        "--day",
        "2026-11-01",
        "--json",
    ]);
    assert_eq!(note, json!({"annotation_id": 1, "day": "2026-11-01"}));
    let notes = desk.json(&["annotation", "list", "--site", "1", "--date", "2026-11-01", "--json"]);
    assert_eq!((&notes[0]["kind"], &notes[0]["text"]), (&"deploy".into(), &"Version 2".into()));
    assert!(desk.text(&["annotation", "remove", "--site", "1", "1"]).contains("is removed"));
    let acts = acts(&desk, 1);
    assert_eq!(
        acts,
        [
            "goal-added|Thanks, page exact /thanks|-",
            "goal-removed|Thanks|-",
            "goal-brought-back|Thanks|-",
            "goal-added|Read, page wildcard /tha*, 1.50 USD|-",
            "goal-changed|Reading (code Read), named by pages, before Read|-",
            "campaign-cost-set|spring, 2026-11-01 to 2026-11-03: 10.00 USD|-",
            "campaign-cost-set|spring, 2026-11-01 to 2026-11-03: 15.00 USD|-",
            "annotation-added|deploy, 2026-11-01: Version 2|-",
            "annotation-removed|deploy, 2026-11-01: Version 2|-",
        ]
    );
    server.stop();
}

#[test]
fn a_wrong_command_changes_nothing_and_says_what_to_do() {
    let desk = Desk::with_site();
    desk.text(&["goal", "add", "--site", "1", "--name", "Order"]);
    let before = everything(&desk);
    for (command, words) in [
        (&["goal", "add", "--site", "9", "--name", "A"][..], "no such site"),
        (&["goal", "add", "--site", "1", "--name", "order"], "a goal of that name already"),
        (&["goal", "add", "--site", "1", "--name", "A", "--match", "regex"], "Say what to match"),
        (
            &["goal", "add", "--site", "1", "--name", "A", "--page", "/a", "--event", "b"],
            "cannot be used with",
        ),
        (
            &["goal", "add", "--site", "1", "--name", "A", "--page", "(", "--match", "regex"],
            "regular expression",
        ),
        (&["goal", "add", "--site", "1", "--name", "A", "--seconds", "long"], "whole number"),
        (&["goal", "add", "--site", "1", "--name", "A", "--custom", "plan"], "key"),
        (&["goal", "add", "--site", "1", "--name", "A", "--revenue", "much"], "Give an amount in USD"),
        (&["goal", "change", "--site", "1", "Nothing", "--name", "A"], "no such goal"),
        (&["goal", "remove", "--site", "1", "Nothing"], "no such goal"),
        (&["goal", "bring-back", "--site", "1", "Order"], "no such removed goal"),
        (&["campaign", "cost", "--site", "1", "--campaign", "a", "--date", "soon", "--cost", "1"], "date"),
        (
            &["campaign", "cost", "--site", "1", "--campaign", " ", "--date", "2026-11", "--cost", "1"],
            "name of the campaign",
        ),
        (
            &["campaign", "cost", "--site", "1", "--campaign", "a", "--date", "2026-11", "--cost", "x"],
            "Give an amount in USD",
        ),
        (
            &[
                "campaign",
                "cost",
                "--site",
                "1",
                "--campaign",
                "a",
                "--date",
                "2020-01-01,2026-01-01",
                "--cost",
                "1",
            ],
            "366 days at most",
        ),
        (&["annotation", "add", "--site", "1", ""], "1 to 500 characters"),
        (&["annotation", "add", "--site", "1", "a", "--day", "soon"], "2026-11-30"),
        (&["annotation", "remove", "--site", "1", "7"], "no such annotation"),
        (&["site", "currency", "1", "--to", "XXX"], "three letters"),
    ] {
        let complaint = desk.complaint(command);
        assert!(complaint.to_lowercase().contains(&words.to_lowercase()), "{command:?}: {complaint}");
    }
    assert_eq!(everything(&desk), before);
}
