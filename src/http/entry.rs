//! The first parameter of every handler: who is calling, and that they may. A handler gets a site in no other way.

use super::client::{Client, header_text};
use super::cookie;
use super::guest::{self, Framing, Ticket};
use crate::access::audit::Hand;
use crate::access::capability::{Capability, Right};
use crate::access::table::{self, Audience, Caller, Verdict};
use crate::access::{self, Standing};
use crate::app::App;
use crate::app::queue::Permit;
use crate::error::{Error, Result};
use crate::id::{SiteId, Token};
use crate::limits;
use crate::log;
use crate::reports::view::View;
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

/// A parameter that states a capability.
pub trait Pass {
    /// What the caller must be allowed to do.
    const CAPABILITY: Capability;
}

/// A site, and what whoever was admitted may do and see there.
pub struct Ground {
    /// The site.
    pub site: Site,
    /// What the caller is to the site, and may see of it.
    pub standing: Standing,
    /// The guest link that was opened; none for people.
    pub link: Option<Link>,
}

impl Ground {
    /// Whether the caller may also do something else here, to offer it or not.
    pub fn may(&self, capability: Capability) -> bool {
        self.standing.may(capability)
    }

    /// What the caller is told of something here that they may not see: to a guest there is no such page.
    pub fn refusal(&self) -> Error {
        if self.link.is_some() { Error::Missing("page") } else { Error::Forbidden }
    }

    /// The path below which the site's screens stand.
    pub fn base(&self) -> String {
        match &self.link {
            Some(link) => guest::path(&link.token),
            None => format!("/sites/{}", self.site.id),
        }
    }

    /// What the caller may see.
    pub fn view(&self) -> &View {
        &self.standing.view
    }
}

/// Admission of somebody who is signed in to one site, for a capability of the table.
pub struct Entry<R> {
    /// Who is signed in.
    pub user: SignedIn,
    /// The token of this sign-in.
    pub token: Token,
    /// Whose hand changes what this request changes.
    pub hand: Hand,
    ground: Ground,
    right: PhantomData<R>,
}

/// Admission to read one site, of people and of guests alike.
pub struct Look<R> {
    /// Who is signed in; none for guests.
    pub user: Option<SignedIn>,
    ground: Ground,
    /// Held until a guest is answered; none for people.
    _turn: Option<Permit>,
    right: PhantomData<R>,
}

/// Whoever was admitted to a site.
pub trait Admitted: std::ops::Deref<Target = Ground> {
    /// Who is signed in; none for guests.
    fn user(&self) -> Option<&SignedIn>;
}

impl<R> std::ops::Deref for Entry<R> {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl<R> std::ops::Deref for Look<R> {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl<R> Admitted for Entry<R> {
    fn user(&self) -> Option<&SignedIn> {
        Some(&self.user)
    }
}

impl<R> Admitted for Look<R> {
    fn user(&self) -> Option<&SignedIn> {
        self.user.as_ref()
    }
}

/// Somebody who is signed in, for a capability that belongs to no single site; while a parent acts for a sub-account,
/// that sub-account.
pub struct Member<R> {
    /// Who is signed in.
    pub user: SignedIn,
    /// The token of this sign-in.
    pub token: Token,
    /// Whose hand changes what this request changes.
    pub hand: Hand,
    right: PhantomData<R>,
}

/// Somebody who is signed in and acts for themselves: what belongs to a person alone is closed to their parent.
pub struct Personal<R> {
    /// Who is signed in.
    pub user: SignedIn,
    /// The token of this sign-in.
    pub token: Token,
    /// Whose hand changes what this request changes.
    pub hand: Hand,
    right: PhantomData<R>,
}

/// Anybody at all, for a capability that is everybody's.
pub struct Open<R>(PhantomData<R>);

impl<R: Right> Pass for Entry<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: Right> Pass for Look<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: Right> Pass for Member<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: Right> Pass for Personal<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: Right> Pass for Open<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

/// Who holds a token and what they are to a site; asked again by every event of a live stream.
pub fn admit(
    connection: &Connection,
    (token, now): (&Token, crate::clock::Timestamp),
    site: SiteId,
    capability: Capability,
) -> Result<(SignedIn, Site, Standing)> {
    let user = sign_ins::find(connection, token, now)?.ok_or_else(|| Error::SignedOut(String::new()))?;
    let site = sites::get(connection, site)?;
    let standing = access::standing_of(connection, &user, &site)?;
    // Whoever has no access at all must not learn that there is such a site.
    let is_hidden = table::verdict(standing.caller, capability) == Verdict::Hidden;
    match standing.may(capability) {
        true => Ok((user, site, standing)),
        false if is_hidden || standing.caller == Caller::Stranger => Err(Error::Missing("site")),
        false => Err(Error::Forbidden),
    }
}

/// The address to come back to after signing in.
fn here(request: &HttpRequest) -> Error {
    let is_page = request.method().is_safe();
    Error::SignedOut(if is_page { request.uri().to_string() } else { String::new() })
}

fn app(request: &HttpRequest) -> Result<Data<App>> {
    let app = request.app_data::<Data<App>>().cloned();
    app.ok_or_else(|| Error::Internal("a route was registered without the program".into()))
}

/// Whose hand a request is, as the audit log tells it.
pub fn hand(app: &App, request: &HttpRequest, user: &SignedIn) -> Hand {
    let (actor, acting_for) = match &user.parent {
        Some(parent) => (&parent.username, Some(user.username.clone())),
        None => (&user.username, None),
    };
    let address = Client::of(request, &app.config).address.to_string();
    Hand { actor: Some(actor.clone()), acting_for, address: Some(address), at: app.clock.now() }
}

/// The hand of somebody whose account this request makes.
pub fn newcomer(app: &App, request: &HttpRequest, username: &str) -> Hand {
    let address = Client::of(request, &app.config).address.to_string();
    Hand { actor: Some(username.to_owned()), acting_for: None, address: Some(address), at: app.clock.now() }
}

/// Who is asking, from a request alone.
pub struct Credentials {
    /// The program.
    pub app: Data<App>,
    /// The token that the request carries.
    pub token: Token,
}

impl Credentials {
    /// Those of a request; signed out when it carries none.
    pub fn of(request: &HttpRequest) -> Result<Self> {
        let app = app(request)?;
        let client = Client::of(request, &app.config);
        let token = cookie::read(request, client).ok_or_else(|| here(request))?;
        Ok(Self { app, token })
    }
}

/// Writes down, now and then, that somebody opened a site that is shared with them.
fn note_visit(app: &Data<App>, (user, site): (&SignedIn, &Site), standing: &Standing) {
    let now = app.clock.now();
    let is_due = standing.seen_at.is_none_or(|seen_at| now.has_passed(limits::SIGN_IN_SEEN_EVERY, seen_at));
    if site.owner == user.user || !is_due {
        return;
    }
    let (app, share) = (app.clone(), (site.id, user.user));
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| shares::touch(tx, share, now)).await
            && let Some(left_out) = log::failure("share", &error)
        {
            tracing::warn!(%error, left_out, "the use of a share was not written down");
        }
    });
}

/// Writes down, now and then, that a sign-in is in use.
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

impl<R: Right> FromRequest for Entry<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request.match_info().get("site").and_then(SiteId::parse);
        let (credentials, away, request) = (Credentials::of(request), here(request), request.clone());
        Box::pin(async move {
            let Credentials { app, token } = credentials?;
            let (asked, now) = (token.clone(), app.clock.now());
            // Signed out is answered the same whether or not the site exists: site 0 never does.
            let site = site.unwrap_or(SiteId(0));
            let admitted =
                app.read(move |connection| admit(connection, (&asked, now), site, R::CAPABILITY)).await;
            let (user, site, standing) = admitted.map_err(|error| match error {
                Error::SignedOut(_) => away,
                error => error,
            })?;
            note_use(&app, &user, &token);
            note_visit(&app, (&user, &site), &standing);
            let hand = hand(&app, &request, &user);
            let ground = Ground { site, standing, link: None };
            Ok(Self { user, token, hand, ground, right: PhantomData })
        })
    }
}

impl<R: Right> FromRequest for Look<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ticket = app(request).map(|app| Ticket::of(&app, request).map(|ticket| (app, ticket)));
        match ticket {
            Err(error) => Box::pin(std::future::ready(Err(error))),
            Ok(None) => {
                let entry = Entry::<R>::from_request(request, payload);
                Box::pin(async {
                    let Entry { user, ground, .. } = entry.await?;
                    Ok(Self { user: Some(user), ground, _turn: None, right: PhantomData })
                })
            }
            Ok(Some((app, ticket))) => {
                let (request, now) = (request.clone(), app.clock.now());
                let address = Client::of(&request, &app.config).address;
                Box::pin(async move {
                    // Before the link is asked for: it may be closed while somebody waits.
                    let turn = Some(app.turn_of_a_guest(address).await?);
                    let admitted =
                        app.read(move |connection| guest::admit(connection, (&ticket, now), R::CAPABILITY));
                    let ground = admitted.await?;
                    if let Some(link) = &ground.link {
                        request.extensions_mut().insert(Framing::of(link));
                    }
                    Ok(Self { user: None, ground, _turn: turn, right: PhantomData })
                })
            }
        }
    }
}

impl<R: Right> FromRequest for Member<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (credentials, away, request) = (Credentials::of(request), here(request), request.clone());
        Box::pin(async move {
            let Credentials { app, token } = credentials?;
            let (asked, now) = (token.clone(), app.clock.now());
            let found = app.read(move |connection| sign_ins::find(connection, &asked, now)).await?;
            let user = found.ok_or(away)?;
            if table::audience(R::CAPABILITY) != Some(Audience::SignedIn)
                && table::verdict(Caller::Owner, R::CAPABILITY) != Verdict::Allowed
            {
                return Err(Error::Forbidden);
            }
            note_use(&app, &user, &token);
            let hand = hand(&app, &request, &user);
            Ok(Self { user, token, hand, right: PhantomData })
        })
    }
}

impl<R: Right> FromRequest for Personal<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let member = Member::<R>::from_request(request, payload);
        Box::pin(async {
            let Member { user, token, hand, .. } = member.await?;
            if user.parent.is_some() {
                return Err(Error::Acting);
            }
            Ok(Self { user, token, hand, right: PhantomData })
        })
    }
}

impl<R: Right> FromRequest for Open<R> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_public = table::audience(R::CAPABILITY) == Some(Audience::Public);
        std::future::ready(if is_public { Ok(Self(PhantomData)) } else { Err(Error::Forbidden) })
    }
}

/// Who is signed in, on a page that is everybody's.
pub async fn signed_in(request: &HttpRequest) -> Result<Option<SignedIn>> {
    let Ok(Credentials { app, token }) = Credentials::of(request) else { return Ok(None) };
    let now = app.clock.now();
    app.read(move |connection| sign_ins::find(connection, &token, now)).await
}

/// The browser, as a sign-in remembers it.
pub fn browser_text(request: &HttpRequest) -> String {
    let agent = header_text(request, "user-agent");
    agent[..agent.floor_char_boundary(limits::AGENT_BYTES_MAX)].to_owned()
}
