//! A stored text as rules compare it: in the form in which reports count it, and as people read it.

use crate::ingest::hit::ActionKind;
use crate::ingest::page_url;
use crate::model::goal::{AddressPattern, TextPattern};
use std::borrow::Cow;

/// The address or the title of an action as rules compare it.
#[derive(Debug)]
pub struct StoredText<'a> {
    form: Cow<'a, str>,
    /// The readable form, if it is another one.
    readable: Option<String>,
}

impl<'a> StoredText<'a> {
    /// Returns the text of an action of a site with this domain.
    pub fn new(kind: ActionKind, text: &'a str, domain: &str) -> Self {
        let form = page_url::form(kind, text, domain);
        let readable = page_url::readable(&form);
        let readable = (readable != form).then(|| readable.into_owned());
        Self { form, readable }
    }

    /// Returns true if a pattern for addresses matches.
    pub fn is_address(&self, pattern: &AddressPattern) -> bool {
        pattern.matches(&self.form) || self.readable.as_deref().is_some_and(|text| pattern.matches(text))
    }

    /// Returns true if a pattern for texts matches.
    pub fn is_text(&self, pattern: &TextPattern) -> bool {
        pattern.matches(&self.form) || self.readable.as_deref().is_some_and(|text| pattern.matches(text))
    }
}
