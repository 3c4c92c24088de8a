//! Access rights. `access.csv` is the rule and [`policy`] is the one module that reads it; the other modules
//! hold the ways in which callers identify themselves and change rights. Knows neither HTTP nor HTML.

pub mod audit;
pub mod batch_limits;
pub mod capability;
pub mod level_text;
pub mod password;
pub mod pending_sign_ins;
pub mod policy;
pub mod proven_keys;
pub mod request_rates;
pub mod requester;
pub mod single_requests;
pub mod stream_limits;
pub mod throttle;

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::model::level::Level;
use crate::reports::filter;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::store::links::Link;
use crate::store::sign_ins::SignedIn;
use crate::store::sites::Site;
use crate::store::tokens::PersonalToken;
use crate::store::{shares, view_only};
use capability::Capability;
use policy::{Caller, Decision};
use rusqlite::Connection;

/// The relation of a caller to a site, with what the caller may see of it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The caller's column of the table.
    pub caller: Caller,
    /// The reports and visitor data that the caller may see.
    pub view: Visibility,
    /// The approximate time of the caller's last visit to a site that is shared with them; `None` for others.
    pub seen_at: Option<Timestamp>,
    /// True if the owner switched on billing visibility for this share.
    pub sees_billing: bool,
}

impl Grant {
    /// Returns true if the caller may use a capability.
    pub fn may(&self, capability: Capability) -> bool {
        match policy::verdict(self.caller, capability) {
            Decision::Allowed | Decision::Own => true,
            Decision::Chosen => self.has_chosen(capability),
            Decision::Flagged => self.sees_billing,
            Decision::Forbidden | Decision::Hidden => false,
        }
    }

    /// Returns true if the caller sees the account's whole billing; a share with billing visibility shows less.
    pub fn sees_all_billing(&self) -> bool {
        policy::verdict(self.caller, Capability::SeeBilling) == Decision::Allowed
    }

    /// Returns true if the owner's View Only or link settings include a capability.
    fn has_chosen(&self, capability: Capability) -> bool {
        match capability {
            Capability::OpenReport => self.view.reports().next().is_some(),
            Capability::SeeLiveVisitorList => self.view.has(VisitorData::LiveList),
            Capability::OpenVisit => self.view.has(VisitorData::SingleVisits),
            Capability::SeeVisitorData => {
                [VisitorData::Addresses, VisitorData::Names].into_iter().all(|data| self.view.has(data))
            }
            Capability::SeeGoalResults => self.view.shows_conversions(),
            Capability::SeeRevenue => self.view.shows_revenue(),
            Capability::SeeAnnotations => self.view.has(VisitorData::Annotations),
            _ => false,
        }
    }
}

/// Returns the standing of a user on a site, without regard to a preview.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn grant(connection: &Connection, user: UserId, site: &Site) -> Result<Grant> {
    let of = |caller, view| Grant { caller, view, seen_at: None, sees_billing: false };
    if site.owner == user {
        return Ok(of(Caller::Owner, Visibility::everything()));
    }
    let Some(access) = shares::find(connection, site.id, user)? else {
        return Ok(of(Caller::Stranger, Visibility::nothing()));
    };
    let view = match access.level {
        Level::Administrator | Level::User => Visibility::everything(),
        Level::ViewOnly => Visibility::read(access.view.as_ref()),
    };
    let (seen_at, sees_billing) = (access.seen_at, access.sees_billing);
    Ok(Grant { caller: access.level.into(), view, seen_at, sees_billing })
}

/// Returns the standing of a guest link's holder on its site.
pub fn grant_for_guest(link: &Link) -> Grant {
    let view = Visibility::read(Some(&link.view));
    // A segment that can't be read must not let everything pass.
    let view = match link.segment.as_deref().map(filter::read) {
        None => view,
        Some(Ok(conditions)) if !conditions.is_empty() => view.restricted_to(conditions),
        Some(_) => Visibility::nothing(),
    };
    Grant { caller: Caller::Guest, view, seen_at: None, sees_billing: false }
}

/// Returns the standing of a program with the key of a site.
pub fn grant_for_key() -> Grant {
    Grant { caller: Caller::Key, view: Visibility::everything(), seen_at: None, sees_billing: false }
}

/// Returns the standing of a program with a personal token on a site: what its person may read at this moment, where the
/// token opens the site. A token that writes is as the site's key where its person is owner or Administrator.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn grant_for_token(connection: &Connection, token: &PersonalToken, site: &Site) -> Result<Grant> {
    let person = grant(connection, token.user, site)?;
    let caller = match person.caller {
        _ if !token.scope.has(site.id) => Caller::Stranger,
        Caller::Owner | Caller::Administrator if token.may_write => Caller::Key,
        Caller::Owner | Caller::Administrator | Caller::User => Caller::Token,
        Caller::ViewOnly => Caller::ViewOnly,
        _ => Caller::Stranger,
    };
    let view = if caller == Caller::Stranger { Visibility::nothing() } else { person.view };
    Ok(Grant { caller, view, seen_at: None, sees_billing: false })
}

/// Returns the standing of a signed-in user on a site: their own, or that of View Only while they preview it.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn grant_for(connection: &Connection, signed_in: &SignedIn, site: &Site) -> Result<Grant> {
    let standing = grant(connection, signed_in.user, site)?;
    if signed_in.preview != Some(site.id) || !standing.may(Capability::ChooseViewOnly) {
        return Ok(standing);
    }
    let view = Visibility::read(view_only::of_site(connection, site.id)?.as_ref());
    Ok(Grant { caller: Caller::ViewOnly, view, seen_at: standing.seen_at, sees_billing: false })
}
