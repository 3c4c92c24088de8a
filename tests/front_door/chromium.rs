//! A real Chromium, driven as a person would.

use super::harness::{BROWSER, PASSWORD, Server};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a condition may take to come true before a test fails.
const SOON: Duration = Duration::from_secs(20);

/// How often a chromedriver may be started until one finds a port.
const STARTS: usize = 5;

/// A chromedriver of one test.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    /// A port that is free for one of its addresses may be taken for the other: then it ends at once, and the next one
    /// takes another port.
    fn start() -> Self {
        let mut drivers = std::iter::repeat_with(Self::try_start).take(STARTS);
        drivers.find_map(|driver| driver).expect("chromedriver finds a port")
    }

    fn try_start() -> Option<Self> {
        let mut child = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.map(Result::unwrap).find_map(|line| {
            line.split_once("started successfully on port ")
                .map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        let Some(port) = port else {
            child.wait().unwrap();
            return None;
        };
        Some(Self { child, url: format!("http://127.0.0.1:{port}") })
    }

    async fn browser(&self, width: u32) -> Client {
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-blink-features=AutomationControlled",
        ];
        let mut options = json!({
            "args": arguments.map(str::to_owned).into_iter().chain([format!("--user-agent={BROWSER}")]).collect::<Vec<_>>(),
        });
        if width < 500 {
            options["mobileEmulation"] =
                json!({"deviceMetrics": {"width": width, "height": 844, "pixelRatio": 2.0}});
        }
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.url)
            .await
            .unwrap();
        if width >= 500 {
            client.set_window_size(width, 900).await.unwrap();
        }
        client
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

/// Runs a test's steps in a browser of this width.
pub fn with_browser<F: AsyncFnOnce(&Client)>(width: u32, steps: F) {
    let driver = Driver::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = driver.browser(width).await;
        steps(&client).await;
        client.close().await.unwrap();
    });
}

/// A command of Chromium's own protocol, for what a person does outside of pages.
#[derive(Debug)]
struct Devtools(serde_json::Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (ureq::http::Method, Option<String>) {
        (ureq::http::Method::POST, Some(self.0.to_string()))
    }
}

/// Runs a command of Chromium's own protocol.
pub async fn devtools(client: &Client, command: &str, parameters: serde_json::Value) {
    client.issue_cmd(Devtools(json!({"cmd": command, "params": parameters}))).await.unwrap();
}

/// Switches Global Privacy Control on, as a browser does that has it: a header, and a property of its navigator.
pub async fn switch_privacy_control_on(client: &Client) {
    devtools(client, "Network.enable", json!({})).await;
    devtools(client, "Network.setExtraHTTPHeaders", json!({"headers": {"Sec-GPC": "1"}})).await;
    let property = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })";
    devtools(client, "Page.addScriptToEvaluateOnNewDocument", json!({"source": property})).await;
}

/// Lets every page keep the bodies of the beacons that it sends in `sent`.
pub async fn note_beacons(client: &Client) {
    let notes = "window.sent = []; const send = fetch; window.fetch = (to, how) => { sent.push(String(how.body)); return send(to, how); }";
    devtools(client, "Page.addScriptToEvaluateOnNewDocument", json!({"source": notes})).await;
}

pub async fn wait_for(client: &Client, css: &str) {
    let found = client.wait().at_most(SOON).for_element(Locator::Css(css)).await;
    assert!(found.is_ok(), "{css} did not appear on {}", client.current_url().await.unwrap());
}

pub async fn wait_for_text(client: &Client, text: &str) {
    let path = format!("//*[contains(normalize-space(text()), '{text}')]");
    let found = client.wait().at_most(SOON).for_element(Locator::XPath(&path)).await;
    assert!(found.is_ok(), "'{text}' did not appear: {}", client.source().await.unwrap());
}

/// Waits until a script's condition holds in the page.
pub async fn wait_until(client: &Client, condition: &str) {
    let script = format!(
        "const done = arguments[0]; const look = () => {{ if ({condition}) done(true); else requestAnimationFrame(look); }}; look();"
    );
    client.execute_async(&script, vec![]).await.unwrap_or_else(|error| panic!("{condition}: {error}"));
}

pub async fn fill(client: &Client, id: &str, text: &str) {
    let field = client.find(Locator::Id(id)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Clicks an element in the middle of the window, where nothing that stays at its edges covers it.
pub async fn click(client: &Client, css: &str) {
    let element = client.find(Locator::Css(css)).await.unwrap();
    let shown = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";
    client.execute(shown, vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
    element.click().await.unwrap();
}

pub async fn sign_in(client: &Client, server: &Server<'_>) {
    sign_in_as(client, server, "ada", PASSWORD).await;
}

pub async fn sign_in_as(client: &Client, server: &Server<'_>, name: &str, password: &str) {
    client.goto(&format!("http://{}/login", server.address)).await.unwrap();
    fill(client, "username", name).await;
    fill(client, "password", password).await;
    click(client, "button.primary").await;
    wait_for(client, "table.list").await;
}
