//! The authorisation of a live stream, checked again before each event: a right that ends closes its streams.

use super::auth::{self, Credentials, SiteReader};
use super::guest::{self, GuestCredentials};
use crate::access::capability::{Capability, CapabilityType};
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::id::{SiteId, Token};
use crate::reports::visibility::Visibility;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The authorisation of a live stream: the caller's credentials, the site and the capability.
pub struct StreamAuth {
    app: Data<App>,
    holder: Holder,
    site: SiteId,
    capability: Capability,
}

#[derive(Clone)]
enum Holder {
    /// A signed-in user, by session token.
    Person(Token),
    /// The holder of a guest link.
    Guest(GuestCredentials),
}

impl StreamAuth {
    /// Returns the authorisation that a request's read access gives to its stream.
    ///
    /// # Errors
    ///
    /// Fails with `Error::SignedOut` when the request has neither a session nor a guest link.
    pub fn of<R: CapabilityType>(
        request: &HttpRequest,
        app: &Data<App>,
        look: &SiteReader<R>,
    ) -> Result<Self> {
        let holder = match GuestCredentials::from_request(app, request) {
            Some(credentials) => Holder::Guest(credentials),
            None => Holder::Person(Credentials::from_request(request)?.token),
        };
        Ok(Self { app: app.clone(), holder, site: look.site.id, capability: R::CAPABILITY })
    }

    /// Returns what the stream may show now; `None` if the right has ended.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the data file cannot be read at the moment.
    pub async fn check(&self) -> Result<Option<Visibility>> {
        let (holder, now) = (self.holder.clone(), self.app.clock.now());
        let (site, capability) = (self.site, self.capability);
        let asked = self.app.read(move |connection| match &holder {
            Holder::Person(token) => Ok(auth::authorize(connection, token, now, site, capability)?.2),
            Holder::Guest(credentials) => {
                Ok(guest::admit(connection, credentials, now, capability)?.standing)
            }
        });
        match asked.await {
            Ok(standing) => Ok(Some(standing.view)),
            Err(Error::Busy) => Err(Error::Busy),
            Err(_) => Ok(None),
        }
    }
}
