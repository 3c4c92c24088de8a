//! Texts of labels for an export, and labels of texts for an import.

use crate::error::Result;
use crate::limits;
use crate::model::page_form::page_form;
use crate::store::attribute_cache::AttributeCache;
use crate::store::{labels, page_forms};
use rusqlite::{Connection, Transaction};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The texts of labels, as far as there is room.
#[derive(Default)]
pub struct LabelTextCache(HashMap<i64, String>);

impl LabelTextCache {
    /// Returns the text of a label; `None` for no label, or one that is gone.
    pub fn text(&mut self, connection: &Connection, label: Option<i64>) -> Result<Option<String>> {
        let Some(label) = label else { return Ok(None) };
        if let Some(text) = self.0.get(&label) {
            return Ok(Some(text.clone()));
        }
        let text = labels::text(connection, label)?;
        if self.0.len() >= limits::LABELS_CACHED_MAX {
            self.0.clear();
        }
        if let Some(text) = &text {
            self.0.insert(label, text.clone());
        }
        Ok(text)
    }
}

/// The labels of texts, and the rows of visit attributes, as far as there is room.
#[derive(Default)]
pub struct LabelMap {
    labels: HashMap<String, i64>,
    /// The rows of sources, devices and places.
    pub attributes: AttributeCache,
    /// The labels whose page form is stored.
    formed: HashSet<i64>,
}

/// The code of actions whose address is that of an outbound link.
const OUTBOUND: i64 = 3;

impl LabelMap {
    /// Forgets all labels: another process may have changed the data file.
    pub fn forget(&mut self) {
        self.labels.clear();
        self.attributes.forget();
        self.formed.clear();
    }

    /// Returns the label of a page, a file or an event's link as it was exported, and stores its page form: filters on a
    /// part of an older spelling then match the same visits here.
    pub fn page(&mut self, tx: &Transaction<'_>, text: Option<&str>) -> Result<Option<i64>> {
        let label = self.label(tx, text)?;
        let form = text.map(page_form);
        if let (Some(label), Some(Cow::Owned(form))) = (label, form)
            && self.formed.insert(label)
        {
            page_forms::add(tx, label, &form)?;
        }
        Ok(label)
    }

    /// Returns the label of the address of an action of this kind.
    pub fn address(&mut self, tx: &Transaction<'_>, kind: i64, text: Option<&str>) -> Result<Option<i64>> {
        if kind == OUTBOUND { self.label(tx, text) } else { self.page(tx, text) }
    }

    /// Returns the label of a text, created where it is missing; `None` for no text or an empty one.
    pub fn label(&mut self, tx: &Transaction<'_>, text: Option<&str>) -> Result<Option<i64>> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
        if let Some(label) = self.labels.get(text) {
            return Ok(Some(*label));
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None => labels::create(tx, text)?,
        };
        if self.labels.len() >= limits::LABELS_CACHED_MAX {
            self.labels.clear();
            self.formed.clear();
        }
        self.labels.insert(text.to_owned(), label);
        Ok(Some(label))
    }
}
