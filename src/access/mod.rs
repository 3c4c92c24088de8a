//! Who may do what. `access.csv` is the rule; [`table`] is the one function that reads it; the rest is how somebody
//! shows who they are. Knows neither HTTP nor HTML.

pub mod account;
pub mod audit;
pub mod brand;
pub mod capability;
pub mod colour;
pub mod embedding;
pub mod entrance;
pub mod guest_links;
pub mod half_sign_ins;
pub mod hosts;
pub mod logo;
pub mod password;
pub mod removal;
pub mod requester;
pub mod seats;
pub mod second_factor;
pub mod segments;
pub mod sharing;
pub mod sub_accounts;
pub mod table;
pub mod throttle;
pub mod words;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::UserId;
use crate::level::Level;
use crate::reports::view::{View, VisitorData};
use crate::reports::wanted;
use crate::store::links::Link;
use crate::store::sign_ins::SignedIn;
use crate::store::sites::Site;
use crate::store::{shares, views};
use capability::Capability;
use rusqlite::Connection;
use table::{Caller, Verdict};

/// What somebody is to a site, and what they may see of it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Their column of the table.
    pub caller: Caller,
    /// What they may see.
    pub view: View,
    /// When they last opened a site that is shared with them, about.
    pub seen_at: Option<Timestamp>,
    /// The owner shows them the account's billing.
    pub sees_billing: bool,
}

impl Standing {
    /// Whether they may do something.
    pub fn may(&self, capability: Capability) -> bool {
        match table::verdict(self.caller, capability) {
            Verdict::Allowed | Verdict::Own => true,
            Verdict::Chosen => self.has_chosen(capability),
            Verdict::Flagged => self.sees_billing,
            Verdict::Forbidden | Verdict::Hidden => false,
        }
    }

    /// Whether they see the account's billing whole; whoever was only shown it sees less.
    pub fn sees_all_billing(&self) -> bool {
        table::verdict(self.caller, Capability::SeeBilling) == Verdict::Allowed
    }

    /// Whether the owner's choices include something.
    fn has_chosen(&self, capability: Capability) -> bool {
        match capability {
            Capability::OpenReport => self.view.reports().next().is_some(),
            Capability::SeeLiveVisitorList => self.view.has(VisitorData::LiveList),
            Capability::OpenVisit => self.view.has(VisitorData::SingleVisits),
            Capability::SeeVisitorData => {
                [VisitorData::Addresses, VisitorData::Names].into_iter().all(|data| self.view.has(data))
            }
            _ => false,
        }
    }
}

/// What a person is to a site.
pub fn standing(connection: &Connection, user: UserId, site: &Site) -> Result<Standing> {
    let of = |caller, view| Standing { caller, view, seen_at: None, sees_billing: false };
    if site.owner == user {
        return Ok(of(Caller::Owner, View::everything()));
    }
    let Some(access) = shares::find(connection, site.id, user)? else {
        return Ok(of(Caller::Stranger, View::nothing()));
    };
    let view = match access.level {
        Level::Administrator | Level::User => View::everything(),
        Level::ViewOnly => View::read(access.view.as_ref()),
    };
    let (seen_at, sees_billing) = (access.seen_at, access.sees_billing);
    Ok(Standing { caller: access.level.into(), view, seen_at, sees_billing })
}

/// What whoever has a guest link is to its site.
pub fn standing_of_guest(link: &Link) -> Standing {
    let view = View::read(Some(&link.view));
    // A segment that can't be read must not let everything pass.
    let view = match link.segment.as_deref().map(wanted::read) {
        None => view,
        Some(Ok(conditions)) if !conditions.is_empty() => view.within(conditions),
        Some(_) => View::nothing(),
    };
    Standing { caller: Caller::Guest, view, seen_at: None, sees_billing: false }
}

/// What somebody who is signed in is to a site: as they are, or, while they preview it, as View Only people are.
pub fn standing_of(connection: &Connection, signed_in: &SignedIn, site: &Site) -> Result<Standing> {
    let standing = standing(connection, signed_in.user, site)?;
    if signed_in.preview != Some(site.id) || !standing.may(Capability::ChooseViewOnly) {
        return Ok(standing);
    }
    let view = View::read(views::of_site(connection, site.id)?.as_ref());
    Ok(Standing { caller: Caller::ViewOnly, view, seen_at: standing.seen_at, sees_billing: false })
}
