//! The sender of a hit, for budgets, and the site and day that the hit belongs to.

use super::hit::Hit;
use crate::model::address;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use std::net::IpAddr;

/// The sender of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A visitor in this network. The site ID is public, so any client can be one.
    Visitor(IpAddr),
    /// A program with the site's admin key.
    Program,
    /// A file that the operator imports.
    Import,
}

impl Sender {
    /// Returns the sender of an accepted hit: a server-side one has the right admin key.
    pub fn from_hit(hit: &Hit, is_import: bool) -> Self {
        match &hit.server_side {
            _ if is_import => Self::Import,
            Some(_) => Self::Program,
            None => Self::Visitor(address::wide_network(hit.address)),
        }
    }
}

/// The site's day that a hit belongs to, and its sender.
#[derive(Clone, Copy, Debug)]
pub struct HitContext {
    /// The site.
    pub site: SiteId,
    /// The site's local day.
    pub day: Day,
    /// The sender of the hit.
    pub sender: Sender,
}
