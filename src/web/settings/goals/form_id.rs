//! The id in the address of a form of a goal or a funnel.

use crate::error::{Error, Result};

/// Returns the id in the address of a form; `None` for a new one.
///
/// # Errors
///
/// Fails with `Error::Missing` for a text that is no id.
pub fn id_or_new<I>(name: &str, parse: fn(&str) -> Option<I>, noun: &'static str) -> Result<Option<I>> {
    if name == "new" { Ok(None) } else { parse(name).map(Some).ok_or(Error::Missing(noun)) }
}
