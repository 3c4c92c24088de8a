//! The keys of custom data with a report of their own.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::ingest::clean_text;
use crate::limits;
use crate::store::custom_keys;
use crate::store::sites::Site;
use rusqlite::Transaction;

/// Replaces the keys of custom data with a report of their own, in their order. Empty ones are left out, and so are
/// repetitions.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a key is not valid or there are too many, and when the data file cannot be written.
pub fn replace(tx: &Transaction<'_>, actor: &Actor, site: &Site, keys: &[String]) -> Result<()> {
    let mut checked: Vec<String> = Vec::new();
    for key in keys.iter().map(|key| key.trim()).filter(|key| !key.is_empty()) {
        let clean = clean_text::word(key).filter(|clean| clean == key).ok_or_else(|| {
            let most = limits::WORD_BYTES_MAX;
            Error::invalid("keys", format!("Give each key in 1 to {most} plain characters, one per line."))
        })?;
        if !checked.contains(&clean) {
            checked.push(clean);
        }
    }
    if checked.len() > limits::CUSTOM_KEYS_SHOWN_MAX {
        let most = limits::CUSTOM_KEYS_SHOWN_MAX;
        return Err(Error::invalid("keys", format!("There is room for {most} keys.")));
    }
    if checked == custom_keys::list(tx, site.id)? {
        return Ok(());
    }
    custom_keys::set(tx, site.id, &checked)?;
    let about = if checked.is_empty() { "none".to_owned() } else { checked.join(", ") };
    actor.record(tx, site.id, AuditAction::ChangeCustomKeys, &about)
}
