//! Guest links that show some visits alone: whatever a guest opens, there are no other visits.

use super::guest_links::link;
use super::harness::{Desk, Server, fields, view};
use super::http::{Answer, get};
use super::sharing::send;
use super::streams::next;

const LINKS: &str = "/sites/1/preferences/public-access";
/// A day that is over.
const DAY: &str = "2026-10-20";

/// Two visits of one visitor, of which one was in the shop, and another visitor's outside the shop.
struct Ground<'a> {
    server: Server<'a>,
    path: String,
    inside: i64,
    outside: [i64; 2],
    visitor: i64,
    stranger: i64,
}

/// What the visits outside hold and nobody may read.
const HIDDEN: [&str; 9] = [
    "/cellar",
    "Cellar",
    "Turing",
    "Lovelace",
    "hidden.example",
    "81.2.70",
    "81.2.71",
    "secret words",
    "no-such-film",
];

fn hit(server: &Server<'_>, address: &str, name: &str, (page, title, from): (&str, &str, &str)) {
    let mut hit = view(page);
    hit.retain(|(name, _)| *name != "title");
    hit.extend([
        ("title", title.to_owned()),
        ("ref", from.to_owned()),
        ("custom[username]", name.to_owned()),
    ]);
    assert_eq!(server.hit(address, &fields(&hit)).status, 204);
}

fn ground(desk: &Desk) -> Ground<'_> {
    let server = desk.serve();
    hit(&server, "81.2.70.1", "Alan Turing", ("/cellar", "Cellar", "https://hidden.example/a"));
    hit(&server, "81.2.69.1", "Grace Hopper", ("/shop/bread", "Bread", "https://news.example/b"));
    // A page that somebody outside saw under a title of their own.
    hit(&server, "81.2.71.1", "Ada Lovelace", ("/cellar", "Cellar of Lovelace", "https://hidden.example/a"));
    server.stop();
    // The visitor of the shop was there before, elsewhere on the site.
    let ids = desk.texts("select cast(id as text) from visits order by id");
    let ids: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let visitor = desk.number(&format!("select visitor_id from visits where id = {}", ids[1]));
    let stranger = desk.number(&format!("select visitor_id from visits where id = {}", ids[2]));
    desk.open().execute("update visits set visitor_id = ?1 where id = ?2", (visitor, ids[0])).unwrap();
    let (_, path) = link(desk, &["--visitor-data", "--segment", "href.starts=/shop/"]);
    Ground { server: desk.serve(), path, inside: ids[1], outside: [ids[0], ids[2]], visitor, stranger }
}

impl Ground<'_> {
    fn ask(&self, rest: &str) -> Answer {
        self.server.ask(&get(format!("{}{rest}", self.path)))
    }

    /// A page that must be there and tell nothing of what is outside.
    fn page(&self, rest: &str) -> String {
        let answer = self.ask(rest);
        assert_eq!(answer.status, 200, "{rest}: {}", answer.text());
        let text = answer.text();
        let outside = self.outside.map(|id| id.to_string());
        for word in HIDDEN.into_iter().chain(outside.iter().map(String::as_str)) {
            assert!(!text.contains(word), "{rest} tells {word}: {text}");
        }
        for word in ["starts with /shop", "href.starts", "Visits for which", "Segments"] {
            assert!(!text.contains(word), "{rest} names the filter: {word}");
        }
        text
    }
}

#[test]
fn every_screen_of_a_link_knows_the_visits_of_its_segment_alone() {
    let desk = Desk::with_site();
    let ground = ground(&desk);
    let dashboard = ground.page("?date=today");
    assert!(dashboard.contains("data-tally=\"visitors\">1</b>") && dashboard.contains("Grace Hopper"));
    let list = ground.page("/visitors?date=today");
    assert_eq!(list.matches("class=\"row-link\"").count(), 1);
    let online = ground.ask("/online");
    assert_eq!(online.text(), "{\"online\":1}");
    let spy = ground.page("/spy");
    assert!(spy.matches("data-key=").count() == 1 && spy.contains("/shop/bread"));
    let index = ground.page("/reports?date=today");
    let reports: Vec<&str> =
        index.split("/reports/").skip(1).map(|rest| rest.split(['"', '?']).next().unwrap()).collect();
    assert!(reports.len() > 40, "{reports:?}");
    for report in reports {
        for range in ["today", "last-7-days"] {
            ground.page(&format!("/reports/{report}?date={range}"));
        }
        ground.page(&format!("/reports/{report}?date=today&sort=title&order=up&limit=1"));
    }
    // Hits that belong to no visit are not told of at all.
    assert_eq!(ground.ask("/reports/left-out").status, 404);
    assert!(!index.contains("left-out"));
    assert!(ground.page("/reports/links-recent?date=today").contains("news.example"));
    assert!(ground.page("/reports/links-unique?date=today").contains("news.example"));
    assert!(ground.page("/reports/visitors-online").contains("<b>1</b>"));
}

#[test]
fn a_visit_outside_is_not_there_and_its_visitor_has_the_visits_inside_alone() {
    let desk = Desk::with_site();
    let ground = ground(&desk);
    assert!(ground.page(&format!("/visits/{}", ground.inside)).contains("Grace Hopper"));
    for outside in ground.outside {
        let answer = ground.ask(&format!("/visits/{outside}"));
        let nothing = ground.ask("/visits/1");
        assert_eq!((answer.status, answer.text()), (404, nothing.text()));
    }
    let visitor = ground.page(&format!("/visitors/{}", ground.visitor));
    assert_eq!(visitor.matches("class=\"row-link\"").count(), 1);
    assert!(visitor.contains("<dt>Visits</dt><dd>1</dd>"), "{visitor}");
    let stranger = ground.ask(&format!("/visitors/{}", ground.stranger));
    assert_eq!((stranger.status, stranger.text()), (404, ground.ask("/visitors/1").text()));
    ground.page(&format!("/visitors/{}?page=2&limit=1", ground.visitor));
}

#[test]
fn a_guests_own_filters_narrow_and_never_widen() {
    let desk = Desk::with_site();
    let ground = ground(&desk);
    for (filter, expected) in [
        ("href.contains=bread", 1),
        ("href=/cellar", 0),
        ("href.not=/shop/bread", 0),
        ("href.starts=/", 1),
        ("href.in=/cellar,/shop/bread", 1),
        ("custom.contains=Turing", 0),
        ("filter=href&operator=is&value=/cellar", 0),
    ] {
        let list = ground.ask(&format!("/visitors?date=today&{filter}")).text();
        assert_eq!(list.matches("class=\"row-link\"").count(), expected, "{filter}");
        let dashboard = ground.ask(&format!("?date=today&{filter}")).text();
        assert!(dashboard.contains(&format!("data-tally=\"visitors\">{expected}</b>")), "{filter}");
        let spy = ground.ask(&format!("/spy?{filter}")).text();
        assert_eq!(spy.matches("data-key=").count(), expected, "{filter}");
    }
}

#[test]
fn the_stream_of_a_link_leaves_out_what_happens_outside() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (_, path) = link(&desk, &["--segment", "href.starts=/shop/"]);
    let mut wire = server.wire();
    wire.send(&get(format!("{path}/spy/stream")).bytes(server.address)).unwrap();
    assert_eq!(wire.head().unwrap().status, 200);
    while !wire.line().unwrap().starts_with("retry:") {}
    hit(&server, "81.2.70.1", "Alan", ("/cellar", "Cellar", ""));
    hit(&server, "81.2.69.1", "Grace", ("/shop/bread", "Bread", ""));
    let told = next(&mut wire).unwrap();
    // Visitors are numbered among those inside.
    assert!(told.data.contains("/shop/bread") && told.data.contains("Visitor 1"), "{told:?}");
    // Whoever comes back is told of nothing more either.
    let mut again = server.wire();
    let request = get(format!("{path}/spy/stream?since=1")).bytes(server.address);
    again.send(&request).unwrap();
    assert_eq!(again.head().unwrap().status, 200);
    assert!(next(&mut again).unwrap().data.contains("/shop/bread"));
    // A guest's own filters hold on the stream too.
    let mut narrowed = server.wire();
    narrowed.send(&get(format!("{path}/spy/stream?href.contains=cake")).bytes(server.address)).unwrap();
    assert_eq!(narrowed.head().unwrap().status, 200);
    while !narrowed.line().unwrap().starts_with("retry:") {}
    hit(&server, "81.2.69.1", "Grace", ("/shop/rolls", "Rolls", ""));
    hit(&server, "81.2.72.1", "Joan", ("/shop/cake", "Cake", ""));
    let told = next(&mut narrowed).unwrap();
    assert!(told.data.contains("/shop/cake"), "{told:?}");
}

#[test]
fn a_segment_on_what_guests_do_not_see_holds_and_is_not_named() {
    let desk = Desk::with_site();
    let server = desk.serve();
    hit(&server, "81.2.70.1", "Alan", ("/cellar", "Cellar", ""));
    hit(&server, "81.2.69.1", "Grace", ("/shop/bread", "Bread", ""));
    let (_, path) = link(&desk, &["--segment", "custom=username: Grace"]);
    for screen in ["", "/visitors", "/reports/pages", "/spy"] {
        let page = server.ask(&get(format!("{path}{screen}?date=today"))).text();
        assert!(page.contains("/shop/bread") && !page.contains("/cellar"), "{screen}");
        assert!(!page.contains("Grace") && !page.contains("username"), "{screen}");
    }
    assert_eq!(
        server.ask(&get(format!("{path}?date=today&custom=username: Alan").replace(' ', "%20"))).status,
        404
    );
}

#[test]
fn a_segment_that_cannot_be_read_lets_nothing_pass() {
    let desk = Desk::with_site();
    let server = desk.serve();
    hit(&server, "81.2.70.1", "Alan", ("/cellar", "Cellar", ""));
    let (_, path) = link(&desk, &["--segment", "country=DE"]);
    for broken in ["of=tomorrow", "country.like=DE", "", "country="] {
        desk.open().execute("update links set segment = ?1", [broken]).unwrap();
        for screen in ["", "/visitors", "/reports", "/reports/pages", "/spy", "/spy/stream", "/online"] {
            assert_eq!(server.ask(&get(format!("{path}{screen}"))).status, 404, "{broken} {screen}");
        }
    }
}

#[test]
fn the_visits_of_a_link_are_chosen_in_its_form_typed_kept_and_copied() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let segment = [("name", "Shop"), ("conditions", "href.starts=/shop/&actions=2-")];
    send(&server, &ada, "/sites/1/segments/shared", &segment);
    let form = server.page(&format!("{LINKS}/new"), &ada);
    assert!(form.contains("Which visits") && form.contains(">Shop</option>"));
    let untouched = form.split("name=\"filter-1\"").nth(1).unwrap().split("<option value=\"").nth(1).unwrap();
    let untouched = untouched.split('"').next().unwrap();
    let stored = || desk.texts("select coalesce(segment, 'all') from links").concat();
    let save = |path: &str, more: &[(&str, &str)]| {
        let base = [("name", "Client"), ("report", "pages")];
        send(&server, &ada, &format!("{LINKS}/{path}"), &[&base[..], more].concat())
    };
    let typed = [
        ("filter-0", "country"),
        ("test-0", "in"),
        ("value-0", " DE, AT "),
        ("filter-1", untouched),
        ("test-1", "is"),
        ("value-1", ""),
    ];
    // A row that somebody has begun is not passed over: the link would show all visits.
    for begun in
        [[("filter-1", "href"), ("test-1", "contains")], [("filter-1", untouched), ("test-1", "not")]]
    {
        let refused = save("new", &[&typed[..3], &begun, &[("value-1", " ")]].concat());
        let page = refused.text();
        assert!(refused.status == 422 && page.contains("has no value. Write one"), "{page}");
        for (_, chosen) in begun {
            assert!(page.contains(&format!("<option value=\"{chosen}\" selected>")), "{chosen}: {page}");
        }
        assert!(page.contains("value=\"DE, AT\"") && stored().is_empty());
    }
    assert_eq!(save("new", &typed).header("location"), format!("{LINKS}?done=made"));
    assert_eq!(stored(), "country.in=DE%2CAT");
    assert!(
        server.page(LINKS, &ada).contains("Country is one of DE")
            || server.page(LINKS, &ada).contains("Country is one of Germany or Austria")
    );
    assert!(
        server
            .page("/sites/1/access", &ada)
            .contains("only visits for which Country is one of Germany or Austria")
    );
    let form = server.page(&format!("{LINKS}/1"), &ada);
    assert!(form.contains("name=\"condition\" value=\"country.in=DE%2CAT\" checked"), "{form}");
    save("1", &[("condition", "country.in=DE%2CAT"), ("segment", "1")]);
    assert_eq!(stored(), "country.in=DE%2CAT&href.starts=%2Fshop%2F&actions=2-");
    // What becomes of the segment later is not the link's business.
    send(&server, &ada, "/sites/1/segments/shared/1/remove", &[]);
    assert_eq!(stored(), "country.in=DE%2CAT&href.starts=%2Fshop%2F&actions=2-");
    let wrong = save(
        "1",
        &[("condition", "actions=2-"), ("filter-0", "actions"), ("test-0", "is"), ("value-0", "many")],
    );
    assert!(
        wrong.status == 422
            && wrong.text().contains("Write a number such as 4")
            && wrong.text().contains("value=\"many\"")
    );
    assert_eq!(stored(), "country.in=DE%2CAT&href.starts=%2Fshop%2F&actions=2-");
    save("1", &[]);
    assert_eq!(stored(), "all");
    for wrong in ["nonsense=1", "actions=many", "", "country.like=x"] {
        assert!(!desk.complaint(&["link", "add", "--site", "1", "--segment", wrong]).is_empty(), "{wrong}");
    }
    assert!(form.contains("New visitors, What was filtered and Retention are not shown then"), "{form}");
    desk.text(&["link", "add", "--site", "1", "--segment", "href.starts=/shop/"]);
    let table = desk.text(&["link", "list", "--site", "1"]);
    let ends: Vec<_> = table.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(ends, ["VISITS", "all", "href.starts=/shop/"]);
    let listed = desk.json(&["link", "list", "--site", "1", "--json"]);
    assert!(listed.to_string().contains("href.starts=%2Fshop%2F"));
}

/// A shop with these visitors, each with the pages they saw; with a link to its visits of some pages alone, where asked for.
fn shop<'a>(
    desk: &'a Desk,
    visitors: &[(&str, &[&str])],
    segment: &[&str],
    change: impl Fn(&Desk),
) -> (Server<'a>, String) {
    let server = desk.serve();
    for (address, pages) in visitors {
        for page in *pages {
            hit(&server, address, "", (page, page, ""));
        }
    }
    server.stop();
    // Who was at 81.2.70.1 is the one at 81.2.69.1, back again.
    let sql = "update visits set visitor_id = coalesce((select visitor_id from visits as other
        where other.landing = (select id from labels where text like '%/shop/bread')), visitor_id)
        where landing = (select id from labels where text like '%/cellar')";
    desk.open().execute(sql, ()).unwrap();
    change(desk);
    let (_, path) = link(desk, segment);
    (desk.serve(), path)
}

/// Lets the visits have come on [`DAY`], with so many seconds from page to page, whenever they came and whatever they took.
fn long_ago(desk: &Desk) {
    let earlier =
        desk.number(&format!("select min(id) - (unixepoch('{DAY} 12:00') * 1000 << 20) from visits"));
    desk.open()
        .execute_batch(&format!(
            "update visits set id = id - {earlier}, stay = (actions - 1) * 20000;
             update actions set visit_id = visit_id - {earlier}, at = (number - 1) * 20000"
        ))
        .unwrap();
}

/// The words of the tables of a page, and its numbers.
fn told(server: &Server<'_>, path: &str) -> Vec<String> {
    let answer = server.ask(&get(path));
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let text = answer.text();
    let numbers = text.split("data-tally=").skip(1).map(|rest| rest.split("</b>").next().unwrap());
    let rows = text.split("<tr").skip(1).map(|rest| rest.split("</tr>").next().unwrap());
    let bare = |part: &str| {
        part.split('<')
            .filter_map(|part| part.rsplit_once('>'))
            .map(|(_, text)| text.trim())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let big = text.split("<p class=\"big\">").skip(1).map(|rest| rest.split("</b>").next().unwrap());
    numbers
        .map(|number| format!("<{number}"))
        .map(|number| bare(&number))
        .chain(rows.chain(big).map(bare))
        .collect()
}

#[test]
fn numbers_of_a_link_are_as_if_the_visits_outside_were_never_there() {
    let (whole, alone) = (Desk::with_site(), Desk::with_site());
    let segment = ["--segment", "href.starts=/shop/"];
    let inside: [(&str, &[&str]); 2] =
        [("81.2.69.1", &["/shop/bread", "/shop/rolls"]), ("81.2.71.1", &["/shop/cake"])];
    let outside: [(&str, &[&str]); 2] = [("81.2.70.1", &["/cellar"]), ("81.2.72.1", &["/attic", "/roof"])];
    // The visit outside came first.
    let (server, path) = shop(&whole, &[&outside[..], &inside[..]].concat(), &segment, long_ago);
    let (other, bare) = shop(&alone, &inside, &segment, long_ago);
    assert_eq!(whole.number("select count(distinct visitor_id) from visits"), 3);
    let index = server.ask(&get(format!("{path}/reports"))).text();
    let reports: Vec<String> = index
        .split("/reports/")
        .skip(1)
        .map(|rest| format!("/reports/{}", rest.split(['"', '?']).next().unwrap()))
        .filter(|report| {
            !report.contains("recent") && !report.ends_with("-unique") || report.contains("visitors")
        })
        .collect();
    assert!(reports.len() > 30 && reports.iter().any(|report| report == "/reports/visitors-unique"));
    let mut has_uniques = false;
    for screen in reports.iter().map(String::as_str).chain([""]) {
        for more in ["", "&href.contains=bread", "&sort=uniques", "&compare=previous"] {
            let rest = format!("{screen}?date={DAY}{more}");
            let (here, there) = (format!("{path}{rest}"), format!("{bare}{rest}"));
            // The latest visits of the dashboard say when they were.
            let is_timeless = |line: &String| !screen.is_empty() || !line.contains(':');
            let mine: Vec<String> = told(&server, &here).into_iter().filter(is_timeless).collect();
            let theirs: Vec<String> = told(&other, &there).into_iter().filter(is_timeless).collect();
            has_uniques |= !mine.is_empty();
            assert_eq!(mine, theirs, "{rest}");
        }
    }
    assert!(has_uniques);
    let dashboard = server.ask(&get(format!("{path}?date={DAY}"))).text();
    assert!(dashboard.contains("data-tally=\"visitors-unique\">2</b>"), "{dashboard}");
}

#[test]
fn a_link_to_some_visits_does_not_tell_who_was_never_here_before() {
    let desk = Desk::with_site();
    let visitors: [(&str, &[&str]); 2] = [("81.2.69.1", &["/shop/bread"]), ("81.2.72.1", &["/attic"])];
    let (server, path) =
        shop(&desk, &visitors, &["--visitor-data", "--segment", "href.starts=/shop/"], |_| ());
    let (_, whole) = link(&desk, &["--visitor-data"]);
    let visit = desk.number(
        "select id from visits where landing = (select id from labels where text like '%/shop/bread')",
    );
    let ask = |link: &str, rest: &str| server.ask(&get(format!("{link}{rest}")));
    let is_told = |page: &str| {
        let mut tags = page.split("<span class=\"tag\"").skip(1);
        tags.any(|rest| rest.split("</span>").next().unwrap().ends_with(">new"))
    };
    let column = "sort=new";
    for rest in ["/visitors?date=today", &format!("/visits/{visit}"), "?date=today", "/spy"] {
        let told = ask(&whole, rest).text();
        assert!(is_told(&told), "{rest}: {told}");
        let told = ask(&path, rest).text();
        assert!(!is_told(&told), "{rest}: {told}");
    }
    for (rest, word) in [("/reports/countries?date=today", column), ("/reports", "visitors-new")] {
        assert!(ask(&whole, rest).text().contains(word), "{rest}");
        assert!(!ask(&path, rest).text().contains(word), "{rest}");
    }
    for rest in ["/reports/visitors-new?date=today", "/reports/countries?date=today&sort=new"] {
        assert_eq!(ask(&whole, rest).status, 200, "{rest}");
        assert_eq!(ask(&path, rest).status, 404, "{rest}");
    }
    // Whoever owns the site sees it all.
    let ada = server.sign_in("ada");
    assert!(server.page("/sites/1/reports/countries?date=today", &ada).contains(column));
}

#[test]
fn the_quiet_of_a_stream_tells_nothing_of_what_happens_elsewhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let (_, path) = link(&desk, &["--segment", "href.starts=/shop/"]);
    let mut wire = server.wire();
    wire.send(&get(format!("{path}/spy/stream")).bytes(server.address)).unwrap();
    assert_eq!(wire.head().unwrap().status, 200);
    while !wire.line().unwrap().starts_with("retry:") {}
    let (over, is_over) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let server = &server;
        scope.spawn(move || {
            let pause = std::time::Duration::from_millis(300);
            while is_over.recv_timeout(pause) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                hit(server, "81.2.70.1", "", ("/cellar", "Cellar", ""));
            }
        });
        let line = loop {
            match wire.line() {
                Ok(line) if !line.starts_with(": quiet") => {}
                outcome => break outcome,
            }
        };
        drop(over);
        assert_eq!(line.unwrap(), ": quiet");
    });
}
