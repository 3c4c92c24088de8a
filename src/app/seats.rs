//! Work that only a few may have done at once: fetching, drawing, passwords, questions of guests.

use super::App;
use crate::access::password;
use crate::error::{Error, Result};
use crate::fetch::Page;
use crate::limits;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

impl App {
    /// Fetches a page of another server, a few at a time.
    pub async fn fetch(&self, address: String) -> Result<Page> {
        let _seat = self.fetch_seats.try_acquire().map_err(|_| Error::Busy)?;
        let fetcher = Arc::clone(&self.fetcher);
        Self::outside(move || fetcher.get(&address)).await
    }

    /// Runs work on a picture, whose pixels take much memory: a few at a time.
    pub async fn draw<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _seat = self.picture_seats.acquire().await.map_err(|_| Error::Busy)?;
        Self::block(work).await
    }

    /// Checks a password, a few at a time. Without a hash it takes the same time and fails.
    pub async fn check_password(&self, typed: String, hash: Option<String>) -> Result<bool> {
        let _place = self.password_queue.try_acquire().map_err(|_| Error::Busy)?;
        let _seat = self.password_seats.acquire().await.map_err(|_| Error::Busy)?;
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(password::nobodys_hash);
        let is_right = Self::block(move || Ok(password::matches(&typed, &hash))).await?;
        Ok(is_right && is_known)
    }

    /// Hashes a new password.
    pub async fn hash_password(&self, typed: String) -> Result<String> {
        let _place = self.password_queue.try_acquire().map_err(|_| Error::Busy)?;
        let _seat = self.password_seats.acquire().await.map_err(|_| Error::Busy)?;
        Self::block(move || password::hash(&typed)).await
    }

    /// A guest's turn to ask the file, of which only a few have one at once. `Busy` when it does not come soon.
    pub async fn turn_of_a_guest(&self) -> Result<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.guest_turns).acquire_owned();
        let in_time = tokio::time::timeout(limits::READER_WAIT, turn).await;
        in_time.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)
    }
}
