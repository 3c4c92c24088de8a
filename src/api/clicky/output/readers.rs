//! Strict readers of the four forms, for tests: each reads a reply back into a tree.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// Reads serialized PHP to its end. Every array is an object of its keys.
pub fn read_php(php: &str) -> Json {
    let (value, rest) = php_value(php);
    assert_eq!(rest, "");
    value
}

fn php_value(php: &str) -> (Json, &str) {
    if let Some(array) = php.strip_prefix("a:") {
        let (count, mut rest) = array.split_once(":{").unwrap();
        let mut entries = Map::new();
        for _ in 0..count.parse::<usize>().unwrap() {
            let (key, after) = php_key(rest);
            let (value, after) = php_value(after);
            assert!(entries.insert(key, value).is_none());
            rest = after;
        }
        return (Json::Object(entries), rest.strip_prefix('}').unwrap());
    }
    let (text, rest) = php_string(php);
    (Json::String(text.to_owned()), rest)
}

fn php_key(php: &str) -> (String, &str) {
    if let Some(number) = php.strip_prefix("i:") {
        let (number, rest) = number.split_once(';').unwrap();
        assert_eq!(number.parse::<i64>().unwrap().to_string(), number);
        return (number.to_owned(), rest);
    }
    let (text, rest) = php_string(php);
    assert!(text.parse::<i64>().map_or(true, |number| number.to_string() != text), "{text} is a number");
    (text.to_owned(), rest)
}

fn php_string(php: &str) -> (&str, &str) {
    let (bytes, rest) = php.strip_prefix("s:").unwrap().split_once(":\"").unwrap();
    let (text, rest) = rest.split_at(bytes.parse().unwrap());
    (text, rest.strip_prefix("\";").unwrap())
}

/// An element of XML.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    /// The value of its attribute, or else its name.
    pub name: String,
    /// The parts between its tags.
    pub content: Content,
}

/// The content of an element.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// CDATA.
    Text(String),
    /// Elements, or nothing at all.
    Elements(Vec<Element>),
}

/// Reads the only element of an XML document.
pub fn read_xml(xml: &str) -> Element {
    let xml = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let mut reader = Reader::from_str(xml);
    let Event::Start(start) = reader.read_event().unwrap() else { panic!("no element: {xml}") };
    let element = xml_element(&mut reader, &start);
    assert_eq!(reader.read_event().unwrap(), Event::Eof);
    element
}

fn xml_element(reader: &mut Reader<&[u8]>, start: &BytesStart<'_>) -> Element {
    let mut values = start
        .attributes()
        .map(|attribute| attribute.unwrap().normalized_value(XmlVersion::Explicit1_0).unwrap());
    let name = values.next().map_or_else(|| start.name().as_ref().to_owned(), Cow::into_owned);
    let (mut text, mut elements) = (None::<String>, Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => elements.push(xml_element(reader, &start)),
            Event::CData(data) => text.get_or_insert_default().push_str(&data.xml10_content()),
            Event::End(_) => break,
            other => panic!("{other:?} in {name}"),
        }
    }
    let content = text.map_or(Content::Elements(elements), Content::Text);
    Element { name, content }
}

/// Reads the rows of CSV, with their cells by the names of the columns, without empty cells.
pub fn read_csv(csv: &[u8]) -> Vec<Map<String, Json>> {
    let mut reader = csv::Reader::from_reader(csv);
    let names = reader.headers().unwrap().clone();
    let cells = |row: csv::StringRecord| {
        let cells = names.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), Json::from(cell))).collect()
    };
    reader.records().map(|row| cells(row.unwrap())).collect()
}
