//! A reply of Clicky's API as a tree. How it is written down is the business of `output`.

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text. Numbers are texts too: every leaf of a reply is a string.
    Text(String),
    /// Named values, in their order.
    Object(Vec<(String, Value)>),
    /// Values, in their order.
    List(Vec<Value>),
}

impl Value {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Object(values) => values.iter().map(|(name, value)| name.len() + value.bytes()).sum(),
            Self::List(values) => values.iter().map(Self::bytes).sum(),
        }
    }
}

/// An item of a report, of a list or of an account: fields in their order. Fields that do not apply are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item(Vec<(&'static str, Value)>);

impl Item {
    /// Returns an item without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field with a text. Without a text, it is sent only on request.
    #[must_use]
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.value(name, Value::Text(text.into()))
    }

    /// Adds a field.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// Returns the item with those of its fields alone that are wanted.
    #[must_use]
    pub fn only(mut self, wants: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|(name, _)| wants(name));
        self
    }

    /// Adds those fields of another item that this one does not have.
    #[must_use]
    pub fn adding(mut self, other: Self) -> Self {
        for (name, value) in other.0 {
            if self.get(name).is_none() {
                self.0.push((name, value));
            }
        }
        self
    }

    /// Returns the bytes of its names and texts, which are about those of the reply.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.bytes()).sum()
    }

    /// Returns the value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Returns the fields in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

/// The items of one day or range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateItems {
    /// The day, `2026-11-23`, or the first and the last day of the range, `2026-11-17,2026-11-23`.
    pub date: String,
    /// The items.
    pub items: Vec<Item>,
}

/// The reply to one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeReply {
    /// The name of the type, as the request has it.
    pub name: String,
    /// The days, newest first, or the range.
    pub dates: Vec<DateItems>,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The replies to the types of a request, in the order of the request.
    Types(Vec<TypeReply>),
    /// Things of an account.
    Rows {
        /// The name of one thing.
        name: &'static str,
        /// The things.
        rows: Vec<Item>,
    },
    /// A sentence that says what is wrong with the request.
    Error(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_its_fields_in_the_order_in_which_they_were_added() {
        let item = Item::new().text("value", "6").value("custom", Value::List(Vec::new())).text("title", "");
        assert_eq!(item.fields().map(|(name, _)| name).collect::<Vec<_>>(), ["value", "custom", "title"]);
        assert_eq!(item.get("value"), Some(&Value::Text("6".into())));
        assert_eq!(item.get("url"), None);
    }
}
