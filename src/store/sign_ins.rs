//! Sign-ins: browser sessions of users. Of a token only the hash is stored.

use super::preferences::Preferences;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The user behind a sign-in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account whose rights apply: the user's own, or the sub-account that they act for.
    pub user: UserId,
    /// The name of that account.
    pub username: String,
    /// The parent user who acts for a sub-account; `None` for a user's own account.
    pub parent: Option<Parent>,
    /// True if that account is a sub-account, whoever acts.
    pub is_managed: bool,
    /// The display preferences.
    pub preferences: Preferences,
    /// The recorded time of the last use.
    pub seen_at: Timestamp,
    /// The site that is previewed as View Only users see it.
    pub preview: Option<SiteId>,
}

/// The parent user that acts for a sub-account.
#[derive(Clone, Debug)]
pub struct Parent {
    /// The user who signed in.
    pub user: UserId,
    /// The user's name.
    pub username: String,
}

/// A sign-in, as its user sees it in a list.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The hash of the token, which identifies the sign-in and gives no access.
    pub hash: [u8; 32],
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// The recorded time of the last use.
    pub seen_at: Timestamp,
    /// The `User-Agent` header.
    pub agent: String,
    /// The IP address at the beginning.
    pub address: String,
}

/// The browser of a sign-in, by which its user recognises it.
pub struct Browser<'a> {
    /// The `User-Agent` header.
    pub agent: &'a str,
    /// The IP address.
    pub address: &'a str,
}

/// Creates a sign-in, and deletes all that expired.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(
    transaction: &Transaction<'_>,
    user: UserId,
    token: &Token,
    browser: &Browser<'_>,
    at: Timestamp,
) -> Result<()> {
    delete_unused(transaction, at)?;
    transaction.execute(
        "insert into sign_ins (token_hash, user_id, created_at, seen_at, agent, address)
         values (:hash, :user, :at, :at, :agent, :address)",
        named_params! {
            ":hash": token.hash(), ":user": user.0, ":at": at.0,
            ":agent": browser.agent, ":address": browser.address,
        },
    )?;
    transaction.execute(
        "update users set signed_in_at = :at where id = :user",
        named_params! {":at": at.0, ":user": user.0},
    )?;
    Ok(())
}

/// Finds the user of a token, unless the sign-in expired or the user is disabled. Acting for an account that is no
/// longer the user's sub-account is ignored.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<SignedIn>> {
    let mut question = connection.prepare_cached(
        "select users.id, users.username, sign_ins.seen_at, holder.theme, holder.start_page, users.panels,
           sign_ins.preview_site, holder.id, holder.username, users.parent_id is not null
         from sign_ins
         join users as holder on holder.id = sign_ins.user_id
         left join users as child on child.id = sign_ins.acting_for and child.parent_id = holder.id
         join users on users.id = coalesce(child.id, holder.id)
         where sign_ins.token_hash = :hash and holder.disabled_at is null and sign_ins.seen_at > :oldest",
    )?;
    let oldest = now.before(limits::SIGN_IN_IDLE);
    let found = question.query_row(named_params! {":hash": token.hash(), ":oldest": oldest.0}, |row| {
        let (user, holder) = (UserId(row.get(0)?), UserId(row.get(7)?));
        let parent = Parent { user: holder, username: row.get(8)? };
        Ok(SignedIn {
            user,
            username: row.get(1)?,
            parent: (holder != user).then_some(parent),
            is_managed: row.get(9)?,
            seen_at: Timestamp(row.get(2)?),
            preferences: Preferences { theme: row.get(3)?, start_page: row.get(4)?, panels: row.get(5)? },
            preview: row.get::<_, Option<i64>>(6)?.map(SiteId),
        })
    });
    Ok(found.optional()?)
}

/// Lists the valid sign-ins of a user, the last used first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, user: UserId, now: Timestamp) -> Result<Vec<SignIn>> {
    let mut question = connection.prepare_cached(
        "select token_hash, created_at, seen_at, agent, address
         from sign_ins
         where user_id = :user and seen_at > :oldest
         order by seen_at desc",
    )?;
    let bound = named_params! {":user": user.0, ":oldest": now.before(limits::SIGN_IN_IDLE).0};
    let rows = question.query_map(bound, |row| {
        Ok(SignIn {
            hash: row.get(0)?,
            created_at: Timestamp(row.get(1)?),
            seen_at: Timestamp(row.get(2)?),
            agent: row.get(3)?,
            address: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Records that a sign-in is in use.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn touch(transaction: &Transaction<'_>, token: &Token, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update sign_ins set seen_at = iif(seen_at > :end, :at, max(seen_at, :at)) where token_hash = :hash",
        // A time in the future, from a clock that was ahead, would extend the sign-in.
        named_params! {":at": at.0, ":end": at.after(limits::CLOCK_AHEAD_MAX).0, ":hash": token.hash()},
    )?;
    Ok(())
}

/// Sets the site that this browser previews as View Only users see it; `None` ends the preview.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_preview(transaction: &Transaction<'_>, token: &Token, site: Option<SiteId>) -> Result<()> {
    transaction.execute(
        "update sign_ins set preview_site = :site where token_hash = :hash",
        named_params! {":site": site.map(|site| site.0), ":hash": token.hash()},
    )?;
    Ok(())
}

/// Sets the sub-account that this browser acts for; `None` returns to the user's own account. Ends a preview.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_acting_for(transaction: &Transaction<'_>, token: &Token, child: Option<UserId>) -> Result<()> {
    transaction.execute(
        "update sign_ins set acting_for = :child, preview_site = null where token_hash = :hash",
        named_params! {":child": child.map(|child| child.0), ":hash": token.hash()},
    )?;
    Ok(())
}

/// Ends acting for an account in every browser, together with previews.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn end_acting_for(transaction: &Transaction<'_>, child: UserId) -> Result<()> {
    transaction.execute(
        "update sign_ins set acting_for = null, preview_site = null where acting_for = :child",
        named_params! {":child": child.0},
    )?;
    Ok(())
}

/// Deletes a sign-in by its token.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from sign_ins where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Deletes one sign-in of a user by its hash.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_one(transaction: &Transaction<'_>, user: UserId, hash: &[u8; 32]) -> Result<()> {
    transaction.execute(
        "delete from sign_ins where user_id = :user and token_hash = :hash",
        named_params! {":user": user.0, ":hash": hash},
    )?;
    Ok(())
}

/// Deletes every sign-in of a user except one.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_others(transaction: &Transaction<'_>, user: UserId, kept: &Token) -> Result<()> {
    transaction.execute(
        "delete from sign_ins where user_id = :user and token_hash <> :kept",
        named_params! {":user": user.0, ":kept": kept.hash()},
    )?;
    Ok(())
}

/// Deletes every sign-in of a user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_all(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute("delete from sign_ins where user_id = :user", [user.0])?;
    Ok(())
}

/// Deletes sign-ins unused for [`limits::SIGN_IN_IDLE`].
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_unused(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::SIGN_IN_IDLE);
    transaction.execute("delete from sign_ins where seen_at <= :oldest", [oldest.0])?;
    Ok(())
}
