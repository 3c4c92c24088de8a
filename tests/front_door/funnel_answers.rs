//! Funnels as they are answered: in replies and files, as filters of other reports, for programs written for Clicky, and to those
//! who may not see goals or pages.

use super::api_client::Program;
use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::get;
use super::programs::key_of;
use serde_json::{Value, json};

/// A site with a goal and a funnel to it, and five visits: one that orders, one that is lost before the order, one before
/// paying, one that leaves at the cart, and one that never sees it.
fn visited(desk: &Desk) -> Server<'_> {
    desk.text(&["goal", "add", "--site", "1", "--name", "Order", "--code", "order", "--page", "/thanks"]);
    let steps = ["--step", "Cart=page:/cart", "--step", "page:/pay", "--step", "goal:Order"];
    desk.text(&[&["funnel", "add", "--site", "1", "--name", "Checkout"], &steps[..]].concat());
    let server = desk.serve();
    let walks: [&[&str]; 5] = [
        &["/", "/cart", "/pay", "/thanks"],
        &["/cart", "/pay", "/faq"],
        &["/cart", "/faq"],
        &["/", "/cart"],
        &["/"],
    ];
    for (number, pages) in walks.into_iter().enumerate() {
        for page in pages {
            let answer = server.hit(&format!("81.2.69.{}", number + 1), &fields(&view(page)));
            assert_eq!(answer.header("x-clickstead-reason"), "", "{page}");
        }
    }
    server
}

/// The steps of a reply: name, reached, lost, and the pages after it with their counts.
fn steps(reply: &Value) -> Vec<(String, i64, i64, Vec<String>)> {
    let next =
        |next: &Value| format!("{} {}", next["page"]["item"].as_str().unwrap_or("left"), next["count"]);
    let step = |row: &Value| {
        let pages = row["next"].as_array().unwrap().iter().map(next).collect();
        (
            row["name"].as_str().unwrap().to_owned(),
            row["reached"].as_i64().unwrap(),
            row["lost"].as_i64().unwrap(),
            pages,
        )
    };
    reply["rows"].as_array().unwrap().iter().map(step).collect()
}

fn reached(reply: &Value) -> Vec<i64> {
    steps(reply).into_iter().map(|step| step.1).collect()
}

#[test]
fn a_funnel_has_its_steps_with_who_was_lost_and_where_they_went_in_the_reply_and_in_the_file() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let program = Program::with_key(&desk);
    let reply = program.read(&server, "reports/funnels?date=today&compare=before");
    let help = "https://bakery.example/faq 1".to_owned();
    let expected = [
        ("Cart".to_owned(), 4, 2, vec![help.clone(), "left 1".to_owned()]),
        ("/pay".to_owned(), 2, 1, vec![help]),
        ("Order".to_owned(), 1, 0, Vec::new()),
    ];
    assert_eq!(steps(&reply), expected, "{reply}");
    assert_eq!((&reply["kind"], &reply["total"], &reply["visits"]), (&json!("funnel"), &json!(4), &json!(5)));
    assert_eq!(reply["rows"][0]["before"], json!({ "reached": 0, "lost": 0, "median_ms": null }));
    assert!(reply["rows"][0]["median_ms"].is_null() && reply["rows"][1]["median_ms"].is_i64());
    let by = program.read(&server, "reports/funnels?date=today&by=pages-exit&funnel=Checkout&limit=2");
    assert_eq!(by["rows"][0]["value"], "https://bakery.example/faq", "{by}");
    assert_eq!(by["rows"][0]["reached"], json!([2, 1, 0]));
    assert_eq!(by["rows"].as_array().unwrap().len(), 2, "{by}");
    let cookie = server.sign_in("ada");
    let text = server.page("/sites/1/export/funnels.csv?date=today&compare=none", &cookie);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "step,name,reached,lost,median_seconds");
    assert_eq!(rows[1], "1,Cart,4,2,");
    assert!(rows[2].starts_with("2,/pay,2,1,") && rows[3].starts_with("3,Order,1,0,"), "{text}");
    let text = server.page("/sites/1/export/funnels.csv?date=today&by=pages-exit&compare=none", &cookie);
    assert!(
        text.contains("1,Cart,https://bakery.example/faq,2")
            && text.contains("3,Order,https://bakery.example/thanks,1"),
        "{text}"
    );
    assert_eq!(program.refused_field(&server, "/api/v1/sites/1/reports/funnels?funnel=Nothing"), "funnel");
}

#[test]
fn a_step_opens_exactly_its_visits_in_every_report() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let program = Program::with_key(&desk);
    let pages = |filter: &str| {
        let reply = program.read(&server, &format!("visits?date=today&{filter}"));
        let exit =
            |visit: &Value| visit["exit"].as_str().unwrap_or_default().replace("https://bakery.example", "");
        let mut exits: Vec<String> = reply["visits"].as_array().unwrap().iter().map(exit).collect();
        exits.sort_unstable();
        exits.join(" ")
    };
    for (filter, exits) in [
        ("funnel-step=1:1", "/cart /faq /faq /thanks"),
        ("funnel-step=Checkout:2", "/faq /thanks"),
        ("funnel-step=1:3", "/thanks"),
        ("funnel-step=1:1:lost", "/cart /faq"),
        ("funnel-step=1:2:lost", "/faq"),
        ("funnel-step.not=1:1", "/"),
        ("funnel-step.in=1:3,1:1:lost", "/cart /faq /thanks"),
    ] {
        assert_eq!(pages(filter), exits, "{filter}");
    }
    let within = program.read(&server, "reports/funnels?date=today&funnel-step=1:2");
    assert_eq!(reached(&within), [2, 2, 1]);
    let tally = program.read(&server, "reports/pages?date=today&funnel-step=1:2:lost");
    assert_eq!(tally["count"], 3, "{tally}");
    let cookie = server.sign_in("ada");
    let screen = server.page("/sites/1/visitors?date=today&funnel-step=1:2", &cookie);
    assert!(screen.contains("Visit took <b>step 2 of Checkout</b>"), "{screen}");
    for wrong in ["1", "1:0", "1:x", "1:2:gone"] {
        let path = format!("/api/v1/sites/1/visits?date=today&funnel-step={wrong}");
        assert_eq!(program.get(&server, &path).status, 422, "{wrong}");
    }
}

#[test]
fn a_filter_by_a_funnel_that_is_gone_finds_nothing_and_says_so() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let program = Program::with_key(&desk);
    let cookie = server.sign_in("ada");
    let (_, stored) = link(&desk, &["--segment", "funnel-step=1:2"]);
    let guest = |server: &Server<'_>| server.ask(&get(format!("{stored}/reports/pages?date=today"))).text();
    assert!(guest(&server).contains("/thanks"), "{}", guest(&server));
    let several = ["--step", "page:/cart", "--step", "page:/pay", "--within", "7d"];
    desk.text(&[&["funnel", "add", "--site", "1", "--name", "Later"], &several[..]].concat());
    for (filter, sentence) in [
        ("1:4", "The funnel “Checkout” has no step 4."),
        ("1:3:lost", "Step 3 is the last one of the funnel “Checkout”."),
        ("2:1:lost", "The funnel “Later” goes across visits"),
        ("9:1", "There’s no funnel “9” on this site."),
    ] {
        let sentence = sentence.replace('’', "'");
        for operator in ["funnel-step", "funnel-step.not"] {
            let screen = server.page(&format!("/sites/1/visitors?date=today&{operator}={filter}"), &cookie);
            assert!(
                screen.contains(&sentence) && screen.contains("No visits match."),
                "{operator} {filter}: {screen}"
            );
            let path = format!("/api/v1/sites/1/visits?date=today&{operator}={filter}");
            assert_eq!(program.refused_field(&server, &path), "funnel-step");
        }
    }
    // Of a funnel across visits, the visits with a step are found, whatever came before.
    let screen = server.page("/sites/1/visitors?date=today&funnel-step=2:2", &cookie);
    assert!(screen.contains("Visit has <b>step 2 of Later</b>"), "{screen}");
    let found = program.read(&server, "visits?date=today&funnel-step=Later:2");
    assert_eq!(found["visits"].as_array().unwrap().len(), 2, "{found}");
    desk.text(&["funnel", "remove", "--site", "1", "Checkout"]);
    assert!(
        !guest(&server).contains("/thanks") && !guest(&server).contains("/cart"),
        "a guest sees no other visits"
    );
}

#[test]
fn a_removed_goal_is_reached_by_nobody_and_twelve_steps_of_one_page_take_as_many_views() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let program = Program::with_key(&desk);
    let twelve: Vec<&str> = (0..12).flat_map(|_| ["--step", "page:starts:/cart"]).collect();
    desk.text(&[&["funnel", "add", "--site", "1", "--name", "Again"], &twelve[..]].concat());
    for _ in 0..2 {
        server.hit("81.2.69.4", &fields(&view("/cart")));
    }
    let reply = program.read(&server, "reports/funnels?date=today&funnel=Again");
    assert_eq!(reached(&reply), [4, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    desk.text(&["goal", "remove", "--site", "1", "order"]);
    let reply = program.read(&server, "reports/funnels?date=today&funnel=Checkout");
    assert_eq!(reached(&reply), [4, 2, 0], "{reply}");
}

#[test]
fn those_who_may_not_see_goals_see_no_funnel_and_those_who_may_not_see_pages_no_next_page() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let status = |path: &str, of: &str| server.ask(&get(format!("{path}/{of}"))).status;
    let (_, with_goals) = link(&desk, &["--reports", "funnels,goals,visitors"]);
    let (_, without_goals) = link(&desk, &["--reports", "funnels,visitors"]);
    let (_, goals_alone) = link(&desk, &["--reports", "goals,visitors"]);
    assert_eq!(status(&with_goals, "reports/funnels?date=today"), 200);
    assert_eq!(status(&with_goals, "reports/visitors?date=today&funnel-step=1:2"), 200);
    let page = server.ask(&get(format!("{with_goals}/reports/funnels?date=today"))).text();
    assert!(page.contains("Checkout") && !page.contains("/faq"), "{page}");
    for hidden in [&without_goals, &goals_alone] {
        for path in ["reports/funnels?date=today", "reports/visitors?date=today&funnel-step=1:2"] {
            let status = status(hidden, path);
            assert!([403, 404].contains(&status), "{path}: {status}");
        }
    }
}

#[test]
fn programs_written_for_clicky_are_told_of_those_who_entered_a_funnel_and_did_not_finish() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let more = ["--step", "page:/", "--step", "goal:Order"];
    desk.text(&[&["funnel", "add", "--site", "1", "--name", "From home"], &more[..]].concat());
    let path =
        format!("/api/stats/4?site_id=1&sitekey={}&type=goals&date=today&output=json", key_of(&desk, 1));
    let reply: Value = server.ask(&get(&path)).json();
    let goal = &reply[0]["dates"][0]["items"][0];
    // Three of four from the cart, and two of three from the home page.
    assert_eq!((&goal["title"], &goal["incompleted"]), (&json!("Order"), &json!("5")), "{reply}");
}

#[test]
fn a_step_whose_goal_was_removed_opens_no_other_visits_to_guests() {
    let desk = Desk::with_site();
    let server = visited(&desk);
    let limited = ["funnel-step.not=Checkout:3", "funnel-step=Checkout:2:lost"];
    let links = limited.map(|segment| link(&desk, &["--reports", "pages", "--segment", segment]).1);
    let seen = |path: &str| server.ask(&get(format!("{path}/reports/pages?date=today"))).text();
    assert!(links.iter().all(|path| seen(path).contains("/faq") && !seen(path).contains("/thanks")));
    let removal = server.page("/sites/1/preferences/goals/1/remove", &server.sign_in("ada"));
    assert!(removal.contains("Checkout"), "{removal}");
    desk.text(&["goal", "remove", "--site", "1", "order"]);
    for path in &links {
        assert!(!seen(path).contains("/faq") && !seen(path).contains("/thanks"), "{}", seen(path));
    }
}

#[test]
fn funnels_are_told_to_those_alone_who_may_see_their_report() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    desk.open()
        .execute_batch("update sites set view_only_reports = 'goals,visitors', view_only_data = ''")
        .unwrap();
    let server = visited(&desk);
    let program = Program::with_token(&desk, "vic", false);
    for path in ["funnels", "funnels/1"] {
        assert_eq!(program.get(&server, &format!("/api/v1/sites/1/{path}")).status, 403, "{path}");
    }
    desk.text(&["share", "set", "--site", "1", "--user", "vic", "--level", "user"]);
    assert_eq!(program.read(&server, "funnels")["funnels"][0]["name"], "Checkout");
}
