//! Preferences → Goals and Campaigns, and annotations: forms with good and bad input, and what the screens say after them.

use super::harness::{Desk, Server, fields, today, view};
use super::http::{Answer, get, post};

const GOALS: &str = "/sites/1/preferences/goals";
const CAMPAIGNS: &str = "/sites/1/preferences/campaigns";

fn send(server: &Server<'_>, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.ask(&post(path, fields).cookie(cookie))
}

/// A goal's form, with some fields changed.
fn goal<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("name", "Order"),
        ("kind", "page"),
        ("match", "exact"),
        ("pattern", "/thanks"),
        ("revenue", "sent"),
        ("amount", ""),
        ("count", "once"),
    ];
    let given = |name: &str| changes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    usual.into_iter().map(|(name, value)| (name, given(name).unwrap_or(value))).collect()
}

#[test]
fn a_goal_is_added_changed_removed_and_brought_back() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    assert!(server.page(GOALS, &ada).contains("No goals yet"));
    let added = send(&server, &ada, &format!("{GOALS}/new"), &goal(&[]));
    assert_eq!((added.status, added.header("location")), (303, "/sites/1/preferences/goals?done=added"));
    let list = server.page(GOALS, &ada);
    assert!(list.contains("Views the page <code>/thanks</code>"), "{list}");
    let changes =
        goal(&[("name", "Big order"), ("revenue", "fixed"), ("amount", "25,50"), ("count", "every")]);
    assert_eq!(send(&server, &ada, &format!("{GOALS}/1"), &changes).status, 303);
    let list = server.page(GOALS, &ada);
    assert!(
        list.contains("Big order") && list.contains("25.50 USD each") && list.contains("every time"),
        "{list}"
    );
    assert!(server.page(&format!("{GOALS}/1/remove"), &ada).contains("count again if you bring it back"));
    assert_eq!(send(&server, &ada, &format!("{GOALS}/1/remove"), &[]).status, 303);
    let list = server.page(GOALS, &ada);
    assert!(list.contains("Removed goals (1)") && list.contains("Bring back"), "{list}");
    assert_eq!(send(&server, &ada, &format!("{GOALS}/1/bring-back"), &[]).status, 303);
    assert!(!server.page(GOALS, &ada).contains("Removed goals"));
    let again = send(&server, &ada, &format!("{GOALS}/1/bring-back"), &[]);
    assert_eq!(again.header("location"), "/sites/1/preferences/goals?done=gone");
}

#[test]
fn a_refused_goal_keeps_what_was_typed_and_says_what_to_do() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (changes, sentence) in [
        (vec![("name", "")], "Give the goal a name"),
        (vec![("match", "regex"), ("pattern", "(order")], "not a regular expression"),
        (vec![("match", "regex"), ("pattern", "(?:x{1000}){1000}")], "takes too much memory"),
        (vec![("kind", "actions"), ("pattern", "many")], "Give a whole number from 1 to"),
        (vec![("kind", "custom"), ("pattern", "plan")], "Give the key and the value"),
        (vec![("revenue", "fixed"), ("amount", "1,200")], "Enter the amount as a number"),
        (vec![("revenue", "fixed"), ("amount", "99999999999999")], "at most"),
    ] {
        let answer = send(&server, &ada, &format!("{GOALS}/new"), &goal(&changes));
        assert_eq!(answer.status, 422, "{changes:?}");
        let page = answer.text();
        assert!(page.contains(sentence), "{changes:?}: {page}");
        for (name, value) in changes.iter().filter(|(name, _)| matches!(*name, "pattern" | "amount")) {
            assert!(
                page.contains(&format!("name=\"{name}\" type=\"text\""))
                    && page.contains(&format!("value=\"{value}\"")),
                "{value}"
            );
        }
    }
    assert_eq!(desk.number("select count(*) from goals"), 0);
}

#[test]
fn a_preview_tells_how_many_visits_would_have_matched_and_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for visitor in 1..=3 {
        server.hit(&format!("81.2.69.{visitor}"), &fields(&view("/thanks")));
    }
    let ada = server.sign_in("ada");
    let check =
        |changes: &[(&str, &str)]| send(&server, &ada, &format!("{GOALS}/new/check"), &goal(changes)).text();
    assert!(check(&[("pattern", "")]).contains("see how many visits it would have matched"));
    assert!(check(&[("match", "regex"), ("pattern", "(")]).contains("not a regular expression"));
    assert!(check(&[("kind", "code")]).contains("from the first time your page or server reports it"));
    assert!(check(&[("pattern", "/nothing")]).contains("<b>No visit</b>"));
    assert!(check(&[]).contains("<b>3 visits</b>"), "{}", check(&[]));
    assert_eq!(desk.number("select count(*) from goals"), 0);
}

#[test]
fn a_change_of_currency_is_previewed_and_asked_about_once() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    send(&server, &ada, &format!("{GOALS}/new"), &goal(&[("revenue", "fixed"), ("amount", "1200.50")]));
    let path = format!("{GOALS}/currency");
    let asked = send(&server, &ada, &path, &[("currency", "JPY")]);
    let page = asked.text();
    assert_eq!(asked.status, 422);
    assert!(
        page.contains("<b>1,200.00 USD</b> becomes <b>1,200 JPY</b>") && page.contains("amounts are rounded"),
        "{page}"
    );
    assert_eq!(desk.texts("select currency from sites"), ["USD"]);
    assert_eq!(send(&server, &ada, &path, &[("currency", "JPY"), ("agreed", "yes")]).status, 303);
    assert!(server.page(GOALS, &ada).contains("1,200 JPY each"));
    let wrong = send(&server, &ada, &path, &[("currency", "XXX")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Choose a currency"));
}

#[test]
fn keys_of_custom_data_are_saved_and_bad_ones_kept_in_the_form() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let path = format!("{GOALS}/custom-keys");
    assert_eq!(send(&server, &ada, &path, &[("keys", "plan\r\ncity\r\n")]).status, 303);
    assert_eq!(desk.texts("select custom_keys from sites"), ["plan\ncity"]);
    let long = "k".repeat(500);
    let refused = send(&server, &ada, &path, &[("keys", &long)]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains(&long));
}

#[test]
fn campaigns_have_rules_costs_links_and_parameters() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let send =
        |path: &str, fields: &[(&str, &str)]| send(&server, &ada, &format!("{CAMPAIGNS}/{path}"), fields);
    let rule = [("campaign", "Flyer"), ("kind", "landing"), ("match", "starts"), ("pattern", "/flyer")];
    assert_eq!(send("rules", &rule).status, 303);
    let day = [
        ("campaign", "Flyer"),
        ("from", "2026-11-01"),
        ("to", "2026-11-10"),
        ("cost", "100.00"),
        ("per", "total"),
    ];
    assert_eq!(send("costs", &day).status, 303);
    assert_eq!(desk.number("select sum(cost) from campaign_costs"), 10_000);
    let link = [("page", "https://bakery.example/shop"), ("campaign", "Summer sale"), ("source", "letter")];
    assert_eq!(send("links", &link).status, 303);
    assert_eq!(
        send("parameters", &[("campaign", "mtm_campaign, pk_campaign"), ("source", "mtm_source")]).status,
        303
    );
    let page = server.page(CAMPAIGNS, &ada);
    for text in [
        "The first page starts with <code>/flyer</code>",
        "utm_campaign=Summer",
        "value=\"mtm_campaign, pk_campaign\"",
        "data-copy=\"made-link-1\"",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(send("links/1/remove", &[]).status, 303);
    assert_eq!(send("rules/1/remove", &[]).status, 303);
    let again = send("rules/1/remove", &[]);
    assert_eq!(again.header("location"), format!("{CAMPAIGNS}?done=gone"));
}

#[test]
fn refused_forms_of_campaigns_keep_what_was_typed() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (path, fields, kept) in [
        (
            "rules",
            vec![("campaign", "Fly"), ("kind", "landing"), ("match", "regex"), ("pattern", "(x")],
            "value=\"(x\"",
        ),
        ("costs", vec![("campaign", "Fly"), ("from", "2026-11-01"), ("cost", "much")], "value=\"much\""),
        ("links", vec![("page", "no address"), ("campaign", "Fly")], "value=\"no address\""),
        ("parameters", vec![("campaign", "a b=c")], "value=\"a b=c\""),
    ] {
        let answer = send(&server, &ada, &format!("{CAMPAIGNS}/{path}"), &fields);
        assert_eq!(answer.status, 422, "{path}");
        let page = answer.text();
        assert!(page.contains(kept) && page.contains("class=\"problem\""), "{path}: {page}");
    }
}

#[test]
fn annotations_are_listed_below_every_chart_and_changed_there() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let ada = server.sign_in("ada");
    let day = desk.texts(&format!("select date({} * 86400, 'unixepoch')", today())).remove(0);
    let add = [("day", day.as_str()), ("text", "Market <day>"), ("screen", "/sites/1?date=last-7-days")];
    let added = send(&server, &ada, "/sites/1/annotations", &add);
    assert_eq!((added.status, added.header("location")), (303, "/sites/1?date=last-7-days#annotations"));
    for screen in ["/sites/1", "/sites/1/reports/visitors", "/sites/1/reports/pages", "/sites/1/annotations"]
    {
        assert!(server.page(screen, &ada).contains("Market &lt;day&gt;"), "{screen}");
    }
    let changed = [("day", day.as_str()), ("text", "Market"), ("screen", "//evil.example")];
    let change = send(&server, &ada, "/sites/1/annotations/1", &changed);
    assert_eq!(change.header("location"), "/sites/1/annotations");
    for (day, text) in [("never", "x"), (day.as_str(), "")] {
        let refused = send(&server, &ada, "/sites/1/annotations", &[("day", day), ("text", text)]);
        assert_eq!(refused.status, 422, "{day} {text}");
    }
    assert_eq!(send(&server, &ada, "/sites/1/annotations/1/remove", &[]).status, 303);
    assert_eq!(desk.number("select count(*) from annotations"), 0);
}

#[test]
fn users_see_annotations_and_may_not_change_them() {
    let desk = Desk::with_people(&["uma"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let day = desk.texts(&format!("select date({} * 86400, 'unixepoch')", today())).remove(0);
    send(&server, &ada, "/sites/1/annotations", &[("day", &day), ("text", "Market")]);
    let page = server.page("/sites/1", &uma);
    assert!(page.contains("Market") && !page.contains("Add an annotation"), "{page}");
    assert!(server.page("/sites/1", &ada).contains("Add an annotation"));
    assert_eq!(send(&server, &uma, "/sites/1/annotations", &[("day", &day), ("text", "No")]).status, 403);
    for path in [GOALS, CAMPAIGNS] {
        assert_eq!(server.ask(&get(path).cookie(&uma)).status, 403, "{path}");
    }
}

#[test]
fn a_visitor_has_a_name_tags_and_a_note() {
    let desk = Desk::with_site();
    let server = desk.serve();
    server.hit("81.2.69.1", &fields(&view("/")));
    let ada = server.sign_in("ada");
    let path = format!("/sites/1/visitors/{}", desk.number("select visitor_id from visits"));
    let form = [("name", "The baker"), ("tags", "regular, press"), ("note", "Calls on Mondays")];
    let saved = send(&server, &ada, &format!("{path}/note"), &form);
    assert_eq!((saved.status, saved.header("location")), (303, path.as_str()));
    let page = server.page(&path, &ada);
    for text in ["The baker", "regular", "press", "Calls on Mondays", "ada"] {
        assert!(page.contains(text), "{text}");
    }
    let long = "n".repeat(61);
    let refused = send(&server, &ada, &format!("{path}/note"), &[("name", &long)]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains(&long));
}
