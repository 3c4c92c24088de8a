//! The demo keeps out of files that are somebody's.

use super::harness::{Desk, PASSWORD};

const SMALL: [&str; 6] = ["demo", "--visits", "30", "--days", "2", "--no-serve"];

fn with(options: &[&'static str]) -> Vec<&'static str> {
    SMALL.iter().chain(options).copied().collect()
}

#[test]
fn the_demo_is_not_written_into_a_file_that_somebody_uses_unless_told() {
    let desk = Desk::with_site();
    for options in [&[][..], &["--agency"], &["--json"]] {
        let told = desk.complaint(&with(options));
        assert!(told.contains("it has the user ada") && told.contains("--into-existing"), "{told}");
    }
    assert_eq!(desk.texts("select username from users"), ["ada"]);
    assert_eq!(desk.texts("select domain from sites"), ["bakery.example"]);
    assert_eq!(desk.number("select count(*) from visits"), 0);
    desk.text(&with(&["--into-existing"]));
    assert_eq!(desk.texts("select username from users order by id"), ["ada", "demo"]);
    assert_eq!(desk.number("select count(distinct site_id) from visits"), 1);
}

#[test]
fn one_person_without_a_site_is_enough_to_keep_the_demo_out() {
    let desk = Desk::empty();
    desk.json_with(
        PASSWORD,
        &["init", "--username", "ada", "--email", "a@a.example", "--password-stdin", "--site", "", "--json"],
    );
    assert!(desk.complaint(&SMALL).contains("it has the user ada"));
    // Nor does a name help that the demo would use itself.
    let desk = Desk::empty();
    desk.json_with(
        PASSWORD,
        &[
            "init",
            "--username",
            "bakery",
            "--email",
            "me@shop.example",
            "--password-stdin",
            "--site",
            "",
            "--json",
        ],
    );
    assert!(desk.complaint(&SMALL).contains("it has the user bakery"));
}

#[test]
fn a_file_that_nobody_uses_yet_takes_the_demo() {
    let desk = Desk::empty();
    assert!(desk.serve().stop().success());
    assert!(desk.file().exists());
    desk.text(&SMALL);
    assert_eq!(desk.number("select count(*) > 0 from visits"), 1);
}

#[test]
fn the_demo_on_its_own_file_says_how_to_see_it_and_how_to_make_it_anew() {
    let desk = Desk::empty();
    desk.text(&with(&["--agency"]));
    let told = desk.complaint(&SMALL);
    assert!(told.contains("serve") && told.contains("user password demo"), "{told}");
    assert!(told.contains("user remove demo --with-sites"), "{told}");
    // Who is left of an agency is made up as well.
    desk.text(&["user", "remove", "demo", "--with-sites", "--yes"]);
    assert_eq!(desk.number("select count(*) from users where username = 'demo'"), 0);
    assert!(desk.number("select count(*) from users") > 0);
    desk.text(&SMALL);
    // Somebody else's site among theirs is not.
    desk.text(&["user", "remove", "demo", "--with-sites", "--yes"]);
    desk.text(&["user", "plan", "anna", "--sites", "5"]);
    desk.text(&["site", "add", "shop.example", "--owner", "anna"]);
    assert!(desk.complaint(&SMALL).contains("it has the site shop.example"));
}

#[test]
fn somebody_who_is_called_demo_is_not_told_to_remove_their_account() {
    let desk = Desk::empty();
    desk.json_with(
        PASSWORD,
        &[
            "init",
            "--username",
            "demo",
            "--email",
            "me@shop.example",
            "--password-stdin",
            "--site",
            "",
            "--json",
        ],
    );
    let told = desk.complaint(&with(&["--into-existing"]));
    assert!(told.contains("There is a user demo") && !told.contains("remove"), "{told}");
}
