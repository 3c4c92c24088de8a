//! The authorisation of a guest for the site of a guest link.

use super::guest::{self, GuestCredentials};
use super::site_context::SiteContext;
use crate::access;
use crate::access::capability::Capability;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::store::{links, sites};
use rusqlite::Connection;

/// Returns the site and rights that a guest link gives. Live streams check it again before each event. A wrong,
/// disabled, removed or expired link gets the same answer as a page that the link does not show.
///
/// # Errors
///
/// Fails with `Error::Missing` when no open link has the token or the link does not give the capability, with
/// `Error::PasswordAsked` when its password is required, and when the data file cannot be read.
pub fn authorize(
    connection: &Connection,
    credentials: &GuestCredentials,
    now: Timestamp,
    capability: Capability,
) -> Result<SiteContext> {
    let link = links::find_open(connection, &credentials.token, now)?.ok_or(Error::Missing("page"))?;
    if link.password.is_some() {
        let pass = credentials.pass.as_ref();
        let is_known = pass.map(|pass| links::has_pass(connection, link.id, pass, now)).transpose()?;
        if is_known != Some(true) {
            return Err(Error::PasswordAsked(format!("{}/password", guest::path(&link.token))));
        }
    }
    let site = sites::get(connection, link.site)?;
    let grant = access::grant_for_guest(&link);
    if !grant.may(capability) {
        return Err(Error::Missing("page"));
    }
    Ok(SiteContext { site, grant, link: Some(link), token_user: None })
}
