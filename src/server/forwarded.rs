//! The requests in flight that proxies forward, by the client's network: a proxy itself may have any number of
//! connections, but no client behind it can use them all.

use super::closed::CloseCause;
use super::connection::Connection;
use super::connections::Connections;
use super::progress::EvictionRank;
use crate::limits;
use crate::model::address::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Table = HashMap<IpAddr, Vec<Arc<Connection>>, foldhash::fast::RandomState>;

/// The connections that carry forwarded requests, by the client's network.
#[derive(Clone, Default)]
pub struct Forwarded(Arc<Mutex<Table>>);

/// A forwarded request in flight; ends when dropped.
pub struct InFlight {
    requests: Forwarded,
    from: IpAddr,
    connection: Arc<Connection>,
}

impl Forwarded {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a request. If there are too many from its network, the one whose body has been incomplete for
    /// longest is cut; if all are complete, the new one is refused with `None`.
    pub fn begin(
        &self,
        all: &Connections,
        address: IpAddr,
        connection: &Arc<Connection>,
    ) -> Option<InFlight> {
        let from = network(address);
        let mut table = self.table();
        let requests = table.entry(from).or_default();
        if requests.len() >= limits::FORWARDED_REQUESTS_PER_ADDRESS_MAX {
            let ranks = requests.iter().enumerate().map(|(place, one)| (one.eviction_rank(), place));
            let Some((EvictionRank::Incomplete(_), place)) = ranks.min() else {
                all.count(CloseCause::RequestRefused, from);
                return None;
            };
            all.close(&requests.swap_remove(place), CloseCause::MadeRoom);
        }
        requests.push(Arc::clone(connection));
        Some(InFlight { requests: self.clone(), from, connection: Arc::clone(connection) })
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut table = self.requests.table();
        let Some(requests) = table.get_mut(&self.from) else { return };
        if let Some(place) = requests.iter().position(|one| one.id == self.connection.id) {
            requests.swap_remove(place);
        }
        if requests.is_empty() {
            table.remove(&self.from);
        }
    }
}
