//! Replies as serialized PHP: `array(TYPE => array(DATE => array(0 => array('value' => '…'))))`.

use super::node::Node;
use crate::api::clicky::reply::{Reply, TypeReply};

/// Returns a reply as PHP's `serialize` writes it.
pub fn write(reply: &Reply, keeps_empty: bool) -> String {
    let root = match reply {
        Reply::Types(types) => Node::Fields(of_types(types, keeps_empty)),
        Reply::Rows { rows, .. } => Node::from_items(rows, keeps_empty),
        Reply::Error(sentence) => Node::Fields(vec![("error", Node::Text(sentence))]),
    };
    serialize(&root)
}

/// Returns the entries of an array of types. Like an assignment in PHP, a later reply of the same name replaces an earlier
/// one and keeps its place: `type=visitors,segmentation&segments=visitors`.
fn of_types(types: &[TypeReply], keeps_empty: bool) -> Vec<(&str, Node<'_>)> {
    let mut entries: Vec<(&str, Node<'_>)> = Vec::new();
    for (name, node) in types.iter().map(|each| of_type(each, keeps_empty)) {
        match entries.iter_mut().find(|(own, _)| *own == name) {
            Some(entry) => entry.1 = node,
            None => entries.push((name, node)),
        }
    }
    entries
}

fn of_type(reply: &TypeReply, keeps_empty: bool) -> (&str, Node<'_>) {
    let dates = reply.dates.iter();
    let fields = dates.map(|date| (date.date.as_str(), Node::from_items(&date.items, keeps_empty)));
    (&reply.name, Node::Fields(fields.collect()))
}

fn serialize(node: &Node<'_>) -> String {
    match node {
        Node::Text(text) => string(text),
        Node::Fields(fields) => array(fields.iter().map(|(name, node)| key(name) + &serialize(node))),
        Node::List(nodes) => {
            array(nodes.iter().enumerate().map(|(at, node)| format!("i:{at};{}", serialize(node))))
        }
    }
}

fn array(entries: impl ExactSizeIterator<Item = String>) -> String {
    format!("a:{}:{{{}}}", entries.len(), entries.collect::<String>())
}

/// Returns the key of an array: a whole number in its usual form becomes one, as PHP itself has it
/// (<https://www.php.net/manual/en/language.types.array.php>).
fn key(name: &str) -> String {
    let number = name.parse::<i64>().ok().filter(|number| number.to_string() == name);
    number.map_or_else(|| string(name), |number| format!("i:{number};"))
}

/// Returns a string; its length counts bytes.
fn string(text: &str) -> String {
    format!("s:{}:\"{text}\";", text.len())
}
