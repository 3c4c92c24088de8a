//! Owners of e-mail addresses: any number of accounts may have entered an address, but only one can confirm it. Only a
//! confirmed address serves as a name of its account, except for unconfirmed addresses that are older than that rule.

use crate::error::{Error, Result};
use crate::model::email;
use crate::model::id::UserId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use strum::{EnumString, IntoStaticStr};

/// The state of an account's e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum EmailState {
    /// Confirmed: a name to sign in with and to be found by, and the address for password resets.
    Proved,
    /// Confirmed by no account: no name at all.
    Unproved,
    /// Unconfirmed since before file version 7: still a name to sign in with, until another account confirms it.
    Grandfathered,
    /// Confirmed by another account: no name, and no mail is sent there.
    Taken,
}

impl EmailState {
    /// Reads the state from its name in [`STATE`].
    pub(super) fn read(name: &str) -> Self {
        name.parse().unwrap_or(Self::Unproved)
    }

    /// Returns the state's name in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The SQL expression for the state of a row of `users`.
pub(super) const STATE: &str = "case
     when email_proved then 'proved'
     when exists (
       select 1
       from users as holder
       where holder.email_key = users.email_key and holder.email_proved and holder.id <> users.id
     ) then 'taken'
     when email_grandfathered then 'grandfathered'
     else 'unproved'
   end";

/// Checks that no other account has confirmed an address.
pub(super) fn check_free(connection: &Connection, email: &str, own: Option<UserId>) -> Result<()> {
    let mut question = connection
        .prepare_cached("select 1 from users where email_key = :key and email_proved and id is not :own")?;
    if question.exists(named_params! {":key": email::key(email), ":own": own.map(|own| own.0)})? {
        return Err(Error::invalid("email", "There is already an account with that e-mail address."));
    }
    Ok(())
}

/// Lists the accounts that have entered an address without confirming it, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_claimants(connection: &Connection, email: &str) -> Result<Vec<(UserId, String)>> {
    let mut question = connection.prepare_cached(
        "select id, username from users where email_key = :key and not email_proved order by username",
    )?;
    let rows = question.query_map([email::key(email)], |row| Ok((UserId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Marks an account's address as confirmed. Every other account that has entered it loses it as a name, together with
/// the links sent there.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such account, and with [`Error::Invalid`] when another account has
/// confirmed the address: that one has to change its address first.
pub fn prove(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    let sql = "select email, email_proved from users where id = :user";
    let known = transaction.query_row(sql, [user.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (email, is_proved): (String, bool) = known.ok_or(Error::Missing("user"))?;
    if is_proved {
        return Ok(());
    }
    check_free(transaction, &email, Some(user))?;
    for (other, _) in list_claimants(transaction, &email)?.into_iter().filter(|(other, _)| *other != user) {
        transaction.execute("update users set email_grandfathered = 0 where id = :other", [other.0])?;
        // The owner of that mailbox must not get into the other account.
        transaction.execute("delete from password_resets where user_id = :other", [other.0])?;
        transaction.execute("delete from email_confirmations where user_id = :other", [other.0])?;
    }
    transaction
        .execute("update users set email_proved = 1, email_grandfathered = 0 where id = :user", [user.0])?;
    Ok(())
}
