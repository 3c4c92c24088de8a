//! Goals, revenue and annotations of a site whose currency changes, that is moved, or that is restored from a backup.

use super::api_client::Program;
use super::harness::{Desk, Server, fields, view};
use super::restore::{back_up, restore};
use serde_json::{Value, json};

/// Reports a goal with revenue.
fn reach(server: &Server<'_>, name: &str, revenue: &str) {
    let sent = [("type", "goal"), ("goal[name]", name), ("goal[revenue]", revenue)];
    assert_eq!(server.hit("81.2.69.1", &sent).status, 204);
}

/// A site with revenue, refunds, a goal of fixed revenue, a cost, and totals of a pruned day.
fn with_amounts() -> Desk {
    let desk = Desk::with_site();
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--every-time"]);
    desk.text(&["goal", "add", "--site", "1", "--name", "Signup", "--revenue", "0.50"]);
    let cost =
        ["campaign", "cost", "--site", "1", "--campaign", "spring", "--date", "2026-11-01", "--cost", "1.50"];
    desk.text(&cost);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    for revenue in ["123.50", "124.50", "-124.50", "10.49"] {
        reach(&server, "Order", revenue);
    }
    server.stop();
    desk.open()
        .execute_batch(
            "insert into rollups (site_id, dimension, day, item, parent, code, hits, visits, uniques, new, actions, seconds,
               bounces, conversions, converted, earned, refunded)
             select 1, dimension, 19000, 0, 0, code, 3, 3, 3, 1, 4, 50, 1, 2, 2, 12450, 12350
             from (select 'all' as dimension, 0 as code union all select 'goal', id from goals where code = 'Order');",
        )
        .unwrap();
    desk
}

/// All stored amounts.
fn amounts(desk: &Desk) -> [Vec<String>; 4] {
    [
        "select sent || ' ' || revenue from conversions order by number",
        "select cast(revenue as text) from goals where revenue is not null",
        "select cast(cost as text) from campaign_costs",
        "select distinct earned || ' ' || refunded from rollups",
    ]
    .map(|sql| desk.texts(sql))
}

#[test]
fn a_change_of_currency_keeps_the_digits_of_every_amount_and_rounds_halves_to_even() {
    let desk = with_amounts();
    let usd = amounts(&desk);
    assert_eq!(usd[0], ["12350 12350", "12450 12450", "-12450 -12450", "1049 1049"]);
    // Neither without a terminal nor after a no does anything change.
    let complaint = desk.complaint(&["site", "currency", "1", "--to", "JPY"]);
    for words in ["4 conversions", "1 goal", "1 day of a campaign's costs", "1 day of kept totals", "--yes"] {
        assert!(complaint.contains(words), "{words}: {complaint}");
    }
    assert!(
        complaint.contains("1,200.00 USD becomes 1,200 JPY") && complaint.contains("rounded"),
        "{complaint}"
    );
    let (is_done, seen) = desk.at_terminal("no", &["site", "currency", "1", "--to", "JPY"]);
    assert!(!is_done && seen.contains("Nothing was changed"), "{seen}");
    assert_eq!(amounts(&desk), usd);
    assert_eq!(desk.number("select count(*) from audit where act = 'currency-changed'"), 0);

    let (is_done, seen) = desk.at_terminal("yes", &["site", "currency", "1", "--to", "JPY"]);
    assert!(is_done && seen.contains("counts in JPY now"), "{seen}");
    let yen = [
        vec!["124 124".to_owned(), "124 124".into(), "-124 -124".into(), "10 10".into()],
        vec!["0".into()],
        vec!["2".into()],
        vec!["124 124".into()],
    ];
    assert_eq!(amounts(&desk), yen);
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", false);
    let revenue =
        program.query(&server, &json!({"metrics": ["revenue", "conversions"], "date_range": "day"}));
    let revenue = revenue.json();
    assert_eq!(
        (&revenue["query"]["currency"], &revenue["results"][0]["metrics"]),
        (&"JPY".into(), &json!([134, 4])),
        "{revenue}"
    );
    server.stop();

    let said = desk.json(&["site", "currency", "1", "--to", "USD", "--yes", "--json"]);
    assert_eq!(
        (&said["before"], &said["currency"], &said["conversions"]),
        (&"JPY".into(), &"USD".into(), &4.into())
    );
    assert_eq!(amounts(&desk)[0], ["12400 12400", "12400 12400", "-12400 -12400", "1000 1000"]);
    assert_eq!(amounts(&desk)[3], ["12400 12400"]);
    assert_eq!(
        desk.texts("select about from audit where act = 'currency-changed' order by id"),
        ["USD → JPY", "JPY → USD"]
    );
    // The currency that a site has already asks nothing and changes nothing.
    desk.text(&["site", "currency", "1", "--to", "USD"]);
    assert_eq!(desk.number("select count(*) from audit where act = 'currency-changed'"), 2);
}

#[test]
fn a_site_without_amounts_gets_another_currency_without_a_question() {
    let desk = Desk::with_site();
    assert!(desk.text(&["site", "currency", "1"]).contains("USD"));
    assert!(desk.text(&["site", "currency", "1", "--to", "eur"]).contains("counts in EUR now"));
    assert_eq!(desk.json(&["site", "currency", "1", "--json"])["currency"], "EUR");
}

fn lines_of(desk: &Desk) -> Vec<Value> {
    let text = desk.text(&["export", "--site", "1"]);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn import(desk: &Desk, lines: &[Value]) -> Value {
    let path = desk.path().join("site.jsonl");
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let told = desk.json(&["import", path.to_str().unwrap(), "--as", "new", "--json"]);
    assert_eq!(told["files"][0]["outcome"], "imported", "{told}");
    told["files"][0].clone()
}

#[test]
fn totals_of_a_goal_belong_to_the_same_goal_where_the_site_is_moved_to() {
    let old = with_amounts();
    let lines = lines_of(&old);
    let total =
        lines.iter().filter_map(|line| line.get("total")).find(|total| total["dimension"] == "goal").unwrap();
    assert_eq!((&total["goal"], &total["code"]), (&"Order".into(), &0.into()));
    let new = Desk::with_site();
    // The goals have other ids here.
    for name in ["A", "B", "C"] {
        new.text(&["goal", "add", "--site", "1", "--name", name]);
    }
    assert_eq!(import(&new, &lines)["refused"], 0);
    let by_goal = "select goals.code || ' ' || earned from rollups join goals on goals.id = rollups.code
                   and goals.site_id = rollups.site_id where dimension = 'goal' and rollups.site_id = 2";
    assert_eq!(new.texts(by_goal), ["Order 12450"]);
    assert_eq!(new.number("select count(*) from rollups where dimension = 'goal' and site_id = 2"), 1);
    // A total by a goal that names none is refused.
    let mut wrong = lines.clone();
    for line in &mut wrong {
        if let Some(total) = line.get_mut("total").filter(|total| total["dimension"] == "goal") {
            total.as_object_mut().unwrap().remove("goal");
        }
    }
    wrong[0]["exported_at"] = json!(wrong[0]["exported_at"].as_i64().unwrap() + 1);
    assert_eq!(import(&Desk::with_site(), &wrong)["refused"], 1);
}

#[test]
fn amounts_keep_their_digits_in_a_site_that_counts_in_another_currency_and_the_import_says_so() {
    let desk = with_amounts();
    let lines = lines_of(&desk);
    desk.text(&["site", "currency", "1", "--to", "JPY", "--yes"]);
    let here = amounts(&desk);
    desk.open().execute_batch("delete from conversions; delete from campaign_costs").unwrap();
    desk.open().execute_batch("delete from actions; delete from visits; delete from rollups").unwrap();
    let path = desk.path().join("site.jsonl");
    std::fs::write(&path, lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")).unwrap();
    let said = desk.text(&["import", path.to_str().unwrap(), "--as", "same"]);
    assert!(said.contains("1,200.00 USD becomes 1,200 JPY") && said.contains("rounded"), "{said}");
    assert_eq!(amounts(&desk), here);
    assert_eq!(desk.texts("select currency from sites"), ["JPY"]);
}

#[test]
fn stored_filters_that_name_a_goal_by_its_id_name_it_by_its_code_where_the_site_is_moved_to() {
    let old = with_amounts();
    old.open()
        .execute("insert into segments (site_id, name, conditions, created_at) values (1, 'Buyers', 'goal.in=2,Order,7', 5)", [])
        .unwrap();
    let new = Desk::with_site();
    import(&new, &lines_of(&old));
    assert_eq!(
        new.texts("select conditions from segments where site_id = 2"),
        ["goal.in=Signup%2COrder%2C7"]
    );
}

#[test]
fn a_file_of_version_2_becomes_what_the_migration_makes_of_it() {
    let old = with_amounts();
    let mut lines = lines_of(&old);
    lines[0]["version"] = json!(2);
    let settings = lines[0]["site"].as_object_mut().unwrap();
    for name in ["currency", "custom_keys", "campaign_parameters"] {
        settings.remove(name);
    }
    let is_new = |line: &Value| {
        ["goal", "campaign_rule", "campaign_cost", "campaign_link", "annotation", "visitor_note"]
            .iter()
            .any(|kind| line.get(kind).is_some())
            || line["total"]["dimension"] == "goal"
    };
    lines.retain(|line| !is_new(line));
    for line in &mut lines {
        if let Some(visit) = line.get_mut("visit") {
            visit["conversions"] = json!([
                {"at": 0, "goal": "Order", "revenue": 12.5},
                {"at": 5, "goal": "Order", "revenue": 3.0},
                {"at": 6, "goal": "7", "revenue": -0.005},
                {"at": 7, "goal": "Call", "revenue": 0.0},
            ]);
        }
    }
    let count = lines.len() - 2;
    let last = lines.last_mut().unwrap();
    last["end"]["lines"] = json!(count);
    let new = Desk::with_site();
    assert_eq!(import(&new, &lines)["refused"], 0);
    assert_eq!(
        new.texts(
            "select concat_ws(' ', code, is_set_up, origin, coalesce(sent, '-'), conversions.revenue, counts)
             from conversions join goals on goals.id = goal order by number"
        ),
        ["Order 0 0 1250 1250 1", "Order 0 0 300 0 0", "7 0 0 - 0 1", "Call 0 0 - 0 1"]
    );
    assert_eq!(new.texts("select currency from sites where id = 2"), ["USD"]);
}

#[test]
fn a_restored_backup_has_the_goals_and_notes_of_its_time() {
    let desk = with_amounts();
    desk.text(&["annotation", "add", "--site", "1", "Market day", "--day", "2026-11-01"]);
    let server = desk.serve();
    let program = Program::with_token(&desk, "ada", true);
    let note = format!("/api/v1/sites/1/visitors/{}/note", desk.number("select visitor_id from visits"));
    let put = super::http::post_json(note, &json!({"name": "Anna"}).to_string()).method("PUT");
    assert_eq!(server.ask(&program.sign(put)).status, 204);
    server.stop();
    let everything = |desk: &Desk| {
        [
            "select concat_ws(' ', code, name, revenue, removed_at is null) from goals order by id",
            "select concat_ws(' ', goal, revenue, counts) from conversions order by number",
            "select text from annotations",
            "select name from visitor_notes",
            "select cast(cost as text) from campaign_costs",
            "select currency from sites",
        ]
        .map(|sql| desk.texts(sql))
    };
    let before = everything(&desk);
    let backup = back_up(&desk, "backup.db");
    desk.text(&["goal", "remove", "--site", "1", "Order"]);
    desk.text(&["annotation", "remove", "--site", "1", "1"]);
    desk.text(&["site", "currency", "1", "--to", "JPY", "--yes"]);
    assert_ne!(everything(&desk), before);
    restore(&desk, &backup);
    assert_eq!(everything(&desk), before);
}
