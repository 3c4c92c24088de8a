//! Takes pictures of today's program: the demo's bakery, light and dark. Those of every main screen are for the README;
//! those of parts of screens are for the help pages.
//!
//! `cargo bench --bench pictures` writes them to `tests/pictures/` and `assets/help/`; `-- readme` and `-- help` take the
//! ones or the others, `-- help chips` one of the help by its name. It is no benchmark; it is here because cargo hands the program's path to benches and tests only.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a script for developers fails by panicking"
)]

#[path = "pictures/help.rs"]
mod help;
#[path = "pictures/lean.rs"]
mod lean;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What can be asked for alone.
const KINDS: [&str; 2] = ["readme", "help"];
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

/// Moves the last visits of the demo to the last half hour, so that Spy has something to show at any time of day.
fn bring_to_now(file: &Path) {
    let mut connection = rusqlite::Connection::open(file).unwrap();
    let mut question = connection.prepare("select id from visits order by id desc limit 24").unwrap();
    let ids: Vec<i64> = question.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(question);
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let moving = connection.transaction().unwrap();
    for (minutes, id) in (1..).zip(ids) {
        let moved = (now - minutes * 70_000) * MILLISECOND;
        for (table, key) in [
            ("visits", "id"),
            ("actions", "visit_id"),
            ("media", "visit_id"),
            ("custom", "visit_id"),
            ("conversions", "visit_id"),
        ] {
            moving.execute(&format!("update {table} set {key} = ?1 where {key} = ?2"), [moved, id]).unwrap();
        }
    }
    moving.commit().unwrap();
}

async fn browser(driver: &str, (width, height): (u32, u32), sharpness: f64) -> Client {
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
    options["mobileEmulation"] = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": sharpness, "mobile": width < 500, "touch": false}});
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".into(), options);
    ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(driver).await.unwrap()
}

async fn take(client: &Client, address: SocketAddr, (path, name): (&str, &str), theme: &str) {
    client.execute(&format!("document.cookie = 'theme={theme};path=/'"), vec![]).await.unwrap();
    client.goto(&format!("http://{address}{path}")).await.unwrap();
    let ready = "const done = arguments[0]; const look = () => { const state = document.getElementById('live-state'); if ([...document.images].every(i => i.complete || !i.getClientRects().length || i.getBoundingClientRect().top > innerHeight) && (!state || state.textContent.includes('Live'))) requestAnimationFrame(() => requestAnimationFrame(() => done())); else requestAnimationFrame(look); }; look();";
    client.execute_async(ready, vec![]).await.unwrap();
    write("tests/pictures", &format!("{name}-{theme}"), &client.screenshot().await.unwrap());
}

fn write(folder: &str, name: &str, picture: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

async fn sign_in(client: &Client, address: SocketAddr, password: &str) {
    client.goto(&format!("http://{address}/login")).await.unwrap();
    client.find(Locator::Id("username")).await.unwrap().send_keys("demo").await.unwrap();
    client.find(Locator::Id("password")).await.unwrap().send_keys(password).await.unwrap();
    client.find(Locator::Css("button.primary")).await.unwrap().click().await.unwrap();
    client.wait().for_element(Locator::Css("table.list")).await.unwrap();
}

/// Takes the pictures of the README.
async fn take_screens(driver: &str, address: SocketAddr, password: &str, file: &Path) {
    let visit: i64 = rusqlite::Connection::open(file)
        .unwrap()
        .query_row(
            "select id from visits where actions between 8 and 12 order by id desc limit 1",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let week = "?date=previous-7-days";
    let screens = [
        (format!("/sites/1{week}"), "dashboard"),
        (format!("/sites/1/reports/countries{week}"), "report"),
        (format!("/sites/1/visits/{visit}"), "visit"),
        ("/sites/1/spy".to_owned(), "spy"),
        (format!("/sites/1/visitors{week}"), "visitors"),
        ("/sites/1/preferences/info".to_owned(), "site-info"),
        ("/sites/1/preferences/tracking".to_owned(), "tracking"),
        ("/account/profile".to_owned(), "profile"),
        ("/account/security".to_owned(), "security"),
    ];
    for (size, suffix) in [((1_180, 760), ""), ((390, 800), "-phone")] {
        let client = browser(driver, size, 1.5).await;
        sign_in(&client, address, password).await;
        for theme in ["light", "dark"] {
            for (path, name) in &screens {
                take(&client, address, (path, &format!("{name}{suffix}")), theme).await;
            }
        }
        client.close().await.unwrap();
    }
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clickstead.db");
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clickstead"));
        command.args(arguments).env("CLICKSTEAD_DATA", &file).env("CLICKSTEAD_LOG", "warn");
        command
    };
    let made = program(&["demo", "--no-serve", "--json"]).stderr(Stdio::null()).output().unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let password = made["password"].as_str().unwrap();
    let mut server = Process(
        program(&["serve", "--listen", "127.0.0.1:0", "--public-url", "https://stats.example"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let address: SocketAddr =
        told(&mut server, |line| line.split_once("http://").map(|(_, address)| address.to_owned()))
            .parse()
            .unwrap();
    bring_to_now(&file);
    let mut driver =
        Process(Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap());
    let port = told(&mut driver, |line| {
        line.split_once("started successfully on port ")
            .map(|(_, port)| port.trim_end_matches('.').to_owned())
    });
    let driver_address = format!("http://127.0.0.1:{port}");
    let wants = |what: &str| std::env::args().all(|word| word == what || !KINDS.contains(&word.as_str()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if wants("readme") {
            take_screens(&driver_address, address, password, &file).await;
        }
        if wants("help") {
            help::share_demo(program, &file);
            help::take(&driver_address, address, password, &file).await;
        }
    });
}
