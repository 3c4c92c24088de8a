//! The pages that list who can see a site, or all sites of an account: users, invitations, guest links and keys, each
//! with its scope, its last use, and the button that ends it.

mod page;

use super::account;
use super::layout::NavItem;
use super::layout::load;
use crate::access::capability::{Capability, SeePeople, UseOwnAccount};
use crate::access::{self, Grant, sharing};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::{AccountAccess, SiteAccess};
use crate::model::clock::{Timestamp, Zone};
use crate::model::level::Level;
use crate::reports::visibility::Visibility;
use crate::store::invitations::Pending;
use crate::store::links::{self, Link};
use crate::store::shares::{self, Share};
use crate::store::sites::{self, Site};
use crate::store::users::{self, User};
use crate::store::view_only;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use rusqlite::Connection;

/// The users, invitations, links and keys with access to one site.
struct PeopleOfSite {
    base: String,
    name: String,
    zone: Zone,
    now: Timestamp,
    owner: User,
    /// The owner's parent, if the owner is a sub-account.
    parent: Option<String>,
    people: Vec<Person>,
    pending: Vec<Pending>,
    links: Vec<Link>,
    admin_key_used_at: Option<Timestamp>,
    may_manage_people: bool,
    may_manage_links: bool,
    may_rotate: bool,
}

struct Person {
    share: Share,
    /// The visible reports and data of a View Only user; `None` at other levels.
    visibility: Option<Visibility>,
    /// The parent of a sub-account, who sees the same.
    parent: Option<String>,
}

impl PeopleOfSite {
    fn read(connection: &Connection, site: &Site, grant: &Grant, now: Timestamp) -> Result<Self> {
        let default_view = view_only::of_site(connection, site.id)?;
        let person = |share: Share| {
            let own = view_only::of_share(connection, site.id, share.user)?;
            let visibility = Visibility::read(own.as_ref().or(default_view.as_ref()));
            let parent = users::parent(connection, share.user)?.map(|parent| parent.username);
            Ok(Person { visibility: (share.level == Level::ViewOnly).then_some(visibility), parent, share })
        };
        let owner = users::get(connection, site.owner)?;
        Ok(Self {
            base: format!("/sites/{}", site.id),
            name: site.name.clone(),
            zone: site.zone.clone(),
            now,
            parent: users::parent(connection, owner.id)?.map(|parent| parent.username),
            owner,
            people: shares::list(connection, site.id)?.into_iter().map(person).collect::<Result<_>>()?,
            pending: sharing::pending(connection, site.id, now)?,
            links: links::list(connection, site.id)?,
            admin_key_used_at: sites::admin_key_used_at(connection, site.id)?,
            may_manage_people: grant.may(Capability::ManagePeople),
            may_manage_links: grant.may(Capability::ManageGuestLinks),
            may_rotate: grant.may(Capability::RotateSiteKey),
        })
    }
}

/// `GET /sites/{site}/access`: lists who can see a site.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn site(
    access: SiteAccess<SeePeople>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let frame = load::site_frame(&app, &request, &access, ("Who can see what", NavItem::Preferences)).await?;
    let (site, grant, now) = (access.site.clone(), access.standing.clone(), app.clock.now());
    let found = app.read(move |connection| PeopleOfSite::read(connection, &site, &grant, now)).await?;
    Ok(load::html(page::site(&frame, &found)))
}

/// `GET /account/access`: lists who can see the user's own sites, and the sites shared with the user.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn account(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let frame = load::frame(&app, &request, &account.user, "Who can see what").await?;
    let (user, now) = (account.user.clone(), app.clock.now());
    let (own, shared) = app
        .read(move |connection| {
            let own = sites::list_of(connection, user.user)?.into_iter().map(|site| {
                let grant = access::grant_for(connection, &user, &site)?;
                PeopleOfSite::read(connection, &site, &grant, now)
            });
            Ok((own.collect::<Result<Vec<_>>>()?, sites::list_shared(connection, user.user)?))
        })
        .await?;
    Ok(load::html(account::page(&frame, "/account/access", &page::account(&own, &shared))))
}
