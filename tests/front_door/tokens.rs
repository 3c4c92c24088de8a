//! Personal tokens: made, shown once, listed and removed, and what they open as rights change.

use super::api_client::Program;
use super::harness::{Desk, PASSWORD, Server};
use super::http::{Answer, get, post};
use super::mail::{MailServer, serve, sign_in_as};
use super::restore::{back_up, restore, strings};
use super::sharing::{send, user_id};
use serde_json::{Value, json};

const PATH: &str = "/account/tokens";
const SITES: &str = "/api/v1/sites";

/// Makes a token at the command line.
pub fn token(desk: &Desk, user: &str, more: &[&str]) -> String {
    let made = desk.json(&[&["token", "add", "--user", user, "--json"], more].concat());
    made["token"].as_str().unwrap().to_owned()
}

/// Asks as a program with a token.
pub fn ask(server: &Server<'_>, token: &str, path: &str) -> Answer {
    Program::bearing(token).get(server, path)
}

/// The ids of the sites that a program with a token reads, and whether it writes there.
fn sites(server: &Server<'_>, token: &str) -> Vec<(String, bool)> {
    let answer = ask(server, token, SITES);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json()["sites"].as_array().unwrap().clone();
    let site =
        |site: &Value| (site["site_id"].as_str().unwrap().to_owned(), site["may_write"].as_bool().unwrap());
    list.iter().map(site).collect()
}

fn reads(ids: &[&str]) -> Vec<(String, bool)> {
    ids.iter().map(|id| ((*id).to_owned(), false)).collect()
}

/// Site 1 of ada is shared with adam, uma and vic; site 2 is uma's own.
fn with_levels() -> Desk {
    let desk = Desk::with_people(&["adam", "uma", "vic"]);
    for (name, level) in [("adam", "administrator"), ("uma", "user"), ("vic", "view-only")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    desk.text(&["site", "add", "mill.example", "--owner", "uma", "--time-zone", "UTC"]);
    desk
}

/// What a page shows once: the text of a new token.
fn shown(page: &str) -> Option<String> {
    let text = page.split_once("id=\"token\"")?.1.split_once("<code>")?.1.split_once('<')?.0;
    Some(text.to_owned())
}

#[test]
fn a_token_of_the_command_line_reads_the_sites_of_its_person_and_a_running_server_knows_it_at_once() {
    let desk = with_levels();
    let server = desk.serve();
    let made = desk.json(&["token", "add", "--user", "uma", "--name", "Books", "--site", "2,1", "--json"]);
    assert_eq!((&made["token_id"], &made["site_ids"]), (&json!(1), &json!([1, 2])));
    let text = made["token"].as_str().unwrap();
    assert!(text.starts_with("cst_") && text.len() == 44, "{text}");
    assert_eq!(sites(&server, text), reads(&["2", "1"]), "own sites come first");
    assert_eq!(sites(&server, &token(&desk, "uma", &["--site", "1"])), reads(&["1"]));
    assert_eq!(sites(&server, &token(&desk, "uma", &[])), reads(&["2", "1"]));
    assert_eq!(sites(&server, &token(&desk, "vic", &[])), [], "View Only reads nothing");
    let writing = token(&desk, "uma", &["--write"]);
    assert_eq!(sites(&server, &writing), [("2".to_owned(), true), ("1".to_owned(), false)]);
    assert_eq!(sites(&server, &token(&desk, "adam", &["--write"])), [("1".to_owned(), true)]);
    let said = desk.text(&["token", "add", "--user", "ada", "--expires", "2999-12-31"]);
    assert!(said.contains("cst_") && said.contains("shown only now"), "{said}");

    let listed = desk.json(&["token", "list", "--user", "uma", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 4);
    assert_eq!(listed[0]["name"], "Books");
    assert_eq!((&listed[0]["site_ids"], &listed[2]["site_ids"]), (&json!([1, 2]), &Value::Null));
    assert_eq!((&listed[3]["write"], &listed[3]["open"]), (&json!(true), &json!(true)));
    assert_eq!(desk.json(&["token", "list", "--json"]).as_array().unwrap().len(), 7);
    assert!(desk.text(&["token", "list"]).contains("2999-12-31"));
    assert!(!desk.json(&["token", "list", "--json"]).to_string().contains("cst_"));

    desk.text(&["token", "remove", "--user", "uma", "1"]);
    assert_eq!(ask(&server, text, SITES).status, 401);
    assert!(desk.complaint(&["token", "remove", "--user", "uma", "1"]).contains("There is no such token"));
    assert!(desk.complaint(&["token", "remove", "--user", "ada", "2"]).contains("There is no such token"));
}

#[test]
fn the_command_line_refuses_a_token_that_could_not_do_what_it_says() {
    let desk = with_levels();
    let refused = |more: &[&str]| desk.complaint(&[&["token", "add"], more].concat());
    for (more, sentence) in [
        (&["--user", "nobody"][..], "There is no user nobody"),
        (&["--user", "uma", "--site", "9"], "Site 9 is none of them"),
        (&["--user", "vic", "--site", "1"], "Site 1 is none of them"),
        (&["--user", "adam", "--site", "1,2"], "Site 2 is none of them"),
        (
            &["--user", "uma", "--site", "1", "--write"],
            "writes only where its person is owner or Administrator",
        ),
        (&["--user", "vic", "--write"], "writes only where its person is owner or Administrator"),
        (&["--user", "ada", "--expires", "2020-01-31"], "Choose a day that is not over"),
        (&["--user", "ada", "--expires", "tomorrow"], "Write the last day of the token"),
        (&["--user", "ada", "--name", " "], "Give the token a name of 1 to 60 characters"),
        (&["--user", "ada", "--name", &"x".repeat(61)], "Give the token a name of 1 to 60 characters"),
    ] {
        let said = refused(more);
        assert!(said.contains(sentence), "{more:?}: {said}");
    }
    assert_eq!(desk.number("select count(*) from tokens"), 0);
    assert_eq!(desk.number("select count(*) from audit where act = 'token-made'"), 0);
}

#[test]
fn a_token_is_shown_once_on_the_screen_and_opens_what_was_chosen() {
    let desk = with_levels();
    let server = desk.serve();
    let uma = server.sign_in("uma");
    let page = server.page(PATH, &uma);
    assert!(page.contains("mill.example") && page.contains("bakery.example"), "{page}");
    let answer = send(&server, &uma, PATH, &[("name", "Sheet"), ("sites", "ticked"), ("site", "1")]);
    let page = answer.text();
    let text = shown(&page).unwrap();
    assert_eq!(
        (answer.status, answer.header("location"), answer.header("cache-control")),
        (200, "", "no-store")
    );
    assert!(page.contains("/api/v1/sites</code>") && page.contains("Authorization: Bearer cst_"), "{page}");
    assert_eq!(sites(&server, &text), reads(&["1"]));
    let page = server.page(PATH, &uma);
    assert!(!page.contains("cst_") && page.contains("Sheet") && page.contains("bakery.example"), "{page}");
    let all = send(&server, &uma, PATH, &[("name", "All"), ("sites", "all"), ("may_write", "on")]).text();
    assert_eq!(sites(&server, &shown(&all).unwrap()), [("2".to_owned(), true), ("1".to_owned(), false)]);
    let removed = send(&server, &uma, &format!("{PATH}/remove"), &[("token", "1")]);
    assert_eq!(removed.header("location"), "/account/tokens?done=removed");
    assert_eq!(ask(&server, &text, SITES).status, 401);
    let ada = server.sign_in("ada");
    let gone = send(&server, &ada, &format!("{PATH}/remove"), &[("token", "2")]);
    assert_eq!(gone.header("location"), "/account/tokens?done=gone", "another person's token");
    assert_eq!(desk.number("select count(*) from tokens"), 1);
    let vic = server.sign_in("vic");
    assert!(!server.page(PATH, &vic).contains("<button class=\"primary\""), "there is nothing to read");
}

#[test]
fn a_refused_form_is_shown_again_as_it_was_typed() {
    let desk = with_levels();
    let server = desk.serve();
    let uma = server.sign_in("uma");
    let refused = |fields: &[(&str, &str)], sentence: &str| {
        let answer = send(&server, &uma, PATH, fields);
        let page = answer.text();
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(page.contains(sentence), "{sentence}: {page}");
        page
    };
    let page = refused(
        &[
            ("name", "My <sheet>"),
            ("sites", "ticked"),
            ("site", "1"),
            ("expires", "2020-01-31"),
            ("may_write", "on"),
        ],
        "Choose a day that is not over.",
    );
    assert!(page.contains("A token writes only where its person is owner or Administrator."), "{page}");
    assert!(page.contains("value=\"My &lt;sheet&gt;\"") && page.contains("value=\"2020-01-31\""), "{page}");
    assert!(page.contains("id=\"site-1\" name=\"site\" value=\"1\" checked"), "{page}");
    assert!(!page.contains("id=\"site-2\" name=\"site\" value=\"2\" checked"), "{page}");
    refused(&[("sites", "all")], "Give the token a name");
    refused(&[("name", "x")], "Choose at least one site, or all sites.");
    refused(&[("name", "x"), ("sites", "all"), ("site", "1")], "You ticked sites, but chose all of them.");
    refused(&[("name", "x"), ("sites", "ticked"), ("site", "99")], "Site 99 is none of them");
    assert_eq!(desk.number("select count(*) from tokens"), 0);
    desk.open()
        .execute_batch(
            "insert into tokens (token_hash, user_id, name, may_write, has_all_sites, created_at)
             with recursive number(n) as (select 1 union all select n + 1 from number where n < 50)
             select randomblob(32), users.id, 'Token ' || n, 0, 1, 1 from users, number where username = 'uma'",
        )
        .unwrap();
    refused(&[("name", "x"), ("sites", "all")], "You have 50 tokens, which is the most. Remove one first.");
}

#[test]
fn a_token_ends_with_its_share_its_person_its_day_and_its_site_and_comes_back_with_its_person() {
    let desk = with_levels();
    let server = desk.serve();
    let text = token(&desk, "uma", &["--site", "1"]);
    let read = |token: &str| ask(&server, token, "/api/v1/sites/1").status;
    let site = |token: &str| ask(&server, token, SITES).json()["sites"].as_array().map(Vec::len);
    assert_eq!(site(&text), Some(1));
    desk.text(&["share", "set", "--site", "1", "--user", "uma", "--level", "view-only"]);
    assert_eq!((site(&text), read(&text)), (Some(0), 403), "lowered to View Only");
    desk.text(&["share", "set", "--site", "1", "--user", "uma", "--level", "user"]);
    assert_eq!((site(&text), read(&text)), (Some(1), 200));
    desk.text(&["share", "remove", "--site", "1", "--user", "uma"]);
    assert_eq!((site(&text), read(&text)), (Some(0), 404), "the share ended");
    desk.text(&["share", "add", "--site", "1", "--user", "uma", "--level", "user"]);
    desk.text(&["user", "disable", "uma"]);
    assert_eq!(ask(&server, &text, SITES).status, 401, "disabled");
    assert_eq!(desk.json(&["token", "list", "--user", "uma", "--json"])[0]["open"], false);
    desk.text(&["user", "enable", "uma"]);
    assert_eq!(site(&text), Some(1), "enabled again");
    desk.open().execute_batch("update tokens set expires_at = 1795000000000").unwrap();
    assert_eq!(ask(&server, &text, SITES).status, 401, "expired");
    let uma = server.sign_in("uma");
    assert!(server.page(PATH, &uma).contains("expired after 18 Nov 2026"));
    desk.open().execute_batch("update tokens set expires_at = null").unwrap();

    let owner = token(&desk, "ada", &["--site", "1", "--write"]);
    assert_eq!(sites(&server, &owner), [("1".to_owned(), true)]);
    desk.text(&["site", "transfer", "1", "--to", "adam"]);
    assert_eq!((site(&owner), read(&owner)), (Some(0), 404), "the site is another account's");
    desk.text(&["site", "remove", "1", "--yes"]);
    assert_eq!((site(&text), read(&text)), (Some(0), 404), "the site is deleted");
    desk.text(&["site", "add", "later.example", "--owner", "uma", "--time-zone", "UTC"]);
    assert_eq!(site(&text), Some(0), "a token without its sites does not open others");
    desk.text(&["user", "remove", "uma", "--with-sites", "--yes"]);
    assert_eq!(ask(&server, &text, SITES).status, 401);
    assert_eq!(desk.number("select count(*) from tokens"), 1, "tokens go with their person");
}

#[test]
fn making_and_removing_a_token_is_in_the_log_of_each_site_that_it_reaches() {
    let desk = with_levels();
    let server = desk.serve();
    let uma = server.sign_in("uma");
    send(&server, &uma, PATH, &[("name", "All"), ("sites", "all"), ("may_write", "on")]);
    desk.text(&["token", "add", "--user", "uma", "--name", "One", "--site", "1"]);
    send(&server, &uma, &format!("{PATH}/remove"), &[("token", "2")]);
    desk.text(&["token", "add", "--user", "vic", "--name", "Nothing"]);
    desk.text(&["token", "remove", "--user", "uma", "1"]);
    let acts = desk.texts(
        "select site_id || '|' || act || '|' || about || '|' || ifnull(actor, '-') || '|' || ifnull(address, '-')
         from audit where act like 'token-%' order by id",
    );
    assert_eq!(
        acts,
        [
            "2|token-made|All, reads and writes|uma|127.0.0.1",
            "1|token-made|All, only reads|uma|127.0.0.1",
            "1|token-made|uma: One, only reads|-|-",
            "1|token-removed|One, only reads|uma|127.0.0.1",
            "2|token-removed|uma: All, reads and writes|-|-",
            "1|token-removed|uma: All, only reads|-|-",
        ]
    );
    let ada = server.sign_in("ada");
    assert!(server.page("/sites/1/preferences/audit", &ada).contains("Made a personal token"));
}

#[test]
fn the_person_gets_a_letter_about_a_new_token_without_its_text() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in_as(&server, "ada", PASSWORD).unwrap();
    let page = send(&server, &ada, PATH, &[("name", "Sheet"), ("sites", "ticked"), ("site", "1")]).text();
    let letter = mail.next();
    let said = letter["text"].as_str().unwrap();
    assert_eq!(letter["to"][0], "ada@bakery.example");
    assert!(said.contains("“Sheet”") && said.contains("read bakery.example"), "{said}");
    assert!(said.contains("/account/tokens") && !said.contains(&shown(&page).unwrap()), "{said}");
}

#[test]
fn the_last_use_is_recorded_once_a_minute_with_address_and_program() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let text = token(&desk, "ada", &[]);
    let ada = server.sign_in("ada");
    assert!(server.page(PATH, &ada).contains("Not used yet"));
    let use_it = |program: &str| {
        let request = get(SITES).header("authorization", &format!("Bearer {text}"));
        server.ask(&request.header("user-agent", program).header("x-forwarded-for", "192.0.2.77"))
    };
    assert_eq!(use_it("sheet<b>/1.0").status, 200);
    desk.wait_for(
        "exists (select 1 from tokens where used_from = '192.0.2.77' and used_by = 'sheet<b>/1.0')",
    );
    assert_eq!(use_it("sheet/2.0").status, 200);
    // Another person's use is recorded after it, if it is recorded at all.
    let other = token(&desk, "ada", &[]);
    assert_eq!(ask(&server, &other, SITES).status, 200);
    desk.wait_for("exists (select 1 from tokens where id = 2 and used_at is not null)");
    assert_eq!(desk.texts("select used_by from tokens where id = 1"), ["sheet<b>/1.0"]);
    let shown = "from 192.0.2.77 by <span class=\"cut-any\">sheet&lt;b&gt;/1.0</span>";
    for page in [PATH, "/account/access"] {
        assert!(server.page(page, &ada).contains(shown), "{page}");
    }
    let listed = desk.json(&["token", "list", "--json"]);
    assert_eq!(listed[0]["last_use"]["address"], "192.0.2.77");
    assert!(desk.text(&["token", "list"]).contains("192.0.2.77 sheet<b>/1.0"));
}

#[test]
fn who_can_see_what_lists_the_tokens_that_reach_a_site_for_its_managers_alone() {
    let desk = with_levels();
    let server = desk.serve();
    for (user, name, more) in [
        ("uma", "Umas sheet", &[][..]),
        ("uma", "Mill only", &["--site", "2"]),
        ("vic", "Reads nothing", &[]),
        ("adam", "Writing one", &["--write"]),
        ("ada", "Owners own", &["--site", "1"]),
        ("ada", "Over", &[]),
    ] {
        token(&desk, user, &[&["--name", name], more].concat());
    }
    desk.open()
        .execute_batch(
            "update tokens set expires_at = 1 where name = 'Over';
             update tokens set used_at = 1795000000000, used_from = '192.0.2.77', used_by = 'books/1.0'",
        )
        .unwrap();
    for name in ["ada", "adam"] {
        let page = server.page("/sites/1/access", &server.sign_in(name));
        for shown in ["Umas sheet", "Writing one", "Owners own", "of adam", "reads and writes", "last used"] {
            assert!(page.contains(shown), "{name}: {shown}: {page}");
        }
        for hidden in ["Mill only", "Reads nothing", "Over<", "192.0.2.77", "books/1.0"] {
            assert!(!page.contains(hidden), "{name}: {hidden}");
        }
    }
    let [ada, uma, vic] = ["ada", "uma", "vic"].map(|name| server.sign_in(name));
    let page = server.page("/account/access", &ada);
    assert!(page.contains("Your personal tokens") && page.contains("Umas sheet"), "{page}");
    let page = server.page("/account/access", &uma);
    assert!(
        page.contains("Mill only") && !page.contains("Writing one") && page.contains("books/1.0"),
        "{page}"
    );
    for cookie in [uma, vic] {
        assert_eq!(server.ask(&get("/sites/1/access").cookie(&cookie)).status, 403);
    }
    // Whoever acts for the owner sees what the owner's sites show, and no more of the tokens.
    desk.json_with(PASSWORD, &["user", "add", "pam", "--email", "p@e.example", "--password-stdin", "--json"]);
    desk.text(&["user", "move", "uma", "--to", "pam"]);
    let pam = server.sign_in("pam");
    server.ask(&post(format!("/account/sub-accounts/{}/act", user_id(&desk, "uma")), &[]).cookie(&pam));
    let page = server.page("/account/access", &pam);
    assert!(page.contains("Mill only") && !page.contains("Your personal tokens"), "{page}");
    assert!(!page.contains("192.0.2.77"), "{page}");
    assert_eq!(server.ask(&get(PATH).cookie(&pam)).status, 403);
    assert_eq!(send(&server, &pam, PATH, &[("name", "x"), ("sites", "all")]).status, 403);
}

#[test]
fn a_restored_backup_has_no_removed_token_and_keeps_the_last_use_of_the_others() {
    let desk = with_levels();
    let (kept, removed) =
        (token(&desk, "ada", &["--name", "Kept"]), token(&desk, "uma", &["--name", "Gone"]));
    let backup = back_up(&desk, "backup.db");
    for file in [&backup, &desk.file().to_str().unwrap().to_owned()] {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(4).any(|part| part == b"cst_"), "{file} has the text of a token");
    }
    desk.text(&["token", "remove", "--user", "uma", "2"]);
    desk.open().execute_batch("update tokens set used_at = 5, used_from = 'x', used_by = 'y'").unwrap();
    let later = token(&desk, "ada", &["--name", "Later"]);
    let told = restore(&desk, &backup);
    assert!(strings(&told["otherwise_now"]).contains(&"the token “Gone” of uma is gone"), "{told}");
    assert!(told["taken_back"].to_string().contains("token-removed"), "{told}");
    assert_eq!(desk.texts("select name || used_at || used_from || used_by from tokens"), ["Kept5xy"]);
    let server = desk.serve();
    assert_eq!(ask(&server, &kept, SITES).status, 200);
    for text in [&removed, &later] {
        assert_eq!(ask(&server, text, SITES).status, 401);
    }
    server.stop();
    assert_eq!(desk.json(&["token", "add", "--user", "ada", "--json"])["token_id"], 4, "an id comes back");
    desk.text(&["restore", &backup, "--as-it-was", "--yes"]);
    let server = desk.serve();
    assert_eq!(sites(&server, &removed), reads(&["2", "1"]), "as it was");
}

#[test]
fn an_exported_site_has_no_tokens() {
    let desk = Desk::with_site();
    token(&desk, "ada", &["--name", "Not for export"]);
    let file = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&["export", "--site", "1", "--to", &file]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("cst_") && !text.contains("Not for export") && !text.contains("token_hash"));
}
