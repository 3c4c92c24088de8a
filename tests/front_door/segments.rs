//! Filters and segments: what is typed, chosen from a row or saved under a name narrows every screen and file alike.

use super::guest_links::link;
use super::harness::{Desk, Server, beacon, fields, view};
use super::http::get;
use super::sharing::{send, status, with_named_visitors};

const PAGES: &str = "/sites/1/reports/pages?date=today";

/// Three visitors: one read about cakes and prices, one about cakes, one the blog.
fn with_readers(desk: &Desk) -> Server<'_> {
    let server = desk.serve();
    for (address, pages) in [
        ("81.2.69.1", &["/cakes/", "/prices"][..]),
        ("81.2.70.1", &["/cakes/"]),
        ("81.2.71.1", &["/blog/?q=50%25,x"]),
    ] {
        for page in pages {
            assert_eq!(server.hit(address, &fields(&view(page))).status, 204);
        }
    }
    server
}

/// The number of visits that a list of visitors tells.
fn visits(page: &str) -> usize {
    page.matches("class=\"row-link\"").count()
}

/// The words of the chips of a page.
fn chips(page: &str) -> Vec<String> {
    let chips = page
        .split("title=\"Change this filter\"")
        .skip(1)
        .map(|rest| rest.split("</summary>").next().unwrap());
    chips
        .map(|chip| {
            chip.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<String>()
        })
        .collect()
}

/// The address of a link whose text contains these words, or that stands before them.
fn link_before(page: &str, words: &str) -> String {
    let before = page.split(words).next().unwrap();
    let link = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    link.replace("&amp;", "&")
}

#[test]
fn every_operator_narrows_lists_numbers_and_files_alike() {
    let desk = Desk::with_site();
    let server = with_readers(&desk);
    let ada = server.sign_in("ada");
    for (filter, expected, said) in [
        ("href=/cakes/", 2, "Page is /cakes/"),
        ("href=https://bakery.example/prices", 1, "Page is https://bakery.example/prices"),
        ("href.not=/cakes/", 1, "Page is not /cakes/"),
        ("href.contains=CAKES", 2, "Page contains CAKES"),
        ("href.lacks=cakes", 1, "Page does not contain cakes"),
        ("href.starts=/blog/", 1, "Page starts with /blog/"),
        ("href.in=/prices,/blog/?q=50%2525%5C%2Cx", 2, "Page is one of /prices or /blog/?q=50%25,x"),
        ("actions=2-", 1, "Number of actions is 2 or more"),
        ("actions.not=2", 2, "Number of actions is not 2"),
        ("browser.starts=chr", 3, "Browser starts with chr"),
        ("browser=chrome&href.contains=price", 1, "Browser is chrome"),
        ("source.in=directly,nobody", 0, "Source is one of directly or nobody"),
        ("hardware.not=Phone", 3, "Device is not Phone"),
        ("country.not=DE", 3, "Country is not Germany"),
        // A part of a name is looked for in what people read, and not in the letters that stand for it.
        ("country=GB", 3, "Country is United Kingdom"),
        ("country.contains=gb", 0, "Country contains gb"),
        ("country.starts=united", 3, "Country starts with united"),
        ("city.contains=gb", 0, "City contains gb"),
        ("href.not=/cakes/&href.not=/blog/?q=50%2525,x", 0, "Page is not /cakes/"),
    ] {
        let list = server.page(&format!("/sites/1/visitors?date=today&{filter}"), &ada);
        assert_eq!(visits(&list), expected, "{filter}");
        assert_eq!(chips(&list)[0], said, "{filter}");
        let file =
            server.ask(&get(format!("/sites/1/export/visitors-list.csv?date=today&{filter}")).cookie(&ada));
        assert_eq!(file.text().lines().count() - 1, expected, "{filter}");
        let dashboard = server.page(&format!("/sites/1?date=today&{filter}"), &ada);
        assert!(dashboard.contains(&format!("data-tally=\"visitors\">{expected}</b>")), "{filter}");
        let online = server.page(&format!("/sites/1/reports/visitors-online?{filter}"), &ada);
        assert!(online.contains(&format!("<b>{expected}</b>")), "{filter}: {online}");
        let spy = server.page(&format!("/sites/1/spy?{filter}"), &ada);
        assert_eq!(spy.contains("data-key="), expected > 0, "{filter}");
        assert!(spy.contains(&format!("<b>{expected}</b>")), "{filter}");
    }
}

/// The numbers of visits that a list tells for an address with these parameters.
fn visits_of(server: &Server<'_>, query: &str, cookie: &str) -> usize {
    visits(&server.page(&format!("/sites/1/visitors?date=today&{query}"), cookie))
}

#[test]
fn visits_are_found_by_address_and_number_as_clickys_links_ask() {
    let desk = Desk::with_site();
    let server = with_readers(&desk);
    let ada = server.sign_in("ada");
    let stored = desk.texts("select hex(address) from visits order by id");
    assert_eq!(stored[0], "51024500", "addresses are kept without their last part");
    let visit = desk.texts("select cast(id as text) from visits order by id").remove(1);
    for (query, expected) in [
        // What was typed is shortened as the site's addresses are.
        ("ip_address=81.2.69.1", 1),
        ("ip_address=81.2.69.0", 1),
        ("ip_address=81.2.72.1", 0),
        ("ip_address=81.2.69.1,81.2.70.1", 2),
        ("ip_address.in=81.2.69.1,%2081.2.70.1", 2),
        ("ip_address.not=81.2.69.1", 2),
        ("ip_address=(unknown)", 0),
        ("ip_address=81.2.69.1&href=/prices", 1),
        ("ip_address=81.2.69.1&href=/blog/", 0),
        (&format!("session_id={visit}"), 1),
        (&format!("session_id.not={visit}"), 2),
        (&format!("session_id={visit}&ip_address=81.2.70.9"), 1),
        ("session_id=1", 0),
    ] {
        assert_eq!(visits_of(&server, query, &ada), expected, "{query}");
    }
    let pages = server.page(&format!("{PAGES}&ip_address=81.2.69.1,81.2.70.1"), &ada);
    assert!(pages.contains("/cakes/") && pages.contains("/prices") && !pages.contains("/blog/"), "{pages}");
    assert_eq!(chips(&pages), ["Internet address is one of 81.2.69.1 or 81.2.70.1"]);
    // The page of a visit leads to the others from there.
    let page = server.page(&format!("/sites/1/visits/{visit}"), &ada);
    let link = link_before(&page, "Visits from 81.2.70.0");
    assert_eq!(visits(&server.page(&link, &ada)), 1, "{link}");
}

#[test]
fn addresses_and_visits_filter_only_for_those_who_may_see_them() {
    let desk = Desk::with_site();
    let server = with_readers(&desk);
    let visit = desk.texts("select cast(id as text) from visits order by id").remove(1);
    let queries = ["ip_address=81.2.69.1".to_owned(), format!("session_id={visit}")];
    let (_, path) = link(&desk, &[]);
    for (shown, answers) in [
        ("live-list", [404, 404]),
        ("live-list,single-visits", [404, 200]),
        ("live-list,addresses", [404, 404]),
        ("live-list,single-visits,addresses", [200, 200]),
    ] {
        desk.open().execute("update links set visitor_data = ?1", [shown]).unwrap();
        for (query, status) in queries.iter().zip(answers) {
            for screen in ["", "/visitors", "/reports/pages"] {
                let answer = server.ask(&get(format!("{path}{screen}?date=today&{query}")));
                assert_eq!(answer.status, status, "{shown} {screen} {query}: {}", answer.text());
            }
            let offered = server.ask(&get(path.clone())).text();
            let name = query.split('=').next().unwrap();
            assert_eq!(offered.contains(&format!("value=\"{name}\"")), status == 200, "{shown} {name}");
        }
    }
}

#[test]
fn pages_with_umlauts_are_read_and_found_as_people_write_them() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for path in ["/brötchen?mit=Käse", "/brot"] {
        server.hit("81.2.69.1", &fields(&view(path)));
    }
    let escaped = "/br%C3%B6tchen?mit=K%C3%A4se";
    let seen = format!("select count(*) from labels where text = 'https://bakery.example{escaped}'");
    assert_eq!(desk.number(&seen), 1, "an address is kept as browsers send it");
    let pages = server.page(PAGES, &ada);
    assert!(pages.contains("/brötchen?mit=Käse") && pages.contains("/brot"), "{pages}");
    let rows = |page: &str| page.matches("data-opens-row").count();
    assert_eq!(rows(&server.page(&format!("{PAGES}&find=br%C3%B6"), &ada)), 1);
    for item in ["/brot", "/br%C3%B6tchen?mit=K%C3%A4se", "https://bakery.example/brot"] {
        let row = server.page(&format!("/sites/1/reports/pages/item?date=today&item={item}"), &ada);
        assert!(row.contains("<b>1</b> view"), "{item}: {row}");
    }
    for (filter, said) in [
        ("href.contains=K%C3%84SE", "Page contains KÄSE"),
        ("href.starts=/br%C3%B6t", "Page starts with /bröt"),
        ("href=/br%C3%B6tchen?mit=K%C3%A4se", "Page is /brötchen?mit=Käse"),
        ("href=/br%25C3%25B6tchen?mit=K%25C3%25A4se", "Page is /brötchen?mit=Käse"),
    ] {
        let list = server.page(&format!("/sites/1/visitors?date=today&{filter}"), &ada);
        assert_eq!((visits(&list), chips(&list)), (1, vec![said.to_owned()]), "{filter}");
    }
}

#[test]
fn the_form_adds_a_filter_a_chip_changes_and_takes_it_away() {
    let desk = Desk::with_site();
    let server = with_readers(&desk);
    let ada = server.sign_in("ada");
    let added =
        server.page(&format!("{PAGES}&sort=visits&filter=href&operator=contains&value=+cakes+"), &ada);
    assert_eq!(chips(&added), ["Page contains cakes"]);
    assert!(added.contains("/cakes/") && !added.contains(">/blog/"));
    // Its links carry the filter on, also to other screens, and the form of the chip everything else.
    assert!(added.contains("href=\"/sites/1?date=today&amp;href.contains=cakes\""), "{added}");
    assert!(added.contains("name=\"sort\" value=\"visits\""));
    let away = link_before(&added, "aria-label=\"Take away: Page contains cakes\"");
    assert_eq!(away, format!("{PAGES}&sort=visits"));
    assert!(chips(&server.page(&away, &ada)).is_empty());
    // Of two filters of one kind each is taken away alone.
    let two = server.page(&format!("{PAGES}&href.not=/cakes/&href.not=/prices"), &ada);
    assert_eq!(
        link_before(&two, "aria-label=\"Take away: Page is not /prices\""),
        format!("{PAGES}&href.not=/cakes/")
    );
    // What can't be a filter is said beside what was typed, and nothing is filtered.
    for (typed, sentence) in [
        ("filter=actions&operator=is&value=many", "Write a number such as 4"),
        ("filter=actions&operator=contains&value=4", "compared by a part"),
        ("filter=href&operator=is&value=++", "Write what to look for."),
        ("filter=nonsense&operator=is&value=x", "Choose what to filter by."),
    ] {
        let refused = server.page(&format!("/sites/1/visitors?date=today&{typed}"), &ada);
        assert!(
            refused.contains(sentence) && refused.contains("<details class=\"menu add-filter\" open"),
            "{typed}"
        );
        assert_eq!(visits(&refused), 3, "{typed}");
    }
    assert!(
        server
            .page("/sites/1/visitors?filter=actions&operator=is&value=many", &ada)
            .contains("value=\"many\"")
    );
    for (wrong, sentence) in [
        ("actions=many", "Write a number such as 4"),
        ("country.like=DE", "is no way to compare"),
        ("uid.contains=4", "compared by a part"),
    ] {
        for screen in
            ["", "/visitors", "/reports/pages", "/export/pages.csv", "/spy", "/spy/stream", "/segments"]
        {
            let answer = server.ask(&get(format!("/sites/1{screen}?{wrong}")).cookie(&ada));
            assert!(
                answer.status == 422 && answer.text().contains(sentence),
                "{screen} {wrong}: {}",
                answer.status
            );
        }
    }
}

#[test]
fn a_row_narrows_to_itself_and_leaves_itself_out() {
    let desk = Desk::with_site();
    let server = with_readers(&desk);
    let ada = server.sign_in("ada");
    for (screen, mark) in [
        (PAGES, ">Only this<"),
        ("/sites/1?date=today", "title=\"Only this: https://bakery.example/cakes/\""),
    ] {
        let page = server.page(screen, &ada);
        let only = link_before(&page, mark);
        assert_eq!(only, format!("{screen}&href=https://bakery.example/cakes/"));
        assert_eq!(chips(&server.page(&only, &ada)), ["Page is https://bakery.example/cakes/"]);
        let without = link_before(&page, "Without this");
        assert_eq!(without, format!("{screen}&href.not=https://bakery.example/cakes/"));
        let left = server.page(&without, &ada);
        assert!(
            left.contains("/blog/") && !left.contains("title=\"https://bakery.example/prices\""),
            "{left}"
        );
    }
}

#[test]
fn recent_and_new_links_are_those_of_the_visits_that_match() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    for (address, page, from) in [
        ("81.2.69.1", "/cakes/", "https://news.example/a"),
        ("81.2.70.1", "/blog/", "https://news.example/a"),
        ("81.2.71.1", "/blog/", "https://other.example/b"),
    ] {
        let mut hit = view(page);
        hit.push(("ref", from.into()));
        assert_eq!(server.hit(address, &fields(&hit)).status, 204);
    }
    let told = |report: &str, filter: &str| {
        let page = server.page(&format!("/sites/1/reports/{report}?date=today{filter}"), &ada);
        let file =
            server.ask(&get(format!("/sites/1/export/{report}.csv?date=today{filter}")).cookie(&ada)).text();
        assert_eq!(
            file.lines().count() - 1,
            page.matches("rel=\"noreferrer noopener\">").count(),
            "{report} {filter}"
        );
        ["news.example/a", "other.example/b"].map(|link| page.matches(&format!("{link}</a>")).count())
    };
    assert_eq!(told("links-recent", ""), [2, 1]);
    assert_eq!(told("links-recent", "&href.starts=/blog/"), [1, 1]);
    assert_eq!(told("links-unique", ""), [1, 1]);
    assert_eq!(told("links-unique", "&href.not=/cakes/"), [1, 1]);
    assert_eq!(told("links-unique", "&domain.contains=OTHER"), [0, 1]);
}

#[test]
fn nobody_filters_by_what_is_hidden_from_them_whatever_the_operator() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = with_named_visitors(&desk);
    let vic = server.sign_in("vic");
    for filter in
        ["custom.contains=Grace", "custom.lacks=Grace", "city.not=London", "uid.in=1,2", "hostname.starts=a"]
    {
        for screen in ["", "/visitors", "/reports/pages", "/spy", "/spy/stream", "/segments"] {
            assert_eq!(
                status(&server, &vic, &format!("/sites/1{screen}?date=today&{filter}")),
                403,
                "{screen} {filter}"
            );
        }
        let (name, value) = filter.split_once('=').unwrap();
        let (dimension, test) = name.split_once('.').unwrap();
        let typed = format!("/sites/1/visitors?filter={dimension}&operator={test}&value={value}");
        assert_eq!(status(&server, &vic, &typed), 403, "{typed}");
    }
    let offered = server.page("/sites/1", &vic);
    assert!(offered.contains("option value=\"href\"") && !offered.contains("option value=\"custom\""));
}

const OWN: &str = "/sites/1/segments/own";
const SHARED: &str = "/sites/1/segments/shared";

#[test]
fn segments_are_saved_chosen_changed_and_removed_ones_own_and_everybodys() {
    let desk = Desk::with_people(&["uma", "vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = with_readers(&desk);
    let [ada, uma, vic] = ["ada", "uma", "vic"].map(|name| server.sign_in(name));
    let back = "/sites/1/visitors?date=today&href.contains=cakes";
    let save = |cookie: &str, to: &str, name: &str, conditions: &str| {
        send(&server, cookie, to, &[("name", name), ("conditions", conditions), ("back", back)])
    };
    assert_eq!(save(&ada, SHARED, " Cakes ", "href.contains=cakes").header("location"), back);
    assert_eq!(save(&ada, OWN, "Mine", "href=/prices&actions=2-").header("location"), back);
    assert_eq!(save(&vic, OWN, "Vic's", "href.starts=/blog/").status, 303);
    assert_eq!(save(&ada, SHARED, "People", "custom.contains=Grace").status, 303);
    // Everybody's are an Administrator's to make; one's own are nobody else's.
    for cookie in [&uma, &vic] {
        assert_eq!(save(cookie, SHARED, "Not mine to make", "country=DE").status, 403);
    }
    assert_eq!(save(&vic, OWN, "Hidden", "custom.contains=Grace").status, 403);
    let names = |cookie: &str| {
        let page = server.page("/sites/1/segments", cookie);
        ["Cakes", "Mine", "Vic&#39;s", "Vic's", "People"].map(|name| page.contains(&format!(">{name}</a>")))
    };
    assert_eq!(names(&ada)[..2], [true, true]);
    assert!(names(&ada)[4] && names(&uma)[4], "everybody's segment on custom data is for those who see that");
    assert_eq!((names(&uma)[0], names(&uma)[1]), (true, false));
    let of_vic = names(&vic);
    assert!(of_vic[0] && !of_vic[1] && (of_vic[2] || of_vic[3]) && !of_vic[4], "{of_vic:?}");
    // A screen that shows what one says is called so, and leads to the others.
    let chosen = server.page(back, &uma);
    assert!(
        chosen.contains("<span>Cakes</span>") && chosen.contains("aria-current=\"true\">Cakes</a>"),
        "{chosen}"
    );
    let mine = server.page("/sites/1/visitors?date=today", &ada);
    let link = link_before(&mine, ">Mine</a>");
    let link = link.split('"').next().unwrap();
    assert_eq!(link, "/sites/1/visitors?date=today&href=/prices&actions=2-");
    assert_eq!(visits(&server.page(link, &ada)), 1);
    // Changed by whom it belongs to.
    let id = |name: &str| desk.number(&format!("select id from segments where name = '{name}'"));
    let (cakes, own) = (id("Cakes"), id("Mine"));
    assert_eq!(send(&server, &uma, &format!("{SHARED}/{cakes}"), &[("name", "Uma was here")]).status, 403);
    for (cookie, path) in
        [(&uma, format!("{OWN}/{own}")), (&ada, format!("{SHARED}/{own}")), (&ada, format!("{OWN}/{cakes}"))]
    {
        let answer = send(&server, cookie, &path, &[("name", "Strange"), ("back", back)]);
        assert_eq!(answer.header("location"), "/sites/1/segments?done=gone", "{path}");
        let answer = send(&server, cookie, &format!("{path}/remove"), &[]);
        assert_eq!(answer.header("location"), "/sites/1/segments?done=gone", "{path}");
    }
    assert_eq!(send(&server, &ada, &format!("{SHARED}/{cakes}"), &[("name", "Sweets")]).status, 303);
    let replaced = [("name", "Mine"), ("conditions", "href=/prices")];
    assert_eq!(send(&server, &ada, &format!("{OWN}/{own}"), &replaced).status, 303);
    assert_eq!(
        desk.texts("select name || ' ' || conditions from segments order by id limit 2"),
        ["Sweets href.contains=cakes", "Mine href=%2Fprices"]
    );
    send(&server, &ada, &format!("{SHARED}/{cakes}/remove"), &[]);
    assert!(!server.page(back, &uma).contains("Sweets"));
    // The log tells of everybody's alone.
    let log = desk.texts("select act || ' ' || about from audit where act like 'segment%' order by id");
    assert_eq!(
        log,
        [
            "segment-saved Cakes",
            "segment-saved People",
            "segment-changed Sweets, before Cakes",
            "segment-removed Sweets"
        ]
    );
    // One's own go with their person.
    desk.text(&["user", "remove", "vic", "--yes"]);
    assert_eq!(desk.number("select count(*) from segments where user_id is not null"), 1);
}

#[test]
fn a_segment_that_is_refused_is_shown_as_it_was_typed_and_changes_nothing() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let save = |name: &str, conditions: &str| {
        send(&server, &ada, OWN, &[("name", name), ("conditions", conditions)])
    };
    assert_eq!(save("Germany", "country=DE").header("location"), "/sites/1/segments?done=saved");
    let long = "x".repeat(61);
    for (name, conditions, sentence) in [
        ("", "country=AT", "Give the segment a name of 1 to 60 characters."),
        (long.as_str(), "country=AT", "Give the segment a name of 1 to 60 characters."),
        ("Germany", "country=AT", "There is a segment of that name."),
        ("Austria", "", "There is no filter to save."),
        ("Austria", "nonsense=1", "nonsense is no filter."),
        ("Austria", "actions=many", "Write a number such as 4"),
    ] {
        let refused = save(name, conditions);
        assert!(refused.status == 422 && refused.text().contains(sentence), "{name}: {}", refused.text());
        if conditions.starts_with("country") {
            assert!(refused.text().contains(&format!("value=\"{name}\"")), "{name} is not kept");
            assert!(refused.text().contains("Country is Austria"));
        }
    }
    assert_eq!(desk.number("select count(*) from segments"), 1);
    desk.open()
        .execute_batch(
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < 49)
             insert into segments (site_id, user_id, name, conditions, created_at) select 1, 1, 's' || n, 'country=DE', 0 from n",
        )
        .unwrap();
    assert!(
        save("One too many", "country=AT")
            .text()
            .contains("There are 50 segments already. Remove one first.")
    );
    // A form leads nowhere else.
    let away = [("name", "Away"), ("conditions", "country=DE"), ("back", "//evil.example")];
    assert!(send(&server, &ada, SHARED, &away).header("location").starts_with("/sites/1/segments"));
}

#[test]
fn who_sees_browsers_systems_and_languages_learns_no_version_and_no_region_by_a_filter() {
    let desk = Desk::with_people(&["vic"]);
    desk.text(&["share", "add", "--site", "1", "--user", "vic", "--level", "view-only"]);
    let server = desk.serve();
    let mut seen = view("/cakes/");
    seen.push(("lang", "de-at".into()));
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
    let hit = beacon("81.2.69.1", &fields(&seen)).header("User-Agent", agent);
    assert_eq!(server.ask(&hit).status, 204);
    let text = |column: &str| {
        desk.texts(&format!(
            "select text from labels join machines on machines.{column} = labels.id
             join visits on visits.machine = machines.id"
        ))
        .remove(0)
    };
    let (browser, system, language) = (text("browser"), text("system"), text("language"));
    assert!(
        browser.contains(' ') && system.contains(' ') && language == "de-at",
        "{browser} {system} {language}"
    );
    let family = |text: &str| text.rsplit_once(' ').unwrap().0.to_owned();
    let (ada, vic) = (server.sign_in("ada"), server.sign_in("vic"));
    let shown = [
        ("report", "visitors"),
        ("report", "web-browsers"),
        ("report", "operating-systems"),
        ("report", "languages"),
    ];
    let typed = [&shown[..], &[("live-list", "on")]].concat();
    assert_eq!(send(&server, &ada, "/sites/1/preferences/view-only", &typed).status, 303);
    for cookie in [&ada, &vic] {
        let found = |filter: &str, value: &str, operator: &str| {
            let value = value.replace(' ', "+");
            let list =
                server.page(&format!("/sites/1/visitors?date=today&{filter}{operator}={value}"), cookie);
            list.matches("td class=\"when\"").count()
        };
        for (filter, whole, part) in [
            ("browser", &browser, family(&browser)),
            ("os", &system, family(&system)),
            ("language", &language, "de".to_owned()),
        ] {
            assert_eq!(found(filter, &part, ""), 1, "{filter} {part}");
            for operator in ["", ".in", ".contains", ".starts"] {
                assert_eq!(found(filter, whole, operator), 0, "{filter}{operator} {whole}");
            }
            assert_eq!(found(filter, whole, ".not"), 1, "{filter} {whole}");
        }
    }
    // Versions are filtered by themselves, for those who see them.
    let version = format!("/sites/1/visitors?date=today&browser-version={}", browser.replace(' ', "+"));
    assert_eq!(visits(&server.page(&version, &ada)), 1);
    assert_eq!(status(&server, &vic, &version), 403);
}
