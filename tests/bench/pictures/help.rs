//! The pictures of the help pages: parts of the screens about access, filters and privacy, of a demo that is shared with
//! some people.

use super::{browser, lean, sign_in, write};
use fantoccini::{Client, Locator};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// As wide as a desk's layout needs, so that the parts stay narrow.
const WIDTH: u32 = 840;
/// As high as the longest screen, so that nothing has to be scrolled to.
const HEIGHT: u32 = 4_000;

/// A picture: its name, the screen, what is done there first, and the part that is taken.
struct Part {
    name: &'static str,
    path: &'static str,
    first: &'static str,
    css: &'static str,
}

const PARTS: [Part; 15] = [
    Part { name: "share", path: "/preferences/sharing", first: "", css: "section:has(#user)" },
    Part {
        name: "people",
        path: "/preferences/sharing",
        // Both lists as one part.
        first: "const [people, invited] = ['.people', 'section:has(form[action$=withdraw])'].map((css) => document.querySelector(css)); const list = people.closest('section'); list.id = 'part'; for (const row of [...people.children].slice(4)) row.remove(); invited.style.marginTop = '40px'; list.append(invited);",
        css: "#part",
    },
    Part {
        name: "invitation",
        path: "/preferences/sharing",
        first: "document.getElementById('user').value = 'sam@greenandson.example'; document.getElementById('level-view-only').click(); document.querySelector('button.primary').click();",
        css: "section.notice",
    },
    Part {
        name: "change",
        path: "/preferences/sharing",
        first: "const row = [...document.querySelectorAll('.people li')].find((row) => row.textContent.includes('ben')); row.id = 'part'; row.querySelector('details').open = true;",
        css: "#part",
    },
    Part {
        name: "remove",
        path: "/preferences/sharing",
        first: "const row = [...document.querySelectorAll('.people li')].find((row) => row.textContent.includes('ben')); row.id = 'part'; row.querySelector('details:last-of-type').open = true;",
        css: "#part",
    },
    Part {
        name: "view-only",
        path: "/preferences/view-only",
        first: "document.querySelectorAll('form.wide-form > :nth-child(n+3)').forEach((more) => more.remove());",
        css: "form.wide-form",
    },
    Part {
        name: "link-form",
        path: "/preferences/public-access/1",
        first: "document.querySelectorAll('fieldset ~ *').forEach((more) => more.remove());",
        css: "form.wide-form",
    },
    Part { name: "links", path: "/preferences/public-access", first: "", css: "ul.links" },
    Part {
        name: "only-this",
        path: "/reports/countries?date=previous-7-days",
        first: "for (const row of [...document.querySelectorAll('.items tbody tr')].slice(5)) row.remove(); document.querySelector('.row-menu').open = true;",
        css: ".items",
    },
    Part {
        name: "chips",
        path: "?date=previous-7-days&country=DE&href.contains=cake",
        // The chips, and the numbers that they are about.
        first: "const [chips, numbers] = ['.segment', '#overview'].map((css) => document.querySelector(css)); const part = document.createElement('div'); part.id = 'part'; chips.before(part); part.append(chips, numbers);",
        css: "#part",
    },
    Part {
        name: "save-segment",
        path: "?date=previous-7-days&country=DE&href.contains=cake",
        first: "const menu = document.querySelector('.segment-menu'); menu.open = true; menu.querySelector('input[name=name]').value = 'Cakes, from Germany'; const part = document.querySelector('.segment'); part.style.alignContent = 'start'; part.style.minHeight = menu.querySelector('.menu-list').getBoundingClientRect().bottom - part.getBoundingClientRect().top + 8 + 'px'; while (part.nextElementSibling) part.nextElementSibling.remove();",
        css: ".segment",
    },
    Part {
        name: "which-visits",
        path: "/preferences/public-access/1",
        first: "const row = document.querySelector('.condition-row'); const [what, how] = row.querySelectorAll('select'); what.value = 'country'; row.querySelector('input').value = 'Austria'; row.closest('fieldset').id = 'part';",
        css: "#part",
    },
    Part {
        name: "keep-visits",
        path: "/preferences/privacy",
        first: "document.querySelector('input[name=keep][value=days]').click(); document.getElementById('days').value = '365';",
        css: "form.settings",
    },
    Part {
        name: "visitor-data",
        path: "/visitors/{visitor}",
        first: "document.querySelector('.crumbs').remove();",
        css: "#content",
    },
    Part {
        name: "erase-visitor",
        path: "/visitors/{visitor}/erase",
        first: "document.querySelector('.crumbs').remove(); document.getElementById('word').value = 'erase';",
        css: "#content",
    },
];

/// Asked for by these words, pictures are taken alone.
fn is_wanted(name: &str) -> bool {
    let words: Vec<String> =
        std::env::args().filter(|word| word == KEYS || PARTS.iter().any(|part| part.name == word)).collect();
    words.is_empty() || words.iter().any(|word| word == name)
}

/// The picture of the site's keys.
const KEYS: &str = "keys";

/// Lets the demo be seen by some people and through some links, with a past of their own.
pub fn share_demo(program: impl Fn(&[&str]) -> Command, file: &Path) {
    let run = |arguments: &str, typed: &str| {
        let mut command = program(&arguments.split(' ').collect::<Vec<_>>());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{arguments}");
    };
    let people =
        [("anna", "administrator"), ("ben", "user"), ("chris", "view-only"), ("greenandson", "view-only")];
    for (name, level) in people {
        run(
            &format!("user add {name} --email {name}@clickstead.example --password-stdin"),
            "a password of no use\n",
        );
        run(&format!("share add --site 1 --user {name} --level {level}"), "");
    }
    run(
        &format!("link add --site 1 --name Green-&-Son --password-stdin --expires {}", next_summer()),
        "a password of no use\n",
    );
    run("link add --site 1 --name Shop-floor --reports visitors,pages,countries", "");
    let past = "
        update users set created_at = created_at - 263 * 86400000 where id = (select owner_id from sites where id = 1);
        update shares set
          created_at = created_at - user_id * 19 * 86400000, seen_at = created_at - user_id * user_id * 5000000,
          given_by = (select owner_id from sites where id = 1);
        update links set
          name = replace(name, '-', ' '), created_at = created_at - id * 31 * 86400000, views = 61 / id,
          opened_at = created_at - id * 7000000, created_by = (select owner_id from sites where id = 1);";
    rusqlite::Connection::open(file).unwrap().execute_batch(past).unwrap();
}

fn next_summer() -> String {
    let clock = rusqlite::Connection::open_in_memory().unwrap();
    clock.query_row("select strftime('%Y-06-30', 'now', '+1 year')", [], |row| row.get(0)).unwrap()
}

/// Takes all of them.
pub async fn take(driver: &str, address: SocketAddr, password: &str, file: &Path) {
    let visitor = somebody(file);
    let client = browser(driver, (WIDTH, HEIGHT), 1.5).await;
    sign_in(&client, address, password).await;
    invite(&client, address).await;
    for theme in ["light", "dark"] {
        client.execute(&format!("document.cookie = 'theme={theme};path=/'"), vec![]).await.unwrap();
        for part in PARTS.iter().filter(|part| is_wanted(part.name)) {
            open(&client, address, &part.path.replace("{visitor}", &visitor)).await;
            client.execute(part.first, vec![]).await.unwrap();
            take_part(&client, part.css, &format!("{}-{theme}", part.name)).await;
        }
        if is_wanted(KEYS) {
            keys(&client, address, theme).await;
        }
    }
    client.close().await.unwrap();
}

/// The last visitor who came three times.
fn somebody(file: &Path) -> String {
    let visitor = "select visitor_id from visits where site_id = 1 group by 1 having count(*) = 3 order by max(id) desc limit 1";
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.query_row(visitor, [], |row| row.get::<_, i64>(0)).unwrap().to_string()
}

async fn open(client: &Client, address: SocketAddr, path: &str) {
    client.goto(&format!("http://{address}/sites/1{path}")).await.unwrap();
}

/// Leaves an invitation open.
async fn invite(client: &Client, address: SocketAddr) {
    open(client, address, "/preferences/sharing").await;
    client.find(Locator::Id("user")).await.unwrap().send_keys("sam@greenandson.example").await.unwrap();
    client.find(Locator::Css("form.settings button.primary")).await.unwrap().click().await.unwrap();
    client.wait().for_element(Locator::Css("section.notice")).await.unwrap();
}

/// Keys are not shown, not even those of a demo that is gone.
async fn keys(client: &Client, address: SocketAddr, theme: &str) {
    open(client, address, "/preferences/info").await;
    client.find(Locator::Css("#keys form button")).await.unwrap().click().await.unwrap();
    client.wait().for_element(Locator::Id("site-key")).await.unwrap();
    let hide = "document.querySelectorAll('#keys code').forEach((key) => key.textContent = '•'.repeat(32)); document.querySelector('#keys details').open = true;";
    client.execute(hide, vec![]).await.unwrap();
    take_part(client, "#keys", &format!("keys-{theme}")).await;
}

async fn take_part(client: &Client, css: &str, name: &str) {
    let part = client.wait().for_element(Locator::Css(css)).await.unwrap();
    client
        .execute_async("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))", vec![])
        .await
        .unwrap();
    write("assets/help", name, &lean::picture(&part.screenshot().await.unwrap()));
}
