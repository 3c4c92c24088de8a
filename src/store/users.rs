//! The table of people who sign in.

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::id::UserId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A person's account.
#[derive(Clone, Debug)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The address to sign in with and to write to.
    pub email: String,
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
    /// Whether the address was shown to be theirs.
    pub has_proved_email: bool,
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
    /// The name to sign in with.
    pub username: &'a str,
    /// The address to sign in with.
    pub email: &'a str,
    /// The bcrypt hash.
    pub password: &'a str,
    /// When the account is made.
    pub created_at: Timestamp,
}

pub(super) const COLUMNS: &str = "id, username, email, created_at, signed_in_at, disabled_at, \
                                  second_factor is not null, parent_id, email_proved";

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
        has_proved_email: row.get(8)?,
    })
}

/// Everybody, by name.
pub fn list(connection: &Connection) -> Result<Vec<User>> {
    let mut question = connection.prepare(&format!("select {COLUMNS} from users order by username"))?;
    let rows = question.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many accounts there are.
pub fn count(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("select count(*) from users", [], |row| row.get(0))?)
}

/// Somebody by name or e-mail, whatever the case of the letters.
pub fn find_by_name(connection: &Connection, name: &str) -> Result<Option<User>> {
    let sql = format!("select {COLUMNS} from users where username = :name or email = :name");
    Ok(connection.prepare_cached(&sql)?.query_row([name], read).optional()?)
}

/// Somebody by name, or by an e-mail address that is proved to be theirs: whom others mean when they let somebody in.
pub fn find_meant(connection: &Connection, name: &str) -> Result<Option<User>> {
    let is_meant = |user: &User| user.has_proved_email || !user.email.eq_ignore_ascii_case(name);
    Ok(find_by_name(connection, name)?.filter(is_meant))
}

/// Somebody by name or e-mail.
pub fn get_by_name(connection: &Connection, name: &str) -> Result<User> {
    find_by_name(connection, name)?.ok_or(Error::Missing("user"))
}

/// Somebody by id.
pub fn get(connection: &Connection, id: UserId) -> Result<User> {
    let sql = format!("select {COLUMNS} from users where id = :id");
    let found = connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?;
    found.ok_or(Error::Missing("user"))
}

/// Whose sub-account somebody is.
pub fn parent(connection: &Connection, id: UserId) -> Result<Option<User>> {
    let sql = format!("select {COLUMNS} from users where id = (select parent_id from users where id = :id)");
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?)
}

/// The hash of a person's password.
pub fn password(connection: &Connection, id: UserId) -> Result<String> {
    Ok(connection.query_row("select password from users where id = :id", [id.0], |row| row.get(0))?)
}

/// Refuses a name or an e-mail address that somebody else has.
fn check_free(connection: &Connection, (username, email): (&str, &str), own: Option<UserId>) -> Result<()> {
    let is_taken =
        |name| Ok::<_, Error>(find_by_name(connection, name)?.is_some_and(|user| Some(user.id) != own));
    if is_taken(username)? {
        return Err(Error::invalid("username", "That user name is taken. Choose another one."));
    }
    if is_taken(email)? {
        return Err(Error::invalid("email", "There is already an account with that e-mail address."));
    }
    Ok(())
}

/// Makes an account. A name or e-mail that is taken is refused beside its field.
pub fn create(transaction: &Transaction<'_>, user: &NewUser<'_>) -> Result<UserId> {
    check_free(transaction, (user.username, user.email), None)?;
    transaction.execute(
        "insert into users (username, email, password, created_at)
         values (:username, :email, :password, :created_at)",
        named_params! {
            ":username": user.username, ":email": user.email, ":password": user.password,
            ":created_at": user.created_at.0,
        },
    )?;
    Ok(UserId(transaction.last_insert_rowid()))
}

/// Changes what somebody signs in with; a new address is not proved. A name or e-mail that is taken is refused beside
/// its field.
pub fn update_profile(
    transaction: &Transaction<'_>,
    id: UserId,
    (username, email): (&str, &str),
) -> Result<()> {
    check_free(transaction, (username, email), Some(id))?;
    transaction.execute(
        "update users
         set username = :username, email = :email,
           email_proved = case when email = :email then email_proved else 0 end
         where id = :id",
        named_params! {":username": username, ":email": email, ":id": id.0},
    )?;
    // A link that went to the old address must not open the account any more.
    super::resets::delete_all(transaction, id)
}

/// Says whether somebody's address was shown to be theirs.
pub fn update_proved_email(transaction: &Transaction<'_>, id: UserId, is_proved: bool) -> Result<()> {
    transaction.execute(
        "update users set email_proved = :proved where id = :id",
        named_params! {":proved": is_proved, ":id": id.0},
    )?;
    Ok(())
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

/// Keeps somebody from signing in, ends every sign-in and forgets every known device.
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
