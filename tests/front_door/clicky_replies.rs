//! Replies of Clicky's API, as PHP and Python read them: what a client gets, whichever form it asks for, is the same.

use serde_json::{Map, Value};
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
    vec![serde_json::json!([name, content])]
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

#[test]
fn php_and_python_read_the_same_visits_as_a_reader_of_json() {
    let json: Value = serde_json::from_slice(&fixture("visits.json")).unwrap();
    let mut types = Map::new();
    let mut pairs = Vec::new();
    for each in json.as_array().unwrap() {
        let dates = each["dates"].as_array().unwrap();
        let php = dates.iter().map(|date| (date["date"].as_str().unwrap().to_owned(), keyed(&date["items"])));
        types.insert(each["type"].as_str().unwrap().to_owned(), Value::Object(php.collect()));
        let xml =
            dates.iter().map(|date| serde_json::json!([date["date"], elements("item", &date["items"])]));
        pairs.push(serde_json::json!([each["type"], xml.collect::<Vec<_>>()]));
    }
    assert_eq!(read_php(&fixture("visits.php.txt")), Value::Object(types));
    let mut read = read_xml(&fixture("visits.xml"));
    assert_eq!(read["status"], "ok");
    let mut expected = Value::Array(pairs);
    sorted(&mut expected);
    sorted(&mut read["types"]);
    assert_eq!(read["types"], expected);
}
