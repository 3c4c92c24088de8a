//! The users, invitations, guest links and keys with access to one site, as read from the data file.

use crate::access::Grant;
use crate::access::capability::Capability;
use crate::accounts::tokens;
use crate::error::Result;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::LinkId;
use crate::model::level::Level;
use crate::model::webhook::Webhook;
use crate::reports::visibility::Visibility;
use crate::sites::invitations;
use crate::store::digests;
use crate::store::invitations::Pending;
use crate::store::key_uses::{self, KeyUse};
use crate::store::links::{self, Link};
use crate::store::shares::{self, Share};
use crate::store::sites::{self, Site};
use crate::store::tokens::PersonalToken;
use crate::store::users::{self, User};
use crate::store::view_only;
use crate::store::webhooks;
use rusqlite::Connection;

/// The users, invitations, links and keys with access to one site.
pub struct PeopleOfSite {
    pub base: String,
    pub name: String,
    pub zone: Zone,
    pub now: Timestamp,
    pub owner: User,
    /// The owner's parent, if the owner is a sub-account.
    pub parent: Option<String>,
    pub people: Vec<Person>,
    pub pending: Vec<Pending>,
    pub links: Vec<Link>,
    /// The addresses that get what a guest link shows by e-mail.
    pub mailed: Vec<(LinkId, String)>,
    /// The personal tokens that reach the site.
    pub tokens: Vec<SiteToken>,
    /// The uses of the keys; `None` for callers who may not see the keys.
    pub key_uses: Option<KeyUses>,
    pub may_manage_people: bool,
    pub may_manage_links: bool,
    pub may_rotate: bool,
    /// The webhooks that alerts are sent to; none for callers who may not set them up.
    pub webhooks: Vec<Webhook>,
}

/// The last uses of the site's keys.
pub struct KeyUses {
    pub site: Option<KeyUse>,
    pub admin_at: Option<Timestamp>,
}

/// A personal token that reaches the site.
pub struct SiteToken {
    pub token: PersonalToken,
    /// Its person, by the name that the site's people know.
    pub person: String,
    /// True if it writes on this site.
    pub writes: bool,
}

/// A user with access to the site.
pub struct Person {
    pub share: Share,
    /// The visible reports and data of a View Only user; `None` at other levels.
    pub visibility: Option<Visibility>,
    /// The parent of a sub-account, who sees the same.
    pub parent: Option<String>,
}

impl PeopleOfSite {
    /// Reads them; `grant` says what the caller may change.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn read(connection: &Connection, site: &Site, grant: &Grant, now: Timestamp) -> Result<Self> {
        let default_view = view_only::of_site(connection, site.id)?;
        let person = |share: Share| {
            let own = view_only::of_share(connection, site.id, share.user)?;
            let visibility = Visibility::read(own.as_ref().or(default_view.as_ref()));
            let parent = users::parent(connection, share.user)?.map(|parent| parent.username);
            Ok(Person { visibility: (share.level == Level::ViewOnly).then_some(visibility), parent, share })
        };
        let key_uses = || -> Result<KeyUses> {
            let site_key = key_uses::find(connection, site.id)?;
            Ok(KeyUses { site: site_key, admin_at: sites::admin_key_used_at(connection, site.id)? })
        };
        let owner = users::get(connection, site.owner)?;
        let token = |(token, writes): (PersonalToken, bool)| -> Result<SiteToken> {
            let person = if token.user == owner.id {
                owner.username.clone()
            } else {
                shares::get(connection, site.id, token.user)?.called().to_owned()
            };
            Ok(SiteToken { token, person, writes })
        };
        let tokens = tokens::list_reaching(connection, site, now)?;
        Ok(Self {
            base: format!("/sites/{}", site.id),
            name: site.name.clone(),
            zone: site.zone.clone(),
            now,
            parent: users::parent(connection, owner.id)?.map(|parent| parent.username),
            tokens: tokens.into_iter().map(token).collect::<Result<_>>()?,
            owner,
            people: shares::list(connection, site.id)?.into_iter().map(person).collect::<Result<_>>()?,
            pending: invitations::pending(connection, site.id, now)?,
            links: links::list(connection, site.id)?,
            mailed: digests::list_mailed(connection, site.id)?,
            key_uses: grant.may(Capability::SeeSiteKey).then(key_uses).transpose()?,
            may_manage_people: grant.may(Capability::ManagePeople),
            may_manage_links: grant.may(Capability::ManageGuestLinks),
            may_rotate: grant.may(Capability::RotateSiteKey),
            webhooks: if grant.may(Capability::SetSiteAlerts) {
                webhooks::list(connection, site.id)?
            } else {
                Vec::new()
            },
        })
    }
}
