//! Who asks for something that is counted or queued. Strangers are counted by the network they come from; whoever can show
//! something that strangers don't have is counted alone, so that no stranger uses up what is theirs.

use crate::address::{network, wide_network};
use crate::id::{Token, UserId};
use std::net::IpAddr;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Requester {
    /// Anybody, from an address.
    Stranger(IpAddr),
    /// A signed-in user, from an address.
    Person(UserId, IpAddr),
    /// The holder of a secret, by its hash: a known device, a session, a link that was sent.
    Holder([u8; 32]),
    /// All requesters together.
    Everybody,
}

/// Requests that are counted together, and of which one waits behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Strangers from one network: an IPv4 /24, an IPv6 /48.
    Network(IpAddr),
    /// One person.
    Person(UserId),
    /// One holder of a secret, by its hash.
    Holder([u8; 32]),
    /// All of them.
    Everybody,
}

impl Requester {
    /// The holder of a token.
    pub fn holding(token: &Token) -> Self {
        Self::Holder(token.hash())
    }

    /// With whom they are counted.
    pub fn lane(self) -> Lane {
        match self {
            Self::Stranger(address) => Lane::Network(wide_network(address)),
            Self::Person(user, _) => Lane::Person(user),
            Self::Holder(hash) => Lane::Holder(hash),
            Self::Everybody => Lane::Everybody,
        }
    }

    /// The customer's address behind which they are; none where it does not count.
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Stranger(address) | Self::Person(_, address) => Some(network(address)),
            Self::Holder(_) | Self::Everybody => None,
        }
    }
}

impl Lane {
    /// True for a lane of whose requesters only the network is known.
    pub fn is_strange(self) -> bool {
        matches!(self, Self::Network(_))
    }
}

/// A turn at work that only a few may have done at once.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Whose turn it is.
    pub lane: Lane,
    /// Failed tries of that lane lately: others go first.
    pub demerits: u32,
}

impl Turn {
    /// The turn of somebody against whom nothing is known.
    pub fn of(requester: Requester) -> Self {
        Self { lane: requester.lane(), demerits: 0 }
    }
}
