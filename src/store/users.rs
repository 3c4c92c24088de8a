//! The table of people who sign in.

use super::emails::{self, EmailState};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::{email, username};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A person's account.
#[derive(Clone, Debug)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The e-mail address that they gave.
    pub email: String,
    /// The state of that address.
    pub email_state: EmailState,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The last sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// Since when the person can't sign in.
    pub disabled_at: Option<Timestamp>,
    /// Whether the password alone is not enough.
    pub has_second_factor: bool,
    /// Whose sub-account it is.
    pub parent: Option<UserId>,
}

impl User {
    /// Whether the address was shown to be theirs.
    pub fn has_proved_email(&self) -> bool {
        self.email_state == EmailState::Proved
    }

    /// Returns the address for letters about the account; none where it is proved to be another account's.
    pub fn mailbox(&self) -> Option<&str> {
        (self.email_state != EmailState::Taken).then_some(self.email.as_str())
    }
}

/// The secret that somebody shares with an authenticator app.
#[derive(Clone)]
pub struct SecondFactor {
    /// The secret.
    pub secret: Vec<u8>,
    /// The step of the newest code that was used.
    pub step: Option<i64>,
}

/// A new account, checked.
pub struct NewUser<'a> {
    /// The name to sign in with, in its one spelling.
    pub username: &'a str,
    /// The e-mail address, in its one spelling.
    pub email: &'a str,
    /// The bcrypt hash.
    pub password: &'a str,
    /// When the account is made.
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

/// Everybody, by name.
pub fn list(connection: &Connection) -> Result<Vec<User>> {
    let mut question = connection.prepare(&format!("select {} from users order by username", columns()))?;
    let rows = question.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many accounts there are.
pub fn count(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("select count(*) from users", [], |row| row.get(0))?)
}

/// The e-mail addresses that are names.
enum Names {
    /// Proved addresses, to name another user.
    Proved,
    /// Addresses unproved since before version 7 too, to sign in.
    SigningIn,
}

/// Finds a user by a typed user name, or by an e-mail address that is a name. The text as typed comes first,
/// whatever the case of its letters; then its one spelling.
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

/// Finds a user by user name or proved e-mail address, as other people name them.
pub fn find_meant(connection: &Connection, typed: &str) -> Result<Option<User>> {
    find_by(connection, typed, &Names::Proved)
}

/// Finds a user by the name they sign in with: also by an address that was unproved before version 7, until
/// an account proves it.
pub fn find_signing_in(connection: &Connection, typed: &str) -> Result<Option<User>> {
    find_by(connection, typed, &Names::SigningIn)
}

/// Somebody by id.
pub fn get(connection: &Connection, id: UserId) -> Result<User> {
    let sql = format!("select {} from users where id = :id", columns());
    let found = connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?;
    found.ok_or(Error::Missing("user"))
}

/// Whose sub-account somebody is.
pub fn parent(connection: &Connection, id: UserId) -> Result<Option<User>> {
    let sql =
        format!("select {} from users where id = (select parent_id from users where id = :id)", columns());
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?)
}

/// The hash of a person's password.
pub fn password(connection: &Connection, id: UserId) -> Result<String> {
    Ok(connection.query_row("select password from users where id = :id", [id.0], |row| row.get(0))?)
}

/// Refuses a name that another user has, or that looks like it. Names from before that rule stay as they are.
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

/// Creates an account with an unproved address. A name that is taken and an address that another account has
/// proved are refused beside their field.
pub fn create(transaction: &Transaction<'_>, user: &NewUser<'_>) -> Result<UserId> {
    check_free(transaction, (user.username, user.email))?;
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

/// Refuses a name that is taken and an address that another account has proved, beside their fields.
pub fn check_free(connection: &Connection, (username, email): (&str, &str)) -> Result<()> {
    check_name_free(connection, username, None)?;
    emails::check_free(connection, email, None)
}

/// Changes a user's name and address; a new address is not proved. A name that is taken and an address that
/// another account has proved are refused beside their field; an unchanged one is not checked.
pub fn update_profile(
    transaction: &Transaction<'_>,
    id: UserId,
    (username, email): (&str, &str),
) -> Result<()> {
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
    // A link that went to the old address must not open the account any more.
    super::resets::delete_all(transaction, id)
}

/// A person's second factor, if there is one.
pub fn second_factor(connection: &Connection, id: UserId) -> Result<Option<SecondFactor>> {
    let sql = "select second_factor, second_factor_step from users where id = :id";
    let (secret, step): (Option<Vec<u8>>, _) =
        connection.query_row(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(secret.map(|secret| SecondFactor { secret, step }))
}

/// Sets or removes the second factor.
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

/// How many sites somebody may own; none: no limit.
pub fn sites_max(connection: &Connection, id: UserId) -> Result<Option<i64>> {
    Ok(connection.query_row("select sites_max from users where id = :id", [id.0], |row| row.get(0))?)
}

/// Says how many sites somebody may own; none: no limit.
pub fn update_sites_max(transaction: &Transaction<'_>, id: UserId, most: Option<i64>) -> Result<()> {
    transaction.execute(
        "update users set sites_max = :most where id = :id",
        named_params! {":most": most, ":id": id.0},
    )?;
    Ok(())
}

/// Changes a password, ends every sign-in and forgets every known device.
pub fn update_password(transaction: &Transaction<'_>, id: UserId, password: &str) -> Result<()> {
    transaction.execute(
        "update users set password = :password where id = :id",
        named_params! {":password": password, ":id": id.0},
    )?;
    super::resets::delete_all(transaction, id)?;
    super::devices::delete_all(transaction, id)?;
    super::sign_ins::delete_all(transaction, id)
}

/// Disables a user's sign-in, ends every sign-in and forgets every known device.
pub fn disable(transaction: &Transaction<'_>, id: UserId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update users set disabled_at = coalesce(disabled_at, :at) where id = :id",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    super::devices::delete_all(transaction, id)?;
    super::sign_ins::delete_all(transaction, id)
}

/// Lets somebody sign in again.
pub fn enable(transaction: &Transaction<'_>, id: UserId) -> Result<()> {
    transaction.execute("update users set disabled_at = null where id = :id", [id.0])?;
    Ok(())
}

/// Removes an account that owns no site. Its sub-accounts become accounts of their own, and what it shared stays shared.
pub fn delete(transaction: &Transaction<'_>, id: UserId) -> Result<()> {
    super::sub_accounts::release_all(transaction, id)?;
    transaction.execute("delete from users where id = :id", [id.0])?;
    Ok(())
}
