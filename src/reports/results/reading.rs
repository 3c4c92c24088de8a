//! The displayed text of an item, and the order of items with equal counts. That order is the same on screens, in
//! exported files and in API answers, and in another data file to which the site was moved.

use super::item_name::ItemName;
use crate::ingest::page_url;
use crate::reports::columns::codec::{Decoder, Encoder};
use crate::reports::dimension::ValueKind;
use ring::digest;
use std::num::NonZeroU64;

/// Returns the words of a name, short where it is an address: a page by its path, one elsewhere with its host.
pub fn text(value_kind: ValueKind, name: &ItemName) -> String {
    match value_kind {
        ValueKind::Page if name.is_elsewhere => page_url::shown(&name.title, ""),
        ValueKind::Page => page_url::readable_path(&name.title),
        ValueKind::Address => page_url::without_scheme(&name.title),
        _ => name.title.clone(),
    }
}

/// The sort key of a text in the order of a dictionary: letter case is ignored unless all else is equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// The text in lower case.
    small: Box<str>,
    /// The text itself, if it has upper case.
    exact: Option<Box<str>>,
    /// A text that distinguishes it from others displayed alike, such as the same path on another host.
    apart: Option<Box<str>>,
}

impl Reading {
    /// Creates the sort key of a displayed text; `apart` distinguishes it from others displayed alike.
    pub fn parse(shown: String, apart: &str) -> Self {
        let small = shown.to_lowercase();
        let apart = (shown != apart).then(|| apart.into());
        Self { exact: (small != shown).then(|| shown.into()), small: small.into(), apart }
    }

    /// Encodes the sort key.
    pub(in crate::reports) fn write(&self, pen: &mut Encoder) {
        pen.text(&self.small);
        for text in [&self.exact, &self.apart] {
            pen.number(u64::from(text.is_some()));
            if let Some(text) = text {
                pen.text(text);
            }
        }
    }

    /// Decodes a sort key; `None` for invalid data.
    pub(in crate::reports) fn read(eye: &mut Decoder<'_>) -> Option<Self> {
        let small = eye.text()?.into();
        let mut more = || match eye.number()? {
            0 => Some(None),
            _ => eye.text().map(|text| Some(text.into())),
        };
        Some(Self { small, exact: more()?, apart: more()? })
    }

    /// Returns the bytes of the texts.
    pub(in crate::reports) fn bytes(&self) -> usize {
        let more = [&self.exact, &self.apart].into_iter().flatten().map(|text| text.len());
        self.small.len() + more.sum::<usize>()
    }

    /// Creates the sort key of an item.
    pub(in crate::reports) fn of_item(value_kind: ValueKind, name: &ItemName) -> Self {
        Self::parse(text(value_kind, name), &name.filter)
    }
}

/// Returns the first 64 bits of a text's SHA-256, never 0: an order that is the same in every file and version.
pub(in crate::reports) fn hash(text: &str) -> NonZeroU64 {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let bits = digest.as_ref().iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    NonZeroU64::new(bits).unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_as_a_person_looks_for_them_and_never_as_equals() {
        let mut texts = ["b", "A", "a", "Ä", "B", "/z", "10", "9", "aa", "Unknown"];
        texts.sort_by_cached_key(|text| Reading::parse((*text).to_owned(), text));
        assert_eq!(texts, ["/z", "10", "9", "a", "A", "aa", "b", "B", "Unknown", "Ä"]);
        let on = |host: &str| Reading::parse("/x".into(), &format!("https://{host}/x"));
        assert!(on("a.example") < on("b.example"));
    }

    #[test]
    fn the_hash_of_a_text_never_changes() {
        // printf /pricing | sha256sum
        assert_eq!(hash("/pricing").get(), 0x7394_a2bb_7666_46ca);
    }
}
