//! The authorisation of a signed-in user for one site.

use crate::access::capability::Capability;
use crate::access::policy::{self, Caller, Decision};
use crate::access::{self, Grant};
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token};
use crate::store::sign_ins::{self, SignedIn};
use crate::store::sites::{self, Site};
use rusqlite::Connection;

/// Returns the user of a session token, the site, and the user's grant on it. Live streams check it again
/// before each event.
///
/// # Errors
///
/// Fails with `Error::SignedOut` when the token is not valid, with `Error::Missing` when the site does not
/// exist or the user has no access to it, with `Error::Forbidden` when the access does not include the
/// capability, and when the data file cannot be read.
pub fn authorize(
    connection: &Connection,
    token: &Token,
    now: Timestamp,
    site: SiteId,
    capability: Capability,
) -> Result<(SignedIn, Site, Grant)> {
    let user = sign_ins::find(connection, token, now)?.ok_or_else(|| Error::SignedOut(String::new()))?;
    let site = sites::get(connection, site)?;
    let grant = access::grant_for(connection, &user, &site)?;
    // A user without access must not learn that the site exists.
    let is_hidden = policy::verdict(grant.caller, capability) == Decision::Hidden;
    match grant.may(capability) {
        true => Ok((user, site, grant)),
        false if is_hidden || grant.caller == Caller::Stranger => Err(Error::Missing("site")),
        false => Err(Error::Forbidden),
    }
}
