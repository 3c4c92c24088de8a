//! Browsers that are signed in. A token itself is never stored, only its hash.

use super::preferences::Preferences;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{SiteId, Token, UserId};
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Whose rights count: the person's own, or the sub-account's that they act for.
    pub user: UserId,
    /// The name of that account.
    pub username: String,
    /// Who acts for a sub-account; none for whoever acts for themselves.
    pub parent: Option<Parent>,
    /// Whether that account is somebody's sub-account, whoever acts.
    pub is_managed: bool,
    /// What the person prefers.
    pub preferences: Preferences,
    /// When the sign-in was last used, as far as it was written down.
    pub seen_at: Timestamp,
    /// The site that is seen as View Only people see it.
    pub preview: Option<SiteId>,
}

/// The parent account that acts for a sub-account.
#[derive(Clone, Debug)]
pub struct Parent {
    /// Whose sign-in it is.
    pub user: UserId,
    /// Their name.
    pub username: String,
}

/// A sign-in, as its person sees it in a list.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// What tells it from others; opens nothing.
    pub hash: [u8; 32],
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, as far as it was written down.
    pub seen_at: Timestamp,
    /// The user agent.
    pub agent: String,
    /// The address at its beginning.
    pub address: String,
}

/// Where a sign-in comes from, for the person to recognise it by.
pub struct Browser<'a> {
    /// The user agent.
    pub agent: &'a str,
    /// The address.
    pub address: &'a str,
}

/// Keeps a new sign-in, and drops those of the same person that ran out.
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

/// Who holds this token, unless it ran out or the person is disabled. Acting for an account that is no sub-account of
/// theirs any more counts for nothing.
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

/// The sign-ins of a person that hold, the one used last first.
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

/// Writes down that a sign-in is in use.
pub fn touch(transaction: &Transaction<'_>, token: &Token, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update sign_ins set seen_at = iif(seen_at > :end, :at, max(seen_at, :at)) where token_hash = :hash",
        // A clock that was ahead would let it last longer.
        named_params! {":at": at.0, ":end": at.after(limits::CLOCK_AHEAD_MAX).0, ":hash": token.hash()},
    )?;
    Ok(())
}

/// Shows a site as View Only people see it, in this browser; none: as it is.
pub fn update_preview(transaction: &Transaction<'_>, token: &Token, site: Option<SiteId>) -> Result<()> {
    transaction.execute(
        "update sign_ins set preview_site = :site where token_hash = :hash",
        named_params! {":site": site.map(|site| site.0), ":hash": token.hash()},
    )?;
    Ok(())
}

/// Acts for a sub-account in this browser; none: for oneself again. A preview ends with it.
pub fn update_acting_for(transaction: &Transaction<'_>, token: &Token, child: Option<UserId>) -> Result<()> {
    transaction.execute(
        "update sign_ins set acting_for = :child, preview_site = null where token_hash = :hash",
        named_params! {":child": child.map(|child| child.0), ":hash": token.hash()},
    )?;
    Ok(())
}

/// Ends whatever acting for an account there is, in every browser, and the previews with it.
pub fn end_acting_for(transaction: &Transaction<'_>, child: UserId) -> Result<()> {
    transaction.execute(
        "update sign_ins set acting_for = null, preview_site = null where acting_for = :child",
        named_params! {":child": child.0},
    )?;
    Ok(())
}

/// Ends one sign-in.
pub fn delete(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from sign_ins where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Ends one sign-in of a person, by what tells it from others.
pub fn delete_one(transaction: &Transaction<'_>, user: UserId, hash: &[u8; 32]) -> Result<()> {
    transaction.execute(
        "delete from sign_ins where user_id = :user and token_hash = :hash",
        named_params! {":user": user.0, ":hash": hash},
    )?;
    Ok(())
}

/// Ends every sign-in of a person but one.
pub fn delete_others(transaction: &Transaction<'_>, user: UserId, kept: &Token) -> Result<()> {
    transaction.execute(
        "delete from sign_ins where user_id = :user and token_hash <> :kept",
        named_params! {":user": user.0, ":kept": kept.hash()},
    )?;
    Ok(())
}

/// Ends every sign-in of a person.
pub fn delete_all(transaction: &Transaction<'_>, user: UserId) -> Result<()> {
    transaction.execute("delete from sign_ins where user_id = :user", [user.0])?;
    Ok(())
}

/// Drops sign-ins that were not used for too long.
pub fn delete_unused(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::SIGN_IN_IDLE);
    transaction.execute("delete from sign_ins where seen_at <= :oldest", [oldest.0])?;
    Ok(())
}
