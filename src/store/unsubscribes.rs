//! Letters that their receivers can end without signing in: one token for each thing and receiver. A token ends letters and shows
//! nothing, so it is stored readable and used in every letter of its kind.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The kind of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum LetterKind {
    /// Letters of an alert; the item is the alert.
    Alert,
    /// A digest; the item is the digest.
    Digest,
}

/// The letters that one receiver gets for one item.
#[derive(Clone, Copy, Debug)]
pub struct Subscription<'a> {
    /// The kind of letters.
    pub kind: LetterKind,
    /// The id of the alert or digest.
    pub item: i64,
    /// The receiver; `None` for an address outside, which the item knows.
    pub user: Option<UserId>,
    /// The site; `None` for several.
    pub site: Option<SiteId>,
    /// The words for what ends, such as `Alert “Traffic drop” of corner.example`.
    pub title: &'a str,
}

/// A token's subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// The words for what ends.
    pub title: String,
    /// True if the receiver has no account.
    pub is_outside: bool,
    /// The time at which the receiver ended the letters; `None` while they go on.
    pub ended_at: Option<Timestamp>,
}

/// Returns the token that ends these letters, and creates it if there is none.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn token(transaction: &Transaction<'_>, subscription: Subscription<'_>, at: Timestamp) -> Result<String> {
    let kind: &str = subscription.kind.into();
    transaction.execute(
        "insert into unsubscribes (token, kind, item_id, user_id, site_id, title, created_at)
         values (:token, :kind, :item, :user, :site, :title, :at)
         on conflict (kind, item_id, ifnull(user_id, 0)) do update set title = excluded.title",
        named_params! {
            ":token": Token::generate()?.expose(), ":kind": kind, ":item": subscription.item,
            ":user": subscription.user.map(|user| user.0), ":site": subscription.site.map(|site| site.0),
            ":title": subscription.title, ":at": at.0,
        },
    )?;
    let token = transaction.query_row(
        "select token from unsubscribes where kind = :kind and item_id = :item and ifnull(user_id, 0) = :user",
        named_params! {
            ":kind": kind, ":item": subscription.item, ":user": subscription.user.map_or(0, |user| user.0),
        },
        |row| row.get(0),
    )?;
    Ok(token)
}

/// Finds the subscription of a token.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, token: &str) -> Result<Option<Unsubscribe>> {
    let mut question = connection
        .prepare_cached("select title, user_id is null, ended_at from unsubscribes where token = :token")?;
    Ok(question.query_row([token], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Unsubscribe> {
    Ok(Unsubscribe {
        title: row.get(0)?,
        is_outside: row.get(1)?,
        ended_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
    })
}

/// Records that the receiver ended these letters.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn end(transaction: &Transaction<'_>, token: &str, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update unsubscribes set ended_at = :at where token = :token and ended_at is null",
        named_params! {":token": token, ":at": at.0},
    )?;
    Ok(())
}

/// Returns true if a receiver ended the letters of an item.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn is_ended(connection: &Connection, kind: LetterKind, item: i64, user: Option<UserId>) -> Result<bool> {
    let kind: &str = kind.into();
    let mut question = connection.prepare_cached(
        "select exists (
           select 1 from unsubscribes
           where kind = :kind and item_id = :item and ifnull(user_id, 0) = :user and ended_at is not null
         )",
    )?;
    let bound = named_params! {":kind": kind, ":item": item, ":user": user.map_or(0, |user| user.0)};
    Ok(question.query_row(bound, |row| row.get(0))?)
}

/// Lets a receiver have the letters of an item again.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn renew(transaction: &Transaction<'_>, kind: LetterKind, item: i64, user: Option<UserId>) -> Result<()> {
    let kind: &str = kind.into();
    transaction.execute(
        "update unsubscribes set ended_at = null
         where kind = :kind and item_id = :item and ifnull(user_id, 0) = :user",
        named_params! {":kind": kind, ":item": item, ":user": user.map_or(0, |user| user.0)},
    )?;
    Ok(())
}

/// Deletes the tokens of an item that is removed.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, kind: LetterKind, item: i64) -> Result<()> {
    let kind: &str = kind.into();
    transaction.execute(
        "delete from unsubscribes where kind = :kind and item_id = :item",
        named_params! {":kind": kind, ":item": item},
    )?;
    Ok(())
}
