//! Limits on event streams, which stay open as long as a page is visible. No link, network or user can use them
//! all, and some are reserved for signed-in users.

use crate::limits;
use crate::model::address::{network, wide_network};
use crate::model::id::{LinkId, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The client of an event stream.
#[derive(Clone, Copy, Debug)]
pub enum StreamClient {
    /// A signed-in user.
    Person(UserId),
    /// The holder of a guest link, at an address.
    Guest(LinkId, IpAddr),
    /// A program with a key or token of this fingerprint, at an address.
    Program([u8; 32], IpAddr),
}

/// A quota that a stream counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Row {
    Everybody,
    Guests,
    Person(UserId),
    Link(LinkId),
    Address(IpAddr),
    Network(IpAddr),
    Programs,
    Credentials([u8; 32]),
    ProgramAddress(IpAddr),
}

impl Row {
    fn seats(self) -> usize {
        match self {
            Self::Everybody => limits::STREAMS_MAX,
            Self::Guests => limits::GUEST_STREAMS_MAX,
            Self::Person(_) => limits::STREAMS_PER_USER_MAX,
            Self::Link(_) => limits::STREAMS_PER_LINK_MAX,
            Self::Address(_) => limits::GUEST_STREAMS_PER_ADDRESS_MAX,
            Self::Network(_) => limits::GUEST_STREAMS_PER_NETWORK_MAX,
            Self::Programs => limits::PROGRAM_STREAMS_MAX,
            Self::Credentials(_) => limits::PROGRAM_STREAMS_PER_KEY_MAX,
            Self::ProgramAddress(_) => limits::PROGRAM_STREAMS_PER_ADDRESS_MAX,
        }
    }

    /// Returns the quotas that a client's stream counts against.
    fn for_client(holder: StreamClient) -> Vec<Self> {
        match holder {
            StreamClient::Person(user) => vec![Self::Everybody, Self::Person(user)],
            StreamClient::Program(credentials, address) => vec![
                Self::Everybody,
                Self::Programs,
                Self::Credentials(credentials),
                Self::ProgramAddress(network(address)),
            ],
            StreamClient::Guest(link, address) => {
                let near = [Self::Address(network(address)), Self::Network(wide_network(address))];
                [Self::Everybody, Self::Guests, Self::Link(link)].into_iter().chain(near).collect()
            }
        }
    }
}

/// The open streams, counted by quota.
#[derive(Clone, Default)]
pub struct StreamLimits(Arc<Mutex<HashMap<Row, usize>>>);

/// A permit for a stream, released when it is dropped.
pub struct Seat {
    seats: StreamLimits,
    rows: Vec<Row>,
}

impl StreamLimits {
    fn taken(&self) -> MutexGuard<'_, HashMap<Row, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a permit, or `None` if one of the client's quotas is used up.
    pub fn take(&self, holder: StreamClient) -> Option<Seat> {
        let rows = Row::for_client(holder);
        let mut taken = self.taken();
        let is_full = |row: &Row| taken.get(row).is_some_and(|count| *count >= row.seats());
        if rows.iter().any(is_full) {
            return None;
        }
        for row in &rows {
            *taken.entry(*row).or_default() += 1;
        }
        Some(Seat { seats: self.clone(), rows })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        for row in &self.rows {
            if let Some(count) = taken.get_mut(row) {
                *count -= 1;
            }
        }
        taken.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: usize) -> IpAddr {
        IpAddr::from((u32::try_from(number).unwrap() << 8).to_be_bytes())
    }

    #[test]
    fn no_network_takes_all_seats_of_guests_from_however_many_addresses() {
        let seats = StreamLimits::default();
        let guest = |number: usize| {
            StreamClient::Guest(LinkId(1), format!("2001:db8:1:{number}::1").parse().unwrap())
        };
        let held: Vec<_> =
            (0..limits::GUEST_STREAMS_MAX).filter_map(|number| seats.take(guest(number))).collect();
        assert_eq!(held.len(), limits::GUEST_STREAMS_PER_NETWORK_MAX);
        assert!(seats.take(StreamClient::Guest(LinkId(1), address(1))).is_some());
    }

    #[test]
    fn a_seat_that_was_left_is_free_again_and_nobody_is_remembered() {
        let seats = StreamLimits::default();
        let guest = StreamClient::Guest(LinkId(1), address(1));
        for _ in 0..3 {
            let held: Vec<_> = std::iter::from_fn(|| seats.take(guest)).collect();
            assert_eq!(held.len(), limits::GUEST_STREAMS_PER_ADDRESS_MAX);
        }
        assert!(seats.taken().is_empty());
    }

    #[test]
    fn whatever_guests_hold_some_seats_are_left_for_people() {
        let seats = StreamLimits::default();
        let guests = (0..limits::STREAMS_MAX).map(|number| {
            seats.take(StreamClient::Guest(LinkId(i64::try_from(number / 50).unwrap()), address(number)))
        });
        let held: Vec<_> = guests.flatten().collect();
        assert_eq!(held.len(), limits::GUEST_STREAMS_MAX);
        let people = (0..limits::STREAMS_MAX)
            .map(|number| seats.take(StreamClient::Person(UserId(i64::try_from(number).unwrap()))));
        let people: Vec<_> = people.flatten().collect();
        assert_eq!(people.len(), limits::STREAMS_MAX - limits::GUEST_STREAMS_MAX);
    }

    #[test]
    fn no_program_takes_all_seats_and_all_programs_leave_some_to_people() {
        let seats = StreamLimits::default();
        let one: Vec<_> = (0..limits::STREAMS_MAX)
            .map_while(|at| seats.take(StreamClient::Program([1; 32], address(at))))
            .collect();
        assert_eq!(one.len(), limits::PROGRAM_STREAMS_PER_KEY_MAX);
        let all = (0..limits::STREAMS_MAX).filter_map(|number| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_le_bytes());
            seats.take(StreamClient::Program(key, address(number)))
        });
        assert_eq!(all.collect::<Vec<_>>().len() + one.len(), limits::PROGRAM_STREAMS_MAX);
        let here = |key| seats.take(StreamClient::Program([key; 32], address(1)));
        drop(one);
        let near: Vec<_> = (0..=u8::MAX).filter_map(here).collect();
        assert!(near.len() <= limits::PROGRAM_STREAMS_PER_ADDRESS_MAX);
        assert!(seats.take(StreamClient::Person(UserId(1))).is_some());
    }

    #[test]
    fn nobody_takes_all_seats_of_people() {
        let seats = StreamLimits::default();
        let held: Vec<_> = std::iter::from_fn(|| seats.take(StreamClient::Person(UserId(1)))).collect();
        assert_eq!(held.len(), limits::STREAMS_PER_USER_MAX);
        assert!(seats.take(StreamClient::Person(UserId(2))).is_some());
    }
}
