//! Work with limited concurrency: fetching, drawing, passwords, reports for guests and programs. Each kind has a fair queue,
//! so that no requester can block the others. A permit moves with the work to its thread: a client that hangs
//! up does not stop the work, and must not let the next one start alongside.

use super::blocking;
use super::queue::{FairQueue, Length, Limits, Permit};
use crate::access::batch_limits::BatchLimits;
use crate::access::password;
use crate::access::requester::{Requester, Turn};
use crate::access::single_requests::{SingleRequest, SingleRequests};
use crate::error::{Error, Result};
use crate::limits;
use crate::outbound::{FetchedPage, Fetcher};
use std::net::IpAddr;
use std::sync::Arc;

/// The kinds of work with limited concurrency, each with its queue.
pub struct LimitedWork {
    fetcher: Arc<Fetcher>,
    fetches: FairQueue,
    pictures: FairQueue,
    previews: FairQueue,
    passwords: FairQueue,
    guests: FairQueue,
    programs: FairQueue,
    /// The places of batches of hits, whose bodies take much memory.
    pub batches: BatchLimits,
    /// The requests of which each program may run one at a time.
    pub single_requests: SingleRequests,
    /// The exports, of which each program may run one at a time, also beside such a request.
    pub exports: SingleRequests,
}

/// A permit for one request of a program.
pub struct ProgramPermit {
    _permit: Permit,
    _single: Option<SingleRequest>,
}

impl LimitedWork {
    /// Returns the work with free queues; `allows_private` admits pages of private networks.
    pub fn new(allows_private: bool) -> Self {
        Self {
            fetcher: Arc::new(Fetcher::new(allows_private)),
            fetches: FairQueue::new(limits::FETCHES_MAX, limits::FETCHES_WAITING_MAX),
            pictures: FairQueue::new(limits::PICTURES_AT_ONCE, limits::PICTURES_WAITING_MAX),
            previews: FairQueue::new(limits::GOAL_PREVIEWS_AT_ONCE, limits::GOAL_PREVIEWS_WAITING_MAX),
            passwords: FairQueue::new(limits::PASSWORD_CHECKS_MAX, limits::PASSWORDS_WAITING_MAX),
            guests: FairQueue::new(limits::GUESTS_ASKING_MAX, limits::GUESTS_WAITING_MAX),
            programs: FairQueue::with_limits(
                limits::PROGRAMS_ASKING_MAX,
                limits::PROGRAMS_WAITING_MAX,
                Limits { per_lane: limits::PROGRAMS_PER_KEY_MAX, long: limits::PROGRAM_LISTS_MAX },
            ),
            batches: BatchLimits::default(),
            single_requests: SingleRequests::default(),
            exports: SingleRequests::default(),
        }
    }

    /// Fetches a page of another server for a requester.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full, and with `Error::Invalid` when the page cannot be
    /// fetched.
    pub async fn fetch(&self, address: String, requester: Requester) -> Result<FetchedPage> {
        let permit = self.fetches.acquire(Turn::for_requester(requester)).await?;
        let fetcher = Arc::clone(&self.fetcher);
        blocking::outside(move || permit.during(|| fetcher.get(&address))).await
    }

    /// Waits for a permit to send a message to another server for a requester who waits for its answer.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full.
    pub async fn message_permit(&self, requester: Requester) -> Result<Permit> {
        self.fetches.acquire(Turn::for_requester(requester)).await
    }

    /// Runs work on a picture, whose pixels take much memory.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full, and as the work itself does.
    pub async fn draw<T: Send + 'static>(
        &self,
        requester: Requester,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.pictures.acquire(Turn::for_requester(requester)).await?;
        blocking::run(move || permit.during(work)).await
    }

    /// Returns true if a password matches a hash. Without a hash it takes the same time and returns false.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full.
    pub async fn check_password(&self, password: String, hash: Option<String>, turn: Turn) -> Result<bool> {
        let permit = self.passwords.acquire(turn).await?;
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(password::nobodys_hash);
        let is_right =
            blocking::run(move || Ok(permit.during(|| password::matches(&password, &hash)))).await?;
        Ok(is_right && is_known)
    }

    /// Returns the hash of a new password.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full, and with `Error::Invalid` when the password is too
    /// long.
    pub async fn hash_password(&self, password: String, requester: Requester) -> Result<String> {
        let permit = self.passwords.acquire(Turn::for_requester(requester)).await?;
        blocking::run(move || permit.during(|| password::hash(&password))).await
    }

    /// Waits for a permit to count what a rule would have matched, which reads many actions.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full or the wait exceeds `READER_WAIT`.
    pub async fn preview_permit(&self, requester: Requester) -> Result<Permit> {
        let permit = self.previews.acquire(Turn::for_requester(requester));
        tokio::time::timeout(limits::READER_WAIT, permit).await.map_err(|_| Error::Busy)?
    }

    /// Waits for a permit to read reports as a guest at an address; only a few guests read at once.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the queue is full or the wait exceeds `READER_WAIT`.
    pub async fn guest_permit(&self, address: IpAddr) -> Result<Permit> {
        let permit = self.guests.acquire(Turn::for_requester(Requester::Stranger(address)));
        tokio::time::timeout(limits::READER_WAIT, permit).await.map_err(|_| Error::Busy)?
    }

    /// Waits for a permit to read as a program; only a few programs read at once. `single` is held as long as the permit:
    /// the one request of its kind that the program may run at a time. Such requests together leave a permit to the others.
    ///
    /// # Errors
    ///
    /// Fails with `Error::TooManyAtOnce` when the queue is full or the wait exceeds `PROGRAM_WAIT`.
    pub async fn program_permit(&self, turn: Turn, single: Option<SingleRequest>) -> Result<ProgramPermit> {
        let length = if single.is_some() { Length::Long } else { Length::Short };
        let permit = self.programs.acquire_for(turn, length);
        let permit = tokio::time::timeout(limits::PROGRAM_WAIT, permit).await;
        let permit = permit.ok().and_then(Result::ok).ok_or(Error::TooManyAtOnce)?;
        Ok(ProgramPermit { _permit: permit, _single: single })
    }
}
