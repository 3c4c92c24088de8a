//! The extractors that authorise a request: the first parameter of every handler. A handler gets a site in no
//! other way.

use super::client::{Client, header_text};
use super::cookie;
use super::guest::{self, FrameAncestors, GuestCredentials};
use crate::access::audit::Actor;
use crate::access::capability::{Capability, CapabilityType};
use crate::access::policy::{self, Audience, Caller, Decision};
use crate::access::{self, Grant};
use crate::app::App;
use crate::app::queue::Permit;
use crate::error::{Error, Result};
use crate::limits;
use crate::log;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, Token};
use crate::reports::visibility::Visibility;
use crate::store::links::Link;
use crate::store::shares;
use crate::store::sign_ins::{self, SignedIn};
use crate::store::sites::{self, Site};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use rusqlite::Connection;
use std::marker::PhantomData;

/// An extractor that checks a capability.
pub trait Authorized {
    /// The capability that the caller must have.
    const CAPABILITY: Capability;
}

/// A site with the caller's rights on it.
pub struct SiteContext {
    /// The site.
    pub site: Site,
    /// The caller's standing on the site.
    pub standing: Grant,
    /// The guest link that was opened; `None` for users.
    pub link: Option<Link>,
}

impl SiteContext {
    /// Returns true if the caller may also use another capability on the site.
    pub fn may(&self, capability: Capability) -> bool {
        self.standing.may(capability)
    }

    /// Returns the error for a part of the site that the caller may not see: to a guest there is no such page.
    pub fn refusal(&self) -> Error {
        if self.link.is_some() { Error::Missing("page") } else { Error::Forbidden }
    }

    /// Returns the path below which the site's screens stand.
    pub fn base(&self) -> String {
        match &self.link {
            Some(link) => guest::path(&link.token),
            None => format!("/sites/{}", self.site.id),
        }
    }

    /// Returns what the caller may see of the site.
    pub fn view(&self) -> &Visibility {
        &self.standing.view
    }
}

/// The access of a signed-in user to one site, for a capability of the table.
pub struct SiteAccess<R> {
    /// The signed-in user.
    pub user: SignedIn,
    /// The token of the sign-in.
    pub token: Token,
    /// The actor for the audit log.
    pub hand: Actor,
    ground: SiteContext,
    right: PhantomData<R>,
}

/// The read access of a user or a guest to one site.
pub struct SiteReader<R> {
    /// The signed-in user; `None` for guests.
    pub user: Option<SignedIn>,
    ground: SiteContext,
    /// The permit of a guest, held until the response is made; `None` for users.
    _turn: Option<Permit>,
    right: PhantomData<R>,
}

/// Access to a site.
pub trait Admitted: std::ops::Deref<Target = SiteContext> {
    /// Returns the signed-in user; `None` for guests.
    fn user(&self) -> Option<&SignedIn>;
}

impl<R> std::ops::Deref for SiteAccess<R> {
    type Target = SiteContext;

    fn deref(&self) -> &SiteContext {
        &self.ground
    }
}

impl<R> std::ops::Deref for SiteReader<R> {
    type Target = SiteContext;

    fn deref(&self) -> &SiteContext {
        &self.ground
    }
}

impl<R> Admitted for SiteAccess<R> {
    fn user(&self) -> Option<&SignedIn> {
        Some(&self.user)
    }
}

impl<R> Admitted for SiteReader<R> {
    fn user(&self) -> Option<&SignedIn> {
        self.user.as_ref()
    }
}

/// The access of a signed-in user for a capability that belongs to no single site. While a parent acts for a
/// sub-account, the user is that sub-account.
pub struct AccountAccess<R> {
    /// The signed-in user.
    pub user: SignedIn,
    /// The token of the sign-in.
    pub token: Token,
    /// The actor for the audit log.
    pub hand: Actor,
    right: PhantomData<R>,
}

/// The access of a signed-in user who acts for no sub-account: personal things are closed to a parent.
pub struct OwnAccount<R> {
    /// The signed-in user.
    pub user: SignedIn,
    /// The token of the sign-in.
    pub token: Token,
    /// The actor for the audit log.
    pub hand: Actor,
    right: PhantomData<R>,
}

/// The access of any caller, for a public capability.
pub struct Public<R>(PhantomData<R>);

impl<R: CapabilityType> Authorized for SiteAccess<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> Authorized for SiteReader<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> Authorized for AccountAccess<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> Authorized for OwnAccount<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> Authorized for Public<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

/// Returns the user of a session token, the site, and the user's standing on it. Live streams check it again
/// before each event.
///
/// # Errors
///
/// Fails with `Error::SignedOut` when the token is not valid, with `Error::Missing` when the site does not
/// exist or the user has no access to it, with `Error::Forbidden` when the access does not include the
/// capability, and when the data file cannot be read.
pub fn authorize(
    connection: &Connection,
    token: &Token,
    now: Timestamp,
    site: SiteId,
    capability: Capability,
) -> Result<(SignedIn, Site, Grant)> {
    let user = sign_ins::find(connection, token, now)?.ok_or_else(|| Error::SignedOut(String::new()))?;
    let site = sites::get(connection, site)?;
    let standing = access::grant_for(connection, &user, &site)?;
    // A user without access must not learn that the site exists.
    let is_hidden = policy::verdict(standing.caller, capability) == Decision::Hidden;
    match standing.may(capability) {
        true => Ok((user, site, standing)),
        false if is_hidden || standing.caller == Caller::Stranger => Err(Error::Missing("site")),
        false => Err(Error::Forbidden),
    }
}

/// Returns the error for a signed-out caller, with the address to return to after signing in.
fn here(request: &HttpRequest) -> Error {
    let is_page = request.method().is_safe();
    Error::SignedOut(if is_page { request.uri().to_string() } else { String::new() })
}

fn app(request: &HttpRequest) -> Result<Data<App>> {
    let app = request.app_data::<Data<App>>().cloned();
    app.ok_or_else(|| Error::Internal("a route was registered without the program".into()))
}

/// Returns the actor of a request for the audit log.
pub fn hand(app: &App, request: &HttpRequest, user: &SignedIn) -> Actor {
    let (actor, acting_for) = match &user.parent {
        Some(parent) => (&parent.username, Some(user.username.clone())),
        None => (&user.username, None),
    };
    let address = Client::from_request(request, &app.config).address.to_string();
    Actor { user: Some(actor.clone()), acting_for, address: Some(address), at: app.clock.now() }
}

/// Returns the actor for a user whose account this request creates.
pub fn newcomer(app: &App, request: &HttpRequest, username: &str) -> Actor {
    let address = Client::from_request(request, &app.config).address.to_string();
    Actor { user: Some(username.to_owned()), acting_for: None, address: Some(address), at: app.clock.now() }
}

/// The credentials of a request, not yet checked.
pub struct Credentials {
    /// The program's state.
    pub app: Data<App>,
    /// The session token of the request.
    pub token: Token,
}

impl Credentials {
    /// Returns the credentials of a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut` when the request has no session cookie.
    pub fn from_request(request: &HttpRequest) -> Result<Self> {
        let app = app(request)?;
        let client = Client::from_request(request, &app.config);
        let token = cookie::read(request, client).ok_or_else(|| here(request))?;
        Ok(Self { app, token })
    }
}

/// Records, at most once per `SIGN_IN_SEEN_EVERY`, that a user opened a site shared with them.
fn note_visit(app: &Data<App>, user: &SignedIn, site: &Site, standing: &Grant) {
    let now = app.clock.now();
    let is_due = standing.seen_at.is_none_or(|seen_at| now.has_passed(limits::SIGN_IN_SEEN_EVERY, seen_at));
    if site.owner == user.user || !is_due {
        return;
    }
    let (app, site, user) = (app.clone(), site.id, user.user);
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| shares::touch(tx, site, user, now)).await
            && let Some(left_out) = log::failure("share", &error)
        {
            tracing::warn!(%error, left_out, "the use of a share was not written down");
        }
    });
}

/// Records, at most once per `SIGN_IN_SEEN_EVERY`, that a sign-in is in use.
fn note_use(app: &Data<App>, user: &SignedIn, token: &Token) {
    let now = app.clock.now();
    if now.has_passed(limits::SIGN_IN_SEEN_EVERY, user.seen_at) {
        let (app, token) = (app.clone(), token.clone());
        actix_web::rt::spawn(async move {
            if let Err(error) = app.write(move |tx| sign_ins::touch(tx, &token, now)).await
                && let Some(left_out) = log::failure("sign-in", &error)
            {
                tracing::warn!(%error, left_out, "the use of a sign-in was not written down");
            }
        });
    }
}

impl<R: CapabilityType> FromRequest for SiteAccess<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request.match_info().get("site").and_then(SiteId::parse);
        let (credentials, away, request) =
            (Credentials::from_request(request), here(request), request.clone());
        Box::pin(async move {
            let Credentials { app, token } = credentials?;
            let (asked, now) = (token.clone(), app.clock.now());
            // A signed-out caller gets the same answer whether or not the site exists: site 0 never does.
            let site = site.unwrap_or(SiteId(0));
            let admitted =
                app.read(move |connection| authorize(connection, &asked, now, site, R::CAPABILITY)).await;
            let (user, site, standing) = admitted.map_err(|error| match error {
                Error::SignedOut(_) => away,
                error => error,
            })?;
            note_use(&app, &user, &token);
            note_visit(&app, &user, &site, &standing);
            let hand = hand(&app, &request, &user);
            let ground = SiteContext { site, standing, link: None };
            Ok(Self { user, token, hand, ground, right: PhantomData })
        })
    }
}

impl<R: CapabilityType> FromRequest for SiteReader<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ticket =
            app(request).map(|app| GuestCredentials::from_request(&app, request).map(|ticket| (app, ticket)));
        match ticket {
            Err(error) => Box::pin(std::future::ready(Err(error))),
            Ok(None) => {
                let entry = SiteAccess::<R>::from_request(request, payload);
                Box::pin(async {
                    let SiteAccess { user, ground, .. } = entry.await?;
                    Ok(Self { user: Some(user), ground, _turn: None, right: PhantomData })
                })
            }
            Ok(Some((app, ticket))) => {
                let (request, now) = (request.clone(), app.clock.now());
                let address = Client::from_request(&request, &app.config).address;
                Box::pin(async move {
                    // The permit comes before the look-up of the link, which may be disabled during the wait.
                    let turn = Some(app.limited_work.guest_permit(address).await?);
                    let admitted =
                        app.read(move |connection| guest::admit(connection, &ticket, now, R::CAPABILITY));
                    let ground = admitted.await?;
                    if let Some(link) = &ground.link {
                        request.extensions_mut().insert(FrameAncestors::for_link(link));
                    }
                    Ok(Self { user: None, ground, _turn: turn, right: PhantomData })
                })
            }
        }
    }
}

impl<R: CapabilityType> FromRequest for AccountAccess<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (credentials, away, request) =
            (Credentials::from_request(request), here(request), request.clone());
        Box::pin(async move {
            let Credentials { app, token } = credentials?;
            let (asked, now) = (token.clone(), app.clock.now());
            let found = app.read(move |connection| sign_ins::find(connection, &asked, now)).await?;
            let user = found.ok_or(away)?;
            if policy::audience(R::CAPABILITY) != Some(Audience::SignedIn)
                && policy::verdict(Caller::Owner, R::CAPABILITY) != Decision::Allowed
            {
                return Err(Error::Forbidden);
            }
            note_use(&app, &user, &token);
            let hand = hand(&app, &request, &user);
            Ok(Self { user, token, hand, right: PhantomData })
        })
    }
}

impl<R: CapabilityType> FromRequest for OwnAccount<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let member = AccountAccess::<R>::from_request(request, payload);
        Box::pin(async {
            let AccountAccess { user, token, hand, .. } = member.await?;
            if user.parent.is_some() {
                return Err(Error::Acting);
            }
            Ok(Self { user, token, hand, right: PhantomData })
        })
    }
}

impl<R: CapabilityType> FromRequest for Public<R> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_public = policy::audience(R::CAPABILITY) == Some(Audience::Public);
        std::future::ready(if is_public { Ok(Self(PhantomData)) } else { Err(Error::Forbidden) })
    }
}

/// Returns the signed-in user on a public page, if there is one.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn signed_in(request: &HttpRequest) -> Result<Option<SignedIn>> {
    let Ok(Credentials { app, token }) = Credentials::from_request(request) else { return Ok(None) };
    let now = app.clock.now();
    app.read(move |connection| sign_ins::find(connection, &token, now)).await
}

/// Returns the `User-Agent` of a request for the list of sign-ins, cut off at `AGENT_BYTES_MAX` bytes.
pub fn browser_text(request: &HttpRequest) -> String {
    let agent = header_text(request, "user-agent");
    agent[..agent.floor_char_boundary(limits::AGENT_BYTES_MAX)].to_owned()
}
