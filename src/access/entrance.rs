//! The first user, and what a set-up makes: one judgement for the set-up page and `clickstead init`.

use super::account::{self, Wanted};
use super::audit::{Act, Hand};
use crate::error::{Error, Problem, Result};
use crate::id::{SiteId, UserId};
use crate::store::emails;
use crate::store::sites::{self, Keys, NewSite};
use crate::store::users::{self, NewUser};
use rusqlite::Transaction;

/// What a set-up makes.
pub struct Setup<'a> {
    /// The first user; the password is already hashed.
    pub user: NewUser<'a>,
    /// The first site, with its keys.
    pub site: Option<(&'a NewSite, &'a Keys)>,
}

/// Makes the first user and site. Refused as missing once there is a user.
pub fn set_up(
    transaction: &Transaction<'_>,
    setup: &Setup<'_>,
    hand: &Hand,
) -> Result<(UserId, Option<SiteId>)> {
    if users::count(transaction)? > 0 {
        return Err(Error::Missing("set-up page: it was used already"));
    }
    let user = users::create(transaction, &setup.user)?;
    // Whoever has the shell, or the link that was printed there, is believed: no letter could ask anybody yet.
    emails::prove(transaction, user)?;
    let site =
        setup.site.map(|(site, keys)| sites::create(transaction, user, site, keys, hand.at)).transpose()?;
    if let (Some(id), Some((site, _))) = (site, setup.site) {
        hand.note(transaction, id, (Act::AddSite, &site.domain))?;
    }
    Ok((user, site))
}

/// The problems of an account and of a site in one list, so that a form shows them all.
pub fn check(wanted: &Wanted<'_>, site: Result<NewSite>) -> Result<NewSite> {
    let mut problems = account::problems(wanted);
    match site {
        Ok(site) if problems.is_empty() => return Ok(site),
        Ok(_) => {}
        Err(Error::Invalid(wrong)) => problems.extend::<Vec<Problem>>(wrong),
        Err(error) => return Err(error),
    }
    Err(Error::Invalid(problems))
}
