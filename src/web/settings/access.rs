//! The pages that list who can see a site, or all sites of an account: users, invitations, guest links, personal tokens and keys, each
//! with its scope, its last use, and the button that ends it.

mod page;
mod people;

use self::people::PeopleOfSite;
use crate::access;
use crate::access::capability::{SeePeople, UseOwnAccount};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::{AccountAccess, SiteAccess};
use crate::store::{sites, tokens};
use crate::web::account;
use crate::web::layout::NavItem;
use crate::web::layout::load;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

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
    let frame = load::site_frame(&app, &request, &access, "Who can see what", NavItem::Preferences).await?;
    let (site, grant, now) = (access.site.clone(), access.grant.clone(), app.clock.now());
    let people = app.read(move |connection| PeopleOfSite::read(connection, &site, &grant, now)).await?;
    Ok(load::html(page::site(&frame, &people)))
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
    let (own, shared, tokens) = app
        .read(move |connection| {
            let own = sites::list_of(connection, user.user)?.into_iter().map(|site| {
                let grant = access::grant_for(connection, &user, &site)?;
                PeopleOfSite::read(connection, &site, &grant, now)
            });
            // A parent who acts for a sub-account does not see what belongs to its person alone.
            let is_own = user.parent.is_none();
            let tokens = is_own.then(|| tokens::list(connection, user.user)).transpose()?;
            Ok((own.collect::<Result<Vec<_>>>()?, sites::list_shared(connection, user.user)?, tokens))
        })
        .await?;
    let content = page::account(&own, &shared, tokens.as_deref(), now);
    Ok(load::html(account::page(&frame, "/account/access", &content)))
}
