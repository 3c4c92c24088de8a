//! Replies as JSON: an array at the top, and every leaf a string.

use super::node::Node;
use crate::api::clicky::reply::{DateItems, Reply, TypeReply};
use crate::error::{Error, Result};
use serde::{Serialize, Serializer};

/// Writes a reply.
///
/// # Errors
///
/// Fails with `Error::Internal` when it cannot be written.
pub fn write(reply: &Reply, keeps_empty: bool) -> Result<String> {
    let root = match reply {
        Reply::Types(types) => Node::List(types.iter().map(|each| of_type(each, keeps_empty)).collect()),
        Reply::Rows { rows, .. } => Node::from_items(rows, keeps_empty),
        Reply::Error(sentence) => Node::List(vec![Node::Fields(vec![("error", Node::Text(sentence))])]),
    };
    write_node(&root)
}

/// Writes a part of a reply.
///
/// # Errors
///
/// Fails with `Error::Internal` when it cannot be written.
pub fn write_node(node: &Node<'_>) -> Result<String> {
    serde_json::to_string(node).map_err(|error| Error::Internal(error.to_string()))
}

fn of_type(reply: &TypeReply, keeps_empty: bool) -> Node<'_> {
    let dates = reply.dates.iter().map(|date| of_date(date, keeps_empty)).collect();
    Node::Fields(vec![("type", Node::Text(&reply.name)), ("dates", Node::List(dates))])
}

fn of_date(date: &DateItems, keeps_empty: bool) -> Node<'_> {
    let items = Node::from_items(&date.items, keeps_empty);
    Node::Fields(vec![("date", Node::Text(&date.date)), ("items", items)])
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Fields(fields) => serializer.collect_map(fields.iter().map(|(name, node)| (name, node))),
            Self::List(nodes) => serializer.collect_seq(nodes),
        }
    }
}
