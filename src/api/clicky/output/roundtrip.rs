//! Tests of the four forms with random replies, which come back whole.

use super::readers::{Content, Element, read_csv, read_php, read_xml};
use super::tests::{HOSTILE, text};
use super::{Output, Style};
use crate::api::clicky::reply::{DateItems, Item, Reply, TypeReply, Value};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

fn any_text() -> impl Strategy<Value = String> {
    let letters = proptest::collection::vec(any::<char>(), 0..8);
    prop_oneof![
        letters.prop_map(String::from_iter),
        proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        "[a-z ]{0,300}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    any_text().prop_map(Value::Text).prop_recursive(2, 12, 4, |inner| {
        let named = proptest::collection::btree_map(any_text(), inner.clone(), 0..4);
        prop_oneof![
            named.prop_map(|fields| Value::Object(fields.into_iter().collect())),
            proptest::collection::vec(inner, 0..4).prop_map(Value::List),
        ]
    })
}

fn any_item() -> impl Strategy<Value = Item> {
    let values = proptest::collection::vec(proptest::option::of(any_value()), 5);
    let names = ["value", "title", "custom", "goals", "stats_url"];
    values.prop_map(move |values| {
        let fields = names.into_iter().zip(values);
        fields.fold(Item::new(), |item, (name, value)| match value {
            Some(value) => item.value(name, value),
            None => item,
        })
    })
}

/// A value without its empty texts, or with them.
fn expected(value: &Value, keeps_empty: bool) -> Option<Json> {
    let json = match value {
        Value::Text(text) => json!(text),
        Value::Object(fields) => expected_fields(fields.iter().map(|(k, v)| (k.as_str(), v)), keeps_empty),
        Value::List(values) => values.iter().filter_map(|value| expected(value, keeps_empty)).collect(),
    };
    let is_empty = json == json!("") || json == json!([]) || json == json!({});
    if is_empty { keeps_empty.then(|| json!("")) } else { Some(json) }
}

fn expected_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>, keeps_empty: bool) -> Json {
    let fields = fields.filter_map(|(name, value)| Some((name.to_owned(), expected(value, keeps_empty)?)));
    Json::Object(fields.collect())
}

/// Makes lists arrays with whole numbers as keys, as PHP has them.
fn keyed(json: &Json) -> Json {
    match json {
        Json::Array(values) => {
            let entries = values.iter().enumerate();
            entries.map(|(at, value)| (at.to_string(), keyed(value))).collect()
        }
        Json::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), keyed(value))).collect(),
        text => text.clone(),
    }
}

/// The elements of a value, without the characters that XML does not have, and with the line ends that it knows.
fn elements(name: &str, json: &Json) -> Vec<Element> {
    let is_allowed = |letter: &char| match letter {
        '\t' | '\n' | '\r' => true,
        letter => *letter >= ' ' && !('\u{fffe}'..='\u{ffff}').contains(letter),
    };
    let allowed = |text: &str| text.chars().filter(is_allowed).collect::<String>();
    let content = match json {
        Json::Array(values) => return values.iter().flat_map(|value| elements(name, value)).collect(),
        Json::Object(fields) => {
            Content::Elements(fields.iter().flat_map(|(name, value)| elements(name, value)).collect())
        }
        text => Content::Text(allowed(text.as_str().unwrap()).replace("\r\n", "\n").replace('\r', "\n")),
    };
    vec![Element { name: allowed(name), content }]
}

/// Sorts elements by their names; those of a list stay in their order.
fn sorted(mut element: Element) -> Element {
    if let Content::Elements(elements) = element.content {
        let mut elements: Vec<_> = elements.into_iter().map(sorted).collect();
        elements.sort_by(|one, other| one.name.cmp(&other.name));
        element.content = Content::Elements(elements);
    }
    element
}

/// The value that a cell stands for: JSON of several values, and a text, also behind the apostrophe that keeps it from
/// being a formula.
fn of_cell(cell: &Json, expected: Option<&Json>) -> Json {
    let cell = cell.as_str().unwrap();
    match (expected, cell.strip_prefix('\'')) {
        (Some(Json::Array(_) | Json::Object(_)), _) => serde_json::from_str(cell).unwrap(),
        (Some(Json::String(text)), Some(behind)) if text == behind => json!(behind),
        _ => json!(cell),
    }
}

proptest! {
    #[test]
    fn any_reply_comes_back_from_json_php_and_xml(
        items in proptest::collection::vec(any_item(), 0..3), keeps_empty: bool,
    ) {
        let all = json!(items.iter().map(|item| expected_fields(item.fields(), keeps_empty)).collect::<Vec<_>>());
        let dates = vec![DateItems { date: "2026-11-23".into(), items }];
        let reply = Reply::Types(vec![TypeReply { name: "visitors-list".into(), dates }]);
        let written = |output| text(&reply, &Style { output, keeps_empty, ..Style::default() });

        let read: Json = serde_json::from_str(&written(Output::Json)).unwrap();
        let dates = json!([{ "date": "2026-11-23", "items": all }]);
        prop_assert_eq!(read, json!([{ "type": "visitors-list", "dates": dates }]));

        let read = read_php(&written(Output::Php));
        prop_assert_eq!(read, json!({ "visitors-list": { "2026-11-23": keyed(&all) } }));

        let element = |name: &str, elements| Element { name: name.into(), content: Content::Elements(elements) };
        let date = element("2026-11-23", elements("item", &all));
        let expected = element("ok", vec![element("visitors-list", vec![date])]);
        prop_assert_eq!(sorted(read_xml(&written(Output::Xml))), sorted(expected));
    }

    #[test]
    fn any_reply_comes_back_from_csv(
        rows in proptest::collection::vec(any_item(), 1..4), keeps_empty: bool,
    ) {
        let expected: Vec<Json> =
            rows.iter().map(|row| expected_fields(row.fields(), keeps_empty)).collect();
        let style = Style { output: Output::Csv, keeps_empty, ..Style::default() };
        let written = text(&Reply::Rows { name: "site", rows }, &style);
        if written.is_empty() {
            let no_fields = json!({});
            prop_assert!(expected.iter().all(|row| *row == no_fields));
        } else {
            let read = read_csv(written.as_bytes());
            prop_assert_eq!(read.len(), expected.len());
            for (read, expected) in read.iter().zip(&expected) {
                let expected = expected.as_object().unwrap().iter().filter(|(_, value)| **value != json!(""));
                let expected: Map<_, _> = expected.map(|(name, value)| (name.clone(), value.clone())).collect();
                let cells = read.iter().map(|(name, cell)| (name.clone(), of_cell(cell, expected.get(name))));
                prop_assert_eq!(cells.collect::<Map<_, _>>(), expected);
            }
        }
    }
}
