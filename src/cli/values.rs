//! The values of options that several commands have in common. Each function parses one kind, and returns a sentence
//! for a text that is none.

use crate::limits;
use crate::model::id::SiteId;
use ipnet::IpNet;
use std::net::IpAddr;

/// Parses the number of a site.
///
/// # Errors
/// Returns a sentence for a text that is no such number.
pub fn site_id(text: &str) -> Result<SiteId, String> {
    SiteId::parse(text).ok_or_else(|| "a site's number is made of digits, see `clickstead site list`".into())
}

/// Parses a network or a single IP address.
///
/// # Errors
/// Returns a sentence for a text that is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    // A list may have blanks after its commas.
    let text = text.trim();
    let address = |text: &str| text.parse::<IpAddr>().map(IpNet::from);
    text.parse()
        .or_else(|_| address(text))
        .map_err(|_| "write a network such as 10.0.0.0/8, or an address".into())
}

/// Parses the number of backups to keep.
///
/// # Errors
/// Returns a sentence for a text that is no number from 1 to `BACKUPS_KEPT_MAX`.
pub fn backups_kept(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=limits::BACKUPS_KEPT_MAX).contains(number));
    number.ok_or_else(|| format!("give a number from 1 to {}", limits::BACKUPS_KEPT_MAX))
}
