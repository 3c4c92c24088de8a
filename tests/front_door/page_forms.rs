//! Pages that are one are one row, however they were reached and whenever they were counted: under the same filters,
//! segments and guest links as before, also where only totals are left.

use super::guest_links::link;
use super::harness::{Desk, Server, beacon, fields, today, view};
use super::http::get;
use super::sharing::send;
use rusqlite::{Connection, named_params};

/// Six spellings of one page.
const SPELLINGS: [&str; 6] = [
    "https://bakery.example/caf%C3%A9",
    "http://bakery.example/caf%C3%A9",
    "https://www.bakery.example/caf%c3%a9",
    "http://www.bakery.example/caf%C3%A9",
    "https://bakery.example:8443/caf%c3%a9",
    "http://www.bakery.example:8080/caf%C3%A9?utm_source=x&_kx=1",
];
const PAGE: &str = "https://bakery.example/caf%C3%A9";
const OTHERS: [&str; 3] = [
    "https://bakery.example/caf%C3%A9/",
    "https://bakery.example/Caf%C3%A9",
    "http://blog.bakery.example/caf%C3%A9",
];

fn see(server: &Server<'_>, address: &str, href: &str) {
    let answer = server.hit(address, &[("type", "pageview"), ("href", href)]);
    assert_eq!(answer.header("X-Clickstead-Reason"), "", "{href}");
}

/// Item, count and visits of each line of a report.
fn lines(server: &Server<'_>, cookie: &str, report: &str, query: &str) -> Vec<(String, String, String)> {
    let file = server.page(&format!("/sites/1/export/{report}.csv?{query}"), cookie);
    let cells = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    let mut lines: Vec<_> = file
        .lines()
        .skip(1)
        .map(|line| {
            let cells = cells(line);
            (cells[0].clone(), cells[2].clone(), cells[3].clone())
        })
        .collect();
    lines.sort();
    lines
}

fn line(item: &str, count: i64, visits: i64) -> (String, String, String) {
    (item.to_owned(), count.to_string(), visits.to_string())
}

/// The visits that a list has.
fn visits(server: &Server<'_>, cookie: &str, query: &str) -> usize {
    server
        .page(&format!("/sites/1/visitors?date=today&{query}"), cookie)
        .matches("class=\"row-link\"")
        .count()
}

#[test]
fn six_spellings_of_a_page_are_one_row_and_other_pages_are_not() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (place, href) in SPELLINGS.iter().chain(&OTHERS).enumerate() {
        see(&server, &format!("81.2.69.{}", place / 2), href);
    }
    let told = lines(&server, &ada, "pages", "date=today");
    let blog = "https://blog.bakery.example/caf%C3%A9";
    assert_eq!(told, [line(OTHERS[1], 1, 1), line(PAGE, 6, 3), line(OTHERS[0], 1, 1), line(blog, 1, 1)]);
    let page = server.page("/sites/1/reports/pages?date=today", &ada);
    assert!(
        page.contains(">/café<") || page.contains(" /café<"),
        "the site's own pages are shown by their path"
    );
    assert!(page.contains("blog.bakery.example/café"), "those of a subdomain with their host");
    for (report, count) in [("pages-entrance", 3), ("pages-exit", 3)] {
        assert!(lines(&server, &ada, report, "date=today").contains(&line(PAGE, count, count)), "{report}");
    }
    // Links lead to where the page was seen last.
    let row = |item: &str| server.page(&format!("/sites/1/reports/pages/item?date=today&item={item}"), &ada);
    let origin = || desk.texts("select page_origin from sites")[0].clone();
    assert_eq!(origin(), "https://bakery.example");
    see(&server, "81.2.69.9", SPELLINGS[5]);
    assert_eq!(origin(), "http://www.bakery.example:8080");
    let item = "https%3A%2F%2Fbakery.example%2Fcaf%25C3%25A9";
    assert!(row(item).contains("href=\"http://www.bakery.example:8080/caf%C3%A9\""), "{}", row(item));
    let visit = desk.number("select max(id) from visits");
    let shown = server.page(&format!("/sites/1/visits/{visit}"), &ada);
    assert!(shown.contains("href=\"http://www.bakery.example:8080/caf%C3%A9\""), "{shown}");
    let blog = row("https%3A%2F%2Fblog.bakery.example%2Fcaf%25C3%25A9");
    assert!(blog.contains("href=\"http://blog.bakery.example/caf%C3%A9\""), "{blog}");
}

#[test]
fn files_of_the_site_are_one_row_and_files_and_links_elsewhere_keep_their_address() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    see(&server, "81.2.69.1", PAGE);
    for (kind, href) in [
        ("download", "http://www.bakery.example/prices.pdf"),
        ("download", "https://bakery.example:8443/prices.pdf"),
        ("download", "http://www.files.example:8080/prices.pdf"),
        ("outbound", "http://www.mill.example/"),
    ] {
        server.hit("81.2.69.1", &[("type", kind), ("href", href)]);
    }
    let own = "https://bakery.example/prices.pdf";
    let elsewhere = "http://www.files.example:8080/prices.pdf";
    assert_eq!(lines(&server, &ada, "downloads", "date=today"), [line(elsewhere, 1, 1), line(own, 2, 1)]);
    assert_eq!(
        lines(&server, &ada, "links-outbound", "date=today"),
        [line("http://www.mill.example/", 1, 1)]
    );
    for value in ["http://www.bakery.example/prices.pdf", own, elsewhere, "/prices.pdf"] {
        assert_eq!(visits(&server, &ada, &format!("download={value}")), 1, "{value}");
    }
}

#[test]
fn click_ids_of_any_length_and_escaped_separators_leave_the_page_and_its_campaign() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let long =
        format!("https://bakery.example/a?fbclid={}&utm_campaign=Long&utm_source=x", "a".repeat(2_100));
    for (place, href) in [
        long.as_str(),
        "https://bakery.example/a?utm_source%3Dx%26utm_campaign%3DEscaped%2520twice",
        "https://bakery.example/a?amp;utm_source=x&amp;utm_campaign=Entity",
        "https://bakery.example/a#utm_source=x&utm_campaign=Fragment",
        "https://bakery.example/a#top?utm_campaign=Anchor",
        "https://bakery.example/a?pk_campaign=Matomo",
    ]
    .iter()
    .enumerate()
    {
        see(&server, &format!("81.2.{place}.1"), href);
    }
    assert_eq!(lines(&server, &ada, "pages", "date=today"), [line("https://bakery.example/a", 6, 6)]);
    let names = ["Anchor", "Entity", "Escaped twice", "Fragment", "Long", "Matomo"];
    assert_eq!(lines(&server, &ada, "campaigns", "date=today"), names.map(|name| line(name, 1, 1)));
}

/// A file as the version before left it: three visits of today and totals of older days, under addresses in several forms,
/// with a segment and a guest link for each condition.
fn file_of_version_9(conditions: &[&str]) -> Desk {
    let forms = [
        "http://www.bakery.example/caf%c3%a9",
        "https://bakery.example:8443/caf%C3%A9",
        "https://www.bakery.example/caf%C3%A9",
    ];
    file_of_version_9_with(&forms, conditions)
}

/// The same with a visit for each of these addresses, and one of another page.
fn file_of_version_9_with(forms: &[&str], conditions: &[&str]) -> Desk {
    let desk = Desk::with_site();
    let server = desk.serve();
    for place in 0..forms.len() {
        see(&server, &format!("81.2.{}.1", 69 + place), "https://bakery.example/shop");
    }
    see(&server, "81.2.90.1", "https://bakery.example/other");
    server.stop();
    let file = desk.open();
    rewrite(&file, forms);
    for (place, condition) in conditions.iter().enumerate() {
        file.execute(
            "insert into segments (site_id, name, conditions, created_at) values (1, ?1, ?2, 0)",
            (format!("Segment {place}"), condition),
        )
        .unwrap();
        file.execute(
            "insert into links (site_id, token, name, reports, visitor_data, created_at, segment)
             values (1, ?1, ?1, 'pages,visitors', 'live-list,single-visits', 0, ?2)",
            (format!("{place:040}"), condition),
        )
        .unwrap();
    }
    file.execute_batch(
        "drop table page_reads;
         alter table heatmap_clicks drop column element; alter table heatmap_clicks drop column text;
         alter table heatmap_clicks drop column element_x; alter table heatmap_clicks drop column element_y;
         alter table heatmap_clicks drop column is_rage; alter table heatmap_clicks drop column is_dead;
         alter table sites drop column heatmap_pages; alter table sites drop column heatmap_sample;
         alter table sites drop column heatmap_days;
         drop table outages; drop table monitor_checks; drop table monitor_hours; drop table monitors;
         drop table alert_receipts; drop table alert_events; drop table alert_webhooks; drop table alerts;
         drop table webhook_deliveries; drop table webhooks; drop table unsubscribes;
         drop table digest_periods; drop table digest_sites; drop table digests;
         drop table outbox;
         create table outbox (
           id integer primary key autoincrement, recipient text not null, subject text not null, text text not null,
           html text not null, created_at integer not null, due_at integer not null, tries integer not null default 0,
           problem text, given_up_at integer, expires_at integer
         ) strict;
         create index outbox_by_due on outbox (due_at) where given_up_at is null;
         drop table funnel_steps; drop table funnels; drop table missing_pages; drop table vitals;
         alter table sites drop column vitals_measured;
         drop table goals; drop table conversions; drop table campaign_rules; drop table campaign_parameters;
         drop table campaign_costs; drop table campaign_links; drop table annotations; drop table visitor_notes;
         create table conversions (
           site_id integer not null, visit_id integer not null, number integer not null, at integer not null,
           goal integer not null, revenue real not null, primary key (site_id, visit_id, number)
         ) strict, without rowid;
         alter table sites drop column currency; alter table sites drop column custom_keys;
         alter table visits drop column first_source; alter table visits drop column last_source;
         alter table rollups drop column conversions; alter table rollups drop column converted;
         alter table rollups drop column earned; alter table rollups drop column refunded;
         drop table sent_runs; drop table sent_hits; drop table token_sites; drop table tokens;
         drop table key_uses; drop table site_hosts; drop table other_hosts; drop table page_forms;
         alter table sites drop column own_hosts_only; alter table sites drop column page_origin;
         alter table sites drop column rules_changed_at;
         alter table block_ranges rename to stretches;
         alter table sites rename column generation to edition;
         alter table rollups rename column parent to within;
         alter table rollups rename column subtitle to beside;
         alter table rollups rename to totals;
         alter table sources rename column channel to medium;
         alter table machines rename column device_type to hardware;
         alter table visits rename column flags to traits;
         drop index password_resets_by_user;
         alter table password_resets rename to resets;
         create index resets_by_user on resets (user_id);
         drop index email_confirmations_by_user;
         alter table email_confirmations rename to proofs;
         create index proofs_by_user on proofs (user_id);
         pragma user_version = 9",
    )
    .unwrap();
    desk
}

/// Gives the pages of the visits of the shop, in their order, these addresses, and a day of totals two of them.
fn rewrite(file: &Connection, forms: &[&str]) {
    let visits: Vec<i64> = {
        let mut question = file.prepare("select id from visits order by id").unwrap();
        question.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for (visit, form) in visits.iter().zip(forms) {
        file.execute("insert into labels (text) values (?1)", [form]).unwrap();
        let label = file.last_insert_rowid();
        let bound = named_params! {":visit": visit, ":label": label};
        file.execute("update actions set page = :label where visit_id = :visit", bound).unwrap();
        file.execute("update visits set landing = :label, exit = :label where id = :visit", bound).unwrap();
        let day = today() - 40;
        for (dimension, item) in [("all", 0), ("href", label), ("landing", label), ("exit", label)] {
            file.execute(
                "insert into rollups (site_id, dimension, day, item, parent, code, subtitle, hits, visits, uniques, new,
                   actions, seconds, bounces, kinds)
                 values (1, ?1, ?2, ?3, 0, 0, null, 2, 1, 1, 1, 2, 10, 0, iif(?1 = 'all', '2,0,0,0,0', null))
                 on conflict do update set hits = hits + 2, visits = visits + 1",
                (dimension, day, item),
            )
            .unwrap();
        }
        file.execute(
            "insert or ignore into rollups (site_id, dimension, day, item, parent, code, subtitle, hits, visits, uniques, new,
               actions, seconds, bounces, kinds)
             values (1, 'hour', ?1, 0, 0, 12, null, 6, 3, 3, 3, 6, 30, 0, '6,0,0,0,0')",
            [day],
        )
        .unwrap();
    }
}

#[test]
fn segments_and_guest_links_made_before_show_the_same_visits_negated_too() {
    let conditions = [
        ("href=http%3A%2F%2Fwww.bakery.example%2Fcaf%25c3%25a9", 3),
        ("href=https%3A%2F%2Fbakery.example%3A8443%2Fcaf%25C3%25A9", 3),
        ("landing.in=https%3A%2F%2Fwww.bakery.example%2Fcaf%25c3%25a9,nothing", 3),
        ("href.not=http%3A%2F%2Fwww.bakery.example%2Fcaf%25c3%25a9", 1),
        ("exit.not=https%3A%2F%2Fbakery.example%3A8443%2Fcaf%25C3%25A9", 1),
        ("href=%2Fcaf%25c3%25a9", 3),
        ("href.contains=www.bakery.example%2Fcaf", 3),
        ("href.lacks=http%3A%2F%2Fwww.bakery.example%2Fcaf", 1),
        ("href.starts=www.bakery.example%3A8080%2Fcaf", 3),
        ("href.contains=http%3A%2F%2F", 3),
        ("href.contains=www.", 3),
        ("href.lacks=%3A8443", 1),
        ("host=www.bakery.example", 4),
    ];
    let desk = file_of_version_9(&conditions.map(|(condition, _)| condition));
    assert!(desk.text(&["check"]).contains("is whole"));
    assert_eq!(desk.number("select count(*) from page_forms"), 3);
    assert_eq!(
        desk.number("select count(*) from labels where text glob '*caf%c3*' or text glob '*:8443*'"),
        2,
        "rows stay"
    );
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (place, (condition, expected)) in conditions.iter().enumerate() {
        assert_eq!(visits(&server, &ada, condition), *expected, "{condition}");
        let shown = server.ask(&get(format!("/s/{place:040}/visitors?date=today"))).text();
        assert_eq!(shown.matches("class=\"row-link\"").count(), *expected, "guest link: {condition}");
        let chosen = server.page(&format!("/sites/1/reports/pages?date=today&{condition}"), &ada);
        assert!(
            chosen.contains(&format!("Segment {place}")),
            "the segment is the one that is open: {condition}"
        );
    }
    // Older rows, newer ones and totals are one row.
    see(&server, "81.2.73.1", SPELLINGS[5]);
    for report in ["pages", "pages-entrance", "pages-exit"] {
        let told = lines(&server, &ada, report, "date=today");
        assert_eq!(told, [line(PAGE, 4, 4), line("https://bakery.example/other", 1, 1)], "{report}");
        let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(today() - 40)).unwrap();
        let told = lines(&server, &ada, report, &format!("date={day}"));
        let hits = 6;
        assert_eq!(told, [line(PAGE, hits, 3)], "the totals of {report}");
    }
    // Visits are shown with the page, wherever they are told of.
    let visit = desk.number("select min(id) from visits");
    let page = server.page(&format!("/sites/1/visits/{visit}"), &ada);
    assert!(
        page.contains("href=\"http://www.bakery.example:8080/caf%C3%A9\"") && !page.contains("%c3%a9"),
        "{page}"
    );
    let list = server.page("/sites/1/visitors?date=today", &ada);
    assert_eq!(list.matches(&format!("title=\"{PAGE}\"")).count(), 4, "{list}");
    assert!(server.page("/sites/1/spy", &ada).contains(&format!("title=\"{PAGE}\"")));
    let file = server.page("/sites/1/export/visitors-list.csv?date=today", &ada);
    assert_eq!(file.matches(PAGE).count(), 4, "{file}");
}

/// Five pages of a file of before, and what a guest link with a part of one of them showed then, and hid.
#[test]
fn guest_links_with_a_part_of_an_address_never_show_more_than_before() {
    let pages = [
        "http://www.bakery.example/home",
        "https://app.bakery.example/app",
        "https://blog.bakery.example/blog",
        "http://localhost:3000/test",
        "https://bakery.example/plain?pk_campaign=partner&_kx=1",
    ];
    // Of a sixth, which is https://bakery.example/other, nothing is ever named.
    let cases: [(&str, &[usize]); 9] = [
        ("www.", &[0]),
        ("www", &[0]),
        ("http://", &[0, 3]),
        ("https://www.", &[]),
        (":8080", &[]),
        (":3000", &[3]),
        ("localhost:3000", &[3]),
        ("www.b", &[0]),
        ("https://www.b", &[]),
    ];
    let escaped = |value: &str| value.replace(':', "%3A").replace('/', "%2F");
    let conditions: Vec<(String, Vec<usize>)> = cases
        .iter()
        .flat_map(|(value, fit)| {
            let value = escaped(value);
            let left: Vec<usize> = (0..=pages.len()).filter(|place| !fit.contains(place)).collect();
            ["href", "landing", "exit", "host"].into_iter().flat_map(move |filter| {
                [
                    (format!("{filter}.contains={value}"), fit.to_vec()),
                    (format!("{filter}.lacks={value}"), left.clone()),
                ]
            })
        })
        // Hosts have no scheme.
        .filter(|(condition, _)| !(condition.starts_with("host") && condition.contains("http")))
        .chain([
            (
                "href=https%3A%2F%2Fbakery.example%2Fplain%3Fpk_campaign%3Dpartner%26_kx%3D1".to_owned(),
                vec![4],
            ),
            ("href=https%3A%2F%2Fbakery.example%2Fplain%3Fpk_campaign%3Dpartner".to_owned(), vec![]),
            ("href=%2Fother%3Fpk_campaign%3Dpartner".to_owned(), vec![]),
            ("href=%2Fother%3Fgclid%3D1".to_owned(), vec![5]),
        ])
        .collect();
    let names: Vec<&str> = conditions.iter().map(|(condition, _)| condition.as_str()).collect();
    let desk = file_of_version_9_with(&pages, &names);
    let server = desk.serve();
    let words = ["/home", "/app", "/blog", "/test", "/plain", "/other"];
    for (place, (condition, expected)) in conditions.iter().enumerate() {
        let shown = server.ask(&get(format!("/s/{place:040}/visitors?date=today"))).text();
        let seen: Vec<usize> = (0..words.len())
            .filter(|page| {
                shown.contains(&format!(".example{}", words[*page]))
                    || shown.contains(&format!("localhost{}", words[*page]))
            })
            .collect();
        assert_eq!(&seen, expected, "{condition}");
        assert_eq!(shown.matches("class=\"row-link\"").count(), expected.len(), "{condition}");
    }
}

#[test]
fn pages_that_also_led_to_the_site_are_one_row_and_the_newest_visit_on_the_domain_tells_where_it_opens() {
    let copy = "http://www.copy.example:8080/x";
    let desk = file_of_version_9_with(&["http://www.bakery.example/a", copy, "https://copy.example/x"], &[]);
    let file = desk.open();
    file.execute_batch(
        "update sources set medium = 2, referrer = (select id from labels where text = 'http://www.copy.example:8080/x');
         delete from visits where id = (select max(id) from visits);
         delete from actions where visit_id not in (select id from visits)",
    )
    .unwrap();
    assert!(desk.text(&["check"]).contains("is whole"));
    assert_eq!(desk.texts("select page_origin from sites"), ["http://www.bakery.example"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let told = lines(&server, &ada, "pages", "date=today");
    assert_eq!(told, [line("https://bakery.example/a", 1, 1), line("https://copy.example/x", 2, 2)]);
}

#[test]
fn a_site_that_is_exported_before_and_imported_after_is_grouped_the_same() {
    let desk = file_of_version_9(&[]);
    desk.text(&["check"]);
    let path = desk.path().join("site.jsonl");
    desk.text(&["export", "--site", "1", "--to", path.to_str().unwrap()]);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("http://www.bakery.example/caf%c3%a9"), "rows are exported as they are");
    let other = Desk::with_people(&[]);
    other.text(&["import", path.to_str().unwrap(), "--as", "new", "--owner", "ada"]);
    assert!(other.text(&["check"]).contains("is whole"));
    let older = "select text from labels where id in (select page from actions) and text glob 'http://*'";
    assert_eq!(
        other.texts(older),
        ["http://www.bakery.example/caf%c3%a9"],
        "conditions on a part of it hold"
    );
    let site = other.number("select max(id) from sites");
    let server = other.serve();
    let ada = server.sign_in("ada");
    let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(today() - 40)).unwrap();
    for (query, expected) in [("date=today".to_owned(), (3, 3)), (format!("date={day}"), (6, 3))] {
        let file = server.page(&format!("/sites/{site}/export/pages.csv?{query}"), &ada);
        let lines: Vec<_> = file.lines().filter(|line| line.contains("caf")).collect();
        assert_eq!(lines.len(), 1, "{query}: {file}");
        assert!(lines[0].starts_with(&format!("{PAGE},,{},{}", expected.0, expected.1)), "{query}: {file}");
    }
}

#[test]
fn pages_of_a_domain_that_a_site_is_moved_to_are_its_own() {
    let desk = Desk::with_site();
    desk.text(&["site", "hosts", "1", "--own-only", "off"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    see(&server, "81.2.69.1", "https://bakery.example/a");
    server.hit("81.2.69.1", &[("type", "download"), ("href", "http://www.rolls.example/b.pdf")]);
    let downloads = || lines(&server, &ada, "downloads", "date=today");
    assert_eq!(downloads(), [line("http://www.rolls.example/b.pdf", 1, 1)]);
    let fields = [("domain", "rolls.example"), ("name", "Rolls"), ("time_zone", *super::harness::ZONE)];
    assert_eq!(send(&server, &ada, "/sites/1/preferences/info", &fields).status, 303);
    assert_eq!(downloads(), [line("https://rolls.example/b.pdf", 1, 1)]);
    server.hit("81.2.69.1", &[("type", "download"), ("href", "http://rolls.example/b.pdf")]);
    assert_eq!(downloads(), [line("https://rolls.example/b.pdf", 2, 1)]);
}

#[test]
fn a_program_and_a_log_name_pages_in_the_same_form() {
    let desk = Desk::with_site();
    let log = desk.path().join("access.log");
    let line_of = |path: &str| {
        format!(
            "81.2.69.1 - - [01/Nov/2026:10:00:00 +0000] \"GET {path} HTTP/1.1\" 200 1 \"-\" \"{}\"\n",
            super::harness::BROWSER
        )
    };
    std::fs::write(&log, line_of("/caf%c3%a9") + &line_of("/caf%C3%A9?gclid=1")).unwrap();
    desk.text(&["import", log.to_str().unwrap(), "--site", "1"]);
    assert_eq!(desk.texts("select text from labels where id in (select page from actions)"), [PAGE]);
    let server = desk.serve();
    let bare = beacon("81.2.69.2", &[("type", "pageview"), ("href", "/caf%c3%a9")]);
    assert_eq!(server.ask(&bare).header("X-Clickstead-Reason"), "");
    assert_eq!(desk.texts("select text from labels where id in (select page from actions)"), [PAGE]);
    let (_, path) = link(&desk, &["--reports", "pages"]);
    assert_eq!(server.ask(&get(path)).status, 200);
    assert_eq!(server.hit("81.2.69.2", &fields(&view("/x"))).status, 204);
}
