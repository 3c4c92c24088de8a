//! The authorisation of a live stream, checked again before each event: a right that ends closes its streams.

use super::auth::SiteReader;
use super::authorize::authorize;
use super::guest::GuestCredentials;
use super::guest_access;
use super::session::Credentials;
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
    credentials: StreamCredentials,
    site: SiteId,
    capability: Capability,
}

#[derive(Clone)]
enum StreamCredentials {
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
    pub fn from_request<R: CapabilityType>(
        request: &HttpRequest,
        app: &Data<App>,
        reader: &SiteReader<R>,
    ) -> Result<Self> {
        let credentials = match GuestCredentials::from_request(app, request) {
            Some(credentials) => StreamCredentials::Guest(credentials),
            None => StreamCredentials::Person(Credentials::from_request(request)?.token),
        };
        Ok(Self { app: app.clone(), credentials, site: reader.site.id, capability: R::CAPABILITY })
    }

    /// Returns the visibility for the stream now; `None` if the right has ended.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the data file cannot be read at the moment.
    pub async fn check(&self) -> Result<Option<Visibility>> {
        let (credentials, now) = (self.credentials.clone(), self.app.clock.now());
        let (site, capability) = (self.site, self.capability);
        let grant = self.app.read(move |connection| match &credentials {
            StreamCredentials::Person(token) => Ok(authorize(connection, token, now, site, capability)?.2),
            StreamCredentials::Guest(credentials) => {
                Ok(guest_access::authorize(connection, credentials, now, capability)?.grant)
            }
        });
        match grant.await {
            Ok(grant) => Ok(Some(grant.view)),
            Err(Error::Busy) => Err(Error::Busy),
            Err(_) => Ok(None),
        }
    }
}
