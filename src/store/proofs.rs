//! Links that prove an e-mail address: only who reads that mailbox has them. A token itself is never stored, only its
//! hash; each holds for some days and once, and for the address that it went to.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::{Token, UserId};
use crate::limits;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

/// What a link proves.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Whose address it is; none: that of whoever takes the invitation in whose letter the link came.
    pub user: Option<UserId>,
    /// The address.
    pub email: String,
}

/// Keeps a new link.
pub fn create(transaction: &Transaction<'_>, proof: &Proof, token: &Token, at: Timestamp) -> Result<()> {
    transaction.execute(
        "insert into proofs (token_hash, user_id, email, created_at) values (:hash, :user, :email, :at)",
        named_params! {
            ":hash": token.hash(), ":user": proof.user.map(|user| user.0), ":email": proof.email, ":at": at.0,
        },
    )?;
    Ok(())
}

/// What a link proves, as long as it holds; those of invitations hold as long as these.
pub fn find(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<Proof>> {
    let mut question = connection.prepare_cached(
        "select user_id, email
         from proofs
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

/// How many links of a person hold, whatever the address.
pub fn count(connection: &Connection, user: UserId, now: Timestamp) -> Result<i64> {
    Ok(connection.query_row(
        "select count(*) from proofs where user_id = :user and created_at > :oldest",
        named_params! {":user": user.0, ":oldest": now.before(limits::PROOF_LASTS).0},
        |row| row.get(0),
    )?)
}

/// Counts the valid links sent to an address, from all accounts.
pub fn count_to(connection: &Connection, email: &str, now: Timestamp) -> Result<i64> {
    Ok(connection.query_row(
        "select count(*) from proofs where email = :email collate nocase and created_at > :oldest",
        named_params! {":email": email, ":oldest": now.before(limits::PROOF_LASTS).0},
        |row| row.get(0),
    )?)
}

/// Ends a link.
pub fn delete(transaction: &Transaction<'_>, token: &Token) -> Result<()> {
    transaction.execute("delete from proofs where token_hash = :hash", [token.hash()])?;
    Ok(())
}

/// Drops links that ran out.
pub fn delete_old(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    transaction.execute(
        "delete from proofs where created_at <= iif(user_id is null, :invited, :oldest)",
        named_params! {
            ":oldest": now.before(limits::PROOF_LASTS).0, ":invited": now.before(limits::INVITATION_LASTS).0,
        },
    )?;
    Ok(())
}
