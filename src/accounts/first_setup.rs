//! The first set-up: creates the first user and site, for the set-up page and `clickstead init`.

use super::account_form::{AccountForm, Profile};
use crate::access::audit::Actor;
use crate::error::{Error, Result};
use crate::model::id::{SiteId, UserId};
use crate::sites::addition;
use crate::store::emails;
use crate::store::sites::{Keys, NewSite};
use crate::store::users::{self, NewUser};
use rusqlite::Transaction;

/// The records that a set-up creates.
pub struct Setup<'a> {
    /// The first user, with the password already hashed.
    pub user: NewUser<'a>,
    /// The first site with its keys, if there is one.
    pub site: Option<(&'a NewSite, &'a Keys)>,
}

/// Creates the first user and site.
///
/// # Errors
///
/// Fails with `Error::Missing` when a user exists already, and when the data file cannot be written.
pub fn set_up(
    transaction: &Transaction<'_>,
    setup: &Setup<'_>,
    hand: &Actor,
) -> Result<(UserId, Option<SiteId>)> {
    if users::count(transaction)? > 0 {
        return Err(Error::Missing("set-up page: it was used already"));
    }
    let user = users::create(transaction, &setup.user)?;
    // The set-up proves itself by shell access or the link printed there: no letter can be sent yet to confirm
    // the address.
    emails::prove(transaction, user)?;
    let site =
        setup.site.map(|(site, keys)| addition::create(transaction, hand, user, site, keys)).transpose()?;
    Ok((user, site))
}

/// Returns the first user's name and address and the first site, once both are valid.
///
/// # Errors
///
/// Fails with `Error::Invalid`, which lists the problems of both, so that a form shows them all.
pub fn check(form: &AccountForm, site: Result<NewSite>) -> Result<(Profile, NewSite)> {
    match (form.check(), site) {
        (Ok(profile), Ok(site)) => Ok((profile, site)),
        (profile, site) => {
            let problems = [profile.err(), site.err()].into_iter().flatten().map(Error::problems);
            Err(Error::Invalid(problems.collect::<Result<Vec<_>>>()?.concat()))
        }
    }
}
