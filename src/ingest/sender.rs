//! Who sends a hit, as budgets tell it, for which site and on which of its days.

use super::hit::Hit;
use crate::address;
use crate::clock::Day;
use crate::id::SiteId;
use std::net::IpAddr;

/// Who sends a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Anybody: the site's number is public. The network that they are in.
    Visitor(IpAddr),
    /// A program with the site's admin key.
    Program,
    /// A file that the operator imports.
    Import,
}

impl Sender {
    /// Of a hit that was judged: whoever claims to be a program has shown its key.
    pub fn of(hit: &Hit, is_import: bool) -> Self {
        match &hit.server_side {
            _ if is_import => Self::Import,
            Some(_) => Self::Program,
            None => Self::Visitor(address::wide_network(hit.address)),
        }
    }
}

/// A site's day, and who sends the hit that is being kept.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// The site.
    pub site: SiteId,
    /// Its local day.
    pub day: Day,
    /// Who.
    pub sender: Sender,
}
