//! The first parameter of every handler: who is calling, and that they may. A handler gets a site in no other way.

use super::client::{Client, header_text};
use super::cookie;
use crate::access::capability::{Capability, Right};
use crate::access::table::{self, Audience, Caller, Verdict};
use crate::access::{self, Standing};
use crate::app::App;
use crate::error::{Error, Result};
use crate::id::{SiteId, Token};
use crate::limits;
use crate::reports::view::View;
use crate::store::shares;
use crate::store::sign_ins::{self, SignedIn};
use crate::store::sites::{self, Site};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use rusqlite::Connection;
use std::marker::PhantomData;

/// A parameter that states a capability.
pub trait Pass {
    /// What the caller must be allowed to do.
    const CAPABILITY: Capability;
}

/// Admission to one site, for a capability of the table.
pub struct Entry<R> {
    /// The site.
    pub site: Site,
    /// Who is signed in.
    pub user: SignedIn,
    /// The token of this sign-in.
    pub token: Token,
    /// What they are to the site, and may see of it.
    pub standing: Standing,
    right: PhantomData<R>,
}

impl<R> Entry<R> {
    /// Whether the caller may also do something else here, to offer it or not.
    pub fn may(&self, capability: Capability) -> bool {
        self.standing.may(capability)
    }

    /// The path below which the site's screens stand.
    pub fn base(&self) -> String {
        format!("/sites/{}", self.site.id)
    }

    /// What the caller may see.
    pub fn view(&self) -> &View {
        &self.standing.view
    }
}

/// Somebody who is signed in, for a capability that belongs to no single site.
pub struct Member<R> {
    /// Who is signed in.
    pub user: SignedIn,
    /// The token of this sign-in.
    pub token: Token,
    right: PhantomData<R>,
}

/// Anybody at all, for a capability that is everybody's.
pub struct Open<R>(PhantomData<R>);

impl<R: Right> Pass for Entry<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: Right> Pass for Member<R> {
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

/// Who is asking, from a request alone.
pub struct Credentials {
    /// The program.
    pub app: Data<App>,
    /// The token that the request carries.
    pub token: Token,
}

impl Credentials {
    fn of(request: &HttpRequest) -> Result<Self> {
        let app = app(request)?;
        let client = Client::of(request, &app.config);
        let token = cookie::read(request, client).ok_or_else(|| here(request))?;
        Ok(Self { app, token })
    }
}

/// Writes down, now and then, that somebody opened a site that is shared with them.
fn note_visit(app: &Data<App>, (user, site): (&SignedIn, &Site), standing: &Standing) {
    let now = app.clock.now();
    let is_due = standing.seen_at.is_none_or(|seen_at| now.since(seen_at) >= limits::SIGN_IN_SEEN_EVERY);
    if site.owner == user.user || !is_due {
        return;
    }
    let (app, share) = (app.clone(), (site.id, user.user));
    actix_web::rt::spawn(async move {
        if let Err(error) = app.write(move |tx| shares::touch(tx, share, now)).await {
            tracing::warn!(%error, "the use of a share was not written down");
        }
    });
}

/// Writes down, now and then, that a sign-in is in use.
fn note_use(app: &Data<App>, user: &SignedIn, token: &Token) {
    let now = app.clock.now();
    if now.since(user.seen_at) >= limits::SIGN_IN_SEEN_EVERY {
        let (app, token) = (app.clone(), token.clone());
        actix_web::rt::spawn(async move {
            if let Err(error) = app.write(move |tx| sign_ins::touch(tx, &token, now)).await {
                tracing::warn!(%error, "the use of a sign-in was not written down");
            }
        });
    }
}

impl<R: Right> FromRequest for Entry<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request.match_info().get("site").and_then(SiteId::parse);
        let (credentials, away) = (Credentials::of(request), here(request));
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
            Ok(Self { site, user, token, standing, right: PhantomData })
        })
    }
}

impl<R: Right> FromRequest for Member<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (credentials, away) = (Credentials::of(request), here(request));
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
            Ok(Self { user, token, right: PhantomData })
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

/// The right to a live stream, asked anew before each event.
pub struct StandingRight {
    credentials: Credentials,
    site: SiteId,
    capability: Capability,
}

impl StandingRight {
    /// The right that an entry gave to this request.
    pub fn of<R: Right>(request: &HttpRequest, entry: &Entry<R>) -> Result<Self> {
        Ok(Self { credentials: Credentials::of(request)?, site: entry.site.id, capability: R::CAPABILITY })
    }

    /// What may be seen now; none when the right has ended. `Busy` when the file can't be asked now.
    pub async fn stands(&self) -> Result<Option<View>> {
        let Credentials { app, token } = &self.credentials;
        let (token, now, site, capability) = (token.clone(), app.clock.now(), self.site, self.capability);
        match app.read(move |connection| admit(connection, (&token, now), site, capability)).await {
            Ok((_, _, standing)) => Ok(Some(standing.view)),
            Err(Error::Busy) => Err(Error::Busy),
            Err(_) => Ok(None),
        }
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
