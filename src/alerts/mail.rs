//! The letters of an alert to one person: the token that ends them, and the choice to have them or not.

use super::description;
use crate::error::Result;
use crate::model::alert::Alert;
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::store::sites::Site;
use crate::store::unsubscribes::{self, LetterKind, Subscription};
use rusqlite::Transaction;

/// Returns the token that ends the letters of an alert to a person.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn token(
    tx: &Transaction<'_>,
    site: &Site,
    alert: &Alert,
    user: UserId,
    at: Timestamp,
) -> Result<String> {
    let words = description::describe(tx, site, &alert.settings)?;
    let title = format!("Alert for {}: {words}", site.domain);
    let subscription = Subscription {
        kind: LetterKind::Alert,
        item: alert.id.0,
        user: Some(user),
        site: Some(site.id),
        title: &title,
    };
    unsubscribes::token(tx, subscription, at)
}

/// Turns the letters of an alert to a person off or on.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn set(
    tx: &Transaction<'_>,
    site: &Site,
    alert: &Alert,
    user: UserId,
    is_on: bool,
    at: Timestamp,
) -> Result<()> {
    if is_on {
        return unsubscribes::renew(tx, LetterKind::Alert, alert.id.0, Some(user));
    }
    let token = token(tx, site, alert, user, at)?;
    unsubscribes::end(tx, &token, at)
}
