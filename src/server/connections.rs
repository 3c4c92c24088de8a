//! The table of all open connections: admits new ones, evicts others to make room, closes overdue ones, and
//! limits the memory of queued responses.

use super::closed::{CloseCause, Closed, ClosedLogLine};
use super::connection::Connection;
use super::progress::EvictionRank;
use crate::config::ServeConfig;
use crate::limits;
use crate::model::address::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The table of open connections.
pub struct Connections {
    config: ServeConfig,
    /// The largest number of connections.
    most: usize,
    table: Mutex<Table>,
    /// The number of response bytes queued in memory.
    waiting_bytes: AtomicUsize,
    closed: Mutex<Closed>,
}

type OfPeer = HashMap<u64, Arc<Connection>>;

#[derive(Default)]
struct Table {
    peers: HashMap<IpAddr, OfPeer>,
    count: usize,
    last_id: u64,
}

impl Table {
    fn all(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.peers.values().flat_map(OfPeer::values)
    }

    fn add(&mut self, peer: IpAddr, now: Instant) -> Arc<Connection> {
        self.last_id += 1;
        let connection = Arc::new(Connection::new(self.last_id, peer, now));
        self.peers.entry(peer).or_default().insert(self.last_id, Arc::clone(&connection));
        self.count += 1;
        connection
    }

    fn remove(&mut self, connection: &Connection) {
        let Some(of_peer) = self.peers.get_mut(&connection.peer) else { return };
        if of_peer.remove(&connection.id).is_some() {
            self.count -= 1;
        }
        if of_peer.is_empty() {
            self.peers.remove(&connection.peer);
        }
    }
}

/// Returns the connection to evict first; `None` if all carry complete requests.
fn most_dispensable<'a>(connections: impl Iterator<Item = &'a Arc<Connection>>) -> Option<Arc<Connection>> {
    let standings = connections.map(|connection| (connection.eviction_rank(), connection));
    let (eviction_rank, connection) = standings.min_by_key(|(eviction_rank, _)| *eviction_rank)?;
    (eviction_rank != EvictionRank::Whole).then(|| Arc::clone(connection))
}

/// A slot of the table, freed when dropped.
pub struct Slot {
    connections: Arc<Connections>,
    /// The connection in the slot.
    pub connection: Arc<Connection>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.table().remove(&self.connection);
    }
}

impl Connections {
    /// Returns an empty table for at most `most` connections.
    pub fn new(config: ServeConfig, most: usize) -> Self {
        Self {
            config,
            most,
            table: Mutex::default(),
            waiting_bytes: AtomicUsize::new(0),
            closed: Mutex::default(),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn closed(&self) -> MutexGuard<'_, Closed> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the settings that the server was started with.
    pub fn config(&self) -> &ServeConfig {
        &self.config
    }

    /// Returns true for an address without a limit on its connections: this machine itself, and trusted
    /// proxies, which carry the requests of all clients.
    pub fn is_exempt(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.config.trusts(address)
    }

    /// Returns a slot for a new connection; `None` if there are too many, of its peer or of all, and none can
    /// be evicted.
    pub fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<Slot> {
        let peer = network(address);
        let mut table = self.table();
        let of_peer = table.peers.get(&peer).map_or(0, OfPeer::len);
        if of_peer >= limits::CONNECTIONS_PER_PEER_MAX && !self.is_exempt(address) {
            let oldest = table.peers.get(&peer).and_then(|of_peer| most_dispensable(of_peer.values()));
            self.make_room(&mut table, oldest, peer)?;
        }
        if table.count >= self.most {
            let oldest = most_dispensable(table.all());
            self.make_room(&mut table, oldest, peer)?;
        }
        let connection = table.add(peer, now);
        Some(Slot { connections: Arc::clone(self), connection })
    }

    fn make_room(&self, table: &mut Table, oldest: Option<Arc<Connection>>, newcomer: IpAddr) -> Option<()> {
        let Some(oldest) = oldest else {
            self.count(CloseCause::Refused, newcomer);
            return None;
        };
        table.remove(&oldest);
        self.cut(&oldest, CloseCause::MadeRoom);
        Some(())
    }

    /// Closes a connection and counts the cause.
    pub fn close(&self, connection: &Connection, cause: CloseCause) {
        self.table().remove(connection);
        self.cut(connection, cause);
    }

    fn cut(&self, connection: &Connection, cause: CloseCause) {
        let released = connection.cut(cause);
        self.waiting_bytes.fetch_sub(released, Ordering::Relaxed);
        self.count(cause, connection.peer);
    }

    /// Counts a connection or request that was closed or refused.
    pub fn count(&self, cause: CloseCause, peer: IpAddr) {
        self.closed().count(cause, peer);
    }

    /// Closes overdue connections, and logs the counts of closed and refused ones at intervals.
    pub fn check(&self, now: Instant) {
        let overdue: Vec<_> = {
            let table = self.table();
            let overdue =
                table.all().filter_map(|connection| Some((Arc::clone(connection), connection.overdue(now)?)));
            overdue.collect()
        };
        for (connection, cause) in &overdue {
            self.close(connection, *cause);
        }
        let line = self.closed().line(now);
        match line {
            Some(ClosedLogLine { text, is_crowded: true }) => tracing::warn!("{text}"),
            Some(ClosedLogLine { text, .. }) => tracing::debug!("{text}"),
            None => {}
        }
    }

    /// Counts response bytes that are queued from now on. If the total exceeds `ANSWERS_WAITING_BYTES_MAX`, the
    /// connections whose clients have read nothing for longest are cut: a client that reads, however slowly, is
    /// not among the first.
    pub fn keep(&self, connection: &Connection, bytes: usize) {
        // Added first, so that only counted bytes are subtracted.
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if !connection.keep(bytes) {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return;
        }
        if waiting > limits::ANSWERS_WAITING_BYTES_MAX {
            self.relieve(waiting - limits::ANSWERS_WAITING_BYTES_MAX);
        }
    }

    /// Subtracts bytes that are no longer queued.
    pub fn release(&self, connection: &Connection, bytes: usize) {
        self.waiting_bytes.fetch_sub(connection.release(bytes), Ordering::Relaxed);
    }

    fn relieve(&self, mut excess: usize) {
        let mut stuck: Vec<_> = {
            let table = self.table();
            table.all().filter_map(|one| Some((one.stuck()?, Arc::clone(one)))).collect()
        };
        stuck.sort_unstable_by_key(|((since, _), _)| *since);
        for ((_, bytes), connection) in stuck {
            if excess == 0 {
                break;
            }
            excess = excess.saturating_sub(bytes);
            self.close(&connection, CloseCause::Memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::BodyKind;
    use super::*;
    use std::time::Duration;

    fn connections(most: usize) -> Arc<Connections> {
        Arc::new(Connections::new(ServeConfig::trusting("10.0.0.0/8"), most))
    }

    fn is_cut(place: &Slot) -> bool {
        place.connection.farewell().is_some()
    }

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 5));

    fn whole(place: &Slot, now: Instant) {
        place.connection.step(|progress| {
            progress.received(now);
            progress.head_came(now, BodyKind::Nothing);
        });
    }

    #[test]
    fn a_peers_longest_idle_connection_makes_room_then_its_longest_incomplete_one() {
        let (all, began) = (connections(10_000), Instant::now());
        let at = |seconds| began + Duration::from_secs(seconds);
        let places: Vec<_> =
            (0..limits::CONNECTIONS_PER_PEER_MAX).map(|_| all.admit(PEER, began).unwrap()).collect();
        for (number, place) in places.iter().enumerate() {
            match number {
                // Two are incomplete, two idle after an answer.
                0 | 1 => place.connection.step(|progress| progress.received(began)),
                2 | 3 => {
                    whole(place, began);
                    place.connection.step(|progress| progress.answer_ended(at(number as u64)));
                }
                _ => whole(place, began),
            }
        }
        places[1].connection.step(|progress| {
            progress.head_came(began, BodyKind::Nothing);
            progress.answer_ended(began);
            progress.received(at(5));
        });
        let mut newcomers = Vec::new();
        for gone in [2, 3, 0, 1] {
            assert!(!is_cut(&places[gone]), "{gone}");
            let newcomer = all.admit(PEER, at(9)).unwrap();
            whole(&newcomer, at(9));
            newcomers.push(newcomer);
            assert!(is_cut(&places[gone]), "{gone}");
        }
        assert!(all.admit(PEER, at(9)).is_none(), "all carry whole requests");
        assert!(all.admit(IpAddr::from([203, 0, 113, 6]), at(9)).is_some(), "others are not concerned");
        drop(newcomers.pop());
        assert!(all.admit(PEER, at(9)).is_some(), "one has ended");
        assert_eq!(places.iter().filter(|place| is_cut(place)).count(), 4);
    }

    #[test]
    fn an_ipv6_network_is_one_peer() {
        let all = connections(10_000);
        let places: Vec<_> = (0..u16::try_from(limits::CONNECTIONS_PER_PEER_MAX).unwrap())
            .map(|host| {
                all.admit(IpAddr::from([0x2001, 0xdb8, 1, 2, 3, 4, 5, host]), Instant::now()).unwrap()
            })
            .collect();
        for place in &places {
            whole(place, Instant::now());
        }
        let same = IpAddr::from([0x2001, 0xdb8, 1, 2, 9, 9, 9, 9]);
        assert!(all.admit(same, Instant::now()).is_none());
        assert!(all.admit(IpAddr::from([0x2001, 0xdb8, 1, 3, 0, 0, 0, 1]), Instant::now()).is_some());
    }

    #[test]
    fn this_machine_and_proxies_share_only_the_limit_of_all() {
        let all = connections(600);
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let places: Vec<_> = (0..300)
            .flat_map(|_| [loopback, IpAddr::from([10, 1, 2, 3])])
            .map(|address| all.admit(address, Instant::now()).unwrap())
            .collect();
        assert!(!places.iter().any(is_cut));
        let newcomer = all.admit(PEER, Instant::now()).unwrap();
        assert!(is_cut(&places[0]) && !is_cut(&newcomer));
        for place in &places {
            whole(place, Instant::now());
        }
        whole(&newcomer, Instant::now());
        assert!(all.admit(loopback, Instant::now()).is_none());
        drop(places);
        let table = all.table();
        assert_eq!((table.count, table.peers.len()), (1, 1), "nobody is remembered");
    }

    #[test]
    fn too_many_waiting_bytes_cost_those_who_have_taken_nothing_for_longest_their_connection() {
        let (all, began) = (connections(100), Instant::now());
        let half = limits::ANSWERS_WAITING_BYTES_MAX / 2;
        let places: Vec<_> = (0..4).map(|_| all.admit(PEER, began).unwrap()).collect();
        let blocked = |number: usize, seconds| {
            places[number]
                .connection
                .step(|progress| progress.write_blocked(began + Duration::from_secs(seconds)));
        };
        all.keep(&places[0].connection, half);
        all.keep(&places[1].connection, half);
        blocked(0, 2);
        blocked(1, 1);
        assert!(!places.iter().any(is_cut), "as many as may be");
        all.keep(&places[2].connection, 1);
        assert_eq!([0, 1, 2, 3].map(|number| is_cut(&places[number])), [false, true, false, false]);
        all.release(&places[1].connection, half);
        assert_eq!(all.waiting_bytes.load(Ordering::Relaxed), half + 1, "nothing is given back twice");
        all.release(&places[0].connection, half);
        all.keep(&places[3].connection, 2 * half);
        assert!(!is_cut(&places[0]) && !is_cut(&places[2]), "nothing waits for them");
    }

    #[test]
    fn what_is_overdue_is_closed_and_forgotten() {
        let (all, began) = (connections(100), Instant::now());
        let (late, busy) = (all.admit(PEER, began).unwrap(), all.admit(PEER, began).unwrap());
        whole(&busy, began);
        all.check(began + limits::HEAD_WITHIN);
        assert!(is_cut(&late) && !is_cut(&busy));
        assert_eq!(all.table().count, 1);
    }
}
