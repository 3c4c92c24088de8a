//! What somebody types counts, or is refused in words: addresses as people write them, and nothing that a form drops.

use super::guest_links::link;
use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::get;
use super::sharing::send;

const LINKS: &str = "/sites/1/preferences/public-access";
const TRACKING: &str = "/sites/1/preferences/tracking";

fn see(server: &Server<'_>, address: &str) {
    let mut hit = view("/");
    hit.retain(|(name, _)| *name != "href");
    hit.push(("href", address.to_owned()));
    server.hit("81.2.69.1", &fields(&hit));
}

#[test]
fn pages_are_left_out_as_people_write_their_addresses() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let pages =
        "/brötchen\n/our shop/*\nhttps://www.Bäckerei.example/intern#top\n/suche?q=süß\n*/privat/größe";
    let typed = [("identity", "none"), ("pages", pages), ("hits_per_minute", "3000")];
    assert_eq!(send(&server, &ada, TRACKING, &typed).header("location"), format!("{TRACKING}?done=saved"));
    let form = server.page(TRACKING, &ada);
    assert!(form.contains("/brötchen\n") && form.contains("*/privat/größe"), "{form}");
    for left_out in [
        "https://bakery.example/br%C3%B6tchen",
        "https://bakery.example/br%c3%b6tchen",
        "https://bakery.example/brötchen?x=1",
        "/brötchen",
        "https://bakery.example/our%20shop/rye",
        "https://bäckerei.example/intern",
        "https://www.xn--bckerei-5wa.example/intern",
        "https://bakery.example/suche?q=s%C3%BC%C3%9F",
        "https://bakery.example/a/privat/gr%C3%B6%C3%9Fe",
    ] {
        see(&server, left_out);
        assert_eq!(desk.number("select count(*) from visits"), 0, "{left_out}");
    }
    see(&server, "https://bakery.example/brötchen/rye");
    assert_eq!(desk.number("select count(*) from visits"), 1);
    // Saved again as the form shows it, nothing changes.
    let shown = form.split("name=\"pages\"").nth(1).unwrap().split_once('>').unwrap().1;
    let shown = shown.split("</textarea>").next().unwrap().trim().replace("&amp;", "&");
    let before = desk.texts("select value from exclusions order by value");
    send(&server, &ada, TRACKING, &[("identity", "none"), ("pages", &shown), ("hits_per_minute", "3000")]);
    assert_eq!(desk.texts("select value from exclusions order by value"), before);
}

#[test]
fn filters_and_conditions_of_links_find_addresses_as_people_write_them() {
    let desk = Desk::with_site();
    desk.text(&["site", "hosts", "1", "--add", "Bäckerei.example"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    see(&server, "https://xn--bckerei-5wa.example/our%20shop/br%C3%B6tchen");
    let came = [view("/other"), vec![("ref", "https://xn--mhle-0ra.example/a".to_owned())]].concat();
    assert_eq!(server.hit("81.2.70.1", &fields(&came)).status, 204);
    let count = |page: &str| page.matches("class=\"row-link\"").count();
    for filter in [
        "href=https://Bäckerei.example/our shop/brötchen",
        "href=bäckerei.example/our shop/brötchen",
        "href=https://bäckerei.example/our shop/brötchen?utm_source=x",
        "href.starts=https://BÄCKEREI.example/our",
        "href.starts=/our shop/",
        "href.contains=our shop/br",
        "landing.contains=brötchen",
        "host=Bäckerei.example",
        "domain=Mühle.example",
        "domain=https://www.mühle.example",
        "link=https://Mühle.example/a",
    ] {
        let (name, value) = filter.split_once('=').unwrap();
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        let page = server.page(&format!("/sites/1/visitors?date=today&{query}"), &ada);
        assert_eq!(count(&page), 1, "{filter}");
        let (_, path) = link(&desk, &["--segment", &query, "--visitor-data"]);
        assert_eq!(count(&server.ask(&get(format!("{path}/visitors?date=today"))).text()), 1, "{filter}");
    }
}

#[test]
fn a_domain_and_embedding_websites_are_understood_as_people_write_them() {
    let desk = Desk::with_site();
    desk.text(&["site", "add", "https://www.Bäckerei.example/shop", "--owner", "ada"]);
    assert_eq!(desk.texts("select domain from sites where id = 2"), ["xn--bckerei-5wa.example"]);
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let typed = [("name", "Frame"), ("report", "pages"), ("embed_origins", "Mühle.example")];
    assert_eq!(send(&server, &ada, &format!("{LINKS}/new"), &typed).status, 303);
    assert_eq!(desk.texts("select embed_origins from links"), ["https://xn--mhle-0ra.example"]);
    let typed = [("identity", "none"), ("referrers", "Mühle.example"), ("hits_per_minute", "3000")];
    send(&server, &ada, TRACKING, &typed);
    let came = [view("/other"), vec![("ref", "https://www.xn--mhle-0ra.example/a".to_owned())]].concat();
    server.hit("81.2.70.1", &fields(&came));
    assert_eq!(desk.number("select count(*) from visits"), 0);
}

#[test]
fn a_typed_password_always_counts_and_the_confirmation_says_who_sees_the_link() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let save = |name: &str, more: &[(&str, &str)]| {
        let base = [("name", "Client"), ("report", "pages")];
        let done = send(&server, &ada, &format!("{LINKS}/{name}"), &[&base[..], more].concat());
        assert_eq!(done.status, 303, "{}", done.text());
        server.page(done.header("location"), &ada)
    };
    let has_password = || desk.number("select password is not null from links where id = 1") == 1;
    // No box has to be ticked.
    let made = save("new", &[("password", PASSWORD)]);
    assert!(made.contains("Anyone with this link and the password sees what you chose."), "{made}");
    assert!(has_password() && made.contains("anyone with this link and the password ·"));
    let kept = save("1", &[("password", "")]);
    assert!(has_password() && kept.contains("anyone with this link and the password ·"));
    let path = format!("/s/{}", desk.texts("select token from links")[0]);
    assert_eq!(server.ask(&get(path.as_str())).status, 303);
    let form = server.page(&format!("{LINKS}/1"), &ada);
    assert!(form.contains("Remove the password") && !form.contains("has_password"));
    let changed = save("1", &[("password", "another password"), ("remove_password", "on")]);
    assert!(has_password() && changed.contains("Anyone with this link and the new password"));
    let removed = save("1", &[("password", ""), ("remove_password", "on")]);
    assert!(!has_password() && removed.contains("Saved without a password. Anyone with this link sees"));
    assert_eq!(server.ask(&get(path.as_str())).status, 200);
    let open = save("new", &[("password", "")]);
    assert!(open.contains("The link is made. Anyone with this link sees what you chose."));
    assert!(!server.page(&format!("{LINKS}/new"), &ada).contains("remove_password"));
}

#[test]
fn a_password_that_a_refused_form_does_not_show_again_is_not_forgotten() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let new = format!("{LINKS}/new");
    let refused = send(&server, &ada, &new, &[("name", ""), ("report", "pages"), ("password", PASSWORD)]);
    let page = refused.text();
    assert!(refused.status == 422 && page.contains("Type the password once more"), "{page}");
    assert!(page.contains("name=\"wants_password\" value=\"on\"") && !page.contains(PASSWORD));
    // The name is mended, and the password not typed again: no link without one is made.
    let again = [("name", "Client"), ("report", "pages"), ("password", ""), ("wants_password", "on")];
    let refused = send(&server, &ada, &new, &again);
    assert!(refused.status == 422 && refused.text().contains("Type it once more, or tick “No password”."));
    assert_eq!(desk.number("select count(*) from links"), 0);
    let without = [&again[..], &[("remove_password", "on")]].concat();
    assert_eq!(send(&server, &ada, &new, &without).status, 303);
    assert_eq!(desk.number("select count(*) from links where password is null"), 1);
}

#[test]
fn what_a_form_of_a_link_names_and_does_not_know_is_refused_and_all_rows_count() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let save = |more: &[(&str, &str)]| {
        let base = [("name", "Client"), ("report", "pages")];
        send(&server, &ada, &format!("{LINKS}/new"), &[&base[..], more].concat())
    };
    // Without its filters the link would show all visits.
    let gone = save(&[("segment", "99")]);
    assert!(gone.status == 422 && gone.text().contains("not there any more. Choose another one, or none."));
    let nonsense = save(&[("report", "nonsense")]);
    assert!(nonsense.status == 422 && nonsense.text().contains("There is no report nonsense."));
    assert_eq!(desk.number("select count(*) from links"), 0);
    let seventh = [("filter-6", "country"), ("test-6", "is"), ("value-6", "DE")];
    assert_eq!(save(&seventh).status, 303);
    assert_eq!(desk.texts("select segment from links"), ["country=DE"]);
    let view_only = "/sites/1/preferences/view-only";
    let refused = send(&server, &ada, view_only, &[("report", "pages"), ("report", "nonsense")]);
    assert!(refused.status == 422 && refused.text().contains("There is no report nonsense."));
}

#[test]
fn a_value_that_stands_beside_another_choice_or_is_unknown_is_not_passed_over() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let privacy = "/sites/1/preferences/privacy";
    let refused = send(&server, &ada, privacy, &[("keep", "for-good"), ("days", "90")]);
    assert!(refused.status == 422 && refused.text().contains("You entered a number of days"));
    assert_eq!(send(&server, &ada, privacy, &[("keep", "days"), ("days", "90")]).status, 303);
    // The days that the form itself had filled in are none that somebody typed.
    assert_eq!(send(&server, &ada, privacy, &[("keep", "for-good"), ("days", "90")]).status, 303);
    let tracking = [("identity", "cookies"), ("hits_per_minute", "3000")];
    assert_eq!(send(&server, &ada, TRACKING, &tracking).status, 422);
    let preferences = "/account/preferences";
    for wrong in [("theme", "purple"), ("start", "/sites/99")] {
        assert_eq!(send(&server, &ada, preferences, &[wrong]).status, 422, "{wrong:?}");
    }
    let chosen = [("theme", "dark"), ("start", "/sites/1/spy"), ("order", "pages"), ("panel", "pages")];
    assert_eq!(send(&server, &ada, preferences, &chosen).status, 303);
    assert!(!server.page("/sites/1", &ada).contains("maxlength"), "browsers cut what is pasted there");
}
