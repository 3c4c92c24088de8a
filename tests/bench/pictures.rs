//! Takes the pictures of the README from today's program: a site with a morning's visitors, every screen light and dark.
//!
//! `cargo bench --bench pictures` writes them to `tests/pictures/`. It is no benchmark; it is here because cargo hands
//! the program's path to benches and tests only.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a script for developers fails by panicking"
)]

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PASSWORD: &str = "correct horse battery";
/// Milliseconds in the upper bits of a visit's id.
const MILLISECOND: i64 = 1 << 20;

/// Ends a process with this value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().ok();
    }
}

/// The part of the first line that `find` takes from a process's output.
fn told(process: &mut Process, find: impl Fn(&str) -> Option<String>) -> String {
    BufReader::new(process.0.stdout.take().unwrap()).lines().find_map(|line| find(&line.unwrap())).unwrap()
}

fn hit(address: SocketAddr, from: &str, agent: &str, fields: &[(&str, &str)]) {
    let mut body = form_urlencoded::Serializer::new("site_id=1&mime=json".to_owned());
    let body = body.extend_pairs(fields).finish();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /in.php HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: {agent}\r\nX-Forwarded-For: {from}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
];
const PEOPLE: [(&str, &str, &str); 12] = [
    ("91.12.4.7", "https://www.google.de/search?q=rye+bread", ""),
    ("80.187.3.4", "https://www.google.de/", "Marta"),
    ("2.16.5.9", "https://foodblog.example/ten-best-bakeries", ""),
    ("193.0.6.139", "", ""),
    ("8.8.8.8", "https://chatgpt.com/", ""),
    ("133.242.0.1", "https://www.bing.com/", "Li Wei"),
    ("185.5.6.7", "https://www.facebook.com/", ""),
    ("5.9.1.2", "", ""),
    ("200.147.3.4", "https://www.instagram.com/", ""),
    ("62.40.3.4", "https://duckduckgo.com/", "Jonas"),
    ("77.111.246.10", "https://mail.google.com/", ""),
    ("212.58.244.20", "https://news.example/local", ""),
];
const PAGES: [(&str, &str); 6] = [
    ("/", "Corner Bakery – fresh bread since 1921"),
    ("/bread", "Our breads"),
    ("/bread/rye", "Rye bread, 1 kg"),
    ("/cakes", "Cakes and tarts"),
    ("/shop/checkout", "Checkout"),
    ("/contact", "Find us"),
];

/// A morning: everybody looks at a few pages, and then each visit is moved back to its own minute.
fn live_a_morning(address: SocketAddr, file: &Path) {
    for (number, (from, referrer, name)) in PEOPLE.iter().enumerate() {
        for step in 0..=number % 4 + 1 {
            let (path, title) = PAGES[(number + step * (1 + number % 2)) % PAGES.len()];
            let campaign =
                if number == 4 && step == 0 { "?utm_campaign=Christmas&utm_source=newsletter" } else { "" };
            let href = format!("https://bakery.example{path}{campaign}");
            let mut fields = vec![
                ("type", "pageview"),
                ("href", href.as_str()),
                ("title", title),
                ("lang", "de-DE"),
                ("res", "1920x1080"),
            ];
            if step == 0 {
                fields.push(("ref", referrer));
            }
            if !name.is_empty() {
                fields.push(("custom[username]", name));
            }
            hit(address, from, AGENTS[number % AGENTS.len()], &fields);
        }
        if number % 3 == 0 {
            let file = [
                ("type", "download"),
                ("href", "https://bakery.example/price-list.pdf"),
                ("title", "Price list"),
            ];
            hit(address, from, AGENTS[number % AGENTS.len()], &file);
        }
    }
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut question = connection.prepare("select id from visits order by id").unwrap();
    let ids: Vec<i64> = question.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for (number, id) in ids.iter().enumerate() {
        let minutes = [0, 1, 2, 3, 4, 7, 9, 14, 19, 26, 41, 58][(ids.len() - 1 - number).min(11)];
        let earlier =
            id - minutes * 60_000 * MILLISECOND - i64::try_from(number).unwrap() * 3_100 * MILLISECOND;
        for (table, key) in [("visits", "id"), ("actions", "visit_id"), ("custom", "visit_id")] {
            connection
                .execute(&format!("update {table} set {key} = ?1 where {key} = ?2"), [earlier, *id])
                .unwrap();
        }
    }
    connection
        .execute_batch(
            "update actions set at = (number - 1) * (17 + visit_id / 1048576 % 40) * 1000;
             update visits set stay = 21000 + (select max(at) from actions where visit_id = visits.id)",
        )
        .unwrap();
}

async fn browser(driver: &str, width: u32, height: u32) -> Client {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-component-update",
        "--lang=en-GB",
    ];
    let mut options = json!({ "args": arguments });
    options["mobileEmulation"] = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.5, "mobile": width < 500, "touch": false}});
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".into(), options);
    ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(driver).await.unwrap()
}

async fn take(client: &Client, address: SocketAddr, (path, name): (&str, &str), theme: &str) {
    client.execute(&format!("document.cookie = 'theme={theme};path=/'"), vec![]).await.unwrap();
    client.goto(&format!("http://{address}{path}")).await.unwrap();
    let ready = "const done = arguments[0]; const look = () => { const state = document.getElementById('live-state'); if ([...document.images].every(i => i.complete) && (!state || state.textContent.includes('Live'))) requestAnimationFrame(() => requestAnimationFrame(() => done())); else requestAnimationFrame(look); }; look();";
    client.execute_async(ready, vec![]).await.unwrap();
    let picture = client.screenshot().await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}-{theme}.png")), picture).unwrap();
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clickstead.db");
    let mut init = Command::new(env!("CARGO_BIN_EXE_clickstead"))
        .args([
            "init",
            "--username",
            "ada",
            "--email",
            "ada@bakery.example",
            "--password-stdin",
            "--site",
            "bakery.example",
        ])
        .args(["--time-zone", "Europe/Berlin"])
        .env("CLICKSTEAD_DATA", &file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(init.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(init.wait().unwrap().success());
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("update sites set name = 'Corner Bakery'")
        .unwrap();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_clickstead"));
    serve
        .args(["serve", "--listen", "127.0.0.1:0", "--trust-proxy", "127.0.0.1/32"])
        .env("CLICKSTEAD_DATA", &file)
        .env("CLICKSTEAD_LOG", "warn");
    let mut server = Process(serve.stdout(Stdio::piped()).spawn().unwrap());
    let address = told(&mut server, |line| line.split_once("http://").map(|(_, address)| address.to_owned()))
        .parse()
        .unwrap();
    live_a_morning(address, &file);
    let mut driver =
        Process(Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap());
    let port = told(&mut driver, |line| {
        line.split_once("started successfully on port ")
            .map(|(_, port)| port.trim_end_matches('.').to_owned())
    });
    let visit: i64 = rusqlite::Connection::open(&file)
        .unwrap()
        .query_row("select id from visits order by actions desc, id desc limit 1", [], |row| row.get(0))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for (width, height, suffix) in [(1_180, 680, ""), (390, 800, "-phone")] {
            let client = browser(&format!("http://127.0.0.1:{port}"), width, height).await;
            client.goto(&format!("http://{address}/login")).await.unwrap();
            client.find(Locator::Id("username")).await.unwrap().send_keys("ada").await.unwrap();
            client.find(Locator::Id("password")).await.unwrap().send_keys(PASSWORD).await.unwrap();
            client.find(Locator::Css("button.primary")).await.unwrap().click().await.unwrap();
            client.wait().for_element(Locator::Css("table.list")).await.unwrap();
            for theme in ["light", "dark"] {
                for (path, name) in [
                    ("/sites/1/visitors".to_owned(), "visitors"),
                    (format!("/sites/1/visits/{visit}"), "visit"),
                    ("/sites/1/spy".to_owned(), "spy"),
                ] {
                    take(&client, address, (&path, &format!("{name}{suffix}")), theme).await;
                }
            }
            client.close().await.unwrap();
        }
    });
}
