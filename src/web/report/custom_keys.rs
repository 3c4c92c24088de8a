//! The tabs of the report on custom data: one for each key that the site chose, and for the most frequent others.

use super::page::ReportPage;
use crate::error::Result;
use crate::limits;
use crate::reports::catalogue::{self, ReportKind};
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, Wants};
use crate::store::custom_keys;
use maud::{Markup, html};

/// Loads the keys for the tabs of a report; none for reports on anything else.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn load(reader: &DataReader<'_>, query: &Query, kind: ReportKind) -> Result<Vec<String>> {
    if kind != ReportKind::Items(catalogue::custom()) {
        return Ok(Vec::new());
    }
    let mut keys = custom_keys::list(reader.connection, query.site.id)?;
    let wants = Wants { custom_keys: Some(limits::CUSTOM_KEYS_TABS_MAX), ..Wants::default() };
    let answer = reader.run(&Query { comparison: None, ..query.with(wants) })?;
    for key in answer.custom_keys.into_iter().chain(query.custom_key.clone()) {
        if !keys.contains(&key)
            && (keys.len() < limits::CUSTOM_KEYS_TABS_MAX || query.custom_key.as_ref() == Some(&key))
        {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Renders the tabs, unless there is no key to choose.
pub fn tabs(page: &ReportPage, keys: &[String]) -> Markup {
    let chosen = page.query.custom_key.as_deref();
    html! {
        @if !keys.is_empty() {
            nav.tabs id="custom-keys" aria-label="Keys" {
                a href=(page.address.link(&[("key", "")])) aria-current=[chosen.is_none().then_some("true")] { "All keys" }
                @for key in keys {
                    a href=(page.address.link(&[("key", key)])) aria-current=[(chosen == Some(key)).then_some("true")] { (key) }
                }
            }
        }
    }
}
