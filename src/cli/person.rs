//! Lookup of the user that a name on the command line means: a user name, or a confirmed e-mail address.

use crate::error::{Error, Result};
use crate::store::emails;
use crate::store::users::{self, User};
use rusqlite::Connection;

/// Finds a user by name. Fails for an e-mail address that accounts have entered but none has confirmed, with advice.
fn find(connection: &Connection, name: &str) -> Result<Option<User>> {
    let user = users::find_meant(connection, name)?;
    if user.is_some() || emails::list_claimants(connection, name)?.is_empty() {
        return Ok(user);
    }
    Err(Error::Setup(format!(
        "Nobody has shown that {name} is theirs. Give the user name, or say `clickstead user prove-email {name}` first."
    )))
}

/// Returns a user by name; fails with [`Error::Missing`] when there is none.
pub(super) fn get(connection: &Connection, name: &str) -> Result<User> {
    find(connection, name)?.ok_or(Error::Missing("user"))
}

/// Returns a user by name; the error says where the names are listed.
pub(super) fn get_or_advise(connection: &Connection, name: &str) -> Result<User> {
    find(connection, name)?
        .ok_or_else(|| Error::Setup(format!("There is no user {name}. See `clickstead user list`.")))
}

/// Returns the user whose e-mail address is to be confirmed, also by that address if only one account has it.
pub(super) fn claimant(connection: &Connection, name: &str) -> Result<User> {
    if let Some(user) = users::find_meant(connection, name)? {
        return Ok(user);
    }
    match emails::list_claimants(connection, name)?.as_slice() {
        [] => get_or_advise(connection, name),
        [(only, _)] => users::get(connection, *only),
        several => {
            let names = several.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
            Err(Error::Setup(format!("Several accounts have {name}: {names}. Give the user name.")))
        }
    }
}
