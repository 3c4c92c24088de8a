//! The extractors that authorise a request: the first parameter of every handler. A handler gets a site in no
//! other way.

use super::authorize::authorize;
use super::authorized_write::{self, AuthorizedAccount};
use super::client::Client;
use super::guest::{FrameAncestors, GuestCredentials};
use super::guest_access;
use super::request_actor::request_actor;
use super::session::{Credentials, app, signed_out};
use super::site_context::SiteContext;
use super::usage::{record_share_use, record_sign_in_use};
use crate::access::audit::Actor;
use crate::access::capability::{Capability, CapabilityType};
use crate::access::policy::{self, Audience, Caller, Decision};
use crate::app::App;
use crate::app::queue::Permit;
use crate::error::{Error, Result};
use crate::model::id::{SiteId, Token};
use crate::store::sign_ins::{self, SignedIn};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use rusqlite::Transaction;
use std::marker::PhantomData;

/// An extractor that checks a capability.
pub trait Authorized {
    /// The capability that the caller must have.
    const CAPABILITY: Capability;
}

/// The access of a signed-in user to one site, for a capability of the table.
pub struct SiteAccess<R> {
    /// The signed-in user.
    pub user: SignedIn,
    /// The token of the sign-in.
    pub token: Token,
    /// The actor for the audit log.
    pub actor: Actor,
    context: SiteContext,
    capability: PhantomData<R>,
}

/// The read access of a user or a guest to one site.
pub struct SiteReader<R> {
    /// The signed-in user; `None` for guests.
    pub user: Option<SignedIn>,
    context: SiteContext,
    /// The permit of a guest, held until the response is made; `None` for users.
    _permit: Option<Permit>,
    capability: PhantomData<R>,
}

/// Access to a site.
pub trait Admitted: std::ops::Deref<Target = SiteContext> {
    /// Returns the signed-in user; `None` for guests.
    fn user(&self) -> Option<&SignedIn>;
}

impl<R> std::ops::Deref for SiteAccess<R> {
    type Target = SiteContext;

    fn deref(&self) -> &SiteContext {
        &self.context
    }
}

impl<R> std::ops::Deref for SiteReader<R> {
    type Target = SiteContext;

    fn deref(&self) -> &SiteContext {
        &self.context
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
    pub actor: Actor,
    capability: PhantomData<R>,
}

/// The access of a signed-in user who acts for no sub-account: personal things are closed to a parent.
pub struct OwnAccount<R>(AccountAccess<R>);

impl<R> std::ops::Deref for OwnAccount<R> {
    type Target = AccountAccess<R>;

    fn deref(&self) -> &AccountAccess<R> {
        &self.0
    }
}

/// The access of any caller, for a public capability.
pub struct Public<R>(PhantomData<R>);

impl<R: CapabilityType> SiteAccess<R> {
    /// Runs a change in a write transaction, if the right still holds there.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut`, `Error::Missing` or `Error::Forbidden` when the right has ended, as the
    /// change itself does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        app.write(self.if_authorized(app, change)).await
    }

    /// Runs a change that erases visits, which may be open, if the right still holds.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::write`] does.
    pub async fn erase<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        app.erase(self.if_authorized(app, change)).await
    }

    /// Returns the change, preceded by the check of the right.
    fn if_authorized<T>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static {
        let (token, account) = (self.token.clone(), AuthorizedAccount::from_user(&self.user));
        let (site, now) = (self.site.id, app.clock.now());
        move |tx| {
            account.check(&authorize(tx, &token, now, site, R::CAPABILITY)?.0)?;
            change(tx)
        }
    }
}

impl<R> AccountAccess<R> {
    /// Runs a change in a write transaction, if the sign-in still holds for the same account there.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut` when the sign-in has ended, with `Error::Forbidden` when it acts for
    /// another account now, as the change itself does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        app: &App,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        authorized_write::write(app, &self.user, &self.token, change).await
    }
}

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

impl<R: CapabilityType> FromRequest for SiteAccess<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let site = request.match_info().get("site").and_then(SiteId::parse);
        let (credentials, signed_out, request) =
            (Credentials::from_request(request), signed_out(request), request.clone());
        Box::pin(async move {
            let Credentials { app, token } = credentials?;
            let (session, now) = (token.clone(), app.clock.now());
            // A signed-out caller gets the same answer whether or not the site exists: site 0 never does.
            let site = site.unwrap_or(SiteId(0));
            let authorized =
                app.read(move |connection| authorize(connection, &session, now, site, R::CAPABILITY)).await;
            let (user, site, grant) = authorized.map_err(|error| match error {
                Error::SignedOut(_) => signed_out,
                error => error,
            })?;
            record_sign_in_use(&app, &user, &token);
            record_share_use(&app, &user, &site, &grant);
            let actor = request_actor(&app, &request, &user);
            let context = SiteContext { site, grant, link: None, token_user: None };
            Ok(Self { user, token, actor, context, capability: PhantomData })
        })
    }
}

impl<R: CapabilityType> FromRequest for SiteReader<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let guest = app(request)
            .map(|app| GuestCredentials::from_request(&app, request).map(|credentials| (app, credentials)));
        match guest {
            Err(error) => Box::pin(std::future::ready(Err(error))),
            Ok(None) => {
                let access = SiteAccess::<R>::from_request(request, payload);
                Box::pin(async {
                    let SiteAccess { user, context, .. } = access.await?;
                    Ok(Self { user: Some(user), context, _permit: None, capability: PhantomData })
                })
            }
            Ok(Some((app, credentials))) => {
                let (request, now) = (request.clone(), app.clock.now());
                let address = Client::from_request(&request, &app.config).address;
                Box::pin(async move {
                    // The permit comes before the look-up of the link, which may be disabled during the wait.
                    let permit = Some(app.limited_work.guest_permit(address).await?);
                    let context = app.read(move |connection| {
                        guest_access::authorize(connection, &credentials, now, R::CAPABILITY)
                    });
                    let context = context.await?;
                    if let Some(link) = &context.link {
                        request.extensions_mut().insert(FrameAncestors::for_link(link));
                    }
                    Ok(Self { user: None, context, _permit: permit, capability: PhantomData })
                })
            }
        }
    }
}

impl<R: CapabilityType> FromRequest for AccountAccess<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (credentials, signed_out, request) =
            (Credentials::from_request(request), signed_out(request), request.clone());
        Box::pin(async move {
            let Credentials { app, token } = credentials?;
            let (session, now) = (token.clone(), app.clock.now());
            let user = app.read(move |connection| sign_ins::find(connection, &session, now)).await?;
            let user = user.ok_or(signed_out)?;
            if policy::audience(R::CAPABILITY) != Some(Audience::SignedIn)
                && policy::verdict(Caller::Owner, R::CAPABILITY) != Decision::Allowed
            {
                return Err(Error::Forbidden);
            }
            record_sign_in_use(&app, &user, &token);
            let actor = request_actor(&app, &request, &user);
            Ok(Self { user, token, actor, capability: PhantomData })
        })
    }
}

impl<R: CapabilityType> FromRequest for OwnAccount<R> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let account = AccountAccess::<R>::from_request(request, payload);
        Box::pin(async {
            let account = account.await?;
            if account.user.parent.is_some() { Err(Error::Acting) } else { Ok(Self(account)) }
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
