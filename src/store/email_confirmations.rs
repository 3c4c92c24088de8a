//! E-mail confirmation links: only the owner of the mailbox has them. Of a token only the hash is stored; each works
//! once within some days, for the address that it was sent to.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{Token, UserId};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// The account and address that a link confirms.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The owner of the address; `None` for the account that accepts the invitation with which the link was sent.
    pub user: Option<UserId>,
    /// The e-mail address.
    pub email: String,
}

/// Creates a link.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, proof: &Proof, token: &Token, at: Timestamp) -> Result<()> {
    transaction.execute(
        "insert into email_confirmations (token_hash, user_id, email, created_at) values (:hash, :user, :email, :at)",
        named_params! {
            ":hash": token.hash(), ":user": proof.user.map(|user| user.0), ":email": proof.email, ":at": at.0,
        },
    )?;
    Ok(())
}

/// Finds the account and address of a link that is still valid; links sent with invitations last as long as these.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<Proof>> {
    let mut question = connection.prepare_cached(
        "select user_id, email
         from email_confirmations
         where token_hash = :hash and created_at > iif(user_id is null, :invited, :oldest)",
    )?;
    let bound = named_params! {
        ":hash": token.hash(), ":oldest": now.before(limits::PROOF_LASTS).0,
        ":invited": now.before(limits::INVITATION_LASTS).0,
    };
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Proof { user: row.get::<_, Option<i64>>(0)?.map(UserId), email: row.get(1)? })
    };
    Ok(question.query_row(bound, read).optional()?)
}

/// Returns the number of valid links of a user, for any address.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count(connection: &Connection, user: UserId, now: Timestamp) -> Result<i64> {
    Ok(connection.query_row(
        "select count(*) from email_confirmations where user_id = :user and created_at > :oldest",
        named_params! {":user": user.0, ":oldest": now.before(limits::PROOF_LASTS).0},
        |row| row.get(0),
    )?)
}

/// Returns the number of valid links sent to an address, from all accounts.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_to(connection: &Connection, email: &str, now: Timestamp) -> Result<i64> {
    Ok(connection.query_row(
        "select count(*) from email_confirmations where email = :email collate nocase and created_at > :oldest",
        named_params! {":email": email, ":oldest": now.before(limits::PROOF_LASTS).0},
        |row| row.get(0),
    )?)
}

/// Deletes a link.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from email_confirmations where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Deletes expired links.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    transaction.execute(
        "delete from email_confirmations where created_at <= iif(user_id is null, :invited, :oldest)",
        named_params! {
            ":oldest": now.before(limits::PROOF_LASTS).0, ":invited": now.before(limits::INVITATION_LASTS).0,
        },
    )?;
    Ok(())
}
