//! Lists tell of visits no more than the reports that were chosen: their columns, live or not, for guests and at the level
//! View Only.

use super::guest_links::link;
use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::get;
use super::sharing::send;
use super::streams::{next, open as stream_of};

/// What visits hold, each with the reports of which any one tells it, and with the lists that have it.
const WORDS: [(&str, &[&str], &[&str]); 9] = [
    ("rye bread", &["searches"], &["list", "spy", "visit"]),
    ("Google", &["searches-engines"], &["list", "spy", "visit"]),
    ("news.example", &["links", "links-domains"], &["list", "spy", "visit"]),
    ("/secret-cake", &["pages", "pages-entrance"], &["list"]),
    ("/secret-cake", &["pages"], &["spy", "visit"]),
    ("Netherlands", &["countries"], &["list", "spy", "visit"]),
    ("Chrome", &["web-browsers", "browser-versions"], &["list", "visit"]),
    ("Linux", &["operating-systems"], &["list", "visit"]),
    ("Winter sale", &["campaigns"], &["list", "spy", "visit"]),
];
/// The reports of one link each.
const REPORTS: [&str; 11] = [
    "visitors",
    "searches",
    "searches-engines",
    "links",
    "links-domains",
    "pages",
    "pages-entrance",
    "countries",
    "web-browsers",
    "operating-systems",
    "campaigns",
];

/// Three visits: by a search, by a link and by a campaign.
fn visit(server: &Server<'_>) {
    let came = [
        ("193.0.6.139", "/secret-cake", "https://www.google.com/search?q=rye+bread"),
        ("193.0.6.140", "/secret-cake", "https://news.example/a"),
        ("193.0.6.141", "/secret-cake?utm_campaign=Winter+sale", ""),
    ];
    for (address, page, from) in came {
        let hit = [view(page), vec![("ref", from.to_owned())]].concat();
        assert_eq!(server.hit(address, &fields(&hit)).status, 204);
    }
}

/// Checks that a list tells what one report allows, and nothing else.
fn check(told: &str, (list, report): (&str, &str)) {
    for (word, reports, lists) in WORDS {
        if lists.contains(&list) {
            assert_eq!(told.contains(word), reports.contains(&report), "{list} by {report}, {word}: {told}");
        }
    }
}

#[test]
fn the_lists_of_a_guest_link_tell_what_its_reports_tell() {
    let desk = Desk::with_site();
    let server = desk.serve();
    visit(&server);
    let ids = desk.texts("select cast(id as text) from visits order by id");
    let visitors = desk.texts("select cast(visitor_id as text) from visits order by id");
    for report in REPORTS {
        let (_, path) = link(&desk, &["--reports", report, "--visitor-data"]);
        let page = |rest: &str| {
            let answer = server.ask(&get(format!("{path}{rest}")));
            assert_eq!(answer.status, 200, "{rest}");
            let text = answer.text();
            text.split("<main").nth(1).unwrap().to_owned()
        };
        check(&page("/visitors?date=today"), ("list", report));
        check(&page("/spy"), ("spy", report));
        let dashboard = page("?date=today");
        check(dashboard.split("id=\"panel-visitors\"").nth(1).unwrap(), ("list", report));
        let visits: String = ids.iter().map(|id| page(&format!("/visits/{id}"))).collect();
        check(&visits, ("visit", report));
        let lists: String = visitors.iter().map(|id| page(&format!("/visitors/{id}"))).collect();
        check(&lists, ("list", report));
    }
}

#[test]
fn the_live_stream_of_a_guest_link_tells_what_its_reports_tell() {
    let desk = Desk::with_site();
    let server = desk.serve();
    for report in REPORTS {
        let (_, path) = link(&desk, &["--reports", report]);
        visit(&server);
        let mut wire = server.wire();
        wire.send(&get(format!("{path}/spy/stream?since=1")).bytes(server.address)).unwrap();
        assert_eq!(wire.head().unwrap().status, 200);
        let told: String = (0..3).map(|_| next(&mut wire).unwrap().data).collect();
        check(&told, ("spy", report));
        desk.text(&["link", "remove", "--site", "1", &desk.texts("select cast(id as text) from links")[0]]);
    }
}

#[test]
fn the_lists_at_the_level_view_only_tell_what_the_chosen_reports_tell() {
    let desk = Desk::with_site();
    desk.json_with(
        PASSWORD,
        &["user", "add", "uma", "--email", "uma@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let share = [("user", "uma"), ("level", "view-only")];
    assert_eq!(send(&server, &ada, "/sites/1/preferences/sharing", &share).status, 303);
    visit(&server);
    let mut stream = stream_of(&server, &uma, Some("1"));
    let usual: String = (0..3).map(|_| next(&mut stream).unwrap().data).collect();
    for (word, _, _) in WORDS.into_iter().filter(|(_, _, lists)| lists.contains(&"spy")) {
        assert!(usual.contains(word), "{word}: {usual}");
    }
    for report in REPORTS {
        let chosen = [("report", report), ("live-list", "on"), ("single-visits", "on")];
        assert_eq!(send(&server, &ada, "/sites/1/preferences/view-only", &chosen).status, 303);
        for (list, path) in [("list", "/sites/1/visitors?date=today"), ("spy", "/sites/1/spy")] {
            let page = server.page(path, &uma);
            check(page.split("<main").nth(1).unwrap(), (list, report));
        }
        let ids = desk.texts("select cast(id as text) from visits");
        let visits: String =
            ids.iter().map(|id| server.page(&format!("/sites/1/visits/{id}"), &uma)).collect();
        check(&visits, ("visit", report));
    }
    // Whoever is not limited sees all of it.
    let list = server.page("/sites/1/visitors?date=today", &ada);
    for (word, _, _) in WORDS.into_iter().filter(|(_, _, lists)| lists.contains(&"list")) {
        assert!(list.contains(word), "{word}: {list}");
    }
}

#[test]
fn versions_and_columns_without_anything_to_tell_are_not_there() {
    let desk = Desk::with_site();
    let server = desk.serve();
    visit(&server);
    let list = |report: &str| {
        let (_, path) = link(&desk, &["--reports", report]);
        server.ask(&get(format!("{path}/visitors?date=today"))).text()
    };
    let has_version = |page: &str| page.contains("Chrome 1");
    assert!(has_version(&list("browser-versions")) && !has_version(&list("web-browsers")));
    let bare = list("visitors");
    for head in ["Came from", "First page", "With", "Place unknown"] {
        assert!(!bare.contains(&format!(">{head}<")), "{head}: {bare}");
    }
    assert!(bare.contains(">When<") && bare.contains(">Actions<") && bare.contains("Visitor 1"));
    assert!(list("traffic-sources").contains(">Came from<"));
    let (_, path) = link(&desk, &["--reports", "pages"]);
    assert!(!server.ask(&get(format!("{path}/spy"))).text().contains("spy-map"), "a map without countries");
}

#[test]
fn what_a_column_hides_is_told_by_no_filter_and_no_breakdown_either() {
    let desk = Desk::with_site();
    let server = desk.serve();
    visit(&server);
    let (_, path) = link(&desk, &["--reports", "pages"]);
    for asked in [
        "country=NL",
        "country.not=DE",
        "search.contains=rye",
        "domain=news.example",
        "link.starts=https",
        "engine=Google",
        "browser=Chrome",
        "os.in=Linux",
        "landing=/secret-cake",
        "exit=/secret-cake",
        "campaign=Winter%20sale",
    ] {
        for screen in ["/visitors", "/spy", "/spy/stream", "/reports/pages", "", "/reports/pages/item"] {
            let answer = server.ask(&get(format!("{path}{screen}?{asked}&item=/secret-cake")));
            assert_eq!(answer.status, 404, "{screen} {asked}");
        }
    }
    for screen in ["/reports/pages?by=countries", "/reports/pages/item?item=/secret-cake&by=searches"] {
        assert_eq!(server.ask(&get(format!("{path}{screen}"))).status, 404, "{screen}");
    }
    assert_eq!(server.ask(&get(format!("{path}/visitors?date=today&href=/secret-cake"))).status, 200);
}

#[test]
fn a_command_says_what_a_link_opens_and_the_list_of_links_what_each_shows() {
    let desk = Desk::with_site();
    let server = desk.serve();
    visit(&server);
    let add = |more: &[&str]| desk.text(&[&["link", "add", "--site", "1"], more].concat());
    let path_of = |said: &str| said.lines().find(|line| line.starts_with("/s/")).unwrap().to_owned();
    let status = |path: &str, rest: &str| server.ask(&get(format!("{path}{rest}"))).status;
    let closed = add(&["--reports", "pages,countries", "--no-live-list"]);
    assert!(
        closed.contains("Anyone with it sees the reports pages, countries. It opens no list of visitors.")
    );
    let path = path_of(&closed);
    assert_eq!((status(&path, "/reports/pages"), status(&path, "/spy")), (200, 404));
    assert_eq!((status(&path, "/visitors"), status(&path, "/online")), (404, 404));
    let open = add(&["--reports", "pages", "--live-list"]);
    assert!(
        open.contains(
            "sees the report pages. It also opens the live list of visitors and Spy, without names"
        ),
        "{open}"
    );
    assert_eq!(status(&path_of(&open), "/spy"), 200);
    let all = add(&["--visitor-data", "--no-live-list", "--expires", "2999-12-31"]);
    assert!(all.contains("Anyone with it sees all reports. It opens no list of visitors."), "{all}");
    assert_eq!(status(&path_of(&all), "/visitors"), 404);
    let secret = desk.run_with(PASSWORD, &["link", "add", "--site", "1", "--password-stdin"]);
    let secret = String::from_utf8(secret.stdout).unwrap();
    assert!(
        secret.contains("Anyone with it and the password sees 52 reports. It also opens the live list"),
        "{secret}"
    );
    let table = desk.text(&["link", "list", "--site", "1"]);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(table.lines().next().unwrap().contains("PASSWORD  LAST DAY"), "{table}");
    for (row, shown) in rows[1..].iter().zip([
        ["no", "none", "0", "pages,countries", "no"],
        ["no", "none", "0", "pages", "yes"],
        ["no", "2999-12-31", "0", "all", "no"],
    ]) {
        assert!(row.windows(shown.len()).any(|cells| cells == shown), "{row:?}");
    }
    assert!(rows[4].windows(4).any(|cells| cells == ["yes", "none", "0", "52"]), "{:?}", rows[4]);
    let listed = desk.json(&["link", "list", "--site", "1", "--json"]);
    assert_eq!(listed[2]["last_day"], "2999-12-31");
}
