//! Clicky's API as its clients ask it: the numbers of screens and files, in the shapes that programs expect.

use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::{form, get};
use super::programs::key_of;
use super::reports::{RANGE, cells, demo, signed_in};
use serde_json::Value;
use std::collections::BTreeMap;

/// The text of a reply about site 1.
fn told(server: &Server<'_>, key: &str, query: &str) -> String {
    let answer =
        server.ask(&get(format!("/api/stats/4?site_id=1&sitekey={key}&{query}")).without("Sec-Fetch-Site"));
    assert_eq!(answer.status, 200, "{query}");
    answer.text()
}

/// A reply as JSON.
fn json(server: &Server<'_>, key: &str, query: &str) -> Value {
    serde_json::from_str(&told(server, key, &format!("{query}&output=json"))).unwrap()
}

/// The items of the first date of the first type.
fn items(server: &Server<'_>, key: &str, query: &str) -> Vec<Value> {
    json(server, key, query)[0]["dates"][0]["items"].as_array().unwrap().clone()
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

/// The reports with items, each with the column of a file that its items are counted by.
const ITEMS: [(&str, &str); 28] = [
    ("pages", "count"),
    ("pages-entrance", "count"),
    ("pages-exit", "count"),
    ("downloads", "count"),
    ("events", "count"),
    ("video", "count"),
    ("site-domains", "count"),
    ("links", "count"),
    ("links-domains", "count"),
    ("links-outbound", "count"),
    ("searches", "count"),
    ("searches-engines", "count"),
    ("campaigns", "count"),
    ("countries", "count"),
    ("cities", "count"),
    ("regions", "count"),
    ("languages", "count"),
    ("web-browsers", "count"),
    ("operating-systems", "count"),
    ("screen-resolutions", "count"),
    ("hardware", "count"),
    ("hostnames", "count"),
    ("organizations", "count"),
    ("engagement-actions", "count"),
    ("engagement-times", "count"),
    ("visitors-most-active", "actions"),
    ("traffic-sources", "count"),
    ("custom", "count"),
];

/// The items of a file: the number of each by its name, those of one name together.
fn of_file(
    server: &Server<'_>,
    cookie: &str,
    name: &str,
    column: &str,
    query: &str,
) -> BTreeMap<String, i64> {
    let path = format!("/sites/1/export/{name}.csv?{query}");
    let mut rows = cells(&server.ask(&get(&path).cookie(cookie)).text()).into_iter();
    let head = rows.next().unwrap();
    let at = head.iter().position(|known| known == column).unwrap();
    let mut counts = BTreeMap::new();
    for row in rows {
        let (item, beside) = (row[0].trim_start_matches('\''), row[1].as_str());
        let item = match name {
            "cities" | "regions" => format!("{item}, {beside}"),
            "custom" => format!("{beside}: {item}"),
            "traffic-sources" if item == "AI assistants" => "Links".into(),
            _ => item.to_owned(),
        };
        *counts.entry(item).or_default() += row[at].parse::<i64>().unwrap();
    }
    counts
}

/// The items of a reply, by their addresses or else by their titles.
fn of_reply(items: &[Value], name: &str) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for item in items {
        let has_address = name != "events" && !text(item, "url").is_empty();
        let item_name = if has_address { text(item, "url") } else { text(item, "title") };
        *counts.entry(item_name.to_owned()).or_default() += text(item, "value").parse::<i64>().unwrap();
    }
    counts
}

#[test]
fn screens_files_and_programs_are_told_the_same_numbers() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, key) = (signed_in(&server, &password), key_of(&desk, 1));
    for range in [RANGE, "2026-10-22", "2026-09-27,2026-10-26"] {
        for (name, column) in ITEMS {
            let file = of_file(&server, &cookie, name, column, &format!("date={range}"));
            let found = items(&server, &key, &format!("type={name}&date={range}&limit=all"));
            assert!(range.len() < RANGE.len() || !file.is_empty(), "{name} has no items to compare");
            assert_eq!(of_reply(&found, name), file, "{name} of {range}");
            // The frequent ones come first, and their shares are those of the whole.
            let values: Vec<i64> = found.iter().map(|item| text(item, "value").parse().unwrap()).collect();
            assert!(values.is_sorted_by(|one, next| one >= next), "{name}: {values:?}");
        }
        for filter in
            ["country=DE", "href=/&browser=Firefox", "source=Searches", "time=60-600&city.not=Berlin, DE"]
        {
            let filter = filter.replace(' ', "%20");
            for name in ["pages", "countries", "links", "web-browsers"] {
                let file = of_file(&server, &cookie, name, "count", &format!("date={range}&{filter}"));
                let query = format!("type=segmentation&segments={name}&date={range}&limit=1000&{filter}");
                assert_eq!(
                    of_reply(&items(&server, &key, &query), name),
                    file,
                    "{name} with {filter} of {range}"
                );
            }
        }
    }
}

/// The tallies that have a file.
const TALLIES: [&str; 11] = [
    "visitors",
    "visitors-unique",
    "visitors-new",
    "actions",
    "actions-pageviews",
    "actions-downloads",
    "actions-outbounds",
    "actions-clicks",
    "actions-average",
    "time-average",
    "bounce-rate",
];

#[test]
fn tallies_of_days_and_hours_are_those_of_the_files_newest_first() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, key) = (signed_in(&server, &password), key_of(&desk, 1));
    let number = |text: &str| text.parse::<f64>().unwrap();
    for name in TALLIES {
        for (query, step) in [(format!("date={RANGE}"), "daily=1"), ("date=2026-10-22".into(), "hourly=1")] {
            let csv = server.ask(&get(format!("/sites/1/export/{name}.csv?{query}")).cookie(&cookie)).text();
            let file: Vec<f64> = cells(&csv)[1..].iter().map(|row| number(&row[1])).collect();
            let reply = json(&server, &key, &format!("type={name}&{query}&{step}"));
            let dates = reply[0]["dates"].as_array().unwrap();
            let all = dates.iter().flat_map(|date| date["items"].as_array().unwrap());
            let mut values: Vec<f64> = all.map(|item| number(text(item, "value"))).collect();
            values.reverse();
            assert_eq!(values, file, "{name} with {step}");
            let days: Vec<&str> = dates.iter().map(|date| text(date, "date")).collect();
            assert!(days.is_sorted_by(|one, next| one > next), "{days:?}");
        }
    }
}

#[test]
fn lists_of_visits_and_actions_are_whole_and_come_page_by_page() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, key) = (signed_in(&server, &password), key_of(&desk, 1));
    let csv =
        server.ask(&get(format!("/sites/1/export/visitors-list.csv?date={RANGE}")).cookie(&cookie)).text();
    let rows = cells(&csv);
    let column = |name: &str| rows[0].iter().position(|known| known == name).unwrap();
    let by_file: Vec<Vec<String>> = rows[1..]
        .iter()
        .map(|row| {
            ["visit", "visitor", "actions", "seconds", "browser", "hostname"]
                .map(|name| row[column(name)].clone())
                .to_vec()
        })
        .collect();
    let mut by_program = Vec::new();
    for page in 1.. {
        let found = items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=100&page={page}"));
        by_program.extend(found.iter().map(|item| {
            ["session_id", "uid", "actions", "time_total", "web_browser", "hostname"]
                .map(|name| text(item, name).to_owned())
                .to_vec()
        }));
        if found.len() < 100 {
            break;
        }
    }
    assert_eq!(by_program, by_file);
    let expected: i64 = by_file.iter().map(|row| row[2].parse::<i64>().unwrap()).sum();
    let mut times = Vec::new();
    for page in 1.. {
        let found = items(&server, &key, &format!("type=actions-list&date={RANGE}&limit=1000&page={page}"));
        times.extend(found.iter().map(|item| text(item, "time").parse::<i64>().unwrap()));
        if found.len() < 1_000 {
            break;
        }
    }
    assert_eq!(i64::try_from(times.len()).unwrap(), expected);
    assert!(times.is_sorted_by(|one, next| one >= next));
}

/// Asserts that every leaf of a reply is a string.
fn are_strings(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(values) => values.iter().all(are_strings),
        Value::Object(values) => values.values().all(are_strings),
        _ => false,
    }
}

#[test]
fn a_strict_client_reads_every_type_in_every_output() {
    let (desk, _) = demo();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let types = "visitors,pages,clicks,media,searches-keywords,goals,revenue,split-tests,uptime,uptime-list,tweets,\
                 feedburner-clicks,site-rank,visitors-online,time-total-pretty,searches-unique,links-unique,custom";
    let reply = json(&server, &key, &format!("type={types}&date={RANGE}"));
    assert!(are_strings(&reply));
    let names: Vec<&str> = reply.as_array().unwrap().iter().map(|one| text(one, "type")).collect();
    assert_eq!(names.join(","), types.replace(' ', ""));
    for one in reply.as_array().unwrap().iter().filter(|one| text(one, "type") != "visitors-online") {
        assert_eq!(text(&one["dates"][0], "date"), RANGE, "{one}");
    }
    assert!(text(&reply[14]["dates"][0]["items"][0], "value").contains('d'), "{}", reply[14]);
    for empty in ["tweets", "site-rank"] {
        let one = reply.as_array().unwrap().iter().find(|one| text(one, "type") == empty).unwrap();
        assert_eq!(one["dates"][0]["items"], serde_json::json!([]), "{empty}");
    }
    let items = |place: usize| &reply[place]["dates"][0]["items"][0];
    assert!(text(items(8), "value").starts_with("99."), "uptime: {}", reply[8]);
    assert_eq!(text(items(9), "item"), "Shop", "{}", reply[9]);
    for one in types.split(',') {
        let xml = told(&server, &key, &format!("type={one}&date={RANGE}"));
        assert!(xml.contains(&format!("<response status=\"ok\"><type type=\"{one}\">")), "{xml}");
        let php = told(&server, &key, &format!("type={one}&date={RANGE}&output=php"));
        assert!(php.starts_with(&format!("a:1:{{s:{}:\"{one}\";", one.len())), "{php}");
        assert!(
            told(&server, &key, &format!("type={one}&date={RANGE}&output=csv")).is_ascii() || one != "goals"
        );
    }
}

#[test]
fn dates_are_resolved_in_the_zone_of_the_site() {
    let (desk, _) = demo();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let date = |text_of: &str| {
        let reply = json(&server, &key, &format!("type=visitors&date={text_of}"));
        text(&reply[0]["dates"][0], "date").to_owned()
    };
    for (asked, resolved) in [
        ("2026-10-22", "2026-10-22"),
        ("2026-10-20,2026-10-22", "2026-10-20,2026-10-22"),
        ("2026-10", "2026-10-01,2026-10-31"),
        ("2025", "2025-01-01,2025-12-31"),
    ] {
        assert_eq!(date(asked), resolved);
    }
    for (asked, days) in
        [("today", 1), ("yesterday", 1), ("3-days-ago", 1), ("last-7-days", 2), ("previous-7-days", 2)]
    {
        assert_eq!(date(asked).split(',').count(), days, "{asked}");
    }
}

#[test]
fn one_item_and_items_with_a_text_keep_their_share_in_the_whole() {
    let (desk, _) = demo();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let all = items(&server, &key, &format!("type=pages&date={RANGE}&limit=all"));
    let basket = all.iter().find(|item| text(item, "url").ends_with("/shop/basket")).unwrap();
    for item in ["/shop/basket", text(basket, "url"), text(basket, "title")] {
        let item = item.replace(' ', "%20");
        assert_eq!(
            items(&server, &key, &format!("type=pages&date={RANGE}&item={item}")),
            std::slice::from_ref(basket)
        );
    }
    assert!(items(&server, &key, &format!("type=pages&date={RANGE}&item=/shop/bask")).is_empty());
    let shop = items(&server, &key, &format!("type=pages&date={RANGE}&filter=/SHOP/&limit=all"));
    let expected: Vec<Value> =
        all.iter().filter(|item| text(item, "url").contains("/shop/")).cloned().collect();
    assert!(shop.len() > 1);
    assert_eq!(shop, expected);
    let links = items(&server, &key, &format!("type=traffic-sources&date={RANGE}&item=links"));
    assert_eq!((links.len(), text(&links[0], "title")), (1, "Links"));
    let second = items(&server, &key, &format!("type=pages&date={RANGE}&limit=2&page=2"));
    assert_eq!(second, all[2..4]);
}

#[test]
fn details_of_visitors_are_those_that_were_asked_for() {
    let (desk, _) = demo();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let names = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for parameter in ["visitor-details", "visitor_details"] {
        let kept =
            items(&server, &key, &format!("type=visitors-list&date={RANGE}&{parameter}=uid,country_code"));
        assert_eq!(names(&kept[0]), ["country_code", "uid"]);
        let added = items(&server, &key, &format!("type=actions-list&date={RANGE}&{parameter}=web_browser"));
        assert!(names(&added[0]).contains(&"web_browser".to_owned()));
    }
    let whole = items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=1"));
    for name in
        ["time", "time_pretty", "ip_address", "session_id", "total_visits", "first_visit", "landing_page"]
    {
        assert!(names(&whole[0]).contains(&name.to_owned()), "{name}");
    }
    let empty = items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=1&null_values=1"));
    assert!(names(&empty[0]).len() > names(&whole[0]).len());
    for kind in ["pageview", "download", "outbound", "click"] {
        let found =
            items(&server, &key, &format!("type=actions-list&date={RANGE}&action_type={kind}&limit=1000"));
        assert!(!found.is_empty() && found.iter().all(|item| text(item, "action_type") == kind), "{kind}");
    }
    let outbound = items(&server, &key, &format!("type=links-outbound&date={RANGE}&limit=1"));
    let query = format!("type=actions-list&date={RANGE}&limit=1000&href={}", text(&outbound[0], "url"));
    let clicks = items(&server, &key, &query);
    assert_eq!(clicks.len().to_string(), text(&outbound[0], "value"));
    let links = items(&server, &key, &format!("type=links-recent&date={RANGE}&limit=all"));
    let of_google = |item: &&Value| text(item, "item").contains("google");
    let expected: Vec<Value> = links.iter().filter(of_google).take(3).cloned().collect();
    assert_eq!(
        items(&server, &key, &format!("type=links-recent&date={RANGE}&filter=google&limit=3")),
        expected
    );
    let session = text(&whole[0], "session_id");
    let of_visit = items(&server, &key, &format!("type=actions-list&date={RANGE}&session_id={session}"));
    assert_eq!(of_visit.len().to_string(), text(&whole[0], "actions"));
}

#[test]
fn the_last_seconds_are_asked_for_by_their_number() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    server.hit("81.2.69.1", &fields(&view("/cakes")));
    for kind in ["visitors-list", "actions-list"] {
        assert_eq!(items(&server, &key, &format!("type={kind}&time_offset=600")).len(), 1, "{kind}");
        assert_eq!(items(&server, &key, &format!("type={kind}&time_offset=0")).len(), 0, "{kind}");
    }
    let daily = json(&server, &key, "type=visitors-online,pages&date=last-7-days&daily=1");
    let counts = [0, 1].map(|one| daily[one]["dates"].as_array().unwrap().len());
    assert_eq!(counts, [1, 7], "visitors are online now: {daily}");
    let both = json(&server, &key, "type=visitors,visitors-list&time_offset=172800");
    assert!(!text(&both[0]["dates"][0], "date").contains(','), "only lists look back: {both}");
    assert!(text(&both[1]["dates"][0], "date").contains(','), "{both}");
    for step in ["daily=1", "hourly=1"] {
        let future =
            json(&server, &key, &format!("type=pages,visitors,visitors-online&date=2099-01-01&{step}"));
        assert_eq!(text(&future[0]["dates"][0], "date"), "2099-01-01");
        // No hour of that day has begun.
        let value = text(&future[1]["dates"][0]["items"][0], "value");
        assert_eq!(value, if step == "daily=1" { "0" } else { "" }, "{future}");
        assert_eq!(text(&future[2]["dates"][0]["items"][0], "value"), "1", "{future}");
    }
    let online = json(&server, &key, "type=visitors-online&date=last-7-days");
    assert_eq!(text(&online[0]["dates"][0]["items"][0], "value"), "1");
}

#[test]
fn addresses_in_replies_open_the_screen_with_the_same_visits() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, key) = (signed_in(&server, &password), key_of(&desk, 1));
    let origin = format!("http://{}", server.address);
    let opens = |address: &str| server.page(address.strip_prefix(&origin).unwrap(), &cookie);
    for name in [
        "searches-keywords",
        "links-domains",
        "searches",
        "campaigns",
        "countries",
        "cities",
        "web-browsers",
        "traffic-sources",
        "custom",
        "pages-entrance",
    ] {
        let item = &items(&server, &key, &format!("type={name}&date={RANGE}&limit=1"))[0];
        let page = opens(text(item, "stats_url"));
        let visits = format!("{} visits", text(item, "value"));
        assert!(page.contains(&visits), "{name}: {item}");
    }
    // Those of a segment keep its filters.
    let query = format!("type=segmentation&segments=pages-entrance&country=DE&date={RANGE}&limit=1");
    let item = &items(&server, &key, &query)[0];
    assert!(text(item, "stats_url").contains("country=DE"), "{item}");
    assert!(opens(text(item, "stats_url")).contains(&format!("{} visits", text(item, "value"))), "{item}");
    let visit = &items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=1"))[0];
    assert!(opens(text(visit, "stats_url")).contains("What they did"));
}

#[test]
fn every_filter_finds_the_visits_that_the_list_on_the_screen_has_with_it() {
    let (desk, password) = demo();
    let server = desk.serve();
    let (cookie, key) = (signed_in(&server, &password), key_of(&desk, 1));
    let visit = &items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=1"))[0];
    let most_frequent = |name: &str| {
        let item = &items(&server, &key, &format!("type={name}&date={RANGE}&limit=1"))[0];
        let address = text(item, "stats_url");
        address.rsplit_once('&').unwrap().1.to_owned()
    };
    let mut filters = vec![
        format!("ip_address={}", text(visit, "ip_address")),
        format!("ip_address={},198.51.100.7", text(visit, "ip_address")),
        format!("uid={}", text(visit, "uid")),
        format!("session_id={}", text(visit, "session_id")),
        "num_actions=2-4".into(),
        "actions=1".into(),
        "time=60-600".into(),
        "hostname=dynamic.o2-germany.example".into(),
        "country=Germany".into(),
        "language=German".into(),
    ];
    for name in [
        "pages",
        "pages-entrance",
        "pages-exit",
        "searches",
        "links-domains",
        "links",
        "web-browsers",
        "operating-systems",
        "screen-resolutions",
        "hardware",
        "countries",
        "cities",
        "languages",
        "hostnames",
        "organizations",
        "traffic-sources",
        "custom",
        "video",
        "campaigns",
        "events",
        "regions",
    ] {
        filters.push(most_frequent(name));
    }
    for filter in filters {
        let csv = server
            .ask(&get(format!("/sites/1/export/visitors-list.csv?date={RANGE}&{filter}")).cookie(&cookie));
        assert_eq!(csv.status, 200, "{filter}");
        let expected: Vec<String> = cells(&csv.text())[1..].iter().map(|row| row[0].clone()).collect();
        let found = items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=1000&{filter}"));
        let found: Vec<&str> = found.iter().map(|item| text(item, "session_id")).collect();
        assert!(!found.is_empty() && found.len() < 1_000, "{filter}: {}", found.len());
        assert_eq!(found, expected, "{filter}");
    }
    // The key of custom data in brackets is the form of Clicky's own screens.
    let custom = most_frequent("custom");
    let (name, value) = custom.strip_prefix("custom=").unwrap().split_once("%3A+").unwrap();
    let of =
        |filter: &str| items(&server, &key, &format!("type=visitors-list&date={RANGE}&limit=1000&{filter}"));
    assert_eq!(of(&format!("custom%5B{name}%5D={value}")), of(&custom));
    // A visit is found on its day, without a date.
    let session = format!("type=visitors-list&session_id={}", text(visit, "session_id"));
    assert_eq!(text(&items(&server, &key, &session)[0], "time"), text(visit, "time"));
    // A segmentation without segments is the number of the visits, and filters the other types.
    let reply = json(&server, &key, &format!("type=segmentation,visitors&date={RANGE}&country=DE"));
    let count = of("country=DE").len().to_string();
    for one in [0, 1] {
        assert_eq!(text(&reply[one]["dates"][0]["items"][0], "value"), count, "{reply}");
    }
    // Assistants are links, in the filter as in the report.
    let of = |name: &str| items(&server, &key, &format!("type=traffic-sources&date={RANGE}&item={name}"));
    for (name, kind) in [("Links", "link"), ("Searches", "search")] {
        let count: usize = text(&of(name)[0], "value").parse().unwrap();
        for filter in [name, kind] {
            let query = format!("type=visitors-list&date={RANGE}&limit=1000&source={filter}");
            assert_eq!(items(&server, &key, &query).len(), count, "{filter}");
        }
    }
    let none = json(
        &server,
        &key,
        &format!("type=segmentation&segments=visitors,visitors-online&goal=999&date={RANGE}"),
    );
    for one in [0, 1] {
        assert_eq!(text(&none[one]["dates"][0]["items"][0], "value"), "0", "{none}");
    }
    let many = vec!["segmentation"; 26].join(",");
    let refused = json(&server, &key, &format!("type={many}&segments=pages,links"));
    assert_eq!(text(&refused[0], "error"), "Ask for 50 types at most.");
    assert!(json(&server, &key, "type=pages&segments=nonsense")[0]["dates"].is_array());
    let whole = items(&server, &key, &format!("type=pages&date={RANGE}"));
    assert_eq!(items(&server, &key, &format!("type=pages&date={RANGE}&country=DE&colour=red")), whole);
}

#[test]
fn keys_that_a_program_gets_from_the_account_api_are_noted_once_a_day_for_each_person() {
    let desk = Desk::with_people(&["adam"]);
    desk.text(&["share", "add", "--site", "1", "--user", "adam", "--level", "administrator"]);
    let server = desk.serve();
    for name in ["ada", "adam", "ada", "adam"] {
        let query = form(&[("username", name), ("password", PASSWORD), ("output", "json")]);
        assert!(server.ask(&get(format!("/api/account/sites?{query}"))).text().contains("sitekey_admin"));
    }
    let noted = desk.texts("select actor || ': ' || about from audit where act = 'keys-shown' order by id");
    assert_eq!(noted, ["ada: through the account API", "adam: through the account API"]);
}

#[test]
fn the_goals_of_visits_are_told_and_filtered_by() {
    let (desk, _) = demo();
    let server = desk.serve();
    let key = key_of(&desk, 1);
    let reached = |condition: &str| {
        desk.texts(&format!(
            "select distinct visit_id || '' from conversions join goals on goals.id = goal
             where counts and {condition} order by visit_id desc"
        ))
    };
    for (goal, condition) in [("*", "true"), ("Order", "name = 'Order'"), ("nothing", "false")] {
        let found = items(
            &server,
            &key,
            &format!("type=visitors-list&date=2026-09-27,2026-10-26&limit=1000&goal={goal}"),
        );
        let ids: Vec<&str> = found.iter().map(|item| text(item, "session_id")).collect();
        assert_eq!(ids, reached(condition), "{goal}");
        for item in &found {
            let names = item["goals"]["completed"].as_array().unwrap();
            assert!(goal == "*" || names.contains(&Value::from(goal)), "{item}");
        }
    }
    let revenue = "select printf('%.2f', sum(revenue) / 100.0) from conversions
                   where counts and visit_id = (
                     select max(visit_id) from conversions join goals on goals.id = goal
                     where counts and name = 'Order')";
    let order = &items(&server, &key, "type=visitors-list&date=2026-09-27,2026-10-26&limit=1&goal=Order")[0];
    assert_eq!(vec![text(&order["goals"], "revenue").to_owned()], desk.texts(revenue), "{order}");
    let goals = items(&server, &key, "type=goals&date=2026-09-27,2026-10-26");
    let goal = goals.iter().find(|goal| text(goal, "title") == "Order").unwrap();
    let all = items(&server, &key, "type=revenue&date=2026-09-27,2026-10-26");
    let sum: f64 = goals.iter().map(|goal| text(goal, "revenue").parse::<f64>().unwrap()).sum();
    assert_eq!(format!("{sum:.2}"), text(&all[0], "value"), "the revenue is that of all goals");
    let lost: i64 = text(goal, "incompleted").parse().unwrap();
    assert!(lost > 0, "the demo has a funnel that ends in the goal: {goal}");
    let other = goals.iter().find(|goal| text(goal, "title") != "Order").unwrap();
    assert_eq!(text(other, "incompleted"), "0");
    assert!(text(goal, "conversion").split_once('.').is_some_and(|(_, part)| part.len() == 2), "{goal}");
    assert!(text(goal, "cost").split_once('.').is_some_and(|(_, part)| part.len() == 2), "{goal}");
}
