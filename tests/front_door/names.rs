//! What an account is called: user names that look like others, and e-mail addresses that nobody has shown to be theirs.

use super::harness::{Desk, GUESS_PAUSE, PASSWORD, Server, try_until_refused};
use super::http::{Answer, get, post};
use super::mail::{MailServer, ask_reset, link, serve, sign_in_as};
use super::sharing::{invitation, send};
use serde_json::Value;
use std::fs;
use std::path::Path;

const ADDRESS: &str = "cfo@client.example";
const SHARING: &str = "/sites/1/preferences/sharing";

fn try_sign_in(server: &Server<'_>, name: &str) -> Answer {
    server.ask(&post("/login", &[("username", name), ("password", PASSWORD)]))
}

/// The user name of whoever comes in by this name.
fn who_comes_in(server: &Server<'_>, name: &str) -> String {
    let cookie = server.sign_in(name);
    let page = server.page("/account/profile", &cookie);
    let field = page.split("name=\"username\"").nth(1).unwrap();
    field.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn change(server: &Server<'_>, cookie: &str, (name, email): (&str, &str)) -> Answer {
    send(server, cookie, "/account/profile", &[("username", name), ("email", email), ("password", PASSWORD)])
}

fn share(server: &Server<'_>, cookie: &str, who: &str) -> Answer {
    send(server, cookie, SHARING, &[("user", who), ("level", "user")])
}

fn add(desk: &Desk, name: &str, email: &str) {
    let made = desk.run_with(PASSWORD, &["user", "add", name, "--email", email, "--password-stdin"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// What somebody's address is worth.
fn state(desk: &Desk, name: &str) -> String {
    let listed = desk.json(&["user", "list", "--json"]);
    let user = listed.as_array().unwrap().iter().find(|user| user["username"] == name).unwrap();
    assert_eq!(user["email_proved"], user["email_state"] == "proved");
    user["email_state"].as_str().unwrap().to_owned()
}

/// Letters that were ever written.
fn written(desk: &Desk) -> i64 {
    desk.number("select coalesce((select seq from sqlite_sequence where name = 'outbox'), 0)")
}

#[test]
fn an_address_that_nobody_proved_opens_nothing_and_whoever_proves_it_takes_it() {
    let desk = Desk::with_people(&["eve", "cfo"]);
    let server = desk.serve();
    let (ada, eve, cfo) = (server.sign_in("ada"), server.sign_in("eve"), server.sign_in("cfo"));
    // Whoever enters an address keeps nobody else from entering it.
    assert_eq!(change(&server, &eve, ("eve", ADDRESS)).status, 303);
    assert_eq!(change(&server, &cfo, ("cfo", "CFO@Client.example")).status, 303);
    let told = |name: &str| {
        let answer = try_sign_in(&server, name);
        (answer.status, answer.text().replace(name, "(the name)"))
    };
    let refused = told(ADDRESS);
    assert_eq!(refused.0, 422);
    assert!(refused.1.contains("An e-mail address works once it is confirmed"), "{}", refused.1);
    assert_eq!(refused, told("nobody@client.example"), "the answer tells that somebody entered the address");
    assert_eq!(who_comes_in(&server, "eve"), "eve");
    let profile = server.page("/account/profile", &eve);
    assert!(profile.contains("Until you confirm it, sign in with your user name <b>eve</b>"), "{profile}");

    // Whoever runs the server says whose it is, where no letter can ask.
    for command in [["user", "disable", ADDRESS], ["user", "plan", ADDRESS], ["user", "reset-link", ADDRESS]]
    {
        let complaint = desk.complaint(&command);
        assert!(complaint.contains("Nobody has shown that cfo@client.example is theirs"), "{complaint}");
    }
    let several = desk.complaint(&["user", "prove-email", ADDRESS]);
    assert!(several.contains("Several accounts have cfo@client.example: cfo, eve."), "{several}");
    let said = desk.text(&["user", "prove-email", "cfo"]);
    assert!(
        said.contains("is the confirmed address of cfo now")
            && said.contains("eve had entered that address too"),
        "{said}"
    );
    assert_eq!(who_comes_in(&server, ADDRESS), "cfo");
    assert_eq!(share(&server, &ada, ADDRESS).status, 303);
    assert_eq!(desk.texts("select username from shares join users on users.id = user_id"), ["cfo"]);
    let profile = server.page("/account/profile", &eve);
    assert!(
        profile.contains("Your address belongs to another account") && !profile.contains("prove-email"),
        "{profile}"
    );
    assert_eq!((state(&desk, "eve"), state(&desk, "cfo")), ("taken".into(), "proved".into()));
    // It stays theirs, whatever others say.
    let complaint = desk.complaint(&["user", "prove-email", "eve"]);
    assert!(complaint.contains("is the confirmed address of cfo; nothing was changed"), "{complaint}");
    assert!(change(&server, &ada, ("ada", ADDRESS)).text().contains("already an account"));
    let complaint = desk.complaint(&["user", "add", "new", "--email", ADDRESS, "--password-stdin"]);
    assert!(complaint.contains("already an account"), "{complaint}");
    assert_eq!(who_comes_in(&server, ADDRESS), "cfo");
    // Only the account itself lets go of it.
    assert_eq!(change(&server, &cfo, ("cfo", "boss@client.example")).status, 303);
    assert_eq!((state(&desk, "eve"), state(&desk, "cfo")), ("unproved".into(), "unproved".into()));
    assert_eq!(try_sign_in(&server, ADDRESS).status, 422);
}

#[test]
fn links_for_a_new_password_go_to_proved_addresses_alone_and_proving_one_ends_the_links_of_others() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_people(&["eve", "cfo"]);
    let server = serve(&desk, &mail.url(""));
    let mut enter = |name: &str| {
        let cookie = sign_in_as(&server, name, PASSWORD).unwrap();
        assert_eq!(change(&server, &cookie, (name, ADDRESS)).status, 303);
        assert_eq!(mail.next()["subject"], "Your e-mail address was changed");
        let letter = mail.next();
        assert_eq!(letter["to"][0], ADDRESS);
        (cookie, link(&letter))
    };
    let ((eve, eves), (_, cfos)) = (enter("eve"), enter("cfo"));
    for name in ["eve", ADDRESS, "ada"] {
        assert_eq!(ask_reset(&server, name).0, 200);
    }
    assert_eq!(
        mail.next()["to"][0],
        "ada@bakery.example",
        "a letter opens an account at an unproved address"
    );
    // Nor does a link that was made before somebody else proved the address hold any longer.
    let made = desk.text(&["user", "reset-link", "eve"]);
    let handed = made.lines().next().unwrap();
    assert_eq!(server.ask(&get(handed)).status, 200);
    let before = written(&desk);
    assert_eq!(server.ask(&post(cfos.as_str(), &[])).status, 200);
    for gone in [eves.as_str(), handed] {
        assert_eq!(server.ask(&get(gone)).status, 404, "{gone}");
    }
    assert_eq!(server.ask(&post(eves.as_str(), &[])).status, 404);
    assert_eq!((state(&desk, "eve"), state(&desk, "cfo")), ("taken".into(), "proved".into()));
    // What concerns eve is no business of whoever reads that mailbox.
    let typed = [("password", PASSWORD), ("new_password", "another good one")];
    assert_eq!(send(&server, &eve, "/account/security/password", &typed).status, 303);
    assert_eq!(written(&desk), before);
    assert_eq!(ask_reset(&server, ADDRESS).0, 200);
    let letter = mail.next();
    assert_eq!(letter["to"][0], ADDRESS);
    assert!(letter["text"].as_str().unwrap().contains("the password of cfo"), "{letter}");
    assert_eq!(written(&desk), before + 1);
}

#[test]
fn the_letter_that_sets_a_sub_accounts_password_proves_its_address_and_the_link_on_the_screen_does_not() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_site();
    let server = serve(&desk, &mail.url(""));
    let ada = sign_in_as(&server, "ada", PASSWORD).unwrap();
    let mut make = |name: &str, email: &str| {
        let made = [("username", name), ("email", email)];
        assert_eq!(send(&server, &ada, "/account/sub-accounts", &made).status, 200);
        let is_asked = |letter: &Value| letter["subject"] == "ada created an account for you";
        link(&std::iter::repeat_with(|| mail.next()).find(is_asked).unwrap())
    };
    let set = |path: &str| server.ask(&post(path, &[("password", PASSWORD)])).status;
    let mailed = make("cleo", "cleo@c.example");
    let page = server.ask(&get(mailed.as_str())).text();
    assert!(page.contains(&format!("action=\"{mailed}\"")), "{page}");
    assert_eq!((set(&mailed), state(&desk, "cleo")), (303, "proved".into()));
    let mailed = make("dora", "dora@c.example");
    let shown = mailed.split('?').next().unwrap();
    assert_eq!((set(shown), state(&desk, "dora")), (303, "unproved".into()));
    // Somebody was in there since: what opens the account goes to that address only once it is proved.
    sign_in_as(&server, "dora", PASSWORD).unwrap();
    let before = written(&desk);
    let page = send(&server, &ada, "/account/sub-accounts/3/reset", &[]).text();
    assert!(page.contains("Their address is not confirmed, so no letter goes there"), "{page}");
    assert_eq!(written(&desk), before);
    let page = send(&server, &ada, "/account/sub-accounts/2/reset", &[]).text();
    assert!(page.contains("on its way to cleo@c.example"), "{page}");
    assert_eq!(written(&desk), before + 1);
}

#[test]
fn an_invitation_is_taken_also_by_an_account_whose_address_somebody_else_has_proved_meanwhile() {
    let mut mail = MailServer::start(&[]);
    let desk = Desk::with_people(&["eve", "zoe"]);
    let server = serve(&desk, &mail.url(""));
    let [ada, eve, zoe] = ["ada", "eve", "zoe"].map(|name| sign_in_as(&server, name, PASSWORD).unwrap());
    let mut invite = |(name, cookie): (&str, &str), email: &str| {
        assert_eq!(change(&server, cookie, (name, email)).status, 303);
        assert_eq!(share(&server, &ada, email).status, 200);
        let letters = [mail.next(), mail.next(), mail.next()];
        assert_eq!(letters[2]["subject"], "ada invites you to see bakery.example");
        link(&letters[2])
    };
    let (eves, zoes) = (invite(("eve", &eve), ADDRESS), invite(("zoe", &zoe), "zoe@client.example"));
    add(&desk, "boss", ADDRESS);
    for (path, cookie) in [(&eves, &eve), (&zoes, &zoe)] {
        let (path, letter) = path.split_once("?letter=").unwrap();
        assert_eq!(send(&server, cookie, path, &[("letter", letter)]).header("location"), "/sites/1");
    }
    assert_eq!(["boss", "eve", "zoe"].map(|name| state(&desk, name)), ["proved", "taken", "proved"]);
}

/// What hangs on accounts: how many rows of each table point to which of them.
fn belongings(desk: &Desk) -> Vec<String> {
    let pointers = desk.texts(
        "select t.name || '.' || f.\"from\"
         from sqlite_schema as t, pragma_foreign_key_list(t.name) as f
         where t.type = 'table' and f.\"table\" = 'users'
         order by 1",
    );
    let rows_of = |pointer: &String| {
        let (table, column) = pointer.split_once('.').unwrap();
        desk.texts(&format!(
            "select '{pointer} ' || {column} || ' ' || count(*) from {table} where {column} is not null group by {column}"
        ))
    };
    let mut rows: Vec<String> = pointers.iter().flat_map(rows_of).map(|row| named_today(&row)).collect();
    rows.sort();
    rows
}

/// A row of a table under the name that the table has since version 11.
fn named_today(row: &str) -> String {
    match row.split_once('.') {
        Some(("resets", rest)) => format!("password_resets.{rest}"),
        Some(("proofs", rest)) => format!("email_confirmations.{rest}"),
        _ => row.to_owned(),
    }
}

/// A file of version 6 with an address that nobody proved, a name that would not be given any more, and rows in every
/// table that points to accounts.
fn file_of_version_6() -> Desk {
    let desk = Desk::empty();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema-6.db"), desk.file()).unwrap();
    desk.open()
        .execute_batch(
            "pragma foreign_keys = on;
             update users set password = (select password from users where username = 'ada');
             update users set email = 'cfo@client.example', email_proved = 0, parent_id = 1 where username = 'uma';
             insert into users (username, email, password, created_at, theme)
               select '\u{430}da', 'Jörg@Bäckerei.example', password, 5, 'dark' from users where username = 'ada';
             insert into users (username, email, password, created_at) values ('gone', 'g@e.example', '', 6);
             delete from users where username = 'gone';
             insert into recovery_codes values (2, x'01'), (2, x'02');
             insert into resets values (x'01', 2, 5);
             insert into proofs values (x'01', 2, 'cfo@client.example', 5);
             insert into sign_ins values (x'01', 2, 5, 5, 'a', 'b', null, 3);
             insert into transfers values (1, 'uma', 2, 5);
             insert into offer_letters values (1, 2, 5);
             insert into plans values (2, 1, 'p', 1, 'EUR', null, 'c', '');
             insert into statements values (2, 1, 'p', 1, 'EUR', null, 'c', 5);
             insert into statement_lines values (2, 1, 1, 'bakery.example', 5);
             insert into segments (site_id, user_id, name, conditions, created_at) values (1, 2, 's', 'country=DE', 5);
             insert or ignore into shares (site_id, user_id, level, created_at, given_by) values (1, 2, 'user', 5, 3);
             insert into invitations values (x'01', 1, 'x@y.example', 'user', 2, 5);",
        )
        .unwrap();
    desk
}

#[test]
fn an_upgrade_keeps_all_that_belongs_to_accounts_and_names_that_would_not_be_given_any_more() {
    let desk = file_of_version_6();
    let (before, last) =
        (belongings(&desk), desk.number("select seq from sqlite_sequence where name = 'users'"));
    let rows =
        "select concat_ws('|', id, username, email, created_at, theme, parent_id, email_proved) from users";
    let accounts = desk.texts(rows);
    for pointer in
        ["shares.user_id 2", "sign_ins.acting_for 3", "statement_lines.user_id 2", "users.parent_id 1"]
    {
        assert!(before.iter().any(|row| row.starts_with(pointer)), "{pointer}: {before:?}");
    }
    assert!(desk.text(&["check"]).contains("is whole"));
    assert_eq!(belongings(&desk), before);
    assert_eq!(desk.texts(rows), accounts);
    assert_eq!(desk.number("select count(*) from pragma_foreign_key_check"), 0);
    add(&desk, "new", "new@e.example");
    assert!(desk.number("select id from users where username = 'new'") > last, "an id was given twice");

    let server = desk.serve();
    let like = "\u{430}da";
    assert_eq!(who_comes_in(&server, like), like);
    assert_eq!(who_comes_in(&server, "jörg@xn--bckerei-5wa.example"), like);
    let cookie = server.sign_in(like);
    assert_eq!(change(&server, &cookie, (like, "other@e.example")).status, 303);
    let refused = change(&server, &cookie, ("\u{430}dm", "other@e.example"));
    assert!(refused.status == 422 && refused.text().contains("in one alphabet"), "{}", refused.text());
}

#[test]
fn an_address_unproved_at_the_upgrade_signs_in_until_somebody_proves_it() {
    let desk = file_of_version_6();
    let server = desk.serve();
    assert_eq!(who_comes_in(&server, ADDRESS), "uma");
    let (ada, uma) = (server.sign_in("ada"), server.sign_in("uma"));
    let profile = server.page("/account/profile", &uma);
    assert!(
        profile.contains("You can sign in with it as before, but only until somebody else confirms"),
        "{profile}"
    );
    // To sign in with, and for nothing else.
    assert!(share(&server, &ada, ADDRESS).text().contains("/invite/"));
    assert_eq!(state(&desk, "uma"), "grandfathered");
    // Another spelling changes nothing; whoever proves it takes it.
    assert_eq!(change(&server, &uma, ("uma", "CFO@client.example")).status, 303);
    assert_eq!(who_comes_in(&server, ADDRESS), "uma");
    add(&desk, "boss", ADDRESS);
    assert_eq!(who_comes_in(&server, ADDRESS), "boss");
    assert_eq!(state(&desk, "uma"), "taken");
    assert!(server.page("/account/profile", &uma).contains("Your address belongs to another account"));
    assert_eq!(who_comes_in(&server, "uma"), "uma");
    // It does not come back when the other account is gone.
    let (removed, seen) = desk.at_terminal("yes", &["user", "remove", "boss"]);
    assert!(removed, "{seen}");
    assert_eq!(try_sign_in(&server, ADDRESS).status, 422);
}

#[test]
fn an_address_from_before_the_upgrade_that_is_changed_is_a_new_one() {
    let desk = file_of_version_6();
    let server = desk.serve();
    let uma = server.sign_in(ADDRESS);
    assert_eq!(change(&server, &uma, ("uma", "uma@new.example")).status, 303);
    assert_eq!(change(&server, &uma, ("uma", ADDRESS)).status, 303);
    assert_eq!(state(&desk, "uma"), "unproved");
    assert_eq!(try_sign_in(&server, ADDRESS).status, 422);
}

/// The sentence beside a user name that was not taken.
fn problem(page: &str) -> String {
    let sentence =
        page.split("id=\"username-problem\"").nth(1).unwrap_or_else(|| panic!("no problem in {page}"));
    sentence.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[test]
fn a_new_name_is_of_one_alphabet_and_looks_like_no_other_at_every_door() {
    let desk = Desk::with_people(&["copa", "eve"]);
    let server = desk.serve();
    let (ada, eve) = (server.sign_in("ada"), server.sign_in("eve"));
    let join = format!("{}/account", invitation(&share(&server, &ada, "client@c.example").text()));
    let taken = "That user name is taken, or looks like one that is. Choose another one.";
    let mixed = "Choose a user name in one alphabet: this one mixes letters of several.";
    let wrong = "Choose a user name of 2 to 40 letters, digits, dots, dashes or underscores.";
    let cases = [
        ("copa", taken),
        ("COPA", taken),
        ("ｃｏｐａ", taken),
        ("c0pa", taken),
        // Cyrillic: all of it, its capitals, and one letter of it.
        ("сора", taken),
        ("СОРА", taken),
        ("c\u{43e}pa", mixed),
        ("copa\u{200b}", wrong),
        ("copa@e.example", wrong),
    ];
    for (number, (name, sentence)) in cases.into_iter().enumerate() {
        let typed = [("username", name), ("email", "new@e.example"), ("password", PASSWORD)];
        let ask = |path: &str| post(path, &typed).header("X-Forwarded-For", &format!("81.2.{number}.1"));
        let profile = server.ask(&ask("/account/profile").cookie(&eve));
        let child = server.ask(&ask("/account/sub-accounts").cookie(&ada));
        let joined = server.ask(&ask(&join));
        for answer in [profile, child, joined] {
            assert_eq!((answer.status, problem(&answer.text())), (422, sentence.to_owned()), "{name}");
        }
        let complaint =
            desk.complaint(&["user", "add", name, "--email", "new@e.example", "--password-stdin"]);
        assert!(complaint.contains(sentence), "{name}: {complaint}");
    }
    assert_eq!(desk.texts("select username from users order by id"), ["ada", "copa", "eve"]);
    // Other alphabets are as good as any, and a name is the same however a keyboard makes it.
    for (number, name) in ["Ада", "山田太郎", "jo\u{308}rg"].into_iter().enumerate() {
        add(&desk, name, &format!("new{number}@e.example"));
    }
    for (typed, name) in
        [("山田太郎", "山田太郎"), ("jörg", "jörg"), (" jo\u{308}rg ", "jörg"), ("ｅｖｅ", "eve")]
    {
        assert_eq!(who_comes_in(&server, typed), name);
    }
}

#[test]
fn the_first_user_too_has_a_name_of_one_alphabet_and_a_proved_address() {
    let desk = Desk::empty();
    let name = "\u{430}da";
    let complaint =
        desk.complaint(&["init", "--username", name, "--email", "a@a.example", "--password-stdin"]);
    assert!(complaint.contains("in one alphabet"), "{complaint}");
    let server = desk.serve();
    let link = server.setup.clone().unwrap();
    let typed = [
        ("token", link.rsplit('=').next().unwrap()),
        ("username", name),
        ("email", "ａ@Ａ.example"),
        ("password", PASSWORD),
        ("domain", "a.example"),
        ("time_zone", "UTC"),
    ];
    let refused = server.ask(&post("/setup", &typed));
    assert!(refused.status == 422 && refused.text().contains("in one alphabet"), "{}", refused.text());
    let typed = typed.map(|(field, value)| (field, if value == name { "ada" } else { value }));
    assert_eq!(server.ask(&post("/setup", &typed)).status, 303);
    assert_eq!(desk.texts("select email from users"), ["a@a.example"]);
    assert_eq!(state(&desk, "ada"), "proved");
}

#[test]
fn one_mailbox_is_one_address_however_it_is_spelled() {
    let desk = Desk::with_people(&["eve"]);
    add(&desk, "joerg", " jörg@Bäckerei.example ");
    assert_eq!(desk.texts("select email from users where id = 3"), ["jörg@xn--bckerei-5wa.example"]);
    let server = desk.serve();
    let (ada, eve) = (server.sign_in("ada"), server.sign_in("eve"));
    for spelling in [
        "jörg@bäckerei.example",
        "JÖRG@XN--BCKEREI-5WA.example",
        "ｊörg＠bäckerei。example",
        " jo\u{308}rg@bäckerei.example. ",
    ] {
        assert_eq!(who_comes_in(&server, spelling), "joerg", "{spelling}");
        let refused = change(&server, &eve, ("eve", spelling));
        assert!(refused.text().contains("already an account"), "{spelling}: {}", refused.text());
    }
    assert_eq!(share(&server, &ada, "jörg@BÄCKEREI.example").status, 303);
    // Letters that nobody sees make no second address.
    let refused = change(&server, &eve, ("eve", "j\u{200b}örg@bäckerei.example"));
    assert!(refused.status == 422 && refused.text().contains("Enter an e-mail address such as"));
}

#[test]
fn other_spellings_of_a_name_give_no_further_tries() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let spellings = ["ada", "ａda", "aｄa", "adａ", "ａｄa", "ＡＤＡ", "Ada ", "aＤa"];
    let refused = try_until_refused(10, GUESS_PAUSE, |number| {
        let name = spellings[number as usize % spellings.len()];
        server.ask(&post("/login", &[("username", name), ("password", "not this one")]))
    });
    assert_eq!(refused.status, 429);
}
