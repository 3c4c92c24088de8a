//! Writes that check the caller's right again: the body of a request may arrive long after its head, so the
//! right is checked in the transaction that writes.

use super::auth::{AccountAccess, OwnAccount, SiteAccess, authorize};
use crate::access::capability::CapabilityType;
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::id::{Token, UserId};
use crate::store::sign_ins::{self, SignedIn};
use rusqlite::Transaction;

impl<R: CapabilityType> SiteAccess<R> {
    /// Runs a change in a write transaction, if the right still holds there.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut`, `Error::Missing` or `Error::Forbidden` when the right has ended, as the
    /// change itself does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        app.write(self.if_it_stands(app, change)).await
    }

    /// Runs a change that erases visits, which may be open, if the right still holds.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::write`] does.
    pub async fn erase<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        app.erase(self.if_it_stands(app, change)).await
    }

    /// Returns the change, preceded by the check of the right.
    fn if_it_stands<T>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static {
        let (token, holder) = (self.token.clone(), Holder::from_user(&self.user));
        let (site, now) = (self.site.id, app.clock.now());
        move |tx| {
            holder.check(&authorize(tx, &token, now, site, R::CAPABILITY)?.0)?;
            change(tx)
        }
    }
}

impl<R> AccountAccess<R> {
    /// Runs a change in a write transaction, if the sign-in still holds for the same account there.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut` when the sign-in has ended, with `Error::Forbidden` when it acts for
    /// another account now, as the change itself does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        write_as(app, &self.user, &self.token, change).await
    }
}

impl<R> OwnAccount<R> {
    /// Runs a change in a write transaction, if the sign-in still holds and acts for no sub-account there.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut` when the sign-in has ended, with `Error::Forbidden` when it acts for a
    /// sub-account now, as the change itself does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        write_as(app, &self.user, &self.token, change).await
    }
}

async fn write_as<T: Send + 'static>(
    app: &App,
    user: &SignedIn,
    token: &Token,
    change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (token, holder, now) = (token.clone(), Holder::from_user(user), app.clock.now());
    app.write(move |tx| {
        let found = sign_ins::find(tx, &token, now)?.ok_or_else(|| Error::SignedOut(String::new()))?;
        holder.check(&found)?;
        change(tx)
    })
    .await
}

/// The account that a request was admitted for, and the parent who acts for it.
struct Holder {
    user: UserId,
    parent: Option<UserId>,
}

impl Holder {
    fn from_user(user: &SignedIn) -> Self {
        Self { user: user.user, parent: user.parent.as_ref().map(|parent| parent.user) }
    }

    /// Checks that the sign-in is still for the same account and parent.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Forbidden` when the browser acts for another account by now.
    fn check(&self, found: &SignedIn) -> Result<()> {
        let is_same =
            found.user == self.user && found.parent.as_ref().map(|parent| parent.user) == self.parent;
        if is_same { Ok(()) } else { Err(Error::Forbidden) }
    }
}
