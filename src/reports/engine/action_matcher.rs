//! The comparison of actions with searches for a title and an address. Each distinct text is read and compared once.

use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::ingest::page_url;
use crate::limits;
use crate::model::page_form;
use crate::reports::query::ActionFilters;
use crate::reports::search::SearchMatcher;
use crate::store::labels::LabelTexts;
use foldhash::HashMap;
use rusqlite::Connection;

/// A matcher of the titles and addresses of a site's actions.
pub struct ActionMatcher<'a> {
    domain: &'a str,
    texts: LabelTexts<'a>,
    title: SearchMatcher,
    href: SearchMatcher,
    titles: HashMap<i64, bool>,
    addresses: HashMap<(ActionKind, i64), bool>,
}

impl<'a> ActionMatcher<'a> {
    /// Creates the matcher of filters, for a site with this domain.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn new(connection: &'a Connection, domain: &'a str, filters: &ActionFilters) -> Result<Self> {
        Ok(Self {
            domain,
            texts: LabelTexts::prepare(connection)?,
            title: filters.title.matcher(),
            href: filters.href.matcher(),
            titles: HashMap::default(),
            addresses: HashMap::default(),
        })
    }

    /// Returns true if an action with the labels of a page and a title is listed.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn finds(&mut self, kind: ActionKind, page: Option<i64>, title: Option<i64>) -> Result<bool> {
        Ok(self.finds_title(title)? && self.finds_address(kind, page)?)
    }

    fn finds_title(&mut self, title: Option<i64>) -> Result<bool> {
        if self.title.is_unrestricted() {
            return Ok(true);
        }
        let Some(label) = title else { return Ok(false) };
        if let Some(is_found) = self.titles.get(&label) {
            return Ok(*is_found);
        }
        let is_found = self.texts.find(label)?.is_some_and(|text| self.title.finds(&text));
        if self.titles.len() >= limits::TEXTS_COMPARED_MAX {
            self.titles.clear();
        }
        self.titles.insert(label, is_found);
        Ok(is_found)
    }

    fn finds_address(&mut self, kind: ActionKind, page: Option<i64>) -> Result<bool> {
        if self.href.is_unrestricted() {
            return Ok(true);
        }
        let Some(label) = page else { return Ok(false) };
        if let Some(is_found) = self.addresses.get(&(kind, label)) {
            return Ok(*is_found);
        }
        let text = self.texts.find(label)?;
        let is_found = text.is_some_and(|text| {
            let address = page_url::form(kind, &text, self.domain);
            let is_elsewhere = page_form::host(&address).is_some_and(|host| host != self.domain);
            self.href.finds_address(&address, is_elsewhere)
        });
        if self.addresses.len() >= limits::TEXTS_COMPARED_MAX {
            self.addresses.clear();
        }
        self.addresses.insert((kind, label), is_found);
        Ok(is_found)
    }
}
