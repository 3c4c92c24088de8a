//! The values of filters: numbers of visits, addresses and ranges of numbers.

use crate::error::{Error, Result};
use crate::model::id::VisitId;
use std::net::IpAddr;

/// Reads the number of a visit. Fails with a sentence when it is none.
pub fn parse_visit(text: &str) -> Result<VisitId> {
    VisitId::parse(text.trim()).ok_or_else(|| {
        Error::invalid("filter", "Write the number of a visit: the digits at the end of its page's address.")
    })
}

/// Reads an internet address. Fails with a sentence when it is none.
pub fn parse_address(text: &str) -> Result<IpAddr> {
    text.trim().parse().map_err(|_| {
        Error::invalid("filter", "Write an internet address such as 198.51.100.7 or 2001:db8::1.")
    })
}

/// `4`, `4-6` or `21-`: the lowest and the highest number.
pub fn parse_range(text: &str) -> Result<(u32, u32)> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let read = match text.split_once('-') {
        None => number(text).map(|value| (value, value)),
        Some((least, most)) if most.trim().is_empty() => number(least).map(|least| (least, u32::MAX)),
        Some((least, most)) => number(least).zip(number(most)),
    };
    read.filter(|(least, most)| least <= most)
        .ok_or_else(|| Error::invalid("filter", "Write a number such as 4, or a range such as 4-6 or 21-."))
}
