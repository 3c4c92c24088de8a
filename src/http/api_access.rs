//! The extractors that authorise a program of our own API by a personal token or the key of a site in its headers, the first
//! parameter of each handler. Each request counts towards the rate limits before anything else.

use super::auth::Authorized;
use super::program_request::{Credentials, ProgramCaller, ProgramRequest};
use super::site_context::SiteContext;
use crate::access::audit::Actor;
use crate::access::capability::{Capability, CapabilityType};
use crate::access::request_rates::RequestAllowance;
use crate::access::requester::{Requester, Turn};
use crate::access::single_requests::SingleRequest;
use crate::access::stream_limits::StreamClient;
use crate::app::limited_work::ProgramPermit;
use crate::error::{Error, Result};
use crate::ingest::hit::Hit;
use crate::ingest::pipeline::HitReceipt;
use crate::model::id::SiteId;
use crate::reports::data_reader::DataReader;
use crate::reports::visibility::Visibility;
use crate::store::sites::Site;
use crate::store::users;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use rusqlite::{Connection, Transaction};
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::net::IpAddr;

/// The access of a program to all sites that its credentials open, for a capability of the table.
pub struct ApiCaller<R> {
    program: ProgramRequest,
    capability: PhantomData<R>,
}

/// The access of a program to the site of a path, for a capability of the table; besides it, the program must have the
/// right to read through the API.
pub struct ApiAccess<R> {
    program: ProgramRequest,
    site: SiteId,
    capability: PhantomData<R>,
}

impl<R: CapabilityType> Authorized for ApiCaller<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

impl<R: CapabilityType> Authorized for ApiAccess<R> {
    const CAPABILITY: Capability = R::CAPABILITY;
}

/// Takes a program's request, which counts towards its rate limits; what is left stands in the request's extensions.
fn counted(request: &HttpRequest, site: Option<SiteId>) -> Result<ProgramRequest> {
    let program = ProgramRequest::new(request, Credentials::from_headers(request, site))?;
    let allowance =
        program.app.request_rates.count(program.credentials.program_fingerprint(), program.address());
    if let Ok(allowance) = &allowance {
        request.extensions_mut().insert::<RequestAllowance>(*allowance);
    }
    allowance.map(|_| program)
}

impl<R: CapabilityType> FromRequest for ApiCaller<R> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(counted(request, None).map(|program| Self { program, capability: PhantomData }))
    }
}

impl<R: CapabilityType> FromRequest for ApiAccess<R> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Site 0 never exists.
        let site = request.match_info().get("site").and_then(SiteId::parse).unwrap_or(SiteId(0));
        let program = counted(request, Some(site));
        ready(program.map(|program| Self { program, site, capability: PhantomData }))
    }
}

impl<R: CapabilityType> ApiCaller<R> {
    /// Checks that the program shows a personal token, not the key of a site. Whether the token is right shows in the view.
    ///
    /// # Errors
    ///
    /// Fails with `Error::TokenRequired` for other credentials.
    pub fn require_token(&self) -> Result<()> {
        match self.program.credentials {
            Credentials::Token(_) => Ok(()),
            Credentials::Key(..) | Credentials::None => Err(Error::TokenRequired),
        }
    }

    /// Reads one moment of the data file for a program whose credentials are right. `read` asks the caller for the sites
    /// that it may read.
    ///
    /// # Errors
    ///
    /// Fails as [`ProgramRequest::view`] does.
    pub async fn view<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>, &ProgramCaller) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.program.view(|_, caller| Ok(caller.clone()), move |reader, caller| read(reader, &caller)).await
    }

    /// Reads one moment of the data file as [`Self::view`] does, for what may take long: see
    /// [`ProgramRequest::view_alone`].
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] does, and with `Error::TooManyAtOnce` while another such request goes on.
    pub async fn view_alone<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>, &ProgramCaller) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.program
            .view_alone(|_, caller| Ok(caller.clone()), move |reader, caller| read(reader, &caller))
            .await
    }
}

impl<R: CapabilityType> ApiAccess<R> {
    /// Returns the id of the site in the path, which the program is not yet known to have access to.
    pub fn site_id(&self) -> SiteId {
        self.site
    }

    /// Begins an export, of which a program runs one at a time.
    ///
    /// # Errors
    ///
    /// Fails with `Error::TooManyAtOnce` while another one goes on with the same credentials from the same address, and as
    /// [`Self::view`] does.
    pub async fn begin_export(&self) -> Result<SingleRequest> {
        let fingerprint = self.program.fingerprint().ok_or(Error::NoCredentials)?;
        let single = self.program.app.limited_work.exports.begin(fingerprint, self.address());
        if single.is_none() {
            // Wrong credentials get their own refusal also now.
            self.view(|_, _| Ok(())).await?;
        }
        single.ok_or(Error::TooManyAtOnce)
    }

    /// Returns the client of an event stream.
    pub fn stream_client(&self) -> StreamClient {
        StreamClient::Program(self.program.fingerprint().unwrap_or_default(), self.program.address())
    }

    /// Waits for the permit of an event stream to read: the streams of programs read beside each other as their requests do.
    ///
    /// # Errors
    ///
    /// Fails with `Error::TooManyAtOnce` when too many programs read.
    pub async fn stream_permit(&self) -> Result<ProgramPermit> {
        let requester = self
            .program
            .fingerprint()
            .map_or_else(|| Requester::Stranger(self.program.address()), Requester::Holder);
        self.program.app.limited_work.program_permit(Turn::for_requester(requester), None).await
    }

    /// Returns the address of the client.
    pub fn address(&self) -> IpAddr {
        self.program.address()
    }

    /// Reads one moment of the data file, if the credentials give the capability on the site. The queries end at the
    /// deadline and when the client is gone.
    ///
    /// # Errors
    ///
    /// Fails as [`ProgramRequest::view`] does, with `Error::Missing` for a site that the program must not know of, and with
    /// `Error::Forbidden` when it may not use the capability there.
    pub async fn view<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>, &SiteContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.program.view(self.check(), move |reader, site| read(reader, &site)).await
    }

    /// Reads one moment of the data file as [`Self::view`] does, for what may take long: see
    /// [`ProgramRequest::view_alone`].
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] does, and with `Error::TooManyAtOnce` while another such request goes on.
    pub async fn view_alone<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>, &SiteContext) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.program.view_alone(self.check(), move |reader, site| read(reader, &site)).await
    }

    /// Records hits of the site, all or none, if the credentials give the capability there when they are written. Returns
    /// their receipts in the same order, once they are on the disk.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] and [`crate::app::App::record_batch`] do.
    pub async fn record(&self, hits: Vec<Hit>) -> Result<Vec<HitReceipt>> {
        let (check, credentials) = (self.check(), self.program.credentials.clone());
        let now = self.program.app.clock.now();
        let check = move |tx: &Transaction<'_>| check(tx, &credentials.check(tx, now)?).map(|_| ());
        let recorded = self.program.app.record_batch(hits, Box::new(check)).await;
        self.program.note_refusal(recorded.as_ref().err());
        recorded
    }

    /// Checks that the program may change something of the site, before the body of its request is read: only bodies of
    /// programs that may write are held in memory. Such requests know no parameters.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] does, with `Error::TokenForbidden` for a token that only reads, and with `Error::Invalid` for a
    /// parameter.
    pub async fn begin_writing(&self, query: &str) -> Result<()> {
        let is_plain = query.is_empty();
        let check = self.check_writing();
        self.program.view(check, |_, _| Ok(())).await?;
        if is_plain {
            Ok(())
        } else {
            Err(Error::invalid("parameters", "This route knows no parameters. Leave them out."))
        }
    }

    /// Runs a change of the site in a write transaction, if the credentials give the capability there. The change gets the
    /// site and the actor for the audit log.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] does, as the change does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&Transaction<'_>, &Site, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (check, credentials) = (self.check_writing(), self.program.credentials.clone());
        let (now, address) = (self.program.app.clock.now(), self.address().to_string());
        let written = self.program.app.write(move |tx| {
            let context = check(tx, &credentials.check(tx, now)?)?;
            let user = context.token_user.map(|user| users::get(tx, user)).transpose()?;
            let user = user.map(|user| user.username);
            let actor = Actor { user, acting_for: None, address: Some(address.clone()), at: now };
            change(tx, &context.site, &actor)
        });
        let written = written.await;
        self.program.note_refusal(written.as_ref().err());
        written
    }

    fn check_writing(&self) -> impl Fn(&Connection, &ProgramCaller) -> Result<SiteContext> + Send + use<R> {
        let site = self.site;
        let needed = [Capability::ReadApi, Capability::WriteApi, R::CAPABILITY];
        move |connection, caller| caller.site(connection, site, &needed)
    }

    /// Returns what the program may see of the site at this moment; `None` when its right has ended. A live stream asks
    /// before each event.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the data file cannot be read at the moment.
    pub async fn visibility_now(&self) -> Result<Option<Visibility>> {
        let (check, credentials) = (self.check(), self.program.credentials.clone());
        let now = self.program.app.clock.now();
        let grant = self
            .program
            .app
            .read(move |connection| Ok(check(connection, &credentials.check(connection, now)?)?.grant));
        match grant.await {
            Ok(grant) => Ok(Some(grant.view)),
            Err(Error::Busy) => Err(Error::Busy),
            Err(_) => Ok(None),
        }
    }

    fn check(&self) -> impl Fn(&Connection, &ProgramCaller) -> Result<SiteContext> + Send + use<R> {
        let site = self.site;
        move |connection, caller| caller.site(connection, site, &[Capability::ReadApi, R::CAPABILITY])
    }
}
