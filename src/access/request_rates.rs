//! The rate limits of programs: how many requests a key or token, and an address, may send in a minute.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::address::network;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use quick_cache::sync::Cache;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, StateInformationMiddleware>;

/// A program as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    /// A key or token, by its fingerprint.
    Credentials([u8; 32]),
    /// An address (IPv6: one /64).
    Address(IpAddr),
}

/// The requests of keys, tokens and addresses in the last minute.
pub struct RequestRates(Cache<Counted, Arc<Limiter>>);

/// The requests that a program may still send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestAllowance {
    /// Requests that may follow at once.
    pub remaining: u32,
    /// The time until all requests of a minute may follow again.
    pub reset: Duration,
}

impl Default for RequestRates {
    fn default() -> Self {
        Self(Cache::new(limits::API_CALLERS_COUNTED_MAX))
    }
}

impl RequestRates {
    /// Counts a request with credentials of this fingerprint from an address; returns what may follow with them. Without
    /// credentials the address alone is counted.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::RateLimited`] when the address or the credentials have no request left.
    pub fn count(&self, fingerprint: Option<[u8; 32]>, address: IpAddr) -> Result<RequestAllowance> {
        let of_address =
            self.take(Counted::Address(network(address)), limits::API_REQUESTS_PER_ADDRESS_MINUTE)?;
        match fingerprint {
            Some(fingerprint) => {
                self.take(Counted::Credentials(fingerprint), limits::API_REQUESTS_PER_MINUTE)
            }
            None => Ok(of_address),
        }
    }

    fn take(&self, counted: Counted, per_minute: u32) -> Result<RequestAllowance> {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let new = || {
            let limiter = RateLimiter::direct_with_clock(Quota::per_minute(per_minute), MonotonicClock);
            Ok::<_, Error>(Arc::new(limiter.with_middleware::<StateInformationMiddleware>()))
        };
        let limiter = self.0.get_or_insert_with(&counted, new)?;
        match limiter.check() {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = per_minute.get().saturating_sub(remaining);
                Ok(RequestAllowance { remaining, reset: state.quota().replenish_interval() * used })
            }
            Err(refused) => Err(Error::RateLimited(refused.wait_time_from(MonotonicClock.now()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_requests_wherever_they_come_from_and_an_address_its_own() {
        let rates = RequestRates::default();
        let address = |last: u8| IpAddr::from([192, 0, 2, last]);
        for sent in 1..=limits::API_REQUESTS_PER_MINUTE {
            let left = rates.count(Some([1; 32]), address(u8::try_from(sent % 2).unwrap())).unwrap();
            // Some come back meanwhile.
            assert!(left.remaining >= limits::API_REQUESTS_PER_MINUTE - sent);
        }
        let mut sent = 0;
        while rates.count(Some([1; 32]), address(sent)).is_ok() {
            sent += 1;
        }
        assert!(matches!(rates.count(Some([1; 32]), address(sent)), Err(Error::RateLimited(_))));
        assert!(rates.count(Some([2; 32]), address(sent)).is_ok());
    }
}
