//! Replies of Clicky's API, as PHP and Python read them: what a client gets, whichever form it asks for, is the same.

use super::browser_sharing::serve_page;
use super::chromium::{wait_until, with_browser};
use super::harness::Desk;
use super::http::get;
use super::reports::demo;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// PHP that reads serialized PHP and writes it again as JSON; it ends with an error if it can't.
const PHP: &str = r"
    error_reporting(E_ALL);
    set_error_handler(function ($number, $message) { fwrite(STDERR, $message); exit(1); });
    $reply = unserialize(stream_get_contents(STDIN), ['allowed_classes' => false]);
    echo json_encode($reply, JSON_THROW_ON_ERROR | JSON_FORCE_OBJECT);
";

/// Python that reads XML and writes it as JSON: an element is its text, or its elements in order under their names.
const PYTHON: &str = r"
import json, sys, xml.etree.ElementTree as tree
def read(element):
    if len(element) == 0: return element.text or ''
    return [[each.get('name', each.tag), read(each)] for each in element]
root = tree.fromstring(sys.stdin.buffer.read())
types = [[kind.get('type'), [[date.get('date'), [[item.tag, read(item)] for item in date.findall('*')]]
    for date in kind.findall('date')]] for kind in root.findall('type')]
print(json.dumps({'status': root.get('status'), 'types': types, 'rest': [read(each) for each in root if each.tag != 'type']}))
";

/// Returns what another program reads from the bytes of a reply.
fn read_by(program: &str, arguments: &[&str], reply: &[u8]) -> Value {
    let mut command = Command::new(program);
    let mut child =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap_or_else(
            |error| {
                panic!("{program} is missing: run tests/run, which installs it ({error})");
            },
        );
    child.stdin.take().unwrap().write_all(reply).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} did not read {:?}", String::from_utf8_lossy(reply));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the array of a reply in serialized PHP, as PHP reads it: every array is an object of its keys.
pub fn read_php(reply: &[u8]) -> Value {
    read_by("php", &["-r", PHP], reply)
}

/// Returns the elements of a reply in XML, as Python reads it.
pub fn read_xml(reply: &[u8]) -> Value {
    read_by("python3", &["-c", PYTHON], reply)
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clicky");
    std::fs::read(folder.join(name)).unwrap()
}

/// Returns a tree in which arrays have numbers as keys, as in PHP.
fn keyed(value: &Value) -> Value {
    match value {
        Value::Array(values) => {
            let entries = values.iter().enumerate().map(|(at, value)| (at.to_string(), keyed(value)));
            Value::Object(entries.collect())
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), keyed(value))).collect(),
        leaf => leaf.clone(),
    }
}

/// Returns the pairs of a value as XML has it: lists are repeated, line ends are normal, and what XML forbids is absent.
fn elements(name: &str, value: &Value) -> Vec<Value> {
    let content: Value = match value {
        Value::Array(values) => return values.iter().flat_map(|value| elements(name, value)).collect(),
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| elements(name, value)).collect(),
        leaf => {
            let text = leaf.as_str().unwrap().replace("\r\n", "\n").replace('\r', "\n");
            let is_forbidden =
                |letter: char| matches!(letter, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f');
            text.replace(is_forbidden, "").replace(['\u{fffe}', '\u{ffff}'], "").into()
        }
    };
    vec![json!([name, content])]
}

/// Sorts the pairs of elements by their names.
fn sorted(value: &mut Value) {
    if let Value::Array(pairs) = value {
        pairs.iter_mut().for_each(sorted);
        if pairs.iter().all(|pair| pair[0].is_string() && pair.as_array().is_some_and(|pair| pair.len() == 2))
        {
            pairs.sort_by_key(|pair| pair[0].as_str().map(str::to_owned));
        }
    }
}

/// Tests that replies in serialized PHP and in XML say what the same reply in JSON says.
fn assert_same(json: &[u8], php: &[u8], xml: &[u8]) {
    let json: Value = serde_json::from_slice(json).unwrap();
    let mut types = Map::new();
    let mut pairs = Vec::new();
    for each in json.as_array().unwrap() {
        let dates = each["dates"].as_array().unwrap();
        let php = dates.iter().map(|date| (date["date"].as_str().unwrap().to_owned(), keyed(&date["items"])));
        types.insert(each["type"].as_str().unwrap().to_owned(), Value::Object(php.collect()));
        let xml = dates.iter().map(|date| json!([date["date"], elements("item", &date["items"])]));
        pairs.push(json!([each["type"], xml.collect::<Vec<_>>()]));
    }
    assert_eq!(read_php(php), Value::Object(types));
    let mut read = read_xml(xml);
    assert_eq!(read["status"], "ok");
    let mut expected = Value::Array(pairs);
    sorted(&mut expected);
    sorted(&mut read["types"]);
    assert_eq!(read["types"], expected);
}

#[test]
fn php_and_python_read_the_same_visits_as_a_reader_of_json() {
    assert_same(&fixture("visits.json"), &fixture("visits.php.txt"), &fixture("visits.xml"));
}

#[test]
fn a_site_is_the_same_for_clients_of_json_php_and_xml() {
    let (desk, _) = demo();
    let server = desk.serve();
    let key = desk.texts("select site_key from sites where id = 1").remove(0);
    let reply = |more: &str| {
        let answer = server.ask(&get(format!("/api/stats/4?site_id=1&sitekey={key}&limit=50&{more}")));
        assert_eq!(answer.status, 200, "{more}");
        answer
    };
    let types = "visitors,pages,countries,goals,traffic-sources,searches-recent,actions-list,visitors-list";
    for more in ["date=2026-10-26", "date=2026-10-24,2026-10-26&daily=1", "date=2026-10-26&null_values=1"] {
        let query = format!("type={types}&{more}");
        let [json, php, xml] =
            ["json", "php", "xml"].map(|output| reply(&format!("{query}&output={output}")));
        let items = json.json()[7]["dates"][0]["items"].as_array().unwrap().len();
        assert_eq!(items, 50, "the list is full: {more}");
        assert_same(&json.body, &php.body, &xml.body);
    }
    for each in types.split(',') {
        let query = format!("type={each}&date=2026-10-26");
        let json = reply(&format!("{query}&output=json")).json();
        let csv = reply(&format!("{query}&output=csv")).body;
        let mut rows = csv::Reader::from_reader(&csv[..]).into_records();
        for item in json[0]["dates"][0]["items"].as_array().unwrap() {
            let row = rows.next().unwrap().unwrap();
            let first = item.get("time").or(item.get("value")).unwrap().as_str().unwrap();
            assert!(row.iter().any(|cell| cell == first), "{each}: {first} in {row:?}");
        }
        assert!(rows.next().is_none(), "{each}");
    }
}

#[test]
fn a_page_of_another_origin_loads_a_reply_as_a_script() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let title = "</script><script>window.broken = true</script> \u{2028} ü";
    let hit = [("type", "pageview"), ("href", "https://bakery.example/cakes"), ("title", title)];
    server.hit("81.2.69.1", &hit);
    let key = desk.texts("select site_key from sites").remove(0);
    let path = format!("/api/stats/4?site_id=1&sitekey={key}&type=visitors,pages&output=json");
    let url = format!("http://{}{path}", server.address);
    let page = serve_page(format!(
        "<!doctype html><script>var got = []; var here = {{ is: {{ cb: reply => got.push(reply) }} }}</script>
        <script src='{url}&json_callback=here.is.cb'></script>
        <script src='{url}&json_var=stats'></script>
        <script src='{url}&json_callback=here.is.cb&date=nonsense'></script>"
    ));
    with_browser(1_280, async |client| {
        client.goto(&format!("http://{page}/")).await.unwrap();
        wait_until(client, "got.length === 2").await;
        let script = "return JSON.stringify([got[0], stats, got[1], window.broken ?? null])";
        let read = client.execute(script, Vec::new()).await.unwrap();
        let read: Value = serde_json::from_str(read.as_str().unwrap()).unwrap();
        let reply = server.ask(&get(path.as_str())).json();
        assert!(reply[1]["dates"][0]["items"][0]["title"].as_str().unwrap().contains("</script>"));
        assert_eq!(read, json!([reply, reply, [{ "error": "Invalid date." }], null]));
    });
}
