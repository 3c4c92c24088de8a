//! Changing something by way of whoever was admitted: the rest of a request may be long in coming after its head, so the
//! right is asked again in the transaction that writes.

use super::entry::{Entry, Member, Personal, admit};
use crate::access::capability::Right;
use crate::app::App;
use crate::error::{Error, Result};
use crate::id::{Token, UserId};
use crate::store::sign_ins::{self, SignedIn};
use rusqlite::Transaction;

impl<R: Right> Entry<R> {
    /// Changes something, if the right still stands when it is written: the rest of a request may be long in coming.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        app.write(self.if_it_stands(app, change)).await
    }

    /// The same for a change that erases visits which may be open.
    pub async fn erase<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        app.erase(self.if_it_stands(app, change)).await
    }

    /// The change, and before it the question whether the right still stands.
    fn if_it_stands<T>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static {
        let (token, holder) = (self.token.clone(), Holder::of(&self.user));
        let (site, now) = (self.site.id, app.clock.now());
        move |tx| {
            holder.check(&admit(tx, (&token, now), site, R::CAPABILITY)?.0)?;
            change(tx)
        }
    }
}

impl<R> Member<R> {
    /// Changes something, if the sign-in still holds, and for the same account, when it is written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        write_as(app, (&self.user, &self.token), change).await
    }
}

impl<R> Personal<R> {
    /// Changes something, if the sign-in still holds, and its person acts for nobody, when it is written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        write_as(app, (&self.user, &self.token), change).await
    }
}

async fn write_as<T: Send + 'static>(
    app: &App,
    (user, token): (&SignedIn, &Token),
    change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (token, holder, now) = (token.clone(), Holder::of(user), app.clock.now());
    app.write(move |tx| {
        let found = sign_ins::find(tx, &token, now)?.ok_or_else(|| Error::SignedOut(String::new()))?;
        holder.check(&found)?;
        change(tx)
    })
    .await
}

/// For whom a request was admitted: the account, and whoever acts for it.
struct Holder {
    user: UserId,
    parent: Option<UserId>,
}

impl Holder {
    fn of(user: &SignedIn) -> Self {
        Self { user: user.user, parent: user.parent.as_ref().map(|parent| parent.user) }
    }

    /// Refuses what is meant for another account than the browser acts for by now.
    fn check(&self, found: &SignedIn) -> Result<()> {
        let is_same =
            found.user == self.user && found.parent.as_ref().map(|parent| parent.user) == self.parent;
        if is_same { Ok(()) } else { Err(Error::Forbidden) }
    }
}
