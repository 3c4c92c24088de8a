//! The request of a program, with the credentials that it shows: the key of a site, or a personal token. They are checked
//! in the same snapshot of the data file as the answer is made from, so that it costs no read of its own, and again when
//! the answer is made: credentials that were replaced meanwhile, also by another process, get none.

use super::client::{Client, header_text};
use super::failed_sign_in;
use super::session::app;
use super::site_context::SiteContext;
use super::usage::{record_key_use, record_token_use};
use crate::access;
use crate::access::capability::Capability;
use crate::access::policy::{self, Caller, Decision};
use crate::access::requester::{Requester, Turn};
use crate::access::single_requests::SingleRequest;
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::{self, SiteId, SiteKey, TokenId, TokenSecret};
use crate::reports::data_reader::DataReader;
use crate::store::sites::{self, Site};
use crate::store::tokens::{self, PersonalToken};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Data;
use rusqlite::Connection;
use std::cell::Cell;
use std::net::IpAddr;
use tokio::sync::oneshot;

/// The credentials of a program, not yet checked.
#[derive(Clone)]
pub enum Credentials {
    /// The key of a site: of this one, or of the one that has it.
    Key(Option<SiteId>, SiteKey),
    /// A personal token.
    Token(TokenSecret),
    /// None.
    None,
}

impl Credentials {
    /// Reads the headers `Authorization: Bearer` and `X-Site-Key`; a token comes first. The key must be that of `site`, if
    /// there is one.
    pub fn from_headers(request: &HttpRequest, site: Option<SiteId>) -> Self {
        let authorization = header_text(request, header::AUTHORIZATION.as_str()).trim();
        if let Some((scheme, token)) = authorization.split_once(' ')
            && scheme.eq_ignore_ascii_case("bearer")
        {
            return Self::Token(TokenSecret::known(token.trim()));
        }
        match header_text(request, "x-site-key").trim() {
            "" => Self::None,
            key => Self::Key(site, SiteKey::known(key)),
        }
    }

    /// Returns what tells programs apart, for their rate limits; `None` without credentials. A key is one program, whichever
    /// site a path names.
    pub fn program_fingerprint(&self) -> Option<[u8; 32]> {
        match self {
            Self::Key(_, key) => Self::Key(None, key.clone()).fingerprint(),
            Self::Token(_) | Self::None => self.fingerprint(),
        }
    }

    /// Returns what tells requests with these credentials apart; `None` without any. A key is another one for each site, so
    /// that a key that is right for one isn't taken as right for others.
    fn fingerprint(&self) -> Option<[u8; 32]> {
        match self {
            Self::Key(site, key) => Some(key.fingerprint(site.unwrap_or(SiteId(0)))),
            Self::Token(secret) => Some(secret.hash()),
            Self::None => None,
        }
    }

    /// Checks the credentials. An unknown site gets the same refusal as a wrong key.
    ///
    /// # Errors
    ///
    /// Fails with `Error::InvalidSiteKey`, `Error::InvalidToken` or `Error::NoCredentials`, and when the data file cannot be
    /// read.
    pub fn check(&self, connection: &Connection, now: Timestamp) -> Result<ProgramCaller> {
        match self {
            Self::Key(Some(site), key) => {
                let known = match sites::keys(connection, *site) {
                    Ok(keys) => Some(keys.site),
                    Err(Error::Missing(_)) => None,
                    Err(error) => return Err(error),
                };
                let has_site = known.is_some();
                // Compared also without a site, which takes the same time.
                let is_right = known.unwrap_or_else(|| SiteKey::known("")).matches(key.expose());
                if has_site && is_right { Ok(ProgramCaller::Key(*site)) } else { Err(Error::InvalidSiteKey) }
            }
            Self::Key(None, key) => {
                let site = sites::find_of_key(connection, key)?;
                site.map(ProgramCaller::Key).ok_or(Error::InvalidSiteKey)
            }
            Self::Token(secret) => {
                let token = tokens::find_open(connection, secret, now)?;
                token.map(ProgramCaller::Token).ok_or(Error::InvalidToken)
            }
            Self::None => Err(Error::NoCredentials),
        }
    }
}

/// A program whose credentials are right.
#[derive(Clone, Debug)]
pub enum ProgramCaller {
    /// It has the key of this site.
    Key(SiteId),
    /// It has a personal token.
    Token(PersonalToken),
}

impl ProgramCaller {
    /// Returns a site with the program's rights on it, if it may use all of some capabilities there.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Missing` for a site that the program must not know of, with `Error::TokenForbidden` or
    /// `Error::Forbidden` when it may not use a capability, and when the data file cannot be read.
    pub fn site(&self, connection: &Connection, id: SiteId, all_of: &[Capability]) -> Result<SiteContext> {
        let site = sites::get(connection, id)?;
        let context = self.context(connection, site)?;
        for capability in all_of {
            match policy::verdict(context.grant.caller, *capability) {
                Decision::Allowed => {}
                Decision::Hidden => return Err(Error::Missing("site")),
                _ => return Err(self.refusal(context.grant.caller, *capability)),
            }
        }
        Ok(context)
    }

    /// Returns the error that says why the program may not use a capability.
    fn refusal(&self, caller: Caller, capability: Capability) -> Error {
        match self {
            Self::Token(_) if caller == Caller::ViewOnly => Error::TokenForbidden(
                "Your access to this site is View Only, which has no API. Ask the site's owner for User access.",
            ),
            Self::Token(token) if capability == Capability::WriteApi && token.may_write => {
                Error::TokenForbidden(
                    "Your access to this site only reads, and so do your tokens. Ask the site's owner for Administrator access.",
                )
            }
            Self::Token(_) if capability == Capability::WriteApi => Error::TokenForbidden(
                "This token only reads. Make one that also writes under Account → Tokens, for a site that you own or administer.",
            ),
            _ => Error::Forbidden,
        }
    }

    /// Lists the sites on which the program may use a capability: a person's own ones, then those shared with them.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn sites(&self, connection: &Connection, capability: Capability) -> Result<Vec<SiteContext>> {
        let sites = match self {
            Self::Key(site) => vec![sites::get(connection, *site)?],
            Self::Token(token) => {
                let open = sites::list_open_to(connection, token.user)?;
                open.into_iter().map(|(site, _)| site).filter(|site| token.scope.has(site.id)).collect()
            }
        };
        let mut contexts = Vec::with_capacity(sites.len());
        for site in sites {
            let context = self.context(connection, site)?;
            if policy::verdict(context.grant.caller, capability) == Decision::Allowed {
                contexts.push(context);
            }
        }
        Ok(contexts)
    }

    fn context(&self, connection: &Connection, site: Site) -> Result<SiteContext> {
        let (grant, token_user) = match self {
            Self::Key(id) if *id == site.id => (access::grant_for_key(), None),
            Self::Key(_) => return Err(Error::Missing("site")),
            Self::Token(token) => (access::grant_for_token(connection, token, &site)?, Some(token.user)),
        };
        Ok(SiteContext { site, grant, link: None, token_user })
    }
}

/// Credentials that were right: what the record of their use needs.
enum Proven {
    Key(SiteId, SiteKey),
    Token(TokenId),
}

/// The request of a program.
pub struct ProgramRequest {
    /// The program's state.
    pub app: Data<App>,
    /// The credentials.
    pub credentials: Credentials,
    fingerprint: Option<[u8; 32]>,
    address: IpAddr,
    request: HttpRequest,
}

impl ProgramRequest {
    /// Takes credentials from a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` outside the server.
    pub fn new(request: &HttpRequest, credentials: Credentials) -> Result<Self> {
        let app = app(request)?;
        Ok(Self {
            fingerprint: credentials.fingerprint(),
            credentials,
            address: Client::from_request(request, &app.config).address,
            request: request.clone(),
            app,
        })
    }

    /// Returns the address of the client.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Returns what tells requests with the same credentials apart; `None` without any.
    pub fn fingerprint(&self) -> Option<[u8; 32]> {
        self.fingerprint
    }

    /// Reads one moment of the data file, if `check` passes on the program. The queries end at the deadline and when the
    /// client is gone.
    ///
    /// # Errors
    ///
    /// Fails with `Error::InvalidSiteKey`, `Error::InvalidToken` or `Error::NoCredentials` for wrong or missing credentials,
    /// with `Error::Throttled` after too many wrong ones from the client's network, with `Error::TooManyAtOnce` when too
    /// many programs ask at once, as `check` and `read` do, and when the data file cannot be read.
    pub async fn view<C, T: Send + 'static>(
        &self,
        check: impl Fn(&Connection, &ProgramCaller) -> Result<C> + Send + 'static,
        read: impl FnOnce(&DataReader<'_>, C) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.answer(None, check, read).await
    }

    /// Reads one moment of the data file as [`Self::view`] does, for what may take long: of such requests a program may run
    /// one at a time, and all programs together as many as leave a reader for small questions.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::view`] does, and with `Error::TooManyAtOnce` while another such request with the same credentials
    /// comes from the same address.
    pub async fn view_alone<C: 'static, T: Send + 'static>(
        &self,
        check: impl Fn(&Connection, &ProgramCaller) -> Result<C> + Send + 'static,
        read: impl FnOnce(&DataReader<'_>, C) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let fingerprint = self.fingerprint.ok_or(Error::NoCredentials)?;
        let single = self.app.limited_work.single_requests.begin(fingerprint, self.address);
        if single.is_none() {
            // Wrong credentials get their own refusal also now.
            self.answer(None, check, |_, _| Ok(())).await?;
            return Err(Error::TooManyAtOnce);
        }
        self.answer(single, check, read).await
    }

    async fn answer<C, T: Send + 'static>(
        &self,
        single: Option<SingleRequest>,
        check: impl Fn(&Connection, &ProgramCaller) -> Result<C> + Send + 'static,
        read: impl FnOnce(&DataReader<'_>, C) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.app.limited_work.program_permit(self.turn()?, single).await?;
        let (app, credentials, fingerprint) = (self.app.clone(), self.credentials.clone(), self.fingerprint);
        let proof = Cell::new(Some(self.expect_proof()));
        let check = move |connection: &Connection| {
            let caller = credentials.check(connection, app.clock.now())?;
            let checked = check(connection, &caller)?;
            if let Some(proof) = proof.take() {
                prove(&app, fingerprint, &credentials, &caller, proof);
            }
            Ok(checked)
        };
        let answer = self.app.view_for_program(permit, check, read).await;
        self.note_refusal(answer.as_ref().err());
        answer
    }

    /// Notes credentials that were wrong.
    pub fn note_refusal(&self, refusal: Option<&Error>) {
        match (refusal, &self.credentials, self.fingerprint) {
            (Some(Error::InvalidSiteKey), Credentials::Key(site, _), Some(fingerprint)) => {
                self.count_wrong(fingerprint);
                failed_sign_in::note_site_key(site.unwrap_or(SiteId(0)), self.address);
            }
            (Some(Error::InvalidToken), _, Some(fingerprint)) => {
                self.count_wrong(fingerprint);
                failed_sign_in::note_token(self.address);
            }
            _ => {}
        }
    }

    fn count_wrong(&self, fingerprint: [u8; 32]) {
        self.app.proven_keys.remove(fingerprint);
        let (name, stranger) = (id::hex(&fingerprint), Requester::Stranger(self.address));
        self.app.throttles.site_keys.count_once(&name, stranger, self.app.clock.now());
    }

    /// Records the use of the credentials as soon as the sender that it returns says that they are right, whatever becomes
    /// of the request afterwards.
    fn expect_proof(&self) -> oneshot::Sender<Proven> {
        let (sender, proven) = oneshot::channel();
        let (app, request) = (self.app.clone(), self.request.clone());
        actix_web::rt::spawn(async move {
            match proven.await {
                Ok(Proven::Key(site, key)) => record_key_use(&app, site, &key, &request),
                Ok(Proven::Token(token)) => record_token_use(&app, token, &request),
                Err(_) => {}
            }
        });
        sender
    }

    /// Returns the turn at reading.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Throttled` after too many wrong credentials from the client's network.
    fn turn(&self) -> Result<Turn> {
        let requester = match self.fingerprint {
            Some(fingerprint) => self.app.proven_keys.requester(fingerprint, self.address),
            None => Requester::Stranger(self.address),
        };
        self.app.throttles.site_keys.check(requester, self.app.clock.now())
    }
}

/// Remembers credentials that were right, and has their use recorded.
fn prove(
    app: &App,
    fingerprint: Option<[u8; 32]>,
    credentials: &Credentials,
    caller: &ProgramCaller,
    proof: oneshot::Sender<Proven>,
) {
    let proven = match (caller, credentials) {
        (ProgramCaller::Key(site), Credentials::Key(_, key)) => Proven::Key(*site, key.clone()),
        (ProgramCaller::Token(token), _) => Proven::Token(token.id),
        (ProgramCaller::Key(_), _) => return,
    };
    if let Some(fingerprint) = fingerprint {
        app.proven_keys.insert(fingerprint);
    }
    // The receiver is gone when the server stops.
    proof.send(proven).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_program_but_proves_nothing_about_other_sites() {
        let key = |site: Option<i64>| Credentials::Key(site.map(SiteId), SiteKey::known("secret"));
        assert_eq!(key(None).program_fingerprint(), key(Some(1)).program_fingerprint());
        assert_eq!(key(Some(2)).program_fingerprint(), key(Some(1)).program_fingerprint());
        assert_ne!(key(Some(2)).fingerprint(), key(Some(1)).fingerprint());
        assert_ne!(key(None).fingerprint(), key(Some(1)).fingerprint());
    }
}
