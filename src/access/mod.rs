//! Who may do what. `access.csv` is the rule; [`table`] is the one function that reads it; the rest is how somebody
//! shows who they are. Knows neither HTTP nor HTML.

pub mod account;
pub mod capability;
pub mod entrance;
pub mod half_sign_ins;
pub mod password;
pub mod second_factor;
pub mod table;
pub mod throttle;

use crate::error::Result;
use crate::id::UserId;
use crate::level::Level;
use crate::store::shares;
use crate::store::sites::Site;
use rusqlite::Connection;
use table::Caller;

/// What somebody who is signed in is to a site.
pub fn caller(connection: &Connection, user: UserId, site: &Site) -> Result<Caller> {
    if site.owner == user {
        return Ok(Caller::Owner);
    }
    Ok(match shares::find(connection, site.id, user)? {
        Some(Level::Administrator) => Caller::Administrator,
        Some(Level::User) => Caller::User,
        None => Caller::Stranger,
    })
}
