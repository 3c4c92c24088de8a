//! The senders of requests that are counted or queued. Strangers are counted by their network; a requester
//! who shows something that strangers don't have is counted alone, so that no stranger uses up their share.

use crate::model::address::{network, wide_network};
use crate::model::id::{Token, UserId};
use std::net::IpAddr;

/// The sender of a request, as throttles and queues tell them apart.
#[derive(Clone, Copy, Debug)]
pub enum Requester {
    /// An unknown requester at an IP address.
    Stranger(IpAddr),
    /// A signed-in user at an IP address.
    Person(UserId, IpAddr),
    /// The holder of a secret, by its hash: a known device, a session, a link that was sent.
    Holder([u8; 32]),
    /// All requesters together.
    Everybody,
}

/// A group of requesters that is counted as one: its requests wait behind each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Strangers from one network: an IPv4 /24, an IPv6 /48.
    Network(IpAddr),
    /// One person.
    Person(UserId),
    /// One holder of a secret, by its hash.
    Holder([u8; 32]),
    /// All requesters together.
    Everybody,
}

impl Requester {
    /// Returns the holder of a token.
    pub fn holding(token: &Token) -> Self {
        Self::Holder(token.hash())
    }

    /// Returns the lane in which the requester is counted.
    pub fn lane(self) -> Lane {
        match self {
            Self::Stranger(address) => Lane::Network(wide_network(address)),
            Self::Person(user, _) => Lane::Person(user),
            Self::Holder(hash) => Lane::Holder(hash),
            Self::Everybody => Lane::Everybody,
        }
    }

    /// Returns the address of the internet connection that the requester uses (see `network`); none for
    /// requesters that are not counted by address.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Stranger(address) | Self::Person(_, address) => Some(network(address)),
            Self::Holder(_) | Self::Everybody => None,
        }
    }
}

impl Lane {
    /// Returns true for a lane of strangers, of whom only the network is known.
    pub fn is_strange(self) -> bool {
        matches!(self, Self::Network(_))
    }
}

/// A turn at work of which only a few pieces may run at once.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The lane whose turn it is.
    pub lane: Lane,
    /// Recent failed tries of that lane: lanes with fewer go first.
    pub demerits: u32,
}

impl Turn {
    /// Returns the turn of a requester without failed tries.
    pub fn for_requester(requester: Requester) -> Self {
        Self { lane: requester.lane(), demerits: 0 }
    }
}
