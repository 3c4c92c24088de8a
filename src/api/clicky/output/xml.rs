//! Replies as XML 1.0: every leaf is CDATA, nested values are nested elements, and lists are repeated elements.

use super::node::Node;
use crate::api::clicky::reply::Reply;
use std::borrow::Cow;

/// Returns a reply as XML.
pub fn write(reply: &Reply, keeps_empty: bool) -> String {
    let mut xml = Xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
    let status = if matches!(reply, Reply::Error(_)) { "error" } else { "ok" };
    xml.element("response", Some(("status", status)), |xml| match reply {
        Reply::Types(types) => {
            for each in types {
                xml.element("type", Some(("type", &each.name)), |xml| {
                    for date in &each.dates {
                        xml.element("date", Some(("date", &date.date)), |xml| {
                            xml.node("item", &Node::from_items(&date.items, keeps_empty));
                        });
                    }
                });
            }
        }
        Reply::Rows { name, rows } => xml.node(name, &Node::from_items(rows, keeps_empty)),
        Reply::Error(sentence) => xml.node("error", &Node::Text(sentence)),
    });
    xml.0
}

/// XML that grows.
struct Xml(String);

impl Xml {
    fn element(&mut self, name: &str, attribute: Option<(&str, &str)>, content: impl FnOnce(&mut Self)) {
        self.0.extend(["<", name]);
        if let Some((attribute, value)) = attribute {
            self.0.extend([" ", attribute, "=\"", &escape(value), "\""]);
        }
        self.0.push('>');
        content(self);
        self.0.extend(["</", name, ">"]);
    }

    /// Writes a part under its name. A name that XML does not allow becomes the closest one that it does, with the name
    /// itself in an attribute: `<_1st_visit name="1st visit">`.
    fn node(&mut self, name: &str, node: &Node<'_>) {
        let allowed = element_name(name);
        let attribute = (allowed != name).then_some(("name", name));
        match node {
            Node::Text(text) => self.element(&allowed, attribute, |xml| xml.0 += &cdata(text)),
            Node::Fields(fields) => self.element(&allowed, attribute, |xml| {
                for (name, node) in fields {
                    xml.node(name, node);
                }
            }),
            Node::List(nodes) => nodes.iter().for_each(|node| self.node(name, node)),
        }
    }
}

/// Returns the name of an element: ASCII letters, digits, `_`, `-` and `.`, of which the first is a letter or `_`. XML's
/// editions do not agree about further letters, nor do parsers.
fn element_name(name: &str) -> Cow<'_, str> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let is_first = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    if name.starts_with(is_first) && name.chars().all(is_allowed) {
        return Cow::Borrowed(name);
    }
    let letters = name.chars().map(|letter| if is_allowed(letter) { letter } else { '_' });
    let start = if name.starts_with(|first| is_first(first) || !is_allowed(first)) { "" } else { "_" };
    Cow::Owned(start.chars().chain(letters).collect())
}

/// Returns a text as CDATA, which ends with its first `]]>`: such a text takes two.
fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", without_forbidden(text).replace("]]>", "]]]]><![CDATA[>"))
}

/// Returns the value of an attribute.
fn escape(value: &str) -> String {
    let mut escaped = String::new();
    for letter in without_forbidden(value).chars() {
        match letter {
            '&' | '<' | '"' | '\t' | '\n' | '\r' => {
                escaped.extend(["&#", &u32::from(letter).to_string(), ";"]);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Returns a text without the characters that XML 1.0 does not have (<https://www.w3.org/TR/xml/#charsets>).
fn without_forbidden(text: &str) -> Cow<'_, str> {
    let is_forbidden = |letter: char| {
        letter.is_ascii_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{7f}')
            || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(is_forbidden) { Cow::Owned(text.replace(is_forbidden, "")) } else { Cow::Borrowed(text) }
}
