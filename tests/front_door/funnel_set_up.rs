//! Funnels set up by commands, by programs and in Preferences: good and bad input, their lines in the audit log, and their way to
//! another file.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::http::{Answer, get, post, post_json};
use serde_json::{Value, json};

const FUNNELS: &str = "/sites/1/preferences/funnels";

fn add<'a>(name: &'a str, steps: &[&'a str]) -> Vec<&'a str> {
    let steps = steps.iter().flat_map(|step| ["--step", step]);
    ["funnel", "add", "--site", "1", "--name", name].into_iter().chain(steps).collect()
}

/// A site with the goal Order, and another goal that was removed.
fn with_goals() -> Desk {
    let desk = Desk::with_site();
    desk.text(&["goal", "add", "--site", "1", "--name", "Gone", "--page", "/gone"]);
    desk.text(&["goal", "remove", "--site", "1", "Gone"]);
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--page", "/thanks"]);
    desk
}

fn steps_of(desk: &Desk, site: &str) -> Vec<String> {
    let list = desk.json(&["funnel", "list", "--site", site, "--json"]);
    let steps = list[0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["step"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_funnel_is_added_listed_changed_and_removed_by_command() {
    let desk = with_goals();
    let before = desk.number("select max(id) from audit");
    let steps = ["page:/cart", "Ship it=directly:page:starts:/checkout", "event:Pay: now", "goal:Order"];
    let made = desk.text(&[add("Checkout", &steps), vec!["--within", "7d"]].concat());
    assert_eq!(made.trim(), "Checkout is funnel 1 of site 1, with 4 steps.");
    assert_eq!(steps_of(&desk, "1"), steps);
    let list = desk.text(&["funnel", "list", "--site", "1"]);
    assert!(
        list.contains("7d") && list.contains("page:/cart > Ship it=directly:page:starts:/checkout >"),
        "{list}"
    );
    desk.text(&["funnel", "change", "--site", "1", "Checkout", "--within", "visit", "--name", "Buy"]);
    let changed = desk.json(&["funnel", "list", "--site", "1", "--json"]);
    assert_eq!((&changed[0]["name"], &changed[0]["window_days"]), (&json!("Buy"), &Value::Null));
    assert_eq!(changed[0]["steps"][1]["title"], "Ship it");
    assert_eq!(steps_of(&desk, "1"), steps, "what is left out stays");
    desk.text(&["funnel", "remove", "--site", "1", "1"]);
    assert_eq!(desk.number("select (select count(*) from funnels) + (select count(*) from funnel_steps)"), 0);
    let log = desk.texts(&format!("select act || '|' || about from audit where id > {before} order by id"));
    let text = steps.join(" > ");
    assert_eq!(
        log,
        [
            format!("funnel-added|Checkout: {text}, within 7d"),
            format!("funnel-changed|Buy: {text}; before Checkout"),
            "funnel-removed|Buy".to_owned(),
        ]
    );
}

#[test]
fn a_wrong_funnel_is_refused_with_the_number_of_its_step_and_changes_nothing() {
    let desk = with_goals();
    desk.text(&add("Checkout", &["page:/a", "page:/b"]));
    let before = desk.texts("select cast(count(*) as text) from audit");
    let same = ["page:/cart"; 12];
    let many: Vec<String> = (1..=13).map(|number| format!("page:/{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = |name: &str, steps: &[&str], sentence: &str| {
        let complaint = desk.complaint(&add(name, steps));
        assert!(complaint.contains(sentence), "{sentence}: {complaint}");
    };
    refused("x", &["page:/a"], "A funnel has 2 to 12 steps. This one has 1 step.");
    refused("x", &many, "A funnel has 2 to 12 steps. This one has 13 steps.");
    refused("x", &same, "Step 2: It's the same page as the step before");
    refused("x", &["page:/a", "goal:Gone"], "Step 2: The goal “Gone” was removed.");
    refused("x", &["page:/a", "goal:Nobody"], "Step 2: There's no goal “Nobody”.");
    refused("x", &["goal:Order", "goal:Order"], "Step 2: It's the same goal as the step before");
    refused("x", &["page:/a", "page:/b", "page:regex:(a"], "Step 3: That's not a regular expression");
    refused("x", &["page:/a", "page:"], "Step 2: Say what to match");
    refused("x", &["page:/a", "seconds:60"], "Step 2: Write goal:, page:, event:");
    refused("x", &["directly:page:/a", "page:/b"], "Step 1: Nothing comes before it");
    refused("checkout", &["page:/a", "page:/c"], "There's a funnel of that name already.");
    refused(" ", &["page:/a", "page:/b"], "Give the funnel a name of 1 to 60 characters");
    refused(&"x".repeat(61), &["page:/a", "page:/b"], "Give the funnel a name of 1 to 60 characters");
    for days in ["0d", "91d", "soon"] {
        let complaint = desk.complaint(&[add("x", &["page:/a", "page:/b"]), vec!["--within", days]].concat());
        assert!(complaint.contains("from 1 to 90"), "{days}: {complaint}");
    }
    assert!(desk.complaint(&["funnel", "remove", "--site", "1", "7"]).contains("no such funnel"));
    assert_eq!(desk.number("select count(*) from funnels"), 1);
    assert_eq!(desk.texts("select cast(count(*) as text) from audit"), before);
    // Two pages of one section, one after the other, are a sensible funnel.
    desk.text(&add("Two", &["page:starts:/bread", "page:starts:/bread"]));
}

fn send(
    server: &Server<'_>,
    program: &Program,
    (method, path): (&'static str, &str),
    body: &Value,
) -> Answer {
    let request = post_json(format!("/api/v1/sites/1/{path}"), &body.to_string()).method(method);
    server.ask(&program.sign(request))
}

#[test]
fn a_program_adds_reads_changes_and_removes_a_funnel() {
    let desk = with_goals();
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", true);
    let send = |method, path: &str, body: &Value| send(&server, &program, (method, path), body);
    let body = json!({"name": "Checkout", "window_days": 7, "steps": [
        {"kind": "page", "pattern": "/cart", "name": "Basket"},
        {"kind": "page", "match": "starts", "pattern": "/checkout", "directly": true},
        {"kind": "goal", "goal": "Order"},
    ]});
    let made = send("POST", "funnels", &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let titles = |funnel: &Value| -> Vec<String> {
        let steps = funnel["steps"].as_array().unwrap().iter();
        steps.map(|step| step["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&made), ["Basket", "/checkout", "Order"]);
    assert_eq!((&made["window_days"], &made["steps"][1]["directly"]), (&json!(7), &json!(true)));
    assert_eq!(program.read(&server, "funnels")["funnels"][0], made);
    assert_eq!(program.read(&server, "funnels/1"), made);
    let changed = send("PATCH", "funnels/1", &json!({"window_days": null, "name": "Buy"})).json();
    assert_eq!((&changed["name"], changed.get("window_days")), (&json!("Buy"), None));
    assert_eq!(titles(&changed), titles(&made));
    for (body, field, words) in [
        (json!({"steps": [{"kind": "page", "pattern": "/a"}]}), "steps", "2 to 12 steps"),
        (json!({"window_days": 91}), "window_days", "from 1 to 90"),
        (
            json!({"steps": [{"kind": "page", "pattern": "/a"}, {"kind": "goal", "goal": "Gone"}]}),
            "steps",
            "Step 2: The goal “Gone” was removed",
        ),
        (
            json!({"steps": [{"kind": "page", "pattern": "/a"}, {"kind": "goal", "goal": "x"}]}),
            "steps",
            "Step 2: There's no goal “x”",
        ),
        (
            json!({"steps": [{"kind": "page", "match": "regex", "pattern": "("}, {"kind": "goal", "goal": "Order"}]}),
            "steps",
            "Step 1: That's not a regular expression",
        ),
        (json!({"name": ""}), "name", "1 to 60 characters"),
    ] {
        let answer = send("PATCH", "funnels/1", &body);
        assert_eq!(answer.status, 422, "{body}");
        let reply = answer.json();
        assert_eq!(reply["field"], field, "{reply}");
        assert!(reply["hint"].as_str().unwrap().contains(words), "{reply}");
    }
    assert_eq!(program.read(&server, "funnels/1"), changed);
    // A goal that is removed later leaves its step in place, and marks it.
    assert_eq!(send("DELETE", "goals/2", &json!({})).status, 204);
    assert_eq!(program.read(&server, "funnels/1")["steps"][2]["goal_removed"], true);
    assert_eq!(send("DELETE", "funnels/1", &json!({})).status, 204);
    assert_eq!(send("DELETE", "funnels/1", &json!({})).status, 404);
    assert_eq!(program.get(&server, "/api/v1/sites/1/funnels/1").status, 404);
}

#[test]
fn a_funnel_moves_with_its_site_and_names_the_goals_that_are_there() {
    let desk = with_goals();
    let steps = ["page:/cart", "Pay=directly:page:regex:^/pay", "goal:Order", "goal:Order"];
    desk.text(&["goal", "change", "--site", "1", "Order", "--every-time"]);
    desk.text(&[add("Checkout", &steps), vec!["--within", "30d"]].concat());
    desk.text(&["goal", "remove", "--site", "1", "Order"]);
    let path = desk.path().join("site.jsonl");
    let path = path.to_str().unwrap();
    desk.text(&["export", "--site", "1", "--to", path]);
    let new = Desk::with_site();
    new.text(&["goal", "add", "--site", "1", "--name", "Other"]);
    for _ in 0..2 {
        new.text(&[
            "import",
            path,
            "--as",
            if new.number("select count(*) from sites") == 1 { "new" } else { "same" },
        ]);
    }
    assert_eq!(new.number("select count(*) from funnels"), 1);
    let site = new.number("select site_id from funnels").to_string();
    assert_eq!(steps_of(&new, &site), steps, "also a removed goal");
    let list = new.text(&["funnel", "list", "--site", &site]);
    assert!(list.contains("30d") && list.contains("goal:Order (removed)"), "{list}");
    new.text(&["site", "remove", &site, "--yes"]);
    assert_eq!(new.number("select (select count(*) from funnels) + (select count(*) from funnel_steps)"), 0);
}

/// Imports an exported site with a changed line of a funnel; what was said.
fn import_funnel(desk: &Desk, exported: &str, change: impl Fn(&mut Value)) -> String {
    let lines = exported.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if let Some(funnel) = line.get_mut("funnel") {
            change(funnel);
        }
        line.to_string()
    });
    let path = desk.path().join("changed.jsonl");
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let output = desk.run(&["import", path.to_str().unwrap(), "--as", "new", "--owner", "ada"]);
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn an_import_refuses_the_funnels_that_could_not_be_set_up() {
    let desk = with_goals();
    desk.text(&add("Checkout", &["page:/cart", "page:/pay"]));
    let exported = desk.text(&["export", "--site", "1"]);
    let new = Desk::with_site();
    for name in ["   ", " spaced ", "zero\u{200b}width", "2", "", &"x".repeat(61)] {
        let said = import_funnel(&new, &exported, |funnel| funnel["name"] = json!(name));
        assert!(said.contains("the funnel's name is too long, a number, or none"), "{name:?}: {said}");
    }
    let said = import_funnel(&new, &exported, |funnel| funnel["steps"][1]["name"] = json!(" Pay"));
    assert!(said.contains("the name of a funnel's step is too long, or none"), "{said}");
    let said = import_funnel(&new, &exported, |funnel| funnel["steps"][1]["pattern"] = json!("/cart"));
    assert!(said.contains("a step of the funnel is the same page as the one before"), "{said}");
    let goal = json!({"name": "", "kind": "goal", "goal": "Elsewhere", "match": "exact", "pattern": "", "is_direct": false});
    let said = import_funnel(&new, &exported, |funnel| funnel["steps"][1] = goal.clone());
    assert!(said.contains("neither the file nor the site has the goal of a funnel"), "{said}");
    assert_eq!(new.number("select count(*) from funnels"), 0);
    import_funnel(&new, &exported, |_| {});
    assert_eq!(new.texts("select name from funnels"), ["Checkout"]);
}

#[test]
fn a_name_that_reads_like_a_step_is_printed_so_that_it_can_be_typed() {
    let desk = with_goals();
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", true);
    let step =
        |name: &str| json!({"kind": "page", "match": "exact", "pattern": "/shop?by=page:2", "name": name});
    let event = json!({"kind": "event", "pattern": "Buy"});
    let body = json!({"name": "Shop", "steps": [step("Step 1: Shop"), event, step("a=b"), event, step("")]});
    let added = send(&server, &program, ("POST", "funnels"), &body);
    assert_eq!(added.status, 201, "{}", added.text());
    let steps = steps_of(&desk, "1");
    assert_eq!(steps[0], "Step 1: Shop=page:/shop?by=page:2");
    let typed: Vec<&str> = steps.iter().map(String::as_str).collect();
    desk.text(&add("Again", &typed));
    let stored = "select group_concat(name || ' ' || kind || ' ' || pattern, '|') from funnel_steps group by funnel_id";
    let stored = desk.texts(stored);
    assert_eq!((stored.len(), &stored[0]), (2, &stored[1]));
}

#[test]
fn a_renamed_funnel_keeps_the_filters_that_name_it() {
    let desk = Desk::with_site();
    desk.text(&add("Checkout", &["page:/cart", "page:/pay"]));
    desk.open()
        .execute_batch(
            "insert into segments (site_id, name, conditions, created_at)
               values (1, 'Buyers', 'country=DE&funnel-step.in=Checkout%3A2,Other%3A1,Checkout%3A1%3Alost', 5),
                 (1, 'Others', 'href=/Checkout:2', 5);
             insert into alerts (site_id, kind, threshold, segment, created_at)
               values (1, 'silence', 3, 'funnel-step=Checkout%3A1', 5)",
        )
        .unwrap();
    let (_, path) = super::guest_links::link(&desk, &["--segment", "funnel-step=Checkout:2"]);
    let server = desk.serve();
    for page in ["/cart", "/pay"] {
        server.hit("81.2.69.1", &fields(&view(page)));
    }
    server.hit("81.2.70.1", &fields(&view("/cart")));
    let shows = || server.ask(&get(format!("{path}/reports/pages?date=today"))).text().contains("/pay");
    assert!(shows());
    desk.text(&["funnel", "change", "--site", "1", "Checkout", "--name", "Buy"]);
    // Another one takes the name.
    desk.text(&add("Checkout", &["page:/cart", "page:/nowhere"]));
    assert!(shows());
    let stored = desk.texts(
        "select conditions from segments union all select segment from links union all select segment from alerts",
    );
    assert_eq!(
        stored,
        [
            "country=DE&funnel-step.in=1%3A2%2COther%3A1%2C1%3A1%3Alost",
            "href=/Checkout:2",
            "funnel-step=1%3A2",
            "funnel-step=1%3A1"
        ]
    );
    let exported = desk.text(&["export", "--site", "1"]);
    assert!(exported.contains("funnel-step=Buy%3A2"), "other data files know it by its name: {exported}");
}

/// The fields of a form with steps, each what it is and its pattern.
fn form<'a>(
    name: &'a str,
    steps: &[(&'a str, &'a str)],
    more: &[(&'a str, &'a str)],
) -> Vec<(String, String)> {
    let mut fields = vec![("name".to_owned(), name.to_owned()), ("within".into(), "visit".into())];
    for (number, (what, pattern)) in (1..).zip(steps) {
        let number: u32 = number;
        fields.push((format!("what-{number}"), (*what).to_owned()));
        fields.push((format!("match-{number}"), "exact".to_owned()));
        fields.push((format!("pattern-{number}"), (*pattern).to_owned()));
        fields.push((format!("name-{number}"), String::new()));
    }
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

fn submit(server: &Server<'_>, cookie: &str, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    server.ask(&post(path, &fields).cookie(cookie))
}

#[test]
fn a_funnel_is_set_up_in_preferences_without_javascript() {
    let desk = with_goals();
    let server = desk.serve();
    for page in ["/cart", "/checkout"] {
        server.hit("81.2.69.1", &fields(&view(page)));
    }
    server.hit("81.2.70.1", &fields(&view("/cart")));
    let ada = server.sign_in("ada");
    let goals = server.page("/sites/1/preferences/goals", &ada);
    assert!(goals.contains("<h1>Goals &amp; funnels</h1>") && goals.contains("No funnels yet"), "{goals}");
    let new = server.page(&format!("{FUNNELS}/new"), &ada);
    assert!(
        new.contains("value=\"goal:2\" selected") && !new.contains("value=\"goal:1\""),
        "the goal that is there"
    );
    // Buttons that are submits add, move and remove steps, and keep what was typed.
    let (new, check) = (format!("{FUNNELS}/new"), format!("{FUNNELS}/new/check"));
    let steps = [("page", "/cart"), ("page", "/checkout")];
    let more = submit(&server, &ada, &check, &form("Buy", &steps, &[("do", "more")])).text();
    assert!(
        more.contains("id=\"step-3\"")
            && more.contains("value=\"/checkout\"")
            && more.contains("value=\"Buy\"")
    );
    assert!(more.contains("<b>2</b>") && more.contains("50 %"), "the last 30 days: {more}");
    let fewer = submit(
        &server,
        &ada,
        &check,
        &form("Buy", &[steps[0], ("page", "/x"), steps[1]], &[("do", "remove-2")]),
    );
    let fewer = fewer.text();
    assert!(
        !fewer.contains("id=\"step-3\"")
            && !fewer.contains("value=\"/x\"")
            && fewer.contains("value=\"/checkout\"")
    );
    let up =
        submit(&server, &ada, &check, &form("Buy", &steps, &[("do", "up-2"), ("direct-2", "on")])).text();
    assert!(up.find("value=\"/checkout\"") < up.find("value=\"/cart\""), "{up}");
    let wrong =
        submit(&server, &ada, &new, &form("", &[("page", "/cart"), ("page", "/cart"), ("page", "")], &[]));
    assert_eq!(wrong.status, 422);
    let wrong = wrong.text();
    assert!(
        wrong.contains("Give the funnel a name")
            && wrong.contains("id=\"problem-2\"")
            && wrong.contains("Step 2: It's the same page"),
        "{wrong}"
    );
    let days = submit(&server, &ada, &new, &form("Buy", &steps, &[("within", "days"), ("days", "100")]));
    assert!(days.status == 422 && days.text().contains("whole number of days from 1 to 90"));
    assert_eq!(desk.number("select count(*) from funnels"), 0);
    // Blank rows are left out.
    let saved =
        submit(&server, &ada, &new, &form("Buy", &[steps[0], ("page", " "), steps[1], ("goal:2", "")], &[]));
    assert_eq!(
        saved.header("location"),
        "/sites/1/preferences/goals?done=funnel#funnels",
        "{}",
        saved.text()
    );
    assert_eq!(steps_of(&desk, "1"), ["page:/cart", "page:/checkout", "goal:Order"]);
    let list = server.page("/sites/1/preferences/goals", &ada);
    assert!(
        list.contains("/cart → /checkout → Order") && list.contains("href=\"/sites/1/funnels/1\""),
        "{list}"
    );
    let report = server.ask(&get("/sites/1/funnels/1").cookie(&ada));
    assert_eq!((report.status, report.header("location")), (303, "/sites/1/reports/funnels?funnel=1"));
}

#[test]
fn the_removal_of_a_goal_names_the_funnels_that_use_it_and_their_screens_say_what_to_do() {
    let desk = with_goals();
    desk.text(&add("Checkout", &["page:/cart", "goal:Order"]));
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/cart")));
    let ada = server.sign_in("ada");
    let asked = server.page("/sites/1/preferences/goals/2/remove", &ada);
    assert!(asked.contains("id=\"used-by\"") && asked.contains("Checkout (step 2)"), "{asked}");
    assert!(!server.page("/sites/1/preferences/goals/1/remove", &ada).contains("used-by"));
    server.ask(&post("/sites/1/preferences/goals/2/remove", &[]).cookie(&ada));
    let sentence = "Step 2 counts nothing: the goal “Order” was removed.";
    assert!(server.page("/sites/1/preferences/goals", &ada).contains(sentence));
    assert!(server.page("/sites/1/reports/funnels?date=today", &ada).contains(sentence));
    let form = server.page(&format!("{FUNNELS}/1"), &ada);
    assert!(form.contains("Order (removed)"), "{form}");
    let kept = submit(
        &server,
        &ada,
        &format!("{FUNNELS}/1"),
        &self::form("Checkout", &[("page", "/cart"), ("goal:2", "")], &[]),
    );
    assert!(kept.status == 422 && kept.text().contains("Step 2: The goal “Order” was removed."));
    // The funnel itself is removed after one question, which names the segments that need it.
    let question = || server.page(&format!("{FUNNELS}/1/remove"), &ada);
    let asked = question();
    assert!(asked.contains("Remove “Checkout”?") && !asked.contains("named-by"), "{asked}");
    let segment = [("name", "Buyers"), ("conditions", "funnel-step=Checkout:1")];
    server.ask(&post("/sites/1/segments/own", &segment).cookie(&ada));
    let asked = question();
    assert!(asked.contains("Your own segment “Buyers”"), "{asked}");
    let removed = server.ask(&post(format!("{FUNNELS}/1/remove"), &[]).cookie(&ada));
    assert_eq!(removed.header("location"), "/sites/1/preferences/goals?done=funnel-removed#funnels");
    let again = server.ask(&post(format!("{FUNNELS}/1/remove"), &[]).cookie(&ada));
    assert_eq!(again.header("location"), "/sites/1/preferences/goals?done=funnel-gone#funnels");
}
