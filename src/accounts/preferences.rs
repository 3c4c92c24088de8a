//! The change of a user's display preferences.

use crate::error::{Error, Result};
use crate::model::id::UserId;
use crate::store::preferences::{self, Preferences};
use rusqlite::Transaction;

/// The themes: that of the device, light and dark.
pub const THEMES: [&str; 3] = ["system", "light", "dark"];

/// Changes a user's display preferences; the start page is one of `start_pages`.
///
/// # Errors
///
/// Fails with `Error::Invalid` for an unknown theme or start page, and when the data file cannot be written.
pub fn change(
    tx: &Transaction<'_>,
    user: UserId,
    changed: &Preferences,
    start_pages: &[String],
) -> Result<()> {
    if !THEMES.contains(&changed.theme.as_str()) {
        return Err(Error::invalid("theme", "Choose a look: as this device has it, light or dark."));
    }
    if !start_pages.contains(&changed.start_page) {
        let sentence = "The page to begin with is not there any more. Choose another one.";
        return Err(Error::invalid("start", sentence));
    }
    preferences::update(tx, user, changed)
}
