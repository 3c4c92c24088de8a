//! The work of which only a few pieces may run at once: fetching, drawing, passwords, reports for guests.
//! Each kind has a fair queue, so that nobody keeps others waiting by asking for much. A permit goes with the
//! work to its thread: a client that hangs up meanwhile does not stop the work, and must not let the next
//! begin alongside.

use super::App;
use super::queue::Permit;
use crate::access::password;
use crate::access::requester::{Requester, Turn};
use crate::error::{Error, Result};
use crate::fetch::Page;
use crate::limits;
use std::net::IpAddr;
use std::sync::Arc;

impl App {
    /// Fetches a page of another server for a requester.
    pub async fn fetch(&self, address: String, requester: Requester) -> Result<Page> {
        let permit = self.fetches.acquire(Turn::of(requester)).await?;
        let fetcher = Arc::clone(&self.fetcher);
        Self::outside(move || permit.during(|| fetcher.get(&address))).await
    }

    /// Runs work on a picture, whose pixels take much memory.
    pub async fn draw<T: Send + 'static>(
        &self,
        requester: Requester,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.pictures.acquire(Turn::of(requester)).await?;
        Self::block(move || permit.during(work)).await
    }

    /// Checks a password. Without a hash it takes the same time and fails.
    pub async fn check_password(&self, typed: String, hash: Option<String>, turn: Turn) -> Result<bool> {
        let permit = self.passwords.acquire(turn).await?;
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(password::nobodys_hash);
        let is_right = Self::block(move || Ok(permit.during(|| password::matches(&typed, &hash)))).await?;
        Ok(is_right && is_known)
    }

    /// Hashes a new password.
    pub async fn hash_password(&self, typed: String, requester: Requester) -> Result<String> {
        let permit = self.passwords.acquire(Turn::of(requester)).await?;
        Self::block(move || permit.during(|| password::hash(&typed))).await
    }

    /// Waits for the turn of a guest at an address to read the file, of which only a few have one at once.
    /// `Busy` when it does not come soon.
    pub async fn turn_of_a_guest(&self, address: IpAddr) -> Result<Permit> {
        let turn = self.guests.acquire(Turn::of(Requester::Stranger(address)));
        tokio::time::timeout(limits::READER_WAIT, turn).await.map_err(|_| Error::Busy)?
    }
}
