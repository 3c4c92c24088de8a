//! The last use of a site key: who is shown it, and what becomes of it when keys, sites and files change.

use super::harness::{Desk, Server};
use super::http::{get, post};
use super::restore::{back_up, restore};
use serde_json::{Value, json};

const ADDRESS: &str = "192.0.2.77";
const INFO: &str = "/sites/1/preferences/info";
const SHOWN: &str = "from 192.0.2.77 by <span class=\"cut-any\">books&lt;b&gt;/1.0</span>";
const UNUSED: &str = "not used yet";

/// Writes a use of the key of site 1 into the file.
fn use_key(desk: &Desk, at: i64) {
    desk.open()
        .execute(
            "insert or replace into key_uses (site_id, used_at, address, user_agent) values (1, ?1, ?2, 'books<b>/1.0')",
            (at * 1_000, ADDRESS),
        )
        .unwrap();
}

fn last_use(desk: &Desk) -> Value {
    desk.json(&["site", "list", "--json"])[0]["site_key_last_use"].clone()
}

fn known(at: i64) -> Value {
    json!({"at": at, "address": ADDRESS, "user_agent": "books<b>/1.0"})
}

fn with_levels() -> Desk {
    let desk = Desk::with_people(&["adam", "uma", "vic"]);
    for (name, level) in [("adam", "administrator"), ("uma", "user"), ("vic", "view-only")] {
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    desk
}

fn keys_of(page: &str) -> &str {
    page.split("id=\"keys\"").nth(1).unwrap().split("</section>").next().unwrap()
}

fn shown_keys(server: &Server<'_>, cookie: &str) -> String {
    let page = server.ask(&post(format!("{INFO}/keys"), &[]).cookie(cookie)).text();
    keys_of(&page).to_owned()
}

#[test]
fn the_last_use_stands_beside_the_key_for_the_owner_and_administrators() {
    let desk = with_levels();
    let server = desk.serve();
    let [ada, adam] = ["ada", "adam"].map(|name| server.sign_in(name));
    for cookie in [&ada, &adam] {
        assert!(keys_of(&server.page(INFO, cookie)).contains(UNUSED));
        assert_eq!(server.page("/sites/1/access", cookie).matches(UNUSED).count(), 2, "both keys");
    }
    use_key(&desk, 1_795_000_000);
    for cookie in [&ada, &adam] {
        let page = server.page(INFO, cookie);
        assert!(keys_of(&page).contains(SHOWN) && !keys_of(&page).contains(UNUSED), "{page}");
        assert!(keys_of(&page).contains("2026-11-18T11:06:40Z"), "{page}");
        assert!(shown_keys(&server, cookie).contains(SHOWN));
        let page = server.page("/sites/1/access", cookie);
        assert!(page.contains(SHOWN) && page.matches(UNUSED).count() == 1, "{page}");
    }
    assert!(server.page("/account/access", &ada).contains(SHOWN));
    assert!(!server.page("/account/access", &adam).contains(ADDRESS), "a site of somebody else");
}

#[test]
fn users_and_view_only_people_see_neither_the_keys_nor_their_use() {
    let desk = with_levels();
    use_key(&desk, 1_795_000_000);
    let key = desk.texts("select site_key from sites").remove(0);
    let admin_key = desk.texts("select site_key_admin from sites").remove(0);
    let server = desk.serve();
    for name in ["uma", "vic"] {
        let cookie = server.sign_in(name);
        for path in ["keys", "rotate"] {
            assert_eq!(server.ask(&post(format!("{INFO}/{path}"), &[]).cookie(&cookie)).status, 403);
        }
        for path in ["/", "/sites/1", INFO, "/sites/1/access", "/account/access", "/account/sites"] {
            let page = server.ask(&get(path).cookie(&cookie)).text();
            for secret in [key.as_str(), &admin_key, ADDRESS] {
                assert!(!page.contains(secret), "{name}: {path}");
            }
        }
    }
    assert_eq!(desk.texts("select site_key from sites"), [key]);
}

#[test]
fn new_keys_are_not_used_yet_and_the_audit_log_says_who_made_them() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    use_key(&desk, 1_795_000_000);
    let rotated = server.ask(&post(format!("{INFO}/rotate"), &[]).cookie(&ada)).text();
    assert!(keys_of(&rotated).contains(UNUSED) && !rotated.contains(ADDRESS), "{rotated}");
    assert_eq!(last_use(&desk), Value::Null);
    use_key(&desk, 1_795_000_000);
    desk.text(&["site", "rotate-key", "1"]);
    assert!(keys_of(&server.page(INFO, &ada)).contains(UNUSED));
    assert_eq!(
        desk.texts("select ifnull(actor, '-') from audit where act = 'keys-rotated' order by id"),
        ["ada", "-"]
    );
}

#[test]
fn the_list_of_sites_has_the_last_use() {
    let desk = Desk::with_site();
    assert!(desk.text(&["site", "list"]).contains("not yet"));
    assert_eq!(last_use(&desk), Value::Null);
    use_key(&desk, 1_795_000_000);
    assert!(desk.text(&["site", "list"]).contains("2026-11-18T11:06:40 192.0.2.77 books<b>/1.0"));
    assert_eq!(last_use(&desk), known(1_795_000_000));
}

#[test]
fn an_exported_site_has_no_use_and_its_keys_are_not_used_yet_where_it_is_imported() {
    let desk = Desk::with_site();
    use_key(&desk, 1_795_000_000);
    let file = desk.path().join("site.jsonl").to_str().unwrap().to_owned();
    desk.text(&["export", "--site", "1", "--to", &file]);
    assert!(!std::fs::read_to_string(&file).unwrap().contains(ADDRESS));
    let other = Desk::with_site();
    other.text(&["import", &file, "--as", "new"]);
    assert_eq!(
        other.texts("select site_key from sites where id = 2"),
        desk.texts("select site_key from sites")
    );
    assert_eq!(other.number("select count(*) from key_uses"), 0);
}

#[test]
fn the_use_goes_with_its_site() {
    let desk = Desk::with_site();
    use_key(&desk, 1_795_000_000);
    desk.text(&["site", "remove", "1", "--yes"]);
    assert_eq!(desk.number("select count(*) from key_uses"), 0);
}

#[test]
fn a_restored_backup_has_the_uses_of_the_keys_that_hold_now() {
    let desk = Desk::with_site();
    use_key(&desk, 1_795_000_000);
    let backup = back_up(&desk, "backup.db");
    use_key(&desk, 1_795_000_500);
    restore(&desk, &backup);
    assert_eq!(last_use(&desk), known(1_795_000_500), "the key is the same, and was used since");
    desk.open().execute_batch("update sites set admin_key_used_at = 5").unwrap();
    let backup = back_up(&desk, "second.db");
    desk.text(&["site", "rotate-key", "1"]);
    restore(&desk, &backup);
    assert_eq!(last_use(&desk), Value::Null, "the use of the old key is of no interest");
    assert_eq!(desk.number("select admin_key_used_at is null from sites"), 1);
    desk.text(&["restore", &backup, "--as-it-was", "--yes"]);
    assert_eq!(last_use(&desk), known(1_795_000_500), "with the old key its use comes back");
}

#[test]
fn a_request_with_the_key_is_shown_with_its_address_and_program_and_a_wrong_key_is_not() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ask = |key: &str, program: &str, question: &str| {
        let request = get(format!("/api/stats/4?site_id=1&sitekey={key}&output=json&{question}"));
        let request = request.header("user-agent", program).header("x-forwarded-for", ADDRESS);
        server.ask(&request).text()
    };
    let key = desk.texts("select site_key from sites").remove(0);
    let refusal = "[{\"error\":\"Invalid sitekey.\"}]";
    assert_eq!(ask("0123456789abcdef", "guess/1.0", "type=visitors"), refusal);
    // A question that cannot be answered is a use as well.
    assert!(ask(&key, "books/1.0", "type=nonsense").contains("Unknown type: nonsense."));
    desk.wait_for(
        "exists (select 1 from key_uses where address = '192.0.2.77' and user_agent = 'books/1.0')",
    );
    let ada = server.sign_in("ada");
    let info = server.page(INFO, &ada);
    assert!(keys_of(&info).contains("from 192.0.2.77 by <span class=\"cut-any\">books/1.0</span>"), "{info}");
    server.ask(&post(format!("{INFO}/rotate"), &[]).cookie(&ada));
    assert_eq!(ask(&key, "books/1.0", "type=visitors"), refusal, "the old key");
    let new = desk.texts("select site_key from sites").remove(0);
    assert!(ask(&new, "books/2.0", "type=visitors").contains("\"value\":\"0\""));
    desk.wait_for("exists (select 1 from key_uses where user_agent = 'books/2.0')");
}
