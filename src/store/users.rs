//! The table of users.

use super::emails::{self, EmailState};
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::model::{email, username};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A user's account.
#[derive(Clone, Debug)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The e-mail address entered.
    pub email: String,
    /// The state of that address.
    pub email_state: EmailState,
    /// The time of the account's creation.
    pub created_at: Timestamp,
    /// The time of the last sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// The time since which the user cannot sign in.
    pub disabled_at: Option<Timestamp>,
    /// True if signing in takes a second factor besides the password.
    pub has_second_factor: bool,
    /// The parent account, for a sub-account.
    pub parent: Option<UserId>,
}

impl User {
    /// Returns true if the user confirmed the e-mail address.
    pub fn has_proved_email(&self) -> bool {
        self.email_state == EmailState::Proved
    }

    /// Returns the address for mail about the account; `None` when another account has confirmed it.
    pub fn mailbox(&self) -> Option<&str> {
        (self.email_state != EmailState::Taken).then_some(self.email.as_str())
    }
}

/// The second factor: a secret shared with an authenticator app.
#[derive(Clone)]
pub struct SecondFactor {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// The time step of the newest code that was used.
    pub step: Option<i64>,
}

/// The validated data of a new account.
pub struct NewUser<'a> {
    /// The user name in canonical spelling.
    pub username: &'a str,
    /// The e-mail address in canonical spelling.
    pub email: &'a str,
    /// The bcrypt hash of the password.
    pub password: &'a str,
    /// The time of creation.
    pub created_at: Timestamp,
}

/// Returns the columns of a user, as [`read`] expects them.
pub(super) fn columns() -> String {
    format!(
        "id, username, email, created_at, signed_in_at, disabled_at, second_factor is not null, parent_id, {}",
        emails::STATE
    )
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId(row.get(0)?),
        username: row.get(1)?,
        email: row.get(2)?,
        created_at: Timestamp(row.get(3)?),
        signed_in_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        disabled_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        has_second_factor: row.get(6)?,
        parent: row.get::<_, Option<i64>>(7)?.map(UserId),
        email_state: EmailState::read(&row.get::<_, String>(8)?),
    })
}

/// Lists all users, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection) -> Result<Vec<User>> {
    let mut question = connection.prepare(&format!("select {} from users order by username", columns()))?;
    let rows = question.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns the number of accounts.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("select count(*) from users", [], |row| row.get(0))?)
}

/// The e-mail addresses that count as names.
enum Names {
    /// Confirmed addresses, for naming another user.
    Proved,
    /// Also addresses unconfirmed since before file version 7, for signing in.
    SigningIn,
}

/// Finds a user by a typed user name, or by an e-mail address that counts as a name. The text as typed takes
/// precedence, in any letter case; then its canonical spelling.
fn find_by(connection: &Connection, typed: &str, names: &Names) -> Result<Option<User>> {
    let sql = format!(
        "select {}
         from users
         where username in (:typed, :name)
           or (email_key in (:typed_key, :email_key) and (email_proved or (:signing_in and email_grandfathered)))
         order by username = :typed desc, username = :name desc, email = :typed desc,
           email_key = :typed_key desc, email_proved desc, id
         limit 1",
        columns()
    );
    let bound = named_params! {
        ":typed": typed.trim(), ":name": username::canonical(typed),
        ":typed_key": email::key(typed), ":email_key": email::key(&email::canonical(typed)),
        ":signing_in": matches!(names, Names::SigningIn),
    };
    Ok(connection.prepare_cached(&sql)?.query_row(bound, read).optional()?)
}

/// Finds a user by user name or confirmed e-mail address, as other people name them.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_meant(connection: &Connection, typed: &str) -> Result<Option<User>> {
    find_by(connection, typed, &Names::Proved)
}

/// Finds a user by the name for signing in, which includes an address unconfirmed since before file version 7 until an
/// account confirms it.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_signing_in(connection: &Connection, typed: &str) -> Result<Option<User>> {
    find_by(connection, typed, &Names::SigningIn)
}

/// Returns a user by id.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, id: UserId) -> Result<User> {
    let sql = format!("select {} from users where id = :id", columns());
    let found = connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?;
    found.ok_or(Error::Missing("user"))
}

/// Returns the parent account of a user.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn parent(connection: &Connection, id: UserId) -> Result<Option<User>> {
    let sql =
        format!("select {} from users where id = (select parent_id from users where id = :id)", columns());
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?)
}

/// Returns the bcrypt hash of a user's password.
///
/// # Errors
/// Fails when there is no such user or the data file cannot be read.
pub fn password(connection: &Connection, id: UserId) -> Result<String> {
    Ok(connection.query_row("select password from users where id = :id", [id.0], |row| row.get(0))?)
}

/// Checks that no other user has this name or a name that looks like it. Names older than that rule stay as they are.
fn check_name_free(connection: &Connection, name: &str, own: Option<UserId>) -> Result<()> {
    let mut question = connection.prepare_cached(
        "select 1
         from users
         where (username_folded = :folded or username_look = :look) and id is not :own",
    )?;
    let bound = named_params! {
        ":folded": username::folded_key(name), ":look": username::look_key(name), ":own": own.map(|own| own.0),
    };
    if question.exists(bound)? {
        let sentence = "That user name is taken, or looks like one that is. Choose another one.";
        return Err(Error::invalid("username", sentence));
    }
    Ok(())
}

/// Creates an account with an unconfirmed address.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the name is taken or another account has confirmed the address.
pub fn create(transaction: &Transaction<'_>, user: &NewUser<'_>) -> Result<UserId> {
    check_free(transaction, user.username, user.email)?;
    transaction.execute(
        "insert into users (username, username_folded, username_look, email, email_key, password, created_at)
         values (:username, :folded, :look, :email, :key, :password, :created_at)",
        named_params! {
            ":username": user.username, ":folded": username::folded_key(user.username),
            ":look": username::look_key(user.username), ":email": user.email, ":key": email::key(user.email),
            ":password": user.password, ":created_at": user.created_at.0,
        },
    )?;
    Ok(UserId(transaction.last_insert_rowid()))
}

/// Checks that a name is free and that no other account has confirmed an address.
///
/// # Errors
/// Fails with [`Error::Invalid`], with the problem beside its field, when either is taken.
pub fn check_free(connection: &Connection, username: &str, email: &str) -> Result<()> {
    check_name_free(connection, username, None)?;
    emails::check_free(connection, email, None)
}

/// Updates a user's name and address; a new address is unconfirmed. Unchanged values are not checked.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such user, and with [`Error::Invalid`] when the new name is taken or
/// another account has confirmed the new address.
pub fn update_profile(transaction: &Transaction<'_>, id: UserId, username: &str, email: &str) -> Result<()> {
    let before = get(transaction, id)?;
    if before.username != username {
        check_name_free(transaction, username, Some(id))?;
    }
    if before.email != email {
        emails::check_free(transaction, email, Some(id))?;
    }
    transaction.execute(
        "update users
         set username = :username, username_folded = :folded, username_look = :look, email = :email,
           email_key = :key, email_proved = email_proved and email_key = :key,
           email_grandfathered = email_grandfathered and email_key = :key
         where id = :id",
        named_params! {
            ":username": username, ":folded": username::folded_key(username),
            ":look": username::look_key(username), ":email": email, ":key": email::key(email), ":id": id.0,
        },
    )?;
    // A link that was sent to the old address must no longer open the account.
    super::password_resets::delete_all(transaction, id)
}

/// Returns a user's second factor, if there is one.
///
/// # Errors
/// Fails when there is no such user or the data file cannot be read.
pub fn second_factor(connection: &Connection, id: UserId) -> Result<Option<SecondFactor>> {
    let sql = "select second_factor, second_factor_step from users where id = :id";
    let (secret, step): (Option<Vec<u8>>, _) =
        connection.query_row(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(secret.map(|secret| SecondFactor { secret, step }))
}

/// Sets or removes the second factor.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_second_factor(
    transaction: &Transaction<'_>,
    id: UserId,
    factor: Option<&SecondFactor>,
) -> Result<()> {
    transaction.execute(
        "update users set second_factor = :secret, second_factor_step = :step where id = :id",
        named_params! {
            ":secret": factor.map(|factor| &factor.secret), ":step": factor.and_then(|factor| factor.step),
            ":id": id.0,
        },
    )?;
    Ok(())
}

/// Returns the number of sites that a user may own; `None` for no limit.
///
/// # Errors
/// Fails when there is no such user or the data file cannot be read.
pub fn sites_max(connection: &Connection, id: UserId) -> Result<Option<i64>> {
    Ok(connection.query_row("select sites_max from users where id = :id", [id.0], |row| row.get(0))?)
}

/// Sets the number of sites that a user may own; `None` for no limit.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_sites_max(transaction: &Transaction<'_>, id: UserId, most: Option<i64>) -> Result<()> {
    transaction.execute(
        "update users set sites_max = :most where id = :id",
        named_params! {":most": most, ":id": id.0},
    )?;
    Ok(())
}

/// Changes a password, and deletes every sign-in, known device and reset link of the user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_password(transaction: &Transaction<'_>, id: UserId, password: &str) -> Result<()> {
    transaction.execute(
        "update users set password = :password where id = :id",
        named_params! {":password": password, ":id": id.0},
    )?;
    super::password_resets::delete_all(transaction, id)?;
    super::devices::delete_all(transaction, id)?;
    super::sign_ins::delete_all(transaction, id)
}

/// Disables a user, and deletes every sign-in and known device of theirs.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn disable(transaction: &Transaction<'_>, id: UserId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update users set disabled_at = coalesce(disabled_at, :at) where id = :id",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    super::devices::delete_all(transaction, id)?;
    super::sign_ins::delete_all(transaction, id)
}

/// Enables a disabled user.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn enable(transaction: &Transaction<'_>, id: UserId) -> Result<()> {
    transaction.execute("update users set disabled_at = null where id = :id", [id.0])?;
    Ok(())
}

/// Deletes an account that owns no site and whose sub-accounts were released
/// (`sub_accounts::release`). Shares that it gave stay.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, id: UserId) -> Result<()> {
    transaction.execute("delete from users where id = :id", [id.0])?;
    Ok(())
}
