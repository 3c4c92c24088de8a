//! The extractor that authorises a program of Clicky's API by the id and the key of a site in its query, the first
//! parameter of its handler.

use super::auth::Authorized;
use super::program_request::{Credentials, ProgramCaller, ProgramRequest};
use super::query;
use super::site_context::SiteContext;
use crate::access::capability::{Capability, CapabilityType};
use crate::error::{Error, Result};
use crate::model::id::{SiteId, SiteKey};
use crate::reports::data_reader::DataReader;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use rusqlite::Connection;
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// The access of a program to one site by its key, for a capability of the table. It gives the site to the queries that
/// it runs, and to nothing else.
pub struct KeyAccess<R> {
    program: ProgramRequest,
    site: SiteId,
    capability: PhantomData<R>,
}

impl<R: CapabilityType> Authorized for KeyAccess<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> FromRequest for KeyAccess<R> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.query_string();
        // What is missing or malformed belongs to no site, as site 0 does.
        let site = SiteId::parse(query::last_value(text, "site_id").trim()).unwrap_or(SiteId(0));
        let key = SiteKey::known(query::last_value(text, "sitekey").trim());
        let program = ProgramRequest::new(request, Credentials::Key(Some(site), key));
        ready(program.map(|program| Self { program, site, capability: PhantomData }))
    }
}

impl<R: CapabilityType> KeyAccess<R> {
    /// Reads one moment of the data file, if the key gives the capability on its site. The queries end at the deadline
    /// and when the client is gone.
    ///
    /// # Errors
    ///
    /// Fails with `Error::InvalidSiteKey` when the key does not give the capability, with `Error::Throttled` after too many
    /// wrong keys from the client's network, with `Error::TooManyAtOnce` when too many programs ask at once, as `read` does,
    /// and when the data file cannot be read.
    pub async fn view<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>, &SiteContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.program.view(self.check(), move |reader, site| read(reader, &site)).await
    }

    /// Reads one moment of the data file as [`Self::view`] does, for lists of visits or actions and segmentation: of these
    /// a program may run one at a time, and all programs together as many as leave a reader for small questions.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] does, and with `Error::TooManyAtOnce` while another such request with the same key comes
    /// from the same address.
    pub async fn view_alone<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>, &SiteContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.program.view_alone(self.check(), move |reader, site| read(reader, &site)).await
    }

    fn check(&self) -> impl Fn(&Connection, &ProgramCaller) -> Result<SiteContext> + Send + use<R> {
        let site = self.site;
        move |connection, caller| {
            caller.site(connection, site, &[R::CAPABILITY]).map_err(|error| match error {
                Error::Missing(_) | Error::Forbidden => Error::InvalidSiteKey,
                error => error,
            })
        }
    }
}
