//! The requests of which a program may run one at a time: long lists of visits and actions, segmentation, and exports.

use crate::model::address::network;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The key and the network of a running request.
type Client = ([u8; 32], IpAddr);

/// The running requests, each of another client.
#[derive(Clone, Default)]
pub struct SingleRequests(Arc<Mutex<HashSet<Client>>>);

/// The one running request of a client, until it is dropped.
pub struct SingleRequest {
    all: SingleRequests,
    client: Client,
}

impl SingleRequests {
    fn running(&self) -> MutexGuard<'_, HashSet<Client>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request with the key of a fingerprint from an address, or returns `None` while another one runs. The
    /// wrong keys of others do not stand in its way.
    pub fn begin(&self, fingerprint: [u8; 32], address: IpAddr) -> Option<SingleRequest> {
        let client = (fingerprint, network(address));
        self.running().insert(client).then(|| SingleRequest { all: self.clone(), client })
    }
}

impl Drop for SingleRequest {
    fn drop(&mut self) {
        self.all.running().remove(&self.client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_runs_at_a_time_for_each_key_and_address() {
        let (requests, here) = (SingleRequests::default(), IpAddr::from([192, 0, 2, 1]));
        let first = requests.begin([1; 32], here);
        assert!(first.is_some() && requests.begin([1; 32], here).is_none());
        let others = [requests.begin([2; 32], here), requests.begin([1; 32], IpAddr::from([192, 0, 2, 2]))];
        assert!(others.iter().all(Option::is_some));
        drop((first, others));
        assert!(requests.begin([1; 32], here).is_some());
        assert!(requests.running().is_empty());
    }
}
