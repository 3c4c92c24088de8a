//! Sub-accounts: accounts managed by a parent account, one level deep.

use super::users::{self, User};
use super::{sign_ins, sites};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::id::UserId;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Lists the sub-accounts of a user, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, parent: UserId) -> Result<Vec<User>> {
    let sql = format!("select {} from users where parent_id = :parent order by username", users::columns());
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([parent.0], users::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns one sub-account of a parent.
///
/// # Errors
/// Fails with [`Error::Missing`] when it is not the parent's.
pub fn get(connection: &Connection, parent: UserId, child: UserId) -> Result<User> {
    let sql = format!("select {} from users where id = :child and parent_id = :parent", users::columns());
    let bound = named_params! {":child": child.0, ":parent": parent.0};
    let found = connection.prepare_cached(&sql)?.query_row(bound, users::read).optional()?;
    found.ok_or(Error::Missing("sub-account"))
}

/// Checks that a user may have one more sub-account.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such user, and with [`Error::Invalid`] when the user is a
/// sub-account, may own no sites, or has [`limits::SUB_ACCOUNTS_PER_USER_MAX`] already.
pub fn check_parent(connection: &Connection, parent: UserId) -> Result<()> {
    if users::get(connection, parent)?.parent.is_some() {
        return Err(Error::invalid("account", "A sub-account can't have sub-accounts of its own."));
    }
    if users::sites_max(connection, parent)? == Some(0) {
        let sentence =
            "Your account is for sites of others. Ask whoever runs this server for sites of your own first.";
        return Err(Error::invalid("account", sentence));
    }
    if list(connection, parent)?.len() >= limits::SUB_ACCOUNTS_PER_USER_MAX {
        let sentence = format!("An account has {} sub-accounts at most.", limits::SUB_ACCOUNTS_PER_USER_MAX);
        return Err(Error::invalid("account", sentence));
    }
    Ok(())
}

/// Makes an account the sub-account of another one, in place of its earlier parent.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the two are the same, the parent may have no more, or the child has sub-accounts
/// itself.
pub fn adopt(transaction: &Transaction<'_>, parent: UserId, child: UserId) -> Result<()> {
    if parent == child {
        return Err(Error::invalid("account", "An account can't be its own sub-account."));
    }
    check_parent(transaction, parent)?;
    if !list(transaction, child)?.is_empty() {
        let sentence = "Whoever has sub-accounts can't become one: release them first.";
        return Err(Error::invalid("account", sentence));
    }
    update_parent(transaction, child, Some(parent))
}

/// Makes a sub-account an independent account. If the parent's number of sites is limited, the sites that the child has
/// are deducted from it: otherwise a user allowed three sites could get any number by releasing accounts.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such account, and with [`Error::Invalid`] when it is no sub-account.
pub fn release(transaction: &Transaction<'_>, child: UserId) -> Result<()> {
    let Some(parent) = users::get(transaction, child)?.parent else {
        return Err(Error::invalid("account", "That is no sub-account."));
    };
    if let Some(most) = users::sites_max(transaction, parent)? {
        let count = sites::count_of(transaction, child)?;
        users::update_sites_max(transaction, child, Some(count))?;
        users::update_sites_max(transaction, parent, Some((most - count).max(0)))?;
    }
    update_parent(transaction, child, None)
}

fn update_parent(transaction: &Transaction<'_>, child: UserId, parent: Option<UserId>) -> Result<()> {
    sign_ins::end_acting_for(transaction, child)?;
    transaction.execute(
        "update users set parent_id = :parent where id = :child",
        named_params! {":parent": parent.map(|parent| parent.0), ":child": child.0},
    )?;
    Ok(())
}
