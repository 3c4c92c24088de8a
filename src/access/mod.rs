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

use crate::id::UserId;
use crate::store::sites::Site;
use table::Caller;

/// What somebody who is signed in is to a site.
pub fn caller(user: UserId, site: &Site) -> Caller {
    if site.owner == user { Caller::Owner } else { Caller::Stranger }
}
