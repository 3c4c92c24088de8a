//! A part of a reply as it is sent: its fields and lists, without what is empty.

use crate::api::clicky::reply::{Item, Value};

/// A part of a reply, in the shape in which JSON and serialized PHP have it.
#[derive(Debug, PartialEq, Eq)]
pub enum Node<'a> {
    /// A text.
    Text(&'a str),
    /// Named parts.
    Fields(Vec<(&'a str, Self)>),
    /// Parts without names.
    List(Vec<Self>),
}

impl<'a> Node<'a> {
    /// Returns the list of these items.
    pub fn from_items(items: &'a [Item], keeps_empty: bool) -> Self {
        Self::List(items.iter().map(|item| Self::from_item(item, keeps_empty)).collect())
    }

    /// Returns the fields of an item. What is empty is left out; with `keeps_empty` it is an empty text.
    pub fn from_item(item: &'a Item, keeps_empty: bool) -> Self {
        Self::Fields(Self::of_fields(item, keeps_empty))
    }

    /// Returns the fields of an item with their names, as [`Self::from_item`] has them.
    pub fn of_fields(item: &'a Item, keeps_empty: bool) -> Vec<(&'a str, Self)> {
        Self::named(item.fields(), keeps_empty)
    }

    fn named(fields: impl Iterator<Item = (&'a str, &'a Value)>, keeps_empty: bool) -> Vec<(&'a str, Self)> {
        let node = |(name, value)| Self::from_value(value, keeps_empty).map(|node| (name, node));
        fields.filter_map(node).collect()
    }

    fn from_value(value: &'a Value, keeps_empty: bool) -> Option<Self> {
        let node = match value {
            Value::Text(text) => Self::Text(text),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), value));
                Self::Fields(Self::named(fields, keeps_empty))
            }
            Value::List(values) => {
                Self::List(values.iter().filter_map(|value| Self::from_value(value, keeps_empty)).collect())
            }
        };
        if node.is_empty() { keeps_empty.then_some(Self::Text("")) } else { Some(node) }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Fields(fields) => fields.is_empty(),
            Self::List(nodes) => nodes.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out_or_an_empty_text() {
        let empty = || Value::Text(String::new());
        let item = Item::new()
            .text("a", "")
            .text("b", "0")
            .value("c", Value::Object(vec![("d".into(), empty()), ("e".into(), Value::List(Vec::new()))]))
            .value("f", Value::List(vec![empty()]));
        assert_eq!(Node::from_item(&item, false), Node::Fields(vec![("b", Node::Text("0"))]));
        let kept = Node::Fields(vec![("d", Node::Text("")), ("e", Node::Text(""))]);
        let all = [
            ("a", Node::Text("")),
            ("b", Node::Text("0")),
            ("c", kept),
            ("f", Node::List(vec![Node::Text("")])),
        ];
        assert_eq!(Node::from_item(&item, true), Node::Fields(all.into()));
    }
}
