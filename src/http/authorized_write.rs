//! Writes that check the caller's right again: the body of a request may arrive long after its head, so the
//! right is checked in the transaction that writes.

use crate::app::App;
use crate::error::{Error, Result};
use crate::model::id::{Token, UserId};
use crate::store::sign_ins::{self, SignedIn};
use rusqlite::Transaction;

/// The account that a request was admitted for, and the parent who acts for it.
pub struct AuthorizedAccount {
    user: UserId,
    parent: Option<UserId>,
}

impl AuthorizedAccount {
    /// Returns the account of a signed-in user.
    pub fn from_user(user: &SignedIn) -> Self {
        Self { user: user.user, parent: user.parent.as_ref().map(|parent| parent.user) }
    }

    /// Checks that the sign-in is still for the same account and parent.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Forbidden` when the browser acts for another account by now.
    pub fn check(&self, user: &SignedIn) -> Result<()> {
        let is_same = user.user == self.user && user.parent.as_ref().map(|parent| parent.user) == self.parent;
        if is_same { Ok(()) } else { Err(Error::Forbidden) }
    }
}

/// Runs a change in a write transaction, if the sign-in still holds for the same account there.
///
/// # Errors
///
/// Fails with `Error::SignedOut` when the sign-in has ended, with `Error::Forbidden` when it acts for another
/// account now, as the change itself does, and when the data file cannot be written.
pub async fn write<T: Send + 'static>(
    app: &App,
    user: &SignedIn,
    token: &Token,
    change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (token, account, now) = (token.clone(), AuthorizedAccount::from_user(user), app.clock.now());
    app.write(move |tx| {
        let user = sign_ins::find(tx, &token, now)?.ok_or_else(|| Error::SignedOut(String::new()))?;
        account.check(&user)?;
        change(tx)
    })
    .await
}
