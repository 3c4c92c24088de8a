//! The extractor that authorises a program by the key of a site, the first parameter of its handler. The right is
//! checked in the same snapshot of the data file as the answer is made from, so that it costs no read of its own, and
//! again when the answer is made: a key that was replaced meanwhile, also by another process, gets none.

use super::auth::Authorized;
use super::client::Client;
use super::failed_sign_in;
use super::query;
use super::session::app;
use super::site_context::SiteContext;
use super::usage::record_key_use;
use crate::access;
use crate::access::capability::{Capability, CapabilityType};
use crate::access::policy::{self, Caller, Decision};
use crate::access::requester::{Requester, Turn};
use crate::access::single_requests::SingleRequest;
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::id::{self, SiteId, SiteKey};
use crate::reports::data_reader::DataReader;
use crate::store::sites;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use rusqlite::Connection;
use std::cell::Cell;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::net::IpAddr;
use tokio::sync::oneshot;

/// The access of a program to one site by its key, for a capability of the table. It gives the site to the queries that
/// it runs, and to nothing else.
pub struct KeyAccess<R> {
    app: Data<App>,
    credentials: KeyCredentials,
    /// The fingerprint of the credentials.
    fingerprint: [u8; 32],
    address: IpAddr,
    /// The request, for the record of the key's use.
    request: HttpRequest,
    capability: PhantomData<R>,
}

/// The site id and the key of a request, not yet checked. What is missing or malformed belongs to no site.
#[derive(Clone)]
struct KeyCredentials {
    site: SiteId,
    key: SiteKey,
}

impl KeyCredentials {
    fn parse(text: &str) -> Self {
        let site = SiteId::parse(query::last_value(text, "site_id").trim());
        let key = SiteKey::known(query::last_value(text, "sitekey").trim());
        // Site 0 never exists.
        Self { site: site.unwrap_or(SiteId(0)), key }
    }

    /// Returns the site with the rights of its key. An unknown site gets the same refusal as a wrong key.
    ///
    /// # Errors
    ///
    /// Fails with `Error::InvalidSiteKey` when the key is not that of the site or does not give the capability, and when
    /// the data file cannot be read.
    fn authorize(&self, connection: &Connection, capability: Capability) -> Result<SiteContext> {
        let known = match sites::keys(connection, self.site) {
            Ok(keys) => Some(keys.site),
            Err(Error::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        let has_site = known.is_some();
        // Compared also without a site, which takes the same time.
        let is_right = known.unwrap_or_else(|| SiteKey::known("")).matches(self.key.expose());
        if !has_site || !is_right || policy::verdict(Caller::Key, capability) != Decision::Allowed {
            return Err(Error::InvalidSiteKey);
        }
        Ok(SiteContext {
            site: sites::get(connection, self.site)?,
            grant: access::grant_for_key(),
            link: None,
        })
    }
}

impl<R: CapabilityType> Authorized for KeyAccess<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> FromRequest for KeyAccess<R> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let credentials = KeyCredentials::parse(request.query_string());
        ready(app(request).map(|app| Self {
            fingerprint: credentials.key.fingerprint(credentials.site),
            credentials,
            address: Client::from_request(request, &app.config).address,
            request: request.clone(),
            capability: PhantomData,
            app,
        }))
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
        self.answer(None, read).await
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
        let single = self.app.limited_work.single_requests.begin(self.fingerprint, self.address);
        if single.is_none() {
            // A wrong key gets its own refusal also now.
            self.answer(None, |_, _| Ok(())).await?;
            return Err(Error::TooManyAtOnce);
        }
        self.answer(single, read).await
    }

    async fn answer<T: Send + 'static>(
        &self,
        single: Option<SingleRequest>,
        read: impl FnOnce(&DataReader<'_>, &SiteContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.app.limited_work.program_permit(self.turn()?, single).await?;
        let (app, credentials, fingerprint) = (self.app.clone(), self.credentials.clone(), self.fingerprint);
        let proof = Cell::new(Some(self.expect_proof()));
        let check = move |connection: &Connection| {
            let site = credentials.authorize(connection, R::CAPABILITY)?;
            if let Some(proof) = proof.take() {
                app.proven_keys.insert(fingerprint);
                // The receiver is gone when the server stops.
                proof.send(()).ok();
            }
            Ok(site)
        };
        let answer = self.app.view_for_program(permit, check, move |reader, site| read(reader, &site)).await;
        if matches!(answer, Err(Error::InvalidSiteKey)) {
            self.note_wrong_key();
        }
        answer
    }

    /// Records the use of the key as soon as the sender that it returns says that the key is right, whatever becomes of the
    /// request afterwards.
    fn expect_proof(&self) -> oneshot::Sender<()> {
        let (sender, proven) = oneshot::channel();
        let (app, request, credentials) = (self.app.clone(), self.request.clone(), self.credentials.clone());
        actix_web::rt::spawn(async move {
            if proven.await.is_ok() {
                record_key_use(&app, credentials.site, &credentials.key, &request);
            }
        });
        sender
    }

    /// Returns the turn at reading.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Throttled` after too many wrong keys from the client's network.
    fn turn(&self) -> Result<Turn> {
        let requester = self.app.proven_keys.requester(self.fingerprint, self.address);
        self.app.throttles.site_keys.check(requester, self.app.clock.now())
    }

    fn note_wrong_key(&self) {
        self.app.proven_keys.remove(self.fingerprint);
        let (name, stranger) = (id::hex(&self.fingerprint), Requester::Stranger(self.address));
        self.app.throttles.site_keys.count_once(&name, stranger, self.app.clock.now());
        failed_sign_in::note_site_key(self.credentials.site, self.address);
    }
}
